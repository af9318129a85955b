# %% [markdown]
# # 02 · An endpoint
#
# You will build an endpoint that a provider can send to.
# Then you will look at everything that a request brings.
# At last you will answer in such a way that the sender does the right thing: come again, or not.
#
# **You need** nothing but this notebook, and a little Python. **It takes** about 35 minutes.

# %%
from labkit import ready

ready(made_for="0.2")

# %% [markdown]
# ## An endpoint that works
#
# An *endpoint* is an address at which your program waits for requests: a method and a path.
# The one below waits for the pushes of a code host.
#
# - `Flask("shop")` makes an app, which has no endpoint yet.
# - `@app.post("/webhooks/push")` says: when a POST comes to this path, call the function below.
# - What that function, the *view*, returns is the answer: a text and a status.

# %%
from flask import Flask


def make_push_app():
    app = Flask("shop")

    @app.post("/webhooks/push")
    def push():
        return "thanks", 200

    return app


# %% [markdown]
# The app is built inside of a function on purpose.
# A Flask app takes no new endpoints after its first request; a function gives you a fresh one whenever you run the cell.
#
# In books you will find `app.run()` at this place.
# In a notebook that cell would never end.
# A `Receiver` runs the app in the background, on this machine only, at a free port.
# It runs inside of the `with` block, and stops at its end.
#
# Now play the provider, by hand.
# An event is a few bytes of JSON; `requests.post` sends them.

# %%
import requests

from labkit import Receiver
from labkit.samples import pushes

event = pushes(1)[0]

with Receiver(make_push_app()) as receiver:
    answer = requests.post(
        receiver.url + "/webhooks/push",
        data=event.body,
        headers={"Content-Type": "application/json"},
    )

answer.status_code, answer.text

# %% [markdown]
# The receiver keeps an *inbox*: every request that arrived, and what was answered.

# %%
for got in receiver.inbox:
    print(got.request.method, got.request.path, "answered", got.status)
    print(got.request.body.decode())

# %% [markdown]
# ## Knock at other doors
#
# Say what you expect before you look.
# Write your letter in place of the question mark, then run the cell.

# %%
from labkit.exercises import check, hint, predict, solution

predict("02-wrong-door", "c")

# %%
doors = [
    ("POST", "/webhooks/push"),
    ("GET", "/webhooks/push"),
    ("POST", "/webhooks/pull"),
]

with Receiver(make_push_app()) as receiver:
    for method, path in doors:
        answer = requests.request(method, receiver.url + path)
        print(method, path, "answered", answer.status_code)

# %% [markdown]
# - **405** Method Not Allowed: the path is right, the method is not.
# - **404** Not Found: nobody waits at this path.
#
# Flask gives both answers by itself.
# They are the first thing to look for when a provider says that it can't deliver.
#
# Here is how it looks from the sender's side.
# The next endpoint has the right path, but its decorator names no method, and then Flask allows only GET.

# %%
predict("02-get-only", "b")

# %% [markdown]
# `simulate` lets a made-up sender deliver to your app, with all its retries, in simulated time.
# What it did is a *history*, and `timeline()` draws it:
#
# - Time runs from top to bottom. On the left is the sender, on the right the receiver; an arrow is a request or an answer.
# - The letter is the event, the number the attempt: A1 and A2 are two attempts for one event, B1 would be the first for another.
# - At the bottom, the *account* counts events, attempts and arrivals, and says what became of the events.
#
# *The same as text*, below the picture, opens a table with a line for each attempt.

# %%
from labkit import simulate


def make_get_only():
    app = Flask("shop")

    @app.route("/webhooks/push")
    def push():
        return "thanks", 200

    return app


history = simulate(make_get_only(), [event], path="/webhooks/push")
history.timeline()

# %% [markdown]
# Every attempt reached your program, and every one was turned away at the door.
# The last one comes three days after the first; then the event is a *dead letter*: given up.
#
# **Change one thing:** write `@app.route("/webhooks/push", methods=["POST"])` and run the cell again.
#
# ## Exercise 2.1
#
# Now your own, for the payment provider.
# It posts to one address and sends all kinds of bodies there: events, test calls, empty pings.
# So this first endpoint looks at none of them; it only says that they have come.
#
# | request | answer |
# | --- | --- |
# | `POST /webhooks/payment-success`, any body or none | a status from 200 to 299 |
# | another method to that path: GET, PUT, PATCH, DELETE | 405 |
# | another path | 404 |


