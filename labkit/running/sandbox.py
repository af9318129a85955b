"""Run a learner's code with a time limit and say what became of it.

The code is wrong by nature: it loops forever, calls `exit()`, prints, raises anything.
It runs in a thread of its own, which is interrupted when time is up; in a browser,
which has no threads, it runs under a trace that looks at the clock. The clock is
imported by its name, here and wherever else the kit measures a learner's code, because
that code or its check may put another one into the module `time`.
"""

import linecache
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, process_time
from types import FrameType
from typing import Any

from labkit.running.capture import captured
from labkit.running.collector import Collections
from labkit.running.exits import keep_kernel_alive
from labkit.running.ownership import is_learners
from labkit.running.stopping import stop
from labkit.running.waiting import wants_to_run
from labkit.transport import IN_BROWSER, Interrupted

_BUSY = 5.0
"""How many times longer a run may take where the machine has much else to do."""

_SHORT = 8.0
"""A run that may take fewer seconds may take as long as one with so many there."""

_LOOK = 0.015
"""Seconds between two looks; Windows knows no shorter time."""

_PAUSED = 5.0
"""Where a look takes more seconds, the whole process was paused: a laptop that sleeps,
a container that is frozen."""

_IDLE = 0.001
"""Where fewer seconds are computed between two looks, no thread may be running."""

_ALL_IDLE = 30
"""After so many looks of that kind in a row, the thread sleeps: a busy machine, too,
would have let it run by then."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the learner's own code."""

    number: int
    source: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.source}"


@dataclass(frozen=True, slots=True)
class Run:
    """What became of it.

    Either `value` or `error` is what came out. `stuck` is None, or the learner's line
    that was running when time was up. `printed` is what the thread printed.
    """

    value: Any
    error: BaseException | None
    timed_out: bool
    stuck: Line | None
    printed: str


class _Worker(threading.Thread):
    """The thread of a run; `given` is how much of its seconds is used up."""

    given = 0.0


def seconds_used() -> float | None:
    """Return how much of its seconds the run in this thread has used up.

    None outside of such a thread.
    """
    return getattr(threading.current_thread(), "given", None)


def run_bounded(function: Callable[[], Any], *, seconds: float) -> Run:
    """Call the function and wait for it at most that many seconds; never raise.

    On a busy machine the seconds are those that the machine had for this process.
    Only KeyboardInterrupt of the caller's own thread gets through.
    """
    keep_kernel_alive()
    return (_run_traced if IN_BROWSER else _run_in_thread)(function, seconds)


def learners_lines(error: BaseException) -> tuple[Line, ...]:
    """Return the lines of the learner's code that an exception went through."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return (Line(error.lineno, (error.text or "").strip()),)
    return tuple(
        Line(frame.lineno or 0, (frame.line or "").strip())
        for frame in traceback.extract_tb(error.__traceback__)
        if is_learners(frame.filename)
    )


def _run_in_thread(function: Callable[[], Any], seconds: float) -> Run:
    outcome: dict[str, Any] = {}

    def work() -> None:
        with captured() as printed:
            outcome["printed"] = printed
            try:
                outcome["value"] = function()
            except BaseException as error:  # noqa: BLE001 - whatever it raises is the outcome
                outcome["error"] = error

    thread = _Worker(target=work, name="labkit-check", daemon=True)
    thread.start()
    stuck = None
    timed_out = False
    try:
        _wait(thread, seconds)
        if timed_out := thread.is_alive():
            stuck = _where(sys._current_frames().get(thread.ident or 0))  # noqa: SLF001 - the documented way to see a thread's frame
    finally:
        stop(thread)
    return Run(
        outcome.get("value"),
        outcome.get("error"),
        timed_out,
        stuck,
        str(outcome.get("printed", "")),
    )


def _wait(thread: _Worker, seconds: float) -> None:
    """Wait for the thread's end, or until that much time was given to it.

    Where many share a machine, a correct solution may wait for its turn longer than it
    works: with 18 busy processes on two cores, 0.3 s of work took 1.2 s to 2.8 s by the
    clock, and 0.31 s of it counted here. So what counts of each look is what this
    process computed meanwhile, and nothing if the garbage collector ran. A solution
    that sleeps is found out by the clock. A pause of the whole process does not count.
    """
    given, idle = 0.0, 0
    looked = monotonic()
    end = looked + _BUSY * max(seconds, _SHORT)
    spent, collections = process_time(), Collections()
    while thread.is_alive() and given < seconds and looked < end:
        thread.join(_LOOK)
        passed, looked = monotonic() - looked, monotonic()
        if passed > _PAUSED:
            end += passed
        computed, spent = process_time() - spent, process_time()
        idle = idle + 1 if computed < _IDLE else 0
        wants = wants_to_run(thread)
        if wants is None:
            asleep = _LOOK * (_ALL_IDLE if idle == _ALL_IDLE else idle > _ALL_IDLE)
        else:
            asleep = 0.0 if wants else _LOOK
        if not collections.are_new():
            given += max(min(passed, computed), asleep)
            thread.given = given


def _run_traced(function: Callable[[], Any], seconds: float) -> Run:
    deadline = monotonic() + seconds
    stuck: Line | None = None
    timed_out = False

    def trace(frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal stuck, timed_out
        if not is_learners(frame.f_code.co_filename):
            return None
        if event == "line" and monotonic() > deadline:
            timed_out, stuck = True, stuck or _where(frame)
            raise Interrupted
        return trace

    value, error = None, None
    before = sys.gettrace()
    with captured() as printed:
        sys.settrace(trace)
        try:
            value = function()
        except BaseException as raised:  # noqa: BLE001 - whatever it raises is the outcome
            error = raised
        finally:
            sys.settrace(before)
    return Run(value, error, timed_out, stuck, str(printed))


def _where(frame: FrameType | None) -> Line | None:
    while frame is not None:
        filename = frame.f_code.co_filename
        if is_learners(filename):
            source = linecache.getline(filename, frame.f_lineno, frame.f_globals)
            return Line(frame.f_lineno, source.strip())
        frame = frame.f_back
    return None
