"""Senders from the registry, judged as in `senders.md`, section 1.1."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from labkit.examine_sender import (
    Levers,
    Promise,
    RealClock,
    Refused,
    chosen,
    examine_sender,
)
from labkit.findings import Outcome, Report
from labkit.signing import Scheme
from tests.senders.real.served import call

HERE = Path(__file__).parent / "senders" / "real"


@contextmanager
def running(folder: Path, app: str, *requirements: str) -> Iterator[Levers]:
    """Install a sender in a venv of its own, start its app, and give its levers."""
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv/bin/python"
    subprocess.run([python, "-m", "pip", "install", "-q", *requirements], check=True)
    path = str(folder / "socket")
    with (folder / "app.log").open("w") as log:
        process = subprocess.Popen(
            [python, HERE / app, path, folder / "app.db"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        until = time.monotonic() + 60
        while not Path(path).exists():
            assert process.poll() is None, (folder / "app.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.1)

        def lever(name: str) -> Callable[..., object]:
            def act(*words: str) -> object:
                try:
                    return call(path, name, *words)
                except RuntimeError as error:
                    raise Refused(str(error)) from None

            return act

        yield Levers(
            register=lever("register"),  # type: ignore[arg-type]
            unregister=lever("unregister"),  # type: ignore[arg-type]
            trigger=lever("trigger"),  # type: ignore[arg-type]
            rss=lambda: peak_memory(process.pid),
        )
    finally:
        process.kill()
        process.wait()


def peak_memory(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return float(line.split()[1])
    return 0.0


def judged(
    levers: Levers,
    *skip: str,
    promise: Promise | None = None,
    scheme: Scheme | None = None,
    secret: str = "",
    patience: float = 20.0,
    speed: float = 1.0,
) -> dict[str, Outcome]:
    report: Report = examine_sender(
        levers,
        promise or Promise(),
        scheme=scheme,
        secret=secret,
        patience=patience,
        clock=RealClock(speed),
        probes=chosen((), skip),
    )
    assert report.unjudged == ""
    for result in report.results:
        sys.stdout.write(f"{result.outcome:<15} {result.probe.id}  {result.facts}\n")
    return {result.probe.id: result.outcome for result in report.results}


def agrees(found: dict[str, Outcome], table: dict[str, str]) -> None:
    marks = {
        Outcome.FAILED: "✗",
        Outcome.PASSED: "✓",
        Outcome.NOT_APPLICABLE: "–",
        Outcome.UNKNOWN: "?",
    }
    assert {probe: marks[found[probe]] for probe in table} == table


@pytest.mark.nightly
@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc for the memory")
def test_django_signal_webhooks_is_judged_as_it_was_measured(tmp_path: Path) -> None:
    # As shipped it has no retries. A schedule of 5 s is what a user expects of it.
    with running(tmp_path, "signal_app.py", "django-signal-webhooks==0.3.1") as levers:
        found = judged(
            levers, promise=Promise(delays=(5.0,), timeout=10.0), patience=30.0
        )
    agrees(
        found,
        {
            "identity.id": "✗",
            "sign.valid": "–",
            "retry.500": "✗",
            "retry.reset": "✗",
            "retry.timeout": "✗",
            "retry.429": "✗",
            "redirect.canary": "✗",
            "body.endless": "✗",
            "body.bomb": "✗",
            "body.drip": "✗",
            "fair.slow": "✓",
            "fair.caller": "✓",
            "data.body": "✓",
            "ssrf.deliver": "✗",
        },
    )
