"""Run any Flask app as a local server in a background thread, with an inbox.

The server is waitress: it keeps connections alive and stops at once. It binds 127.0.0.1
and a free port. Its threads print nothing; what a handler prints, and the exception it
lets out, are kept with the request in the inbox. Where no socket can be opened the same
URL is served in process.
"""

import io
import itertools
import logging
import socket
import sys
import threading
import time
import urllib.parse
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import flask
import waitress.server
import waitress.wasyncore

from labkit.capture import captured
from labkit.errors import AppNotLoaded, BadSetting, PortTaken, shown_plainly
from labkit.in_browser import lead_requests_inside
from labkit.loading import load_app
from labkit.model import Request
from labkit.transport import IN_BROWSER, WsgiApp, serve_in_process, stop_in_process

THREADS = 8
"""How many requests a receiver works on at once."""

REMEMBERED = 1_000
"""How many requests an inbox keeps; older ones are forgotten."""

REDACTED = ("authorization", "cookie", "proxy-authorization")
"""Headers whose values an inbox never keeps: on a hub they are the learner's login."""


@dataclass(frozen=True, slots=True)
class Received:
    """One request in an inbox.

    `status` is what the app answered, `seconds` how long it took, `printed` what it
    printed meanwhile. `error` is the exception that it let out, or None.
    """

    request: Request
    status: int
    seconds: float
    printed: str
    error: BaseException | None


class Receiver:
    """A Flask app behind a local URL, in the background.

    Use it as a context manager, or call `start()` and `stop()`; both may be called
    twice. A receiver that nothing refers to any more stops by itself, so a cell that
    runs again replaces its old server; so does one that asks for the same `port`.
    `port` 0 means any free one. `app` may also be a name, like "shop.py:make_app".

        with Receiver(app) as receiver:
            requests.post(receiver.url + "/webhooks", data=b"{}")
        print(receiver.inbox)

    Raises AppNotLoaded for what is no app, or fails when it is loaded.
    """

    @shown_plainly
    def __init__(self, app: flask.Flask | WsgiApp | str, *, port: int = 0) -> None:
        if isinstance(app, str):
            app = load_app(app)
        if not callable(app):
            raise AppNotLoaded(
                f"a receiver runs a Flask app, not {type(app).__name__} {app!r:.60}; "
                "does your make_app return the app?"
            )
        self._watch = _Watch(app)
        self._port = port
        self._url: str | None = None
        self._stop: Callable[[], object] | None = None

    @shown_plainly
    def start(self) -> Self:
        """Start serving; returns itself. Raises PortTaken when the port is in use."""
        if self._stop is None:
            if previous := _on_port.get(self._port):
                previous.stop()
            serve = _InProcess if IN_BROWSER else _Server
            server = serve(self._watch, self._port)
            self._url = server.url
            self._stop = weakref.finalize(self, server.stop)
            if self._port:
                _on_port[self._port] = self
        return self

    def stop(self) -> None:
        """Stop serving and free the port; the inbox stays."""
        if self._stop is not None:
            self._stop()
            self._stop = None

    @property
    def url(self) -> str:
        """The address, like http://127.0.0.1:50123, without a path."""
        if self._url is None:
            raise BadSetting("the receiver has no address yet; call start() first")
        return self._url

    @property
    def inbox(self) -> tuple[Received, ...]:
        """The requests that arrived, oldest first."""
        return tuple(self._watch.inbox)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = f"at {self._url}" if self._stop else "stopped"
        return f"<Receiver {state}, {len(self._watch.inbox)} requests received>"


class _Watch:
    """A WSGI app around the learner's that notes what comes in and what goes out.

    It knows no Receiver: a running server must not keep its Receiver alive.
    """

    def __init__(self, app: flask.Flask | WsgiApp) -> None:
        self._app = app
        self.inbox: deque[Received] = deque(maxlen=REMEMBERED)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        request = _request_of(environ)
        status = 500
        errors: list[BaseException] = []
        began = time.perf_counter()

        def noting(
            line: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Any:
            nonlocal status
            status = int(line[:3])
            return start_response(line, headers, exc_info)

        with captured() as printed, errors_of(self._app, into=errors):
            environ["wsgi.errors"] = sys.stderr
            try:
                return self._app(environ, noting)
            except BaseException as error:  # noqa: BLE001 - exit() in a handler ends no server
                errors.append(error)
                start_response("500 Internal Server Error", [("Content-Length", "0")])
                return [b""]
            finally:
                took = time.perf_counter() - began
                last = errors[-1] if errors else None
                self.inbox.append(Received(request, status, took, str(printed), last))


@contextmanager
def errors_of(
    app: flask.Flask | WsgiApp, *, into: list[BaseException]
) -> Iterator[None]:
    """Collect the exceptions that this thread's requests to a Flask app let out.

    Meanwhile Flask does not log them as well; whoever collects them shows them.
    """
    if not isinstance(app, flask.Flask):
        yield
        return
    thread = threading.get_ident()

    def keep(_app: flask.Flask, exception: BaseException, **_: object) -> None:
        if threading.get_ident() == thread:
            into.append(exception)

    def is_news(record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("Exception on ")

    flask.got_request_exception.connect(keep, app)
    app.logger.addFilter(is_news)
    try:
        yield
    finally:
        app.logger.removeFilter(is_news)
        flask.got_request_exception.disconnect(keep, app)


class _Server:
    """A waitress server in its own thread."""

    def __init__(self, app: WsgiApp, port: int) -> None:
        try:
            listening = socket.create_server(("127.0.0.1", port), backlog=128)
        except OSError as error:
            raise PortTaken(port) from error
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._map: dict[int, Any] = {}
        self._server: Any = waitress.server.create_server(
            app, map=self._map, sockets=[listening], threads=THREADS
        )
        self._thread = threading.Thread(
            target=self._server.run, name="labkit-receiver", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close all connections and end all threads but one stuck in a handler."""
        self._server.trigger.pull_trigger(
            lambda: waitress.wasyncore.close_all(self._map)
        )
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=2)
        self._server.task_dispatcher.shutdown(timeout=0.5)


class _InProcess:
    """Stands in for a server where no socket can be opened."""

    def __init__(self, app: WsgiApp, port: int) -> None:
        self.url = f"http://127.0.0.1:{port or next(_numbers)}"
        serve_in_process(self.url, app)
        lead_requests_inside()

    def stop(self) -> None:
        """Serve that URL no more."""
        stop_in_process(self.url)


_numbers = itertools.count(50_001)
_on_port: weakref.WeakValueDictionary[int, Receiver] = weakref.WeakValueDictionary()


def _request_of(environ: dict[str, Any]) -> Request:
    """Read the request that is being served, and leave its body to be read again."""
    body = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    query = environ.get("QUERY_STRING")
    path = urllib.parse.quote(environ["PATH_INFO"], encoding="latin-1")
    return Request(
        environ["REQUEST_METHOD"],
        f"{path}?{query}" if query else path,
        tuple(_headers_of(environ)),
        body,
    )


def _headers_of(environ: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            name = key[5:].replace("_", "-").title()
        elif key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value:
            name = key.replace("_", "-").title()
        else:
            continue
        yield name, "(redacted)" if name.lower() in REDACTED else value
