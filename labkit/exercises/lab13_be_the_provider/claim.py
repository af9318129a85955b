"""13.4: a worker claims a delivery, and no other worker does (lease)."""

import sqlite3
from collections.abc import Iterator
from typing import Any

from labkit.checks import Question
from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Proof, Rule, edit, mistakes, raised
from labkit.checks.proving import Search, judged
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab13_be_the_provider.due import (
    ENDPOINTS,
    NOT_CLAIMABLE,
    NOW,
    TRIED,
    delivery,
)
from labkit.exercises.lab13_be_the_provider.exploring import at_once, booting
from labkit.exercises.lab13_be_the_provider.rows import After, Database, blames_open
from labkit.exercises.lab13_be_the_provider.showing import (
    lines_of,
    time_of,
    with_rows,
)
from labkit.explore import Outcome, Violation

RACE, DEADLOCK, NOT_DUE, LEASED, FOREVER, DONE, DISABLED, NO_LEASE = mistakes("""
    two-workers-claim-one-delivery: Two workers claimed the same delivery, because your
        code reads it first and claims it in a later step. The receiver then gets the
        event twice (check-then-act race).
        Try: Find and claim the delivery in one UPDATE … RETURNING, or begin the
        transaction with BEGIN IMMEDIATE before you read.
    workers-block-each-other: Two workers wait for each other, or one of them fails
        because the other one is writing. In production a worker then stops.
        Try: Begin the transaction with BEGIN IMMEDIATE, or use a single UPDATE.
    claims-too-early: Your code claims a delivery that is not due yet. The retry then
        comes before its delay is over, and backoff has no effect.
        Try: Add a condition on `due` to the query.
    claims-what-is-claimed: Your code claims a delivery whose lease is still valid.
        Another worker is sending it at this moment, so the receiver gets it twice.
        Try: Add a condition on `leased` to the query.
    claims-last-forever: Your code does not claim a delivery whose lease has expired. If
        a worker crashes, its delivery is lost.
        Try: Compare `leased` with `now`: an expired claim does not count.
    claims-finished-deliveries: Your code claims a delivery that is delivered or dead.
        The receiver gets events again that it has acknowledged.
        Try: Add a condition on `state` to the query.
    claims-for-disabled-endpoints: Your code claims a delivery whose endpoint is
        disabled. The owner has switched it off and still gets requests.
        Try: Look up the endpoint, and require that it is enabled.
    sets-no-lease: Your code does not store a lease of 60 s. Other workers see the
        delivery as free while it is being sent.
        Try: Set `leased` to `now + 60` in the same UPDATE.
""")
NO_WORKER, ORDER, ALL, NO_COMMIT, EMPTY = mistakes("""
    does-not-store-the-worker: Your code does not store which worker has claimed the
        delivery. A worker that was too slow can then no longer tell that another one
        has taken over.
        Try: Set `worker` in the same UPDATE.
    wrong-order: Your code does not take the delivery that has waited longest. Old
        deliveries can then wait as long as there are new ones.
        Try: Order by `due`, the smallest first, and take one row.
    claims-all: Your code claims more than one delivery. The others are blocked for a
        minute, although this worker sends only one.
        Try: Limit the query to one row.
    does-not-commit: Your code returns before the claim is committed. No other worker
        can see the claim, and it blocks the file for all of them.
        Try: Do the UPDATE in a `with db:` block.
    fails-without-work: Your code raises an exception if there is nothing to do. Usually
        there is nothing to do, and that must not stop the worker.
        Try: Return None if the query finds no row.
""")

CONTRACT = contract("""
    given: Claim one delivery for a worker, and return its row as a dictionary, or None
        if there is nothing to do.
    given: `now` is the time in seconds, and `worker` is the name of the worker, which
        is different for each worker.
    claimable: A delivery can be claimed if it is pending, it is due at `now`, its
        endpoint is enabled, and `leased` is not later than `now`.
    order: Of several, claim only the one with the smallest `due`.
    lease: Store the `worker`, and set `leased` to 60 seconds after `now`.
    result: Return the row as it is after the claim.
    nothing: If there is no such delivery, return None.
    committed: When the function returns, the claim is committed, and no transaction is
        open.
    again: Once 60 seconds have passed, the same delivery can be claimed again if it is
        still pending.
    together: If two workers call at the same moment, neither fails, and they never
        claim the same delivery.
    open: The check does not test deliveries that are due at the same time, or what the
        slower of two workers gets.
""")

