"""The bodies that the checks of this lab send: a few good ones, many bad ones."""

import json
from decimal import Decimal
from typing import Any

from labkit.model import Event
from labkit.transport import IN_BROWSER

PAYMENT = Event(
    "payment.succeeded",
    {"order_id": "A-1", "amount": 4200, "currency": "EUR"},
    id="evt_1",
)
CONTACT = Event(
    "contact.created", {"contact_id": "C-1", "name": "Zoë Noir"}, id="crm_1"
)
PUSH = Event("push", {"branch": "main", "author": "李雷"}, id="psh_1")
NEXT_YEAR = Event("invoice.voided", {"invoice": "I-1"}, id="inv_1")
SOURCES = (PAYMENT, CONTACT, PUSH)


def event_of(event: Event) -> dict[str, Any]:
    """Return an event as the dictionary that its body holds."""
    fields: dict[str, Any] = json.loads(event.body)
    return fields


def body_with(**changes: Any) -> bytes:
    """Return the payment's body with some of its fields changed or added."""
    return json.dumps(event_of(PAYMENT) | changes).encode()


def body_without(name: str) -> bytes:
    """Return the payment's body without one of its fields."""
    fields = event_of(PAYMENT)
    del fields[name]
    return json.dumps(fields).encode()


def body_in_data(text: bytes) -> bytes:
    """Return a payment's body with exactly these bytes as a value inside `data`."""
    return PAYMENT.body.replace(b'"EUR"', text)


def plain(value: Any) -> Any:
    """Return JSON data with dictionaries and floats of any class as plain ones."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return float(value) if isinstance(value, Decimal) else value


NOT_JSON = (b"hello", b"", b"id=evt_1&event=payment.succeeded", PAYMENT.body[:-20])
PYTHON_TEXT = repr(event_of(PAYMENT)).encode()
TWO_EVENTS = PAYMENT.body + b"\n" + PUSH.body
NO_OBJECTS = (
    b"[" + PAYMENT.body + b"]",
    b'["id", "event", "created_at", "data"]',
    b'"id event created_at data"',
    b"42",
    b"null",
)
LATIN_1 = body_in_data('"Zoë"'.encode("latin-1"))
UTF_16 = PAYMENT.body.decode().encode("utf-16")
HALF_A_PAIR = body_in_data(b'"\xed\xa0\x80"')
NOT_NUMBERS = tuple(body_in_data(text) for text in (b"NaN", b"Infinity", b"-Infinity"))
NAN_IN_TEXT = body_in_data(b'"NaN, Infinity"')
TOO_DEEP = () if IN_BROWSER else (body_in_data(b"[" * 60_000),)
"""None in a browser: there such a body ends Python itself, and no `except` runs."""
MANY_BRACKETS = body_in_data(b"[" + b"[]," * 3_000 + b'"[[["]')
TOO_MANY_DIGITS = body_in_data(b"9" * 5_000)
