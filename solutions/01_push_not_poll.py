# %% [markdown]
# # 01 · Push, not poll
#
# There are two ways to learn that something has happened: you ask again and again, or someone tells you.
# In this lab you use both for the same events, and you measure what each of them costs.
# You also write a *poller*, a program that asks again and again. Yours misses nothing. You need one even with webhooks.
#
# **You need** only this notebook and basic Python. **Time:** about 25 minutes.

# %%
from labkit import glossary, ready

ready(made_for="0.2")

# %% [markdown]
# New terms are explained where they first appear. `glossary()` in a cell shows the most important ones, and `glossary("retry")` shows one.
#
# ## A provider that you can ask
#
# A payment provider keeps a list of the events of each account, and the owner of the account can read it.
# Here is one hour of events: twelve payments, at moments that nobody knows in advance.

# %%
from labkit.exercises.lab01_push_not_poll import Service, one_hour

events = one_hour()
service = Service(events)

service.sleep(10 * 60)
service.list_events()

# %% [markdown]
# The service has its own clock, which starts at 0.
# `service.sleep(600)` moves this clock forward by ten minutes. You do not have to wait.
# Then `list_events()` returns the events so far: two payments.
#
# Ten minutes later you want to know what is *new*.
# So you say which event was the last one that you saw. This value is your **cursor**: your position in the list.

# %%
service.sleep(10 * 60)
new = service.list_events(after="evt_00002")
[event["id"] for event in new]

# %% [markdown]
# **Try it:** ask again with `after="evt_00003"`, and with `after=None`. What is the difference?
#
# Asking like this, again and again, is called *polling*.

# %% [markdown]
# ## What a real list is like
#
# The lists of real providers are harder to read than this one:
#
# - **Pages.** A request returns a few events at a time, and there may be more.
# - **Overlap.** A page may begin with events that you already have. The provider prefers to send an event twice rather than leave one out.
# - **No order in time.** Two events can happen in the same second, and an event can be added to the list late. The *list* has a defined order. Do not rely on timestamps or ids for ordering.
#
# Here is such a list. A page begins with up to two events that you already have. Then it contains up to three new ones.

# %%
unfriendly = Service(events, page=3, overlap=2, now=3600)
page = unfriendly.list_events(None)
while page and len(unfriendly.asked) < 8:
    print([event["id"] for event in page])
    page = unfriendly.list_events(page[-1]["id"])

# %% [markdown]
# Look at the last lines. All twelve events were returned, but the pages go on.
# The code contains the `8` because the loop would never end without it. Why not?
#
# ## Exercise 1.1
#
# Write `poll(list_events, sleep, interval, rounds) -> list`.


# %%
from labkit.exercises import check, hint, predict, solution


def poll(list_events, sleep, interval, rounds):
    """Poll a list of events in `rounds` rounds, and return all events.

    `list_events(after)` returns a page: a list of events, in the order of the
    provider's list. Each event is a dictionary with "id", "event", "created_at" and
    "data". `after` is the id of an event that a page contained, or None to ask from the
    beginning.

    The number of events on a page is not known, and it may differ from page to page. A
    page may begin with older events: the event `after` itself, or some before it. If
    there are events after `after`, the page contains at least one of them. If there are
    none, it contains none, and may be empty. `rounds` is at least 1.

    Return a list with the events as they are, in the order of the pages. Each call of
    `poll` starts from the beginning. Call `sleep(interval)` between two rounds, and
    nowhere else; more events may arrive meanwhile. A round may bring no new event, and
    the next one may bring some. A round fetches all events that are there, however many
    pages it takes. It adds all new events of a page to the list before it asks for the
    next page. An event is new if its id is new, whatever its time and its content. The
    returned list contains each event only once. A round continues where the round
    before it ended.

    The check does not test a `list_events` that raises an exception, or that returns an
    event a second time with other content.
    """
    # BEGIN SOLUTION
    events = []
    seen = set()
    cursor = None
    for number in range(rounds):
        if number > 0:
            sleep(interval)
        while True:
            page = list_events(cursor)
            new = [event for event in page if event["id"] not in seen]
            if not new:
                break
            events.extend(new)
            seen.update(event["id"] for event in new)
            cursor = new[-1]["id"]
    return events
    # END SOLUTION


check("1.1", poll)

