"""Ask an answer of lab 05 whether it accepts a request, and find out why not.

An answer that refuses an honest request signs in some way of its own. `own_way` signs
that request in the ways that people try, those with the fewest slips first, until the
answer accepts one: that is the way it signs, and its slip is the mistake to name.
"""

import base64
import hashlib
import hmac
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.checks import Mistake, Question, quietly, short, short_text

Answer = Callable[..., Any]
Known = dict[type[BaseException], Mistake]

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


@dataclass(frozen=True, slots=True)
class Given:
    """What an answer is called with, and how a verdict shows that."""

    arguments: tuple[Any, ...]
    shown: str


def request_shown(headers: dict[str, str], body: bytes, *first: str) -> str:
    """Return a request as a verdict shows it, after some lines of its own."""
    lines = [f"{name}: {short_text(value, 100)}" for name, value in headers.items()]
    return "\n".join([*first, *lines, short_text(repr(body)[2:-1])])


def must_accept(
    answer: Answer,
    given: Given,
    mistake: Mistake,
    *,
    find: Callable[[], Mistake | None] = lambda: None,
    known: Known | None = None,
) -> None:
    """End the case unless the answer is True.

    `find` looks for a better diagnosis than `mistake`; `known` names exceptions.
    """
    answered = _ask(answer, given, "True", mistake, known)
    if answered is True:
        return
    question = _question(given, "True", mistake)
    if answered is not False and answered is not None:
        question.fail(short(answered), NEITHER)
    found = find()
    if found is None and answered is None:
        found = NEITHER
    question.fail(short(answered), found or mistake)


def must_refuse(
    answer: Answer, given: Given, mistake: Mistake, *, known: Known | None = None
) -> None:
    """End the case unless the answer is False."""
    answered = _ask(answer, given, "False", mistake, known)
    if answered is False:
        return
    question = _question(given, "False", mistake)
    question.fail(short(answered), mistake if answered is True else NEITHER)


def accepts(answer: Answer, *arguments: object) -> bool:
    """Whether the answer is True; an exception is not."""
    return quietly(answer, *arguments) is True


def _ask(
    answer: Answer, given: Given, expected: str, mistake: Mistake, known: Known | None
) -> Any:
    outcome = quietly(answer, *given.arguments)
    text = str(outcome) if isinstance(outcome, TypeError) else ""
    calculated = "unsupported operand" in text or "not supported" in text
    named = dict(known or {})
    named.setdefault(TypeError, TIME_IS_TEXT if calculated else MIXED_TYPES)

    def again() -> Any:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return _question(given, expected, mistake).call(again, known=named)


def _question(given: Given, expected: str, mistake: Mistake) -> Question:
    return Question(
        sent=given.shown,
        expected=expected,
        why=mistake.why,
        try_next=mistake.try_next,
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One way to do one part of a signature; `slip` is None for the right one."""

    value: Any
    slip: Mistake | None = None


HASH = Mistake(
    "another-hash",
    "Both sides have to use the same hash, or no signature ever fits. This scheme says "
    "SHA-256.",
    "Give hashlib.sha256 to hmac.",
)
HASHES = (
    Part(hashlib.sha256),
    Part(hashlib.sha1, HASH),
    Part(hashlib.sha512, HASH),
)


def own_way(
    tries: Callable[[str], bool],
    *,
    keys: Sequence[Part],
    contents: Sequence[Part],
    codes: Sequence[Part],
    labels: Sequence[Part],
) -> Mistake | None:
    """Return the first slip of the way in which an answer signs, or None.

    `tries` hands a signature, with its label, to the answer. `keys` and `contents` are
    bytes, `codes` turn a digest into text, `labels` are put before it.
    """
    for key, content, kind, code, label in _fewest_slips_first(
        keys, contents, HASHES, codes, labels
    ):
        digest = hmac.new(key.value, content.value, kind.value).digest()
        if tries(label.value + code.value(digest)):
            parts = (content, key, kind, code, label)
            return next((part.slip for part in parts if part.slip), None)
    return None


def _fewest_slips_first(*kinds: Sequence[Part]) -> Iterator[tuple[Part, ...]]:
    ways = itertools.product(*kinds)
    return iter(
        sorted(ways, key=lambda way: sum(part.slip is not None for part in way))
    )


def base64_text(digest: bytes) -> str:
    """Return a digest in base64, as text."""
    return base64.b64encode(digest).decode()
