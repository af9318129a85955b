# %% [markdown]
# # 09 · Watch
#
# A receiver that works is not enough: you must be able to see that it works, and you must be told when it does not.
# You will write a log without secrets, an alert that you can trust at night, and a function that lists the deliveries to resend after an outage.
#
# **You need** Python's functions, dictionaries and lists. Lab 00 helps; the other labs are not needed.
# **Time:** about 55 minutes.

# %%
from labkit import glossary, ready

ready(made_for="0.2")

# %% [markdown]
# New terms are explained where they first appear. `glossary()` in a cell shows the most important ones, and `glossary("retry")` shows one.
#
# ## What the inbox knows
#
# This shop responds with 400 if the body is not an event.
# Three requests arrive: a payment, a test request from a stranger who wants to see what responds here, and a payment that carries an `Authorization` header.

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
# The *inbox* keeps every request that arrived, and the response to it.
# It is the first place to look when something has just happened.
# If you started the labs with `make lab` or `webhook-lab`, the inspector beside the notebook shows the same requests, and you can search them.

# %%
got = receiver.inbox[-1]
print("Authorization:", got.request.header("Authorization"))

# %% [markdown]
# The inbox does not show the credentials that were sent. It replaces the value and keeps the name. This is called **redacting** a value.
# You do the same in exercise 9.1.
#
# Say what you expect before you continue. Choose a letter: click it, or write it instead of the question mark.

# %%
from labkit.exercises import check, hint, predict, solution

predict("09-inbox", "a")

# %%
receiver = Receiver(make_shop())  # the same shop, after a restart
len(receiver.inbox)

