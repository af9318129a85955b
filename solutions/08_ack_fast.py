# %% [markdown]
# # 08 · Acknowledge fast
#
# In this lab you see what a slow handler causes.
# Then you build the fix in three parts: an endpoint that stores an event and acknowledges it, a worker that loses no event, and state that is correct in whatever order the events arrive.
#
# **You need** Python's functions, loops and exceptions, and basic Flask. Lab 02 helps; the other labs are not needed.
# **Time:** about 45 minutes.

# %%
from labkit import glossary, ready

ready(made_for="0.2")

# %% [markdown]
# New terms are explained where they first appear. `glossary()` in a cell shows the most important ones, and `glossary("retry")` shows one.
#
# ## A slow handler
#
# This shop ships a parcel for each payment.
# The view does the work, and then responds.

# %%
from flask import Flask, request

parcels = []


def make_slow_app():
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        parcels.append(event["data"]["order_id"])  # today this takes 8 seconds
        return "", 200

    return app


# %% [markdown]
# A parcel service prints a label, and today that takes 8 seconds.
# You do not have to wait: the fault `SlowResponse` delays the response in virtual time.
#
# The sender behaves like Slack: it waits 3 seconds for a response, and it makes up to 3 retries.
#
# First say what you expect. Choose a letter: click it, or write it instead of the question mark.

# %%
from labkit.exercises import check, hint, predict, solution

predict("08-slow", "c")

# %%
from labkit import simulate
from labkit.faults import SlowResponse
from labkit.samples import payments

payment = payments(1)[0]
slow = SlowResponse(seconds=8)

parcels.clear()
history = simulate(make_slow_app(), [payment], profile="slack", faults=[slow])
history.timeline()

# %%
print("parcels:", parcels)
print(history.account)

# %% [markdown]
# Look at both sides.
#
# - The **receiver** did its work four times, and responded with 200 four times.
# - The **sender** received no response in time, four times, and gave up on the event.
#
# No single step was wrong, and the network lost nothing.
# A **timeout** ends the sender's waiting. It does not stop your work, and it does not undo it.
#
# How bad the result is depends on the sender.

# %%
from labkit.profiles import PROFILES

print("sender    waits  parcels")
for name in ("github", "svix", "shopify", "zoom", "slack", "paddle"):
    parcels.clear()
    simulate(make_slow_app(), [payment], profile=name, faults=[slow])
    print(f"{name:<8}{PROFILES[name].timeout:>5.0f} s{len(parcels):>9}")

# %% [markdown]
# The view and the payment are the same for every sender. The shop ships once per attempt if the sender's timeout is shorter than 8 seconds, so among the senders that wait less than 8 seconds, the one with the most retries causes the most parcels.
#
# **Change one thing:** in the line that creates `slow`, write `seconds=2.8`, then `seconds=2.95`, and run the cells from there again.
# The request and its response need time on the network too, so you have a little less time than the sender's timeout.
#
# ## A fix that does not work
#
# Slack marks its retries with a header, `x-slack-retry-num`.
# So you can find this fix in public code.


# %%
def make_dropping_app():
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        if "x-slack-retry-num" in request.headers:
            return "", 200
        event = request.get_json()
        parcels.append(event["data"]["order_id"])
        return "", 200

    return app


parcels.clear()
simulate(make_dropping_app(), [payment], profile="slack", faults=[slow])
parcels

# %% [markdown]
# One parcel. Is the problem solved?

# %%
predict("08-drop-retries", "a")

# %%
from labkit.faults import Refuse

restart = Refuse(until=1)

parcels.clear()
history = simulate(make_dropping_app(), [payment], profile="slack", faults=[restart])
history.timeline()

# %%
print("parcels:", parcels)

