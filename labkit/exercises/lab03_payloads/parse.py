"""Exercise 3.1: from the bytes of a body to an event, or a ValueError."""

import json
import random
from collections.abc import Iterator
from typing import Any

from labkit.checks import short
from labkit.checks.contract import contract
from labkit.checks.observing import Function, Seen, error_class, exactly
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
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
    TWO_EVENTS,
    UTF_16,
    body_in_data,
    body_with,
    body_without,
    event_of,
    plain,
)
from labkit.exercises.lab03_payloads.parse_mistakes import MISTAKES

CONTRACT = contract("""
    given: Return the event in `body` as a dictionary, or raise ValueError.
    given: `body` is bytes.
    given: You may raise a subclass of ValueError.
    event: Return the event if the body is a JSON object in UTF-8 with at least these
        four fields: "id" and "event" (strings), "created_at" (an integer), "data" (an
        object).
    any: "event" may be any string, and "data" may contain anything.
    fields: Keep all other fields.
    json: Raise ValueError if the body is not valid JSON.
    object: Raise it if the JSON is not an object.
    missing: Raise it if one of the four fields is missing.
    type: Raise it if a field has the wrong type; convert nothing.
    empty: Empty strings and objects, 0 and negative integers are valid.
    boolean: true and false are not integers.
    utf-8: Raise it if the body is not valid UTF-8.
    nan: Outside strings, NaN and Infinity are not valid JSON.
    deep: Raise it if the JSON is nested too deeply for Python to read.
    encoding: Raise it for JSON in other encodings, such as UTF-16.
    open: You need not know these special cases; the check does not test them: a byte
        order mark, duplicate keys, escaped halves of surrogate pairs, numbers that do
        not fit into a float or have more than 4,000 digits, whether a number such as
        1.5 becomes a float or a Decimal, and characters before or after the object that
        Python's strip would remove but JSON does not allow.
""")

_FIELDS = ("id", "event", "created_at", "data")
_VALUES: tuple[Any, ...] = (
    *(17, "1767225600", "A-1", 1767225600.5, 1767225600.0, -1.5, None, True, False),
    *([], {}, "", 0, ["A-1"], [["order_id", "A-1"]], {"A-1": 1}),
)
_KINDS = {"id": str, "event": str, "created_at": int, "data": dict}
_NO_JSON = (
    b"{",
    b"}",
    b"{}}",
    PAYMENT.body[:-1],
    PAYMENT.body + b"}",
    PAYMENT.body + b" x",
    PAYMENT.body[:-1] + b",}",
    b"x" + PAYMENT.body,
    PAYMENT.body + b"\0",
    b"// a payment\n" + PAYMENT.body,
    *(
        body_in_data(text)
        for text in (
            b"'EUR'",
            b"EUR",
            b"True",
            b"undefined",
            b"01",
            b"+1",
            b".5",
            b"1.",
            b"0x10",
            b"[1,]",
            b"",
            b'"EU\nR"',
            b'"EU\tR"',
            b'"EU\x00R"',
            b'"\\x41"',
            b'"EUR',
        )
    ),
)


def _trial(sentence: str, body: bytes, kind: str = "", note: str = "") -> Trial:
    return Trial(sentence, {"body": body, "kind": kind or sentence}, note)


def _trials() -> Iterator[Trial]:
    yield from _events()
    yield from _contents()
    yield from _not_events()
    yield from _types()
    yield from _unreadable()


def _events() -> Iterator[Trial]:
    """Yield valid events of several types and layouts."""
    yield Trial("event")
    again = {"again": 1, "kind": "emptied"}
    note = "the second time; the caller has emptied the dictionary of the first time"
    yield Trial("event", again, note)
    for event in (CONTACT, PUSH, NEXT_YEAR):
        yield _trial("event", event.body, "other")
    ada = body_with(event="contact.created", data={"name": "Ada"})
    yield _trial("event", ada, "other")
    yield _trial("event", body_with(data={"order_id": "A-1", "name": "Zoë"}))
    yield _trial("event", body_in_data('"雷 😀"'.encode()), "event")
    for white in (b" ", b"\n", b"\r\n", b"\t"):
        yield _trial("event", white + PAYMENT.body + white, "white", "with white space")
    spread = json.dumps(event_of(PAYMENT), indent=2).encode()
    yield _trial("event", spread, "white", "on several lines")


def _contents() -> Iterator[Trial]:
    """Yield valid events with all kinds of contents."""
    for text in ("Push", "a b", "x", "push.undone-2", "订单", "9", " x ", "x" * 300):
        yield _trial("any", body_with(event=text), "odd type")
        yield _trial("event", body_with(id=text), "odd type")
    values: tuple[Any, ...] = (
        None,
        True,
        1.5,
        2**64 + 1,
        -7,
        "",
        [],
        [None],
        {},
        "[{\u2028\n\0",
    )
    for value in values:
        yield _trial("any", body_with(data={"a": value, "b": [value]}), "nested")
    long = body_with(data={"note": "x" * 200_000})
    yield _trial("any", long, "long", f"{len(long):,} bytes")
    for depth in (1, 5, 50):
        for opening, closing in ((b'{"a":', b"}"), (b"[", b"]")):
            body = body_in_data(opening * depth + b"1" + closing * depth)
            yield _trial("any", body, "nested", f"nested {depth} levels deep")
    for name, extra in (("api_version", "2027-01-01"), ("livemode", None), ("z", [])):
        yield _trial("fields", body_with(**{name: extra}), "added")
    yield _trial("fields", body_with(type="x", Id=1, ID="2", version=0), "added")


