"""Exercise 12.1, rule by rule: short sequences of requests around the hostile month.

The month shows what a mistake costs. A drill tests one sentence of the contract, and
names a mistake only if the receiver did what the name says.
"""

import contextlib
import random
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from labkit.checks import Mistake, NotTried, Question
from labkit.checks.calls import JSON, Answered, AppCaller, shown
from labkit.exercises.lab12_night_shift import mistakes
from labkit.exercises.lab12_night_shift.config import Config
from labkit.exercises.lab12_night_shift.house import (
    FILE,
    TOLERANCE,
    TRIES,
    MakeApp,
    sleeping_in,
)
from labkit.exercises.lab12_night_shift.month import (
    DAY,
    HOUR,
    MINUTE,
    PAYMENT,
    SCHEME,
    STARTS,
    month,
)
from labkit.exercises.lab12_night_shift.scoring import APART, FREE, IN_TIME
from labkit.explore.memory import memory_of
from labkit.explore.world import scratch
from labkit.model import Event
from labkit.running.fresh import FreshProcess, not_tried
from labkit.running.sources import Sources

OLD, NEW = month(1).rotation.old, month(1).rotation.new
STRANGER = SCHEME.make_secret(random.Random(7))
REFUSED = (400, 401, 403)


def payment(number: int) -> Event:
    """Return a payment with an id and an order of its own."""
    data = {"order_id": f"A-{number}", "amount": 1990}
    return Event(PAYMENT, data, id=f"evt_d{number:03}", created_at=STARTS)


class World:
    """A receiver with a clock, secrets, a file and a parcel service.

    `failing` says for which orders the first `failures` calls fail. `parcels` are the
    orders of the parcels that left, `calls` those of all calls. `statements` is what
    the last request executed in the file, and `asked` tells whether the last call of
    `ship` came after a statement that can know an id.
    """

    def __init__(
        self,
        ask: Question,
        make_app: MakeApp,
        folder: Path,
        secrets: tuple[str, ...],
        memory: FreshProcess,
    ) -> None:
        self.time = float(STARTS)
        self.secrets = secrets
        self.failing: Callable[[str], bool] = lambda _: False
        self.failures = 1
        self.statements: list[str] = []
        self.asked = self.keyed = True
        self.calls: list[str] = []
        self.parcels: list[str] = []
        self.pages: list[float] = []
        self.file = folder / FILE
        self._memory = memory
        self._keys: dict[str, float] = {}
        self.ask = ask
        self._make_app = make_app
        self._bench = AppCaller.set_up(ask, make_app, self._config())

    def restart(self) -> None:
        """Start the receiver in a new process, with the same file.

        Raises NotTried if something of the old process can't be restored.
        """
        if self._memory.doubts:
            raise NotTried(not_tried(self._memory.doubts, "make_app"))
        self._memory.freshen()
        ask = replace(self.ask, sent="make_app(config), once more over the same file")
        known: dict[type[BaseException], Mistake] = {Exception: mistakes.NO_START}
        self._bench = AppCaller.set_up(ask, self._make_app, self._config(), known=known)

    def _config(self) -> Config:
        return Config(
            secrets=lambda: [*self.secrets],
            now=lambda: self.time,
            tolerance=TOLERANCE,
            db_path=str(self.file),
            ship=self._ship,
            page=lambda *_: self.pages.append(self.time),
        )

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.time += seconds

    def _ship(self, order_id: Any, idempotency_key: Any = None) -> None:
        order, key = str(order_id), str(idempotency_key)
        self.calls.append(order)
        self.keyed = idempotency_key is not None
        self.asked = any(
            each.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "WITH"))
            for each in self.statements
        )
        if self.failing(order) and self.calls.count(order) <= self.failures:
            raise TimeoutError("the parcel service did not answer")
        known = idempotency_key is not None and self.time - self._keys.get(key, 0) < DAY
        if not known:
            self._keys[key] = self.time
            self.parcels.append(order)

    def send(
        self,
        event: Event,
        *,
        secret: str | None = OLD,
        age: float = 0,
        body: bytes | None = None,
    ) -> Answered:
        """Send an event, signed with a secret (None: unsigned) at an age in seconds."""
        body = event.body if body is None else body
        headers = dict(JSON)
        at = int(self.time - age)
        if secret is not None:
            headers |= SCHEME.sign(body, secret=secret, id=event.id, timestamp=at)
        self.statements.clear()
        self.sent = f"POST /webhooks\n{shown(body, headers)}"
        return self._bench.send(body, headers)

    def fail(
        self, answered: Answered, expected: str, note: str, mistake: Mistake | None
    ) -> None:
        """End the case at the last request."""
        shipped = ", ".join(self.calls[-3:]) or "nothing"
        ask = replace(self.ask, sent=f"{self.sent}\n({note})", expected=expected)
        told = f"{answered}; ship was called for: {shipped}"
        ask.fail(told, mistake, lines=answered.lines)


