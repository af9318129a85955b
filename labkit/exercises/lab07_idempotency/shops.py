"""What surrounds a learner's receiver in a case: its file, its ship, its deliveries.

A shop is opened for one case. It knows what `make_app` takes in its exercise, starts
and restarts the receiver, and counts the parcels that left.
"""

import contextlib
import sqlite3
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from flask import Flask

from labkit.checks import Mistake, NotTried, Question
from labkit.checks.calls import Answered, AppCaller
from labkit.exercises.lab02_endpoint.apps import NO_SLASH, SHARED_APP
from labkit.exercises.lab07_idempotency import mistakes
from labkit.explore.database import FACTORY, quiet
from labkit.explore.memory import memory_of
from labkit.explore.world import scratch
from labkit.model import Event
from labkit.running.fresh import FreshProcess, not_tried
from labkit.running.sources import Sources

MakeApp = Callable[..., Any]

FILE = "shop.db"
PATIENCE = 0.1
"""Seconds that a ship in another thread waits for the answer to be out."""

_BUSY = 0.2
"""Seconds that a connection waits for the file at most.

In these cases one request follows the other, so waiting for a lock never helps.
"""

# The check's own connections take no part in an exploration.
_connect = sqlite3.connect


class Warehouse:
    """Replace `ship`: note the orders, and fail on purpose.

    While `failing` is set, a call raises it and ships nothing. In another thread than
    the request's, a call waits up to `patience` seconds for the answer to come first.
    """

    def __init__(self) -> None:
        self.orders: list[Any] = []
        self.failing: BaseException | None = None
        self.patience = 0.0
        self.statements: list[str] = []
        self.asked: list[int] = []
        self.meanwhile: Callable[[], object] | None = None
        self.too_late = False
        self.called = threading.Event()
        self.answered = threading.Event()
        self._home = threading.get_ident()

    def ship(self, order_id: str) -> None:
        """Send the parcel of an order."""
        if threading.get_ident() != self._home and self.patience:
            self.too_late |= self.answered.wait(self.patience)
        self.called.set()
        self.asked.append(len(self.statements))
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        if self.failing is not None:
            raise self.failing.with_traceback(None)
        self.orders.append(order_id)


class Shop:
    """A receiver's surroundings in exercise 7.1: a warehouse, and nothing durable."""

    noun: ClassVar[str] = "parcels"
    known: ClassVar[dict[type[BaseException], Mistake]] = {
        AssertionError: SHARED_APP,
        ValueError: NO_SLASH,
    }

    def __init__(
        self, make_app: MakeApp, directory: Path, memory: FreshProcess
    ) -> None:
        self.directory = directory
        self.locked = False
        self.statements: list[str] = []
        self.left_at_answer = 0
        self.warehouse = Warehouse()
        self._make_app = make_app
        self._memory = memory
        self.prepare()

    @classmethod
    @contextlib.contextmanager
    def opened(cls, make_app: MakeApp) -> Iterator[Self]:
        """Open a shop with an empty directory, and remove that afterwards."""
        memory = memory_of(Sources([make_app]))
        memory.freshen()
        try:
            with scratch() as directory, impatient() as statements:
                shop = cls(make_app, directory, memory)
                shop.statements = shop.warehouse.statements = statements
                yield shop
        finally:
            memory.restore()

    @classmethod
    def why_nothing_left(
        cls, ask: Question, make_app: MakeApp, event: Event
    ) -> Mistake | None:
        """Say why there was a 2xx for an event, and no parcel."""
        del ask, make_app, event  # here there is only one reason
        return mistakes.NEVER_SHIPS

    def prepare(self) -> None:
        """Put in place what is there before the receiver starts."""

    def takes(self) -> tuple[Any, ...]:
        """Return the arguments of `make_app`."""
        return (self.warehouse.ship,)

    def parcels(self) -> list[Any]:
        """Return the orders whose parcels left, in order."""
        return self.warehouse.orders

    @contextlib.contextmanager
    def trouble(self) -> Iterator[None]:
        """Make every shipment fail for a while."""
        self.warehouse.failing = RuntimeError("the warehouse is closed")
        try:
            yield
        finally:
            self.warehouse.failing = None

    def start(self, ask: Question) -> "Desk":
        """Start the receiver; a failure ends the case."""
        bench = AppCaller.set_up(ask, self._made, known=self.known)
        return Desk(bench, self)

    def _made(self) -> Any:
        """Make the app, and let it tell how much was done when its answer went out."""
        app = self._make_app(*self.takes())
        if isinstance(app, Flask):
            serve = app.wsgi_app

            def telling(environ: Any, start_response: Any) -> Any:
                def starting(*args: Any) -> Any:
                    self.left_at_answer = len(self.parcels())
                    return start_response(*args)

                return serve(environ, starting)

            app.wsgi_app = telling  # type: ignore[method-assign]  # Flask's own way in
        return app

    def start_another(self) -> None:
        """Start a further process over the same file; it may fail to start."""
        with contextlib.suppress(Exception):
            self._make_app(*self.takes())

    def asks_first(self, mark: int) -> bool:
        """Say whether the file was asked after that mark, before a parcel left."""
        until = [at for at in self.warehouse.asked if at >= mark]
        return asks(self.statements[mark : until[0] if until else None])

    def restart(self, ask: Question) -> "Desk":
        """Start the receiver in a new process, which remembers nothing.

        Raises NotTried where something of the old process can't be put back.
        """
        if self._memory.doubts:
            raise NotTried(not_tried(self._memory.doubts, "make_app"))
        self._memory.freshen()
        return self.start(ask)

    def told(self, *answers: Answered) -> str:
        """Say what was answered and what left the shop."""
        left = ", ".join(map(str, self.parcels())) or "none"
        return f"{', then '.join(map(str, answers))}; {self.noun}: {left}"


