"""Exercise 8.1: store an event durably, then acknowledge it."""

import asyncio
import itertools
import json
import sqlite3
import threading
from collections.abc import Callable, Mapping
from typing import Any

import flask

from labkit.checks import Exercise, Mistake, Question, short
from labkit.checks.calls import JSON, AppCaller, shown
from labkit.exercises.lab02_endpoint.apps import RETURNS_NOTHING
from labkit.exercises.lab02_endpoint.asking import (
    MakeApp,
    cause_of,
    expect_acknowledged,
    receiver_of,
)
from labkit.exercises.lab06_retries.clock import real_sleeps
from labkit.model import Event
from labkit.samples import payments

LIMIT = 3.0
"""Seconds that the sender of this lab waits, as Slack, Zoom and Discord do."""

PATIENCE = 0.4
"""Seconds that an enqueue in another thread waits for the answer to come first."""

GRACE = 0.6
"""Seconds that are waited for an enqueue in another thread."""

ENOUGH = 25
"""After so many calls of an enqueue that fails, the loop has no end."""


class DiskFull(Exception):
    """An exception of the queue that is not of a standard class."""


class Enqueue:
    """Replace `enqueue`: note its calls, and whether the response was already sent.

    In another thread it waits up to `patience` seconds for the answer to come first.
    While `raises` is set it fails; after too many calls it gives in, so that an endless
    loop ends.
    """

    def __init__(
        self, raises: BaseException | None = None, *, patience: float = 0.0
    ) -> None:
        self.bodies: list[Any] = []
        self.raises = raises
        self.patience = patience
        self.too_late = False
        self.answered = threading.Event()
        self.called = threading.Event()
        self._thread = threading.get_ident()

    def __call__(self, body: Any) -> None:
        """Note the body; raise what there is to raise."""
        elsewhere = threading.get_ident() != self._thread
        self.too_late |= self.answered.wait(self.patience if elsewhere else 0)
        self.bodies.append(body)
        self.called.set()
        if self.raises is not None and len(self.bodies) <= ENOUGH:
            raise self.raises.with_traceback(None)

    @property
    def endless(self) -> bool:
        """Whether it was called again and again, without an end."""
        return self.raises is not None and len(self.bodies) > ENOUGH

    def wait(self) -> bool:
        """Wait for a call from another thread, and say whether there was one."""
        return self.called.wait(GRACE)


