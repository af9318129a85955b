# %% passed | a loop over the endpoints
#-         db.execute(
#-             "INSERT INTO deliveries (event, endpoint, due)"
#-             " SELECT ?, id, ? FROM endpoints WHERE enabled = 1",
#-             (event_id, placed_at),
#-         )
#+         endpoints = db.execute("SELECT id FROM endpoints WHERE enabled").fetchall()
#+         for endpoint in endpoints:
#+             db.execute(
#+                 "INSERT INTO deliveries (event, endpoint, due) VALUES (?, ?, ?)",
#+                 (event_id, endpoint["id"], placed_at),
#+             )

# %% passed | executemany
#-         db.execute(
#-             "INSERT INTO deliveries (event, endpoint, due)"
#-             " SELECT ?, id, ? FROM endpoints WHERE enabled = 1",
#-             (event_id, placed_at),
#-         )
#+         rows = db.execute("SELECT id, enabled FROM endpoints").fetchall()
#+         db.executemany(
#+             "INSERT INTO deliveries (event, endpoint, due) VALUES (?, ?, ?)",
#+             [(event_id, row[0], placed_at) for row in rows if row[1]],
#+         )

# %% passed | uuid4
import json
import uuid


def place_order(db, order):
    event_id = str(uuid.uuid4())
    body = {
        "id": event_id,
        "event": "payment.succeeded",
        "created_at": order["placed_at"],
        "data": {key: order[key] for key in ("order_id", "amount")},
    }
    with db:
        db.execute(
            "INSERT INTO events (id, type, payload, created) VALUES (?, ?, ?, ?)",
            (
                event_id,
                "payment.succeeded",
                json.dumps(body, ensure_ascii=False).encode("utf-8"),
                order["placed_at"],
            ),
        )
        db.execute(
            "INSERT INTO orders (id, amount) VALUES (:order_id, :amount)",
            {"order_id": order["order_id"], "amount": order["amount"]},
        )
        db.execute(
            "INSERT INTO deliveries (event, endpoint, due)"
            " SELECT ?, id, ? FROM endpoints WHERE enabled",
            (event_id, order["placed_at"]),
        )
    return event_id


# %% passed | begins, commits and rolls back by hand
#-     with db:
#-         db.execute(
#-             "INSERT INTO orders VALUES (?, ?)", (order["order_id"], order["amount"])
#-         )
#-         db.execute(
#-             "INSERT INTO events VALUES (?, ?, ?, ?)",
#-             (event_id, "payment.succeeded", payload, placed_at),
#-         )
#-         db.execute(
#-             "INSERT INTO deliveries (event, endpoint, due)"
#-             " SELECT ?, id, ? FROM endpoints WHERE enabled = 1",
#-             (event_id, placed_at),
#-         )
#+     try:
#+         db.execute("BEGIN IMMEDIATE")
#+         db.execute(
#+             "INSERT INTO orders VALUES (?, ?)", (order["order_id"], order["amount"])
#+         )
#+         db.execute(
#+             "INSERT INTO events VALUES (?, ?, ?, ?)",
#+             (event_id, "payment.succeeded", payload, placed_at),
#+         )
#+         db.execute(
#+             "INSERT INTO deliveries (event, endpoint, due)"
#+             " SELECT ?, id, ? FROM endpoints WHERE enabled = 1",
#+             (event_id, placed_at),
#+         )
#+         db.commit()
#+     except BaseException:
#+         db.rollback()
#+         raise

# %% passed | returns inside of the block
#-             (event_id, placed_at),
#-         )
#-     return event_id
#+             (event_id, placed_at),
#+         )
#+         return event_id

# %% passed | a cursor, and compact JSON
#-     payload = json.dumps(event).encode()
#+     payload = json.dumps(event, separators=(",", ":"), sort_keys=True).encode()

# %% passed | helper functions
import json
import secrets


def insert(db, table, **values):
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    db.execute(
        f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values())
    )


def payload_of(event_id, order):
    data = {"order_id": order["order_id"], "amount": order["amount"]}
    when = order["placed_at"]
    return json.dumps(
        dict(id=event_id, event="payment.succeeded", created_at=when, data=data)
    ).encode("utf-8")


def place_order(db, order):
    event_id, when = secrets.token_urlsafe(16), order["placed_at"]
    body = payload_of(event_id, order)
    with db:
        insert(db, "orders", id=order["order_id"], amount=order["amount"])
        insert(
            db, "events", id=event_id, type="payment.succeeded", payload=body, created=when
        )
        for (endpoint,) in list(db.execute("SELECT id FROM endpoints WHERE enabled=1")):
            insert(db, "deliveries", event=event_id, endpoint=endpoint, due=when)
    return event_id


# %% passed | reads the endpoints before the transaction
#-     with db:
#+     enabled = [
#+         row["id"] for row in db.execute("SELECT * FROM endpoints") if row["enabled"]
#+     ]
#+     with db:
#-         db.execute(
#-             "INSERT INTO deliveries (event, endpoint, due)"
#-             " SELECT ?, id, ? FROM endpoints WHERE enabled = 1",
#-             (event_id, placed_at),
#-         )
#+         for endpoint in enabled:
#+             db.execute(
#+                 "INSERT INTO deliveries (event, endpoint, state, due, made)"
#+                 " VALUES (?, ?, 'pending', ?, 0)",
#+                 (event_id, endpoint, placed_at),
#+             )
