"""The inspector's page in a real browser, while a real sender sends."""

import json
import os
import random
import re
import statistics
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, request

from labkit.errors import VerificationError
from labkit.inspector.curl import as_command
from labkit.receiver import Receiver
from labkit.samples import payments
from labkit.signing import SCHEMES
from tests import outside
from tests.pages import Browser, axe_faults

SCHEME = SCHEMES["stripe"]
SECRET = SCHEME.make_secret(random.Random(1))
LOAD = float(os.environ.get("INSPECTOR_LOAD", "3"))
"""How long each half of the load test takes, in seconds; 120 for the full measure."""


class Inspector(Browser):
    """A browser that looks at an inspector."""

    def open(self, url: str) -> None:
        self.do(
            "await page.goto('about:blank'); said.length = asked.length = 0;"
            "await page.goto(url);"
            "await page.locator('#state[data-kind=live]').waitFor();",
            url=url,
        )

    def wait_for_rows(self, count: int) -> None:
        self.do(
            "await page.waitForFunction("
            "(n) => document.querySelectorAll('#rows li').length >= n, count);",
            count=count,
        )

    def wait_for_row(self, number: int) -> None:
        self.do("await page.locator(`li[data-number='${n}']`).waitFor();", n=number)

    def photograph(self, name: str) -> None:
        if folder := os.environ.get("SCREENSHOTS"):
            for theme in ("light", "dark"):
                path = str(Path(folder) / f"inspector-{name}-{theme}.png")
                self.do(
                    "await page.emulateMedia({colorScheme: theme});"
                    "await page.screenshot({path});",
                    theme=theme,
                    path=path,
                )

    def choose(self, number: int) -> str:
        """Click at a row and return what the other side then says."""
        shown: str = self.do(
            "await page.locator(`li[data-number='${number}'] button`).click();"
            "await page.locator('#detail h2', {hasText: `#${number} `}).waitFor();"
            "return await page.locator('#detail').innerText();",
            number=number,
        )
        return shown


@pytest.fixture(scope="module")
def browser(chromium: Browser) -> Inspector:
    return Inspector.renewed(chromium)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(strict_shop()) as running:
        yield running


def strict_shop() -> Flask:
    """Return a receiver that verifies, and fails over order A-4."""
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        try:
            SCHEME.verify(
                request.get_data(),
                dict(request.headers),
                secrets=[SECRET],
                now=time.time(),
            )
        except VerificationError:
            return "", 401
        data = request.get_json().get("data", {})
        if data.get("order_id") == "A-4":
            print("charging", data["order_id"])
            print(data["total"])
        return "", 204

    return app


def send(
    receiver: Receiver,
    body: bytes,
    *,
    signed: bytes | None = None,
    age: int = 0,
    session: requests.Session | None = None,
    path: str = "/webhooks",
) -> None:
    moment = int(time.time()) - age
    headers = SCHEME.sign(
        body if signed is None else signed, secret=SECRET, id="x", timestamp=moment
    )
    headers["Content-Type"] = "application/json"
    sender = session or requests.Session()
    sender.post(receiver.url + path, data=body, headers=headers, timeout=60)
    if session is None:
        sender.close()


def test_rows_appear_while_a_sender_sends_and_tell_why_one_was_refused(
    browser: Inspector, receiver: Receiver
) -> None:
    browser.open(receiver.inspector(secret=SECRET).url)
    for event in payments(5):
        send(receiver, event.body)
    browser.wait_for_rows(5)
    body = payments(6)[5].body
    send(receiver, json.dumps(json.loads(body)).encode(), signed=body)
    send(receiver, body, age=412)
    browser.wait_for_rows(7)

    assert "authentic" in browser.choose(1)
    failed = browser.choose(4)
    assert "500 Internal Server Error" in failed
    assert "KeyError: 'total'" in failed
    assert 'print(data["total"])' in failed
    assert "charging A-4" in failed
    assert re.search("age 41[23] s, tolerance 300 s", browser.choose(7))
    rewritten = browser.choose(6)
    assert "bad signature: re-serialised" in rewritten
    assert "The bodies differ from byte 6 on" in rewritten
    whole = browser.do(
        "const compared = page.locator('#detail .compare').first();"
        "return (await compared.locator('dd').allInnerTexts()).slice(1);"
    )
    marked = browser.do("return await page.locator('#detail mark').allInnerTexts();")
    given, expected, signed, arrived = marked
    # They part where the signature begins, or later where both begin alike by chance.
    assert [len(text.partition("v1=")[2]) for text in whole] == [64, 64]
    assert whole[0].removesuffix(given) == whole[1].removesuffix(expected)
    assert given[0] != expected[0]
    assert signed.startswith('"evt')
    assert arrived.startswith(' "evt')
    browser.photograph("reason")
    assert browser.do("return said;") == []


