"""13.5: what happens after an attempt: delivered, again later, or dead."""

import random
import sqlite3
from collections.abc import Iterator
from typing import Any

from labkit.checks.contract import contract, numbered
from labkit.checks.observing import Seen
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab13_be_the_provider.due import ENDPOINTS, NOW, delivery
from labkit.exercises.lab13_be_the_provider.finish_mistakes import MISTAKES
from labkit.exercises.lab13_be_the_provider.rows import After, Database, blames_open
from labkit.exercises.lab13_be_the_provider.showing import lines_of

CONTRACT = contract("""
    given: Store the result of an attempt, and decide what happens next.
    given: `delivery` is what `claim` returned, `result` is what `attempt` returned, and
        `rng` is a `random.Random`. `SCHEDULE` has the upper bounds of the delays in
        seconds.
    attempt: Insert one row into `attempts`: the delivery, its event and endpoint, the
        number of this attempt (`made` + 1), `now`, the status and the body.
    claim: Increase `made` by one, and end the claim: `worker` becomes NULL and `leased`
        becomes 0.
    delivered: After a 2xx, the state becomes `delivered`, and `failures` of the
        endpoint becomes 0.
    retry: After no response, 408, 425, 429 and every 5xx, the delivery stays pending,
        and is due `rng.uniform(0, SCHEDULE[made])` seconds after `now`, where `made` is
        the number before this attempt.
    wish: If the status is 429 or 503 and `retry_after` consists of ASCII digits, it is
        due this many seconds after `now` at the earliest, where more than 86,400 counts
        as 86,400.
    end: The state becomes `dead`, and `failures` of the endpoint increases by one, in
        two cases: after any other status, and if a retry would follow but `made`,
        before this attempt, was already the length of `SCHEDULE`.
    gone: After 410, the endpoint is disabled as well.
    enabled: In all other cases, `enabled` of the endpoint stays as it is.
    stale: If the `worker` of the row in `deliveries` is not the one in `delivery`,
        change nothing: another worker has taken over, perhaps while this function runs.
    transaction: All changes are committed in one transaction, and no transaction is
        open when the function returns.
    open: The check does not test dates in `retry_after`, numbers with more than 4,000
        digits in it, or statuses below 200 and above 599.
""")

TAKE_OVER = "UPDATE deliveries SET worker = 'w2', leased = leased + 40"
_CLAIMED = {"worker": "w1", "leased": NOW + 50}
_FAILED_BEFORE = "UPDATE endpoints SET failures = 2;"
_DISABLED = "UPDATE endpoints SET enabled = 0;"
RETRIED = (None, 500, 503, 502, 504, 599, 429, 408, 425, 501, 520)
FINAL = (
    400,
    401,
    404,
    413,
    422,
    499,
    301,
    302,
    304,
    307,
    300,
    399,
    402,
    403,
    405,
    409,
    410,
)


def _trials() -> Iterator[Trial]:
    status: int | None
    for status in (200, 503, None, 404):
        yield Trial("attempt", {"look": "attempts", "status": status})
        yield Trial("claim", {"look": "claim", "status": status})
    yield Trial("attempt", {"look": "attempts", "made": 3, "body": b"\xff busy"})
    yield Trial("attempt", {"look": "attempts", "body": b"0123456789abcdef" * 4096})
    yield Trial("claim", {"look": "claim", "made": 3, "status": 500})
    for status in (200, 201, 202, 204, 250, 299):
        yield Trial("delivered", {"status": status})
    yield Trial("delivered", {"look": "endpoints"})
    yield Trial("delivered", {"made": 9})
    for status in RETRIED:
        yield Trial("retry", {"status": status})
        yield Trial("end", {"status": status, "look": "endpoints"})
    for made in range(1, 9):
        yield Trial("retry", {"status": 503, "made": made, "seed": made})
    for status in (500, 503):  # a delay of less than a second
        yield Trial("retry", {"status": status, "seed": 1})
    expired = ENDPOINTS + delivery(1, **{**_CLAIMED, "leased": NOW - 30})
    note = "the claim has expired, and no other worker has taken over"
    yield Trial("retry", {"status": 503, "setup": expired}, note)
    for status in (200, 503, 404):
        setup = ENDPOINTS + delivery(1, **_CLAIMED)
        setup += delivery(
            2, event="evt_1", endpoint="ep_2", worker="w1", leased=NOW + 9
        )
        changes = {"status": status, "setup": setup, "look": "others"}
        yield Trial("claim", changes, "another endpoint gets the same event")
    yield from _wishes()
    yield from _ends()
    for status in (200, 503, 410):
        for worker in ("w2", None):
            changes = {"status": status, "look": "all", "holder": worker}
            yield Trial("stale", changes, f"the row has the worker {worker!r}")
        for moment in (2, 3):
            changes = {"status": status, "look": "meanwhile", "meanwhile": TAKE_OVER}
            note = f"w2 takes over before statement {moment}, if the file is not locked"
            yield Trial("stale", {**changes, "moment": moment}, note)
        changes = {"status": status, "look": "states", "states": True}
        yield Trial("transaction", changes)


def _ends() -> Iterator[Trial]:
    status: int | None
    for status in FINAL:
        yield Trial("end", {"status": status})
        if status != 410:
            yield Trial("end", {"status": status, "look": "endpoints"})
    for status in (503, None, 429):
        yield Trial("end", {"status": status, "made": 9})
        yield Trial("end", {"status": status, "made": 9, "look": "endpoints"})
    failing = ENDPOINTS + delivery(1, **_CLAIMED)
    failing += "UPDATE endpoints SET failures = 30;"
    yield Trial("end", {"status": 404, "look": "endpoints", "setup": failing})
    for made in (0, 9):
        yield Trial("end", {"status": 410, "look": "failures", "made": made})
        yield Trial("gone", {"status": 410, "look": "enabled", "made": made})
    off = ENDPOINTS + _DISABLED + delivery(1, **_CLAIMED)
    note = "the owner has disabled the endpoint during the attempt"
    for status in (200, 503, 404):
        changes = {"status": status, "look": "enabled"}
        yield Trial("enabled", changes)
        yield Trial("enabled", {**changes, "setup": off}, note)


