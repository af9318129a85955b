# %% [markdown]
# # 11 · Go live
#
# Up to now everything came from this machine.
# Now you will give your receiver a public address, look at what a real provider sends, byte by byte, and show what arrives in a page as it comes.
# And because the first day in public is the day of the first incidents, you will write a function that tells five of them apart.
#
# **You need** Python's functions, loops and dictionaries. Labs 04 and 05 help, the others are not needed. A public address needs an account at ngrok; everything else works without one.
# **It takes** about 40 minutes.

# %%
from labkit import ready

ready(made_for="0.2")

# %% [markdown]
# ## A public address
#
# A receiver in a notebook listens on this machine only, and a provider can't reach it.
# A *tunnel* is the usual way out while you develop: a program here opens a connection to a service on the internet, and the service passes on to it whatever comes to a public address.
#
# `receiver.public()` opens one, with ngrok, and returns that address.
# It needs a token: get one at dashboard.ngrok.com, free of charge, and put it into the environment variable `NGROK_AUTHTOKEN` before you start Jupyter.

# %% tags=["nbval-ignore-output"]
import os

from flask import Flask, request

from labkit import Receiver
from labkit.errors import NoTunnel


def make_shop():
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        return "", 204

    return app


receiver = Receiver(make_shop()).start()

if os.environ.get("NGROK_AUTHTOKEN"):
    try:
        print("Give this to your provider:", receiver.public() + "/webhooks")
    except NoTunnel as reason:
        print(reason)
else:
    print("There is no token, so nobody outside can reach this receiver.")
    print("Read on: the next cells bring a provider's request to it all the same.")

# %% [markdown]
# With an address: in a repository of yours at GitHub open *Settings*, *Webhooks*, *Add webhook*.
# Paste the address, choose `application/json` as the content type, and make up a secret.
# GitHub sends a `ping` at once; the cell `receiver.inbox` shows it.
#
# Everybody who knows the address can send to it, and people do try all addresses there are.
# So verify signatures before you open a tunnel, and close it when you are done: it ends with `receiver.stop()`.
#
# Without an address you have three ways, and the first is the one for today:
#
# - Send a *captured request* to the receiver yourself: same headers, same bytes. The signature fits, because it knows nothing of the way.
# - Use the provider's own forwarder, where it has one: `stripe listen --forward-to` or `gh webhook forward`. It connects from here, as a tunnel does.
# - Put the receiver on a staging server that has an address.
#
# ## A provider's test event
#
# Here is a ping as GitHub sends it, shortened, and signed with the secret that GitHub's own page uses for its example.
# It is written as bytes, because that is what came.

# %%
import requests

SECRET = "It's a Secret to Everybody"
PING = (
    b'{"zen":"Speak like a human.","hook_id":30,'
    b'"hook":{"type":"Repository","events":["push"],"active":true},'
    b'"sender":{"login":"zoe","name":"Zo\xc3\xab Noir"}}'
)
PING_HEADERS = {
    "User-Agent": "GitHub-Hookshot/044aadd",
    "Content-Type": "application/json",
    "X-GitHub-Event": "ping",
    "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "X-Hub-Signature-256": "sha256=d6cbd8ba898dc8e3ac79abe97e825cf98293c9ee56b607262bd583fdfdaee9d0",
}

with receiver:
    requests.post(receiver.url + "/webhooks", data=PING, headers=PING_HEADERS)

got = receiver.inbox[-1]
print(got.request.header("X-GitHub-Event"), "answered", got.status)
print("byte for byte what was sent:", got.request.body == PING)

# %% [markdown]
# `got.request` is your capture: method, path, headers and the raw body.
# Keep one of each type from every provider, and you can send it again at any time, without the provider and without a network.
#
# Does the signature fit? And does it still fit when the body has been parsed and written again?

# %%
from labkit.exercises import check, hint, predict, solution

predict("11-same-json", "c")

# %%
import hashlib
import hmac
import json


def signature_of(body):
    """Return the signature that GitHub would send for a body."""
    return "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def first_difference(one, other):
    """Return where two bodies begin to differ, or None."""
    pairs = zip(one + b" ", other + b" ", strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), None)


