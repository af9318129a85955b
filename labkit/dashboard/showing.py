"""Rows of a provider's tables as plain data for the page, with every secret hidden."""

import sqlite3
from http import HTTPStatus
from typing import Any

from labkit.dashboard.tables import SHOWN, Tables, as_bytes
from labkit.inspector.bodies import parsed_view, raw_view
from labkit.redaction import Redaction

NARROW = 200
"""How many characters of an id or a URL are shown."""


def overview(tables: Tables) -> dict[str, Any]:
    """Return the endpoints, the newest deliveries and the notices."""
    hidden = Redaction(tables.secrets())
    return {
        "endpoints": [_endpoint(row, hidden) for row in tables.endpoints()],
        "deliveries": [_delivery(row, hidden) for row in tables.deliveries()],
        "notices": [
            {
                "number": row["number"],
                "endpoint": row["endpoint"],
                "event": hidden.text(row["event"]),
                "at": row["at"],
                "seen": bool(row["seen"]),
            }
            for row in tables.notices()
        ],
        "most": SHOWN,
    }


def detail(tables: Tables, number: int) -> dict[str, Any]:
    """Return all that is known of one delivery; raise Unknown if there is none."""
    hidden = Redaction(tables.secrets())
    delivery = tables.delivery(number)
    payload = hidden.body(delivery.payload)
    return _delivery(delivery.row, hidden) | {
        "url": hidden.line(delivery.url)[:NARROW],
        "due": delivery.row["due"],
        "size": len(delivery.payload),
        "raw": raw_view(payload),
        "parsed": parsed_view(payload, "application/json"),
        "attempts": [
            {
                "number": row["number"],
                "at": row["at"],
                "status": row["status"],
                "phrase": phrase(row["status"]),
                "body": raw_view(hidden.body(as_bytes(row["body"])))["text"],
            }
            for row in delivery.attempts
        ],
    }


def summary(tables: Tables) -> str:
    """Return the endpoints as lines of text, for a place that can serve no page."""
    hidden = Redaction(tables.secrets())
    lines = []
    for row in tables.endpoints():
        shown = _endpoint(row, hidden)
        state = "enabled" if shown["enabled"] else "disabled"
        lines.append(
            f"{shown['id']}  {state}  {shown['url']}\n"
            f"    delivered {shown['delivered']}, pending {shown['pending']}, "
            f"dead letters {shown['dead']}"
        )
    unseen = sum(not row["seen"] for row in tables.notices())
    return "\n".join([*lines, f"New notices: {unseen}"])


def phrase(status: int | None) -> str:
    """Return the words that go with a status."""
    if status is None:
        return "no response"
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _endpoint(row: sqlite3.Row, hidden: Redaction) -> dict[str, Any]:
    return {
        "id": row["id"],
        "url": hidden.line(row["url"])[:NARROW],
        "enabled": bool(row["enabled"]),
        "failures": row["failures"],
        "delivered": row["delivered"],
        "pending": row["pending"],
        "dead": row["dead"],
    }


def _delivery(row: sqlite3.Row, hidden: Redaction) -> dict[str, Any]:
    return {
        "number": row["id"],
        "event": hidden.text(row["event"])[:NARROW],
        "type": hidden.text(row["type"])[:NARROW],
        "created": row["created"],
        "endpoint": row["endpoint"],
        "state": row["state"],
        "made": row["made"],
        "at": row["at"],
        "status": row["status"],
        "tried": row["number"] is not None,
    }
