"""13.1: state and event in one transaction (transactional outbox)."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from labkit.checks import Question
from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Proof, Rule, edit, mistakes
from labkit.checks.observing import Seen, exactly
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab13_be_the_provider.exploring import FILE, booting, dying
from labkit.exercises.lab13_be_the_provider.rows import After, Database, Rows
from labkit.explore import Outcome, Violation

NO_COMMIT, TWO_TRANSACTIONS, NO_ROLLBACK, EVENT_FIRST, NO_EVENT, NO_DELIVERIES = (
    mistakes("""
    does-not-commit: Your code returns before it has committed its rows. When the
        connection is closed, SQLite rolls them back, and the order is lost.
        Try: Put the INSERT statements into a `with db:` block.
    two-transactions: Your code commits in more than one step (a dual write). If the
        process crashes in between, the order exists without its event or without a
        delivery, and no receiver learns of it.
        Try: Put all INSERT statements into one `with db:` block, and call commit
        nowhere else.
    does-not-roll-back: Your code does not roll back when a statement fails. The rows
        that it had already inserted are stored by the next commit.
        Try: Put all INSERT statements into a `with db:` block, which rolls back.
    event-before-order: Your code commits the event before the order. If the order then
        fails, receivers are told of an order that does not exist.
        Try: Put all INSERT statements into one `with db:` block, and call commit
        nowhere else.
    no-event: Your code stores the order, but no event. Nothing is left to send, so no
        receiver learns of this order.
        Try: Insert a row into `events` in the same transaction.
    no-deliveries: Your code stores the event, but no delivery for it. The workers look
        for rows in `deliveries`, so the event is never sent.
        Try: Insert one row into `deliveries` for each enabled endpoint.
""")
)
ONE_DELIVERY, DISABLED_TOO, SWALLOWS, REPLACES, PAYLOAD_TEXT, ORDER_ID = mistakes("""
    one-delivery-only: Your code inserts a single delivery, but several endpoints are
        enabled. The other customers do not get the event.
        Try: Insert one row per enabled endpoint, for example with INSERT … SELECT.
    delivers-to-disabled-endpoints: Your code inserts deliveries for disabled endpoints,
        too. The provider then sends to an endpoint whose owner has switched it off.
        Try: Add a condition on `enabled` to the query for the endpoints.
    swallows-the-error: Your code catches the exception, so the caller believes that the
        order was placed.
        Try: Let the exception reach the caller; `with db:` rolls back and raises it
        again.
    overwrites-the-order: Your code accepts a second order with the same id, and
        overwrites or skips a row without an error. The caller must be told that this
        order was not placed.
        Try: Use a plain INSERT.
    payload-is-text: Your code stores the payload as text. Each attempt must send and
        sign the same bytes, so the bytes are what has to be stored.
        Try: Call `.encode()` on the JSON text before you store it.
    order-id-as-event-id: Your code makes the id of the event from the order's id. An
        order can have several events, and receivers would treat the second one as a
        duplicate.
        Try: Make a new random id, for example with `secrets.token_hex(12)`.
""")
SAME_ID, OTHER_ID, NO_RESULT, NOT_DUE = mistakes("""
    same-id-for-all-events: Your code gives two events the same id. The second order
        fails, or receivers skip its event as a duplicate.
        Try: Make a new random id at each call, for example with
        `secrets.token_hex(12)`.
    another-id-in-the-payload: The id in the payload differs from the id of the row.
        Receivers and the provider then use different names for one event, so nobody can
        find it in the logs.
        Try: Make the id once, and use this variable in both places.
    does-not-return-the-id: Your function does not return the id of the event. The
        caller needs it to find the event again.
        Try: Return the id after the `with db:` block.
    due-at-another-time: Your code does not make the deliveries due at `placed_at`. They
        are then sent too late, or in the wrong order.
        Try: Insert `order["placed_at"]` as `due`.
