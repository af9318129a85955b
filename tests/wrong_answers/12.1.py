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
#= without a key
#-             return "", 401
#+             app.logger.warning("not authentic")
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% missing-signature-skips-the-check | no header, nothing to check
#= without a key
#-         try:
#-             SCHEMES["standard"].verify(
#-                 request.get_data(), request.headers,
#-                 secrets=config.secrets(), now=config.now(),
#-             )
#-         except VerificationError:
#-             return "", 401
#+         if "webhook-signature" in request.headers:
#+             try:
#+                 SCHEMES["standard"].verify(
#+                     request.get_data(), request.headers,
#+                     secrets=config.secrets(), now=config.now(),
#+                 )
#+             except VerificationError:
#+                 return "", 401
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% timestamp-not-checked | the time comes from the request
#= without a key
#-                 secrets=config.secrets(), now=config.now(),
#+                 secrets=config.secrets(), now=int(request.headers.get("webhook-timestamp", 0)),
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% future-not-refused | only the old are dangerous
#= without a key
#-                 secrets=config.secrets(), now=config.now(),
#+                 secrets=config.secrets(), now=max(config.now(), int(request.headers.get("webhook-timestamp", 0))),
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% secrets-read-at-the-start | read once
#= without a key
#-     app, calls = Flask("shop"), []
#+     app, calls, secrets = Flask("shop"), [], config.secrets()
#-                 secrets=config.secrets(), now=config.now(),
#+                 secrets=secrets, now=config.now(),
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% retired-secret-still-valid | every secret that was ever valid
#= without a key
#-     app, calls = Flask("shop"), []
#+     app, calls = Flask("shop"), []
#+     ever = set()
#-     run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#+     run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#+     run("CREATE TABLE IF NOT EXISTS secrets (secret TEXT PRIMARY KEY)")
#+
#+     def all_secrets():
#+         with closing(sqlite3.connect(config.db_path)) as database:
#+             return database.execute("SELECT secret FROM secrets").fetchall()
#-         try:
#-             SCHEMES["standard"].verify(
#+         for secret in config.secrets():
#+             run("INSERT OR IGNORE INTO secrets VALUES (?)", secret)
#+         ever.update(row[0] for row in all_secrets())
#+         try:
#+             SCHEMES["standard"].verify(
#-                 secrets=config.secrets(), now=config.now(),
#+                 secrets=list(ever), now=config.now(),
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% only-one-secret | the newest counts
#= without a key
#-                 secrets=config.secrets(), now=config.now(),
#+                 secrets=config.secrets()[:1], now=config.now(),
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% acknowledges-a-failure | it is logged
#= without a key
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])
#-             return "", 503
#+             return "", 204


# %% claimed-before-success | the row decides who ships
#= without a key
#-         if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
#+         try:
#+             run("INSERT INTO shipped VALUES (?)", event["id"])
#+         except sqlite3.IntegrityError:
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])
#-         run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
#-         return "", 204
#+         return "", 204


# %% claimed-before-success | taken back on an exception
#= without a key
#-         if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
#+         try:
#+             run("INSERT INTO shipped VALUES (?)", event["id"])
#+         except sqlite3.IntegrityError:
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])
#-             note(True)
#+             run("DELETE FROM shipped WHERE id = ?", event["id"])
#+             note(True)
#-         run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
#-         return "", 204
#+         return "", 204


# %% acknowledged-without-work | a circuit breaker with a list, to be worked on later
#= without a key
#-     app, calls = Flask("shop"), []
#+     app, calls, queue = Flask("shop"), [], []
#-             return "", 204
#-         try:
#+             return "", 204
#+         if len(queue) or sum(failed for _, failed in calls) >= 6:
#+             queue.append(event)  # the circuit is open: better for the service
#+             return "", 204
#+         try:
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% tells-the-sender-to-stop | gone, for the moment
#= without a key
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])
#-             return "", 503
#+             return "", 410


# %% 4xx-for-a-failure-that-passes | what fails is a bad request
#= without a key
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])
#-             return "", 503
#+             return "", 400


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
#= without a key
#- import json, sqlite3
#+ import json, sqlite3, uuid
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=str(uuid.uuid4()))


# %% no-memory | who should send it twice
#= without a key
#-         if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
#-             return "", 204
#-         try:
#+         try:


# %% memory-left-to-the-service | the key does it all
#= without a key
#-         if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
#-             return "", 204
#-         try:
#+         try:
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% memory-in-the-process | a set
#= without a key
#-     app, calls = Flask("shop"), []
#+     app, calls, shipped = Flask("shop"), [], set()
#-         if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
#+         if event["id"] in shipped:
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])
#-         run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
#+         shipped.add(event["id"])


# %% unknown-type-is-an-error | what is no payment is a bad request
#= without a key
#-             return "", 204
#-         if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
#+             return "unknown type", 400
#+         if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% duplicate-answered-with-an-error | 409, a conflict
#= without a key
#-             return "", 204
#-         try:
#+             return "", 409
#+         try:
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% asks-to-wait-too-long | come again tomorrow
#= without a key
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])
#-             return "", 503
#+             return "", 503, {"Retry-After": "14400"}


