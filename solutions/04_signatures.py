# %% [markdown]
# # 04 · Signatures
#
# Your endpoint has an address, and whoever knows it can send to it.
# You will see what a forged request does to a shop that trusts everybody.
# Then you will sign and verify as providers do, close the door of your own receiver, and verify a real provider's published value.
#
# **You need** to know what an endpoint is (lab 02) and what bytes are. **It takes** about 45 minutes.

# %%
from labkit import ready

ready(made_for="0.2")

# %% [markdown]
# ## An open door
#
# Here is a shop that works: a payment comes in, and a parcel goes out with the amount on its bill.

# %%
from flask import Flask, request

parcels = []


def ship(event):
    parcels.append((event["data"]["order_id"], event["data"]["amount"]))


def trusting_app():
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        ship(request.get_json())
        return "", 200

    return app


# %%
from labkit import simulate
from labkit.samples import payments

SECRET = "blue-kite-42"
event = payments(1)[0]

parcels.clear()
history = simulate(trusting_app(), [event], secret=SECRET)
history.timeline()

# %%
parcels

# %% [markdown]
# Amounts are in cents: somebody paid 137.06 for order A-1.
#
# With `secret=…` the sender signs every request.
# The signature travels in a header, beside the body:

# %%
sent = history.attempts[0].request

for name, value in sent.headers:
    print(f"{name}: {value}")

# %% [markdown]
# Now somebody sits between the two and changes one digit.
# Such a thing is a *fault*, and you will give it to `simulate`: `Tamper(until=1)` changes one digit of each request during the first second, and then stops.
# Which digit is a matter of chance. `seed=1` fixes the dice, so that you see the same as everybody; another number, another digit.
#
# Write your letter in place of the question mark, then run the cell.

# %%
from labkit.exercises import check, hint, predict, solution

predict("04-tamper", "b")

# %%
from labkit.faults import Tamper

parcels.clear()
history = simulate(
    trusting_app(), [event], secret=SECRET, faults=[Tamper(until=1)], seed=1
)
history.timeline()

# %%
parcels

# %% [markdown]
# The picture says that the request was changed on its way, and that it was acknowledged.
# The shop billed 737.06, and neither side noticed.
#
# **Change one thing:** run it again with `seed=5`. Which parcel goes out now?
#
# It does not even take somebody in between.
# Your endpoint's address is no secret: it stands in logs, in settings, in old mails.
# Whoever finds it can send this:

# %%
import requests

from labkit import Receiver

forged = b'{"id":"evt_x","event":"payment.succeeded","created_at":0,"data":{"order_id":"A-99","amount":0}}'

parcels.clear()
with Receiver(trusting_app()) as receiver:
    answer = requests.post(
        receiver.url + "/webhooks",
        data=forged,
        headers={"Content-Type": "application/json"},
    )

answer.status_code, parcels

# %% [markdown]
# A parcel for nothing, and it was acknowledged.
#
# ## What a signature is
#
# Sender and receiver share a *secret*, a row of bytes that nobody else knows.
# From the secret and the body the sender computes a number, and sends it along.
# The receiver computes the same from what arrived.
# If the two agree, whoever sent this body knew the secret, and not one bit has changed since.
#
# The computation is called **HMAC**, here with the hash function **SHA-256**.
# It gives 32 bytes, written as 64 hex digits. Python has it on board:

# %%
import hashlib
import hmac

mac = hmac.new(b"blue-kite-42", b"one parcel for Ada", hashlib.sha256)
print(mac.hexdigest())

mac = hmac.new(b"blue-kite-42", b"one parcel for Ida", hashlib.sha256)
print(mac.hexdigest())

mac = hmac.new(b"blue-kite-43", b"one parcel for Ada", hashlib.sha256)
print(mac.hexdigest())

# %% [markdown]
# Another body, another number. Another secret, another number.
# Nobody has found a way back from the number to the secret, or a way to the number without it.
#
# **Change one thing:** change a letter in the first line. How many digits stay as they were?
#
# ## Exercise 4.1
#
# You are the sender. Write `sign(secret, body) -> str`.
# Both are bytes, and any bytes will do.
# The result is the value of the header: `sha256=` and 64 hex digits in lower case.
#
# ```python
# sign(b"blue-kite-42", b"one parcel for Ada")
# # "sha256=" and the 64 digits of the first line above
# ```


