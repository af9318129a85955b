"""Run probes against an endpoint, one after the other, and note what comes of each."""

import time
from collections.abc import Callable, Sequence

from labkit.errors import BadSetting, ConnectionRefused, LabError
from labkit.examine.records import Report, Result
from labkit.probes import Bench, Finding, Outcome, Probe
from labkit.probes.crashes import restarted

Watch = Callable[[Result, int, int], object]
"""Told of each result as it comes, with its number from 1 and the number of all."""

REVIVAL = 2.0
"""How long a dead endpoint is given to come back by itself, in seconds."""


def run(bench: Bench, probes: Sequence[Probe], watch: Watch) -> Report:
    """Run the probes in order.

    Raises ConnectionRefused where nobody listens in the first place.
    """
    started = time.monotonic()
    if obstacle := bench.wire.obstacle():
        raise ConnectionRefused(
            f"nobody listens at {bench.endpoint.url} ({obstacle}); start the receiver "
            "first, and take the address that it prints"
        )
    life = _Life(bench)
    bench.calibrate()
    life.check()
    wanted = [probe for probe in probes if not _reason(bench, probe)]
    for probe in wanted:
        if probe.prepare and not life.over:
            probe.prepare(bench)
    results = []
    for number, probe in enumerate(probes, start=1):
        before = time.monotonic()
        finding = _reason(bench, probe) or _found(bench, probe, life)
        result = Result(probe, finding, time.monotonic() - before)
        results.append(result)
        watch(result, number, len(probes))
    return Report(bench.endpoint, tuple(results), time.monotonic() - started)


class _Life:
    """Whether the endpoint is still there; asked when an answer is missing."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._seen = 0
        self.over = False

    def check(self) -> str:
        """Return what became of the endpoint, or nothing if it lives."""
        bench = self._bench
        if bench.unanswered == self._seen:
            return ""
        self._seen = bench.unanswered
        if bench.wire.listens():
            return ""
        bench.pause(REVIVAL)
        if bench.wire.listens():
            return "nobody listened for a while: the process died and came back"
        if bench.levers.restart is None:
            self.over = True
            return "nobody listens any more: the process died"
        restarted(bench)
        return "nobody listened any more: the process died, and was started again"


def _reason(bench: Bench, probe: Probe) -> Finding | None:
    """Return why a probe is not run, or None."""
    if why := probe.applies(bench.scheme, bench.profile):
        return Finding(Outcome.NOT_APPLICABLE, why)
    for need in sorted(probe.needs):
        if lack := bench.lacks(need):
            return Finding(Outcome.UNKNOWN, lack)
    return None


def _found(bench: Bench, probe: Probe, life: _Life) -> Finding:
    if life.over:
        return Finding(Outcome.UNKNOWN, "the endpoint had died before this probe")
    try:
        finding = probe.run(bench)
    except BadSetting as error:
        finding = Finding(Outcome.UNKNOWN, str(error))
    try:
        death = life.check()
    except LabError as error:
        life.over = True
        death = f"nobody listens any more: the process died; {error}"
    if death:
        facts = death
        if finding.outcome is Outcome.FAILED:
            facts = f"{finding.facts}; then {death}"
        return Finding(Outcome.FAILED, facts, finding.evidence)
    return finding
