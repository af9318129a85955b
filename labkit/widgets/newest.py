"""Work that follows a hand: only the newest state counts, and one run at a time.

Jupyter calls a widget's callbacks on the main thread once the cell is done, or, by
version and setting, on a thread of its own while a cell still runs.
"""

import threading
from collections.abc import Callable


class Newest:
    """Run the work whenever it is asked for, but never twice at once.

    Asked for while it runs, by another thread or by itself, it runs once more when it
    is done, however often it was asked. `work` reads the state itself when it begins,
    so the last run always sees the last state.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._guard = threading.Lock()
        self._running = False
        self._asked = False

    def __call__(self) -> None:
        """Ask for a run; return when it is done, or at once if one is under way."""
        with self._guard:
            self._asked = True
            if self._running:
                return
            self._running = True
        while self._taken():
            try:
                self._work()
            except BaseException:
                with self._guard:
                    self._running = False
                raise

    def _taken(self) -> bool:
        """Take the request, if there is one, or end the running."""
        with self._guard:
            self._running = taken = self._asked
            self._asked = False
            return taken
