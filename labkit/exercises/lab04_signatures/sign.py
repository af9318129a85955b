"""Exercise 4.1: sign(secret, body) -> str."""

import hmac
import random
from collections.abc import Iterator

from labkit.checks import short
from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Proof, Rule, always, mistakes
from labkit.checks.observing import Function, Seen
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab04_signatures.digests import CUT, OTHER_PREFIX, signature_of
from labkit.exercises.lab04_signatures.mixed_types import NO_DIGITS, mixed_types
from labkit.exercises.lab04_signatures.signed_requests import SPELLED_SECRETS
from labkit.exercises.lab04_signatures.wrong_signers import wrong_ways
from labkit.samples import payments

NOTHING, AS_BYTES, SECRET_AS_TEXT, HARD_CODED, KEEPS_STATE = mistakes("""
    returns-nothing: Your function returns None. The sender needs the signature as a
        returned value, to put it into the header.
        Try: End with `return` and the signature.
    bytes-instead-of-text: Your function returns bytes, but the value of a header is a
        string. Bytes and a string are never equal in Python.
        Try: Join strings: "sha256=" and hexdigest(), without encode.
    secret-decoded-to-text: Your code decodes the secret. A secret may be any bytes, and
        many are not valid text.
        Try: Pass the secret to hmac.new as it is.
    answer-written-into-the-code: Your result is right for one example only. The next
        event has another body, and the next customer another secret.
        Try: Compute it from the two arguments.
    keeps-state: Your function returned a different signature the second time, for the
        same secret and body. If you keep one HMAC object, each new body is added to the
        earlier ones.
        Try: Make a new HMAC in each call.
""")
SECRET = b"blue-kite-42"
RAW_SECRET = bytes(range(200, 232))
LONG_SECRET = b"correct horse battery staple, " * 4
EVENTS = payments(40)
BODY = EVENTS[0].body
EXAMPLE_BODY = EVENTS[1].body

CONTRACT = contract("""
    value: Return the header value `sha256=<hex>`: the HMAC-SHA256 of the body as 64
        lower-case hex digits.
    key: The secret is the key.
    any-bytes: Both are bytes, of any length and any content.
    same: The same secret and body always give the same value.
    open: The check does not test other types, or an empty secret.
""")


def _trials() -> Iterator[Trial]:
    yield Trial("value", {})
    for event in EVENTS[1:4]:
        yield Trial("value", {"body": event.body})
    for body, note in _with_zeros():
        yield Trial("value", {"body": body}, note)
    yield Trial("key", {"secret": b"red-lamp-7"})
    yield Trial("key", {"secret": b"Blue-Kite-42"})
    yield Trial("key", {"secret": b"red-lamp-7", "body": EVENTS[5].body})
    note = "the first byte of the body belongs to the secret here"
    yield Trial("key", {"secret": SECRET + BODY[:1], "body": BODY[1:]}, note)
    for body in (
        b"",
        b"\0",
        b'{"id": "evt_1"}\r\n',
        b" { } \n",
        '{"name": "Zoë"}'.encode(),
        b'{"name": "Zo\xeb"}',
        b"\xef\xbb\xbf{}",
        bytes(range(256)),
        b"x" * 100_000,
        b"x" * 3_000_000,
    ):
        yield Trial("any-bytes", {"body": body})
    for length in (63, 64, 65):
        note = f"the secret has {length} bytes; the block of the hash has 64"
        yield Trial("any-bytes", {"secret": LONG_SECRET[:length]}, note)
    for secret in (
        RAW_SECRET,
        LONG_SECRET,
        b" two words \n",
        "Grüße".encode(),
        b"\0",
        b"k",
        *SPELLED_SECRETS,
    ):
        yield Trial("any-bytes", {"secret": secret})
    yield Trial("same", {"again": 1}, "the second call")
    yield Trial("same", {"again": 2, "body": EXAMPLE_BODY}, "the third call")


def _with_zeros() -> Iterator[tuple[bytes, str]]:
    """Yield bodies whose digest has a zero, or a prefix character, at an end."""
    for front, end in (("0", ""), ("00", ""), ("", "00"), ("2", "")):
        bodies = (b'{"id": "evt_%d"}' % number for number in range(5000))
        signed = ((body, signature_of(SECRET, body)) for body in bodies)
        body = next(
            body
            for body, signature in signed
            if signature.startswith(f"sha256={front}") and signature.endswith(end)
        )
        place = f"begin with {front}" if front else f"end with {end}"
        yield body, f"the hex digits of the signature {place}"


def _random(rng: random.Random) -> Trial:
    secret = rng.randbytes(rng.choice((1, 8, 32, 64, 65, 200)))
    return Trial(
        "any-bytes", {"secret": secret, "body": rng.randbytes(rng.randrange(300))}
    )


def _show(fields: Fields) -> str:
    return f"secret {short(fields['secret'])}\nbody {short(fields['body'])}"


def _is_ascii(fields: Fields) -> bool:
    return bool(fields["body"].isascii() and fields["secret"].isascii())


def _right(fields: Fields) -> str:
    return signature_of(fields["secret"], fields["body"])


def _is_hmac(_: Fields, seen: Seen) -> bool:
    if isinstance(seen.error, TypeError):
        return "HMAC" in str(seen.error)
    text = seen.result if isinstance(seen.result, str) else ""
    return isinstance(seen.result, hmac.HMAC) or "hmac.HMAC object" in text


def _is_bytes(fields: Fields, seen: Seen) -> bool:
    return bool(seen.result == _right(fields).encode())


def _has_other_prefix(fields: Fields, seen: Seen) -> bool:
    digits = _right(fields).removeprefix("sha256=")
    text = seen.result if isinstance(seen.result, str) else ""
    prefix = text.removesuffix(digits)
    return prefix != text and prefix not in ("", "sha256=")


def _is_cut(fields: Fields, seen: Seen) -> bool:
    text = seen.result if isinstance(seen.result, str) else ""
    digits = text.removeprefix("sha256=")
    return len(digits) >= 8 and digits in _right(fields) and len(digits) < 64


def _is_the_first(_: Fields, seen: Seen) -> bool:
    return bool(seen.result == signature_of(SECRET, BODY))


MISTAKES: list[Proof] = [
    *wrong_ways(SECRET_AS_TEXT),
    Rule(NOTHING, always, how=lambda _, seen: seen.value == ("NoneType", None)),
    Rule(NO_DIGITS, always, how=_is_hmac),
    Rule(AS_BYTES, always, how=_is_bytes),
    Rule(OTHER_PREFIX, always, how=_has_other_prefix),
    Rule(CUT, always, how=_is_cut),
    *mixed_types(_is_ascii),
    Rule(
        HARD_CODED,
        lambda fields: (fields["secret"], fields["body"]) != (SECRET, BODY),
        lambda fields: (fields["secret"], fields["body"]) == (SECRET, BODY),
        _is_the_first,
    ),
    Rule(KEEPS_STATE, always, some=True, stateful=True, remembers=True),
]

EXERCISE = judged(
    id="4.1",
    lab="04_signatures",
    wants="sign(secret, body) -> str",
    hints=numbered("""
        1: Use the module hmac: it takes a key, a message and a hash function.
        2: hmac.new(secret, body, hashlib.sha256).hexdigest() gives 64 hex digits.
        3: Return the text "sha256=" followed by these digits; an f-string joins them.
    """),
    contract=CONTRACT,
    space=Space(
        {"secret": SECRET, "body": BODY, "again": 0}, _trials, _random, many=60
    ),
    observer=Function(lambda fields: [fields["secret"], fields["body"]], _show),
    mistakes=MISTAKES,
)
