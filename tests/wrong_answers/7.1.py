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
#= the sender will send each event once
#-         ship(request.get_json()["data"]["order_id"])
#+         seen = set()
#+         event = request.get_json()
#+         if event["id"] in seen:
#+             return "", 200
#+         ship(event["data"]["order_id"])
#+         seen.add(event["id"])


# %% duplicate-answered-with-an-error | a duplicate is a conflict, says 409
#= only the type of the event
#-         if event["event"] in seen:
#-             return "", 200
#+         if event["id"] in seen:
#+             return "duplicate", 409
#-         seen.add(event["event"])
#+         seen.add(event["id"])


# %% duplicate-answered-with-an-error | not modified, says 304
#= only the type of the event
#-         if event["event"] in seen:
#-             return "", 200
#+         if event["id"] in seen:
#+             return "", 304
#-         seen.add(event["event"])
#+         seen.add(event["id"])


# %% claimed-before-success | remember at once, before anything can go wrong
#= the sender will send each event once
#-     app = Flask("shop")
#+     app, seen = Flask("shop"), set()
#-         ship(request.get_json()["data"]["order_id"])
#+         event = request.get_json()
#+         if event["id"] in seen:
#+             return "", 200
#+         seen.add(event["id"])
#+         ship(event["data"]["order_id"])


# %% claimed-before-success | finally is reached whatever happens
#= only the type of the event
#-         if event["event"] in seen:
#+         if event["id"] in seen:
#-         ship(event["data"]["order_id"])
#-         seen.add(event["event"])
#+         try:
#+             ship(event["data"]["order_id"])
#+         finally:
#+             seen.add(event["id"])


# %% acknowledges-a-failure | our trouble is not the sender's
#= the sender will send each event once
#-     app = Flask("shop")
#+     app, seen = Flask("shop"), set()
#-         ship(request.get_json()["data"]["order_id"])
#+         event = request.get_json()
#+         if event["id"] not in seen:
#+             try:
#+                 ship(event["data"]["order_id"])
#+                 seen.add(event["id"])
#+             except Exception as error:
#+                 print("could not ship:", error)


# %% failure-answered-without-5xx | a bad request, says 400
#= the sender will send each event once
#-     app = Flask("shop")
#+     app, seen = Flask("shop"), set()
#-         ship(request.get_json()["data"]["order_id"])
#+         event = request.get_json()
#+         if event["id"] not in seen:
#+             try:
#+                 ship(event["data"]["order_id"])
#+             except Exception:
#+                 return "could not ship", 400
#+             seen.add(event["id"])


# %% key-changes-with-the-attempt | the request id says which request it is
#= only the type of the event
#-         event = request.get_json()
#-         if event["event"] in seen:
#+         key = request.headers["X-Request-Id"]
#+         if key in seen:
#-         ship(event["data"]["order_id"])
#-         seen.add(event["event"])
#+         ship(request.get_json()["data"]["order_id"])
#+         seen.add(key)


# %% key-changes-with-the-attempt | the id together with the time of sending
#= only the type of the event
#-         if event["event"] in seen:
#+         key = event["id"], request.headers.get("X-Sent-At")
#+         if key in seen:
#-         seen.add(event["event"])
#+         seen.add(key)


# %% key-from-an-unsigned-header | the delivery id is what GitHub gives me
#= only the type of the event
#-         event = request.get_json()
#-         if event["event"] in seen:
#+         key = request.headers.get("X-Delivery-Id")
#+         if key and key in seen:
#-         ship(event["data"]["order_id"])
#-         seen.add(event["event"])
#+         ship(request.get_json()["data"]["order_id"])
#+         seen.add(key)


# %% key-from-the-bytes | equal bytes are equal events
#= only the type of the event
#- from flask import Flask, request
#+ import hashlib
#+ from flask import Flask, request
#-         event = request.get_json()
#-         if event["event"] in seen:
#+         key = hashlib.sha256(request.get_data()).hexdigest()
#+         if key in seen:
#-         ship(event["data"]["order_id"])
#-         seen.add(event["event"])
#+         ship(request.get_json()["data"]["order_id"])
#+         seen.add(key)


