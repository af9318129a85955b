# %% [markdown]
# # 11 · Go live
#
# Until now, everything came from this machine.
# In this lab you give your receiver a public address, look at a request byte by byte, in the form in which a real provider sends it, and show events in a web page as they arrive.
# The first incidents often come on the first day, so you write a function that distinguishes five kinds of incident.
# At the end your receiver passes a provider's *handshake*, the test with which a provider checks that an address is yours. It passes without helping an attacker.
#
# **You need** Python's functions, generators (functions with `yield`), loops and dictionaries. Labs 04 and 05 help; the other labs are not needed. A public address needs an account at ngrok; everything else works without one.
# **Time:** about 55 minutes.

# %%
from labkit import glossary, ready

ready(made_for="0.2")

# %% [markdown]
# New terms are explained where they first appear. `glossary()` in a cell shows the most important ones, and `glossary("retry")` shows one.
#
# ## A public address
#
# A receiver in a notebook listens only on this machine, so a provider cannot reach it.
# During development, the usual solution is a *tunnel*: a program on your machine opens a connection to a service on the internet, and the service forwards to it every request that arrives at a public address.
#
# `receiver.public()` opens a tunnel with ngrok and returns its address.
# It needs a token. Get one at dashboard.ngrok.com, free of charge, and put it into the environment variable `NGROK_AUTHTOKEN` before you start Jupyter.

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
    print("There is no token, so this receiver cannot be reached from outside.")
    print("Read on: the next cells send a request of a provider to it.")

# %% [markdown]
# If you have an address: open *Settings*, *Webhooks*, *Add webhook* in one of your repositories on GitHub.
# Paste the address, choose `application/json` as the content type, and choose a secret.
# GitHub sends a `ping` at once. Run `receiver.inbox` in a new cell to see it.
#
# Anyone who knows the address can send to it, and attackers constantly search the internet for open addresses.
# So a receiver must verify signatures before you open a tunnel to it. (This shop does not need to, because it does nothing with a request.) Close the tunnel when you are done: it ends with `receiver.stop()`.
#
# Without an address you have three options. This lab uses the first one:
#
# - Send a *captured request* to the receiver yourself, with the same headers and the same bytes. The signature still matches, because it does not depend on how the request reached you.
# - Use the provider's own forwarder, if it has one: `stripe listen --forward-to` or `gh webhook forward`. It connects from your machine, as a tunnel does.
# - Put the receiver on a *staging server* (a server for tests that is set up like the real one) that has a public address.
#
# ## A provider's test event
#
# Here is a ping as GitHub sends it, shortened, and signed with the secret from the example on GitHub's own page.
# It is written as bytes, because a request consists of bytes.

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
print(got.request.header("X-GitHub-Event"), "->", got.status)
print("byte for byte what was sent:", got.request.body == PING)

# %% [markdown]
# `got.request` is your capture: method, path, headers and the raw body.
# Keep one capture of each event type from every provider. Then you can send it again at any time, without the provider and without a network. (If the signature also covers the time, set your receiver's clock to the time of the capture; otherwise it rejects the request as too old.)
#
# Does the signature match? And does it still match if the body is parsed and re-serialised?

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
    """Return the index of the first byte that differs, or None."""
    pairs = zip(one + b" ", other + b" ", strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), None)


raw = got.request.body
parsed = json.loads(raw)
compact = (",", ":")
bodies = {
    "as it arrived": raw,
    "json.dumps": json.dumps(parsed).encode(),
    "sorted": json.dumps(parsed, sort_keys=True, separators=compact).encode(),
    "no spaces": json.dumps(parsed, separators=compact).encode(),
    "and letters": json.dumps(parsed, separators=compact, ensure_ascii=False).encode(),
}

sent = got.request.header("X-Hub-Signature-256")
for name, body in bodies.items():
    right = hmac.compare_digest(signature_of(body), sent)
    print(f"{name:<13} {len(body)} bytes  {'matches' if right else 'does not match'}")

