"""The mistakes of exercise 3.1, and what proves them."""

import json
from collections.abc import Callable

from labkit.checks.mistakes import Proof, Rule, edit, mistakes
from labkit.checks.observing import Seen, exactly
from labkit.checks.space import Fields
from labkit.exercises.lab03_payloads.bodies import PAYMENT, plain

STR_OF_BYTES, TEXT_EXPECTED, RETURNS_NOTHING, NO_DICTIONARY = mistakes("""
    str-of-bytes: Your code calls str() on bytes. That gives Python's notation for them,
        with b and quotes around it, and not the text that was sent.
        Try: Turn the bytes into a string with body.decode().
    takes-bytes-for-text: Your code treats the body as a string, but a body arrives as
        bytes. Bytes have no .encode, and you cannot mix them with strings.
        Try: Turn the body into a string first: body.decode().
    returns-nothing: Your function returns None for a valid event. Its caller needs the
        event.
        Try: Return the dictionary.
    returns-no-dictionary: Your function returns something other than a dictionary. Its
        caller needs event["data"].
        Try: Return the value that json.loads returned.
""")
ONLY_PAYMENTS, ASCII_ONLY, AS_LATIN_1, GUESSES_LATIN_1 = mistakes("""
    knows-only-payments: Your code accepts payments but rejects valid events of other
        types. parse checks only the envelope; the content of data depends on the type.
        Try: Check the four fields of the envelope and leave the rest to the handlers.
    decodes-as-ascii: Your code decodes the body as ASCII, which has no ë. So it rejects
        every event of a customer whose name contains one.
        Try: Use body.decode(), which decodes UTF-8.
    decodes-as-latin-1: Your code decodes the body as Latin-1, which reads each byte as
        one character, so ë becomes Ã«. The parcel is addressed to the wrong name.
        Try: Use body.decode(), which decodes UTF-8.
    guesses-latin-1: Your code decodes invalid UTF-8 as Latin-1. But Latin-1 accepts all
        bytes, even a text that was cut inside a character, so it never reports an
        error.
        Try: Let body.decode() raise: UnicodeDecodeError is a ValueError.
""")
REFUSES_FIELDS, DROPS_FIELDS, RETURNS_INSTEAD, RAISES_OTHER = mistakes("""
    refuses-unknown-fields: Your code rejects an event because it has an additional
        field. Providers add fields without notice. From that day on, you reject every
        delivery.
        Try: Check only the fields that you need and ignore the others.
    drops-unknown-fields: Your code drops a field that is in the body. If a handler
        needs this field next month, it does not find it.
        Try: Return the whole dictionary that json.loads returned.
    returns-instead-of-raising: Your code returns a value if the body is invalid. The
        caller continues with this value and fails in another place. An exception would
        stop it at once.
        Try: Use `raise ValueError(…)`, and do not catch the one that json.loads raises.
    raises-something-else: Your code raises an exception that is not a ValueError. The
        caller catches only ValueError, so it responds with a 500, and the sender sends
        the same body again.
        Try: Raise ValueError, or a class derived from it.
""")
READS_PYTHON, FIRST_OBJECT, NOT_AN_OBJECT, ACCEPTS_NO_OBJECT = mistakes("""
    reads-python-instead-of-json: Your code reads the body as Python. JSON only looks
        similar: single quotes, True and None are Python. Code that evaluates bodies can
        run an attacker's code.
        Try: Use json.loads.
    stops-after-the-first-object: Your code reads the first JSON object in the body and
        ignores what follows. So the second event is lost, although the sender gets a
        2xx.
        Try: Use json.loads, which accepts exactly one value.
    expects-an-object: Your code looks for fields before it knows that the JSON is an
        object. Lists, strings, numbers and null are JSON too, and ["id"] fails on them.
        Try: Check isinstance(…, dict) before you look for a field.
    accepts-what-is-no-object: Your code accepts JSON that is not an object. A list or a
        string can contain the four names too, but it has no fields.
        Try: Check isinstance(…, dict) before you look for a field.
""")
KEY_ERROR, ASSERTS, MISSING, EMPTY = mistakes("""
    lets-key-error-out: Your code raises KeyError if a field is missing. KeyError is not
        a subclass of ValueError, so the caller does not catch it and responds with a
        500.
        Try: Check that the field is there, or turn the KeyError into a ValueError.
    asserts-instead-of-raising: Your code checks the body with assert. AssertionError is
        not a subclass of ValueError, and `python -O` removes all assert statements.
        Try: Write `if not …: raise ValueError(…)`.
    accepts-a-missing-field: Your code accepts an event in which a field is missing. The
        caller relies on all four fields and fails later, in a place that has nothing to
        do with the body.
        Try: Check all four names, and raise ValueError if one of them is missing.
    takes-empty-for-missing: Your code treats an empty or zero value as a missing field.
        An empty object, an empty string and 0 are values, but Python treats them as
        false.
        Try: Check the type of the value, not whether it counts as true.
""")
TYPE_ERROR, CONVERTS, WRONG_TYPE = mistakes("""
    raises-type-error: Your code raises TypeError for data of the wrong type. The
        contract asks for ValueError, and the caller catches only that.
        Try: Raise ValueError if the type is wrong, too.
    converts-instead-of-checking: Your code converts a value of the wrong type. This
        hides a disagreement about the format between you and the sender: today the
        value is "17", tomorrow it may be "2026-01-01".
        Try: Check the type of the value and leave the value unchanged.
    accepts-a-wrong-type: Your code accepts a field of the wrong type. The handler finds
        out later, in the middle of its work.
        Try: Check the type of each of the four values: str, str, int, dict.
""")
BOOLEAN, REPLACES, NAN = mistakes("""
    takes-true-for-an-integer: Your code accepts true or false as an integer. In Python,
        bool is a subclass of int, so isinstance(True, int) is True.
        Try: Reject bool as well, or compare type(value).
    replaces-broken-bytes: Your code replaces or drops invalid bytes. The result is not
        what was sent, and no error tells you.
        Try: Let body.decode() raise: UnicodeDecodeError is a ValueError.
    accepts-nan: Your code accepts NaN or Infinity. Python's json module reads them, but
        they are not part of JSON, and other languages reject them.
        Try: Pass json.loads a function as parse_constant that raises ValueError; it is
        called for NaN, Infinity and -Infinity.
""")
SEARCHES, RECURSION, GUESSES, SURROGATES = mistakes("""
    searches-the-body-for-signs: Your code searches the body for a word, or counts
        brackets. Brackets inside a string, and pairs that are not nested in each other,
        are harmless; only a JSON parser can tell the difference.
        Try: Let json.loads decide whether the body is valid JSON.
    lets-recursion-error-out: Your code lets a RecursionError escape. It is not a
        subclass of ValueError, so anyone who sends a body full of brackets makes your
        receiver respond with a 500.
        Try: Catch RecursionError around json.loads, and raise ValueError instead.
    guesses-the-encoding: Your code accepts bytes that are not valid UTF-8. Given bytes,
        json.loads guesses the encoding, and it accepts some invalid bytes, too. Other
        programs read such a body differently.
        Try: Decode first, so that only UTF-8 is accepted: json.loads(body.decode()).
    accepts-halves-of-pairs: Your code accepts bytes that are not valid UTF-8: one half
        of a surrogate pair. The error handler `surrogatepass` accepts them, and
        json.loads uses it if it gets bytes.
        Try: Use body.decode() without an error handler, and pass json.loads the string.
""")


