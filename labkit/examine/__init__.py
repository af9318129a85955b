"""Examine a running endpoint, in any language, from outside.

    endpoint = Endpoint(url=…, scheme=SCHEMES["standard"], secret=…, profile=…)
    report = examine(endpoint, Levers(effects=number_from_url(…)))
    print(text.report(report))

An examination sends what an attacker would send. It stays on this machine unless the
caller says that the endpoint is theirs.

    records.py   what was found
    runner.py    runs the probes, and sees when the endpoint dies
    asked.py     endpoint and levers, from what was typed
    levers.py    effects, restarts and outages, by command or URL
    text.py      the report in a terminal
    page.py      the report as HTML
    machine.py   the report as JSON and as JUnit's XML
"""

import time
from collections.abc import Callable, Sequence

from labkit.examine import machine, page, text
from labkit.examine.asked import endpoint_from, levers_from, save
from labkit.examine.levers import (
    demand_loopback,
    number_from_command,
    number_from_url,
    switch,
)
from labkit.examine.records import Report, Result
from labkit.examine.runner import Watch, run
from labkit.probes import PROBES, Bench, Endpoint, Levers, Probe

__all__ = [
    "Report",
    "Result",
    "demand_loopback",
    "endpoint_from",
    "examine",
    "levers_from",
    "machine",
    "number_from_command",
    "number_from_url",
    "page",
    "save",
    "switch",
    "text",
]


def examine(
    endpoint: Endpoint,
    levers: Levers | None = None,
    *,
    probes: Sequence[Probe] = PROBES,
    watch: Watch | None = None,
    clock: Callable[[], float] = time.time,
    settle: float = 0.15,
    elsewhere: bool = False,
) -> Report:
    """Run the probes against an endpoint and return what they found.

    `watch` is told of each result as it comes. `clock` gives the time for timestamps,
    in seconds since the Unix epoch. `settle` is how long to wait, in seconds, for
    effects that should not come. Raises BadSetting unless the URL leads to this
    machine, or the caller says with `elsewhere` that it may lead elsewhere, and
    ConnectionRefused where nobody listens.
    """
    # Two examinations of one endpoint must not share ids: it may remember the first.
    name = f"{int(clock() * 1000):x}"
    bench = Bench(endpoint, levers or Levers(), now=clock, run=name, settle=settle)
    if not elsewhere:
        demand_loopback(bench.wire)
    return run(bench, probes, watch or _unseen)


def _unseen(result: Result, number: int, total: int) -> None:
    """Watch nothing."""
