"""A report as SARIF 2.1.0, for code scanning."""

import hashlib
import json
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

    A running endpoint has no file, so the location is the target itself.
    """
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": report.tool,
                "rules": [_rule(finding) for finding in report.findings],
            }
        },
        "results": [
            _result(report, number, finding)
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


def _result(report: ExaminationReport, number: int, finding: Finding) -> dict[str, Any]:
    who = finding.who.sentence
    text = f"{finding.facts}. {who[0].upper()}{who[1:]}. Fix: {finding.fix}."
    name = f"{report.tool} {report.target} {finding.id}"
    return {
        "ruleId": finding.id,
        "ruleIndex": number,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": report.target}}}
        ],
        "partialFingerprints": {
            "labkitFinding/v1": hashlib.sha256(name.encode()).hexdigest()
        },
    }
