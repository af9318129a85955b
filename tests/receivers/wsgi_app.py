"""The way into a receiver through plain WSGI, on waitress."""

from collections.abc import Callable, Iterable
from typing import Any

import waitress

from tests.receivers.shop import Letter, Shop

Start = Callable[[str, list[tuple[str, str]]], object]


def make_app(shop: Shop) -> Callable[[dict[str, Any], Start], Iterable[bytes]]:
    def app(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        status, text = _answer(shop, environ)
        body = text.encode()
        start(f"{status} .", [("Content-Length", str(len(body)))])
        return [body]

    return app


def _answer(shop: Shop, environ: dict[str, Any]) -> tuple[int, str]:
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    if (method, path) == ("GET", "/effects"):
        return 200, str(shop.ledger.effects())
    if path != "/webhooks":
        return 404, ""
    if method != "POST":
        return 405, ""
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH")
    }
    body = environ["wsgi.input"].read(shop.limit + 1)
    return shop.answer(Letter(headers, body)), ""


def serve(shop: Shop, port: int) -> None:
    waitress.serve(
        make_app(shop),
        host="127.0.0.1",
        port=port,
        threads=8,
        max_request_body_size=min(shop.limit + 1, 1 << 30),
        _quiet=True,
    )
