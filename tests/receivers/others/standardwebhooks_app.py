"""The reference library of Standard Webhooks under Flask.

Source: github.com/standard-webhooks/standard-webhooks, libraries/python/README.md.
"""

import os
from pathlib import Path

from flask import Flask, Response, request
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

app = Flask(__name__)


@app.post("/webhooks")
def webhook() -> Response:
    wh = Webhook(os.environ["SECRET"])
    try:
        event = wh.verify(request.get_data(), dict(request.headers))
    except WebhookVerificationError:
        return Response(status=400)
    if event["type"] == "invoice.paid":
        with Path(os.environ["LEDGER"]).open("a") as ledger:
            ledger.write(f"{request.headers['webhook-id']}\n")
    return Response(status=204)


app.run(port=int(os.environ["PORT"]))
