"""The receivers that `labkit dev bench` delivers to."""

import hashlib
import hmac
import io
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import waitress.server
import waitress.wasyncore
from flask import Flask, request

from labkit.explore import Boot
from labkit.model import Event
from labkit.signing import SCHEMES
from labkit.transport import WsgiApp

SECRET = "a secret of the bench"  # noqa: S105 - it guards nothing

# The explorer pauses a learner's code and none of the kit's, so this is text.
SHOP = """
import sqlite3
from contextlib import closing

from flask import Flask, request


def boot(world):
    file = str(world.directory / "shop.db")
    app = Flask("shop")
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY)")
        db.execute("CREATE TABLE IF NOT EXISTS shipments (order_id TEXT NOT NULL)")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        with closing(sqlite3.connect(file)) as db, db:
            new = db.execute(
                "INSERT INTO seen VALUES (?) ON CONFLICT DO NOTHING", (event["id"],)
            )
            if new.rowcount:
                order = event["data"]["order_id"]
                db.execute("INSERT INTO shipments VALUES (?)", (order,))
        return "", 200

    return app
"""
"""The handler that lab 07 ends with: id and parcel in one transaction."""


def shop() -> Boot:
    """Return the `boot` of SHOP, as a learner's cell would define it."""
    space: dict[str, Any] = {}
    exec(compile(SHOP, "<the shop of the bench>", "exec"), space)  # noqa: S102 - the text above
    boot: Boot = space["boot"]
    return boot


@contextmanager
def bare_waitress(app: Flask) -> Iterator[str]:
    """Serve an app with waitress and its own settings; gives the URL."""
    sockets: dict[int, Any] = {}
    server: Any = waitress.server.create_server(app, map=sockets, listen="127.0.0.1:0")
    threading.Thread(target=server.run, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.task_dispatcher.shutdown()
        server.trigger.pull_trigger(lambda: waitress.wasyncore.close_all(sockets))


def verifying_app() -> Flask:
    """Return the app that lab 04 ends with: verified, parsed, processed."""
    app = Flask("shop")
    secret = SECRET.encode()

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        body = request.get_data()
        signature = request.headers.get("X-Webhook-Signature")
        if not _verified(secret, body, signature):
            return "the signature does not fit", 401
        try:
            json.loads(body)
        except ValueError:
            return "this is no JSON", 400
        return "", 200

    return app


def bare_app() -> WsgiApp:
    """Return an app that answers as `verifying_app` does, without Flask."""
    secret = SECRET.encode()

    def app(
        environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        signature = environ.get("HTTP_X_WEBHOOK_SIGNATURE")
        fits = _verified(secret, body, signature)
        start_response("200 OK" if fits else "401 Unauthorized", [])
        return []

    return app


def _verified(secret: bytes, body: bytes, signature: str | None) -> bool:
    if signature is None:
        return False
    mac = hmac.new(secret, body, hashlib.sha256)
    expected = "sha256=" + mac.hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())


def call(app: WsgiApp, event: Event, times: int) -> int:
    """Call the app so many times with the environ that AppTransport makes."""
    signed = SCHEMES["generic"].sign(
        event.body, secret=SECRET, id=event.id, timestamp=event.created_at
    )
    prepared = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/webhooks",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_USER_AGENT": "WebhookLab/1.0",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(event.body)),
        "HTTP_X_WEBHOOK_SIGNATURE": signed["X-Webhook-Signature"],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }

    def start_response(status: Any, headers: Any, exc_info: Any = None) -> Any:
        pass

    for _ in range(times):
        environ = prepared.copy()
        environ["wsgi.input"] = io.BytesIO(event.body)
        b"".join(app(environ, start_response))
    return times
