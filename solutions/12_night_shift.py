# %% [markdown]
# # 12 · Night shift
#
# One receiver, one hostile month, every fault at once.
# You will see what each thing that you have learned is worth in points, find the causes of three incidents at night, and then write the receiver that stands the whole month.
#
# **You need** what labs 02 to 09 are about: an endpoint, signatures, retries, a memory for ids, alerts. You may open them beside this one.
# **It takes** about 60 minutes: 15 for the month, 15 for the incidents, 30 for your receiver.

# %%
from labkit import ready

ready(made_for="0.2")

# %% [markdown]
# ## A month at the shop
#
# It is March, the shop ships a parcel for each payment, and you are on call.
# 160 events come in from one provider, which keeps to Standard Webhooks. This happens meanwhile:
#
# - The wire misbehaves in 26 ways: requests are lost, cut off, changed and doubled, answers get lost, connections break.
# - The parcel service is remote. Now and then it does not answer, and has acted or has not. Twice it is down for more than an hour, once of it on a Sunday at two in the morning.
# - The receiver's process dies, in the middle of a request too, and starts again over the same file. New versions are deployed.
# - The signing secret is replaced. The provider adds fields to its events, and sends a type that you have no use for.
# - Strangers send forged requests, and some that they have caught hours before.
# - Once the provider sends two days of events again.
#
# Time is virtual, and the whole month takes about a second.
#
# ## What a receiver is given
#
# `make_app` gets one argument, `config`. It is called again whenever the process starts.
#
# | | what it is |
# | --- | --- |
# | `config.secrets()` | the signing secrets that are valid at this moment, a list; during a rotation there are two |
# | `config.now()` | the time in seconds, by the lab's clock |
# | `config.tolerance` | how far a timestamp may be away from it, in seconds, either way |
# | `config.db_path` | an SQLite file, empty at first; it stays when the process dies |
# | `config.ship(order_id, idempotency_key=…)` | asks for a parcel. It raises `TimeoutError` when no answer came, and may have acted all the same. It acts once for each key, and forgets a key after 24 hours |
# | `config.page(text)` | wakes the person on call. Calls within four hours of each other are one alarm |
#
# ## What is scored
#
# | aspect | 20 points for | what costs points |
# | --- | --- | --- |
# | forged | accepting nothing that is not authentic, or too old | 1 for each such event |
# | lost | a parcel for every payment | 1 for each payment without one |
# | doubled | no second parcel | 1 for each payment with one |
# | late | work done and acknowledged within ten minutes, where nothing stood in the way | 1 for each event |
# | alerts | a page within ten minutes of an incident's first failure | 10 for each incident missed; 2 for each false alarm after the first |
#
# ## The naive receiver
#
# Begin with what one finds in many places.

# %%
from flask import Flask, request


def make_naive(config):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        try:
            event = request.get_json()
            config.ship(event["data"]["order_id"])
        except Exception as error:
            app.logger.warning("%s", error)
        return "", 204

    return app


# %% [markdown]
# Say first what you expect: write your letter in place of the question mark.

# %%
from labkit.exercises import check, hint, predict, solution

predict("12-naive", "b")

# %%
from labkit.exercises.lab12_night_shift import score

sheet = score(make_naive)
sheet

# %% [markdown]
# This is the *score sheet*. Behind each lost point stands a delivery: its id, the attempt, the moment, what was answered, and the mistake, where the kit knows it.
#
# Ask for more about one of them. What reached the receiver for this payment?

# %%
sheet.story("evt_10015")

# %% [markdown]
# In parentheses stands what the wire did.
# The first attempt was changed on its way: the body no longer said what the provider had signed. The receiver found no order in it and answered 204 all the same.
# The provider took that for its event, and never came again.
#
# **Try it:** take another id from the sheet, and tell its story before you ask for it.
# `sheet.lost_points("doubled")` lists all of one aspect.
#
# ## Signed
#
# The check of the signature and the time window you have written in lab 05.
# Here it may be the kit's own, as it would be your provider's library at work.
# Like most of them it raises an exception for what is not authentic, and it needs to be told the time.

# %%
from labkit.errors import VerificationError
from labkit.signing import SCHEMES


def is_genuine(config):
    try:
        SCHEMES["standard"].verify(
            request.get_data(),
            request.headers,
            secrets=config.secrets(),
            now=config.now(),
        )
    except VerificationError:
        return False
    return True