# %%
def sign(secret: bytes, body: bytes) -> str:
    """Return the header value `sha256=<hex>`: the HMAC-SHA256 of the body as 64
    lower-case hex digits.

    The secret is the key. Both are bytes, of any length and any content. The same
    secret and body always give the same value. The check does not test other types.
    """
    # BEGIN SOLUTION
    mac = hmac.new(secret, body, hashlib.sha256)
    return "sha256=" + mac.hexdigest()
    # END SOLUTION


check("4.1", sign)

# %% [markdown] tags=["solution"]
# **Explained.** `hmac.new` takes the key first and the message second; swapped, it gives another number and no error.
# The third argument names the hash function. Without it Python asks for one, because HMAC works with any.
#
# Secret and body go in as they are. Decode one of them, and bytes that are no text are lost or raise.
# `hashlib.sha256(secret + body)` looks like the same thing and is not: from such a hash others can compute that of a longer body.
#
# `hexdigest()` is text in lower case. `digest()` would be bytes, and an f-string would write them as `b'…'`.
# The prefix says which algorithm was used.

# %% [markdown]
# ## The bytes as they came
#
# The receiver computes the same over *the body*. But which bytes are the body?
#
# Many frameworks hand you parsed JSON, and it is tempting to write it back into text and verify that.

# %%
predict("04-one-space", "c")

# %%
import json


def mac_of(body):
    return hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


rewritten = json.dumps(json.loads(event.body)).encode()
print(event.body.decode()[:60])
print(rewritten.decode()[:60])

pairs = zip(mac_of(event.body), mac_of(rewritten), strict=True)
print(sum(one != other for one, other in pairs), "of 64 digits differ")

# %% [markdown]
# Nothing in the content has changed, and the signature fits no more.
# The sender may put its keys in another order tomorrow, write `é` as `\u00e9` or end with a line break: all of it is the same JSON and other bytes.
#
# So a receiver takes the body as it came over the wire. In Flask that is `request.get_data()`.
#
# ## The last step: compare
#
# The last step is to compare: is the signature in the header the right one?
# Python compares two texts from the left and stops at the first difference.
# So a guess with a good start takes a little longer to refuse.
#
# The next cell has a comparison that says how far it came, in place of a clock.

# %%
predict("04-guess", "b")


# %%
def stopping_equals(one, other):
    """Say whether both are equal, and after how many steps that was clear."""
    steps = 0
    for a, b in zip(one, other, strict=True):
        steps += 1
        if a != b:
            return False, steps
    return True, steps


right = mac_of(event.body)[:8]
guess, tries = "", 0

while len(guess) < 8:
    for digit in "0123456789abcdef":
        tries += 1
        equal, steps = stopping_equals((guess + digit).ljust(8, "?"), right)
        if equal or steps > len(guess) + 1:
            guess += digit
            break
    print(guess)

guess == right, tries

# %% [markdown]
# Somebody who does not know the secret has found the signature, digit by digit.
#
# Over a network one character is worth nanoseconds, so it takes many measurements for a digit, and much patience.
# It costs one call to rule it out: `hmac.compare_digest(a, b)` looks at everything, whatever it finds.
#
# One thing to know about it: it takes two bytes, or two texts *if they are ASCII*.
# The header is whatever somebody typed:

# %%
try:
    hmac.compare_digest("sha256=é", "sha256=0")
except TypeError as error:
    print("TypeError:", error)

hmac.compare_digest("sha256=é".encode(), b"sha256=0")

# %% [markdown]
# An exception in your view is a 500, for anybody who types an `é`.
# As bytes it is just a wrong signature.
#
# ## Exercise 4.2
#
# You are the receiver. Write `verify(secret, body, signature) -> bool`.
#
# - `signature` is the header's value as it came, or `None` if there was no such header.
# - The answer is `True` or `False`, and never an exception, whatever the header holds.
# - The whole header must fit: `sha256=` and the digits. Digits in upper case or white space around them you may accept or refuse; the check does not ask.
# - With an empty secret nothing is authentic.
#
# ```python
# verify(b"blue-kite-42", b"one parcel for Ada", sign(b"blue-kite-42", b"one parcel for Ada"))
# # True
# verify(b"blue-kite-42", b"one parcel for Ada", "sha256=0000")
# # False
# ```


