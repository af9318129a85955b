# %% [markdown]
# # 05 · Replay and rotation
#
# In lab 04 you made sure that nobody can forge a request without the secret.
# In this lab you find out what someone can do with a request that they captured. Then you replace a secret while payments keep arriving.
# You also verify the signatures of two real schemes: Standard Webhooks and, at the end, Stripe's.
#
# **You need** to know what an HMAC is: a value computed from some bytes and a secret, which only someone who knows the secret can compute.
# You build one in lab 04. If it is new to you, start there.
# **Time:** about 45 minutes.

# %%
from labkit import glossary, ready

ready(made_for="0.2")

# %% [markdown]
# New terms are explained where they first appear. `glossary()` in a cell shows the most important ones, and `glossary("retry")` shows one.
#
# ## A captured request
#
# This shop checks signatures.
# `SCHEMES` is the kit's collection of real signing schemes. You will soon write your own verifiers.
# The time in a simulation is virtual, so the receiver gets its clock as a function. A real shop would use `time.time`.

# %%
from flask import Flask, request

from labkit.errors import VerificationError
from labkit.signing import SCHEMES

parcels = []


def make_app(scheme, secret, clock):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()  # read the raw body
        try:
            # check the signature, and the time window where the scheme has one
            SCHEMES[scheme].verify(body, request.headers, secrets=[secret], now=clock())
        except VerificationError as problem:
            return str(problem), 401
        event = request.get_json()  # parse
        parcels.append(event["data"]["order_id"])  # do the work
        return "", 204  # acknowledge

    return app


# %% [markdown]
# The provider signs as in lab 04: an HMAC over the body.
# Someone finds one request in a log, a proxy or a backup, and keeps it. They do not have the secret.
#
# First say what you expect. Choose a letter: click it, or write it instead of the question mark.

# %%
from labkit.exercises import check, hint, predict, solution

predict("05-captured", "b")

# %%
from labkit import simulate
from labkit.faults import Duplicate
from labkit.samples import payments

event = payments(1)[0]
password = "correct horse battery staple"

parcels.clear()
app = make_app("generic", password, lambda: event.created_at)
history = simulate(
    app, [event], scheme="generic", secret=password, faults=[Duplicate(gap=3600)]
)
history.timeline()

# %%
parcels

# %% [markdown]
# `Duplicate(gap=3600)` plays the attacker: it sends the same bytes again, an hour later.
# The receiver cannot tell the two requests apart, because there is no difference.
# This is a **replay attack**: someone resends a captured request with a valid signature.
#
# ## Sign the time
#
# The protection has two halves, and neither works without the other:
#
# 1. The sender writes the time into a header **and signs it** together with the body.
# 2. The receiver compares that time with its clock, and rejects requests that are too old.
#
# *Standard Webhooks* does both. Look at the headers of one request.

# %%
secret = "whsec_Kf5pvZ6M66agfR3sJbGwh+/ibAf/DSHX2wszd3c4pcY="

parcels.clear()
app = make_app("standard", secret, lambda: event.created_at)
history = simulate(app, [event], scheme="standard", secret=secret)
captured = history.attempts[0].request

for name, value in captured.headers:
    print(f"{name}: {value}")
print()
print(captured.body.decode())

# %% [markdown]
# The signed content is `id.timestamp.body`: the id, a full stop, the timestamp exactly as in the header, a full stop, the body.
# The receiver accepts a timestamp that differs from its own clock by up to 300 seconds in either direction, because clocks differ and requests take time to arrive. These 300 seconds are the *tolerance*, and the whole range is the **tolerance window**.

# %%
predict("05-window", "a")

# %%
from labkit.transport import AppTransport


def replay(request, seconds):
    """Send a request to the shop, whose clock is `seconds` past the event."""
    app = make_app("standard", secret, lambda: event.created_at + seconds)
    response = AppTransport(app).send(request, timeout=1)
    return response.status, response.body.decode()


for minutes in (1, 4, 6, 24 * 60):
    print(f"{minutes:5} min", *replay(captured, minutes * 60))