def test_a_request_that_is_sent_again_comes_marked(
    browser: Inspector, receiver: Receiver
) -> None:
    browser.open(receiver.inspector(secret=SECRET).url)
    send(receiver, payments(1)[0].body)
    browser.wait_for_rows(1)
    browser.choose(1)
    browser.do("await page.getByRole('button', {name: 'Resend'}).click();")
    browser.wait_for_rows(2)
    news = browser.do("return await page.getByRole('status').innerText();")
    assert news == "Request 1 was sent to the app again; it returned 204."
    assert "request 1 sent again" in browser.choose(2)
    first, again = receiver.inbox
    assert (first.resend_of, again.resend_of) == (None, 1)
    assert again.request.body == first.request.body


def test_hostile_payloads_stay_text(browser: Inspector, receiver: Receiver) -> None:
    hostile = (
        '<script>alert(1)</script><img src="http://127.0.0.1:9/x" onerror=alert(2)>'
    )
    browser.open(receiver.inspector(secret=SECRET).url)
    body = json.dumps({"type": hostile, "text": hostile}).encode()
    send(receiver, body, path=f"/webhooks?{hostile}")
    requests.post(
        f"{receiver.url}/webhooks",
        data=hostile.encode(),
        headers={"X-Hub-Signature-256": hostile, "Content-Type": "text/html"},
        timeout=60,
    )
    browser.wait_for_rows(2)
    for number in (1, 2):
        assert "<script>alert(1)</script>" in browser.choose(number)
    added = browser.do(
        "return await page.evaluate(() => document.querySelectorAll("
        "'script:not([src=\"page.js\"]), img, iframe, [onerror]').length);"
    )
    assert added == 0
    assert browser.do("return said;") == []
    hosts = {urllib.parse.urlsplit(url).netloc for url in browser.do("return asked;")}
    page = urllib.parse.urlsplit(str(receiver.inspector().url))
    assert hosts == {page.netloc}


def test_five_megabytes_are_shown_in_part(
    browser: Inspector, receiver: Receiver
) -> None:
    browser.open(receiver.inspector(secret=SECRET).url)
    big = json.dumps({"id": "evt", "text": "<b>" * 1_700_000}).encode()
    send(receiver, b" " + big, signed=big)
    browser.wait_for_rows(1)
    shown = browser.choose(1)
    assert "more bytes are not shown" in shown
    assert len(shown) < 200_000


def test_the_keyboard_alone_is_enough(browser: Inspector, receiver: Receiver) -> None:
    for event in payments(5):
        send(receiver, event.body)
    browser.open(receiver.inspector(secret=SECRET).url)
    browser.wait_for_rows(5)
    focused = "return await page.evaluate(() => document.activeElement.innerText);"
    # Filter, pause, export, what is folded away, and then the list as one stop.
    browser.do("for (let i = 0; i < 5; i++) await page.keyboard.press('Tab');")
    assert browser.do(focused).startswith("#5")
    browser.do("for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowDown');")
    assert browser.do(focused).startswith("#3")
    browser.do(
        "await page.locator('#detail h2', {hasText: '#3 '}).waitFor();"
        "await page.keyboard.press('Enter');"
        "await page.locator('h2:focus').waitFor();"
        "await page.keyboard.press('Tab'); await page.keyboard.press('Enter');"
    )
    browser.wait_for_rows(6)
    assert receiver.inbox[-1].resend_of == 3
    browser.do("await page.keyboard.press('Escape');")
    assert browser.do(focused).startswith("#3")
    browser.do("await page.keyboard.press('/'); await page.keyboard.type('500 a-4');")
    browser.do("await page.locator('#filter').fill('keyerror');")
    assert browser.do("return await page.locator('#count').innerText();") == (
        "1 of 6 requests"
    )
    browser.do("await page.keyboard.press('Escape');")
    assert browser.do(focused).startswith("#4")


