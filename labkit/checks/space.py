"""The space of an exercise: a seeded generator of trials.

A trial is a base trial with some fields changed. What a field means is up to the
exercise: an argument, a header, or the list of steps against an app.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """One input, and the id of the sentence that it tests.

    `changes` are the fields that differ from the base trial. `note` says in a few words
    what is special. `also` says which other observed values the contract allows here.
    """

    sentence: str
    changes: Fields = field(default_factory=dict)
    note: str = ""
    also: Callable[[Any], bool] | None = None
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Space:
    """The trials of an exercise: fixed ones, easy ones first, then generated ones.

    `generate` makes one trial from a seeded generator. Without it, generated trials
    combine the changes of fixed ones if `combine` is True. `many` is how many
    generated trials there are at most.
    """

    base: Fields
    trials: Callable[[], Iterable[Trial]]
    generate: Callable[[random.Random], Trial] | None = None
    combine: bool = False
    many: int = 150
    seed: int = 13

    def fields(self, trial: Trial) -> Fields:
        """Return all fields of a trial."""
        return {**self.base, **trial.changes}

    def fixed(self) -> list[Trial]:
        """Return the fixed trials."""
        return list(self.trials())

    def generated(self) -> Iterator[Trial]:
        """Yield the generated trials, the same ones each time."""
        rng = random.Random(self.seed)
        fixed = [each for each in self.fixed() if not each.probe and self.combine]
        for _ in range(self.many if self.generate or fixed else 0):
            if self.generate and not (fixed and rng.random() < 0.5):
                yield self.generate(rng)
            else:
                yield _combined(rng.sample(fixed, min(2, len(fixed))))


def _combined(trials: Sequence[Trial]) -> Trial:
    """Return one trial with the changes of all; the last one's sentence is tested."""
    changes = {name: value for each in trials for name, value in each.changes.items()}
    lenient = [each.also for each in trials if each.also]
    return Trial(
        trials[-1].sentence,
        changes,
        "; ".join(each.note for each in trials if each.note),
        (lambda value: any(also(value) for also in lenient)) if lenient else None,
    )


def probe(changes: Fields) -> Trial:
    """Return a trial that only helps to name a mistake."""
    return Trial("", changes, probe=True)


def simpler(trial: Trial) -> Iterator[Trial]:
    """Yield trials with one step or one change less, for shrinking."""
    steps = trial.changes.get("steps", ())
    for at in range(len(steps) if len(steps) > 1 else 0):
        fewer = {**trial.changes, "steps": [*steps[:at], *steps[at + 1 :]]}
        yield Trial(trial.sentence, fewer, trial.note, trial.also)
    if len(trial.changes) < 2:
        return
    for name in trial.changes:
        rest = {each: v for each, v in trial.changes.items() if each != name}
        yield Trial(trial.sentence, rest, trial.note, trial.also)
