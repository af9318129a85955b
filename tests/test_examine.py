"""The examination: right receivers pass every probe, and each bug is found by its own.

The receivers run in processes of their own, several at a time, each started once.
"""

import contextlib
import hmac
import importlib.util
import json
import os
import shlex
import signal
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from labkit import Receiver as Server
from labkit.cli import main
from labkit.errors import BadSetting, ConnectionRefused, UnknownName
from labkit.examine import (
    demand_loopback,
    endpoint_from,
    examine,
    levers_from,
    number_from_command,
    number_from_url,
    switch,
)
from labkit.examine.evidence import evidence_of
from labkit.findings import (
    ExaminationReport,
    ProbeOutcome,
    grouped,
    junit,
    machine,
    page,
    sarif,
    text,
)
from labkit.findings import Result as Examination
from labkit.model import Request
from labkit.probes import PROBES, Exchange, Harness, Levers, chosen
from labkit.probes.wire import Wire, WireResponse
from tests import outside
from tests.receivers.catalogue import PROVIDERS, RIGHT, WRONG, Receiver
from tests.receivers.flask_app import make_app
from tests.receivers.running import HERE, running
from tests.receivers.schemes import STANDARD, STANDARD_2, Standard

AT_A_TIME = 4

Examined = Callable[[Receiver], ExaminationReport]

# What providers' own middleware does not do by itself, and what it does wrong.
NO_MEMORY = {
    "duplicate.in-turn",
    "duplicate.renewed",
    "duplicate.at-once",
    "duplicate.new-id",
    "duplicate.late",
    "crash.between-copies",
    "crash.in-the-middle",
}
OCTOKIT = NO_MEMORY | {
    "signature.replaced-bytes",  # the body is text before it is hashed
    "size.signed",  # no limit of its own
    "size.chunked",
    "size.endless",
    "body.not-an-object",  # a text or number behind a right signature: TypeError
    "size.announced",  # "still processing", 202, before anything is verified
}
STRIPE = NO_MEMORY | {
    "signature.replaced-bytes",  # constructEvent decodes the body before hashing
    "time.future",  # the age is checked one way
    "time.past-tolerance",
    "time.milliseconds",
    "time.not-a-number",
    "body.not-an-object",  # null: a TypeError behind a right signature
    "size.large-event",  # express.raw() stops at 100 kB unless it is told otherwise
    "size.announced",
}


def named(receiver: Receiver) -> str:
    return receiver.name


def needs(receiver: Receiver) -> None:
    """Skip the test, or fail it under CI, where the receiver can't be run."""
    if not receiver.shop:
        outside.node_with_packages(HERE)
    if receiver.way == "fastapi" and importlib.util.find_spec("fastapi") is None:
        outside.missing("needs FastAPI: pip install 'webhook-lab[receivers]'")


@pytest.fixture(scope="module")
def examined(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Examined]:
    """Examine every receiver that a test of this run asks for, several at a time."""
    wanted: dict[Receiver, None] = {
        item.callspec.params["receiver"]: None  # type: ignore[misc]  # it says object
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.module.__name__ == __name__
        and hasattr(item, "callspec")
        and "receiver" in item.callspec.params
    }
    futures: dict[str, Future[dict[str, ExaminationReport]]] = {}
    pool = ThreadPoolExecutor(AT_A_TIME)
    try:
        for receivers in _groups(wanted):
            folder = tmp_path_factory.mktemp("receivers")
            future = pool.submit(reports_on, receivers, folder)
            futures |= dict.fromkeys((receiver.name for receiver in receivers), future)
        yield lambda receiver: futures[receiver.name].result(timeout=300)[receiver.name]
    finally:
        pool.shutdown(cancel_futures=True)


def _groups(receivers: Iterable[Receiver]) -> list[list[Receiver]]:
    """Put those into one process that can share it; leave out what can't be run."""
    groups: dict[str, list[Receiver]] = {}
    for receiver in receivers:
        with contextlib.suppress(pytest.skip.Exception, pytest.fail.Exception):
            needs(receiver)
            dies = not receiver.bug or receiver.probe.startswith("crash")
            alone = dies or not receiver.shop
            name = receiver.name if alone else receiver.way
            groups.setdefault(name, []).append(receiver)
    # The long ones first, so that none is left over at the end.
    return sorted(groups.values(), key=lambda group: group[0].bug)


