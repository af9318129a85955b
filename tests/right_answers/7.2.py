# %% passed | catching IntegrityError
#- TEXT PRIMARY KEY
#+ TEXT UNIQUE NOT NULL
#- as database, database:
#+ as database:
#-  ON CONFLICT DO NOTHING"
#-             if database.execute(insert, [event["id"]]).rowcount:
#-                 ship(event["data"]["order_id"])  # do the work
#-         return "", 200  # acknowledge
#+ "
#+             try:
#+                 database.execute(insert, [event["id"]])
#+             except sqlite3.IntegrityError:
#+                 return "known already", 200
#+             try:
#+                 ship(event["data"]["order_id"])
#+                 database.commit()
#+             except Exception:
#+                 database.rollback()
#+                 raise
#+         return "shipped", 200


# %% passed | BEGIN IMMEDIATE, then asked in peace
#- from contextlib import closing
#+ from contextlib import contextmanager
#- def make_app(db_path, ship):
#+ @contextmanager
#+ def alone(db_path):
#+     database = sqlite3.connect(db_path, isolation_level=None)
#+     try:
#+         database.execute("BEGIN IMMEDIATE")
#+         yield database
#+         database.execute("COMMIT")
#+     finally:
#+         database.close()
#+
#+ def make_app(db_path, ship):
#- closing(sqlite3.connect(db_path)) as database:
#+ alone(db_path) as database:
#- (id TEXT PRIMARY KEY)
#+ (id TEXT)
#- closing(sqlite3.connect(db_path)) as database, database:
#+ alone(db_path) as database:
#- (?) ON CONFLICT DO NOTHING"
#-             if database.execute(insert, [event["id"]]).rowcount:
#-                 ship(event["data"]["order_id"])  # do the work
#+ (?)"
#+             known = database.execute("SELECT 1 FROM shipped WHERE id = ?", (event["id"],))
#+             if known.fetchone() is None:
#+                 ship(event["data"]["order_id"])
#+                 database.execute(insert, [event["id"]])


# %% passed | a state column, an upsert, and 503 for whoever is too early
import sqlite3
from contextlib import closing
from flask import Flask, request

def make_app(db_path, ship):
    app = Flask("shop")

    def run(statement, *values):
        with closing(sqlite3.connect(db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, state TEXT NOT NULL)")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        won = run(
            "INSERT INTO events VALUES (?, 'at work') ON CONFLICT (id) DO UPDATE "
            "SET state = 'at work' WHERE state = 'failed' RETURNING id",
            event["id"],
        )
        if not won:
            (state,) = run("SELECT state FROM events WHERE id = ?", event["id"])
            return ("", 200) if state == "done" else ("at work", 503)
        try:
            ship(event["data"]["order_id"])
        except BaseException:
            run("UPDATE events SET state = 'failed' WHERE id = ?", event["id"])
            raise
        run("UPDATE events SET state = 'done' WHERE id = ?", event["id"])
        return "", 200

    return app


# %% passed | a lock in the file system plus a durable row
#- import sqlite3
#+ import os, sqlite3
#- import Flask
#+ import Flask, abort
#- (id TEXT PRIMARY KEY)
#+ (id TEXT)
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             # claim the id
#-             insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
#-             if database.execute(insert, [event["id"]]).rowcount:
#-                 ship(event["data"]["order_id"])  # do the work
#+         lock = f"{db_path}.{event['id']}.lock"
#+         try:
#+             os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
#+         except FileExistsError:
#+             abort(503)
#+         try:
#+             with closing(sqlite3.connect(db_path)) as database, database:
#+                 query = "SELECT count(*) FROM shipped WHERE id = ?"
#+                 (known,) = database.execute(query, [event["id"]]).fetchone()
#+                 if not known:
#+                     ship(event["data"]["order_id"])
#+                     database.execute("INSERT INTO shipped VALUES (?)", [event["id"]])
#+         finally:
#+             os.unlink(lock)


# %% passed | SQLAlchemy Core
import sqlalchemy as sa
from flask import Flask, request

