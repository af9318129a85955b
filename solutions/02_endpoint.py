# %% [markdown]
# # 02 · An endpoint
#
# In this lab you build an endpoint that a provider can send to.
# Then you look at everything that a request contains.
# Finally, you will return the status that makes the sender do the right thing: retry or stop.
#
# **You need** only this notebook and basic Python. **Time:** about 40 minutes.

# %%
from labkit import glossary, ready

ready(made_for="0.2")

# %% [markdown]
# New terms are explained where they first appear. `glossary()` in a cell shows the most important ones, and `glossary("retry")` shows one.
#
# ## An endpoint that works
#
# An *endpoint* is an address at which your program accepts requests: a *path* such as `/webhooks/push`, together with an HTTP *method* such as POST (send something) or GET (ask for something).
# The endpoint below receives events from a *code host* such as GitHub. Each event is a *push*: someone uploaded new code.
#
# - `Flask("shop")` creates an app, which has no endpoint yet.
# - `@app.post("/webhooks/push")` says: if a POST arrives at this path, call the function below.
# - This function is called a *view*. Its return value is the response: a body and a status.

# %%
from flask import Flask


def make_push_app():
    app = Flask("shop")

    @app.post("/webhooks/push")
    def push():
        return "thanks", 200

    return app


# %% [markdown]
# The app is created inside a function on purpose.
# A Flask app accepts no new endpoints after its first request. The function creates a new app each time you call it.
#
# Books often call `app.run()` here.
# In a notebook, a cell with this call would never end.
# A `Receiver` runs the app in the background, on this machine only, on a free port.
# It runs inside the `with` block and stops at the end of the block.
#
# Now play the provider.
# An event travels as a few hundred bytes of JSON, and `requests.post` sends them.

# %%
import requests

from labkit import Receiver
from labkit.samples import pushes

event = pushes(1)[0]

with Receiver(make_push_app()) as receiver:
    response = requests.post(
        receiver.url + "/webhooks/push",
        data=event.body,
        headers={"Content-Type": "application/json"},
    )

response.status_code, response.text

# %% [markdown]
# The receiver keeps an *inbox*: every request that arrived, and the response to it.

# %%
for got in receiver.inbox:
    print(got.request.method, got.request.path, "returned", got.status)
    print(got.request.body.decode())

# %% [markdown]
# ## Try other methods and paths
#
# Say what you expect before you look.
# Choose a letter: click it, or write it instead of the question mark. Then run the next cells.

# %%
from labkit.exercises import check, hint, predict, solution

predict("02-wrong-door", "c")

# %%
calls = [
    ("POST", "/webhooks/push"),
    ("GET", "/webhooks/push"),
    ("POST", "/webhooks/pull"),
]

with Receiver(make_push_app()) as receiver:
    for method, path in calls:
        response = requests.request(method, receiver.url + path)
        print(method, path, "returned", response.status_code)

# %% [markdown]
# - **405** Method Not Allowed: the path exists, but not with this method.
# - **404** Not Found: the path does not exist.
#
# Flask returns both statuses by itself.
# Look for them first if a provider says that it cannot deliver.
#
# A sender gets the same statuses.
# The next endpoint has the right path, but its *decorator* (the line that begins with `@`) names no method, so Flask allows only GET.

# %%
predict("02-get-only", "a")

# %% [markdown]
# `simulate` lets a simulated sender deliver to your app, with all its retries, in simulated time.
# The result is a *history*, and `timeline()` draws it:
#
# - Time runs from top to bottom. The sender is on the left, and the receiver is on the right. An arrow is a request or a response.
# - The letter is the event, and the number is the attempt: A1 and A2 are two attempts for one event, and B1 is the first attempt for another event.
# - At the bottom is a summary, called the *account*. It counts events, attempts and arrivals, and says what became of each event.
#
# *The same as text*, below the picture, opens a table with one line per attempt.

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
# Every attempt reached your program, and your program rejected every one.
# The last attempt comes three days after the first. Then the sender gives up, and the delivery becomes a **dead letter**.
#
# **Change one thing:** write `@app.route("/webhooks/push", methods=["POST"])` and run the cell again.
#
# ## Exercise 2.1
#
# Now write your own endpoint, for the payment provider.
# This provider uses one address for everything: events, test calls and empty pings.
# So your first endpoint does not look at the body. It only confirms that the request arrived.
#
# | request | response |
# | --- | --- |
# | `POST /webhooks/payment-success`, with any body or none | a status from 200 to 299 |
# | GET, PUT, PATCH or DELETE to that path | 405 |
# | another path | 404 |
#
# The exercise leaves open what Flask does by itself: other methods such as OPTIONS, and paths that begin with `/static/`.


