# %% no-key | ship works without
#- , idempotency_key=event["id"]
#+


# %% new-key-for-every-try | keys are random, says the manual
#- import sqlite3
#+ import sqlite3, uuid
#- idempotency_key=event["id"]
#+ idempotency_key=str(uuid.uuid4())


# %% new-key-for-every-try | the request id
#- idempotency_key=event["id"]
#+ idempotency_key=request.headers["X-Request-Id"]


# %% key-from-an-unsigned-header | the delivery id
#- idempotency_key=event["id"]
#+ idempotency_key=request.headers["X-Delivery-Id"]


# %% key-from-the-bytes | a digest of the body
#- import sqlite3
#+ import hashlib, sqlite3
#- idempotency_key=event["id"]
#+ idempotency_key=hashlib.sha256(request.get_data()).hexdigest()


# %% key-changes-with-the-process | hash() makes a number of it
#- idempotency_key=event["id"]
#+ idempotency_key=f"{hash(event['id'])}"


# %% key-lost-at-the-restart | the hash of a tuple
#- idempotency_key=event["id"]
#+ idempotency_key=hash(("order", event["id"]))


# %% key-lost-at-the-restart | a random key, kept in a dictionary
#- import sqlite3
#+ import sqlite3, uuid
#- app = Flask("shop")
#+ app, keys = Flask("shop"), {}
#- idempotency_key=event["id"]
#+ idempotency_key=keys.setdefault(event["id"], uuid.uuid4().hex)


# %% one-key-for-all | the key says who is calling
#- idempotency_key=event["id"]
#+ idempotency_key="my-shop"


# %% key-is-the-order | one parcel for each order
#- idempotency_key=event["id"]
#+ idempotency_key=event["data"]["order_id"]


# %% memory-left-to-the-service | the key does it all
#-             if database.execute(query, [event["id"]]).fetchone():
#-                 return "", 200  # acknowledge: it is done already
#+


# %% memory-in-the-process | a set, and the key for the rest
#- app = Flask("shop")
#+ app, seen = Flask("shop"), set()
#- if database.execute(query, [event["id"]]).fetchone():
#+ if event["id"] in seen:
#-             with database:
#-                 insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
#-                 database.execute(insert, [event["id"]])
#+             seen.add(event["id"])


# %% acknowledges-a-failure | a time-out means that it will arrive
#- from contextlib import closing
#+ from contextlib import closing, suppress
#-             ship(event["data"]["order_id"], idempotency_key=event["id"])
#+             with suppress(TimeoutError):
#+                 ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% claimed-before-success | the claim is committed, then called
#-             ship(event["data"]["order_id"], idempotency_key=event["id"])
#+
#-                 database.execute(insert, [event["id"]])
#+                 database.execute(insert, [event["id"]])
#+             ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% claimed-before-success | committed first, taken back on an exception
#-             ship(event["data"]["order_id"], idempotency_key=event["id"])
#+
#-                 database.execute(insert, [event["id"]])
#+                 database.execute(insert, [event["id"]])
#+             try:
#+                 ship(event["data"]["order_id"], idempotency_key=event["id"])
#+             except Exception:
#+                 with database:
#+                     database.execute("DELETE FROM shipped WHERE id = ?", [event["id"]])
#+                 raise


# %% key-not-kept-before-the-call | a random key, committed when the call has ended
#- import sqlite3
#+ import sqlite3, uuid
#- id TEXT PRIMARY KEY
#+ id TEXT PRIMARY KEY, key TEXT, done INT
#-             query = "SELECT 1 FROM shipped WHERE id = ?"
#-             if database.execute(query, [event["id"]]).fetchone():
#-                 return "", 200  # acknowledge: it is done already
#-             # do the work
#-             ship(event["data"]["order_id"], idempotency_key=event["id"])
#-             # claim the id
#-             with database:
#-                 insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
#-                 database.execute(insert, [event["id"]])
#+             insert = "INSERT OR IGNORE INTO shipped VALUES (?, ?, 0)"
#+             database.execute(insert, [event["id"], uuid.uuid4().hex])
#+             query = "SELECT key, done FROM shipped WHERE id = ?"
#+             key, done = database.execute(query, [event["id"]]).fetchone()
#+             try:
#+                 if not done:
#+                     ship(event["data"]["order_id"], idempotency_key=key)
#+                     update = "UPDATE shipped SET done = 1 WHERE id = ?"
#+                     database.execute(update, [event["id"]])
#+             finally:
#+                 database.commit()


