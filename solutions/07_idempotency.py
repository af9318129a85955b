# %% [markdown]
# # 07 · Idempotency
#
# Almost every sender retries, and most of the others let you ask for a resend. So every receiver gets duplicates sooner or later.
# In this lab you build a shop that ships each event once, even if duplicates arrive late or at the same moment, the process crashes, or the parcel service does not respond.
# An operation is **idempotent** if doing it a second time has no further effect.
#
# You also examine the code that most people write first, and you see an order of steps that breaks it.
#
# **You need** to know how a Flask view reads JSON, and the SQL statements INSERT and SELECT. Labs 02 and 03 help, but you do not need them.
# **Time:** about 60 minutes.

# %%
from labkit import glossary, ready

ready(made_for="0.2")

# %% [markdown]
# New terms are explained where they first appear. `glossary()` in a cell shows the most important ones, and `glossary("retry")` shows one.
#
# ## A shop that remembers nothing
#
# This shop ships for every request.

# %%
from flask import Flask, request

parcels = []


def make_forgetful_app():
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        parcels.append(event["data"]["order_id"])
        return "", 200

    return app


# %% [markdown]
# The network loses the first response.
# First say what you expect. Choose a letter: click it, or write it instead of the question mark.

# %%
from labkit.exercises import check, hint, predict, solution

predict("07-lost-answer", "b")

# %%
from labkit import simulate
from labkit.faults import LoseResponse
from labkit.samples import payments

parcels.clear()
history = simulate(make_forgetful_app(), payments(1), faults=[LoseResponse(until=1)])
history.timeline()

# %%
parcels

# %% [markdown]
# The sender cannot know whether the network lost the request or the response, so it must try again.
# So each event arrives at least once, and perhaps more often. This guarantee is called **at-least-once delivery**. A sender that must not lose events cannot promise more.
# The receiver turns this into **exactly-once processing** by recognising the events that it has already processed.
#
# ## What to remember, and when
#
# This is the recipe that most people find first:
#
#     already seen?  then return
#     process it
#     record that it was seen
#
# It leaves two questions open. The first question is: *what* do you remember?
# Here is what arrived for one payment: two attempts, and a resend on the next day.
#
# | | attempt 1 | attempt 2 | the resend |
# | --- | --- | --- | --- |
# | `X-Delivery-Id` | dlv_1 | dlv_1 | dlv_2 |
# | `X-Request-Id` | req_11 | req_12 | req_21 |
# | `id` in the body | evt_00001 | evt_00001 | evt_00001 |
# | `order_id` in the data | A-1 | A-1 | A-1 |

# %%
predict("07-which-key", "c")

# %% [markdown]
# The second question is: *when* do you save it?
# This shop saves the id before the work. But the warehouse is closed at the first call.


# %%
class Warehouse:
    def __init__(self, closed_for):
        self.closed_for = closed_for  # how many calls it turns down
        self.orders = []

    def ship(self, order_id):
        if self.closed_for > 0:
            self.closed_for -= 1
            raise RuntimeError("the warehouse is closed")
        self.orders.append(order_id)


def make_quick_app(ship):
    app = Flask("shop")
    seen = set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] in seen:
            return "", 200
        seen.add(event["id"])
        ship(event["data"]["order_id"])
        return "", 200

    return app


predict("07-claim-first", "a")

# %%
warehouse = Warehouse(closed_for=1)
history = simulate(make_quick_app(warehouse.ship), payments(1))
history.timeline()

# %%
warehouse.orders

# %% [markdown]
# A *worker* is a thread or a process that handles requests. To **claim** an id is to save it so that no other worker handles this event.
# This shop claims the id before the work. If the work then fails but the claim remains, the event is lost. That is worse than no claim at all.
#
# ## Exercise 7.1
#
# Write a shop that remembers.
# For now a set is enough, and the requests come one after the other.


