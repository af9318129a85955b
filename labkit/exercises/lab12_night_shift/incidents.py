"""Three incidents as a person on call meets them: the log first, the sender last.

Each is a real simulation of a receiver with one weakness. The log is what the receiver
wrote, and an inspection is what the inspector says about one request.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from labkit.checks.verdicts import Note
from labkit.errors import BadSetting, UnknownName, shown_plainly
from labkit.exercises.lab12_night_shift.config import Config
from labkit.exercises.lab12_night_shift.ladder import durable
from labkit.exercises.lab12_night_shift.month import (
    DAY,
    HOUR,
    MINUTE,
    PAYMENT,
    SCHEME,
    STARTS,
)
from labkit.explore.world import scratch
from labkit.faults import Crossing, Fault, RotatedSecret, ServerError, SlowResponse
from labkit.history import History
from labkit.inspector import Checking, Problem, diagnose
from labkit.model import Event, Request, Response
from labkit.profiles import PROFILES
from labkit.receiver import Received
from labkit.sender import Clock, Plan, Signature, Simulation
from labkit.transport import AppTransport, Mishap
from labkit.transport.way import SMOOTH

PATH = "/webhooks"
SLOW = 22.0
"""Seconds that a parcel takes in the slow half-hour.

The provider waits for 20, and retries when the work has just been done.
"""

_RNG = random.Random("incidents")
OLD, NEW = SCHEME.make_secret(_RNG), SCHEME.make_secret(_RNG)


class SlowWork(SlowResponse):
    """Only the first attempt is slow: a duplicate needs no work."""

    @property
    def name(self) -> str:
        """Histories show the fault as what it looks like."""
        return "SlowResponse"

    def strike(self, crossing: Crossing, rng: random.Random) -> None:
        """Delay the first response."""
        if crossing.number == 1:
            SlowResponse.strike(self, crossing, rng)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the receiver's log; `seconds` is how long the response took."""

    got: Received
    seconds: float
    note: str

    def __str__(self) -> str:
        when = datetime.fromtimestamp(self.got.at, UTC)
        id_ = self.got.request.header("webhook-id")
        return (
            f"{self.got.number:>3}  {when:%a %H:%M:%S}  {id_}  {self.got.status}  "
            f"{self.seconds:5.2f} s  {self.note}"
        )


@dataclass(frozen=True, slots=True, repr=False)
class Incident:
    """One incident: `log` and `inspect` at first, then `history`, the sender's side.

    `resent` is the result of resending its dead letters, or None if it has none.
    `parcels` is the number of parcels in the incident, `parcels_after` the number after
    the resend.
    """

    title: str
    lines: tuple[Line, ...]
    history: History
    resent: History | None
    parcels: int
    parcels_after: int

    @shown_plainly
    def log(self, first: int = 1, last: int | None = None) -> Note:
        """Show the log from line `first` to line `last`, both counted from 1."""
        shown = self.lines[first - 1 : last]
        return Note("\n".join(map(str, shown)) or "(nothing)")

    @shown_plainly
    def inspect(self, number: int, *, secrets: Sequence[str] = (OLD,)) -> Problem:
        """Return what the inspector says about the request in line `number` of the log.

        `secrets` are used to check the signature, by default the receiver's secret.
        Raises BadSetting if the log has no such line.
        """
        if not 1 <= number <= len(self.lines):
            raise BadSetting(
                f"line {number} is not in the log; it has {len(self.lines)} lines"
            )
        got = self.lines[number - 1].got
        others = [line.got for line in self.lines]
        checking = Checking(tuple(secrets), "standard")
        return diagnose(got, checking, url="http://127.0.0.1", others=others)

    def __str__(self) -> str:
        return f"{self.title}: {len(self.lines)} lines of log"

    __repr__ = __str__


@shown_plainly
def incident(name: str) -> Incident:
    """Return the incident of that name: "first", "second" or "third".

    Raises UnknownName.
    """
    if name not in _MAKERS:
        raise UnknownName("incident", name, _MAKERS)
    return _MAKERS[name]()


