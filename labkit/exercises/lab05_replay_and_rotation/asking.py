"""How the verifiers of lab 05 are tried, and mistakes that none of them may make."""

import base64
from collections.abc import Mapping

from labkit.checks import Mistake, short_text
from labkit.checks.mistakes import Proof, Rule
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.exercises.lab05_replay_and_rotation.mistakes import EQUALS
from labkit.exercises.verifiers import HONEST, compares_early, of, undecided

NEITHER = Mistake(
    "neither-true-nor-false",
    "Whoever calls this asks a question with two answers. Anything else is read as one "
    "of them by accident: a released library once returned the text 'Invalid "
    "signature.', which counts as true.",
    "Return True or False on every path; `bool(...)` or a comparison makes one.",
)
MIXED_TYPES = Mistake(
    "text-where-bytes-belong",
    "hmac and base64 work on bytes: the key, the message and what is decoded. A text "
    "has to be turned into bytes first, and Python won't guess how.",
    "Look at your line above: which of its values is a str? `.encode()` makes bytes.",
)
TIME_IS_TEXT = Mistake(
    "timestamp-is-still-text",
    "A header's value is text, also when it reads like a number. Text and numbers "
    "can't be compared or subtracted.",
    "Turn the timestamp into a number before you calculate with it.",
)
HASH = Mistake(
    "another-hash",
    "Both sides have to use the same hash, or no signature ever fits. This scheme says "
    "SHA-256.",
    "Give hashlib.sha256 to hmac.",
)


def _time_is_text(_: Fields, seen: Seen) -> bool:
    text = str(seen.error) if isinstance(seen.error, TypeError) else ""
    return "unsupported operand" in text or "not supported between" in text


def _mixed(_: Fields, seen: Seen) -> bool:
    text = str(seen.error) if isinstance(seen.error, TypeError) else ""
    known = ("bytes", "must be encoded", "can only concatenate str", "combination of")
    return not _time_is_text(_, seen) and any(part in text for part in known)


def common_mistakes() -> list[Proof]:
    """Return the proofs of mistakes that every verifier can contain."""
    return [
        *compares_early(EQUALS, EQUALS),
        undecided(NEITHER),
        Rule(TIME_IS_TEXT, of(HONEST), how=_time_is_text, some=True),
        Rule(MIXED_TYPES, of(HONEST), how=_mixed, some=True),
    ]


def request_shown(headers: Mapping[str, str], body: bytes, *first: str) -> str:
    """Return a request as a verdict shows it, after some lines of its own."""
    lines = [f"{name}: {short_text(value, 100)}" for name, value in headers.items()]
    return "\n".join([*first, *lines, short_text(repr(body)[2:-1])])


def base64_text(digest: bytes) -> str:
    """Return a digest in base64, as text."""
    return base64.b64encode(digest).decode()
