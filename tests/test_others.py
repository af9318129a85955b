"""Receivers made of other people's packages, and what `labkit examine` finds in them.

The table `tests/receivers/others/findings.toml` holds each finding with a judgement
from reading the package. No finding may be false.
"""

import collections
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from labkit.findings import ExaminationReport, Severity
from tests.receivers.others.catalogue import OTHERS, Other
from tests.receivers.others.running import HERE, installed, running

Judged = list[dict[str, Any]]

AT_A_TIME = 3

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the levers are commands of a POSIX shell"
)


@pytest.fixture(scope="module")
def table() -> Judged:
    judged: Judged = tomllib.loads((HERE / "findings.toml").read_text())["finding"]
    return judged


@pytest.fixture(scope="module")
def reports(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[Other, Future[ExaminationReport]]]:
    """Examine every receiver that a test of this run asks for, several at a time."""
    wanted: dict[Other, None] = {
        item.callspec.params["other"]: None  # type: ignore[misc]  # it says object
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.module.__name__ == __name__
        and hasattr(item, "callspec")
    }
    for other in wanted:
        installed(other)
    pool = ThreadPoolExecutor(AT_A_TIME)
    try:
        yield {
            other: pool.submit(report_on, other, tmp_path_factory.mktemp("other"))
            for other in wanted
        }
    finally:
        pool.shutdown(cancel_futures=True)


def report_on(other: Other, folder: Path) -> ExaminationReport:
    with running(other, folder) as process:
        return process.examined()


@pytest.mark.nightly
@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.name)
def test_the_findings_are_those_of_the_table(
    other: Other, reports: dict[Other, Future[ExaminationReport]], table: Judged
) -> None:
    report = reports[other].result()
    print(f"\n{other.name}: {report.summary}; {report.verdict}")
    assert report.unjudged == ""
    assert report.kit_errors == ()
    entries = [entry for entry in table if entry["receiver"] == other.name]
    found = {(finding.id, str(finding.severity)) for finding in report.findings}
    wanted = {(entry["id"], entry["severity"]) for entry in entries}
    certain = {
        (entry["id"], entry["severity"])
        for entry in entries
        if not entry.get("sometimes")
    }
    facts = [f"{one.severity} {one.id}: {one.facts}" for one in report.findings]
    assert certain <= found <= wanted, "\n".join(facts)


def test_every_finding_is_judged_and_none_is_false(table: Judged) -> None:
    judgements = collections.Counter(entry["judgement"] for entry in table)
    assert set(judgements) <= {"true", "pedantic"}
    assert {entry["receiver"] for entry in table} <= {other.name for other in OTHERS}
    for entry in table:
        assert entry["reason"].endswith("."), entry
    loud = [
        entry
        for entry in table
        if entry["judgement"] == "pedantic"
        and Severity(entry["severity"]).reaches(Severity.HIGH)
    ]
    assert len(loud) <= 3, loud
