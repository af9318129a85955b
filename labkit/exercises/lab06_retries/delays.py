"""6.2: how long to wait, told from many draws."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from labkit.checks import Exercise, Mistake, Question, quietly, short
from labkit.exercises.lab06_retries.clock import real_sleeps

NextDelay = Callable[[int, random.Random], float | None]

ATTEMPTS = 10
CAP = 3600.0
DRAWS = 300
UNEVEN = 0.06
"""A gap that even draws, 2,700 of them, show once in more than a million times."""
NEARLY = 0.9
"""The largest of so many draws is above this share of the bound."""

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
    "Create no generator and set no seed; draw from `rng`.",
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
    "A part of your wait is always the same, and only the rest is random. The smaller "
    "the random part, the closer together the deliveries come.",
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
    "Your upper bounds are wrong. After the attempts 1, 2, 3 and 4 they must be 1, 2, "
    "4 and 8 seconds.",
    "Print the upper bound, without the draw, for the attempts 1 to 4.",
)
WHOLE_SECONDS = Mistake(
    "whole-seconds",
    "Your code waits only whole seconds. Thousands of deliveries then retry in a few "
    "moments: after the first attempt there are two of them at most.",
    "Draw a float, and do not round it.",
)
NOT_EVEN = Mistake(
    "not-evenly-spread",
    "Your code makes some waits more likely than others. Where they are dense, many "
    "deliveries retry at the same time.",
    "Draw each wait from 0 to the upper bound with equal probability, as rng.uniform "
    "does.",
)
NEVER_ENDS = Mistake(
    "never-ends",
    "Your function never returns None, so no event becomes a dead letter. The queue "
    "of hopeless events grows and delays the others.",
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


@dataclass(frozen=True, slots=True)
class Draws:
    """Many waits after the same number of attempts; `bound` is what they may reach."""

    attempt: int
    values: tuple[float, ...]

    @property
    def bound(self) -> float:
        """The longest wait that there may be, in seconds."""
        return min(CAP, 2.0 ** (self.attempt - 1))

    @property
    def lowest(self) -> float:
        """The lowest wait as a share of the bound."""
        return min(self.values) / self.bound

    @property
    def highest(self) -> float:
        """The highest wait as a share of the bound."""
        return max(self.values) / self.bound

    def __str__(self) -> str:
        low, high = min(self.values), max(self.values)
        return f"attempt {self.attempt}: {low:.2f} to {high:.2f} s"


def gives_seconds(next_delay: NextDelay) -> None:
    """The function returns a number of seconds after each of nine attempts."""
    for attempt in range(1, ATTEMPTS):
        ask = _about_wait(f"next_delay({attempt}, rng)", "a number of seconds")
        with real_sleeps() as slept:
            answered = ask.call(next_delay, attempt, random.Random(attempt))
        if slept:
            ask.fail(f"it slept {slept[0]:.2f} s by itself", SLEEPS_ITSELF)
        if answered is None and attempt > 1:
            ask.fail("None, the end", ENDS_EARLY)
        if isinstance(answered, bool) or not isinstance(answered, (int, float)):
            kind = "nothing" if answered is None else f"a {type(answered).__name__}"
            ask.fail(f"{kind}, and no number", NO_SECONDS)


def is_repeatable(next_delay: NextDelay) -> None:
    """The same state of `rng` gives the same wait."""
    for attempt in (1, 5, 9):
        ask = _about_wait(
            f"next_delay({attempt}, random.Random(7)), twice", "the same wait twice"
        )
        rngs = (random.Random(7), random.Random(7))
        waits = [ask.call(next_delay, attempt, rng) for rng in rngs]
        if None in waits:
            ask.fail(f"{short(waits[0])}, then {short(waits[1])}", REMEMBERS)
        if waits[0] != waits[1]:
            drawn = rngs[0].getstate() != random.Random(7).getstate()
            ask.fail("two different waits", REMEMBERS if drawn else OWN_CHANCE)


def has_full_jitter(next_delay: NextDelay) -> None:
    """The waits go from 0 to an upper bound that starts at 1 s and doubles."""
    rows = [_draw(next_delay, attempt) for attempt in range(1, ATTEMPTS)]
    ask = _about_wait(
        f"next_delay(attempt, rng), {DRAWS:,} times for each attempt from 1 to 9",
        "attempt 1: 0 to 1 s; attempt 2: 0 to 2 s; attempt 3: 0 to 4 s; … attempt 9: "
        "0 to 256 s",
    )
    mistake = _misdrawn(rows)
    if mistake:
        shown = "; ".join(str(row) for row in rows[:3])
        ask.fail(f"{shown}; … {rows[-1]}", mistake)


def spreads_evenly(next_delay: NextDelay) -> None:
    """All waits between 0 and the upper bound are equally likely."""
    rows = [_draw(next_delay, attempt) for attempt in range(1, ATTEMPTS)]
    shares = [value / row.bound for row in rows for value in row.values]
    quarters = [0] * 4
    for share in shares:
        quarters[min(3, int(share * 4))] += 1
    ask = _about_wait(
        f"next_delay(attempt, rng), {DRAWS:,} times for each attempt from 1 to 9",
        "about 25% of the waits in each quarter of the upper bound",
    )
    if _unevenness(shares) > UNEVEN:
        shown = ", ".join(f"{round(100 * n / len(shares))}%" for n in quarters)
        ask.fail(f"{shown} in the four quarters", NOT_EVEN)
    if _has_floor(rows):
        shown = "; ".join(f"{row.attempt}: {min(row.values):.3f} s" for row in rows)
        ask.fail(f"the shortest waits after each attempt: {shown}")


def comes_to_an_end(next_delay: NextDelay) -> None:
    """The function returns None from the tenth attempt on."""
    for attempt in (10, 11, 100):
        ask = _about_wait(f"next_delay({attempt}, rng)", "None")
        known: dict[type[BaseException], Mistake] = {Exception: RAISES_AT_END}
        answered = ask.call(next_delay, attempt, random.Random(1), known=known)
        if answered is None:
            continue
        if not isinstance(answered, (int, float)) or answered in (0, -1, math.inf):
            ask.fail(short(answered), NO_NONE_AT_END)
        ends_later = quietly(next_delay, 100, random.Random(1)) is None
        ask.fail("a number of seconds", ENDS_LATE if ends_later else NEVER_ENDS)


def _draw(next_delay: NextDelay, attempt: int) -> Draws:
    ask = _about_wait(f"next_delay({attempt}, rng), many times", "a wait each time")
    rng = random.Random(f"lab 06, attempt {attempt}")
    values = []
    for _ in range(DRAWS):
        value = ask.call(next_delay, attempt, rng)
        if not isinstance(value, (int, float)):
            ask.fail(f"{short(value)} after some calls", REMEMBERS)
        values.append(float(value))
    return Draws(attempt, tuple(values))


def _misdrawn(rows: Sequence[Draws]) -> Mistake | None:
    """Name the mistake that these draws show, or None. Shares are of the true bound."""
    tops = [max(row.values) for row in rows]
    lows = [row.lowest for row in rows]
    highs = [row.highest for row in rows]
    if all(len(set(row.values)) == 1 for row in rows):
        return _constant(tops)
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
    return _wrong_bounds(rows)


def _has_floor(rows: Sequence[Draws]) -> bool:
    """Whether no wait is near 0; even draws show that once in a million times."""
    return (
        any(row.lowest > 0.06 for row in rows)
        or min(row.lowest for row in rows) > 0.006
    )


def _has_fixed_part(rows: Sequence[Draws]) -> bool:
    """Whether the waits are even between their lowest and their highest value."""
    shares: list[float] = []
    for row in rows:
        low, high = min(row.values), max(row.values)
        if high > low:
            shares += [(value - low) / (high - low) for value in row.values]
    return bool(shares) and _unevenness(shares) <= UNEVEN


def _constant(waits: Sequence[float]) -> Mistake:
    if waits[0] == waits[-1]:
        return NO_GROWTH
    steps = [later / earlier for earlier, later in pairwise(waits) if earlier]
    # Powers of two, capped or not; anything else is a number that was drawn once.
    whole = all(wait.is_integer() or wait == 0.5 for wait in waits)
    return NO_JITTER if whole and all(step >= 1 for step in steps) else OWN_SEED


def _wrong_bounds(rows: Sequence[Draws]) -> Mistake | None:
    tops = [max(row.values) for row in rows]
    highs = [row.highest for row in rows]
    if all(NEARLY <= share <= 1 + 1e-9 for share in highs):
        return None
    for off in (0.5, 2.0):
        if all(NEARLY <= share / off <= 1 + 1e-9 for share in highs):
            return OFF_BY_ONE
    steps = enumerate(tops, start=1)
    if all(NEARLY <= top / number <= 1 + 1e-9 for number, top in steps):
        return LINEAR
    if NEARLY <= highs[0] <= 1 and NEARLY <= tops[-2] / tops[-1] <= 1 / NEARLY:
        return CAP_TOO_LOW
    within = [value / (max(row.values) or 1) for row in rows for value in row.values]
    beyond = max(highs) > 1 or min(highs) == 0
    return WRONG_BOUND if beyond or _unevenness(within) <= UNEVEN else None


def _unevenness(shares: Sequence[float]) -> float:
    """Return the largest gap between the draws and an even spread (Kolmogorov's D)."""
    ordered = sorted(shares)
    count = len(ordered)
    return max(
        max(place / count - share, share - (place - 1) / count)
        for place, share in enumerate(ordered, start=1)
    )


def _about_wait(sent: str, expected: str) -> Question:
    return Question(
        sent=sent,
        expected=expected,
        why="The upper bound doubles, the wait is random, and the retries end.",
        try_next="Calculate by hand what comes after the attempts 1, 2, 9 and 10.",
    )


NEXT_DELAY = Exercise(
    id="6.2",
    lab="06_retries",
    wants="next_delay(attempt, rng) -> float | None",
    cases=(
        gives_seconds,
        is_repeatable,
        has_full_jitter,
        spreads_evenly,
        comes_to_an_end,
    ),
    hints=(
        "Go in three steps: is it over, what is the upper bound, how long is the wait?",
        "The upper bound is 2 to the power of attempt minus 1.",
        "min(3600, bound) is the cap. rng.uniform(low, high) draws a float.",
    ),
)
