# %% [markdown]
# # 04 · Signatures
#
# Your endpoint has an address, and anyone who knows the address can send requests to it.
# In this lab you see what a *forged* request, which only pretends to come from the provider, does to a shop that trusts every sender.
# Then you sign and verify requests as providers do, protect your own receiver, and verify a value that a real provider published.
#
# **You need** to know what an endpoint is (lab 02) and what bytes are. **Time:** about 45 minutes.

# %%
from labkit import glossary, ready

ready(made_for="0.2")

# %% [markdown]
# New terms are explained where they first appear. `glossary()` in a cell shows the most important ones, and `glossary("retry")` shows one.
#
# ## A shop that trusts every sender
#
# This shop works: when a payment arrives, it ships a parcel with the amount on the invoice.

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
# Amounts are in the smallest unit of the currency, here pence: a customer paid £137.06 for order A-1.
#
# With `secret=…` the sender adds a *signature* to every request: a value that helps the receiver to detect forged requests. You will see below how it works.
# The signature is in a header:

# %%
sent = history.attempts[0].request

for name, value in sent.headers:
    print(f"{name}: {value}")

# %% [markdown]
# Now someone between the sender and the receiver changes one digit.
# The kit calls such a problem on the network a *fault*, and you can pass faults to `simulate`: `Tamper(until=1)` changes one digit of each request during the first second, and none after that.
# Which digit changes is random. `seed=1` fixes all random choices, so you see the same digit as everyone else. Another seed changes another digit.
#
# Choose a letter: click it, or write it instead of the question mark. Then run the next cells.

# %%
from labkit.exercises import check, hint, predict, solution

predict("04-tamper", "a")

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
# The picture says that the request was changed in transit, and that the receiver acknowledged it.
# The shop billed £737.06, and neither side noticed.
#
# **Change one thing:** run the cell again with `seed=5`. Which parcel does the shop ship now?
#
# An attacker does not even need to intercept a request.
# The address of your endpoint is not a secret: it is in logs, in settings and in old e-mails.
# Anyone who finds it can send this:

# %%
import requests

from labkit import Receiver

forged = b'{"id":"evt_x","event":"payment.succeeded","created_at":0,"data":{"order_id":"A-99","amount":0}}'

parcels.clear()
with Receiver(trusting_app()) as receiver:
    response = requests.post(
        receiver.url + "/webhooks",
        data=forged,
        headers={"Content-Type": "application/json"},
    )

response.status_code, parcels

