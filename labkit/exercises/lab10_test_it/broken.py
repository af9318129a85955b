"""Broken verifiers, each with one bug that the contract of exercise 4.2 forbids.

A test can tell each of them from a right one by its answers. Most of the bugs were
found in code that was in use; `Broken.mistake` says what they lead to.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from labkit.checks import Mistake
from labkit.exercises.lab10_test_it import survivors as found
from labkit.exercises.lab10_test_it.sound import Verify, as_bytes, authentic, signed


@dataclass(frozen=True, slots=True)
class Broken:
    """A broken verifier: what it does, and what a test lacks that lets it live."""

    does: str
    mistake: Mistake
    make: Callable[[], Verify]


def _plain(does: str, mistake: Mistake, verify: Verify) -> Broken:
    return Broken(does, mistake, lambda: verify)


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(as_bytes(one), as_bytes(other))


# Those that do not look.


def _accepts_all(secret: bytes, body: bytes, signature: str | None) -> bool:
    return True


def _refuses_all(secret: bytes, body: bytes, signature: str | None) -> bool:
    return False


def _form_only(secret: bytes, body: bytes, signature: str | None) -> bool:
    fits = re.fullmatch("sha256=[0-9a-f]{64}", signature or "")
    return bool(secret) and fits is not None


def _error_text(secret: bytes, body: bytes, signature: str | None) -> bool:
    if authentic(secret, body, signature):
        return True
    return "invalid signature"  # type: ignore[return-value]  # that is its bug


def _raises(secret: bytes, body: bytes, signature: str | None) -> bool:
    if not authentic(secret, body, signature):
        raise ValueError("the signature does not fit")
    return True


# Those that look at a part of the signature.


def _bare_digits(secret: bytes, body: bytes, signature: str | None) -> bool:
    bare = "sha256=" + (signature or "").removeprefix("sha256=")
    return authentic(secret, body, bare)


def _any_prefix(secret: bytes, body: bytes, signature: str | None) -> bool:
    _, sign, digits = (signature or "").partition("=")
    return bool(sign) and authentic(secret, body, f"sha256={digits}")


def _sha1_too(secret: bytes, body: bytes, signature: str | None) -> bool:
    if secret and signature and signature.startswith("sha1="):
        return _equal(signed(secret, body, "sha1"), signature)
    return authentic(secret, body, signature)


def _first_half(secret: bytes, body: bytes, signature: str | None) -> bool:
    if not secret or len(signature or "") != 71:
        return False
    return _equal(signed(secret, body)[:39], (signature or "")[:39])


def _piece(secret: bytes, body: bytes, signature: str | None) -> bool:
    wanted = signed(secret, body)
    long_enough = len(signature or "") > len("sha256=")
    return bool(secret) and long_enough and wanted.startswith(signature or "")


def _goes_on(secret: bytes, body: bytes, signature: str | None) -> bool:
    return authentic(secret, body, signature and signature[:71])


# Those that trip over what is missing.


def _missing_accepted(secret: bytes, body: bytes, signature: str | None) -> bool:
    return signature is None or authentic(secret, body, signature)


def _missing_raises(secret: bytes, body: bytes, signature: str | None) -> bool:
    return authentic(secret, body, signature.lower())  # type: ignore[union-attr]


def _empty_accepted(secret: bytes, body: bytes, signature: str | None) -> bool:
    if signature is not None and not signature:
        return True
    return authentic(secret, body, signature)


def _empty_secret(secret: bytes, body: bytes, signature: str | None) -> bool:
    return signature is not None and _equal(signed(secret, body), signature)


# Those that raise on garbage.


def _ascii_only(secret: bytes, body: bytes, signature: str | None) -> bool:
    if not secret or signature is None:
        return False
    return hmac.compare_digest(signed(secret, body), signature)


def _splits(secret: bytes, body: bytes, signature: str | None) -> bool:
    if signature:
        _, _ = signature.split("=")
    return authentic(secret, body, signature)


def _decodes_hex(secret: bytes, body: bytes, signature: str | None) -> bool:
    if signature and signature.startswith("sha256=") and len(signature) == 71:
        bytes.fromhex(signature[7:])
    return authentic(secret, body, signature)


def _by_place(secret: bytes, body: bytes, signature: str | None) -> bool:
    if not secret or not signature or not signature.startswith("sha256="):
        return False
    differences = len(signature) > 71
    for place, wanted in enumerate(signed(secret, body)):
        differences |= signature[place] != wanted
    return not differences


# Those that do not take the bytes as they are.


def _rewritten(body: bytes, separators: tuple[str, str]) -> bytes:
    try:
        return json.dumps(json.loads(body), separators=separators).encode()
    except ValueError:
        return body


def _with_blanks(secret: bytes, body: bytes, signature: str | None) -> bool:
    return authentic(secret, _rewritten(body, (", ", ": ")), signature)


def _without_blanks(secret: bytes, body: bytes, signature: str | None) -> bool:
    return authentic(secret, _rewritten(body, (",", ":")), signature)


def _fallback(secret: bytes, body: bytes, signature: str | None) -> bool:
    bodies = (body, _rewritten(body, (", ", ": ")), _rewritten(body, (",", ":")))
    return any(authentic(secret, each, signature) for each in bodies)


def _as_text(secret: bytes, body: bytes, signature: str | None) -> bool:
    return authentic(secret, body.decode("utf-8", "replace").encode(), signature)


def _stripped(secret: bytes, body: bytes, signature: str | None) -> bool:
    return authentic(secret, body.strip(), signature)


def _text_secret(secret: bytes, body: bytes, signature: str | None) -> bool:
    return authentic(secret.decode("utf-8", "replace").encode(), body, signature)


class _FirstSecret:
    """Keeps the secret of its first call, as a global would."""

    def __init__(self) -> None:
        self._secret = b""

    def __call__(self, secret: bytes, body: bytes, signature: str | None) -> bool:
        self._secret = self._secret or secret
        return bool(secret) and authentic(self._secret, body, signature)


def _eats_digits(secret: bytes, body: bytes, signature: str | None) -> bool:
    if not secret or not (signature or "").startswith("sha256="):
        return False
    wanted = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return _equal(wanted, (signature or "").lstrip("sha256="))


NOT_LOOKING = (
    _plain("says True, whatever comes", found.ONLY_HAPPY, _accepts_all),
    _plain("says False, whatever comes", found.ONLY_FORGED, _refuses_all),
    _plain(
        "accepts any 64 hex digits",
        found.NO_OTHER_DIGITS,
        _form_only,
    ),
    _plain(
        "answers a forgery with the text 'invalid signature'",
        found.TRUTHY,
        _error_text,
    ),
    _plain("raises ValueError on a forgery", found.RAISING_PASSES, _raises),
)
HALF_LOOKING = (
    _plain("compares the first 32 digits only", found.FIRST_DIGITS, _first_half),
    _plain("accepts the beginning of the signature", found.PIECE, _piece),
    _plain("lets the header go on after the signature", found.GOES_ON, _goes_on),
    _plain("takes the digits without their prefix", found.NO_PREFIX, _bare_digits),
    _plain("takes any prefix before the digits", found.ANY_PREFIX, _any_prefix),
    _plain("takes a SHA-1 signature as well", found.OTHER_HASH, _sha1_too),
)
TRIPPING = (
    _plain("accepts a request without the header", found.MISSING, _missing_accepted),
    _plain("raises when the header is missing", found.MISSING_RAISES, _missing_raises),
    _plain("accepts a header with nothing in it", found.EMPTY, _empty_accepted),
    _plain("takes an empty secret for a secret", found.EMPTY_SECRET, _empty_secret),
)
RAISING = (
    _plain("raises on a letter that is no ASCII", found.NON_ASCII, _ascii_only),
    _plain("raises on a header of another form", found.OTHER_FORM, _splits),
    _plain("raises on characters that are not hex digits", found.NO_HEX, _decodes_hex),
    _plain("raises on a signature that is too short", found.SHORT, _by_place),
)
CHANGING = (
    _plain("re-serialises JSON, with spaces", found.REWRITTEN, _with_blanks),
    _plain("re-serialises JSON, without spaces", found.REWRITTEN, _without_blanks),
    _plain("also tries the re-serialised JSON", found.FALLBACK, _fallback),
    _plain("makes the body text and bytes again", found.AS_TEXT, _as_text),
    _plain("cuts white space off the body's ends", found.STRIPPED, _stripped),
    _plain("makes the secret text and bytes again", found.TEXT_SECRET, _text_secret),
    Broken("keeps the first secret that it saw", found.ONE_SECRET, _FirstSecret),
    _plain(
        "loses digits that also occur in the prefix",
        found.FEW_BODIES,
        _eats_digits,
    ),
)

BROKEN = (*NOT_LOOKING, *HALF_LOOKING, *TRIPPING, *RAISING, *CHANGING)
