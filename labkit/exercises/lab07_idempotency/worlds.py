"""The surroundings of a receiver in a trial: its ship, its file, its requests."""

import builtins
import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from labkit.checks.callbacks import Callbacks
from labkit.checks.calls import JSON, Answered, let_go
from labkit.checks.observing import exactly
from labkit.checks.restarted import salted
from labkit.checks.space import Fields
from labkit.checks.steps import LATE, App, Do, Fail, Post
from labkit.exercises.lab07_idempotency.clock import later
from labkit.exercises.lab07_idempotency.files import (
    age,
    asks,
    change,
    close_all,
    impatient,
    is_locked,
    kept_rows,
    rows,
)
from labkit.explore.world import scratch
from labkit.model import Event
from labkit.samples import payments

FILE = "shop.db"
OWN_FILES = [FILE + end for end in ("", "-journal", "-wal", "-shm")]
PATIENCE = 0.1
"""Seconds to wait for a ship in another thread."""

FIRST = payments(1)[0]
LOCKED = "the file is locked"
GONE = "row gone"
HELD = "_held"
NO_KEY_PASSED = "ship called without a key"
HASH = "ship called with a key made by hash()"
QUERY = "SELECT order_id FROM shipments"

# A trigger that calls what isn't there: no constraint, so nothing that could be taken
# for a duplicate.
REFUSE = (
    "CREATE TRIGGER trouble BEFORE INSERT ON shipments "
    "BEGIN SELECT failure_planned_by_the_check(); END"
)


def post(
    event: Event,
    attempt: int = 1,
    delivery: int = 1,
    *,
    body: bytes | None = None,
    app: int = 0,
) -> Post:
    """Return one attempt of a delivery; the event's id is not among its headers."""
    headers = {
        **JSON,
        "User-Agent": f"payments/{delivery}.0",
        "X-Attempt": str(attempt),
        "X-Delivery-Id": f"dlv_{delivery}",
        "X-Request-Id": f"req_{delivery}{attempt}",
        "X-Sent-At": str(1_767_225_600 + 86_400 * (delivery - 1) + 300 * (attempt - 1)),
    }
    return Post(event.body if body is None else body, headers, app=app)


class Shop(Callbacks):
    """The surroundings in 7.1: a warehouse that ships, and nothing durable."""

    def __init__(self, fields: Fields, statements: Sequence[str] = ()) -> None:
        waits = fields["kind"] in ("new", "slow")
        super().__init__(
            lambda _, app: self.takes(app),
            slow=fields["kind"] == "slow",
            patience=PATIENCE if waits else 0,
        )
        self._kind = fields["kind"]
        self._statements = statements
        self._failing: Fail | None = None

    def failure(self, name: str) -> Fail | None:
        """Return how this call must fail.

        All other calls in its request fail too, unless the trial is about them.
        """
        failing = self._failing or super().failure(name)
        self._failing = None if self._kind == "once" else failing
        return failing

    def takes(self, app: int) -> Sequence[Any]:
        """Return what make_app is called with."""
        return [self.ship(app)]

    def ship(self, app: int) -> Any:
        """Return the function that ships the parcels of an app."""
        own = app > 0 and self._kind == "apart"
        shipped = self.callback(f"ship of shop {app + 1}" if own else "ship")

        def ship(order_id: Any) -> None:
            shipped(order_id)

        return ship

    def surroundings(self) -> contextlib.AbstractContextManager[None]:
        """Return what surrounds a trial."""
        return contextlib.nullcontext()

    def ends(self, answered: Answered) -> None:
        """Let go of what an exception holds, as a server does: a connection, say."""
        super().ends(answered)
        self._failing = None
        let_go(answered.error)


