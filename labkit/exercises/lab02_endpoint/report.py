"""Exercise 2.3: tell the sender by a status what became of the work."""

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import flask

from labkit.checks import Exercise, Mistake, Question, quietly, short
from labkit.checks.calls import Answered, Bench
from labkit.exercises.lab02_endpoint.answer import (
    RETURNS_NOTHING,
    MakeApp,
    cause_of,
    expect_acknowledged,
    receiver_of,
    what_it_knows,
)
from labkit.model import Event
from labkit.samples import payments


class Temporary(Exception):
    """The work can't be done now; later it may go well."""


class Permanent(Exception):
    """The work can't be done with this event, today or ever."""


PATIENCE = 0.2
"""Seconds that work in another thread is waited for."""

MEANS_MORE = (408, 410, 425, 429)
"""Statuses from 400 to 499 that tell a sender something of their own."""


class Work:
    """Stands in for `process`: notes its calls, and whether the answer was out.

    In another thread it waits up to `patience` seconds for the answer to come first.
    """

    def __init__(
        self, raises: BaseException | None = None, *, patience: float = 0.0
    ) -> None:
        self.events: list[Any] = []
        self.raises = raises
        self.patience = patience
        self.too_late = False
        self.answered = threading.Event()
        self.done = threading.Event()
        self._thread = threading.get_ident()

    def __call__(self, event: Any) -> None:
        """Note the event; raise what there is to raise."""
        elsewhere = threading.get_ident() != self._thread
        self.too_late |= self.answered.wait(self.patience if elsewhere else 0)
        self.events.append(event)
        self.done.set()
        if self.raises is not None:
            raise self.raises.with_traceback(None)


class Busy(Temporary):
    """A kind of Temporary, as a parcel service's library would have it."""


class UnknownOrder(Permanent):
    """A kind of Permanent."""


class Surprise(Exception):
    """An exception that nobody has thought of."""


WRONG_ENDPOINT = Mistake(
    "endpoint-not-at-webhooks",
    "The provider posts to /webhooks. What it hears otherwise is 404, for days, and "
    "then the event is given up.",
    'Let the route be @app.post("/webhooks").',
)
WORK_UNDONE = Mistake(
    "acknowledges-without-the-work",
    "A 2xx tells the sender that you have the event, and it forgets about it. Nobody "
    "did the work, and nobody will.",
    "Call process(event) in the view, and answer when it has returned.",
)
NOT_THE_EVENT = Mistake(
    "hands-over-something-else",
    "process works with the whole event as a dictionary: its id and its type lie "
    "outside of data, and bytes or text have no fields at all.",
    "Parse the body once and hand over the dictionary that comes out, all of it.",
)
TWICE = Mistake(
    "works-twice",
    "One request led to two calls of process: two parcels for one payment.",
    "Call process(event) once, and nowhere else.",
)
TRIES_AGAIN = Mistake(
    "tries-again-by-itself",
    "While you try again, the sender waits for your answer, and after a few seconds it "
    "sends the same event a second time. Trying again is its task: it has a schedule "
    "of days, and you have seconds.",
    "Call process(event) once for each request; a status says the rest.",
)
NO_ANSWER = Mistake(
    "no-answer-after-the-work",
    "The work is done, but process returns nothing, and nothing is no answer: the "
    "sender hears 500, sends the event again, and the work is done again.",
    "Put an answer of your own behind the call of process.",
)
ACK_FIRST = Mistake(
    "acknowledges-before-the-work",
    "The answer was out before the work was done. If the work fails now, or the "
    "process is restarted, the sender will not come back: the event is lost.",
    "Call process(event) in the view itself and answer behind it. How to answer fast "
    "and lose nothing is the matter of lab 08.",
)
ACK_ANYWAY = Mistake(
    "acknowledges-a-failure",
    "A 2xx means that all is well. The sender crosses the event off, nothing is sent "
    "again, and no alarm rings: the payment is there and the parcel is not.",
    "Answer 2xx in one place only: behind process(event), where nothing was raised.",
)
BLAMES_SENDER = Mistake(
    "blames-the-sender-for-a-bug",
    "A 4xx says that the request is at fault. Some senders give up at once, and the "
    "bug is in your code, where a new version would mend it.",
    "Let what you did not expect become 500; catch only Temporary and Permanent.",
)
BUG_IS_BUSY = Mistake(
    "calls-a-bug-temporary",
    "503 says: I am busy, come back. A bug does not go away by waiting, and whoever "
    "watches the 500s will not see it.",
    "Keep 503 for Temporary, and let everything unexpected be 500.",
)
NOT_TOLD_APART = Mistake(
    "temporary-not-told-apart",
    "500 says that something is broken here and wakes somebody up. Busy is no bug: "
    "503 says that, and some senders then wait longer before they try again.",
    "Catch Temporary around the call of process, before any wider except.",
)
GIVES_UP = Mistake(
    "gives-up-what-would-go-well-later",
    "A 4xx says that this request will never go well. Some senders take your word "
    "for it and never come back, while in five minutes all would have been well.",
    "Answer Temporary with 503.",
)
FOR_EVER = Mistake(
    "has-the-hopeless-sent-again",
    "A 5xx asks for the same event again. It will fail each time, for days, and the "
    "alarm rings each time.",
    "Answer Permanent with a 4xx, such as 422.",
)
OTHER_MEANING = Mistake(
    "status-with-another-meaning",
    "408, 425 and 429 ask the sender to come again; 410 tells some senders to turn "
    "your endpoint off, for all events.",
    "Take a 4xx without such a meaning: 400 or 422.",
)
EXACT_CLASS = Mistake(
    "asks-for-the-exact-class",
    "Libraries raise kinds of an error: a class that derives from Temporary is a "
    "Temporary. Comparing classes or names by == misses them.",
    "Use except or isinstance; both know about derived classes.",
)
CLAIMED_EARLY = Mistake(
    "remembers-before-the-work",
    "The id was noted before the work was done. The work failed, the retry passed for "
    "a duplicate, and the event is lost although it was sent twice.",
    "Remember nothing here, or only after process has returned. Lab 07 is about this.",
)
MIXED_UP = Mistake(
    "apps-share-their-process",
    "Two apps, and the event of one was worked on by the other's process: the last "
    "make_app won. In tests, and with two shops in one program, parcels go astray.",
    "Build the app and its view inside of make_app, where process is the argument.",
)


