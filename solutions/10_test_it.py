# %% [markdown]
# # 10 · Test it
#
# Up to now the kit tested you. Now the roles are reversed.
# You will write tests, and they will be tested: on verifiers that are right, and on 27 that are not.
# Then you will get three receivers with one bug each, and find the delivery that shows it.
# In the end you examine a receiver before its release, and its alarms as well.
#
# **You need** Python's functions, loops and dictionaries, and what a signature is (lab 04). Labs 05, 07 and 09 help, they are not needed.
# **It takes** about 50 minutes.

# %%
from labkit import ready

ready(made_for="0.2")

# %% [markdown]
# ## A test on trial
#
# In lab 04 a receiver checks signatures with a function `verify`. This was its contract:
#
# - `verify(secret: bytes, body: bytes, signature: str | None) -> bool`: whether whoever knows the secret made this signature over this very body.
# - The signature is `sha256=` and the HMAC-SHA256 of the body in lower-case hex. The whole header must fit.
# - `signature` is the header as it came, or `None` if there was none. Whatever it holds, the answer is `True` or `False`, and never an exception.
# - With an empty secret nothing is authentic.
# - Digits in upper case, and white space around them, may be accepted or refused.
#
# You will want to sign now and then, so here is a function that is right:

# %%
import hmac


def sign(secret, body):
    """Return the header's value: sha256=<HMAC-SHA256 of the body, lower-case hex>."""
    return "sha256=" + hmac.digest(secret, body, "sha256").hex()


SECRET = b"blue-kite-42"
BODY = b'{"id":"evt_1","data":{"order_id":"A-1","amount":1999}}'

sign(SECRET, BODY)

# %% [markdown]
# And here is the test that everybody writes first.
# It is given the verifier, so it can be run on any.


# %%
def happy_path(verify):
    assert verify(SECRET, BODY, sign(SECRET, BODY))


# %% [markdown]
# A test is worth as much as the bugs that it finds.
# So the kit keeps 27 verifiers with one bug each, most of them as they were found in programs in use, and five that are right.
# `hunt` runs a test on all of them.
#
# Say what you expect. Write your letter in place of the question mark, then run the cell.

# %%
from labkit.exercises import check, hint, predict, solution

predict("10-happy", "a")

# %%
from labkit.exercises.lab10_test_it import hunt

hunt(happy_path)

# %% [markdown]
# A broken verifier is *found out* when the test fails on it: by an `AssertionError`, or any other exception that comes out.
# *Alive* are those on which the test passes.
#
# One forgery, and there are fewer of them:


# %%
def with_a_forgery(verify):
    assert verify(SECRET, BODY, sign(SECRET, BODY))
    forged = BODY.replace(b"1999", b"1")
    assert not verify(SECRET, forged, sign(SECRET, BODY))


hunt(with_a_forgery)

# %% [markdown]
# What next? Perhaps a computer can think of forgeries better than you.

# %%
predict("10-random", "b")

# %%
import random


def with_random_headers(verify):
    with_a_forgery(verify)
    rng = random.Random(1)
    for _ in range(1000):
        length = rng.randrange(80)
        header = "".join(rng.choices("sha256=0123456789abcdefé ", k=length))
        assert not verify(SECRET, BODY, header)


hunt(with_random_headers)

# %% [markdown]
# A thousand headers, and three more. They all fail at the first character that is compared.
# Here is another loop, with a seventh of the tries. Each of them is the right signature with *one thing* changed.


# %%
def with_near_misses(verify):
    with_a_forgery(verify)
    right = sign(SECRET, BODY)
    for place in range(len(right)):
        assert not verify(SECRET, BODY, right[:place])
        assert not verify(SECRET, BODY, right[:place] + "é" + right[place + 1 :])


hunt(with_near_misses)

