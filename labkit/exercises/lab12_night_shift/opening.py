"""The first requests of exercise 12.1, one by one, before the month begins."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

from labkit.checks import Mistake, Question
from labkit.checks.calls import JSON, Answered, AppCaller, shown
from labkit.exercises.lab02_endpoint.apps import NO_SLASH, SHARED_APP
from labkit.exercises.lab07_idempotency import mistakes as earlier
from labkit.exercises.lab12_night_shift import mistakes
from labkit.exercises.lab12_night_shift.config import Config
from labkit.exercises.lab12_night_shift.house import FILE, TOLERANCE, MakeApp
from labkit.exercises.lab12_night_shift.month import PAYMENT, SCHEME, STARTS, month
from labkit.explore.world import scratch
from labkit.model import Event

PATIENCE = 0.2
"""Seconds in which a thread that the view has started may finish."""

SECRET = month(1).rotation.old
FIRST, SECOND = (
    Event(PAYMENT, {"order_id": "A-1", "amount": amount}, id=id_, created_at=STARTS)
    for id_, amount in (("evt_1", 1990), ("evt_2", 350))
)
ODD = json.dumps(
    {
        "data": {"amount": 1990, "order_id": "A-1", "name": "Zo\u00eb"},
        "id": "evt_1",
        "event": PAYMENT,
        "created_at": STARTS,
    },
    ensure_ascii=False,
    separators=(" , ", " : "),
).encode()
"""The first payment as another JSON library would serialise it."""


class Opening:
    """A started receiver at midnight, with what it has shipped so far."""

    def __init__(self, bench: AppCaller, shipped: list[tuple[Any, Any]]) -> None:
        self._bench = bench
        self.shipped = shipped

    def send(
        self, event: Event, *, body: bytes | None = None, at: float = STARTS
    ) -> Answered:
        """Send an event, in these bytes, properly signed at that time."""
        body = event.body if body is None else body
        before = threading.enumerate()
        answered = self._bench.send(body, signed(event, body, at))
        for thread in threading.enumerate():
            if thread not in before:
                # Here it may finish; the month will not wait for it.
                thread.join(PATIENCE)
        return answered

    def told(self, answered: Answered) -> str:
        """Say how the receiver responded, and what it shipped."""
        orders = ", ".join(str(order) for order, _ in self.shipped)
        return f"{answered}; shipped: {orders or 'nothing'}"


@contextlib.contextmanager
def opened(ask: Question, make_app: MakeApp) -> Iterator[Opening]:
    """Start a receiver over an empty file; end the case if it is not an app."""
    shipped: list[tuple[Any, Any]] = []
    known: dict[type[BaseException], Mistake] = {
        AssertionError: SHARED_APP,
        ValueError: NO_SLASH,
    }
    with scratch() as directory:
        config = Config(
            secrets=lambda: [SECRET],
            now=lambda: float(STARTS),
            tolerance=TOLERANCE,
            db_path=str(directory / FILE),
            ship=lambda order_id, idempotency_key=None: shipped.append(
                (order_id, idempotency_key)
            ),
            page=lambda *_: None,
        )
        bench = AppCaller.set_up(ask, make_app, config, known=known)
        yield Opening(bench, shipped)


def signed(event: Event, body: bytes, at: float) -> dict[str, str]:
    """Return the headers that make these bytes authentic."""
    made = SCHEME.sign(body, secret=SECRET, id=event.id, timestamp=int(at))
    return {**JSON, **made}


def ships_a_payment(make_app: MakeApp) -> None:
    """The receiver ships one parcel for a signed payment, and acknowledges it."""
    ask = _question(
        FIRST.body,
        "ship called once with the order, and a 2xx",
        "A signed payment must lead to one parcel and a 2xx.",
        "Follow this request through your view, line by line.",
    )
    with opened(ask, make_app) as opening:
        answered = opening.send(FIRST)
        told = opening.told(answered)
        if [order for order, _ in opening.shipped] == ["A-1"] and answered.acknowledged:
            return
        found: Mistake | None = None
        if answered.acknowledged and not opening.shipped:
            found = earlier.NEVER_SHIPS
        elif opening.send(FIRST, at=time.time()).acknowledged:
            found = mistakes.MACHINE_CLOCK
        ask.fail(told, found, lines=answered.lines)


def reads_the_raw_body(make_app: MakeApp) -> None:
    """The receiver verifies the bytes that arrived, not re-serialised JSON."""
    ask = _question(
        ODD,
        "ship called once with the order, and a 2xx",
        "This is the same payment, serialised by another JSON library.",
        "Look at what you verify, and at what you read from the event.",
    )
    with opened(ask, make_app) as opening:
        answered = opening.send(FIRST, body=ODD)
        if [order for order, _ in opening.shipped] != ["A-1"]:
            refused = 400 <= answered.status < 500
            found = mistakes.REWRITTEN if refused else None
            ask.fail(opening.told(answered), found, lines=answered.lines)


def tells_events_apart(make_app: MakeApp) -> None:
    """The receiver ships a second parcel for a second payment of the same order."""
    ask = _question(
        SECOND.body,
        "two parcels for A-1, with a key for each event",
        "Two events are two payments, and the customer has paid for both.",
        "Check which id you store, and which idempotency key you use.",
        "after evt_1, another payment for the same order",
    )
    with opened(ask, make_app) as opening:
        opening.send(FIRST)
        answered = opening.send(SECOND, at=STARTS + 1)
        keys = {str(key) for _, key in opening.shipped if key is not None}
        if len(opening.shipped) < 2 or len(keys) == 1:
            told = opening.told(answered)
            if len(keys) == 1 and len(opening.shipped) > 1:
                told += f"; both with the key {keys.pop()!r:.40}"
            ask.fail(told, earlier.KEY_IS_ORDER, lines=answered.lines)


def _question(
    body: bytes, expected: str, why: str, try_next: str, note: str = ""
) -> Question:
    event = SECOND if body == SECOND.body else FIRST
    sent = f"POST /webhooks\n{shown(body, signed(event, body, STARTS))}"
    return Question(
        sent=f"{sent}\n({note})" if note else sent,
        expected=expected,
        why=why,
        try_next=try_next,
    )
