"""Compare a report with an earlier one."""

from dataclasses import dataclass

from labkit.findings.records import ExaminationReport, ProbeOutcome


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ids of findings: `fixed` since the earlier report, `regressed`, `remaining`.

    `unclear` holds those that were found earlier and could not be judged this time.
    """

    fixed: tuple[str, ...]
    regressed: tuple[str, ...]
    remaining: tuple[str, ...]
    unclear: tuple[str, ...]

    def __str__(self) -> str:
        parts = {
            "fixed": self.fixed,
            "regressed": self.regressed,
            "still failing": self.remaining,
            "not judged this time": self.unclear,
        }
        said = [f"{name}: {', '.join(ids)}" for name, ids in parts.items() if ids]
        return "; ".join(said) or "no finding in either report"


def compare(earlier: ExaminationReport, later: ExaminationReport) -> Comparison:
    """Compare two reports of the same target.

    A finding counts as fixed only if every probe that showed it passed this time.
    """
    before = {finding.id: finding for finding in earlier.findings}
    now = {finding.id for finding in later.findings}
    passed = {result.probe.id for result in later.of(ProbeOutcome.PASSED)}
    failed = {result.probe.id for result in later.of(ProbeOutcome.FAILED)}
    fixed: list[str] = []
    unclear: list[str] = []
    for id_, finding in before.items():
        if id_ in now:
            continue
        judged = all(probe in passed | failed for probe in finding.probes)
        gone = judged and not later.unjudged
        (fixed if gone else unclear).append(id_)
    return Comparison(
        fixed=tuple(fixed),
        regressed=tuple(f.id for f in later.findings if f.id not in before),
        remaining=tuple(id_ for id_ in before if id_ in now),
        unclear=tuple(unclear),
    )