# %% [markdown]
# So that is how to look: begin with something right, and change one thing.
#
# **Change one thing:** take the line with the `é` out. Who comes back to life? Why are there so many?
#
# A test can be wrong in the other direction as well, and ask for what nobody promised.
# What does this one ask for?


# %%
def too_strict(verify):
    prefix, digits = sign(SECRET, BODY).split("=")
    assert not verify(SECRET, BODY, f"{prefix}={digits.upper()}")


[sound.does for sound, _ in hunt(too_strict).accused]

# %% [markdown]
# This right verifier was accused, and it does what the contract allows.
# Such a test fails one day on code that is right, and is switched off on the next.
#
# ## Exercise 10.1
#
# Write `test_verify(verify)`: one function, as many assertions and loops as you like.
#
# - It passes on every right verifier.
# - It fails on each of the 27 broken ones.
#
# The check takes the function itself, so `return` and `print` say nothing to it. What counts is whether an exception comes out.
# `hunt(test_verify)` shows at any time who is alive. The list says what they do; what to ask them is for you to find.


# %%
def test_verify(verify):
    """Fail, with an AssertionError, unless verify keeps its contract.

    verify(secret: bytes, body: bytes, signature: str | None) -> bool. Call it with the
    three values in this order. sign(secret, body) makes a right signature.
    """
    # BEGIN SOLUTION
    bodies = [b'{"id":"evt_%d"}' % number for number in range(20)]
    bodies += ['{"id": "evt_1", "name": "Zoë"}\n'.encode(), b"\xff is no text"]
    for secret in (b"blue-kite-42", bytes(range(200, 232))):
        for body in bodies:
            assert verify(secret, body, sign(secret, body)), (secret, body)

    right = sign(SECRET, BODY)
    digits = right.removeprefix("sha256=")
    forgeries = [
        None,
        "",
        sign(b"red-lamp-7", BODY),
        sign(SECRET, BODY.replace(b"1999", b"1")),
        digits,
        f"md5={digits}",
        "sha1=" + hmac.digest(SECRET, BODY, "sha1").hex(),
        right[:-1],
        right[:39],
        right + "0",
        *(f"{right[:at]}x{right[at + 1 :]}" for at in range(len(right))),
        "sha256=" + "é" * 64,
        "no equals sign",
        "sha256=one=too=many",
    ]
    for signature in forgeries:
        assert not verify(SECRET, BODY, signature), signature

    spaced = BODY.replace(b":", b": ")
    assert not verify(SECRET, spaced, right), "the same JSON, other bytes"
    assert not verify(b"", BODY, sign(b"", BODY)), "an empty secret"
    # END SOLUTION


check("10.1", test_verify)

# %% [markdown] tags=["solution"]
# **Explained.** Two halves: what must be accepted, and what must be refused. Neither is worth anything without the other.
#
# *Accepted:* the twenty bodies find the verifier that loses digits, which happens to one in four. The body with blanks, `ë` and a line break finds those that write JSON anew or strip. The one with `\xff` finds those that make text of it.
# The second secret is no text either, and it comes second: a verifier that keeps the first one is found out here.
#
# *Refused:* begin with a right signature and change one thing. Leave it out, empty it, take the prefix off, change the prefix, cut it, lengthen it, change one character at each place in turn. Two are right for something else: another secret, another body.
# `x` is no hex digit, so the loop finds those that decode, too.
#
# The forgery by SHA-1 is made properly, under its own name. A wrong one would be refused by everybody and say nothing.
# So is the one with the empty secret: both sides use it, and the signature fits.
#
# The last word after each comma is what you will see when it fails, some day, in a log that you have not written.
#
# What a test like this can't see is `==` in place of `compare_digest`: it gives the same answers. Lab 04 finds that by other means.

