"""A helper module, as a learner would write it beside the handler."""

# mypy: ignore-errors
# Written as a learner writes.

import sqlite3


def open_ledger(path):
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY)")
    database.execute("CREATE TABLE IF NOT EXISTS shipments (order_id TEXT)")
    database.commit()
    return database


def is_known(database, event_id):
    found = database.execute("SELECT 1 FROM seen WHERE id = ?", (event_id,))
    return found.fetchone() is not None


def remember(database, event_id):
    database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (event_id,))


def claim(database, event_id):
    database.execute("INSERT INTO seen VALUES (?)", (event_id,))


def ship(database, order_id):
    database.execute("INSERT INTO shipments VALUES (?)", (order_id,))
