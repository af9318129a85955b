"""The questions of one session: which solution passed, and which question is open."""

from typing import Any

from labkit.checks import Exercise
from labkit.checks.verdicts import Note
from labkit.drawing.embedding import inlined
from labkit.exercises.own_code import ask
from labkit.exercises.own_code.asked import NO_CHOICE, Asked, Reply, question_html
from labkit.learner import progress
from labkit.learner.below import can_click, show_below

_passed: dict[str, Any] = {}
"""The solutions that passed in this session, by exercise."""

_open: dict[str, Asked] = {}
"""The questions without a reply, by exercise."""


def remember(exercise: Exercise, solution: Any) -> None:
    """Keep a solution that has passed, to ask about it."""
    if _passed.get(exercise.id) is not solution:
        _open.pop(exercise.id, None)
    _passed[exercise.id] = solution


def reply(exercise: Exercise, letter: str = NO_CHOICE) -> Reply | Note:
    """Return the open question with that choice; a choice closes it."""
    if exercise.id not in _passed:
        return Note(
            f"There are questions about your own code once {exercise.id} has passed in "
            f'this session. Run the cell with check("{exercise.id}", …) first.'
        )
    asked = _current(exercise)
    if asked is None:
        return Note(
            "No question can be made of this solution: its source could not be read."
        )
    found = Reply(asked, str(letter))
    if found.chosen:
        progress.record_question(exercise.id, right=found.is_right)
        _open.pop(exercise.id, None)
    return found


def show_button(exercise: Exercise) -> None:
    """Show a button below the verdict that asks a question about the solution."""
    said = f'question("{exercise.id}") asks a question about your own code.'
    if not can_click():
        show_below(lambda: {"text/plain": said})
        return
    from labkit.widgets.clicks import question_button

    def opened() -> tuple[str, list[str]]:
        asked = _current(exercise)
        if asked is None:
            return "No question can be made of this solution.", []
        return question_html(asked), list(asked.choices)

    def respond(letter: str) -> tuple[str, bool]:
        found = reply(exercise, letter)
        if isinstance(found, Note):
            return str(found), False
        return inlined(found.response_html), found.is_right

    show_below(lambda: question_button(exercise.id, opened, respond, said))


def _current(exercise: Exercise) -> Asked | None:
    """Return the open question, or make the next one."""
    if exercise.id not in _open:
        entry = progress.read().get(exercise.id, {})
        number = entry.get("questions", {}).get("asked", 0)
        made = ask(exercise, _passed[exercise.id], number)
        if made is None:
            return None
        _open[exercise.id] = made
    return _open[exercise.id]
