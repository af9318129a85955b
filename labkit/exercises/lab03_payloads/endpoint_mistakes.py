"""The mistakes of exercise 3.3, and what proves them."""

from collections.abc import Callable, Sequence
from typing import Any

from labkit.checks.calls import NO_APP as NO_APP_MISTAKE
from labkit.checks.mistakes import Proof, Rule, edit, mistakes
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.checks.steps import NO_APP, NO_RESPONSE, Post
from labkit.exercises.lab02_endpoint.apps import ACK_FIRST, late
from labkit.exercises.lab03_payloads.dispatch_mistakes import (
    EVERY_HANDLER,
    TWICE,
    UNKNOWN_RAISES,
)
from labkit.exercises.lab03_payloads.parse_mistakes import REFUSES_FIELDS

OTHER_PATH, GOOD_REFUSED, NOT_HANDLED = mistakes("""
    other-path-or-method: Your app has no route for POST /webhooks, so every delivery
        gets a 404 or a 405.
        Try: Write the route as @app.post("/webhooks").
    refuses-a-good-event: Your code rejects a valid event. The sender retries, and after
        the last attempt the event is lost.
        Try: To find the line that rejects the event, return a different message at each
        rejection.
    acknowledges-without-handling: Your code responds with a 2xx without calling a
        handler. The sender does not send the event again, so it is lost.
        Try: Pass the parsed event to dispatch, with the handlers that make_app got.
""")
HANDS_OVER, UNKNOWN_REFUSED = mistakes("""
    hands-over-something-else: Your code does not pass the event, whole and unchanged,
        to the handler. A handler also needs the id and the time, which are outside
        data.
        Try: Call handler(event), with the event unchanged.
    refuses-unknown-types: Your code rejects an event because it has no handler for its
        type. The sender retries for days, and many providers disable an endpoint that
        fails too often.
        Try: Respond with a 2xx to events that you ignore.
""")
DROPS_FIELDS, BAD_CRASHES, KEY_ERROR = mistakes("""
    drops-unknown-fields: Your code drops a field that is in the body. If a handler
        needs this field next month, it does not find it.
        Try: Pass on the whole dictionary that parse returned.
    bad-body-is-a-crash: Your code responds with a 5xx to an invalid body. A 5xx asks
        the sender to try again, but the body will be just as invalid next time.
        Try: Catch the ValueError of parse, and return 400.
    lets-key-error-out: Your code raises KeyError if a field is missing, so the sender
        gets a 500 and sends the same body again.
        Try: Let parse check the fields, and return 400 if it raises ValueError.
""")
RECURSION, BAD_ACCEPTED, BAD_HANDLED, OTHER_REFUSAL = mistakes("""
    lets-recursion-error-out: Your code lets a RecursionError escape. It is not a
        subclass of ValueError, so anyone who sends a body full of brackets makes your
        receiver respond with a 500.
        Try: Use your parse of exercise 3.1, which turns it into a ValueError.
    acknowledges-a-bad-body: Your code responds with a 2xx to an invalid body. The
        sender marks the event as delivered, so nobody looks for the error.
        Try: Return 400 for a body that parse rejects.
    handles-what-parse-refuses: Your code calls a handler with an event that parse of
        exercise 3.1 rejects.
        Try: Pass every body to your parse, and use only what it returns.
    refuses-with-another-status: Your code rejects the request with another status. The
        sender's operator reads the status: 400 for the body, 413 for its length, 415
        for its type.
        Try: Compare the status with the table in the exercise.
""")
FAILURE_ACKNOWLEDGED, BLAMES_SENDER, VALUE_ERROR, TAKEN_FOR_UNKNOWN = mistakes("""
    acknowledges-a-failure: Your code responds with a 2xx although the handler failed.
        The sender does not retry, so the customer has paid and gets nothing.
        Try: Return 500 if the handler raises an exception.
    blames-the-sender: Your code responds with a 4xx although the handler failed. A 4xx
        says that the request is at fault, and some senders give up at once.
        Try: Return 500 if the handler raises an exception.
    takes-a-handlers-value-error-for-a-bad-body: Your code responds with 400 if a
        handler raises ValueError. The body was valid, so the sender looks for a mistake
        that it did not make.
        Try: Put only parse into the `try` with `except ValueError`, and dispatch after
        it.
    takes-a-handlers-error-for-an-unknown-type: Your code treats an exception of the
        handler as a missing handler and responds with a 2xx. So a paid order is lost.
        Try: Look up the handler first, and call it outside that `try`.
""")
EXIT_ESCAPES, HTTP_ESCAPES, PARAMETERS, LETTER_CASE = mistakes("""
    exit-gets-no-response: Your code lets an exception such as SystemExit or
        CancelledError leave the app. Flask turns only subclasses of Exception into a
        500, so the sender gets no response, and may wait until its timeout.
        Try: Put dispatch into a `try` of its own, and return 500 from `except
        BaseException`.
    status-of-an-http-exception: Your code responds to an HTTPException of a handler
        with the status of that exception. The sender then treats your failure as its
        own mistake.
        Try: Put dispatch into a `try` of its own, and return 500 from `except
        BaseException`.
    refuses-parameters: Your code rejects a content type with parameters. Many HTTP
        clients send application/json; charset=utf-8.
        Try: Compare only the part before the semicolon: request.mimetype.
    compares-letter-case: Your code compares the content type in a case-sensitive way,
        but upper and lower case mean the same there.
        Try: Compare in lower case: Flask's request.mimetype is in lower case.
""")
ANY_TYPE, NO_TYPE, TYPE_CRASHES, PART_OF_TYPE = mistakes("""
    takes-any-content-type: Your code accepts a body that the sender does not declare as
        JSON. It then parses something that was never meant to be JSON.
        Try: Check request.mimetype before you read the body.
    takes-a-missing-content-type: Your code accepts a request without a content type.
        Only application/json is allowed; everything else gets a 415.
        Try: Reject everything except application/json, a missing type too.
    missing-content-type-is-a-crash: Your code fails if the content type is missing,
        because request.content_type is then None. The sender gets a 500 and sends the
        same request again.
        Try: Use request.mimetype, which is an empty string if the header is missing.
    matches-part-of-the-content-type: Your code compares only a part of the content
        type. Another type can begin or end with the same text, or contain it in a
        parameter.
        Try: Compare the whole of request.mimetype.
""")
TYPE_400, NO_LIMIT, TOO_SMALL, TOO_LARGE = mistakes("""
    wrong-type-answered-400: Your code responds with 400 to a wrong content type. 400
        says that the body is invalid, so the sender looks in the wrong place.
        Try: Check the type before you parse, and return 415.
    no-limit: Your code accepts a body of any length. Anyone can fill the memory of your
        server with one request.
        Try: Set app.config["MAX_CONTENT_LENGTH"], and measure the body.
    limit-too-small: Your code rejects a body of exactly 65,536 bytes, which is still
        allowed. 64 KiB is 64 times 1,024 bytes.
        Try: Reject if len(body) > 64 * 1024.
    limit-too-large: Your code accepts a body of 65,537 bytes, which is one byte too
        long.
        Try: Compare the length of the body that you have read with 64 * 1024.
""")
CHARACTERS, LONG_400, NEEDS_LENGTH, NO_CHUNKED = mistakes("""
    counts-characters: Your code counts characters, but the limit is in bytes: é has two
        bytes, and 雷 has three.
        Try: Measure the bytes before you decode them.
    too-long-answered-400: Your code responds with 400 to a body that is too long. 400
        says that the body is invalid, so the sender looks in the wrong place.
        Try: Return 413 for it: read and measure before you parse, and let neither a
        `try` nor an error handler turn it into a 400.
    needs-a-content-length: Your code fails for a chunked body: it has no
        Content-Length, so request.content_length is None.
        Try: Measure what you have read, not what was announced.
    refuses-every-chunked-body: Your code rejects a chunked body, although it is valid.
        Some HTTP clients and proxies send every body in chunks.
        Try: Read the body and measure it; do not require a Content-Length.
""")
BY_ANNOUNCEMENT, CUT, READS_ALL, SHARED = mistakes("""
    limits-only-the-announced-length: Your code checks only the announced length. A
        chunked body announces none, so there is no limit for it.
        Try: Measure the bytes that you have read.
    works-with-a-cut-body: Your code uses a body that was cut. Flask cuts a chunked body
        at MAX_CONTENT_LENGTH without an error, so you may parse a different event from
        the one that was sent.
        Try: Set MAX_CONTENT_LENGTH one byte higher, and reject what is longer than 64
        KiB.
    reads-everything-first: Your code reads far more than the limit before it responds
        with 413. An attacker can fill your memory, however small the limit is.
        Try: Limit the reading: app.config["MAX_CONTENT_LENGTH"], one byte higher.
    apps-share-their-handlers: Your two apps share one table of handlers, so one app
        calls the handlers of the other.
        Try: Create the app and its view inside make_app, where handlers is the
        argument.
""")


