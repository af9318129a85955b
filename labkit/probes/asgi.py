"""Call an ASGI application in this process, on an event loop of its own."""

import asyncio
import contextlib
import inspect
import threading
import urllib.parse
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping, Sequence
from typing import Any, TypeVar

from labkit.errors import TimedOut
from labkit.model import Headers, Request, Response

Message = MutableMapping[str, Any]
AsgiApp = Callable[
    [
        Message,
        Callable[[], Awaitable[Message]],
        Callable[[Message], Awaitable[None]],
    ],
    Awaitable[None],
]

T = TypeVar("T")

_START = 10.0
"""How long the application may take to start, in seconds."""


def is_asgi(app: object) -> bool:
    """Tell whether an application takes scope, receive and send."""
    for call in (app, getattr(app, "__call__", None)):  # noqa: B004 - its code is looked at
        if inspect.iscoroutinefunction(call):
            return len(inspect.signature(call).parameters) == 3
    return False


class AsgiTransport:
    """Call an ASGI application in this process.

    The loop runs in the calling thread, as a test's own loop would, or in a thread of
    its own where the calling thread has a running loop already. The application's
    lifespan starts with the first request; `close` ends it. An exception that the
    application lets out becomes a 500, as any server makes it.
    """

    def __init__(self, app: AsgiApp, *, host: str = "127.0.0.1") -> None:
        self._app = app
        self._host = host
        self._loop = asyncio.new_event_loop()
        self._started = False
        self._over: asyncio.Event | None = None
        self._lifespan: asyncio.Task[None] | None = None

    def send(self, request: Request, *, timeout: float) -> Response:
        """Call the application; raises TimedOut if it takes longer than `timeout`."""
        (response,) = self.send_all([request], timeout=timeout)
        if isinstance(response, BaseException):
            raise response
        return response

    def send_all(
        self, requests: Sequence[Request], *, timeout: float
    ) -> list[Response | BaseException]:
        """Call the application with all requests at once; return what came of each."""

        async def call_all() -> list[Response | BaseException]:
            if not self._started:
                self._started = True
                await self._start()
            calls = (self._call(request, timeout) for request in requests)
            return await asyncio.gather(*calls, return_exceptions=True)

        return self._run(call_all())

    def close(self) -> None:
        """End the application's lifespan and the loop."""
        if self._loop.is_closed():
            return

        async def end() -> None:
            if self._over is not None and self._lifespan is not None:
                self._over.set()
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(self._lifespan, _START)

        self._run(end())
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return self._loop.run_until_complete(work)
        results: list[T] = []
        thread = threading.Thread(
            target=lambda: results.append(self._loop.run_until_complete(work))
        )
        thread.start()
        thread.join()
        return results[0]

    async def _start(self) -> None:
        """Run the application's lifespan; one that has none raises, which is fine."""
        started, self._over = asyncio.Event(), asyncio.Event()
        over = self._over
        asked = False

        async def receive() -> Message:
            nonlocal asked
            if asked:
                await over.wait()
                return {"type": "lifespan.shutdown"}
            asked = True
            return {"type": "lifespan.startup"}

        async def send(message: Message) -> None:
            if message["type"].startswith("lifespan.startup"):
                started.set()

        async def live() -> None:
            scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
            with contextlib.suppress(Exception):
                await self._app(scope, receive, send)
            started.set()

        self._lifespan = asyncio.create_task(live())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(started.wait(), _START)

    async def _call(self, request: Request, timeout: float) -> Response:
        try:
            return await asyncio.wait_for(self._exchange(request), timeout)
        except TimeoutError:
            raise TimedOut(f"no response within {timeout:g} s") from None

    async def _exchange(self, request: Request) -> Response:
        status, body = 0, bytearray()
        headers: Headers = ()
        whole = asyncio.Event()
        sent = False

        async def receive() -> Message:
            nonlocal sent
            if sent:
                await whole.wait()
                return {"type": "http.disconnect"}
            sent = True
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = tuple(
                    (name.decode("latin-1"), value.decode("latin-1"))
                    for name, value in message.get("headers", ())
                )
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    whole.set()

        try:
            await self._app(self._scope(request), receive, send)
        except Exception:  # noqa: BLE001 - a server makes a 500 of any error
            if not status:
                return Response(500, (), b"Internal Server Error")
        return Response(status or 500, headers, bytes(body))

    def _scope(self, request: Request) -> Message:
        path, _, query = request.path.partition("?")
        name, _, port = self._host.partition(":")
        headers = [
            (_bytes(key).lower(), _bytes(value)) for key, value in request.headers
        ]
        known = {key for key, _ in headers}
        if b"host" not in known:
            headers.insert(0, (b"host", self._host.encode()))
        if b"content-length" not in known:
            headers.append((b"content-length", str(len(request.body)).encode()))
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": urllib.parse.unquote(path),
            "raw_path": path.encode("utf-8", "surrogateescape"),
            "query_string": query.encode("utf-8", "surrogateescape"),
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 9),
            "server": (name, int(port or 80)),
            "state": {},
        }


def _bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()
