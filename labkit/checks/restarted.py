"""Restart a receiver for real: each of its lives is a process of its own.

In-process restarts put back what the learner's code keeps, as far as it can be found.
A child process needs no such search: it runs the learner's cell again, and nothing of
its memory reaches the next one. So it has the last word.

Where the system can copy a process (fork), the child has all that the notebook has.
Elsewhere, as on Windows, it is a new Python process that gets the cells and values that
the solution uses; if it can't get one of them, nothing is tried. A browser's Python
starts no processes.
"""

import builtins
import os
import random
import secrets
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.checks.cases import NotTried, Question
from labkit.explore.world import scratch
from labkit.running import child
from labkit.running.ownership import is_learners
from labkit.running.portable import NotPortable, Portable, portable
from labkit.running.rerun import defined_again
from labkit.running.spawned import in_new_python
from labkit.transport import IN_BROWSER

Left = dict[str, Any]
"""What a life leaves: its `status`, the `parcels` so far, and what comes with them."""

Life = Callable[[Any, Path, str, Left | None], Left]
"""Starts `make_app` over a directory, and delivers the event with that id.

It gets what the life before has left, or None; all of it must be possible in JSON.
"""

_THREADS = 1.0
"""How long a life waits for the threads that the receiver started, in seconds."""


def ships_once(ask: Question, make_app: Any, life: Life, noun: str = "parcels") -> None:
    """Deliver an event, restart, and deliver it again: one parcel, and at last a 2xx.

    Raises NotTried where it can't be tried in processes of their own.
    """
    left = _lived_twice(make_app, life, again=True)
    if _is_fine(left):
        return
    if len(left[1]["parcels"]) < 2:
        # Perhaps a statement that was left out of the cell is to blame.
        copied = _lived_twice(make_app, life, again=False) if child.FORKS else None
        if copied is None or _is_fine(copied):
            raise NotTried(
                "Not tried in a process of its own: there your cell was run again, and "
                f"the result differs ({_told(left, noun)})."
            )
        left = copied
    ask.fail(f"{_told(left, noun)}; each attempt was made in a process of its own")


def wait_for_threads() -> None:
    """Wait for the threads that were started in this life."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(_THREADS)


def _is_fine(left: tuple[Left, Left]) -> bool:
    return len(left[1]["parcels"]) == 1 and 200 <= left[1]["status"] < 300


def _told(left: tuple[Left, Left], noun: str) -> str:
    parcels = ", ".join(map(str, left[1]["parcels"])) or "none"
    return f"{left[0]['status']}, then {left[1]['status']}; {noun}: {parcels}"


def _lived_twice(make_app: Any, life: Life, *, again: bool) -> tuple[Left, Left]:
    """Run two lives one after the other; `again` runs the learner's cell in each."""
    # No process must know the event, not even this one: children inherit its memory.
    event = f"evt_{secrets.token_hex(8)}"
    with scratch() as directory:

        def lived(before: Left | None) -> Left:
            def work() -> Left:
                os.chdir(directory)
                _differ()
                found = defined_again(make_app) if again else make_app
                return life(found, directory, event, before)

            if child.FORKS:
                told = child.in_child(work)
            else:
                told = _in_new_python(make_app, life, directory, event, before)
            if told.problem:
                raise NotTried(f"Not tried in a process of its own: {told.problem}.")
            left: Left = told.value
            return left

        first = lived(None)
        return first, lived(first)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A life for a new Python process."""

    make_app: Portable
    life: Life
    directory: Path
    event: str
    before: Left | None

    def __call__(self) -> Left:
        os.chdir(self.directory)
        make_app = self.make_app.defined()
        return self.life(make_app, self.directory, self.event, self.before)


def _in_new_python(make_app: Any, *how: Any) -> child.Told:
    if IN_BROWSER:
        return child.Told(problem="this system can't start a process")
    try:
        return in_new_python(_Sent(portable(make_app), *how))
    except NotPortable as reason:
        return child.Told(problem=str(reason))


def _differ() -> None:
    """Let differ what a copied process shares, and what two real processes do not."""
    random.seed()
    salt = os.urandom(8)
    builtins.hash = salted(lambda: salt)


def salted(salt: Callable[[], object]) -> Callable[[Any], int]:
    """Return a hash() that differs for texts in each process, as Python's does.

    Libraries keep what they have hashed, so only the learner's own calls differ.
    """
    real = builtins.hash

    def differing(value: Any) -> int:
        caller = sys._getframe(1).f_code.co_filename  # noqa: SLF001 - as a debugger does
        differs = _has_text(value) and is_learners(caller)
        return real((salt(), value)) if differs else real(value)

    return differing


def _has_text(value: Any) -> bool:
    if isinstance(value, (tuple, frozenset)):
        return any(map(_has_text, value))
    return isinstance(value, (str, bytes))