# %% [markdown]
# The sender got its 2xx, but no parcel was shipped.
#
# With a retry, the sender says: *I do not know whether you have this event.*
# Only the receiver can know, and it recognises the event by its id (lab 07), not by a header.
#
# ## Store the event, then acknowledge
#
# The real fix is to do less before you respond.
#
#     the view      read the raw body · store it · acknowledge
#     the worker    take a job · do the work · delete the job
#
# Storing takes milliseconds, whatever the parcel service does.
# Between the view and the worker is a *queue*: a list of *jobs*. Each job is one event that still has to be processed.
# The queue must be **durable**: a stored event survives a crash, because it is in a file.
# A list in memory or a thread is not durable.
#
# The order matters: **store first, then acknowledge**.
# After a 2xx the sender does not send the event again. From then on, you rely on your own copy.
#
# ## Exercise 8.1
#
# Write `make_app(enqueue) -> Flask`.
# `enqueue(body)` stores a body durably. It raises if that is impossible, for example if the disk is full or the database is locked.
#
# | request | what to do | response |
# | --- | --- | --- |
# | `POST /webhooks`, with any body | `enqueue` the raw bytes, once | a 2xx when `enqueue` has returned |
# | the same, but `enqueue` raises | nothing is stored, so the sender must try again; do not call `enqueue` again | a 5xx |
#
# Do not parse the body: the worker does that.
# (A real view would check the signature of these bytes before it stores them. That is the topic of lab 04, and this exercise leaves it out.)


# %%
def make_app(enqueue):
    """Return a Flask app that stores each request body and then acknowledges it.

    For each POST to /webhooks, call `enqueue(body)` exactly once, with the raw bytes of
    the body, whatever they contain. This includes retries. There is one exception: if
    the same body is already stored, you may acknowledge it without calling `enqueue`.
    For a request with another method or path, do not call `enqueue`.

    After `enqueue` has returned, and not before, respond with a 2xx. If it raises,
    respond with a 5xx and do not call it again, whatever it raises: this includes
    SystemExit and CancelledError. Respond within 3 seconds.

    `make_app` may be called many times; each app calls its own `enqueue`.

    The check does not test KeyboardInterrupt, Werkzeug's HTTPException (which Flask's
    `abort` raises), or chunked bodies. It runs your app without a server, and treats an
    exception that your app does not catch as a 500.
    """
    # BEGIN SOLUTION
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()  # read the raw body
        try:
            enqueue(body)
        except BaseException:
            app.logger.exception("the event was not stored")
            return "the event was not stored", 503
        return "", 202  # acknowledge

    return app
    # END SOLUTION


check("8.1", make_app)

# %% [markdown] tags=["solution"]
# **Explained.** `request.get_data()` returns the raw bytes. `get_json()` would return a dictionary; re-serialised, it has different spaces, and no signature matches it. `request.data` looks similar but is empty for a form.
#
# The view itself calls `enqueue(body)`, on a line of its own. When the next line runs, the event is in a file.
# In a thread, or in a function that runs after the response, the 202 would be sent before that. If the process crashes in between, nobody has the event.
#
# If `enqueue` raises, the view responds with 503, and the sender tries again later.
# Without the `try`, Flask would turn most exceptions into a 500, which is just as good. But `SystemExit` and `asyncio.CancelledError` are not subclasses of `Exception`: Flask lets them out, a server such as waitress sends no response, and the sender waits until its timeout.
# So the view catches `BaseException`. It also logs the exception, because Flask logs only those that it turns into a 500 itself.
#
# The view does not call `enqueue` a second time. Retrying is the sender's job: it has days for it, and your view has seconds.
#
# `202` means *Accepted*: I have it, and the work comes later. A 200 or 204 is just as good. Some providers accept only certain statuses, so read their documentation.
#
# A duplicate is stored a second time. That is fine: the worker can recognise it by its id, and this view must be fast.

# %% [markdown]
# ## A queue
#
# Where does the view store the bytes? In a **durable queue**, which survives a crash.
# Many companies use a queue service for this, such as SQS, Redis Streams or RabbitMQ. A table in your database works too, and SQLite is enough to see how.
#
# Read the names of the methods and their docstrings. You may skip the SQL.

# %%
import sqlite3
import tempfile
from pathlib import Path
from typing import NamedTuple

LAST = "(SELECT coalesce(max(place), 0) + 1 FROM jobs)"


