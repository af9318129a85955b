"""The size of a picture's letters, which are larger where the picture is shown small.

A picture shrinks with the cell around it. In a cell 592 pixels wide, JupyterLab leaves
572 pixels for the picture, and letters of 11 pixels would be 7.3 pixels high. The sizes
for narrow cells are 9.5 pixels or more there. Beside the inspector a cell may be 460
pixels wide. There the picture is wider than its frame, which scrolls.
"""

import re
from collections.abc import Mapping

NARROW = 720
"""A container up to so many pixels wide shows larger letters."""

CONTAINER = "container-type:inline-size"
"""The style of an element whose width the letters of the pictures in it depend on."""

FRAME = f"{CONTAINER};overflow-x:auto"
"""The same for an element that contains only a picture, and scrolls it."""

_USUAL: Mapping[str, float] = {"": 12, "small": 11}
_LARGE: Mapping[str, float] = {"": 15.3, "small": 14.3}
_LEAST, _SCROLLED = 9.5, 11
_KINDS = ("container", "media")


def letters(own: str) -> list[str]:
    """Return the rules for the selector `own`; its class `small` has smaller letters.

    The letters grow in a narrow image, and in a narrow `CONTAINER`.
    """
    large = "".join(_rules(own, _LARGE))
    # In an image the width that media queries know is that of the image.
    narrow = (f"@{kind} (max-width:{NARROW}px){{{large}}}" for kind in _KINDS)
    return [*_rules(own, _USUAL), *narrow]


def scrolled(own: str, wide: float, smallest: float = _LARGE["small"]) -> str:
    """Return the rule for a `FRAME` in which the letters would be smaller than that.

    There they are 11 pixels high. `wide` is the width of the picture `own`, and
    `smallest` the size of its smallest letters in a narrow cell.
    """
    most, least = wide * _LEAST / smallest, wide * _SCROLLED / smallest
    return f"@container (max-width:{most:.1f}px){{{own}{{min-width:{least:.0f}px}}}}"


def narrowest(svg: str) -> float:
    """Return the width below which the picture is scrolled, or 0 if it never is."""
    found = re.search(r"@container \(max-width:([\d.]+)px\)\{[^{}]*\{min-width:", svg)
    return float(found[1]) if found else 0.0


def _rules(own: str, sizes: Mapping[str, float]) -> list[str]:
    return [
        f"{own}{f' {own}{name}' if name else ''}{{font-size:{size}px}}"
        for name, size in sizes.items()
    ]
