"""The predictions of lab 11."""

from labkit.checks.predictions import Choice, Prediction

PREDICTIONS = (
    Prediction(
        id="11-same-json",
        question=(
            "A ping of GitHub is parsed and serialised again in four ways. For how "
            "many of the four does its signature still match?"
        ),
        choices={
            "a": Choice(
                "All four: they mean the same.",
                (
                    "They do. But the signature covers bytes, and a space after a "
                    "comma is a byte."
                ),
            ),
            "b": Choice(
                "One: without spaces it looks as it was received.",
                (
                    "It does, until it contains a character that is not ASCII. "
                    "json.dumps writes it as an escape, and GitHub does not."
                ),
            ),
            "c": Choice(
                "One: without spaces, and with the characters unchanged.",
                (
                    "And that is true only for this sender and this body. With "
                    "1.0, a slash or a duplicate key it would not match either. "
                    "The raw body always matches."
                ),
            ),
        },
        right="c",
    ),
    Prediction(
        id="11-reserialising-shop",
        question=(
            "A shop parses each body and checks the signature over json.dumps of "
            "the result. Three payments arrive. What does the sender see?"
        ),
        choices={
            "a": Choice(
                "A rejection each time, for days, and three dead letters.",
                (
                    "The secret is right and the sender is right, but the same "
                    "code rejects each retry as well."
                ),
            ),
            "b": Choice(
                "Three acknowledged payments.",
                (
                    "The sender writes its JSON without spaces, and json.dumps "
                    "adds spaces, so no signature matches."
                ),
            ),
            "c": Choice(
                ("First a rejection, then an acknowledgement at the second attempt."),
                ("A retry has the same body, and the same code serialises it again."),
            ),
        },
        right="a",
    ),
    Prediction(
        id="11-half-a-frame",
        question=(
            "A stream writes an id line and a data line for each of three "
            "payments, but no blank lines. How many events does the page get?"
        ),
        choices={
            "a": Choice(
                "Three, one for each data line.",
                (
                    "A frame may have several data lines; the browser joins them. "
                    "Only a blank line completes the frame."
                ),
            ),
            "b": Choice(
                "None.",
                (
                    "The page collects lines, waits for a blank one, and shows "
                    "nothing. There is no error message."
                ),
            ),
            "c": Choice(
                "One, which contains all three.",
                (
                    "That would be true if a blank line came at the end. The "
                    "browser drops an incomplete frame."
                ),
            ),
        },
        right="b",
    ),
    Prediction(
        id="11-monday",
        question=(
            "Monday's request was rejected: the signature does not match. Someone "
            "wants to replace the secret. What do you look at first?"
        ),
        choices={
            "a": Choice(
                "The provider's status page.",
                (
                    "The request did arrive. Your capture contains more facts than "
                    "that page."
                ),
            ),
            "b": Choice(
                "Nothing: replace the secret, because it costs nothing.",
                (
                    "It costs an hour, and every delivery in between. And if the "
                    "secret was right, the next request is rejected as well."
                ),
            ),
            "c": Choice(
                "Whether the signature matches the raw body.",
                (
                    "This separates two causes with the same error message. If it "
                    "matches, the secret is right, and the code checked other "
                    "bytes."
                ),
            ),
        },
        right="c",
    ),
)
