"""Exercise 3.3: which status for which request."""

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from werkzeug.wrappers import Response

from labkit.checks.callbacks import A_WHILE, Callbacks
from labkit.checks.calls import JSON
from labkit.checks.contract import contract
from labkit.checks.observing import exactly
from labkit.checks.proving import judged
from labkit.checks.raising import BUGS, EXITS, HTTP
from labkit.checks.space import Fields, Space, Trial
from labkit.checks.steps import PATIENCE, App, Endless, Fail, MakeAnother, Post
from labkit.exercises.lab03_payloads.bodies import (
    CONTACT,
    HALF_A_PAIR,
    LATIN_1,
    MANY_BRACKETS,
    NAN_IN_TEXT,
    NEXT_YEAR,
    NO_OBJECTS,
    NOT_JSON,
    NOT_NUMBERS,
    PAYMENT,
    PUSH,
    PYTHON_TEXT,
    TOO_DEEP,
    TOO_MANY_DIGITS,
    TWO_EVENTS,
    UTF_16,
    body_with,
    body_without,
    event_of,
)
from labkit.exercises.lab03_payloads.endpoint_mistakes import MISTAKES

LIMIT = 64 * 1024
"""How many bytes a body may have."""

CONTRACT = contract("""
    given: Return a Flask app that receives events at POST /webhooks.
    given: `handlers` maps types to functions, as in exercise 3.2.
    event: If `parse` from exercise 3.1 accepts the body, call the handler for this type
        once, with the whole event, and then respond with a 2xx.
    unknown: If there is no handler for the type, respond with a 2xx.
    result: What a handler returns does not change the response.
    invalid: If parse rejects the body, respond with 400 and call no handler.
    failure: If the handler raises an exception, respond with a 5xx.
    parameters: Accept the content type application/json, also with parameters such as
        "; charset=utf-8", in upper or lower case.
    type: If the content type is another one or is missing, respond with 415 and call no
        handler.
    space: A space before the semicolon is allowed.
    length: If the body has more than 64 KiB (65,536 bytes), respond with 413 and call
        no handler.
    hard: Bodies that crash a careless parser, for example with deep nesting, and bodies
        that it wrongly accepts, for example with NaN or in another encoding, also get a
        400.
    chunked: Accept a chunked body, which has no Content-Length.
    long-chunks: The limit of 64 KiB holds for a chunked body, too.
    bounded: However long a body is, do not read much more than the limit.
    every: Respond with a 5xx even if the handler raises SystemExit, CancelledError or
        Werkzeug's HTTPException.
    apps: Each app that `make_app` returns uses its own `handlers`.
    again: Treat each request in this way, whatever came before it, even if the same
        event arrives again.
    open: The check does not test other paths or methods, KeyboardInterrupt, two
        requests at the same time, which of 400, 413 and 415 you use if more than one of
        them applies, or a handler that changes the event or takes half a second or
        more.
""")

CHUNKED = {**JSON, "Transfer-Encoding": "chunked"}
_UTF_8 = PAYMENT.body.replace(b'"A-1"', '"Zoë"'.encode())
TYPES = tuple(each.type for each in (PAYMENT, CONTACT, PUSH))
_SHELL = len(body_with(data={"order_id": "A-1", "note": ""}))


def _padded(length: int) -> bytes:
    """Return a payment's body of exactly that many bytes."""
    return body_with(data={"order_id": "A-1", "note": "x" * (length - _SHELL)})


def _post(
    sentence: str, body: bytes, kind: str = "", note: str = "", **more: Any
) -> Trial:
    post = Post(body, note=note, **more)
    return Trial(sentence, {"steps": [post], "kind": kind or sentence})


def _typed(sentence: str, kind: str, *types: str) -> Iterator[Trial]:
    for each in types:
        yield _post(sentence, PAYMENT.body, kind, headers={"Content-Type": each})


def _trials() -> Iterator[Trial]:
    yield from _valid()
    yield from _failures()
    yield from _content_types()
    yield from _lengths()
    yield from _invalid()
    yield from _several()


def _valid() -> Iterator[Trial]:
    """Yield valid events."""
    yield Trial("event")
    for event in (CONTACT, PUSH):
        yield _post("event", event.body)
    yield Trial("event", {"kind": "slow"}, "the handler takes a while to return")
    nulls = body_with(data={"order_id": None, "lines": []})
    for body in (nulls, NAN_IN_TEXT, MANY_BRACKETS):
        yield _post("event", body, "odd")
    for body in (
        body_with(api_version="2027-01-01"),
        body_with(livemode=None, z=[1]),
        body_with(type="push", status=200),
    ):
        yield _post("event", body, "added")
    for body in (NEXT_YEAR.body, body_with(event=""), body_with(event="PUSH")):
        yield _post("unknown", body)
    yield Trial("unknown", {"types": (), "kind": "unknown"}, "no handlers at all")
    for name in ("payment.succeeded.undone", "payment", "contact", "push.*"):
        yield _post("unknown", body_with(event=name), "prefix")
    for result in ("ignored", False, 0, ("no", 500), {"a": 1}, 404, Response("", 400)):
        returns = f"the handler returns {result!r}"
        yield Trial("result", {"result": result, "kind": "result"}, returns)


