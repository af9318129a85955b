"""A report as SARIF 2.1.0, for code scanning."""

import hashlib
import json
import urllib.parse
from typing import Any

from labkit.findings.records import ExaminationReport, Finding, Severity

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}

# What GitHub reads: it sorts by CVSS's scale.
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.0",
    Severity.LOW: "2.0",
}


def to_sarif(report: ExaminationReport) -> str:
    """Write a report as SARIF; each finding is one result and one rule.

    A running endpoint has no file. Code scanning rejects addresses and takes relative
    paths, so the location is the target as such a path. The target itself is the
    logical location.
    """
    place = _location(report.target)
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": report.tool,
                "rules": [_rule(finding) for finding in report.findings],
            }
        },
        "results": [
            _result(report, number, finding, place)
            for number, finding in enumerate(report.findings)
        ],
        "invocations": [_invocation(report)],
    }
    whole = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _invocation(report: ExaminationReport) -> dict[str, Any]:
    judged = not report.unjudged and report.finished
    invocation: dict[str, Any] = {"executionSuccessful": judged}
    if report.unjudged:
        invocation["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": report.unjudged}}
        ]
    return invocation


def _rule(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "shortDescription": {"text": finding.title},
        "fullDescription": {"text": finding.why},
        "help": {"text": finding.fix},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": {
            "security-severity": _SCORES[finding.severity],
            "tags": ["webhook", *finding.references],
        },
    }


def _location(target: str) -> dict[str, Any]:
    path = _without_port(target)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": urllib.parse.quote(path) or "receiver"},
            "region": {"startLine": 1},
        },
        "logicalLocations": [{"fullyQualifiedName": target, "kind": "resource"}],
    }


def _without_port(target: str) -> str:
    """Return a target as a path; a port may differ from run to run."""
    parts = urllib.parse.urlsplit(target)
    return f"{parts.hostname}{parts.path}" if parts.hostname else target


def _result(
    report: ExaminationReport, number: int, finding: Finding, place: dict[str, Any]
) -> dict[str, Any]:
    who = finding.who.sentence
    text = f"{finding.facts}. {who[0].upper()}{who[1:]}. Fix: {finding.fix}."
    name = f"{report.tool} {_without_port(report.target)} {finding.id}"
    mark = hashlib.sha256(name.encode()).hexdigest()
    return {
        "ruleId": finding.id,
        "ruleIndex": number,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [place],
        "partialFingerprints": {
            "primaryLocationLineHash": mark,  # the one that GitHub reads
            "labkitFinding/v1": mark,
        },
    }