# %% [markdown]
# So write what arrived to a file that still exists when the program has ended, one line per request. Such a file is called a *log*.
# When something has gone wrong, you will ask it four questions: who sent the request, what did it contain, which headers did it have, and what was the result?
#
# ## What must not be in a log
#
# Logs are copied, mailed, searched by many people, and kept for years.
# So do not log a value that gives access or costs money if someone reads it.
#
# | where | what | why |
# | --- | --- | --- |
# | headers | `Authorization`, `Proxy-Authorization`, `Cookie` | they contain someone's credentials |
# | headers | `X-Webhook-Signature` | together with the body it makes a valid request, which an attacker can send again |
# | payload | `card_number`, `cvc`, `token`, `password` | they are card data or give access |
#
# Keep the *name* and replace the value.
# When a request was rejected, the first question is whether there was a signature at all.
#
# A signed request does not contain the signing secret, so the secret cannot get into the log in this way. Do not add it yourself. (If your provider sends the secret itself in a header, as GitLab does with its secret token, redact that header too.)
#
# ## Exercise 9.1
#
# Write `log_line(request, outcome) -> dict`. For a payment it could return
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
    """Return a line for the log: a dictionary with the keys "address", "headers",
    "payload" and "outcome", which `json.dumps` can write.

    `request` is Flask's request; `outcome` is a string such as "acknowledged".
    "outcome" is the string `outcome` as it is.
    "address" is the address that the connection came from, whatever the headers say.
    "headers" is a dictionary with every header of the request, by its name, and no
    other.
    "payload" is the value of the body's JSON.

    Replace the value of each header in `SECRET_HEADERS` with a string such as "(redacted)",
    in whatever case its name is written; keep the name.
    Do the same for each field in `SECRET_FIELDS`, at any depth of the payload and
    whatever its value is.
    Keep all other headers and fields as they are.
    At most the last four characters of a secret may remain in the line, and nothing of
    a `cvc`.
    After the call, `request.get_data()` and `request.get_json()` return the same as
    without it.

    Keep JSON of any kind and of up to 4,000 bytes, whatever the Content-Type says.
    If the body is not valid JSON, keep nothing of it: the payload is then a string that
    contains the length of the body in bytes.
    Do the same if the body has more than 4,000 bytes.
    As JSON, the line has fewer than 16,000 characters, however long the body is.
    You may add other keys, but the line must not contain the query of the URL.

    The check does not test other spellings of a field's name, whether you change the
    case of a header's name, the scheme before a secret (such as `Bearer`), NaN, or
    values that are nested more than 100 levels deep.
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
# **Explained.** `without_secrets` makes a new dictionary from a dictionary and a new list from a list, and it calls itself for the values inside them, so it works at any depth.
# It looks only at the name: a card number can be a number or a string.
# It changes nothing in the original. If it changed the result of `get_json`, the code that charges the card would find the placeholder.
#
# `request.get_data()` reads the bytes and keeps them for later code.
# The function checks the length before anything else, because otherwise anyone could make your server parse a megabyte that it does not keep.
#
# `json.loads` accepts any bytes. `get_json` would check the content type first, and raise a 400 or 415 in the middle of your log.
# For broken JSON and for bytes that are not valid text, `json.loads` raises a ValueError.
# In that case the log contains only the length. Such a body could contain half an event with a whole card number, and you cannot redact a body that you cannot parse.
#
# `name.lower()` is there because header names are not case-sensitive.
# Use `request.remote_addr`, not a header, because the sender controls the headers.

# %% [markdown]
# Here is your log line at work.
# Until you write exercise 9.1, the log stays empty, because the view raises an exception.

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
    print(line["outcome"], "| login:", login, "|", json.dumps(line["payload"])[:40])

# %% [markdown]
# One line per request, in JSON, is all that a search needs: *all lines about order A-2*, *all requests that were rejected since nine o'clock*.
# The time is missing on purpose: Python's `logging` module can add it to each line, and most services that collect logs do so too.
#
# ## An outage, from the sender's side
#
# The log shows what arrived. During many outages, nothing arrives.
# So the sender's view is more useful: its attempts, which many providers show in a table or return from an API.
#
# Here a proxy in front of the receiver responds with 503 for twenty minutes, from 0:30 on.

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
# Nothing is lost here: the sender tries again, and in the end everything is acknowledged.
# But for twenty minutes the shop shipped nothing. If the outage had lasted four days, the deliveries would have become dead letters.
#
# You need a program that looks at the last hour at regular intervals, and notifies someone if something is wrong. It is called an **alert**, and it *fires* when it notifies someone.
# An alert gets a *window*: the attempts of the last 60 minutes, oldest first.


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
# This is the window at 0:40, ten minutes into the outage: first the good attempts, then the bad ones.
# A status of `None` means that no response arrived.
#
# ## Four weeks
#
# An alert must handle more than outages, so here are four weeks of one endpoint, with about twenty thousand attempts. A proxy in front of the receiver has recorded them, so they include requests that do not come from the provider.
# Each row is a day, and each column an hour. The numbers count the failed attempts: no response, or a status of 500 and above.

# %%
from labkit.exercises.lab09_watch import month, rehearse

january = month(1)
january

# %% [markdown]
# Several large numbers in a row are an outage.
# A single large number may be a sale: on three days there is thirty times the traffic for a quarter of an hour, and with so many attempts, some fail.
# A `3` or a `4` is often one single event that failed and was retried.
# At night there are two events per hour.
# The calendar does not show everything: someone sends forged requests, which are rejected with 401; for three days the shop returns 204 instead of 200; and for a week the responses get slower each day.
#
# `rehearse` runs an alert over all these weeks, and shows what it found and when it fired without an incident.
# Begin with the alert that most people think of first.

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
# It finds every outage, but it is useless: people who are woken for no reason start to ignore it.
# So judge an alert by two numbers: how soon it finds an outage, and how many false alarms it causes.
# It is harder to keep the second number small.

# %%
predict("09-half", "a")


# %%
def half_of_the_hour(window):
    bad = [attempt for attempt in window if failed(attempt)]
    return len(bad) > len(window) / 2


rehearse(half_of_the_hour, january)

# %% [markdown]
# Look at its false alarms: all of them are at night, and each time the window contained at most six attempts.
# Then look at the outages: it found all of them, but late.
# Both problems have the same cause: the window always has the same length. At night it contains too few attempts, and by day it is too long.
#
# **Try it:** in `half_of_the_hour`, divide by 3 or by 5 instead of 2. What gets better, and what gets worse?
#
# ## Exercise 9.2
#
# Write `alert(window) -> bool`.
# You may tune it on January for as long as you like. The check also judges it on February and March, which you cannot see.
#
# - It finds an outage **within 10 minutes** of its beginning. Only outages in busy hours count, because at night there are too few attempts to judge.
# - It causes **at most one false alarm per week**.
#   In the hour after an outage the alert may still fire, because the window still contains the failures. At any other time without an outage, it is a false alarm if the alert fires.
#   If it fires again within four hours, that counts as the same false alarm. If the alert keeps firing, each further six hours count as one more false alarm.
#
# Two questions to start with: how many attempts are enough to judge, and how many minutes?


# %%
def alert(window):
    """Return whether the receiver is down.

    `window` is a list, oldest first, of the attempts of the last 60 minutes; it may be
    empty. Each attempt is a dictionary: "at" is when the attempt ended, in seconds of
    the simulated time, "status" is an int, or None if no response arrived, and
    "seconds" is how long it took. An attempt failed if no response arrived, or if the
    status is 500 or above.

    If the window is empty, return False.
    If no attempt failed, return False: this alert does not count a 4xx as a failure,
    and a slow response is a response.
    The result is True or False and depends only on the window: equal windows give equal
    results.
    If at least 20 attempts ended in the ten minutes up to the latest one, and all of
    them failed, return True.
    The clock of the machine and the date of the window do not matter.
    In January, February and March, cause at most one false alarm per week. In these
    months, find each outage in busy hours within ten minutes of its beginning.

    All other results are your decision. The check does not test whether you change the
    window, or a status above 599.
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
# **Explained.** `if not window` comes first: if nothing arrives for an hour, `window[-1]` raises an IndexError, and an alert that has crashed reports nothing.
#
# `now` is the time of the last attempt. The machine's clock would work in production. But here and in every test, all attempts of last month would seem too old.
#
# `recent` contains the attempts of the last ten minutes, because you have ten minutes. If you judge the whole hour, the good attempts before the outage outweigh the bad ones for half of it.
#
# `failed` counts None. Without that, the worst outages are invisible: those in which nothing responds.
# It does not count 4xx: anyone could trigger your alert by sending invalid requests.
#
# `len(recent) >= 6` is a minimum number of attempts. One event that cannot be processed causes three failures in ten minutes, and at night there may be no other attempts.
# `len(bad) >= len(recent) / 2` is a failure rate. A plain count would fire in every sale, and it would not fire on a slow morning.
#
# Other pairs of numbers pass as well: 15 minutes and 40%, the whole hour with 15% and six failures, six of the last ten attempts.

