"""Pictures with steps: what they say to whom, with the script and without it."""

import json
import re
from pathlib import Path

import pytest

from labkit.drawing.player import Item, player
from tests import outputs
from tests.pages import Browser

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" '
    'width="200" height="60" viewBox="0 0 200 60">'
    + "".join(
        f'<g data-step="{n}" tabindex="0"><text y="{20 * n + 15}">row {n}</text></g>'
        for n in range(3)
    )
    + "</svg>"
)
ITEMS = [
    Item(f"Step {n} runs.", (("memory", f"seen = {n // 2}"), ("line", f"line {n}")))
    for n in range(3)
]
HOSTILE = "</script><img src=x onerror=alert(1)>\x1b[31m\u202e&amp;"


def shown(**settings: bool) -> str:
    return player(SVG, ITEMS, noun="step", hint="Go through it.", **settings)


def test_the_facts_are_kept_once_and_cannot_leave_their_place() -> None:
    made = player(SVG, [*ITEMS, Item(HOSTILE, (("memory", HOSTILE),))], noun="step")
    assert HOSTILE not in made
    assert "<img src=x" not in made
    data = re.search(r'class="items">(.*?)</script>', made)
    assert data is not None
    kept = json.loads(data[1])
    title, ((label, text),) = kept["items"][-1]
    assert kept["pool"][title] == kept["pool"][text]
    assert kept["pool"][title].startswith("</script><img")
    assert kept["pool"][label] == "memory"
    assert len(set(kept["pool"])) == len(kept["pool"])


def open_page(
    browser: Browser, folder: Path, output: str, theme: str = "light"
) -> None:
    file = folder / "page.html"
    page = outputs.page([("here", "text/html", output)], theme)
    file.write_text(f"{page}<style>body{{background:{PAPER[theme]}}}</style>", "utf-8")
    browser.do("await page.goto(url);", url=file.as_uri())


PAPER = {"light": "white", "dark": "black"}
STATE = (
    "return await page.evaluate(() => ["
    " document.querySelector('.place').innerText,"
    " document.querySelector('.labkit-facts').innerText,"
    " [...document.querySelectorAll('.later')].length,"
    " document.querySelectorAll('.labkit-mark').length]);"
)


def click(name: str) -> str:
    return f"await page.getByRole('button', {{name: '{name}', exact: true}}).click();"


def test_it_goes_step_by_step_forwards_and_backwards(
    browser: Browser, tmp_path: Path
) -> None:
    open_page(browser, tmp_path, shown(compares=True))
    assert browser.do(STATE) == ["all 3 steps", "Go through it.", 0, 0]
    first = browser.do(click("One step forward") + STATE)
    assert first == [
        "step 1 of 3",
        "Step 0 runs.\nmemory\nseen = 0\nline\nline 0",
        2,
        1,
    ]
    browser.do(click("One step forward"))
    place, facts, later, _ = browser.do(click("One step forward") + STATE)
    assert (place, later) == ("step 3 of 3", 0)
    assert "memory (changed)\nseen = 1" in facts
    assert "line (changed)\nline 2" in facts
    place, facts, later, _ = browser.do(click("One step back") + STATE)
    assert (place, later) == ("step 2 of 3", 1)
    assert "memory\nseen = 0" in facts
    assert browser.do(click("All steps") + STATE)[0] == "all 3 steps"
    assert browser.do(click("One step back") + STATE)[0] == "step 3 of 3"


def test_a_single_step_is_not_counted_as_several(
    browser: Browser, tmp_path: Path
) -> None:
    open_page(browser, tmp_path, player(SVG, ITEMS[:1], noun="attempt", hint="Go."))
    assert browser.do(STATE)[0] == "1 attempt"


PLACES = (
    "return await page.evaluate(() => ['.picture', '.labkit-facts'].map((each) => {"
    " const box = document.querySelector(each).getBoundingClientRect();"
    " return [box.top, box.height]; }));"
)


def test_in_a_narrow_cell_the_facts_are_below_the_picture_and_do_not_move_it(
    browser: Browser, tmp_path: Path
) -> None:
    browser.do("await page.setViewportSize({width: 592, height: 900});")
    wide = SVG.replace("200", "860")
    open_page(browser, tmp_path, player(wide, ITEMS, noun="step", hint="Go."))
    (top, tall), (below, hint) = browser.do(PLACES)
    assert below >= top + tall
    assert hint < 30  # no room is kept for facts that are not shown
    after, (_, facts) = browser.do(click("One step forward") + PLACES)
    assert after == [top, tall]
    assert facts > hint
    browser.do("await page.setViewportSize({width: 1280, height: 900});")


