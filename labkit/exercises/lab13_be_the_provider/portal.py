"""13.7: what is behind the buttons of the owner's portal."""

import dataclasses
import sqlite3
from typing import Any

from labkit.checks.contract import contract, numbered
from labkit.checks.observing import Seen, exactly, family
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space
from labkit.exercises.lab13_be_the_provider.due import ENDPOINTS, NOW
from labkit.exercises.lab13_be_the_provider.portal_mistakes import MISTAKES
from labkit.exercises.lab13_be_the_provider.portal_showing import (
    show,
    told,
    without_result,
)
from labkit.exercises.lab13_be_the_provider.portal_trials import (
    EVENTS,
    FAILURES,
    any_trial,
    listing,
    trials,
)
from labkit.exercises.lab13_be_the_provider.rows import After, Database, blames_open

CONTRACT = contract("""
    given: Carry out one request to the portal, and return its result.
    given: `db` is a connection as in the other exercises, and `now` is the time in
        seconds. `request` is a dictionary with `action` and what this action needs.
    list: For `list`, return the deliveries of `endpoint` (an id) as a list of
        dictionaries with `id`, `event`, `state`, `made` and `status`, the largest `id`
        first.
    status: `status` is that of the delivery's last attempt, or None if it has no
        attempt.
    filter: If `state` is not None, return only the deliveries in this state.
    resend: For `resend`, insert a new delivery of the same event to the same endpoint
        as `delivery` (an id), due at `now`, and return its id.
    all: For `resend_all`, insert such a delivery for each event that was created at
        `since` or later, has a dead delivery to `endpoint`, and has neither a pending
        nor a delivered one to this endpoint.
    count: Insert one delivery per event, and return how many you have inserted.
    keeps: A resend changes no existing row.
    disabled: If the endpoint of a resend is disabled, raise ValueError.
    pending: Raise ValueError, too, if the event of a `resend` already has a pending
        delivery to this endpoint.
    disable: For `disable`, set `enabled` of `endpoint` to 0.
    enable: For `enable`, set `enabled` to 1 and `failures` to 0.
    notice: For `notice`, insert a row into `notices` with `endpoint`, `event` and
        `now`, unless `endpoint` has a notice that has not been seen yet.
    seen: For `seen`, set `seen` of all notices of `endpoint` to 1.
    unknown: If there is no delivery or endpoint with the given id, raise LookupError.
    nothing: If you raise an exception, change nothing, and leave no transaction open.
    committed: When the function returns, its changes are committed, and no transaction
        is open.
    open: The check does not test other actions, further fields of the dictionaries, the
        results of actions other than the first three, deliveries without their event or
        endpoint, or two requests at the same moment.
""")

_SHOWN = ("id", "event", "state", "made", "status")


class _Observer(Database):
    """A database whose verdict does not show a result twice."""

    __slots__ = ()

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Call the solution over a new file."""
        seen = Database.observe(self, solution, fields)
        return dataclasses.replace(seen, text=without_result(fields, seen))


def _arguments(fields: Fields, db: sqlite3.Connection) -> list[Any]:
    return [db, NOW, dict(fields["request"])]


def _compared(fields: Fields, after: After) -> Any:
    result = _listed(after.result) if fields["look"] != "rows" else None
    if fields["look"] == "list" and isinstance(result, list):
        result = [_without_status(row) for row in result]
    if fields["request"]["action"] not in ("list", "resend", "resend_all"):
        result = None
    with_rows = fields["look"] in ("rows", "both")
    return exactly(result), _rows(fields, after) if with_rows else None


def _rows(fields: Fields, after: After) -> Any:
    """Return all rows, those of new deliveries in any order."""
    rows = after.rows
    known = fields["setup"].count("INTO deliveries")
    old, new = rows["deliveries"][:known], rows["deliveries"][known:]
    return [
        [(*row[:5], _number(row[5]), row[6], _number(row[7])) for row in old],
        sorted(repr((*row[1:5], _number(row[5]), *row[6:])) for row in new),
        rows["endpoints"],
        [(*row[:2], _number(row[2]), row[3]) for row in rows["notices"]],
        rows["attempts"],
    ]


def _listed(result: Any) -> Any:
    """Return a list with only the fields that are asked for."""
    if not isinstance(result, list):
        return result
    return [
        {name: row[name] for name in _SHOWN if name in row}
        if isinstance(row, dict)
        else type(row).__name__
        for row in result
    ]


def _without_status(row: Any) -> Any:
    """Return a row of a list with its status as it is without an attempt."""
    return {**row, "status": None} if "status" in row else row


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, (int, float)) else value


PORTAL = judged(
    id="13.7",
    lab="13_be_the_provider",
    wants="portal(db, now, request)",
    hints=numbered("""
        1: Look the endpoint up first: every action needs to know whether it exists.
        2: A resend is a new row in `deliveries`. Which columns of the old row does it
            share?
        3: INSERT INTO deliveries (event, endpoint, due) SELECT id, :endpoint, :now FROM
            events e WHERE … AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event = e.id
            AND …). The cursor's rowcount is the number of new rows.
        4: A notice is the same pattern: INSERT INTO notices … SELECT … WHERE NOT EXISTS
            (a notice of this endpoint with seen = 0).
    """),
    contract=CONTRACT,
    space=Space(
        {"setup": "", "request": listing(), "look": "result"},
        trials,
        generate=any_trial,
        many=40,
    ),
    observer=_Observer(
        _arguments,
        show,
        _compared,
        told,
        family(LookupError, ValueError),
        ENDPOINTS + FAILURES + EVENTS,
        closes=True,
    ),
    blames=blames_open("committed", "nothing"),
    mistakes=MISTAKES,
)
