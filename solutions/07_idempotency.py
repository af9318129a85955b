# %% [markdown]
# # 07 · Idempotency
#
# Every sender repeats itself, so every receiver gets copies.
# You will build a shop that ships once, whatever comes: a copy later, a copy at the same moment, a crash in the middle, a parcel service that does not answer.
# *Idempotent* is the word for it: doing it again changes nothing.
#
# On the way you will take the usual recipe apart, and see the one order of lines that breaks it.
#
# **You need** a Flask view that reads JSON, and the SQL words INSERT and SELECT. Labs 02 and 03 help, they are not needed.
# **It takes** about 60 minutes.

# %%
from labkit import ready

ready(made_for="0.2")

# %% [markdown]
# ## One payment, two parcels
#
# Here is a shop without a memory.

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
# The wire loses the first answer.
# Say first what you expect: write your letter in place of the question mark.

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
# The sender can't know whether the request got lost or the answer, so it must try again.
# It is called *at least once*, and a sender that wants to lose nothing can promise no more.
# *Exactly once* is made by the receiver, with a memory.
#
# ## What to remember, and when
#
# This is the recipe that everybody finds first:
#
#     did we have it?  then return
#     process it
#     save that we had it
#
# It hides two questions. The first one: have *what*?
# Here is what came for one payment: two attempts, and a resend on the next day.
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
# The second question: *when* to save?
# This shop is quick about it. And this warehouse is closed at the first call.


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


predict("07-claim-first", "c")

# %%
warehouse = Warehouse(closed_for=1)
history = simulate(make_quick_app(warehouse.ship), payments(1))
history.timeline()

# %%
warehouse.orders

# %% [markdown]
# To note the id is to *claim* it: this event is mine.
# A claim that outlives a failure is worse than none.
#
# ## Exercise 7.1
#
# Write the shop with a memory.
# For now the memory may be a set, and one request comes after the other.


