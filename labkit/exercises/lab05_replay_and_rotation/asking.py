"""Calls of the verifiers of lab 05, and mistakes that any of them can make."""

import base64
import re
from collections.abc import Mapping

from labkit.checks import short_text
from labkit.checks.mistakes import Proof, Rule, mistakes, returned
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.exercises.lab05_replay_and_rotation.mistakes import EQUALS
from labkit.exercises.verifiers import (
    HASHES,
    HONEST,
    compares_early,
    of,
    undecided,
)

NEITHER, MIXED_TYPES, TIME_IS_TEXT, HASH, IN_A_SET = mistakes("""
    neither-true-nor-false: Your function returns neither True nor False. In an `if`,
        such a value may count as True where you mean False, or the reverse: a released
        library once returned the text 'Invalid signature.', which counts as true.
        Try: Return True or False on every path; a comparison or `bool(...)` does that.
    text-where-bytes-belong: Your code mixes a string with bytes. hmac and base64 need
        bytes, and Python does not convert a string by itself.
        Try: Find the string in the line above and encode it with `.encode()`.
    timestamp-is-still-text: Your code calculates with the timestamp as a string. A
        string and a number cannot be compared or subtracted.
        Try: Convert the timestamp to a number first.
    another-hash: Your code uses a hash function other than SHA-256. Both sides must use
        the same one, or no signature ever matches.
        Try: Pass hashlib.sha256 to hmac.
    compares-in-a-set: Your code looks for the signature in a set or a dictionary. This
        compares hash values, and then it stops at the first difference (a timing
        attack).
        Try: Compare the bytes with hmac.compare_digest, one pair after the other.
""")


def _time_is_text(_: Fields, seen: Seen) -> bool:
    text = str(seen.error) if isinstance(seen.error, TypeError) else ""
    calculates = "unsupported operand" in text or "not supported between" in text
    return calculates and "'str'" in text


def _mixed(_: Fields, seen: Seen) -> bool:
    text = str(seen.error) if isinstance(seen.error, TypeError) else ""
    mixed = "bytes" in text and re.search(r"\bstr\b", text) is not None
    return mixed or "must be encoded" in text


def common_mistakes() -> list[Proof]:
    """Return the proofs of mistakes that every verifier can contain."""
    return [
        *compares_early(EQUALS, EQUALS),
        Rule(IN_A_SET, of("timing"), of("suffix"), returned(HASHES)),
        undecided(NEITHER),
        Rule(TIME_IS_TEXT, of(HONEST), how=_time_is_text, some=True),
        Rule(MIXED_TYPES, of(HONEST), how=_mixed, some=True),
    ]


def request_shown(headers: Mapping[str, str], body: bytes, *first: str) -> str:
    """Return a request as a verdict shows it, after some lines of its own."""
    lines = [f"{name}: {short_text(value, 170)}" for name, value in headers.items()]
    return "\n".join([*first, *lines, short_text(repr(body)[2:-1])])


def base64_text(digest: bytes) -> str:
    """Return a digest in base64, as text."""
    return base64.b64encode(digest).decode()