# %%
def make_app():
    """Return a Flask app each time `make_app` is called, without starting a server.

    The app responds to POST /webhooks/payment-success with a 2xx. The body does not
    matter, and it may be missing.

    If the method for this path is GET, PUT, PATCH or DELETE, the app responds with 405.
    For every other path it responds with 404.

    The check does not test other methods, paths that begin with /static/, the path with
    a slash at its end, JSON with more than 1,000 nested brackets, forms with more than
    1,000 fields, or whether each call makes a new app.
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
# **Explained.** `app = Flask("shop")` is inside the function, so each call creates its own app.
# With one app outside the function, the second call would add the same endpoint again, and Flask raises an exception for that.
#
# `@app.post(…)` names the method and the path together.
# With `@app.route(…)` and no `methods`, Flask would allow only GET, and every delivery would end with 405.
# The path has no slash at the end. With one, Flask would respond with a redirect, and most providers do not follow redirects.
#
# `return "", 200` is the response: an empty body, and the status that means *I have it*.
# Without a `return`, the sender gets a 500.
# You do not need lines for 404 and 405, because Flask returns them by itself. Do not read the body either, because every line that reads it can fail.
#
# `return app` returns the app to the code that called `make_app`.

# %% [markdown]
# ## The same from a terminal: curl
#
# `curl` sends a request from a terminal, and the documentation of most providers has examples that use it.
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
# If the lab runs entirely in your browser, there is no terminal. In that case, read on.
#
# - `--include` shows the status and the *headers* of the response. A header is a line with a name and a value that comes before the body.
# - `--request POST` names the method.
# - `--data-binary` sends the body unchanged. Plain `--data @file` removes the line breaks of the file. Both options declare the body to be a form, unless you set the header `Content-Type`.
#
# To watch requests arrive, run `receiver.inspector()` in a new cell. It shows the **inspector**: a page with every request and its response.
# If you started the labs with `make lab` or `webhook-lab`, the inspector is already open beside the notebook.
#
# The next cell runs the same command from Python, if `curl` is installed.

# %% tags=["nbval-ignore-output"]
if shutil.which("curl"):
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=10, check=False
    )
    print(done.stdout or done.stderr)
else:
    print("curl is not installed here. That is fine: requests sends the same.")

# %% [markdown]
# The next cell does the same with `requests`. The receiver stops at the end of the `with` block, but you can still read its inbox.
#
# To the receiver, the two requests differ only in a few headers, such as `User-Agent`.

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
# ## What a request contains
#
# With the inbox you look at a request from outside the app. Inside a view you use Flask's `request`.
#
# - `request.method` and `request.path` say what the sender called.
# - `request.headers` contains the header fields; `headers.get(name)` returns one of them, or None.
# - `request.remote_addr` is the address that the connection came from.
# - `request.get_data()` is the body.
#
# A request exists only while a view handles it. So `request` works inside a view, but not in a cell of its own.
#
# Handle the body with care.
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
    response = requests.post(form_receiver.url + "/webhooks", data={"order_id": "A-1"})

response.text

# %% [markdown]
# **Change one thing:** let the view call `request.get_data()` before it looks at `request.form`, and run the cell again.
#
# The body arrives over the connection only once. So if you need the bytes, *read the raw body* before anything else.
# This matters as soon as you need both the bytes and the fields in them.
# A view that needs only the fields may begin with `request.get_json()`, as some views below do.
# A receiver that checks signatures (lab 04) needs both, because a signature is computed from exactly these bytes.
#
# ## Exercise 2.2
#
# Write `describe(request) -> dict`. It returns a record of the request, for the day when you look for a bug.
# For a push, the record could be:
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
    """Return a dictionary with the keys "method", "path", "user_agent", "content_type",
    "address" and "body" that describes a Flask request.

    The method is as it was sent, such as "POST". The path is without the query
    (the part from `?` on), such as "/webhooks".

    The user agent is the header User-Agent as a string; None or "" if it is missing.
    The content type is the header Content-Type as it was sent; None or "" if it is
    missing.

    The address is where the connection came from, whatever the headers say. The body is
    the raw body: all of its bytes, even if the body is a form. Code that reads the body
    afterwards can still read it.

    The check does not test additional keys, or methods and paths with unusual
    characters.
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
# **Explained.** `request.get_data()` comes first: it reads the bytes and keeps them, so that later code can use them too.
# `request.data` looks similar but is empty for a form. `request.stream.read()` consumes the body, so later code cannot read it. `as_text=True` replaces bytes that are not valid UTF-8.
#
# `request.path` ends before the question mark; `full_path` and `url` contain more than the contract asks for.
# `request.user_agent` is an object. Its `.string` is the text, which is empty if the header is missing.
# `request.content_type` keeps the part after the semicolon, and `request.mimetype` does not.
#
# `request.remote_addr` is the address that the connection came from.
# `X-Forwarded-For` is a header, and a sender can write any address into it.
# Behind your own proxy, `remote_addr` is the proxy's address. In that case, tell the app once how many proxies it may trust (Werkzeug's `ProxyFix`). Do not read the header in the views.