def reports_on(receivers: list[Receiver], folder: Path) -> dict[str, ExaminationReport]:
    """Run all probes; for a bug the one that is meant for it, to save time."""
    reports = {}
    with running(receivers, folder) as processes:
        for receiver, process in zip(receivers, processes, strict=True):
            only = [receiver.probe] if receiver.bug else []
            endpoint, levers = process.endpoint(), process.levers()
            report = examine(endpoint, levers, probes=chosen(only))
            reports[receiver.name] = report
    return reports


# Receivers in four frameworks


@pytest.mark.parametrize("receiver", RIGHT, ids=named)
def test_a_right_receiver_passes_every_probe(
    receiver: Receiver, examined: Examined
) -> None:
    needs(receiver)
    report = examined(receiver)
    rest = report.of(ProbeOutcome.FAILED) + report.of(ProbeOutcome.UNKNOWN)
    # Whether a race is there can't be told unless the effect is made slow.
    rest = tuple(one for one in rest if one.probe.id != "duplicate.at-once")
    assert [(result.probe.id, result.facts) for result in rest] == []
    assert report.findings == ()
    assert len(report.of(ProbeOutcome.PASSED)) >= 70


@pytest.mark.parametrize("receiver", WRONG, ids=named)
def test_a_bug_is_found_by_the_probe_meant_for_it(
    receiver: Receiver, examined: Examined
) -> None:
    needs(receiver)
    (result,) = examined(receiver).results
    assert result.outcome is ProbeOutcome.FAILED, result.facts


def test_the_receivers_are_as_many_as_promised() -> None:
    assert len(WRONG) >= 24
    assert len({receiver.bug for receiver in WRONG}) == len(WRONG)
    assert len(RIGHT) == 6
    assert {receiver.way for receiver in RIGHT} == {
        "flask",
        "wsgi",
        "fastapi",
        "express",
    }
    assert {receiver.probe for receiver in WRONG} <= {probe.id for probe in PROBES}


@pytest.mark.parametrize("receiver", PROVIDERS, ids=named)
def test_providers_own_middleware_is_judged_as_it_is(
    receiver: Receiver, examined: Examined
) -> None:
    needs(receiver)
    report = examined(receiver)
    wanted = OCTOKIT if receiver.name == "provider-octokit" else STRIPE
    assert {result.probe.id for result in report.of(ProbeOutcome.FAILED)} == wanted


def test_a_process_that_dies_fails_the_probe_and_leaves_the_rest_unknown(
    tmp_path: Path,
) -> None:
    receiver = next(one for one in WRONG if one.bug == 6)
    needs(receiver)
    with running([receiver], tmp_path) as [process]:
        report = examine(
            process.endpoint(),
            probes=chosen(["signature.alphabet", "signature.length"]),
        )
    died, alphabet = report.results
    assert died.probe.id == "signature.length"
    assert "the process ended during" in died.facts
    assert alphabet.outcome is ProbeOutcome.UNKNOWN
    assert "the process ended during signature.length" in alphabet.facts
    (finding,) = report.findings
    assert (finding.id, finding.severity) == ("process-ends-unsigned", "high")
    assert finding.evidence[0].label in died.facts


# The command


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[str]:
    with Server(make_app(Standard(tmp_path))) as server:
        yield str(server.url)


@pytest.fixture
def gullible() -> Iterator[str]:
    from flask import Flask, request

    app = Flask("gullible")

    @app.post("/webhooks")
    def webhooks() -> str:
        return f"<b>thank you</b> {request.get_data(as_text=True)}"

    with Server(app) as server:
        yield f"{server.url}/webhooks"


def command(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["examine", *arguments])


def test_it_shows_progress_and_ends_with_0_when_nothing_failed(shop: str) -> None:
    done = command(f"{shop}/webhooks", "--secret", STANDARD, "--only", "time")
    assert done.exit_code == 0, done.output
    assert " 1/12 + time.stale" in done.stderr
    assert "12 probes in" in done.stdout
    assert "0 failed" in done.stdout
    assert STANDARD not in done.output


