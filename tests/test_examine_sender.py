import contextlib
import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path

import pytest
from click.testing import CliRunner
from click.testing import Result as ClickResult

from labkit.cli import main
from labkit.errors import BadSetting
from labkit.examine_sender import (
    PROBES,
    ByHand,
    Levers,
    Promise,
    RealClock,
    SenderHarness,
    causes_of,
    chosen,
    examine_sender,
    examine_with,
    levers_from,
    namespace,
    promise_from,
)
from labkit.examine_sender.crashes import repeated
from labkit.examine_sender.probe import COMMON, Probe, Steps, Wait, unknown
from labkit.findings import (
    ExaminationReport,
    Exit,
    ProbeOutcome,
    Result,
    Severity,
    exit_status,
    grouped,
    machine,
)
from labkit.findings.commands import Refused, run
from labkit.signing import SCHEMES, Scheme
from labkit.witness import Request, Respond, Sighting, Witness
from labkit.witness.certificates import make_certificates
from labkit.witness.server import Server, base_address
from tests.senders import good_sender, starting
from tests.senders.mutants import MUTANTS, Mutant

SOURCE = starting.GOOD.read_text(encoding="utf-8")
IN_PROCESS = [m for m in MUTANTS if not m.program and not m.namespace]
IN_NAMESPACE = [mutant for mutant in MUTANTS if mutant.namespace]
PROGRAMS = [mutant for mutant in MUTANTS if mutant.program]
NOON = 1_700_000_000
CONTROL = 7
"""Which event is the control of `data.body`: two are the calibration's."""
NEED_SOCKETS = {
    "ssrf.deliver",
    "ssrf.register",
    "ssrf.metadata",
    "ssrf.rebind",
    "tls.verified",
    "body.endless",
    "body.bomb",
    "body.drip",
    "fair.caller",
    "fair.slow",
    "crash.commit",
    "crash.flight",
    "twice.workers",
}


def by_id(report: ExaminationReport) -> dict[str, ProbeOutcome]:
    return {result.probe.id: result.outcome for result in report.results}


def facts(report: ExaminationReport, probe: str) -> str:
    return next(r.facts for r in report.results if r.probe.id == probe)


def examine_program(
    folder: Path,
    source: str,
    *only: str,
    ordered: bool = False,
    patience: float = 30.0,
) -> ExaminationReport:
    make_certificates(folder, names=(base_address(), "localhost"))
    started = starting.start(folder, source, ordered=ordered)
    program = starting.without_commands(started, source)
    try:
        return examine_sender(
            program.levers,
            program.promise,
            scheme=SCHEMES["standard"],
            secret=starting.SECRET,
            clock=RealClock(60),
            ca_folder=folder,
            patience=patience,
            probes=chosen(only),
        )
    finally:
        program.stop()


def test_the_good_sender_in_process_passes_every_probe_without_sockets(
    tmp_path: Path,
) -> None:
    report = examine_with(starting.in_process(good_sender, tmp_path))
    outcomes = by_id(report)
    assert report.findings == ()
    assert {p for p, o in outcomes.items() if o is ProbeOutcome.UNKNOWN} == NEED_SOCKETS
    assert {p for p, o in outcomes.items() if o is ProbeOutcome.NOT_APPLICABLE} == {
        "order.promise"
    }
    assert exit_status(report, fail_on=Severity.LOW) is Exit.CLEAN


@pytest.mark.parametrize("mutant", IN_PROCESS, ids=lambda mutant: mutant.probe)
def test_a_mutant_in_process_has_one_finding(mutant: Mutant, tmp_path: Path) -> None:
    module = starting.load(mutant.of(SOURCE))
    report = examine_with(starting.in_process(module, tmp_path))
    assert [finding.id for finding in report.findings] == [mutant.probe]


def test_every_probe_has_a_mutant_that_fits_the_source() -> None:
    for mutant in MUTANTS:
        mutant.of(SOURCE)
    assert sorted(m.probe for m in MUTANTS) == sorted(p.id for p in PROBES)


def test_a_sender_that_sends_nothing_passes_nothing(tmp_path: Path) -> None:
    harness = starting.in_process(good_sender, tmp_path)
    harness.levers = replace(harness.levers, trigger=lambda _: None)
    report = examine_with(harness)
    assert "no request arrived" in report.unjudged
    assert set(by_id(report).values()) == {ProbeOutcome.UNKNOWN}
    assert exit_status(report, fail_on=Severity.HIGH) is Exit.UNJUDGED


