"""Exercise 3.1: from the bytes of a body to an event, or a ValueError."""

import json
from collections.abc import Callable
from typing import Any

from labkit.checks import (
    Exercise,
    Mistake,
    Question,
    describe,
    lines_of,
    quietly,
    short,
)
from labkit.exercises.lab03_payloads.bodies import (
    HALF_A_PAIR,
    LATIN_1,
    MANY_BRACKETS,
    NAN_IN_TEXT,
    NEXT_YEAR,
    NO_OBJECTS,
    NOT_JSON,
    NOT_NUMBERS,
    PAYMENT,
    PYTHON_TEXT,
    SOURCES,
    TOO_DEEP,
    TWO_EVENTS,
    UTF_16,
    body_with,
    body_without,
    event_of,
)

Parse = Callable[[bytes], Any]
Known = dict[type[BaseException], Mistake]

REFUSED = object()
"""Stands for the ValueError that a bad body deserves."""


STR_OF_BYTES = Mistake(
    "str-of-bytes",
    "str() of bytes gives the text that Python shows for them, with b and quotes "
    "around it. That is no longer what was sent.",
    "Turn bytes into text with body.decode().",
)
TEXT_EXPECTED = Mistake(
    "takes-bytes-for-text",
    "A body arrives as bytes. Bytes have no .encode, and don't mix with text.",
    "Turn the body into text first: body.decode().",
)
RETURNS_NOTHING = Mistake(
    "returns-nothing",
    "Whoever calls parse wants to work with the event, and got None.",
    "Return the dictionary.",
)
NO_DICTIONARY = Mistake(
    "returns-no-dictionary",
    'Whoever calls parse goes on with event["data"], and can\'t with this.',
    "Return what json.loads made of the body.",
)
ONLY_PAYMENTS = Mistake(
    "knows-only-payments",
    "Payments got through and other events did not. parse looks after the envelope; "
    "what lies inside of data differs from type to type.",
    "Check the four fields of the envelope and leave the rest to the handlers.",
)
ASCII_ONLY = Mistake(
    "decodes-as-ascii",
    "ASCII has no ë. The first customer with one in her name is refused for ever.",
    "JSON travels as UTF-8: body.decode() without a name means UTF-8.",
)
AS_LATIN_1 = Mistake(
    "decodes-as-latin-1",
    "Latin-1 reads any bytes, each as one letter, and so makes Ã« of ë. The parcel "
    "goes to a customer who is called otherwise.",
    "JSON travels as UTF-8: body.decode() without a name means UTF-8.",
)
GUESSES_LATIN_1 = Mistake(
    "guesses-latin-1",
    "What is no UTF-8 need not be Latin-1: it may be a text that was cut in the middle "
    "of a letter, or no text at all. Latin-1 finds letters in anything, so your guess "
    "is never proved wrong.",
    "Let body.decode() raise: UnicodeDecodeError is a ValueError.",
)
REFUSES_FIELDS = Mistake(
    "refuses-unknown-fields",
    "Providers add fields without asking; they count that as no change. On that day "
    "your receiver refuses every delivery, and the retries don't help.",
    "Ask only for the fields that you need, and pass over the others.",
)
DROPS_FIELDS = Mistake(
    "drops-unknown-fields",
    "The field is in the body, and after parse it is gone. A handler that wants it "
    "next month looks for it in vain.",
    "Return the whole dictionary that came out of the JSON.",
)
RETURNS_INSTEAD = Mistake(
    "returns-instead-of-raising",
    "The caller goes on with whatever comes back, and falls over it somewhere else. An "
    "exception can't be overlooked like that.",
    "Write `raise ValueError(…)`, and let the one that json.loads raises come out.",
)
RAISES_OTHER = Mistake(
    "raises-something-else",
    "The caller catches ValueError, as agreed. Anything else becomes a 500, and a 500 "
    "asks the sender for this very body again.",
    "Raise ValueError, or a class derived from it.",
)
READS_PYTHON = Mistake(
    "reads-python-instead-of-json",
    "JSON and Python look alike and are not the same: single quotes, True and None "
    "are Python. What runs bodies as Python also runs an attacker's Python.",
    "Use json.loads.",
)
FIRST_OBJECT = Mistake(
    "stops-after-the-first-object",
    "Two events came in one body. You took the first and never saw the second, and "
    "the sender heard that all is well.",
    "json.loads wants exactly one value; let it refuse the rest.",
)
NOT_AN_OBJECT = Mistake(
    "expects-an-object",
    'A list, a text, a number and null are JSON as well. ["id"] on them raises a '
    "TypeError or, worse, finds something.",
    "Ask isinstance(…, dict) before you look for a field.",
)
ACCEPTS_NO_OBJECT = Mistake(
    "accepts-what-is-no-object",
    "A list or a text can contain the four names too, and has no fields.",
    "Ask isinstance(…, dict) before you look for a field.",
)
KEY_ERROR = Mistake(
    "lets-key-error-out",
    "KeyError is no ValueError. The caller who catches ValueError, as agreed, is taken "
    "by surprise and answers 500.",
    "Ask whether the field is there, or turn the KeyError into a ValueError.",
)
ASSERTS = Mistake(
    "asserts-instead-of-raising",
    "AssertionError is no ValueError, and `python -O` leaves every assert out: the "
    "check would be gone without a word.",
    "Write `if not …: raise ValueError(…)`.",
)
MISSING = Mistake(
    "accepts-a-missing-field",
    "The caller was promised four fields and falls over the one that is not there, far "
    "away from the body that lacked it.",
    "Go through all four names, and raise ValueError for the one that is missing.",
)
EMPTY = Mistake(
    "takes-empty-for-missing",
    "An empty object, an empty text and 0 are values, and Python counts them as false. "
    "`if not value` can't tell them from a field that is missing.",
    "Ask for the type of the value, not whether it counts as true.",
)
TYPE_ERROR = Mistake(
    "raises-type-error",
    "In Python a wrong type is a TypeError, but here it is the sender's data that is "
    "wrong, not your call. The contract says ValueError, and the caller catches that.",
    "Raise ValueError for a field of the wrong type too.",
)
CONVERTS = Mistake(
    "converts-instead-of-checking",
    "Converting hides that the sender and you disagree about the format. Today it is "
    'a text of digits, tomorrow "2026-01-01", and a float loses its fraction.',
    "Check the type of the value and leave the value as it is.",
)
WRONG_TYPE = Mistake(
    "accepts-a-wrong-type",
    "The field is there and is something else than was agreed. The handler finds out, "
    "in the middle of its work.",
    "Compare the type of each of the four values: str, str, int, dict.",
)
BOOLEAN = Mistake(
    "takes-true-for-an-integer",
    "In Python bool is derived from int: isinstance(True, int) holds, and True counts "
    "as 1. The event would be from one second after midnight, 1 January 1970.",
    "Refuse bool as well, or compare type(value) itself.",
)
REPLACES = Mistake(
    "replaces-broken-bytes",
    "The bytes were broken and you patched or dropped them. What you work with is not "
    "what was sent, and nobody is told.",
    "Let body.decode() raise: UnicodeDecodeError is a ValueError.",
)
NAN = Mistake(
    "accepts-nan",
    "Python's json reads NaN and Infinity, though JSON has neither. Passed on, they "
    "make JSON that no other language reads; compared, NaN is not even equal to NaN.",
    "json.loads calls its argument parse_constant for just these words.",
)
SEARCHES = Mistake(
    "searches-the-body-for-signs",
    "In the body you looked for a word or counted brackets. They may stand in a text, "
    "where they are harmless; only a JSON parser can tell.",
    "Let json.loads find out, and catch or raise what it needs.",
)
RECURSION = Mistake(
    "lets-recursion-error-out",
    "RecursionError is no ValueError. A body of brackets, which anybody can send, "
    "makes your receiver answer 500.",
    "Catch RecursionError around json.loads, and raise ValueError instead.",
)
GUESSES = Mistake(
    "guesses-the-encoding",
    "These bytes are no UTF-8. json.loads, when given bytes, guesses between UTF-8, "
    "UTF-16 and UTF-32, and lets halves of characters pass. Whoever else reads this "
    "body, a log or a colleague in another language, reads something else.",
    "Decode first, so that only UTF-8 gets through: json.loads(body.decode()).",
)