_TWO = delivery(1, due=NOW - 5) + delivery(2, due=NOW - 9) + delivery(3, due=NOW - 1)
_RENUMBER = "UPDATE deliveries SET id = 10 - id;"


def _trials() -> Iterator[Trial]:
    one = ENDPOINTS + delivery(1)
    yield Trial("claimable", {"look": "id", "setup": one})
    yield Trial("claimable", {"look": "id", "setup": ENDPOINTS + delivery(1, due=NOW)})
    past = delivery(1, leased=NOW - 1, worker="w0") + delivery(2, due=NOW + 1)
    yield Trial("claimable", {"look": "id", "setup": ENDPOINTS + past})
    exact = delivery(1, leased=NOW, worker="w0")
    yield Trial("claimable", {"look": "id", "setup": ENDPOINTS + exact})
    own = delivery(1, leased=NOW + 20, worker="w1") + delivery(2, due=NOW - 1)
    yield Trial("claimable", {"look": "id", "setup": ENDPOINTS + own})
    for what in NOT_CLAIMABLE:
        setup = ENDPOINTS + what + delivery(7, due=NOW - 1)
        yield Trial("claimable", {"look": "id", "setup": setup})
        yield Trial("nothing", {"look": "id", "setup": ENDPOINTS + what})
    for setup in (_TWO, _TWO + _RENUMBER):
        yield Trial("order", {"look": "claimed", "setup": ENDPOINTS + setup})
    yield Trial("order", {"look": "claimed", "setup": ENDPOINTS + TRIED})
    for number, worker in ((NOW, "w1"), (NOW + 0.5, "w2"), (NOW + 10_000, "Wörker 3 ")):
        changes = {"look": "rows", "setup": one, "now": number, "worker": worker}
        yield Trial("lease", changes)
    for made in (0, 4):
        yield Trial(
            "result", {"look": "result", "setup": ENDPOINTS + delivery(1, made=made)}
        )
    twice = {
        "look": "id",
        "setup": ENDPOINTS + _TWO + _RENUMBER,
        "again": 1,
        "later": 0,
    }
    note = "the second call; w1 made another one before, at the same time"
    yield Trial("result", {**twice, "first": "w1"}, note)
    yield Trial("nothing", {"look": "id", "setup": ENDPOINTS})
    yield Trial("nothing", {"look": "id", "setup": ""}, "no endpoints, no deliveries")
    yield Trial("committed", {"look": "rows", "setup": one})
    for later in (0, 30, 59.5, 60, 90):
        changes = {"look": "again", "setup": one, "again": 1, "later": later}
        yield Trial("again", changes, f"claimed by w0, and again {later} s later")


def _arguments(fields: Fields, db: sqlite3.Connection) -> list[Any]:
    now, worker = fields["now"], fields["worker"]
    if "later" in fields:
        first = not db.execute("SELECT 1 FROM deliveries WHERE leased > 0").fetchall()
        earlier = fields.get("first", "w0")
        now, worker = (now, earlier) if first else (now + fields["later"], worker)
    return [db, now, worker]


def _compared(fields: Fields, after: After) -> Any:
    result = _as_dict(after.result)
    if fields["look"] == "id":
        return result.get("id", "no id") if isinstance(result, dict) else result
    if fields["look"] == "result":
        row = after.result
        return sorted(row.items()) if isinstance(row, dict) else type(row).__name__
    if fields["look"] == "claimed":
        return [
            (row[0], row[6] == fields["worker"]) for row in after.rows["deliveries"]
        ]
    return [
        (row[0], row[6] is not None and str(row[6]), float(row[7]))
        for row in after.rows["deliveries"]
    ]


def _as_dict(result: Any) -> Any:
    """Return a row as a dictionary, None as None, and the type of anything else."""
    if isinstance(result, (dict, sqlite3.Row)):
        return dict(result)
    return result if result is None else type(result).__name__


def _told(fields: Fields, after: After) -> str:
    if fields["look"] in ("id", "result"):
        return ""
    return "; ".join(lines_of(after.rows, "deliveries"))


