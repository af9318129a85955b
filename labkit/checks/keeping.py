"""Tell whether what a solution keeps from earlier calls changes what it does."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from labkit.checks.comparing import FOR_NAMING, Comparison
from labkit.checks.difference import Difference
from labkit.checks.judging import MOST_KEPT, memory_before, memory_of, work_left
from labkit.checks.space import Trial
from labkit.running.fresh import kept_memory
from labkit.running.outside import uses_more
from labkit.running.sources import Sources


def is_steady(solution: Any) -> bool:
    """Whether a solution does in each trial what it did there earlier in this check.

    It does if its memory is as it was before the check, and if it uses no clock, no
    chance, no file and the like.
    """
    memory = memory_before()
    if memory is None or not memory.untouched:
        return False
    return not uses_more(Sources([solution], most=MOST_KEPT))


def keeps_state(comparison: Comparison, solution: Any, found: Difference) -> bool:
    """Whether the solution is right on this trial alone, but not after others.

    Several times it must be right with the memory from before the check, and wrong
    with the memory from now, or again after the same trials: not by chance.
    """
    memory = memory_before()
    if memory is None or memory.untouched:
        return False
    if memory_of(solution) is None:  # such as a thread that runs by now
        return False
    now = memory.take()
    try:
        for _ in range(4):
            if work_left() < FOR_NAMING:
                return False
            memory.freshen()
            if comparison.first_difference(solution, [found.trial]):
                return False
            memory.put(now)
            if not comparison.first_difference(solution, [found.trial]):
                memory.freshen()
                again = comparison.first_difference(
                    solution, _until(comparison, found.trial)
                )
                if again is None or again.trial is not found.trial:
                    return False
        return True
    finally:
        memory.put(now)


def follows(comparison: Comparison, solution: Any, found: Difference) -> bool:
    """Whether the last request is wrong only because of the steps before it.

    To the reference these steps make no difference.
    """
    steps = comparison.space.fields(found.trial).get("steps", ())
    seen, wanted = found.seen.value, found.wanted.value
    if len(steps) < 2 or not (type(seen) is type(wanted) is tuple):
        return False
    if len(seen) != len(wanted) or seen[:-1] != wanted[:-1]:
        return False
    changes = {**found.trial.changes, "steps": [steps[-1]]}
    alone = replace(found.trial, changes=changes)
    same = comparison.wanted(alone).value[-1:] == wanted[-1:]
    return same and not comparison.first_difference(solution, [alone])


def _until(comparison: Comparison, last: Trial) -> Iterable[Trial]:
    """Return the trials that a check runs, up to and with this one."""
    for trial in (*comparison.trials, *comparison.more_trials):
        if not trial.probe:
            yield trial
        if trial is last:
            return


def remembers(comparison: Comparison, solution: Any, trial: Trial) -> bool:
    """Whether it is memory that changes the results, and not a clock or chance.

    Then they are the same if each call finds the same memory.
    """
    with kept_memory(solution) as memory:
        values: list[Any] = []
        begin = work_left()
        while len(values) < 3 or (len(values) < 20 and begin - work_left() < 0.2):
            memory.freshen()
            values.append(comparison.observe(solution, trial).value)
    return bool(memory.doubts) or all(each == values[0] for each in values)
