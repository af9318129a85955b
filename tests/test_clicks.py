"""Hints and predictions by click, and the map of the labs, in a real JupyterLab."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from labkit.checks.predictions import Guess
from labkit.checks.verdicts import NOT_YET, PASSED
from labkit.exercises import EXERCISES, PREDICTIONS
from labkit.learner import progress
from labkit.learner.below import has_reader
from labkit.learner.course import course_of
from labkit.widgets.clicks import (
    choice_buttons,
    hint_button,
    question_button,
    script,
)
from tests import outside
from tests.pages import Browser

PREDICTION = PREDICTIONS["00-lost-response"]
CHOICES = {letter: each.says for letter, each in PREDICTION.choices.items()}
GREET = """def greet(event):
    return "Hello, " + {}

check("0.1", greet)
"""
CELLS = [
    'from labkit import ready\n\nready(made_for="0.2")',
    "from labkit.exercises import check, predict",
    f'predict("{PREDICTION.id}", "?")',
    GREET.format("'Ada'"),
    GREET.format("event['data']['name']"),
]


def test_a_pass_says_what_is_left_and_what_comes_next() -> None:
    entries = {"0.1": {"outcome": PASSED}, "1.1": {"outcome": NOT_YET}}
    course = course_of(EXERCISES, entries, lab="00_start_here")
    left = course.left_after("0.1")
    assert left["text/plain"] == f"1 of {len(EXERCISES)} done · next: 1.1"
    assert '<a href="01_push_not_poll.ipynb#Exercise-1.1">1.1</a>' in left["text/html"]
    here = course_of(EXERCISES, entries, lab="01_push_not_poll")
    assert '<a href="#Exercise-1.1">1.1</a>' in here.left_after("0.1")["text/html"]


def test_the_next_one_is_the_first_that_is_not_passed_also_before_this_one() -> None:
    done = {each: {"outcome": PASSED} for each in EXERCISES}
    assert course_of(EXERCISES, done).left_after("0.1")["text/plain"] == (
        f"{len(EXERCISES)} of {len(EXERCISES)} done"
    )
    course = course_of(EXERCISES, done | {"2.1": {}})
    assert course.left_after("12.1")["text/plain"].endswith("next: 2.1")


def test_the_map_shows_every_lab_and_exercise_in_text_and_as_a_page() -> None:
    entries = {"0.1": {"outcome": PASSED}, "1.1": {"outcome": NOT_YET}}
    shown = course_of(EXERCISES, entries, lab="01_push_not_poll").map()
    for exercise in EXERCISES.values():
        assert exercise.id in shown["text/plain"]
        assert f"#Exercise-{exercise.id}" in shown["text/html"]
        assert exercise.lab in shown["text/plain"]
    assert "✓ 0.1" in shown["text/plain"]
    assert '<b class="passed">✓ 0.1</b>' in shown["text/html"]
    assert '<b class="not-yet">✗ 1.1</b>' in shown["text/html"]
    assert shown["text/html"].count('aria-current="page"') == 1


def test_every_exercise_has_a_heading_that_the_links_lead_to() -> None:
    solutions = Path(__file__).parent.parent / "solutions"
    for exercise in EXERCISES.values():
        source = (solutions / f"{exercise.lab}.py").read_text("utf-8")
        assert f"# ## Exercise {exercise.id}\n" in source


def test_nothing_is_shown_where_no_person_reads() -> None:
    assert not has_reader()


@pytest.fixture
def _widgets() -> Iterator[None]:
    import ipywidgets

    yield
    ipywidgets.Widget.close_all()


def found(bundle: dict[str, Any], kind: str) -> list[Any]:
    """Return the widgets of a bundle that are of that kind, in order."""
    import ipywidgets

    def inside(widget: Any) -> Iterator[Any]:
        yield widget
        for child in getattr(widget, "children", ()):
            yield from inside(child)

    view = bundle["application/vnd.jupyter.widget-view+json"]["model_id"]
    top = ipywidgets.widgets.widget._instances[view]
    return [each for each in inside(top) if type(each).__name__ == kind]


@pytest.mark.usefixtures("_widgets")
def test_a_click_answers_a_prediction_and_the_answer_is_kept() -> None:
    kept: list[str] = []

    def respond(letter: str) -> str:
        kept.append(letter)
        return Guess(PREDICTION, letter).response

    bundle = choice_buttons("one", CHOICES, PREDICTION.right, respond)
    buttons = found(bundle, "Button")
    (shown,) = found(bundle, "HTML")
    assert [button.description for button in buttons] == list(PREDICTION.choices)
    for button in buttons:
        button.click()
        right = button.description == PREDICTION.right
        assert button.button_style == ("success" if right else "warning")
        assert ("Yes." in shown.value) is right
        assert ("Not quite." in shown.value) is not right
    assert kept == list(PREDICTION.choices)
    assert sum(bool(button.button_style) for button in buttons) == 1


@pytest.mark.usefixtures("_widgets")
def test_the_button_gives_the_hints_one_after_the_other() -> None:
    hints = iter(["hint 2 of 3: <b>", "hint 3 of 3: last", "hint 3 of 3: last"])
    bundle = hint_button("4.2", 3, 1, lambda: next(hints))
    (button,) = found(bundle, "Button")
    (shown,) = found(bundle, "HTML")
    assert button.description == "Hint 2 of 3"
    button.click()
    assert "hint 2 of 3: &lt;b&gt;" in shown.value
    assert button.description == "Hint 3 of 3"
    button.click()
    assert "hint 3 of 3: last" in shown.value
    assert button.description == "That was the last hint"
    button.click()
    assert shown.value.count("last") == 1
    # Pressed by keyboard, a disabled button would lose the focus.
    assert not button.disabled
    assert 'hint("4.2")' in bundle["text/plain"]


@pytest.mark.usefixtures("_widgets")
def test_a_question_about_the_code_is_opened_and_answered_by_click() -> None:
    said: list[str] = []

    def respond(letter: str) -> tuple[str, bool]:
        said.append(letter)
        return "<p>because</p>", letter == "b"

    bundle = question_button("7.1", lambda: ("<p>how many?</p>", "abc"), respond, "x")
    (opener,) = found(bundle, "Button")
    for clicked in ("b", "a"):
        opener.click()
        question, reply = found(bundle, "HTML")
        assert "how many?" in question.value
        assert "because" not in reply.value
        opener.click()
        assert len(found(bundle, "Button")) == 4
        assert not opener.disabled
        choices = {each.description: each for each in found(bundle, "Button")[1:]}
        assert list(choices) == ["a", "b", "c"]
        choices[clicked].click()
        assert "because" in reply.value
        assert ("right" in reply.value.partition("</style>")[2]) is (clicked == "b")
        assert all(each.disabled for each in choices.values())
        assert opener.description == "Another question about your code"
    assert said == ["b", "a"]


@pytest.mark.usefixtures("_widgets")
def test_a_check_that_runs_again_leaves_no_widgets_behind() -> None:
    import ipywidgets

    def count() -> int:
        return len(ipywidgets.widgets.widget._instances)

    for _ in range(2):
        hint_button("4.2", 3, 0, str)
        choice_buttons("one", CHOICES, PREDICTION.right, str)
    before = count()
    for _ in range(5):
        hint_button("4.2", 3, 0, str)
        choice_buttons("one", CHOICES, PREDICTION.right, str)
    assert count() == before


# The page of a test, in place of JupyterLab: a click is answered a moment later.
PAGE = """<!doctype html><div style="height:{above}px"></div>
<div class="labkit-clicks"><div class="labkit-choices"><button>a</button></div>
<div class="widget-html"><style>b{{color:red}}</style></div><div></div></div>
<div style="height:2000px"></div>{script}<script>
document.querySelector("button").addEventListener("click", () => setTimeout(() => {{
  document.querySelector(".widget-html").innerHTML =
    '<style>b{{color:red}}</style><div class="answer" style="height:90px">Yes.</div>';
}}, 20));</script>"""


@pytest.mark.parametrize("key", ["", "Enter"])
@pytest.mark.parametrize(("above", "moves"), [(560, True), (100, False)])
def test_an_answer_is_scrolled_into_view_only_if_it_is_out_of_sight(
    chromium: Browser, tmp_path: Path, above: int, moves: bool, key: str
) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(above=above, script=script()["text/html"]), "utf-8")
    browser = Browser.renewed(chromium)
    top, bottom, scrolled = browser.do(
        "await page.setViewportSize({width: 800, height: 600}); await page.goto(url);"
        "const button = page.locator('button');"
        "if (key) { await button.focus(); await page.keyboard.press(key); }"
        "else await button.click();"
        "await page.locator('.answer').waitFor();"
        "await page.evaluate(() => new Promise(requestAnimationFrame));"
        "return page.locator('.answer').evaluate((answer) => {"
        " const { top, bottom } = answer.getBoundingClientRect();"
        " return [top, bottom, scrollY]; });",
        url=page.as_uri(),
        key=key,
    )
    assert (scrolled > 0) is moves
    assert 0 <= top < bottom <= 600


OPEN = """
page.setDefaultTimeout(120_000);
await page.setViewportSize({width: 1280, height: 1400});
await page.goto(url);
await page.locator(".jp-Cell").nth(4).waitFor();
await page.locator("#jupyterlab-splash").waitFor({state: "detached"});
await page.waitForFunction(() => window.jupyterapp?.shell.currentWidget
  ?.sessionContext?.session?.kernel?.status === "idle");
