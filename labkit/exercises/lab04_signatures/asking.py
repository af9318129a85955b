"""Ask an answer, and know its exceptions by what they say about the mistake."""

from collections.abc import Callable
from typing import Any

from labkit.checks import (
    Mistake,
    NotAttempted,
    Question,
    describe,
    lines_of,
    quietly,
)

ENCODES = Mistake(
    "encodes-bytes",
    "Only text can be encoded, and what is encoded here is bytes already.",
    "Leave out the .encode() in the line above.",
)
NEEDS_BYTES = Mistake(
    "text-where-bytes-belong",
    "Text met bytes. HMAC works on bytes, because the same text can be written as "
    "different ones; and compare_digest takes two of a kind.",
    "Find what is text in the line above, and leave it as bytes or encode it.",
)
NO_FUNCTION = Mistake(
    "names-no-hash-function",
    "HMAC works with any hash function, so it has to be told which. Both sides must "
    "use the same.",
    "Name it as the third argument: hashlib.sha256.",
)
Explain = Callable[[BaseException], Mistake | None]


def of_types(error: BaseException) -> Mistake | None:
    """Return the mistake behind text and bytes that don't go together, or None."""
    text = str(error)
    if isinstance(error, AttributeError) and "'bytes' object" in text:
        return ENCODES if "'encode'" in text else None
    if not isinstance(error, TypeError):
        return None
    if "digestmod" in text:
        return NO_FUNCTION
    named = ("bytes", "must be encoded", "can only concatenate str", "combination of")
    return NEEDS_BYTES if any(part in text for part in named) else None


def called(
    ask: Question,
    function: Callable[..., Any],
    *args: Any,
    explain: Explain = of_types,
) -> Any:
    """Call the learner's function; `explain` names the mistake behind an exception."""
    answered = quietly(function, *args)
    if isinstance(answered, NotImplementedError):
        raise NotAttempted from answered
    if isinstance(answered, BaseException):
        ask.fail(describe(answered), explain(answered), lines=lines_of(answered))
    return ask.call(lambda: answered)
