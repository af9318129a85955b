"""Which way leads to an endpoint."""

import urllib.parse

from labkit.errors import BadSetting
from labkit.transport.app import AppTransport
from labkit.transport.http import HttpTransport
from labkit.transport.way import Endpoint, Transport, WsgiApp

_in_process: dict[str, AppTransport] = {}


def serve_in_process(base: str, app: WsgiApp) -> None:
    """Serve that scheme and authority by calling the app, for everyone in here."""
    host = urllib.parse.urlsplit(base).netloc
    _in_process[base] = AppTransport(app, host=host)


def stop_in_process(base: str) -> None:
    """Forget what `serve_in_process` announced."""
    _in_process.pop(base, None)


def served_in_process(url: str) -> AppTransport | None:
    """Return the transport that serves this URL in process, or None."""
    parts = urllib.parse.urlsplit(url)
    return _in_process.get(f"{parts.scheme}://{parts.netloc}")


def transport_to(
    endpoint: Endpoint, *, path: str = "/webhooks"
) -> tuple[Transport, str]:
    """Choose the transport to an app or a URL, and the path to send to.

    A URL with a path is taken at its word; without one, `path` is added. Raises
    BadSetting for what is neither a WSGI app nor an http(s) URL.
    """
    if not isinstance(endpoint, str):
        return AppTransport(endpoint), path
    try:
        parts = urllib.parse.urlsplit(endpoint)
        is_web = parts.scheme in ("http", "https")
        usable = is_web and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port beyond 65535, or half an IPv6 address
        usable = False
    if not usable:
        raise BadSetting(
            f"{endpoint!r} is no URL to send to; "
            "it starts with http:// and names a host, like http://127.0.0.1:5000"
        )
    target = parts.path if parts.path not in ("", "/") else path
    if parts.query:
        target += f"?{parts.query}"
    base = f"{parts.scheme}://{parts.netloc}"
    return _in_process.get(base) or HttpTransport(base), target
