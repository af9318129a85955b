# %% passed | a random key, committed before the call
#- import sqlite3
#+ import sqlite3, uuid
#-     with closing(sqlite3.connect(db_path)) as database:
#-         database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#+
#+     def run(statement, *values):
#+         with closing(sqlite3.connect(db_path)) as database, database:
#+             return database.execute(statement, values).fetchone()
#+
#+     run("CREATE TABLE IF NOT EXISTS calls (id TEXT PRIMARY KEY, key TEXT, done INTEGER)")
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
#+         insert = "INSERT INTO calls VALUES (?, ?, 0) ON CONFLICT DO NOTHING"
#+         run(insert, event["id"], str(uuid.uuid4()))
#+         key, done = run("SELECT key, done FROM calls WHERE id = ?", event["id"])
#+         if not done:
#+             ship(event["data"]["order_id"], idempotency_key=key)
#+             run("UPDATE calls SET done = 1 WHERE id = ?", event["id"])


# %% passed | a hash that is the same everywhere, and the claim in one transaction
#- import sqlite3
#+ import hashlib, sqlite3
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
#+         key = hashlib.sha256(f"shop/{event['id']}".encode()).hexdigest()
#+         database = sqlite3.connect(db_path)
#+         try:
#+             with database:
#+                 insert = "INSERT OR IGNORE INTO shipped VALUES (?)"
#+                 if database.execute(insert, (event["id"],)).rowcount:
#+                     ship(event["data"]["order_id"], idempotency_key=key)
#+         except TimeoutError:
#+             return "come again", 503
#+         finally:
#+             database.close()


# %% passed | a UUID made of the event's id, BEGIN IMMEDIATE
#- import sqlite3
#+ import sqlite3, uuid
#- import Flask
#+ import Flask, abort
#- def make_app(db_path, ship):
#+ SHOP = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
#+
#+ def make_app(db_path, ship):
#-         with closing(sqlite3.connect(db_path)) as database:
#-             query
#+         with closing(sqlite3.connect(db_path, isolation_level=None)) as database:
#+             database.execute("BEGIN IMMEDIATE")
#+             query
#-             # do the work
#-             ship(event["data"]["order_id"], idempotency_key=event["id"])
#-             # claim the id
#-             with database:
#-                 insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
#-                 database.execute(insert, [event["id"]])
#+             try:
#+                 key = uuid.uuid5(SHOP, event["id"])
#+                 ship(event["data"]["order_id"], idempotency_key=key)
#+             except TimeoutError as error:
#+                 abort(500, str(error))
#+             database.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
#+             database.execute("COMMIT")


# %% passed | an outbox that is emptied before the answer
import sqlite3
from contextlib import closing
from flask import Flask, request

class Outbox:
    def __init__(self, path, ship):
        self.path, self.ship = path, ship
        self.run(
            "CREATE TABLE IF NOT EXISTS outbox "
            "(id TEXT PRIMARY KEY, order_id TEXT NOT NULL, sent INTEGER NOT NULL)"
        )

    def run(self, statement, *values):
        with closing(sqlite3.connect(self.path)) as database, database:
            return database.execute(statement, values).fetchall()

    def put(self, event):
        self.run(
            "INSERT OR IGNORE INTO outbox VALUES (?, ?, 0)",
            event["id"], event["data"]["order_id"],
        )

    def empty(self):
        for key, order in self.run("SELECT id, order_id FROM outbox WHERE sent = 0"):
            self.ship(order, idempotency_key=key)
            self.run("UPDATE outbox SET sent = 1 WHERE id = ?", key)

def make_app(db_path, ship):
    app, outbox = Flask("shop"), Outbox(db_path, ship)

    @app.post("/webhooks")
    def webhook():
        outbox.put(request.get_json())
        outbox.empty()
        return "", 200

    return app


# %% passed | three tries of its own, with one key
#- from flask import Flask
#+ from functools import partial
#+ from flask import Flask
#- def make_app(db_path, ship):
#+ def build(db_path, ship, *, tries):
#-             ship(event["data"]["order_id"], idempotency_key=event["id"])
#-             # claim the id
#+             for _ in range(tries):
#+                 try:
#+                     ship(event["data"]["order_id"], idempotency_key=event["id"])
#+                     break
#+                 except TimeoutError:
#+                     continue
#+             else:
#+                 return "", 504
#- "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
#+ "REPLACE INTO shipped VALUES (?)"
#-     return app
#+     return app
#+
#+ make_app = partial(build, tries=3)


# %% passed | SQLAlchemy Core
import sqlalchemy as sa
from flask import Flask, request
from sqlalchemy.dialects.sqlite import insert

def make_app(db_path, ship):
    app = Flask("shop")
    engine = sa.create_engine(f"sqlite:///{db_path}")
    tables = sa.MetaData()
    done = sa.Table("done", tables, sa.Column("id", sa.Text, primary_key=True))
    tables.create_all(engine)

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        with engine.connect() as connection:
            known = connection.execute(sa.select(done.c.id).where(done.c.id == event["id"]))
            if known.first():
                return "", 200
        ship(event["data"]["order_id"], idempotency_key=f"parcel-{event['id']}")
        with engine.begin() as connection:
            connection.execute(insert(done).values(id=event["id"]).on_conflict_do_nothing())
        return "", 200

    return app