WRONG_ENDPOINT = Mistake(
    "endpoint-not-at-webhooks",
    "The provider posts to /webhooks, where your app returns 404. Every delivery "
    "fails, and after days of retries the provider gives up.",
    'Use the route @app.post("/webhooks").',
)
NEVER_ENQUEUED = Mistake(
    "acknowledges-without-enqueuing",
    "Your code responded with a 2xx without calling enqueue. After a 2xx the sender "
    "forgets the event, so a restart loses it.",
    "Call enqueue with the raw body in the view, before you respond.",
)
NOT_BYTES = Mistake(
    "enqueues-no-bytes",
    "Your code passed something other than bytes to enqueue. A signature that you "
    "check later is valid only for the bytes that arrived.",
    "Pass the raw body, as request.get_data() returns it.",
)
WRITTEN_ANEW = Mistake(
    "enqueues-json-written-anew",
    "Your code parsed the body and serialised it again. Spaces, escapes, duplicate "
    "keys and numbers may differ, so a signature does not match any more.",
    "Do not parse the body here; pass the result of request.get_data().",
)
OTHER_BYTES = Mistake(
    "enqueues-other-bytes",
    "Your code stored other bytes than the sender sent. After the 2xx nobody else has "
    "the event, so the rest of it is lost.",
    "Pass the whole raw body, and change nothing in it.",
)
THROUGH_TEXT = Mistake(
    "bytes-went-through-text",
    "Your code decoded the body to text and encoded it again. Bytes that are not "
    "valid UTF-8 change without an error.",
    "Keep the bytes: use request.get_data() without as_text.",
)
FORM_GONE = Mistake(
    "body-of-a-form-is-gone",
    "Your code read request.data, which is empty if the body is a form. It stored "
    "nothing and responded with a 2xx. Slack commands and Twilio messages are forms.",
    "Call request.get_data() before anything else reads the body.",
)
LOOKS_INSIDE = Mistake(
    "looks-into-the-body",
    "Your code looks into the body and rejects or skips some requests. This endpoint "
    "only has to store what arrives; each check is one more way to lose an event.",
    "Remove the line that looks into the body; the worker in exercise 8.2 parses it.",
)
NO_ID = Mistake(
    "drops-what-has-no-id",
    "Your code took a second body for a duplicate of the first, because neither has "
    "an id. It acknowledged the second one, but stored it nowhere.",
    "Store every body; the worker recognises duplicates after parsing.",
)
TWICE = Mistake(
    "enqueues-twice",
    "Your code called enqueue twice for one request. Every event is then processed "
    "twice.",
    "Call enqueue once for each request, in one place.",
)
TOO_SLOW = Mistake(
    "answers-after-the-time-out",
    "Your code responded after the sender's timeout. The sender counts the attempt as "
    "failed and sends the event again, so it is stored twice.",
    "Remove everything slow before the response; if enqueue raises, respond with a "
    "5xx at once.",
)
NO_ANSWER = Mistake(
    "no-answer-after-enqueuing",
    "Your view stored the event but returns None, from which Flask cannot make a "
    "response. The sender gets a 500 and retries, so the event is stored again.",
    "Return a response of your own after the call to enqueue.",
)
REFUSES_STORED = Mistake(
    "refuses-what-is-stored",
    "Your code stored the event but reported a failure to the sender. The sender "
    "retries for days, and each attempt is stored again.",
    "Respond with a 2xx whenever enqueue returns, whatever it returns.",
)
ACK_FIRST = Mistake(
    "acknowledges-before-it-is-stored",
    "Your code responded before the event was stored. If the process crashes between "
    "the two, the sender does not retry, and the event is lost.",
    "Call enqueue in the view itself, and respond on the next line.",
)
ACK_ANYWAY = Mistake(
    "acknowledges-what-was-not-stored",
    "Your code responded with a 2xx although enqueue had raised. The event is stored "
    "nowhere, and after a 2xx the sender forgets it.",
    "Respond with a 2xx only after enqueue has returned.",
)
BLAMES_SENDER = Mistake(
    "blames-the-sender-for-your-disk",
    "Your code responded with a 4xx although the failure was on your side. Some "
    "senders give up after a 4xx, but a retry would have succeeded.",
    "Respond with a 5xx if enqueue raises.",
)
NO_5XX = Mistake(
    "no-5xx-when-storing-fails",
    "Your code did not respond with a 5xx although enqueue had raised. Only a 5xx "
    "tells every sender to try again later.",
    "Return a 503 if enqueue raises.",
)
ENDLESS = Mistake(
    "tries-to-store-for-ever",
    "Your code calls enqueue again and again while it fails, so the request never "
    "ends. The sender gives up waiting and retries, and each retry occupies another "
    "worker.",
    "Call enqueue once, and respond with a 5xx if it raises.",
)
AGAIN = Mistake(
    "enqueues-again-after-a-failure",
    "Your code called enqueue again after it had raised. The sender retries for days, "
    "so retries in the view add nothing: they only delay the 5xx and may store the "
    "event twice.",
    "Call enqueue once, and respond with a 5xx when it raises.",
)
CLAIMED_EARLY = Mistake(
    "remembers-before-it-is-stored",
    "Your code noted the id before the event was stored. When storing failed, the "
    "retry looked like a duplicate, and the event was lost.",
    "Store no ids here; the worker recognises duplicates.",
)
DROPS_RETRIES = Mistake(
    "drops-every-retry",
    "Your code skips requests whose header says that they are retries. A retry "
    "follows a failed attempt, so it is often the only one that you can store.",
    "Store a retry in the same way as a first attempt.",
)
DUPLICATE_REFUSED = Mistake(
    "duplicate-is-refused",
    "Your code responded with an error to a duplicate of a stored event. The sender "
    "retries for days, and some senders then disable the endpoint.",
    "Respond to a duplicate with a 2xx, whether you store it or skip it.",
)
OTHER_REQUESTS = Mistake(
    "enqueues-other-requests",
    "Your code called enqueue for a request that is not a POST to /webhooks. Anyone "
    "who opens the address in a browser creates a job.",
    "Call enqueue only in the view of POST /webhooks.",
)
MIXED_UP = Mistake(
    "apps-share-their-queue",
    "Your code put the event of one app into the queue of another app. Two shops in "
    "one program then mix up their events.",
    "Define the app and its view inside make_app, and use its argument enqueue.",
)
SHARED_MEMORY = Mistake(
    "apps-share-their-memory",
    "Your code skipped an event because another app had already seen it. The queue of "
    "this app never got the event.",
    "Store no ids outside make_app.",
)