def _last(seen: Seen) -> tuple[Any, Sequence[Any]]:
    """Return the status and the calls of the last request."""
    if not isinstance(seen.value, tuple) or seen.value[0] == "raises":
        return None, ()
    response, calls = seen.value[-1]
    return (response if response == NO_RESPONSE else response[0]), calls


def _kind(*kinds: str) -> Callable[[Fields], bool]:
    return lambda fields: fields["kind"] in kinds


def _raises(*names: str) -> Callable[[Fields], bool]:
    return lambda fields: fields["raises"] in names


def _is(*statuses: Any, calls: int | None = None) -> Callable[[Fields, Seen], bool]:
    """Accept these statuses; `calls` is the number of calls, if it matters."""

    def accepts(_: Fields, seen: Seen) -> bool:
        status, made = _last(seen)
        return status in statuses and calls in (None, len(made))

    return accepts


def _other_4xx(*but: int) -> Callable[[Fields, Seen], bool]:
    """Accept a 4xx that is not one of these, without a call."""

    def accepts(_: Fields, seen: Seen) -> bool:
        status, calls = _last(seen)
        return isinstance(status, int) and status not in but and not calls

    return accepts


def _no_app(_: Fields, seen: Seen) -> bool:
    return bool(seen.value == NO_APP)


