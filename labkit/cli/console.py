"""Print on consoles whose encoding lacks some of the kit's signs.

A terminal takes them all; a file or a pipe on Windows often has one of the old code
pages. There each sign that is missing gives way to one of ASCII, as wide as itself.
"""

import codecs
import sys

_ERRORS = "labkit-plain"

_LIKE = str.maketrans(
    {
        "✓": "+",
        "✗": "x",
        "✕": "x",
        "×": "x",
        "╳": "x",
        "○": "o",
        "●": "*",
        "◑": "c",
        "◆": "#",
        "△": "^",
        "▲": "A",
        "⊣": "|",
        "─": "-",
        "═": "=",
        "│": "|",
        "├": "|",
        "┼": "+",
        "└": "`",
        "→": ">",
        "▶": ">",
        "↻": "@",
        "≤": "<",
        "≥": ">",
        "·": ".",
        "…": "~",
        "–": "-",
        "—": "-",
        "’": "'",
        "«": "<",
        "»": "&",
    }
)


def stand_missing_signs() -> None:
    """From now on standard output and error take any text, whatever their encoding."""
    codecs.register_error(_ERRORS, _plain)
    for stream in (sys.stdout, sys.stderr):
        # What stands in for a stream, in a notebook or a test, may take any text.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors=_ERRORS)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Give what is printed instead of characters that can't be encoded."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_LIKE)
    return "".join(sign if sign.isascii() else "?" for sign in text), error.end
