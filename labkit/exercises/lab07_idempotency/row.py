"""Exercise 7.3: the parcel is a row; none lost and none doubled, whatever crashes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from labkit.checks import Mistake
from labkit.checks.calls import AppCaller
from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import mistakes
from labkit.checks.observing import Seen
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.checks.steps import Do, Restart, Step, Wait
from labkit.exercises.lab07_idempotency import mistakes as shared
from labkit.exercises.lab07_idempotency import trials
from labkit.exercises.lab07_idempotency.exploring import Explored, Fails
from labkit.exercises.lab07_idempotency.files import change, impatient, rows
from labkit.exercises.lab07_idempotency.harm import TOGETHER
from labkit.exercises.lab07_idempotency.in_rows import in_rows
from labkit.exercises.lab07_idempotency.proofs import (
    both,
    hidden,
    last,
    rule,
    with_file,
)
from labkit.exercises.lab07_idempotency.restarting import real_restart
from labkit.exercises.lab07_idempotency.trials import FIRST, LATE, SECOND, trial
from labkit.exercises.lab07_idempotency.worlds import (
    FILE,
    QUERY,
    REFUSE,
    RowShop,
    make_table,
    post,
    shop,
)
from labkit.explore import Boot, Counterexample, Outcome, World
from labkit.explore.world import scratch
from labkit.model import Event

COMMIT_BETWEEN, EFFECT_FIRST, CLAIM_STAYS, NULL_IS_COPY = mistakes("""
    commit-between-claim-and-effect: Your code commits the id before the row. If the
        process crashes between the two, the retry finds the id and is acknowledged, but
        the row is missing.
        Try: Commit the id and the row in one transaction.
    effect-committed-before-its-claim: Your code commits the row before the id. If the
        process crashes between the two, the retry finds no id and writes a second row.
        Try: Commit the row and the id in one transaction.
    claim-outlives-its-worker: Your code keeps the claim of a process that crashed, so
        it rejects every retry. No worker is left to finish the work.
        Try: Commit nothing before the work is done; then a crash removes the claim too.
    takes-every-integrity-error-for-a-copy: Your code acknowledged a payment whose row
        was refused, because its order_id is missing. After the 2xx the sender forgets
        it, so this payment is lost.
        Try: Let only the INSERT of the id ignore a conflict. The INSERT of the row must
        raise, and its exception must leave the view.
""")
NOT_COMMITTED = replace(
    shared.NOT_COMMITTED,
    why="Your code wrote the row but did not commit it, so it disappears with the "
    "connection. The 2xx promised a row that nobody can see.",
)

CONTRACT = contract("""
    given: Return a Flask app that writes one row into shipments for each event.
    given: Endpoint and body are those of 7.1.
    given: The SQLite file at `db_path` has a table shipments(order_id TEXT NOT NULL);
        create whatever else you need.
    new: For a new event, write and commit one row with its order, and then respond with
        a 2xx.
    same: Two events are the same if their ids are equal.
    duplicate: For a duplicate of an event that has its row, write nothing and respond
        with a 2xx, also days later.
    failure: If the row cannot be written, respond with a 5xx.
    retry: When a later attempt of that event arrives, write it.
    no-order: A payment without an order (`order_id` is null) cannot be stored: write no
        row, and do not respond with a 2xx.
    restart: After a restart, `make_app` is called again with the same file, and
        duplicates still write nothing.
    crash: Wherever the process crashes, the next attempt after the restart, or the one
        after it, finds or writes the one row and gets a 2xx.
    threads: Several threads handle requests at the same time.
    processes: Several processes do so too, all with the same file.
    start: A process may start while another one handles a request.
    undone: Do not respond to a duplicate with a 2xx before there is a row.
    open: The check does not test other types of events, bodies without an id, or an
        empty string as the order.
