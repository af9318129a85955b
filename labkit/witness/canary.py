"""A port that no request may ever reach: what arrives there was sent astray."""

import socket
from collections.abc import Callable

from labkit.witness.behaviours import head
from labkit.witness.server import Listener, read_request
from labkit.witness.sightings import Request

SECRET_TEXT = "canary-7f3a-internal-page"  # noqa: S105 - no secret, a text to find again
"""What the canary responds with, as an internal page would."""


class Canary:
    """It listens on the loopback addresses that senders must not call.

    `connections` counts connections and `requests` holds the requests that came over
    them: a sender that connects and then sends nothing has looked at its peer.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        hosts: tuple[str, ...] = ("127.0.0.1", "::1"),
        port: int = 0,
    ) -> None:
        self.connections = 0
        self.requests: list[Request] = []
        self._listener = Listener(hosts, self._serve, clock=clock, port=port)
        self.hosts, self.port = self._listener.hosts, self._listener.port

    def url(self, host: str, path: str) -> str:
        """Return a URL that leads here by that spelling of the host."""
        return f"http://{host}:{self.port}{path}"

    def at(self, path: str) -> tuple[Request, ...]:
        """Return the requests for that path."""
        return tuple(r for r in self.requests if r.target.partition("?")[0] == path)

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()

    def _serve(self, connection: socket.socket, connected: float) -> None:
        self.connections += 1
        connection.settimeout(10)
        request = read_request(connection, lambda: None)
        if request is None:
            return
        self.requests.append(request)
        body = SECRET_TEXT.encode()
        lines = [("Content-Length", str(len(body))), ("Connection", "close")]
        connection.sendall(head(200, lines) + body)
