# %% passed | the order of lab 07, with a deque for the alert
#- import sqlite3
#+ import sqlite3
#+ from collections import deque
#-     calls = []  # (when, whether it failed), of the last ten minutes
#+     recent = deque()
#-     def note(failed):
#-         now = config.now()
#-         calls[:] = [call for call in calls if call[0] > now - 600]
#-         calls.append((now, failed))
#-         bad = sum(failed for _, failed in calls)
#-         if bad >= 6 and bad >= len(calls) / 2:
#-             config.page(f"{bad} of {len(calls)} calls of the parcel service failed")
#+     def note(failed):
#+         recent.append((config.now(), failed))
#+         while recent[0][0] <= config.now() - 600:
#+             recent.popleft()
#+         bad = [at for at, failed in recent if failed]
#+         if len(bad) >= 5 and len(bad) * 2 >= len(recent):
#+             config.page("parcels do not leave")
#-             return "", 401
#+             return "", 403
#-         if event["event"] != "payment.succeeded":
#-             return "", 204
#+         if event["event"] != "payment.succeeded":
#+             return "", 200
#-             note(failed=True)
#-             return "", 503
#+             note(failed=True)
#+             raise


# %% passed | its own HMAC, everything in one file, the calls in a table too
import base64, hashlib, hmac, sqlite3
from flask import Flask, g, request

class Shop:
    def __init__(self, config):
        self.config = config
        with sqlite3.connect(config.db_path) as database:
            database.executescript(
                "CREATE TABLE IF NOT EXISTS parcels (event TEXT PRIMARY KEY);"
                "CREATE TABLE IF NOT EXISTS calls (at REAL, failed INTEGER);"
            )
        database.close()

    def genuine(self):
        id_ = request.headers.get("webhook-id", "")
        stamp = request.headers.get("webhook-timestamp", "")
        given = request.headers.get("webhook-signature", "")
        if not stamp.isdecimal():
            return False
        if abs(self.config.now() - int(stamp)) > self.config.tolerance:
            return False
        signed = f"{id_}.{stamp}.".encode() + request.get_data()
        for secret in self.config.secrets():
            key = base64.b64decode(secret.removeprefix("whsec_"))
            digest = hmac.new(key, signed, hashlib.sha256).digest()
            wanted = ("v1," + base64.b64encode(digest).decode()).encode()
            if any(hmac.compare_digest(wanted, part.encode()) for part in given.split(" ")):
                return True
        return False

    def take(self, database, event):
        if database.execute("SELECT 1 FROM parcels WHERE event = ?", [event["id"]]).fetchone():
            return 204
        try:
            self.config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            self.note(database, 1)
            return 503
        self.note(database, 0)
        database.execute("INSERT INTO parcels VALUES (?)", [event["id"]])
        return 204

    def note(self, database, failed):
        now = self.config.now()
        database.execute("INSERT INTO calls VALUES (?, ?)", [now, failed])
        made, bad = database.execute(
            "SELECT count(*), sum(failed) FROM calls WHERE at > ?", [now - 600]
        ).fetchone()
        if bad >= 6 and bad / made > 0.5:
            self.config.page(f"{bad} of {made} failed")

def make_app(config):
    app, shop = Flask(__name__), Shop(config)

    @app.post("/webhooks")
    def webhook():
        if not shop.genuine():
            return {"error": "not authentic"}, 401
        event = request.get_json()
        if event["event"] != "payment.succeeded":
            return {}, 200
        database = sqlite3.connect(config.db_path)
        try:
            with database:
                return {}, shop.take(database, event)
        finally:
            database.close()

    return app


# %% passed | one transaction, three tries, last ten calls for the alert
import sqlite3
from flask import Flask, abort, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app = Flask("shop")
    last, paged = [], [0.0]
    database = sqlite3.connect(config.db_path)
    database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
    database.close()

    def ship(event):
        for _ in range(3):
            try:
                config.ship(event["data"]["order_id"], idempotency_key=event["id"])
            except TimeoutError:
                continue
            return True
        return False

    @app.route("/webhooks", methods=["POST"])
    def webhook():
        for secret in config.secrets():
            try:
                SCHEMES["standard"].verify(
                    request.get_data(), dict(request.headers), secrets=[secret], now=config.now()
                )
                break
            except VerificationError:
                pass
        else:
            abort(401)
        event = request.get_json()
        if event["event"] == "payment.succeeded":
            connection = sqlite3.connect(config.db_path, isolation_level=None)
            try:
                connection.execute("BEGIN IMMEDIATE")
                if not connection.execute(
                    "SELECT 1 FROM shipped WHERE id = ?", (event["id"],)
                ).fetchone():
                    good = ship(event)
                    last.append((config.now(), good))
                    recent = [ok for at, ok in last[-8:] if at > config.now() - 900]
                    if recent.count(False) >= 6 and config.now() - paged[0] > 3600:
                        paged[0] = config.now()
                        config.page("six of the last eight parcels failed")
                    if not good:
                        abort(503)
                    connection.execute("INSERT INTO shipped VALUES (?)", (event["id"],))
                connection.execute("COMMIT")
            finally:
                connection.close()
        return "", 204

    return app


# %% passed | an outbox in the file, emptied before the answer
import json, sqlite3
from contextlib import closing
from functools import partial
from flask import Flask, request
from labkit.errors import LabError
from labkit.signing import SCHEMES

def run(path, statement, *values):
    with closing(sqlite3.connect(path)) as database, database:
        return database.execute(statement, values).fetchall()

def empty(config, do, calls):
    for key, order in do("SELECT id, order_id FROM outbox WHERE sent = 0"):
        try:
            config.ship(order, idempotency_key=key)
        except TimeoutError:
            calls.append((config.now(), 1))
            fails = [at for at, failed in calls if failed and at > config.now() - 600]
            made = [at for at, _ in calls if at > config.now() - 600]
            if len(fails) > 5 and len(fails) > len(made) * 0.6:
                config.page("the parcel service is down")
            raise
        calls.append((config.now(), 0))
        do("UPDATE outbox SET sent = 1 WHERE id = ?", key)

def make_app(config):
    app, do, calls = Flask("shop"), partial(run, config.db_path), []
    do(
        "CREATE TABLE IF NOT EXISTS outbox (id TEXT PRIMARY KEY, order_id TEXT, "
        "sent INTEGER DEFAULT 0)"
    )

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.data, request.headers, secrets=config.secrets(), now=config.now()
            )
        except LabError as error:
            return str(error), 400
        event = json.loads(request.data)
        if event["event"] == "payment.succeeded":
            do(
                "INSERT OR IGNORE INTO outbox (id, order_id) VALUES (?, ?)",
                event["id"], event["data"]["order_id"],
            )
            empty(config, do, calls)
        return "", 200

    return app
