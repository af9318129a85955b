"""Serve a WSGI app in the background, over a socket or, without sockets, in process."""

import itertools
import logging
import socket
import threading
from typing import Any

import waitress.server
import waitress.wasyncore

from labkit.errors import PortTaken
from labkit.transport import WsgiApp, serve_in_process, stop_in_process
from labkit.transport.browser import lead_requests_inside

THREADS = 8
"""How many requests a server works on at once."""

# Without a handler of its own, waitress's warnings would land in some cell.
logging.getLogger("waitress").addHandler(logging.NullHandler())


class Server:
    """A waitress server in its own thread, bound to 127.0.0.1.

    `port` 0 means any free one. `streams`: the app asks whether its client went away
    (`waitress.client_disconnected`). To know that, the server reads on while the app
    works, which makes each short request take nearly twice as long. Raises PortTaken
    when the port is in use.
    """

    def __init__(
        self,
        app: WsgiApp,
        port: int = 0,
        *,
        threads: int = THREADS,
        streams: bool = False,
        name: str = "labkit-receiver",
    ) -> None:
        try:
            listening = socket.create_server(("127.0.0.1", port), backlog=128)
        except OSError as error:
            raise PortTaken(port) from error
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._map: dict[int, Any] = {}
        self._server: Any = waitress.server.create_server(
            app,
            map=self._map,
            sockets=[listening],
            threads=threads,
            channel_request_lookahead=int(streams),
        )
        self._thread = threading.Thread(target=self._server.run, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close all connections and end all threads but one stuck in a handler."""
        # The workers first: one that answers would wake a loop that is gone.
        self._server.task_dispatcher.shutdown(timeout=0.5)
        woken = threading.Event()

        def close() -> None:
            # The loop may get here while its waking pipe is still being written to.
            woken.wait(timeout=1)
            # A handler that ends later must not write to a pipe that is gone.
            self._server.pull_trigger = lambda: None
            waitress.wasyncore.close_all(self._map)

        self._server.trigger.pull_trigger(close)
        woken.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=2)


class InProcess:
    """Stands in for a server where no socket can be opened."""

    def __init__(self, app: WsgiApp, port: int = 0) -> None:
        self.url = f"http://127.0.0.1:{port or next(_numbers)}"
        serve_in_process(self.url, app)
        lead_requests_inside()

    def stop(self) -> None:
        """Serve that URL no more."""
        stop_in_process(self.url)


_numbers = itertools.count(50_001)