# %% [markdown]
# With pytest the same function becomes a test of your own `verify`: put it into a file `test_shop.py`, take `verify` from your shop instead of an argument, and run `pytest`.
# And to have your tests tested there, use a tool that changes your program line by line and asks whether a test fails: *mutation testing*.
#
# ## Three shops
#
# Now whole receivers. Each of the three has one bug, and works well on every day that you would call normal.
# Somebody reviewed them, and found nothing.
#
# `target` opens one. Its lines are in `source`: read them, as in a review.

# %%
from labkit.exercises.lab10_test_it import target

shop = target("10.2")
print(shop.source)

# %% [markdown]
# A *delivery* is a dictionary, so that you can write one by hand:
#
# | key | what it is |
# | --- | --- |
# | `"body"` | the bytes |
# | `"headers"` | a dictionary of names and values |
# | `"at"` | when it arrives, in seconds from the start. May be left out: 0 |
# | `"closed"` | `True` if the warehouse is closed meanwhile, so that `ship` raises. May be left out |
#
# | on a target | what it does |
# | --- | --- |
# | `shop.event` | a payment, as the sender has it |
# | `shop.sign(body, at=0.0)` | the delivery that the sender would make at that time, of an event or of bytes |
# | `shop.secret` | the secret, if you would rather sign yourself |
# | `shop.send(delivery)` | tries a delivery on this shop: what it answered, what it shipped |

# %%
honest = shop.sign(shop.event)
for name, value in honest.items():
    print(f"{name}: {value}")

print(shop.send(honest))

# %% [markdown]
# To change one thing, make a copy: `{**honest, "body": other}` is the same delivery with another body.

# %%
predict("10-shop", "b")

# %%
body = honest["body"].replace(b'"amount":13706', b'"amount":99999')
print(shop.send({**honest, "body": body}))

# %% [markdown]
# ## Exercise 10.2
#
# Write `break_it(receiver)`, which returns a list of deliveries. The check makes them to this shop, in that order, and to one that differs in the bug alone.
# You have found it if the two part: one acknowledges and the other does not, or one ships and the other does not.
#
# Ten deliveries at most, because a finding is short. And it must hold with another secret, so let the `receiver` sign, which is a target like `shop`.


# %%
def break_it(receiver):
    """Return the deliveries that show the bug of shop 10.2, as a list.

    Each is a dictionary with body (bytes) and headers (a dictionary), and if you like
    with at (seconds from the start, never less than in the delivery before) and closed
    (True while the warehouse is closed). At most ten.

    receiver.sign(receiver.event) makes an honest one.
    """
    # BEGIN SOLUTION
    honest = receiver.sign(receiver.event)
    spaced = honest["body"].replace(b":", b": ")
    return [{**honest, "body": spaced}]
    # END SOLUTION


check("10.2", break_it)

# %% [markdown] tags=["solution"]
# **Explained.** The line with `and not` gives a request two chances. In the second one the shop verifies a body that it has written itself, without blanks.
# So for one signature there are many bodies that pass: the one that was signed, and each that means the same.
#
# The sender signs its own spelling, which is without blanks. The delivery above has the headers of that, and a body with blanks. Nobody has signed these bytes.
#
# Is that so bad? Python reads the last of two keys with the same name, other programs read the first.
# `{"amount":1,"amount":13706}` means 13706 to this shop, passes, and is passed on, as it came, to somebody who reads 1.
# A second try like that is put in on a day when signatures do not fit, and never taken out again.

# %% [markdown]
# ## Exercise 10.3
#
# The second shop speaks Standard Webhooks: id, time and body are under the signature, and what is more than 300 seconds old is refused.
# `sign(…, at=…)` puts that time into the headers.

# %%
print(target("10.3").source)

# %% [markdown]
# As before: the deliveries that show the bug.


# %%
def break_it(receiver):
    """Return the deliveries that show the bug of shop 10.3, as a list.

    Each is a dictionary with body (bytes) and headers (a dictionary), and if you like
    with at (seconds from the start, never less than in the delivery before) and closed
    (True while the warehouse is closed). At most ten.

    receiver.sign(receiver.event, at=60.0) makes the one that the sender would make a
    minute after the start.
    """
    # BEGIN SOLUTION
    return [
        receiver.sign(receiver.event),
        receiver.sign(receiver.event, at=7200.0),
    ]
    # END SOLUTION


