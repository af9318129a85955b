"""Every output of every solved notebook on one page, in JupyterLab's own style."""

import html
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
STYLES = Path(sys.prefix, "share/jupyter/nbconvert/templates/lab/static")
KINDS = {
    "text/html": "jp-RenderedHTMLCommon jp-RenderedHTML jp-mod-trusted",
    "text/plain": "jp-RenderedText",
}


def outputs() -> Iterator[tuple[str, str, str]]:
    """Yield each output with its place, its MIME type and what it shows."""
    for file in sorted(ROOT.glob("solutions/*.ipynb")):
        for number, cell in enumerate(json.loads(file.read_text("utf-8"))["cells"]):
            for output in cell.get("outputs", ()):
                shown = output.get("data", {"text/plain": output.get("text", "")})
                kind = next(kind for kind in KINDS if kind in shown)
                yield f"{file.stem[:2]}:{number}", kind, "".join(shown[kind])


def page(shown: Iterable[tuple[str, str, str]], theme: str = "light") -> str:
    """Write a page with the outputs, each in a frame whose id is its place."""
    style = "".join(
        (STYLES / name).read_text("utf-8")
        for name in ("index.css", f"theme-{theme}.css")
    )
    frames = []
    for number, (place, kind, text) in enumerate(shown):
        inner = text if kind == "text/html" else f"<pre>{html.escape(text)}</pre>"
        frames.append(
            f'<div data-place="{place}" id="o{number}" '
            f'class="jp-OutputArea-output {KINDS[kind]}">{inner}</div>'
        )
    light = "true" if theme == "light" else "false"
    return (
        "<!doctype html><meta charset=utf-8>"
        f"<style>{style}body{{margin:0}}"
        "[data-place]{display:block;margin:0 0 24px}</style>"
        f'<body data-jp-theme-light="{light}" data-jp-theme-name="JupyterLab Light">'
        f"{''.join(frames)}"
    )
