"""Prove that every exercise holds: the stub, the solution, wrong and right answers.

Answers are kept in `tests/wrong_answers/<exercise>.py` and `tests/right_answers/`, in
the notebooks' percent format, one answer a cell:

    # %% <id of the mistake it must bring up> | what someone thought
    def verify(secret, body, signature): ...

A right answer has the id `passed`. Each cell runs by itself, as in a fresh notebook.
An answer that is an edit of the reference is stored as old text and new text. One that
is an edit of another answer in the same file names what its author thought:

    # %% <id of the mistake> | what someone thought
    #= what the author of the other answer thought
    #- hmac.compare_digest(expected.encode(), signature.encode())
    #+ expected == signature
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from labkit.build.notebooks import execute, learners_notebook, sources
from labkit.build.references import docstring_of, path_of, reference_of
from labkit.checks import Exercise, judge_solution
from labkit.checks.cases import STUCK
from labkit.checks.contract import OPEN
from labkit.checks.mistakes import Mutant
from labkit.checks.proving import Judge
from labkit.checks.reference import (
    EditDoesNotApply,
    edited,
    edits_in,
    load,
    reference_text,
)
from labkit.checks.verdicts import NOT_YET, PASSED, Verdict
from labkit.exercises import EXERCISES
from labkit.exercises.reasons import reason

WRONG_AT_LEAST = 6
MORE_WRONG = {"4.2": 12}
"""Exercises for which more wrong answers are wanted."""
RIGHT_AT_LEAST = 3
NO_NAME = "no-name"
"""What is expected of a wrong answer that no mistake explains."""
NO_VERDICT = "no verdict"
MADE_UP = {"other-arguments", "returns-no-app", NO_NAME}
"""Mistakes that the kit puts together for the function that was asked."""

ENDLESS = 0.5
"""For how many seconds an answer runs that must be found to be `still-running`."""

EDITS = ("#=", "#-", "#+")
"""How the code of an answer begins that is an edit."""

_CELL = re.compile(r"^# %% *(?P<id>[\w-]+) *\| *(?P<thought>.+)$", re.MULTILINE)
_CHECK = re.compile(r'check\("(?P<id>\d+\.\d+)"')


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """One answer of a catalogue: its code, and what it must bring up.

    `base` is the source that the code edits, if that is not the reference.
    """

    exercise: str
    expects: str
    thought: str
    code: str
    path: Path
    line: int
    base: str = ""

    def judge(self, *, seconds: float | None = None) -> Verdict:
        """Run the code as a cell of its own and check what it defines.

        The check takes at most that many seconds; None stands for what it may take.
        """
        exercise = EXERCISES[self.exercise]
        return judge_solution(exercise, self.load(exercise), seconds=seconds)

    def load(self, exercise: Exercise) -> Any:
        """Run the code and return the function that the exercise asks for."""
        label = f"{self.path.parent.name}/{self.path.name} {self.thought}"
        return load(self.source, exercise.answer, label=label)

    @property
    def source(self) -> str:
        """The code, with an edit applied to the reference. Raises EditDoesNotApply."""
        if not self.code.startswith(EDITS):
            return self.code
        base = self.base or reference_text(self.exercise)
        return edited(base, edits_in(self.code))

    def complaint(self) -> str | None:
        """Return what is wrong with the verdict on this answer, or None."""
        endless = self.expects == STUCK.id
        verdict = self.judge(seconds=ENDLESS if endless else None)
        place = f"{self.path.name}:{self.line} ({self.thought})"
        if self.expects == PASSED:
            if verdict.outcome == PASSED:
                return None
            return f"{place} is right and must pass, but:\n{verdict}"
        if verdict.outcome != NOT_YET:
            return f"{place} must be {NOT_YET!r}, but:\n{verdict}"
        if (verdict.mistake or NO_NAME) != self.expects:
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


def exercise_complaints(
    root: Path, exercise: Exercise, *, repeats: bool = True
) -> Iterator[str]:
    """Try every stored answer to one exercise, and look at its hints and cases.

    Without `repeats`, each mistake is proved once: by the stored wrong answers that
    bring it up, or else by the first of its mutants.
    """
    yield from _stored_complaints(root, exercise, "wrong", WRONG_AT_LEAST)
    yield from _stored_complaints(root, exercise, "right", RIGHT_AT_LEAST)
    yield from _place_complaints(root, exercise)
    if exercise.judge is not None:
        yield from contract_complaints(root, exercise, exercise.judge)
        proved = (
            None if repeats else {one.expects for one in stored_answers(root, exercise)}
        )
        yield from mutant_complaints(exercise, exercise.judge, proved)
        yield from survivor_complaints(root, exercise)
    if not 2 <= len(exercise.hints) <= 4:
        yield f"{exercise.id} has {len(exercise.hints)} hints; 2 to 4 are wanted"
    for case in (*exercise.cases, *exercise.searches):
        if not (case.__doc__ or "").strip():
            yield f"{exercise.id}: the case {case.__name__} has no docstring"


def _stored_complaints(
    root: Path, exercise: Exercise, kind: str, least: int
) -> Iterator[str]:
    """Try the stored answers of one kind, "wrong" or "right"."""
    stored = stored_answers(root, exercise, kind)
    if len(stored) < least:
        yield (
            f"{exercise.id} has {len(stored)} {kind} answers; at least {least} "
            f"are wanted in tests/{kind}_answers/{exercise.id}.py"
        )
    for answer in stored:
        if complaint := answer.complaint():
            yield complaint
    if kind == "wrong":
        yield from _too_alike(exercise, stored)
        for each in sorted({answer.expects for answer in stored} - MADE_UP):
            if not reason(exercise.lab, each):
                yield f"{exercise.id}: no mistake of the lab has the id {each!r}"


def stored_answers(
    root: Path, exercise: Exercise, kind: str = "wrong"
) -> list[StoredAnswer]:
    """Read the stored answers of one exercise and kind, "wrong" or "right"."""
    path = root / "tests" / f"{kind}_answers" / f"{exercise.id}.py"
    return list(_cells(path)) if path.exists() else []


def _place_complaints(root: Path, exercise: Exercise) -> Iterator[str]:
    """Look for the exercise's heading and its check in the lab."""
    text = (root / "solutions" / f"{exercise.lab}.py").read_text("utf-8")
    if f"\n# ## Exercise {exercise.id}\n" not in text:
        yield f"{exercise.id}: the lab has no heading `## Exercise {exercise.id}`"
    if f'check("{exercise.id}", {exercise.answer})' not in text:
        yield f'{exercise.id}: no cell ends with check("{exercise.id}", …)'


