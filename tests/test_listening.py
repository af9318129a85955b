"""`labkit examine-sender --listen` and `--recorded`: a stream of real deliveries."""

import contextlib
import json
import threading
import urllib.request
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from click.testing import Result as ClickResult

from labkit.cli import main
from labkit.examine_sender import (
    PROBES,
    Levers,
    Promise,
    RealClock,
    SenderHarness,
    chosen,
)
from labkit.examine_sender.answering import CANARY, Answers
from labkit.examine_sender.listening import JUDGES, UNSEEN, judge
from labkit.examine_sender.recording import read_record, to_line
from labkit.examine_sender.reporting import report_of
from labkit.examine_sender.runner import Outcomes
from labkit.findings import ProbeOutcome
from labkit.inbox.captures import as_line
from labkit.inbox.received import Received
from labkit.model import Request as Incoming
from labkit.signing import SCHEMES
from labkit.witness import Request, Sighting, Witness
from labkit.witness.server import Server
from tests.ports import free_port, wait_until_it_listens
from tests.senders import good_sender, starting
from tests.senders.mutants import MUTANTS

SOURCE = starting.GOOD.read_text(encoding="utf-8")
NOON = 1_780_000_000
EVENTS = 60
EVERY = 60.0
"""How many seconds lie between two events of a stream."""

IN_A_STREAM = {
    **{
        probe: probe
        for probe in (
            *("identity.id", "identity.retry", "identity.time", "sign.valid"),
            *("sign.secret-on-wire", "headers.hygiene", "retry.500", "retry.reset"),
            *("retry.429", "retry.after", "retry.success"),
            *("retry.redirect-is-failure", "backoff.grows", "backoff.jitter"),
            *("backoff.promise", "data.body", "secret.logs"),
        )
    },
    "sign.bytes": "sign.valid",  # what was signed is not known, only that it is wrong
}
"""Which probe finds a mutant of the good sender in its stream."""

JUDGED = {
    *("identity.id", "identity.retry", "identity.time", "sign.valid"),
    *("sign.secret-on-wire", "headers.hygiene", "retry.500", "retry.reset"),
    *("retry.timeout", "retry.429", "retry.after", "retry.success"),
    *("retry.redirect-is-failure", "backoff.grows", "backoff.jitter"),
    *("backoff.promise", "redirect.canary", "secret.logs"),
}
"""What the stream of a good sender shows."""


def stream(module: ModuleType, folder: Path) -> SenderHarness:
    """Let a sender deliver events to an endpoint that fails half of them, in hours."""
    harness = starting.in_process(module, folder)
    harness.witness.otherwise = Answers(harness, 0.5)
    register, trigger = harness.levers.register, harness.levers.trigger
    assert register is not None
    assert trigger is not None
    register("http://endpoint.test/hook", starting.SECRET)
    for number in range(EVENTS):
        trigger(f'order {number} of "é"')
        passes(harness, EVERY)
    passes(harness, 2_000)
    return harness


def passes(harness: SenderHarness, seconds: float) -> None:
    until = harness.clock.now() + seconds
    while harness.clock.now() < until:
        harness.clock.pause(harness.witness.changed, until)


def judged(harness: SenderHarness, *only: str) -> Outcomes:
    end = harness.witness.now()
    return judge(harness, harness.witness.seen(), chosen(only), end=end)


def outcomes(found: Outcomes) -> dict[str, ProbeOutcome]:
    return {result.probe.id: result.outcome for result in found.results}


def findings(harness: SenderHarness, found: Outcomes) -> list[str]:
    report = report_of(harness, found, PROBES, started=0.0)
    return [finding.id for finding in report.findings]


def recorder(promise: Promise | None = None, speed: float = 1.0) -> SenderHarness:
    """Return a harness that has no sender, for a record."""
    return SenderHarness(
        Server(Witness()),
        Levers(),
        RealClock(speed),
        promise or Promise(),
        scheme=SCHEMES["standard"],
        secret=starting.SECRET,
    )


def test_the_stream_of_the_good_sender_shows_no_finding(tmp_path: Path) -> None:
    harness = stream(good_sender, tmp_path)
    found = judged(harness)
    assert findings(harness, found) == []
    marks = outcomes(found)
    assert {probe for probe in marks if marks[probe] is ProbeOutcome.PASSED} == JUDGED
    assert all(result.facts for result in found.results)


def test_a_record_of_the_stream_gives_the_same_verdicts(tmp_path: Path) -> None:
    harness = stream(good_sender, tmp_path)
    live = outcomes(judged(harness))
    file = tmp_path / "record.jsonl"
    lines = [to_line(sighting, 0.0) for sighting in harness.witness.seen()]
    file.write_text("".join(f"{line}\n" for line in lines))
    reader = recorder(harness.promise)
    try:
        found = judge(reader, read_record(file), PROBES)
        assert findings(reader, found) == []
        assert outcomes(found) == {**live, "secret.logs": ProbeOutcome.UNKNOWN}
    finally:
        reader.close()


@pytest.mark.parametrize("probe", sorted(IN_A_STREAM))
def test_the_stream_of_a_mutant_shows_its_finding(probe: str, tmp_path: Path) -> None:
    mutant = next(m for m in MUTANTS if m.probe == probe)
    harness = stream(starting.load(mutant.of(SOURCE)), tmp_path)
    assert findings(harness, judged(harness)) == [IN_A_STREAM[probe]]


def test_every_probe_is_judged_or_has_a_reason() -> None:
    for probe in PROBES:
        named = {probe.id, probe.family} & UNSEEN.keys()
        assert (probe.id in JUDGES) != bool(named), probe.id


def seen(
    at: float,
    did: str,
    *,
    id_: str = "evt_1",
    body: str = '{"n": 1}',
    closed: float | None = None,
    path: str = "/hook",
    length: str = "8",
) -> Sighting:
    """Return a request at that time, and what it got; a 2xx was read to its end."""
    pairs = (
        ("content-type", "application/json"),
        ("webhook-id", id_),
        ("content-length", length),
    )
    return Sighting(
        path=path,
        mark="",
        number=1,
        request=Request("POST", path, pairs, body.encode()),
        connected=at,
        began=at,
        ended=at,
        closed=at + 0.1 if closed is None else closed,
        finished=did.startswith("2"),
        behaviour=did,
    )


PROMISE = Promise(delays=(5.0, 30.0), never_retried=frozenset({400, 410}), ordered=True)


@pytest.mark.parametrize(
    ("probe", "arrived", "found"),
    [
        ("retry.gone", [seen(0, "410"), seen(9, "200")], "1 more time after a 410"),
        ("retry.400", [seen(0, "400"), seen(9, "200")], "400 is retried, against"),
        (
            "retry.400",
            [seen(0, "404"), seen(99, "200", id_="b", body="[]")],
            "after 404, no sec",
        ),
        ("retry.success", [seen(0, "200"), seen(9, "200")], "got the event 2 times"),
        (
            "retry.timeout",
            [
                seen(0, "no response at all", closed=80),
                seen(99, "200", id_="b", body="[]"),
            ],
            "after no response at all, no second attempt",
        ),
        (
            "twice.workers",
            [seen(0, "200", closed=3), seen(1, "200", closed=2)],
            "while its last attempt was going on",
        ),
        (
            "redirect.canary",
            [seen(0, "302, Location: /x"), seen(0.2, "200", path=CANARY)],
            "302 was followed with a POST",
        ),
        (
            "order.promise",
            [
                seen(0, "200", id_="b", body='{"created": 2}'),
                seen(1, "200", id_="a", body='{"created": 1}'),
            ],
            "1 of 2 events arrived after a newer one",
        ),
        (
            "data.body",
            [seen(0, "200", body='{"n": "it"s"}')],
            "the body is not valid JSON",
        ),
        (
            "data.size",
            [seen(0, "200", length="99")],
            "8 bytes of a body of 99 bytes arrived",
        ),
        (
            "identity.retry",
            [seen(0, "500"), seen(9, "200", body='{"n": 2}')],
            "different bodies",
        ),
        (
            "identity.id",
            [seen(0, "200"), seen(9, "200", body='{"n": 2}')],
            "two events carry the same id",
        ),
    ],
)
def test_what_a_stream_shows_is_found(
    probe: str, arrived: list[Sighting], found: str
) -> None:
    harness = recorder(PROMISE)
    (result,) = judge(harness, arrived, chosen([probe])).results
    harness.close()
    assert result.outcome is ProbeOutcome.FAILED
    assert found in result.facts


@pytest.mark.parametrize(
    ("probe", "arrived", "reason"),
    [
        ("retry.500", [seen(0, "200")], "no first attempt got one of: 500, 502"),
        ("retry.500", [seen(0, "503")], "no second attempt came within 0 s"),
        ("retry.timeout", [seen(0, "200")], "no attempt was left without a response"),
        ("retry.success", [seen(0, "200")], "no retry was seen"),
        (
            "retry.gone",
            [seen(0, "410"), seen(999, "200", id_="b", body="[]")],
            "no 410 is sent",
        ),
        ("redirect.canary", [seen(0, "200")], "no redirect was sent"),
        (
            "backoff.grows",
            [seen(0, "500"), seen(9, "200")],
            "0 failed events came again",
        ),
        ("twice.workers", [seen(0, "200")], "how many workers"),
        ("body.bomb", [seen(0, "200")], "does not put a load on the sender"),
        ("identity.id", [seen(0, "200")], "fewer than two events"),
        ("identity.id", [], "no delivery arrived"),
    ],
)
def test_what_a_stream_can_not_show_is_unknown(
    probe: str, arrived: list[Sighting], reason: str
) -> None:
    harness = recorder(PROMISE)
    (result,) = judge(harness, arrived, chosen([probe])).results
    harness.close()
    assert result.outcome is ProbeOutcome.UNKNOWN
    assert reason in result.facts


def test_equal_bodies_without_an_id_are_no_duplicates() -> None:
    harness = recorder(PROMISE)
    pings = [seen(at, "200", id_="", body="{}") for at in (0, 60, 120)]
    failing = [seen(200, "500"), seen(206, "200"), seen(999, "200", id_="b", body="[]")]
    (result,) = judge(harness, [*pings, *failing], chosen(["retry.success"])).results
    harness.close()
    assert result.outcome is ProbeOutcome.PASSED


@pytest.mark.parametrize(
    ("headers", "fault"),
    [
        ({}, ""),
        ({"Cookie": "a=b"}, "there is the header Cookie"),
        ({"X-Origin": "10.1.2.3"}, "the header X-Origin contains 10.1.2.3"),
        ({"X-Origin": "db.internal"}, "the header X-Origin contains db.internal"),
        ({"X-Forwarded-For": "10.1.2.3"}, ""),
        ({"content-type": "text/plain"}, "the body is JSON, but the Content-Type is"),
        ({"user-agent": "python-requests/2.32.3"}, "names only the library"),
        ({"user-agent": "python-requests/2.32.3 Shop/1"}, ""),
        ({"user-agent": ""}, "there is no User-Agent"),
    ],
)
def test_headers_that_do_not_belong_in_a_delivery_are_found(
    headers: dict[str, str], fault: str
) -> None:
    harness = recorder()
    one = seen(0, "200")
    usual = {"content-type": "application/json", "user-agent": "Shop/1"}
    request = replace(one.request, headers=tuple({**usual, **headers}.items()))
    (result,) = judge(
        harness, [replace(one, request=request)], chosen(["headers"])
    ).results
    harness.close()
    wanted = ProbeOutcome.FAILED if fault else ProbeOutcome.PASSED
    assert (result.outcome, fault in result.facts) == (wanted, True)


