# %% check-then-act | exists? return; process; save
#= CREATE TABLE
#-         database.execute("CREATE TABLE shipped (id TEXT PRIMARY KEY)")
#+         database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             if database.execute(
#-                 "INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],)
#-             ).rowcount:
#-                 ship(event["data"]["order_id"])
#+         with closing(sqlite3.connect(db_path)) as database:
#+             known = database.execute("SELECT 1 FROM shipped WHERE id = ?", (event["id"],))
#+             if known.fetchone():
#+                 return "", 200
#+             ship(event["data"]["order_id"])
#+             with database:
#+                 database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))


# %% check-then-act | the effect before the transaction opens
#= the constraint keeps copies out
#-         database = sqlite3.connect(db_path)
#-         with database:
#-             database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#-             ship(event["data"]["order_id"])
#-         database.close()
#+         database = sqlite3.connect(db_path, isolation_level=None)
#+         try:
#+             known = database.execute("SELECT 1 FROM shipped WHERE id = ?", (event["id"],))
#+             if not known.fetchone():
#+                 ship(event["data"]["order_id"])
#+                 database.execute("BEGIN IMMEDIATE")
#+                 database.execute("INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],))
#+                 database.execute("COMMIT")
#+         finally:
#+             database.close()


# %% check-then-act | a transaction around it all, begun by a SELECT
#= the constraint keeps copies out
#-         database = sqlite3.connect(db_path)
#-         with database:
#-             database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#-             ship(event["data"]["order_id"])
#-         database.close()
#+         database = sqlite3.connect(db_path, isolation_level=None)
#+         try:
#+             database.execute("BEGIN")
#+             known = database.execute("SELECT 1 FROM shipped WHERE id = ?", (event["id"],))
#+             if not known.fetchone():
#+                 ship(event["data"]["order_id"])
#+                 database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#+             database.execute("COMMIT")
#+         finally:
#+             database.close()


# %% lock-per-process | a lock around it
#= the constraint keeps copies out
#- import sqlite3
#+ import sqlite3, threading
#-     app = Flask("shop")
#+     app, lock = Flask("shop"), threading.Lock()
#-         database = sqlite3.connect(db_path)
#-         with database:
#-             database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#-             ship(event["data"]["order_id"])
#-         database.close()
#+         with lock:
#+             database = sqlite3.connect(db_path)
#+             known = database.execute("SELECT 1 FROM shipped WHERE id = ?", (event["id"],))
#+             if not known.fetchone():
#+                 ship(event["data"]["order_id"])
#+                 with database:
#+                     database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#+             database.close()


# %% lock-per-process | one lock for the whole module
#= the constraint keeps copies out
#- import sqlite3
#+ import sqlite3, threading
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ lock = threading.RLock()
#+
#+ def known(database, key):
#+     return database.execute("SELECT 1 FROM shipped WHERE id = ?", (key,)).fetchone()
#-         database = sqlite3.connect(db_path)
#-         with database:
#-             database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#-             ship(event["data"]["order_id"])
#-         database.close()
#+         lock.acquire()
#+         try:
#+             database = sqlite3.connect(db_path)
#+             if not known(database, event["id"]):
#+                 ship(event["data"]["order_id"])
#+                 with database:
#+                     database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#+             database.close()
#+         finally:
#+             lock.release()


# %% memory-in-the-process | the set from 7.1
from flask import Flask, request

def make_app(db_path, ship):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] in seen:
            return "", 200
        ship(event["data"]["order_id"])
        seen.add(event["id"])
        return "", 200

    return app


# %% memory-in-the-process | the set from 7.1, above the function
import threading
from flask import Flask, request

seen, lock = set(), threading.Lock()

def make_app(db_path, ship):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        with lock:
            if (db_path, event["id"]) in seen:
                return "", 200
            ship(event["data"]["order_id"])
            seen.add((db_path, event["id"]))
        return "", 200

    return app


# %% claimed-before-success | the claim is committed, then shipped
#= the constraint keeps copies out
#-         with database:
#-             database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#-             ship(event["data"]["order_id"])
#-         database.close()
#+         try:
#+             with database:
#+                 database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#+         except sqlite3.IntegrityError:
#+             return "", 200
#+         finally:
#+             database.close()
#+         ship(event["data"]["order_id"])