# %%
rehearse(alert, january)

# %% [markdown]
# **Try it:** raise your minimum number of attempts, for example to 10 and to 20, and lower it to 3.
# No numbers are right for every endpoint, because the traffic differs. So tune the alert for each endpoint on a month of its own attempts.
#
# ## The next morning
#
# Your alert fires when attempts fail. Here is another night, with a provider that disables endpoints.

# %%
predict("09-silence", "b")

# %%
from labkit.faults import Refuse

backup = Refuse(after=2 * 3600, until=3.5 * 3600)
silence = simulate(
    make_shop(), payments(48, every=900), profile="shopify", faults=[backup]
)
silence.timeline()

# %% [markdown]
# The picture begins at midnight, with a payment every 15 minutes until noon.
# The attempts end soon after two o'clock, and nothing follows.

# %%
minutes = (silence.disabled_at - silence.started_at) / 60
print(f"disabled at {minutes // 60:.0f}:{minutes % 60:02.0f}")
print(silence.account)

# %% [markdown]
# And this is what an alert received, hour by hour.

# %%
for hour in range(1, 13):
    window = window_of(silence, silence.started_at + hour * 3600)
    bad = [attempt for attempt in window if failed(attempt)]
    print(f"{hour:>2}:00  {len(window)} attempts, {len(bad)} failed")

# %% [markdown]
# From four o'clock on, the window is empty: no error, no alert, no event.
# The shop has been working again since half past three, but 40 payments never reach it, because the provider has disabled the endpoint.
# Some providers tell the owner by e-mail, at an address that someone entered two years ago.
#
# So you need a separate alert for missing traffic (a *heartbeat check*). It asks: *how long ago was the last attempt, and how long is normal at this hour?*
# A silence of two hours is normal at night and a problem by day.
#
# ## Exercise 9.4
#
# Write `silent(attempts, now, limits) -> bool`. (Exercise 9.3 comes after this one.)
# For each hour of the day, `limits` contains the longest silence that is normal then.
# A silence often lasts longer than one hour. In that case use the largest limit of all its hours. For example, if a silence of four hours is normal until 6:00, the alert must not fire at 6:01 after a silence of three hours.


