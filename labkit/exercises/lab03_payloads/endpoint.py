"""Exercise 3.3: which status for which request."""

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.test import create_environ, run_wsgi_app

from labkit.checks import Exercise, Mistake, Question, describe, short
from labkit.checks.calls import JSON, Answered, Bench, shown
from labkit.exercises.lab03_payloads.bodies import (
    LATIN_1,
    NEXT_YEAR,
    NO_OBJECTS,
    NOT_JSON,
    NOT_NUMBERS,
    PAYMENT,
    PUSH,
    SOURCES,
    TOO_DEEP,
    TOO_MANY_DIGITS,
    body_with,
    body_without,
    event_of,
)
from labkit.exercises.lab03_payloads.dispatch import (
    EVERY_HANDLER,
    HANDS_OVER,
    TAKEN_FOR_UNKNOWN,
    TWICE,
    UNKNOWN_RAISES,
    Table,
    listed,
)
from labkit.exercises.lab03_payloads.parse_mistakes import (
    DROPS_FIELDS,
    KEY_ERROR,
    RECURSION,
    REFUSES_FIELDS,
)

MakeApp = Callable[[dict[str, Callable[[Any], None]]], Any]

LIMIT = 64 * 1024
"""How many bytes a body may have."""


OTHER_PATH = Mistake(
    "other-path-or-method",
    "The sender sends a POST to /webhooks, and nobody there takes it.",
    'Put the route on the function: @app.post("/webhooks").',
)
GOOD_REFUSED = Mistake(
    "refuses-a-good-event",
    "Nothing is wrong with this event. Each refusal is a retry, and after the last "
    "one the event is gone.",
    "Find out which line of yours refuses it: return another text at each of them.",
)
NOT_HANDLED = Mistake(
    "acknowledges-without-handling",
    "You told the sender that you have it, and no handler ran. It will not come again.",
    "Hand the parsed event to dispatch, with the handlers that make_app was given.",
)
UNKNOWN_REFUSED = Mistake(
    "refuses-unknown-types",
    "A type that you don't handle is not the sender's mistake. Refused, it comes "
    "again for days, and many providers switch an endpoint off that fails too often.",
    "Acknowledge what you ignore: answer 2xx.",
)
BAD_CRASHES = Mistake(
    "bad-body-is-a-crash",
    "A 5xx means: my fault, send it again. This body will be as bad the next time, and "
    "the time after that.",
    "Catch the ValueError of parse, and nothing else, and answer 400.",
)
BAD_ACCEPTED = Mistake(
    "acknowledges-a-bad-body",
    "A 2xx tells the sender that you have the event, and you have nothing. Nobody will "
    "look for the error, because nobody is told of one.",
    "Answer 400 for what parse refuses.",
)
BAD_HANDLED = Mistake(
    "handles-what-parse-refuses",
    "A handler got an event that parse of exercise 3.1 refuses.",
    "Let every body go through your parse, and no other way.",
)
OTHER_REFUSAL = Mistake(
    "refuses-with-another-status",
    "The sender's operator reads the status to find out what is wrong: 400 the body, "
    "413 its length, 415 its type. Another number sends them looking elsewhere.",
    "Compare the status with the table in the exercise.",
)
FAILURE_ACKNOWLEDGED = Mistake(
    "acknowledges-a-failure",
    "The handler failed and you said that all is well. The sender forgets the event: "
    "the customer has paid and gets nothing.",
    "Let what a handler raises come out; Flask makes a 500 of it.",
)
BLAMES_SENDER = Mistake(
    "blames-the-sender",
    "The handler failed, and a 4xx says that the request is to blame. Some senders "
    "give up at once on a 4xx.",
    "Let what a handler raises come out; Flask makes a 500 of it.",
)
VALUE_ERROR = Mistake(
    "takes-a-handlers-value-error-for-a-bad-body",
    "The body was good; the ValueError came out of the handler. You answered 400, so "
    "the sender is told to mend an event that nothing is wrong with.",
    "Put parse alone into the try, and dispatch after it.",
)
PARAMETERS = Mistake(
    "refuses-parameters",
    "A content type may carry parameters, and application/json; charset=utf-8 is what "
    "many HTTP clients send.",
    "Compare the part before the semicolon: Flask has it as request.mimetype.",
)
LETTER_CASE = Mistake(
    "compares-letter-case",
    "Upper and lower case mean the same in a content type.",
    "Compare in lower case: Flask's request.mimetype is lower case already.",
)
ANY_TYPE = Mistake(
    "takes-any-content-type",
    "The sender says that this is something else than JSON. You read it as JSON all "
    "the same, and find out in production what it really was.",
    "Look at request.mimetype before you look at the body.",
)
NO_TYPE = Mistake(
    "takes-a-missing-content-type",
    "A body of unknown type was read as JSON. The rule is the same for all: "
    "application/json, or 415.",
    "Refuse everything but application/json, the missing type included.",
)
TYPE_CRASHES = Mistake(
    "missing-content-type-is-a-crash",
    "The header need not be there, and what is not there is None.",
    "Flask's request.mimetype is an empty text where there is no content type.",
)
PART_OF_TYPE = Mistake(
    "matches-part-of-the-content-type",
    "The text application/json occurs in other content types, and in their parameters. "
    "application/json-seq, for one, holds many JSON texts in a row.",
    "Compare the whole of the part before the semicolon.",
)
TYPE_400 = Mistake(
    "wrong-type-answered-400",
    "400 says that the body is bad, and the sender's operator looks for the fault "
    "there. It is the content type that is wrong, and 415 says so.",
    "Test the content type before you parse, and answer 415.",
)
NO_LIMIT = Mistake(
    "no-limit",
    "Anybody can send a body, before any signature is checked. Without a limit a few "
    "gigabytes are enough to take your receiver down.",
    'Set a limit: app.config["MAX_CONTENT_LENGTH"].',
)
TOO_SMALL = Mistake(
    "limit-too-small",
    "64 KiB are 65,536 bytes, and a body of just that length is allowed.",
    "Write 64 * 1024, and refuse what is longer than that.",
)
TOO_LARGE = Mistake(
    "limit-too-large",
    "64 KiB are 65,536 bytes, and one more is too much.",
    "Compare the length of the body that you have read with 64 * 1024.",
)
CHARACTERS = Mistake(
    "counts-characters",
    "The limit is in bytes, and you counted letters: é takes two bytes, 雷 three.",
    "Take the length of the bytes, before you decode them.",
)
LONG_400 = Mistake(
    "too-long-answered-400",
    "The body is too long and you called it bad. Either you parsed before you "
    "measured, or your except caught Flask's own 413 on its way.",
    "Read and measure first, outside of the try; then parse.",
)
NEEDS_LENGTH = Mistake(
    "needs-a-content-length",
    "A chunked body comes without a Content-Length; request.content_length is None.",
    "Measure what you have read instead of what was announced.",
)
NO_CHUNKED = Mistake(
    "refuses-every-chunked-body",
    "A chunked body has no announced length, but nothing is wrong with it. Some HTTP "
    "clients and proxies send all bodies so.",
    "Read the body and measure it; don't ask for a Content-Length.",
)
BY_ANNOUNCEMENT = Mistake(
    "limits-only-the-announced-length",
    "A chunked body announces no length, so your limit never looked at it. The header "
    "is the sender's word; the bytes are what you get.",
    "Measure the bytes that you have read.",
)
CUT = Mistake(
    "works-with-a-cut-body",
    "Flask cuts a chunked body off at MAX_CONTENT_LENGTH and says nothing. You parsed "
    "what was left: no 413, and perhaps another event than the one that was sent.",
    "Set MAX_CONTENT_LENGTH one byte higher, and refuse what is longer than 64 KiB.",
)
READS_ALL = Mistake(
    "reads-everything-first",
    "The status is right, and it comes after you have taken everything in. Whoever "
    "sends without end fills your memory, however small the limit is.",
    'Bound the reading itself: app.config["MAX_CONTENT_LENGTH"], one byte higher.',
)


