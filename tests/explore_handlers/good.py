"""Receivers that hold; an event is a pair (id, order).

Each function starts a receiver. HOLDS maps it to what it holds under: a receiver whose
memory is the only place that knows what it did can't survive a crash.
"""

# mypy: ignore-errors
# Written as a learner writes.

import contextlib
import functools
import queue
import sqlite3
import threading
import time

from tests.explore_handlers import ledger


def a_lock_around_a_dict(world):
    seen = {}
    lock = threading.Lock()

    def handle(event):
        event_id, order = event
        with lock:
            if event_id in seen:
                return
            world.effect(order)
            seen[event_id] = True

    return handle


class Shop:
    lock = threading.RLock()

    def __init__(self, ship):
        self.ship = ship
        self.done = set()

    def __call__(self, event):
        with self.lock:
            for event_id, order in self.new([event]):
                self.ship(order)
                self.done.add(event_id)

    def new(self, events):
        with self.lock:
            yield from (event for event in events if event[0] not in self.done)


def a_reentrant_lock_of_the_class(world):
    return Shop(world.effect)


def one_transaction_in_a_helper(world):
    path = world.directory / "shop.db"

    def handle(event):
        event_id, order = event
        with contextlib.closing(ledger.open_ledger(path)) as database:
            try:
                with database:
                    ledger.claim(database, event_id)
                    ledger.ship(database, order)
            except sqlite3.IntegrityError:
                return

    return handle


def begin_immediate(world):
    path = world.directory / "shop.db"

    def handle(event):
        event_id, order = event
        database = ledger.open_ledger(path)
        database.isolation_level = None
        try:
            database.execute("BEGIN IMMEDIATE")
            if not ledger.is_known(database, event_id):
                ledger.ship(database, order)
                ledger.remember(database, event_id)
            database.execute("COMMIT")
        finally:
            database.close()

    return handle


def a_token_in_a_queue(world):
    tokens = queue.Queue()
    tokens.put("the only one")
    seen = set()

    def handle(event):
        event_id, order = event
        token = tokens.get()
        try:
            if event_id not in seen:
                world.effect(order)
                seen.add(event_id)
        finally:
            tokens.put(token)

    return handle


def waits_for_the_other_by_sleeping(world):
    busy, done = {}, set()

    def handle(event):
        event_id, order = event
        while busy.setdefault(event_id, threading.get_ident()) != threading.get_ident():
            time.sleep(0.01)
        try:
            if event_id not in done:
                world.effect(order)
                done.add(event_id)
        finally:
            del busy[event_id]

    return handle


def a_decorator_with_two_locks_in_one_order(world):
    stock, till = threading.Lock(), threading.Lock()
    seen = set()

    def locked(function):
        @functools.wraps(function)
        def alone(event):
            with stock, till:
                return function(event)

        return alone

    @locked
    def handle(event):
        event_id, order = event
        if event_id in seen:
            return
        world.effect(order)
        seen.add(event_id)

    return handle


def on_conflict_in_wal_mode(world):
    path = world.directory / "shop.db"
    database = ledger.open_ledger(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.close()

    def handle(event):
        event_id, order = event
        database = ledger.open_ledger(path)
        with database:
            fresh = database.execute(
                "INSERT INTO seen VALUES (?) ON CONFLICT DO NOTHING", (event_id,)
            )
            if fresh.rowcount:
                ledger.ship(database, order)
        database.close()

    return handle


BOTH, TOGETHER = ("interleavings", "crashes"), ("interleavings",)
HOLDS = {
    a_lock_around_a_dict: TOGETHER,
    a_reentrant_lock_of_the_class: TOGETHER,
    one_transaction_in_a_helper: BOTH,
    begin_immediate: BOTH,
    a_token_in_a_queue: TOGETHER,
    waits_for_the_other_by_sleeping: TOGETHER,
    a_decorator_with_two_locks_in_one_order: TOGETHER,
    on_conflict_in_wal_mode: BOTH,
}
