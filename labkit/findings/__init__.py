"""Findings of an examination: one record per cause, and every way to report them.

Both examinations share this package: `labkit examine`, which judges receivers, and
`labkit examine-sender`, which judges senders. An examination runs *probes*. Each probe
is a `Rule` with a way to run it, and gives one `Result`. Failed results that have the
same cause are put together into one `Finding`. An `ExaminationReport` holds both.

    report = Report(
        tool="labkit examine-sender", target=url, about=(("Scheme", "standard"),),
        started=time.time(), seconds=12.5, results=results,
        findings=grouped(results, CAUSES),
    )
    print(text.report(report))                  # a terminal
    save(report, html=Path("out/report.html"))  # also as_json, junit, sarif
    sys.exit(exit_status(report, fail_on=Severity.HIGH))

How to use it in an examination of your own:

1. Derive your probe from `Rule` (a frozen keyword-only dataclass) and add what runs it.
2. Give every result its `signs`: what kind of failure each complaint is, as text that
   your causes compare. Evidence holds text in which secrets are already hidden.
3. Write your `Cause` records in order of precedence; `grouped` gives a finding of its
   own to every failed result that no cause explains. A probe's id, or a cause's id, is
   the stable name by which baselines and later reports know a finding.
4. If the target can't be reached or judged, set `unjudged` to the reason.

    records.py     severity, who, rule, result, finding, report
    causes.py      put failed results with one cause together
    commands.py    the owner's command lines
    status.py      the exit status, with known findings accepted
    baseline.py    known findings, each with a reason and a date
    comparison.py  what is fixed, regressed or still failing since an earlier report
    text.py        the report in a terminal
    page.py        the report as one HTML page
    machine.py     the report as versioned JSON, and back
    junit.py       the report as JUnit's XML
    sarif.py       the report as SARIF, for code scanning
    saving.py      write the reports that were asked for
"""

from labkit.findings.baseline import Accepted, accepted_in
from labkit.findings.causes import Cause, grouped
from labkit.findings.comparison import Comparison, compare
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
from labkit.findings.saving import save
from labkit.findings.status import Exit, exit_status

__all__ = [
    "Accepted",
    "Cause",
    "Comparison",
    "Evidence",
    "ExaminationReport",
    "Exit",
    "Finding",
    "ProbeOutcome",
    "Result",
    "Rule",
    "Severity",
    "Who",
    "accepted_in",
    "compare",
    "exit_status",
    "grouped",
    "save",
]
