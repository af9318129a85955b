# %% [markdown]
# # 06 · Retries
#
# In this lab you change sides: you are the sender, and somebody else's receiver is down.
# You will decide what is worth another attempt, how long to wait, when to listen to the receiver, and when to give up.
# Then you will see what real providers decided, and what that means for a receiver of yours.
#
# **You need** Python's functions, loops and exceptions. Lab 00 helps, the others are not needed.
# **It takes** about 50 minutes.

# %%
from labkit import ready

ready(made_for="0.2")

# %% [markdown]
# ## Two hours down
#
# Here is a shop that ships a parcel for each payment.
# There is nothing wrong with it.

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
# But for two hours a proxy in front of it answers 503, because a release went wrong.
# The sender follows the example schedule of Standard Webhooks.
#
# Say first what you expect: write your letter in place of the question mark.

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
# Then the waits grow, because who has been down for an hour will hardly be back in the next second.
#
# - A **schedule** is the list of waits, each counted from the failure of one attempt to the next attempt.
# - A delivery that failed to the end of its schedule is a **dead letter**.
#
# **Try it:** let the outage last 20 seconds, then a day. How late is the event each time?
#
# ## Down for good

# %%
predict("06-down-for-good", "b")

# %%
from labkit.faults import Refuse

history = simulate(make_app(), payments(1), profile="standard", faults=[Refuse()])
history.timeline()

# %%
len(history.attempts), len(history.dead_letters)

# %% [markdown]
# Three days went by in that cell, and you did not wait for them.
# The sender's time is virtual: it jumps from one attempt to the next.
# That works because nothing in the sender calls `time.sleep` or asks the machine's clock; it is *given* its time.
# Your own functions will be written the same way.
#
# ## What is worth another attempt?
#
# An attempt ends with a status, or with no answer at all.
# Ask of each outcome: could the *same* request succeed later?
#
# | outcome | what it says | another attempt? |
# | --- | --- | --- |
# | no answer | refused, cut off, timed out; nobody knows | yes |
# | 2xx | I have it | no, it is done |
# | 3xx | I live elsewhere now | no, a person must change the address |
# | 408, 425, 429 | too slow, too early, too many | yes, these speak of time |
# | 410 | gone, and not coming back | no, and never again |
# | other 4xx | this request is wrong | no, it would be wrong again |
# | 5xx | I am in trouble | yes |
#
# ## Exercise 6.1
#
# Write `should_retry(status) -> bool`, which answers what the last column says.
# `status` is a number like 503, or `None` for no answer at all.


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
# **Explained.** `status is None` stands first, because `None >= 500` raises a TypeError; `or` stops at the first part that is true.
# `500 <= status <= 599` takes the whole range: proxies answer 520 or 529, which no list foresees.
# The set has the three 4xx that speak of time; without it, each 429 costs an event.
# Everything else falls through to False: 2xx, 3xx, 410 and the rest need no line of their own.

# %% [markdown]
# Many providers are less strict than this: Standard Webhooks tries again after everything but 2xx and 410.
# That costs them traffic, and it saves an event when somebody deploys a broken route for ten minutes and answers 404.
#
# ## The crowd at the door
#
# At midnight a provider bills 500 subscriptions, all in the same second.
# At that moment the shop is down for a minute.
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
# 500 marks at 1 s, 500 at 3 s, 500 at 7 s, and at last 500 at once on a shop that has just got up.
# Here is the first minute after the outage, in steps of 5 seconds.


# %%
def bars(history, start=60, end=120, step=5):
    """Draw how many requests arrived in each `step` seconds."""
    moments = [attempt.sent_at - history.started_at for attempt in history.attempts]
    for left in range(start, end, step):
        count = sum(left <= moment < left + step for moment in moments)
        print(f"{left:>4} s {count:>4}  {'█' * round(count / 8)}".rstrip())


def busiest_second(history, start=60):
    """Return how many requests arrived in the busiest second from `start` on."""
    seconds = Counter(int(a.sent_at - history.started_at) for a in history.attempts)
    return max(count for second, count in seconds.items() if second >= start)


bars(crowd)
print("busiest second:", busiest_second(crowd))

# %% [markdown]
# A shop that can stand 20 requests a second would be down again now, and the 500 would come back together once more.
#
# The remedy is chance.
# With **full jitter** each wait is drawn between 0 and what it would have been.