raw = got.request.body
parsed = json.loads(raw)
compact = (",", ":")
bodies = {
    "as it came": raw,
    "json.dumps": json.dumps(parsed).encode(),
    "sorted": json.dumps(parsed, sort_keys=True, separators=compact).encode(),
    "no blanks": json.dumps(parsed, separators=compact).encode(),
    "and letters": json.dumps(parsed, separators=compact, ensure_ascii=False).encode(),
}

sent = got.request.header("X-Hub-Signature-256")
for name, body in bodies.items():
    right = hmac.compare_digest(signature_of(body), sent)
    print(f"{name:<12} {len(body)} bytes  {'fits' if right else 'does not fit'}")

# %% [markdown]
# All five mean the same, and two of them are the same.
# Where do the others part?

# %%
for name, body in bodies.items():
    at = first_difference(raw, body)
    if at is not None:
        near = slice(max(0, at - 6), at + 8)
        print(f"{name:<12} byte {at:>3}: {raw[near]} became {body[near]}")

# %% [markdown]
# So compare captures as bytes, never as printed JSON: every viewer, and every log that stores parsed bodies, shows them prettier than they came.
# `receiver.inspector(secret=SECRET)` opens a page that does the same for each request: the raw bytes, the signature, and where they differ.
#
# **Change one thing:** take `Zo\xc3\xab` out of `PING`, or put a blank somewhere. Which rows fit now? (The header belongs to the old bytes; let `sent = signature_of(raw)`.)
#
# ## From the sender's side
#
# Here is a shop that makes this mistake, and a sender whose secret is right.

# %%
predict("11-reserialising-shop", "b")

# %%
from labkit import simulate
from labkit.samples import payments


def make_reserialising_shop():
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        wanted = signature_of(json.dumps(event).encode())
        given = request.headers.get("X-Webhook-Signature", "")
        return ("", 204) if hmac.compare_digest(wanted, given) else ("forged", 401)

    return app


history = simulate(
    make_reserialising_shop(), payments(3), scheme="generic", secret=SECRET
)
history.timeline()

# %% [markdown]
# **Change one thing:** let `signature_of` have `request.get_data()`, and run the cell again.
#
# ## Relay to a page
#
# On the first day you want to *see* what arrives, not to reload an inbox.
# A browser can't receive webhooks: it has no address. But it can keep one connection open, and your receiver can write to it whenever something comes.
# That is called *server-sent events*. The page needs three lines:
#
# ```js
# const stream = new EventSource("/events");
# stream.addEventListener("payment.succeeded",
#   (message) => show(JSON.parse(message.data)));
# ```
#
# What goes over the connection is text, in *frames*. One event is one frame:
#
# ```
# id: evt_00001
# event: payment.succeeded
# data: {"id": "evt_00001", "event": "payment.succeeded", "created_at": …, "data": {…}}
#
# ```
#
# - Each line is a field: a name, a colon, a value.
# - **The blank line ends the frame.** Before it has come, the page shows nothing.
# - The id is what the browser names when it has to come back, in the header `Last-Event-ID`.
# - A value can't go over several lines. JSON needs none: `json.dumps` writes a line break in a text as `\n`.
# - A line that begins with a colon is a comment. Servers send one now and then, so that nobody on the way closes a silent connection.

# %%
predict("11-half-a-frame", "c")


# %%
def page_sees(text):
    """Return the data of all frames in a stream, as a page reads it."""
    seen, data = [], []
    *lines, _unfinished = text.split("\n")
    for line in lines:
        if line.startswith("data: "):
            data.append(line.removeprefix("data: "))
        elif not line and data:
            seen.append("\n".join(data))
            data = []
    return seen


without = "".join(f"id: evt_{n}\ndata: payment {n}\n" for n in (1, 2, 3))
with_blank_lines = without.replace("\nid", "\n\nid") + "\n"
print(page_sees(without))
print(page_sees(with_blank_lines))

# %% [markdown]
# ## Exercise 11.1
#
# Write `events(subscribe)`, which makes a stream of a subscription.
# Somebody else's relay gives you the events; you only write the frames, and tidy up.
#
# Pages are closed without a word: somebody shuts the laptop.
# The server then calls `close()` on your generator, and Python raises `GeneratorExit` in it, at the `yield` where it waits.