# %%
def silent(attempts, now, limits):
    """Return whether no attempt has arrived for longer than normal.

    `attempts` is a list with the time of each attempt, in any order. It may be empty,
    and it may contain attempts that arrived after `now`.
    All times are in seconds since 1970-01-01 UTC. `limits` is a list with 24 numbers:
    for each hour of the day (UTC), the longest normal silence in seconds.

    The silence is the time from the latest attempt to `now`; ignore attempts after
    `now`.
    Return True if the silence is longer than the limit, and False if it is not.
    The limit is the largest number in `limits` for the hour of the latest attempt, the
    hour of `now`, and every hour between them.
    If no attempt arrived at or before `now`, return True.

    The result depends only on the arguments, not on the machine's time zone.
    Do not change the lists.

    The check does not test times before 1970.
    """
    # BEGIN SOLUTION
    earlier = [at for at in attempts if at <= now]
    if not earlier:
        return True
    last = max(earlier)
    first, final = int(last // 3600), int(now // 3600)
    return now - last > max(limits[hour % 24] for hour in range(first, final + 1))
    # END SOLUTION


check("9.4", silent)

# %% [markdown] tags=["solution"]
# **Explained.** `earlier` leaves out attempts after `now`. In production there are none, but on last month's attempts there are many, and without this line you could not test the alert.
#
# Without any attempt the function returns True: an endpoint that never received anything needs attention too. `max` of an empty list would raise a ValueError.
#
# `max(earlier)` does not depend on the order of the list, and it does not change the list as `attempts.sort()` would.
#
# `// 3600` counts the hours since 1970, so the range continues after midnight. `% 24` turns each of these numbers into an hour of the day.
# `range(first, final + 1)` contains the first and the last hour as well.

# %% [markdown]
# Here is your alert during the night above. Until 6:00 a silence of four hours is normal, then one of half an hour, and from 22:00 on one of two hours.

# %%
arrived = [attempt.ended_at for attempt in silence.attempts]
limits = [4 * 3600] * 6 + [1800] * 16 + [2 * 3600] * 2
for hour in (2, 4, 5, 6, 6.5, 7, 12):
    now = silence.started_at + hour * 3600
    try:
        print(f"{hour:>4}:  silent for too long: {silent(arrived, now, limits)}")
    except NotImplementedError:
        print(f"{hour:>4}:  exercise 9.4 is not written yet")

# %% [markdown]
# The alert fires at twenty past six, four hours after the last attempt.
# The limits depend on the traffic of one endpoint. For each hour, use its longest silence in a normal month, and add a little.
# If there is little traffic, you have two more options. If the provider can do it, let it send a test event every hour. Otherwise ask its API every hour whether your endpoint is still enabled.
#
# ## Recovery
#
# The receiver is working again, and the endpoint is enabled. What did you miss?
# To find out, you compare what the sender knows with what you know. This comparison is called **reconciliation**; the poll in lab 01 was one way to do it.
#
# Here a sender tries four times within six minutes.
# From 0:30 to 1:15 the shop refuses connections. Then, for fifteen minutes, it works but its responses are lost.
# It remembers the ids of shipped events, so it ships nothing twice.

# %%
predict("09-dead", "c")

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
print("shipped nevertheless:", *(order for order in orders if order in parcels))

# %% [markdown]
# *Dead* is the sender's view. The receiver's view is in `history.arrivals` and in your own log: which events arrived, and which of them it acknowledged.
# You need both to know what is missing.
#
# This shop could handle a resend of all eleven. Not every shop could, and you do not want to resend ten thousand events to recover ten.
#
# | in a history | what it is |
# | --- | --- |
# | `history.dead_letters` | the deliveries that the sender gave up on |
# | `delivery.event` | its event, with `id` and `created_at` |
# | `delivery.attempts` | its attempts, each with `ended_at`; none if the endpoint was disabled |
# | `history.arrivals` | what the receiver got, each with `event`, `at` and `acknowledged` |
#
# ## Exercise 9.3
#
# Write `recover(history, since) -> list`. It returns the deliveries to resend.


# %%
def recover(history, since):
    """Return the dead letters to resend, as a list of deliveries.

    A dead letter is a delivery that the sender has given up on. A delivery for which
    attempts may still follow (a pending one) is not a dead letter. Pick the dead
    letters that died at `since` or later. A delivery dies when its last attempt ends. A
    delivery without any attempt died when its event was created. `since` is in seconds
    of the simulated time, like every time in a history.

    Leave out an event that the receiver has acknowledged at any time: in response to a
    resend, or to an attempt whose response never arrived. An event that arrived but was
    not acknowledged still has to be resent.

    Pick each event once, however many of its deliveries died. Sort the list by the
    times when the events were created.

    If several deliveries of an event died, the check does not test which one you pick.
    It does not test events that were created at the same time.
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
# **Explained.** `died_at` uses the end of the last attempt. The event's own time would leave out every event that was created before the outage and on which the sender gave up during it.
# Without its `if`, the dead letters of a disabled endpoint raise an IndexError. These deliveries have no attempts, and only a resend delivers them.
#
# At first, `taken` contains the events that the receiver acknowledged in the whole history, however long ago.
# `acknowledged` matters: a request that got a 500 did arrive, but it had no effect.
#
# The same set then remembers the ids that are already in the list, so the function skips a second dead delivery of an event. The id is added only after the `if`, so an earlier failed delivery does not hide a later one.
#
# Use `>= since`: if you run this every hour, from the time at which the last run ended, you lose nothing at the boundary.
#
# `sorted` uses the times of the events. The sender gives up on deliveries in a different order, and a cancellation must not arrive before its order.

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
# It resends eight deliveries, and now there are 24 parcels for 24 payments.
# Then run `recover(silence, since=0)` and look at `attempts` of each delivery: how many of the 40 had an attempt, and how many had none?
#
# ## Increase the faults until something breaks
#
# The playground sends payments to the careful shop.
# Configure the network as in a bad week. At each position of the sliders, ask yourself: would your alert have fired, and would `recover` return something?
#
# - Raise `Refuse` until the first delivery is dead. Predict at which position that happens.
# - Do the same for `LoseResponse`. Are the dead letters events that the shop missed?

# %% tags=["nbval-ignore-output"]
from labkit.widgets import playground


def make_this_shop():
    return make_careful_shop(parcels)


playground(make_this_shop, effects=parcels, profile="slack")

# %% [markdown]
# Without sliders, one call does something similar.
# It measures a rate instead of a single result: it runs the simulation with a hundred different seeds and counts how often each problem occurs.

# %%
from labkit.playground import sweep

sweep(
    make_this_shop,
    payments(24, every=300),
    profile="slack",
    faults=[Refuse(probability=0.3)],
    effects=parcels,
)

# %% [markdown]
# ## Remember
#
# - Write one line per request: who, what, which headers, and the result. Do not log credentials, signatures or card data.
# - Do not log a body that you cannot parse: you cannot redact it.
# - An alert needs a failure rate, a minimum number of attempts, and a short window. Tune it on one month and test it on another.
# - An attempt failed if there was no response or a 5xx. A stranger's request that you reject with a 4xx is not an outage.
# - Missing traffic causes no errors. Watch for it separately.
# - Dead is the sender's view, and acknowledged is the receiver's. Resend each event that is dead and not acknowledged, once, in order.
#
# ## What real providers do
#
# | provider | when it stops sending to you | who is told |
# | --- | --- | --- |
# | Shopify | after 8 failures in a row it deletes the subscription, if that was created with the Admin API | e-mails in advance, to the address on file |
# | Slack (Events API) | it may disable the subscription, if less than 5% of the events of the last 60 minutes got a 200 | |
# | GitLab | 4 failures in a row: a pause of 1 minute, doubled up to 24 hours; 40: permanently | |
# | Svix | after 5 days of failures | an event, `message.attempt.exhausted`, after each message that it gave up on |
# | Square | after 3 weeks without a single 2xx | an e-mail each week |
# | Discord | if the app fails to respond too often, or accepts a wrong signature | an e-mail to the owner |
# | PayMongo | after 3 events in a row that used all their retries | |
#
# | provider | how to get what you missed |
# | --- | --- |
# | Stripe | a list of the events of the last 30 days |
# | GitHub | redelivery by hand or through the API, within 3 days, with the same delivery id |
# | PayPal | resend through the API or by hand |
# | Paddle | replay through the API |
# | SendGrid (Inbound Parse) | impossible: a dropped message is lost, and nobody is notified |
#
# Sources: shopify.dev/changelog/updates-to-webhook-retry-mechanism, docs.slack.dev/apis/events-api, gitlab.com/gitlab-org/gitlab/-/merge_requests/166329, docs.svix.com/retries, developer.squareup.com/docs/webhooks-api, discord-api-docs (webhook events), PayMongo's developer documentation, docs.stripe.com/webhooks/process-undelivered-events, docs.github.com (handling failed deliveries), developer.paypal.com/api/rest/webhooks/rest, developer.paddle.com/webhooks/about/respond-to-webhooks, support.sendgrid.com (46513815674395). Checked on 30 November 2026, except Square, PayPal and SendGrid (September 2026).
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# In a class, hand it in. If you are learning on your own, read it again before the next lab.
#
# Next: in `10_test_it` the roles are reversed: you write the tests, and you look for the delivery that breaks a receiver.
