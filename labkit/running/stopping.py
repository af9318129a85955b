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

_FLAG_STOPS_TRACING = sys.version_info < (3, 12)
"""Whether traced code stops while an exception waits for another thread.

In Python 3.11 a traced function does not begin as long as the flag of `_raise_in` is
raised: it computes, and nothing happens. If one check was given up because its code
sleeps for 20 seconds, all checks of the next 20 seconds would be "still running".
"""

_SHORT_PAUSE, _LONG_PAUSE = 0.1, 10.0
"""Seconds between two exceptions in a thread that is not waited for any more.

If it sleeps, each pause is twice the last, up to the long one.
"""


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
    pause, before = _SHORT_PAUSE, None
    while thread.is_alive():
        _interrupt(thread)
        thread.join(pause)
        place = _place(thread)
        sleeps = place is not None and place == before
        pause = min(2 * pause, _LONG_PAUSE) if sleeps else _SHORT_PAUSE
        before = place


def _place(thread: threading.Thread) -> tuple[int, int] | None:
    """Return the frame and the instruction that a thread is at; None at its end."""
    frame = _frame_of(thread)
    return (id(frame), frame.f_lasti) if frame else None


def _frame_of(thread: threading.Thread) -> FrameType | None:
    return sys._current_frames().get(thread.ident or 0)  # noqa: SLF001 - the documented way to see a thread's frame


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
    if thread is None or not _in_learners_code(_frame_of(thread)):
        return False
    _raise_in(thread.ident or 0, error)
    return True


def _raise_in(number: int, error: type[BaseException]) -> None:
    """Raise an exception in a thread, and lower the flag that Python raises with it.

    The flag tells all threads that an exception waits for one of them. Python lowers it
    only when one is raised, whichever it is. Here that is one in the calling thread. A
    thread that sleeps may take its own much later; when it wakes up, it raises the flag
    itself.
    """
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    other = ctypes.c_ulong(number), ctypes.py_object(error)
    own = ctypes.c_ulong(threading.get_ident()), ctypes.py_object(_Lowered)
    try:  # no function in Python may begin in here: this thread may be traced
        raise_in(*other)
        if _FLAG_STOPS_TRACING:
            raise_in(*own)
            for _ in range(1000):  # it comes at once: Python looks in every round
                pass
    except _Lowered:
        pass


class _Lowered(BaseException):
    """What the calling thread raises in itself; nobody sees it."""


def _in_learners_code(frame: FrameType | None) -> bool:
    while frame is not None:
        filename = frame.f_code.co_filename
        if is_learners(filename):
            return True
        if is_kits(filename):
            return False
        frame = frame.f_back
    return False
