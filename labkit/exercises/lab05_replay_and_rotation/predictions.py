"""The predictions of lab 05."""

from labkit.checks.predictions import predictions

PREDICTIONS = predictions("""
    05-captured (b): Someone copied one signed request from a log, and an hour later
        they send exactly the same request again. What does this receiver do with the
        second request?
    a: It returns 401, because the signature was used before.
        Answer: A signature is not used up. It depends only on the secret and the body,
        and both are the same as before. The receiver does not record signatures either.
    b: It returns a 2xx and ships a second parcel.
        Answer: Every byte is authentic. The signature says who wrote the request, but
        not who sends it, when, or how often.
    c: It returns 401, because the request comes from another address.
        Answer: The receiver looks only at the signature. Some providers publish their
        addresses, but this receiver does not check them.
    05-window (a): Now the signature also covers the time, and the receiver accepts 300
        seconds in either direction. Someone sends the captured request again after 1
        minute, after 4, after 6, and after a day. Which of them does the receiver
        accept?
    a: Those after 1 and 4 minutes.
        Answer: After five minutes a captured request is worthless. To stop an earlier
        replay, the receiver must remember ids (lab 07).
    b: None, because the receiver knows this request already.
        Answer: It does not remember anything yet. Within 300 seconds the request is as
        valid as the first one.
    c: All of them, because the signature is still correct.
        Answer: The signature is correct, and it proves the time as well. A request that
        is provably a day old is rejected.
    05-fresh-timestamp (c): The attacker adapts, and writes the current time into the
        webhook-timestamp header of the captured request. What does the receiver return?
    a: 200: the time is right and the signature is authentic.
        Answer: It is authentic for another time. The timestamp is a part of the signed
        content.
    b: 401: the time is too far in the future.
        Answer: The time is the current one, so the window accepts it. Something else is
        wrong.
    c: 401: the signature no longer matches.
        Answer: The signature covers the time together with the id and the body. To
        change one of the three, you need the secret.
    05-late-retry (b): The shop is down for ten hours. Then a legitimate retry of a
        payment from before the outage arrives, and the receiver accepts 300 seconds.
        Does it reject the retry as too old?
    a: Yes: the payment is many hours old. The tolerance must be longer than the longest
        retry schedule.
        Answer: Then an attacker could use a captured request for three days. Look at
        which time the header contains.
    b: No: the sender signs each attempt with the time of that attempt.
        Answer: The id stays the same in all attempts, but the time and the signature
        are new. So the window can be narrow.
    c: No: the receiver makes an exception for a retry.
        Answer: In this scheme nothing in a request says that it is a retry. For the
        receiver, it may be the first one that arrived.
    05-two-signatures (a): The provider has a new secret and signs each request twice,
        with the old secret and with the new one. Which receivers accept the request?
    a: One that knows the old secret, one that knows the new one, and one that knows
        both.
        Answer: Each of them finds a signature that matches. That is the purpose of two
        signatures: the receiver may switch at any time.
    b: Only one that knows both secrets.
        Answer: One matching signature is proof enough. The sender of this request knows
        a secret that only the two of you have.
    c: Only one that knows the old secret, because that signature comes first.
        Answer: That is the bug of a receiver that reads only the first signature. The
        header is a list, and its order has no meaning.
    05-short-rotation (c): e: the provider creates a new secret. a: the receiver accepts
        only the new secret. g: the provider signs only with the new secret. The three
        steps are 20 seconds apart. What happens to the payments?
    a: The receiver accepts all of them, because at the end both sides have the new
        secret.
        Answer: At the end they do. But payments also arrive in between.
    b: The receiver rejects those that arrive between step a and step g, and no others.
        Answer: Almost. There is one more: look for a payment that was signed before
        step g and arrived after it.
    c: The receiver rejects those that arrive between step a and step g, and one that
        was in transit during step g.
        Answer: From step a on, the receiver knows only the new secret. So it rejects
        every request signed with the old one, and one of these arrives after step g.
""")
