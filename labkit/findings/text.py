"""A report in a terminal."""

import textwrap
from collections.abc import Iterator, Sequence

from labkit.findings.baseline import Accepted
from labkit.findings.comparison import Comparison
from labkit.findings.records import (
    Evidence,
    ExaminationReport,
    Finding,
    ProbeOutcome,
    Result,
    Rule,
)

SIGNS = {
    ProbeOutcome.PASSED: "+",
    ProbeOutcome.FAILED: "X",
    ProbeOutcome.UNKNOWN: "?",
    ProbeOutcome.NOT_APPLICABLE: "-",
}

WIDTH = 88

_LABELS = 11


def progress(result: Result, number: int, total: int) -> str:
    """Say in one line what came of a probe."""
    sign = SIGNS[result.outcome]
    line = f"{number:>3}/{total} {sign} {result.probe.id:<28} {result.facts}"
    return line if len(line) <= WIDTH else line[: WIDTH - 2] + " …"


def name(rule: Rule) -> str:
    """Name a probe in one line, with what it sends."""
    return f"{rule.id:<28} {rule.sent}"


def explain(rule: Rule, needs: str = "", *, severity: str = "") -> str:
    """Write down everything that a probe says about itself.

    `severity` says how severe a failure is, if there is more to say than one word.
    """
    lines = [
        rule.id,
        *_field("Experiment", rule.experiment),
        *_field("Expected", rule.wanted),
        *_field("Why", rule.why),
        *_field("Fix", rule.mend),
        *_field("Severity", severity or f"{rule.severity} if it fails"),
        *_field("Who", rule.who.sentence),
        *_field("Reference", "; ".join(rule.references)),
        *_field("Source", rule.source),
        *_field("Needs", needs),
    ]
    return "\n".join(lines)


def report(
    found: ExaminationReport,
    *,
    accepted: Sequence[Accepted] = (),
    comparison: Comparison | None = None,
) -> str:
    """Write a summary, then the findings by importance, then what is unknown."""
    known = {entry.finding: entry for entry in accepted}
    lines = [*_summary(found)]
    for finding in found.findings:
        lines += [*_finding(finding, known.get(finding.id)), ""]
    for outcome in (ProbeOutcome.UNKNOWN, ProbeOutcome.NOT_APPLICABLE):
        for reason, names in found.reasons(outcome).items():
            lines += _wrapped(f"{outcome.upper()} {reason}", "", "  ")
            lines += [*_wrapped(", ".join(names), "  "), ""]
    ids = {finding.id for finding in found.findings}
    for entry in accepted:
        if entry.finding not in ids:
            lines += _wrapped(
                f"The baseline accepts {entry.finding}, which was not found this time.",
                "",
            )
    for error in found.kit_errors:
        lines += _wrapped(f"THE KIT FAILED {error}; please report this", "", "  ")
    if comparison is not None:
        lines += _wrapped(f"Since the earlier report: {comparison}.", "", "  ")
    return "\n".join((*lines, found.summary, found.verdict))


def _summary(found: ExaminationReport) -> Iterator[str]:
    for sentence in found.contact:
        yield from _wrapped(sentence, "", "  ")
    if found.unjudged:
        yield from _wrapped(f"NOT JUDGED {found.unjudged}", "", "  ")
    if found.contact or found.unjudged:
        yield ""
    families = found.by_family()
    if len(families) > 1:
        head = "".join(f"{outcome:>16}" for outcome in ProbeOutcome)
        yield f"{'family':<14}{head}"
        for family, counts in families.items():
            cells = (str(counts[outcome] or "·") for outcome in ProbeOutcome)
            yield f"{family:<14}" + "".join(f"{cell:>16}" for cell in cells)
        yield ""


def _finding(finding: Finding, known: Accepted | None) -> Iterator[str]:
    mark = f" (accepted on {known.date}: {known.reason})" if known else ""
    yield from _wrapped(
        f"{finding.severity.upper()} {finding.id} – {finding.title}{mark}", "", "  "
    )
    yield from _field("Seen", finding.facts)
    yield from _field("Experiment", finding.experiment)
    yield from _field("Who", finding.who.sentence)
    yield from _field("Why", finding.why)
    yield from _field("Fix", finding.fix)
    yield from _field("Reference", "; ".join(finding.references))
    if len(finding.probes) > 1:
        yield from _field("Probes", ", ".join(finding.probes))
    for evidence in finding.evidence[:1]:
        yield from _evidence(evidence)


def _evidence(evidence: Evidence) -> Iterator[str]:
    yield from _field("Request", evidence.label)
    if evidence.changed:
        yield from _field("Changed", evidence.changed)
    yield textwrap.indent(evidence.request, "    > ")
    yield textwrap.indent(evidence.response, "    < ")
    if evidence.command:
        # Not wrapped: it is there to be copied.
        yield f"  {'Try it':<{_LABELS}}{evidence.command}"


def _field(label: str, text: str) -> list[str]:
    first = f"  {label:<{_LABELS}}"
    return _wrapped(text, first, " " * len(first)) if text else []


def _wrapped(text: str, first: str, rest: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest or first,
        break_on_hyphens=False,
    )
