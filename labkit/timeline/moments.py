"""Where things stand in the message diagram: moments in order, each at its height."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from labkit.timeline.reading import Seen
from labkit.timeline.signs import REFUSED, UNFINISHED

LINE = 18.0
"""The height of a line of notes, in pixels."""

PAUSE = 5.0
"""Seconds of silence from which on the diagram says how long it lasts."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happens: an attempt is sent, lands, or ends for the sender.

    `what` is "sent", "landed" or "ended"; `copy` counts the wire's duplicates. `lines`
    is how many lines of notes stand there.
    """

    at: float
    seen: Seen
    what: str
    copy: int = 0
    lines: int = 1

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells the moment from all others of the diagram."""
        return self.seen.tag, self.what, self.copy

    @property
    def side(self) -> str:
        """On which line it stands."""
        return "receiver" if self.what == "landed" else "sender"


@dataclass(frozen=True, slots=True)
class Pause:
    """A while in which nothing happens and nothing is on its way, between two heights.

    `length` is in seconds.
    """

    top: float
    bottom: float
    length: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The height of every moment, in pixels, and the pauses between them."""

    moments: tuple[Moment, ...]
    heights: dict[tuple[str, str, int], float]
    pauses: tuple[Pause, ...]
    bottom: float


def lay_out(seen: Sequence[Seen], dead: frozenset[str], top: float) -> Layout:
    """Give every moment a height, so that no two notes overlap.

    Long waits get more room than short ones, though far less than their due. `dead`
    has the tags of the attempts after which the sender gave up.
    """
    moments = _in_order(seen, dead)
    heights: dict[tuple[str, str, int], float] = {}
    pauses: list[Pause] = []
    free = {"sender": top, "receiver": top}
    latest: dict[str, Moment] = {}
    before: Moment | None = None
    y = top
    for moment in moments:
        if before is not None:
            length = moment.at - before.at
            quiet = _is_quiet(moment, length, seen)
            least = 4 + min(24.0, 10 * math.log10(1 + max(length, 0)))
            last, y = y, max(y + least, free[moment.side])
            if (own := latest.get(moment.seen.tag)) is not None:
                y = max(y, heights[own.key] + _room(own))
            if quiet:
                y = max(y, last + 58)
                pauses.append(Pause(last + before.lines * LINE - 8, y - 8, length))
        heights[moment.key] = y
        latest[moment.seen.tag] = moment
        free[moment.side] = y + moment.lines * LINE + 4
        if moment.seen.kind is REFUSED:
            free["receiver"] = free["sender"] = y + LINE + 4
        before = moment
    bottom = max(y, *(each - LINE for each in free.values()))
    return Layout(tuple(moments), heights, tuple(pauses), bottom)


def side_by_side(seen: Iterable[Seen]) -> dict[str, int]:
    """Give attempts that are under way at the same time different slots, from 0."""
    slots: dict[str, int] = {}
    busy: list[float] = []
    for each in seen:
        for slot, until in enumerate(busy):
            if until < each.sent:
                busy[slot] = each.ended
                slots[each.tag] = slot
                break
        else:
            slots[each.tag] = len(busy)
            busy.append(each.ended)
    return slots


def _in_order(seen: Sequence[Seen], dead: frozenset[str]) -> list[Moment]:
    found: list[tuple[float, int, Moment]] = []
    for order, each in enumerate(seen):
        found += [(m.at, order, m) for m in _moments_of(each, is_last=each.tag in dead)]
    found.sort(key=lambda item: item[:2])
    return [moment for _, _, moment in found]


def _moments_of(seen: Seen, *, is_last: bool) -> Iterator[Moment]:
    if seen.kind is not UNFINISHED:
        yield Moment(seen.sent, seen, "sent")
    for landing in seen.landings:
        lines = 2 if landing.nth > 1 else 1
        yield Moment(landing.at, seen, "landed", landing.copy, lines)
    if seen.kind is not UNFINISHED:
        yield Moment(seen.ended, seen, "ended", 0, 2 if is_last else 1)


def _is_quiet(moment: Moment, length: float, seen: Sequence[Seen]) -> bool:
    return length >= PAUSE and not any(
        other.sent < moment.at <= max([other.ended, *(e.at for e in other.landings)])
        for other in seen
    )


def _room(moment: Moment) -> float:
    """Return the least distance to the attempt's next moment, so that arrows slope."""
    seen = moment.seen
    if moment.what == "sent":
        return 24.0 if seen.landings else 30.0
    if moment.what == "landed":
        return 14.0 if seen.status is not None or moment.copy else 28.0
    return 10.0
