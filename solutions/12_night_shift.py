# %% [markdown]
# # 12 · Night shift
#
# In this lab, one receiver faces all the faults of the earlier labs, over a whole month.
# You see how many points each technique of the earlier labs is worth. You find the causes of three incidents, and then you write a receiver that handles the whole month.
#
# **You need** the topics of labs 02 to 09: an endpoint, signatures, retries, remembering ids, alerts. You may open those labs next to this one.
# **Time:** about 60 minutes: 15 for the month, 15 for the incidents, 30 for your receiver.

# %%
from labkit import glossary, ready

ready(made_for="0.2")

# %% [markdown]
# New terms are explained where they first appear. `glossary()` in a cell shows the most important ones, and `glossary("retry")` shows one.
#
# ## A month at the shop
#
# It is March. The shop ships a parcel for each payment, and you are the person *on call*: the one who is woken if something goes wrong.
# 160 events arrive from one provider, which follows Standard Webhooks. During the month, this happens:
#
# - The network misbehaves in every way that the kit can simulate: it loses, truncates, changes and duplicates requests, loses responses, and breaks connections.
# - The parcel service is remote. Sometimes it does not respond, and you cannot tell whether it created the parcel. It is down twice for more than an hour, once on a Sunday at two in the morning.
# - The receiver's process crashes, sometimes in the middle of a request, and starts again. What it has saved in its SQLite file remains. New versions are deployed.
# - The signing secret is replaced. The provider adds fields to its events, and sends a type that you do not need.
# - Attackers send forged requests, and they replay requests that they captured hours before.
# - Once, the provider sends two days of events again.
#
# Time is virtual, and the whole month takes about a second.
#
# ## What a receiver gets
#
# `make_app` has one argument, `config`. It is called again whenever the process starts.
#
# | | meaning |
# | --- | --- |
# | `config.secrets()` | the signing secrets that are valid at this moment, as a list; during a rotation there are two |
# | `config.now()` | the time in seconds, by the lab's clock |
# | `config.tolerance` | how far a timestamp may be from now, in seconds, in either direction |
# | `config.db_path` | an SQLite file, empty at first; it remains when the process crashes |
# | `config.ship(order_id, idempotency_key=…)` | orders a parcel. It raises `TimeoutError` if no response came, and may have created the parcel nevertheless. It acts once per key, and forgets a key after 24 hours |
# | `config.page(text)` | wakes the person on call. Calls within four hours of each other count as one alert |
#
# ## What is scored
#
# | aspect | 20 points for | what costs points |
# | --- | --- | --- |
# | forged | accepting no event that is forged or too old | 1 for each such event |
# | lost | a parcel for every payment | 1 for each payment without one |
# | doubled | no second parcel | 1 for each payment with one |
# | late | work done and acknowledged within ten minutes, where nothing prevented it | 1 for each event that is later |
# | alerts | a call to `config.page` (a *page*) within ten minutes of an incident's first failure | 10 for each missed incident; 2 for each false alarm after the first |
#
# ## The naive receiver
#
# Start with a receiver like many in production.

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
# First say what you expect. Choose a letter: click it, or write it instead of the question mark.

# %%
from labkit.exercises import check, hint, predict, solution

predict("12-naive", "a")

# %%
from labkit.exercises.lab12_night_shift import score

sheet = score(make_naive)
sheet

# %% [markdown]
# This is the *score sheet*. It names the delivery behind each lost point: its id, the attempt, the time, the response, and the mistake if the kit recognises it.
#
# Ask for the whole story of one event. Which requests reached the receiver for this payment?

# %%
sheet.story("evt_10015")

# %% [markdown]
# The text in parentheses after the attempt names the fault on the network.
# The first attempt was changed in transit: the body was no longer the one that the provider had signed. The receiver found no order in it, but responded with 204.
# So the provider counted the event as delivered and did not send it again.
#
# **Try it:** choose another id from the sheet, and predict its story before you ask for it.
# `sheet.lost_points("doubled")` lists all lost points of one aspect.
#
# ## Check the signature
#
# In lab 05 you wrote the check of the signature and of the time window.
# Here you may use the kit's own, as you would use your provider's library at work.
# Like most libraries, it raises an exception if a request is not authentic, and it needs the current time. Its tolerance is 300 seconds, which is also `config.tolerance` in this month.

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
print(sheet.summary)
print("  naive:", sheet.lost, "payments lost")
sheet = score(make_signed)
print(sheet.summary)
print("  signed:", sheet.lost, "payments lost")

