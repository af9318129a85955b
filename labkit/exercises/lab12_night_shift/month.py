"""One hostile month: what happens at the shop, what goes wrong, and when.

Everything is drawn from the month's number before the first request is sent. The same
number gives the same month.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from labkit.faults import (
    BreakRequest,
    ChangeFormat,
    CrashReceiver,
    Delay,
    DoubleHeader,
    DropHeader,
    Duplicate,
    Fault,
    FutureClock,
    LoseRequest,
    LoseResponse,
    Outage,
    RateLimit,
    Redirect,
    Refuse,
    Reorder,
    Replay,
    ResetResponse,
    RotatedSecret,
    ServerError,
    SlowBody,
    SlowResponse,
    StaleClock,
    Tamper,
    TamperSignature,
    Truncate,
    Unreachable,
)
from labkit.model import Event
from labkit.signing import SCHEMES

MINUTE = 60.0
HOUR = 3_600.0
DAY = 86_400.0
DAYS = 28
STARTS = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
"""Midnight before Sunday, 1 March 2026, in seconds since the epoch."""

SCHEME = SCHEMES["standard"]
PAYMENT = "payment.succeeded"
OTHER = "payment.disputed"
"""A type that the shop does not need, but must acknowledge."""

EVERY = 0.01
"""The probability of each fault on the wire, for each attempt."""

TROUBLE = 0.025
"""The probability of each kind of trouble with the parcel service, for each request."""

SALE_TROUBLE = 0.11
"""The same probabilities during the one sale in which the service is overloaded."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time with a name, in lab time; `starts` belongs to it and `ends` does not."""

    what: str
    starts: float
    ends: float

    def __contains__(self, at: float) -> bool:
        return self.starts <= at < self.ends


@dataclass(frozen=True, slots=True)
class Rotation:
    """How the signing secret is replaced, in lab time.

    From `begins` on two secrets are valid; at `switches` the provider signs with the
    new one; from `ends` on the old one is invalid.
    """

    old: str
    new: str
    begins: float
    switches: float
    ends: float

    def valid(self, at: float) -> list[str]:
        """Return the secrets that are valid then, the newest first."""
        if at < self.begins:
            return [self.old]
        return [self.new, self.old] if at < self.ends else [self.new]


@dataclass(frozen=True, slots=True)
class Forgery:
    """A request of an attacker: an event, its time, and how it is signed.

    `secret` is what it is signed with, and None where it carries no signature.
    """

    event: Event
    how: str
    secret: str | None


@dataclass(frozen=True, slots=True)
class Month:
    """All that happens in one month, drawn before it begins.

    `incidents` are the times in which the parcel service is down, `overrun` that in
    which some calls of it fail, `resent` the events that the provider delivers once
    more and the lab time from which on, `deploys` when a new version of the receiver
    starts.
    """

    number: int
    events: tuple[Event, ...]
    faults: tuple[Fault, ...]
    rotation: Rotation
    incidents: tuple[Span, ...]
    overrun: Span
    resent: tuple[tuple[Event, ...], float]
    forgeries: tuple[Forgery, ...]
    deploys: tuple[float, ...]

    def incident_at(self, at: float) -> Span | None:
        """Return the incident of that moment, or None."""
        return next((span for span in self.incidents if at in span), None)

    def trouble(self, key: str, at: float) -> str:
        """Return how a call to the parcel service fails.

        It is "" (it succeeds), "before" or "after" (no response, before or after the
        service has acted), "dies before" or "dies after" (the receiver crashes as
        well).
        """
        if self.incident_at(at):
            return "before"
        draw = random.Random(f"trouble {self.number} {key}").random()
        chance = SALE_TROUBLE if at in self.overrun else TROUBLE
        for place, kind in enumerate(("before", "after"), 1):
            if draw < place * chance:
                return kind
        for place, kind in enumerate(("dies before", "dies after"), 1):
            if draw > 1 - place * TROUBLE:
                return kind
        return ""


def clock(moment: float) -> str:
    """Write a lab time as people write it, such as "Sun 8 March, 02:14:05"."""
    when = datetime.fromtimestamp(moment, tz=UTC)
    return f"{when:%a} {when.day} {when:%B}, {when:%H:%M:%S}"


@cache
def month(number: int = 1) -> Month:
    """Return the month of that number."""
    return _Draw(number).month()


