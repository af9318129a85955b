# %% [markdown]
# # 03 · Payloads
#
# In this lab you decide which parts of a request your receiver trusts, and how it responds to the rest.
# By the end, new fields and new event types do not break your receiver, and no request body can crash it.
#
# **You need** only this notebook. It helps to know how a Flask app handles a POST (lab 02).
#
# **Time:** about 35 minutes.
#
# Run the cells in order, from the top, with Shift+Enter.

# %%
from labkit import glossary, ready

ready(made_for="0.2")

# %% [markdown]
# New terms are explained where they first appear. `glossary()` in a cell shows the most important ones, and `glossary("retry")` shows one.
#
# ## Three senders, one envelope
#
# The content of a webhook is its *payload*: usually a few hundred bytes of JSON in the body of a POST.
# Here is one payload each from a payment provider, a code host and a CRM (a program that manages a company's contacts).

# %%
from labkit.samples import contacts, payments, pushes

for event in [*payments(1), *pushes(1), *contacts(1)]:
    print(event.body.decode(), end="\n\n")

# %% [markdown]
# All three have the same envelope: `id`, `event`, `created_at`, `data`.
# The field `event` contains the *type* of the event, and the content of `data` depends on it.
#
# ## A receiver that is too strict
#
# This shop wants to be careful.
# It knows the three fields of a payment and rejects everything that looks different.

# %%
from flask import Flask, request

from labkit import Event, simulate

parcels = []


def strict_shop():
    app = Flask("strict shop")

    @app.post("/webhooks")
    def webhook():
        data = request.get_json()["data"]
        if set(data) != {"order_id", "amount", "currency"}:
            return "unexpected fields", 400
        parcels.append(data["order_id"])
        return "", 200

    return app


parcels.clear()
history = simulate(strict_shop(), payments(2))
history.timeline()

# %%
parcels

# %% [markdown]
# It works until the provider adds a field.
#
# One day, payments contain one more field: how the customer paid.
# For the provider this is not a *breaking change* (a change that makes correct receivers fail), because its documentation says that it may add fields at any time.
#
# Say what you expect before you see it.
# Choose a letter: click it, or write it instead of the question mark. Then run the next cells.

# %%
from labkit.exercises import check, hint, predict, solution

predict("03-added-field", "a")

# %%
before, after = payments(2)
after = Event(
    after.type,
    {**after.data, "method": "card"},
    id=after.id,
    created_at=after.created_at,
)

parcels.clear()
history = simulate(strict_shop(), [before, after])
history.timeline()

# %%
print("shipped:", parcels)
print("given up:", [letter.event.id for letter in history.dead_letters])
print(history.account)

# %% [markdown]
# The second customer paid but gets nothing.
# The sender made ten attempts in three days, each with the same bytes, and the strict shop rejected each of them.
# If the sender gives up on a delivery, that delivery is called a **dead letter**.
#
# Neither side made an obvious mistake: the provider kept its promise, and the shop did what its code says.
# An old rule prevents this: **Require what you need and ignore what you do not know.** A receiver that does this is called a *tolerant reader*.
#
# ## Change one thing
#
# The shop needs an order, so it requires an order.

# %%


def tolerant_shop():
    app = Flask("tolerant shop")

    @app.post("/webhooks")
    def webhook():
        data = request.get_json()["data"]
        if "order_id" not in data:
            return "no order", 400
        parcels.append(data["order_id"])
        return "", 200

    return app


parcels.clear()
history = simulate(tolerant_shop(), [before, after])
print("shipped:", parcels)
history.timeline()

# %% [markdown]
# **Try it:** add a payment without an order to the list, `Event("payment.succeeded", {})`, and run the cell again.
# In this case the rejection is right: without an order the shop can ship nothing, today or in three days.
#
# ## What a body can contain
#
# A tolerant reader does not trust everything.
# The address of a receiver is not a secret, so anyone can send it any body.
# Python's `json` accepts more than you may think.
# Predict the result of each line, then run the cell.

# %%
import json

bodies = {
    "a list": b"[1, 2, 3]",
    "not a number": b'{"amount": NaN}',
    "true": b'{"created_at": true}',
    "a duplicate key": b'{"amount": 1, "amount": 4200}',
    "cut off": b'{"amount": 42',
    "not UTF-8": b'{"name": "Zo\xeb"}',
}
for name, body in bodies.items():
    try:
        print(f"{name:<16}", json.loads(body))
    except ValueError as error:
        print(f"{name:<16}", "a ValueError:", type(error).__name__)

