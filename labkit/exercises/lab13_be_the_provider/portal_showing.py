"""How a verdict on exercise 13.7 shows a request, the rows, and what came of it."""

import sqlite3
from collections.abc import Iterator
from typing import Any

from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.exercises.lab13_be_the_provider.rows import After
from labkit.exercises.lab13_be_the_provider.showing import (
    lines_of,
    time_of,
    with_rows,
)

WITH_RESULT = ("list", "resend", "resend_all")
"""Actions whose result the contract fixes."""

_UNCHANGED = {
    "ep_1: enabled 1, failures 2",
    "ep_2: enabled 1, failures 0",
    "ep_off: enabled 0, failures 2",
    "EP_1 : enabled 1, failures 0",
}
"""Endpoints as they were before; an action that is not about them leaves them so."""


def show(fields: Fields) -> str:
    """Return the call, and the rows that were there before it, one per line."""
    request = dict(fields["request"])
    if "since" in request:
        request["since"] = _Plain(time_of(request["since"]))
    times = ", twice" if fields.get("again", 0) else ""
    call = f"portal(db, now, {request}){times}"
    return with_rows(call, fields["setup"], "deliveries", "attempts", "notices")


def told(fields: Fields, after: After) -> str:
    """Return the result if it is compared, and the rows that the action is about."""
    action = fields["request"]["action"]
    lines: list[str] = []
    if fields["look"] != "result" and action != "list":
        lines += lines_of(after.rows, "endpoints", "deliveries", "notices")
        if action not in ("enable", "disable"):
            lines = [line for line in lines if line not in _UNCHANGED]
    if isinstance(after.result, list) and action == "list":
        lines = [", ".join(f"{k} {v}" for k, v in _items(row)) for row in after.result]
        return "; ".join(lines) or "an empty list"
    if action in WITH_RESULT and after.result is not None:
        lines.insert(0, f"{after.result!r} was returned")
    return "; ".join(lines) or ("" if fields["look"] == "result" else "no rows")


def without_result(fields: Fields, seen: Seen) -> str:
    """Return the text of what was seen, without a result that `told` has told."""
    result, _, rest = seen.text.partition("; ")
    if seen.error is not None:
        return seen.text
    action = fields["request"]["action"]
    if action == "list" and not isinstance(seen.result, list):
        return result
    return seen.text.removeprefix(result + "; ") if rest else seen.text


def _items(row: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(row, (dict, sqlite3.Row)):
        for name in row.keys():  # noqa: SIM118 - a Row iterates over its values
            yield name, row[name]
    else:
        yield "not a dictionary:", repr(row)


class _Plain(str):
    """A text that is shown without quotation marks."""

    __slots__ = ()
    __repr__ = str.__str__