class Job(NamedTuple):
    id: int
    body: bytes
    attempt: int  # how often it has been taken, including this time


class Queue:
    """Jobs in a file. Each method is one transaction: all of it takes effect, or nothing."""

    def __init__(self, path):
        self.db = sqlite3.connect(path)
        with self.db:
            self.db.execute(
                "CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY, body BLOB,"
                " place INTEGER, attempt INTEGER DEFAULT 0, taken INTEGER DEFAULT 0)"
            )
            self.db.execute(
                "CREATE TABLE IF NOT EXISTS dead_letters (body BLOB, why TEXT)"
            )
            # There is only one worker, so a job that is marked as taken at the start
            # was taken by a worker that crashed.
            self.db.execute("UPDATE jobs SET taken = 0")

    def put(self, body):
        """Store a body as a new job, at the end of the queue."""
        with self.db:
            self.db.execute(
                f"INSERT INTO jobs (body, place) VALUES (?, {LAST})", [body]
            )

    def take(self):
        """Mark the first job that is not taken as taken, and return it, or None."""
        with self.db:
            rows = self.db.execute(
                "UPDATE jobs SET taken = 1, attempt = attempt + 1 WHERE id ="
                " (SELECT id FROM jobs WHERE NOT taken ORDER BY place LIMIT 1)"
                " RETURNING id, body, attempt"
            ).fetchall()
        return Job(*rows[0]) if rows else None

    def done(self, job):
        """Delete the job."""
        with self.db:
            self.db.execute("DELETE FROM jobs WHERE id = ?", [job.id])

    def later(self, job):
        """Put the job back, behind all others."""
        with self.db:
            self.db.execute(
                f"UPDATE jobs SET taken = 0, place = {LAST} WHERE id = ?", [job.id]
            )

    def bury(self, job, why):
        """Move the job to the dead letters, with a text that says why."""
        with self.db:
            self.db.execute("INSERT INTO dead_letters VALUES (?, ?)", [job.body, why])
            self.db.execute("DELETE FROM jobs WHERE id = ?", [job.id])

    def jobs(self):
        """Return all jobs, taken or not, as (id, attempt)."""
        return self.db.execute("SELECT id, attempt FROM jobs ORDER BY place").fetchall()

    def dead_letters(self):
        """Return the reason for each dead letter."""
        return [why for (why,) in self.db.execute("SELECT why FROM dead_letters")]


folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)


def new_file():
    """Return the path of a queue that is still empty."""
    return str(Path(tempfile.mkdtemp(dir=folder.name), "queue.db"))


# %% [markdown]
# `queue.put` does exactly what `enqueue` must do: when it returns, the transaction is in the file.
#
# Now put your endpoint in front of it.
# The fault `CrashReceiver` crashes the process after its work and before the response is sent. The process is running again after 30 seconds.

# %%
predict("08-dies-between", "b")

# %%
from labkit.faults import CrashReceiver, LoseResponse

queue = Queue(new_file())


def endpoint(environ, start_response):
    """Call your app: a fresh one for each request, as after a restart."""
    return make_app(queue.put)(environ, start_response)


crash = CrashReceiver(until=1)
history = simulate(endpoint, [payment], profile="slack", faults=[crash])
history.timeline()

# %%
queue.jobs()

# %% [markdown]
# (If the queue is empty and the sender got 500, you have not written exercise 8.1 yet.)
#
# There are two jobs for one event. In the other order, a crash would lose the event. No order of the two steps avoids both problems:
#
# | the process crashes between | result |
# | --- | --- |
# | store, then acknowledge | the event is stored twice: *at-least-once* |
# | acknowledge, then store | the event is lost: *at-most-once* |
#
# No protocol can guarantee *exactly-once delivery* over a network that loses messages.
# So choose *at-least-once*, and let the worker recognise duplicates by their id. Lab 07 does that.
#
# ## The other half: a worker
#
# The worker takes jobs from the queue, in the order in which they arrived, and ships.
# This is a first version. One of its lines is in the wrong place.