# %% [markdown]
# Here is the same on a timeline, with the replayed request an hour later.
# The receiver gets its clock as a function again: for the first request, the clock shows the event's time, and for the second, one hour later.

# %%
parcels.clear()
times = iter([event.created_at, event.created_at + 3600])
app = make_app("standard", secret, lambda: next(times))
history = simulate(
    app, [event], scheme="standard", secret=secret, faults=[Duplicate(gap=3600)]
)
history.timeline()

# %%
parcels

# %% [markdown]
# The replayed request arrives, and the receiver rejects it.
#
# The tolerance window does not stop a replay within the first five minutes. For that, remember the ids that you have processed (lab 07). If you remember them only to stop replays, ten minutes (twice the tolerance) is enough: the timestamp of a request may be up to five minutes ahead of your clock, and the window accepts it until it is five minutes old. After that, the window rejects the request anyway. (Lab 07 has another reason, and needs a longer time.)
#
# ## The attacker adapts

# %%
predict("05-fresh-timestamp", "c")

# %%
from dataclasses import replace

an_hour_later = str(event.created_at + 3600)
forged = replace(
    captured,
    headers=tuple(
        (name, an_hour_later if name == "webhook-timestamp" else value)
        for name, value in captured.headers
    ),
)

replay(forged, 3600)

# %% [markdown]
# **Try it:** in the cell above, write `"webhook-id"` instead of `"webhook-timestamp"`, or change one digit of the body with `replace(captured, body=…)`.
# Then send `captured` itself to a shop whose clock is a day behind: `replay(captured, -86_400)`.
#
# ## A retry after a long outage

# %%
predict("05-late-retry", "b")

# %%
from labkit.faults import Refuse


def always_204():
    app = Flask("patient")

    @app.post("/webhooks")
    def webhook():
        return "", 204

    return app


late = simulate(
    always_204(),
    [event],
    scheme="standard",
    secret=secret,
    faults=[Refuse(until=10 * 3600)],
)
late.timeline()

# %% [markdown]
# Now look at what the attempts contained, and how a verifier judges each of them at the moment when it was sent.

# %%
for attempt in late.attempts:
    carried = attempt.request
    hours = (attempt.sent_at - event.created_at) / 3600
    SCHEMES["standard"].verify(
        carried.body, dict(carried.headers), secrets=[secret], now=attempt.sent_at
    )
    print(
        f"attempt {attempt.number} after {hours:5.2f} h:",
        carried.header("webhook-id"),
        carried.header("webhook-timestamp"),
        carried.header("webhook-signature")[:12] + "…",
        "verified",
    )

# %% [markdown]
# The id belongs to the event and stays the same. The timestamp belongs to the *attempt*: the sender renews and signs it for each attempt.
# So compare your clock with `webhook-timestamp`, never with a time inside the body.
#
# ## Exercise 5.1
#
# Write `verify(secret, headers, body, now, tolerance) -> bool` for Standard Webhooks.
#
# *Base64* writes any bytes as text, with 64 different characters. Python's `base64` module encodes and decodes it.
#
# | | |
# | --- | --- |
# | key | the part of the secret after `whsec_`, decoded from base64 |
# | signed | `id.timestamp.body`, as bytes |
# | signature | HMAC-SHA256, in base64, with `v1,` in front |
# | header | one or more signatures, separated by spaces; ignore other versions such as `v1a` and malformed entries |
# | timestamp | whole seconds, in decimal digits; reject anything else |
#
# This test value was published for the scheme, and the result must be `True`:
#
# ```python
# verify(
#     "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
#     {
#         "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
#         "webhook-timestamp": "1614265330",
#         "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
#     },
#     b'{"test": 2432232314}',
#     now=1614265330,
#     tolerance=300,
# )
# ```
#
# Begin with this value, run the check, and fix one reported failure after another. The last cases are hard.

# %%
import base64
import hashlib
import hmac


