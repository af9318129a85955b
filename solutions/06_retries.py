# %% [markdown]
# # 06 · Retries
#
# In this lab you change sides: you are the sender, and someone else's receiver is down.
# You decide which failures are worth another attempt, how long to wait, when to wait for as long as the receiver asks, and when to give up.
# Then you see what real providers decided, and what that means for your own receiver.
#
# **You need** Python's functions, loops and exceptions. Labs 00 and 02 help, but they are not required: `glossary()` explains the terms.
# **Time:** about 50 minutes.

# %%
from labkit import glossary, ready

ready(made_for="0.2")

# %% [markdown]
# New terms are explained where they first appear. `glossary()` in a cell shows the most important ones, and `glossary("retry")` shows one.
#
# ## Two hours down
#
# This shop ships a parcel for each payment.
# The shop itself works.

# %%
from flask import Flask, request

parcels = []


def make_app(status=204):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        parcels.append(event["data"].get("order_id"))
        return "", status

    return app


# %% [markdown]
# But for two hours, the *proxy* in front of the shop (a server that passes requests on to it) returns 503, because the installation of a new version failed.
# The sender uses the example retry schedule of *Standard Webhooks*, a specification of how to send webhooks.
#
# First say what you expect. Choose a letter: click it, or write it instead of the question mark.

# %%
from labkit.exercises import check, hint, predict, solution

predict("06-outage", "b")

# %%
from labkit import simulate
from labkit.faults import ServerError
from labkit.samples import payments

history = simulate(
    make_app(),
    payments(1),
    profile="standard",
    faults=[ServerError(status=503, until=2 * 3600)],
)
history.timeline()

# %% [markdown]
# Read the times on the left.
# The first attempts come quickly, because most failures are short: a restart, a lost packet.
# Then the waits grow, because a receiver that has been down for an hour is unlikely to be back a second later. This is called **backoff** (*exponential backoff* if each wait is a fixed multiple of the one before, such as twice as long).
#
# - A **retry schedule** is the list of these waits. Each wait is the time from a failed attempt to the next attempt.
# - If every attempt of a schedule fails, the delivery becomes a **dead letter**.
#
# **Try it:** let the outage last 20 seconds, then a day. How late is the event each time?
#
# ## Down forever

# %%
predict("06-down-for-good", "a")

# %%
from labkit.faults import Refuse

history = simulate(make_app(), payments(1), profile="standard", faults=[Refuse()])
history.timeline()

# %%
len(history.attempts), len(history.dead_letters)

# %% [markdown]
# The simulation covered three days, and you did not have to wait.
# The sender's time is virtual: it jumps from one attempt to the next.
# That works because the sender never calls `time.sleep` or reads the machine's clock. It *gets* the time as an argument.
# You will write your own functions in the same way.
#
# ## Which failures are worth another attempt?
#
# An attempt ends with a status, or without a response.
# For each result, ask: could the *same* request succeed later?
#
# | result | meaning | another attempt? |
# | --- | --- | --- |
# | no response | refused, interrupted or timed out; the sender often cannot know whether the request arrived | yes |
# | 2xx | I have it | no, it is done |
# | 3xx | my address has changed | no, a person must change the address |
# | 408, 425, 429 | too slow, too early, too many | yes, waiting can help |
# | 410 | gone, and it will not come back | no, and never again |
# | other 4xx | this request is wrong | no, it would be wrong again |
# | 5xx | the receiver has a problem | yes |
#
# ## Exercise 6.1
#
# Write `should_retry(status) -> bool`, which returns the last column.
# `status` is a number such as 503, or `None` if no response arrived.


# %%
def should_retry(status):
    """Return True if the sender should retry, and False if not.

    `status` is an int, or None if no response arrived.

    Retry after every status from 500 to 599. Do not retry after a status from 200 to
    299. Retry if no response arrived. Do not retry after 410. Retry after 408, 425 and
    429. Do not retry after any other 4xx. Do not retry after a 3xx. The check does not
    test other statuses.
    """
    # BEGIN SOLUTION
    return status is None or 500 <= status <= 599 or status in {408, 425, 429}
    # END SOLUTION


