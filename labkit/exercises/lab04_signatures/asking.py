"""Call a solution, and find the mistake behind an exception that it raises."""

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
    (
        "Your code calls .encode() on bytes. Only a string can be encoded, and this "
        "value is already bytes."
    ),
    "Remove the .encode() in the line above.",
)
NEEDS_BYTES = Mistake(
    "text-where-bytes-belong",
    (
        "Your code mixes a string with bytes. HMAC needs bytes, and compare_digest "
        "needs two values of the same type."
    ),
    (
        "Find out which value in the last line above is a string, and why: a "
        ".decode(), an as_text=True, or a missing .encode()."
    ),
)
BODY_IS_TEXT = Mistake(
    "body-as-text",
    (
        "Your code passes a string to the HMAC, which needs bytes. The line above may"
        " be correct: the body became a string before it got there."
    ),
    "Look where the body comes from: do not use .decode() or as_text=True.",
)
KEY_IS_TEXT = Mistake(
    "key-as-text",
    (
        "The key of your HMAC is a string, but it must be bytes. The argument "
        "`secret` is bytes, so your code decoded it or uses another secret."
    ),
    "Pass the argument `secret` to the HMAC as it is.",
)
NO_DIGITS = Mistake(
    "forgets-the-digits",
    (
        "Your code uses the object that hmac.new returns, which is neither a string "
        "nor bytes. The header contains its hex digits."
    ),
    "Call .hexdigest() on it.",
)
NO_TEXTS = Mistake(
    "compares-what-is-no-text",
    (
        "Your code passes something other than two strings or two bytes objects to "
        "compare_digest. It cannot compare numbers or lists."
    ),
    (
        "Compare the signatures as they are written, both encoded, without converting"
        " them."
    ),
)
NO_FUNCTION = Mistake(
    "names-no-hash-function",
    (
        "Your code does not tell HMAC which hash function to use. Both sides must use"
        " the same one."
    ),
    "Pass it as the third argument: hashlib.sha256.",
)
Explain = Callable[[BaseException], Mistake | None]

_COMPARED = re.compile(r"combination of types: '(\w+)' and '(\w+)'")
_COMPARABLE = {"str", "bytes", "bytearray", "TrackedText", "TrackedBytes"}


def of_types(error: BaseException) -> Mistake | None:
    """Return the mistake behind an exception from mixing text and bytes, or None."""
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
    """Return the mistake behind two types that compare_digest does not accept."""
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
            f"{passed.rstrip(')')}. Every caller does the same.",
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
