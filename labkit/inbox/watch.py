"""Note what comes in to an app and what goes out of it."""

import functools
import io
import itertools
import logging
import sys
import threading
import time
import urllib.parse
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import flask

from labkit.inbox.inbox import Inbox
from labkit.inbox.planned import Plan, Planned
from labkit.inbox.received import Received, Returned
from labkit.model import Headers, Request, Response
from labkit.redaction import HIDDEN, REDACTED, without_fields
from labkit.running.capture import captured
from labkit.transport import AppTransport, WsgiApp

REMEMBERED = 1_000
"""How many requests an inbox keeps; older ones are forgotten."""

REMEMBERED_BYTES = 64_000_000
"""How many bytes of bodies an inbox keeps; the newest request is always there."""

_RESEND_OF = "labkit.resend_of"


_ADDRESSES = ("referer", "x-original-url", "x-original-uri", "x-forwarded-uri")
"""Headers with the address of a page, which on a hub holds the learner's login."""


class Log:
    """The requests of one receiver, numbered from 1, the oldest forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[Received] = deque()
        self._bytes = 0
        self.last = 0

    def add(self, received: Callable[[int], Received]) -> Received:
        """Keep what `received` makes of the next number."""
        with self._lock:
            self.last += 1
            got = received(self.last)
            self._kept.append(got)
            self._bytes += len(got.request.body)
            while len(self._kept) > 1 and self._too_much():
                self._bytes -= len(self._kept.popleft().request.body)
        return got

    def inbox(self) -> Inbox:
        """Return all that is kept, oldest first."""
        with self._lock:
            return Inbox(self._kept)

    def since(self, number: int) -> list[Received]:
        """Return what is kept of the requests after that number, oldest first."""
        with self._lock:
            newer = itertools.takewhile(
                lambda got: got.number > number, reversed(self._kept)
            )
            return list(newer)[::-1]

    def __getitem__(self, number: int) -> Received:
        with self._lock:
            for got in reversed(self._kept):
                if got.number == number:
                    return got
        raise KeyError(number)

    def __len__(self) -> int:
        return len(self._kept)

    def _too_much(self) -> bool:
        return len(self._kept) > REMEMBERED or self._bytes > REMEMBERED_BYTES


class Watch:
    """A WSGI app around the learner's that notes what comes in and what goes out.

    It knows no Receiver: a running server must not keep its Receiver alive. `clock`
    gives seconds since the Unix epoch.
    """

    def __init__(
        self, app: flask.Flask | WsgiApp, *, clock: Callable[[], float]
    ) -> None:
        self._app = app
        self.clock = clock
        self.log = Log()
        self.plan = Plan()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Call the app as a server does, and note the request and its answer."""
        request = _request_of(environ)
        status = 500
        returned = Returned()
        planned = self.plan.take()
        errors: list[BaseException] = []
        at = self.clock()
        began = time.perf_counter()

        def noting(
            line: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Any:
            nonlocal status
            status = int(line[:3])
            returned.headers = shown_headers(headers)
            return start_response(line, headers, exc_info)

        with captured() as printed, errors_of(self._app, into=errors):
            environ["wsgi.errors"] = sys.stderr
            try:
                app = self._app if planned is None else responding(planned)
                return returned.passing(app(environ, noting))
            except BaseException as error:  # noqa: BLE001 - exit() in a handler ends no server
                errors.append(error)
                start_response("500 Internal Server Error", [("Content-Length", "0")])
                return [b""]
            finally:
                took = time.perf_counter() - began
                last = errors[-1] if errors else None
                self.log.add(
                    lambda number: Received(
                        request,
                        status,
                        took,
                        str(printed),
                        last,
                        number,
                        at,
                        environ.get(_RESEND_OF),
                        returned,
                        planned is not None,
                    )
                )

    def resend(self, got: Received, request: Request | None = None) -> Response:
        """Call the app with that request again; the inbox marks it as a resend.

        Headers whose values were not kept are left out. `request` is sent in its place,
        such as an edited one.
        """
        request = request or got.request

        def marked(
            environ: dict[str, Any], start_response: Callable[..., Any]
        ) -> Iterable[bytes]:
            environ[_RESEND_OF] = got.number
            return self(environ, start_response)

        return self.send(request, app=marked)

    def send(self, request: Request, *, app: WsgiApp | None = None) -> Response:
        """Call the app with a request, as if it came from outside."""
        # The transport sets the host itself.
        headers = tuple(
            (name, value)
            for name, value in request.headers
            if name.lower() != "host" and value != HIDDEN
        )
        again = Request(request.method, request.path, headers, request.body)
        host = request.header("host") or "127.0.0.1"
        return AppTransport(app or self, host=host).send(again, timeout=0.0)


def responding(planned: Planned) -> WsgiApp:
    """Return an app that gives one planned response."""

    def app(
        _environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        time.sleep(planned.delay)
        response = planned.response
        line = f"{response.status} {planned.phrase}"
        length = ("Content-Length", str(len(response.body)))
        start_response(line, [*response.headers, length])
        return [response.body]

    return app


def shown_headers(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return the headers of a response; the learner's login is not kept."""
    return tuple(
        (name, HIDDEN if name.lower() in REDACTED else value) for name, value in headers
    )


class errors_of:  # noqa: N801 - used as the context manager that it is
    """Collect the exceptions that this thread's requests to a Flask app let out.

    Meanwhile Flask does not log them as well; whoever collects them shows them. Nothing
    is connected for each request, because that would take as long as the request.
    """

    __slots__ = ("_before", "_ours")

    def __init__(
        self, app: flask.Flask | WsgiApp, *, into: list[BaseException]
    ) -> None:
        self._ours = (app, into)

    def __enter__(self) -> None:
        app = self._ours[0]
        self._before = getattr(_collecting, "ours", None)
        if isinstance(app, flask.Flask):
            app.logger.addFilter(_is_news)  # once, however often it is added
            _collecting.ours = self._ours

    def __exit__(self, *_: object) -> None:
        _collecting.ours = self._before


_collecting = threading.local()
"""`ours` is the app that this thread serves, and the list of what it lets out."""


def _keep(app: flask.Flask, exception: BaseException, **_: object) -> None:
    ours = getattr(_collecting, "ours", None)
    if ours is not None and ours[0] is app:
        ours[1].append(exception)


def _is_news(record: logging.LogRecord) -> bool:
    shown_elsewhere = getattr(_collecting, "ours", None) is not None
    return not (shown_elsewhere and record.getMessage().startswith("Exception on "))


flask.got_request_exception.connect(_keep)


def _request_of(environ: dict[str, Any]) -> Request:
    """Read the request that is being served, and leave its body to be read again."""
    body = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    query = environ.get("QUERY_STRING")
    path = _quoted(environ["PATH_INFO"])
    return Request(
        environ["REQUEST_METHOD"],
        f"{path}?{query}" if query else path,
        tuple(_headers_of(environ)),
        body,
    )


def _headers_of(environ: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in environ.items():
        # Three of four keys are no headers, and asking a cache takes longer than this.
        if key.startswith("HTTP_") or (value and key in _UNPREFIXED):
            name, kept = _header_of(key)
            yield name, kept(value)


@functools.lru_cache(maxsize=1024)
def _header_of(key: str) -> tuple[str, Callable[[str], str]]:
    """Return the header's name, and a function that returns what is kept of its value.

    `key` is the header's key in an environ.
    """
    name = key.removeprefix("HTTP_").replace("_", "-").title()
    if name.lower() in REDACTED:
        return name, lambda _: HIDDEN
    return name, without_fields if name.lower() in _ADDRESSES else str


_UNPREFIXED = ("CONTENT_TYPE", "CONTENT_LENGTH")


@functools.lru_cache(maxsize=1024)
def _quoted(path: str) -> str:
    return urllib.parse.quote(path, encoding="latin-1")
