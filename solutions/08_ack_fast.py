# %% [markdown]
# # 08 · Acknowledge fast
#
# You will see what a slow handler does: time-outs, and duplicates of its own making.
# Then you build the cure in three parts: an endpoint that stores and answers, a worker that loses nothing, and a state that stands events in any order.
#
# **You need** Python's functions, loops and exceptions, and a little Flask. Lab 02 helps; no other lab is needed.
# **It takes** about 45 minutes.

# %%
from labkit import ready

ready(made_for="0.2")

# %% [markdown]
# ## A slow handler
#
# Here is a shop that ships a parcel for each payment.
# The view does the work, then answers.

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
# You need not wait for them: the fault `SlowResponse` lets the answer come that late in the lab's own time.
#
# The sender is Slack's: it waits 3 seconds for an answer, and makes up to 3 retries.
#
# Say first what you expect: write your letter in place of the question mark.

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
# Read it from both sides.
#
# - The **receiver** worked four times, and answered 200 four times.
# - The **sender** heard nothing in time, four times, and gave the event up.
#
# Nobody made a mistake here, and nothing was lost on the wire.
# A *time-out* ends the sender's waiting; it does not stop your work, and it does not undo it.
#
# How bad it gets depends on who is asking.

# %%
from labkit.profiles import PROFILES

print("sender    waits  parcels")
for name in ("github", "svix", "shopify", "zoom", "slack", "paddle"):
    parcels.clear()
    simulate(make_slow_app(), [payment], profile=name, faults=[slow])
    print(f"{name:<8}{PROFILES[name].timeout:>5.0f} s{len(parcels):>9}")

# %% [markdown]
# The same view, the same payment. The faster a sender loses patience and the longer it keeps trying, the more parcels leave.
#
# **Change one thing:** where `slow` is made, write `seconds=2.8`, then `seconds=2.95`, and run the cells from there again.
# A request and its answer travel for a moment too, so the time that is yours is a little less than the sender's.
#
# ## A cure that is none
#
# Slack marks its retries with a header, `x-slack-retry-num`.
# So one finds this cure in public code.


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
# One parcel. Problem solved?

# %%
predict("08-drop-retries", "b")

# %%
from labkit.faults import Refuse

restart = Refuse(until=1)

parcels.clear()
history = simulate(make_dropping_app(), [payment], profile="slack", faults=[restart])
history.timeline()

# %%
print("parcels:", parcels)

# %% [markdown]
# The customer has paid, the sender is content, and there is no parcel.
#
# A retry says: *I do not know whether you have it.*
# Only you can know, and you know it by the event's id (lab 07), not by a header.
#
# ## Write it down, then answer
#
# The real cure is to do less before the answer.
#
#     the view      read the raw body · store it · acknowledge
#     the worker    take a job · do the work · delete the job
#
# Storing takes milliseconds, whatever the parcel service does.
# But it must be **durable**: when it has returned, the event is in a file, and a restart can't take it away.
# A list in memory, or a thread, is not durable.
#
# And the order is fixed: **store first, then acknowledge**.
# A 2xx makes the sender forget the event. From then on yours is the only copy.
#
# ## Exercise 8.1
#
# Write `make_app(enqueue) -> Flask`.
# `enqueue(body)` stores a body durably, and raises when it can't: the disk is full, the database is locked.
#
# | request | what to do | answer |
# | --- | --- | --- |
# | `POST /webhooks`, with any body | `enqueue` the raw bytes, once | 2xx when `enqueue` has returned |
# | the same, and `enqueue` raises | nothing is stored, so the sender must come again | 5xx |
#
# Don't look into the body: the worker will parse it, and a signature that is checked later fits these very bytes.
# (A real view would check the signature before it stores. That is lab 04, and is left out here.)


# %%
def make_app(enqueue):
    """Return a Flask app that stores what comes, and then acknowledges it.

    The endpoint is POST /webhooks. Every body is handed to enqueue(body) as the raw
    bytes that came in, once, whatever is in them, retries and duplicates included.

    The answer is a 2xx, given when enqueue has returned and not before. When enqueue
    raises, whatever it raises, the answer is a 5xx. Either comes within 3 seconds.
    make_app may be called many times, each time with another enqueue.
    """
    # BEGIN SOLUTION
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()  # read the raw body
        enqueue(body)
        return "", 202  # acknowledge

    return app
    # END SOLUTION


check("8.1", make_app)

