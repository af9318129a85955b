"""Judge what arrived, without a trigger: a stream that is listened to, or a record.

Each probe that can be judged from real deliveries is judged by the rule that its
examination uses. Every other one is unknown, with the reason. What was never triggered
can't be missed, so a request that did not arrive is never a pass.
"""

import itertools
import time
from collections.abc import Iterable, Sequence

from labkit.examine_sender.answering import CANARY
from labkit.examine_sender.deliveries import (
    REDIRECTS,
    Stream,
    failed_by,
    moment_of,
    stream_of,
)
from labkit.examine_sender.evidence import evidence_of
from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.headers import hygiene
from labkit.examine_sender.identity import ids_differ, same_event, signed_anew
from labkit.examine_sender.listening_retries import RETRIES, Judge
from labkit.examine_sender.order import in_order
from labkit.examine_sender.payloads import LARGE, cut_short, not_json
from labkit.examine_sender.probe import Judgement, Probe, not_applicable, unknown
from labkit.examine_sender.redirects import followed
from labkit.examine_sender.runner import Outcomes
from labkit.examine_sender.secrets import logs_searched
from labkit.examine_sender.signatures import (
    all_valid,
    not_with_an_empty_key,
    secret_on_wire,
)
from labkit.examine_sender.tally import Tally
from labkit.findings import Result
from labkit.timeline.words import counted
from labkit.witness import Sighting

UNSEEN = {
    "sign.bytes": "the data that the events were made of is not known",
    "redirect.secrets": "the redirects lead to the same host, so no other one is shown",
    "ssrf": "no address is registered while the kit only listens",
    "tls": "one endpoint can't show which certificates the sender refuses",
    "body": "an endpoint that only listens does not put a load on the sender",
    "fair": "one endpoint can't show what another one costs",
    "data.header": "the data that the events were made of is not known",
    "rotate": "no secret is replaced while the kit only listens",
    "end": "no delivery fails to its end, because its event would be lost",
    "crash": "nothing crashes while the kit only listens",
}
"""Why a probe, or a family, can't be judged from a stream."""


def judge(
    harness: SenderHarness,
    sightings: Sequence[Sighting],
    probes: Iterable[Probe],
    *,
    end: float | None = None,
) -> Outcomes:
    """Judge a stream of deliveries by the probes that need nothing else.

    `end` is until when was listened, on the clock of the sightings; without it, the
    stream ends with the last request.
    """
    stream = stream_of(harness, sightings, end=end)
    harness.listened = stream.rows
    results = []
    for probe in probes:
        start = time.monotonic()
        judgement = _judged(harness, stream, probe)
        results.append(
            Result(
                probe=probe,
                outcome=judgement.outcome,
                facts=judgement.facts,
                seconds=time.monotonic() - start,
                evidence=evidence_of(harness, judgement.sightings),
            )
        )
    count = len(stream.sightings)
    reason = "" if count else "no delivery arrived, so nothing can be judged"
    what = counted(len(stream.deliveries), "event")
    said = [f"Judged: {counted(count, 'request')} with {what}"]
    if stream.others:
        others = counted(stream.others, "request")
        said.append(f"Left out: {others} without a body")
    return Outcomes(results, reason, said)


def _judged(harness: SenderHarness, stream: Stream, probe: Probe) -> Judgement:
    if probe.id in JUDGES:
        if not stream.sightings:
            return unknown("no delivery arrived")
        return JUDGES[probe.id](harness, stream)
    return unknown(UNSEEN.get(probe.id) or UNSEEN[probe.family])


# ------------------------------------------------------------- identity, signatures


def _ids(harness: SenderHarness, stream: Stream) -> Judgement:
    tally = Tally()
    events = [delivery[0] for delivery in stream.deliveries]
    ids = ids_differ(harness, tally, events)
    if len(events) < 2 and not tally.failed:
        return unknown("fewer than two events arrived")
    tally.control(len(events))
    return tally.judgement(
        f"{counted(len(set(ids)), 'id')} on {counted(len(events), 'event')}"
    )


def _retries(harness: SenderHarness, stream: Stream) -> Judgement:
    tally = Tally()
    for attempts in stream.repeated:
        same_event(harness, tally, attempts)
    if not stream.repeated:
        return unknown("no event arrived twice")
    return tally.judgement(
        f"{counted(len(stream.repeated), 'retried event')} with the same body each time"
    )


def _times(harness: SenderHarness, stream: Stream) -> Judgement:
    if not stream.repeated:
        return unknown("no event arrived twice")
    timed, doubtful = False, ""
    whole = Tally()
    for attempts in stream.repeated:
        tally = Tally()
        timed = signed_anew(harness, tally, attempts) or timed
        judgement = tally.judgement("")
        if tally.failed:
            whole.complain(judgement.facts, *judgement.sightings)
        elif tally.doubted:
            doubtful = judgement.facts
        else:
            whole.control()
    if not timed and not whole.failed:
        return not_applicable("the scheme carries no timestamp (--time-header)")
    if doubtful and not whole.controls:
        whole.doubt(doubtful)
    return whole.judgement("retries carry a new timestamp")


