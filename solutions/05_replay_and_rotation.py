# %% [markdown]
# # 05 · Replay and rotation
#
# A signature says who wrote a request. It does not say when, and secrets don't stay secret for ever.
# You will replay a captured request, stop it with a window of time, and change a secret while payments keep coming in.
# At the end you verify two real schemes: Standard Webhooks and Stripe's.
#
# **You need** to know what an HMAC is: a number that only those can compute who know the secret, over exactly these bytes.
# Lab 04 builds one. If you are new to it, look there first.
# **It takes** about 45 minutes.

# %%
from labkit import ready

ready(made_for="0.2")

# %% [markdown]
# ## A captured request
#
# Here is a shop that checks signatures.
# `SCHEMES` is the kit's collection of real signing schemes; you will write your own verifiers soon.
# The time in a simulation is virtual, so the receiver is handed its clock as a function. In a real shop that is `time.time`.

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
# Somebody reads along, in a log, a proxy or a backup, and keeps one request. They don't have the secret.
#
# Say first what you expect: write your letter in place of the question mark.

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
# `Duplicate(gap=3600)` plays the attacker: it puts the same bytes on the wire once more, an hour later.
# The receiver has no means to tell the two apart, because there is no difference.
# This attack is called **replay**.
#
# ## Sign the time
#
# The cure has two halves, and one without the other is worth nothing:
#
# 1. The sender writes the time into a header **and signs it** together with the body.
# 2. The receiver compares that time with its clock, and refuses what is too old.
#
# *Standard Webhooks* does it like this. Look at the headers of one request.

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
# What is signed is `id.timestamp.body`: the id, a full stop, the timestamp as it stands in the header, a full stop, the body.
# The tolerance is 300 seconds, to both sides: clocks differ, and requests take a while.

# %%
predict("05-window", "a")

# %%
from labkit.transport import AppTransport


def replay(request, seconds):
    """Send a request to the shop, whose clock is `seconds` past the event."""
    app = make_app("standard", secret, lambda: event.created_at + seconds)
    answer = AppTransport(app).send(request, timeout=1)
    return answer.status, answer.body.decode()


for minutes in (1, 4, 6, 24 * 60):
    print(f"{minutes:5} min", *replay(captured, minutes * 60))

# %% [markdown]
# The same on a timeline, with the copy an hour later.
# The receiver's clock is handed in once more: it reads the event's time at the first request, an hour more at the second.

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
# The copy arrives and is refused.
# For the first five minutes the window does not help. That is what the memory of ids is for, in lab 07; thanks to the window it can be short.
#
# ## The attacker thinks along

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
# **Try it:** change the id instead of the timestamp, or one digit of the body, `replace(captured, body=…)`.
# Then send `captured` itself to a shop whose clock is a day behind: `replay(captured, -86_400)`.
#
# ## But honest retries are late as well

# %%
predict("05-late-retry", "a")

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
# Now look at what the attempts carried, and what a verifier says to each at the moment when it was sent.

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
# The id is that of the event and stays. The timestamp is that of the *attempt*; it is renewed and signed anew each time.
# So compare with `webhook-timestamp`, and never with a time inside of the body.
#
# ## Exercise 5.1
#
# Write `verify(secret, headers, body, now, tolerance) -> bool` for Standard Webhooks.
#
# | | |
# | --- | --- |
# | key | what stands behind `whsec_` in the secret, decoded from base64 |
# | signed | `id.timestamp.body`, as bytes |
# | signature | HMAC-SHA256, in base64, with `v1,` in front |
# | header | one signature or several, parted by spaces; other versions such as `v1a` and garbage are passed over |
# | timestamp | whole seconds, in decimal digits; anything else is refused |
#
# Here is the test value that was published for this scheme, and it must be `True`:
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
# Begin with that, check, and let the verdicts lead you on. There are 14 cases, and the last ones are sharp.

# %%
import base64
import hashlib
import hmac


