"""A picture for a cell: SVG in the colours of the page, and the same facts as text."""

import hashlib

from labkit.drawing import theme
from labkit.drawing.embedding import embedded
from labkit.drawing.lettering import CONTAINER, FRAME, letters, scrolled
from labkit.drawing.palette import PICTURE
from labkit.drawing.strokes import OWN, classes, escape, number, title

WIDTH = 860.0
"""The usual width of a picture, in pixels."""

_HOST = {"paper": "--jp-layout-color0", "ink": "--jp-content-font-color1"}
_FONT = (
    "var(--jp-ui-font-family,system-ui,-apple-system,'Segoe UI','DejaVu Sans',"
    "sans-serif)"
)
_HUES = ("good", "half", "answer", "silent", "forged", "alarm", "muted", "ink")

_COLUMNS = 100
"""How many columns of text fit a narrow cell; with more, the letters are smaller."""
_BELOW = "margin:4px 0 0 12px;font-size:13px"
_PRE = "white-space:pre;overflow-x:auto;font-size:min(13px,{size:.3g}cqw)"


def canvas(body: str, tall: float, label: str, *, wide: float = WIDTH) -> str:
    """Return the drawing as an SVG of its own; `label` is read out in its place.

    The drawing may use the classes `small`, `bold`, `soft`, `end`, `mid`, `halo`,
    `rule`, `gap`, `way`, `solid`, `pale`, and the name of each hue of the palette. What
    has the class `live` is hidden in an image, which cannot be pointed at.
    """
    extent = f'width="{number(wide)}" height="{number(tall)}"'
    style = f"<style>{_STYLE}{scrolled(f'.{OWN}', wide)}</style>"
    inner = f'{style}<rect{classes("paper")} {extent} rx="6"/>{body}'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg"{classes("")} role="img" '
        f'aria-label="{escape(label)}" viewBox="0 0 {number(wide)} {number(tall)}" '
        f"{extent}>{inner}</svg>\n"
    )
    name = hashlib.sha256(svg.encode()).hexdigest()[:8]
    return svg.replace(OWN, f"cv{name}")


def with_text(svg: str, text: str) -> str:
    """Return a picture for a cell, with the same facts as text below it."""
    return folded(framed(embedded(svg)), text)


def framed(picture: str) -> str:
    """Return HTML with a picture that is scrolled where there is little room."""
    return f'<div class="labkit-frame" style="{FRAME}">{picture}</div>'


def folded(picture: str, text: str) -> str:
    """Return HTML with a framed picture, and the same facts as text folded below it."""
    lines = text.split("\n")
    size = 157 / max(_COLUMNS, *map(len, lines))
    escaped = "\n".join(map(escape, lines))
    return (
        f'<div style="{CONTAINER}">{picture}'
        f'<details style="{_BELOW}"><summary style="display:list-item">'
        "The same as text</summary>"
        f'<pre style="{_PRE.format(size=size)}">{escaped}</pre></details></div>'
    )


def marked(drawn: str, facts: str) -> str:
    """Let a part of a picture tell its facts while the pointer rests on it."""
    return f"<g>{title(facts)}{drawn}</g>"


def dot(x: float, y: float, radius: float, *names: str) -> str:
    """Draw a filled circle."""
    place = f'cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"'
    return f"<circle{classes('solid', *names)} {place}/>"


def _style() -> str:
    own = f".{OWN}"
    first = "max-width:100%;height:auto;color:var(--ink)"
    rules = [
        *theme.in_cell(own, PICTURE, _HOST, first),
        f"{own}{{font:12px {_FONT};font-variant-numeric:tabular-nums}}",
        *letters(own),
        f"{own} text{{fill:var(--ink)}}",
        f"{own}paper{{fill:var(--paper)}}",
        f"{own} {own}bold{{font-weight:600}}",
        f"{own} {own}soft{{fill:var(--muted);color:var(--muted)}}",
        f"{own} {own}end{{text-anchor:end}}",
        f"{own} {own}mid{{text-anchor:middle}}",
        f"{own} {own}halo{{stroke:var(--paper);stroke-width:4;paint-order:stroke}}",
        f"{own} {own}on{{fill:var(--paper)}}",
        f"{own}rule{{stroke:var(--faint);fill:none}}",
        f"{own}gap{{stroke:var(--paper);fill:none}}",
        f"{own}way{{stroke:currentColor;stroke-width:1.7;fill:none}}",
        f"{own}solid,{own}head{{fill:currentColor}}",
        f"{own}pale{{fill:var(--faint)}}",
        f"{own}:root {own}live{{display:none}}",
    ]
    for hue in _HUES:
        rules.append(f"{own} {own}{hue}{{color:var(--{hue})}}")
        rules.append(f"{own} text{own}{hue}{{fill:var(--{hue})}}")
    return "".join(rules)


_STYLE = _style()
