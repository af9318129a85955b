"""A report for other programs: JSON, and JUnit's XML for a CI server."""

import json
import re
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from labkit.examine.records import Report, Result
from labkit.probes import Outcome

# What XML 1.0 can't hold at all, escaped or not.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_json(report: Report) -> str:
    """Write a report as one JSON object."""
    endpoint = report.endpoint
    whole = {
        "url": endpoint.url,
        "scheme": endpoint.scheme.name,
        "profile": endpoint.profile.name,
        "seconds": round(report.seconds, 3),
        "failed": report.failed,
        "counts": {str(outcome): len(report.of(outcome)) for outcome in Outcome},
        "probes": [_result(report, result) for result in report.results],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def to_junit(report: Report) -> str:
    """Write a report as JUnit's XML; unknown and not applicable count as skipped."""
    skipped = len(report.of(Outcome.UNKNOWN)) + len(report.of(Outcome.NOT_APPLICABLE))
    head = (
        f"tests={_attribute(len(report.results))} "
        f"failures={_attribute(len(report.of(Outcome.FAILED)))} "
        f"skipped={_attribute(skipped)} time={_attribute(f'{report.seconds:.3f}')}"
    )
    name = _attribute(f"labkit examine {report.endpoint.url}")
    cases = "".join(_case(result) for result in report.results)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<testsuites {head}>\n<testsuite name={name} {head}>\n{cases}</testsuite>\n"
        "</testsuites>\n"
    )


def _result(report: Report, result: Result) -> dict[str, Any]:
    probe = result.probe
    evidence = []
    for exchange in result.finding.evidence:
        request, answer = report.shown(exchange)
        evidence.append({"label": exchange.label, "request": request, "answer": answer})
    return {
        "id": probe.id,
        "outcome": str(result.outcome),
        "facts": result.finding.facts,
        "seconds": round(result.seconds, 3),
        "sent": probe.sent,
        "wanted": probe.wanted,
        "why": probe.why,
        "mend": probe.mend,
        "source": probe.source,
        "evidence": evidence,
    }


def _case(result: Result) -> str:
    probe = result.probe
    start = (
        f"<testcase classname={_attribute(f'labkit.{probe.family}')} "
        f"name={_attribute(probe.id)} time={_attribute(f'{result.seconds:.3f}')}"
    )
    facts = _attribute(result.finding.facts)
    if result.outcome is Outcome.PASSED:
        return f"{start}/>\n"
    if result.outcome is Outcome.FAILED:
        fields = ("sent", "wanted", "why", "mend", "source")
        text = "\n".join(f"{field}: {getattr(probe, field)}" for field in fields)
        return (
            f"{start}><failure message={facts}>{escape(_legal(text))}</failure>"
            "</testcase>\n"
        )
    return f"{start}><skipped message={facts}/></testcase>\n"


def _attribute(value: object) -> str:
    return quoteattr(_legal(str(value)))


def _legal(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
