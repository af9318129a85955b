"""The tables of the provider in lab 13, which all of its exercises share."""

import sqlite3
from pathlib import Path

SCHEMA = """\
CREATE TABLE endpoints (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    old_secret TEXT,                        -- also signs until old_until
    old_until REAL,
    enabled INTEGER NOT NULL DEFAULT 1,
    failures INTEGER NOT NULL DEFAULT 0     -- dead letters in a row
);
CREATE TABLE orders (id TEXT PRIMARY KEY, amount INTEGER NOT NULL);
CREATE TABLE events (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    payload BLOB NOT NULL,                  -- exactly the bytes to send
    created REAL NOT NULL
);
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    event TEXT NOT NULL REFERENCES events,
    endpoint TEXT NOT NULL REFERENCES endpoints,
    state TEXT NOT NULL DEFAULT 'pending',  -- later 'delivered' or 'dead'
    made INTEGER NOT NULL DEFAULT 0,        -- attempts made so far
    due REAL NOT NULL,                      -- when the next attempt is due
    worker TEXT,                            -- the worker that claimed it
    leased REAL NOT NULL DEFAULT 0          -- when the claim ends
);
CREATE TABLE attempts (
    delivery INTEGER NOT NULL REFERENCES deliveries,
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    number INTEGER NOT NULL,                -- counted from 1 per delivery
    at REAL NOT NULL,
    status INTEGER,                         -- NULL if no response arrived
    body BLOB NOT NULL                      -- first bytes of the response
);
CREATE TABLE notices (
    endpoint TEXT NOT NULL,
    event TEXT NOT NULL,
    at REAL NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0         -- 1 after the owner saw it
);
"""
"""All times are in seconds since the epoch."""


def connect(path: str | Path) -> sqlite3.Connection:
    """Open the provider's file, and create the tables if it is new.

    Rows have names, as in `row["id"]`. A writer waits up to 5 s for another one.
    """
    db = sqlite3.connect(path, timeout=5)
    db.row_factory = sqlite3.Row
    if not db.execute(
        "SELECT 1 FROM sqlite_master WHERE name = 'endpoints'"
    ).fetchall():
        db.executescript(SCHEMA)
    return db
