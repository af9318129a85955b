# %% passed | catching IntegrityError, around the claim alone
#-  ON CONFLICT DO NOTHING"
#+ "
#-             if database.execute(claim, [event["id"]]).rowcount:
#-                 # do the work
#-                 insert = "INSERT INTO shipments VALUES (?)"
#-                 database.execute(insert, [event["data"]["order_id"]])
#-         return "", 200  # acknowledge
#+             try:
#+                 database.execute(claim, [event["id"]])
#+             except sqlite3.IntegrityError:
#+                 return "known", 200
#+             insert = "INSERT INTO shipments (order_id) VALUES (?)"
#+             database.execute(insert, [event["data"]["order_id"]])
#+         return "new", 200


# %% passed | BEGIN IMMEDIATE, the row first and the id after it
#- (id TEXT PRIMARY KEY)
#+ (id TEXT)
#- connect(db_path)) as database, database:
#+ connect(db_path, isolation_level=None)) as database:
#-             if database.execute(claim, [event["id"]]).rowcount:
#+             database.execute("BEGIN IMMEDIATE")
#+             query = "SELECT count(*) FROM events WHERE id = ?"
#+             (times,) = database.execute(query, [event["id"]]).fetchone()
#+             if not times:
#-                 database.execute(insert, [event["data"]["order_id"]])
#+                 database.execute(insert, [event["data"]["order_id"]])
#+                 database.execute(claim, [event["id"]])
#+             database.execute("COMMIT")


# %% passed | one statement: a trigger ships what is new
#- def make_app(db_path):
#+ SCHEMA = """
#+ CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, order_id TEXT);
#+ CREATE TRIGGER IF NOT EXISTS ship AFTER INSERT ON events BEGIN
#+     INSERT INTO shipments VALUES (new.order_id);
#+ END;
#+ """
#+
#+ def make_app(db_path):
#- execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+ executescript(SCHEMA)
#- VALUES (?) ON CONFLICT DO NOTHING"
#+ VALUES (?, ?) ON CONFLICT (id) DO NOTHING"
#-             if database.execute(claim, [event["id"]]).rowcount:
#-                 # do the work
#-                 insert = "INSERT INTO shipments VALUES (?)"
#-                 database.execute(insert, [event["data"]["order_id"]])
#+             database.execute(claim, (event["id"], event["data"]["order_id"]))


# %% passed | an outbox: the event first, the shipment from it, at once or at the next event
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
#- as database, database:
#+ as database:
#-             claim = "INSERT INTO events VALUES (?) ON CONFLICT DO NOTHING"
#-             if database.execute(claim, [event["id"]]).rowcount:
#-                 # do the work
#-                 insert = "INSERT INTO shipments VALUES (?)"
#-                 database.execute(insert, [event["data"]["order_id"]])
#-         return "", 200  # acknowledge
#+             claim = "INSERT INTO outbox (id, order_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
#+             with database:
#+                 database.execute(claim, (event["id"], event["data"]["order_id"]))
#+             empty(database)
#+         return "", 202


# %% passed | upsert with a state column
#- PRIMARY KEY)
#+ PRIMARY KEY, state TEXT, seen INT)
#- VALUES (?) ON CONFLICT DO NOTHING"
#-             if database.execute(claim, [event["id"]]).rowcount:
#+ VALUES (?, 'new', 1) ON CONFLICT (id)"
#+             claim += " DO UPDATE SET seen = seen + 1 RETURNING state"
#+             if database.execute(claim, [event["id"]]).fetchone() == ("new",):
#-                 database.execute(insert, [event["data"]["order_id"]])
#+                 database.execute(insert, [event["data"]["order_id"]])
#+                 update = "UPDATE events SET state = 'done' WHERE id = ?"
#+                 database.execute(update, [event["id"]])


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
#- import sqlite3
#+ import sqlite3, threading
#- def make_app(db_path):
#+ one_at_a_time = threading.Lock()
#+
#+ def make_app(db_path):
#- with closing(sqlite3.connect(db_path)) as database, database:
#+ with one_at_a_time, closing(sqlite3.connect(db_path)) as database, database:
#- ON CONFLICT DO NOTHING"
#+ ON CONFLICT (id) DO NOTHING"


# %% passed | the id beside the order, with an index that allows it once
#-         database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")
#+         columns = {row[1] for row in database.execute("PRAGMA table_info(shipments)")}
#+         if "event_id" not in columns:
#+             database.execute("ALTER TABLE shipments ADD COLUMN event_id TEXT")
#+         database.execute("CREATE UNIQUE INDEX IF NOT EXISTS once ON shipments (event_id)")
#-             claim = "INSERT INTO events VALUES (?) ON CONFLICT DO NOTHING"
#-             if database.execute(claim, [event["id"]]).rowcount:
#-                 # do the work
#-                 insert = "INSERT INTO shipments VALUES (?)"
#-                 database.execute(insert, [event["data"]["order_id"]])
#+             insert = "INSERT INTO shipments (order_id, event_id) VALUES (?, ?)"
#+             insert += " ON CONFLICT (event_id) DO NOTHING"
#+             database.execute(insert, (event["data"]["order_id"], event["id"]))


# %% passed | looked at the order first, then every IntegrityError is a copy
#-         event = request.get_json()  # parse
#-         with closing(sqlite3.connect(db_path)) as database, database:
#+         event = request.get_json()
#+         order = event["data"].get("order_id")
#+         if not isinstance(order, str):
#+             return "no order", 422
#+         with closing(sqlite3.connect(db_path)) as database:
#-             claim = "INSERT INTO events VALUES (?) ON CONFLICT DO NOTHING"
#-             if database.execute(claim, [event["id"]]).rowcount:
#-                 # do the work
#-                 insert = "INSERT INTO shipments VALUES (?)"
#-                 database.execute(insert, [event["data"]["order_id"]])
#+             try:
#+                 database.execute("INSERT INTO events VALUES (?)", (event["id"],))
#+                 database.execute("INSERT INTO shipments VALUES (?)", (order,))
#+                 database.commit()
#+             except sqlite3.IntegrityError:
#+                 database.rollback()