# %% claimed-before-success | every statement commits by itself
#= the constraint keeps copies out
#-         database = sqlite3.connect(db_path)
#+         database = sqlite3.connect(db_path, isolation_level=None)
#-             database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#-             ship(event["data"]["order_id"])
#+             won = database.execute(
#+                 "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING", (event["id"],)
#+             ).rowcount
#+             if won:
#+                 ship(event["data"]["order_id"])


# %% acknowledges-what-another-has-yet-to-do | claimed is as good as done
#= the set from 7.1
#- from flask import Flask, request
#+ import sqlite3
#+ from flask import Flask, request
#-     app, seen = Flask("shop"), set()
#+     app = Flask("shop")
#+
#+     def run(statement, key):
#+         database = sqlite3.connect(db_path)
#+         try:
#+             with database:
#+                 database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#+                 return database.execute(statement, (key,)).rowcount
#+         finally:
#+             database.close()
#-         if event["id"] in seen:
#+         if not run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"]):
#-         ship(event["data"]["order_id"])
#-         seen.add(event["id"])
#+         try:
#+             ship(event["data"]["order_id"])
#+         except Exception:
#+             run("DELETE FROM shipped WHERE id = ?", event["id"])
#+             raise


# %% acknowledges-what-another-has-yet-to-do | locked means that somebody is at it
#= the constraint keeps copies out
#-         database = sqlite3.connect(db_path)
#-         with database:
#-             database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#-             ship(event["data"]["order_id"])
#-         database.close()
#+         database = sqlite3.connect(db_path, timeout=0)
#+         try:
#+             with database:
#+                 database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#+                 ship(event["data"]["order_id"])
#+         except (sqlite3.IntegrityError, sqlite3.OperationalError):
#+             return "", 200
#+         finally:
#+             database.close()


# %% duplicate-answered-with-an-error | the constraint keeps copies out
import sqlite3
from flask import Flask, request

def make_app(db_path, ship):
    app = Flask("shop")
    database = sqlite3.connect(db_path)
    database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
    database.close()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        database = sqlite3.connect(db_path)
        with database:
            database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
            ship(event["data"]["order_id"])
        database.close()
        return "", 200

    return app


# %% remembers-and-never-asks | INSERT OR IGNORE after the effect
#= the constraint keeps copies out
#-         database = sqlite3.connect(db_path)
#+         ship(event["data"]["order_id"])
#+         database = sqlite3.connect(db_path)
#-             database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#-             ship(event["data"]["order_id"])
#+             database.execute("INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],))


# %% memory-is-never-committed | execute is enough
#= the constraint keeps copies out
#-     database = sqlite3.connect(db_path)
#-     database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#-     database.close()
#+     sqlite3.connect(db_path).execute(
#+         "CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)"
#+     )
#-         with database:
#-             database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#-             ship(event["data"]["order_id"])
#+         known = database.execute("SELECT 1 FROM shipped WHERE id = ?", (event["id"],))
#+         if known.fetchone():
#+             return "", 200
#+         ship(event["data"]["order_id"])
#+         database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))


# %% acknowledges-a-failure | an exception is a duplicate
#= the constraint keeps copies out
#-         with database:
#-             database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#-             ship(event["data"]["order_id"])
#+         try:
#+             with database:
#+                 database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#+                 ship(event["data"]["order_id"])
#+         except Exception:
#+             pass


# %% table-made-twice | CREATE TABLE
import sqlite3
from contextlib import closing
from flask import Flask, request

def make_app(db_path, ship):
    app = Flask("shop")
    with closing(sqlite3.connect(db_path)) as database:
        database.execute("CREATE TABLE shipped (id TEXT PRIMARY KEY)")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        with closing(sqlite3.connect(db_path)) as database, database:
            if database.execute(
                "INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],)
            ).rowcount:
                ship(event["data"]["order_id"])
        return "", 200

    return app


# %% memory-wiped-at-the-start | a fresh table at every start
#= CREATE TABLE
#-         database.execute("CREATE TABLE shipped (id TEXT PRIMARY KEY)")
#+         database.execute("DROP TABLE IF EXISTS shipped")
#+         database.execute("CREATE TABLE shipped (id TEXT PRIMARY KEY)")