# %% [markdown] tags=["solution"]
# **Explained.** `events`, `seen` and `cursor` are created once, before the loop and inside the function.
# If you create them inside the loop, each round starts from the beginning. If you create them outside the function, or as a default argument, the second call uses data from the first.
#
# `if number > 0` puts the pause between two rounds: n rounds have n - 1 pauses. The function uses the `sleep` that it was given, so a check or a simulation does not have to wait.
#
# The inner loop is one round. It ends at a page without *new* events, not at an empty page: with overlap there may never be an empty page, so the round would never end.
# With one request per round you would fall behind as soon as more events happen than a page can hold, and the events left over after the last round would be lost.
#
# Only `event["id"] not in seen` decides what is new. If you compare `created_at`, you drop the second of two payments in the same second. If you compare the data, you drop the second of two payments with the same amount.
# `seen` is a set: a lookup with `in` takes about the same time, however many ids it contains.
#
# `cursor = new[-1]["id"]` moves to the last event. If nothing new came, the cursor stays where it is, so an empty page does no harm.
#
# This poller leaves one thing out: it forgets everything when it ends. A real poller stores the cursor in its database, in the same transaction as the work.

# %% [markdown]
# ## How often?
#
# Your poller leaves one decision to its caller: the interval.
# The shop wants to ship quickly, so let it ask often.
# The simulation below uses a simple list again: a page contains everything.

# %%
predict("01-empty", "c")

# %%
from labkit.exercises.lab01_push_not_poll import by_polling

by_polling(events, 10)

# %% [markdown]
# The picture shows each event twice: when it happened and, below that, when you received it.
# The last row shows your requests. Point at a mark to see its details.
#
# The events arrive quickly, but nearly all requests return nothing.
# They are not free: each request costs work on two computers, and providers limit the number of requests.
# So ask less often.

# %%
predict("01-delay", "a")

# %%
by_polling(events, 600)

# %% [markdown]
# There are only six requests, but now, on average, the shop learns of a payment several minutes late.
# Whatever interval you choose, you pay with requests or with delay.
#
# ## Choose the interval yourself
#
# Move the slider with the mouse or with the arrow keys.
# Find the shortest interval at which every request returns at least one event, and look at the delay.

# %% tags=["nbval-ignore-output"]
from labkit.widgets import slide


def show(interval):
    return by_polling(events, interval)


slide(show, [1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600], label="interval (s)")

# %% [markdown]
# Here are the same numbers as a table:

# %%
print("interval  requests  empty  requests per event  mean delay")
for interval in [10, 30, 60, 300, 600, 1800, 3600]:
    hour = by_polling(events, interval)
    print(
        f"{interval:>6} s{len(hour.asked):>10}{hour.empty:>7}"
        f"{hour.requests_per_event:>20.3f}{hour.mean_delay:>10.1f} s"
    )

# %% [markdown]
# Look at the last two columns. From top to bottom, one falls while the other rises.
# Multiply them in each row. What do you notice?
#
# The product is nearly the same in every row. It is not exactly the same, because twelve events are a small sample. The formulas of the next exercise describe the average over many events.
#
# ## Exercise 1.2
#
# You do not need a simulation to choose an interval. Two short formulas are enough.
# Write `delay_and_cost(interval, events_per_hour)`, which returns both numbers.


# %%
def delay_and_cost(interval, events_per_hour):
    """You poll every `interval` seconds, all day long, and `events_per_hour` events
    happen per hour on average, at random moments. A request takes no time and returns
    everything that is new; both arguments are greater than 0, and they may be
    fractions.

    Return two numbers, for example `(5.0, 30.0)` for `(10, 12)`. The first is the mean
    delay of an event in seconds: from the moment when it happens to your next request.
    The second is the number of requests per event. A deviation of up to 0.2% from
    the exact numbers is accepted.
    """
    # BEGIN SOLUTION
    delay = interval / 2
    requests_per_hour = 3600 / interval
    return delay, requests_per_hour / events_per_hour
    # END SOLUTION


check("1.2", delay_and_cost)

