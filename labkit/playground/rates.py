"""A position tried with many seeds, to see how often it goes wrong.

One run that went well says little. A hundred runs give a rate, and an interval that
says how much the rate itself may be a matter of chance.
"""

import math
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from labkit.arguments import check_whole, listed, shown
from labkit.errors import BadSetting, UnknownName, shown_plainly
from labkit.faults import Fault
from labkit.model import Event
from labkit.playground.counts import WATCHED, Counts
from labkit.playground.stand import PATIENCE, Effects, Receiver, Stand
from labkit.record import COLUMNS

Z = 1.959964
"""How many standard errors lie on either side of 95% of a normal distribution."""

MOST = 100_000
"""So many seeds a sweep takes at most."""

NOT_WRITTEN = (
    "There is nothing to try yet: the receiver is still the stub, with its\n"
    "NotImplementedError. Write it, then run this cell again."
)
REMEMBERS = (
    "All runs used the same app, so data from one run affects the next. Pass the "
    "function that creates the app; then each run starts clean."
)


def wilson(hits: int, runs: int) -> tuple[float, float]:
    """Return the 95% interval of a rate, from 0 to 1.

    It contains the rates with which `hits` of `runs` would be likely, and stays
    sensible at the ends: 0 of 100 gives 0 to 0.037. Source: E. B. Wilson, "Probable
    inference, the law of succession, and statistical inference", 1927.
    """
    check_whole("runs", runs, least=1)
    check_whole("hits", hits, least=0, most=runs)
    share = hits / runs
    shrink = 1 + Z**2 / runs
    middle = (share + Z**2 / (2 * runs)) / shrink
    half = Z * math.sqrt(share * (1 - share) / runs + (Z / (2 * runs)) ** 2) / shrink
    low = 0.0 if hits == 0 else middle - half
    high = 1.0 if hits == runs else middle + half
    return low, high


@dataclass(frozen=True, slots=True)
class Rate:
    """In how many of the runs at least one event was lost, doubled, late or dead.

    `low` and `high` bound the 95% interval of the rate. `mean` is how many such events
    there were in a run, on average. `first` is the first seed with
    which it happened, `worst` the one with the most such events, both None where it
    never did; `most` is how many those were.
    """

    watched: str
    hits: int
    runs: int
    low: float
    high: float
    mean: float
    first: int | None
    worst: int | None
    most: int

    @property
    def share(self) -> float:
        """The rate that was found, from 0 to 1."""
        return self.hits / self.runs


@dataclass(frozen=True, slots=True)
class Sweep:
    """The counts of many runs, one a seed, and what they say together.

    `expected` is what the learner had said before: in how many runs at least one event
    would be lost, doubled, late or dead. `note` is a sentence for the reader.
    """

    runs: tuple[tuple[int, Counts], ...]
    expected: tuple[tuple[str, int], ...] = ()
    note: str = ""

    def rate(self, watched: str) -> Rate:
        """Return how often it happened. Raises UnknownName for what isn't counted."""
        if watched not in WATCHED:
            raise UnknownName("count", watched, WATCHED)
        found = [(seed, getattr(counts, watched)) for seed, counts in self.runs]
        hit = [seed for seed, number in found if number]
        low, high = wilson(len(hit), len(found))
        worst, most = max(found, key=lambda each: each[1])
        return Rate(
            watched,
            len(hit),
            len(found),
            low,
            high,
            sum(number for _, number in found) / len(found),
            hit[0] if hit else None,
            worst if hit else None,
            most,
        )

    @property
    def attempts_per_event(self) -> float:
        """How often an event was sent, on average over all runs."""
        events = sum(counts.events for _, counts in self.runs)
        return sum(counts.attempts for _, counts in self.runs) / max(events, 1)

    def compared(self) -> Iterator[str]:
        """Set what was expected beside what came, a sentence each."""
        for watched, guess in self.expected if self.runs else ():
            rate = self.rate(watched)
            share = guess / rate.runs
            place = (
                "within"
                if rate.low <= share <= rate.high
                else ("below" if share < rate.low else "above")
            )
            yield (
                f"{watched}: you expected {guess} of {rate.runs} runs, it was "
                f"{rate.hits}. {percent(share)} lies {place} the interval."
            )

    def __str__(self) -> str:
        note = textwrap.wrap(self.note, COLUMNS)
        if not self.runs:
            return "\n".join(note)
        counts = self.runs[0][1]
        noun = "event" if counts.events == 1 else "events"
        head = f"{len(self.runs)} runs, one seed each, {counts.events} {noun} per run"
        lines = [
            f"{head}, {self.attempts_per_event:.2f} attempts per event.",
            "In how many runs was at least one event …",
            "",
            *self._table(),
            "",
            *self.compared(),
            *self._never(),
        ]
        return "\n".join([*lines, *note])

    __repr__ = __str__

    def _table(self) -> Iterator[str]:
        yield (
            "          runs   rate  95% interval  mean per run  "
            "first seed  most per run"
        )
        for watched in WATCHED:
            rate = self.rate(watched)
            first = "-" if rate.first is None else str(rate.first)
            most = "-" if rate.worst is None else f"{rate.most} (seed {rate.worst})"
            yield (
                f"{watched:<8}{rate.hits:>6}{percent(rate.share):>7}  "
                f"{interval(rate):<14}{rate.mean:>12.2f}{first:>12}  {most}"
            )

    def _never(self) -> Iterator[str]:
        never = [self.rate(watched) for watched in WATCHED]
        high = next((rate.high for rate in never if not rate.hits), None)
        if high is not None:
            yield (
                f"0 of {len(self.runs)} runs does not prove that it never happens.\n"
                f"A rate of up to {percent(high)} is consistent with this result."
            )


