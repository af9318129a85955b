"""What a receiver does, whatever brings it the request: verify, parse, process once."""

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT = 1_000_000
KNOWN = {"payment.succeeded", "payment.refunded"}

Event = dict[str, Any]


class Refused(Exception):
    """The request is not authentic."""


class Away(Exception):
    """The database can't be written to just now."""


@dataclass(frozen=True)
class Letter:
    """One request: headers in lower case, body, and the URL as the app saw it."""

    headers: Mapping[str, str]
    body: bytes
    url: str = ""


class Ledger:
    """Ids and effects in one SQLite file.

    The file `away` beside it is an outage; the file `slow` holds the seconds that an
    effect takes.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ledger.db"
        self._away = folder / "away"
        self._slow = folder / "slow"
        with self.open() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY)")
            connection.execute("CREATE TABLE IF NOT EXISTS effects (id TEXT)")

    @contextlib.contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._file, timeout=10, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")
            yield connection
        finally:
            connection.close()

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the one lock for writers; undo everything when an error comes."""
        with self.open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def claim(self, connection: sqlite3.Connection, key: str) -> bool:
        """Write the key down; return whether it is new."""
        statement = "INSERT OR IGNORE INTO seen VALUES (?)"
        return connection.execute(statement, (key,)).rowcount == 1

    def work(self, connection: sqlite3.Connection, key: str) -> None:
        if self._away.exists():
            raise Away
        if self._slow.exists():
            time.sleep(float(self._slow.read_text()))
        connection.execute("INSERT INTO effects VALUES (?)", (key,))

    def seen(self, key: str) -> bool:
        with self.open() as connection:
            rows = connection.execute("SELECT 1 FROM seen WHERE id = ?", (key,))
            return rows.fetchone() is not None

    def effects(self) -> int:
        with self.open() as connection:
            found: int = connection.execute("SELECT count(*) FROM effects").fetchone()[
                0
            ]
            return found


class Shop:
    """A right receiver, all but the scheme; `verify` raises Refused."""

    secrets: tuple[str, ...] = ()
    limit = LIMIT

    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger(folder)

    def answer(self, letter: Letter) -> int:
        """Return the status of the answer."""
        if len(letter.body) > self.limit:
            return 413
        try:
            self.verify(letter)
        except Refused:
            return 401
        event = self.parse(letter.body)
        if event is None:
            return 400
        return self.process(letter, event)

    def verify(self, letter: Letter) -> None:
        raise NotImplementedError

    def parse(self, body: bytes) -> Event | None:
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            return None
        if not isinstance(event, dict):
            return None
        id_, kind = event.get("id"), event.get("event")
        if not (isinstance(id_, str) and id_.isascii() and isinstance(kind, str)):
            return None
        return event

    def process(self, letter: Letter, event: Event) -> int:
        if event["event"] not in KNOWN:
            return 200
        try:
            self.take(self.key(letter, event))
        except Away:
            return 503
        return 200

    def key(self, letter: Letter, event: Event) -> str:
        return str(event["id"])

    def take(self, key: str) -> bool:
        """Process once; return whether it was the first time."""
        with self.ledger.writing() as connection:
            if not self.ledger.claim(connection, key):
                return False
            self.ledger.work(connection, key)
            return True

    @staticmethod
    def now() -> float:
        return time.time()