def _kind(*kinds: str) -> Callable[[Fields], bool]:
    return lambda fields: fields["kind"] in kinds


def _payment(fields: Fields) -> bool:
    return bool(fields["body"] == PAYMENT.body)


def _accepted(_: Fields, seen: Seen) -> bool:
    return isinstance(seen.result, dict)


def _unchanged(fields: Fields, seen: Seen) -> bool:
    """Whether the body was accepted, with its values as they were sent."""
    sent = json.loads(fields["body"])
    return seen.error is None and exactly(plain(seen.result)) == exactly(sent)


def _converted(fields: Fields, seen: Seen) -> bool:
    return _accepted(fields, seen) and not _unchanged(fields, seen)


def _raises(*classes: type[BaseException]) -> Callable[[Fields, Seen], bool]:
    return lambda _, seen: isinstance(seen.error, classes or BaseException)


def _raises_other(_: Fields, seen: Seen) -> bool:
    return seen.error is not None and not isinstance(seen.error, ValueError)


def _str_of_bytes(_: Fields, seen: Seen) -> bool:
    error = seen.error
    quoted = ("b'", 'b"')
    return isinstance(error, json.JSONDecodeError) and error.doc.startswith(quoted)


def _about_bytes(_: Fields, seen: Seen) -> bool:
    wrong = isinstance(seen.error, (AttributeError, TypeError))
    return wrong and "bytes" in str(seen.error)