# %% connection-of-another-thread | one connection for the app
#= CREATE TABLE
#- from contextlib import closing
#- from flask import Flask, request
#+ from flask import Flask, request
#-     app = Flask("shop")
#-     with closing(sqlite3.connect(db_path)) as database:
#-         database.execute("CREATE TABLE shipped (id TEXT PRIMARY KEY)")
#+     app, database = Flask("shop"), sqlite3.connect(db_path)
#+     database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#-         with closing(sqlite3.connect(db_path)) as database, database:
#+         with database:


# %% memory-shorter-than-the-retries | old rows are swept away after an hour
#= CREATE TABLE
#- import sqlite3
#+ import sqlite3, time
#-         database.execute("CREATE TABLE shipped (id TEXT PRIMARY KEY)")
#+         database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY, at REAL)")
#-         event = request.get_json()
#+         event, now = request.get_json(), time.time()
#-             if database.execute(
#+             database.execute("DELETE FROM shipped WHERE at < ?", (now - 3600,))
#+             if database.execute(
#-                 "INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],)
#+                 "INSERT OR IGNORE INTO shipped VALUES (?, ?)", (event["id"], now)


# %% key-from-an-unsigned-header | the delivery id is there without parsing
#= CREATE TABLE
#-         database.execute("CREATE TABLE shipped (id TEXT PRIMARY KEY)")
#+         database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#-         event = request.get_json()
#+         key = request.headers["X-Delivery-Id"]
#-                 "INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],)
#+                 "INSERT OR IGNORE INTO shipped VALUES (?)", (key,)
#-                 ship(event["data"]["order_id"])
#+                 ship(request.get_json()["data"]["order_id"])


# %% transaction-left-open | commit only after success
#= the constraint keeps copies out
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ kept = []
#-         with database:
#-             database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#+         kept.append(database)
#+         won = database.execute(
#+             "INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],)
#+         ).rowcount
#+         if won:
#-         database.close()
#+             database.commit()


# %% waits-for-ever | two locks, one for each direction
import sqlite3, threading
from flask import Flask, request

def make_app(db_path, ship):
    app = Flask("shop")
    stock, till, turn = threading.Lock(), threading.Lock(), []
    database = sqlite3.connect(db_path)
    database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
    database.close()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        turn.append(1)
        first, second = (stock, till) if len(turn) % 2 else (till, stock)
        with first:
            with second:
                database = sqlite3.connect(db_path)
                with database:
                    if database.execute(
                        "INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],)
                    ).rowcount:
                        ship(event["data"]["order_id"])
                database.close()
        return "", 200

    return app


# %% acknowledges-what-another-has-yet-to-do | one connection for all threads
#= CREATE TABLE
#- from contextlib import closing
#- from flask import Flask, request
#+ from flask import Flask, request
#-     with closing(sqlite3.connect(db_path)) as database:
#-         database.execute("CREATE TABLE shipped (id TEXT PRIMARY KEY)")
#+     database = sqlite3.connect(db_path, check_same_thread=False)
#+     database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#-         with closing(sqlite3.connect(db_path)) as database, database:
#+         with database:


# %% acknowledges-what-another-has-yet-to-do | waited long enough
#= CREATE TABLE
#-         database.execute("CREATE TABLE shipped (id TEXT PRIMARY KEY)")
#+         database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             if database.execute(
#-                 "INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],)
#-             ).rowcount:
#-                 ship(event["data"]["order_id"])
#+         try:
#+             with closing(sqlite3.connect(db_path, timeout=10)) as database, database:
#+                 if database.execute(
#+                     "INSERT OR IGNORE INTO shipped VALUES (?)", (event["id"],)
#+                 ).rowcount:
#+                     ship(event["data"]["order_id"])
#+         except sqlite3.OperationalError:
#+             return "somebody has it", 200


# %% memory-in-the-process | a lock and a set in a class
#= the set from 7.1, above the function
#- seen, lock = set(), threading.Lock()
#+ class Memory:
#+     lock = threading.Lock()
#+     seen = set()
#-         with lock:
#-             if (db_path, event["id"]) in seen:
#-                 return "", 200
#-             ship(event["data"]["order_id"])
#-             seen.add((db_path, event["id"]))
#+         with Memory.lock:
#+             if (db_path, event["id"]) not in Memory.seen:
#+                 ship(event["data"]["order_id"])
#+                 Memory.seen.add((db_path, event["id"]))
