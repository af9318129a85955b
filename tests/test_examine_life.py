"""A process that ends is blamed on the request that ended it; nothing else is lost."""

import contextlib
import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from labkit import examine as examination
from labkit.cli import main
from labkit.errors import ConnectionRefused
from labkit.examine import endpoint_from, examine
from labkit.examine.runner import run
from labkit.findings import (
    ExaminationReport,
    Exit,
    ProbeOutcome,
    Severity,
    exit_status,
    machine,
)
from labkit.probes import PROBES, Harness, Judgement, Levers, Need, Probe, chosen
from labkit.probes.wire import WireResponse
from tests.ports import free_port, wait_until_it_listens
from tests.receivers.fragile import SECRET
from tests.receivers.running import REPOSITORY

Start = Callable[[], None]


@contextlib.contextmanager
def fragile(weakness: str) -> Iterator[tuple[str, Start]]:
    """Run a fragile receiver; yield its URL and what starts it again."""
    port = free_port()
    command = [sys.executable, "-m", "tests.receivers.fragile", str(port), weakness]
    processes: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        for process in processes:
            process.kill()
            process.wait()
        processes.append(subprocess.Popen(command, cwd=REPOSITORY))
        wait_until_it_listens(port, patience=120)

    start()
    try:
        yield f"http://127.0.0.1:{port}/webhooks", start
    finally:
        for process in processes:
            process.kill()
            process.wait()


