# %% [markdown]
# # 13 · Be the provider
#
# So far you have written receivers. Now you write the other side: the provider that sends the webhooks.
# You write it function by function. At the end your functions run as one program, and `labkit examine-sender` examines it.
#
# **You need** the topics of labs 04 to 07: signatures, rotation of secrets, retries, and transactions. You may open those labs next to this one.
# **Time:** about 90 minutes.

# %%
from labkit import glossary, ready

ready(made_for="0.2")

# %% [markdown]
# New terms are explained where they first appear. `glossary()` in a cell shows the most important ones, and `glossary("retry")` shows one.
#
# ## Seven real senders
#
# For this lab, seven open-source senders were examined on one machine in November 2026: django-webhook 0.0.15, django-outbound-webhooks 0.4.0, django-signal-webhooks 0.3.1, django-webhook-subscriber 2.3.0, MLflow 3.17.2, Verdaccio 6.10.4, and webhook-cannon 0.1.0 (only its *guard*: the code that decides which addresses may be called). Each of them made mistakes.
#
# | what the endpoint did | what happened |
# | --- | --- |
# | responded with a redirect | six of six followed it to another host; one also sent its secret there |
# | sent an endless response | six of six read on; one used 1.3 GB of memory |
#
# You will meet their other mistakes in the predictions. In this lab you write a sender that avoids these mistakes.
#
# ## The tables
#
# The provider keeps everything in one SQLite file. These are its tables.

# %%
from labkit.exercises.lab13_be_the_provider import SCHEMA

print(SCHEMA)

# %% [markdown]
# An **event** is something that happened once. A **delivery** carries one event to one endpoint, and an **attempt** is one HTTP request of a delivery.
# So one order leads to one event, to one delivery per enabled endpoint, and to one or more attempts per delivery.
#
# ## From the order to the event
#
# First say what you expect. Choose a letter: click it, or write it instead of the question mark.

# %%
from labkit.exercises import check, hint, predict, solution

predict("13-dual-write", "b")

# %% [markdown]
# In this question, the order is stored in a database, and the event is put into a queue. The queue is another system, so no transaction includes both.
# The solution is the **transactional outbox**: the event is a row next to the order, written in the same transaction. A worker reads the row and sends it later.
#
# Many people first write code like this. What is in the file if the process crashes between the two blocks?

# %%
import sqlite3


def place_order_twice(db, order):
    with db:
        db.execute(
            "INSERT INTO orders VALUES (?, ?)", (order["order_id"], order["amount"])
        )
    with db:
        db.execute("INSERT INTO events VALUES ('evt_1', 'payment.succeeded', '', 0)")


# %% [markdown]
# `with db:` commits at the end of its block, and rolls back if the block raises.
#
# ## Exercise 13.1
#
# Write the function that places an order. For this provider, an order is a payment that has succeeded.

# %%
import json
import secrets


def place_order(db, order):
    """Store an order together with its event, and return the id of the event.

    `db` is an `sqlite3.Connection` to the provider's file, without an open transaction.
    `order` is a dictionary with `order_id`, `amount` and `placed_at` (a whole number of
    seconds since 1970-01-01 UTC).

    Insert one row into `orders`. Insert one row into `events`, with the type
    `payment.succeeded` and created at `placed_at`. Its payload is a JSON object in
    UTF-8, as bytes, with only the fields `id`, `event` (the type), `created_at` and
    `data`; `data` has only the `order_id` and the `amount`. The id of an event is a new
    random string, which you return. Insert one row into `deliveries` for each enabled
    endpoint, due at `placed_at`, and none for a disabled endpoint.

    If a statement fails, none of these rows remains, and the exception reaches the
    caller. When the function returns, all rows are committed. At each moment the file
    has either all of these rows or none of them. The check does not test the form of
    ids, or orders with missing fields.
    """
    # BEGIN SOLUTION
    event_id = "evt_" + secrets.token_hex(12)
    placed_at = order["placed_at"]
    event = {
        "id": event_id,
        "event": "payment.succeeded",
        "created_at": placed_at,
        "data": {"order_id": order["order_id"], "amount": order["amount"]},
    }
    payload = json.dumps(event).encode()
    with db:
        db.execute(
            "INSERT INTO orders VALUES (?, ?)", (order["order_id"], order["amount"])
        )
        db.execute(
            "INSERT INTO events VALUES (?, ?, ?, ?)",
            (event_id, "payment.succeeded", payload, placed_at),
        )
        db.execute(
            "INSERT INTO deliveries (event, endpoint, due)"
            " SELECT ?, id, ? FROM endpoints WHERE enabled = 1",
            (event_id, placed_at),
        )
    return event_id
    # END SOLUTION