def verify(secret, headers, body, now, tolerance):
    """Return whether a request of Standard Webhooks is authentic and fresh.

    `secret` is text like "whsec_…". `headers` maps names in lower case to text:
    webhook-id, webhook-timestamp, webhook-signature; each may be missing or garbage.
    `body` is bytes. `now` and `tolerance` are in seconds; the age may be at most
    `tolerance`, to both sides.

    True or False, and no exception whatever the headers and the body are.
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
    try:
        sent_at = int(timestamp)
    except ValueError:
        return False
    return abs(now - sent_at) <= tolerance
    # END SOLUTION


check("5.1", verify)

# %% [markdown] tags=["solution"]
# **Explained.**
#
# - `headers.get` gives `None` for what is missing, and an empty header is no better. Without id or time there is nothing to prove, so the answer is False before anything is computed. If you skip the window where the time is missing, an attacker only has to leave it out.
# - `removeprefix` takes the word away. `strip("whsec_")` would take away any of these letters, and spoil one secret in thirteen.
# - What stands behind the prefix is base64. The text itself would be another key, and no signature would ever fit.
# - The front part is text and becomes bytes; the body is bytes and stays bytes. An f-string around the body would sign the letters `b'…'`. The timestamp is signed *as it came*, not as a number written anew.
# - `.encode()` on the header makes bytes of it, because `compare_digest` raises an exception for text with an é in it. `==` would stop at the first difference, and the time that it took would tell how far a guess is right.
# - Each part of the header is compared as a whole, label included. A part without a comma, or of another version, simply does not fit; nothing has to be taken apart, so nothing can raise.
# - The time comes after the signature: from here on it is known to be the sender's. An attacker's timestamp of 400 digits never gets this far.
# - `int` refuses fractions, `NaN` and words. `float` would read `NaN`, and every comparison with it is false: written as `if abs(now - t) > tolerance: return False`, the check would be off.
# - `abs` bounds the age on both sides. Without it a request from next week would be fresh for a week.

# %% [markdown]
# ## A secret gets out
#
# Somebody has pasted the secret into a chat. It has to be changed, and payments keep coming in all the time.
# A provider that thinks ahead can sign with two secrets at once. `Sender` is the provider behind `simulate`, with a few more settings.

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
# Two signatures stand in one header, over the same id, time and body.

# %%
predict("05-two-signatures", "b")


# %%
def says(secrets, request):
    """What a receiver with these secrets answers."""
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
# Read it as a map: you stand at the top left, you want to get to the bottom right, and you can't cross a 401.
# Which steps lead around the corners?
#
# ## Exercise 5.2
#
# Write the receiver's side: `verify_any(secrets, headers, body, now) -> bool`.
# It knows several secrets, the request carries several signatures, and one pair that fits is enough.
# The tolerance is 300 seconds. You may use your `verify`; as long as that is a stub, this check says *not attempted*, too.


# %%
def verify_any(secrets, headers, body, now):
    """Return whether a request fits one of the secrets and is at most 300 s off.

    `secrets` is a list of texts like "whsec_…", in any order; an empty list verifies
    nothing. `headers`, `body` and `now` are as in 5.1.

    verify_any([new, old], headers, body, now) is True for what either of them signed.
    """
    # BEGIN SOLUTION
    return any(verify(secret, headers, body, now, 300) for secret in secrets)
    # END SOLUTION


check("5.2", verify_any)

# %% [markdown] tags=["solution"]
# **Explained.** `verify` goes through all signatures of the header already; what is new is the loop over the secrets.
#
# - `any` stops at the first secret that fits, and is False for an empty list. `all` would be True for an empty list, and then a shop that has lost its configuration lets everybody in.
# - A `return False` inside of a loop is the mistake to look out for: the first secret that does not fit would end the search.
# - The two lists are not paired: the provider's order and number are its own.
# - The window is checked by `verify` each time. Several secrets are no reason to leave it out.

# %% [markdown]
# ## The order of steps
#
# Between the two corners of the map lie steps, at the provider and at the receiver.
# Here are ten, in no order. Some are of no use.

# %%
from labkit.exercises.lab05_replay_and_rotation import STEPS, carry_out

for step in STEPS:
    print(step)

# %% [markdown]
# `carry_out` does the steps that you name, one after another, 20 seconds apart.
# In between payments are sent. Some of them are slow and arrive after a step that they were sent before.
# At the end the attacker tries the old secret.

# %%
predict("05-short-rotation", "c")

# %%
done = carry_out("eag")
done

# %%
done.timeline()

# %% [markdown]
# Each id in the picture says which secret signed. Look for the 401 of a payment, and for the one that was a while on its way.
#
# **Try it:** other letters in the two cells above. What becomes of `"ehgc"`? Everything is accepted, and still something is wrong.
#
# ## Exercise 5.3
#
# Write `rotation(steps) -> list`: it gets the ten steps and returns those to do, in order.
# Not one payment may be refused, no unsigned request may get in, and after the last step the old secret opens nothing.
# The letters will do: `return ["e", "a", "g"]` is an answer, though not a right one. More than one order holds.


# %%
def rotation(steps):
    """Return the steps of a rotation in which no delivery is refused, in order.

    `steps` is the list of all ten; each has a `letter` and a `text`. The answer holds
    steps or their letters. It need not hold all of them.
    """
    # BEGIN SOLUTION
    return ["e", "h", "g", "c", "a"]
    # END SOLUTION


check("5.3", rotation)

# %% [markdown] tags=["solution"]
# **Explained.** At every moment the two sides need a secret in common, for the requests that are sent *and* for those that are on their way.
#
# 1. `e` Make the new secret. Nobody uses it yet.
# 2. `h` The receiver accepts both. From now on it does not matter which one signs.
# 3. `g` The provider signs with the new one only.
# 4. `c` Wait. Requests signed with the old secret are still on their way. Five minutes are enough here, because after that the window would refuse them anyway. A provider that sends its retries with the signature of the first attempt, as Shopify does, needs a wait as long as its retries: four hours.
# 5. `a` The receiver forgets the old secret. Only now the rotation has had an effect: the leaked secret opens nothing.
#
# The other way round holds as well: `e b c a g`. The provider signs with both, and the receiver changes over in one step, after the wait.
# That is the way for a receiver that can hold one secret only.
#
# What breaks the others: `d`, because two clocks never show the same moment and requests take time.
# `f`, because an attacker needs no hour. `i` too early, because it locks out the provider. `j`, because a receiver that is down refuses everything.

# %% tags=["solution"]
carry_out(rotation(STEPS)).timeline()

# %% [markdown]
# ## The same idea in another dress
#
# Stripe signs time and body, too, and puts everything into one header. Here the provider is in the middle of a rotation.

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
# | headers | three | one: `t=…,v1=…`, items parted by commas, in any order |
# | key | what stands behind `whsec_`, decoded from base64 | the whole text, `whsec_` included, encoded |
# | signed | `id.timestamp.body` | `timestamp.body` |
# | signature | base64 | hexadecimal |
# | in a rotation | several `v1,…`, parted by spaces | several items `v1=…` |
# | passed over | other versions | items of other names, such as `v0` |
#
# The two secrets look alike and are used otherwise. That is the mix-up to look out for.
#
# One difference is not in the table. Stripe's own library refuses only what is too old, and accepts a timestamp of tomorrow (measured with its release 16.1.0 for Python).
# Here the tolerance bounds both sides, as in 5.1.
#
# ## Exercise 5.4
#
# Write `verify_stripe(secret, body, header, now, tolerance) -> bool`.


# %%
def verify_stripe(secret, body, header, now, tolerance):
    """Return whether a request of Stripe is authentic and fresh.

    `secret` is text like "whsec_…", `body` is bytes, `header` is the value of
    Stripe-Signature, like "t=1767225600,v1=5257a8…", and may be garbage. `now` and
    `tolerance` are in seconds; the age may be at most `tolerance`, to both sides.

    True or False, and no exception whatever header and body are.
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
    try:
        sent_at = int(time)
    except ValueError:
        return False
    return abs(now - sent_at) <= tolerance
    # END SOLUTION


