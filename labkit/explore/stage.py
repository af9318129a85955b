"""The stage: worker threads of which one runs at a time.

Each worker runs under `sys.settrace`, which calls back at every line of the student's
code and of no other. At such a *point* the running worker may hand the turn to another
one, as the schedule says. It also does so when it has to wait, and when it has done its
job. No thread decides for the others: the one whose turn it is looks at the schedule
and wakes its successor, so that a schedule costs a few hand-overs and no polling.

What waits in a way that the explorer can't see (a socket, a lock made by C code) is
told by its unchanged frame and instruction, and another worker is let run.

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

from labkit.errors import LabError
from labkit.explore import waits
from labkit.explore.lookout import LOOK, Lookout, end_thread
from labkit.explore.play import POINTS, Abandoned, Job, Play
from labkit.explore.waits import real_lock, real_sleep
from labkit.running.capture import captured
from labkit.transport import IN_BROWSER, Interrupted

_FAIR = 1_000
"""A worker that ran for so many points makes room, should it wait for another one."""


class Worker:
    """One thread of the receiver, which waits for its turn at every point."""

    def __init__(self, stage: "Stage", index: int) -> None:
        self.index = index
        self.gate = real_lock()
        self.gate.acquire()
        self.job: Job | None = None
        self.alive = False
        self.begun = False
        self.unseen = False
        self.due = math.inf
        self.in_time = True
        self.thread: threading.Thread | None = None
        self._stage = stage
        self._fresh_line = False
        self._watched = False
        self._since = 0
        self.beats = 0
        self._on_line = self._line

    @property
    def identity(self) -> int:
        """What tells it from all other workers and threads."""
        thread = waits.real_get_ident()
        return thread if self.thread is not None else thread + 1 + self.index

    def begin(self, job: Job) -> None:
        """Get a job, to be done when the turn comes."""
        self.job, self.alive, self.begun, self.unseen = job, True, False, False
        self._since = len(self._stage.play.points)

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
                    sys.settrace(self._call)
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

    def _call(self, frame: FrameType, _event: str, _arg: object) -> Any:
        self.beats += 1
        ours = frame.f_code.co_filename in self._stage.files and not self._watched
        return self._on_line if ours else None

    def _line(self, frame: FrameType, event: str, _arg: object) -> Any:
        if event == "line":
            self._point(frame.f_code.co_filename, frame.f_lineno)
            self._fresh_line = True
        return self._on_line

    def _point(self, file: str, line: int) -> None:
        """Stand before a step: switch if the schedule says so, then take it."""
        stage, play = self._stage, self._stage.play
        if stage.running is not self:
            self._rejoin()
        if play.ended:
            raise Abandoned
        passed = len(play.points)
        if play.switches and play.switches[0][0] <= passed:
            target = stage.workers[play.switches.pop(0)[1]]
            if target.alive and target is not self:
                self.pass_to(target)
        elif passed - self._since > _FAIR and (other := stage.next_ready(self)):
            self.pass_to(other)
        if stage.unseen:
            real_sleep(0.001)
        self.watch(f"before line {line}")
        play.points.append((self.index, file, line))
        stage.stuck.clear()
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
        """Do another one's whole job now, for want of a thread, and then go on."""
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
            watched, self._watched = self._watched, True
            self._stage.enter(self.index)
            self._watched = watched

    # What the things that a worker waits for call: see waits.Waiter.

    def deadline(self, patience: float | None) -> float:
        """Turn a patience in seconds into a time of the play's clock."""
        return math.inf if patience is None else self._stage.play.clock + patience

    def wait(self, deadline: float, what: str) -> bool:
        """Let others run; return False when the deadline has passed, else True."""
        stage, play = self._stage, self._stage.play
        if self._watched:
            return False
        if stage.running is not self:
            self._rejoin()
        if play.ended:
            raise Abandoned
        if (self.index, "wait") not in {n[1:3] for n in play.notes[-2:]}:
            play.note(self.index, "wait", f"waits for {what}")
        self.due, self.in_time = deadline, True
        stage.stuck.add(self)
        other = stage.next_ready(self) or stage.let_time_pass()
        if other is None:
            play.ended = "deadlock"
            raise Abandoned
        if other is not self:
            self.pass_to(other)
        self.due = math.inf
        return self.in_time

    def touch(self, *, directly: bool = False) -> None:
        """Stand at a point inside of a line, before its second visible act."""
        if self._watched:
            return
        files = self._stage.files
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - tracing needs it
        while frame is not None and frame.f_code.co_filename not in files:
            if directly and frame.f_code.co_filename != waits.__file__:
                return
            frame = frame.f_back
        if self._fresh_line:
            self._fresh_line = False
        elif frame is not None:
            self._point(frame.f_code.co_filename, frame.f_lineno)

    def tell(self, kind: str, text: str) -> None:
        """Note what this worker did."""
        self._stage.play.note(self.index, kind, text)
        self.watch(f"after the {kind}")

    def watch(self, where: str) -> None:
        """Let the play's watch look, untraced and without taking part."""
        if self._stage.play.watch is not None and not self._watched:
            self._watched = True
            self._stage.play.watch(where)
            self._watched = False