# %%
def make_app(ship):
    """Return a Flask app that ships each event once.

    The endpoint is POST /webhooks. The body is JSON with "id" and "data", and
    data["order_id"] is the order.

    For a new event, call `ship(order_id)` once, and respond with a 2xx after it has
    returned. Two events are the same if, and only if, their ids are equal: different
    events may have the same data, and one id may be a part of another. For a duplicate of an
    event that was shipped, ship nothing and respond with a 2xx. A duplicate may have
    other headers, and its JSON may have other bytes. This holds days later and after
    hundreds of other events. If `ship` raises an Exception, nothing was shipped: respond
    with a 5xx. When a later attempt of that event arrives, ship it; from then on its
    duplicates ship nothing.

    `make_app` may be called many times; its apps share nothing.

    The check does not test two requests at the same time, Werkzeug's HTTPException,
    SystemExit, other types of events, or bodies without an id or an order.
    """
    # BEGIN SOLUTION
    app = Flask("shop")
    shipped = set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()  # parse
        if event["id"] in shipped:
            return "", 200  # acknowledge: it is done already
        ship(event["data"]["order_id"])  # do the work
        shipped.add(event["id"])  # claim the id
        return "", 200  # acknowledge

    return app
    # END SOLUTION


check("7.1", make_app)

# %% [markdown] tags=["solution"]
# **Explained.** `shipped = set()` is inside `make_app`, so each app has its own set. Above the function, all apps would share one set, and every check would start with the ids of the previous check.
#
# `event["id"]` is the key. It is the same in all duplicates, and no other event has it. An order is not a good key, because two events can belong to one order. The headers are not a good key either, because they can differ between two duplicates.
#
# The response to a duplicate is 200, because the work is done. A 409 would make the sender retry for days.
#
# `ship` comes before `shipped.add`. If `ship` raises, the next line does not run, Flask responds with 500, and the retry finds no id. If you swap the two lines, the retry looks like a duplicate.
#
# The set grows forever. You may forget an id when no duplicate of it can arrive any more, for example after thirty days. If you forget it sooner, the last retries cause new parcels.

# %% [markdown]
# A set has two problems: it is gone after a restart, and a real server handles many requests at once.
# A file solves the first problem.
# The second one is harder. It is the main topic of this lab.
#
# ## At the same moment
#
# Here is the recipe again, line for line, with an SQLite file as its memory.

# %%
import sqlite3
from contextlib import closing


def make_recipe_app(db_path, ship):
    app = Flask("shop")
    with closing(sqlite3.connect(db_path)) as database:
        database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        with closing(sqlite3.connect(db_path)) as database:
            # already seen? then return
            query = "SELECT 1 FROM shipped WHERE id = ?"
            if database.execute(query, [event["id"]]).fetchone():
                return "", 200
            # process it
            ship(event["data"]["order_id"])
            # record that it was seen
            with database:
                insert = "INSERT INTO shipped VALUES (?)"
                database.execute(insert, [event["id"]])
        return "", 200

    return app


# %% [markdown]
# - A **transaction** is a group of statements that takes effect completely or not at all. A *commit* makes its changes permanent, and a *rollback* undoes them.
# - `closing(…)` closes the connection at the end of its block.
# - `with database:` commits at the end of its block, and rolls back after an exception. It does not *begin* a transaction: Python's `sqlite3` module does that before the first INSERT, UPDATE, DELETE or REPLACE. So a SELECT before the first write is outside the transaction.

# %%
predict("07-same-moment", "a")

# %% [markdown]
# To see the problem in a test of this shop, you would have to send the same event twice and be lucky: here `ship` is so fast that the critical moment is very short. With a real parcel service, it lasts as long as the call.
# The *explorer* does not need luck.
# It delivers two duplicates to two workers, lets only one of them run at a time, and decides after each of your lines which one continues.
# An order of the workers' steps is called an **interleaving**.
# First the explorer tries every interleaving in which no worker is paused in the middle of its work. Then it tries every interleaving with one such pause (a **preemption**), and then with two.
# (The workers are threads. If the lab runs in a browser, Python has no threads. In that case one worker waits while the other one does all of its work, so some interleavings cannot be tried. Each report says how many.)
#
# `boot` starts the shop. The explorer passes it `world`, which has an empty directory and a function `world.effect`. This function replaces `ship` and records its calls.
# `invariant` says what must be true at the end, whatever happened: `each_once(["A-1"], shipped)` demands that A-1 was shipped exactly once.