# %% [markdown]
# This one `if` is worth twenty points.
# The payments that are still lost have one cause.

# %%
sheet.lost_points("lost")

# %% [markdown]
# ## Report failures
#
# So the receiver must not hide the exception.
# Without `try`, Flask turns it into a 500. One event type has no `order_id`, so the receiver checks the type as well.


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
print(sheet.summary)
print("  signed:", sheet.doubled, "payments doubled")
sheet = score(make_honest)
print(sheet.summary)
print("  honest:", sheet.doubled, "payments doubled")

# %% [markdown]
# The fix for one problem shows the next one.
# A retry saves a payment, but it can also double it.
#
# **Change one thing:** in `make_honest`, add `idempotency_key=event["id"]` to the call to `ship`, and run the cells from there again.
# Most of the doubled payments are gone. Which ones are left, and how much time passes between their two parcels?
#
# ## Three incidents
#
# Before you write your own receiver, you handle three incidents. You have the same tools as a person on call: the log, and the inspector for one request.
# The three receivers are good, but each has one weakness. Read the log before you choose.
#
# ### Wednesday, two in the morning
#
# Your phone rings: *some events are rejected*. You open the log.
# Each line is a request: its number, the time, the event's id, the response, the duration, and a note.

# %%
from labkit.exercises.lab12_night_shift import NEW, OLD, incident

wednesday = incident("first")
wednesday.log(1, 9)

# %%
predict("12-first-look", "b")

# %%
print(wednesday.inspect(9))

# %% [markdown]
# Now look at the rest of the log. Follow one id through it.

# %%
wednesday.log(9)

# %%
predict("12-first-cause", "a")

# %% [markdown]
# You ask a colleague, and find an e-mail from the provider, three weeks old, with a new secret.
# Check the same request against both secrets.

# %%
print(wednesday.inspect(9, secrets=[OLD, NEW]))

# %% [markdown]
# The request is authentic. The receiver knows one secret, but it needs two for a while.
#
# The provider has several machines, and they switch to the new secret one after another.
# Nothing was lost this time, because sooner or later a retry of each event came from a machine that still had the old secret.
# When the last machine has switched to the new secret, the receiver rejects everything.
#
# ### Thursday, two in the afternoon
#
# An e-mail from the provider: *your endpoint has been failing since 14:00*.

# %%
thursday = incident("second")
thursday.log()

# %%
predict("12-second-log", "a")

# %% [markdown]
# The provider's own list of attempts, which it shows on its pages, shows the same deliveries from the provider's side.

# %%
thursday.history.timeline()

# %% [markdown]
# A half-filled circle marks a response that the sender did not receive.
# In that half hour the shop shipped one parcel per event, because this receiver looks in its file before it ships. The text below the picture calls an event *doubled* if the receiver acknowledged it twice, even if it shipped only once.
# A receiver that does not remember ids would have shipped each of them at least twice.

# %%
predict("12-second-cure", "c")

# %% [markdown]
# ### Sunday, two in the morning
#
# On this night your phone does not ring.
# You wake up at five past four, and look at the log of this Sunday.

# %%
sunday = incident("third")
sunday.log(15)

# %%
predict("12-third-silence", "b")

# %%
sunday.log(1, 14)

# %% [markdown]
# Those were last Sunday's payments: customers' subscriptions are renewed every Sunday at two in the morning. Today ten are missing, so you look at the provider's page.

# %%
disabled = sunday.history.disabled_at - sunday.history.started_at
print(
    f"endpoint disabled on day {disabled // 86400:.0f}, {disabled % 86400 / 60:.0f} min after midnight"
)
for attempt in sunday.history.attempts[18:]:
    print(attempt.event.id, "answered", attempt.status)
print(len(sunday.history.dead_letters), "dead letters")

