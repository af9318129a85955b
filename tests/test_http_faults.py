"""Over HTTP a fault does the real thing: judged from the other end of the socket."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from flask import Flask, redirect, request
from werkzeug import Response as WerkzeugResponse

from labkit.errors import BadSetting, ConnectionLost, TimedOut
from labkit.faults import (
    BreakRequest,
    CrashReceiver,
    DoubleHeader,
    Duplicate,
    Fault,
    LoseRequest,
    LoseResponse,
    Outage,
    RateLimit,
    Redirect,
    Refuse,
    ResetResponse,
    ServerError,
    SlowBody,
    SlowResponse,
    Truncate,
    Unreachable,
)
from labkit.history import History
from labkit.model import Request
from labkit.profiles import PROFILES
from labkit.receiver import Receiver
from labkit.samples import payments
from labkit.sender import simulate
from labkit.transport import IN_BROWSER, HttpTransport

pytestmark = pytest.mark.skipif(IN_BROWSER, reason="a browser's Python has no sockets")

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Connection:
    """What one connection brought: bytes, when the pieces came, and how it ended."""

    received: bytes = b""
    pieces: list[float] = field(default_factory=list)
    ended: str = "open"

    @property
    def bodies(self) -> list[bytes]:
        return [part.partition(b"\r\n\r\n")[2] for part in self.requests]

    @property
    def requests(self) -> list[bytes]:
        parts = self.received.split(b"POST ")[1:]
        return [b"POST " + part for part in parts]


class Ear:
    """A server of bare sockets that answers each whole request with the same bytes."""

    def __init__(self, answer: bytes = OK, *, drops_idle: bool = False) -> None:
        self._answer = answer
        self._drops_idle = drops_idle
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.connections: list[Connection] = []
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    def stop(self) -> None:
        """Wait for the connections to end; the client has closed them."""
        if self._listening.fileno() < 0:
            return
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.wait()

    def wait(self) -> None:
        """Wait for the connections to end, and the thread that accepts if stopped."""
        listening = self._listening.fileno() >= 0
        for thread in self._threads[listening:]:
            thread.join(timeout=30)

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            self.connections.append(Connection())
            thread = threading.Thread(
                target=self._serve, args=(line, self.connections[-1])
            )
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket, seen: Connection) -> None:
        pending = b""
        with line:
            while True:
                try:
                    piece = line.recv(65536)
                except ConnectionResetError:
                    seen.ended = "reset"
                    return
                if not piece:
                    seen.ended = "closed"
                    return
                seen.received += piece
                seen.pieces.append(time.monotonic())
                pending += piece
                if whole(pending):
                    pending = b""
                    line.sendall(self._answer)
                    if self._drops_idle:
                        seen.ended = "dropped"
                        return


def whole(received: bytes) -> bool:
    head, gap, body = received.partition(b"\r\n\r\n")
    return bool(gap) and len(body) >= announced(head)


def announced(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


@pytest.fixture
def listen() -> Iterator[Callable[..., Ear]]:
    ears: list[Ear] = []

    def start(answer: bytes = OK, *, drops_idle: bool = False) -> Ear:
        ears.append(Ear(answer, drops_idle=drops_idle))
        return ears[-1]

    yield start
    for ear in ears:
        ear.stop()


def deliver(ear: Ear, *faults: Fault, count: int = 1) -> History:
    """Deliver, and wait until the server has seen the end of the connections."""
    history = simulate(ear.url, payments(count), secret="s", faults=faults)
    ear.stop()
    return history


def test_without_a_fault_one_connection_serves_all(
    listen: Callable[..., Ear],
) -> None:
    ear = listen()
    deliver(ear, count=5)
    (line,) = ear.connections
    assert line.bodies == [event.body for event in payments(5)]
    assert line.ended == "closed"


def test_reset_response_is_a_reset(listen: Callable[..., Ear]) -> None:
    ear = listen()
    history = deliver(ear, ResetResponse(until=1))
    first, second = ear.connections
    assert first.ended == "reset"
    assert first.bodies == [payments(1)[0].body]
    assert second.ended == "closed"
    assert history.attempts[0].problem == "lost"


def test_a_reset_comes_in_the_middle_of_a_long_response(
    listen: Callable[..., Ear],
) -> None:
    size = 30_000_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
    app_saw: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            line, _ = listening.accept()
            with line:
                line.recv(65536)
                try:
                    line.sendall(head + bytes(size))
                except (ConnectionResetError, BrokenPipeError) as error:
                    app_saw.append(type(error).__name__)

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        simulate(url, payments(1), faults=[ResetResponse()], until=1)
        thread.join(timeout=30)
    assert len(app_saw) == 1


def test_a_crash_breaks_the_connection_as_well(listen: Callable[..., Ear]) -> None:
    ear = listen()
    history = deliver(ear, CrashReceiver(until=1))
    assert [line.ended for line in ear.connections] == ["reset", "closed"]
    assert history.arrivals[0].status is None


def test_break_request_sends_half_a_body_and_resets(
    listen: Callable[..., Ear],
) -> None:
    ear = listen()
    history = deliver(ear, BreakRequest(until=1))
    first, second = ear.connections
    assert first.ended == "reset"
    body = payments(1)[0].body
    assert first.bodies == [body[: len(body) // 2]]
    assert announced(first.received) == len(body)
    assert second.bodies == [body]
    assert len(history.arrivals) == 1


def test_a_request_that_breaks_off_reaches_no_app() -> None:
    calls: list[str] = []
    app = Flask("counting")

    @app.post("/webhooks")
    def webhook() -> str:
        calls.append(request.get_data(as_text=True))
        return ""

    with Receiver(app) as receiver:
        simulate(receiver.url, payments(1), faults=[BreakRequest()], until=1000)
        assert calls == []
        assert receiver.inbox == ()
        simulate(receiver.url, payments(1))
    assert len(calls) == 1


def test_a_truncated_body_has_the_length_that_it_says(
    listen: Callable[..., Ear],
) -> None:
    ear = listen()
    deliver(ear, Truncate(kept=0.25))
    (line,) = ear.connections
    body = payments(1)[0].body
    assert line.bodies == [body[: len(body) // 4]]
    assert announced(line.received) == len(body) // 4


def test_slow_body_trickles(listen: Callable[..., Ear]) -> None:
    ear = listen()
    history = deliver(ear, SlowBody(seconds=19))
    (line,) = ear.connections
    assert line.bodies == [payments(1)[0].body]
    assert len(line.pieces) >= 4
    assert line.pieces[-1] - line.pieces[0] >= 0.008
    assert history.attempts[0].seconds == pytest.approx(19.1)


def test_a_body_may_take_any_virtual_time(listen: Callable[..., Ear]) -> None:
    ear = listen()
    history = deliver(ear, SlowBody(seconds=1e6, until=1))
    assert ear.connections[0].bodies[0] == payments(1)[0].body
    assert history.attempts[0].problem == "timed out"


def test_double_header_sends_two_lines(listen: Callable[..., Ear]) -> None:
    ear = listen()
    history = deliver(ear, DoubleHeader())
    head = ear.connections[0].received.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:]]
    assert names.count(b"x-webhook-signature") == 2
    sent = [name for name, _ in history.attempts[0].request.headers]
    assert sent.count("X-Webhook-Signature") == 2


def test_both_ways_show_an_app_the_same_doubled_header() -> None:
    seen: list[str | None] = []
    app = Flask("seeing")

    @app.post("/webhooks")
    def webhook() -> str:
        seen.append(request.headers.get("X-Webhook-Signature"))
        return ""

    simulate(app, payments(1), secret="s", faults=[DoubleHeader()])
    with Receiver(app) as receiver:
        simulate(receiver.url, payments(1), secret="s", faults=[DoubleHeader()])
    assert seen[0] == seen[1]
    assert (seen[0] or "").count("sha256=") == 2


def test_a_lost_response_is_a_whole_exchange_on_the_socket(
    listen: Callable[..., Ear],
) -> None:
    ear = listen()
    history = deliver(ear, LoseResponse(until=1))
    (line,) = ear.connections
    assert len(line.bodies) == 2
    assert history.attempts[0].problem == "timed out"


def test_a_duplicate_is_sent_as_often_as_it_arrives(
    listen: Callable[..., Ear],
) -> None:
    ear = listen()
    deliver(ear, Duplicate(copies=3))
    assert ear.connections[0].bodies == [payments(1)[0].body] * 4


@pytest.mark.parametrize(
    "fault",
    [
        LoseRequest(),
        Outage(lasts=1e6),
        RateLimit(),
        Redirect(),
        Refuse(),
        ServerError(),
        Unreachable(),
    ],
    ids=lambda fault: fault.name,
)
def test_what_never_arrives_is_never_sent(
    fault: Fault, listen: Callable[..., Ear]
) -> None:
    ear = listen()
    history = deliver(ear, fault)
    assert len(history.attempts) == 10
    assert all(line.received == b"" for line in ear.connections)


# ---- redirects ----------------------------------------------------------------------


FOLLOWING = replace(PROFILES["convoy"], jitter=PROFILES["github"].jitter)


def moving(to: str, status: int, seen: list[str]) -> Flask:
    app = Flask("moving")

    @app.post("/webhooks")
    def webhook() -> WerkzeugResponse:
        seen.append("POST /webhooks")
        return redirect(to, status)

    @app.route("/moved", methods=["GET", "POST"])
    def moved() -> str:
        seen.append(f"{request.method} /moved {len(request.get_data())}")
        return ""

    @app.post("/round")
    def round_and_round() -> WerkzeugResponse:
        seen.append("POST /round")
        return redirect("/round", 307)

    return app


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "form", ["http://{0}/x", "//{0}/x", "HTTP://{0}", "https://{0}"]
)
def test_a_redirect_to_another_host_is_never_followed(
    status: int, form: str, listen: Callable[..., Ear]
) -> None:
    canary = listen()
    to = form.format(canary.url.removeprefix("http://"))
    with Receiver(moving(to, status, [])) as receiver:
        history = simulate(receiver.url, payments(1), profile=FOLLOWING, until=1)
        faults = [Redirect(location=to, status=status)]
        simulate(receiver.url, payments(1), profile=FOLLOWING, faults=faults, until=1)
    assert history.attempts[0].status == status
    canary.stop()
    assert canary.connections == []


@pytest.mark.parametrize(
    ("status", "then"), [(302, "GET /moved 0"), (307, "POST /moved {}")]
)
@pytest.mark.parametrize("over_http", [False, True])
@pytest.mark.parametrize("absolute", [False, True])
def test_a_redirect_within_the_host_is_followed(
    status: int, then: str, over_http: bool, absolute: bool
) -> None:
    seen: list[str] = []
    to = ["http://127.0.0.1" if absolute else ""]
    app = Flask("moving")

    @app.post("/webhooks")
    def webhook() -> WerkzeugResponse:
        return redirect(f"{to[0]}/moved?a=1", status)

    @app.route("/moved", methods=["GET", "POST"])
    def moved() -> str:
        assert request.args["a"] == "1"
        seen.append(f"{request.method} /moved {len(request.get_data())}")
        return ""

    if over_http:
        with Receiver(app) as receiver:
            to[0] = receiver.url if absolute else ""
            history = simulate(receiver.url, payments(1), profile="slack")
    else:
        history = simulate(app, payments(1), profile="slack")
    size = len(payments(1)[0].body)
    assert seen == [then.format(size)]
    assert history.attempts[0].status == 200
    assert len(history.arrivals) == 1


def test_slack_follows_two_redirects_and_no_more() -> None:
    seen: list[str] = []
    app = moving("/round", 307, seen)
    history = simulate(app, payments(1), profile="slack", until=0.11)
    assert seen == ["POST /webhooks", "POST /round", "POST /round"]
    assert history.attempts[0].status == 307


def test_most_senders_follow_none() -> None:
    seen: list[str] = []
    history = simulate(moving("/moved", 307, seen), payments(1), until=1)
    assert seen == ["POST /webhooks"]
    assert history.attempts[0].status == 307


def test_a_redirect_of_a_proxy_within_the_host_is_followed() -> None:
    seen: list[str] = []
    faults = [Redirect(location="/moved", status=307)]
    history = simulate(
        moving("", 307, seen), payments(1), profile="slack", faults=faults
    )
    assert [line.split()[1] for line in seen] == ["/moved"]
    assert history.attempts[0].status == 200
    assert len(history.arrivals) == 1


@pytest.mark.parametrize(
    ("fault", "arrivals"),
    [(LoseResponse(), 1), (ResetResponse(), 1), (SlowResponse(), 1), (Duplicate(), 3)],
    ids=lambda each: each.name if isinstance(each, Fault) else "",
)
def test_a_redirect_that_the_sender_never_hears_of_is_not_followed(
    fault: Fault, arrivals: int
) -> None:
    seen: list[str] = []
    app = moving("/moved", 307, seen)
    simulate(app, payments(1), profile=FOLLOWING, faults=[fault], until=1)
    assert len(seen) == arrivals
    assert sum("/moved" in line for line in seen) == (arrivals > 1)


def test_a_redirect_that_makes_no_sense_is_an_answer() -> None:
    for location in ("http://[half", "", "mailto:a@b.example"):
        faults = [Redirect(location=location)]
        history = simulate(
            moving("", 307, []), payments(1), profile="slack", faults=faults, until=1
        )
        assert history.attempts[0].status == 302


# ---- the transport ------------------------------------------------------------------


def test_a_connection_that_the_server_dropped_is_opened_anew(
    listen: Callable[..., Ear],
) -> None:
    ear = listen(drops_idle=True)
    http = HttpTransport(ear.url)
    try:
        for _ in range(3):
            request = Request("POST", "/", (), b"{}")
            assert http.send(request, timeout=60).status == 200
            ear.wait()
    finally:
        http.close()
    assert [line.ended for line in ear.connections] == ["dropped"] * 3


def test_a_server_that_closes_after_its_answer_is_called_again(
    listen: Callable[..., Ear],
) -> None:
    ear = listen(CLOSING)
    history = deliver(ear, count=3)
    assert history.account.acknowledged == 3
    assert len(ear.connections) == 3


@pytest.mark.parametrize(
    ("answer", "timeout", "error"),
    [
        (b"", 0.2, TimedOut),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", 0.2, TimedOut),
        (b"SSH-2.0-OpenSSH_9.6\r\n", 30, ConnectionLost),
    ],
)
def test_what_is_no_whole_answer_is_no_answer(
    answer: bytes, timeout: float, error: type[Exception], listen: Callable[..., Ear]
) -> None:
    ear = listen(answer)
    http = HttpTransport(ear.url)
    with pytest.raises(error):
        http.send(Request("POST", "/", (), b"{}"), timeout=timeout)
    http.close()


def test_a_real_time_out_takes_the_time_out_in_the_lab(
    listen: Callable[..., Ear],
) -> None:
    ear = listen(b"")
    quick = replace(PROFILES["github"], timeout=0.3)
    history = simulate(ear.url, payments(1), profile=quick)
    (attempt,) = history.attempts
    assert attempt.problem == "timed out"
    assert attempt.seconds == pytest.approx(0.3)
    assert [a.status for a in history.arrivals] == [None]


@pytest.mark.parametrize("speed", [None, 1.0])
def test_a_time_out_bounds_the_whole_attempt_and_not_each_read(
    speed: float | None,
) -> None:
    drops = 0
    with socket.create_server(("127.0.0.1", 0)) as server:
        gone = threading.Event()

        def drip() -> None:
            nonlocal drops
            line, _ = server.accept()
            with line:
                line.recv(65536)
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                while drops < 1000 and not gone.wait(0.05):
                    try:
                        line.sendall(b"x")
                    except OSError:
                        return
                    drops += 1

        server_thread = threading.Thread(target=drip)
        server_thread.start()
        quick = replace(PROFILES["github"], timeout=0.4)
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        history = simulate(url, payments(1), profile=quick, speed=speed)
        gone.set()
        server_thread.join()
    (attempt,) = history.attempts
    assert (attempt.status, attempt.problem) == (None, "timed out")
    assert attempt.seconds > 0.39
    assert drops < 1000


def test_a_line_break_never_gets_into_a_header(listen: Callable[..., Ear]) -> None:
    ear = listen()
    http = HttpTransport(ear.url)
    for headers in ((("X-A", "1\r\nX-B: 2"),), (("X-A\n", "1"),)):
        with pytest.raises(BadSetting, match="line break"):
            http.send(Request("POST", "/", headers, b""), timeout=60)
    http.close()
    assert ear.connections == []


def test_a_chunked_request_is_sent_in_chunks(listen: Callable[..., Ear]) -> None:
    sizes: list[int] = []
    app = Flask("sizes")

    @app.post("/")
    def webhook() -> str:
        sizes.append(len(request.get_data()))
        return ""

    with Receiver(app) as receiver:
        http = HttpTransport(receiver.url)
        headers = (("Transfer-Encoding", "chunked"),)
        for body in (b"", b"abc", b"x" * 100_000):
            http.send(Request("POST", "/", headers, body), timeout=60)
        http.close()
    assert sizes == [0, 3, 100_000]
