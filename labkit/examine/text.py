"""A report in a terminal."""

import textwrap
from collections.abc import Iterator

from labkit.examine.records import Report, Result
from labkit.probes import Outcome, Probe

SIGNS = {
    Outcome.PASSED: "+",
    Outcome.FAILED: "X",
    Outcome.UNKNOWN: "?",
    Outcome.NOT_APPLICABLE: "-",
}

WIDTH = 88

_LABELS = 10


def progress(result: Result, number: int, total: int) -> str:
    """Say in one line what came of a probe."""
    sign = SIGNS[result.outcome]
    line = f"{number:>3}/{total} {sign} {result.probe.id:<28} {result.finding.facts}"
    return line if len(line) <= WIDTH else line[: WIDTH - 2] + " …"


def name(probe: Probe) -> str:
    """Name a probe in one line, with what it sends."""
    return f"{probe.id:<28} {probe.sent}"


def explain(probe: Probe) -> str:
    """Write down everything that a probe says of itself."""
    needs = "; ".join(sorted(probe.needs)) or "nothing more than URL, scheme and secret"
    return "\n".join(
        (
            probe.id,
            *_field("Sent", probe.sent),
            *_field("Wanted", probe.wanted),
            *_field("Why", probe.why),
            *_field("Mend", probe.mend),
            *_field("Source", probe.source),
            *_field("Needs", needs),
        )
    )


def report(found: Report) -> str:
    """Write the failures with facts and remedy, then what is unknown, then numbers."""
    return "\n".join(
        (*_failures(found), *_unknowns(found), *_not_applicable(found), found.summary)
    )


def _failures(found: Report) -> Iterator[str]:
    for result in found.of(Outcome.FAILED):
        probe = result.probe
        yield f"FAILED {probe.id}"
        yield from _field("Sent", probe.sent)
        yield from _field("Wanted", probe.wanted)
        yield from _field("Seen", result.finding.facts)
        yield from _field("Why", probe.why)
        yield from _field("Mend", probe.mend)
        yield from _field("Source", probe.source)
        for exchange in result.finding.evidence[:1]:
            request, answer = found.shown(exchange)
            yield f"  {'Request':<{_LABELS}}{exchange.label}"
            yield textwrap.indent(request, "    > ")
            yield textwrap.indent(answer, "    < ")
        yield ""


def _unknowns(found: Report) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for result in found.of(Outcome.UNKNOWN):
        reasons.setdefault(result.finding.facts, []).append(result.probe.id)
    for reason, names in reasons.items():
        yield from _wrapped(f"UNKNOWN {reason}", "", "  ")
        yield from _wrapped(", ".join(names), "  ")
        yield ""


def _not_applicable(found: Report) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for result in found.of(Outcome.NOT_APPLICABLE):
        reasons.setdefault(result.finding.facts, []).append(result.probe.id)
    for reason, names in reasons.items():
        yield from _wrapped(f"NOT APPLICABLE {reason}", "", "  ")
        yield from _wrapped(", ".join(names), "  ")
        yield ""


def _field(label: str, text: str) -> list[str]:
    first = f"  {label:<{_LABELS}}"
    return _wrapped(text, first, " " * len(first))


def _wrapped(text: str, first: str, rest: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest or first,
        break_on_hyphens=False,
    )