# %%
def events(subscribe):
    """Yield the events of a subscription as server-sent events, in bytes.

    subscribe() opens a subscription: an iterator of events that waits for the next one,
    for hours if need be, and has a method close(). Call it once, and not before the
    first chunk is asked for. An event is a dictionary with id, event, created_at, data;
    other pages get the same one. Its id and its type hold no line break.

    Each event becomes one chunk of bytes, UTF-8, with the lines id, event (the type)
    and data (the whole event as JSON), and a blank line. It is yielded before the next
    event is asked for. Comments, and `retry:` by itself, may stand between the frames.

    The stream ends when the subscription does. However it ends, by that, by an error of
    the subscription, or by its own close(), the subscription is closed.
    """
    # BEGIN SOLUTION
    subscription = subscribe()
    try:
        for event in subscription:
            frame = (
                f"id: {event['id']}\n"
                f"event: {event['event']}\n"
                f"data: {json.dumps(event)}\n"
                "\n"
            )
            yield frame.encode()
    finally:
        subscription.close()
    # END SOLUTION


check("11.1", events)

# %% [markdown] tags=["solution"]
# **Explained.** The `yield` makes a generator of the function: it runs up to there, hands one frame out, and waits. So a frame is on its way before the next event is asked for. A list would be complete in a few days.
#
# `subscribe()` is called inside of the generator, so nothing is opened for a page that left before it read anything.
#
# The three lines and the empty one are put together first and are one chunk. In pieces, a comment of another layer could get between them, and a stream that is closed would leave half a frame.
#
# `json.dumps` keeps the data in one line whatever is in it, and `.encode()` means UTF-8, the only encoding that pages read in a stream.
#
# `finally` is passed in all three cases: the loop ends, the loop raises, `close()` raises GeneratorExit at the `yield`. Behind the loop, `subscription.close()` would be reached in the first case only.
# A generator in a `for` would be cleared away by Python at some time. A subscription is more than that: the relay keeps a place for it until somebody closes it.

# %% [markdown]
# Your stream at work. `Relay` is the smallest one that serves several pages: it keeps all events, and each subscription reads them from the first.

# %%
import threading

from flask import Response


class Relay:
    """Hands every event to every page; `open` counts the pages."""

    def __init__(self):
        self.news = threading.Condition()
        self.events = []
        self.open = 0
        self.over = False

    def publish(self, event):
        """Keep an event, and wake everybody who waits for one."""
        with self.news:
            self.events.append(event)
            self.news.notify_all()

    def subscribe(self):
        """Yield every event, and wait for the next one, until all is over."""
        self.open += 1
        try:
            seen = 0
            while True:
                with self.news:
                    while len(self.events) == seen and not self.over:
                        self.news.wait()
                if len(self.events) == seen:
                    return
                yield self.events[seen]
                seen += 1
        finally:
            self.open -= 1

    def stop(self):
        """Let all subscriptions end."""
        with self.news:
            self.over = True
            self.news.notify_all()


PAGE = """<!doctype html><title>Live</title><h1>Live</h1><ul></ul><script>
const stream = new EventSource("events");
stream.addEventListener("payment.succeeded", (message) => {
  const item = document.createElement("li");
  item.textContent = message.lastEventId + ": " + message.data;
  document.querySelector("ul").append(item);
});
</script>"""


def make_live_shop(relay):
    app = Flask("live shop")

    @app.post("/webhooks")
    def webhook():
        relay.publish(request.get_json())
        return "", 204

    @app.get("/events")
    def stream():
        return Response(events(relay.subscribe), mimetype="text/event-stream")

    @app.get("/")
    def page():
        return PAGE

    return app


def send_payments(url, number):
    json_type = {"Content-Type": "application/json"}
    for event in payments(number):
        requests.post(url + "/webhooks", data=event.body, headers=json_type)


relay = Relay()
with Receiver(make_live_shop(relay)) as live:
    send_payments(live.url, 2)
    relay.stop()  # so that the stream has an end, and this cell too
    answer = requests.get(live.url + "/events")

print(answer.text if answer.ok else "The stream is not written yet: exercise 11.1.")
print("subscriptions still open:", relay.open)

