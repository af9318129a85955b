"""A picture in an output that is shown even where the output is sanitised.

Jupyter removes SVG and scripts from the outputs of a notebook that it does not trust,
for example a downloaded one, and leaves only the words of the picture. It keeps images,
so a picture is an image whose address holds the SVG. Where scripts run, `inline.js`
replaces the image by the SVG, which then follows the theme of the page.
"""

import functools
import re
import urllib.parse
from importlib import resources

from labkit.drawing.lettering import narrowest

_START = "data:image/svg+xml,"
_SAFE = " /:;=,.-_()!*@$+~"
_IMAGE = re.compile(
    rf'<img class="labkit-image"[^>]*? src="{re.escape(_START)}([^"]*)">'
)


def image(svg: str) -> str:
    """Return the SVG as an image; what it says to a screen reader stays.

    In a narrow frame the image is scrolled before its letters are too small. JupyterLab
    keeps these rules of style where it does not trust the notebook.
    """
    head = svg[: svg.index(">")]
    said = re.search(r'aria-label="([^"]*)"', head)
    size = re.findall(r' (?:width|height)="[\d.]+"', head)
    address = _START + urllib.parse.quote(svg.strip(), safe=_SAFE)
    return (
        f'<img class="labkit-image" alt="{said[1] if said else ""}"{"".join(size)} '
        f'style="max-width:100%;min-width:{narrowest(svg):g}px;height:auto" '
        f'src="{address}">'
    )


def embedded(svg: str) -> str:
    """Return the SVG as an image that a page which runs scripts makes its own."""
    return f"{image(svg)}<script>{script()}</script>"


def inlined(shown: str) -> str:
    """Return HTML with SVG instead of images, without the scripts of `embedded`.

    It is for a widget, which is trusted but runs no scripts.
    """
    bare = shown.replace(f"<script>{script()}</script>", "")
    return _IMAGE.sub(lambda found: urllib.parse.unquote(found[1]), bare)


@functools.cache
def script() -> str:
    """Return the script that replaces the images of a page."""
    return packed("inline.js")


def packed(name: str) -> str:
    """Return a script of this package without its comments and indentation."""
    text = resources.files("labkit.drawing").joinpath(name).read_text("utf-8")
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
