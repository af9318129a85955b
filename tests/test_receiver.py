"""What a receiver promises: any app, a free port, an inbox, and nothing left behind."""

import gc
import http.client
import os
import socket
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator

import pytest
import requests
from flask import Flask

from labkit.errors import AppNotLoaded, BadSetting, PortTaken
from labkit.faults import FAULTS
from labkit.receiver import Receiver
from labkit.samples import payments
from labkit.sender import simulate
from tests.apps import shop
from tests.repeated import rounds
from tests.threads import left_since


@pytest.fixture(scope="module", autouse=True)
def _own_objects() -> None:
    """Let the collections of these tests pass over what other files have made.

    After a hundred of them, to look at all objects takes 0.1 s.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    gc.collect()
    threads, handles = threading.enumerate(), open_handles()
    yield
    gc.collect()
    assert left_since(threads) == []
    assert open_handles() <= handles


def open_handles() -> int:
    folder = "/proc/self/fd" if sys.platform == "linux" else "/dev/fd"
    return len(os.listdir(folder)) if os.path.isdir(folder) else 0  # noqa: PTH112, PTH208 - pathlib opens one more


def noisy(say: str = "") -> Flask:
    app = Flask("noisy")

    @app.post("/webhooks")
    def webhook() -> str:
        print(say)
        raise ValueError(say)

    return app


def test_requests_reach_the_app_and_stand_in_the_inbox() -> None:
    shipped: list[str] = []
    with Receiver(shop(shipped)) as receiver:
        answer = requests.post(
            f"{receiver.url}/webhooks?a=1", data=payments(1)[0].body,
            headers={"Content-Type": "application/json"}, timeout=60,
        )  # fmt: skip
    assert answer.status_code == 200
    (received,) = receiver.inbox
    assert received.request.path == "/webhooks?a=1"
    assert received.request.body == payments(1)[0].body
    assert received.request.header("content-type") == "application/json"
    assert (received.status, received.error) == (200, None)


def test_starting_and_stopping_twice_is_fine() -> None:
    receiver = Receiver(shop([])).start()
    url = receiver.url
    assert receiver.start().url == url
    receiver.stop()
    receiver.stop()
    with pytest.raises(requests.ConnectionError):
        requests.post(url, timeout=60)


def test_it_starts_and_stops_a_hundred_times() -> None:
    for _ in range(100):
        with Receiver(shop([])) as receiver:
            assert receiver.url.startswith("http://127.0.0.1:")


def test_a_receiver_that_nothing_refers_to_stops_by_itself() -> None:
    receiver = Receiver(shop([])).start()
    first = receiver.url
    receiver = Receiver(shop([])).start()
    gc.collect()
    with pytest.raises(requests.ConnectionError):
        requests.post(first, timeout=60)
    assert requests.post(f"{receiver.url}/", timeout=60).status_code == 404
    receiver.stop()


def test_a_receiver_on_the_same_port_replaces_the_old_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    old = Receiver(shop([]), port=port).start()
    shipped: list[str] = []
    with Receiver(shop(shipped), port=port) as new:
        assert new.url.endswith(f":{port}")
        simulate(new.url, payments(1))
    assert shipped == ["evt_00001"]
    old.stop()


def test_a_port_that_is_taken_by_somebody_else_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} is used") as caught:
            Receiver(shop([]), port=port).start()
    assert caught.value.port == port
    assert "omit the port" in str(caught.value)


def test_what_is_no_app_is_said() -> None:
    with pytest.raises(AppNotLoaded, match="return the app"):
        Receiver(None)  # type: ignore[arg-type]  # wrong on purpose


def test_an_address_before_the_start_is_said() -> None:
    with pytest.raises(BadSetting, match="start"):
        _ = Receiver(shop([])).url


def test_prints_and_exceptions_are_kept_with_the_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Receiver(noisy("from the handler")) as receiver:
        answer = requests.post(f"{receiver.url}/webhooks", timeout=60)
    assert answer.status_code == 500
    (received,) = receiver.inbox
    assert received.printed == "from the handler\n"
    assert repr(received.error) == "ValueError('from the handler')"
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("harm", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_a_handler_that_wants_to_end_everything_ends_its_request(
    harm: type[BaseException],
) -> None:
    app = Flask("harm")

    @app.post("/webhooks")
    def webhook() -> str:
        raise harm

    with Receiver(app) as receiver:
        for _ in range(20):
            answer = requests.post(f"{receiver.url}/webhooks", timeout=60)
            assert answer.status_code == 500
    assert isinstance(receiver.inbox[-1].error, harm)


def test_logins_are_never_kept() -> None:
    with Receiver(shop([])) as receiver:
        headers = {"Authorization": "token 123", "Cookie": "hub=456", "X-Else": "789"}
        requests.post(receiver.url, headers=headers, timeout=60)
    kept = str(list(receiver.inbox))
    assert "token 123" not in kept
    assert "hub=456" not in kept
    assert "789" in kept


def test_the_inbox_forgets_the_oldest() -> None:
    with Receiver(shop([])) as receiver:
        address = urllib.parse.urlsplit(receiver.url).netloc
        connection = http.client.HTTPConnection(address, timeout=60)
        for number in range(1_010):
            connection.request("POST", f"/{number}")
            connection.getresponse().read()
        connection.close()
    assert len(receiver.inbox) == 1_000
    assert receiver.inbox[0].request.path == "/10"


@rounds(3, 100)
def test_over_http_the_history_is_the_one_of_in_process(rounds: int) -> None:
    faults = [kind(probability=0.2) for kind in FAULTS.values()]

    def run(endpoint: object) -> str:
        return simulate(
            endpoint,  # type: ignore[arg-type]  # an app or a URL
            payments(10),
            secret="s",
            faults=faults,
            seed=5,
        ).to_jsonl()

    with Receiver(shop([])) as receiver:
        histories = {run(receiver.url) for _ in range(rounds)}
    assert histories == {run(shop([]))}


def test_keep_alive_serves_many_requests_over_one_connection() -> None:
    with Receiver(shop([])) as receiver:
        history = simulate(receiver.url, payments(50))
        assert history.account.acknowledged == 50
        assert len(receiver.inbox) == 50


def test_requests_are_numbered_and_dated_by_the_given_clock() -> None:
    moments = iter([10.0, 20.5])
    with Receiver(shop([]), clock=lambda: next(moments)) as receiver:
        for _ in range(2):
            requests.post(receiver.url, timeout=60)
    assert [(got.number, got.at) for got in receiver.inbox] == [(1, 10.0), (2, 20.5)]


STOPPED_IN_THE_MIDDLE = """
import threading, time
import flask, requests
from labkit import Receiver

app = flask.Flask("slow")

@app.get("/<float:seconds>")
def slow(seconds):
    time.sleep(seconds)
    return "x" * 100_000

def ask(url):
    try:
        requests.get(url, timeout=60)
    except requests.RequestException:
        pass

for seconds in (0.0, 0.01, 0.2, 0.9):
    with Receiver(app) as receiver:
        for _ in range(12):
            address = f"{receiver.url}/{seconds}"
            threading.Thread(target=ask, args=[address]).start()
        time.sleep(0.1)
time.sleep(1)
"""


def test_to_stop_in_the_middle_of_requests_prints_nothing() -> None:
    run = subprocess.run(
        [sys.executable, "-c", STOPPED_IN_THE_MIDDLE], capture_output=True, text=True
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