# %% [markdown]
# The event that came in by POST goes out by GET.
#
# And now in a page. The cell prints an address; open it in your browser, beside this notebook.
# On a shared hub, or where the lab runs in the browser alone, it can't be opened; then read on.

# %% tags=["nbval-ignore-output"]
relay = Relay()
live = Receiver(make_live_shop(relay)).start()
print("Open", live.url + "/", "and run the next cell while you look at it.")

# %%
send_payments(live.url, 3)

# %% [markdown]
# Run the cell above again, as often as you like.
# Then reload the page: it gets everything from the beginning.
# A page that comes back by itself, after a break, does too, and shows all events twice.
#
# **Try it:** the browser then sends `Last-Event-ID`. Where would you look at it, and from which event would you go on?
#
# When you have seen enough:

# %%
relay.stop()
live.stop()
print(len(relay.events), "events relayed")

# %% [markdown]
# This page shows whatever was posted, to everybody.
# Before it goes public the view verifies the signature, and the page asks for a login.
#
# ## When something is wrong
#
# It will be. Then don't guess; ask in the order in which a request passes your receiver.
# A capture answers each of them, and the first finding ends the search.
#
# ```
# Did it arrive at all?
# ├─ no ── the address, the tunnel, the firewall; has the provider disabled you?
# └─ yes
#    1  Does the signature fit the raw body?
#    ├─ no ── wrong secret: another environment's, an old one, or not the sender
#    └─ yes
#       2  Does it fit the bytes that your code checked?
#       ├─ no ── re-serialised: parsed and written again, before it was checked
#       └─ yes
#          3  Are the two clocks within 300 s of each other?
#          ├─ no ── stale: a clock, a queue that was held up, or a replay
#          └─ yes
#             4  Was this id handled before, and handled again now?
#             ├─ yes ── doubled: two effects of one event
#             └─ no
#                5  Was the answer later than the provider waits?
#                ├─ yes ── slow: it counts as failed, and comes again
#                └─ no ── healthy: look at another request
# ```
#
# The questions follow the steps: *read the raw body, check the signature, check the time window, parse, claim the id, do the work, acknowledge*.
# The order matters. As long as the signature does not fit, the time in the header may be anybody's.
#
# ## Five incidents
#
# A colleague has captured one request on each day of a bad week. This is Monday's.

# %%
from labkit.exercises.lab11_go_live import fits, incidents

week = incidents()
week["Monday"]

# %% [markdown]
# | key | what it is |
# | --- | --- |
# | `id` | the event's id |
# | `secret`, `headers` | the receiver's secret, and the headers of Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature` |
# | `raw` | the body as it arrived, in bytes |
# | `checked` | the bytes over which the receiver's code checked the signature |
# | `arrived_at` | when it came, by the receiver's clock, in seconds since 1970 |
# | `seconds`, `timeout` | how long the answer took, and how long this provider waits |
# | `status`, `error` | what the receiver answered, and wrote into its log |
# | `seen` | the ids of events that had been handled before |
# | `shipped` | whether a parcel left because of this request |
#
# The secret is in it for the exercise. It belongs in no real capture.

# %%
predict("11-monday", "c")

# %%
for day, capture in week.items():
    print(f"{day:<10} answered {capture['status']}", repr(capture["error"]))

# %% [markdown]
# Monday and Tuesday have the same text in the log, and two causes.
# Thursday and Friday have none, and both are incidents.
# So neither the status nor the error tells you, and you have to measure.
#
# `fits(capture, body)` answers whether the signature of a capture fits a body.

# %%
for day, capture in week.items():
    in_raw = fits(capture, capture["raw"])
    print(f"{day:<10} the signature fits raw: {in_raw}")

# %% [markdown]
# That parts Tuesday from all the others: this receiver has another secret than the sender.
#
# ## Exercise 11.2
#
# Write `diagnose(capture)`: the tree, as a function.
# It is tried on the five, and on many other captures with the same faults, alone and together.


