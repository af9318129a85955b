"""The queue and the work for the check of 8.2, with a process that may crash.

The queue does what the one in the notebook does, and notes each step. A step is one
transaction: a process that dies does so before or after it, never in between.
"""

import copy
import functools
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from labkit.samples import payments

ENOUGH = 100
"""With so many points for each of the first jobs, a loop has no end."""

MANY = 20
"""Each further job adds only so many points."""

ODD_BODIES = {
    "X": b'{"event": "parcel.',
    "Y": "not JSON: é".encode(),
    "Z": b"",
    "U": b"\xff\xfe\x00",
    "T": payments(9)[-1].body,
}
"""The bodies of the jobs with these names; all others are payments of their own."""

IDLE = 20
"""How often a worker may be told that nothing is due."""


class Died(BaseException):
    """The process was killed at this point."""


class Enough(BaseException):
    """The worker does not end; no `except Exception` catches this."""


class NoSuchJob(Exception):
    """The queue got something that is not one of its jobs."""


class Job(NamedTuple):
    """A job as `take` gives it out; `attempt` counts the takings, from 1."""

    id: int
    body: bytes
    attempt: int


@dataclass(slots=True)
class JobRow:
    """A job as the queue keeps it."""

    id: int
    name: str
    body: bytes
    attempts: int
    taken: bool = False
    waits: bool = False  # taken, and not yet processed


@functools.cache
def _bodies(count: int) -> Sequence[bytes]:
    """Return the bodies of so many payments; a check makes thousands of queues."""
    return [event.body for event in payments(count)]


class Queue:
    """A queue with a job for each of the names, and the work on them.

    `attempts` says how often a job was taken before. `fails` has what the work on a job
    raises, attempt by attempt: None for nothing, `Died` if it kills the process, the
    last entry for all further ones. `dies_at` is the point, counted from 0, at which
    the process dies once. Work in another thread waits `patience` seconds for its job
    to be deleted first.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        attempts: Mapping[str, int] | None = None,
        fails: Mapping[str, Sequence[Exception | type[Died] | None]] | None = None,
        dies_at: int | None = None,
        patience: float = 0.0,
    ) -> None:
        self.names = list(names)
        before = attempts or {}
        bodies = _bodies(len(names))
        self.rows = [
            JobRow(number, name, ODD_BODIES.get(name, body), before.get(name, 0))
            for number, (name, body) in enumerate(zip(names, bodies, strict=True))
        ]
        self.dead_letters: dict[str, Any] = {}
        self.log: list[str] = []
        self.processed: list[str] = []
        self.given: list[Any] = []
        self.raised: list[BaseException] = []
        self.misused = ""
        self.points = 0
        self.idle = self.most_idle = 0
        self.took_ahead = False
        self.stuck = False
        self.dead = False
        self._waiting: list[JobRow] = []
        self._names = {row.body: row.name for row in self.rows}
        self._by_id = {row.id: row.name for row in self.rows}
        self._most_points = ENOUGH * max(1, min(len(names), MANY)) + MANY * len(names)
        self._deleted = {name: threading.Event() for name in names}
        self._fails = fails or {}
        self._dies_at = dies_at
        self._patience = patience
        self._lock = threading.RLock()
        self._thread = threading.get_ident()

    def take(self) -> Job | None:
        """Give out the next job that is due, or None."""
        with self._step():
            row = next((row for row in self.rows if not row.taken), None)
            if row is None:
                self.idle += 1
                self.most_idle = max(self.most_idle, self.idle)
                self.log.append("take nothing")
                return None
            row.taken = True
            row.attempts += 1
            self.took_ahead |= bool(self._waiting)
            row.waits = True
            self._waiting.append(row)
            self.log.append(f"take {row.name}")
            return Job(row.id, row.body, row.attempts)

    def done(self, job: Any) -> None:
        """Delete the job."""
        with self._step():
            name, _ = self._removed(job, "done")
            self._deleted[name].set()

    def later(self, job: Any) -> None:
        """Put the job back, behind all others."""
        with self._step():
            _, row = self._removed(job, "later")
            if row is not None:
                row.taken = False
                self.rows.append(row)

    def bury(self, job: Any, why: Any) -> None:
        """Move the job to the dead letters."""
        with self._step():
            name, _ = self._removed(job, "bury")
            self.dead_letters[name] = why

    def process(self, body: Any) -> None:
        """Do the work of one job as the shop would, or raise its next exception."""
        name = self._names.get(body) if isinstance(body, bytes) else None
        if name and threading.get_ident() != self._thread:
            self._deleted[name].wait(self._patience)
        failure: Exception | type[Died] | None = None
        with self._step():
            self.given.append(body)
            self.log.append(f"process {name or 'something else'}")
            if name is not None:
                failures = self._fails.get(name, (None,))
                number = self.processed.count(name)
                failure = failures[min(number, len(failures) - 1)]
                self.processed.append(name)
                self._no_more_waiting([r for r in self._waiting if r.name == name])
                if failure is Died:
                    self._die()
        if isinstance(failure, Exception):
            error = copy.copy(failure)  # a learner may change it
            self.raised.append(error)
            raise error

    def restart(self) -> None:
        """Start a new process: the jobs of the crashed one are free again."""
        self.log.append("restart")
        self.dead = False
        self.idle = 0
        self._no_more_waiting(self._waiting)
        for row in self.rows:
            row.taken = False

    @property
    def left(self) -> str:
        """The names of the jobs that are still in the queue."""
        return "".join(sorted(row.name for row in self.rows))

    def story(self, limit: int = 24) -> str:
        """Tell the steps in one line; the middle of a long one is left out."""
        log = self.log
        if len(log) > limit:
            half = limit // 2
            left_out = f"… {len(log) - limit} more …"
            log = [*log[:half], left_out, *log[-half:]]
        return ", ".join(log) or "nothing"

    def _removed(self, job: Any, verb: str) -> tuple[str, JobRow | None]:
        """Take the job out and return its name, and its row unless it was gone."""
        number = getattr(job, "id", None)
        name = self._by_id.get(number) if isinstance(number, int) else None
        if name is None:
            self.misused = f"{verb}({job!r:.60})"
            raise NoSuchJob(f"{self.misused}: there is no such job")
        self.log.append(f"{verb} {name}")
        places = (at for at, row in enumerate(self.rows) if row.id == number)
        if (at := next(places, None)) is None:
            return name, None
        row = self.rows.pop(at)
        self._no_more_waiting([row])
        return name, row

    def _no_more_waiting(self, rows: Sequence[JobRow]) -> None:
        for row in rows:
            row.waits = False
        self._waiting = [row for row in self._waiting if row.waits]

    @contextmanager
    def _step(self) -> Iterator[None]:
        """Do one step completely; the process may crash before and after it."""
        with self._lock:
            if self.dead:
                raise Died
            if self.stuck or self.idle > IDLE or self.points > self._most_points:
                self._halt()
            self._point()
            yield
            self._point()

    def _point(self) -> None:
        number, self.points = self.points, self.points + 1
        if number == self._dies_at:
            self._die()

    def _die(self) -> None:
        self.dead = True
        self.log.append("the process crashes")
        raise Died

    def _halt(self) -> None:
        """End an endless loop, or let it sleep if nothing can end it."""
        if self.stuck:
            threading.Event().wait(60)
        self.stuck = True
        raise Enough
