"""What the page reads from a provider's tables, and the rows that it writes.

Every call opens the file again, so the page never holds a lock while nobody uses it.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import BadSetting, LabError

NEEDED = ("endpoints", "events", "deliveries", "attempts", "notices")
SHOWN = 500
"""How many deliveries, the newest, and how many notices are listed."""

_DELIVERIES = """
SELECT d.id, d.event, d.endpoint, d.state, d.made, d.due, e.type, e.created,
       a.at, a.status, a.number
FROM deliveries d
JOIN events e ON e.id = d.event
LEFT JOIN attempts a ON a.rowid = (
    SELECT rowid FROM attempts WHERE delivery = d.id ORDER BY number DESC LIMIT 1)
"""
_ENDPOINTS = """
SELECT p.id, p.url, p.enabled, p.failures,
       count(d.id) AS deliveries,
       coalesce(sum(d.state = 'delivered'), 0) AS delivered,
       coalesce(sum(d.state = 'pending'), 0) AS pending,
       coalesce(sum(d.state = 'dead'), 0) AS dead
FROM endpoints p LEFT JOIN deliveries d ON d.endpoint = p.id
GROUP BY p.id ORDER BY p.rowid
"""
# An event that is still on its way is not sent a second time.
_RESEND = """
INSERT INTO deliveries (event, endpoint, due)
SELECT e.id, :endpoint, :now FROM events e
WHERE e.created >= :since
  AND EXISTS (SELECT 1 FROM deliveries WHERE event = e.id AND endpoint = :endpoint)
  AND NOT EXISTS (SELECT 1 FROM deliveries
                  WHERE event = e.id AND endpoint = :endpoint AND state = 'pending')
  AND (:delivered_too OR NOT EXISTS (
       SELECT 1 FROM deliveries
       WHERE event = e.id AND endpoint = :endpoint AND state = 'delivered'))
ORDER BY e.created, e.rowid
"""


class Unknown(LabError):
    """There is no row with this id."""


class NotNow(LabError):
    """The state of a row forbids what was asked."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery with its event's payload and its attempts, oldest first."""

    row: sqlite3.Row
    url: str
    payload: bytes
    attempts: tuple[sqlite3.Row, ...]


