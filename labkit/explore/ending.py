"""Ending a thread that may not want to end."""

import ctypes
import threading
from typing import Any

from labkit.explore.play import Abandoned


def end_thread(thread: threading.Thread, gate: Any) -> None:
    """Let a thread end; raise Abandoned in it if it doesn't. Takes half a second."""
    for attempt in range(50):
        if gate.locked():
            gate.release()
        thread.join(0.01)
        if not thread.is_alive():
            return
        if attempt > 5:
            interrupt(thread)


def interrupt(thread: threading.Thread) -> None:
    """Raise Abandoned in a thread at its next instruction."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Abandoned)
    )