# %% [markdown] tags=["solution"]
# **Explained.** `request.get_data()` gives the bytes as they came. `get_json()` would give a dictionary; written out again it has other spaces, and no signature fits it. `request.data` looks alike, but is empty for a form.
#
# `enqueue(body)` stands in the view itself, on a line of its own. When the next line runs, the event is in a file.
# In a thread, or in a function that runs after the response, the 202 would be out before that. One crash in between, and nobody has the event.
#
# There is no `try`. When `enqueue` raises, the line with the 202 is not reached, and Flask answers 500: come again. A `try` that logs and goes on would acknowledge what is stored nowhere. A loop that tries until it works would keep the request open beyond the time-out; the sender is the loop.
#
# `202` is *Accepted*: I have it, the work comes later. A 200 or 204 is as good; see what your provider asks for.
#
# A duplicate is stored a second time. That is fine: the worker can tell by the id, and this view has better things to do.

# %% [markdown]
# ## A queue
#
# Where do the bytes go? Into a *queue* that survives a restart.
# Companies rent one (SQS, Redis Streams, RabbitMQ). A table in your database is one as well, and SQLite is enough to see how it works.
#
# Read the names of the methods and their comments; the SQL you may skip.

# %%
import sqlite3
import tempfile
from pathlib import Path
from typing import NamedTuple

LAST = "(SELECT coalesce(max(place), 0) + 1 FROM jobs)"


class Job(NamedTuple):
    id: int
    body: bytes
    attempt: int  # how often it has been taken, this time included


class Queue:
    """Jobs in a file. Each method is one transaction: it happens wholly or not at all."""

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
            # There is one worker. What is taken at its start, a dead one had taken.
            self.db.execute("UPDATE jobs SET taken = 0")

    def put(self, body):
        """Store a body as a new job, at the end of the queue."""
        with self.db:
            self.db.execute(
                f"INSERT INTO jobs (body, place) VALUES (?, {LAST})", [body]
            )

    def take(self):
        """Give out the first job that is not taken, or None. It stays in the queue."""
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
        """Return the reasons of all dead letters."""
        return [why for (why,) in self.db.execute("SELECT why FROM dead_letters")]


folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)


def new_file():
    """Return the path of a queue that is still empty."""
    return str(Path(tempfile.mkdtemp(dir=folder.name), "queue.db"))


# %% [markdown]
# `queue.put` is just what `enqueue` has to be: when it returns, the transaction is in the file.
#
# Now put your endpoint in front of it.
# The fault `CrashReceiver` lets the process die once its work is done and before the answer leaves; it is back after 30 seconds.

# %%
predict("08-dies-between", "c")

# %%
from labkit.faults import CrashReceiver, LoseResponse

queue = Queue(new_file())


def endpoint(environ, start_response):
    """Call your app: a fresh one for each request, as after a restart."""
    return make_app(queue.put)(environ, start_response)


death = CrashReceiver(until=1)
history = simulate(endpoint, [payment], profile="slack", faults=[death])
history.timeline()

# %%
queue.jobs()

# %% [markdown]
# (As long as exercise 8.1 is not written, the sender hears 500 and the queue stays empty.)
#
# Two jobs for one event. No order of the two steps avoids all harm:
#
# | the process dies between | and the event is |
# | --- | --- |
# | store, then acknowledge | stored twice: *at least once* |
# | acknowledge, then store | lost: *at most once* |
#
# *Exactly once* is not on offer over a wire.
# So take *at least once*, and let the worker tell duplicates apart by their id. Lab 07 does that.
#
# ## The other half: a worker
#
# The worker takes jobs out of the queue, in the order in which they came, and ships.
# Here is a first one. It has one line in the wrong place.


# %%
def hasty_work(queue, process):
    while (job := queue.take()) is not None:
        queue.done(job)
        process(job.body)


# %% [markdown]
# To see why, let the power fail.
# `ship` does so over one order, the first time that it sees it.
# `start_again` is what a supervisor does (systemd, Kubernetes): when the worker ends, it starts a new one, over the same file.

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
            print(f"start {start}: the queue is worked off")
            break


# %%
predict("08-delete-first", "b")

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
# Order A-2 was acknowledged, stored, taken, deleted, and never shipped.
#
# **Change one thing:** swap the two lines in `hasty_work`, and run the cells from there again.
# Deleted after the work, the job is still in the file when the power fails, and the next worker finds it.
#
# ## Poison
#
# Here is that mended worker, and an event that nobody can ship: it has no order.
# Such an event is called a *poison*. A new type of event, or a bug at the provider, is enough to make one.

