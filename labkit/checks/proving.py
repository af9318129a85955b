"""Judge a solution by comparing it with the reference (differential testing).

Each sentence of the contract becomes a case that runs its trials; one more case runs
the generated trials. The first trial on which solution and reference differ is shrunk,
and a mistake gets its name only if a mutant or a rule proves it.
"""

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labkit.checks.contract import Contract, Sentence
from labkit.checks.difference import (
    Difference,
    is_planned,
    is_slip,
    of_earlier_steps,
    of_state,
)
from labkit.checks.judging import (
    ASYNC,
    SECONDS,
    Case,
    Exercise,
    Mistake,
    NotTried,
    NotYet,
    keep,
    keep_printed,
    memory_before,
    name_of,
    work_left,
)
from labkit.checks.mistakes import Mutant, Proof, Rule
from labkit.checks.observing import Observer, Seen, caught_exceptions
from labkit.checks.reference import load, reference_text
from labkit.checks.space import Fields, Space, Trial, simpler
from labkit.checks.verdicts import Failure
from labkit.running.capture import captured
from labkit.running.fresh import FreshProcess, kept_memory
from labkit.running.sources import Sources

GENERATED = "All of this also holds for generated inputs."
FOR_GENERATED = SECONDS - 1.0
"""Seconds of a check that stay unused by the generated trials."""
FOR_NAMING = 0.4
"""Seconds of a check in which a trial is not made simpler any more."""
MOST_KEPT = 10_000
"""If a solution keeps more objects, a check does not try whether they are the cause.

To look through so many takes 0.1 s of the check, whatever the solution is.
"""


Blames = Callable[[Fields, Seen, Seen], str | None]
"""Says which sentence a difference breaks, if it is not the one that the trial tests.

It gets the fields, what was seen of the solution, and what was seen of the reference.
"""


def _blames_none(*_: object) -> None:
    return None


def _may_explain(proof: Proof, *, state: bool, stable: bool) -> bool:
    """Whether a proof is for solutions of this kind.

    With `state`, the failing trial alone gives the right result; if `stable`, it gives
    the same wrong result again.
    """
    if stable and isinstance(proof, Rule) and proof.remembers:
        return False
    return proof.stateful == (state or not stable)


@dataclass(frozen=True, slots=True)
class Search:
    """A trial that goes through very many possibilities, with the sentence it tests.

    `run(solution, text)` gets the text of the sentence and says how far it looked. It
    raises NotYet for what it finds, and NotTried where nothing could be tried.
    """

    sentence: str
    run: Callable[[Any, str], str | None]


