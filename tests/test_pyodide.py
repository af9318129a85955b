"""The pure tests once more, under Python as a bare browser has it."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import outside

HERE = Path(__file__).parent / "pyodide"
REPOSITORY = HERE.parents[1]
SITE = REPOSITORY / "binder" / "site"


@pytest.mark.full
def test_the_pure_tests_pass_in_a_bare_browser() -> None:
    node = outside.node_with_packages(SITE)
    began = time.monotonic()
    wheels = subprocess.run(
        [sys.executable, SITE / "wheels.py", HERE / "wheels", "pytest", "hypothesis"],
        capture_output=True,
        text=True,
    )
    if wheels.returncode:
        outside.missing(f"pip could not get the wheels: {wheels.stderr[-1000:]}")
    prepared = time.monotonic()
    with ThreadPoolExecutor() as pool:
        halves = list(pool.map(lambda half: run_pure(node, half), ["1/2", "2/2"]))
    took = time.monotonic() - prepared
    print(f"\nwheels {prepared - began:.0f} s, Node {took:.0f} s")
    for half in halves:
        assert half.returncode == 0, half.stdout[-5000:] + half.stderr[-1000:]
        assert "platform emscripten" in half.stdout
        print(half.stdout.splitlines()[-1].strip("= "))


def run_pure(node: str, share: str) -> "subprocess.CompletedProcess[str]":
    """Run a share of the pure tests under Node."""
    return subprocess.run(
        [node, HERE / "run.mjs", REPOSITORY, share],
        capture_output=True,
        text=True,
        timeout=400,
    )