class Desk:
    """A started receiver, to be delivered to."""

    def __init__(self, bench: AppCaller, shop: Shop) -> None:
        self._bench = bench
        self._shop = shop

    def send(
        self,
        event: Event,
        attempt: int = 1,
        *,
        delivery: int = 1,
        body: bytes | None = None,
    ) -> Answered:
        """Make one attempt of a delivery."""
        headers = headers_of(attempt, delivery)
        answered = self._bench.send(event.body if body is None else body, headers)
        self._shop.warehouse.answered.set()
        error = answered.error
        while error is not None:
            # As in a server, an exception that is over holds no connection open.
            traceback.clear_frames(error.__traceback__)
            error = error.__context__
        return answered


class ShopWithFile(Shop):
    """Exercise 7.2: a warehouse, and an SQLite file that is empty at first."""

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return self.directory / FILE

    def takes(self) -> tuple[Any, ...]:
        """Return the arguments of `make_app`."""
        return (str(self.file), self.warehouse.ship)

    def age(self, seconds: float) -> None:
        """Make the learner's rows older: move all times in them that are near now."""
        for table in self._tables():
            age_table(self.file, table, seconds)

    def remembers(self, text: str) -> bool:
        """Say whether some row of the file contains that text."""
        return any(text in map(str, row) for row in self._rows())

    def keeps_rows(self) -> bool | None:
        """Say whether the learner's tables have rows; None where there is no table."""
        if not self._tables():
            return None
        return any(True for _ in self._rows())

    def _tables(self) -> list[str]:
        return [row[0] for row in rows(self.file, _TABLES)]

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        for table in self._tables():
            quoted = table.replace('"', '""')
            yield from rows(self.file, f'SELECT * FROM "{quoted}"')  # noqa: S608 - a scratch file


_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'shipments'"


_TIMES = (
    (
        "datetime(julianday(COLUMN) - :seconds / 86400.0)",
        (
            "typeof(COLUMN) = 'text' AND COLUMN GLOB '????-??-??*' "
            "AND abs(julianday(COLUMN) - julianday('now')) < 1"
        ),
    ),
    (
        "COLUMN - :seconds",
        (
            "typeof(COLUMN) IN ('integer', 'real') "
            "AND abs(COLUMN - strftime('%s', 'now')) < 86400"
        ),
    ),
    (
        "COLUMN - :seconds / 86400.0",
        "typeof(COLUMN) = 'real' AND abs(COLUMN - julianday('now')) < 1",
    ),
)
"""How times in a column are moved back, and in which rows."""

_QUESTIONS = ("SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE", "WITH")


def asks(statements: Sequence[str]) -> bool:
    """Say whether one of the statements reads or changes rows."""
    return any(each.lstrip().upper().startswith(_QUESTIONS) for each in statements)


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    """Return what a query finds in a file, and nothing where it can't be asked."""
    if not file.exists():
        return []
    with contextlib.closing(_connect(file, timeout=_BUSY)) as database:
        try:
            return list(database.execute(query))
        except sqlite3.Error:
            return []


def age_table(file: Path, table: str, seconds: float) -> None:
    """Move all times in a table that are near now back, as if time had passed."""
    quoted = table.replace('"', '""')
    with contextlib.closing(_connect(file, timeout=_BUSY)) as database, database:
        for (name,) in database.execute(
            "SELECT name FROM pragma_table_info(?)", [table]
        ).fetchall():
            column = '"' + name.replace('"', '""') + '"'
            for change_time, near in _TIMES:
                update = f'UPDATE "{quoted}" SET {column} = {change_time} WHERE {near}'  # noqa: S608 - a scratch file
                settings = {"seconds": seconds}
                database.execute(update.replace("COLUMN", column), settings)


def change(file: Path, statement: str) -> None:
    """Change the tables of a file, unseen by an exploration."""
    with contextlib.closing(_connect(file, timeout=_BUSY)) as database:
        database.execute(statement)


def headers_of(attempt: int, delivery: int = 1) -> dict[str, str]:
    """Return the headers of one attempt: the event's id is not among them."""
    return {
        "Content-Type": "application/json",
        "X-Delivery-Id": f"dlv_{delivery}",
        "X-Request-Id": f"req_{delivery}{attempt}",
        "X-Sent-At": str(1_767_225_600 + 86_400 * (delivery - 1) + 300 * (attempt - 1)),
    }


@contextlib.contextmanager
def impatient() -> Iterator[list[str]]:
    """Let this thread's new connections wait only a moment for a locked file.

    In every thread, connections that the learner's code forgets to close end without a
    warning. Yields the list of the statements that this thread's connections run.
    """
    if (known := getattr(sqlite3.connect, "statements", None)) is not None:
        yield known  # another shop of this check is open
        return
    statements: list[str] = []
    owner = threading.get_ident()
    real = sqlite3.connect

    def connect(*args: Any, **settings: Any) -> sqlite3.Connection:
        if len(args) < FACTORY:
            settings["factory"] = quiet(settings.get("factory", sqlite3.Connection))
        database: sqlite3.Connection = real(*args, **settings)
        if threading.get_ident() != owner:
            return database
        # By its own cursor: the learner's factory may count what it is asked.
        sqlite3.Cursor(database).execute(
            f"PRAGMA busy_timeout={round(_BUSY * 1000)}"
        ).close()
        database.set_trace_callback(statements.append)
        return database

    connect.statements = statements  # type: ignore[attr-defined]  # to be recognised
    modules: tuple[Any, ...] = (sqlite3, sqlite3.dbapi2)
    for module in modules:
        module.connect = connect
    try:
        yield statements
    finally:
        for module in modules:
            module.connect = real
