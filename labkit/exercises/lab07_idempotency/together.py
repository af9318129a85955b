"""Exercise 7.2: a duplicate ships nothing, at whatever moment it comes."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from labkit.checks.contract import contract, numbered
from labkit.checks.proving import judged
from labkit.checks.space import Space, Trial
from labkit.checks.steps import Restart, Wait
from labkit.exercises.lab07_idempotency import trials
from labkit.exercises.lab07_idempotency.exploring import Explored, Fails, slowly
from labkit.exercises.lab07_idempotency.files import age, is_locked
from labkit.exercises.lab07_idempotency.proofs import with_file
from labkit.exercises.lab07_idempotency.restarting import real_restart
from labkit.exercises.lab07_idempotency.trials import ERRORS, FIRST, LATE, fails
from labkit.exercises.lab07_idempotency.worlds import FILE, FileShop, post, shop
from labkit.explore import Boot, Outcome, World

CONTRACT = contract("""
    given: Return a Flask app that ships each event once, even if duplicates arrive
        together.
    given: Endpoint and body are those of 7.1, and its rules apply:
    new: For a new event, call `ship(order_id)` once, and respond with a 2xx after it
        has returned.
    same: Two events are the same if their ids are equal.
    duplicate: For a duplicate of an event that was shipped, ship nothing and respond
        with a 2xx, also days later.
    failure: If `ship` raises an Exception, respond with a 5xx.
    retry: When a later attempt of that event arrives, ship it.
    given: Store the ids in the SQLite file at `db_path`.
    given: The file is empty at first; create your own tables.
    apart: Apps with different files share nothing.
    restart: After a restart, `make_app` is called again with the same file, and
        duplicates still ship nothing.
    start: A process may start while another one is shipping.
    threads: Several threads handle requests at the same time.
    processes: Several processes do so too, all with the same file, and `ship` may take
        a minute.
    undone: Do not respond to a duplicate with a 2xx before the parcel is shipped.
    open: The check does not test a crash while an event is being shipped, a process
        whose start fails at that time because the file is locked, an
        sqlite3.IntegrityError that `ship` raises, or what 7.1 leaves open.
""")


def _disk_error() -> sqlite3.Error:
    """Return what `ship` raises if it has a database of its own."""
    return sqlite3.OperationalError("disk I/O error")


def _trials() -> Iterator[Trial]:
    yield from trials.with_file()
    yield from trials.failures()
    yield trials.trial("failure", "fails", fails(_disk_error), post(FIRST))
    yield from trials.two_shops()
    yield from trials.restarts("restart", [fails(ERRORS[0]), post(FIRST)])
    yield from trials.again_at_once()


def _boot(make_app: Any, fails_by: Fails) -> Boot:
    def boot(world: World) -> Any:
        def ship(order_id: str) -> None:
            if fails_by:
                fails_by()
                raise RuntimeError("the warehouse is closed")
            world.effect(order_id)

        return make_app(str(world.directory / FILE), ship)

    return boot


def _takes_a_minute(make_app: Any) -> Boot:
    def boot(world: World) -> Any:
        file = world.directory / FILE

        def ship(order_id: str) -> None:
            world.effect(order_id)
            if not is_locked(file):
                age(file, 60)
            slowly()

        return make_app(str(file), ship)

    return boot


def _start(
    make_app: Any, file: Path, sent: list[Any]
) -> tuple[Any, Callable[[], list[Any]]]:
    return make_app(str(file), sent.append), sent.copy


def _shipped(outcome: Outcome) -> list[Any]:
    return [effect.args[0] for effect in outcome.effects]


EXPLORED = Explored(_boot, _shipped, lasting_boot=_takes_a_minute)

TOGETHER = judged(
    id="7.2",
    lab="07_idempotency",
    wants="make_app(db_path, ship) -> Flask",
    hints=numbered("""
        1: A SELECT before the work does not help, because its result may be outdated by
            the next line. Which operation can only one worker complete?
        2: Use an INSERT into a table whose PRIMARY KEY is the id. With ON CONFLICT DO
            NOTHING there is no exception, and rowcount says which worker inserted the
            row.
        3: When may you commit the claim? If `ship` raises, `with database:` rolls the
            INSERT back, so call ship inside that block.
    """),
    contract=CONTRACT,
    space=Space(
        {"kind": "new", "steps": [post(FIRST)]},
        _trials,
        trials.random_steps("duplicate", Wait(LATE), Restart()),
        many=8,
    ),
    observer=shop(FileShop),
    mistakes=with_file(),
    searches=(
        real_restart(_start),
        EXPLORED.at_once("threads", 1),
        EXPLORED.at_once("processes", 2),
        EXPLORED.starting("start"),
        EXPLORED.undone("undone"),
        EXPLORED.further(
            "This also holds with a second preemption, as far as there was time.",
            "threads",
            "undone",
            "processes",
        ),
    ),
)