""")

CONTRACT = contract("""
    given: Store an order together with its event, and return the id of the event.
    given: `db` is an `sqlite3.Connection` to the provider's file, without an open
        transaction. `order` is a dictionary with `order_id`, `amount` and `placed_at`
        (a whole number of seconds since 1970-01-01 UTC).
    order: Insert one row into `orders`.
    event: Insert one row into `events`, with the type `payment.succeeded` and created
        at `placed_at`.
    payload: Its payload is a JSON object in UTF-8, as bytes, with only the fields `id`,
        `event` (the type), `created_at` and `data`; `data` has only the `order_id` and
        the `amount`.
    id: The id of an event is a new random string, which you return.
    deliveries: Insert one row into `deliveries` for each enabled endpoint, due at
        `placed_at`, and none for a disabled endpoint.
    failure: If a statement fails, none of these rows remains, and the exception reaches
        the caller.
    committed: When the function returns, all rows are committed.
    crash: At each moment the file has either all of these rows or none of them.
    open: The check does not test the form of ids, or orders with missing fields.
""")

ENDPOINTS = """
INSERT INTO endpoints (id, url, secret, enabled, failures) VALUES
    ('ep_1', 'https://shop.example/webhooks', 'whsec_b25l', 1, 0),
    ('ep_2', 'https://crm.example/hooks', 'whsec_dHdv', 1, 2),
    ('ep_off', 'https://old.example/hooks', 'whsec_b2Zm', 0, 0);
"""
ONE_ENDPOINT = """
INSERT INTO endpoints (id, url, secret, enabled) VALUES
    ('ep_1', 'https://shop.example/webhooks', 'whsec_b25l', 1);
