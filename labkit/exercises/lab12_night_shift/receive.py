"""Exercise 12.1: one receiver for a hostile month."""

from collections.abc import Callable
from typing import TypeVar

from labkit.checks import NotTried, Question
from labkit.checks.contract import contract, numbered
from labkit.checks.proving import judged
from labkit.checks.space import Space
from labkit.checks.verdicts import Note
from labkit.errors import shown_plainly
from labkit.exercises.lab12_night_shift.house import MakeApp
from labkit.exercises.lab12_night_shift.month import Month, month
from labkit.exercises.lab12_night_shift.proofs import PROOFS
from labkit.exercises.lab12_night_shift.restarting import survives_a_real_restart
from labkit.exercises.lab12_night_shift.scoring import losses
from labkit.exercises.lab12_night_shift.sheet import Sheet
from labkit.exercises.lab12_night_shift.shift import live_through
from labkit.exercises.lab12_night_shift.trials import BASE, generate, trials
from labkit.exercises.lab12_night_shift.world import OBSERVER
from labkit.running.capture import captured
from labkit.running.fresh import not_tried
from labkit.running.sandbox import run_bounded

T = TypeVar("T")

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


def in_time(work: Callable[[], T], unwritten: Note) -> T | Note:
    """Return the result of a month, or say why there is none.

    Raises what the work raises; for a stub it returns `unwritten`.
    """
    run = run_bounded(work, seconds=LONGEST)
    if isinstance(run.error, NotImplementedError):
        return unwritten
    if run.error is not None:
        raise run.error
    if run.timed_out:
        where = f" at {run.stuck}" if run.stuck else ""
        return Note(f"It was still running after {LONGEST:.0f} s{where}.")
    result: T = run.value
    return result


@shown_plainly
def score(make_app: MakeApp, number: int = FIRST_MONTH) -> Sheet | Note:
    """Run your receiver through the month of that number, and score it.

    Exceptions of `make_app` reach the caller; exceptions of your views are on the
    sheet.
    """
    unwritten = Note("This receiver is not written yet.")
    return in_time(lambda: judge(make_app, month(number)), unwritten)


def holds_in_a_month(make_app: MakeApp) -> None:
    """All of this holds in the month that you know."""
    _expect_no_loss(quietly(make_app, FIRST_MONTH))


def holds_in_another_month(make_app: MakeApp) -> None:
    """All of this holds in another month, too."""
    _expect_no_loss(quietly(make_app, OTHER_MONTH))


def _expect_no_loss(sheet: Sheet) -> None:
    """End the case at the first lost point, in the order of the aspects."""
    if not sheet.losses:
        if doubts := sheet.shift.doubts:
            raise NotTried(not_tried(doubts, "make_app"))
        return
    loss = sheet.losses[0]
    number = sheet.shift.month.number
    ask = Question(
        sent=loss.sent,
        expected=loss.expected,
        why=WHY[loss.aspect],
        try_next=f'Run score(make_app, {number}).story("{loss.event_id}") to see all '
        "that happened to this event.",
    )
    ask.fail(f"{loss.answered}\n(month {number}: {sheet.summary})", lines=loss.lines)


WHY = {
    "forged": "A request that is not authentic must not ship anything. An attacker "
    "could order any number of parcels.",
    "lost": "A customer has paid, but no parcel was shipped and nobody knows.",
    "doubled": "Your receiver shipped two parcels for one payment.",
    "late": "The request was authentic and the parcel service worked, so your receiver "
    "could have shipped and acknowledged at that moment.",
    "alerts": "People ignore an alert that fires too late or for nothing.",
}

CONTRACT = contract("""
    given: Return a Flask app whose POST /webhooks handles the whole month. `config` is
        described at the top of this lab: secrets(), now(), tolerance, db_path,
        ship(order_id, idempotency_key=…) and page(text). A body is {"id", "event",
        "created_at", "data"}. Requests are signed as Standard Webhooks specifies.
    payment: For an authentic event "payment.succeeded", ship `data["order_id"]`, and
        then respond with a 2xx.
    authentic: A request is authentic if its signature fits one of the secrets that are
        valid at this moment, and if its timestamp is at most `config.tolerance` from
        `config.now()`, in either direction.
    refused: Respond with 400, 401 or 403 to all other requests, and ship nothing.
    other: Acknowledge other types with a 2xx, and do nothing.
    fields: Ignore fields that you do not know.
    once: Ship one parcel for each event id.
    duplicate: Acknowledge a duplicate of a shipped event with a 2xx, and ship nothing,
        also days later.
    restart: `make_app` is called again whenever the process starts, with the same file,
        and duplicates still ship nothing.
    failure: If ship raises TimeoutError, respond with a 5xx, without a Retry-After of
        more than ten minutes.
    given: The provider waits as long as Retry-After says, instead of the delay in its
        schedule, so with a short one all attempts may come during one outage. It waits
        20 seconds for the response.
    retry: It tries again later: then make sure that there is exactly one parcel,
        whether or not the first call created it.
    crash: This also holds if the process crashes during the call.
    outage: If all calls to `ship` fail, call `config.page(text)` within ten minutes of
        the first failure.
    quiet: Do not page for single failures, for an hour in which one call in five fails,
        or for forged requests.
    given: One false alarm per month costs nothing.
    open: The check does not test a tolerance other than 300 seconds, a restart between
        the failures of an outage, other exceptions that `ship` raises, requests at the
        same moment, or authentic bodies in another form.
""")

NIGHT_SHIFT = judged(
    id="12.1",
    lab="12_night_shift",
    wants="make_app(config) -> Flask",
    contract=CONTRACT,
    space=Space(BASE, trials, generate, many=8),
    observer=OBSERVER,
    mistakes=PROOFS,
    late=("outage", "quiet"),
    searches=(
        survives_a_real_restart,
        holds_in_a_month,
        holds_in_another_month,
    ),
    patience=LONGEST,
    hints=numbered("""
        1: Do not write everything at once. After each step, score(make_app) shows what
            it is worth; fix the aspects from the top down.
        2: The steps of the view: read the raw body, check the signature and the time
            window with the values that config has now, parse, look for the id in the
            file, ship with a key, write the row, acknowledge. Which status do you
            return if ship raises?
        3: For the alert, keep a list of (config.now(), failed) for the calls to ship.
            After each call remove entries older than 600 s. Page if at least six failed
            and these are at least half of all.
    """),
)
