"""Exercise 2.3: make_app(process) -> Flask, and the two exceptions that it needs."""

import asyncio
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from werkzeug.exceptions import (
    BadRequest,
    Conflict,
    HTTPException,
    NotFound,
    ServiceUnavailable,
    Unauthorized,
)
from werkzeug.wrappers import Response

from labkit.checks import Mistake
from labkit.checks.calls import JSON, Answered
from labkit.checks.contract import contract
from labkit.checks.mistakes import Proof, Rule, always, mistakes
from labkit.checks.observing import Seen, exactly
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial, probe
from labkit.checks.steps import (
    LATE,
    PATIENCE,
    App,
    Callbacks,
    Fail,
    MakeAnother,
    Post,
    Restart,
    Step,
    status_class,
)
from labkit.exercises.lab02_endpoint.apps import answers_of, app_rules, effects_of
from labkit.model import Event
from labkit.running.ownership import is_learners
from labkit.samples import contacts, payments, pushes


class Temporary(Exception):
    """The work cannot be done now, but it may succeed later."""


class Permanent(Exception):
    """The work can never be done for this event."""


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
NO_ANSWER, ACK_FIRST, ACK_ANYWAY, BLAMES_SENDER, BUG_IS_BUSY = mistakes("""
    no-answer-after-the-work: Your view uses what process returns, but process returns
        nothing. The sender gets a 500 and sends the event again, so the work is done
        twice.
        Try: Return a response of your own after the call to process.
    acknowledges-before-the-work: Your response is sent before the work is done. If the
        work then fails, or the process is restarted, the sender does not retry, and the
        event is lost.
        Try: Call process(event) in the view itself, and respond after it has returned.
    acknowledges-a-failure: Your code responds with a 2xx although process raised an
        exception. The sender stops retrying and no alert fires, so the payment has no
        parcel.
        Try: Return the 2xx in one place only: after process(event) has returned
        normally.
    blames-the-sender-for-a-bug: Your code responds with a 4xx to an exception that is a
        bug of the receiver. Some senders then give up at once, although a new version
        would fix the bug.
        Try: Return a 4xx only for Permanent, and 500 for everything unexpected.
    calls-a-bug-temporary: Your code responds with 503 to an exception that is a bug.
        Waiting does not fix a bug, and an alert for 500s does not fire.
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
        senders then give up the event, although it would succeed in a few minutes.
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
        before. This exercise asks for one call of process per request, also for a
        duplicate.
        Try: Do not store ids here; deduplication is the topic of lab 07.
    apps-share-their-process: Your two apps share one process function, so one app works
        on the events of the other. With two shops in one program, parcels go to the
        wrong customers.
        Try: Create the app and its view inside make_app, where process is the argument.
    exit-gets-no-response: Your code lets an exception such as SystemExit or
        CancelledError leave the app. Flask turns only subclasses of Exception into a
        500, so the sender gets no response and waits until its timeout.
        Try: Add an `except BaseException` after the other two, and return 500 from it.
    status-of-an-http-exception: Your code responds to an HTTPException from process
        with the status of that exception. The sender then treats your bug as its own
        mistake.
        Try: Return 500 for every exception except Temporary and Permanent.
""")

MEANS_MORE = (408, 410, 425, 429)
"""Statuses from 400 to 499 that have a special meaning to a sender."""

CONTRACT = contract("""
    app: Return a Flask app each time `make_app` is called; each app calls its own
        `process`.
    work: For each POST to /webhooks, call `process(event)` exactly once, with the event
        as a dictionary.
    done: After `process` has returned, and not before, respond with a 2xx.
    given: `process` returns None.
    temporary: If it raises `Temporary`, respond with 503.
    permanent: If it raises `Permanent`, respond with a 4xx, but not with 408, 410, 425
        or 429.
    subclasses: This includes subclasses of these two exceptions.
    bugs: If it raises anything else, respond with 500: this includes SystemExit,
        CancelledError and Werkzeug's HTTPException.
    again: Process the same event again if it arrives again, whatever happened before.
    open: The check does not test KeyboardInterrupt, bodies that are not JSON objects,
        other paths, or two requests at the same time.
""")