# %%
def hasty_work(queue, process):
    while (job := queue.take()) is not None:
        queue.done(job)
        process(job.body)


# %% [markdown]
# To see why, let the power fail.
# `ship` causes a power failure the first time that it sees a certain order.
# `start_again` does what a supervisor does (systemd, Kubernetes): when the worker crashes, it starts a new one with the same file.

# %%
import json


class PowerCut(BaseException):
    """The process is killed; no `except Exception` sees it."""


fails_over = []


def ship(body):
    order = json.loads(body)["data"]["order_id"]
    if order in fails_over:
        fails_over.remove(order)
        raise PowerCut
    parcels.append(order)


def start_again(work, path):
    for start in range(1, 6):
        try:
            work(Queue(path), ship)
        except (Exception, PowerCut) as trouble:
            print(f"start {start}: ended by {trouble!r}")
        else:
            print(f"start {start}: the queue is empty")
            break


# %%
predict("08-delete-first", "c")

# %%
path = new_file()
queue = Queue(path)
for event in payments(3):
    queue.put(event.body)

parcels.clear()
fails_over[:] = ["A-2"]
start_again(hasty_work, path)
print("parcels:", parcels)

# %% [markdown]
# Order A-2 was stored, taken and deleted, but never shipped. In a real shop, the sender already has its 2xx for this event, so it will not send the event again.
#
# **Change one thing:** swap the two lines in `hasty_work`, and run the cells from there again.
# If the worker deletes the job after the work, the job is still in the file when the power fails, and the next worker finds it.
#
# ## Poison messages
#
# Here is the corrected worker, and an event that cannot be shipped, because it has no order.
# Such an event is called a **poison message**. A new event type or a bug at the provider is enough to create one.

# %%
predict("08-poison", "a")

# %%
from labkit import Event

poison = Event("payment.succeeded", {"amount": 500}, id="evt_poison")


def trusting_work(queue, process):
    while (job := queue.take()) is not None:
        process(job.body)
        queue.done(job)


path = new_file()
queue = Queue(path)
for event in [poison, *payments(3)]:
    queue.put(event.body)

parcels.clear()
start_again(trusting_work, path)
print("parcels:", parcels)

# %% [markdown]
# Because of one bad event, three good ones wait forever. This is called **head-of-line blocking**.
#
# A good worker handles a failure in two steps:
#
# - It moves the job **to the end** of the queue, so that the others come first.
# - After a number of attempts it moves the job to its own **dead letters**. (Until now the dead letters were the sender's. These are yours.) They are stored with the reason, but they no longer block other jobs. A person reads them, fixes the bug, and puts the jobs back into the queue.
#
# There are two kinds of poison message.
# One kind raises an exception, and an `except` catches it.
# The other kind crashes the process: it uses all the memory, or a library crashes. No `except` runs in that case.
# But the queue has counted: `job.attempt` is in the file before the work begins.
# (A queue service has a *visibility timeout*: if a worker takes a job and does not finish it within this time, for example because it crashed, the service delivers the job again. The service counts the deliveries, too.)
#
# ## Exercise 8.2
#
# Write `work(queue, process)`.


# %%
def work(queue, process):
    """Process the jobs in the queue, and return when no job is waiting. There may be
    thousands of jobs.

    queue.take()          return the next job, or None if no job is waiting. The job stays
                          in the queue until you call one of the other methods; if the
                          process crashes, the next process gets the job again
    queue.done(job)       delete the job
    queue.later(job)      put the job back, behind all others
    queue.bury(job, why)  move the job to the dead letters; `why` is a string

    `job.body` is the event as bytes, whatever they contain. `job.attempt` counts from 1
    how often any process has taken the job, including this time; it may be more than 6.

    `process(job.body)` does the work. It returns None, and it may raise any Exception.
    After it has returned, delete the job. If it raises, put the job back, so that the
    others come first. Process an event at most 5 times; if the fifth attempt fails,
    bury it. Wherever the process crashes, no event is lost. If the process crashed in
    the fifth attempt, bury the job when you get it again, without processing it.

    Take one job at a time, and return as soon as `take` returns None. Do not sleep.

    A job whose fifth attempt failed may also be put back, and buried when you get it
    again. The check does not test what happens if a method of the queue raises, or if
    `process` raises KeyboardInterrupt or SystemExit.
    """
    # BEGIN SOLUTION
    while (job := queue.take()) is not None:
        if job.attempt > 5:
            queue.bury(job, "5 attempts, and the process crashed in the last one")
            continue
        try:
            process(job.body)  # do the work
        except Exception as error:
            if job.attempt < 5:
                queue.later(job)
            else:
                queue.bury(job, repr(error))
        else:
            queue.done(job)
    # END SOLUTION


