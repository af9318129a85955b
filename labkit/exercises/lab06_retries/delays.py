"""6.2: how long to wait, told from many draws.

Solutions draw in different ways, so their waits are not compared with those of the
reference one by one. What is compared are facts about many draws, such as whether they
reach the upper bound. The rules look at the same draws.
"""

import random
from collections.abc import Iterator

from labkit.checks.contract import contract
from labkit.checks.proving import judged
from labkit.checks.space import Space, Trial
from labkit.exercises.lab06_retries.delay_mistakes import MISTAKES
from labkit.exercises.lab06_retries.draws import ATTEMPTS, Drawing

CONTRACT = contract("""
    given: Return the seconds to wait before the next attempt, or None to give up.
    given: `attempt` is the number of attempts made so far, counted from 1. `rng` is a
        random.Random.
    number: After 1 to 9 attempts, return a number of seconds; do not wait yourself.
    same: Draw the wait with `rng` only: the same state of `rng` gives the same wait,
        whatever was called before.
    bound: The wait is between 0 and an upper bound, which is 1 s after the first
        attempt and doubles with each attempt.
    even: All waits in this range have the same probability.
    end: If `attempt` is 10 or more, return None.
    open: The upper bound is never more than 3,600 s, but the check cannot test this
        cap, because ten attempts do not reach it.
    open: You may round the wait to hundredths of a second, but not to tenths.
""")


def _trials() -> Iterator[Trial]:
    for attempt in range(1, ATTEMPTS):
        yield Trial("number", {"look": "number", "attempt": attempt})
    for attempt in (1, 5, 9, 2):
        for between in (False, True):
            changes = {"look": "same", "attempt": attempt, "between": between}
            yield Trial("same", changes)
    for look in ("bound", "even"):
        yield Trial(look, {"look": look})
    for attempt in (10, 11, 12, 100):
        yield Trial("end", {"look": "end", "attempt": attempt})


def _generate(rng: random.Random) -> Trial:
    changes = {"attempt": rng.randint(1, 9), "seed": rng.random(), "between": True}
    return Trial("same", {"look": "same", **changes})


NEXT_DELAY = judged(
    id="6.2",
    lab="06_retries",
    wants="next_delay(attempt, rng) -> float | None",
    contract=CONTRACT,
    space=Space(
        {"look": "number", "attempt": 1, "seed": 7, "between": False},
        _trials,
        _generate,
        many=40,
    ),
    observer=Drawing(),
    mistakes=MISTAKES,
    hints=(
        (
            "Work in three steps: is it over, what is the upper bound, how long is the "
            "wait?"
        ),
        "The upper bound is 2 ** (attempt - 1).",
        "min(3600, bound) is the cap. rng.uniform(low, high) draws a float.",
    ),
)
