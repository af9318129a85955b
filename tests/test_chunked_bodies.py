"""Lab 03 says that Flask cuts chunked bodies; the kit must do what servers do."""

import http.client
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import flask
import pytest
from werkzeug.serving import make_server

from labkit.checks.calls import AppCaller

LIMIT = 10


def counting_app() -> flask.Flask:
    app = flask.Flask("counting")
    app.config["MAX_CONTENT_LENGTH"] = LIMIT

    @app.post("/webhooks")
    def webhook() -> str:
        return str(len(flask.request.get_data()))

    return app


@contextmanager
def werkzeug_server(app: flask.Flask) -> Iterator[int]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def in_chunks(body: bytes) -> bytes:
    pieces = (body[start : start + 7] for start in range(0, len(body), 7))
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


def sent_over_http(port: int, body: bytes, *, chunked: bool) -> tuple[int, bytes]:
    """Send a request all at once: the server may close before it has read the rest."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json"}
    if chunked:
        headers["Transfer-Encoding"] = "chunked"
    try:
        sent = in_chunks(body) if chunked else body
        connection.request("POST", "/webhooks", sent, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("length", [0, 9, 10, 11, 20, 5_000])
def test_the_kit_answers_as_werkzeugs_server_does(length: int, chunked: bool) -> None:
    body = b"x" * length
    with werkzeug_server(counting_app()) as port:
        over_http = sent_over_http(port, body, chunked=chunked)
    in_process = AppCaller(counting_app()).send(body, chunked=chunked)
    assert (in_process.status, in_process.body) == over_http


def test_a_chunked_body_is_cut_at_the_limit_without_a_word() -> None:
    answer = AppCaller(counting_app()).send(b"x" * 25, chunked=True)
    assert (answer.status, answer.body) == (200, b"10")
    assert AppCaller(counting_app()).send(b"x" * 25).status == 413