class _Draw:
    """Draws one month."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._rng = random.Random(f"night shift {number}")
        self._orders = 0

    def month(self) -> Month:
        """Return the month."""
        rng = self._rng
        # Subscriptions are renewed on Sundays at two in the morning.
        batches = [STARTS + week * 7 * DAY + 2 * HOUR for week in range(4)]
        sales = [
            self._at(day, 17, 20) for day in sorted(rng.sample((4, 11, 18, 25), 3))
        ]
        dark, *flooded = rng.sample(batches[1:], 3)
        ill, busy = rng.sample(sales, 2)
        incidents = (
            self._incident("the parcel service is down", dark),
            self._incident("the parcel service is down", ill),
        )
        overrun = Span("the parcel service is overloaded", busy, busy + HOUR)
        events = self._events(batches, sales)
        rotation = self._rotation()
        back = STARTS + rng.choice((9, 16, 23)) * DAY + 10 * HOUR
        resent = tuple(
            event for event in events if back - 3 * DAY < event.created_at < back - DAY
        )
        return Month(
            self._number,
            events,
            self._faults(rotation),
            rotation,
            tuple(sorted(incidents, key=lambda span: span.starts)),
            overrun,
            (resent, back),
            self._forgeries(flooded, rotation),
            tuple(STARTS + day * DAY + 12.5 * HOUR for day in (3, 8, 15, 22)),
        )

    def _at(self, day: int, first: float, last: float) -> float:
        minute = self._rng.randrange(int(first * 60), int(last * 60))
        return STARTS + day * DAY + minute * MINUTE

    def _incident(self, what: str, begins: float) -> Span:
        starts = begins + self._rng.randrange(3, 9) * MINUTE
        return Span(what, starts, starts + self._rng.randrange(60, 100) * MINUTE)

    def _events(
        self, batches: Sequence[float], sales: Sequence[float]
    ) -> tuple[Event, ...]:
        rng = self._rng
        times = [self._at(day, 7, 23) for day in range(DAYS) for _ in range(2)]
        for begins in batches:
            times += [begins + 75 * step + rng.randrange(30) for step in range(14)]
        for begins in sales:
            times += [begins + 60 * step + rng.randrange(30) for step in range(16)]
        return tuple(self._event(at) for at in sorted(times))

    def _event(self, at: float) -> Event:
        self._orders += 1
        number = self._orders
        type_ = OTHER if number % 17 == 5 else PAYMENT
        data = {
            "amount": self._rng.randrange(500, 20_000),
            "currency": self._rng.choice(("EUR", "GBP", "USD")),
        }
        named = {"payment_id": f"P-{number}"} if type_ == OTHER else {}
        if type_ == PAYMENT:
            named = {"order_id": f"A-{number}"}
        id_ = f"evt_{self._number}{number:04}"
        return Event(type_, {**named, **data}, id=id_, created_at=int(at))

    def _rotation(self) -> Rotation:
        switches = self._at(self._rng.choice((5, 12, 19)), 18, 22)
        return Rotation(
            SCHEME.make_secret(self._rng),
            SCHEME.make_secret(self._rng),
            switches - 9 * HOUR,
            switches,
            switches + DAY,
        )

    def _faults(self, rotation: Rotation) -> tuple[Fault, ...]:
        rng = self._rng
        down = rng.choice((6, 13, 20)) * DAY + rng.randrange(8, 18) * HOUR
        slow = rng.choice((2, 8, 15, 22)) * DAY + rng.randrange(8, 18) * HOUR
        p = EVERY
        return (
            RotatedSecret(secret=rotation.new, after=rotation.switches - STARTS),
            Outage(starts=down, lasts=2 * HOUR),
            SlowResponse(seconds=40, after=slow, until=slow + 4 * HOUR),
            ChangeFormat(after=rng.randrange(8, 14) * DAY),
            StaleClock(probability=p, seconds=900),
            FutureClock(probability=p, seconds=900),
            LoseRequest(probability=p),
            LoseResponse(probability=3 * p),
            BreakRequest(probability=p),
            ResetResponse(probability=p),
            CrashReceiver(probability=p),
            Refuse(probability=p),
            Unreachable(probability=p),
            ServerError(probability=p, status=502),
            RateLimit(probability=p),
            Redirect(probability=p),
            Tamper(probability=2 * p),
            TamperSignature(probability=p),
            Truncate(probability=p),
            DropHeader(probability=p),
            DoubleHeader(probability=p),
            Delay(probability=p, seconds=30),
            Reorder(probability=2 * p, within=15),
            Duplicate(probability=2 * p),
            Replay(probability=2 * p, age=3 * HOUR),
            SlowBody(probability=p, seconds=5),
        )

    def _forgeries(
        self, flooded: Sequence[float], rotation: Rotation
    ) -> tuple[Forgery, ...]:
        """Draw the requests of attackers: few at any time, many in two nights."""
        rng = self._rng
        stranger = SCHEME.make_secret(rng)
        found = [
            self._forgery(self._at(day, 0, 23), how, secret)
            for day in rng.sample(range(DAYS), 10)
            for how, secret in (
                rng.choice(
                    (("unsigned", None), ("signed with another secret", stranger))
                ),
            )
        ]
        for hours in (2, 30, 60, 100):
            at, how = rotation.ends + hours * HOUR, "signed with the retired secret"
            found.append(self._forgery(at, how, rotation.old))
        for begins in flooded:
            # Before the renewals, so that nothing else happens in these minutes.
            for step in range(12):
                at = begins - 30 * MINUTE + 25 * step + rng.randrange(20)
                how = "signed with another secret"
                found.append(self._forgery(at, how, stranger))
        return tuple(sorted(found, key=lambda forgery: forgery.event.created_at))

    def _forgery(self, at: float, how: str, secret: str | None) -> Forgery:
        number = self._rng.randrange(10_000, 99_999)
        event = Event(
            PAYMENT,
            {"order_id": f"X-{number}", "amount": 1, "currency": "EUR"},
            id=f"evt_x{number}",
            created_at=int(at),
        )
        return Forgery(event, how, secret)
