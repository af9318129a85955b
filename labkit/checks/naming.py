"""Name the mistake that a solution contains: a name is a claim and needs a proof.

A mutant or a rule of the exercise proves a mistake if it explains how the solution
differs from the reference on all trials (mistakes.py says when).
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

from labkit.checks.cases import ASYNC, Mistake
from labkit.checks.comparing import Comparison
from labkit.checks.difference import Difference
from labkit.checks.judging import tried_all, work_left
from labkit.checks.keeping import is_steady, remembers
from labkit.checks.mistakes import Mutant, Proof, Rule
from labkit.checks.observing import Seen
from labkit.checks.space import Trial


def _may_explain(proof: Proof, *, state: bool, stable: bool) -> bool:
    """Whether a proof is for solutions of this kind.

    With `state`, the failing trial alone gives the right result; if `stable`, it gives
    the same wrong result again.
    """
    if stable and isinstance(proof, Rule) and proof.remembers:
        return False
    return proof.stateful == (state or not stable)


class Naming:
    """Finds the proved mistake of a solution among `mistakes`.

    What the mutants do on the fixed trials is kept, so only the first check of a
    session computes it.
    """

    def __init__(self, comparison: Comparison, mistakes: Sequence[Proof]) -> None:
        self.mistakes = mistakes
        self._comparison = comparison
        self._mutants: dict[int, dict[int, tuple[Any, bool]]] = {}

    def mistake_in(
        self, solution: Any, found: Difference, *, state: bool = False
    ) -> Mistake | None:
        """Return the proven mistake that explains most, or None.

        If `state`, the trial alone gives the right result. Then a mistake that does not
        depend on earlier calls is not the cause.
        """
        if found.seen.value == "coroutine":
            return ASYNC
        compared = self._comparison
        trials = [*compared.trials]
        if all(trial is not found.trial for trial in trials):
            trials.append(found.trial)
        place = next(i for i, trial in enumerate(trials) if trial is found.trial)
        seen = self._passed(solution, trials[:place]) | {place: found.seen}

        def solutions(at: int) -> Seen:
            if at not in seen:
                seen[at] = compared.seen_of(solution, trials[at])
            return seen[at]

        again = compared.observe(solution, found.trial).value
        stable = again == found.seen.value and not any(
            compared.differs(trials[at], solutions(at))
            for at in range(place)
            if not trials[at].probe
        )
        same_memory = functools.cache(
            lambda: remembers(compared, solution, found.trial)
        )
        best: tuple[int, Mistake] | None = None
        for number, proof in enumerate(self.mistakes):
            if work_left() < 0:
                break
            if not _may_explain(proof, state=state, stable=stable):
                continue
            if isinstance(proof, Rule):
                explained = self._fits_rule(
                    proof, trials, place, solutions, same_memory
                )
            else:
                explained = self._fits_mutant(number, proof, trials, place, solutions)
            if explained and (best is None or explained > best[0]):
                best = explained, proof.mistake
        return best[1] if best else None

    def _passed(self, solution: Any, trials: Sequence[Trial]) -> dict[int, Seen]:
        """Return what a solution does on trials before the one it failed on.

        A steady solution does what it did in the cases before: the same as the
        reference. Trials of late sentences may be still to come.
        """
        if not (tried_all() and is_steady(solution)):
            return {}
        compared = self._comparison
        return {
            at: compared.wanted(trial)
            for at, trial in enumerate(trials)
            if not (trial.probe or trial.also or trial.sentence in compared.late)
        }

    def _fits_mutant(
        self,
        number: int,
        mutant: Mutant,
        trials: list[Trial],
        place: int,
        solutions: Callable[[int], Seen],
    ) -> int:
        """Return how many differences the mutant explains; 0 if it does not fit."""
        compared = self._comparison
        if not mutant.on(compared.space.fields(trials[place])):
            return 0
        load = functools.cache(lambda: mutant.load(compared.source, compared.name))
        known = self._mutants.setdefault(number, {})

        def wrong(at: int) -> tuple[Any, bool]:
            """Return the value on a trial, and whether it proves something."""
            if at in known:
                return known[at]
            seen = compared.observe(load(), trials[at])
            proves = mutant.on(compared.space.fields(trials[at]))
            found = seen.value, proves and compared.differs(trials[at], seen)
            if at < len(compared.trials):
                known[at] = found
            return found

        if wrong(place)[0] != solutions(place).value:
            return 0
        explained = 0
        for at in reversed(range(len(compared.trials))):  # the probes tell most: first
            value, proves = wrong(at)
            if not proves:
                continue
            if solutions(at).value != value:
                return 0
            explained += 1
        return max(1, explained)

    def _fits_rule(
        self,
        rule: Rule,
        trials: list[Trial],
        place: int,
        solutions: Callable[[int], Seen],
        same_memory: Callable[[], bool],
    ) -> int:
        """Return how many differences the rule explains; 0 if it does not fit."""
        compared = self._comparison
        explained: list[Seen] = []
        fields = [compared.space.fields(trial) for trial in trials]
        if rule.differs(fields[place]):
            fits = rule.how(fields[place], solutions(place))
        else:
            fits = rule.may(fields[place])
        if not fits:
            return 0
        for at, trial in enumerate(trials):
            wrong, right = rule.differs(fields[at]), rule.agrees(fields[at])
            if not (wrong or right):
                continue
            differs = compared.differs(trial, solutions(at))
            if right and not wrong and differs:
                return 0
            if wrong and differs and rule.how(fields[at], solutions(at)):
                explained.append(solutions(at))
            elif wrong and not rule.some:
                return 0
        fits = rule.together(explained) and (not rule.remembers or same_memory())
        return len(explained) if fits else 0
