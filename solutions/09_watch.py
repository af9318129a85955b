# %% [markdown]
# # 09 · Watch
#
# A receiver that works is not enough: you must see that it works, and hear of it when it does not.
# You will write a log that may be read by anybody, an alert that may be trusted at night, and the list of what to send again afterwards.
#
# **You need** Python's functions, dictionaries and lists. Lab 00 helps, the others are not needed.
# **It takes** about 45 minutes.

# %%
from labkit import ready

ready(made_for="0.2")

# %% [markdown]
# ## What the inbox knows
#
# Here is a shop that answers 400 to what is no event.
# Three requests come: a payment, a ping of somebody who tries the door, and a payment from a provider that sends a login along.

# %%
import requests
from flask import Flask, request

from labkit import Receiver
from labkit.samples import payments


def make_shop():
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json(silent=True)
        return ("", 204) if event else ("no event", 400)

    return app


def send_three(url):
    first, second = payments(2)
    json_type = {"Content-Type": "application/json"}
    login = {**json_type, "Authorization": "Bearer 7f3Kq9ZtLw2XbVn5"}
    requests.post(url + "/webhooks", data=first.body, headers=json_type)
    requests.post(url + "/webhooks", data=b"ping")
    requests.post(url + "/webhooks", data=second.body, headers=login)


with Receiver(make_shop()) as receiver:
    send_three(receiver.url)

for got in receiver.inbox:
    print(got.status, got.request.method, got.request.path, got.request.body[:40])

# %% [markdown]
# The *inbox* keeps every request that arrived, and what was answered.
# It is the first place to look, as long as you look at once.

# %%
got = receiver.inbox[-1]
print("Authorization:", got.request.header("Authorization"))

# %% [markdown]
# The login is not in it, although it was sent: the inbox replaces such a value and keeps the name.
# Hold on to that thought for a minute.
#
# Say what you expect before you go on. Write your letter in place of the question mark.

# %%
from labkit.exercises import check, hint, predict, solution

predict("09-inbox", "b")

# %%
receiver = Receiver(make_shop())  # the same shop, after a restart
len(receiver.inbox)

# %% [markdown]
# So write down what came, one line a delivery, in a file that outlives the program: a *log*.
# When something has gone wrong, you will ask it four things: who sent it, what did it bring, with which headers, and what became of it?
#
# ## What must not be in a log
#
# Logs are copied, mailed, searched by many, and kept for years.
# So whatever opens a door or costs money when it is read has no place there.
#
# | where | what | why |
# | --- | --- | --- |
# | headers | `Authorization`, `Proxy-Authorization`, `Cookie` | they are somebody's login |
# | headers | `X-Webhook-Signature` | together with the body it is a request that verifies, and can be sent again |
# | payload | `card_number`, `cvc`, `token`, `password` | the names say it |
#
# The *name* stays, and its value is replaced.
# Whether there was a signature at all is the first question about a request that was refused.
#
# The secret that signatures are made with is in no request, so it can't get into the log this way. Don't add it.
#
# ## Exercise 9.1
#
# Write `log_line(request, outcome) -> dict`. For a payment it might be
#
# ```python
# {
#     "address": "203.0.113.7",
#     "headers": {"User-Agent": "PayCo/2.1", "X-Webhook-Signature": "(redacted)"},
#     "payload": {"id": "evt_1", "data": {"amount": 1990, "card_number": "(redacted)"}},
#     "outcome": "acknowledged",
# }
# ```


# %%
SECRET_HEADERS = {
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-webhook-signature",
}
SECRET_FIELDS = {"card_number", "cvc", "token", "password"}


