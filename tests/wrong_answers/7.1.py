# %% ships-every-copy | the sender will send each event once
#-         if event["id"] in shipped:
#+         if False:


# %% ships-every-copy | a new set for every request
#-         event = request.get_json()  # parse
#+         event, shipped = request.get_json(), set()


# %% duplicate-answered-with-an-error | a duplicate is a conflict, says 409
#-             return "", 200  # acknowledge: it is done already
#+             return "duplicate", 409


# %% duplicate-answered-with-an-error | not modified, says 304
#-             return "", 200  # acknowledge: it is done already
#+             return "", 304


# %% claimed-before-success | remember at once, before anything can go wrong
#-         ship(event["data"]["order_id"])  # do the work
#-         shipped.add(event["id"])  # claim the id
#+         shipped.add(event["id"])
#+         ship(event["data"]["order_id"])


# %% claimed-before-success | finally is reached whatever happens
#-         ship(event["data"]["order_id"])  # do the work
#-         shipped.add(event["id"])  # claim the id
#+         try:
#+             ship(event["data"]["order_id"])
#+         finally:
#+             shipped.add(event["id"])


# %% acknowledges-a-failure | our trouble is not the sender's
#-         ship(event["data"]["order_id"])  # do the work
#-         shipped.add(event["id"])  # claim the id
#+         try:
#+             ship(event["data"]["order_id"])
#+             shipped.add(event["id"])
#+         except Exception as error:
#+             print("could not ship:", error)


# %% failure-answered-without-5xx | a bad request, says 400
#-         ship(event["data"]["order_id"])  # do the work
#+         try:
#+             ship(event["data"]["order_id"])
#+         except Exception:
#+             return "could not ship", 400


# %% key-changes-with-the-attempt | the request id says which request it is
#-         if event["id"] in shipped:
#+         key = request.headers["X-Request-Id"]
#+         if key in shipped:
#-         shipped.add(event["id"])  # claim the id
#+         shipped.add(key)


# %% key-changes-with-the-attempt | the id together with the time of sending
#-         if event["id"] in shipped:
#+         key = event["id"], request.headers.get("X-Sent-At")
#+         if key in shipped:
#-         shipped.add(event["id"])  # claim the id
#+         shipped.add(key)


# %% key-from-an-unsigned-header | the delivery id is what GitHub gives me
#-         if event["id"] in shipped:
#+         key = request.headers.get("X-Delivery-Id")
#+         if key and key in shipped:
#-         shipped.add(event["id"])  # claim the id
#+         shipped.add(key)


# %% key-from-the-bytes | equal bytes are equal events
#-         if event["id"] in shipped:
#+         key = hash(request.get_data())
#+         if key in shipped:
#-         shipped.add(event["id"])  # claim the id
#+         shipped.add(key)


# %% key-is-the-order | one parcel for each order
#-         if event["id"] in shipped:
#+         if event["data"]["order_id"] in shipped:
#-         shipped.add(event["id"])  # claim the id
#+         shipped.add(event["data"]["order_id"])


# %% takes-another-event-for-a-copy | only the type of the event
#-         if event["id"] in shipped:
#+         if event["event"] in shipped:
#-         shipped.add(event["id"])  # claim the id
#+         shipped.add(event["event"])


# %% memory-shorter-than-the-retries | the last hundred will do
#-     shipped = set()
#+     import collections
#+     shipped = collections.deque(maxlen=100)
#-         shipped.add(event["id"])  # claim the id
#+         shipped.append(event["id"])


# %% memory-shorter-than-the-retries | five minutes, as in the specification
#-     shipped = set()
#+     import time
#+     shipped = {}
#-         event = request.get_json()  # parse
#+         event, now = request.get_json(), time.time()
#+         for key, at in list(shipped.items()):
#+             if now - at > 300:
#+                 del shipped[key]
#-         shipped.add(event["id"])  # claim the id
#+         shipped[event["id"]] = now


# %% memory-shorter-than-the-retries | a day, with datetime
#- from flask import request
#+ from flask import request
#+ from datetime import datetime, timedelta, timezone
#-     shipped = set()
#+     shipped = {}
#-         if event["id"] in shipped:
#+         now = datetime.now(timezone.utc)
#+         if event["id"] in shipped and now - shipped[event["id"]] < timedelta(days=1):
#-         shipped.add(event["id"])  # claim the id
#+         shipped[event["id"]] = now


