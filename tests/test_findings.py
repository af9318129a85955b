"""The records and reports that every examination shares."""

import dataclasses
import datetime as dt
import importlib.util
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from labkit.errors import BadSetting
from labkit.findings import (
    Accepted,
    Cause,
    Comparison,
    Evidence,
    ExaminationReport,
    Exit,
    Finding,
    ProbeOutcome,
    Result,
    Rule,
    Severity,
    Who,
    accepted_in,
    compare,
    exit_status,
    grouped,
    junit,
    machine,
    page,
    sarif,
    save,
    text,
)

pytestmark = pytest.mark.pure

EVIDENCE = Evidence(
    label="a forged signature",
    request="POST /webhooks HTTP/1.1\nX-A: 1",
    response="200",
    changed="header X-Signature: \u201cab\u201d became \u201caa\u201d",
    command="curl -i http://127.0.0.1:9/",
)


def rule(name: str, severity: Severity = Severity.LOW) -> Rule:
    return Rule(
        id=name,
        sent="an event",
        wanted="one effect",
        why="duplicates happen",
        mend="remember the id",
        source="RFC 1",
        severity=severity,
        who=Who.NOBODY,
        references=("CWE-362",),
    )


def failed(name: str, *signs: str, severity: Severity = Severity.LOW) -> Result:
    return Result(
        probe=rule(name, severity),
        outcome=ProbeOutcome.FAILED,
        facts=f"{name} went wrong <here>",
        signs=frozenset(signs),
        evidence=(EVIDENCE,),
    )


def passed(name: str) -> Result:
    return Result(probe=rule(name), outcome=ProbeOutcome.PASSED, facts="as expected")


def report_of(
    *results: Result, unjudged: str = "", causes: int = 1
) -> ExaminationReport:
    return ExaminationReport(
        tool="labkit examine",
        target="http://127.0.0.1:9/webhooks",
        results=results,
        findings=grouped(results, CAUSES[:causes]),
        about=(("Scheme", "standard"),),
        contact=("127.0.0.1 port 9 responded in 1 ms.",),
        started=1_800_000_000.0,
        seconds=1.25,
        unjudged=unjudged,
    )


CAUSES = (
    Cause(
        id="no-deduplication",
        title="duplicates are processed again",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        why="every provider sends some events twice",
        fix="remember the id",
        shown_by=lambda results: "duplicate.in-turn" in results,
        explains=lambda result: "doubled" in result.signs,
        leads=("duplicate.in-turn",),
    ),
)


def test_failures_with_one_cause_are_one_finding_that_lists_the_probes() -> None:
    report = report_of(
        failed("duplicate.late", "doubled"),
        failed("duplicate.in-turn", "doubled"),
        failed("size.signed"),
        passed("valid.plain"),
    )
    first, second = report.findings
    assert first.id == "no-deduplication"
    assert first.probes == ("duplicate.late", "duplicate.in-turn")
    assert first.facts.startswith("duplicate.in-turn: ")
    assert (second.id, second.probes) == ("size.signed", ("size.signed",))


@pytest.mark.parametrize("who", Who)
def test_the_report_says_in_a_clause_who_can_cause_a_finding(who: Who) -> None:
    assert re.fullmatch(
        "(anyone|only|no one) .*( can cause it|by itself)", who.sentence
    )
    one = failed("time.stale")
    one = dataclasses.replace(one, probe=dataclasses.replace(one.probe, who=who))
    assert who.sentence in " ".join(text.report(report_of(one)).split())


def test_a_cause_explains_nothing_unless_it_is_shown() -> None:
    report = report_of(failed("duplicate.late", "doubled"))
    assert [finding.id for finding in report.findings] == ["duplicate.late"]


def test_the_most_important_finding_comes_first() -> None:
    report = report_of(
        *(failed(f"a.{severity}", severity=severity) for severity in reversed(Severity))
    )
    assert [finding.severity for finding in report.findings] == list(Severity)


@pytest.mark.parametrize(
    ("severity", "threshold", "status"),
    [
        (Severity.HIGH, Severity.HIGH, Exit.FOUND),
        (Severity.CRITICAL, Severity.HIGH, Exit.FOUND),
        (Severity.MEDIUM, Severity.HIGH, Exit.CLEAN),
        (Severity.MEDIUM, Severity.LOW, Exit.FOUND),
    ],
)
def test_the_exit_status_depends_on_the_threshold(
    severity: Severity, threshold: Severity, status: Exit
) -> None:
    report = report_of(failed("a.b", severity=severity))
    assert exit_status(report, fail_on=threshold) is status
    assert exit_status(report, fail_on=threshold, accepted={"a.b"}) is Exit.CLEAN


