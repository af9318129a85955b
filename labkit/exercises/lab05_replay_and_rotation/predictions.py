"""The predictions of lab 05."""

from labkit.checks.predictions import Choice, Prediction

PREDICTIONS = (
    Prediction(
        id="05-captured",
        question=(
            "Someone copied one signed request from a log, and an hour later they "
            "send exactly the same request again. What could show this receiver that "
            "the second request does not come from the provider?"
        ),
        choices={
            "a": Choice(
                "The signature, because it was used before.",
                "A signature is not used up. It depends only on the secret and the "
                "body, and both are the same as before. The receiver does not record "
                "signatures either.",
            ),
            "b": Choice(
                "Nothing. It returns a 2xx and ships a second parcel.",
                "Every byte is authentic. The signature says who wrote the request, "
                "but not who sends it, when, or how often.",
            ),
            "c": Choice(
                "The address that it comes from.",
                "The receiver looks only at the signature. Addresses change and can "
                "be borrowed, and few providers promise theirs.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="05-window",
        question=(
            "Now the signature also covers the time, and the receiver accepts 300 "
            "seconds in either direction. Someone sends the captured request again "
            "after 1 minute, after 4, after 6, and after a day. Which of them does "
            "the receiver accept?"
        ),
        choices={
            "a": Choice(
                "Those after 1 and 4 minutes.",
                "After five minutes a captured request is worthless. To stop an "
                "earlier replay, the receiver must remember ids (lab 07).",
            ),
            "b": Choice(
                "None, because the receiver knows this request already.",
                "It does not remember anything yet. Within 300 seconds the request is "
                "as valid as the first one.",
            ),
            "c": Choice(
                "All of them, because the signature is still correct.",
                "The signature is correct, and it proves the time as well. A request "
                "that is provably a day old is rejected.",
            ),
        },
        right="a",
    ),
    Prediction(
        id="05-fresh-timestamp",
        question=(
            "The attacker adapts, and writes the current time into the "
            "webhook-timestamp header of the captured request. What does the "
            "receiver return?"
        ),
        choices={
            "a": Choice(
                "200: the time is right and the signature is authentic.",
                "It is authentic for another time. The timestamp is a part of the "
                "signed content.",
            ),
            "b": Choice(
                "401: the time is too far in the future.",
                "The time is the current one, so the window accepts it. Something "
                "else is wrong.",
            ),
            "c": Choice(
                "401: the signature no longer matches.",
                "The signature covers the time together with the id and the body. To "
                "change one of the three, you need the secret.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="05-late-retry",
        question=(
            "The shop is down for ten hours. Then a legitimate retry of this "
            "morning's payment arrives, and the receiver accepts 300 seconds. Does "
            "it reject the retry as too old?"
        ),
        choices={
            "a": Choice(
                "Yes: the payment is ten hours old. The tolerance must be longer than "
                "the longest retry schedule.",
                "Then an attacker could use a captured request for three days. Look "
                "at which time the header contains.",
            ),
            "b": Choice(
                ("No: the sender signs each attempt with the time of that attempt."),
                "The id stays the same in all attempts, but the time and the "
                "signature are new. So the window can be narrow.",
            ),
            "c": Choice(
                "No: the receiver makes an exception for a retry.",
                "A receiver cannot tell a retry from a first attempt. It may be the "
                "first one that arrived.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="05-two-signatures",
        question=(
            "The provider has a new secret and signs each request twice, with the "
            "old secret and with the new one. Which receivers accept the request?"
        ),
        choices={
            "a": Choice(
                "One that knows the old secret, one that knows the new one, and one "
                "that knows both.",
                "Each of them finds a signature that matches. That is the purpose of "
                "two signatures: the receiver may switch at any time.",
            ),
            "b": Choice(
                "Only one that knows both secrets.",
                "One matching signature is proof enough. The sender of this request "
                "knows a secret that only the two of you have.",
            ),
            "c": Choice(
                "Only one that knows the old secret, because that signature comes "
                "first.",
                "That is the bug of a receiver that reads only the first signature. "
                "The header is a list, and its order has no meaning.",
            ),
        },
        right="a",
    ),
    Prediction(
        id="05-short-rotation",
        question=(
            "e: the provider creates a new secret. a: the receiver accepts only "
            "the new secret. g: the provider signs only with the new secret. The "
            "three steps are 20 seconds apart. What happens to the payments?"
        ),
        choices={
            "a": Choice(
                "The receiver accepts all of them, because at the end both sides have "
                "the new secret.",
                "At the end they do. But payments also arrive in between.",
            ),
            "b": Choice(
                "The receiver rejects those between a and g, and no others.",
                "Almost. There is one more: look for a payment that was signed before "
                "g and arrived after it.",
            ),
            "c": Choice(
                "The receiver rejects those between a and g, and one that was in "
                "transit during g.",
                "From a on, the receiver knows only the new secret. So it rejects "
                "every request signed with the old one, and some of these arrive "
                "after g.",
            ),
        },
        right="c",
    ),
)