def test_it_ends_with_1_and_names_facts_and_remedy_when_a_probe_failed(
    gullible: str,
) -> None:
    done = command(
        gullible, "--scheme=github", "--secret=hush-hush", "--only=signature.forged"
    )
    assert done.exit_code == 1
    for part in (
        "CRITICAL signature-not-verified",
        "one character: 200, wanted: a rejection, 4xx",
        "Fix        verify the signature over the raw body",
        "Changed    header x-hub-signature-256:",
        "> POST /webhooks HTTP/1.1",
        "< 200",
    ):
        assert part in done.stdout


def test_effects_by_command_or_url_unlock_what_counts_them(
    shop: str, tmp_path: Path
) -> None:
    url = f"{shop}/webhooks"
    options = [url, "--secret", STANDARD, "--only", "duplicate.in-turn"]
    locked = command(*options)
    assert locked.exit_code == 3
    assert "NOT JUDGED no probe could be judged" in locked.stdout
    assert "1 unknown" in locked.stdout
    assert "--effects-url" in locked.stdout
    by_url = command(*options, "--effects-url", f"{shop}/effects")
    assert "1 passed" in by_url.stdout
    program = (
        "import sqlite3, sys; connection = sqlite3.connect(sys.argv[1]); "
        "print(connection.execute('SELECT count(*) FROM effects').fetchone()[0]); "
        "connection.close()"
    )
    ledger = tmp_path / "ledger.db"
    python = f"{shlex.quote(sys.executable)} -S"  # without packages it starts sooner
    by_command = command(*options, "--effects", f"{python} -c {program!r} {ledger}")
    assert "1 passed" in by_command.stdout, by_command.output


def test_the_reports_are_written_and_say_the_same(
    gullible: str, tmp_path: Path
) -> None:
    paths = {
        kind: tmp_path / f"report.{kind}" for kind in ("html", "json", "junit", "sarif")
    }
    options = [f"--{kind}={path}" for kind, path in paths.items()]
    only = ("--only", "signature", "--only", "time.stale")
    done = command(gullible, "--scheme=github", "--secret=hush-hush", *only, *options)
    assert done.exit_code == 1
    found = json.loads(paths["json"].read_text())
    assert found["about"]["Scheme"] == "github"
    assert [finding["severity"] for finding in found["findings"]] == ["critical"]
    counts = found["counts"]
    assert counts["failed"] >= 10
    assert counts["not applicable"] == 1
    suite = ET.fromstring(paths["junit"].read_text()).find("testsuite")  # noqa: S314 - our own
    assert suite is not None
    assert len(suite.findall("testcase")) == len(found["probes"])
    assert len(suite.findall("testcase/failure")) == counts["failed"]
    skipped = counts["unknown"] + counts["not applicable"]
    assert len(suite.findall("testcase/skipped")) == skipped
    html = paths["html"].read_text()
    assert "<b>thank you</b>" not in html
    assert "&lt;b&gt;thank you&lt;/b&gt;" in html
    assert all(probe["id"] in html for probe in found["probes"])
    (run,) = json.loads(paths["sarif"].read_text())["runs"]
    assert [result["level"] for result in run["results"]] == ["error"]


def test_the_probes_are_listed_and_explained_without_a_url() -> None:
    listed = command("--list")
    assert len(listed.stdout.splitlines()) == len(PROBES)
    few = command("--list", "--only", "time", "--skip", "time.stale")
    assert len(few.stdout.splitlines()) == 11
    explained = command("--explain", "crash.after-answer")
    for part in (
        "Experiment ",
        "Expected ",
        "Why ",
        "Fix ",
        "Severity ",
        "CWE-",
        "--restart",
    ):
        assert part in explained.stdout
    crash = "medium if a 5xx response is all"
    for probe, said in (("signature.length", True), ("valid.plain", False)):
        words = " ".join(command("--explain", probe).stdout.split())
        assert (crash in words) is said
    assert command("--explain", "tyme.stale").exit_code == 2
    assert "time.stale" in command("--explain", "tyme.stale").output