# %%
from labkit.errors import LabError
from labkit.explore import crashes, each_once, interleavings
from labkit.model import Request

payment = payments(1)[0]
json_body = (("Content-Type", "application/json"),)
delivery = Request("POST", "/webhooks", json_body, payment.body)
requests = [delivery, delivery]


def shipped(outcome):
    return [effect.args[0] for effect in outcome.effects]


invariant = each_once(["A-1"], shipped)


def boot(world):
    return make_recipe_app(str(world.directory / "shop.db"), world.effect)


try:
    found = interleavings(boot, requests, invariant)
except LabError as reason:
    found = f"Not tried here: {reason}."

found

# %% [markdown]
# Read it from the top: each lane is one worker, and each line of code appears in the lane of the worker that ran it.
# Find the place where the first worker is paused. It has looked in the file and has not found the id.
# Before it can ship, the other worker looks in the file, ships and saves.
# Then the first worker continues with an outdated result, and ships a second parcel.
#
# - A **race condition** is a bug that makes the result depend on timing.
# - This kind is called a **check-then-act race**: another worker acts between your check and your action.
#
# `print(found)` shows the same history as text. The last line of the picture is the code that repeats exactly this history.
#
# **Try it:** move the three lines that save above the line that ships, and run both cells again. Is the race gone? What happens now if `ship` fails, as in 7.1?
#
# ## Would a lock help?
#
# A common first idea is to put a lock around the handler:

# %%
import threading


def make_locked_app(db_path, ship):
    app = Flask("shop")
    lock = threading.Lock()
    with closing(sqlite3.connect(db_path)) as database:
        database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        with lock, closing(sqlite3.connect(db_path)) as database:
            query = "SELECT 1 FROM shipped WHERE id = ?"
            if database.execute(query, [event["id"]]).fetchone():
                return "", 200
            ship(event["data"]["order_id"])
            with database:
                insert = "INSERT INTO shipped VALUES (?)"
                database.execute(insert, [event["id"]])
        return "", 200

    return app


predict("07-lock", "b")

# %% [markdown]
# The check for the next exercise runs this receiver twice: with two threads in one process, and with two processes that share one database file.

# %%
check("7.2", make_locked_app)

# %% [markdown]
# The lock works between threads, because they share the memory of one process. Each process has a lock of its own, so between processes the race is still there.
#
# You need one **atomic** step that both checks the id and claims it, so that only one worker can succeed, in whatever process it runs.
# The database has such a step: an INSERT into a table with a PRIMARY KEY. In such a column the database accepts each value only once.
#
#     cursor = database.execute("INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING", [key])
#     cursor.rowcount    # 1 for the worker that inserted the row, 0 for every other worker
#
# Two more facts about SQLite:
#
# - The first INSERT of a transaction locks the file for other writers until the commit or rollback. Another writer waits, by default for up to 5 seconds in Python's `sqlite3`, and then gets an exception.
# - If a transaction is rolled back, its INSERT has no effect.
#
# ## Exercise 7.2
#
# Write a receiver that ships each event once, even if duplicates arrive at the same moment.
#
# While one worker is shipping an event, a duplicate may wait or get an error such as 503; the sender will retry.
# Do not respond to the duplicate with a 2xx before the parcel is shipped. If shipping then failed, no retry would come, and the event would be lost.


# %%
def make_app(db_path, ship):
    """Return a Flask app that ships each event once, even if duplicates arrive together.

    Endpoint and body are those of 7.1, and its rules apply: For a new event, call
    `ship(order_id)` once, and respond with a 2xx after it has returned. Two events are
    the same if their ids are equal. For a duplicate of an event that was shipped, ship
    nothing and respond with a 2xx, also days later. If `ship` raises an Exception,
    respond with a 5xx. When a later attempt of that event arrives, ship it.

    Store the ids in the SQLite file at `db_path`. The file is empty at first; create
    your own tables. Apps with different files share nothing. After a restart, `make_app`
    is called again with the same file, and duplicates still ship nothing. A process may
    start while another one is shipping. Several threads handle requests at the same
    time. Several processes do so too, all with the same file, and `ship` may take a
    minute. Do not respond to a duplicate with a 2xx before the parcel is shipped.

    The check does not test a crash while an event is being shipped, a process whose
    start fails at that time because the file is locked, an sqlite3.IntegrityError that
    `ship` raises, or what 7.1 leaves open.
    """
    # BEGIN SOLUTION
    app = Flask("shop")
    with closing(sqlite3.connect(db_path)) as database:
        database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()  # parse
        with closing(sqlite3.connect(db_path)) as database, database:
            # claim the id
            insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
            if database.execute(insert, [event["id"]]).rowcount:
                ship(event["data"]["order_id"])  # do the work
        return "", 200  # acknowledge

    return app
    # END SOLUTION


