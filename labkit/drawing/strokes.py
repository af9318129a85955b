"""The strokes that all pictures are made of: text, lines, arrows, bars.

An SVG shown in a cell shares its page with others, so every class and id carries a
name made of the picture's content. While a picture is being drawn that name is not
known yet; `OWN` stands for it and can't occur in foreign text, which is cleaned.
"""

import math

from labkit.drawing.fitting import clean

OWN = "\x00"
"""Stands for the picture's own name until the picture is finished."""


def number(value: float) -> str:
    """Write a coordinate, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def escape(text: str) -> str:
    """Make foreign text harmless in XML and HTML, in elements and in attributes."""
    text = clean(text)
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
        .replace("'", "&#x27;")
    )


def classes(*names: str) -> str:
    """Write a class attribute; the names are made the picture's own."""
    return ' class="' + " ".join(OWN + name for name in names) + '"' if names else ""


def write(x: float, y: float, text: str, *names: str) -> str:
    """Write one line of text, its baseline at y."""
    place = f'x="{number(x)}" y="{number(y)}"'
    return f"<text {place}{classes(*names)}>{escape(text)}</text>"


def line(x1: float, y1: float, x2: float, y2: float, *names: str) -> str:
    """Draw a straight line."""
    path = f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}"
    return f'<path{classes(*names)} d="{path}"/>'


def arrow(x1: float, y1: float, x2: float, y2: float, *names: str) -> str:
    """Draw a straight line with a head at its second end."""
    along = math.atan2(y2 - y1, x2 - x1)
    head = "".join(
        f"L{number(x2 - 8 * math.cos(along + turn))} "
        f"{number(y2 - 8 * math.sin(along + turn))}"
        for turn in (-0.4, 0.4)
    )
    tip = f"M{number(x2)} {number(y2)}{head}Z"
    return (
        line(x1, y1, x2, y2, "way", *names)
        + f'<path{classes("head", *names[:1])} d="{tip}"/>'
    )


def bar(x: float, y: float, wide: float, tall: float, *names: str) -> str:
    """Draw a rectangle."""
    size = f'width="{number(wide)}" height="{number(tall)}"'
    return f'<rect{classes(*names)} x="{number(x)}" y="{number(y)}" {size}/>'


def title(text: str) -> str:
    """Give the words that a browser shows while the pointer rests on a mark."""
    return f"<title>{escape(text)}</title>"
