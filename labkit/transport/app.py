"""Call a WSGI app in this process."""

import functools
import io
import urllib.parse
from collections.abc import Callable
from typing import IO, Any

from labkit.errors import BadSetting, ConnectionLost
from labkit.model import Request, Response
from labkit.transport.way import SMOOTH, Interrupted, Mishap, WsgiApp, wire


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
        self.base = f"http://{host}"
        self.last_error: BaseException | None = None
        name, _, port = host.partition(":")
        self._environ: dict[str, Any] = {
            "SCRIPT_NAME": "",
            "SERVER_NAME": name,
            "SERVER_PORT": port or "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": host,
            "wsgi.errors": log or Nowhere(),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
        }

    def send(
        self, request: Request, *, timeout: float, mishap: Mishap = SMOOTH
    ) -> Response:
        """Call the app with the request; the timeout has no meaning here.

        A request that breaks off never reaches the app; a body that trickles reaches it
        when it is whole.
        """
        if mishap.breaks_off:
            raise ConnectionLost("the connection broke in the middle of the request")
        started = _Started()
        try:
            chunks = self._app(self._environ_of(request), started)
            try:
                started.body.extend(chunks)
            finally:
                if close := getattr(chunks, "close", None):
                    close()
            return started.response()
        except (KeyboardInterrupt, Interrupted):
            raise
        except BaseException as error:  # noqa: BLE001 - exit() in a handler ends no server
            self.last_error = error
            text = (("Content-Type", "text/plain; charset=utf-8"),)
            return Response(500, text, b"Internal Server Error")

    def _environ_of(self, request: Request) -> dict[str, Any]:
        environ = self._environ.copy()
        environ["REQUEST_METHOD"] = request.method
        environ["PATH_INFO"], environ["QUERY_STRING"] = _parts(request.path)
        environ["wsgi.input"] = io.BytesIO(request.body)
        for name, value in request.headers:
            key = _environ_key(name)
            if not value.isascii():
                value = wire(value).decode("latin-1")  # noqa: PLW2901 - as WSGI has it
            if key in environ and key != "HTTP_HOST":
                value = f"{environ[key]}, {value}"  # noqa: PLW2901 - servers join doubles
            environ[key] = value
        if "HTTP_TRANSFER_ENCODING" not in environ:
            environ.setdefault("CONTENT_LENGTH", str(len(request.body)))
        return environ


class Nowhere(io.TextIOBase):
    """A log that keeps nothing."""

    def write(self, text: str) -> int:
        """Drop the text."""
        return len(text)


class _Started:
    """What an app calls with status and headers; it puts the response together."""

    def __init__(self) -> None:
        self._status = ""
        self._headers: list[tuple[str, str]] = []
        self.body: list[bytes] = []

    def __call__(
        self, status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        self._status, self._headers = status, headers
        return self.body.append

    def response(self) -> Response:
        """Return what the app answered; raise ValueError if it never began."""
        return Response(
            int(self._status[:3]), tuple(self._headers), b"".join(self.body)
        )


@functools.cache
def _environ_key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


@functools.lru_cache(maxsize=1024)
def _parts(target: str) -> tuple[str, str]:
    """Return the path as WSGI has it, and the query."""
    path, _, query = target.partition("?")
    return urllib.parse.unquote(path, "latin-1"), query
