# %% check-then-act | exists? return; process; save
#- as database, database:
#+ as database:
#-             if database.execute(insert, [event["id"]]).rowcount:
#-                 ship(event["data"]["order_id"])  # do the work
#+             query = "SELECT 1 FROM shipped WHERE id = ?"
#+             if not database.execute(query, [event["id"]]).fetchone():
#+                 ship(event["data"]["order_id"])
#+                 with database:
#+                     database.execute(insert, [event["id"]])


# %% check-then-act | a transaction around it all, begun by a SELECT
#- connect(db_path)) as database, database:
#+ connect(db_path, isolation_level=None)) as database:
#-             if database.execute(insert, [event["id"]]).rowcount:
#-                 ship(event["data"]["order_id"])  # do the work
#+             database.execute("BEGIN")
#+             query = "SELECT 1 FROM shipped WHERE id = ?"
#+             if not database.execute(query, [event["id"]]).fetchone():
#+                 ship(event["data"]["order_id"])
#+                 database.execute(insert, [event["id"]])
#+             database.execute("COMMIT")


# %% lock-per-process | a lock around it
#- import sqlite3
#+ import sqlite3, threading
#- app = Flask("shop")
#+ app, lock = Flask("shop"), threading.Lock()
#- closing(sqlite3.connect(db_path)) as database, database:
#+ lock, closing(sqlite3.connect(db_path)) as database:
#-             if database.execute(insert, [event["id"]]).rowcount:
#-                 ship(event["data"]["order_id"])  # do the work
#+             query = "SELECT 1 FROM shipped WHERE id = ?"
#+             if not database.execute(query, [event["id"]]).fetchone():
#+                 ship(event["data"]["order_id"])
#+                 with database:
#+                     database.execute(insert, [event["id"]])


# %% memory-in-the-process | the set from 7.1
#- app = Flask("shop")
#+ app, seen = Flask("shop"), set()
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             # claim the id
#-             insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
#-             if database.execute(insert, [event["id"]]).rowcount:
#-                 ship(event["data"]["order_id"])  # do the work
#+         if event["id"] not in seen:
#+             ship(event["data"]["order_id"])
#+             seen.add(event["id"])


# %% memory-in-the-process | a lock and a set in a class
#- import sqlite3
#+ import sqlite3, threading
#- def make_app(db_path, ship):
#+ class Memory:
#+     lock, seen = threading.Lock(), set()
#+
#+
#+ def make_app(db_path, ship):
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             # claim the id
#-             insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
#-             if database.execute(insert, [event["id"]]).rowcount:
#-                 ship(event["data"]["order_id"])  # do the work
#+         with Memory.lock:
#+             if (db_path, event["id"]) not in Memory.seen:
#+                 ship(event["data"]["order_id"])
#+                 Memory.seen.add((db_path, event["id"]))


# %% claimed-before-success | the claim is committed, then shipped
#- as database, database:
#+ as database:
#-             if database.execute(insert, [event["id"]]).rowcount:
#+             with database:
#+                 won = database.execute(insert, [event["id"]]).rowcount
#+             if won:


# %% claimed-before-success | every statement commits by itself
#- connect(db_path)) as database, database:
#+ connect(db_path, isolation_level=None)) as database, database:


# %% acknowledges-what-another-has-yet-to-do | claimed is as good as done
#- as database, database:
#+ as database:
#-             if database.execute(insert, [event["id"]]).rowcount:
#-                 ship(event["data"]["order_id"])  # do the work
#+             with database:
#+                 won = database.execute(insert, [event["id"]]).rowcount
#+             try:
#+                 if won:
#+                     ship(event["data"]["order_id"])
#+             except Exception:
#+                 with database:
#+                     database.execute("DELETE FROM shipped WHERE id = ?", [event["id"]])
#+                 raise


