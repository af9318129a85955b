"""The way into a receiver through Flask, on its own threaded server."""

from flask import Flask, Response, request
from werkzeug.serving import make_server

from tests.receivers.shop import Letter, Shop


def make_app(shop: Shop) -> Flask:
    app = Flask(__name__)
    # One byte more than is taken: a chunked body is cut off here without an error.
    app.config["MAX_CONTENT_LENGTH"] = shop.limit + 1

    @app.post("/webhooks")
    def webhooks() -> Response:
        headers = {name.lower(): value for name, value in request.headers}
        letter = Letter(headers, request.get_data(), request.url)
        return Response(status=shop.answer(letter))

    @app.get("/effects")
    def effects() -> str:
        return str(shop.ledger.effects())

    return app


def serve(shop: Shop, port: int) -> None:
    make_server("127.0.0.1", port, make_app(shop), threaded=True).serve_forever()