# %% [markdown]
# All five bodies contain the same data, but only two of them have the same bytes.
# Where does each of the others first differ?

# %%
for name, body in bodies.items():
    at = first_difference(raw, body)
    if at is not None:
        near = slice(max(0, at - 6), at + 8)
        print(f"{name:<13} byte {at:>3}: {raw[near]} became {body[near]}")

# %% [markdown]
# So compare captures as bytes, never as printed JSON: viewers that format JSON, and logs that store parsed bodies, show them in another form.
# `receiver.inspector(secret=SECRET)` opens a page that does this for each request: it shows the raw bytes, whether the signature matches them, and, if the receiver checked other bytes, where the two differ.
#
# **Change one thing:** remove `Zo\xc3\xab` from `PING`, or add a space somewhere. Which rows match now? (The signature in the header belongs to the old bytes, so use `sent = signature_of(raw)`.)
#
# ## From the sender's side
#
# Here is a shop that verifies the re-serialised body instead of the raw one, and a sender whose secret is correct.

# %%
predict("11-reserialising-shop", "a")

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
# **Change one thing:** pass `request.get_data()` to `signature_of`, and run the cell again.
#
# ## Send events to a page
#
# On the first day you want to *see* events as they arrive, without reloading an inbox.
# A browser cannot receive webhooks, because a provider cannot reach it. But it can keep a connection to your receiver open, and your receiver can write to this connection whenever an event arrives.
# This is called **server-sent events**. The page needs three lines:
#
# ```js
# const stream = new EventSource("/events");
# stream.addEventListener("payment.succeeded",
#   (message) => show(JSON.parse(message.data)));
# ```
#
# The connection carries text in *frames*. One event is one frame:
#
# ```
# id: evt_00001
# event: payment.succeeded
# data: {"id": "evt_00001", "event": "payment.succeeded", "created_at": …, "data": {…}}
#
# ```
#
# - Each line is a field: a name, a colon, a value.
# - **The blank line ends the frame.**
# - When the browser reconnects, it sends the last id in the header `Last-Event-ID`.
# - A value with line breaks would need several `data:` lines. JSON does not need that: `json.dumps` writes a line break in a string as `\n`.
# - A line that begins with a colon is a comment. Servers send one from time to time, so that no proxy closes a silent connection.

# %%
predict("11-half-a-frame", "b")


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
# Write `events(subscribe)`, which turns a subscription into a stream.
# A *relay*, an object that passes events on to pages, gives you the events. You only write the frames, and close the subscription at the end.
#
# Browsers disconnect without notice: someone closes the laptop.
# The server notices this only at its next write. It then calls `close()` on your generator, and Python raises `GeneratorExit` at the `yield` where the generator waits.


