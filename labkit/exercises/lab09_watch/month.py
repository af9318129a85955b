"""Four weeks of attempts at one endpoint, with outages and other disturbances.

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

from labkit.drawing.canvas import with_text
from labkit.exercises.lab09_watch import calendar

DAY = 86_400.0
HOUR = 3_600.0
DAYS = 28
TEN_MINUTES = 600.0
WINDOW = HOUR
"""How far back a window reaches, in seconds."""

NAMES = ("January", "February", "March", "April", "May", "June")
DELAYS = (5.0, 300.0, 1_800.0, 7_200.0)
"""The sender's waits between two attempts at one event, in seconds."""

TIME_OUT = 10.0
RATES = (*[2] * 6, *[12] * 2, *[48] * 13, *[12] * 3)
"""Events per hour, by the hour of the day."""

SALE = 1_500
"""Additional events per hour during a sale."""

SALE_LASTS = HOUR / 4

Made = tuple[float, int | None, float]
"""One attempt: when it ended (lab time), its status, how long it took (seconds)."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which the receiver does not do its work.

    `status` is the result of an attempt then, `seconds` how long it takes, and `share`
    how many of the attempts are affected. `counted` tells whether there is enough
    traffic to find it by.
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
    ("nine of ten attempts end in 500", 500, 0.4, 0.9),
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

    def outage_at(self, moment: float) -> Outage | None:
        """Return the outage of that moment, or of the hour before it, or None."""
        return next(
            (o for o in self.outages if o.starts < moment <= o.ends + WINDOW), None
        )

    def windows(self) -> Iterator[tuple[float, list[dict[str, float | int | None]]]]:
        """Yield the moments at which an alert is asked, each with its window.

        Every ten minutes in which an attempt failed, every minute in the first ten of
        an outage, and every fourth hour besides: that keeps a check quick.
        """
        attempts = self.attempts
        times = [at for at, _, _ in self.made]
        failures = [0, *accumulate(_failed(status) for _, status, _ in self.made)]
        for moment in self._moments():
            end = bisect_right(times, moment)
            calm = failures[end] == failures[bisect_right(times, moment - TEN_MINUTES)]
            if not calm or moment % (4 * HOUR) == 0:
                yield moment, attempts[bisect_right(times, moment - WINDOW) : end]

    def _moments(self) -> list[float]:
        every_ten = {
            self.starts + TEN_MINUTES * step
            for step in range(6, int(DAYS * DAY / TEN_MINUTES))
        }
        at_first = {
            outage.starts + 60.0 * minute
            for outage in self.outages
            for minute in range(1, 11)
        }
        return sorted(every_ten | at_first)

    def __str__(self) -> str:
        lines = [f"{self.name}: failed attempts by the hour", f"{'':8}{_HOURS}"]
        by_hour = self.hours()
        for day in range(DAYS):
            signs = (_sign(by_hour.get(24 * day + hour)) for hour in range(24))
            row = f"{self.name[:3]} {day + 1:>2}  {' '.join(signs)}"
            lines.append(row.rstrip())
        lines.append("· none   1-9 so many   # ten or more   (blank) no attempt at all")
        return "\n".join(lines)

    __repr__ = __str__

    def hours(self) -> dict[int, tuple[int, int]]:
        """Count the attempts and the failed ones of each hour that has any."""
        found: dict[int, tuple[int, int]] = {}
        for at, status, _ in self.made:
            hour = int((at - self.starts) // HOUR)
            attempts, failed = found.get(hour, (0, 0))
            failed += status is None or status >= 500
            found[hour] = attempts + 1, failed
        return found

    def _repr_html_(self) -> str:
        return with_text(calendar.draw(self.name, self.hours()), str(self))


_HOURS = " ".join(f"{hour % 24:<2}".strip()[-1] for hour in range(24))


def _sign(counts: tuple[int, int] | None) -> str:
    if counts is None:
        return " "
    failed = counts[1]
    return "·" if not failed else str(failed) if failed < 10 else "#"


@cache
def month(number: int = 1) -> Month:
    """Return the month of that number; January is 1, and the only one to tune on."""
    return _Draw(number).month()


def clock(moment: float) -> str:
    """Write a lab time as people write it, such as "3 January, 02:15"."""
    when = datetime.fromtimestamp(moment, tz=UTC)
    return f"{when.day} {when:%B}, {when:%H:%M}"


def _failed(status: int | None) -> bool:
    return status is None or status >= 400


class _Draw:
    """Draws one month: first what happens when, then every attempt."""

    def __init__(self, number: int) -> None:
        self._name = NAMES[number - 1]
        self._starts = datetime(2026, number, 1, tzinfo=UTC).timestamp()
        self._rng = random.Random(f"month {number}")
        weeks = [(2, 4, 7), (9, 11, 14), (16, 18, 21)]
        self._rng.shuffle(weeks)
        self._sales = [self._at(day, 14, 18) for day in weeks[0]]
        self._scans = [self._at(day, 1, 23) for day in weeks[1]]
        self._renamed = self._at(weeks[2][0], 6, 9)
        self._slow_from = weeks[1][0] + 1
        self._outages = self._draw_outages()
        self._troubles: dict[int, list[Outage]] = {}
        for trouble in (*self._outages, *self._restarts()):
            for hour in range(self._hour(trouble.starts), self._hour(trouble.ends) + 1):
                self._troubles.setdefault(hour, []).append(trouble)
        self._added = [self._slowness(*divmod(hour, 24)) for hour in range(24 * DAYS)]

    def month(self) -> Month:
        """Return the month."""
        made: list[Made] = []
        for at in self._events(self._starts, self._starts + DAYS * DAY):
            made += self._delivery(at, int(self._rng.random() < 0.004))
        for sale in self._sales:
            for at in self._events(sale, sale + SALE_LASTS, rate=SALE):
                made += self._delivery(at, int(self._rng.random() < 0.06))
        for at in self._poisoned():
            made += self._delivery(at, len(DELAYS))
        for scan in self._scans:
            made += self._scan(scan)
        ends = self._starts + DAYS * DAY
        in_time = sorted(attempt for attempt in made if attempt[0] < ends)
        return Month(self._name, self._starts, tuple(in_time), self._outages)

    def _at(self, day: int, first: float, last: float) -> float:
        """Return a moment on that day, between those hours, on a whole minute."""
        minute = self._rng.randrange(int(first * 60), int(last * 60))
        return self._starts + day * DAY + minute * 60

    def _hour(self, at: float) -> int:
        return int((at - self._starts) // HOUR)

    def _draw_outages(self) -> tuple[Outage, ...]:
        days = self._rng.sample((1, 5, 8, 12, 15, 19, 22, 25), 6)
        outages = []
        for day, (what, status, seconds, share) in zip(days[:5], KINDS, strict=True):
            starts = self._at(day, 8.75, 17)
            ends = starts + 60 * self._rng.randrange(20, 180)
            outages.append(Outage(what, starts, ends, status, seconds, share))
        starts = self._at(days[5], 1, 3)
        what = "at night, too few attempts to judge"
        outages.append(Outage(what, starts, starts + HOUR, 503, 0.02, counted=False))
        return tuple(sorted(outages, key=lambda outage: outage.starts))

    def _restarts(self) -> Iterator[Outage]:
        """Yield the 40 seconds of each second day in which a new version starts."""
        for day in range(0, DAYS, 2):
            starts = self._starts + day * DAY + 12.5 * HOUR
            yield Outage("restart", starts, starts + 40, 502, 0.03, counted=False)

    def _slowness(self, day: int, hour: int) -> float:
        """Return the seconds that a growing table adds, more when much is going on."""
        days = day - self._slow_from
        if not 0 <= days < 9:
            return 0.0
        return days * (0.5 if RATES[hour] == max(RATES) else 0.1)

    def _events(self, at: float, ends: float, rate: float = 0.0) -> Iterator[float]:
        """Yield when events happen: so many an hour, or as many as the hour has."""
        chance = self._rng.random
        while at < ends:
            yield at
            an_hour = rate or RATES[self._hour(at) % 24]
            at += HOUR / an_hour * (0.5 + chance())

    def _poisoned(self) -> Iterator[float]:
        """Yield when events happen that fail four times, by night and by day."""
        for day in range(DAYS):
            if day % 2:
                yield self._at(day, 1, 5)
            elif day % 3 == 0:
                yield self._at(day, 9, 20)

    def _delivery(self, at: float, hitches: int) -> list[Made]:
        """Return the attempts at one event, up to the first that is acknowledged."""
        made: list[Made] = []
        for number, delay in enumerate((*DELAYS, None), 1):
            status, seconds = self._answer(at)
            good = status is not None and status < 300
            if good and number <= hitches:
                status, good = 500, False
            ended = round(at + seconds, 3)
            made.append((ended, status, seconds))
            if good or delay is None:
                break
            at = ended + delay * self._rng.uniform(0.8, 1.2)
        return made

    def _answer(self, at: float) -> tuple[int | None, float]:
        chance, hour = self._rng.random, self._hour(at)
        for trouble in self._troubles.get(hour, ()):
            if trouble.starts <= at < trouble.ends and chance() < trouble.share:
                return trouble.status, trouble.seconds
        added = self._added[hour] if hour < len(self._added) else 0.0
        seconds = round(0.05 + 0.3 * chance() + added, 3)
        if self._renamed <= at < self._renamed + 3 * DAY:
            return 204, seconds
        return (202 if chance() < 0.03 else 200), seconds

    def _scan(self, starts: float) -> Iterator[Made]:
        """Yield the requests of a sender without the secret; all of them got a 401."""
        for step in range(90):
            at = starts + 8 * step + self._rng.uniform(0, 4)
            yield round(at, 3), 401, 0.004
