"""The witness on sockets of this machine: it plays behaviours byte by byte."""

import contextlib
import math
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable

from labkit.witness.behaviours import RESET, Behaviour
from labkit.witness.sightings import Request
from labkit.witness.witness import Endpoint, Witness

HEAD_LIMIT = 1_000_000
BODY_LIMIT = 64_000_000
SEND_BUFFER = 16_384
LONGEST = 900.0
"""A connection is dropped after this many seconds, whatever it does."""

Serve = Callable[[socket.socket, float], None]
"""It is given a new connection and the time of its arrival."""


class Listener:
    """A port on one or more addresses; each connection gets a thread of its own.

    `clock` gives the time of arrival. Addresses that this system lacks are left out;
    `hosts` holds those that are listened on. Raises OSError if none is left.
    """

    def __init__(
        self,
        hosts: tuple[str, ...],
        serve: Serve,
        *,
        clock: Callable[[], float],
        port: int = 0,
    ) -> None:
        self._serve, self._clock = serve, clock
        self._sockets: list[socket.socket] = []
        self._connections: set[socket.socket] = set()
        self._closing = False
        hosts_left: list[str] = []
        failure: OSError | None = None
        for host in hosts:
            try:
                opened = listening_socket(host, port)
            except OSError as error:
                failure = error
                continue
            port = opened.getsockname()[1]
            self._sockets.append(opened)
            hosts_left.append(host)
        if failure and not self._sockets:
            raise failure
        self.hosts, self.port = tuple(hosts_left), port
        for opened in self._sockets:
            threading.Thread(target=self._accept, args=(opened,), daemon=True).start()

    def _accept(self, listening: socket.socket) -> None:
        while not self._closing:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            self._connections.add(connection)
            threading.Thread(
                target=self._run, args=(connection, self._clock()), daemon=True
            ).start()

    def _run(self, connection: socket.socket, connected: float) -> None:
        try:
            with contextlib.suppress(OSError):
                self._serve(connection, connected)
        finally:
            self._connections.discard(connection)
            connection.close()

    def close(self) -> None:
        """Stop listening and drop every connection."""
        self._closing = True
        for opened in self._sockets:
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()
        self.drop()

    def drop(self) -> None:
        """Drop every connection."""
        for connection in tuple(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Server:
    """A witness that listens, in clear or with the given TLS context.

    `host` is the address it listens on: 127.0.0.2 where the system has it, so that a
    sender's guard can let exactly this address through.
    """

    def __init__(
        self,
        witness: Witness,
        *,
        host: str = "",
        port: int = 0,
        context: ssl.SSLContext | None = None,
        name: str = "",
    ) -> None:
        self.witness = witness
        self._context = context
        self.handshakes: list[str] = []
        self._listener = Listener(
            (host or base_address(),), self.serve, clock=witness.now, port=port
        )
        self.host, self.port = self._listener.hosts[0], self._listener.port
        scheme = "https" if context else "http"
        self.base = f"{scheme}://{name or self.host}:{self.port}"

    def endpoint(self, name: str, *script: Behaviour) -> Endpoint:
        """Add a path that plays the script; its `url` leads here."""
        added = self.witness.endpoint(name, *script)
        added.url = self.base + added.path
        return added

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()

    def drop(self) -> None:
        """Drop every connection that is still open."""
        self._listener.drop()

    def serve(self, connection: socket.socket, connected: float) -> None:
        """Serve one connection."""
        connection.settimeout(LONGEST)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._context:
            try:
                connection = self._context.wrap_socket(connection, server_side=True)
            except (ssl.SSLError, OSError) as error:
                self.handshakes.append(getattr(error, "reason", None) or str(error))
                return
        try:
            while self._exchange(connection, connected):
                connected = self.witness.now()
        finally:
            if self._context:
                connection.close()

    def _exchange(self, connection: socket.socket, connected: float) -> bool:
        began = [connected]
        request = read_request(connection, lambda: began.append(self.witness.now()))
        if request is None:
            return False
        index, behaviour = self.witness.arrive(
            request, connected=connected, began=began[-1]
        )
        taken, sent = _play(connection, behaviour)
        keep = sent and getattr(behaviour, "keep", False)
        finished = sent and (keep or _read_to_end(connection))
        self.witness.amend(
            index, taken=taken, finished=finished, closed=self.witness.now()
        )
        return keep


def base_address() -> str:
    """Return 127.0.0.2 if this system has it, otherwise 127.0.0.1."""
    with socket.socket() as trial:
        try:
            trial.bind(("127.0.0.2", 0))
        except OSError:
            return "127.0.0.1"
    return "127.0.0.2"


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens on that address; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind((host, port))
        opened.listen(256)
    except OSError:
        opened.close()
        raise
    return opened


def read_request(
    connection: socket.socket, at_first_byte: Callable[[], None]
) -> Request | None:
    """Read one request; None if the connection ended before its head was whole."""
    data = b""
    while b"\r\n\r\n" not in data:
        if len(data) > HEAD_LIMIT:
            return None
        more = connection.recv(65_536)
        if not more:
            return None
        if not data:
            at_first_byte()
        data += more
    raw, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = raw.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    headers = tuple(
        (name, value.strip())
        for name, colon, value in (line.partition(":") for line in lines)
        if colon
    )
    request = Request(
        method=parts[0],
        target=parts[1] if len(parts) > 1 else "",
        headers=headers,
        body=b"",
        raw=raw + b"\r\n\r\n",
    )
    if "100-continue" in (request.header("expect") or "").lower():
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    if "chunked" in (request.header("transfer-encoding") or "").lower():
        body = _read_chunks(connection, rest)
    else:
        length = request.header("content-length") or "0"
        wanted = int(length) if length.isascii() and length.isdigit() else 0
        body = _read_exactly(connection, rest, min(wanted, BODY_LIMIT))
    return Request(request.method, request.target, headers, body, request.raw)


def _read_exactly(connection: socket.socket, data: bytes, wanted: int) -> bytes:
    read = bytearray(data)
    while len(read) < wanted:
        more = connection.recv(min(1 << 20, wanted - len(read)))
        if not more:
            break
        read += more
    return bytes(read[:wanted])


def _read_chunks(connection: socket.socket, data: bytes) -> bytes:
    body = bytearray()
    with connection.makefile("rb") as file:

        def line() -> bytes:
            nonlocal data
            head, found, tail = data.partition(b"\r\n")
            if found:
                data = tail
                return head
            whole = data + file.readline()
            data = b""
            return whole.rstrip(b"\r\n")

        def exactly(count: int) -> bytes:
            nonlocal data
            part, data = data[:count], data[count:]
            return part + (file.read(count - len(part)) if len(part) < count else b"")

        while size := int(line().partition(b";")[0] or b"0", 16):
            body += exactly(size)
            exactly(2)
        while line():
            pass
    return bytes(body)


def _play(connection: socket.socket, behaviour: Behaviour) -> tuple[int, bool]:
    """Play it; return the bytes that were taken, and whether it came to its end."""
    taken = 0
    until = time.monotonic() + LONGEST
    for step in behaviour.steps():
        if step == RESET:
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            return taken, False
        if isinstance(step, bytes):
            try:
                connection.sendall(step)
            except OSError:
                return taken, False
            taken += len(step)
        elif not _pause(connection, min(float(step), until - time.monotonic())):
            return taken, False
        if time.monotonic() > until:
            return taken, False
    return taken, True


def _pause(connection: socket.socket, seconds: float) -> bool:
    """Wait; return False as soon as the sender has closed."""
    if math.isinf(seconds) or seconds < 0:
        seconds = LONGEST
    ready, _, _ = select.select([connection], [], [], seconds)
    if not ready:
        return True
    try:
        more = connection.recv(4096)
    except OSError:
        return False
    # Bytes after the request (a blank line, a pipelined request) are not a close.
    return bool(more) and _pause(connection, seconds)


def _read_to_end(connection: socket.socket) -> bool:
    """Close the sending side; tell whether the sender closes in order, too."""
    try:
        connection.settimeout(5)
        if isinstance(connection, ssl.SSLSocket):
            # The plain answer to our end of TLS; what comes then is the sender's end.
            with contextlib.suppress(OSError):
                connection.unwrap()
            return True
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass
    except OSError:
        return False
    return True