# %%
def diagnose(capture):
    """Return one word for a captured request: the first of these that holds.

    "wrong secret"   the signature does not fit capture["raw"]
    "re-serialised"  it does not fit capture["checked"]
    "stale"          webhook-timestamp, in seconds, is more than 300 seconds away from
                     arrived_at, before it or after it
    "doubled"        the id is among those in seen, and shipped is true
    "slow"           the answer took more seconds than the provider's timeout
    "healthy"        none of these

    `status` is an int, and `error` a text: both say what the receiver believed, in
    words that differ from receiver to receiver. The capture is evidence, and stays as
    it is.
    """
    # BEGIN SOLUTION
    if not fits(capture, capture["raw"]):  # check the signature
        return "wrong secret"
    if not fits(capture, capture["checked"]):
        return "re-serialised"
    signed_at = int(capture["headers"]["webhook-timestamp"])
    if abs(capture["arrived_at"] - signed_at) > 300:  # check the time window
        return "stale"
    if capture["id"] in capture["seen"] and capture["shipped"]:  # claim the id
        return "doubled"
    if capture["seconds"] > capture["timeout"]:  # acknowledge
        return "slow"
    return "healthy"
    # END SOLUTION


check("11.2", diagnose)

# %% [markdown] tags=["solution"]
# **Explained.** Each `if` is one question of the tree, and its `return` ends the search.
#
# `raw` comes first. Asked about `checked` alone, a wrong secret and a rewritten body look the same; and with `raw != checked` alone, a wrong secret hides behind a rewritten body.
# `fits` reads all signatures of the header, because in a rotation there are two.
#
# The header is text, so `int`. `abs`, because a clock can be wrong in both directions.
#
# *Doubled* needs two conditions. An id that was seen before is a retry, and retries are in order; a parcel is what the event was sent for. Both together are two parcels.
# It stands before *slow*: the slow answer brought the second request, and the harm is the second parcel.
#
# `timeout` comes from the capture: 4 seconds are nothing to Svix and too much for Slack.
#
# `"healthy"` is the last line, so that there is an answer on every way.

# %%
for day, capture in week.items():
    try:
        print(f"{day:<10} {diagnose(capture)}")
    except NotImplementedError:
        print(f"{day:<10} exercise 11.2 is not written yet")

# %% [markdown]
# What to do then, word by word:
#
# | word | what to do |
# | --- | --- |
# | wrong secret | compare the secret's first four characters with the provider's page: which environment, which endpoint? If they agree, somebody else knocks |
# | re-serialised | verify `request.get_data()`, before anything parses it; look for a proxy or a middleware that rewrites bodies |
# | stale | compare the machine's clock with another one; look for a queue before the check |
# | doubled | claim the id in the same transaction as the effect (lab 07) |
# | slow | store the event, acknowledge, work afterwards (lab 08) |
# | healthy | it was another request: go back to the log (lab 09) |
#
# ## Keep in mind
#
# - A tunnel opens your receiver to everybody. Verify first, and close it when you are done.
# - Capture requests as bytes with their headers. They can be sent again without the provider.
# - The same JSON is not the same body. Compare bytes, and say at which one they part.
# - A frame ends with a blank line. Yield it before you ask for the next event.
# - Pages go without a word. What you opened for them, close in a `finally`.
# - An error text is a guess. Ask what can be measured, in the order in which a request passes.
#
# ## What real providers do
#
# | provider | how to get a test event, and what to know |
# | --- | --- |
# | GitHub | sends a `ping` when a webhook is created; refuses addresses on localhost; redelivery by hand for 3 days, with the same body and signature |
# | Stripe | in a sandbox a failed event is tried 3 times over a few hours, live for up to 3 days |
# | Zoom | sends `endpoint.url_validation` first, to be answered within 3 s with a hash of its token; again every 72 h |
# | Discord | sends a PING, and wrong signatures on purpose: these must be answered with 401 |
# | PayPal | wants HTTPS on port 443; events of its simulator are signed for the webhook id `WEBHOOK_ID` |
# | Convoy | refuses private addresses when it connects |
#
# Sources: docs.github.com (webhooks: validating deliveries, best practices, troubleshooting, handling failed deliveries), docs.stripe.com/webhooks, developers.zoom.us/blog/webhook-delays, discord-api-docs (webhook events), developer.paypal.com/api/rest/webhooks/rest, the code of Convoy. Server-sent events: the HTML standard, section 9.2. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# If you learn in a class, hand it in; if you learn alone, read it again before the next lab.
#
# Next: `12_night_shift` brings all faults at once, for a month, to one receiver of yours.
