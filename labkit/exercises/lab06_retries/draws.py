"""Many waits that next_delay has drawn, and facts about them."""

import math
import random
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from labkit.checks.observing import Seen, exactly, outcome
from labkit.checks.space import Fields
from labkit.exercises.lab06_retries.clock import real_sleeps
from labkit.running.fresh import kept_memory

ATTEMPTS = 10
DRAWS = 200
"""How many waits are drawn after each attempt; after the ninth, twice as many."""
FAR_DRAWS = 4500
"""How many more are drawn after the ninth attempt, to tell a cap of 255 s from 256."""
SELDOM = 1e-7
"""With this probability at most, even draws go beyond one of the limits."""
UNEVEN = 0.068
"""The largest gap (Kolmogorov's D) of all draws."""
UNEVEN_ROW = 0.21
"""The largest gap of the draws after one attempt."""
ALIKE = 0.1
"""The largest gap between the draws of two samples."""
ALIKE_ROW = 0.3
"""The largest gap between two samples after one attempt."""
FEW = 50
"""Hundredths of a second between 0 and 1 give more different waits than this."""


@dataclass(frozen=True, slots=True)
class Draws:
    """Many waits after the same number of attempts; `bound` is what they may reach."""

    attempt: int
    values: tuple[float, ...]

    @property
    def bound(self) -> float:
        """The longest wait that there may be, in seconds."""
        return 2.0 ** (self.attempt - 1)

    @property
    def low(self) -> float:
        """The shortest wait."""
        return min(self.values)

    @property
    def top(self) -> float:
        """The longest wait."""
        return max(self.values)

    @property
    def shares(self) -> list[float]:
        """The waits as shares of the bound."""
        return [value / self.bound for value in self.values]

    @property
    def own_shares(self) -> list[float]:
        """Where the waits are between the shortest and the longest of them."""
        width = self.top - self.low
        return [(value - self.low) / width for value in self.values] if width else []

    def __str__(self) -> str:
        return f"attempt {self.attempt}: {self.low:.2f} to {self.top:.2f} s"


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The waits after 1 to 9 attempts. Two samples are equal if they look alike.

    `far` are more waits after the ninth attempt, which only show how far they go.
    `seeds` is whether the solution set the seed of a generator.
    """

    rows: Sequence[Draws]
    far: Draws
    seeds: bool = False

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sample):
            return NotImplemented
        pairs = zip(self.rows, other.rows, strict=True)
        alike = all(_apart(a.shares, b.shares) <= ALIKE_ROW for a, b in pairs)
        return alike and _apart(self.shares, other.shares) <= ALIKE

    __hash__ = None  # type: ignore[assignment]  # being alike is not transitive

    @property
    def shares(self) -> list[float]:
        """All waits as shares of their bounds."""
        return [share for row in self.rows for share in row.shares]

    @property
    def is_within(self) -> bool:
        """Whether all waits are between 0 and the bound."""
        shares = (*self.shares, *self.far.shares)
        return all(0 <= share <= 1 + 1e-9 for share in shares)

    @property
    def is_bounded(self) -> bool:
        """Whether the waits after each attempt go from 0 to the bound."""
        rows = [self.shares, *(row.shares for row in (*self.rows, self.far))]
        return self.is_within and all(map(_go_to_the_ends, rows))

    @property
    def is_even(self) -> bool:
        """Whether all waits up to the bound seem to have the same probability."""
        each = max(_unevenness(row.shares) for row in self.rows)
        return _unevenness(self.shares) <= UNEVEN and each <= UNEVEN_ROW

    @property
    def is_even_inside(self) -> bool:
        """Whether the waits are even between their own shortest and longest."""
        inside = [share for row in self.rows for share in row.own_shares]
        return bool(inside) and _unevenness(inside) <= UNEVEN

    @property
    def is_uneven_only(self) -> bool:
        """Whether the waits leave out only what is below the top of the range.

        Then the range is right, and its waits have different probabilities.
        """
        reaches = all(row.top > 0.8 * row.bound for row in self.rows)
        if not (self.is_within and reaches) or (self.is_even and self.is_fine):
            return False
        from_zero = all(row.low < 0.1 * row.top for row in self.rows)
        return not (self.is_even_inside and from_zero)

    @property
    def is_constant(self) -> bool:
        """Whether the wait after each attempt is always the same."""
        return all(row.low == row.top for row in self.rows)

    @property
    def is_whole(self) -> bool:
        """Whether all waits are whole seconds."""
        return all(each.is_integer() for row in self.rows for each in row.values)

    @property
    def is_fine(self) -> bool:
        """Whether there are many different waits after each attempt."""
        return all(len(set(row.values)) > FEW for row in self.rows)

    def in_quarters(self) -> str:
        """Say how many waits are in each quarter of the range."""
        shares = self.shares
        quarters = [0] * 4
        for share in shares:
            quarters[max(0, min(3, int(share * 4)))] += 1
        shown = ", ".join(f"{round(100 * n / len(shares))}%" for n in quarters)
        text = f"{shown} in the four quarters of the range"
        few = min(self.rows, key=lambda row: len(set(row.values)))
        if self.is_fine:
            return text
        count = len(set(few.values))
        number = "one wait" if count == 1 else f"{count} different waits"
        calls = f"in {len(few.values)} calls"
        return f"{text}; only {number} after attempt {few.attempt}, {calls}"


@dataclass(frozen=True, slots=True)
class Drawing:
    """Calls a solution once, twice with the same `rng`, or very often.

    `look` says what is compared: whether the result is a number, the same again, in
    the bounds, evenly spread, or exactly what the reference returns. The draws that
    were made for the bounds also serve for the spread.
    """

    _kept: list[tuple[Any, Sample | Seen]] = field(default_factory=list)

    def show(self, fields: Fields) -> str:
        """Return the call."""
        attempt, look = fields["attempt"], fields["look"]
        if look in ("bound", "even"):
            return (
                f"next_delay(attempt, rng), {DRAWS} times or more for attempts 1 to 9"
            )
        if look == "same":
            between = f", next_delay({10 - attempt}, rng)" if fields["between"] else ""
            again = f"next_delay({attempt}, random.Random({fields['seed']}))"
            return f"{again}{between}, {again}"
        return f"next_delay({attempt}, rng)"

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Call the solution."""
        look = fields["look"]
        if look == "same":
            return self._twice(solution, fields)
        if look in ("bound", "even"):
            return self._often(solution, look)
        return self._once(solution, fields)

    def _once(self, solution: Any, fields: Fields) -> Seen:
        rng = random.Random(fields["seed"])
        with real_sleeps() as slept:
            seen = outcome(lambda: solution(fields["attempt"], rng), exactly)
        if slept:
            return Seen("slept", f"it slept {slept[0]:.2f} s by itself", seen.error)
        if fields["look"] == "end" or not is_wait(seen.result):
            return seen
        return Seen("a number", f"{seen.result:.3f}", None, seen.result)

    def _twice(self, solution: Any, fields: Fields) -> Seen:
        attempt = fields["attempt"]
        rngs = [random.Random(fields["seed"]) for _ in range(2)]
        state = rngs[0].getstate()
        with real_sleeps():
            first = outcome(lambda: solution(attempt, rngs[0]), exactly)
            if fields["between"]:
                outcome(lambda: solution(10 - attempt, random.Random(1)), exactly)
            second = outcome(lambda: solution(attempt, rngs[1]), exactly)
            good = is_wait(first.result) and first.value == second.value
            moved = rngs[0].getstate() != state
            remembers = moved and not good and _same_memory_same_wait(solution, fields)
        text = "the same number twice" if good else f"{first.text}, then {second.text}"
        return Seen(good, text, first.error or second.error, remembers)

    def _often(self, solution: Any, look: str) -> Seen:
        kept = [found for whose, found in self._kept if whose is solution]
        self._kept.clear()
        sample = kept[0] if kept and look == "even" else _drawn(solution)
        if isinstance(sample, Seen):
            return sample
        if look == "bound":
            self._kept.append((solution, sample))
            # One wait in the range, again and again, is a matter of the spread.
            constant = sample.is_within and sample.is_constant
            good = sample.is_bounded or constant or sample.is_uneven_only
            rows = [*map(str, sample.rows[:3])]
            text = "; ".join([*rows, f"… {sample.far}"])
        else:
            good, text = sample.is_even and sample.is_fine, sample.in_quarters()
        return Seen(good or sample, text, None, sample)


