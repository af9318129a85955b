"""Carry a request that no well-behaved client would send, and read what comes back.

A request is a list of pieces: bytes to send, and numbers, which are pauses in seconds.
An answer that comes before the request is out is read nevertheless, because a receiver
may refuse a body long before its end.
"""

import contextlib
import functools
import http.client
import select
import socket
import threading
import time
import urllib.parse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.errors import BadSetting
from labkit.model import Headers, Request

Piece = bytes | float

SLICE = 1 << 16
"""Bytes sent between two looks for an early answer."""

SLICES_READ = 16
"""How much more of an answer is read, to come to its end; some never end."""

KEPT = 20_000
"""Bytes kept of an answer's body."""

_CONNECT = 5.0

_END = 1.0
"""How long, in seconds, the end of an answer is waited for that came early."""


@dataclass(frozen=True, slots=True)
class WireResponse:
    """What came back, or why nothing did.

    `status` is None where no response came; `problem` then says why ("timed out",
    "refused", "lost"). `seconds` runs from the request's last byte, or from the moment
    at which it was cut off, to the end of the response. `taken` is how many bytes of
    the request the other side let in.
    """

    status: int | None
    problem: str
    seconds: float
    headers: Headers = ()
    body: bytes = b""
    taken: int = 0

    def __str__(self) -> str:
        if self.status is None:
            return f"no response ({self.problem})"
        return str(self.status)


