"""What the inspector lets a reader do with requests and responses."""

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask, request

from labkit.inbox.captures import read_lines
from labkit.receiver import Receiver
from labkit.samples import payments
from labkit.signing import SCHEMES
from tests.pages import Browser

SECRET = SCHEMES["generic"].make_secret(random.Random(1))
BODY = payments(1)[0].body


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook() -> tuple[dict[str, object], int, dict[str, str]]:
        said: dict[str, object] = {"bytes": len(request.get_data())}
        return said, 201, {"X-Shop": "open", "Set-Cookie": "login=abcdef123"}

    with Receiver(app) as running:
        running.inspector(secret=SECRET)
        yield running


def base(receiver: Receiver) -> str:
    return str(receiver.inspector().url)


def post(receiver: Receiver, body: bytes = BODY) -> requests.Response:
    return requests.post(f"{receiver.url}/webhooks", body, timeout=60)


def order(
    receiver: Receiver, what: str, path: str, content: object
) -> requests.Response:
    data = content if isinstance(content, str) else json.dumps(content)
    headers = {"X-Inspector": what}
    return requests.post(
        base(receiver) + path, data.encode(), headers=headers, timeout=9
    )


def row(receiver: Receiver, number: int) -> dict[str, object]:
    found: dict[str, object] = requests.get(
        f"{base(receiver)}requests/{number}", timeout=9
    ).json()
    return found


def test_the_response_is_shown_with_its_headers_and_body(receiver: Receiver) -> None:
    sent = post(receiver)
    returned = row(receiver, 1)["returned"]
    assert isinstance(returned, dict)
    assert returned["raw"]["text"] == sent.text
    assert ["X-Shop", "open"] in returned["headers"]
    assert "abcdef123" not in str(returned)


def test_a_stream_is_passed_on_part_by_part_and_closed() -> None:
    closed: list[bool] = []
    app = Flask("shop")

    @app.get("/stream")
    def stream() -> Iterator[bytes]:
        try:
            yield b"x" * 40_000
            yield b"y" * 40_000
        finally:
            closed.append(True)

    with Receiver(app) as receiver:
        got = requests.get(f"{receiver.url}/stream", timeout=60)
        assert len(got.content) == 80_000
        (kept,) = receiver.inbox
    assert closed == [True]
    assert kept.returned is not None
    assert kept.returned.size == 80_000
    assert len(kept.returned.body) == 64_000


def test_responses_are_planned_in_a_sequence(receiver: Receiver) -> None:
    asked = {"statuses": "503*2, 404", "delay": 0, "body": "later"}
    assert order(receiver, "plan", "plan", asked).json() == {"planned": 3}
    answers = [post(receiver) for _ in range(4)]
    assert [each.status_code for each in answers] == [503, 503, 404, 201]
    assert answers[0].text == "later"
    assert [got.planned for got in receiver.inbox] == [True, True, True, False]
    assert requests.get(base(receiver) + "about", timeout=60).json()["planned"] == 0


@pytest.mark.parametrize(
    "asked",
    [
        {"statuses": "99"},
        {"statuses": "abc"},
        {"statuses": "500", "delay": 61},
        {"statuses": "500*101"},
        {"statuses": "500", "delay": "nan"},
        [],
    ],
)
def test_what_cannot_be_planned_is_refused(asked: object, receiver: Receiver) -> None:
    assert order(receiver, "plan", "plan", asked).status_code == 400
    assert post(receiver).status_code == 201


def test_an_edited_request_is_sent_and_marked(receiver: Receiver) -> None:
    post(receiver)
    edited = {
        "method": "post",
        "path": "/webhooks?a=1",
        "headers": [["X-New", "1"]],
        "body": "édité",
    }
    assert order(receiver, "resend", "requests/1/edited", edited).json() == {
        "status": 201
    }
    got = receiver.inbox[-1]
    assert (got.resend_of, got.request.path) == (1, "/webhooks?a=1")
    assert got.request.body == "édité".encode()
    assert got.request.header("x-new") == "1"
    for broken in ({}, edited | {"path": "webhooks"}, edited | {"headers": [["a"]]}):
        refused = order(receiver, "resend", "requests/1/edited", broken)
        assert refused.status_code == 400