def works_then_answers(make_app: MakeApp) -> None:
    """An event is handed to process as a dictionary, and acknowledged."""
    event, work = payments(1)[0], Work()
    ask = _asking(event, "process returns", "process called once, then a 2xx")
    answered = _deliver(ask, make_app, work, event)
    if answered.status == 404 and answered.error is None:
        known = what_it_knows(quietly(make_app, work))
        ask.fail(f"{answered}; {known}", WRONG_ENDPOINT)
    if answered.acknowledged and not work.events and not work.done.wait(PATIENCE):
        ask.fail(f"{answered}; process was never called", WORK_UNDONE)
    if work.events and work.events[0] != json.loads(event.body):
        ask.fail(f"process({short(work.events[0])})", NOT_THE_EVENT)
    if len(work.events) > 1:
        ask.fail(f"process was called {len(work.events)} times", TWICE)
    if work.events and answered.status == 500:
        cause = cause_of(answered.error) if answered.error else None
        unanswered = answered.error is None or cause is RETURNS_NOTHING
        ask.fail(
            str(answered), NO_ANSWER if unanswered else cause, lines=answered.lines
        )
    expect_acknowledged(ask, answered, make_app, otherwise=None)


def answers_after_the_work(make_app: MakeApp) -> None:
    """The answer goes out after the work, not before it."""
    event, work = payments(1)[0], Work(patience=PATIENCE / 2)
    ask = _asking(event, "process takes a while", "a 2xx after process has returned")
    answered = _deliver(ask, make_app, work, event)
    work.done.wait(PATIENCE)
    if work.too_late:
        ask.fail(f"{answered}, and only then process was at work", ACK_FIRST)


def reports_bugs(make_app: MakeApp) -> None:
    """Anything unexpected is answered with 500."""
    for error in (
        KeyError("amount"),
        ValueError("no amount"),
        ZeroDivisionError("division by zero"),
        Surprise("never seen before"),
    ):
        ask, answered = _failing(make_app, error, "500 Internal Server Error")
        if answered.status != 500:
            mistake = BUG_IS_BUSY if answered.status == 503 else None
            if 400 <= answered.status < 500:
                mistake = BLAMES_SENDER
            ask.fail(str(answered), mistake)


def asks_for_later(make_app: MakeApp) -> None:
    """Temporary is answered with 503: come again."""
    ask, answered = _failing(
        make_app, Temporary("the warehouse is busy"), "503 Service Unavailable"
    )
    if answered.status != 503:
        mistake = NOT_TOLD_APART if answered.status >= 500 else GIVES_UP
        ask.fail(str(answered), mistake, lines=answered.lines)


def refuses_for_good(make_app: MakeApp) -> None:
    """Permanent is answered with a 4xx: this will never go well."""
    ask, answered = _failing(make_app, Permanent("no such order"), FOR_GOOD)
    _is_permanent(ask, answered)


def knows_their_kinds(make_app: MakeApp) -> None:
    """A class that derives from Temporary or Permanent counts as one."""
    ask, answered = _failing(
        make_app, Busy("the parcel service is down"), "503 Service Unavailable"
    )
    if answered.status != 503:
        ask.fail(str(answered), EXACT_CLASS)
    ask, answered = _failing(make_app, UnknownOrder("A-1"), FOR_GOOD)
    if not 400 <= answered.status < 500:
        ask.fail(str(answered), EXACT_CLASS)
    _is_permanent(ask, answered)


