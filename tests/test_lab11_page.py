"""Lab 11's page, fed by a learner's own server-sent events, in a real browser."""

import re
from pathlib import Path
from typing import Any

import jupytext
import pytest

from labkit.build import content
from labkit.exercises import EXERCISES
from labkit.receiver import Receiver
from tests.pages import Browser, placeholders

ROOT = Path(__file__).parent.parent
ANSWERS = [
    answer
    for answer in content.answers(ROOT / "tests" / "right_answers")
    if answer.exercise == "11.1"
]


def lab_with(answer: content.StoredAnswer) -> dict[str, Any]:
    """Return the names of the lab's relay and page, with this answer as `events`."""
    source = (ROOT / "solutions" / "11_go_live.py").read_text("utf-8")
    cells = jupytext.reads(source, "py:percent").cells
    (relay,) = (cell.source for cell in cells if "class Relay" in cell.source)
    space: dict[str, Any] = {}
    exec(  # noqa: S102 - the lab's own cell, up to its first run
        "import requests\nfrom flask import Flask, request\n"
        "from labkit import Receiver\nfrom labkit.samples import payments\n"
        + re.split(r"^relay = Relay", relay, flags=re.MULTILINE)[0],
        space,
    )
    space["events"] = answer.load(EXERCISES["11.1"])
    return space


@pytest.mark.parametrize("answer", ANSWERS[:2], ids=lambda answer: answer.thought)
def test_the_page_shows_each_event_as_it_comes(
    answer: content.StoredAnswer, browser: Browser
) -> None:
    lab = lab_with(answer)
    relay = lab["Relay"]()
    with Receiver(lab["make_live_shop"](relay)) as live:
        browser.do("await page.goto(url);", url=f"{live.url}/")
        for count in (1, 2, 3):
            lab["send_payments"](live.url, 1)
            browser.do(
                "await page.waitForFunction("
                "(n) => document.querySelectorAll('li').length === n, count);",
                count=count,
            )
        shown = browser.do("return await page.locator('li').first().innerText();")
        everything = browser.do("return await page.locator('body').innerText();")
        relay.stop()
    browser.do("await page.goto('about:blank');")
    assert shown.startswith("evt_00001: {")
    assert "A-1" in shown
    assert placeholders(everything) == []
