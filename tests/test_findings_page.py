"""The page of a report in a real browser: short, narrow, accessible."""

from pathlib import Path

import pytest

from labkit.findings import (
    Evidence,
    ExaminationReport,
    ProbeOutcome,
    Result,
    Severity,
    grouped,
    page,
)
from labkit.probes import PROBES
from tests.pages import Browser, axe_faults

FAILED = 15
"""More findings than any receiver of the tests has."""


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    return Browser.renewed(chromium)


@pytest.fixture
def report(tmp_path: Path) -> str:
    """Write the page of a receiver with many findings; return its URL."""
    evidence = Evidence(
        label="a forged signature",
        request="POST /webhooks HTTP/1.1\n" + "X-Long: abcdefghij\n" * 30 + "x" * 400,
        response="500\n\n" + "<pre>Traceback</pre>\n" * 40,
        changed="header x-signature: " + "a" * 120,
        command="curl -i " + "'http://127.0.0.1:5000/webhooks' " * 8,
    )
    results = tuple(
        Result(
            probe=probe,
            outcome=ProbeOutcome.FAILED if number < FAILED else ProbeOutcome.PASSED,
            facts=f"{probe.sent}: 500, wanted: {probe.wanted}",
            evidence=(evidence,) * 4 if number < FAILED else (),
        )
        for number, probe in enumerate(PROBES)
    )
    found = ExaminationReport(
        tool="labkit examine",
        target="http://127.0.0.1:50000/a/long/path/to/the/webhooks?tenant=0123456789",
        results=results,
        findings=grouped(results, ()),
        about=(("Scheme", "standard"), ("Framework", "Flask")),
        contact=("127.0.0.1 port 50000: connected in 0.1 ms.",),
        seconds=12.5,
    )
    assert {finding.severity for finding in found.findings} >= {Severity.CRITICAL}
    file = tmp_path / "report.html"
    file.write_text(page.to_html(found), "utf-8")
    return file.as_uri()


# One screen has 900 px; a page of findings had 51,600 px once.
@pytest.mark.parametrize(("width", "most"), [(420, 40_000), (1200, 30_000)])
def test_the_summary_fits_one_screen_and_nothing_is_cut_off(
    browser: Browser, report: str, width: int, most: int
) -> None:
    seen = browser.do(
        "await page.setViewportSize({width, height: 900}); await page.goto(url);"
        "return page.evaluate(() => {"
        "  const root = document.documentElement;"
        "  const list = document.querySelector('ol.list').getBoundingClientRect();"
        "  const closed = root.scrollHeight;"
        "  document.querySelectorAll('details').forEach((one) => one.open = true);"
        "  return {wide: root.scrollWidth, list: list.bottom, closed,"
        "          open: root.scrollHeight}; });",
        url=report,
        width=width,
    )
    assert seen["wide"] <= width
    # Verdict, severities and the first findings are on the first screen.
    assert seen["list"] < 900
    assert seen["open"] < most
    assert seen["closed"] < 6_000


def test_a_long_url_in_the_title_breaks_between_its_words(
    browser: Browser, report: str
) -> None:
    # Between two places where a line may end there is one word, on one line.
    broken = browser.do(
        "await page.setViewportSize({width: 420, height: 900}); await page.goto(url);"
        "return page.evaluate(() => [...document.querySelector('h1').childNodes]"
        "  .flatMap((node) => node.textContent.split(' ').map((word) => {"
        "    if (!word) return null;"
        "    const range = document.createRange();"
        "    const from = node.textContent.indexOf(word);"
        "    range.setStart(node, from); range.setEnd(node, from + word.length);"
        "    return range.getClientRects().length > 1 ? word : null; }))"
        "  .filter(Boolean));",
        url=report,
    )
    assert browser.do("return page.locator('h1 wbr').count();") > 5
    assert broken == []


def test_on_paper_everything_is_there_in_dark_letters(
    browser: Browser, report: str
) -> None:
    seen = browser.do(
        "await page.emulateMedia({media: 'print', colorScheme: 'dark'});"
        "await page.goto(url); return page.evaluate(() => ({"
        "  cut: [...document.querySelectorAll('pre, .probes')].filter("
        "    (box) => box.scrollHeight > box.clientHeight + 1).length,"
        "  hidden: [...document.querySelectorAll('dl, .probes')].filter("
        "    (each) => !each.checkVisibility({contentVisibilityAuto: true}))"
        "    .length,"
        "  ink: getComputedStyle(document.body).color }));",
        url=report,
    )
    assert seen == {"cut": 0, "hidden": 0, "ink": "rgb(27, 27, 31)"}


def test_a_link_to_a_finding_opens_it(browser: Browser, report: str) -> None:
    opened = browser.do(
        "await page.goto(url); await page.locator('ol.list a').nth(2).click();"
        "const found = page.locator('details').nth(2);"
        "return [await found.evaluate((each) => each.open),"
        "  await found.locator('summary').evaluate("
        "    (each) => each.getBoundingClientRect().top >= 0)];",
        url=report,
    )
    assert opened == [True, True]


def test_axe_finds_no_fault_in_light_and_dark(browser: Browser, report: str) -> None:
    browser.do("await page.goto(url);", url=report)
    for theme in ("light", "dark"):
        browser.do("await page.emulateMedia({colorScheme: theme});", theme=theme)
        assert axe_faults(browser) == [], theme
