"""How long the judge of senders waits, and when it doubts what it has measured."""

import threading
import urllib.parse
from collections.abc import Callable
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import pytest

from labkit.examine_sender import (
    Levers,
    Promise,
    RealClock,
    SenderHarness,
    chosen,
    examine_sender,
    examine_with,
)
from labkit.examine_sender.retries import Refusing
from labkit.examine_sender.tally import Tally
from labkit.findings import ExaminationReport, ProbeOutcome
from labkit.witness import Witness
from labkit.witness.server import Server
from tests.senders import starting
from tests.senders.mutants import MUTANTS

SOURCE = starting.GOOD.read_text(encoding="utf-8")
DUE = "\" select ?, id, ? from endpoints where status = 'active'\""
JITTER = "self._rng.uniform(0.0, 1.0)"
DELAY = f"settings.schedule[made - 1] * {JITTER}"


def edited(*edits: tuple[str, str], source: str = SOURCE) -> str:
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return source


def mutant(probe: str) -> str:
    return next(each for each in MUTANTS if each.probe == probe).of(SOURCE)


def harness_of(source: str, folder: Path) -> SenderHarness:
    return starting.in_process(starting.load(source), folder)


def outcome(report: ExaminationReport, probe: str) -> tuple[ProbeOutcome, str]:
    result = next(each for each in report.results if each.probe.id == probe)
    return result.outcome, result.facts


# ------------------------------------------------------------ how long it waits


@pytest.mark.parametrize("late", [0.6, 1.8])
def test_the_next_event_after_a_410_is_waited_for(late: float, tmp_path: Path) -> None:
    # 410 ends the delivery, but the endpoint stays, and its next event is a bit late.
    source = edited(
        (
            'self._finish(delivery, "dead", "gone")',
            'self._finish(delivery, "dead", "")',
        ),
        (DUE, DUE.replace("id, ?", f"id, ? + {late} * (url like '%/410-%')")),
    )
    report = examine_with(
        harness_of(source, tmp_path), chosen(("retry.500", "retry.gone"))
    )
    found, fact = outcome(report, "retry.gone")
    assert found is ProbeOutcome.FAILED
    assert "the next event was sent to it, too" in fact


def test_a_retry_after_the_deletion_is_waited_for_with_full_jitter(
    tmp_path: Path,
) -> None:
    # The kept endpoint draws a short delay, the deleted one a long one.
    own = 'settings.schedule[made - 1] * (0.02 if "not-del" in url else 0.95)'
    url = (
        'url = (self._row("select url from endpoints where id = ?",'
        ' delivery["endpoint"]) or {"url": ""})["url"]\n            '
    )
    source = edited(
        (f"delay = {DELAY}", f"{url}delay = {own}"), source=mutant("end.deleted")
    )
    report = examine_with(harness_of(source, tmp_path), chosen(("end.deleted",)))
    found, fact = outcome(report, "end.deleted")
    assert found is ProbeOutcome.FAILED
    assert "after the endpoint was deleted" in fact


@pytest.mark.parametrize(
    ("patience", "found"), [(100.0, ProbeOutcome.UNKNOWN), (500.0, ProbeOutcome.FAILED)]
)
def test_a_retry_that_a_slower_tier_may_still_make_is_not_missing(
    patience: float, found: ProbeOutcome, tmp_path: Path
) -> None:
    # No schedule is promised, and the second retry after a 500 comes after 180 s.
    source = edited((DELAY, "settings.schedule[made - 1]"), source=mutant("retry.429"))
    module = starting.load(source)
    harness = starting.in_process(module, tmp_path, schedule=(1.0, 180.0, 9_000.0))
    harness.promise, harness.patience = Promise(), patience
    report = examine_with(harness, chosen(("retry.500", "retry.429")))
    assert outcome(report, "retry.500")[0] is ProbeOutcome.PASSED
    assert outcome(report, "retry.429")[0] is found


@pytest.mark.parametrize(
    ("sooner", "found"), [(0, ProbeOutcome.PASSED), (5, ProbeOutcome.FAILED)]
)
def test_a_date_is_judged_by_the_timestamps_of_the_sender(
    sooner: int, found: ProbeOutcome, tmp_path: Path
) -> None:
    # First attempts take 9 s to arrive, so the kit takes the sender's clock to be late.
    first = (
        'first = (event["id"], endpoint["id"]) not in SENT\n'
        '        SENT.add((event["id"], endpoint["id"]))\n'
        "        now -= 9 * first\n        "
    )
    wished = "wished_delay(wish, now, settings.longest_wish)"
    source = edited(
        ("NEVER_RETRIED = ", "SENT = set()\nNEVER_RETRIED = "),
        ('live = [endpoint["secret"]]', f'{first}live = [endpoint["secret"]]'),
        (wished, f'{wished} - {sooner} * ("GMT" in (wish or ""))'),
    )
    report = examine_with(harness_of(source, tmp_path), chosen(("retry.after",)))
    assert outcome(report, "retry.after")[0] is found


