"""Pictures in a browser: their colours follow the page around them, not the system."""

import re
from pathlib import Path

import pytest
from flask import Flask

from labkit.faults import LoseResponse, Tamper
from labkit.samples import payments
from labkit.sender import simulate
from tests.pages import Browser
from tests.test_drawing import contrast

# What the body of each page has, its background, and whether that is light. The
# variables are JupyterLab's; the widgets define the light ones in the classic notebook.
JUPYTER_LIGHT = "--jp-layout-color0:#ffffff;--jp-content-font-color1:#212121"
JUPYTER_DARK = "--jp-layout-color0:#111111;--jp-content-font-color1:#ffffff"
PAGES = {
    "jupyterlab-light": ('data-jp-theme-light="true"', JUPYTER_LIGHT, "light"),
    "jupyterlab-dark": ('data-jp-theme-light="false"', JUPYTER_DARK, "dark"),
    "classic": ('class="notebook_app"', JUPYTER_LIGHT, "light"),
    "vscode-light": ('class="vscode-light"', JUPYTER_LIGHT, "light"),
    "vscode-dark": ('class="vscode-dark"', "", "dark"),
    "vscode-contrast": ('class="vscode-high-contrast"', "", "dark"),
    "vscode-contrast-light": (
        'class="vscode-high-contrast vscode-high-contrast-light"',
        "",
        "light",
    ),
    "unknown": ("", "", ""),
    "unknown-with-widgets": ("", JUPYTER_LIGHT, ""),
}


def colour_of(value: str) -> str:
    red, green, blue = re.findall(r"\d+", value)[:3]
    return f"#{int(red):02x}{int(green):02x}{int(blue):02x}"


@pytest.fixture(scope="module")
def picture() -> str:
    app = Flask("shop")
    app.post("/webhooks")(lambda: "")
    faults = [LoseResponse(probability=0.4), Tamper(probability=0.3)]
    return simulate(app, payments(5), faults=faults).timeline().svg()


@pytest.mark.parametrize("system", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_picture_follows_its_page_and_can_be_read(
    name: str, system: str, browser: Browser, picture: str, tmp_path: Path
) -> None:
    marks, variables, wanted = PAGES[name]
    page = tmp_path / "page.html"
    page.write_text(
        f"<!doctype html><meta charset=utf-8><style>:root{{{variables}}}</style>"
        f"<body {marks}>{picture}",
        "utf-8",
    )
    browser.do("await page.emulateMedia({colorScheme: s});", s=system)
    browser.do("await page.goto(url);", url=page.as_uri())
    paper, texts, marks_drawn = browser.do(
        "return await page.evaluate(() => {"
        "const all = (what) => [...document.querySelectorAll(what)];"
        "const fill = (node) => getComputedStyle(node).fill;"
        "return [fill(document.querySelector('svg > rect')),"
        " all('svg > text, svg > g > text').map(fill),"
        " all('svg use').map((use) => getComputedStyle(use).color)];});"
    )
    background = colour_of(paper)
    is_light = contrast(background, "#000000") > contrast(background, "#ffffff")
    assert is_light == ((wanted or system) == "light")
    assert texts
    assert marks_drawn
    for shown in {*texts, *marks_drawn}:
        if shown != paper:  # a letter on a mark has the colour of the paper
            assert contrast(colour_of(shown), background) >= 4.5, shown
