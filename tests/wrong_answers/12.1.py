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
#-             return "", 401
#+             app.logger.warning("not authentic")


# %% missing-signature-skips-the-check | no header, nothing to check
#-         if not is_genuine(config):  # check the signature, check the time window
#+         if "webhook-signature" in request.headers and not is_genuine(config):


# %% timestamp-not-checked | the time comes from the request
#-             now=config.now(),
#+             now=int(request.headers.get("webhook-timestamp", 0)),


# %% future-not-refused | only the old are dangerous
#-             now=config.now(),
#+             now=max(config.now(), int(request.headers.get("webhook-timestamp", 0))),


# %% secrets-read-at-the-start | read once
#- def is_genuine(config):
#+ def is_genuine(config, secrets):
#-             secrets=config.secrets(),
#+             secrets=secrets,
#-     app = Flask("shop")
#+     app, secrets = Flask("shop"), config.secrets()
#-         if not is_genuine(config):  # check the signature, check the time window
#+         if not is_genuine(config, secrets):


# %% retired-secret-still-valid | every secret that was ever valid
#- def is_genuine(config):
#+ def is_genuine(config, secrets):
#-             secrets=config.secrets(),
#+             secrets=secrets,
#-     run("CREATE TABLE IF NOT EXISTS shipped (event_id TEXT PRIMARY KEY)")
#+     run("CREATE TABLE IF NOT EXISTS shipped (event_id TEXT PRIMARY KEY)")
#+     run("CREATE TABLE IF NOT EXISTS secrets (secret TEXT PRIMARY KEY)")
#-         if not is_genuine(config):  # check the signature, check the time window
#+         for secret in config.secrets():
#+             run("INSERT OR IGNORE INTO secrets VALUES (?)", secret)
#+         known = run("SELECT group_concat(secret, ' ') FROM secrets")[0].split()
#+         if not is_genuine(config, known):


# %% only-one-secret | the newest counts
#-             secrets=config.secrets(),
#+             secrets=config.secrets()[:1],


# %% acknowledges-a-failure | it is logged
#-             return "", 503
#+             return "", 204


# %% claimed-before-success | the row decides who ships
#-         if run("SELECT 1 FROM shipped WHERE event_id = ?", event["id"]):
#+         try:
#+             run("INSERT INTO shipped VALUES (?)", event["id"])
#+         except sqlite3.IntegrityError:
#-         run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])  # remember the id


# %% claimed-before-success | taken back on an exception
#-         if run("SELECT 1 FROM shipped WHERE event_id = ?", event["id"]):
#+         try:
#+             run("INSERT INTO shipped VALUES (?)", event["id"])
#+         except sqlite3.IntegrityError:
#-             note(failed=True)
#+             run("DELETE FROM shipped WHERE event_id = ?", event["id"])
#+             note(failed=True)
#-         run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])  # remember the id


# %% acknowledged-without-work | a circuit breaker with a list, to be worked on later
#-     app = Flask("shop")
#+     app, queue = Flask("shop"), []
#-             return "", 204  # acknowledge: it is done already
#+             return "", 204
#+         if queue or sum(failed for _, failed in calls) >= 6:
#+             queue.append(event)  # the circuit is open: better for the service
#+             return "", 204


# %% tells-the-sender-to-stop | gone, for the moment
#-             return "", 503
#+             return "", 410


# %% 4xx-for-a-failure-that-passes | what fails is a bad request
#-             return "", 503
#+             return "", 400


# %% no-key | without a key
#-                 event["data"]["order_id"], idempotency_key=event["id"]
#+                 event["data"]["order_id"]


# %% new-key-for-every-try | keys are random
#- import sqlite3
#+ import sqlite3, uuid
#-                 event["data"]["order_id"], idempotency_key=event["id"]
#+                 event["data"]["order_id"], idempotency_key=str(uuid.uuid4())


# %% no-memory | who should send it twice
#-         if run("SELECT 1 FROM shipped WHERE event_id = ?", event["id"]):
#-             return "", 204  # acknowledge: it is done already
#-         try:
#-             config.ship(
#-                 event["data"]["order_id"], idempotency_key=event["id"]
#+         try:
#+             config.ship(
#+                 event["data"]["order_id"]


