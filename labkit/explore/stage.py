"""The stage: worker threads of which one runs at a time.

Each worker runs under `sys.settrace`, which calls back at every line of the learner's
code and of no other. At such a *point* the running worker may hand the turn to another
one, as the schedule says. It also does so when it has to wait, and when it has done its
job. No thread decides for the others: the one whose turn it is looks at the schedule
and wakes its successor, so that a schedule costs a few hand-overs and no polling.

What waits in a way that the explorer can't see (a socket, a lock made by C code) is
told by its unchanged frame and instruction, and another worker is let run. The
`Lookout` watches for that from outside.

A browser's Python has no threads. There a worker that hands over the turn does the
other one's whole job on top of its own, like a call, and then goes on. So a worker
whose job is under way can't get the turn before those on top of it are done; a play
that wants that ends as "unplayable".
"""

import contextlib
import contextvars
import gc
import math
import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, Self

from labkit.explore import waits
from labkit.explore.ending import end_thread
from labkit.explore.footprint import Common, Footprint
from labkit.explore.play import POINTS, Abandoned, Job, Play
from labkit.explore.sharing import TIME
from labkit.explore.stillness import Stillness
from labkit.explore.tracer import Tracer
from labkit.explore.turns import Candidate, Turns
from labkit.explore.waits import real_lock, real_sleep
from labkit.running.capture import captured
from labkit.running.stopping import raise_in_learners, stop_if_told
from labkit.transport import IN_BROWSER, Interrupted

_FAIR = 1_000
"""A worker that ran for so many points makes room, should it wait for another one."""

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


