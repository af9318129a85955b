"""Lab 03: what to believe of a body, and what to answer when it is not believed.

bodies.py     what the checks send, good and bad
parse.py      exercise 3.1
dispatch.py   exercise 3.2
endpoint.py   exercise 3.3
"""

from labkit.checks.predictions import Choice, Prediction
from labkit.exercises.lab03_payloads.dispatch import DISPATCH
from labkit.exercises.lab03_payloads.endpoint import ENDPOINT
from labkit.exercises.lab03_payloads.parse import PARSE

EXERCISES = (PARSE, DISPATCH, ENDPOINT)

PREDICTIONS = (
    Prediction(
        id="03-added-field",
        question=(
            'The provider adds a field to its payments: "method": "card". The shop '
            "answers 400 to fields that it does not know. What becomes of a payment "
            "with the new field?"
        ),
        choices={
            "a": Choice(
                "The provider notices the 400, leaves the field out and sends again.",
                "Every retry sends the very same bytes. The provider has thousands of "
                "receivers and looks at none of them.",
            ),
            "b": Choice(
                "It is sent again for days, refused each time, and given up.",
                "To this sender a 4xx is a failed attempt like any other. The tenth "
                "attempt meets the same strict shop as the first.",
            ),
            "c": Choice(
                "A 400 is final: it is sent once and given up.",
                "Some senders do that, SendGrid's inbound mail for one. Most try again "
                "whatever the status, and this one does.",
            ),
        },
        right="b",
    ),
    Prediction(
        id="03-unknown-type",
        question=(
            "The CRM sends contact.created to the same address. The shop has handlers "
            "for payments and pushes, and looks them up with handlers[type]. What does "
            "the CRM hear?"
        ),
        choices={
            "a": Choice(
                "404: there is no handler of that name.",
                "404 is about the path, and the path was right. The look-up failed "
                "inside of your function, and Flask knows nothing of types.",
            ),
            "b": Choice(
                "200: Flask passes over what nobody handles.",
                "Flask answers what your function returns, and it did not come to "
                "return anything: it raised a KeyError.",
            ),
            "c": Choice(
                "500, and again at every retry.",
                "The look-up raises a KeyError, and Flask makes a 500 of it. To the "
                "sender that is a broken receiver, so it tries again for days.",
            ),
        },
        right="c",
    ),
    Prediction(
        id="03-chunked",
        question=(
            "The limit is 10 bytes and 25 come, chunked: the request has no "
            "Content-Length. What does the app answer?"
        ),
        choices={
            "a": Choice(
                "413, as with a Content-Length.",
                "So one would think. But the 413 came from the Content-Length alone, "
                "before a byte was read, and here there is none.",
            ),
            "b": Choice(
                "200, and it got all 25 bytes.",
                "The limit does hold, no more than 10 bytes are read. What it does "
                "with the others is the surprise.",
            ),
            "c": Choice(
                "200, and it got 10 bytes.",
                "The rest is cut off without a word. Your code works on with a part "
                "of the body and takes it for the whole.",
            ),
        },
        right="c",
    ),
)