class FileShop(Shop):
    """The surroundings in 7.2: the warehouse, and an SQLite file, empty at first.

    Hidden effects tell what the receiver keeps: "_rows" whether its tables have rows
    (None without a table), "_knows" whether an id is in them, "_asked" whether it asked
    the file before it shipped, "_wrote" whether it wrote to it, "_deleted" whether it
    deleted rows, and "_elsewhere" whether there are other files. HELD tells that the
    file is still locked after a request that has failed because of that.
    """

    LOOKED_AT = ("attempt", "identical", "restart", "forgotten-restart")

    def __init__(self, fields: Fields, statements: Sequence[str], folder: Path) -> None:
        super().__init__(fields, statements)
        self.folder = folder
        self._apps: set[int] = set()
        self._mark = len(statements)

    def file(self, app: int = 0) -> Path:
        """Return the SQLite file of an app; all processes of a shop have the same."""
        own = app > 0 and self._kind == "apart"
        return self.folder / (f"shop{app + 1}.db" if own else FILE)

    def takes(self, app: int) -> Sequence[Any]:
        """Return what make_app is called with; a new process finds only the file."""
        self._begin(app)
        for each in self.folder.iterdir() if self._kind != "apart" else ():
            if not each.name.startswith(FILE):
                each.unlink()
        return [str(self.file(app)), self.ship(app)]

    def _begin(self, app: int) -> None:
        """Begin a process; if it restarts alone, nothing of the old one is open."""
        if self._apps == {app}:
            close_all()
        self._apps.add(app)

    def ship(self, app: int) -> Any:
        """Return a ship that notes whether the file was asked before."""
        real = super().ship(app)

        def ship(order_id: Any) -> None:
            self.record.note("_asked", asks(self._statements[self._mark :]))
            real(order_id)

        return ship

    def effects(self) -> Sequence[Any]:
        """Return the calls, and what the receiver keeps."""
        found = [*super().effects()]
        if self._kind in self.LOOKED_AT:
            new = [each.lstrip().upper() for each in self._statements[self._mark :]]
            wrote = any(each.startswith(("INSERT", "REPLACE")) for each in new)
            kept = kept_rows(self.file())
            knows = any("evt_00001" in map(str, row) for row in kept or ())
            found += [
                ("_rows", None if kept is None else bool(kept)),
                ("_knows", knows),
            ]
            names = [each.name for each in self.folder.iterdir()]
            elsewhere = any(name not in OWN_FILES for name in names)
            deleted = any(each.startswith("DELETE") for each in new)
            found += [("_wrote", wrote), ("_elsewhere", elsewhere)]
            found += [("_deleted", deleted)]
        self._mark = len(self._statements)
        return found

    def ends(self, answered: Answered) -> None:
        """Learn whether the lock that made a request fail outlives it."""
        super().ends(answered)
        if "locked" in str(answered.error) and is_locked(self.file()):
            self.record.note(HELD)

    def age(self, seconds: float) -> None:
        """Make the receiver's rows older: move all times in them that are near now."""
        age(self.file(), seconds)


class RowShop(FileShop):
    """The surroundings in 7.3: a file with the table shipments; a parcel is a row."""

    def __init__(self, fields: Fields, statements: Sequence[str], folder: Path) -> None:
        super().__init__(fields, statements, folder)
        self._patience = 0.0
        self._rows: list[Any] = []
        self._early: int | None = None
        for app in (0, 1) if self._kind == "apart" else (0,):
            make_table(self.file(app))

    def takes(self, app: int) -> Sequence[Any]:
        """Return what make_app is called with."""
        self._begin(app)
        return [str(self.file(app))]

    def begins(self) -> None:
        """Learn that a request is sent."""
        super().begins()
        self._early = None

    def responding(self) -> None:
        """Learn that the response begins: rows that come later are late."""
        super().responding()
        self._early = len(self._stored())

    def effects(self) -> Sequence[Any]:
        """Return the rows that are new, or gone."""
        statements = [each.lstrip().upper() for each in self._statements[self._mark :]]
        at = [n for n, each in enumerate(statements) if "SHIPMENTS" in each]
        if at:
            tried = statements[at[0]].startswith(("INSERT", "REPLACE"))
            self.record.note("_tried", tried)
            self.record.note("_asked", asks(statements[: at[0]]))
        found, stored = [*super().effects()], self._stored()
        new, gone = list(stored), []
        for row in self._rows:
            if row in new:
                new.remove(row)
            else:
                gone.append((GONE, *row))
        late = self._early is not None and len(stored) > self._early
        self._rows, self._early = stored, None
        return [*found, *(("row" + LATE * late, *row) for row in new), *gone]

    def _stored(self) -> list[Any]:
        files = [self.file(0), self.file(1)] if self._kind == "apart" else [self.file()]
        return [
            (*row, at)[: 1 + at] for at, f in enumerate(files) for row in rows(f, QUERY)
        ]

    def ends(self, answered: Answered) -> None:
        """Wait for a row that another thread still writes."""
        super().ends(answered)
        waits = self._kind in ("new", "slow")
        if waits and answered.acknowledged and not self._stored():
            time.sleep(PATIENCE)

    def refuse(self) -> None:
        """Let every INSERT into shipments fail."""
        self._try_to(REFUSE)

    def allow(self) -> None:
        """Let an INSERT into shipments succeed again."""
        self._try_to("DROP TRIGGER IF EXISTS trouble")

    def _try_to(self, statement: str) -> None:
        try:
            change(self.file(), statement)
        except sqlite3.OperationalError:
            self.record.note(LOCKED)