check("8.2", work)

# %% [markdown] tags=["solution"]
# **Explained.** The loop takes one job at a time and stops when `take()` returns `None`.
# If the worker took several jobs at once, a crash would use up one attempt of each of them.
#
# The first `if` handles a **poison message** that crashes the process. No `except` runs in that case, but the queue has already counted the attempt.
# After five crashes, the next worker gets the job with `attempt` equal to 6 and moves it to the dead letters without processing it.
# Without these lines, every restart would crash on the same job, and the jobs behind it would never be processed (*head-of-line blocking*).
#
# The `try` block contains only the call to `process`. `except Exception` is broad on purpose: whatever one event raises, the worker must go on to the next.
# `except BaseException` would also catch Ctrl+C, and you could not stop the worker.
#
# `job.attempt` is stored in the queue's file, so the count survives a restart. A counter in memory would start again from zero.
# `later` moves a failed job to the end of the queue. An immediate retry would usually fail again and would delay the other jobs.
# `repr(error)` records the cause for the person who reads the dead letters later.
#
# `done` is in the `else` block, which runs only if `process` returned normally. In a `finally` block it would also delete failed jobs.
#
# One gap remains: if the process crashes after the work but before `done`, the job runs twice. The worker cannot prevent this; an idempotent `process` can (lab 07).

# %% [markdown]
# Now run the whole shop: your endpoint, the queue, and your worker.
# Five payments and the poison message arrive.
# The network loses the response to the payment for order A-4 once, and the power fails while the worker handles order A-3.

# %%
path = new_file()
queue = Queue(path)
first, *others = payments(5)
lost = LoseResponse(after=180, until=181)

history = simulate(endpoint, [first, poison, *others], profile="slack", faults=[lost])
history.timeline()

# %%
parcels.clear()
fails_over[:] = ["A-3"]
start_again(work, path)

print("parcels:     ", parcels)
print("dead letters:", Queue(path).dead_letters())

# %% [markdown]
# Every good order was shipped, whatever happened, and the bad one is in a list with its reason.
#
# One order was shipped twice: the response was lost, so the event arrived twice, and `ship` does not check the id.
# That is what *at-least-once* means, and it is why this lab and lab 07 belong together.
#
# (If you see only `NotImplementedError`, you have not written one of the two exercises yet.)
#
# ## Out of order
#
# Retries and queues have another effect: they change the order of events.
#
# To see this, use events from another system. A warehouse sends an event for each change of an order, and numbers the changes of each order: 1, 2, 3, and so on.

# %%
from labkit.model import LAB_EPOCH

STEPS = ["created", "paid", "packed", "shipped"]

changes = [
    Event(
        "order.updated",
        {"order_id": "A-1", "status": status, "version": number},
        id=f"chg_{number}",
        created_at=LAB_EPOCH + number - 1,
    )
    for number, status in enumerate(STEPS, start=1)
]

shown = {}


def make_overwriting_app():
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        data = request.get_json()["data"]
        shown[data["order_id"]] = data["status"]
        return "", 200

    return app


# %%
predict("08-reorder", "b")

# %%
from labkit.faults import Reorder

shown.clear()
wire = [Reorder(within=10)]
history = simulate(make_overwriting_app(), changes, faults=wire, seed=1)
history.timeline()

# %%
print("arrived:", [arrival.event.data["status"] for arrival in history.arrivals])
print("shown:  ", shown)

