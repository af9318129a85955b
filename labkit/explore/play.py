"""One run of a receiver under one interleaving."""

from collections.abc import Callable
from dataclasses import dataclass, field

from labkit.explore.sharing import Print
from labkit.transport import Interrupted

POINTS = 10_000
"""How many points a play may have; a handler that needs more does not end."""

Job = Callable[[], object]
Point = tuple[int, str, int]
"""Which worker, in which file, is about to run which line."""


class Abandoned(Interrupted):
    """The play is over and this worker must not go on."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A moment in which more than one worker could go on, and the one that did.

    `after` counts the points before it. It is `free` where the worker that had the turn
    had to wait or was done; otherwise that worker was interrupted if another one went
    on. `options` are those that could go on, the default first. `asleep` are those
    whose next step need not be tried here, with what that step did.
    """

    after: int
    free: bool
    chosen: int
    options: tuple[int, ...]
    asleep: tuple[tuple[int, Print], ...] = ()


@dataclass(slots=True)
class Play:
    """One run under one interleaving, while it runs and afterwards.

    `order` says who goes on where nothing else does; its first worker begins.
    `switches` are pairs (after so many points, to that worker) that interrupt a worker;
    `choices` are such pairs for when a worker waits or is done. `offers` notes each
    moment in which there was a choice. `notes` are tuples (before which point, worker,
    kind, text). `done_at` says after how many points each worker was done. `ended` is
    empty, or "deadlock", "endless", "unplayable" (it takes threads, and there are none)
    or "redundant" (another one has the same outcome). `error` is what a job raised.
    `clock` is the time that has passed for those who wait, in seconds. `unseen` says
    whether a wait was seen only from outside. `sleepers` are those whose next step has
    been tried from the same state, with what it did; they count after the first `fixed`
    offers, and None means that nobody notes what a step does. `prints` has what was
    done after each offer. `watch` is called before every point and after every note
    that a worker tells, with words that say where that is.
    """

    order: tuple[int, ...]
    switches: list[tuple[int, int]]
    choices: list[tuple[int, int]] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    notes: list[tuple[int, int, str, str]] = field(default_factory=list)
    done_at: dict[int, int] = field(default_factory=dict)
    ended: str = ""
    error: BaseException | None = None
    clock: float = 0.0
    unseen: bool = False
    sleepers: dict[int, Print] | None = None
    fixed: int = 0
    prints: dict[int, Print] = field(default_factory=dict)
    watch: Callable[[str], None] | None = None

    def note(self, worker: int, kind: str, text: str) -> None:
        """Remember something that happened between two points."""
        self.notes.append((len(self.points), worker, kind, text))

    def wake(self, worker: int, done: Print) -> None:
        """Let those sleep no more that depend on the step that a worker has made."""
        if self.sleepers is not None and len(self.offers) >= self.fixed:
            self.sleepers = {
                other: step
                for other, step in self.sleepers.items()
                if other != worker and not step.depends(done)
            }
