"""Let the explorer run functions of a database: every crash point, every interleaving.

A worker of the explorer calls the learner's function with a connection of its own, over
the file in the explorer's folder.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from labkit.checks import Mistake, Question
from labkit.exercises.lab07_idempotency.search import PATIENCE, reported, tell
from labkit.exercises.lab13_be_the_provider.tables import connect
from labkit.explore import Boot, Outcome, Violation, World, crashes
from labkit.explore import interleavings as every_order

FILE = "provider.db"

Judge = Callable[[Outcome], Violation | None]
Job = Callable[[Any, Any, World], Any]
"""What a worker does with a connection, one request, and the world."""


def booting(job: Job, setup: str) -> Boot:
    """Return a boot whose handler opens the file and does the job."""

    def boot(world: World) -> Callable[[Any], Any]:
        file = world.directory / FILE
        if not file.exists():
            _fill(file, setup)

        def handle(request: Any) -> Any:
            with closing(connect(file)) as db:
                return job(db, request, world)

        return handle

    return boot


def dying(
    ask: Question,
    boot: Boot,
    requests: Iterable[Any],
    judge: Judge,
    known: Mapping[str, Mistake],
    *,
    code: Iterable[Any],
    retries: int = 1,
) -> str:
    """Let the process crash at each line; harm ends the case."""
    report = reported(
        lambda: crashes(
            boot,
            requests,
            judge,
            crashes=1,
            retries=retries,
            seconds=PATIENCE,
            code=code,
        )
    )
    tell(ask, known, report, in_full=True)
    return f"Crashes: all {report.points} places, {report.tried} different histories."


def at_once(
    ask: Question,
    boot: Boot,
    requests: Iterable[Any],
    judge: Judge,
    known: Mapping[str, Mistake],
    *,
    code: Iterable[Any],
    preemptions: int = 1,
) -> str:
    """Let two workers run at the same moment, in every order; harm ends the case."""
    report = reported(
        lambda: every_order(
            boot,
            requests,
            judge,
            preemptions=preemptions,
            retries=0,
            processes=2,
            seconds=PATIENCE,
            code=code,
        )
    )
    tell(ask, known, report, in_full=True)
    left_out = (
        f"; {report.skipped} more take threads, and a browser's Python has none"
        if report.skipped
        else ""
    )
    return (
        f"Two workers: {report.tried} interleavings with up to "
        f"{preemptions} preemption{'s' * (preemptions > 1)}{left_out}."
    )


def _fill(file: Path, setup: str) -> None:
    with closing(connect(file)) as db:
        db.executescript(setup)