check("10.3", break_it)

# %% [markdown] tags=["solution"]
# **Explained.** The comment in the shop is true and misses the point. *Older requests are refused*, but a retry is no old request: the sender signs it anew, with the time of that attempt.
#
# So the window keeps out the attacker, who has old bytes only, and not the sender, who comes back for hours or days when an answer was lost.
# How long ids must be kept is not a question of the window. It follows from the provider's schedule: with Standard Webhooks' example that is more than three days.
#
# The same bytes two hours later would have been refused by both. It takes somebody who can sign.

# %% [markdown]
# ## Exercise 10.4
#
# The third shop signs as the first. What it does with an id is another matter.

# %%
print(target("10.4").source)

# %% [markdown]
# What would you have to do to it, so that the order of these lines makes a difference?


# %%
def break_it(receiver):
    """Return the deliveries that show the bug of shop 10.4, as a list.

    Each is a dictionary with body (bytes) and headers (a dictionary), and if you like
    with at (seconds from the start, never less than in the delivery before) and closed
    (True while the warehouse is closed). At most ten.
    """
    # BEGIN SOLUTION
    honest = receiver.sign(receiver.event)
    return [{**honest, "closed": True}, honest]
    # END SOLUTION


check("10.4", break_it)

# %% [markdown] tags=["solution"]
# **Explained.** The id is claimed, then `ship` raises, and the answer is 500: so far all is well, the sender comes again.
# But its retry is taken for a copy, is acknowledged, and nothing is done. The parcel is lost, and both sides believe that it has left.
#
# No delivery alone could show this. It takes something that fails, and in a test you must be able to make it fail.
# Here that is `closed`; in your own tests it is the `ship` that you hand in.

# %% [markdown]
# ## The same from outside
#
# You have read the lines of three shops. A tester often has only an address.
# `labkit examine` sends 98 probes to an address, honest ones and hostile ones, and says of each whether the right thing came back.
#
# Here is a release of a colleague. It may have more than one bug.

# %%
import hashlib
import json

from flask import Flask, request

parcels = []
warehouse = {"open": True}


def ship(order_id):
    if not warehouse["open"]:
        raise RuntimeError("the warehouse is closed")
    parcels.append(order_id)


def make_release():
    app = Flask("release")
    seen = set()

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()
        digits = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
        given = request.headers.get("X-Webhook-Signature", "")
        if not hmac.compare_digest(f"sha256={digits}", given):
            return "the signature does not fit", 401
        try:
            event = json.loads(body)
            event_id, order_id = str(event["id"]), event["data"]["order_id"]
        except (ValueError, LookupError, TypeError, RecursionError):
            return "this is no event", 400
        if event_id in seen:
            return "", 200
        seen.add(event_id)
        ship(order_id)
        return "", 204

    return app


# %% [markdown]
# From outside one sees answers. Whether a parcel has left is not among them.

# %%
predict("10-lever", "c")

# %%
from labkit import Receiver
from labkit.examine import endpoint_from, examine
from labkit.probes import Levers, chosen

PROBES = chosen(["signature", "duplicate.in-turn", "duplicate.new-id", "outage"])


def examined(app, levers):
    """Examine an app and return the outcome of each probe, by its name."""
    with Receiver(app) as receiver:
        endpoint = endpoint_from(
            receiver.url + "/webhooks", scheme="generic", secret=SECRET.decode()
        )
        report = examine(endpoint, levers, probes=PROBES, settle=0.05)
    return {result.probe.id: result for result in report.results}


results = examined(make_release(), Levers())
for name, result in results.items():
    if result.outcome in ("failed", "unknown"):
        print(f"{result.outcome:<8} {name}")

