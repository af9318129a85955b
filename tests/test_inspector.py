"""What the inspector shows, whom it lets in, and what it leaves behind."""

import base64
import gc
import json
import random
import re
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, request

from labkit.errors import BadSetting
from labkit.inspector import Inspector
from labkit.inspector.bodies import parsed_view, raw_view, subject
from labkit.inspector.curl import LONGEST, as_curl, as_curl_in_powershell
from labkit.inspector.guard import HEADERS
from labkit.inspector.streams import BEAT, STREAMS
from labkit.model import Request
from labkit.receiver import REMEMBERED_BYTES, Received, Receiver
from labkit.redaction import HIDDEN
from labkit.samples import payments
from labkit.signing import SCHEMES
from tests import outside
from tests.apps import shop
from tests.threads import left_since

BODY = payments(1)[0].body
STRIPE = SCHEMES["stripe"]
GENERIC = SCHEMES["generic"]
SECRET = STRIPE.make_secret(random.Random(1))
OTHER_SECRET = GENERIC.make_secret(random.Random(1))


def signed(body: bytes) -> dict[str, str]:
    return GENERIC.sign(body, secret=OTHER_SECRET, id="m", timestamp=0)


# ---- what is shown


def test_bodies_are_shown_as_text_or_as_bytes() -> None:
    assert raw_view("Zoë".encode()) == {"kind": "text", "text": "Zoë", "left_out": 0}
    shown = raw_view(b"\x00\xffab")
    assert shown["kind"] == "bytes"
    assert shown["text"].split() == ["000000", "00", "ff", "61", "62", "..ab"]
    # The cut goes through the second byte of a letter.
    long = raw_view(b"a" * 63_999 + "ë".encode() + b"b" * 10)
    assert (long["kind"], long["left_out"]) == ("text", 12)


def test_payloads_are_parsed_and_their_traps_named() -> None:
    parsed = parsed_view(b'{"a": 1, "a": {"b": 12345678901234567890}}', "")
    assert parsed is not None
    assert '"b": 12345678901234567890' in parsed["text"]
    assert "'a'" in parsed["note"]
    form = parsed_view(b"a=1&b=%20x", "application/x-www-form-urlencoded")
    assert form == {"kind": "form", "text": "a = 1\nb =  x", "note": ""}
    assert parsed_view(b"[" * 100_000, "application/json") is None
    assert parsed_view(b"no json", "application/json") is None


def test_the_subject_is_the_type_of_the_event() -> None:
    assert subject(BODY, ()) == "payment.succeeded"
    assert subject(b'{"type": ["x"]}', ()) == ""
    assert subject(b"{}", (("X-Github-Event", "push"),)) == "push"


BODIES = [
    BODY,
    "{'quotes' \"double\" $HOME `id` !x\n\t\\ Zoë".encode(),
    b'{"a": "it\'s %PATH% $env:PATH \\\\"\n\'@\n\n@\' ^& \\n}\n',
    b"@file",
    b"\x1b[201~rm -rf\r\n\x00\xff",
    b"",
]


@pytest.mark.parametrize("body", BODIES)
def test_the_copied_command_sends_the_same_request(body: bytes) -> None:
    if shutil.which("curl") is None or shutil.which("sh") is None:
        outside.missing("needs curl and sh, which are not on the PATH")
    with Receiver(shop([])) as receiver:
        first = receive(receiver, body)
        command = as_curl(first.request, receiver.url)
        subprocess.run(["sh", "-c", command], capture_output=True, check=True)  # noqa: S607
        assert_same(first, receiver.inbox[-1])


@pytest.mark.parametrize("body", BODIES)
def test_the_command_for_powershell_sends_the_same_request(
    body: bytes, tmp_path: Path
) -> None:
    with Receiver(shop([])) as receiver:
        first = receive(receiver, body)
        in_powershell(as_curl_in_powershell(first.request, receiver.url), tmp_path)
        assert_same(first, receiver.inbox[-1])


def test_the_command_for_powershell_leaves_out_what_old_ones_can_not_pass_on() -> None:
    headers = (("X-Name", "Zo\xeb"), ("X-Plain", 'a "b"'), ("Authorization", HIDDEN))
    request = Request("POST", "/webhooks?q=\xeb", headers, bytes(LONGEST + 1))
    command = as_curl_in_powershell(request, "http://127.0.0.1:5000")
    assert command.isascii()
    assert command.splitlines()[1:] == [
        "# for PowerShell",
        "globoff",
        'request = "POST"',
        'url = "http://127.0.0.1:5000/webhooks?q=%EB"',
        r'header = "X-Plain: a \"b\""',
        'data-binary = "@body"',
        "'@ | curl.exe -i -K -",
    ]


