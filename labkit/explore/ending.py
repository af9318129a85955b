"""Ending a thread that may not want to end."""

import threading
from typing import Any

from labkit.explore.play import Abandoned
from labkit.running.stopping import raise_in_learners
from labkit.running.waiting import wants_to_run


def end_thread(thread: threading.Thread, gate: Any) -> None:
    """Let a thread end; raise Abandoned in it if it doesn't.

    Takes half a second at most, and up to five where the thread lacks a processor.
    """
    asleep = 0
    for attempt in range(500):
        if gate.locked():
            gate.release()
        thread.join(0.01)
        asleep += not wants_to_run(thread)
        if not thread.is_alive() or asleep == 50:
            return
        if attempt > 5:
            raise_in_learners(thread, Abandoned)
