"""The SQLite connections of an exploration: how they are opened, and closed.

While an exploration runs, `sqlite3.connect` opens connections that don't sleep when the
file is locked: see `connection.py`.
"""

import contextlib
import gc
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from typing import Any

from labkit.explore.connection import PatientConnection
from labkit.explore.play import Abandoned
from labkit.explore.waits import here, waiters
from labkit.explore.world import MEMORY
from labkit.running.replaced import replaced

_real_connect = sqlite3.connect
_POSITIONS = (
    "database",
    "timeout",
    "detect_types",
    "isolation_level",
    "check_same_thread",
    "factory",
    "cached_statements",
    "uri",
)
# Weak, because a connection that the learner's code forgets is closed by Python.
_opened: list["weakref.ref[PatientConnection]"] = []

_explorations: list[contextlib.ExitStack] = []
"""What puts back the real `connect`: of the exploration that runs, or of one that left
a worker behind."""

_running = threading.Event()
"""Whether an exploration runs."""


FACTORY = _POSITIONS.index("factory") + 1
"""With so many positional arguments `sqlite3.connect` gets a factory among them."""


class QuietConnection(sqlite3.Connection):
    """A connection that closes by itself, without the warning of Python 3.13."""

    def __del__(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            super().close()


def quiet(kind: Any) -> Any:
    """Return a factory like this one whose connections are quiet at their end."""
    if not (isinstance(kind, type) and issubclass(kind, sqlite3.Connection)):
        return kind
    if issubclass(kind, QuietConnection):
        return kind
    if kind is sqlite3.Connection:
        return QuietConnection
    return type(kind.__name__, (QuietConnection, kind), {})


def connect(*args: Any, **settings: Any) -> sqlite3.Connection:
    """Open a connection like `sqlite3.connect`, with visible waiting.

    A worker that its exploration could not end opens none afterwards.
    """
    if not _running.is_set():
        if here() is not None:
            raise Abandoned
        _put_back()
    settings.update(zip(_POSITIONS, args, strict=False))
    kind = settings.get("factory", sqlite3.Connection)
    if not (isinstance(kind, type) and issubclass(kind, sqlite3.Connection)):
        other: sqlite3.Connection = _real_connect(**settings)
        return other
    if kind is sqlite3.Connection:
        settings["factory"] = PatientConnection
    elif not issubclass(kind, PatientConnection):
        settings["factory"] = type(kind.__name__, (PatientConnection, kind), {})
    patience = float(settings.get("timeout", 5.0))
    own_thread_only = bool(settings.get("check_same_thread", True))
    settings.update(timeout=0, check_same_thread=False)
    database: sqlite3.Connection = _real_connect(**settings)
    if isinstance(database, PatientConnection):
        database.patience = patience
        database.owner = threading.get_ident() if own_thread_only else None
        if _running.is_set():
            _opened.append(weakref.ref(database))
        if not str(settings["database"]).startswith(str(MEMORY)):
            # What was written outlives the process even if the disk hasn't got it yet.
            with contextlib.suppress(sqlite3.Error):
                sqlite3.Cursor(database).execute("PRAGMA synchronous=OFF").close()
        if here() is not None and not _running.is_set():
            database.close_whoever_asks()  # the exploration has just closed the others
    return database


def collect_forgotten() -> None:
    """Let Python close the connections that a finished request has forgotten.

    A connection is part of a reference cycle, so that it would stay open, and keep the
    file locked, until the garbage collector happens to run.
    """
    if any(database.in_transaction for database in _still_open()):
        gc.collect(1)


def _still_open() -> Iterator[PatientConnection]:
    for reference in _opened:
        database = reference()
        if database is not None and not database.closed:
            yield database


def close_all() -> None:
    """Close every connection that was opened through `connect`, uncommitted.

    One that a thread still uses is closed the next time, or when it is forgotten.
    """
    used = []
    while _opened:
        reference = _opened.pop()
        database = reference()
        if database is not None and not database.close_whoever_asks():
            used.append(reference)
    _opened.extend(used)


@contextlib.contextmanager
def seen_connecting() -> Iterator[None]:
    """Put `connect` in the place of `sqlite3.connect`.

    It stays there as long as a worker that could not be ended is under way.
    """
    _put_back()
    undo = contextlib.ExitStack()
    undo.enter_context(replaced((sqlite3, sqlite3.dbapi2), "connect", connect))
    _explorations.append(undo)
    _running.set()
    try:
        yield
    finally:
        _running.clear()
        close_all()
        _put_back()


def _put_back() -> None:
    """Put back the real `connect`, if no worker could call it."""
    while _explorations and not waiters:
        _explorations.pop().close()
