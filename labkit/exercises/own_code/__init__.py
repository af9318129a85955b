"""Questions about the learner's own code, for an exercise that has been passed.

    ask("7.2", make_app, 0)

makes one question about this solution. The true answer is found by running it.

asked.py         a question, and the reply to a choice
lines.py         the learner's source, and the same code with one change
subject.py       what a question is about
surroundings.py  the inputs and the surroundings of each exercise
changing.py      which case fails if a line is deleted or changed
tracing.py       which lines run, and what a variable holds
unusual.py       what the code does with an input that the contract leaves open
session.py       which solution passed, and which question is open
processes.py     what a crash or a duplicate at a given line leads to
"""

import random
from typing import Any

from labkit.checks import Exercise
from labkit.exercises.own_code import changing, processes, tracing, unusual
from labkit.exercises.own_code.asked import Asked
from labkit.exercises.own_code.lines import own_source
from labkit.exercises.own_code.subject import Kind, Subject
from labkit.exercises.own_code.surroundings import SHOPS, situations_of

FUNCTION: tuple[Kind, ...] = (
    changing.deleted,
    tracing.lines_run,
    tracing.value_held,
    tracing.entry_returned,
    changing.altered,
    unusual.argument_replaced,
)
APP: tuple[Kind, ...] = (
    changing.deleted,
    tracing.lines_run,
    unusual.odd_request,
    changing.altered,
)
STATEFUL: tuple[Kind, ...] = (
    processes.crash,
    processes.duplicate,
    changing.deleted,
    unusual.odd_request,
    tracing.lines_run,
)
WITH_CRASHES = ("7.1", "7.2", "7.3", "7.4", "8.1", "12.1")


def kinds_of(exercise: Exercise) -> tuple[Kind, ...]:
    """Return the kinds of questions about solutions of an exercise."""
    if exercise.id in WITH_CRASHES:
        return STATEFUL
    return APP if exercise.id in SHOPS else FUNCTION


def subject_of(exercise: Exercise, solution: Any) -> Subject | None:
    """Return what there is to ask about a solution; None if its source is unknown."""
    own = own_source(solution)
    if own is None:
        return None
    return Subject(
        exercise, solution, own, situations_of(exercise), SHOPS.get(exercise.id)
    )


def ask(exercise: Exercise, solution: Any, number: int) -> Asked | None:
    """Make the question of that number, from 0; the same one each time.

    The kinds take turns. None if there is nothing to ask.
    """
    subject = subject_of(exercise, solution)
    if subject is None:
        return None
    kinds = kinds_of(exercise)
    rng = random.Random(f"{exercise.id} {number} {subject.own.text}")
    for turn in range(len(kinds)):
        found = kinds[(number + turn) % len(kinds)](subject, rng)
        if found is not None:
            return found
    return None
