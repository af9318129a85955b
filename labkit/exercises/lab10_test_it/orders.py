"""Four weeks of orders that were acknowledged, and when each was shipped.

They are drawn, not simulated: most orders are shipped within minutes, a few never
because the customer cancelled them. In an incident, orders are acknowledged and not
shipped. The same number gives the same month.
"""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from labkit.checks.verdicts import Note
from labkit.model import LAB_EPOCH

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
DAYS = 28
NAMES = ("January", "February", "March")
TIME_TO_SHIP = 600.0
"""Seconds after which an order that was not shipped is overdue."""

IN_TIME = 20 * MINUTE
"""Seconds after which an alarm must have found an incident."""

FALSE_ALARMS = DAYS // 7
"""How many false alarms are allowed in four weeks."""

RATES = (*[3] * 7, *[20] * 2, *[70] * 10, *[20] * 5)
"""Orders an hour, by the hour of the day."""

CANCELLED = 0.01
IN_A_SALE, CANCELLED_IN_A_SALE = 300, 12
SALE_LASTS = 15 * MINUTE
ENOUGH = 4
"""With fewer overdue orders than that, the contract itself says that all is well."""

Window = list[dict[str, Any]]
Alarm = Callable[[Window, float], bool]


@dataclass(frozen=True, slots=True)
class Incident:
    """A time in which acknowledged orders are not shipped.

    Of the orders of that time, each `ships`-th one is shipped; none if that is 0.
    """

    what: str
    starts: float
    ends: float
    ships: int


KINDS = (
    ("every error is caught and answered with 204", 0),
    ("the worker has stopped, and the queue only grows", 0),
    ("two of three workers have stopped", 3),
    ("three of four orders fail, and nobody retries", 4),
    ("the warehouse rejects every order", 0),
)
"""What happens, and which of the orders are shipped (see Incident).

The notebook promises that at least two of any three consecutive ones are lost.
"""


@dataclass(frozen=True, slots=True, repr=False)
class Month:
    """The orders of four weeks, oldest first, and the incidents among them.

    An order is a pair: when it was acknowledged, and when it was shipped, or None.
    `moments` are those that decide, every five minutes: some orders are overdue. In the
    hour after an incident nothing is decided: its orders are still there.
    """

    name: str
    starts: float
    orders: Sequence[tuple[float, float | None]]
    incidents: Sequence[Incident]
    moments: Sequence[float] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        # A check asks dozens of alarms about the same months.
        object.__setattr__(self, "moments", tuple(self._moments()))

    def window(self, now: float) -> Window:
        """Return the orders of the last hour as the alarm gets them."""
        first = bisect_right(self.orders, now - HOUR, key=lambda order: order[0])
        end = bisect_right(self.orders, now, key=lambda order: order[0])
        return [
            {"acknowledged": at, "shipped": done if done and done <= now else None}
            for at, done in self.orders[first:end]
        ]

    def _moments(self) -> Iterator[float]:
        missing = [at for at, done in self.orders if _later(done, at + TIME_TO_SHIP)]
        for step in range(12, int(DAYS * DAY / 300)):
            now = self.starts + 300.0 * step
            first = bisect_left(missing, now - HOUR)
            if bisect_left(missing, now - TIME_TO_SHIP) - first >= ENOUGH:
                yield now

    def incident_at(self, moment: float) -> Incident | None:
        """Return the incident of that moment, or of the hour before it, or None."""
        return next(
            (i for i in self.incidents if i.starts < moment <= i.ends + HOUR), None
        )

    def __repr__(self) -> str:
        return f"{self.name}: {len(self.orders)} orders in four weeks"


@dataclass(frozen=True, slots=True)
class Result:
    """What an alarm found in a month: the incidents it missed, and false alarms."""

    month: Month
    missed: Sequence[Incident]
    false: Sequence[float]

    @property
    def holds(self) -> tuple[bool, bool]:
        """Whether it found every incident in time, and let people sleep."""
        return not self.missed, len(self.false) <= FALSE_ALARMS

    def __str__(self) -> str:
        found = len(self.month.incidents) - len(self.missed)
        lines = [
            (
                f"{self.month.name}: {found} of {len(self.month.incidents)} incidents "
                f"found within 20 minutes, false alarms: {len(self.false)}"
            )
        ]
        lines += [
            f"missed: {_clock(each.starts, self.month)}, {each.what}"
            for each in self.missed[:3]
        ]
        for at in self.false[:3]:
            told = summed_up(self.month.window(at), at)
            lines.append(f"false alarm: {_clock(at, self.month)}\n  {told}")
        return "\n".join(lines)


