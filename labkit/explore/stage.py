"""The stage: worker threads of which one runs at a time.

Each worker runs under `sys.settrace`, which calls back at every line of the learner's
code and of no other. At such a *point* the running worker may hand the turn to another
one, as the interleaving says. It also does so when it has to wait, and when it has done
its job.
"""

import gc
import threading
from collections.abc import Sequence
from typing import Self

from labkit.explore.ending import end_thread
from labkit.explore.footprint import Common
from labkit.explore.play import Job, Play
from labkit.explore.turn import LOOK, Lookout, Turn
from labkit.explore.worker import Worker
from labkit.running.stopping import stop_if_told
from labkit.transport import IN_BROWSER


class Stage:
    """Workers that take turns; used with `with`, which ends their threads."""

    def __init__(self, workers: int, files: frozenset[str]) -> None:
        self.common = Common()
        self.workers: list[Worker] = []
        self.turn: Turn[Worker] = Turn(self.workers)
        for index in range(workers):
            self.workers.append(Worker(index, self.turn, files, self.common))

    def __enter__(self) -> Self:
        if IN_BROWSER:
            return self
        for worker in self.workers:
            name = f"labkit-explore-{worker.index}"
            worker.thread = threading.Thread(target=worker.live, name=name, daemon=True)
            worker.thread.start()
        self.turn.company = threading.active_count()
        return self

    def __exit__(self, *_: object) -> None:
        play = self.turn.play
        play.ended = play.ended or "closed"
        for worker in self.workers:
            worker.job = None
        for worker in self.workers:
            if worker.thread is not None:
                end_thread(worker.thread, worker.gate)
            else:
                # Code that asked for the current thread, such as a log, got a
                # replacement.
                vars(threading)["_active"].pop(worker.identity, None)

    def run(self, jobs: Sequence[Job], play: Play) -> Play:
        """Let the workers do one job each under the interleaving of `play`."""
        turn = self.turn
        turn.prepare(play)
        self.common.begin(noting=play.sleepers is not None)
        for index in play.order:
            self.workers[index].begin(jobs[index])
        turn.running = first = turn.successors.at_start()
        # The garbage collector would close a forgotten connection at any odd moment.
        collects = gc.isenabled()
        gc.disable()
        try:
            self._let_run(first)
        finally:
            if collects:
                gc.enable()
        if play.error is not None:
            raise play.error
        return play

    def _let_run(self, first: Worker) -> None:
        turn = self.turn
        if first.thread is None:
            worker: Worker | None = first
            while worker is not None:
                turn.running = worker
                worker.act()
                worker = turn.successors.at_end(worker)
            turn.over.acquire()
            return
        first.wake()
        watch = Lookout(turn)
        while not turn.over.acquire(timeout=LOOK):
            stop_if_told()
            watch.look()
