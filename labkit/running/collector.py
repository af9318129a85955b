"""What the garbage collector costs, so that no check counts it as the learner's time.

Python looks through all that a process holds whenever enough new objects have come. In
a kernel with a long history behind it, or a test run, that takes a second or two, as
long as an answer may take.

The clock is imported by its name, here and wherever else the kit measures a learner's
code, because that code or its check may put another one into the module `time`.
"""

import contextlib
import gc
from time import monotonic
from typing import Any, Self


class Collections:
    """The seconds that the collector takes while one of these is used with `with`."""

    def __init__(self) -> None:
        self._so_far: tuple[float, float | None] = (0.0, None)
        """The seconds of those that ended, and when the present one began."""

    @property
    def seconds(self) -> float:
        """How long it has taken so far, a collection under way included."""
        ended, since = self._so_far
        return ended + (0.0 if since is None else monotonic() - since)

    def __enter__(self) -> Self:
        gc.callbacks.append(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ValueError):  # a learner may have emptied the list
            gc.callbacks.remove(self._note)

    def _note(self, phase: str, _info: dict[str, Any]) -> None:
        # It calls nothing else, because the stack may be nearly full.
        now = monotonic()
        ended, since = self._so_far
        if since is not None:
            ended += now - since
        self._so_far = (ended, now if phase == "start" else None)
