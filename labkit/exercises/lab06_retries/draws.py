"""Many waits that next_delay has drawn, and facts about them."""

import math
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from labkit.checks.observing import Seen, exactly, outcome
from labkit.checks.space import Fields
from labkit.exercises.lab06_retries.clock import real_sleeps

ATTEMPTS = 10
DRAWS = 400
UNEVEN = 0.05
"""A gap that even draws, 3,600 of them, show once in ten million times."""
UNEVEN_ROW = 0.15
"""A gap that 400 even draws show once in ten million times."""
NEARLY = 0.95
"""The largest of so many draws is above this share of the bound."""


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
    def shares(self) -> list[float]:
        """The waits as shares of the bound."""
        return [value / self.bound for value in self.values]

    def __str__(self) -> str:
        low, high = min(self.values), max(self.values)
        return f"attempt {self.attempt}: {low:.2f} to {high:.2f} s"


@dataclass(frozen=True, slots=True)
class _Noted:
    """What a solution did besides: the seeds that it set, and how long it slept."""

    slept: list[float] = field(default_factory=list)
    seeds: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Drawn:
    """All draws of a trial."""

    rows: Sequence[Draws]
    noted: _Noted


@contextmanager
def _noting() -> Iterator[_Noted]:
    """Note sleeps and the seeds of generators, in this thread."""
    mine, kept = threading.get_ident(), random.Random.seed

    def seed(self: random.Random, a: Any = None, *rest: Any, **named: Any) -> None:
        if threading.get_ident() == mine and a is not None:
            noted.seeds.append(a)
        kept(self, a, *rest, **named)

    with real_sleeps() as slept:
        noted = _Noted(slept)
        random.Random.seed = seed  # type: ignore[method-assign]  # put back below
        try:
            yield noted
        finally:
            random.Random.seed = kept  # type: ignore[method-assign]  # as it was


class Drawing:
    """Calls a solution once, twice with the same `rng`, or very often.

    `look` says what is compared: whether the result is a number, the same again, in
    the bounds, evenly spread, or exactly what the reference returns.
    """

    def show(self, fields: Fields) -> str:
        """Return the call."""
        attempt, look = fields["attempt"], fields["look"]
        if look in ("bound", "even"):
            return (
                f"next_delay(attempt, rng), {DRAWS} times for each attempt from 1 to 9"
            )
        if look == "same":
            between = f", next_delay({10 - attempt}, rng)" if fields["between"] else ""
            again = f"next_delay({attempt}, random.Random({fields['seed']}))"
            return f"{again}{between}, {again}"
        return f"next_delay({attempt}, rng)"

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Call the solution."""
        looks = {"bound": self._draws, "even": self._draws, "same": self._twice}
        return looks.get(fields["look"], self._once)(solution, fields)

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
        text = "the same number twice" if good else f"{first.text}, then {second.text}"
        moved = rngs[0].getstate() != state
        return Seen(good, text, first.error or second.error, moved)

    def _draws(self, solution: Any, fields: Fields) -> Seen:
        rows: list[Draws] = []
        with _noting() as noted:
            for attempt in range(1, ATTEMPTS):
                rng = random.Random(f"lab 06, attempt {attempt}")
                del noted.seeds[:]
                seen = outcome(
                    lambda: [solution(attempt, rng) for _ in range(DRAWS)],  # noqa: B023 - called at once
                    lambda values: next(
                        (exactly(v) for v in values if not is_wait(v)), ""
                    ),
                )
                if seen.value:
                    return seen
                rows.append(Draws(attempt, tuple(map(float, seen.result))))
        if fields["look"] == "bound":
            facts: tuple[bool, ...] = (
                within(rows),
                _reaches(rows),
                not _has_floor(rows),
            )
            text = "; ".join(map(str, rows[:3])) + f"; … {rows[-1]}"
        else:
            facts = (is_even(rows), not _is_whole(rows))
            text = _in_quarters(rows)
        return Seen(facts, text, None, Drawn(rows, noted))


def is_wait(value: Any) -> bool:
    """Whether this is a finite number, and not True or False."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and math.isfinite(value)


def within(rows: Sequence[Draws]) -> bool:
    """Whether all waits are between 0 and the bound."""
    return all(0 <= share <= 1 + 1e-9 for row in rows for share in row.shares)


def _reaches(rows: Sequence[Draws]) -> bool:
    return all(max(row.shares) >= NEARLY for row in rows)


def _has_floor(rows: Sequence[Draws]) -> bool:
    """Whether no wait is near 0; even draws show that once in ten million times."""
    lows = [min(row.shares) for row in rows]
    return max(lows) > 1 - NEARLY or min(lows) > 0.005


def is_even(rows: Sequence[Draws]) -> bool:
    """Whether all waits in the range seem to have the same probability."""
    shares = [share for row in rows for share in row.shares]
    each = max(unevenness(row.shares) for row in rows)
    return unevenness(shares) <= UNEVEN and each <= UNEVEN_ROW


def _is_whole(rows: Sequence[Draws]) -> bool:
    """Whether most waits after some attempt are whole seconds."""
    return any(
        sum(value.is_integer() for value in row.values) > DRAWS / 2 for row in rows
    )


def _in_quarters(rows: Sequence[Draws]) -> str:
    shares = [share for row in rows for share in row.shares]
    quarters = [0] * 4
    for share in shares:
        quarters[max(0, min(3, int(share * 4)))] += 1
    shown = ", ".join(f"{round(100 * n / len(shares))}%" for n in quarters)
    whole = "; whole seconds" if _is_whole(rows) else ""
    return f"{shown} in the four quarters of the range{whole}"


def unevenness(shares: Sequence[float]) -> float:
    """Return the largest gap between the draws and an even spread (Kolmogorov's D)."""
    ordered = sorted(shares)
    count = len(ordered)
    return max(
        max(place / count - share, share - (place - 1) / count)
        for place, share in enumerate(ordered, start=1)
    )
