"""The end of lab 13: `labkit examine-sender` examines the learner's program."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from labkit.checks.verdicts import Note
from labkit.exercises.lab13_be_the_provider.gathering import (
    commands_for,
    source_with_needs,
    write_program,
)
from labkit.transport import IN_BROWSER

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105 - for this examination only
SPEED = 6.0
"""How many seconds of the program's clock pass in each real one."""

SCHEDULE = (5, 20, 60)
"""The delays during the examination: nobody waits three days for its end."""

FINAL = (300, 301, 302, 303, 304, 307, 308, 400, 401, 404, 413, 422)
"""Statuses after which exercise 13.5 makes no further attempt."""

OVERLAP = 60.0
TIMEOUT = 10.0
QUICK = (
    "identity",
    "sign",
    "retry.500",
    "retry.gone",
    "redirect",
    "body.endless",
    "end.deleted",
)
"""Probes and families that need less than a minute together."""


def examine_program(
    *, probes: Sequence[str] = QUICK, **functions: Callable[..., Any]
) -> Note:
    """Run the functions as a program, and let the real command examine it.

    `probes` are ids or families; an empty sequence means all of them, which takes
    several minutes. Raises TypeError if a function is missing.
    """
    if IN_BROWSER:
        return Note(
            "A program needs processes and sockets: run this cell on a computer."
        )
    if "NotImplementedError" in source_with_needs(functions):
        return Note("Write the functions of all exercises first.")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        report, said = examined(Path(folder), probes, **functions)
    if report is None:
        return Note(f"The examination did not begin:\n{said}")
    return Note(summary(report))


def examined(
    folder: Path, probes: Sequence[str], **functions: Callable[..., Any]
) -> tuple[dict[str, Any] | None, str]:
    """Examine the functions in a folder; return the report and what was printed.

    The report is the JSON of the command, or None if the examination did not begin.
    """
    made = write_program(
        folder, speed=SPEED, schedule=SCHEDULE, overlap=OVERLAP, **functions
    )
    run = [sys.executable, str(made / "program.py"), str(made)]
    file = made / "report.json"
    # The program trusts the authority whose certificates the kit makes for this.
    environment = {**os.environ, "SSL_CERT_FILE": str(made / "authority.pem")}
    subprocess.run([*run, "start"], check=True, env=environment)  # noqa: S603 - the learner's own program
    try:
        done = subprocess.run(  # noqa: S603 - the kit's own command
            [
                *(sys.executable, "-c", "from labkit.cli import main; main()"),
                *("examine-sender", *commands_for(made)),
                *("--scheme=standard", f"--secret={SECRET}", "--jitter=full"),
                *(f"--speed={SPEED}", "--patience=30", f"--timeout={TIMEOUT}"),
                f"--schedule={','.join(map(str, SCHEDULE))}",
                *(f"--overlap={OVERLAP}", "--disable-after=3"),
                *(f"--never-retried={each}" for each in FINAL),
                *(f"--ca-folder={made}", f"--json={file}"),
                *(f"--only={probe}" for probe in probes),
            ],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
    finally:
        subprocess.run([*run, "stop"], check=False)  # noqa: S603 - as above
    said = done.stderr or done.stdout
    return (json.loads(file.read_text("utf-8")) if file.exists() else None), said


def summary(report: dict[str, Any]) -> str:
    """Return one line per probe, with the reason if it did not pass."""
    order = ("failed", "unknown", "not applicable", "passed")
    lines = []
    for each in sorted(
        report["probes"], key=lambda each: (order.index(each["outcome"]), each["id"])
    ):
        why = "" if each["outcome"] == "passed" else f": {each['facts']}"
        lines.append(f"{each['outcome']:<14} {each['id']}{why}")
    return "\n".join(lines)
