"""A class's page in a browser: readable for everybody, in light and in dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.classroom import gather, to_html
from tests import outside
from tests.pages import HERE, Browser
from tests.test_classroom import ADA, IDA, a_class, hand_in


@pytest.fixture
def browser() -> Iterator[Browser]:
    opened = Browser(outside.node_with_packages(HERE), outside.chromium())
    yield opened
    opened.close()


def test_axe_finds_no_fault_in_a_class_and_it_needs_no_script(
    browser: Browser, tmp_path: Path
) -> None:
    hand_in(tmp_path / "x", ADA, IDA, *a_class(12))
    (tmp_path / "x" / "junk.json").write_text("junk")
    page = tmp_path / "class.html"
    page.write_text(to_html(gather(tmp_path / "x")), "utf-8")
    browser.do("await page.goto(url);", url=page.as_uri())
    for theme in ("light", "dark"):
        browser.do("await page.emulateMedia({colorScheme: theme});", theme=theme)
        faults = browser.do(
            "await page.evaluate(axe);"
            "const {violations, passes} = await page.evaluate(() => axe.run({runOnly:"
            " ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',"
            " 'best-practice']}));"
            "if (!passes.some(({id}) => id === 'color-contrast'))"
            " throw Error('unseen');"
            "return violations.map(({id, nodes}) => "
            "`${id}: ${nodes.map(({html}) => html).join(' | ')}`);"
        )
        assert faults == []
    asked = browser.do("return asked;")
    assert asked == [page.as_uri()]
