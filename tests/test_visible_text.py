"""No page shows the word that a program writes where a value is missing."""

import random
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, request

from labkit import simulate
from labkit.checks.verdicts import Verdict
from labkit.classroom import gather, to_html
from labkit.examine import endpoint_from, examine
from labkit.exercises import EXERCISES
from labkit.exercises import check as check_exercise
from labkit.faults import Duplicate, LoseResponse, Refuse, Tamper
from labkit.findings.page import to_html as report_page
from labkit.probes import chosen
from labkit.receiver import Receiver
from labkit.samples import payments
from labkit.signing import SCHEMES
from tests.apps import shop
from tests.pages import Browser, placeholders
from tests.test_classroom import ADA, IDA, a_class, hand_in

SCHEME = SCHEMES["stripe"]
SECRET = SCHEME.make_secret(random.Random(1))


def text_of(browser: Browser, page_: Path) -> str:
    """Open a file with everything unfolded, and return what can be read in it."""
    text: str = browser.do(
        "await page.goto(url);"
        "return await page.evaluate(() => {"
        " for (const each of document.querySelectorAll('details')) each.open = true;"
        " return document.body.innerText; });",
        url=page_.as_uri(),
    )
    return text


@pytest.mark.parametrize(
    "text",
    ["null", "a null b", "undefined", "NaN ms", "[object Object]", "[object Promise]"],
)
def test_a_placeholder_is_found(text: str) -> None:
    assert placeholders(text)
    assert not placeholders("nullify it; no nan, no Nancy, an [object, undefinedness")


def test_no_view_of_the_inspector_shows_a_placeholder(browser: Browser) -> None:
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        if request.get_data() == b"{}":
            print("printed")
            raise ValueError("no order")
        return "", 200 if request.get_data() else 404

    body = payments(1)[0].body
    signed = SCHEME.sign(body, secret=SECRET, id="", timestamp=int(time.time()))
    json_, form = (
        {"Content-Type": "application/json"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    with Receiver(app) as receiver:
        inspector = receiver.inspector(secret=SECRET)
        for content, headers in (
            (body, json_ | signed),
            (body + b" ", json_ | signed),
            (b"a=1&b=2", form),
            (b"\xff\x00\x01", {}),
            (b"", {}),
            (b"{}", json_),
            (b'{"a":1,"a":2}', json_),
            (b"x" * 70_000, {"Stripe-Signature": "t=1"}),
        ):
            requests.post(
                f"{receiver.url}/webhooks", content, headers=headers, timeout=9
            )
        count = len(receiver.inbox)
        browser.do("await page.goto(url);", url=inspector.url)
        for number in range(1, count + 1):
            text = browser.do(
                "await page.locator(`li[data-number='${n}'] button`).click();"
                "await page.locator('#detail h2', {hasText: `#${n} `}).waitFor();"
                "await page.evaluate(() => document.querySelectorAll('details')"
                ".forEach((each) => { each.open = true; }));"
                "return await page.locator('body').innerText();",
                n=number,
            )
            assert "Signature" in text
            assert placeholders(text) == [], f"request {number}"


def test_no_page_of_a_class_shows_a_placeholder(
    browser: Browser, tmp_path: Path
) -> None:
    hand_in(tmp_path / "x", ADA, IDA, *a_class(3))
    (tmp_path / "x" / "junk.json").write_text("junk")
    file = tmp_path / "class.html"
    file.write_text(to_html(gather(tmp_path / "x")), "utf-8")
    assert placeholders(text_of(browser, file)) == []


def test_no_page_of_an_examination_shows_a_placeholder(
    browser: Browser, tmp_path: Path
) -> None:
    with Receiver(shop([])) as receiver:
        endpoint = endpoint_from(
            f"{receiver.url}/webhooks", scheme="generic", secret="a secret of a test"
        )
        report = examine(endpoint, probes=chosen(["signature", "route"], []))
    file = tmp_path / "report.html"
    file.write_text(report_page(report), "utf-8")
    text = text_of(browser, file)
    assert len(text) > 500
    assert placeholders(text) == []


def test_no_output_of_a_cell_shows_a_placeholder(
    browser: Browser, tmp_path: Path
) -> None:
    faults = [
        kind(probability=0.4) for kind in (LoseResponse, Duplicate, Refuse, Tamper)
    ]
    history = simulate(
        shop([]), payments(6), secret="a secret of a test", faults=faults
    )
    with Receiver(shop([])) as receiver:
        requests.post(f"{receiver.url}/webhooks", b"{}", timeout=60)
        inbox = receiver.inbox
    verdicts = [check_exercise(id_, object()) for id_ in list(EXERCISES)[:5]]
    assert all(isinstance(verdict, Verdict) for verdict in verdicts)
    shown: list[Any] = [history.timeline(), inbox, *verdicts]
    file = tmp_path / "cells.html"
    parts = "<hr>".join(each._repr_html_() for each in shown)
    file.write_text(f"<!doctype html><meta charset=utf-8><body>{parts}", "utf-8")
    text = text_of(browser, file)
    assert len(text) > 500
    assert placeholders(text) == []