def receive(receiver: Receiver, body: bytes) -> Received:
    """Let the receiver get a request that is hard to quote."""
    target = "/webhooks?a='b'&c=%20&d[0]={e}"
    headers = {"X-Empty": "", "X-Quote": 'it\'s "so"', "Content-Type": "text/plain"}
    requests.post(receiver.url + target, data=body, headers=headers, timeout=60)
    (first,) = receiver.inbox
    return first


def assert_same(first: Received, again: Received) -> None:
    assert again.number == first.number + 1
    assert again.request.method == first.request.method
    assert again.request.path == first.request.path
    assert again.request.body == first.request.body
    for name in ("X-Empty", "X-Quote", "Content-Type"):
        assert again.request.header(name) == first.request.header(name)


def in_powershell(command: str, folder: Path) -> None:
    """Run the command in PowerShell on Windows, and elsewhere what it makes of it."""
    if sys.platform == "win32":
        script = folder / "command.ps1"
        script.write_text(command, "utf-8")
        options = ["-NoProfile", "-ExecutionPolicy", "Bypass", "-File", str(script)]
        subprocess.run(["powershell", *options], capture_output=True, check=True)  # noqa: S607
        return
    if shutil.which("curl") is None:
        outside.missing("needs curl, which is not on the PATH")
    parts = re.fullmatch(
        r"(?:\[IO\.File\]::WriteAllBytes\(\"(?P<file>[^\"]+)\", "
        r"\[Convert\]::FromBase64String\('(?P<coded>[\w+/=]*)'\)\)\n)?"
        # Such a text ends at the first line that begins with these two characters.
        r"@'\n(?P<text>(?:(?!'@).*\n)*)'@ \| curl\.exe (?P<words>.+)",
        command,
    )
    assert parts, command
    words = parts["words"]
    if parts["file"]:
        file = folder / "a body"
        file.write_bytes(base64.b64decode(parts["coded"]))
        words = words.replace(parts["file"], str(file))
    subprocess.run(
        ["curl", *shlex.split(words)],  # noqa: S607
        # The oldest PowerShell in use, 5.1, hands on ASCII and ends lines like this.
        input=parts["text"].replace("\n", "\r\n").encode("ascii"),
        capture_output=True,
        check=True,
    )


def test_the_inbox_is_a_table_in_text_and_html() -> None:
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook() -> str:
        print("<b>charging</b>\x1b[31m")
        raise ValueError("<i>no</i>")

    with Receiver(app) as receiver:
        assert str(receiver.inbox) == "no request received yet"
        requests.post(f"{receiver.url}/webhooks?<u>&token=abc", data=b"x", timeout=60)
        inbox = receiver.inbox
    text, table = repr(inbox), inbox._repr_html_()
    assert "ValueError: <i>no</i>" in text
    assert "\x1b" not in text
    assert "abc" not in text + table
    assert "&lt;i&gt;no&lt;/i&gt;" in table
    assert "<b>" not in table
    assert (len(inbox), inbox[0].status) == (1, 500)


def test_a_long_inbox_shows_its_newest() -> None:
    with Receiver(shop([])) as receiver, requests.Session() as session:
        for _ in range(60):
            session.post(receiver.url, timeout=60)
        shown = str(receiver.inbox)
    assert shown.startswith("the newest 50 of 60 requests\n")
    assert shown.splitlines()[-1].lstrip().startswith("60 ")


