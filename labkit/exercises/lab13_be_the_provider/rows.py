"""Observe a function that gets a database: its result, and what it has committed."""

import inspect
import re
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from labkit.checks.copying import own_copy
from labkit.checks.observing import Seen, error_class, exactly, outcome
from labkit.checks.space import Fields
from labkit.checks.wording import short
from labkit.exercises.lab13_be_the_provider.tables import SCHEMA, connect

Rows = dict[str, list[tuple[Any, ...]]]
"""The committed rows of the tables, by table, in the order of the table."""

_RANDOM = re.compile(r"[0-9a-f][0-9a-f-]{19,}")
"""Random ids, which differ in every run."""

_OPEN = "a transaction is open"

TABLES = ("endpoints", "orders", "events", "deliveries", "attempts", "notices")


@dataclass(frozen=True, slots=True)
class After:
    """What a function left behind.

    `result` is what it returned, `rows` what is committed at the end, and `states` what
    was committed before each statement, each state once. `meanwhile` are the rows right
    after another connection has committed the SQL of the field of this name, or None.
    """

    result: Any
    rows: Rows
    states: Sequence[Rows]
    meanwhile: Rows | None = None


@dataclass(frozen=True, slots=True)
class Database:
    """Observes a function of a database.

    The field `setup` is SQL that fills the tables, after the SQL `before`. `arguments`
    makes the arguments from the fields and the connection. `compared` makes of what was
    left behind what is compared, and `told` makes what is shown of it. `normal_error`
    says what of an exception is compared. If `closes`, the function must leave no
    transaction open; `blames_open` names that sentence. If `again` is in the fields,
    the function is called that many times before. The field `meanwhile` is SQL that
    another connection commits before the statement with the number `moment`, unless the
    file is locked.
    """

    arguments: Callable[[Fields, sqlite3.Connection], Sequence[Any]]
    show: Callable[[Fields], str]
    compared: Callable[[Fields, After], Any]
    told: Callable[[Fields, After], str] = lambda _, after: short(after.rows)
    normal_error: Callable[[BaseException], Any] = error_class
    before: str = ""
    closes: bool = False

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Call the solution over a new database.

        It is in memory, because files make a check slow on a busy machine. What was
        committed in between can only be seen from another connection, in a file.
        """
        content = _filled(self.before + fields["setup"])
        in_file = fields.get("states") or fields.get("meanwhile")
        if not in_file and hasattr(sqlite3.Connection, "deserialize"):
            with closing(sqlite3.connect(":memory:")) as db:
                db.deserialize(content)
                db.row_factory = sqlite3.Row
                with suppress(sqlite3.ProgrammingError):  # the function closed it
                    return self._observe(solution, fields, db)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            file = Path(folder) / "provider.db"
            file.write_bytes(content)
            with closing(connect(file)) as db, closing(sqlite3.connect(file)) as other:
                db.execute("PRAGMA synchronous = OFF")
                return self._observe(solution, fields, db, other)

    def _observe(
        self,
        solution: Any,
        fields: Fields,
        db: sqlite3.Connection,
        other: sqlite3.Connection | None = None,
    ) -> Seen:
        states: list[Rows] = []
        meanwhile: list[Rows] = []

        def note(_: str = "") -> None:
            now = rows_of(other or db)
            if not states or states[-1] != now:
                states.append(now)

        if other is not None:
            note()
            db.set_trace_callback(note)
        for _ in range(fields.get("again", 0) + 1):
            try:
                arguments = self.arguments(own_copy(dict(fields)), db)
            except sqlite3.ProgrammingError:
                return Seen("closed", "the function closed its caller's connection")
            if other is not None and fields.get("meanwhile"):
                db.set_trace_callback(_interfering(other, fields, meanwhile))
            seen = outcome(lambda: solution(*arguments), exactly, self.normal_error)  # noqa: B023 - called at once
            if inspect.isgenerator(seen.result):
                return Seen("generator", "a generator that nobody runs")
        still_open = _ended(db, seen)
        if other is None:
            db.rollback()  # what is not committed is lost
        note()
        after = After(seen.result, states[-1], states, *meanwhile)
        failed = seen.value if seen.error is not None else None
        told = self.told(fields, after)
        text = f"{seen.text}; {told}" if told else seen.text
        text += "; the transaction is still open" if still_open else ""
        text = _RANDOM.sub("…", text)
        left = (_OPEN,) if self.closes and still_open else ()
        value = (failed, self.compared(fields, after), *left)
        return Seen(value, text, seen.error, seen.result)


def _ended(db: sqlite3.Connection, seen: Seen) -> bool:
    """Return whether the function has left a transaction open."""
    with suppress(sqlite3.ProgrammingError):  # it may have closed the connection
        still_open = db.in_transaction
        if seen.error is not None:
            db.commit()  # as the next call does; only what was rolled back is gone
        return still_open
    return False


def blames_open(returns: str, raises: str = "") -> Callable[..., str | None]:
    """Return what blames the sentence about open transactions, if one is open.

    `returns` is its id if the function returns, `raises` if it raises.
    """

    def blames(_: Fields, seen: Seen, __: Seen) -> str | None:
        if not isinstance(seen.value, tuple) or seen.value[-1] != _OPEN:
            return None
        return returns if seen.error is None else raises or returns

    return blames


def _interfering(
    other: sqlite3.Connection, fields: Fields, found: list[Rows]
) -> Callable[[str], None]:
    """Return what the other connection does before each statement.

    If it has committed its SQL, the rows right after that are added to `found`.
    """
    numbers = count(1)
    other.execute("PRAGMA busy_timeout = 0")

    def before(_: str) -> None:
        if next(numbers) == fields["moment"]:
            with suppress(sqlite3.OperationalError):  # the file is locked
                with other:
                    other.execute(fields["meanwhile"])
                found.append(rows_of(other))

    return before


def rows_of(db: sqlite3.Connection) -> Rows:
    """Return all rows that are committed."""
    return {
        table: [
            tuple(row)
            for row in db.execute(f"SELECT * FROM {table} ORDER BY rowid")  # noqa: S608 - our own tables
        ]
        for table in TABLES
    }


@cache
def _filled(setup: str) -> bytes:
    """Return the bytes of a file with the tables, filled by this SQL."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "provider.db"
        with closing(sqlite3.connect(file)) as db:
            db.execute("PRAGMA synchronous = OFF")
            db.executescript(SCHEMA + setup)
        return file.read_bytes()
