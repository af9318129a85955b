# %% [markdown]
# # 10 · Test it
#
# Until now the kit tested your code. Now the roles are reversed.
# You will write tests, and the kit runs them on correct verifiers and on 27 verifiers that have a bug.
# Then you get three receivers with one bug each, and find the delivery that shows the bug.
# At the end you examine a receiver before its release, and write an alert for problems that tests do not find.
#
# **You need** Python's functions, loops and dictionaries, and you need to know what a signature is (lab 04). Labs 05, 07 and 09 help, but you do not need them.
# **Time:** about 60 minutes.

# %%
from labkit import glossary, ready

ready(made_for="0.2")

# %% [markdown]
# New terms are explained where they first appear. `glossary()` in a cell shows the most important ones, and `glossary("retry")` shows one.
#
# ## Test a test
#
# In lab 04 a receiver checks signatures with a function `verify`. This is its contract. It is a little stricter than in lab 04: with an empty secret, `verify` must return `False` and must not raise an exception.
#
# - `verify(secret: bytes, body: bytes, signature: str | None) -> bool` returns whether someone who knows the secret made this signature over exactly this body.
# - The signature is `sha256=` and the HMAC-SHA256 of the body in lower-case hex. The whole header must match.
# - `signature` is the header as received, or `None` if there was none. Whatever it contains, return `True` or `False`, and never raise an exception.
# - With an empty secret, nothing is authentic.
# - Digits in upper case, and white space around the value, may be accepted or rejected.
#
# You will need signatures, so here is a correct function for them:

# %%
import hmac


def sign(secret, body):
    """Return the header's value: sha256=<HMAC-SHA256 of the body, lower-case hex>."""
    return "sha256=" + hmac.digest(secret, body, "sha256").hex()


SECRET = b"blue-kite-42"
BODY = b'{"id":"evt_1","data":{"order_id":"A-1","amount":1999}}'

sign(SECRET, BODY)

# %% [markdown]
# And here is the test that most people write first.
# The verifier is an argument, so you can run the test with any verifier.


# %%
def happy_path(verify):
    assert verify(SECRET, BODY, sign(SECRET, BODY))


# %% [markdown]
# A test is worth as much as the bugs that it finds.
# So the kit has 27 verifiers with one bug each, most of them found in real programs, and six correct ones.
# `hunt` runs a test on all of them.
#
# Say what you expect. Choose a letter: click it, or write it instead of the question mark. Then run the next cells.

# %%
from labkit.exercises import check, hint, predict, solution

predict("10-happy", "a")

# %%
from labkit.exercises.lab10_test_it import hunt

hunt(happy_path)

# %% [markdown]
# The test **kills** a broken verifier if the test fails when it runs with that verifier, with an `AssertionError` or any other exception. A broken verifier **survives** if the test passes.
# Such a program with one deliberate bug is called a *mutant*.
#
# One forged body kills some of them:


# %%
def with_a_forgery(verify):
    assert verify(SECRET, BODY, sign(SECRET, BODY))
    forged = BODY.replace(b"1999", b"1")
    assert not verify(SECRET, forged, sign(SECRET, BODY))


hunt(with_a_forgery)

# %% [markdown]
# Perhaps a computer can invent better forgeries than you.

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
# A thousand random headers killed only three more. Most of the headers already differ from a correct signature in the first character.
# Here is another loop, with a seventh of the attempts. Each attempt is a correct signature with *one thing* changed.


# %%
def with_near_misses(verify):
    with_a_forgery(verify)
    right = sign(SECRET, BODY)
    for place in range(len(right)):
        assert not verify(SECRET, BODY, right[:place])
        assert not verify(SECRET, BODY, right[:place] + "é" + right[place + 1 :])


hunt(with_near_misses)

# %% [markdown]
# So this is how to look for bugs: begin with something correct, and change one thing.
#
# **Change one thing:** remove the line with the `é`. Which broken verifiers survive now, and why so many?
#
# A test can also be wrong in the other direction, and demand something that nobody promised.
# What does this one demand?


# %%
def too_strict(verify):
    prefix, digits = sign(SECRET, BODY).split("=")
    assert not verify(SECRET, BODY, f"{prefix}={digits.upper()}")


[sound.does for sound, _ in hunt(too_strict).accused]