def log_line(request, outcome):
    """Return a line for the log: a dictionary that json.dumps can write.

    "address"   where the connection came from, whatever the headers say
    "headers"   a dictionary with every header, by its name
    "payload"   what the body's JSON holds, whatever the Content-Type says
    "outcome"   the text that was handed in, such as "acknowledged"

    The values of SECRET_HEADERS, and those of SECRET_FIELDS wherever they lie in the
    payload, are replaced by a text such as "(redacted)"; their names stay. At most the
    last four characters of a secret may be in the line.

    A body that is no JSON, and one of more than 4,000 bytes, is not kept: the payload
    is then a text that says how long it was. The line stays below 16,000 characters,
    however long the body is.

    request is Flask's. Whoever reads it after you must find it as it came.
    """
    # BEGIN SOLUTION
    import json

    def without_secrets(value):
        if isinstance(value, dict):
            return {
                name: "(redacted)" if name in SECRET_FIELDS else without_secrets(inner)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [without_secrets(inner) for inner in value]
        return value

    body = request.get_data()  # read the raw body
    if len(body) > 4000:
        payload = f"({len(body)} bytes, too long to keep)"
    else:
        try:
            payload = without_secrets(json.loads(body))  # parse
        except ValueError:
            payload = f"({len(body)} bytes, no JSON)"
    return {
        "address": request.remote_addr,
        "headers": {
            name: "(redacted)" if name.lower() in SECRET_HEADERS else value
            for name, value in request.headers
        },
        "payload": payload,
        "outcome": outcome,
    }
    # END SOLUTION


check("9.1", log_line)

# %% [markdown] tags=["solution"]
# **Explained.** `without_secrets` makes a new dictionary of a dictionary and a new list of a list, and calls itself for what lies in them, so no depth is too deep.
# It asks for the name only: a card number may be a number as well as a text.
# It builds anew and changes nothing. Written into what `get_json` gave, the replacement would be found by the code that charges the card.
#
# `request.get_data()` reads the bytes and keeps them for the next reader.
# The length is looked at before anything else, because parsing a megabyte to throw it away is work that any stranger could give you.
#
# `json.loads` takes the bytes as they are: `get_json` would ask for a content type first, and answer 400 or 415 in the middle of your log.
# What it raises for broken JSON and for bytes that are no text is a ValueError, both times.
# Of such a body only the length is kept. It could hold half an event with a whole card number, and what can't be parsed can't be searched.
#
# `name.lower()` because names of headers know no case.
# `request.remote_addr` and no header, because a header is what the sender likes to write.

# %% [markdown]
# Your line at work.
# As long as exercise 9.1 is not written, the log stays empty, because the view ends with an exception.

# %%
import json

log = []


def make_logging_shop():
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json(silent=True)
        log.append(log_line(request, "acknowledged" if event else "refused: no event"))
        return ("", 204) if event else ("no event", 400)

    return app


with Receiver(make_logging_shop()) as logging_receiver:
    send_three(logging_receiver.url)

for line in log:
    login = line["headers"].get("Authorization")
    print(line["outcome"], "| login:", login, "|", json.dumps(line["payload"])[:60])

# %% [markdown]
# One line a delivery, in JSON, is all that a search needs: *all lines about order A-2*, *all that were refused since nine*.
# The time is missing on purpose: `logging` puts it before each line, and so does every service that collects logs.
#
# ## An outage, from the sender's side
#
# The log tells what arrived. In an outage nothing does.
# So the better view is the sender's: its attempts, which many providers show in a table or hand out by an API.
#
# Here the receiver answers 503 for twenty minutes, from 0:30 on.

# %%
predict("09-outage", "b")

# %%
from labkit import simulate
from labkit.faults import ServerError

downtime = simulate(
    make_shop(),
    payments(40, every=90),
    faults=[ServerError(status=503, after=1800, until=3000)],
)
downtime.timeline()

# %% [markdown]
# Nothing is lost here: the sender tries again, and all is acknowledged in the end.
# But for twenty minutes no parcel left the shop, and had it gone on for three days, the events would be gone.
#
# Somebody must be woken, by a program that looks at the last hour again and again.
# It gets a *window*: the attempts of the last 60 minutes, oldest first.


# %%
def window_of(history, now):
    """Return the attempts that ended in the hour before `now`."""
    return [
        {"at": attempt.ended_at, "status": attempt.status, "seconds": attempt.seconds}
        for attempt in history.attempts
        if now - 3600 < attempt.ended_at <= now
    ]


window = window_of(downtime, downtime.started_at + 40 * 60)
statuses = [attempt["status"] for attempt in window]
print(*statuses)
print(statuses.count(503), "of", len(statuses), "failed")

# %% [markdown]
# That was at 0:40, ten minutes into the outage: first the good attempts, then the bad ones.
# A status of `None` stands for no answer at all.
#
# ## Four weeks
#
# An alert has to live with more than outages, so here are four weeks of one endpoint, some twenty thousand attempts.
# A row is a day, a column an hour; the digits count the attempts that failed: no answer, or 500 and above.

# %%
from labkit.exercises.lab09_watch import month, rehearse

january = month(1)
january

# %% [markdown]
# A row of `#` is an outage.
# A single `#` may be a sale: for a quarter of an hour on three days there is thirty times the traffic, and of so many attempts some fail.
# A `3` or a `4` is often one single event that failed and was tried again.
# At night there are two events an hour.
# What the calendar does not show: somebody sends forged requests, which are refused with 401; for three days the shop answers 204 in place of 200; and for a week the answers take longer each day.
#
# `rehearse` asks an alert all through these weeks, and tells what it found and where it rang for nothing.
# Begin with the alert that everybody thinks of first.

# %%
predict("09-any-failure", "c")


# %%
def failed(attempt):
    """Return whether the receiver failed: no answer, or 500 and above."""
    return attempt["status"] is None or attempt["status"] >= 500


def any_failure(window):
    return any(failed(attempt) for attempt in window)


rehearse(any_failure, january)

# %% [markdown]
# It finds everything, and it is worthless: people who are woken for nothing stop getting up.
# So an alert is judged by two numbers, how soon it finds an outage and how often it cries wolf.
# The second one is harder.

# %%
predict("09-half", "b")


# %%
def half_of_the_hour(window):
    bad = [attempt for attempt in window if failed(attempt)]
    return len(bad) > len(window) / 2


rehearse(half_of_the_hour, january)

# %% [markdown]
# Look at its false alarms: all of them are at night, and none has more than six attempts.
# Then look at the outages: every one found, and every one late.
# Both come from the window, which is too empty at night and too long by day.
#
# **Try it:** put 3 and 5 in place of 2. What gets better, and what gets worse?
#
# ## Exercise 9.2
#
# Write `alert(window) -> bool`.
# You may tune it on January as long as you like; it is judged on February and March as well, which you can't see.
#
# - It finds an outage **within 10 minutes** of its beginning. Outages lie in busy hours; at night there is too little to find them by.
# - It rings for nothing **at most once a week**.
#   After an outage it may go on for an hour, because so long the window remembers. An alarm that rings for more than six hours counts once more.
#
# Two thoughts to start from: how many attempts are enough to judge by, and how many minutes?


# %%
def alert(window):
    """Return whether the receiver is down.

    `window` is a list, oldest first, of the attempts of the last 60 minutes; it may be
    empty. Each is a dictionary:

    "at"        when the attempt ended, in seconds (lab time)
    "status"    an int, or None where no answer came
    "seconds"   how long it took

    An attempt has failed when no answer came or the status is 500 and above. A 4xx is
    the sender's fault, and a slow answer is an answer. The result is True or False, and
    depends on the window alone.
    """
    # BEGIN SOLUTION
    if not window:
        return False
    now = window[-1]["at"]
    recent = [attempt for attempt in window if attempt["at"] > now - 600]
    bad = [attempt for attempt in recent if failed(attempt)]
    return len(recent) >= 6 and len(bad) >= len(recent) / 2
    # END SOLUTION


check("9.2", alert)

# %% [markdown] tags=["solution"]
# **Explained.** `if not window` comes first: `window[-1]` of an empty night raises an IndexError, and an alert that has died is not heard of again.
#
# `now` is the last attempt's time. The machine's clock would do in production; on last month's attempts, here and in every test, it would find all of them too old.
#
# `recent` is what lies at most ten minutes back, because ten minutes are what you have. Judged by the whole hour, the good attempts before the outage outweigh the bad ones for half of it.
#
# `failed` counts None. Without that the worst outages are invisible, those in which nobody answers.
# It does not count 4xx: a stranger who sends rubbish could ring your bell with it.
#
# `len(recent) >= 6` is the smallest number to judge by. One hopeless event makes three failures in ten minutes, and on a quiet night that is everything.
# `len(bad) >= len(recent) / 2` is a share. A bare count would ring in every sale, and sleep through a slow morning.
#
# Other pairs of numbers hold as well: 15 minutes and 40 %, the whole hour with 15 % and six failures, six of the last ten attempts.

# %%
rehearse(alert, january)

# %% [markdown]
# **Try it:** raise 6 to 10 and to 20, and lower it to 3.
# An alert has no right numbers; it has numbers that fit the traffic of one endpoint, so every endpoint needs a month of its own to tune on.
#
# ## Silence
#
# Your alert rings when attempts fail. There is a kind of trouble in which none does.

# %%
predict("09-silence", "c")

# %%
from labkit.faults import Refuse

backup = Refuse(after=2 * 3600, until=3.5 * 3600)
silence = simulate(
    make_shop(), payments(48, every=900), profile="shopify", faults=[backup]
)
silence.timeline()

# %% [markdown]
# The picture begins at midnight, with a payment every 15 minutes until noon.
# It ends soon after two, and nothing follows.

# %%
minutes = (silence.disabled_at - silence.started_at) / 60
print(f"disabled at {minutes // 60:.0f}:{minutes % 60:02.0f}")
print(silence.account)

# %% [markdown]
# And this is what an alert was given, hour by hour.

# %%
for hour in range(1, 13):
    window = window_of(silence, silence.started_at + hour * 3600)
    bad = [attempt for attempt in window if failed(attempt)]
    print(f"{hour:>2}:00  {len(window)} attempts, {len(bad)} failed")

# %% [markdown]
# From four o'clock on there is nothing in the window: no error, no alarm, no event.
# The shop has been well since half past three, and 40 payments never reach it.
# Some providers tell the owner by mail, at the address that somebody gave two years ago.
#
# So silence needs a watch of its own, which asks: *how long ago was the last attempt, and how long may that be at this hour?*
# It is as short as this.


# %%
def silent(last_attempt, now, longest):
    """Return whether nothing has come for longer than usual; all in seconds."""
    return now - last_attempt > longest


last = silence.attempts[-1].ended_at
for hour in range(2, 7):
    now = silence.started_at + hour * 3600
    seen = max(a.ended_at for a in silence.attempts if a.ended_at <= now)
    print(f"{hour}:00  silent for two hours: {silent(seen, now, longest=7200)}")

# %% [markdown]
# With a payment every 15 minutes, two hours are long. With two events a night they are not.
# Two more ways, where traffic is thin: let the provider send a test event each hour, if it can; or ask its API once an hour whether your endpoint is still enabled.
#
# ## The way back
#
# The receiver is up again, and the endpoint enabled. What did you miss?
#
# Here a sender tries four times within six minutes.
# From 0:30 to 1:15 the shop refuses connections; then, for fifteen minutes, it works and its answers are lost.
# It remembers the ids that it has shipped, so it ships nothing twice.

# %%
predict("09-dead", "b")

# %%
from labkit.faults import LoseResponse


def make_careful_shop(parcels):
    app = Flask("careful shop")
    seen = set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] not in seen:
            seen.add(event["id"])
            parcels.append(event["data"]["order_id"])
        return "", 204

    return app


