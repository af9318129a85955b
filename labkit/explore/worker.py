"""One thread of the receiver, which waits for its turn at every point.

A browser's Python has no threads. There a worker that hands over the turn does the
other one's whole job on top of its own, like a call, and then goes on. So a worker
whose job is under way can't get the turn before those on top of it are done; a play
that wants that ends as "unplayable".
"""

import contextlib
import contextvars
import math
import sys
from collections.abc import Callable
from types import FrameType

from labkit.explore import waits
from labkit.explore.footprint import Common, Footprint
from labkit.explore.play import POINTS, Abandoned, Job
from labkit.explore.sharing import TIME
from labkit.explore.tracer import Tracer
from labkit.explore.turn import Member, Turn
from labkit.explore.waits import real_sleep
from labkit.running.capture import captured
from labkit.transport import Interrupted

_FAIR = 1_000
"""A worker that ran for so many points makes room, should it wait for another one."""


class Worker(Member):
    """One thread of the receiver, which waits for its turn at every point."""

    def __init__(
        self, index: int, turn: "Turn[Worker]", files: frozenset[str], common: Common
    ) -> None:
        super().__init__(index)
        self.job: Job | None = None
        self.step = Footprint()
        self.tracer = Tracer(self, files, common)
        self._turn = turn
        self._common = common
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
        self._since = len(self._turn.play.points)

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
        turn = self._turn
        before, beneath = sys.gettrace(), waits.here()
        self.begun = True
        waits.waiters[waits.real_get_ident()] = self
        try:
            with captured():
                if self.job is not None and not turn.play.ended:
                    self.arrive()
                    sys.settrace(self.tracer.call)
                    self.job()
        except Interrupted:
            pass
        except BaseException as error:  # noqa: BLE001 - a mistake of ours: see Stage.run
            turn.play.error = error
        finally:
            sys.settrace(before)
            if beneath is None:
                waits.waiters.pop(waits.real_get_ident(), None)
            else:
                waits.waiters[waits.real_get_ident()] = beneath
            self.mark("(answers)")
            try:
                self.end_step()
            except Exception as error:  # noqa: BLE001 - a mistake of ours
                turn.play.error = error
            turn.leave(self)

    def mark(self, token: str, *, changes: bool = True) -> None:
        """Note that the step under way looks at something, or changes it."""
        self.step.mark(token, changes=changes)

    def end_step(self) -> None:
        """Note what the last step did, and who need not sleep any more."""
        play, step, self.step = self._turn.play, self.step, Footprint()
        if play.sleepers is None:
            return
        done = self._common.print_of(step)
        if self.offer is not None:
            play.prints[self.offer], self.offer = done, None
        play.wake(self.index, done)

    def stand(self, frame: FrameType) -> None:
        """Stand before a step: switch if the interleaving says so, then take it."""
        turn, play = self._turn, self._turn.play
        file, line = frame.f_code.co_filename, frame.f_lineno
        if turn.running is not self:
            self._rejoin()
        if play.ended:
            raise Abandoned
        if self.steps:
            self.end_step()
        tired = len(play.points) - self._since > _FAIR
        after = turn.successors
        other = (after.next_ready(self) if tired else None) or after.at_point(self)
        if other is not self:
            self.pass_to(other)
        if play.ended:
            raise Abandoned
        if turn.unseen:
            real_sleep(0.001)
        self.watch(f"before line {line}")
        play.points.append((self.index, file, line))
        self.steps += 1
        if play.sleepers is not None:
            self._common.look(self.step, frame)
        after.stuck.clear()
        if len(play.points) > POINTS:
            play.ended = "endless"
            raise Abandoned

    def pass_to(self, other: "Worker") -> None:
        """Give the turn to another worker and wait until it comes back."""
        turn = self._turn
        while not turn.hand_over(self, other):
            self._rejoin()
            if not other.alive or turn.play.ended:
                break
        else:
            if other.thread is None:
                self._carry(other)
            else:
                self.gate.acquire()
            self.arrive()
        self._since = len(turn.play.points)
        if turn.play.ended:
            raise Abandoned

    def _carry(self, other: "Worker") -> None:
        """Do another worker's whole job now, without its thread, and then continue."""
        turn = self._turn
        if other.begun:
            turn.play.ended = "unplayable"
        else:
            # A thread begins with an empty context, and tracing is off in a trace.
            contextvars.Context().run(sys.call_tracing, other.act, ())
        turn.running = self

    def _rejoin(self) -> None:
        """Come back from an unseen wait."""
        self._turn.rejoin(self)
        self.arrive()

    def arrive(self) -> None:
        """Enter the memory of this worker's process; the turn has just come."""
        if self._turn.enter is not None:
            off, self.tracer.off = self.tracer.off, True
            self._turn.enter(self.index)
            self.tracer.off = off

    # What the things that a worker waits for call: see waits.Waiter.

    def deadline(self, patience: float | None) -> float:
        """Turn a patience in seconds into a time of the play's clock."""
        return math.inf if patience is None else self._turn.play.clock + patience

    def wait(
        self, deadline: float, what: str, ready: Callable[[], bool] | None = None
    ) -> bool:
        """Let others run; return False when the deadline has passed, else True.

        `ready` says whether trying again makes sense. Without it only time is waited
        for.
        """
        turn, play = self._turn, self._turn.play
        if self.tracer.off:
            return False
        if turn.running is not self:
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
        turn.successors.stuck.add(self)
        other = turn.successors.at_wait(self) or turn.let_time_pass()
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
        self._turn.play.note(self.index, kind, text)
        self.watch(f"after the {kind}")

    def watch(self, where: str) -> None:
        """Let the play's watch look, untraced and without taking part."""
        if self._turn.play.watch is not None and not self.tracer.off:
            self.tracer.off = True
            self._turn.play.watch(where)
            self.tracer.off = False
