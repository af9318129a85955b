"""Different events about one object, such as a payment: each must have its effect."""

from labkit.findings import ProbeOutcome, Severity, Who
from labkit.probes.endpoint import Need
from labkit.probes.exchange import Draft, Exchange
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe, Sign
from labkit.probes.sample import at, put
from labkit.probes.tally import Tally, events


def _same_object(harness: Harness) -> Judgement:
    sample = harness.endpoint.sample
    if not sample.objects or at(sample.template, sample.objects[0]) is None:
        why = "the event names no object that further events may be about"
        return Judgement(ProbeOutcome.NOT_APPLICABLE, why)
    tally = Tally(harness)
    told = []
    for first, second in ((sample.before, sample.type), (sample.type, sample.after)):
        if first and second and not tally.complained:
            told += _in_turn(harness, tally, first, second)
    if not told and not tally.complained:
        why = f"{sample.after} has no effect, so perhaps the receiver does not use it"
        return Judgement(ProbeOutcome.UNKNOWN, why)
    return tally.judgement(f"{'; '.join(told)}: the second event had its effect")


def _in_turn(harness: Harness, tally: Tally, first: str, second: str) -> list[str]:
    """Send events of two types about one object; return their names if that tells.

    It tells nothing if an event of the second type has no effect by itself.
    """
    path = harness.endpoint.sample.objects[0]
    control = harness.draft()
    alone = harness.effects_of(lambda: _send(harness, control, second), wanted=0)
    if alone <= 0:
        return []
    one, other = harness.draft(), harness.draft()
    for place in other.sample.objects:
        put(other.payload, place, at(one.payload, place))
    before = harness.effects_of(lambda: _send(harness, one, first), wanted=0)
    sent: list[Exchange] = []
    gained = harness.effects_of(
        lambda: sent.append(_send(harness, other, second)), wanted=alone
    )
    if gained < alone:
        facts = (
            f"{first}, then {second} with the same {path}: the second had effects of "
            f"{events(gained)}, and of {events(alone)} if the value is new"
        )
        if before > 0:
            facts += "; this says nothing if the number counts objects, not effects"
        tally.complain(facts, Sign.OTHER, *sent)
    return [f"{first}, then {second}"]


def _send(harness: Harness, draft: Draft, kind: str) -> Exchange:
    sample = draft.sample
    if kind != sample.type:
        sample.put_type(draft.payload, kind)
    request = harness.seal(draft.body, id=draft.id, event_type=kind)
    return harness.send(f"{kind}, {draft.id}", request)


PROBES = (
    Probe(
        id="duplicate.same-object",
        title="an event is lost if an earlier event is about the same object",
        sent=(
            "first an event of one type about an object of its own; then an event of "
            "another type and one of the first type, with ids of their own, both about "
            "one other object, such as a payment"
        ),
        wanted="the last event has the same effect as the first",
        why="a payment or an order has several events; if its id is the key, all "
        "events about it but the first look like duplicates and are lost",
        mend="use the provider's event id as the key; where there is none, the id of "
        "the object together with the type of the event",
        source="docs.stripe.com/webhooks (handle duplicate events); "
        "shopify.dev (ignore duplicates: X-Shopify-Event-Id)",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-694",),
        run=_same_object,
        needs=frozenset({Need.EFFECTS}),
    ),
)
