"""A web page of a provider's endpoints and deliveries, on the tables of lab 13.

    Dashboard("provider.db")    in a cell: shows the page in a frame

It shows the endpoints, every attempt with its status and its payload, the dead letters
and the notices. It can send one event again, or all events since a given time, and it
disables and enables an endpoint. It only reads and writes rows: the deliveries that it
adds are sent by the provider's own worker.

    tables.py    what is read from the tables and written to them
    showing.py   rows as plain data, without secrets
    pages.py     the page and what it asks for
    page.html, page.js, style.css    the page itself; it also has the inspector's style
"""

import html
import secrets
import time
import weakref
from collections.abc import Callable
from pathlib import Path

from labkit.dashboard.pages import make_app
from labkit.dashboard.showing import summary
from labkit.dashboard.tables import Tables
from labkit.drawing.palette import FRAMES
from labkit.inspector.guard import Guard, browser_address
from labkit.transport import IN_BROWSER
from labkit.transport.server import Server

__all__ = ["Dashboard"]

HEIGHT = 640
"""How many pixels high the page is in a cell."""


class Dashboard:
    """The page of one provider's file; a cell shows it in a frame.

    `path` is the SQLite file with the tables of lab 13. `now` returns the time of the
    provider's clock in seconds since the epoch: a delivery that the page adds is due
    then. `url` is the page's address on this machine and None in a browser's own
    Python, where no page can be served: there a cell shows the endpoints as a table.

    Raises BadSetting if there is no such file, or if a table is missing.
    """

    def __init__(self, path: str | Path, *, now: Callable[[], float] = time.time):
        self._tables = Tables(path, now)
        self._key = secrets.token_urlsafe(12)
        self._server: Server | None = None
        self._stop: Callable[[], object] | None = None
        self.url: str | None = None
        if not IN_BROWSER:
            self._server = Server(
                Guard(make_app(self._tables), key=self._key, shown_by="the cell"),
                name="labkit-dashboard",
            )
            self.url = f"{self._server.url}/{self._key}/"
            # A dashboard that no name refers to any more closes its server.
            self._stop = weakref.finalize(self, self._server.stop)

    @property
    def address(self) -> str | None:
        """The address for a browser: on a hub, that by which the hub leads here."""
        return browser_address(self.url)

    def stop(self) -> None:
        """Close the page's server."""
        if self._stop is not None:
            self._stop()
            self._server = self._stop = None

    def __repr__(self) -> str:
        if self.url is None:
            return summary(self._tables)
        state = "at" if self._server else "closed, was at"
        return f"<Dashboard {state} {self.address}>"

    def _repr_html_(self) -> str:
        if self.url is None or self._server is None:
            return f"<pre>{html.escape(repr(self))}</pre>"
        address = html.escape(self.address or "")
        return (
            f'<iframe src="{address}" title="Dashboard of the endpoints" '
            f'style="width:100%;height:{HEIGHT}px;border:1px solid {FRAMES["page"]};'
            'border-radius:6px"></iframe>'
            f'<p><a href="{address}" target="_blank" rel="noopener">'
            "Open the dashboard in a tab of its own</a></p>"
        )