def works_on_the_retry(make_app: MakeApp) -> None:
    """After a failure the same event, sent again, is worked on again."""
    event, work = payments(1)[0], Work(raises=Temporary("the warehouse is busy"))
    ask = _asking(event, "process fails, then the retry comes", "process called, 2xx")
    bench = Bench.set_up(ask, make_app, work)
    bench.send(event)
    work.raises, before = None, len(work.events)
    answered = bench.send(event)
    if len(work.events) == before:
        ask.fail(f"{answered}; process was not called again", CLAIMED_EARLY)
    if not answered.acknowledged:
        ask.fail(str(answered), lines=answered.lines)


def keeps_apps_apart(make_app: MakeApp) -> None:
    """Two apps, each with a process of its own, do not mix."""
    event, first, second = payments(1)[0], Work(), Work()
    ask = _asking(
        event,
        "make_app(first), make_app(second); the event is sent to the first app",
        "first(event), and no call of second",
    )
    bench = receiver_of(ask, make_app, first)
    receiver_of(ask, make_app, second)
    answered = bench.send(event)
    if second.events or not first.events:
        called = "second" if second.events else "neither"
        ask.fail(f"{answered}; {called} was called", MIXED_UP)


def survives_exits(make_app: MakeApp) -> None:
    """An exit or a cancellation inside of process is answered with 500."""
    for error in (SystemExit(1), asyncio.CancelledError()):
        ask, answered = _failing(make_app, error, "500 Internal Server Error")
        if answered.status != 500:
            ask.fail(str(answered))


FOR_GOOD = "a status from 400 to 499, but none of 408, 410, 425, 429"


def _asking(event: Event, what: str, expected: str) -> Question:
    return Question(
        sent=f"POST /webhooks\n{event.body.decode()}\n{what}",
        expected=expected,
        why="The status is all that the sender learns of your work, and by it the "
        "sender decides whether the event comes again.",
        try_next="Follow the event through your view: what is called, what is raised, "
        "what is returned?",
    )


def _failing(
    make_app: MakeApp, error: BaseException, expected: str
) -> tuple[Question, Answered]:
    """Deliver to a process that raises; a 2xx or a second call ends the case."""
    event, work = payments(1)[0], Work(raises=error)
    raised = f"{type(error).__name__}({', '.join(map(repr, error.args))})"
    ask = _asking(event, f"process raises {raised}", expected)
    answered = _deliver(ask, make_app, work, event)
    if answered.acknowledged:
        ask.fail(str(answered), ACK_ANYWAY)
    if len(work.events) > 1:
        called = f"{answered}; process was called {len(work.events)} times"
        replace(ask, expected=f"one call of process, then {expected}").fail(
            called, TRIES_AGAIN
        )
    return ask, answered


def _is_permanent(ask: Question, answered: Answered) -> None:
    if answered.status in MEANS_MORE:
        ask.fail(str(answered), OTHER_MEANING)
    if not 400 <= answered.status < 500:
        mistake = FOR_EVER if answered.status >= 500 else None
        ask.fail(str(answered), mistake, lines=answered.lines)


def _deliver(ask: Question, make_app: MakeApp, work: Work, event: Event) -> Answered:
    """Deliver one event to an app of its own; `work` learns when the answer is out."""

    def making() -> Any:
        app = make_app(work)
        if isinstance(app, flask.Flask):
            app.wsgi_app = _telling(app.wsgi_app, work)  # type: ignore[method-assign]  # Flask's own way in
        return app

    return receiver_of(ask, making).send(event)


def _telling(serve: Callable[..., Any], work: Work) -> Callable[..., Any]:
    def telling(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        def starting(*args: Any) -> Any:
            work.answered.set()
            return start_response(*args)

        return serve(environ, starting)

    return telling


REPORT = Exercise(
    id="2.3",
    lab="02_endpoint",
    wants="make_app(process) -> Flask",
    cases=(
        works_then_answers,
        answers_after_the_work,
        reports_bugs,
        asks_for_later,
        refuses_for_good,
        knows_their_kinds,
        works_on_the_retry,
        keeps_apps_apart,
        survives_exits,
    ),
    hints=(
        (
            "In which line of the view do you know that the work is done? Only "
            "behind that line may a 2xx stand."
        ),
        (
            "try: process(event), and two excepts, one for Temporary and one for "
            "Permanent. What does Flask answer to an exception that nobody catches?"
        ),
        (
            "Flask answers 500 by itself, so the unexpected needs no code. In the "
            'two excepts return a text and a status, such as "come again", 503.'
        ),
    ),
)