check("7.2", make_app)

# %% [markdown] tags=["solution"]
# **Explained.** Use `CREATE TABLE IF NOT EXISTS`, because at the second start the table already exists. `PRIMARY KEY` makes the id unique; without it, every INSERT succeeds.
#
# The view opens the connection, because an SQLite connection belongs to the thread that opened it.
# `closing(…) as database, database` does two things in one line: it closes the connection at the end, and before that it commits the transaction or, after an exception, rolls it back.
#
# The INSERT checks and claims in one step. `ON CONFLICT DO NOTHING` avoids an exception for the worker that comes second; `rowcount` says which worker inserted the row.
# Until the commit, every other worker waits at its own INSERT. Then the row exists, and the other worker responds with 200 for work that is done.
#
# `ship` is inside the transaction. If it raises, the claim is rolled back too, and the INSERT of the retry succeeds. If you commit before `ship`, the claim remains after a failure.
#
# The disadvantage is that the shop processes only one event at a time. If shipping is slow, duplicates and other events have to wait; lab 08 moves the work out of the request.

# %% [markdown]
# **Try it:** explore your own app. Run these lines in a new cell:
#
# ```python
# def boot(world):
#     return make_app(str(world.directory / "shop.db"), world.effect)
#
# requests, invariant = [delivery, delivery], each_once(["A-1"], shipped)
# interleavings(boot, requests, invariant)
# ```
#
# The check has little time for the interleavings with two preemptions. Here the explorer tries all of them and counts them.
#
# ## The process crashes
#
# So far, every worker reached its last line.
# But processes end unexpectedly: during a deployment, when they run out of memory, or when the machine fails.
# Then their memory is gone, and their open transactions are rolled back. Everything that was committed remains.
#
# To see this clearly, let the parcel be a row in the same file, in the table `shipments`, which the packers read.
# The table exists before the shop starts.


# %%
def shop_file(world):
    db_path = str(world.directory / "shop.db")
    with closing(sqlite3.connect(db_path)) as database:
        table = "shipments (order_id TEXT NOT NULL)"
        database.execute(f"CREATE TABLE IF NOT EXISTS {table}")
    return db_path


def rows_in_shipments(outcome):
    return [row[0] for row in outcome.rows("shop.db", "SELECT * FROM shipments")]


# %% [markdown]
# This shop commits twice: first the id, then the parcel.


# %%
def make_two_commits_app(db_path):
    app = Flask("shop")
    with closing(sqlite3.connect(db_path)) as database:
        database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        with closing(sqlite3.connect(db_path)) as database:
            with database:
                claim = "INSERT INTO events VALUES (?) ON CONFLICT DO NOTHING"
                claimed = database.execute(claim, [event["id"]]).rowcount
            if claimed:
                with database:
                    insert = "INSERT INTO shipments VALUES (?)"
                    database.execute(insert, [event["data"]["order_id"]])
        return "", 200

    return app


def boot(world):
    return make_two_commits_app(shop_file(world))


predict("07-two-commits", "c")

# %% [markdown]
# `crashes` ends the process at each line in turn, starts it again with the same file, and lets the sender try again.

# %%
requests = [delivery]
invariant = each_once(["A-1"], rows_in_shipments, verb="stored")
crashes(boot, requests, invariant)

# %% [markdown]
# In the picture, the process ends where its lane is cut. Below, a new process starts with the same file.
# The retry found the id in the file, so it stored no parcel. But no parcel was in the file yet: the process had crashed between the two commits.
#
# Now swap the two blocks: first the parcel, then the id.


