"""What lab 13 asks before its experiments; the numbers come from real senders."""

from labkit.checks.predictions import predictions

PREDICTIONS = predictions("""
    13-dual-write (b): A shop commits the order and then puts the event into a queue.
        The queue is down while three orders are placed. How many of the three events
        does django-webhook, one of the seven senders, deliver later?
    a: All three, as soon as the queue is back.
        Answer: Nothing has stored them. The library put the event into the queue after
        the commit, and the call failed.
    b: None: three orders were committed, and no event.
        Answer: This was measured with django-webhook. Two systems were written one
        after the other (a dual write), and the second write failed.
    c: None, but the three orders were rolled back as well.
        Answer: The commit came first. A committed order cannot be rolled back when the
        call to the queue fails.
    13-spellings (c): A customer registers the endpoint http://[::]:8000/. The sender
        has a guard that refuses loopback addresses (the machine itself) and private
        addresses (an internal network). [::] is an IPv6 address, with zeros only. What
        did one of the seven senders do?
    a: It refused the URL, because [::] is a loopback address.
        Answer: [::] is the unspecified address, not the loopback address. A list of
        forbidden kinds must name it, and this guard did not.
    b: It could not parse the URL.
        Answer: It is a valid URL. The brackets enclose an IPv6 address.
    c: It sent the request to its own machine.
        Answer: Linux connects to this machine if the address is [::]. A rule that lists
        what is allowed (`is_global`) refuses it without naming it.
    13-killed (b): A sender's process is killed between two attempts of a delivery. Its
        queue has a visibility timeout of one hour. When does the next attempt come
        after the restart?
    a: At the time that the retry schedule says.
        Answer: The queue believes that the killed worker still has the task. Nobody
        else gets it before the visibility timeout is over.
    b: After up to one hour.
        Answer: This was measured with django-webhook on Celery and Redis. A lease has
        to be long enough for one attempt, and not much longer.
    c: Never, because the task was in the memory of the process.
        Answer: That happened with another sender (MLflow). This queue is in Redis, so
        the task is not lost.
    13-retry-after-6-hours (c): A single worker sends events to many endpoints, one
        after the other, and sleeps when an endpoint asks for a delay. One endpoint
        responds with 429 and Retry-After: 21600. Who waits for six hours?
    a: Nobody: a sender ignores such a long delay.
        Answer: A sender that uses the library urllib3 waits for up to six hours.
    b: Only the endpoint that asked for it.
        Answer: The worker itself sleeps, so it sends nothing else. With one of the
        seven senders, ten responses with a Retry-After of 20 s delayed a healthy
        endpoint by 58 s.
    c: All endpoints behind it.
        Answer: The worker sleeps during the attempt. A retry has to be a row with a due
        time, and not a sleep.
    13-one-bad-night (b): A receiver responds with 404 for one night, and the deliveries
        of 400 events end as dead letters. In the morning the owner asks for a resend of
        all of them. Nothing seems to happen, so the owner clicks again. What should the
        second click add?
    a: 400 deliveries, because the owner has asked for them.
        Answer: Each event would then arrive twice. The receiver has just been repaired,
        and gets twice the load.
    b: One delivery for each event that is neither delivered nor pending.
        Answer: The owner wants the events that are missing. After the first click all
        of them are pending, so the second click adds none.
    c: Nothing: a second resend must be refused for some hours.
        Answer: If the receiver fails again in a few minutes, the owner needs another
        resend. The state of the events decides, not the time.
    13-overlap (b): You replace the secret of an endpoint at 12:00 and tell its owner by
        e-mail. From 12:00 on you sign with the new secret alone. What happens to the
        deliveries until the owner has read the e-mail?
    a: The receiver accepts them, because it tries all known secrets.
        Answer: It knows only the old secret until its owner enters the new one.
    b: The receiver rejects all of them.
        Answer: So a provider should sign with both secrets for some time, and the
        receiver may switch whenever it likes.
    c: The receiver rejects the first attempts; the retries use the old secret.
        Answer: A retry is signed like any other attempt, with the secrets that are
        valid at this time.
    13-one-byte (c): A sender calls `requests.post(url, timeout=3)`. The endpoint sends
        one byte of its response per second, and never stops. When does the call return?
    a: After 3 seconds, with a timeout.
        Answer: The timeout applies to each wait for bytes, not to the whole call. One
        byte per second ends each wait in time.
    b: After 3 bytes.
        Answer: The number 3 is in seconds, and it applies to each read.
    c: Never, as long as the endpoint keeps sending.
        Answer: All six senders that were tested were still waiting after 60 s, with
        timeouts from 3 to 10 s or with none. Only a deadline for the whole attempt
        helps.
    13-raise-for-status (b): In one `try` block, a sender calls `requests.post(…)` and
        then `response.raise_for_status()`, which raises an exception for a 4xx or 5xx.
        In `except RequestException as error`, which catches all exceptions of
        `requests`, it compares `error.response.status_code`. The endpoint resets the
        connection. What happens?
    a: The sender retries, because a reset is a RequestException.
        Answer: The handler is reached, but then it fails: there is no response.
    b: The handler raises AttributeError, and the event is lost.
        Answer: `error.response` is None after a reset. This was measured with
        django-webhook: the task ends, and nobody tries again.
    c: `raise_for_status()` raises for the status 0.
        Answer: Without a response there is no status, and `raise_for_status` is never
        called.
    13-changed-on-the-way (c): A body is changed in transit, so the receiver responds
        with 401. What happens to this event at your provider?
    a: It is retried after some seconds, and then it is delivered.
        Answer: Your `finish` (exercise 13.5) retries only after these results: no
        response, 408, 425, 429 and 5xx. A 401 is not among them.
    b: It is lost, because nobody retries a 401.
        Answer: It is a dead letter, and not lost: the event is in the table. The owner
        gets a notice, and can ask for a resend.
    c: It becomes a dead letter, and arrives after the owner's resend.
        Answer: A 401 ends the delivery. The notice tells the owner, and `resend_all`
        finds the event, because it was never delivered.
""")
