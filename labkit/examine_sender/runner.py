"""Run the probes of each group side by side, and say what came of them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from labkit.errors import LabError
from labkit.examine_sender.calibrate import alive, calibrate
from labkit.examine_sender.evidence import evidence_of
from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.needs import reason_against
from labkit.examine_sender.probe import (
    COMMON,
    Group,
    Judgement,
    Probe,
    Steps,
    Wait,
    unknown,
)
from labkit.findings import ProbeOutcome, Result

Watch = Callable[[Result, int, int], None]
"""It is told of a result, its number from 1, and how many there will be."""


@dataclass(slots=True)
class Outcomes:
    """Results of a run; `unjudged` says why nothing could be judged, or nothing."""

    results: list[Result]
    unjudged: str
    contact: list[str]
    broken: bool = False


@dataclass(slots=True)
class _Running:
    probe: Probe
    steps: Steps
    wait: Wait | None
    until: float
    started: float


class Runner:
    """One examination as it goes on."""

    def __init__(
        self, harness: SenderHarness, probes: Sequence[Probe], watch: Watch
    ) -> None:
        self._harness, self._probes, self._watch = harness, probes, watch
        self._results: dict[str, Result] = {}
        self._hindered: set[str] = set()
        self._broken = False

    def run(self) -> Outcomes:
        """Calibrate, run every group, and return what came of it."""
        reason, contact = ("", ["The guard is on: nothing is expected to arrive"])
        if not self._harness.guard_on:
            reason, contact = calibrate(self._harness)
        if reason:
            for probe in self._probes:
                self._note(probe, unknown("the calibration failed"), 0.0)
        else:
            self._groups()
        results = [self._results[probe.id] for probe in self._probes]
        return Outcomes(results, reason, contact, self._broken)

    def _groups(self) -> None:
        for group in Group:
            chosen = []
            for probe in (p for p in self._probes if p.group is group):
                against = reason_against(probe, self._harness)
                if against is None:
                    chosen.append(probe)
                else:
                    self._note(probe, against, 0.0)
            if group is Group.ALONE:
                self._one_by_one(chosen)
            else:
                self._side_by_side(chosen)

    def _one_by_one(self, probes: Sequence[Probe]) -> None:
        """Run each probe between two events to a good endpoint that stays.

        A probe is blamed for the silence after it only if the good endpoint got the
        event before it, and the sender called an endpoint of the probe.
        """
        if not probes:
            return
        delivers, before = alive(self._harness), "the earlier probes"
        for place, probe in enumerate(probes):
            if not delivers and not self._revived():
                silent = unknown(
                    f"no event arrived at a good endpoint after {before}: the sender "
                    "is still busy, or it ended; give --restart or more --patience"
                )
                for rest in probes[place:]:
                    self._note(rest, silent, 0.0)
                return
            paths = self._harness.witness.paths()
            self._side_by_side([probe])
            called = self._harness.witness.paths() - paths
            delivers, before = alive(self._harness), probe.id
            if not delivers and any(
                self._harness.witness.seen(path=path) for path in called
            ):
                self._blame(probe)

    def _blame(self, probe: Probe) -> None:
        result = self._results[probe.id]
        # A command that failed, such as one to restart, may be the cause itself.
        hindered = probe.id in self._hindered
        if result.outcome is not ProbeOutcome.FAILED and not hindered:
            self._results[probe.id] = replace(
                result,
                outcome=ProbeOutcome.FAILED,
                facts="after this, no event arrived at a good endpoint within "
                f"{self._harness.patience:g} s, although one did before "
                f"({result.facts})",
            )

    def _revived(self) -> bool:
        """Restart the sender if there is a lever, and see whether it delivers."""
        if self._harness.levers.restart is not None:
            try:
                self._harness.levers.restart()
            except LabError:
                return False
            self._harness.forget_control()
        return alive(self._harness)

    def _side_by_side(self, probes: Sequence[Probe]) -> None:
        running: list[_Running] = []
        for probe in probes:
            one = _Running(
                probe, _steps(probe, self._harness), None, 0.0, time.monotonic()
            )
            if self._step(one, None):
                running.append(one)
        waiting = [one for one in running if one.wait is None]
        if waiting:
            mark = self._common_event()
            running = [
                one for one in running if one.wait is not None or self._step(one, mark)
            ]
        while running:
            running = [one for one in running if self._going_on(one)]
            if running:
                until = min(one.until for one in running)
                self._harness.clock.pause(self._harness.witness.changed, until)
        self._harness.end_group()

    def _common_event(self) -> str:
        self._harness.await_registration()
        mark = self._harness.witness.new_mark()
        for endpoint in self._harness.registered:
            endpoint.marks.add(mark)
        self._harness.triggered[mark] = self._harness.witness.now()
        try:
            self._harness.trigger(mark)
        except LabError as error:
            self._harness.failures.append(str(error))
        return mark

    def _going_on(self, one: _Running) -> bool:
        """Go on with a probe if it is time; return whether it is still running."""
        if one.wait is None:
            return True
        try:
            holds = one.wait.condition()
        except Exception as error:  # noqa: BLE001 - it costs this probe alone
            self._failed(one, error)
            return False
        if holds or self._harness.clock.now() >= one.until:
            return self._step(one, holds)
        return True

    def _step(self, one: _Running, value: object) -> bool:
        try:
            step = next(one.steps) if value is None else one.steps.send(value)
        except StopIteration as stop:
            self._note(one.probe, stop.value, time.monotonic() - one.started)
            return False
        except LabError as error:
            seconds = time.monotonic() - one.started
            self._note(one.probe, unknown(str(error)), seconds)
            self._hindered.add(one.probe.id)
            return False
        except Exception as error:  # noqa: BLE001 - it costs this probe alone
            self._failed(one, error)
            return False
        if step == COMMON:
            one.wait = None
        else:
            one.wait = step
            real = step.seconds / self._harness.clock.speed
            one.until = self._harness.clock.now() + real
        return True

    def _failed(self, one: _Running, error: Exception) -> None:
        self._broken = True
        said = f"the kit failed in this probe ({error.__class__.__name__}: {error})"
        self._note(one.probe, unknown(said), time.monotonic() - one.started)

    def _note(self, probe: Probe, judgement: Judgement, seconds: float) -> None:
        result = Result(
            probe=probe,
            outcome=judgement.outcome,
            facts=judgement.facts,
            seconds=seconds,
            evidence=evidence_of(self._harness, judgement.sightings),
        )
        self._results[probe.id] = result
        self._watch(result, len(self._results), len(self._probes))


def _steps(probe: Probe, harness: SenderHarness) -> Steps:
    """Run a probe; what it raises before its first step is raised in a step, too."""
    return (yield from probe.run(harness))
