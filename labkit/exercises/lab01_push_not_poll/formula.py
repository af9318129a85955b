"""Exercise 1.2: delay_and_cost(interval, events_per_hour) -> tuple[float, float]."""

import math
from collections.abc import Callable, Iterator
from typing import Any

from labkit.checks import Mistake
from labkit.checks.contract import contract
from labkit.checks.mistakes import Proof, Rule, mistakes
from labkit.checks.observing import Function, Seen, exactly
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial

CLOSE = 0.002
"""How far a number may be off, as a share, so that results of simulations pass."""

PRINTS, NO_PAIR, NO_NUMBERS, SWAPPED, WORST = mistakes("""
    returns-nothing: Your function returns None, but the caller needs the two numbers.
        Try: Put `return` before the two numbers, with a comma between them.
    returns-no-pair: Your function does not return two values. The caller needs the
        delay and the number of requests.
        Try: Return both with a comma between them: return delay, requests.
    returns-no-numbers: At least one of your two results is not a number. The caller
        compares and draws them, which is possible only with numbers.
        Try: Return plain numbers without a unit.
    swaps-the-two: Your function returns the two numbers in the wrong order. The caller
        then treats the requests as seconds.
        Try: Return the delay first, then the requests.
    worst-case-instead-of-mean: Your delay is the whole interval, which is the worst
        case. An event that happens just before the next request hardly waits.
        Try: Take the mean of all waits between 0 and the whole interval.
""")
NO_WAIT, MINUTES, DELAY_BY_RATE, PER_HOUR, UPSIDE_DOWN = mistakes("""
    no-wait-at-all: Your delay is 0. With polling, an event waits until your next
        request.
        Try: Think of an event that happens in the middle between two requests.
    delay-in-another-unit: Your delay is in another unit. The interval is in seconds,
        and so is the delay.
        Try: Remove the 60 or the 3,600 from the delay.
    delay-depends-on-the-events: Your delay depends on the number of events. How long an
        event waits for the next request does not depend on other events.
        Try: Compute the delay from the interval alone.
    requests-per-hour: Your second number is the requests per hour. The exercise asks
        for the requests per event.
        Try: Divide by the number of events in that hour.
    upside-down: Your second number is the events per request instead of the requests
        per event.
        Try: Invert the fraction: requests divided by events.
""")
EMPTY_ONLY, AT_LEAST_ONE, OTHER_HOUR, ONE_TOO_MANY, WHOLE = mistakes("""
    counts-only-the-empty-requests: Your code subtracts the requests that return an
        event. They cost as much as the others.
        Try: Count all requests of the hour, then divide by the events.
    at-least-one-request-an-event: Your second number is never less than 1. If you poll
        rarely, several events share one request, so each of them costs less than one
        request.
        Try: Remove the max: 0.1 requests per event is a correct result.
    another-hour: Your code does not convert an hour to 3,600 seconds. The interval is
        in seconds, and the events are per hour.
        Try: Divide the seconds of an hour by the interval to get the requests per hour.
    one-request-too-many: Your code counts one request too many per hour. The request at
        the end of one hour is also the first one of the next hour.
        Try: Remove the + 1: an hour has 3,600 / interval requests.
    whole-numbers-only: Your code rounds or truncates numbers to integers. The
        mean can be half a second, and an event can cost 0.1 requests.
        Try: Divide with / instead of //, and do not round.
""")

CONTRACT = contract("""
    given: You poll every `interval` seconds, all day long, and `events_per_hour` events
        happen per hour on average, at random moments.
    given: A request takes no time and returns everything that is new; both arguments
        are greater than 0, and they may be fractions.
    pair: Return two numbers, for example `(5.0, 30.0)` for `(10, 12)`.
    delay: The first is the mean delay of an event in seconds: from the moment when it
        happens to your next request.
    cost: The second is the number of requests per event.
    open: A deviation of up to 0.2% from the exact numbers is accepted.
""")

INPUTS = (
    (10, 12),
    (900, 60),
    (7, 9),
    (0.5, 1000),
    (2_000, 3),
    (3_600, 0.25),
    (5_400, 10),
    (86_400, 0.1),
    (1, 1),
    (60, 60),
    (0.001, 7),
    (3_599, 1),
    (7_200, 1),
    (30, 3_600),
)


def _trials() -> Iterator[Trial]:
    for look in ("pair", "delay", "cost"):
        for interval, events in INPUTS:
            changes = {"interval": interval, "events": events, "look": look}
            yield Trial(look, changes, also=_accepts(look, interval, events))


def _right(interval: float, events: float) -> tuple[float, float]:
    return interval / 2, 3_600 / interval / events


def _accepts(look: str, interval: float, events: float) -> Callable[[Any], bool]:
    """Accept any pair, or a number that is close enough."""
    place = {"delay": 0, "cost": 1}.get(look)
    wanted = _right(interval, events)

    def accepts(value: Any) -> bool:
        if not isinstance(value, _Pair):
            return False
        return place is None or _near(value[place], wanted[place])

    return accepts


class _Pair(tuple[float, float]):
    """Two numbers."""


def _normal(value: Any) -> Any:
    """Return a pair of numbers, or the form of any other value."""
    if isinstance(value, str | bytes | dict | set | frozenset):
        return exactly(value)
    try:
        first, second = value
    except (TypeError, ValueError):
        return exactly(None if value is None else "no pair")
    if isinstance(first, str | bytes) or isinstance(second, str | bytes):
        return "strings"
    try:
        return _Pair((float(first), float(second)))
    except (TypeError, ValueError):
        return "no numbers"


