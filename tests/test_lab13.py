"""The program that lab 13 makes of a learner's functions, and its hostile month."""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from labkit.checks.reference import load, reference_text
from labkit.checks.verdicts import Note
from labkit.exercises import EXERCISES
from labkit.exercises.lab12_night_shift import LADDER
from labkit.exercises.lab13_be_the_provider.finale import examined
from labkit.exercises.lab13_be_the_provider.gathering import write_program
from labkit.exercises.lab13_be_the_provider.month import OwnMonth, hostile_month
from labkit.exercises.lab13_be_the_provider.receiver import own_receiver
from labkit.exercises.lab13_be_the_provider.tables import connect

LAB = [each for each in EXERCISES.values() if each.id.startswith("13.")]
CLAIM_FAIRLY = """

def claim_fairly(db, now, worker):
    with db:
        db.execute("BEGIN IMMEDIATE")
        number = next_due(db, now)
        row = db.execute(
            "UPDATE deliveries SET worker = ?, leased = ? WHERE id = ? RETURNING *",
            (worker, now + 60, number),
        ).fetchone()
    return dict(row) if row else None
"""


DIGITS = """\
            if status in (429, 503) and wish and wish.isascii() and wish.isdigit():
                delay = max(delay, min(int(wish), 86_400))
"""
DATES = """\
            elif status in (429, 503) and wish:
                import email.utils

                try:
                    asked = email.utils.parsedate_to_datetime(wish).timestamp() - now
                except (TypeError, ValueError):
                    asked = 0
                delay = max(delay, min(asked, 86_400))
"""
"""Exercise 13.5 leaves dates in Retry-After open, and the judge of senders does not."""


def the_functions() -> dict[str, Any]:
    """Return the reference of each exercise, and the notebook's `claim_fairly`."""
    functions: dict[str, Any] = {
        each.answer: load(
            reference_text(each.id), each.answer, label=f"cell of {each.id}"
        )
        for each in LAB
    }
    del functions["next_due"]
    text = reference_text("13.6") + CLAIM_FAIRLY
    return functions | {"claim": load(text, "claim_fairly", label="cell of claim")}


def test_the_functions_run_as_a_program_without_the_kit(tmp_path: Path) -> None:
    folder = write_program(tmp_path / "provider", **the_functions())
    assert "labkit" not in (folder / "program.py").read_text("utf-8")

    def run(*words: str) -> str:
        command = [sys.executable, "program.py", ".", *words]
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False
        )
        return done.stdout.strip() + done.stderr.strip()

    endpoint = run("add", "http://127.0.0.2:9/hook", "whsec_b25l")
    assert "refused" in run("add", "http://127.0.0.1:9/hook", "whsec_b25l")
    assert "refused" in run("add", "http://127.0.0.2:9/hook", "")
    assert run("order", "A-1") == ""
    assert run("status", endpoint) == "active"
    with closing(connect(folder / "provider.db")) as db:
        rows = db.execute("SELECT endpoint, state FROM deliveries").fetchall()
    assert [tuple(row) for row in rows] == [(endpoint, "pending")]


def months_of(**changed: Any) -> OwnMonth:
    month = hostile_month(LADDER["durable"], **{**the_functions(), **changed})
    assert isinstance(month, OwnMonth)
    return month


def test_the_provider_delivers_the_hostile_month() -> None:
    month = months_of()
    points = {each: month.sheet.points_of(each) for each in ("lost", "doubled", "late")}
    assert points == {"lost": 20, "doubled": 20, "late": 20}
    assert month.counts["orders"] == 150
    assert month.counts["dead letters"] > month.counts["notices to the owner"] > 0
    assert month.counts["events that were never delivered"] == 0
    assert "150 events" in str(month.history.timeline())


def test_without_notices_the_dead_letters_of_the_month_stay_dead() -> None:
    portal = the_functions()["portal"]

    def silent(db: Any, now: float, request: dict[str, Any]) -> Any:
        return None if request["action"] == "notice" else portal(db, now, request)

    month = months_of(portal=silent)
    assert month.counts["notices to the owner"] == 0
    assert month.counts["events that were never delivered"] > 0
    assert month.sheet.lost > 0


def test_a_provider_without_the_new_secret_is_refused_at_the_end() -> None:
    def only_old(endpoint: dict[str, Any], now: float) -> list[str]:
        return [endpoint["old_secret"] or endpoint["secret"]]

    month = months_of(live_secrets=only_old)
    assert month.counts["events that were never delivered"] > 20


def test_the_month_says_what_is_not_written_yet() -> None:
    def claim(db: Any, now: float, worker: str) -> Any:
        raise NotImplementedError

    functions: dict[str, Any] = {**the_functions(), "claim": claim}
    said = hostile_month(LADDER["durable"], **functions)
    assert isinstance(said, Note)
    assert "Write the functions" in str(said)


def notebook(folder: Path, *cells: str) -> Path:
    path = folder / "12_night_shift.ipynb"
    made = [{"cell_type": "code", "source": [cell]} for cell in cells]
    path.write_text(json.dumps({"cells": made}), encoding="utf-8")
    return path


def test_the_receiver_comes_from_the_notebook_of_lab_12(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = notebook(
        tmp_path,
        "from flask import Flask\nprint(1 / 0)",
        "%time 1",
        "TWO = 2\nTWICE = open('nothing')",
        'def make_app(config):\n    return TWO, config\n\ncheck("12.1", make_app)',
    )
    assert own_receiver(path)("config") == (2, "config")
    assert "is your make_app" in capsys.readouterr().out


@pytest.mark.parametrize("body", ["raise NotImplementedError", None])
def test_without_a_receiver_of_lab_12_the_kit_gives_one(
    body: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "12_night_shift.ipynb"
    if body:
        code = f'def make_app(config):\n    {body}\n\ncheck("12.1", make_app)'
        path = notebook(tmp_path, code)
    assert own_receiver(path) is LADDER["durable"]
    assert "one of the kit" in capsys.readouterr().out


ALONE = ("ssrf", "tls", "body", "fair", "crash", "twice", "order", "end.disable")
SIDE_BY_SIDE = (
    *("identity", "sign", "headers", "retry", "backoff", "redirect", "data"),
    *("secret", "rotate"),
    *("end.dead-letter", "end.notice", "end.deleted"),
)


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.parametrize("probes", [SIDE_BY_SIDE, ALONE], ids=["side-by-side", "alone"])
def test_the_real_command_finds_nothing_in_the_functions_of_the_lab(
    probes: tuple[str, ...], tmp_path: Path
) -> None:
    text = reference_text("13.5").replace(DIGITS, DIGITS + DATES)
    finish = load(text, "finish", label="cell of finish, with dates")
    report, said = examined(tmp_path, probes, **{**the_functions(), "finish": finish})
    assert report is not None, said
    assert [each["id"] for each in report["findings"]] == []
    outcomes = {each["id"]: each["outcome"] for each in report["probes"]}
    open_ones = {name for name, outcome in outcomes.items() if outcome == "unknown"}
    # Two need a network namespace. The others are open for what the lab promises: a cap
    # of a day, final redirects, a guard that refuses every spelling at registration.
    assert open_ones <= {
        *("ssrf.metadata", "ssrf.rebind", "ssrf.deliver"),
        *("retry.after", "retry.redirect-is-failure"),
    }, report["probes"]