def stores_and_acknowledges(make_app: MakeApp) -> None:
    """The receiver enqueues an event byte for byte, and acknowledges it."""
    event, enqueue = payments(1)[0], Enqueue()
    ask = _asking(event.body, "enqueue returns", "enqueue called once, then a 2xx")
    with real_sleeps() as slept:
        answered = _set_up(ask, make_app, enqueue).send(event)
    if answered.status == 404 and answered.error is None:
        ask.fail(str(answered), WRONG_ENDPOINT)
    if answered.acknowledged and not enqueue.bodies and not enqueue.wait():
        mistake = SHARED_MEMORY if _takes_what_is_new(make_app) else NEVER_ENQUEUED
        ask.fail(f"{answered}; enqueue was never called", mistake)
    _same_bytes(ask, enqueue, event.body)
    if len(enqueue.bodies) > 1:
        ask.fail(f"enqueue was called {len(enqueue.bodies)} times", TWICE)
    if sum(slept) > LIMIT:
        ask.fail(f"{answered}, after {sum(slept):g} s", TOO_SLOW)
    if enqueue.bodies and answered.status == 500:
        cause = cause_of(answered.error) if answered.error else None
        unanswered = answered.error is None or cause is RETURNS_NOTHING
        ask.fail(
            str(answered), NO_ANSWER if unanswered else cause, lines=answered.lines
        )
    stored = enqueue.bodies and answered.error is None and answered.status >= 400
    expect_acknowledged(
        ask, answered, make_app, otherwise=REFUSES_STORED if stored else None
    )


def stores_before_it_answers(make_app: MakeApp) -> None:
    """The receiver enqueues an event before it responds, not after that."""
    event, enqueue = payments(2)[1], Enqueue(patience=PATIENCE)
    ask = _asking(
        event.body, "enqueue takes a while", "enqueue has returned, then a 2xx"
    )
    answered = _set_up(ask, make_app, enqueue).send(event)
    enqueue.wait()
    if not enqueue.bodies and answered.acknowledged:
        ask.fail(f"{answered}; enqueue was never called", NEVER_ENQUEUED)
    if enqueue.too_late:
        ask.fail(f"{answered}, and only then enqueue was called", ACK_FIRST)


def passes_trouble_on(make_app: MakeApp) -> None:
    """If enqueue raises, the receiver responds with a 5xx, in time."""
    event = payments(3)[2]
    for error in (
        sqlite3.OperationalError("database is locked"),
        OSError("no space left on device"),
        DiskFull("quota used up"),
        TimeoutError("the queue does not answer"),
        ValueError("too long for this queue"),
        KeyError("jobs"),
        StopIteration(),
        SystemExit(1),
        asyncio.CancelledError(),
    ):
        raised = f"{type(error).__name__}({', '.join(map(repr, error.args))})"
        ask = _asking(
            event.body, f"enqueue raises {raised}", "a status from 500 to 599"
        )
        enqueue = Enqueue(raises=error)
        with real_sleeps() as slept:
            answered = _set_up(ask, make_app, enqueue).send(event)
        if enqueue.endless:
            ask.fail(f"enqueue was called more than {ENOUGH} times", ENDLESS)
        if sum(slept) > LIMIT:
            ask.fail(f"{answered}, after {sum(slept):g} s", TOO_SLOW)
        if answered.acknowledged:
            ask.fail(str(answered), ACK_ANYWAY)
        if not 500 <= answered.status <= 599:
            wrong = BLAMES_SENDER if 400 <= answered.status < 500 else NO_5XX
            ask.fail(str(answered), wrong, lines=answered.lines)


