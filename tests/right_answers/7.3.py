# %% passed | unique constraint and one transaction
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
            claimed = database.execute(
                "INSERT INTO events VALUES (?) ON CONFLICT DO NOTHING", (event["id"],)
            ).rowcount
            if claimed:
                database.execute(
                    "INSERT INTO shipments VALUES (?)", (event["data"]["order_id"],)
                )
        return "", 204

    return app


# %% passed | catching IntegrityError, around the claim alone
#= looked at the order first, then every IntegrityError is a copy
#-     database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+     database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT NOT NULL UNIQUE)")
#-         order = event["data"].get("order_id")
#-         if not isinstance(order, str):
#-             return "no order", 422
#-         database = sqlite3.connect(db_path)
#+         database = sqlite3.connect(db_path)
#-             database.execute("INSERT INTO events VALUES (?)", (event["id"],))
#-             database.execute("INSERT INTO shipments VALUES (?)", (order,))
#-             database.commit()
#-         except sqlite3.IntegrityError:
#-             database.rollback()
#+             with database:
#+                 try:
#+                     database.execute("INSERT INTO events VALUES (?)", (event["id"],))
#+                 except sqlite3.IntegrityError:
#+                     return "known", 200
#+                 order = event["data"]["order_id"]
#+                 database.execute("INSERT INTO shipments (order_id) VALUES (?)", (order,))
#-         return "", 200
#+         return "new", 200


# %% passed | BEGIN IMMEDIATE, the row first and the id after it
#= looked at the order first, then every IntegrityError is a copy
#-     database = sqlite3.connect(db_path)
#-     database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+     database = sqlite3.connect(db_path, isolation_level=None)
#+     database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT)")
#-         order = event["data"].get("order_id")
#-         if not isinstance(order, str):
#-             return "no order", 422
#-         database = sqlite3.connect(db_path)
#+         database = sqlite3.connect(db_path, isolation_level=None)
#-             database.execute("INSERT INTO events VALUES (?)", (event["id"],))
#-             database.execute("INSERT INTO shipments VALUES (?)", (order,))
#-             database.commit()
#-         except sqlite3.IntegrityError:
#-             database.rollback()
#+             database.execute("BEGIN IMMEDIATE")
#+             (times,) = database.execute(
#+                 "SELECT count(*) FROM events WHERE id = ?", (event["id"],)
#+             ).fetchone()
#+             if not times:
#+                 database.execute(
#+                     "INSERT INTO shipments VALUES (?)", (event["data"]["order_id"],)
#+                 )
#+                 database.execute("INSERT INTO events VALUES (?)", (event["id"],))
#+             database.execute("COMMIT")


# %% passed | one statement: a trigger ships what is new
import sqlite3
from contextlib import closing
from flask import Flask, request

SCHEMA = """
CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, order_id TEXT);
CREATE TRIGGER IF NOT EXISTS ship AFTER INSERT ON events BEGIN
    INSERT INTO shipments VALUES (new.order_id);
END;
"""

def make_app(db_path):
    app = Flask("shop")
    with closing(sqlite3.connect(db_path)) as database:
        database.executescript(SCHEMA)

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        with closing(sqlite3.connect(db_path)) as database, database:
            database.execute(
                "INSERT INTO events VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
                (event["id"], event["data"]["order_id"]),
            )
        return "", 200

    return app


