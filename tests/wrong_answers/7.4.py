# %% no-key | ship works without
#= hash() makes a number of it
#-                 ship(event["data"]["order_id"], idempotency_key=f"{hash(event['id'])}")
#+                 ship(event["data"]["order_id"])


# %% new-key-for-every-try | keys are random, says the manual
#= hash() makes a number of it
#- import sqlite3
#+ import sqlite3, uuid
#-                 ship(event["data"]["order_id"], idempotency_key=f"{hash(event['id'])}")
#+                 ship(event["data"]["order_id"], idempotency_key=str(uuid.uuid4()))


# %% new-key-for-every-try | the request id
#= hash() makes a number of it
#-                 ship(event["data"]["order_id"], idempotency_key=f"{hash(event['id'])}")
#+                 key = request.headers["X-Request-Id"]
#+                 ship(event["data"]["order_id"], idempotency_key=key)


# %% key-from-an-unsigned-header | the delivery id
#= hash() makes a number of it
#-                 ship(event["data"]["order_id"], idempotency_key=f"{hash(event['id'])}")
#+                 key = request.headers["X-Delivery-Id"]
#+                 ship(event["data"]["order_id"], idempotency_key=key)


# %% key-from-the-bytes | a digest of the body
#= hash() makes a number of it
#- import sqlite3
#+ import hashlib, sqlite3
#-                 ship(event["data"]["order_id"], idempotency_key=f"{hash(event['id'])}")
#+                 key = hashlib.sha256(request.get_data()).hexdigest()
#+                 ship(event["data"]["order_id"], idempotency_key=key)


# %% key-changes-with-the-process | hash() makes a number of it
import sqlite3
from contextlib import closing
from flask import Flask, request

def make_app(db_path, ship):
    app = Flask("shop")
    with closing(sqlite3.connect(db_path)) as database:
        database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        with closing(sqlite3.connect(db_path)) as database, database:
            if database.execute(
                "INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],)
            ).rowcount:
                ship(event["data"]["order_id"], idempotency_key=f"{hash(event['id'])}")
        return "", 200

    return app


# %% one-key-for-all | the key says who is calling
#= hash() makes a number of it
#-                 ship(event["data"]["order_id"], idempotency_key=f"{hash(event['id'])}")
#+                 ship(event["data"]["order_id"], idempotency_key="my-shop")


# %% key-is-the-order | one parcel for each order
#= hash() makes a number of it
#-         with closing(sqlite3.connect(db_path)) as database, database:
#+         order = event["data"]["order_id"]
#+         with closing(sqlite3.connect(db_path)) as database, database:
#-                 ship(event["data"]["order_id"], idempotency_key=f"{hash(event['id'])}")
#+                 ship(order, idempotency_key=order)


# %% memory-left-to-the-service | the key does it all
from flask import Flask, request

def make_app(db_path, ship):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        ship(event["data"]["order_id"], idempotency_key=event["id"])
        return "", 200

    return app


# %% memory-in-the-process | a set, and the key for the rest
#= the key does it all
#-     app = Flask("shop")
#+     app, seen = Flask("shop"), set()
#-         ship(event["data"]["order_id"], idempotency_key=event["id"])
#+         if event["id"] not in seen:
#+             ship(event["data"]["order_id"], idempotency_key=event["id"])
#+             seen.add(event["id"])


