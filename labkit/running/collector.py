"""When the garbage collector ran, so that no check counts it as the learner's time.

Python looks through all that a process holds whenever enough new objects have come. In
a kernel with a long history behind it, or a test run, that takes a second or two, as
long as a solution may take. No other thread runs meanwhile.

How long it takes can't be measured. Python would call a function of the kit's in the
learner's thread for that, which fails if the stack is nearly full.
"""

import gc


class Collections:
    """The collections of all objects in this process, since one of these was made."""

    def __init__(self) -> None:
        self._seen = _counted()

    def are_new(self) -> bool:
        """Whether one has begun or ended since this was last asked."""
        before, self._seen = self._seen, _counted()
        # The younger collections are counted, from 0 again where one of all begins.
        return self._seen[0] != before[0] or self._seen[1] < before[1]


def _counted() -> tuple[int, int]:
    return gc.get_stats()[2]["collections"], gc.get_count()[2]
