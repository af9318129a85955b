"""Run probes against an endpoint, one after the other, and report what was found."""

import dataclasses
import time
from collections.abc import Callable, Sequence

from labkit.errors import BadSetting, ConnectionRefused, LabError
from labkit.examine.causes import CAUSES
from labkit.examine.contact import Contact, reach
from labkit.examine.evidence import evidence_of
from labkit.examine.life import Death, Life, findings_of
from labkit.examine.remedies import framework_of, with_remedy
from labkit.findings import (
    ExaminationReport,
    Finding,
    ProbeOutcome,
    Result,
    Severity,
    grouped,
)
from labkit.findings.records import by_importance
from labkit.probes import Harness, Judgement, Need, Probe, Sign

TOOL = "labkit examine"

LONGEST = {
    Severity.LOW: 60.0,
    Severity.MEDIUM: 120.0,
    Severity.HIGH: 300.0,
    Severity.CRITICAL: 300.0,
}
"""After that many seconds, a slow endpoint is spared probes of that severity."""

FEW = 20
"""So many probes are run in any case, however slow the endpoint is."""

Watch = Callable[[Result, int, int], object]
"""Told of each result as it comes, with its number from 1 and the number of all."""

Keep = Callable[[ExaminationReport], object]
"""Given the report so far after each probe, to be kept if the run is killed."""


def run(
    harness: Harness,
    probes: Sequence[Probe],
    watch: Watch,
    keep: Keep,
    earlier: Sequence[Result] = (),
) -> ExaminationReport:
    """Run the probes in order.

    `earlier` holds results of a run that was killed; their probes are not run again.
    Raises ConnectionRefused where nobody listens in the first place.
    """
    return _Examination(harness, probes, watch, keep, earlier).report()


