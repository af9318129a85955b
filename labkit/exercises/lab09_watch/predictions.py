"""The predictions of lab 09."""

from labkit.checks.predictions import predictions

PREDICTIONS = predictions("""
    09-inbox (a): Three requests are in the receiver's inbox. At night the program
        restarts. How many are in the inbox in the morning, when you look?
    a: None.
        Answer: The inbox is in memory, so it is gone when the program ends. If you want
        to know tomorrow what arrived today, write it to a log.
    b: Three, because they did arrive.
        Answer: They did arrive, but the inbox was in the memory of a program that has
        ended.
    c: Three, if there were fewer than a thousand.
        Answer: An inbox keeps the last thousand requests of its own receiver. The
        restart creates a new receiver with a new inbox.
    09-outage (b): A payment comes every 90 seconds. For twenty minutes a proxy in front
        of the receiver returns 503 for each of them; the sender tries again after about
        5 s, 5 min and 30 min. How many attempts have failed ten minutes after the
        beginning?
    a: Seven: one for each payment.
        Answer: There were seven payments, but each was tried more than once: the second
        attempt comes after five seconds, during the same outage.
    b: Eighteen.
        Answer: There were seven payments. Each was tried twice within seconds, and the
        four oldest a third time. Retries make an outage look larger than its number of
        events.
    c: Several hundred: the sender tries all the time.
        Answer: It waits between two attempts, longer each time. Lab 06 is about these
        waits.
    09-any-failure (c): Your first alert fires whenever an attempt of the last hour
        failed. How many false alarms does it cause in these four weeks?
    a: About five: failures are rare.
        Answer: They are rare: four attempts in a thousand. But there are twenty
        thousand attempts in a month.
    b: About ten: one every two or three days.
        Answer: Look at the calendar again: on most days there are numbers in more than
        one hour.
    c: About fifty: nearly two per day.
        Answer: One attempt fails, the next one succeeds, and nobody needs to know. Of
        fifty-eight alerts, five are real. Nobody looks at the fifty-ninth.
    09-half (a): The next alert fires if more than half of the attempts of the last hour
        failed. At 11:48 the receiver crashes, and every connection is refused. When
        does the alert fire?
    a: After about twenty minutes.
        Answer: For that long, the good attempts of the hour before outweigh the bad
        ones. Without retries it would take half an hour.
    b: Within five minutes, because every attempt fails.
        Answer: Every attempt does fail. But the hour that the alert looks at contains
        forty good attempts from before.
    c: After an hour, when the good attempts have left the window.
        Answer: Half of them is enough. Also, each failed event is retried after 5
        seconds and after 5 minutes, so the bad attempts accumulate faster.
    09-silence (b): From 2:00 to 3:30 at night, a backup prevents the shop from
        responding. A payment comes every 15 minutes. The provider disables an endpoint
        after 8 failures in a row. At nine in the morning the shop has been working for
        hours. What does an alert that looks at the last hour see?
    a: Many attempts, all acknowledged, because the waiting events arrive now.
        Answer: That would be true for a provider that keeps retrying. This one disabled
        the endpoint after eight failures, at about twenty past two.
    b: Nothing at all.
        Answer: There is no attempt, so there is no failure and no alert. From outside
        it looks like a quiet night that does not end.
    c: Failed attempts: the alert fires until someone looks.
        Answer: It fired for a while. Then the provider stopped sending, so no attempt
        could fail.
    09-dead (c): In the end eleven deliveries are dead letters: the sender gave up on
        them. For how many of these eleven did the shop ship a parcel nevertheless?
    a: None: dead means that they did not arrive.
        Answer: Dead means that the sender received no acknowledgement. It does not say
        what the receiver did.
    b: All eleven.
        Answer: For most of them the connection was refused, so the shop did nothing.
    c: Three.
        Answer: These are from the time when the responses were lost. The shop
        acknowledged them, but the sender did not receive the responses.
""")
