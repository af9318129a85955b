"""How long a thread has been at the same instruction, seen from another thread."""

import sys
import threading

from labkit.running.waiting import wants_to_run


class Stillness:
    """Counts the looks at which a thread had not moved and did not want to run.

    Frames are never kept: who holds a frame holds its variables, and may keep a
    database open that its function has closed.
    """

    def __init__(self) -> None:
        self._place = (0, 0)
        self._looks = 0

    def look(self, thread: threading.Thread) -> int:
        """Look once more, and return the number of looks since the thread moved."""
        frame = sys._current_frames().get(thread.ident or 0)  # noqa: SLF001 - the documented way to see a frame
        place = (id(frame), frame.f_lasti) if frame else (0, 0)
        del frame
        unmoved = place == self._place and not wants_to_run(thread)
        self._looks = self._looks + 1 if unmoved else 0
        self._place = place
        return self._looks
