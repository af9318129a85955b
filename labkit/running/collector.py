"""What the garbage collector costs, so that no check counts it as the learner's time.

Python looks through all that a process holds whenever enough new objects have come. In
a kernel with a long history behind it, or a test run, that takes a second or two, as
long as an answer may take.
"""

import contextlib
import gc
import time
from typing import Any, Self


class Collections:
    """The seconds that the collector takes while one of these is used with `with`."""

    def __init__(self) -> None:
        self._ended = 0.0
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        """How long it has taken so far, a collection under way included."""
        since = self._since
        return self._ended + (0.0 if since is None else time.monotonic() - since)

    def __enter__(self) -> Self:
        gc.callbacks.append(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ValueError):  # a learner may have emptied the list
            gc.callbacks.remove(self._note)

    def _note(self, phase: str, _info: dict[str, Any]) -> None:
        if phase == "start":
            self._since = time.monotonic()
        else:
            self._ended, self._since = self.seconds, None
