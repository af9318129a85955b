"""The map of the labs and their exercises, and what comes next, for one learner."""

import html
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from labkit.checks import Exercise
from labkit.checks.verdicts import KIT_FAILED, NOT_ATTEMPTED, NOT_YET, PASSED, SIGNS
from labkit.drawing import theme
from labkit.drawing.palette import PAGE
from labkit.learner.standing import UNTOUCHED

_OWN = ".labkit-course"
_PALETTE = PAGE.chosen(
    **{name: name for name in ("ink", "line", "rest", "passed", "passed-bg")},
    **{name: name for name in ("warning", "warning-bg", "failed", "failed-bg")},
)
_STYLE = "".join(theme.in_cell(_OWN, _PALETTE, {})) + (
    f"{_OWN}{{color:var(--ink);font-size:14px;line-height:1.5;max-width:60em}}"
    f"{_OWN} .labs{{margin:.3em 0;display:grid;gap:.15em 2em;"
    "grid-template-columns:repeat(auto-fill,minmax(min(100%,27em),1fr))}"
    f"{_OWN} .lab{{display:grid;grid-template-columns:11em 1fr;align-items:baseline}}"
    f"{_OWN} .lab>span{{display:flex;flex-wrap:wrap;gap:.15em .5em}}"
    f"{_OWN} a{{color:inherit}}"
    f"{_OWN} [aria-current]{{font-weight:700}}"
    f"{_OWN} b{{font-weight:400;border:1px solid var(--line);border-radius:3px;"
    "padding:0 .3em;white-space:nowrap;font-variant-numeric:tabular-nums}"
    f"{_OWN} .passed{{color:var(--passed);background:var(--passed-bg)}}"
    f"{_OWN} .not-yet{{color:var(--warning);background:var(--warning-bg)}}"
    f"{_OWN} .kit-failed{{color:var(--failed);background:var(--failed-bg)}}"
    f"{_OWN} .rest{{color:var(--rest)}}"
)
_CLASSES = {PASSED: "passed", NOT_YET: "not-yet", KIT_FAILED: "kit-failed"}


@dataclass(frozen=True, slots=True)
class Course:
    """Where a learner is: `exercises` in their order, and `outcomes` by exercise.

    `notebook` is the name of the open notebook without its suffix, or empty.
    """

    exercises: Sequence[Exercise]
    outcomes: Mapping[str, str]
    notebook: str = ""

    @property
    def done(self) -> int:
        """How many exercises are passed."""
        return sum(self._outcome(each) == PASSED for each in self.exercises)

    def next_after(self, exercise: str = "") -> Exercise | None:
        """Return the first exercise after that one that is not passed, or any other."""
        ids = [each.id for each in self.exercises]
        start = ids.index(exercise) + 1 if exercise in ids else 0
        order = (*self.exercises[start:], *self.exercises[:start])
        return next((each for each in order if self._outcome(each) != PASSED), None)

    def left_after(self, exercise: str) -> dict[str, str]:
        """Return how much is done and what comes next, as a cell shows it."""
        coming = self.next_after(exercise)
        count = f"{self.done} of {len(self.exercises)} done"
        if coming is None:
            return {"text/plain": count, "text/html": _page(html.escape(count))}
        link = f'<a href="{self._address(coming)}">{coming.id}</a>'
        return {
            "text/plain": f"{count} · next: {coming.id}",
            "text/html": _page(f"{count} · next: {link}"),
        }

    def map(self) -> dict[str, str]:
        """Return all labs with their exercises, as a cell shows them."""
        labs: dict[str, list[Exercise]] = {}
        for exercise in self.exercises:
            labs.setdefault(exercise.lab, []).append(exercise)
        head = f"{self.done} of {len(self.exercises)} exercises done"
        rows = "".join(self._row(lab, each) for lab, each in labs.items())
        text = [
            f"{lab:<26}" + "  ".join(f"{self._sign(each)} {each.id}" for each in inside)
            for lab, inside in labs.items()
        ]
        return {
            "text/plain": "\n".join([head, *text]),
            "text/html": _page(
                f'<div>{head}</div><div class="labs" role="list">{rows}</div>'
            ),
        }

    def _row(self, lab: str, exercises: Sequence[Exercise]) -> str:
        number, _, topic = lab.partition("_")
        name = f"{number} {topic.replace('_', ' ')}"
        here = ' aria-current="page"' if lab == self.notebook else ""
        chips = "".join(
            f'<a href="{self._address(each)}" title="{each.id} '
            f'{self._outcome(each) or "not opened"}"><b class="{self._class(each)}">'
            f"{self._sign(each)} {each.id}</b></a>"
            for each in exercises
        )
        link = f'<a href="{lab}.ipynb"{here}>{html.escape(name)}</a>'
        return f'<div class="lab" role="listitem">{link}<span>{chips}</span></div>'

    def _address(self, exercise: Exercise) -> str:
        file = "" if exercise.lab == self.notebook else f"{exercise.lab}.ipynb"
        return f"{file}#Exercise-{exercise.id}"

    def _outcome(self, exercise: Exercise) -> str:
        return self.outcomes.get(exercise.id, "")

    def _class(self, exercise: Exercise) -> str:
        return _CLASSES.get(self._outcome(exercise), "rest")

    def _sign(self, exercise: Exercise) -> str:
        outcome = self._outcome(exercise)
        return SIGNS.get(outcome, UNTOUCHED) if outcome != NOT_ATTEMPTED else UNTOUCHED


def course_of(
    exercises: Mapping[str, Exercise],
    progress: Mapping[str, Mapping[str, Any]],
    *,
    lab: str = "",
) -> Course:
    """Return the course from what is stored; `lab` is the one whose notebook is open.

    Jupyter says in an environment variable which notebook a kernel belongs to.
    """
    name = PurePath(os.environ.get("JPY_SESSION_NAME", "")).stem
    outcomes = {each: entry.get("outcome", "") for each, entry in progress.items()}
    return Course(list(exercises.values()), outcomes, lab or name)


def _page(inside: str) -> str:
    return f'<style>{_STYLE}</style><div class="{_OWN[1:]}">{inside}</div>'