# %% [markdown]
# The shop shipped an unpaid order and acknowledged the forged request.
#
# ## What a signature is
#
# The sender and the receiver share a *secret*: bytes that nobody else knows.
# The sender computes a value from the secret and the body, and sends this value with the request.
# The receiver computes the same value from what it received.
# If the two values are equal, the sender who *signed* this body knew the secret, and not one bit has changed since.
#
# The computation is called **HMAC**. It uses a *hash function*, which turns bytes of any length into a short value of fixed length. Here the hash function is **SHA-256**.
# Its result is 32 bytes. They are written as 64 *hexadecimal* (hex) digits, 0 to 9 and a to f: two digits for each byte. Both HMAC and SHA-256 are part of Python's standard library:

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
# Another body gives another value, and so does another secret.
# If the secret is long and random, nobody has found a way to compute the secret from the value, or the value without the secret.
#
# **Change one thing:** change a letter in the first message, `one parcel for Ada`, and run the cell again. How many digits of the first line stay the same?
#
# ## Exercise 4.1
#
# You are the sender. Write `sign(secret, body) -> str`.
# Both arguments are bytes, and all bytes are allowed.
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
    secret and body always give the same value. The check does not test other types,
    or an empty secret.
    """
    # BEGIN SOLUTION
    mac = hmac.new(secret, body, hashlib.sha256)
    return "sha256=" + mac.hexdigest()
    # END SOLUTION


check("4.1", sign)

# %% [markdown] tags=["solution"]
# **Explained.** `hmac.new` takes the key first and the message second. If you swap them, it returns another value without an error.
# The third argument names the hash function. HMAC works with any hash function, so Python requires you to choose one.
#
# Pass the secret and the body unchanged. If you decode one of them, bytes that are not valid text are lost or raise an exception.
# `hashlib.sha256(secret + body)` looks similar but is not safe: from such a hash, an attacker can compute the hash of a longer body.
#
# `hexdigest()` is a string in lower case. `digest()` would be bytes, and an f-string would write them as `b'…'`.
# The prefix says which algorithm was used.

# %% [markdown]
# ## The raw body
#
# The receiver computes the same value over *the body*. But which bytes are the body?
#
# Many frameworks give you parsed JSON, and it is tempting to turn it back into text (to *serialise* it) and verify the result.

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
# The content is the same, but the signature no longer matches.
# Tomorrow the sender may write the fields of the JSON in another order, write `é` as `\u00e9`, or end the body with a line break. All of these are the same JSON in other bytes.
#
# So a receiver uses the **raw body**: the bytes before any parsing. In Flask that is `request.get_data()`.
#
# ## The last step: compare
#
# Finally, compare: is the signature in the header the correct one?
# Many comparisons stop at the first difference.
# Then a guess with a correct beginning takes a little longer to reject.
#
# Instead of measuring time, the comparison in the next cell reports how many steps it took.

# %%
predict("04-guess", "a")


# %%
def stopping_equals(one, other):
    """Return whether the two are equal, and how many steps it took to find out."""
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
# Without the secret, the attacker has found the first 8 digits of the signature, one by one. The other 56 would follow in the same way.
#
# Over a network, each matching character changes the response time by only nanoseconds, so an attacker needs many measurements per digit. This is called a **timing attack**.
# One function call prevents it: `hmac.compare_digest(a, b)` takes equally long wherever the values differ. That is a **constant-time comparison**.
#
# It has one limit: it accepts two bytes objects, or two strings *if they are ASCII*.
# But the sender may write anything into the header:

# %%
try:
    hmac.compare_digest("sha256=é", "sha256=0")
except TypeError as error:
    print("TypeError:", error)

hmac.compare_digest("sha256=é".encode(), b"sha256=0")

# %% [markdown]
# An exception in your view becomes a 500, and anyone who sends an `é` can cause it.
# As bytes, the same value is just a wrong signature.
#
# ## Exercise 4.2
#
# You are the receiver. Write `verify(secret, body, signature) -> bool`.
#
# - `signature` is the header's value as received, or `None` if there was no such header.
# - Return `True` or `False`. Whatever the header contains, do not raise an exception.
# - The whole header must match: `sha256=` and the digits. The check does not test digits in upper case or white space around or inside the value, so you may accept or reject them.
# - If the secret is empty, no request is authentic: return `False` or raise an exception.
#
# ```python
# verify(b"blue-kite-42", b"one parcel for Ada", sign(b"blue-kite-42", b"one parcel for Ada"))
# # True
# verify(b"blue-kite-42", b"one parcel for Ada", "sha256=0000")
# # False
# ```


# %%
def verify(secret: bytes, body: bytes, signature: str | None) -> bool:
    """`signature` is the value of the header as received, or None if there was none.

    Return True if this signature was made over this body with this secret. The same
    arguments give the same result each time. The secret may be any bytes. Return False
    for every other body, secret or signature. Every byte of the body matters; the body
    may be any bytes, and it may be empty. Return False if there is no signature. Return
    False and raise no exception, whatever the header contains. The whole header must
    match: `sha256=` and all of the digits. With an empty secret nothing is authentic:
    return False or raise an exception. Compare signatures in constant time.

    The check does not test upper-case digits, white space around or inside the value,
    or characters that UTF-8 cannot encode.
    """
    # BEGIN SOLUTION
    if not secret or signature is None:
        return False
    expected = sign(secret, body)
    return hmac.compare_digest(expected.encode(), signature.encode())
    # END SOLUTION


check("4.2", verify)

# %% [markdown] tags=["solution"]
# **Explained.** Each part of this function stops one kind of attack.
#
# - `not secret`: an empty key is a valid key for HMAC, and everyone knows it. A missing setting often arrives as an empty string.
# - `signature is None`: an attacker can simply omit the header. If you verify only when the header is present, every forged request is accepted.
# - `sign(secret, body)`: the receiver computes the whole header, with its prefix, and does not need to parse the received one. So nothing can fail in parsing: no `split` without an equals sign, no `fromhex` on characters that are not hex digits, and no weaker algorithm that the sender chose.
# - `compare_digest` on bytes: it takes constant time, and it does not raise a TypeError for an `é`.
#
# The body goes into the HMAC unchanged. At this point it is not JSON yet, and not text.

# %% [markdown]
# ## A receiver that verifies
#
# Now back to the shop. This version verifies with the kit's own function, which raises an error if the signature does not match.
# The kit knows the *signing schemes* of many providers: what each of them signs, and how it writes the signature. `"generic"` is the simple scheme used in this lab.
# Some schemes sign the time as well, so the function always takes the current time. This scheme does not use it, so `now=0` is fine.
# (You will soon write such a receiver yourself, with your own `verify`.)

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
# The network, the changed digit and the sender are the same as before.

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
# The receiver rejected the changed request with 401. The sender counted a failed attempt, and its second attempt arrived unchanged.
# The shop shipped one parcel, with the right amount.
#
# **Change one thing:** let the fault last longer, `Tamper(until=3600)`, and then forever, `Tamper()`.
# What does the sender do in the end?
#
# ## Exercise 4.3
#
# Write `make_app(secret, process) -> Flask`, with the endpoint `POST /webhooks`.
#
# 1. *Read the raw body*, and the signature from the header `X-Webhook-Signature`. `secret` is bytes.
# 2. *Check the signature* with your `verify` from 4.2. If the request is not authentic, return 401 (400 or 403 is also accepted), and neither parse nor process it.
# 3. *Parse*. If the request is authentic but its body is not valid JSON, return 400 (another 4xx is also accepted).
# 4. *Do the work*: call `process(event)` once, with the event as a dictionary. If it raises, respond with a 5xx, so that the sender tries again.
# 5. *Acknowledge* with a 2xx.
#
# The steps must happen in this order.


# %%
def make_app(secret: bytes, process) -> Flask:
    """Return a Flask app that receives events at POST /webhooks.

    `secret` is bytes. A request is authentic if its header X-Webhook-Signature is
    sign(secret, body) from exercise 4.1.

    If the request is authentic, call `process(event)` once, with the JSON object of the
    body as a dictionary, and then respond with a 2xx.
    If the request is not authentic, respond with 401 (400 or 403 is also accepted) and
    do not call `process`.
    The same holds if the signature is missing or empty.
    The signature is valid only for exactly the bytes of the body.
    Parse the body only if its signature is valid.
    The header may contain any text.
    Treat each request in this way, whatever came before it.
    Each app that `make_app` returns uses its own `secret` and `process`.
    If the request is authentic but its body is not JSON, respond with 400 (another 4xx
    is also accepted) and do not call `process`.
    If `process` raises an exception, respond with a 5xx, and do not call it again.
    If `secret` is empty, no request is authentic; `make_app` may also raise an
    exception.
    The comparison of the signatures takes the same time, wherever they differ.

    The check does not test other paths, methods or content types, queries, signatures
    in upper case, secrets that are not UTF-8 or have white space around them, bodies
    of more than 64 KiB, JSON that is nested too deeply for Python to read or is not
    an object with id, event, created_at and data, exception classes from Flask or
    json that process raises, SystemExit, or a process that returns a value or takes
    half a second or more.
    """
    # BEGIN SOLUTION
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        # read the raw body
        body = request.get_data()
        # check the signature
        if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
            return "the signature does not match", 401
        # parse
        try:
            event = json.loads(body)
        except ValueError:
            return "this is not JSON", 400
        # do the work
        process(event)
        # acknowledge
        return "", 200

    return app
    # END SOLUTION


check("4.3", make_app)

# %% [markdown] tags=["solution"]
# **Explained.** The order is the important part.
#
# - *Read the raw body* first: `request.get_data()` returns the received bytes, and nothing has parsed them yet.
# - *Check the signature* before any code interprets the bytes. `headers.get` returns `None` for a missing header, and `verify` handles that. The response is 401, not 200: if your own secret is wrong after a change, the sender must see failures, or every event is lost without an error.
# - *Parse* only now. `json.loads` raises `ValueError` if the body is not JSON, and also if the bytes are not valid text; `JSONDecodeError` alone would miss the second case. With a 500 here, the sender would repeat the same bytes for days.
# - *Do the work*, then *acknowledge*. `process(event)` is not inside a `try`: whatever it raises becomes a 500, and the sender tries again. Inside the `try` above, a `ValueError` of your own work would become a 400, as if the sender had made a mistake. If you caught and ignored it, you would return 200 for an event that is lost.
#
# `secret` and `process` are the arguments of `make_app`, not globals: a second app with another secret does not affect the first.

# %% [markdown]
# ## By hand, as in a test environment
#
# Before a real provider sends its first request, you will want to send one yourself.
# You need a body, its signature, and `curl`.
#
# This receiver keeps running. It runs `verifying_app` from above. If you have passed 4.3, replace `verifying_app()` with your own app: `make_app(SECRET.encode(), ship)`.
# Run `receiver.inspector(secret=SECRET)` in a new cell to see each request, and the reason if its signature does not match.

# %%
receiver = Receiver(verifying_app()).start()

body = '{"id":"evt_hand","event":"payment.succeeded","created_at":1767225600,"data":{"order_id":"A-7","amount":1999}}'

# %% [markdown]
# First, compute the signature. In Python this takes one line:

# %%
signature = "sha256=" + hmac.digest(SECRET.encode(), body.encode(), "sha256").hex()
signature

# %% [markdown]
# In a terminal, OpenSSL computes the same digits if you replace the dots with the body:
#
# ```bash
# printf '%s' '…' | openssl dgst -sha256 -hmac 'blue-kite-42'
# ```
#
# Use `printf`, not `echo`, because `echo` adds a line break, and that is one more byte to sign.
# A secret that you type in a terminal stays in its history, so do this only with the secret of a test system.
#
# Here is the whole request, ready to copy. `--data-binary` sends the body unchanged, byte for byte. (Plain `--data` does the same for text in the command, but it removes line breaks from a file that you name with `@`.)

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
# If the lab runs entirely in your browser, there is no terminal; the next cell sends the same request.
#
# The response gives the reason, which helps you now. It tells an attacker nothing new.
#
# Here are three requests with `requests`: one with the right signature, one with a changed body, and one without a signature.
# Before you run the cell, predict the three statuses.

# %%
parcels.clear()
signed = {"X-Webhook-Signature": signature}
changed = body.replace("1999", "1998")

with receiver:
    for text, headers in ((body, signed), (changed, signed), (body, {})):
        response = requests.post(receiver.url + "/webhooks", data=text, headers=headers)
        print(response.status_code, parcels)

# %% [markdown]
# The receiver stops at the end of the `with` block.
#
# ## The same request again
#
# Remember `sent`, the first request of this lab. Suppose that someone captured it in transit.

# %%
predict("04-replay", "c")

# %%
parcels.clear()
with Receiver(verifying_app()) as receiver:
    for day in (1, 2):
        response = requests.post(
            receiver.url + "/webhooks",
            data=sent.body,
            headers=dict(sent.headers),
        )
        print(f"day {day}:", response.status_code, parcels)

# %% [markdown]
# There were two authentic requests and two parcels, but only one payment.
# A signature says *who wrote these bytes*. It does not say when, or how often they were sent.
# In lab 05 the signature also covers the time. In lab 07 the receiver remembers the ids.
#
# ## Exercise 4.4
#
# Now verify the signatures of a real provider. GitHub signs the body with HMAC-SHA256, as you did:
#
# - The header is `X-Hub-Signature-256`, and its value is `sha256=` and lower-case hex.
# - The secret is text that someone typed into a form. It goes into the HMAC as UTF-8.
# - An older header, `X-Hub-Signature`, contains a SHA-1 signature for old receivers. Yours must ignore it. Otherwise an attacker could choose the weaker algorithm (a *downgrade attack*).
#
# GitHub publishes a test value. The secret `It's a Secret to Everybody` and the body `Hello, World!` give
#
#     sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17
#
# Write `verify_github(secret, body, headers) -> bool`.
# `headers` is a mapping that finds a name in upper or lower case, like Flask's `request.headers`.
# The names in it may be spelled either way: `x-hub-signature-256` is the same header.


# %%
def verify_github(secret: str, body: bytes, headers) -> bool:
    """`headers` is a mapping from names to values, which finds a name in upper or
    lower case, as Flask's request.headers does; its keys may be spelled either way.

    Return True if X-Hub-Signature-256 holds the signature of this body with this
    secret. The same arguments give the same result each time. The secret may be any
    text, and is encoded in UTF-8. The name of the header may be in upper or lower case.
    Return False for every other body, secret or signature. Every byte of the body
    matters; the body may be any bytes, and it may be empty. Return False if there is no
    X-Hub-Signature-256. Ignore the header X-Hub-Signature, and all headers that are not
    named here. Return False and raise no exception, whatever the header contains. The
    whole header must match: `sha256=` and all of the digits. With an empty secret
    nothing is authentic: return False or raise an exception. Compare signatures in
    constant time. Do not change `headers`.

    The check does not test upper-case digits, white space around or inside the value,
    or characters that UTF-8 cannot encode.
    """
    # BEGIN SOLUTION
    return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))
    # END SOLUTION


check("4.4", verify_github)

# %% [markdown] tags=["solution"]
# **Explained.** It is your scheme with another header name, so `verify` does the work.
#
# - `.encode()` uses UTF-8, as GitHub does. ASCII would raise for a secret with an ü. White space at the ends of the secret is part of it.
# - `headers.get` returns `None` if the header is missing; square brackets would raise a KeyError and cause a 500. `headers.get` finds the name in any spelling; a loop with `==` does not.
# - The function never reads the old SHA-1 header. A receiver that falls back to it lets an attacker choose the weaker algorithm (a *downgrade attack*).
#
# A published value is worth more than any number of your own tests, because the other side computed it.

# %% [markdown]
# ## Remember
#
# - Read the raw body, check the signature, then parse. Until the body is verified, it is only bytes for the HMAC.
# - Compare in constant time, as bytes: `hmac.compare_digest(a.encode(), b.encode())`.
# - If the header is missing or malformed, return `False` and do not raise an exception. With an empty secret, never return `True`.
# - Reject with 401. Many legitimate senders try again or report the failures, so you learn if your secret is wrong.
# - A signature says who, but not when or how often.
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
# | GitLab, secret token | `X-Gitlab-Token` | nothing: it sends the secret itself | the secret |
# | GitLab, signing token | `webhook-signature` | id, time and body, with dots, as in Standard Webhooks | `v1,` and base64 |
#
# Like hex, base64 is a way to write bytes as text; lab 05 uses it.
#
# Vendors and authors of libraries make mistakes as well:
#
# - A vendor's own Python library (convoy-python 0.2.0) returns the string `'Invalid signature.'` for a wrong signature, and this string counts as true.
# - Zoom's official JavaScript sample computes the HMAC of re-serialised JSON, and compares with an ordinary `===`, not in constant time.
# - gidgethub and LINE's library accept an empty secret.
# - Jenkins plugins compared signatures in a way that allowed a timing attack (CVE-2022-43411, CVE-2022-43412).
#
# Sources: the providers' pages on webhooks (docs.github.com, shopify.dev, docs.stripe.com, docs.slack.dev, standardwebhooks.com, docs.gitlab.com); we ran the libraries in the versions that were current in September 2026. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# In a class, hand it in. If you are learning on your own, read it again before the next lab.
#
# Next: in `05_replay_and_rotation` the signature covers id and time, and you change a secret without losing a delivery.