class Shop(Table):
    """A table of handlers, and the bench with the app that make_app made of it."""

    bench: Bench | None = None


def handles_an_event(make_app: MakeApp) -> None:
    """A good event reaches its handler, once, and is acknowledged."""
    for event in SOURCES:
        shop = Shop(*(each.type for each in SOURCES))
        ask = _posting(event.body, "2xx, after one call of the handler")
        answer = _send(ask, make_app, shop, event.body)
        if answer.status in (404, 405):
            ask.fail(str(answer), OTHER_PATH)
        if not answer.acknowledged:
            ask.fail(str(answer), GOOD_REFUSED, lines=answer.lines)
        outcome = f"{answer}, handlers called: {listed(shop.called)}"
        if not shop.called:
            ask.fail(outcome, NOT_HANDLED)
        if set(shop.called) != {event.type}:
            ask.fail(outcome, EVERY_HANDLER)
        if len(shop.called) > 1:
            ask.fail(outcome, TWICE)
        if not shop.given(event_of(event)):
            ask.fail(f"handler called with {short(shop.calls[0][1])}", HANDS_OVER)


def acknowledges_unknown_types(make_app: MakeApp) -> None:
    """An event without a handler is acknowledged and ignored."""
    shop = Shop(PAYMENT.type)
    ask = _posting(NEXT_YEAR.body, "2xx, and no handler called")
    answer = _send(ask, make_app, shop, NEXT_YEAR.body)
    if answer.status >= 500:
        ask.fail(str(answer), UNKNOWN_RAISES, lines=answer.lines)
    if not answer.acknowledged:
        ask.fail(str(answer), UNKNOWN_REFUSED)
    if shop.called:
        ask.fail(f"handlers called: {listed(shop.called)}", EVERY_HANDLER)


