"""Something that an endpoint needs is unavailable, such as its database."""

from collections.abc import Iterator
from contextlib import contextmanager

from labkit.errors import BadSetting
from labkit.findings import Severity, Who
from labkit.probes.endpoint import Need
from labkit.probes.exchange import Exchange
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe
from labkit.probes.tally import Tally

NEEDS = frozenset({Need.EFFECTS, Need.OUTAGE})

EVENTS = 3

# The provider tries again after these, whatever it thinks of other 4xx.
_TRY_AGAIN = frozenset({408, 425, 429})


@contextmanager
def _broken(harness: Harness) -> Iterator[None]:
    break_, mend = harness.levers.break_, harness.levers.mend
    if break_ is None or mend is None:
        raise BadSetting(f"nothing can be broken; give {Need.OUTAGE}")
    break_()
    try:
        yield
    finally:
        mend()


def _status(harness: Harness) -> Judgement:
    tally = Tally(harness)
    with _broken(harness):
        exchanges = [harness.deliver("during the outage") for _ in range(EVENTS)]
    for exchange in exchanges:
        status = exchange.response.status or 0
        if 400 <= status < 500 and status not in _TRY_AGAIN:
            tally.complain(f"{exchange.label}: {status}, wanted: 5xx or 429")
    answers = ", ".join(sorted({str(exchange.response) for exchange in exchanges}))
    return tally.judgement(f"responses: {answers}")


def _acknowledged(harness: Harness) -> Judgement:
    tally = Tally(harness)
    taken: list[Exchange] = []

    def act() -> None:
        with _broken(harness):
            exchanges = [harness.deliver("during the outage") for _ in range(EVENTS)]
        taken.extend(e for e in exchanges if harness.acknowledged(e.response))

    gained = harness.effects_of(act, wanted=lambda: len(taken))
    if gained < len(taken):
        tally.complain(
            f"{len(taken)} events acknowledged during the outage, {gained:g} processed "
            "after it"
        )
    return tally.judgement(
        f"{len(taken)} acknowledged, {gained:g} processed afterwards"
    )


def _redelivered(harness: Harness) -> Judgement:
    tally = Tally(harness)
    drafts = [harness.draft() for _ in range(EVENTS)]

    def deliver(label: str) -> None:
        for draft in drafts:
            harness.deliver(label, draft)

    def act() -> None:
        with _broken(harness):
            deliver("during the outage")
        deliver("after the outage")

    gained = harness.effects_of(act, wanted=EVENTS)
    tally.effects("three events, during an outage and after it", gained, EVENTS)
    return tally.judgement("one effect for each")


PROBES = (
    Probe(
        id="outage.status",
        title="a temporary failure gets a status that stops retries",
        sent="valid events while nothing can be processed",
        wanted=(
            "a 5xx or 429, so that the provider tries again; or a 2xx if the event is "
            "stored"
        ),
        why="some providers never retry after a 4xx",
        mend="respond with 503 if the event may succeed later; a 4xx says that the "
        "request is wrong",
        source="the-momentum/open-wearables#1053, SendGrid's inbound parse",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("CWE-755",),
        run=_status,
        needs=NEEDS,
    ),
    Probe(
        id="outage.acknowledged",
        title="events that cannot be processed are acknowledged, so they are lost",
        sent="valid events while nothing can be processed",
        wanted="a later effect for each event that was acknowledged",
        why="the provider does not send an acknowledged event again",
        mend=(
            "let the exception become a 5xx; with a log line and a 200, the event is "
            "lost"
        ),
        source="mikenelsonjr/Accelerators#2, aashutoshkumarbhardwaj/CreatorOs#984",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("CWE-390",),
        run=_acknowledged,
        needs=NEEDS,
    ),
    Probe(
        id="outage.redelivered",
        title="events that come again after an outage do not have one effect each",
        sent="events while nothing can be processed, and again afterwards",
        wanted="one effect for each",
        why="an id that is claimed before the work succeeds makes the retry a "
        "duplicate, and the event is lost",
        mend=(
            "claim the id in the same transaction as the effect, so that a failure "
            "rolls back both"
        ),
        source="postel-sh/postel#129, langfuse/langfuse#15463, NangoHQ/nango#7484",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("CWE-460",),
        run=_redelivered,
        needs=NEEDS,
    ),
)
