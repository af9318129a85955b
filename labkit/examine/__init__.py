"""Examine a running endpoint, in any language, from outside.

    endpoint = Endpoint(url=…, scheme=SCHEMES["standard"], secret=…, profile=…)
    report = examine(endpoint, Levers(effects=number_from_url(…)))
    print(labkit.findings.text.report(report))

An examination sends what an attacker would send. It stays on this machine unless the
caller says that the endpoint is theirs.

    runner.py     run the probes, and put their failures together
    contact.py    reach the endpoint before it is judged
    obstacles.py  find out why a valid event is not accepted
    variants.py   experiments on a valid event that is rejected; content.py signs other
                  content, variant.py is one experiment
    life.py       notice when the process ends, and which request ended it
    causes/       what receivers do wrong, and how to recognise it
    conditions.py what results must show to have a cause
    remedies.py   what to do in the receiver's framework
    evidence.py   an exchange as text, without secrets
    asked.py      endpoint and levers from what was typed
    levers.py     effects, restarts and outages, by command or URL
    settings.py   defaults from pyproject.toml or another TOML file

The records and the forms of a report are in `labkit.findings`.
"""

import time
from collections.abc import Callable, Sequence

from labkit.errors import LabError
from labkit.examine.asked import endpoint_from, levers_from
from labkit.examine.causes import severity_of
from labkit.examine.levers import (
    demand_loopback,
    number_from_command,
    number_from_url,
    switch,
)
from labkit.examine.runner import Keep, Watch, run, unreached
from labkit.findings import ExaminationReport, Result
from labkit.probes import PROBES, Endpoint, Harness, Levers, Probe

__all__ = [
    "ExaminationReport",
    "Result",
    "demand_loopback",
    "endpoint_from",
    "examine",
    "levers_from",
    "number_from_command",
    "number_from_url",
    "report_unreached",
    "severity_of",
    "switch",
]


def examine(
    endpoint: Endpoint,
    levers: Levers | None = None,
    *,
    probes: Sequence[Probe] = PROBES,
    watch: Watch | None = None,
    keep: Keep | None = None,
    earlier: Sequence[Result] = (),
    clock: Callable[[], float] = time.time,
    settle: float = 0.15,
    elsewhere: bool = False,
) -> ExaminationReport:
    """Run the probes against an endpoint and return what they found.

    `watch` is told of each result as it comes, `keep` is given the report so far.
    `earlier` holds results that are not to be found again. `clock` gives the time for
    timestamps, in seconds since the Unix epoch. `settle` is how long to wait, in
    seconds, for effects that should not come. Raises BadSetting unless the URL leads to
    this machine, or the caller says with `elsewhere` that it may lead elsewhere, and
    ConnectionRefused where nobody listens.
    """
    harness = _harness(endpoint, levers, clock, settle)
    if not elsewhere:
        demand_loopback(harness.wire)
    try:
        return run(harness, probes, watch or _unseen, keep or _unkept, earlier)
    finally:
        harness.wire.close()


def report_unreached(
    endpoint: Endpoint,
    problem: LabError,
    *,
    probes: Sequence[Probe] = PROBES,
    clock: Callable[[], float] = time.time,
) -> ExaminationReport:
    """Return the report on an endpoint to which no connection could be made."""
    return unreached(_harness(endpoint, None, clock, 0.0), probes, problem)


def _harness(
    endpoint: Endpoint,
    levers: Levers | None,
    clock: Callable[[], float],
    settle: float,
) -> Harness:
    # Two examinations of one endpoint must not share ids: it may remember the first.
    name = f"{int(clock() * 1000):x}"
    return Harness(endpoint, levers or Levers(), now=clock, run=name, settle=settle)


def _unseen(result: Result, number: int, total: int) -> None:
    """Watch nothing."""


def _unkept(report: ExaminationReport) -> None:
    """Keep nothing."""