def verify(secret, headers, body, now, tolerance):
    """Return True if a Standard Webhooks request is authentic and fresh, else False.

    `secret` is text such as "whsec_…". `headers` is a dict whose keys are lower-case
    names, such as webhook-id, webhook-timestamp and webhook-signature. `body` is
    bytes. `now` and `tolerance` are in seconds.

    Accept a request that was signed with this secret. The same request gets the same
    result each time. Reject a request whose id, timestamp or body was not signed with
    this secret. The age of a request is `now` minus webhook-timestamp; accept it from
    `-tolerance` to `tolerance`, both included, and no other age. Do not use any time
    inside the body. Use id, timestamp and body exactly as they arrived, byte for byte.
    The header may hold several signatures, separated by spaces; one that matches is
    enough. Ignore the parts of the header that are not signatures of version v1. Reject
    a request if one of the three headers is missing. Reject a timestamp that contains
    anything but the digits 0 to 9. Raise no exception, whatever the headers and the
    body contain. Every secret that consists of "whsec_" and base64 works. Compare
    signatures in constant time. The characters +, - and _ in a timestamp are not
    digits.

    The check does not test other spellings of base64, white space in the headers other
    than single spaces between signatures, digits of other writing systems, timestamps
    of more than 12 digits with a valid signature, or a webhook-id that is empty or not
    ASCII.
    """
    # BEGIN SOLUTION
    message_id = headers.get("webhook-id")
    timestamp = headers.get("webhook-timestamp")
    signatures = headers.get("webhook-signature")
    if not message_id or not timestamp or not signatures:
        return False

    # check the signature
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(digest)
    parts = signatures.encode().split(b" ")
    if not any(hmac.compare_digest(part, expected) for part in parts):
        return False

    # check the time window
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(now - int(timestamp)) <= tolerance
    # END SOLUTION


check("5.1", verify)

# %% [markdown] tags=["solution"]
# **Explained.**
#
# - `headers.get` returns `None` for a missing header, and an empty header is no better. Without an id or a time there is nothing to verify, so the function returns False before it computes anything. If you skip the window when the time is missing, an attacker only has to omit it.
# - `removeprefix` removes the whole prefix. `strip("whsec_")` would remove any of these characters from both ends, and damage at least one secret in thirteen.
# - The part after the prefix is base64. The text itself would be another key, and no signature would ever match.
# - The front part is text and becomes bytes. The body is bytes and stays bytes. An f-string around the body would sign the characters `b'…'`. Sign the timestamp *as received*, not as a number that you convert back.
# - `.encode()` turns the header into bytes, because `compare_digest` raises an exception for text that contains an é. `==` would stop at the first difference, so the response time would reveal how much of a guess is right.
# - The function compares each part of the header as a whole, including its label. A part without a comma or with another version simply does not match. Nothing needs parsing, so nothing can raise.
# - The time check comes after the signature check: from there on you know that the timestamp is the sender's. An attacker's timestamp of 400 digits never gets this far.
# - `isascii` and `isdigit` together mean: only the digits 0 to 9. `int` alone also reads `+1767225600` and `1_767_225_600`. `float` would accept `NaN`, and every comparison with it is false: with `if abs(now - t) > tolerance: return False`, the check would have no effect.
# - With hundreds of digits the subtraction could raise an exception, so such a timestamp is rejected first.
# - `abs` limits the difference in both directions. Without it, a request dated next week would be accepted for a week.

# %% [markdown]
# ## A secret leaks
#
# Someone pasted the secret into a chat. It must be changed, but payments keep arriving all the time.
# A good provider can sign with two secrets at once. `Sender` is the provider behind `simulate`, with a few more settings.

# %%
from labkit import Sender

old = secret
new = "whsec_jTwSB0/EEjKHRfcofXghlgXc6XC1K8OfdxJupiooRS4="

both = Sender(always_204(), scheme="standard", secret=old, extra_secrets=[new])
history = both.send(event)
twice_signed = history.attempts[0].request

print("webhook-signature:")
for signature in twice_signed.header("webhook-signature").split(" "):
    print("   ", signature)

# %% [markdown]
# One header contains two signatures, over the same id, time and body.

# %%
predict("05-two-signatures", "a")


