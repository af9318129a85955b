"""Looking at the running worker from outside, when a play takes long."""

import ctypes
import sys
import threading
from typing import TYPE_CHECKING, Any

from labkit.explore.play import Abandoned
from labkit.running.waiting import wants_to_run

if TYPE_CHECKING:
    from labkit.explore.stage import Stage, Worker

LOOK = 0.003
"""How often to look, in seconds."""

_SUSPICIOUS = 10
"""A worker that called no function between so many looks may be waiting."""

_UNCHANGED = 10
"""With the same frame and instruction at so many more it does wait."""

_PATIENCE = 2.0
"""How long everybody may wait in ways that can't be seen, in seconds."""

_LONGEST = 10.0
"""How long one line may take, in seconds."""


class Lookout:
    """Looks at the running worker from outside, when a play takes long."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage
        self._last: tuple[Any, ...] = ()
        self._place = (0, 0)
        self._still = 0
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
        at = (worker, len(stage.play.points), worker.beats)
        self._same = self._same + 1 if at == self._last else 0
        self._idle = self._idle + LOOK if at[:2] == self._last[:2] else 0.0
        self._last = at
        if self._idle > _LONGEST:
            stage.play.ended, self._idle = "endless", 0.0
        elif self._same >= _SUSPICIOUS and self._waits(worker.thread):
            self._pass_by(worker, at)

    def _pass_by(self, worker: "Worker", at: tuple[Any, ...]) -> None:
        """Give the turn of one who waits to another, unless it just came back."""
        stage = self._stage
        with stage.turn:
            if (stage.running, len(stage.play.points), worker.beats) != at:
                return
            other = stage.next_ready(worker)
            if other is not None:
                worker.unseen = True
                stage.unseen += 1
                stage.play.note(worker.index, "wait", "waits")
                stage.running = other
                other.gate.release()

    def _waits(self, thread: threading.Thread | None) -> bool:
        """Say whether a suspicious thread has long been at the same instruction.

        Frames are looked at only on suspicion and never kept: who holds a frame holds
        its variables, and may keep a database open that its function has closed.
        """
        frame = sys._current_frames().get(thread.ident or 0) if thread else None  # noqa: SLF001 - the documented way to see a frame
        place = (id(frame), frame.f_lasti) if frame else (0, 0)
        del frame
        unmoved = place == self._place and not wants_to_run(thread)
        self._still = self._still + 1 if unmoved else 0
        self._place = place
        return self._still >= _UNCHANGED

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
                worker.gate.release()

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
            elif worker.gate.locked():
                worker.gate.release()
            interrupt(worker.thread)
        if self._idle > _PATIENCE:
            # It waits outside of Python. Its thread ends as soon as it comes back.
            self._stage.give_up()


def end_thread(thread: threading.Thread, gate: Any) -> None:
    """Let a thread end; raise Abandoned in it if it doesn't. Takes half a second."""
    for attempt in range(50):
        if gate.locked():
            gate.release()
        thread.join(0.01)
        if not thread.is_alive():
            return
        if attempt > 5:
            interrupt(thread)


def interrupt(thread: threading.Thread) -> None:
    """Raise Abandoned in a thread at its next instruction."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Abandoned)
    )