@contextlib.contextmanager
def drill(
    make_app: MakeApp, why: str, try_next: str, secrets: tuple[str, ...] = (OLD,)
) -> Iterator[World]:
    """Start a receiver at midnight over an empty file."""
    ask = Question(sent="make_app(config)", expected="", why=why, try_next=try_next)
    with scratch() as folder:
        connect = sqlite3.connect

        def traced(*args: Any, **kwargs: Any) -> Any:
            database = connect(*args, **kwargs)
            database.set_trace_callback(world.statements.append)
            return database

        memory = memory_of(Sources([make_app]))
        memory.freshen()
        try:
            world = World(ask, make_app, folder, secrets, memory)
            sqlite3.connect = traced
            with sleeping_in(world):
                yield world
        finally:
            sqlite3.connect = connect
            memory.restore()


def refuses_what_is_not_authentic(make_app: MakeApp) -> None:
    """The receiver refuses every forged request with 400, 401 or 403."""
    with drill(
        make_app,
        "Your receiver responds to a forged request with another status than 400, 401 "
        "or 403, or it ships. The response must not depend on anything that an "
        "attacker wrote.",
        "Check the signature before everything else, and return 401 if it is wrong.",
    ) as world:
        world.send(payment(1))
        other = Event("payment.disputed", {"payment_id": "P-1"}, id="evt_d900")
        limit = TOLERANCE
        for event, changes, note in (
            (payment(2), {"secret": STRANGER}, "signed with another secret"),
            (payment(3), {"secret": None}, "without a signature"),
            (payment(4), {"age": 9 * HOUR}, "nine hours old"),
            (payment(5), {"age": limit + 1}, f"{limit + 1:.0f} seconds old"),
            (payment(6), {"age": -9 * HOUR}, "nine hours ahead"),
            (payment(7), {"age": -limit - 1}, f"{limit + 1:.0f} seconds ahead"),
            (other, {"secret": STRANGER}, "another type, signed with another secret"),
            (other, {"secret": None}, "another type, without a signature"),
            (payment(1), {"secret": STRANGER}, "a known id, with another secret"),
            (payment(1), {"age": 9 * HOUR}, "a known id, nine hours old"),
            (payment(8), {"secret": STRANGER, "body": b'{"id": '}, "not JSON"),
            (payment(8), {"secret": None, "body": b""}, "an empty body"),
            (payment(8), {"secret": STRANGER, "body": b"[]"}, "a list"),
            (payment(8), {"secret": STRANGER, "body": b"\xff\xfe"}, "not UTF-8"),
        ):
            calls = len(world.calls)
            answered = world.send(event, **changes)
            shipped = len(world.calls) > calls
            if shipped or answered.status not in REFUSED:
                mistake = _forged(world, changes) if shipped else None
                world.fail(answered, "400, 401 or 403, and no parcel", note, mistake)


