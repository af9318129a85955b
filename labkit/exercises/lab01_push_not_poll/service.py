"""A provider with a list of events, and a clock that only `sleep` moves."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from labkit.model import LAB_EPOCH, Event
from labkit.samples import payments


class NoSuchEvent(LookupError):
    """The list was asked to continue after something that is not an event's id."""


class AskedTooOften(BaseException):
    """The list was polled without end; `except Exception` does not catch this."""

    told = (
        "Your code asks for pages without an end. A page that contains only older "
        "events must end the round."
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its time in seconds, its cursor, the number of events returned."""

    at: float
    after: object
    came: int


class Service:
    """A provider's list of events, which can be polled for new ones.

    `happened` has the second at which each event gets into the list, by default those
    in its `created_at`. A page holds at most `page` events that are newer than the one
    asked for, and begins with up to `overlap` older ones. The clock starts at `now`
    and moves when `sleep` is called, and never by itself.
    """

    def __init__(
        self,
        events: Sequence[Event],
        *,
        happened: Sequence[float] | None = None,
        page: int = 100,
        overlap: int = 0,
        now: float = 0.0,
        patience: int = 10_000,
    ) -> None:
        self.events = tuple(events)
        self._happened = tuple(
            (float(event.created_at - LAB_EPOCH) for event in events)
            if happened is None
            else happened
        )
        self._page = page
        self._overlap = overlap
        self._patience = patience
        self._seen_at: float | None = None
        self._there: list[Event] = []
        self._places: dict[object, int] = {}
        self.now = now
        self.asked: list[Asked] = []
        self.slept: list[float] = []

    def list_events(self, after: str | None = None) -> list[dict[str, Any]]:
        """Return the events after the one with the id `after`, oldest first."""
        if len(self.asked) >= self._patience:
            raise AskedTooOften(f"the list was polled {self._patience:,} times")
        if self._seen_at != self.now:
            self._look()
        place = self._place(after)
        found = self._page_at(self._there, place)
        self.asked.append(Asked(self.now, after, len(found)))
        return [json.loads(event.body) for event in found]

    def sleep(self, seconds: float) -> None:
        """Move the clock forward by this many seconds."""
        self.slept.append(seconds)
        self.now += seconds

    def _page_at(self, there: Sequence[Event], place: int) -> Sequence[Event]:
        """Return the page after the first `place` events."""
        return there[max(0, place - self._overlap) : place + self._page]

    def _look(self) -> None:
        """Note which events there are now, and how many up to each id."""
        self._seen_at = self.now
        self._there = [
            event
            for event, at in zip(self.events, self._happened, strict=True)
            if at <= self.now
        ]
        self._places = {}
        for place, event in enumerate(self._there, start=1):
            self._places.setdefault(event.id, place)

    def _place(self, after: object) -> int:
        """Return how many events there are up to the one with that id."""
        if after is None:
            return 0
        if isinstance(after, str) and after in self._places:
            return self._places[after]
        self.asked.append(Asked(self.now, after, 0))
        raise NoSuchEvent(
            f"no event has the id {after!s:.60}; "
            "give the id of an event that you were given, or None"
        )


OPENS_THE_HOUR = 18384
"""A seed for which the first of twelve payments happens at second 0."""


def one_hour(count: int = 12, *, seed: int = OPENS_THE_HOUR) -> list[Event]:
    """Return this many payments at random moments, all within one hour."""
    rng = random.Random(f"one hour {seed}")
    moments = sorted(rng.sample(range(3_600), count))
    return [
        Event(event.type, event.data, id=event.id, created_at=LAB_EPOCH + at)
        for event, at in zip(payments(count), moments, strict=True)
    ]
