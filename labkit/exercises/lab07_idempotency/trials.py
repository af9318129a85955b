"""The trials that the receivers of this lab have in common, by sentence.

The field `kind` says what a trial is about; the proofs in `proofs.py` use it.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from labkit.checks import short_text
from labkit.checks.space import Trial
from labkit.checks.steps import Fail, MakeAnother, Restart, Step, Wait
from labkit.exercises.lab07_idempotency.worlds import aged, post
from labkit.model import Event
from labkit.samples import payments

FIRST, SECOND = payments(2)
SAME_ORDER = Event(
    FIRST.type, FIRST.data, id="evt_00003", created_at=FIRST.created_at + 3_600
)
LATE = 76 * 3600.0
"""Later than the last retry of Standard Webhooks' example schedule, in seconds."""

OTHERS = 300
"""How many other events may come between an event and its duplicate."""

OTHERS_IN_FILE = 110
"""The same for receivers with a file, which take longer for each event."""

_IDS = (
    ("evt_0000", "the id is the beginning of an id that was shipped"),
    ("evt_000011", "the id begins with an id that was shipped"),
    ("EVT_00001", "the id differs from one that was shipped only in letter case"),
    ("vt_00001", "the id is a part of an id that was shipped"),
    ("evt_00001 ", "the id has a space more than one that was shipped"),
    ("evt_00004", "the event differs from one that was shipped only in its id"),
)
_PAIRS = (
    *(("42", "042"), ("1e2", "100"), ("a%", "ab"), ("é", "e\u0301")),
    (f"evt_{'0' * 96}1", f"evt_{'0' * 96}2"),
)
_ODD_IDS = ("0", "x" * 100, "a\"b'c", "é 李", "null")


class OutOfStock(Exception):
    """An exception of the warehouse, of no standard class."""


Make = Callable[[], BaseException]
ERRORS: Sequence[Make] = (
    lambda: RuntimeError("the warehouse is closed"),
    lambda: TimeoutError("no response within 10 s"),
    lambda: ValueError("A-1"),
    lambda: KeyError("A-1"),
    lambda: ConnectionResetError("the warehouse hung up"),
    lambda: OutOfStock("A-1"),
)


def fails(error: Make) -> Fail:
    """Return the step after which the next call to ship raises."""
    return Fail(error, "ship")


def named(id_: str) -> Event:
    """Return the first event with another id."""
    return Event(FIRST.type, FIRST.data, id=id_, created_at=FIRST.created_at)


def trial(sentence: str, kind: str, *steps: Step, note: str = "") -> Trial:
    """Return a trial of that kind."""
    return Trial(sentence, {"kind": kind, "steps": list(steps)}, note)


def new(sentence: str = "new") -> Iterator[Trial]:
    """Yield events that are new."""
    yield trial(sentence, "new", post(FIRST))
    slow = {"kind": "slow", "steps": [post(FIRST)]}
    yield Trial(sentence, slow, "ship takes a while")
    for id_ in _ODD_IDS:
        yield trial(sentence, "odd", post(named(id_)), note=f"the id is {id_[:20]!r}")
    order = Event(FIRST.type, {"order_id": " Zoë 7/B "}, id="evt_9")
    yield trial(sentence, "odd", post(order))
    chunked = replace(post(FIRST), chunked=True, note="without a Content-Length")
    yield trial(sentence, "odd", chunked)


def told_apart(sentence: str = "same") -> Iterator[Trial]:
    """Yield pairs of different events."""
    yield trial(sentence, "other", post(FIRST), post(SECOND, 1, 2))
    yield trial(sentence, "order", post(FIRST), post(SAME_ORDER, 1, 3))
    for id_, note in _IDS:
        yield trial(sentence, "part", post(FIRST), post(named(id_), 1, 4), note=note)
    for one, other in _PAIRS:
        note = f"the ids are {short_text(one, 30)!r} and {short_text(other, 30)!r}"
        steps = post(named(one)), post(named(other), 1, 2)
        yield trial(sentence, "part", *steps, note=note)