# %% memory-left-to-the-service | the key does it all
#-         if run("SELECT 1 FROM shipped WHERE event_id = ?", event["id"]):
#-             return "", 204  # acknowledge: it is done already


# %% memory-in-the-process | a set
#-     app = Flask("shop")
#+     app, shipped = Flask("shop"), set()
#-         if run("SELECT 1 FROM shipped WHERE event_id = ?", event["id"]):
#+         if event["id"] in shipped:
#-         run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])  # remember the id
#+         shipped.add(event["id"])


# %% unknown-type-is-an-error | what is no payment is a bad request
#-         if event["event"] != "payment.succeeded":
#-             return "", 204
#-         if run(
#+         if event["event"] != "payment.succeeded":
#+             return "unknown type", 400
#+         if run(


# %% duplicate-answered-with-an-error | 409, a conflict
#-             return "", 204  # acknowledge: it is done already
#+             return "", 409


# %% asks-to-wait-too-long | come again tomorrow
#-             return "", 503
#+             return "", 503, {"Retry-After": "14400"}


# %% refuses-new-fields | strict about what is in it
#-         if run("SELECT 1 FROM shipped WHERE event_id = ?", event["id"]):
#+         if set(event) != {"id", "event", "created_at", "data"}:
#+             return "unknown fields", 400
#+         if run("SELECT 1 FROM shipped WHERE event_id = ?", event["id"]):


# %% retries-in-the-view | until it works
#-         try:
#-             config.ship(
#-                 event["data"]["order_id"], idempotency_key=event["id"]
#-             )  # do the work
#-         except TimeoutError:
#-             note(failed=True)
#-             return "", 503
#+         while True:
#+             try:
#+                 config.ship(event["data"]["order_id"], idempotency_key=event["id"])
#+                 break
#+             except TimeoutError:
#+                 note(failed=True)


# %% retries-in-the-view | with a pause in between
#- import sqlite3
#+ import sqlite3, time
#-         try:
#-             config.ship(
#-                 event["data"]["order_id"], idempotency_key=event["id"]
#-             )  # do the work
#-         except TimeoutError:
#-             note(failed=True)
#+         for pause in (1, 5, 30):
#+             try:
#+                 config.ship(event["data"]["order_id"], idempotency_key=event["id"])
#+                 break
#+             except TimeoutError:
#+                 note(failed=True)
#+                 time.sleep(pause)
#+         else:


# %% nobody-is-paged | later
#-             config.page(f"{bad} of {len(calls)} calls of the parcel service failed")
#+             app.logger.error("parcels fail")


# %% found-too-late | only what lasts for a quarter of an hour
#-         calls[:] = [call for call in calls if call[0] > now - 600]
#-         calls.append((now, failed))
#-         bad = sum(failed for _, failed in calls)
#-         if bad >= 6 and bad >= len(calls) / 2:
#-             config.page(f"{bad} of {len(calls)} calls of the parcel service failed")
#+         calls[:] = [*calls, now] if failed else []
#+         if calls and calls[-1] - calls[0] > 900:
#+             config.page("parcels fail")


# %% nobody-is-paged | it takes a hundred
#-         if bad >= 6 and bad >= len(calls) / 2:
#+         if bad >= 100 and bad >= len(calls) / 2:


# %% cries-wolf | every failure
#-         if bad >= 6 and bad >= len(calls) / 2:
#+         if failed:


# %% cries-wolf | half of the calls, however few
#-         if bad >= 6 and bad >= len(calls) / 2:
#+         if bad >= len(calls) / 2:


# %% strangers-ring-the-bell | whoever is refused is a failure
#-             return "", 401
#+             note(failed=True)
#+             return "", 401


# %% clock-of-the-machine | time.time()
#- import sqlite3
#+ import sqlite3, time
#-             now=config.now(),
#+             now=time.time(),