def test_what_could_not_be_judged_has_a_status_of_its_own() -> None:
    report = report_of(unjudged="a valid event is rejected")
    assert exit_status(report, fail_on=Severity.HIGH) is Exit.UNJUDGED
    assert "NOT JUDGED a valid event is rejected" in text.report(report)


def test_an_error_of_the_kit_has_a_status_unless_something_was_found() -> None:
    report = dataclasses.replace(report_of(), kit_errors=("ZeroDivisionError",))
    assert exit_status(report, fail_on=Severity.HIGH) is Exit.KIT_FAILED
    assert "THE KIT FAILED ZeroDivisionError" in text.report(report)
    found = report_of(failed("a.b", severity=Severity.HIGH))
    report = dataclasses.replace(found, kit_errors=("ZeroDivisionError",))
    assert exit_status(report, fail_on=Severity.HIGH) is Exit.FOUND


def test_a_baseline_needs_a_reason_and_a_date_for_every_entry(tmp_path: Path) -> None:
    file = tmp_path / "baseline.toml"
    entry = '[[accepted]]\nfinding = "a.b"\nreason = "behind a proxy"\n'
    file.write_text(entry + "date = 2026-11-30\n")
    (accepted,) = accepted_in(file)
    assert accepted == Accepted("a.b", "behind a proxy", dt.date(2026, 11, 30))
    shown = text.report(report_of(failed("a.b")), accepted=[accepted])
    assert "accepted on 2026-11-30: behind a proxy" in shown.replace("\n  ", " ")
    gone = text.report(report_of(), accepted=[accepted])
    assert "accepts a.b, which was not found this time" in gone
    for wrong in (entry, "accepted = 7", "[[accepted", "[other]\na = 1"):
        file.write_text(wrong)
        with pytest.raises(BadSetting, match="baseline"):
            accepted_in(file)
    with pytest.raises(BadSetting, match="can't be read"):
        accepted_in(tmp_path / "none.toml")


def test_two_reports_are_compared_by_finding() -> None:
    earlier = report_of(failed("a.b"), failed("a.c"), failed("a.d"))
    later = report_of(passed("a.b"), failed("a.c"), failed("a.e"))
    assert compare(earlier, later) == Comparison(("a.b",), ("a.e",), ("a.c",), ("a.d",))
    said = str(compare(earlier, later))
    assert said.startswith("fixed: a.b; regressed: a.e; still failing: a.c")


