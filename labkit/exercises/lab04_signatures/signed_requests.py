"""Signed requests, genuine ones and others: the trials of 4.2 and 4.4."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from labkit.checks import short
from labkit.checks.mistakes import Mutant
from labkit.checks.observing import RAISES
from labkit.checks.space import Fields, Trial, probe
from labkit.exercises.lab04_signatures import digests
from labkit.exercises.lab04_signatures import mistakes as m
from labkit.exercises.lab04_signatures.digests import digest_of, signature_of
from labkit.exercises.lab04_signatures.wrong_signers import SIGNER, wrong_ways
from labkit.exercises.verifiers import BASE, HONEST, flipped, of
from labkit.samples import payments

SECRET = b"blue-kite-42"
OTHER_SECRET = b"red-lamp-7"
EVENTS = payments(12)
BODY = EVENTS[0].body
SPACED = b'{ "id":"evt_1",  "data": {"b": 1.0, "a": "Zo\\u00eb", "b": 2} }\r\n'
LARGE = b'{"id": "evt_1", "note": "' + b"x" * 3_000_000 + b'"}'
LATIN = b'{"id": "evt_1", "name": "Zo\xeb"}'

SPELLED_SECRETS = (
    *(b"c0ffee00", b"a2V5", b"0", b"deadbeefdeadbeef" * 2, b"C0FFEE" * 8),
    *(b"c2VjcmV0IG9mIHRoZSBzaG9w", b"whsec_AAAA", b"whsec_c2VjcmV0IG9mIFBheUNv"),
    *(
        b"sha256=00",
        b"0xc0ffee",
        b"a%20b+c",
        b'"quoted"',
        b"a\0b",
        b"{}",
        b"   ",
        b"\0\0",
    ),
)
"""Secrets that could be read as something else: as hex digits, in base64, quoted."""

SAME_CHECKSUM = (
    "sha256=c0e3c48d9d05c61169b68fd9c734d651b6b8ae8815854b409b8f7744096d8ec1"
)
"""A header that is not the signature of BODY, but has the same CRC-32."""

WAYS = wrong_ways(m.SECRET_AS_TEXT)

REQUEST: Fields = {
    **BASE,
    "secret": SECRET,
    "signer": None,
    "body": BODY,
    "signed_body": None,
    "signature": "{good}",
}
"""A request that was signed as it is sent; `signer` and `signed_body` change that.

In `signature`, {good} stands for the right header and {digits} for its digits.
"""


def header_of(fields: Fields) -> str | None:
    """Return the value of the signature's header."""
    signature: str | None = fields["signature"]
    if signature is None or "{" not in signature:
        return signature
    signer, body = fields["signer"], fields["signed_body"]
    right = signature_of(
        fields["secret"] if signer is None else signer,
        fields["body"] if body is None else body,
    )
    signature = signature.replace("{good}", right)
    return signature.replace("{digits}", right.removeprefix("sha256="))