def test_a_command_for_curl_is_copied_or_selected(
    browser: Inspector, receiver: Receiver
) -> None:
    send(receiver, payments(1)[0].body)
    browser.open(receiver.inspector(secret=SECRET).url)
    browser.wait_for_rows(1)
    browser.choose(1)
    copy = "await page.getByRole('button', {name: 'Copy as curl'}).click();"
    browser.do(
        "await page.evaluate(() => { navigator.clipboard.writeText = () => "
        "Promise.reject(new Error('forbidden')); });"
        + copy
        + "await page.getByText('The command is selected').waitFor();"
    )
    selected = browser.do("return await page.evaluate(() => String(getSelection()));")
    assert selected == as_command(receiver.inbox[0].request, receiver.url)
    browser.do(
        "await page.evaluate(() => { delete navigator.clipboard.writeText; });"
        "await context.grantPermissions(['clipboard-read', 'clipboard-write']);"
        + copy
        + "await page.getByText('was copied as a curl command').waitFor();"
    )
    copied = browser.do(
        "return await page.evaluate(() => navigator.clipboard.readText());"
    )
    assert copied == selected
    browser.do("await context.clearPermissions();")


def test_a_paused_list_waits(browser: Inspector, receiver: Receiver) -> None:
    browser.open(receiver.inspector(secret=SECRET).url)
    send(receiver, payments(1)[0].body)
    browser.wait_for_rows(1)
    browser.do("await page.getByRole('button', {name: 'Pause'}).click();")
    send(receiver, payments(1)[0].body)
    browser.do("await page.getByText('1 request, 1 waiting').waitFor();")
    browser.do("await page.getByRole('button', {name: 'Pause'}).click();")
    browser.wait_for_rows(2)


def test_a_page_too_many_asks_instead_and_a_stopped_receiver_is_said(
    browser: Inspector, receiver: Receiver
) -> None:
    inspector = receiver.inspector(secret=SECRET)
    browser.open(inspector.url)
    streams = [
        requests.get(f"{inspector.url}events", stream=True, timeout=60)
        for _ in range(4)
    ]
    browser.do("await page.getByText('live, every 2 seconds').waitFor();")
    send(receiver, payments(1)[0].body)
    browser.wait_for_rows(1)
    for stream in streams:
        stream.close()
    # To look at the page again asks for a stream again.
    browser.do(
        "await page.evaluate(() => document.dispatchEvent("
        "new Event('visibilitychange')));"
        "await page.getByText('live', {exact: true}).waitFor();"
    )
    receiver.stop()
    browser.do("await page.getByText('the receiver does not respond').waitFor();")


def test_axe_finds_no_fault_and_the_contrast_suffices(
    browser: Inspector, receiver: Receiver
) -> None:
    browser.open(receiver.inspector(secret=SECRET).url)
    faults = axe_faults(browser)
    for event in payments(4):
        send(receiver, event.body)
    body = payments(6)[5].body
    send(receiver, json.dumps(json.loads(body)).encode(), signed=body)
    requests.get(f"{receiver.url}/redirect", timeout=60)
    browser.wait_for_rows(6)
    for theme in ("dark", "light"):
        browser.do("await page.emulateMedia({colorScheme: theme});", theme=theme)
        for number in (4, 5):
            browser.choose(number)
            faults += axe_faults(browser)
    assert faults == []


def test_the_list_is_bounded_and_the_focus_is_never_lost(
    browser: Inspector, receiver: Receiver
) -> None:
    browser.open(receiver.inspector(secret=SECRET).url)
    send(receiver, payments(1)[0].body)
    browser.wait_for_rows(1)
    browser.do("await page.locator('#rows button').focus();")
    first = receiver.inbox[0]
    for _ in range(1_100):
        receiver._watch.resend(first)
    browser.wait_for_row(1_101)
    browser.do(
        "await page.locator('li[data-number=\"1\"]').waitFor({state: 'detached'});"
    )
    kept = browser.do("return await page.locator('#rows li').count();")
    assert kept == 1_000
    focused = browser.do(
        "return await page.evaluate(() => document.activeElement.innerText);"
    )
    assert focused.startswith("#")