check("13.1", place_order)

# %% [markdown] tags=["solution"]
# **Explained.** The order, the event and its deliveries are written in one transaction, so a crash leaves all of them or none.
#
# The payload is encoded once, and stored as bytes. Each attempt, in an hour or in three days, sends and signs exactly these bytes.
#
# The id is random and belongs to the event. A receiver recognises a duplicate by this id. The id of the order is not suitable, because an order can have several events.
#
# `INSERT … SELECT` reads the list of endpoints in the same transaction, so no other program can change the endpoints between the reading and the writing.

# %% [markdown]
# ## Which addresses may be called
#
# The URL of an endpoint comes from a form, so it is untrusted input. A customer may enter the address of an internal service, for example 169.254.169.254, where many cloud providers give each machine its passwords and settings, and your provider would call it from inside the network. This attack is called **server-side request forgery** (SSRF).

# %%
predict("13-spellings", "c")

# %% [markdown]
# Four of the seven senders had no guard, and the guards of two others had a gap.
#
# There are many ways to write one address. To *resolve* a host name is to look up its addresses. This cell shows how your system resolves some of them.

# %% tags=["nbval-ignore-output"]
import socket

for host in ("127.0.0.1", "127.1", "2130706433", "0x7f000001", "localhost"):
    try:
        print(f"{host:<12}", socket.getaddrinfo(host, 80)[0][4][0])
    except OSError as error:
        print(f"{host:<12}", error)

# %% [markdown]
# A list of forbidden host names cannot be complete. So the guard has to resolve the name and check the addresses.
#
# There is a second problem: a name can have another address a moment later. The *name server* of a domain, a program that its owner runs, says which address a name has. If the guard resolves the name, and the connection resolves it again, an attacker's name server can return a public address to the guard and 127.0.0.1 to the connection (**DNS rebinding**).
# So the guard returns the address that it has checked, and the sender connects to this address.
#
# A third problem: an IPv6 address has 128 bits, and some IPv6 addresses contain an IPv4 address, which has 32 bits. A *gateway* in your network (a machine that passes traffic on to other networks) may then connect to the IPv4 address.
# In this table, `/96` means that the first 96 bits are fixed, and `/16` that the first 16 bits are.
#
# | kind | prefix | which bits hold the IPv4 address |
# | --- | --- | --- |
# | mapped | `::ffff:0:0/96` | the last 32 |
# | compatible (an old form) | `::/96` | the last 32 |
# | NAT64 | `64:ff9b::/96` | the last 32 |
# | 6to4 | `2002::/16` | the 32 after the prefix |
#
# ## Exercise 13.2
#
# Write the guard. `resolve` is an argument, so the check needs no network.

# %%
from ipaddress import ip_address
from urllib.parse import urlsplit


def allowed(url, resolve):
    """Return the address to connect to for a URL that a customer entered, or None if
    the provider must not call it.

    `resolve(host)` returns the addresses of a host as a list of strings, or raises
    OSError. It also understands numbers, such as `127.1`.

    Call `resolve` once, with the host alone, and return the first of its addresses.
    All addresses must be public, or else return None; an address is public if
    `ipaddress` says that it is global and not multicast. Return None, too, if an
    IPv6 address contains an IPv4 address that is not public: mapped
    (`::ffff:0:0/96`), 6to4 (`2002::/16`), or in the last 32 bits of NAT64
    (`64:ff9b::/96`) or of a compatible address (`::/96`). Return None if the scheme
    is not `http` or `https`. Return None if the URL contains a user name or a
    password, even an empty one. Return None if the URL cannot be parsed, has no host,
    or has a port that is not a number up to 65535. Return None if `resolve` raises
    OSError or returns no address.

    The check does not test spaces around the URL, an empty port, port 0, or IPv6
    addresses that contain a public IPv4 address.
    """
    # BEGIN SOLUTION
    try:
        parts = urlsplit(url)
        parts.port  # raises ValueError if it is not a port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    if "@" in parts.netloc:
        return None

    def is_public(address):
        if address.version == 6:
            inside = address.ipv4_mapped or address.sixtofour
            if int(address) >> 32 in (0x64FF9B << 64, 0):  # NAT64, compatible
                inside = ip_address(int(address) & 0xFFFFFFFF)
            if inside is not None and not is_public(inside):
                return False
        return address.is_global and not address.is_multicast

    try:
        addresses = resolve(parts.hostname)
    except OSError:
        return None
    if not all(is_public(ip_address(each)) for each in addresses):
        return None
    return addresses[0] if addresses else None
    # END SOLUTION


check("13.2", allowed)

