"""The order of events, where one is promised."""

import itertools
from collections.abc import Sequence

from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.identity import FAIL, OK
from labkit.examine_sender.probe import Group, Need, Probe, Steps, Wait, not_applicable
from labkit.examine_sender.tally import Tally
from labkit.findings import Severity, Who
from labkit.witness import Sighting

EVENTS = 20


def _order(harness: SenderHarness) -> Steps:
    if not harness.promise.ordered:
        yield from ()
        return not_applicable("no order is promised (--ordered)")
    endpoint = harness.endpoint("ordered", OK)
    failing = harness.witness.new_mark()
    marks = [harness.witness.new_mark() for _ in range(EVENTS)]
    marks[EVENTS // 2] = failing
    endpoint.script = (FAIL, OK)
    endpoint.marks.add(failing)
    for mark in marks:
        harness.trigger(mark)
    yield Wait(
        lambda: all(_accepted(endpoint.seen(m)) for m in marks), harness.longest_wait
    )
    tally = Tally()
    accepted = [s for s in endpoint.seen() if s.behaviour.startswith("200")]
    order = [marks.index(s.mark) for s in accepted if s.mark in marks]
    tally.control(len(order))
    if missing := EVENTS - len(set(order)):
        tally.complain(f"{missing} of {EVENTS} events did not arrive")
    in_order(tally, order, accepted)
    return tally.judgement(f"{EVENTS} events in order, one of which failed once")


def in_order(
    tally: Tally, order: Sequence[float], accepted: Sequence[Sighting]
) -> None:
    """Tally whether events were accepted in order; `order` has their numbers."""
    inversions = sum(two < one for one, two in itertools.pairwise(order))
    if inversions:
        tally.complain(
            f"{inversions} of {len(order)} events arrived after a newer one",
            *accepted[:4],
        )


def _accepted(sightings: tuple[object, ...]) -> bool:
    return any(str(getattr(s, "behaviour", "")).startswith("200") for s in sightings)


PROBES = (
    Probe(
        id="order.promise",
        title="events arrive in another order than promised, or not at all",
        sent=(
            "the endpoint responds with 500 once to one of twenty events, and with 200 "
            "to the others"
        ),
        wanted="the events in order, if an order is promised",
        why=(
            "receivers that rely on the order overwrite a newer state with an older one"
        ),
        mend="send a time or a version with the state, or promise no order",
        source="docs.stripe.com/webhooks (event ordering)",
        severity=Severity.LOW,
        who=Who.NOBODY,
        run=_order,
        group=Group.EVENTS,
        needs=frozenset({Need.REGISTER, Need.RETRIES}),
        explained_by=("retry.500",),
    ),
)