# %% [markdown]
# One failure, and six probes that can't be judged.
# What they need are *levers*: a number that grows with each effect, a way to break what the receiver depends on, and a way to mend it.
# In your own tests you have all three.


# %%
def set_open(is_open):
    def lever():
        warehouse["open"] = is_open

    return lever


levers = Levers(
    effects=lambda: len(parcels), break_=set_open(False), mend=set_open(True)
)
results = examined(make_release(), levers)
for name, result in results.items():
    if result.outcome == "failed":
        print(f"failed   {name}")
        print(f"   wanted: {result.probe.wanted}")
        print(f"   mend:   {result.probe.mend}")

# %% [markdown]
# You know these two: one from the 27, and one from the third shop.
#
# **Mend it:** two changes to `make_release`. Run its cell and the last one again, until nothing is printed.
#
# To be quick, these were 20 of the 98 probes. Not among them was `duplicate.at-once`, twenty copies at the same moment. This release has that bug as well; it shows on some days and not on others. Lab 07 finds it each time.
#
# On a receiver in any language the same is one line in a terminal:
#
# ```bash
# labkit examine http://127.0.0.1:5000/webhooks --scheme generic --secret blue-kite-42 \
#     --effects 'wc -l < parcels.txt'
# ```
#
# An examination is an attack. It stays on this machine unless you say that the endpoint is yours.
#
# ## A dry run of the alarm
#
# Tests find bugs before the release. An alarm finds the others, if it rings.
# Whether it rings, one should know before, too: let something fail on purpose, and see.
#
# Here is the alert that ends lab 09. It looks at what was answered in the last ten minutes.


# %%
def alert(window):
    """Return whether half of the attempts of the last ten minutes failed."""
    if not window:
        return False
    recent = [attempt for attempt in window if attempt["at"] > window[-1]["at"] - 600]
    bad = [a for a in recent if a["status"] is None or a["status"] >= 500]
    return len(recent) >= 6 and len(bad) >= len(recent) / 2


# %% [markdown]
# The drill: a payment a minute for an hour and a half, and from 0:30 to 1:00 the warehouse is closed.
# The first release lets the exception out, so Flask answers 500.

# %%
from labkit import simulate
from labkit.model import LAB_EPOCH
from labkit.samples import payments

KEY = "whsec_Ymx1ZS1raXRlLTQyLWJsdWUta2l0ZS00Mg=="


def ship_at(now):
    if 1800 <= now < 3600:
        raise RuntimeError("the warehouse is closed")


def make_shop(shipped, *, swallows):
    """Return a shop that ships when it can; `shipped` notes order and time."""
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        order_id = request.get_json()["data"]["order_id"]
        now = int(request.headers["webhook-timestamp"]) - LAB_EPOCH
        try:
            ship_at(now)
            shipped.setdefault(order_id, now)
        except RuntimeError:
            if not swallows:
                raise
        return "", 204

    return app


def drill(*, swallows):
    """Return the history of the drill, and when each order was shipped."""
    shipped = {}
    app = make_shop(shipped, swallows=swallows)
    return simulate(app, payments(90), scheme="standard", secret=KEY), shipped


def by_answers(history, shipped, now):
    """Whether the alert rings, `now` seconds after the start."""
    window = [
        {"at": attempt.ended_at, "status": attempt.status}
        for attempt in history.attempts
        if now - 3600 < attempt.ended_at - LAB_EPOCH <= now
    ]
    return alert(window)


def first_ring(rings, history, shipped):
    """Say in which minute of the drill an alarm rings first."""
    for minute in range(91):
        if rings(history, shipped, 60 * minute):
            return f"rings {minute - 30} min after the warehouse closed"
    return "does not ring"


loud, shipped_loud = drill(swallows=False)
print("answers 500:", first_ring(by_answers, loud, shipped_loud))

# %% [markdown]
# The second release is friendlier to the sender, and catches the exception.

