"""Which mistake is behind an exception that text and bytes raise when they meet."""

import re
from collections.abc import Callable

from labkit.checks import Mistake
from labkit.checks.mistakes import Rule, mistakes
from labkit.checks.observing import Seen
from labkit.checks.space import Fields

ENCODES, NEEDS_BYTES, BODY_IS_TEXT, KEY_IS_TEXT, NO_DIGITS = mistakes("""
    encodes-bytes: Your code calls .encode() on bytes. Only a string can be encoded, and
        this value is already bytes.
        Try: Remove the .encode() in the line above.
    text-where-bytes-belong: Your code mixes a string with bytes. HMAC needs bytes, and
        compare_digest needs two values of the same type.
        Try: Find out which value in the last line above is a string, and why: a
        .decode(), an as_text=True, or a missing .encode().
    body-as-text: Your code passes a string to the HMAC, which needs bytes. The line
        above may be correct, if the value became a string before it got there.
        Try: Look where the value comes from: a .decode(), as_text=True, or arguments in
        another order.
    key-as-text: The key of your HMAC is a string, but it must be bytes. The argument
        `secret` is bytes, so your code decoded it or uses another value.
        Try: Pass the argument `secret` to the HMAC as it is.
    forgets-the-digits: Your code uses the object that hmac.new returns, which is
        neither a string nor bytes. The header contains its hex digits.
        Try: Call .hexdigest() on it.
""")
NO_TEXTS, NO_FUNCTION = mistakes("""
    compares-what-is-no-text: Your code passes something other than two strings or two
        bytes objects to compare_digest. It cannot compare numbers or lists.
        Try: Do not turn the signatures into numbers or lists. Compare the two strings,
        both with .encode().
    names-no-hash-function: Your code does not tell HMAC which hash function to use.
        Both sides must use the same one.
        Try: Pass it as the third argument: hashlib.sha256.
""")
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
    if "expected bytes or bytearray, but got 'str'" in text:
        return KEY_IS_TEXT
    if compared := _COMPARED.search(text):
        return _of_compared({*compared.groups()})
    mixed = "bytes" in text and re.search(r"\bstr\b", text) is not None
    return NEEDS_BYTES if mixed else None


def _of_compared(kinds: set[str]) -> Mistake | None:
    """Return the mistake behind two types that compare_digest does not accept."""
    if "NoneType" in kinds:
        return None
    return NEEDS_BYTES if kinds <= _COMPARABLE else NO_TEXTS


def mixed_types(
    on: Callable[[Fields], bool] = lambda _: True,
    explain: Callable[[BaseException], Mistake | None] = of_types,
) -> list[Rule]:
    """Return rules for solutions that raise such an exception on all these trials."""

    def raises(mistake: Mistake) -> Callable[[Fields, Seen], bool]:
        def found(_: Fields, seen: Seen) -> bool:
            known = explain(seen.error) if seen.error else None
            return known is not None and known.id == mistake.id

        return found

    mistakes = (
        ENCODES,
        NO_FUNCTION,
        NO_DIGITS,
        BODY_IS_TEXT,
        KEY_IS_TEXT,
        NEEDS_BYTES,
        NO_TEXTS,
    )
    return [Rule(each, on, how=raises(each)) for each in mistakes]