def stands_new_fields(make_app: MakeApp) -> None:
    """Fields that the provider adds tomorrow break nothing."""
    data = {"order_id": "A-1", "amount": 4200, "currency": "EUR", "method": "card"}
    for body in (body_with(api_version="2027-01-01"), body_with(data=data)):
        shop = Shop(PAYMENT.type)
        ask = _posting(body, "2xx, after one call of the handler")
        answer = _send(ask, make_app, shop, body)
        if not answer.acknowledged or not shop.called:
            ask.fail(str(answer), REFUSES_FIELDS, lines=answer.lines)
        if not shop.given(json.loads(body)):
            ask.fail(f"handler called with {short(shop.calls[0][1])}", DROPS_FIELDS)


def refuses_a_bad_body(make_app: MakeApp) -> None:
    """A body that is no event is answered 400, and no handler is called."""
    shop = Shop(PAYMENT.type, PUSH.type)
    for body in (
        *NOT_JSON,
        *NO_OBJECTS,
        body_without("data"),
        body_without("event"),
        body_without("id"),
        body_without("created_at"),
        body_with(data="A-1"),
        body_with(event=None),
        body_with(created_at="1767225600"),
    ):
        _refuses(make_app, shop, body)


def lets_failures_show(make_app: MakeApp) -> None:
    """What a handler raises is answered 5xx, whatever it is."""
    for error, as_4xx, as_2xx in (
        (RuntimeError("the parcel service is down"), BLAMES_SENDER, None),
        (ValueError("no such country"), VALUE_ERROR, None),
        (KeyError("street"), BLAMES_SENDER, TAKEN_FOR_UNKNOWN),
        (TypeError("an amount is no text"), BLAMES_SENDER, TAKEN_FOR_UNKNOWN),
    ):
        shop = Shop(PAYMENT.type, errors={PAYMENT.type: error})
        ask = _posting(
            PAYMENT.body, f"5xx, because the handler raised {describe(error)}"
        )
        answer = _send(ask, make_app, shop, PAYMENT.body)
        if answer.acknowledged:
            ask.fail(str(answer), as_2xx or FAILURE_ACKNOWLEDGED)
        if answer.status < 500:
            ask.fail(str(answer), as_4xx)


def takes_json_in_any_dress(make_app: MakeApp) -> None:
    """Parameters and letter case of application/json don't matter."""
    for content_type, mistake in (
        ("application/json; charset=utf-8", PARAMETERS),
        ("application/json;charset=UTF-8", PARAMETERS),
        ("Application/JSON", LETTER_CASE),
    ):
        headers = {"Content-Type": content_type}
        shop = Shop(PAYMENT.type)
        ask = _posting(PAYMENT.body, "2xx", headers)
        answer = _send(ask, make_app, shop, PAYMENT.body, headers)
        if not answer.acknowledged or not shop.called:
            ask.fail(str(answer), mistake, lines=answer.lines)


