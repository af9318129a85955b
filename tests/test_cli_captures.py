"""`labkit receive`, `labkit verify` and `labkit replay`: capture, check, send again."""

import json
import random
import re
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from click.testing import CliRunner, Result
from flask import Flask, request

from labkit.cli import main
from labkit.errors import BadSetting
from labkit.inbox import Received, captures
from labkit.model import Request
from labkit.probes import events
from labkit.profiles import PROFILES
from labkit.receiver import Receiver
from labkit.receiver.scripted import statuses_from
from labkit.signing import PROVIDERS, SCHEMES
from labkit.signing.query import into_query
from labkit.transport import IN_BROWSER
from tests.ports import free_port

pytestmark = pytest.mark.skipif(IN_BROWSER, reason="a browser's Python has no sockets")

STRIPE = SCHEMES["stripe"].make_secret(random.Random(1))
BODY = b'{"id":"evt_1","event":"order.paid","data":{"order":7}}'


def run(*args: str | Path, text: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(each) for each in args], input=text)


def signed(body: bytes = BODY) -> dict[str, str]:
    return SCHEMES["stripe"].sign(
        body, secret=STRIPE, id="evt_1", timestamp=int(time.time())
    )


def captured(path: Path, *bodies: bytes, headers: dict[str, str] | None = None) -> Path:
    """Write a file of captured requests, as `labkit receive --save` does."""
    app = Flask("capture")

    @app.post("/<path:_>")
    def any_path(_: str) -> tuple[str, int]:
        return "", 204

    with Receiver(app) as receiver:
        for body in bodies:
            requests.post(
                f"{receiver.url}/hooks/in",
                body,
                headers=headers or signed(body),
                timeout=60,
            )
        path.write_text("".join(map(captures.as_line, receiver.inbox)), "utf-8")
    return path


# ---- receive


def test_receive_shows_checks_and_saves_what_comes(tmp_path: Path) -> None:
    port = free_port()
    file = tmp_path / "captured.ndjson"
    program = "from labkit.cli import main; main()"
    command = [sys.executable, "-c", program, "receive", f"--port={port}"]
    options = ["--status=503,200", "--body=busy", "--count=3", f"--save={file}"]
    with subprocess.Popen(
        [*command, *options, f"--secret={STRIPE}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert "Listening on" in process.stderr.readline()
        url = f"http://127.0.0.1:{port}/any/path?x=1"
        answers = [
            requests.post(url, BODY, headers=signed(), timeout=60),
            requests.post(url, BODY + b" ", headers=signed(), timeout=60),
            requests.post(url, b"\xff\x00", headers={"Authorization": "x"}, timeout=60),
        ]
        said, _ = process.communicate(timeout=120)
    assert [answer.status_code for answer in answers] == [503, 200, 200]
    assert answers[0].text == "busy"
    assert "#1 POST /any/path?x=1 → 503" in said
    assert "stripe: authentic" in said
    assert "stripe: bad signature" in said
    assert "contains a token" in said
    assert STRIPE not in said
    found = captures.read_lines(file.read_text("utf-8"))
    assert [got.request.body for got in found] == [BODY, BODY + b" ", b"\xff\x00"]
    assert [got.status for got in found] == [503, 200, 200]


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("200", [200]),
        ("500, 500,200", [500, 500, 200]),
        ("503*3,204", [503] * 3 + [204]),
    ],
)
def test_statuses_come_in_turn(text: str, statuses: list[int]) -> None:
    assert statuses_from(text) == statuses


@pytest.mark.parametrize("text", ["", "100", "600", "x", "200*0", "200*x", "200,,500"])
def test_a_status_that_cannot_be_sent_is_refused(text: str) -> None:
    with pytest.raises(BadSetting, match="cannot be sent"):
        statuses_from(text)


# ---- verify


