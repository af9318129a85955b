"""When to try again, and when to give up.

A policy is put together from parts, each a small callable:

    schedule    made -> delay, or None for the end      FixedDelays, Exponential
    slow_down   delay, status -> delay                  SlowDown
    retry_after asked, planned -> delay                 Bounded, BoundedByPlan
    jitter      delay, rng -> delay                     NoJitter, FullJitter,
                                                        MultipliedJitter, AddedJitter

`RetryPolicy.next_delay` runs them in this order. What a receiver asks for by
Retry-After is a lower bound: jitter then only adds to it. `next_delay` answers with
seconds and never sleeps; time and chance are arguments. `made` counts the attempts that
were made, from 1; a status of None means that no answer came. All durations are in
seconds.

The composition follows jd/tenacity, the jitter's names those of Marc Brooker's
"Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
"""

import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from labkit.errors import BadSetting

Schedule = Callable[[int], float | None]
"""From the number of attempts made to the seconds before the next; None is the end."""

Jitter = Callable[[float, random.Random], float]
"""From a delay to the delay as it is spread by chance."""

RetryAfterRule = Callable[[float, float], float]
"""From the seconds the receiver asked for and the planned delay to the delay."""

Statuses = range | frozenset[int]
"""A set of HTTP statuses: `range(200, 300)` is every 2xx."""

LONGEST_PLAN = 1_000
"""A schedule of more retries than this is taken to have no end."""


@dataclass(frozen=True, slots=True)
class FixedDelays:
    """Wait what a list says, then give up.

    `FixedDelays((5, 300))` waits 5 s, then 300 s; `FixedDelays(())` never retries.
    """

    delays: tuple[float, ...]

    def __call__(self, made: int) -> float | None:
        """Return the seconds after that many attempts, or None at the end."""
        return self.delays[made - 1] if 0 < made <= len(self.delays) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exponential:
    """Wait `first` seconds, then each time `factor` times as long, up to `cap`.

    After `retries` retries it gives up; without `retries` it needs a policy with a
    `max_age`.
    """

    first: float
    factor: float = 2.0
    cap: float = math.inf
    retries: int | None = None

    def __call__(self, made: int) -> float | None:
        """Return the seconds after that many attempts, or None at the end."""
        if made < 1 or (self.retries is not None and made > self.retries):
            return None
        try:
            grown = self.first * self.factor ** (made - 1)
        except OverflowError:
            grown = math.inf
        return min(self.cap, grown)


def spread(total: float, *, retries: int, factor: float = 2.0) -> FixedDelays:
    """Spread retries so that the last falls `total` seconds after the first attempt.

    Each delay is `factor` times the one before, in whole seconds; the last takes up the
    rounding. Meant for providers that say how many retries in what time, and no more.
    """
    if retries < 1 or factor <= 0:
        raise BadSetting(
            f"retries is {retries} and factor {factor}; both must be above 0"
        )
    shares = [factor**number for number in range(retries)]
    delays = [float(int(total * share / sum(shares))) for share in shares[:-1]]
    return FixedDelays((*delays, total - sum(delays)))


@dataclass(frozen=True, slots=True)
class NoJitter:
    """Leave the delay as it is, and the chance unused."""

    def __call__(self, delay: float, rng: random.Random) -> float:
        """Return the delay."""
        return delay


@dataclass(frozen=True, slots=True)
class FullJitter:
    """Wait anything between nothing and the delay."""

    def __call__(self, delay: float, rng: random.Random) -> float:
        """Return a number drawn from 0 to the delay."""
        return rng.uniform(0.0, delay)


@dataclass(frozen=True, slots=True)
class MultipliedJitter:
    """Multiply the delay by a number between `low` and `high`."""

    low: float
    high: float

    def __call__(self, delay: float, rng: random.Random) -> float:
        """Return the delay times a drawn number."""
        return delay * rng.uniform(self.low, self.high)


@dataclass(frozen=True, slots=True)
class AddedJitter:
    """Add between 0 and `most` seconds to the delay."""

    most: float

    def __call__(self, delay: float, rng: random.Random) -> float:
        """Return the delay plus a drawn number."""
        return delay + rng.uniform(0.0, self.most)


@dataclass(frozen=True, slots=True)
class Bounded:
    """Wait what `Retry-After` asks for, but no less than `least`, no more than `most`.

    Without an upper bound any receiver could park a delivery for years.
    """

    least: float
    most: float

    def __call__(self, asked: float, planned: float) -> float:
        """Return the seconds asked for, within the bounds."""
        return min(max(asked, self.least), self.most)


