"""Exercise 7.3: the parcel is a row; none lost and none doubled, whatever dies when."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
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
    dying,
    each_once,
    none_undone,
)
from labkit.exercises.lab07_idempotency.restarting import real_restart
from labkit.exercises.lab07_idempotency.shops import (
    FILE,
    MakeApp,
    Shop,
    ShopWithFile,
    asks,
    change,
    rows,
)
from labkit.explore import Boot, Outcome, World
from labkit.model import Event

NO_ORDER = Event(FIRST.type, {**FIRST.data, "order_id": None}, id="evt_00009")
QUERY = "SELECT order_id FROM shipments"

# A trigger that calls what isn't there: no constraint, so nothing that could be taken
# for a duplicate.
REFUSE = (
    "CREATE TRIGGER trouble BEFORE INSERT ON shipments "
    "BEGIN SELECT warehouse_is_open(); END"
)

COMMIT_BETWEEN = Mistake(
    "commit-between-claim-and-effect",
    "Your code commits the id before the row. If the process crashes between the two, "
    "the retry finds the id and is acknowledged, but the row is missing.",
    "Commit the id and the row in one transaction.",
)
EFFECT_FIRST = Mistake(
    "effect-committed-before-its-claim",
    "Your code commits the row before the id. If the process crashes between the two, "
    "the retry finds no id and writes a second row.",
    "Commit the row and the id in one transaction.",
)
CLAIM_STAYS = Mistake(
    "claim-outlives-its-worker",
    "Your code keeps the claim of a process that crashed, so it rejects every retry. "
    "No worker is left to finish the work.",
    "Commit nothing before the work is done; then a crash removes the claim too.",
)
NO_START = Mistake(
    "does-not-start-again",
    "Your app cannot start again after a crash during its start. What the first start "
    "left behind stops every further start.",
    "Make every start-up step safe to repeat: CREATE TABLE IF NOT EXISTS.",
)
NULL_IS_COPY = Mistake(
    "takes-every-integrity-error-for-a-copy",
    "Your code took a row without an order for a duplicate, and acknowledged it. The "
    "row was refused because order_id is missing, so this payment is lost.",
    "Recognise a duplicate only by the INSERT of the id, with ON CONFLICT DO NOTHING "
    "and rowcount.",
)
NOT_COMMITTED = replace(
    mistakes.NOT_COMMITTED,
    why="Your code wrote the row but did not commit it, so it disappears with the "
    "connection. The 2xx promised a row that nobody can see.",
)
DYING = {
    "lost": COMMIT_BETWEEN,
    "doubled": EFFECT_FIRST,
    "refused": CLAIM_STAYS,
    "no start": NO_START,
    "deadlock": mistakes.DEADLOCK,
}


class RowShop(ShopWithFile):
    """A file with the table shipments; a parcel is a row in it."""

    noun: ClassVar[str] = "rows in shipments"
    known: ClassVar[dict[type[BaseException], Mistake]] = {
        **Shop.known,
        sqlite3.OperationalError: mistakes.TABLE_TWICE,
    }

    @classmethod
    def why_nothing_left(
        cls, ask: Question, make_app: MakeApp, event: Event
    ) -> Mistake | None:
        """Tell a row that is never written from one that is never committed."""
        with cls.opened(make_app) as shop:
            desk = shop.start(ask)
            with shop.trouble():
                unmoved = desk.send(event).acknowledged
        return mistakes.NEVER_SHIPS if unmoved else NOT_COMMITTED

    def prepare(self) -> None:
        """Make the table."""
        make_table(self.file)

    def takes(self) -> tuple[Any, ...]:
        """Return the arguments of `make_app`."""
        return (str(self.file),)

    def asks_first(self, mark: int) -> bool:
        """Say whether the file was asked after that mark, before a row was written."""
        since = self.statements[mark:]
        at = next((n for n, s in enumerate(since) if "shipments" in s), None)
        return asks(since[:at])

    def parcels(self) -> list[Any]:
        """Return the orders in the table."""
        return [row[0] for row in rows(self.file, QUERY)]

    @contextlib.contextmanager
    def trouble(self) -> Iterator[None]:
        """Let every INSERT into the table fail for a while.

        Where the learner's code keeps the file locked, `locked` is set.
        """
        self._try_to(REFUSE)
        yield
        self._try_to("DROP TRIGGER IF EXISTS trouble")

    def _try_to(self, statement: str) -> None:
        try:
            change(self.file, statement)
        except sqlite3.OperationalError:
            self.locked = True


def make_table(file: Path) -> None:
    """Make the table shipments, which is there before any receiver is."""
    change(file, "CREATE TABLE shipments (order_id TEXT NOT NULL)")


def stores_a_payment(make_app: MakeApp) -> None:
    """A payment becomes one row, and is then acknowledged."""
    asking.ships_one(RowShop, make_app)


def knows_a_copy(make_app: MakeApp) -> None:
    """The next attempt of the same event adds no row and is acknowledged."""
    asking.knows_a_copy(RowShop, make_app)


def tells_events_apart(make_app: MakeApp) -> None:
    """Another event has a row of its own, even for the same order."""
    asking.tells_events_apart(RowShop, make_app)


def knows_a_resend(make_app: MakeApp) -> None:
    """The same event in another delivery, or days later, adds no row."""
    asking.knows_a_resend(RowShop, make_app)
    asking.remembers_for_days(RowShop, make_app)
    asking.remembers_old_rows(RowShop, make_app)


def stores_on_the_retry(make_app: MakeApp) -> None:
    """When the row can't be written, the answer is 5xx, and a retry writes it."""
    asking.ships_on_the_retry(
        RowShop, make_app, "every INSERT INTO shipments is refused"
    )