check("6.1", should_retry)

# %% [markdown] tags=["solution"]
# **Explained.** `status is None` comes first, because `None >= 500` raises a TypeError, and `or` stops at the first part that is true.
# `500 <= status <= 599` covers the whole range: proxies return 520 or 529, which no list contains.
# The set contains the three 4xx for which waiting can help. Without it, each 429 loses an event.
# Everything else returns False: 2xx, 3xx, 410 and the others do not need a line of their own.

# %% [markdown]
# Many providers retry more than this: a sender that follows Standard Webhooks tries again after everything except 2xx and 410.
# That costs them traffic, but it saves an event if a new version of the receiver has a wrong path and returns 404 for ten minutes.
#
# ## Five hundred retries
#
# At midnight a provider bills 500 subscriptions, all in the same second.
# At that moment the shop goes down for a minute.
# The sender waits 1, 2, 4, 8, … seconds between its attempts.

# %%
predict("06-herd", "b")

# %%
from collections import Counter
from dataclasses import replace

from labkit.profiles import PROFILES
from labkit.retry import Exponential, FullJitter, NoJitter

midnight = payments(500, every=0)
minute_down = [ServerError(status=503, until=60)]
doubling = Exponential(first=1, cap=3600, retries=9)

in_step = replace(PROFILES["standard"], schedule=doubling, jitter=NoJitter())
crowd = simulate(make_app(), midnight, profile=in_step, faults=minute_down)
crowd.timeline()

# %% [markdown]
# There are 500 attempts at 1 s, 500 at 3 s and 500 at 7 s. Finally 500 requests hit a shop that has only just recovered. This is a **thundering herd**: many clients that retry at the same moment.
#
# Here is the first minute after the outage, in steps of 5 seconds.


# %%
from labkit.exercises.lab06_retries.pictures import arrivals, schedules


def busiest_second(history, start=60):
    """Return how many requests arrived in the busiest second from `start` on."""
    seconds = Counter(int(a.sent_at - history.started_at) for a in history.attempts)
    return max(count for second, count in seconds.items() if second >= start)


print("busiest second:", busiest_second(crowd))
arrivals(crowd)

# %% [markdown]
# A shop that can handle 20 requests per second would now be down again, and then all 500 requests would come back together once more.
#
# The fix is randomness, called **jitter**.
# With **full jitter**, each wait is a random time between 0 and the wait without jitter (the *upper bound*).

# %%
predict("06-jitter", "c")

# %%
spread_out = replace(in_step, jitter=FullJitter())
calm = simulate(make_app(), midnight, profile=spread_out, faults=minute_down)

print("busiest second:", busiest_second(calm))
arrivals(calm)

# %%
print("without jitter:", crowd.account)
print("with jitter:   ", calm.account)

# %%
calm.timeline()

# %% [markdown]
# The deliveries do not know about each other, but they no longer arrive at the same moment.
# The *account*, the line with the counts, shows the price: a few hundred more attempts, because a random wait is on average half as long.
#
# **Try it:** use `MultipliedJitter(0.8, 1.2)` from `labkit.retry` instead of `FullJitter()`.
# It changes each wait by at most 20%. How many requests arrive in the busiest second now?
#
# ## Exercise 6.2
#
# Write `next_delay(attempt, rng) -> float | None`.
# After `attempt` failed attempts, how many seconds pass until the next one?
#
# - The upper bound is 1 s after the first attempt, and it doubles with each attempt: 1, 2, 4, 8, … It is never more than 3,600 s.
# - The wait is random, with equal probability between 0 and the upper bound: full jitter.
# - After the 10th attempt there are no more: return `None` if `attempt` is 10 or more.
#
# Take the randomness from `rng`, a `random.Random`, so that a test can repeat it. For example, `next_delay(3, random.Random(1))` is a number between 0 and 4.


