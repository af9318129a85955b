# %% commit-between-claim-and-effect | two with blocks, the claim first
#= the order is in the list of events
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#+         with closing(sqlite3.connect(db_path)) as database:
#+             with database:
#+                 won = database.execute(
#+                     "INSERT OR IGNORE INTO events VALUES (?)", (event["id"],)
#+                 ).rowcount
#+             if not won:
#+                 return "", 200
#+             try:
#+                 with database:
#+                     database.execute(
#+                         "INSERT INTO shipments VALUES (?)", (event["data"]["order_id"],)
#+                     )
#+             except Exception:
#+                 with database:
#+                     database.execute("DELETE FROM events WHERE id = ?", (event["id"],))
#+                 raise


# %% effect-committed-before-its-claim | the row first, it matters most
#= the order is in the list of events
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#+         with closing(sqlite3.connect(db_path)) as database:
#+             known = database.execute("SELECT 1 FROM events WHERE id = ?", (event["id"],))
#+             if known.fetchone():
#+                 return "", 200
#+             with database:
#+                 database.execute(
#+                     "INSERT INTO shipments VALUES (?)", (event["data"]["order_id"],)
#+                 )
#+             with database:
#+                 database.execute("INSERT INTO events VALUES (?)", (event["id"],))


# %% effect-committed-before-its-claim | the effect before the transaction opens
#= the order is in the list of events
#- from contextlib import closing
#- from flask import Flask, request
#+ from flask import Flask, request
#-     with closing(sqlite3.connect(db_path)) as database:
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+     database = sqlite3.connect(db_path)
#+     database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+     database.close()
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#+         database = sqlite3.connect(db_path, isolation_level=None)
#+         try:
#+             known = database.execute("SELECT 1 FROM events WHERE id = ?", (event["id"],))
#+             if not known.fetchone():
#+                 order = event["data"]["order_id"]
#+                 database.execute("INSERT INTO shipments VALUES (?)", (order,))
#+                 database.execute("BEGIN IMMEDIATE")
#+                 database.execute("INSERT INTO events VALUES (?)", (event["id"],))
#+                 database.execute("COMMIT")
#+         finally:
#+             database.close()


# %% check-then-act | one transaction, but asked before it
#= the order is in the list of events
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT)")
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#+             known = database.execute("SELECT 1 FROM events WHERE id = ?", (event["id"],))
#+             if not known.fetchone():
#+                 database.execute("INSERT INTO events VALUES (?)", (event["id"],))
#+                 database.execute(
#+                     "INSERT INTO shipments VALUES (?)", (event["data"]["order_id"],)
#+                 )


# %% lock-per-process | one transaction, and a lock around the question
#= the order is in the list of events
#- import sqlite3
#+ import sqlite3, threading
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ lock = threading.Lock()
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT)")
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#+         with lock, closing(sqlite3.connect(db_path)) as database, database:
#+             known = database.execute("SELECT 1 FROM events WHERE id = ?", (event["id"],))
#+             if not known.fetchone():
#+                 database.execute("INSERT INTO events VALUES (?)", (event["id"],))
#+                 database.execute(
#+                     "INSERT INTO shipments VALUES (?)", (event["data"]["order_id"],)
#+                 )


# %% remembers-and-never-asks | INSERT OR IGNORE after the effect
#= the order is in the list of events
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#+             order = event["data"]["order_id"]
#+             database.execute("INSERT INTO shipments VALUES (?)", (order,))
#+             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))


# %% key-is-the-order | the order may be there only once
#= the order is in the list of events
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+         database.execute("CREATE UNIQUE INDEX IF NOT EXISTS once ON shipments (order_id)")
#-         event = request.get_json()
#+         order = request.get_json()["data"]["order_id"]
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#+             database.execute("INSERT OR IGNORE INTO shipments VALUES (?)", (order,))


# %% takes-every-integrity-error-for-a-copy | an IntegrityError is a duplicate
#= the order is in the list of events
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#+         with closing(sqlite3.connect(db_path)) as database:
#+             try:
#+                 with database:
#+                     database.execute("INSERT INTO events VALUES (?)", (event["id"],))
#+                     order = event["data"]["order_id"]
#+                     database.execute("INSERT INTO shipments VALUES (?)", (order,))
#+             except sqlite3.IntegrityError:
#+                 pass


# %% takes-every-integrity-error-for-a-copy | OR IGNORE in both
#= the order is in the list of events
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#+             order = event["data"]["order_id"]
#+             if database.execute(
#+                 "INSERT OR IGNORE INTO events VALUES (?)", (event["id"],)
#+             ).rowcount:
#+                 database.execute("INSERT OR IGNORE INTO shipments VALUES (?)", (order,))


# %% acknowledges-a-failure | an error of the database is logged
#= the order is in the list of events
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#+         with closing(sqlite3.connect(db_path)) as database:
#+             try:
#+                 with database:
#+                     database.execute("INSERT INTO events VALUES (?)", (event["id"],))
#+                     order = event["data"]["order_id"]
#+                     database.execute("INSERT INTO shipments VALUES (?)", (order,))
#+             except sqlite3.Error as error:
#+                 print("not stored:", error)


# %% claimed-before-success | the claim is committed, whatever comes
#= the order is in the list of events
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#+         with closing(sqlite3.connect(db_path, isolation_level=None)) as database:
#+             if database.execute(
#+                 "INSERT OR IGNORE INTO events VALUES (?)", (event["id"],)
#+             ).rowcount:
#+                 order = event["data"]["order_id"]
#+                 database.execute("INSERT INTO shipments VALUES (?)", (order,))