class Worker(Candidate):
    """One thread of the receiver, which waits for its turn at every point."""

    def __init__(self, stage: "Stage", index: int) -> None:
        super().__init__(index)
        self.gate = real_lock()
        self.gate.acquire()
        self.job: Job | None = None
        self.step = Footprint()
        self.thread: threading.Thread | None = None
        self._stage = stage
        self.tracer = Tracer(self, stage.files, stage.common)
        self._since = 0

    @property
    def identity(self) -> int:
        """What tells it from all other workers and threads."""
        thread = waits.real_get_ident()
        return thread if self.thread is not None else thread + 1 + self.index

    def begin(self, job: Job) -> None:
        """Get a job, to be done when the turn comes."""
        self.job, self.alive, self.begun, self.unseen = job, True, False, False
        self.may, self.sleeps, self.steps = None, False, 0
        self.offer, self.step = None, Footprint()
        self._since = len(self._stage.play.points)

    def wake(self) -> None:
        """Open the gate; the lookout may have opened it already."""
        with contextlib.suppress(RuntimeError):
            self.gate.release()

    # What runs in the worker's own thread.

    def live(self) -> None:
        """Do one job after another until there is none."""
        with contextlib.suppress(Interrupted):
            while True:
                self.gate.acquire()
                if self.job is None:
                    return
                self.act()

    def act(self) -> None:
        """Do the job under tracing and hand the turn on."""
        stage = self._stage
        before, beneath = sys.gettrace(), waits.here()
        self.begun = True
        waits.waiters[waits.real_get_ident()] = self
        try:
            with captured():
                if self.job is not None and not stage.play.ended:
                    self.arrive()
                    sys.settrace(self.tracer.call)
                    self.job()
        except Interrupted:
            pass
        except BaseException as error:  # noqa: BLE001 - a mistake of ours: see Stage.run
            stage.play.error = error
        finally:
            sys.settrace(before)
            if beneath is None:
                waits.waiters.pop(waits.real_get_ident(), None)
            else:
                waits.waiters[waits.real_get_ident()] = beneath
            stage.leave(self)

    def mark(self, token: str, *, changes: bool = True) -> None:
        """Note that the step under way looks at something, or changes it."""
        self.step.mark(token, changes=changes)

    def end_step(self) -> None:
        """Note what the last step did, and who need not sleep any more."""
        play, step, self.step = self._stage.play, self.step, Footprint()
        if play.sleepers is None:
            return
        done = self._stage.common.print_of(step)
        if self.offer is not None:
            play.prints[self.offer], self.offer = done, None
        play.wake(self.index, done)

    def stand(self, frame: FrameType) -> None:
        """Stand before a step: switch if the schedule says so, then take it."""
        stage, play = self._stage, self._stage.play
        file, line = frame.f_code.co_filename, frame.f_lineno
        if stage.running is not self:
            self._rejoin()
        if play.ended:
            raise Abandoned
        if self.steps:
            self.end_step()
        tired = len(play.points) - self._since > _FAIR
        turns = stage.turns
        other = (turns.next_ready(self) if tired else None) or turns.at_point(self)
        if other is not self:
            self.pass_to(other)
        if play.ended:
            raise Abandoned
        if stage.unseen:
            real_sleep(0.001)
        self.watch(f"before line {line}")
        play.points.append((self.index, file, line))
        self.steps += 1
        if play.sleepers is not None:
            stage.common.look(self.step, frame)
        turns.stuck.clear()
        if len(play.points) > POINTS:
            play.ended = "endless"
            raise Abandoned

    def pass_to(self, other: "Worker") -> None:
        """Give the turn to another worker and wait until it comes back."""
        stage = self._stage
        while not stage.hand_over(self, other):
            self._rejoin()
            if not other.alive or stage.play.ended:
                break
        else:
            if other.thread is None:
                self._carry(other)
            else:
                self.gate.acquire()
            self.arrive()
        self._since = len(stage.play.points)
        if stage.play.ended:
            raise Abandoned

    def _carry(self, other: "Worker") -> None:
        """Do another worker's whole job now, without its thread, and then continue."""
        stage = self._stage
        if other.begun:
            stage.play.ended = "unplayable"
        else:
            # A thread begins with an empty context, and tracing is off in a trace.
            contextvars.Context().run(sys.call_tracing, other.act, ())
        stage.running = self

    def _rejoin(self) -> None:
        """Come back from an unseen wait and queue up for the turn."""
        with self._stage.turn:
            self.unseen = False
            self._stage.unseen -= 1
        self.gate.acquire()
        self.arrive()

    def arrive(self) -> None:
        """Enter the memory of this worker's process; the turn has just come."""
        if self._stage.enter is not None:
            off, self.tracer.off = self.tracer.off, True
            self._stage.enter(self.index)
            self.tracer.off = off

    # What the things that a worker waits for call: see waits.Waiter.

    def deadline(self, patience: float | None) -> float:
        """Turn a patience in seconds into a time of the play's clock."""
        return math.inf if patience is None else self._stage.play.clock + patience

    def wait(
        self, deadline: float, what: str, ready: Callable[[], bool] | None = None
    ) -> bool:
        """Let others run; return False when the deadline has passed, else True.

        `ready` says whether trying again makes sense. Without it only time is waited
        for.
        """
        stage, play = self._stage, self._stage.play
        if self.tracer.off:
            return False
        if stage.running is not self:
            self._rejoin()
        if play.ended:
            raise Abandoned
        if (self.index, "wait") not in {n[1:3] for n in play.notes[-2:]}:
            play.note(self.index, "wait", f"waits for {what}")
        self.due, self.in_time = deadline, True
        self.may, self.sleeps = ready, ready is None
        if ready is None:
            self.mark(TIME)
        self.end_step()
        stage.turns.stuck.add(self)
        other = stage.turns.at_wait(self) or stage.let_time_pass()
        if other is None:
            play.ended = "deadlock"
            raise Abandoned
        if other is not self:
            self.pass_to(other)
        if not self.in_time or self.sleeps:
            self.mark(TIME)
        self.tracer.go_on(sys._getframe(1))  # noqa: SLF001 - the frame that waited
        self.due, self.may, self.sleeps = math.inf, None, False
        return self.in_time

    def touch(self, *, directly: bool = False) -> None:
        """Tell that this worker is about to do something that others can see."""
        self.tracer.touch(sys._getframe(1), directly=directly)  # noqa: SLF001 - tracing needs it

    def tell(self, kind: str, text: str) -> None:
        """Note what this worker did."""
        self._stage.play.note(self.index, kind, text)
        self.watch(f"after the {kind}")

    def watch(self, where: str) -> None:
        """Let the play's watch look, untraced and without taking part."""
        if self._stage.play.watch is not None and not self.tracer.off:
            self.tracer.off = True
            self._stage.play.watch(where)
            self.tracer.off = False