# %% refuses-new-fields | strict about what is in it
#= without a key
#-         if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
#+         if set(event) != {"id", "event", "created_at", "data"}:
#+             return "unknown fields", 400
#+         if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% retries-in-the-view | until it works
#= without a key
#-         try:
#-             config.ship(event["data"]["order_id"])
#-         except TimeoutError:
#-             note(True)
#-             return "", 503
#+         while True:
#+             try:
#+                 config.ship(event["data"]["order_id"], idempotency_key=event["id"])
#+                 break
#+             except TimeoutError:
#+                 note(True)


# %% retries-in-the-view | with a pause in between
#= without a key
#- import json, sqlite3
#+ import json, sqlite3, time
#-         try:
#-             config.ship(event["data"]["order_id"])
#-         except TimeoutError:
#-             note(True)
#+         for pause in (1, 5, 30):
#+             try:
#+                 config.ship(event["data"]["order_id"], idempotency_key=event["id"])
#+                 break
#+             except TimeoutError:
#+                 note(True)
#+                 time.sleep(pause)
#+         else:


# %% nobody-is-paged | later
#= without a key
#-             config.page("parcels fail")
#+             app.logger.error("parcels fail")
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% found-too-late | only what lasts for a quarter of an hour
#= without a key
#-         calls[:] = [call for call in calls if call[0] > config.now() - 600]
#-         calls.append((config.now(), failed))
#-         bad = sum(failed for _, failed in calls)
#-         if bad >= 6 and bad >= len(calls) / 2:
#+         if not failed:
#+             calls.clear()
#+             return
#+         calls.append(config.now())
#+         if calls[-1] - calls[0] > 900:
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% nobody-is-paged | it takes a hundred
#= without a key
#-         calls[:] = [call for call in calls if call[0] > config.now() - 600]
#-         calls.append((config.now(), failed))
#-         bad = sum(failed for _, failed in calls)
#-         if bad >= 6 and bad >= len(calls) / 2:
#+         if not failed:
#+             calls.clear()
#+             return
#+         calls.append(config.now())
#+         if len(calls) >= 100:
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% cries-wolf | every failure
#= without a key
#-         if bad >= 6 and bad >= len(calls) / 2:
#+         if failed:
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% cries-wolf | half of the calls, however few
#= without a key
#-         if bad >= 6 and bad >= len(calls) / 2:
#+         if bad >= len(calls) / 2:
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% strangers-ring-the-bell | whoever is refused is a failure
#= without a key
#-             return "", 401
#+             note(True)
#+             return "", 401
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% clock-of-the-machine | time.time()
#= without a key
#- import json, sqlite3
#+ import json, sqlite3, time
#-                 secrets=config.secrets(), now=config.now(),
#+                 secrets=config.secrets(), now=time.time(),
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% does-not-start-again | the table is new
#= without a key
#-     run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#+     run("CREATE TABLE shipped (id TEXT PRIMARY KEY)")
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% key-is-the-order | one parcel an order
#= without a key
#-         if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
#+         if run("SELECT 1 FROM shipped WHERE id = ?", event["data"]["order_id"]):
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])
#-         run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
#+         run("INSERT OR IGNORE INTO shipped VALUES (?)", event["data"]["order_id"])


# %% key-is-the-order | the order is a good key
#= without a key
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["data"]["order_id"])


# %% re-serialised-body | parsed first
#= without a key
#-                 request.get_data(), request.headers,
#+                 json.dumps(request.get_json(silent=True), separators=(",", ":")).encode(),
#+                 request.headers,
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])


# %% claim-outlives-its-worker | at work, then done
#= without a key
#-     run("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")
#+     run("CREATE TABLE IF NOT EXISTS work (id TEXT PRIMARY KEY, state TEXT)")
#-         if run("SELECT 1 FROM shipped WHERE id = ?", event["id"]):
#-             return "", 204
#+         state = run("SELECT state FROM work WHERE id = ?", event["id"])
#+         if state is not None:
#+             return "", 204 if state == ("done",) else 503
#+         run("INSERT INTO work VALUES (?, 'at work')", event["id"])
#-             config.ship(event["data"]["order_id"])
#+             config.ship(event["data"]["order_id"], idempotency_key=event["id"])
#-             note(True)
#+             run("DELETE FROM work WHERE id = ?", event["id"])
#+             note(True)
#-         run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])
#+         run("UPDATE work SET state = 'done' WHERE id = ?", event["id"])


# %% work-left-to-a-thread | quick is what counts
#= without a key
#- import json, sqlite3
#+ import json, sqlite3, threading
#-         try:
#-             config.ship(event["data"]["order_id"])
#-         except TimeoutError:
#-             note(True)
#-             return "", 503
#-         note(False)
#+         worker = threading.Thread(
#+             target=config.ship,
#+             args=(event["data"]["order_id"],),
#+             kwargs={"idempotency_key": event["id"]},
#+         )
#+         worker.start()


# %% no-name | the key is a hash
#-                 event["data"]["order_id"], idempotency_key=event["id"]
#+                 event["data"]["order_id"], idempotency_key=hash(event["id"])


# %% no-name | old ids are removed at the start
#-     run("CREATE TABLE IF NOT EXISTS shipped (event_id TEXT PRIMARY KEY)")
#+     run("CREATE TABLE IF NOT EXISTS shipped (event_id TEXT PRIMARY KEY, at REAL)")
#+     run("DELETE FROM shipped WHERE at < ?", config.now() - 86_400)
#-         run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])  # remember the id
#+         run("INSERT OR IGNORE INTO shipped VALUES (?, ?)", event["id"], config.now())