def test_requests_that_a_receiver_saved_are_judged(tmp_path: Path) -> None:
    body = b'{"id": "evt_1"}'
    headers = SCHEMES["standard"].sign(
        body, secret=starting.SECRET, id="evt_1", timestamp=NOON
    )
    file = tmp_path / "captured.ndjson"
    file.write_text(
        "".join(
            as_line(
                Received(
                    number=number,
                    at=NOON + 9.0 * number,
                    request=Incoming(
                        method="POST",
                        path="/hook",
                        headers=tuple(headers.items()),
                        body=body,
                    ),
                    status=status,
                    seconds=0.001,
                    printed="",
                    error=None,
                )
            )
            for number, status in enumerate((500, 200))
        )
    )
    harness = recorder()
    marks = outcomes(judge(harness, read_record(file), PROBES))
    harness.close()
    assert marks["sign.valid"] is ProbeOutcome.PASSED
    assert marks["retry.500"] is ProbeOutcome.PASSED
    assert marks["identity.time"] is ProbeOutcome.FAILED


def labkit(*words: str) -> ClickResult:
    return CliRunner().invoke(main, ["examine-sender", *words])


def test_a_sender_that_follows_redirects_is_found_while_it_is_listened_to(
    tmp_path: Path,
) -> None:
    # urllib follows a 302 of a POST with a GET.
    port, record = free_port(), tmp_path / "record.jsonl"

    def deliver(number: int) -> None:
        body = json.dumps({"id": f"evt_{number}"}).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "Shop/1"}
        request = urllib.request.Request(f"http://127.0.0.1:{port}/hook", body, headers)
        for _ in range(5):
            with contextlib.suppress(OSError, HTTPException):
                # The address is on loopback.
                urllib.request.urlopen(request, timeout=0.2).close()  # noqa: S310
                return

    def send() -> None:
        wait_until_it_listens(port, patience=120)
        for number in range(15):
            deliver(number)

    sender = threading.Thread(target=send)
    sender.start()
    words = ["--listen", "--open", "127.0.0.1", "--port", str(port)]
    words += ["--scheme", "none", "--patience", "3", "--record", str(record)]
    words += ["--fail-share", "1", "--i-own-this-endpoint"]
    try:
        ended = labkit(*words, "--only", "redirect", "--only", "retry.reset")
    finally:
        sender.join()
    assert ended.exit_code == 1, ended.output
    assert "302 was followed with a GET" in " ".join(ended.output.split())
    again = labkit("--recorded", str(record), "--scheme", "none", "--only", "redirect")
    assert again.exit_code == 1, again.output


def test_a_url_of_a_tunnel_is_the_one_that_is_signed(tmp_path: Path) -> None:
    body = b'{"id": "evt_1"}'
    scheme = SCHEMES["square"]
    headers = scheme.sign(
        body, secret="a secret", id="", timestamp=NOON, url="https://shop.test/hook"
    )
    file = tmp_path / "record.jsonl"
    file.write_text(line(0, body.decode(), **headers))
    words = ["--recorded", str(file), "--scheme", "square", "--secret", "a secret"]
    words += ["--only", "sign.valid"]
    assert labkit(*words).exit_code == 1
    assert labkit(*words, "--public-url", "https://shop.test/x").exit_code == 0
    assert labkit(*words, "--public-url", "shop.test").exit_code == 2


def line(number: int, body: str, **headers: str) -> str:
    record = {
        "method": "POST",
        "path": "/hook",
        "headers": headers,
        "body": body,
        "at": 1_780_000_000 + number,
    }
    return json.dumps(record) + "\n"


def signed(number: int, event: str, body: str) -> str:
    at = 1_780_000_000 + number
    headers = SCHEMES["standard"].sign(
        body.encode(), secret=starting.SECRET, id=event, timestamp=at
    )
    return line(number, body, **headers)