"""
ALL_OFF = "UPDATE endpoints SET enabled = 0;"
EXISTS = "INSERT INTO orders VALUES ('A-1', 1);"
REFUSED = """
CREATE TRIGGER refuse BEFORE INSERT ON {} BEGIN SELECT RAISE(ABORT, 'disk full'); END;
"""
EMPTY_AGAIN = """
INSERT INTO notices (endpoint, event, at) SELECT '', id, 0 FROM events;
DELETE FROM orders; DELETE FROM events; DELETE FROM deliveries;
"""
"""What remains is the id of the event before, in a notice."""

ORDER = {"order_id": "A-1", "amount": 4200, "placed_at": 1_772_323_200}


def _trials() -> Iterator[Trial]:
    strange = {"order_id": 'Ü "1" ✓', "amount": 0, "placed_at": 1_772_323_201}
    for look in ("order", "event", "payload", "deliveries"):
        yield Trial(look, {"look": look, "setup": ONE_ENDPOINT})
        yield Trial(look, {"look": look})
        yield Trial(look, {"look": look, "order": strange})
    yield Trial("id", {"look": "id"})
    yield Trial("id", {"look": "ids", "again": 1}, "two orders in a row")
    yield Trial("id", {"look": "ids", "again": 40}, "41 orders in a row")
    again = {"look": "again", "again": 1}
    yield Trial("id", again, "the order is deleted, and placed again")
    yield Trial("id", {"look": "other", "again": 1}, "the same in another database")
    yield Trial("deliveries", {"look": "deliveries", "setup": ""}, "no endpoint")
    off = ENDPOINTS + ALL_OFF
    yield Trial("event", {"look": "event", "setup": ""}, "no endpoint")
    yield Trial("event", {"look": "event", "setup": off}, "all disabled")
    yield Trial("deliveries", {"look": "deliveries", "setup": off}, "all disabled")
    for table in ("deliveries", "events", "orders"):
        setup = ENDPOINTS + REFUSED.format(table)
        note = f"the INSERT into {table} fails"
        yield Trial("failure", {"look": "all", "setup": setup}, note)
    exists = ENDPOINTS + EXISTS
    yield Trial("failure", {"look": "all", "setup": exists}, "the order exists already")
    yield Trial("committed", {"look": "all"})
    yield Trial("crash", {"look": "states", "states": True})


def _arguments(fields: Fields, db: sqlite3.Connection) -> list[Any]:
    order = dict(fields["order"])
    if (count := fields.get("again", 0)) and fields["look"] == "ids":
        made = db.execute("SELECT count(*) FROM orders").fetchone()[0]
        order["order_id"] += f"-{min(made, count)}"
    if fields["look"] == "again":
        with db:
            db.execute("DELETE FROM orders")
    if fields["look"] == "other":
        with db:
            db.executescript(EMPTY_AGAIN)
    return [db, order]


def _compared(fields: Fields, after: After) -> Any:
    """Return what the sentence of the trial is about."""
    look, rows = fields["look"], after.rows
    if look == "states":
        return [_counts(each) for each in after.states]
    if look == "all":
        return _counts(rows)
    if look == "order":
        return exactly(rows["orders"])
    if look == "event":
        return exactly([(row[1], float(row[3])) for row in rows["events"]])
    if look == "payload":
        return [_payload(row) for row in rows["events"]]
    if look == "id":
        ids = [row[0] for row in rows["events"]]
        return ids == [after.result] and type(after.result).__name__
    if look == "other":
        earlier = {row[1] for row in rows["notices"]}
        return len(earlier | {row[0] for row in rows["events"]})
    if look in ("ids", "again"):
        ids = [row[0] for row in rows["events"]]
        return len(ids) == len(set(ids)), len(ids)
    events = {row[0] for row in rows["events"]}
    return sorted(
        (row[1] in events, *row[2:5], float(row[5]), *row[6:])
        for row in rows["deliveries"]
    )


def _counts(rows: Rows) -> Any:
    return tuple(len(rows[name]) for name in ("orders", "events", "deliveries"))


def _payload(row: tuple[Any, ...]) -> Any:
    if not isinstance(row[2], bytes):
        return type(row[2]).__name__
    try:
        read = json.loads(row[2])
    except ValueError:
        return "no JSON"
    if not isinstance(read, dict):
        return type(read).__name__
    return exactly({**read, "id": read.get("id") == row[0]})


def _id_in_payload(row: tuple[Any, ...]) -> Any:
    try:
        return json.loads(row[2])["id"]
    except (TypeError, ValueError, LookupError):
        return None


def _told(fields: Fields, after: After) -> str:
    """Return the rows in words."""
    look = fields["look"]
    if look == "states":
        states = ", then ".join(map(_in_words, after.states))
        return f"committed were {states}"
    if look == "other":
        earlier = [row[1] for row in after.rows["notices"]]
        return f"ids: {earlier + [row[0] for row in after.rows['events']]}"
    if look in ("event", "payload"):
        told = f"events: {[tuple(row) for row in after.rows['events']]}"
        same = all(_id_in_payload(row) == row[0] for row in after.rows["events"])
        if look == "event":
            return told
        return (
            f"{told}; the id in the payload is {'' if same else 'not '}that of the row"
        )
    if look in ("order", "deliveries"):
        name = "orders" if look == "order" else look
        rows = [tuple(row) for row in after.rows[name]]
        return f"{name}: {rows}"
    if look == "id":
        return f"id in events: {[row[0] for row in after.rows['events']]}"
    return f"committed are {_in_words(after.rows)}"


def _in_words(rows: Rows) -> str:
    orders, events, deliveries = _counts(rows)
    return f"{orders} orders, {events} events and {deliveries} deliveries"


def _show(fields: Fields) -> str:
    return f"place_order(db, {fields['order']})"


def _look(*looks: str) -> Any:
    return lambda fields: fields["look"] in looks


def _partly(_: Fields, seen: Seen) -> bool:
    """Whether an order was committed before its event, or an event before the rest."""
    states = seen.value[1]
    return any(state[0] > state[1] or state[1] * 2 > state[2] for state in states)


def _refused(fields: Fields) -> bool:
    return "RAISE(ABORT" in fields["setup"]


MADE = '"evt_" + secrets.token_hex(12)'
EVENT = """\
        db.execute(
            "INSERT INTO events VALUES (?, ?, ?, ?)",
            (event_id, "payment.succeeded", payload, placed_at),
        )
