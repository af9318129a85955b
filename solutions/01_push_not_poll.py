# %% [markdown]
# # 01 · Push, not poll
#
# There are two ways to hear that something has happened: you ask again and again, or you are told.
# You will do both with the same events, and measure what each costs.
# On the way you write a poller that misses nothing, because you will need one even with webhooks.
#
# **You need** nothing but this notebook, and a little Python. **It takes** about 25 minutes.

# %%
from labkit import ready

ready(made_for="0.2")

# %% [markdown]
# ## A provider that can be asked
#
# A payment provider keeps a list of what has happened, and anybody with an account may read it.
# Here is an hour of it: twelve payments, at moments that nobody knows beforehand.

# %%
from labkit.exercises.lab01_push_not_poll import Service, one_hour

events = one_hour()
service = Service(events)

service.sleep(10 * 60)
service.list_events()

# %% [markdown]
# The service has a clock of its own, and it starts at 0.
# `service.sleep(600)` lets ten minutes pass, without a wait for you.
# Then `list_events()` shows what has happened so far: two payments.
#
# Ten minutes later you want to know what is *new*.
# So you say which event was the last that you have seen. That is your **cursor**.

# %%
service.sleep(10 * 60)
new = service.list_events(after="evt_00002")
[event["id"] for event in new]

# %% [markdown]
# **Try it:** ask once more with `after="evt_00003"`, and with `after=None`. What is the difference?
#
# To ask like that, again and again, is called *polling*.

# %% [markdown]
# ## What a real list is like
#
# The lists of real providers are less friendly than this one:
#
# - **Pages.** A request brings a few events at a time, and there may be more.
# - **Overlap.** A page may begin with events that you have had already. The provider would rather send one twice than leave one out.
# - **No order in time.** Two events can happen in the same second, and one can get into the list late. The *list* has an order; time and ids have none that you could trust.
#
# Here is such a list. A page holds three new events, after up to two that came before.

# %%
unfriendly = Service(events, page=3, overlap=2, now=3600)
page = unfriendly.list_events(None)
while page and len(unfriendly.asked) < 8:
    print([event["id"] for event in page])
    page = unfriendly.list_events(page[-1]["id"])

# %% [markdown]
# Look at the last lines. All twelve events have been shown, and the pages go on.
# The `8` in the code is there because the loop would never end without it. Why wouldn't it?
#
# ## Exercise 1.1
#
# Write `poll(list_events, sleep, interval, rounds) -> list`.


# %%
from labkit.exercises import check, hint, predict, solution


