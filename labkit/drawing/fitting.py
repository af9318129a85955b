"""Foreign text made safe to show and cut to the columns that there are.

Ids and types come from payloads, so they may hold anything: control characters that
move a terminal's cursor, marks that reverse the line, characters two columns wide.
"""

import unicodedata


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
