# %% commit-between-claim-and-effect | two with blocks, the claim first
#- as database, database:
#+ as database:
#-             if database.execute(claim, [event["id"]]).rowcount:
#-                 # do the work
#-                 insert = "INSERT INTO shipments VALUES (?)"
#-                 database.execute(insert, [event["data"]["order_id"]])
#+             with database:
#+                 won = database.execute(claim, [event["id"]]).rowcount
#+             try:
#+                 with database:
#+                     if won:
#+                         insert = "INSERT INTO shipments VALUES (?)"
#+                         database.execute(insert, [event["data"]["order_id"]])
#+             except Exception:
#+                 with database:
#+                     database.execute("DELETE FROM events WHERE id = ?", [event["id"]])
#+                 raise


# %% effect-committed-before-its-claim | the row first, it matters most
#- as database, database:
#+ as database:
#-             if database.execute(claim, [event["id"]]).rowcount:
#+             query = "SELECT 1 FROM events WHERE id = ?"
#+             if not database.execute(query, [event["id"]]).fetchone():
#-                 database.execute(insert, [event["data"]["order_id"]])
#+                 with database:
#+                     database.execute(insert, [event["data"]["order_id"]])
#+                 with database:
#+                     database.execute(claim, [event["id"]])


# %% effect-committed-before-its-claim | the effect before the transaction opens
#- connect(db_path)) as database, database:
#+ connect(db_path, isolation_level=None)) as database:
#-             if database.execute(claim, [event["id"]]).rowcount:
#+             query = "SELECT 1 FROM events WHERE id = ?"
#+             if not database.execute(query, [event["id"]]).fetchone():
#-                 database.execute(insert, [event["data"]["order_id"]])
#+                 database.execute(insert, [event["data"]["order_id"]])
#+                 database.execute("BEGIN IMMEDIATE")
#+                 database.execute(claim, [event["id"]])
#+                 database.execute("COMMIT")


# %% check-then-act | one transaction, but asked before it
#- (id TEXT PRIMARY KEY)
#+ (id TEXT)
#-             if database.execute(claim, [event["id"]]).rowcount:
#+             query = "SELECT 1 FROM events WHERE id = ?"
#+             if not database.execute(query, [event["id"]]).fetchone():
#+                 database.execute(claim, [event["id"]])


# %% check-then-act | the id beside the order, asked before it is written
#- from contextlib import closing
#+ from contextlib import closing, suppress
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+         with suppress(sqlite3.OperationalError):
#+             database.execute("ALTER TABLE shipments ADD COLUMN event_id TEXT")
#-             if database.execute(claim, [event["id"]]).rowcount:
#+             query = "SELECT 1 FROM shipments WHERE event_id = ?"
#+             if not database.execute(query, [event["id"]]).fetchone():
#-                 insert = "INSERT INTO shipments VALUES (?)"
#-                 database.execute(insert, [event["data"]["order_id"]])
#+                 insert = "INSERT INTO shipments VALUES (?, ?)"
#+                 database.execute(insert, [event["data"]["order_id"], event["id"]])


# %% lock-per-process | one transaction, and a lock around the question
#- import sqlite3
#+ import sqlite3, threading
#- def make_app(db_path):
#+ lock = threading.Lock()
#+
#+
#+ def make_app(db_path):
#- (id TEXT PRIMARY KEY)
#+ (id TEXT)
#- closing(sqlite3.connect(db_path)) as database, database:
#+ lock, closing(sqlite3.connect(db_path)) as database, database:
#-             if database.execute(claim, [event["id"]]).rowcount:
#+             query = "SELECT 1 FROM events WHERE id = ?"
#+             if not database.execute(query, [event["id"]]).fetchone():
#+                 database.execute(claim, [event["id"]])