# %% [markdown] tags=["solution"]
# **Explained.** `is_global` says what is allowed. A list of what is forbidden is never complete: `100.64.0.1` is not private, and `[::]` is not loopback. Python counts most multicast addresses as global, so the guard excludes them.
#
# An IPv6 address can contain an IPv4 address, and a gateway in your network may translate it. `ipv4_mapped` and `sixtofour` find two of the forms; NAT64 and the old compatible form have the IPv4 address in their last 32 bits.
#
# `resolve` is called once, and the function returns one of the addresses that it has checked. Use `all`, because a name can have both a public and an internal address.
#
# The guard runs at each attempt, and not only when the endpoint is registered, because the name may have another address by then.

# %% [markdown]
# ## One attempt
#
# Now make the request itself. The response is untrusted, too: an endpoint can respond slowly, endlessly, or not at all.

# %%
predict("13-one-byte", "c")

# %%
predict("13-raise-for-status", "b")

# %% [markdown]
# ## Exercise 13.3
#
# Write the function that makes one attempt. `post` is an argument, and it does not follow redirects. In the check, it simulates endpoints that misbehave, in virtual time.

# %%
import base64
import hmac


def attempt(delivery, now, post):
    """Make one attempt, and return a dictionary with `status`, `retry_after` and
    `body`.

    `delivery` is a dictionary with `event` (its id), `url`, `payload` (bytes) and
    `secrets` (a list of strings such as `whsec_…`). `now()` returns the time in
    seconds. `post(url, headers, payload, timeout)` returns a response with
    `status`, `headers` (a dictionary with names in lower case), `read(size)`, which
    returns at most `size` bytes and b'' at the end, and `close()`.

    Call `post` once, with the URL, the unchanged payload, and a timeout of 10. Send
    the headers `content-type` (`application/json`), `webhook-id` (the id of the
    event) and `webhook-timestamp` (`now()` in whole seconds), all of them as strings.
    The header `webhook-signature` has one signature of Standard Webhooks per secret, in
    their order, with spaces between them: `v1,` and the base64 of the HMAC-SHA256 of
    `id.timestamp.payload`, keyed with the decoded base64 after `whsec_`. No header
    contains a secret. Return the status of the response, whatever it is, its
    `retry-after` header or None, and its body. Read at most 65,536 bytes of the
    body, and return these. If `post` or `read` raises ConnectionError or
    TimeoutError, return the status None, `retry_after` None and the body b''.
    Return the same if the body is not complete 10 seconds after the start of the
    attempt, and read no further. Close the response in every case.

    The check does not test other headers, further fields of the dictionary, other
    exceptions of `post`, or a body that is complete exactly 10 seconds after the start.
    """
    # BEGIN SOLUTION
    started = now()
    event, payload = delivery["event"], delivery["payload"]
    timestamp = str(int(started))
    content = f"{event}.{timestamp}.".encode() + payload
    signatures = []
    for secret in delivery["secrets"]:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, content, "sha256")
        signatures.append("v1," + base64.b64encode(digest).decode())
    headers = {
        "content-type": "application/json",
        "webhook-id": event,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }
    nothing = {"status": None, "retry_after": None, "body": b""}
    try:
        response = post(delivery["url"], headers, payload, 10)
    except (ConnectionError, TimeoutError):
        return nothing
    try:
        body = b""
        while len(body) < 65_536:
            more = response.read(65_536 - len(body))
            if now() - started > 10:
                return nothing
            if not more:
                break
            body += more
    except (ConnectionError, TimeoutError):
        return nothing
    finally:
        response.close()
    wish = response.headers.get("retry-after")
    return {"status": response.status, "retry_after": wish, "body": body}
    # END SOLUTION


check("13.3", attempt)

# %% [markdown] tags=["solution"]
# **Explained.** The timestamp and the signatures are made for each attempt. If a retry after three hours had the first timestamp, it would be outside the receiver's tolerance window.
# The id and the payload stay the same, so the receiver recognises a duplicate.
#
# `timeout` limits each wait for bytes. Only the comparison with `started` limits the whole attempt.
#
# The argument limits the size: `read(65_536 - len(body))` cannot return more. `finally` closes the response however the function ends.
#
# A redirect is a status like any other. If you followed it, the endpoint could send you to an internal address that the guard has not checked.

# %% [markdown]
# ## Two workers
#
# One worker is not enough: while it waits for a slow receiver, all other deliveries wait. So several workers, in several processes, take deliveries from the same table.
# Each delivery must be claimed by only one of them. And if a worker crashes, another one must take over.
#
# The solution is a **lease**: a claim that is valid for a limited time. Queues call this time the *visibility timeout*.

# %%
predict("13-killed", "b")

# %% [markdown]
# ## Exercise 13.4
#
# Write the function that claims a delivery. The check runs two workers in every order of their steps, like the explorer of lab 07.


# %%
def claim(db, now, worker):
    """Claim one delivery for a worker, and return its row as a dictionary, or None if
    there is nothing to do.

    `now` is the time in seconds, and `worker` is the name of the worker, which is
    different for each worker.

    A delivery can be claimed if it is pending, it is due at `now`, its endpoint is
    enabled, and `leased` is not later than `now`. Of several, claim only the one
    with the smallest `due`. Store the `worker`, and set `leased` to 60 seconds
    after `now`. Return the row as it is after the claim. If there is no such
    delivery, return None. When the function returns, the claim is committed, and no
    transaction is open. Once 60 seconds have passed, the same delivery can be claimed
    again if it is still pending. If two workers call at the same moment, neither fails,
    and they never claim the same delivery.

    The check does not test deliveries that are due at the same time, or what the slower
    of two workers gets.
    """
    # BEGIN SOLUTION
    with db:
        row = db.execute(
            "UPDATE deliveries SET worker = ?, leased = ? WHERE id = ("
            " SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
            " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
            " AND e.enabled = 1 ORDER BY d.due LIMIT 1) RETURNING *",
            (worker, now + 60, now, now),
        ).fetchone()
    return dict(row) if row else None
    # END SOLUTION


check("13.4", claim)

# %% [markdown] tags=["solution"]
# **Explained.** One statement finds and claims the delivery, and SQLite lets only one connection write at a time. With a SELECT and then an UPDATE, two workers could read the same row before one of them claims it.
# PostgreSQL and MySQL have `FOR UPDATE SKIP LOCKED` for this.
#
# Nothing is sent while the transaction is open. A claim takes a millisecond and an attempt takes seconds, so the file is never blocked for long.
#
# The lease ends by itself. A worker that crashes does not have to clean up, and the delivery arrives a minute later.
# The price is a duplicate: if a worker is slower than its lease, another one sends the same event, with the same id.

# %% [markdown]
# ## After the attempt
#
# In lab 06 you wrote the rules for retries. Here you apply them to the table.

# %%
predict("13-retry-after-6-hours", "c")

# %% [markdown]
# ## Exercise 13.5
#
# Write the function that stores the result of an attempt. `SCHEDULE` is given; it contains the delays of the example in the specification of Standard Webhooks.

# %%
SCHEDULE = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)


def finish(db, delivery, result, now, rng):
    """Store the result of an attempt, and decide what happens next.

    `delivery` is what `claim` returned, `result` is what `attempt` returned, and
    `rng` is a `random.Random`. `SCHEDULE` has the upper bounds of the delays in
    seconds.

    Insert one row into `attempts`: the delivery, its event and endpoint, the number
    of this attempt (`made` + 1), `now`, the status and the body. Increase `made` by
    one, and end the claim: `worker` becomes NULL and `leased` becomes 0. After a
    2xx, the state becomes `delivered`, and `failures` of the endpoint becomes 0.
    After no response, 408, 425, 429 and every 5xx, the delivery stays pending, and
    is due `rng.uniform(0, SCHEDULE[made])` seconds after `now`, where `made` is the
    number before this attempt. If the status is 429 or 503 and `retry_after`
    consists of ASCII digits, it is due this many seconds after `now` at the
    earliest, where more than 86,400 counts as 86,400. The state
    becomes `dead`, and `failures` of the endpoint increases by one, in two cases: after
    any other status, and if a retry would follow but `made`, before this attempt, was
    already the length of `SCHEDULE`. After 410, the endpoint is disabled as well. In
    all other cases, `enabled` of the endpoint stays as it is. If the `worker` of the
    row in `deliveries` is not the one in `delivery`, change nothing: another worker has
    taken over, perhaps while this function runs. All changes are committed in one
    transaction, and no transaction is open when the function returns.

    The check does not test dates in `retry_after`, numbers with more than 4,000 digits
    in it, or statuses below 200 and above 599.
    """
    # BEGIN SOLUTION
    number, endpoint = delivery["id"], delivery["endpoint"]
    made, status = delivery["made"], result["status"]
    again = status is None or status in (408, 425, 429) or status >= 500
    with db:
        ended = db.execute(
            "UPDATE deliveries SET worker = NULL, leased = 0, made = made + 1"
            " WHERE id = ? AND worker = ?",
            (number, delivery["worker"]),
        )
        if ended.rowcount == 0:
            return
        attempt = (number, delivery["event"], endpoint, made + 1, now, status)
        db.execute(
            "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*attempt, result["body"]),
        )
        state, due, failures = "dead", now, "failures = failures + 1"
        if status is not None and 200 <= status < 300:
            state, failures = "delivered", "failures = 0"
        elif again and made < len(SCHEDULE):
            delay = rng.uniform(0, SCHEDULE[made])
            wish = result["retry_after"]
            if status in (429, 503) and wish and wish.isascii() and wish.isdigit():
                delay = max(delay, min(int(wish), 86_400))
            state, due, failures = "pending", now + delay, "failures = failures"
        db.execute(
            "UPDATE deliveries SET state = ?, due = ? WHERE id = ?",
            (state, due, number),
        )
        db.execute(f"UPDATE endpoints SET {failures} WHERE id = ?", (endpoint,))
        if status == 410:
            db.execute("UPDATE endpoints SET enabled = 0 WHERE id = ?", (endpoint,))
    # END SOLUTION


check("13.5", finish)

# %% [markdown] tags=["solution"]
# **Explained.** The first UPDATE ends the claim, and its `rowcount` shows whether this worker still had the claim. If it was too slow, another worker has claimed the delivery, and only that worker may store a result.
#
# The delay is random (full jitter), and a requested delay can only make it longer. Without the limit of one day, an endpoint could keep rows in your table for years.
#
# A dead letter is a row, and not only a line in a log. So the owner of the endpoint can see it and ask for a resend.

# %% [markdown]
# ## Fairness
#
# An endpoint that hangs costs 10 seconds per attempt. If it has a hundred deliveries, all workers are busy with it, and the healthy endpoints wait. This is **head-of-line blocking**.
# One of the seven real senders made a healthy endpoint wait for 66 s behind three failing ones.
#
# ## Exercise 13.6
#
# Limit what one endpoint can use. A delivery is *in flight* while a worker has claimed it.


# %%
def next_due(db, now):
    """Return the id of the delivery that a worker should claim next, or None.

    Choose only deliveries that can be claimed, as in exercise 13.4: pending, due at
    `now`, endpoint enabled, `leased` not later than `now`. Of several, choose the
    one with the smallest `due`. Skip the deliveries of an endpoint that already has
    two deliveries in flight. A delivery is in flight if it is pending and `leased`
    is later than `now`. If nothing is left, return None. Change nothing in the
    database, and leave no transaction open.

    The check does not test deliveries that are due at the same time.
    """
    # BEGIN SOLUTION
    row = db.execute(
        "SELECT d.id FROM deliveries d JOIN endpoints e ON e.id = d.endpoint"
        " WHERE d.state = 'pending' AND d.due <= ? AND d.leased <= ?"
        " AND e.enabled = 1 AND (SELECT count(*) FROM deliveries f WHERE"
        " f.endpoint = d.endpoint AND f.state = 'pending' AND f.leased > ?) < 2"
        " ORDER BY d.due LIMIT 1",
        (now, now, now),
    ).fetchone()
    return row["id"] if row else None
    # END SOLUTION


check("13.6", next_due)

# %% [markdown] tags=["solution"]
# **Explained.** At most two workers are busy with one endpoint, whatever it does. All other workers are free for the healthy endpoints.
#
# Only valid claims count. Otherwise two crashed workers would block their endpoint forever.

# %% [markdown]
# ## The portal of the owner
#
# The owner of an endpoint cannot read your database, so a provider has a **portal**. There the owner sees what was sent and what came back, asks for a resend, and switches an endpoint off and on.
# An owner who does not know of a dead letter will not look for it. So the provider sends a **notice** after a dead letter.

# %%
predict("13-one-bad-night", "b")

# %% [markdown]
# ## Exercise 13.7
#
# Write what is behind the buttons of the portal, and behind the notice. These are the requests:
#
# | request | who sends it, and when |
# | --- | --- |
# | `{"action": "list", "endpoint": "ep_1", "state": "dead"}` | the owner looks at the dead letters; `"state": None` shows all deliveries |
# | `{"action": "resend", "delivery": 7}` | the owner wants delivery 7 to be sent again |
# | `{"action": "resend_all", "endpoint": "ep_1", "since": 1772400000}` | the owner has repaired the receiver |
# | `{"action": "disable", "endpoint": "ep_1"}`, the same with `"enable"` | the owner switches the endpoint off or on |
# | `{"action": "notice", "endpoint": "ep_1", "event": "evt_9"}` | your worker, after each dead letter |
# | `{"action": "seen", "endpoint": "ep_1"}` | the owner has read the notices |


# %%
def portal(db, now, request):
    """Carry out one request to the portal, and return its result.

    `db` is a connection as in the other exercises, and `now` is the time in seconds.
    `request` is a dictionary with `action` and what this action needs.

    For `list`, return the deliveries of `endpoint` (an id) as a list of dictionaries
    with `id`, `event`, `state`, `made` and `status`, the largest `id` first. `status`
    is that of the delivery's last attempt, or None if it has no attempt. If `state` is
    not None, return only the deliveries in this state. For `resend`, insert a new
    delivery of the same event to the same endpoint as `delivery` (an id), due at `now`,
    and return its id. For `resend_all`, insert such a delivery for each event that was
    created at `since` or later, has a dead delivery to `endpoint`, and has neither a
    pending nor a delivered one to this endpoint. Insert one delivery per event, and
    return how many you have inserted. A resend changes no existing row. If the endpoint
    of a resend is disabled, raise ValueError. Raise ValueError, too, if the event of a
    `resend` already has a pending delivery to this endpoint. For `disable`, set
    `enabled` of `endpoint` to 0. For `enable`, set `enabled` to 1 and `failures` to 0.
    For `notice`, insert a row into `notices` with `endpoint`, `event` and `now`, unless
    `endpoint` has a notice that has not been seen yet. For `seen`, set `seen` of all notices
    of `endpoint` to 1. If there is no delivery or endpoint with the given id, raise
    LookupError. If you raise an exception, change nothing, and leave no transaction
    open. When the function returns, its changes are committed, and no transaction is
    open.

    The check does not test other actions, further fields of the dictionaries, the
    results of actions other than the first three, deliveries without their event or
    endpoint, or two requests at the same moment.
    """
    # BEGIN SOLUTION
    action, ask = request["action"], {**request, "now": now}
    statements = {
        "list": "SELECT id, event, state, made, (SELECT status FROM attempts"
        " WHERE delivery = d.id ORDER BY number DESC LIMIT 1) AS status"
        " FROM deliveries d WHERE endpoint = :endpoint"
        " AND state = coalesce(:state, state) ORDER BY id DESC",
        "resend": "INSERT INTO deliveries (event, endpoint, due)"
        " SELECT :event, :endpoint, :now WHERE NOT EXISTS (SELECT 1 FROM deliveries"
        " WHERE event = :event AND endpoint = :endpoint AND state = 'pending')",
        "resend_all": "INSERT INTO deliveries (event, endpoint, due)"
        " SELECT id, :endpoint, :now FROM events e WHERE created >= :since"
        " AND EXISTS (SELECT 1 FROM deliveries"
        " WHERE event = e.id AND endpoint = :endpoint)"
        " AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event = e.id"
        " AND endpoint = :endpoint AND state IN ('pending', 'delivered'))",
        "disable": "UPDATE endpoints SET enabled = 0 WHERE id = :endpoint",
        "enable": "UPDATE endpoints SET enabled = 1, failures = 0 WHERE id = :endpoint",
        "notice": "INSERT INTO notices (endpoint, event, at)"
        " SELECT :endpoint, :event, :now WHERE NOT EXISTS"
        " (SELECT 1 FROM notices WHERE endpoint = :endpoint AND seen = 0)",
        "seen": "UPDATE notices SET seen = 1 WHERE endpoint = :endpoint",
    }
    with db:
        if action == "resend":
            delivery = db.execute(
                "SELECT event, endpoint FROM deliveries WHERE id = :delivery", ask
            ).fetchone()
            if delivery is None:
                raise LookupError("there is no such delivery")
            ask |= dict(delivery)
        endpoint = db.execute(
            "SELECT enabled FROM endpoints WHERE id = :endpoint", ask
        ).fetchone()
        if endpoint is None:
            raise LookupError("there is no such endpoint")
        if action in ("resend", "resend_all") and not endpoint["enabled"]:
            raise ValueError("the endpoint is disabled")
        done = db.execute(statements[action], ask)
        if action == "list":
            return [dict(row) for row in done]
        if action == "resend" and done.rowcount == 0:
            raise ValueError("this event is still pending")
        return done.lastrowid if action == "resend" else done.rowcount
    # END SOLUTION


check("13.7", portal)

# %% [markdown] tags=["solution"]
# **Explained.** A resend is a new delivery, so the old one stays as it was: with its attempts, its statuses and its place in the list. Only the event is the same, and so is its id, which the receiver knows. A receiver that has processed the event before skips the duplicate.
#
# `resend_all` asks for what is still missing. So a second click adds nothing, and neither does a click after a resend that succeeded.
#
# The condition is a part of the INSERT. With a SELECT before it, two clicks at the same moment could both find nothing, and both insert (check-then-act, as in exercise 13.4).
#
# The owner gets one notice, and not one per dead letter: an endpoint that is down for a night has hundreds of them. The next notice comes only after the owner has seen this one.