class Judge:
    """The four parts of one exercise, and how they reach a verdict.

    `name` is the function that the learner writes. What the reference and the mutants
    do on the fixed trials is kept, so only the first check of a session computes it.
    """

    def __init__(
        self,
        exercise: str,
        name: str,
        contract: Contract,
        space: Space,
        observer: Observer,
        mistakes: Sequence[Proof],
        searches: Sequence[Search] = (),
        blames: Blames = _blames_none,
        late: Sequence[str] = (),
    ) -> None:
        self.exercise = exercise
        self.name = name
        self.contract = contract
        self.space = space
        self.observer = observer
        self.mistakes = mistakes
        self.searches = searches
        self.blames = blames
        self.late = late
        self._wanted: dict[int, tuple[Trial, Seen]] = {}
        self._mutants: dict[int, dict[int, tuple[Any, bool]]] = {}

    @functools.cached_property
    def reference(self) -> Any:
        """The reference, as a function."""
        return load(
            reference_text(self.exercise), self.name, label=f"reference {self.exercise}"
        )

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

    def cases(self) -> list[Case]:
        """Return one case per sentence with trials, and one for the generated trials.

        A sentence that a search tests has no trials; its cases are in `search_cases`.
        """
        searched = {each.sentence for each in self.searches}
        tested = [each for each in self.contract.tested if each.id not in searched]
        found = [self._case(each) for each in tested]
        if self.space.generate or self.space.combine:
            found.append(self._generated_case())
        return found

    def search_cases(self) -> list[Case]:
        """Return one case per search."""
        return [self._search_case(each) for each in self.searches]

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

    def first_difference(
        self, solution: Any, trials: Iterable[Trial], *, seconds: float | None = None
    ) -> Difference | None:
        """Run the trials until the results differ, or until so much time is left."""
        for trial in trials:
            if seconds is not None and work_left() < seconds:
                return None
            seen = self.observe(solution, trial)
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

    def memory_of(self, solution: Any) -> FreshProcess | None:
        """Return what a solution keeps now, or None if that cannot be put back."""
        try:
            sources = Sources([solution], most=MOST_KEPT)
            memory = FreshProcess(sources, most=MOST_KEPT)
        except Exception:  # noqa: BLE001 - a learner's object may raise anything
            return None
        return None if memory.doubts else memory

    def keeps_state(self, solution: Any, found: Difference) -> bool:
        """Whether the solution is right on this trial alone, but not after others.

        Several times it must be right with the memory from before the check, and wrong
        with the memory from now, or again after the same trials: not by chance.
        """
        memory = memory_before()
        if memory is None or memory.untouched:
            return False
        if self.memory_of(solution) is None:  # such as a thread that runs by now
            return False
        now = memory.take()
        try:
            for _ in range(4):
                if work_left() < FOR_NAMING:
                    return False
                memory.freshen()
                if self.first_difference(solution, [found.trial]):
                    return False
                memory.put(now)
                if not self.first_difference(solution, [found.trial]):
                    memory.freshen()
                    again = self.first_difference(solution, self._until(found.trial))
                    if again is None or again.trial is not found.trial:
                        return False
            return True
        finally:
            memory.put(now)

    def _follows(self, solution: Any, found: Difference) -> bool:
        """Whether the last request is wrong only because of the steps before it.

        To the reference these steps make no difference.
        """
        steps = self.space.fields(found.trial).get("steps", ())
        seen, wanted = found.seen.value, found.wanted.value
        if len(steps) < 2 or not (type(seen) is type(wanted) is tuple):
            return False
        if len(seen) != len(wanted) or seen[:-1] != wanted[:-1]:
            return False
        changes = {**found.trial.changes, "steps": [steps[-1]]}
        alone = replace(found.trial, changes=changes)
        same = self.wanted(alone).value[-1:] == wanted[-1:]
        return same and not self.first_difference(solution, [alone])

    def _until(self, last: Trial) -> Iterable[Trial]:
        """Return the trials that a check runs, up to and with this one."""
        for trial in (*self.trials, *self.more_trials):
            if not trial.probe:
                yield trial
            if trial is last:
                return

    def mistake_in(
        self, solution: Any, found: Difference, *, state: bool = False
    ) -> Mistake | None:
        """Return the proven mistake that explains most, or None.

        If `state`, the trial alone gives the right result. Then a mistake that does not
        depend on earlier calls is not the cause.
        """
        if found.seen.value == "coroutine":
            return ASYNC
        trials = [*self.trials]
        if all(trial is not found.trial for trial in trials):
            trials.append(found.trial)
        place = next(i for i, trial in enumerate(trials) if trial is found.trial)
        seen: dict[int, Seen] = {place: found.seen}

        def solutions(at: int) -> Seen:
            if at not in seen:
                seen[at] = self.observe(solution, trials[at])
            return seen[at]

        again = self.observe(solution, found.trial).value
        stable = again == found.seen.value and not any(
            self.differs(trials[at], solutions(at))
            for at in range(place)
            if not trials[at].probe
        )
        remembers = functools.cache(lambda: self._remembers(solution, found))
        best: tuple[int, Mistake] | None = None
        for number, proof in enumerate(self.mistakes):
            if work_left() < 0:
                break
            if not _may_explain(proof, state=state, stable=stable):
                continue
            if isinstance(proof, Rule):
                explained = self._fits_rule(proof, trials, place, solutions, remembers)
            else:
                explained = self._fits_mutant(number, proof, trials, place, solutions)
            if explained and (best is None or explained > best[0]):
                best = explained, proof.mistake
        return best[1] if best else None

    def _remembers(self, solution: Any, found: Difference) -> bool:
        """Whether it is memory that changes the results, and not a clock or chance.

        Then they are the same if each call finds the same memory.
        """
        with kept_memory(solution) as memory:
            values: list[Any] = []
            begin = work_left()
            while len(values) < 3 or (len(values) < 20 and begin - work_left() < 0.2):
                memory.freshen()
                values.append(self.observe(solution, found.trial).value)
        return bool(memory.doubts) or all(each == values[0] for each in values)

    def _fits_mutant(
        self,
        number: int,
        mutant: Mutant,
        trials: list[Trial],
        place: int,
        solutions: Callable[[int], Seen],
    ) -> int:
        """Return how many differences the mutant explains; 0 if it does not fit."""
        if not mutant.on(self.space.fields(trials[place])):
            return 0
        load = functools.cache(
            lambda: mutant.load(reference_text(self.exercise), self.name)
        )
        known = self._mutants.setdefault(number, {})

        def wrong(at: int) -> tuple[Any, bool]:
            """Return the value on a trial, and whether it proves something."""
            if at in known:
                return known[at]
            seen = self.observe(load(), trials[at])
            proves = mutant.on(self.space.fields(trials[at]))
            found = seen.value, proves and self.differs(trials[at], seen)
            if at < len(self.trials):
                known[at] = found
            return found

        if wrong(place)[0] != solutions(place).value:
            return 0
        explained = 0
        for at in reversed(range(len(self.trials))):  # the probes tell most: first
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
        remembers: Callable[[], bool],
    ) -> int:
        """Return how many differences the rule explains; 0 if it does not fit."""
        explained: list[Seen] = []
        fields = [self.space.fields(trial) for trial in trials]
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
            differs = self.differs(trial, solutions(at))
            if right and not wrong and differs:
                return 0
            if wrong and differs and rule.how(fields[at], solutions(at)):
                explained.append(solutions(at))
            elif wrong and not rule.some:
                return 0
        fits = rule.together(explained) and (not rule.remembers or remembers())
        return len(explained) if fits else 0

    def _case(self, sentence: Sentence) -> Case:
        def case(solution: Any) -> None:
            mine = [trial for trial in self.trials if trial.sentence == sentence.id]
            self._takes_arguments(solution)
            if found := self.first_difference(solution, mine):
                self._tell(solution, found)

        case.__doc__ = sentence.text
        case.__name__ = sentence.id.replace("-", "_")
        return case

    def _search_case(self, search: Search) -> Case:
        text = self.contract.sentence(search.sentence).text

        def case(solution: Any) -> str | None:
            return search.run(solution, text)

        case.__doc__ = text
        case.__name__ = search.sentence.replace("-", "_")
        return case

    def _generated_case(self) -> Case:
        def case(solution: Any) -> None:
            trials = self.more_trials
            if work_left() < FOR_GENERATED:
                raise NotTried("The other cases took all the time of this check.")
            found = self.first_difference(solution, trials, seconds=FOR_GENERATED)
            if found:
                self._tell(solution, self.shrink(solution, found))

        case.__doc__ = GENERATED
        case.__name__ = "generated_inputs"
        return case

    def _takes_arguments(self, solution: Any) -> None:
        """End the case if the solution has other arguments than the reference."""
        wanted = inspect.signature(self.reference)
        try:
            signature = inspect.signature(solution)
        except (TypeError, ValueError):
            return
        try:
            signature.bind(*wanted.parameters)
        except TypeError as error:
            names = ", ".join(wanted.parameters)
            passed = names or "nothing"
            raise NotYet(
                Failure(
                    sent=f"{self.name}({names})",
                    answered=f"{self.name}{signature}: {error}",
                    expected=f"a function that takes {passed}",
                    why=(
                        "Your function does not take the arguments that the exercise "
                        f"names. The check passes {passed} to it, in this order."
                    ),
                    try_next=f"Begin with: def {self.name}({names}):",
                    mistake="other-arguments",
                )
            ) from None

    def _tell(self, solution: Any, found: Difference) -> None:
        """End the case with what is known of the difference."""
        sent = self.observer.show(self.space.fields(found.trial))
        tested = found.trial.sentence
        fields = self.space.fields(found.trial)
        broken = self.blames(fields, found.seen, found.wanted) or tested
        sentence = self.contract.sentence(broken).text
        failing = "" if broken == tested else sentence
        keep(found.failure(sent, sentence, ()))  # if time is up before the end
        with captured() as printed, caught_exceptions() as all_caught:
            self.observe(solution, found.trial)
        if not getattr(self.observer, "prints_once", False):
            keep_printed(str(printed))
        caught = [each for each in all_caught if not is_planned(each[0])]
        failure = found.failure(sent, sentence, caught)
        keep(failure)
        if found.seen.error is None and any(is_slip(error) for error, _ in caught):
            raise NotYet(failure, failing)
        mistake, state = None, False
        with captured(), contextlib.suppress(NotTried):
            state = self.keeps_state(solution, found)
            if state:
                failure = of_state(failure)
                keep(failure)
            mistake = self.mistake_in(solution, found, state=state)
            if mistake is None and not state and self._follows(solution, found):
                failure = of_earlier_steps(failure)
        if mistake is not None:
            failure = replace(
                failure,
                why=mistake.why,
                try_next=mistake.try_next,
                mistake=mistake.id,
            )
        raise NotYet(failure, failing)