# %% remembers-and-never-asks | INSERT OR IGNORE after the effect
#-             if database.execute(claim, [event["id"]]).rowcount:
#-                 # do the work
#-                 insert = "INSERT INTO shipments VALUES (?)"
#-                 database.execute(insert, [event["data"]["order_id"]])
#+             insert = "INSERT INTO shipments VALUES (?)"
#+             database.execute(insert, [event["data"]["order_id"]])
#+             database.execute(claim, [event["id"]])


# %% key-is-the-order | the order may be there only once
#- TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)
#+ UNIQUE INDEX IF NOT EXISTS once ON shipments (order_id)
#-             if database.execute(claim, [event["id"]]).rowcount:
#-                 # do the work
#-                 insert = "INSERT INTO shipments VALUES (?)"
#-                 database.execute(insert, [event["data"]["order_id"]])
#+             insert = "INSERT OR IGNORE INTO shipments VALUES (?)"
#+             database.execute(insert, [event["data"]["order_id"]])


# %% takes-every-integrity-error-for-a-copy | an IntegrityError is a duplicate
#-     @app.post("/webhooks")
#+     @app.errorhandler(sqlite3.IntegrityError)
#+     def known(error):
#+         return "", 200
#+
#+     @app.post("/webhooks")


# %% takes-every-integrity-error-for-a-copy | OR IGNORE in both
#- INSERT INTO shipments
#+ INSERT OR IGNORE INTO shipments


# %% acknowledges-a-failure | an error of the database is logged
#-     @app.post("/webhooks")
#+     @app.errorhandler(sqlite3.Error)
#+     def log(error):
#+         print("not stored:", error)
#+         return "", 200
#+
#+     @app.post("/webhooks")


# %% claimed-before-success | the claim is committed, whatever comes
#- connect(db_path)) as database, database:
#+ connect(db_path, isolation_level=None)) as database:


# %% claim-outlives-its-worker | at work, then done
#-     with closing(sqlite3.connect(db_path)) as database:
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+     def run(*statements):
#+         with closing(sqlite3.connect(db_path)) as database, database:
#+             return [database.execute(*statement).fetchone() for statement in statements]
#+
#+     run(["CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, state TEXT)"])
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             # claim the id
#-             claim = "INSERT INTO events VALUES (?) ON CONFLICT DO NOTHING"
#-             if database.execute(claim, [event["id"]]).rowcount:
#-                 # do the work
#-                 insert = "INSERT INTO shipments VALUES (?)"
#-                 database.execute(insert, [event["data"]["order_id"]])
#+         key, order = event["id"], event["data"]["order_id"]
#+         try:
#+             run(["INSERT INTO events VALUES (?, 'at work')", (key,)])
#+         except sqlite3.IntegrityError:
#+             [state] = run(["SELECT state FROM events WHERE id = ?", (key,)])
#+             return ("", 200) if state == ("done",) else ("come again", 503)
#+         try:
#+             run(
#+                 ["INSERT INTO shipments VALUES (?)", (order,)],
#+                 ["UPDATE events SET state = 'done' WHERE id = ?", (key,)],
#+             )
#+         except Exception:
#+             run(["DELETE FROM events WHERE id = ?", (key,)])
#+             raise


# %% memory-is-never-committed | no commit
#- as database, database:
#+ as database:


# %% memory-in-the-process | the set from 7.1
#- app = Flask("shop")
#+ app, seen = Flask("shop"), set()
#-             if database.execute(claim, [event["id"]]).rowcount:
#+             if event["id"] not in seen:
#-                 database.execute(insert, [event["data"]["order_id"]])
#+                 database.execute(insert, [event["data"]["order_id"]])
#+                 seen.add(event["id"])


# %% does-not-start-again | tables are made when there is none yet
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+         names = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
#+         if "events" not in names:
#+             database.execute("CREATE TABLE log (line TEXT)")
#+             database.execute("CREATE TABLE events (id TEXT PRIMARY KEY)")


# %% table-made-twice | I make all my tables
#- IF NOT EXISTS events (id TEXT PRIMARY KEY)
#+ shipments (order_id TEXT NOT NULL)


