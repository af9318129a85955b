"""How verdicts of lab 13 show rows and times."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from labkit.exercises.lab13_be_the_provider.due import NOW
from labkit.exercises.lab13_be_the_provider.rows import Rows, rows_of
from labkit.exercises.lab13_be_the_provider.tables import SCHEMA


def with_rows(call: str, setup: str, *tables: str) -> str:
    """Return a call, and the rows of the tables that were there before it."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(SCHEMA + setup)
        rows = rows_of(db)
    return "\n".join([call, *lines_of(rows, *tables)])


def lines_of(rows: Rows, *tables: str) -> Iterator[str]:
    """Yield each row of the tables in words."""
    for table in tables:
        for row in rows[table]:
            yield _LINES[table](row)


def _delivery(row: Any) -> str:
    text = (
        f"delivery {row[0]}: {row[1]} to {row[2]}, {row[3]}, made {row[4]}, "
        f"due {time_of(row[5])}"
    )
    if row[6] is None and not row[7]:
        return text
    return f"{text}, worker {row[6]}, leased until {time_of(row[7])}"


_LINES: dict[str, Callable[[Any], str]] = {
    "endpoints": lambda row: f"{row[0]}: enabled {row[5]}, failures {row[6]}",
    "deliveries": _delivery,
    "attempts": lambda row: f"attempt {row[3]} of delivery {row[0]}: {row[5]}",
    "notices": lambda row: (
        f"notice: {row[0]}, {row[1]}, at {time_of(row[2])}, seen {row[3]}"
    ),
}


def time_of(at: Any) -> str:
    """Return a time as a difference to now, and what is no time of a trial as it is."""
    if not isinstance(at, (int, float)) or abs(at - NOW) > 1e6:
        return str(at)
    return f"now{at - NOW:+g}" if at != NOW else "now"