def poll(list_events, sleep, interval, rounds):
    """Look for events `rounds` times, `interval` seconds apart, and return them all.

    `list_events(after)` returns a page: a list of events, oldest first. Each event is a
    dictionary with "id", "event", "created_at" and "data". `after` is the id of an event
    that you have been given, or None to ask from the beginning.

    A page holds only so many events, you don't know how many. It may begin with some
    that came before `after` or at it. As long as there is an event after `after`, the
    page has at least one of those; when there is none, it has none, and may be empty.

    One round fetches everything that is there, however many pages it takes, and goes on
    where the round before it ended. Call `sleep(interval)` between two rounds, and
    nowhere else; meanwhile more may happen. `rounds` is at least 1.

    Return a list with every event once, in the order of the list.
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
# **Explained.** `events`, `seen` and `cursor` are made once, before the loop, and inside of the function.
# Made inside the loop, each round would start over. Made outside of the function, or as a default argument, a second call would know of the first.
#
# `if number > 0` puts the pause between two rounds: n rounds, n - 1 pauses. The `sleep` is the one that was handed in, so that a check, or a simulation, need not wait.
#
# The inner loop is one round. It ends at a page that brings nothing *new*, and not at an empty one: with overlap there may never be an empty page, and without this line the round never ends.
# With one request a round you would fall behind as soon as more happens than a page holds, and what is left after the last round is lost.
#
# `event["id"] not in seen` decides what is new, and nothing else does. By `created_at` the second of two payments in the same second would be dropped; by the data, the second of two payments of the same amount.
# A set answers `in` at once, however many ids there are.
#
# `cursor = new[-1]["id"]` moves on to the last event. It stays where it is when nothing came, so an empty page breaks nothing.
#
# One thing this poller leaves out: it forgets everything when it ends. A real one keeps the cursor in its database, in the same transaction as the work.

# %% [markdown]
# ## How often?
#
# Your poller leaves one thing to its caller: the interval.
# The shop would like to ship soon, so let it ask often.
# The list is the friendly one again: a page holds everything.

# %%
predict("01-empty", "c")

# %%
from labkit.exercises.lab01_push_not_poll import by_polling

by_polling(events, 10)

# %% [markdown]
# Each column of the picture is a minute, and a dot stands for none.
# The rows say how many events happened in that minute, how many requests you made, and how many events came.
#
# The events come soon, and nearly all of the requests are for nothing.
# They are not free: each wakes up two computers, and providers count them.
# So ask less often.

# %%
predict("01-delay", "b")

# %%
by_polling(events, 600)

# %% [markdown]
# Six requests, and the shop stands still for minutes.
# Whatever interval you choose, you pay: with requests or with time.
#
# ## The interval in your hand
#
# Move the slider with the mouse, or with the arrow keys.
# Find the interval with which not a single request is empty, and look at the delay.

# %% tags=["nbval-ignore-output"]
from labkit.widgets import slide


def show(interval):
    return by_polling(events, interval)


slide(show, [1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600], label="interval (s)")

# %% [markdown]
# The same as a table:

# %%
print("interval  requests  empty  requests per event  mean delay")
for interval in [1, 10, 60, 300, 600, 1800, 3600]:
    hour = by_polling(events, interval)
    print(
        f"{interval:>6} s{len(hour.asked):>10}{hour.empty:>7}"
        f"{hour.requests_per_event:>20.1f}{hour.mean_delay:>10.1f} s"
    )

# %% [markdown]
# Look at the last two columns. Going down, one falls as the other rises.
# Multiply them in each line: what do you see?
#
# ## Exercise 1.2
#
# You need no simulation to choose an interval; two short formulas will do.
# Write `delay_and_cost(interval, events_per_hour)`, which returns both numbers.


# %%
def delay_and_cost(interval, events_per_hour):
    """Return the mean delay in seconds, and how many requests an event costs.

    You ask every `interval` seconds, all day long. `events_per_hour` events happen in an
    hour, at any moment. A request takes no time, and brings all that is new. Both
    arguments are greater than 0, and neither need be whole.

    delay_and_cost(10, 12) is (5.0, 30.0).
    """
    # BEGIN SOLUTION
    delay = interval / 2
    requests_per_hour = 3600 / interval
    return delay, requests_per_hour / events_per_hour
    # END SOLUTION


check("1.2", delay_and_cost)

# %% [markdown] tags=["solution"]
# **Explained.** An event happens at any moment between two requests: right after one, and it waits for the whole interval; right before one, and it hardly waits.
# All moments are equally likely, so the mean is half of the interval. How many events there are does not matter: each waits for the next request.
#
# An hour of 3,600 seconds holds `3600 / interval` requests. They are made whether anything happens or not, so the events share them.
# No `max(1, …)`: when you ask seldom, one request brings several events, and each costs less than one.
# `/` and not `//`: with `//` an interval of 2,000 s would make one request an hour in place of 1.8.
#
# Delay times requests per event is `1800 / events_per_hour`, whatever the interval: that is the column that you multiplied.
# Half the delay costs twice the requests. Polling has no better end; you only choose where to stand.

# %% [markdown]
# ## Told, not asked
#
# Now the other way. The shop says once where it can be reached, and the provider calls.

# %%
predict("01-webhook", "c")

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
# Twelve events, twelve requests, and each came at once.
# The 0.05 s are the way over the network.
#
# So why does anybody poll?
# Because with a webhook *the shop is the server*: it has to be there when the provider calls.

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
# The profile `github` is that of a provider that sends once and never again.
# Most providers do try again, for hours or days: lab 06 is about that. All of them give up at some point.
#
# With polling the same quarter of an hour would have been harmless.
# The list is still there when the shop is back, and the cursor still says where it had stopped.
#
# So good receivers do both: the webhook to be *quick*, and now and then a poll to be *complete*.
# That poll has a name: **reconciliation**.

# %% [markdown]
# ## Both together
#
# The shop that was down from minute 20 to minute 35 missed some webhooks.
# Once an hour it looks into the list, and compares.


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
# One request finds what the webhooks left out, and the webhooks had brought all the rest at once.
#
# **Make it yours:** let your own `poll` read the list, and let it be the unfriendly one.
# `poll(unfriendly.list_events, unfriendly.sleep, 60, 1)` gives you all events, each once.
#
# ## Keep in mind
#
# - Polling costs half of the interval in time, and `3600 / interval` requests an hour, whether anything happens or not.
# - A webhook costs one request an event, and comes at once. But you have to be there.
# - A cursor says where you are. It is an id that you were given, not a time and not a number.
# - Read until nothing new comes, and know by the id what you have had.
# - Webhooks to be quick, a poll now and then to be complete.
#
# ## What real providers do
#
# | provider | beside its webhooks |
# | --- | --- |
# | Stripe | a list of events of the last 30 days, 10 a page unless you ask for more, with an event's id as the cursor; it can be told to show only those that were not delivered |
# | GitHub | an events API that is made for polling: the header `X-Poll-Interval` says how often you may ask, usually every 60 seconds, and an unchanged list (`304`) does not count; yet an event can take from 30 seconds to 6 hours to show up |
# | GitHub | also a list of its webhook deliveries, each of which you can have sent again within 3 days |
# | Svix | tries again for more than a day, then tells you with an event of its own, `message.attempt.exhausted` |
#
# Sources: docs.stripe.com/webhooks/process-undelivered-events, docs.stripe.com/api/events/list, docs.github.com/rest/activity/events, docs.github.com (webhooks, handling failed deliveries), docs.svix.com/retries. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# If you learn in a class, hand it in; if you learn alone, read it again before the next lab.
#
# Next: `02_endpoint` builds the endpoint that a provider can call.
