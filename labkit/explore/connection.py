"""A SQLite connection whose waiting the explorer can see, and that it can close.

It asks SQLite whether it would wait at all: it does not where waiting could never help
(a transaction that has read and now wants to write, while another one writes), and then
the learner's code gets "database is locked" as in real life. Where it would wait, the
worker tells the explorer, and tries again when its turn comes.
"""

import contextlib
import gc
import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from time import monotonic, perf_counter
from types import TracebackType
from typing import Any, Literal, TypeVar

from labkit.explore.waits import here, real_sleep

R = TypeVar("R")

_PATIENCE_SET = re.compile(
    r"\s*pragma\s+(\w+\.)?busy_timeout\s*[=(]\s*(\d+)", re.IGNORECASE
)
_READS = re.compile(r"\s*(select|explain)\b", re.IGNORECASE)

_acts = Counter[str]()
"""Counts what was done by any connection: only that can end a wait for a lock."""


class PatientCursor(sqlite3.Cursor):
    """A cursor whose statements wait visibly."""

    def execute(self, sql: str, parameters: Any = (), /) -> "PatientCursor":
        """Run one statement, as `sqlite3.Cursor.execute` does."""
        database = self.connection
        if not isinstance(database, PatientConnection):
            super().execute(sql, parameters)
            return self
        database.touch()
        _mark(changes=not _READS.match(sql))
        run = super().execute
        database.patiently(lambda: run(sql, parameters))
        wanted = _PATIENCE_SET.match(sql)
        if wanted:
            database.patience = int(wanted[2]) / 1000
            database.sleep_in_sqlite(0)
        return self

    def executemany(self, sql: str, parameters: Any, /) -> "PatientCursor":
        """Run one statement often, as `sqlite3.Cursor.executemany` does."""
        with _really_waiting(self.connection):
            super().executemany(sql, parameters)
        return self

    def executescript(self, sql: str, /) -> "PatientCursor":
        """Run a script, as `sqlite3.Cursor.executescript` does."""
        with _really_waiting(self.connection):
            super().executescript(sql)
        return self

    def fetchone(self) -> Any:
        """Fetch a row, as `sqlite3.Cursor.fetchone` does."""
        _mark()
        return super().fetchone()

    def fetchmany(self, *args: Any, **settings: Any) -> list[Any]:
        """Fetch some rows, as `sqlite3.Cursor.fetchmany` does."""
        _mark()
        return super().fetchmany(*args, **settings)

    def fetchall(self) -> list[Any]:
        """Fetch the other rows, as `sqlite3.Cursor.fetchall` does."""
        _mark()
        return super().fetchall()

    def __next__(self) -> Any:
        _mark()
        return super().__next__()

    def close(self) -> None:
        """Close, as `sqlite3.Cursor.close` does."""
        _mark()
        super().close()

    def __del__(self) -> None:
        _mark()  # a statement that was not read to its end holds a lock until here


