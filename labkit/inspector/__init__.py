"""A web page of a receiver's inbox, live, served beside the app on a port of its own.

It stays out of the app's way: other threads, and an address to which no tunnel leads.

    finding.py     what was found out about a signature
    claims.py      what the headers of a request claim
    typed.py       a request as someone typed it
    rewrites.py    what else the body may have been
    variants.py    what else a sender may have signed
    reasons.py     why a signature does not fit
    checking.py    check a signature as the receiver should
    diagnosis.py   find the reason why it does not fit
    bodies.py      a body for a reader
    curl.py        a request as a command
    showing.py     a request as plain data
    acting.py      plan responses, send and replay requests
    streams.py     new requests as server-sent events
    guard.py       who is let in
    pages.py       the page and what it asks for
    page.html, page.js, tools.js, style.css, icon.svg    the page itself
    shared.js           what the page has in common with the dashboard's
"""

import html
import secrets

from labkit.drawing.palette import FRAMES
from labkit.inbox.watch import Watch
from labkit.inspector.checking import Checking, check
from labkit.inspector.diagnosis import diagnose
from labkit.inspector.finding import Problem
from labkit.inspector.guard import Guard, browser_address
from labkit.inspector.pages import Desk, make_app
from labkit.inspector.showing import Showing
from labkit.inspector.streams import STREAMS
from labkit.transport import IN_BROWSER
from labkit.transport.server import Server

__all__ = ["Checking", "Inspector", "Problem", "check", "diagnose"]

HEIGHT = 560
"""How many pixels high the page is in a cell."""


class Inspector:
    """The page of one receiver's inbox; a cell shows it in a frame.

    `url` is its address on this machine and None in a browser's own Python, where no
    page can be served: there a cell shows the inbox as a table.
    """

    def __init__(self, watch: Watch, receiver_url: str, checking: Checking) -> None:
        self._receiver_url = receiver_url
        self._key = secrets.token_urlsafe(12)
        self._desk = Desk(watch, Showing(receiver_url, checking))
        self._server: Server | None = None
        self.url: str | None = None
        if not IN_BROWSER:
            self._server = Server(
                Guard(make_app(self._desk), key=self._key),
                threads=STREAMS + 3,
                streams=True,
                name="labkit-inspector",
            )
            self.url = f"{self._server.url}/{self._key}/"

    @property
    def address(self) -> str | None:
        """The address for a browser: on a hub, that by which the hub leads here."""
        return browser_address(self.url)

    def check_with(self, checking: Checking) -> None:
        """Check signatures with these secrets from now on."""
        self._desk.showing = Showing(self._receiver_url, checking)

    def stop(self) -> None:
        """Close the page's server and all its streams."""
        self._desk.streams.close()
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __repr__(self) -> str:
        if self.url is None:
            return str(self._desk.watch.log.inbox())
        state = "at" if self._server else "closed, was at"
        return f"<Inspector {state} {self.address}>"

    def _repr_html_(self) -> str:
        if self.url is None:
            return self._desk.watch.log.inbox()._repr_html_()
        if self._server is None:
            return f"<p>{html.escape(repr(self))}</p>"
        address = html.escape(self.address or "")
        return (
            f'<iframe class="labkit-inspector" src="{address}" '
            'title="Inspector of the inbox" '
            f'style="width:100%;height:{HEIGHT}px;border:1px solid {FRAMES["page"]};'
            'border-radius:6px" allow="clipboard-write"></iframe>'
            f'<p><a href="{address}" target="_blank" rel="noopener">'
            f"Open the inspector in a tab of its own</a></p><script>{_THEME}</script>"
        )


# The page in the frame can't see the theme of the notebook around it.
_THEME = """
for (const frame of document.querySelectorAll("iframe.labkit-inspector")) {
  if (frame.dataset.themed) continue;
  frame.dataset.themed = "yes";
  const address = frame.src;
  const pass = () => {
    const { classList, dataset } = document.body;
    const kind = dataset.vscodeThemeKind;
    const dark = dataset.jpThemeLight === "false" || kind === "vscode-dark"
      || kind === "vscode-high-contrast";
    const known = dataset.jpThemeLight || kind || classList.contains("notebook_app");
    const next = `${address}#theme=${dark ? "dark" : "light"}`;
    if (known && frame.src !== next) frame.src = next;
  };
  new MutationObserver(pass).observe(document.body, { attributes: true });
  pass();
}"""
