"""The learners' notebooks stand being run twice, in any order, and leave nothing."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from labkit.authoring import sources
from labkit.exercises import EXERCISES

ROOT = Path(__file__).parent.parent
NOTEBOOKS = [ROOT / "notebooks" / f"{source.stem}.ipynb" for source in sources(ROOT)]

COUNT = """
import gc, json, os, threading
for _ in range(3):
    gc.collect()
handles = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
print(json.dumps([threading.active_count(), handles]))
"""

pytestmark = [
    pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem),
    # The kernel's client leaves its event loop and sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Kernel:
    """A kernel that runs cells one by one and gives their errors and prints."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client

    def run(self, source: str) -> tuple[dict[str, Any] | None, str]:
        """Run one cell; return its error, if any, and what it printed."""
        printed: list[str] = []

        def note(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = self._client.execute_interactive(source, output_hook=note, timeout=60)
        content: dict[str, Any] = reply["content"]
        return (content if content["status"] == "error" else None), "".join(printed)

    def count(self) -> list[int]:
        """Return how many threads and file handles the kernel has, after a reset."""
        self.run("%reset -f")
        self.run("%reset -f out")
        counted: list[int] = json.loads(self.run(COUNT)[1])
        return counted


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    monkeypatch.setenv("LABKIT_PROGRESS", str(tmp_path / "progress.json"))
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(tmp_path))
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield Kernel(client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def cells_of(path: Path) -> list[str]:
    notebook = nbformat.read(path, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_every_cell_may_run_twice(path: Path, kernel: Kernel) -> None:
    for source in cells_of(path):
        for time in ("first", "second"):
            error, _ = kernel.run(source)
            assert error is None, f"{time} run of\n{source}\n{error}"


def test_cells_in_any_order_bring_up_no_fault_of_the_kit(
    path: Path, kernel: Kernel
) -> None:
    first, *others = cells_of(path)
    before = None
    for seed in range(20):
        kernel.run("%reset -f")
        kernel.run(first)
        random.Random(seed).shuffle(others)
        for source in others:
            error, _ = kernel.run(source)
            if error is not None:
                assert error["ename"] == "NameError", f"{source}\n{error}"
                assert "/labkit/" not in "".join(error["traceback"])
        if seed == 1:
            before = kernel.count()
    assert kernel.count() == before


def test_the_notebook_asks_only_for_exercises_that_exist(path: Path) -> None:
    text = "\n".join(cells_of(path))
    asked = set(re.findall(r'check\("(\d+\.\d+)"', text))
    number = str(int(path.stem.split("_")[0]))
    assert asked == {name for name in EXERCISES if name.split(".")[0] == number}


def test_the_outputs_that_nbval_compares_are_many(path: Path) -> None:
    solved = nbformat.read(ROOT / "solutions" / path.name, as_version=4)
    cells = [cell for cell in solved.cells if cell.cell_type == "code"]
    compared = [
        cell
        for cell in cells
        if cell.outputs and "nbval-ignore-output" not in cell.metadata.get("tags", ())
    ]
    assert len(compared) >= 0.6 * len(cells)
