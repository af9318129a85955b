"""Everything that the labs' cells show can be read in each of VS Code's themes."""

from pathlib import Path

import pytest

from tests import outputs
from tests.pages import Browser

LONG = 120_000
"""How long the browser may take for one step, in ms; the page has 350 outputs."""

CONTRAST = """
for (const each of document.querySelectorAll("details")) each.open = true;
const {violations, passes} = await axe.run({
  runOnly: ["color-contrast"], resultTypes: ["violations"]});
if (!passes.length) throw Error("axe did not run");
return violations.flatMap(({nodes}) => nodes.map(({target, any}) =>
  `${target.join(" ")}: ${any.map((each) => JSON.stringify(each.data)).join()}`));
"""


@pytest.fixture(scope="module")
def browser(chromium: Browser) -> Browser:
    opened = Browser.renewed(chromium)
    opened.do(f"page.setDefaultTimeout({LONG});")
    return opened


@pytest.mark.full
@pytest.mark.parametrize("classes", outputs.VSCODE, ids=lambda each: each.split()[-1])
def test_the_contrast_of_every_output_suffices_whatever_the_system_prefers(
    classes: str, browser: Browser, tmp_path: Path
) -> None:
    opposite = "dark" if "light" in classes else "light"
    file = tmp_path / "page.html"
    file.write_text(outputs.vscode_page(outputs.outputs(), classes), "utf-8")
    browser.do("await page.emulateMedia({colorScheme: s});", s=opposite)
    browser.do("await page.goto(url); await page.evaluate(axe);", url=file.as_uri())
    found = browser.do(f"return await page.evaluate(async () => {{{CONTRAST}}});")
    assert found == []