# %% [markdown]
# Python accepted four bodies. The other two raised exceptions that are subclasses of `ValueError`.
#
# Look at `true` again: in Python `isinstance(True, int)` is true, because `bool` is a subclass of `int`.
#
# Here is one more body, made of nothing but brackets.

# %%
import sys

brackets = b"[" * 60_000
if sys.platform == "emscripten":
    print("In a browser this body would end Python itself, so it is left out.")
else:
    try:
        json.loads(brackets)
    except (ValueError, RecursionError) as error:
        print(type(error).__name__, "· a ValueError:", isinstance(error, ValueError))

# %% [markdown]
# Each bracket opens one more level, and Python limits the depth.
# `RecursionError` is not a subclass of `ValueError`, so `except ValueError` does not catch it.
#
# ## Exercise 3.1
#
# Write `parse(body) -> dict`.
# Its caller gets an event that it can rely on, or a `ValueError`, and nothing else.
#
# ```python
# parse(b'{"id":"evt_1","event":"push","created_at":1767225600,"data":{}}')   # a dictionary
# parse(b'{"id":"evt_1","event":"push","data":{}}')                           # ValueError
# ```


# %%
import json


def parse(body):
    """Return the event in `body` as a dictionary, or raise ValueError.

    `body` is bytes. You may raise a subclass of ValueError.

    Return the event if the body is a JSON object in UTF-8 with at least these four
    fields: "id" and "event" (strings), "created_at" (an integer), "data" (an object).
    "event" may be any string, and "data" may contain anything. Keep all other fields.

    Raise ValueError if the body is not valid JSON. Raise it if the JSON is not an
    object. Raise it if one of the four fields is missing. Raise it if a field has the
    wrong type; convert nothing. Empty strings and objects, 0 and negative integers are
    valid. true and false are not integers. Raise it if the body is not valid UTF-8.
    Outside strings, NaN and Infinity are not valid JSON. Raise it if the JSON is nested
    too deeply for Python to read. Raise it for JSON in other encodings, such as UTF-16.

    You need not know these special cases; the check does not test them: a byte order
    mark, duplicate keys, escaped halves of surrogate pairs, numbers that do not fit
    into a float or have more than 4,000 digits, whether a number such as 1.5 becomes
    a float or a Decimal, and characters before or after the object that Python's
    strip would remove but JSON does not allow.
    """
    # BEGIN SOLUTION
    fields = {"id": str, "event": str, "created_at": int, "data": dict}

    def refuse(word):
        raise ValueError(f"{word} is not JSON")

    # parse
    try:
        event = json.loads(body.decode(), parse_constant=refuse)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    if type(event) is not dict:
        raise ValueError("a JSON object is required")
    for name, kind in fields.items():
        if name not in event:
            raise ValueError(f"the field {name} is missing")
        if type(event[name]) is not kind:
            raise ValueError(f"the field {name} is not of type {kind.__name__}")
    return event
    # END SOLUTION


check("3.1", parse)

# %% [markdown] tags=["solution"]
# **Explained.**
#
# - `body.decode()` comes first, on its own. It accepts only UTF-8 and otherwise raises `UnicodeDecodeError`, which is a subclass of `ValueError`. `json.loads(body)` would guess between UTF-8, UTF-16 and UTF-32.
# - `json.loads` raises `JSONDecodeError` if the text is not JSON. That is also a subclass of `ValueError`. A number of 5,000 digits raises a plain `ValueError`. So there is nothing to catch in these cases.
# - `json.loads` calls `parse_constant=refuse` for `NaN`, `Infinity` and `-Infinity`. Python accepts these by default, but they are not part of JSON (RFC 8259, section 6).
# - `except RecursionError` turns the one exception that is not a `ValueError` into a `ValueError`. Without it, sixty thousand brackets cause a 500.
# - `type(event) is not dict` comes before the loop, because a list can contain the string `"id"` too.
# - `type(event[name]) is not kind` compares the type itself, so `True` is not accepted as an integer. It also rejects `null`, which becomes `None`.
# - The loop requires four fields and never looks at the others. So a new field does no harm.
# - `return event` returns the whole event, including the fields that your code does not know.
#
# The exercise leaves two cases open. You may reject or ignore a byte order mark at the start (RFC 8259, section 8.1). `body.decode()` keeps it, and then `json.loads` rejects it.
# If an object contains a duplicate key, Python keeps the last value, and other languages may keep the first (section 4). If money depends on it, reject duplicate keys: `object_pairs_hook` gets every pair.

