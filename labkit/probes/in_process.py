"""The wire to an application that is called in this process, without a socket.

A whole request gets the response that a server would give. What only a connection can
bring about, such as a request that breaks off, raises BadSetting: a probe that needs it
is then unknown, like everything that can't be judged.
"""

import contextlib
import socket
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn, Protocol, cast

from labkit.errors import BadSetting, TimedOut
from labkit.model import Request, Response
from labkit.probes.asgi import AsgiApp, AsgiTransport, is_asgi
from labkit.probes.endpoint import Endpoint
from labkit.probes.wire import KEPT, Piece, Wire, WireResponse
from labkit.transport import IN_BROWSER, AppTransport, WsgiApp, served_in_process

DEEPEST = 1_000
"""So many brackets in a body Python in a browser can surely parse; more are not tried.
"""

_SWITCH = 1e-5
"""Seconds after which threads change places while requests are sent at once."""

_OF_THE_CONNECTION = ("connection", "content-length")


class Callee(Protocol):
    """What calls an application in this process with one request."""

    def send(self, request: Request, *, timeout: float) -> Response:
        """Return the response; raises TimedOut if there is none in time."""
        ...


def wire_to(endpoint: Endpoint) -> Wire:
    """Return the wire to an endpoint: over a socket, or to an application in here."""
    url = endpoint.url
    if endpoint.app is not None:
        host = urllib.parse.urlsplit(url).netloc
        if is_asgi(endpoint.app):
            asgi = AsgiTransport(cast("AsgiApp", endpoint.app), host=host)
            return InProcessWire(url, asgi)
        wsgi = AppTransport(cast("WsgiApp", endpoint.app), host=host)
        return InProcessWire(url, wsgi)
    transport = served_in_process(url)
    return Wire(url) if transport is None else InProcessWire(url, transport)


class InProcessWire(Wire):
    """Calls an application; no connection exists that a probe could break."""

    def __init__(self, url: str, callee: Callee) -> None:
        super().__init__(url)
        self._callee = callee

    def close(self) -> None:
        """End the application's lifespan, if it has one."""
        if isinstance(self._callee, AsgiTransport):
            self._callee.close()

    @property
    def places(self) -> list[tuple[socket.AddressFamily, tuple[Any, ...]]]:
        """Return this machine, whatever the name is."""
        return [(socket.AF_INET, ("127.0.0.1", 0))]

    def obstacle(self) -> str:
        """Return nothing: the app is here."""
        return ""

    def tried(self) -> list[str]:
        """Say that the application has no address."""
        return ["The application is called in this process"]

    def exchange(
        self,
        pieces: Sequence[Piece],
        *,
        timeout: float,
        method: str = "POST",
        half_close: bool = False,
    ) -> WireResponse:
        """Call the app with the request that the pieces are; there is no timeout."""
        content = [piece for piece in pieces if isinstance(piece, bytes)]
        if half_close or len(content) < len(pieces):
            _needs_a_connection()
        request = _request(b"".join(content))
        if IN_BROWSER and request.body.count(b"[") + request.body.count(b"{") > DEEPEST:
            raise BadSetting(
                "needs a separate process: in a browser, a body nested so deeply ends "
                "the examining program, too"
            )
        return self._answer(request, timeout)

    def at_once(
        self, requests: Sequence[bytes], *, timeout: float
    ) -> list[WireResponse]:
        """Call the application with all requests at once, from as many threads.

        An ASGI application gets them on its loop. Threads change places far more often
        than usual meanwhile, so that a race has a better chance to appear.
        """
        asked = [_request(content) for content in requests]
        if isinstance(self._callee, AsgiTransport):
            started = time.monotonic()
            found = self._callee.send_all(asked, timeout=timeout)
            seconds = time.monotonic() - started
            return [
                _answered(one, r, seconds) for one, r in zip(found, asked, strict=True)
            ]
        if IN_BROWSER:
            _needs_a_connection()
        usual = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH)
        try:
            with ThreadPoolExecutor(len(asked)) as pool:
                gate = threading.Barrier(len(asked))

                def call(request: Request) -> WireResponse:
                    gate.wait()
                    return self._answer(request, timeout)

                return list(pool.map(call, asked))
        finally:
            sys.setswitchinterval(usual)

    def _answer(self, request: Request, timeout: float) -> WireResponse:
        started = time.monotonic()
        found: Response | BaseException
        try:
            found = self._callee.send(request, timeout=timeout)
        except TimedOut as error:
            found = error
        return _answered(found, request, time.monotonic() - started)

    @contextlib.contextmanager
    def dripping(self, heads: Sequence[bytes], every: float) -> Iterator[None]:
        """Raise BadSetting."""
        _needs_a_connection()
        yield

    def in_a_row(
        self, contents: Sequence[bytes], *, timeout: float
    ) -> list[WireResponse]:
        """Raise BadSetting."""
        _needs_a_connection()


def _answered(
    found: Response | BaseException, request: Request, seconds: float
) -> WireResponse:
    if isinstance(found, TimedOut):
        return WireResponse(None, "timed out", seconds, taken=len(request.body))
    if isinstance(found, BaseException):
        raise found
    body = b"" if request.method == "HEAD" else found.body[:KEPT]
    return WireResponse(
        found.status, "", seconds, found.headers, body, taken=len(request.body)
    )


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