def try_out(alarm: Alarm, month: Month) -> Result:
    """Ask an alarm throughout a month. Its exceptions are not caught."""
    found: set[Incident] = set()
    false: list[float] = []
    deadlines = {each.starts + IN_TIME for each in month.incidents}
    for now in sorted({*month.moments, *deadlines}):
        incident = month.incident_at(now)
        if incident in found or (incident and now > incident.starts + IN_TIME):
            continue
        if not alarm(month.window(now), now):
            continue
        if incident:
            found.add(incident)
        elif not false or now - false[-1] > HOUR:
            false.append(now)
    missed = [each for each in month.incidents if each not in found]
    return Result(month, missed, false)


def rehearse(alarm: Alarm, month: Month) -> Note:
    """Run an alarm through a month, and say what it found and when it was wrong."""
    try:
        return Note(str(try_out(alarm, month)))
    except NotImplementedError:
        return Note("This alarm is not written yet.")


def summed_up(orders: Window, now: float) -> str:
    """Say in one line what a window contains."""
    due = [each for each in orders if now - each["acknowledged"] > TIME_TO_SHIP]
    late = sum(each["shipped"] is None for each in due)
    young = len(orders) - len(due)
    missing = sum(each["shipped"] is None for each in orders) - late
    return (
        f"{late} of {len(due)} orders overdue; "
        f"of {young} younger ones, {missing} not shipped yet"
    )


@cache
def month(number: int) -> Month:
    """Return one of the months: 1 for January, up to 3."""
    rng = random.Random(f"orders {number}")
    starts = LAB_EPOCH + (number - 1) * DAYS * DAY
    incidents = tuple(_incidents(rng, starts))
    orders = sorted(
        [*_ordinary(rng, starts), *_sales(rng, starts)], key=lambda order: order[0]
    )
    for each in incidents:
        _lose(orders, each)
    return Month(NAMES[number - 1], starts, orders, incidents)


def _incidents(rng: random.Random, starts: float) -> Iterator[Incident]:
    kinds = list(KINDS)
    rng.shuffle(kinds)
    for week, (what, ships) in enumerate(kinds):
        day = 5 * week + rng.randrange(5)
        begins = starts + day * DAY + (10 + rng.randrange(6)) * HOUR
        begins += 300 * rng.randrange(12)
        yield Incident(what, begins, begins + rng.choice((45, 60, 90)) * MINUTE, ships)


def _ordinary(
    rng: random.Random, starts: float
) -> Iterator[tuple[float, float | None]]:
    slow = rng.sample(range(DAYS), 4)
    for hour in range(24 * DAYS):
        rate = RATES[hour % 24]
        longest = 540 if hour // 24 in slow else 200
        for place in range(rate):
            at = starts + hour * HOUR + (place + rng.random()) * HOUR / rate
            cancelled = rng.random() < CANCELLED
            yield at, None if cancelled else at + rng.uniform(longest / 4, longest)


def _sales(rng: random.Random, starts: float) -> Iterator[tuple[float, float | None]]:
    """Yield the orders of ten sales; some customers change their mind at once."""
    for sale in range(10):
        begins = starts + (2.8 * sale + 0.5) * DAY + 9 * HOUR
        for number in range(IN_A_SALE):
            at = begins + rng.random() * SALE_LASTS
            cancelled = number < CANCELLED_IN_A_SALE
            yield at, None if cancelled else at + rng.uniform(120, 560)


def _lose(orders: list[tuple[float, float | None]], incident: Incident) -> None:
    """Change the orders of an incident: most of them are not shipped."""
    first = bisect_left(orders, incident.starts, key=lambda order: order[0])
    end = bisect_left(orders, incident.ends, key=lambda order: order[0])
    for place in range(first, end):
        if not incident.ships or (place - first + 1) % incident.ships:
            orders[place] = orders[place][0], None


def _later(done: float | None, now: float) -> bool:
    return done is None or done > now


def _clock(moment: float, month: Month) -> str:
    day, seconds = divmod(moment - month.starts, DAY)
    return (
        f"{month.name[:3]} {day + 1:.0f}, "
        f"{seconds // HOUR:02.0f}:{seconds % HOUR // 60:02.0f}"
    )
