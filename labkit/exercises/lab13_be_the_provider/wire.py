"""The real `post` of the provider: one request to one checked address."""

import socket
import ssl
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

HEAD_LIMIT = 32_768


class Response:
    """A response whose head has arrived; the body is read from the socket."""

    def __init__(
        self,
        connection: socket.socket,
        status: int,
        headers: dict[str, str],
        rest: bytes,
    ) -> None:
        self.status, self.headers = status, headers
        self._connection, self._rest = connection, rest
        length = headers.get("content-length", "")
        self._left = int(length) if length.isdecimal() else 1 << 60
        if status in (204, 304):
            self._left = 0

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes of what arrives next; b"" at the end."""
        wanted = min(self._left, size if size >= 0 else self._left)
        if wanted <= 0:
            return b""
        if self._rest:
            piece, self._rest = self._rest[:wanted], self._rest[wanted:]
        else:
            piece = self._connection.recv(min(wanted, 65_536))
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def post_to(
    address: str,
    url: str,
    headers: Mapping[str, str],
    payload: bytes,
    timeout: float,
    now: Callable[[], float],
) -> Response:
    """Send one POST to this address, and return the response after its head.

    `timeout` limits each wait, and the time until the head is complete, in real
    seconds. Follows nothing. Raises ConnectionError or TimeoutError.
    """
    end = now() + timeout
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"POST {target} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if "user-agent" not in {name.lower() for name in headers}:
        lines.append("User-Agent: lab-13-provider")
    lines += [f"Content-Length: {len(payload)}", "Connection: close", "", ""]
    connection: socket.socket | None = None
    try:
        connection = socket.create_connection((address, port), timeout)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection = context.wrap_socket(connection, server_hostname=parts.hostname)
        connection.sendall("\r\n".join(lines).encode("latin-1") + payload)
        return _response(connection, end, now)
    except (TimeoutError, ConnectionError):
        _close(connection)
        raise
    except (OSError, ValueError, IndexError) as error:
        _close(connection)
        raise ConnectionError(str(error)) from None


def _response(
    connection: socket.socket, end: float, now: Callable[[], float]
) -> Response:
    data = b""
    while b"\r\n\r\n" not in data:
        if len(data) > HEAD_LIMIT:
            raise ConnectionError("the head of the response is too long")
        if now() > end:
            raise TimeoutError("the head of the response is not complete")
        more = connection.recv(8_192)
        if not more:
            raise ConnectionError("the connection ended before the response")
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    version, status = first.split(" ")[:2]
    if not version.startswith("HTTP/1."):
        raise ConnectionError("the response is not HTTP")
    pairs = [line.partition(":") for line in lines]
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Response(connection, int(status), headers, rest)


def _close(connection: socket.socket | None) -> None:
    if connection is not None:
        connection.close()
