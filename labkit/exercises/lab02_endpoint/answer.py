"""Exercise 2.1: answer the right request with 2xx, and no other.

What its cases ask of an app, exercise 2.3 asks of its own as well.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import flask

from labkit.checks import (
    ASYNC,
    Exercise,
    Mistake,
    Question,
    lines_of,
    quietly,
)
from labkit.checks import describe as in_one_line
from labkit.checks.calls import JSON, Answered, Bench
from labkit.exercises.lab02_endpoint.apps import (
    METHODS_AS_TEXT,
    NO_ANSWER_TYPE,
    NO_POST,
    NO_ROUTE,
    NO_SLASH,
    REDIRECTS,
    RETURNS_NOTHING,
    SHARED_APP,
    UNDEFINED,
    VIEW_RAISES,
    WANTS_REQUEST,
)
from labkit.samples import payments

MakeApp = Callable[..., Any]

PAYMENT = "/webhooks/payment-success"
OTHER_METHODS = ("GET", "PUT", "PATCH", "DELETE")
OTHER_PATHS = (
    "/webhooks",
    "/webhooks/payment-failed",
    "/webhooks/payment-success/again",
    "/payment-success",
)
BODIES: tuple[tuple[str, bytes, Mapping[str, str]], ...] = (
    ("a form", b"order_id=A-1", {"Content-Type": "application/x-www-form-urlencoded"}),
    ("JSON that is cut off", b'{"id": "evt_1', JSON),
    ("no body and no Content-Type", b"", {}),
)

RUNS_A_SERVER = Mistake(
    "runs-a-server-itself",
    "app.run() starts a server and does not come back as long as it runs, so whoever "
    "called make_app waits for ever.",
    "Leave app.run() out: build the app and return it. Running it is the Receiver's "
    "task here, and a real server's in production.",
)
WRONG_PATH = Mistake(
    "other-path",
    "The address was given to the provider letter by letter. Every delivery to it is "
    "answered with 404, and you never hear of those payments.",
    f"Compare your path with {PAYMENT}: slashes, hyphens, spelling.",
)
OTHER_ARGUMENTS = Mistake(
    "takes-other-arguments",
    "make_app is called as the exercise says, and your function takes more or fewer "
    "arguments than that. So none of its lines has run.",
    "Compare your line with def with the one in the exercise.",
)
NOT_2XX = Mistake(
    "answers-without-2xx",
    "Only a status from 200 to 299 says that you have the event. After anything else "
    "the sender counts the attempt as failed and tries again.",
    "Return a status from 200 to 299 for this request.",
)
NEEDS_BODY = Mistake(
    "needs-a-certain-body",
    "This endpoint only says that something came. Reading the body as JSON makes it "
    "refuse what it would not have needed; providers also send forms, empty pings and "
    "test calls.",
    "Answer without reading the body. What is in it is the matter of lab 03.",
)
ANY_METHOD = Mistake(
    "answers-other-methods",
    "Whoever opens the address in a browser, and every robot that follows links, "
    "would now count as a payment.",
    "Name POST as the only method; Flask answers 405 to the others by itself.",
)
ANY_PATH = Mistake(
    "answers-other-paths",
    "Any address at all is acknowledged. A provider with a misspelt URL believes that "
    "all is well, and its events vanish without a trace.",
    "Give the route the one full path, without a variable part, and leave 404 alone.",
)


def gives_an_app(make_app: MakeApp) -> None:
    """make_app returns a Flask app each time it is called, and starts no server."""
    ask = Question(
        sent="make_app(), one request to that app, and make_app() again",
        expected="a Flask app, twice",
        why="A server, a test and this check each ask make_app for an app.",
        try_next="Build the app in make_app, with its route, and return it.",
    )
    with _no_server_started() as started:
        app = ask.call(_telling(ask, make_app), known=_KNOWN)
        if started:
            ask.fail("make_app started a server", RUNS_A_SERVER)
        Bench.set_up(ask, lambda: app).send(path=PAYMENT)
        receiver_of(ask, make_app)


def acknowledges_payments(make_app: MakeApp) -> None:
    """POST /webhooks/payment-success is acknowledged with a 2xx."""
    event = payments(1)[0]
    ask = Question(
        sent=f"POST {PAYMENT}\n{event.body.decode()}",
        expected="a status from 200 to 299",
        why=NOT_2XX.why,
        try_next=NOT_2XX.try_next,
    )
    answered = receiver_of(ask, make_app).send(event, path=PAYMENT)
    expect_acknowledged(ask, answered, make_app, otherwise=NOT_2XX)


def acknowledges_any_body(make_app: MakeApp) -> None:
    """It is acknowledged whatever the body is."""
    for name, body, headers in BODIES:
        ask = Question(
            sent=f"POST {PAYMENT} with {name}",
            expected="a status from 200 to 299",
            why=NEEDS_BODY.why,
            try_next=NEEDS_BODY.try_next,
        )
        answered = receiver_of(ask, make_app).send(body, headers, path=PAYMENT)
        if not answered.acknowledged:
            ask.fail(str(answered), NEEDS_BODY, lines=answered.lines)


def refuses_other_methods(make_app: MakeApp) -> None:
    """Other methods are answered with 405."""
    for method in OTHER_METHODS:
        ask = Question(
            sent=f"{method} {PAYMENT}",
            expected="405 Method Not Allowed",
            why="405 tells whoever set up the webhook that the method is at fault.",
            try_next="Let Flask answer: it sends 405 for every method that a path "
            "does not name.",
        )
        answered = receiver_of(ask, make_app).send(path=PAYMENT, method=method)
        if answered.status != 405:
            mistake = ANY_METHOD if answered.acknowledged else None
            ask.fail(str(answered), mistake, lines=answered.lines)


def refuses_other_paths(make_app: MakeApp) -> None:
    """Other paths are answered with 404."""
    for path in OTHER_PATHS:
        ask = Question(
            sent=f"POST {path}",
            expected="404 Not Found",
            why="404 tells whoever set up the webhook that the address is misspelt.",
            try_next="Let Flask answer: it sends 404 for every path without a route.",
        )
        answered = receiver_of(ask, make_app).send(payments(1)[0], path=path)
        if answered.status != 404:
            mistake = ANY_PATH if answered.acknowledged else None
            ask.fail(str(answered), mistake, lines=answered.lines)


def receiver_of(ask: Question, make_app: MakeApp, *args: Any) -> Bench:
    """Call `make_app` and return its app on a bench; what is no app ends the case."""
    return Bench.set_up(ask, _telling(ask, make_app), *args, known=_KNOWN)


def _telling(ask: Question, make_app: MakeApp) -> MakeApp:
    """Return `make_app` so that a TypeError with a known cause ends the case."""

    def telling(*args: Any) -> Any:
        try:
            return make_app(*args)
        except TypeError as error:
            if "methods must be a list" in str(error):
                ask.fail(in_one_line(error), METHODS_AS_TEXT, lines=lines_of(error))
            if not lines_of(error):  # never got into the body
                ask.fail(in_one_line(error), OTHER_ARGUMENTS)
            raise

    return telling


_KNOWN: dict[type[BaseException], Mistake] = {
    AssertionError: SHARED_APP,
    ValueError: NO_SLASH,
    NameError: UNDEFINED,
}


def expect_acknowledged(
    ask: Question, answered: Answered, make_app: MakeApp, *, otherwise: Mistake | None
) -> None:
    """End the case with the mistake behind an answer that is no 2xx."""
    if answered.acknowledged:
        return
    text = str(answered)
    mistake = otherwise
    if answered.status == 404 and answered.error is None:
        app = quietly(make_app)
        mistake = WRONG_PATH if _routes(app) else NO_ROUTE
        text += f"; {what_it_knows(app)}"
    elif answered.status == 405:
        mistake = NO_POST
    elif 300 <= answered.status < 400:
        mistake = REDIRECTS
    elif answered.error is not None:
        mistake = cause_of(answered.error) or VIEW_RAISES
    ask.fail(text, mistake, lines=answered.lines)


def cause_of(error: BaseException) -> Mistake | None:
    """Return the mistake that made Flask raise this over a view, or None."""
    text = str(error)
    if isinstance(error, RuntimeError) and "async" in text:
        return ASYNC
    if isinstance(error, NameError):
        return UNDEFINED
    if not isinstance(error, TypeError):
        return None
    if "returned None" in text:
        return RETURNS_NOTHING
    if "valid response" in text:
        return NO_ANSWER_TYPE
    if "missing 1 required positional argument" in text:
        return WANTS_REQUEST
    return None


def what_it_knows(app: object) -> str:
    """Return the paths of an app in words, to stand behind a 404."""
    return f"this app knows {', '.join(_routes(app)) or 'no path at all'}"


def _routes(app: object) -> list[str]:
    if not isinstance(app, flask.Flask):
        return []
    rules = (rule for rule in app.url_map.iter_rules() if rule.endpoint != "static")
    return [rule.rule for rule in rules]


@contextmanager
def _no_server_started() -> Iterator[list[str]]:
    """Let `Flask.run` note its call in the list and return, instead of serving."""
    started: list[str] = []
    run = flask.Flask.run

    def noting(app: flask.Flask, *args: object, **kwargs: object) -> None:
        started.append(app.name)

    flask.Flask.run = noting  # type: ignore[method-assign, assignment]  # put back below
    try:
        yield started
    finally:
        flask.Flask.run = run  # type: ignore[method-assign]  # as it was


ANSWER = Exercise(
    id="2.1",
    lab="02_endpoint",
    wants="make_app() -> Flask",
    cases=(
        gives_an_app,
        acknowledges_payments,
        acknowledges_any_body,
        refuses_other_methods,
        refuses_other_paths,
    ),
    hints=(
        "The endpoint for pushes above is nearly what you need. What is different?",
        (
            "Three steps inside of make_app: make a Flask app, give it one view "
            "with a decorator, return the app."
        ),
        (
            f'The decorator is @app.post("{PAYMENT}"); the view below it needs no '
            "parameter, and returns a text and a status."
        ),
    ),
)