def _failures() -> Iterator[Trial]:
    """Yield handlers that raise all kinds of exceptions."""
    for kind, errors in (("fails", BUGS), ("exit", EXITS), ("http", HTTP)):
        for error in errors:
            steps = [Fail(error, PAYMENT.type), Post(PAYMENT.body)]
            name = type(error()).__name__
            sentence = "failure" if kind == "fails" else "every"
            yield Trial(sentence, {"steps": steps, "kind": kind, "raises": name})


def _content_types() -> Iterator[Trial]:
    """Yield spellings of application/json, and other content types."""
    right = "application/json"
    spellings = (f"{right}; charset=utf-8", f"{right};charset=UTF-8", f"{right}; v=1")
    yield from _typed("parameters", "parameters", *spellings)
    yield from _typed("parameters", "case", "Application/JSON", right.upper())
    yield from _typed("space", "space", f"{right} ; charset=utf-8", f"{right}\t;v=1")
    others = (f"{right}; charset=iso-8859-1", f'{right}; charset="utf-8"; v=2')
    yield from _typed("parameters", "others", *others)
    latin = {"Content-Type": others[0]}
    yield _post("parameters", _UTF_8, "others", headers=latin)
    form = "application/x-www-form-urlencoded"
    yield from _typed("type", "type", "text/plain", form, "application/xml")
    yield _post("type", PAYMENT.body, "missing", headers={})
    like = ("application/json-seq", "application/jsonlines", f"text/plain; was={right}")
    yield from _typed("type", "part", *like, f"x{right}")
    likely = ("text/json", "application/problem+json", "application/vnd.api+json")
    yield from _typed("type", "like", *likely, "application/*", "json", "*/*")


def _lengths() -> Iterator[Trial]:
    """Yield bodies around the limit, with and without a Content-Length."""
    letters = event_of(PAYMENT) | {"data": {"note": "é" * 40_000}}
    bytes_of = json.dumps(letters, ensure_ascii=False).encode()
    spaces = PAYMENT.body.ljust(LIMIT + 500)
    cut = PAYMENT.body.ljust(LIMIT) + b" and this was cut off"
    yield _post("length", _padded(3 * LIMIT), "huge", "196,608 bytes")
    yield _post("length", _padded(LIMIT), "exact", "65,536 bytes")
    yield _post("length", PAYMENT.body.ljust(LIMIT), "exact", "65,536 bytes")
    yield _post("length", _padded(LIMIT - 1), "exact", "65,535 bytes")
    yield _post("length", _padded(LIMIT + 1), "one more", "65,537 bytes")
    accents = _padded(LIMIT - 1).replace(b"xx", "é".encode(), 1)
    accents = accents.replace(b"xx", b"xxxx", 1)
    yield _post("length", accents, "letters", "65,537 bytes, but 65,536 characters")
    yield _post("length", bytes_of, "letters", f"{len(bytes_of):,} bytes")
    yield _post("length", spaces, "spaces", "66,036 bytes, most of them spaces")
    chunks: dict[str, Any] = {"chunked": True, "headers": CHUNKED}
    yield _post("chunked", PAYMENT.body, **chunks)
    yield _post("chunked", CONTACT.body, **chunks)
    yield _post("chunked", _padded(LIMIT), "exact", "65,536 bytes", **chunks)
    for body in (_padded(LIMIT + 1_000), cut, _padded(LIMIT + 1), spaces):
        yield _post("long-chunks", body, note=f"{len(body):,} bytes", **chunks)
    endless = Endless(64 * LIMIT, 4 * LIMIT, headers=CHUNKED)
    yield Trial("bounded", {"steps": [endless], "kind": "bounded"})


def _invalid() -> Iterator[Trial]:
    """Yield bodies that parse rejects."""
    fields = ("data", "event", "id", "created_at")
    for body in (
        *NOT_JSON,
        *NO_OBJECTS,
        *(body_without(name) for name in fields),
        body_with(data="A-1"),
        body_with(event=None),
        body_with(created_at="1767225600"),
        body_with(id=17),
        body_with(data=[]),
    ):
        yield _post("invalid", body)
    whole, true = body_with(created_at=1767225600.0), body_with(created_at=True)
    for body in (true, whole, LATIN_1, *NOT_NUMBERS):
        yield _post("hard", body)
    digits = [Post(TOO_MANY_DIGITS)]
    yield Trial("hard", {"steps": digits, "kind": "hard"}, also=_handled)
    for body in (*TOO_DEEP, UTF_16, HALF_A_PAIR, PYTHON_TEXT, TWO_EVENTS):
        yield _post("hard", body)
    for body, charset in (
        (LATIN_1, "iso-8859-1"),
        (LATIN_1, "latin-1"),
        (LATIN_1, "windows-1252"),
        (UTF_16, "utf-16"),
        (PAYMENT.body.decode().encode("utf-16-le"), "utf-16-le"),
    ):
        headers = {"Content-Type": f"application/json; charset={charset}"}
        yield _post("hard", body, headers=headers)