# %%
predict("08-poison", "b")

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
# One bad event, and three good ones wait for ever.
#
# What a good worker does with a failure:
#
# - The job goes back **to the end** of the queue. The others have their turn first.
# - After some attempts it goes to the **dead letters**: out of the way, but kept, with the reason. A person reads them, mends the bug, and resends.
#
# There are two kinds of poison.
# One raises an exception, and an `except` sees it.
# The other kills the process: it eats all the memory, or a library crashes. No `except` sees that.
# But the queue has counted: `job.attempt` is in the file before the work begins.
#
# ## Exercise 8.2
#
# Write `work(queue, process)`.


# %%
def work(queue, process):
    """Work through the queue, and return when nothing is due.

    queue.take()          the next job, or None when nothing is due. A job that was
                          taken stays in the queue until you say what became of it; if
                          the process dies, the next one is given it again
    queue.done(job)       deletes it
    queue.later(job)      puts it back, behind all others
    queue.bury(job, why)  moves it to the dead letters; why is a text

    job.body is the event as bytes; job.attempt counts from 1 how often the job was
    taken, by whichever process, this time included.

    process(job.body) does the work. It returns nothing, and it may raise any exception.
    When it has returned, the job is deleted. When it raises, the job is put back, and
    the others come first. An event is processed at most 5 times; then it is buried, also
    when it was the process that died over it.

    Take one job at a time, and don't sleep: others are waiting.
    """
    # BEGIN SOLUTION
    while (job := queue.take()) is not None:
        if job.attempt > 5:
            queue.bury(job, "5 attempts, and the worker died over the last one")
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
# **Explained.** `while (job := queue.take()) is not None` takes one job at a time and ends when nothing is due. Who takes several at once lets all of them count an attempt when the process dies over one.
#
# The first `if` is for the poison that kills. After five deaths the sixth process is given the job with attempt 6, and buries it untried. Without these lines each restart dies of the same event, and nothing behind it is ever worked on.
#
# The `try` holds the call of `process` alone. `except Exception` is right here, although it is wide: whatever went wrong with this event, the next one must have its turn.
# `except BaseException` would also swallow Ctrl-C, and nobody could stop the worker.
#
# `job.attempt < 5` comes from the queue, and the queue has it in the file. A counter in a dictionary would begin anew with each restart.
# `later` and not another call of `process`: what failed a moment ago mostly fails again, and the others wait.
# `repr(error)` says what it was; the person who reads it next month has nothing else.
#
# `done` stands in the `else`: reached when `process` has returned, and in no other case. In a `finally` it would delete what has failed.
#
# What remains: the process may die after the work and before `done`. Then the work is done twice. Nothing here can prevent that; a `process` that claims the id first can (lab 07).

# %% [markdown]
# Now the whole shop: your endpoint, the queue, your worker.
# Five payments come in, and the poison among them.
# The answer to A-4 is lost once, and the power fails over A-3.

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
# Every good order is shipped, whatever happened on the way, and the bad one is on a list with its reason.
#
# One order was shipped twice: its answer was lost, so it came twice, and `ship` does not look at the id.
# That is what *at least once* means, and why this lab and lab 07 belong together.
#
# (If you see only `NotImplementedError`, one of the two exercises is not written yet.)
#
# ## Out of order
#
# There is one more thing that retries and queues do: they change the order.
#
# Another source now. A warehouse sends an event for each change of an order, and numbers the changes of each order: 1, 2, 3.

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
# Follow the slanted lines: the second request was sent before the third and arrived after the fourth.
# Every one of them was answered 200, and no alarm rings.
# The parcel is on its way, and the shop will tell the customer for ever that the order is *paid*.
#
# **Try it:** another `seed`, some ten of them. How often is the last word the right one?
# And one request alone: `wire = [Delay(seconds=6, only=lambda event: event.data["version"] == 2)]`, with `Delay` from `labkit.faults`.
#
# Such a wire is rare. But look at this.