# %% claim-outlives-its-worker | at work, then done
#= the order is in the list of events
#-     with closing(sqlite3.connect(db_path)) as database:
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+
#+     def run(*statements):
#+         with closing(sqlite3.connect(db_path)) as database, database:
#+             return [database.execute(*statement).fetchone() for statement in statements]
#+
#+     run(["CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, state TEXT)"])
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
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
#= the order is in the list of events
#- from contextlib import closing
#- from flask import Flask, request
#+ from flask import Flask, request
#-     with closing(sqlite3.connect(db_path)) as database:
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+     database = sqlite3.connect(db_path)
#+     database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+     database.close()
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#+         database = sqlite3.connect(db_path)
#+         if database.execute(
#+             "INSERT OR IGNORE INTO events VALUES (?)", (event["id"],)
#+         ).rowcount:
#+             order = event["data"]["order_id"]
#+             database.execute("INSERT INTO shipments VALUES (?)", (order,))
#+         database.close()


# %% memory-in-the-process | the set from 7.1
#= the order is in the list of events
#-     app = Flask("shop")
#-     with closing(sqlite3.connect(db_path)) as database:
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+     app, seen = Flask("shop"), set()
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#+         if event["id"] not in seen:
#+             with closing(sqlite3.connect(db_path)) as database, database:
#+                 order = event["data"]["order_id"]
#+                 database.execute("INSERT INTO shipments VALUES (?)", (order,))
#+             seen.add(event["id"])


# %% does-not-start-again | tables are made when there is none yet
#= the order is in the list of events
#-     with closing(sqlite3.connect(db_path)) as database:
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+     with closing(sqlite3.connect(db_path, isolation_level=None)) as database:
#+         names = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
#+         if "events" not in names:
#+             database.execute("CREATE TABLE log (line TEXT)")
#+             database.execute("CREATE TABLE events (id TEXT PRIMARY KEY)")
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#+             if database.execute(
#+                 "INSERT OR IGNORE INTO events VALUES (?)", (event["id"],)
#+             ).rowcount:
#+                 order = event["data"]["order_id"]
#+                 database.execute("INSERT INTO shipments VALUES (?)", (order,))


# %% table-made-twice | I make all my tables
#= the order is in the list of events
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+         database.execute("CREATE TABLE shipments (order_id TEXT NOT NULL)")
#-         event = request.get_json()
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#-         return "", 200
#+         return "", 200


# %% acknowledges-without-the-work | the order is in the list of events
import sqlite3
from contextlib import closing
from flask import Flask, request

def make_app(db_path):
    app = Flask("shop")
    with closing(sqlite3.connect(db_path)) as database:
        database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        with closing(sqlite3.connect(db_path)) as database, database:
            database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
        return "", 200

    return app


# %% acknowledges-before-the-work | when the response is closed
#= the order is in the list of events
#- from flask import Flask, request
#+ from flask import Flask, Response, request
#-         event = request.get_json()
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#-         return "", 200
#+         event, answer = request.get_json(), Response(status=200)
#+
#+         @answer.call_on_close
#+         def store():
#+             with closing(sqlite3.connect(db_path)) as database, database:
#+                 if database.execute(
#+                     "INSERT OR IGNORE INTO events VALUES (?)", (event["id"],)
#+                 ).rowcount:
#+                     order = event["data"]["order_id"]
#+                     database.execute("INSERT INTO shipments VALUES (?)", (order,))
#+
#+         return answer


# %% acknowledges-what-another-has-yet-to-do | one connection for all threads
#= the order is in the list of events
#- from contextlib import closing
#- from flask import Flask, request
#+ from flask import Flask, request
#-     with closing(sqlite3.connect(db_path)) as database:
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+     database = sqlite3.connect(db_path, check_same_thread=False)
#+     database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#+         with database:
#+             if database.execute(
#+                 "INSERT OR IGNORE INTO events VALUES (?)", (event["id"],)
#+             ).rowcount:
#+                 order = event["data"]["order_id"]
#+                 database.execute("INSERT INTO shipments VALUES (?)", (order,))


# %% check-then-act | the id beside the order, asked before it is written
#= the order is in the list of events
#- from contextlib import closing
#+ from contextlib import closing, suppress
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+         with suppress(sqlite3.OperationalError):
#+             database.execute("ALTER TABLE shipments ADD COLUMN event_id TEXT")
#-         with closing(sqlite3.connect(db_path)) as database, database:
#+         values = event["data"]["order_id"], event["id"]
#+         with closing(sqlite3.connect(db_path)) as database, database:
#-             database.execute("INSERT OR IGNORE INTO events VALUES (?)", (event["id"],))
#+             query = "SELECT 1 FROM shipments WHERE event_id = ?"
#+             if database.execute(query, values[1:]).fetchone() is None:
#+                 database.execute("INSERT INTO shipments VALUES (?, ?)", values)


# %% memory-wiped-at-the-start | the table is made again, with one more column
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+         database.executescript(
#+             "DROP TABLE shipments; CREATE TABLE shipments (order_id TEXT NOT NULL, event UNIQUE)"
#+         )
#-             claim = "INSERT INTO events VALUES (?) ON CONFLICT DO NOTHING"
#-             if database.execute(claim, [event["id"]]).rowcount:
#-                 # do the work
#-                 insert = "INSERT INTO shipments VALUES (?)"
#-                 database.execute(insert, [event["data"]["order_id"]])
#+             insert = "INSERT INTO shipments VALUES (?, ?) ON CONFLICT (event) DO NOTHING"
#+             database.execute(insert, [event["data"]["order_id"], event["id"]])