def signed_trials(odd_secret: bytes) -> Iterator[Trial]:
    """Yield honest requests, one with a secret that is not ASCII, and forged ones."""
    yield Trial("signed")
    for event in EVENTS[1:]:
        touched = digest_of(SECRET, event.body).hex()[0] in "256a"
        kind = "touched" if touched else "event"
        yield Trial("signed", {"kind": kind, "body": event.body})
    yield Trial("same", {"kind": "again", "again": 1}, "the second time")
    for secret in (OTHER_SECRET, b" two words \n", b"k" * 100):
        yield Trial("secrets", {"kind": "secret", "secret": secret})
    for secret in SPELLED_SECRETS:
        yield Trial("secrets", {"kind": "spelled-secret", "secret": secret})
    for secret in (odd_secret, "\xe9".encode(), "e\u0301".encode()):
        yield Trial("secrets", {"kind": "odd-secret", "secret": secret})
    forged = BODY.replace(b'"amount":13706', b'"amount":73706')
    note = "the amount was changed after the body had been signed"
    changes: dict[str, Any] = {"body": forged, "signed_body": BODY}
    yield Trial("forged", {"kind": "forged-body", **changes}, note)
    yield Trial("forged", {"kind": "forged-secret", "signer": OTHER_SECRET})
    zeros = "sha256=" + "0" * 64
    yield Trial("forged", {"kind": "zeros", "signature": zeros})
    right = signature_of(SECRET, BODY)
    for place in (-1, 7, 40, 30):
        fields = {"kind": "near", "signature": flipped(right, place)}
        yield Trial("forged", fields, "one digit is wrong")
    two = next(at for at in range(7, 70) if right[at] != right[at + 1])
    near = right[:two] + right[two + 1] + right[two] + right[two + 2 :]
    fields = {"kind": "near", "signature": near}
    yield Trial("forged", fields, "two digits are swapped")
    fields = {"kind": "checksum", "signature": SAME_CHECKSUM}
    yield Trial("forged", fields, "the CRC-32 of this header is that of the right one")


def body_trials() -> Iterator[Trial]:
    """Yield bodies that a program might read or write in another way."""
    for body in (SPACED, b'{ "a": 1,  "b": 2}', b'{"a":"\\u00eb" }'):
        yield Trial("bytes", {"kind": "spelled", "body": body})
    for body in (
        '{"id": "evt_1", "name": "Zoë"}'.encode(),
        b'{"b":1,"a":2}',
        b"[1, 2]",
    ):
        yield Trial("bytes", {"kind": "json", "body": body})
    for body in (BODY + b"\n", b" " + BODY, BODY + b"\r\n"):
        yield Trial("bytes", {"kind": "trimmed", "body": body})
    compact = json.dumps(json.loads(SPACED), separators=(",", ":")).encode()
    pairs = ((SPACED, compact), (SPACED, SPACED.strip()), (compact, SPACED))
    default = json.dumps(json.loads(BODY)).encode()
    for body, signed in (*pairs, (BODY, default), (BODY + b"\n", BODY)):
        fields = {"kind": "other-body", "body": body, "signed_body": signed}
        yield Trial("bytes", fields, f"the signature of {short(signed, 60)}")
    for body in (LATIN, bytes(range(256)), b"\x80"):
        yield Trial("bytes", {"kind": "no-text", "body": body})
    for body in (
        b"hello",
        b"null",
        b"\0",
        b"\n",
        b"x" * 70_000,
        b"\xef\xbb\xbf{}",
        b"{",
    ):
        yield Trial("bytes", {"kind": "text", "body": body})
    yield Trial("bytes", {"kind": "none", "body": b""}, "the body is empty")
    yield Trial("bytes", {"kind": "large", "body": LARGE}, f"{len(LARGE):,} bytes")


_HEX = "{digits}"

_GARBAGE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("non-hex", ("sha256=" + "z" * 64,)),
    ("garbage", ("sha256", "=", "a=b=c", "none", ",", "\0")),
    ("garbage", tuple(f"{name}=00" for name in ("md5", "hash", "", "shake_128"))),
    ("accent", ("sha256=" + "é" * 64, "é", "sha256=é")),
    ("emoji", ("😀", "sha256=" + "€" * 64)),
)

_PREFIXES = ("", "md5=", "sha1=", "sha256:", "=", "é=")

_WHOLE = (
    ("prefix", tuple(each + _HEX for each in _PREFIXES)),
    ("alias", (f"sha-256={_HEX}",)),
    ("appended", ("{good}00",)),
    ("tail", ("{good}=", "{good},")),
    ("inside", ("x{good}", "sha256={good}", f"sha256=00={_HEX}")),
    ("quoted", ('"{good}"', "'{good}'")),
    ("number", (f"sha256=00{_HEX}", f"sha256=0x{_HEX}")),
    ("odd", (f"sha256={_HEX}é", f"sha256=é{_HEX}")),
    ("folded", (f"\uff53ha256={_HEX}", f"\u017fha256={_HEX}", f"sha256\uff1d{_HEX}")),
    ("escaped", (f"sha256%3D{_HEX}", f"%73ha256={_HEX}", f"sha256&#61;{_HEX}")),
    ("nul", ("{good}\0", "\0{good}", "{good}\0\0")),
)


