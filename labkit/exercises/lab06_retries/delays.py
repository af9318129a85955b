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
    "The loop that calls you hands your answer to a sleep, and a sleep wants a number "
    "of seconds.",
    "Return the delay itself: a float, in seconds.",
)
SLEEPS_ITSELF = Mistake(
    "sleeps-itself",
    "A function that sleeps can't be tested without waiting, and a sender that "
    "carries a thousand deliveries can't sleep for one of them.",
    "Return the seconds and leave the waiting to the caller.",
)
ENDS_EARLY = Mistake(
    "ends-too-early",
    "Ten attempts were agreed on, so nine waits lie between them. Every attempt that "
    "is missing makes the longest outage that an event survives half as long.",
    "Ask which attempts have been made when `attempt` is 9: is there one to come?",
)
OWN_CHANCE = Mistake(
    "takes-chance-from-elsewhere",
    "The chance was handed to you as `rng`, and you took it from somewhere else. Then "
    "no test and no simulation can be repeated, because nobody knows the seed.",
    "Draw with `rng`, for example rng.uniform or rng.random, and nothing else.",
)
OWN_SEED = Mistake(
    "draws-the-same-number-every-time",
    "A generator that starts from the same seed in each call gives the same number in "
    "each call. Ten thousand senders that all draw the same are a herd again.",
    "Make no generator and set no seed; draw from the `rng` that was handed to you.",
)
REMEMBERS = Mistake(
    "counts-its-own-calls",
    "One function serves all deliveries at once. What it remembers of one delivery, "
    "the next one suffers from: it waits too long or is given up too early.",
    "Work from the argument `attempt` alone and keep nothing between two calls.",
)
NO_JITTER = Mistake(
    "no-jitter",
    "Without chance, all deliveries that failed at the same moment come back at the "
    "same moment, again and again. A receiver that just got up is run over by the "
    "crowd.",
    "Draw the wait between 0 and the bound in place of the bound itself.",
)
ON_TOP = Mistake(
    "jitter-on-top",
    "You wait the whole bound and then some more. The crowd still comes as a crowd, "
    "only a little later, and with its edge blurred.",
    "Let chance decide about the whole wait: anything from 0 to the bound.",
)
EQUAL_JITTER = Mistake(
    "half-the-delay-is-fixed",
    "Half of the wait is fixed and only the other half is drawn (this is called equal "
    "jitter). The crowd is spread over half of the time that there is.",
    "Draw from 0 to the bound, with no fixed part before it.",
)
LITTLE_JITTER = Mistake(
    "part-of-the-delay-is-fixed",
    "A part of the wait is always the same, and chance only touches the rest. The "
    "less chance decides, the closer together the crowd comes back.",
    "Draw from 0 to the bound, with no fixed part and no lowest wait.",
)
NEGATIVE_WAIT = Mistake(
    "negative-wait",
    "Chance took more than there was: a wait below zero makes time.sleep raise, and "
    "the delivery ends there.",
    "Let the draw start at 0.",
)
MILLISECONDS = Mistake(
    "milliseconds",
    "Your numbers are a thousand times too large: these are milliseconds, and the "
    "wait is in seconds.",
    "Leave out the factor of 1,000.",
)
OFF_BY_ONE = Mistake(
    "exponent-off-by-one",
    "`attempt` counts the attempts that have been made, from 1. After the first one "
    "the bound is 1 s, and 1 is 2 to the power of 0.",
    "Put the values 1 and 2 into your formula by hand; bounds of 1 s and 2 s must "
    "come.",
)
NO_GROWTH = Mistake(
    "does-not-grow",
    "The bound is the same after the ninth attempt as after the first. Ten attempts "
    "are over in no time then, and the outage outlives them.",
    "Let the bound double with each attempt.",
)
LINEAR = Mistake(
    "grows-by-steps",
    "Your bound grows by the same step each time. Doubling starts just as quick and "
    "reaches much further with the same number of attempts.",
    "Raise 2 to a power in place of multiplying.",
)
CAP_TOO_LOW = Mistake(
    "cap-too-low",
    "Your bound stops growing before it is due. The cap is 3,600 seconds, an hour; a "
    "lower one wastes the last attempts on an outage that is not over.",
    "Look at the unit of your cap.",
)
WRONG_BOUND = Mistake(
    "other-bounds",
    "The bounds after the attempts 1, 2, 3, 4 are 1, 2, 4, 8 seconds. Yours are "
    "others.",
    "Print the bound, without the draw, for attempts 1 to 4.",
)
WHOLE_SECONDS = Mistake(
    "whole-seconds",
    "You wait whole seconds only. A crowd of thousands is then spread over a few "
    "sharp points: after the first attempt there are two of them at most.",
    "Draw a float, and cut nothing off it.",
)
NOT_EVEN = Mistake(
    "not-evenly-spread",
    "The wait stays within its bounds, but some waits come more often than others. "
    "Where they are dense, there the crowd is.",
    "Draw each wait from 0 to the bound with the same chance, as rng.uniform does.",
)
NEVER_ENDS = Mistake(
    "never-ends",
    "A delivery that is never given up is never seen as a dead letter either. The "
    "queue of the hopeless grows until it holds up the rest.",
    "Return None when ten attempts have been made.",
)
ENDS_LATE = Mistake(
    "one-attempt-too-many",
    "When `attempt` is 10, ten attempts have been made, and ten was the limit. You "
    "allow one more.",
    "Look at the comparison with 10: is it > or >=?",
)
NO_NONE_AT_END = Mistake(
    "no-none-at-the-end",
    "A wait of 0 means: try again now. Who hears that at the end tries again at once, "
    "and again, without a pause. Only None says that it is over.",
    "Return None when ten attempts have been made.",
)
RAISES_AT_END = Mistake(
    "raises-at-the-end",
    "Ten failed attempts are an everyday thing, and no error of the program. The "
    "caller would need a try around every call.",
    "Return None when ten attempts have been made.",
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
    """After each of the first nine attempts there is a number of seconds to wait."""
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
    """The same seed gives the same wait."""
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
    """Waits are spread from 0 to a bound that doubles from 1 s on."""
    rows = [_draw(next_delay, attempt) for attempt in range(1, ATTEMPTS)]
    ask = _about_wait(
        f"next_delay(attempt, rng), {DRAWS:,} times for each attempt from 1 to 9",
        "attempt 1: 0 to 1 s; attempt 2: 0 to 2 s; attempt 3: 0 to 4 s; … attempt 9: "
        "0 to 256 s",
    )
    if mistake := _misdrawn(rows):
        shown = "; ".join(str(row) for row in rows[:3])
        ask.fail(f"{shown}; … {rows[-1]}", mistake)


def spreads_evenly(next_delay: NextDelay) -> None:
    """No wait within the bounds comes more often than another."""
    shares: list[float] = []
    for attempt in range(1, ATTEMPTS):
        row = _draw(next_delay, attempt)
        shares += [value / row.bound for value in row.values]
    quarters = [0] * 4
    for share in shares:
        quarters[min(3, int(share * 4))] += 1
    ask = _about_wait(
        f"next_delay(attempt, rng), {DRAWS:,} times for each attempt from 1 to 9",
        "about 25 % of the waits in each quarter of the bound",
    )
    if _unevenness(shares) > UNEVEN:
        shown = ", ".join(f"{round(100 * n / len(shares))} %" for n in quarters)
        ask.fail(f"{shown} in the four quarters", NOT_EVEN)


def comes_to_an_end(next_delay: NextDelay) -> None:
    """From the tenth attempt on there is no next one: None."""
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
    if min(lows) > 0.4:
        return EQUAL_JITTER if max(highs) < 1.01 else LITTLE_JITTER
    if max(lows[2:]) > 0.1:
        return LITTLE_JITTER
    return _wrong_bounds(tops, highs)


def _constant(waits: Sequence[float]) -> Mistake:
    if waits[0] == waits[-1]:
        return NO_GROWTH
    steps = [later / earlier for earlier, later in pairwise(waits) if earlier]
    # Powers of two, capped or not; anything else is a number that was drawn once.
    whole = all(wait.is_integer() or wait == 0.5 for wait in waits)
    return NO_JITTER if whole and all(step >= 1 for step in steps) else OWN_SEED


def _wrong_bounds(tops: Sequence[float], highs: Sequence[float]) -> Mistake | None:
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
    return WRONG_BOUND


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
        why="The wait doubles, is drawn by chance, and has an end.",
        try_next="Work out by hand what comes after the attempts 1, 2, 9 and 10.",
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
        "Three steps: is it over, how long could the wait be, how long is it?",
        "The bound after `attempt` attempts is 2 to the power of attempt minus 1.",
        "min(3600, bound) caps it. rng.uniform(low, high) draws between two numbers.",
    ),
)
