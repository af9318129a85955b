"""Exercise 2.1: make_app() -> Flask, an endpoint that only acknowledges requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import flask

from labkit.checks.callbacks import Callbacks
from labkit.checks.calls import JSON
from labkit.checks.contract import contract
from labkit.checks.mistakes import Proof, Rule, always, mistakes
from labkit.checks.observing import Seen, exactly
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.checks.steps import App, MakeAnother, Post, status_class
from labkit.exercises.lab02_endpoint.apps import (
    WRONG_PATH,
    answers_of,
    app_rules,
    effects_of,
)
from labkit.samples import payments, pushes

PAYMENT = "/webhooks/payment-success"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PARTS = {"Content-Type": "multipart/form-data; boundary=Cut"}
OTHER_METHODS = ("GET", "PUT", "PATCH", "DELETE")
OTHER_PATHS = (
    "/webhooks",
    "/webhooks/payment-failed",
    "/webhooks/payment-success/again",
    "/payment-success",
    "/webhooks/push",
    "/webhooks/payment-succes",
    "/webhooks/payment-success2",
    "/webhooks/payment_success",
    "/webhooks/Payment-Success",
    "/WEBHOOKS/PAYMENT-SUCCESS",
    "/x/webhooks/payment-success",
    "/",
    *("/health", "/healthz", "/status", "/ping", "/metrics", "/index.html"),
    *("/favicon.ico", "/robots.txt", "/admin", "/debug", "/test", "/api/webhooks"),
)

RUNS_A_SERVER, NOT_2XX, NEEDS_BODY, ANY_METHOD, ANY_PATH = mistakes("""
    runs-a-server-itself: Your make_app starts a server with app.run(). The code that
        calls make_app has to decide where the app runs, and app.run() does not return
        while it runs.
        Try: Remove app.run(), and return the app; the Receiver runs it here.
    answers-without-2xx: Your app does not respond with a status from 200 to 299. The
        sender counts the attempt as failed and retries.
        Try: Return a status from 200 to 299 for this request.
    needs-a-certain-body: Your app rejects some bodies. This endpoint only confirms that
        a request arrived, and providers also send forms, empty pings and test calls.
        Try: Respond without reading the body; lab 03 is about its content.
    answers-other-methods: Your app responds with a 2xx to a method other than POST. A
        request that is not a delivery would then count as a payment.
        Try: Name POST as the only method; Flask responds with 405 to the others.
    answers-other-paths: Your app responds with a 2xx to another path. If the URL at the
        provider has a typo, its events are acknowledged and lost.
        Try: Give the route the one full path, without a variable part, and do not
        change the path of a request.
""")

CONTRACT = contract("""
    app: Return a Flask app each time `make_app` is called, without starting a server.
    post: The app responds to POST /webhooks/payment-success with a 2xx.
    body: The body does not matter, and it may be missing.
    methods: If the method for this path is GET, PUT, PATCH or DELETE, the app responds
        with 405.
    paths: For every other path it responds with 404.
    open: The check does not test other methods, paths that begin with /static/, the
        path with a slash at its end, JSON with more than 1,000 nested brackets, forms
        with more than 1,000 fields, or whether each call makes a new app.
