"""A check-then-act race is never passed: it is found, or its probe is unknown."""

import collections
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit import Receiver
from labkit.examine import endpoint_from, examine
from labkit.findings import ProbeOutcome, Result
from labkit.probes import Levers, chosen
from tests.receivers.catalogue import by_name
from tests.receivers.racing import MEMORIES, SECRET, counted, make_app
from tests.receivers.running import REPOSITORY, running

PROCESSES = "two processes"
KINDS = (*MEMORIES, PROCESSES)

DELAY = 0.3


@contextlib.contextmanager
def served(kind: str, folder: Path, delay: float) -> Iterator[str]:
    """Serve a racing receiver; two processes share one socket and one database."""
    if kind != PROCESSES:
        with Receiver(make_app(kind, folder, delay=delay)) as receiver:
            yield f"{receiver.url}/webhooks"
        return
    with socket.create_server(("127.0.0.1", 0)) as shared:
        shared.set_inheritable(True)
        descriptor = str(shared.fileno())
        command = [sys.executable, "-m", "tests.receivers.racing", "sqlite"]
        workers = [
            subprocess.Popen(
                [*command, str(folder), descriptor, str(delay)],
                pass_fds=[shared.fileno()],
                cwd=REPOSITORY,
            )
            for _ in range(2)
        ]
        try:
            yield f"http://127.0.0.1:{shared.getsockname()[1]}/webhooks"
        finally:
            for worker in workers:
                worker.send_signal(signal.SIGKILL)
                worker.wait()


def at_once(kind: str, folder: Path, *, delay: float = 0.0) -> Result:
    """Return what the probe finds on a fresh receiver."""
    with served(kind, folder, delay) as url:
        report = examine(
            endpoint_from(url, scheme="generic", secret=SECRET),
            Levers(effects=lambda: counted(folder), effect_delay=delay),
            probes=chosen(["duplicate.at-once"]),
            settle=0.05,
        )
    (result,) = report.results
    return result


needs_shared_sockets = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="two processes share a socket by its descriptor"
)


@needs_shared_sockets
@pytest.mark.parametrize("kind", KINDS)
def test_a_check_then_act_receiver_never_passes(kind: str, tmp_path: Path) -> None:
    result = at_once(kind, tmp_path)
    assert result.outcome in (ProbeOutcome.FAILED, ProbeOutcome.UNKNOWN), result.facts
    if result.outcome is ProbeOutcome.UNKNOWN:
        assert "does not prove" in result.facts


@needs_shared_sockets
@pytest.mark.parametrize("kind", ["set", PROCESSES])
def test_with_a_slow_effect_the_race_is_found(kind: str, tmp_path: Path) -> None:
    assert at_once(kind, tmp_path, delay=0.1).outcome is ProbeOutcome.FAILED


@pytest.mark.nightly
@needs_shared_sockets
@pytest.mark.parametrize("kind", KINDS)
def test_a_check_then_act_receiver_never_passes_in_50_runs(
    kind: str, tmp_path: Path
) -> None:
    found: collections.Counter[ProbeOutcome] = collections.Counter()
    for number in range(50):
        folder = tmp_path / str(number)
        folder.mkdir()
        found[at_once(kind, folder).outcome] += 1
    assert found[ProbeOutcome.PASSED] == 0
    assert found.total() == 50


def test_a_receiver_that_claims_in_one_step_passes_with_a_slow_effect(
    tmp_path: Path,
) -> None:
    with running([by_name("flask-standard")], tmp_path) as [process]:
        (process.folder / process.receiver.name / "slow").write_text(str(DELAY))
        levers = process.levers(effect_delay=DELAY)
        report = examine(
            process.endpoint(), levers, probes=chosen(["duplicate.at-once"])
        )
    (result,) = report.results
    assert result.outcome is ProbeOutcome.PASSED, result.facts
    assert "waited for it" in result.facts