class RemoteShop(FileShop):
    """The surroundings in 7.4: the file, and a service that ships once for each key.

    Hidden effects: "_key" the key of each call.
    """

    def __init__(self, fields: Fields, statements: Sequence[str], folder: Path) -> None:
        super().__init__(fields, statements, folder)
        self._known: set[str] = set()
        self._starts = 0

    def takes(self, app: int) -> Sequence[Any]:
        """Return what make_app is called with, in a process with another id."""
        self._starts += 1
        return super().takes(app)

    def surroundings(self) -> contextlib.AbstractContextManager[None]:
        """Give each process of the receiver an id and hashes of its own."""
        return processes(lambda: self._starts)

    def ship(self, app: int) -> Any:
        """Return the call of the service."""
        real = Shop.ship(self, app)

        def ship(order_id: Any, idempotency_key: Any = None) -> None:
            self.record.note("_asked", asks(self._statements[self._mark :]))
            self.record.note("_key", idempotency_key)
            if not idempotency_key:
                self.record.note(NO_KEY_PASSED)
            if self._kind == "new" and _is_hash(idempotency_key):
                self.record.note(HASH)
            failure = self.failure("ship")
            if not idempotency_key or str(idempotency_key) not in self._known:
                if failure is None or failure.acts:
                    self._known.add(str(idempotency_key))
                real(order_id)
            elif failure is not None:
                raise failure.error()

        return ship

    def forget(self) -> None:
        """Let the service forget its keys, as after 24 hours."""
        self._known.clear()


@contextlib.contextmanager
def processes(number: Callable[[], int]) -> Iterator[None]:
    """Let os.getpid() and hash() differ in each process of the receiver, as for real.

    `number` counts the processes so far.
    """
    pid, real, owner = os.getpid, builtins.hash, threading.get_ident()

    def getpid() -> int:
        return pid() + (number() if threading.get_ident() == owner else 0)

    os.getpid, builtins.hash = getpid, salted(number)
    try:
        yield
    finally:
        os.getpid, builtins.hash = pid, real


def _is_hash(key: Any) -> bool:
    """Whether a key contains what hash() returns for the id or the body."""
    hashes = (str(abs(hash((1, text)))) for text in (FIRST.id, FIRST.body))
    return any(digits in str(key) for digits in hashes)


def make_table(file: Path) -> None:
    """Make the table shipments, which is there before any receiver is."""
    change(file, "CREATE TABLE shipments (order_id TEXT NOT NULL)")


def aged(seconds: float) -> Do:
    """Return the step after which the receiver's rows are so many seconds older."""
    return Do(
        lambda world: world.age(seconds),
        f"{seconds / 3600:.0f} hours pass, also by SQLite's clock",
    )


def _effects(effects: Sequence[Any]) -> Any:
    """Return what is compared: the parcels, not the calls that failed."""
    return tuple(exactly(each) for each in effects if is_parcel(each))


def is_parcel(effect: tuple[Any, ...]) -> bool:
    """Whether an effect is one that the contract counts."""
    return not effect[0].startswith("_") and not effect[0].endswith(" raises")


def shop(kind: Callable[..., Shop]) -> App:
    """Return the observer of receivers in these surroundings."""

    @contextlib.contextmanager
    def opened(fields: Fields) -> Iterator[Shop]:
        if kind is Shop:
            yield Shop(fields)
            return
        with scratch() as folder, impatient() as statements:
            world = kind(fields, statements, folder)
            with world.surroundings():
                yield world

    return App(
        opened, normal_effects=_effects, clock=later, compared=_compared, fresh=True
    )


def _compared(fields: Fields, values: tuple[Any, ...]) -> Any:
    """Return what is compared: a parcel that failed may leave at any later step."""
    if fields["kind"] not in ("others", "generated"):
        return values
    parcels = sorted((each for _, left in values for each in left), key=repr)
    return tuple(got for got, _ in values), tuple(parcels)
