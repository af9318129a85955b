"""What learners are asked to expect, before each simulation of lab 05."""

from labkit.checks.predictions import Choice, Prediction

PREDICTIONS = (
    Prediction(
        id="05-captured",
        question=(
            "Somebody has copied one signed request from a log. An hour later they "
            "send the same bytes and the same headers again. The receiver checks the "
            "signature. What happens?"
        ),
        choices={
            "a": Choice(
                "401: the signature has been used already.",
                "A signature is not used up. It is computed from secret and body, and "
                "those are the same as before.",
            ),
            "b": Choice(
                "200, and a second parcel.",
                "Every byte is authentic. The signature says who wrote this, and not "
                "when, nor how often it may be read.",
            ),
            "c": Choice(
                "401: it comes from another address.",
                "The receiver looks at the signature only. Addresses change and can be "
                "borrowed; few providers promise theirs.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="05-window",
        question=(
            "Now the time of sending is signed too, and the receiver accepts 300 "
            "seconds to both sides. The captured request is sent again after 1 minute, "
            "after 4, after 6, and after a day. Which of them pass?"
        ),
        choices={
            "a": Choice(
                "Those after 1 and 4 minutes.",
                "The window makes a captured request worthless after five minutes. "
                "What comes earlier is left for the memory of ids, in lab 07.",
            ),
            "b": Choice(
                "None: the receiver knows this request already.",
                "It does not remember anything yet. Up to 300 seconds the request is "
                "as fresh as the first one.",
            ),
            "c": Choice(
                "All of them: the signature is still right.",
                "The signature is, and it proves the time as well. A request that is "
                "known to be a day old is not fresh any more.",
            ),
        },
        right="a",
    ),
    Prediction(
        id="05-fresh-timestamp",
        question=(
            "The attacker has read this far. They write the present time into the "
            "webhook-timestamp header of the captured request. What does the receiver "
            "answer?"
        ),
        choices={
            "a": Choice(
                "200: the time is right and the signature is genuine.",
                "It is genuine for another time. The timestamp is a part of what was "
                "signed.",
            ),
            "b": Choice(
                "401: the time is too far in the future.",
                "The time is the present one, so the window has nothing to say. "
                "Something else gives it away.",
            ),
            "c": Choice(
                "401: the signature does not fit any more.",
                "The time is signed together with the id and the body. Whoever changes "
                "one of the three needs the secret to sign again.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="05-late-retry",
        question=(
            "The shop is down for ten hours. Then an honest retry of this morning's "
            "payment arrives, and the receiver accepts 300 seconds. Is it refused as "
            "too old?"
        ),
        choices={
            "a": Choice(
                "No: each attempt is signed anew, with the time of that attempt.",
                "The id stays the same in all attempts, time and signature are made "
                "anew. So the window can be narrow.",
            ),
            "b": Choice(
                "Yes: the payment is ten hours old. The tolerance has to be larger "
                "than the longest schedule of retries.",
                "Then a captured request would be good for three days. Look at what "
                "the time in the header is the time of.",
            ),
            "c": Choice(
                "No: the receiver forgives a retry.",
                "To the receiver a retry looks like a first attempt; it may be the "
                "first that arrived.",
            ),
        },
        right="a",
    ),
    Prediction(
        id="05-two-signatures",
        question=(
            "The provider has a new secret and signs each request twice, with the old "
            "one and with the new one. Which receivers accept the request?"
        ),
        choices={
            "a": Choice(
                "Only one that knows both secrets.",
                "One signature that fits is proof enough. Whoever made it knows a "
                "secret that only the two of you have.",
            ),
            "b": Choice(
                "One that knows the old secret, one that knows the new one, and one "
                "that knows both.",
                "Each finds a signature that fits. That is what two signatures are "
                "for: the receiver may change over whenever it likes.",
            ),
            "c": Choice(
                "Only one that knows the old secret, because that signature comes "
                "first.",
                "That is the mistake of a receiver that reads the first signature "
                "only. The header is a list, and its order means nothing.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="05-short-rotation",
        question=(
            "e: the provider makes a new secret. a: the receiver accepts the new "
            "secret only. g: the provider signs with the new secret only. Three "
            "steps, 20 seconds apart. What happens to the payments?"
        ),
        choices={
            "a": Choice(
                "All are accepted: at the end both sides have the new secret.",
                "At the end, yes. The payments come in between as well.",
            ),
            "b": Choice(
                "Those between a and g are refused, and nothing else.",
                "Nearly. There is one more: look for a payment that was signed before "
                "g and arrived after it.",
            ),
            "c": Choice(
                "Those between a and g are refused, and one that was under way during "
                "g.",
                "From a on the receiver knows the new secret alone. So it refuses all "
                "that was signed with the old one, and some of that arrives after g.",
            ),
        },
        right="c",
    ),
)