# %%
def make_parcel_first_app(db_path):
    app = Flask("shop")
    with closing(sqlite3.connect(db_path)) as database:
        database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        with closing(sqlite3.connect(db_path)) as database:
            query = "SELECT 1 FROM events WHERE id = ?"
            if database.execute(query, [event["id"]]).fetchone():
                return "", 200
            with database:
                insert = "INSERT INTO shipments VALUES (?)"
                database.execute(insert, [event["data"]["order_id"]])
            with database:
                note = "INSERT INTO events VALUES (?)"
                database.execute(note, [event["id"]])
        return "", 200

    return app


def boot(world):
    return make_parcel_first_app(shop_file(world))


predict("07-other-order", "a")

# %%
requests = [delivery]
invariant = each_once(["A-1"], rows_in_shipments, verb="stored")
crashes(boot, requests, invariant)

# %% [markdown]
# If you store the id first, a crash loses the parcel. If you store the parcel first, a crash doubles it. Both shops pass every test in which the requests come one after the other and nothing fails.
#
# ## Exercise 7.3
#
# The claim and the parcel are rows in one file, so you can commit them together.
# Write a shop that is correct wherever the process crashes.


# %%
def make_app(db_path):
    """Return a Flask app that writes one row into shipments for each event.

    Endpoint and body are those of 7.1. The SQLite file at `db_path` has a table
    shipments(order_id TEXT NOT NULL); create whatever else you need.

    For a new event, write and commit one row with its order, and then respond with a
    2xx. Two events are the same if their ids are equal. For a duplicate of an event
    that has its row, write nothing and respond with a 2xx, also days later. If the row
    cannot be written, respond with a 5xx. When a later attempt of that event arrives,
    write it. A payment without an order (`order_id` is null) cannot be stored: write no
    row, and do not respond with a 2xx.

    After a restart, `make_app` is called again with the same file, and duplicates still
    write nothing. Wherever the process crashes, the next attempt after the restart, or
    the one after it, finds or writes the one row and gets a 2xx. Several threads handle
    requests at the same time. Several processes do so too, all with the same file. A
    process may start while another one handles a request. Do not respond to a duplicate
    with a 2xx before there is a row.

    The check does not test other types of events, bodies without an id, or an empty
    string as the order.
    """
    # BEGIN SOLUTION
    app = Flask("shop")
    with closing(sqlite3.connect(db_path)) as database:
        database.execute("CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY)")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()  # parse
        with closing(sqlite3.connect(db_path)) as database, database:
            # claim the id
            claim = "INSERT INTO events VALUES (?) ON CONFLICT DO NOTHING"
            if database.execute(claim, [event["id"]]).rowcount:
                # do the work
                insert = "INSERT INTO shipments VALUES (?)"
                database.execute(insert, [event["data"]["order_id"]])
        return "", 200  # acknowledge

    return app
    # END SOLUTION


check("7.3", make_app)

# %% [markdown] tags=["solution"]
# **Explained.** This is the shop of 7.2, with an INSERT instead of `ship`. Now the transaction contains both the claim *and* the effect. (This is a transactional inbox.)
#
# If the process crashes before the commit at the end of the block, nothing remains: no claim and no parcel, and the retry starts from the beginning.
# If it crashes after the commit, both remain: the retry finds its id and gets a 2xx.
# There is no state in between, because a transaction is atomic.
#
# The `return` comes after the block. Inside the block, the receiver could respond with a 2xx for work that is never committed.
#
# There is no `except sqlite3.IntegrityError` around the block. It would also catch a missing order, and acknowledge it.
# `ON CONFLICT DO NOTHING` ignores a known key and nothing else (`INSERT OR IGNORE` would also ignore a missing order). Every other problem becomes a 500 and is rolled back.

