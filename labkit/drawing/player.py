"""A picture whose steps can be played, in a cell whose page runs scripts.

The script is in `player.js`, the rules of style in `player.css`. Where the script does
not run, the picture is shown as it is.
"""

import functools
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

from labkit.drawing import embedding, theme
from labkit.drawing.fitting import clean
from labkit.drawing.lettering import FRAME
from labkit.drawing.palette import PICTURE
from labkit.drawing.strokes import escape

_OWN = ".labkit-player"
_HOST = {"paper": "--jp-layout-color0", "ink": "--jp-content-font-color1"}


@dataclass(frozen=True, slots=True)
class Item:
    """What is known about one step: a title, and facts as pairs of label and text."""

    title: str
    facts: tuple[tuple[str, str], ...]


def player(
    svg: str,
    items: Iterable[Item],
    *,
    noun: str,
    hint: str = "",
    compares: bool = False,
    zooms: bool = False,
) -> str:
    """Return the picture as HTML, with what is known about its steps.

    Elements of the picture with `data-step` belong to the item of that place. `noun` is
    what a step is called. `hint` is shown while no step is chosen. With `compares` the
    facts that differ from those of the step before are marked; with `zooms` the picture
    can be enlarged.
    """
    settings = [f'data-noun="{escape(noun)}"', f'data-hint="{escape(hint)}"']
    settings += ["data-compare=1"] * compares + ["data-zoom=1"] * zooms
    data = f'<script type="application/json" class="items">{_written(items)}</script>'
    picture = embedding.image(svg)
    return (
        f'<style>{_style()}</style><div class="{_OWN[1:]}" {" ".join(settings)}>'
        f'<div class="picture" style="{_frame(svg)}">{picture}</div>{data}'
        f"</div><script>{_script()}</script>"
    )


def _frame(svg: str) -> str:
    """Return the style of the picture's frame, whose width the letters depend on.

    With more room than the picture needs, the frame does not grow.
    """
    found = re.search(r'<svg [^>]*? width="([\d.]+)"', svg)
    return f"{FRAME};max-width:{found[1] if found else 860}px"


def _written(items: Iterable[Item]) -> str:
    """Write items as JSON in which each text occurs once, harmless within HTML."""
    pool: dict[str, int] = {}

    def place(text: str) -> int:
        shown = "\n".join(map(clean, text.split("\n")))
        return pool.setdefault(shown, len(pool))

    written = [
        [place(item.title), [[place(label), place(text)] for label, text in item.facts]]
        for item in items
    ]
    whole = {"pool": list(pool), "items": written}
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


@functools.cache
def _script() -> str:
    """Return the script, which first puts the picture into the page."""
    return f"{embedding.script()}\n{embedding.packed('player.js')}"


@functools.cache
def _style() -> str:
    """Return the rules, with the colours of the page around."""
    rules = re.sub(r"/\*.*?\*/", "", _read("player.css"), flags=re.DOTALL)
    packed = re.sub(r"\s*([{}:;,])\s+|\s+(?=[{}])", r"\1", rules.strip())
    return "".join(theme.in_cell(_OWN, PICTURE, _HOST)) + packed


def _read(name: str) -> str:
    return resources.files("labkit.drawing").joinpath(name).read_text("utf-8")