def test_a_sender_that_stops_after_the_calibration_passes_nothing(
    tmp_path: Path,
) -> None:
    harness = starting.in_process(good_sender, tmp_path)
    send, left = harness.levers.trigger, [2]

    def trigger(data: str) -> None:
        left[0] -= 1
        if left[0] >= 0 and send is not None:
            send(data)

    harness.levers = replace(harness.levers, trigger=trigger)
    report = examine_with(harness)
    assert report.unjudged == ""
    passed = [r.probe.id for r in report.of(ProbeOutcome.PASSED)]
    # A refusal at registration and what arrived in calibration were seen.
    seen = {"sign.empty", "sign.secret-on-wire", "secret.logs", "headers.hygiene"}
    assert set(passed) <= seen


def test_a_wrong_key_is_named(tmp_path: Path) -> None:
    mutant = next(m for m in MUTANTS if m.probe == "sign.valid")
    module = starting.load(mutant.of(SOURCE))
    report = examine_with(starting.in_process(module, tmp_path), chosen(["sign.valid"]))
    assert "keys the signature with the text of the secret" in facts(
        report, "sign.valid"
    )


def test_a_promise_of_no_retries_makes_their_probes_not_applicable(
    tmp_path: Path,
) -> None:
    harness = starting.in_process(good_sender, tmp_path)
    harness.promise = Promise(delays=())
    outcomes = by_id(examine_with(harness, chosen(["retry.500", "retry.success"])))
    assert outcomes["retry.500"] is ProbeOutcome.NOT_APPLICABLE


def test_a_wrong_speed_is_a_finding_about_the_setup(tmp_path: Path) -> None:
    harness = starting.in_process(good_sender, tmp_path)
    harness.clock.speed = 3.0
    report = examine_with(harness, chosen(["identity.time"]))
    assert [finding.id for finding in report.findings] == ["setup.speed"]


def test_an_exception_in_a_probe_costs_only_that_probe(tmp_path: Path) -> None:
    def broken(harness: SenderHarness) -> Steps:
        raise ZeroDivisionError("a bug of the kit")

    probes = tuple(
        replace(p, run=broken) if p.id == "identity.id" else p
        for p in chosen(["identity", "sign.valid"])
    )
    report = examine_with(starting.in_process(good_sender, tmp_path), probes)
    assert "the kit failed in this probe" in facts(report, "identity.id")
    assert by_id(report)["sign.valid"] is ProbeOutcome.PASSED


def test_a_program_is_judged_on_sockets(tmp_path: Path) -> None:
    only = ("redirect", "tls", "body.endless", "retry.timeout")
    report = examine_program(tmp_path, SOURCE, *only)
    assert report.findings == ()
    assert set(by_id(report).values()) == {ProbeOutcome.PASSED}


def test_every_probe_says_what_it_is() -> None:
    for probe in PROBES:
        said = (probe.sent, probe.wanted, probe.why, probe.mend, probe.source)
        assert all(said), probe.id
        assert not any(text.endswith(".") for text in said), probe.id
    assert len({probe.id for probe in PROBES}) == len(PROBES) == 46


def test_data_is_quoted_for_the_shell(tmp_path: Path) -> None:
    levers = levers_from(
        register="echo {url} {secret}", trigger=f"printf %s {{data}} > {tmp_path}/out"
    )
    assert levers.trigger is not None
    levers.trigger('a\'b $(id) "c"')
    assert (tmp_path / "out").read_text() == 'a\'b $(id) "c"'


def test_a_command_that_fails_says_why() -> None:
    with pytest.raises(Refused, match="ended with status 7 and printed nothing"):
        run("exit 7")
    with pytest.raises(Refused, match=r"status 3: no such order"):
        run("echo no such order >&2; exit 3")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"register": "add"}, "--register has no {url}"),
        ({"trigger": "order"}, "--trigger has no {data}"),
        ({"break_": "stop"}, "--break and --mend go together"),
        ({"rotate": "rotate"}, "--rotate has no {id}"),
    ],
)
def test_a_lever_without_its_word_is_refused(
    options: dict[str, str], said: str
) -> None:
    with pytest.raises(BadSetting, match=re.escape(said)):
        levers_from(**options)  # type: ignore[arg-type]


def test_a_schedule_is_read() -> None:
    promise = promise_from(schedule="5,300", jitter="0.2")
    assert (promise.delays, promise.jitter) == ((5, 300), (0.8, 1.2))
    assert promise_from(schedule="none").never_retries
    assert promise_from(profile="svix").delays is not None
    with pytest.raises(BadSetting, match="give seconds such as"):
        promise_from(schedule="soon")


