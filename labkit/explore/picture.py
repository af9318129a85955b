"""A counterexample as text and as SVG: a lane for each worker, time downwards."""

import hashlib
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from labkit.explore.story import Row, Story, story_of

if TYPE_CHECKING:
    from labkit.explore.records import Counterexample

_SIGNS = {"switch": "→", "crash": "✂", "restart": "↻", "harm": "✗", "note": "·"}
"""A sign for each kind of row, so that no colour has to tell it."""

_ROW, _CHAR, _MARGIN, _TOP = 20.0, 7.25, 16.0, 64.0
_OWN = "\x00"
_LIGHT = {
    "paper": "#ffffff",
    "ink": "#1f2328",
    "muted": "#59636e",
    "faint": "#dde2e8",
    "turn": "#0b62c4",
    "alarm": "#c0182b",
}
_DARK = {
    "paper": "#111111",
    "ink": "#e8ecf1",
    "muted": "#9aa5b1",
    "faint": "#353b42",
    "turn": "#79b8ff",
    "alarm": "#ff8f8f",
}
_MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"


def draw_text(shown: "Counterexample") -> str:
    """Write the history in columns, one row a step."""
    story = story_of(shown)
    wide = story.width + story.label_width + 2
    rule = "─┼─".join("─" * wide for _ in story.lanes)
    heads = " │ ".join(f"{name:<{wide}}" for name in story.lanes)
    body = [_text_row(story, row, wide) for row in story.rows]
    lines = [story.title, "", heads, rule, *body, rule, f"see it again: {story.foot}"]
    return "\n".join(line.rstrip() for line in lines)


def _text_row(story: Story, row: Row, wide: int) -> str:
    if row.kind in ("switch", "harm", "crash"):
        said = f" {_SIGNS[row.kind]} {row.text} "
        fill = {"switch": "─", "harm": "═", "crash": "╳"}[row.kind]
        whole = wide * len(story.lanes) + 3 * (len(story.lanes) - 1)
        return said.join([fill * 3, fill * max(0, whole - 3 - len(said))])
    label = row.label or _SIGNS[row.kind]
    cells = [""] * len(story.lanes)
    cells[row.lane] = f"{label:>{story.label_width}}  {row.text}"
    return " │ ".join(f"{cell:<{wide}}" for cell in cells)


def draw_svg(shown: "Counterexample") -> str:
    """Draw the same rows; the ground is painted, so that it reads on any theme."""
    story = story_of(shown)
    label = (story.label_width + 1) * _CHAR
    lane = label + (story.width + 2) * _CHAR
    wide = 2 * _MARGIN + lane * len(story.lanes)
    tall = _TOP + _ROW * (len(story.rows) + 2)
    parts = [
        f'<rect{_class("paper")} width="{_n(wide)}" height="{_n(tall)}" rx="6"/>',
        _write(_MARGIN, 24, f"{_SIGNS['harm']} {story.title}", "bold", "alarm"),
    ]
    for index, name in enumerate(story.lanes):
        x = _MARGIN + index * lane
        parts.append(_write(x + label + 12, 48, name, "bold"))
        line = x + label + 4
        parts.append(_path(f"M{_n(line)} 54V{_n(tall - 2 * _ROW + 4)}", "lane"))
    for index, row in enumerate(story.rows):
        parts += _svg_row(
            row,
            _TOP + _ROW * index + 14,
            _MARGIN + row.lane * lane + label + 4,
            wide,
        )
    foot = f"see it again: {story.foot}"
    parts.append(_write(_MARGIN, tall - 12, foot, "mono", "soft"))
    inner = _style() + "".join(parts)
    spoken = escape(f"A history that does harm: {story.title}", quote=True)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg"{_class("")} role="img" '
        f'aria-label="{spoken}" viewBox="0 0 {_n(wide)} {_n(tall)}" '
        f'width="{_n(wide)}" height="{_n(tall)}">{inner}</svg>\n'
    )
    name = hashlib.sha256(svg.encode()).hexdigest()[:8]
    return svg.replace(_OWN, f"ex{name}")


