"""Run a receiver under every schedule with few preemptions."""

import itertools
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from labkit.explore.harm import Harm
from labkit.explore.play import Play
from labkit.explore.records import (
    WORKER_NAMES,
    Answer,
    Counterexample,
    Invariant,
    Report,
    Violation,
)
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
    """In which order workers run, and where one is taken off for another.

    `switches` are pairs: after so many steps of all workers together, to that worker.
    In short "AB 4B 9A": A first; after 4 steps B; after 9 steps A again.
    """

    order: tuple[int, ...]
    switches: tuple[tuple[int, int], ...] = ()

    def __str__(self) -> str:
        order = "".join(WORKER_NAMES[index] for index in self.order)
        taken = (f"{after}{WORKER_NAMES[to]}" for after, to in self.switches)
        return " ".join([order, *taken])

    @classmethod
    def read(cls, text: str) -> "Schedule":
        """Read the short form. Raises ValueError for anything else."""
        order, *taken = text.split()
        return cls(
            tuple(WORKER_NAMES.index(name) for name in order),
            tuple((int(word[:-1]), WORKER_NAMES.index(word[-1])) for word in taken),
        )


@dataclass(slots=True)
class Run:
    """One schedule, what happened under it, and the harm that it did."""

    schedule: Schedule
    play: Play
    together: int
    violation: Violation | None


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
        return _search(place, preemptions, limit, end)


def _search(place: Setting, preemptions: int, limit: int, end: float) -> Report:
    waiting = [Schedule(order) for order in _orders(place.requests)]
    tried, in_full = 0, -1
    skipped: list[Schedule] = []
    for bound in range(preemptions + 1):
        parents: list[Run] = []
        known: set[tuple[Any, ...]] = set()
        for schedule in waiting:
            if tried >= limit or (tried and time.monotonic() > end):
                return Report(
                    "schedules", tried, 0, in_full, False, skipped=len(skipped)
                )
            run = perform(place, schedule)
            if run.play.ended == "unplayable":
                skipped.append(schedule)
                continue
            tried += 1
            if run.violation is not None:
                first = retell(place, run, run.violation)
                return Report("schedules", tried, 0, in_full, False, first)
            seen = tuple(run.play.points[: run.together])
            if seen not in known:
                known.add(seen)
                parents.append(run)
        if not skipped:
            in_full = bound
        waiting = []
        for run in parents if bound < preemptions else ():
            for schedule in _one_more(run):
                needs_threads = IN_BROWSER and _turns_back(run, schedule)
                (skipped if needs_threads else waiting).append(schedule)
    return Report("schedules", tried, 0, in_full, True, skipped=len(skipped))


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
    play = Play(schedule.order, list(schedule.switches))
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
    together = len(play.points)
    for _ in range(place.retries):
        done = {answer.request for answer in answers if answer.acknowledged}
        for number in range(len(jobs)):
            if number not in done and not play.ended:
                play.order, play.switches = (number,), []
                play.note(number, "again", "the sender delivers again")
                place.stage.run(jobs, play)
    if play.ended == "unplayable":
        return Run(schedule, play, together, None)
    if play.ended:
        return Run(schedule, play, together, unended(play))
    return Run(schedule, play, together, place.judge(world, answers))


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
    """Yield the orders of the workers; equal requests need not change places."""
    twins = {
        (a, b)
        for a, b in itertools.combinations(range(len(requests)), 2)
        if requests[a] == requests[b]
    }
    for order in itertools.permutations(range(len(requests))):
        if all(order.index(a) < order.index(b) for a, b in twins):
            yield order


def _one_more(run: Run) -> Iterator[Schedule]:
    """Yield the schedules with one more switch, later than all those of `run`."""
    switches = run.schedule.switches
    points = run.play.points
    start = switches[-1][0] + 1 if switches else 1
    for at in range(start, run.together):
        worker, before = points[at][0], points[at - 1][0]
        for other in sorted(run.play.done_at):
            if other in (worker, before) or run.play.done_at[other] <= at:
                continue
            yield Schedule(run.schedule.order, (*switches, (at, other)))


def _turns_back(run: Run, schedule: Schedule) -> bool:
    """Say whether the last switch goes to a worker whose job is under way."""
    at, to = schedule.switches[-1]
    return any(worker == to for worker, *_ in run.play.points[:at])