# %% acknowledges-a-failure | a time-out means that it will arrive
#= hash() makes a number of it
#- from contextlib import closing
#+ from contextlib import closing, suppress
#-                 ship(event["data"]["order_id"], idempotency_key=f"{hash(event['id'])}")
#+                 with suppress(TimeoutError):
#+                     ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% claimed-before-success | the claim is committed, then called
#= hash() makes a number of it
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             if database.execute(
#-                 "INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],)
#-             ).rowcount:
#-                 ship(event["data"]["order_id"], idempotency_key=f"{hash(event['id'])}")
#+         with closing(sqlite3.connect(db_path)) as database:
#+             with database:
#+                 won = database.execute(
#+                     "INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],)
#+                 ).rowcount
#+             if won:
#+                 ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% claimed-before-success | committed first, taken back on an exception
#= the key does it all
#- from flask import Flask, request
#+ import sqlite3
#+ from contextlib import closing
#+ from flask import Flask, request
#-     @app.post("/webhooks")
#+     def run(statement, key):
#+         with closing(sqlite3.connect(db_path)) as database, database:
#+             database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#+             return database.execute(statement, (key,)).rowcount
#+
#+     @app.post("/webhooks")
#-         ship(event["data"]["order_id"], idempotency_key=event["id"])
#+         if run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"]):
#+             try:
#+                 ship(event["data"]["order_id"], idempotency_key=event["id"])
#+             except Exception:
#+                 run("DELETE FROM shipped WHERE id = ?", event["id"])
#+                 raise


# %% key-lost-at-the-restart | a random key, kept in a dictionary
#= hash() makes a number of it
#- import sqlite3
#+ import sqlite3, uuid
#-     app = Flask("shop")
#+     app, keys = Flask("shop"), {}
#-                 ship(event["data"]["order_id"], idempotency_key=f"{hash(event['id'])}")
#+                 key = keys.setdefault(event["id"], uuid.uuid4().hex)
#+                 ship(event["data"]["order_id"], idempotency_key=key)


# %% key-not-kept-before-the-call | a random key, committed when the call has ended
#= the key does it all
#- from flask import Flask, request
#+ import sqlite3, uuid
#+ from contextlib import closing
#+ from flask import Flask, request
#-     app = Flask("shop")
#+     app = Flask("shop")
#+     with closing(sqlite3.connect(db_path)) as database:
#+         database.execute(
#+             "CREATE TABLE IF NOT EXISTS calls (id TEXT PRIMARY KEY, key TEXT, done INT)"
#+         )
#-         ship(event["data"]["order_id"], idempotency_key=event["id"])
#+         with closing(sqlite3.connect(db_path)) as database:
#+             database.execute(
#+                 "INSERT OR IGNORE INTO calls VALUES (?, ?, 0)",
#+                 (event["id"], uuid.uuid4().hex),
#+             )
#+             key, done = database.execute(
#+                 "SELECT key, done FROM calls WHERE id = ?", (event["id"],)
#+             ).fetchone()
#+             try:
#+                 if not done:
#+                     ship(event["data"]["order_id"], idempotency_key=key)
#+                     database.execute(
#+                         "UPDATE calls SET done = 1 WHERE id = ?", (event["id"],)
#+                     )
#+             finally:
#+                 database.commit()


# %% two-workers-two-keys | a random key, looked up and then written
#= the key does it all
#- from flask import Flask, request
#+ import sqlite3, uuid
#+ from contextlib import closing
#+ from flask import Flask, request
#-     @app.post("/webhooks")
#+     def run(statement, *values):
#+         with closing(sqlite3.connect(db_path)) as database, database:
#+             return database.execute(statement, values).fetchone()
#+
#+     run("CREATE TABLE IF NOT EXISTS calls (id TEXT, key TEXT, done INTEGER)")
#+
#+     @app.post("/webhooks")
#-         ship(event["data"]["order_id"], idempotency_key=event["id"])
#+         call = run("SELECT key, done FROM calls WHERE id = ?", event["id"])
#+         if call is None:
#+             call = uuid.uuid4().hex, 0
#+             run("INSERT INTO calls VALUES (?, ?, ?)", event["id"], *call)
#+         key, done = call
#+         if not done:
#+             ship(event["data"]["order_id"], idempotency_key=key)
#+             run("UPDATE calls SET done = 1 WHERE id = ?", event["id"])


# %% claim-outlives-its-worker | at work, then done
#= the key does it all
#- from flask import Flask, request
#+ import sqlite3
#+ from contextlib import closing
#+ from flask import Flask, request
#-     @app.post("/webhooks")
#+     def run(statement, *values):
#+         with closing(sqlite3.connect(db_path)) as database, database:
#+             return database.execute(statement, values).fetchone()
#+
#+     run("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, state TEXT)")
#+
#+     @app.post("/webhooks")
#-         ship(event["data"]["order_id"], idempotency_key=event["id"])
#+         try:
#+             run("INSERT INTO events VALUES (?, 'at work')", event["id"])
#+         except sqlite3.IntegrityError:
#+             state = run("SELECT state FROM events WHERE id = ?", event["id"])
#+             return ("", 200) if state == ("done",) else ("come again", 503)
#+         try:
#+             ship(event["data"]["order_id"], idempotency_key=event["id"])
#+         except Exception:
#+             run("DELETE FROM events WHERE id = ?", event["id"])
#+             raise
#+         run("UPDATE events SET state = 'done' WHERE id = ?", event["id"])


# %% duplicate-answered-with-an-error | the row is written again
#= hash() makes a number of it
#-             if database.execute(
#-                 "INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],)
#-             ).rowcount:
#-                 ship(event["data"]["order_id"], idempotency_key=f"{hash(event['id'])}")
#+             database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#+             ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% acknowledges-what-another-has-yet-to-do | locked means that somebody is at it
#= hash() makes a number of it
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             if database.execute(
#-                 "INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],)
#-             ).rowcount:
#-                 ship(event["data"]["order_id"], idempotency_key=f"{hash(event['id'])}")
#+         try:
#+             with closing(sqlite3.connect(db_path, timeout=0)) as database, database:
#+                 if database.execute(
#+                     "INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],)
#+                 ).rowcount:
#+                     ship(event["data"]["order_id"], idempotency_key=event["id"])
#+         except sqlite3.OperationalError:
#+             return "somebody is at it", 202


# %% key-used-for-two-events | the number of the row
#= hash() makes a number of it
#-         database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#+         database.execute(
#+             "CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY, id TEXT UNIQUE)"
#+         )
#-             if database.execute(
#-                 "INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],)
#-             ).rowcount:
#-                 ship(event["data"]["order_id"], idempotency_key=f"{hash(event['id'])}")
#+             cursor = database.execute(
#+                 "INSERT OR IGNORE INTO events (id) VALUES (?)", (event["id"],)
#+             )
#+             if cursor.rowcount:
#+                 ship(event["data"]["order_id"], idempotency_key=f"event {cursor.lastrowid}")


# %% key-lost-at-the-restart | the hash of a tuple
#-             ship(event["data"]["order_id"], idempotency_key=event["id"])
#+             ship(event["data"]["order_id"], idempotency_key=hash(("order", event["id"])))


# %% no-name | a digest of the sorted JSON
#- import sqlite3
#+ import json, sqlite3
#-             ship(event["data"]["order_id"], idempotency_key=event["id"])
#+             key = json.dumps(event, sort_keys=True)
#+             ship(event["data"]["order_id"], idempotency_key=key)