@pytest.mark.parametrize(
    ("waited", "found"),
    [(400.0, ProbeOutcome.UNKNOWN), (900.0, ProbeOutcome.FAILED)],
)
def test_a_retry_after_a_refused_connection_may_be_refused_as_well(
    waited: float, found: ProbeOutcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Three retries fit into 450 s, and the first two may come before the port opens.
    harness = SenderHarness(
        Server(Witness()),
        Levers(register=lambda url, _: url),
        RealClock(),
        Promise(delays=(30.0, 120.0, 300.0), jitter=(0.0, 1.0)),
    )
    monkeypatch.setattr(harness, "retry_gaps", lambda: [20.0])
    refusing = Refusing(harness)
    refusing.open()
    begun = harness.now()
    monkeypatch.setattr(harness, "now", lambda: begun + waited)
    tally = Tally()
    refusing.judge(tally, "a mark")
    refusing.close()
    harness.close()
    assert tally.judgement("").outcome is found


def test_an_endpoint_that_cannot_be_enabled_again_is_found(tmp_path: Path) -> None:
    harness = harness_of(SOURCE, tmp_path)
    harness.levers = replace(harness.levers, enable=lambda _: None)
    report = examine_with(harness, chosen(("end.disable",)))
    found, fact = outcome(report, "end.disable")
    assert found is ProbeOutcome.FAILED
    assert "enabled again, but nothing is sent to it" in fact


class SlowReader:
    """A sender in this process that reads a response slowly and keeps what it read."""

    def __init__(self, pause: float) -> None:
        self.pause, self.memory = pause, 50_000.0
        self.urls: dict[str, str] = {}
        self._over = threading.Event()

    def add(self, url: str, _: str) -> str:
        self.urls[url] = url
        return url

    def order(self, data: str) -> None:
        for url in list(self.urls):
            threading.Thread(target=self._post, args=(url, data), daemon=True).start()

    def remove(self, url: str) -> None:
        self.urls.pop(url, None)

    def stop(self) -> None:
        self._over.set()

    def _post(self, url: str, data: str) -> None:
        parts = urllib.parse.urlsplit(url)
        connection = HTTPConnection(parts.netloc, timeout=20)
        connection.request("POST", parts.path, data)
        response = connection.getresponse()
        length = int(response.headers.get("Content-Length") or 0)
        for _ in range(4 if length > 100_000 else 0):
            response.read(length // 4)
            self._over.wait(self.pause)
        response.read()
        connection.close()
        if length > 100_000:
            self.memory += 200_000


@pytest.mark.full
def test_the_memory_is_measured_until_a_bomb_was_read(tmp_path: Path) -> None:
    sender = SlowReader(pause=0.8)
    levers = Levers(
        register=sender.add,
        unregister=sender.remove,
        trigger=sender.order,
        rss=lambda: sender.memory,
    )
    try:
        report = examine_sender(
            levers, Promise(delays=()), patience=20.0, probes=chosen(("body.bomb",))
        )
    finally:
        sender.stop()
    found, fact = outcome(report, "body.bomb")
    assert found is ProbeOutcome.FAILED
    assert "grew by 200 MB" in fact


# --------------------------------------------------------------- when it doubts


def late_by(draw: str) -> Callable[[str], str]:
    """Return an edit of a sender that starts every attempt late, by what is drawn."""

    def change(source: str) -> str:
        return edited(
            ("(event, self.now()),", f"(event, self.now() + {draw}),"),
            ("now + delay, delivery", f"now + delay + {draw}, delivery"),
            source=source,
        )

    return change


def test_delays_of_a_sender_whose_first_attempts_are_late_are_no_finding(
    tmp_path: Path,
) -> None:
    # Its delays are the promised ones, but a backlog of up to 400 s comes before each.
    source = late_by("self._rng.uniform(0.0, 400.0)")(SOURCE)
    report = examine_with(
        harness_of(source, tmp_path),
        chosen(("retry.500", "retry.429", "retry.after", "backoff")),
    )
    assert [finding.id for finding in report.findings] == []
    found, fact = outcome(report, "backoff.promise")
    assert found is ProbeOutcome.UNKNOWN
    assert "first attempts" in fact


@pytest.mark.parametrize(
    ("probe", "edit"),
    [
        ("backoff.promise", (DELAY, f"60.0 + {DELAY}")),
        ("backoff.grows", (DELAY, f"60.0 * (0.9 + 0.1 * {JITTER})")),
        ("retry.after", ("return min(float(text[:12]), longest)", "return 2_000.0")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_delays_that_no_backlog_explains_are_a_finding(
    probe: str, edit: tuple[str, str], tmp_path: Path
) -> None:
    source = edited(edit)
    report = examine_with(
        harness_of(source, tmp_path), chosen(("retry.500", "retry.429", probe))
    )
    assert probe in [finding.id for finding in report.findings]


def test_a_status_that_is_promised_to_be_final_is_not_judged_as_a_redirect(
    tmp_path: Path,
) -> None:
    redirects = frozenset({300, 301, 302, 303, 304, 307, 308})
    source = edited(("status in NEVER_RETRIED", "300 <= (status or 0) < 499"))
    for promised, wanted in (
        (frozenset[int](), ProbeOutcome.FAILED),
        (redirects, ProbeOutcome.UNKNOWN),
    ):
        harness = harness_of(source, tmp_path)
        harness.promise = replace(harness.promise, never_retried=promised)
        report = examine_with(
            harness, chosen(("retry.500", "retry.redirect-is-failure"))
        )
        assert outcome(report, "retry.redirect-is-failure")[0] is wanted
