"""The sheet that a picture stands on: style, legend, account.

The picture follows JupyterLab's theme where there is one, the reader's preference
elsewhere, and is dark on white in print. The ground is painted, so that the contrast
is the same wherever the picture is shown.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import wrap

from labkit.drawing import theme
from labkit.drawing.fitting import columns, fit
from labkit.drawing.lettering import letters, scrolled
from labkit.drawing.palette import PICTURE
from labkit.drawing.strokes import OWN, classes, escape, number, write
from labkit.timeline.reading import Reading
from labkit.timeline.signs import DOUBLED, ECHO, KINDS, Kind, badge

WIDTH = 860.0
"""The width of every picture, in pixels."""

MARGIN = 24.0

_COLUMNS, _BOLD_COLUMNS = 101, 90

_HOST = {"paper": "--jp-layout-color0", "ink": "--jp-content-font-color1"}
_FONT = (
    "var(--jp-ui-font-family,system-ui,-apple-system,'Segoe UI','DejaVu Sans',"
    "sans-serif)"
)


@dataclass(frozen=True, slots=True)
class Foot:
    """What stands under every picture, and where.

    `tip` is the y at which a mark that is pointed at, or focused, shows its facts.
    """

    markup: str
    tip: float
    height: float


def foot(reading: Reading, used: Iterable[Kind], top: float) -> Foot:
    """Draw the legend of the signs that were used, and the account under it."""
    parts, x, y = [], MARGIN, top - 12
    for kind in used:
        y = max(y, top + 14)
        aside = 5 if kind is DOUBLED else 0
        wide = 28 + aside + 7.6 * columns(kind.label)
        if x > MARGIN and x + wide > WIDTH - MARGIN:
            x, y = MARGIN, y + 20
        parts.append(badge(kind, x + 5, y - 4))
        parts.append(write(x + 18 + aside, y, kind.label, "small"))
        x += wide + 12
    y += 26
    account = [(words, "bold") for words in wrap(reading.account, _BOLD_COLUMNS)]
    sentences = [
        (words,) for each in reading.sentences for words in wrap(each, _COLUMNS)
    ]
    for words, *style in [*account, *sentences]:
        parts.append(write(MARGIN, y, words, *style))
        y += 18
    y -= 18
    return Foot("".join(parts), y + 20, y + 32)


def tip(text: str, y: float) -> str:
    """Write the facts that appear while their mark is pointed at or focused."""
    return write(MARGIN, y, fit(text, 136), "tip", "soft")


def sheet(
    body: str,
    height: float,
    label: str,
    used: Iterable[Kind],
    *,
    parts: bool,
    size: float = 1.0,
) -> str:
    """Put a drawing on its sheet and return the whole SVG.

    `label` is what a screen reader says of it. `parts` says that the marks can be
    visited one by one; without it the picture is read out as one image. `size` is how
    large the marks are.
    """
    extent = f'width="{number(WIDTH)}" height="{number(height)}"'
    shapes = "".join(_shape(kind, size) for kind in {k.name: k for k in used}.values())
    inner = (
        f'{_STYLE}<defs>{shapes}</defs><rect{classes("paper")} {extent} rx="6"/>{body}'
    )
    digest = hashlib.sha256((inner + label).encode()).hexdigest()[:8]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg"{classes("")} '
        f'role="{"group" if parts else "img"}" aria-label="{escape(label)}" '
        f'viewBox="0 0 {number(WIDTH)} {number(height)}" {extent}>{inner}</svg>\n'
    )
    return svg.replace(OWN, f"tl{digest}")


def _shape(kind: Kind, size: float) -> str:
    fill = f'<path{classes("fill")} d="{kind.fill}"/>' if kind.fill else ""
    stroke = f'<path d="{kind.line}" fill="none"/>' if kind.line else ""
    scale = f' transform="scale({size:g})"' if size != 1 else ""
    return f'<g id="{OWN}{kind.name}"{scale}>{fill}{stroke}</g>'


def _style() -> str:
    own = f".{OWN}"
    first, *themes = theme.in_cell(
        own, PICTURE, _HOST, "max-width:100%;height:auto;color:var(--ink)"
    )
    rules = [
        first,
        f"{own}{{font:12px {_FONT};font-variant-numeric:tabular-nums}}",
        *letters(own),
        scrolled(own, WIDTH),
        *themes,
        f"{own} text{{fill:var(--ink)}}",
        f"{own} use{{stroke:currentColor;stroke-width:1.7;fill:currentColor}}",
        f"{own}fill{{stroke:var(--paper);stroke-width:1;paint-order:stroke}}",
        f"{own}paper{{fill:var(--paper)}}",
        f"{own} {own}bold{{font-weight:600}}",
        f"{own} {own}soft{{fill:var(--muted);color:var(--muted)}}",
        f"{own} {own}on{{fill:var(--paper);font-weight:700}}",
        f"{own} {own}end{{text-anchor:end}}",
        f"{own} {own}mid{{text-anchor:middle}}",
        f"{own} {own}halo{{stroke:var(--paper);stroke-width:6;paint-order:stroke}}",
        f"{own}rule{{stroke:var(--faint);fill:none}}",
        f"{own}life{{stroke:var(--muted);stroke-width:2;fill:none}}",
        f"{own}lane{{stroke:var(--muted);stroke-width:1;fill:none}}",
        f"{own}cut{{stroke:var(--paper);stroke-width:3;fill:none}}",
        f"{own}gap{{stroke:var(--paper);stroke-width:4;stroke-dasharray:3 3}}",
        f"{own}way{{stroke:currentColor;stroke-width:1.7;fill:none}}",
        f"{own}dash{{stroke-dasharray:5 3}}",
        f"{own}solid,{own}head{{fill:currentColor}}",
        f"{own}wait{{fill:var(--faint);stroke:var(--muted);stroke-width:1.2}}",
        f"{own}one:focus{{outline:none}}",
        f"{own}one:focus {own}at{{outline:2px solid var(--ink);outline-offset:2px}}",
        f"{own} {own}tip{{visibility:hidden;font-size:11px}}",
        f"{own} {own}one:hover {own}tip{{visibility:visible}}",
        f"{own} {own}one:focus {own}tip{{visibility:visible}}",
    ]
    for hue in sorted({kind.hue for kind in (*KINDS, ECHO)} | {"alarm"}):
        rules.append(f"{own} {own}{hue}{{color:var(--{hue})}}")
        rules.append(f"{own} text{own}{hue}{{fill:var(--{hue})}}")
    return "<style>" + "".join(rules) + "</style>"


_STYLE = _style()
