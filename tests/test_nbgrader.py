"""The labs as an nbgrader course: its own tools make it, and grade it."""

import csv
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbformat import NotebookNode

from labkit.build import grading
from labkit.build.notebooks import LabBroken, execute, learners_notebook, sources
from labkit.cli import main
from labkit.errors import BadSetting
from labkit.exercises import EXERCISES
from tests import outside

ROOT = Path(__file__).parent.parent
LABS = sources(ROOT)
LAB = "04_signatures"


def marks(cell: NotebookNode) -> dict[str, object]:
    return dict(cell.metadata.get("nbgrader", {}))


@pytest.mark.parametrize("source", LABS, ids=lambda path: path.stem)
def test_a_lab_is_the_learners_notebook_with_a_point_behind_each_exercise(
    source: Path,
) -> None:
    made = grading.assignment(source)
    plain = learners_notebook(source)
    points = [cell for cell in made.cells if marks(cell).get("grade")]
    rest = [cell for cell in made.cells if not marks(cell).get("grade")]
    wanted = [each.id for each in EXERCISES.values() if each.lab == source.stem]
    assert [cell.metadata.nbgrader.grade_id for cell in points] == [
        f"point-{each.replace('.', '-')}" for each in wanted
    ]
    assert [cell.id for cell in rest] == [cell.id for cell in plain.cells]
    for cell, before in zip(rest, plain.cells, strict=True):
        if not marks(cell):
            assert cell.source == before.source
    assert all(cell.metadata.nbgrader.locked for cell in points)


def test_an_exercise_without_a_cell_of_its_own_is_named(tmp_path: Path) -> None:
    source = tmp_path / f"{LAB}.py"
    text = (ROOT / "solutions" / f"{LAB}.py").read_text("utf-8")
    source.write_text(text.replace('check("4.2", verify)', "verify"), "utf-8")
    with pytest.raises(LabBroken, match=r"point-4-2 has no cell of its own"):
        grading.assignment(source)


def test_the_command_writes_a_course_and_leaves_a_configuration_alone(
    tmp_path: Path,
) -> None:
    args = ["dev", "nbgrader", "--root", str(ROOT), str(tmp_path / "c"), "--only", "04"]
    result = CliRunner().invoke(main, args)
    assert result.exit_code == 0
    assert f"{LAB}.ipynb" in result.output
    (tmp_path / "c" / "nbgrader_config.py").write_text("mine = True\n")
    assert "nbgrader_config" not in CliRunner().invoke(main, args).output
    assert (tmp_path / "c" / "nbgrader_config.py").read_text() == "mine = True\n"


def test_where_nothing_can_be_written_and_what_is_not_there_is_said(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSetting, match="name another folder"):
        grading.write_course(ROOT, tmp_path / "file", only="04")
    with pytest.raises(BadSetting, match="no lab's name"):
        grading.write_course(ROOT, tmp_path, only="99")


class Course:
    """A course in a folder, and nbgrader at work in it."""

    def __init__(self, folder: Path) -> None:
        if importlib.util.find_spec("nbgrader") is None:
            outside.missing("needs nbgrader: pip install 'webhook-lab[grading]'")
        self.folder = folder
        grading.write_course(ROOT, folder, only=LAB)

    def nbgrader(self, *args: str) -> str:
        # nbgrader runs alembic, which lies beside this Python.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *args],
            cwd=self.folder,
            env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=1500,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stderr

    def notebook(self, step: str) -> NotebookNode:
        path = self.folder / step / LAB / f"{LAB}.ipynb"
        found: NotebookNode = nbformat.read(path, as_version=4)
        return found

    def submit(self, student: str, answer: Callable[[str, str], str]) -> None:
        """Hand in the released notebook with each answer as the function has it.

        It is given the exercise's grade_id and the cell with its solution.
        """
        released = self.notebook("release")
        solved = {
            marks(c)["grade_id"]: c for c in self.notebook("source").cells if marks(c)
        }
        for cell in released.cells:
            if marks(cell).get("solution"):
                name = str(marks(cell)["grade_id"])
                cell.source = answer(name, solved[name].source) or cell.source
        path = self.folder / "submitted" / student / LAB / f"{LAB}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(released, path)

    def scores(self) -> dict[str, tuple[float, float]]:
        self.nbgrader("export")
        with (self.folder / "grades.csv").open(encoding="utf-8") as file:
            return {
                row["student_id"]: (float(row["score"]), float(row["max_score"]))
                for row in csv.DictReader(file)
            }


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_nbgrader_makes_the_assignment_and_grades_what_is_handed_in(
    tmp_path: Path,
) -> None:
    course = Course(tmp_path / "course")
    course.nbgrader("generate_assignment", LAB)
    released = course.notebook("release")
    shown = [cell.source for cell in released.cells if not marks(cell).get("grade")]
    plain = learners_notebook(ROOT / "solutions" / f"{LAB}.py")
    assert shown == [cell.source for cell in plain.cells]
    assert not any("HIDDEN" in cell.source for cell in released.cells)
    # A learner's "run all" stops nowhere.
    execute(released, name="the released notebook")

    course.submit("solved", lambda _name, solution: solution)
    course.submit("untouched", lambda _name, _solution: "")
    course.submit(
        "half", lambda name, solution: solution if name[-1] in "12" else "def verify("
    )
    said = course.nbgrader("autograde", LAB, "--create")
    assert "ERROR" not in said
    assert course.scores() == {"solved": (4, 4), "untouched": (0, 4), "half": (2, 4)}
