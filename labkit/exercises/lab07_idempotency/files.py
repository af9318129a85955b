"""Look into a receiver's SQLite file, and change it, without taking part in a trial."""

import contextlib
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from labkit.explore.database import FACTORY, QuietConnection, quiet
from labkit.running.replaced import replaced

_BUSY = 0.05
"""Seconds that a connection waits for the file at most.

In these cases one request follows the other, so waiting longer does not help.
"""

# The check's own connections take no part in an exploration.
_connect = sqlite3.connect


def kept_rows(file: Path) -> list[tuple[Any, ...]] | None:
    """Return the rows of the receiver's own tables, or None if it has no table."""
    names = _tables(file)
    if not names:
        return None
    return [row for name in names for row in rows(file, f'SELECT * FROM "{name}"')]  # noqa: S608 - a scratch file


def age(file: Path, seconds: float) -> None:
    """Move all times in the receiver's rows that are near now back."""
    for name in _tables(file):
        _age_table(file, name, seconds)


def _tables(file: Path) -> list[str]:
    return [row[0].replace('"', '""') for row in rows(file, _TABLES)]


_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'shipments'"


_TIMES = (
    (
        "datetime(julianday(COLUMN) - :seconds / 86400.0)",
        (
            "typeof(COLUMN) = 'text' AND COLUMN GLOB '????-??-??*' "
            "AND abs(julianday(COLUMN) - julianday('now')) < 1"
        ),
    ),
    (
        "COLUMN - :seconds",
        (
            "typeof(COLUMN) IN ('integer', 'real') "
            "AND abs(COLUMN - strftime('%s', 'now')) < 86400"
        ),
    ),
    (
        "COLUMN - :seconds / 86400.0",
        "typeof(COLUMN) = 'real' AND abs(COLUMN - julianday('now')) < 1",
    ),
)
"""How times in a column are moved back, and in which rows."""

_QUESTIONS = ("SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE", "WITH")


def asks(statements: Sequence[str]) -> bool:
    """Say whether one of the statements reads or changes rows."""
    return any(each.lstrip().upper().startswith(_QUESTIONS) for each in statements)


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    """Return what a query finds in a file, and nothing where it can't be asked."""
    if not file.exists():
        return []
    with contextlib.closing(_connect(file, timeout=_BUSY)) as database:
        try:
            return list(database.execute(query))
        except sqlite3.Error:
            return []


def _age_table(file: Path, quoted: str, seconds: float) -> None:
    with contextlib.closing(_connect(file, timeout=_BUSY)) as database, database:
        columns = database.execute(f'PRAGMA table_info("{quoted}")').fetchall()
        for _, name, *_ in columns:
            column = '"' + name.replace('"', '""') + '"'
            for change_time, near in _TIMES:
                update = f'UPDATE "{quoted}" SET {column} = {change_time} WHERE {near}'  # noqa: S608 - a scratch file
                settings = {"seconds": seconds}
                database.execute(update.replace("COLUMN", column), settings)


def change(file: Path, statement: str) -> None:
    """Change the tables of a file, unseen by an exploration."""
    with contextlib.closing(_connect(file, timeout=_BUSY)) as database:
        database.execute(statement)


def is_locked(file: Path) -> bool:
    """Whether an open transaction keeps others from writing to the file."""
    with contextlib.closing(_connect(file, timeout=0)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


def close_all() -> None:
    """Close the connections of this thread, as the end of their process does."""
    for database in list(vars(sqlite3.connect).get("opened", ())):
        with contextlib.suppress(sqlite3.ProgrammingError):
            sqlite3.Connection.close(database)


@contextlib.contextmanager
def impatient() -> Iterator[list[str]]:
    """Let this thread's new connections wait only a moment for a locked file.

    In every thread, connections that the learner's code forgets to close end without a
    warning. Yields the list of the statements that this thread's connections run.
    """
    owner = threading.get_ident()
    if getattr(sqlite3.connect, "owner", None) == owner:
        yield vars(sqlite3.connect)["statements"]  # another shop of this check is open
        return
    statements: list[str] = []
    opened: weakref.WeakSet[sqlite3.Connection] = weakref.WeakSet()
    real = sqlite3.connect

    def connect(*args: Any, **settings: Any) -> sqlite3.Connection:
        if len(args) < FACTORY:
            settings["factory"] = quiet(settings.get("factory", sqlite3.Connection))
        if threading.get_ident() != owner:
            other: sqlite3.Connection = real(*args, **settings)
            return other
        if len(args) > 1:
            args = (args[0], _BUSY, *args[2:])
        else:
            settings["timeout"] = _BUSY
        database: sqlite3.Connection = real(*args, **settings)
        database.set_trace_callback(statements.append)
        if isinstance(database, QuietConnection):
            opened.add(database)
        return database

    vars(connect).update(owner=owner, statements=statements, opened=opened)
    with replaced((sqlite3, sqlite3.dbapi2), "connect", connect):
        yield statements
