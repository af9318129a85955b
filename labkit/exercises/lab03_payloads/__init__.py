"""Lab 03: which parts of a body to trust, and how to respond to the others.

bodies.py              what the checks send, good and bad
parse.py               exercise 3.1
parse_mistakes.py      the mistakes of exercise 3.1
dispatch.py            exercise 3.2
dispatch_mistakes.py   the mistakes of exercise 3.2
endpoint.py            exercise 3.3
endpoint_mistakes.py   the mistakes of exercise 3.3
"""

from labkit.checks.predictions import predictions
from labkit.exercises.lab03_payloads.dispatch import DISPATCH
from labkit.exercises.lab03_payloads.endpoint import ENDPOINT
from labkit.exercises.lab03_payloads.parse import PARSE

EXERCISES = (PARSE, DISPATCH, ENDPOINT)

PREDICTIONS = predictions("""
    03-added-field (a): The provider adds a field to its payments: "method": "card". The
        shop returns 400 for unknown fields. The sender follows the Standard Webhooks
        specification. What does it do with a payment that has the new field?
    a: It sends the payment again for days. The shop rejects it each time, and the
        sender gives up.
        Answer: For Standard Webhooks, a 400 is a failed attempt like any other. The
        tenth attempt meets the same strict shop as the first.
    b: It notices the 400, removes the field and sends the payment again.
        Answer: Every retry sends exactly the same bytes. The provider has thousands of
        receivers and looks at none of them.
    c: A 400 is final: it sends the payment once and gives up.
        Answer: Some senders do that, for example SendGrid's inbound mail. Most senders
        try again, and so does this one.
    03-unknown-type (c): The CRM sends contact.created to the same address. The shop has
        handlers for payments and pushes, and looks them up with `handlers[type]`. Which
        status does the CRM get?
    a: 404, because there is no such handler.
        Answer: 404 is about the path, and the path was right. The look-up failed inside
        your function, and Flask knows nothing about event types.
    b: 200, because Flask ignores events without a handler.
        Answer: Flask returns the result of your function. But here the function did not
        return: it raised a KeyError.
    c: 500, and again for every retry.
        Answer: The look-up raises a KeyError, and Flask turns it into a 500. To the
        sender this looks like a broken receiver, so it tries again for days.
    03-chunked (b): The limit is 10 bytes, and 25 bytes arrive in chunks: the request
        has no Content-Length. What does the app do?
    a: It returns 413, as with a Content-Length.
        Answer: That would be logical. But Flask returns the 413 because of the
        Content-Length, before it reads a byte, and here this header is missing.
    b: It returns 200 and gets 10 bytes.
        Answer: Flask drops the rest without an error. Your code processes a part of the
        body as if it were the whole.
    c: It returns 200 and gets all 25 bytes.
        Answer: The limit does work: Flask reads only 10 bytes. The surprise is what it
        does with the others.
""")