def test_on_a_page_of_another_colour_it_is_one_piece(
    browser: Browser, tmp_path: Path
) -> None:
    # The controls, the picture and the facts were strips of different widths.
    file = tmp_path / "page.html"
    file.write_text(
        outputs.vscode_page([("here", "text/html", shown())], "vscode-dark"), "utf-8"
    )
    browser.do("await page.setViewportSize({width: 860, height: 900});")
    browser.do("await page.goto(url);", url=file.as_uri())
    found = browser.do(
        "return await page.evaluate(() => {"
        " const root = document.querySelector('.labkit-player');"
        " const box = root.getBoundingClientRect(), papers = new Set();"
        " for (let x = 3; x < box.width; x += 50)"
        " for (let y = 3; y < box.height; y += 5) {"
        "   let at = document.elementFromPoint(box.left + x, box.top + y);"
        "   const colour = (each) => getComputedStyle(each).backgroundColor;"
        "   if (at.closest('button, input, svg')) continue;"
        "   while (colour(at) === 'rgba(0, 0, 0, 0)') at = at.parentElement;"
        "   papers.add(colour(at)); }"
        " const ends = [...root.children].map("
        "  (each) => each.getBoundingClientRect().right);"
        " return [[...papers], Math.max(...ends) - box.right]; });"
    )
    browser.do("await page.setViewportSize({width: 1280, height: 900});")
    assert found == [["rgb(17, 17, 17)"], 0]


@pytest.mark.parametrize(
    ("picture", "cell", "is_beside"),
    [(860, 930, False), (860, 1050, True), (526, 800, True), (526, 760, False)],
)
def test_the_facts_are_beside_a_picture_that_stays_large(
    picture: int, cell: int, *, is_beside: bool, browser: Browser, tmp_path: Path
) -> None:
    wide = SVG.replace("200", str(picture))
    browser.do("await page.setViewportSize({width, height: 900});", width=cell + 20)
    open_page(browser, tmp_path, player(wide, ITEMS, noun="step", hint="Go."))
    (top, tall), (facts, _) = browser.do(PLACES)
    browser.do("await page.setViewportSize({width: 1280, height: 900});")
    assert (facts < top + tall) is is_beside


COVERED = (
    "return await page.evaluate(() => {"
    " const box = (each) => document.querySelector(each).getBoundingClientRect();"
    " const mark = box('.labkit-mark'), facts = box('.labkit-facts');"
    " return mark.bottom > facts.top || mark.top < box('.tools').bottom; });"
)


def test_in_a_narrow_cell_the_page_is_scrolled_to_a_step_that_is_covered(
    browser: Browser, tmp_path: Path
) -> None:
    rows = "".join(
        f'<g data-step="{n}"><text y="{20 * n + 15}">row {n}</text></g>'
        for n in range(60)
    )
    tall = f'<svg width="400" height="1200" viewBox="0 0 400 1200">{rows}</svg>'
    items = [Item(f"{n}", (("memory", "\n".join("abcdefgh")),)) for n in range(60)]
    browser.do("await page.setViewportSize({width: 592, height: 500});")
    open_page(browser, tmp_path, player(tall, items, noun="step"))
    forward = "await page.getByRole('button', {name: 'One step forward'})"
    for _ in range(3):
        assert not browser.do(10 * f"{forward}.press('Enter');" + COVERED)
    assert not browser.do(20 * click("One step back") + COVERED)
    # A button is not moved away from the pointer.
    spaced = f"<div style='height:200px'></div>{player(tall, items, noun='step')}"
    open_page(browser, tmp_path, spaced)
    top = "return (await page.locator('.tools').boundingBox()).y;"
    assert browser.do(top) == browser.do(click("One step back") + top)
    browser.do("await page.setViewportSize({width: 1280, height: 900});")


BOOTSTRAP = """<style>
.panel, .label, .badge, .well, .alert, .btn, .table, .progress, .hide, .hidden {
  outline: 3px solid red; box-shadow: 0 1px 1px #000; font-size: 75%; margin: 20px; }
</style>"""


def test_the_rules_of_a_page_with_bootstrap_do_not_reach_it(
    browser: Browser, tmp_path: Path
) -> None:
    # The classic notebook has it, and so has JupyterLab with nbgrader.
    open_page(browser, tmp_path, shown(compares=True) + BOOTSTRAP)
    marked = browser.do(
        click("One step forward")
        + "return await page.locator('[data-place] *').evaluateAll((all) => all.filter("
        " (each) => getComputedStyle(each).outlineColor === 'rgb(255, 0, 0)'"
        ").map((each) => each.className));"
    )
    assert marked == []


