"""Right verifiers in several styles: all that exercise 4.2 asks for, and no more.

Where the contract leaves a choice, they choose differently: upper case, white space
around, the names of the arguments.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

Verify = Callable[[bytes, bytes, str | None], bool]


@dataclass(frozen=True, slots=True)
class Sound:
    """A right verifier: how it goes about it, and a function that makes one."""

    does: str
    make: Callable[[], Verify]


def signed(secret: bytes, body: bytes, algorithm: str = "sha256") -> str:
    """Return the header's value for a body."""
    return f"{algorithm}={hmac.digest(secret, body, algorithm).hex()}"


def authentic(secret: bytes, body: bytes, signature: str | None) -> bool:
    """Whether the contract says True: the whole header fits, and there is a secret."""
    if not secret or signature is None:
        return False
    return hmac.compare_digest(signed(secret, body).encode(), as_bytes(signature))


def as_bytes(text: str) -> bytes:
    """Encode a header, whatever is in it."""
    return text.encode("utf-8", "surrogatepass")


def _generous(secret: bytes, body: bytes, signature: str | None) -> bool:
    return authentic(secret, body, signature and as_sent(signature))


def as_sent(signature: str) -> str:
    """Return a signature as the sender writes it: lower-case digits, no white space.

    That is all that the contract leaves open; the prefix must be as it is.
    """
    prefix, equals, digits = signature.strip().partition("=")
    return prefix + equals + digits.lower()


def _in_other_words(key: bytes, raw: bytes, header: str | None) -> bool:
    return bool(key) and authentic(key, raw, header or "")


def _taking_apart(secret: bytes, body: bytes, signature: str | None) -> bool:
    found = re.fullmatch("sha256=([0-9a-f]{64})", signature or "")
    if not secret or not found:
        return False
    wanted = hmac.new(secret, body, hashlib.sha256).digest()
    return hmac.compare_digest(wanted, bytes.fromhex(found[1]))


class _Looping:
    """An object that can be called; it compares in a loop of its own."""

    def __call__(self, secret: bytes, body: bytes, signature: str | None) -> bool:
        wanted, given = signed(secret, body).encode(), as_bytes(signature or "")
        differences = len(wanted) ^ len(given)
        for one, other in zip(wanted, given, strict=False):
            differences |= one ^ other
        return bool(secret) and differences == 0


SOUND = (
    Sound("makes the whole header and compares it", lambda: authentic),
    Sound(
        "also accepts upper-case digits, and white space around",
        lambda: _generous,
    ),
    Sound("names its arguments in other words", lambda: _in_other_words),
    Sound("takes the header apart, and checks its form first", lambda: _taking_apart),
    Sound("is an object, and compares in a loop of its own", _Looping),
)
