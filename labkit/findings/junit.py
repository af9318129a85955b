"""A report as JUnit's XML, for a CI server."""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from labkit.findings.records import (
    Evidence,
    ExaminationReport,
    Finding,
    ProbeOutcome,
    Result,
)

# What XML 1.0 can't hold at all, escaped or not.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(report: ExaminationReport) -> str:
    """Write a report as JUnit's XML; unknown and not applicable count as skipped.

    Each probe is a test case whose name is its id. A finding that no probe shows,
    such as one of the first contact, is a test case of its own. If the target could not
    be judged, one test case has an error.
    """
    cases = [*_cases(report)]
    failures = sum("<failure" in case for case in cases)
    skipped = sum("<skipped" in case for case in cases)
    head = (
        f"tests={_attribute(len(cases))} failures={_attribute(failures)} "
        f"errors={_attribute(int(bool(report.unjudged)))} "
        f"time={_attribute(f'{report.seconds:.3f}')}"
    )
    name = _attribute(f"{report.tool} {report.target}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        # Jenkins rejects a file with `skipped` in the outer element.
        f"<testsuites {head}>\n"
        f"<testsuite name={name} {head} skipped={_attribute(skipped)}>\n"
        f"{''.join(cases)}"
        "</testsuite>\n</testsuites>\n"
    )


def _cases(report: ExaminationReport) -> Iterator[str]:
    if report.unjudged:
        start = _start("labkit.contact", "contact.judged", 0.0)
        yield f"{start}><error message={_attribute(report.unjudged)}/></testcase>\n"
    known = {result.probe.id for result in report.results}
    findings = {probe: f for f in report.findings for probe in f.probes}
    for finding in report.findings:
        if not known & set(finding.probes):
            start = _start("labkit.contact", finding.id, 0.0)
            text = _finding(finding, finding.evidence)
            yield (
                f"{start}><failure type={_attribute(finding.severity)} "
                f"message={_attribute(finding.facts)}>{text}</failure></testcase>\n"
            )
    for result in report.results:
        yield _case(result, findings.get(result.probe.id))


def _case(result: Result, finding: Finding | None) -> str:
    probe = result.probe
    start = _start(f"labkit.{probe.family}", probe.id, result.seconds)
    facts = _attribute(result.facts)
    if result.outcome is ProbeOutcome.PASSED:
        return f"{start}/>\n"
    if result.outcome is not ProbeOutcome.FAILED:
        return f"{start}><skipped message={facts}/></testcase>\n"
    kind = _attribute(finding.severity if finding else probe.severity)
    text = _finding(finding, result.evidence) if finding else ""
    return f"{start}><failure type={kind} message={facts}>{text}</failure></testcase>\n"


def _finding(finding: Finding, evidence: tuple[Evidence, ...]) -> str:
    lines = [
        f"finding: {finding.id} ({finding.severity}) {finding.title}",
        f"experiment: {finding.experiment}",
        f"who: {finding.who.sentence}",
        f"why: {finding.why}",
        f"fix: {finding.fix}",
        f"reference: {'; '.join(finding.references)}",
    ]
    for one in evidence:
        lines += ["", f"evidence: {one.label}"]
        lines += [f"changed: {one.changed}"] if one.changed else []
        lines += [one.request, "", one.response]
        lines += [f"try it: {one.command}"] if one.command else []
    return escape(_legal("\n".join(lines)))


def _start(group: str, name: str, seconds: float) -> str:
    return (
        f"<testcase classname={_attribute(group)} name={_attribute(name)} "
        f"time={_attribute(f'{seconds:.3f}')}"
    )


def _attribute(value: object) -> str:
    return quoteattr(_legal(str(value)))


def _legal(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