def _not_events() -> Iterator[Trial]:
    """Yield bodies that are not JSON, are not an object or lack a field."""
    for body in NOT_JSON:
        yield _trial("json", body, "no json")
    yield _trial("json", PYTHON_TEXT, "python")
    for body in (TWO_EVENTS, PAYMENT.body + b"{}", PAYMENT.body + b"\n\n" + PUSH.body):
        yield _trial("json", body, "two")
    for text in ("null", "True", "'", "NaN, Infinity"):
        yield _trial("any", body_with(event=text), "text")
    for body in _NO_JSON:
        yield _trial("json", body, "bad json")
    for body in (*NO_OBJECTS, b"[]", b'""', b"0", b"true", b"false", b"1.5"):
        yield _trial("object", body)
    for name in _FIELDS:
        yield _trial("missing", body_without(name))
    yield _trial("missing", b"{}")
    for name in _FIELDS:
        yield _trial("missing", body_without(name)[:-1] + b',"%s ":1}' % name.encode())


def _types() -> Iterator[Trial]:
    """Yield values of each type instead of each other type."""
    for value in _VALUES:
        for name in _FIELDS:
            truth = name == "created_at" and isinstance(value, bool)
            if type(value) is not _KINDS[name] and not truth:
                body = body_with(**{name: value})
                yield Trial("type", {"body": body, "kind": "type", "name": name})
    empties: list[dict[str, Any]] = [
        {"data": {}},
        {"created_at": 0},
        {"id": ""},
        {"event": ""},
    ]
    for empty in empties:
        yield _trial("empty", body_with(**empty))
    for number in (1, -1, 2**33, 2**64):
        yield _trial("empty", body_with(created_at=number), "number")
    for truth in (True, False):
        yield _trial("boolean", body_with(created_at=truth))


def _unreadable() -> Iterator[Trial]:
    """Yield bytes, constants and nesting that can make a parser fail."""
    cut = body_in_data('"Zoë"'.encode()).replace(b"\xab", b"")
    for body in (LATIN_1, cut, body_in_data(b'"\xff"'), PAYMENT.body + b"\xff"):
        yield _trial("utf-8", body)
    yield _trial("utf-8", body_in_data(b'"\xc0\xaf"'))
    for body in NOT_NUMBERS:
        yield _trial("nan", body)
    for text in (b"[NaN]", b'{"a": {"b": [1, -Infinity]}}', b"[[Infinity]]"):
        yield _trial("nan", body_in_data(text))
    for word in (b"NaN", b"Infinity"):
        yield _trial("nan", PAYMENT.body[:-1] + b',"x":' + word + b"}")
        yield _trial("nan", body_with(created_at=7).replace(b"7", word))
    yield _trial("nan", NAN_IN_TEXT, "text")
    yield _trial("nan", body_with(NaN="Infinity"), "text")
    for body in TOO_DEEP:
        yield _trial("deep", body)
        yield _trial("deep", body_in_data(b'{"a":' * 60_000))
    yield _trial("any", MANY_BRACKETS, "text", "many brackets, but not nested")
    yield _trial("encoding", UTF_16)
    yield _trial("encoding", HALF_A_PAIR)
    for name in ("utf-16-le", "utf-16-be", "utf-32"):
        yield _trial("encoding", PAYMENT.body.decode().encode(name))


def _random(rng: random.Random) -> Trial:
    """Change one byte of a valid body; the reference says whether it is valid still."""
    body = bytearray(rng.choice((PAYMENT, PUSH, NEXT_YEAR)).body)
    place = rng.randrange(len(body))
    change = rng.choice((b"", *(bytes([each]) for each in b'{}[],:"0e-tn. x')))
    body[place : place + rng.randrange(2)] = change
    return Trial("json", {"body": bytes(body), "kind": "changed"}, "one byte changed")


def _emptied(value: Any) -> None:
    """Empty a result, and what it contains, as its caller may."""
    if isinstance(value, dict):
        for each in value.values():
            _emptied(each)
        value.clear()


def _broken(fields: Fields, *_: Seen) -> str | None:
    """Blame the sentence about UTF-8 for bytes that are nearly UTF-8."""
    return "utf-8" if fields["body"] == HALF_A_PAIR else None


def _normal_error(error: BaseException) -> Any:
    return "ValueError" if isinstance(error, ValueError) else error_class(error)


PARSE = judged(
    id="3.1",
    lab="03_payloads",
    wants="parse(body: bytes) -> dict",
    hints=(
        (
            "Go step by step: bytes to string, string to value, value to dictionary "
            "with four fields. Each step can fail. Which steps raise a ValueError by "
            "themselves?"
        ),
        (
            "body.decode() and json.loads(text) raise ValueErrors of their own. Then "
            "check isinstance(event, dict), and check the four names in a loop."
        ),
        (
            "`type(value) is int` is true for 5 and false for True; `isinstance(value, "
            "int)` is true for both."
        ),
        (
            "json.loads(text, parse_constant=f) calls f for NaN and Infinity, and f "
            "may raise. Catch RecursionError around it, and raise a ValueError instead."
        ),
    ),
    contract=CONTRACT,
    space=Space(
        {"body": PAYMENT.body, "kind": "event", "name": "", "again": 0},
        _trials,
        _random,
        many=100,
    ),
    observer=Function(
        lambda fields: [fields["body"]],
        lambda fields: f"parse({short(fields['body'])})",
        lambda value: exactly(plain(value)),
        _normal_error,
        afterwards=_emptied,
    ),
    mistakes=MISTAKES,
    blames=_broken,
)