def _handlers_called(_: Fields, seen: Seen) -> bool:
    return bool(_last(seen)[1])


def _names(seen: Seen) -> list[str]:
    return [call[0] for call in _last(seen)[1]]


def _others(_: Fields, seen: Seen) -> bool:
    return len(set(_names(seen))) > 1


def _twice(_: Fields, seen: Seen) -> bool:
    names = _names(seen)
    return len(names) > 1 and len(set(names)) == 1


def _otherwise(_: Fields, seen: Seen) -> bool:
    """Whether one handler was called, and the request was acknowledged."""
    return _last(seen)[0] == "2xx" and len(_names(seen)) == 1 and not late(_, seen)


def _crashed(*classes: type[BaseException]) -> Callable[[Fields, Seen], bool]:
    """Accept a 5xx from an exception of these classes, or from any other if none."""

    def accepts(fields: Fields, seen: Seen) -> bool:
        if classes:
            return isinstance(seen.error, classes) and _last(seen)[0] == "5xx"
        other = not isinstance(seen.error, (KeyError, RecursionError))
        return other and _is("5xx", calls=0)(fields, seen)

    return accepts


def _mixed_up(fields: Fields, seen: Seen) -> bool:
    """Whether a handler of one app was called for a request to another."""
    if not isinstance(seen.value, tuple) or seen.value[0] == "raises":
        return False
    apps = [step.app if isinstance(step, Post) else 0 for step in fields["steps"]]
    calls = [
        (app, call[0])
        for app, (_, made) in zip(apps, seen.value, strict=True)
        for call in made
    ]
    return any(name.endswith(" of app 2") != bool(app) for app, name in calls)


_EVENT, _ADDED, _UNKNOWN = _kind("event"), _kind("added"), _kind("unknown")
_INVALID, _TYPE, _FAILS = _kind("invalid", "hard"), _kind("type"), _kind("fails")
_LONG = _kind("huge", "one more", "letters", "spaces")
_REFUSED = (400, 413, 415)

