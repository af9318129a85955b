# %% signature-not-checked | parse, ship, acknowledge
from flask import Flask, request

def make_app(config):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        config.ship(event["data"]["order_id"])
        return "", 200

    return app


# %% signature-not-checked | verified, and the result not used
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            app.logger.warning("not authentic")
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% missing-signature-skips-the-check | no header, nothing to check
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        if "webhook-signature" in request.headers:
            try:
                SCHEMES["standard"].verify(
                    request.get_data(), request.headers,
                    secrets=config.secrets(), now=config.now(),
                )
            except VerificationError:
                return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% timestamp-not-checked | the time comes from the request
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=int(request.headers.get("webhook-timestamp", 0)),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% future-not-refused | only the old are dangerous
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=max(config.now(), int(request.headers.get("webhook-timestamp", 0))),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% secrets-read-at-the-start | read once
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls, secrets = Flask("shop"), [], config.secrets()

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=secrets, now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% retired-secret-still-valid | every secret that was ever valid
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []
    ever = set()

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
    run("CREATE TABLE IF NOT EXISTS secrets (secret TEXT PRIMARY KEY)")

    def all_secrets():
        with closing(sqlite3.connect(config.db_path)) as database:
            return database.execute("SELECT secret FROM secrets").fetchall()

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        for secret in config.secrets():
            run("INSERT OR IGNORE INTO secrets VALUES (?)", secret)
        ever.update(row[0] for row in all_secrets())
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=list(ever), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% only-one-secret | the newest counts
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets()[:1], now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% acknowledges-a-failure | it is logged
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 204
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% claimed-before-success | the row decides who ships
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        try:
            run("INSERT INTO shipped VALUES (?)", event["id"])
        except sqlite3.IntegrityError:
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        return "", 204

    return app


# %% claimed-before-success | taken back on an exception
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        try:
            run("INSERT INTO shipped VALUES (?)", event["id"])
        except sqlite3.IntegrityError:
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            run("DELETE FROM shipped WHERE id = ?", event["id"])
            note(True)
            return "", 503
        note(False)
        return "", 204

    return app


# %% acknowledged-without-work | a circuit breaker with a list, to be worked on later
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls, queue = Flask("shop"), [], []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        if len(queue) or sum(failed for _, failed in calls) >= 6:
            queue.append(event)  # the circuit is open: better for the service
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% tells-the-sender-to-stop | gone, for the moment
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 410
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% 4xx-for-a-failure-that-passes | what fails is a bad request
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 400
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% no-key | without a key
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% new-key-for-every-try | keys are random
import json, sqlite3, uuid
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=str(uuid.uuid4()))
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% no-memory | who should send it twice
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        try:
            config.ship(event["data"]["order_id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% memory-left-to-the-service | the key does it all
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% memory-in-the-process | a set
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls, shipped = Flask("shop"), [], set()

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if event["id"] in shipped:
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        shipped.add(event["id"])
        return "", 204

    return app


# %% unknown-type-is-an-error | what is no payment is a bad request
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "unknown type", 400
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% duplicate-answered-with-an-error | 409, a conflict
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 409
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% asks-to-wait-too-long | come again tomorrow
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503, {"Retry-After": "14400"}
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% refuses-new-fields | strict about what is in it
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if set(event) != {"id", "event", "created_at", "data"}:
            return "unknown fields", 400
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% retries-in-the-view | until it works
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        while True:
            try:
                config.ship(event["data"]["order_id"], idempotency_key=event["id"])
                break
            except TimeoutError:
                note(True)
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% retries-in-the-view | with a pause in between
import json, sqlite3, time
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        for pause in (1, 5, 30):
            try:
                config.ship(event["data"]["order_id"], idempotency_key=event["id"])
                break
            except TimeoutError:
                note(True)
                time.sleep(pause)
        else:
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% nobody-is-paged | later
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            app.logger.error("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% found-too-late | only what lasts for a quarter of an hour
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        if not failed:
            calls.clear()
            return
        calls.append(config.now())
        if calls[-1] - calls[0] > 900:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% nobody-is-paged | it takes a hundred
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        if not failed:
            calls.clear()
            return
        calls.append(config.now())
        if len(calls) >= 100:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% cries-wolf | every failure
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if failed:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% cries-wolf | half of the calls, however few
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% strangers-ring-the-bell | whoever is refused is a failure
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            note(True)
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% clock-of-the-machine | time.time()
import json, sqlite3, time
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=time.time(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% does-not-start-again | the table is new
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% key-is-the-order | one parcel an order
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["data"]["order_id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["data"]["order_id"])
        return "", 204

    return app


# %% key-is-the-order | the order is a good key
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["data"]["order_id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% re-serialised-body | parsed first
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                json.dumps(request.get_json(silent=True), separators=(",", ":")).encode(),
                request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            note(True)
            return "", 503
        note(False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app


# %% claim-outlives-its-worker | at work, then done
import json, sqlite3
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS work (id TEXT PRIMARY KEY, state TEXT)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        state = run("SELECT state FROM work WHERE id = ?", event["id"])
        if state is not None:
            return "", 204 if state == ("done",) else 503
        run("INSERT INTO work VALUES (?, 'at work')", event["id"])
        try:
            config.ship(event["data"]["order_id"], idempotency_key=event["id"])
        except TimeoutError:
            run("DELETE FROM work WHERE id = ?", event["id"])
            note(True)
            return "", 503
        note(False)
        run("UPDATE work SET state = 'done' WHERE id = ?", event["id"])
        return "", 204

    return app


# %% work-left-to-a-thread | quick is what counts
import json, sqlite3, threading
from contextlib import closing
from flask import Flask, request
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

def make_app(config):
    app, calls = Flask("shop"), []

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    def note(failed):
        calls[:] = [call for call in calls if call[0] > config.now() - 600]
        calls.append((config.now(), failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page("parcels fail")

    @app.post("/webhooks")
    def webhook():
        try:
            SCHEMES["standard"].verify(
                request.get_data(), request.headers,
                secrets=config.secrets(), now=config.now(),
            )
        except VerificationError:
            return "", 401
        event = json.loads(request.get_data())
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
            return "", 204
        worker = threading.Thread(
            target=config.ship,
            args=(event["data"]["order_id"],),
            kwargs={"idempotency_key": event["id"]},
        )
        worker.start()
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
        return "", 204

    return app