# %%
def make_app(ship):
    """Return a Flask app that ships each event once.

    The endpoint is POST /webhooks; the body is JSON with "id" and "data", and
    data["order_id"] is the order. ship(order_id) sends the parcel.

    A copy of an event that was shipped ships nothing and is answered with a 2xx, also
    days later and after hundreds of other events. Another event has another id. When
    ship raises, nothing was shipped: answer 5xx, and a later attempt ships.

    make_app may be called many times, and its apps know nothing of each other.
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
# **Explained.** `shipped = set()` stands inside of `make_app`: one memory for each app. Above the function, all apps would share it, and every check would begin with the memory of the one before.
#
# `event["id"]` is the key. It is the same in all copies, and no other event has it; the order and the headers fail on one side or the other.
#
# The copy is answered with 200, because it is good news: the work is done. A 409 would make the sender try for days.
#
# `ship` stands before `shipped.add`. If it raises, the line below is not reached, Flask answers 500, and the retry finds no id. With the two lines swapped the retry would be taken for a copy.
#
# The set grows for ever. You may forget an id when no copy of it can come any more, after thirty days, say; forget sooner and the last retries are new parcels.

# %% [markdown]
# Two things are wrong with a set: it is gone after a restart, and a real server handles many requests at once.
# A file mends the first.
# The second is harder, and it is the heart of this lab.
#
# ## At the same moment
#
# Here is the recipe once more, line for line, with an SQLite file as its memory.

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
            # did we have it? then return
            query = "SELECT 1 FROM shipped WHERE id = ?"
            if database.execute(query, [event["id"]]).fetchone():
                return "", 200
            # process it
            ship(event["data"]["order_id"])
            # save that we had it
            with database:
                insert = "INSERT INTO shipped VALUES (?)"
                database.execute(insert, [event["id"]])
        return "", 200

    return app


# %% [markdown]
# - `closing(…)` closes the connection at the end of its block.
# - `with database:` is a transaction: it commits at the end of its block, and rolls back after an exception.

# %%
predict("07-same-moment", "b")

# %% [markdown]
# To see it, you would have to send two copies and be lucky: the gap is a fraction of a millisecond.
# The *explorer* needs no luck.
# It delivers two copies to two workers, lets only one of them run at a time, and decides after each of your lines who goes on.
# (The workers are threads. A browser's Python has none: there one worker stands still while the other does all of its work, and each report says how much was left out.)
# It tries every schedule without a switch, then every one with a single switch, then with two.
#
# `boot` starts the shop over an empty directory; `world.effect` stands in for `ship` and notes its calls; `invariant` says what must hold at the end, whatever happened.

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
# Read it from the top: each lane is one worker, and a line stands where it ran.
# Find the switch. The worker on the left has asked the file and heard *no*.
# Before it can do anything about it, the other one asks, ships and saves.
# Then the first goes on, with an answer that is no longer true.
#
# - A **race** is a result that depends on who comes first.
# - This kind is called **check then act**: between the check and the act the world moved on.
#
# `print(found)` writes the same as text. The last line of the picture is the code that runs this very history again.
#
# **Try it:** put the three lines that save above the line that ships, and run both cells again. Is the race gone? Think of 7.1: what has it cost?
#
# ## A lock?
#
# Many would now put a lock around it. Here it is.

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
# The check of the next exercise tries both: two threads of one process, and two processes over one file.

# %%
check("7.2", make_locked_app)

# %% [markdown]
# Between threads it held. Between processes it is the old picture again.
#
# What you need is a step that asks *and* claims, and that only one worker can win, in whatever process it lives.
# The database has such a step: an INSERT into a table with a PRIMARY KEY.
#
#     cursor = database.execute("INSERT INTO shipped VALUES (?) ON CONFLICT DO NOTHING", [key])
#     cursor.rowcount    # 1 for whoever wins, 0 for everybody else
#
# Two more things to know about SQLite:
#
# - The first INSERT of a transaction locks the file for other writers, until commit or rollback. Who comes second waits, up to 5 seconds, and then gets an exception.
# - An INSERT that is rolled back never happened.
#
# ## Exercise 7.2
#
# Write the shop that stands copies at any moment.
# While one worker is shipping, a copy of the event may wait, or be answered with an error such as 503: the sender comes again.
# It must not be answered with a 2xx: if the work fails after that, nobody comes again.


# %%
def make_app(db_path, ship):
    """Return a Flask app that ships each event once, at whatever moment copies come.

    As in 7.1, and the memory is an SQLite file at db_path, which is empty at first; make
    your own tables. After a restart make_app is called again with the same file.
    Several threads and several processes handle requests at the same time, all with the
    same file. No copy is answered with a 2xx before the parcel is out.
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
# **Explained.** `CREATE TABLE IF NOT EXISTS`, because the second start finds the table. `PRIMARY KEY` is what makes the id unique; without it every INSERT wins.
#
# The connection is opened in the view: an SQLite connection belongs to the thread that opened it.
# `closing(…) as database, database` are two things in one line: the connection is closed at the end, and before that the transaction is committed or, after an exception, rolled back.
#
# The INSERT asks and claims in one step. `ON CONFLICT DO NOTHING` spares the loser an exception; `rowcount` tells who has won.
# From here to the commit no other worker gets past its own INSERT: it waits. When its turn comes, the row is there, and it answers 200 to a thing that is done.
#
# `ship` stands inside of the transaction. If it raises, the claim is rolled back with it, and the retry wins its INSERT again. Committed before `ship`, the claim would outlive the failure.
#
# The price: one event is worked on at a time. Where shipping is slow, that is too dear; lab 08 takes the work out of the request.

# %% [markdown]
# **Try it:** let `boot` start your own `make_app`, and run `interleavings(boot, requests, invariant)`.
# The check has little time for the schedules with two switches; here all of them are tried, and counted.
#
# ## The process dies
#
# So far everybody reached the last line.
# But processes die: at a deployment, for want of memory, with their machine.
# Then their memory is gone and their open transactions are rolled back. What was committed stays.
#
# To see it clearly, let the parcel be a row in the same file: a table `shipments`, which the packers read.
# It is there before the shop starts.


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
# Here are two commits, one after the other.


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