@pytest.mark.parametrize(
    ("arguments", "said", "status"),
    [
        ([], "give the URL", 2),
        (["http://127.0.0.1:9/"], "--secret", 2),
        (["http://127.0.0.1:9/", "--secret", STANDARD], "nothing listens", 3),
        (["http://192.0.2.7/", "--secret", STANDARD], "--i-own-this-endpoint", 2),
        (["http://127.0.0.1:9/", "--scheme=discord", "--secret=x"], "64 hex", 2),
        (["http://127.0.0.1:9/", "--scheme", "strype", "--secret", "x"], "stripe", 2),
        (["nowhere", "--secret", STANDARD], "is not the URL of an endpoint", 2),
        (["http://127.0.0.1:9/", "--secret", STANDARD, "--break", "true"], "--mend", 2),
    ],
)
def test_what_is_missing_or_wrong_is_told_with_the_remedy(
    arguments: list[str], said: str, status: int
) -> None:
    done = command(*arguments)
    assert done.exit_code == status
    assert said in done.output
    assert "Traceback" not in done.output


def test_an_event_of_ones_own_is_sent(shop: str, tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    event = {"id": "x", "event": "payment.refunded", "data": {"order": 7}}
    file.write_text(json.dumps(event))
    done = command(
        *(f"{shop}/webhooks", "--secret", STANDARD, "--event", str(file)),
        *("--only", "duplicate.in-turn", "--effects-url", f"{shop}/effects"),
    )
    assert "1 passed" in done.stdout, done.output
    file.write_text("[1]")
    done = command(f"{shop}/webhooks", "--secret", STANDARD, "--event", str(file))
    assert "not a JSON object" in done.output


def test_the_options_for_events_reach_the_receiver() -> None:
    from flask import Flask, request

    app, seen = Flask("pushes"), set()

    @app.post("/webhooks")
    def webhooks() -> tuple[str, int]:
        if request.headers.get("Content-Encoding") == "gzip":
            return "", 401
        event = json.loads(request.form["payload"])
        seen.add((request.headers["X-GitHub-Event"], event["event"]))
        return "", 200

    with Server(app) as server:
        done = command(
            *(f"{server.url}/webhooks", "--secret", "s3cret", "--scheme", "github"),
            *("--event", "lab", "--type", "issues", "--as", "payload", "--gzip"),
            *("--only", "valid.plain", "--only", "valid.gzip"),
        )
    assert done.exit_code == 1, done.output
    assert "valid.gzip" in done.stdout
    assert seen == {("issues", "issues")}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--handshake", "mata"], "'meta'"),
        (["--scheme", "header=X signed={t}"], "once"),
        (["--scheme", "xerro"], "'xero'"),
        (["--event", "no-such"], "name of an event"),
    ],
)
def test_an_unknown_event_scheme_or_handshake_is_a_usage_error(
    options: list[str], said: str
) -> None:
    done = command("http://127.0.0.1:9/", "--secret", STANDARD, *options)
    assert done.exit_code == 2
    assert said in done.output


# Its parts


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",
        "http://localhost:1/x",
        "http://127.9.9.9/",
        "http://[::1]/",
    ],
)
def test_this_machine_may_be_examined(url: str) -> None:
    demand_loopback(Wire(url))


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.7/",
        "http://0.0.0.0:1/",
        "http://[2001:db8::1]/",
        "https://10.0.0.1/",
    ],
)
def test_no_other_machine_may_be_examined_unasked(url: str) -> None:
    with pytest.raises(BadSetting, match="i-own-this-endpoint"):
        demand_loopback(Wire(url))
    endpoint = endpoint_from(url, scheme="standard", secret=STANDARD)
    with pytest.raises(BadSetting, match="i-own-this-endpoint"):
        examine(endpoint)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(401, ProbeOutcome.FAILED), (411, ProbeOutcome.PASSED)],
)
def test_a_body_in_chunks_must_not_count_as_forged(
    status: int, outcome: ProbeOutcome
) -> None:
    secret = "a secret of both"

    class ReadsByLength(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            digest = hmac.digest(secret.encode(), self.rfile.read(length), "sha256")
            given = self.headers.get("X-Hub-Signature-256", "")
            authentic = given == f"sha256={digest.hex()}"
            self.send_response(200 if authentic else 401 if length else status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), ReadsByLength) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/webhooks"
        target = endpoint_from(url, scheme="github", secret=secret)
        report = examine(target, probes=chosen(["valid.chunked"]), settle=0.0)
        server.shutdown()
    assert report.results[0].outcome is outcome


