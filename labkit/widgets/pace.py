"""How many events there is time for while a slider moves, and when it rests.

A picture of few events follows a slider at once, and one of a thousand does not. So
while a slider moves, as many events are sent as were fast enough before, and all of
them once it rests.
"""

import asyncio
from collections.abc import Callable, Sequence

FOLLOW = 0.12
"""Seconds that a picture may take while a slider moves."""

REST = 0.3
"""Seconds without a change after which a slider rests."""


class Pace:
    """Chooses how many events to send, from how long the last ones took."""

    def __init__(self, choice: Sequence[int]) -> None:
        self._choice = choice
        self._each = 0.0

    def note(self, events: int, seconds: float) -> None:
        """Note how long a picture of so many events took."""
        self._each = seconds / events

    def fitting(self, events: int) -> int:
        """Return how many of the events there is time for while a slider moves."""
        if events * self._each <= FOLLOW:
            return events
        fast = [n for n in self._choice if n < events and n * self._each <= FOLLOW]
        return max(fast, default=min(self._choice))


class Rest:
    """Calls back once nothing has moved for a while, where an event loop runs."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self._moves = 0

    def moved(self) -> bool:
        """Wait from now on; return False if no loop runs, so that nobody would call."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        self._moves += 1
        loop.call_later(REST, self._after, self._moves)
        return True

    def _after(self, moves: int) -> None:
        if moves == self._moves:
            self._call()