def test_the_inbox_keeps_a_bounded_number_of_bytes() -> None:
    with Receiver(shop([])) as receiver, requests.Session() as session:
        for _ in range(9):
            session.post(receiver.url, data=bytes(REMEMBERED_BYTES // 8), timeout=60)
        kept = receiver.inbox
    assert [got.number for got in kept] == [2, 3, 4, 5, 6, 7, 8, 9]


# ---- the page's server


@pytest.fixture
def watched() -> Iterator[tuple[Receiver, Inspector]]:
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        print("the secret is", SECRET)
        if "fail" in request.args:
            raise ValueError(f"{SECRET} is no number")
        return "", 204

    with Receiver(app) as receiver:
        yield receiver, receiver.inspector(secret=SECRET)


def get(inspector: Inspector, path: str, **options: Any) -> requests.Response:
    return requests.get(f"{inspector.url}{path}", timeout=60, **options)


def test_every_answer_forbids_what_the_page_does_not_need(
    watched: tuple[Receiver, Inspector],
) -> None:
    receiver, inspector = watched
    requests.post(f"{receiver.url}/webhooks", data=b"<script>", timeout=60)
    for path in ("", "page.js", "rows", "requests/1/body", "nothing", "inbox.json"):
        answer = get(inspector, path)
        for name, value in HEADERS:
            assert answer.headers[name] == value
    policy = dict(HEADERS)["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    body = get(inspector, "requests/1/body")
    assert body.content == b"<script>"
    assert body.headers["Content-Type"] == "application/octet-stream"
    assert body.headers["Content-Disposition"].startswith("attachment")


def test_no_file_of_the_page_names_an_outside_address(
    watched: tuple[Receiver, Inspector],
) -> None:
    for name in ("", "page.js", "style.css"):
        text = get(watched[1], name).text
        assert "http" not in text
        assert "innerHTML" not in text
        assert 'src="/' not in text
        assert 'href="/' not in text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "["])
def test_a_name_that_is_not_this_machines_is_refused(
    watched: tuple[Receiver, Inspector], host: str
) -> None:
    bare = root_of(watched[1])
    for path in ("", "rows", "events", "inbox.json", "requests/1"):
        answer = requests.get(bare + path, headers={"Host": host}, timeout=60)
        assert answer.status_code == 403
        assert "evil" not in answer.text


@pytest.mark.parametrize(
    "host", ["127.0.0.1:5", "localhost", "LOCALHOST:8888", "[::1]:9"]
)
def test_this_machines_names_are_let_in(
    watched: tuple[Receiver, Inspector], host: str
) -> None:
    answer = requests.get(
        f"{root_of(watched[1])}rows", headers={"Host": host}, timeout=5
    )
    assert answer.status_code == 200


def test_behind_a_hub_the_key_is_needed_and_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    with Receiver(shop([])) as receiver:
        inspector = receiver.inspector()
        port = urllib.parse.urlsplit(str(inspector.url)).port
        assert str(inspector.address).startswith(f"/user/ada/proxy/{port}/")
        assert inspector.address.endswith(str(inspector.url)[-17:])
        assert f'src="{inspector.address}"' in inspector._repr_html_()
        host = {"Host": "hub.example"}
        assert get(inspector, "rows", headers=host).status_code == 200
        for name in ("hub.example", "127.0.0.1"):
            answer = requests.get(
                f"{root_of(inspector)}rows", headers={"Host": name}, timeout=5
            )
            assert answer.status_code == 403
            assert "receiver.inspector()" in answer.text


def root_of(inspector: Inspector) -> str:
    """Return the address without the key."""
    parts = urllib.parse.urlsplit(str(inspector.url))
    return f"http://{parts.netloc}/"


def test_without_its_last_slash_the_address_leads_on(
    watched: tuple[Receiver, Inspector],
) -> None:
    answer = requests.get(str(watched[1].url)[:-1], allow_redirects=False, timeout=60)
    assert answer.status_code == 308
    assert not answer.headers["Location"].startswith(("/", "http"))
    assert requests.get(str(watched[1].url)[:-1], timeout=60).url == watched[1].url


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_sites_are_refused(
    watched: tuple[Receiver, Inspector], headers: dict[str, str]
) -> None:
    receiver, inspector = watched
    requests.post(f"{receiver.url}/webhooks", timeout=60)
    assert get(inspector, "rows", headers=headers).status_code == 403
    answer = requests.post(
        f"{inspector.url}requests/1/resend",
        headers=headers | {"X-Inspector": "resend"},
        timeout=60,
    )
    assert answer.status_code == 403
    assert len(receiver.inbox) == 1


def test_a_notebook_on_another_port_may_show_the_page_in_a_frame(
    watched: tuple[Receiver, Inspector],
) -> None:
    headers = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "iframe"}
    assert get(watched[1], "", headers=headers).status_code == 200


def test_a_form_of_another_site_can_not_resend(
    watched: tuple[Receiver, Inspector],
) -> None:
    receiver, inspector = watched
    requests.post(f"{receiver.url}/webhooks", timeout=60)
    address = f"{inspector.url}requests/1/resend"
    assert requests.post(address, timeout=60).status_code == 403
    assert requests.get(address, timeout=60).status_code == 405
    asked_first = requests.options(address, timeout=60)
    assert "Access-Control-Allow-Origin" not in asked_first.headers
    assert len(receiver.inbox) == 1


