"""Make an nbgrader course from the labs: one assignment a lab, one point an exercise.

nbgrader takes away what stands between `# BEGIN SOLUTION` and `# END SOLUTION`, as the
kit does, so the cells that learners see are those of `notebooks/`. Behind each exercise
comes one more cell, which nbgrader locks: it asks for the verdict, and a line that only
the grader's copy has makes it an error unless the exercise is passed.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from labkit.build.notebooks import STUB, LabBroken, marked_notebook, sources
from labkit.errors import BadSetting
from labkit.exercises import EXERCISES

CONFIG = f"""# Written by `labkit dev nbgrader`.
c = get_config()  # noqa: F821 - nbgrader defines it
c.CourseDirectory.course_id = "webhook-lab"
c.ClearSolutions.code_stub = {{"python": "{STUB}"}}
c.Execute.timeout = 120  # seconds for one cell; a check takes 2, a search up to 8
"""

_CHECK = re.compile(r'^check\("(?P<id>\d+\.\d+)", (?P<answer>\w+)\)\s*\Z', re.MULTILINE)
_POINT = """# One point if {id} is passed. It asks nothing of you: leave it as it is.
from labkit.exercises import judge

verdict = judge("{id}", {answer})
### BEGIN HIDDEN TESTS
assert verdict.outcome == "passed", verdict.headline
### END HIDDEN TESTS"""


def write_course(root: Path, folder: Path, *, only: str = "") -> list[Path]:
    """Write `nbgrader_config.py` and `source/LAB/LAB.ipynb` into the folder.

    `only` picks labs whose name starts with it. Returns what was written; a
    configuration that is there already is left alone. Raises BadSetting where nothing
    can be written, LabBroken for a lab in which an exercise has no cell.
    """
    chosen = [source for source in sources(root) if source.stem.startswith(only)]
    if not chosen:
        raise BadSetting(f"no lab's name starts with {only!r}")
    written = []
    try:
        config = folder / "nbgrader_config.py"
        folder.mkdir(parents=True, exist_ok=True)
        if not config.exists():
            config.write_text(CONFIG, "utf-8", newline="\n")
            written.append(config)
        for source in chosen:
            path = folder / "source" / source.stem / f"{source.stem}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            text = nbformat.writes(assignment(source), version=4)
            path.write_text(f"{text}\n", "utf-8", newline="\n")
            written.append(path)
    except OSError as error:
        raise BadSetting(
            f"{folder} can't be written ({error.strerror}); name another folder"
        ) from error
    return written


def assignment(source: Path) -> NotebookNode:
    """Return a lab as nbgrader's source of an assignment."""
    notebook = marked_notebook(source)
    notebook.cells = list(_graded(notebook.cells))
    found = {cell.metadata.nbgrader.grade_id for cell in _points(notebook)}
    wanted = {
        _grade_id("point", each.id)
        for each in EXERCISES.values()
        if each.lab == source.stem
    }
    if found != wanted:
        missing = ", ".join(sorted(wanted ^ found))
        raise LabBroken(
            f"{source.name}: {missing} has no cell of its own; an exercise's cell has "
            'BEGIN SOLUTION, END SOLUTION and, as its last line, check("N.M", name)'
        )
    nbformat.validate(notebook)
    return notebook


def _graded(cells: list[NotebookNode]) -> Iterator[NotebookNode]:
    for cell in cells:
        yield cell
        if cell.cell_type != "code" or "# BEGIN SOLUTION" not in cell.source:
            continue
        match = _CHECK.search(cell.source)
        if match is None:
            continue
        cell.metadata["nbgrader"] = _marks(
            _grade_id("answer", match["id"]), solution=True
        )
        point: NotebookNode = nbformat.v4.new_code_cell(
            _POINT.format(**match.groupdict()), id=f"{cell.id}-point"
        )
        point.metadata["nbgrader"] = {
            **_marks(_grade_id("point", match["id"]), solution=False),
            "points": 1,
        }
        yield point


def _marks(grade_id: str, *, solution: bool) -> dict[str, Any]:
    return {
        "grade": not solution,
        "grade_id": grade_id,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }


def _grade_id(kind: str, exercise: str) -> str:
    return f"{kind}-{exercise.replace('.', '-')}"


def _points(notebook: NotebookNode) -> list[NotebookNode]:
    marked = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    return [cell for cell in marked if cell.metadata.nbgrader.grade]
