"""The learners' notebooks stand being run twice, in any order, and leave nothing."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from labkit.build.content import stub_complaints
from labkit.build.notebooks import sources
from labkit.exercises import EXERCISES
from tests.kernels import Kernel, fresh_kernel

ROOT = Path(__file__).parent.parent
NOTEBOOKS = [ROOT / "notebooks" / f"{source.stem}.ipynb" for source in sources(ROOT)]

ASKED = re.compile(r'check\("(\d+\.\d+)"')

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


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    monkeypatch.setenv("LABKIT_PROGRESS", str(tmp_path / "progress.json"))
    with fresh_kernel(tmp_path) as kernel:
        yield kernel


def count(kernel: Kernel) -> list[int]:
    """Return how many threads and file handles the kernel has, after a reset."""
    kernel.run("%reset -f")
    kernel.run("%reset -f out")
    counted: list[int] = json.loads(kernel.run(COUNT)[1])
    return counted


def raised_by_the_kit(error: dict[str, Any]) -> bool:
    """Whether the last line of a traceback is the kit's; a cell's own is no fault."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error["traceback"]))
    files = re.findall(r"^(?:File |Cell )(.*)$", text, re.MULTILINE)
    return not files or "labkit" in files[-1]


def cells_of(path: Path) -> list[str]:
    notebook = nbformat.read(path, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.full
def test_every_cell_may_run_twice_and_a_stub_is_not_attempted(
    path: Path, kernel: Kernel
) -> None:
    shown: dict[str, dict[str, str]] = {"first": {}, "second": {}}
    for cell in cells_of(path):
        asked = ASKED.search(cell)
        for time, verdicts in shown.items():
            error, text = kernel.run(cell)
            assert error is None, f"{time} run of\n{cell}\n{error}"
            if asked:
                verdicts[asked[1]] = text
    source = ROOT / "solutions" / f"{path.stem}.py"
    for verdicts in shown.values():
        assert list(stub_complaints(source, verdicts)) == []


@pytest.mark.parametrize(
    "rounds",
    [
        pytest.param(8, marks=pytest.mark.full),
        pytest.param(20, marks=pytest.mark.nightly),
    ],
)
def test_cells_in_any_order_bring_up_no_fault_of_the_kit(
    path: Path, kernel: Kernel, rounds: int
) -> None:
    first, *others = cells_of(path)
    # For its first message of over 64 KB, pyzmq starts a thread that stays.
    kernel.run("print('x' * 100_000)")
    kernel.run("from IPython.display import HTML; HTML('x' * 100_000)")
    before = None
    for seed in range(rounds):
        kernel.run("%reset -f")
        kernel.run(first)
        random.Random(seed).shuffle(others)
        for source in others:
            error, _ = kernel.run(source)
            if error is not None:
                assert not raised_by_the_kit(error), f"{source}\n{error}"
        if seed == 2:
            before = count(kernel)
    threads, handles = count(kernel)
    assert before is not None
    # The kernel itself opens and closes one or two; a leak would show in 5 rounds.
    assert threads <= before[0] + 2
    assert handles <= before[1] + 2


def test_the_notebook_asks_only_for_exercises_that_exist(path: Path) -> None:
    text = "\n".join(cells_of(path))
    asked = set(ASKED.findall(text))
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
