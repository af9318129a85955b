"""Four weeks of attempts at one endpoint, with outages and with what only looks so.

They are drawn, not simulated: twenty thousand attempts in some hundredths of a second.
The same number gives the same month.
"""

import random
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import accumulate

DAY = 86_400.0
HOUR = 3_600.0
DAYS = 28
WINDOW = HOUR
"""How far back a window reaches, in seconds."""

NAMES = ("January", "February", "March", "April", "May", "June")
DELAYS = (5.0, 300.0, 1_800.0, 7_200.0)
"""The sender's waits between two attempts at one event, in seconds."""

TIME_OUT = 10.0
RATES = (*[2] * 6, *[12] * 2, *[40] * 13, *[12] * 3)
"""Events an hour, by the hour of the day."""

SALE = 1_500
"""Events an hour while there is a sale."""

LEAST = 8
"""Fewer failed attempts than that in ten minutes make no outage that can be judged."""

Made = tuple[float, int | None, float]
"""One attempt: when it ended (lab time), its status, how long it took (seconds)."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which the receiver does not do its work.

    `status` is what an attempt brings then, `seconds` how long it takes, `share` how
    many of the attempts are hit. `counted` tells whether there is enough traffic to
    find it by.
    """

    what: str
    starts: float
    ends: float
    status: int | None
    seconds: float
    share: float = 1.0
    counted: bool = True


KINDS = (
    ("every attempt is answered with 503", 503, 0.02, 1.0),
    ("no attempt is answered in time", None, TIME_OUT, 1.0),
    ("every connection is refused", None, 0.01, 1.0),
    ("four of five attempts end in 500", 500, 0.4, 0.8),
    ("a proxy answers 502 for the receiver", 502, 0.03, 1.0),
)


