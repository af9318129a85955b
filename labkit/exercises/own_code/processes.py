"""Ask what happens if the process crashes, or if a duplicate arrives meanwhile.

The true answer is found by running the app in the explorer.
"""

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

from labkit.checks.verdicts import Picture
from labkit.exercises.own_code.asked import Asked, asked
from labkit.exercises.own_code.subject import Shop, Subject
from labkit.explore import Outcome
from labkit.explore.what_if import (
    Place,
    Told,
    crash_at,
    crash_places,
    left_at,
    meet_at,
    meeting_places,
)
from labkit.running.sandbox import run_bounded

SECONDS = 4.0
"""How long the explorer may take for one question; it mostly takes a tenth."""

Found = TypeVar("Found")

_STATUSES = ("200", "204", "500", "503")


def crash(subject: Subject, rng: random.Random) -> Asked | None:
    """Ask what is there after a crash before a line: at once, or after the retry."""
    shop = subject.shop
    if shop is None:
        return None
    boot, request = shop.boot(subject.solution), shop.request()
    places = _bounded(lambda: crash_places(boot, request)) or []
    place = _choice(places, subject, rng)
    if place is None:
        return None

    def look(outcome: Outcome) -> str:
        return f"{shop.noun}: {shop.count(outcome)}"

    told = _bounded(lambda: crash_at(boot, request, place, look))
    left = _bounded(lambda: left_at(boot, request, place, look))
    if told is None or left is None:
        return None
    at_once = rng.random() < shop.often_at_once
    when = "now, before the sender retries" if at_once else "in the end"
    then = "" if at_once else " It starts again, and the sender retries."
    return asked(
        "crash",
        subject.exercise.id,
        f"Your app gets {shop.event}. The process crashes just before "
        f"{subject.own.quoted(place.line)} runs.{then} How many {shop.noun} are there "
        f"{when}?",
        (left if at_once else told.result).rpartition(" ")[2],
        ["1", "0", "2"],
        rng,
        explanation=f"Right after the crash, {left}. After the retry, {told.result}. "
        "What was done or committed before the crash stays; all variables are lost.",
        picture=_picture(told),
        facts={"line": place.line, "at_once": at_once},
    )


def duplicate(subject: Subject, rng: random.Random) -> Asked | None:
    """Ask which status a duplicate gets that arrives before a line runs."""
    shop = subject.shop
    if shop is None:
        return None
    boot, request = shop.boot(subject.solution), shop.request()
    places = _bounded(lambda: meeting_places(boot, request)) or []
    place = _choice(places, subject, rng)
    if place is None:
        return None
    told = _bounded(
        lambda: meet_at(boot, request, place, lambda outcome: _of_second(shop, outcome))
    )
    if told is None or not told.result:
        return None
    head, _, count = told.result.partition("; ")
    status = head.rpartition(" ")[2]
    others = list(_STATUSES)
    rng.shuffle(others)
    waits = any(
        step.worker == "B" and step.kind == "wait" for step in told.history.steps
    )
    waiting = " It waits until the first worker is done." if waits else ""
    return asked(
        "duplicate",
        subject.exercise.id,
        f"A worker of your app handles {shop.event}. Just before "
        f"{subject.own.quoted(place.line)} runs, a duplicate arrives at a second "
        "worker. Which status does the duplicate get?",
        status,
        others,
        rng,
        explanation=f"The duplicate gets {status}.{waiting} Afterwards, {count}.",
        picture=_picture(told),
        facts={"line": place.line},
    )


def _of_second(shop: Shop, outcome: Outcome) -> str:
    """Return the second worker's status and the number of effects, or nothing."""
    for answer in outcome.answers:
        if answer.request == 1:
            count = f"{shop.noun}: {shop.count(outcome)}"
            return f"status of the duplicate: {answer.value.status}; {count}"
    return ""


def _bounded(explore: Callable[[], Found | None]) -> Found | None:
    """Return what the explorer finds; None if it can't explore this, or not in time."""
    run = run_bounded(explore, seconds=SECONDS)
    if run.timed_out or run.error is not None:
        return None
    found: Found | None = run.value
    return found


def _choice(
    places: Sequence[Place], subject: Subject, rng: random.Random
) -> Place | None:
    starts = {each.lineno for each in subject.own.statements()}
    own = [
        each for each in places if each.file == subject.own.file and each.line in starts
    ]
    return rng.choice(own) if own else None


def _picture(told: Told) -> Picture:
    return Picture(str(told.history), told.history.svg())