# %% [markdown]
# ## The dashboard of your provider
#
# The page in front of such a portal is an **endpoint dashboard**. The kit has one for your tables. The next cell places three orders with your `place_order`, and then writes the results that a worker might have stored.

# %%
import tempfile
import time
from pathlib import Path

from labkit.dashboard import Dashboard
from labkit.exercises.lab13_be_the_provider import connect

provider_file = Path(tempfile.mkdtemp()) / "provider.db"
provider = connect(provider_file)
hour_ago = int(time.time()) - 3600
with provider:
    provider.execute(
        "INSERT INTO endpoints (id, url, secret) VALUES (?, ?, ?)",
        ("ep_shop", "https://shop.example/webhooks", "whsec_c2hvcHNob3BzaG9w"),
    )
try:
    for number in range(3):
        order = {"order_id": f"A-{number}", "amount": 1999, "placed_at": hour_ago}
        place_order(provider, order)
except NotImplementedError:
    print("write place_order first")

with provider:
    for delivery, state, statuses in (
        (1, "delivered", [503, 204]),
        (2, "dead", [500, None, 500]),
    ):
        provider.execute(
            "UPDATE deliveries SET state = ?, made = ? WHERE id = ?",
            (state, len(statuses), delivery),
        )
        for made, status in enumerate(statuses, 1):
            provider.execute(
                "INSERT INTO attempts SELECT id, event, endpoint, ?, ?, ?, ?"
                " FROM deliveries WHERE id = ?",
                (made, hour_ago + 60 * made, status, b"", delivery),
            )
    provider.execute(
        "INSERT INTO notices SELECT endpoint, event, ?, 0 FROM deliveries"
        " WHERE state = 'dead'",
        (hour_ago + 200,),
    )

# %% [markdown]
# Choose the dead letter in the list, and read its attempts and its payload. Then resend it, and look at what changed.
# Disable the endpoint, and try to resend again. Where is the notice to the owner, and how does the owner mark it as seen?

# %% tags=["nbval-ignore-output"]
Dashboard(provider_file)

# %% [markdown]
# The page itself sends nothing. *Resend* adds a delivery of the same event that is due now, and a worker makes the attempts.
# Your `portal` does the same on the same rows. The next cell asks it for the list. Then change the request, and resend the dead letter a second time. What happens, and why?

# %% tags=["nbval-ignore-output"]
try:
    for row in portal(
        provider, time.time(), {"action": "list", "endpoint": "ep_shop", "state": None}
    ):
        print(row)
except NotImplementedError:
    print("write portal first")

# %% [markdown]
# ## Rotating a secret
#
# In lab 05 you replaced the secret of a receiver. Now you are on the other side.

# %%
predict("13-overlap", "b")

# %% [markdown]
# ## Exercise 13.8
#
# During the overlap, the provider signs with both secrets. Write the function that returns the secrets for one attempt.


# %%
def live_secrets(endpoint, now):
    """Return the list of the secrets with which to sign an attempt at the time `now`.

    `endpoint` is a dictionary with `secret`, `old_secret` and `old_until`; the last
    two are None if there was no rotation.

    The first one is always `secret`. As long as `now` is before `old_until`, the
    second one is `old_secret`. From `old_until` on, the old secret is not used. If
    `old_secret` or `old_until` is None, there is only `secret`. No secret is in the
    list twice. If `secret` is None or an empty string, raise ValueError: nothing
    may be signed with an empty key.

    The check does not test the form of the secrets.
    """
    # BEGIN SOLUTION
    secret, old = endpoint["secret"], endpoint["old_secret"]
    until = endpoint["old_until"]
    if not secret:
        raise ValueError("the endpoint has no secret")
    if old and until is not None and now < until and old != secret:
        return [secret, old]
    return [secret]
    # END SOLUTION


check("13.8", live_secrets)

# %% [markdown] tags=["solution"]
# **Explained.** The function is called for each attempt, so a retry is signed with the secrets that are valid at that time, and not with those of the first attempt.
#
# The old secret becomes invalid by itself. Nobody has to remember to delete it. This is important if it has leaked.

# %% [markdown]
# In the next cell, the kit's verifier acts as a receiver that switches to the new secret in the middle of the overlap.

# %%
from labkit.errors import VerificationError
from labkit.signing import SCHEMES

OLD, NEW = "whsec_b2xkb2xkb2xkb2xkb2xkb2xk", "whsec_bmV3bmV3bmV3bmV3bmV3bmV3"
rotated = {"secret": NEW, "old_secret": OLD, "old_until": 7200}