# %%
def events(subscribe):
    """Yield the events of a subscription as server-sent events, in bytes.

    `subscribe()` opens a subscription: an iterator of events that waits for the next
    one, for hours if necessary, and has a method `close()`. An event is a dictionary
    with `id`, `event`, `created_at` and `data`. All pages share the same dictionary
    object. The id and the type of an event contain no line break.

    Turn each event into one chunk of bytes in UTF-8: the lines `id`, `event` (the type)
    and `data` (the whole event as JSON), and a blank line.
    The data may contain any text, also line breaks.
    Call `subscribe` once, and yield the chunk of an event before you ask for the next
    event.
    Do not change the events.
    An event that arrives twice gives two chunks.
    If the subscription ends, close it, and end the stream as well.
    If `close()` of your stream is called, close the subscription.
    If the subscription raises an exception, close it. You may let the exception
    propagate, or catch it and end the stream.
    If your stream is closed before its first chunk, no subscription stays open.
    Two streams at the same time do not affect each other.

    The order of the lines is your decision, and comments and `retry:` may come between
    the chunks. The server calls `close()` of your stream in any case, also at its end
    or after an exception. If your stream has a `close()` method of its own, it may wait
    for this call before it closes the subscription. The check does not test lone
    surrogates, which no text in UTF-8 contains.
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
# **Explained.** The `yield` makes the function a generator: it runs up to the `yield`, returns one frame, and waits. So each frame is sent before the code asks for the next event. A list would be complete only after days.
#
# The generator itself calls `subscribe()`, so nothing is opened for a page that closed before it read anything.
#
# The function joins the three lines and the empty line first, and yields them as one chunk. If it yielded them one by one, another layer could insert a comment between them, and a stream that is closed early could end with half a frame.
#
# `json.dumps` keeps the data on one line whatever it contains, and `.encode()` uses UTF-8, the only encoding that browsers accept in a stream.
#
# The `finally` block runs in all three cases: the loop ends, the loop raises, or `close()` raises GeneratorExit at the `yield`. A call to `subscription.close()` after the loop would run only in the first.
# Python closes an unused generator at some later time. Do not rely on that: the relay keeps each subscription until it is closed.

# %% [markdown]
# Here is your stream at work. `Relay` is the smallest relay that serves several pages: it keeps all events, and each subscription reads them from the first.

# %%
import threading

from flask import Response


class Relay:
    """Passes every event to every page; `open` counts the open pages."""

    def __init__(self):
        self.news = threading.Condition()
        self.events = []
        self.open = 0
        self.over = False

    def publish(self, event):
        """Keep an event, and wake all threads that wait for one."""
        with self.news:
            self.events.append(event)
            self.news.notify_all()

    def subscribe(self):
        """Yield every event, and wait for the next one, until the relay stops."""
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
    relay.stop()  # so that the stream ends, and this cell does not wait forever
    answer = requests.get(live.url + "/events")

print(answer.text if answer.ok else "Write exercise 11.1 first.")
print("subscriptions still open:", relay.open)

# %% [markdown]
# The events arrived in POST requests, and they leave in the response to a GET request.
#
# Now look at them in a page. The cell prints an address; open it in your browser, next to this notebook.
# On a shared Jupyter server (a JupyterHub), or if the lab runs entirely in the browser, you cannot open it. In that case, read on.

# %% tags=["nbval-ignore-output"]
relay = Relay()
live = Receiver(make_live_shop(relay)).start()
print("Open", live.url + "/", "and run the next cell while you look at it.")

# %%
send_payments(live.url, 3)

# %% [markdown]
# Run the cell above again, as often as you like.
# Then reload the page: it gets all events from the beginning.
# A page that reconnects after an interruption also gets all events again, and shows them twice.
#
# **Try it:** the browser then sends `Last-Event-ID`. Where would you read it, and from which event would you continue?
#
# When you have seen enough:

# %%
relay.stop()
live.stop()
print(len(relay.events), "events relayed")

# %% [markdown]
# This page shows every event to everyone.
# Before it goes public, the view must verify the signature, and the page must require a login.
#
# ## When something is wrong
#
# When something goes wrong, do not guess. Ask questions in the order of the steps that a request goes through in your receiver.
# A capture contains the facts for each of them, and the first finding ends the search.

# %%
predict("11-monday", "c")

# %%
from labkit.exercises.lab11_go_live.pictures import decision_tree, page_of

decision_tree()

# %% [markdown]
# The questions follow the steps: *read the raw body, check the signature, check the time window, parse, claim the id, do the work, acknowledge*.
# The order matters. If the signature does not match, anyone may have written the time in the header.
#
# ## Five incidents
#
# A colleague captured one request on each day of a bad week. This is Monday's.

# %%
from labkit.exercises.lab11_go_live import fits, incidents

week = incidents()
page_of(week["Monday"])

# %% [markdown]
# This is how the inspector would show the request: the body that arrived, and the bytes for which the receiver checked the signature. The parts in which they differ are marked.
# In your code, a capture is a dictionary with these keys:
#
# | key | meaning |
# | --- | --- |
# | `id` | the event's id |
# | `secret`, `headers` | the receiver's secret, and the headers of Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature` |
# | `raw` | the raw body, in bytes |
# | `checked` | the bytes for which the receiver's code checked the signature |
# | `arrived_at` | when it arrived, by the receiver's clock, in seconds since 1970 |
# | `seconds`, `timeout` | how long the response took, and how long this provider waits |
# | `status`, `error` | the receiver's response, and its log message |
# | `seen` | the ids of events that were handled before |
# | `shipped` | whether this request caused a parcel |
#
# The capture contains the secret only for this exercise. A real capture must not contain it.

# %%
for day, capture in week.items():
    print(f"{day:<10} answered {capture['status']}", repr(capture["error"]))

# %% [markdown]
# On Monday and Tuesday the log contains the same text, but the causes differ.
# On Thursday and Friday the log contains no error, although there was an incident on both days.
# So neither the status nor the error tells you the cause. You must measure.
#
# `fits(capture, body)` returns whether the signature of a capture matches a body.

# %%
for day, capture in week.items():
    in_raw = fits(capture, capture["raw"])
    print(f"{day:<10} the signature matches raw: {in_raw}")

# %% [markdown]
# This distinguishes Tuesday from the other days: on Tuesday, the signature does not match the raw body. The most likely cause is that the receiver's secret is not the one that the sender used.
#
# ## Exercise 11.2
#
# Write `diagnose(capture)`: the decision tree, as a function.
# The check uses the five captures and many others with the same faults, one at a time and together.


# %%
def diagnose(capture):
    """Return the diagnosis for a captured request.

    Return "wrong secret" if the signature does not match `capture["raw"]`.
    Return "re-serialised" if it does not match `capture["checked"]`.
    Return "stale" if webhook-timestamp, in seconds, is more than 300 seconds before or
    after `arrived_at`.
    Return "doubled" if the id is among those in seen, and shipped is true.
    Return "slow" if the response took more seconds than the provider's timeout.
    Return "healthy" if none of these conditions is true.
    If several are true, return the first one in this list.

    Ignore `status` (an int) and `error` (a string), because they say only what the
    receiver assumed.
    The capture is evidence: do not change it.
    The check does not test captures with missing fields.
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
# `raw` comes first. If you ask only about `checked`, a wrong secret and a re-serialised body look the same. If you ask only whether `raw != checked`, a wrong secret can hide behind a re-serialised body.
# `fits` tries all signatures of the header, because during a rotation there are two.
#
# The header is a string, so convert it with `int`. Use `abs`, because either clock may be ahead.
#
# *Doubled* needs two conditions. A known id alone is only a retry, and retries are normal. A shipped parcel alone is the purpose of an event. Both together mean that the event caused two parcels.
# This question comes before *slow*: the slow response caused the second request, but the harm is the second parcel.
#
# `timeout` comes from the capture: 4 seconds are fine for Svix and too long for Slack.
#
# `return "healthy"` is the last line, so every path returns a value.

