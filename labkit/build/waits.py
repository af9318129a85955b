"""The times that people wait for: an import, a check, an examination, a first page.

Each is given beside a time that was measured in the same run, because the machine may
be busy with other things.
"""

import http.client
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 3
"""How often an import is timed; the best counts."""

STARTS = 10
"""How many starts of Python are timed together: a system may count in 10 ms steps."""

FIRST_PAGE_LIMIT = 120.0
"""Seconds after which the first page is taken never to come."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Durations in seconds: how many there are, and how they are spread."""

    count: int
    median: float
    p95: float
    longest: float
    longest_of: str

    def __str__(self) -> str:
        return (
            f"median {1000 * self.median:.0f} ms, 95 % within {1000 * self.p95:.0f} "
            f"ms, at most {1000 * self.longest:.0f} ms ({self.longest_of}); "
            f"{self.count} checks"
        )


def spread_of(durations: Sequence[tuple[float, str]]) -> Spread:
    """Return how durations in seconds, each with its name, are spread."""
    ordered = sorted(durations)
    seconds = [one for one, _ in ordered]
    # The smallest duration that at least 95 % of them do not exceed.
    p95 = seconds[-(-95 * len(seconds) // 100) - 1]
    longest, name = ordered[-1]
    return Spread(len(ordered), statistics.median(seconds), p95, longest, name)


def import_seconds(
    statement: str = "import labkit", *, rounds: int = ROUNDS, starts: int = STARTS
) -> tuple[float, float]:
    """Return the seconds of a Python that runs a statement, and of one that does not.

    Both are processor time, the best of several rounds, taken in turns.
    """
    best = [float("inf")] * 2
    for _ in range(rounds):
        for place, code in enumerate((statement, "pass")):
            best[place] = min(best[place], _start_seconds(code, starts))
    return best[0], best[1]


def check_seconds(answers: Sequence[tuple[str, Callable[[], object]]]) -> Spread:
    """Time the check of each stored answer once, in processor time.

    That of processes that a check starts and that end with it is included.
    """
    durations = []
    for name, check in answers:
        began = _processor_seconds()
        check()
        durations.append((_processor_seconds() - began, name))
    return spread_of(durations)


def _processor_seconds() -> float:
    """Return what this process and the ended ones that it started have computed."""
    ended = os.times()
    return time.process_time() + ended.children_user + ended.children_system


def first_page_seconds(root: Path) -> float:
    """Start JupyterLab in the folder; return the seconds until its page is served.

    Raises TimeoutError when it does not come.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = [f"--port={port}", "--no-browser", "--IdentityProvider.token=", str(root)]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")  # as in a container
    command = [sys.executable, "-m", "labkit.extension.server", *options]
    began = time.monotonic()
    with subprocess.Popen(  # noqa: S603 - this Python's own JupyterLab
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            while time.monotonic() - began < FIRST_PAGE_LIMIT:
                if server.poll() is not None or _answers(
                    f"http://127.0.0.1:{port}/lab"
                ):
                    break
                time.sleep(0.05)
            took = time.monotonic() - began
            if server.poll() is not None or took >= FIRST_PAGE_LIMIT:
                raise TimeoutError(f"JupyterLab served no page within {took:.0f} s")
            return took
        finally:
            server.terminate()


def _start_seconds(code: str, starts: int) -> float:
    """Return the processor time of a Python that runs the code, of several the mean."""
    before = os.times()
    for _ in range(starts):
        subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - this Python
    after = os.times()
    user = after.children_user - before.children_user
    return (user + after.children_system - before.children_system) / starts


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        return False