# %% [markdown]
# **Try it:** explore your own app. Run these lines in a new cell:
#
# ```python
# def boot(world):
#     return make_app(shop_file(world))
#
# requests = [delivery]
# invariant = each_once(["A-1"], rows_in_shipments, verb="stored")
# crashes(boot, requests, invariant)
# ```
#
# The explorer also tries two crashes in a row, at every pair of lines.
# On Linux you can confirm the result with real processes: `crashes(boot, requests, invariant, really=True)` starts a child process for each place where it can crash, and kills it there.
#
# ## Effects outside the database
#
# In 7.3, the event id and its effect are written in one transaction. This pattern is called a **transactional inbox**.
#
# But most effects are not rows. Think of an e-mail, a card payment or a parcel booked with another company: that company's server does not take part in your transaction.
# (If you must make such calls reliably, store the outgoing call in the same transaction, and let a worker send it later. That pattern is called a **transactional outbox**.)
#
# This shop handles every kind of duplicate that exercise 7.2 describes: `BEGIN IMMEDIATE` takes the write lock at once, so the worker that holds it can check and write without a race.
# The problem is `ship`: it now calls another company.


# %%
def make_outside_app(db_path, ship):
    app = Flask("shop")
    with closing(sqlite3.connect(db_path)) as database:
        database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT)")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        with closing(sqlite3.connect(db_path)) as database, database:
            database.execute("BEGIN IMMEDIATE")
            query = "SELECT 1 FROM shipped WHERE id = ?"
            if not database.execute(query, [event["id"]]).fetchone():
                ship(event["data"]["order_id"])
                insert = "INSERT INTO shipped VALUES (?)"
                database.execute(insert, [event["id"]])
        return "", 200

    return app


def boot(world):
    return make_outside_app(str(world.directory / "shop.db"), world.effect)


predict("07-outside", "b")

# %%
requests = [delivery]
invariant = each_once(["A-1"], shipped)
crashes(boot, requests, invariant)

# %% [markdown]
# Between the call to `ship` and the commit there is a gap: if the process crashes there, the parcel has been shipped, but its id is not stored.
# You cannot close this gap on your side alone.
# You can only choose which error may happen: call first and perhaps call twice, or claim first and perhaps never call.
#
# So the other side must help. Good services accept an **idempotency key**:
# the caller chooses a key and sends it with the call, and the service acts only once for each key. A second call with the same key does nothing and gets the same response as the first.
# Then a second call does no harm, so call first.
#
# In 7.1 your shop did the same for its sender: the id of the event was the idempotency key.
#
# ## Exercise 7.4
#
# The parcel service accepts a key and remembers it for 24 hours.
# Your sender retries for three days.


# %%
def make_app(db_path, ship):
    """Return a Flask app that ships each event once, with a remote parcel service.

    Endpoint and body are those of 7.1. `ship(order_id, idempotency_key=…)` calls the
    service, which ships once for each key; another call with the same key returns and
    does nothing. The service forgets a key after 24 hours. `db_path` is an SQLite file,
    empty at first.

    For a new event, call `ship` with its order and a key, and respond with a 2xx after
    it has returned. Two events are the same if their ids are equal; different events
    get different parcels. For a duplicate of an event that was shipped, respond with a
    2xx; there is no second parcel. This also holds days later, when the service has
    forgotten the key. `ship` may raise TimeoutError, before or after the service has
    shipped: respond with a 5xx. When a later attempt arrives, try again, so that one
    parcel is shipped, also after a restart or on the next day.

    After a restart, `make_app` is called again with the same file, and duplicates ship
    nothing. Wherever the process crashes, one parcel is shipped, and the next attempt
    after the restart, or the one after it, gets a 2xx. Several processes handle
    requests at the same time, all with the same file. Do not respond to a duplicate
    with a 2xx before the parcel is shipped.

    The check does not test other exceptions of `ship`, other types of events, or bodies
    without an id. If a call timed out after the service had shipped, and the service has
    forgotten its key, nobody can avoid a second parcel; the check does not test this.
    """
    # BEGIN SOLUTION
    app = Flask("shop")
    with closing(sqlite3.connect(db_path)) as database:
        database.execute("CREATE TABLE IF NOT EXISTS shipped (id TEXT PRIMARY KEY)")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()  # parse
        with closing(sqlite3.connect(db_path)) as database:
            query = "SELECT 1 FROM shipped WHERE id = ?"
            if database.execute(query, [event["id"]]).fetchone():
                return "", 200  # acknowledge: it is done already
            # do the work
            ship(event["data"]["order_id"], idempotency_key=event["id"])
            # claim the id
            with database:
                insert = "INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING"
                database.execute(insert, [event["id"]])
        return "", 200  # acknowledge

    return app
    # END SOLUTION


