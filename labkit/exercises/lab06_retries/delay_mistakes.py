"""The mistakes of 6.2, and what many draws show of them."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from labkit.checks import Mistake
from labkit.checks.mistakes import Proof, Rule, raised
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.exercises.lab06_retries.draws import (
    ATTEMPTS,
    UNEVEN,
    Drawn,
    Draws,
    is_even,
    is_wait,
    unevenness,
    within,
)

ABOUT = 0.9
"""From this share on, a bound counts as the intended one when a mistake is named."""

NO_SECONDS = Mistake(
    "returns-no-seconds",
    "Your function does not return a number. Its caller passes the result to sleep, "
    "which needs a number of seconds.",
    "Return the delay itself: a float, in seconds.",
)
SLEEPS_ITSELF = Mistake(
    "sleeps-itself",
    "Your function sleeps. Then a test has to wait, and a sender with a thousand "
    "deliveries cannot sleep for one of them.",
    "Return the seconds and leave the waiting to the caller.",
)
ENDS_EARLY = Mistake(
    "ends-too-early",
    "Your function returns None too early. Ten attempts have nine waits between them, "
    "and each missing attempt halves the longest outage that an event survives.",
    "Check which attempts have been made if `attempt` is 9: one more is to come.",
)
OWN_CHANCE = Mistake(
    "takes-chance-from-elsewhere",
    "Your code takes its random numbers from somewhere other than `rng`. No test and "
    "no simulation can then repeat its results, because nobody knows the seed.",
    "Draw only with `rng`, for example with rng.uniform or rng.random.",
)
OWN_SEED = Mistake(
    "draws-the-same-number-every-time",
    "Your code draws the same number in each call, because it starts a generator from "
    "the same seed each time. Ten thousand senders that all draw the same are a "
    "thundering herd again.",
    "Do not create a generator or set a seed; draw from `rng`.",
)
REMEMBERS = Mistake(
    "counts-its-own-calls",
    "Your function counts its own calls. It serves all deliveries at once, so what it "
    "remembers of one delivery changes the waits of another.",
    "Use only the argument `attempt`, and keep nothing between two calls.",
)
NO_JITTER = Mistake(
    "no-jitter",
    "Your waits have no jitter, so all deliveries that failed together retry "
    "together. This thundering herd can take down a receiver that has only just "
    "recovered.",
    "Draw the wait between 0 and the upper bound instead of returning the bound.",
)
ON_TOP = Mistake(
    "jitter-on-top",
    "Your code waits for the whole upper bound and adds a random time. So all "
    "deliveries still come together, only a little later.",
    "Make the whole wait random: anything from 0 to the upper bound.",
)
EQUAL_JITTER = Mistake(
    "half-the-delay-is-fixed",
    "Half of your wait is fixed, and only the other half is random (this is called "
    "equal jitter). The deliveries are spread over only half of the time.",
    "Draw from 0 to the upper bound, with no fixed part before it.",
)
LITTLE_JITTER = Mistake(
    "part-of-the-delay-is-fixed",
    "A part of your wait is always the same, and only the rest is random. The "
    "smaller the random part, the closer together the deliveries arrive.",
    "Draw from 0 to the upper bound, with no fixed part and no lowest wait.",
)
NEGATIVE_WAIT = Mistake(
    "negative-wait",
    "Your function returns a negative wait. time.sleep raises an exception for it, "
    "and the delivery ends.",
    "Let the draw start at 0.",
)
MILLISECONDS = Mistake(
    "milliseconds",
    "Your waits are a thousand times too long. They seem to be in milliseconds, but "
    "the contract asks for seconds.",
    "Remove the factor of 1,000.",
)
OFF_BY_ONE = Mistake(
    "exponent-off-by-one",
    "Your exponent is off by one. `attempt` counts the attempts that were made, from "
    "1, so the upper bound after the first is 1 s, and 1 is 2 to the power of 0.",
    "Calculate your formula by hand for 1 and 2; the bounds must be 1 s and 2 s.",
)
NO_GROWTH = Mistake(
    "does-not-grow",
    "Your upper bound does not grow. Ten attempts are then over soon, and the event "
    "does not survive a longer outage.",
    "Double the upper bound with each attempt.",
)
LINEAR = Mistake(
    "grows-by-steps",
    "Your upper bound grows by the same step each time. Doubling starts just as fast "
    "and covers a much longer outage with the same number of attempts.",
    "Use a power of 2 instead of a product.",
)
CAP_TOO_LOW = Mistake(
    "cap-too-low",
    "Your upper bound stops growing too early. A low cap wastes the last attempts on "
    "an outage that is not over; the cap is 3,600 seconds.",
    "Check the unit of your cap.",
)
WRONG_BOUND = Mistake(
    "other-bounds",
    "Your upper bounds are wrong. After attempts 1, 2, 3 and 4 they must be 1, 2, "
    "4 and 8 seconds.",
    "Print the upper bound, without the draw, for attempts 1 to 4.",
)
WHOLE_SECONDS = Mistake(
    "whole-seconds",
    "Your code waits only whole seconds. Thousands of deliveries then retry at only a "
    "few different times: after the first attempt there are at most two of them.",
    "Draw a float, and do not round it.",
)
NOT_EVEN = Mistake(
    "not-evenly-spread",
    "Your code makes some waits more likely than others. Where waits are more "
    "likely, many deliveries retry at the same time.",
    "Draw each wait from 0 to the upper bound with equal probability, as rng.uniform "
    "does.",
)
NEVER_ENDS = Mistake(
    "never-ends",
    "Your function never returns None, so no event becomes a dead letter. Events "
    "that can never be delivered stay in the queue and delay the others.",
    "Return None if ten attempts have been made.",
)
ENDS_LATE = Mistake(
    "one-attempt-too-many",
    "Your function allows one attempt too many. If `attempt` is 10, ten attempts have "
    "been made, and ten is the limit.",
    "Check the comparison with 10: is it > or >=?",
)
NO_NONE_AT_END = Mistake(
    "no-none-at-the-end",
    'Your function returns a number after the last attempt. A wait of 0 means "try '
    'again now", so the sender retries without a pause. Only None ends the retries.',
    "Return None if ten attempts have been made.",
)
RAISES_AT_END = Mistake(
    "raises-at-the-end",
    "Your function raises an exception after the last attempt. Ten failed attempts "
    "are normal, and the caller would need a `try` around each call.",
    "Return None if ten attempts have been made.",
)


def _misdrawn(drawn: Drawn) -> Mistake | None:
    """Name the mistake that these draws show, or None. Shares are of the true bound."""
    rows = drawn.rows
    tops = [max(row.values) for row in rows]
    lows = [min(row.shares) for row in rows]
    highs = [max(row.shares) for row in rows]
    if all(len(set(row.values)) == 1 for row in rows):
        return OWN_SEED if drawn.noted.seeds else _constant(tops)
    if all(value.is_integer() for row in rows[3:] for value in row.values):
        return WHOLE_SECONDS
    if min(lows) < 0:
        return NEGATIVE_WAIT
    if min(highs) > 300:
        return MILLISECONDS
    if tops[-1] < 3 * tops[0]:
        return NO_GROWTH
    if min(lows) > 0.99:
        return ON_TOP
    if max(lows[2:]) > 0.1 and _has_fixed_part(rows):
        half = min(lows) > 0.4 and max(highs) < 1.01
        return EQUAL_JITTER if half else LITTLE_JITTER
    if mistake := _wrong_bounds(rows):
        return mistake
    return NOT_EVEN if within(rows) and not is_even(rows) else None


def _constant(waits: Sequence[float]) -> Mistake | None:
    if waits[0] == waits[-1]:
        return NO_GROWTH
    steps = [later / earlier for earlier, later in pairwise(waits) if earlier]
    # Powers of two, capped or not; anything else is a number that was drawn once.
    whole = all(wait.is_integer() or wait == 0.5 for wait in waits)
    return NO_JITTER if whole and all(step >= 1 for step in steps) else None


def _has_fixed_part(rows: Sequence[Draws]) -> bool:
    """Whether the waits are even between their lowest and their highest value."""
    shares: list[float] = []
    for row in rows:
        low, high = min(row.values), max(row.values)
        if high > low:
            shares += [(value - low) / (high - low) for value in row.values]
    return bool(shares) and unevenness(shares) <= UNEVEN


def _wrong_bounds(rows: Sequence[Draws]) -> Mistake | None:
    tops = [max(row.values) for row in rows]
    highs = [max(row.shares) for row in rows]
    if all(ABOUT <= share <= 1 + 1e-9 for share in highs):
        return None
    for off in (0.5, 2.0):
        if all(ABOUT <= share / off <= 1 + 1e-9 for share in highs):
            return OFF_BY_ONE
    steps = enumerate(tops, start=1)
    if all(ABOUT <= top / number <= 1 + 1e-9 for number, top in steps):
        return LINEAR
    if ABOUT <= highs[0] <= 1 and ABOUT <= tops[-2] / tops[-1] <= 1 / ABOUT:
        return CAP_TOO_LOW
    within = [value / (max(row.values) or 1) for row in rows for value in row.values]
    beyond = max(highs) > 1 or min(highs) == 0
    return WRONG_BOUND if beyond or unevenness(within) <= UNEVEN else None


def _at(look: str, *attempts: int) -> Callable[[Fields], bool]:
    def at(fields: Fields) -> bool:
        here = not attempts or fields["attempt"] in attempts
        return fields["look"] == look and here

    return at


def _shows(mistake: Mistake) -> Rule:
    """Return the rule for a mistake that the draws show."""

    def how(_: Fields, seen: Seen) -> bool:
        return isinstance(seen.result, Drawn) and _misdrawn(seen.result) is mistake

    return Rule(mistake, lambda f: f["look"] in ("bound", "even"), how=how, some=True)


def _no_wait(_: Fields, seen: Seen) -> bool:
    return not seen.raised and seen.value != "slept"


def _a_number(_: Fields, seen: Seen) -> bool:
    return is_wait(seen.result) and seen.result > 0


MISTAKES: Sequence[Proof] = (
    Rule(
        SLEEPS_ITSELF,
        _at("number"),
        how=lambda _, seen: seen.value == "slept",
        some=True,
    ),
    Rule(
        ENDS_EARLY,
        _at("number", *range(2, ATTEMPTS)),
        _at("number", 1),
        lambda _, seen: seen.result is None and not seen.raised,
        some=True,
    ),
    Rule(NO_SECONDS, _at("number", 1), how=_no_wait, may=_at("number")),
    Rule(
        OWN_CHANCE,
        _at("same"),
        _at("number"),
        lambda _, seen: seen.result is False and seen.error is None,
        some=True,
    ),
    Rule(
        REMEMBERS,
        _at("same"),
        _at("number"),
        lambda _, seen: seen.result is True and seen.error is None,
        some=True,
    ),
    Rule(REMEMBERS, lambda _: True, some=True, stateful=True),
    *map(
        _shows,
        (
            NO_JITTER,
            ON_TOP,
            EQUAL_JITTER,
            LITTLE_JITTER,
            NEGATIVE_WAIT,
            MILLISECONDS,
            OFF_BY_ONE,
            NO_GROWTH,
            LINEAR,
            CAP_TOO_LOW,
            WRONG_BOUND,
            WHOLE_SECONDS,
            NOT_EVEN,
            OWN_SEED,
        ),
    ),
    Rule(ENDS_LATE, _at("end", 10), _at("end", 11, 12, 100), _a_number),
    Rule(NEVER_ENDS, _at("end"), how=_a_number),
    Rule(RAISES_AT_END, _at("end"), _at("number"), raised()),
    Rule(NO_NONE_AT_END, _at("end"), how=lambda f, seen: not _a_number(f, seen)),
)
