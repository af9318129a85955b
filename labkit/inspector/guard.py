"""Let in the page's own requests, and nobody else's.

The page shows what others sent and can send it again, so a foreign web site must not
reach it, and neither must someone else on the same machine where a class shares one.

- Host: a site whose name is made to point at this machine (DNS rebinding) comes with
  its own name. Only this machine's names are let in, or whoever knows the key.
- The key stands at the head of the path. Behind a Jupyter server the name is that
  server's, so the key is what is left; on a hub, nothing works without it.
- Origin and Sec-Fetch-Site: a browser says so when another site asks. Only the page
  itself may be opened from elsewhere, because a notebook shows it in a frame.
"""

import hmac
import os
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from labkit.transport import WsgiApp

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self' http://127.0.0.1:* http://localhost:*; "
    "require-trusted-types-for 'script'"
)

HEADERS = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
"""What every answer carries."""

_OURS = [name for name, _ in HEADERS]
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


class Guard:
    """A WSGI app around the page's that refuses what is not the page's own.

    `shown_by` says in a refusal where the whole address is shown.
    """

    def __init__(
        self, app: WsgiApp, *, key: str, shown_by: str = "receiver.inspector()"
    ) -> None:
        self._app = app
        self._shown_by = shown_by
        self._key = key
        self._on_hub = "JUPYTERHUB_SERVICE_PREFIX" in os.environ

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer 403 with the reason, or pass the request on without the key."""

        def guarded(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Any:
            own = [pair for pair in headers if pair[0] not in _OURS]
            return start_response(status, [*own, *HEADERS], exc_info)

        knows = self._take_key(environ)
        if knows and environ["PATH_INFO"] == "":
            # Relative, because a proxy may have put something in front of it.
            guarded("308 Permanent Redirect", [("Location", f"{self._key}/")])
            return [b""]
        for reason in self._objections(environ, knows_key=knows):
            text = f"refused: {reason}\n".encode()
            guarded("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8")])
            return [text]
        return self._app(environ, guarded)

    def _take_key(self, environ: dict[str, Any]) -> bool:
        _, first, *rest = [*environ["PATH_INFO"].split("/", 2), ""][:3]
        if not hmac.compare_digest(first.encode("latin-1"), self._key.encode()):
            return False
        has_more = environ["PATH_INFO"].count("/") > 1
        environ["PATH_INFO"] = f"/{rest[0]}" if has_more else ""
        return True

    def _objections(self, environ: dict[str, Any], *, knows_key: bool) -> Iterator[str]:
        host = environ.get("HTTP_HOST", "")
        if not knows_key and (self._on_hub or _name(host) not in _THIS_MACHINE):
            yield (
                "this page is private; open the whole address that "
                f"{self._shown_by} shows"
            )
        opened = environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"] == "/"
        site = environ.get("HTTP_SEC_FETCH_SITE", "none")
        if site not in ("same-origin", "none") and not opened:
            yield f"the request comes from another site ({site[:40]})"
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and urllib.parse.urlsplit(origin).netloc != host:
            yield "the request comes from another origin"


def browser_address(url: str | None) -> str | None:
    """Return the address for a browser of a page with this URL on this machine.

    On a hub it is the path by which the hub leads here. None stays None.
    """
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX")
    if url is None or prefix is None:
        return url
    parts = urllib.parse.urlsplit(url)
    return f"{prefix}proxy/{parts.port}{parts.path}"


def _name(host: str) -> str | None:
    try:
        return urllib.parse.urlsplit(f"//{host}").hostname
    except ValueError:
        return None
