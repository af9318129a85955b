"""Prove that every exercise holds: the stub, the solution, wrong and right answers.

Answers are kept in `tests/wrong_answers/<exercise>.py` and `tests/right_answers/`, in
the notebooks' percent format, one answer a cell:

    # %% <id of the mistake it must bring up> | what somebody thought
    def verify(secret, body, signature): ...

A right answer has the id `passed`. Each cell runs by itself, as in a fresh notebook.
"""

import linecache
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from labkit.build.notebooks import execute, learners_notebook, sources
from labkit.checks import Exercise, examine
from labkit.exercises import EXERCISES
from labkit.checks.verdicts import NOT_YET, PASSED, Verdict

WRONG_AT_LEAST = 6
RIGHT_AT_LEAST = 3

_CELL = re.compile(r"^# %% *(?P<id>[\w-]+) *\| *(?P<thought>.+)$", re.MULTILINE)
_CHECK = re.compile(r'check\("(?P<id>\d+\.\d+)"')


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """One answer of a catalogue: its code, and what it must bring up."""

    exercise: str
    expects: str
    thought: str
    code: str
    path: Path
    line: int

    def judge(self) -> Verdict:
        """Run the code as a cell of its own and check what it defines."""
        exercise = EXERCISES[self.exercise]
        return examine(exercise, self.load(exercise))

    def load(self, exercise: Exercise) -> Any:
        """Run the code and return the function that the exercise asks for."""
        name = f"<{self.path.parent.name}/{self.path.name} {self.thought}>"
        lines = self.code.splitlines(keepends=True)
        linecache.cache[name] = (len(self.code), None, lines, name)
        space: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(self.code, name, "exec"), space)  # noqa: S102 - the project's own catalogue
        return space[exercise.answer]

    def complaint(self) -> str | None:
        """Return what is wrong with the verdict on this answer, or None."""
        verdict = self.judge()
        place = f"{self.path.name}:{self.line} ({self.thought})"
        if self.expects == PASSED:
            if verdict.outcome == PASSED:
                return None
            return f"{place} is right and must pass, but:\n{verdict}"
        if verdict.outcome != NOT_YET:
            return f"{place} must be {NOT_YET!r}, but:\n{verdict}"
        if verdict.mistake != self.expects:
            return f"{place} must bring up {self.expects!r}, but:\n{verdict}"
        return None


def answers(folder: Path) -> list[StoredAnswer]:
    """Read every answer of a catalogue."""
    return [answer for path in sorted(folder.glob("*.py")) for answer in _cells(path)]


def complaints(root: Path, *, only: str = "") -> Iterator[str]:
    """Run the content check, and yield a sentence for each thing that is wrong.

    `only` picks the exercises whose id starts with it, and leaves the notebooks out.
    """
    for exercise in EXERCISES.values():
        if exercise.id.startswith(only):
            yield from exercise_complaints(root, exercise)
    if not only:
        yield from stray_files(root)
        for source in sources(root):
            yield from notebook_complaints(root, source)


def exercise_complaints(root: Path, exercise: Exercise) -> Iterator[str]:
    """Try every stored answer to one exercise, and look at its hints and cases."""
    for kind, least in (("wrong", WRONG_AT_LEAST), ("right", RIGHT_AT_LEAST)):
        path = root / "tests" / f"{kind}_answers" / f"{exercise.id}.py"
        stored = list(_cells(path)) if path.exists() else []
        if len(stored) < least:
            yield (
                f"{exercise.id} has {len(stored)} {kind} answers; at least {least} "
                f"are wanted in tests/{kind}_answers/{exercise.id}.py"
            )
        for answer in stored:
            if complaint := answer.complaint():
                yield complaint
    if not 2 <= len(exercise.hints) <= 4:
        yield f"{exercise.id} has {len(exercise.hints)} hints; 2 to 4 are wanted"
    for case in (*exercise.cases, *exercise.searches):
        if not (case.__doc__ or "").strip():
            yield f"{exercise.id}: the case {case.__name__} has no docstring"


def notebook_complaints(root: Path, source: Path) -> Iterator[str]:
    """Run one untouched notebook, and read the verdicts of the solved one."""
    name = source.stem
    number = str(int(name.partition("_")[0]))
    wanted = {each for each in EXERCISES if each.partition(".")[0] == number}
    untouched = learners_notebook(source)
    execute(untouched, name=f"notebooks/{name}")
    for exercise, line in _lines(wanted, verdicts_in(untouched)):
        if f"{exercise} not attempted" not in line:
            yield f"{name}: the stub of {exercise} gives {line!r}"
    path = root / "solutions" / f"{name}.ipynb"
    if not path.exists():
        yield f"{name}: {path.name} is not built; run `labkit dev build`"
        return
    solved = nbformat.read(path, as_version=4)
    for exercise, line in _lines(wanted, verdicts_in(solved)):
        if f"{exercise} passed" not in line:
            yield f"{name}: the solution of {exercise} gives {line!r}"


def stray_files(root: Path) -> Iterator[str]:
    """Name the catalogues and notebooks that belong to nothing."""
    for kind in ("wrong", "right"):
        for path in sorted((root / "tests" / f"{kind}_answers").glob("*.py")):
            if path.stem not in EXERCISES:
                yield f"{path.relative_to(root)} belongs to no exercise"
    names = {source.stem for source in sources(root)}
    for folder in ("notebooks", "solutions"):
        for path in sorted((root / folder).glob("*.ipynb")):
            if path.stem not in names:
                yield f"{path.relative_to(root)} has no source in solutions/"


def verdicts_in(notebook: NotebookNode) -> dict[str, str]:
    """Return the first line of each verdict in an executed notebook, by exercise."""
    found = {}
    for cell in notebook.cells:
        if cell.cell_type != "code" or not (match := _CHECK.search(cell.source)):
            continue
        texts = [o.data.get("text/plain", "") for o in cell.outputs if "data" in o]
        found[match["id"]] = texts[-1].partition("\n")[0] if texts else "no verdict"
    return found


def _lines(wanted: set[str], found: dict[str, str]) -> Iterator[tuple[str, str]]:
    for exercise in sorted(wanted):
        yield exercise, found.get(exercise, "no verdict")


def _cells(path: Path) -> Iterator[StoredAnswer]:
    text = path.read_text("utf-8")
    marks = list(_CELL.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=True):
        line = text.count("\n", 0, mark.start()) + 1
        code = text[mark.end() + 1 : end]
        yield StoredAnswer(path.stem, mark["id"], mark["thought"], code, path, line)
