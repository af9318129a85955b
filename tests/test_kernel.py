"""In a real kernel: whatever a learner's code does, the kernel and the kit stand."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernels import Kernel, fresh_kernel

pytestmark = [
    # The kernel's client leaves its event loop and sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ROOT = Path(__file__).parent.parent
STATUS = Path("/proc/self/status")
MEMORY = f"""
with open({str(STATUS)!r}) as status:
    resident = [line for line in status if line.startswith("VmRSS")]
print(resident[0].split()[1])
"""
FIRST = """
import requests
from flask import Flask
from labkit import Receiver, simulate
from labkit.exercises import check
from labkit.samples import payments
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with fresh_kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        kernel.run(FIRST)
        yield kernel


def shown(kernel: Kernel, source: str) -> str:
    error, text = kernel.run(source)
    assert error is None, error
    return text


@pytest.mark.parametrize(
    "harm",
    [
        "exit()",
        "quit()",
        "import sys; sys.exit(3)",
        "raise KeyboardInterrupt",
        "raise type('Odd', (BaseException,), {})",
        "del __builtins__",
        "import threading; threading.Thread(target=print, args=('x',)).start()",
    ],
)
def test_harmful_answers_get_a_verdict_and_the_kernel_lives(
    kernel: Kernel, harm: str
) -> None:
    text = shown(kernel, f"def greet(event):\n    {harm}\n\ncheck('0.1', greet)")
    assert "0.1 not yet" in text
    time.sleep(0.3)
    assert shown(kernel, "6 * 7") == "42\n"


def test_an_endless_loop_is_answered(kernel: Kernel) -> None:
    text = shown(
        kernel,
        "def greet(event):\n    while True:\n        pass\n\ncheck('0.1', greet)",
    )
    assert "still running after 2 s" in text
    assert re.search(r"line [23]: (while True:|pass)", text)


@pytest.mark.parametrize("harm", ["exit()", "raise SystemExit", "1 / 0"])
def test_a_handler_that_wants_to_end_everything_ends_its_request(
    kernel: Kernel, harm: str
) -> None:
    source = f"""
app = Flask("harm")

@app.post("/webhooks")
def webhook():
    print("in the handler")
    {harm}

with Receiver(app) as receiver:
    status = requests.post(receiver.url + "/webhooks", timeout=60).status_code
status, receiver.inbox[-1].printed
"""
    assert shown(kernel, source) == "(500, 'in the handler\\n')\n"
    time.sleep(0.3)
    assert shown(kernel, "6 * 7") == "42\n"


def test_prints_of_an_answer_stand_under_its_verdict(kernel: Kernel) -> None:
    text = shown(
        kernel, "def greet(event):\n    print('thinking')\n\ncheck('0.1', greet)"
    )
    assert text.rstrip().endswith("printed:\n  | thinking")


@pytest.mark.parametrize(
    "mistake",
    [
        "simulate(None, payments(1))",
        "simulate(Flask('a'), payments(1), scheme='gihub')",
        "simulate('http://127.0.0.1:9', payments(1))",
        "Receiver(None)",
        "Receiver('nowhere.py:app')",
        "Receiver(Flask('a')).url",
        "check('9.9', None)",
    ],
)
def test_a_traceback_has_the_learners_line_and_one_of_the_kits(
    kernel: Kernel, mistake: str
) -> None:
    error, _ = kernel.run(f"x = 1\n{mistake}")
    assert error is not None
    text = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error["traceback"]))
    assert mistake in text
    assert len(re.findall(r"^File .*labkit", text, re.MULTILINE)) <= 1, text


def test_progress_is_noted_in_the_notebooks_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LABKIT_PROGRESS", raising=False)
    with fresh_kernel(tmp_path) as kernel:
        kernel.run(FIRST + "check('0.1', lambda event: 'Hello, Ada')")
    assert b"name-written" in (tmp_path / ".labkit" / "progress.sqlite").read_bytes()


@pytest.mark.skipif(not STATUS.exists(), reason="reads Linux's own account of memory")
@pytest.mark.full
def test_a_kernel_that_has_run_lab_04_takes_less_than_120_mb(tmp_path: Path) -> None:
    solved = ROOT / "solutions" / "04_signatures.ipynb"
    cells = json.loads(solved.read_text("utf-8"))["cells"]
    with fresh_kernel(tmp_path) as kernel:
        for cell in cells:
            if cell["cell_type"] == "code":
                shown(kernel, "".join(cell["source"]))
        kilobytes = int(shown(kernel, MEMORY))
    assert kilobytes < 120_000


def test_one_cell_brings_verdicts_and_answers_back_after_a_dead_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LABKIT_PROGRESS", raising=False)
    cell = (
        "GREETING = 'Hello'\n\n\ndef helper(name):\n    return f'{GREETING}, {name}'"
        "\n\n\ndef greet(event):\n    return helper(event['data']['name'])"
        "\n\n\ncheck('0.1', greet)"
    )
    with fresh_kernel(tmp_path) as kernel:
        verdict = shown(kernel, FIRST + cell)
        assert "✓ 0.1 passed" in verdict
        kernel.restart()
        assert kernel.run("greet")[0] is not None
        text = shown(kernel, "from labkit.exercises import resume; resume()")
        assert "✓ 0.1 passed" in text
        assert cell in text
        assert verdict.rstrip() in shown(kernel, "resume('0.1')")
        assert kernel.next_cell is not None
        assert kernel.next_cell.strip() == (FIRST + cell).strip()
        assert shown(kernel, kernel.next_cell) == verdict
