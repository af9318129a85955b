"""Judge a solution by comparing it with the reference (differential testing).

Each sentence of the contract becomes a case that runs its trials; one more case runs
the generated trials. The first trial on which solution and reference differ is shrunk,
and a mistake gets its name only if a mutant or a rule proves it.
"""

import contextlib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labkit.checks.cases import Case, Exercise, NotTried, NotYet, name_of
from labkit.checks.comparing import Comparison
from labkit.checks.contract import Contract, Sentence
from labkit.checks.difference import (
    Difference,
    is_planned,
    is_slip,
    of_earlier_steps,
    of_state,
)
from labkit.checks.judging import SECONDS, keep, keep_printed, work_left
from labkit.checks.keeping import follows, keeps_state
from labkit.checks.mistakes import Proof
from labkit.checks.naming import Naming
from labkit.checks.observing import Observer, Seen, caught_exceptions
from labkit.checks.space import Fields, Space
from labkit.checks.verdicts import Failure
from labkit.running.capture import captured

GENERATED = "All of this also holds for generated inputs."
FOR_GENERATED = SECONDS - 1.0
"""Seconds of a check that stay unused by the generated trials."""

Blames = Callable[[Fields, Seen, Seen], str | None]
"""Says which sentence a difference breaks, if it is not the one that the trial tests.

It gets the fields, what was seen of the solution, and what was seen of the reference.
"""


def _blames_none(*_: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Search:
    """A trial that goes through very many possibilities, with the sentence it tests.

    `run(solution, text)` gets the text of the sentence and says how far it looked. It
    raises NotYet for what it finds, and NotTried where nothing could be tried.
    """

    sentence: str
    run: Callable[[Any, str], str | None]


class Judge(Comparison):
    """The four parts of one exercise, and how they reach a verdict."""

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
        super().__init__(exercise, name, contract, space, observer, late)
        self.searches = searches
        self.blames = blames
        self.naming = Naming(self, mistakes)

    @property
    def mistakes(self) -> Sequence[Proof]:
        """What proves the mistakes of the exercise."""
        return self.naming.mistakes

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
            state = keeps_state(self, solution, found)
            if state:
                failure = of_state(failure)
                keep(failure)
            mistake = self.naming.mistake_in(solution, found, state=state)
            if mistake is None and not state and follows(self, solution, found):
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