class Busy(Temporary):
    """A kind of Temporary, as the library of a parcel service could define it."""


class BusyNow(Busy):
    """A kind of Busy."""


class Slow(Temporary, TimeoutError):
    """Temporary, and one of Python's own classes."""


class UnknownOrder(Permanent):
    """A kind of Permanent."""


class NoSuchKey(Permanent, KeyError):
    """Permanent, and one of Python's own classes."""


class TemporaryAddress(Permanent):
    """A kind of Permanent with a name that misleads."""


class Surprise(Exception):
    """An exception that no code expects."""


class Exit(BaseException):
    """An exception that `except Exception` does not catch."""


EVENTS = payments(12)
FIRST = EVENTS[0]
Make = Callable[[], BaseException]

_BUGS: Sequence[Make] = (
    lambda: KeyError("amount"),
    lambda: ValueError("no amount"),
    lambda: TypeError("unsupported operand"),
    lambda: ZeroDivisionError("division by zero"),
    lambda: Surprise("never seen before"),
    lambda: RuntimeError("temporary"),
    lambda: Exception("permanent"),
    lambda: AttributeError("amount"),
    lambda: IndexError(0),
    AssertionError,
    lambda: OSError("disk full"),
    lambda: TimeoutError("timed out"),
    lambda: ConnectionResetError("reset"),
    lambda: PermissionError("not yours"),
    lambda: RecursionError("too deep"),
    MemoryError,
    lambda: json.JSONDecodeError("no JSON", "x", 0),
    lambda: _caused(KeyError("amount"), Temporary("busy")),
    lambda: _caused(KeyError("amount"), Permanent("never")),
    StopIteration,
)
_EXITS: Sequence[Make] = (
    lambda: SystemExit(1),
    asyncio.CancelledError,
    lambda: SystemExit(0),
    GeneratorExit,
    lambda: Exit("stop"),
)
_HTTP: Sequence[Make] = (
    NotFound,
    BadRequest,
    Unauthorized,
    Conflict,
    ServiceUnavailable,
    lambda: HTTPException("no code"),
    lambda: HTTPException(response=Response("", 200)),
)
_SUBCLASSES: Sequence[Make] = (
    lambda: Busy("the parcel service is down"),
    lambda: UnknownOrder("A-1"),
    lambda: Slow("no response"),
    lambda: NoSuchKey("A-1"),
    lambda: BusyNow("busy"),
    lambda: TemporaryAddress("a temporary address"),
)


def _caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


def _post(event: Event, app: int = 0) -> Post:
    return Post(event.body, app=app)


def _trials() -> Iterator[Trial]:
    both = [_post(FIRST), _post(EVENTS[1], app=1)]
    for steps in ([MakeAnother(), *both], [MakeAnother(), *reversed(both), both[0]]):
        yield Trial("app", {"kind": "apps", "steps": steps})
    yield Trial("app", {"kind": "apps", "steps": [both[0], MakeAnother(), *both]})
    for look, sentence in (("work", "work"), ("all", "done")):
        yield Trial(sentence, {"kind": "plain", "look": look})
        for post in _posts():
            yield Trial(sentence, {"steps": [post], "look": look})
    yield Trial(
        "done", {"kind": "slow", "slow": True}, "process takes a while to return"
    )
    for args in (("the warehouse is busy",), (), ("permanent",), ("A-1", 7)):
        yield Trial("temporary", _failing("temporary", partial(Temporary, *args)))
        yield Trial("permanent", _failing("permanent", partial(Permanent, *args)))
    for kind, error in (
        ("temporary", lambda: _caused(Temporary(), Permanent())),
        ("permanent", lambda: _caused(Permanent(), Temporary())),
    ):
        yield Trial(kind, _failing("chained", error))
    for subclass in _SUBCLASSES:
        yield Trial("subclasses", _failing("subclass", subclass))
    for kind, errors in (("bug", _BUGS), ("exit", _EXITS), ("http", _HTTP)):
        for error in errors:
            yield Trial("bugs", _failing(kind, error))
    yield from _repeated()
    yield probe({"kind": "result", "result": "ok"})