# %% [markdown]
# ## Types that you do not know
#
# The shop now has one handler for payments and one for pushes. It looks up the handler by the type of the event.
# Then someone in marketing connects the CRM to the same address.

# %%
handlers = {
    "payment.succeeded": lambda event: parcels.append(event["data"]["order_id"]),
    "push": lambda event: None,
}


def looking_up_shop():
    app = Flask("looking-up shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        handlers[event["event"]](event)
        return "", 200

    return app


# %%
predict("03-unknown-type", "c")

# %%
parcels.clear()
history = simulate(looking_up_shop(), [*payments(1), *pushes(1), *contacts(1)])
history.timeline()

# %%
print(history.account)

# %% [markdown]
# For three days, the sender repeats a request that always fails.
# It gets worse: many providers count failures and disable an endpoint that fails too often.
# If the payments come from the same provider, they stop too, because of contacts that nobody wanted.
#
# So there are two different responses to an event:
#
# - *I cannot read this*: respond with 400.
# - *I can read this, but there is nothing for me to do*: respond with 200.
#
# ## Exercise 3.2
#
# Write `dispatch(event, handlers) -> str`. It finds the handler, calls it, and says what happened.
#
# ```python
# dispatch({"event": "push", …}, {"push": deploy})         # calls deploy(event), returns "handled"
# dispatch({"event": "push.undone", …}, {"push": deploy})  # calls nothing, returns "ignored"
# ```


# %%
def dispatch(event, handlers):
    """Call the handler for the event's type, and return what happened.

    `event` is a dictionary, as parse returns it. `handlers` maps types to functions
    that take the event.

    If there is a handler for this type, call it once, with the whole event as its only
    argument, and return "handled". What the handler returns does not matter. If there
    is none, return "ignored". Only a handler for exactly this type is called.

    If the handler raises an exception, let it through unchanged, whatever its class is.
    Do not change `event` or `handlers`. The same event may arrive again; handle it each
    time.

    The check does not test handlers that are not functions, types that are not
    strings, notes that are added to an exception, or whether the handler gets a copy
    of the event.
    """
    # BEGIN SOLUTION
    handler = handlers.get(event["event"])
    if handler is None:
        return "ignored"
    # do the work
    handler(event)
    return "handled"
    # END SOLUTION


check("3.2", dispatch)

# %% [markdown] tags=["solution"]
# **Explained.**
#
# - `handlers.get(…)` returns `None` for a type without a handler, but `handlers[…]` would raise. It compares whole names: `push` is not `push.undone`.
# - The early `return "ignored"` makes an unknown type an ordinary result.
# - `handler(event)` is on its own. There is no `try` around it, so its exceptions reach the caller. The caller responds with a 5xx, and the sender tries again.
# - The short version `try: handlers[…](event) / except KeyError: return "ignored"` looks just as good. But it also catches the `KeyError` of a handler that does not find a field, and then a paid order is "ignored".
# - The handler's return value is not used. With `return handler(event)` the caller would usually get `None` instead of `"handled"`.

# %% [markdown]
# ## What the HTTP headers say
#
# Before you read a body, the headers tell you two things about it: its type and usually its length.
#
# | the request | the response |
# | --- | --- |
# | is not `application/json` | 415 Unsupported Media Type |
# | is longer than your limit | 413 Content Too Large |
# | is not a valid event | 400 Bad Request |
# | is an event, handled or ignored | 200 |
# | is an event, and the handler failed | 500 |
#
# A limit on the length matters more than it seems.
# The receiver reads the body before it knows anything about the sender, so an attacker who wants to exhaust your memory does not need an account.
# Flask has a setting for it.
# Here is a small app with a limit of 10 bytes.

# %%
from labkit.checks.calls import AppCaller


def small_app():
    app = Flask("small app")
    app.config["MAX_CONTENT_LENGTH"] = 10

    @app.post("/webhooks")
    def webhook():
        return f"got {len(request.get_data())} bytes"

    return app


caller = AppCaller(small_app())
for length in (5, 10, 11, 25):
    print(length, "bytes:", caller.send(b"x" * length).status)

# %% [markdown]
# `AppCaller` calls the app without a server and shows the response.
#
# Flask enforces the limit exactly, to the byte.
# HTTP has a second way to send a body: in *chunks*, each with its own length, and without a `Content-Length` for the whole body.
# Some HTTP clients and proxies (servers that pass requests on to other servers) do that if they do not know the length in advance.

# %%
predict("03-chunked", "b")

# %%
for length in (5, 10, 11, 25):
    response = caller.send(b"x" * length, chunked=True)
    print(length, "bytes, chunked:", response.status, response.body.decode())

# %% [markdown]
# Flask rejected nothing. It truncated both long bodies without an error.
# Imagine that you store or check only 10 of the 25 bytes that the provider sent, and do not notice it. Or imagine JSON that happens to be complete after 10 bytes.
#
# You see this with Flask's own server and with Gunicorn, another web server for Python. A third one, Waitress, runs the receivers of this lab. It collects the chunks first and therefore knows the length.
# Your code should not depend on the server.
#
# One extra byte solves the problem: set Flask's limit one byte *higher* than your own, and measure the length of the result.
# If the result is longer than your own limit, the sender sent too much.
#
# **Try it:** set the limit to 11 in `small_app`, and let the function return `"too long", 413` for more than 10 bytes.
#
# ## Exercise 3.3
#
# Combine everything: `make_app(handlers) -> Flask`, a receiver that responds to each request with the right status.
# It uses your `parse` and your `dispatch`, so finish those first.


# %%
def make_app(handlers):
    """Return a Flask app that receives events at POST /webhooks.

    `handlers` maps types to functions, as in exercise 3.2.

    If `parse` from exercise 3.1 accepts the body, call the handler for this type once,
    with the whole event, and then respond with a 2xx. If there is no handler for the
    type, respond with a 2xx. What a handler returns does not change the response.

    If parse rejects the body, respond with 400 and call no handler.

    If the handler raises an exception, respond with a 5xx.

    Accept the content type application/json, also with parameters such as ";
    charset=utf-8", in upper or lower case. If the content type is another one or is
    missing, respond with 415 and call no handler. A space before the semicolon is
    allowed.

    If the body has more than 64 KiB (65,536 bytes), respond with 413 and call no
    handler. Bodies that crash a careless parser, for example with deep nesting, and
    bodies that it wrongly accepts, for example with NaN or in another encoding, also
    get a 400. Accept a chunked body, which has no
    Content-Length. The limit of 64 KiB holds for a chunked body, too. However long a
    body is, do not read much more than the limit.

    Respond with a 5xx even if the handler raises SystemExit, CancelledError or
    Werkzeug's HTTPException. Each app that `make_app` returns uses its own `handlers`.
    Treat each request in this way, whatever came before it, even if the same event
    arrives again.

    The check does not test other paths or methods, KeyboardInterrupt, two requests at
    the same time, which of 400, 413 and 415 you use if more than one of them applies,
    or a handler that changes the event or takes half a second or more.
    """
    # BEGIN SOLUTION
    limit = 64 * 1024
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = limit + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is required", 415
        # read the raw body
        body = request.get_data()
        if len(body) > limit:
            return f"at most {limit} bytes", 413
        # parse
        try:
            event = parse(body)
        except ValueError as error:
            return {"error": str(error)}, 400
        # do the work
        try:
            outcome = dispatch(event, handlers)
        except BaseException:
            app.logger.exception("the handler failed")
            return "the handler failed", 500
        # acknowledge
        return {"outcome": outcome}, 200

    return app
    # END SOLUTION


check("3.3", make_app)

# %% [markdown] tags=["solution"]
# **Explained.**
#
# - `request.mimetype` is the content type in lower case and without parameters. It is an empty string if the header is missing. `request.content_type == "application/json"` would reject `application/json; charset=utf-8`.
# - `MAX_CONTENT_LENGTH = limit + 1` limits how much is read at all. If `Content-Length` is greater, Flask responds with 413 by itself. If the body is chunked, Flask truncates it there.
# - `len(body) > limit` finds the bodies that were truncated, and the body with exactly one byte too many. It counts bytes; after decoding it would count characters.
# - `request.get_data()` comes before any code that reads the body in another way. After `request.form` there would be nothing left.
# - Only `parse` is inside the first `try`. If `dispatch` were there too, a handler's `ValueError` would become a 400, as if the sender had made a mistake.
# - `except BaseException` around `dispatch` catches everything that a handler can raise. Flask by itself turns only subclasses of `Exception` into a 500: it lets `SystemExit` and `CancelledError` through, and a server such as Waitress then sends no response at all. Flask also turns an `HTTPException` of a handler, such as `NotFound`, into its own status, here a 404.
# - `app.logger.exception` writes the traceback to the log. A caught exception that nobody sees is hard to find.
# - The text of the 400 says what was wrong. The sender's operator reads it in the list of deliveries and does not have to ask you.

# %% [markdown]
# ## Try it over HTTP
#
# Here is your app behind a local address, with requests like those that a colleague would send by hand.
# The cell tells you if something is still missing.

# %%
import requests

from labkit import Receiver

body = payments(1)[0].body
json_type = {"Content-Type": "application/json; charset=utf-8"}
try:
    app = make_app(handlers)
except NotImplementedError:
    print("Write make_app first, then run this cell again.")
else:
    with Receiver(app) as receiver:
        url = receiver.url + "/webhooks"
        for name, sent, headers in (
            ("as JSON", body, json_type),
            ("without a type", body, {}),
            ("as a form", {"id": "evt_1"}, {}),
            ("cut off", body[:40], json_type),
            ("a megabyte", b" " * 10**6, json_type),
        ):
            response = requests.post(url, data=sent, headers=headers)
            print(f"{name:<15}", response.status_code)

# %% [markdown]
# Remember the second line: `requests.post(url, data=…)` sends no content type for bytes.
# Many reports that a webhook does not work turn out to be manual tests without this header.
#
# Finally, send everything together: events from three sources, a new field, and an event type from next year.

# %%
next_year = Event("invoice.voided", {"invoice": "I-7"}, created_at=after.created_at)

parcels.clear()
mixed = [before, after, *pushes(1), *contacts(1), next_year]
try:
    history = simulate(make_app(handlers), mixed)
except NotImplementedError:
    picture = None
    print("Write make_app first, then run this cell again.")
else:
    picture = history.timeline()
    print("shipped:", parcels)
picture

# %% [markdown]
# There were five events and five attempts, and no dead letter.
#
# ## Remember
#
# - Require what you need and ignore what you do not know: new fields and new types are not errors.
# - The status is a message. 4xx says *you must change something*, 5xx says *try again*, and 2xx says *I have it*.
# - Bytes first: read the raw body with a limit, and only then decode and parse it.
# - Keep the `try` around the parsing small. If it also contains your work, a failure of your work looks like a bad body and gets a 400.
#
# ## What real providers do
#
# | provider | |
# | --- | --- |
# | Standard Webhooks | asks senders to keep a payload under 20 kB |
# | GitHub | sends up to 25 MB and does not deliver larger payloads |
# | Twilio (voice, SMS) | sends its callbacks as form fields, not as JSON |
# | SendGrid (Event Webhook) | sends many events in one body, as a list |
# | SendGrid (Inbound Parse) | drops a message at once if you respond with a 4xx, and retries for 72 hours after a 5xx |
# | Slack (Events API) | may disable an endpoint if fewer than 5% of the events of the past 60 minutes got a 200 (its documentation names this status here, although any 2xx acknowledges an event) |
# | Square | disables a subscription after three weeks without a single 2xx |
#
# So look up the limit, the content type and the envelope in your provider's documentation. The order stays the same: read the bytes with a limit, decode, parse, then handle the event.
#
# Sources: github.com/standard-webhooks/standard-webhooks (specification), docs.github.com (webhook events and payloads), twilio.com/docs/usage/webhooks, docs.sendgrid.com and support.sendgrid.com, docs.slack.dev/apis/events-api, developer.squareup.com/docs/webhooks-api. As of September 2026.
# We saw Flask truncate chunked bodies in our own tests, with Flask 3.1.3 and Werkzeug 3.1.9, under Flask's own server and Gunicorn 27.0.1; for the background, see pallets/werkzeug#2620. JSON itself: RFC 8259.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# In a class, hand it in. If you are learning on your own, read it again before the next lab.
#
# Next: `04_signatures`. You know how to read what was sent; there you find out whether your provider sent it.
