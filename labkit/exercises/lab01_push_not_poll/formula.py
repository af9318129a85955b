"""Exercise 1.2: what an interval costs, and what it buys."""

import math
from collections.abc import Callable
from typing import Any

from labkit.checks import Exercise, Mistake, Question, short

Formula = Callable[..., Any]

CLOSE = 0.02
"""How far an answer may be off, as a share: a simulation of one's own is right too."""

PRINTS = Mistake(
    "returns-nothing",
    "The caller wants to go on with the two numbers. Yours returned None.",
    "Put `return` before the two numbers, with a comma between them.",
)
NO_PAIR = Mistake(
    "returns-no-pair",
    "Two questions were asked: how late an event is, and how many requests it costs.",
    "Return both with a comma between them: return delay, requests.",
)
NO_NUMBERS = Mistake(
    "returns-no-numbers",
    "The two results are to be compared and drawn; a text with a unit can't be.",
    "Return plain numbers. The unit stands in the docstring.",
)
SWAPPED = Mistake(
    "swaps-the-two",
    "You have both numbers right, in the other order. The caller takes your requests "
    "for seconds.",
    "Return the delay first, then the requests.",
)
WORST = Mistake(
    "worst-case-instead-of-mean",
    "An event waits for the whole interval only when it happens right after a request. "
    "Another one happens right before the next and hardly waits.",
    "Between no wait and the whole interval, all waits are equally likely. What is "
    "their mean?",
)
NO_WAIT = Mistake(
    "no-wait-at-all",
    "An event does not come by itself: it lies in the list until you ask.",
    "Think of an event that happens in the middle between two requests.",
)
MINUTES = Mistake(
    "delay-in-another-unit",
    "The interval came in seconds, and the delay is wanted in seconds.",
    "Leave out the 60 or the 3,600 from the delay.",
)
DELAY_BY_RATE = Mistake(
    "delay-depends-on-the-events",
    "How long one event waits has nothing to do with how many others there are: it "
    "waits for the next request.",
    "Work out the delay from the interval alone.",
)
PER_HOUR = Mistake(
    "requests-per-hour",
    "You counted the requests of an hour. The question is how many of them one event "
    "costs.",
    "Divide by the events of that hour.",
)
UPSIDE_DOWN = Mistake(
    "upside-down",
    "You worked out how many events come with one request.",
    "Turn the fraction round: requests divided by events.",
)
EMPTY_ONLY = Mistake(
    "counts-only-the-empty-requests",
    "You took away the requests that bring an event. They cost as much as the others.",
    "Count all requests of the hour, then divide by the events.",
)
AT_LEAST_ONE = Mistake(
    "at-least-one-request-an-event",
    "When you ask seldom, several events come with one request, so each costs less "
    "than one.",
    "Leave out the max: 0.1 requests for an event is a fine result.",
)
OTHER_HOUR = Mistake(
    "another-hour",
    "The interval is in seconds, the events are per hour.",
    "How many seconds has an hour? That many, divided by the interval, are its "
    "requests.",
)
ONE_TOO_MANY = Mistake(
    "one-request-too-many",
    "Over a day, the request at the end of one hour is the one at the beginning of the "
    "next. You counted it in both.",
    "Leave out the + 1: an hour holds 3,600 / interval requests.",
)
WHOLE = Mistake(
    "whole-numbers-only",
    "Your numbers were cut to whole ones. Half a second here is half a second in the "
    "mean, and 0.1 requests became none.",
    "Divide with /, not with //, and round nothing.",
)


def often(formula: Formula) -> None:
    """Asking every 10 s for 12 events an hour: 5 s late, 30 requests an event."""
    _judge(formula, 10, 12)


def seldom(formula: Formula) -> None:
    """Asking seldom, several events share a request."""
    _judge(formula, 900, 60)


def odd_numbers(formula: Formula) -> None:
    """The numbers need not come out even."""
    _judge(formula, 7, 9)
    _judge(formula, 0.5, 1000)
    _judge(formula, 2_000, 3)
    _judge(formula, 3_600, 0.25)


