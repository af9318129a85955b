"""What the garbage collector costs: spared where it can be, else measured.

Python looks through all that a process holds whenever enough new objects have come. In
a kernel with a long history behind it, or a test run, that takes a second or two, and
work that makes many objects pays for it again and again.
"""

import contextlib
import gc
import threading
import time
from collections.abc import Iterator
from typing import Any, Self

_SHARE = 25
"""How many times longer than a full collection the work was that comes before it."""


@contextlib.contextmanager
def older_left_alone() -> Iterator[None]:
    """Let the collector look at nothing but what is made meanwhile.

    Now and then everything is collected afterwards, in a twenty-fifth of the time:
    Python counts anew each time, and would never come to it by itself.
    """
    _rest.begin()
    try:
        yield
    finally:
        if _rest.end():
            _rest.collect()


class _Rest:
    """When older objects are left alone, and how long that has gone on."""

    def __init__(self) -> None:
        self.cost = 0.1
        """What a full collection takes, in seconds; at first a guess."""
        self._lock = threading.Lock()
        self._inside = 0  # in whatever threads
        self._ours = False
        self._began = 0.0
        self._worked = 0.0

    def begin(self) -> None:
        with self._lock:
            # Python counts the frozen one by one, so only the outermost asks.
            if self._inside == 0 and not gc.get_freeze_count():
                gc.freeze()
                self._ours = True  # else "unfreeze" would free somebody else's, too
                self._began = time.process_time()
            self._inside += 1

    def end(self) -> bool:
        """Return whether it is time to collect everything."""
        with self._lock:
            self._inside -= 1
            if self._inside or not self._ours:
                return False
            gc.unfreeze()
            self._ours = False
            self._worked += time.process_time() - self._began
            return self._worked > _SHARE * self.cost

    def collect(self) -> None:
        began = time.process_time()
        gc.collect()
        self.cost, self._worked = time.process_time() - began, 0.0


_rest = _Rest()


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
