"""The exercises of all labs, and the four functions that a learner calls.

One file a lab holds its exercises: the cases, the diagnoses, the hints. To add one,
write its cases and the `Exercise` in the lab's file, add it to that file's `EXERCISES`,
add wrong and right answers under `tests/`, and run `labkit dev check`.
"""

from dataclasses import replace

from labkit import progress
from labkit.checks import Exercise, examine
from labkit.errors import UnknownName, shown_plainly
from labkit.exercises import (
    lab00_start_here,
    lab01_push_not_poll,
    lab02_endpoint,
    lab03_payloads,
    lab04_signatures,
    lab05_replay_and_rotation,
    lab06_retries,
    lab07_idempotency,
    lab08_ack_fast,
    lab09_watch,
    lab11_go_live,
    lab12_night_shift,
)
from labkit.exercises.lab02_endpoint import Permanent, Temporary
from labkit.predictions import Guess, Prediction
from labkit.verdicts import Note, Verdict

__all__ = [
    "EXERCISES",
    "PREDICTIONS",
    "Permanent",
    "Temporary",
    "check",
    "hint",
    "predict",
    "solution",
]

_LABS = (
    lab00_start_here,
    lab01_push_not_poll,
    lab02_endpoint,
    lab03_payloads,
    lab04_signatures,
    lab05_replay_and_rotation,
    lab06_retries,
    lab07_idempotency,
    lab08_ack_fast,
    lab09_watch,
    lab11_go_live,
    lab12_night_shift,
)

EXERCISES: dict[str, Exercise] = {
    exercise.id: exercise for lab in _LABS for exercise in lab.EXERCISES
}
"""Every exercise by its id, in the order of the labs."""

PREDICTIONS: dict[str, Prediction] = {
    prediction.id: prediction for lab in _LABS for prediction in lab.PREDICTIONS
}
"""Every prediction by its id."""


@shown_plainly
def check(exercise: str, answer: object = None) -> Verdict:
    """Judge your answer to an exercise, and say what to mend.

    Pass the function itself: `check("4.2", verify)`. It answers within two seconds and
    never raises because of your code. Raises UnknownName for an unknown exercise.
    """
    verdict = examine(_named(exercise), answer)
    progress.record(exercise, verdict.outcome, verdict.mistake)
    if progress.trouble and not verdict.note:
        verdict = replace(verdict, note=f"({progress.trouble})")
    return verdict


@shown_plainly
def hint(exercise: str) -> Note:
    """Show the next hint for an exercise; the last one stays."""
    hints = _named(exercise).hints
    number = progress.take_hint(exercise, len(hints))
    text = f"hint {number + 1} of {len(hints)}: {hints[number]}"
    if number + 1 == len(hints):
        text += (
            f'\nThat was the last one; solution("{exercise}") tells where to read on.'
        )
    return Note(text)


@shown_plainly
def solution(exercise: str) -> Note:
    """Say where the explained solution of an exercise is."""
    lab = _named(exercise).lab
    return Note(
        f"The explained solution of {exercise} is in solutions/{lab}.ipynb, beside the "
        "notebooks folder. It is worth more after a try of your own."
    )


@shown_plainly
def predict(prediction: str, letter: str) -> Guess:
    """Note what you expect to happen; each choice answers for itself.

    Raises UnknownName for an unknown prediction.
    """
    found = PREDICTIONS.get(prediction)
    if found is None:
        raise UnknownName("prediction", prediction, PREDICTIONS)
    return Guess(found, str(letter))


def _named(exercise: str) -> Exercise:
    found = EXERCISES.get(str(exercise))
    if found is None:
        raise UnknownName("exercise", exercise, EXERCISES)
    return found