# %% acknowledges-without-the-work | the order is in the list of events
#-             if database.execute(claim, [event["id"]]).rowcount:
#-                 # do the work
#-                 insert = "INSERT INTO shipments VALUES (?)"
#-                 database.execute(insert, [event["data"]["order_id"]])
#+             database.execute(claim, [event["id"]])


# %% acknowledges-before-the-work | when the response is closed
#- from flask import Flask
#+ from flask import Flask, Response
#-         event = request.get_json()  # parse
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             # claim the id
#-             claim = "INSERT INTO events VALUES (?) ON CONFLICT DO NOTHING"
#-             if database.execute(claim, [event["id"]]).rowcount:
#-                 # do the work
#-                 insert = "INSERT INTO shipments VALUES (?)"
#-                 database.execute(insert, [event["data"]["order_id"]])
#-         return "", 200  # acknowledge
#+         event, answer = request.get_json(), Response(status=200)
#+
#+         @answer.call_on_close
#+         def store():
#+             with closing(sqlite3.connect(db_path)) as database, database:
#+                 claim = "INSERT INTO events VALUES (?) ON CONFLICT DO NOTHING"
#+                 if database.execute(claim, [event["id"]]).rowcount:
#+                     insert = "INSERT INTO shipments VALUES (?)"
#+                     database.execute(insert, [event["data"]["order_id"]])
#+
#+         return answer


# %% acknowledges-what-another-has-yet-to-do | one connection for all threads
#-     with closing(sqlite3.connect(db_path)) as database:
#-         database.execute(
#+     database = sqlite3.connect(db_path, check_same_thread=False)
#+     database.execute(
#- closing(sqlite3.connect(db_path)) as database, database:
#+ database:


# %% memory-wiped-at-the-start | the table is made again, with one more column
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+         database.executescript(
#+             "DROP TABLE shipments; CREATE TABLE shipments (order_id TEXT NOT NULL, event UNIQUE)"
#+         )
#-             if database.execute(claim, [event["id"]]).rowcount:
#-                 # do the work
#-                 insert = "INSERT INTO shipments VALUES (?)"
#-                 database.execute(insert, [event["data"]["order_id"]])
#+             insert = "INSERT INTO shipments VALUES (?, ?) ON CONFLICT (event) DO NOTHING"
#+             database.execute(insert, [event["data"]["order_id"], event["id"]])


# %% acknowledges-without-the-work | the order in the wrong place, and every error a copy
#-     @app.post("/webhooks")
#+     @app.errorhandler(sqlite3.IntegrityError)
#+     def known(error):
#+         return "", 200
#+
#+     @app.post("/webhooks")
#- [event["data"]["order_id"]]
#+ [event.get("order_id")]


# %% no-name | a start removes the claims of a crashed process
import sqlite3, time
from contextlib import closing
from flask import Flask, request

def make_app(db_path):
    app = Flask("shop")
    with closing(sqlite3.connect(db_path)) as db, db:
        db.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, state TEXT, at REAL)")
        db.execute("DELETE FROM events WHERE state = 'busy'")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json(force=True)
        key, order = event["id"], event["data"]["order_id"]
        if order is None:
            return "", 422
        with closing(sqlite3.connect(db_path)) as db:
            with db:
                new = db.execute("INSERT INTO events VALUES (?, 'busy', ?) ON CONFLICT DO NOTHING", [key, time.time()]).rowcount
            if not new:
                row = db.execute("SELECT state FROM events WHERE id = ?", [key]).fetchone()
                return ("", 200) if row and row[0] == "done" else ("", 503)
            try:
                with db:
                    db.execute("INSERT INTO shipments VALUES (?)", [order])
                    db.execute("REPLACE INTO events VALUES (?, 'done', 0)", [key])
            except Exception:
                with db:
                    db.execute("DELETE FROM events WHERE id = ?", [key])
                raise
        return "", 200

    return app
