"""The learner's provider delivers a hostile month to the learner's receiver of lab 12.

The month is that of lab 12: the same orders, the same faults on the wire, the same
attackers. The provider is the learner's: its functions place the orders, claim, sign,
send, retry and give up, and its portal resends. Time is virtual.
"""

import functools
import heapq
import html
import itertools
import random
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from typing import Any

from labkit.checks.verdicts import Note
from labkit.errors import shown_plainly
from labkit.exercises.lab12_night_shift.house import Door, House, MakeApp
from labkit.exercises.lab12_night_shift.month import (
    DAY,
    DAYS,
    HOUR,
    PAYMENT,
    SCHEME,
    STARTS,
    Month,
    month,
)
from labkit.exercises.lab12_night_shift.receive import in_time
from labkit.exercises.lab12_night_shift.scoring import losses
from labkit.exercises.lab12_night_shift.sheet import Sheet
from labkit.exercises.lab12_night_shift.shift import (
    PATH,
    PROVIDER,
    Run,
    Shift,
    live_through,
)
from labkit.exercises.lab13_be_the_provider.program import look_after
from labkit.exercises.lab13_be_the_provider.tables import connect
from labkit.history import History
from labkit.model import Request
from labkit.running.capture import captured
from labkit.sender import Plan, Signature, Simulation

URL = f"https://shop.example{PATH}"
ENDPOINT = "ep_shop"
TIMEOUT = 10.0
REST = 60.0
"""Seconds until a worker that got nothing, although work is due, looks again."""

END = STARTS + (DAYS + 4) * DAY
"""When the last worker stops: then every retry of the month is over."""

SCHEDULED = ("place_order", "attempt", "claim", "finish", "portal", "live_secrets")


_COUNTS = {
    "orders": "SELECT count(*) FROM orders",
    "deliveries, resent ones included": "SELECT count(*) FROM deliveries",
    "attempts": "SELECT count(*) FROM attempts",
    "dead letters": "SELECT count(*) FROM deliveries WHERE state = 'dead'",
    "notices to the owner": "SELECT count(*) FROM notices",
    "events that were never delivered": "SELECT count(*) FROM events WHERE id NOT IN"
    " (SELECT event FROM deliveries WHERE state = 'delivered')",
}


@dataclass(frozen=True, slots=True, repr=False)
class OwnMonth:
    """The month from both sides: the provider's counts and the receiver's sheet.

    `history.timeline()` is the picture of the provider's deliveries.
    """

    sheet: Sheet
    counts: Mapping[str, int]

    @property
    def history(self) -> History:
        """The provider's first deliveries, without those that were resent."""
        return self.sheet.history

    def __str__(self) -> str:
        return f"{self._provider}\n\n{self.sheet}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = f"<pre>{html.escape(self._provider)}</pre>"
        return head + self.sheet._repr_html_()

    @property
    def _provider(self) -> str:
        lines = ["Your provider"]
        return "\n".join(
            [*lines, *(f"  {count:>4} {what}" for what, count in self.counts.items())]
        )


@shown_plainly
def hostile_month(
    make_app: MakeApp, *, number: int = 1, **functions: Callable[..., Any]
) -> OwnMonth | Note:
    """Let the functions deliver the month of that number to the receiver.

    Raises TypeError if a function is missing, and what the functions raise.
    """
    missing = [name for name in SCHEDULED if name not in functions]
    if missing:
        raise TypeError(f"hostile_month needs {', '.join(missing)}")
    unwritten = Note("Write the functions of all exercises first.")
    return in_time(lambda: _delivered(make_app, number, functions), unwritten)


