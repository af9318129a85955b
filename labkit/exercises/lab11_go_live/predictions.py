"""The predictions of lab 11."""

from labkit.checks.predictions import predictions

PREDICTIONS = predictions("""
    11-same-json (c): A ping from GitHub is parsed and serialised again in four ways.
        For how many of the four does its signature still match?
    a: All four: they mean the same.
        Answer: They do. But the signature covers bytes, and a space after a comma is a
        byte.
    b: One: without spaces it looks as it did when it arrived.
        Answer: It does, until it contains a character that is not ASCII. `json.dumps`
        writes it as an escape, and GitHub does not.
    c: One: without spaces, and with the characters unchanged.
        Answer: And that is true only for this sender and this body. With 1.10, an
        escaped slash or a duplicate key it would not match either. The raw body always
        matches.
    11-reserialising-shop (a): A shop parses each body and checks the signature over
        `json.dumps` of the result. Three payments arrive. What does the sender see?
    a: A rejection each time, for days, and three dead letters.
        Answer: The secret is right and the sender is right, but the same code rejects
        each retry as well.
    b: Three acknowledged payments.
        Answer: The sender writes its JSON without spaces, and `json.dumps` adds spaces,
        so no signature matches.
    c: First a rejection, then an acknowledgement at the second attempt.
        Answer: A retry has the same body, and the same code serialises it again.
    11-half-a-frame (b): A stream writes an id line and a data line for each of three
        payments, but no blank lines. How many events does the page get?
    a: Three, one for each data line.
        Answer: A frame may have several data lines; the browser joins them. Only a
        blank line completes the frame.
    b: None.
        Answer: The page collects lines, waits for a blank one, and shows nothing. There
        is no error message.
    c: One, which contains all three.
        Answer: That would be true if a blank line came at the end. The browser drops an
        incomplete frame.
    11-monday (c): On Monday a request was rejected: the signature does not match.
        Someone wants to replace the secret. What do you look at first?
    a: The provider's status page.
        Answer: The request did arrive. Your capture contains more facts than that page.
    b: Nothing: replace the secret, because it costs nothing.
        Answer: It costs an hour, and every delivery in between. And if the secret was
        right, the next request is rejected as well.
    c: Whether the signature matches the raw body.
        Answer: This separates two causes with the same error message. If it matches,
        the secret is right, and the code checked other bytes.
""")