def test_without_its_two_levers_there_is_no_examination() -> None:
    with pytest.raises(BadSetting, match="--register and --trigger"):
        examine_sender(Levers())


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
def test_the_good_program_passes_and_each_mutant_has_one_finding(
    tmp_path: Path,
) -> None:
    def found(mutant: Mutant | None) -> tuple[str, list[str], float]:
        name = mutant.probe if mutant else "good"
        folder = tmp_path / name
        folder.mkdir()
        source = mutant.of(SOURCE) if mutant else SOURCE
        ordered = mutant is not None and mutant.ordered
        report = examine_program(folder, source, ordered=ordered)
        return name, [finding.id for finding in report.findings], report.seconds

    with ThreadPoolExecutor(4) as pool:
        table = list(pool.map(found, [None, *PROGRAMS]))
    for name, findings, seconds in table:
        sys.stdout.write(f"{name:<28} {seconds:>6.0f} s  {', '.join(findings)}\n")
    assert {name: findings for name, findings, _ in table} == {
        "good": [],
        **{mutant.probe: [mutant.probe] for mutant in PROGRAMS},
    }


def labkit(*words: str) -> ClickResult:
    return CliRunner().invoke(main, ["examine-sender", *words])


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
def test_a_finding_says_what_the_sender_does_wrong(probe: Probe) -> None:
    failed = Result(probe=probe, outcome=ProbeOutcome.FAILED, facts="seen")
    (finding,) = grouped([failed], causes_of(PROBES))
    assert finding.title == probe.title
    assert finding.experiment == f"{probe.sent}; expected: {probe.wanted}"
    assert not re.search(r"facts \d", probe.source)


def test_every_sender_probe_has_a_title_of_its_own() -> None:
    assert len({probe.title for probe in PROBES}) == len(PROBES)


def test_the_command_lists_and_explains_its_probes() -> None:
    listed, explained = labkit("--list"), labkit("--explain", "retry.reset")
    assert len(listed.output.splitlines()) == len(PROBES)
    assert "AttributeError" in explained.output


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([], 2, "give --register and --trigger"),
        (["--only", "nonsense"], 2, "'nonsense' is not a probe or a family"),
        (["--register", "true {url}", "--trigger", "true"], 2, "has no {data}"),
        (["--listen", "--fail-share", "0.1"], 2, "--i-own-this-endpoint"),
    ],
)
def test_a_wrong_option_is_told(words: list[str], status: int, said: str) -> None:
    ended = labkit(*words)
    assert ended.exit_code == status
    assert said in ended.output


def test_a_sender_that_delivers_nothing_is_exit_status_3() -> None:
    words = [
        "--register",
        "echo {url}",
        "--trigger",
        "echo {data}",
        "--patience",
        "0.3",
    ]
    ended = labkit(*words, "--scheme", "none", "--patience", "0.3")
    assert ended.exit_code == 3
    assert "no request arrived" in " ".join(ended.output.split())