# %% [markdown]
# 410 means *gone*. Your receiver did not send that status, and it never saw the request: a colleague activated a maintenance page for three minutes, and the page returned 410.
# For this provider, 410 means that it must never send to this endpoint again.

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
# An alert that counts the receiver's failures does not fire here, because the receiver did not see any. You need a separate alert for missing traffic (lab 09).
#
# ## Exercise 12.1
#
# Write the receiver for the whole month.
#
# Do not write everything at once. Add one step at a time, run the cell and the one below it, and look at the score. Each step improves the aspect after the colon:
#
# 1. *read the raw body, check the signature, check the time window*: forged
# 2. *parse*, and look at the type: late
# 3. *do the work*, with an idempotency key, and respond with a 5xx if it fails: lost
# 4. remember the id, in the file: doubled
# 5. count the failed calls to `ship`, and page if there are many: alerts
#
# For the alerts, this rule works: page if at least six calls to `ship` failed within the last ten minutes, and if these are at least half of the calls in that time.
# Do not page for single failures, or for an hour in which one call in five fails. One false alarm per month is free.
#
# The receiver of this exercise ships before it responds. Unlike the receiver of lab 08, it needs no worker: time is virtual here, and `ship` takes none of it, even if it raises `TimeoutError`.
#
# `check` tests the rules one by one, and then the month that you know and another one. It shows the first problem.
# `score(make_app)` shows all problems of the month that you know.


# %%
import json
import sqlite3
from contextlib import closing