# %%
def make_app():
    """Return a Flask app that answers POST /webhooks/payment-success with a 2xx.

    It does so whatever the body is, and without one. Other methods to this path are
    answered with 405, other paths with 404. make_app may be called many times.
    """
    # BEGIN SOLUTION
    app = Flask("shop")

    @app.post("/webhooks/payment-success")
    def payment_success():
        return "", 200  # acknowledge

    return app
    # END SOLUTION


check("2.1", make_app)

# %% [markdown] tags=["solution"]
# **Explained.** `app = Flask("shop")` stands inside of the function, so each call makes an app of its own.
# With one app outside of it, the second call would add the same endpoint again, and Flask refuses that.
#
# `@app.post(…)` names the method and the path together.
# With `@app.route(…)` and no `methods`, only GET would be allowed, and every delivery would end in a 405.
# The path has no slash at its end: with one, Flask answers the provider with a redirect, and most providers do not follow it.
#
# `return "", 200` is the answer: an empty body, and the status that says *I have it*.
# Without a `return` the sender hears 500.
# There is no line for 404 and 405, because Flask has them already; and none that reads the body, because every line that reads it is one more way to fail.
#
# `return app` hands the app to whoever runs it.

# %% [markdown]
# ## The same from a terminal: curl
#
# `curl` sends a request from a terminal, and every provider's manual has examples for it.
# Here is a receiver that keeps running, and the command that reaches it, ready to copy.

# %% tags=["nbval-ignore-output"]
import shlex
import shutil
import subprocess
import sys

receiver = Receiver(make_push_app()).start()

body = '{"hello": "from the terminal"}'
command = [
    "curl", "--include", "--silent", "--show-error", "--noproxy", "127.0.0.1",
    "--request", "POST",
    "--header", "Content-Type: application/json",
    "--data-binary", body,
    receiver.url + "/webhooks/push",
]  # fmt: skip

if sys.platform == "win32":
    print(subprocess.list2cmdline(command))
else:
    print(shlex.join(command))

# %% [markdown]
# Open a terminal (in JupyterLab: *File*, *New*, *Terminal*; on Windows the Command Prompt) and paste the line.
# If the lab runs in your browser alone, there is no terminal; read on.
#
# - `--include` shows the status and the headers of the answer.
# - `--request POST` names the method.
# - `--data-binary` sends the body as it is. Plain `--data` would say that it is a form, and leave out line breaks.
#
# The next cell runs the same command from Python, where there is a `curl`.

# %% tags=["nbval-ignore-output"]
if shutil.which("curl"):
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=10, check=False
    )
    print(done.stdout or done.stderr)
else:
    print("There is no curl here. Nothing is missing: requests sends the same.")

# %% [markdown]
# And the same by `requests`. The `with` block stops the receiver at its end; its inbox stays.
#
# To the receiver the two differ only in how they introduce themselves.

# %% tags=["nbval-ignore-output"]
with receiver:
    requests.post(
        receiver.url + "/webhooks/push",
        data=body,
        headers={"Content-Type": "application/json"},
    )

for got in receiver.inbox:
    print(got.request.header("User-Agent"), "sent", got.request.body)

# %% [markdown]
# ## What a request brings
#
# The inbox sees requests from outside. Inside of a view you have Flask's `request`.
#
# - `request.method` and `request.path` say at which door the sender knocked.
# - `request.headers` are what the sender wrote above the body; `headers.get(name)` gives one of them, or None.
# - `request.remote_addr` is the address that the connection came from.
# - `request.get_data()` is the body.
#
# There is a request only while one is answered, so `request` works inside of a view and in no cell of its own.
#
# The body needs care. It comes over the connection once, as bytes.
# Here a provider sends a form, as browsers do: `order_id=A-1`, which is 12 bytes.

# %%
predict("02-form-first", "b")

# %%
from flask import request


def make_form_app():
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        order = request.form["order_id"]
        body = request.get_data()
        return f"order {order}, body of {len(body)} bytes"

    return app


with Receiver(make_form_app()) as form_receiver:
    answer = requests.post(form_receiver.url + "/webhooks", data={"order_id": "A-1"})

answer.text

