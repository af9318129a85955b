"""Get one request to the other side: in process over WSGI, or over HTTP.

In process there is no socket and no thread; the response is byte for byte the one that
a server would send. A URL whose receiver was announced with `serve_in_process` is
served that way too, which is how the labs run where no socket can be opened.
"""

import functools
import io
import socket
import sys
import urllib.parse
from collections.abc import Callable, Iterable
from typing import IO, Any, Protocol

import requests

from labkit.errors import (
    BadSetting,
    ConnectionLost,
    ConnectionRefused,
    LabError,
    NoAnswer,
    TimedOut,
)
from labkit.model import Request, Response

IN_BROWSER = sys.platform == "emscripten"
"""Whether this Python runs in a browser, where there are no sockets and no threads."""

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Endpoint = WsgiApp | str


class Transport(Protocol):
    """Anything that takes a request to the other side and brings the response back."""

    def send(self, request: Request, *, timeout: float) -> Response:
        """Send one request; `timeout` is in seconds. Raises NoAnswer."""
        ...


class Interrupted(BaseException):
    """The kit's own order to stop; no `except Exception` of a handler catches it."""


class AppTransport:
    """Call a WSGI app in this process.

    An exception that the app lets out becomes a 500, as any server makes it, and is
    kept as `last_error`. With `Transfer-Encoding: chunked` the body has no length.
    What the app logs goes to `log`, and nowhere without one.
    """

    def __init__(
        self, app: WsgiApp, *, host: str = "127.0.0.1", log: IO[str] | None = None
    ) -> None:
        if not callable(app):
            raise BadSetting(
                f"an endpoint is a Flask app or a URL, not {type(app).__name__} "
                f"{app!r:.60}; did you forget to call make_app, or to return the app?"
            )
        self._app = app
        self._log = log
        self.last_error: BaseException | None = None
        name, _, port = host.partition(":")
        self._environ: dict[str, Any] = {
            "SCRIPT_NAME": "",
            "SERVER_NAME": name,
            "SERVER_PORT": port or "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": host,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
        }

    def send(self, request: Request, *, timeout: float) -> Response:
        """Call the app with the request; the time-out has no meaning here."""
        environ = self._environ.copy()
        environ["REQUEST_METHOD"] = request.method
        path, _, query = request.path.partition("?")
        environ["PATH_INFO"] = _unquoted(path)
        environ["QUERY_STRING"] = query
        environ["wsgi.input"] = io.BytesIO(request.body)
        environ["wsgi.errors"] = self._log or io.StringIO()
        for name, value in request.headers:
            key = _environ_key(name)
            if not value.isascii():
                value = _wire(value).decode("latin-1")  # noqa: PLW2901 - as WSGI has it
            if key in environ:
                value = f"{environ[key]},{value}"  # noqa: PLW2901 - servers join doubles
            environ[key] = value
        if "HTTP_TRANSFER_ENCODING" not in environ:
            environ.setdefault("CONTENT_LENGTH", str(len(request.body)))
        started: list[Any] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: object = None
        ) -> Callable[[bytes], object]:
            started[:] = (status, headers)
            return body.append

        body: list[bytes] = []
        try:
            chunks = self._app(environ, start_response)
            try:
                body.extend(chunks)
            finally:
                if close := getattr(chunks, "close", None):
                    close()
            status, headers = started
            return Response(int(status[:3]), tuple(headers), b"".join(body))
        except (KeyboardInterrupt, Interrupted):
            raise
        except BaseException as error:  # noqa: BLE001 - exit() in a handler ends no server
            self.last_error = error
            text = (("Content-Type", "text/plain; charset=utf-8"),)
            return Response(500, text, b"Internal Server Error")


class HttpTransport:
    """Send over HTTP, with kept-alive connections and no redirect followed.

    `base` is the URL's scheme and authority. Proxies from the environment are ignored:
    a lab talks to this machine.
    """

    def __init__(self, base: str) -> None:
        self._base = base
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.clear()

    def connect(self) -> None:
        """Raise ConnectionRefused now when nobody listens, before anything is sent."""
        parts = urllib.parse.urlsplit(self._base)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            socket.create_connection((parts.hostname or "", port), timeout=5).close()
        except OSError as error:
            raise ConnectionRefused(
                f"nobody listens at {self._base} ({error.strerror or error}); "
                "start the receiver first, and take the address from its `url`"
            ) from None

    def send(self, request: Request, *, timeout: float) -> Response:
        """Send one request and read the whole response; `timeout` is in seconds."""
        try:
            answer = self._session.request(
                request.method,
                self._base + request.path,
                data=request.body,
                headers={name: _wire(value) for name, value in request.headers},
                timeout=timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise self._no_answer(error, timeout) from error
        return Response(
            answer.status_code, tuple(answer.headers.items()), answer.content
        )

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._session.close()

    def _no_answer(self, error: requests.RequestException, timeout: float) -> LabError:
        if isinstance(error, requests.Timeout):
            return TimedOut(f"{self._base} did not answer within {timeout:g} s")
        if isinstance(error, requests.ConnectionError):
            if "refused" in str(error).lower() or "10061" in str(error):
                return ConnectionRefused(
                    f"nobody listens at {self._base}; start the receiver first "
                    "(`receiver.start()`), and take its current `receiver.url`"
                )
            return ConnectionLost(f"the connection to {self._base} broke: {error}")
        return NoAnswer(f"{self._base}: {error}")


_in_process: dict[str, AppTransport] = {}


def serve_in_process(base: str, app: WsgiApp) -> None:
    """Serve that scheme and authority by calling the app, for everybody in here."""
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
    parts = urllib.parse.urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise BadSetting(
            f"{endpoint!r} is no URL to send to; "
            "it starts with http:// and names a host, like http://127.0.0.1:5000"
        )
    target = parts.path if parts.path not in ("", "/") else path
    if parts.query:
        target += f"?{parts.query}"
    base = f"{parts.scheme}://{parts.netloc}"
    return _in_process.get(base) or HttpTransport(base), target


def _wire(value: str) -> bytes:
    """Return a header's value as bytes: Latin-1 where it fits, as HTTP has it."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()


@functools.cache
def _environ_key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


@functools.cache
def _unquoted(path: str) -> str:
    return urllib.parse.unquote(path, "latin-1")