def _other_value(_: Fields, seen: Seen) -> bool:
    return seen.error is None and not isinstance(seen.result, dict)


def _a_value(fields: Fields, seen: Seen) -> bool:
    return _other_value(fields, seen) and not _none(fields, seen)


def _no_event(fields: Fields, seen: Seen) -> bool:
    """Whether an invalid body gave a value that is not an event."""
    is_event = isinstance(seen.result, dict) and "id" in seen.result
    return seen.error is None and not is_event


def _none(_: Fields, seen: Seen) -> bool:
    return seen.error is None and seen.result is None


def _by_itself(_: Fields, seen: Seen) -> bool:
    """Whether an operation failed on a value that is not an object."""
    words = ("indices", "subscriptable", "iterable", "attribute", "mapping", "key")
    failed = isinstance(seen.error, (TypeError, AttributeError, LookupError))
    return failed and any(word in str(seen.error) for word in words)


_VALID = _kind("event", "other", "white", "odd type", "nested", "added", "empty")
_EVENT, _TYPE, _OBJECT = _payment, _kind("type"), _kind("object")
_SHAPE = _kind("object", "missing", "type")
_DECODE, _READ = "body.decode()", "        event = json.loads(body.decode(),"

MISTAKES: list[Proof] = [
    Rule(STR_OF_BYTES, _VALID, how=_str_of_bytes),
    Rule(TEXT_EXPECTED, _EVENT, how=_about_bytes),
    Rule(RETURNS_NOTHING, _VALID, how=_none),
    Rule(NO_DICTIONARY, _VALID, how=_other_value),
    Rule(
        ONLY_PAYMENTS,
        lambda fields: _kind("other")(fields) and fields["body"].isascii(),
        _EVENT,
        _raises(),
        some=True,
        may=_kind("other"),
    ),
    edit(ASCII_ONLY, (_DECODE, 'body.decode("ascii")')),
    edit(AS_LATIN_1, (_DECODE, 'body.decode("latin-1")')),
    Rule(REFUSES_FIELDS, _kind("added"), _EVENT, _raises()),
    edit(
        DROPS_FIELDS, ("return event", "return {name: event[name] for name in fields}")
    ),
    Rule(RETURNS_INSTEAD, _kind("no json"), how=_no_event),
    Rule(RETURNS_INSTEAD, _SHAPE, how=_none, some=True),
    Rule(RAISES_OTHER, _kind("no json"), how=_raises_other),
    Rule(READS_PYTHON, _kind("python"), how=_accepted, may=_kind("text", "nested")),
    Rule(FIRST_OBJECT, _kind("two"), _kind("no json"), _accepted),
    Rule(NOT_AN_OBJECT, _OBJECT, how=_by_itself, some=True),
    Rule(ACCEPTS_NO_OBJECT, _OBJECT, how=_a_value, some=True),
    Rule(ASSERTS, _SHAPE, _VALID, _raises(AssertionError), some=True),
    Rule(KEY_ERROR, _kind("missing"), _EVENT, _raises(KeyError)),
    Rule(MISSING, _kind("missing"), _EVENT, _accepted, some=True),
    Rule(TYPE_ERROR, _TYPE, _EVENT, _raises(TypeError), may=_kind("missing")),
    Rule(CONVERTS, _TYPE, _EVENT, _converted, some=True),
    Rule(WRONG_TYPE, _TYPE, _EVENT, _unchanged, some=True),
    Rule(EMPTY, _kind("empty"), _kind("event", "number"), _raises(), some=True),
    Rule(BOOLEAN, _kind("boolean"), _EVENT, _unchanged),
    edit(REPLACES, (_DECODE, 'body.decode(errors="replace")')),
    edit(REPLACES, (_DECODE, 'body.decode(errors="ignore")')),
    edit(
        GUESSES_LATIN_1,
        (
            f"    try:\n{_READ}",
            (
                "    try:\n        text = body.decode()\n    except ValueError:\n"
                '        text = body.decode("latin-1")\n'
                "    try:\n        event = json.loads(text,"
            ),
        ),
    ),
    Rule(NAN, _kind("nan"), _EVENT, _accepted, some=True),
    Rule(SEARCHES, _kind("text"), _EVENT, _raises(), some=True),
    Rule(RECURSION, _kind("deep"), _EVENT, _raises(RecursionError), some=True),
    edit(GUESSES, (_DECODE, "body")),
    edit(SURROGATES, (_DECODE, 'body.decode("utf-8", "surrogatepass")')),
]
