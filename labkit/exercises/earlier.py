"""Say in a verdict if a function of an earlier exercise is missing."""

import re
from collections.abc import Sequence
from dataclasses import replace

from labkit.checks import Exercise
from labkit.checks.cases import MISSING, STUB_CALLED
from labkit.checks.verdicts import Verdict

_NOT_DEFINED = re.compile(rf"NameError: name '(\w+)' is not defined|{STUB_CALLED}(\w+)")


def naming_what_is_missing(verdict: Verdict, exercises: Sequence[Exercise]) -> Verdict:
    """Return the verdict, with the earlier exercise whose function it needs, if any."""
    failure = verdict.failure
    found = _NOT_DEFINED.search(failure.answered) if failure else None
    if failure is None or found is None:
        return verdict
    name = found[1] or found[2]
    place = next(i for i, each in enumerate(exercises) if each.id == verdict.exercise)
    lab = exercises[place].lab
    earlier = [e for e in exercises[:place] if e.lab == lab and e.answer == name]
    if not earlier or name == exercises[place].answer:
        return verdict
    needed = earlier[-1].id
    state = "is not written yet" if found[2] else "does not exist in this notebook"
    why = (
        f"Your code calls {name}, the function of exercise {needed}, which {state}. "
        "This check cannot judge your code without it."
    )
    remedy = (
        f"Solve exercise {needed} first, run its cell, and then run this check again."
    )
    explained = replace(
        failure,
        expected=f"{name} of exercise {needed}",
        why=why,
        try_next=remedy,
        mistake=MISSING.id,
    )
    return replace(verdict, failure=explained)