def make_signed(config):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        if not is_genuine(config):
            return "", 401
        try:
            event = request.get_json()
            config.ship(event["data"]["order_id"])
        except Exception as error:
            app.logger.warning("%s", error)
        return "", 204

    return app


predict("12-signed", "b")

# %%
print("naive ", sheet.summary, "·", sheet.lost, "payments lost")
sheet = score(make_signed)
print("signed", sheet.summary, "·", sheet.lost, "payments lost")

# %% [markdown]
# Twenty points for one `if`.
# What is left of the lost payments has one cause.

# %%
sheet.lost_points("lost")

# %% [markdown]
# ## Honest
#
# So the exception must not be swallowed.
# Without `try`, Flask makes a 500 of it. One type has no `order_id`, so ask for the type as well.


# %%
def make_honest(config):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        if not is_genuine(config):
            return "", 401
        event = request.get_json()
        if event["event"] == "payment.succeeded":
            config.ship(event["data"]["order_id"])
        return "", 204

    return app


predict("12-honest", "c")

# %%
print("signed", sheet.summary, "·", sheet.doubled, "payments doubled")
sheet = score(make_honest)
print("honest", sheet.summary, "·", sheet.doubled, "payments doubled")

# %% [markdown]
# Each cure brings the next illness to light.
# A retry is what saves a payment, and what doubles it.
#
# **Change one thing:** in `make_honest`, put `idempotency_key=event["id"]` into the call of `ship`, and run the cells from there again.
# Most of the doubled payments are gone. Which are left, and how much time lies between their two parcels?
#
# ## Three incidents
#
# Before you write your own, three nights. You have what a person on call has: the log, and the inspector for one request.
# The receivers are well built, each with one weakness. Read before you choose.
#
# ### Wednesday, two in the morning
#
# Your phone rings: *some events are refused*. You open the log.
# A line is a request: its number, the time, the event's id, the answer, how long it took, and a note.

# %%
from labkit.exercises.lab12_night_shift import NEW, OLD, incident

wednesday = incident("first")
wednesday.log(1, 9)

# %%
predict("12-first-look", "c")

# %%
print(wednesday.inspect(9))

# %% [markdown]
# Now the rest of the log. Follow one id through it.

# %%
wednesday.log(9)

# %%
predict("12-first-cause", "b")

# %% [markdown]
# You ask a colleague, and there is a mail from the provider, three weeks old, with a new secret in it.
# Check the same request against both.

# %%
print(wednesday.inspect(9, secrets=[OLD, NEW]))

# %% [markdown]
# Authentic. The receiver knows one secret, and needs two for a while.
#
# Nothing was lost this time, because on each retry there was a chance to meet a machine with the old secret.
# When the last machine has changed over, everything is refused.
#
# ### Thursday, two in the afternoon
#
# A mail from the provider: *your endpoint has been failing since 14:00*.

# %%
thursday = incident("second")
thursday.log()

# %%
predict("12-second-log", "a")

# %% [markdown]
# The provider's side, which it shows on its pages, says the same.

# %%
thursday.history.timeline()

# %% [markdown]
# Half a disc is an answer that nobody heard.
# Six parcels, not twelve, left in that half hour, because this receiver looks into its file before it ships.
# A receiver without a memory would have sent each of them twice.

# %%
predict("12-second-cure", "c")

# %% [markdown]
# ### Sunday, two in the morning
#
# Your phone does not ring.
# You wake at five past four, by yourself, and look at the log, from Sunday on.

# %%
sunday = incident("third")
sunday.log(15)

# %%
predict("12-third-silence", "b")

# %%
sunday.log(1, 14)

# %% [markdown]
# Those were last Sunday's renewals. Ten are missing today, so you look at the provider's page.

# %%
disabled = sunday.history.disabled_at - sunday.history.started_at
print(
    f"endpoint disabled on day {disabled // 86400:.0f}, {disabled % 86400 / 60:.0f} min after midnight"
)
for attempt in sunday.history.attempts[18:]:
    print(attempt.event.id, "answered", attempt.status)
print(len(sunday.history.dead_letters), "dead letters")

# %% [markdown]
# 410, *gone*. Your receiver did not say that, it never saw the request: a colleague put up a maintenance page for three minutes, and the page answered 410.
# To this provider that means: never again.

# %%
predict("12-third-back", "c")

# %%
print(sunday.resent.account)
print(
    sunday.parcels,
    "parcels before,",
    sunday.parcels_after,
    "after the resend, for 28 payments",
)

