"""Compare a solution with the reference on the trials of an exercise."""

import functools
from collections.abc import Iterable, Sequence
from typing import Any

from labkit.checks.contract import Contract
from labkit.checks.difference import Difference
from labkit.checks.judging import once_in_check, work_left
from labkit.checks.observing import Observer, Seen
from labkit.checks.reference import load, reference_text
from labkit.checks.space import Space, Trial, simpler
from labkit.running.capture import captured

FOR_NAMING = 0.4
"""Seconds of a check in which a trial is not made simpler any more."""


class Comparison:
    """Runs solutions and the reference of one exercise on the same trials.

    `name` is the function that the learner writes. The trials of the sentences in
    `late` come last. What the reference does on a trial is kept, so only the first
    check of a session computes it.
    """

    def __init__(
        self,
        exercise: str,
        name: str,
        contract: Contract,
        space: Space,
        observer: Observer,
        late: Sequence[str] = (),
    ) -> None:
        self.exercise = exercise
        self.name = name
        self.contract = contract
        self.space = space
        self.observer = observer
        self.late = late
        self._wanted: dict[int, tuple[Trial, Seen]] = {}

    @functools.cached_property
    def reference(self) -> Any:
        """The reference, as a function."""
        return load(self.source, self.name, label=f"reference {self.exercise}")

    @property
    def source(self) -> str:
        """The reference, as text."""
        return reference_text(self.exercise)

    @functools.cached_property
    def trials(self) -> list[Trial]:
        """The fixed trials in the order of the cases; then the probes."""
        tested = sorted(self.contract.tested, key=lambda each: each.id in self.late)
        order = {each.id: place for place, each in enumerate(tested)}
        order[""] = len(order)
        return sorted(self.space.fixed(), key=lambda trial: order[trial.sentence])

    @functools.cached_property
    def more_trials(self) -> list[Trial]:
        """The generated trials."""
        return list(self.space.generated())

    def wanted(self, trial: Trial) -> Seen:
        """Return what the reference does on a trial; it is run once per trial."""
        known = self._wanted.get(id(trial))
        if known is None or known[0] is not trial:
            with captured():
                seen = self.observe(self.reference, trial)
            known = self._wanted[id(trial)] = trial, seen
        return known[1]

    def differs(self, trial: Trial, seen: Seen) -> bool:
        """Whether what was seen is not what the contract asks for."""
        if seen.value == self.wanted(trial).value:
            return False
        return not (trial.also and trial.also(seen.value))

    def observe(self, solution: Any, trial: Trial) -> Seen:
        """Try a solution on one trial."""
        return self.observer.observe(solution, self.space.fields(trial))

    def seen_of(self, solution: Any, trial: Trial) -> Seen:
        """Return what this check has seen of the solution, or else try it.

        A second look would show the same if each trial begins with the memory of a new
        process; lab 12 takes 3 ms for each of its 118. Other solutions are tried again.
        """
        known = once_in_check(self, dict[int, tuple[Trial, Seen]]).get(id(trial))
        if known is not None and getattr(self.observer, "fresh", False):
            return known[1]
        return self.observe(solution, trial)

    def first_difference(
        self, solution: Any, trials: Iterable[Trial], *, seconds: float | None = None
    ) -> Difference | None:
        """Run the trials until the results differ, or until so much time is left."""
        for trial in trials:
            if seconds is not None and work_left() < seconds:
                return None
            seen = self.observe(solution, trial)
            once_in_check(self, dict[int, tuple[Trial, Seen]])[id(trial)] = trial, seen
            if self.differs(trial, seen):
                return Difference(trial, seen, self.wanted(trial))
        return None

    def shrink(self, solution: Any, found: Difference) -> Difference:
        """Return the difference with as few changes of the base trial as possible.

        If little time is left, it may have more.
        """
        for trial in simpler(found.trial):
            if work_left() < FOR_NAMING:
                return found
            if again := self.first_difference(solution, [trial]):
                return self.shrink(solution, again)
        return found