def survives_a_restart(make_app: MakeApp) -> None:
    """After a restart, over the same file, a copy still adds no row."""
    asking.survives_a_restart(RowShop, make_app)


def acknowledges_no_nonsense(make_app: MakeApp) -> None:
    """A payment that can't be stored is not acknowledged."""
    ask = Question(
        sent=f"POST /webhooks, a payment without an order\n{NO_ORDER.body.decode()}",
        expected="no 2xx and no row: order_id is NOT NULL in shipments",
        why="Your code responded with a 2xx or wrote a row, but this payment has no "
        "order. After a 2xx the sender forgets the event, so nobody notices that the "
        "customer gets nothing.",
        try_next="Write data['order_id'] as it is, and let the INSERT fail.",
    )
    with RowShop.opened(make_app) as shop:
        answered = shop.start(ask).send(NO_ORDER)
        if answered.acknowledged or shop.parcels():
            tried = any("shipments" in each for each in shop.statements)
            known = NULL_IS_COPY if tried and not shop.parcels() else None
            ask.fail(shop.told(answered), known)


def survives_every_death(make_app: MakeApp) -> str:
    """Wherever the process dies: after the restart and the retry there is one row."""
    tried = dying(_dying(), _shop(make_app), once, DYING)
    return f"Deaths: {tried}"


def holds_between_threads(make_app: MakeApp) -> str:
    """Two copies at the same moment, in two threads: one row."""
    tried = at_once(_both("two threads of one process"), _shop(make_app), once, AT_ONCE)
    return f"Two threads: {tried}"


def holds_between_processes(make_app: MakeApp) -> str:
    """Two copies at the same moment, in two processes: one row."""
    tried = at_once(
        _both("two processes over one file"),
        _shop(make_app),
        once,
        OVER_PROCESSES,
        processes=2,
    )
    return f"Two processes: {tried}"


def acknowledges_nothing_undone(make_app: MakeApp) -> str:
    """When the row can't be written, neither of two copies is acknowledged."""
    boot = _shop(make_app, fails=True)
    tried = at_once(_failing(), boot, undone, UNDONE, retries=0)
    return f"Rows that are refused: {tried}"


def holds_further(make_app: MakeApp) -> str:
    """A search with two deaths in a row, or a second switch, finds no harm."""
    deeper(
        [
            lambda seconds: dying(
                _dying(), _shop(make_app), once, DYING, times=2, seconds=seconds
            ),
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


REACH = "Two deaths in a row, two switches: as many as the time allows."


def stored(outcome: Outcome) -> list[Any]:
    """Return the orders that have a row."""
    return [row[0] for row in outcome.rows(FILE, QUERY)]


once = each_once(stored, "stored")
undone = none_undone(stored, "stored")


def _dying() -> Question:
    return Question(
        sent="POST /webhooks; the process dies, starts again, and the sender retries\n"
        f"{FIRST.body.decode()}",
        expected="one row at last, and a 2xx, wherever it died",
        why="Processes die: by a deployment, for want of memory, with their machine. "
        "What was committed stays, all else is gone.",
        try_next="Look at the line where it dies. What had been committed by then?",
    )


def _both(where: str) -> Question:
    return Question(
        sent=f"POST /webhooks, twice at once: {where}\n{FIRST.body.decode()}",
        expected="one row, in whatever order the lines run; at last a 2xx for both",
        why="A retry may overtake the attempt before it.",
        try_next="Follow the picture down to the line with the harm. What did each "
        "worker believe there?",
    )


def _failing() -> Question:
    return Question(
        sent="POST /webhooks, twice at once; every INSERT INTO shipments is refused\n"
        f"{FIRST.body.decode()}",
        expected="no 2xx as long as there is no row",
        why="After a 2xx the sender forgets the event.",
        try_next="Look at the 2xx in the picture: what did that worker know?",
    )


def _shop(make_app: MakeApp, *, fails: bool = False) -> Boot:
    def boot(world: World) -> Any:
        file = world.directory / FILE
        if not file.exists():
            make_table(file)
            if fails:
                change(file, REFUSE)
        return make_app(str(file))

    return boot


def _start(
    make_app: MakeApp, file: Path, kept: list[Any]
) -> tuple[Any, Callable[[], list[Any]]]:
    del kept  # the parcels are rows of the file
    if not file.exists():
        make_table(file)
    return make_app(str(file)), lambda: [row[0] for row in rows(file, QUERY)]


ROW = Exercise(
    id="7.3",
    lab="07_idempotency",
    wants="make_app(db_path) -> Flask",
    cases=(
        stores_a_payment,
        knows_a_copy,
        tells_events_apart,
        knows_a_resend,
        stores_on_the_retry,
        survives_a_restart,
        acknowledges_no_nonsense,
    ),
    searches=(
        real_restart(_start, "rows"),
        survives_every_death,
        holds_between_threads,
        holds_between_processes,
        acknowledges_nothing_undone,
        holds_further,
    ),
    hints=(
        (
            "Your code writes two things, the id and the row. Can the process crash "
            "between the two?"
        ),
        (
            "One transaction makes the two atomic: `with database:` around both "
            "INSERTs. Which of the two shows you that the event is a duplicate?"
        ),
        (
            "Insert the id first, with ON CONFLICT DO NOTHING. If its rowcount is 1, "
            "insert the row. An exception in the block rolls both back."
        ),
    ),
)
