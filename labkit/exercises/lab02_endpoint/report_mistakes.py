"""The mistakes of exercise 2.3, and what proves them."""

import json
from collections.abc import Callable
from typing import Any

from labkit.checks import Mistake
from labkit.checks.calls import Answered
from labkit.checks.mistakes import Proof, Rule, always, mistakes
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.checks.steps import LATE, Post
from labkit.exercises.lab02_endpoint.apps import (
    ACK_FIRST,
    How,
    answers_of,
    app_rules,
    effects_of,
    late,
)
from labkit.exercises.lab02_endpoint.work import OLD, OWN, Temporary, name_of

WRONG_ENDPOINT, WORK_UNDONE, NOT_THE_EVENT, TWICE, TRIES_AGAIN = mistakes("""
    endpoint-not-at-webhooks: The provider posts to /webhooks, where your app returns
        404. Every delivery fails, and after days of retries the provider gives up.
        Try: Write the route as @app.post("/webhooks").
    acknowledges-without-the-work: Your view responds with a 2xx without calling
        process. The sender stops retrying, so the event is lost.
        Try: Call process(event) in the view, and respond after it has returned.
    hands-over-something-else: Your code does not pass the event, whole and unchanged,
        to process. It needs the dictionary with all fields: the id and the type are
        outside `data`.
        Try: Parse the body once, and pass the dictionary that you get, unchanged.
    works-twice: Your code calls process twice for one request. That ships two parcels
        for one payment.
        Try: Call process(event) in one place only.
    tries-again-by-itself: Your view calls process again after a failure. Meanwhile the
        sender waits for the response; after a few seconds it times out and sends the
        event again. Retrying is its job.
        Try: Call process(event) once per request, and report a failure with the status.
""")
NO_ANSWER, ACK_ANYWAY, BLAMES_SENDER, BUG_IS_BUSY = mistakes("""
    no-answer-after-the-work: Your view uses what process returns, but process returns
        nothing. The sender gets a 500 and sends the event again, so the work is done
        twice.
        Try: Return a response of your own after the call to process.
    acknowledges-a-failure: Your code responds with a 2xx although process raised an
        exception. The sender stops retrying and no alert fires, so the customer has
        paid but gets no parcel.
        Try: Return the 2xx in one place only: after process(event) has returned
        normally.
    blames-the-sender-for-a-bug: Your code responds with a 4xx to an exception that is
        caused by a bug in the receiver. Some senders then give up at once, although a
        new version would fix the bug.
        Try: Return a 4xx only for Permanent, and 500 for everything unexpected.
    calls-a-bug-temporary: Your code responds with 503 to an exception that is caused by
        a bug. Waiting does not fix a bug, and an alert for 500s does not fire.
        Try: Return 503 only for Temporary, and 500 for everything unexpected.
""")
NOT_TOLD_APART, OWN_CLASSES, GIVES_UP, TOO_MANY = mistakes("""
    temporary-not-told-apart: Your code responds with 500 to Temporary, as it does to a
        bug. An alert for bugs then fires without a bug, and a sender that waits longer
        after a 503 retries too soon.
        Try: Catch Temporary around the call to process, before any broader except.
    classes-of-its-own: Your code defines its own class Temporary or Permanent. process
        raises the classes of labkit.exercises, and your except does not catch these.
        Try: Import both: from labkit.exercises import Permanent, Temporary.
    gives-up-what-would-go-well-later: Your code responds to Temporary with a 4xx. Some
        senders then give up on the event, although another attempt in a few minutes
        would succeed.
        Try: Respond to Temporary with 503.
    busy-says-too-many-requests: Your code responds to Temporary with 429. That tells
        the sender that it sends too much, and some senders give up after any 4xx.
        Try: Respond to Temporary with 503.
""")
FOR_EVER, OTHER_MEANING, EXACT_CLASS, CLAIMED_EARLY = mistakes("""
    has-the-hopeless-sent-again: Your code responds to Permanent with a 5xx, which asks
        for a retry. The event fails each time, for days, and the alert fires each time.
        Try: Respond to Permanent with a 4xx, such as 422.
    status-with-another-meaning: Your code responds to Permanent with a status that has
        another meaning: 408, 425 and 429 ask for a retry, and 410 may disable your
        endpoint for all events.
        Try: Use a 4xx without such a meaning: 400 or 422.
    asks-for-the-exact-class: Your code does not recognise subclasses of Temporary and
        Permanent. Libraries raise subclasses; a comparison of classes or names with ==
        misses them.
        Try: Use except or isinstance, which also accept subclasses.
    remembers-before-the-work: Your code stores the id before the work is done. After a
        failure it treats the retry as a duplicate, so the event is lost.
        Try: Do not store ids here; deduplication is the topic of lab 07.
""")
SKIPS_DUPLICATES, MIXED_UP, EXIT_ESCAPES, HTTP_ESCAPES = mistakes("""
    skips-duplicates: Your code does not process an event whose id it has processed
        before. This exercise asks for one call to process per request, even for a
        duplicate.
        Try: Do not store ids here; deduplication is the topic of lab 07.
    apps-share-their-process: Your two apps share one process function, so one app works
        on the events of the other. With two shops in one program, parcels go to the
        wrong customers.
        Try: Create the app and its view inside make_app, where process is the argument.
    exit-gets-no-response: Your code lets an exception such as SystemExit or
        CancelledError leave the app. Flask turns only subclasses of Exception into a
        500, so the sender gets no response, and may wait until its timeout.
        Try: Catch BaseException around the call to process, after Temporary and
        Permanent, and return 500.
    status-of-an-http-exception: Your code responds to an HTTPException from process
        with the status of that exception. The sender then treats your bug as its own
        mistake.
        Try: Return 500 for every exception except Temporary and Permanent.
""")

