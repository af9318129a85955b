"""Pictures in outputs: an image where SVG is forbidden, and SVG where scripts run."""

import re
from pathlib import Path

import pytest

from labkit.drawing.canvas import canvas, with_text
from labkit.drawing.embedding import embedded, image, inlined
from labkit.drawing.lettering import NARROW
from labkit.drawing.strokes import write
from tests import outputs
from tests.pages import Browser

HOSTILE = "\"'><script>document.title = 'caught'</script> & 100 % #1 ü"
DRAWN = canvas(write(10, 20, HOSTILE, "small"), 40, HOSTILE)


def test_an_image_holds_the_whole_picture_and_its_words() -> None:
    shown = image(DRAWN)
    assert shown.count("<") == shown.count(">") == 1
    assert 'width="860" height="40"' in shown
    assert "caught&#x27;&lt;/script&gt; &amp; 100 % #1 ü" in shown
    assert inlined(shown) == DRAWN.strip()


def test_a_widget_is_given_the_picture_without_a_script() -> None:
    assert inlined(f"<p>before</p>{embedded(DRAWN)}") == f"<p>before</p>{DRAWN.strip()}"
    assert inlined("<p>nothing to replace</p>") == "<p>nothing to replace</p>"


def seen(browser: Browser, shown: str, folder: Path) -> tuple[int, int, str]:
    """Return how wide the image is, how many texts of SVG there are, and the title."""
    file = folder / "page.html"
    file.write_text(outputs.page([("here", "text/html", shown)]), "utf-8")
    found = browser.do(
        "await page.goto(url);"
        "return await page.evaluate(() => ["
        " document.querySelector('[data-place] img')?.naturalWidth ?? 0,"
        " document.querySelectorAll('[data-place] svg text').length, document.title]);",
        url=file.as_uri(),
    )
    return tuple(found)


def test_a_page_that_runs_scripts_has_the_picture_itself(
    browser: Browser, tmp_path: Path
) -> None:
    assert seen(browser, with_text(DRAWN, "words"), tmp_path) == (0, 1, "")
    two = with_text(DRAWN, "words") + with_text(DRAWN, "words")
    assert seen(browser, two, tmp_path) == (0, 2, "")


def test_a_page_without_scripts_has_the_image(browser: Browser, tmp_path: Path) -> None:
    bare = re.sub("<script>.*?</script>", "", with_text(DRAWN, "w"), flags=re.DOTALL)
    assert seen(browser, bare, tmp_path) == (860, 0, "")


@pytest.mark.parametrize(
    ("width", "scrolls"), [(440, True), (460, True), (592, False), (860, False)]
)
def test_an_image_is_scrolled_before_its_letters_are_too_small(
    browser: Browser, tmp_path: Path, width: int, *, scrolls: bool
) -> None:
    bare = re.sub("<script>.*?</script>", "", with_text(DRAWN, "w"), flags=re.DOTALL)
    # JupyterLab removes this where it does not trust a notebook, and keeps the rest.
    bare = bare.replace("container-type:inline-size;", "")
    browser.do("await page.setViewportSize({width, height: 400});", width=width)
    seen(browser, bare, tmp_path)
    scale, is_scrolled, page_scrolls = browser.do(
        "return await page.locator('img').evaluate((img) => {"
        " const frame = img.parentElement;"
        " return [img.getBoundingClientRect().width / img.naturalWidth,"
        "  frame.scrollWidth > frame.clientWidth,"
        "  document.documentElement.scrollWidth > innerWidth]; });"
    )
    browser.do("await page.setViewportSize({width: 1200, height: 800});")
    assert is_scrolled is scrolls
    assert not page_scrolls
    if width <= NARROW:
        assert scale * 14.3 >= 9.5 - 0.01


def test_only_a_picture_in_the_page_says_that_it_can_be_pointed_at(
    browser: Browser, tmp_path: Path
) -> None:
    drawn = canvas(write(10, 20, "point at it", "live"), 40, "a picture")
    shown = (
        "return await page.evaluate(() => getComputedStyle("
        "document.querySelector('text')).display);"
    )
    picture = tmp_path / "picture.svg"
    picture.write_text(drawn, "utf-8")
    browser.do("await page.goto(url);", url=picture.as_uri())
    assert browser.do(shown) == "none"
    seen(browser, embedded(drawn), tmp_path)
    assert browser.do(shown) != "none"
