"""Run a receiver under every interleaving with few preemptions."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

from labkit.explore.harm import Harm
from labkit.explore.play import Offer, Play
from labkit.explore.records import (
    WORKER_NAMES,
    Answer,
    Invariant,
    State,
    Violation,
)
from labkit.explore.report import Counterexample, Report
from labkit.explore.setting import (
    Boot,
    Setting,
    not_started,
    setting,
    unended,
)
from labkit.explore.sharing import ANYTHING, Print, Token
from labkit.transport import IN_BROWSER, Interrupted

_BOUNDED = 2
"""Up to so many preemptions the fewest come first; after that all others follow."""


@dataclass(frozen=True, slots=True)
class Interleaving:
    """In which order workers run, and where the turn goes to another one.

    `switches` interrupt a worker, and `choices` say who goes on when one waits or is
    done. Both are pairs: after so many steps of all workers together, to that worker.
    In short "AB 4B 9=A": A first; after 4 steps B; A again when B waits after 9 steps.
    `fixed` counts the offers of a play up to the last of these decisions.
    """

    order: tuple[int, ...]
    switches: tuple[tuple[int, int], ...] = ()
    choices: tuple[tuple[int, int], ...] = ()
    fixed: int = field(default=0, compare=False)

    def __str__(self) -> str:
        order = "".join(WORKER_NAMES[index] for index in self.order)
        marked = [
            *((after, f"{after}={WORKER_NAMES[to]}") for after, to in self.choices),
            *((after, f"{after}{WORKER_NAMES[to]}") for after, to in self.switches),
        ]
        marked.sort(key=lambda pair: pair[0])
        return " ".join([order, *(text for _, text in marked)])

    @classmethod
    def read(cls, text: str) -> "Interleaving":
        """Read the short form. Raises ValueError for anything else."""
        order, *taken = text.split()
        pairs: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
        for word in taken:
            after, to = word[:-1], WORKER_NAMES.index(word[-1])
            pairs[after.endswith("=")].append((int(after.removesuffix("=")), to))
        return cls(
            tuple(WORKER_NAMES.index(name) for name in order),
            tuple(pairs[False]),
            tuple(pairs[True]),
        )


@dataclass(slots=True)
class Run:
    """One interleaving, what happened under it, and the harm that it did."""

    interleaving: Interleaving
    play: Play
    together: int
    violation: Violation | None
    offers: tuple[Offer, ...] = ()


def explore(
    boot: Boot,
    requests: Iterable[Any],
    invariant: Invariant,
    *,
    preemptions: int | None,
    limit: int,
    seconds: float | None,
    retries: int,
    processes: int,
    code: Iterable[Any],
) -> Report:
    """Try interleaving after interleaving; see `labkit.explore.interleavings`."""
    end = math.inf if seconds is None else monotonic() + seconds
    with setting(
        boot, requests, invariant, code=code, retries=retries, processes=processes
    ) as place:
        if place.memory.doubts:
            return Report(
                "interleavings", 0, 0, -1, False, not_tried=place.memory.doubts
            )
        search = Search(place, limit, end)
        report = search.bounded(_BOUNDED if preemptions is None else preemptions)
        if preemptions is not None or not report.complete or search.skipped:
            return report
        if report.first is not None or report.unbounded:
            return report
        return search.unbounded(report)


@dataclass(slots=True)
class Branch:
    """An offer of a run at which other workers have yet to be tried.

    `tried` has what the next step of each worker did that need not be tried (again).
    """

    run: Run
    number: int
    waiting: list[int]
    tried: dict[int, Print]


def _branches(run: Run, changed: frozenset[Token]) -> Iterator[Branch]:
    """Yield the offers of a run at which another worker may make a difference."""
    for number in range(run.interleaving.fixed, len(run.offers)):
        offer = run.offers[number]
        done = run.play.prints.get(number, ANYTHING)
        if not done.changed and done.looked.isdisjoint(changed):
            continue
        tried = {**dict(offer.asleep), offer.chosen: done}
        waiting = [other for other in offer.options if other not in tried]
        if waiting:
            yield Branch(run, number, waiting, tried)


class Search:
    """Tries interleavings one after the other, up to a number and a time."""

    def __init__(self, place: Setting, limit: int, end: float) -> None:
        self.tried = 0
        self.skipped = 0
        self.unseen = False
        self._place = place
        self._limit = limit
        self._end = end

    def bounded(self, preemptions: int) -> Report:
        """Try those with no preemption, then those with one, and so on."""
        coming = [Interleaving(tuple(range(len(self._place.requests))))]
        in_full = -1
        for bound in range(preemptions + 1):
            waiting, coming = coming, []
            known: dict[tuple[Any, ...], int] = {}
            for interleaving in waiting:  # which grows
                if self.is_over():
                    return self._report(in_full, complete=False)
                run = self.perform(interleaving)
                if run is None:
                    continue
                if run.violation is not None:
                    first = retell(self._place, run, run.violation)
                    return self._report(in_full, complete=False, first=first)
                seen = tuple(run.play.points[: run.together])
                if known.get(seen, interleaving.fixed + 1) > interleaving.fixed:
                    known[seen] = interleaving.fixed
                    free, taken = self._further(run)
                    waiting += free
                    coming += taken if bound < preemptions else ()
            if not self.skipped:
                in_full = bound
        report = self._report(in_full, complete=True)
        alone = len(self._place.requests) == 1 and not self.unseen
        return replace(report, unbounded=alone)

    def unbounded(self, report: Report) -> Report:
        """Go on without a bound: one run for all that differ in no order that matters.

        At each offer a worker whose step was tried from the same state sleeps until
        another one makes a step that depends on it: the *sleep sets* of Godefroid.
        """
        changed: set[Token] = set()
        while True:
            known = set(changed)
            run = self._deepen(changed)
            if run is not None and run.violation is not None:
                run.interleaving = in_full(run)
                first = retell(self._place, run, run.violation)
                return replace(report, tried=self.tried, complete=False, first=first)
            if run is not None or self.unseen:
                return replace(report, tried=self.tried)
            if changed == known:
                return replace(report, tried=self.tried, unbounded=True)

    def _deepen(self, changed: set[Token]) -> Run | None:
        """Try every order that matters; return the run that ended it early, if any.

        A step that only looks at what is never in `changed` is invisible.
        """
        known = frozenset(changed)
        start = Interleaving(tuple(range(len(self._place.requests))))
        branches: list[Branch] = []
        coming: tuple[Interleaving, dict[int, Print], Branch | None] = (start, {}, None)
        while True:
            interleaving, sleepers, branch = coming
            run = self.perform(interleaving, sleepers)
            if run is None or run.violation is not None or self.is_over():
                return run
            self.unseen = self.unseen or run.play.unseen
            for done in run.play.prints.values():
                changed |= done.changed
            if branch is not None:
                done = run.play.prints.get(branch.number, ANYTHING)
                branch.tried[run.offers[branch.number].chosen] = done
            branches += _branches(run, known)
            while branches and not branches[-1].waiting:
                branches.pop()
            if not branches:
                return None
            branch = branches[-1]
            other = branch.waiting.pop(0)
            interleaving = decided(branch.run, branch.number, other)
            coming = (interleaving, dict(branch.tried), branch)

    def is_over(self) -> bool:
        """Whether nothing more may be tried."""
        late = bool(self.tried) and monotonic() > self._end
        return late or self.tried >= self._limit

    def perform(
        self, interleaving: Interleaving, sleepers: dict[int, Print] | None = None
    ) -> Run | None:
        """Run one; return None if it takes threads where there are none."""
        run = perform(self._place, interleaving, sleepers=sleepers)
        if run.play.ended == "unplayable":
            self.skipped += 1
            return None
        self.tried += 1
        return run

    def _further(self, run: Run) -> tuple[list[Interleaving], list[Interleaving]]:
        """List what else could be decided, without and with one more preemption."""
        found: tuple[list[Interleaving], list[Interleaving]] = ([], [])
        for number, other in _one_more(run):
            offer = run.offers[number]
            if IN_BROWSER and _turns_back(run, offer, other):
                self.skipped += 1
            else:
                found[not offer.free].append(decided(run, number, other))
        return found

    def _report(
        self, bound: int, *, complete: bool, first: Counterexample | None = None
    ) -> Report:
        return Report(
            "interleavings", self.tried, 0, bound, complete, first, skipped=self.skipped
        )


def replay_interleaving(
    boot: Boot,
    requests: Iterable[Any],
    invariant: Invariant,
    interleaving: Interleaving,
    *,
    retries: int,
    processes: int,
    code: Iterable[Any],
) -> Counterexample | None:
    """Run one interleaving again and tell it; None where it does no harm."""
    with setting(
        boot, requests, invariant, code=code, retries=retries, processes=processes
    ) as place:
        run = perform(place, interleaving)
        if run.violation is None:
            return None
        return retell(place, run, run.violation)


def perform(
    place: Setting,
    interleaving: Interleaving,
    harm: Harm | None = None,
    *,
    sleepers: dict[int, Print] | None = None,
) -> Run:
    """Run one interleaving in a fresh world and judge what comes out.

    With `sleepers` it is noted what each step does; see `Play`.
    """
    world = place.start()
    play = Play(
        interleaving.order, list(interleaving.switches), list(interleaving.choices)
    )
    play.sleepers, play.fixed = sleepers, interleaving.fixed
    try:
        deliver = place.boot_in(world)
    except (KeyboardInterrupt, Interrupted):
        raise
    except BaseException as error:  # noqa: BLE001 - the learner's, whatever it is
        return Run(interleaving, play, 0, not_started(error))
    answers: list[Answer] = []

    def job(number: int) -> None:
        answer = deliver(number)
        answers.append(answer)
        place.stage.workers[number].tell("answer", str(answer))

    if harm is not None:
        play.watch = lambda _where: harm.look(world, answers, play)
    jobs = [lambda number=number: job(number) for number in range(len(place.requests))]
    place.stage.run(jobs, play)
    together, offers = len(play.points), tuple(play.offers)
    play.sleepers = None
    for _ in range(place.retries):
        done = {answer.request for answer in answers if answer.acknowledged}
        for number in range(len(jobs)):
            if number not in done and not play.ended:
                play.order, play.switches, play.choices = (number,), [], []
                play.note(number, "again", "the sender delivers again")
                place.stage.run(jobs, play)
    if play.ended in ("unplayable", "redundant"):
        return Run(interleaving, play, together, None, offers)
    if play.ended:
        return Run(interleaving, play, together, unended(play), offers)
    return Run(interleaving, play, together, place.judge(world, answers), offers)


def retell(place: Setting, run: Run, violation: Violation) -> Counterexample:
    """Run a harmful interleaving once more to see at which step the harm is done."""
    steps = tuple(place.steps_of(run.play))
    harm_at = len(steps) - 1 if run.play.ended else None
    states: tuple[State, ...] = ()
    if not run.play.ended and run.play.points:
        harm = Harm(place, violation)
        again = perform(place, run.interleaving, harm)
        if tuple(place.steps_of(again.play)) == steps:
            harm_at, states = harm.done_at, harm.states(steps)
    return Counterexample(violation, steps, str(run.interleaving), harm_at, states)


def _one_more(run: Run) -> Iterator[tuple[int, int]]:
    """Yield the number of an offer and who else could go on there.

    Only offers later than all that was decided count.
    """
    for number in range(run.interleaving.fixed, len(run.offers)):
        offer = run.offers[number]
        for other in offer.options:
            if other != offer.chosen:
                yield number, other


def decided(run: Run, number: int, other: int) -> Interleaving:
    """Return the interleaving of a run up to an offer, and there another worker."""
    order = run.interleaving.order
    if number == 0:
        rest = (each for each in sorted(order) if each != other)
        return Interleaving((other, *rest), fixed=1)
    made = [*run.offers[1:number], replace(run.offers[number], chosen=other)]
    return _written(order, made, number + 1)


def in_full(run: Run) -> Interleaving:
    """Return the interleaving of a run with all that was chosen in it."""
    return _written(run.interleaving.order, run.offers[1:], len(run.offers))


def _written(order: tuple[int, ...], made: Sequence[Offer], fixed: int) -> Interleaving:
    unusual = [offer for offer in made if offer.chosen != offer.options[0]]
    switches = [(each.after, each.chosen) for each in unusual if not each.free]
    # A choice is found by its place; defaults count only where others share the place.
    places = {each.after for each in unusual if each.free}
    choices = [(o.after, o.chosen) for o in made if o.free and o.after in places]
    return Interleaving(order, tuple(switches), tuple(choices), fixed=fixed)


def _turns_back(run: Run, offer: Offer, other: int) -> bool:
    """Say whether a switch goes to a worker whose job is under way."""
    return any(worker == other for worker, *_ in run.play.points[: offer.after])
