"""The turn: one worker has it, and gives it on; a lookout watches from outside.

The worker whose turn it is looks at the interleaving and wakes its successor, so that
an interleaving costs a few hand-overs and no polling.

What waits in a way that the explorer can't see (a socket, a lock made by C code) is
told by its unchanged frame and instruction, and another worker is let run. The
`Lookout` watches for that.
"""

import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from labkit.explore.play import Abandoned, Play
from labkit.explore.stillness import Stillness
from labkit.explore.successors import Candidate, Successors
from labkit.explore.waits import real_lock, real_sleep
from labkit.running.stopping import raise_in_learners
from labkit.transport import IN_BROWSER

LOOK = 0.003
"""How often to look from outside, in seconds."""

_SUSPICIOUS = 10
"""A worker that called no function between so many looks may be waiting."""

_UNCHANGED = 10
"""With the same frame and instruction at so many more it does wait."""

_PATIENCE = 2.0
"""How long everyone may wait in ways that can't be seen, in seconds."""

_LONGEST = 10.0
"""How long one line may take, in seconds."""


class Member(Candidate):
    """A worker with a gate, which opens when it gets the turn.

    Without threads `thread` is None. `beats` counts the functions that it called.
    """

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.gate = real_lock()
        self.gate.acquire()
        self.thread: threading.Thread | None = None
        self.beats = 0

    def wake(self) -> None:
        """Open the gate; the lookout may have opened it already."""
        with contextlib.suppress(RuntimeError):
            self.gate.release()


M = TypeVar("M", bound=Member)


class Turn(Generic[M]):
    """Who has the turn in the present play, and how it goes over to another worker."""

    def __init__(self, workers: Sequence[M]) -> None:
        self.workers = workers
        self.twins: dict[int, list[int]] = {}
        """For a worker, those before it with an equal request: they begin first."""
        self.running: M | None = None
        self.lock = real_lock()
        """Held while the turn goes over: by a worker, or by the lookout."""
        self.unseen = 0
        self.enter: Callable[[int], None] | None = None
        """Called with the number of the worker that gets the turn."""
        self.over = real_lock()
        """Held until nobody needs to be waited for."""
        self.over.acquire()
        self.company = 0
        """How many threads there are when no worker has started one."""
        self.prepare(Play((), []))

    def prepare(self, play: Play) -> None:
        """Let this be the play that comes next."""
        self.play, self.successors = play, Successors(play, self.workers, self.twins)
        self.unseen, self._grace = 0, 250

    def let_time_pass(self) -> M | None:
        """Choose who goes on when everyone waits: the one whose time is up first."""
        company = 0 if IN_BROWSER else threading.active_count() - self.company
        if company + self.unseen > 0 and self._grace > 0:
            # What everyone waits for may come from a thread that the learner started,
            # or from a worker that is only slow.
            self._grace -= 1
            real_sleep(0.002)
            self.successors.stuck.clear()
            return self.running
        return self.successors.when_all_wait()

    def give_up(self) -> None:
        """Wait for no worker any more."""
        if self.over.locked():
            self.over.release()

    def hand_over(self, worker: M, other: M) -> bool:
        """Give the turn of one worker to another one; return False if it has none."""
        with self.lock:
            if self.running is not worker:
                return False
            self.running = other
            if other.thread is not None:
                other.wake()
            return True

    def rejoin(self, worker: M) -> None:
        """Let a worker come back from an unseen wait and queue up."""
        with self.lock:
            worker.unseen = False
            self.unseen -= 1
        worker.gate.acquire()

    def leave(self, worker: M) -> None:
        """Let a worker that has done its job go, and wake the next one."""
        with self.lock:
            worker.alive = False
            if worker.unseen:
                worker.unseen = False
                self.unseen -= 1
            self.play.done_at.setdefault(worker.index, len(self.play.points))
            self.successors.stuck.clear()
            if not any(w.alive for w in self.workers):
                self.running = None
                self.give_up()
            elif self.running is worker and worker.thread is not None:
                self.running = self.successors.at_end(worker)
                if self.running is not None:
                    self.running.wake()


class Lookout:
    """Looks at the running worker from outside, when a play takes long."""

    def __init__(self, turn: Turn[Any]) -> None:
        self._turn = turn
        self._last: tuple[Any, ...] = ()
        self._stillness = Stillness()
        self._same = 0
        self._idle = 0.0

    def look(self) -> None:
        """Notice who waits in a way that can't be seen, and who will not end."""
        turn = self._turn
        worker = turn.running
        if turn.play.ended:
            self._hurry()
            return
        if worker is None:
            self._wake()
            return
        at = (worker, len(turn.play.points), worker.beats)
        self._same = self._same + 1 if at == self._last else 0
        self._idle = self._idle + LOOK if at[:2] == self._last[:2] else 0.0
        self._last = at
        if self._idle > _LONGEST:
            turn.play.ended, self._idle = "endless", 0.0
        elif (
            self._same >= _SUSPICIOUS
            and worker.thread is not None
            and self._stillness.look(worker.thread) >= _UNCHANGED
        ):
            self._pass_by(worker, at)

    def _pass_by(self, worker: Any, at: tuple[Any, ...]) -> None:
        """Give the turn of one who waits to another, unless it just came back."""
        turn = self._turn
        with turn.lock:
            if (turn.running, len(turn.play.points), worker.beats) != at:
                return
            other = turn.successors.next_ready(worker)
            if other is not None:
                worker.unseen = turn.play.unseen = True
                turn.unseen += 1
                turn.play.note(worker.index, "wait", "waits")
                turn.running = other
                other.wake()

    def _wake(self) -> None:
        """Give the turn to a worker that has come back from an unseen wait."""
        turn = self._turn
        self._idle += LOOK
        if self._idle > _PATIENCE:
            turn.play.ended, self._idle = "deadlock", 0.0
        with turn.lock:
            ready = (w for w in turn.workers if w.alive and not w.unseen)
            if turn.running is None and (worker := next(ready, None)):
                turn.running = worker
                worker.wake()

    def _hurry(self) -> None:
        """End the workers of a play that is over."""
        self._idle += LOOK
        if self._idle < 10 * LOOK:
            return
        for worker in self._turn.workers:
            if not worker.alive or worker.thread is None:
                continue
            if not worker.thread.is_alive():
                self._turn.leave(worker)
            else:
                worker.wake()
            raise_in_learners(worker.thread, Abandoned)
        if self._idle > _PATIENCE:
            # It waits outside Python. Its thread ends as soon as it comes back.
            self._turn.give_up()
