"""The clock of a simulation: virtual time, or real time with requests side by side.

In virtual time nothing waits, and each request has its response at once. In real time a
request goes out in a thread of its own, so that many are under way together, and what
it took is read off the clock.

With a speed above 1 the lab's clock hurries while nothing is under way, and runs as any
other while the receiver works: a response that takes 1.5 s takes 1.5 s in the history
at every speed.
"""

import contextlib
import heapq
import itertools
import math
import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import simpy

from labkit.transport import IN_BROWSER

Clock = simpy.Environment
"""The virtual time of a simulation, or of several that share it."""


Result = TypeVar("Result")


class RealTime(simpy.Environment):
    """A simulation's environment whose time passes as real time does, times `speed`."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed
        self._under_way = 0
        self._done: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._patience: list[tuple[float, int, simpy.Event]] = []
        self._numbers = itertools.count()
        self._lab, self._real = 0.0, time.monotonic()

    def call(
        self,
        work: Callable[[], Result],
        note: Callable[[Result], object],
        patience: float = math.inf,
    ) -> simpy.Event:
        """Do the work in a thread, and `note` its result here when it is done.

        The event that is returned has the result as its value, or None where nothing
        came within `patience` seconds. What the work raises is raised by `run`.
        """
        event = self.event()
        if patience < math.inf:
            expiry = (self.now + patience, next(self._numbers), event)
            heapq.heappush(self._patience, expiry)

        def run() -> None:
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - raised in the other thread
                failure = error
                self._done.put(lambda: self._end(lambda: self._fail(failure)))
            else:
                self._done.put(lambda: self._end(lambda: succeed(result)))

        def succeed(result: Result) -> None:
            note(result)
            if not event.triggered:
                event.succeed(result)

        self._set_pace(+1)
        if IN_BROWSER:
            run()  # there are no threads, and one request goes out after the other
        else:
            threading.Thread(target=run, name="labkit-sender", daemon=True).start()
        return event

    def step(self) -> None:
        """Wait until the next event is due, and let it happen."""
        while (wait := (self._next() - self._time()) / self._pace) > 0:
            if self._under_way:
                with contextlib.suppress(queue.Empty):
                    self._done.get(timeout=min(wait, threading.TIMEOUT_MAX))()
            elif wait == math.inf:
                break  # nothing will happen any more, which SimPy tells by an error
            else:
                time.sleep(wait)
        if self._patience and self._patience[0][0] <= self.peek():
            at, _, event = heapq.heappop(self._patience)
            self._at(at, lambda: event.succeed(None))
        super().step()

    def _next(self) -> float:
        """Return when the next event is due, or someone's patience ends."""
        while self._patience and self._patience[0][2].triggered:
            heapq.heappop(self._patience)
        return min(self.peek(), self._patience[0][0] if self._patience else math.inf)

    def _end(self, tell: Callable[[], object]) -> None:
        """Let what is under way end now: the clock is ahead of the last event."""
        self._set_pace(-1)
        self._at(self._time(), tell)

    def _at(self, moment: float, tell: Callable[[], object]) -> None:
        def happen(_: simpy.Event) -> None:
            tell()

        self.timeout(max(0.0, moment - self.now)).callbacks.append(happen)

    @staticmethod
    def _fail(error: BaseException) -> None:
        raise error

    @property
    def _pace(self) -> float:
        return 1.0 if self._under_way else self._speed

    def _time(self) -> float:
        """Return what the lab's clock says."""
        return self._lab + (time.monotonic() - self._real) * self._pace

    def _set_pace(self, more: int) -> None:
        self._lab, self._real = self._time(), time.monotonic()
        self._under_way += more
