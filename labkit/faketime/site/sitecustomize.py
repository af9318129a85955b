"""Timed waits of Python's threads as short sleeps, because libfaketime hangs them.

Python loads this file by its name when it starts, if its folder is on the path. It
hands over to the next `sitecustomize` that it hides.
"""

import contextlib
import importlib.machinery
import importlib.util
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

_STEP = max(0.005, 0.005 * float(os.environ.get("LABKIT_SPEED", "1")))
_wait = threading.Condition.wait
_join = threading.Thread.join


def _timed_wait(self: Any, timeout: float | None = None) -> bool:
    if timeout is None:
        return _wait(self)
    if not self._is_owned():
        raise RuntimeError("cannot wait on un-acquired lock")
    end = time.monotonic() + timeout
    waiter = threading.Lock()
    waiter.acquire()
    self._waiters.append(waiter)
    state = self._release_save()
    try:
        while not (notified := waiter.acquire(blocking=False)):
            left = end - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(_STEP, left))
        if not notified:
            # It may have been notified meanwhile.
            with contextlib.suppress(ValueError):
                self._waiters.remove(waiter)
        return notified
    finally:
        self._acquire_restore(state)


def _timed_join(self: Any, timeout: float | None = None) -> None:
    if timeout is None:
        _join(self)
        return
    end = time.monotonic() + timeout
    while self.is_alive() and (left := end - time.monotonic()) > 0:
        time.sleep(min(_STEP, left))


threading.Condition.wait = _timed_wait  # type: ignore[method-assign]
threading.Thread.join = _timed_join  # type: ignore[method-assign]

_here = Path(__file__).parent.resolve()
_others = [p for p in sys.path if p and Path(p).resolve() != _here]
_next = importlib.machinery.PathFinder.find_spec("sitecustomize", _others)
if _next is not None and _next.loader is not None:
    _module = importlib.util.module_from_spec(_next)
    _next.loader.exec_module(_module)