def _failing(kind: str, error: Make) -> Fields:
    return {"kind": kind, "steps": [Fail(error), _post(FIRST)], "traced": True}


def _posts() -> Iterator[Post]:
    """Yield requests with events of all kinds and shapes."""
    for event in (EVENTS[1], pushes()[0], contacts()[0]):
        yield _post(event)
    yield _post(Event("payment.failed", {"order_id": "A-1"}, id="evt_1"))
    yield _post(Event("payment.refunded", {}, id="evt_10"))
    yield _post(Event("x", {"name": "Zoë 李雷"}, id=FIRST.id.upper()))
    nested: Any = "end"
    for _ in range(50):
        nested = [nested]
    odd = {
        "id": "evt_9",
        "event": "x.y",
        "created_at": 1,
        "data": {"a": None, "b": 1.5, "c": [], "d": 10**30, "e": nested, "f": True},
        "more": "x" * 100_000,
    }
    pretty = json.dumps(odd, indent=2).encode()
    yield Post(b" " + pretty + b"\r\n", note="spaces around the JSON, and 100 kB")
    yield Post(FIRST.body, chunked=True, note="chunked, without a Content-Length")
    yield Post(FIRST.body, {**JSON, "User-Agent": "PayCo/2.1", "X-Attempt": "3"})


def _repeated() -> Iterator[Trial]:
    """Yield trials in which an event arrives again, or another one after a failure."""
    first, second = _post(FIRST), _post(EVENTS[1])
    failures: Sequence[Make] = (
        lambda: Temporary("busy"),
        lambda: Surprise("a bug"),
        lambda: Permanent("never"),
        lambda: SystemExit(1),
    )

    def again(kind: str, *steps: Step) -> Trial:
        return Trial("again", {"kind": kind, "steps": steps})

    for error in failures:
        yield again("other", Fail(error), first, second)
        yield again("retry", Fail(error), first, first)
        yield again("twice failed", Fail(error), first, Fail(error), first, first)
    yield again("duplicate", first, first)
    yield again("copies", first, second, first, first)
    yield again("mixed", first, Fail(failures[2]), second, first, second)
    yield again("restart", first, Restart(), first)
    yield again("many", *map(_post, EVENTS), *map(_post, EVENTS))
    bursts = [step for _ in range(6) for step in (Fail(failures[0]), first)]
    yield again("burst", *bursts, first, second)


def _random(rng: random.Random) -> Trial:
    """Return a sequence of requests and failures, against one or two apps."""
    errors: Sequence[Make] = (
        Temporary,
        Permanent,
        KeyError,
        Surprise,
        SystemExit,
        NotFound,
    )
    steps: list[Step] = []
    for _ in range(rng.randrange(2, 7)):
        app = rng.randrange(2)
        if rng.random() < 0.5:
            steps.append(Fail(rng.choice(errors), _name(app)))
        steps.append(_post(rng.choice(EVENTS[:3]), app))
    return Trial("again", {"kind": "generated", "steps": steps})


def _name(app: int) -> str:
    return "process" if app == 0 else f"process_{app + 1}"


