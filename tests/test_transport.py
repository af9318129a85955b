"""Both ways to the other side bring the same answer back."""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from flask import Flask, Response, abort, redirect, request
from werkzeug import Response as WerkzeugResponse

from labkit.errors import ConnectionRefused
from labkit.model import Request
from labkit.model import Response as Answer
from labkit.receiver import Receiver
from labkit.transport import (
    IN_BROWSER,
    AppTransport,
    HttpTransport,
    Transport,
    serve_in_process,
    stop_in_process,
)
from labkit.transport import browser as in_browser

no_sockets = pytest.mark.skipif(IN_BROWSER, reason="a browser's Python has no sockets")


def echo() -> Flask:
    app = Flask("echo")

    @app.route("/echo/<path:rest>", methods=["GET", "POST", "DELETE"])
    def answer(rest: str) -> dict[str, object]:
        return {
            "method": request.method,
            "rest": rest,
            "query": request.query_string.decode(),
            "type": request.content_type,
            "signature": request.headers.get("X-Signature"),
            "body": request.get_data().decode("latin-1"),
            "length": request.content_length,
        }

    @app.get("/away")
    def away() -> WerkzeugResponse:
        return redirect("/echo/elsewhere")

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("broken")

    @app.get("/teapot")
    def teapot() -> str:
        abort(418)

    @app.get("/slowly")
    def slowly() -> Response:
        return Response(iter([b"a", b"b", b"c"]), headers={"Retry-After": "7"})

    return app


@pytest.fixture(params=["in process", pytest.param("http", marks=no_sockets)])
def transport(request: pytest.FixtureRequest) -> Iterator[Transport]:
    if request.param == "in process":
        yield AppTransport(echo())
        return
    with Receiver(echo()) as receiver:
        http = HttpTransport(receiver.url)
        yield http
        http.close()


def send(transport: Transport, method: str, path: str, **kwargs: object) -> Answer:
    headers = kwargs.get("headers", ())
    body = kwargs.get("body", b"")
    return transport.send(Request(method, path, headers, body), timeout=60)  # type: ignore[arg-type]  # a test's shorthand


def test_everything_arrives_as_sent(transport: Transport) -> None:
    headers = (("Content-Type", "application/json"), ("X-Signature", "caf\xe9"))
    answer = send(
        transport,
        "POST",
        "/echo/a%20b%C3%A9?x=1&y=%20",
        headers=headers,
        body=b"\xff{}",
    )
    assert json.loads(answer.body) == {
        "method": "POST",
        "rest": "a bé",
        "query": "x=1&y=%20",
        "type": "application/json",
        "signature": "caf\xe9",
        "body": "\xff{}",
        "length": 3,
    }


def test_a_redirect_is_not_followed(transport: Transport) -> None:
    answer = send(transport, "GET", "/away")
    assert answer.status == 302
    assert answer.header("location") == "/echo/elsewhere"


@pytest.mark.parametrize(
    ("path", "status"), [("/broken", 500), ("/teapot", 418), ("/nowhere", 404)]
)
def test_failures_come_back_as_statuses(
    transport: Transport, path: str, status: int
) -> None:
    assert send(transport, "GET", path).status == status


def test_a_streamed_answer_comes_back_whole(transport: Transport) -> None:
    answer = send(transport, "GET", "/slowly")
    assert answer.body == b"abc"
    assert answer.header("Retry-After") == "7"


@pytest.mark.pure
def test_a_wsgi_app_that_writes_and_closes_is_served() -> None:
    closed = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"world"])

        def close(self) -> None:
            closed.append(True)

    def app(_environ: object, start_response: Callable[..., Any]) -> Body:
        start_response("201 Created", [("X-A", "1")])(b"hello ")
        return Body()

    answer = AppTransport(app).send(Request("GET", "/", (), b""), timeout=60)
    assert (answer.status, answer.body, closed) == (201, b"hello world", [True])


@pytest.mark.pure
@pytest.mark.parametrize(
    "harm", [SystemExit, ValueError, type("Odd", (BaseException,), {})]
)
def test_an_app_that_raises_anything_answers_500(harm: type[BaseException]) -> None:
    def app(_environ: object, _start_response: object) -> list[bytes]:
        raise harm

    transport = AppTransport(app)
    assert transport.send(Request("GET", "/", (), b""), timeout=60).status == 500
    assert isinstance(transport.last_error, harm)


@no_sockets
def test_nobody_listening_is_a_refusal() -> None:
    transport = HttpTransport("http://127.0.0.1:9")
    with pytest.raises(ConnectionRefused):
        send(transport, "GET", "/")
    with pytest.raises(ConnectionRefused, match="start the receiver first"):
        transport.connect()


@pytest.mark.pure
def test_where_there_are_no_sockets_requests_is_led_inside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(requests.Session, "get_adapter", requests.Session.get_adapter)
    in_browser.lead_requests_inside()
    serve_in_process("http://127.0.0.1:50999", echo())
    try:
        answer = requests.post(
            "http://127.0.0.1:50999/echo/x", data="hello", timeout=60
        )
        assert answer.status_code == 200
        assert answer.json()["body"] == "hello"
        assert (
            requests.get("http://127.0.0.1:50999/nowhere", timeout=60).status_code
            == 404
        )
    finally:
        stop_in_process("http://127.0.0.1:50999")


@pytest.mark.pure
def test_without_sockets_a_receiver_is_served_in_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(requests.Session, "get_adapter", requests.Session.get_adapter)
    monkeypatch.setattr("labkit.receiver.IN_BROWSER", True)
    with Receiver(echo()) as receiver:
        answer = requests.post(f"{receiver.url}/echo/x", data="hello", timeout=60)
        assert answer.json()["body"] == "hello"
        assert len(receiver.inbox) == 1
    assert sys.modules["labkit.transport"].served_in_process(receiver.url) is None
