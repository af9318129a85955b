"""Count what a class has done: who is where, and what each exercise costs."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from labkit.checks import Exercise
from labkit.checks.verdicts import NOT_ATTEMPTED, PASSED
from labkit.classroom.gathering import Classroom
from labkit.exercises import EXERCISES
from labkit.exercises.reasons import reason
from labkit.learner.exports import PAUSE, Learner

MISTAKES = 3
"""How many mistakes are named for each exercise."""

HOW_COUNTED = (
    "Minutes are the median of the learners who passed the exercise. The time between "
    "two attempts counts for the exercise of the later attempt, until that exercise is "
    f"passed. Times over {PAUSE / 60:.0f} minutes are pauses and do not count, so the "
    "first attempt after a pause does not count either. For each mistake, the number "
    "says how many learners made it."
)


@dataclass(frozen=True, slots=True)
class Common:
    """A mistake, how many learners made it, how often in all, and why it matters."""

    mistake: str
    learners: int
    times: int
    why: str


@dataclass(frozen=True, slots=True)
class Summary:
    """How an exercise went for the class; medians are None where nothing is known."""

    exercise: str
    lab: str
    tried: int
    passed: int
    tries: float | None
    minutes: float | None
    hints: int
    mistakes: tuple[Common, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one learner is; `at` is the exercise in hand, or empty at the end."""

    name: str
    passed: int
    at: str
    tries_there: int
    mistake: str
    minutes: float | None


def summaries(classroom: Classroom) -> list[Summary]:
    """Return one summary for each exercise of the kit, in order."""
    return [_summary(exercise, classroom.learners) for exercise in EXERCISES.values()]


def places(classroom: Classroom) -> list[Place]:
    """Return where each learner is, by name."""
    return [_place(learner) for learner in classroom.learners]


def to_json(classroom: Classroom) -> dict[str, Any]:
    """Return everything that the report says, for another program."""
    return {
        "learners": [
            {
                **asdict(place),
                "exercises": {
                    exercise: asdict(step)
                    for exercise, step in learner.steps.items()
                    if exercise in EXERCISES
                },
            }
            for learner, place in zip(
                classroom.learners, places(classroom), strict=True
            )
        ],
        "exercises": [asdict(summary) for summary in summaries(classroom)],
        "remarks": [*classroom.remarks, *strangers(classroom)],
        "how_counted": HOW_COUNTED,
    }


def counted(learners: int) -> str:
    """Return a number of learners in words."""
    return f"{learners} learner{'' if learners == 1 else 's'}"


def strangers(classroom: Classroom) -> list[str]:
    """Name the exercises in the files that this version of the kit does not have."""
    unknown = {
        exercise
        for learner in classroom.learners
        for exercise in learner.steps
        if exercise not in EXERCISES
    }
    if not unknown:
        return []
    named = ", ".join(sorted(unknown)[:9])
    remark = (
        f"exercises that this labkit does not have are left out ({named}); another "
        "version of the kit wrote them"
    )
    return [remark]


def _summary(exercise: Exercise, learners: Sequence[Learner]) -> Summary:
    steps = [
        step
        for learner in learners
        if (step := learner.steps.get(exercise.id)) and step.outcome != NOT_ATTEMPTED
    ]
    passed = [step for step in steps if step.outcome == PASSED]
    return Summary(
        exercise.id,
        exercise.lab,
        tried=len(steps),
        passed=len(passed),
        tries=_median([step.tries for step in passed]),
        minutes=_median([step.minutes for step in passed if step.minutes is not None]),
        hints=sum(step.hints > 0 for step in steps),
        mistakes=_common(exercise, [step.mistakes for step in steps]),
    )


def _common(
    exercise: Exercise, made: Sequence[Mapping[str, int]]
) -> tuple[Common, ...]:
    learners: Counter[str] = Counter()
    times: Counter[str] = Counter()
    for mistakes in made:
        learners.update(mistake for mistake, count in mistakes.items() if count)
        times.update(mistakes)
    order = sorted(learners, key=lambda each: (-learners[each], -times[each], each))
    return tuple(
        Common(each, learners[each], times[each], reason(exercise.lab, each))
        for each in order[:MISTAKES]
    )


def _place(learner: Learner) -> Place:
    done = {
        exercise
        for exercise, step in learner.steps.items()
        if step.outcome == PASSED and exercise in EXERCISES
    }
    at = _in_hand(learner, done)
    step = learner.steps.get(at)
    spent = [
        step.minutes
        for exercise, step in learner.steps.items()
        if exercise in EXERCISES and step.minutes is not None
    ]
    most = Counter(step.mistakes).most_common(1) if step else []
    return Place(
        learner.name,
        len(done),
        at,
        step.tries if step else 0,
        most[0][0] if most else "",
        round(sum(spent), 1) if spent else None,
    )


def _in_hand(learner: Learner, done: set[str]) -> str:
    """Return the exercise tried last, or if that is passed, the next that isn't."""
    order = list(EXERCISES)
    last = learner.last if learner.last in EXERCISES else order[0]
    onward = order[order.index(last) :] + order[: order.index(last)]
    return next((exercise for exercise in onward if exercise not in done), "")


def _median(values: Sequence[float]) -> float | None:
    return round(statistics.median(values), 1) if values else None