def _judge(formula: Formula, interval: float, events_per_hour: float) -> None:
    delay, cost = interval / 2, 3_600 / interval / events_per_hour
    noun = "event" if events_per_hour == 1 else "events"
    ask = Question(
        sent=f"delay_and_cost(interval={interval}, events_per_hour={events_per_hour})\n"
        f"a request every {interval} s, {events_per_hour} {noun} an hour",
        expected=f"({delay:g}, {cost:.4g}): {delay:g} s of delay on average, "
        f"{cost:.4g} requests for an event",
        why="With these two numbers you choose the interval: a short one costs "
        "requests, a long one costs time.",
        try_next="Take one hour. How many requests are made in it, how many events "
        "happen in it? For the delay, take one event between two requests.",
    )
    answered = ask.call(formula, interval, events_per_hour)
    if answered is None:
        ask.fail("None", PRINTS)
    if isinstance(answered, str | bytes | dict | set):
        ask.fail(short(answered), NO_PAIR)
    try:
        first, second = answered
    except (TypeError, ValueError):
        ask.fail(short(answered), NO_PAIR)
    try:
        found = float(first), float(second)
    except (TypeError, ValueError):
        ask.fail(short(answered), NO_NUMBERS)
    if isinstance(first, str) or isinstance(second, str):
        ask.fail(short(answered), NO_NUMBERS)
    if not (_near(found[0], delay) and _near(found[1], cost)):
        ask.fail(short(answered), _mistake(found, interval, events_per_hour))


def _mistake(
    found: tuple[float, float], interval: float, events: float
) -> Mistake | None:
    """Find the wrong formula that gives the same."""
    delay, requests = interval / 2, 3_600 / interval
    first, second = found
    if _near(first, requests / events) and _near(second, delay):
        return SWAPPED
    wrong_delays = (
        (interval, WORST),
        (0, NO_WAIT),
        (delay / 60, MINUTES),
        (delay * 60, MINUTES),
        (delay / 3_600, MINUTES),
        (delay / events, DELAY_BY_RATE),
        (3_600 / events / 2, DELAY_BY_RATE),
        (3_600 / events, DELAY_BY_RATE),
    )
    for wrong, mistake in wrong_delays if not _near(first, delay) else ():
        if _near(first, wrong):
            return mistake
    wrong_costs = (
        (requests, PER_HOUR),
        (events / requests, UPSIDE_DOWN),
        ((requests - events) / events, EMPTY_ONLY),
        ((requests + 1) / events, ONE_TOO_MANY),
        (math.floor(requests) / events, WHOLE),
        (math.ceil(requests) / events, WHOLE),
        (max(1.0, requests / events), AT_LEAST_ONE),
        (requests / events / 60, OTHER_HOUR),
        (1 / interval / events, OTHER_HOUR),
        (requests / events * 24, OTHER_HOUR),
    )
    for wrong, mistake in wrong_costs if not _near(second, requests / events) else ():
        if _near(second, wrong):
            return mistake
    if any(
        each == cut(right) and each != right
        for cut in (math.floor, math.ceil, round)
        for each, right in ((first, delay), (second, requests / events))
    ):
        return WHOLE
    return None


def _near(found: float, right: float) -> bool:
    return math.isclose(found, right, rel_tol=CLOSE, abs_tol=1e-9)


DELAY_AND_COST = Exercise(
    id="1.2",
    lab="01_push_not_poll",
    wants="delay_and_cost(interval, events_per_hour) -> tuple[float, float]",
    cases=(often, seldom, odd_numbers),
    hints=(
        (
            "The delay first. You ask at 0 s and at 10 s: how long waits an event that "
            "happens at 1 s, one at 5 s, one at 9 s?"
        ),
        (
            "Now the cost. How many requests does an hour of 3,600 s hold, and how "
            "many events share them?"
        ),
        (
            "Neither needs an if: half of the interval, and the requests of an hour "
            "divided by its events."
        ),
    ),
)
