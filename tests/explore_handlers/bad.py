"""Receivers with one bug each; an event is a pair (id, order).

Each function starts a receiver. FOUND maps it to who finds the bug and its kind.
"""

# mypy: ignore-errors
# Written as a learner writes.

import functools
import sqlite3
import threading

from tests.explore_handlers import ledger


def check_then_act_in_a_dict(world):
    seen = {}

    def handle(event):
        event_id, order = event
        if event_id in seen:
            return
        world.effect(order)
        seen[event_id] = True

    return handle


class Shop:
    def __init__(self, ship):
        self.ship = ship
        self.done = set()

    def __call__(self, event):
        for event_id, order in self.new([event]):
            self.ship(order)
            self.done.add(event_id)

    def new(self, events):
        for event in events:
            if event[0] not in self.done:
                yield event


def check_then_act_in_a_generator(world):
    return Shop(world.effect)


def check_then_act_in_a_helper(world):
    path = world.directory / "shop.db"
    ledger.open_ledger(path).close()

    def handle(event):
        event_id, order = event
        database = ledger.open_ledger(path)
        try:
            if not ledger.is_known(database, event_id):
                ledger.ship(database, order)
                ledger.remember(database, event_id)
                database.commit()
        finally:
            database.close()

    return handle


def a_lock_for_each_call(world):
    seen = set()

    def alone(function):
        @functools.wraps(function)
        def locked(event):
            with threading.Lock():  # noqa: PLW2101 - this is the bug
                return function(event)

        return locked

    @alone
    def handle(event):
        event_id, order = event
        if event_id not in seen:
            seen.add(event_id) if world.effect(order) is None else None

    return handle


def two_locks_in_both_orders(world):
    stock, till = threading.Lock(), threading.Lock()

    def handle(event):
        event_id, order = event
        first, second = (stock, till) if event_id == "evt_1" else (till, stock)
        with first, second:
            world.effect(order)

    return handle


def commits_the_claim_first(world):
    path = world.directory / "shop.db"

    def handle(event):
        event_id, order = event
        database = ledger.open_ledger(path)
        try:
            with database:
                ledger.claim(database, event_id)
        except sqlite3.IntegrityError:
            database.close()
            return
        try:
            with database:
                ledger.ship(database, order)
        finally:
            database.close()

    return handle


def takes_the_claim_back_in_finally(world):
    path = world.directory / "shop.db"

    def handle(event):
        event_id, order = event
        database = ledger.open_ledger(path)
        if ledger.is_known(database, event_id):
            database.close()
            return
        shipped = False
        with database:
            ledger.remember(database, event_id)
        try:
            with database:
                ledger.ship(database, order)
            shipped = True
        finally:
            if not shipped:
                with database:
                    database.execute("DELETE FROM seen WHERE id = ?", (event_id,))
            database.close()

    return handle


def commits_the_effect_first(world):
    path = world.directory / "shop.db"

    def handle(event):
        event_id, order = event
        database = ledger.open_ledger(path)
        if not ledger.is_known(database, event_id):
            with database:
                ledger.ship(database, order)
            with database:
                ledger.remember(database, event_id)
        database.close()

    return handle


def makes_its_table_twice(world):
    path = world.directory / "shop.db"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE shipments (order_id TEXT PRIMARY KEY)")
    database.close()

    def handle(event):
        database = sqlite3.connect(path)
        with database:
            database.execute("INSERT OR IGNORE INTO shipments VALUES (?)", event[1:])
        database.close()

    return handle


SEEN = set()


def remembers_in_a_global(world):
    def handle(event):
        event_id, order = event
        if event_id in SEEN:
            return
        world.effect(order)
        SEEN.add(event_id)

    return handle


FOUND = {
    check_then_act_in_a_dict: ("interleavings", "doubled"),
    check_then_act_in_a_generator: ("interleavings", "doubled"),
    check_then_act_in_a_helper: ("interleavings", "doubled"),
    a_lock_for_each_call: ("interleavings", "doubled"),
    two_locks_in_both_orders: ("interleavings", "deadlock"),
    commits_the_claim_first: ("crashes", "lost"),
    takes_the_claim_back_in_finally: ("crashes", "lost"),
    commits_the_effect_first: ("crashes", "doubled"),
    makes_its_table_twice: ("crashes", "no start"),
    remembers_in_a_global: ("crashes", "doubled"),
}
