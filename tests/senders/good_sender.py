"""A sender of webhooks with nothing left out, on the standard library and SQLite.

    good_sender.py add URL SECRET    good_sender.py order DATA    good_sender.py work

It has a transactional outbox, leases, retries with full jitter, a guard against SSRF,
bounded responses, overlapping secrets, dead letters, notices and automatic disabling.
Settings come from the environment; `Settings` names them. `Provider` also runs in
process, in virtual time: give it `now` and `post`.
"""

import base64
import email.utils
import hmac
import ipaddress
import json
import os
import random
import resource
import secrets as random_bytes
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
import traceback
import urllib.parse
from collections.abc import Callable, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCHEMA = """
create table if not exists endpoints (id text primary key, url text, secret text,
    old_secret text, old_until real default 0, status text default 'active',
    failures integer default 0);
create table if not exists orders (id integer primary key, data text);
create table if not exists events (id text primary key, body blob, summary text);
create table if not exists deliveries (id integer primary key autoincrement, event text,
    endpoint text, attempts integer default 0, due real, leased real default 0,
    state text default 'pending');
create table if not exists notices (id integer primary key, endpoint text, event text);
create index if not exists due on deliveries (state, due);
"""
DUE = "select 1 from deliveries where state = 'pending' and due <= ? and leased <= ?"
CLAIMABLE = """
select d.* from deliveries d where d.state = 'pending' and d.due <= ? and d.leased <= ?
    and (select count(*) from deliveries f where f.endpoint = d.endpoint
        and f.state = 'pending' and f.leased > ?) < ? {} order by d.due limit 1
"""
ORDERED = """
    and not exists (select 1 from deliveries o where o.endpoint = d.endpoint
        and o.state = 'pending' and o.id < d.id)
"""
BODY_LIMIT, HEAD_LIMIT, DATA_LIMIT = 65_536, 32_768, 256_000
NEVER_RETRIED = {400, 401, 403, 404, 405, 413, 422}


class Refuse(Exception):
    """The sender does not take an endpoint, or an event."""


@dataclass(frozen=True)
class Settings:
    """All durations are in seconds of this sender's clock."""

    schedule: tuple[float, ...] = (30.0, 120.0, 300.0)
    timeout: float = 10.0
    idle: float = 0.5
    lease: float = 60.0
    overlap: float = 600.0
    longest_wish: float = 600.0
    disable_after: int = 3
    per_endpoint: int = 2
    threads: int = 8
    ordered: bool = False
    allowed: frozenset[str] = frozenset()
    speed: float = 1.0
    start: float = field(default_factory=time.time)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read what is set; everything else has its default."""
        given: dict[str, Any] = {}
        for name, value in environment.items():
            if name.startswith("SENDER_"):
                given[name.removeprefix("SENDER_").lower()] = value
        kinds: dict[str, Callable[[str], Any]] = {
            "schedule": lambda text: tuple(float(part) for part in text.split(",")),
            "allowed": lambda text: frozenset(text.split(",")),
            "disable_after": int,
            "per_endpoint": int,
            "threads": int,
            "ordered": lambda text: text == "1",
        }
        known = {k: v for k, v in given.items() if k in cls.__dataclass_fields__}
        return cls(**{k: kinds.get(k, float)(v) for k, v in known.items()})


def checked_addresses(url: str, allowed: frozenset[str]) -> list[str]:
    """Return the addresses that may be called for this URL; raise Refuse for others."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        raise Refuse("not a URL") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refuse("only http and https")
    if parts.username is not None or parts.password is not None:
        raise Refuse("no user or password in a URL")
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refuse(f"{parts.hostname} has no address") from None
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if address not in allowed and not is_public(address):
            raise Refuse(f"{address} is not a public address")
    return addresses


def is_public(address: str) -> bool:
    """Tell whether an address, and the one that may be inside it, is public."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inside = ip.ipv4_mapped or ip.sixtofour
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            inside = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(str(inside))
        return ip.is_global and not ip.is_multicast and int(ip) >> 32 != 0
    return ip.is_global and not ip.is_multicast


@dataclass(frozen=True)
class Response:
    """The status and headers, in lower case; status None means no response."""

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)


def post(
    url: str, headers: Mapping[str, str], body: bytes, settings: Settings
) -> Response:
    """Send one request; bound its time and its response; follow nothing."""
    deadline = time.monotonic() + settings.timeout / settings.speed
    parts = urllib.parse.urlsplit(url)
    addresses = checked_addresses(url, settings.allowed)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"POST {target} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    request = "\r\n".join(lines).encode("latin-1") + body

    def left() -> float:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        return remaining

    try:
        connection = socket.create_connection((addresses[0], port), left())
        with closing(connection):
            if parts.scheme == "https":
                context = ssl.create_default_context()
                connection.settimeout(left())
                connection = context.wrap_socket(
                    connection, server_hostname=parts.hostname
                )
            with closing(connection):
                connection.settimeout(left())
                connection.sendall(request)
                return read_response(connection, left)
    except (OSError, ValueError):
        return Response(None)


def read_response(connection: socket.socket, left: Callable[[], float]) -> Response:
    """Read the head and a bounded part of the body, within the deadline."""
    data = b""
    while b"\r\n\r\n" not in data:
        if len(data) > HEAD_LIMIT:
            raise ValueError("the head is too long")
        connection.settimeout(left())
        more = connection.recv(8192)
        if not more:
            raise ValueError("closed before the end of the head")
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    version, status = first.split(" ")[:2]
    if not version.startswith("HTTP/1."):
        raise ValueError("not HTTP")
    pairs = [line.partition(":") for line in lines]
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    length = int(headers.get("content-length", BODY_LIMIT))
    if status in {"204", "304"}:
        length = 0
    while len(body) < min(length, BODY_LIMIT):
        connection.settimeout(left())
        more = connection.recv(8192)
        if not more:
            break
        body += more
    return Response(int(status), headers)


def signature(secret: str, event: str, moment: int, body: bytes) -> str:
    """Return one Standard Webhooks signature."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{event}.{moment}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, "sha256")).decode()


def wished_delay(text: str | None, now: float, longest: float) -> float:
    """Return the seconds that a Retry-After asks for, bounded; 0 for nonsense."""
    if not text:
        return 0.0
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), longest)
    try:
        date = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return 0.0
    return max(0.0, min(date.timestamp() - now, longest))


Post = Callable[[str, Mapping[str, str], bytes, Settings], Response]


