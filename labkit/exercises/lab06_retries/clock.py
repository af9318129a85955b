"""The machine's clock in a check: no real sleep, and any time zone."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def real_sleeps() -> Iterator[list[float]]:
    """Record the calls of `time.sleep` in this thread, and return from them at once."""
    mine = threading.get_ident()
    kept = time.sleep
    slept: list[float] = []

    def noting(seconds: float) -> None:
        if threading.get_ident() == mine:
            slept.append(seconds)
        else:
            kept(seconds)

    time.sleep = noting  # type: ignore[assignment]  # put back below
    try:
        yield slept
    finally:
        time.sleep = kept


@contextmanager
def time_zone(zone: str) -> Iterator[None]:
    """Set another time zone for this machine, if the system supports that."""
    set_zone = getattr(time, "tzset", None)
    if set_zone is None:
        yield
        return
    kept = os.environ.get("TZ")
    os.environ["TZ"] = zone
    set_zone()
    try:
        yield
    finally:
        if kept is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = kept
        set_zone()
