"""Ask an answer, and know its exceptions by what they say about the mistake."""

import inspect
import re
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
    "Find out which of the two in the last line above is text, and where it became so: "
    "a .decode(), an as_text=True, a missing .encode().",
)
BODY_IS_TEXT = Mistake(
    "body-as-text",
    "What went into the HMAC is text, and it takes bytes. The line where that shows "
    "may be right; the body was made text before it came there.",
    "Look where the body comes from: no .decode(), and no as_text=True.",
)
KEY_IS_TEXT = Mistake(
    "key-as-text",
    "The key of the HMAC is text, and it takes bytes. The argument `secret` is bytes; "
    "so it was decoded on its way, or another secret was used in its place.",
    "Give the HMAC the argument `secret`, as it is.",
)
NO_DIGITS = Mistake(
    "forgets-the-digits",
    "hmac.new gives an object that can still take more bytes. It is neither text nor "
    "bytes; what belongs into the header are its digits.",
    "Call .hexdigest() on it.",
)
NO_TEXTS = Mistake(
    "compares-what-is-no-text",
    "compare_digest takes two bytes or two texts. In constant time nothing else can be "
    "compared, no numbers and no lists.",
    "Compare the signatures as they are written, both encoded; don't convert them.",
)
NO_FUNCTION = Mistake(
    "names-no-hash-function",
    "HMAC works with any hash function, so it has to be told which. Both sides must "
    "use the same.",
    "Name it as the third argument: hashlib.sha256.",
)
Explain = Callable[[BaseException], Mistake | None]

_COMPARED = re.compile(r"combination of types: '(\w+)' and '(\w+)'")
_COMPARABLE = {"str", "bytes", "bytearray", "TrackedText", "TrackedBytes"}


def of_types(error: BaseException) -> Mistake | None:
    """Return the mistake behind text and bytes that don't go together, or None."""
    text = str(error)
    if isinstance(error, AttributeError) and "'bytes' object" in text:
        return ENCODES if "'encode'" in text else None
    if not isinstance(error, TypeError):
        return None
    if "digestmod" in text:
        return NO_FUNCTION
    if "HMAC" in text:
        return NO_DIGITS
    if "must be encoded" in text:
        return BODY_IS_TEXT
    if "expected bytes or bytearray" in text:
        return KEY_IS_TEXT
    if compared := _COMPARED.search(text):
        return _of_compared({*compared.groups()})
    named = ("bytes", "can only concatenate str")
    return NEEDS_BYTES if any(part in text for part in named) else None


def _of_compared(kinds: set[str]) -> Mistake | None:
    """Return the mistake behind two kinds that compare_digest does not take."""
    if "NoneType" in kinds:
        return None
    return NEEDS_BYTES if kinds <= _COMPARABLE else NO_TEXTS


def takes(wants: str, function: Callable[..., Any], *args: Any) -> None:
    """End the case unless the function can be called with these arguments.

    `wants` is its signature as the exercise has it.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*args)
    except TypeError as error:
        name, _, passed = wants.partition(" ->")[0].partition("(")
        ask = Question(
            sent=f"{name}({passed}",
            expected=f"a function that takes {passed.rstrip(')')}",
            why="",
            try_next="",
        )
        mistake = Mistake(
            "other-arguments",
            f"The check calls your function with {len(args)} arguments, in this order: "
            f"{passed.rstrip(')')}. Whoever else calls it does the same.",
            f"Begin with: def {name}({passed}:",
        )
        ask.fail(f"{name}{signature}: {error}", mistake)


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