parcels = []
shop = make_careful_shop(parcels)
trouble = [Refuse(after=1800, until=4500), LoseResponse(after=4500, until=5400)]
history = simulate(shop, payments(24, every=300), profile="slack", faults=trouble)
history.timeline()

# %%
orders = [letter.event.data["order_id"] for letter in history.dead_letters]
print(len(orders), "dead letters:", *orders)
print("shipped all the same:", *(order for order in orders if order in parcels))

# %% [markdown]
# *Dead* is the sender's word. The receiver's side of the story is in `history.arrivals`, and in your own log: who has acknowledged what.
# Only both together tell what is missing.
#
# This shop would stand a resend of all eleven. Not every one would, and you will not want to send ten thousand for the sake of ten.
#
# | in a history | what it is |
# | --- | --- |
# | `history.dead_letters` | the deliveries that were given up |
# | `delivery.event` | its event, with `id` and `created_at` |
# | `delivery.attempts` | its attempts, each with `ended_at`; none where the endpoint was disabled |
# | `history.arrivals` | what the receiver got, each with `event`, `at` and `acknowledged` |
#
# ## Exercise 9.3
#
# Write `recover(history, since) -> list`: the deliveries to resend.


# %%
def recover(history, since):
    """Return the dead letters to resend, as a list of deliveries.

    Picked are those that died at `since` or later. A delivery dies when its last
    attempt ends, and one without any attempt when its event is created. `since` is in
    seconds of lab time, like every time in a history.

    Not picked is an event that the receiver has acknowledged at any time: in answer to
    a resend, or to an attempt whose answer the sender never heard.

    Each event is picked once, however many of its deliveries died. The list is in the
    order in which the events were created.
    """

    # BEGIN SOLUTION
    def died_at(letter):
        if letter.attempts:
            return letter.attempts[-1].ended_at
        return letter.event.created_at

    taken = {arrival.event.id for arrival in history.arrivals if arrival.acknowledged}
    letters = []
    for letter in sorted(history.dead_letters, key=lambda d: d.event.created_at):
        if died_at(letter) >= since and letter.event.id not in taken:
            taken.add(letter.event.id)  # claim the id
            letters.append(letter)
    return letters
    # END SOLUTION