# %%
for day, capture in week.items():
    try:
        print(f"{day:<10} {diagnose(capture)}")
    except NotImplementedError:
        print(f"{day:<10} exercise 11.2 is not written yet")

# %% [markdown]
# What to do about each result:
#
# | result | what to do |
# | --- | --- |
# | wrong secret | compare the first characters of your secret with those on the provider's page (after the prefix `whsec_`, which is the same in all secrets), and check that the page is for the right environment (test or live) and the right endpoint. If they are equal, the body was changed on its way (look for a proxy that rewrites bodies), or the requests come from someone else |
# | re-serialised | verify `request.get_data()` before anything parses it; look for code inside your application that parses or rewrites the body before your view |
# | stale | compare the machine's clock with another one; look for a queue before the check |
# | doubled | claim the id in the same transaction as the effect (lab 07) |
# | slow | store the event, acknowledge, and work afterwards (lab 08) |
# | healthy | this request is not the cause: go back to the log and look for another one (lab 09) |
#
# ## The handshake
#
# Before they send events to an address, many providers check that it is yours. This is called a **handshake**, and there are three common forms:
#
# | form | what the provider sends | what it expects |
# | --- | --- | --- |
# | echo | a GET with a random *challenge*, and often with a token that you chose | the challenge, as plain text (Meta with a token, Dropbox without one) |
# | signed challenge | a challenge, in a POST (Zoom) or in a GET (X, formerly Twitter) | the signature of the challenge, made with your secret |
# | confirmation by URL | a POST with a URL | that you fetch this URL (Amazon SNS) |
#
# All three are dangerous if your receiver responds to anyone.
# If your receiver returns any challenge without asking for your token, anyone can make a provider believe that your address is theirs.
# If your receiver signs any challenge, an attacker can send a forged event as the challenge, and your receiver returns a valid signature for it. Such a receiver is called a *signing oracle*.
# If your receiver fetches any URL, an attacker can make it call an address inside your network (*server-side request forgery*, SSRF).