# %% [markdown]
# Here is your `describe` at work.
# The request claims in a header that it comes from somewhere else.

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
# Until you solve exercise 2.2, the list stays empty, because the view raises an exception.
#
# ## When a view fails
#
# Which status does the sender get then? This view looks for a field that does not exist.

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
print("status:", got.status)
print("raised:", repr(got.error))
print("printed:", got.printed.strip())

# %% [markdown]
# Flask turns an exception that nobody catches into a 500.
# That is the right response: the sender learns that the event was not processed, and keeps it.
# The exception itself stays on your side: in the inbox here, in the log of a real server.
#
# ## Exercise 2.4
#
# This exercise is short. The longer exercise 2.3 comes at the end of this lab.
#
# After an incident you want to know which requests were not acknowledged, and why.
# Write `failures(inbox) -> list`. For the inbox above, it returns `[(500, "KeyError")]`.


# %%
def failures(inbox):
    """Return a list with one tuple `(status, reason)` for each request that was not
    acknowledged.

    `inbox` contains an entry per request, in the order of arrival. Each entry has a
    `status`, an int, and an `error`: the exception that the view raised, or None.

    A request was acknowledged if its status is 200 to 299.
    The reason is the name of the exception's class, such as "KeyError".
    If `error` is None, the reason is "".
    The list is in the order of the inbox and has an entry for every such request, even
    if two of them are equal.
    If there is no such request, the list is empty.
    The inbox is not changed.

    The check does not test statuses below 200, an exception together with a status
    from 200 to 299, or exceptions that count as false in an `if`.
    """
    # BEGIN SOLUTION
    found = []
    for got in inbox:
        if 200 <= got.status <= 299:
            continue
        reason = type(got.error).__name__ if got.error is not None else ""
        found.append((got.status, reason))
    return found
    # END SOLUTION


check("2.4", failures)

# %% [markdown] tags=["solution"]
# **Explained.** The condition names the whole range from 200 to 299, because 201, 202 and 204 also acknowledge an event. Redirects and 4xx are failures.
# It does not test `got.error`, because a view can return a 400 without any exception.
#
# `type(got.error).__name__` is the name of the class. `str(got.error)` would be its message, which may contain a customer's data.
# Without `if got.error is not None`, the reason would be `"NoneType"` for a request without an exception.

# %% [markdown]
# ## What the sender does with your response
#
# The status is the main thing, and often the only thing, that the sender learns about your work.
# After a 2xx it stops. What it does after other statuses differs from sender to sender.
#
# *Standard Webhooks* is a specification, written by several companies, of how to send webhooks. The simulated sender follows its example retry schedule, unless you choose a *profile*: the rules of one real provider.
# With `profile="brevo"` it behaves like Brevo, a service that sends e-mail for shops and reports by webhook what happened to each message.
# There are profiles for other providers, too.

# %%
predict("02-bad-request", "c")


# %%
def make_returning(status):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        return "", status

    return app


