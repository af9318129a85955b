"""The rules that choose light or dark, in a notebook's cell or on a page of its own.

A picture in a cell follows the page around it. The pages that are known say which
theme they have: JupyterLab and Notebook 7 in an attribute, VS Code in a class, and the
classic notebook is always light. The reader's system decides only on other pages.
"""

from collections.abc import Iterator, Mapping

from labkit.drawing.palette import Palette

LIGHT_HOSTS = (
    '[data-jp-theme-light="true"]',
    ".vscode-light",
    ".vscode-high-contrast-light",
    ".notebook_app",
)
"""What a page around a picture has if it is light."""

DARK_HOSTS = (
    '[data-jp-theme-light="false"]',
    ".vscode-dark",
    ".vscode-high-contrast:not(.vscode-high-contrast-light)",
)
"""The same for a dark page."""


def in_cell(
    own: str, palette: Palette, host: Mapping[str, str], more: str = ""
) -> Iterator[str]:
    """Yield the rules that give the selector `own` its colours within another's page.

    `host` names variables of JupyterLab whose values are preferred to the palette's;
    they count only where JupyterLab says which theme it has. `more` are declarations
    for the first rule, which is also that for print.
    """
    jupyter_light, jupyter_dark = LIGHT_HOSTS[0], DARK_HOSTS[0]
    light, dark = variables(palette.light), variables(palette.dark)
    yield f"{own}{{{light}{more}}}"
    yield f"@media screen and (prefers-color-scheme:dark){{{own}{{{dark}}}}}"
    for hosts, rules in ((LIGHT_HOSTS[1:], light), (DARK_HOSTS[1:], dark)):
        selectors = ",".join(f"{name} {own}" for name in hosts)
        yield f"@media screen{{{selectors}{{{rules}}}}}"
    for name, colours in ((jupyter_light, palette.light), (jupyter_dark, palette.dark)):
        yield f"@media screen{{{name} {own}{{{variables(colours, host)}}}}}"


def on_page(palette: Palette) -> str:
    """Return the rules for a page of its own, which follows the reader's preference.

    A page in a frame is told the theme around it, and keeps it in `data-theme`.
    """
    light, dark = variables(palette.light), variables(palette.dark)
    return (
        f":root{{color-scheme:light dark;{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
        f':root[data-theme="light"]{{color-scheme:light;{light}}}\n'
        f':root[data-theme="dark"]{{color-scheme:dark;{dark}}}\n'
    )


def variables(colours: Mapping[str, str], host: Mapping[str, str] | None = None) -> str:
    """Declare a variable for each colour; `host` names others that go before it."""
    host = host or {}
    return "".join(
        f"--{name}:var({host[name]},{colour});"
        if name in host
        else f"--{name}:{colour};"
        for name, colour in colours.items()
    )
