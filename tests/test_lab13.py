"""The program that lab 13 makes of a learner's functions."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

from labkit.checks.reference import load, reference_text
from labkit.exercises import EXERCISES
from labkit.exercises.lab13_be_the_provider.gathering import write_program
from labkit.exercises.lab13_be_the_provider.tables import connect

LAB = [each for each in EXERCISES.values() if each.id.startswith("13.")]


def test_the_functions_run_as_a_program_without_the_kit(tmp_path: Path) -> None:
    functions = {
        each.answer: load(
            reference_text(each.id), each.answer, label=f"cell of {each.id}"
        )
        for each in LAB
    }
    folder = write_program(tmp_path / "provider", **functions)
    assert "labkit" not in (folder / "program.py").read_text("utf-8")

    def run(*words: str) -> str:
        command = [sys.executable, "program.py", ".", *words]
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False
        )
        return done.stdout.strip() + done.stderr.strip()

    endpoint = run("add", "http://127.0.0.2:9/hook", "whsec_b25l")
    assert "refused" in run("add", "http://127.0.0.1:9/hook", "whsec_b25l")
    assert run("order", "A-1") == ""
    assert run("status", endpoint) == "active"
    with closing(connect(folder / "provider.db")) as db:
        rows = db.execute("SELECT endpoint, state FROM deliveries").fetchall()
    assert [tuple(row) for row in rows] == [(endpoint, "pending")]
