"""The predictions of lab 12, before each run and in the incidents."""

from labkit.checks.predictions import predictions

PREDICTIONS = predictions("""
    12-naive (a): The naive receiver ships for every event and returns 204, whatever
        happens. Five aspects are scored. In which one does it get full marks?
    a: late: it responds to each request immediately.
        Answer: It responds fast and always with 204; that is all it does well. It also
        accepts every forged request.
    b: lost: it ships for every event.
        Answer: It tries to. If `ship` raises, the receiver swallows the exception and
        returns 204, so the provider does not try again.
    c: alerts: it never causes a false alarm.
        Answer: It never pages at all. It misses two incidents, and each costs ten
        points.
    12-signed (b): The next receiver returns 401 if a request is too old or not
        authentic, and is naive otherwise. Some of the provider's own attempts arrive
        damaged, so it rejects them too. What happens to the number of lost payments?
    a: It grows, because the provider does not repeat rejected requests.
        Answer: A 401 is not a 2xx, so the provider tries again, and the next attempt is
        usually undamaged. A rejection loses nothing.
    b: It falls by about two; most of these payments are still lost.
        Answer: The receiver no longer acknowledges damaged requests, which saves those
        payments. The others are lost because it returns 204 after a failure.
    c: It falls to zero.
        Answer: The signature keeps attackers out. It does nothing about a parcel
        service that is down while you return 204.
    12-honest (c): Now the receiver does not catch exceptions, so Flask returns 500. No
        payment is lost any more. What happens to the number of doubled ones?
    a: It falls, because errors are handled now.
        Answer: The provider learns of the errors and sends the event again. But it
        cannot know whether the parcel was shipped before the error.
    b: It stays the same: the two have nothing to do with each other.
        Answer: They do. The fix for lost payments is the retry, and a retry of finished
        work is a second parcel.
    c: It grows.
        Answer: `ship` may time out after it has acted. The 500 causes a retry, and the
        retry a second parcel. So you need an idempotency key, and you must remember
        ids.
    12-first-look (b): Since two o'clock some requests get a 401 and others do not.
        Nobody has deployed anything. What do you do first?
    a: Block the address, because someone sends forged requests.
        Answer: Then you block the provider. Look at the ids: a request that is rejected
        in one line is accepted in a later one, with the same id.
    b: Open one rejected request in the inspector.
        Answer: A 401 says that something did not match. One captured request shows
        whether it is the secret, the bytes, or the clock.
    c: Disable the check until morning, so that nothing is lost.
        Answer: Nothing is lost: the provider repeats every rejected event. Without the
        check, anyone who knows your address can send forged events until morning.
    12-first-cause (a): The signature does not match: the secret or the content is
        different. The same event is rejected at 02:15:05 and accepted at 02:19:14. What
        is the cause?
    a: The provider is rotating its secret: it signs some requests with the old one, and
        some with the new one.
        Answer: Some of its machines already have the new secret. You reject their
        requests, and accept a retry that comes from a machine with the old one.
    b: The body was changed in transit.
        Answer: Seven times in 35 minutes, exactly from two o'clock on, and never
        before? A network that damages requests does not follow the clock.
    c: Your clock is wrong.
        Answer: Then the inspector would say so: the signature would match, but not the
        time. Here the signature does not match.
    12-second-log (a): The provider writes: your endpoint has been failing since two.
        Your log shows 204 in every line. Who is right?
    a: The provider: your responses came after its timeout.
        Answer: Look at the seconds. The provider waits for 20, and your 204 took 22.
        The log shows what you sent, not whether the provider received it.
    b: You: you acknowledged every request.
        Answer: You responded to every one. But look at the seconds, and at how soon the
        same id arrives again: the provider had given up waiting by then.
    c: Both: the network loses the responses.
        Answer: Then it would lose fast responses as well. Only the lines with 22
        seconds are followed by a duplicate.
    12-second-cure (c): The parcel service will be slow again. Which change avoids the
        timeout and loses nothing?
    a: Return 204 first, and ship in a thread.
        Answer: If the process crashes, its threads are gone, and the provider has its
        204. This is fast, but it loses parcels.
    b: Acknowledge every duplicate at once, without a check.
        Answer: A request that looks like a duplicate may be the first one that reaches
        you, after a refused connection. Check the file, as this receiver does.
    c: Store the event in the file, acknowledge it, and ship from there.
        Answer: Store it durably, then return the 204, and then let a worker do the
        work. The worker may crash and continue (lab 08).
    12-third-silence (b): It is five past four. Nobody was paged, the log shows no
        error, and its last line is from 02:03:45. The 14 lines before these four are
        from the same hours of last Sunday. Is this a quiet night?
    a: Yes: there is no error and no alert, and little happens at night.
        Answer: On Sundays at two the subscriptions are renewed: last week there were 14
        payments, and today there are four. Missing traffic causes no errors.
    b: No: payments are missing that should have come at this hour.
        Answer: Tonight's log cannot show requests that never came. But last Sunday's
        log has 14 lines for this hour, and tonight's has four. Next, look at the
        provider's page: is the endpoint still enabled?
    c: You cannot know before you have asked the provider.
        Answer: You do not need the provider for this: your own log of last Sunday shows
        what this hour looks like when everything works.
    12-third-back (c): The provider has disabled the endpoint, and ten deliveries are
        dead letters. The maintenance page is gone. How do you get these ten payments,
        and as few duplicates as possible?
    a: Enable the endpoint, and wait for the retries.
        Answer: The provider has given up on the dead letters, so no retry comes. The
        enabled endpoint gets only new events.
    b: Enable the endpoint, and resend the whole of March.
        Answer: With this receiver it would work. But the provider would also send
        everything else a second time, at four in the morning.
    c: Enable the endpoint, and resend the dead letters.
        Answer: The provider signs them again, and they keep their ids. So the time
        window accepts them, and the file recognises duplicates. The shop ships ten
        parcels.
""")
