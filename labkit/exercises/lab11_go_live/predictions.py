"""What a learner of lab 11 is asked to foresee."""

from labkit.checks.predictions import Choice, Prediction

PREDICTIONS = (
    Prediction(
        id="11-same-json",
        question=(
            "A ping of GitHub is parsed and written again in four ways. How many of "
            "the four does its signature still fit?"
        ),
        choices={
            "a": Choice(
                "All four: they mean the same.",
                "They do. But the signature is over bytes, and a blank behind a comma "
                "is a byte.",
            ),
            "b": Choice(
                "One: without blanks it looks as it came.",
                "It looks so, until a letter comes that is no ASCII. json.dumps writes "
                "it as an escape, and GitHub does not.",
            ),
            "c": Choice(
                "One: without blanks, and with the letters left as they are.",
                "And that holds for this sender, and for this body. 1.0, a slash or "
                "a key that comes twice would make another one of it. The raw bytes "
                "always fit.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="11-reserialising-shop",
        question=(
            "A shop parses each body and checks the signature over json.dumps of the "
            "result. Three payments come. What does the sender see?"
        ),
        choices={
            "a": Choice(
                "Three acknowledged payments.",
                "The sender writes its JSON without blanks and json.dumps writes it "
                "with blanks, so no signature fits.",
            ),
            "b": Choice(
                "A refusal each time, for days, and three dead letters.",
                "The secret is right, the sender is right, and each retry is refused "
                "as well: the same code reads it.",
            ),
            "c": Choice(
                "A refusal at first, and an acknowledgement at the second attempt.",
                "A retry brings the same body, and the same code writes it anew.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="11-half-a-frame",
        question=(
            "A stream writes an id line and a data line for each of three payments, "
            "and forgets the blank lines. How many events does the page get?"
        ),
        choices={
            "a": Choice(
                "Three, one for each data line.",
                "A frame may have several data lines; they are put together. Only a "
                "blank line says that it is complete.",
            ),
            "b": Choice(
                "One, with all three in it.",
                "So it would be if a blank line came at the end. The page drops what "
                "is not complete.",
            ),
            "c": Choice(
                "None.",
                "The page collects lines, waits for a blank one, and shows nothing. No "
                "error says why.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="11-monday",
        question=(
            "Monday's request was refused: signature does not match. Somebody wants to "
            "replace the secret. What would you look at first?"
        ),
        choices={
            "a": Choice(
                "The provider's status page.",
                "The request did arrive. What you hold in your hands tells more than "
                "what you could be told.",
            ),
            "b": Choice(
                "Nothing: replace the secret, it costs nothing.",
                "It costs an hour, and every delivery in between. And if the secret "
                "was right, the next request is refused as well.",
            ),
            "c": Choice(
                "Whether the signature fits the raw body.",
                "That parts two causes with the same error text: if it fits, the "
                "secret is right, and the code looked at other bytes.",
            ),
        },
        right="c",
    ),
)
