"""Exercise 2.2: everything that a request brings, as it came."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import flask
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from labkit.checks import Exercise, Mistake, Question, lines_of, quietly, short
from labkit.checks import describe as in_one_line
from labkit.checks.calls import JSON
from labkit.exercises.lab02_endpoint.apps import UNDEFINED
from labkit.samples import payments

Describe = Callable[[flask.Request], Any]

FIELDS = ("method", "path", "user_agent", "content_type", "address", "body")
ABSENT = (KeyError, AttributeError, TypeError)
ABOUT_ADDRESSES = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED")
ADDRESS = "203.0.113.7"
FORGED = "198.51.100.99"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PARTS = {"Content-Type": "multipart/form-data; boundary=Cut"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as the check makes it; `query` comes without its question mark."""

    body: bytes
    headers: Mapping[str, str]
    path: str = "/webhooks"
    query: str = ""
    method: str = "POST"
    address: str = ADDRESS

    def __str__(self) -> str:
        target = f"{self.path}?{self.query}" if self.query else self.path
        lines = [f"{self.method} {target}, from {self.address}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\n".join([*lines, short(self.body)])

    @property
    def described(self) -> dict[str, Any]:
        """What `describe` should say of it; None stands for an absent header."""
        return {
            "method": self.method,
            "path": self.path,
            "user_agent": self.headers.get("User-Agent"),
            "content_type": self.headers.get("Content-Type"),
            "address": self.address,
            "body": self.body,
        }

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
    "No header has to be there. A request without it ends in an error, and that is "
    "what the sender hears of an event that was in order.",
    'Ask in a way that gives None or "" for what is absent: headers.get(…).',
)
TAKES_NO_REQUEST = Mistake(
    "takes-no-request",
    "describe is called with the request as its one argument: describe(request). The "
    "view hands it over, so that describe depends on nothing around it.",
    "Give the function one parameter: def describe(request).",
)
ELSEWHERE = replace(
    UNDEFINED,
    try_next="Use the name that stands between the brackets of your def, or import "
    "the one that is missing.",
)
INVENTED = Mistake(
    "invents-what-was-not-sent",
    "A word of yours in this place looks like one that was sent. Whoever reads the "
    "note later can't tell a sender without a name from one that is called so.",
    'Let None or "" stand for a header that did not come.',
)
RAISES = Mistake(
    "ends-with-an-exception",
    "A note that ends with an exception is no note, and in a view the sender would "
    "hear 500 for a request that was in order.",
    "Start at the line of yours above: which attribute or key is it that the request "
    "does not have?",
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
            {"User-Agent": "hook", "Content-Type": "application/json; charset=UTF-8"},
            path="/Hooks/push/",
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
    found = _call(ask, describe, sent, known=dict.fromkeys(ABSENT, INSISTS))
    for name in ("user_agent", "content_type"):
        if found[name] not in (None, ""):
            of_field = replace(ask, expected=f"{name!r}: None or ''")
            of_field.fail(f"{name!r}: {short(found[name])}", INVENTED)
    _compare(ask, sent, found)


def keeps_the_bytes(describe: Describe) -> None:
    """The body is described byte for byte, text or not."""
    for body in (
        b' { "b": 1,  "a": "\\u00e9", "b": 1.0 }\n',
        b'{"name": "Zo\xeb"}',
        b"",
    ):
        _described(describe, Sent(body, {**JSON, "User-Agent": "hook"}))


def keeps_forms(describe: Describe) -> None:
    """The body of a form is described byte for byte."""
    parts = (
        b'--Cut\r\nContent-Disposition: form-data; name="order_id"\r\n\r\nA-1\r\n'
        b"--Cut--\r\n"
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
        left = quietly(flask.request.get_data)
    if left != sent.body:
        ask.fail(short(left), EATEN)


def _described(describe: Describe, sent: Sent) -> None:
    ask = _ask(sent)
    _compare(ask, sent, _call(ask, describe, sent))


def _ask(sent: Sent) -> Question:
    fields = sent.described.items()
    return Question(
        sent=str(sent),
        expected=f"{{{', '.join(f'{k!r}: {short(v)}' for k, v in fields)}}}",
        why="These fields are all that you will know of a delivery when you look for "
        "a fault later. They help only if they say what came.",
        try_next="Compare answered with expected, sign by sign.",
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
        NameError: ELSEWHERE,
        Exception: RAISES,
    }
    with sent.arrive():
        found = ask.call(_telling, ask, describe, known=all_known)
    if not isinstance(found, Mapping):
        ask.fail(short(found), NO_DICTIONARY)
    if missing := [name for name in FIELDS if name not in found]:
        ask.fail(f"a dictionary without {', '.join(missing)}", FIELD_MISSING)
    return found


def _telling(ask: Question, describe: Describe) -> Any:
    """Call `describe`; what only the text of an exception tells ends the case."""
    try:
        return describe(flask.request)
    except (KeyError, TypeError) as error:
        key = str(error.args[0]) if error.args else ""
        lines = lines_of(error)
        if key in ABOUT_ADDRESSES:
            ask.fail(in_one_line(error), FORWARDED, lines=lines)
        if key.startswith("HTTP_"):  # so WSGI spells the name of any header
            ask.fail(in_one_line(error), INSISTS, lines=lines)
        if isinstance(error, TypeError) and not lines:
            ask.fail(in_one_line(error), TAKES_NO_REQUEST)  # never got into the body
        raise


def _compare(ask: Question, sent: Sent, found: Mapping[str, Any]) -> None:
    for name, wanted in sent.described.items():
        value = found[name]
        if wanted is None:
            continue  # None and "" are both fine; the case has looked
        if not isinstance(value, type(wanted)) or value != wanted:
            look = _wrong_body if name == "body" else _wrong_field
            of_field = replace(ask, expected=f"{name!r}: {short(wanted)}")
            of_field.fail(f"{name!r}: {short(value)}", look(name, value, wanted, sent))


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
        (name == "address" and value == ADDRESS, HARD_CODED),
    )
    return next((mistake for holds, mistake in signs if holds), None)


def _wrong_body(name: str, value: Any, wanted: bytes, sent: Sent) -> Mistake | None:
    form = sent.headers.get("Content-Type") in (*FORM.values(), *PARTS.values())
    if isinstance(value, str):
        return DECODED
    if isinstance(value, (bytearray, memoryview)):
        return None
    if not isinstance(value, bytes):
        return PARSED
    if form and not value:
        return FORM_TOOK_IT
    if not wanted.isascii():
        return THROUGH_TEXT
    return WRITTEN_ANEW if value else None


DESCRIBE = Exercise(
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
        (
            "Each of the six fields is one attribute or one call of the request. "
            "In a cell of its own, write from flask import Request, run it, then "
            "write Request. with its dot and press Tab: the class shows them all."
        ),
        (
            "method, path and content_type are attributes of that name. The "
            "sender's address is remote_addr; headers.get(name) reads a header."
        ),
        (
            "For the body there is get_data(). Called without arguments it returns "
            "bytes and keeps them for whoever reads next."
        ),
    ),
)
