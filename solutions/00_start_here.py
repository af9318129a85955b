# %% [markdown]
# # 00 · Start here
#
# A *webhook* is an HTTP request that a service sends to your server when something happens, for example when a customer pays.
#
# In this lab you receive one event, lose one message on a simulated network, and pass your first automatic check.
# The other labs build on these three steps.
#
# **You need** only this notebook and basic Python. **Time:** about 15 minutes.
#
# Run the cells in order, from the top, with Shift+Enter.
# You can change any cell and run it as often as you like.
# If the brackets beside a cell stay empty, Python was not ready yet: run the cell again.

# %%
from labkit import environment, glossary, ready

ready(made_for="0.2")

# %%
environment()

# %% [markdown]
# If a line starts with NO, fix that problem first. The line tells you how.
#
# New terms are explained where they first appear. `glossary()` in a cell shows the most important ones, and `glossary("retry")` shows one.
#
# ## A receiver
#
# The service that sends webhooks is the *provider*; the part that delivers them is the *sender*. The program that handles them is the *receiver*.
# The receiver below belongs to a shop. When a payment arrives, the shop ships a parcel.
# It uses Flask, a Python library for web servers: `app` is the program, `@app.post("/webhooks")` says which requests the function below it handles, and `return "", 200` is its response. Lab 02 explains this step by step.

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
# To keep the example short, "shipping a parcel" means adding an order id to a list.
# A real shop would call a parcel service instead. It would have the same problems.
#
# ## One event
#
# An *event* is something that happened once: here, a customer paid.
# It has an id, a type, a time, and data about what happened.

# %%
from labkit.samples import payments

event = payments(1)[0]
print(event.body.decode())

# %% [markdown]
# `simulate` plays the provider.
# It sends the event to your app as an HTTP request, waits for the response, and records both.

# %%
from labkit import simulate

parcels.clear()
history = simulate(make_app(), [event])
history.timeline()

# %%
parcels

# %% [markdown]
# Read the picture from the top. The sender made one request, the receiver shipped the parcel, and the response was 200.
# `A` is the first event, and `A1` is the first attempt to deliver it.
#
# A status from 200 to 299 (a "2xx") *acknowledges* the delivery: the sender marks it as delivered and does not send it again.
#
# The last line counts the events. An event is *acknowledged* if the sender got a 2xx for it, *dead* if the sender gave up, *lost* if the receiver never acknowledged it, and *doubled* (duplicated) if the receiver acknowledged it more than once.
#
# ## Break the network
#
# There is a network between the sender and the receiver, and networks lose messages.
# Say what you expect before you run the simulation. A wrong guess costs nothing, and it helps you remember the answer.
#
# Choose a letter: click it, or write it instead of the question mark. Then run the next cells.

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
# The fault `LoseResponse(until=1)` loses every response in the first second.
# Find the moment at which the sender stops waiting, and then find the second attempt.
#
# - An **event** happens once.
# - A **delivery** carries one event to one *endpoint* (the address at which a receiver accepts webhooks), in one or more **attempts**. Each attempt is one HTTP request.
# - The sender cannot tell a lost response from a lost request. So it tries again.
#
# Half of this course is about the consequences of that.
#
# ## Change one thing
#
# Now the network loses the request instead.

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
# On the sender's side they look the same. On the receiver's side they do not.
#
# **Try it:** change `until=1` to `until=60`, then to `until=4000`, and run the cell again each time.
# How many attempts does the sender make, and when?
#
# ## How a check helps
#
# From now on you write code yourself, and a check says whether it is correct.
# This cell checks a solution that is wrong on purpose: it greets everyone as Ada.

# %%
check("0.1", lambda event: "Hello, Ada")

# %% [markdown]
# A failed check shows *one* failure, always in the same five fields:
#
# | field | what it says |
# | --- | --- |
# | sent | the input to your code |
# | answered | the result of your code |
# | expected | the correct result |
# | why | the mistake, or why the rule matters |
# | try | the next step |
#
# Start with *sent* and *answered*. Would you have predicted that result for that input?
# `hint("0.1")` gives the next hint. `solution("0.1")` says where the explained solution is.
# A check changes nothing, so run it as often as you like.
#
# ## Exercise 0.1
#
# Write `greet(event) -> str`.
# The function gets an event as a dictionary and returns a greeting for the person in it: `Hello, Ada` for the event below.
#
# ```python
# {"id": "crm_00001", "event": "contact.created", "created_at": 1767225600, "data": {"name": "Ada"}}
# ```


# %%
def greet(event):
    """Return the string "Hello, " followed by the name of the person in the event's
    data.

    The name stays as it is, whatever characters it contains. The event is not changed.
    The check does not test events without a name.
    """
    # BEGIN SOLUTION
    return f"Hello, {event['data']['name']}"
    # END SOLUTION


check("0.1", greet)

# %% [markdown] tags=["solution"]
# **Explained.** The event is an envelope, and its content is in `data`.
# `event["data"]["name"]` goes one level down and takes the name.
# The f-string joins the two strings and keeps every character, whatever alphabet the name is written in.
# The function returns the string. `print` would only show it, and the caller would get `None`.

# %% [markdown]
# ## A question about your own code
#
# When a check has passed, a button appears below it. Click it to get a question about *your* code. `labkit`, the package that you imported above (*the kit*), runs your code to find the answer.
# If you see no button, call `question("0.1")` to see the question, and `question("0.1", "b")` to answer with b:
#
# ```python
# from labkit.exercises import question
# question("0.1")
# ```
#
# These questions help you learn. The kit records your answers, but you can pass every exercise without them.
#
# ## If the kernel restarts
#
# The *kernel* is the Python process that runs your cells. If it restarts, its variables are gone.
#
# The kit saves your results and your last solutions in a small file next to this notebook.
# After a restart, these lines show your results and solutions again:
#
# ```python
# from labkit.exercises import resume
# resume()
# ```
#
# `resume("0.1")` puts that solution into a new cell.
# In a class, `from labkit.exercises import progress` and `progress("your name")` write a short file to hand in. It shows your progress and contains none of your code.
#
# ## Remember
#
# - A status from 200 to 299 means *I have it*. After most other statuses, or if no response arrives, many senders try again. Lab 02 shows which statuses stop them.
# - The sender never knows what you did. It knows only which response it received.
# - So if a sender retries, its receivers get duplicates sooner or later. In lab 07 you make yours handle them.
#
# ## What real providers do
#
# | provider | waits for the response | then |
# | --- | --- | --- |
# | Slack (Events API) | 3 seconds | tries 3 more times: almost at once, after 1 minute, after 5 minutes |
# | GitHub | 10 seconds | never tries again by itself; you can request a redelivery within 3 days |
# | Shopify | 5 seconds | tries 8 more times within 4 hours |
# | Stripe | not published | tries again for up to 3 days |
#
# Sources: docs.slack.dev/apis/events-api, docs.github.com (webhooks, handling failed deliveries), shopify.dev/changelog/updates-to-webhook-retry-mechanism, docs.stripe.com/webhooks. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# In a class, hand it in. If you are learning on your own, read it again before the next lab.
#
# Next: `01_push_not_poll` shows why webhooks exist, and in `02_endpoint` you build a complete endpoint.
