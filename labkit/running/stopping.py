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

    The kit's own code in it is told, and ends when it looks. A thread that outlives the
    patience is not waited for any more, but Interrupted is still raised in it: a loop
    that adds to a list would otherwise take all memory in a few minutes.
    """
    _told.add(thread)
    deadline = monotonic() + patience
    while thread.is_alive() and monotonic() < deadline:
        _interrupt(thread)
    if thread.is_alive():
        threading.Thread(target=_keep_on, args=(thread,), daemon=True).start()


def _keep_on(thread: threading.Thread) -> None:
    while thread.is_alive():
        _interrupt(thread)
        thread.join(0.1)  # one that sleeps for long costs next to nothing


def _interrupt(thread: threading.Thread) -> None:
    thread.join(0.02 if raise_in_learners(thread, Interrupted) else 0.001)


def stop_if_told() -> None:
    """Raise Interrupted if the calling thread was told to stop."""
    if threading.current_thread() in _told:
        raise Interrupted


def raise_in_learners(
    thread: threading.Thread | None, error: type[BaseException]
) -> bool:
    """Raise an exception at a thread's next instruction if that is the learner's.

    Returns whether it was. In the kit's own code the exception could come between
    opening a file and the `with` that closes it.
    """
    number = thread.ident if thread is not None else None
    if not _in_learners_code(sys._current_frames().get(number or 0)):  # noqa: SLF001 - the documented way to see a thread's frame
        return False
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(number or 0), ctypes.py_object(error)
    )
    return True


def _in_learners_code(frame: FrameType | None) -> bool:
    while frame is not None:
        filename = frame.f_code.co_filename
        if is_learners(filename):
            return True
        if is_kits(filename):
            return False
        frame = frame.f_back
    return False
