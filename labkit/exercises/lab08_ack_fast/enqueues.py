"""The enqueue of 8.1: what it is called with, when, and how it can fail."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from labkit.checks import describe, short
from labkit.checks.callbacks import Callbacks
from labkit.checks.calls import Answered
from labkit.checks.observing import exactly
from labkit.checks.space import Fields
from labkit.checks.steps import LATE, NO_RESPONSE, Do, Fail, Post
from labkit.exercises.lab06_retries.clock import real_sleeps
from labkit.exercises.lab08_ack_fast.working import silent_threads

LIMIT = 3.0
"""Seconds that the sender of this lab waits, as Slack, Zoom and Discord do."""

PATIENCE = 0.2
"""Seconds to wait for an enqueue in another thread."""

ENOUGH = 25
"""So often enqueue fails in the trials in which it is called once."""

SLEPT = "sleeps for seconds"
"""The name of the effect that a request slept too long."""

Make = Callable[[], BaseException]


class Enqueues(Callbacks):
    """An enqueue for each app; it has an effect, too, if a request sleeps too long.

    While `broken` is set, it makes what each call raises; after too many calls, they
    succeed, so that an endless loop ends.
    """

    def __init__(self, slept: list[float], kind: str) -> None:
        patience = PATIENCE if kind in ("plain", "slow") else 0
        super().__init__(
            lambda _, app: [self.enqueue(app)], slow=kind == "slow", patience=patience
        )
        if kind == "plain":
            _elsewhere.clear()
        self.broken: Make | None = None
        self._slept = slept
        self._raised = 0

    def enqueue(self, app: int) -> Callable[[Any], None]:
        """Return the enqueue of an app."""
        called = self.callback(name_of_enqueue(app))

        def enqueue(body: Any) -> None:
            if threading.get_ident() != self._thread:
                _elsewhere.set()
            if isinstance(body, (bytearray, memoryview)):
                body = bytes(body)
            called(body if isinstance(body, (bytes, str)) else Other(short(body)))

        return enqueue

    def failure(self, name: str) -> Fail | None:
        """Return how this call must fail, or None."""
        if self.broken is None or self._raised > ENOUGH:
            return super().failure(name)
        self._raised += 1
        return Fail(self.broken, name)

    def ends(self, answered: Answered) -> None:
        """Wait for a late call, if this receiver makes calls in another thread."""
        if _elsewhere.is_set():
            self._patience = PATIENCE
        super().ends(answered)

    def effects(self) -> Sequence[Any]:
        """Return the calls, and how long the receiver slept if it was too long."""
        seconds = sum(self._slept)
        self._slept.clear()
        calls = super().effects()
        return [*calls, (SLEPT, seconds)] if seconds > LIMIT else calls


_elsewhere = threading.Event()
"""Set if the receiver that is checked calls enqueue in another thread."""


class Other(str):
    """What was passed to enqueue and is neither bytes nor text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def name_of_enqueue(app: int) -> str:
    """Return the name under which the calls of an app's enqueue are noted."""
    return "enqueue" if app == 0 else f"enqueue_{app + 1}"


def normal_effects(effects: Sequence[Any]) -> Any:
    """Return what is compared of the effects of a step."""
    return [exactly(each) for each in effects]


def compared(fields: Fields, values: tuple[Any, ...]) -> Any:
    """Return what the sentence of the trial is about."""
    about = fields["about"]
    effects = [[_of(each) for each in calls] for _, calls in values]
    if about == "time":
        return [name for step in effects for name, *_ in step if name == SLEPT]
    calls = [[each for each in step if each[0] != SLEPT] for step in effects]
    if about in ("store", "apart"):
        calls = [[(n.removesuffix(LATE), *what) for n, *what in c] for c in calls]
    if about in ("store", "apart", "other"):
        return calls
    if about == "retry":
        steps = fields["steps"]
        kept = [at for at, each in enumerate(steps) if isinstance(each, Post)]
        return [
            calls[at] for at in kept if not at or not isinstance(steps[at - 1], Fail)
        ]
    statuses = ["5xx" if at == NO_RESPONSE else at and at[0] for at, _ in values]
    if fields["kind"] == "duplicate":
        return statuses, calls[0], all(len(each) < 2 for each in calls)
    return statuses, calls


def _of(effect: Any) -> Any:
    """Return an effect without the names of the types that `exactly` added."""
    return tuple(each[1] for each in effect[1])


@contextmanager
def world(fields: Fields) -> Iterator[Enqueues]:
    """Give each app an enqueue of its own, and note how long a request sleeps."""
    with real_sleeps() as slept, silent_threads():
        yield Enqueues(slept, fields["kind"])


def failing(error: Make) -> Do:
    """Return the step after which each call of enqueue raises this."""

    def change(world: Enqueues) -> None:
        world.broken = error

    return Do(change, f"from now on, each call of enqueue raises {describe(error())}")
