"""What harm the explorer looks for, and which mistake each kind of it proves."""

import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from labkit.checks import Mistake
from labkit.exercises.lab07_idempotency import mistakes
from labkit.explore import Counterexample, Outcome, Violation
from labkit.running.sources import Sources, names_in

ORDER = "A-1"

_NUMBERS = re.compile(r"\d{6,}")
"""Identifiers of threads, say, which differ in every run."""

_LOCK = re.compile(r"(^|_)r?locks?($|_)|^R?Lock$|^Semaphore$|^Condition$|^acquire$")
"""The names of locks in a learner's code; a `clock` or a `block` is none."""

Judge = Callable[[Outcome], Violation | None]
MakeApp = Callable[..., Any]

Name = Mistake | Callable[[MakeApp, Counterexample], Mistake | None]
"""What a kind of harm proves: always the same mistake, or one that needs a look."""


def check_then_act(_: MakeApp, found: Counterexample) -> Mistake | None:
    """Name the race, unless a worker has caught an exception before its effect."""
    shipped: set[str] = set()
    for step in found.steps:
        if step.kind == "effect":
            shipped.add(step.worker)
        elif step.text.lstrip().startswith("except") and step.worker not in shipped:
            return None
    return mistakes.CHECK_THEN_ACT


def behind_a_lock(make_app: MakeApp, _: Counterexample) -> Mistake | None:
    """Name the lock of a receiver that holds between threads, if it has one."""
    names = {
        name for f in Sources([make_app]).functions for name in names_in(f.__code__)
    }
    has_lock = any(_LOCK.search(name) for name in names)
    return mistakes.LOCK_PER_PROCESS if has_lock else None


TOGETHER: Mapping[str, Name] = {
    "doubled": check_then_act,
    "lost": mistakes.LOST_TOGETHER,
    "refused": mistakes.RETRY_FAILS,
    "deadlock": mistakes.DEADLOCK,
}


def each_once(
    parcels: Callable[[Outcome], list[Any]], verb: str, *, at_last: bool = True
) -> Judge:
    """Make the judge of an event that comes at the same moment, or over a crash.

    It sees "doubled", "lost" (acknowledged, but no parcel) and, if `at_last`, "refused"
    (not acknowledged at the end).
    """
    undone = none_undone(parcels, verb)

    def judge(outcome: Outcome) -> Violation | None:
        times = parcels(outcome).count(ORDER)
        if times > 1:
            often = "twice" if times == 2 else f"{times} times"
            return Violation(f"order {ORDER!r} was {verb} {often}", "doubled")
        if times == 0 and (lost := undone(outcome)):
            return lost
        last = {answer.request: answer for answer in outcome.answers}
        for answer in last.values() if at_last else ():
            if not answer.acknowledged:
                said = textwrap.shorten(
                    without_numbers(str(answer)), 90, placeholder=" …"
                )
                harm = f"the last attempt was not acknowledged: it {said}"
                return Violation(harm, "refused")
        return None

    return judge


def none_undone(parcels: Callable[[Outcome], list[Any]], verb: str) -> Judge:
    """Make the judge of an event whose work fails: no 2xx without a parcel."""

    def judge(outcome: Outcome) -> Violation | None:
        acknowledged = any(answer.acknowledged for answer in outcome.answers)
        if parcels(outcome) or not acknowledged:
            return None
        harm = f"the response was a 2xx, but order {ORDER!r} was never {verb}"
        return Violation(harm, "lost")

    return judge


def without_numbers(text: str) -> str:
    """Return the text without what differs in every run."""
    return _NUMBERS.sub("…", text)
