"""One hour by polling and by webhook: the delays and the numbers of requests."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labkit.drawing.canvas import WIDTH, canvas, dot, marked, with_text
from labkit.drawing.strokes import bar, classes, line, write
from labkit.exercises.lab01_push_not_poll.service import Service
from labkit.history import History
from labkit.model import LAB_EPOCH, Event
from labkit.timeline.words import counted

HOUR = 3_600
_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of events: when they happened and arrived, and when a request was made.

    All moments are in seconds since the hour began. `came` has None for an event that
    never arrived. `asked` has the moments of the requests, and `useful` the moments of
    those that brought an event.
    """

    happened: tuple[float, ...]
    came: tuple[float | None, ...]
    asked: tuple[float, ...]
    useful: tuple[float, ...]

    @property
    def empty(self) -> int:
        """How many requests brought no event."""
        return len(self.asked) - len(self.useful)

    @property
    def delays(self) -> list[float]:
        """The delay of each event that arrived, in seconds."""
        pairs = zip(self.happened, self.came, strict=True)
        return [came - at for at, came in pairs if came is not None]

    @property
    def mean_delay(self) -> float:
        """The mean of the delays, in seconds; at least one event must have arrived."""
        return sum(self.delays) / len(self.delays)

    @property
    def requests_per_event(self) -> float:
        """How many requests an event took."""
        return len(self.asked) / len(self.happened)

    def __str__(self) -> str:
        """Draw the hour with one column per minute, and sum it up."""
        scale = "".join(f"{minute:<10}" for minute in range(0, _COLUMNS, 10))
        came = [moment for moment in self.came if moment is not None]
        lines = [
            f"minute    {scale}60",
            f"happened  {_marks(self.happened)}",
            f"requests  {_marks(self.asked)}",
            f"arrived   {_marks(came)}",
            "",
            *self.sums,
        ]
        return "\n".join(lines)

    __repr__ = __str__

    @property
    def sums(self) -> list[str]:
        """The hour in numbers, in a few lines."""
        requests = counted(len(self.asked), "request")
        vain = (
            f"{self.empty} of them brought nothing"
            if self.empty
            else "each brought an event"
        )
        lines = [f"{counted(len(self.happened), 'event')}, {requests}, {vain}"]
        if delays := self.delays:
            mean, worst = _long(self.mean_delay), _long(max(delays))
            lines.append(f"delay: {mean} on average, {worst} at most")
        if never := self.came.count(None):
            lines.append(f"{counted(never, 'event')} never arrived")
        return lines

    def svg(self) -> str:
        """Draw each event twice: when it happened and when it arrived."""
        drawn = [*_scale(), *self._requests(), *self._events()]
        for place, said in enumerate(self.sums):
            y = _SUMS + 18 * place
            drawn.append(write(_LEFT - 88, y, said, *["bold"][place:]))
        tall = _SUMS + 18 * len(self.sums)
        return canvas("".join(drawn), tall, "; ".join(self.sums))

    def _repr_html_(self) -> str:
        return with_text(self.svg(), str(self))

    def _requests(self) -> Iterator[str]:
        vain = sorted(set(self.asked).difference(self.useful))
        if len(vain) > _SINGLE:
            wide = _x(max(vain)) - _x(min(vain))
            drawn = bar(_x(min(vain)), _ASKED - 5, wide, 10, "solid")
            said = f"{len(vain)} requests that brought nothing"
            yield f"<g{classes('silent')}>{marked(drawn, said)}</g>"
            vain = []
        for moment in sorted([*vain, *self.useful]):
            good = moment in self.useful
            tall, hue = (11, "good") if good else (5, "silent")
            x = _x(moment)
            drawn = line(x, _ASKED - tall, x, _ASKED + tall, "way", hue)
            what = "an event" if good else "nothing"
            yield marked(drawn, f"request after {_long(moment)}: it brought {what}")

    def _events(self) -> Iterator[str]:
        for at, came in zip(self.happened, self.came, strict=True):
            told = f"happened after {_long(at)}"
            parts = [dot(_x(at), _HAPPENED, 4, "answer")]
            if came is None:
                yield marked(parts[0], f"{told}, never arrived")
                continue
            parts.append(line(_x(at), _HAPPENED, _x(came), _CAME, "way", "answer"))
            parts.append(dot(_x(came), _CAME, 4, "good"))
            yield marked("".join(parts), f"{told}, arrived {_long(came - at)} later")


def by_polling(events: Sequence[Event], interval: float) -> Hour:
    """Poll every `interval` seconds, until the hour is over."""
    service = Service(events)
    came: dict[str, float] = {}
    cursor: str | None = None
    for _ in range(math.ceil(HOUR / interval)):
        service.sleep(interval)
        for event in service.list_events(cursor):
            cursor = event["id"]
            came[event["id"]] = service.now
    moments = tuple(ask.at for ask in service.asked)
    return Hour(
        _happened(events),
        tuple(came.get(event.id) for event in events),
        moments,
        tuple(ask.at for ask in service.asked if ask.came),
    )


def by_webhook(history: History) -> Hour:
    """Show a simulation in the same way: each attempt is a request."""
    events = [delivery.event for delivery in history.deliveries]
    arrivals = list(history.arrivals)
    first = {a.event.id: a.at - LAB_EPOCH for a in reversed(arrivals)}
    arrived = {(a.event.id, a.number) for a in arrivals}
    return Hour(
        _happened(events),
        tuple(first.get(event.id) for event in events),
        tuple(attempt.sent_at - LAB_EPOCH for attempt in history.attempts),
        tuple(
            attempt.sent_at - LAB_EPOCH
            for attempt in history.attempts
            if (attempt.event.id, attempt.number) in arrived
        ),
    )


_LEFT, _RIGHT = 112.0, WIDTH - 32
_HAPPENED, _CAME, _ASKED, _SUMS = 56.0, 116.0, 152.0, 210.0
_SINGLE = 400
"""Up to this number, requests that brought nothing are drawn one by one."""


def _x(moment: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * min(moment, HOUR) / HOUR


def _scale() -> Iterator[str]:
    """Draw the minutes, and what each row shows."""
    for minute in range(0, 61, 10):
        x = _x(60 * minute)
        yield line(x, 36, x, _ASKED + 14, "rule")
        yield write(x, 26, f"{minute} min", "soft", "small", "mid")
    rows = {"happened": _HAPPENED, "arrived": _CAME, "requests": _ASKED}
    for name, y in rows.items():
        yield write(_LEFT - 88, y + 4, name)
    said = "each line is a request; a short line brought nothing"
    yield write(_LEFT, _ASKED + 28, said, "soft", "small")


def _happened(events: Sequence[Event]) -> tuple[float, ...]:
    return tuple(float(event.created_at - LAB_EPOCH) for event in events)


def _marks(moments: Sequence[float]) -> str:
    """Draw moments, one column per minute: a dot, a count up to 9, or `#`."""
    counts = [0] * (_COLUMNS + 1)
    for moment in moments:
        counts[min(_COLUMNS, int(moment // 60))] += 1
    return "".join("·" if not n else str(n) if n < 10 else "#" for n in counts)


def _long(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f}".removesuffix(".0") + " min"