@cache
def _first() -> Incident:
    """The provider switches to another secret, one machine after the other."""
    at = 3 * DAY + 2 * HOUR
    events = _payments([at - 20 * MINUTE + 300 * step for step in range(12)], 1)
    faults = [RotatedSecret(secret=NEW, probability=0.5, after=at)]
    return _captured("Wednesday, two in the morning", events, faults)


@cache
def _second() -> Incident:
    """The parcel service takes longer than the provider waits."""
    at = 4 * DAY + 14 * HOUR
    events = _payments([at - 10 * MINUTE + 300 * step for step in range(10)], 2)
    faults = [SlowWork(seconds=SLOW, after=at, until=at + HOUR / 2)]
    return _captured("Thursday, two in the afternoon", events, faults)


@cache
def _third() -> Incident:
    """A maintenance page responds with 410 for three minutes."""
    sundays = [2 * HOUR, 7 * DAY + 2 * HOUR]
    events = _payments([at + 75 * n for at in sundays for n in range(14)], 3)
    begins = sundays[1] + 5 * MINUTE
    faults = [ServerError(status=410, after=begins, until=begins + 3 * MINUTE)]
    return _captured("Sunday, two in the morning", events, faults)


_MAKERS = {"first": _first, "second": _second, "third": _third}


def _payments(times: Sequence[float], series: int) -> list[Event]:
    return [
        Event(
            PAYMENT,
            {"order_id": f"A-{number}", "amount": 1990, "currency": "EUR"},
            id=f"evt_{series}{number:02}",
            created_at=int(STARTS + at),
        )
        for number, at in enumerate(times, 1)
    ]


class _Logged:
    """A receiver in process that writes a log, as a sender's transport."""

    base = "http://127.0.0.1"

    def __init__(self, env: Clock, db_path: str, slow: Fault | None) -> None:
        self.lines: list[Line] = []
        self.shipped: list[str] = []
        self._env = env
        self._slow = slow
        config = Config(
            secrets=lambda: [OLD],
            now=lambda: STARTS + float(env.now),
            tolerance=300.0,
            db_path=db_path,
            ship=lambda order_id, **_: self.shipped.append(order_id),
            page=lambda _: None,
        )
        self._transport = AppTransport(durable(config))

    def send(
        self, request: Request, *, timeout: float, mishap: Mishap = SMOOTH
    ) -> Response:
        """Send one request to the app, and write a line."""
        before = len(self.shipped)
        response = self._transport.send(request, timeout=timeout, mishap=mishap)
        new = self.shipped[before:]
        note = f"shipped {new[0]}" if new else "known already, nothing done"
        if response.status == 401:
            note = "refused: not authentic"
        slow = self._slow
        late = new and slow and slow.after <= self._env.now < slow.until
        seconds = 0.05 + (SLOW if late else 0.0)
        at = STARTS + float(self._env.now)
        number = len(self.lines) + 1
        got = Received(request, response.status, seconds, "", None, number, at)
        self.lines.append(Line(got, seconds, note))
        return response


def _captured(title: str, events: list[Event], faults: Sequence[Fault]) -> Incident:
    """Run a receiver into the incident, and resend its dead letters afterwards."""
    env = Clock()
    slow = next((fault for fault in faults if isinstance(fault, SlowWork)), None)
    with scratch() as directory:
        logged = _Logged(env, str(directory / "shop.db"), slow)
        first = _sender(events, faults, logged, env)
        first.begin([float(event.created_at) for event in events])
        env.run()
        history, parcels = first.history(), len(logged.shipped)
        lines = tuple(logged.lines)
        resent = None
        if dead := [letter.event for letter in history.dead_letters]:
            begin = STARTS + float(env.now) + HOUR
            again = _sender(dead, [], logged, env)
            again.begin([begin + 10 * place for place in range(len(dead))])
            env.run()
            resent = again.history()
        return Incident(title, lines, history, resent, parcels, len(logged.shipped))


def _sender(
    events: list[Event],
    faults: Sequence[Fault],
    logged: _Logged,
    env: Clock,
) -> Simulation:
    plan = Plan(
        events=events,
        started_at=STARTS,
        path=PATH,
        signature=Signature(SCHEME, OLD, (), logged.base + PATH),
        profile=PROFILES["standard"],
        faults=faults,
        seed=4,
        concurrency=None,
        speed=None,
    )
    return Simulation(plan, logged, env=env)
