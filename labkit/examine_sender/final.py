"""Which responses end a delivery: a 2xx, 410 Gone, and what the sender promises."""

from collections.abc import Sequence

from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.identity import OK, RETRIES, always_500
from labkit.examine_sender.probe import COMMON, Need, Probe, Steps, Wait, unknown
from labkit.examine_sender.tally import Tally
from labkit.examine_sender.waiting import (
    arrival,
    missing,
    retried,
    second_attempts,
    silence,
)
from labkit.findings import Severity, Who
from labkit.witness import Respond, Sighting

ACCEPTED_AT_ONCE = (200, 201, 202, 204, 299)


def _gone(harness: SenderHarness) -> Steps:
    always_500(harness)
    endpoint = harness.shared("410", Respond(410))
    control = harness.shared("two-events", OK)
    mark = yield COMMON
    yield from arrival(harness, endpoint, mark)
    tally = Tally()
    if not tally.arrived(endpoint, mark, "410"):
        return tally.judgement("")
    possible = yield from silence(harness)
    seen = endpoint.seen(mark)
    if sent_after_gone(tally, seen):
        return tally.judgement("")
    if not possible:
        tally.doubt("no retry was seen after a 500, so its absence here says nothing")
        return tally.judgement("")
    after = harness.event(endpoint, control)
    yield from arrival(harness, control, after)
    # Its delivery may be queued behind retries of others.
    spare = harness.sender(harness.learned.latency * 3 + 2.0)
    yield Wait(
        lambda: bool(endpoint.seen(after)), harness.slack + harness.backlog + spare
    )
    if endpoint.seen(after):
        tally.complain("the next event was sent to it, too", *endpoint.seen(after))
    else:
        tally.arrived(control, after, "200")
    return tally.judgement("no further attempt, and no further event")


def sent_after_gone(tally: Tally, seen: Sequence[Sighting]) -> bool:
    """Tally whether the event came again after a 410; return it."""
    more = len(seen) - 1
    if more:
        times = "1 more time" if more == 1 else f"{more} more times"
        tally.complain(f"the event was sent {times} after a 410", *seen)
    return bool(more)


def _400(harness: SenderHarness) -> Steps:
    always_500(harness)
    statuses = (400, 401, 404, 413, 422)
    endpoints = {s: harness.shared(f"status-{s}", Respond(s)) for s in statuses}
    mark = yield COMMON
    possible = yield from silence(harness)
    tally = Tally()
    never = harness.promise.never_retried
    counts = {status: len(e.seen(mark)) for status, e in endpoints.items()}
    for status, endpoint in endpoints.items():
        if not tally.arrived(endpoint, mark, str(status)):
            continue
        if never is not None and status in never and counts[status] > 1:
            seen = endpoint.seen(mark)
            tally.complain(f"{status} is retried, against the promise", *seen)
        if never is not None and status not in never and counts[status] == 1:
            missing(harness, tally, endpoint, mark, str(status))
    said = ", ".join(f"{status}: {count}" for status, count in counts.items())
    if not tally.failed and not possible:
        tally.doubt("no retry was seen after a 500, so its absence here says nothing")
    if never is None and not tally.failed:
        return unknown(
            f"attempts by status: {said}; nothing is promised (--never-retried)"
        )
    return tally.judgement(f"as promised; attempts by status: {said}")


def _success(harness: SenderHarness) -> Steps:
    always_500(harness)
    scripts = {str(s): Respond(s) for s in ACCEPTED_AT_ONCE}
    scripts["204 on a connection that stays open"] = Respond(204, keep=True)
    endpoints = {
        what: harness.shared(f"success-{place}", behaviour)
        for place, (what, behaviour) in enumerate(scripts.items())
    }
    mark = yield COMMON
    possible = yield from silence(harness)
    tally = Tally()
    for what, endpoint in endpoints.items():
        if not tally.arrived(endpoint, mark, what):
            continue
        seen = endpoint.seen(mark)
        repeats(tally, seen, what)
    if not possible and not harness.promise.never_retries:
        tally.doubt("no retry was seen after a 500, so its absence here says nothing")
    return tally.judgement(f"one attempt after each of: {', '.join(endpoints)}")


def repeats(tally: Tally, seen: Sequence[Sighting], what: str) -> None:
    """Complain that an event came again, although the sender has read that 2xx."""
    if len(seen) > 1 and seen[0].finished:
        tally.complain(
            f"the endpoint that responded with {what} got the event {len(seen)} times",
            *seen,
        )


def _redirect_fails(harness: SenderHarness) -> Steps:
    always_500(harness)
    endpoints = {}
    for status in (301, 302, 303, 307, 308, 304, 300):
        # Without a Location nobody can follow, so only the judgement is asked.
        endpoints[str(status)] = harness.shared(f"plain-{status}", Respond(status), OK)
    mark = yield COMMON
    yield from second_attempts(harness, endpoints.values(), mark)
    tally = Tally()
    final = harness.promise.never_retried or frozenset[int]()
    for what, endpoint in endpoints.items():
        if int(what) in final and len(endpoint.seen(mark)) == 1:
            tally.doubt(
                f"{what} is promised to be final; from outside a failure that is not "
                "retried looks like a success"
            )
        else:
            retried(harness, tally, endpoint, mark, what)
    return tally.judgement("each 3xx was counted as a failure and retried")


PROBES = (
    Probe(
        id="retry.gone",
        title="events are still sent after 410 Gone",
        sent="the endpoint responds with 410 Gone",
        wanted="no further attempt for this event, and none for the next",
        why="the sender keeps working for endpoints that no longer exist",
        mend="stop at 410 and disable the endpoint",
        source="spatie/laravel-webhook-server#47, discourse/discourse#7392",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("Standard Webhooks: 410",),
        run=_gone,
        needs=RETRIES,
    ),
    Probe(
        id="retry.400",
        title="a 4xx response is not handled as promised",
        sent="endpoints respond with 400, 401, 404, 413 and 422",
        wanted="as promised: retried, or not",
        why="senders differ, so receivers have to guess which status to return",
        mend="document which statuses are retried, and test that",
        source="Brevo's documentation (a 4xx except 429 stops), "
        "support.sendgrid.com (a 4xx is dropped at once)",
        severity=Severity.LOW,
        who=Who.NOBODY,
        run=_400,
        needs=RETRIES,
        explained_by=("retry.500",),
    ),
    Probe(
        id="retry.success",
        title="an event is sent again after a 2xx response",
        sent=(
            "endpoints respond with 200, 201, 202, 204 (also on a connection that is "
            "kept open) and 299"
        ),
        wanted="one attempt each",
        why=(
            "the sender repeats events that were accepted, so the receiver gets "
            "duplicates"
        ),
        mend="treat every 2xx as an acknowledgement",
        source="standard-webhooks/standard-webhooks (specification)",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("Standard Webhooks: 2xx",),
        run=_success,
        needs=frozenset({Need.REGISTER}),
    ),
    Probe(
        id="retry.redirect-is-failure",
        title="an event is not retried after a 3xx response",
        sent="endpoints respond with 300 to 304, 307 and 308, without a Location",
        wanted="each is retried, unless the sender promises that it is final",
        why="the event was not accepted, but the sender treats it as delivered",
        mend="treat only a 2xx as an acknowledgement",
        source="hookdeck/outpost (304 counts as success), webhook-cannon 0.1.0",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        run=_redirect_fails,
        needs=RETRIES,
        explained_by=("retry.500",),
    ),
)
