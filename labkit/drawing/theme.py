"""The rules that choose light or dark, in a notebook's cell or on a page of its own."""

from collections.abc import Iterator, Mapping

from labkit.drawing.palette import Palette


def in_cell(
    own: str, palette: Palette, host: Mapping[str, str], more: str = ""
) -> Iterator[str]:
    """Yield the rules that give the selector `own` its colours within another's page.

    `host` names variables of JupyterLab whose values are preferred to the palette's.
    `more` are declarations for the first rule.
    """
    light, dark = variables(palette.light, host), variables(palette.dark, host)
    yield f"{own}{{{light}{more}}}"
    yield f"@media screen and (prefers-color-scheme:dark){{{own}{{{dark}}}}}"
    yield f'@media screen{{[data-jp-theme-light="true"] {own}{{{light}}}}}'
    yield f'@media screen{{[data-jp-theme-light="false"] {own}{{{dark}}}}}'
    yield f"@media screen{{.vscode-dark {own}{{{dark}}}}}"
    yield f"@media print{{{own}{{{variables(palette.light)}}}}}"


def on_page(palette: Palette) -> str:
    """Return the rules for a page of its own, which follows the reader's preference."""
    return (
        f":root{{color-scheme:light dark;{variables(palette.light)}}}\n"
        "@media (prefers-color-scheme:dark){"
        f":root{{{variables(palette.dark)}}}}}\n"
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
