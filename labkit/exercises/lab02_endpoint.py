"""Lab 02: an endpoint that answers, looks at what came, and says what became of it."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import flask
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from labkit.bench import JSON, Answered, Bench
from labkit.checks import (
    ASYNC,
    Exercise,
    Mistake,
    Question,
    quietly,
    short,
)
from labkit.model import Event
from labkit.predictions import Choice, Prediction
from labkit.samples import payments

MakeApp = Callable[..., Any]
Describe = Callable[[flask.Request], Any]


class Temporary(Exception):
    """The work can't be done now; later it may go well."""


class Permanent(Exception):
    """The work can't be done with this event, today or ever."""


# 2.1: answer the right request, and no other


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
SHARED_APP = Mistake(
    "routes-added-to-a-shared-app",
    "All calls of make_app add their routes to one and the same app. Flask refuses "
    "that from the second time on, and in a notebook every cell runs a second time.",
    "Make a new app inside of make_app, before the routes.",
)
NO_SLASH = Mistake(
    "path-without-its-slash",
    "A path in a URL begins at the root of the server, and Flask wants to see that.",
    "Begin the path in the decorator with a slash.",
)
NO_ROUTE = Mistake(
    "no-route-at-all",
    "The app knows no path, so it answers everything with 404. A function becomes an "
    "endpoint through the decorator above it.",
    "Put @app.post(…) with the path right above the function, inside of make_app.",
)
WRONG_PATH = Mistake(
    "other-path",
    "The address was given to the provider letter by letter. Every delivery to it is "
    "answered with 404, and you never hear of those payments.",
    f"Compare your path with {PAYMENT}: slashes, hyphens, spelling.",
)
NO_POST = Mistake(
    "no-post",
    "405 means: I know this path, but not for this method. Webhooks come by POST, and "
    "a plain @app.route accepts only GET.",
    "Name the method in the decorator: @app.post(…), or methods=[…].",
)
REDIRECTS = Mistake(
    "answers-with-a-redirect",
    "A provider does not follow a redirect; for most of them it is a failed attempt. "
    "Flask redirects by itself when the rule ends in a slash and the request does not.",
    "Answer at the very path that was agreed on, without a slash at its end.",
)
RETURNS_NOTHING = Mistake(
    "view-returns-nothing",
    "Flask makes the answer out of what the view returns. None is no answer, so the "
    "sender hears 500 and tries again, although nothing was wrong with the request.",
    'End the view with a return; an empty text will do: return "", 200.',
)
NO_ANSWER_TYPE = Mistake(
    "returns-what-is-no-answer",
    "Flask makes answers out of texts, dictionaries, or a text together with a "
    "status. A number or True by itself is none of these.",
    'Return a body first and the status behind it: return "", 200.',
)
WANTS_REQUEST = Mistake(
    "view-takes-the-request",
    "Flask calls a view with the variable parts of its path, and this path has none. "
    "The request is not handed over as an argument.",
    "Take the parameter away. Where you need the request, import it: "
    "from flask import request.",
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
        bench = _receiver(ask, make_app)
        if not started:
            bench.send(path=PAYMENT)
            _receiver(ask, make_app)
    if started:
        ask.fail("make_app started a server", RUNS_A_SERVER)


def acknowledges_payments(make_app: MakeApp) -> None:
    """POST /webhooks/payment-success is acknowledged with a 2xx."""
    event = payments(1)[0]
    ask = Question(
        sent=f"POST {PAYMENT}\n{event.body.decode()}",
        expected="a status from 200 to 299",
        why=NOT_2XX.why,
        try_next=NOT_2XX.try_next,
    )
    answered = _receiver(ask, make_app).send(event, path=PAYMENT)
    _acknowledged(ask, answered, make_app, otherwise=NOT_2XX)


def acknowledges_any_body(make_app: MakeApp) -> None:
    """It is acknowledged whatever the body is."""
    for name, body, headers in BODIES:
        ask = Question(
            sent=f"POST {PAYMENT} with {name}",
            expected="a status from 200 to 299",
            why=NEEDS_BODY.why,
            try_next=NEEDS_BODY.try_next,
        )
        answered = _receiver(ask, make_app).send(body, headers, path=PAYMENT)
        if not answered.acknowledged:
            ask.fail(str(answered), NEEDS_BODY, lines=answered.lines)


def refuses_other_methods(make_app: MakeApp) -> None:
    """Other methods are answered with 405."""
    for method in OTHER_METHODS:
        ask = Question(
            sent=f"{method} {PAYMENT}",
            expected="405 METHOD NOT ALLOWED",
            why="405 tells whoever set up the webhook that the method is at fault.",
            try_next="Let Flask answer: it sends 405 for every method that a path "
            "does not name.",
        )
        answered = _receiver(ask, make_app).send(path=PAYMENT, method=method)
        if answered.status != 405:
            mistake = ANY_METHOD if answered.acknowledged else None
            ask.fail(str(answered), mistake, lines=answered.lines)


def refuses_other_paths(make_app: MakeApp) -> None:
    """Other paths are answered with 404."""
    for path in OTHER_PATHS:
        ask = Question(
            sent=f"POST {path}",
            expected="404 NOT FOUND",
            why="404 tells whoever set up the webhook that the address is misspelt.",
            try_next="Let Flask answer: it sends 404 for every path without a route.",
        )
        answered = _receiver(ask, make_app).send(payments(1)[0], path=path)
        if answered.status != 404:
            mistake = ANY_PATH if answered.acknowledged else None
            ask.fail(str(answered), mistake, lines=answered.lines)


def _receiver(ask: Question, make_app: MakeApp, *args: Any) -> Bench:
    known: dict[type[BaseException], Mistake] = {
        AssertionError: SHARED_APP,
        ValueError: NO_SLASH,
    }
    return Bench.set_up(ask, make_app, *args, known=known)


def _acknowledged(
    ask: Question, answered: Answered, make_app: MakeApp, *, otherwise: Mistake | None
) -> None:
    """End the case with the mistake behind an answer that is no 2xx."""
    if answered.acknowledged:
        return
    text = str(answered)
    mistake = otherwise
    if answered.status == 404 and answered.error is None:
        routes = _routes(quietly(make_app))
        mistake = WRONG_PATH if routes else NO_ROUTE
        text += f"; this app knows {', '.join(routes) or 'no path at all'}"
    elif answered.status == 405:
        mistake = NO_POST
    elif 300 <= answered.status < 400:
        mistake = REDIRECTS
    elif answered.error is not None:
        mistake = _cause(answered.error)
    ask.fail(text, mistake, lines=answered.lines)


def _cause(error: BaseException) -> Mistake | None:
    """Return the mistake that made Flask raise this over a view, or None."""
    text = str(error)
    if isinstance(error, RuntimeError) and "async" in text:
        return ASYNC
    if not isinstance(error, TypeError):
        return None
    if "returned None" in text:
        return RETURNS_NOTHING
    if "valid response" in text:
        return NO_ANSWER_TYPE
    if "missing 1 required positional argument" in text:
        return WANTS_REQUEST
    return None


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
    flask.Flask.run = lambda self, *args, **kwargs: started.append(self.name)  # type: ignore[method-assign]  # put back below
    try:
        yield started
    finally:
        flask.Flask.run = run  # type: ignore[method-assign]  # as it was


# 2.2: everything that a request brings


FIELDS = ("method", "path", "user_agent", "content_type", "address", "body")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PARTS = {"Content-Type": "multipart/form-data; boundary=cut"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as the check makes it; `query` comes without its question mark."""

    body: bytes
    headers: Mapping[str, str]
    path: str = "/webhooks"
    query: str = ""
    method: str = "POST"
    address: str = "203.0.113.7"

    def __str__(self) -> str:
        target = f"{self.path}?{self.query}" if self.query else self.path
        lines = [f"{self.method} {target}, from {self.address}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\n".join([*lines, short(self.body)])

    @property
    def described(self) -> dict[str, Any]:
        """What `describe` should say of it; absent headers are left out."""
        fields = {
            "method": self.method,
            "path": self.path,
            "user_agent": self.headers.get("User-Agent"),
            "content_type": self.headers.get("Content-Type"),
            "address": self.address,
            "body": self.body,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def arrive(self) -> Any:
        """Return Flask's context of this request, in a server of its own."""
        return flask.Flask("check").test_request_context(
            self.path,
            base_url="http://shop.example",
            query_string=self.query,
            method=self.method,
            data=self.body,
            headers=dict(self.headers),
            environ_overrides={"REMOTE_ADDR": self.address},
        )


NO_DICTIONARY = Mistake(
    "returns-no-dictionary",
    "The six fields were agreed on as a dictionary, so that others can look them up.",
    "Return one dictionary: {…} with the six names as keys.",
)
FIELD_MISSING = Mistake(
    "field-missing",
    "A note that lacks a field can't answer the question it was written for.",
    "Give the dictionary all six keys, spelt as in the exercise.",
)
AGENT_OBJECT = Mistake(
    "user-agent-object",
    "request.user_agent is an object of Flask's, not the text that was sent. It "
    "can't be stored or compared as it is.",
    "Take the text out of it, or read the header User-Agent itself.",
)
WHOLE_URL = Mistake(
    "whole-url-for-the-path",
    "The URL also holds scheme and host, which the caller may write as it likes.",
    "Look for the attribute of the request that has the path alone.",
)
WITH_QUERY = Mistake(
    "query-in-the-path",
    "The path says which endpoint was meant. With the query behind it the same "
    "endpoint has many names.",
    "Look for the attribute of the request that ends before the question mark.",
)
HARD_CODED = Mistake(
    "written-into-the-code",
    "The first request came to /webhooks by POST, and your answer fits only that.",
    "Take every field out of the request that came in.",
)
NO_PARAMETERS = Mistake(
    "content-type-cut-short",
    "What stands behind the semicolon is part of the type: the character set, or the "
    "boundary without which a multipart body can't be read.",
    "Take the Content-Type as it was sent; the mimetype is only its first part.",
)
FORWARDED = Mistake(
    "believes-a-header-about-the-address",
    "Headers are written by the sender, and anybody can write an address there. A "
    "list of allowed addresses that trusts it lets everybody in.",
    "Take the address that the connection came from; Flask has it as an attribute.",
)
OWN_HOST = Mistake(
    "own-host-for-the-sender",
    "The Host header names your server, the one that was called, not the caller.",
    "Look for the remote address of the connection.",
)
INSISTS = Mistake(
    "insists-on-a-header",
    "No header has to be there. A request without it ends in an error, and the "
    "sender hears 400 for an event that was in order.",
    'Ask in a way that gives None or "" for what is absent: headers.get(…).',
)
DECODED = Mistake(
    "body-decoded",
    "Text is what you get after decoding, and not all bytes can be decoded. What the "
    "sender signs are the bytes, so the bytes are what you keep.",
    "Read the raw body as bytes, and leave as_text and decode() alone.",
)
PARSED = Mistake(
    "body-parsed",
    "A parsed body is another thing than the bytes that came: its spaces and its "
    "order of keys are gone, and what can't be parsed ends in an error.",
    "Read the raw bytes of the request; parsing comes later.",
)
THROUGH_TEXT = Mistake(
    "body-went-through-text",
    "Bytes that are no UTF-8 get lost on the way through text, and encoding again "
    "does not bring them back.",
    "Keep the bytes as they came; decode nothing.",
)
WRITTEN_ANEW = Mistake(
    "body-written-anew",
    "The same fields in other bytes are another body: spaces, escapes and order "
    "differ. No signature fits it any more.",
    "Keep the bytes that came, and do not put them together again.",
)
FORM_TOOK_IT = Mistake(
    "body-gone-with-the-form",
    "A body can be read once. Flask's form reads it, request.data stays empty for a "
    "form, and what reads after the form gets 0 bytes.",
    "Ask for the raw body by the method that keeps it, and before anything else.",
)
EATEN = Mistake(
    "body-eaten",
    "You read the body and kept nothing for those who come after you. The code that "
    "checks the signature or parses finds 0 bytes.",
    "Read the body in the way that keeps a copy in the request, which is Flask's "
    "default.",
)


def describes_a_payment(describe: Describe) -> None:
    """The six fields of an ordinary request are described."""
    _described(
        describe,
        Sent(
            payments(1)[0].body,
            {"User-Agent": "PayCo/2.1", "Content-Type": "application/json"},
        ),
    )


def describes_another(describe: Describe) -> None:
    """Another path, method, address and type are described as they are."""
    _described(
        describe,
        Sent(
            b'{"ref": "main"}',
            {"User-Agent": "hook", "Content-Type": "application/json; charset=utf-8"},
            path="/hooks/push",
            query="attempt=2",
            method="PUT",
            address="2001:db8::7",
        ),
    )


def believes_no_header(describe: Describe) -> None:
    """The address is that of the connection, whatever a header says."""
    _described(
        describe,
        Sent(
            b"{}",
            {
                "Content-Type": "application/json",
                "User-Agent": "hook",
                "X-Forwarded-For": FORGED,
                "X-Real-IP": FORGED,
                "Forwarded": f"for={FORGED}",
            },
        ),
    )


def stands_absent_headers(describe: Describe) -> None:
    """A sender that names neither itself nor a type is described too."""
    sent = Sent(b"ping", {})
    ask = _ask(sent)
    found = _call(ask, describe, sent, known={KeyError: INSISTS})
    for name in ("user_agent", "content_type"):
        if found[name] not in (None, ""):
            ask.fail(f"{name!r}: {short(found[name])}")
    _compare(ask, sent, found)


def keeps_the_bytes(describe: Describe) -> None:
    """The body is described byte for byte, text or not."""
    for body in (b'{ "b": 1,  "a": "\\u00e9", "b": 1.0 }', b'{"name": "Zo\xeb"}', b""):
        _described(describe, Sent(body, {**JSON, "User-Agent": "hook"}))


def keeps_forms(describe: Describe) -> None:
    """The body of a form is described byte for byte."""
    parts = (
        b'--cut\r\nContent-Disposition: form-data; name="order_id"\r\n\r\nA-1\r\n'
        b"--cut--\r\n"
    )
    form = b"order_id=A-1&note=caf%c3%a9+au%20lait&gift="
    for body, headers in ((form, FORM), (parts, PARTS)):
        _described(describe, Sent(body, {**headers, "User-Agent": "hook"}))


def leaves_the_body(describe: Describe) -> None:
    """Whoever reads the body after you still finds it."""
    sent = Sent(payments(1)[0].body, {**JSON, "User-Agent": "hook"})
    ask = Question(
        sent=f"{sent}\nafter describe(request): request.get_data()",
        expected=f"the {len(sent.body)} bytes of the body",
        why=EATEN.why,
        try_next=EATEN.try_next,
    )
    with sent.arrive():
        quietly(describe, flask.request)
        left = flask.request.get_data()
    if left != sent.body:
        ask.fail(f"{len(left)} bytes", EATEN)


FORGED = "198.51.100.99"


def _described(describe: Describe, sent: Sent) -> None:
    ask = _ask(sent)
    _compare(ask, sent, _call(ask, describe, sent))


def _ask(sent: Sent) -> Question:
    return Question(
        sent=str(sent),
        expected=", ".join(f"{k!r}: {short(v)}" for k, v in sent.described.items()),
        why="These fields are all that you will know of a delivery when you look for "
        "a fault later. They help only if they say what came.",
        try_next="Compare the field above with the request, sign by sign.",
    )


def _call(
    ask: Question,
    describe: Describe,
    sent: Sent,
    known: dict[type[BaseException], Mistake] | None = None,
) -> Mapping[str, Any]:
    all_known: dict[type[BaseException], Mistake] = {
        **(known or {}),
        UnicodeDecodeError: THROUGH_TEXT,
        UnsupportedMediaType: PARSED,
        BadRequest: PARSED,
        json.JSONDecodeError: PARSED,
    }
    with sent.arrive():
        found = ask.call(describe, flask.request, known=all_known)
    if not isinstance(found, Mapping):
        ask.fail(short(found), NO_DICTIONARY)
    if missing := [name for name in FIELDS if name not in found]:
        ask.fail(f"a dictionary without {', '.join(missing)}", FIELD_MISSING)
    return found


def _compare(ask: Question, sent: Sent, found: Mapping[str, Any]) -> None:
    for name, wanted in sent.described.items():
        value = found[name]
        if not isinstance(value, type(wanted)) or value != wanted:
            look = _wrong_body if name == "body" else _wrong_field
            ask.fail(f"{name!r}: {short(value)}", look(name, value, wanted, sent))


def _wrong_field(name: str, value: Any, wanted: str, sent: Sent) -> Mistake | None:
    text = str(value)
    usual = name in ("method", "path") and value in ("POST", "/webhooks")
    signs: tuple[tuple[bool, Mistake], ...] = (
        (usual, HARD_CODED),
        (name == "user_agent" and text == wanted, AGENT_OBJECT),
        (name == "path" and text.startswith("http"), WHOLE_URL),
        (name == "path" and text.startswith(f"{wanted}?"), WITH_QUERY),
        (name == "content_type" and wanted.startswith(f"{text};"), NO_PARAMETERS),
        (name == "address" and FORGED in text, FORWARDED),
        (name == "address" and "shop.example" in text, OWN_HOST),
        (name == "address" and value == Sent.address, HARD_CODED),
    )
    return next((mistake for holds, mistake in signs if holds), None)


def _wrong_body(name: str, value: Any, wanted: bytes, sent: Sent) -> Mistake | None:
    form = sent.headers.get("Content-Type") in (*FORM.values(), *PARTS.values())
    if isinstance(value, str):
        return DECODED
    if not isinstance(value, bytes):
        return PARSED
    if form and not value:
        return FORM_TOOK_IT
    if not wanted.isascii():
        return THROUGH_TEXT
    return WRITTEN_ANEW if value else None


# 2.3: say what became of the work


PATIENCE = 0.2
"""Seconds that work in another thread is waited for."""

MEANS_MORE = (408, 410, 425, 429)
"""Statuses from 400 to 499 that tell a sender something of their own."""


class Work:
    """Stands in for `process`: notes its calls, and whether the answer was out."""

    def __init__(self, raises: BaseException | None = None) -> None:
        self.events: list[Any] = []
        self.raises = raises
        self.too_late = False
        self.answered = threading.Event()
        self.done = threading.Event()
        self._thread = threading.get_ident()

    def __call__(self, event: Any) -> None:
        """Note the event; raise what there is to raise."""
        # In another thread the answer may be on its way: it is given the time to come.
        elsewhere = threading.get_ident() != self._thread
        self.too_late |= self.answered.wait(PATIENCE / 4 if elsewhere else 0)
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
        ask.fail(str(answered), WRONG_ENDPOINT)
    if answered.acknowledged and not work.events and not work.done.wait(PATIENCE):
        ask.fail(f"{answered}; process was never called", WORK_UNDONE)
    if work.events and work.events[0] != json.loads(event.body):
        ask.fail(f"process({short(work.events[0])})", NOT_THE_EVENT)
    if len(work.events) > 1:
        ask.fail(f"process was called {len(work.events)} times", TWICE)
    _acknowledged(ask, answered, make_app, otherwise=NO_ANSWER if work.events else None)


def answers_after_the_work(make_app: MakeApp) -> None:
    """The answer goes out after the work, not before it."""
    event, work = payments(1)[0], Work()
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
        ask, answered = _failing(make_app, error, "500 INTERNAL SERVER ERROR")
        if answered.status != 500:
            mistake = BUG_IS_BUSY if answered.status == 503 else None
            if 400 <= answered.status < 500:
                mistake = BLAMES_SENDER
            ask.fail(str(answered), mistake)


def asks_for_later(make_app: MakeApp) -> None:
    """Temporary is answered with 503: come again."""
    ask, answered = _failing(make_app, Temporary("the warehouse is busy"), "503")
    _is_temporary(ask, answered)


def refuses_for_good(make_app: MakeApp) -> None:
    """Permanent is answered with a 4xx: this will never go well."""
    ask, answered = _failing(make_app, Permanent("no such order"), FOR_GOOD)
    _is_permanent(ask, answered)


def knows_their_kinds(make_app: MakeApp) -> None:
    """A class that derives from Temporary or Permanent counts as one."""
    ask, answered = _failing(make_app, Busy("the parcel service is down"), "503")
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
    bench = _receiver(ask, make_app, first)
    _receiver(ask, make_app, second)
    answered = bench.send(event)
    if second.events or not first.events:
        called = "second" if second.events else "neither"
        ask.fail(f"{answered}; {called} was called", MIXED_UP)


def survives_exits(make_app: MakeApp) -> None:
    """An exit or a cancellation inside of process is answered with 500."""
    for error in (SystemExit(1), asyncio.CancelledError()):
        ask, answered = _failing(make_app, error, "500 INTERNAL SERVER ERROR")
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
    """Deliver to a process that raises; a 2xx or no call at all ends the case."""
    event, work = payments(1)[0], Work(raises=error)
    raised = f"{type(error).__name__}({', '.join(map(repr, error.args))})"
    ask = _asking(event, f"process raises {raised}", expected)
    answered = _deliver(ask, make_app, work, event)
    if answered.acknowledged:
        ask.fail(str(answered), ACK_ANYWAY)
    return ask, answered


def _is_temporary(ask: Question, answered: Answered) -> None:
    if answered.status == 503:
        return
    mistake = NOT_TOLD_APART if answered.status >= 500 else GIVES_UP
    ask.fail(str(answered), mistake, lines=answered.lines)


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

    return _receiver(ask, making).send(event)


def _telling(serve: Callable[..., Any], work: Work) -> Callable[..., Any]:
    def telling(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        def starting(*args: Any) -> Any:
            work.answered.set()
            return start_response(*args)

        return serve(environ, starting)

    return telling


EXERCISES = (
    Exercise(
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
            "Three steps inside of make_app: make a Flask app, give it one view with "
            "a decorator, return the app.",
            f'The decorator is @app.post("{PAYMENT}"); the view below it needs no '
            "parameter, and returns a text and a status.",
        ),
    ),
    Exercise(
        id="2.2",
        lab="02_endpoint",
        wants="describe(request) -> dict",
        cases=(
            describes_a_payment,
            describes_another,
            believes_no_header,
            stands_absent_headers,
            keeps_the_bytes,
            keeps_forms,
            leaves_the_body,
        ),
        hints=(
            "Each of the six fields is one attribute or one call of Flask's request. "
            "Write request. in a cell and press Tab to see them.",
            "method, path and content_type are attributes of that name. The sender's "
            "address is remote_addr; headers are read by request.headers.get(name).",
            "For the body there is get_data(). Called without arguments it returns "
            "bytes and keeps them for whoever reads next.",
        ),
    ),
    Exercise(
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
            "In which line of the view do you know that the work is done? Only behind "
            "that line may a 2xx stand.",
            "try: process(event), and two excepts, one for Temporary and one for "
            "Permanent. What does Flask answer to an exception that nobody catches?",
            "Flask answers 500 by itself, so the unexpected needs no code. In the two "
            'excepts return a text with its status, such as "try again later", 503.',
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        id="02-wrong-door",
        question=(
            "The endpoint waits for POST /webhooks/push. You copy the address into a "
            "browser, which sends GET. What comes back?"
        ),
        choices={
            "a": Choice(
                "200: the address is right.",
                "The address is, the method is not. An endpoint that acknowledged a "
                "GET would count every visitor as a push.",
            ),
            "b": Choice(
                "404: there is no page.",
                "404 would mean that no route has this path. One has, for another "
                "method, and Flask says so.",
            ),
            "c": Choice(
                "405: there is something, but not for this method.",
                "So a 405 in your browser is good news: somebody listens at this "
                "address, and waits for a POST.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="02-get-only",
        question=(
            "You forgot to name the method, so the endpoint answers 405 to every "
            "POST. What does the sender do with the event?"
        ),
        choices={
            "a": Choice(
                "It gives up after the first 405, which will never change.",
                "You know that it will never change; the sender only knows that it "
                "was no 2xx. Somebody may mend the endpoint tomorrow.",
            ),
            "b": Choice(
                "It tries for days, then gives up.",
                "No 2xx, so it tries again, with longer and longer waits. You have "
                "three days to notice.",
            ),
            "c": Choice(
                "It tries GET instead.",
                "A sender of webhooks knows one method, and the body would be lost.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="02-form-first",
        question=(
            "A form of 12 bytes comes in. The view looks at request.form first, and "
            "then calls request.get_data(). How many bytes does it get?"
        ),
        choices={
            "a": Choice(
                "12: the body is still the body.",
                "The body comes over the connection once. The form has read it, and "
                "kept the fields, not the bytes.",
            ),
            "b": Choice(
                "0: the form has taken them.",
                "And no error says so. A signature is then checked over nothing, and "
                "every form is refused.",
            ),
            "c": Choice(
                "None: Flask raises an error.",
                "An error would be kind. You get an empty body and no word about it.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="02-ok-on-exception",
        question=(
            "The warehouse is down for ten minutes, so the work raises an exception. "
            'The view catches it, writes a log line, and answers "", 200. How many '
            "parcels leave the shop in the end?"
        ),
        choices={
            "a": Choice(
                "One: the sender tries again later.",
                "Why should it? It heard 200. Only you know that there was trouble.",
            ),
            "b": Choice(
                "None, and nobody calls.",
                "The sender has its 200, the endpoint never failed, and the customer "
                "waits. A line in a log is the only trace.",
            ),
            "c": Choice(
                "None, and the event becomes a dead letter.",
                "A dead letter is a delivery that was given up. This one counts as "
                "delivered, so it is on no list.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="02-busy",
        question=(
            "The same ten minutes, but now the view answers 503. The sender tries "
            "again after 5 seconds, then after 5 minutes, 30 minutes, 2 hours, and so "
            "on. What will you see?"
        ),
        choices={
            "a": Choice(
                "Four attempts, the last one acknowledged. One parcel.",
                "The third comes after about 5 minutes, still too early; the fourth "
                "finds the warehouse open. Nobody had to do anything.",
            ),
            "b": Choice(
                "Ten attempts and a dead letter. No parcel.",
                "That would be so if the warehouse stayed down for three days.",
            ),
            "c": Choice(
                "Four attempts and four parcels.",
                "A parcel leaves when the work is done, and the first three times it "
                "was not.",
            ),
        },
        right="a",
    ),
    Prediction(
        id="02-ack-first",
        question=(
            "To be fast, the view puts the event on a list in memory and answers 200; "
            "another part of the program works through the list. Five payments come, "
            "then the program is restarted for a new version. How many parcels leave?"
        ),
        choices={
            "a": Choice(
                "Five: the list is worked through after the restart.",
                "The list was in memory, and the memory went with the old program.",
            ),
            "b": Choice(
                "Five: the sender sends them again.",
                "It has five answers with 200. It has nothing left to send.",
            ),
            "c": Choice(
                "None.",
                "All five were acknowledged before they were done. From then on the "
                "list was the only place that knew of them.",
            ),
        },
        right="c",
    ),
)