# %% [markdown]
# **Change one thing:** let the view call `request.get_data()` before it looks at `request.form`, and run the cell again.
#
# So when you want the bytes, *read the raw body* before anything else.
# It matters as soon as you want both, the bytes and what is in them.
# A view that only wants the fields may begin with `request.get_json()`, as some below do.
# From lab 04 on you always want both, because what a provider signs are these bytes and no others.
#
# ## Exercise 2.2
#
# Write `describe(request) -> dict`: a note of what came, for the day when you look for a fault.
# For a push it might be
#
# ```python
# {
#     "method": "POST",
#     "path": "/webhooks/push",
#     "user_agent": "CodeHost/2.1",
#     "content_type": "application/json",
#     "address": "203.0.113.7",
#     "body": b'{"id": "psh_00001"}',
# }
# ```


# %%
def describe(request):
    """Return what a request brings, as a dictionary with these six keys.

    "method"        as it came, such as "POST"
    "path"          such as "/webhooks", without the query
    "user_agent"    the header User-Agent as text; None or "" where there is none
    "content_type"  the header Content-Type as it came; None or "" where there is none
    "address"       where the connection came from, whatever the headers say
    "body"          the raw body: bytes, all of them, of forms too

    request is Flask's. Whoever reads its body after you must still find it.
    """
    # BEGIN SOLUTION
    return {
        "body": request.get_data(),  # read the raw body
        "method": request.method,
        "path": request.path,
        "user_agent": request.user_agent.string,
        "content_type": request.content_type,
        "address": request.remote_addr,
    }
    # END SOLUTION


check("2.2", describe)

# %% [markdown] tags=["solution"]
# **Explained.** `request.get_data()` stands first: it reads the bytes and keeps them, so that whoever asks later finds them too.
# `request.data` looks alike, but stays empty for a form; `request.stream.read()` gives the bytes to you and to nobody after you; `as_text=True` loses what is no UTF-8.
#
# `request.path` ends before the question mark; `full_path` and `url` say more than was asked.
# `request.user_agent` is an object, and `.string` is the text in it, empty where there was none.
# `request.content_type` keeps what stands behind the semicolon, `request.mimetype` does not.
#
# `request.remote_addr` is where the connection came from.
# `X-Forwarded-For` is a header, and anybody can write any address into it.
# Behind a proxy of your own, `remote_addr` is the proxy's; then let the server be told which proxy to believe, in one place, and keep it out of the views.

# %% [markdown]
# Here is your `describe` at work.
# The request claims in a header to come from somewhere else.

# %%
seen = []


def make_noting_app():
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        seen.append(describe(request))
        return "", 200

    return app


with Receiver(make_noting_app()) as noting:
    requests.post(
        noting.url + "/webhooks?attempt=1",
        data="order_id=A-1",
        headers={
            "User-Agent": "PayCo/2.1",
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": "198.51.100.99",
        },
    )

seen

# %% [markdown]
# As long as exercise 2.2 is not written, the list stays empty, because the view ends with an exception.
#
# ## When a view fails
#
# What does the sender hear then? This view looks for a field that is not there.

# %%
from labkit.samples import payments


def make_buggy_app():
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        print("working on", event["id"])
        print("order", event["data"]["order"])
        return "", 200

    return app


payment = payments(1)[0]

with Receiver(make_buggy_app()) as buggy:
    requests.post(
        buggy.url + "/webhooks",
        data=payment.body,
        headers={"Content-Type": "application/json"},
    )

got = buggy.inbox[-1]
print("answered:", got.status)
print("raised:", repr(got.error))
print("printed:", got.printed.strip())

# %% [markdown]
# Flask makes 500 out of an exception that nobody catches.
# That is the right answer: the sender learns that the event did not get through, and keeps it.
# The exception itself stays with you, in the inbox here, in the log of a server.
#
# ## What the sender makes of your answer
#
# The status is all that the sender ever learns about your work.
# A 2xx ends the matter. What follows on the others differs from sender to sender.
#
# *Standard Webhooks* is a specification, written by several companies, of how webhooks are sent; the simulated sender keeps to its example schedule unless you say otherwise.
# With `profile="brevo"` it behaves like Brevo, a service that sends e-mail for shops and tells them by webhook what became of it.
# There are profiles for other providers, too.

# %%
predict("02-bad-request", "b")


# %%
def make_answering(status):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        return "", status

    return app


