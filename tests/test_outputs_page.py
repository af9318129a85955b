"""Everything that the labs' cells show can be read in narrow and in wide cells."""

import re
import urllib.parse
from pathlib import Path

import pytest

from labkit.drawing.canvas import folded
from labkit.drawing.markup import with_code
from labkit.exercises.lab09_watch.month import month
from tests import outputs
from tests.pages import HERE, Browser
from tests.test_drawing import contrast
from tests.test_drawing_page import colour_of
from tests.test_timeline import SAMPLES, timeline_of

FINDER = (HERE / "finder.js").read_text("utf-8")
WIDTHS = [592, 860, 1200]
"""Of a cell's output in pixels: on a page of 1,024, of 1,440, and of 1,920 pixels."""

BESIDE = 460
"""The same beside the inspector, on a page of 1,024 pixels. Pictures are scrolled."""

FOLD = "for (const each of document.querySelectorAll('details')) each.open = %s;"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write a page with all outputs and one timeline of each kind; return its URL."""
    samples = [
        (f"timeline of {name}", "text/html", timeline_of(name)._repr_html_())
        for name in SAMPLES
    ]
    file = tmp_path_factory.mktemp("outputs") / "outputs.html"
    file.write_text(outputs.page([*outputs.outputs(), *samples]), "utf-8")
    return file.as_uri()


@pytest.fixture(scope="module", params=WIDTHS)
def width(request: pytest.FixtureRequest) -> int:
    """Of all outputs; the tests of one width come together, and share its layout."""
    wide: int = request.param
    return wide


def show(browser: Browser, address: str, width: int) -> None:
    """Open the page if it is not open, in that width."""
    # It has 350 outputs, and the machine may be busy.
    browser.do(
        "page.setDefaultTimeout(60_000);"
        "if (page.viewportSize().width !== width)"
        " await page.setViewportSize({width, height: 900});"
        "if (page.url() !== url) await page.goto(url);",
        url=address,
        width=width,
    )


@pytest.fixture
def page(browser: Browser, address: str, width: int) -> Browser:
    """The browser with all outputs open in that width."""
    show(browser, address, width)
    return browser


def faults(browser: Browser, width: int, *, unfolded: bool = False) -> list[str]:
    found: list[str] = browser.do(
        "if (page.viewportSize().width !== width)"
        " await page.setViewportSize({width, height: 900});"
        "return await page.evaluate(`${before};${finder};faults(${scrolls});`);",
        width=width,
        scrolls=width <= BESIDE,
        finder=FINDER,
        before=FOLD % str(unfolded).lower(),
    )
    return found


@pytest.mark.parametrize("unfolded", [False, True])
def test_nothing_is_cut_off_and_nothing_overlaps(
    width: int, *, unfolded: bool, page: Browser
) -> None:
    assert faults(page, width, unfolded=unfolded) == []


LETTERS = """
return await page.evaluate(() => [...document.querySelectorAll("[data-place] svg text")]
  .filter((text) => text.checkVisibility({visibilityProperty: true}))
  .map((text) => {
    const svg = text.ownerSVGElement;
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const size = parseFloat(getComputedStyle(text).fontSize) * scale;
    return [size, `${text.closest("[data-place]").dataset.place}: ${text.textContent}`];
  }));
"""


def test_the_letters_of_pictures_are_large_enough(page: Browser) -> None:
    letters = page.do(LETTERS)
    assert len(letters) > 500
    assert [words for size, words in letters if size < 9.5] == []


def test_the_page_has_the_outputs_of_every_lab(browser: Browser, address: str) -> None:
    show(browser, address, WIDTHS[-1])
    texts = browser.do(
        "return await page.locator('[data-place]').evaluateAll("
        "(all) => all.map((each) => [each.dataset.place, each.innerText.length]));"
    )
    assert {place[:2] for place, length in texts if length > 100} >= {
        f"{number:02}" for number in range(13)
    }
    assert len(texts) > 250


AXE = """
for (const each of document.querySelectorAll("details")) each.open = true;
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const {violations, passes} = await axe.run("body", {
  runOnly: rules, resultTypes: ["violations"]});
if (!passes.some(({id}) => id === "color-contrast")) throw Error("axe saw nothing");
return violations.flatMap(({id, nodes}) => nodes.map(({target, html}) =>
  `${id}: ${target.join(" ")} ${html.slice(0, 200)}`));
"""


@pytest.mark.full
@pytest.mark.parametrize(("theme", "system"), [("light", "dark"), ("dark", "light")])
def test_axe_finds_no_fault_whatever_the_system_prefers(
    theme: str, system: str, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    titled = "<title>outputs</title><style>body{background:var(--jp-layout-color0)}"
    shown = outputs.page(outputs.outputs(), theme)
    file.write_text(shown.replace("<style>", titled, 1), "utf-8")
    browser.do(
        "page.setDefaultTimeout(300_000); await page.emulateMedia({colorScheme: s});"
        "await page.goto(url); await page.evaluate(axe);",
        s=system,
        url=file.as_uri(),
    )
    assert browser.do(f"return await page.evaluate(async () => {{{AXE}}});") == []


def test_beside_the_inspector_letters_are_larger_and_pictures_are_scrolled(
    browser: Browser, tmp_path: Path
) -> None:
    shown = [(name, "text/html", timeline_of(name)._repr_html_()) for name in SAMPLES]
    shown.append(("month", "text/html", month(1)._repr_html_()))
    file = tmp_path / "page.html"
    file.write_text(outputs.page(shown), "utf-8")
    browser.do("await page.goto(url);", url=file.as_uri())
    assert faults(browser, BESIDE) == []
    letters = browser.do(LETTERS)
    assert len(letters) > 500
    assert [words for size, words in letters if size < 10.9] == []
    # A keyboard scrolls it, too.
    browser.do("page.setDefaultTimeout(60_000); await page.evaluate(axe);")
    found = browser.do(f"return await page.evaluate(async () => {{{AXE}}});")
    assert [each for each in found if "title" not in each] == []
    # A picture that fits is not scrolled.
    browser.do("await page.setViewportSize({width, height: 900});", width=WIDTHS[0])
    assert browser.do(SCROLLED) == []


SCROLLED = """
return await page.locator(".picture, .labkit-frame").evaluateAll((all) =>
  all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.outerHTML));