class Stage:
    """Workers that take turns; used with `with`, which ends their threads."""

    def __init__(self, workers: int, files: frozenset[str]) -> None:
        self.files = files
        self.workers = [Worker(self, index) for index in range(workers)]
        self.play = Play((), [])
        self.running: Worker | None = None
        self.turn = real_lock()
        """Held while the turn goes over: by a worker, or by the lookout."""
        self.stuck: set[Worker] = set()
        self.unseen = 0
        self.enter: Callable[[int], None] | None = None
        """Called with the number of the worker that gets the turn."""
        self._over = real_lock()
        self._over.acquire()
        self._grace = 0
        self._company = 0

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
                # Whoever asked for the current thread, a log say, was given a stand-in.
                vars(threading)["_active"].pop(worker.identity, None)

    def run(self, jobs: Sequence[Job], play: Play) -> Play:
        """Let the workers do one job each under the schedule of `play`."""
        self.play, self.unseen, self._grace = play, 0, 250
        self.stuck.clear()
        for index in play.order:
            self.workers[index].begin(jobs[index])
        self.running = self.workers[play.order[0]]
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
                turn = self.next_ready(turn)
            self._over.acquire()
            return
        first.gate.release()
        watch = Lookout(self)
        while not self._over.acquire(timeout=LOOK):
            watch.look()

    def next_ready(self, asking: Worker) -> Worker | None:
        """Choose who runs next, other than `asking` and those who wait in vain."""
        for index in self.play.order:
            worker = self.workers[index]
            free = worker.alive and not worker.unseen and worker not in self.stuck
            if free and worker is not asking:
                return worker
        return None

    def let_time_pass(self) -> Worker | None:
        """Choose who goes on when everybody waits: the one whose time is up first."""
        company = 0 if IN_BROWSER else threading.active_count() - self._company
        if company + self.unseen > 0 and self._grace > 0:
            # What everybody waits for may come from a thread that the student started,
            # or from a worker that is only slow.
            self._grace -= 1
            real_sleep(0.002)
            self.stuck.clear()
            return self.running
        timed = [w for w in self.stuck if w.due < math.inf]
        if not timed:
            return None
        first = min(timed, key=lambda w: (w.due, w.index))
        self.play.clock = max(self.play.clock, first.due)
        first.in_time = False
        self.stuck.clear()
        return first

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
                other.gate.release()
            return True

    def leave(self, worker: Worker) -> None:
        """Let a worker that has done its job go, and wake the next one."""
        with self.turn:
            worker.alive = False
            if worker.unseen:
                worker.unseen = False
                self.unseen -= 1
            self.play.done_at.setdefault(worker.index, len(self.play.points))
            self.stuck.clear()
            if not any(w.alive for w in self.workers):
                self.running = None
                self.give_up()
            elif self.running is worker and worker.thread is not None:
                self.running = self.next_ready(worker)
                if self.running is not None:
                    self.running.gate.release()


def refuse_under_tracing(what: str) -> None:
    """Raise LabError where a debugger or coverage holds Python's tracing."""
    if sys.gettrace() is not None and not IN_BROWSER:
        raise LabError(
            f"{what} needs Python's tracing, and a debugger or coverage holds it "
            "(sys.gettrace() is set); run it without them"
        )