senders = ["standard", "brevo", "sendgrid-inbound", "github"]
print("status", *(f"{name:>17}" for name in senders))
for status in (200, 302, 400, 410, 429, 503):
    tries = [
        len(simulate(make_answering(status), [payment], profile=name).attempts)
        for name in senders
    ]
    print(f"{status:>6}", *(f"{number:>17}" for number in tries))

# %% [markdown]
# The numbers are attempts until the sender stops.
#
# - Only 200 ended well. All the other rows end in a dead letter, some after one attempt, some after days.
# - 302 is no success. Most senders do not follow a redirect.
# - 400 stops some senders at once. So a 4xx must be the truth: this event will never go well.
# - 410 says *gone*. By the specification of Standard Webhooks the sender then turns your endpoint off, for all events.
# - 429 and 503 ask for another attempt. GitHub makes none whatever you answer; there you must ask for it.
#
# ## When the warehouse is busy
#
# Now there is work to do: each payment is a parcel.
# The warehouse is busy and turns the first three calls down.


# %%
class Busy(Exception):
    """The warehouse has no time."""


class Warehouse:
    def __init__(self, busy_for):
        self.busy_for = busy_for  # how many calls it turns down
        self.parcels = []

    def ship(self, event):
        if self.busy_for > 0:
            self.busy_for -= 1
            raise Busy
        self.parcels.append(event["data"]["order_id"])


# %%
predict("02-ok-on-exception", "b")


# %%
def make_careless_app(work):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        try:
            work(request.get_json())
        except Busy as error:
            print("could not ship:", repr(error))
        return "", 200

    return app


warehouse = Warehouse(busy_for=3)
history = simulate(make_careless_app(warehouse.ship), [payment])
history.timeline()

# %%
print("parcels:", warehouse.parcels)
print(history.account)

# %% [markdown]
# Read the account: one event, acknowledged, nothing lost.
# Seen from the wire, all is well, and there is no parcel.
# No retry, no dead letter, no alarm: the customer is the one who notices.
#
# `except` with a 200 behind it is among the most common faults of real receivers.
# It is often written with a good intention: *the provider need not know about our trouble.*
# But the provider is the only one who still has the event.

# %%
predict("02-busy", "a")


# %%
def make_honest_app(work):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        try:
            work(request.get_json())
        except Busy:
            return "come again", 503
        return "", 200

    return app


warehouse = Warehouse(busy_for=3)
history = simulate(make_honest_app(warehouse.ship), [payment])
history.timeline()

# %%
print("parcels:", warehouse.parcels)

# %% [markdown]
# The sender kept the event for you, and brought it when there was time for it.
#
# **Try it:** `Warehouse(busy_for=9)`, then `busy_for=10`. What becomes of the event?
#
# ## A list for later
#
# Work may take long, and no sender waits for ever.
# So here is a view that only puts the event on a list; a worker in the same program goes through the list when there is time.

# %%
predict("02-ack-first", "c")


# %%
def start_shop():
    """Start the program: make its list and its app."""
    todo = []
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        todo.append(request.get_json())
        return "", 200

    return app, todo


app, todo = start_shop()
history = simulate(app, payments(5))
history.timeline()

# %%
print("on the list:", len(todo))

# %% [markdown]
# Before the worker gets to it, you bring out a new version: the program ends, and starts again from its first line.
# Then the worker goes through the list of the program that runs.

# %%
app, todo = start_shop()

warehouse = Warehouse(busy_for=0)
for event_to_do in todo:
    warehouse.ship(event_to_do)

print("parcels:", warehouse.parcels)
print(history.account)

# %% [markdown]
# Five acknowledged, five gone: a list in memory ends with the program that made it.
# A thread in the background has the same fault; it only makes the moment shorter in which a restart hurts.
# The rule that follows is short: *do the work*, then *acknowledge*.
# Work that takes too long for that is the matter of lab 08.
#
# ## Exercise 2.3
#
# The honest view above knows one kind of trouble. There are three: being busy passes, a bug does not go away by waiting, and some events will never go well.
# So the work tells them apart:
#
# | `process(event)` | what it means | answer | what you ask for |
# | --- | --- | --- | --- |
# | returns | the work is done | 2xx | nothing more |
# | raises `Temporary` | busy, try later | 503 | the same event again |
# | raises `Permanent` | this event can't be worked on, ever | 4xx | this event no more |
# | raises anything else | a bug of yours | 500 | the same event again, when the bug is mended |
#
# *Anything else* takes in what ends a program or a task, such as `SystemExit` and `asyncio.CancelledError`: the work was not done then either.
#
# Call `process` once for each request. Trying again is the sender's part: it has days for it, and your view has seconds.
#
# For `Permanent` take a 4xx that means nothing else to a sender.
# 408, 425 and 429 ask it to come again, and 410 may turn your endpoint off.


