"""A report as versioned JSON, and back.

The schema is in `report.schema.json` beside this file. A reader must accept fields that
it does not know; the version grows if a field changes its meaning or goes away.
"""

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

from labkit.errors import BadSetting
from labkit.findings.records import (
    Evidence,
    ExaminationReport,
    Finding,
    ProbeOutcome,
    Result,
    Rule,
    Severity,
    Who,
)

FORMAT = "labkit.findings"
VERSION = 2
"""Version 1 was the JSON of `labkit examine` before it had findings."""

SCHEMA = Path(__file__).with_name("report.schema.json")


def to_json(report: ExaminationReport) -> str:
    """Write a report as one JSON object."""
    started = dt.datetime.fromtimestamp(report.started, dt.UTC)
    whole = {
        "format": FORMAT,
        "version": VERSION,
        "tool": report.tool,
        "target": report.target,
        "about": dict(report.about),
        "contact": list(report.contact),
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(report.seconds, 3),
        "finished": report.finished,
        "unjudged": report.unjudged,
        "kit_errors": list(report.kit_errors),
        "verdict": report.verdict,
        "counts": {str(outcome): len(report.of(outcome)) for outcome in ProbeOutcome},
        "findings": [dataclasses.asdict(finding) for finding in report.findings],
        "probes": [_result(result) for result in report.results],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def from_json(text: str, *, where: object = "the report") -> ExaminationReport:
    """Read a report back.

    Raises BadSetting for text that `to_json` of this version did not write.
    """
    try:
        found = json.loads(text)
        if found["format"] != FORMAT or found["version"] != VERSION:
            raise BadSetting(
                f"{where} has format {found['format']!r}, version "
                f"{found['version']!r}; needed: {FORMAT!r}, version {VERSION}"
            )
        return ExaminationReport(
            tool=found["tool"],
            target=found["target"],
            about=tuple(found["about"].items()),
            contact=tuple(found["contact"]),
            started=dt.datetime.fromisoformat(found["started"]).timestamp(),
            seconds=found["seconds"],
            finished=found["finished"],
            unjudged=found["unjudged"],
            kit_errors=tuple(found["kit_errors"]),
            findings=tuple(_finding_from(entry) for entry in found["findings"]),
            results=tuple(_result_from(entry) for entry in found["probes"]),
        )
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise BadSetting(
            f"{where} is not a report that `--json` wrote ({error!r})"
        ) from None


def read(file: Path) -> ExaminationReport:
    """Read a report from a file; raises BadSetting if it can't be read."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise BadSetting(f"the report {file} can't be read ({error})") from None
    return from_json(text, where=file)


def _result(result: Result) -> dict[str, Any]:
    rule = result.probe
    return {
        "id": rule.id,
        "outcome": result.outcome,
        "facts": result.facts,
        "seconds": round(result.seconds, 3),
        "severity": rule.severity,
        "who": rule.who,
        "sent": rule.sent,
        "wanted": rule.wanted,
        "why": rule.why,
        "mend": rule.mend,
        "source": rule.source,
        "references": list(rule.references),
        "signs": sorted(result.signs),
        "evidence": [dataclasses.asdict(evidence) for evidence in result.evidence],
    }


def _result_from(entry: dict[str, Any]) -> Result:
    texts = ("id", "sent", "wanted", "why", "mend", "source")
    rule = Rule(
        **{name: entry[name] for name in texts},
        severity=Severity(entry["severity"]),
        who=Who(entry["who"]),
        references=tuple(entry["references"]),
    )
    return Result(
        probe=rule,
        outcome=ProbeOutcome(entry["outcome"]),
        facts=entry["facts"],
        seconds=entry["seconds"],
        signs=frozenset(entry["signs"]),
        evidence=tuple(Evidence(**evidence) for evidence in entry["evidence"]),
    )


def _finding_from(entry: dict[str, Any]) -> Finding:
    values = dict(entry)
    values["severity"] = Severity(entry["severity"])
    values["who"] = Who(entry["who"])
    values["references"] = tuple(entry["references"])
    values["probes"] = tuple(entry["probes"])
    values["evidence"] = tuple(Evidence(**one) for one in entry["evidence"])
    return Finding(**values)