# %% acknowledges-a-failure | locked means that somebody is at it
#-     @app.post("/webhooks")
#+     @app.errorhandler(sqlite3.OperationalError)
#+     def locked(error):
#+         return "", 200
#+
#+     @app.post("/webhooks")
#- connect(db_path)) as database, database:
#+ connect(db_path, timeout=0)) as database, database:


# %% acknowledges-what-another-has-yet-to-do | one connection for all threads
#-     with closing(sqlite3.connect(db_path)) as database:
#-         database.execute(
#+     database = sqlite3.connect(db_path, check_same_thread=False)
#+     database.execute(
#- closing(sqlite3.connect(db_path)) as database, database:
#+ database:


# %% duplicate-answered-with-an-error | the constraint keeps copies out
#-  ON CONFLICT DO NOTHING"
#+ "


# %% remembers-and-never-asks | INSERT OR IGNORE after the effect
#-             if database.execute(insert, [event["id"]]).rowcount:
#-                 ship(event["data"]["order_id"])  # do the work
#+             ship(event["data"]["order_id"])
#+             database.execute(insert, [event["id"]])


# %% memory-is-never-committed | execute is enough
#- as database, database:
#+ as database:


# %% acknowledges-a-failure | an exception is a duplicate
#-     @app.post("/webhooks")
#+     @app.errorhandler(Exception)
#+     def known(error):
#+         return "", 200
#+
#+     @app.post("/webhooks")


# %% table-made-twice | CREATE TABLE
#-  IF NOT EXISTS
#+


# %% memory-wiped-at-the-start | a fresh table at every start
#-         database.execute("CREATE
#+         database.execute("DROP TABLE IF EXISTS shipped")
#+         database.execute("CREATE


# %% connection-of-another-thread | one connection for the app
#-     with closing(sqlite3.connect(db_path)) as database:
#-         database.execute(
#+     database = sqlite3.connect(db_path)
#+     database.execute(
#- closing(sqlite3.connect(db_path)) as database, database:
#+ database:


# %% memory-shorter-than-the-retries | old rows are swept away after an hour
#- import sqlite3
#+ import sqlite3, time
#- PRIMARY KEY)
#+ PRIMARY KEY, at REAL)
#-             # claim the id
#+             now = time.time()
#+             database.execute("DELETE FROM shipped WHERE at < ?", [now - 3600])
#- VALUES (?)
#+ VALUES (?, ?)
#- [event["id"]]
#+ [event["id"], now]


# %% key-from-an-unsigned-header | the delivery id is there without parsing
#- [event["id"]]
#+ [request.headers["X-Delivery-Id"]]


# %% transaction-left-open | commit only after success
#- app = Flask("shop")
#+ app, kept = Flask("shop"), []
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             # claim the id
#-             insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
#-             if database.execute(insert, [event["id"]]).rowcount:
#-                 ship(event["data"]["order_id"])  # do the work
#+         database = sqlite3.connect(db_path)
#+         kept.append(database)
#+         insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
#+         if database.execute(insert, [event["id"]]).rowcount:
#+             ship(event["data"]["order_id"])
#+             database.commit()


# %% waits-for-ever | two locks, one for each direction
#- import sqlite3
#+ import sqlite3, threading
#- app = Flask("shop")
#+ app, turn = Flask("shop"), []
#+     stock, till = threading.Lock(), threading.Lock()
#- with closing(sqlite3.connect(db_path)) as database, database:
#+ turn.append(1)
#+         first, second = (stock, till) if len(turn) % 2 else (till, stock)
#+         with first, second, closing(sqlite3.connect(db_path)) as database, database:


# %% no-name | the claim is a lock, removed after the work
#- as database, database:
#+ as database:
#-             if database.execute(insert, [event["id"]]).rowcount:
#-                 ship(event["data"]["order_id"])  # do the work
#+             with database:
#+                 won = database.execute(insert, [event["id"]]).rowcount
#+             if won:
#+                 ship(event["data"]["order_id"])
#+                 with database:
#+                     database.execute("DELETE FROM shipped")


