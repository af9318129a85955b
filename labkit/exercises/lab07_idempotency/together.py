"""Exercise 7.2: a copy ships nothing, at whatever moment it comes."""

import sqlite3
from collections.abc import Callable
from typing import Any, ClassVar

from labkit.checks import Exercise, Mistake, Question
from labkit.exercises.lab07_idempotency import asking, mistakes
from labkit.exercises.lab07_idempotency.asking import FIRST
from labkit.exercises.lab07_idempotency.exploring import (
    AT_ONCE,
    OVER_PROCESSES,
    UNDONE,
    at_once,
    deeper,
    each_once,
    none_undone,
    quickly,
    slowly,
)
from labkit.exercises.lab07_idempotency.restarting import real_restart
from labkit.exercises.lab07_idempotency.shops import FILE, MakeApp, Shop, ShopWithFile
from labkit.explore import Boot, Outcome, World

Fails = Callable[[], object] | None
"""What a ship does before it fails; None for one that does not."""


class FileShop(ShopWithFile):
    """The file, empty at first, and the warehouse."""

    known: ClassVar[dict[type[BaseException], Mistake]] = {
        **Shop.known,
        sqlite3.OperationalError: mistakes.TABLE_TWICE,
    }


def ships_a_payment(make_app: MakeApp) -> None:
    """A payment is shipped, once, and then acknowledged."""
    asking.ships_one(FileShop, make_app)


def knows_a_copy(make_app: MakeApp) -> None:
    """The next attempt of the same event ships nothing and is acknowledged."""
    asking.knows_a_copy(FileShop, make_app)


def tells_events_apart(make_app: MakeApp) -> None:
    """Another event has a parcel of its own, even for the same order."""
    asking.tells_events_apart(FileShop, make_app)


def knows_a_resend(make_app: MakeApp) -> None:
    """The same event in another delivery, or days later, ships nothing."""
    asking.knows_a_resend(FileShop, make_app)
    asking.remembers_for_days(FileShop, make_app)
    asking.remembers_old_rows(FileShop, make_app)


def ships_on_the_retry(make_app: MakeApp) -> None:
    """When ship raises, the answer is 5xx, and a later attempt ships."""
    asking.ships_on_the_retry(FileShop, make_app, "ship raises")
    asking.ships_after_any_exception(FileShop, make_app)


def survives_a_restart(make_app: MakeApp) -> None:
    """After a restart, over the same file, a copy still ships nothing."""
    asking.survives_a_restart(FileShop, make_app)
    asking.survives_another_start(FileShop, make_app)


def holds_between_threads(make_app: MakeApp) -> str:
    """Two copies at the same moment, in two threads: one parcel."""
    tried = at_once(_both("two threads of one process"), _shop(make_app), once, AT_ONCE)
    return f"Two threads: {tried}"


def holds_between_processes(make_app: MakeApp) -> str:
    """Two copies at the same moment, in two processes: one parcel."""
    tried = at_once(
        _both("two processes over one file"),
        _shop(make_app),
        once,
        OVER_PROCESSES,
        processes=2,
    )
    return f"Two processes: {tried}"


def acknowledges_nothing_undone(make_app: MakeApp) -> str:
    """When the one that ships fails, the other one has not been acknowledged for it."""
    remarks = []
    for number in (2, 1):
        # Where ship takes long, the other one has its turn without being switched to.
        boot = _shop(make_app, fails=slowly)
        at_once(
            _failing(),
            boot,
            undone,
            UNDONE,
            retries=0,
            preemptions=0,
            processes=number,
        )
        boot = _shop(make_app, fails=quickly)
        remarks.append(
            at_once(_failing(), boot, undone, UNDONE, retries=0, processes=number)
        )
    return f"A ship that fails: {remarks[0]}"


def holds_with_more_switches(make_app: MakeApp) -> str:
    """A search with a second switch between the workers finds no harm."""
    deeper(
        [
            lambda seconds: at_once(
                _both("two processes over one file"),
                _shop(make_app),
                once,
                OVER_PROCESSES,
                preemptions=2,
                processes=2,
                seconds=seconds,
            ),
            lambda seconds: at_once(
                _failing(),
                _shop(make_app, fails=quickly),
                undone,
                UNDONE,
                retries=0,
                preemptions=2,
                processes=2,
                seconds=seconds,
            ),
            lambda seconds: at_once(
                _both("two threads of one process"),
                _shop(make_app),
                once,
                AT_ONCE,
                preemptions=2,
                seconds=seconds,
            ),
        ]
    )
    return REACH


REACH = "Two switches: as many as the time allows."


def shipped(outcome: Outcome) -> list[Any]:
    """Return the orders that were shipped."""
    return [effect.args[0] for effect in outcome.effects]


once = each_once(shipped)
undone = none_undone(shipped)


def _both(where: str) -> Question:
    return Question(
        sent=f"POST /webhooks, twice at once: {where}\n{FIRST.body.decode()}",
        expected="one parcel, in whatever order the lines run; at last a 2xx for both",
        why="A retry may overtake the attempt before it, and a wire may double a "
        "request. Servers handle several requests at once.",
        try_next="Follow the picture down to the line with the harm. What did each "
        "worker believe there?",
    )


def _failing() -> Question:
    return Question(
        sent=f"POST /webhooks, twice at once, and ship raises\n{FIRST.body.decode()}",
        expected="no 2xx as long as there is no parcel",
        why="After a 2xx the sender forgets the event.",
        try_next="Look at the 2xx in the picture: what did that worker know?",
    )


def _shop(make_app: MakeApp, *, fails: Fails = None) -> Boot:
    def boot(world: World) -> Any:
        def ship(order_id: str) -> None:
            if fails:
                fails()
                raise RuntimeError("the warehouse is closed")
            world.effect(order_id)

        return make_app(str(world.directory / FILE), ship)

    return boot


TOGETHER = Exercise(
    id="7.2",
    lab="07_idempotency",
    wants="make_app(db_path, ship) -> Flask",
    cases=(
        ships_a_payment,
        knows_a_copy,
        tells_events_apart,
        knows_a_resend,
        ships_on_the_retry,
        survives_a_restart,
    ),
    searches=(
        real_restart(
            lambda make, file, sent: (make(str(file), sent.append), sent.copy)
        ),
        holds_between_threads,
        holds_between_processes,
        acknowledges_nothing_undone,
        holds_with_more_switches,
    ),
    hints=(
        (
            "A SELECT before the work does not help, because its result may be "
            "outdated by the next line. Which operation can only one worker complete?"
        ),
        (
            "Use an INSERT into a table whose PRIMARY KEY is the id. With ON CONFLICT "
            "DO NOTHING there is no exception, and rowcount says which worker "
            "inserted the row."
        ),
        (
            "When may you commit the claim? If ship raises, `with database:` rolls "
            "the INSERT back, so call ship inside that block."
        ),
    ),
)