def test_a_resend_is_the_same_request_without_what_was_not_kept(
    watched: tuple[Receiver, Inspector],
) -> None:
    receiver, inspector = watched
    headers: dict[str, str | bytes] = {
        "Authorization": "token abc",
        "X-Else": "é".encode(),
    }
    requests.put(f"{receiver.url}/x?a=%20b", data=b"\xff", headers=headers, timeout=60)
    answer = requests.post(
        f"{inspector.url}requests/1/resend",
        headers={"X-Inspector": "resend"},
        timeout=60,
    )
    assert answer.json() == {"status": 404}
    first, again = receiver.inbox
    assert (again.number, again.resend_of) == (2, 1)
    assert again.request.method == "PUT"
    assert again.request.path == first.request.path
    assert again.request.body == b"\xff"
    assert again.request.header("X-Else") == first.request.header("X-Else")
    assert again.request.header("Host") == first.request.header("Host")
    assert again.request.header("Authorization") is None
    assert get(inspector, "requests/99").status_code == 404


def test_no_secret_is_shown_anywhere(watched: tuple[Receiver, Inspector]) -> None:
    receiver, inspector = watched
    requests.post(
        f"{receiver.url}/webhooks?fail=1&token=jupyter-login",
        data=json.dumps({"leak": SECRET}),
        headers={
            "Authorization": "token jupyter-login",
            "Cookie": "hub=jupyter-login",
            "X-Gitlab-Token": "jupyter-login",
            "X-Note": f"mine is {SECRET}",
        },
        timeout=60,
    )
    for path in ("rows", "requests/1", "requests/1/body", "inbox.json"):
        text = get(inspector, path).text
        assert text
        assert SECRET not in text
        assert "jupyter-login" not in text
    detail = get(inspector, "requests/1").json()
    assert detail["failure"]["message"] == "(redacted) is no number"
    assert detail["failure"]["lines"][0].startswith("webhook, line ")
    assert detail["printed"] == "the secret is (redacted)\n"
    assert ["X-Gitlab-Token", "(redacted)"] in detail["headers"]


def test_the_export_is_the_whole_inbox(watched: tuple[Receiver, Inspector]) -> None:
    receiver, inspector = watched
    assert get(inspector, "inbox.json").json() == []
    requests.post(f"{receiver.url}/webhooks", data=BODY, timeout=60)
    requests.post(f"{receiver.url}/webhooks?fail=1", data=b"\xff", timeout=60)
    answer = get(inspector, "inbox.json")
    first, second = answer.json()
    assert first["body"] == BODY.decode()
    assert base64.b64decode(second["body_base64"]) == b"\xff"
    assert (first["status"], second["status"]) == (204, 500)
    assert second["failure"]["type"] == "ValueError"
    assert "attachment" in answer.headers["Content-Disposition"]


def test_an_answer_that_contradicts_the_signature_is_noted() -> None:
    answers = iter([401, 204])
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        return "", next(answers)

    with Receiver(app) as receiver:
        inspector = receiver.inspector(secret=OTHER_SECRET)
        for body in (BODY, BODY + b" "):
            headers = signed(BODY)
            requests.post(
                f"{receiver.url}/webhooks", data=body, headers=headers, timeout=5
            )
        refused, acknowledged = (
            get(inspector, f"requests/{number}").json()["note"] for number in (1, 2)
        )
    assert refused.startswith("The request is authentic, but your app rejected it")
    assert acknowledged.startswith("Your app acknowledged a request that is not")


def test_secrets_given_later_count_from_then_on(
    watched: tuple[Receiver, Inspector],
) -> None:
    receiver, inspector = watched
    headers = signed(BODY)
    requests.post(f"{receiver.url}/webhooks", data=BODY, headers=headers, timeout=60)
    assert get(inspector, "rows").json()["rows"][0]["signature"] == "bad signature"
    assert receiver.inspector(secret=[OTHER_SECRET]) is inspector
    assert receiver.inspector() is inspector
    assert get(inspector, "rows").json()["rows"][0]["signature"] == "authentic"


# ---- the streams