@pytest.mark.parametrize("name", SCHEMES)
def test_a_test_event_is_signed_by_any_scheme(name: str) -> None:
    scheme = SCHEMES[name]
    secret = scheme.make_secret(random.Random(2))
    app = Flask("shop")
    app.post("/hooks")(lambda: "")
    with Receiver(app) as receiver:
        receiver.inspector(secret=secret, scheme=name)
        asked = {"scheme": name, "path": "/hooks"}
        sent = order(receiver, "test", "test", asked).json()
        assert sent == {"status": 200, "known": True}
        assert row(receiver, 1)["signature"] == "authentic"


def test_a_test_event_without_a_secret_says_so() -> None:
    app = Flask("shop")
    app.post("/webhooks")(lambda: ("", 401))
    with Receiver(app) as receiver:
        sent = order(receiver, "test", "test", {"scheme": "standard"}).json()
        assert sent == {"status": 401, "known": False}
        refused = order(receiver, "test", "test", {"scheme": "none"})
        assert refused.status_code == 400


def test_a_session_is_kept_in_a_file_and_replayed(receiver: Receiver) -> None:
    for body in (BODY, b"\xff\x00", b"{}"):
        post(receiver, body)
    session = requests.get(base(receiver) + "inbox.json", timeout=60).text
    assert order(receiver, "replay", "replay", session).json() == {
        "sent": 3,
        "acknowledged": 3,
    }
    bodies = [got.request.body for got in receiver.inbox]
    assert bodies[:3] == bodies[3:]
    lines = "\n".join(map(json.dumps, json.loads(session)))
    assert len(read_lines(lines)) == 3
    assert order(receiver, "replay", "replay", lines).json()["sent"] == 3
    for junk in ("junk", "[1]", '{"method": "POST"}'):
        assert order(receiver, "replay", "replay", junk).status_code == 400


@pytest.mark.parametrize("path", ["plan", "test", "replay", "requests/1/edited"])
def test_no_other_site_can_ask_for_it(path: str, receiver: Receiver) -> None:
    post(receiver)
    refused = requests.post(base(receiver) + path, b"{}", timeout=60)
    assert refused.status_code == 403
    assert len(receiver.inbox) == 1


def test_the_list_has_the_id_of_the_event_and_its_text(receiver: Receiver) -> None:
    post(receiver)
    headers = {"webhook-id": "msg_7"}
    requests.post(f"{receiver.url}/webhooks", b"x", headers=headers, timeout=60)
    assert row(receiver, 1)["event"] == payments(1)[0].id
    assert "A-1" in str(row(receiver, 1)["text"])
    assert row(receiver, 2)["event"] == "msg_7"