def _same_memory_same_wait(solution: Any, fields: Fields) -> bool:
    """Whether the same memory and the same `rng` give the same wait."""
    with kept_memory(solution) as memory:
        values = set()
        for _ in range(3):
            memory.freshen()
            rng = random.Random(fields["seed"])
            seen = outcome(lambda: solution(fields["attempt"], rng), exactly)  # noqa: B023 - called at once
            values.add(seen.value)
    return bool(memory.doubts) or len(values) == 1


def is_wait(value: Any) -> bool:
    """Whether this is a finite number, and not True or False."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and math.isfinite(value)


def _drawn(solution: Any) -> Sample | Seen:
    """Return many draws, or what was seen of a call that returned no number."""
    rows: list[Draws] = []
    with real_sleeps(), _noting_seeds() as seeds:
        last = ATTEMPTS - 1
        plan = [(attempt, DRAWS) for attempt in range(1, last)]
        for attempt, times in (*plan, (last, 2 * DRAWS), (last, FAR_DRAWS)):
            rng = random.Random(f"lab 06, attempt {attempt}")
            del seeds[:]
            seen = outcome(
                lambda: [solution(attempt, rng) for _ in range(times)],  # noqa: B023 - called at once
                lambda values: next((exactly(v) for v in values if not is_wait(v)), ""),
            )
            if seen.value:
                return seen
            rows.append(Draws(attempt, tuple(map(float, seen.result))))
        return Sample(rows[:-1], rows[-1], bool(seeds))


@contextmanager
def _noting_seeds() -> Iterator[list[Any]]:
    """Note the seeds that generators get in this thread."""
    mine, kept = threading.get_ident(), random.Random.seed
    seeds: list[Any] = []

    def seed(self: random.Random, a: Any = None, *rest: Any, **named: Any) -> None:
        if threading.get_ident() == mine and a is not None:
            seeds.append(a)
        kept(self, a, *rest, **named)

    random.Random.seed = seed  # type: ignore[method-assign]  # put back below
    try:
        yield seeds
    finally:
        random.Random.seed = kept  # type: ignore[method-assign]  # as it was


def _go_to_the_ends(shares: Sequence[float]) -> bool:
    """Whether some of the draws are as near to 0 and to 1 as even draws are."""
    near = math.exp(math.log(SELDOM) / len(shares))
    return min(shares) < 1 - near and max(shares) > near


def _unevenness(shares: Sequence[float]) -> float:
    """Return the largest gap between the draws and an even spread from 0 to 1."""
    ordered, count = sorted(shares), len(shares)
    return max(
        max(place / count - share, share - (place - 1) / count)
        for place, share in enumerate(ordered, start=1)
    )


def _apart(one: Iterable[float], other: Iterable[float]) -> float:
    """Return the largest gap between two samples of the same size."""
    both = sorted([*((each, 1) for each in one), *((each, -1) for each in other)])
    gap = largest = 0
    for place, (value, step) in enumerate(both):
        gap += step
        if place + 1 == len(both) or both[place + 1][0] != value:
            largest = max(largest, abs(gap))
    return largest / (len(both) / 2)
