"""Keep the garbage collector off what was there before.

Python looks through all that a process holds whenever enough new objects have come. In
a kernel with a long history behind it, or a test run, that takes up to a second, and
work that makes many objects pays for it again and again.
"""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def older_left_alone() -> Iterator[None]:
    """Let the collector look at nothing but what is made meanwhile."""
    if gc.get_freeze_count():  # somebody else's, and "unfreeze" would free all
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