for minute in (0, 45, 75, 150):
    known = OLD if minute < 60 else NEW
    try:
        new, *others = live_secrets(rotated, minute * 60)
        headers = SCHEMES["standard"].sign(
            b"{}", secret=new, id="evt_1", timestamp=minute * 60, extra_secrets=others
        )
        SCHEMES["standard"].verify(b"{}", headers, secrets=[known], now=minute * 60)
        print(minute, "min: accepted, signatures:", len(others) + 1)
    except VerificationError as error:
        print(minute, "min: rejected,", error)
    except NotImplementedError:
        print("write live_secrets first")
        break

# %% [markdown]
# ## Your provider as a program
#
# Now put the functions together. `next_due` chooses the delivery, and this version of `claim` claims it. BEGIN IMMEDIATE keeps other writers out of the file, so no other worker can act between the two steps.


# %%
def claim_fairly(db, now, worker):
    with db:
        db.execute("BEGIN IMMEDIATE")
        number = next_due(db, now)
        row = db.execute(
            "UPDATE deliveries SET worker = ?, leased = ? WHERE id = ? RETURNING *",
            (worker, now + 60, number),
        ).fetchone()
    return dict(row) if row else None


# %% [markdown]
# ## A hostile month
#
# Your provider now delivers the month of lab 12: 150 orders, with the same faults of the network, the same attackers, the same incidents at the shop, and a rotation of the secret. Time is virtual.
# The receiver is your own from lab 12, if `12_night_shift.ipynb` is next to this notebook and was saved. Otherwise the kit provides one.
#
# The owner of the endpoint looks at the notices each morning at eight. If there is a new one, the owner enables the endpoint again and asks for `resend_all`.

# %%
predict("13-changed-on-the-way", "c")

# %% tags=["nbval-ignore-output"]
from labkit.exercises.lab13_be_the_provider import hostile_month, own_receiver

month = hostile_month(
    own_receiver(),
    place_order=place_order,
    attempt=attempt,
    claim=claim_fairly,
    finish=finish,
    portal=portal,
    live_secrets=live_secrets,
)
month

# %% [markdown]
# First come the counts of your provider, and then the score sheet of the receiver, as in lab 12. Here is the picture of the first delivery of each event, without the resends:

# %% tags=["nbval-ignore-output"]
month.history.timeline() if hasattr(month, "history") else month

# %% [markdown]
# Dead letters are not lost here, because the notice leads to a resend.
#
# **Change one thing:** let `portal` return at once for `notice`, and run the cells from there again. Which numbers change? Put your code back afterwards.
#
# ## Your provider under examination
#
# Finally, the real command examines your provider. The kit saves your functions in a file, adds a program that runs them in six workers, and starts it. The clock of your provider runs six times as fast as a real one, and its schedule is only 5, 20 and 60 s, so that the examination also sees what happens after the last attempt. Then the kit starts `labkit examine-sender`, which simulates endpoints that misbehave, on this machine.
# The cell runs some of the more than 40 sender probes, and takes about 30 seconds.

# %% tags=["nbval-ignore-output"]
from labkit.exercises.lab13_be_the_provider import examine_program

functions = {
    "place_order": place_order,
    "allowed": allowed,
    "attempt": attempt,
    "claim": claim_fairly,
    "finish": finish,
    "portal": portal,
    "live_secrets": live_secrets,
}
examine_program(**functions)

# %% [markdown]
# **Change one thing:** in `attempt`, replace the lines that read the body with `body = response.read()`, and run both cells again. Which probe fails?
# Put your lines back afterwards.
#
# `examine_program(probes=(), **functions)` runs every probe. That takes a few minutes.
# Then `retry.after` fails, and it shows a real gap in your provider: an endpoint may also ask for a delay with a date, and exercise 13.5 left dates open.
# Some probes stay *unknown*, each with its reason. For example, `ssrf.metadata` and `ssrf.rebind` need a separate network (`--in-namespace`), and nobody can wait for the cap of one day in `Retry-After`.
#
# ## Remember
#
# - Write the event in the transaction of the order (transactional outbox). Writing to a database and to a queue separately is called a *dual write*: a crash between the two leaves only one of them.
# - Resolve a name once, check all of its addresses, and connect to an address that you have checked.
# - Limit the time and the size of a whole attempt. Do not follow redirects.
# - Claim a delivery in one statement or in one transaction that locks the file, and only for a limited time, because a crashed worker cannot release its claim.
# - A retry is a row with a due time. A dead letter is a row, too.
# - Limit what one endpoint can use, so that it cannot delay the others.
# - Sign with both secrets while a secret is being replaced, and let the old one expire by itself.
#
# ## Minute card
#
# Write down one thing that is clear to you now, and one that is not.
# In a class, hand it in. If you are learning on your own, read it again in a week.