def test_it_plays_by_itself_and_ends(browser: Browser, tmp_path: Path) -> None:
    open_page(browser, tmp_path, shown())
    browser.do("await page.clock.install();" + click("Play"))
    assert browser.do(STATE)[0] == "step 1 of 3"
    assert browser.do("await page.clock.runFor(1000);" + STATE)[0] == "step 2 of 3"
    browser.do("await page.clock.runFor(2000);")
    assert browser.do(STATE)[0] == "all 3 steps"
    browser.do(click("Play"))  # the button is what it was


def test_hovering_and_the_keyboard_show_a_step(
    browser: Browser, tmp_path: Path
) -> None:
    open_page(browser, tmp_path, shown())
    hovered = browser.do("await page.getByText('row 1').hover();" + STATE)
    assert hovered[0] == "all 3 steps"
    assert hovered[1].startswith("Step 1 runs.")
    assert browser.do("await page.mouse.move(500, 500);" + STATE)[1] == "Go through it."
    focused = browser.do("await page.locator('[tabindex]').first().focus();" + STATE)
    assert focused[1].startswith("Step 0 runs.")
    moved = browser.do("await page.keyboard.press('ArrowRight');" + STATE)
    assert moved[1].startswith("Step 1 runs.")
    assert browser.do("await page.keyboard.press('Enter');" + STATE)[0] == "step 2 of 3"
    assert (
        browser.do("await page.keyboard.press('Escape');" + STATE)[0] == "all 3 steps"
    )


FOCUSED = (
    "return await page.evaluate(() => { const at = document.activeElement;"
    " return at.dataset.step ?? (at.getAttribute('aria-label') || at.tagName); });"
)


def test_tab_reaches_one_step_and_escape_leaves_for_the_cell(
    browser: Browser, tmp_path: Path
) -> None:
    cell = f'<div class="jp-Cell" tabindex="-1" aria-label="cell">{shown()}</div>'
    open_page(browser, tmp_path, f"{cell}<button>after</button>")
    browser.do("await page.getByLabel('step shown').focus();")
    tab = "await page.keyboard.press('Tab');"
    assert browser.do(tab + FOCUSED) == "0"
    assert browser.do("await page.keyboard.press('End');" + FOCUSED) == "2"
    assert browser.do("await page.keyboard.press('ArrowLeft');" + FOCUSED) == "1"
    assert browser.do(tab + FOCUSED) == "BUTTON"
    assert browser.do("await page.keyboard.press('Shift+Tab');" + FOCUSED) == "1"
    escape = "await page.keyboard.press('Escape');"
    browser.do("await page.keyboard.press('Shift+Tab');" + click("First step"))
    assert browser.do(escape + STATE)[0] == "all 3 steps"
    assert browser.do(escape + FOCUSED) == "cell"


def test_it_can_be_enlarged(browser: Browser, tmp_path: Path) -> None:
    open_page(browser, tmp_path, shown(zooms=True))
    width = "return (await page.locator('svg').boundingBox()).width;"
    before = browser.do(width)
    assert browser.do(click("Zoom in") + width) > before
    assert browser.do(click("Zoom out") + width) == before


WITHIN = (
    "return await page.evaluate(() => {"
    " const [mark, frame] = ['.labkit-mark', '.picture'].map((each) =>"
    "  document.querySelector(each).getBoundingClientRect());"
    " return [mark.left >= frame.left && mark.right <= frame.right,"
    "  document.querySelector('.picture').scrollLeft]; });"
)


def test_a_step_is_scrolled_into_an_enlarged_picture(
    browser: Browser, tmp_path: Path
) -> None:
    aside = re.sub('y="(\\d+)"', r'x="\1" y="15"', SVG)
    open_page(browser, tmp_path, player(aside, ITEMS, noun="step", zooms=True))
    browser.do(3 * click("Zoom in") + click("First step"))
    assert browser.do(WITHIN) == [True, 0]
    browser.do(2 * click("One step forward"))
    is_within, scrolled = browser.do(WITHIN)
    assert is_within
    assert scrolled > 0


@pytest.mark.parametrize("theme", PAPER)
def test_it_can_be_used_by_everybody(
    theme: str, browser: Browser, tmp_path: Path
) -> None:
    open_page(browser, tmp_path, shown(compares=True, zooms=True), theme)
    found = browser.do(
        click("One step forward") + "await page.evaluate(axe);"
        "const run = await page.evaluate(() => axe.run('[data-place]'));"
        "return run.violations.map((each) => `${each.id}: ${each.nodes[0].html}`);"
    )
    assert found == []


def test_without_the_script_the_picture_is_as_it_was(
    browser: Browser, tmp_path: Path
) -> None:
    bare = re.sub(r"<script>.*</script>", "", shown(), flags=re.DOTALL)
    open_page(browser, tmp_path, bare)
    width = browser.do(
        "return await page.locator('[data-place] img').evaluate("
        " async (image) => { await image.decode(); return image.naturalWidth; });"
    )
    assert width == 200