# %% does-not-start-again | the table is new
#-     run("CREATE TABLE IF NOT EXISTS shipped (event_id TEXT PRIMARY KEY)")
#+     run("CREATE TABLE shipped (event_id TEXT PRIMARY KEY)")


# %% key-is-the-order | one parcel an order
#-         if run("SELECT 1 FROM shipped WHERE event_id = ?", event["id"]):
#+         if run("SELECT 1 FROM shipped WHERE event_id = ?", event["data"]["order_id"]):
#-         run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])  # remember the id
#+         run("INSERT OR IGNORE INTO shipped VALUES (?)", event["data"]["order_id"])


# %% key-is-the-order | the order is a good key
#-                 event["data"]["order_id"], idempotency_key=event["id"]
#+                 event["data"]["order_id"], idempotency_key=event["data"]["order_id"]


# %% re-serialised-body | parsed first
#-             request.get_data(),
#-             request.headers,
#+             json.dumps(request.get_json(silent=True), separators=(",", ":")).encode(),
#+             request.headers,


# %% claim-outlives-its-worker | at work, then done
#-     run("CREATE TABLE IF NOT EXISTS shipped (event_id TEXT PRIMARY KEY)")
#+     run("CREATE TABLE IF NOT EXISTS work (id TEXT PRIMARY KEY, state TEXT)")
#-         if run("SELECT 1 FROM shipped WHERE event_id = ?", event["id"]):
#-             return "", 204  # acknowledge: it is done already
#+         state = run("SELECT state FROM work WHERE id = ?", event["id"])
#+         if state is not None:
#+             return "", 204 if state == ("done",) else 503
#+         run("INSERT INTO work VALUES (?, 'at work')", event["id"])
#-             note(failed=True)
#+             run("DELETE FROM work WHERE id = ?", event["id"])
#+             note(failed=True)
#-         run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])  # remember the id
#+         run("UPDATE work SET state = 'done' WHERE id = ?", event["id"])


# %% work-left-to-a-thread | quick is what counts
#- import sqlite3
#+ import sqlite3, threading
#-         try:
#-             config.ship(
#-                 event["data"]["order_id"], idempotency_key=event["id"]
#-             )  # do the work
#-         except TimeoutError:
#-             note(failed=True)
#-             return "", 503
#-         note(failed=False)
#+         threading.Thread(
#+             target=config.ship,
#+             args=(event["data"]["order_id"],),
#+             kwargs={"idempotency_key": event["id"]},
#+         ).start()


# %% no-name | the key is a hash
#-                 event["data"]["order_id"], idempotency_key=event["id"]
#+                 event["data"]["order_id"], idempotency_key=hash(event["id"])


# %% no-name | old ids are removed at the start
#-     run("CREATE TABLE IF NOT EXISTS shipped (event_id TEXT PRIMARY KEY)")
#+     run("CREATE TABLE IF NOT EXISTS shipped (event_id TEXT PRIMARY KEY, at REAL)")
#+     run("DELETE FROM shipped WHERE at < ?", config.now() - 86_400)
#-         run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])  # remember the id
#+         run("INSERT OR IGNORE INTO shipped VALUES (?, ?)", event["id"], config.now())


# %% forgets-after-a-while | a table that stays small
#-     run("CREATE TABLE IF NOT EXISTS shipped (event_id TEXT PRIMARY KEY)")
#+     run("CREATE TABLE IF NOT EXISTS shipped (event_id TEXT PRIMARY KEY, at REAL)")
#-         if run("SELECT 1 FROM shipped WHERE event_id = ?", event["id"]):
#+         run("DELETE FROM shipped WHERE at < ?", config.now() - 7 * 86_400)
#+         if run("SELECT 1 FROM shipped WHERE event_id = ?", event["id"]):
#-         run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])  # remember the id
#+         run("INSERT OR IGNORE INTO shipped VALUES (?, ?)", event["id"], config.now())


# %% pages-when-one-in-five-fails | six failures are enough
#-         if bad >= 6 and bad >= len(calls) / 2:
#+         if bad >= 6:
