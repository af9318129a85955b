"""Receivers that the tests send to."""

from flask import Flask, request


def shop(shipped: list[str], *, status: int = 200) -> Flask:
    """Return a receiver that notes the id of each event and answers `status`."""
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        shipped.append(request.get_json()["id"])
        return "", status

    return app