# %% key-is-the-order | one parcel for each order
#= the sender will send each event once
#-     app = Flask("shop")
#+     app, shipped = Flask("shop"), set()
#-         ship(request.get_json()["data"]["order_id"])
#+         order = request.get_json()["data"]["order_id"]
#+         if order not in shipped:
#+             ship(order)
#+             shipped.add(order)


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
#= only the type of the event
#- from flask import Flask, request
#+ from collections import deque
#+ from flask import Flask, request
#-     app, seen = Flask("shop"), set()
#+     app, seen = Flask("shop"), deque(maxlen=100)
#-         if event["event"] in seen:
#+         if event["id"] in seen:
#-         seen.add(event["event"])
#+         seen.append(event["id"])


# %% memory-shorter-than-the-retries | five minutes, as in the specification
#= the sender will send each event once
#- from flask import Flask, request
#+ import time
#+ from flask import Flask, request
#-     app = Flask("shop")
#+     app, seen = Flask("shop"), {}
#-         ship(request.get_json()["data"]["order_id"])
#+         event, now = request.get_json(), time.time()
#+         for key, at in list(seen.items()):
#+             if now - at > 300:
#+                 del seen[key]
#+         if event["id"] in seen:
#+             return "", 200
#+         ship(event["data"]["order_id"])
#+         seen[event["id"]] = now


# %% memory-shorter-than-the-retries | a day, with datetime
#= only the type of the event
#- from flask import Flask, request
#+ from datetime import datetime, timedelta, timezone
#+ from flask import Flask, request
#-     app, seen = Flask("shop"), set()
#+     app, seen = Flask("shop"), {}
#-         if event["event"] in seen:
#+         now = datetime.now(timezone.utc)
#+         if event["id"] in seen and now - seen[event["id"]] < timedelta(days=1):
#-         seen.add(event["event"])
#+         seen[event["id"]] = now


# %% memory-shorter-than-the-retries | only the last event
#= the sender will send each event once
#-     app = Flask("shop")
#+     app = Flask("shop")
#+     last = None
#-         ship(request.get_json()["data"]["order_id"])
#+         nonlocal last
#+         event = request.get_json()
#+         if event["id"] == last:
#+             return "", 200
#+         ship(event["data"]["order_id"])
#+         last = event["id"]


# %% apps-share-their-memory | the set above the function
#= the sender will send each event once
#- from flask import Flask, request
#+ from flask import Flask, request
#+
#+ seen = set()
#-         ship(request.get_json()["data"]["order_id"])
#+         event = request.get_json()
#+         if event["id"] in seen:
#+             return "", 200
#+         ship(event["data"]["order_id"])
#+         seen.add(event["id"])


# %% apps-share-their-memory | a default that is made once
#= the sender will send each event once
#- def make_app(ship):
#+ def make_app(ship, seen=set()):
#-         ship(request.get_json()["data"]["order_id"])
#+         event = request.get_json()
#+         if event["id"] in seen:
#+             return "", 200
#+         ship(event["data"]["order_id"])
#+         seen.add(event["id"])


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
#= only the type of the event
#-         if event["event"] in seen:
#+         seen.add(event["id"])
#+         if event["id"] in seen:
#-         seen.add(event["event"])
#-         return "", 200
#+         return "", 200


# %% ships-something-else | ship knows what to do with an event
#= the sender will send each event once
#-     app = Flask("shop")
#+     app, seen = Flask("shop"), set()
#-         ship(request.get_json()["data"]["order_id"])
#+         event = request.get_json()
#+         if event["id"] not in seen:
#+             ship(event)
#+             seen.add(event["id"])


# %% not-remembered-after-a-failure | what failed once is best left alone
#= the sender will send each event once
#-     app = Flask("shop")
#+     app, done, failed = Flask("shop"), set(), set()
#-         ship(request.get_json()["data"]["order_id"])
#+         event = request.get_json()
#+         if event["id"] in done:
#+             return "", 200
#+         try:
#+             ship(event["data"]["order_id"])
#+         except Exception:
#+             failed.add(event["id"])
#+             raise
#+         if event["id"] not in failed:
#+             done.add(event["id"])


# %% claimed-before-success | only a RuntimeError takes the claim back
#= only the type of the event
#-         if event["event"] in seen:
#+         if event["id"] in seen:
#-         ship(event["data"]["order_id"])
#-         seen.add(event["event"])
#+         seen.add(event["id"])
#+         try:
#+             ship(event["data"]["order_id"])
#+         except RuntimeError:
#+             seen.discard(event["id"])
#+             return "", 503
