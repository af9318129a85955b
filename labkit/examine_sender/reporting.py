"""From the results of a run to a report with one finding per cause."""

import time
from collections.abc import Sequence

from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.probe import Probe
from labkit.examine_sender.runner import Outcomes
from labkit.findings import (
    Cause,
    ExaminationReport,
    Finding,
    ProbeOutcome,
    Severity,
    Who,
    grouped,
)

AGREES = (0.7, 1.4)
"""Between these ratios a measured speed agrees with the given one."""


def causes_of(probes: Sequence[Probe]) -> tuple[Cause, ...]:
    """Return a cause for each probe whose failure explains that of others."""
    return tuple(_cause(probe, probes) for probe in probes if _explained(probe, probes))


def report_of(
    harness: SenderHarness,
    outcomes: Outcomes,
    probes: Sequence[Probe],
    *,
    started: float,
) -> ExaminationReport:
    """Put the findings together."""
    promise = harness.promise
    schedule = "not given"
    if promise.delays is not None:
        schedule = ", ".join(f"{delay:g}" for delay in promise.delays) or "none"
    contact = [*outcomes.contact, *dict.fromkeys(harness.failures)]
    findings = list(grouped(outcomes.results, causes_of(probes)))
    measured = measured_speed(harness)
    if measured is not None:
        contact.append(
            f"The sender's clock runs {measured:.1f} times as fast as this machine's, "
            "according to the sender's timestamps"
        )
        if not AGREES[0] <= measured / harness.clock.speed <= AGREES[1]:
            findings.append(_wrong_speed(harness.clock.speed, measured))
    return ExaminationReport(
        tool="labkit examine-sender",
        target=harness.server.base,
        results=tuple(outcomes.results),
        findings=tuple(findings),
        about=(
            ("Scheme", harness.scheme.name if harness.scheme else "none"),
            ("Schedule", schedule),
            ("Speed", f"{harness.clock.speed:g}"),
            ("Patience", f"{harness.patience:g} s"),
        ),
        contact=tuple(f"{said.removesuffix('.')}." for said in contact),
        started=started,
        seconds=time.time() - started,
        unjudged=outcomes.unjudged,
    )


def measured_speed(harness: SenderHarness) -> float | None:
    """Return how fast the sender's clock runs, by its timestamps on two attempts.

    None if there are no two attempts that are at least 5 of its seconds apart.
    """
    best: tuple[float, float] | None = None
    for endpoint in harness.references:
        for mark in endpoint.marks:
            seen = endpoint.seen(mark)
            if len(seen) < 2:
                continue
            times = [harness.claimed_time(s.request) for s in (seen[0], seen[-1])]
            if times[0] is None or times[1] is None:
                continue
            claimed, real = times[1] - times[0], seen[-1].began - seen[0].began
            if claimed >= 5 and real >= 0.5 and (best is None or real > best[1]):
                best = (claimed, real)
    return best[0] / best[1] if best else None


def _wrong_speed(given: float, measured: float) -> Finding:
    return Finding(
        id="setup.speed",
        title="the sender's clock does not run at the given speed",
        severity=Severity.LOW,
        who=Who.NOBODY,
        facts=f"--speed is {given:g}, the timestamps say {measured:.1f}",
        experiment="compared the timestamps of two attempts with the kit's clock",
        why="delays are multiplied by the wrong factor, so their verdicts are wrong",
        fix=f"give --speed {measured:.0f}, or start the sender at speed {given:g}",
    )


def _explained(probe: Probe, probes: Sequence[Probe]) -> frozenset[str]:
    return frozenset(p.id for p in probes if probe.id in p.explained_by)


def _cause(probe: Probe, probes: Sequence[Probe]) -> Cause:
    explained = _explained(probe, probes) | {probe.id}
    return Cause(
        id=probe.id,
        title=probe.title,
        severity=probe.severity,
        who=probe.who,
        why=probe.why,
        fix=probe.mend,
        references=probe.references,
        shown_by=lambda known: (
            probe.id in known and known[probe.id].outcome is ProbeOutcome.FAILED
        ),
        explains=lambda result: result.probe.id in explained,
        leads=(probe.id,),
    )
