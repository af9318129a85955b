"""Every output of every solved notebook on one page, in the style of its surroundings.

JupyterLab's style is its own; that of VS Code is written after its notebook view.
"""

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


VSCODE = {
    "vscode-light": ("#ffffff", "#3b3b3b", "#3b3b3b", "#0000001f"),
    "vscode-dark": ("#1f1f1f", "#cccccc", "#d0d0d0", "#3c3c3c"),
    "vscode-high-contrast": ("#000000", "#ffffff", "#000000", "#ffffff"),
    "vscode-high-contrast vscode-high-contrast-light": (
        *("#ffffff", "#292929"),
        *("#ffffff", "#09345f"),
    ),
}
"""The classes of VS Code's page, with paper and ink, also those of code in a text."""

_VSCODE_STYLE = """
html, body { background: %s; color: %s; font: 13px system-ui, sans-serif; margin: 0;
  padding: 0 20px; }
img { max-width: 100%%; max-height: 100%%; }
code { font-family: monospace; color: %s; background-color: %s; padding: 1px 3px;
  border-radius: 4px; }
pre code { padding: 0; }
table, thead, tr, th, td, tbody { border: none; border-collapse: collapse; }
table, th, tr { vertical-align: middle; text-align: right; }
thead { font-weight: bold; background-color: rgba(130, 130, 130, 0.16); }
th, td { padding: 4px 8px; }
tr:nth-child(even) { background-color: rgba(130, 130, 130, 0.08); }
tbody th { font-weight: normal; }
.output { margin: 0 0 24px; }
.output > pre { white-space: pre-wrap; }
"""


def vscode_page(shown: Iterable[tuple[str, str, str]], classes: str) -> str:
    """Write a page with the outputs as VS Code shows them, in one of its themes."""
    frames = []
    for place, kind, text in shown:
        inner = text if kind == "text/html" else f"<pre>{html.escape(text)}</pre>"
        frames.append(
            '<div class="output_container">'
            f'<div class="output" data-place="{place}">{inner}</div></div>'
        )
    return (
        f"<!doctype html><meta charset=utf-8><style>{_VSCODE_STYLE % VSCODE[classes]}"
        f'</style><body class="{classes}" '
        f'data-vscode-theme-kind="{classes.rsplit(maxsplit=1)[-1]}">{"".join(frames)}'
    )


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
        # JupyterLab has these rules, and nbconvert's copy of its style does not.
        ".jp-RenderedHTMLCommon{padding-right:20px;box-sizing:border-box}"
        "[data-place]{display:block;margin:0 0 24px}</style>"
        f'<body data-jp-theme-light="{light}" data-jp-theme-name="JupyterLab Light">'
        f"{''.join(frames)}"
    )
