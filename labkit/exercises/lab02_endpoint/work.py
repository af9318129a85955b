"""What the check passes as `process` in exercise 2.3, and the two exceptions of it."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from labkit.checks.callbacks import A_WHILE, Callbacks
from labkit.checks.space import Fields
from labkit.checks.steps import PATIENCE
from labkit.running.ownership import is_learners


class Temporary(Exception):
    """The work cannot be done now, but it may succeed later."""


class Permanent(Exception):
    """The work can never be done for this event."""


def name_of(app: int) -> str:
    """Return the name of an app's process in what was seen."""
    return "process" if app == 0 else f"process_{app + 1}"


@contextmanager
def world_of(fields: Fields) -> Iterator[Callbacks]:
    """Give each app a process of its own."""

    def arguments(world: Callbacks, app: int) -> Sequence[Any]:
        called = world.callback(name_of(app))

        def process(event: Any) -> Any:
            if _worlds and world is not _worlds[-1]:
                _worlds[-1].record.note(OLD)
            asked = fields["kind"] in ("temporary", "permanent")
            if asked and _shadowed(sys._getframe(1)):  # noqa: SLF001 - the caller's names
                world.record.note(OWN)
            return called(event)

        return [process]

    patience = {"": PATIENCE, "plain": PATIENCE, "slow": _BUSY}.get(fields["kind"], 0)
    world = Callbacks(
        arguments,
        fields["result"],
        slow=fields["slow"],
        hold=A_WHILE,
        patience=patience,
    )
    _worlds[:] = [world]
    try:
        yield world
    finally:
        _worlds.clear()


_BUSY = 1.0
"""Seconds to wait for a thread that starts on a busy machine, in the trial for it."""

_worlds: list[Callbacks] = []
"""The world of the trial that runs now."""

OLD = "_process of an earlier app"
"""The process function of an earlier trial was called; this is not shown."""

OWN = "_own classes"
"""The learner's code has another class of that name; this is not shown."""


def _shadowed(frame: Any) -> bool:
    """Whether the learner's code has another class of that name."""
    while frame is not None:
        if is_learners(frame.f_code.co_filename):
            for kind in (Temporary, Permanent):
                name = kind.__name__
                found = frame.f_locals.get(name, frame.f_globals.get(name, kind))
                if found is not kind:
                    return True
        frame = frame.f_back
    return False
