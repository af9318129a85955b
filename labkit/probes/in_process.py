"""The way to a receiver that is served in this process, for want of a socket.

A whole request gets the answer that a server would give. What only a connection can
bring about, such as a request that breaks off, raises BadSetting: a probe that needs it
is then unknown, as everything that can't be judged.
"""

import contextlib
import socket
import time
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from labkit.errors import BadSetting
from labkit.model import Request
from labkit.probes.wire import KEPT, Answer, Piece, Wire
from labkit.transport import IN_BROWSER, AppTransport, served_in_process

DEEPEST = 1_000
"""Brackets in a body that a browser's Python stands for sure; more are not tried."""

_OF_THE_CONNECTION = ("host", "connection", "content-length")


def wire_to(url: str) -> Wire:
    """Return the wire to a URL: over a socket, or to an app that is served in here."""
    transport = served_in_process(url)
    return Wire(url) if transport is None else InProcessWire(url, transport)


class InProcessWire(Wire):
    """Calls the app that is served at the URL; there is no connection to play with."""

    def __init__(self, url: str, transport: AppTransport) -> None:
        super().__init__(url)
        self._transport = transport

    @property
    def places(self) -> list[tuple[socket.AddressFamily, tuple[Any, ...]]]:
        """Return this machine, whatever the name is."""
        return [(socket.AF_INET, ("127.0.0.1", 0))]

    def obstacle(self) -> str:
        """Return nothing: the app is here."""
        return ""

    def exchange(
        self,
        pieces: Sequence[Piece],
        *,
        timeout: float,
        method: str = "POST",
        half_close: bool = False,
    ) -> Answer:
        """Call the app with the request that the pieces are; there is no time-out."""
        content = [piece for piece in pieces if isinstance(piece, bytes)]
        if half_close or len(content) < len(pieces):
            _needs_a_connection()
        request = _request(b"".join(content))
        if IN_BROWSER and request.body.count(b"[") + request.body.count(b"{") > DEEPEST:
            raise BadSetting(
                "needs a Python of its own: in a browser so deep a body ends the "
                "program that examines, too"
            )
        started = time.monotonic()
        response = self._transport.send(request, timeout=timeout)
        seconds = time.monotonic() - started
        body = b"" if method == "HEAD" else response.body[:KEPT]
        taken = sum(map(len, content))
        return Answer(response.status, "", seconds, response.headers, body, taken)

    def at_once(self, requests: Sequence[bytes], *, timeout: float) -> list[Answer]:
        """Raise BadSetting: what is called is called in turn."""
        _needs_a_connection()

    @contextlib.contextmanager
    def dripping(self, heads: Sequence[bytes], every: float) -> Iterator[None]:
        """Raise BadSetting."""
        _needs_a_connection()
        yield

    def in_a_row(self, contents: Sequence[bytes], *, timeout: float) -> list[Answer]:
        """Raise BadSetting."""
        _needs_a_connection()


def _request(content: bytes) -> Request:
    """Read a request back from its bytes; only one that is whole and plain."""
    head, _, body = content.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    pairs = [line.partition(": ") for line in lines]
    named = [name.lower() for name, _, _ in pairs]
    lengths = [value for name, _, value in pairs if name.lower() == "content-length"]
    plain = len(parts) == 3 and all(colon for _, colon, _ in pairs)
    if not plain or lengths != [str(len(body))] or "transfer-encoding" in named:
        _needs_a_connection()
    headers = tuple(
        (name, value)
        for name, _, value in pairs
        if name.lower() not in _OF_THE_CONNECTION
    )
    return Request(parts[0], parts[1], headers, body)


def _needs_a_connection() -> NoReturn:
    raise BadSetting(
        "needs a real connection, and the receiver is called in this process; run it "
        "where a socket can be opened"
    )