@pytest.mark.full
@pytest.mark.skipif(
    bool(namespace.reason_against()),
    reason=f"no network namespace here: {namespace.reason_against()}",
)
@pytest.mark.parametrize("mutant", [None, *IN_NAMESPACE], ids=lambda m: m and m.probe)
def test_private_addresses_are_judged_in_a_namespace(
    mutant: Mutant | None, tmp_path: Path
) -> None:
    program = tmp_path / "sender.py"
    program.write_text(mutant.of(SOURCE) if mutant else SOURCE, encoding="utf-8")
    sender = f"{sys.executable} {program}"
    words = ["--in-namespace", "--only", "ssrf", "--patience", "10", "--speed", "60"]
    words += ["--register", f"{sender} add {{url}} {{secret}}"]
    words += ["--unregister", f"{sender} remove {{id}}"]
    words += ["--trigger", f"{sender} order {{data}}"]
    words += ["--secret", starting.SECRET, "--json", str(tmp_path / "report.json")]
    words += ["--schedule", "30,120,300", "--jitter", "full"]
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from labkit.cli import main; main()"),
            *("examine-sender", *words, "--", sys.executable, str(program), "work"),
        ],
        env={
            **os.environ,
            "SENDER_FOLDER": str(tmp_path),
            "SENDER_ALLOWED": starting.LOOPBACK,
            "SENDER_SPEED": "60",
            "SENDER_IDLE": "3",
            "SENDER_START": str(time.time()),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == (1 if mutant else 0), done.stdout + done.stderr
    report = machine.read(tmp_path / "report.json")
    found = [finding.id for finding in report.findings]
    assert found == ([mutant.probe] if mutant else [])
    if mutant is None:
        outcomes = by_id(report)
        assert outcomes["ssrf.metadata"] is ProbeOutcome.PASSED
        assert outcomes["ssrf.rebind"] is ProbeOutcome.PASSED


def test_a_410_that_is_retried_only_in_a_second_tier_is_found(tmp_path: Path) -> None:
    # Without a promise the longest delay counts, not the first one.
    source = SOURCE.replace("elif status == 410:", "elif status == 999:").replace(
        "delay = settings.schedule[made - 1] * self._rng.uniform(0.0, 1.0)",
        "delay = 1.0 if status != 410 and made % 2 else 60.0",
    )
    harness = starting.in_process(starting.load(source), tmp_path)
    harness.promise = Promise()
    report = examine_with(harness, chosen(("retry.500", "retry.gone")))
    assert "3 more times after a 410" in facts(report, "retry.gone")


def test_an_event_behind_a_backlog_is_not_lost(tmp_path: Path) -> None:
    harness = starting.in_process(good_sender, tmp_path)
    send, made, calibrated = harness.levers.trigger, [], 2

    def late(data: str) -> None:
        # The four events of the probe wait until the one after them, the control.
        made.append(data)
        waiting = made[calibrated:] if len(made) > calibrated else made[-1:]
        if send is not None and len(made) in {1, calibrated, calibrated + 5}:
            for one in waiting:
                send(one)

    harness.levers = replace(harness.levers, trigger=late)
    report = examine_with(harness, chosen(("data.body",)))
    assert facts(report, "data.body") == "valid JSON with the data as it was given"


def test_an_event_far_behind_in_a_backlog_is_waited_for(tmp_path: Path) -> None:
    # The control comes only after three events to others, which take 3 s each.
    harness = starting.in_process(good_sender, tmp_path)
    send, made = harness.levers.trigger, []

    def trigger(data: str) -> None:
        made.append(data)
        if send is not None and len(made) != CONTROL:
            send(data)

    def other(harness: SenderHarness) -> Steps:
        while len(made) < CONTROL:
            yield Wait(lambda: False, 1)
        for _ in range(3):
            yield Wait(lambda: False, 3)
            harness.event(harness.shared("other", Respond(200)))
        assert send is not None
        send(made[CONTROL - 1])
        return unknown("it keeps the sender busy")

    harness.levers = replace(harness.levers, trigger=trigger)
    (body,) = chosen(("data.body",))
    probes = (replace(body, id="data.other", run=other), body)
    report = examine_with(harness, probes)
    assert facts(report, "data.body") == "valid JSON with the data as it was given"


def by_hand(
    folder: Path, *, forgets: str = "nothing", file: Path | None = None
) -> tuple[SenderHarness, list[str]]:
    """Return a harness whose URLs an owner adds one at a time, and what was said."""
    said: list[str] = []
    harness = starting.in_process(good_sender, folder)
    add, send, known = harness.levers.register, harness.levers.trigger, set[str]()

    def trigger(data: str) -> None:
        assert add is not None
        assert send is not None
        for one in harness.registered:
            if one.url not in known and forgets not in one.url:
                known.add(one.url)
                add(one.url, starting.SECRET)
                break
        send(data)

    harness.levers = replace(harness.levers, trigger=trigger)
    harness.by_hand = ByHand(said.append, file=file, patience=0.3, again=0.01)
    harness.levers = replace(harness.levers, register=harness.by_hand.register)
    return harness, said


def test_urls_that_are_added_by_hand_are_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "urls.txt"
    harness, said = by_hand(tmp_path, file=file)
    report = examine_with(harness, chosen(("retry.500", "retry.gone", "data.body")))
    assert set(by_id(report).values()) == {ProbeOutcome.PASSED}
    assert said[:2] == [
        f"Add the new URLs in {file} to your sender",
        "An event arrived at each of them (1); the examination continues",
    ]
    assert "/data-" in file.read_text()


def test_a_url_that_nobody_adds_passes_nothing(tmp_path: Path) -> None:
    harness, said = by_hand(tmp_path, forgets="/410-")
    report = examine_with(harness, chosen(("retry.500", "retry.gone", "ssrf", "end")))
    outcomes = by_id(report)
    assert outcomes["retry.500"] is ProbeOutcome.PASSED
    assert outcomes["retry.gone"] is ProbeOutcome.UNKNOWN
    assert any("continues without it" in line for line in said)
    assert facts(report, "end.disable") == "this needs --register"


def test_without_register_the_command_asks_for_the_urls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        ByHand, "wait", lambda asked, harness: asked._ask(harness, harness.registered)
    )
    file = tmp_path / "urls.txt"
    words = [
        "--trigger",
        "true {data}",
        "--secret",
        starting.SECRET,
        "--patience",
        "0.1",
    ]
    printed = labkit(*words)
    assert printed.exit_code == 3
    assert "Add these URLs to your sender:\n  http://127." in printed.output
    assert labkit(*words, "--url-file", str(file)).exit_code == 3
    assert "/calibration-" in file.read_text()
    both = labkit(*words, "--url-file", str(file), "--register", "true {url}")
    assert both.exit_code == 2


