"""How fast an endpoint responds, alone and during slow requests; whether it runs."""

import statistics

from labkit.findings import Severity, Who
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe, unknown
from labkit.probes.tally import Tally
from labkit.probes.wire import written

EVENTS = 20

SLOW_CLIENTS = 8


def _answer(harness: Harness) -> Judgement:
    if not harness.accepts:
        return unknown("a valid event is rejected; fix signatures first")
    tally = Tally(harness)
    # A slow one has shown by now how slow it is.
    missing = EVENTS - len(harness.timings)
    for _ in range(max(missing, 2) if harness.slow else EVENTS):
        exchange = harness.deliver("a valid event")
        if exchange.response.seconds > harness.limit:
            break
    median, slowest = statistics.median(harness.timings), max(harness.timings)
    facts = (
        f"{len(harness.timings)} deliveries: median {median * 1000:.0f} ms, slowest "
        f"{slowest * 1000:.0f} ms; the limit is {harness.limit:g} s"
    )
    if slowest > harness.limit:
        tally.complain(facts)
    return tally.judgement(facts)


def _slow_body(harness: Harness) -> Judgement:
    draft = harness.draft()
    request = harness.seal(draft.body, id=draft.id)
    content = written(request, harness.wire.authority)
    return _beside(harness, content[: len(content) - len(request.body) // 2], "bodies")


def _slow_head(harness: Harness) -> Judgement:
    wire = harness.wire
    head = f"POST {wire.path} HTTP/1.1\r\nHost: {wire.authority}\r\nX-Slow: "
    return _beside(harness, head.encode(), "heads")


def _beside(harness: Harness, start: bytes, what: str) -> Judgement:
    if not harness.accepts:
        return unknown("a valid event is rejected; fix signatures first")
    tally = Tally(harness)
    alone = max(harness.timings, default=0.0)
    with harness.wire.dripping([start] * SLOW_CLIENTS, every=0.1):
        harness.pause(0.2)
        exchange = harness.deliver(f"a valid event beside {SLOW_CLIENTS} slow {what}")
    if alone > harness.limit and exchange.response.seconds < 2 * alone:
        return unknown(
            f"a valid event takes up to {alone:.1f} s even without slow clients, and "
            f"{exchange.response.seconds:.1f} s with them"
        )
    tally.accept(exchange)
    response = exchange.response
    if response.status is not None and response.seconds > harness.limit:
        tally.complain(f"the response came after {response.seconds:.1f} s")
    return tally.judgement(f"response in {response.seconds * 1000:.0f} ms")


def _alive(harness: Harness) -> Judgement:
    tally = Tally(harness)
    tally.accept(harness.deliver("a valid event at the end"))
    return tally.judgement("acknowledged, after everything else")


PROBES = (
    Probe(
        id="speed.answer",
        title="a response takes longer than the provider waits",
        sent=f"{EVENTS} valid events in turn; all other deliveries count too",
        wanted="the slowest response within the provider's timeout",
        why=(
            "a late response counts as no response: the provider sends the event "
            "again while the first delivery is still being processed"
        ),
        mend="store the event, acknowledge it, and do the work afterwards",
        source="octokit/webhooks.js#185, tramlinehq/tramline#128",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("the provider's time limit",),
        run=_answer,
    ),
    Probe(
        id="speed.slow-bodies",
        sent=f"{SLOW_CLIENTS} requests whose bodies come byte by byte, and an event",
        wanted="the valid event acknowledged within the provider's timeout",
        why="a server with few workers waits for the slow clients, so anyone who opens "
        "eight connections can block it",
        mend="put a server in front that reads bodies before it occupies a worker",
        source="vellum-ai/vellum-assistant#36910",
        severity=Severity.HIGH,
        who=Who.ANYONE,
        references=(
            "CWE-400",
            "OWASP API4:2023",
        ),
        run=_slow_body,
    ),
    Probe(
        id="speed.slow-heads",
        sent=f"{SLOW_CLIENTS} requests whose headers do not end, and a valid event",
        wanted="the valid event acknowledged within the provider's timeout",
        why=(
            "a server with few workers waits for the slow clients, before the "
            "application even gets a request"
        ),
        mend=(
            "put a server in front that reads headers before it occupies a worker, "
            "and limits the time for them"
        ),
        source="known as Slowloris; RFC 9112, section 9.5",
        severity=Severity.HIGH,
        who=Who.ANYONE,
        references=(
            "CWE-400",
            "OWASP API4:2023",
        ),
        run=_slow_head,
    ),
)

LAST = Probe(
    id="speed.alive",
    sent="a valid event after all other probes",
    wanted="acknowledged",
    why="an endpoint may fail after all probes although it survived each of them",
    mend="look for the cause in its log",
    source="KanishJebaMathewM/Truxify#3755 (a dead process)",
    severity=Severity.HIGH,
    who=Who.ANYONE,
    references=("CWE-400",),
    run=_alive,
)
