"""What an examination waits for, and for how long."""

import contextlib
import socket
import threading
from collections.abc import Iterator

from labkit.findings import Outcome
from labkit.probes.wire import Wire
from tests.test_examine_life import examined, fragile

MEGABYTE = 1_000_000


@contextlib.contextmanager
def refusing_early() -> Iterator[str]:
    """Run a server that refuses at once and then waits for the rest of the body."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            line, _ = listening.accept()
            with line:
                line.recv(1 << 16)
                line.sendall(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\n\r\nno")
                while line.recv(1 << 16):
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join(10)


def test_an_early_refusal_counts_though_the_server_waits_for_the_rest() -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % MEGABYTE
    with refusing_early() as url:
        # After the pause the answer is there, and the rest is not sent any more.
        answer = Wire(url).exchange([head, 1.0, b"x" * MEGABYTE], timeout=5.0)
    assert (answer.status, answer.taken) == (413, len(head))


def test_a_server_that_waits_for_a_long_body_fails_one_probe() -> None:
    with fragile("waits") as (url, _):
        report = examined(url, ["size.no-number", "size.announced"])
    outcomes = {result.probe.id: result.outcome for result in report.results}
    assert outcomes == {
        "size.no-number": Outcome.PASSED,
        "size.announced": Outcome.FAILED,
    }
