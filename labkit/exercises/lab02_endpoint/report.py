"""Exercise 2.3: make_app(process) -> Flask, which returns the status that is true."""

import json
import random
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from werkzeug.exceptions import Gone, NotFound

from labkit.checks.calls import JSON
from labkit.checks.contract import contract
from labkit.checks.observing import Seen, exactly
from labkit.checks.proving import judged
from labkit.checks.raising import BUGS, EXITS, HTTP, Make, Surprise
from labkit.checks.space import Fields, Space, Trial, probe
from labkit.checks.steps import (
    LATE,
    App,
    Fail,
    MakeAnother,
    Post,
    Restart,
    Step,
    status_class,
)
from labkit.exercises.lab02_endpoint.report_mistakes import MEANS_MORE, MISTAKES
from labkit.exercises.lab02_endpoint.work import Permanent, Temporary, name_of, world_of
from labkit.model import Event
from labkit.samples import contacts, payments, pushes

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
        other paths, two requests at the same time, or a call of `process` that takes
        half a second or more.
""")


class Busy(Temporary):
    """A kind of Temporary, as the library of a parcel service could define it."""


class BusyNow(Busy):
    """A kind of Busy."""


class Slow(Temporary, TimeoutError):
    """Temporary, and one of Python's own classes."""


class UnknownOrder(Permanent):
    """A kind of Permanent."""


class GoneOrder(Permanent, Gone):
    """Permanent, and one of Werkzeug's classes."""


class NoSuchKey(Permanent, KeyError):
    """Permanent, and one of Python's own classes."""


class TemporaryAddress(Permanent):
    """A kind of Permanent with a name that misleads."""


class ServiceFailed(Exception):
    """Holds the status of another service, as a library for HTTP defines it."""

    status = status_code = code = 409


EVENTS = payments(12)
FIRST = EVENTS[0]
_BUGS: Sequence[Make] = (
    *BUGS,
    lambda: RuntimeError("temporary"),
    lambda: ExceptionGroup("two orders", [Temporary("busy"), Temporary("busy")]),
    lambda: ExceptionGroup("one order", [Permanent("never")]),
    lambda: Exception("permanent"),
    lambda: _caused(KeyError("amount"), Temporary("busy")),
    lambda: _caused(KeyError("amount"), Permanent("never")),
    lambda: ServiceFailed("the response of another service"),
)
_SUBCLASSES: Sequence[Make] = (
    lambda: Busy("the parcel service is down"),
    lambda: UnknownOrder("A-1"),
    lambda: Slow("no response"),
    lambda: NoSuchKey("A-1"),
    lambda: GoneOrder("A-1"),
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
    for argument in (ValueError("busy"), 410):
        yield Trial("temporary", _failing("argument", partial(Temporary, argument)))
        yield Trial("permanent", _failing("argument", partial(Permanent, argument)))
    for kind, error in (
        ("temporary", lambda: _caused(Temporary(), Permanent())),
        ("permanent", lambda: _caused(Permanent(), Temporary())),
    ):
        yield Trial(kind, _failing("chained", error))
    for subclass in _SUBCLASSES:
        yield Trial("subclasses", _failing("subclass", subclass))
    for kind, errors in (("bug", _BUGS), ("exit", EXITS), ("http", HTTP)):
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
    yield again("fields", Post(FIRST.body[:-1] + b',"note":"a gift"}'), second)
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
            steps.append(Fail(rng.choice(errors), name_of(app)))
        steps.append(_post(rng.choice(EVENTS[:3]), app))
    return Trial("again", {"kind": "generated", "steps": steps})


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
    right = {(name_of(each.app), exactly(json.loads(each.body))) for each in posts}
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


def _broken(fields: Fields, _: Seen, __: Seen) -> str | None:
    """Blame the sentence about the response or the event if the next event differs."""
    return {"other": "done", "fields": "work"}.get(fields["kind"])


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
        world_of, normal_status=_status, normal_effects=_effects, compared=_compared
    ),
    mistakes=MISTAKES,
    blames=_broken,
)