def _forged(world: World, changes: dict[str, Any]) -> Mistake | None:
    """Name the mistake that let a forged payment ship."""
    if changes.get("secret") == STRANGER:
        return mistakes.NO_CHECK
    if "secret" in changes:
        return mistakes.UNSIGNED
    if abs(changes["age"]) < HOUR:
        return None
    return mistakes.NO_TIME if changes["age"] > 0 else mistakes.FUTURE


def accepts_what_is_authentic(make_app: MakeApp) -> None:
    """The receiver accepts every valid secret, and every age within the tolerance."""
    with drill(
        make_app,
        "Your receiver refuses an authentic request. What counts are the secrets, the "
        "time and the tolerance at this moment.",
        "Look at what you verify with: config.secrets(), config.now() and "
        "config.tolerance of this request.",
    ) as world:
        for number, age in enumerate((0, TOLERANCE, -TOLERANCE, TOLERANCE - 1)):
            note = f"{age:.0f} seconds old; {TOLERANCE:.0f} are allowed"
            _must_ship(world, payment(number), note, age=age)
        for number, wait in enumerate((HOUR, DAY, 7 * DAY), 10):
            world.time += wait
            note = "the first start of the receiver was hours or days ago"
            _must_ship(world, payment(number), note)
    with drill(
        make_app,
        "Your receiver refuses a request that is signed with one of the valid secrets.",
        "Try every secret that config.secrets() returns.",
        (NEW, OLD),
    ) as world:
        for number, secret in enumerate((NEW, OLD), 20):
            note = f"signed with the {('newer', 'older')[number - 20]} of two secrets"
            event = payment(number)
            _must_ship(world, event, note, mistakes.ONE_SECRET, secret=secret)


def _must_ship(
    world: World,
    event: Event,
    note: str,
    mistake: Mistake | None = None,
    **changes: Any,
) -> None:
    answered = world.send(event, **changes)
    order = event.data["order_id"]
    if not answered.acknowledged or order not in world.calls:
        refused = answered.status in REFUSED
        expected = f"a 2xx, and a parcel for {order}"
        world.fail(answered, expected, note, mistake if refused else None)


def ignores_other_types(make_app: MakeApp) -> None:
    """The receiver acknowledges other types of events, and ships nothing for them."""
    with drill(
        make_app,
        "Your receiver does not ignore an event of another type. Only "
        '"payment.succeeded" leads to a parcel.',
        'Compare event["event"] with "payment.succeeded" before you use the order.',
    ) as world:
        for number, (type_, data) in enumerate(
            (
                ("payment.disputed", {"payment_id": "P-1"}),
                ("customer.created", {}),
                ("payment.refunded", {"order_id": "A-1"}),
                ("payment.succeeded.test", {"order_id": "A-2"}),
                ("payment", {"order_id": "A-3"}),
            )
        ):
            event = Event(type_, data, id=f"evt_o{number}", created_at=STARTS)
            answered = world.send(event)
            if world.calls or not answered.acknowledged:
                error = not world.calls and answered.status >= 400
                found = mistakes.UNKNOWN_TYPE if error else None
                world.fail(answered, "a 2xx, and ship is not called", type_, found)


def remembers_for_good(make_app: MakeApp) -> None:
    """The receiver ships no second parcel for an event, days and restarts later."""
    with drill(
        make_app,
        "Your receiver shipped a second parcel for one event. The parcel service "
        "forgets a key after 24 hours; your file must not forget an id.",
        "After the first request, look for a committed row with the id in the file; "
        "then look at what removes it.",
    ) as world:
        first, others = payment(1), [payment(number) for number in range(2, 6)]
        for event in (first, *others):
            world.send(event)
        _must_not_ship_again(world, others[-1], "again, at once", _never_asked)
        world.time += 1.5 * DAY
        _must_not_ship_again(world, first, "again, 36 hours later", _never_asked)
        _must_not_ship_again(world, others[-1], "again, 36 hours later", _never_asked)
        found = _not_on_disk(world, others[0])
        world.restart()
        note = "again, 36 hours later and after a restart"
        _must_not_ship_again(world, others[0], note, lambda _: found)
        world.time += 30 * DAY
        _must_not_ship_again(world, others[1], "again, 30 days later", lambda _: None)