# %% passed | an outbox: the event first, the shipment from it, at once or at the next event
#= unique constraint and one transaction
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+         database.execute(
#+             "CREATE TABLE IF NOT EXISTS outbox "
#+             "(id TEXT PRIMARY KEY, order_id TEXT NOT NULL, sent INTEGER DEFAULT 0)"
#+         )
#+
#+     def empty(database):
#+         with database:
#+             database.execute("BEGIN IMMEDIATE")
#+             for key, order in database.execute(
#+                 "SELECT id, order_id FROM outbox WHERE NOT sent"
#+             ).fetchall():
#+                 database.execute("INSERT INTO shipments VALUES (?)", (order,))
#+                 database.execute("UPDATE outbox SET sent = 1 WHERE id = ?", (key,))
#-         with closing(sqlite3.connect(db_path)) as database, database:
#-             claimed = database.execute(
#-                 "INSERT INTO events VALUES (?) ON CONFLICT DO NOTHING", (event["id"],)
#-             ).rowcount
#-             if claimed:
#+         with closing(sqlite3.connect(db_path)) as database:
#+             with database:
#-                     "INSERT INTO shipments VALUES (?)", (event["data"]["order_id"],)
#+                     "INSERT INTO outbox (id, order_id) VALUES (?, ?) "
#+                     "ON CONFLICT DO NOTHING",
#+                     (event["id"], event["data"]["order_id"]),
#-         return "", 204
#+             empty(database)
#+         return "", 202


# %% passed | upsert with a state column
#= unique constraint and one transaction
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+         database.execute(
#+             "CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, state TEXT, seen INT)"
#+         )
#-             claimed = database.execute(
#-                 "INSERT INTO events VALUES (?) ON CONFLICT DO NOTHING", (event["id"],)
#-             ).rowcount
#-             if claimed:
#+             (state,) = database.execute(
#+                 "INSERT INTO events VALUES (?, 'new', 1) "
#+                 "ON CONFLICT (id) DO UPDATE SET seen = seen + 1 RETURNING state",
#+                 (event["id"],),
#+             ).fetchone()
#+             if state == "new":
#-         return "", 204
#+                 database.execute(
#+                     "UPDATE events SET state = 'done' WHERE id = ?", (event["id"],)
#+                 )
#+         return "", 200


# %% passed | SQLAlchemy Core
import sqlalchemy as sa
from flask import Flask, request
from sqlalchemy.dialects.sqlite import insert

tables = sa.MetaData()
events = sa.Table("events", tables, sa.Column("id", sa.Text, primary_key=True))
shipments = sa.Table("shipments", tables, sa.Column("order_id", sa.Text, nullable=False))

def make_app(db_path):
    app = Flask("shop")
    engine = sa.create_engine(f"sqlite:///{db_path}")
    tables.create_all(engine)

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        with engine.begin() as connection:
            claim = insert(events).values(id=event["id"]).on_conflict_do_nothing()
            if connection.execute(claim).rowcount:
                order = event["data"]["order_id"]
                connection.execute(shipments.insert().values(order_id=order))
        return "", 200

    return app


# %% passed | INSERT … SELECT … WHERE NOT EXISTS, in a write transaction
import sqlite3
from flask import Flask, g, request

def make_app(db_path):
    app = Flask("shop")
    sqlite3.connect(db_path).execute("CREATE TABLE IF NOT EXISTS known (event_id TEXT)")

    @app.before_request
    def connect():
        g.database = sqlite3.connect(db_path)

    @app.teardown_request
    def close(_error):
        g.database.close()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        values = {"id": event["id"], "order": event["data"]["order_id"]}
        with g.database as database:
            database.execute(
                "INSERT INTO shipments SELECT :order "
                "WHERE NOT EXISTS (SELECT 1 FROM known WHERE event_id = :id)",
                values,
            )
            database.execute(
                "INSERT INTO known SELECT :id "
                "WHERE NOT EXISTS (SELECT 1 FROM known WHERE event_id = :id)",
                values,
            )
        return "", 200

    return app


# %% passed | a lock of the process, and a durable row
import sqlite3, threading
from contextlib import closing
from flask import Flask, request

one_at_a_time = threading.Lock()

def make_app(db_path):
    app = Flask("shop")
    with closing(sqlite3.connect(db_path)) as database:
        database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        with one_at_a_time, closing(sqlite3.connect(db_path)) as database, database:
            added = database.execute(
                "INSERT OR IGNORE INTO events VALUES (?)", (event["id"],)
            )
            if added.rowcount:
                order = event["data"]["order_id"]
                database.execute("INSERT INTO shipments VALUES (?)", (order,))
        return "", 200

    return app


# %% passed | the id beside the order, with an index that allows it once
#= unique constraint and one transaction
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+         columns = {row[1] for row in database.execute("PRAGMA table_info(shipments)")}
#+         if "event_id" not in columns:
#+             database.execute("ALTER TABLE shipments ADD COLUMN event_id TEXT")
#+         database.execute("CREATE UNIQUE INDEX IF NOT EXISTS once ON shipments (event_id)")
#-             claimed = database.execute(
#-                 "INSERT INTO events VALUES (?) ON CONFLICT DO NOTHING", (event["id"],)
#-             ).rowcount
#-             if claimed:
#-                 database.execute(
#-                     "INSERT INTO shipments VALUES (?)", (event["data"]["order_id"],)
#-                 )
#-         return "", 204
#+             database.execute(
#+                 "INSERT INTO shipments (order_id, event_id) VALUES (?, ?) "
#+                 "ON CONFLICT (event_id) DO NOTHING",
#+                 (event["data"]["order_id"], event["id"]),
#+             )
#+         return "", 200


# %% passed | looked at the order first, then every IntegrityError is a copy
import sqlite3
from flask import Flask, request

def make_app(db_path):
    app = Flask("shop")
    database = sqlite3.connect(db_path)
    database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
    database.close()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        order = event["data"].get("order_id")
        if not isinstance(order, str):
            return "no order", 422
        database = sqlite3.connect(db_path)
        try:
            database.execute("INSERT INTO events VALUES (?)", (event["id"],))
            database.execute("INSERT INTO shipments VALUES (?)", (order,))
            database.commit()
        except sqlite3.IntegrityError:
            database.rollback()
        finally:
            database.close()
        return "", 200

    return app