class PatientConnection(sqlite3.Connection):
    """A connection whose waiting for the file's lock is seen by the explorer."""

    patience = 0.0
    owner: int | None = None
    closed = False
    uses = 0

    def cursor(self, factory: Any = PatientCursor) -> Any:
        """Make a cursor, as `sqlite3.Connection.cursor` does."""
        self._check_thread()
        return super().cursor(factory)

    # The stubs type what `cursor` returns as Any; it is always a Cursor.

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """Run one statement, as `sqlite3.Connection.execute` does."""
        return self.cursor().execute(sql, parameters)  # type: ignore[no-any-return]

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        """Run one statement often, as `sqlite3.Connection.executemany` does."""
        return self.cursor().executemany(sql, parameters)  # type: ignore[no-any-return]

    def executescript(self, sql: str, /) -> sqlite3.Cursor:
        """Run a script, as `sqlite3.Connection.executescript` does."""
        return self.cursor().executescript(sql)  # type: ignore[no-any-return]

    def commit(self) -> None:
        """Commit, as `sqlite3.Connection.commit` does."""
        self._check_thread()
        self.touch()
        _mark(changes=True)
        self.patiently(super().commit)

    def rollback(self) -> None:
        """Roll back, as `sqlite3.Connection.rollback` does."""
        self._check_thread()
        super().rollback()
        _count()

    def close(self) -> None:
        """Close, as `sqlite3.Connection.close` does."""
        self._check_thread()
        _mark(changes=self.in_transaction)
        super().close()
        self.closed = True
        _acts["done"] += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> Literal[False]:
        if error is not None:
            return super().__exit__(kind, error, traceback)
        # Not by way of the parent: it rolls back at the first "database is locked".
        try:
            self.commit()
        except BaseException:
            super().rollback()
            _count()
            raise
        return False

    def touch(self) -> None:
        """Tell the explorer that something visible comes next."""
        worker = here()
        if worker is not None:
            worker.touch()
            worker.mark("(sqlite)", changes=False)

    def patiently(self, act: Callable[[], R]) -> R:
        """Do `act`, waiting for the lock of the file where SQLite would wait."""
        try:
            return self._using(act)
        except sqlite3.OperationalError as error:
            if not _busy(error) or self.patience <= 0:
                raise
            done: list[R] = []
            if not self._would_wait(lambda: done.append(self._using(act))):
                raise
            if done:
                return done[0]
        worker = here()
        if worker is None:
            return self._wait_alone(act)
        deadline = worker.deadline(self.patience)
        while True:
            in_time = worker.wait(deadline, "the database", _next_act())
            if not in_time:
                gc.collect(1)  # what a request made is young: see Stage.run
            try:
                return self._using(act)
            except sqlite3.OperationalError as error:
                if not _busy(error) or not in_time:
                    raise

    def sleep_in_sqlite(self, milliseconds: int) -> None:
        """Set how long SQLite itself sleeps for a lock; 0 is not at all."""
        sqlite3.Cursor(self).execute(f"PRAGMA busy_timeout={milliseconds}").close()

    def __del__(self) -> None:
        # Quietly: a learner's forgotten connection is not this program's. No thread
        # can be using it now, even if one was ended before it could count down `uses`.
        self.uses = 0
        self.close_whoever_asks()

    def close_whoever_asks(self) -> bool:
        """Close, whatever thread this is; an open transaction is rolled back.

        Closing under a statement that another thread is running would end the whole
        program. That statement is told to stop, and this returns False.
        """
        with contextlib.suppress(sqlite3.Error):
            if self.uses:
                self.interrupt()
                return False
            super().close()
            self.closed = True
            _count()
        return True

    def _using(self, act: Callable[[], R]) -> R:
        self.uses += 1
        try:
            return act()
        finally:
            self.uses -= 1
            _acts["done"] += 1

    def _would_wait(self, act: Callable[[], object]) -> bool:
        """Find out whether SQLite sleeps for the lock or gives up at once.

        It is allowed to sleep a millisecond: an answer sooner than that proves that it
        didn't. A late answer may be the machine's fault, so it is asked twice, unless
        the lock is free by then and `act` is done.
        """
        self.sleep_in_sqlite(1)
        try:
            for _ in range(2):
                began = perf_counter()
                try:
                    act()
                except sqlite3.OperationalError as error:
                    if not _busy(error):
                        raise
                else:
                    return True
                if perf_counter() - began < 0.001:
                    return False
        finally:
            self.sleep_in_sqlite(0)
        return True

    def _wait_alone(self, act: Callable[[], R]) -> R:
        """Wait in a thread that is not a worker's, by trying again."""
        end = monotonic() + self.patience
        while True:
            try:
                return self._using(act)
            except sqlite3.OperationalError as error:
                if not _busy(error) or monotonic() > end:
                    raise
            real_sleep(0.001)

    def _check_thread(self) -> None:
        # SQLite's own check is off, so that the explorer can close what is left open.
        if self.owner not in (None, threading.get_ident()):
            raise sqlite3.ProgrammingError(
                "SQLite objects created in a thread can only be used in that same "
                f"thread. The object was created in thread id {self.owner} and this "
                f"is thread id {threading.get_ident()}."
            )


def _count() -> None:
    """Note that a connection did something that may end a wait."""
    _acts["done"] += 1
    _mark(changes=True)


def _mark(*, changes: bool = False) -> None:
    worker = here()
    if worker is not None:
        worker.mark("(sqlite)", changes=changes)


def _next_act() -> Callable[[], bool]:
    """Return a function that says whether any connection did something meanwhile."""
    before = _acts["done"]
    return lambda: _acts["done"] != before


@contextlib.contextmanager
def _really_waiting(database: sqlite3.Connection) -> Iterator[None]:
    """Let SQLite itself sleep: a script can't be tried again from its middle."""
    if not isinstance(database, PatientConnection):
        yield
        return
    database.touch()
    _mark(changes=True)
    database.sleep_in_sqlite(int(database.patience * 1000))
    database.uses += 1
    try:
        yield
    finally:
        database.uses -= 1
        _count()
        database.sleep_in_sqlite(0)


def _busy(error: sqlite3.OperationalError) -> bool:
    # The low byte is the code; BUSY_SNAPSHOT and the like are never waited for.
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY
