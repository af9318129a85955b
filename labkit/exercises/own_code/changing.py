"""Ask what the check says if one line of the learner's code is different.

The true answer is found by changing the code and running the check.
"""

import random
from collections.abc import Iterable

from labkit.checks import Exercise, judge_solution, name_of
from labkit.checks.verdicts import NOT_YET, PASSED, Verdict
from labkit.exercises.own_code.asked import Asked, asked
from labkit.exercises.own_code.lines import changed, changes
from labkit.exercises.own_code.subject import Subject

STILL_PASSES = "None: the check still passes."
TRIES = 3
"""How many changes are tried until one gives a question."""


def deleted(subject: Subject, rng: random.Random) -> Asked | None:
    """Ask which case fails first if a line is deleted."""
    statements = subject.own.statements()
    return _first_good(
        _question(
            subject,
            subject.own.without(each),
            "deleted",
            f"Suppose you delete {subject.own.quoted(each.lineno)}. Which case of the "
            "check fails first?",
            f"Without line {each.lineno}",
            rng,
            each.lineno,
        )
        for each in rng.sample(statements, min(TRIES, len(statements)))
    )


def altered(subject: Subject, rng: random.Random) -> Asked | None:
    """Ask which case fails first if a line is slightly different."""
    possible = changes(subject.own)
    return _first_good(
        _question(
            subject,
            each.text,
            "altered",
            f"Suppose you change {subject.own.quoted(each.line)} to `{each.reads}`. "
            "Which case of the check fails first?",
            f"With the changed line {each.line}",
            rng,
            each.line,
        )
        for each in rng.sample(possible, min(TRIES, len(possible)))
    )


def _first_good(questions: Iterable[Asked | None]) -> Asked | None:
    """Return the first question whose answer is not simply the first case."""
    found = None
    for each in questions:
        if each is not None:
            found = each
            if not each.facts["first"]:
                break
    return found


def _question(
    subject: Subject,
    text: str,
    kind: str,
    says: str,
    head: str,
    rng: random.Random,
    line: int,
) -> Asked | None:
    exercise = subject.exercise
    other = changed(subject.solution, text)
    if other is None:
        return None
    verdict = judge_solution(exercise, other)
    truth = truth_of(exercise, verdict)
    if not truth:
        return None
    names = [name_of(case) for case in (*exercise.cases, *exercise.searches)]
    others = [STILL_PASSES, *rng.sample(names, min(4, len(names)))]
    rng.shuffle(others)
    return asked(
        kind,
        exercise.id,
        says,
        truth,
        others,
        rng,
        explanation=f"{head}, {_told(verdict)}",
        facts={"line": line, "text": text, "first": truth == names[0]},
    )


def truth_of(exercise: Exercise, verdict: Verdict) -> str:
    """Return the choice that a verdict makes true, or an empty text for none."""
    if verdict.outcome == PASSED and not verdict.untried:
        return STILL_PASSES
    names = [name_of(case) for case in (*exercise.cases, *exercise.searches)]
    found = verdict.outcome == NOT_YET and verdict.failing in names
    # A timeout would depend on the machine.
    stuck = verdict.mistake == "still-running"
    return verdict.failing if found and not stuck else ""


def _told(verdict: Verdict) -> str:
    if verdict.failure is None:
        return (
            "your solution still passes every case. Either the line has no effect on "
            "what the contract asks for, or no case needs it."
        )
    answered = " ".join(verdict.failure.answered.split())
    expected = " ".join(verdict.failure.expected.split())
    return f"this case gives {answered}; expected: {expected}"
