"""13.6: which delivery is next, if one endpoint must not delay the others."""

import sqlite3
from collections.abc import Iterator
from typing import Any

from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Proof, edit, mistakes
from labkit.checks.observing import Seen, exactly
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab13_be_the_provider.due import (
    ENDPOINTS,
    NOT_CLAIMABLE,
    NOW,
    TRIED,
    delivery,
)
from labkit.exercises.lab13_be_the_provider.rows import After, Database, blames_open
from labkit.exercises.lab13_be_the_provider.showing import lines_of, with_rows

NO_LIMIT, OTHER_LIMIT, GLOBAL, STALE, FINISHED, ORDER, NOT_CLAIMABLE_YET = mistakes("""
    no-limit-per-endpoint: Your code has no limit per endpoint. If one endpoint hangs,
        its deliveries keep all workers busy, and healthy endpoints wait (head-of-line
        blocking).
        Try: Count the valid claims of the endpoint in a subquery, and require fewer
        than two.
    another-limit: The limit in your code is not two deliveries in flight per endpoint.
        Try: Require that the count is smaller than 2.
    counts-all-endpoints: Your code counts the claims of all endpoints together. Two
        deliveries in flight then stop the whole provider.
        Try: Compare the endpoint of the counted rows with the endpoint of the delivery.
    counts-old-claims: Your code counts expired claims. After two crashed workers the
        endpoint never gets another event.
        Try: Count only rows with `leased` later than `now`.
    counts-finished-deliveries: Your code counts deliveries that are not pending. They
        do not use a worker.
        Try: Add a condition on `state` to the subquery.
    wrong-order: Your code does not choose the delivery that has waited longest. Old
        deliveries can then wait as long as there are new ones.
        Try: Order by `due`, the smallest first.
    chooses-what-cannot-be-claimed: Your code chooses a delivery that is not pending,
        not due, already claimed, or whose endpoint is disabled.
        Try: Use the same four conditions as in exercise 13.4.
""")
[ROW] = mistakes("""
    returns-a-row: Your code returns the row instead of the id in it.
        Try: Return `row["id"]`.
""")

CONTRACT = contract("""
    given: Return the id of the delivery that a worker should claim next, or None.
    claimable: Choose only deliveries that can be claimed, as in exercise 13.4: pending,
        due at `now`, endpoint enabled, `leased` not later than `now`.
    order: Of several, choose the one with the smallest `due`.
    limit: Skip the deliveries of an endpoint that already has two deliveries in flight.
    flight: A delivery is in flight if it is pending and `leased` is later than `now`.
    nothing: If nothing is left, return None.
    reads: Change nothing in the database, and leave no transaction open.
    open: The check does not test deliveries that are due at the same time.
""")


_RENUMBERED = "UPDATE deliveries SET id = 10 - id;"


def _flying(first: int, count: int, **columns: Any) -> str:
    """Return the SQL of deliveries in flight, each claimed by another worker."""
    flying = {"leased": NOW + 30, "due": NOW - 90, **columns}
    return "".join(
        delivery(first + number, **{"worker": f"w{number}", **flying})
        for number in range(count)
    )