# %%
def next_delay(attempt, rng):
    """Return the seconds to wait before the next attempt, or None to give up.

    `attempt` is the number of attempts made so far, counted from 1. `rng` is a
    random.Random.

    After 1 to 9 attempts, return a number of seconds; do not wait yourself.
    Draw the wait with `rng` only: the same state of `rng` gives the same wait, whatever
    was called before.
    The wait is between 0 and an upper bound, which is 1 s after the first attempt and
    doubles with each attempt. All waits in this range have the same probability.
    If `attempt` is 10 or more, return None.

    The upper bound is never more than 3,600 s, but the check cannot test this cap,
    because ten attempts do not reach it. You may round the wait to hundredths of a
    second, but not to tenths.
    """
    # BEGIN SOLUTION
    if attempt >= 10:
        return None
    bound = min(3600, 2 ** (attempt - 1))
    return rng.uniform(0, bound)
    # END SOLUTION


check("6.2", next_delay)

# %% [markdown] tags=["solution"]
# **Explained.** The end comes first. `>=` matters: if `attempt` is 10, ten attempts have been made.
# Without an end there are no dead letters, and nobody ever learns that something is wrong.
#
# `2 ** (attempt - 1)` is 1 after the first attempt; without the `- 1`, all waits are twice as long as specified.
#
# `min(3600, …)` is the cap. With ten attempts the upper bound ends at 256 s, so the cap is never reached and the check cannot test it.
# It is there for the day on which someone raises 10 to 30; without it, the upper bound would grow to more than eight years.
#
# `rng.uniform(0, bound)` uses the generator that the function was given.
# With `random.uniform` the function would work too, but no test and no simulation could repeat its results.
#
# One weakness remains: all nine waits can be short by chance, so ten attempts can be over within a minute.
# That is rare. It is one reason why services keep dead letters and let you resend them.

# %% [markdown]
# ## The receiver may ask for a delay
#
# An overloaded receiver knows best when it will be ready.
# It can say so with the header `Retry-After`.


# %%
def make_overloaded_app():
    app = Flask("overloaded shop")
    requests_seen = []

    @app.post("/webhooks")
    def webhook():
        requests_seen.append(request.path)
        if len(requests_seen) == 1:
            return "", 429, {"Retry-After": "600"}
        return "", 204

    return app


predict("06-retry-after", "b")

# %%
simulate(make_overloaded_app(), payments(1), profile="standard").timeline()

# %% [markdown]
# The sender never retries earlier than requested. It adds a random time, so that many deliveries do not come back at the same moment.
#
# According to the HTTP standard (RFC 9110, section 10.2.3), the value has one of two forms:
#
#     Retry-After: 120
#     Retry-After: Thu, 01 Jan 2026 00:02:00 GMT
#
# Seconds are written only with digits: `1.5` and `-5` are not valid.
# A date is always in GMT.
#
# The receiver controls this value, so it can be anything.
# Ignore a value that you cannot parse; do not raise an exception.
#
# ## Exercise 6.3
#
# Write `retry_after(headers, now) -> float | None`.