def test_verify_says_that_a_request_is_authentic(tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_bytes(BODY)
    header = f"Stripe-Signature: {signed()['Stripe-Signature']}"
    result = run("verify", body, "--header", header, "--secret", STRIPE)
    assert (result.exit_code, "stripe: authentic" in result.output) == (0, True)
    piped = run("verify", "-", "--header", header, "--secret", STRIPE, text=BODY)
    assert piped.exit_code == 0


def test_verify_says_why_a_signature_does_not_match(tmp_path: Path) -> None:
    body, headers = tmp_path / "body.json", tmp_path / "headers.txt"
    body.write_bytes(json.dumps(json.loads(BODY), indent=2).encode())
    lines = [f"> {name}: {value}" for name, value in signed().items()]
    headers.write_text("\n".join(["> POST /hook HTTP/1.1", *lines, ""]))
    result = run("verify", body, "--headers", headers, "--secret", STRIPE)
    assert result.exit_code == 1
    assert "bad signature, re-serialised" in result.output
    assert STRIPE not in result.output


def test_verify_says_what_it_can_not_judge(tmp_path: Path) -> None:
    header = f"Stripe-Signature: {signed()['Stripe-Signature']}"
    result = run("verify", "-", "--header", header, text=BODY)
    assert result.exit_code == 3
    assert "not checked" in result.output
    wrong = run("verify", "-", "--header", "no colon here", text=BODY)
    assert wrong.exit_code == 1
    assert "is not a header" in wrong.output


def test_verify_takes_the_url_that_twilio_signed() -> None:
    scheme = SCHEMES["twilio"]
    token = scheme.make_secret(random.Random(1))
    url = "https://shop.example/sms?a=b"
    headers = scheme.sign(b"A=1", secret=token, id="", timestamp=0, url=url)
    header = f"X-Twilio-Signature: {headers['X-Twilio-Signature']}"
    args = ("verify", "-", "--header", header, "--secret", token)
    assert run(*args, "--url", url, text=b"A=1").exit_code == 0
    assert run(*args, "--url", url.replace("b", "c"), text=b"A=1").exit_code == 1


def test_verify_judges_a_captured_request_at_its_own_time(tmp_path: Path) -> None:
    file = captured(tmp_path / "c.ndjson", BODY, BODY + b"\n")
    args = ("verify", file, "--secret", STRIPE, "--number")
    assert run(*args, "2").exit_code == 0
    late = run(*args, "2", "--now", str(time.time() + 1000))
    assert (late.exit_code, "too old" in late.output) == (1, True)
    missing = run(*args, "9")
    assert "there is no captured request 9; the file has 1, 2" in missing.output


# ---- replay


def test_replay_sends_what_was_captured_and_compares(tmp_path: Path) -> None:
    file = captured(tmp_path / "c.ndjson", BODY, b"\xff\xfe")
    seen: list[tuple[str, bytes, str | None]] = []
    answer: list[tuple[str, int]] = [("fine", 200)]
    app = Flask("target")

    @app.post("/<path:path>")
    def take(path: str) -> tuple[str, int]:
        signature = request.headers.get("Stripe-Signature")
        seen.append((path, request.get_data(), signature))
        return answer[-1]

    with Receiver(app) as receiver:
        first = run("replay", file, receiver.url)
        assert first.exit_code == 0, first.output
        assert "#1 POST /hooks/in: 200 fine" in first.output
        again = run("replay", file, receiver.url, "--number", "2")
        assert (again.exit_code, "all as before" in again.output) == (0, True)
        answer.append(("broken", 500))
        changed = run("replay", file, receiver.url)
        assert changed.exit_code == 1
        assert "#1: 200 before, 500 now" in changed.output
        answer.append(("other", 500))
        other = run("replay", file, f"{receiver.url}/elsewhere")
    assert "500 as before, with another body: 'broken" in other.output
    old = captures.read_lines(file.read_text("utf-8"))
    given = old[0].request.header("stripe-signature")
    assert seen[0] == ("hooks/in", BODY, given)
    assert [body for _, body, _ in seen[:3]] == [BODY, b"\xff\xfe", b"\xff\xfe"]
    assert seen[-1][0] == "elsewhere"


@pytest.mark.parametrize("name", ["stripe", "github", "standard"])
def test_replay_can_sign_again(name: str, tmp_path: Path) -> None:
    scheme = SCHEMES[name]
    secret = scheme.make_secret(random.Random(3))
    old = scheme.sign(BODY, secret=secret, id="evt_1", timestamp=1000)
    file = captured(tmp_path / "c.ndjson", BODY, headers=old)
    seen: list[tuple[bytes, dict[str, str]]] = []
    app = Flask("target")

    @app.post("/<path:_>")
    def take(_: str) -> str:
        seen.append((request.get_data(), dict(request.headers)))
        return ""

    with Receiver(app) as receiver:
        args = ("replay", file, receiver.url, "--scheme", name)
        assert run(*args, "--secret", secret).exit_code == 0
        assert "give --secret" in run(*args).output
    ((body, headers),) = seen
    scheme.verify(body, headers, secrets=[secret], now=time.time())
    if scheme.id_header:
        assert headers[scheme.id_header.title()] == "evt_1"


def test_a_signature_in_the_query_is_verified_and_made_again(tmp_path: Path) -> None:
    scheme, sample = PROVIDERS["paymob"], events.event_of("paymob")
    assert sample is not None
    body = sample.encode(sample.template)
    signed = scheme.sign(body, secret="s3cret", id="e", timestamp=0)
    path, _ = into_query("/hooks?a=1", signed)
    url = f"https://shop.example{path}"
    args = ("verify", "-", "--scheme", "paymob", "--secret", "s3cret", "--url")
    assert run(*args, url, text=body).exit_code == 0
    changed = run(*args, url, text=body.replace(b"EGP", b"USD"))
    assert (changed.exit_code, "other secret or content" in changed.output) == (1, True)
    missing = run(*args, "https://shop.example/hooks", text=body)
    assert "has no hmac in the query of its URL" in missing.output
    file = tmp_path / "c.ndjson"
    old = Request("POST", path.replace("hmac=", "hmac=0"), (), body)
    file.write_text(captures.as_line(Received(old, 200, 0.0, "", None, 1, 0.0)))
    seen: list[str] = []
    app = Flask("target")

    @app.post("/hooks")
    def take() -> str:
        seen.append(request.url)
        return ""

    with Receiver(app) as receiver:
        again = ("--scheme", "paymob", "--secret", "s3cret")
        assert run("replay", file, receiver.url, *again).exit_code == 0
    assert [urlsplit(one).query for one in seen] == [urlsplit(url).query]


def test_replay_says_that_nobody_listens(tmp_path: Path) -> None:
    file = captured(tmp_path / "c.ndjson", BODY)
    result = run("replay", file, "http://127.0.0.1:9")
    assert "nobody listens" in result.output
    assert "--i-own-this-endpoint" in run("replay", file, "http://192.0.2.1/").output


@pytest.mark.parametrize("line", ["{", "[]", '{"method":"POST"}', '{"body":7}'])
def test_a_file_that_holds_no_requests_is_refused(line: str, tmp_path: Path) -> None:
    file = tmp_path / "c.ndjson"
    file.write_text(line)
    result = run("replay", file, "http://127.0.0.1:9")
    assert result.exit_code == 1
    assert "line 1 is not a captured request" in result.output


# ---- send


def test_send_does_not_claim_that_a_slow_receiver_died(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hasty = replace(PROFILES["wix"], timeout=0.1)
    monkeypatch.setattr("labkit.sender.sender.PROFILES", {"wix": hasty})
    app = Flask("slow")
    done = threading.Event()

    @app.post("/webhooks")
    def webhook() -> str:
        done.wait(10)
        return "done at last"

    with Receiver(app) as receiver:
        result = run("send", receiver.url, "--profile", "wix", "--speed", "100000")
        done.set()
    assert "died" not in result.output
    assert "acknowledged nothing" not in result.output
    assert "no response in time" in result.output
    assert "No acknowledgement came in time." in result.output


def test_send_goes_by_the_profile_of_the_scheme() -> None:
    app = Flask("broken")

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        return "the database is\naway", 500

    with Receiver(app) as receiver:
        args = ("send", receiver.url, "--secret", "a secret for a test", "--scheme")
        github = run(*args, "github")
        shopify = run(*args, "shopify")
        given = run(*args, "github", "--profile", "shopify")
        count = len(receiver.inbox)
    assert count == 1 + 8 + 8  # Shopify gives up after 8 failures
    assert "status 500: the database is away" in github.output
    assert "status 500, 8 times: the database is away" in shopify.output
    assert len(re.findall(r"1 event, 1 attempt", github.output)) == 1
    assert given.exit_code == 1


def test_send_and_examine_mean_the_same_by_event_and_type() -> None:
    assert "--event" not in run("send", "--help").output
    assert "--type" in run("send", "--help").output
    assert "--type" in run("examine", "--help").output