# %%
def says(secrets, request):
    """Return the status with which a receiver that knows these secrets responds."""
    try:
        SCHEMES["standard"].verify(
            request.body,
            dict(request.headers),
            secrets=secrets,
            now=event.created_at,
        )
    except VerificationError:
        return "401"
    return "200"


requests_by = {
    "signed with old": captured,
    "signed with both": twice_signed,
    "signed with new": Sender(always_204(), scheme="standard", secret=new)
    .send(event)
    .attempts[0]
    .request,
}
receivers = {"knows old": [old], "knows both": [old, new], "knows new": [new]}

print(" " * 18, *(f"{name:>12}" for name in receivers))
for name, each in requests_by.items():
    print(f"{name:18}", *(f"{says(known, each):>12}" for known in receivers.values()))

# %% [markdown]
# Read this table as a map. Start at the top left, where both sides know only the old secret. Reach the bottom right, where both know only the new one, without going through a 401.
# Which path avoids the two corners with 401? Replacing a secret like this is called **secret rotation**, and the time in which both secrets are accepted is the **overlap**.
#
# ## Exercise 5.2
#
# Write the receiver's side: `verify_any(secrets, headers, body, now) -> bool`.
# The receiver knows several secrets, the request contains several signatures, and one matching pair is enough.
# The tolerance is 300 seconds. You may use your `verify`. Until you have written `verify`, this check also says *not attempted*.


# %%
def verify_any(secrets, headers, body, now):
    """Return True if a request matches one of the secrets and is fresh, else False.

    `secrets` is a list of strings such as "whsec_…", in any order. `headers`, `body`
    and `now` are as in 5.1.

    If the list contains one secret, accept a request that was signed with it. The same
    request gets the same result each time. Any one of the secrets may have signed the
    request. The header may hold several signatures, in any order; one that matches one
    of the secrets is enough. With an empty list, reject every request. Reject a request
    unless its id, its timestamp and exactly its body were signed with one of these
    secrets. Ignore the parts of the header that are not signatures of version v1. The
    age of a request is at least -300 s and at most 300 s; reject any other request. Do
    not change the list of secrets. If a header is missing or malformed, return False
    and raise no exception. Compare signatures in constant time.

    The check does not test what 5.1 leaves open, timestamps of more than 12 digits, or
    the characters +, - and _ in timestamps.
    """
    # BEGIN SOLUTION
    return any(verify(secret, headers, body, now, 300) for secret in secrets)
    # END SOLUTION


check("5.2", verify_any)

# %% [markdown] tags=["solution"]
# **Explained.** `verify` already tries all signatures of the header. The new part is the loop over the secrets.
#
# - `any` stops at the first secret that matches, and is False for an empty list. `all` would be True for an empty list, so a shop that lost its configuration would accept everyone.
# - The typical mistake is a `return False` inside a loop: the first secret that does not match would end the search.
# - The two lists are not in pairs: the provider chooses the order and the number of the signatures.
# - `verify` checks the window each time. Several secrets are not a reason to skip it.

# %% [markdown]
# ## The order of steps
#
# A rotation is a sequence of steps, some at the provider and some at the receiver.
# Here are ten steps in no particular order. Some of them are useless.

# %%
from labkit.exercises.lab05_replay_and_rotation import STEPS, carry_out

for step in STEPS:
    print(step)

# %% [markdown]
# `carry_out` performs the steps that you name, one after another, 20 seconds apart.
# Meanwhile the provider sends payments. Some of them are slow, and arrive after a later step.
# At the end the attacker tries the old secret.

# %%
predict("05-short-rotation", "c")

# %%
done = carry_out("eag")
done

# %%
done.timeline()

# %% [markdown]
# In the picture, the id of each event says which secret signed its request. Find the payments that got a 401. Which of them arrived late?
#
# **Try it:** use other letters in the cell with `carry_out`, and run both cells again. What does `"ehgc"` do? The receiver accepts everything, but something is still wrong.
#
# ## Exercise 5.3
#
# Write `rotation(steps) -> list`. It gets the ten steps and returns those to perform, in order.
# The receiver must accept every payment and reject every request without a valid signature. After the last step, it must also reject the old secret.
# You may return the letters: `return ["e", "a", "g"]` has the right form, although it is not a correct rotation. More than one order is correct.


