"""Exercise 12.1: one receiver for a hostile month."""

from collections.abc import Callable

from labkit.checks import Exercise, NotTried, Question
from labkit.checks.verdicts import Note
from labkit.errors import shown_plainly
from labkit.exercises.lab12_night_shift.drills import AFTER, BEFORE
from labkit.exercises.lab12_night_shift.house import MakeApp
from labkit.exercises.lab12_night_shift.month import Month, month
from labkit.exercises.lab12_night_shift.opening import (
    reads_the_raw_body,
    ships_a_payment,
    tells_events_apart,
)
from labkit.exercises.lab12_night_shift.restarting import survives_a_real_restart
from labkit.exercises.lab12_night_shift.scoring import ASPECTS, losses
from labkit.exercises.lab12_night_shift.sheet import Sheet
from labkit.exercises.lab12_night_shift.shift import live_through
from labkit.running.capture import captured
from labkit.running.fresh import not_tried
from labkit.running.sandbox import run_bounded

FIRST_MONTH = 1
"""The month that a learner may look at."""

OTHER_MONTH = 2
"""The second month that a receiver is tried on."""

LONGEST = 30.0
"""Seconds after which a month is given up; on an idle machine it takes less than one.
"""


def judge(make_app: MakeApp, of: Month) -> Sheet:
    """Run a receiver through a month, and score it."""
    shift = live_through(of, make_app)
    return Sheet(shift, losses(shift))


def quietly(make_app: MakeApp, number: int) -> Sheet:
    """Judge a receiver, and drop what it prints: it would be hundreds of lines."""
    with captured():
        return judge(make_app, month(number))


@shown_plainly
def score(make_app: MakeApp, number: int = FIRST_MONTH) -> Sheet | Note:
    """Run your receiver through the month of that number, and score it.

    Exceptions of `make_app` reach the caller; exceptions of your views are on the
    sheet.
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

    def anew(self, make_app: MakeApp) -> Sheet:
        """Make the first month's sheet, and keep it."""
        self._make_app = make_app
        self._sheet = quietly(make_app, FIRST_MONTH)
        return self._sheet

    def of(self, make_app: MakeApp) -> Sheet:
        """Return the sheet that was made last, if it is this answer's."""
        if self._sheet is None or self._make_app is not make_app:
            return self.anew(make_app)
        return self._sheet


_latest = _Latest()


def _scored(aspect: str) -> Callable[[MakeApp], None]:
    def case(make_app: MakeApp) -> None:
        # The same function may come again with other things around it.
        first = aspect == next(iter(ASPECTS))
        sheet = _latest.anew(make_app) if first else _latest.of(make_app)
        _expect_all(sheet, aspect)

    case.__doc__ = f"{ASPECTS[aspect].capitalize()}, all month."
    case.__name__ = aspect
    return case


def holds_in_another_month(make_app: MakeApp) -> None:
    """All of this is true in another month, too."""
    sheet = quietly(make_app, OTHER_MONTH)
    for aspect in ASPECTS:
        _expect_all(sheet, aspect)


def _expect_all(sheet: Sheet, aspect: str) -> None:
    """End the case at the first loss of that aspect, if there is one."""
    loss = next((loss for loss in sheet.losses if loss.aspect == aspect), None)
    if loss is None:
        if doubts := sheet.shift.doubts:
            raise NotTried(not_tried(doubts, "make_app"))
        return
    number = sheet.shift.month.number
    ask = Question(
        sent=loss.sent,
        expected=loss.expected,
        why=WHY[aspect],
        try_next=f'Run score(make_app, {number}).story("{loss.event_id}") to see all '
        "that happened to this event.",
    )
    ask.fail(
        f"{loss.answered}\n(month {number}: {sheet.summary})",
        loss.mistake,
        lines=loss.lines,
    )


WHY = {
    "forged": "A request that is not authentic must not ship anything. An attacker "
    "could order any number of parcels.",
    "lost": "A customer has paid, but no parcel was shipped and nobody knows.",
    "doubled": "Your receiver shipped two parcels for one payment.",
    "late": "The request was authentic and the parcel service worked, so your receiver "
    "could have shipped and acknowledged at that moment.",
    "alerts": "People ignore an alert that fires too late or for nothing.",
}

NIGHT_SHIFT = Exercise(
    id="12.1",
    lab="12_night_shift",
    wants="make_app(config) -> Flask",
    cases=(ships_a_payment, reads_the_raw_body, tells_events_apart, *BEFORE),
    searches=(
        *(_scored(aspect) for aspect in ASPECTS),
        holds_in_another_month,
        survives_a_real_restart,
        *AFTER,
    ),
    patience=LONGEST,
    hints=(
        (
            "Do not write everything at once. After each step, score(make_app) shows "
            "what it is worth; fix the aspects from the top down."
        ),
        (
            "The steps of the view: read the raw body, check the signature and the "
            "time window with the values that config has now, parse, look for the id "
            "in the file, ship with a key, write the row, acknowledge. Which status do "
            "you return if ship raises?"
        ),
        (
            "For the alert, keep a list of (config.now(), failed) for the calls to "
            "ship. After each call remove entries older than 600 s. Page if at least "
            "six failed and these are at least half of all."
        ),
    ),
)
