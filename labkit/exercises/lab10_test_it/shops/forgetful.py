"""10.3: a shop that keeps ids for as long as a timestamp is good."""

import json

from flask import Flask, request

from labkit.errors import VerificationError
from labkit.signing import SCHEMES

STANDARD = SCHEMES["standard"]


def make_shop(secret, ship, now):
    """Return a shop with the endpoint POST /webhooks."""
    app = Flask("shop")
    shipped = {}  # event id: when its parcel left

    @app.post("/webhooks")
    def webhook():
        # read the raw body
        body, headers = request.get_data(), request.headers
        # check the signature, check the time window: 300 s either way
        try:
            STANDARD.verify(body, headers, secrets=[secret], now=now())
        except VerificationError as error:
            return str(error), 401
        # parse
        try:
            event = json.loads(body)
        except ValueError:
            return "this is no JSON", 400
        # claim the id; older requests are refused, so older ids can go
        for known in list(shipped):
            if now() - shipped[known] > 300:
                del shipped[known]
        if event["id"] in shipped:
            return "", 200
        # do the work
        ship(event["data"]["order_id"])
        shipped[event["id"]] = now()
        # acknowledge
        return "", 204

    return app
