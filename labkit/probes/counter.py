"""Count the effects that requests have, in events' worth."""

import time
from collections.abc import Callable

from labkit.errors import BadSetting
from labkit.probes.endpoint import Need

EFFECT_WAIT = 3.0
"""How long a wanted effect may take to show after the answer, in seconds."""

LONGEST_SETTLE = 2.0
"""How long to wait at most for effects that should not come, in seconds."""


class EffectCounter:
    """Reads the number that grows with each event, and learns how it grows.

    `read` returns the number; it is None if there is none. `unit` is what one event
    adds; it stays 0 if the effects can't be counted, and `seen` says why. `settle` is
    how long to wait for effects that should not come, in seconds.
    """

    def __init__(self, read: Callable[[], float] | None, settle: float) -> None:
        self.unit = 0.0
        self.seen = "was not read"
        self.settle = settle
        self._read = read
        self._missed = 0

    @property
    def counts(self) -> bool:
        """Whether effects can be counted."""
        return self._read is not None and self.unit > 0

    def number(self) -> float:
        """Return the number, 0 if there is none."""
        return self._read() if self._read else 0.0

    def learn(self, before: float) -> None:
        """Learn how much the event just delivered adds, and how long that takes."""
        if self._read is None:
            return
        answered = time.monotonic()
        if self._await(lambda: self.number() > before):
            lag = time.monotonic() - answered
            self.settle = max(self.settle, min(1.5 * lag + 0.1, LONGEST_SETTLE))
        time.sleep(self.settle)
        self.unit = self.number() - before
        time.sleep(self.settle)
        after = self.number()
        if after != before + self.unit:
            self.seen = f"changes by itself: {before:g}, then {after:g}"
            self.unit = 0.0
        elif not self.unit:
            self.seen = f"stayed at {before:g}"

    def gained_by(
        self, action: Callable[[], object], *, wanted: float | Callable[[], float]
    ) -> float:
        """Return how many events' worth of effects an action has.

        Waits until the wanted number is there, and a little longer for more. `wanted`
        may be a function, asked after the action. Raises BadSetting if effects can't
        be counted, or if the number fell.
        """
        if not self.counts:
            raise BadSetting(f"effects can't be counted; give {Need.EFFECTS}")
        before = self._steady()
        action()
        enough = wanted() if callable(wanted) else wanted
        self._await(lambda: (self.number() - before) / self.unit >= enough)
        time.sleep(self.settle)
        gained = (self.unfallen(before) - before) / self.unit
        self._missed += gained < enough
        return gained

    def unfallen(self, before: float) -> float:
        """Return the number; raises BadSetting if it is less than before."""
        number = self.number()
        if number < before:
            raise BadSetting(
                f"the number of effects fell from {before:g} to {number:g}, so it does "
                "not count all of them; keep it where it survives a restart, such as a "
                "table or a file"
            )
        return number

    def _steady(self) -> float:
        """Wait for what earlier requests still have to do; return the number then."""
        end = time.monotonic() + EFFECT_WAIT
        number = self.number()
        while time.monotonic() < end:
            time.sleep(self.settle)
            before, number = number, self.number()
            if number == before:
                break
        return number

    def _await(self, condition: Callable[[], bool]) -> bool:
        """Wait until it is so, but not indefinitely; return whether it is."""
        # Where effects stay away again and again, they are not waited for as long.
        patience = EFFECT_WAIT if self._missed < 2 else EFFECT_WAIT / 4
        end = time.monotonic() + patience
        wait = 0.01
        while not (so := condition()) and time.monotonic() < end:
            time.sleep(wait)
            wait = min(wait * 1.5, 0.2)
        return so
