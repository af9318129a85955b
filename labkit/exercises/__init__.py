"""The exercises of all labs, and the functions that a learner calls.

Each lab has a module with its exercises: the contracts, the mistakes, the hints. To add
one, write its contract and the `Exercise` in the lab's file, add it to that file's
`EXERCISES`, add wrong and right answers under `tests/`, and run `labkit dev check`.
"""

from dataclasses import replace
from pathlib import Path

from labkit.arguments import check_text
from labkit.checks import Exercise, judge_solution
from labkit.checks.predictions import Guess, Prediction
from labkit.checks.verdicts import NOT_YET, PASSED, Note, Verdict, without_secrets
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
    lab10_test_it,
    lab11_go_live,
    lab12_night_shift,
    lab13_be_the_provider,
)
from labkit.exercises.earlier import naming_what_is_missing
from labkit.exercises.lab02_endpoint import Permanent, Temporary
from labkit.exercises.own_code import session
from labkit.exercises.own_code.asked import Reply
from labkit.learner import backups, consent, exports, standing
from labkit.learner import progress as noted
from labkit.learner.below import can_click, show_below
from labkit.learner.course import course_of
from labkit.redaction import of_this_process
from labkit.running.source import is_named, shell, source_of

__all__ = [
    "EXERCISES",
    "PREDICTIONS",
    "Permanent",
    "Temporary",
    "backup",
    "check",
    "hint",
    "judge",
    "predict",
    "progress",
    "question",
    "resume",
    "share_name",
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
    lab10_test_it,
    lab11_go_live,
    lab12_night_shift,
    lab13_be_the_provider,
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
    """Judge your solution of an exercise, and say what to fix.

    Pass the function itself: `check("4.2", verify)`. It returns within two seconds and
    never raises because of your code. Raises UnknownName for an unknown exercise.
    """
    verdict = without_secrets(judge(exercise, answer), of_this_process())
    own = is_named(answer, _named(exercise).answer)
    noted.record(verdict, own=own, source=source_of(answer))
    if noted.trouble:
        verdict = replace(verdict, note=f"{verdict.note} ({noted.trouble})".strip())
    if own:
        _show_what_helps(verdict, answer)
    return verdict


def _show_what_helps(verdict: Verdict, answer: object) -> None:
    """Show below the verdict what comes next, or a button that gives hints."""
    found = _named(verdict.exercise)
    if verdict.outcome == PASSED:
        session.remember(found, answer)
        show_below(
            lambda: course_of(EXERCISES, noted.read(), lab=found.lab).left_after(
                found.id
            )
        )
        session.show_button(found)
    elif verdict.outcome == NOT_YET and found.hints and can_click():
        from labkit.widgets.clicks import hint_button

        taken = noted.read().get(found.id, {}).get("hints", 0)
        show_below(
            lambda: hint_button(
                found.id, len(found.hints), taken, lambda: hint(found.id).text
            )
        )


@shown_plainly
def judge(exercise: str, answer: object = None) -> Verdict:
    """Judge a solution as `check` does, but record nothing; for graders.

    Raises UnknownName for an unknown exercise.
    """
    verdict = judge_solution(_named(exercise), answer)
    return naming_what_is_missing(verdict, list(EXERCISES.values()))


@shown_plainly
def hint(exercise: str) -> Note:
    """Show the next hint for an exercise; the last one stays."""
    found = _named(exercise)
    hints = found.hints
    number = noted.take_hint(found.id, len(hints))
    text = f"hint {number + 1} of {len(hints)}: {hints[number]}"
    if number + 1 == len(hints):
        text += (
            f'\nThat was the last one; solution("{found.id}") says where to read more.'
        )
    if noted.trouble:
        text += f"\n({noted.trouble})"
    return Note(text)


@shown_plainly
def solution(exercise: str) -> Note:
    """Say where the explained solution of an exercise is."""
    lab = _named(exercise).lab
    return Note(
        f"The explained solution of {exercise} is in "
        f"solutions/{lab}.ipynb, next to the notebooks folder. You learn "
        "more if you try the exercise first."
    )


@shown_plainly
def predict(prediction: str, letter: str) -> Guess:
    """Record what you expect to happen, and say why it is right or wrong.

    Click on one of the buttons, or write a letter instead of the question mark. Your
    choice is kept. Raises UnknownName for an unknown prediction.
    """
    check_text("prediction", prediction)
    found = PREDICTIONS.get(prediction)
    if found is None:
        raise UnknownName("prediction", prediction, PREDICTIONS)
    guess = Guess(found, str(letter))
    if guess.taken:
        noted.record_prediction(found.id, guess.letter.strip().lower())
        return guess
    if can_click():
        _show_choices(found)
        kept = noted.read_predictions().get(found.id, {})
        return Guess(found, kept.get("letter", "?"), clickable=True)
    return guess


def _show_choices(prediction: Prediction) -> None:
    """Show buttons below a prediction; a click is recorded and gets its feedback."""
    from labkit.widgets import clicks

    def respond(letter: str) -> str:
        noted.record_prediction(prediction.id, letter)
        return Guess(prediction, letter).response

    choices = {letter: choice.says for letter, choice in prediction.choices.items()}
    show_below(clicks.script)
    show_below(
        lambda: clicks.choice_buttons(prediction.id, choices, prediction.right, respond)
    )


@shown_plainly
def question(exercise: str, letter: str = "?") -> Reply | Note:
    """Ask a question about your own code, once it has passed; or answer it.

    `question("7.2")` asks, and `question("7.2", "b")` answers with a choice. The true
    answer is found by running your code. Raises UnknownName for an unknown exercise.
    """
    return session.reply(_named(exercise), letter)


@shown_plainly
def progress(name: str = "") -> Note:
    """Show where you stand; with a name, also write one short file to hand in.

    `progress("Ada")` writes `progress-Ada.json` beside the notebook. You may use a
    pseudonym, if your instructor knows it. The file contains no code. Raises BadSetting
    for a name without letters, and where the file can't be written.
    """
    learner = exports.summary(name or "you", noted.read())
    text = standing.account(learner, EXERCISES)
    if asked := standing.questions(noted.read()):
        text += f"\n\n{asked}"
    if noted.trouble:
        text += f"\n({noted.trouble})"
    if not name:
        return Note(
            f'{text}\n\nprogress("your name") writes a short file to hand in.\n'
            "backup() writes a file for yourself, with your solutions; restore() "
            "brings it back."
        )
    path = exports.write(learner, Path())
    return Note(f"{text}\n\n{standing.handed_in(learner, path)}")


@shown_plainly
def share_name(name: str = "") -> Note:
    """Let the class page of a hub show your progress under this name.

    Without a name, withdraw your agreement: the page then shows your progress under a
    number. Nobody sees your code there. Raises BadSetting for a name without letters,
    and if it can't be stored.
    """
    if not name:
        consent.withdraw(noted.folder())
        return Note("Your name is not shown to the class. The page shows a number.")
    shown = exports.readable(name)
    consent.agree(shown, noted.folder())
    return Note(
        f"On a hub, the instructor's page shows your progress as {shown}. "
        "share_name() withdraws it."
    )


@shown_plainly
def resume(exercise: str = "") -> standing.Resumed | Note:
    """Bring back your last verdicts and solutions, after a restart or a lost page.

    `resume()` shows them all; `resume("4.2")` shows the whole verdict on that solution
    and puts the solution into a new cell. Nothing of it is run. Raises UnknownName for
    an unknown exercise.
    """
    named = _named(exercise).id if exercise else ""
    kept = standing.kept_of(noted.read())
    if not kept:
        return standing.nothing_kept(noted.trouble)
    if not named:
        return standing.Resumed(kept)
    return _brought_back(named, kept)


@shown_plainly
def backup(name: str = backups.NAME) -> backups.Backup:
    """Write all your progress into one file, with a link to download it.

    The file is written next to the notebook. Unlike the file of `progress("Ada")` it
    holds your solutions. Raises BadSetting if there is no progress yet, and if the file
    can't be written.
    """
    check_text("name", name)
    return backups.write(noted.everything(), Path(name))


@shown_plainly
def restore(name: str = backups.NAME) -> Note:
    """Add the progress from a file of `backup` to what is here.

    Of an exercise that is in both, the one with more tries is kept. Raises
    ProgressUnreadable if there is no such file or if it is something else.
    """
    check_text("name", name)
    taken = noted.merge(backups.read(Path(name)))
    text = (
        f"{taken} exercises and predictions are restored; resume() shows your solutions"
        if taken
        else "everything in the backup is here already"
    )
    return Note(f"{text}\n({noted.trouble})" if noted.trouble else text)


def _brought_back(exercise: str, kept: list[standing.Kept]) -> Note:
    found = next((each for each in kept if each.exercise == str(exercise)), None)
    if found is None:
        return Note(
            f"No solution of {exercise} is stored; its check was never run here."
        )
    if not found.source:
        return Note(
            f"{found.verdict}\n\nThe source of the solution was not stored: "
            "it is longer than "
            f"{noted.LONGEST_ANSWER:,} characters, or could not be found."
        )
    running = shell()
    if running:
        running.set_next_input(found.source)
    return Note(f"{found.verdict}\n\n{found.source}")


def _named(exercise: str) -> Exercise:
    found = EXERCISES.get(str(exercise))
    if found is None:
        raise UnknownName("exercise", exercise, EXERCISES)
    return found