def duplicates(sentence: str = "duplicate") -> Iterator[Trial]:
    """Yield duplicates of a shipped event."""
    yield trial(sentence, "attempt", post(FIRST), post(FIRST, 2))
    yield trial(sentence, "identical", post(FIRST), post(FIRST))
    both = [post(FIRST), post(SECOND, 1, 2), post(FIRST, 2), post(SECOND, 2, 2)]
    yield trial(sentence, "between", *both)
    many = [post(FIRST, attempt) for attempt in range(1, 6)]
    yield trial(sentence, "attempts", *many)
    yield trial(sentence, "odd", post(named("a'b")), post(named("a'b"), 2))


def other_bytes(sentence: str = "bytes") -> Iterator[Trial]:
    """Yield duplicates with other headers or in other bytes."""
    yield trial(sentence, "delivery", post(FIRST), post(FIRST, 1, 2))
    content = json.loads(FIRST.body)
    later = {"attempt": 3, **content}
    for value, indent in ((content, 1), (dict(reversed(content.items())), None)):
        body = json.dumps(value, indent=indent).encode()
        yield trial(sentence, "bytes", post(FIRST), post(FIRST, 2, body=body))
    body = json.dumps(later, indent=1).encode()
    yield trial(sentence, "bytes", post(FIRST), post(FIRST, 2, 2, body=body))


def crowded(sentence: str, others: int, *meanwhile: Step) -> Iterator[Trial]:
    """Yield a duplicate that comes after many other events."""
    between = [
        post(each, 1, delivery)
        for delivery, each in enumerate(payments(others + 1)[1:], start=3)
    ]
    note = f"{others} other events between the two attempts"
    steps = post(FIRST), *between, *meanwhile, post(FIRST, 2)
    yield trial(sentence, "memory", *steps, note=note)


def remembered(sentence: str = "memory") -> Iterator[Trial]:
    """Yield duplicates that come late."""
    for waits in ([LATE], [3600.0, LATE], [40 * 3600.0, 36 * 3600.0]):
        yield trial(sentence, "memory", post(FIRST), *_after(waits, 2))
    late = post(FIRST), Wait(LATE), post(SECOND, 1, 2), post(FIRST, 2)
    yield trial(sentence, "memory", *late)


def _after(waits: Sequence[float], attempt: int) -> Iterator[Step]:
    for number, seconds in enumerate(waits):
        yield Wait(seconds)
        yield post(FIRST, attempt + number)


def failures(errors: Sequence[Make] = ERRORS) -> Iterator[Trial]:
    """Yield a ship that raises, and what comes after that."""
    for error in errors:
        yield trial("failure", "fails", fails(error), post(FIRST))
        steps = fails(error), post(FIRST), post(FIRST, 2)
        yield trial("retry", "retry", *steps)
    often = [
        step
        for attempt in range(1, 6)
        for step in (fails(errors[0]), post(FIRST, attempt))
    ]
    changes = {"kind": "fails", "steps": often}
    yield Trial("failure", changes, also=_second_is_acknowledged)
    yield trial("retry", "retries", *often, post(FIRST, 6))
    twice: list[Step] = [
        fails(errors[0]),
        post(FIRST),
        fails(errors[0]),
        post(FIRST, 2),
    ]
    yield trial("retry", "retries", *twice)
    yield trial("retry", "retries", *twice, post(FIRST, 3))
    failed: list[Step] = [fails(errors[0]), post(FIRST)]
    late = Wait(LATE), post(FIRST, 2)
    yield trial("retry", "retries", *failed, *late)
    yield trial("retry", "after", *failed, post(FIRST, 2), post(FIRST, 3))
    yield trial("retry", "after", *twice, post(FIRST, 3), post(FIRST, 4))
    other = post(SECOND, 1, 2)
    yield trial("retry", "others", *failed, other, post(FIRST, 2), post(FIRST, 3))
    broken = fails(errors[0]), other, post(FIRST, 2), post(SECOND, 2, 2)
    yield trial("retry", "others", post(FIRST), *broken)


