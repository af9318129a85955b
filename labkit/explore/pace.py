"""How fast the explorer is, measured on a receiver."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from labkit.arguments import check_function, check_whole, listed
from labkit.explore.delivery import delivery
from labkit.explore.director import aside
from labkit.explore.interleaving import Interleaving, perform
from labkit.explore.records import Invariant
from labkit.explore.setting import Boot, setting
from labkit.explore.world import World, fresh_directory, scratch


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds for one interleaving, and for the same without the explorer.

    `plain` starts the receiver in a fresh directory and delivers the same requests, one
    after the other. Both are medians.
    """

    interleaving: float
    plain: float

    @property
    def per_second(self) -> float:
        """Interleavings a second."""
        return 1 / self.interleaving

    @property
    def ratio(self) -> float:
        """How many times as long as plain handling one interleaving takes."""
        return self.interleaving / self.plain

    def __str__(self) -> str:
        return (
            f"{self.per_second:.0f} interleavings per second "
            f"({self.interleaving * 1000:.2f} ms each), {self.ratio:.1f} times as long "
            "as plain handling"
        )


def pace(
    boot: Boot, requests: Iterable[Any], invariant: Invariant, *, rounds: int = 100
) -> Pace:
    """Measure interleavings with one switch at every place in turn, and plain handling.

    Raises BadSetting.
    """
    check_function("boot", boot)
    check_function("invariant", invariant)
    check_whole("rounds", rounds, least=1, most=100_000)
    given = tuple(listed("requests", requests))
    return aside(lambda: _pace(boot, given, invariant, rounds))


def _pace(
    boot: Boot, requests: tuple[Any, ...], invariant: Invariant, rounds: int
) -> Pace:
    plain, explored = [], []
    with scratch() as root:
        for number in range(rounds):
            began = perf_counter()
            deliver = delivery(boot(World(fresh_directory(root, number))), requests)
            for index in range(len(requests)):
                deliver(index)
            plain.append(perf_counter() - began)
    with setting(boot, requests, invariant, code=(), retries=1) as place:
        order = tuple(range(len(requests)))
        points = max(2, perform(place, Interleaving(order)).together)
        for number in range(rounds):
            switch = (1 + number % (points - 1), order[-1])
            began = perf_counter()
            perform(place, Interleaving(order, (switch,)))
            explored.append(perf_counter() - began)
    return Pace(statistics.median(explored), statistics.median(plain))
