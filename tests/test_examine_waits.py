"""What an examination waits for, and for how long."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from labkit.errors import BadSetting
from labkit.examine import endpoint_from, examine
from labkit.examine.runner import LONGEST
from labkit.findings import ProbeOutcome, Severity
from labkit.model import Request
from labkit.probes import Levers, chosen
from labkit.probes.in_process import InProcessWire
from labkit.probes.wire import Wire, WireResponse
from tests.test_examine_in_process import SECRET, shop
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
        thread.join(60)


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
        "size.no-number": ProbeOutcome.PASSED,
        "size.announced": ProbeOutcome.FAILED,
    }


def test_all_the_waits_for_a_receiver_that_hangs_on_forgeries_have_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    answered = InProcessWire._answer

    def answer(self: InProcessWire, request: Request, timeout: float) -> WireResponse:
        """Give the wait instead of a refusal, and do not wait."""
        given = answered(self, request, timeout)
        if given.status is not None and given.status < 400:
            return given
        waits.append(timeout)
        return WireResponse(None, "timed out", timeout)

    monkeypatch.setattr(InProcessWire, "_answer", answer)
    target = endpoint_from(
        "http://localhost/webhooks",
        scheme="generic",
        secret=SECRET,
        event="lab",
        app=shop([], tidy=True),
    )
    report = examine(target, Levers(), settle=0.0)
    assert "no-response" in {finding.id for finding in report.findings}
    assert len(waits) > 80
    # Those that need a connection, such as `size.announced`, take up to 15 s more.
    assert sum(waits) < 75, (len(waits), waits)


def test_a_slow_receiver_is_spared_the_less_important_probes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("labkit.probes.patience.SLOW", 0.0)
    monkeypatch.setitem(LONGEST, Severity.LOW, 0.0)
    target = endpoint_from(
        "http://localhost/webhooks",
        scheme="generic",
        secret=SECRET,
        app=shop([], tidy=True),
    )
    report = examine(
        target, Levers(), probes=chosen(["signature", "body", "valid"]), settle=0.0
    )
    spared = [r for r in report.results if "are left out after 0 s" in r.facts]
    assert spared
    assert {result.probe.severity for result in spared} == {Severity.LOW}
    assert {result.outcome for result in spared} == {ProbeOutcome.UNKNOWN}
    forged = next(r for r in report.results if r.probe.id == "signature.forged")
    assert forged.outcome is ProbeOutcome.PASSED
    # A few probes are run all the same.
    again = examine(target, Levers(), probes=chosen(["body"]), settle=0.0)
    assert not [r for r in again.results if "are left out" in r.facts]


@pytest.mark.parametrize("host", [".example", "shop..example", "x" * 64 + ".example"])
def test_a_name_that_can_be_no_host_is_said_to_lead_nowhere(host: str) -> None:
    with pytest.raises(BadSetting, match="leads nowhere"):
        _ = Wire(f"http://{host}/webhooks").places
