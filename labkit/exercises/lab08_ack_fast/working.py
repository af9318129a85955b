"""Run a worker on a queue, with crashes and restarts; see what happens to the jobs."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from labkit.checks import NotAttempted, describe, short
from labkit.checks.observing import RAISES, Seen, outcome
from labkit.checks.space import Fields
from labkit.exercises.lab06_retries.clock import real_sleeps
from labkit.exercises.lab08_ack_fast.jobs import Died, Enough, Queue

LIMIT = 5
"""How often an event is tried at most."""

LIVES = 15
"""How often a worker is started at most."""

GRACE = 0.4
"""Seconds that are waited for work in another thread."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What became of a queue: its log, the sleep in seconds, and what came out."""

    queue: Queue
    slept: float
    error: BaseException | None

    def tries(self, name: str) -> int:
        """Return how often a job was processed."""
        return self.queue.processed.count(name)

    def first_and_last(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Return the first and the last place of each step in the log."""
        places = list(enumerate(self.queue.log))
        last = {step: place for place, step in places}
        return {step: place for place, step in reversed(places)}, last

    @property
    def deleted_first(self) -> list[str]:
        """The jobs that were deleted although their work came later, or never."""
        times = Counter(self.queue.names)
        first, last = self.first_and_last()
        found = []
        for name in self.queue.names:
            done, work = f"done {name}", f"process {name}"
            if times[name] > 1 or done not in first or f"bury {name}" in first:
                continue
            if work not in first or last[work] > first[done]:
                found.append(name)
        return found

    @property
    def after_burial(self) -> list[str]:
        """The jobs that were processed after they had been buried."""
        log = self.queue.log
        return [
            name
            for name in self.queue.dead_letters
            if f"process {name}" in log[log.index(f"bury {name}") :]
        ]

    @property
    def escaped(self) -> bool:
        """Whether the worker let out an exception that process had raised."""
        error = self.error
        return error is not None and any(
            raised in (error, error.__cause__) for raised in self.queue.raised
        )

    @property
    def polls(self) -> bool:
        """Whether take was called again after it had returned None."""
        return self.queue.most_idle > 1

    def value(self, sentence: str) -> Any:
        """Return what of it counts for a sentence of the contract."""
        queue = self.queue
        if queue.misused:
            return "misused"
        if self.error is not None:
            return RAISES, type(self.error).__name__
        if queue.stuck:
            return "polls" if self.polls else "does not end"
        if sentence == "one":
            return queue.took_ahead, self.polls
        if sentence == "sleep":
            return self.slept > 0
        if self.deleted_first:
            return "deleted first"
        reasons = tuple(
            (name, isinstance(why, str))
            for name, why in sorted(queue.dead_letters.items())
        )
        if sentence == "lost":
            ever = tuple(sorted(set(queue.processed)))
            return ever, self.tries("C") > LIMIT, queue.left, reasons
        buried = tuple(self.after_burial)
        return tuple(queue.processed), len(queue.given), queue.left, reasons, buried


@dataclass(frozen=True, slots=True)
class Working:
    """Observes a worker with a queue; the fields are the arguments of `Queue`.

    The field `about` is the sentence that the trial tests. A process that dies is
    started again with the same queue.
    """

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Let one process after another work, and say what happened to the jobs."""
        settings = {k: v for k, v in fields.items() if k not in ("names", "about")}
        queue = Queue(fields["names"], **settings)
        threads = threading.active_count()
        with real_sleeps() as slept, silent_threads():
            error = _lives(solution, queue)
            ends = time.monotonic() + GRACE
            while threading.active_count() > threads and time.monotonic() < ends:
                threading.Event().wait(0.002)
        if error == "coroutine":
            return Seen("coroutine", "a coroutine that nothing awaits")
        worked = Worked(queue, sum(slept), error)
        return Seen(worked.value(fields["about"]), _told(worked), error, worked)

    def show(self, fields: Fields) -> str:
        """Return the input as a verdict shows it."""
        names = fields["names"]
        parts = ["the queue is empty"]
        if names:
            parts = [f"{len(names)} jobs are in the queue"]
            if len(names) == 1:
                parts = [f"the job {names[0]} is in the queue"]
            elif len(names) < 6:
                parts = [f"the jobs {', '.join(names)} are in the queue"]
        for name, before in fields["attempts"].items():
            times = "once" if before == 1 else f"{before} times"
            parts.append(f"{name} was taken {times} before")
        for name, errors in fields["fails"].items():
            parts.append(f"process({name}) {_attempts(errors)}")
        if fields["dies_at"] is not None:
            call, after = divmod(fields["dies_at"], 2)
            when = "after" if after else "before"
            parts.append(
                f"the process crashes once, {when} call {call + 1} of process or of a "
                "method of the queue"
            )
        return "\n".join(parts)


def _attempts(errors: Sequence[Any]) -> str:
    """Say what an attempt of some work does, one after the other."""
    told: list[str] = []
    for error in errors:
        text = "returns" if error is None else "crashes the process"
        if isinstance(error, Exception):
            text = f"raises {describe(error)}"
        if told and told[-1].startswith(text):
            times = int(told[-1].rpartition(" x")[2] or 1) if " x" in told[-1] else 1
            told[-1] = f"{text} x{times + 1}"
        else:
            told.append(text)
    last = "each time" if len(errors) == 1 else ""
    return " ".join(filter(None, [", then ".join(told), last]))


@contextmanager
def silent_threads() -> Iterator[None]:
    """Print nothing about the exceptions that end a thread of the worker."""
    kept = threading.excepthook
    threading.excepthook = lambda _: None
    try:
        yield
    finally:
        threading.excepthook = kept


def _lives(work: Any, queue: Queue) -> Any:
    """Run a worker until it ends without a crash; return what it let out, or None."""
    for _ in range(LIVES):
        try:
            seen = outcome(lambda: work(queue, queue.process), lambda _: None)
        except NotAttempted as stub:
            if not queue.log:
                raise
            return stub.__cause__
        if isinstance(seen.error, Enough):
            return None
        if seen.error is not None and not isinstance(seen.error, Died):
            return seen.error
        if seen.value == "coroutine":
            return "coroutine"
        if not queue.dead:
            return None
        queue.restart()
    return None


def _told(worked: Worked) -> str:
    queue = worked.queue
    parts = [queue.story()]
    if queue.misused:
        parts.append(queue.misused)
    if worked.error is not None:
        parts.append(f"raised {describe(worked.error)}")
    for name, why in [*queue.dead_letters.items()][:3]:
        if not isinstance(why, str):
            kind = type(why).__name__
            parts.append(
                f"the reason for {name} is {short(why)} ({kind}, not a string)"
            )
    if queue.left:
        names = sorted(row.name for row in queue.rows)
        more = [f"{len(names) - 10} more"] if len(names) > 10 else []
        parts.append(f"still in the queue: {', '.join([*names[:10], *more])}")
    if worked.slept:
        parts.append(f"slept {worked.slept:g} s")
    return "; ".join(parts)