# %%
def verify(secret: bytes, body: bytes, signature: str | None) -> bool:
    """Whether whoever knows the secret made this signature over this very body.

    `signature` is the value of the header as it came, or None if there was none.
    Garbage in it is False and no exception. An empty secret makes nothing authentic.
    The comparison takes the same time, whatever is in the header.
    """
    # BEGIN SOLUTION
    if not secret or signature is None:
        return False
    expected = sign(secret, body)
    return hmac.compare_digest(expected.encode(), signature.encode())
    # END SOLUTION


check("4.2", verify)

# %% [markdown] tags=["solution"]
# **Explained.** Four lines, and each keeps somebody out.
#
# - `not secret`: an empty key is a valid key for HMAC, and everybody knows it. A setting that is missing often arrives as an empty text.
# - `signature is None`: who forges a request just leaves the header out. Written as "check it if it is there", the door is open.
# - `sign(secret, body)`: the receiver makes the whole header, prefix and all, and needs no parser for the one that came. What is not taken apart can't break: no `split` without an equals sign, no `fromhex` on letters that are no hex digits, no other algorithm that the sender chose.
# - `compare_digest` on bytes: constant time, and no TypeError on an `é`.
#
# The body goes into the HMAC as it came. It is not JSON yet, and not text.

# %% [markdown]
# ## A receiver that verifies
#
# Back to the shop. The one below verifies with the kit's own function, which raises an error if the signature does not fit.
# The kit knows the schemes of many providers; `"generic"` is the plain one of this lab.
# Some of them sign the time as well, so the function always asks what time it is. This one does not, so `now=0` will do.
# (You will write such a receiver yourself in a moment, with your own `verify`.)

# %%
from labkit.errors import VerificationError
from labkit.signing import SCHEMES


def verifying_app():
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()
        try:
            SCHEMES["generic"].verify(body, request.headers, secrets=[SECRET], now=0)
        except VerificationError as error:
            return str(error), 401
        ship(json.loads(body))
        return "", 200

    return app


# %% [markdown]
# The same wire, the same changed digit, the same sender.

# %%
predict("04-refused", "b")

# %%
parcels.clear()
history = simulate(
    verifying_app(), [event], secret=SECRET, faults=[Tamper(until=1)], seed=1
)
history.timeline()

# %%
parcels

# %% [markdown]
# The changed request was refused with 401, the sender took that for a failed attempt, and the second one arrived whole.
# One parcel, with the right amount.
#
# **Change one thing:** let the wire do it for longer, `Tamper(until=3600)`, and then for ever, `Tamper()`.
# What does the sender do in the end?
#
# ## Exercise 4.3
#
# Write `make_app(secret, process) -> Flask`, with the endpoint `POST /webhooks`.
#
# 1. *Read the raw body*, and the signature from the header `X-Webhook-Signature`. `secret` is bytes.
# 2. *Check the signature*, with your `verify` of 4.2. What is not authentic is answered 401 (400 or 403 will do), and neither parsed nor processed.
# 3. *Parse*. What is authentic and no JSON is answered 400 (another 4xx will do).
# 4. *Do the work*: call `process(event)` once, with the event as a dictionary. If it raises, the answer is 5xx, so that the sender comes again.
# 5. *Acknowledge* with 2xx.
#
# The steps stand in the order in which they must come.


# %%
def make_app(secret: bytes, process) -> Flask:
    """Return an app that gives authentic events to process(event), and nothing else.

    POST /webhooks, signature in X-Webhook-Signature. Not authentic: 401. Authentic and
    no JSON: 400. Otherwise process the event, a dictionary, and answer 2xx; if process
    raises, 5xx.
    """
    # BEGIN SOLUTION
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        # read the raw body
        body = request.get_data()
        # check the signature
        if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
            return "the signature does not fit", 401
        # parse
        try:
            event = json.loads(body)
        except ValueError:
            return "this is no JSON", 400
        # do the work
        process(event)
        # acknowledge
        return "", 200

    return app
    # END SOLUTION


