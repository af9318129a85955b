"""Send over a socket, which can be made to misbehave."""

import functools
import http.client
import io
import select
import socket
import struct
import sys
import time
import urllib.parse
from typing import Any

from labkit.errors import (
    BadSetting,
    ConnectionLost,
    ConnectionRefused,
    NoAnswer,
    TimedOut,
)
from labkit.model import Request, Response
from labkit.transport.way import SMOOTH, Mishap, wire

DROPS = 8
"""In how many pieces a body trickles."""

PATH_SIGNS = "!#$%&'()*+,/:;=?@[]~"
"""What stays as it is in a request's path and query."""

# Close at once and send RST instead of FIN; the integers are wider outside Windows.
RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class HttpTransport:
    """Send over HTTP, on kept-alive connections, with no redirect followed.

    `base` is the URL's scheme and authority. Proxies from the environment are ignored:
    a lab talks to this machine. The bytes are put together here, because a fault may
    want what no client library sends: a header twice, half a body. Several threads may
    send at the same time; each then has a connection of its own.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        parts = urllib.parse.urlsplit(base)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._secure else 80)
        self._host_header = parts.netloc.rpartition("@")[2]
        self._idle: list[socket.socket] = []

    def connect(self) -> None:
        """Raise ConnectionRefused now when nobody listens, before anything is sent."""
        try:
            self._idle.append(self._line(_Deadline(5)))
        except OSError as error:
            raise ConnectionRefused(
                f"nobody listens at {self.base} ({error.strerror or error}); "
                "start the receiver first, and take the address from its `url`"
            ) from None

    def send(
        self, request: Request, *, timeout: float, mishap: Mishap = SMOOTH
    ) -> Response:
        """Send one request and read the response.

        `timeout` limits, in seconds, the whole attempt, from the connecting to the last
        byte of the response. Raises BadSetting for a request that can't be written,
        such as one with a line break in a header.
        """
        head, body = _written(request, self._host_header)
        deadline = _Deadline(timeout)
        line: socket.socket | None = None
        try:
            line = self._line(deadline)
            if mishap.breaks_off:
                line.sendall(head + body[: len(body) // 2])
                _reset(line)
                raise ConnectionLost("the connection broke in the middle of a request")
            if mishap.trickle:
                line.sendall(head)
                _trickle(line, body, mishap.trickle, deadline)
            else:
                line.sendall(head + body)
            return self._read(line, request.method, mishap, deadline)
        except (OSError, http.client.HTTPException) as error:
            if line is not None:
                line.close()
            raise self._no_answer(error, timeout) from error

    def close(self) -> None:
        """Close the connections that are kept alive."""
        while self._idle:
            self._idle.pop().close()

    def _line(self, deadline: "_Deadline") -> socket.socket:
        """Return a kept-alive connection, or a new one where there is none."""
        while self._idle:
            line = self._idle.pop()
            # Between two requests there is nothing to read but the end.
            if not select.select([line], (), (), 0)[0]:
                break
            line.close()
        else:
            line = self._connected(deadline)
        deadline.bound(line)
        return line

    def _connected(self, deadline: "_Deadline") -> socket.socket:
        line = socket.create_connection((self._host, self._port), deadline.left())
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._secure:
            return line
        import ssl  # a browser's Python has none

        deadline.bound(line)
        context = ssl.create_default_context()
        return context.wrap_socket(line, server_hostname=self._host)

    def _read(
        self, line: socket.socket, method: str, mishap: Mishap, deadline: "_Deadline"
    ) -> Response:
        incoming: Any = _Incoming(line, deadline)  # all that is asked of a socket
        with http.client.HTTPResponse(incoming, method=method) as answer:
            answer.begin()
            headers = tuple(answer.getheaders())
            body = b"" if mishap.reset else answer.read()
        if mishap.reset:
            _reset(line)
        elif answer.will_close:
            line.close()
        else:
            self._idle.append(line)
        return Response(answer.status, headers, body)

    def _no_answer(self, error: Exception, timeout: float) -> NoAnswer:
        if isinstance(error, TimeoutError):
            return TimedOut(f"{self.base} did not answer within {timeout:g} s")
        if isinstance(error, ConnectionRefusedError):
            return ConnectionRefused(
                f"nobody listens at {self.base}; start the receiver first "
                "(`receiver.start()`), and take its current `receiver.url`"
            )
        return ConnectionLost(f"the connection to {self.base} broke: {error}")


class _Deadline:
    """The end of an attempt; a socket's own timeout would bound each read again."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left; raise TimeoutError if there are none."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for the whole attempt is over")
        return left

    def bound(self, line: socket.socket) -> None:
        """Let the next operation on the socket take the time that is left."""
        line.settimeout(self.left())


class _Incoming(io.RawIOBase):
    """The bytes that come from a socket until the deadline."""

    def __init__(self, line: socket.socket, deadline: _Deadline) -> None:
        self._line = line
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._deadline.bound(self._line)
        return self._line.recv_into(buffer)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the bytes as a file, as a socket does."""
        return io.BufferedReader(self)


def _reset(line: socket.socket) -> None:
    """Break the connection: the other side gets a reset, not an orderly end."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    line.close()


def _trickle(
    line: socket.socket, body: bytes, seconds: float, deadline: _Deadline
) -> None:
    size = max(1, -(-len(body) // DROPS))
    for start in range(0, len(body), size):
        time.sleep(min(seconds / DROPS, deadline.left()))
        deadline.bound(line)
        line.sendall(body[start : start + size])


def _written(request: Request, host: str) -> tuple[bytes, bytes]:
    """Return the head and the body of a request as they are sent."""
    body = request.body
    lines = [
        f"{request.method} {_quoted(request.path)} HTTP/1.1".encode("latin-1"),
        f"Host: {host}".encode("latin-1"),
    ]
    names = set()
    for name, value in request.headers:
        lines.append(name.encode("latin-1") + b": " + wire(value))
        names.add(name.lower())
    if "transfer-encoding" in names:
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    elif "content-length" not in names and (body or request.method == "POST"):
        lines.append(b"Content-Length: %d" % len(body))
    for line in lines:
        if b"\n" in line or b"\r" in line:
            raise BadSetting(
                f"{line!r:.60} holds a line break, which would end the header; "
                "leave it out"
            )
    return b"\r\n".join((*lines, b"", b"")), body


@functools.lru_cache(maxsize=1024)
def _quoted(path: str) -> str:
    return urllib.parse.quote(path, safe=PATH_SIGNS)
