"""What the cases of all four exercises ask one after the other, in one worker."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from labkit.checks import Mistake, Question, describe
from labkit.checks.calls import Answered
from labkit.checks.observing import caught_exceptions
from labkit.exercises.lab02_endpoint.apps import NO_POST, REDIRECTS
from labkit.exercises.lab02_endpoint.asking import cause_of
from labkit.exercises.lab02_endpoint.report import WRONG_ENDPOINT
from labkit.exercises.lab07_idempotency import mistakes
from labkit.exercises.lab07_idempotency.clock import later
from labkit.exercises.lab07_idempotency.shops import (
    PATIENCE,
    Desk,
    MakeApp,
    Shop,
    ShopWithFile,
    headers_of,
)
from labkit.model import Event
from labkit.samples import payments

FIRST, SECOND = payments(2)
SAME_ORDER = Event(
    FIRST.type, FIRST.data, id="evt_00003", created_at=FIRST.created_at + 3_600
)
IN_OTHER_BYTES = json.dumps({"attempt": 3, **json.loads(FIRST.body)}, indent=1).encode()
OTHER_IDS = (
    ("evt_0000", "its id is the beginning of an id that was shipped"),
    ("evt_000011", "its id begins with an id that was shipped"),
    ("EVT_00001", "its id differs from one that was shipped only in letter case"),
    ("vt_00001", "its id is a part of an id that was shipped"),
    ("evt_00004", "it differs from an event that was shipped only in its id"),
)
OTHERS = 300
LATE = 76 * 3600.0
"""Later than the last retry of Standard Webhooks' example schedule, in seconds."""

Try = tuple[int, int]
"""One attempt: its number and the number of its delivery."""


def question(
    event: Event, tries: Sequence[Try], expected: str, note: str = ""
) -> Question:
    """Ask what becomes of an event that comes in those attempts."""
    lines = [f"POST /webhooks{f', {note}' if note else ''}"]
    for attempt, delivery in tries:
        headers = headers_of(attempt, delivery)
        shown = (
            f"{name}: {headers[name]}" for name in ("X-Delivery-Id", "X-Request-Id")
        )
        lines.append(f"attempt {attempt}  {'  '.join(shown)}")
    return Question(
        sent="\n".join([*lines, event.body.decode()]),
        expected=expected,
        why="One event is one parcel, however often it is sent.",
        try_next="Follow the event through your view: what is asked, what is "
        "remembered, and when?",
    )


def ships_one(kind: type[Shop], make_app: MakeApp) -> None:
    """Deliver one event to a new receiver."""
    ask = question(FIRST, [(1, 1)], "one parcel for A-1, then a 2xx")
    with kind.opened(make_app) as shop:
        desk = shop.start(ask)
        shop.warehouse.patience = PATIENCE
        answered = desk.send(FIRST)
        if answered.status == 404 and answered.error is None:
            ask.fail(shop.told(answered), WRONG_ENDPOINT)
        if answered.status == 405:
            ask.fail(shop.told(answered), NO_POST)
        late = answered.acknowledged and not shop.left_at_answer
        if shop.warehouse.too_late or (
            late and (shop.parcels() or shop.warehouse.called.wait(PATIENCE))
        ):
            ask.fail(f"{answered}, and only then a parcel", mistakes.ACK_FIRST)
        if not shop.parcels():
            _tell_what_was_caught(ask, kind, make_app, shop, answered)
            _no_parcel(ask, kind, make_app, shop, answered)
        if shop.parcels() != ["A-1"]:
            known = mistakes.SOMETHING_ELSE
            if shop.parcels() == ["A-1", "A-1"]:
                known = mistakes.TWICE_AT_ONCE
            ask.fail(shop.told(answered), known)
        if not answered.acknowledged:
            _no_answer(ask, shop, answered)


def _no_parcel(
    ask: Question, kind: type[Shop], make_app: MakeApp, shop: Shop, answered: Answered
) -> NoReturn:
    if not answered.acknowledged:
        _no_answer(ask, shop, answered)
    # No two checks use this one, so nobody can have seen it before.
    unseen = Event(FIRST.type, FIRST.data, id=f"evt_{id(shop)}_{id(answered)}")
    with kind.opened(make_app) as other:
        other.start(ask).send(unseen)
        if other.parcels():
            ask.fail(shop.told(answered), mistakes.SHARED_MEMORY)
    ask.fail(shop.told(answered), kind.why_nothing_left(ask, make_app, FIRST))