def make_app(config):
    """Return a Flask app whose POST /webhooks handles the whole month.

    `config` is described at the top of this lab: secrets(), now(), tolerance, db_path,
    ship(order_id, idempotency_key=…) and page(text). A body is {"id", "event",
    "created_at", "data"}. Requests are signed as Standard Webhooks specifies.

    For an authentic event "payment.succeeded", ship `data["order_id"]`, and then
    respond with a 2xx. A request is authentic if its signature fits one of the secrets that are
    valid at this moment, and if its timestamp is at most `config.tolerance` from
    `config.now()`, in either direction. Respond with 400, 401 or 403 to all other
    requests, and ship nothing. Acknowledge other types with a 2xx, and do nothing.
    Ignore fields that you do not know.

    Ship one parcel for each event id. Acknowledge a duplicate of a shipped event with a
    2xx, and ship nothing, also days later. `make_app` is called again whenever the
    process starts, with the same file, and duplicates still ship nothing.

    If ship raises TimeoutError, respond with a 5xx, without a Retry-After of more than
    ten minutes. The provider waits as long as Retry-After says, instead of the delay in
    its schedule, so with a short one all attempts may come during one outage. It waits
    20 seconds for the response. It tries again later: then make sure that there is
    exactly one parcel, whether or not the first call created it. This also holds if the
    process crashes during the call.

    If all calls to `ship` fail, call `config.page(text)` within ten minutes of the
    first failure. Do not page for single failures, for an hour in which one call in five
    fails, or for forged requests. One false alarm per month costs nothing.

    The check does not test a tolerance other than 300 seconds, a restart between the
    failures of an outage, other exceptions that `ship` raises, requests at the same
    moment, or authentic bodies in another form.
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
        run("INSERT OR IGNORE INTO shipped VALUES (?)", event["id"])  # remember the id
        return "", 204  # acknowledge

    return app
    # END SOLUTION


check("12.1", make_app)

# %%
score(make_app)

# %% [markdown] tags=["solution"]
# **Explained.** `is_genuine` calls `config.secrets()` for each request. A list that is read only at the start becomes outdated when the secret is rotated: the new secret is missing, and the retired one remains valid.
# `verify` also checks the time, with a tolerance of 300 seconds in either direction.
#
# The type is checked before the order is used: events of another type have no `order_id`, and an exception would cause retries for three days.
#
# `SELECT` comes before `ship`: the file contains what is done, even after a restart, and after 24 hours, when the service has forgotten the key.
# The response to a duplicate of finished work is 204.
#
# `ship` comes before `INSERT`. A crash in between causes a second call with the same key, which does no harm. In the other order, a crash would lose the parcel.
# For the same reason, two requests at the same moment do no harm. `OR IGNORE` prevents an error for the second row.
#
# `TimeoutError` becomes 503. The row is not written, so the retry calls `ship` again. If the first call did create a parcel, the idempotency key prevents a second one.
#
# `note` keeps the calls of the last ten minutes. The rule needs six failures *and* half of all calls: the number prevents alerts for single failures at night, and the rate prevents an alert in the hour in which one call in five fails.
# It counts only calls to `ship`. Forged requests are rejected before that, so an attacker cannot trigger the alert.
# The list is in memory, and that is sufficient: after a restart during an incident, it fills again within minutes. Only data that must not be lost has to be in the file.
#
# This receiver leaves two things out. It does the work before it responds, so a slow parcel service causes retries (Thursday). And it cannot page for missing traffic (Sunday), because nothing calls it then.

# %% [markdown]
# ## Compare the steps
#
# This table compares the steps and your receiver in three months.
# *Remembering* keeps the ids in a set and ships with an idempotency key; *durable* keeps the ids in the file.

# %%
from labkit.exercises.lab12_night_shift import LADDER

for name, step in {**LADDER, "yours": make_app}.items():
    points = [
        getattr(score(step, month), "points", "not written yet") for month in (1, 2, 3)
    ]
    print(f"{name:<12}", *points)

# %% [markdown]
# The ranking of the receivers is the same in every month, and the numbers hardly change. So the result does not depend on one seed.
#
# **Try it:** remove one line from your receiver, predict which aspect will lose points, and score it again.
# If no aspect loses points, think about this line: which problem does it protect against, and did this problem occur in this month?
#
# ## Increase the faults until something breaks
#
# In the playground, only the network causes faults: there are no crashes and no attackers, and the parcel service always responds.
# `for_playing` creates a `config` for it. The playground has no clock of its own, so `now()` returns the time in the request.
#
# - Raise `LoseResponse` and `Duplicate`. Which counts change, and which do not?
# - Use `make_honest` instead of `make_app`.
# - Is there a position of the sliders at which a payment is lost? Which side causes that?

# %% tags=["nbval-ignore-output"]
from labkit.exercises.lab12_night_shift import for_playing
from labkit.widgets import playground

parcels = []


def tonight():
    return make_app(for_playing(parcels, secret=OLD))


playground(tonight, effects=parcels, scheme="standard", secret=OLD)

# %% [markdown]
# Without sliders, one call does something similar: it runs 20 seeds and counts how often each problem occurs.

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
# ## Remember
#
# - Check that a request is authentic before anything else. If you reject a genuine request by mistake, this provider tries again. Many others do too, but not all.
# - A 2xx is a promise, and a 5xx asks for another attempt. Never acknowledge work that failed elsewhere.
# - Retries save events, but they also cause duplicates. So call `ship` with an idempotency key, and save the event's id after the call.
# - Read secrets and the time when you need them. Both change while your program runs.
# - Page only if, in a short window, there are both a minimum number of failures and a high failure rate. Requests from attackers must not trigger the alert.
# - In an incident, look at the log first, then at one request, then at the sender's side. Missing traffic is an incident, too.
#
# ## What real providers do
#
# | what happened in this lab, or could happen | where it happens |
# | --- | --- |
# | two secrets are valid for a while | Standard Webhooks and Svix send one signature per secret; Stripe's header contains several `v1` |
# | a 410 disables the endpoint | the specification of Standard Webhooks; Svix's open-source server, Convoy and Outpost have no such rule |
# | a timeout that is shorter than the work | Slack, Zoom and Discord wait for 3 s, Shopify and Paddle for 5 s, GitHub for 10 s |
# | the provider stops sending | Shopify deletes the subscription after 8 failures in a row (if an app created it with the Admin API), GitLab disables the webhook permanently at the 40th, Svix disables the endpoint after 5 days |
# | events are sent again on request | GitHub within 3 days with the same delivery id; Paddle by its API; Stripe lists the events of 30 days |
# | wrong signatures on purpose | Discord sends them, and requires a 401 |
#
# Real receivers made these mistakes: they claimed an id before the work was done, and lost the event (`langfuse/langfuse#15463`); kept ids only in memory (`aashutoshkumarbhardwaj/CreatorOs#732`); returned a 4xx for a temporary fault (`the-momentum/open-wearables#1053`); acknowledged before anything was stored (`openclaw/openclaw#110526`).
#
# Sources: github.com/standard-webhooks/standard-webhooks (specification); docs.svix.com/retries; docs.stripe.com/webhooks; docs.slack.dev/apis/events-api; developers.zoom.us/blog/webhook-delays; discord-api-docs (webhook events); shopify.dev/changelog/updates-to-webhook-retry-mechanism; developer.paddle.com/webhooks/about/respond-to-webhooks; docs.github.com (webhooks, best practices and handling failed deliveries); gitlab.com/gitlab-org/gitlab/-/merge_requests/166329; the code of Svix, Convoy and Outpost. Checked on 30 November 2026, except the GitHub issues and the code of Svix, Convoy and Outpost (September 2026).
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# In a class, hand it in. If you are learning on your own, read it again in a week.
#
# `labkit examine URL` (lab 10) tests an endpoint of your own with many of these faults, whatever language it is written in.
#
# Next: in `13_be_the_provider` you change sides and write the sender.
