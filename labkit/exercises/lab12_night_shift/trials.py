"""The trials of exercise 12.1, by sentence; `kind` says what a trial is about."""

import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

from labkit.checks.space import Trial, probe
from labkit.checks.steps import Do, Restart, Step
from labkit.exercises.lab12_night_shift.house import TOLERANCE
from labkit.exercises.lab12_night_shift.month import DAY, HOUR, MINUTE, PAYMENT, STARTS
from labkit.exercises.lab12_night_shift.world import (
    ACTED,
    AFTER_ALL,
    BEGIN_OUTAGE,
    CRASH,
    CRASH_ACTED,
    END_OUTAGE,
    NEW,
    OLD,
    SILENT,
    STRANGER,
    Headers,
    Night,
    SignedPost,
    deliver,
    every,
    valid,
)
from labkit.model import Event


def payment(number: int, order: str = "") -> Event:
    """Return a payment with an id and an order of its own."""
    data = {"order_id": order or f"A-{number}", "amount": 1990}
    return Event(PAYMENT, data, id=f"evt_{number:03}", created_at=STARTS)


FIRST = payment(1)
BASE = {"kind": "new", "secrets": (OLD,), "steps": [deliver(FIRST)]}
SAME_ORDER = payment(2, "A-1")
OTHER = Event("payment.disputed", {"payment_id": "P-1"}, id="evt_900")

_TYPES: Sequence[tuple[str, dict[str, str]]] = (
    ("payment.disputed", {"payment_id": "P-1"}),
    ("customer.created", {}),
    ("payment.refunded", {"order_id": "A-1"}),
    ("payment.succeeded.test", {"order_id": "A-1"}),
    ("payment", {"order_id": "A-1"}),
    ("Payment.Succeeded", {"order_id": "A-1"}),
)
_IDS = (
    ("evt_00", "the id is the beginning of an id that was shipped"),
    ("evt_0011", "the id begins with an id that was shipped"),
    ("EVT_001", "the id differs from one that was shipped only in letter case"),
    ("evt_004", "the event differs from one that was shipped only in its id"),
)


def trial(
    sentence: str, kind: str, *steps: Step, note: str = "", secrets: Any = (OLD,)
) -> Trial:
    """Return a trial of that kind."""
    changes = {"kind": kind, "steps": list(steps), "secrets": secrets}
    return Trial(sentence, changes, note)


def named(id_: str) -> Event:
    """Return the first payment with another id."""
    return Event(PAYMENT, FIRST.data, id=id_, created_at=STARTS)


def trials() -> Iterator[Trial]:
    """Yield all fixed trials."""
    yield from _payments()
    yield from _other_types()
    yield from _bodies()
    yield from _authentic()
    yield from _forged()
    yield from _once()
    yield from _later()
    yield from _failures()
    yield from _crashes()
    yield from _alerts()
    yield probe({"kind": "clock", "steps": [deliver(FIRST, machine=True)]})


def _payments() -> Iterator[Trial]:
    yield trial("payment", "new", deliver(FIRST))
    yield trial("payment", "slow", deliver(FIRST), note="ship takes a while")
    for order in ("B-7", " B 7/b ", "0"):
        yield trial("payment", "odd", deliver(payment(3, order)))
    for id_ in ("0", "x" * 60, "a\"b'c"):
        yield trial("payment", "odd", deliver(named(id_)))


def _other_types() -> Iterator[Trial]:
    for number, (type_, data) in enumerate(_TYPES):
        event = Event(type_, data, id=f"evt_o{number}", created_at=STARTS)
        yield trial("other", "type", deliver(event))
    again = deliver(OTHER), deliver(OTHER)
    yield trial("other", "type", *again, deliver(FIRST))


def _bodies() -> Iterator[Trial]:
    known = json.loads(FIRST.body)
    more = {**known, "version": 2}
    inside = {**known, "data": {**FIRST.data, "order": "A-9", "lines": [{"id": 1}]}}
    for content in (more, inside, dict(reversed(more.items()))):
        body = json.dumps(content).encode()
        yield trial("fields", "fields", deliver(FIRST, body=body))
    spaces = json.dumps(known, separators=(" , ", " : ")).encode()
    note = "the body has other spaces"
    yield trial("authentic", "spaces", deliver(FIRST, body=spaces, note=note))
    name = {**known, "data": {**FIRST.data, "name": "Zoë"}}
    body = json.dumps(name, ensure_ascii=False, indent=1).encode() + b"\n"
    note = "another JSON library made the body"
    yield trial("authentic", "spaces", deliver(FIRST, body=body, note=note))


