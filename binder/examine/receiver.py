"""A receiver with a database, to examine: the event's id and its effect in one row.

DATABASE_URL names the database, as SQLAlchemy writes it. PORT is where it listens.
GET /effects responds with the number of orders.
"""

import hashlib
import hmac
import json
import os

import waitress
from flask import Flask, request
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

SECRET = os.environ["WEBHOOK_SECRET"].encode()
LIMIT = 1_000_000

engine = create_engine(os.environ["DATABASE_URL"], pool_pre_ping=True)
app = Flask("receiver")
app.config["MAX_CONTENT_LENGTH"] = LIMIT + 1


def create_table() -> None:
    """Create the table of orders unless it is there."""
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE IF NOT EXISTS orders (event_id TEXT PRIMARY KEY)")
        )


@app.post("/webhooks")
def webhooks() -> tuple[str, int]:
    """Verify, parse, and take the order once."""
    body = request.get_data()
    if len(body) > LIMIT:
        return "too large", 413
    wanted = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    given = request.headers.get("X-Hub-Signature-256", "")
    if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
        return "not authentic", 401
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return "not JSON", 400
    event_id = event.get("id") if isinstance(event, dict) else None
    if not isinstance(event_id, str) or not event_id.isprintable():
        return "no id", 400
    try:
        with engine.begin() as connection:
            connection.execute(
                text("INSERT INTO orders VALUES (:id) ON CONFLICT DO NOTHING"),
                {"id": event_id},
            )
    except SQLAlchemyError:
        return "try again later", 503
    return "", 204


@app.get("/effects")
def effects() -> str:
    """Count the orders."""
    with engine.connect() as connection:
        return str(connection.execute(text("SELECT count(*) FROM orders")).scalar())


if __name__ == "__main__":
    create_table()
    waitress.serve(
        app,
        host=os.environ.get("HOST", "127.0.0.1"),
        port=int(os.environ["PORT"]),
        max_request_body_size=LIMIT + 1,
    )
