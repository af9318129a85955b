"""What a learner of lab 10 is asked to foresee."""

from labkit.checks.predictions import predictions

PREDICTIONS = predictions("""
    10-happy (a): The test signs a payment and asserts that the verifier accepts it. It
        runs on 27 broken verifiers. How many of them fail this test?
    a: Three.
        Answer: The test finds those that reject this very payment, and is said to kill
        them. All the others work correctly for legitimate requests.
    b: Thirteen, about half.
        Answer: Then half of them would fail on a legitimate payment. Someone finds such
        bugs on the first day, without a test.
    c: Twenty-four: a verifier with a bug does not verify.
        Answer: It does verify ordinary requests. Most bugs affect only unusual
        requests.
    10-random (b): Seven are killed now. You add a loop with a thousand random headers,
        all of which the verifier must reject. How many of the 27 are killed then?
    a: All of them, or nearly: a thousand attempts find everything.
        Answer: Each of the thousand is as far from a correct signature as the next one.
        They test the same thing a thousand times.
    b: Ten.
        Answer: Random headers kill the three that fail on an empty header, on an
        unusual character, or on a missing equals sign. They never reach any other part
        of a verifier.
    c: Still seven: randomness finds nothing.
        Answer: It finds simple cases that nobody thought of: among a thousand headers
        there is an empty one, and many contain an é.
    10-shop (c): Someone changes the amount in the body of a legitimate delivery, but
        not its headers. What does the first shop do?
    a: It ships, because it parses the JSON before the check.
        Answer: It does parse early. But re-serialised, it is still another amount, and
        the signature matches neither form.
    b: It returns 400, because the length of the body changed.
        Answer: Nothing compares lengths here, and the new amount has as many digits as
        the old one.
    c: It returns 401.
        Answer: Both checks of the signature use the changed amount. An ordinary forgery
        does not show the bug of this shop.
    10-lever (a): The probe `duplicate.in-turn` sends one event five times. The
        examination sees the responses, but it cannot see whether parcels are shipped.
        All five responses are 2xx. What does it report?
    a: unknown.
        Answer: You cannot tell from outside what the receiver did with the five. A
        report that says "passed" about something that nobody observed is worse than no
        report.
    b: passed: a receiver must acknowledge a duplicate, and it did.
        Answer: It must acknowledge the duplicate and do nothing else. The response does
        not show the second half.
    c: failed: it acknowledged an event that it knew already.
        Answer: It must: if a receiver rejects a duplicate, the sender tries again. Five
        times 2xx is what a correct receiver returns, and a wrong one too.
    10-swallow (b): A release catches the exception of `ship` and returns 204. For half
        an hour the warehouse is closed. An alert looks at the responses of the last ten
        minutes. When does it fire?
    a: After four minutes, as with the release that returns 500.
        Answer: That release told the sender about the failure. This one tells nobody.
    b: Never.
        Answer: Every attempt was acknowledged. An alert that looks at responses cannot
        see this, and no retry will fix it.
    c: Later: when the sender gives up on the first event.
        Answer: The sender gives up on nothing. It received thirty acknowledgements.
""")