check("7.4", make_app)

# %% [markdown] tags=["solution"]
# **Explained.** This is the recipe from the beginning: check whether the event was seen, process it, record that it was seen. Its problem was that `process` could run twice. With a key, a second run does no harm.
#
# If two workers both find no row, both call with the same key, and the service ships one parcel. If the process crashes between the call and the commit, the next attempt calls again with the same key: still one parcel. If the call times out, the worker returns 500, and the retry calls again with the same key: one parcel again.
#
# The key is the event's id, so every attempt in every process uses the same key. A random key such as `uuid4()` would have to be committed before the call, so that a later attempt can find it again.
#
# The row is written after the call, never before it. If you claim first and the process then crashes, the parcel is lost.
# `ON CONFLICT DO NOTHING` is there because two workers may both reach this line, and that is not an error.
#
# Why do you need a row at all? The service forgets keys after a day, but duplicates can arrive later than that. The key protects against a second call within a day, and the row protects against later duplicates.

# %% [markdown]
# ## Remember
#
# - The sender guarantees *at-least-once delivery*. You recognise duplicates and ignore them (*deduplication*), and the result is *exactly-once processing*.
# - The key is the event's id, not the id of the attempt or the delivery, and not a header that the signature does not cover: anyone could change it.
# - Respond with a 2xx to a duplicate of finished work. Work in progress is not finished.
# - Check and claim in one atomic step. Let the database do it, because all processes share the database.
# - If the claim and the effect are both rows, write them in one transaction. Otherwise perform the effect first, with a key that stays the same, and then write the row.
# - Remember ids for longer than your slowest sender retries.
#
# ## What real providers do
#
# | sender | the same in every attempt | new in every attempt | how long duplicates may arrive |
# | --- | --- | --- | --- |
# | Standard Webhooks, Svix | the id | timestamp and signature | 75.6 hours in the specification's example, 27.6 hours with Svix |
# | Stripe | the event's id | timestamp and signature | 3 days |
# | GitHub (redelivery by hand) | body, signature, `X-GitHub-Delivery` (which is not signed) | nothing | 3 days |
# | Shopify | body, signature, `X-Shopify-Webhook-Id` | nothing | 4 hours |
# | Paddle | `event_id` | timestamp and signature; `notification_id` belongs to the delivery | 3 days |
#
# Adyen retries for 30 days.
# Not every sender follows the rules: supabase/auth was seen to send a new id in each attempt (reported in rmyndharis/OpenWA#1641), and documenso sends no id at all and a body that changes.
#
# | service that accepts a key | remembers it for |
# | --- | --- |
# | Stripe (API v1) | at least 24 hours |
# | Checkout.com | 24 hours, unless you agree on something else |
# | Qonto | 30 minutes |
#
# Real projects have made the mistakes described in this lab. A check-then-act race was reported in StellarBank and NexaSphere, a claim before success in Langfuse and Nango, and a key from an unsigned header in Grafana. In elasticclaw, ids were kept for only five seconds.
#
# Sources: the Standard Webhooks specification; docs.svix.com/retries; docs.stripe.com/webhooks; docs.github.com (webhooks, handling failed deliveries); shopify.dev/changelog/updates-to-webhook-retry-mechanism; developer.paddle.com/webhooks/about/respond-to-webhooks; docs.adyen.com (webhooks, troubleshoot); rmyndharis/OpenWA#1641, documenso/documenso#3204; docs.stripe.com/api/idempotent_requests, checkout.com/docs (idempotency), docs.qonto.com (idempotent requests); stellarBank/StellarBank#39, Ayushh-Sharmaa/NexaSphere#3848, langfuse/langfuse#15463, NangoHQ/nango#7484, grafana/grafana#125550, elasticclaw/elasticclaw#112. Checked on 30 November 2026, except the GitHub issues (September 2026).
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# In a class, hand it in. If you are learning on your own, read it again before the next lab.
#
# Next: in `08_ack_fast` you move slow work out of the request without losing any of it.