MISTAKES: list[Proof] = [
    Rule(NO_APP_MISTAKE, _EVENT, how=_no_app),
    Rule(OTHER_PATH, _EVENT, how=_is(404, 405)),
    Rule(GOOD_REFUSED, _EVENT, how=_other_4xx(404, 405)),
    Rule(NOT_HANDLED, _EVENT, how=_is("2xx", calls=0)),
    Rule(EVERY_HANDLER, _EVENT, how=_others),
    Rule(TWICE, _EVENT, how=_twice),
    Rule(HANDS_OVER, _EVENT, how=_otherwise),
    Rule(ACK_FIRST, _kind("slow"), how=late, may=_EVENT),
    Rule(REFUSES_FIELDS, _ADDED, _EVENT, _other_4xx()),
    Rule(DROPS_FIELDS, _ADDED, _EVENT, _otherwise),
    Rule(UNKNOWN_RAISES, _UNKNOWN, _EVENT, _is("5xx", calls=0)),
    Rule(UNKNOWN_REFUSED, _UNKNOWN, _EVENT, _other_4xx()),
    Rule(KEY_ERROR, _INVALID, _EVENT, _crashed(KeyError), some=True),
    Rule(RECURSION, _INVALID, _EVENT, _crashed(RecursionError), some=True),
    Rule(BAD_CRASHES, _INVALID, _EVENT, _crashed(), some=True),
    Rule(BAD_ACCEPTED, _INVALID, _EVENT, _is("2xx", calls=0), some=True),
    Rule(BAD_HANDLED, _INVALID, _EVENT, _handlers_called, some=True),
    Rule(OTHER_REFUSAL, _INVALID, _EVENT, _other_4xx(*_REFUSED)),
    Rule(FAILURE_ACKNOWLEDGED, _FAILS, _EVENT, _is("2xx", calls=1)),
    Rule(BLAMES_SENDER, _FAILS, _EVENT, _is(*range(400, 500))),
    Rule(
        VALUE_ERROR,
        _raises("ValueError", "JSONDecodeError"),
        _raises("RuntimeError", "KeyError", "OSError"),
        _is(*range(400, 500)),
    ),
    *(
        Rule(TAKEN_FOR_UNKNOWN, _raises(name), _raises("RuntimeError"), _is("2xx"))
        for name in ("KeyError", "TypeError", "AttributeError")
    ),
    Rule(EXIT_ESCAPES, _kind("exit"), _FAILS, _is(NO_RESPONSE)),
    Rule(
        HTTP_ESCAPES,
        _raises("NotFound", "BadRequest"),
        _FAILS,
        lambda f, seen: _last(seen)[0] == (404 if f["raises"] == "NotFound" else 400),
        may=_kind("http"),
    ),
    Rule(PARAMETERS, _kind("parameters"), _EVENT, _other_4xx()),
    Rule(LETTER_CASE, _kind("case"), _kind("event", "parameters"), _other_4xx()),
    Rule(ANY_TYPE, _TYPE, _EVENT, _is("2xx")),
    Rule(NO_TYPE, _kind("missing"), _TYPE, _is("2xx")),
    Rule(TYPE_CRASHES, _kind("missing"), _TYPE, _crashed(AttributeError, TypeError)),
    Rule(PART_OF_TYPE, _kind("part"), _TYPE, _is("2xx"), some=True),
    Rule(TYPE_400, _kind("type", "missing"), _EVENT, _is(400, calls=0), some=True),
    Rule(OTHER_REFUSAL, _TYPE, _EVENT, _other_4xx(*_REFUSED)),
    Rule(NO_LIMIT, _LONG, _EVENT, _is("2xx")),
    Rule(TOO_SMALL, _kind("exact"), _EVENT, _other_4xx(), some=True),
    Rule(TOO_LARGE, _kind("one more"), _kind("huge", "exact"), _is("2xx")),
    Rule(CHARACTERS, _kind("letters"), _kind("huge", "one more"), _is("2xx"), True),
    Rule(LONG_400, _LONG, _EVENT, _is(400, calls=0), some=True),
    Rule(OTHER_REFUSAL, _LONG, _EVENT, _other_4xx(*_REFUSED), some=True),
    Rule(NEEDS_LENGTH, _kind("chunked"), _EVENT, _crashed(TypeError)),
    Rule(NO_CHUNKED, _kind("chunked"), _EVENT, _other_4xx()),
    edit(
        BY_ANNOUNCEMENT,
        ('    app.config["MAX_CONTENT_LENGTH"] = limit + 1\n', ""),
        ("len(body) > limit", "(request.content_length or 0) > limit"),
    ),
    edit(CUT, ('"MAX_CONTENT_LENGTH"] = limit + 1', '"MAX_CONTENT_LENGTH"] = limit')),
    edit(READS_ALL, ('    app.config["MAX_CONTENT_LENGTH"] = limit + 1\n', "")),
    Rule(SHARED, _kind("apps"), _EVENT, _mixed_up),
    edit(
        SHARED,
        ("def make_app(handlers):", "SHARED = {}\n\n\ndef make_app(handlers):"),
        ("    app = Flask", "    SHARED[0] = handlers\n    app = Flask"),
        ("outcome = dispatch(event, handlers)", "outcome = dispatch(event, SHARED[0])"),
    ),
]