predict("07-commit-between", "b")

# %% [markdown]
# `crashes` kills the process at each line in turn, starts it again over the same file, and lets the sender come again.

# %%
requests = [delivery]
invariant = each_once(["A-1"], rows_in_shipments, verb="stored")
crashes(boot, requests, invariant)

# %% [markdown]
# The cut goes through the lane where the process died; below it a new one starts, with the same file.
# The retry did everything right, and believed the file.
#
# Turn the two blocks round, then: first the parcel, then the note.


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


predict("07-other-order", "b")

# %%
crashes(boot, requests, invariant)

# %% [markdown]
# One order loses, the other doubles, and both look fine in every test in which nobody dies.
#
# ## Exercise 7.3
#
# Claim and parcel are rows in one file, so they can be committed together.
# Write the shop that holds wherever the process dies.


# %%
def make_app(db_path):
    """Return a Flask app that writes one row into shipments for each event.

    The SQLite file at db_path has a table shipments(order_id TEXT NOT NULL); make what
    else you need. There is one row for each event id, however often and at whatever
    moment copies come, and wherever the process dies: after a restart the sender's next
    attempt, or the one after it, finds or makes the row and is answered with a 2xx.

    When the row can't be written, the answer is 5xx and a later attempt writes it. A
    payment without an order (order_id is null) can't be stored, so it is not answered
    with a 2xx.
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
# **Explained.** It is the shop of 7.2, with an INSERT in the place of `ship`. What has changed is what the transaction covers: claim *and* effect.
#
# Before the commit at the end of the block, a death leaves nothing: no claim, no parcel, and the retry begins from nothing.
# After it, a death leaves both: the retry finds its id and is acknowledged.
# There is no moment in between. That is all that a transaction is.
#
# The answer stands behind the block. Inside of it, a 2xx might go out for something that is never committed.
#
# There is no `except sqlite3.IntegrityError` around it all. That would catch a missing order as well as a known id, and acknowledge it.
# `ON CONFLICT DO NOTHING` lets pass a known key and nothing else (`INSERT OR IGNORE` would let pass a missing order, too); whatever else goes wrong becomes a 500, and is rolled back.

# %% [markdown]
# **Try it:** let `boot` start your own `make_app`, and run `crashes(boot, requests, invariant)`: two deaths in a row, everywhere.
# If you doubt it: on Linux, `crashes(boot, requests, invariant, really=True)` starts a child process for each history, and kills it.
#
# ## Where no transaction reaches
#
# Most effects are not rows. A mail, a card payment, a parcel booked at another company: their server knows nothing of your transaction.
# Here is a shop that stands all copies of 7.2: `BEGIN IMMEDIATE` locks the file at once, and whoever has the lock can ask in peace.
# Only `ship` is new: it calls another company.


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
invariant = each_once(["A-1"], shipped)
crashes(boot, requests, invariant)

# %% [markdown]
# Nothing that you can do on your side alone closes this gap.
# You can choose only on which side to err: call first and perhaps call twice, or claim first and perhaps never call.
#
# So the other side has to help. Good services take an **idempotency key**:
# the caller makes up a key and sends it along, and the service acts once for each key. A second call with the same key does nothing and is answered like the first.
# Then *perhaps twice* costs nothing, and it is clear on which side to err.
#
# It is what you did for your sender in 7.1. The event's id was its key.
#
# ## Exercise 7.4
#
# The parcel service takes a key, and remembers it for 24 hours.
# Your sender goes on for three days.


# %%
def make_app(db_path, ship):
    """Return a Flask app that ships each event once, with a remote parcel service.

    ship(order_id, idempotency_key=…) calls the service, which acts once for each key; a
    further call with the same key returns and does nothing. The service forgets a key
    after 24 hours. ship may raise TimeoutError, before or after the service has acted:
    then answer 5xx, and a later attempt tries again.

    db_path is an SQLite file, empty at first. One parcel for each event id: whenever
    copies come, days later too, and wherever the process dies. No copy is answered with
    a 2xx before the parcel is out. After a restart the sender's next attempt, or the one
    after it, is answered with a 2xx.
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
# **Explained.** It is the recipe from the beginning: did we have it, process it, save it. What was wrong with it was that `process` could run twice. Now it may.
#
# Two workers that both heard *no* both call, with the same key: one parcel. Who dies between call and commit calls again: one parcel. Who gets a time-out answers 500, and the retry calls again: one parcel.
#
# The key is the event's id, so every attempt in every process makes the same one. A `uuid4()` would have to be committed before the call, to be found again by whoever comes next.
#
# The row is written after the call, never before it: claimed before, a death in between loses the parcel.
# `ON CONFLICT DO NOTHING` is there because two workers may both arrive at this line, and that is no error.
#
# Why a row at all, if the key does so much? The service forgets keys after a day, and copies come for longer. The key covers your retries, the row covers the sender's.