# %% [markdown]
# The test failed on a correct verifier. The contract allows what this verifier does.
# If such a test fails on correct code, someone disables it sooner or later.
#
# ## Exercise 10.1
#
# Write `test_verify(verify)`: one function, with as many assertions and loops as you like.
#
# - It passes on every correct verifier.
# - It fails on each of the 27 broken ones.
#
# The check calls the function itself, so `return` and `print` have no effect. The only thing that counts is whether the function raises an exception.
# At any time, `hunt(test_verify)` shows which mutants survive. The list says what they do, and you find out how to test for it.


# %%
def test_verify(verify):
    """Fail, with an AssertionError or another exception, unless verify keeps its contract.

    verify(secret: bytes, body: bytes, signature: str | None) -> bool takes the three
    values in this order. sign(secret, body) makes a correct signature.

    Call verify at least once and at most 3,000 times.
    Raise nothing if verify is correct.
    Fail if verify ignores the secret or the body, or does not return False for a forged
    request.
    Fail if verify compares only a part of the header, or accepts a prefix other than
    sha256=.
    Fail if verify accepts a missing header, an empty header or an empty secret, or
    raises for one of them.
    Fail if verify raises for any other header.
    Fail if verify checks a secret, body or signature other than the one it was given.
    Whether your function fails must not depend on earlier calls to it.

    The check uses no other broken verifiers than the 27 of hunt, and it does not test
    what your function returns or prints, or which exception it raises.
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
# **Explained.** The test has two halves: what must be accepted, and what must be rejected. Neither is useful without the other.
#
# *Accepted:* the twenty bodies kill the verifier that loses digits, which happens for about one body in four. The body with spaces, `ë` and a line break kills those that re-serialise JSON or strip the body. The one with `\xff` kills those that decode the body to text.
# The second secret is not valid text either, and it comes second: it kills a verifier that keeps the first secret.
#
# *Rejected:* begin with a correct signature and change one thing. Pass `None` or an empty string instead, remove or change the prefix, make the signature shorter or longer, and change one character at each position in turn. Two signatures are correct for something else: another secret, and another body.
# `x` is not a hex digit, so the loop also kills verifiers that decode.
#
# The forgery with SHA-1 is a valid SHA-1 signature, under its own name. Every verifier would reject an invalid one, so it would prove nothing.
# For the same reason, the test signs with the empty secret: both sides use it, so the signature matches.
#
# The expression after the comma in each `assert` is the message that you will see when the test fails.
#
# A test like this cannot see `==` instead of `compare_digest`, because the results are the same. Lab 04 finds that in another way.

# %% [markdown]
# With pytest, a widely used tool that runs tests, the same function becomes a test of your own `verify`: put it into a file `test_shop.py`, import `verify` from your shop instead of taking an argument, and run `pytest`.
# To test your tests there, use a tool that changes your program in one place at a time and asks whether a test fails. This is called **mutation testing**.
#
# ## Three shops
#
# Now you test whole receivers. Each of the three has one bug, and works well on every normal day.
# A reviewer has read them and found nothing.
#
# `target` opens one of them. Its code is in `source`. Read it as a reviewer would.

# %%
from labkit.exercises.lab10_test_it import target

shop = target("10.2")
print(shop.source)

# %% [markdown]
# In these exercises, a *delivery* is a single request. It is written as a dictionary, so you can write one by hand:
#
# | key | meaning |
# | --- | --- |
# | `"body"` | the bytes |
# | `"headers"` | a dictionary of names and values |
# | `"at"` | when it arrives, in seconds from the start; optional, 0 by default |
# | `"closed"` | `True` if the warehouse is closed at that time, so that `ship` raises; optional, `False` by default |
#
# | on a target | what it does |
# | --- | --- |
# | `shop.event` | a payment that the sender would send |
# | `shop.sign(body, at=0.0)` | the delivery that the sender would make at that time, for an event or for bytes |
# | `shop.secret` | the secret, if you prefer to sign yourself |
# | `shop.send(delivery)` | tries a delivery on this shop, and shows its response and what it shipped |

# %%
honest = shop.sign(shop.event)
for name, value in honest.items():
    print(f"{name}: {value}")

print(shop.send(honest))

# %% [markdown]
# To change one thing, make a copy: `{**honest, "body": other}` is the same delivery with another body.

# %%
predict("10-shop", "c")

# %%
body = honest["body"].replace(b'"amount":13706', b'"amount":99999')
print(shop.send({**honest, "body": body}))

# %% [markdown]
# ## Exercise 10.2
#
# Write `break_it(receiver)`, which returns a list of deliveries. The check sends them, in that order, to this shop and to a shop without the bug.
# You have found the bug if the two shops behave differently: only one of them acknowledges, or only one ships.
#
# Return at most ten deliveries, because a good bug report is short. They must also work with another secret, so let `receiver`, which is a target like `shop`, sign them.


# %%
def break_it(receiver):
    """Return the deliveries that show the bug of shop 10.2.

    Return a list of at least one and at most ten deliveries.
    Each is a dictionary with "body" (bytes) and "headers" (a dictionary of strings).
    It may also have "at" (seconds from the start) and "closed" (True while the
    warehouse is closed).
    The values of "at" must not decrease from one delivery to the next.
    For at least one delivery, this shop and a correct one behave differently: only one
    of them acknowledges, or only one ships.
    This is also true if the shop has another secret.

    receiver.sign(receiver.event) makes a legitimate delivery.

    The check does not test whether fewer deliveries would be enough, and it accepts a
    tuple or a generator instead of the list.
    """
    # BEGIN SOLUTION
    honest = receiver.sign(receiver.event)
    spaced = honest["body"].replace(b":", b": ")
    return [{**honest, "body": spaced}]
    # END SOLUTION


check("10.2", break_it)

# %% [markdown] tags=["solution"]
# **Explained.** The line with `and not` gives a request two chances. At the second one, the shop verifies a body that it has re-serialised, without spaces.
# So many bodies are accepted for one signature: the signed one, and every body with the same data.
#
# The sender signs a body without spaces. The delivery above has the headers for that body, but its own body has spaces. Nobody signed these bytes.
#
# Why is this dangerous? If a key occurs twice in a JSON object, Python uses the last one, and other programs use the first.
# For this shop, `{"amount":1,"amount":13706}` means 13706. Suppose that the shop accepts it and forwards it unchanged: another program may then read 1.
# Fallbacks like this are added when signatures stop matching, and they are rarely removed.

# %% [markdown]
# ## Exercise 10.3
#
# The second shop uses Standard Webhooks: the signature covers id, time and body, and the shop rejects requests that are more than 300 seconds old.
# `sign(…, at=…)` puts that time into the headers.

# %%
print(target("10.3").source)

# %% [markdown]
# As before, return the deliveries that show the bug.


# %%
def break_it(receiver):
    """Return the deliveries that show the bug of shop 10.3.

    Return a list of at least one and at most ten deliveries.
    Each is a dictionary with "body" (bytes) and "headers" (a dictionary of strings).
    It may also have "at" (seconds from the start) and "closed" (True while the
    warehouse is closed).
    The values of "at" must not decrease from one delivery to the next.
    For at least one delivery, this shop and a correct one behave differently: only one
    of them acknowledges, or only one ships.
    This is also true if the shop has another secret.

    receiver.sign(receiver.event, at=60.0) makes the delivery that the sender would
    make a minute after the start.

    The check does not test whether fewer deliveries would be enough, and it accepts a
    tuple or a generator instead of the list.
    """
    # BEGIN SOLUTION
    return [
        receiver.sign(receiver.event),
        receiver.sign(receiver.event, at=7200.0),
    ]
    # END SOLUTION


check("10.3", break_it)

# %% [markdown] tags=["solution"]
# **Explained.** The comment in the shop is true, but it does not justify the code. Older requests are rejected, but a retry is not an old request: the sender signs it again, with the time of that attempt.
#
# So the window stops an attacker, who has only old bytes. It does not stop the sender, which retries for hours or days if a response was lost.
# The window does not decide how long you must keep ids. The provider's retry schedule does: with the example of Standard Webhooks, that is more than three days.
#
# If you send the same bytes two hours later, both shops reject them. To show the bug, the request must be signed again.

# %% [markdown]
# ## Exercise 10.4
#
# The third shop uses the same signatures as the first. It handles ids differently.

# %%
print(target("10.4").source)

# %% [markdown]
# When does it matter whether the shop saves the id first or ships first?


# %%
def break_it(receiver):
    """Return the deliveries that show the bug of shop 10.4.

    Return a list of at least one and at most ten deliveries.
    Each is a dictionary with "body" (bytes) and "headers" (a dictionary of strings).
    It may also have "at" (seconds from the start) and "closed" (True while the
    warehouse is closed).
    The values of "at" must not decrease from one delivery to the next.
    For at least one delivery, this shop and a correct one behave differently: only one
    of them acknowledges, or only one ships.
    This is also true if the shop has another secret.

    receiver.sign(receiver.event) makes a legitimate delivery.

    The check does not test whether fewer deliveries would be enough, and it accepts a
    tuple or a generator instead of the list.
    """
    # BEGIN SOLUTION
    honest = receiver.sign(receiver.event)
    return [{**honest, "closed": True}, honest]
    # END SOLUTION


check("10.4", break_it)

# %% [markdown] tags=["solution"]
# **Explained.** The shop claims the id, then `ship` raises, and the response is 500. So far this is correct: the sender retries.
# But the shop treats the retry as a duplicate, acknowledges it, and does nothing. The parcel is lost, although the sender got its 2xx.
#
# No single delivery can show this bug. Something must fail, and in a test you must be able to make it fail.
# Here `closed` does that. In your own tests, the `ship` that you pass in does it.

# %% [markdown]
# ## Test a receiver from outside
#
# You have read the code of three shops. A tester often has only an address.
# `labkit examine` sends test requests (*probes*) to an address. Some of them are legitimate and some are hostile. It says for each one whether the receiver behaved correctly.
#
# Here is a colleague's release. It may have more than one bug.

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
            return "the signature does not match", 401
        try:
            event = json.loads(body)
            event_id, order_id = str(event["id"]), event["data"]["order_id"]
        except (ValueError, LookupError, TypeError, RecursionError):
            return "this is not an event", 400
        if event_id in seen:
            return "", 200
        seen.add(event_id)
        ship(order_id)
        return "", 204

    return app


# %% [markdown]
# From outside you see only responses, not whether a parcel was shipped.

# %%
predict("10-lever", "a")

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
# Some probes could not be judged.
# They need *levers*: a number that grows with each side effect, a command that breaks what the receiver depends on, and a command that repairs it.
# In your own tests you have all three.


# %%
import textwrap


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
        fix = textwrap.fill(f"fix:    {result.probe.mend}", 70)
        print(textwrap.indent(fix, "   "))

# %% [markdown]
# You know these bugs: one is among the broken verifiers, and one is in the third shop.
#
# **Fix it:** make two changes to `make_release`. Run its cell and the last cell again, until no probe fails.
#
# To save time, this cell ran only some of the probes. `duplicate.at-once`, which sends many duplicates at the same moment, was not among them. This release also has the bug that this probe looks for (a race between two duplicates), but the probe finds it only sometimes. Lab 07 finds it every time.
#
# For a receiver in any language, one line in a terminal does the same:
#
# ```bash
# labkit examine http://127.0.0.1:5000/webhooks --scheme generic --secret blue-kite-42 \
#     --effects 'wc -l < parcels.txt'
# ```
#
# An examination is an attack, so `labkit examine` refuses addresses outside this machine unless you say that the endpoint is yours.
#
# ## Try the alert before the release
#
# Tests find bugs before the release. An alert can find the others, if it fires.
# So check before the release whether it fires: make something fail on purpose, and look. This is called a *drill*.
#
# Here is an alert like the one that you write in lab 09. It looks at the responses of the last ten minutes.


# %%
def alert(window):
    """Return whether at least half of the attempts of the last ten minutes failed.

    If there were fewer than six attempts, return False.
    """
    if not window:
        return False
    recent = [attempt for attempt in window if attempt["at"] > window[-1]["at"] - 600]
    bad = [a for a in recent if a["status"] is None or a["status"] >= 500]
    return len(recent) >= 6 and len(bad) >= len(recent) / 2


# %% [markdown]
# In this drill, one payment arrives per minute for an hour and a half, and the warehouse is closed from 0:30 to 1:00.
# The first release does not catch the exception, so Flask responds with 500.

# %%
from labkit import simulate
from labkit.model import LAB_EPOCH
from labkit.samples import payments

KEY = "whsec_Ymx1ZS1raXRlLTQyLWJsdWUta2l0ZS00Mg=="


def ship_at(now):
    if 1800 <= now < 3600:
        raise RuntimeError("the warehouse is closed")


def make_shop(shipped, *, swallows):
    """Return a shop that notes in `shipped` the time at which it shipped each order."""
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
    """Return whether the alert fires, `now` seconds after the start."""
    window = [
        {"at": attempt.ended_at, "status": attempt.status}
        for attempt in history.attempts
        if now - 3600 < attempt.ended_at - LAB_EPOCH <= now
    ]
    return alert(window)


def first_time(fires, history, shipped):
    """Say how many minutes after the warehouse closed an alert first fires."""
    for minute in range(91):
        if fires(history, shipped, 60 * minute):
            return f"fires {minute - 30} min after the warehouse closed"
    return "does not fire"


loud, shipped_loud = drill(swallows=False)
print("responds with 500:", first_time(by_answers, loud, shipped_loud))

# %% [markdown]
# The second release hides the problem from the sender: it catches the exception.

# %%
predict("10-swallow", "b")

# %%
quiet, shipped_quiet = drill(swallows=True)
print("responds with 204:", first_time(by_answers, quiet, shipped_quiet))

for name, history, shipped in (
    ("responds with 500", loud, shipped_loud),
    ("responds with 204", quiet, shipped_quiet),
):
    print(
        f"{name}: {history.account.acknowledged} acknowledged, {len(shipped)} shipped"
    )

# %% [markdown]
# The shop acknowledged thirty payments and lost them. That is worse than an outage, and the alert did not see it.
# You need a check that knows both sides: what was acknowledged, and what was done.


# %%
def by_effects(history, shipped, now):
    """Return whether an order was acknowledged over two minutes ago and not shipped."""
    acknowledged = {
        arrival.event.data["order_id"]
        for arrival in history.arrivals
        if arrival.acknowledged and arrival.at - LAB_EPOCH < now - 120
    }
    return any(shipped.get(order, now + 1) > now for order in acknowledged)


print("responds with 500:", first_time(by_effects, loud, shipped_loud))
print("responds with 204:", first_time(by_effects, quiet, shipped_quiet))

# %% [markdown]
# Each alert misses what the other one finds, so you need both.
# And you need a third one for missing traffic (lab 09).
#
# Before a release, write the results of your drills into a table, and keep it with the release: *what we made fail, which alert should fire, after how long, and did it fire?*
#
# **Try it:** close the warehouse for only two minutes, `1800 <= now < 1920`, and run the cells from there again. Which alert does not fire now? What was lost, and is that what you want?
#
# ## Write the alert
#
# `by_effects` fires as soon as one order is not shipped in time. In a drill that is fine. Here are four weeks of a busier shop, in which some customers cancel their orders:

# %%
from labkit.exercises.lab10_test_it import orders_of_month, rehearse

january = orders_of_month(1)


def one_is_overdue(orders, now):
    """Return whether an order was acknowledged over ten minutes ago and not shipped."""
    return any(
        order["shipped"] is None and now - order["acknowledged"] > 600
        for order in orders
    )


print(january)
rehearse(one_is_overdue, january)

# %% [markdown]
# It finds every incident, but most of its alerts are false alarms: customers cancel orders, and a cancelled order is never shipped.
# In a sale, 300 orders arrive in a quarter of an hour, and a dozen of them are cancelled.
#
# During an incident, at least two of any three consecutive orders are not shipped. There are five incidents per month, all of them in busy hours with more than one order per minute.
#
# ## Exercise 10.5
#
# Write `alarm(orders, now) -> bool`.
# `rehearse(alarm, january)` calls it every five minutes. It shows which incidents your alert finds and when it fires without one. The check also judges it on two months that you cannot see.


# %%
def alarm(orders, now):
    """Return True if acknowledged orders are lost, and False otherwise.

    `orders` is a list of the orders that were acknowledged in the last 60 minutes,
    oldest first. Each is a dictionary: "acknowledged" is the time of the
    acknowledgement, and "shipped" is the time of the shipment, or None if the order is
    not shipped at `now`. All times are Unix times in seconds, so they are greater than
    0.

    An order is overdue if it was acknowledged more than 600 seconds before `now` and is
    not shipped.
    If at most three orders are overdue, return False.
    If at least ten orders were acknowledged more than 600 seconds before `now` and all
    of them are overdue, return True.
    The result depends only on the arguments, and the arguments stay as they are.

    In the hidden months, your function is called every five minutes.
    In the hidden months, return True within 20 minutes after each incident begins, and
    cause at most one false alarm per week on average.

    The check does not test what you return in the hour after an incident.
    """
    # BEGIN SOLUTION
    due = [each for each in orders if now - each["acknowledged"] > 600]
    overdue = [each for each in due if each["shipped"] is None]
    return len(overdue) >= 5 and len(overdue) >= len(due) / 10
    # END SOLUTION


check("10.5", alarm)

# %% tags=["solution"]
rehearse(alarm, january)

# %% [markdown] tags=["solution"]
# **Explained.** `due` contains the orders that are old enough to judge. A younger order may still be on its way.
# `overdue` contains those of them that are not shipped. An order that was shipped late is not among them: nothing is lost.
#
# `len(overdue) >= 5` is a minimum number. Three cancelled orders in a quiet night are not an incident, whatever their share is.
# `len(overdue) >= len(due) / 10` is a minimum share. In a sale a dozen of 300 orders are cancelled, but that is only 4%.
# Ten minutes after the first order is overdue, most orders of the hour are still good. So the share must be small. (An alert that judges only the last 20 or 30 minutes finds an incident in a busy hour, too. But if ten orders are spread over the hour, it sees too few of them.)
#
# If there is no order, both sides of the second comparison are 0. A division, `len(overdue) / len(due)`, would raise a ZeroDivisionError in every quiet hour.

# %% [markdown]
# Such an alert finds incidents like the one in the drill: a release that responds with 204 and loses payments.
#
# ## Remember
#
# - A test is worth as much as the bugs that it finds. Try it on something broken before you trust it.
# - One half of a test is what must be accepted, and the other half is what must be rejected.
# - Begin with something correct and change one thing. Random input fails at the first check and does not reach the others.
# - Demand only what the contract promises.
# - To find bugs in what a receiver remembers, send several deliveries, let time pass, and make something fail on purpose.
# - If you cannot judge something, its result is *unknown*, not *passed*. Build a lever, so that you can judge it.
# - An alert is a program. Test it before the release, with a fault that you cause yourself.
#
# ## What real providers do
#
# | provider | what helps you to test |
# | --- | --- |
# | GitHub | a `ping` when you create a webhook; redelivery of any delivery of the last 3 days, with the same id; a published value for the signature |
# | Stripe | a sandbox that retries 3 times within hours (live: 3 days); a list of the events of 30 days |
# | Paddle | a sandbox with 3 retries in 15 minutes (live: 60 in 3 days) |
# | PayPal | a simulator; PayPal's signature covers the id of your webhook, and the simulator uses the text `WEBHOOK_ID` as this id, so a correct verifier rejects its events unless it expects this id |
# | Discord | tests *you*: it sends wrong signatures on purpose, and removes your URL if you do not respond with 401 |
# | Zoom | validates your address again every 72 hours, and sends an e-mail after failures |
# | LINE | checks an address with an empty list of events, and does not sign it |
#
# The following bugs from this lab have been reported in real projects:
#
# - Raw body first, re-serialised JSON as a fallback: the gateway Convoy (frain-dev/convoy, issue 2392).
# - Ids kept for 5 seconds, or for 5 minutes in memory, with retries for hours: elasticclaw (issue 112), CreatorOs (issue 732).
# - A claim before success, so that the retry is a "duplicate": langfuse (issue 15463), NangoHQ/nango (issue 7484), and others.
# - 200 after an exception: Accelerators (issue 2), CreatorOs (issue 984).
# - An é in the header causes a 500: hermes-agent (issues 65307 and 65697), daiv (issue 1524).
#
# Sources: the providers' pages on webhooks (docs.github.com, docs.stripe.com, developer.paddle.com, developer.paypal.com, discord-api-docs, developers.zoom.us); the issues on GitHub under these names. Checked on 30 November 2026, except PayPal, LINE and the GitHub issues (September 2026).
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# In a class, hand it in. If you are learning on your own, read it again before the next lab.
#
# Next: `11_go_live` gives your receiver a public address.
