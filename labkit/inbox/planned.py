"""Responses that are planned by hand, and given in the place of the app's own."""

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from labkit.errors import BadSetting
from labkit.model import Response

LONGEST_DELAY = 60.0
MOST = 100


@dataclass(frozen=True, slots=True)
class Planned:
    """One response: its status, its body, and the delay before it, in seconds."""

    status: int
    body: str = ""
    delay: float = 0.0

    def __post_init__(self) -> None:
        if not 200 <= self.status <= 599:
            raise BadSetting(f"status {self.status}; give one from 200 to 599")
        if not 0 <= self.delay <= LONGEST_DELAY:
            raise BadSetting(f"delay {self.delay:g}; give 0 to {LONGEST_DELAY:g} s")

    @property
    def phrase(self) -> str:
        """The standard phrase of the status."""
        try:
            return HTTPStatus(self.status).phrase
        except ValueError:
            return "Status"

    @property
    def response(self) -> Response:
        """The response as it goes over the wire; 204 and 304 have no body."""
        body = b"" if self.status in (204, 304) else self.body.encode()
        headers = (("Content-Type", "text/plain; charset=utf-8"),)
        return Response(self.status, headers, body)


class Plan:
    """The responses that are still to be given, in order; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: deque[Planned] = deque()

    def set(self, responses: Iterable[Planned]) -> None:
        """Plan these instead of what was planned. Raises BadSetting for too many."""
        coming = deque(responses)
        if len(coming) > MOST:
            raise BadSetting(f"{len(coming)} responses; give at most {MOST}")
        with self._lock:
            self._coming = coming

    def take(self) -> Planned | None:
        """Return the next one, or None if the app is to respond."""
        with self._lock:
            return self._coming.popleft() if self._coming else None

    def __len__(self) -> int:
        return len(self._coming)
