"""How long to wait for a response, judged by the responses so far."""

import statistics

LONGEST_WAIT = 10.0
"""No probe waits longer for an answer, in seconds, whatever the provider allows."""

SHORTER_WAITS = ((35.0, 0.3), (20.0, 1.0), (10.0, 3.0))
"""After that many seconds without a response, how long one wait may still take."""

KNOWN_TO_HANG = 0.5
"""How long to wait for a response of a kind that did not come before, in seconds."""

SLOW = 0.5
"""A usual response takes that long, in seconds, if the endpoint is called slow."""


class Patience:
    """How long to wait for the responses of one endpoint; all times are in seconds.

    `limit` is the timeout of the provider. `timings` holds how long the responses to
    valid events took.
    """

    def __init__(self, limit: float) -> None:
        self.timings: list[float] = []
        self._limit = limit
        self._waited = 0.0

    def note(self, seconds: float) -> None:
        """Note how long was waited for responses that never came."""
        self._waited += seconds

    @property
    def full(self) -> float:
        """How long to wait for any response.

        It shrinks the more time was spent on responses that never came, but stays well
        above the time that responses take.
        """
        full = min(self._limit + 1, LONGEST_WAIT)
        for spent, most in SHORTER_WAITS:
            if self._waited >= spent:
                return min(full, max(most, 5 * self.usual))
        return full

    @property
    def short(self) -> float:
        """How long to wait for a response of a kind that did not come before."""
        return min(self.full, max(KNOWN_TO_HANG, 20 * self.usual))

    @property
    def usual(self) -> float:
        """How long the response to a valid event usually takes."""
        return statistics.median(self.timings) if self.timings else 0.0

    @property
    def slow(self) -> bool:
        """Whether the endpoint is too slow for experiments that repeat much."""
        return self.usual >= SLOW
