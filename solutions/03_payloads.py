# %% [markdown]
# # 03 · Payloads
#
# You will decide what your receiver believes of a request, and what it answers when it does not.
# At the end a provider can add fields and types as it likes, and nobody can send you a body that breaks you.
#
# **You need** nothing but this notebook.
# It helps to know how a Flask app answers a POST (lab 02).
#
# **It takes** about 35 minutes.
#
# Run each cell with Shift+Enter, from the top.

# %%
from labkit import ready

ready(made_for="0.2")

# %% [markdown]
# ## Three senders, one envelope
#
# What a webhook carries is its *payload*: a few hundred bytes of JSON in the body of a POST.
# Here is one payload each from a payment provider, a code host and a CRM.

# %%
from labkit.samples import contacts, payments, pushes

for event in [*payments(1), *pushes(1), *contacts(1)]:
    print(event.body.decode(), end="\n\n")

# %% [markdown]
# All three have the same envelope: `id`, `event`, `created_at`, `data`.
# The field `event` names the *type* of the event, and what lies inside of `data` depends on it.
#
# ## A receiver that knows too well
#
# This shop wants to be careful.
# It knows the three fields of a payment, and refuses whatever looks different.

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
# It works, and it will go on working until the provider has a good idea.
#
# One day payments come with a field more: how the customer paid.
# To the provider that is no change at all: its documentation says that fields may be added at any time.
#
# Say what you expect before you see it: write your letter in place of the question mark.

# %%
from labkit.exercises import check, hint, predict, solution

predict("03-added-field", "b")

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
# The second customer has paid and gets nothing.
# There were ten attempts in three days, each with the same bytes, and each met the same strict shop.
# A delivery that the sender has given up is a *dead letter*.
#
# Nobody made a mistake in the usual sense: the provider kept its word, and the shop did what it was told.
# The rule that saves you is old: **ask for what you need, pass over what you don't know.**
#
# ## Change one thing
#
# The shop needs an order, so it asks for an order.

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
# **Try it:** put a payment without an order into the list, `Event("payment.succeeded", {})`, and run the cell again.
# That refusal is right: without an order there is nothing to ship, today or in three days.
#
# ## What a body can be
#
# Tolerant does not mean gullible.
# The address of a receiver is no secret, so a body may be anything that anybody likes to send.
# Python's `json` lets more through than you may think.
# Guess the outcome of each line, then run the cell.

# %%
import json

bodies = {
    "a list": b"[1, 2, 3]",
    "no number": b'{"amount": NaN}',
    "true": b'{"created_at": true}',
    "a name twice": b'{"amount": 1, "amount": 4200}',
    "cut off": b'{"amount": 42',
    "not UTF-8": b'{"name": "Zo\xeb"}',
}
for name, body in bodies.items():
    try:
        print(f"{name:<14}", json.loads(body))
    except ValueError as error:
        print(f"{name:<14}", "a ValueError:", type(error).__name__)

# %% [markdown]
# Four bodies came through, and two raised an exception that is a kind of `ValueError`.
#
# `true` deserves a second look: in Python `isinstance(True, int)` holds, because `bool` is derived from `int`.
#
# One body more, and it is nothing but brackets.

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
# Each bracket is one level deeper, and Python allows only so many.
# A `RecursionError` is no `ValueError`, so `except ValueError` misses it.
#
# ## Exercise 3.1
#
# Write the gate: `parse(body) -> dict`.
# Whoever calls it gets an event that can be relied on, or a `ValueError`, and nothing else.
#
# ```python
# parse(b'{"id":"evt_1","event":"push","created_at":1767225600,"data":{}}')   # a dictionary
# parse(b'{"id":"evt_1","event":"push","data":{}}')                           # ValueError
# ```


# %%
import json