check("9.3", recover)

# %% [markdown] tags=["solution"]
# **Explained.** `died_at` takes the last attempt's end. The event's own time would leave out everything that was born before the outage and given up in it.
# Without its `if`, the letters of a disabled endpoint raise an IndexError, and those are the ones that nobody else will bring.
#
# `taken` begins with what the receiver acknowledged, in the whole history: what it has, it has, however long ago.
# `acknowledged` matters. An arrival that was answered with 500 did arrive, and nothing came of it.
#
# The same set then remembers what is on the list, so a second dead delivery of an event is passed over. It stands behind the `if`, so an early death does not hide a later one.
#
# `>= since`: whoever runs this each hour, from where it ended last, loses nothing on the border.
#
# `sorted` goes by the events' own time. The order in which letters die is another one, and a cancellation must not arrive before its order.

# %% tags=["solution"]
from labkit import Sender

missing = recover(history, since=history.started_at)
again = Sender(shop, profile="slack").resend(missing)
print(len(missing), "resent,", again.account.acknowledged, "acknowledged")
print(len(parcels), "parcels for 24 payments")

# %% [markdown]
# **Try it** in a cell of your own:
#
#     from labkit import Sender
#
#     missing = recover(history, since=history.started_at)
#     again = Sender(shop, profile="slack").resend(missing)
#     print(len(missing), len(parcels))
#
# Eight are resent, and 24 payments have become 24 parcels.
# Then run `len(recover(silence, since=0))`: which of these 40 had an attempt, and which had none?
#
# ## Turn it until it breaks
#
# The playground sends payments to the careful shop.
# Set the wire as it might be in a bad week, and ask at each position: would your alert have rung, and would `recover` have something to do?
#
# - Raise `Refuse` until the first delivery is dead. Say before where that will be.
# - Do the same for `LoseResponse`. Are the dead letters events that the shop has missed?

