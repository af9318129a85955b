"""Every colour is in one palette, and everything can be read in light and dark."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import labkit
from labkit.drawing import theme
from labkit.drawing.fitting import columns, fit
from labkit.drawing.markup import with_code
from labkit.drawing.palette import EDGES, INSPECTOR, PAGE, PICTURE, Palette
from labkit.drawing.strokes import escape

pytestmark = pytest.mark.pure

PACKAGE = Path(labkit.__file__).parent
# A number of an issue, such as owner/name#123, follows a name.
COLOUR = re.compile(r"(?<![\w./&)-])#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3,4})\b")
ELSEWHERE = [
    file
    for file in sorted(PACKAGE.rglob("*"))
    if file.suffix in (".py", ".css", ".js", ".html")
    and file.parent != PACKAGE / "drawing"
]
HOSTS = {
    "light": ("#ffffff",),
    # JupyterLab's two dark backgrounds, and that of VS Code.
    "dark": ("#111111", "#212121", "#1e1e1e"),
}
BACKGROUNDS = {
    "page": (PAGE, ("paper",)),
    "inspector": (INSPECTOR, ("ground", "sheet", "chosen", "hover")),
}
NO_TEXT = {"paper", "faint", "line", "line-strong", "mark", "mark-text"}


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the ratio of WCAG 2.2, from 1 to 21."""
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def texts(colours: dict[str, str], backgrounds: tuple[str, ...]) -> Iterator[str]:
    for name in colours:
        if name not in {*backgrounds, *NO_TEXT} and not name.endswith("-bg"):
            yield name


def test_the_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_no_colour_is_written_anywhere_else() -> None:
    assert len(ELSEWHERE) > 200
    found = {
        str(file.relative_to(PACKAGE)): colours
        for file in ELSEWHERE
        if (colours := COLOUR.findall(file.read_text("utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "text", ["color:#fff;", '"#1a7f5a"', "1px solid #8884", "--ink: #1b1b1f"]
)
def test_the_search_for_colours_finds_them(text: str) -> None:
    assert COLOUR.search(text)


@pytest.mark.parametrize("palette", [PICTURE, PAGE, INSPECTOR])
def test_light_and_dark_have_the_same_names(palette: Palette) -> None:
    assert list(palette.light) == list(palette.dark)


@pytest.mark.parametrize("way", ["light", "dark"])
def test_pictures_can_be_read_on_every_background(way: str) -> None:
    colours = getattr(PICTURE, way)
    for background in (colours["paper"], *HOSTS[way]):
        for name in texts(colours, ()):
            assert contrast(colours[name], background) >= 4.5, (name, background)


@pytest.mark.parametrize("way", ["light", "dark"])
@pytest.mark.parametrize("page", BACKGROUNDS)
def test_text_on_pages_can_be_read(page: str, way: str) -> None:
    palette, backgrounds = BACKGROUNDS[page]
    colours = getattr(palette, way)
    for background in backgrounds:
        for name in texts(colours, backgrounds):
            measured = contrast(colours[name], colours[background])
            assert measured >= 4.5, (name, background, measured)


@pytest.mark.parametrize("way", ["light", "dark"])
@pytest.mark.parametrize("name", ["passed", "warning", "failed"])
def test_text_on_its_own_background_can_be_read(name: str, way: str) -> None:
    colours = getattr(PAGE, way)
    assert contrast(colours[name], colours[f"{name}-bg"]) >= 4.5
    inspector = getattr(INSPECTOR, way)
    assert contrast(inspector["mark-text"], inspector["mark"]) >= 4.5


@pytest.mark.parametrize("name", EDGES)
def test_an_edge_is_seen_on_light_and_on_dark(name: str) -> None:
    for background in (*HOSTS["light"], *HOSTS["dark"]):
        assert contrast(EDGES[name], background) >= 3, background


def test_a_page_of_its_own_has_both_themes() -> None:
    rules = theme.on_page(PAGE)
    # As the reader prefers, or as the page around a frame says.
    assert rules.count("--ink:") == 4
    assert "prefers-color-scheme:dark" in rules
    for name, colours in (("light", PAGE.light), ("dark", PAGE.dark)):
        assert (
            f'[data-theme="{name}"]{{color-scheme:{name};--ink:{colours["ink"]}'
            in rules
        )


def test_foreign_text_cannot_leave_its_place() -> None:
    assert escape("<a b=\"c\" d='e'>&\x00") == (
        "&lt;a b=&quot;c&quot; d=&#x27;e&#x27;&gt;&amp;�"
    )
    assert columns(fit("支払い" * 20, 9)) == 9


def test_a_line_does_not_end_inside_a_quantity_or_short_code() -> None:
    assert with_code("Wait 5 s, then 30 min.") == "Wait 5\xa0s, then 30\xa0min."
    assert with_code("5 steps, `a 5 s`") == (
        '5 steps, <code style="white-space:nowrap">a 5\xa0s</code>'
    )
    assert with_code("`now`") == "<code>now</code>"
    assert with_code(f"`{'long ' * 9}`") == f"<code>{'long ' * 9}</code>"