@contextmanager
def _world(fields: Fields) -> Iterator[Callbacks]:
    """Give each app a process of its own."""

    def arguments(world: Callbacks, app: int) -> Sequence[Any]:
        called = world.callback(_name(app))

        def process(event: Any) -> Any:
            if _worlds and world is not _worlds[-1]:
                _worlds[-1].record.note(OLD)
            asked = fields["kind"] in ("temporary", "permanent")
            if asked and _shadowed(sys._getframe(1)):  # noqa: SLF001 - the caller's names
                world.record.note(OWN)
            return called(event)

        return [process]

    patience = PATIENCE if fields["kind"] in ("", "plain", "slow") else 0
    world = Callbacks(
        arguments, fields["result"], slow=fields["slow"], patience=patience
    )
    _worlds[:] = [world]
    try:
        yield world
    finally:
        _worlds.clear()


_worlds: list[Callbacks] = []
"""The world of the trial that runs now."""

OLD = "_process of an earlier app"
"""The process function of an earlier trial was called; this is not shown."""

OWN = "_own classes"
"""The learner's code has another class of that name; this is not shown."""


def _shadowed(frame: Any) -> bool:
    """Whether the learner's code has another class of that name."""
    while frame is not None:
        if is_learners(frame.f_code.co_filename):
            for kind in (Temporary, Permanent):
                name = kind.__name__
                found = frame.f_locals.get(name, frame.f_globals.get(name, kind))
                if found is not kind:
                    return True
        frame = frame.f_back
    return False


def _status(status: int) -> Any:
    """Return what is compared: the class of a 2xx, and of most 4xx."""
    if 200 <= status < 300 or (400 <= status < 500 and status not in MEANS_MORE):
        return status_class(status)
    return status


def _effects(effects: Sequence[Any]) -> Any:
    """Return the calls of process; a subclass of dict counts as a dictionary."""
    return [
        (name, *(exactly(dict(each) if isinstance(each, dict) else each) for each in w))
        for name, *w in effects
        if not name.startswith("_")
    ]


def _compared(fields: Fields, values: tuple[Any, ...]) -> Any:
    """Return what the sentence of the trial is about."""
    if fields["kind"] == "apps":
        return _misdirected(fields, values)
    if fields["look"] == "work":
        return [(n.removesuffix(LATE), *w) for _, calls in values for n, *w in calls]
    return values


def _misdirected(fields: Fields, values: tuple[Any, ...]) -> list[str]:
    """Return the names of the calls with an event that was sent to another app."""
    posts = [step for step in fields["steps"] if isinstance(step, Post)]
    right = {(_name(each.app), exactly(json.loads(each.body))) for each in posts}
    events = {event for _, event in right}
    calls = {
        (name.removesuffix(LATE), *what)
        for _, called in values
        for name, *what in called
    }
    return sorted(
        name
        for name, *what in calls
        if what[0] in events and (name, what[0]) not in right
    )


How = Callable[[Fields, Seen], bool]


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
        name.removesuffix(LATE) != _name(step.app)
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


def _late(_: Fields, seen: Seen) -> bool:
    answered = answers_of(seen)
    return any(name.endswith(LATE) for name, *_ in _calls(seen)) and all(
        200 <= each.status < 300 for each in answered
    )


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
    Rule(ACK_FIRST, _kind("slow"), how=_late, may=always),
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

REPORT = judged(
    id="2.3",
    lab="02_endpoint",
    wants="make_app(process) -> Flask",
    hints=(
        (
            "Which line of the view tells you that the work is done? Return a 2xx only "
            "after that line."
        ),
        (
            "Put only process(event) into a try, with one except for Temporary and one "
            "for Permanent. What happens to an exception that neither of them catches?"
        ),
        (
            "Flask turns an Exception into a 500 only if it is not an HTTPException. "
            'Catch the rest with a third except, for BaseException, and return "", '
            "500 from it."
        ),
    ),
    contract=CONTRACT,
    space=Space(
        {
            "steps": [_post(FIRST)],
            "look": "all",
            "kind": "",
            "slow": False,
            "result": None,
        },
        _trials,
        _random,
        many=60,
    ),
    observer=App(
        _world,
        normal_status=_status,
        normal_effects=_effects,
        compared=_compared,
    ),
    mistakes=MISTAKES,
)