# %%
predict("08-retry-overtaken", "b")

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
# One failed attempt is enough: its retry comes when the others are through.
# Your own worker does the same with `later`.
# So nothing that you can build keeps the order; the state has to stand every order.
#
# What says which of two events is newer?
#
# | | good for it? |
# | --- | --- |
# | when it arrived | no, you have just seen that |
# | `created_at` | hardly: whole seconds, and clocks that disagree |
# | what the status means | no: parcels come back, payments are disputed |
# | a version that the sender counts | yes |
#
# Where a sender has no version, treat the event as a bell: something has changed.
# Then ask the sender's API for the present state, and store that.
#
# ## Exercise 8.3
#
# Write `apply(state, event) -> dict`: the state after the event.
#
# ```python
# state = {"A-1": {"status": "paid", "version": 2}}
# data = {"order_id": "A-1", "status": "packed", "version": 3}
# # apply gives {"A-1": {"status": "packed", "version": 3}}
# ```


# %%
def apply(state, event):
    """Return the state after this event.

    state maps each order to {"status": str, "version": int}. event["data"] has the
    order_id, the status and the version of one change; a version is an int from 0 on,
    greater with each change of the order, and some may be missing.

    A version greater than the one in the state replaces the record of its order. Any
    other changes nothing: an older one, and the same one once more. An order that is
    not in the state is added. Other orders stay as they are.

    The state and the event that were handed over are not changed: what comes back is a
    new dictionary, or the same one where nothing changes.
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
# **Explained.** `order in state` comes first: for an order that is not known there is no version to compare with. A made-up one, such as 0, drops an event whose version is 0.
#
# `<=` and not `<`: the same version is a duplicate, and there is nothing to do. The numbers are compared as numbers; as text, "10" comes before "9".
# The test is *greater*, not *greater by one*. Each event carries the whole status, so a missing one in between does no harm.
#
# `return state` for what is old. Raising an exception would be wrong: a late event is no error, and the worker would try it five times and bury it.
#
# The record takes two fields and leaves the rest, so that what the sender adds next year does not land in your state.
#
# `{**state, order: record}` is a new dictionary. Whoever has the old one keeps what they had: a page that is being shown, a transaction that may still be rolled back.
#
# Two workers that read, apply and write at the same moment would still overwrite each other. In a database the comparison belongs into the statement: `UPDATE orders SET status = ?, version = ? WHERE order_id = ? AND version < ?`.

# %% [markdown]
# Here are all 24 orders in which four events can arrive, each through your `apply`.

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
# ## Turn it until it breaks
#
# The playground sends payments to the shop from the top of this lab, which does its work before it answers.
# Below the picture stands the line of code that gives the same run again.
#
# - Say which count you expect to move before you move a slider.
# - Raise `SlowResponse`. Which harm grows: lost, doubled, or both?
# - Change the provider to one that waits longer than Slack. From where on does the same slowness do no harm?

# %% tags=["nbval-ignore-output"]
from labkit.widgets import playground

playground(make_slow_app, effects=parcels, profile="slack")

# %% [markdown]
# Without sliders the same is one call.
# It also turns *it worked once* into a rate: a hundred seeds, and how often each harm came.

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
# ## Keep in mind
#
# - Do little before the answer: *read the raw body*, store it, *acknowledge*. In this order.
# - A 2xx is a promise. Give it when the event is in a file, not before.
# - When you can't store, say so with a 5xx. The sender is your retry loop.
# - Work, then delete. Between a duplicate and a loss, choose the duplicate.
# - Every event needs an end: done, or among the dead letters. None may hold up the others.
# - Order is hardly ever promised. Let a version decide, not the moment of arrival.
#
# ## What real providers do
#
# | sender | waits for your answer |
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
# | Recurly | in order |
# | Adyen, for each endpoint | in order: one that fails holds up those behind it |
#
# Real receivers have had all of this: a view that was slower than its sender (`octokit/webhooks.js#185`), an acknowledgement before the event was stored (`openclaw/openclaw#110526`), a late event that overwrote a newer status (`paypal/mirakl-hyperwallet-connector#35`), a retry queue in memory that died with what it should have recovered from (`Vexa-ai/vexa#520`).
#
# Sources: docs.slack.dev/apis/events-api; developers.zoom.us/blog/webhook-delays; discord-api-docs (webhook events); shopify.dev (updates to webhook retry mechanism); developer.paddle.com/webhooks/respond-to-webhooks; docs.github.com (webhooks, best practices); developer.squareup.com (delivery SLA); docs.adyen.com (webhooks, troubleshoot); docs.svix.com/retries; standard-webhooks:spec/standard-webhooks.md; docs.stripe.com/webhooks; Wix's and Recurly's developer documentation. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# If you learn in a class, hand it in; if you learn alone, read it again before the next lab.
#
# Next: `07_idempotency` lets the worker tell duplicates apart, if you have not been there; `09_watch` shows how you notice that something is wrong.