class Wire:
    """The way to one URL; each request takes a connection of its own.

    Redirects are not followed and proxies of the environment are ignored. The name in
    the URL is looked up once, so that it can't lead elsewhere later.
    """

    def __init__(self, url: str) -> None:
        try:
            parts = urllib.parse.urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urllib.parse.urlsplit(""), None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadSetting(
                f"{url!r} is not the URL of an endpoint; give one like "
                "http://127.0.0.1:5000/webhooks"
            )
        self.host = parts.hostname
        self.authority = parts.netloc.rpartition("@")[2]
        self.path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.base = f"{parts.scheme}://{self.authority}"
        self._secure = parts.scheme == "https"
        self._port = port or (443 if self._secure else 80)

    @functools.cached_property
    def places(self) -> list[tuple[socket.AddressFamily, tuple[Any, ...]]]:
        """Where the name leads; raises BadSetting if that is nowhere."""
        try:
            found = socket.getaddrinfo(self.host, self._port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:  # the latter for a name like .example
            raise BadSetting(
                f"the name {self.host} leads nowhere ({error}); check the URL"
            ) from None
        return [(entry[0], entry[4]) for entry in found]

    def close(self) -> None:
        """Give back what was held; a wire over sockets holds nothing."""

    def listens(self) -> bool:
        """Tell whether any of the addresses takes connections."""
        return not self.obstacle()

    def obstacle(self) -> str:
        """Say why no connection can be made, or nothing."""
        try:
            self._connected(_CONNECT).close()
        except OSError as error:
            return str(error)
        return ""

    def tried(self) -> list[str]:
        """Say of each address whether it takes connections, and after how long."""
        said = []
        for family, place in self.places:
            started = time.monotonic()
            try:
                line = socket.socket(family, socket.SOCK_STREAM)
                with line:
                    line.settimeout(_CONNECT)
                    line.connect(place)
            except OSError as error:
                outcome = f"no connection ({error.strerror or error})"
            else:
                took = (time.monotonic() - started) * 1000
                length = f"{took:.1f}" if took >= 0.1 else "less than 0.1"
                outcome = f"connected in {length} ms"
            said.append(f"{place[0]} port {place[1]}: {outcome}")
        return said

    def exchange(
        self,
        pieces: Sequence[Piece],
        *,
        timeout: float,
        method: str = "POST",
        half_close: bool = False,
    ) -> WireResponse:
        """Send the pieces and read one answer; `timeout` bounds the wait for it.

        With `half_close` the sending side is closed after the last piece.
        """
        started = time.monotonic()
        try:
            with self._connected(_CONNECT) as line:
                return _talk(line, pieces, timeout, method, half_close)
        except OSError as error:
            return _nothing(error, started)

    def at_once(
        self, requests: Sequence[bytes], *, timeout: float
    ) -> list[WireResponse]:
        """Send all but the last byte of each, then all last bytes in one go."""
        started = time.monotonic()
        answers: list[WireResponse] = []
        with contextlib.ExitStack() as stack:
            lines: list[socket.socket | OSError] = []
            for content in requests:
                try:
                    line = stack.enter_context(self._connected(_CONNECT))
                    line.sendall(content[:-1])
                except OSError as error:
                    lines.append(error)
                else:
                    lines.append(line)
            for opened, content in zip(lines, requests, strict=True):
                if isinstance(opened, socket.socket):
                    with contextlib.suppress(OSError):
                        opened.send(content[-1:])
            end = time.monotonic() + timeout
            for opened in lines:
                if isinstance(opened, OSError):
                    answers.append(_nothing(opened, started))
                    continue
                left = max(0.1, end - time.monotonic())
                answers.append(_talk(opened, [], left, "POST", half_close=False))
        return answers

    @contextlib.contextmanager
    def dripping(self, heads: Sequence[bytes], every: float) -> Iterator[None]:
        """Hold one connection open for each head, with a byte `every` few seconds."""
        with contextlib.ExitStack() as stack:
            lines = []
            for head in heads:
                with contextlib.suppress(OSError):
                    line = stack.enter_context(self._connected(_CONNECT))
                    line.sendall(head)
                    lines.append(line)
            over = threading.Event()

            def drip() -> None:
                while not over.wait(every):
                    for line in lines:
                        with contextlib.suppress(OSError):
                            line.sendall(b" ")

            thread = threading.Thread(target=drip, daemon=True)
            thread.start()
            try:
                yield
            finally:
                over.set()
                thread.join()

    def in_a_row(
        self, contents: Sequence[bytes], *, timeout: float
    ) -> list[WireResponse]:
        """Send requests one after the other on one connection, as long as it lasts."""
        answers: list[WireResponse] = []
        started = time.monotonic()
        try:
            with self._connected(_CONNECT) as line:
                for content in contents:
                    started = time.monotonic()
                    answer = _talk(line, [content], timeout, "POST", half_close=False)
                    answers.append(answer)
                    closing = _header(answer.headers, "connection").lower() == "close"
                    if answer.status is None or closing:
                        break
        except OSError as error:
            answers.append(_nothing(error, started))
        return answers

    def _connected(self, timeout: float) -> socket.socket:
        problem: OSError | None = None
        for family, place in self.places:
            line = socket.socket(family, socket.SOCK_STREAM)
            try:
                line.settimeout(timeout)
                line.connect(place)
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self._secure:
                    import ssl  # a browser's Python has none

                    context = ssl.create_default_context()
                    return context.wrap_socket(line, server_hostname=self.host)
            except OSError as error:
                line.close()
                problem = error
            else:
                return line
        raise problem or ConnectionRefusedError(f"no address for {self.host}")


def written(request: Request, authority: str, *, close: bool = True) -> bytes:
    """Return the request as it stands on the wire.

    A Content-Length is added unless the headers hold one or say chunked; then the body
    is sent as it is, framed or not.
    """
    names = {name.lower() for name, _ in request.headers}
    lines = [f"{request.method} {request.path} HTTP/1.1"]
    if "host" not in names:
        lines.append(f"Host: {authority}")
    lines += [f"{name}: {value}" for name, value in request.headers]
    if not names & {"content-length", "transfer-encoding"}:
        lines.append(f"Content-Length: {len(request.body)}")
    if close and "connection" not in names:
        lines.append("Connection: close")
    head = b"".join(as_wire(line) + b"\r\n" for line in lines)
    return head + b"\r\n" + request.body


def as_wire(text: str) -> bytes:
    """Return a line of the head as bytes: Latin-1 where it fits, else UTF-8."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


def chunked(body: bytes, size: int = 1 << 14) -> bytes:
    """Return the body in chunks of `size` bytes, with the last one of none."""
    starts = range(0, len(body), size)
    parts = [body[start : start + size] for start in starts]
    return (
        b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    )


def _talk(
    line: socket.socket,
    pieces: Sequence[Piece],
    timeout: float,
    method: str,
    half_close: bool,
) -> WireResponse:
    started = time.monotonic()
    taken = 0
    try:
        line.settimeout(timeout)
        taken = _send(line, pieces, timeout)
        if half_close:
            line.shutdown(socket.SHUT_WR)
    except OSError:
        # The other side may have closed because it has said all that it has to say.
        pass
    sent = time.monotonic()
    early = taken < sum(len(piece) for piece in pieces if isinstance(piece, bytes))
    try:
        with http.client.HTTPResponse(line, method=method) as reader:
            reader.begin()
            headers = tuple(reader.getheaders())
            body = b""
            # After an early answer, a server may wait for the rest of the request
            # before it closes the connection; the end of its answer never comes then.
            with contextlib.suppress(*((TimeoutError,) if early else ())):
                if early:
                    line.settimeout(min(timeout, _END))
                body = reader.read(KEPT) if method != "HEAD" else b""
                for _ in range(SLICES_READ):
                    if not reader.read(SLICE):
                        break
            status = reader.status
    except (OSError, http.client.HTTPException, ValueError) as error:
        return _nothing(error, started, taken)
    return WireResponse(status, "", time.monotonic() - sent, headers, body, taken)


def _send(line: socket.socket, pieces: Sequence[Piece], timeout: float) -> int:
    """Send until all is out or an answer comes; return how many bytes were taken."""
    taken = 0
    for piece in pieces:
        if not isinstance(piece, bytes):
            if select.select([line], (), (), piece)[0]:
                return taken
            continue
        view = memoryview(piece)
        for start in range(0, len(view), SLICE):
            if taken and select.select([line], (), (), 0)[0]:
                return taken
            part = view[start : start + SLICE]
            line.sendall(part)
            taken += len(part)
    return taken


def _nothing(error: BaseException, started: float, taken: int = 0) -> WireResponse:
    if isinstance(error, TimeoutError):
        problem = "timed out"
    elif isinstance(error, ConnectionRefusedError):
        problem = "refused"
    else:
        problem = "lost"
    return WireResponse(None, problem, time.monotonic() - started, taken=taken)


def _header(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")
