"""Responses that are too large, too slow, or larger than they look."""

from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.probe import COMMON, Group, Need, Probe, Steps, Wait, unknown
from labkit.examine_sender.tally import Tally
from labkit.examine_sender.waiting import arrival
from labkit.findings import Severity, Who
from labkit.witness import Behaviour, Bomb, Drip, DripHeaders, Endpoint, Stream
from labkit.witness.behaviours import EndlessHeaders

MOST = 1_000_000
"""Bytes that a sender may take of a response, buffers of both systems included."""

LONGEST = 30.0
OFTEN = 4
"""How many bytes at least are sent within a sender's timeout for one read."""

SETTLE = 2.0
MOST_MEMORY = 50_000.0
"""How much the sender's memory may grow, in kB."""


def _bounded(harness: SenderHarness, behaviour: Behaviour, tally: Tally) -> Steps:
    """Tally how much of one response is taken, and for how long."""
    endpoint = harness.endpoint("body", behaviour, behaviour)
    mark = yield COMMON
    yield from arrival(harness, endpoint, mark)
    if not tally.arrived(endpoint, mark, behaviour.name):
        return unknown("")
    yield from _closed(harness, endpoint, mark, LONGEST)
    first = endpoint.seen(mark)[0]
    if first.closed is None:
        tally.complain(f"the sender is still reading {behaviour.name}", first)
    elif first.taken > MOST:
        size = f"{first.taken / 1e6:.1f} MB"
        tally.complain(f"the sender took {size} of {behaviour.name}", first)
    return unknown("")


def _closed(
    harness: SenderHarness, endpoint: Endpoint, mark: str, real: float
) -> Steps:
    limit = harness.sender(min(harness.patience, real))
    yield Wait(lambda: endpoint.seen(mark)[0].closed is not None, limit)
    return unknown("")


def _endless(harness: SenderHarness) -> Steps:
    tally = Tally()
    yield from _bounded(harness, Stream(), tally)
    return tally.judgement("closed within 1 MB")


def _bomb(harness: SenderHarness) -> Steps:
    rss = harness.levers.rss
    behaviour = Bomb()
    before = rss() if rss else 0.0
    endpoint = harness.endpoint("bomb", behaviour)
    mark = yield COMMON
    yield from arrival(harness, endpoint, mark)
    tally = Tally()
    if not tally.arrived(endpoint, mark, behaviour.name):
        return tally.judgement("")
    if rss is None:
        yield from _closed(harness, endpoint, mark, LONGEST)
        tally.doubt("the sender's memory was not measured; give --rss")
        return tally.judgement("")
    if before > behaviour.total / 1000:
        tally.doubt(
            f"the sender's memory was {before / 1000:.0f} MB before; restart it first"
        )
    peak = before
    limit = harness.clock.now() + min(harness.patience, LONGEST)
    until = limit
    while harness.clock.now() < until:
        yield Wait(lambda: False, harness.sender(0.2))
        peak = max(peak, rss())
        if until == limit and endpoint.seen(mark)[0].closed is not None:
            # It has read all of it; what it does with it may take a moment more.
            until = harness.clock.now() + SETTLE
    if until == limit:
        tally.doubt("the sender was still reading; give more --patience")
    grown = (peak - before) / 1000
    fact = f"the memory grew by {grown:.0f} MB after {behaviour.name}"
    if peak - before > MOST_MEMORY:
        tally.complain(fact, *endpoint.seen(mark)[:1])
    return tally.judgement(fact)


def _drip(harness: SenderHarness) -> Steps:
    tally = Tally()
    timeout = harness.promise.timeout
    known = timeout or harness.sender(harness.learned.hang or 0) or LONGEST
    # No single read may time out, also if the machine is busy.
    every = min(1.0, known / OFTEN) / harness.clock.speed
    behaviours = (Drip(every), DripHeaders(every), EndlessHeaders())
    endpoints = {b.name: harness.endpoint("drip", b, b) for b in behaviours}
    mark = yield COMMON
    limit = 2 * known + harness.slack * 3
    start = harness.now()

    def over() -> bool:
        # A sender may call them one after the other.
        first = [e.seen(mark)[:1] for e in endpoints.values()]
        return all(s and s[0].closed is not None for s in first)

    yield Wait(over, min(harness.longest_wait, 3 * limit))
    for what, endpoint in endpoints.items():
        if not endpoint.seen(mark):
            # One that holds the only worker keeps the others from being called.
            continue
        tally.control()
        first = endpoint.seen(mark)[0]
        end = harness.witness.now() if first.closed is None else first.closed
        held = harness.sender(end - first.ended)
        if first.closed is None and held <= limit:
            tally.doubt(f"{what}: still open after {held:.0f} s; give more --patience")
        elif held > limit:
            tally.complain(
                f"{what} held the sender for {held:.0f} s, more than twice its timeout "
                f"of {known:.0f} s",
                first,
            )
        elif first.taken > MOST:
            size = f"{first.taken / 1e6:.1f} MB"
            tally.complain(f"the sender took {size} of {what}", first)
    if not tally.failed:
        for what, endpoint in endpoints.items():
            tally.arrived(endpoint, mark, what)
    took = harness.now() - start
    return tally.judgement(f"all three closed after {took:.0f} s at most")


T = frozenset({Need.REGISTER, Need.SOCKETS})

# The bomb comes first: a peak of memory that an endless body left would hide it.
PROBES = (
    Probe(
        id="body.bomb",
        title="a small compressed response fills the memory",
        sent="the endpoint responds with 200 and 194 kB of gzip that inflate to 200 MB",
        wanted="the worker's memory grows by at most 50 MB",
        why="a small response can fill the memory of the worker and crash it",
        mend="send no Accept-Encoding, or limit the size of the decoded body",
        source="django-outbound-webhooks 0.4.0 (51 to 628 MB)",
        severity=Severity.HIGH,
        who=Who.OWNER,
        references=("CWE-409",),
        run=_bomb,
        group=Group.ALONE,
        needs=T | {Need.RSS},
        explained_by=("body.endless",),
    ),
    Probe(
        id="body.endless",
        title="a response is read without a limit",
        sent="the endpoint responds with 200 and a body of 100 MB without a length",
        wanted="the sender closes the connection within 1 MB and 30 s",
        why="one endpoint can fill the memory of the worker and crash it",
        mend="read at most 64 kB of a response, then close",
        source="getfider/fider#1499, BradGroux/veritas-kanban#610",
        severity=Severity.HIGH,
        who=Who.OWNER,
        references=("CWE-400", "CWE-770"),
        run=_endless,
        group=Group.ALONE,
        needs=T,
    ),
    Probe(
        id="body.drip",
        title="a slow or endless response is read for too long",
        sent=(
            "endpoints send the body or the headers byte by byte, one per second or "
            "more often, or headers without an end"
        ),
        wanted="the sender closes the connection within twice its timeout",
        why=(
            "a timeout per read never expires here, so one endpoint blocks a worker "
            "forever"
        ),
        mend="use one deadline for the whole exchange",
        source="suitenumerique/messages#728",
        severity=Severity.HIGH,
        who=Who.OWNER,
        references=("CWE-400",),
        run=_drip,
        group=Group.ALONE,
        needs=T,
        explained_by=("retry.timeout",),
    ),
)