def _authentic() -> Iterator[Trial]:
    for age in (TOLERANCE, -TOLERANCE, TOLERANCE - 1, 1 - TOLERANCE, 30, -30):
        yield trial("authentic", "within", deliver(FIRST, age=age))
    for wait in (HOUR, DAY, 7 * DAY):
        yield trial("authentic", "hours later", deliver(FIRST, wait=wait))
    for secret in (NEW, OLD):
        step = deliver(FIRST, secret=secret)
        yield trial("authentic", "two", step, secrets=(NEW, OLD))
        yield trial("authentic", "rotated", valid(NEW, OLD), step)

    def several(headers: Headers) -> Headers:
        first = f"v1a,AAAA v1,{'A' * 43}= "
        return {**headers, "webhook-signature": first + headers["webhook-signature"]}

    note = "with three signatures, of which the last one fits"
    step = deliver(FIRST, alters=several, note=note)
    yield trial("authentic", "signatures", step)
    rotated = valid(NEW), deliver(FIRST, secret=NEW, wait=DAY)
    yield trial("authentic", "rotated", *rotated)


def _forged() -> Iterator[Trial]:
    for known in ([], [deliver(FIRST)]):
        event = FIRST if known else payment(2)
        stranger = deliver(event, secret=STRANGER)
        yield trial("refused", "stranger", *known, stranger)
        yield trial("refused", "unsigned", *known, deliver(event, secret=""))
        for hours in (9, 1):
            old = deliver(event, age=hours * HOUR)
            yield trial("refused", "old", *known, old)
            yield trial("refused", "ahead", *known, deliver(event, age=-hours * HOUR))
    for age in (TOLERANCE + 1, -TOLERANCE - 1):
        yield trial("refused", "limit", deliver(FIRST, age=age))
    for secret in (STRANGER, ""):
        yield trial("refused", "types", deliver(OTHER, secret=secret))
        for body, note in (
            (b'{"id": ', "not JSON"),
            (b"", "an empty body"),
            (b"[]", "a list"),
            (b"null", ""),
            (b"\xff\xfe", "not UTF-8"),
        ):
            step = deliver(FIRST, body=body, secret=secret, note=note)
            yield trial("refused", "garbage", step)
    steps = valid(NEW, OLD), deliver(payment(2), secret=NEW), valid(NEW)
    last = deliver(payment(3), note="signed with the old secret")
    yield trial("refused", "retired", deliver(FIRST), *steps, last)
    yield from _altered()


def _altered() -> Iterator[Trial]:
    """Yield captured requests that an attacker has changed."""
    changed = FIRST.body.replace(b"1990", b"1")
    step = deliver(FIRST, body=changed, original=FIRST.body, note="the body changed")
    yield trial("refused", "changed", step)
    for name, value in (
        ("webhook-id", "evt_002"),
        ("webhook-id", ""),
        ("webhook-timestamp", str(STARTS + 1)),
        ("webhook-timestamp", "soon"),
        ("webhook-timestamp", ""),
        ("webhook-timestamp", "nan"),
        ("webhook-timestamp", "9" * 30),
        ("webhook-signature", ""),
        ("webhook-signature", "v1"),
        ("webhook-signature", "v1,"),
        ("webhook-signature", "v1,é"),
        ("webhook-signature", "v1,not base64"),
    ):

        def alters(headers: Headers, name: str = name, value: str = value) -> Headers:
            return {**headers, name: value}

        note = f"an attacker changed {name} to {value[:20]!r}"
        yield trial("refused", "changed", deliver(FIRST, alters=alters, note=note))

    def cut(headers: Headers) -> Headers:
        whole = headers["webhook-signature"]
        return {**headers, "webhook-signature": whole[:12]}

    note = "only the beginning of the signature"
    yield trial("refused", "changed", deliver(FIRST, alters=cut, note=note))

    def bare(headers: Headers) -> Headers:
        return {k: v for k, v in headers.items() if not k.startswith("webhook-")}

    note = "no header of Standard Webhooks"
    step = deliver(FIRST, secret="", alters=bare, note=note)
    yield trial("refused", "bare", step)


def _once() -> Iterator[Trial]:
    yield trial("once", "other", deliver(FIRST), deliver(payment(2)))
    yield trial("once", "order", deliver(FIRST), deliver(SAME_ORDER, wait=1))
    for id_, note in _IDS:
        steps = deliver(FIRST), deliver(named(id_), wait=1, note=note)
        yield trial("once", "part", *steps)
    again = deliver(FIRST, wait=5 * MINUTE)
    yield trial("duplicate", "attempt", deliver(FIRST), again)
    yield trial("duplicate", "identical", deliver(FIRST), deliver(FIRST))
    between = deliver(FIRST), deliver(payment(2)), deliver(payment(3)), again
    yield trial("duplicate", "between", *between)
    two = [deliver(FIRST, wait=hours * HOUR) for hours in (0, 1, 20, 3, 23)]
    yield trial("duplicate", "late", deliver(FIRST), deliver(FIRST, wait=1.5 * DAY))
    yield trial("duplicate", "later", *two)


