"""Keep what a thread prints for itself instead of letting it land in some cell.

Jupyter sends a background thread's prints to whichever cell happens to run. Here a
thread that captures gets its own text; all other threads print as before.
"""

import sys
import threading
from typing import IO, Any

LIMIT = 10_000
"""Characters kept of one capture; the rest is counted and left out."""


class Printed:
    """What was printed, up to LIMIT characters."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._kept = 0
        self._left_out = 0

    def write(self, text: str) -> None:
        """Keep the text as far as there is room."""
        room = LIMIT - self._kept
        if room > 0:
            self._parts.append(text[:room])
            self._kept += min(len(text), room)
        self._left_out += max(0, len(text) - max(room, 0))

    def __str__(self) -> str:
        text = "".join(self._parts)
        if self._left_out:
            text += f"\n… and {self._left_out} characters more"
        return text


class _Router:
    """Stands in for a standard stream and sorts what is written by thread."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.printed: dict[int, Printed] = {}

    def write(self, text: str) -> int:
        kept = self.printed.get(threading.get_ident())
        if kept is None:
            self.stream.write(text)
        else:
            kept.write(text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


_lock = threading.Lock()

_routers: dict[str, _Router] = {}
"""The router of each stream, kept: Python's `print` holds no reference to `sys.stdout`.

A router that went while another thread prints would take the process with it (CPython's
issue 130163; 3.12.10 and 3.13.3 mend it).
"""


class captured:  # noqa: N801 - used as the context manager that it is
    """Capture what this thread prints to stdout and stderr, as long as it lasts."""

    __slots__ = ("_before", "_thread")

    def __enter__(self) -> Printed:
        printed = Printed()
        self._thread = thread = threading.get_ident()
        self._before: dict[str, Printed | None] = {}
        with _lock:
            for name in ("stdout", "stderr"):
                stream: IO[str] | _Router = getattr(sys, name)
                if not isinstance(stream, _Router):
                    stream = _router_of(name, stream)
                    setattr(sys, name, stream)
                self._before[name] = stream.printed.get(thread)
                stream.printed[thread] = printed
        return printed

    def __exit__(self, *_: object) -> None:
        with _lock:
            for name, earlier in self._before.items():
                router = getattr(sys, name)
                if not isinstance(router, _Router):
                    continue
                if earlier is not None:
                    router.printed[self._thread] = earlier
                else:
                    router.printed.pop(self._thread, None)
                if not router.printed:
                    setattr(sys, name, router.stream)


def _router_of(name: str, stream: Any) -> _Router:
    router = _routers.get(name)
    if router is None or router.stream is not stream:
        router = _routers[name] = _Router(stream)
    return router