NO_NUMBERS = (" 9000", "9000\n", "9000.5", "9000.0", "9e3", "+9000", "0x2328")
"""Numbers that do not consist of ASCII digits."""


def _wishes() -> Iterator[Trial]:
    status: int | None
    for status in (429, 503):
        for wish in ("120", "7", "0", "3600", "86400", "86401", "1000000000"):
            yield Trial("wish", {"status": status, "retry_after": wish})
        for wish in ("soon", "-1", "1.5", "", "²", "12 s", "12x", "٣", *NO_NUMBERS):
            yield Trial("wish", {"status": status, "retry_after": wish})
    yield Trial("wish", {"status": 429, "retry_after": "1", "made": 3, "seed": 5})
    for wish in ("0", "soon"):
        yield Trial("wish", {"status": 503, "retry_after": wish, "seed": 1})
    for status in (500, 408, None):
        yield Trial("wish", {"status": status, "retry_after": "9000"})


def _arguments(fields: Fields, db: sqlite3.Connection) -> list[Any]:
    with db:
        db.execute("UPDATE deliveries SET made = ?", (fields["made"],))
        claimed = dict(db.execute("SELECT * FROM deliveries WHERE id = 1").fetchone())
        db.execute("UPDATE deliveries SET worker = ?", (fields["holder"],))
    result = {name: fields[name] for name in ("status", "retry_after", "body")}
    return [db, claimed, result, NOW, random.Random(fields["seed"])]


def _compared(fields: Fields, after: After) -> Any:
    look, rows = fields["look"], after.rows
    if look == "states":
        return len(after.states)
    if look == "meanwhile":
        return after.meanwhile is not None and after.rows != after.meanwhile
    if look == "all":
        return [rows[name] for name in ("deliveries", "attempts", "endpoints")]
    if look == "endpoints":
        return [(row[0], row[5], row[6]) for row in rows["endpoints"]]
    if look in ("enabled", "failures"):
        return [(row[0], row[5 + (look == "failures")]) for row in rows["endpoints"]]
    if look == "attempts":
        return [
            (*row[:5], row[5], bytes(row[6]) if isinstance(row[6], bytes) else row[6])
            for row in rows["attempts"]
        ]
    if look == "others":
        return rows["deliveries"][1:]
    row = rows["deliveries"][0]
    if look == "claim":
        return row[4], row[6], float(row[7])
    pending = row[3] == "pending"
    return row[3], round(row[5] - NOW, 3) if pending else None


def _told(fields: Fields, after: After) -> str:
    look, rows = fields["look"], after.rows
    if look == "states":
        return f"{len(after.states) - 1} commits that change something"
    if look in ("endpoints", "enabled", "failures"):
        found = [
            f"{row[0]}: enabled {row[5]}, failures {row[6]}"
            for row in rows["endpoints"]
        ]
        return "; ".join(found)
    if look == "meanwhile" and after.meanwhile is None:
        return "w2 could not take over, because the file was locked"
    if look == "meanwhile" and after.rows == after.meanwhile:
        return "w2 took over, and then nothing changed"
    if look == "attempts":
        return f"attempts: {rows['attempts']}"
    if look == "all":
        return "; ".join(lines_of(rows, "deliveries", "attempts", "endpoints"))
    if look == "others":
        return f"other deliveries: {rows['deliveries'][1:]}"
    row = rows["deliveries"][0]
    due = f"due now{row[5] - NOW:+.3f}, " if row[3] == "pending" else ""
    return (
        f"{'w2 took over, and then: ' if look == 'meanwhile' else ''}"
        f"state {row[3]}, made {row[4]}, {due}worker {row[6]}, "
        f"leased {row[7] - NOW if row[7] else 0:g}"
    )


def _broken(fields: Fields, seen: Seen, wanted: Seen) -> str | None:
    if broken := blames_open("transaction")(fields, seen, wanted):
        return broken
    if fields["look"] == "endpoints" and seen.error is None:
        failures = [[row[2] for row in each.value[1]] for each in (seen, wanted)]
        return "enabled" if failures[0] == failures[1] else None
    return None


def _show(fields: Fields) -> str:
    result = {name: fields[name] for name in ("status", "retry_after", "body")}
    return (
        f"finish(db, delivery, {result}, now, random.Random({fields['seed']}))\n"
        f"delivery 1 has made {fields['made']} attempts before"
    )


FINISH = judged(
    id="13.5",
    lab="13_be_the_provider",
    wants="finish(db, delivery, result, now, rng)",
    hints=numbered("""
        1: Sort the outcomes into three groups: delivered, again later, and dead.
        2: Begin with the UPDATE that ends the claim. If its rowcount is 0, another
            worker has taken over, and nothing is left to do.
        3: The whole rule for Retry-After is max(drawn delay, min(requested delay,
            86400)).
    """),
    contract=CONTRACT,
    space=Space(
        {
            "setup": ENDPOINTS + _FAILED_BEFORE + delivery(1, **_CLAIMED),
            "look": "state",
            "status": 200,
            "retry_after": None,
            "body": b"ok",
            "made": 0,
            "seed": 7,
            "holder": "w1",
        },
        _trials,
    ),
    observer=Database(_arguments, _show, _compared, _told, closes=True),
    blames=_broken,
    mistakes=MISTAKES,
)