def refuses_other_types(make_app: MakeApp) -> None:
    """Every other content type, a missing one too, is answered 415."""
    shop = Shop(PAYMENT.type)
    for content_type, taken in (
        ("text/plain", ANY_TYPE),
        ("application/x-www-form-urlencoded", ANY_TYPE),
        (None, NO_TYPE),
        ("application/json-seq", PART_OF_TYPE),
        ("text/plain; was=application/json", PART_OF_TYPE),
    ):
        headers = {} if content_type is None else {"Content-Type": content_type}
        ask = _posting(PAYMENT.body, "415, and no handler called", headers)
        answer = _send(ask, make_app, shop, PAYMENT.body, headers)
        if answer.acknowledged or shop.called:
            ask.fail(str(answer), taken)
        if answer.status >= 500:
            crash = TYPE_CRASHES if content_type is None else None
            ask.fail(str(answer), crash, lines=answer.lines)
        if answer.status == 400:
            ask.fail(str(answer), TYPE_400)
        if answer.status != 415:
            ask.fail(str(answer), OTHER_REFUSAL)


def refuses_long_bodies(make_app: MakeApp) -> None:
    """65,536 bytes are taken, and more are answered 413."""
    _refuses_length(make_app, _padded(3 * LIMIT), NO_LIMIT)
    longest = _padded(LIMIT)
    shop = Shop(PAYMENT.type)
    ask = _posting(longest, "2xx: a body of exactly 65,536 bytes")
    answer = _send(ask, make_app, shop, longest)
    if not answer.acknowledged or not shop.called:
        ask.fail(str(answer), TOO_SMALL, lines=answer.lines)
    _refuses_length(make_app, _padded(LIMIT + 1), TOO_LARGE)
    letters = {"order_id": "A-1", "note": "é" * 40_000}
    body = json.dumps(event_of(PAYMENT) | {"data": letters}, ensure_ascii=False)
    _refuses_length(make_app, body.encode(), CHARACTERS)


def refuses_a_sly_body(make_app: MakeApp) -> None:
    """Bodies that crash or fool a careless parser are answered 400 too."""
    shop = Shop(PAYMENT.type)
    for body in (
        body_with(created_at=True),
        LATIN_1,
        *NOT_NUMBERS,
        TOO_MANY_DIGITS,
        *TOO_DEEP,
    ):
        _refuses(make_app, shop, body)


def takes_chunked_bodies(make_app: MakeApp) -> None:
    """A short body that comes chunked, without a length, is as good as any."""
    shop = Shop(PAYMENT.type)
    ask = _posting(PAYMENT.body, "2xx, after one call of the handler", CHUNKED)
    answer = _send(ask, make_app, shop, PAYMENT.body, chunked=True)
    if answer.status >= 500:
        ask.fail(str(answer), NEEDS_LENGTH, lines=answer.lines)
    if not answer.acknowledged or not shop.called:
        ask.fail(str(answer), NO_CHUNKED)
    longest = _padded(LIMIT)
    ask = _posting(longest, "2xx: a body of exactly 65,536 bytes", CHUNKED)
    answer = _send(ask, make_app, Shop(PAYMENT.type), longest, chunked=True)
    if not answer.acknowledged:
        ask.fail(str(answer), TOO_SMALL, lines=answer.lines)


def refuses_long_chunked_bodies(make_app: MakeApp) -> None:
    """A chunked body is measured as well: too long is 413, and nothing is cut off."""
    for body in (
        _padded(LIMIT + 1_000),
        PAYMENT.body.ljust(LIMIT) + b" and this was cut off",
        _padded(LIMIT + 1),
    ):
        shop = Shop(PAYMENT.type)
        ask = _posting(body, "413, and no handler called", CHUNKED)
        answer = _send(ask, make_app, shop, body, chunked=True)
        given = shop.calls[0][1] if shop.calls else None
        whole = given is not None and len(json.dumps(given)) > LIMIT
        if answer.acknowledged or shop.called:
            ask.fail(str(answer), BY_ANNOUNCEMENT if whole else CUT)
        if answer.status == 400:
            ask.fail(str(answer), CUT)
        if answer.status != 413:
            ask.fail(str(answer), lines=answer.lines)


def reads_no_more_than_it_must(make_app: MakeApp) -> None:
    """However much is sent, not much more than the limit is read."""
    offered = _Endless(64 * LIMIT)
    ask = Question(
        sent=f"{_head(CHUNKED)}\na body without an end",
        expected="413, after little more than 65,536 bytes",
        why=READS_ALL.why,
        try_next=READS_ALL.try_next,
    )
    app = ask.call(make_app, Shop(PAYMENT.type).handlers)
    environ = create_environ("/webhooks", method="POST", headers=CHUNKED)
    environ |= {"wsgi.input": offered, "wsgi.input_terminated": True}
    environ |= {"wsgi.errors": io.StringIO()}
    _chunks, status, _headers = run_wsgi_app(app, environ)
    if offered.taken > 4 * LIMIT:
        ask.fail(f"{status}, after {offered.taken:,} bytes", READS_ALL)
    if not status.startswith("413"):
        ask.fail(status)