def numbers_of(lines: Iterator[bytes], *, until: int) -> list[int]:
    """Read a stream's rows until the one with that number."""
    found: list[int] = []
    for line in lines:
        if line.startswith(b"data: {"):
            batch = json.loads(line[6:])
            found += [row["number"] for row in batch.get("rows", [])]
            if found and found[-1] >= until:
                break
    return found


def test_a_stream_tells_of_new_requests_and_goes_on_where_it_was(
    watched: tuple[Receiver, Inspector],
) -> None:
    receiver, inspector = watched
    for _ in range(3):
        requests.post(f"{receiver.url}/webhooks", timeout=60)
    with get(inspector, "events", stream=True) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        lines = stream.iter_lines(chunk_size=1)
        assert numbers_of(lines, until=3) == [1, 2, 3]
        requests.post(f"{receiver.url}/webhooks", timeout=60)
        assert numbers_of(lines, until=4) == [4]
    later = {"Last-Event-ID": "2"}
    with get(inspector, "events?after=0", stream=True, headers=later) as stream:
        assert numbers_of(stream.iter_lines(chunk_size=1), until=4) == [3, 4]


def test_many_requests_come_in_few_batches(
    watched: tuple[Receiver, Inspector],
) -> None:
    receiver, inspector = watched
    began = time.monotonic()
    with get(inspector, "events", stream=True) as stream:
        with requests.Session() as session:
            for _ in range(300):
                session.post(f"{receiver.url}/webhooks", timeout=60)
        batches = 0
        for line in stream.iter_lines(chunk_size=1):
            batches += line.startswith(b"id: ")
            if line == b"id: 300":
                break
    assert batches <= (time.monotonic() - began) / BEAT + 2


def test_one_stream_too_many_ends_the_oldest_and_the_server_still_answers(
    watched: tuple[Receiver, Inspector],
) -> None:
    _, inspector = watched
    streams = []
    for _ in range(STREAMS + 2):
        stream = get(inspector, "events", stream=True)
        lines = stream.iter_lines(chunk_size=1)
        assert next(lines) == b"retry: 1000"
        streams.append((stream, lines))
    for _, lines in streams[:2]:
        assert b"event: farewell" in list(lines)
    assert get(inspector, "rows").status_code == 200
    for stream, _ in streams:
        stream.close()


def test_a_page_that_is_closed_gives_its_thread_back(
    watched: tuple[Receiver, Inspector],
) -> None:
    _, inspector = watched
    with get(inspector, "events", stream=True) as stream:
        assert next(stream.iter_lines(chunk_size=1)) == b"retry: 1000"
        assert len(inspector._desk.streams._open) == 1
    for _ in range(1_000):  # on a busy machine, it is noticed late
        if not inspector._desk.streams._open:
            break
        time.sleep(0.02)
    assert len(inspector._desk.streams._open) == 0


def test_stopping_ends_all_streams_and_leaves_no_thread() -> None:
    gc.collect()
    threads = threading.enumerate()
    with Receiver(shop([])) as receiver:
        inspector = receiver.inspector()
        streams = [get(inspector, "events", stream=True) for _ in range(STREAMS)]
    assert left_since(threads) == []
    for stream in streams:
        stream.close()
    with pytest.raises(requests.ConnectionError):
        get(inspector, "rows")
    assert repr(inspector).startswith("<Inspector closed, was at http://127.0.0.1:")
    inspector.stop()
    with pytest.raises(BadSetting, match="does not run"):
        receiver.inspector()


def test_a_receiver_that_nothing_refers_to_closes_its_page() -> None:
    inspector = Receiver(shop([])).start().inspector()
    gc.collect()
    address = urllib.parse.urlsplit(str(inspector.url))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((str(address.hostname), address.port or 0), timeout=60)


def test_started_again_a_receiver_has_a_new_page() -> None:
    receiver = Receiver(shop([]))
    with receiver:
        requests.post(receiver.url, timeout=60)
        first = receiver.inspector().url
    with receiver:
        inspector = receiver.inspector()
        assert inspector.url != first
        assert len(get(inspector, "rows").json()["rows"]) == 1


def test_in_a_browsers_python_a_cell_shows_the_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("labkit.inspector.IN_BROWSER", True)
    with Receiver(shop([])) as receiver:
        inspector = receiver.inspector()
        requests.post(receiver.url, timeout=60)
        assert inspector.url is None
        assert inspector.address is None
        assert repr(inspector) == str(receiver.inbox)
        assert inspector._repr_html_() == receiver.inbox._repr_html_()