def _trials() -> Iterator[Trial]:
    two = delivery(1, due=NOW - 5) + delivery(2, due=NOW - 9, endpoint="ep_2")
    yield Trial("claimable", {"setup": delivery(1)})
    yield Trial("claimable", {"setup": delivery(1, due=NOW)})
    yield Trial("claimable", {"setup": delivery(1, leased=NOW, worker="w0")})
    for what in NOT_CLAIMABLE:
        yield Trial("claimable", {"setup": what + delivery(7, due=NOW - 1)})
        yield Trial("nothing", {"setup": what})
    yield Trial("order", {"setup": two})
    yield Trial("order", {"setup": two + _RENUMBERED})
    yield Trial("order", {"setup": two + delivery(3, due=NOW - 7)})
    yield Trial("order", {"setup": TRIED})
    slow = {"due": NOW - 60}
    for count in (0, 1, 2, 3, 8):
        setup = _flying(20, count) + delivery(1, **slow)
        yield Trial("limit", {"setup": setup, "look": "chosen"})
    for count in (0, 1, 2, 3, 8):
        setup = _flying(20, count) + delivery(1, **slow) + two.replace("(1,", "(5,")
        changes = {"setup": setup, "look": "chosen", "flying": count}
        yield Trial("limit", changes, f"ep_1 has {count} in flight")
    for columns in ({"worker": "w"}, {"due": NOW + 30}, {"due": NOW, "made": 3}):
        setup = _flying(20, 2, **columns) + delivery(1, **slow)
        yield Trial("limit", {"setup": setup, "look": "chosen"})
    both = _flying(20, 2) + _flying(30, 2, endpoint="ep_2") + delivery(1, **slow)
    note = "both endpoints are at their limit"
    yield Trial("limit", {"setup": both, "look": "chosen"}, note)
    for columns in (
        {"leased": NOW},
        {"leased": NOW - 1},
        {"state": "delivered"},
        {"state": "dead"},
        {"endpoint": "ep_2"},
        {"endpoint": "ep_off"},
    ):
        setup = _flying(20, 3, **columns) + delivery(1, due=NOW - 100)
        yield Trial("flight", {"setup": setup})
        yield Trial("flight", {"setup": setup + _flying(40, 1)})
    yield Trial("flight", {"setup": _flying(20, 2, leased=NOW + 0.25) + two})
    yield Trial("nothing", {"setup": ""})
    yield Trial("nothing", {"setup": both})
    old = delivery(3, leased=NOW - 1, worker="w0", due=NOW - 20)
    for setup in (two, old, two + old + _flying(20, 2), TRIED, *NOT_CLAIMABLE):
        yield Trial("reads", {"setup": setup, "look": "rows"})


def _arguments(_: Fields, db: sqlite3.Connection) -> list[Any]:
    return [db, NOW]


def _compared(fields: Fields, after: After) -> Any:
    if fields.get("look") == "rows":
        return exactly(after.rows["deliveries"])
    result = after.result
    if fields.get("look") == "chosen":
        result = result or None
    return exactly(dict(result) if isinstance(result, sqlite3.Row) else result)


def _told(fields: Fields, after: After) -> str:
    changes = fields["look"] == "rows"
    return "; ".join(lines_of(after.rows, "deliveries")) if changes else ""


def _broken(fields: Fields, seen: Seen, wanted: Seen) -> str | None:
    if broken := blames_open("reads")(fields, seen, wanted):
        return broken
    # The trials before have shown that it skips no endpoint with fewer in flight.
    return "order" if fields.get("flying", 2) < 2 else None


def _show(fields: Fields) -> str:
    return with_rows("next_due(db, now)", fields["setup"], "deliveries")


COUNT = "f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) < 2"
MISTAKES: list[Proof] = [
    edit(NO_LIMIT, (") < 2", ") >= 0")),
    edit(OTHER_LIMIT, (") < 2", ") < 3")),
    edit(OTHER_LIMIT, (") < 2", ") < 1")),
    edit(GLOBAL, ("f.endpoint = d.endpoint AND", "")),
    edit(STALE, ("f.leased > ?", "f.leased > 0 AND ? > 0")),
    edit(STALE, ("f.leased > ?", "f.worker IS NOT NULL AND ? > 0")),
    edit(STALE, ("f.leased > ?", "f.leased >= ?")),
    edit(FINISHED, ("AND f.state = 'pending'", "")),
    edit(ORDER, ("ORDER BY d.due", "ORDER BY d.id")),
    edit(ORDER, ("ORDER BY d.due", "ORDER BY d.due DESC")),
    edit(NOT_CLAIMABLE_YET, ("d.state = 'pending'", "1")),
    edit(NOT_CLAIMABLE_YET, ("AND d.due <= ?", "AND ? > 0")),
    edit(NOT_CLAIMABLE_YET, ("AND d.leased <= ?", "AND ? > 0")),
    edit(NOT_CLAIMABLE_YET, ("AND e.enabled = 1", "")),
    edit(ROW, ('row["id"] if row', "row if row")),
    edit(ROW, ('row["id"] if row', "tuple(row) if row")),
]

NEXT_DUE = judged(
    id="13.6",
    lab="13_be_the_provider",
    wants="next_due(db, now) -> int",
    hints=numbered("""
        1: Which rows of `deliveries` show that a worker is busy with an endpoint?
        2: A subquery in WHERE can use columns of the outer row: (SELECT count(*) FROM
            deliveries f WHERE f.endpoint = d.endpoint AND …) < 2
    """),
    contract=CONTRACT,
    space=Space({"setup": "", "look": "id"}, _trials),
    observer=Database(
        _arguments, _show, _compared, _told, before=ENDPOINTS, closes=True
    ),
    blames=_broken,
    mistakes=MISTAKES,
)