@dataclass(frozen=True, slots=True, repr=False)
class Month:
    """The attempts of four weeks, oldest first, and the outages among them."""

    name: str
    starts: float
    made: tuple[Made, ...]
    outages: tuple[Outage, ...]

    @property
    def ends(self) -> float:
        """When the four weeks are over, in lab time."""
        return self.starts + DAYS * DAY

    @property
    def attempts(self) -> list[dict[str, float | int | None]]:
        """All attempts as `alert` gets them, in dictionaries that are new each time."""
        return [
            {"at": at, "status": status, "seconds": seconds}
            for at, status, seconds in self.made
        ]

    def windows(self) -> Iterator[tuple[float, list[dict[str, float | int | None]]]]:
        """Yield the moments at which an alert is asked, each with its window.

        Every five minutes while the window holds a failure, every minute in the first
        ten of an outage, and once an hour while all is well: nothing else can matter.
        """
        attempts = self.attempts
        times = [at for at, _, _ in self.made]
        failures = [0, *accumulate(_failed(status) for _, status, _ in self.made)]
        for moment in self._moments():
            begin = bisect_right(times, moment - WINDOW)
            end = bisect_right(times, moment)
            calm = failures[begin] == failures[end]
            if not calm or moment % HOUR == 0:
                yield moment, attempts[begin:end]

    def _moments(self) -> list[float]:
        every_five = {
            self.starts + 300.0 * step for step in range(12, int(DAYS * DAY / 300))
        }
        at_first = {
            outage.starts + 60.0 * minute
            for outage in self.outages
            for minute in range(1, 11)
        }
        return sorted(every_five | at_first)

    def __str__(self) -> str:
        lines = [f"{self.name}: failed attempts by the hour", f"{'':8}{_HOURS}"]
        by_hour: dict[int, list[int]] = {}
        for at, status, _ in self.made:
            counts = by_hour.setdefault(int((at - self.starts) // HOUR), [0, 0])
            counts[0] += 1
            counts[1] += status is None or status >= 500
        for day in range(DAYS):
            signs = (_sign(by_hour.get(24 * day + hour)) for hour in range(24))
            row = f"{self.name[:3]} {day + 1:>2}  {' '.join(signs)}"
            lines.append(row.rstrip())
        lines.append("· none   1-9 so many   # ten or more   (blank) no attempt at all")
        return "\n".join(lines)

    __repr__ = __str__


_HOURS = " ".join(f"{hour % 24:<2}".strip()[-1] for hour in range(24))


def _sign(counts: list[int] | None) -> str:
    if counts is None:
        return " "
    failed = counts[1]
    return "·" if not failed else str(failed) if failed < 10 else "#"


@cache
def month(number: int = 1) -> Month:
    """Return the month of that number; January is 1, and the only one to tune on."""
    return _Draw(number).month()


def clock(moment: float) -> str:
    """Write a lab time as people do, such as "3 January, 02:15"."""
    when = datetime.fromtimestamp(moment, tz=UTC)
    return f"{when.day} {when:%B}, {when:%H:%M}"


def _failed(status: int | None) -> bool:
    return status is None or status >= 400


class _Draw:
    """Draws one month."""

    def __init__(self, number: int) -> None:
        self._name = NAMES[number - 1]
        self._starts = datetime(2026, number, 1, tzinfo=UTC).timestamp()
        self._rng = random.Random(f"month {number}")
        weeks = [(2, 4, 7), (9, 11, 14), (16, 18, 21)]
        self._rng.shuffle(weeks)
        self._sales = [self._at(day, 14, 18) for day in weeks[0]]
        self._scans = [self._at(day, 1, 23) for day in weeks[1]]
        self._renamed = self._at(weeks[2][0], 6, 9)
        self._drifts = self._at(weeks[1][0] + 1, 0, 1)
        self._outages = self._draw_outages()

    def month(self) -> Month:
        """Return the month."""
        made: list[Made] = []
        for at in self._events():
            made.extend(self._delivery(at, self._hopeless(at)))
        for nights in self._poisoned():
            made.extend(self._delivery(nights, 4))
        for scan in self._scans:
            made.extend(self._scan(scan))
        ends = self._starts + DAYS * DAY
        made = sorted(attempt for attempt in made if attempt[0] < ends)
        return Month(self._name, self._starts, tuple(made), self._outages)

    def _at(self, day: int, first: float, last: float) -> float:
        """Return a moment on that day, between those hours, on a whole minute."""
        minute = self._rng.randrange(int(first * 60), int(last * 60))
        return self._starts + day * DAY + minute * 60

    def _draw_outages(self) -> tuple[Outage, ...]:
        days = self._rng.sample((1, 5, 8, 12, 15, 19, 22, 25), 6)
        outages = []
        for day, (what, status, seconds, share) in zip(days[:5], KINDS, strict=True):
            starts = self._at(day, 8.75, 17)
            ends = starts + 60 * self._rng.randrange(20, 180)
            outages.append(Outage(what, starts, ends, status, seconds, share))
        starts = self._at(days[5], 1, 3)
        by_night = Outage(
            "at night, too few attempts to judge",
            starts,
            starts + HOUR,
            503,
            0.02,
            counted=False,
        )
        return tuple(sorted([*outages, by_night], key=lambda outage: outage.starts))

    def _events(self) -> Iterator[float]:
        """Yield when events happen: few at night, many by day, a crowd in a sale."""
        at = self._starts
        while at < self._starts + DAYS * DAY:
            yield at
            rate = RATES[int((at - self._starts) % DAY // HOUR)]
            if any(sale <= at < sale + HOUR / 2 for sale in self._sales):
                rate = SALE
            at += HOUR / rate * self._rng.uniform(0.5, 1.5)

    def _hopeless(self, at: float) -> int:
        """Return how often an event of that moment fails for reasons of its own."""
        on_sale = any(sale <= at < sale + HOUR / 2 for sale in self._sales)
        return int(self._rng.random() < (0.05 if on_sale else 0.004))

    def _poisoned(self) -> Iterator[float]:
        """Yield when events happen that fail four times, by night and by day."""
        for day in range(DAYS):
            if day % 2:
                yield self._at(day, 1, 5)
            elif day % 3 == 0:
                yield self._at(day, 9, 20)

    def _delivery(self, at: float, hopeless: int) -> Iterator[Made]:
        """Yield the attempts at one event, up to the first that is acknowledged."""
        sent_at = at
        for number, delay in enumerate((*DELAYS, None), 1):
            status, seconds = self._answer(sent_at)
            if number <= hopeless and status is not None and status < 300:
                status = 500
            ended = round(sent_at + seconds, 3)
            yield ended, status, seconds
            if delay is None or (status is not None and status < 300):
                return
            sent_at = ended + delay * self._rng.uniform(0.8, 1.2)

    def _answer(self, at: float) -> tuple[int | None, float]:
        for outage in self._outages:
            if outage.starts <= at < outage.ends and self._rng.random() < outage.share:
                return outage.status, outage.seconds
        if self._released(at):
            return 502, 0.03
        seconds = round(self._rng.uniform(0.05, 0.35) + self._drift(at), 3)
        if self._renamed <= at < self._renamed + 3 * DAY:
            return 204, seconds
        return (202 if self._rng.random() < 0.03 else 200), seconds

    def _released(self, at: float) -> bool:
        """Whether the receiver restarts: 40 seconds at 12:30, each second day."""
        day, second = divmod(at - self._starts, DAY)
        return day % 2 == 0 and 0 <= second - 12.5 * HOUR < 40

    def _drift(self, at: float) -> float:
        """Return the seconds that a growing table adds, more when much is going on."""
        day = (at - self._drifts) / DAY
        if not 0 <= day < 9:
            return 0.0
        busy = RATES[int((at - self._starts) % DAY // HOUR)] == max(RATES)
        return day * (0.5 if busy else 0.1)

    def _scan(self, starts: float) -> Iterator[Made]:
        """Yield what somebody sends who has not the secret: all answered with 401."""
        for step in range(90):
            at = starts + 8 * step + self._rng.uniform(0, 4)
            yield round(at, 3), 401, 0.004
