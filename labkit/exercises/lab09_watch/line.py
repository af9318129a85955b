"""9.1: a line for the log that tells what came and gives no secret away."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import flask
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from labkit.checks import Exercise, Mistake, Question, quietly, short
from labkit.checks.calls import JSON
from labkit.samples import payments

LogLine = Callable[[flask.Request, str], Any]
Headers = Mapping[str, str]

KEYS = ("address", "headers", "payload", "outcome")
SECRET_FIELDS = ("card_number", "cvc", "token", "password")
ADDRESS = "203.0.113.7"
FORGED = "198.51.100.99"
TELLING = 8
"""So many characters of a secret in a row give it away."""

LONGEST = 16_000
"""The most characters that a line may have."""

ABSENT = object()

CARD = "4000056655665556"
TOKEN = "tok_9vXc2LmQ81Rw"  # noqa: S105 - made up for the check
PASSWORD = "correct horse battery"  # noqa: S105 - the same
SIGNATURE = "sha256=5d1c8b0f2e7a49d3b6c0a1f4e8d72b95c3f60718a9e4d2b1c7f8035e6a9d4b12"
LOGINS = {
    "Authorization": "Bearer 7f3Kq9ZtLw2XbVn5Rd8s",
    "Proxy-Authorization": "Basic c2hvcDpoNHJkMnIzYWQ=",
    "Cookie": "session=Qm8RtY4uPzLk6WvE",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as the check makes it."""

    body: bytes
    headers: Headers
    address: str = ADDRESS
    query: str = ""

    def __str__(self) -> str:
        target = f"/webhooks?{self.query}" if self.query else "/webhooks"
        lines = [f"POST {target}, from {self.address}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        shown = short(self.body) if len(self.body) < 1000 else self._long()
        return "\n".join([*lines, shown])

    def _long(self) -> str:
        return f"{len(self.body):,} bytes, {short(self.body[:80], 100)} and so on"

    def arrive(self) -> Any:
        """Return Flask's context of this request, in a server of its own."""
        return flask.Flask("check").test_request_context(
            "/webhooks",
            base_url="http://shop.example",
            query_string=self.query,
            method="POST",
            data=self.body,
            headers=dict(self.headers),
            environ_overrides={"REMOTE_ADDR": self.address},
        )


RETURNS_TEXT = Mistake(
    "returns-text",
    "The line is to be a dictionary. Whoever writes it to the log makes text of it, "
    "once, and can add the time and the name of the server before.",
    "Return the dictionary itself, without json.dumps and without str.",
)
NO_DICTIONARY = Mistake(
    "returns-no-dictionary",
    "The four keys were agreed on, so that others can search the log by them.",
    "Return one dictionary with the keys address, headers, payload and outcome.",
)
KEY_MISSING = Mistake(
    "key-missing",
    "A line without this key leaves open what you will ask first when something has "
    "gone wrong at night.",
    "Give the dictionary all four keys, spelt as in the exercise.",
)
NOT_JSON = Mistake(
    "json-cannot-write-it",
    "A log line is written as JSON, and JSON knows no bytes and no objects of Flask's. "
    "The write raises, and the delivery fails over its own log.",
    "Make plain dictionaries, lists and texts of everything in the line: "
    "dict(request.headers) is one.",
)
HARD_CODED = Mistake(
    "written-into-the-code",
    "This fits the first request and no other.",
    "Take everything out of the request and the outcome that were handed in.",
)
FORWARDED = Mistake(
    "believes-a-header-about-the-address",
    "Headers are written by the sender, and a forger writes what suits. The one thing "
    "in the log that a forger can't choose is where the connection came from.",
    "Take request.remote_addr, and no header.",
)
HEADERS_LOST = Mistake(
    "headers-left-out",
    "Which header will matter is known afterwards only: the content type, the number "
    "of the retry, the id of the delivery. A line that keeps a chosen few lacks the "
    "one.",
    "Go through all of request.headers.",
)
PAYLOAD_AS_TEXT = Mistake(
    "payload-as-text",
    "The payload is a text inside of the line. Nobody can search such a log for an "
    "order without taking every line apart twice.",
    "Parse the body with json.loads, and keep what comes out.",
)
BODY_LOST = Mistake(
    "payload-not-kept",
    "The line tells that something came and not what. Without the payload you can't "
    "tell which order it was about, and can't try it again.",
    "Keep what the body's JSON holds, all of its fields.",
)
NEEDS_TYPE = Mistake(
    "asks-for-the-content-type",
    "The body is JSON, and the header says something else or nothing. Such a request "
    "is just what you will look for in the log, and its payload is missing.",
    "Parse the bytes yourself: json.loads(request.get_data()).",
)
LOGIN = Mistake(
    "login-in-the-log",
    "This header is somebody's login. Logs are copied, mailed, kept for years and read "
    "by people who have no right to that login.",
    "Replace the value of this header, however its name is written; leave the name.",
)
SIGNED = Mistake(
    "signature-in-the-log",
    "Body and signature together are a request that verifies. Whoever reads the log "
    "can send it again.",
    "Treat X-Webhook-Signature as you treat Authorization.",
)
CARD_SHOWN = Mistake(
    "secret-field-in-the-log",
    "This field of the payload is a secret. In the log it is in the hands of everybody "
    "who may read logs, and of whoever steals them.",
    "Replace the values of card_number, cvc, token and password.",
)
ONE_LEVEL = Mistake(
    "looks-on-one-level-only",
    "A payload is nested, and the secret lay deeper than you looked. Tomorrow the "
    "provider moves it one level down again.",
    "Write a function that replaces the secrets of a dictionary and calls itself for "
    "the values in it.",
)
NOT_IN_LISTS = Mistake(
    "skips-lists",
    "The secret lay in a dictionary inside of a list: an order with several items, a "
    "batch of events. You looked into dictionaries only.",
    "Let your function go through lists too, and treat each entry like any value.",
)
ONLY_TEXT = Mistake(
    "replaces-texts-only",
    "The secret was a number, or a dictionary of its own, and you replaced texts only.",
    "Decide by the name of the field, and replace whatever stands there.",
)
HALF_SHOWN = Mistake(
    "half-a-secret",
    "Half of a secret makes the rest of it easy to guess. The last four characters "
    "are the most that is ever needed to tell one card from another.",
    'Replace the whole value, by a text such as "(redacted)".',
)
ENCODED = Mistake(
    "encoded-is-not-hidden",
    "base64 and hex are other spellings, and anybody can read them back. The secret is "
    "in the line all the same.",
    "Leave the raw body out of the line; the payload without its secrets is enough.",
)
IN_THE_QUERY = Mistake(
    "secret-in-the-query",
    "A token stood in the query of the URL, and you kept the URL with it. Proxies do "
    "the same, which is why a token does not belong there.",
    "Keep request.path at the most, or nothing of the URL.",
)
NAME_DROPPED = Mistake(
    "name-dropped-with-its-value",
    "The whole entry is gone. But whether it was there at all is the first question "
    "when a request was refused: without a signature, or with a wrong one?",
    'Keep the name, and put a text such as "(redacted)" in place of the value.',
)
TOO_MUCH = Mistake(
    "replaces-too-much",
    "This is no secret. A log in which everything is replaced helps nobody.",
    "Replace by the exact name, and leave every other entry as it came.",
)
CHANGES = Mistake(
    "changes-the-request",
    "Flask keeps what get_json has parsed, and gives the same object to whoever asks "
    "next. You wrote into it: the code that charges the card finds your replacement.",
    "Build a new dictionary in place of writing into the one that came.",
)
EATEN = Mistake(
    "eats-the-body",
    "You read the body and left nothing for those after you. The signature is then "
    "checked over 0 bytes, and every delivery is refused.",
    "Read the body with request.get_data(), which keeps it in the request.",
)
NEEDS_JSON = Mistake(
    "raises-on-a-body-that-is-no-json",
    "Anybody can send anything to a public address. Here the log ends the request "
    "with an error, and the strange request, of all, is not in the log.",
    "Catch the ValueError of json.loads, and let the payload say what came.",
)
NEEDS_UTF8 = Mistake(
    "raises-on-bytes-that-are-no-text",
    "Not all bytes can be decoded. Here the log ends the request with an error.",
    "Let json.loads have the bytes; it raises a ValueError for these too.",
)
NEEDS_OBJECT = Mistake(
    "raises-on-json-that-is-no-object",
    "A list, a number and null are JSON as well, and have no items() to go through.",
    "Ask with isinstance what a value is, and return it as it is otherwise.",
)
TRUNCATED = Mistake(
    "shows-what-it-cannot-read",
    "The body was cut off on its way, so it is no JSON any more; but the card number "
    "in it is whole. What you can't parse you can't search for secrets.",
    "Keep of such a body how long it is, and nothing of what it says.",
)
UNBOUNDED = Mistake(
    "line-without-a-bound",
    "Whoever sends a megabyte writes a megabyte into your log. A few thousand of these "
    "fill the disk, and a full disk stops the shop.",
    "Look at the length of the body before you keep it.",
)
CUT_IN_CLEAR = Mistake(
    "shows-the-beginning-of-a-long-body",
    "You kept the first part of a long body as it came, and the secrets in that part.",
    "Keep of a long body how long it is; or replace the secrets before you cut.",
)
TOO_SHORT = Mistake(
    "keeps-too-little",
    "A body of 3,000 bytes is an ordinary event. Up to 4,000 bytes the payload is to "
    "be kept as JSON.",
    "Raise the length from which on you leave a payload out.",
)


def notes_a_payment(log_line: LogLine) -> None:
    """Address, headers, payload and outcome of an ordinary request are noted."""
    sent = Sent(payments(1)[0].body, {"User-Agent": "PayCo/2.1", **JSON})
    _noted(log_line, sent, "acknowledged")


def notes_another(log_line: LogLine) -> None:
    """Another sender, payload and outcome are noted as they are."""
    body = {"id": "crm_1", "event": "contact.created", "data": {"name": "Zoë"}}
    sent = Sent(
        json.dumps(body, ensure_ascii=False).encode(),
        {
            **JSON,
            "User-Agent": "hook",
            "X-Request-Id": "r-77",
            "X-Forwarded-For": FORGED,
            "X-Retry-Num": "2",
        },
        address="2001:db8::7",
    )
    _noted(log_line, sent, "refused: no signature")


def hides_logins_and_signatures(log_line: LogLine) -> None:
    """Logins and signatures are not in the line; their names are."""
    for name, value in {**LOGINS, "X-Webhook-Signature": SIGNATURE}.items():
        sent = Sent(
            payments(1)[0].body, {**JSON, "User-Agent": "PayCo/2.1", name: value}
        )
        mistake = SIGNED if value == SIGNATURE else LOGIN
        ask, line = _noted(log_line, sent, "acknowledged", hidden=name)
        token = value.partition("=")[2] if "=" in value[:8] else value.split()[-1]
        _hides(ask, line, token, mistake)


def hides_secret_fields(log_line: LogLine) -> None:
    """Secret fields of the payload are not in the line, however deep they lie."""
    plain: dict[str, Any] = {"id": "evt_1", "event": "payment.succeeded"}
    order = {"order_id": "A-1", "amount": 1990}
    card = {"card_number": CARD, "cvc": "737", "brand": "visa"}
    item = {"token_count": 3, "password": PASSWORD}
    for payload, secret, mistake in (
        ({**plain, "token": TOKEN, "data": order}, TOKEN, CARD_SHOWN),
        ({**plain, "data": {**order, "card_number": CARD}}, CARD, ONE_LEVEL),
        ({**plain, "data": {**order, "card": card}}, CARD, ONE_LEVEL),
        ({**plain, "data": {"items": [order, item]}}, PASSWORD, NOT_IN_LISTS),
        ({**plain, "data": {"a": {"b": [[{"token": TOKEN}]]}}}, TOKEN, NOT_IN_LISTS),
        ({**plain, "data": {"card_number": int(CARD)}}, CARD, ONLY_TEXT),
        ({**plain, "data": {"token": {"value": TOKEN}}}, TOKEN, ONLY_TEXT),
        ([{"id": "evt_1", "token": TOKEN}, {"id": "evt_2"}], TOKEN, NOT_IN_LISTS),
    ):
        sent = Sent(json.dumps(payload).encode(), {**JSON, "User-Agent": "PayCo/2.1"})
        ask, line = _line(log_line, sent, "acknowledged")
        _hides(ask, line, secret, mistake)
        _compare(ask, sent, line, "acknowledged")


def leaves_the_request_alone(log_line: LogLine) -> None:
    """Whoever reads the request after you finds it as it came."""
    payload = {"id": "evt_1", "token": TOKEN, "data": {"card_number": CARD}}
    sent = Sent(json.dumps(payload).encode(), JSON)
    ask = Question(
        sent=f"{sent}\nafter log_line: request.get_data() and request.get_json()",
        expected="the body and the payload as they came, secrets included",
        why=CHANGES.why,
        try_next=CHANGES.try_next,
    )
    with sent.arrive():
        quietly(log_line, flask.request, "acknowledged")
        left = quietly(flask.request.get_data)
        parsed = quietly(flask.request.get_json)
    if left != sent.body:
        ask.fail(short(left), EATEN)
    if parsed != payload:
        ask.fail(short(parsed), CHANGES)


def stands_any_body(log_line: LogLine) -> None:
    """A body that is no JSON, or no text at all, is noted too."""
    known: dict[type[BaseException], Mistake] = {
        UnicodeDecodeError: NEEDS_UTF8,
        ValueError: NEEDS_JSON,
        BadRequest: NEEDS_JSON,
        UnsupportedMediaType: NEEDS_TYPE,
    }
    for body in (b"ping", b"", b"\xff\xfe\x00\x80", b'{"a": '):
        sent = Sent(body, {**JSON, "User-Agent": "probe"})
        ask, line = _line(log_line, sent, "refused: no JSON", known=known)
        _compare(ask, sent, line, "refused: no JSON", payload=False)
    known = {AttributeError: NEEDS_OBJECT, TypeError: NEEDS_OBJECT}
    for body in (b"[1, 2]", b"null", b"5", b'"ping"', b"true"):
        sent = Sent(body, {**JSON, "User-Agent": "probe"})
        ask, line = _line(log_line, sent, "refused: no event", known=known)
        _compare(ask, sent, line, "refused: no event")


def parses_whatever_the_type(log_line: LogLine) -> None:
    """JSON is noted as JSON, whatever its Content-Type says."""
    known: dict[type[BaseException], Mistake] = {
        UnsupportedMediaType: NEEDS_TYPE,
        BadRequest: NEEDS_TYPE,
    }
    for headers in ({}, {"Content-Type": "text/plain"}):
        sent = Sent(payments(1)[0].body, {**headers, "User-Agent": "old"})
        ask, line = _line(log_line, sent, "acknowledged", known=known)
        if line["payload"] != json.loads(sent.body):
            replace(ask, expected=f"'payload': {sent.body.decode()}").fail(
                f"'payload': {short(line['payload'])}", NEEDS_TYPE
            )


def shows_no_secret_of_a_broken_body(log_line: LogLine) -> None:
    """Of a body that can't be parsed no secret is in the line."""
    for body, headers in (
        (f'{{"id": "evt_1", "card_number": "{CARD}", "amou'.encode(), JSON),
        (f"card_number={CARD}&amount=5".encode(), {"Content-Type": "text/plain"}),
        (f'{{"card_number": "{CARD}", "name": "Zo\xeb"}}'.encode("latin-1"), JSON),
    ):
        sent = Sent(body, headers)
        ask, line = _line(log_line, sent, "refused: no JSON")
        _hides(ask, line, CARD, TRUNCATED)


def bounds_the_line(log_line: LogLine) -> None:
    """An event of 3,000 bytes is kept; of a megabyte the line stays short."""
    ordinary = {"id": "evt_1", "data": {"note": "x" * 2_900}}
    sent = Sent(json.dumps(ordinary).encode(), {**JSON, "User-Agent": "PayCo/2.1"})
    ask, line = _line(log_line, sent, "acknowledged")
    if line["payload"] != ordinary:
        ask.fail(f"'payload': {short(line['payload'])}", TOO_SHORT)
    begin = f'{{"card_number": "{CARD}", '.encode()
    for body in (
        begin + b'"note": "' + b"x" * 1_000_000 + b'"}',
        begin + b'"note": "' + b"x" * 1_000_000,
        begin + b'"all": [' + (b'"' + b"x" * 500 + b'",') * 2_000 + b"0]}",
        begin + b"\xff" * 1_000_000,
    ):
        sent = Sent(body, JSON)
        ask, line = _line(log_line, sent, "refused: too long")
        length = len(json.dumps(line))
        if length > LONGEST:
            replace(ask, expected=f"a line of at most {LONGEST:,} characters").fail(
                f"a line of {length:,} characters", UNBOUNDED
            )
        _hides(ask, line, CARD, CUT_IN_CLEAR)


def keeps_no_token_of_the_url(log_line: LogLine) -> None:
    """What else the line tells, it holds no token from the URL."""
    sent = Sent(payments(1)[0].body, JSON, query=f"token={TOKEN}")
    ask, line = _line(log_line, sent, "acknowledged")
    _hides(ask, line, TOKEN, IN_THE_QUERY)


def _noted(
    log_line: LogLine, sent: Sent, outcome: str, *, hidden: str = ""
) -> tuple[Question, Mapping[str, Any]]:
    ask, line = _line(log_line, sent, outcome)
    _compare(ask, sent, line, outcome, hidden=hidden)
    return ask, line


def _line(
    log_line: LogLine,
    sent: Sent,
    outcome: str,
    *,
    known: Mapping[type[BaseException], Mistake] | None = None,
) -> tuple[Question, Mapping[str, Any]]:
    """Ask for a line; what is no dictionary with the four keys ends the case."""
    ask = Question(
        sent=f"{sent}\noutcome {outcome!r}",
        expected="a dictionary with address, headers, payload and outcome, which JSON "
        "can write and which holds no secret",
        why="The log is all that is left of a delivery on the day after.",
        try_next="Print what your function makes of this request, and compare.",
    )
    with sent.arrive():
        line = ask.call(log_line, flask.request, outcome, known=dict(known or {}))
    if isinstance(line, (str, bytes)):
        ask.fail(short(line), RETURNS_TEXT)
    if not isinstance(line, Mapping):
        ask.fail(short(line), NO_DICTIONARY)
    if missing := [key for key in KEYS if key not in line]:
        ask.fail(f"a dictionary without {', '.join(missing)}", KEY_MISSING)
    try:
        json.dumps(line)
    except (TypeError, ValueError) as error:
        ask.fail(f"json.dumps: {type(error).__name__}: {error}", NOT_JSON)
    return ask, line


def _compare(
    ask: Question,
    sent: Sent,
    line: Mapping[str, Any],
    outcome: str,
    *,
    hidden: str = "",
    payload: bool = True,
) -> None:
    if line["outcome"] != outcome:
        _differs(ask, "outcome", line["outcome"], outcome, HARD_CODED)
    if line["address"] != sent.address:
        forged = FORGED in str(line["address"])
        _differs(
            ask,
            "address",
            line["address"],
            sent.address,
            FORWARDED if forged else HARD_CODED,
        )
    _compare_headers(ask, sent, line["headers"], hidden)
    if payload and sent.body[:1] in b"{[":
        _compare_payload(ask, line["payload"], json.loads(sent.body))


def _compare_headers(ask: Question, sent: Sent, found: Any, hidden: str) -> None:
    if not isinstance(found, Mapping):
        ask.fail(f"'headers': {short(found)}", HEADERS_LOST)
    by_name = {str(name).lower(): value for name, value in found.items()}
    for name, value in sent.headers.items():
        noted = by_name.get(name.lower(), ABSENT)
        if noted is ABSENT:
            told = f"no {name} among the headers"
            ask.fail(told, NAME_DROPPED if name == hidden else HEADERS_LOST)
        if name != hidden and noted != value:
            _differs(ask, name, noted, value, TOO_MUCH)


def _compare_payload(ask: Question, found: Any, wanted: Any) -> None:
    """Compare with what the body holds: an object or a list."""
    if isinstance(found, str) and found.lstrip("b'\"")[:1] in ("{", "["):
        _differs(ask, "payload", found, wanted, PAYLOAD_AS_TEXT)
    if not isinstance(found, (Mapping, list, tuple)):
        _differs(ask, "payload", found, wanted, BODY_LOST)
    for place, value in _leaves(wanted):
        noted = _at(found, place)
        name = str(place[-1]) if place else "payload"
        if any(key in SECRET_FIELDS for key in place):
            if noted is ABSENT and place[-1] in SECRET_FIELDS:
                ask.fail(f"no {name} in the payload", NAME_DROPPED)
            if noted is not ABSENT and noted == value:
                _differs(ask, name, noted, "(redacted)", CARD_SHOWN)
        elif noted is ABSENT:
            ask.fail(f"no {name} in the payload", BODY_LOST)
        elif type(noted) is not type(value) or noted != value:
            _differs(ask, name, noted, value, TOO_MUCH)


def _leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Yield each value that is no dictionary and no list, with the way to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, (*place, number))
    else:
        yield place, value


