"""Senders from the registry, judged as in `senders.md`, section 1.1.

`make test-all` asks for the rows of that table only, of all senders at once. Each
sender is examined whole every night.
"""

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from labkit.examine_sender import (
    PROBES,
    Levers,
    Probe,
    RealClock,
    chosen,
    examine_sender,
)
from labkit.findings import ExaminationReport, ProbeOutcome
from tests.senders.real.catalogue import SENDERS, Sender
from tests.senders.real.running import senders_python

MARKS = {
    ProbeOutcome.FAILED: "✗",
    ProbeOutcome.PASSED: "✓",
    ProbeOutcome.NOT_APPLICABLE: "–",
    ProbeOutcome.UNKNOWN: "?",
}
"""The marks of the table in `senders.md`."""

MEASURED = 0.8
"""The share of a sender's rows that must not be unknown, on a busy machine as well."""


Reports = dict[str, Future[ExaminationReport]]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="it reads /proc, and libfaketime needs Linux"
)


@pytest.fixture(scope="module")
def reports(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reports]:
    """Ask for the rows of the table, of all senders that this run tests at once."""
    senders_python()
    wanted = [
        sender
        for sender in SENDERS
        if any(
            item.name.endswith(f"[{sender.name}]")
            for item in request.session.items
            if isinstance(item, pytest.Function) and "reports" in item.fixturenames
        )
    ]
    with ThreadPoolExecutor(len(SENDERS)) as pool:
        yield {
            sender.name: pool.submit(
                report_on, sender, tmp_path_factory.mktemp("sender"), rows_only=True
            )
            for sender in wanted
        }


def report_on(sender: Sender, folder: Path, *, rows_only: bool) -> ExaminationReport:
    with sender.started(folder) as levers:
        if not rows_only:
            return examined(sender, levers, chosen((), sender.skip), sender.patience)
        rows = tuple(probe for probe in PROBES if probe.id in sender.table)
        report = examined(sender, levers, rows, sender.quick)
        unknown = {result.probe.id for result in report.of(ProbeOutcome.UNKNOWN)}
        if not unknown:
            return report
        # On a busy machine some rows take longer.
        again = tuple(probe for probe in rows if probe.id in unknown)
        later = examined(sender, levers, again, sender.patience)
    known = [result for result in report.results if result.probe.id not in unknown]
    return replace(later, results=(*known, *later.results))


def examined(
    sender: Sender, levers: Levers, probes: Sequence[Probe], patience: float
) -> ExaminationReport:
    return examine_sender(
        levers,
        sender.promise,
        scheme=sender.scheme,
        secret=sender.secret,
        patience=patience,
        clock=RealClock(sender.speed),
        probes=probes,
    )


def compare(sender: Sender, report: ExaminationReport) -> None:
    """Compare what was judged with the table, row by row."""
    assert report.unjudged == ""
    for result in report.results:
        sys.stdout.write(
            f"{result.outcome:<15} {result.seconds:>4.0f} s  {result.probe.id}  "
            f"{result.facts}\n"
        )
    found = {result.probe.id: MARKS[result.outcome] for result in report.results}
    # On a busy machine some rows can't be measured, and their verdict says so.
    judged = {
        probe: mark for probe, mark in sender.table.items() if found[probe] != "?"
    }
    assert {probe: found[probe] for probe in judged} == judged
    assert len(judged) >= MEASURED * len(sender.table)


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("sender", SENDERS, ids=lambda sender: sender.name)
def test_the_rows_of_the_table_are_found(sender: Sender, reports: Reports) -> None:
    compare(sender, reports[sender.name].result())


@pytest.mark.nightly
@pytest.mark.parametrize("sender", SENDERS, ids=lambda sender: sender.name)
def test_a_real_sender_is_judged_as_it_was_measured(
    sender: Sender, tmp_path: Path
) -> None:
    compare(sender, report_on(sender, tmp_path, rows_only=False))
