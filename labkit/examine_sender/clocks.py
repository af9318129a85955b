"""How time passes for the sender: for real, faster than for real, or virtually."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from labkit.witness import Witness
from labkit.witness.in_process import VirtualClock

PAUSE = 0.02


class Clock(Protocol):
    """Real seconds, and how many seconds of the sender's clock pass in each."""

    speed: float
    late: float
    """By how many real seconds the machine woke the kit too late, at most."""

    def now(self) -> float:
        """Return the real (or virtual) time in seconds, from any start."""

    def pause(self, changed: threading.Condition, until: float) -> None:
        """Wait until something may have changed, at most until that time."""


class RealClock:
    """The clock on the wall; `speed` says how fast that of the sender runs."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self.late = 0.0

    def now(self) -> float:
        """Return the time in seconds."""
        return time.monotonic()

    def pause(self, changed: threading.Condition, until: float) -> None:
        """Wait for a change or a moment, whichever is first."""
        with changed:
            changed.wait(max(0.0, min(PAUSE, until - time.monotonic())))
        # A burst of changes must not keep the kit busy.
        start = time.monotonic()
        time.sleep(0.005)
        self.late = max(self.late, time.monotonic() - start - 0.005)


class SteppedClock:
    """Virtual time: it runs the sender's work and jumps to the next thing to do.

    `tick(now)` does everything that is due at that time and returns when there is
    something to do again, or None. Its clock is `time`, in seconds since the epoch.
    """

    speed = 1.0
    late = 0.0

    def __init__(
        self,
        clock: VirtualClock,
        tick: Callable[[float], float | None],
        witness: Witness,
    ) -> None:
        self.clock, self._tick, self._witness = clock, tick, witness

    def now(self) -> float:
        """Return the virtual time."""
        return self.clock.time

    def pause(self, changed: threading.Condition, until: float) -> None:
        """Do what is due; when there is nothing more, jump to what is next.

        The jump goes to `until` at most. What was done must be seen before it.
        """
        before = self._witness.count()
        due = self._tick(self.clock.time)
        if self._witness.count() != before:
            return
        target = until if due is None else min(until, due)
        self.clock.time = max(self.clock.time + 0.001, target)
