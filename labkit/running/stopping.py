"""Orders to stop, for threads that run both the kit's code and the learner's.

An exception out of nowhere would leave the kit's locks taken and its work half done. So
it is raised only where the learner's code runs. The kit's own code looks now and then
whether it was told to stop, and raises the exception itself.
"""

import ctypes
import sys
import threading
import weakref
from time import monotonic
from types import FrameType

from labkit.running.ownership import is_kits, is_learners
from labkit.transport import Interrupted

_told: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


def stop(thread: threading.Thread, patience: float = 0.5) -> None:
    """Raise Interrupted in the thread until it ends, or patience does (seconds).

    The kit's own code in it is told, and ends when it looks.
    """
    _told.add(thread)
    deadline = monotonic() + patience
    while thread.is_alive() and monotonic() < deadline:
        if not _in_learners_code(sys._current_frames().get(thread.ident or 0)):  # noqa: SLF001 - the documented way to see a thread's frame
            thread.join(0.001)
            continue
        raise_in(thread, Interrupted)
        thread.join(0.02)


def stop_if_told() -> None:
    """Raise Interrupted if the calling thread was told to stop."""
    if threading.current_thread() in _told:
        raise Interrupted


def raise_in(thread: threading.Thread, error: type[BaseException]) -> None:
    """Raise an exception in a thread at its next instruction."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident or 0), ctypes.py_object(error)
    )


def _in_learners_code(frame: FrameType | None) -> bool:
    while frame is not None:
        filename = frame.f_code.co_filename
        if is_learners(filename):
            return True
        if is_kits(filename):
            return False
        frame = frame.f_back
    return False