def test_a_notebook_shows_the_page_in_a_frame_and_another_site_can_not(
    browser: Inspector, receiver: Receiver
) -> None:
    inspector = receiver.inspector(secret=SECRET)
    notebook = Flask("notebook")
    notebook.add_url_rule("/", view_func=inspector._repr_html_)
    send(receiver, payments(1)[0].body)
    with Receiver(notebook) as server:
        browser.do(
            "await page.goto(url); const frame = page.frameLocator('iframe');"
            "await frame.locator('#rows button').click();"
            "await frame.getByRole('button', {name: 'Resend'}).click();"
            "await frame.getByText('it returned 204').waitFor();",
            url=server.url,
        )
        # A name of another site that leads to this machine, as in DNS rebinding.
        foreign = server.url.replace("127.0.0.1", "evil.localhost")
        rows = browser.do(
            "await page.goto(url); await page.waitForLoadState('networkidle');"
            "return await page.frames()[1].locator('#rows').count();",
            url=foreign,
        )
        rebound = str(inspector.url).replace("127.0.0.1", "evil.localhost")
        bare = rebound[: rebound.index("/", 8) + 1]
        status = browser.do("return (await page.goto(url)).status();", url=bare)
    assert rows == 0
    assert status == 403
    assert [got.resend_of for got in receiver.inbox] == [None, 1]


@pytest.mark.full
def test_a_thousand_requests_a_minute_are_all_shown_and_cost_the_app_little(
    browser: Inspector, receiver: Receiver
) -> None:
    alone = load(receiver, LOAD)
    browser.open(receiver.inspector(secret=SECRET).url)
    watched = load(receiver, LOAD)
    last = receiver.inbox[-1].number
    assert last == len(alone) + len(watched)
    # Rows come in batches, so the newest is late by a part of a second. How many there
    # are says nothing here: a full list stays at a thousand, whatever is still to come.
    browser.wait_for_row(last)
    shown = browser.do(
        "return await page.locator('#rows li').evaluateAll("
        "(rows) => rows.map((row) => Number(row.dataset.number)));"
    )
    assert shown == list(range(last, max(0, last - 1_000), -1))
    browser.photograph("load")
    before, after = percentile(alone), percentile(watched)
    print(f"95th percentile alone {before:.2f} ms, with the page {after:.2f} ms")
    # In a short run, with other tests beside it, one hiccup is a whole percentile: the
    # bound holds for the full measure, INSPECTOR_LOAD=120, on a machine left alone.
    assert LOAD < 60 or after <= 1.2 * before


def load(receiver: Receiver, seconds: float) -> list[float]:
    """Send 1,000 requests a minute; return how long each took, in milliseconds."""
    body = payments(1)[0].body
    took = []
    with requests.Session() as session:
        start = time.perf_counter()
        for number in range(round(seconds * 1000 / 60)):
            time.sleep(max(0, start + number * 0.06 - time.perf_counter()))
            began = time.perf_counter()
            send(receiver, body, session=session)
            took.append((time.perf_counter() - began) * 1000)
    return took


def percentile(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


@pytest.mark.full
def test_behind_a_jupyter_server_the_page_works_and_is_not_buffered(
    browser: Inspector, receiver: Receiver, tmp_path: Path
) -> None:
    inspector = receiver.inspector(secret=SECRET)
    port = urllib.parse.urlsplit(str(inspector.url)).port
    (tmp_path / "notebooks").mkdir()
    with outside.jupyterlab(tmp_path / "notebooks", tmp_path / "settings") as address:
        base, _, token = address.partition("/lab?token=")
        for number, path in enumerate((f"/proxy/{port}/", inspector_path(inspector))):
            browser.open(f"{base}{path}?token={token}")
            send(receiver, payments(1)[0].body)
            browser.wait_for_rows(2 * number + 1)
            assert "authentic" in browser.choose(2 * number + 1)
            browser.do("await page.getByRole('button', {name: 'Resend'}).click();")
            browser.wait_for_rows(2 * number + 2)
        with requests.Session() as session:
            session.headers["Authorization"] = f"token {token}"
            assert comes_through(session, f"{base}/proxy/{port}/events", receiver)
        kept = json.dumps([got.request.headers for got in receiver.inbox])
        assert token not in kept
        browser.do("await page.goto('about:blank');")


def inspector_path(inspector: Any) -> str:
    parts = urllib.parse.urlsplit(str(inspector.url))
    return f"/proxy/{parts.port}{parts.path}"


def comes_through(session: requests.Session, url: str, receiver: Receiver) -> bool:
    """Return whether a request is told of by a stream while that stays open."""
    last = receiver.inbox[-1].number
    headers = {"Accept": "text/event-stream", "Last-Event-ID": str(last)}
    with session.get(url, headers=headers, stream=True, timeout=60) as stream:
        lines = stream.iter_lines(chunk_size=1)
        assert next(lines) == b"retry: 1000"
        threading.Timer(0.1, send, (receiver, payments(1)[0].body)).start()
        return any(line == f"id: {last + 1}".encode() for line in lines)
