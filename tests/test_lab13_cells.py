"""Every cell of lab 13 runs, also in a browser's own Python, or says why not."""

import linecache
import sys
from pathlib import Path
from typing import Any

import pytest

import labkit.exercises
from labkit.checks.verdicts import Note
from labkit.exercises.lab13_be_the_provider import finale
from labkit.exercises.lab13_be_the_provider.month import OwnMonth

pytestmark = pytest.mark.pure

SOURCE = Path(__file__).parent.parent / "solutions" / "13_be_the_provider.py"
IN_BROWSER = sys.platform == "emscripten"


def code_cells() -> list[str]:
    cells = SOURCE.read_text("utf-8").split("\n# %%")
    return [
        cell.partition("\n")[2]
        for cell in cells
        if not cell.startswith(" [markdown]") and "# ---" not in cell[:5]
    ]


def run(cells: list[str]) -> tuple[dict[str, Any], list[Any]]:
    """Run the cells in one namespace; return it, and what their last lines gave."""
    space: dict[str, Any] = {"__name__": "__main__"}
    shown = []
    for number, code in enumerate(cells):
        name = f"<cell {number} of lab 13>"
        lines = code.splitlines(keepends=True)
        linecache.cache[name] = (len(code), None, lines, name)
        *_, last = [line for line in lines if line.strip()] or [""]
        exec(compile(code, name, "exec"), space)  # noqa: S102 - the project's own cells
        if last.startswith(("check(", "examine_program(", "month")):
            shown.append(eval(last, space))  # noqa: S307 - as above
    return space, shown


def test_every_cell_runs_or_says_why_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(finale, "IN_BROWSER", True)
    monkeypatch.chdir(tmp_path)
    if not IN_BROWSER:  # other tests judge the solutions there
        monkeypatch.setattr(labkit.exercises, "check", lambda id_, _: f"{id_} passed")
    space, shown = run(code_cells())
    verdicts, month, examined = shown[:-3], space["month"], shown[-1]
    assert [f"13.{n} passed" in str(each) for n, each in enumerate(verdicts, 1)] == (
        [True] * 8
    )
    assert isinstance(month, OwnMonth)
    assert month.counts["events that were never delivered"] == 0
    assert isinstance(examined, Note)
    assert "run this cell on a computer" in str(examined)