CHUNKED = {**JSON, "Transfer-Encoding": "chunked"}


class _Endless(io.RawIOBase):
    """A body that goes on, up to `most` bytes; `taken` counts what was read."""

    def __init__(self, most: int) -> None:
        self._left = most
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), self._left)
        buffer[:count] = b"x" * count
        self._left -= count
        self.taken += count
        return count


def _refuses(make_app: MakeApp, shop: Shop, body: bytes) -> None:
    ask = _posting(body, "400, and no handler called")
    answer = _send(ask, make_app, shop, body)
    if shop.called:
        ask.fail(f"{answer}, handlers called: {listed(shop.called)}", BAD_HANDLED)
    if answer.acknowledged:
        ask.fail(str(answer), BAD_ACCEPTED)
    if answer.status >= 500:
        ask.fail(
            str(answer),
            _CRASHES.get(type(answer.error), BAD_CRASHES),
            lines=answer.lines,
        )
    if answer.status != 400:
        ask.fail(str(answer), OTHER_REFUSAL)


_CRASHES: dict[type[Any], Mistake] = {KeyError: KEY_ERROR, RecursionError: RECURSION}


def _refuses_length(make_app: MakeApp, body: bytes, taken: Mistake) -> None:
    shop = Shop(PAYMENT.type)
    ask = _posting(body, f"413: a body of {len(body):,} bytes, and no handler called")
    answer = _send(ask, make_app, shop, body)
    if answer.acknowledged or shop.called:
        ask.fail(str(answer), taken)
    if answer.status == 400:
        ask.fail(str(answer), LONG_400)
    if answer.status >= 500:
        ask.fail(str(answer), lines=answer.lines)
    if answer.status != 413:
        ask.fail(str(answer), OTHER_REFUSAL)


def _padded(length: int) -> bytes:
    """Return a payment's body of exactly that many bytes."""
    shell = body_with(data={"order_id": "A-1", "note": ""})
    note = "x" * (length - len(shell))
    return body_with(data={"order_id": "A-1", "note": note})


def _send(
    ask: Question,
    make_app: MakeApp,
    shop: Shop,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    *,
    chunked: bool = False,
) -> Answered:
    if shop.bench is None:
        shop.bench = Bench.set_up(ask, make_app, shop.handlers)
    return shop.bench.send(body, headers, chunked=chunked)


def _posting(body: bytes, expected: str, headers: Mapping[str, str] = JSON) -> Question:
    return Question(
        sent=f"POST /webhooks\n{shown(body, headers)}",
        expected=expected,
        why=(
            "The status is all that the sender hears: 2xx, I have it; 4xx, you must "
            "change something; 5xx, try again."
        ),
        try_next="Follow this request through your function, line by line.",
    )


def _head(headers: Mapping[str, str]) -> str:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return "\n".join(["POST /webhooks", *lines])


ENDPOINT = Exercise(
    id="3.3",
    lab="03_payloads",
    wants="make_app(handlers) -> Flask",
    cases=(
        handles_an_event,
        acknowledges_unknown_types,
        stands_new_fields,
        refuses_a_bad_body,
        lets_failures_show,
        takes_json_in_any_dress,
        refuses_other_types,
        refuses_long_bodies,
        refuses_a_sly_body,
        takes_chunked_bodies,
        refuses_long_chunked_bodies,
        reads_no_more_than_it_must,
    ),
    hints=(
        (
            "Four questions in this order: is the type right, is it short enough, is "
            "it an event, is there a handler? Your parse and dispatch answer two of "
            "them."
        ),
        (
            "request.mimetype is the content type in lower case and without its "
            "parameters. request.get_data() is the raw body."
        ),
        (
            "Only parse stands inside of the try, with `except ValueError` for the "
            "400. dispatch comes after it, outside."
        ),
        (
            'app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 + 1, and then compare '
            "len(body) with 64 * 1024 yourself: that catches the chunked ones."
        ),
    ),
)
