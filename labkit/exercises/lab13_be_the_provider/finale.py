"""The end of lab 13: `labkit examine-sender` examines the learner's program."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from labkit.checks.verdicts import Note
from labkit.exercises.lab13_be_the_provider.gathering import (
    commands_for,
    source_with_needs,
    write_program,
)
from labkit.transport import IN_BROWSER

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105 - for this examination only
SCHEDULE = "5,300,1800,7200,18000,36000,50400,72000,86400"
QUICK = ("identity.id", "sign.valid", "redirect.canary", "body.endless")
"""Probes that need a few seconds together."""


def examine_program(
    *, probes: tuple[str, ...] = QUICK, **functions: Callable[..., Any]
) -> Note:
    """Run the functions as a program, and let the real command examine it.

    Raises TypeError if a function is missing.
    """
    if IN_BROWSER:
        return Note(
            "A program needs processes and sockets, which a browser does not have; "
            "run this cell in JupyterLab on a computer."
        )
    if "NotImplementedError" in source_with_needs(functions):
        return Note("Write the functions of all exercises first.")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        made = write_program(folder, **functions)
        run = [sys.executable, str(made / "program.py"), str(made)]
        report = made / "report.json"
        subprocess.run([*run, "start"], check=True)  # noqa: S603 - the learner's own program
        try:
            done = subprocess.run(  # noqa: S603 - the kit's own command
                [
                    *(sys.executable, "-c", "from labkit.cli import main; main()"),
                    *("examine-sender", *commands_for(made), "--patience=20"),
                    *("--scheme=standard", f"--secret={SECRET}", "--jitter=full"),
                    *(f"--schedule={SCHEDULE}", "--timeout=10", f"--json={report}"),
                    *(f"--only={probe}" for probe in probes),
                ],
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            subprocess.run([*run, "stop"], check=False)  # noqa: S603 - as above
        if not report.exists():
            return Note(f"The examination did not begin:\n{done.stderr or done.stdout}")
        return Note(_summary(json.loads(report.read_text("utf-8"))))


def _summary(report: dict[str, Any]) -> str:
    lines = [f"{each['outcome']:<14} {each['id']}" for each in report["probes"]]
    return "\n".join(sorted(lines))
