"""A ladder of receivers, each with one technique more than the one before.

They are scored next to each other to show what each step is worth. The last step is the
learner's own.
"""

import contextlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

from flask import Flask, request

from labkit.errors import VerificationError
from labkit.exercises.lab12_night_shift.config import Config
from labkit.exercises.lab12_night_shift.month import PAYMENT
from labkit.signing import SCHEMES


def naive(config: Config) -> Flask:
    """Parse, ship, acknowledge, whatever happens."""
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook() -> Any:
        with contextlib.suppress(Exception):
            event = request.get_json()
            config.ship(event["data"]["order_id"])
        return "", 204

    return app


def signed(config: Config) -> Flask:
    """Check the signature and the time window first."""
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook() -> Any:
        if not is_genuine(config):
            return "", 401
        with contextlib.suppress(Exception):
            event = json.loads(request.get_data())
            config.ship(event["data"]["order_id"])
        return "", 204

    return app


def honest(config: Config) -> Flask:
    """Let exceptions through, so that Flask sends a 500; ship only for payments."""
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook() -> Any:
        if not is_genuine(config):
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] == PAYMENT:
            config.ship(event["data"]["order_id"])
        return "", 204

    return app


def remembering(config: Config) -> Flask:
    """Remember in a set which ids were shipped, and ship with a key."""
    app = Flask("shop")
    shipped: set[str] = set()

    @app.post("/webhooks")
    def webhook() -> Any:
        if not is_genuine(config):
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] == PAYMENT and event["id"] not in shipped:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
            shipped.add(event["id"])
        return "", 204

    return app


def durable(config: Config) -> Flask:
    """Remember them in the file."""
    app = Flask("shop")

    def run(statement: str, *values: str) -> Any:
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (event_id TEXT PRIMARY KEY)")

    @app.post("/webhooks")
    def webhook() -> Any:
        if not is_genuine(config):
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != PAYMENT:
            return "", 204
        if not run("SELECT 1 FROM shipped WHERE event_id = ?", event["id"]):
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
            run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


LADDER: dict[str, Callable[[Config], Flask]] = {
    step.__name__: step for step in (naive, signed, honest, remembering, durable)
}
"""The steps by name, lowest first."""


def is_genuine(config: Config) -> bool:
    """Return whether the current request is authentic and recent."""
    try:
        SCHEMES["standard"].verify(
            request.get_data(),
            dict(request.headers),
            secrets=config.secrets(),
            now=config.now(),
        )
    except VerificationError:
        return False
    return True
