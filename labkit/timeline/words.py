"""Times, lengths and foreign text as plain words, safe to print anywhere.

Ids and types come from payloads, so they may hold anything: control characters that
move a terminal's cursor, marks that turn the line round, characters two columns wide.
"""

import math
import unicodedata

MINUTE = 60
HOUR = 3_600
DAY = 86_400


def clock(seconds: float) -> str:
    """Write an offset in seconds as `0:00:35`, and from a day on as `2d 03:00:00`."""
    whole = math.floor(max(seconds, 0.0) + 1e-6)
    days, rest = divmod(whole, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, left = divmod(rest, MINUTE)
    if days:
        return f"{days}d {hours:02}:{minutes:02}:{left:02}"
    return f"{hours}:{minutes:02}:{left:02}"


def lasting(seconds: float) -> str:
    """Write a length of time in seconds in its natural unit: `0.05 s`, `5 min`."""
    if seconds < 1:
        return f"{seconds:.2g} s" if seconds >= 0.001 else "0 s"
    if seconds < 10:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * HOUR:
        return f"{seconds / MINUTE:.0f} min"
    if seconds < 36 * HOUR:
        return f"{seconds / HOUR:.1f}".removesuffix(".0") + " h"
    return f"{seconds / DAY:.1f}".removesuffix(".0") + " days"


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: `1 attempt`, `2 attempts`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def clean(text: str) -> str:
    """Replace what can't be printed, and what would reorder the line, by a mark."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char.isprintable() else "�" for char in text)


def columns(text: str) -> int:
    """Count the terminal columns that a clean text takes."""
    return len(text) if text.isascii() else sum(_columns_of(char) for char in text)


def fit(text: str, limit: int) -> str:
    """Return the clean text, cut with an ellipsis to `limit` columns."""
    text = clean(text)
    if columns(text) <= limit:
        return text
    kept, used = "", 1
    for char in text:
        used += _columns_of(char)
        if used > limit:
            break
        kept += char
    return kept + "…"


def left(text: str, width: int) -> str:
    """Cut and pad to `width` columns, flush left."""
    text = fit(text, width)
    return text + " " * (width - columns(text))


def right(text: str, width: int) -> str:
    """Cut and pad to `width` columns, flush right."""
    text = fit(text, width)
    return " " * (width - columns(text)) + text


def _columns_of(char: str) -> int:
    if char.isascii():
        return 1
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