def stores_the_retry(make_app: MakeApp) -> None:
    """After a failure the receiver enqueues the retry, and acknowledges a duplicate."""
    one, other = payments(5)[3:]
    retry = {**JSON, "X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_error"}
    for event, headers, mistake in (
        (one, JSON, CLAIMED_EARLY),
        (other, retry, DROPS_RETRIES),
    ):
        enqueue = Enqueue(raises=DiskFull("quota used up"))
        ask = _asking(
            event.body,
            "enqueue fails; there is room again; then the retry comes",
            "the retry is enqueued, then a 2xx",
            headers,
        )
        bench = _set_up(ask, make_app, enqueue)
        bench.send(event)
        enqueue.raises, before = None, len(enqueue.bodies)
        answered = bench.send(event, headers)
        if len(enqueue.bodies) == before:
            ask.fail(f"{answered}; enqueue was not called again", mistake)
        if not answered.acknowledged:
            ask.fail(str(answered), lines=answered.lines)
        answered = bench.send(event, headers)
        if not answered.acknowledged:
            ask = _asking(
                event.body, "it was stored before", "a status from 200 to 299"
            )
            ask.fail(str(answered), DUPLICATE_REFUSED, lines=answered.lines)


def keeps_every_byte(make_app: MakeApp) -> None:
    """The receiver enqueues every kind of body byte for byte."""
    for body, headers, mistake in (
        (SPACED, JSON, WRITTEN_ANEW),
        (ACCENTED, JSON, WRITTEN_ANEW),
        (DOUBLED, JSON, WRITTEN_ANEW),
        (CUT_OFF, JSON, LOOKS_INSIDE),
        (LATIN_1, JSON, THROUGH_TEXT),
        (LATIN_1 + b"\n", {"Content-Type": "text/plain"}, THROUGH_TEXT),
        (b"command=%2Fship&text=A-1", FORM, FORM_GONE),
        (b"order_id=A-1", {}, LOOKS_INSIDE),
        (b"", {}, LOOKS_INSIDE),
        (b"[]", JSON, LOOKS_INSIDE),
        (b"null", JSON, LOOKS_INSIDE),
        (b"\xef\xbb\xbf{}\r\n", JSON, OTHER_BYTES),
        (b" \t{}\x00\n", JSON, OTHER_BYTES),
        *((LARGE[:size], JSON, OTHER_BYTES) for size in SIZES),
    ):
        enqueue = Enqueue()
        ask = _asking(
            body, "enqueue returns", ("these bytes are enqueued, then a 2xx"), headers
        )
        answered = _set_up(ask, make_app, enqueue).send(body, headers)
        if not answered.acknowledged:
            ask.fail(str(answered), LOOKS_INSIDE, lines=answered.lines)
        if not enqueue.bodies:
            ask.fail(f"{answered}; enqueue was not called", LOOKS_INSIDE)
        if enqueue.bodies != [body]:
            ask.fail(f"enqueue({short(enqueue.bodies[0])})", mistake)
    enqueue = Enqueue()
    ask = _asking(
        b"order_id=A-3", "then order_id=A-4, to the same app", "both enqueued", FORM
    )
    bench = _set_up(ask, make_app, enqueue)
    for body in (b"order_id=A-3", b"order_id=A-4"):
        answered = bench.send(body, FORM)
    if len(enqueue.bodies) < 2:
        ask.fail(f"{answered}; enqueue was called once", NO_ID)


def leaves_other_requests(make_app: MakeApp) -> None:
    """The receiver enqueues nothing for other paths and methods."""
    event = payments(6)[5]
    for method, path in (
        ("GET", "/webhooks"),
        ("POST", "/"),
        ("POST", "/elsewhere"),
        ("PUT", "/webhooks"),
    ):
        enqueue = Enqueue()
        ask = Question(
            sent=f"{method} {path}",
            expected="enqueue is not called",
            why=OTHER_REQUESTS.why,
            try_next=OTHER_REQUESTS.try_next,
        )
        answered = _set_up(ask, make_app, enqueue).send(event, path=path, method=method)
        if enqueue.bodies:
            ask.fail(f"{answered}, and enqueue was called", OTHER_REQUESTS)


def enqueues_once(make_app: MakeApp) -> None:
    """The receiver calls enqueue once for each request, even if it raises."""
    event, enqueue = payments(1)[0], Enqueue(raises=OSError("no space left on device"))
    ask = _asking(
        event.body, "enqueue raises OSError", "one call of enqueue, then a 5xx"
    )
    with real_sleeps():
        answered = _set_up(ask, make_app, enqueue).send(event)
    if len(enqueue.bodies) > 1:
        called = f"{answered}; enqueue was called {len(enqueue.bodies)} times"
        ask.fail(called, AGAIN)