# %% [markdown] tags=["solution"]
# **Explained.** An event can happen at any moment between two requests. Right after a request, it waits for the whole interval. Right before a request, it hardly waits.
# All moments are equally likely, so the mean delay is half the interval. The number of events does not matter, because each event waits for the next request.
#
# An hour of 3,600 seconds contains `3600 / interval` requests. You make them whether anything happens or not, so the events share their cost.
# Do not use `max(1, …)`: if you poll rarely, one request returns several events, and each of them costs less than one request.
# Use `/`, not `//`: with `//`, an interval of 2,000 s would make one request per hour instead of 1.8.
#
# Delay times requests per event is `1800 / events_per_hour`, whatever the interval. That is the product that you looked at in the table.
# Half the delay costs twice the requests. Polling cannot avoid this trade-off; you can only choose a point on it.

# %% [markdown]
# ## A webhook instead
#
# Now use a webhook for the same twelve payments.

# %%
predict("01-webhook", "b")

# %%
from flask import Flask, request

from labkit import simulate

parcels = []


def make_app():
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        # parse
        event = request.get_json()
        # do the work
        parcels.append(event["data"]["order_id"])
        # acknowledge
        return "", 204

    return app


history = simulate(make_app(), events)
history.timeline()

# %%
from labkit.exercises.lab01_push_not_poll import by_webhook

by_webhook(history)

# %% [markdown]
# The shop registers the address of its endpoint once. From then on, the provider calls the shop.
# There were twelve events and twelve requests, and each event arrived at once.
#
# So why does anyone still poll?
# Because with a webhook *the shop is the server*: it must be running when the provider calls.

# %%
predict("01-down", "a")

# %%
from labkit.faults import Outage

parcels.clear()
down = Outage(starts=20 * 60, lasts=15 * 60)
history = simulate(make_app(), events, profile="github", faults=[down])
history.timeline()

# %%
print(len(parcels), "parcels for", len(events), "payments")

# %% [markdown]
# The profile `github` describes a provider that sends once and never again.
# Most providers try again, for hours or days (lab 06 is about that), but all of them give up at some point.
#
# With polling, the same fifteen minutes would have done no harm.
# The list still exists when the shop is back, and the cursor still says where the shop stopped.
#
# So good receivers do both: they use the webhook to be *fast*, and they poll from time to time to be *complete*.
# That poll is called **reconciliation**.

# %% [markdown]
# ## Both together
#
# The shop that was down from minute 20 to minute 35 missed some webhooks.
# Once per hour it reads the list and compares.


# %%
def missing(shipped, listed):
    """Return the orders that were paid and not shipped."""
    return [
        event["data"]["order_id"]
        for event in listed
        if event["data"]["order_id"] not in shipped
    ]


listed = Service(events, now=3600).list_events()
missing(parcels, listed)

# %% [markdown]
# One request finds the events that the webhooks missed, and the webhooks delivered all the others immediately.
#
# **Make it yours:** let your own `poll` read the list, this time the unfriendly one with pages and overlap.
# `poll(unfriendly.list_events, unfriendly.sleep, 60, 1)` returns all events, each of them once.
#
# ## Remember
#
# - On average, polling costs half the interval in delay. It also costs `3600 / interval` requests per hour, whether anything happens or not.
# - A webhook costs one request per event and arrives at once. But your server must be running.
# - A cursor says where you are in the list. It is an id that the provider gave you, not a time and not a number.
# - Read until no new event comes, and use the id to recognise events that you already have.
# - Use webhooks to be fast, and poll from time to time to be complete.
#
# ## What real providers do
#
# | provider | in addition to its webhooks |
# | --- | --- |
# | Stripe | a list of the events of the last 30 days, 10 per page unless you ask for more, with an event's id as the cursor; with a filter you get only the events that were not delivered |
# | GitHub | an events API for polling: the header `X-Poll-Interval` says how often you may ask, usually every 60 seconds, and a response that says "the list is unchanged" (`304`) does not count against the rate limit; but an event can take from 30 seconds to 6 hours to appear |
# | GitHub | also a list of its webhook deliveries; you can request a redelivery of each of them within 3 days |
# | Svix | tries again for more than a day, then informs you with an event of its own, `message.attempt.exhausted` |
#
# Sources: docs.stripe.com/webhooks/process-undelivered-events, docs.stripe.com/api/events/list, docs.github.com/rest/activity/events, docs.github.com (webhooks, handling failed deliveries), docs.svix.com/retries. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# In a class, hand it in. If you are learning on your own, read it again before the next lab.
#
# Next: in `02_endpoint` you build the endpoint that a provider can call.