def header_trials() -> Iterator[Trial]:
    """Yield requests whose header is missing, garbage or nearly right."""
    yield Trial("unsigned", {"kind": "missing", "signature": None})
    for text in ("", "sha256="):
        yield Trial("unsigned", {"kind": "empty", "signature": text})
    right, digits = signature_of(SECRET, BODY), digest_of(SECRET, BODY).hex()
    yield Trial("garbage", {"kind": "non-hex", "signature": _GARBAGE[0][1][0]})
    for length in (8, 39, 70):
        fields = {"kind": "piece", "signature": right[:length]}
        yield Trial("garbage", fields, "a piece of the right signature")
    for text in ("sha256=" + "0" * 63, "sha256=" + "0" * 5000):
        yield Trial("garbage", {"kind": "length", "signature": text})
    for kind, texts in _GARBAGE[1:]:
        for text in texts:
            yield Trial("garbage", {"kind": kind, "signature": text})
    for kind, texts in _WHOLE:
        for text in texts:
            yield Trial("whole", {"kind": kind, "signature": text})
    half = f"sha256={digits[:32]}"
    yield Trial("whole", {"kind": "inside", "signature": half + right})
    yield Trial("whole", {"kind": "number", "signature": f"{half}_{digits[32:]}"})
    yield Trial("whole", {"kind": "odd", "signature": f"{half}é{digits[32:]}"})
    wide = "".join(chr(ord(each) + 0xFEE0) for each in digits)
    yield Trial("whole", {"kind": "folded", "signature": f"sha256={wide}"})
    in_base64 = base64.b64encode(digest_of(SECRET, BODY)).decode()
    yield Trial("whole", {"kind": "base64", "signature": f"sha256={in_base64}"})
    yield probe({"kind": "suffix", "signature": "{good}0"})


def _algorithm_trials() -> Iterator[Trial]:
    import hmac

    for name in ("sha1", "md5", "sha512"):
        text = f"{name}={hmac.digest(SECRET, BODY, name).hex()}"
        yield Trial("whole", {"kind": "algorithm", "signature": text})


def _lenient(value: Any) -> bool:
    """Accept an exception, or a value that counts as false."""
    return isinstance(value, tuple) and (value[0] == RAISES or not value[1])


def last_trials() -> Iterator[Trial]:
    """Yield requests for other hash functions, without a secret, and for the timing."""
    yield from _algorithm_trials()
    for signature in ("{good}", "sha256=" + "0" * 64):
        fields = {"kind": "no-secret", "secret": b"", "signature": signature}
        yield Trial("empty", fields, "the secret is empty", also=_lenient)
    yield Trial("timing", {"kind": "timing", "timing": True})
    for body in (SPACED, LATIN):
        for _, wrong in SIGNER.wrong(WAYS, SECRET, body):
            yield probe({"kind": "way", "body": body, "signature": wrong})


GENUINE = ("event", "touched", "secret", "odd-secret", "spelled", "json", "trimmed")
FORGERIES = ("way", "zeros", "near", "forged-*", "other-body", "prefix")
SIGNING = of(HONEST, *GENUINE, *FORGERIES, "text", "no-text")
_OF_JSON = of(HONEST, *GENUINE, *FORGERIES, "form")


# A body that is not JSON shows nothing about a mutant that serialises JSON again.
SIGNERS = [
    Mutant(
        way.mistake,
        way.edits,
        on=_OF_JSON if way.mistake is digests.RESERIALISED else SIGNING,
    )
    for way in WAYS
]
"""The mutants of these ways, compared on requests that tell them apart."""
