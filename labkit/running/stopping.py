"""Orders to stop, for threads that wait in the kit's own code.

An exception out of nowhere would leave the kit's locks taken. So a thread that waits
there looks now and then whether it was told to stop, and raises the exception itself.
"""

import threading
import weakref

_told: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


def tell_to_stop(thread: threading.Thread) -> None:
    """Let `told_to_stop` say yes in that thread from now on."""
    _told.add(thread)


def told_to_stop() -> bool:
    """Say whether the calling thread was told to stop."""
    return threading.current_thread() in _told
