"""Call a learner's Flask app in process and say what it answered."""

import contextlib
import inspect
import io
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import flask
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.test import create_environ, run_wsgi_app

from labkit.checks import (
    Mistake,
    NotAttempted,
    Question,
    describe,
    lines_of,
    short,
    short_text,
)
from labkit.model import Event, Request, header_pairs
from labkit.receiver import errors_of
from labkit.transport import AppTransport

JSON = {"Content-Type": "application/json"}

NO_PATH = "no path at all"

_GENERATORS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR

NO_APP = Mistake(
    "returns-no-app",
    "Your make_app does not return a Flask app. A server needs the app to run it.",
    "End make_app with `return app`, the object that `Flask(…)` returned.",
)


@dataclass(frozen=True, slots=True)
class Answered:
    """What an app answered; `error` is the exception that it let out, or None.

    `silent` says that a server would send no response: the exception left the app, and
    a server makes a 500 only of an `Exception`.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    error: BaseException | None
    silent: bool = False

    @property
    def acknowledged(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def lines(self) -> tuple[str, ...]:
        """The learner's lines that the exception went through."""
        return lines_of(self.error) if self.error else ()

    def __str__(self) -> str:
        if self.silent and self.error is not None:
            return f"no response, because {describe(self.error)} left the app"
        # Python's own phrases differ between its versions.
        text = f"{self.status} {HTTP_STATUS_CODES.get(self.status, '')}".rstrip()
        if self.error is not None:
            text += f", from {describe(self.error)}"
        return text


class AppCaller:
    """A learner's app, ready to be sent requests to.

    What the app logs is dropped, because a log names the time and the process, and a
    verdict must not. `responding` is called when a response begins.
    """

    def __init__(
        self,
        app: flask.Flask,
        *,
        responding: Callable[[], object] = lambda: None,
    ) -> None:
        self._app = app
        self._responding = responding
        self._transport = AppTransport(self._serve)

    def _serve(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        def starting(*args: Any) -> Any:
            self._responding()
            return start_response(*args)

        return self._app(environ, starting)

    @property
    def app(self) -> flask.Flask:
        """The app that gets the requests."""
        return self._app

    @property
    def paths(self) -> str:
        """The paths of the app in words, to come after a 404."""
        rules = [
            rule.rule
            for rule in self._app.url_map.iter_rules()
            if rule.endpoint != "static"
        ]
        return f"this app has {', '.join(dict.fromkeys(rules)) or NO_PATH}"

    @classmethod
    def set_up(
        cls,
        question: Question,
        make_app: Callable[..., Any],
        *args: Any,
        known: dict[type[BaseException], Mistake] | None = None,
    ) -> "AppCaller":
        """Call `make_app`. If its result is not a Flask app, the case ends."""
        app = question.call(make_app, *args, known=known)
        if not isinstance(app, flask.Flask):
            question.fail(f"make_app returned {short(app, 80)}", NO_APP)
        return cls(app)

    def send(
        self,
        body: bytes | Event = b"",
        headers: Mapping[str, str] | None = None,
        *,
        path: str = "/webhooks",
        method: str = "POST",
        chunked: bool = False,
    ) -> Answered:
        """Send one request and return the answer; the stub counts as not attempted."""
        if isinstance(body, Event):
            body = body.body
        pairs = header_pairs(JSON if headers is None else headers)
        if chunked:
            pairs = (*pairs, ("Transfer-Encoding", "chunked"))
        errors: list[BaseException] = []
        self._transport.last_error = None
        with errors_of(self._app, into=errors):
            response = self._transport.send(
                Request(method, path, pairs, body), timeout=1.0
            )
        escaped = self._transport.last_error
        error = errors[-1] if errors else escaped
        if isinstance(error, NotImplementedError):
            raise NotAttempted from error
        silent = escaped is not None and not isinstance(escaped, Exception)
        return Answered(
            response.status, dict(response.headers), response.body, error, silent
        )


def let_go(error: BaseException | None) -> None:
    """Let go of what an exception holds, as a server does: a connection, say.

    A generator that is not at its end keeps what it has.
    """
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if not frame.f_code.co_flags & _GENERATORS:
                with contextlib.suppress(RuntimeError):  # it still runs
                    frame.clear()
        error = error.__context__


def shown(body: bytes, headers: Mapping[str, str] | None = None) -> str:
    """Return a request's headers and body as a verdict shows what was sent."""
    lines = [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\n".join([*lines, short_text(repr(body)[1:].strip("'"))])


class _Offer(io.RawIOBase):
    """A body of `most` bytes; `taken` counts how many were read."""

    def __init__(self, most: int) -> None:
        self._left = most
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), self._left)
        buffer[:count] = b"x" * count
        self._left -= count
        self.taken += count
        return count


def send_endless(
    app: flask.Flask, path: str, headers: Mapping[str, str], most: int
) -> tuple[int, int]:
    """Post a body without a length; return the status and how many bytes were read."""
    offer = _Offer(most)
    environ = create_environ(path, method="POST", headers=dict(headers))
    environ |= {"wsgi.input": offer, "wsgi.input_terminated": True}
    environ |= {"wsgi.errors": io.StringIO()}
    try:
        _chunks, status, _headers = run_wsgi_app(app, environ)
    except BaseException:  # noqa: BLE001 - a learner's app raises anything
        return 500, offer.taken
    return int(status.split()[0]), offer.taken