# %%
def retry_after(headers, now):
    """Return how many seconds the receiver asks to wait, or None.

    `headers` maps names to values and finds a name in upper or lower case, like
    `response.headers` in the library `requests`; its keys are spelled as they arrived.
    `now` is in seconds since 1970-01-01 UTC, like `time.time()`.

    If the value of Retry-After consists only of the digits 0 to 9, return this number
    of seconds. If the header is absent, return None. If the value is an HTTP date,
    return the seconds from `now` until then. If the date has passed, return 0.0. The
    result does not depend on the time zone of the machine. The name of the header may
    be in upper or lower case. For every other value, return None and raise nothing.
    An HTTP date has two older forms; for these, return the seconds or None.

    The check does not test numbers of more than 15 digits, digits other than 0 to 9,
    whitespace around the value, dates that do not exist, such as 30 February, dates
    that are not in GMT or that lack a part such as the weekday, or the older forms on a
    machine whose time zone is not UTC.
    """
    # BEGIN SOLUTION
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    value = headers.get("Retry-After")
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return max(0.0, when.timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None
    # END SOLUTION


check("6.3", retry_after)

# %% [markdown] tags=["solution"]
# **Explained.** `headers.get` returns None if the header is absent. Square brackets would raise a KeyError, and most responses have no such header.
# Write `is None`, not just `if value`: the value `0` must give 0.0.
#
# `isascii` and `isdigit` together accept only 0 to 9. `float(value)` alone would also accept `inf`, `nan` and `1e9`, and a sleep of `inf` seconds raises.
#
# `parsedate_to_datetime` parses the date together with its `GMT`, so the datetime knows its time zone and `timestamp` uses UTC.
# With `strptime` and the letters `GMT` in the pattern, the datetime has no time zone. Then `timestamp` treats it as local time, and the wait is wrong by hours. Your server probably runs in UTC, so no test there would notice.
# The oldest form of an HTTP date, `Thu Jan  1 00:02:00 2026`, names no time zone; the two lines with `tzinfo` say that it means UTC.
#
# The `try` is there because a header is untrusted input: without it, one unusual header ends the sender's loop.
# `max(0.0, …)` makes a date in the past mean *now*; a negative sleep raises.
# `now` is an argument, so a test does not have to wait.

# %% [markdown]
# Should a sender do whatever the receiver asks?
# A receiver that sends `Retry-After: 31536000` would delay your event for a year.
# So senders limit the requested delay: Svix's open-source server waits at least the planned delay and at most twice as long.
#
# ## The loop
#
# Now combine everything: try, wait, try again, give up.
#
# The receiver depends on two properties of your attempts:
#
# - Each attempt sends **the same bytes**. A re-serialised body may have different spacing, and a signature is valid only for exactly the bytes that were signed.
# - Each attempt contains **the same id**. That is how the receiver recognises that your second attempt is not a second payment.
#
# Remember: if no response arrives, the request may still have arrived.
#
# ## Exercise 6.4
#
# Write `deliver(post, body, schedule, sleep) -> str`.
# Use your `should_retry` from 6.1 in it.


# %%
def deliver(post, body, schedule, sleep):
    """Deliver one event, and return "delivered" or "dead".

    `post(body, headers)` makes one attempt and returns its status, an int. Every
    attempt sends `body`, the JSON of the event, byte for byte.

    A 2xx ends the delivery: return "delivered". After a failed attempt, call
    `sleep(seconds)` with the next delay of `schedule`, a list of seconds, and try
    again. After the last delay there is one more attempt: if it fails, return "dead"
    without another sleep. If no response arrived, `post` raises ConnectionError or
    TimeoutError: this is a failure like any other.

    `headers` is a dictionary that has the id of the event under "webhook-id", the same
    in every attempt. The schedule is not changed. Every other exception that `post`
    raises is a bug: do not catch it, so that it reaches the caller. If `should_retry` is False for
    the status of a failure, return "dead" at once; if it is True, try again.

    The check does not test other headers, or statuses below 200 or above 599.
    """
    # BEGIN SOLUTION
    import json

    headers = {"webhook-id": json.loads(body)["id"]}
    for delay in [*schedule, None]:
        try:
            status = post(body, headers)
        except (ConnectionError, TimeoutError):
            status = None
        if status is not None and 200 <= status < 300:
            return "delivered"
        if delay is None or not should_retry(status):
            break
        sleep(delay)
    return "dead"
    # END SOLUTION


check("6.4", deliver)

# %% [markdown] tags=["solution"]
# **Explained.** The id comes from the event, before the loop. A `uuid4()` inside the loop would make each attempt look like a new event, and cause a new parcel.
# One `uuid4()` before the loop keeps the attempts together, but a resend tomorrow would have another id. The event's own id never changes.
#
# `[*schedule, None]` has one entry per attempt: three delays mean four attempts. None says that no attempt follows, so there is no sleep after the last one. It is a new list, so the caller's list does not change.
#
# The `try` block contains only the call to `post`. It catches the two exceptions that mean that no response arrived. `except Exception` would catch your own bugs too, and retry them for three days.
# If no response arrived, the status is None. From there on, the code treats it like a 503, including the sleep.
#
# Two questions follow each attempt: was it acknowledged, and is another attempt useful?
# `body` is sent unchanged. The function parses it once, to read the id, and never serialises it again.

# %% [markdown]
# **Try it** in a cell of your own, with a `post` that returns statuses from a list:
#
#     statuses = iter([503, 503, 204])
#     deliver(lambda body, headers: next(statuses), payments(1)[0].body, [5, 300], print)
#
# Here `print` replaces the sleep and shows you the waits.
#
# ## Providers side by side
#
# Your loop works with any schedule. Which schedules do real providers use?
# First, a question about the provider that most programmers know.

# %%
predict("06-github", "c")

# %%
from labkit.samples import pushes

history = simulate(make_app(), pushes(1), profile="github", faults=[Refuse(until=10)])
history.timeline()

# %% [markdown]
# There is one attempt, and then a dead letter.
# Now compare the profiles of some providers, and what an outage of an hour does to an event that is sent at its start.


# %%
def after_outage(name, seconds):
    """Return what happens to an event sent at the start of an outage of `seconds`."""
    app = make_app(204 if PROFILES[name].acknowledges(204) else 200)
    outage = Refuse(until=seconds)
    history = simulate(app, payments(1), profile=name, faults=[outage])
    if history.dead_letters:
        return "lost"
    late = history.attempts[-1].sent_at - history.started_at
    return f"{late / 60:.0f} min late"


names = [
    *("standard", "svix", "stripe", "paypal", "square", "adyen", "paddle", "outpost"),
    *("convoy", "sns", "shopify", "slack", "discord", "zoom", "mailgun", "pusher"),
    *("github", "gitlab"),
]
print("provider  attempts  the last after  outage of 1 h  published")
for name in names:
    profile = PROFILES[name]
    attempts, last = len(profile.delays) + 1, profile.horizon / 3600
    fate = after_outage(name, 3600)
    published = "not all" if profile.assumed else "all"
    print(f"{name:<10}{attempts:>8}{last:>14.1f} h{fate:>15}  {published}")

schedules(names)

# %% [markdown]
# Each dot in the picture is an attempt, and the shaded part is the outage. The time axis is compressed: later times are closer together. Only a provider with a dot after the outage delivers the event.
#
# Providers do not publish everything, so some values are *assumed*: often the intervals, or how long the provider waits for a response.
# If you print a profile, you see what was assumed, and where the rest comes from.

# %%
print(PROFILES["shopify"])

# %% [markdown]
# The app in `after_outage` responds to each provider with a status that this provider accepts.
# Most accept any 2xx, but Paddle and Mailgun require 200, and Discord requires 204. For Paddle, a 204 is a failed attempt, and it sends the event again.
#
# **Try it:** use `sorted(PROFILES)` instead of `names` to see all of them.
# How long may your receiver be down before each of your providers loses an event? Try 60, 600 and 14,400 seconds instead of 3,600.
#
# ## After the outage: resend
#
# With many providers, a dead letter is not gone: they keep the event for some time, and a person or a script can ask for it.
# This deliberate new delivery is a **resend** (or *redelivery*).
#
# Here is a provider that tries only once, and twenty payments, one per minute.
# For ten minutes the shop refuses connections.
# For three more minutes the shop works, but its responses are lost.

# %%
from labkit.faults import LoseResponse
from labkit.retry import FixedDelays

tries_once = replace(PROFILES["standard"], schedule=FixedDelays(()))
trouble = [Refuse(until=600), LoseResponse(after=600, until=780)]

parcels.clear()
history = simulate(make_app(), payments(20), profile=tries_once, faults=trouble)
history.timeline()

# %%
predict("06-resend", "a")

# %%
from labkit import Sender

sender = Sender(make_app(), profile=tries_once)
letters = [letter.event for letter in history.dead_letters]
again = sender.send(*letters)
print(
    len(letters), "dead letters sent again,", again.account.acknowledged, "acknowledged"
)
print(len(parcels), "parcels for 20 payments")

# %% [markdown]
# *Dead* is the sender's view: it received no acknowledgement.
# But the shop had already shipped the parcels for three of these events.
#
# The sender cannot fix this, because it cannot know.
# The next receiver *claims* each id before it ships: it stores the id, and ignores every later delivery with the same id.


# %%
def make_careful_app():
    app = Flask("careful shop")
    seen = set()

    @app.post("/webhooks")
    def webhook():
        # parse
        event = request.get_json()
        # claim the id
        if event["id"] in seen:
            return "", 200
        seen.add(event["id"])
        # do the work
        parcels.append(event["data"]["order_id"])
        # acknowledge
        return "", 204

    return app


predict("06-careful", "b")

# %%
parcels.clear()
careful = make_careful_app()
history = simulate(careful, payments(20), profile=tries_once, faults=trouble)
letters = [letter.event for letter in history.dead_letters]
Sender(careful, profile=tries_once).send(*letters)
print(len(parcels), "parcels for 20 payments")

# %% [markdown]
# The receiver can fix the problem, because a resend has the same id.
# A set in memory is enough to show the idea, but not enough for a shop: it loses everything at a restart, and if two requests with the same id arrive at the same moment, both may find the id missing and ship.
# Lab 07 fixes both.
#
# ## Increase the faults until something breaks
#
# The playground sends payments to the careful shop, over a network that you configure.
# The line of code below the picture repeats the same run.
#
# - Before you move a slider, write down which count you expect to change.
# - Raise `LoseResponse`. Which count grows, and which stays at 0?
# - Then raise `Refuse`, and change the provider. Which provider loses events first?

# %% tags=["nbval-ignore-output"]
from labkit.widgets import playground

playground(make_careful_app, effects=parcels, profile="standard")

# %% [markdown]
# Without sliders, one call does something similar, here for the first shop.
# It also turns *it worked once* into a rate: it runs the simulation with a hundred different seeds (a *seed* fixes all random choices) and counts how often each problem occurs.

# %%
from labkit.playground import sweep

sweep(make_app, payments(20), faults=[LoseResponse(probability=0.2)], effects=parcels)

# %% [markdown]
# ## Remember
#
# - Retry failures that waiting can fix: no response, 5xx, 408, 425, 429. Do not retry the others.
# - Double the wait, cap it, make it random (full jitter), and end after a fixed number of attempts.
# - `Retry-After` is a value from outside: follow it within limits, and never let its value crash your code.
# - Send the same bytes and the same id in every attempt, and in a resend too.
# - As a receiver: know how long each of your providers retries, and have a way to ask for the events that the provider has given up on.
#
# ## What real providers do
#
# | provider | what ends the retries early |
# | --- | --- |
# | Standard Webhooks (specification) | 410: the sender should disable the endpoint at once |
# | Mailgun | 406 |
# | Postmark (inbound) | 403 |
# | Brevo | any 4xx except 429 |
# | SendGrid (Inbound Parse) | any 3xx or 4xx: it drops the message at once and tells nobody |
# | Slack (Events API) | the header `X-Slack-No-Retry: 1` in your response |
# | Svix | the header `webhook-delivery: disable` or `abort-message` in your response |
#
# | provider | `Retry-After` |
# | --- | --- |
# | Standard Webhooks (specification) | the sender should follow it |
# | Svix (open-source server) | followed, but it waits at least the planned delay and at most twice as long |
# | Convoy, Outpost | ignored |
#
# Many texts say that a 410 always disables the endpoint. That rule is in the specification of Standard Webhooks, but Svix's open-source server, Convoy and Outpost do nothing special with a 410.
#
# Sources: github.com/standard-webhooks/standard-webhooks (specification); help.mailgun.com (article 202236504); postmarkapp.com/support (inbound webhook retries); Brevo's developer documentation; support.sendgrid.com (article 46513815674395); docs.slack.dev/apis/events-api; docs.svix.com/receiving/delivery-control; the code of svix-webhooks, Convoy and Outpost. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# In a class, hand it in. If you are learning on your own, read it again before the next lab.
#
# Next: in `07_idempotency` you make a receiver handle all these duplicates.
