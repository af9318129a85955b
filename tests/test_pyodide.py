"""The pure tests once more, under Python as a bare browser has it."""

import subprocess
import sys
from pathlib import Path

from tests import outside

HERE = Path(__file__).parent / "pyodide"
REPOSITORY = HERE.parents[1]
SITE = REPOSITORY / "binder" / "site"


def test_the_pure_tests_pass_in_a_bare_browser() -> None:
    node = outside.node_with_packages(SITE)
    wheels = subprocess.run(
        [sys.executable, SITE / "wheels.py", HERE / "wheels", "pytest", "hypothesis"],
        capture_output=True,
        text=True,
    )
    if wheels.returncode:
        outside.missing(f"pip could not get the wheels: {wheels.stderr[-1000:]}")
    run = subprocess.run(
        [node, HERE / "run.mjs", REPOSITORY],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-1000:]
    assert "platform emscripten" in run.stdout
