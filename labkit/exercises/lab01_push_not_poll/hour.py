"""One hour, asked and told: how late events come, and how many requests it takes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from labkit.exercises.lab01_push_not_poll.service import Service
from labkit.history import History
from labkit.model import LAB_EPOCH, Event

HOUR = 3_600
_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of events: when they happened, when they came, what was asked.

    All moments are in seconds since the hour began. `came` has None for an event that
    never came. `asked` has the moments of the requests, `empty` counts those that
    brought nothing.
    """

    happened: tuple[float, ...]
    came: tuple[float | None, ...]
    asked: tuple[float, ...]
    empty: int

    @property
    def delays(self) -> list[float]:
        """How long each event that came was under way, in seconds."""
        pairs = zip(self.happened, self.came, strict=True)
        return [came - at for at, came in pairs if came is not None]

    @property
    def mean_delay(self) -> float:
        """The mean of the delays, in seconds."""
        return sum(self.delays) / len(self.delays)

    @property
    def requests_per_event(self) -> float:
        """How many requests an event took."""
        return len(self.asked) / len(self.happened)

    def __str__(self) -> str:
        """Draw the hour, a column a minute, and sum it up."""
        scale = "".join(f"{minute:<10}" for minute in range(0, _COLUMNS, 10))
        came = [moment for moment in self.came if moment is not None]
        never = len(self.happened) - len(came)
        requests = f"{len(self.asked)} requests, {self.empty} of them brought nothing"
        worst = f"{_long(max(self.delays))} at most"
        lines = [
            f"minute    {scale}60",
            f"happened  {_marks(self.happened)}",
            f"requests  {_marks(self.asked)}",
            f"came      {_marks(came)}",
            "",
            f"{len(self.happened)} events, {requests}",
            f"delay: {_long(self.mean_delay)} on average, {worst}",
        ]
        if never:
            lines.append(f"{never} of the events never came")
        return "\n".join(lines)

    __repr__ = __str__


def by_polling(events: Sequence[Event], interval: float) -> Hour:
    """Ask every `interval` seconds, until the hour is over."""
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
        sum(ask.came == 0 for ask in service.asked),
    )


def by_webhook(history: History) -> Hour:
    """Look at a simulation in the same way: each attempt is a request."""
    events = [delivery.event for delivery in history.deliveries]
    first = {a.event.id: a.at - LAB_EPOCH for a in reversed(list(history.arrivals))}
    return Hour(
        _happened(events),
        tuple(first.get(event.id) for event in events),
        tuple(attempt.sent_at - LAB_EPOCH for attempt in history.attempts),
        0,
    )


def _happened(events: Sequence[Event]) -> tuple[float, ...]:
    return tuple(float(event.created_at - LAB_EPOCH) for event in events)


def _marks(moments: Sequence[float]) -> str:
    """Draw moments, a column a minute: a dot for none, a count up to 9, then `#`."""
    counts = [0] * (_COLUMNS + 1)
    for moment in moments:
        counts[min(_COLUMNS, int(moment // 60))] += 1
    return "".join("·" if not n else str(n) if n < 10 else "#" for n in counts)


def _long(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds:.2f} s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