# %%
predict("06-jitter", "a")

# %%
spread_out = replace(in_step, jitter=FullJitter())
calm = simulate(make_app(), midnight, profile=spread_out, faults=minute_down)

bars(calm)
print("busiest second:", busiest_second(calm))

# %%
print("without jitter:", crowd.account)
print("with jitter:   ", calm.account)

# %%
calm.timeline()

# %% [markdown]
# Nobody told the deliveries about each other, and still they keep out of each other's way.
# The price is in the account: some hundred attempts more, because a drawn wait is half as long on average.
#
# **Try it:** put `MultipliedJitter(0.8, 1.2)` from `labkit.retry` in place of `FullJitter()`.
# It takes the same wait, 20 % more or less. How large is the busiest second now?
#
# ## Exercise 6.2
#
# Write `next_delay(attempt, rng) -> float | None`.
# After `attempt` failed attempts, how many seconds until the next?
#
# - The bound is 1 s after the first attempt, and doubles with each: 1, 2, 4, 8, … It is never more than 3,600 s.
# - The wait is drawn evenly between 0 and the bound: full jitter.
# - After 10 attempts it is over: `None`.
#
# Chance comes from `rng`, a `random.Random`, so that a test can repeat it.


# %%
def next_delay(attempt, rng):
    """Return the seconds to wait before the next attempt, or None to give up.

    `attempt` attempts have been made, counted from 1. The wait is a float, drawn by
    `rng` from 0 to a bound: 1 s after the first attempt, doubled each time, capped at
    3,600 s. From the 10th attempt on the answer is None.

    next_delay(3, random.Random(1)) is a number between 0 and 4.
    """
    # BEGIN SOLUTION
    if attempt >= 10:
        return None
    bound = min(3600, 2 ** (attempt - 1))
    return rng.uniform(0, bound)
    # END SOLUTION


check("6.2", next_delay)

# %% [markdown] tags=["solution"]
# **Explained.** The end comes first. `>=` matters: when `attempt` is 10, ten attempts have been made.
# Without an end there are no dead letters, and nobody ever hears that something is wrong.
#
# `2 ** (attempt - 1)` gives 1 after the first attempt; without the `- 1` all waits are twice as long as agreed.
#
# `min(3600, …)` is the cap, and with ten attempts it is never reached: the bound ends at 256 s, and no check can see it.
# It stands there for the day on which somebody raises 10 to 30; the bound would be 17 years by then.
#
# `rng.uniform(0, bound)` draws from the generator that was handed in.
# With `random.uniform` the function would work as well, but no test and no simulation could be repeated.
#
# One weakness stays: nine draws can all be short, and ten attempts are then over in a minute.
# That is rare, and it is why services keep dead letters and let you resend them.

# %% [markdown]
# ## The receiver may ask
#
# A receiver that is swamped knows best when it will be ready.
# It can say so, with the header `Retry-After`.


# %%
def make_swamped_app():
    app = Flask("swamped shop")
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
simulate(make_swamped_app(), payments(1), profile="standard").timeline()

# %% [markdown]
# The value comes in two dresses, says RFC 9110 (section 10.2.3):
#
#     Retry-After: 120
#     Retry-After: Thu, 01 Jan 2026 00:02:00 GMT
#
# Seconds are digits and nothing else: `1.5` and `-5` are no seconds in the standard's sense.
# A date is in GMT, always.
#
# The value comes from outside, so it may be anything.
# A wish that can't be read is no wish; it is no reason to raise.
#
# ## Exercise 6.3
#
# Write `retry_after(headers, now) -> float | None`.


