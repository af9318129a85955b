"""What a worker's step looks at and changes, noted while it makes it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from labkit.explore.sharing import (
    OUTSIDE,
    TIME,
    Print,
    Shared,
    Token,
    stored_in,
    values_in,
)
from labkit.running.places import Content


@dataclass(slots=True)
class Footprint:
    """What a worker does from one point to its next one.

    `before` has the contents of the shared objects that it may change, by number.
    """

    looked: set[Token] = field(default_factory=set)
    changed: set[Token] = field(default_factory=set)
    before: dict[int, Content] = field(default_factory=dict)

    def mark(self, token: str, *, changes: bool) -> None:
        """Note that the step looks at something, or changes it."""
        (self.changed if changes else self.looked).add(token)


class Common:
    """What the workers of a stage have in common in the present play.

    `roots` finds the receiver, and what else they share. `stored` are the names of the
    variables that several workers may bind. `noting` is whether it is noted what a step
    does, and `peeks` whether the locals of a frame were looked at.
    """

    def __init__(self) -> None:
        self.roots: Callable[[], Iterable[Any]] = tuple
        self.stored: frozenset[str] = frozenset()
        self.noting = self.peeks = False
        self._shared: Shared | None = None

    def begin(self, *, noting: bool) -> None:
        """Begin with another play."""
        self._shared, self.noting, self.peeks = None, noting, noting

    def shares(self, frame: FrameType) -> bool:
        """Whether the line of a frame may look at what other workers change."""
        self.peeks = True
        values, tokens = values_in(frame)
        if tokens & {*self.stored, TIME}:
            return True
        return bool(self._objects.reached(values, bare=False))

    def look(self, step: Footprint, frame: FrameType) -> None:
        """Note what the line of a frame may look at, before it does."""
        values, tokens = values_in(frame)
        reached = self._objects.reached(values)
        for number, content in self._objects.contents(reached).items():
            step.before.setdefault(number, content)
        step.looked |= reached | (tokens & self.stored)
        step.changed |= stored_in(frame, self.stored) | (tokens & {OUTSIDE, TIME})

    def print_of(self, step: Footprint) -> Print:
        """Return what a step did that has come to its end."""
        changed = step.changed | self._objects.changed(step.before)
        return Print(frozenset(step.looked), frozenset(changed))

    @property
    def _objects(self) -> Shared:
        if self._shared is None:
            self._shared = Shared(self.roots())
        return self._shared