""")

_REFUSE = Do(
    lambda world: world.refuse(),
    "from now on, the check lets each INSERT INTO shipments raise OperationalError",
)
_ALLOW = Do(lambda world: world.allow(), "an INSERT INTO shipments succeeds again")


def _without_order(id_: str) -> Event:
    return Event(FIRST.type, {**FIRST.data, "order_id": None}, id=id_)


def _not_stored(value: Any) -> bool:
    """Whether no request was acknowledged, and no row was written."""
    return all(got[0] != "2xx" and not rows for got, rows in value)


def _trials() -> Iterator[Trial]:
    for each in trials.with_file():
        traced = each.changes["kind"] == "new"
        yield replace(each, changes={**each.changes, "traced": traced})
    yield from _refused()
    for steps in ([post(_without_order("evt_9"))], [post(_without_order("evt_8"))] * 2):
        changes = {"kind": "order-missing", "steps": steps}
        yield Trial("no-order", changes, also=_not_stored)
    yield from trials.restarts("restart", [_REFUSE, post(FIRST, 0), _ALLOW])


def _refused() -> Iterator[Trial]:
    failed: list[Step] = [_REFUSE, post(FIRST)]
    yield trial("failure", "fails", *failed)
    yield trial("retry", "retry", *failed, post(FIRST, 2))
    once = [*failed, _ALLOW, post(FIRST, 2)]
    twice = [*failed, post(FIRST, 2), _ALLOW, post(FIRST, 3)]
    for kind_, steps in (("retry", once), ("retries", twice)):
        yield trial("retry", kind_, *steps)
        yield trial("retry", "after", *steps, post(FIRST, 4))
    late = Wait(LATE), post(FIRST, 2)
    yield trial("retry", "retries", *failed, _ALLOW, *late)
    other = post(SECOND, 1, 2)
    yield trial("retry", "others", *failed, _ALLOW, other, post(FIRST, 2))


def _boot(make_app: Any, fails_by: Fails) -> Boot:
    def boot(world: World) -> Any:
        file = world.directory / FILE
        if not file.exists():
            make_table(file)
            if fails_by:
                change(file, REFUSE)
        return make_app(str(file))

    return boot


def _start(
    make_app: Any, file: Path, kept: list[Any]
) -> tuple[Any, Callable[[], list[Any]]]:
    del kept  # the parcels are rows of the file
    if not file.exists():
        make_table(file)
    return make_app(str(file)), lambda: [row[0] for row in rows(file, QUERY)]


def stored(outcome: Outcome) -> list[Any]:
    """Return the orders that have a row."""
    return [row[0] for row in outcome.rows(FILE, QUERY)]


def _commits(make_app: Any) -> tuple[list[int], list[int]]:
    """Return in which commits of one request the row and the rest are written."""
    number, open_ = 0, False
    row: list[int] = []
    rest: list[int] = []
    with scratch() as folder, impatient() as statements:
        world = RowShop({"kind": "new"}, statements, folder)
        caller = AppCaller(make_app(*world.takes(0)))
        del statements[:]
        caller.send(FIRST)
        written = [each.lstrip().upper() for each in statements]
    for each in written:
        if each.startswith(("INSERT", "UPDATE", "REPLACE")):
            (row if "SHIPMENTS" in each else rest).append(number)
            number += not open_
        elif each.startswith(("COMMIT", "END")):
            number, open_ = number + 1, False
        elif each.startswith("BEGIN"):
            open_ = True
    return row, rest


def _lost(make_app: Any, _: Counterexample) -> Mistake | None:
    row, rest = _commits(make_app)
    return COMMIT_BETWEEN if row and rest and min(rest) < min(row) else None


def _doubled(make_app: Any, _: Counterexample) -> Mistake | None:
    row, rest = _commits(make_app)
    return EFFECT_FIRST if row and rest and min(row) < min(rest) else None


EXPLORED = Explored(
    _boot,
    stored,
    verb="stored",
    trouble="every INSERT INTO shipments is refused",
    together=TOGETHER,
    crashing={
        "lost": _lost,
        "doubled": _doubled,
        "refused": CLAIM_STAYS,
        "no start": shared.NO_START,
        "deadlock": shared.DEADLOCK,
    },
    wording=in_rows,
)


def _tried(_: Fields, seen: Seen) -> bool:
    """Accept a receiver that tried to write into shipments, and caught no error."""
    return any(hidden(seen, "_tried")) and not seen.caught


_NOTHING = last("2xx", parcels=0)

ROW = judged(
    id="7.3",
    lab="07_idempotency",
    wants="make_app(db_path) -> Flask",
    hints=numbered("""
        1: Your code writes two things, the id and the row. Can the process crash
            between the two?
        2: One transaction makes the two atomic: `with database:` around both INSERTs.
            Which of the two shows you that the event is a duplicate?
        3: Insert the id first, with ON CONFLICT DO NOTHING. If its rowcount is 1,
            insert the row. An exception in the block rolls both back.
    """),
    contract=CONTRACT,
    space=Space(
        {"kind": "new", "steps": [post(FIRST)]},
        _trials,
        trials.random_steps("duplicate", Wait(LATE), Restart(), failing=False),
        many=8,
    ),
    observer=shop(RowShop),
    mistakes=[
        rule(NOT_COMMITTED, "new", how=both(_NOTHING, _tried), may="*"),
        rule(
            NULL_IS_COPY,
            "order-missing",
            "new",
            both(_NOTHING, lambda _, seen: any(hidden(seen, "_tried"))),
        ),
        *(replace(each, mistake=in_rows(each.mistake)) for each in with_file()),
    ],
    searches=(
        real_restart(_start, "row"),
        EXPLORED.dying("crash"),
        EXPLORED.at_once("threads", 1),
        EXPLORED.at_once("processes", 2),
        EXPLORED.starting("start"),
        EXPLORED.undone("undone", (1,)),
        EXPLORED.further(
            "This also holds with a second crash or preemption, as far as there was "
            "time.",
            "crashes",
            "threads",
            "processes",
        ),
    ),
)
