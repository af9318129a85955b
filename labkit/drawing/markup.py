"""Texts that name code between backticks, and the choices of a question, as HTML."""

import html
import re
from collections.abc import Mapping

_CODE = re.compile("`([^`]+)`")
_UNIT = re.compile(r"(?<=\d) (?=(?:ms|s|min|h)\b)")
_WHOLE = 30
_HANGING = "list-style:none;padding-left:2.2em;text-indent:-2.2em"


def with_code(text: str) -> str:
    """Return a text as HTML, with the parts between backticks as code.

    A line does not end between a number and its unit, or inside short code.
    """
    escaped = _UNIT.sub("\N{NO-BREAK SPACE}", html.escape(text))
    return _CODE.sub(lambda found: _code(found[1]), escaped)


def _code(code: str) -> str:
    # The rule is for the code itself, because JupyterLab has one for code.
    is_whole = len(code) <= _WHOLE and not code.isidentifier()
    style = ' style="white-space:nowrap"' if is_whole else ""
    return f"<code{style}>{code}</code>"


def choice_list(choices: Mapping[str, str], chosen: str) -> str:
    """Return the choices by their letters as an HTML list; the chosen one is marked."""
    items = "".join(
        f'<li style="{_HANGING}">{chosen_mark(letter, chosen)} <b>{letter}</b> '
        f"{with_code(says)}</li>"
        for letter, says in choices.items()
    )
    return f'<ul style="margin:.3em 0;padding:0">{items}</ul>'


def chosen_mark(letter: str, chosen: str) -> str:
    """Return the sign of a choice: a full circle for the one that was chosen."""
    return "●" if letter == chosen.strip().lower() else "○"