# %% [markdown]
# Follow the slanted lines: the sender sent the second request before the third, but it arrived after the fourth.
# The receiver responded to each of them with 200, and nothing reported a problem.
# The parcel is in transit, but the shop tells the customer forever that the order is *paid*. The event that arrived last overwrote everything before it: *last write wins*.
#
# **Try it:** use about ten other values of `seed`. How often is the final status correct?
# Then delay only one request: `wire = [Delay(seconds=6, only=lambda event: event.data["version"] == 2)]`, with `Delay` from `labkit.faults`.
#
# Such a network is rare. What happens on a perfect one?

# %%
predict("08-retry-overtaken", "c")

# %%
from labkit.faults import ServerError

shown.clear()
wire = [ServerError(status=503, until=1)]
history = simulate(make_overwriting_app(), changes, faults=wire)
history.timeline()

# %%
print("arrived:", [arrival.event.data["status"] for arrival in history.arrivals])
print("shown:  ", shown)

# %% [markdown]
# One failed attempt is enough: its retry arrives after the others.
# Your own worker changes the order too, when it calls `later`.
# You cannot rely on the order of arrival, so the state must be correct in any order.
#
# Which value says which of two events is newer?
#
# | | useful? |
# | --- | --- |
# | the time of arrival | no, as you have just seen |
# | `created_at` | rarely: it is in whole seconds, and clocks differ |
# | the meaning of the status | no: parcels come back, and payments are disputed |
# | a version number that the sender increases with each change | yes |
#
# If the sender sends no version, treat the event only as a notification that something changed.
# Then ask the sender's API for the current state, and store that.
#
# ## Exercise 8.3
#
# Write `apply(state, event) -> dict`. It returns the state after the event.
#
# ```python
# state = {"A-1": {"status": "paid", "version": 2}}
# data = {"order_id": "A-1", "status": "packed", "version": 3}
# # apply returns {"A-1": {"status": "packed", "version": 3}}
# ```


# %%
def apply(state, event):
    """Return the state after this event.

    `state` maps each order to {"status": str, "version": int}. `event["data"]` has the
    `order_id`, the `status` and the `version` of one change of an order. A version is
    an int, 0 or greater.

    If the version of the event is greater than the one in the state, the status and the
    version of the event replace the record of the order. If the order is not in the
    state, add it. An event with an older version changes nothing. An event with the
    version that is already in the state changes nothing, whatever its status is.
    Some changes may never arrive, so a greater version need not be the next one. Accept
    any status: the versions alone decide what is newer. The time in `created_at`
    decides nothing.

    A record contains only the status and the version. The other orders stay as they
    are. Do not change the two arguments: return a new dictionary, or the same one if
    nothing changes. The same arguments always give the same state. In whatever sequence
    the same events arrive, the state at the end is the same, unless two changes of one
    order have the same version but different statuses.

    The check does not test events without these fields or of another type.
    """
    # BEGIN SOLUTION
    data = event["data"]
    order = data["order_id"]
    if order in state and data["version"] <= state[order]["version"]:
        return state
    record = {"status": data["status"], "version": data["version"]}
    return {**state, order: record}
    # END SOLUTION


check("8.3", apply)

# %% [markdown] tags=["solution"]
# **Explained.** `order in state` comes first: for an unknown order there is no version to compare with. An invented one, such as 0, would drop an event whose version is 0.
#
# Use `<=`, not `<`: an event with the same version is a duplicate, and there is nothing to do. Compare the versions as numbers, because as strings "10" comes before "9".
# The condition is *greater*, not *greater by one*. Each event contains the whole status, so a missing event in between does no harm.
#
# Return `state` for an old event. An exception would be wrong: a late event is not an error, and the worker would try it five times and then move it to the dead letters.
#
# The record takes two fields and ignores the others, so a field that the sender adds next year does not end up in your state.
#
# `{**state, order: record}` is a new dictionary. Code that still uses the old one does not see a change, for example a page that is being displayed or a transaction that may be rolled back.
#
# Two workers that read, apply and write at the same moment would still overwrite each other. In a database, put the comparison into the statement: `UPDATE orders SET status = ?, version = ? WHERE order_id = ? AND version < ?`.

