"""A class's page in a browser: readable for everyone, in light and in dark."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from labkit.classroom import gather, to_html
from labkit.exercises import EXERCISES
from tests.pages import Browser, axe_faults
from tests.test_classroom import ADA, IDA, a_class, hand_in


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    return Browser.renewed(chromium)


def test_axe_finds_no_fault_in_a_class_and_it_needs_no_script(
    browser: Browser, tmp_path: Path
) -> None:
    # Three have every kind of cell, and axe takes time for each.
    hand_in(tmp_path / "x", ADA, IDA, *a_class(1))
    (tmp_path / "x" / "junk.json").write_text("junk")
    page = tmp_path / "class.html"
    page.write_text(to_html(gather(tmp_path / "x")), "utf-8")
    browser.do("await page.goto(url);", url=page.as_uri())
    for theme in ("light", "dark"):
        browser.do("await page.emulateMedia({colorScheme: theme});", theme=theme)
        assert axe_faults(browser) == []
    asked = browser.do("return asked;")
    assert asked == [page.as_uri()]


LONG = "Wolfeschlegelsteinhausenbergerdorff Maximiliana"


@pytest.mark.parametrize("width", [420, 1024, 1440])
def test_a_class_page_has_no_empty_space_and_cuts_no_name(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    name = LONG if width < 1440 else "Ada Lovelace"
    hand_in(tmp_path / "x", replace(ADA, name=name), IDA, *a_class(12))
    page = tmp_path / "class.html"
    page.write_text(to_html(gather(tmp_path / "x")), "utf-8")
    browser.do(
        "await page.setViewportSize({width, height: 900}); await page.goto(url);",
        url=page.as_uri(),
        width=width,
    )
    if folder := os.environ.get("SCREENSHOTS"):
        browser.do(
            "await page.screenshot({path, fullPage: true});",
            path=f"{folder}/class-{width}.png",
        )
    found = browser.do(
        "return page.evaluate(() => {"
        " const root = document.documentElement;"
        " const last = document.querySelector('main').getBoundingClientRect();"
        " const names = [...document.querySelectorAll('tbody th')];"
        " const region = document.querySelector('.wide');"
        " const labs = [...region.querySelectorAll('th.lab')].at(-1);"
        " const labsEnd = labs.getBoundingClientRect().right;"
        " region.scrollLeft = 10_000;"
        " const name = region.querySelector('tbody th').getBoundingClientRect();"
        " return {"
        "  wider: root.scrollWidth - root.clientWidth,"
        "  below: root.scrollHeight - Math.max(innerHeight, last.bottom + scrollY),"
        "  cut: names.filter((n) => n.scrollWidth > n.clientWidth + 1).length,"
        "  name: name.left - region.getBoundingClientRect().left,"
        "  signs: [...document.querySelectorAll('main h2 + p > span')]"
        "   .map((sign) => sign.getBoundingClientRect().right),"
        "  tall: document.querySelector('.costs').offsetHeight,"
        "  hidden: labsEnd - region.getBoundingClientRect().right,"
        " };"
        "});"
    )
    assert found["wider"] == 0
    assert found["below"] < 60
    # At 420 px the mistakes had one word per line, and the table 24,000 px.
    assert found["tall"] < 14_000
    assert found["cut"] == 0
    assert len(found["signs"]) == 5
    assert max(found["signs"]) <= width
    assert abs(found["name"]) <= 1  # the names stay when the table is scrolled
    if width >= 1440:
        assert found["hidden"] <= 0  # all labs are on the page


@pytest.mark.parametrize(
    "name",
    [
        LONG,
        "Anne-Marie van den Oudenrijn-Hoogeveen",
        "anna_lopez.garcia@school.example",
    ],
)
def test_a_long_name_breaks_between_words_or_ends_in_an_ellipsis(
    browser: Browser, tmp_path: Path, name: str
) -> None:
    hand_in(tmp_path / "x", replace(ADA, name=name))
    page = tmp_path / "class.html"
    page.write_text(to_html(gather(tmp_path / "x")), "utf-8")
    browser.do(
        "await page.setViewportSize({width: 420, height: 900}); await page.goto(url);",
        url=page.as_uri(),
    )
    whole, title, lines, cut = browser.do(
        "return page.locator('tbody th').first().evaluate((cell) => {"
        " const span = cell.querySelector('span');"
        " const lines = [];"
        " let top = -99;"
        " for (const node of span.childNodes) {"
        "  for (let at = 0; at < (node.length ?? 0); at += 1) {"
        "   const range = document.createRange();"
        "   range.setStart(node, at); range.setEnd(node, at + 1);"
        "   const box = range.getBoundingClientRect();"
        "   if (box.width && box.top > top + 3) { lines.push(''); top = box.top; }"
        "   lines[lines.length - 1] += node.data[at];"
        "  }"
        " }"
        " const cut = span.scrollWidth > span.clientWidth"
        "  && getComputedStyle(span).textOverflow;"
        " return [span.textContent, span.title, lines, cut]; });"
    )
    assert whole == title == name
    assert "".join(lines) == name
    assert len(lines) > 1
    # Every line but the last ends with what separates two words.
    assert [line for line in lines[:-1] if line[-1] not in " -_.@"] == []
    assert cut == ("ellipsis" if name == LONG else False)


def test_in_a_large_class_the_labs_stay_in_view(
    browser: Browser, tmp_path: Path
) -> None:
    hand_in(tmp_path / "x", *a_class(40))
    page = tmp_path / "class.html"
    page.write_text(to_html(gather(tmp_path / "x")), "utf-8")
    browser.do("await page.goto(url);", url=page.as_uri())
    head, scrolled = browser.do(
        "return page.evaluate(() => {"
        " const region = document.querySelector('.wide');"
        " region.scrollTop = 10_000;"
        " const head = region.querySelector('th.lab').getBoundingClientRect();"
        " return [head.top - region.getBoundingClientRect().top, region.scrollTop];"
        "});"
    )
    assert abs(head) <= 1
    assert scrolled > 500


def test_each_lab_has_a_total(tmp_path: Path) -> None:
    hand_in(tmp_path / "x", ADA)
    page = to_html(gather(tmp_path / "x"))
    labs = {each.lab for each in EXERCISES.values()}
    assert page.count("<small>") == len(labs)
    for exercise in EXERCISES:
        assert f'aria-label="{exercise} ' in page
