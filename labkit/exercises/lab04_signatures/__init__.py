"""Lab 04: sign, verify, and let nothing unsigned in. The cases are in `lab04/`."""

from labkit.checks.predictions import Choice, Prediction
from labkit.exercises.lab04_signatures import github, receive, sign, verify

EXERCISES = (sign.EXERCISE, verify.EXERCISE, receive.EXERCISE, github.EXERCISE)

PREDICTIONS = (
    Prediction(
        id="04-tamper",
        question=(
            "The sender signs every request, and this shop never looks at the "
            "signature. On its way, one digit of the amount is changed. What happens?"
        ),
        choices={
            "a": Choice(
                "The shop answers 400: the body does not fit its headers any more.",
                "It fits. The length is the same and the JSON is valid; nothing else "
                "in HTTP looks at what a body says.",
            ),
            "b": Choice(
                "The shop books the wrong amount, ships, and answers 200.",
                "A signature protects only those who check it. To this shop the "
                "changed request is as good as any other.",
            ),
            "c": Choice(
                "Nothing bad: what is signed can't be changed.",
                "It can be changed like any bytes. A signature lets the receiver "
                "notice, and this one does not look.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="04-refused",
        question=(
            "Now the shop verifies, and answers 401 to what does not fit. The wire "
            "changes what passes in the first second only. How does the story end?"
        ),
        choices={
            "a": Choice(
                "The event is lost: a refused request never comes back.",
                "That would be so for a sender that stops at 401. Most take anything "
                "but 2xx for a failed attempt and try again.",
            ),
            "b": Choice(
                "The sender tries again, the untouched request is accepted, and the "
                "right amount is booked once.",
                "A refusal costs an attempt, not an event. That is why it is safe to "
                "be strict.",
            ),
            "c": Choice(
                "The wrong amount is booked first and corrected by the second attempt.",
                "The signature is checked before any work. The first attempt left "
                "nothing behind that would need correcting.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="04-one-space",
        question=(
            "A program reads the body as JSON and writes it anew. The content is the "
            "same, but there is a space after each colon and comma now. How many of "
            "the 64 digits of the signature change?"
        ),
        choices={
            "a": Choice(
                "None: the content is the same.",
                "HMAC knows no JSON. It sees bytes, and these are other bytes.",
            ),
            "b": Choice(
                "About as many as there are new spaces.",
                "The digits do not stand for places in the body. Each of them depends "
                "on every byte.",
            ),
            "c": Choice(
                "Nearly all of them.",
                "Each digit comes out anew, and by chance one in sixteen stays the "
                "same. One changed bit does as much.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="04-guess",
        question=(
            "A comparison stops at the first difference, and you can tell how far it "
            "came. How many guesses do you need at most for a signature of 8 hex "
            "digits?"
        ),
        choices={
            "a": Choice(
                "4,294,967,296: 16 choices for each of 8 digits, so 16 to the power "
                "of 8.",
                "So many it takes when a guess says only right or wrong. Here every "
                "guess tells how much of it was right.",
            ),
            "b": Choice(
                "128: 16 guesses for each of 8 digits.",
                "The digits are found one after the other. The power has become a "
                "product, and for 64 digits that is 1,024 guesses.",
            ),
            "c": Choice(
                "8: one for each digit.",
                "A guess tells whether a digit is right, not which one would be. It "
                "takes up to 16 to find it.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="04-replay",
        question=(
            "Somebody has captured one authentic request and sends it twice, today and "
            "tomorrow, unchanged. The shop verifies. What does it do tomorrow?"
        ),
        choices={
            "a": Choice(
                "It answers 401: the signature has been used.",
                "Nobody wrote down that it was used. Verifying keeps no memory.",
            ),
            "b": Choice(
                "It answers 401: the signature is a day old.",
                "This scheme signs the body and nothing else. There is no time in it "
                "that could be too old.",
            ),
            "c": Choice(
                "It ships a second parcel.",
                "The signature says who wrote these bytes. It does not say when they "
                "were sent, or how often.",
            ),
        },
        right="c",
    ),
)