SENDS_TWO_NOTICES = (
    '"insert into notices (endpoint, event) values (?, ?)"',
    (
        '"with pair (endpoint, event) as (values (?, ?)) insert into notices '
        '(endpoint, event) select * from pair union all select * from pair"'
    ),
)


def test_notices_are_counted_by_the_dead_letters_of_all_endpoints(
    tmp_path: Path,
) -> None:
    def other(harness: SenderHarness) -> Steps:
        harness.endpoint("other", Respond(500))
        yield COMMON
        yield Wait(lambda: False, 1_000)
        return unknown("it only fails to the end")

    (notice,) = chosen(("end.notice",))
    probes = (replace(notice, id="end.other", run=other), notice)
    for source, outcome in (
        (SOURCE, ProbeOutcome.PASSED),
        (SOURCE.replace(*SENDS_TWO_NOTICES), ProbeOutcome.FAILED),
    ):
        harness = starting.in_process(starting.load(source), tmp_path)
        assert by_id(examine_with(harness, probes))["end.notice"] is outcome


def test_a_machine_that_is_late_by_chance_is_no_jitter(tmp_path: Path) -> None:
    # Constant delays of 60 s, and each attempt starts up to 30 s late.
    late = "self._rng.uniform(0.0, 30.0)"
    source = SOURCE.replace("(event, self.now()),", f"(event, self.now() + {late}),")
    source = source.replace(
        "settings.schedule[made - 1] * self._rng.uniform(0.0, 1.0)", f"60.0 + {late}"
    )
    harness = starting.in_process(starting.load(source), tmp_path)
    report = examine_with(harness, chosen(("backoff.jitter",)))
    assert by_id(report)["backoff.jitter"] is ProbeOutcome.UNKNOWN
    said = facts(report, "backoff.jitter")
    assert "can't be told from chance" in said
    assert ("a smaller --speed" in said) == (harness.clock.speed > 1)


def test_a_retry_after_a_timeout_is_no_duplicate() -> None:
    def seen(number: int, *, finished: bool) -> Sighting:
        request = Request("POST", "/slow", (), b"")
        return Sighting(
            path="/slow",
            mark="m",
            number=number,
            request=request,
            connected=0.0,
            began=0.0,
            ended=0.0,
            behaviour="200",
            finished=finished,
        )

    gave_up, accepted = seen(1, finished=False), seen(2, finished=True)
    assert not repeated((gave_up, accepted))
    assert not repeated((accepted,))
    assert repeated((accepted, gave_up))
    assert repeated((gave_up, accepted, accepted))


@pytest.mark.parametrize(
    ("late", "outcome"), [(0.0, ProbeOutcome.FAILED), (100.0, ProbeOutcome.UNKNOWN)]
)
def test_a_delay_that_a_busy_machine_explains_is_no_finding(
    late: float, outcome: ProbeOutcome, tmp_path: Path
) -> None:
    harness = starting.in_process(good_sender, tmp_path)
    delays = harness.promise.delays or ()
    shorter = tuple(delay * 0.001 for delay in delays)
    harness.promise = replace(harness.promise, delays=shorter, jitter=(1.0, 1.0))
    harness.clock.late = late * max(delays)
    report = examine_with(harness, chosen(("backoff.promise",)))
    assert by_id(report)["backoff.promise"] is outcome


def test_a_delay_that_is_wrong_once_is_no_finding(tmp_path: Path) -> None:
    drawn = "self._rng.uniform(0.0, 1.0)"
    module = starting.load(SOURCE.replace(drawn, f"(9.0 if LATE.pop() else {drawn})"))
    module.__dict__["LATE"] = [False] * 99 + [True]
    harness = starting.in_process(module, tmp_path)
    report = examine_with(harness, chosen(("backoff.promise",)))
    assert by_id(report)["backoff.promise"] is ProbeOutcome.UNKNOWN
    assert "but those of another are" in facts(report, "backoff.promise")


def test_the_clock_measures_how_late_the_machine_is() -> None:
    clock = RealClock()
    changed = threading.Condition()
    for _ in range(5):
        clock.pause(changed, time.monotonic())
    assert clock.late > 0


def caching(harness: SenderHarness, *, reads: int) -> None:
    """Let the sender look at its endpoints for so many events only."""
    add, send = harness.levers.register, harness.levers.trigger
    assert add is not None
    assert send is not None
    waiting: list[tuple[str, str]] = []
    events: list[str] = []

    def register(url: str, secret: str) -> str:
        waiting.append((url, secret))
        return url

    def trigger(data: str) -> None:
        events.append(data)
        while waiting and len(events) <= reads:
            add(*waiting.pop(0))
        send(data)

    harness.levers = replace(
        harness.levers, register=register, unregister=None, trigger=trigger
    )