def make_app(db_path, ship):
    app = Flask("shop")
    engine = sa.create_engine(f"sqlite:///{db_path}")
    tables = sa.MetaData()
    shipped = sa.Table("shipped", tables, sa.Column("event_id", sa.Text, primary_key=True))
    tables.create_all(engine)

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        try:
            with engine.begin() as connection:
                connection.execute(sa.insert(shipped).values(event_id=event["id"]))
                ship(event["data"]["order_id"])
        except sa.exc.IntegrityError:
            pass
        return "", 200

    return app


# %% passed | a class of views, write-ahead log, a connection for each request in g
import sqlite3
from flask import Flask, g, request
from flask.views import MethodView

class Webhook(MethodView):
    init_every_request = False

    def __init__(self, path, ship):
        self.path, self.ship = path, ship

    @property
    def database(self):
        if "database" not in g:
            g.database = sqlite3.connect(self.path, timeout=10)
        return g.database

    def post(self):
        event = request.get_json()
        with self.database as database:
            cursor = database.execute("INSERT OR IGNORE INTO seen VALUES (?)", [event["id"]])
            if cursor.rowcount == 1:
                self.ship(event["data"]["order_id"])
        return {"ok": True}

def close(_error=None):
    if "database" in g:
        g.pop("database").close()

def make_app(db_path, ship):
    app = Flask("shop")
    database = sqlite3.connect(db_path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY) WITHOUT ROWID")
    database.close()
    app.teardown_appcontext(close)
    app.add_url_rule("/webhooks", view_func=Webhook.as_view("webhook", db_path, ship))
    return app


# %% passed | the claim lies in a table of its own, the lock in the first write
#- def make_app(db_path, ship):
#+ SCHEMA = """
#+ CREATE TABLE IF NOT EXISTS turn (who INTEGER);
#+ CREATE TABLE IF NOT EXISTS shipped (event_id TEXT);
#+ """
#+
#+ def make_app(db_path, ship):
#- execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#+ executescript(SCHEMA)
#-             insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
#-             if database.execute(insert, [event["id"]]).rowcount:
#-                 ship(event["data"]["order_id"])  # do the work
#+             database.execute("DELETE FROM turn")
#+             known = {row[0] for row in database.execute("SELECT event_id FROM shipped")}
#+             if event["id"] not in known:
#+                 ship(event["data"]["order_id"])
#+                 database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))


# %% passed | a lock and one connection for the process, BEGIN IMMEDIATE between processes
#- import sqlite3
#+ import sqlite3, threading
#-     app = Flask("shop")
#-     with closing(sqlite3.connect(db_path)) as database:
#-         database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#+     app, lock = Flask("shop"), threading.Lock()
#+     database = sqlite3.connect(db_path, check_same_thread=False, isolation_level=None)
#+     database.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT)")
#- with closing(sqlite3.connect(db_path)) as database, database:
#-             # claim the id
#-             insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
#-             if database.execute(insert, [event["id"]]).rowcount:
#-                 ship(event["data"]["order_id"])  # do the work
#+ with lock:
#+             database.execute("BEGIN IMMEDIATE")
#+             try:
#+                 query = "SELECT 1 FROM seen WHERE id = ?"
#+                 if not database.execute(query, (event["id"],)).fetchone():
#+                     ship(event["data"]["order_id"])
#+                     database.execute("INSERT INTO seen VALUES (?)", (event["id"],))
#+                 database.execute("COMMIT")
#+             except BaseException:
#+                 database.execute("ROLLBACK")
#+                 raise


# %% passed | tries again while the file is locked
#- import sqlite3
#+ import sqlite3, time
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             # claim the id
#-             insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
#-             if database.execute(insert, [event["id"]]).rowcount:
#-                 ship(event["data"]["order_id"])  # do the work
#-         return "", 200  # acknowledge
#+         for pause in (0.1, 0.2, 0.4, 0.8):
#+             database = sqlite3.connect(db_path, timeout=0)
#+             try:
#+                 with database:
#+                     insert = "INSERT OR IGNORE INTO shipped VALUES (?)"
#+                     if database.execute(insert, (event["id"],)).rowcount:
#+                         ship(event["data"]["order_id"])
#+                 return "", 200
#+             except sqlite3.OperationalError:
#+                 time.sleep(pause)
#+             finally:
#+                 database.close()
#+         return "", 503