# %%
forged = b'{"id":"evt_9","event":"payment.succeeded","data":{"order_id":"A-9"}}'
print("challenge:", forged.decode())
print("response: ", signature_of(forged))

# %% [markdown]
# If a receiver responds like this, the attacker has a valid signature for a payment that nobody made.
#
# ## Exercise 11.3
#
# Write `make_app(secret, token, confirm) -> Flask`, a receiver that responds to all three forms and gives an attacker nothing.


# %%
def make_app(secret, token, confirm):
    """Return a Flask app that responds to the handshakes of a provider.

    `secret` is the signing secret (bytes), `token` is a str that you chose and entered
    on the provider's page, and `confirm(url)` fetches a URL.

    GET /webhooks with the query parameters `token` and `challenge`: if the token is
    right, respond with 200, Content-Type text/plain and the challenge as the body, and
    sign nothing.
    If the token is wrong or missing, or if there is no challenge, respond with a 4xx,
    and without the challenge.

    POST /webhooks carries an event as JSON and the header X-Webhook-Signature: sha256=
    and the HMAC-SHA256 of the raw body, in lower-case hex.
    If the signature is missing or does not match, respond with a 4xx, sign nothing,
    and do not call `confirm`.
    For the event "endpoint.challenge", respond with 200 and the JSON object
    `{"response": signature}`: the HMAC-SHA256 of `data["challenge"]` in lower-case hex.
    Sign only a challenge that consists of 1 to 64 ASCII letters and digits; for any
    other value, respond with a 4xx.
    For the event "subscription.confirm", call `confirm(data["url"])` once and respond
    with a 2xx, if the URL begins with https://confirm.payco.example/.
    For any other URL, respond with a 4xx and do not call `confirm`.
    Acknowledge every other event, and do not call `confirm`.

    The check does not test events with missing fields, signed bodies that are not JSON,
    other Content-Types, URLs with capital letters in the scheme or the host, or
    parameters that are given twice.
    """
    # BEGIN SOLUTION
    import re

    app = Flask("shop")

    def digest(data):
        return hmac.new(secret, data, hashlib.sha256).hexdigest()

    @app.get("/webhooks")
    def echo():
        given = request.args.get("token", "")
        challenge = request.args.get("challenge")
        if not hmac.compare_digest(given.encode(), token.encode()) or challenge is None:
            return "wrong token", 403
        return challenge, 200, {"Content-Type": "text/plain"}

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()  # read the raw body
        given = request.headers.get("X-Webhook-Signature", "")
        expected = "sha256=" + digest(body)
        if not hmac.compare_digest(expected.encode(), given.encode()):
            return "wrong signature", 401  # check the signature
        event = json.loads(body)  # parse
        if event["event"] == "endpoint.challenge":
            text = event["data"]["challenge"]
            if isinstance(text, str) and re.fullmatch("[A-Za-z0-9]{1,64}", text):
                return {"response": digest(text.encode())}
            return "not a challenge", 400
        if event["event"] == "subscription.confirm":
            url = event["data"]["url"]
            if not (
                isinstance(url, str)
                and url.startswith("https://confirm.payco.example/")
            ):
                return "not a URL of the provider", 400
            confirm(url)
        return "", 204  # acknowledge

    return app
    # END SOLUTION