def test_a_sender_that_caches_its_endpoints_is_told_so(tmp_path: Path) -> None:
    harness = starting.in_process(good_sender, tmp_path)
    caching(harness, reads=1)
    report = examine_with(harness, chosen(("retry.500",)))
    assert "does the sender cache them" in report.unjudged


def stale(harness: SenderHarness, *, seconds: float) -> None:
    """Let the sender read the list of its endpoints again only after that time."""
    add, send = harness.levers.register, harness.levers.trigger
    assert add is not None
    assert send is not None
    waiting: list[tuple[str, str]] = []
    read = [-seconds]

    def register(url: str, secret: str) -> str:
        waiting.append((url, secret))
        return url

    def trigger(data: str) -> None:
        if harness.clock.now() >= read[0] + seconds:
            read[0] = harness.clock.now()
            while waiting:
                add(*waiting.pop(0))
        send(data)

    harness.levers = replace(
        harness.levers, register=register, unregister=None, trigger=trigger
    )


@pytest.mark.parametrize("pickup", [None, 61.0])
def test_a_sender_that_calls_new_endpoints_late_is_waited_for(
    pickup: float | None, tmp_path: Path
) -> None:
    harness = starting.in_process(good_sender, tmp_path)
    stale(harness, seconds=60.0)
    harness.learned.pickup = pickup
    harness.patience = 600.0
    only = ("identity", "sign.valid", "retry.500", "retry.timeout")
    report = examine_with(harness, chosen(only))
    assert report.unjudged == ""
    said = any("only 60 s after its registration" in line for line in report.contact)
    assert said is (pickup is None)
    assert set(by_id(report).values()) == {ProbeOutcome.PASSED}


def test_a_wait_for_a_new_endpoint_is_no_doubt_about_jitter(tmp_path: Path) -> None:
    harness = starting.in_process(good_sender, tmp_path)
    stale(harness, seconds=60.0)
    report = examine_with(harness, chosen(("backoff.jitter",)))
    assert by_id(report)["backoff.jitter"] is ProbeOutcome.PASSED


def test_a_probe_is_not_blamed_for_a_cached_list_of_endpoints(tmp_path: Path) -> None:
    harness = starting.in_process(good_sender, tmp_path)
    caching(harness, reads=3)
    (probe,) = chosen(("retry.timeout",))
    probe = replace(probe, run=alone, needs=frozenset())
    report = examine_with(harness, [probe])
    assert facts(report, probe.id) == "it only calls"


def alone(harness: SenderHarness) -> Steps:
    """Be a probe that calls one endpoint, and that judges nothing."""
    endpoint = harness.endpoint("alone", Respond(200))
    mark = yield COMMON
    yield Wait(lambda: bool(endpoint.seen(mark)), 60)
    return unknown("it only calls")


def hindered(harness: SenderHarness) -> Steps:
    """Be a probe whose own command fails after its event."""
    yield from alone(harness)
    raise Refused("the restart failed")


def silence_after(
    folder: Path,
    events: range,
    *,
    probes: int = 1,
    restart: bool = False,
    steps: Callable[[SenderHarness], Steps] = alone,
) -> list[str]:
    """Return the facts of probes whose sender drops those events (from 1)."""
    harness = starting.in_process(good_sender, folder)
    send, made = harness.levers.trigger, []
    assert send is not None

    def trigger(data: str) -> None:
        made.append(data)
        if len(made) not in events:
            send(data)

    harness.levers = replace(
        harness.levers, trigger=trigger, restart=(lambda: None) if restart else None
    )
    harness.patience = 60.0
    (probe,) = chosen(("retry.timeout",))
    copies = [
        replace(probe, id=f"alone.{number}", run=steps, needs=frozenset())
        for number in range(probes)
    ]
    report = examine_with(harness, copies)
    return [f"{r.outcome.name} {r.facts}" for r in report.results]


# Events 1 and 2 are the calibration's, 3 the control before, 4 the probe's, 5 after it.
@pytest.mark.parametrize(
    ("events", "said"),
    [
        (range(0), "UNKNOWN it only calls"),
        (range(5, 99), "FAILED after this, no event arrived at a good endpoint"),
        (range(4, 99), "UNKNOWN it only calls"),
        (range(3, 99), "UNKNOWN no event arrived at a good endpoint after the earlier"),
        (range(3, 4), "UNKNOWN it only calls"),
    ],
)
def test_a_probe_is_blamed_only_for_a_silence_that_it_caused(
    events: range, said: str, tmp_path: Path
) -> None:
    assert silence_after(tmp_path, events)[0].startswith(said)


def test_a_silence_after_a_command_that_failed_is_not_the_fault_of_the_sender(
    tmp_path: Path,
) -> None:
    (said,) = silence_after(tmp_path, range(5, 99), steps=hindered)
    assert said == "UNKNOWN the restart failed"