"""


def test_short_code_is_on_one_line(browser: Browser, tmp_path: Path) -> None:
    shown = f"<p>{with_code('`webhook-timestamp`, ' * 40)}</p>"
    file = tmp_path / "page.html"
    file.write_text(outputs.page([("here", "text/html", shown)]), "utf-8")
    browser.do("await page.goto(url);", url=file.as_uri())
    browser.do("await page.setViewportSize({width, height: 900});", width=WIDTHS[0])
    lines = browser.do(
        "return await page.locator('code').evaluateAll("
        " (all) => all.map((each) => each.getClientRects().length));"
    )
    assert lines == [1] * 40


@pytest.mark.parametrize("columns", [100, 130])
def test_the_text_form_of_a_picture_fits_a_narrow_cell(
    columns: int, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    shown = folded("", f"{'wide ' * (columns // 5)}\nshort")
    file.write_text(outputs.page([("here", "text/html", shown)]), "utf-8")
    browser.do("await page.goto(url);", url=file.as_uri())
    assert faults(browser, 592, unfolded=True) == []


FRAME = "<div style='width:80px;overflow:hidden'>"


@pytest.mark.parametrize(
    ("output", "fault"),
    [
        ("<p style='white-space:nowrap'>long </p>" + "<p>fine</p>", None),
        (f"<p style='white-space:nowrap'>{'long ' * 90}</p>", "beyond its cell"),
        (f"{FRAME}<p style='white-space:nowrap'>longer than that</p></div>", "cut off"),
        (f"{FRAME}<p>this is wrapped</p></div>", None),
        ("<pre>wrapped after   " + " " * 600 + "</pre>", None),
        ("<p>one</p><p style='margin-top:-3em'>two</p>", "touches other text"),
        ("<svg width=50 height=20><text x=0 y=15>a wide text</text></svg>", "cut off"),
        ("<svg><text y=15>one</text><text x=22 y=15>two</text></svg>", "touches"),
        ("<svg><text y=15>one</text><text x=60 y=15>two</text></svg>", None),
        ("<p style='display:none'>hidden</p><svg><title>no text</title></svg>", None),
        ("<details><summary>more</summary><pre>folded</pre></details>", None),
    ],
)
def test_a_fault_is_found(
    output: str, fault: str | None, browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    file.write_text(outputs.page([("here", "text/html", output)]), "utf-8")
    browser.do("await page.goto(url);", url=file.as_uri())
    found = faults(browser, 592)
    assert [fault in each for each in found if fault] == ([True] if fault else [])
    assert bool(found) == bool(fault)


# For each text of a picture: its words, its colour, and that of the last filled shape
# under its middle; for each picture, whether its ground covers it.
GROUNDS = """
return await page.evaluate(() => [...document.querySelectorAll("svg")].map((svg) => {
  const box = svg.getBoundingClientRect();
  const shapes = [...svg.querySelectorAll("rect, circle, text")];
  const first = shapes[0].getBoundingClientRect();
  const covered = [first.left - box.left, first.top - box.top, box.right - first.right,
    box.bottom - first.bottom].every((gap) => Math.abs(gap) < 1);
  const texts = shapes.filter((each) => each.matches("text") && each.checkVisibility({
    visibilityProperty: true}) && each.textContent.trim()).map((text) => {
    const { left, right, top, bottom } = text.getBoundingClientRect();
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    const under = shapes.slice(0, shapes.indexOf(text)).filter((each) => {
      const at = each.getBoundingClientRect();
      return !each.matches("text") && getComputedStyle(each).fill !== "none"
        && at.left <= x && x <= at.right && at.top <= y && y <= at.bottom;
    }).at(-1);
    const [ink, ground] = [text, under].map((each) => getComputedStyle(each).fill);
    return [text.textContent, ink, ground];
  });
  return [svg.getAttribute("aria-label"), covered, texts];
}));
"""


@pytest.mark.parametrize("system", ["light", "dark"])
def test_each_picture_brings_its_ground_so_that_it_is_readable_as_an_image(
    system: str, browser: Browser, tmp_path: Path
) -> None:
    """In an image only the system's theme is known, and the page may have another."""
    drawn = {
        urllib.parse.unquote(address)
        for _, _, shown in outputs.outputs()
        for address in re.findall(r'src="data:image/svg\+xml,([^"]*)"', shown)
    }
    file = tmp_path / "page.html"
    file.write_text("<!doctype html><meta charset=utf-8>" + "".join(drawn), "utf-8")
    browser.do(
        "await page.emulateMedia({colorScheme: system}); await page.goto(url);",
        system=system,
        url=file.as_uri(),
    )
    pictures = browser.do(GROUNDS)
    browser.do("await page.emulateMedia({colorScheme: null});")
    assert len(pictures) > 40
    assert [label for label, covered, _ in pictures if not covered] == []
    pairs = {
        (colour_of(ink), colour_of(ground)): said
        for _, _, texts in pictures
        for said, ink, ground in texts
    }
    assert len(pairs) > 8
    weak = {pair: said for pair, said in pairs.items() if contrast(*pair) < 4.5}
    assert weak == {}