check("4.3", make_app)

# %% [markdown] tags=["solution"]
# **Explained.** The order is the point.
#
# - *Read the raw body* first: `request.get_data()` gives the bytes as they came, and nothing has parsed them yet.
# - *Check the signature* before anything reads them as more than bytes. `headers.get` gives `None` for a header that is missing, and `verify` knows what that means. The answer says 401 and not 200: if your own secret is wrong after a change, the sender must hear about it, or every event is lost in silence.
# - *Parse* only now. `json.loads` raises `ValueError` for what is no JSON, and for bytes that are no text as well; `JSONDecodeError` alone would miss those. A 500 here would let the sender try the same bytes again for days.
# - *Do the work*, then *acknowledge*. `process(event)` stands in no `try`: what it raises becomes a 500, and the sender comes again. Inside the `try` above, a ValueError of your own work would be answered 400, as if the sender were to blame; and caught and passed over, it would be a 200 for an event that is lost.
#
# `secret` and `process` are the arguments of `make_app`, not globals: a second app with another secret changes nothing here.

# %% [markdown]
# ## By hand, as in staging
#
# Before a real provider sends, you will want to knock once yourself.
# For that you need a body, its signature, and `curl`.
#
# Here is a receiver that keeps running. It is the kit's; if you have passed 4.3, put your own in its place: `make_app(SECRET.encode(), ship)`.

# %%
receiver = Receiver(verifying_app()).start()

body = '{"id":"evt_hand","event":"payment.succeeded","created_at":1767225600,"data":{"order_id":"A-7","amount":1999}}'

# %% [markdown]
# First the signature. In Python it is one line:

# %%
signature = "sha256=" + hmac.digest(SECRET.encode(), body.encode(), "sha256").hex()
signature

# %% [markdown]
# In a terminal OpenSSL gives the same digits, if you put the body in place of the dots:
#
# ```bash
# printf '%s' '…' | openssl dgst -sha256 -hmac 'blue-kite-42'
# ```
#
# It is `printf` and not `echo`, because `echo` adds a line break, and that is one byte more to sign.
# A secret that you type in a terminal stays in its history: do this with the secret of a test system only.
#
# Now the whole request, ready to copy. `--data-binary` sends the body byte by byte; plain `--data` would leave out line breaks.

# %% tags=["nbval-ignore-output"]
import shlex
import subprocess
import sys

command = [
    "curl", "--silent", "--show-error", "--include", "--noproxy", "127.0.0.1",
    "--header", "Content-Type: application/json",
    "--header", f"X-Webhook-Signature: {signature}",
    "--data-binary", body,
    receiver.url + "/webhooks",
]  # fmt: skip

if sys.platform == "win32":
    print(subprocess.list2cmdline(command))
else:
    print(shlex.join(command))

# %% [markdown]
# Open a terminal (in JupyterLab: *File*, *New*, *Terminal*; on Windows the Command Prompt) and paste the line.
# Then change one letter of the body in it, and send it again.
# If the lab runs in your browser alone, there is no terminal; the next cell sends the same.
#
# The answer names the reason, which helps you now. It tells a forger nothing that they did not know.
#
# And with `requests`: the right signature, a changed body, no signature.
# Before you run it: which three numbers will you see?

# %%
parcels.clear()
signed = {"X-Webhook-Signature": signature}
changed = body.replace("1999", "1998")

with receiver:
    for text, headers in ((body, signed), (changed, signed), (body, {})):
        answer = requests.post(receiver.url + "/webhooks", data=text, headers=headers)
        print(answer.status_code, parcels)

# %% [markdown]
# The `with` block stops the receiver at its end.
#
# ## What a signature does not say
#
# Remember `sent`, the very first request of this lab. Somebody has captured it on its way.

# %%
predict("04-replay", "c")

# %%
parcels.clear()
with Receiver(verifying_app()) as receiver:
    for day in (1, 2):
        answer = requests.post(
            receiver.url + "/webhooks",
            data=sent.body,
            headers=dict(sent.headers),
        )
        print("day", day, "answered", answer.status_code, parcels)

