"""The provider of lab 13 as a program: the learner's functions, and the kit's loop.

    python program.py FOLDER COMMAND WORDS…

`write_program` puts a copy of this file into a folder, next to the learner's functions
and to the two files that it imports. There it runs without the kit.
"""

import importlib.util
import json
import os
import random
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from base64 import b64encode
from contextlib import closing, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from labkit.exercises.lab13_be_the_provider.tables import connect
from labkit.exercises.lab13_be_the_provider.wire import Response, post_to

THREADS = 6
IDLE = 0.05
LONGEST_DATA = 256_000
DISABLE_AFTER = 3
TIMEOUT_AT_LEAST = 0.3
"""Real seconds: with a fast clock, a timeout must still be longer than a delivery."""
OPEN = "127.0.0.2"
"""The one loopback address that the guard of this program lets through."""


class Provider:
    """The program: commands for its owner, and workers.

    `settings.json` says how fast its clock runs and since when, for how long two
    secrets sign, and which schedule takes the place of the learner's, if any.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "provider.db"
        self.own: Any = _load(folder / "functions.py")
        self.settings = json.loads((folder / "settings.json").read_text("utf-8"))
        if self.settings["schedule"]:
            vars(self.own)["SCHEDULE"] = tuple(self.settings["schedule"])

    def open(self) -> sqlite3.Connection:
        """Open the file; six workers and the owner's commands use it at one time."""
        db = connect(self.file)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA busy_timeout = 30000")
        return db

    def now(self) -> float:
        """Return the time of the program's own clock."""
        start: float = self.settings["start"]
        speed: float = self.settings["speed"]
        return start + (time.time() - start) * speed

    def add(self, url: str, secret: str) -> str:
        """Add an endpoint, and return its id."""
        self._address(url)
        try:
            new = {"secret": secret, "old_secret": None, "old_until": None}
            self.own.live_secrets(new, self.now())
        except ValueError as error:
            raise SystemExit(f"refused: {error}") from None
        endpoint = "ep_" + secrets.token_hex(6)
        with closing(self.open()) as db, db:
            values = (endpoint, url, secret)
            db.execute(
                "INSERT INTO endpoints (id, url, secret) VALUES (?, ?, ?)", values
            )
        return endpoint

    def change(self, endpoint: str, url: str) -> None:
        """Give an endpoint another URL."""
        self._address(url)
        self._run("UPDATE endpoints SET url = ? WHERE id = ?", url, endpoint)

    def remove(self, endpoint: str) -> None:
        """Delete an endpoint with what is due for it."""
        self._run("DELETE FROM deliveries WHERE endpoint = ?", endpoint)
        self._run("DELETE FROM endpoints WHERE id = ?", endpoint)

    def order(self, data: str) -> None:
        """Place an order whose id is the data."""
        if len(data) > LONGEST_DATA:
            raise SystemExit("refused: the data is too long")
        order = {"order_id": data, "amount": 1, "placed_at": int(self.now())}
        with closing(self.open()) as db:
            if self._armed("rolled-back"):
                db.set_trace_callback(_die_at_commit)
            self.own.place_order(db, order)
        if self._armed("committed"):
            os._exit(9)

    def rotate(self, endpoint: str) -> str:
        """Replace the secret of an endpoint, and return the new one."""
        new = "whsec_" + b64encode(secrets.token_bytes(24)).decode()
        until = self.now() + self.settings["overlap"]
        self._run(
            "UPDATE endpoints SET old_secret = secret, old_until = ?, secret = ?"
            " WHERE id = ?",
            *(until, new, endpoint),
        )
        return new

    def enable(self, endpoint: str) -> None:
        """Enable an endpoint."""
        with closing(self.open()) as db:
            request = {"action": "enable", "endpoint": endpoint}
            self.own.portal(db, self.now(), request)

    def status(self, endpoint: str) -> str:
        """Return active, disabled or deleted."""
        rows = self._run("SELECT enabled FROM endpoints WHERE id = ?", endpoint)
        return ("disabled", "active")[rows[0]["enabled"]] if rows else "deleted"

    def dead_letters(self) -> int:
        """Return the number of dead letters."""
        return len(self._run("SELECT 1 FROM deliveries WHERE state = 'dead'"))

    def notices(self) -> int:
        """Return the number of notices."""
        return len(self._run("SELECT 1 FROM notices"))

    def rss(self) -> str:
        """Return the largest memory that the workers have had, in kB; on Linux only."""
        worker = (self.folder / "worker.pid").read_text()
        status = Path(f"/proc/{worker}/status").read_text()
        return status.partition("VmHWM:")[2].split()[0]

    def crash(self, point: str) -> None:
        """Let the next order crash at that point."""
        (self.folder / f"crash.{point}").touch()

    def work(self) -> None:
        """Run the workers until the process is ended."""
        threads = [
            threading.Thread(target=self._worker, args=(f"{os.getpid()}-{number}",))
            for number in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def start(self) -> None:
        """Start the workers in the background."""
        with (self.folder / "worker.err").open("a") as errors:
            worker = subprocess.Popen(  # noqa: S603 - this very file
                [sys.executable, __file__, str(self.folder), "work"],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        (self.folder / "worker.pid").write_text(str(worker.pid))

    def stop(self) -> None:
        """Kill the workers, as a crash does."""
        with suppress(OSError, ValueError):
            os.kill(int((self.folder / "worker.pid").read_text()), signal.SIGKILL)

    def restart(self) -> None:
        """Kill the workers and start them."""
        self.stop()
        self.start()

    def _worker(self, name: str) -> None:
        rng = random.Random()
        while True:
            try:
                with closing(self.open()) as db:
                    found = self.own.claim(db, self.now(), name)
                    if found is not None:
                        self._deliver(db, dict(found), rng)
                        continue
            except Exception as error:  # noqa: BLE001 - a worker outlives any delivery
                self._log(f"{type(error).__name__}: {error}")
            time.sleep(IDLE)

    def _deliver(
        self, db: sqlite3.Connection, claimed: dict[str, Any], rng: random.Random
    ) -> None:
        event = db.execute(
            "SELECT * FROM events WHERE id = ?", (claimed["event"],)
        ).fetchone()
        endpoint = db.execute(
            "SELECT * FROM endpoints WHERE id = ?", (claimed["endpoint"],)
        ).fetchone()
        if endpoint is None:
            return
        delivery = {
            "event": event["id"],
            "url": endpoint["url"],
            "payload": event["payload"],
            "secrets": self.own.live_secrets(dict(endpoint), self.now()),
        }
        result = self.own.attempt(delivery, self.now, self._post)
        self._log(f"{event['id']} {endpoint['id']} {result['status']}")
        self.own.finish(db, claimed, result, self.now(), rng)
        look_after(db, claimed, self.now(), self.own.portal)

    def _post(self, url: str, headers: Any, payload: bytes, timeout: float) -> Response:
        try:
            address = self._address(url)
        except SystemExit as refused:
            raise ConnectionError(str(refused)) from None
        patience = max(TIMEOUT_AT_LEAST, timeout / self.settings["speed"])
        return post_to(address, url, headers, payload, patience, time.time)

    def _address(self, url: str) -> str:
        def resolve(host: str) -> list[str]:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            return [str(entry[4][0]) for entry in found]

        if f"//{OPEN}:" in url:
            return OPEN
        address = self.own.allowed(url, resolve)
        if address is None:
            raise SystemExit("refused: this URL must not be called")
        return str(address)

    def _run(self, query: str, *values: Any) -> list[sqlite3.Row]:
        with closing(self.open()) as db, db:
            return db.execute(query, values).fetchall()

    def _armed(self, point: str) -> bool:
        file = self.folder / f"crash.{point}"
        if armed := file.exists():
            file.unlink()
        return armed

    def _log(self, line: str) -> None:
        with (self.folder / "provider.log").open("a", encoding="utf-8") as log:
            log.write(line + "\n")


def look_after(
    db: sqlite3.Connection, claimed: dict[str, Any], now: float, portal: Any
) -> None:
    """Notify the owner of a dead letter, and disable an endpoint after three."""
    dead = db.execute(
        "SELECT e.failures FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
        " WHERE d.id = ? AND d.state = 'dead'",
        (claimed["id"],),
    ).fetchone()
    if dead is None:
        return
    about = {"endpoint": claimed["endpoint"], "event": claimed["event"]}
    portal(db, now, {"action": "notice", **about})
    if dead["failures"] >= DISABLE_AFTER:
        portal(db, now, {"action": "disable", **about})


def _die_at_commit(statement: str) -> None:
    if statement.strip().upper().startswith(("COMMIT", "END")):
        os._exit(9)


def _load(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("functions", file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{file} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(folder: str, command: str, *words: str) -> None:
    """Run one command."""
    provider = Provider(Path(folder))
    if command == "order" and words[0] == "--file":
        words = (Path(words[1]).read_bytes().decode(),)
    printed = getattr(provider, command.replace("-", "_"))(*words)
    if printed is not None:
        print(printed)


if __name__ == "__main__":
    main(*sys.argv[1:])