check("11.3", make_app)

# %% [markdown] tags=["solution"]
# **Explained.** The GET compares the token before it does anything else. Without the token, anyone could register your address at the provider.
# The challenge is returned as `text/plain`. Flask's default is HTML, and a challenge such as `<script>…` would then run in the browser of everyone who opens the link.
#
# The view for POST keeps the order of all labs: raw body, signature, then the event. Many receivers handle the handshake before they check the signature, because the provider sends it before anything is set up. Such a receiver is a signing oracle.
#
# The required form of the challenge is a second line of defence. A real challenge consists of letters and digits. An event contains braces and quotes, so it never has this form.
# `re.fullmatch` compares the whole string. With `$`, a line break at the end would be accepted.
#
# The URL must begin with the scheme, the whole host and a slash. Without the slash, `https://confirm.payco.example.evil.example/` begins the same way.
# `in` would find the name anywhere in the URL, and `urlsplit(url).hostname` ignores a user name and a port.

# %% [markdown]
# ## Remember
#
# - A tunnel opens your receiver to everyone. Verify first, and close the tunnel when you are done.
# - Capture requests as bytes, with their headers. Then you can send them again without the provider.
# - The same JSON is not the same body. Compare bytes, and find the first one that differs.
# - A frame ends with a blank line. Yield each frame before you ask for the next event.
# - Browsers disconnect without notice. Use `finally` to close whatever you opened for them.
# - In a handshake, verify the request first. Sign a challenge or fetch a URL only if it has the expected form.
# - An error message says only what the receiver assumed. Ask questions whose answers you can measure, in the order of the steps that a request goes through.
#
# ## What real providers do
#
# | provider | how to get a test event, and what to know |
# | --- | --- |
# | GitHub | sends a `ping` when you create a webhook; rejects addresses on localhost; redelivery by hand for 3 days, with the same body and signature |
# | Stripe | in a sandbox it retries a failed event 3 times over a few hours; in live mode, for up to 3 days |
# | Zoom | first sends `endpoint.url_validation`, and expects an HMAC of its token, made with your secret, within 3 s; again every 72 h |
# | Discord | sends a PING, and wrong signatures on purpose: respond to these with 401 |
# | PayPal | requires HTTPS on port 443; the signature covers the id of your webhook; its simulator uses the text `WEBHOOK_ID` as this id |
# | Convoy | rejects private addresses when it connects |
#
# Sources: docs.github.com (webhooks: validating deliveries, best practices, troubleshooting, handling failed deliveries), docs.stripe.com/webhooks, developers.zoom.us/blog/webhook-delays, discord-api-docs (webhook events), developer.paypal.com/api/rest/webhooks/rest, the code of Convoy. Handshakes: developers.facebook.com/docs/graph-api/webhooks, dropbox.com/developers/reference/webhooks, docs.x.com/x-api/webhooks/quickstart, docs.aws.amazon.com/sns. Server-sent events: the HTML standard, section 9.2. Checked on 29 and 30 November 2026, except PayPal and the code of Convoy (September 2026).
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# In a class, hand it in. If you are learning on your own, read it again before the next lab.
#
# Next: in `12_night_shift` your receiver faces all the faults of the earlier labs, over a whole month.
