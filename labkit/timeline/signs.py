"""How an attempt can end, and the sign for it: a shape, a letter, a colour.

The family resemblance is meant. A full circle: both sides know that it went well. A
half circle: only the receiver knows. An empty circle: neither side knows.
"""

from dataclasses import dataclass

from labkit.drawing.strokes import OWN, classes, number


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which an attempt ends.

    `name` is used in ids and classes, `sign` in text, `label` in the legend. `hue` is
    a key of the palettes. `fill` and `line` are SVG paths about the origin, 10 units
    across: one filled, one stroked; either may be empty.
    """

    name: str
    sign: str
    label: str
    hue: str
    fill: str = ""
    line: str = ""


def mark(kind: Kind, x: float, y: float, inside: str = "") -> str:
    """Draw the shape of a kind about a point; `inside` is markup, say a title."""
    use = f'<use href="#{OWN}{kind.name}" x="{number(x)}" y="{number(y)}"'
    return f"{use}>{inside}</use>" if inside else f"{use}/>"


def badge(kind: Kind, x: float, y: float) -> str:
    """Draw the shape of a kind in its colour."""
    return f"<g{classes(kind.hue)}>{mark(kind, x, y)}</g>"


_CIRCLE = "M0-4.5A4.5 4.5 0 0 1 0 4.5A4.5 4.5 0 0 1 0-4.5Z"
_RING = "M0-4A4 4 0 0 1 0 4A4 4 0 0 1 0-4Z"
_TRIANGLE = "M0-4.6L5 4H-5Z"

ACKNOWLEDGED = Kind("ack", "●", "acknowledged", "good", fill=_CIRCLE)
UNHEARD = Kind(
    "half",
    "◑",
    "acknowledged, but the sender got no response",
    "half",
    fill="M0-4A4 4 0 0 1 0 4Z",
    line=_RING,
)
ANSWERED = Kind(
    "no",
    "◆",
    "response without acknowledgement",
    "answer",
    fill="M0-5.4L5.4 0L0 5.4L-5.4 0Z",
)
TIMED_OUT = Kind("out", "○", "timed out", "silent", line=_RING)
LOST = Kind(
    "lost", "✕", "connection lost", "silent", line="M-3.8-3.8L3.8 3.8M-3.8 3.8L3.8-3.8"
)
REFUSED = Kind("wall", "⊣", "connection refused", "silent", line="M-5 0H3M3-5V5")
FORGED = Kind("forged", "△", "changed in transit", "forged", line=_TRIANGLE)
FORGERY_TAKEN = Kind(
    "taken",
    "▲",
    "changed in transit and acknowledged",
    "alarm",
    fill=_TRIANGLE,
    line=_TRIANGLE,
)
UNFINISHED = Kind(
    "open",
    "…",
    "unfinished when the simulation ended",
    "muted",
    line="M-4 0H-3M-.5 0H.5M3 0H4",
)

KINDS = (
    ACKNOWLEDGED,
    UNHEARD,
    ANSWERED,
    TIMED_OUT,
    LOST,
    REFUSED,
    FORGED,
    FORGERY_TAKEN,
    UNFINISHED,
)
"""All kinds, in the order in which pictures, tables and legends name them."""

_ARC = "M6.6-4A8 8 0 0 1 6.6 4"
ECHO = Kind("echo", "»", "duplicated by the network", "ink", line=_ARC)
"""Beside another sign: the request arrived more than once."""

DOUBLED = Kind(
    "doubled", "»", "duplicated by the network", "ink", fill=_CIRCLE, line=_ARC
)
"""The same where it stands alone, in legends and as a band."""