""")


def _post(body: bytes = b"", headers: Any = JSON, **more: Any) -> Post:
    return Post(body, headers, **{"path": PAYMENT, **more})


EVENT = _post(payments(1)[0].body)


def _trials() -> Iterator[Trial]:
    again = [EVENT, MakeAnother(), _post(EVENT.body, app=1), EVENT]
    yield Trial("app", {"kind": "app", "steps": again})
    yield Trial("post", {"kind": "plain"})
    for event in (payments(2)[1], pushes()[0]):
        yield Trial("post", {"kind": "post", "steps": [_post(event.body)]})
    for post in _bodies():
        yield Trial("body", {"kind": "body", "steps": [post]})
    yield Trial("body", {"kind": "again", "steps": [EVENT, EVENT, EVENT]})
    yield Trial("body", {"kind": "again", "steps": [_post(), _post(), EVENT]})
    yield Trial("body", {"kind": "again", "steps": [EVENT] * 40})
    for method in OTHER_METHODS:
        for post in (
            _post(headers={}, method=method),
            _post(EVENT.body, method=method),
            _post(headers={}, method=method, path=f"{PAYMENT}?challenge=x"),
        ):
            yield Trial("methods", {"kind": "method", "steps": [post]})
    for path in OTHER_PATHS:
        for method in ("POST", "GET"):
            post = _post(EVENT.body, path=path, method=method)
            yield Trial("paths", {"kind": "path", "steps": [post]})


def _bodies() -> Iterator[Post]:
    """Yield requests with bodies of all kinds."""
    yield _post(b"order_id=A-1", FORM)
    yield _post(b'--Cut\r\nContent-Disposition: form-data; name="a"\r\n\r\n1', PARTS)
    yield _post(headers={})
    yield _post()
    for body in (
        b'{"id": "evt_1',
        b"[1, 2]",
        b"null",
        b"5",
        b'"text"',
        b"{}",
        b"no JSON at all",
        bytes(range(256)),
        b"\xef\xbb\xbf{}",
        b"x" * (2 * 1024 * 1024),
    ):
        yield _post(body)
        yield _post(body, {"Content-Type": "text/plain"})
    yield _post(b"{}", {"Content-Type": "nonsense"})
    yield _post(EVENT.body, chunked=True, note="chunked, without a Content-Length")
    yield _post(EVENT.body, {**JSON, "X-Attempt": "2", "User-Agent": "PayCo/2.1"})


@contextmanager
def _world(_: Fields) -> Iterator[Callbacks]:
    """Let `Flask.run` be noted, instead of starting a server."""
    world, run = Callbacks(lambda *_: (), patience=0), flask.Flask.run

    def noting(*_: object, **__: object) -> None:
        world.record.note(RUN)

    flask.Flask.run = noting  # type: ignore[method-assign]  # put back below
    try:
        yield world
    finally:
        flask.Flask.run = run  # type: ignore[method-assign]  # as it was


RUN = "app.run started a server"


def _status(status: int) -> Any:
    """Return what is compared: the class of a 2xx, and other statuses themselves."""
    return status_class(status) if 200 <= status < 300 else status


def _compared(fields: Fields, values: tuple[Any, ...]) -> Any:
    """Return what the sentence of the trial is about; with "app" only the effects."""
    return [e for _, e in values] if fields["kind"] == "app" else values


def _kind(*kinds: str) -> Any:
    return lambda fields: fields["kind"] in kinds


def _acknowledges(_: Fields, seen: Seen) -> bool:
    return any(200 <= each.status < 300 for each in answers_of(seen)[-1:])


def _refuses(_: Fields, seen: Seen) -> bool:
    return bool(answers_of(seen)) and not _acknowledges(_, seen)


def _not_found(_: Fields, seen: Seen) -> bool:
    found = PAYMENT in seen.text  # among the paths of the app
    last = answers_of(seen)[-1:]
    return not found and any(each.status == 404 and not each.error for each in last)


def _runs(_: Fields, seen: Seen) -> bool:
    return any(name == RUN for name, *_ in effects_of(seen))


_PLAIN = _kind("plain")

MISTAKES: list[Proof] = [
    Rule(RUNS_A_SERVER, _kind("app", "plain"), how=_runs, may=always, some=True),
    *app_rules(_PLAIN, PAYMENT),
    Rule(WRONG_PATH, _PLAIN, how=_not_found, may=always),
    Rule(NOT_2XX, _PLAIN, how=lambda f, s: _refuses(f, s) and s.error is None),
    Rule(NEEDS_BODY, _kind("body"), _PLAIN, _refuses, some=True),
    Rule(ANY_METHOD, _kind("method"), how=_acknowledges, some=True),
    Rule(ANY_PATH, _kind("path"), how=_acknowledges, some=True),
]

ANSWER = judged(
    id="2.1",
    lab="02_endpoint",
    wants="make_app() -> Flask",
    hints=(
        "The endpoint for pushes above is nearly what you need. What is different?",
        (
            "Write three steps inside make_app: create a Flask app, give it one view "
            "with a decorator, return the app."
        ),
        (
            f'The decorator is @app.post("{PAYMENT}"). The view below it needs no '
            "parameter; it returns a string and a status."
        ),
    ),
    contract=CONTRACT,
    space=Space({"steps": [EVENT], "kind": ""}, _trials),
    observer=App(
        _world, normal_status=_status, normal_effects=exactly, compared=_compared
    ),
    mistakes=MISTAKES,
)