# %%
predict("10-swallow", "c")

# %%
quiet, shipped_quiet = drill(swallows=True)
print("answers 204:", first_ring(by_answers, quiet, shipped_quiet))

for name, history, shipped in (
    ("answers 500", loud, shipped_loud),
    ("answers 204", quiet, shipped_quiet),
):
    print(
        f"{name}: {history.account.acknowledged} acknowledged, {len(shipped)} shipped"
    )

# %% [markdown]
# Thirty payments are acknowledged and gone. That is worse than an outage, and the alarm has not seen it.
# What could have? Something that knows both sides: what was acknowledged, and what was done.


# %%
def by_effects(history, shipped, now):
    """Whether an order was acknowledged two minutes ago, and has not been shipped."""
    acknowledged = {
        arrival.event.data["order_id"]
        for arrival in history.arrivals
        if arrival.acknowledged and arrival.at - LAB_EPOCH < now - 120
    }
    return any(shipped.get(order, now + 1) > now for order in acknowledged)


print("answers 500:", first_ring(by_effects, loud, shipped_loud))
print("answers 204:", first_ring(by_effects, quiet, shipped_quiet))

# %% [markdown]
# Each alarm is blind to what the other one sees, so you want both.
# And a third for silence, when nothing comes at all (lab 09).
#
# A dry run is a table, made before the release and kept beside it: *what we let fail, which alarm should ring, after how long, and did it?*
#
# **Try it:** close the warehouse for two minutes only, `1800 <= now < 1920`, and run the cells from there on again. Which alarm stays silent now? What was lost, and is its silence what you want?
#
# ## Keep in mind
#
# - A test is worth the bugs that it finds. Try it on something broken before you trust it.
# - Half of it is what must be accepted, half is what must be refused.
# - Begin with something right and change one thing. Random garbage fails at the first check and reaches no other.
# - Ask for what was promised, and for no more.
# - Bugs in state need several deliveries, time that passes, and something that fails on purpose.
# - What can't be judged is *unknown*, and not *passed*. Build the lever.
# - An alarm is a program. Test it before the release, with a fault of your own.
#
# ## What real providers do
#
# | provider | what helps you to test |
# | --- | --- |
# | GitHub | a `ping` when a webhook is made; redelivery of any delivery of the last 3 days, with the same id; a published value for the signature |
# | Stripe | a sandbox that retries 3 times within hours, where live it is 3 days; events can be listed for 30 days |
# | Paddle | a sandbox with 3 retries in 15 minutes; live there are 60 in 3 days |
# | PayPal | a simulator; its events are signed for the webhook id `WEBHOOK_ID`, so a right verifier refuses them unless it is told |
# | Discord | tests *you*: it sends wrong signatures on purpose, and wants 401 |
# | Zoom | checks your address again every 72 hours, and mails after failures |
# | LINE | checks an address with an empty list of events, and does not sign it |
#
# And the bugs of this lab, as they were reported:
#
# - Raw body first, JSON written anew as a second try: the gateway Convoy (frain-dev/convoy, issue 2392).
# - Ids kept for 5 seconds, or for 5 minutes in memory, with retries for hours: elasticclaw (issue 112), CreatorOs (issue 732).
# - Claimed before success, so that the retry is a "duplicate": langfuse (issue 15463), NangoHQ/nango (issue 7484), and others.
# - 200 on an exception: Accelerators (issue 2), CreatorOs (issue 984).
# - An é in the header and a 500: hermes-agent (issues 65307 and 65697), daiv (issue 1524).
#
# Sources: the providers' pages on webhooks (docs.github.com, docs.stripe.com, developer.paddle.com, developer.paypal.com, discord-api-docs, developers.zoom.us); the issues on GitHub under these names. As of September 2026.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# If you learn in a class, hand it in; if you learn alone, read it again before the next lab.
#
# Next: `11_go_live` gives your receiver a public address.