# %%
def rotation(steps):
    """Return the steps of a rotation in which no delivery is rejected.

    `steps` is the list of all ten; each has a `letter` and a `text`. Return a list of
    at most 50 items in the order in which the steps are done. Each item is a step, its
    letter or its text. No step uses the new secret before it is made. The receiver
    accepts every payment before, between and after the steps. It never accepts a request
    without a valid signature. After the last step it rejects a request that is signed
    with the old secret.

    The check does not test whether fewer steps would be enough, or whether you return a
    list or another sequence.
    """
    # BEGIN SOLUTION
    return ["e", "h", "g", "c", "a"]
    # END SOLUTION


check("5.3", rotation)

# %% [markdown] tags=["solution"]
# **Explained.** At every moment the two sides need a secret in common, for the requests that are sent *and* for those that are in transit.
#
# 1. `e` Create the new secret. Nobody uses it yet.
# 2. `h` The receiver accepts both. From now on it does not matter which one signs.
# 3. `g` The provider signs only with the new one.
# 4. `c` Wait. Requests signed with the old secret are still in transit. Five minutes are enough here, because after that the window would reject them anyway. If a provider sends its retries with the signature of the first attempt, as Shopify does, wait for as long as its retries take: four hours.
# 5. `a` The receiver forgets the old secret. Only now has the rotation had an effect: the leaked secret no longer works.
#
# The other order is correct too: `e b c a g`. The provider signs with both, and after the wait the receiver switches in one step.
# Use this order for a receiver that can store only one secret.
#
# The other steps cause problems: `d`, because two clocks never agree exactly and requests take time;
# `f`, because an attacker does not need an hour; `i` too early, because it locks out the provider; `j`, because a receiver that is down accepts nothing.

# %% tags=["solution"]
carry_out(rotation(STEPS)).timeline()

# %% [markdown]
# ## The same idea in another format
#
# Stripe also signs the time and the body, but puts everything into one header. Here the provider is in the middle of a rotation.

# %%
stripe_secret = "whsec_SxlwV1FO5O8p2UJKkbb3yLB2TxNn6j4H"

signed = SCHEMES["stripe"].sign(
    event.body,
    secret=stripe_secret,
    id=event.id,
    timestamp=event.created_at,
    extra_secrets=["whsec_AMH7Z52T2uLu5q9ovUJnh2mFZEDk6LPy"],
)
for item in signed["Stripe-Signature"].split(","):
    print(item)

# %% [markdown]
# | | Standard Webhooks | Stripe |
# | --- | --- | --- |
# | headers | three | one: `t=…,v1=…`, items separated by commas, in any order |
# | key | the part after `whsec_`, decoded from base64 | the whole text, including `whsec_`, encoded as UTF-8 |
# | signed | `id.timestamp.body` | `timestamp.body` |
# | signature | base64 | hexadecimal |
# | during a rotation | several `v1,…`, separated by spaces | several items `v1=…` |
# | ignored | other versions | items with other names, such as `v0` |
#
# The secrets of the two schemes look alike (both begin with `whsec_`), but they are used differently. Do not confuse them.
#
# One difference is not in the table. Stripe's own library rejects only what is too old, and accepts a timestamp from tomorrow (measured with its release 16.1.0 for Python).
# Here the tolerance applies in both directions, as in 5.1.
#
# ## Exercise 5.4
#
# Write `verify_stripe(secret, body, header, now, tolerance) -> bool`.


