"""Tell a thread that waits for something from one that only lacks a processor."""

import threading
from pathlib import Path


def wants_to_run(thread: threading.Thread | None) -> bool | None:
    """Say whether a thread only lacks a processor; None where the system can't tell.

    On a busy machine such a thread stays at its instruction, too, and waits for nobody.
    """
    if thread is None:
        return False
    try:
        told = Path(f"/proc/self/task/{thread.native_id}/stat").read_bytes()
    except OSError:
        return None
    # The state comes after the name, which stands in parentheses and may hold any.
    return told.rpartition(b")")[2].split()[0] != b"S"
