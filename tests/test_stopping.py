"""Given-up checks: where they are interrupted, and what they take back at their end."""

import contextlib
import itertools
import sqlite3
import threading
import time
import types
from pathlib import Path
from typing import Any

import pytest

import labkit
from labkit.checks.observing import caught_exceptions
from labkit.exercises.lab07_idempotency.files import impatient
from labkit.running import sandbox, stopping
from labkit.running.replaced import replaced
from labkit.running.stopping import raise_in_learners, stop
from labkit.transport import Interrupted

KIT = str(Path(labkit.__file__).parent / "made_up.py")
WAITS = """
def wait(started, go_on):
    started.set()
    while not go_on.is_set():
        pass
"""


@pytest.mark.parametrize(("file", "hit"), [(KIT, False), ("<a cell>", True)])
def test_only_the_learners_code_is_interrupted(file: str, *, hit: bool) -> None:
    space: dict[str, Any] = {}
    exec(compile(WAITS, file, "exec"), space)  # noqa: S102 - stands for a kit's file
    started, go_on = threading.Event(), threading.Event()
    ended: list[str] = []

    def run() -> None:
        try:
            space["wait"](started, go_on)
        except Interrupted:
            ended.append("interrupted")

    thread = threading.Thread(target=run)
    thread.start()
    started.wait(60)
    assert raise_in_learners(thread, Interrupted) is hit
    if not hit:
        go_on.set()
    thread.join(60)
    assert ended == ["interrupted"] * hit
    assert not raise_in_learners(thread, Interrupted)


def test_a_thread_that_outlives_the_patience_is_still_interrupted() -> None:
    space: dict[str, Any] = {}
    exec(compile(WAITS, "<a cell>", "exec"), space)  # noqa: S102 - stands for a cell
    started = threading.Event()

    def run() -> None:
        with contextlib.suppress(Interrupted):
            space["wait"](started, threading.Event())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    started.wait(60)
    stop(thread, patience=0)
    thread.join(60)
    assert not thread.is_alive()


class Outlives:
    """A thread that goes on for 20 pauses."""

    ident = None

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def is_alive(self) -> bool:
        return len(self.pauses) < 20

    def join(self, seconds: float) -> None:
        if seconds >= 0.1:  # a shorter one belongs to the exception
            self.pauses.append(seconds)


@pytest.mark.parametrize(("step", "longest"), [(0, 10), (1, 0.1)])
def test_only_a_thread_that_sleeps_gets_fewer_exceptions(
    monkeypatch: pytest.MonkeyPatch, step: int, longest: float
) -> None:
    thread, places = Outlives(), itertools.count(1, step)
    monkeypatch.setattr(stopping, "_place", lambda _: (1, next(places)))
    stopping._keep_on(thread)  # type: ignore[arg-type]  # it stands for a thread
    assert thread.pauses[0] == 0.1
    assert max(thread.pauses) == longest


SLEEPS = """
def sleep(started, wake):
    started.set()
    wake.wait()
    while True:
        pass
"""


def test_traced_code_goes_on_while_a_thread_that_is_told_to_stop_sleeps() -> None:
    """Python 3.11 would wait at the beginning of a traced function."""
    space: dict[str, Any] = {}
    exec(compile(SLEEPS, "<a cell>", "exec"), space)  # noqa: S102 - stands for a cell
    started, wake = threading.Event(), threading.Event()
    ended: list[str] = []

    def run() -> None:
        try:
            space["sleep"](started, wake)
        except Interrupted:
            ended.append("interrupted")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    started.wait(60)
    rescue = threading.Timer(60, wake.set)
    rescue.start()
    with caught_exceptions():
        assert raise_in_learners(thread, Interrupted)
    assert not wake.is_set()
    rescue.cancel()
    wake.set()
    thread.join(60)
    assert ended == ["interrupted"]  # it gets the exception when it wakes up


def test_each_takes_back_only_its_own_replacement() -> None:
    module = types.ModuleType("made_up")
    vars(module)["act"] = "real"
    with contextlib.ExitStack() as late:
        first = contextlib.ExitStack()
        first.enter_context(replaced((module,), "act", "first"))
        late.enter_context(replaced((module,), "act", "late"))
        first.close()  # a check that was given up ends during the next one
        assert vars(module)["act"] == "late"
    assert vars(module)["act"] == "real"


def test_a_given_up_check_leaves_the_next_ones_connections_alone() -> None:
    """On Python 3.13 a forgotten connection of any other kind ends with a warning."""
    given_up = contextlib.ExitStack()
    real = sqlite3.connect
    begun = threading.Thread(target=given_up.enter_context, args=(impatient(),))
    begun.start()
    begun.join()
    with impatient() as statements:
        given_up.close()
        database = sqlite3.connect(":memory:")
        database.execute("SELECT 1")
        assert statements == ["SELECT 1"]
        del database
    assert sqlite3.connect is real


def test_a_run_that_gets_no_processor_is_given_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It wants to run all the time, and computes nothing."""
    monkeypatch.setattr(sandbox, "process_time", lambda: 0.0)
    monkeypatch.setattr(sandbox, "wants_to_run", lambda _: True)
    run = sandbox.run_bounded(lambda: time.sleep(0.3), seconds=0.02)
    assert not run.timed_out


def test_a_pause_of_the_whole_process_fails_no_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A laptop sleeps for a minute while a check runs."""
    began = time.perf_counter()

    def clock() -> float:
        passed = time.perf_counter() - began
        return passed + 60 * (passed > 0.1)

    monkeypatch.setattr(sandbox, "monotonic", clock)
    run = sandbox.run_bounded(lambda: time.sleep(0.3), seconds=2.0)
    assert not run.timed_out


@pytest.mark.parametrize(("computes", "timed_out"), [(True, False), (False, True)])
def test_a_system_that_tells_no_states_blames_only_who_sleeps(
    monkeypatch: pytest.MonkeyPatch, *, computes: bool, timed_out: bool
) -> None:
    """As on Windows. A thread that wants to run gets the processor now and then."""
    computed = itertools.count(1)
    monkeypatch.setattr(
        sandbox, "process_time", lambda: next(computed) // 20 * 0.002 * computes
    )
    monkeypatch.setattr(sandbox, "wants_to_run", lambda _: None)
    # On a busy machine it takes a while to find out who sleeps.
    asleep = 20 if timed_out else 1
    run = sandbox.run_bounded(lambda: time.sleep(asleep), seconds=0.3)
    assert run.timed_out is timed_out
