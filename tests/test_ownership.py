"""Whose code a file holds: one rule for checks, the explorer and the inspector."""

import sysconfig
import threading
from pathlib import Path

import pytest

import labkit
from labkit.checks import judge_solution
from labkit.exercises import EXERCISES
from labkit.running.ownership import is_kits, is_learners
from labkit.transport import IN_BROWSER

KIT = Path(labkit.__file__).parent
STDLIB = Path(sysconfig.get_path("stdlib"))

# Where the kit is installed among the libraries, its neighbours are libraries, too.
INSTALLED = "site-packages" in KIT.parts
NEIGHBOURS = [] if INSTALLED else [f"{KIT}_mine/answer.py", f"{KIT}-notes.py"]

LEARNERS = [
    *NEIGHBOURS,
    f"{STDLIB}-notes/answer.py",
    "/srv/ada/site-packages-demo/answer.py",
    "/srv/ada/my-dist-packages/answer.py",
    "/run/ipykernel_17/1234.py",
    "answer.py",
    "<cell>",
    "<stdin>",
    "<ipython-input-3-0123>",
]
OTHERS = [
    str(KIT / "checks" / "judging.py"),
    str(KIT / "running" / "sandbox.py"),
    str(STDLIB / "json" / "decoder.py"),
    "/opt/lib/site-packages/flask/app.py",
    "/usr/lib/python3/dist-packages/flask/app.py",
    "<frozen importlib._bootstrap>",
    "<string>",
    "<werkzeug routing>",
    "",
]


@pytest.mark.pure
@pytest.mark.parametrize("file", LEARNERS)
def test_a_file_next_to_the_kit_or_a_library_is_the_learners(file: str) -> None:
    assert is_learners(file)
    assert not is_kits(file)


@pytest.mark.pure
@pytest.mark.parametrize("file", OTHERS)
def test_the_kit_and_the_libraries_are_not_the_learners(file: str) -> None:
    assert not is_learners(file)


@pytest.mark.skipif(IN_BROWSER, reason="a browser has no threads")
@pytest.mark.parametrize("file", [f"{KIT}_mine/answer.py", f"{KIT}-notes.py"])
def test_an_endless_loop_is_stopped_and_shown_wherever_it_was_written(
    file: str,
) -> None:
    space: dict[str, object] = {}
    source = "def greet(event):\n    while True:\n        pass\n"
    exec(compile(source, file, "exec"), space)  # noqa: S102 - a learner's file
    found = judge_solution(EXERCISES["0.1"], space["greet"], seconds=0.3)
    assert found.mistake == "still-running"
    assert found.failure is not None
    assert found.failure.lines
    for thread in threading.enumerate():
        if thread.name == "labkit-check":
            thread.join(60)
            assert not thread.is_alive()