# %%
def retry_after(headers, now):
    """Return how many seconds the receiver asks to wait, or None.

    `headers` maps names to values and finds a name in upper or lower case, like
    `response.headers` of requests; its keys are written as they arrived. `now` is in
    seconds since 1970-01-01 UTC, like `time.time()`.

    If the value of Retry-After consists only of the digits 0 to 9, return this number
    of seconds. If the header is absent, return None. If the value is an HTTP date,
    return the seconds from `now` until then. If the date has passed, return 0.0. The
    result does not depend on the time zone of the machine. The name of the header may
    be in upper or lower case. For every other value, return None and raise nothing.
    The two older forms of an HTTP date may be read or give None.

    The check does not test numbers of more than 15 digits, digits other than 0 to 9,
    spaces around the value, and dates that are not in GMT.
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
# **Explained.** `headers.get` answers None where the header is absent; square brackets would raise a KeyError, and most answers have no such header.
# `is None` and not a bare `if value`: the wish `0` must come through as 0.0.
#
# `isascii` and `isdigit` together mean 0 to 9. `float(value)` alone would also read `inf`, `nan` and `1e9`, and a sleep of `inf` seconds raises.
#
# `parsedate_to_datetime` reads the date together with its `GMT`, so the datetime knows its zone and `timestamp` counts in UTC.
# With `strptime` and the letters `GMT` in the pattern the datetime knows no zone, `timestamp` takes it for local time, and the wait is wrong by hours. Your server probably runs in UTC, so no test there would notice.
# The oldest form of an HTTP date, `Thu Jan  1 00:02:00 2026`, names no zone at all; the two lines with `tzinfo` say that it means UTC.
#
# The `try` is there because a header is foreign input: without it one odd header ends the sender's loop.
# `max(0.0, …)` makes a date that has passed mean *now*; a negative sleep raises.
# `now` is an argument, so the function can be tested without waiting.

# %% [markdown]
# Should a sender do whatever the receiver asks?
# A receiver that says `Retry-After: 31536000` would park your event for a year.
# So senders put bounds on the wish: Svix's open server waits at least the planned delay and at most twice that.
#
# ## The loop
#
# Now put it together: try, wait, try again, give up.
#
# Two things make the receiver's life possible, and both are yours to keep:
#
# - Each attempt sends **the same bytes**. A body that is written anew may have other spaces, and a signature fits bytes.
# - Each attempt carries **the same id**. That is how the receiver sees that your second attempt is no second payment.
#
# Remember that no answer does *not* mean that nothing arrived.
#
# ## Exercise 6.4
#
# Write `deliver(post, body, schedule, sleep) -> str`.
# Use `should_retry` from 6.1 in it.


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
    in every attempt. The schedule is not changed. Every other exception of `post` is a
    bug: do not catch it, so that it reaches the caller. If `should_retry` is False for
    the status of a failure, return "dead" at once.

    The check does not test other headers or statuses below 200 and above 599.
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
# **Explained.** The id is taken from the event, before the loop. A `uuid4()` inside of the loop would make a new event of each attempt, and a new parcel.
# One `uuid4()` before the loop keeps the attempts together, but a resend tomorrow would have another id; the event's own id stays for ever.
#
# `[*schedule, None]` has an entry for each attempt: three delays, four attempts. None says that no attempt follows, so the last one has no sleep behind it. It is a new list, so the caller's stays as it was.
#
# The `try` holds the call of `post` alone, and catches what means silence. `except Exception` would catch your own bugs too, and retry them for three days.
# Silence becomes a status of None; from there on it goes the way of a 503, the sleep included.
#
# Two questions follow each attempt: is it acknowledged, and is there any sense in going on?
# `body` goes out as it came in; it is parsed once, to read the id, and never written again.

# %% [markdown]
# **Try it** in a cell of your own, with a post that answers from a list:
#
#     answers = iter([503, 503, 204])
#     deliver(lambda body, headers: next(answers), payments(1)[0].body, [5, 300], print)
#
# `print` stands in for the sleep, and shows you the waits.
#
# ## Providers side by side
#
# Your loop takes any schedule. Which ones are out there?
# First a question about the one that most programmers know.

# %%
predict("06-github", "c")

# %%
from labkit.samples import pushes

history = simulate(make_app(), pushes(1), profile="github", faults=[Refuse(until=10)])
history.timeline()

# %% [markdown]
# One attempt, and a dead letter.
# Now the profiles of some providers side by side, and what an outage of an hour does to an event that is sent at its start.


# %%
def after_outage(name, seconds):
    """Say what becomes of an event that is sent when an outage of `seconds` begins."""
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

# %% [markdown]
# Where not all is published, something had to be *assumed*: often the intervals, or how long the provider waits for an answer.
# `print` says what was assumed, and where the rest comes from.

# %%
print(PROFILES["shopify"])

# %% [markdown]
# `after_outage` gives each provider the status that it likes.
# Most take any 2xx, but Paddle and Mailgun want a 200 and Discord wants a 204: a 204 to Paddle is a failed attempt, and the event comes again.
#
# **Try it:** put `sorted(PROFILES)` in place of `names` to see all of them.
# How long may your receiver be down before each provider that you use loses an event? Try 60, 600 and 14,400 seconds in place of 3,600.
#
# ## After the outage: resend
#
# A dead letter is not gone: the event is kept somewhere, and a person or a script may ask for it.
# That deliberate new delivery is a **resend**.
#
# Here is a provider that tries only once, and twenty payments, one a minute.
# For ten minutes the shop refuses connections.
# For three more minutes it works, but a proxy drops its answers.

# %%
from labkit.faults import LoseResponse
from labkit.retry import FixedDelays

tries_once = replace(PROFILES["standard"], schedule=FixedDelays(()))
trouble = [Refuse(until=600), LoseResponse(after=600, until=780)]

parcels.clear()
history = simulate(make_app(), payments(20), profile=tries_once, faults=trouble)
history.timeline()

# %%
predict("06-resend", "b")

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
# *Dead* is the sender's word: it has not heard of an acknowledgement.
# Three of these events had been shipped all the same.
#
# The cure is not on the sender's side, which can't know.
# It is in the receiver, and in the id that stayed the same.


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


predict("06-careful", "a")

# %%
parcels.clear()
careful = make_careful_app()
history = simulate(careful, payments(20), profile=tries_once, faults=trouble)
letters = [letter.event for letter in history.dead_letters]
Sender(careful, profile=tries_once).send(*letters)
print(len(parcels), "parcels for 20 payments")

# %% [markdown]
# A set in memory is enough to see the idea, and not enough for a shop: it forgets everything at a restart, and two requests at the same moment slip past it.
# Lab 07 mends both.
#
# ## Turn it until it breaks
#
# The playground sends payments to the careful shop, over a wire that you set.
# Below the picture stands the line of code that gives the same run again.
#
# - Write down which count you expect to move before you move a slider.
# - Raise `LoseResponse`. Which count grows, and which stays at 0?
# - Then let `Refuse` grow, and change the provider. Who loses events first?

# %% tags=["nbval-ignore-output"]
from labkit.widgets import playground

playground(make_careful_app, effects=parcels, profile="standard")

# %% [markdown]
# Without sliders the same is one call.
# It also turns *it worked once* into a rate: a hundred seeds, and how often each harm came.

# %%
from labkit.playground import sweep

sweep(make_app, payments(20), faults=[LoseResponse(probability=0.2)], effects=parcels)

# %% [markdown]
# ## Keep in mind
#
# - Retry what may pass: silence, 5xx, 408, 425, 429. Leave the rest.
# - Double the wait, cap it, and let chance decide about all of it. End it.
# - `Retry-After` is a wish from outside: honour it, within bounds, and let no value of it break you.
# - The same bytes and the same id in every attempt, resends included.
# - As a receiver: know how long each of your providers goes on, and have a way to ask for the rest.
#
# ## What real providers do
#
# | provider | what ends it before the schedule does |
# | --- | --- |
# | Standard Webhooks (specification) | 410: the endpoint is to be disabled at once |
# | Mailgun | 406 |
# | Postmark (inbound) | 403 |
# | Brevo | any 4xx but 429 |
# | SendGrid (Inbound Parse) | any 3xx or 4xx: dropped at once, and nobody is told |
# | Slack (Events API) | the header `X-Slack-No-Retry: 1` in your answer |
# | Svix | the header `webhook-delivery: disable` or `abort-message` in your answer |
#
# | provider | `Retry-After` |
# | --- | --- |
# | Standard Webhooks (specification) | to be honoured |
# | Svix (open server) | honoured, between one and two planned delays |
# | Convoy, Outpost | not looked at |
#
# "410 disables the endpoint" is often told as a general rule. It is in the specification; Svix's open server, Convoy and Outpost do nothing special with a 410.
#
# Sources: standard-webhooks:spec/standard-webhooks.md; help.mailgun.com (202236504); postmarkapp.com/support (inbound webhook retries); Brevo's developer documentation; support.sendgrid.com (46513815674395); docs.slack.dev/apis/events-api; docs.svix.com/receiving/delivery-control; the code of svix-webhooks, Convoy and Outpost. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# If you learn in a class, hand it in; if you learn alone, read it again before the next lab.
#
# Next: `07_idempotency` makes a receiver of yours stand all these duplicates.