def _tell_what_was_caught(
    ask: Question, kind: type[Shop], make_app: MakeApp, shop: Shop, answered: Answered
) -> None:
    """End the case with the exception that the learner's code caught, if any."""
    if answered.error is not None:
        return
    with kind.opened(make_app) as other, caught_exceptions() as caught:
        other.start(ask).send(FIRST)
    if caught:
        error, lines = caught[-1]
        text = f"{shop.told(answered)}\n(raised and caught: {describe(error)})"
        replace(
            ask,
            why=f"Your code caught a {type(error).__name__} and turned it into the "
            f"status {answered.status}. Nothing was wrong with the request.",
            try_next="Look at the line above: it raised an exception that was caught.",
        ).fail(text, lines=lines)


def _no_answer(ask: Question, shop: Shop, answered: Answered) -> NoReturn:
    known: Mistake | None = None
    if answered.error is not None:
        known = cause_of(answered.error)
        known = mistakes.LEFT_OPEN if is_locked(answered) else known
    elif 300 <= answered.status < 400:
        known = REDIRECTS
    ask.fail(shop.told(answered), known, lines=answered.lines)


def is_locked(answered: Answered) -> bool:
    """Say whether it failed because the file is locked."""
    return "database is locked" in str(answered.error)


def knows_a_copy(kind: type[Shop], make_app: MakeApp) -> None:
    """Deliver one event in two attempts."""
    ask = question(FIRST, [(1, 1), (2, 1)], "one parcel, a 2xx both times")
    with kind.opened(make_app) as shop:
        desk = shop.start(ask)
        first, mark = desk.send(FIRST), len(shop.statements)
        answers = (first, desk.send(FIRST, 2))
        if len(shop.parcels()) > 1:
            known = _why_twice(ask, kind, make_app, shop, mark)
            ask.fail(shop.told(*answers), known)
        expect_2xx_for_copy(ask, shop, *answers)


def _why_twice(
    ask: Question, kind: type[Shop], make_app: MakeApp, shop: Shop, mark: int
) -> Mistake | None:
    asks = shop.asks_first(mark)
    with kind.opened(make_app) as other:
        desk = other.start(ask)
        desk.send(FIRST)
        desk.send(FIRST)
        if len(other.parcels()) == 1:
            return mistakes.KEY_OF_ATTEMPT
    if isinstance(shop, ShopWithFile):
        if shop.remembers(FIRST.id):
            return None if asks else mistakes.NEVER_ASKED
        if shop.keeps_rows() is False:
            return mistakes.NOT_COMMITTED
    return mistakes.NO_MEMORY


def expect_2xx_for_copy(ask: Question, shop: Shop, *answers: Answered) -> None:
    """End the case unless the last one, a copy of what is done, was acknowledged."""
    last = answers[-1]
    if not last.acknowledged:
        known = mistakes.LEFT_OPEN if is_locked(last) else mistakes.IS_ERROR
        ask.fail(shop.told(*answers), known, lines=last.lines)


def tells_events_apart(kind: type[Shop], make_app: MakeApp) -> None:
    """Deliver three events, two of them about one order."""
    with kind.opened(make_app) as shop:
        ask = question(
            SECOND,
            [(1, 2)],
            "a parcel for A-1 and one for A-2",
            "after the payment of A-1, another one",
        )
        desk = shop.start(ask)
        desk.send(FIRST)
        answered = desk.send(SECOND, delivery=2)
        if shop.parcels() != ["A-1", "A-2"]:
            known = mistakes.LEFT_OPEN if is_locked(answered) else mistakes.TAKES_ALL
            ask.fail(shop.told(answered), known, lines=answered.lines)
        ask = question(
            SAME_ORDER,
            [(1, 3)],
            "a second parcel for A-1: it is another event",
            "a second payment for A-1, with an id of its own",
        )
        answered = desk.send(SAME_ORDER, delivery=3)
        if shop.parcels() != ["A-1", "A-2", "A-1"]:
            ask.fail(shop.told(answered), mistakes.KEY_IS_ORDER, lines=answered.lines)
        for delivery, (id_, note) in enumerate(OTHER_IDS, start=4):
            event = Event(FIRST.type, FIRST.data, id=id_, created_at=FIRST.created_at)
            ask = question(event, [(1, delivery)], "another parcel for A-1", note)
            before = len(shop.parcels())
            answered = desk.send(event, delivery=delivery)
            if len(shop.parcels()) == before:
                replace(
                    ask,
                    why="Your code took this event for a duplicate, but no event with "
                    "this id came before. The customer paid, and no parcel is shipped.",
                    try_next="Compare the whole ids, and nothing else, for equality.",
                ).fail(shop.told(answered), lines=answered.lines)


