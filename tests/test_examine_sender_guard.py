"""The two passes for a sender with an SSRF guard: `--open` and `--guard-on`."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from click.testing import Result as ClickResult

from labkit.cli import main
from labkit.examine_sender import RealClock, chosen, examine_sender
from labkit.findings import ExaminationReport, ProbeOutcome
from labkit.signing import SCHEMES
from tests.senders import starting
from tests.senders.mutants import MUTANTS

SOURCE = starting.GOOD.read_text(encoding="utf-8")
BROKEN = {m.probe: m.of(SOURCE) for m in MUTANTS if m.probe.startswith("ssrf")}
PUBLIC = "http://93.184.216.34/hook"
"""A public address, which is registered and never called."""

OPEN = "127.0.0.3"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere there is no second loopback address"
)


def examined(
    folder: Path,
    source: str,
    *only: str,
    allowed: str = "",
    host: str = "",
    guard_on: bool = False,
    public_url: str = "",
) -> ExaminationReport:
    program = starting.start(folder, source, allowed=allowed)
    try:
        return examine_sender(
            starting.without_commands(program, source).levers,
            program.promise,
            scheme=SCHEMES["standard"],
            secret=starting.SECRET,
            clock=RealClock(60),
            patience=4.0,
            probes=chosen(only),
            host=host or allowed,
            guard_on=guard_on,
            public_url=public_url,
        )
    finally:
        program.stop()


def facts(report: ExaminationReport, probe: str) -> str:
    return next(r.facts for r in report.results if r.probe.id == probe)


def outcomes(report: ExaminationReport) -> dict[str, ProbeOutcome]:
    return {result.probe.id: result.outcome for result in report.results}


def found(report: ExaminationReport) -> list[str]:
    return [finding.id for finding in report.findings]


def test_a_guard_that_is_on_refuses_every_address_but_a_public_one(
    tmp_path: Path,
) -> None:
    only = ("ssrf", "retry.500")
    report = examined(tmp_path, SOURCE, *only, guard_on=True, public_url=PUBLIC)
    assert found(report) == []
    assert outcomes(report)["ssrf.register"] is ProbeOutcome.PASSED
    assert "refused every spelling" in facts(report, "ssrf.deliver")
    assert "in the pass with --open" in facts(report, "retry.500")


def test_a_guard_that_refuses_everything_is_no_proof(tmp_path: Path) -> None:
    report = examined(tmp_path, SOURCE, "ssrf.register", guard_on=True)
    assert outcomes(report) == {"ssrf.register": ProbeOutcome.UNKNOWN}
    assert "give --public-url" in facts(report, "ssrf.register")


@pytest.mark.parametrize("probe", ["ssrf.register", "ssrf.deliver"])
def test_a_broken_guard_is_found_while_it_is_on(probe: str, tmp_path: Path) -> None:
    report = examined(tmp_path, BROKEN[probe], "ssrf", guard_on=True, public_url=PUBLIC)
    assert found(report) == [probe]


def test_a_guard_with_one_open_address_still_refuses_the_others(
    tmp_path: Path,
) -> None:
    only = ("ssrf.register", "ssrf.deliver", "redirect", "sign.valid")
    report = examined(tmp_path, SOURCE, *only, allowed=OPEN)
    assert found(report) == []
    assert report.target.startswith(f"http://{OPEN}:")
    assert outcomes(report) == {
        "ssrf.register": ProbeOutcome.PASSED,
        "ssrf.deliver": ProbeOutcome.UNKNOWN,  # nothing was there to deliver to
        "redirect.canary": ProbeOutcome.PASSED,
        "redirect.secrets": ProbeOutcome.PASSED,
        "sign.valid": ProbeOutcome.PASSED,
    }


@pytest.mark.parametrize("probe", ["ssrf.register", "ssrf.deliver"])
def test_a_broken_guard_is_found_behind_an_open_address(
    probe: str, tmp_path: Path
) -> None:
    report = examined(tmp_path, BROKEN[probe], "ssrf", allowed=OPEN)
    assert found(report) == [probe]


def test_a_sender_that_refuses_the_open_address_is_not_judged(tmp_path: Path) -> None:
    report = examined(tmp_path, SOURCE, "ssrf", host=OPEN)
    assert "could not be registered" in report.unjudged


def labkit(*words: str) -> ClickResult:
    return CliRunner().invoke(main, ["examine-sender", *words])


def test_the_options_of_both_passes_reach_the_examination(tmp_path: Path) -> None:
    urls = tmp_path / "urls"
    words = ["--register", f"echo {{url}} >> {urls}; false", "--trigger", "true {data}"]
    words += ["--unregister", "true {id}", "--scheme", "none", "--patience", "0.2"]
    shut = labkit(*words, "--guard-on", "--only", "ssrf.register")
    assert "give --public-url" in " ".join(shut.output.split())
    assert PUBLIC not in urls.read_text()
    labkit(*words, "--guard-on", "--only", "ssrf.register", "--public-url", PUBLIC)
    assert PUBLIC in urls.read_text()
    urls.unlink()
    opened = labkit(*words, "--open", OPEN)
    assert opened.exit_code == 3
    assert urls.read_text().startswith(f"http://{OPEN}:")