# %% [markdown]
# Here are all 24 sequences in which the four events can arrive, each processed with your `apply`.

# %%
from collections import Counter
from itertools import permutations

ends = Counter()
for row in permutations(changes):
    state = {}
    try:
        for change in row:
            state = apply(state, json.loads(change.body))
        ends[str(state)] += 1
    except NotImplementedError:
        ends["exercise 8.3 is not written yet"] += 1

for end, count in ends.items():
    print(count, "times", end)

# %% [markdown]
# ## Increase the faults until something breaks
#
# The playground sends payments to the shop from the top of this lab, which does its work before it responds.
# The line of code below the picture repeats the same run.
#
# - Before you move a slider, say which count you expect to change.
# - Raise `SlowResponse`. Which problem grows: lost events, doubled events, or both?
# - Change the provider to one that waits longer than Slack. At which timeout does the same delay do no harm?

# %% tags=["nbval-ignore-output"]
from labkit.widgets import playground

playground(make_slow_app, effects=parcels, profile="slack")

# %% [markdown]
# Without sliders, one call does something similar.
# It measures a rate instead of a single result: it runs the simulation with a hundred different seeds and counts how often each problem occurs.

# %%
from labkit.playground import sweep

sweep(
    make_slow_app,
    payments(20),
    profile="slack",
    faults=[SlowResponse(seconds=8, probability=0.2)],
    effects=parcels,
)

# %% [markdown]
# ## Remember
#
# - Do little before you respond: *read the raw body*, store it, *acknowledge*, in this order.
# - A 2xx is a promise. Give it when the event is in a file, not before.
# - If you cannot store an event, respond with a 5xx. The sender is your retry loop.
# - Do the work, then delete the job. Between a duplicate and a loss, choose the duplicate.
# - Every event needs an end: it is done, or it is among the dead letters. No event may block the others.
# - Few providers promise that events arrive in order. Compare versions, not times of arrival.
#
# ## What real providers do
#
# | sender | waits for the response |
# | --- | --- |
# | Wix | 1.25 s |
# | Slack, Zoom, Discord (events) | 3 s |
# | Shopify, Paddle | 5 s |
# | GitHub, Square, Adyen | 10 s |
# | Svix | 15 s |
# | Standard Webhooks (specification) | 15 to 30 s |
# | Stripe | does not say |
#
# | sender | order of the events |
# | --- | --- |
# | Stripe, GitHub, Shopify, Discord, Svix, Paddle, Standard Webhooks | not guaranteed |
# | Recurly | retries come in the order in which the events were created |
# | Adyen, for each endpoint | in a retry queue: a failing event blocks those behind it |
#
# Real receivers had all of these problems: a view that took longer than its sender's timeout (`octokit/webhooks.js#185`), an acknowledgement before the event was stored (`openclaw/openclaw#110526`), a late event that overwrote a newer status (`paypal/mirakl-hyperwallet-connector#35`), and a retry queue in memory that was lost in the very crash from which it should have recovered (`Vexa-ai/vexa#520`).
#
# Sources: docs.slack.dev/apis/events-api; developers.zoom.us/blog/webhook-delays; discord-api-docs (webhook events); shopify.dev (updates to webhook retry mechanism); developer.paddle.com/webhooks/about/respond-to-webhooks; docs.github.com (webhooks, best practices); developer.squareup.com (delivery SLA); docs.adyen.com (webhooks, troubleshoot); docs.svix.com/retries; github.com/standard-webhooks/standard-webhooks (specification); docs.stripe.com/webhooks; Wix's and Recurly's developer documentation. Checked on 30 November 2026, except Wix, Square and the GitHub issues (September 2026).
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# In a class, hand it in. If you are learning on your own, read it again before the next lab.
#
# Next: `09_watch` shows how you notice that something is wrong. If you have not done `07_idempotency` yet, it is worth doing now: there you learn to recognise duplicates.
