# %% ships-every-copy | the sender will send each event once
from flask import Flask, request

def make_app(ship):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        ship(request.get_json()["data"]["order_id"])
        return "", 200

    return app


# %% ships-every-copy | a new set for every request
from flask import Flask, request

def make_app(ship):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        seen = set()
        event = request.get_json()
        if event["id"] in seen:
            return "", 200
        ship(event["data"]["order_id"])
        seen.add(event["id"])
        return "", 200

    return app


# %% duplicate-answered-with-an-error | a duplicate is a conflict, says 409
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] in seen:
            return "duplicate", 409
        ship(event["data"]["order_id"])
        seen.add(event["id"])
        return "", 200

    return app


# %% duplicate-answered-with-an-error | not modified, says 304
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] in seen:
            return "", 304
        ship(event["data"]["order_id"])
        seen.add(event["id"])
        return "", 200

    return app


# %% claimed-before-success | remember at once, before anything can go wrong
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] in seen:
            return "", 200
        seen.add(event["id"])
        ship(event["data"]["order_id"])
        return "", 200

    return app


# %% claimed-before-success | finally is reached whatever happens
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] in seen:
            return "", 200
        try:
            ship(event["data"]["order_id"])
        finally:
            seen.add(event["id"])
        return "", 200

    return app


# %% acknowledges-a-failure | our trouble is not the sender's
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] not in seen:
            try:
                ship(event["data"]["order_id"])
                seen.add(event["id"])
            except Exception as error:
                print("could not ship:", error)
        return "", 200

    return app


# %% failure-answered-without-5xx | a bad request, says 400
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] not in seen:
            try:
                ship(event["data"]["order_id"])
            except Exception:
                return "could not ship", 400
            seen.add(event["id"])
        return "", 200

    return app


# %% key-changes-with-the-attempt | the request id says which request it is
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        key = request.headers["X-Request-Id"]
        if key in seen:
            return "", 200
        ship(request.get_json()["data"]["order_id"])
        seen.add(key)
        return "", 200

    return app


# %% key-changes-with-the-attempt | the id together with the time of sending
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        key = event["id"], request.headers.get("X-Sent-At")
        if key in seen:
            return "", 200
        ship(event["data"]["order_id"])
        seen.add(key)
        return "", 200

    return app


# %% key-from-an-unsigned-header | the delivery id is what GitHub gives me
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        key = request.headers.get("X-Delivery-Id")
        if key and key in seen:
            return "", 200
        ship(request.get_json()["data"]["order_id"])
        seen.add(key)
        return "", 200

    return app


# %% key-from-the-bytes | equal bytes are equal events
import hashlib
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        key = hashlib.sha256(request.get_data()).hexdigest()
        if key in seen:
            return "", 200
        ship(request.get_json()["data"]["order_id"])
        seen.add(key)
        return "", 200

    return app


# %% key-is-the-order | one parcel for each order
from flask import Flask, request

def make_app(ship):
    app, shipped = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        order = request.get_json()["data"]["order_id"]
        if order not in shipped:
            ship(order)
            shipped.add(order)
        return "", 200

    return app


# %% takes-another-event-for-a-copy | only the type of the event
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["event"] in seen:
            return "", 200
        ship(event["data"]["order_id"])
        seen.add(event["event"])
        return "", 200

    return app


# %% memory-shorter-than-the-retries | the last hundred will do
from collections import deque
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), deque(maxlen=100)

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] in seen:
            return "", 200
        ship(event["data"]["order_id"])
        seen.append(event["id"])
        return "", 200

    return app


# %% memory-shorter-than-the-retries | five minutes, as in the specification
import time
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), {}

    @app.post("/webhooks")
    def webhook():
        event, now = request.get_json(), time.time()
        for key, at in list(seen.items()):
            if now - at > 300:
                del seen[key]
        if event["id"] in seen:
            return "", 200
        ship(event["data"]["order_id"])
        seen[event["id"]] = now
        return "", 200

    return app


# %% memory-shorter-than-the-retries | a day, with datetime
from datetime import datetime, timedelta, timezone
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), {}

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        now = datetime.now(timezone.utc)
        if event["id"] in seen and now - seen[event["id"]] < timedelta(days=1):
            return "", 200
        ship(event["data"]["order_id"])
        seen[event["id"]] = now
        return "", 200

    return app


# %% memory-shorter-than-the-retries | only the last event
from flask import Flask, request

def make_app(ship):
    app = Flask("shop")
    last = None

    @app.post("/webhooks")
    def webhook():
        nonlocal last
        event = request.get_json()
        if event["id"] == last:
            return "", 200
        ship(event["data"]["order_id"])
        last = event["id"]
        return "", 200

    return app


# %% apps-share-their-memory | the set above the function
from flask import Flask, request

seen = set()

def make_app(ship):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] in seen:
            return "", 200
        ship(event["data"]["order_id"])
        seen.add(event["id"])
        return "", 200

    return app


# %% apps-share-their-memory | a default that is made once
from flask import Flask, request

def make_app(ship, seen=set()):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] in seen:
            return "", 200
        ship(event["data"]["order_id"])
        seen.add(event["id"])
        return "", 200

    return app


# %% acknowledges-before-the-work | shipping can go on in a thread
import threading
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] not in seen:
            seen.add(event["id"])
            threading.Thread(target=ship, args=(event["data"]["order_id"],)).start()
        return "", 202

    return app


# %% acknowledges-without-the-work | remembered is as good as shipped
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        seen.add(event["id"])
        if event["id"] in seen:
            return "", 200
        ship(event["data"]["order_id"])
        return "", 200

    return app


# %% ships-something-else | ship knows what to do with an event
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] not in seen:
            ship(event)
            seen.add(event["id"])
        return "", 200

    return app


# %% not-remembered-after-a-failure | what failed once is best left alone
from flask import Flask, request

def make_app(ship):
    app, done, failed = Flask("shop"), set(), set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] in done:
            return "", 200
        try:
            ship(event["data"]["order_id"])
        except Exception:
            failed.add(event["id"])
            raise
        if event["id"] not in failed:
            done.add(event["id"])
        return "", 200

    return app


# %% claimed-before-success | only a RuntimeError takes the claim back
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] in seen:
            return "", 200
        seen.add(event["id"])
        try:
            ship(event["data"]["order_id"])
        except RuntimeError:
            seen.discard(event["id"])
            return "", 503
        return "", 200

    return app