def reads_an_event(parse: Parse) -> None:
    """A good body comes back as a dictionary, whoever sent it."""
    first: Known = {AttributeError: TEXT_EXPECTED, TypeError: TEXT_EXPECTED}
    later: Known = {UnicodeDecodeError: ASCII_ONLY, Exception: ONLY_PAYMENTS}
    for event in (*SOURCES, NEXT_YEAR):
        ask = _parsing(event.body, "the event as a dictionary")
        known = first if event is PAYMENT else later
        answered = _accepted(ask, parse, event.body, known)
        if answered == json.loads(event.body.decode("latin-1")) != event_of(event):
            ask.fail(short(answered), AS_LATIN_1)
        if answered != event_of(event):
            ask.fail(short(answered))


def keeps_unknown_fields(parse: Parse) -> None:
    """A field that the provider adds tomorrow does no harm and is kept."""
    data = {"order_id": "A-1", "tax": 2**64 + 1, "method": None, "gift": True}
    for body in (
        body_with(api_version="2027-01-01"),
        body_with(livemode=None),
        body_with(data=data),
        json.dumps({"z": [], **event_of(PAYMENT)}, indent=2).encode(),
    ):
        ask = _parsing(body, "the event as a dictionary, with every field")
        answered = _accepted(ask, parse, body, {Exception: REFUSES_FIELDS})
        if answered != json.loads(body):
            ask.fail(short(answered), DROPS_FIELDS)


def takes_empty_values(parse: Parse) -> None:
    """A field that is empty is there."""
    for body in (body_with(data={}), body_with(created_at=0)):
        ask = _parsing(body, "the event as a dictionary")
        answered = _accepted(ask, parse, body, {Exception: EMPTY})
        if answered != json.loads(body):
            ask.fail(short(answered), EMPTY)


def refuses_what_is_no_json(parse: Parse) -> None:
    """What is not JSON is a ValueError."""
    for body in NOT_JSON:
        _refused(parse, body)
    _refused(parse, PYTHON_TEXT, accepted=READS_PYTHON)
    _refused(parse, TWO_EVENTS, accepted=FIRST_OBJECT)


def refuses_what_is_no_object(parse: Parse) -> None:
    """JSON that is no object is a ValueError."""
    known: Known = {
        TypeError: NOT_AN_OBJECT,
        AttributeError: NOT_AN_OBJECT,
        LookupError: NOT_AN_OBJECT,
        AssertionError: ASSERTS,
    }
    for body in NO_OBJECTS:
        _refused(parse, body, known, ACCEPTS_NO_OBJECT)


def refuses_a_missing_field(parse: Parse) -> None:
    """A field that is missing is a ValueError, whichever of the four it is."""
    known: Known = {
        KeyError: KEY_ERROR,
        AssertionError: ASSERTS,
        TypeError: TYPE_ERROR,
    }
    for name in ("id", "event", "created_at", "data"):
        _refused(parse, body_without(name), known, MISSING)


def refuses_a_wrong_type(parse: Parse) -> None:
    """A field of the wrong type is a ValueError; nothing is converted."""
    known: Known = {TypeError: TYPE_ERROR, AssertionError: ASSERTS}
    for name, value in (
        ("id", 17),
        ("event", None),
        ("created_at", "1767225600"),
        ("created_at", 1767225600.5),
        ("created_at", None),
        ("data", [["order_id", "A-1"]]),
        ("data", "A-1"),
        ("data", None),
    ):
        body = body_with(**{name: value})
        ask = _parsing(body, "ValueError")
        answered = _answer_to(ask, parse, body, known)
        if answered is not REFUSED:
            converted = answered.get(name) != value
            ask.fail(short(answered), CONVERTS if converted else WRONG_TYPE)


def refuses_a_boolean_time(parse: Parse) -> None:
    """True is no time."""
    for value in (True, False):
        _refused(parse, body_with(created_at=value), accepted=BOOLEAN)


def refuses_broken_bytes(parse: Parse) -> None:
    """Bytes that are no UTF-8 are a ValueError."""
    ask = _parsing(LATIN_1, "ValueError")
    answered = _answer_to(ask, parse, LATIN_1)
    if answered is not REFUSED:
        as_sent = "Zoë" in str(answered)
        ask.fail(short(answered), GUESSES_LATIN_1 if as_sent else REPLACES)


def refuses_nan(parse: Parse) -> None:
    """NaN and Infinity, which JSON does not have, are a ValueError."""
    for body in NOT_NUMBERS:
        _refused(parse, body, accepted=NAN)
    ask = _parsing(NAN_IN_TEXT, "the event as a dictionary: here NaN is a text")
    _accepted(ask, parse, NAN_IN_TEXT, {Exception: SEARCHES})


def refuses_deep_nesting(parse: Parse) -> None:
    """Brackets nested too deep to be read are a ValueError; many are not."""
    for body in TOO_DEEP:
        _refused(parse, body, {RecursionError: RECURSION})
    ask = _parsing(MANY_BRACKETS, "the event as a dictionary: nothing in it is deep")
    _accepted(ask, parse, MANY_BRACKETS, {Exception: SEARCHES})


def refuses_other_encodings(parse: Parse) -> None:
    """JSON in another encoding than UTF-8 is a ValueError."""
    for body in (UTF_16, HALF_A_PAIR):
        _refused(parse, body, accepted=GUESSES)


def _parsing(body: bytes, expected: str) -> Question:
    return Question(
        sent=f"parse({short(body)})",
        expected=expected,
        why=(
            "A body comes from outside, and anybody can send one. parse is the gate: "
            "what is behind it may rely on the four fields."
        ),
        try_next="Call parse with this body in a cell of your own and look closer.",
    )


def _accepted(ask: Question, parse: Parse, body: bytes, known: Known) -> dict[str, Any]:
    """Call parse with a good body, and end the case unless a dictionary comes back."""

    def telling(body: bytes) -> Any:
        try:
            return parse(body)
        except json.JSONDecodeError as error:
            if error.doc.startswith(("b'", 'b"')):
                return error
            raise

    answered = ask.call(telling, body, known=known)
    if isinstance(answered, json.JSONDecodeError):
        ask.fail(describe(answered), STR_OF_BYTES, lines=lines_of(answered))
    if answered is None:
        ask.fail(short(answered), RETURNS_NOTHING)
    if not isinstance(answered, dict):
        ask.fail(short(answered), NO_DICTIONARY)
    return answered


def _refused(
    parse: Parse,
    body: bytes,
    known: Known | None = None,
    accepted: Mistake | None = None,
) -> None:
    """Call parse with a bad body, and end the case unless it raises ValueError.

    `accepted` is the mistake of whoever returns an event instead.
    """
    ask = _parsing(body, "ValueError")
    answered = _answer_to(ask, parse, body, known)
    if answered is not REFUSED:
        ask.fail(short(answered), accepted)


def _answer_to(
    ask: Question, parse: Parse, body: bytes, known: Known | None = None
) -> Any:
    """Call parse with a bad body; return REFUSED, or the event that came back."""
    try:
        answered = parse(body)
    except ValueError:
        return REFUSED
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a learner raises anything
        kinds = (known or {}).items()
        mistake = next((m for k, m in kinds if isinstance(error, k)), RAISES_OTHER)
        ask.fail(describe(error), mistake, lines=lines_of(error))
    event = isinstance(answered, dict) and answered and "error" not in answered
    if not event and answered != quietly(json.loads, body):
        ask.fail(short(answered), RETURNS_INSTEAD)
    return answered


PARSE = Exercise(
    id="3.1",
    lab="03_payloads",
    wants="parse(body: bytes) -> dict",
    cases=(
        reads_an_event,
        keeps_unknown_fields,
        refuses_what_is_no_json,
        refuses_what_is_no_object,
        refuses_a_missing_field,
        refuses_a_wrong_type,
        takes_empty_values,
        refuses_a_boolean_time,
        refuses_broken_bytes,
        refuses_nan,
        refuses_deep_nesting,
        refuses_other_encodings,
    ),
    hints=(
        (
            "Go step by step: bytes to text, text to a value, value to a dictionary "
            "with four fields. Each step can fail, and some fail with a ValueError by "
            "themselves."
        ),
        (
            "body.decode() and json.loads(text) raise ValueErrors of their own. Then "
            "ask isinstance(event, dict), and look at the four names in a loop."
        ),
        (
            "type(value) is int holds for integers and not for True; "
            "isinstance(value, int) holds for both."
        ),
        (
            "json.loads(text, parse_constant=f) calls f for NaN and Infinity, and f "
            "may raise. Catch RecursionError around it, and raise a ValueError in its "
            "place."
        ),
    ),
)