@pytest.mark.parametrize("restart", [False, True])
def test_a_probe_after_a_silence_is_not_blamed(restart: bool, tmp_path: Path) -> None:
    first, second, third = silence_after(
        tmp_path, range(5, 99), probes=3, restart=restart
    )
    assert first.startswith("FAILED after this")
    assert second == third
    assert second.startswith(
        "UNKNOWN no event arrived at a good endpoint after alone.0"
    )
    # A busy sender gets time, so the next probe is judged.
    late = silence_after(tmp_path, range(5, 6), probes=2, restart=restart)
    assert late[1] == "UNKNOWN it only calls"


def test_an_id_in_a_header_of_another_name_is_found(tmp_path: Path) -> None:
    source = SOURCE.replace('"webhook-id": event', '"X-Shop-Delivery-Id": event')
    source = source.replace('"webhook-signature"', '"X-Shop-Signature"')
    harness = starting.in_process(starting.load(source), tmp_path)
    report = examine_with(harness, chosen(("identity.id", "sign.valid")))
    assert by_id(report)["identity.id"] is ProbeOutcome.PASSED
    assert by_id(report)["sign.valid"] is ProbeOutcome.FAILED
    assert "if X-Shop-Signature is the signature" in facts(report, "sign.valid")


def test_a_status_that_is_never_retried_is_found_behind_a_backlog(
    tmp_path: Path,
) -> None:
    late = "self._rng.uniform(0.0, 90.0)"
    source = SOURCE.replace("(event, self.now()),", f"(event, self.now() + {late}),")
    source = source.replace("NEVER_RETRIED = {", "NEVER_RETRIED = {408, ")
    harness = starting.in_process(
        starting.load(source), tmp_path, schedule=(1.0, 120.0, 300.0)
    )
    report = examine_with(harness, chosen(("retry.429", "retry.500")))
    assert by_id(report)["retry.500"] is ProbeOutcome.PASSED
    assert by_id(report)["retry.429"] is ProbeOutcome.FAILED
    assert facts(report, "retry.429").startswith("after 408, no second attempt")


def test_a_retry_after_deletion_is_found_if_the_first_one_comes_at_once(
    tmp_path: Path,
) -> None:
    mutant = next(m for m in MUTANTS if m.probe == "end.deleted")
    for source, outcome in (
        (SOURCE, ProbeOutcome.PASSED),
        (mutant.of(SOURCE), ProbeOutcome.FAILED),
    ):
        harness = starting.in_process(
            starting.load(source), tmp_path, schedule=(0.0, 120.0, 300.0)
        )
        report = examine_with(harness, chosen(("end.deleted",)))
        assert by_id(report)["end.deleted"] is outcome


def test_retries_that_wait_in_a_queue_together_do_not_show_jitter(
    tmp_path: Path,
) -> None:
    # The delays have jitter, but a busy worker delays everything by up to 100 s.
    source = SOURCE.replace("(event, self.now()),", "(event, self.now() + 100.0),")
    source = source.replace(
        "settings.schedule[made - 1] * self._rng.uniform(0.0, 1.0)", "100.0"
    )
    harness = starting.in_process(starting.load(source), tmp_path)
    report = examine_with(harness, chosen(("backoff.jitter",)))
    assert by_id(report)["backoff.jitter"] is ProbeOutcome.UNKNOWN
    assert "so may these retries be" in facts(report, "backoff.jitter")


@pytest.mark.parametrize("scheme", [None, SCHEMES["standard"]])
def test_data_is_called_verified_only_if_a_scheme_was_given(
    scheme: Scheme | None, tmp_path: Path
) -> None:
    harness = starting.in_process(good_sender, tmp_path)
    harness.scheme = scheme
    report = examine_with(harness, chosen(("sign.valid", "sign.bytes")))
    assert by_id(report)["sign.bytes"] is ProbeOutcome.PASSED
    assert ("verified" in facts(report, "sign.bytes")) == (scheme is not None)
    signed = ProbeOutcome.PASSED if scheme else ProbeOutcome.NOT_APPLICABLE
    assert by_id(report)["sign.valid"] is signed