# %% [markdown]
# Two authentic requests, two parcels, one payment.
# A signature says *who wrote these bytes*. It does not say when, or how often they were sent.
# Lab 05 puts the time under the signature; lab 07 remembers the ids.
#
# ## Exercise 4.4
#
# Now a real provider. GitHub signs the body with HMAC-SHA256, like you did:
#
# - the header is `X-Hub-Signature-256`, its value `sha256=` and lower-case hex;
# - the secret is text, as somebody typed it into a form, and goes into the HMAC as UTF-8;
# - an older header, `X-Hub-Signature`, has a SHA-1 signature. It is there for old receivers; yours must not care for it.
#
# GitHub publishes a value to test with: the secret `It's a Secret to Everybody` and the body `Hello, World!` give
#
#     sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17
#
# Write `verify_github(secret, body, headers) -> bool`.
# `headers` is a mapping that finds a name in any case, as Flask's `request.headers` does.
# The names in it may be spelled in any case, too: `x-hub-signature-256` is the same header.


# %%
def verify_github(secret: str, body: bytes, headers) -> bool:
    """Whether GitHub, or whoever knows the secret, signed this very body.

    `headers` is a mapping from names to values, which finds a name in upper or lower
    case, as Flask's request.headers does. Only X-Hub-Signature-256 counts. Garbage in
    it is False and no exception, and so is an empty secret.
    """
    # BEGIN SOLUTION
    return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))
    # END SOLUTION


check("4.4", verify_github)

# %% [markdown] tags=["solution"]
# **Explained.** It is your scheme under another header name, so `verify` does the work.
#
# - `.encode()` is UTF-8, which is what GitHub means. In ASCII a secret with an ü would raise. White space at its ends is part of it.
# - `headers.get` gives `None` where the header is missing; with square brackets that would be a KeyError and a 500. It finds the name in any spelling; a loop with `==` does not.
# - The old SHA-1 header is not even read. A receiver that falls back to it lets the forger choose the weaker lock.
#
# A published value is worth more than any number of your own tests: it was made by the other side.

# %% [markdown]
# ## Keep in mind
#
# - Read the raw body, check the signature, then parse. Until it is verified a body is bytes for the HMAC, and nothing else.
# - Compare in constant time, as bytes: `hmac.compare_digest(a.encode(), b.encode())`.
# - No header, an empty secret, garbage: all of it is `False`, and none of it is an exception.
# - Refuse with 401. An honest sender tries again, and hears of it if your secret is wrong.
# - A signature says who, and not when or how often.
#
# ## What real providers do
#
# | provider | header | what is signed | written as |
# | --- | --- | --- | --- |
# | GitHub | `X-Hub-Signature-256` | the body | `sha256=` and hex |
# | Shopify | `X-Shopify-Hmac-Sha256` | the body | base64 |
# | Stripe | `Stripe-Signature` | time, a dot, the body | `t=…,v1=` and hex |
# | Slack | `X-Slack-Signature` | `v0:`, time, a colon, the body | `v0=` and hex |
# | Standard Webhooks | `webhook-signature` | id, time and body, with dots | `v1,` and base64 |
# | GitLab | `X-Gitlab-Token` | nothing: it sends the secret itself | the secret |
#
# And they get it wrong as well:
#
# - A vendor's own Python library (convoy-python 0.2.0) answers a wrong signature with the text `'Invalid signature.'`, which counts as true.
# - Zoom's official sample hashes the JSON that it has parsed and written anew, and compares with `===`.
# - gidgethub and LINE's library accept an empty secret.
# - Jenkins plugins compared signatures in a way that told how much was right (CVE-2022-43411, CVE-2022-43412).
#
# Sources: the providers' pages on webhooks (docs.github.com, shopify.dev, docs.stripe.com, docs.slack.dev, standardwebhooks.com, docs.gitlab.com); the libraries were run in the versions current then. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# If you learn in a class, hand it in; if you learn alone, read it again before the next lab.
#
# Next: `05_replay_and_rotation` puts id and time under the signature, and changes a secret without losing a delivery.
