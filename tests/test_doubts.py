"""What no check can put back is said to be not tried, never to be passed."""

import re
from pathlib import Path
from typing import Any

import pytest

from labkit.build.content import answers
from labkit.checks import judge_solution
from labkit.checks.reference import load
from labkit.exercises import EXERCISES
from labkit.exercises.lab12_night_shift import score
from labkit.exercises.lab12_night_shift.sheet import Sheet

RIGHT = Path(__file__).parent / "right_answers"
REASON = "Not tried: `db` is or has an object of type sqlite3.Connection"
HEAD = "import sqlite3\ndb = sqlite3.connect(':memory:', check_same_thread=False)\n"


def beside_a_connection(name: str) -> Any:
    """Make a correct solution that also uses a connection of the whole module."""
    source = next(a for a in answers(RIGHT) if a.exercise == name).source
    source = re.sub(r"(def make_app\([^)]*\)[^:]*:\n)", r"\1    db\n", source)
    assert "    db\n" in source
    return load(HEAD + source, EXERCISES[name].answer, label=f"beside {name}")


@pytest.mark.parametrize(
    ("name", "untried"),
    [
        (
            "7.2",
            (
                "After a restart, `make_app` is called again with the same file, and "
                "duplicates still ship nothing."
            ),
        ),
        ("12.1", "All of this holds in the month that you know."),
    ],
)
def test_a_restart_that_shares_an_object_is_not_tried(name: str, untried: str) -> None:
    verdict = judge_solution(EXERCISES[name], beside_a_connection(name))
    assert untried in verdict.untried
    text = " ".join(str(verdict).split())
    assert REASON in text
    assert "Create it in `make_app`." in text
    assert "Create it in `boot`." not in text


def test_the_score_sheet_says_that_its_restarts_were_none() -> None:
    sheet = score(beside_a_connection("12.1"))
    assert isinstance(sheet, Sheet)
    assert f"Restarts: {REASON}" in str(sheet)
    assert "Restarts: Not tried: `db`" in sheet._repr_html_()
