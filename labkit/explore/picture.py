"""A counterexample as text and as SVG: a lane for each worker, time downwards."""

import hashlib
from collections.abc import Iterator

from labkit.drawing import theme
from labkit.drawing.lettering import scrolled
from labkit.drawing.palette import PICTURE
from labkit.drawing.strokes import OWN, classes, escape, number, write
from labkit.explore.records import HarmfulHistory
from labkit.explore.story import LaneRow, Story, story_of

_SIGNS = {"switch": "→", "crash": "✂", "restart": "↻", "harm": "✗", "note": "·"}
"""A sign for each kind of row, so that no colour has to tell it."""

_ROW, _CHAR, _MARGIN, _TOP = 20.0, 7.25, 16.0, 64.0
_PALETTE = PICTURE.chosen(
    paper="paper",
    ink="ink",
    muted="muted",
    faint="faint",
    turn="answer",
    alarm="alarm",
)
_LETTERS = 12
_FRAME = f"max-width:100%;height:auto;font:{_LETTERS}px system-ui,sans-serif"
_MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"


def draw_text(shown: HarmfulHistory) -> str:
    """Write the history in columns, one row a step."""
    story = story_of(shown)
    wide = story.width + story.label_width + 2
    rule = "─┼─".join("─" * wide for _ in story.lanes)
    heads = " │ ".join(f"{name:<{wide}}" for name in story.lanes)
    body = [_text_row(story, row, wide) for row in story.rows]
    lines = [story.title, "", heads, rule, *body, rule]
    if story.foot:
        lines.append(story.foot)
    return "\n".join(line.rstrip() for line in lines)


def _text_row(story: Story, row: LaneRow, wide: int) -> str:
    if row.kind in ("switch", "harm", "crash"):
        said = f" {_SIGNS[row.kind]} {row.text} "
        fill = {"switch": "─", "harm": "═", "crash": "╳"}[row.kind]
        whole = wide * len(story.lanes) + 3 * (len(story.lanes) - 1)
        return said.join([fill * 3, fill * max(0, whole - 3 - len(said))])
    label = row.label or _SIGNS.get(row.kind, "")
    cells = [""] * len(story.lanes)
    cells[row.lane] = f"{label:>{story.label_width}}  {row.text}"
    return " │ ".join(f"{cell:<{wide}}" for cell in cells)


def draw_svg(shown: HarmfulHistory) -> str:
    """Draw the same rows; the ground is painted, so that it reads on any theme."""
    story = story_of(shown)
    label = (story.label_width + 1) * _CHAR
    lane = label + (story.width + 2) * _CHAR
    wide = 2 * _MARGIN + lane * len(story.lanes)
    tall = _TOP + _ROW * (len(story.rows) + 2)
    extent = f'width="{number(wide)}" height="{number(tall)}"'
    parts = [
        f'<rect{classes("paper")} {extent} rx="6"/>',
        _title(story),
    ]
    for index, name in enumerate(story.lanes):
        x = _MARGIN + index * lane
        parts.append(write(x + label + 12, 48, name, "bold"))
        line = x + label + 4
        parts.append(_line(f"M{number(line)} 54V{number(tall - 2 * _ROW + 4)}", "lane"))
    for index, row in enumerate(story.rows):
        y, axis = _TOP + _ROW * index + 14, _MARGIN + row.lane * lane + label + 4
        drawn = "".join(_svg_row(row, y, axis, wide))
        parts.append(f'<g data-step="{row.step}">{drawn}</g>')
    if story.foot:
        parts.append(write(_MARGIN, tall - 12, story.foot, "mono", "soft"))
    inner = _style(wide) + "".join(parts)
    does = " that does harm" if story.harmful else ""
    spoken = escape(f"A history{does}: {story.title}")
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg"{classes("")} role="img" '
        f'aria-label="{spoken}" viewBox="0 0 {number(wide)} {number(tall)}" '
        f"{extent}>{inner}</svg>\n"
    )
    name = hashlib.sha256(svg.encode()).hexdigest()[:8]
    return svg.replace(OWN, f"ex{name}")


def _title(story: Story) -> str:
    if story.harmful:
        return write(_MARGIN, 24, f"{_SIGNS['harm']} {story.title}", "bold", "alarm")
    return write(_MARGIN, 24, story.title, "bold")


def _svg_row(row: LaneRow, y: float, axis: float, wide: float) -> Iterator[str]:
    """Draw one row with its baseline at y; `axis` is the line of its lane."""
    said = f"{_SIGNS.get(row.kind, '')} {row.text}".strip()
    if row.kind == "line" or row.kind == "more":
        if row.label:
            yield write(axis - 8, y, row.label, "mono", "soft", "end")
        yield write(axis + 8, y, row.text, "mono")
    elif row.kind == "switch":
        yield _line(
            f"M{number(_MARGIN)} {number(y - 4)}H{number(wide - _MARGIN)}", "turn"
        )
        yield write(wide / 2, y, said, "halo", "hue", "mid")
    elif row.kind == "harm":
        size = f'width="{number(wide - 2 * _MARGIN)}" height="{number(_ROW)}"'
        place = f'x="{number(_MARGIN)}" y="{number(y - 14)}"'
        yield f'<rect{classes("harm")} {place} {size} rx="3"/>'
        yield write(axis + 8, y, said, "bold", "alarm")
    elif row.kind == "crash":
        teeth = "l6 -6l6 6" * int((wide - 2 * _MARGIN) / 12)
        yield _line(f"M{number(_MARGIN)} {number(y - 1)}{teeth}", "cut")
        yield write(axis + 8, y, said, "halo", "bold", "alarm")
    elif row.kind == "further":
        yield write(axis + 8, y, row.text, "soft")
    else:
        yield write(axis + 8, y, said, "soft")


def _style(wide: float) -> str:
    own = f".{OWN}"
    rules = [
        *theme.in_cell(own, _PALETTE, {}, _FRAME),
        scrolled(own, wide, _LETTERS),
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


def _line(way: str, name: str) -> str:
    return f'<path{classes(name)} d="{way}"/>'
