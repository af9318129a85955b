"""Who goes on where more than one worker could.

That is a choice at a point, where the running worker may be interrupted, and where it
waits or is done. The play lists these offers, and says what to choose; otherwise the
first in its order goes on.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from labkit.explore.play import Offer, Play
from labkit.explore.sharing import Print


@dataclass(eq=False)
class Candidate:
    """A worker, as one that may get the turn.

    It is `alive` until its job is done, and has `begun` when it got its first turn.
    `unseen` says that it waits in a way that only the lookout noticed. One that waits
    does so up to the time `due`, or until trying again makes sense (`may`), and it
    `sleeps` if it waits for nothing but that time; `in_time` says that the time has not
    come. `steps` counts those that it made. `offer` is the number of the latest offer
    at which it was chosen, up to its next step.
    """

    index: int
    alive: bool = False
    begun: bool = False
    unseen: bool = False
    due: float = math.inf
    in_time: bool = True
    sleeps: bool = False
    may: Callable[[], bool] | None = None
    steps: int = 0
    offer: int | None = None


C = TypeVar("C", bound=Candidate)


class Successors(Generic[C]):
    """The choices of one play.

    `twins` are, for a worker, those before it with an equal request: they begin first.
    """

    def __init__(
        self, play: Play, workers: Sequence[C], twins: Mapping[int, Sequence[int]]
    ) -> None:
        self.stuck: set[C] = set()
        """Those that have waited since the last point."""
        self._play = play
        self._workers = workers
        self._twins = twins

    def ready(self, worker: C) -> bool:
        """Whether a worker that hasn't the turn could do something with it."""
        if not worker.alive or worker.unseen or worker in self.stuck:
            return False
        if not worker.begun and worker.index in self._twins:
            return all(self._workers[n].begun for n in self._twins[worker.index])
        return worker.may is None or worker.may()

    def next_ready(self, asking: C) -> C | None:
        """Return who goes on by default in the place of a worker, if anyone can."""
        return next(iter(self._others(asking)), None)

    def at_start(self) -> C:
        """Return the worker that begins."""
        first = self._workers[self._play.order[0]]
        if others := self._others(first):
            self._note_offer(True, first, [first, *others])
        return first

    def at_point(self, worker: C) -> C:
        """Choose who makes the next step: the worker at its point, or another one."""
        play, others = self._play, self._others(worker)
        chosen = worker
        if play.switches and play.switches[0][0] <= len(play.points):
            target = self._workers[play.switches.pop(0)[1]]
            chosen = target if target.alive else worker
        elif worker.steps:
            chosen = self._awake([worker, *others])
        # Before its first step a worker has done nothing since it got the turn.
        if others and (worker.steps or chosen is not worker):
            self._note_offer(False, chosen, [worker, *others])
        return chosen

    def at_wait(self, worker: C) -> C | None:
        """Choose who goes on when a worker waits; None if nobody can."""
        others = self._others(worker)
        if not others:
            return None
        if not worker.sleeps or not all(other.sleeps for other in others):
            return self._choose(others)
        return self._first_due([*others, worker])

    def at_end(self, worker: C) -> C | None:
        """Choose who goes on when a worker is done; None if none is left to see."""
        if others := self._others(worker):
            return self._choose(others)
        return next((w for w in self._workers if w.alive and not w.unseen), None)

    def when_all_wait(self) -> C | None:
        """Choose the one whose time is up first; None if all wait forever."""
        timed = [worker for worker in self.stuck if worker.due < math.inf]
        if not timed:
            return None
        chosen = self._first_due(sorted(timed, key=lambda worker: worker.index))
        self.stuck.clear()
        return chosen

    def _first_due(self, waiting: list[C]) -> C:
        """Let time pass up to the first deadline; of several any may be first."""
        soonest = min(worker.due for worker in waiting)
        chosen = self._choose([w for w in waiting if w.due <= soonest])
        self._play.clock = max(self._play.clock, chosen.due)
        chosen.in_time = False
        return chosen

    def _others(self, asking: C) -> list[C]:
        """List who could go on in the place of a worker, the default first."""
        workers = map(self._workers.__getitem__, self._play.order)
        return [w for w in workers if w is not asking and self.ready(w)]

    def _choose(self, options: list[C]) -> C:
        """Choose as the play says, or else the first; nobody is interrupted."""
        play = self._play
        if play.ended:
            return options[0]
        if len(options) == 1:
            return self._awake(options)
        if play.choices and play.choices[0][0] <= len(play.points):
            wanted = self._workers[play.choices.pop(0)[1]]
            chosen = wanted if wanted in options else options[0]
        else:
            chosen = self._awake(options)
        self._note_offer(True, chosen, options)
        return chosen

    def _awake(self, options: list[C]) -> C:
        """Choose the first whose next step has not been tried from here."""
        play = self._play
        if not play.sleepers or len(play.offers) < play.fixed:
            return options[0]
        for option in options:
            if option.index not in play.sleepers:
                return option
        play.ended = "redundant"
        return options[0]

    def _note_offer(self, free: bool, chosen: C, options: list[C]) -> None:
        play = self._play
        indexes = tuple(option.index for option in options)
        asleep: tuple[tuple[int, Print], ...] = ()
        if play.sleepers is not None and len(play.offers) >= play.fixed:
            asleep = tuple(play.sleepers.items())
        chosen.offer = len(play.offers)
        play.offers.append(Offer(len(play.points), free, chosen.index, indexes, asleep))