def test_nobody_there_is_an_error_and_no_report() -> None:
    endpoint = endpoint_from("http://127.0.0.1:9/", scheme="standard", secret=STANDARD)
    with pytest.raises(ConnectionRefused, match="start the receiver"):
        examine(endpoint)


def test_a_number_is_read_from_what_a_command_prints() -> None:
    assert number_from_command("echo; echo ' 12 ledger.txt'")() == 12
    assert number_from_command("echo 3 | cat")() == 3
    with pytest.raises(BadSetting, match="holds no number"):
        number_from_command("echo none")()
    with pytest.raises(BadSetting, match="status 3: no database"):
        number_from_command("echo no database >&2; exit 3")()


def test_a_number_is_read_from_a_url(shop: str) -> None:
    assert number_from_url(f"{shop}/effects")() == 0
    with pytest.raises(BadSetting, match="must answer a GET"):
        number_from_url(f"{shop}/nothing")()


def test_a_command_may_leave_a_server_running(tmp_path: Path) -> None:
    file = tmp_path / "id"
    switch(f"sleep 60 & echo $! > '{file}'")()
    os.kill(int(file.read_text()), signal.SIGTERM)  # it is still there


def test_effects_are_counted_in_one_way() -> None:
    with pytest.raises(BadSetting, match="give one"):
        levers_from(effects="true", effects_url="http://127.0.0.1:9/")


def test_a_profile_of_ones_own_is_looked_up() -> None:
    url = "http://127.0.0.1:9/"
    own = endpoint_from(url, scheme="generic", secret="s", profile="wix")
    assert own.profile.timeout == 1.25
    assert endpoint_from(url, scheme="generic", secret="s").profile.name == "standard"
    with pytest.raises(UnknownName):
        endpoint_from(url, scheme="generic", secret="s", profile="wicks")


def canned(answer: bytes) -> ExaminationReport:
    """A report on one failure, whose answer is the endpoint's to choose."""
    endpoint = endpoint_from(
        "http://127.0.0.1:9/",
        scheme="standard",
        secret=STANDARD,
        second_secret=STANDARD_2,
    )
    harness = Harness(endpoint, Levers(), now=time.time, run="canned")
    request = Request("POST", "/", (("X-Echo", STANDARD_2),), b"\xff<script>")
    exchange = Exchange(
        "odd", request, WireResponse(200, "", 0.1, (("A", "b"),), answer)
    )
    result = Examination(
        probe=PROBES[0],
        outcome=ProbeOutcome.FAILED,
        facts="odd: <200> \x00 \ud800",
        evidence=(evidence_of(harness, exchange),),
    )
    return ExaminationReport(
        tool="labkit examine",
        target=endpoint.url,
        results=(result,),
        findings=grouped([result], ()),
        seconds=0.2,
    )


@pytest.mark.parametrize(
    "write",
    [text.report, page.to_html, machine.to_json, junit.to_junit, sarif.to_sarif],
)
def test_no_report_shows_a_secret(write: Callable[[ExaminationReport], str]) -> None:
    shown = write(canned(f"you sent {STANDARD}, {STANDARD_2}".encode()))
    assert STANDARD not in shown
    assert STANDARD_2 not in shown
    assert "valid.plain" in shown


def test_an_answer_reaches_neither_terminal_nor_page_as_it_is() -> None:
    report = canned(b"\x1b[2J<script>alert(1)</script>")
    assert "\x1b" not in text.report(report)
    assert "\\x1b[2J" in text.report(report)
    assert "<script>" not in page.to_html(report)
    ET.fromstring(junit.to_junit(report))  # noqa: S314 - our own
    json.loads(machine.to_json(report))


def test_the_summary_counts_each_outcome() -> None:
    assert canned(b"").summary == (
        "1 probe in 0.2 s: 0 passed, 1 failed, 0 unknown, 0 not applicable"
    )