# %%
from labkit.exercises import Permanent, Temporary


def make_app(process):
    """Return a Flask app that hands each event to process and says how it went.

    The endpoint is POST /webhooks. process(event) gets the event as a dictionary, and
    returns nothing. It is called once for each request. The app answers

    2xx   once process has returned, and not before
    503   when it raises Temporary
    4xx   when it raises Permanent, but none of 408, 410, 425, 429
    500   when it raises anything else, SystemExit and CancelledError included

    and never 2xx after an exception. make_app may be called many times.
    """
    # BEGIN SOLUTION
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()  # parse
        try:
            process(event)  # do the work
        except Temporary:
            return "come again later", 503
        except Permanent:
            return "not with this event", 422
        return "", 200  # acknowledge

    return app
    # END SOLUTION


check("2.3", make_app)

# %% [markdown] tags=["solution"]
# **Explained.** The whole view lies inside of `make_app`, so it works with the `process` that this app was made for.
# With a global variable in between, the app that is made last would decide for all of them.
#
# `request.get_json()` stands before the `try`: if it fails, that is no trouble of the work.
# `process(event)` is called in the view itself, not in a thread and not on a list, so the line below it is reached when the work is done, and not before.
#
# `except Temporary` and `except Permanent` catch these two and the classes that derive from them; comparing `type(error)` would miss those.
# There is no `except Exception`: what nobody catches becomes 500, and the exception stays visible, with its lines.
# An exit or a cancellation, which `except Exception` would not catch anyway, goes the same way.
#
# `return "", 200` stands in one place, behind the work. Nothing that fails can reach it.
# The texts are short and say nothing about the inside: the sender is a stranger.

# %% [markdown]
# **Try it:** send a payment to your own app, with a warehouse that raises `Temporary` where it raised `Busy`, and look at `simulate(make_app(warehouse.ship), [payment]).timeline()`.
# Then let it raise `Permanent`. Does this sender take the hint? Does `profile="brevo"`?
#
# ## Keep in mind
#
# - An endpoint is a method and a path. 405 and 404 tell which of the two is wrong.
# - The body comes once. When you want its bytes, *read the raw body* first.
# - *Do the work*, then *acknowledge*. A 2xx is a promise that the sender may forget the event.
# - 503 for *later*, 4xx for *never*, 500 for *a bug*. When in doubt, let it be 500: then the event is kept for you.
# - Headers are written by the sender, the one with the address too.
#
# ## What real providers do
#
# | provider | acknowledged by | what else it reads in your answer |
# | --- | --- | --- |
# | Stripe, Shopify, Svix | any 2xx | a redirect is a failed attempt |
# | GitHub | any 2xx, within 10 seconds | nothing: it never tries again by itself |
# | Paddle | 200 only | |
# | Mailgun | 200 only | 406 means rejected, and it never comes again |
# | Zoom | 200 or 204, within 3 seconds | |
# | Slack (Events API) | any 2xx, within 3 seconds | follows at most 2 redirects; the header `X-Slack-No-Retry: 1` ends the retries |
# | SendGrid (Inbound Parse) | any 2xx | 3xx and 4xx: the message is dropped at once, and nobody is told |
# | Standard Webhooks (specification) | any 2xx | 410 turns the endpoint off; 429, 502 and 504 ask for a slower pace |
#
# Sources: docs.stripe.com/webhooks, shopify.dev and staff in community.shopify.dev/t/24625, docs.svix.com/retries, docs.github.com (webhooks, best practices), developer.paddle.com/webhooks/respond-to-webhooks, help.mailgun.com (webhooks), devsupport.zoom.us (webhook delays), docs.slack.dev/apis/events-api, support.sendgrid.com (article 46513815674395), the Standard Webhooks specification. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# If you learn in a class, hand it in; if you learn alone, read it again before the next lab.
#
# Next: `03_payloads` opens the body, and decides what to believe of it.
