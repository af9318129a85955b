"""What a worker's step looks at and changes, noted while it makes it."""

from dataclasses import dataclass, field
from types import FrameType

from labkit.explore.sharing import (
    OUTSIDE,
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

    def look(self, frame: FrameType, shared: Shared, stored: frozenset[str]) -> None:
        """Note what the line of a frame may look at, before it does.

        `stored` are the variables that several workers may bind.
        """
        values, tokens = values_in(frame)
        reached = shared.reached(values)
        for number, content in shared.contents(reached).items():
            self.before.setdefault(number, content)
        self.looked |= reached | (tokens & stored)
        self.changed |= stored_in(frame) | (tokens & {OUTSIDE})

    def mark(self, token: str, *, changes: bool) -> None:
        """Note that the step looks at something, or changes it."""
        (self.changed if changes else self.looked).add(token)

    def ended(self, shared: Shared) -> Print:
        """Return what the step did, now that it has come to its end."""
        changed = self.changed | shared.changed(self.before)
        return Print(frozenset(self.looked), frozenset(changed))
