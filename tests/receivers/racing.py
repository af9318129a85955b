"""Receivers with a check-then-act race, each with another memory of ids.

Each looks for the id, ships, and only then writes the id down. Run as a program, this
file is one of two processes: python -m tests.receivers.racing KIND FOLDER FD DELAY
"""

import contextlib
import hashlib
import hmac
import json
import logging
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import flask
from werkzeug.serving import make_server

SECRET = "a secret for races"


class DictMemory:
    def __init__(self, folder: Path) -> None:
        self._seen: dict[str, bool] = {}

    def knows(self, key: str) -> bool:
        return key in self._seen

    def note(self, key: str) -> None:
        self._seen[key] = True


class SetMemory(DictMemory):
    def __init__(self, folder: Path) -> None:
        self._keys: set[str] = set()

    def knows(self, key: str) -> bool:
        return key in self._keys

    def note(self, key: str) -> None:
        self._keys.add(key)


class SqliteMemory(DictMemory):
    def __init__(self, folder: Path) -> None:
        self._file = folder / "ids.db"
        with self._open() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS ids (id TEXT)")

    def knows(self, key: str) -> bool:
        with self._open() as connection:
            found = connection.execute("SELECT 1 FROM ids WHERE id = ?", (key,))
            return found.fetchone() is not None

    def note(self, key: str) -> None:
        with self._open() as connection:
            connection.execute("INSERT INTO ids VALUES (?)", (key,))

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._file, timeout=10, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()


class FileMemory(DictMemory):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def knows(self, key: str) -> bool:
        return (self._folder / key).exists()

    def note(self, key: str) -> None:
        (self._folder / key).touch()


class Redis:
    """As much of a Redis as GET and SET are: each command is atomic, two are not."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self._values.get(key)

    def set(self, key: str, value: str) -> None:
        self._values[key] = value


class RedisMemory(DictMemory):
    def __init__(self, folder: Path) -> None:
        self._redis = Redis()

    def knows(self, key: str) -> bool:
        return self._redis.get(f"webhook:{key}") is not None

    def note(self, key: str) -> None:
        self._redis.set(f"webhook:{key}", "1")


MEMORIES = {
    "dict": DictMemory,
    "set": SetMemory,
    "sqlite": SqliteMemory,
    "file": FileMemory,
    "redis": RedisMemory,
}


def make_app(kind: str, folder: Path, *, delay: float = 0.0) -> flask.Flask:
    """Return the app; each effect is a line in the file `effects` of the folder."""
    app = flask.Flask("racing")
    ids = folder / "ids"
    ids.mkdir(exist_ok=True)
    memory = MEMORIES[kind](ids)
    effects = folder / "effects"

    @app.post("/webhooks")
    def webhooks() -> tuple[str, int]:
        body = flask.request.get_data()
        wanted = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        given = flask.request.headers.get("X-Webhook-Signature", "")
        if not hmac.compare_digest(f"sha256={wanted}".encode(), given.encode()):
            return "", 401
        event_id = str(json.loads(body)["id"])
        if memory.knows(event_id):
            return "", 200
        if delay:
            time.sleep(delay)
        with effects.open("a") as file:
            file.write(f"{event_id}\n")
        memory.note(event_id)
        return "", 200

    return app


def counted(folder: Path) -> float:
    """Return the number of effects."""
    file = folder / "effects"
    return float(len(file.read_text().splitlines())) if file.exists() else 0.0


def main(kind: str, folder: str, descriptor: str, delay: str) -> None:
    """Serve one request at a time on a socket that another process shares."""
    logging.getLogger("werkzeug").setLevel("ERROR")
    app = make_app(kind, Path(folder), delay=float(delay))
    make_server("127.0.0.1", 0, app, fd=int(descriptor)).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