def _valid(harness: SenderHarness, stream: Stream) -> Judgement:
    if harness.scheme is None or not harness.secret:
        return unknown("this needs --secret and a --scheme")
    tally = Tally()
    tally.control(len(stream.sightings))
    return all_valid(harness, tally, stream.sightings)


def _empty(harness: SenderHarness, stream: Stream) -> Judgement:
    tally = Tally()
    if harness.scheme is not None:
        for sighting in stream.sightings:
            not_with_an_empty_key(harness, tally, sighting)
    tally.doubt("no endpoint without a secret was registered")
    return tally.judgement("")


def _secret(harness: SenderHarness, stream: Stream) -> Judgement:
    if not harness.secrets:
        return unknown("this needs --secret")
    return secret_on_wire(harness, stream.sightings)


def _hygiene(harness: SenderHarness, stream: Stream) -> Judgement:
    return hygiene(harness, [sighting.request for sighting in stream.sightings])


def _logs(harness: SenderHarness, stream: Stream) -> Judgement:
    if not harness.levers.logs:
        return unknown("this needs --logs")
    return logs_searched(harness, stream.sightings)


# ----------------------------------------------------- redirects, data, order, workers


def _canary(harness: SenderHarness, stream: Stream) -> Judgement:
    cases = [d for d in stream.deliveries if failed_by(d[0], *REDIRECTS)]
    if not cases:
        return unknown("no redirect was sent")
    tally = Tally()
    tally.control(len(cases))
    for stray in stream.strays:
        before = [d[0] for d in cases if d[0].began <= stray.began]
        status = int(before[-1].behaviour[:3]) if before else 302
        followed(tally, status, stray.request, before[-1:])
    return tally.judgement(f"none of {len(cases)} redirects to {CANARY} was followed")


def _body(harness: SenderHarness, stream: Stream) -> Judgement:
    tally = Tally()
    for sighting in stream.sightings:
        if "json" in (sighting.request.header("content-type") or "").lower():
            not_json(tally, "the given data", sighting)
    tally.doubt("the data that the events were made of is not known")
    return tally.judgement("")


def _sizes(harness: SenderHarness, stream: Stream) -> Judgement:
    sizes = sorted(len(s.request.body) for s in stream.sightings)
    fact = (
        f"bodies of {sizes[0]} to {sizes[-1]} bytes, half of them up to "
        f"{sizes[len(sizes) // 2]}"
    )
    tally = Tally()
    for sighting in stream.sightings:
        cut_short(tally, sighting)
    large = sum(size > LARGE for size in sizes)
    tally.control(large)
    if not large:
        tally.doubt(f"{fact}; none is large")
    return tally.judgement(
        f"{fact}; {large} exceed {LARGE} bytes, above which Standard Webhooks advises "
        "to send a link; they came whole"
    )


def _order(harness: SenderHarness, stream: Stream) -> Judgement:
    if not harness.promise.ordered:
        return not_applicable("no order is promised (--ordered)")
    done = [s for d in stream.deliveries for s in d if s.behaviour[:1] == "2"]
    moments = [(moment_of(s.request), s) for s in sorted(done, key=lambda s: s.ended)]
    known = [(moment, s) for moment, s in moments if moment is not None]
    if len(known) < 2:
        return unknown("no field of the body tells the order of the events")
    tally = Tally()
    tally.control(len(known))
    in_order(tally, [moment for moment, _ in known], [s for _, s in known])
    return tally.judgement(f"{counted(len(known), 'event')} in order")


def _workers(harness: SenderHarness, stream: Stream) -> Judgement:
    tally = Tally()
    for seen in stream.repeated:
        for one, two in itertools.pairwise(seen):
            if one.closed is not None and one.began < two.began < one.closed:
                tally.complain(
                    "an event was sent again while its last attempt was going on",
                    one,
                    two,
                )
    tally.doubt("it is not known how many workers the sender has")
    return tally.judgement("")


JUDGES: dict[str, Judge] = {
    "identity.id": _ids,
    "identity.retry": _retries,
    "identity.time": _times,
    "sign.valid": _valid,
    "sign.empty": _empty,
    "sign.secret-on-wire": _secret,
    "headers.hygiene": _hygiene,
    **RETRIES,
    "redirect.canary": _canary,
    "data.body": _body,
    "data.size": _sizes,
    "secret.logs": _logs,
    "twice.workers": _workers,
    "order.promise": _order,
}