def _near(found: float, right: float) -> bool:
    return math.isclose(found, right, rel_tol=CLOSE, abs_tol=1e-9)


Formula = Callable[[float, float], float]


def _formula(mistake: Mistake, place: int, *formulas: Formula) -> list[Rule]:
    """Return the rules that one number is what one of the formulas gives.

    The solution must differ where formula and contract differ, and only there.
    """

    def of(formula: Formula) -> Rule:
        def is_it(fields: Fields, seen: Seen) -> bool:
            wrong = formula(fields["interval"], fields["events"])
            return isinstance(seen.value, _Pair) and _near(seen.value[place], wrong)

        def differs(fields: Fields) -> bool:
            if fields["look"] != ("delay", "cost")[place]:
                return False
            interval, events = fields["interval"], fields["events"]
            wrong, right = formula(interval, events), _right(interval, events)[place]
            return not _near(wrong, right)

        def agrees(fields: Fields) -> bool:
            return fields["look"] == ("delay", "cost")[place] and not differs(fields)

        return Rule(mistake, differs, agrees, is_it)

    return [of(formula) for formula in formulas]


def _swapped(fields: Fields, seen: Seen) -> bool:
    delay, cost = _right(fields["interval"], fields["events"])
    pair = isinstance(seen.value, _Pair)
    return pair and _near(seen.value[0], cost) and _near(seen.value[1], delay)


def _pairs(fields: Fields) -> bool:
    return bool(fields["look"] == "pair")


def _gives(*values: Any) -> Callable[[Fields, Seen], bool]:
    return lambda _, seen: any(exactly(seen.value) == exactly(each) for each in values)


def _no_pair(_: Fields, seen: Seen) -> bool:
    other = not isinstance(seen.value, _Pair) and seen.value not in (
        "strings",
        "no numbers",
    )
    return not seen.raised and other and seen.result is not None


MISTAKES: list[Proof] = [
    Rule(PRINTS, _pairs, how=lambda _, seen: not seen.raised and seen.result is None),
    Rule(NO_NUMBERS, _pairs, how=_gives("strings", "no numbers")),
    Rule(NO_PAIR, _pairs, how=_no_pair),
    Rule(
        SWAPPED,
        lambda f: (
            f["look"] != "pair" and not _near(*_right(f["interval"], f["events"]))
        ),
        how=_swapped,
    ),
    *_formula(WORST, 0, lambda i, _: i),
    *_formula(NO_WAIT, 0, lambda *_: 0),
    *_formula(
        MINUTES, 0, lambda i, _: i / 120, lambda i, _: i * 30, lambda i, _: i / 7_200
    ),
    *_formula(
        DELAY_BY_RATE,
        0,
        lambda i, n: i / 2 / n,
        lambda _, n: 1_800 / n,
        lambda _, n: 3_600 / n,
    ),
    *_formula(PER_HOUR, 1, lambda i, _: 3_600 / i),
    *_formula(UPSIDE_DOWN, 1, lambda i, n: n * i / 3_600),
    *_formula(
        EMPTY_ONLY,
        1,
        lambda i, n: 3_600 / i / n - 1,
        lambda i, n: max(0.0, 3_600 / i / n - 1),
    ),
    *_formula(ONE_TOO_MANY, 1, lambda i, n: (3_600 / i + 1) / n),
    *_formula(
        WHOLE,
        1,
        lambda i, n: math.floor(3_600 / i) / n,
        lambda i, n: math.ceil(3_600 / i) / n,
        lambda i, n: round(3_600 / i) / n,
    ),
    *_formula(
        WHOLE,
        1,
        lambda i, n: math.floor(3_600 / i / n),
        lambda i, n: math.ceil(3_600 / i / n),
        lambda i, n: round(3_600 / i / n),
    ),
    *_formula(
        WHOLE,
        0,
        lambda i, _: math.floor(i / 2),
        lambda i, _: math.ceil(i / 2),
        lambda i, _: round(i / 2),
    ),
    *_formula(AT_LEAST_ONE, 1, lambda i, n: max(1.0, 3_600 / i / n)),
    *_formula(
        OTHER_HOUR,
        1,
        lambda i, n: 60 / i / n,
        lambda i, n: 1 / i / n,
        lambda i, n: 86_400 / i / n,
    ),
]

DELAY_AND_COST = judged(
    id="1.2",
    lab="01_push_not_poll",
    wants="delay_and_cost(interval, events_per_hour) -> tuple[float, float]",
    hints=(
        (
            "Start with the delay. You poll at 0 s and at 10 s. How long does an event "
            "wait if it happens at 1 s, at 5 s, at 9 s?"
        ),
        (
            "Continue with the cost. How many requests does an hour of 3,600 s have, "
            "and how many events share them?"
        ),
        (
            "Neither needs an if: half of the interval, and the requests of an hour "
            "divided by its events."
        ),
    ),
    contract=CONTRACT,
    space=Space({"interval": 10, "events": 12, "look": "pair"}, _trials),
    observer=Function(
        lambda fields: [fields["interval"], fields["events"]],
        lambda fields: f"delay_and_cost({fields['interval']}, {fields['events']})",
        _normal,
    ),
    mistakes=MISTAKES,
)
