"""What is signed in the place of the right thing, and how it is written.

A wrong digest tells its mistake: whoever hashes secret and body without HMAC gets the
same wrong number as everybody who does so. `mistake_in` names the mistake behind a
signature, `accepted_instead` the one of a verifier that refuses the right signature.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

from labkit.checks import Mistake

NO_KEY = Mistake(
    "no-key-in-it",
    "This is a hash of the body alone. Anybody can compute it for any body, so it "
    "proves nothing about who sent it.",
    "Put the secret into it: hmac.new takes the key first, then the message.",
)
NO_HMAC = Mistake(
    "hash-without-hmac",
    "Secret and body were joined and hashed. From such a hash others can compute that "
    "of a longer body without knowing the secret, and no provider signs that way.",
    "Use the module hmac: it mixes key and message twice, on purpose.",
)
SWAPPED = Mistake(
    "key-and-body-swapped",
    "The body was taken for the key and the secret for the message. The result looks "
    "like a signature and belongs to no other receiver's.",
    "hmac.new takes the key first, the message second.",
)
OTHER_HASH = Mistake(
    "another-hash-function",
    "The signature was made with another hash function than SHA-256. Both sides must "
    "use the same one, or no signature ever fits.",
    "Name the function in the call: hashlib.sha256.",
)
TWICE = Mistake(
    "hashes-twice",
    "What was signed is a hash, not the body. HMAC hashes for you, so yours is hashed "
    "once more than the sender's.",
    "Give hmac the body itself, as it came.",
)
REPR = Mistake(
    "signs-the-repr",
    "str() of bytes is not their text: it writes b'…' around them, and that is what "
    "was signed.",
    "HMAC takes bytes. Give it secret and body as they are, without str().",
)
RESERIALISED = Mistake(
    "re-serialised-json",
    "The body was read as JSON and written anew before the HMAC. A space, the order of "
    "keys or an é written another way, and honest requests are refused.",
    "Take the bytes as they came over the wire. JSON comes after the signature.",
)
LINE_END = Mistake(
    "adds-a-line-end",
    "A line end was added to the body before it was signed. `echo` does that in a "
    "shell; to HMAC it is one byte more.",
    "Sign the body and nothing else.",
)
AS_TEXT = Mistake(
    "body-decoded-to-text",
    "The body was turned into text and back before the HMAC. Bytes that are no valid "
    "text get lost or replaced, and then different bodies have the same signature.",
    "Leave the body as bytes: no decode, no str, on its way into the HMAC.",
)
STRIPPED = Mistake(
    "strips-the-body",
    "White space was cut off the body. The sender signed it with everything that "
    "belongs to it, a last line end included.",
    "Sign all bytes of the body, also those that nobody sees.",
)
JOINED = Mistake(
    "secret-in-the-message",
    "The secret is the key, and it was put into the message as well.",
    "Key: the secret. Message: the body, and nothing else.",
)
BARE = Mistake(
    "bare-hex",
    "The digits are right. The scheme wants the name of the algorithm before them, so "
    "that both sides know what they compare.",
    'Write "sha256=" before the hex digits.',
)
BASE64 = Mistake(
    "base64-instead-of-hex",
    "The bytes are right and written in base64. This scheme writes them in hex; some "
    "providers do it the other way round.",
    "Ask the HMAC for its hexdigest().",
)
UPPER = Mistake(
    "upper-case",
    "Signatures are compared byte by byte, and an upper-case letter is another byte.",
    "hexdigest() gives lower case. Leave it as it is.",
)
QUOTED = Mistake(
    "bytes-written-as-text",
    "Bytes were put into a text, and Python wrote them as it shows them: b'…'.",
    "hexdigest() gives text at once; digest() gives bytes.",
)
OTHER_PREFIX = Mistake(
    "other-prefix",
    "The digits are right, what stands before them is not. The other side compares "
    "every character.",
    'Exactly "sha256=" stands before the digits: lower case, no space, no colon.',
)
CUT = Mistake(
    "cuts-the-digest",
    "Only a part of the digest is there. The other side expects all 64 digits.",
    "Leave hexdigest() as it is.",
)

FIXED_KEY = Mistake(
    "fixed-key",
    "The key in it is that of the notebook's example, and not the argument `secret`. "
    "With every other secret no honest request fits.",
    "Use the argument `secret` as the key: no text of your own, and no global.",
)
EXAMPLE = Mistake(
    "repeats-the-example",
    "This is the number of the example above: `mac` was made there, from another "
    "secret and another body.",
    "Make a new HMAC in your function, from its own arguments.",
)
INVERTED = Mistake(
    "inverted",
    "The right signature is refused, and a plainly wrong one (64 zeros) is accepted. "
    "The answer is the wrong way round.",
    "Look at every `not` and every `if`: what happens when the two are equal?",
)
PLAINLY_WRONG = "sha256=" + "0" * 64

_NOTEBOOK_KEYS = (b"blue-kite-42", b"blue-kite-43")
_NOTEBOOK_BODIES = (b"one parcel for Ada", b"one parcel for Ida")

_JSON_SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"separators": (",", ":")},
    {"indent": 2},
    {"indent": 4},
)


def digest_of(secret: bytes, body: bytes) -> bytes:
    """Return the right digest: HMAC-SHA256 of the body under the secret, 32 bytes."""
    return hmac.digest(secret, body, "sha256")


def signature_of(secret: bytes, body: bytes) -> str:
    """Return the header's right value, `sha256=<lower-case hex>`."""
    return f"sha256={digest_of(secret, body).hex()}"


