"""Run a receiver under every schedule with few preemptions."""

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from labkit.explore.harm import Harm
from labkit.explore.play import Offer, Play
from labkit.explore.records import (
    WORKER_NAMES,
    Answer,
    Invariant,
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
from labkit.transport import IN_BROWSER, Interrupted


@dataclass(frozen=True, slots=True)
class Schedule:
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
    def read(cls, text: str) -> "Schedule":
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
    """One schedule, what happened under it, and the harm that it did."""

    schedule: Schedule
    play: Play
    together: int
    violation: Violation | None
    offers: tuple[Offer, ...] = ()


def explore(
    boot: Boot,
    requests: Iterable[Any],
    invariant: Invariant,
    *,
    preemptions: int,
    limit: int,
    seconds: float | None,
    retries: int,
    processes: int,
    code: Iterable[Any],
) -> Report:
    """Try schedule after schedule; see `labkit.explore.interleavings`."""
    end = math.inf if seconds is None else time.monotonic() + seconds
    with setting(
        boot, requests, invariant, code=code, retries=retries, processes=processes
    ) as place:
        if place.memory.doubts:
            return Report("schedules", 0, 0, -1, False, not_tried=place.memory.doubts)
        return Search(place, limit, end).bounded(preemptions)


class Search:
    """Tries interleavings one after the other, up to a number and a time."""

    def __init__(self, place: Setting, limit: int, end: float) -> None:
        self.tried = 0
        self.skipped = 0
        self._place = place
        self._limit = limit
        self._end = end

    def bounded(self, preemptions: int) -> Report:
        """Try those with no preemption, then those with one, and so on."""
        coming = [Schedule(order) for order in _orders(self._place.requests)]
        in_full = -1
        for bound in range(preemptions + 1):
            waiting, coming = coming, []
            known: dict[tuple[Any, ...], int] = {}
            for schedule in waiting:  # which grows
                if self.is_over():
                    return self._report(in_full, complete=False)
                run = self.perform(schedule)
                if run is None:
                    continue
                if run.violation is not None:
                    first = retell(self._place, run, run.violation)
                    return self._report(in_full, complete=False, first=first)
                seen = tuple(run.play.points[: run.together])
                if known.get(seen, schedule.fixed + 1) > schedule.fixed:
                    known[seen] = schedule.fixed
                    free, taken = self._further(run)
                    waiting += free
                    coming += taken if bound < preemptions else ()
            if not self.skipped:
                in_full = bound
        return self._report(in_full, complete=True)

    def is_over(self) -> bool:
        """Whether nothing more may be tried."""
        late = bool(self.tried) and time.monotonic() > self._end
        return late or self.tried >= self._limit

    def perform(self, schedule: Schedule) -> Run | None:
        """Run one schedule; None for one that takes threads where there are none."""
        run = perform(self._place, schedule)
        if run.play.ended == "unplayable":
            self.skipped += 1
            return None
        self.tried += 1
        return run

    def _further(self, run: Run) -> tuple[list[Schedule], list[Schedule]]:
        """List what else could be decided, without and with one more preemption."""
        found: tuple[list[Schedule], list[Schedule]] = ([], [])
        for offer, other in _one_more(run):
            if IN_BROWSER and _turns_back(run, offer, other):
                self.skipped += 1
            else:
                found[not offer.free].append(decided(run, offer, other))
        return found

    def _report(
        self, bound: int, *, complete: bool, first: Counterexample | None = None
    ) -> Report:
        return Report(
            "schedules", self.tried, 0, bound, complete, first, skipped=self.skipped
        )


def replay_schedule(
    boot: Boot,
    requests: Iterable[Any],
    invariant: Invariant,
    schedule: Schedule,
    *,
    retries: int,
    processes: int,
    code: Iterable[Any],
) -> Counterexample | None:
    """Run one schedule again and tell it; None where it does no harm."""
    with setting(
        boot, requests, invariant, code=code, retries=retries, processes=processes
    ) as place:
        run = perform(place, schedule)
        if run.violation is None:
            return None
        return retell(place, run, run.violation)


def perform(place: Setting, schedule: Schedule, harm: Harm | None = None) -> Run:
    """Run one schedule in a fresh world and judge what comes out."""
    world = place.start()
    play = Play(schedule.order, list(schedule.switches), list(schedule.choices))
    try:
        deliver = place.boot_in(world)
    except (KeyboardInterrupt, Interrupted):
        raise
    except BaseException as error:  # noqa: BLE001 - the student's, whatever it is
        return Run(schedule, play, 0, not_started(error))
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
    for _ in range(place.retries):
        done = {answer.request for answer in answers if answer.acknowledged}
        for number in range(len(jobs)):
            if number not in done and not play.ended:
                play.order, play.switches, play.choices = (number,), [], []
                play.note(number, "again", "the sender delivers again")
                place.stage.run(jobs, play)
    if play.ended == "unplayable":
        return Run(schedule, play, together, None, offers)
    if play.ended:
        return Run(schedule, play, together, unended(play), offers)
    return Run(schedule, play, together, place.judge(world, answers), offers)


def retell(place: Setting, run: Run, violation: Violation) -> Counterexample:
    """Run a harmful schedule once more to see at which step the harm is done."""
    steps = tuple(place.steps_of(run.play))
    harm_at = len(steps) - 1 if run.play.ended else None
    if not run.play.ended and run.play.points:
        harm = Harm(place, violation)
        again = perform(place, run.schedule, harm)
        if tuple(place.steps_of(again.play)) == steps:
            harm_at = harm.done_at
    return Counterexample(violation, steps, str(run.schedule), harm_at)


def _orders(requests: tuple[Any, ...]) -> Iterator[tuple[int, ...]]:
    """Yield an order for each worker that may begin; see `Stage.twins`."""
    numbers = range(len(requests))
    for first in numbers:
        if requests[first] not in requests[:first]:
            yield (first, *(number for number in numbers if number != first))


def _one_more(run: Run) -> Iterator[tuple[Offer, int]]:
    """Yield what could have been decided otherwise, later than all that was decided."""
    for offer in run.offers[run.schedule.fixed :]:
        for other in offer.options:
            if other != offer.chosen:
                yield offer, other


def decided(run: Run, offer: Offer, other: int) -> Schedule:
    """Return the schedule of a run up to an offer, and there another worker."""
    number = next(i for i, each in enumerate(run.offers) if each is offer)
    switches = list(run.schedule.switches)
    choices: list[tuple[int, int]] = []
    taken = (offer.after, other)
    if not offer.free:
        switches.append(taken)
    # A choice is found by its place; defaults count only where others share the place.
    made = [each for each in run.offers[:number] if each.free]
    places = {each.after for each in made if each.chosen != each.options[0]}
    if offer.free:
        places.add(offer.after)
    choices = [(each.after, each.chosen) for each in made if each.after in places]
    if offer.free:
        choices.append(taken)
    return Schedule(
        run.schedule.order, tuple(switches), tuple(choices), fixed=number + 1
    )


def _turns_back(run: Run, offer: Offer, other: int) -> bool:
    """Say whether a switch goes to a worker whose job is under way."""
    return any(worker == other for worker, *_ in run.play.points[: offer.after])
