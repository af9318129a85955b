"""Wait for the threads that a test started: on a busy machine they end late."""

import threading
from collections.abc import Collection


def left_since(before: Collection[threading.Thread]) -> list[str]:
    """Wait for all threads that were not there before; name those that do not end."""
    new = [thread for thread in threading.enumerate() if thread not in before]
    for thread in new:
        thread.join(60)
    return [thread.name for thread in new if thread.is_alive()]