def knows_a_resend(kind: type[Shop], make_app: MakeApp) -> None:
    """Deliver one event in two deliveries, and then in other bytes."""
    with kind.opened(make_app) as shop:
        ask = question(
            FIRST,
            [(1, 1), (1, 2)],
            "one parcel, a 2xx both times",
            "and a resend of the same event: another delivery",
        )
        desk = shop.start(ask)
        answers = (desk.send(FIRST), desk.send(FIRST, delivery=2))
        if len(shop.parcels()) > 1:
            ask.fail(shop.told(*answers), mistakes.KEY_FROM_HEADER)
        expect_2xx_for_copy(ask, shop, *answers)
        ask = Question(
            sent=f"POST /webhooks, the same event in other bytes\n"
            f"{IN_OTHER_BYTES.decode()}",
            expected="still one parcel, and a 2xx",
            why=ask.why,
            try_next=ask.try_next,
        )
        answered = desk.send(FIRST, body=IN_OTHER_BYTES)
        if len(shop.parcels()) > 1:
            ask.fail(shop.told(answered), mistakes.KEY_FROM_BYTES)
        expect_2xx_for_copy(ask, shop, answered)


def ships_on_the_retry(kind: type[Shop], make_app: MakeApp, trouble: str) -> None:
    """Let shipping fail twice, then work, then send a copy."""
    with kind.opened(make_app) as shop:
        ask = question(
            FIRST, [(1, 1), (2, 1)], "a status from 500 to 599, no parcel", trouble
        )
        desk = shop.start(ask)
        with shop.trouble():
            failed = (desk.send(FIRST), desk.send(FIRST, 2))
        _expect_5xx(ask, shop, failed)
        if shop.locked:
            ask.fail(f"{shop.told(*failed)}; the file is locked", mistakes.LEFT_OPEN)
        ask = question(
            FIRST,
            [(1, 1), (2, 1), (3, 1)],
            "one parcel and a 2xx for attempt 3",
            f"{trouble} in attempts 1 and 2; all is well in attempt 3",
        )
        answered = desk.send(FIRST, 3)
        if not shop.parcels():
            known = mistakes.LEFT_OPEN if is_locked(answered) else None
            if known is None:
                early = answered.acknowledged
                known = mistakes.CLAIMED_EARLY if early else mistakes.RETRY_FAILS
            ask.fail(shop.told(*failed, answered), known, lines=answered.lines)
        if not answered.acknowledged:
            ask.fail(shop.told(answered), mistakes.RETRY_FAILS, lines=answered.lines)
        ask = question(
            FIRST, [(4, 1)], "no second parcel, a 2xx", "a copy after all that"
        )
        answered = desk.send(FIRST, 4)
        if len(shop.parcels()) > 1:
            ask.fail(shop.told(answered), mistakes.FORGETS_AFTER_TROUBLE)
        expect_2xx_for_copy(ask, shop, answered)


def ships_after_any_exception(kind: type[Shop], make_app: MakeApp) -> None:
    """Let shipping fail once, with exceptions of many classes."""
    for error in (
        TimeoutError("no response within 10 s"),
        ValueError("A-1"),
        KeyError("A-1"),
        ConnectionResetError("the warehouse hung up"),
        OutOfStock("A-1"),
    ):
        note = f"ship raises {describe(error)} in attempt 1"
        ask = question(FIRST, [(1, 1), (2, 1)], "a 5xx, then a parcel and a 2xx", note)
        with kind.opened(make_app) as shop:
            desk = shop.start(ask)
            shop.warehouse.failing = error
            first = desk.send(FIRST)
            shop.warehouse.failing = None
            answers = (first, desk.send(FIRST, 2))
            if first.acknowledged:
                ask.fail(shop.told(*answers), mistakes.ACK_ANYWAY)
            if first.status < 500:
                ask.fail(shop.told(first), mistakes.BLAMES_SENDER, lines=first.lines)
            if not shop.parcels():
                early = answers[1].acknowledged
                known = mistakes.CLAIMED_EARLY if early else mistakes.RETRY_FAILS
                ask.fail(shop.told(*answers), known, lines=answers[1].lines)
            if not answers[1].acknowledged:
                ask.fail(shop.told(*answers), mistakes.RETRY_FAILS)


