"""Lab 06: when to retry, how long to wait, what Retry-After asks for, when to give up.

statuses.py   exercise 6.1
delays.py     exercise 6.2
draws.py      many waits, and facts about them
delay_mistakes.py  the mistakes of 6.2
wishes.py     exercise 6.3
loop.py       exercise 6.4
pictures.py   how many requests arrive when, and the schedules of providers
clock.py      no real sleep in a check, and any time zone
"""

from labkit.checks.predictions import predictions
from labkit.exercises.lab06_retries.delays import NEXT_DELAY
from labkit.exercises.lab06_retries.loop import DELIVER
from labkit.exercises.lab06_retries.statuses import SHOULD_RETRY
from labkit.exercises.lab06_retries.wishes import RETRY_AFTER

EXERCISES = (SHOULD_RETRY, NEXT_DELAY, RETRY_AFTER, DELIVER)

PREDICTIONS = predictions("""
    06-outage (b): The shop returns 503 for two hours. After each failure the sender
        waits 5 s, 5 min, 30 min, 2 h and so on, each time a little longer or shorter at
        random. When is the event acknowledged?
    a: At the moment when the two hours are over.
        Answer: The sender does not know that they are over. It finds out with its next
        attempt, which the schedule determines.
    b: Some time after the two hours, with the fifth attempt.
        Answer: The first four attempts all happen within the first hour. The fifth
        comes about 2 h after the fourth. The shop is back earlier, and waits.
    c: Never: the sender gives up after four failures.
        Answer: This schedule has nine delays, so ten attempts. Some schedules are
        shorter; you will see them side by side below.
    06-down-for-good (a): Now the shop's server never comes back, and every connection
        is refused. What does the sender do over the next four days?
    a: It tries ten times in a little more than three days, then gives up.
        Answer: Nine delays mean ten attempts. Then the delivery is a dead letter: the
        provider keeps it, but does not send it again unless someone asks.
    b: It tries every hour, about 96 times.
        Answer: The delays grow from seconds to a day. A server that has been down for a
        day is unlikely to be back within the hour, so rare attempts are enough.
    c: It continues until the server responds.
        Answer: Then the sender would call every server that was ever switched off,
        forever. All senders that we know give up at some point.
    06-herd (b): At midnight 500 customers pay in the same second. The shop is down for
        a minute, so the first attempts of all 500 deliveries fail. The sender waits 1
        s, 2 s, 4 s, 8 s and so on, without randomness. How do the 500 come back after
        the minute?
    a: Spread over the next minute or so.
        Answer: Nothing spreads them. They failed together and wait equally long, so
        they come back together.
    b: All 500 in one second.
        Answer: They failed together and wait equally long, so they come back together,
        attempt after attempt. This is called a thundering herd.
    c: One after the other.
        Answer: That would need a sender that keeps a strict order. Most do not: each
        delivery has its own timer and knows nothing about the others.
    06-jitter (c): The night is the same, but now each wait is random between 0 and the
        length that it had without jitter. What changes?
    a: The requests are spread out, and in total there are fewer attempts.
        Answer: Between 0 and the upper bound, waits get shorter on average. Shorter
        waits mean more attempts within the same minute.
    b: Not much: randomness averages out over 500 events.
        Answer: The sum averages out, but the moments do not. Each delivery draws its
        own random waits, so after a few attempts the deliveries are spread out.
    c: The requests are spread out, and in total there are some more attempts.
        Answer: The waits are half as long on average, so more of them fit into the
        minute. In return, the receiver stays up.
    06-retry-after (b): The shop is up but overloaded. It responds to the first attempt
        with 429 and Retry-After: 600. The sender follows Standard Webhooks, and
        according to its schedule it would wait about 5 s. When does the second attempt
        come?
    a: After about 5 s, as the schedule says.
        Answer: Some senders do that: Convoy and Outpost ignore the header. Standard
        Webhooks asks senders to follow it, and this one does.
    b: After 10 minutes or a little later.
        Answer: The requested delay takes precedence over the schedule. This sender
        never shortens a requested delay; it only adds up to 20%, so no attempt comes
        earlier than you asked.
    c: Never: 429 is a client error.
        Answer: 429 is one of the few 4xx for which waiting helps: there are too many
        requests at the moment. Later, the same request is fine.
    06-github (c): Your receiver restarts and is down for ten seconds. During these ten
        seconds GitHub sends you a push. What happens to it?
    a: GitHub tries up to three times within a few minutes.
        Answer: Many people believe this, but GitHub's documentation says that it never
        redelivers automatically.
    b: GitHub tries again for three days, with longer and longer waits.
        Answer: Three days is how long you can request a redelivery. GitHub does nothing
        by itself.
    c: It is gone, unless you ask for it.
        Answer: GitHub tries once. Within three days, you or your own script can request
        a redelivery through the API.
    06-resend (a): The deliveries of thirteen of twenty payments became dead letters:
        for ten the connection was refused, and for three the response was lost. The
        shop is up again, and the operator resends all thirteen. How many parcels does
        the shop ship in total for the twenty payments?
    a: Twenty-three.
        Answer: A delivery is dead if the sender received no acknowledgement. The shop
        had already shipped the three whose responses were lost, and the resend ships
        them again.
    b: Twenty.
        Answer: That is what everyone hopes for. But the shop had already shipped three
        of the dead letters; only their responses were lost.
    c: Thirty-three.
        Answer: That would be true if the shop had already shipped all thirteen. For ten
        of them the connection was refused, so they never arrived.
    06-careful (b): The problem and the resend are the same, but this shop remembers the
        ids of the events that it shipped. How many parcels does it ship in total?
    a: Twenty-three, because a resend has new ids.
        Answer: A resend contains the same event, so it contains the event's id. A
        sender that creates a new id breaks every careful receiver.
    b: Twenty.
        Answer: The three events that arrive a second time have the same ids as before.
        The shop recognises them, ships nothing and returns 200.
    c: Seventeen: it drops the three whose responses were lost.
        Answer: The shop shipped these three when they first arrived. It ignores only
        the second arrival.
""")