def _at(value: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return value


def _differs(
    ask: Question, name: str, found: Any, wanted: Any, mistake: Mistake
) -> None:
    of_entry = replace(ask, expected=f"{name!r}: {short(wanted)}")
    of_entry.fail(f"{name!r}: {short(found)}", mistake)


def _hides(
    ask: Question, line: Mapping[str, Any], secret: str, mistake: Mistake
) -> None:
    """End the case when a telling part of the secret is in the line."""
    text = json.dumps(line, ensure_ascii=False, default=str)
    if secret in text:
        at = text.index(secret)
        ask.fail(f"… {text[max(0, at - 40) : at + len(secret) + 10]} …", mistake)
    if any(spelt in text for spelt in _spellings(secret)):
        ask.fail("the secret, written in base64 or in hex", ENCODED)
    for begin in range(len(secret) - TELLING + 1):
        part = secret[begin : begin + TELLING]
        if part in text:
            at = text.index(part)
            ask.fail(f"… {text[max(0, at - 30) : at + 30]} …", HALF_SHOWN)


def _spellings(secret: str) -> Iterator[str]:
    """Yield the secret as hex, and as it stands in base64, wherever it begins there."""
    raw = secret.encode()
    yield raw.hex()
    for offset in range(3):
        # The first and the last group of four depend on what stands beside it.
        yield base64.b64encode(bytes(offset) + raw).decode()[4:-4]


LOG_LINE = Exercise(
    id="9.1",
    lab="09_watch",
    wants="log_line(request, outcome) -> dict",
    cases=(
        notes_a_payment,
        notes_another,
        hides_logins_and_signatures,
        hides_secret_fields,
        leaves_the_request_alone,
        stands_any_body,
        parses_whatever_the_type,
        shows_no_secret_of_a_broken_body,
        bounds_the_line,
        keeps_no_token_of_the_url,
    ),
    hints=(
        (
            "request.headers gives pairs of name and value when you go through it. "
            "Decide for each pair by the name, in lower case."
        ),
        (
            "json.loads(request.get_data()) parses whatever the headers say. What does "
            "it raise for bytes that are no JSON, and what do you know of them then?"
        ),
        (
            "For the payload write a second function. Of a dictionary it makes a new "
            "one, of a list a new list, and it calls itself for what lies in them."
        ),
        (
            'Its heart: {name: "(redacted)" if name in SECRET_FIELDS else '
            "without_secrets(value) for name, value in payload.items()}."
        ),
    ),
)