def test_a_record_is_judged(tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    good = signed(0, "evt_1", "{}") + signed(9, "evt_1", "{}") + signed(3, "e2", "[]")
    file.write_text(good)
    ended = labkit("--recorded", str(file), "--secret", starting.SECRET)
    assert ended.exit_code == 0, ended.output
    bad = line(1, "{}", **{"X-Secret": starting.SECRET}) + line(2, "[]")
    file.write_text(good + bad)
    ended = labkit("--recorded", str(file), "--secret", starting.SECRET)
    assert ended.exit_code == 1
    for probe in ("sign.valid", "sign.secret-on-wire", "identity.id"):
        assert f" {probe} –" in ended.output


@pytest.mark.parametrize(
    ("stamps", "speed", "found", "fact"),
    [
        ((NOON, NOON + 1), 1, ProbeOutcome.PASSED, "retries carry a new timestamp"),
        ((NOON, NOON), 1, ProbeOutcome.UNKNOWN, "timestamps are whole seconds"),
        (
            (NOON, NOON),
            60,
            ProbeOutcome.FAILED,
            "the timestamp is the same on attempt 2",
        ),
        ((NOON,), 1, ProbeOutcome.UNKNOWN, "no event arrived twice"),
    ],
)
def test_timestamps_of_recorded_retries_are_compared(
    stamps: tuple[int, ...],
    speed: float,
    found: ProbeOutcome,
    fact: str,
    tmp_path: Path,
) -> None:
    record = tmp_path / "record.jsonl"
    lines = [
        {
            "method": "POST",
            "path": "/",
            "headers": {"webhook-id": "evt_1", "webhook-timestamp": str(at)},
            "body": "{}",
            "at": 5.0 + number,
        }
        for number, at in enumerate(stamps)
    ]
    record.write_text("".join(json.dumps(line) + "\n" for line in lines))
    harness = SenderHarness(
        Server(Witness()),
        Levers(),
        RealClock(speed),
        Promise(),
        scheme=SCHEMES["standard"],
    )
    outcomes = judge(harness, read_record(record), chosen(["identity.time"]))
    harness.close()
    (result,) = outcomes.results
    assert (result.outcome, fact in result.facts) == (found, True)


def test_a_line_that_is_no_delivery_is_named(tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    file.write_text(line(0, "{}") + "{}\n")
    ended = labkit("--recorded", str(file))
    assert ended.exit_code == 2
    assert "line 2" in ended.output


def test_listening_fails_one_event_first_and_more_after_its_retry() -> None:
    harness = SenderHarness(Server(Witness()), Levers(), RealClock(), Promise())
    behave = Answers(harness, 0.5)

    def status(event: str) -> str:
        headers = (("webhook-id", event),)
        return behave(Request("POST", "/", headers, b"{}")).name

    assert [status(e) for e in "abcd"] == ["503", "200", "200", "200"]
    # The next kind waits until the event of the last one has come again.
    assert [status(e) for e in "aefgh"] == ["200", "500", "200", "200", "200"]
    assert [status(e) for e in "eeei"] == ["500", "500", "200", "429, Retry-After: 7"]
    harness.close()


@pytest.mark.parametrize(("share", "limit", "failed"), [(0.0, 0, 0), (1.0, 2, 1)])
def test_no_more_failures_follow_each_other_than_are_allowed(
    share: float, limit: int, failed: int
) -> None:
    harness = recorder(Promise(disable_after=limit))
    behave = Answers(harness, share)

    def status(event: str) -> str:
        headers = (("webhook-id", event),)
        return behave(Request("POST", "/", headers, b"{}")).name

    names = [status(event) for event in "aabbbbccdd"]
    longest = max(
        (len(run) for run in "".join("x "[n[0] == "2"] for n in names).split()),
        default=0,
    )
    harness.close()
    assert longest == failed