def survivor_complaints(root: Path, exercise: Exercise) -> Iterator[str]:
    """Look for listed survivors that have no reason."""
    path = root / "tests" / "survivors" / f"{exercise.id}.txt"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    for number, line in enumerate(lines, start=1):
        _, bar, why = line.rpartition(" | ")
        if not (bar and why.strip()):
            yield f"{path.name}:{number}: the survivor has no reason"


def contract_complaints(root: Path, exercise: Exercise, judge: Judge) -> Iterator[str]:
    """Compare contract, docstring, reference, trials and mistakes with each other."""
    source = root / "solutions" / f"{exercise.lab}.py"
    shown = docstring_of(source, exercise)
    if shown != judge.contract.docstring:
        yield (
            f"{exercise.id}: the docstring and the contract differ:\n"
            f"docstring: {shown}\ncontract:  {judge.contract.docstring}"
        )
    path = path_of(root, exercise)
    text = path.read_text("utf-8") if path.exists() else ""
    if text != reference_of(source, exercise):
        yield f"{path.relative_to(root)} is stale; run `labkit dev build`"
        return
    tested = {trial.sentence for trial in judge.trials if not trial.probe}
    searched = {search.sentence for search in judge.searches}
    for name in sorted(tested & searched):
        yield f"{exercise.id}: both trials and a search test {name!r}"
    tested |= searched
    sentences = {each.id for each in judge.contract.tested}
    for name in sorted(sentences - tested):
        yield f"{exercise.id}: no trial tests the sentence {name!r}"
    for name in sorted(tested - sentences):
        yield f"{exercise.id}: trials test {name!r}, which is not a sentence"
    if not any(each.kind == OPEN for each in judge.contract.sentences):
        yield f"{exercise.id}: the contract does not say what it leaves open"