@dataclass(frozen=True, slots=True)
class BoundedByPlan:
    """Wait what `Retry-After` asks for, between `least` and `most` planned delays.

    What is asked for is rounded up to whole seconds first.
    """

    least: float
    most: float

    def __call__(self, asked: float, planned: float) -> float:
        """Return the seconds asked for, within multiples of the planned delay."""
        return min(max(math.ceil(asked), self.least * planned), self.most * planned)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowDown:
    """Wait at least `least` seconds after certain outcomes, the signs of overload.

    `after` holds statuses; None stands for no answer.
    """

    after: frozenset[int | None]
    least: float

    def __call__(self, delay: float, status: int | None) -> float:
        """Return the delay, lengthened where the outcome asks for it."""
        return max(delay, self.least) if status in self.after else delay


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Everything that decides when the next attempt is made.

    `max_age` cuts the schedule: no attempt is planned later than that many seconds
    after the first. `stop_statuses` end the delivery at once. `retry_after` of None
    means that the header is ignored. With `may_come_early` jitter may bring an attempt
    forward of what Retry-After asked for, as some senders do; without it jitter moves
    such an attempt by the same amount, but only to a later time. `delays` is worked out
    from the schedule.

    Raises BadSetting when a delay is negative or the schedule has no end.

    >>> policy = RetryPolicy(schedule=Exponential(first=1, cap=60, retries=8))
    >>> policy.delays
    (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0)
    """

    schedule: Schedule
    jitter: Jitter = NoJitter()
    max_age: float = math.inf
    stop_statuses: Statuses = frozenset()
    retry_after: RetryAfterRule | None = None
    may_come_early: bool = False
    slow_down: SlowDown | None = None
    delays: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "delays", _planned(self.schedule, self.max_age))

    @property
    def horizon(self) -> float:
        """Seconds from the first attempt to the last, without jitter and answers."""
        return math.fsum(self.delays)

    def next_delay(
        self,
        made: int,
        *,
        status: int | None,
        retry_after: str | None,
        now: float,
        rng: random.Random,
    ) -> float | None:
        """Return the seconds from a failed attempt to the next one, or None to give up.

        `made` attempts have been made, counted from 1. `status` is what the last one
        was answered, None for no answer; `retry_after` is that header's value, `now`
        the time in seconds since the epoch, `rng` the source of chance. The same
        arguments give the same delay.
        """
        if not 0 < made <= len(self.delays) or status in self.stop_statuses:
            return None
        planned = self._slowed(self.delays[made - 1], status)
        asked = None
        if retry_after is not None and self.retry_after is not None:
            asked = parse_retry_after(retry_after, now)
        if asked is None or self.retry_after is None:
            return self.jitter(planned, rng)
        # The penalty for overload holds even where less was asked for.
        delay = self._slowed(self.retry_after(asked, planned), status)
        moved = self.jitter(delay, rng)
        return moved if self.may_come_early else delay + abs(moved - delay)

    def _slowed(self, delay: float, status: int | None) -> float:
        return delay if self.slow_down is None else self.slow_down(delay, status)


def parse_retry_after(value: str, now: float) -> float | None:
    """Read a `Retry-After` header: seconds to wait, never negative.

    The value is a number of seconds or an HTTP date in one of its three forms; a date
    that has passed gives 0. `now` is in seconds since the epoch. A value that is
    neither gives None, and nothing is raised. Source: RFC 9110, 5.6.7 and 10.2.3.

    >>> parse_retry_after("120", now=0.0)
    120.0
    >>> parse_retry_after("Thu, 01 Jan 1970 00:01:30 GMT", now=60.0)
    30.0
    >>> parse_retry_after("soon", now=0.0) is None
    True
    """
    text = value.strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    for form in _HTTP_DATES:
        match = form.fullmatch(text)
        if match:
            when = _moment(match, now)
            return None if when is None else max(0.0, when - now)
    return None


_SECONDS = re.compile(r"[0-9]{1,12}")

_MONTH_NAMES = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_ZONE = r"(?:GMT|UTC|[+-]0000)"
_FORMS = (
    # Sun, 06 Nov 1994 08:49:37 GMT
    r"[a-z]{3}, (?P<day>[0-9]{1,2}) (?P<month>[a-z]{3}) (?P<year>[0-9]{4}) TIME ZONE",
    # Sunday, 06-Nov-94 08:49:37 GMT
    r"[a-z]+, (?P<day>[0-9]{2})-(?P<month>[a-z]{3})-(?P<year>[0-9]{2}) TIME ZONE",
    # Sun Nov  6 08:49:37 1994
    r"[a-z]{3} (?P<month>[a-z]{3}) (?P<day>[0-9]{2}| [0-9]) TIME (?P<year>[0-9]{4})",
)
_HTTP_DATES = tuple(
    re.compile(
        form.replace("TIME", _TIME).replace("ZONE", _ZONE), re.IGNORECASE | re.ASCII
    )
    for form in _FORMS
)
_YEAR = 31_556_952
"""Seconds in a mean Gregorian year."""


def _moment(match: re.Match[str], now: float) -> float | None:
    month = _MONTHS.get(match["month"].lower(), 0)
    year = int(match["year"])
    if len(match["year"]) == 2:
        # RFC 9110: two digits never mean a year more than 50 years ahead.
        latest = 1970 + int(now // _YEAR) + 50
        year = latest - (latest - year) % 100
    day, hour, minute, second = (
        int(match[part]) for part in ("day", "hour", "minute", "second")
    )
    try:  # month 0 and the 31st of February fail here alike
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return moment.timestamp()


def _planned(schedule: Schedule, max_age: float) -> tuple[float, ...]:
    delays: list[float] = []
    age = 0.0
    while (delay := schedule(len(delays) + 1)) is not None:
        if not 0 <= delay < math.inf:
            raise BadSetting(
                f"delay {len(delays) + 1} is {delay} s; delays are finite and not "
                "negative"
            )
        age += delay
        if age > max_age:
            break
        delays.append(float(delay))
        if len(delays) > LONGEST_PLAN:
            raise BadSetting(
                f"the schedule goes on after {LONGEST_PLAN} retries; give it a number "
                "of retries, or the policy a max_age"
            )
    return tuple(delays)
