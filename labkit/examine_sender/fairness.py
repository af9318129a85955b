"""One endpoint that hangs must not delay others, nor the program that triggers."""

from collections.abc import Generator

from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.probe import COMMON, Group, Need, Probe, Steps, Wait
from labkit.examine_sender.tally import Tally
from labkit.findings import Severity, Who
from labkit.witness import Endpoint, Hang, Respond

EVENTS = 10


def _slow(harness: SenderHarness) -> Steps:
    hanging = harness.endpoint("hanging", Hang())
    healthy = harness.endpoint("healthy", Respond(200))
    yield COMMON
    tally = Tally()
    # The same without one that hangs: a busy machine delays ten events as well.
    usual, _ = yield from _ten_events(harness, healthy)
    waits, marks = yield from _ten_events(harness, healthy, hanging)
    if not any(hanging.seen(mark) for mark in marks):
        tally.doubt("no request reached the endpoint that hangs")
        return tally.judgement("")
    tally.control()
    if len(usual) < EVENTS:
        tally.doubt(
            f"{EVENTS - len(usual)} of {EVENTS} events did not reach the healthy "
            "endpoint although no other one hung"
        )
        return tally.judgement("")
    held = harness.learned.hang
    without = max(harness.learned.latency, *usual)
    limit = 2 * without + max(0.3, (held or 10.0) / 2)
    if held is not None and held * EVENTS < 2 * limit:
        tally.doubt(
            f"the sender gives up after {held:.2f} real seconds, and events took up to "
            f"{without:.1f} s without an endpoint that hangs, so a delay can't be told "
            f"from chance; {harness.calmer}"
        )
    if len(waits) < EVENTS:
        tally.complain(
            f"{EVENTS - len(waits)} of {EVENTS} events did not reach the healthy "
            "endpoint while another one hung"
        )
    elif max(waits) > limit:
        tally.complain(
            f"the healthy endpoint waited {max(waits):.1f} s; without the one that "
            f"hangs it was {without:.1f} s"
        )
    longest = max(waits, default=0.0)
    return tally.judgement(f"the healthy endpoint waited {longest:.2f} s at most")


def _ten_events(
    harness: SenderHarness, healthy: Endpoint, *others: Endpoint
) -> Generator[Wait, bool, tuple[list[float], list[str]]]:
    """Make ten events; return how long each took to the healthy one, and the marks."""
    starts: dict[str, float] = {}
    for _ in range(EVENTS):
        before = harness.witness.now()
        mark = harness.event(healthy, *others)
        # A slow trigger is the subject of another probe.
        starts[mark] = max(before, harness.witness.now() - harness.learned.latency)
    yield Wait(
        lambda: all(healthy.seen(m) for m in starts),
        harness.sender(min(harness.patience, 30.0)),
    )
    waits = [
        healthy.seen(mark)[0].began - start
        for mark, start in starts.items()
        if healthy.seen(mark)
    ]
    return waits, list(starts)


def _caller(harness: SenderHarness) -> Steps:
    hanging = harness.endpoint("hanging", Hang())
    yield COMMON
    tally = Tally()
    took = []
    marks = []
    for _ in range(2):
        start = harness.clock.now()
        marks.append(harness.event(hanging))
        took.append(harness.clock.now() - start)
    yield Wait(
        lambda: any(hanging.seen(mark) for mark in marks),
        harness.sender(min(harness.patience, 10.0)),
    )
    if not any(hanging.seen(mark) for mark in marks):
        tally.doubt("no request reached the endpoint that hangs")
        return tally.judgement("")
    tally.control()
    held = harness.learned.hang
    limit = 2 * harness.learned.trigger + max(0.3, min(held or 10.0, 10.0) / 2)
    if min(took) > limit:
        tally.complain(
            f"the trigger took {min(took):.1f} s while the endpoint hung; "
            f"before it was {harness.learned.trigger:.1f} s"
        )
    return tally.judgement(
        f"the trigger took {min(took):.2f} s while the endpoint hung"
    )


PROBES = (
    Probe(
        id="fair.caller",
        title="the program that triggers an event waits for the endpoint",
        sent="the endpoint does not respond while an event is triggered",
        wanted="the trigger returns without waiting for a response",
        why="the sender's own users wait for someone else's endpoint",
        mend="store the event and send it from a worker",
        source="Verdaccio 6.10.4, mic1on/onestep#104",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-400",),
        run=_caller,
        group=Group.ALONE,
        needs=frozenset({Need.REGISTER, Need.SOCKETS}),
    ),
    Probe(
        id="fair.slow",
        title="an endpoint that does not respond delays others",
        sent="one endpoint does not respond to ten events; another responds with 200",
        wanted="the healthy endpoint waits at most twice as long as without the slow "
        "one, plus half of the sender's timeout",
        why="one endpoint stops the deliveries to all others (head-of-line blocking)",
        mend="limit the attempts in flight per endpoint",
        source="keygen-sh/keygen-api#771, rmyndharis/OpenWA#511",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-400",),
        run=_slow,
        group=Group.ALONE,
        needs=frozenset({Need.REGISTER, Need.SOCKETS}),
        explained_by=("fair.caller", "retry.timeout"),
    ),
)