def test_the_json_matches_its_schema_and_is_read_back_unchanged() -> None:
    report = report_of(failed("duplicate.in-turn", "doubled"), passed("valid.plain"))
    written = machine.to_json(report)
    if importlib.util.find_spec("jsonschema"):
        import jsonschema

        schema = json.loads(machine.SCHEMA.read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(json.loads(written), schema)
    assert machine.from_json(written) == report
    found = json.loads(written)
    assert (found["format"], found["version"]) == ("labkit.findings", 2)
    assert found["started"] == "2027-01-15T08:00:00+00:00"


@pytest.mark.parametrize(
    "wrong", ["", "[]", "{}", '{"format": "labkit.findings", "version": 1}']
)
def test_what_is_not_such_a_report_is_rejected_with_the_reason(wrong: str) -> None:
    with pytest.raises(BadSetting):
        machine.from_json(wrong)


def test_the_junit_form_has_stable_names_and_the_evidence() -> None:
    skipped = dataclasses.replace(passed("a.b"), outcome=ProbeOutcome.UNKNOWN)
    contact = Finding(
        id="contact.redirect",
        title="the endpoint redirects",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        facts="308 to /webhooks/",
        experiment="followed it",
        why="providers do not follow",
        fix="add a route",
    )
    report = report_of(failed("duplicate.in-turn", "doubled"), skipped)
    report = dataclasses.replace(report, findings=(contact, *report.findings))
    whole = ET.fromstring(junit.to_junit(report))  # noqa: S314 - our own
    suite = whole.find("testsuite")
    assert suite is not None
    names = [case.get("name") for case in suite.findall("testcase")]
    assert names == ["contact.redirect", "duplicate.in-turn", "a.b"]
    failures = suite.findall("testcase/failure")
    assert [failure.get("type") for failure in failures] == ["high", "high"]
    assert EVIDENCE.request in (failures[1].text or "")
    assert EVIDENCE.changed in (failures[1].text or "")
    assert suite.get("tests") == "3"
    assert suite.get("failures") == "2"
    assert suite.get("skipped") == "1"
    assert whole.get("skipped") is None, "Jenkins rejects it in the outer element"
    unjudged = ET.fromstring(junit.to_junit(report_of(unjudged="all is refused")))  # noqa: S314 - our own
    assert unjudged.find("testsuite/testcase/error") is not None


def test_the_sarif_form_has_a_level_a_rule_and_a_stable_fingerprint() -> None:
    report = report_of(failed("duplicate.in-turn", "doubled"), failed("a.b"))
    (run,) = json.loads(sarif.to_sarif(report))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["no-deduplication", "a.b"]
    assert [one["level"] for one in run["results"]] == ["error", "note"]
    for one in run["results"]:
        assert rules[one["ruleIndex"]] == one["ruleId"]
    assert sarif.to_sarif(report) == sarif.to_sarif(report)
    assert run["invocations"] == [{"executionSuccessful": True}]
    other = json.loads(sarif.to_sarif(report_of(unjudged="no")))["runs"][0]
    assert other["invocations"][0]["executionSuccessful"] is False


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("http://127.0.0.1:5000/hooks/a b", "127.0.0.1/hooks/a%20b"),
        ("http://[::1]:5000/webhooks", "%3A%3A1/webhooks"),
        ("https://shop.example", "shop.example"),
        ("webhooks of the app", "webhooks%20of%20the%20app"),
    ],
)
def test_a_place_in_sarif_is_a_relative_path_that_code_scanning_takes(
    target: str, path: str
) -> None:
    report = dataclasses.replace(report_of(failed("a.b")), target=target)
    (result,) = json.loads(sarif.to_sarif(report))["runs"][0]["results"]
    (place,) = result["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == path
    assert place["logicalLocations"][0]["fullyQualifiedName"] == target


def test_a_finding_keeps_its_fingerprint_when_the_port_changes() -> None:
    marks = set()
    for port in (5000, 6000):
        target = f"http://127.0.0.1:{port}/webhooks"
        report = dataclasses.replace(report_of(failed("a.b")), target=target)
        (result,) = json.loads(sarif.to_sarif(report))["runs"][0]["results"]
        marks.add(result["partialFingerprints"]["primaryLocationLineHash"])
    assert len(marks) == 1


def test_the_page_has_a_main_element_and_needs_nothing_from_elsewhere() -> None:
    html = page.to_html(report_of(failed("duplicate.in-turn", "doubled")))
    assert html.count("<main>") == 1
    assert 'lang="en"' in html
    assert not re.search(r'src=|href="[^#]|@import|url\(', html)
    assert "<here>" not in html
    assert "&lt;here&gt;" in html
    assert html.index("1 finding: 1 high") < html.index("All probes")


@pytest.mark.parametrize(
    "write",
    [text.report, page.to_html, machine.to_json, junit.to_junit, sarif.to_sarif],
)
def test_every_form_says_what_was_found(
    write: Callable[[ExaminationReport], str],
) -> None:
    # A page may break a long word at its hyphens.
    shown = write(report_of(failed("duplicate.in-turn", "doubled"))).replace(
        "<wbr>", ""
    )
    for part in ("no-deduplication", "duplicates are processed again", "remember"):
        assert part in shown


def test_a_missing_folder_is_made_and_one_problem_loses_no_other_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr(sarif, "to_sarif", lambda _report: 1 / 0)
    problems = save(
        report_of(failed("a.b")),
        html=tmp_path / "new" / "folder" / "report.html",
        junit=blocked / "report.xml",
        sarif=tmp_path / "report.sarif",
        as_json=tmp_path / "report.json",
    )
    assert (tmp_path / "new" / "folder" / "report.html").read_text()
    assert machine.read(tmp_path / "report.json").findings
    assert [problem.partition(" could")[0] for problem in problems] == [
        str(blocked / "report.xml"),
        str(tmp_path / "report.sarif"),
    ]
    assert "ZeroDivisionError" in problems[1]


@pytest.mark.parametrize(
    ("signs", "title"),
    [
        (("accepted",), "does not reject an event"),
        (("rejected",), "does not accept an event"),
        (("crashed",), "responds with a server error (5xx) to an event"),
        (("accepted", "crashed"), "fails for an event"),
        ((), "fails for an event"),
    ],
)
def test_the_title_of_a_finding_says_what_was_seen(
    signs: tuple[str, ...], title: str
) -> None:
    (finding,) = report_of(failed("a.b", *signs), causes=0).findings
    assert finding.title == title