# %% two-workers-two-keys | a random key, looked up and then written
#- import sqlite3
#+ import sqlite3, uuid
#- id TEXT PRIMARY KEY
#+ id TEXT, key TEXT, done INT
#-             query = "SELECT 1 FROM shipped WHERE id = ?"
#-             if database.execute(query, [event["id"]]).fetchone():
#-                 return "", 200  # acknowledge: it is done already
#-             # do the work
#-             ship(event["data"]["order_id"], idempotency_key=event["id"])
#-             # claim the id
#-             with database:
#-                 insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
#-                 database.execute(insert, [event["id"]])
#+             query = "SELECT key, done FROM shipped WHERE id = ?"
#+             key, done = database.execute(query, [event["id"]]).fetchone() or (None, 0)
#+             if key is None:
#+                 key, insert = uuid.uuid4().hex, "INSERT INTO shipped VALUES (?, ?, 0)"
#+                 with database:
#+                     database.execute(insert, [event["id"], key])
#+             if not done:
#+                 ship(event["data"]["order_id"], idempotency_key=key)
#+                 update = "UPDATE shipped SET done = 1 WHERE id = ?"
#+                 with database:
#+                     database.execute(update, [event["id"]])


# %% claim-outlives-its-worker | at work, then done
#-     with closing(sqlite3.connect(db_path)) as database:
#-         database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#+     def run(statement, *values):
#+         with closing(sqlite3.connect(db_path)) as database, database:
#+             return database.execute(statement, values).fetchone()
#+
#+     run("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, state TEXT)")
#-         with closing(sqlite3.connect(db_path)) as database:
#-             query = "SELECT 1 FROM shipped WHERE id = ?"
#-             if database.execute(query, [event["id"]]).fetchone():
#-                 return "", 200  # acknowledge: it is done already
#-             # do the work
#-             ship(event["data"]["order_id"], idempotency_key=event["id"])
#-             # claim the id
#-             with database:
#-                 insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
#-                 database.execute(insert, [event["id"]])
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
#-             if database.execute(query, [event["id"]]).fetchone():
#-                 return "", 200  # acknowledge: it is done already
#+
#-  ON CONFLICT DO NOTHING"
#+ "


# %% acknowledges-what-another-has-yet-to-do | locked means that somebody is at it
#-     @app.post("/webhooks")
#+     @app.errorhandler(sqlite3.OperationalError)
#+     def locked(error):
#+         return "somebody is at it", 202
#+
#+     @app.post("/webhooks")
#-         with closing(sqlite3.connect(db_path)) as database:
#-             query
#+         with closing(sqlite3.connect(db_path, timeout=0)) as database, database:
#+             database.execute("BEGIN IMMEDIATE")
#+             query
#-             with database:
#-                 insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
#-                 database.execute(insert, [event["id"]])
#+             database.execute("INSERT INTO shipped VALUES (?)", [event["id"]])


# %% key-used-for-two-events | the number of the row
#- (id TEXT PRIMARY KEY)
#+ (number INTEGER PRIMARY KEY, id TEXT UNIQUE)
#-         with closing(sqlite3.connect(db_path)) as database:
#-             query = "SELECT 1 FROM shipped WHERE id = ?"
#-             if database.execute(query, [event["id"]]).fetchone():
#-                 return "", 200  # acknowledge: it is done already
#-             # do the work
#-             ship(event["data"]["order_id"], idempotency_key=event["id"])
#-             # claim the id
#-             with database:
#-                 insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
#-                 database.execute(insert, [event["id"]])
#+         with closing(sqlite3.connect(db_path)) as database, database:
#+             insert = "INSERT OR IGNORE INTO shipped (id) VALUES (?)"
#+             done = database.execute(insert, [event["id"]])
#+             if done.rowcount:
#+                 ship(event["data"]["order_id"], idempotency_key=f"row {done.lastrowid}")


# %% no-name | a digest of the sorted JSON
#- import sqlite3
#+ import json, sqlite3
#- idempotency_key=event["id"]
#+ idempotency_key=json.dumps(event, sort_keys=True)

# %% no-name | a digest of two digits
#- idempotency_key=event["id"])
#+ idempotency_key=__import__("hashlib").md5(event["id"].encode()).hexdigest()[:2])