check("5.4", verify_stripe)

# %% [markdown] tags=["solution"]
# **Explained.**
#
# - The items are told apart by their names, so their order is free and unknown ones fall through. `partition` never raises, whatever the item looks like.
# - The signatures go into a list. `dict(item.split("=") for …)` is shorter and keeps only the last `v1`: it works until the first rotation.
# - The key is the text of the secret as it is.
# - `time` is read once and used for both checks. If a second `t=` was smuggled in, the signature no longer fits the one that counts.
# - Without a `t=` the signed content begins with a full stop. If ever somebody signs that, `int("")` refuses it.

# %% [markdown]
# ## Keep in mind
#
# - A signature without a time is valid for ever.
# - Sign the time, and check the time. One without the other protects nothing.
# - Bound the age on both sides. A request dated 299 seconds ahead can be replayed for 598 seconds, so remember ids for twice the tolerance.
# - The window narrows the attack, the memory of ids closes it. Lab 07 builds that memory.
# - In a rotation both sides have a secret in common at every moment, also for what is on its way.
# - A rotation is over when the old secret is refused, not when the new one works.
#
# ## What real providers do
#
# | scheme | time signed? | window of the provider's own library | in a rotation |
# | --- | --- | --- | --- |
# | Standard Webhooks | yes | 300 s, both sides | several signatures in one header |
# | Svix | yes | 300 s, both sides | every secret signs that has not expired, at most 10 old ones |
# | Stripe | yes | 300 s, the past only; a tolerance of 0 switches it off in Python | several `v1` in one header |
# | Slack | yes | 300 s; both sides in Python, the past only in Bolt for JavaScript | – |
# | Paddle | yes | 5 s, both sides (Python) | several `h1`; its Node library reads the last one only |
# | Zoom, Discord | yes | none | – |
# | Shopify | no | none | the old secret may sign for up to an hour more |
# | GitHub | no, and the delivery id is not signed either | none | one signature |
#
# All of these mistakes have been reported from real receivers: a time that is signed and not checked (`windmill-labs/windmill#8596`), a time that is checked and not signed (`HearthSim/HSReplay.net#342`), a time that is checked only where the header is there (`own-pay/OwnPay#296`), a receiver with a single secret (`octokit/webhooks.js#770`).
#
# Sources: docs.stripe.com/webhooks, docs.slack.dev, github.com/standard-webhooks/standard-webhooks, docs.svix.com, developer.paddle.com, docs.github.com, shopify.dev. The windows were measured with stripe 16.1.0, slack_sdk 3.47.0, @slack/bolt 5.1.0, standardwebhooks 1.1.0, svix 2.9.1, paddle-python-sdk 1.16.1, @paddle/paddle-node-sdk 3.10.0. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# If you learn in a class, hand it in; if you learn alone, read it again before the next lab.
#
# Next: `06_retries`. You change sides and become the sender, whose receiver is down.