# %% [markdown]
# An alert that counts failures has nothing to count here. Silence needs a watch of its own (lab 09).
#
# ## Exercise 12.1
#
# Write the receiver for the whole month.
#
# Don't write it all at once. Build up, run the cell and the one below it, and let the score tell what each step is worth:
#
# 1. *read the raw body, check the signature, check the time window*: forged
# 2. *parse*, and look at the type: late
# 3. *do the work*, with a key; an honest answer where it fails: lost
# 4. *claim the id*, in the file: doubled
# 5. count the calls of `ship` that failed, and page when they are many: alerts
#
# `check` shows the first thing to mend, in the order of the aspects; `score(make_app)` shows them all.
# Both take the month that you know; `check` tries another one besides.


# %%
import json
import sqlite3
from contextlib import closing


def make_app(config):
    """Return a Flask app whose POST /webhooks stands the whole month.

    config is described at the top of this lab: secrets(), now(), tolerance, db_path,
    ship(order_id, idempotency_key=…) and page(text). make_app is called again whenever
    the process starts, over the same file.

    Requests are signed as Standard Webhooks has it. Refuse with 400, 401 or 403 what is
    not authentic under one of the valid secrets, or further from config.now() than
    config.tolerance. A body is {"id", "event", "created_at", "data"}; for the event
    "payment.succeeded" ship data["order_id"], one parcel for each event id. Acknowledge
    other types and do nothing. Where ship raises, answer 5xx; the retry comes by
    itself.

    Call config.page(text) within ten minutes of the first failure when the parcel
    service is down. Single failures don't count, nor does an hour in which every fifth
    call fails: at most one false alarm in the month costs nothing.
    """
    # BEGIN SOLUTION
    app = Flask("shop")
    calls = []  # (when, whether it failed), of the last ten minutes

    def run(statement, *values):
        with closing(sqlite3.connect(config.db_path)) as database, database:
            return database.execute(statement, values).fetchone()

    run("CREATE TABLE IF NOT EXISTS shipped (event_id TEXT PRIMARY KEY)")

    def note(failed):
        now = config.now()
        calls[:] = [call for call in calls if call[0] > now - 600]
        calls.append((now, failed))
        bad = sum(failed for _, failed in calls)
        if bad >= 6 and bad >= len(calls) / 2:
            config.page(f"{bad} of {len(calls)} calls of the parcel service failed")

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()  # read the raw body
        if not is_genuine(config):  # check the signature, check the time window
            return "", 401
        event = json.loads(body)  # parse
        if event["event"] != "payment.succeeded":
            return "", 204
        if run("SELECT 1 FROM shipped WHERE event_id = ?", event["id"]):
            return "", 204  # acknowledge: it is done already
        try:
            config.ship(
                event["data"]["order_id"], idempotency_key=event["id"]
            )  # do the work
        except TimeoutError:
            note(failed=True)
            return "", 503
        note(failed=False)
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])  # claim the id
        return "", 204  # acknowledge

    return app
    # END SOLUTION


check("12.1", make_app)

# %%
score(make_app)

# %% [markdown] tags=["solution"]
# **Explained.** `is_genuine` calls `config.secrets()` for each request. Read once at the start, the list would be the old one when the provider changes over, and keep a retired secret valid afterwards.
# `verify` looks at the time, too, with 300 seconds either way, which is the tolerance.
#
# The type comes before the order: another type has no `order_id`, and an exception would be answered with retries for three days.
#
# `SELECT` comes before `ship`: the file knows what is done, after a restart and after 24 hours, when the service has forgotten the key.
# A copy of what is done is answered 204. It is good news.
#
# `ship` comes before `INSERT`. A death in between makes a second call with the same key, which is harmless; the other way round it would lose a parcel.
# Two requests at the same moment are harmless for the same reason, and `OR IGNORE` lets the second row pass.
#
# `TimeoutError` becomes 503. The row is not written, so the retry ships, and the key sees to it that *perhaps* does not become *twice*.
#
# `note` keeps ten minutes. Six failures *and* half of all: the number keeps single failures quiet at night, the share keeps the overrun hour quiet.
# It counts calls of `ship` only. What strangers send is refused before, so they can't ring the bell.
# The list is in memory, and that is good enough: after a restart in an incident it is full again within minutes. What must not be lost is in the file.
#
# What this receiver does not do: it works before it answers, so a slow parcel service makes retries (Thursday). And it can't page about silence (Sunday), because nobody calls it then.