def keeps_apps_apart(make_app: MakeApp) -> None:
    """Two apps with different queues do not affect each other."""
    event, first, second = payments(7)[6], Enqueue(), Enqueue()
    ask = _asking(
        event.body,
        "make_app(first), make_app(second); the event is sent to the first app, then "
        "to the second",
        "first is called, then second",
    )
    one, other = _set_up(ask, make_app, first), _set_up(ask, make_app, second)
    one.send(event)
    if second.bodies or not first.bodies:
        called = "second" if second.bodies else "neither"
        ask.fail(f"after the first request {called} was called", MIXED_UP)
    answered = other.send(event)
    if not second.bodies:
        ask.fail(f"{answered}; second was not called", SHARED_MEMORY)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SPACED = (
    b'{ "id": "evt_00001",  "event" :"payment.succeeded",\n "data": {"amount": 1.0}}'
)
ACCENTED = '{"id":"crm_00001","data":{"name":"Zoë","city":"K\\u00f6ln"}}'.encode()
DOUBLED = b'{"id":"evt_00001","data":{"order_id":"A-1","order_id":"A-2"},"n":1e3}'
CUT_OFF = b'{"id":"evt_00001","event":"payment.succ'
LARGE = b'{"id":"evt_00001","data":"' + b"0123456789abcdef" * 70_000
SIZES = (8_193, 65_535, 65_536, 65_537, 1_100_000)
LATIN_1 = '{"id":"crm_00002","data":{"name":"Zoë"}}'.encode("latin-1")

_fresh = itertools.count(1)


def _asking(
    body: bytes, what: str, expected: str, headers: Mapping[str, str] | None = None
) -> Question:
    told = shown(body, None if headers is JSON else headers)
    return Question(
        sent=f"POST /webhooks\n{told}\n{what}",
        expected=expected,
        why=(
            "A 2xx tells the sender that the event is stored here and need not be "
            "sent again."
        ),
        try_next="Follow the body through your view: it must be read, stored and "
        "acknowledged once each, in this order.",
    )


def _set_up(ask: Question, make_app: MakeApp, enqueue: Enqueue) -> AppCaller:
    """Return the learner's app on a bench; `enqueue` learns when the answer is out."""

    def making() -> Any:
        app = make_app(enqueue)
        if isinstance(app, flask.Flask):
            app.wsgi_app = _telling(app.wsgi_app, enqueue)  # type: ignore[method-assign]  # Flask's own way in
        return app

    return receiver_of(ask, making)


def _telling(serve: Callable[..., Any], enqueue: Enqueue) -> Callable[..., Any]:
    def telling(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        def starting(*args: Any) -> Any:
            enqueue.answered.set()
            return start_response(*args)

        enqueue.answered.clear()
        return serve(environ, starting)

    return telling


def _same_bytes(ask: Question, enqueue: Enqueue, body: bytes) -> None:
    for given in enqueue.bodies:
        if not isinstance(given, (bytes, bytearray, memoryview)):
            ask.fail(f"enqueue({short(given)})", NOT_BYTES)
        if bytes(given) == body:
            continue
        mistake = WRITTEN_ANEW if _means(given) == _means(body) else OTHER_BYTES
        ask.fail(f"enqueue({short(given)})", mistake)


def _means(body: bytes | bytearray | memoryview) -> Any:
    try:
        return json.loads(bytes(body))
    except ValueError:
        return None


def _takes_what_is_new(make_app: MakeApp) -> bool:
    """Whether an event with an id that no app has ever seen is enqueued."""
    enqueue = Enqueue()
    event = Event(
        "payment.succeeded", {"order_id": "A-1"}, id=f"evt_new_{next(_fresh)}"
    )
    _set_up(_asking(b"", "", ""), make_app, enqueue).send(event)
    return bool(enqueue.bodies)


RECEIVE = Exercise(
    id="8.1",
    lab="08_ack_fast",
    wants="make_app(enqueue) -> Flask",
    cases=(
        stores_and_acknowledges,
        stores_before_it_answers,
        passes_trouble_on,
        stores_the_retry,
        keeps_every_byte,
        leaves_other_requests,
        enqueues_once,
        keeps_apps_apart,
    ),
    hints=(
        "The view has three steps: read the raw body, enqueue it, acknowledge it.",
        (
            "`request.get_data()` returns the body as bytes. Which response does the "
            "sender get if `enqueue` raises? Does Flask send one for every exception?"
        ),
        (
            "Put only the call to `enqueue` into a `try`. Flask turns an Exception "
            "into a 500 by itself, but not SystemExit or CancelledError: catch "
            "BaseException and return a 503."
        ),
    ),
)