# %% memory-shorter-than-the-retries | only the last event
#-         if event["id"] in shipped:
#+         nonlocal shipped
#+         if event["id"] == shipped:
#-         shipped.add(event["id"])  # claim the id
#+         shipped = event["id"]


# %% apps-share-their-memory | the set above the function
#- def make_app(ship):
#+ shipped = set()
#+
#+ def make_app(ship):
#-     shipped = set()
#+     # the set is above


# %% apps-share-their-memory | a default that is made once
#- def make_app(ship):
#+ def make_app(ship, shipped=set()):
#-     shipped = set()
#+     # the set is the default


# %% acknowledges-before-the-work | shipping can go on in a thread
#-         ship(event["data"]["order_id"])  # do the work
#-         shipped.add(event["id"])  # claim the id
#+         import threading
#+         shipped.add(event["id"])
#+         threading.Thread(target=ship, args=(event["data"]["order_id"],)).start()


# %% acknowledges-without-the-work | remembered is as good as shipped
#-         ship(event["data"]["order_id"])  # do the work
#+         # remembered is as good as shipped


# %% ships-something-else | ship knows what to do with an event
#-         ship(event["data"]["order_id"])  # do the work
#+         ship(event)


# %% not-remembered-after-a-failure | what failed once is best left alone
#-     shipped = set()
#+     shipped, failed = set(), set()
#-         ship(event["data"]["order_id"])  # do the work
#-         shipped.add(event["id"])  # claim the id
#+         try:
#+             ship(event["data"]["order_id"])
#+         except Exception:
#+             failed.add(event["id"])
#+             raise
#+         if event["id"] not in failed:
#+             shipped.add(event["id"])


# %% claimed-before-success | only a RuntimeError takes the claim back
#-         ship(event["data"]["order_id"])  # do the work
#-         shipped.add(event["id"])  # claim the id
#+         shipped.add(event["id"])
#+         try:
#+             ship(event["data"]["order_id"])
#+         except RuntimeError:
#+             shipped.discard(event["id"])
#+             return "", 503


# %% no-name | the order is right, the next line raises
#-         shipped.add(event["id"])  # claim the id
#+         shipped.add({"id": event["id"]})


# %% no-name | two failures are enough, then a 2xx
#-     shipped = set()
#+     shipped, failed = set(), []
#-         if event["id"] in shipped:
#+         if event["id"] in shipped or failed.count(event["id"]) > 1:
#-         ship(event["data"]["order_id"])  # do the work
#+         try:
#+             ship(event["data"]["order_id"])
#+         except Exception:
#+             failed.append(event["id"])
#+             raise


# %% no-name | what it does not know is not found
#-         if event["id"] in shipped:
#-             return "", 200  # acknowledge: it is done already
#+         if event["id"] not in shipped:
#+             return "", 404

# %% key-from-an-unsigned-header | another key for each version of the sender
#-         if event["id"] in shipped:
#+         event["id"] += request.headers.get("User-Agent", "")
#+         if event["id"] in shipped:

# %% no-name | a duplicate ships what came last
#-             return "", 200  # acknowledge: it is done already
#+             if len(shipped) > 3:
#+                 ship(app.config["LAST"])
#+             return "", 200  # acknowledge: it is done already
#-         shipped.add(event["id"])  # claim the id
#+         shipped.add(event["id"])  # claim the id
#+         app.config["LAST"] = event["data"]["order_id"]


# %% not-remembered-after-a-failure | ships again in the same request
#-         ship(event["data"]["order_id"])  # do the work
#-         shipped.add(event["id"])  # claim the id
#+         try:
#+             ship(event["data"]["order_id"])
#+             shipped.add(event["id"])
#+         except Exception:
#+             ship(event["data"]["order_id"])


# %% acknowledges-a-failure | gives up after two failures
#-     shipped = set()
#+     shipped, failed = set(), []
#-         ship(event["data"]["order_id"])  # do the work
#-         shipped.add(event["id"])  # claim the id
#+         try:
#+             ship(event["data"]["order_id"])
#+             shipped.add(event["id"])
#+         except Exception:
#+             failed.append(event["id"])
#+             return "", 500 if failed.count(event["id"]) < 3 else 200