def judged(
    *,
    id: str,  # noqa: A002 - as in Exercise
    lab: str,
    wants: str,
    hints: Sequence[str],
    contract: Contract,
    space: Space,
    observer: Observer,
    mistakes: Sequence[Proof],
    searches: Sequence[Case | Search] = (),
    late: Sequence[str] = (),
    patience: float | None = None,
    blames: Blames = _blames_none,
) -> Exercise:
    """Return an exercise that is judged by contract, reference, space and mistakes.

    `searches` come last and try what no trial can; the cases of the sentences in
    `late`, whose trials take long, come just before them. `patience` is that of
    Exercise. `blames` says which sentence a difference breaks.
    """
    name = wants.partition("(")[0]
    with_sentence = [each for each in searches if isinstance(each, Search)]
    others = [each for each in searches if not isinstance(each, Search)]
    judge = Judge(
        id, name, contract, space, observer, mistakes, with_sentence, blames, late
    )
    slow = {contract.sentence(each).text for each in late}
    cases = [case for case in judge.cases() if name_of(case) not in slow]
    slow_cases = [case for case in judge.cases() if name_of(case) in slow]
    return Exercise(
        id=id,
        lab=lab,
        wants=wants,
        cases=cases,
        hints=hints,
        searches=[*slow_cases, *judge.search_cases(), *others],
        patience=patience,
        judge=judge,
    )
