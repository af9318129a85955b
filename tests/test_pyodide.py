"""The pure tests once more, under Python as a bare browser has it."""

import subprocess
import time
from pathlib import Path

import pytest

from tests import outside

HERE = Path(__file__).parent / "pyodide"
REPOSITORY = HERE.parents[1]


# On a busy machine with slow cores it takes ten times as long as on an idle one.
@pytest.mark.full
@pytest.mark.timeout(2400)
def test_the_pure_tests_pass_in_a_bare_browser() -> None:
    node = outside.node_with_packages(outside.SITE)
    began = time.monotonic()
    wheels = (outside.WHEELS, HERE / "wheels", "pytest", "hypothesis")
    outside.gather_wheels("--beside", *wheels)
    prepared = time.monotonic()
    # Other tests run at the same time. Two processes with half of the tests each would
    # take 20 s more of processor time, to start and to warm up.
    done = subprocess.run(
        [node, HERE / "run.mjs", REPOSITORY],
        capture_output=True,
        text=True,
        timeout=1800,
    )
    took = time.monotonic() - prepared
    print(f"\nwheels {prepared - began:.0f} s, Node {took:.0f} s")
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
    assert "platform emscripten" in done.stdout
    print(done.stdout.splitlines()[-1].strip("= "))