def _svg_row(row: Row, y: float, axis: float, wide: float) -> Iterator[str]:
    """Draw one row with its baseline at y; `axis` is the line of its lane."""
    said = f"{_SIGNS.get(row.kind, '')} {row.text}".strip()
    if row.kind == "line":
        yield _write(axis - 8, y, row.label, "mono", "soft", "end")
        yield _write(axis + 8, y, row.text, "mono")
    elif row.kind == "switch":
        yield _path(f"M{_n(_MARGIN)} {_n(y - 4)}H{_n(wide - _MARGIN)}", "turn")
        yield _write(wide / 2, y, said, "halo", "hue", "mid")
    elif row.kind == "harm":
        size = f'width="{_n(wide - 2 * _MARGIN)}" height="{_n(_ROW)}"'
        place = f'x="{_n(_MARGIN)}" y="{_n(y - 14)}"'
        yield f'<rect{_class("harm")} {place} {size} rx="3"/>'
        yield _write(axis + 8, y, said, "bold", "alarm")
    elif row.kind == "crash":
        teeth = "l6 -6l6 6" * int((wide - 2 * _MARGIN) / 12)
        yield _path(f"M{_n(_MARGIN)} {_n(y - 1)}{teeth}", "cut")
        yield _write(axis + 8, y, said, "halo", "bold", "alarm")
    else:
        yield _write(axis + 8, y, said, "soft")


def _style() -> str:
    own = f".{_OWN}"
    light = "".join(f"--{name}:{colour};" for name, colour in _LIGHT.items())
    dark = "".join(f"--{name}:{colour};" for name, colour in _DARK.items())
    rules = [
        f"{own}{{{light}max-width:100%;height:auto;font:12px system-ui,sans-serif}}",
        f"@media screen and (prefers-color-scheme:dark){{{own}{{{dark}}}}}",
        f'@media screen{{[data-jp-theme-light="true"] {own}{{{light}}}}}',
        f'@media screen{{[data-jp-theme-light="false"] {own}{{{dark}}}}}',
        f"@media screen{{.vscode-dark {own}{{{dark}}}}}",
        f"@media print{{{own}{{{light}}}}}",
        f"{own} text{{fill:var(--ink);white-space:pre}}",
        f"{own} {own}paper{{fill:var(--paper)}}",
        f"{own} {own}mono{{font-family:{_MONO}}}",
        f"{own} {own}bold{{font-weight:600}}",
        f"{own} {own}soft{{fill:var(--muted)}}",
        f"{own} {own}alarm{{fill:var(--alarm)}}",
        f"{own} {own}hue{{fill:var(--turn)}}",
        f"{own} {own}end{{text-anchor:end}}",
        f"{own} {own}mid{{text-anchor:middle}}",
        f"{own} {own}halo{{stroke:var(--paper);stroke-width:9;paint-order:stroke}}",
        f"{own} path{{fill:none;stroke-width:1.5}}",
        f"{own} {own}lane{{stroke:var(--faint)}}",
        f"{own} {own}turn{{stroke:var(--turn);stroke-dasharray:6 4}}",
        f"{own} {own}cut{{stroke:var(--alarm)}}",
        f"{own} {own}harm{{fill:none;stroke:var(--alarm);stroke-width:2}}",
    ]
    return f"<style>{''.join(rules)}</style>"


def _write(x: float, y: float, text: str, *names: str) -> str:
    place = f'x="{_n(x)}" y="{_n(y)}"'
    return f"<text {place}{_class(*names)}>{escape(_clean(text))}</text>"


def _path(way: str, name: str) -> str:
    return f'<path{_class(name)} d="{way}"/>'


def _class(*names: str) -> str:
    return f' class="{" ".join(_OWN + name for name in names)}"'


def _clean(text: str) -> str:
    """Leave out what XML can't hold."""
    return "".join(c if c.isprintable() else "�" for c in text)


def _n(value: float) -> str:
    """Write a coordinate, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")
