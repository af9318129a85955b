"""Exercise 12.1: one receiver for a hostile month."""

import time
from collections.abc import Callable
from typing import Any

from labkit.bench import JSON, Bench, shown
from labkit.checks import Exercise, Mistake, Question
from labkit.errors import shown_plainly
from labkit.exercises.lab02_endpoint.answer import NO_SLASH, SHARED_APP
from labkit.exercises.lab07_idempotency import mistakes as earlier
from labkit.exercises.lab12_night_shift import mistakes
from labkit.exercises.lab12_night_shift.config import Config
from labkit.exercises.lab12_night_shift.house import FILE, TOLERANCE, MakeApp
from labkit.exercises.lab12_night_shift.month import SCHEME, STARTS, Month, month
from labkit.exercises.lab12_night_shift.scoring import ASPECTS, losses
from labkit.exercises.lab12_night_shift.sheet import Sheet
from labkit.exercises.lab12_night_shift.shift import live_through
from labkit.explore.world import scratch
from labkit.model import Event
from labkit.samples import payments
from labkit.sandbox import run_bounded
from labkit.verdicts import Note

FIRST_MONTH = 1
"""The month that a learner may look at."""

OTHER_MONTH = 2
"""The month that a receiver is tried on besides."""

LONGEST = 30.0
"""Seconds after which months are given up; one takes less than one when all is idle."""


def judge(make_app: MakeApp, of: Month) -> Sheet:
    """Let a receiver live through a month, and score it."""
    shift = live_through(of, make_app)
    return Sheet(shift, losses(shift))


@shown_plainly
def score(make_app: MakeApp, number: int = FIRST_MONTH) -> Sheet | Note:
    """Let your receiver live through the month of that number, and score it.

    What `make_app` raises goes through; what your views raise is on the sheet.
    """
    run = run_bounded(lambda: judge(make_app, month(number)), seconds=LONGEST)
    if isinstance(run.error, NotImplementedError):
        return Note("This receiver is not written yet.")
    if run.error is not None:
        raise run.error
    if run.timed_out:
        where = f" at {run.stuck}" if run.stuck else ""
        return Note(f"It was still running after {LONGEST:.0f} s{where}.")
    sheet: Sheet = run.value
    return sheet


class _Latest:
    """The sheet of the answer that is being checked; all its cases read the same."""

    def __init__(self) -> None:
        self._make_app: object = None
        self._sheet: Sheet | None = None

    def of(self, make_app: MakeApp) -> Sheet:
        """Return the first month's sheet, made when it is first asked for."""
        if self._sheet is None or self._make_app is not make_app:
            self._make_app = make_app
            self._sheet = judge(make_app, month(FIRST_MONTH))
        return self._sheet

    def forget(self) -> None:
        """Begin anew: the next check may bring the same function, changed."""
        self._make_app = self._sheet = None


_latest = _Latest()


def ships_a_payment(make_app: MakeApp) -> None:
    """A signed payment ships one parcel, and is acknowledged."""
    _latest.forget()
    event = payments(1)[0]
    secret = month(FIRST_MONTH).rotation.old
    signed = _signed(event, secret, STARTS)
    ask = Question(
        sent=f"POST /webhooks\n{shown(event.body, signed)}",
        expected="ship called once with the order, and a 2xx",
        why="This is the receiver's whole purpose: a payment, a parcel, a 2xx.",
        try_next="Send the same to your app by hand, in a cell of your own.",
    )
    shipped: list[Any] = []
    with scratch() as directory:
        config = Config(
            secrets=lambda: [secret],
            now=lambda: float(STARTS),
            tolerance=TOLERANCE,
            db_path=str(directory / FILE),
            ship=lambda order_id, *_, **__: shipped.append(order_id),
            page=lambda *_: None,
        )
        known: dict[type[BaseException], Mistake] = {
            AssertionError: SHARED_APP,
            ValueError: NO_SLASH,
        }
        bench = Bench.set_up(ask, make_app, config, known=known)
        answered = bench.send(event.body, signed)
        told = f"{answered}; shipped: {', '.join(map(str, shipped)) or 'nothing'}"
        if shipped == [event.data["order_id"]] and answered.acknowledged:
            return
        found: Mistake | None = None
        if answered.acknowledged and not shipped:
            found = earlier.NEVER_SHIPS
        elif bench.send(event.body, _signed(event, secret, time.time())).acknowledged:
            found = mistakes.MACHINE_CLOCK
        ask.fail(told, found, lines=answered.lines)


def _signed(event: Event, secret: str, at: float) -> dict[str, str]:
    signed = SCHEME.sign(event.body, secret=secret, id=event.id, timestamp=int(at))
    return {**JSON, **signed}


def _scored(aspect: str) -> Callable[[MakeApp], None]:
    def case(make_app: MakeApp) -> None:
        _expect_all(_latest.of(make_app), aspect)

    case.__doc__ = f"{ASPECTS[aspect].capitalize()}, all month."
    case.__name__ = aspect
    return case


def holds_in_another_month(make_app: MakeApp) -> None:
    """All this holds in another month, too."""
    sheet = judge(make_app, month(OTHER_MONTH))
    for aspect in ASPECTS:
        _expect_all(sheet, aspect)


def _expect_all(sheet: Sheet, aspect: str) -> None:
    """End the case at the first loss of that aspect, if there is one."""
    loss = next((loss for loss in sheet.losses if loss.aspect == aspect), None)
    if loss is None:
        return
    number = sheet.shift.month.number
    ask = Question(
        sent=loss.sent,
        expected=loss.expected,
        why=WHY[aspect],
        try_next=f'score(make_app, {number}).story("{loss.event_id}") tells all that '
        "became of this event.",
    )
    ask.fail(
        f"{loss.answered}\n(month {number}: {sheet.summary})",
        loss.mistake,
        lines=loss.lines,
    )


WHY = {
    "forged": "Whoever can make you ship can empty your warehouse.",
    "lost": "A customer has paid and waits, and nobody knows.",
    "doubled": "Two parcels, one payment: you pay for the second.",
    "late": "Nothing stood in the way at that moment: the request was good and the "
    "parcel service well.",
    "alerts": "An alert that rings too late, or for nothing, is not listened to.",
}

NIGHT_SHIFT = Exercise(
    id="12.1",
    lab="12_night_shift",
    wants="make_app(config) -> Flask",
    cases=(ships_a_payment,),
    searches=(*(_scored(aspect) for aspect in ASPECTS), holds_in_another_month),
    patience=LONGEST,
    hints=(
        (
            "Don't write it all at once. score(make_app) tells after each step what it "
            "is worth; mend the aspects from the top down."
        ),
        (
            "The steps of the view: read the raw body, check the signature and the "
            "time window with what config has at this moment, parse, ask the file for "
            "the id, ship with a key, write the row, acknowledge. What is the answer "
            "where ship raises?"
        ),
        (
            "For the alert keep a list of (config.now(), failed) of the calls of ship. "
            "After each call drop what is older than 600 s, and page when at least six "
            "failed and they are half of all."
        ),
    ),
)