MEANS_MORE = (408, 410, 425, 429)
"""Statuses from 400 to 499 that have a special meaning to a sender."""


def _kind(*kinds: str) -> Callable[[Fields], bool]:
    return lambda fields: fields["kind"] in kinds


def _calls(seen: Seen) -> list[tuple[Any, ...]]:
    return [each for each in effects_of(seen) if not each[0].startswith("_")]


def _last(accepts: Callable[[int], bool], *, calls: int = 1) -> How:
    """Accept a last response whose status fits, after so many calls of process."""

    def how(_: Fields, seen: Seen) -> bool:
        answered = answers_of(seen)[-1:]
        fits = all(not each.silent and accepts(each.status) for each in answered)
        return bool(answered) and fits and len(_calls(seen)) == calls

    return how


def _is(*statuses: int) -> Callable[[int], bool]:
    return lambda status: status in statuses


def _in(start: int) -> Callable[[int], bool]:
    return lambda status: start <= status < start + 100


def _gets(fields: Fields, seen: Seen) -> bool:
    """Whether process got anything other than the event."""
    calls = _calls(seen)
    return len(calls) == 1 and calls[0][1:] != (json.loads(fields["steps"][0].body),)


def _as_a_bug(_: Fields, seen: Seen) -> bool:
    """Whether Temporary got a 500 like a bug, and no other exception was raised."""
    known = all(isinstance(error, Temporary) for error in seen.caught)
    return _last(_is(500))(_, seen) and known and not _has(OWN)(_, seen)


def _has(effect: str) -> How:
    return lambda _, seen: any(name == effect for name, *_ in effects_of(seen))


def _mixed_up(fields: Fields, seen: Seen) -> bool:
    """Whether a request to one app called the process of another."""
    steps = zip(fields["steps"], seen.result or (), strict=False)
    return any(
        name.removesuffix(LATE) != name_of(step.app)
        for step, (_, effects) in steps
        if isinstance(step, Post)
        for name, *_ in effects
    )


def _undone(fields: Fields, seen: Seen) -> bool:
    return _last(_in(200), calls=0)(fields, seen) and not _has(OLD)(fields, seen)


def _silent(_: Fields, seen: Seen) -> bool:
    return any(answered.silent for answered in answers_of(seen))


def _own_status(fields: Fields, seen: Seen) -> bool:
    """Whether the response has the status of the HTTPException."""
    error: Any = fields["steps"][0].error()
    answered: list[Answered] = answers_of(seen)
    return any(each.status == error.code for each in answered[-1:])


def _some(
    mistake: Mistake, differs: Callable[[Fields], bool], how: How, **more: Any
) -> Rule:
    return Rule(mistake, differs, how=how, some=True, **more)


_FAILING = _kind("temporary", "permanent", "bug", "exit", "http", "subclass")
_PLAIN = _kind("plain")


def _full_plain(fields: Fields) -> bool:
    return bool(fields["kind"] == "plain" and fields["look"] == "all")


MISTAKES: list[Proof] = [
    Rule(NO_ANSWER, _full_plain, _kind("result"), _last(_is(500)), may=_PLAIN),
    *app_rules(_full_plain, "/webhooks"),
    Rule(WRONG_ENDPOINT, _PLAIN, how=_last(_is(404), calls=0), may=always),
    Rule(WORK_UNDONE, _PLAIN, how=_undone),
    Rule(NOT_THE_EVENT, _kind("plain"), how=_gets, some=True),
    Rule(TWICE, _PLAIN, how=_last(_in(200), calls=2), may=always),
    Rule(ACK_FIRST, _kind("slow"), how=late, may=always),
    _some(ACK_ANYWAY, _FAILING, _last(_in(200))),
    _some(TRIES_AGAIN, _FAILING, lambda _, seen: len(_calls(seen)) > 1),
    _some(BLAMES_SENDER, _kind("bug"), _last(_in(400))),
    _some(BUG_IS_BUSY, _kind("bug"), _last(_is(503))),
    _some(NOT_TOLD_APART, _kind("temporary"), _as_a_bug),
    _some(OWN_CLASSES, _kind("temporary", "permanent"), _has(OWN)),
    Rule(TOO_MANY, _kind("temporary"), how=_last(_is(429))),
    Rule(
        GIVES_UP,
        _kind("temporary"),
        how=_last(lambda status: _in(400)(status) and status not in MEANS_MORE),
    ),
    Rule(FOR_EVER, _kind("permanent"), how=_last(_in(500))),
    Rule(OTHER_MEANING, _kind("permanent"), how=_last(_is(*MEANS_MORE))),
    Rule(
        EXACT_CLASS, _kind("subclass"), _kind("temporary", "permanent"), _last(_in(500))
    ),
    Rule(CLAIMED_EARLY, _kind("retry"), _kind("other"), _last(_in(200))),
    Rule(
        SKIPS_DUPLICATES,
        _kind("duplicate"),
        _kind("retry"),
        _last(_in(200)),
        may=_kind("copies", "mixed", "many", "twice failed", "burst", "restart"),
    ),
    Rule(MIXED_UP, _kind("apps"), how=_mixed_up),
    Rule(MIXED_UP, _PLAIN, how=_has(OLD), may=always),
    Rule(MIXED_UP, _kind("apps"), how=_has(OLD), some=True, stateful=True),
    _some(EXIT_ESCAPES, _kind("exit"), _silent),
    _some(HTTP_ESCAPES, _kind("http"), _own_status),
]
