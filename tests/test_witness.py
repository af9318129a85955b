import contextlib
import http.client
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.errors import ConnectionLost, TimedOut
from labkit.witness import (
    Bomb,
    Canary,
    CloseUnanswered,
    Drip,
    DripHeaders,
    Garbage,
    Hang,
    Reset,
    Respond,
    Stream,
    Witness,
)
from labkit.witness.certificates import make_certificates
from labkit.witness.in_process import InProcessServer, VirtualClock
from labkit.witness.names import PUBLIC, NameServer
from labkit.witness.server import Server, base_address


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(Witness())
    yield made
    made.close()


def post(server: Server, path: str, body: bytes, most: int = 1000) -> int:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("POST", path, body, {"X-Order": "1", "x-order": "2"})
        response = connection.getresponse()
        response.read(most)
        response.close()
        return response.status


def settled(server: Server) -> None:
    until = time.monotonic() + 30
    while any(s.closed is None for s in server.witness.seen()):
        assert time.monotonic() < until
        time.sleep(0.005)


def test_a_script_is_played_for_its_marks_and_others_get_200(server: Server) -> None:
    endpoint = server.endpoint("a", Respond(500), Respond(503), Respond(201))
    mark, other = server.witness.new_mark(), server.witness.new_mark()
    endpoint.marks.add(mark)
    got = [post(server, endpoint.path, mark.encode()) for _ in range(4)]
    assert got == [500, 503, 201, 201]
    assert post(server, endpoint.path, other.encode()) == 200
    assert [s.number for s in endpoint.seen(mark)] == [1, 2, 3, 4]


def test_a_sighting_keeps_the_bytes_and_the_spelling(server: Server) -> None:
    endpoint = server.endpoint("a")
    post(server, endpoint.path, b"\xff body")
    settled(server)
    (seen,) = endpoint.seen()
    assert seen.request.body == b"\xff body"
    assert [n for n, _ in seen.request.headers if n.lower() == "x-order"] == [
        "X-Order",
        "x-order",
    ]
    assert seen.connected <= seen.began <= seen.ended <= (seen.closed or 0)
    assert seen.finished


@pytest.mark.parametrize("behaviour", [Reset(), CloseUnanswered(), Garbage()])
def test_transport_errors_reach_the_sender(
    server: Server, behaviour: Reset | CloseUnanswered | Garbage
) -> None:
    endpoint = server.endpoint("a", behaviour)
    mark = server.witness.new_mark()
    endpoint.marks.add(mark)
    with pytest.raises((OSError, http.client.HTTPException)):
        post(server, endpoint.path, mark.encode())


def test_a_hang_notes_when_the_sender_gives_up(server: Server) -> None:
    endpoint = server.endpoint("a", Hang())
    mark = server.witness.new_mark()
    endpoint.marks.add(mark)
    connection = http.client.HTTPConnection(server.host, server.port, timeout=0.1)
    connection.request("POST", endpoint.path, mark.encode())
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    settled(server)
    assert not endpoint.seen(mark)[0].finished


def test_a_stream_counts_what_was_taken(server: Server) -> None:
    endpoint = server.endpoint("a", Stream(50_000_000))
    mark = server.witness.new_mark()
    endpoint.marks.add(mark)
    post(server, endpoint.path, mark.encode(), 64_000)
    settled(server)
    assert 64_000 <= endpoint.seen(mark)[0].taken < 5_000_000
    assert not endpoint.seen(mark)[0].finished


def test_a_bomb_is_small_on_the_wire() -> None:
    assert sum(len(s) for s in Bomb().steps() if isinstance(s, bytes)) < 250_000


@pytest.mark.parametrize("behaviour", [Drip(0.01), DripHeaders(0.01)])
def test_a_drip_lasts_until_the_sender_closes(
    server: Server, behaviour: Drip | DripHeaders
) -> None:
    endpoint = server.endpoint("a", behaviour)
    mark = server.witness.new_mark()
    endpoint.marks.add(mark)
    with socket.create_connection((server.host, server.port)) as connection:
        text = f"POST {endpoint.path} HTTP/1.1\r\nContent-Length: {len(mark)}\r\n\r\n"
        connection.sendall(text.encode() + mark.encode())
        received = b""
        while len(received) < 10:
            received += connection.recv(100)
    settled(server)
    assert endpoint.seen(mark)[0].taken >= 10