def _show(fields: Fields) -> str:
    call = f"claim(db, {time_of(fields['now'])}, {fields['worker']!r})"
    return with_rows(call, fields["setup"], "deliveries")


MISTAKES: list[Proof] = [
    edit(NOT_DUE, ("AND d.due <= ?", "AND ? > 0")),
    edit(LEASED, ("AND d.leased <= ?", "AND ? > 0")),
    edit(FOREVER, ("AND d.leased <= ?", "AND d.leased = 0 AND ? > 0")),
    edit(FOREVER, ("AND d.leased <= ?", "AND d.worker IS NULL AND ? > 0")),
    edit(DONE, ("d.state = 'pending'", "1")),
    edit(DONE, ("d.state = 'pending'", "d.state != 'dead'")),
    edit(DONE, ("d.state = 'pending'", "d.state != 'delivered'")),
    edit(DISABLED, ("AND e.enabled = 1", "")),
    edit(NO_LEASE, ("(worker, now + 60, now, now)", "(worker, 0, now, now)")),
    edit(NO_LEASE, ("(worker, now + 60, now, now)", "(worker, now, now, now)")),
    edit(NO_LEASE, ("(worker, now + 60, now, now)", "(worker, 60, now, now)")),
    edit(NO_WORKER, ("(worker, now", "(None, now")),
    edit(ORDER, ("ORDER BY d.due", "ORDER BY d.id")),
    edit(ORDER, ("ORDER BY d.due", "ORDER BY d.due DESC")),
    edit(ORDER, (" ORDER BY d.due", "")),
    edit(ALL, ("WHERE id = (", "WHERE id IN ("), (" LIMIT 1", "")),
    edit(NO_COMMIT, ("    with db:", "    if True:")),
    Rule(
        EMPTY,
        lambda fields: fields["setup"] in ("", ENDPOINTS),
        lambda fields: fields["look"] == "rows",
        raised(),
        may=lambda _: True,
    ),
]


def _harm(outcome: Outcome) -> Violation | None:
    claimed = [effect.args for effect in outcome.effects]
    ids = [args[0] for args in claimed]
    for each in ids:
        if ids.count(each) > 1:
            return Violation(f"two workers claimed delivery {each}", "twice")
    failed = [answer for answer in outcome.answers if answer.error]
    if failed:
        kind = "locked" if "locked" in str(failed[0]) else "failed"
        return Violation(f"a worker {failed[0]}", kind)
    return None


def never_twice(claim: Any, _: str) -> str:
    """Let two workers call at the same moment."""
    ask = Question(
        sent="two workers, one file: claim(db, now, 'A') and claim(db, now, 'B') at "
        "the same moment",
        expected="each delivery is claimed by at most one worker, and no call fails",
        why="Workers run at the same moment, in different processes. Between two lines "
        "of one worker, the other one can do anything.",
        try_next="Follow the picture down to the line that does the harm. What did "
        "each worker know there?",
    )

    def job(db: sqlite3.Connection, worker: str, world: Any) -> None:
        found = claim(db, NOW, worker)
        if found:
            world.effect(found["id"], worker)

    known = {"twice": RACE, "deadlock": DEADLOCK, "locked": DEADLOCK}
    remark = ""
    for setup in (delivery(1), delivery(1) + delivery(2, due=NOW - 9)):
        boot = booting(job, ENDPOINTS + setup)
        remark = at_once(ask, boot, ["A", "B"], _harm, known, code=[claim])
    return remark


CLAIM = judged(
    id="13.4",
    lab="13_be_the_provider",
    wants="claim(db, now, worker) -> dict",
    hints=numbered("""
        1: What may another worker do between your SELECT and your UPDATE?
        2: A single UPDATE with a subquery is atomic. RETURNING * gives the row that it
            has changed.
        3: UPDATE deliveries SET … WHERE id = (SELECT d.id FROM deliveries d JOIN
            endpoints e ON e.id = d.endpoint WHERE … LIMIT 1) RETURNING *
    """),
    contract=CONTRACT,
    space=Space(
        {"setup": ENDPOINTS + delivery(1), "look": "id", "now": NOW, "worker": "w1"},
        _trials,
    ),
    observer=Database(_arguments, _show, _compared, _told, closes=True),
    blames=blames_open("committed"),
    mistakes=MISTAKES,
    searches=(Search("together", never_twice),),
)
