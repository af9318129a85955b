"""Ask what the code does with an input that its contract leaves open.

The true answer is found by running the solution.
"""

import inspect
import random
from typing import Any

from labkit.checks import short
from labkit.checks.calls import AppCaller
from labkit.checks.observing import outcome
from labkit.exercises.own_code.asked import Asked, asked
from labkit.exercises.own_code.subject import Shop, Subject
from labkit.explore import World
from labkit.explore.world import scratch
from labkit.running.sandbox import run_bounded

SECONDS = 2.0
NO_RESPONSE = "none: the exception leaves the app"

_RAISED = ("TypeError", "AttributeError", "ValueError", "KeyError")
_STATUSES = ("200", "400", "401", "415", "422", "500", "503")
_LONGEST = 60


def argument_replaced(subject: Subject, rng: random.Random) -> Asked | None:
    """Ask what a function does if one of its arguments has another type."""
    calls = [each for each in subject.situations if each.arguments is not None]
    try:
        names = list(inspect.signature(subject.solution).parameters)
    except (TypeError, ValueError):
        return None
    places = [(at, each) for each in calls for at in range(len(names))]
    for at, situation in rng.sample(places, min(6, len(places))):
        arguments = list(situation.arguments()) if situation.arguments else []
        if len(arguments) <= at:
            continue
        new = _other_type(arguments[at])
        truth = result_with(subject.solution, arguments, at, new)
        if not truth:
            continue
        others = [f"It raises {each}." for each in _RAISED]
        others += ["It returns None.", "It returns False."]
        rng.shuffle(others)
        return asked(
            "argument",
            subject.exercise.id,
            f"Your function gets this input, but its argument `{names[at]}` is "
            f"{short(new)}. What happens?",
            truth,
            others,
            rng,
            explanation=f"This is what your function does today: {truth}",
            sent=situation.sent,
            facts={"situation": situation, "at": at, "new": new},
        )
    return None


def result_with(solution: Any, arguments: list[Any], at: int, new: Any) -> str:
    """Return what comes of a call with one argument replaced, or an empty text."""
    arguments[at] = new
    run = run_bounded(
        lambda: outcome(lambda: solution(*arguments), lambda _: None), seconds=SECONDS
    )
    if run.error is not None or run.timed_out:
        return ""
    seen = run.value
    if seen.error is not None:
        return f"It raises {type(seen.error).__name__}."
    text = short(seen.result)
    return f"It returns {text}." if len(text) <= _LONGEST else ""


def _other_type(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, str):
        return value.encode()
    return None


def odd_request(subject: Subject, rng: random.Random) -> Asked | None:
    """Ask which status an app returns for an authentic but unusual body."""
    shop = subject.shop
    if shop is None:
        return None
    body = rng.choice(list(shop.odd))
    truth = status_of(shop, subject.solution, body)
    if not truth:
        return None
    others = list(_STATUSES)
    rng.shuffle(others)
    shown = repr(body)[1:].strip("'") or "(an empty body)"
    return asked(
        "odd-request",
        subject.exercise.id,
        "This request arrives, with valid headers. Which status does your app return?",
        truth,
        others,
        rng,
        explanation=f"Status: {truth}. If the body can arrive in production, decide "
        "which status you want, and write it down.",
        sent=f"POST {shop.path}\n{shown}",
        facts={"body": body},
    )


def status_of(shop: Shop, make_app: Any, body: bytes) -> str:
    """Return the status that a new app returns for a body, or an empty text."""

    def run() -> str:
        with scratch() as directory:
            app = shop.boot(make_app)(World(directory))
            request = shop.request(body)
            answered = AppCaller(app).send(body, dict(request.headers), path=shop.path)
        return NO_RESPONSE if answered.silent else str(answered.status)

    ended = run_bounded(run, seconds=SECONDS)
    return "" if ended.error is not None or ended.timed_out else ended.value
