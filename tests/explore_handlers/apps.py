"""Flask receivers of the shop, good and bad; `make_app(db_path, ship)`."""

# mypy: ignore-errors
# Written as a learner writes.

import json
import sqlite3
import threading

import sqlalchemy
from flask import Flask, request


def prepare(db_path):
    database = sqlite3.connect(db_path)
    database.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY)")
    database.execute("CREATE TABLE IF NOT EXISTS shipments (order_id TEXT NOT NULL)")
    database.commit()
    database.close()


def exists_process_save(db_path, ship):
    app = Flask(__name__)
    prepare(db_path)

    @app.post("/webhooks")
    def receive():
        event = json.loads(request.data)
        database = sqlite3.connect(db_path)
        try:
            seen = database.execute("SELECT 1 FROM seen WHERE id = ?", (event["id"],))
            if seen.fetchone():
                return "", 200
            ship(event["data"]["order_id"])
            with database:
                database.execute("INSERT INTO seen VALUES (?)", (event["id"],))
        finally:
            database.close()
        return "", 200

    return app


def check_then_act_in_memory(_db_path, ship):
    app = Flask(__name__)
    seen = set()

    @app.post("/webhooks")
    def receive():
        event = json.loads(request.data)
        if event["id"] not in seen:
            ship(event["data"]["order_id"])
            seen.add(event["id"])
        return "", 200

    return app


def claims_before_success(db_path, ship):
    app = Flask(__name__)
    prepare(db_path)

    @app.post("/webhooks")
    def receive():
        event = json.loads(request.data)
        database = sqlite3.connect(db_path)
        try:
            with database:
                database.execute("INSERT INTO seen VALUES (?)", (event["id"],))
        except sqlite3.IntegrityError:
            return "", 200
        finally:
            database.close()
        ship(event["data"]["order_id"])
        return "", 200

    return app


def unique_and_one_transaction(db_path, _ship):
    app = Flask(__name__)
    prepare(db_path)

    @app.post("/webhooks")
    def receive():
        event = json.loads(request.data)
        database = sqlite3.connect(db_path)
        try:
            with database:
                database.execute("INSERT INTO seen VALUES (?)", (event["id"],))
                order = event["data"]["order_id"]
                database.execute("INSERT INTO shipments VALUES (?)", (order,))
        except sqlite3.IntegrityError:
            pass
        finally:
            database.close()
        return "", 200

    return app


def a_lock_and_a_durable_row(db_path, ship):
    app = Flask(__name__)
    prepare(db_path)
    lock = threading.Lock()

    @app.post("/webhooks")
    def receive():
        event = json.loads(request.data)
        with lock:
            database = sqlite3.connect(db_path)
            with database:
                seen = database.execute(
                    "SELECT 1 FROM seen WHERE id = ?", (event["id"],)
                ).fetchone()
                if not seen:
                    ship(event["data"]["order_id"])
                    database.execute("INSERT INTO seen VALUES (?)", (event["id"],))
            database.close()
        return "", 200

    return app


def sqlalchemy_core(db_path, _ship):
    app = Flask(__name__)
    engine = sqlalchemy.create_engine(f"sqlite:///{db_path}")
    tables = sqlalchemy.MetaData()
    seen = sqlalchemy.Table(
        "seen", tables, sqlalchemy.Column("id", sqlalchemy.Text, primary_key=True)
    )
    shipments = sqlalchemy.Table(
        "shipments",
        tables,
        sqlalchemy.Column("order_id", sqlalchemy.Text, nullable=False),
    )
    tables.create_all(engine)

    @app.post("/webhooks")
    def receive():
        event = json.loads(request.data)
        try:
            with engine.begin() as connection:
                connection.execute(seen.insert().values(id=event["id"]))
                order = event["data"]["order_id"]
                connection.execute(shipments.insert().values(order_id=order))
        except sqlalchemy.exc.IntegrityError:
            return "already known", 200
        return "", 200

    return app