await page.getByRole("menuitem", {name: "Run", exact: true}).click();
await page.getByText("Run All Cells", {exact: true}).click();
await page.locator(".labkit-course").nth(1).waitFor();
await page.locator(".labkit-choices button").first().waitFor();
"""


@pytest.mark.full
def test_clicks_and_arrow_keys_work_in_jupyterlab(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LABKIT_PROGRESS", raising=False)
    folder = tmp_path / "notebooks"
    folder.mkdir()
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for number, source in enumerate(CELLS)
    ]
    kernel = {"name": "python3", "display_name": "Python 3"}
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel},
        "cells": cells,
    }
    (folder / "00_start_here.ipynb").write_text(json.dumps(notebook))
    with outside.jupyterlab(folder, settings=tmp_path / "settings") as address:
        parts = urlsplit(address)
        url = urlunsplit(parts._replace(path="/lab/tree/00_start_here.ipynb"))
        browser.do(OPEN, url=url)
        text = browser.do(
            'return page.locator(".jp-Notebook").innerText();',
        )
        assert f"0 of {len(EXERCISES)} exercises done" in text
        assert f"1 of {len(EXERCISES)} done · next: 1.1" in text
        photograph(browser, "opened")
        # The buttons are the last thing that is to be seen.
        browser.do(
            "await page.setViewportSize({width: 1280, height: 500});"
            'await page.locator(".labkit-choices").first().evaluate('
            '(row) => row.scrollIntoView({block: "end"}));'
        )
        focused = browser.do(
            'const buttons = page.locator(".labkit-choices button");'
            "await buttons.first().focus();"
            'await page.keyboard.press("ArrowRight");'
            'await page.keyboard.press("ArrowRight");'
            'await page.keyboard.press("ArrowLeft");'
            "const name = await page.evaluate(() => "
            "document.activeElement.textContent.trim());"
            'await page.keyboard.press("Enter");'
            'await page.locator(".labkit-clicks .answer").first().waitFor();'
            "return name;"
        )
        assert focused == "b"
        answer = browser.do(
            'return page.locator(".labkit-clicks .answer").innerText();'
        )
        assert answer.startswith("b) Yes.")
        out_of_sight = browser.do(
            "return page.evaluate(() => {"
            ' const pane = document.querySelector(".jp-WindowedPanel-outer");'
            ' const answer = document.querySelector(".labkit-clicks .answer");'
            " const seen = pane.getBoundingClientRect();"
            " const { top, bottom } = answer.getBoundingClientRect();"
            " return Math.max(seen.top - top, bottom - seen.bottom); });"
        )
        assert out_of_sight <= 1
        browser.do("await page.setViewportSize({width: 1280, height: 1400});")
        browser.do(
            'await page.getByRole("button", {name: "Hint 1 of"}).click();'
            'await page.locator(".labkit-clicks .hint").first().waitFor();'
        )
        hint = browser.do('return page.locator(".labkit-clicks .hint").innerText();')
        assert hint == f"hint 1 of {len(EXERCISES['0.1'].hints)}: " + str(
            EXERCISES["0.1"].hints[0]
        )
        photograph(browser, "clicked")
        browser.do(
            'await page.getByRole("button", {name: "A question about"}).click();'
            'await page.locator(".labkit-choices button").nth(3).waitFor();'
            'await page.locator(".labkit-choices button").nth(3).click();'
            'await page.getByRole("button", {name: "Another question"}).waitFor();'
        )
        told = browser.do(
            'return page.locator(".labkit-clicks [role=status]").last().innerText();'
        )
        assert told.startswith(("Yes.", "Not quite: the answer is"))
        photograph(browser, "question")
        browser.do(
            "await page.evaluate(() => window.jupyterapp.commands.execute("
            "'apputils:change-theme', {theme: 'JupyterLab Dark'}));"
            "const dark = page.locator('body[data-jp-theme-light=false]');"
            "await dark.waitFor({state: 'attached'});"
            'await page.locator("#jupyterlab-splash").waitFor({state: "detached"});'
        )
        photograph(browser, "dark")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(progress, "_memory", {})
    assert progress.read_predictions()[PREDICTION.id]["letter"] == "b"
    assert progress.read()["0.1"]["hints"] == 1
    assert progress.read()["0.1"]["questions"]["asked"] == 1


def photograph(browser: Browser, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        browser.do("await page.screenshot({path});", path=f"{folder}/clicks-{name}.png")