class Tables:
    """One provider's file; `now` is its clock, in seconds since the epoch."""

    def __init__(self, path: str | Path, now: Callable[[], float]) -> None:
        self._path, self._now = Path(path), now
        if not self._path.is_file():
            raise BadSetting(
                f"there is no file {str(path)!r}; make it with connect({str(path)!r})"
            )
        try:
            with self._open() as db:
                names = {
                    row["name"] for row in db.execute("SELECT name FROM sqlite_master")
                }
        except sqlite3.DatabaseError as error:
            raise BadSetting(f"{str(path)!r} is not a SQLite file: {error}") from None
        missing = [name for name in NEEDED if name not in names]
        if missing:
            raise BadSetting(
                f"{str(path)!r} has no table {missing[0]!r}; "
                "make the tables with connect() of lab 13"
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Give a connection; what was written is committed at the end."""
        with closing(sqlite3.connect(self._path, timeout=5)) as db:
            db.row_factory = sqlite3.Row
            with db:
                yield db

    def now(self) -> float:
        """Return the time of the provider's clock."""
        return self._now()

    # ------------------------------------------------------------------ read

    def secrets(self) -> tuple[str, ...]:
        """Return all secrets of endpoints, the old ones included."""
        with self._open() as db:
            rows = db.execute("SELECT secret, old_secret FROM endpoints").fetchall()
        return tuple(value for row in rows for value in row if value)

    def endpoints(self) -> list[sqlite3.Row]:
        """Return the endpoints, each with the number of its deliveries by state."""
        with self._open() as db:
            return db.execute(_ENDPOINTS).fetchall()

    def deliveries(self) -> list[sqlite3.Row]:
        """Return the newest deliveries, each with its last attempt, newest first."""
        with self._open() as db:
            return db.execute(
                f"{_DELIVERIES} ORDER BY d.id DESC LIMIT ?", (SHOWN,)
            ).fetchall()

    def delivery(self, number: int) -> Delivery:
        """Return one delivery; raise Unknown if there is none."""
        with self._open() as db:
            row = db.execute(f"{_DELIVERIES} WHERE d.id = ?", (number,)).fetchone()
            if row is None:
                raise Unknown(f"there is no delivery {number}")
            (payload,) = db.execute(
                "SELECT payload FROM events WHERE id = ?", (row["event"],)
            ).fetchone()
            attempts = db.execute(
                "SELECT number, at, status, body FROM attempts WHERE delivery = ?"
                " ORDER BY number",
                (number,),
            ).fetchall()
            url = db.execute(
                "SELECT url FROM endpoints WHERE id = ?", (row["endpoint"],)
            ).fetchone()
        return Delivery(
            row, url["url"] if url else "", as_bytes(payload), tuple(attempts)
        )

    def notices(self) -> list[sqlite3.Row]:
        """Return the newest notices, newest first."""
        with self._open() as db:
            return db.execute(
                "SELECT rowid AS number, endpoint, event, at, seen FROM notices"
                " ORDER BY rowid DESC LIMIT ?",
                (SHOWN,),
            ).fetchall()

    # ----------------------------------------------------------------- write

    def resend(self, number: int) -> int:
        """Add a delivery of the same event to the same endpoint; return its id.

        Raises Unknown, or NotNow if that delivery is still pending or its endpoint is
        disabled.
        """
        with self._open() as db:
            row = db.execute(
                "SELECT event, endpoint, state FROM deliveries WHERE id = ?", (number,)
            ).fetchone()
            if row is None:
                raise Unknown(f"there is no delivery {number}")
            self._demand_enabled(db, row["endpoint"])
            if row["state"] == "pending":
                raise NotNow(f"delivery {number} is still pending")
            added = db.execute(
                "INSERT INTO deliveries (event, endpoint, due) VALUES (?, ?, ?)",
                (row["event"], row["endpoint"], self._now()),
            )
            return int(added.lastrowid or 0)

    def resend_since(self, endpoint: str, since: float, *, delivered_too: bool) -> int:
        """Add deliveries of an endpoint's events since that time; return how many.

        Events of which a delivery is pending are left out, and unless `delivered_too`
        those that were delivered. Raises Unknown, or NotNow if it is disabled.
        """
        with self._open() as db:
            self._demand_enabled(db, endpoint)
            values = {
                "endpoint": endpoint,
                "now": self._now(),
                "since": since,
                "delivered_too": delivered_too,
            }
            return db.execute(_RESEND, values).rowcount

    def enable(self, endpoint: str, *, enabled: bool) -> None:
        """Enable an endpoint, which forgets its failures, or disable it."""
        with self._open() as db:
            done = db.execute(
                "UPDATE endpoints SET enabled = :enabled,"
                " failures = CASE WHEN :enabled THEN 0 ELSE failures END"
                " WHERE id = :id",
                {"enabled": enabled, "id": endpoint},
            )
            if not done.rowcount:
                raise Unknown(f"there is no endpoint {endpoint!r}")

    def see_notices(self, newest: int) -> None:
        """Mark the notices up to that number as seen."""
        with self._open() as db:
            db.execute("UPDATE notices SET seen = 1 WHERE rowid <= ?", (newest,))

    def _demand_enabled(self, db: sqlite3.Connection, endpoint: str) -> None:
        row = db.execute(
            "SELECT enabled FROM endpoints WHERE id = ?", (endpoint,)
        ).fetchone()
        if row is None:
            raise Unknown(f"there is no endpoint {endpoint!r}")
        if not row["enabled"]:
            raise NotNow(f"the endpoint {endpoint} is disabled; enable it first")


def as_bytes(value: object) -> bytes:
    """Return a value of a BLOB column, into which a learner may have put text."""
    return value if isinstance(value, bytes) else str(value).encode()