# %% tags=["nbval-ignore-output"]
from labkit.widgets import playground

playground(lambda: make_careful_shop(parcels), effects=parcels, profile="slack")

# %% [markdown]
# Without sliders the same is one call.
# It also turns *it worked once* into a rate: a hundred seeds, and how often each harm came.

# %%
from labkit.playground import sweep

sweep(
    lambda: make_careful_shop(parcels),
    payments(24, every=300),
    profile="slack",
    faults=[Refuse(probability=0.3)],
    effects=parcels,
)

# %% [markdown]
# ## Keep in mind
#
# - Write one line a delivery: who, what, with which headers, what became of it. No logins, no signatures, no cards.
# - What you can't parse you can't search for secrets, so don't keep it.
# - An alert needs a share, a smallest number, and a short window. Tune it on one month and try it on another.
# - Failed is no answer or 5xx. A stranger's 4xx is not your outage.
# - Silence has no errors in it. Watch for it separately.
# - Dead is the sender's word, acknowledged is the receiver's. Resend what is dead and not acknowledged, once, in order.
#
# ## What real providers do
#
# | provider | when it stops sending to you | who hears of it |
# | --- | --- | --- |
# | Shopify | after 8 failures in a row the subscription is deleted | mails before, to the address on file |
# | Slack (Events API) | may be, when less than 5 % of an hour's events got a 200 | |
# | GitLab | 4 failures in a row: a pause of 1 minute, doubled up to 24 hours; 40: for good | |
# | Svix | after 5 days of failures | an event, `message.attempt.exhausted`, after each message that was given up |
# | Square | after 3 weeks without a single 2xx | mails each week |
# | Discord | sending stops | a mail to the owner |
# | PayMongo | after 3 events that used up their retries | |
#
# | provider | how to get what you missed |
# | --- | --- |
# | Stripe | events can be listed for 30 days |
# | GitHub | redelivery by hand or by the API, within 3 days, with the same delivery id |
# | PayPal | resend by the API or by hand |
# | Paddle | replay by the API |
# | SendGrid (Inbound Parse) | not at all: what was dropped is gone, and nobody is told |
#
# Sources: shopify.dev/changelog/updates-to-webhook-retry-mechanism, docs.slack.dev/apis/events-api, about.gitlab.com/blog (14 November 2024), docs.svix.com/retries, developer.squareup.com/docs/webhooks-api, discord-api-docs (webhook events), PayMongo's developer documentation, docs.stripe.com/webhooks/process-undelivered-events, docs.github.com (handling failed deliveries), developer.paypal.com/api/rest/webhooks/rest, developer.paddle.com/webhooks/respond-to-webhooks, support.sendgrid.com (46513815674395). As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# If you learn in a class, hand it in; if you learn alone, read it again before the next lab.
#
# Next: `10_test_it` turns the tables: you write the tests, and look for the delivery that breaks a receiver.
