"""One run of a receiver under one schedule."""

from collections.abc import Callable
from dataclasses import dataclass, field

from labkit.transport import Interrupted

POINTS = 10_000
"""How many points a play may have; a handler that needs more does not end."""

Job = Callable[[], object]
Point = tuple[int, str, int]
"""Which worker, in which file, is about to run which line."""


class Abandoned(Interrupted):
    """The play is over and this worker must not go on."""


@dataclass(slots=True)
class Play:
    """One run under one schedule, while it runs and afterwards.

    `switches` are pairs (after so many points, to that worker). `notes` are tuples
    (before which point, worker, kind, text). `done_at` says after how many points each
    worker was done. `ended` is empty, or "deadlock", "endless" or "unplayable" (it
    takes threads, and there are none). `error` is what a job raised. `clock` is the
    time that has passed for those who wait, in seconds. `watch` is called before every
    point and after every note that a worker tells, with words that say where that is.
    """

    order: tuple[int, ...]
    switches: list[tuple[int, int]]
    points: list[Point] = field(default_factory=list)
    notes: list[tuple[int, int, str, str]] = field(default_factory=list)
    done_at: dict[int, int] = field(default_factory=dict)
    ended: str = ""
    error: BaseException | None = None
    clock: float = 0.0
    watch: Callable[[str], None] | None = None

    def note(self, worker: int, kind: str, text: str) -> None:
        """Remember something that happened between two points."""
        self.notes.append((len(self.points), worker, kind, text))
