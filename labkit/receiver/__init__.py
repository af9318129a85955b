"""Run any Flask app as a local server in a background thread, with an inbox.

The server is waitress: it keeps connections alive and stops at once. It binds 127.0.0.1
and a free port. Its threads print nothing; what a handler prints, and the exception it
lets out, are kept with the request in the inbox. Where no socket can be opened the same
URL is served in process.
"""

import os
import time
import weakref
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import flask

from labkit.errors import AppNotLoaded, BadSetting, shown_plainly
from labkit.extension import pane
from labkit.inbox import (
    REDACTED,
    REMEMBERED,
    REMEMBERED_BYTES,
    Inbox,
    Received,
    Watch,
    errors_of,
)
from labkit.running.exits import keep_kernel_alive
from labkit.running.loading import load_app
from labkit.transport import IN_BROWSER, WsgiApp
from labkit.transport.server import THREADS, InProcess, Server

__all__ = [
    "REDACTED",
    "REMEMBERED",
    "REMEMBERED_BYTES",
    "THREADS",
    "Inbox",
    "Received",
    "Receiver",
    "errors_of",
]


class Receiver:
    """A Flask app behind a local URL, in the background.

    Use it as a context manager, or call `start()` and `stop()`; both may be called
    twice. A receiver that nothing refers to any more stops by itself, so a cell that
    runs again replaces its old server; so does one that asks for the same `port`.
    `port` 0 means any free one. `app` may also be a name, like "shop.py:make_app".
    `clock` gives the time of arrival, in seconds since the Unix epoch.

        with Receiver(app) as receiver:
            requests.post(receiver.url + "/webhooks", data=b"{}")
        print(receiver.inbox)

    `inspector()` opens a web page of the inbox, `public()` a tunnel from the internet;
    both end with the receiver.

    Raises AppNotLoaded for what is no app, or fails when it is loaded.
    """

    @shown_plainly
    def __init__(
        self,
        app: flask.Flask | WsgiApp | str,
        *,
        port: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if isinstance(app, str):
            app = load_app(app)
        if not callable(app):
            raise AppNotLoaded(
                f"a receiver runs a Flask app, not {type(app).__name__} {app!r:.60}; "
                "does your make_app return the app?"
            )
        self._watch = Watch(app, clock=clock)
        self._port = port
        self._url: str | None = None
        self._endings = ExitStack()
        self._stop: Callable[[], object] | None = None
        self._inspector: Any = None
        self._tunnel: Any = None

    @shown_plainly
    def start(self) -> Self:
        """Start serving; returns itself. Raises PortTaken when the port is in use."""
        if self._stop is None:
            if previous := _on_port.get(self._port):
                previous.stop()
            keep_kernel_alive()
            serve = InProcess if IN_BROWSER else Server
            server = serve(self._watch, self._port)
            self._url = server.url
            self._endings = ExitStack()
            self._endings.callback(server.stop)
            self._stop = weakref.finalize(self, self._endings.close)
            if self._port:
                _on_port[self._port] = self
            self._show_in_pane()
        return self

    def stop(self) -> None:
        """Stop serving and free the port; the inbox stays."""
        if self._stop is not None:
            self._stop()
            self._stop = self._inspector = self._tunnel = None

    @property
    def url(self) -> str:
        """The address, like http://127.0.0.1:50123, without a path."""
        if self._url is None:
            raise BadSetting("the receiver has no address yet; call start() first")
        return self._url

    @property
    def inbox(self) -> Inbox:
        """The requests that arrived, oldest first; a cell shows them as a table."""
        return self._watch.log.inbox()

    def since(self, number: int) -> list[Received]:
        """Return the requests that arrived after that number, oldest first."""
        return self._watch.log.since(number)

    @shown_plainly
    def inspector(
        self, *, secret: str | Sequence[str] = (), scheme: str | None = None
    ) -> Any:
        """Open a web page of the inbox; a cell shows it, and its `url` is its address.

        With the signing `secret`, or several of them, the page tells of each request
        whether it is authentic, and if not, why. `scheme` names how requests are
        signed; without it, their headers tell. Called again, the page stays, with
        what is given now.

        Raises UnknownName for a scheme that there is not, BadSecret for a secret that
        is not of its form, and BadSetting before `start()`.
        """
        self._must_run("the inspector")
        secrets = (secret,) if isinstance(secret, str) else tuple(secret)
        from labkit.inspector import Checking, Inspector

        checking = Checking(secrets, scheme)
        if self._inspector is None:
            self._inspector = Inspector(self._watch, self.url, checking)
            self._endings.callback(self._inspector.stop)
        elif secrets or scheme:
            self._inspector.check_with(checking)
        return self._inspector

    @shown_plainly
    def public(self) -> str:
        """Open a tunnel and return the URL by which the internet reaches the receiver.

        Everyone who knows the URL can call the app, until the receiver stops; the
        inspector stays private. It needs an account at ngrok: the token is taken from
        the environment, NGROK_AUTHTOKEN, or asked for once. Called again, it returns
        the same URL.

        Raises NoTunnel, which says why there is none and what to do instead, and
        BadSetting before `start()`.
        """
        self._must_run("the tunnel")
        if self._tunnel is None:
            from labkit.tunnel import open_tunnel

            self._tunnel = open_tunnel(self.url)
            self._endings.callback(self._tunnel.close)
        url: str = self._tunnel.url
        return url

    def _show_in_pane(self) -> None:
        """Open the inspector where a pane beside the notebook waits for one."""
        if os.environ.get(pane.FILE) and not IN_BROWSER:
            from labkit.inspector import Checking, Inspector

            checking = Checking((), None)
            self._inspector = Inspector(self._watch, self.url, checking)
            pane.keep_open(self._inspector)

    def _must_run(self, what: str) -> None:
        if self._stop is None:
            raise BadSetting(
                f"the receiver does not run, and {what} ends with it; "
                "call start() first"
            )

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
        return f"<Receiver {state}, {len(self._watch.log)} requests received>"


_on_port: weakref.WeakValueDictionary[int, Receiver] = weakref.WeakValueDictionary()