class Stage:
    """Workers that take turns; used with `with`, which ends their threads."""

    def __init__(self, workers: int, files: frozenset[str]) -> None:
        self.files = files
        self.common = Common()
        self.workers = [Worker(self, index) for index in range(workers)]
        self.twins: dict[int, list[int]] = {}
        """For a worker, those before it with an equal request: they begin first."""
        self.running: Worker | None = None
        self.turn = real_lock()
        """Held while the turn goes over: by a worker, or by the lookout."""
        self.unseen = 0
        self.enter: Callable[[int], None] | None = None
        """Called with the number of the worker that gets the turn."""
        self._over = real_lock()
        self._over.acquire()
        self._grace = 0
        self._company = 0
        self.prepare(Play((), []))

    def prepare(self, play: Play) -> None:
        """Let this be the play that comes next."""
        self.play, self.turns = play, Turns(play, self.workers, self.twins)
        self.unseen, self._grace = 0, 250
        self.common.begin(noting=play.sleepers is not None)

    def __enter__(self) -> Self:
        if IN_BROWSER:
            return self
        for worker in self.workers:
            name = f"labkit-explore-{worker.index}"
            worker.thread = threading.Thread(target=worker.live, name=name, daemon=True)
            worker.thread.start()
        self._company = threading.active_count()
        return self

    def __exit__(self, *_: object) -> None:
        self.play.ended = self.play.ended or "closed"
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
        """Let the workers do one job each under the schedule of `play`."""
        self.prepare(play)
        for index in play.order:
            self.workers[index].begin(jobs[index])
        self.running = self.turns.at_start()
        # The garbage collector would close a forgotten connection at any odd moment.
        collects = gc.isenabled()
        gc.disable()
        try:
            self._let_run(self.running)
        finally:
            if collects:
                gc.enable()
        if play.error is not None:
            raise play.error
        return play

    def _let_run(self, first: Worker) -> None:
        if first.thread is None:
            turn: Worker | None = first
            while turn is not None:
                self.running = turn
                turn.act()
                turn = self.turns.at_end(turn)
            self._over.acquire()
            return
        first.wake()
        watch = Lookout(self)
        while not self._over.acquire(timeout=LOOK):
            stop_if_told()
            watch.look()

    def let_time_pass(self) -> Worker | None:
        """Choose who goes on when everyone waits: the one whose time is up first."""
        company = 0 if IN_BROWSER else threading.active_count() - self._company
        if company + self.unseen > 0 and self._grace > 0:
            # What everyone waits for may come from a thread that the learner started,
            # or from a worker that is only slow.
            self._grace -= 1
            real_sleep(0.002)
            self.turns.stuck.clear()
            return self.running
        return self.turns.when_all_wait()

    def give_up(self) -> None:
        """Wait for no worker any more."""
        if self._over.locked():
            self._over.release()

    def hand_over(self, worker: Worker, other: Worker) -> bool:
        """Give the turn of one worker to another one; return False if it has none."""
        with self.turn:
            if self.running is not worker:
                return False
            self.running = other
            if other.thread is not None:
                other.wake()
            return True

    def leave(self, worker: Worker) -> None:
        """Let a worker that has done its job go, and wake the next one."""
        with self.turn:
            worker.mark("(answers)")
            worker.end_step()
            worker.alive = False
            if worker.unseen:
                worker.unseen = False
                self.unseen -= 1
            self.play.done_at.setdefault(worker.index, len(self.play.points))
            self.turns.stuck.clear()
            if not any(w.alive for w in self.workers):
                self.running = None
                self.give_up()
            elif self.running is worker and worker.thread is not None:
                self.running = self.turns.at_end(worker)
                if self.running is not None:
                    self.running.wake()


class Lookout:
    """Looks at the running worker from outside, when a play takes long."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._last: tuple[Any, ...] = ()
        self._stillness = Stillness()
        self._same = 0
        self._idle = 0.0

    def look(self) -> None:
        """Notice who waits in a way that can't be seen, and who will not end."""
        stage = self._stage
        worker = stage.running
        if stage.play.ended:
            self._hurry()
            return
        if worker is None:
            self._wake()
            return
        at = (worker, len(stage.play.points), worker.tracer.beats)
        self._same = self._same + 1 if at == self._last else 0
        self._idle = self._idle + LOOK if at[:2] == self._last[:2] else 0.0
        self._last = at
        if self._idle > _LONGEST:
            stage.play.ended, self._idle = "endless", 0.0
        elif (
            self._same >= _SUSPICIOUS
            and worker.thread is not None
            and self._stillness.look(worker.thread) >= _UNCHANGED
        ):
            self._pass_by(worker, at)

    def _pass_by(self, worker: Worker, at: tuple[Any, ...]) -> None:
        """Give the turn of one who waits to another, unless it just came back."""
        stage = self._stage
        with stage.turn:
            if (stage.running, len(stage.play.points), worker.tracer.beats) != at:
                return
            other = stage.turns.next_ready(worker)
            if other is not None:
                worker.unseen = stage.play.unseen = True
                stage.unseen += 1
                stage.play.note(worker.index, "wait", "waits")
                stage.running = other
                other.wake()

    def _wake(self) -> None:
        """Give the turn to a worker that has come back from an unseen wait."""
        stage = self._stage
        self._idle += LOOK
        if self._idle > _PATIENCE:
            stage.play.ended, self._idle = "deadlock", 0.0
        with stage.turn:
            ready = (w for w in stage.workers if w.alive and not w.unseen)
            if stage.running is None and (worker := next(ready, None)):
                stage.running = worker
                worker.wake()

    def _hurry(self) -> None:
        """End the workers of a play that is over."""
        self._idle += LOOK
        if self._idle < 10 * LOOK:
            return
        for worker in self._stage.workers:
            if not worker.alive or worker.thread is None:
                continue
            if not worker.thread.is_alive():
                self._stage.leave(worker)
            else:
                worker.wake()
            raise_in_learners(worker.thread, Abandoned)
        if self._idle > _PATIENCE:
            # It waits outside Python. Its thread ends as soon as it comes back.
            self._stage.give_up()
