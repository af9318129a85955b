# %% two-transactions | commits the order first
#-     with db:
#-         db.execute(
#-             "INSERT INTO orders VALUES (?, ?)", (order["order_id"], order["amount"])
#-         )
#+     with db:
#+         db.execute(
#+             "INSERT INTO orders VALUES (?, ?)", (order["order_id"], order["amount"])
#+         )
#+     with db:

# %% two-transactions | commits after each statement
#-             (event_id, "payment.succeeded", payload, placed_at),
#-         )
#+             (event_id, "payment.succeeded", payload, placed_at),
#+         )
#+         db.commit()

# %% event-before-order | stores the event first, to be safe
#-     with db:
#-         db.execute(
#-             "INSERT INTO orders VALUES (?, ?)", (order["order_id"], order["amount"])
#-         )
#-         db.execute(
#-             "INSERT INTO events VALUES (?, ?, ?, ?)",
#-             (event_id, "payment.succeeded", payload, placed_at),
#-         )
#+     with db:
#+         db.execute(
#+             "INSERT INTO events VALUES (?, ?, ?, ?)",
#+             (event_id, "payment.succeeded", payload, placed_at),
#+         )
#+     with db:
#+         db.execute(
#+             "INSERT INTO orders VALUES (?, ?)", (order["order_id"], order["amount"])
#+         )

# %% does-not-commit | forgets the transaction
#-     with db:
#+     if True:

# %% no-event | stores only the order
#-         db.execute(
#-             "INSERT INTO events VALUES (?, ?, ?, ?)",
#-             (event_id, "payment.succeeded", payload, placed_at),
#-         )
#-         db.execute(
#-             "INSERT INTO deliveries (event, endpoint, due)"
#-             " SELECT ?, id, ? FROM endpoints WHERE enabled = 1",
#-             (event_id, placed_at),
#-         )
#+         pass

# %% no-deliveries | leaves the deliveries to a worker
#-         db.execute(
#-             "INSERT INTO deliveries (event, endpoint, due)"
#-             " SELECT ?, id, ? FROM endpoints WHERE enabled = 1",
#-             (event_id, placed_at),
#-         )
#+         pass

# %% one-delivery-only | takes the first endpoint
#-             " SELECT ?, id, ? FROM endpoints WHERE enabled = 1",
#+             " SELECT ?, id, ? FROM endpoints WHERE enabled = 1 LIMIT 1",

# %% delivers-to-disabled-endpoints | takes all endpoints
#-             " SELECT ?, id, ? FROM endpoints WHERE enabled = 1",
#+             " SELECT ?, id, ? FROM endpoints",

# %% swallows-the-error | returns None if something fails
#-     with db:
#+     import contextlib
#+
#+     with contextlib.suppress(Exception), db:

# %% overwrites-the-order | replaces what exists
#-             "INSERT INTO orders VALUES (?, ?)", (order["order_id"], order["amount"])
#+             "INSERT OR REPLACE INTO orders VALUES (?, ?)",
#+             (order["order_id"], order["amount"]),

# %% overwrites-the-order | ignores what exists
#-             "INSERT INTO orders VALUES (?, ?)", (order["order_id"], order["amount"])
#+             "INSERT OR IGNORE INTO orders VALUES (?, ?)",
#+             (order["order_id"], order["amount"]),

# %% payload-is-text | forgets to encode
#-     payload = json.dumps(event).encode()
#+     payload = json.dumps(event)

# %% order-id-as-event-id | one id is enough
#-     event_id = "evt_" + secrets.token_hex(12)
#+     event_id = order["order_id"]

# %% same-id-for-all-events | a fixed id
#-     event_id = "evt_" + secrets.token_hex(12)
#+     event_id = "evt_1"

# %% another-id-in-the-payload | draws the id twice
#-         "id": event_id,
#+         "id": "evt_" + secrets.token_hex(12),

# %% does-not-return-the-id | returns nothing
#-     return event_id
#+     pass

# %% due-at-another-time | due at once means 0
#-             (event_id, placed_at),
#+             (event_id, 0),

# %% does-not-roll-back | commits at the end, without a block that rolls back
#-     with db:
#+     if True:
#-     return event_id
#+     db.commit()
#+     return event_id

# %% no-name | ids are counted
#-     event_id = "evt_" + secrets.token_hex(12)
#+     (count,) = db.execute("SELECT count(*) FROM events").fetchone()
#+     event_id = f"evt_{count + 1}"

# %% one-delivery-only | failing endpoints are left out
#-             " SELECT ?, id, ? FROM endpoints WHERE enabled = 1",
#+             " SELECT ?, id, ? FROM endpoints WHERE enabled = 1 AND failures = 0",