@pytest.mark.parametrize("behind", [False, True])
def test_a_sender_that_is_far_behind_is_not_blamed_for_a_missing_retry(
    behind: bool, tmp_path: Path
) -> None:
    # It never retries after a 429. Where it is behind, one endpoint is still waiting
    # for its first attempt, so a retry may come late as well.
    source = next(m for m in MUTANTS if m.probe == "retry.429").of(SOURCE)
    harness = starting.in_process(starting.load(source), tmp_path)
    levers = harness.levers

    def register(url: str, secret: str) -> str:
        if behind and "two-events" in url:
            return "not sent to yet"
        assert levers.register is not None
        return levers.register(url, secret)

    def unregister(id_: str) -> None:
        if id_ != "not sent to yet":
            assert levers.unregister is not None
            levers.unregister(id_)

    harness.levers = replace(levers, register=register, unregister=unregister)
    report = examine_with(harness, chosen(("sign.valid", "retry.429")))
    outcome = ProbeOutcome.UNKNOWN if behind else ProbeOutcome.FAILED
    assert by_id(report)["retry.429"] is outcome


def test_a_retry_that_is_late_anyway_does_not_show_that_retry_after_is_kept(
    tmp_path: Path,
) -> None:
    # It ignores Retry-After; its own delay is longer than promised, and than asked.
    source = next(m for m in MUTANTS if m.probe == "retry.after").of(SOURCE)
    source = source.replace(
        "settings.schedule[made - 1] * self._rng.uniform(0.0, 1.0)", "400.0"
    )
    harness = starting.in_process(starting.load(source), tmp_path)
    report = examine_with(harness, chosen(("retry.after",)))
    assert by_id(report)["retry.after"] is ProbeOutcome.UNKNOWN
    assert "own delay of 400 s" in facts(report, "retry.after")


def post_to(url: str, data: str) -> None:
    body = json.dumps({"id": data, "data": data}).encode()
    with contextlib.suppress(OSError, ValueError):
        urllib.request.urlopen(url, body, timeout=2).close()  # noqa: S310 - loopback


@pytest.mark.full
def test_an_internal_address_that_is_called_late_is_found() -> None:
    # One worker sends the good deliveries of an event first, and then waits.
    urls: list[str] = []
    jobs: queue.Queue[str | None] = queue.Queue()

    def work() -> None:
        while (data := jobs.get()) is not None:
            inside = [url for url in urls if "ssrf" in url]
            for url in [url for url in urls if url not in inside]:
                post_to(url, data)
            time.sleep(2.5 if inside else 0)  # as a sender with a queue does
            for url in inside:
                post_to(url, data)

    def register(url: str, _: str) -> str:
        urls.append(url)
        return url

    worker = threading.Thread(target=work)
    worker.start()
    levers = Levers(register=register, unregister=urls.remove, trigger=jobs.put)
    try:
        report = examine_sender(levers, patience=10.0, probes=chosen(("ssrf.deliver",)))
    finally:
        jobs.put(None)
        worker.join()
    assert "spellings reached the canary" in facts(report, "ssrf.deliver")


@pytest.mark.full
def test_a_slow_response_is_found_also_if_the_timeout_is_short() -> None:
    # Its timeout is one for each read, as that of most clients is.
    urls: list[str] = []

    def read_all(url: str, data: str) -> None:
        body = json.dumps({"id": data, "data": data}).encode()
        with contextlib.suppress(OSError, ValueError, HTTPException):
            urllib.request.urlopen(url, body, timeout=0.6).read()  # noqa: S310 - loopback

    def register(url: str, _: str) -> str:
        urls.append(url)
        return url

    def trigger(data: str) -> None:
        for url in tuple(urls):
            threading.Thread(target=read_all, args=(url, data), daemon=True).start()

    report = examine_sender(
        Levers(register=register, unregister=urls.remove, trigger=trigger),
        Promise(timeout=0.6),
        patience=10.0,
        probes=chosen(("body.drip",)),
    )
    assert by_id(report)["body.drip"] is ProbeOutcome.FAILED
    assert "more than twice its timeout" in facts(report, "body.drip")


@pytest.mark.full
def test_a_busy_machine_does_not_make_a_sender_unfair() -> None:
    # Each delivery has a thread of its own, but the machine starts one in 0.1 s.
    urls: list[str] = []
    jobs: queue.Queue[tuple[str, str] | None] = queue.Queue()

    def start() -> None:
        while (job := jobs.get()) is not None:
            time.sleep(0.1)
            threading.Thread(target=post_to, args=job, daemon=True).start()

    def register(url: str, _: str) -> str:
        urls.append(url)
        return url

    def trigger(data: str) -> None:
        for url in tuple(urls):
            jobs.put((url, data))

    levers = Levers(register=register, unregister=urls.remove, trigger=trigger)
    examined = SenderHarness(
        Server(Witness()), levers, RealClock(), Promise(), patience=20.0
    )
    examined.learned.hang = 2.0
    machine = threading.Thread(target=start)
    machine.start()
    try:
        report = examine_with(examined, chosen(("fair.slow",)))
    finally:
        jobs.put(None)
        machine.join()
    assert by_id(report)["fair.slow"] is ProbeOutcome.PASSED