def mutant_complaints(
    exercise: Exercise, judge: Judge, proved: Collection[str] | None = None
) -> Iterator[str]:
    """Check that each mutant of a mistake gets the name of this mistake.

    With `proved`, one mutant is judged for each mistake that is not among these; the
    edits of all others must still apply.
    """
    done = set(proved or ())
    for number, proof in enumerate(judge.mistakes):
        if isinstance(proof, Mutant):
            place = f"{exercise.id}: mutant {number} of {proof.mistake.id!r}"
            try:
                mutant = proof.load(reference_text(exercise.id), exercise.answer)
            except EditDoesNotApply as error:
                yield f"{place}: {error}"
                continue
            if proof.mistake.id in done:
                continue
            if proved is not None:
                done.add(proof.mistake.id)
            verdict = judge_solution(exercise, mutant)
            if verdict.outcome != NOT_YET:
                yield f"{place} is not rejected:\n{verdict}"
            elif verdict.mistake != proof.mistake.id:
                yield f"{place} gets another name:\n{verdict}"


def _too_alike(exercise: Exercise, stored: list[StoredAnswer]) -> Iterator[str]:
    """Complain if the stored wrong answers bring up too few different mistakes."""
    least = MORE_WRONG.get(exercise.id, WRONG_AT_LEAST)
    if len(stored) < least:
        yield f"{exercise.id} has {len(stored)} wrong answers; {least} are wanted"
    different = len({answer.expects for answer in stored} - {NO_NAME})
    if different < least - 1:
        yield (
            f"{exercise.id} has {different} different diagnoses; {least - 1} are wanted"
        )


def notebook_complaints(root: Path, source: Path) -> Iterator[str]:
    """Run one untouched notebook, and read the verdicts of the solved one."""
    untouched = learners_notebook(source)
    execute(untouched, name=f"notebooks/{source.stem}")
    yield from stub_complaints(source, verdicts_in(untouched))
    yield from solved_complaints(root, source)


def stub_complaints(source: Path, verdicts: Mapping[str, str]) -> Iterator[str]:
    """Compare the verdicts of an untouched notebook with what a stub must get."""
    for exercise in _exercises_of(source):
        line = verdicts.get(exercise, NO_VERDICT)
        if f"{exercise} not attempted" not in line:
            yield f"{source.stem}: the stub of {exercise} gives {line!r}"


def solved_complaints(root: Path, source: Path) -> Iterator[str]:
    """Read the verdicts in the solved notebook as it is stored."""
    path = root / "solutions" / f"{source.stem}.ipynb"
    if not path.exists():
        yield f"{source.stem}: {path.name} is not built; run `labkit dev build`"
        return
    verdicts = verdicts_in(nbformat.read(path, as_version=4))
    for exercise in _exercises_of(source):
        line = verdicts.get(exercise, NO_VERDICT)
        if f"{exercise} passed" not in line:
            yield f"{source.stem}: the solution of {exercise} gives {line!r}"


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
        found[match["id"]] = texts[-1].partition("\n")[0] if texts else NO_VERDICT
    return found


def _exercises_of(source: Path) -> list[str]:
    return sorted(each.id for each in EXERCISES.values() if each.lab == source.stem)


def _cells(path: Path) -> Iterator[StoredAnswer]:
    text = path.read_text("utf-8")
    marks = list(_CELL.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    codes = [text[mark.end() + 1 : end] for mark, end in zip(marks, ends, strict=True)]
    whole = {
        mark["thought"]: code
        for mark, code in zip(marks, codes, strict=True)
        if not code.startswith(EDITS)
    }
    for mark, code in zip(marks, codes, strict=True):
        line = text.count("\n", 0, mark.start()) + 1
        head, _, _ = code.partition("\n")
        base = whole[head.removeprefix("#= ")] if head.startswith("#=") else ""
        yield StoredAnswer(
            path.stem, mark["id"], mark["thought"], code, path, line, base
        )