senders = ["standard", "brevo", "sendgrid-inbound", "github"]
print("status", *(f"{name:>16}" for name in senders))
for status in (200, 302, 400, 410, 429, 503):
    tries = [
        len(simulate(make_returning(status), [payment], profile=name).attempts)
        for name in senders
    ]
    print(f"{status:>6}", *(f"{number:>16}" for number in tries))

# %% [markdown]
# The numbers are the attempts until the sender stops.
#
# - The event was delivered only in the row with 200. All other deliveries ended as dead letters, some after one attempt, some after days.
# - 302 is not a success. It is a *redirect*: it tells the sender to use another address. Most large providers do not follow it. (Lab 13 shows senders that do.)
# - 400 stops some senders at once. So return a 4xx only if this event can never be processed.
# - 410 means *gone*. According to Standard Webhooks, the sender then disables your endpoint for all events.
# - After 429 and 503, most senders try again, but not all: one sender in the table stops at 429, and GitHub never retries by itself, so you must request a redelivery.
#
# ## When the warehouse is busy
#
# Now there is work to do: each payment means a parcel.
# The warehouse is busy and rejects the first three calls.


# %%
class Busy(Exception):
    """The warehouse is busy."""


class Warehouse:
    def __init__(self, busy_for):
        self.busy_for = busy_for  # how many calls it rejects
        self.parcels = []

    def ship(self, event):
        if self.busy_for > 0:
            self.busy_for -= 1
            raise Busy
        self.parcels.append(event["data"]["order_id"])


# %%
predict("02-ok-on-exception", "a")


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
# The sender sees no problem, but no parcel was shipped.
# There is no retry, no dead letter and no alert. The customer is the one who notices.
#
# `except` followed by a 200 is one of the most common bugs in real receivers.
# Often the intention is good: *the provider does not need to know about our problem.*
# But the provider is the only one who still has the event.

# %%
predict("02-busy", "b")


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
# The sender kept the event for you and delivered it when the warehouse had time.
#
# **Try it:** `Warehouse(busy_for=9)`, then `busy_for=10`. What happens to the event?
#
# ## A list for later
#
# Work can take a long time, and no sender waits forever.
# So this view only adds the event to a list. A *worker*, a part of the same program that works in the background, processes the list later.

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
# Before the worker gets to it, you deploy a new version: the program ends and starts again from its first line.
# Then the worker processes the list of the new program.

# %%
app, todo = start_shop()

warehouse = Warehouse(busy_for=0)
for event_to_do in todo:
    warehouse.ship(event_to_do)

print("parcels:", warehouse.parcels)
print(history.account)

# %% [markdown]
# Five events were acknowledged, but none of them will ever be processed: a list in memory ends with the program that created it.
# A background thread has the same bug. It only shortens the time in which a restart does harm.
# The rule is short: *do the work*, then *acknowledge*.
# Lab 08 is about work that takes too long for that.
#
# ## Exercise 2.3
#
# The view with the 503 handles one kind of problem. There are three kinds: a busy warehouse recovers, a bug does not go away if you wait, and some events can never be processed.
# So `process` tells them apart:
#
# | `process(event)` | meaning | response | effect on the sender |
# | --- | --- | --- | --- |
# | returns | the work is done | 2xx | it stops |
# | raises `Temporary` | busy, try later | 503 | it sends the event again |
# | raises `Permanent` | this event can never be processed | 4xx | some senders give up on this event at once |
# | raises anything else | your code has a bug | 500 | it sends the event again, and you have time to fix the bug |
#
# *Anything else* includes exceptions that `except Exception` does not catch, such as `SystemExit` (ends a program) and `asyncio.CancelledError` (ends a task in asynchronous code). The work was not done in that case either.
# It also includes `HTTPException` and its subclasses, such as `NotFound`. They come from Werkzeug, the library on which Flask is built.
# Flask does not turn these into a 500 by itself, so your view must.
#
# Call `process` once per request. Retrying is the sender's job: it has days for it, and your view has seconds.
#
# For `Permanent`, use a 4xx without a special meaning to a sender.
# 408, 425 and 429 ask the sender to try again, and 410 may disable your endpoint.


# %%
from labkit.exercises import Permanent, Temporary


