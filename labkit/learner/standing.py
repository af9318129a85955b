"""What a cell shows of a learner's progress: where they stand, and what was kept."""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.checks import Exercise
from labkit.checks.verdicts import (
    KIT_FAILED,
    NOT_ATTEMPTED,
    NOT_YET,
    PASSED,
    SIGNS,
    WIDTH,
    Note,
)
from labkit.learner.exports import Learner

UNTOUCHED = "·"
"""The sign of an exercise whose check was never run."""

LEGEND = (
    f"{SIGNS[PASSED]} {PASSED}  {SIGNS[NOT_YET]} {NOT_YET}  "
    f"{SIGNS[NOT_ATTEMPTED]} {NOT_ATTEMPTED}  {SIGNS[KIT_FAILED]} {KIT_FAILED}  "
    f"{UNTOUCHED} not opened"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was stored for one exercise: the last verdict and its solution's source."""

    exercise: str
    headline: str
    failing: str
    verdict: str
    source: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """Everything that was kept, as a cell shows it."""

    kept: Sequence[Kept]

    @property
    def answers(self) -> dict[str, str]:
        """The sources of the last solutions, by exercise."""
        return {each.exercise: each.source for each in self.kept if each.source}

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for each in self.kept:
            yield each.headline
            if each.failing:
                yield f"  {SIGNS[NOT_YET]} {each.failing}"
        yield ""
        yield self._remark
        for exercise, source in self.answers.items():
            yield f"\n# {f' {exercise} ':-^{WIDTH - 2}}"
            yield source.rstrip("\n")

    @property
    def _remark(self) -> str:
        example = next(iter(self.answers), None)
        if example is None:
            return "No source of a solution was stored."
        return (
            f'resume("{example}") puts that solution into a new cell, with its whole '
            "verdict above.\nRun the cells before it first: it may need their imports."
        )

    def _repr_html_(self) -> str:
        parts = "".join(map(_folded, self.kept))
        remark = html.escape(self._remark).replace("\n", "<br>")
        return (
            '<div style="max-width:60em;line-height:1.45">'
            f"{parts}<div>{remark}</div></div>"
        )


def kept_of(progress: Mapping[str, Mapping[str, Any]]) -> list[Kept]:
    """Return what the progress file keeps of each exercise that has a verdict."""
    return [
        Kept(
            exercise,
            verdict.get("headline", f"{exercise} {entry.get('outcome', '')}"),
            verdict.get("failing", ""),
            verdict.get("text", ""),
            entry.get("answer", {}).get("source", ""),
        )
        for exercise, entry in sorted(progress.items(), key=_place)
        if (verdict := entry.get("verdict")) is not None
    ]


def account(learner: Learner, exercises: Mapping[str, Exercise]) -> str:
    """Write where someone stands: one line a lab, one sign an exercise."""
    labs: dict[str, list[str]] = {}
    for exercise in exercises.values():
        step = learner.steps.get(exercise.id)
        sign = SIGNS[step.outcome] if step else UNTOUCHED
        labs.setdefault(exercise.lab, []).append(f"{sign} {exercise.id}")
    widest = max(map(len, labs))
    return "\n".join(
        [
            f"{passed(learner, exercises)} of {len(exercises)} exercises passed",
            "",
            *(f"  {lab:<{widest}}  {'  '.join(row)}" for lab, row in labs.items()),
            "",
            LEGEND,
        ]
    )


def questions(progress: Mapping[str, Mapping[str, Any]]) -> str:
    """Say how many questions about the learner's own code had a right reply."""
    counts = [entry.get("questions", {}) for entry in progress.values()]
    asked = sum(each.get("asked", 0) for each in counts)
    right = sum(each.get("right", 0) for each in counts)
    return f"{right} of {asked} questions about your own code right" if asked else ""


def handed_in(learner: Learner, path: Path) -> str:
    """Say what was written for the instructor, and where."""
    return (
        f"{path.name} is written into {path.parent.absolute()}; hand in that file.\nIt "
        f"contains the name {learner.name}, and for each exercise the outcome, "
        "attempts, hints, minutes and\nthe names of the mistakes. It contains no code."
    )


def passed(learner: Learner, exercises: Mapping[str, Exercise]) -> int:
    """Count the exercises of this kit that someone has passed."""
    return sum(
        step.outcome == PASSED
        for exercise, step in learner.steps.items()
        if exercise in exercises
    )


def nothing_kept(trouble: str | None) -> Note:
    """Say that there is nothing to restore, and why that may be."""
    if trouble:
        return Note(trouble)
    return Note(
        f"Nothing is stored in {Path.cwd()} yet. Your progress is in the folder of the "
        "notebook that made it, as .labkit/progress.sqlite. If you moved the notebook, "
        "move that file too."
    )


def _place(item: tuple[str, Any]) -> list[int | str]:
    return [int(part) if part.isdigit() else 0 for part in item[0].split(".")] + [
        item[0]
    ]


def _folded(kept: Kept) -> str:
    failing = f"<div>✗ {html.escape(kept.failing)}</div>" if kept.failing else ""
    source = (
        '<pre style="margin:.2em 0;white-space:pre-wrap">'
        f"{html.escape(kept.source)}</pre>"
    )
    return (
        '<div style="margin:.4em 0">'
        f'<div style="font-weight:600">{html.escape(kept.headline)}</div>{failing}'
        f"<details><summary>the solution of {html.escape(kept.exercise)}</summary>"
        f"{source if kept.source else 'was not kept'}</details></div>"
    )