def _several() -> Iterator[Trial]:
    """Yield several apps, and several requests to one app."""
    here, there, more = (
        Post(body_with(id=f"evt_{number}"), app=int(number == 2))
        for number in (1, 2, 3)
    )
    for apps in ([MakeAnother(), here, there], [here, MakeAnother(), there, more]):
        yield Trial("apps", {"steps": apps, "kind": "apps"})
    bad, form = Post(b"hello"), Post(PAYMENT.body, headers={})
    fails = Fail(BUGS[0], PAYMENT.type)
    for steps in (
        [here, here],
        [fails, here, here],
        [bad, here, bad, bad],
        [form, here, form],
        [here, Post(NEXT_YEAR.body), Post(NEXT_YEAR.body), here],
        [here, Post(body_with(data={"order_id": "A-2"}))],
        [here, Post(body_with(id="evt_2")), Post(body_with(id="EVT_1"))],
        [*[fails, here] * 12, here, Post(CONTACT.body)],
        [*[bad, form] * 12, here],
        [*[Post(NEXT_YEAR.body)] * 2, here],
        [here] * 40,
    ):
        yield Trial("again", {"steps": steps, "kind": "again"})


def _random(rng: random.Random) -> Trial:
    """Return some of the requests of this exercise in any order."""
    posts = [Post(each) for each in (PAYMENT.body, PUSH.body, NEXT_YEAR.body, b"{}")]
    posts += [Post(PAYMENT.body, headers={}), Post(_padded(LIMIT + 1))]
    posts += [Post(CONTACT.body, chunked=True, headers=CHUNKED)]
    steps: list[Any] = []
    for _ in range(rng.randrange(2, 6)):
        if rng.random() < 0.3:
            steps.append(Fail(rng.choice((*BUGS, *EXITS, *HTTP)), PAYMENT.type))
            steps.append(Post(PAYMENT.body))
        else:
            steps.append(rng.choice(posts))
    return Trial("again", {"steps": steps, "kind": "again"})


@contextmanager
def _world(fields: Fields) -> Iterator[Callbacks]:
    def arguments(world: Callbacks, app: int) -> list[Any]:
        suffix = f" of app {app + 1}" if app else ""
        return [{kind: world.callback(kind + suffix) for kind in fields["types"]}]

    yield Callbacks(
        arguments,
        fields["result"],
        slow=fields["kind"] == "slow",
        hold=A_WHILE,
        patience=PATIENCE if fields["kind"] == "slow" else 0.02,
    )


def _status(status: int) -> Any:
    """Return a 4xx exactly, and the class of any other status."""
    return status if 400 <= status < 500 else f"{status // 100}xx"


def _calls(effects: Sequence[Any]) -> Any:
    """Return the calls, each with its name and a form of its arguments."""
    return tuple((name, *map(exactly, what)) for name, *what in effects)


def _handled(value: Any) -> bool:
    """Whether the last request was acknowledged after one call of a handler."""
    response, calls = value[-1]
    return response[0] == "2xx" and len(calls) == 1


ENDPOINT = judged(
    id="3.3",
    lab="03_payloads",
    wants="make_app(handlers) -> Flask",
    hints=(
        (
            "Ask four questions in this order: is the type right, is the body short "
            "enough, is it an event, is there a handler? Your parse and dispatch "
            "answer two of them."
        ),
        (
            "request.mimetype is the content type in lower case and without its "
            "parameters. request.get_data() is the raw body."
        ),
        (
            "Put only parse into the `try` with `except ValueError`. dispatch comes "
            "after it, in a `try` of its own with `except BaseException`: Flask by "
            "itself turns only some exceptions into a 500."
        ),
        (
            'Set app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1, and then compare '
            "len(body) with 64 * 1024 yourself: that also finds chunked bodies that "
            "are too long."
        ),
    ),
    contract=CONTRACT,
    space=Space(
        {
            "steps": [Post(PAYMENT.body)],
            "types": TYPES,
            "result": None,
            "kind": "event",
            "raises": "",
        },
        _trials,
        _random,
        many=60,
    ),
    observer=App(_world, _status, _calls),
    mistakes=MISTAKES,
)
