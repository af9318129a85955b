"""What the widgets show, as HTML: numbers, code, sentences.

Colours are those of the page, so that light and dark themes keep their contrast.
"""

import html
from collections.abc import Iterable

from labkit.drawing.palette import FRAMES
from labkit.playground import Counts

_MONO = (
    "font:12px/1.5 var(--jp-code-font-family,ui-monospace,monospace);margin:0;"
    "color:var(--jp-content-font-color1,inherit)"
)
_TEXT = "line-height:1.5;color:var(--jp-content-font-color1,inherit)"


def numbers(counts: Counts) -> str:
    """Show the counts in a row, each under its name; a screen reader is told."""
    # Plain divs: the page's own style of lists and tables would move them about.
    cells = "".join(
        f'<div data-count="{html.escape(label)}"><div style="font-size:12px">'
        f'{html.escape(label)}</div><div style="font-size:20px;font-weight:600">'
        f"{number}</div></div>"
        for label, number in counts.rows()
    )
    row = "display:flex;flex-wrap:wrap;gap:.2em 2.5em;margin:.3em 0"
    return (
        f'<div role="status" style="{_TEXT}"><div style="{row}">{cells}</div>'
        f'<div style="font-size:12px">{html.escape(counts.meaning)}</div></div>'
    )


def code(lines: Iterable[str]) -> str:
    """Show lines of code; a long one is folded, and copied whole."""
    text = html.escape("\n".join(lines))
    return (
        f'<pre data-code style="{_MONO};white-space:pre-wrap;word-break:normal;'
        f"padding:.5em .7em;border:1px solid var(--jp-border-color2,{FRAMES['code']});"
        f'border-radius:4px;max-width:860px">{text}</pre>'
    )


def state(text: str) -> str:
    """Show in one line what is under way; without a text the line stays empty."""
    return (
        f'<div role="status" data-state style="{_TEXT};min-height:1.5em;'
        f'font-size:12px">{html.escape(text)}</div>'
    )


def table(text: str) -> str:
    """Show a text whose columns are aligned with spaces."""
    return (
        f'<pre role="status" style="{_MONO};white-space:pre;overflow-x:auto">'
        f"{html.escape(text)}</pre>"
    )


def sentences(lines: Iterable[str]) -> str:
    """Show sentences, one a line."""
    text = "".join(f"<div>{html.escape(line)}</div>" for line in lines)
    return f'<div role="status" style="{_TEXT};max-width:60em">{text}</div>'