@shown_plainly
def sweep(
    receiver: Receiver,
    events: Iterable[Event],
    *,
    profile: str = "standard",
    faults: Iterable[Fault] = (),
    seeds: int | Iterable[int] = 100,
    effects: Effects | None = None,
    scheme: str = "generic",
    secret: str | None = None,
    late: float = PATIENCE,
    expected: Mapping[str, int] | None = None,
) -> Sweep:
    """Run the same simulation with many seeds and say how often it went wrong.

    `receiver` is the function that makes the app, so that each run has a fresh one.
    `seeds` is how many, or which. `expected` is what you think beforehand, such as
    `{"doubled": 20}`: in how many runs at least one event will be lost, doubled, late
    or dead. The other arguments are those of `simulate` and of the playground.

        sweep(make_app, payments(50), faults=[LoseResponse(probability=0.02)])

    Raises UnknownName and BadSetting.
    """
    sent = listed("events", events)
    if isinstance(seeds, int):
        check_whole("seeds", seeds, least=1, most=MOST)
        chosen = list(range(seeds))
    else:
        chosen = listed("seeds", seeds)
    if not chosen:
        raise BadSetting("there is no seed to run with; seeds=100 takes 0 to 99")
    said = checked(expected or {}, len(chosen))
    stand = Stand(receiver, effects=effects, scheme=scheme, secret=secret, late=late)
    wire = tuple(listed("faults", faults))
    runs = []
    for seed in chosen:
        try:
            counts = stand.run(sent, profile=profile, faults=wire, seed=seed)[1]
        except NotImplementedError:
            return Sweep((), note=NOT_WRITTEN)
        runs.append((seed, counts))
    return Sweep(tuple(runs), said, "" if stand.fresh else REMEMBERS)


def checked(expected: Mapping[str, int], runs: int) -> tuple[tuple[str, int], ...]:
    """Return what is expected as pairs. Raises UnknownName and BadSetting."""
    if not isinstance(expected, Mapping):
        raise BadSetting(
            f'expected is {shown(expected)}; give a dict: {{"doubled": 20}}'
        )
    for watched, guess in expected.items():
        if watched not in WATCHED:
            raise UnknownName("count", watched, WATCHED)
        check_whole(f"expected {watched}", guess, least=0, most=runs)
    return tuple(expected.items())


def percent(share: float) -> str:
    """Write a share from 0 to 1 in percent, to one decimal where it has one."""
    return f"{100 * share:.1f}".removesuffix(".0") + "%"


def interval(rate: Rate) -> str:
    """Write the interval of a rate: `0 to 3.7%`."""
    return f"{percent(rate.low).removesuffix('%')} to {percent(rate.high)}"


def so_far(stand: Stand, runs: Sequence[tuple[int, Counts]]) -> Sweep:
    """Sum up the runs that there are, with what the reader should know of them."""
    return Sweep(tuple(runs), note="" if stand.fresh else REMEMBERS)
