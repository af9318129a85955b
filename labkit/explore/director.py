"""Run an exploration in a thread of its own, so that stopping it tidies up."""

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

from labkit.errors import LabError
from labkit.running.capture import captured
from labkit.running.stopping import stop, stop_if_told
from labkit.transport import IN_BROWSER

R = TypeVar("R")

_one_at_a_time = threading.Lock()


def aside(explore: Callable[[], R]) -> R:
    """Return what `explore` returns, and raise what it raises.

    Whatever ends the wait (Stop in a notebook, a check's time limit) ends the
    exploration too. It looks for that between its steps, and then puts everything back
    undisturbed. Explorations change names of the whole process, so the next one waits
    until that is done.
    """
    _refuse_under_tracing()
    if IN_BROWSER:
        return explore()
    answer: list[R] = []
    raised: list[BaseException] = []
    done = threading.Event()

    def run() -> None:
        try:
            with _one_at_a_time, captured():
                answer.append(explore())
        except BaseException as error:  # noqa: BLE001 - it belongs to the caller
            raised.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=run, name="labkit-explore", daemon=True)
    thread.start()
    try:
        _wait(done)
        thread.join()
    except BaseException:
        stop(thread)
        raise
    if raised:
        raise raised[0]
    return answer[0]


def _wait(done: threading.Event) -> None:
    # A wait without end would not notice an order to stop.
    while not done.wait(0.05):
        stop_if_told()


def _refuse_under_tracing() -> None:
    """Raise LabError where a debugger or coverage holds Python's tracing."""
    if sys.gettrace() is not None and not IN_BROWSER:
        raise LabError(
            "an exploration needs Python's tracing, but a debugger or a coverage tool "
            "uses it (sys.gettrace() is set); run it without them"
        )