# %% [markdown]
# ## Keep in mind
#
# - *At least once* comes from the wire, *exactly once* is made by you: at least once, and a memory.
# - The key is the id of the event. Not the attempt's, not the delivery's, not a header that anybody can write.
# - A copy of what is done is answered with a 2xx. What is still being done is not done.
# - Asking and claiming is one step, and the database takes it, because it is the only thing that all processes share.
# - Claim and effect in one transaction, if both are rows. If not: effect first, with a key that stays the same, then the row.
# - Remember longer than your slowest sender goes on.
#
# ## What real providers do
#
# | sender | what stays the same in every attempt | what is new | how long copies may come |
# | --- | --- | --- | --- |
# | Standard Webhooks, Svix | the id | timestamp and signature | 75.6 hours in the specification's example, 27.6 hours with Svix |
# | Stripe | the event's id | timestamp and signature | 3 days |
# | GitHub (redelivery by hand) | body, signature, `X-GitHub-Delivery` (which is not signed) | nothing | 3 days |
# | Shopify | body, signature, `X-Shopify-Webhook-Id` | nothing | 4 hours |
# | Paddle | `event_id` | timestamp and signature; `notification_id` belongs to the delivery | 3 days |
#
# Adyen goes on for 30 days.
# Not everybody keeps to it: hooks of supabase/auth were seen with a new id in each attempt, documenso's webhooks without any id and with a body that changes.
#
# | service that takes a key | remembers it for |
# | --- | --- |
# | Stripe | at least 24 hours |
# | Checkout.com | 24 hours, unless you agree on something else |
# | Qonto | 30 minutes |
#
# The mistakes of this lab are out there, too. Check then act was reported for StellarBank and NexaSphere, claimed before success for Langfuse and Nango, a key from an unsigned header for Grafana, a memory of five seconds for elasticclaw.
#
# Sources: the Standard Webhooks specification; docs.svix.com/retries; docs.stripe.com/webhooks; docs.github.com (webhooks, handling failed deliveries); shopify.dev/changelog/updates-to-webhook-retry-mechanism; developer.paddle.com/webhooks/respond-to-webhooks; docs.adyen.com (webhooks, troubleshoot); rmyndharis/OpenWA#1641, documenso/documenso#3204; docs.stripe.com/api/idempotent_requests, checkout.com/docs (idempotency), docs.qonto.com (idempotent requests); stellarBank/StellarBank#39, Ayushh-Sharmaa/NexaSphere#3848, langfuse/langfuse#15463, NangoHQ/nango#7484, grafana/grafana#125550, elasticclaw/elasticclaw#112. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# If you learn in a class, hand it in; if you learn alone, read it again before the next lab.
#
# Next: `08_ack_fast` takes slow work out of the request, without losing any of it.