def test_the_page_plans_sends_edits_compares_and_groups(
    browser: Browser, receiver: Receiver, tmp_path: Path
) -> None:
    now = int(time.time())
    for event in payments(2):
        signed = SCHEMES["generic"].sign(
            event.body, secret=SECRET, id=event.id, timestamp=now
        )
        for _ in range(2):
            requests.post(
                f"{receiver.url}/webhooks", event.body, headers=signed, timeout=9
            )
    session = tmp_path / "inbox.json"
    session.write_bytes(requests.get(base(receiver) + "inbox.json", timeout=60).content)
    news = (
        "await page.waitForFunction(() => document.querySelector('#news').innerText);"
    )
    news += "const told = await page.locator('#news').innerText();"
    news += (
        "await page.evaluate(() => document.querySelector('#news').replaceChildren());"
    )
    do = browser.do
    do("await page.goto(url);", url=base(receiver) + "#theme=dark")
    theme = "return await page.evaluate(() => document.documentElement.dataset.theme);"
    assert do(theme) == "dark"
    do("await page.locator('summary', {hasText: 'Send and plan'}).click();")
    planned = do(
        "await page.locator('#statuses').fill('503');"
        "await page.locator('#plan').click();" + news + "return told;"
    )
    assert planned.startswith("The next response is planned")
    tested = do(
        "await page.locator('#scheme').selectOption('generic');"
        "await page.locator('#test').click();" + news + "return told;"
    )
    assert tested == "The app returned 503. The event is signed with your secret."
    do("await page.locator('#planned', {hasText: /^$/}).waitFor({state: 'attached'});")
    replayed = do(
        "await page.locator('#replay').setInputFiles(file);" + news + "return told;",
        file=str(session),
    )
    assert replayed == "4 requests were sent to the app; it acknowledged 4."
    rows = "document.querySelectorAll('#rows li').length"
    do(f"await page.waitForFunction(() => {rows} === 9);")
    text = do(
        "await page.locator(\"li[data-number='1'] button\").click();"
        "await page.locator('#detail h2', {hasText: '#1 '}).waitFor();"
        "await page.locator('.comparison summary').click();"
        "await page.locator('.comparison input').fill('3');"
        "await page.locator('.comparison button').click();"
        "await page.locator('table.two').waitFor();"
        "return await page.locator('#detail').innerText();"
    )
    assert f"Event {payments(1)[0].id}, request 1 of 4" in text
    assert '"bytes": 128' in text
    assert "Body of the response:" in text
    assert "What differs is underlined." in text
    edited = do(
        "await page.locator('.editor summary').click();"
        "await page.locator('.editor textarea').last().fill('{}');"
        "await page.getByRole('button', {name: 'Send edited request'}).click();"
        + news
        + "return told;"
    )
    assert edited == "The edited request was sent; the app returned 201."
    shown = do(
        "await page.locator('#filter').fill('A-2');"
        "return await page.locator('#rows li:not([hidden])').count();"
    )
    assert shown == 4
    # Beside a notebook there is little room: no part of a row breaks within itself,
    # and the columns of a comparison have more room than the names.
    do("await page.setViewportSize({width: 470, height: 900});")
    tall, (name, one, other) = do(
        "return await page.evaluate(() => ["
        " Math.max(...[...document.querySelectorAll('.row-foot > span')]"
        "  .map((part) => part.offsetHeight)),"
        " [...document.querySelector('.two tr').children]"
        "  .map((cell) => cell.offsetWidth)]);"
    )
    assert tall < 25
    assert one == pytest.approx(other, abs=2)
    assert name < one
    do("await page.setViewportSize({width: 1200, height: 800});")
    found = do(
        "await page.evaluate(axe); const run = await page.evaluate(() => axe.run());"
        "return run.violations.map((each) => `${each.id}: ${each.nodes[0].html}`);"
    )
    assert found == []


VSCODE = {
    "vscode-light": "light",
    "vscode-dark": "dark",
    "vscode-high-contrast": "dark",
    "vscode-high-contrast-light": "light",
}


def test_the_frame_is_told_the_theme_of_the_notebook(
    browser: Browser, receiver: Receiver, tmp_path: Path
) -> None:
    file = tmp_path / "cell.html"
    shown = receiver.inspector()._repr_html_()
    file.write_text(f"<body data-jp-theme-light=false>{shown}", "utf-8")
    browser.do("await page.goto(url);", url=file.as_uri())
    address = "return await page.locator('iframe').evaluate((frame) => frame.src);"
    assert browser.do(address) == base(receiver) + "#theme=dark"
    browser.do(
        "await page.evaluate(() => { document.body.dataset.jpThemeLight = 'true'; });"
        "await page.waitForFunction(() => document.querySelector('iframe').src"
        ".endsWith('#theme=light'));"
    )
    for kind, theme in VSCODE.items():
        file.write_text(f"<body data-vscode-theme-kind={kind}>{shown}", "utf-8")
        browser.do("await page.goto(url);", url=file.as_uri())
        assert browser.do(address) == base(receiver) + f"#theme={theme}", kind
    unknown = tmp_path / "elsewhere.html"
    unknown.write_text(f"<body>{shown}", "utf-8")
    browser.do("await page.goto(url);", url=unknown.as_uri())
    assert browser.do(address) == base(receiver)