class OutOfStock(Exception):
    """An exception of the warehouse that is not of a standard class."""


def survives_another_start(kind: type[ShopWithFile], make_app: MakeApp) -> None:
    """Start a further process while an event is being shipped; then send a copy."""
    note = "another process starts, with the same file, while ship runs in attempt 1"
    ask = question(FIRST, [(1, 1), (2, 1)], "one parcel, a 2xx both times", note)
    with kind.opened(make_app) as shop:
        desk = shop.start(ask)
        shop.warehouse.meanwhile = shop.start_another
        answers = (desk.send(FIRST), desk.send(FIRST, 2))
        if len(shop.parcels()) > 1:
            replace(
                ask,
                why="The start of another process removed the claim of a worker that "
                "was still shipping. So a duplicate found no claim, and the event was "
                "shipped twice.",
                try_next="Change no claims when the app starts.",
            ).fail(shop.told(*answers))


def remembers_old_rows(
    kind: type[ShopWithFile],
    make_app: MakeApp,
    meanwhile: Callable[[Any], object] = lambda _: None,
) -> None:
    """Send a copy when the rows in the file are three days old."""
    with kind.opened(make_app) as shop:
        note = "76 hours between the two attempts, also on the clock of SQLite"
        ask = question(
            FIRST, [(1, 1), (2, 1)], "no second parcel for A-1, and a 2xx", note
        )
        desk = shop.start(ask)
        desk.send(FIRST)
        shop.age(LATE)
        meanwhile(shop)
        desk.send(SECOND, delivery=2)
        _expect_no_second(ask, shop, desk)


def _expect_5xx(ask: Question, shop: Shop, failed: Sequence[Answered]) -> None:
    if failed[0].acknowledged:
        ask.fail(shop.told(*failed), mistakes.ACK_ANYWAY)
    if failed[1].acknowledged:
        ask.fail(shop.told(*failed), mistakes.CLAIMED_EARLY)
    for answered in failed:
        if answered.status < 500:
            ask.fail(shop.told(*failed), mistakes.BLAMES_SENDER, lines=answered.lines)


def remembers_many(kind: type[Shop], make_app: MakeApp) -> None:
    """Send a copy after many other events."""
    with kind.opened(make_app) as shop:
        ask = question(
            FIRST,
            [(1, 1), (2, 1)],
            "no second parcel for A-1, and a 2xx",
            f"{OTHERS} other events between the two attempts",
        )
        desk = shop.start(ask)
        desk.send(FIRST)
        for event in payments(OTHERS + 1)[1:]:
            desk.send(event)
        _expect_no_second(ask, shop, desk)


def remembers_for_days(kind: type[Shop], make_app: MakeApp) -> None:
    """Send a copy after three days and some other event."""
    with kind.opened(make_app) as shop:
        ask = question(
            FIRST,
            [(1, 1), (2, 1)],
            "no second parcel for A-1, and a 2xx",
            "76 hours between the two attempts",
        )
        desk = shop.start(ask)
        desk.send(FIRST)
        with later(make_app, LATE):
            desk.send(SECOND, delivery=2)
            _expect_no_second(ask, shop, desk)


def _expect_no_second(ask: Question, shop: Shop, desk: Desk) -> None:
    answered = desk.send(FIRST, 2)
    if shop.parcels().count("A-1") > 1:
        text = f"{answered}; a second parcel for A-1"
        ask.fail(text, mistakes.TOO_SHORT, lines=answered.lines)
    expect_2xx_for_copy(ask, shop, answered)


def survives_a_restart(kind: type[Shop], make_app: MakeApp) -> None:
    """Send a copy to a new process over the same file."""
    with kind.opened(make_app) as shop:
        ask = question(
            FIRST,
            [(1, 1), (2, 1)],
            "one parcel, a 2xx both times",
            "and a restart between the attempts: make_app again, the same file",
        )
        first = shop.start(ask).send(FIRST)
        kept = isinstance(shop, ShopWithFile) and shop.keeps_rows()
        desk = shop.restart(ask)
        wiped = kept and isinstance(shop, ShopWithFile) and not shop.keeps_rows()
        answered = desk.send(FIRST, 2)
        if len(shop.parcels()) > 1:
            known = mistakes.WIPED if wiped else None if kept else mistakes.IN_MEMORY
            ask.fail(shop.told(first, answered), known)
        expect_2xx_for_copy(ask, shop, first, answered)