class _Examination:
    """One run of an examination, and what is known so far."""

    def __init__(
        self,
        harness: Harness,
        probes: Sequence[Probe],
        watch: Watch,
        keep: Keep,
        earlier: Sequence[Result],
    ) -> None:
        self._harness = harness
        self._probes = probes
        self._watch = watch
        self._keep = keep
        known = {probe.id for probe in probes}
        self._earlier = {
            result.probe.id: result for result in earlier if result.probe.id in known
        }
        self._started_at = harness.now()
        self._started = time.monotonic()
        self._results: list[Result] = []
        self._kit_errors: list[str] = []
        self._life = Life(harness)
        self._contact = Contact(())

    def report(self) -> ExaminationReport:
        """Reach the endpoint, run every probe, and report."""
        harness = self._harness
        if obstacle := harness.wire.obstacle():
            tried = "; ".join(harness.wire.tried())
            raise ConnectionRefused(
                f"nothing listens at {harness.endpoint.shown_url} ({obstacle}; tried "
                f"{tried}); start the receiver first, and use the address that it "
                "prints"
            )
        self._contact = reach(harness)
        if death := self._life.check("contact"):
            self._after_death_in_contact(str(death))
        self._prepare()
        for number, probe in enumerate(self._probes, start=1):
            result = self._earlier.get(probe.id) or self._result(probe)
            self._results.append(result)
            self._watch(result, number, len(self._probes))
            self._keep(self._so_far(finished=False))
        return self._so_far(finished=True)

    def _after_death_in_contact(self, facts: str) -> None:
        """Calibrate again after a restart, or say why nothing can be judged."""
        if not self._harness.accepts and not self._life.over:
            self._contact = reach(self._harness)
            self._life.check("contact")
        elif not self._harness.accepts:
            self._contact = Contact(
                self._contact.said, (), f"{facts}, and no event was accepted before"
            )

    def _prepare(self) -> None:
        for probe in self._probes:
            known = probe.id in self._earlier
            if probe.prepare and not known and self._judgement_without(probe) is None:
                try:
                    probe.prepare(self._harness)
                except Exception as error:  # noqa: BLE001 - it costs this probe alone
                    self._kit_failed(probe, error)
                self._life.check(probe.id, probe.who)

    def _result(self, probe: Probe) -> Result:
        before = time.monotonic()
        judgement = self._judgement_without(probe) or self._judgement(probe)
        return Result(
            probe=probe,
            outcome=judgement.outcome,
            facts=judgement.facts,
            seconds=time.monotonic() - before,
            signs=frozenset(map(str, judgement.signs)),
            evidence=tuple(evidence_of(self._harness, e) for e in judgement.evidence),
        )

    def _judgement_without(self, probe: Probe) -> Judgement | None:
        """Return the judgement on a probe that can't be run, or None."""
        harness = self._harness
        if why := probe.applies(harness.scheme, harness.profile):
            return Judgement(ProbeOutcome.NOT_APPLICABLE, why)
        unjudged = self._contact.unjudged and not harness.accepts
        if unjudged and not probe.before_accepting:
            return Judgement(ProbeOutcome.UNKNOWN, self._contact.unjudged)
        for need in sorted(probe.needs):
            if lack := harness.lacks(need):
                return Judgement(ProbeOutcome.UNKNOWN, lack)
        if self._life.over:
            return Judgement(ProbeOutcome.UNKNOWN, self._life.over)
        if self._too_slow_for(probe):
            return Judgement(
                ProbeOutcome.UNKNOWN,
                f"a valid event takes {harness.usual:.1f} s, so probes of "
                f"{probe.severity} severity are left out after "
                f"{LONGEST[probe.severity]:.0f} s; run them alone, with --only",
            )
        return None

    def _too_slow_for(self, probe: Probe) -> bool:
        spent = time.monotonic() - self._started
        # Alone, each is worth its time.
        return (
            self._harness.slow
            and spent > LONGEST[probe.severity]
            and len(self._probes) > FEW
        )

    def _judgement(self, probe: Probe, *, again: bool = False) -> Judgement:
        try:
            judgement = probe.run(self._harness)
        except BadSetting as error:
            judgement = Judgement(ProbeOutcome.UNKNOWN, str(error))
        except Exception as error:  # noqa: BLE001 - it costs this probe alone
            judgement = self._kit_failed(probe, error)
        death = self._life.check(probe.id, probe.who)
        if death is None:
            return judgement
        if death.during != probe.id and not (again or self._life.over):
            self._blame(death)
            return self._judgement(probe, again=True)
        if Need.RESTART in probe.needs and death.proved is not True:
            # The probe itself ends the process, so the silence may be its own doing.
            self._life.deaths.remove(death)
            return Judgement(
                ProbeOutcome.UNKNOWN,
                "the receiver could not be reached after its restart; try again",
            )
        facts = str(death)
        if judgement.outcome is ProbeOutcome.FAILED:
            facts = f"{judgement.facts}; then {death}"
        return Judgement(
            ProbeOutcome.FAILED,
            facts,
            (death.suspect, *judgement.evidence),
            judgement.signs | {Sign.DIED},
        )

    def _blame(self, death: Death) -> None:
        """Fail an earlier probe, whose request ended the process only now."""
        for place, result in enumerate(self._results):
            if result.probe.id == death.during:
                self._results[place] = dataclasses.replace(
                    result,
                    outcome=ProbeOutcome.FAILED,
                    facts=str(death),
                    signs=result.signs | {str(Sign.DIED)},
                    evidence=(death.evidence, *result.evidence),
                )

    def _kit_failed(self, probe: Probe, error: Exception) -> Judgement:
        said = f"{probe.id}: {type(error).__name__}: {error}"
        self._kit_errors.append(said)
        return Judgement(ProbeOutcome.UNKNOWN, f"the kit failed in {said}")

    def _so_far(self, *, finished: bool) -> ExaminationReport:
        harness, contact = self._harness, self._contact
        endpoint = harness.endpoint
        results = tuple(self._results)
        findings = self._findings(results)
        unjudged = contact.unjudged
        judged = {ProbeOutcome.PASSED, ProbeOutcome.FAILED}
        none_judged = not any(result.outcome in judged for result in results)
        if finished and none_judged and not unjudged and not findings:
            reasons = list(dict.fromkeys(result.facts for result in results))
            unjudged = f"no probe could be judged: {'; '.join(reasons[:3])}"
        framework = framework_of(harness.contact.values())
        about = {
            "Scheme": endpoint.scheme.name,
            "Provider": endpoint.profile.title,
            "Framework": framework,
        }
        return ExaminationReport(
            tool=TOOL,
            target=endpoint.shown_url,
            results=results,
            findings=tuple(with_remedy(finding, framework) for finding in findings),
            about=tuple((label, value) for label, value in about.items() if value),
            contact=contact.said,
            started=self._started_at,
            seconds=time.monotonic() - self._started,
            unjudged=unjudged,
            finished=finished,
            kit_errors=tuple(self._kit_errors),
        )

    def _findings(self, results: tuple[Result, ...]) -> tuple[Finding, ...]:
        deaths = findings_of(self._life.deaths)
        if self._life.stopped:
            deaths.append(self._life.stopped)
        died = {probe for finding in deaths for probe in finding.probes}
        rest = [result for result in results if result.probe.id not in died]
        if self._contact.unjudged and not self._harness.accepts:
            early = {p.id for p in self._probes if p.before_accepting}
            rest = [result for result in rest if result.probe.id in early]
        found = [*self._contact.findings, *deaths, *grouped(rest, CAUSES)]
        unique = {finding.id: finding for finding in reversed(found)}
        return by_importance(reversed(unique.values()))


def unreached(
    harness: Harness, probes: Sequence[Probe], error: LabError
) -> ExaminationReport:
    """Return the report on an endpoint to which no connection could be made."""
    judgement = "no connection could be made"
    return ExaminationReport(
        tool=TOOL,
        target=harness.endpoint.shown_url,
        results=tuple(
            Result(probe=probe, outcome=ProbeOutcome.UNKNOWN, facts=judgement)
            for probe in probes
        ),
        about=(("Scheme", harness.endpoint.scheme.name),),
        contact=tuple(f"{tried}." for tried in harness.wire.tried()),
        started=harness.now(),
        unjudged=str(error),
    )