class Provider:
    """The sender: what its users call, and what its workers do."""

    def __init__(
        self,
        path: str | Path,
        settings: Settings,
        *,
        send: Post = post,
        now: Callable[[], float] | None = None,
        log: Callable[[str], None] = print,
        seed: int | None = None,
    ) -> None:
        self.path, self.settings, self._post, self._log = path, settings, send, log
        self.now = now or self._clock
        self._rng = random.Random(seed)
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        db = self._connection()
        db.execute("pragma journal_mode = wal")
        db.executescript(SCHEMA)

    def _clock(self) -> float:
        start = self.settings.start
        return start + (time.time() - start) * self.settings.speed

    def __del__(self) -> None:
        # Python 3.13 warns of connections that nobody has closed.
        for db in self._connections:
            db.close()

    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        if not hasattr(self._local, "db"):
            db = sqlite3.connect(
                self.path, timeout=30, isolation_level=None, check_same_thread=False
            )
            self._connections.append(db)
            db.row_factory = sqlite3.Row
            db.execute("pragma synchronous = normal")
            self._local.db = db
        found: sqlite3.Connection = self._local.db
        return found

    @contextmanager
    def _transaction(self) -> Any:
        db = self._connection()
        db.execute("begin immediate")
        try:
            yield db
        except BaseException:
            db.execute("rollback")
            raise
        db.execute("commit")

    def _row(self, query: str, *values: Any) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._connection().execute(query, values).fetchone()
        return found

    def _number(self, query: str) -> int:
        return int(self._connection().execute(query).fetchone()[0])

    # ----------------------------------------------------- what users call

    def register(self, url: str, secret: str) -> str:
        """Add an endpoint and return its id."""
        checked_addresses(url, self.settings.allowed)
        if len(secret.removeprefix("whsec_")) < 32:
            raise Refuse("an endpoint needs a secret of at least 24 bytes")
        id_ = "ep_" + random_bytes.token_hex(6)
        with self._transaction() as db:
            db.execute(
                "insert into endpoints (id, url, secret) values (?, ?, ?)",
                (id_, url, secret),
            )
        return id_

    def change(self, id_: str, url: str) -> None:
        """Give an endpoint another URL."""
        checked_addresses(url, self.settings.allowed)
        with self._transaction() as db:
            db.execute("update endpoints set url = ? where id = ?", (url, id_))

    def remove(self, id_: str) -> None:
        """Delete an endpoint, and what is due for it."""
        with self._transaction() as db:
            db.execute("delete from endpoints where id = ?", (id_,))
            db.execute("delete from deliveries where endpoint = ?", (id_,))

    def trigger(self, data: str) -> None:
        """Place an order: state and event in one transaction."""
        if len(data) > DATA_LIMIT:
            raise Refuse("the data is larger than 256 kB")
        event = "evt_" + random_bytes.token_hex(12)
        body = json.dumps({"type": "order.placed", "id": event, "data": {"name": data}})
        with self._transaction() as db:
            db.execute("insert into orders (data) values (?)", (data,))
            db.execute(
                "insert into events values (?, ?, ?)",
                (event, body.encode(), urllib.parse.quote(data[:60])),
            )
            db.execute(
                "insert into deliveries (event, endpoint, due)"
                " select ?, id, ? from endpoints where status = 'active'",
                (event, self.now()),
            )
            self._crash_at("rolled-back")
        self._crash_at("committed")

    def rotate(self, id_: str) -> str:
        """Replace the secret; the old one signs, too, until the overlap ends."""
        new = "whsec_" + base64.b64encode(random_bytes.token_bytes(32)).decode()
        with self._transaction() as db:
            db.execute(
                "update endpoints set old_secret = secret, old_until = ?, secret = ?"
                " where id = ?",
                (self.now() + self.settings.overlap, new, id_),
            )
        return new

    def enable(self, id_: str) -> None:
        """Enable a disabled endpoint."""
        with self._transaction() as db:
            db.execute(
                "update endpoints set status = 'active', failures = 0 where id = ?",
                (id_,),
            )

    def status(self, id_: str) -> str:
        """Return active, disabled or deleted."""
        row = self._row("select * from endpoints where id = ?", id_)
        return str(row["status"]) if row else "deleted"

    def dead_letters(self) -> int:
        """Return how many deliveries were given up."""
        return self._number("select count(*) from deliveries where state = 'dead'")

    def notices(self) -> int:
        """Return how many notices the owners have got."""
        return self._number("select count(*) from notices")

    def crash(self, point: str) -> None:
        """Let the next order die at that point."""
        self._armed(point).touch()

    def _armed(self, point: str) -> Path:
        return Path(f"{self.path}.{point}")

    def _crash_at(self, point: str) -> None:
        if self._armed(point).exists():
            self._armed(point).unlink()
            os._exit(9)

    # ------------------------------------------------------ what workers do

    def claim(self) -> sqlite3.Row | None:
        """Take one delivery that is due, so that no other worker takes it."""
        now, settings = self.now(), self.settings
        if self._row(DUE, now, now) is None:
            return None
        with self._transaction() as db:
            row: sqlite3.Row | None = db.execute(
                CLAIMABLE.format(ORDERED if settings.ordered else ""),
                (now, now, now, settings.per_endpoint),
            ).fetchone()
            if row is not None:
                db.execute(
                    "update deliveries set leased = ? where id = ?",
                    (now + settings.lease, row["id"]),
                )
        return row

    def attempt(self, delivery: sqlite3.Row) -> None:
        """Make one attempt and write down what came of it."""
        endpoint = self._row(
            "select * from endpoints where id = ?", delivery["endpoint"]
        )
        event = self._row("select * from events where id = ?", delivery["event"])
        if event is None or endpoint is None or endpoint["status"] != "active":
            self._finish(delivery, "dead", None)
            return
        headers = self.headers(endpoint, event)
        try:
            response = self._post(
                endpoint["url"], headers, event["body"], self.settings
            )
        except Refuse:
            response = Response(None)
        self._log(f"{delivery['event']} {endpoint['id']} {response.status}")
        self.judge(delivery, response)

    def headers(self, endpoint: sqlite3.Row, event: sqlite3.Row) -> dict[str, str]:
        """Build the headers: id, time, and one signature per live secret."""
        now = self.now()
        live = [endpoint["secret"]]
        if endpoint["old_secret"] and now < endpoint["old_until"]:
            live.append(endpoint["old_secret"])
        signed = [signature(s, event["id"], int(now), event["body"]) for s in live]
        return {
            "Content-Type": "application/json",
            "User-Agent": "good-sender",
            "X-Order-Summary": event["summary"],
            "webhook-id": event["id"],
            "webhook-timestamp": str(int(now)),
            "webhook-signature": " ".join(signed),
        }

    def judge(self, delivery: sqlite3.Row, response: Response) -> None:
        """Decide: delivered, again later, or given up."""
        status, settings = response.status, self.settings
        made = delivery["attempts"] + 1
        if status is not None and 200 <= status < 300:
            self._finish(delivery, "delivered", None)
        elif status == 410:
            self._finish(delivery, "dead", "gone")
        elif status in NEVER_RETRIED or made > len(settings.schedule):
            self._finish(delivery, "dead", "failed")
        else:
            delay = settings.schedule[made - 1] * self._rng.uniform(0.0, 1.0)
            now = self.now()
            wish = None
            if status in {429, 503}:
                wish = response.headers.get("retry-after")
            delay = max(delay, wished_delay(wish, now, settings.longest_wish))
            with self._transaction() as db:
                db.execute(
                    "update deliveries set attempts = ?, due = ?, leased = 0"
                    " where id = ?",
                    (made, now + delay, delivery["id"]),
                )

    def _finish(self, delivery: sqlite3.Row, state: str, reason: str | None) -> None:
        id_, endpoint = delivery["id"], delivery["endpoint"]
        with self._transaction() as db:
            db.execute(
                "update deliveries set state = ?, leased = 0 where id = ?", (state, id_)
            )
            if state == "delivered":
                db.execute(
                    "update endpoints set failures = 0 where id = ?", (endpoint,)
                )
            if reason == "gone":
                self._disable(db, endpoint)
            if reason == "failed":
                db.execute(
                    "insert into notices (endpoint, event) values (?, ?)",
                    (endpoint, delivery["event"]),
                )
                db.execute(
                    "update endpoints set failures = failures + 1 where id = ?",
                    (endpoint,),
                )
                row = db.execute(
                    "select failures from endpoints where id = ?", (endpoint,)
                ).fetchone()
                if row is not None and row["failures"] >= self.settings.disable_after:
                    self._disable(db, endpoint)

    def _disable(self, db: sqlite3.Connection, endpoint: str) -> None:
        db.execute("update endpoints set status = 'disabled' where id = ?", (endpoint,))

    def tick(self, now: float) -> float | None:
        """Make every attempt that is due; return when the next one is, or None."""
        while (delivery := self.claim()) is not None:
            self.attempt(delivery)
        row = self._row(
            "select min(max(due, leased)) from deliveries where state = 'pending'"
        )
        return None if row is None or row[0] is None else float(row[0])

    def work(self) -> None:
        """Run worker threads until the process is ended."""

        def run() -> None:
            while True:
                try:
                    delivery = self.claim()
                    if delivery is None:
                        time.sleep(self.settings.idle / self.settings.speed)
                    else:
                        self.attempt(delivery)
                except Exception:  # noqa: BLE001 - a worker outlives any delivery
                    traceback.print_exc()
                    time.sleep(0.05)

        threads = [
            threading.Thread(target=run, daemon=True)
            for _ in range(self.settings.threads)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def start(folder: Path) -> None:
    """Start a worker in the background."""
    worker = subprocess.Popen(
        [sys.executable, __file__, "work"],
        start_new_session=True,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=(folder / "worker.err").open("a"),
    )
    (folder / "worker.pid").write_text(str(worker.pid))


def stop(folder: Path) -> None:
    """Kill the worker, as a crash does."""
    file = folder / "worker.pid"
    try:
        os.kill(int(file.read_text()), signal.SIGKILL)
    except (OSError, ValueError):
        return


def restart(folder: Path) -> None:
    """Kill the worker and start another."""
    stop(folder)
    start(folder)


def peak_memory(folder: Path) -> int:
    """Return the largest memory that the worker has had, in kB."""
    pid = (folder / "worker.pid").read_text()
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def main(command: str, *words: str) -> None:
    """Run one command in the folder of `SENDER_FOLDER`."""
    folder = Path(os.environ.get("SENDER_FOLDER", ".")).resolve()
    log = folder / "sender.log"

    def write(line: str) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    settings = Settings.from_environment(os.environ)
    provider = Provider(folder / "sender.db", settings, log=write)
    if command == "order" and words[0] == "--file":
        words = (Path(words[1]).read_bytes().decode(),)
    commands: dict[str, Callable[..., Any]] = {
        "add": provider.register,
        "change": provider.change,
        "remove": provider.remove,
        "order": provider.trigger,
        "rotate": provider.rotate,
        "enable": provider.enable,
        "status": provider.status,
        "dead-letters": provider.dead_letters,
        "notices": provider.notices,
        "crash": provider.crash,
        "work": provider.work,
        "start": lambda: start(folder),
        "stop": lambda: stop(folder),
        "restart": lambda: restart(folder),
        "rss": lambda: peak_memory(folder),
    }
    try:
        printed = commands[command](*words)
    except Refuse as refused:
        sys.exit(f"refused: {refused}")
    if printed is not None:
        print(printed)


if __name__ == "__main__":
    main(*sys.argv[1:])
