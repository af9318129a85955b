"""Exercise 4.1: sign(secret, body) -> str."""

import hmac
from collections.abc import Callable
from typing import Any

from labkit.checks import Exercise, Mistake, Question, short
from labkit.exercises.lab04_signatures import digests
from labkit.exercises.lab04_signatures.asking import (
    NO_DIGITS,
    called,
    of_types,
    takes,
)
from labkit.exercises.lab04_signatures.digests import mistake_in, signature_of
from labkit.exercises.lab04_signatures.mistakes import STRIPS_SECRET
from labkit.samples import payments

Sign = Callable[[bytes, bytes], str]

NOTHING = Mistake(
    "returns-nothing",
    "What a function prints is for people; the sender needs the text back, to put it "
    "into the header.",
    "End with `return`, followed by the text.",
)
AS_BYTES = Mistake(
    "bytes-instead-of-text",
    "A header's value is text. Bytes and text are never equal in Python.",
    'Put text together: "sha256=" and hexdigest(), without encode.',
)
SECRET_AS_TEXT = Mistake(
    "secret-decoded-to-text",
    "A secret is a row of bytes, and many are no valid text in any encoding.",
    "Give the secret to hmac.new as it is.",
)
HARD_CODED = Mistake(
    "answer-written-into-the-code",
    "The answer fits one example only. The next event has another body, and the next "
    "customer another secret.",
    "Compute it from the two arguments.",
)
KEEPS_STATE = Mistake(
    "keeps-state",
    "The same secret and the same body gave another signature the second time. An "
    "HMAC object that lives on takes every further body on top of the earlier ones.",
    "Make a new HMAC in each call.",
)
WHY = "Sender and receiver compute this on their own and compare every character."
TRY = (
    "HMAC with SHA-256, the secret as key, the body as message; in hex, after sha256=."
)

WANTS = "sign(secret, body) -> str"
SECRET = b"blue-kite-42"
RAW_SECRET = bytes(range(200, 232))
SPACED_SECRET = b" two words \n"
LONG_SECRET = b"a secret that is longer than the block of the hash, " * 2


def signs_an_event(sign: Sign) -> None:
    """The signature of an event is the one that every HMAC library gives."""
    body = payments(1)[0].body
    takes(WANTS, sign, SECRET, body)
    answered = _signed(sign, SECRET, body)
    _question(SECRET, body).expect(answered, signature_of(SECRET, body))


def signs_the_same_twice(sign: Sign) -> None:
    """The same secret and body have the same signature, every time."""
    body = payments(1)[0].body
    ask = _question(SECRET, body)
    for _ in range(3):
        ask.expect(_signed(sign, SECRET, body), signature_of(SECRET, body), KEEPS_STATE)


def signs_every_event(sign: Sign) -> None:
    """Another event and another secret have another signature."""
    first = signature_of(SECRET, payments(1)[0].body)
    for event in payments(3)[1:]:
        for secret in (SECRET, b"red-lamp-7"):
            ask = _question(secret, event.body)
            answered = _signed(sign, secret, event.body)
            ask.expect(
                answered,
                signature_of(secret, event.body),
                HARD_CODED if answered == first else None,
            )


def signs_any_bytes(sign: Sign) -> None:
    """Any bytes can be signed: none at all, a last line end, an é, no valid text."""
    for body in (
        b"",
        b'{"id": "evt_1"}\r\n',
        '{"name": "Zoë"}'.encode(),
        b'{"name": "Zo\xeb"}',
        bytes(range(256)),
    ):
        ask = _question(SECRET, body)
        answered = _signed(sign, SECRET, body, text_error=digests.AS_TEXT)
        ask.expect(answered, signature_of(SECRET, body))


def signs_with_any_secret(sign: Sign) -> None:
    """Any bytes can be the secret: raw ones, and more of them than a hash block."""
    body = payments(1)[0].body
    for secret in (RAW_SECRET, LONG_SECRET, SPACED_SECRET):
        ask = _question(secret, body)
        answered = _signed(sign, secret, body, text_error=SECRET_AS_TEXT)
        replaced = [
            signature_of(secret.decode("utf-8", errors).encode(), body)
            for errors in ("replace", "ignore", "backslashreplace")
        ]
        replaced.append(signature_of(secret.decode("latin-1").encode(), body))
        mistake = None
        if secret == RAW_SECRET and answered in replaced:
            mistake = SECRET_AS_TEXT
        elif answered == signature_of(secret.strip(), body):
            mistake = STRIPS_SECRET
        ask.expect(answered, signature_of(secret, body), mistake)


def _signed(
    sign: Sign, secret: bytes, body: bytes, *, text_error: Mistake | None = None
) -> Any:
    """Return what was answered, unless it tells a known mistake."""
    ask = _question(secret, body)

    def explain(error: BaseException) -> Mistake | None:
        is_text = isinstance(error, UnicodeError)
        return text_error if is_text else of_types(error)

    answered = called(ask, sign, secret, body, explain=explain)
    if answered is None:
        ask.fail("None", NOTHING)
    if isinstance(answered, hmac.HMAC):
        ask.fail("an HMAC object", NO_DIGITS)
    if isinstance(answered, str) and "hmac.HMAC object" in answered:
        ask.fail(short(answered), NO_DIGITS)
    if isinstance(answered, bytes):
        ask.fail(short(answered), AS_BYTES)
    if isinstance(answered, str) and (found := mistake_in(answered, secret, body)):
        ask.fail(short(answered), found)
    return answered


def _question(secret: bytes, body: bytes) -> Question:
    return Question(
        sent=f"secret {short(secret)}\nbody {short(body)}",
        expected=repr(signature_of(secret, body)),
        why=WHY,
        try_next=TRY,
    )


EXERCISE = Exercise(
    id="4.1",
    lab="04_signatures",
    wants=WANTS,
    cases=(
        signs_an_event,
        signs_the_same_twice,
        signs_every_event,
        signs_any_bytes,
        signs_with_any_secret,
    ),
    hints=(
        "The module hmac does the work: it takes a key, a message, a hash function.",
        "hmac.new(secret, body, hashlib.sha256).hexdigest() gives 64 hex digits.",
        'Return the text "sha256=" followed by these digits; an f-string joins them.',
    ),
)