def make_app(process):
    """Return a Flask app each time `make_app` is called; each app calls its own
    `process`.

    For each POST to /webhooks, call `process(event)` exactly once, with the event as
    a dictionary. After `process` has returned, and not before, respond with a 2xx.
    `process` returns None.

    If it raises `Temporary`, respond with 503. If it raises `Permanent`, respond with a
    4xx, but not with 408, 410, 425 or 429. This includes subclasses of these two
    exceptions. If it raises anything else, respond with 500: this includes SystemExit,
    CancelledError and Werkzeug's HTTPException.

    Process the same event again if it arrives again, whatever happened before.

    The check does not test KeyboardInterrupt, bodies that are not JSON objects, other
    paths, two requests at the same time, or a call of `process` that takes half a
    second or more.
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
        except BaseException:
            app.logger.exception("the work was not done")
            return "the work was not done", 500
        return "", 200  # acknowledge

    return app
    # END SOLUTION


check("2.3", make_app)

# %% [markdown] tags=["solution"]
# **Explained.** The whole view is inside `make_app`, so it uses the `process` that this app was created with.
# With a global variable instead, the newest app would decide for all of them.
#
# `request.get_json()` comes before the `try`: if it fails, the work is not the cause.
# The view itself calls `process(event)`, not a thread or a list. So the next line runs only after the work is done.
#
# `except Temporary` and `except Permanent` catch these two classes and their subclasses. A comparison of `type(error)` would miss the subclasses.
#
# `except BaseException` catches everything else, and it must come last.
# Without it, Flask would turn most exceptions into a 500, but not all of them:
#
# - Flask uses the status of an `HTTPException` as the response. A `NotFound` from `process` would become a 404, and some senders would give up on the event.
# - `SystemExit` and `asyncio.CancelledError` are not subclasses of `Exception`. Flask does not catch them, so the server sends no response, and the sender waits until its timeout.
#
# Flask logs only the exceptions that it turns into a 500 itself. So this view logs its exception with `app.logger.exception`; otherwise the bug would not appear in any log.

# %% [markdown]
# **Try it:** send a payment to your own app, with a warehouse that raises `Temporary` instead of `Busy`, and look at `simulate(make_app(warehouse.ship), [payment]).timeline()`.
# Then let it raise `Permanent`. Does this sender stop? Does `profile="brevo"`?
#
# ## Remember
#
# - An endpoint is a method and a path. 405 and 404 say which of the two is wrong.
# - A request body arrives only once. If you need its bytes, *read the raw body* first.
# - *Do the work*, then *acknowledge*. A 2xx tells the sender that it may forget the event.
# - Use 503 for *later*, 4xx for *never*, and 500 for *a bug*. If you are not sure, use 500: then the sender keeps the event.
# - The sender writes the headers. Do not trust an address in them, such as `X-Forwarded-For`.
#
# ## What real providers do
#
# | provider | acknowledged by | what else it reads in your response |
# | --- | --- | --- |
# | Stripe, Shopify, Svix | any 2xx | a redirect is a failed attempt |
# | GitHub | any 2xx, within 10 seconds | nothing: it never tries again by itself |
# | Paddle | 200 only | |
# | Mailgun | 200 only | 406 means rejected, and it never tries again |
# | Zoom | 200 or 204, within 3 seconds | |
# | Slack (Events API) | any 2xx, within 3 seconds | it follows at most 2 redirects; the header `X-Slack-No-Retry: 1` ends the retries |
# | SendGrid (Inbound Parse) | any 2xx | 3xx and 4xx: it drops the message at once and tells nobody |
# | Standard Webhooks (specification) | any 2xx | 410 disables the endpoint; 429, 502 and 504 ask the sender to slow down |
#
# Sources: docs.stripe.com/webhooks, shopify.dev and staff in community.shopify.dev/t/24625, docs.svix.com/retries, docs.github.com (webhooks, best practices), developer.paddle.com/webhooks/about/respond-to-webhooks, help.mailgun.com (webhooks), devsupport.zoom.us (webhook delays), docs.slack.dev/apis/events-api, support.sendgrid.com (article 46513815674395), the Standard Webhooks specification. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# In a class, hand it in. If you are learning on your own, read it again before the next lab.
#
# Next: in `03_payloads` you open the body and decide which parts of it to trust.