@dataclass(frozen=True, slots=True)
class _Ours(Month):
    """A month with the events of the learner's provider.

    `names` has the month's own id of each event. The outcome of a call to the parcel
    service is drawn from it, because the learner's ids differ in every run.
    """

    names: Mapping[str, str] = field(default_factory=dict)

    def trouble(self, key: str, at: float) -> str:
        """Return the outcome of a call to the parcel service."""
        name, _, times = key.partition(" ")
        return Month.trouble(self, f"{self.names.get(name, name)} {times}", at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Posted(Plan):
    """A plan whose requests are those that the learner's function has posted."""

    posted: dict[tuple[str, int], Request]

    def signed(self, crossing: Any, sent_at: float, before: Any) -> Request:
        """Return the request of this attempt."""
        return self.posted[crossing.event.id, crossing.number]


class _Response:
    """What the learner's `attempt` gets from `post`."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self._left = body

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes, and b"" at the end."""
        size = len(self._left) if size < 0 else size
        piece, self._left = self._left[:size], self._left[size:]
        return piece

    def close(self) -> None:
        """There is no connection to close."""


def _delivered(
    make_app: MakeApp, number: int, functions: Mapping[str, Callable[..., Any]]
) -> OwnMonth:
    with captured(), closing(connect(":memory:")) as db:
        original = month(number)
        db.execute(
            "INSERT INTO endpoints (id, url, secret) VALUES (?, ?, ?)",
            (ENDPOINT, URL, original.rotation.old),
        )
        db.commit()
        ours = _placed(original, db, functions["place_order"])
        counts: dict[str, int] = {}
        run = functools.partial(_OwnRun, db=db, own=functions, counts=counts)
        shift = live_through(ours, make_app, run)
        return OwnMonth(Sheet(shift, losses(shift)), counts)


def _placed(original: Month, db: Any, place_order: Callable[..., Any]) -> _Ours:
    """Place the orders of the month; return it with the events of the provider."""
    events, names = [], {}
    for event in original.events:
        if event.type != PAYMENT:
            continue
        order = {
            "order_id": event.data["order_id"],
            "amount": event.data["amount"],
            "placed_at": event.created_at,
        }
        id_ = place_order(db, dict(order))
        events.append(replace(event, id=id_))
        names[id_] = event.id
    known = {each.name: getattr(original, each.name) for each in fields(Month)}
    resent, back = original.resent
    again = {event.id for event in resent}
    known["events"] = tuple(events)
    known["resent"] = (
        tuple(event for event in events if names[event.id] in again),
        back,
    )
    return _Ours(**known, names=names)


class _OwnRun(Run):
    """The month of lab 12 with the learner's provider in it."""

    def __init__(
        self,
        month: Month,
        house: House,
        *,
        db: Any,
        own: Mapping[str, Callable[..., Any]],
        counts: dict[str, int],
    ) -> None:
        super().__init__(month, house)
        self._db, self._own, self._counts = db, own, counts
        self._rng = random.Random(month.number)
        self._idle_until = 0.0
        self._first = {event.id: n for n, event in enumerate(month.events)}
        (self._orders,) = db.execute(
            "SELECT coalesce(max(id), 0) FROM deliveries"
        ).fetchone()
        self._senders = {
            door: self._posting(door, seed)
            for door, seed in (("provider", 0), ("resend", 1))
        }
        order = itertools.count()
        self._agenda = [(at, next(order), act) for at, act in self._plans()]
        heapq.heapify(self._agenda)

    def go(self) -> Shift:
        """Run the month to its end."""
        self._house.open(self._now)
        strangers = [self._stranger(forgery) for forgery in self._month.forgeries]
        self._env.process(self._deploys())
        while (at := self._next()) <= END:
            self._env.run(until=max(at - STARTS, self._env.now + 0.001))
            while self._agenda and self._agenda[0][0] <= self._now():
                heapq.heappop(self._agenda)[2]()
            self._work()
        self._env.run()
        self._count()
        first, again = (self._senders[door][0] for door in ("provider", "resend"))
        return self._shift(first.history(), again.history(), strangers)

    def _now(self) -> float:
        return STARTS + float(self._env.now)

    def _plans(self) -> list[tuple[float, Callable[[], None]]]:
        """Return what the owner and the operator do, and when."""
        rotation, back = self._month.rotation, self._month.resent[1]
        mornings = [STARTS + day * DAY + 8 * HOUR for day in range(1, DAYS + 3)]
        return [
            (rotation.begins, self._rotate),
            (back, self._resend),
            *((morning, self._look_at_notices) for morning in mornings),
        ]

    def _rotate(self) -> None:
        with self._db:
            self._db.execute(
                "UPDATE endpoints SET old_secret = secret, secret = ?, old_until = ?",
                (self._month.rotation.new, self._month.rotation.ends),
            )

    def _resend(self) -> None:
        """Let the owner ask for two days of events again."""
        for event in self._month.resent[0]:
            (number,) = self._db.execute(
                "SELECT max(id) FROM deliveries WHERE event = ?", (event.id,)
            ).fetchone()
            self._ask(action="resend", delivery=number)

    def _look_at_notices(self) -> None:
        """Let the owner act on a notice: enable the endpoint, and ask for a resend."""
        if self._db.execute("SELECT 1 FROM notices WHERE seen = 0").fetchone():
            self._ask(action="seen", endpoint=ENDPOINT)
            self._ask(action="enable", endpoint=ENDPOINT)
            self._ask(
                action="resend_all", endpoint=ENDPOINT, since=self._now() - 7 * DAY
            )

    def _ask(self, **request: Any) -> None:
        try:
            self._own["portal"](self._db, self._now(), request)
        except ValueError:
            return  # the event is pending, or the endpoint disabled

    def _next(self) -> float:
        """Return when there is something to do, at least a minute after idling."""
        due = self._db.execute(
            "SELECT min(max(d.due, d.leased)) FROM deliveries d JOIN endpoints e"
            " ON e.id = d.endpoint WHERE d.state = 'pending' AND e.enabled"
        ).fetchone()[0]
        work = END + 1 if due is None else max(due, self._idle_until)
        return min(work, self._agenda[0][0] if self._agenda else END + 1)

    def _work(self) -> None:
        """Let a worker do what is due."""
        worker = "worker-1"
        while (
            claimed := self._own["claim"](self._db, self._now(), worker)
        ) is not None:
            self._deliver(dict(claimed))
        self._idle_until = self._now() + REST

    def _deliver(self, claimed: dict[str, Any]) -> None:
        sender, posted = self._senders[
            "provider" if claimed["id"] <= (self._orders or 0) else "resend"
        ]
        payload, place = self._event(claimed["event"])
        endpoint = dict(self._db.execute("SELECT * FROM endpoints").fetchone())

        def post(url: str, headers: Any, payload: bytes, timeout: float) -> _Response:
            return self._post(sender, posted, place, dict(headers), payload)

        delivery = {
            "event": claimed["event"],
            "url": endpoint["url"],
            "payload": payload,
            "secrets": self._own["live_secrets"](endpoint, self._now()),
        }
        result = self._own["attempt"](delivery, self._now, post)
        self._own["finish"](self._db, claimed, result, self._now(), self._rng)
        look_after(self._db, claimed, self._now(), self._own["portal"])
        (state,) = self._db.execute(
            "SELECT state FROM deliveries WHERE id = ?", (claimed["id"],)
        ).fetchone()
        if state != "pending":
            sender.end(place, "acknowledged" if state == "delivered" else "dead")

    def _event(self, id_: str) -> tuple[bytes, int]:
        (payload,) = self._db.execute(
            "SELECT payload FROM events WHERE id = ?", (id_,)
        ).fetchone()
        return payload, self._first[id_]

    def _post(
        self,
        sender: Simulation,
        posted: dict[tuple[str, int], Request],
        place: int,
        headers: dict[str, str],
        payload: bytes,
    ) -> _Response:
        event = self._month.events[place]
        number = 1 + sum(1 for each in posted if each[0] == event.id)
        posted[event.id, number] = Request(
            "POST", PATH, tuple((str(k), str(v)) for k, v in headers.items()), payload
        )
        ended: Any = self._env.run(self._env.process(sender.attempt(place)))
        made, response = ended
        if response is not None:
            return _Response(response.status, response.headers, response.body)
        if made.problem == "timed out":
            raise TimeoutError("no response in time")
        raise ConnectionError(f"the connection was {made.problem}")

    def _posting(
        self, door: str, seed: int
    ) -> tuple[Simulation, dict[tuple[str, int], Request]]:
        """Return a sender for what the learner's function posts, and its requests."""
        posted: dict[tuple[str, int], Request] = {}
        plan = _Posted(
            events=self._month.events,
            started_at=STARTS,
            path=PATH,
            signature=Signature(SCHEME, None, (), URL),
            profile=replace(PROVIDER, timeout=TIMEOUT),
            faults=[fault for fault in self._month.faults if not fault.at_provider],
            seed=2 * self._month.number + seed,
            concurrency=None,
            speed=None,
            posted=posted,
        )
        return Simulation(plan, Door(self._house, door), env=self._env), posted

    def _count(self) -> None:
        for what, query in _COUNTS.items():
            (self._counts[what],) = self._db.execute(query).fetchone()