# %% no-name | what is locked is new
#- connect(db_path)) as database, database:
#+ connect(db_path, timeout=0)) as database, database:
#-             if database.execute(insert, [event["id"]]).rowcount:
#+             try:
#+                 won = database.execute(insert, [event["id"]]).rowcount
#+             except sqlite3.OperationalError:
#+                 won = True
#+             if won:


# %% no-name | the index is made at each start
#- (id TEXT PRIMARY KEY)")
#+ (id TEXT)")
#+         database.execute("CREATE UNIQUE INDEX once ON shipped (id)")

# %% memory-shorter-than-the-retries | the file keeps only the last fifty ids
#-                 ship(event["data"]["order_id"])  # do the work
#+                 ship(event["data"]["order_id"])  # do the work
#+                 newest = "(SELECT max(rowid) FROM shipped)"
#+                 database.execute(f"DELETE FROM shipped WHERE rowid <= {newest} - 50")

# %% no-name | an id has 64 characters
#- [event["id"]]
#+ [event["id"][:64]]


# %% no-name | a start removes the claims of a crashed process
import sqlite3, time
from contextlib import closing
from flask import Flask, request

def make_app(db_path, ship):
    app = Flask("shop")

    def sql(statement, *values):
        with closing(sqlite3.connect(db_path, timeout=15)) as db, db:
            cursor = db.execute(statement, values)
            return cursor.fetchone() if cursor.description else cursor.rowcount

    sql("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, state TEXT, at REAL)")
    sql("DELETE FROM events WHERE state <> 'done'")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json(force=True)
        key = event["id"]
        if sql("INSERT INTO events VALUES (?, 'busy', ?) ON CONFLICT DO NOTHING", key, time.time()) != 1:
            row = sql("SELECT state FROM events WHERE id = ?", key)
            return ("", 200) if row and row[0] == "done" else ("busy", 503)
        try:
            ship(event["data"]["order_id"])
        except BaseException:
            sql("DELETE FROM events WHERE id = ?", key)
            raise
        sql("INSERT INTO events VALUES (?, 'done', ?) ON CONFLICT (id) DO UPDATE SET state = 'done'", key, time.time())
        return "", 200

    return app


# %% no-name | a claim of half a minute
import sqlite3, time
from contextlib import closing
from flask import Flask, request

def make_app(db_path, ship):
    app = Flask("shop")

    def sql(statement, *values):
        with closing(sqlite3.connect(db_path, timeout=15)) as db, db:
            cursor = db.execute(statement, values)
            return cursor.fetchone() if cursor.description else cursor.rowcount

    sql("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, state TEXT, at REAL)")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json(force=True)
        key = event["id"]
        sql("DELETE FROM events WHERE id = ? AND state = 'busy' AND at < ?", key, time.time() - 30)
        if sql("INSERT INTO events VALUES (?, 'busy', ?) ON CONFLICT DO NOTHING", key, time.time()) != 1:
            row = sql("SELECT state FROM events WHERE id = ?", key)
            return ("", 200) if row and row[0] == "done" else ("busy", 503)
        try:
            ship(event["data"]["order_id"])
        except BaseException:
            sql("DELETE FROM events WHERE id = ?", key)
            raise
        sql("INSERT INTO events VALUES (?, 'done', ?) ON CONFLICT (id) DO UPDATE SET state = 'done'", key, time.time())
        return "", 200

    return app


# %% acknowledges-what-another-has-yet-to-do | one connection, and rollback by hand
import sqlite3
from flask import Flask, request


def make_app(db_path, ship):
    app = Flask("shop")
    db = sqlite3.connect(db_path, check_same_thread=False)
    db.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
    db.commit()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
        if db.execute(insert, [event["id"]]).rowcount == 0:
            return "", 200
        try:
            ship(event["data"]["order_id"])
        except Exception:
            db.rollback()
            return "", 503
        db.commit()
        return "", 200

    return app