def _later() -> Iterator[Trial]:
    late = deliver(FIRST, wait=1.5 * DAY)
    yield trial("duplicate", "weeks", deliver(FIRST), deliver(FIRST, wait=25 * DAY))
    others = [deliver(payment(number)) for number in range(2, 16)]
    yield trial("duplicate", "later", deliver(FIRST), deliver(payment(2)), late)
    yield trial("duplicate", "later", deliver(FIRST), *others, late)
    yield trial("restart", "restart", deliver(FIRST), Restart(), late)
    new = deliver(payment(2))
    yield trial("restart", "restarts", deliver(FIRST), Restart(), new, late)
    days = deliver(FIRST), deliver(payment(2), wait=3 * DAY), Restart(), deliver(FIRST)
    yield trial("restart", "restarts", *days)
    steps = Restart(), deliver(FIRST), Restart(), Restart(), late
    yield trial("restart", "restarts", *steps)


def _failures() -> Iterator[Trial]:
    again = deliver(FIRST, wait=5 * MINUTE)
    for fail, kind in ((SILENT, "fails"), (ACTED, "fails-acted")):
        yield trial("failure", kind, fail, deliver(FIRST))
    yield trial("retry", "retry", SILENT, deliver(FIRST), again)
    yield trial("retry", "retries", SILENT, deliver(FIRST), SILENT, again, again)
    late = deliver(FIRST, wait=30 * HOUR)
    yield trial("retry", "retries", SILENT, deliver(FIRST), late)
    yield trial("retry", "retry", SILENT, deliver(FIRST), Restart(), again)
    yield trial("retry", "acted", ACTED, deliver(FIRST), again)
    yield trial("retry", "acted", ACTED, deliver(FIRST), ACTED, again, again)
    yield trial("retry", "acted-restart", ACTED, deliver(FIRST), Restart(), again)
    for fail in (SILENT, ACTED):
        steps = fail, deliver(FIRST), again, deliver(FIRST, wait=30 * HOUR)
        yield trial("retry", "after", *steps)
    many = [deliver(payment(number), wait=30) for number in range(10, 20)]
    last = deliver(payment(900, AFTER_ALL), wait=15 * MINUTE)
    yield trial("retry", "breaker", BEGIN_OUTAGE, *many, END_OUTAGE, last)


def _crashes() -> Iterator[Trial]:
    again = deliver(FIRST, wait=MINUTE)
    for fail, kind in ((CRASH, "crash"), (CRASH_ACTED, "crash-acted")):
        yield trial("crash", kind, fail, deliver(FIRST), Restart(), again)
        late = deliver(FIRST, wait=30 * HOUR)
        steps = fail, deliver(FIRST), Restart(), again, Restart(), late
        yield trial("crash", f"{kind}-late", *steps)


_LOOK = Do(Night.look_for_pages, "was there a page?")
_COUNT = Do(Night.count_alarms, "how many false alarms were there?")


def _alerts() -> Iterator[Trial]:
    yield trial("outage", "outage", *_outage(100), _LOOK)
    calm = every(5, "one call in five fails")
    busy = [deliver(payment(number), wait=20) for number in range(300, 360)]
    steps = calm, *busy, *_outage(400), *busy[:3], *_outage(500), _LOOK
    note = "an hour in which one call in five fails, and two outages"
    yield trial("outage", "outages", *steps, note=note)
    half = every(2, "every second call fails")
    rare = [deliver(payment(number), wait=2.5 * HOUR) for number in range(200, 230)]
    yield trial("quiet", "scattered", half, *rare, _COUNT)
    waits = [DAY, *[20.0] * 59] * 2
    often = [
        deliver(payment(number), wait=wait) for number, wait in enumerate(waits, 300)
    ]
    yield trial("quiet", "fifth", calm, *often, _COUNT)
    for secret in (STRANGER, ""):
        flood = [
            deliver(payment(number), wait=wait, secret=secret)
            for number, wait in enumerate([HOUR, *[20] * 11, DAY, *[20] * 11], 600)
        ]
        yield trial("quiet", "flood", *flood, _COUNT)


def _outage(first: int) -> list[Step]:
    """Return an outage of more than an hour, at first with a payment per minute."""
    waits = [DAY, *[MINUTE] * 14, *[5 * MINUTE] * 10]
    many = [deliver(payment(first + n), wait=wait) for n, wait in enumerate(waits)]
    return [BEGIN_OUTAGE, *many, END_OUTAGE]


def generate(rng: random.Random) -> Trial:
    """Make a trial of any requests, with restarts."""
    steps: list[Step] = []
    for _ in range(rng.randrange(3, 8)):
        if rng.random() < 0.2:
            steps.append(Restart())
        wait = rng.choice((0, 1, MINUTE, HOUR, 1.5 * DAY))
        steps.append(_any(rng, wait))
    return trial("once", "generated", *steps)


def _any(rng: random.Random, wait: float) -> SignedPost:
    event = rng.choice((FIRST, FIRST, SAME_ORDER, payment(3), OTHER))
    changes: dict[str, Any] = {}
    if rng.random() < 0.3:
        changes = rng.choice(({"secret": STRANGER}, {"secret": ""}, {"age": 4 * HOUR}))
    return deliver(event, wait=wait, **changes)