def parse(body):
    """Return the event that the body (bytes) holds, as a dictionary.

    The body is JSON in UTF-8, an object with at least these fields:

        id           a text
        event        a text, any: types that you never heard of are fine here
        created_at   an integer, in seconds; true and false are no integers
        data         an object, whatever is in it; it may be empty

    Other fields are kept. Everything else raises ValueError, or an exception derived
    from it: what is not JSON (NaN and Infinity are not), is not UTF-8, is no object, lacks
    a field, has one of the wrong type, or is nested too deeply to be read. Nothing is
    converted. Two things are left to you, as JSON's own standard leaves them open: a
    byte order mark at the start, and a name that stands twice in an object.
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
        raise ValueError("an object is wanted")
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
# - `body.decode()` comes first and on its own. It reads UTF-8 and nothing else, and raises `UnicodeDecodeError`, which is a `ValueError`. `json.loads(body)` would guess between UTF-8, UTF-16 and UTF-32.
# - `json.loads` raises `JSONDecodeError` for what is not JSON, again a `ValueError`. A number of 5,000 digits raises a plain `ValueError`. So there is nothing to catch for these.
# - `parse_constant=refuse` is called for `NaN`, `Infinity` and `-Infinity`, which Python reads by default and JSON does not have (RFC 8259, section 6).
# - `except RecursionError` turns the one exception that is no `ValueError` into one. Without it sixty thousand brackets make a 500.
# - `type(event) is not dict` stands before the loop: a list can contain the text `"id"` too.
# - `type(event[name]) is not kind` compares the type itself, so `True` is no `int`. It also refuses `null`, which becomes `None`.
# - The loop asks for four fields and never looks at the others. That is why a new field does no harm.
# - `return event` gives all of it back, what it does not know included.
#
# Left open: a byte order mark may be refused or passed over (RFC 8259, section 8.1). `body.decode()` keeps it, and `json.loads` then refuses it.
# Of a name that stands twice Python keeps the last one, other languages may keep the first (section 4). If money hangs on it, refuse it: `object_pairs_hook` sees every pair.

# %% [markdown]
# ## Types you never heard of
#
# The shop now has a handler for payments and one for pushes, and looks them up by the type of the event.
# Then somebody in marketing connects the CRM to the same address.

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
# For three days a request comes that can only fail.
# It gets worse: many providers count failures, and switch an endpoint off that fails too often.
# Then the payments stop as well, because of contacts that nobody wanted.
#
# So there are two different things to say to an event:
#
# - *I can't read this*: that is a 400.
# - *I can read this, and there is nothing to do for me*: that is a 200.
#
# ## Exercise 3.2
#
# Write `dispatch(event, handlers) -> str`: find the handler, call it, say what happened.
#
# ```python
# dispatch({"event": "push", …}, {"push": deploy})         # calls deploy(event), returns "handled"
# dispatch({"event": "push.undone", …}, {"push": deploy})  # calls nothing, returns "ignored"
# ```


# %%
def dispatch(event, handlers):
    """Hand the event to the handler of its type, and say what became of it.

    `event` is a dictionary as parse returns it. `handlers` maps types to functions; each
    takes the whole event as its one argument, does the work, and returns what it likes.

    Return "handled" after the handler of exactly this type was called, once. Return
    "ignored" when there is none; that is no error. What a handler raises, a KeyError
    included, comes through as it is. `event` and `handlers` stay as they are.
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
# - `handlers.get(…)` answers `None` for a type that has no handler, where `handlers[…]` would raise. It compares whole names: `push` is not `push.undone`.
# - The early `return "ignored"` makes the unknown type an ordinary outcome.
# - `handler(event)` stands alone. There is no `try` around it, so that its exceptions reach the caller, who answers 5xx, and the sender tries again.
# - The short version `try: handlers[…](event) / except KeyError: return "ignored"` looks as good. It also catches the `KeyError` of a handler that misses a field, and then a paid order is "ignored".
# - What the handler returns is its own affair: `return handler(event)` would hand the caller `None`.

# %% [markdown]
# ## What the envelope of HTTP says
#
# Before you read a body you know two things about it, from the headers: its type and, mostly, its length.
#
# | the request | the answer |
# | --- | --- |
# | is not `application/json` | 415 Unsupported Media Type |
# | is longer than you are willing to read | 413 Content Too Large |
# | is no event | 400 Bad Request |
# | is an event, handled or ignored | 200 |
# | is an event, and the handler failed | 500 |
#
# A limit on the length matters more than it seems.
# The body is read before anything else is known about the sender, so whoever wants to fill your memory need not even be a customer.
# Flask has a setting for it.
# Here is a small app with a limit of 10 bytes.

# %%
from labkit.checks.calls import Bench


def small_app():
    app = Flask("small app")
    app.config["MAX_CONTENT_LENGTH"] = 10

    @app.post("/webhooks")
    def webhook():
        return f"got {len(request.get_data())} bytes"

    return app


bench = Bench(small_app())
for length in (5, 10, 11, 25):
    print(length, "bytes:", bench.send(b"x" * length).status)

# %% [markdown]
# `Bench` calls the app without a server, and tells what it answered.
#
# The limit holds, down to the byte.
# Or does it?
# HTTP knows a second way to send a body: in *chunks*, each with its own length, and no `Content-Length` for the whole.
# Some HTTP clients and proxies do that whenever they don't know the length beforehand.

# %%
predict("03-chunked", "c")

# %%
for length in (5, 10, 11, 25):
    answer = bench.send(b"x" * length, chunked=True)
    print(length, "bytes, chunked:", answer.status, answer.body.decode())

# %% [markdown]
# Nothing was refused, and what was too long was cut off without a word.
# Think of a signature over 25 bytes that is checked against 10, or of JSON that happens to be whole after 10.
#
# Flask's own server and gunicorn show this; waitress, which runs the receivers of this lab, collects the chunks first and so knows the length.
# Your code should not depend on which of them it meets.
#
# The cure is one byte: let Flask cut one byte *above* your limit, and measure what you got.
# Whoever sent more than the limit then shows it.
#
# **Try it:** set the limit to 11 in `small_app`, and let the function return `"too long", 413` for more than 10 bytes.
#
# ## Exercise 3.3
#
# Put it together: `make_app(handlers) -> Flask`, a receiver that answers each request with the right status.
# It builds on your `parse` and your `dispatch`, so finish those first.