def examined(
    url: str, only: list[str], restart: Start | None = None
) -> ExaminationReport:
    endpoint = endpoint_from(url, scheme="generic", secret=SECRET)
    return examine(endpoint, Levers(restart=restart), probes=chosen(only))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a dead process less time to come back by itself."""
    monkeypatch.setattr("labkit.examine.life.REVIVAL", 0.2)


@pytest.mark.usefixtures("quick")
def test_a_crash_in_calibration_is_blamed_on_the_forged_request() -> None:
    with fragile("forged") as (url, _):
        report = examined(url, ["time.late-retry", "signature.missing"])
    assert [finding.id for finding in report.findings] == ["process-ends-unsigned"]
    (finding,) = report.findings
    assert finding.severity is Severity.HIGH
    assert finding.facts.startswith("contact: the process ended during “a forged")
    assert "X-Webhook-Signature" in finding.evidence[0].request
    # No probe is blamed: none had begun.
    assert {result.outcome for result in report.results} == {ProbeOutcome.UNKNOWN}
    assert exit_status(report, fail_on=Severity.HIGH) is Exit.FOUND


@pytest.mark.usefixtures("quick")
def test_a_crash_is_proved_by_the_same_request_after_a_restart() -> None:
    with fragile("non-ascii") as (url, start):
        only = ["signature.non-ascii", "signature.missing"]
        report = examined(url, only, restart=start)
    missing, non_ascii = report.results
    assert missing.outcome is ProbeOutcome.PASSED
    assert non_ascii.outcome is ProbeOutcome.FAILED
    (finding,) = report.findings
    assert finding.probes == ("signature.non-ascii",)
    assert "“byte 0xE9”; the same request ended it again" in finding.facts


@pytest.mark.usefixtures("quick")
def test_a_crash_after_the_response_is_blamed_on_the_request_before() -> None:
    with fragile("forged-later") as (url, start):
        report = examined(url, ["signature.default-secret"], restart=start)
    (result,) = report.results
    assert result.outcome is ProbeOutcome.FAILED
    (finding,) = report.findings
    assert finding.id == "process-ends-unsigned"
    # Whichever request came next, it is a forged one that ends the process again.
    assert "; the same request ended it again" in finding.facts
    assert "did not end it again" not in finding.facts


def test_requests_on_one_connection_are_suspects_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint = endpoint_from(
        "http://localhost/webhooks", scheme="generic", secret=SECRET, app=Flask("none")
    )
    harness = Harness(endpoint, Levers(), now=time.time, run="a")
    answers = [
        WireResponse(200, "", 0.0),
        WireResponse(401, "", 0.0),
        WireResponse(None, "lost", 0.0),
    ]
    monkeypatch.setattr(type(harness.wire), "in_a_row", lambda *_, **__: answers)
    requests = [harness.request(body, ()) for body in (b"1", b"2", b"3")]
    harness.send_in_a_row("a row", requests)
    monkeypatch.undo()
    harness.send("the next", harness.request(b"4", ()))
    (silence,) = harness.silences
    assert silence.suspect.request.body == b"3"
    assert [one.request.body for one in harness.recent] == [b"4", b"3", b"2", b"1"]


class Dying:
    """A receiver that ends one request after the first without a signature.

    `left` is how many requests still get a response, below 0 if it is well.
    """

    def __init__(self) -> None:
        self.left = -1

    def exchange(self, pieces: list[bytes], **_: object) -> WireResponse:
        if self.left == 0:
            return WireResponse(None, "refused", 0.0)
        self.left -= 1
        unsigned = b"X-Webhook-Signature" not in pieces[0]
        if unsigned and pieces[0].startswith(b"POST") and self.left < 0:
            self.left = 1
        return WireResponse(401 if unsigned else 200, "", 0.0)

    def listens(self) -> bool:
        return self.left < 0

    def restart(self) -> None:
        self.left = -1


def test_a_late_crash_is_blamed_on_the_probe_that_sent_the_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("labkit.examine.life.REVIVAL", 0.0)
    endpoint = endpoint_from(
        "http://localhost/webhooks", scheme="generic", secret=SECRET, app=Flask("none")
    )
    probes = {probe.id: probe for probe in PROBES}
    missing, plain = probes["signature.missing"], probes["valid.plain"]
    harness = Harness(endpoint, Levers(), now=time.time, run="a")
    dying = Dying()
    monkeypatch.setattr(harness.wire, "exchange", dying.exchange)
    monkeypatch.setattr(harness.wire, "listens", dying.listens)
    harness.levers = Levers(restart=dying.restart)
    report = run(harness, [missing, plain], lambda *_: None, lambda _: None)
    outcomes = [result.outcome for result in report.results]
    assert outcomes == [ProbeOutcome.FAILED, ProbeOutcome.PASSED]
    (finding,) = report.findings
    assert (finding.id, finding.probes) == (
        "process-ends-unsigned",
        ("signature.missing",),
    )


def test_a_receiver_that_is_slow_to_come_back_has_not_crashed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("labkit.examine.life.REVIVAL", 0.0)
    endpoint = endpoint_from(
        "http://localhost/webhooks", scheme="generic", secret=SECRET, app=Flask("none")
    )
    harness = Harness(endpoint, Levers(), now=time.time, run="a")
    away: list[bool] = []

    def exchange(pieces: list[bytes], **_: object) -> WireResponse:
        return (
            WireResponse(None, "refused", 0.0) if away else WireResponse(200, "", 0.0)
        )

    monkeypatch.setattr(harness.wire, "exchange", exchange)
    monkeypatch.setattr(harness.wire, "listens", lambda: not away)
    harness.levers = Levers(restart=away.clear)

    def restart_and_find_nothing(harness: Harness) -> Judgement:
        away.append(True)
        request = dataclasses.replace(harness.request(b"", ()), method="GET")
        harness.send("is it back?", request)
        return Judgement(ProbeOutcome.PASSED, "")

    known = {probe.id: probe for probe in PROBES}["crash.between-copies"]
    probe = dataclasses.replace(
        known, run=restart_and_find_nothing, needs=frozenset({Need.RESTART})
    )
    report = run(harness, [probe], lambda *_: None, lambda _: None)
    assert report.findings == ()
    (result,) = report.results
    assert result.outcome is ProbeOutcome.UNKNOWN
    assert "could not be reached after its restart" in result.facts


@pytest.mark.usefixtures("quick")
def test_many_ends_of_the_process_by_rejected_requests_are_one_finding() -> None:
    only = ["signature.forged", "signature.missing", "signature.longer"]
    with fragile("forged") as (url, start):
        report = examined(url, only, restart=start)
    assert {result.outcome for result in report.results} == {ProbeOutcome.FAILED}
    (finding,) = report.findings
    assert finding.id == "process-ends-unsigned"
    assert set(finding.probes) == set(only)
    # Two ends are proved, and one by a captured signature; the other is only counted.
    assert finding.facts.count("ended it again after a restart") == 3
    assert "the process ended again; it was started again" in finding.facts


def test_a_receiver_that_hangs_on_forgeries_is_judged_to_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("labkit.probes.patience.LONGEST_WAIT", 0.2)
    only = ["signature.length", "signature.alphabet", "signature.non-ascii"]
    with fragile("hang-forged") as (url, _):
        report = examined(url, [*only, "speed.alive"])
    outcomes = {result.probe.id: result.outcome for result in report.results}
    assert outcomes == {
        **dict.fromkeys(only, ProbeOutcome.FAILED),
        "speed.alive": ProbeOutcome.PASSED,
    }
    assert [finding.id for finding in report.findings] == ["no-response"]


def test_a_receiver_that_hangs_for_good_after_one_request_is_a_high_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("labkit.probes.patience.LONGEST_WAIT", 0.2)
    with fragile("locked") as (url, _):
        report = examined(url, ["body.not-json", "body.not-an-object", "speed.alive"])
    (finding,) = report.findings
    assert (finding.id, finding.severity) == ("stops-responding", Severity.HIGH)
    assert set(finding.probes) == {"body.not-json", "body.not-an-object"}
    assert "body.not-an-object: " in finding.facts
    assert finding.evidence
    assert report.results[-1].outcome is ProbeOutcome.UNKNOWN
    assert exit_status(report, fail_on=Severity.HIGH) is Exit.FOUND


def test_a_receiver_that_hangs_is_one_finding_and_costs_little_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("labkit.probes.patience.LONGEST_WAIT", 1.0)
    with fragile("hang") as (url, _):
        report = examined(url, [])
    assert [finding.id for finding in report.findings] == ["contact.no-response"]
    assert "Response to: GET" in report.findings[0].facts
    assert report.unjudged
    # Not one of a hundred probes has waited.
    assert {result.outcome for result in report.results} <= {
        ProbeOutcome.UNKNOWN,
        ProbeOutcome.NOT_APPLICABLE,
    }


def failing(probe: Probe) -> Probe:
    def run(harness: Harness) -> Judgement:
        raise ZeroDivisionError(probe.id)

    return dataclasses.replace(probe, run=run)


def test_an_error_of_the_kit_costs_one_probe_and_no_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tuple(
        failing(probe) if probe.id == "signature.missing" else probe for probe in PROBES
    )
    monkeypatch.setattr("labkit.probes.PROBES", broken)
    html = tmp_path / "no" / "such" / "folder" / "report.html"
    with fragile("none") as (url, _):
        done = CliRunner().invoke(
            main,
            [
                *("examine", url, "--scheme=generic", f"--secret={SECRET}"),
                *("--only=signature", f"--html={html}"),
            ],
        )
    assert done.exit_code == Exit.KIT_FAILED, done.output
    assert "THE KIT FAILED signature.missing: ZeroDivisionError" in done.stdout
    assert "signature.forged" in html.read_text()


@pytest.fixture
def careless() -> object:
    app = Flask("careless")

    @app.post("/webhooks")
    def webhooks() -> str:
        return ""

    return app


def test_a_killed_run_is_resumed_without_asking_again(
    careless: object, tmp_path: Path
) -> None:
    file = tmp_path / "report.json"
    probes = chosen(["signature"])
    endpoint = endpoint_from(
        "http://shop.test/webhooks", scheme="generic", secret=SECRET, app=careless
    )

    def killed_after_five(report: ExaminationReport) -> None:
        file.write_text(machine.to_json(report))
        if len(report.results) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        examine(endpoint, probes=probes, keep=killed_after_five)
    earlier = machine.read(file)
    assert not earlier.finished
    asked: list[str] = []

    def noted(probe: Probe) -> Probe:
        def run(harness: Harness) -> Judgement:
            asked.append(probe.id)
            return probe.run(harness)

        return dataclasses.replace(probe, run=run)

    probes = tuple(map(noted, probes))
    report = examine(endpoint, probes=probes, earlier=earlier.results)
    assert len(report.results) == len(probes)
    assert not {result.probe.id for result in earlier.results} & set(asked)
    assert [finding.id for finding in report.findings] == ["signature-not-verified"]


# Settings


def test_settings_come_from_a_toml_file_and_options_win(tmp_path: Path) -> None:
    settings = tmp_path / "labkit.toml"
    settings.write_text(
        'scheme = "generic"\nfail-on = "low"\nonly = ["route.other-path"]\n'
    )
    with fragile("none") as (url, _):
        base = ["examine", url, f"--secret={SECRET}", f"--config={settings}"]
        done = CliRunner().invoke(main, base)
        assert done.exit_code == 0, done.output
        assert "1 probe in" in done.stdout
        done = CliRunner().invoke(main, [*base, "--only=signature.missing"])
    assert "1 passed" in done.stdout
    settings.write_text('shceme = "generic"\n')
    done = CliRunner().invoke(main, ["examine", "--list", f"--config={settings}"])
    assert done.exit_code == Exit.USAGE
    assert "'shceme' is not a setting" in done.output


def test_settings_are_found_in_pyproject_toml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.labkit.examine]\nonly = ["speed"]\n'
    )
    done = CliRunner().invoke(main, ["examine", "--list"])
    assert {line.partition(".")[0] for line in done.stdout.splitlines()} == {"speed"}


def test_a_baseline_and_an_earlier_report_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labkit.examine.life.REVIVAL", 0.2)
    baseline = tmp_path / "baseline.toml"
    baseline.write_text(
        '[[accepted]]\nfinding = "process-ends-unsigned"\n'
        'reason = "restarted at once"\ndate = 2026-11-30\n'
    )
    report = tmp_path / "report.json"
    with fragile("forged") as (url, _):
        options = ["examine", url, "--scheme=generic", f"--secret={SECRET}"]
        only = ["--only=signature.missing"]
        kept = [f"--baseline={baseline}", f"--json={report}"]
        done = CliRunner().invoke(main, [*options, *only, *kept])
    assert done.exit_code == 0, done.output
    assert (
        json.loads(report.read_text())["findings"][0]["id"] == "process-ends-unsigned"
    )
    with fragile("none") as (url, _):
        options = ["examine", url, "--scheme=generic", f"--secret={SECRET}"]
        done = CliRunner().invoke(main, [*options, *only, f"--against={report}"])
    assert "fixed: process-ends-unsigned" in done.stdout.replace("\n  ", " ")


def test_the_api_still_says_that_nobody_listens() -> None:
    endpoint = endpoint_from("http://127.0.0.1:9/", scheme="generic", secret=SECRET)
    report = examination.report_unreached(
        endpoint, ConnectionRefused("nobody listens"), probes=chosen(["speed"])
    )
    assert exit_status(report, fail_on=Severity.HIGH) is Exit.UNJUDGED
    assert "127.0.0.1 port 9: no connection" in report.contact[0]
