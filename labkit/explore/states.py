"""What a receiver keeps: the rows in its files, and what is in its memory."""

import collections
import contextlib
import re
import reprlib
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import FrameType, FunctionType
from typing import Any

from labkit.redaction import names_secret
from labkit.running.sources import functions_of_app, names_in

Named = tuple[tuple[str, str], ...]
"""Pairs of a name and a value as text."""

_ROWS = 8
_NAMES = 12
_PLAIN = (type(None), bool, int, float, list, dict, set, tuple, collections.deque)

_SCRATCH = re.compile(r"[^\s'\"]*[/\\]labkit-explore-[^/\\]+[/\\](?:life-\d+[/\\])?")
"""The path of a world's directory, which has another name in every run."""

# The one who looks takes no part in the exploration.
_connect = sqlite3.connect


class _Brief(reprlib.Repr):
    """Writes values in brief, and of foreign objects only the class."""

    def __init__(self) -> None:
        super().__init__()
        self.maxdict = self.maxlist = self.maxset = self.maxtuple = 6
        self.maxstring = self.maxother = 40

    def repr_str(self, x: str, level: int) -> str:
        return super().repr_str(_SCRATCH.sub("…/", x), level)

    def repr_instance(self, x: Any, level: int) -> str:
        return f"<{type(x).__name__}>"


_brief = _Brief()


def rows_of(directory: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the tables of all SQLite files in the directory, and their first rows."""
    for path in sorted(directory.rglob("*")):
        if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3":
            with contextlib.suppress(sqlite3.Error):
                yield from _tables(path)


def _tables(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    with contextlib.closing(_connect(path)) as database:
        named = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        )
        for (table,) in named.fetchall():
            quoted = '"' + table.replace('"', '""') + '"'
            query = f"SELECT * FROM {quoted} LIMIT {_ROWS + 1}"  # noqa: S608 - quoted
            rows = [", ".join(map(_brief.repr, row)) for row in database.execute(query)]
            more = ["…"] if len(rows) > _ROWS else []
            yield f"{path.name}, table {table}", (*rows[:_ROWS], *more)


def memory_of(functions: Iterable[Any]) -> Named:
    """Return the outer and global variables of the learner's functions."""
    found: dict[str, str] = {}
    for function in functions:
        if not isinstance(function, FunctionType):
            continue
        cells = zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        )
        for name, cell in cells:
            with contextlib.suppress(ValueError):  # the cell is empty
                found |= _shown({name: cell.cell_contents})
        space = function.__globals__
        used = set(names_in(function.__code__)) & space.keys()
        found |= _shown({name: space[name] for name in used})
    return tuple(sorted(found.items()))[:_NAMES]


def variables_here(files: frozenset[str]) -> Named:
    """Return the variables of the learner's function that runs in this thread."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - as a debugger does
    while frame is not None and frame.f_code.co_filename not in files:
        frame = frame.f_back
    if frame is None or not frame.f_code.co_flags & 2:  # not a function's
        return ()
    own = {*frame.f_code.co_varnames, *frame.f_code.co_cellvars}
    kept = {name: value for name, value in frame.f_locals.items() if name in own}
    return tuple(_shown(kept, str, bytes).items())[:_NAMES]


def functions_in(roots: Iterable[Any]) -> Iterator[Any]:
    """Yield functions, and those that are registered with a Flask app."""
    for root in roots:
        if hasattr(root, "view_functions"):
            yield from functions_of_app(root)
        else:
            yield root


def _shown(values: Mapping[str, Any], *kinds: type) -> dict[str, str]:
    """Write the plain values; what code looks like, and secrets, are left out."""
    return {
        name: "(hidden)" if names_secret(name) else _brief.repr(value)
        for name, value in values.items()
        if type(value) in (*_PLAIN, *kinds) and not name.startswith("__")
    }