"""
TARGETS = '" SELECT ?, id, ? FROM endpoints WHERE enabled = 1"'
MISTAKES: list[Proof] = [
    edit(NO_COMMIT, ("    with db:", "    if True:")),
    edit(NO_EVENT, (EVENT, "")),
    edit(NO_EVENT, (EVENT, ""), (TARGETS, '" SELECT ?, ?, 0 WHERE 0"')),
    edit(NO_DELIVERIES, ("WHERE enabled = 1", "WHERE 0")),
    edit(ONE_DELIVERY, ("enabled = 1", "enabled = 1 ORDER BY id LIMIT 1")),
    edit(ONE_DELIVERY, ("enabled = 1", "enabled = 1 ORDER BY id DESC LIMIT 1")),
    edit(DISABLED_TOO, (" WHERE enabled = 1", "")),
    Rule(
        NOT_DUE,
        _look("deliveries"),
        _look("order"),
        lambda f, seen: (
            seen.error is None
            and bool(seen.value[1])
            and all(row[4] != f["order"]["placed_at"] for row in seen.value[1])
        ),
        some=True,
    ),
    Rule(
        EVENT_FIRST,
        _look("states"),
        _look("order"),
        lambda _, seen: any(state[0] < state[1] for state in seen.value[1]),
        may=_look("all"),
    ),
    Rule(TWO_TRANSACTIONS, _look("states"), _look("order"), _partly, may=_look("all")),
    Rule(
        NO_ROLLBACK,
        _refused,
        _look("states"),
        lambda _, seen: seen.error is not None and any(seen.value[1]),
        some=True,
    ),
    Rule(SWALLOWS, _refused, how=lambda _, seen: seen.error is None),
    edit(REPLACES, ("INSERT INTO orders", "INSERT OR REPLACE INTO orders")),
    edit(REPLACES, ("INSERT INTO orders", "INSERT OR IGNORE INTO orders")),
    edit(PAYLOAD_TEXT, (".encode()", "")),
    edit(ORDER_ID, (MADE, 'order["order_id"]')),
    edit(ORDER_ID, (MADE, '"evt_" + order["order_id"]')),
    edit(SAME_ID, (MADE, '"evt_1"')),
    edit(OTHER_ID, ('"id": event_id,', f'"id": {MADE},')),
    edit(NO_RESULT, ("return event_id", "return None")),
]


def _harm(outcome: Outcome) -> Violation | None:
    count = "SELECT count(*) FROM "
    orders, events, deliveries = (
        outcome.rows(FILE, count + table)[0][0]
        for table in ("orders", "events", "deliveries")
    )
    if orders != events or deliveries != 2 * events:
        return Violation(
            f"the file has {orders} orders, {events} events and {deliveries} "
            "deliveries for two endpoints",
            "partly",
        )
    if orders != 1:
        return Violation(f"after the retry there are {orders} orders", "lost")
    return None


def survives_crashes(place_order: Any) -> str:
    """Wherever the process crashes, the file has all of these rows or none of them."""
    ask = Question(
        sent=f"place_order(db, {ORDER}); the process crashes, starts again, and the "
        "customer tries again",
        expected="one order with its event and two deliveries, wherever it crashed",
        why="A process can crash at each line. What was committed remains, and "
        "everything else is gone.",
        try_next="Look at the line where it crashes: what was committed by then?",
    )
    boot = booting(lambda db, order, _: place_order(db, dict(order)), ENDPOINTS)
    return dying(
        ask,
        boot,
        [ORDER],
        _harm,
        {"partly": TWO_TRANSACTIONS, "lost": NO_COMMIT},
        code=[place_order],
    )


PLACE_ORDER = judged(
    id="13.1",
    lab="13_be_the_provider",
    wants="place_order(db, order) -> str",
    hints=numbered("""
        1: How often may your code commit if all rows must appear together?
        2: `with db:` commits at the end of the block, and rolls back if the block
            raises. Put all INSERT statements into one such block.
        3: INSERT INTO deliveries (event, endpoint, due) SELECT ?, id, ? FROM endpoints
            WHERE enabled = 1 makes one row per endpoint.
    """),
    contract=CONTRACT,
    space=Space({"setup": ENDPOINTS, "order": ORDER, "look": "order"}, _trials),
    observer=Database(_arguments, _show, _compared, _told),
    mistakes=MISTAKES,
    searches=(survives_crashes,),
)