# %%
def verify_stripe(secret, body, header, now, tolerance):
    """Return True if a request from Stripe is authentic and fresh, else False.

    `secret` is text such as "whsec_…", and `body` is bytes. `header` is the value of
    Stripe-Signature, such as "t=1767225600,v1=5257a8…". `now` and `tolerance` are in
    seconds.

    Accept a request that was signed with this secret. The same request gets the same
    result each time. Reject a request whose time or body was not signed with this
    secret. The age of a request is `now` minus t; accept it from `-tolerance` to
    `tolerance`, both included, and no other age. Do not use any time inside the body.
    Use the body exactly as it arrived, byte for byte. The header may hold several v1;
    one that matches is enough. The items of the header may be in any order; ignore
    items that are not named t or v1. Reject a header without t or without v1. Reject a
    t that contains anything but the digits 0 to 9. Raise no exception, whatever the
    header and the body contain. Compare signatures in constant time. The characters
    +, - and _ in t are not digits.

    The check does not test upper-case hex digits, white space around items and values,
    which of several t counts, digits of other writing systems, leading zeros, or a t of
    more than 12 digits with a valid signature.
    """
    # BEGIN SOLUTION
    time = ""
    signatures = []
    for item in header.split(","):
        name, _, value = item.partition("=")
        if name == "t":
            time = value
        elif name == "v1":
            signatures.append(value.encode())

    # check the signature
    content = f"{time}.".encode() + body
    digest = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
    if not any(hmac.compare_digest(one, digest.encode()) for one in signatures):
        return False

    # check the time window
    if not (time.isascii() and time.isdigit() and len(time) <= 12):
        return False
    return abs(now - int(time)) <= tolerance
    # END SOLUTION


check("5.4", verify_stripe)

# %% [markdown] tags=["solution"]
# **Explained.**
#
# - The function recognises the items by their names, so their order does not matter and unknown items are ignored. `partition` never raises, whatever the item looks like.
# - The signatures go into a list. `dict(item.split("=") for …)` is shorter but keeps only the last `v1`: it works until the first rotation.
# - The key is the text of the secret, unchanged.
# - The function reads `time` once and uses it for both checks. If an attacker adds a second `t=`, the signature no longer matches the one that counts.
# - Without a `t=`, the signed content begins with a full stop. Even if someone signs that, an empty text is not a number: `isdigit` is False for it.

# %% [markdown]
# ## Remember
#
# - A signature without a time is valid forever.
# - Sign the time, and check the time. Neither protects you without the other.
# - Limit the age in both directions. A request dated 299 seconds ahead can be replayed for 599 seconds, so remember ids for twice the tolerance.
# - The window limits the attack, and remembering ids stops it. You build that in lab 07.
# - During a rotation, both sides must have a secret in common at every moment. This includes requests that are still in transit.
# - A rotation is complete when the receiver rejects the old secret, not when the new one works.
#
# ## What real providers do
#
# | scheme | time signed? | window of the provider's own library | during a rotation |
# | --- | --- | --- | --- |
# | Standard Webhooks | yes | 300 s, both directions | several signatures in one header |
# | Svix | yes | 300 s, both directions | every secret that has not expired signs, at most 10 old ones |
# | Stripe | yes | 300 s, the past only; a tolerance of 0 disables it in Python | several `v1` in one header |
# | Slack | yes | 300 s; both directions in Python, the past only in Bolt for JavaScript | – |
# | Paddle | yes | 5 s, both directions (Python) | several signatures in one header, each named `h1`; its Node library reads only the last one |
# | Zoom, Discord | yes | none | – |
# | Shopify | no | none | the old secret may sign for up to an hour more |
# | GitHub | no, and the delivery id is not signed either | none | one signature |
#
# All of these mistakes have been reported in real receivers: a time that is signed but not checked (`windmill-labs/windmill#8596`), a time that is checked but not signed (`HearthSim/HSReplay.net#342`), a time that is checked only if the header is present (`own-pay/OwnPay#296`), a receiver with a single secret (`octokit/webhooks.js#770`).
#
# Sources: docs.stripe.com/webhooks, docs.slack.dev, github.com/standard-webhooks/standard-webhooks, docs.svix.com, developer.paddle.com, docs.github.com, shopify.dev. We measured the windows with stripe 16.1.0, slack_sdk 3.47.0, @slack/bolt 5.1.0, standardwebhooks 1.1.0, svix 2.9.1, paddle-python-sdk 1.16.1, @paddle/paddle-node-sdk 3.10.0. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# In a class, hand it in. If you are learning on your own, read it again before the next lab.
#
# Next: `06_retries`. You change sides and become the sender, and someone else's receiver is down.
