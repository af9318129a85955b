"""The exit status of an examination."""

from collections.abc import Collection
from enum import IntEnum

from labkit.findings.records import ExaminationReport, Finding, Severity


class Exit(IntEnum):
    """What an exit status says."""

    CLEAN = 0
    """No finding at or above the threshold."""
    FOUND = 1
    """At least one such finding."""
    USAGE = 2
    """A wrong option or setting."""
    UNJUDGED = 3
    """The target could not be reached or judged."""
    KIT_FAILED = 4
    """An error of the kit's own."""


def exit_status(
    report: ExaminationReport, *, fail_on: Severity, accepted: Collection[str] = ()
) -> Exit:
    """Return the exit status; `accepted` holds the ids of known findings."""
    if report.unjudged:
        return Exit.UNJUDGED
    if blocking(report, fail_on, accepted):
        return Exit.FOUND
    return Exit.KIT_FAILED if report.kit_errors else Exit.CLEAN


def blocking(
    report: ExaminationReport, fail_on: Severity, accepted: Collection[str] = ()
) -> list[Finding]:
    """Return the findings at or above the threshold that are not accepted."""
    return [
        finding
        for finding in report.findings
        if finding.severity.reaches(fail_on) and finding.id not in accepted
    ]
