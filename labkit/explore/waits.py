"""Waiting that the explorer can see: locks and sleep.

While an exploration runs, `threading.Lock`, `threading.RLock` and `time.sleep` are ones
that tell the explorer when a worker has to wait, so that another worker runs instead
and the same interleaving always runs the same way. Queues, conditions, events and
semaphores of the standard library are made of these locks and follow. In any other
thread of the process they behave as ever. Where all workers share one thread, as in a
browser, each of them has its own identifier and its own `threading.local`, too.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Protocol

real_get_ident = threading.get_ident
real_lock = threading.Lock
real_rlock = threading.RLock
real_sleep = time.sleep
RealLock: type = type(threading.Lock())
RealRLock: type = type(threading.RLock())

waiters: dict[int, "Waiter"] = {}
"""The worker that each thread carries, by thread identifier."""


class Waiter(Protocol):
    """A worker, as seen by what it waits for."""

    @property
    def identity(self) -> int:
        """What tells it from all other workers and threads."""

    def deadline(self, patience: float | None) -> float:
        """Turn a patience in seconds (None: forever) into a time of its clock."""

    def wait(
        self, deadline: float, what: str, ready: Callable[[], bool] | None = None
    ) -> bool:
        """Let others run; return False when the deadline has passed, else True."""

    def touch(self, *, directly: bool = False) -> None:
        """Tell that this worker is about to do something that others can see.

        With `directly` it counts only if the learner's own line does it.
        """

    def mark(self, token: str, *, changes: bool = True) -> None:
        """Note that the step under way looks at something, or changes it."""

    def tell(self, kind: str, text: str) -> None:
        """Note what this worker did."""


def here() -> "Waiter | None":
    """Return the worker of the calling thread, or None."""
    return waiters.get(real_get_ident())


def identity() -> int:
    """Return what `threading.get_ident` would, if each worker had its own thread."""
    worker = here()
    return real_get_ident() if worker is None else worker.identity


class PatientLock:
    """A lock like `threading.Lock` whose waiting is seen by the explorer."""

    def __init__(self) -> None:
        self._lock = real_lock()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the lock, as `threading.Lock.acquire` does."""
        worker = here()
        if worker is None:
            return self._lock.acquire(blocking, timeout)
        worker.mark("(locks)")
        if not blocking:
            return self._lock.acquire(blocking=False)
        worker.touch(directly=True)
        worker.mark("(locks)")
        deadline = worker.deadline(None if timeout < 0 else timeout)
        while not self._lock.acquire(blocking=False):
            if not worker.wait(deadline, "a lock", self._is_free):
                return False
        return True

    def release(self) -> None:
        """Give the lock back."""
        worker = here()
        if worker is not None:
            worker.mark("(locks)")
        self._lock.release()

    def locked(self) -> bool:
        """Say whether someone holds the lock."""
        worker = here()
        if worker is not None:
            worker.mark("(locks)", changes=False)
        return self._lock.locked()

    def _is_free(self) -> bool:
        return not self._lock.locked()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()

    def _at_fork_reinit(self) -> None:
        self._lock = real_lock()


def patient_lock_like(old: Any) -> PatientLock:
    """Make a lock that is held if the old one is."""
    lock = PatientLock()
    if old.locked():
        lock.acquire()
    return lock


def patient_sleep(seconds: float) -> None:
    """Sleep like `time.sleep`; a worker's sleep lasts until nobody else can go on."""
    worker = here()
    if worker is None:
        real_sleep(seconds)
    else:
        worker.wait(worker.deadline(seconds), "time to pass")


# The pure Python lock is made of the plain one, by a name that is replaced below.
patient_rlock: Callable[[], Any] = vars(threading)["_PyRLock"]


class PatientLocal:
    """Like `threading.local`, for workers that share one thread."""

    def __init__(self) -> None:
        vars(self)["_spaces"] = {}

    def __getattr__(self, name: str) -> Any:
        space = vars(self)["_spaces"].get(identity(), {})
        if name not in space:
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
        return space[name]

    def __setattr__(self, name: str, value: object) -> None:
        vars(self)["_spaces"].setdefault(identity(), {})[name] = value

    def __delattr__(self, name: str) -> None:
        getattr(self, name)
        del vars(self)["_spaces"][identity()][name]


@contextlib.contextmanager
def seen_waiting(*, in_one_thread: bool = False) -> Iterator[None]:
    """Put the patient locks and sleep in the place of the real ones."""
    places: list[tuple[Any, str, Any]] = [
        (threading, "Lock", PatientLock),
        (threading, "RLock", patient_rlock),
        (threading, "_allocate_lock", PatientLock),
        (time, "sleep", patient_sleep),
    ]
    if in_one_thread:
        places += [
            (threading, "get_ident", identity),
            (threading, "local", PatientLocal),
        ]
    kept = [getattr(module, name) for module, name, _ in places]
    for module, name, patient in places:
        setattr(module, name, patient)
    try:
        yield
    finally:
        for (module, name, _), real in zip(places, kept, strict=True):
            setattr(module, name, real)
