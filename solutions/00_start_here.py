# %% [markdown]
# # 00 · Start here
#
# You will send one event, see it arrive, break the wire once, and pass one check.
# That is all of this lab in small; the other labs go on from there.
#
# **You need** nothing but this notebook. **It takes** about 15 minutes.
#
# Run each cell with Shift+Enter, from the top.
# You can run a cell as often as you like, and change everything in it.

# %%
from labkit import environment, ready

ready(made_for="0.2")

# %%
environment()

# %% [markdown]
# If a line says NO, mend that first: the line itself says how.
#
# ## A receiver
#
# A *webhook* is an HTTP request that a provider sends you when something has happened.
# The code that waits for it is the *receiver*.
# Here is one for a shop: a payment comes in, a parcel goes out.

# %%
from flask import Flask, request

parcels = []


def make_app():
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        parcels.append(event["data"]["order_id"])
        return "", 200

    return app


# %% [markdown]
# The shop ships a parcel by adding the order to a list.
# A real one would call a parcel service; the trouble would be the same.
#
# ## One event
#
# An *event* happens once: somebody has paid.
# It has an id, a type, a time, and data that say what it is about.

# %%
from labkit.samples import payments

event = payments(1)[0]
print(event.body.decode())

# %% [markdown]
# `simulate` is the provider.
# It sends the event to your app as an HTTP request, waits for the answer, and notes everything.

# %%
from labkit import simulate

parcels.clear()
history = simulate(make_app(), [event])
history.timeline()

# %%
parcels

# %% [markdown]
# Read the picture from the top: one request went over, the receiver did its work, 200 came back.
# A status from 200 to 299 *acknowledges* the delivery: the sender is content and forgets about it.
#
# ## Break the wire
#
# Between sender and receiver lies a network, and networks lose things.
# Before you see it, say what you expect. A wrong guess costs nothing, and you will remember the answer longer.
#
# Write your letter in place of the question mark, then run the cell.

# %%
from labkit.exercises import check, hint, predict, solution

predict("00-lost-response", "b")

# %%
from labkit.faults import LoseResponse

parcels.clear()
history = simulate(make_app(), [event], faults=[LoseResponse(until=1)])
history.timeline()

# %%
parcels

# %% [markdown]
# The fault `LoseResponse(until=1)` loses every answer in the first second.
# Look for the moment at which the sender gives up waiting, and for the second attempt.
#
# - An **event** happened once.
# - A **delivery** carries it to you, in one or more **attempts**.
# - The sender can't tell a lost answer from a lost request. So it tries again.
#
# That one fact is behind half of this course.
#
# ## Change one thing
#
# Now the request is lost instead.

# %%
predict("00-lost-request", "a")

# %%
from labkit.faults import LoseRequest

parcels.clear()
history = simulate(make_app(), [event], faults=[LoseRequest(until=1)])
history.timeline()

# %%
parcels

# %% [markdown]
# Compare the two pictures.
# On the sender's side they are the same, on the receiver's side they are not.
#
# **Try it:** change `until=1` to `until=60`, then to `until=4000`, and run the cell again.
# How many attempts does the sender make, and when?
#
# ## How a check helps
#
# From here on you write code, and a check tells whether it holds.
# Here is a check of an answer that is wrong on purpose: it greets everybody as Ada.

# %%
check("0.1", lambda event: "Hello, Ada")

# %% [markdown]
# A failed check shows *one* failure, always in the same five fields:
#
# | field | what it says |
# | --- | --- |
# | sent | what your code was given |
# | answered | what it made of that |
# | expected | what should have come |
# | why | the mistake behind it, or why it matters |
# | try | the next step |
#
# Start with *sent* and *answered*: could you have told what your code would do with that?
# `hint("0.1")` gives one hint after the other, `solution("0.1")` tells where the explained solution is.
# A check never harms: run it as often as you like.
#
# ## Exercise 0.1
#
# Write `greet(event) -> str`.
# It gets an event as a dictionary and returns a greeting for the person in it: `Hello, Ada` for the event below.
#
# ```python
# {"id": "crm_00001", "event": "contact.created", "created_at": 1767225600, "data": {"name": "Ada"}}
# ```


# %%
def greet(event):
    """Return "Hello, " and the name of the person in the event's data."""
    # BEGIN SOLUTION
    return f"Hello, {event['data']['name']}"
    # END SOLUTION


check("0.1", greet)

# %% [markdown] tags=["solution"]
# **Explained.** The event is an envelope; what it is about lies in `data`.
# `event["data"]["name"]` goes one level down and picks the name.
# The f-string joins the two texts and loses no letter, whatever alphabet the name is written in.
# The function returns its text: `print` would show it to you and give the caller nothing.

# %% [markdown]
# ## If the kernel dies
#
# What you pass is noted in a small file beside this notebook, with your last answers.
# After a restart, this brings verdicts and answers back to your eyes:
#
# ```python
# from labkit.exercises import resume
# resume()
# ```
#
# `resume("0.1")` puts that answer into a new cell.
# In a class, `from labkit.exercises import progress` and `progress("your name")` write a short file to hand in: how far you are, and none of your code.
#
# ## Keep in mind
#
# - A status from 200 to 299 means *I have it*. Anything else, and silence too, means *send it again*.
# - The sender never knows what you did. It only knows what it heard.
# - So every receiver gets duplicates, sooner or later. Lab 07 makes yours stand them.
#
# ## What real providers do
#
# | provider | waits for your answer | then |
# | --- | --- | --- |
# | Slack (Events API) | 3 seconds | tries 3 more times: almost at once, after 1 minute, after 5 minutes |
# | GitHub | 10 seconds | never tries again by itself; you ask for a redelivery within 3 days |
# | Shopify | 5 seconds | tries 8 more times within 4 hours |
# | Stripe | does not say | tries for up to 3 days |
#
# Sources: docs.slack.dev/apis/events-api, docs.github.com (webhooks, handling failed deliveries), shopify.dev/changelog/updates-to-webhook-retry-mechanism, docs.stripe.com/webhooks. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# If you learn in a class, hand it in; if you learn alone, read it again before the next lab.
#
# Next: `01_push_not_poll` shows why anybody would want webhooks, `02_endpoint` builds a receiver that deserves the name.