def _must_not_ship_again(
    world: World, event: Event, note: str, name: Callable[[World], Mistake | None]
) -> None:
    answered = world.send(event)
    if world.parcels.count(event.data["order_id"]) > 1:
        world.fail(answered, "a 2xx, and no second parcel", note, name(world))


def _never_asked(world: World) -> Mistake | None:
    """Name the mistake of a receiver that shipped again without reading its file."""
    if world.asked or not (world.statements or not world.file.exists()):
        return None
    return mistakes.LEFT_TO_SERVICE if world.keyed else mistakes.NO_MEMORY


def _not_on_disk(world: World, event: Event) -> Mistake | None:
    """Name the mistake of a receiver that remembers ids, but not in its file."""
    folder = world.file.parent
    kept = any(event.id.encode() in each.read_bytes() for each in folder.iterdir())
    return None if kept else mistakes.IN_MEMORY


def reports_failures(make_app: MakeApp) -> None:
    """If ship raises, the receiver responds with a 5xx."""
    with drill(
        make_app,
        "Your receiver does not respond with a 5xx although ship raised. The fault is "
        "on the receiver's side, and a 5xx says so.",
        "If ship raises, return 503 or let the exception through.",
    ) as world:
        world.failing, world.failures = (lambda _: True), TRIES
        answered = world.send(payment(1))
        if not world.parcels and not 500 <= answered.status < 600:
            world.fail(answered, "a 5xx", "the parcel service fails", None)


def pages_for_outages_only(make_app: MakeApp) -> None:
    """The receiver pages for an outage, but not for scattered failures."""
    why = (
        "Your alert does not tell an outage from scattered failures. What counts are "
        "the calls to ship within the last ten minutes of the lab's clock."
    )
    try_next = (
        "Keep (config.now(), failed) of each call; page if at least six failed in ten "
        "minutes, and at least half of the calls."
    )
    with drill(make_app, why, try_next) as world:
        # A day on which every second call fails, one call in half an hour.
        world.failing = lambda order: int(order[2:]) % 2 == 0
        for number in range(48):
            world.time += 30 * MINUTE
            world.send(payment(number))
        _at_most_one(world, "for a day, one call in half an hour; every second fails")
        # Two busy times on two days, in which every fifth call fails.
        world.failing = lambda order: int(order[2:]) % 5 == 0
        for number in range(100, 300):
            world.time += DAY if number in (100, 200) else 20
            world.send(payment(number))
        _at_most_one(world, "twice, three calls per minute; every fifth fails")
        # An outage after all these calls.
        world.failing, world.failures = (lambda _: True), TRIES
        world.time += DAY
        begins, before = world.time + MINUTE, len(world.pages)
        for number in range(400, 412):
            world.time += MINUTE
            answered = world.send(payment(number))
        if not any(at <= begins + IN_TIME for at in world.pages[before:]):
            note = "one call per minute for twelve minutes; all of them fail"
            world.fail(answered, "page(…) within ten minutes", note, None)


def _at_most_one(world: World, note: str) -> None:
    last, alarms = -APART, 0
    for at in world.pages:
        alarms += at - last > APART
        last = at
    if alarms > FREE:
        told = f"config.page was called in {alarms} alarms"
        ask = replace(world.ask, sent=note, expected=f"at most {FREE} false alarm")
        ask.fail(told, None)


BEFORE = (
    refuses_what_is_not_authentic,
    accepts_what_is_authentic,
    ignores_other_types,
    remembers_for_good,
)
"""Tried before the month, which would see only what they cost."""

AFTER = (reports_failures, pages_for_outages_only)
"""Tried after the month, which names more."""