def reserialised(body: bytes) -> list[bytes]:
    """Return the body's JSON as libraries write it; nothing if it is no JSON."""
    try:
        value = json.loads(body)
    except ValueError:
        return []
    texts = [str(value)] + [
        json.dumps(value, ensure_ascii=ascii_only, sort_keys=in_order, **settings)
        for settings in _JSON_SETTINGS
        for ascii_only in (True, False)
        for in_order in (True, False)
    ]
    return [text.encode("utf-8", "replace") for text in texts]


def through_text(body: bytes) -> list[bytes]:
    """Return what is left of a body that is made text and bytes again."""
    decoded = [
        body.decode("utf-8", "replace"),
        body.decode("utf-8", "ignore"),
        body.decode("utf-8", "backslashreplace"),
        body.decode("ascii", "replace"),
        body.decode("ascii", "ignore"),
        body.decode("latin-1"),
    ]
    return [text.encode() for text in decoded]


def mistake_in(signature: str, secret: bytes, body: bytes) -> Mistake | None:
    """Return the mistake that makes this signature, or None; also for a right one."""
    right = digest_of(secret, body)
    if signature == f"sha256={right.hex()}":
        return None
    for mistake, digest in _wrong_digests(secret, body):
        if digest != right and any(
            signature == text for _, text in _all_spellings(digest)
        ):
            return mistake
    for spelling, text in _wrong_spellings(right):
        if signature == text:
            return spelling
    if signature.lower().endswith(right.hex()):
        return OTHER_PREFIX
    hex_digits = signature.removeprefix("sha256=")
    return CUT if len(hex_digits) >= 8 and hex_digits in right.hex() else None


def accepted_instead(
    accepts: Callable[[str], bool], secret: bytes, body: bytes
) -> Mistake | None:
    """Return the mistake of a verifier that refuses the right signature, or None.

    `accepts` tells whether the verifier takes a signature for this body.
    """
    if accepts(PLAINLY_WRONG):
        return INVERTED
    right = digest_of(secret, body)
    for mistake, digest in _wrong_digests(secret, body):
        if digest != right and any(accepts(text) for _, text in _all_spellings(digest)):
            return mistake
    spellings = _wrong_spellings(right)
    return next((mistake for mistake, text in spellings if accepts(text)), None)


def _wrong_digests(secret: bytes, body: bytes) -> Iterator[tuple[Mistake, bytes]]:
    """Yield what is signed by mistake, the likeliest first."""
    yield from _of_the_notebook(secret, body)
    for digest in _without_hmac(secret, body):
        yield NO_HMAC, digest
    yield NO_KEY, _sha256(body)
    yield SWAPPED, digest_of(body, secret)
    for name in ("sha1", "sha512", "md5"):
        yield OTHER_HASH, hmac.digest(secret, body, name)
    for message in (_sha256(body), _sha256(body).hex().encode()):
        yield TWICE, digest_of(secret, message)
    once = digest_of(secret, body)
    for digest in (_sha256(once), digest_of(secret, once)):
        yield TWICE, digest
    yield REPR, digest_of(secret, str(body).encode())
    yield REPR, digest_of(str(secret).encode(), body)
    yield REPR, digest_of(str(secret).encode(), str(body).encode())
    for stripped in (body.strip(), body.replace(b"\r\n", b"\n")):
        yield STRIPPED, digest_of(secret, stripped)
    for text in reserialised(body):
        yield RESERIALISED, digest_of(secret, text)
    yield LINE_END, digest_of(secret, body + b"\n")
    for joined in (secret + body, body + secret):
        yield JOINED, digest_of(secret, joined)
    for text in through_text(body):
        yield AS_TEXT, digest_of(secret, text)


def _of_the_notebook(secret: bytes, body: bytes) -> Iterator[tuple[Mistake, bytes]]:
    """Yield what comes of the notebook's example: its keys, or its very numbers."""
    for key in _NOTEBOOK_KEYS:
        if key != secret:
            yield FIXED_KEY, digest_of(key, body)
        for example in _NOTEBOOK_BODIES:
            if example != body:
                yield EXAMPLE, digest_of(key, example)


def _without_hmac(secret: bytes, body: bytes) -> list[bytes]:
    joints = (b"", b".", b":", b"\n")
    return [_sha256(secret + joint + body) for joint in joints] + [
        _sha256(body + joint + secret) for joint in joints
    ]


def _all_spellings(digest: bytes) -> Iterator[tuple[Mistake | None, str]]:
    yield None, f"sha256={digest.hex()}"
    yield None, f"sha1={digest.hex()}"
    yield from _wrong_spellings(digest)


def _wrong_spellings(digest: bytes) -> Iterator[tuple[Mistake, str]]:
    digits = digest.hex()
    in_base64 = base64.b64encode(digest).decode()
    yield BARE, digits
    yield BASE64, f"sha256={in_base64}"
    yield BASE64, in_base64
    yield UPPER, f"sha256={digits.upper()}"
    yield UPPER, f"SHA256={digits.upper()}"
    yield UPPER, digits.upper()
    for raw in (digest, digits.encode(), in_base64.encode()):
        yield QUOTED, f"sha256={raw!r}"
        yield QUOTED, repr(raw)
    for prefix in ("sha256:", "sha256 ", "SHA256=", "sha-256=", "hmac-sha256="):
        yield OTHER_PREFIX, f"{prefix}{digits}"


def _sha256(message: bytes) -> bytes:
    return hashlib.sha256(message).digest()