# %%
def make_app(handlers):
    """Return a Flask app that takes events at POST /webhooks.

    415   the content type is not application/json, or is missing; parameters such as
          "; charset=utf-8" and upper or lower case don't matter
    413   the body has more than 64 KiB: 65,536 bytes are allowed, 65,537 are not. A body
          may come chunked, without a Content-Length, and the same holds for it. However
          long it is, not much more than the limit is read.
    400   the body is none that parse of exercise 3.1 accepts
    5xx   the handler raised an exception, whatever it is
    2xx   everything else: the event was handled, or there is no handler for its type

    `handlers` is that of exercise 3.2. In the first three cases no handler is called.
    """
    # BEGIN SOLUTION
    limit = 64 * 1024
    app = Flask("shop")
    app.config["MAX_CONTENT_LENGTH"] = limit + 1

    @app.post("/webhooks")
    def webhook():
        if request.mimetype != "application/json":
            return "application/json is wanted", 415
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
        outcome = dispatch(event, handlers)
        # acknowledge
        return {"outcome": outcome}, 200

    return app
    # END SOLUTION


check("3.3", make_app)

# %% [markdown] tags=["solution"]
# **Explained.**
#
# - `request.mimetype` is the content type in lower case and without parameters, and an empty text where there is none. `request.content_type == "application/json"` would refuse `application/json; charset=utf-8`.
# - `MAX_CONTENT_LENGTH = limit + 1` bounds what is read at all. With a `Content-Length` above it Flask answers 413 by itself; a chunked body it cuts there.
# - `len(body) > limit` finds the cut ones, and the body of exactly one byte too many. It counts bytes; after decoding it would count letters.
# - `request.get_data()` comes before anything that reads the body its own way. After `request.form` there would be nothing left.
# - Only `parse` stands inside the `try`. If `dispatch` stood there too, a handler's `ValueError` would be answered 400, as if the sender were to blame.
# - The 400 says what was wrong. The sender's operator reads that in the list of deliveries, and you save a mail.
# - `dispatch` is outside: what a handler raises leaves the function, and Flask makes a 500 of it. That is the right answer, because the sender tries again.
# - The last line *acknowledges*, and it is reached only when nothing failed.

# %% [markdown]
# ## Try it over HTTP
#
# Your app, behind a local address, with requests as a colleague would send them by hand.
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
            answer = requests.post(url, data=sent, headers=headers)
            print(f"{name:<15}", answer.status_code)

# %% [markdown]
# The second line is worth remembering: `requests.post(url, data=…)` sends no content type for bytes.
# Many a "the webhook does not work" is a test by hand without that header.
#
# Now everything at once: three sources, a new field, a type from next year.

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
# Five events, five attempts, no dead letter.
#
# ## Keep in mind
#
# - Ask for what you need, pass over what you don't know: new fields and new types are no errors.
# - The status is a message. 4xx says *you must change something*, 5xx says *try again*, 2xx says *I have it*.
# - Bytes first: read the raw body, bounded, and only then decode and parse.
# - Catch narrowly. A `try` that spans your own work hides its failures.
#
# ## What real providers do
#
# | provider | |
# | --- | --- |
# | Standard Webhooks | asks senders to keep a payload under 20 kB |
# | GitHub | sends up to 25 MB; what is larger is not delivered |
# | Twilio (voice, SMS) | sends its callbacks as form fields, not as JSON |
# | SendGrid (Event Webhook) | sends many events in one body, a list |
# | SendGrid (Inbound Parse) | drops a mail at once when you answer 4xx, and retries for 72 hours after a 5xx |
# | Slack (Events API) | may switch an endpoint off when fewer than 5 % of the events of the past 60 minutes were answered 200 |
# | Square | disables a subscription after three weeks without a single 2xx |
#
# So take the limit, the content type and the envelope from your provider's documentation; the order of the questions stays.
#
# Sources: github.com/standard-webhooks/standard-webhooks (specification), docs.github.com (webhook events and payloads), twilio.com/docs/usage/webhooks, docs.sendgrid.com and support.sendgrid.com, docs.slack.dev/apis/events-api, developer.squareup.com/docs/webhooks-api. As of September 2026.
# That Flask cuts chunked bodies was measured with Flask 3.1.3 and Werkzeug 3.1.9, under Flask's own server and gunicorn 27.0.1; background in pallets/werkzeug#2620. JSON itself: RFC 8259.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# If you learn in a class, hand it in; if you learn alone, read it again before the next lab.
#
# Next: `04_signatures`. You know how to read what was sent; there you find out whether it was your provider who sent it.