def _second_is_acknowledged(value: Any) -> bool:
    """Accept what the sentence on retries is about: the second attempt is no retry."""
    statuses = [got[0] for got, _ in value if isinstance(got, tuple)]
    return statuses[:2] == ["5xx", "2xx"]


def again_at_once() -> Iterator[Trial]:
    """Yield a ship that raises once, so that a second call in the same request works.

    Whether a receiver calls again at once or leaves that to the sender is compared
    only by what has left at the end: one parcel, and a 2xx for the last attempt.
    """
    steps = [fails(ERRORS[0]), post(FIRST), post(FIRST, 2)]
    changes = {"kind": "once", "steps": steps}
    yield Trial("retry", changes, also=_shipped_once)


def _shipped_once(value: Any) -> bool:
    parcels = [each for _, left in value for each in left]
    answers = [got[0] for got, _ in value if isinstance(got, tuple)]
    return len(parcels) == 1 and answers[-1:] == ["2xx"]


def with_file() -> Iterator[Trial]:
    """Yield what all receivers with a file do alike, as long as nothing fails."""
    yield from new()
    yield from told_apart()
    yield from duplicates()
    yield from other_bytes("duplicate")
    yield from remembered("duplicate")
    yield from old_rows("duplicate")
    yield from crowded("duplicate", OTHERS_IN_FILE)


def two_shops(sentence: str = "apart") -> Iterator[Trial]:
    """Yield two apps that get the same event."""
    here, there = post(FIRST), post(FIRST, app=1)
    again = post(FIRST, 2), post(FIRST, 2, app=1)
    yield trial(sentence, "apart", MakeAnother(), here, there)
    yield trial(sentence, "apart", here, MakeAnother(), there, *again)


def restarts(sentence: str, failed: Sequence[Step] = ()) -> Iterator[Trial]:
    """Yield duplicates for another process over the same file."""
    again = post(FIRST, 2)
    yield trial(sentence, "restart", post(FIRST), Restart(), again)
    other = post(SECOND, 1, 2)
    yield trial(sentence, "restarts", post(FIRST), Restart(), other, again)
    steps = *failed, post(FIRST), Restart(), again, Restart(), post(FIRST, 3)
    yield trial(sentence, "restarts", *steps)
    there = post(FIRST, 2, app=1)
    yield trial(sentence, "process", post(FIRST), MakeAnother(), there)
    yield trial(sentence, "process", MakeAnother(), post(FIRST, app=1), again)


def old_rows(sentence: str, *meanwhile: Step) -> Iterator[Trial]:
    """Yield a duplicate that comes when the rows in the file are days old."""
    steps = post(FIRST), aged(LATE), *meanwhile, post(SECOND, 1, 2), post(FIRST, 2)
    yield trial(sentence, "memory", *steps)


def random_steps(
    sentence: str,
    *more: Step,
    errors: Sequence[Make] = ERRORS,
    failing: bool = True,
) -> Callable[[random.Random], Trial]:
    """Return a generator of trials: requests, failures, and one of the other steps.

    Failures come only where all requests have one event: what failed before may be
    tried again in a request for another event.
    """

    def generate(rng: random.Random) -> Trial:
        steps: list[Any] = []
        fail = failing and rng.random() < 0.5
        known = [FIRST] if fail else [FIRST, SECOND, SAME_ORDER]
        for number in range(rng.randrange(3, 8)):
            if fail and rng.random() < 0.4:
                steps.append(fails(rng.choice(errors)))
            steps.append(post(rng.choice(known), number, rng.randrange(1, 3)))
        if more:
            steps.insert(rng.randrange(len(steps)), rng.choice(more))
        return trial(sentence, "generated", *steps)

    return generate