def test_a_chunked_body_is_read(server: Server) -> None:
    endpoint = server.endpoint("a")
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    connection.request("POST", endpoint.path, iter([b"one", b"two"]))
    connection.getresponse().read()
    connection.close()
    assert endpoint.seen()[0].request.body == b"onetwo"


def test_an_open_connection_takes_another_request(server: Server) -> None:
    endpoint = server.endpoint("a", Respond(204, keep=True))
    mark = server.witness.new_mark()
    endpoint.marks.add(mark)
    connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
    for _ in range(2):
        connection.request("POST", endpoint.path, mark.encode())
        connection.getresponse().read()
    connection.close()
    assert len(endpoint.seen(mark)) == 2


def test_a_canary_tells_a_connection_from_a_request() -> None:
    canary = Canary(time.monotonic)
    with contextlib.closing(canary):
        for host in canary.hosts:
            socket.create_connection((host, canary.port)).close()
        connection = http.client.HTTPConnection("127.0.0.1", canary.port, timeout=60)
        connection.request("GET", "/x")
        assert b"internal" in connection.getresponse().read()
        connection.close()
        assert [r.target for r in canary.at("/x")] == ["/x"]
        wanted, until = len(canary.hosts) + 1, time.monotonic() + 30
        while canary.connections < wanted and time.monotonic() < until:
            time.sleep(0.005)
        assert canary.connections == wanted


def test_only_the_good_certificate_is_accepted(tmp_path: Path) -> None:
    made = make_certificates(tmp_path, names=(base_address(), "localhost"))
    trusting = ssl.create_default_context(cafile=str(made.authority))
    outcomes = {}
    for case, context in made.cases.items():
        server = Server(Witness(), context=context)
        endpoint = server.endpoint("a")
        try:
            connection = http.client.HTTPSConnection(
                server.host, server.port, context=trusting, timeout=5
            )
            with contextlib.closing(connection):
                connection.request("POST", endpoint.path)
                outcomes[case] = connection.getresponse().status == 200
        except OSError:
            outcomes[case] = False
        server.close()
    assert outcomes == {
        "good": True,
        "unknown authority": False,
        "wrong name": False,
        "expired": False,
    }


def test_the_authority_stays_the_same(tmp_path: Path) -> None:
    first = make_certificates(tmp_path, names=("localhost",)).authority.read_bytes()
    second = make_certificates(tmp_path, names=("localhost",)).authority.read_bytes()
    assert first == second


def test_the_name_server_changes_its_answer() -> None:
    server = NameServer(port=0)
    question = b"\x01x\x06rebind\x04test\x00" + b"\x00\x01\x00\x01"
    query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + question
    answers = [server.answer(query)[-4:] for _ in range(3)]
    server.close()
    assert [socket.inet_ntoa(a) for a in answers] == [PUBLIC, "127.0.0.1", "127.0.0.1"]
    assert server.asked == {"x.rebind.test": 3}


def test_time_passes_virtually_in_process() -> None:
    clock = VirtualClock(0.0)
    server = InProcessServer(Witness(clock), clock)
    endpoint = server.endpoint("a", Hang(), Drip(1.0), Reset(), Garbage())
    mark = server.witness.new_mark()
    endpoint.marks.add(mark)

    def send() -> object:
        url, body = endpoint.url, mark.encode()
        return server.post(url, headers={}, body=body, timeout=5)

    with pytest.raises(TimedOut):
        send()
    assert clock() == 5
    reply = send()
    assert reply.read(4) == b"xxxx"  # type: ignore[attr-defined]
    assert clock() == 8
    for _ in range(2):
        with pytest.raises(ConnectionLost):
            send()
