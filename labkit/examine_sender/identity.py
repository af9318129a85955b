"""The id, the bytes and the time of an event, and of its retries."""

from collections.abc import Sequence

from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.probe import (
    COMMON,
    Need,
    Probe,
    Steps,
    not_applicable,
)
from labkit.examine_sender.tally import Tally
from labkit.examine_sender.waiting import arrival, attempts, missing
from labkit.findings import Severity, Who
from labkit.witness import Endpoint, Respond, Sighting

FAIL = Respond(500)
OK = Respond(200)


def always_500(harness: SenderHarness) -> Endpoint:
    """Return the group's endpoint that never accepts; it is a reference for gaps."""
    endpoint = harness.shared("500", FAIL)
    if endpoint not in harness.references:
        harness.references.append(endpoint)
    return endpoint


def _id(harness: SenderHarness) -> Steps:
    endpoint = harness.shared("two-events", OK)
    one = yield COMMON
    yield from arrival(harness, endpoint, one)
    two = harness.event(endpoint)
    yield from arrival(harness, endpoint, two)
    tally = Tally()
    if not all(tally.arrived(endpoint, mark, "200") for mark in (one, two)):
        return tally.judgement("")
    ids = ids_differ(harness, tally, [endpoint.seen(mark)[0] for mark in (one, two)])
    return tally.judgement(f"two events carry the ids {ids[0]!r} and {ids[1]!r}")


def ids_differ(
    harness: SenderHarness, tally: Tally, events: Sequence[Sighting]
) -> list[str | None]:
    """Tally whether these events carry ids, all different; return the ids."""
    ids = [harness.event_id(sighting.request) for sighting in events]
    without = [s for s, id_ in zip(events, ids, strict=True) if not id_]
    if without:
        tally.complain(
            "no id of the event or the delivery is on the wire", *without[:2]
        )
    elif same := [s for s, id_ in zip(events, ids, strict=True) if ids.count(id_) > 1]:
        shown = harness.event_id(same[0].request)
        tally.complain(f"two events carry the same id {shown!r}", *same[:2])
    return ids


def _retry(harness: SenderHarness) -> Steps:
    endpoint = always_500(harness)
    mark = yield COMMON
    yield from attempts(harness, endpoint, mark, 2)
    tally = Tally()
    seen = endpoint.seen(mark)
    if len(seen) < 2:
        missing(harness, tally, endpoint, mark, "500")
        return tally.judgement("")
    return tally.judgement(
        f"{len(seen)} attempts with {same_event(harness, tally, seen)}"
    )


def same_event(harness: SenderHarness, tally: Tally, seen: Sequence[Sighting]) -> str:
    """Tally whether attempts carry one id and one body; return what they share."""
    tally.control()
    ids = {harness.event_id(sighting.request) for sighting in seen}
    if len(ids) > 1:
        tally.complain(f"the attempts carry the ids {', '.join(map(repr, ids))}", *seen)
    if len({sighting.request.body for sighting in seen}) > 1:
        tally.complain("the attempts carry different bodies", *seen)
    return "one body, and without an id" if None in ids else "one id and one body"


def _time(harness: SenderHarness) -> Steps:
    endpoint = always_500(harness)
    mark = yield COMMON
    # The second gap is longer, so that whole seconds tell two attempts apart.
    yield from attempts(harness, endpoint, mark, 3)
    tally = Tally()
    seen = endpoint.seen(mark)
    if len(seen) < 2:
        missing(harness, tally, endpoint, mark, "500")
        return tally.judgement("")
    timed = signed_anew(harness, tally, seen)
    if not timed and not tally.failed:
        return not_applicable("the scheme carries no timestamp")
    last, apart = seen[-1], harness.sender(seen[-1].began - seen[0].began)
    return tally.judgement(
        f"attempt {last.number} was signed {apart:.0f} s later, with a new timestamp"
    )


def signed_anew(harness: SenderHarness, tally: Tally, seen: Sequence[Sighting]) -> bool:
    """Tally whether each attempt has its own time, a valid signature and all headers.

    Return False if there need be no timestamp.
    """
    tally.control()
    first, last = seen[0], seen[-1]
    names = [{name.lower() for name, _ in s.request.headers} for s in (first, last)]
    if lost := names[0] - names[1]:
        tally.complain(
            f"the retry lacks the headers {', '.join(sorted(lost))}", first, last
        )
    for sighting in seen[1:]:
        if harness.signature_fault(sighting.request):
            number = sighting.number
            tally.complain(f"the signature of attempt {number} is not valid", sighting)
    apart = harness.sender(last.began - first.began)
    return _renewed(harness, tally, (first, last), apart)


def _renewed(
    harness: SenderHarness, tally: Tally, pair: tuple[Sighting, Sighting], apart: float
) -> bool:
    """Tally whether the timestamp is new; return False if there need be none."""
    first, last = (harness.claimed_time(sighting.request) for sighting in pair)
    if first is None or last is None:
        if harness.scheme is None or not harness.scheme.renewed_per_attempt:
            return False
        tally.complain("the request has no timestamp", *pair)
    elif first == last and apart < 2.5:
        tally.doubt(
            f"the attempts were {apart:.1f} s apart, and the timestamps are whole "
            "seconds; give more --patience"
        )
    elif first == last:
        number = pair[1].number
        tally.complain(
            f"the timestamp is the same on attempt {number}, {apart:.0f} s later", *pair
        )
    return True


RETRIES = frozenset({Need.REGISTER, Need.RETRIES})

PROBES = (
    Probe(
        id="identity.id",
        title="two events have no id, or the same one",
        sent="the endpoint responds with 200 to two events",
        wanted="an id that differs between the two events",
        why="without an id receivers can't deduplicate, so after a retry an order is "
        "shipped twice",
        mend="send the event's id in a header or as a field of the body",
        source="documenso/documenso#3204",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("Standard Webhooks: webhook-id",),
        run=_id,
        needs=frozenset({Need.REGISTER}),
    ),
    Probe(
        id="identity.retry",
        title="a retry has another id or another body",
        sent="the endpoint responds with 500 to the first attempts",
        wanted="the same id and the same body on every attempt",
        why="a second id makes a retry a new event, and the receiver handles it twice",
        mend="store the id and the body once, and send the stored bytes",
        source="rmyndharis/OpenWA#1641",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("Standard Webhooks: webhook-id",),
        run=_retry,
        needs=RETRIES,
        explained_by=("retry.500",),
    ),
    Probe(
        id="identity.time",
        title="a retry has an old timestamp, an invalid signature or fewer headers",
        sent="the endpoint responds with 500 to the first attempts",
        wanted="a new timestamp, a valid signature and no missing header on a retry",
        why="receivers reject a later retry as too old or as unsigned",
        mend="build and sign every attempt in one function",
        source="better-auth/better-auth#8844, reapit/foundations#7075",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("Standard Webhooks: webhook-timestamp",),
        run=_time,
        needs=RETRIES,
        explained_by=("sign.valid", "retry.500"),
    ),
)
