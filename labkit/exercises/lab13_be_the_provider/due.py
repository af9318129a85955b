"""Rows for the trials of lab 13, above all deliveries: due or not, claimed or not."""

from typing import Any

NOW = 1_772_400_000.0
ENDPOINTS = """
INSERT INTO endpoints (id, url, secret, enabled, failures) VALUES
    ('ep_1', 'https://shop.example/webhooks', 'whsec_b25l', 1, 2),
    ('ep_2', 'https://crm.example/hooks', 'whsec_dHdv', 1, 0),
    ('ep_off', 'https://old.example/hooks', 'whsec_b2Zm', 0, 0);
"""


def inserted(table: str, **columns: Any) -> str:
    """Return the SQL that inserts one row."""
    values = ", ".join(
        "NULL" if value is None else repr(value) for value in columns.values()
    )
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values});\n"  # noqa: S608 - our own values


def delivery(number: int, **columns: Any) -> str:
    """Return the SQL of one row in `deliveries`, which is due unless told otherwise."""
    row = {
        "id": number,
        "event": f"evt_{number}",
        "endpoint": "ep_1",
        "state": "pending",
        "due": NOW - 5,
        **columns,
    }
    return inserted("deliveries", **row)


NOT_CLAIMABLE = (
    delivery(1, due=NOW + 1),
    delivery(1, due=NOW + 0.25),
    delivery(1, state="delivered"),
    delivery(1, state="dead"),
    delivery(1, endpoint="ep_off"),
    delivery(1, leased=NOW + 0.25, worker="w0"),
    delivery(1, leased=NOW + 59, worker="w0"),
)
"""Each is one delivery that must not be sent at NOW."""

TRIED = delivery(1) + delivery(2, due=NOW - 9, made=4, leased=NOW - 1, worker="w0")
"""The delivery that has waited longest was claimed and tried before."""