# %% [markdown]
# ## What is each step worth?
#
# Here are the steps beside each other, and yours, in three months.
# *Remembering* keeps the ids in a set and ships with a key, *durable* keeps them in the file.

# %%
from labkit.exercises.lab12_night_shift import LADDER

for name, step in {**LADDER, "yours": make_app}.items():
    points = [
        getattr(score(step, month), "points", "not written yet") for month in (1, 2, 3)
    ]
    print(f"{name:<12}", *points)

# %% [markdown]
# The order is the same in every month, and the numbers hardly move: these are no accidents of one seed.
#
# **Try it:** take one line out of your receiver, say beforehand which aspect will suffer, and score it again.
# The line that costs nothing is worth thinking about, too: what does it protect from that this month did not bring?
#
# ## Turn it until it breaks
#
# The playground lets your receiver meet the wire alone: no deaths, no strangers, a parcel service that always answers.
# `for_playing` makes a `config` for it. There is no clock to hand out, so its `now()` believes the sender's.
#
# - Raise `LoseResponse` and `Duplicate`. Which counts move, and which don't?
# - Give it `make_honest` in place of `make_app`.
# - Is there a position at which your receiver loses a payment? Whose fault is it?

# %% tags=["nbval-ignore-output"]
from labkit.exercises.lab12_night_shift import for_playing
from labkit.widgets import playground

parcels = []


def tonight():
    return make_app(for_playing(parcels, secret=OLD))


playground(tonight, effects=parcels, scheme="standard", secret=OLD)

# %% [markdown]
# Without sliders the same is one call.

# %%
from labkit.faults import Duplicate, LoseResponse
from labkit.playground import sweep
from labkit.samples import payments

sweep(
    tonight,
    payments(10),
    scheme="standard",
    secret=OLD,
    faults=[LoseResponse(probability=0.2), Duplicate(probability=0.2)],
    effects=parcels,
    seeds=20,
)

# %% [markdown]
# ## Keep in mind
#
# - Authentic first, then everything else. A refusal loses nothing: the provider comes again.
# - A 2xx is a promise, a 5xx a request to come again. Never answer for somebody else's failure.
# - Retries save events and double them. So: a key for the call, a row for the memory, the row after the call.
# - Ask for secrets and the time when you need them. Both change while you run.
# - Page for a number and a share, in a short window. What strangers send must not ring.
# - At night: the log first, then one request, then the sender's side. Silence is a finding.
#
# ## What real providers do
#
# | what happened in this month | where it happens |
# | --- | --- |
# | two secrets are valid for a while | Standard Webhooks and Svix send one signature for each secret; Stripe's header holds several `v1` |
# | 410 ends everything at once | the specification of Standard Webhooks; Svix's open server, Convoy and Outpost have no such rule |
# | a time-out that is shorter than the work | Slack, Zoom and Discord wait for 3 s, Shopify and Paddle for 5 s, GitHub for 10 s |
# | an endpoint is disabled | Shopify after 8 failures in a row, GitLab at the 40th for good, Svix after 5 days |
# | events are sent again on demand | GitHub within 3 days with the same delivery id; Paddle by its API; Stripe lists events for 30 days |
# | wrong signatures on purpose | Discord sends them, and wants a 401 |
#
# And what real receivers did: claimed an id before the work was done, and lost the event (`langfuse/langfuse#15463`); kept ids in memory only (`aashutoshkumarbhardwaj/CreatorOs#732`); answered 4xx to a fault that would have passed (`the-momentum/open-wearables#1053`); acknowledged before anything was stored (`openclaw/openclaw#110526`).
#
# Sources: standard-webhooks:spec/standard-webhooks.md; docs.svix.com/retries; docs.stripe.com/webhooks; docs.slack.dev/apis/events-api; developers.zoom.us/blog/webhook-delays; discord-api-docs (webhook events); shopify.dev/changelog/updates-to-webhook-retry-mechanism; developer.paddle.com/webhooks/respond-to-webhooks; docs.github.com (webhooks, best practices and handling failed deliveries); about.gitlab.com/blog (14 November 2024); the code of Svix, Convoy and Outpost. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# If you learn in a class, hand it in; if you learn alone, read it again in a week.
#
# This was the last lab. `labkit examine URL` puts the same questions to an endpoint of your own, in any language.
