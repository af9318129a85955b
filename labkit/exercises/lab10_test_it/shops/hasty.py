"""10.4: a shop that claims an id before the parcel has left."""

import json

from flask import Flask, request

from labkit.errors import VerificationError
from labkit.signing import SCHEMES

GENERIC = SCHEMES["generic"]


def make_shop(secret, ship, now):
    """Return a shop with the endpoint POST /webhooks."""
    app = Flask("shop")
    claimed = set()

    @app.post("/webhooks")
    def webhook():
        # read the raw body
        body, headers = request.get_data(), request.headers
        # check the signature
        try:
            GENERIC.verify(body, headers, secrets=[secret], now=now())
        except VerificationError as error:
            return str(error), 401
        # parse
        try:
            event = json.loads(body)
        except ValueError:
            return "this is no JSON", 400
        # claim the id
        if event["id"] in claimed:
            return "", 200
        claimed.add(event["id"])
        # do the work; what ship raises becomes a 500
        ship(event["data"]["order_id"])
        # acknowledge
        return "", 204

    return app
