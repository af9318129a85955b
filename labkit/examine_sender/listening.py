"""Judge what arrived, without a trigger: a stream that is listened to, or a record.

A record is a file with one JSON object per line: `method`, `path`, `headers` as pairs
or as an object, `body` as text or `body_base64`, and `at` in seconds since the epoch.
Only what can be seen in such a stream is judged: ids, retries, signatures, the secret
on the wire, and sizes. What was never triggered can't be missed.
"""

import base64
import json
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from labkit.errors import BadSetting
from labkit.examine_sender.evidence import evidence_of
from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.probe import Probe, Verdict, unknown
from labkit.examine_sender.runner import Outcomes
from labkit.examine_sender.signatures import secret_on_wire
from labkit.examine_sender.tally import Tally
from labkit.findings import Result
from labkit.witness import Behaviour, Request, Respond, Sighting

LARGE = 20_000
"""Bytes of a body above which Standard Webhooks advises against sending it."""

APART = 2.5
"""After how many seconds two timestamps in whole seconds must differ."""

JUDGED = (
    "identity.id",
    "identity.retry",
    "identity.time",
    "sign.valid",
    "sign.secret-on-wire",
    "retry.500",
    "data.size",
)


def to_line(sighting: Sighting, started: float) -> str:
    """Write a sighting as one line of a record; `started` is the witness's start."""
    request = sighting.request
    return json.dumps(
        {
            "method": request.method,
            "path": request.target,
            "headers": request.headers,
            "body_base64": base64.b64encode(request.body).decode(),
            "at": round(started + sighting.ended, 3),
            "did": sighting.behaviour,
        }
    )


def read_record(file: Path) -> tuple[Sighting, ...]:
    """Read a record; raise BadSetting with the line that can't be read."""
    sightings = []
    lines = file.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                sightings.append(_sighting(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BadSetting(
                    f"line {number} of {file} is not a delivery ({error!r}); it needs "
                    "method, path, headers, body or body_base64, and at"
                ) from None
    return tuple(sightings)


def judge(
    harness: SenderHarness, sightings: Sequence[Sighting], probes: Iterable[Probe]
) -> Outcomes:
    """Judge a stream of deliveries by the probes that need nothing else."""
    events = _by_event(harness, sightings)
    kinds: dict[str, Callable[[], Verdict]] = {
        "identity.id": lambda: _ids(harness, sightings),
        "identity.retry": lambda: _retries(harness, events),
        "identity.time": lambda: _times(harness, events),
        "sign.valid": lambda: _valid(harness, sightings),
        "sign.secret-on-wire": lambda: secret_on_wire(harness, sightings),
        "retry.500": lambda: _failed_once(events),
        "data.size": lambda: _sizes(sightings),
    }
    results = []
    for probe in probes:
        start = time.monotonic()
        if probe.id not in kinds:
            continue
        verdict = kinds[probe.id]()
        results.append(
            Result(
                probe=probe,
                outcome=verdict.outcome,
                facts=verdict.facts,
                seconds=time.monotonic() - start,
                evidence=evidence_of(harness, verdict.sightings),
            )
        )
    reason = "" if sightings else "no delivery arrived, so nothing can be judged"
    said = f"{len(sightings)} deliveries of {len(events)} events were judged"
    return Outcomes(results, reason, [said])


def failing_share(
    harness: SenderHarness, share: float
) -> Callable[[Request], Behaviour]:
    """Return what to do with each delivery: fail a share of the events once.

    It starts with one event; more are failed only after the retry of the first.
    """
    failed: list[str] = []
    retried: set[str] = set()
    seen: list[str] = []

    def behave(request: Request) -> Behaviour:
        key = _key(harness, request)
        if key in failed:
            retried.add(key)
            return Respond(200)
        if key not in seen:
            seen.append(key)
        due = not failed or (retried and len(failed) < share * len(seen))
        if share > 0 and due:
            failed.append(key)
            return Respond(503)
        return Respond(200)

    return behave


def _sighting(line: dict[str, object]) -> Sighting:
    headers = line["headers"]
    pairs = headers.items() if isinstance(headers, dict) else headers
    encoded = line.get("body_base64")
    body = (
        base64.b64decode(str(encoded))
        if encoded is not None
        else str(line["body"]).encode()
    )
    request = Request(
        method=str(line["method"]),
        target=str(line["path"]),
        headers=tuple((str(name), str(value)) for name, value in pairs),  # type: ignore[attr-defined]
        body=body,
    )
    at = float(str(line["at"]))
    return Sighting(
        path=request.target,
        mark="",
        number=1,
        request=request,
        connected=at,
        began=at,
        ended=at,
        behaviour=str(line.get("did", "")),
    )


def _key(harness: SenderHarness, request: Request) -> str:
    return harness.event_id(request) or request.body.decode("latin-1")


def _by_event(
    harness: SenderHarness, sightings: Sequence[Sighting]
) -> dict[str, list[Sighting]]:
    events: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        events.setdefault(_key(harness, sighting.request), []).append(sighting)
    return events


def _ids(harness: SenderHarness, sightings: Sequence[Sighting]) -> Verdict:
    tally = Tally()
    without = [s for s in sightings if not harness.event_id(s.request)]
    if without:
        tally.complain(
            f"{len(without)} of {len(sightings)} deliveries carry no id", *without[:2]
        )
    bodies = {s.request.body for s in sightings}
    ids = {harness.event_id(s.request) for s in sightings}
    if not without and len(ids) < 2 <= len(bodies):
        tally.complain("different events carry the same id", *sightings[:2])
    if len(bodies) < 2 and not tally.failed:
        return unknown("fewer than two events arrived")
    tally.control(len(sightings))
    return tally.verdict(f"{len(ids)} ids on {len(sightings)} deliveries")


def _repeated(events: dict[str, list[Sighting]]) -> list[list[Sighting]]:
    return [attempts for attempts in events.values() if len(attempts) > 1]


def _retries(harness: SenderHarness, events: dict[str, list[Sighting]]) -> Verdict:
    repeated = _repeated(events)
    if not repeated:
        return unknown("no event arrived twice")
    tally = Tally()
    tally.control(len(repeated))
    for attempts in repeated:
        if len({s.request.body for s in attempts}) > 1:
            tally.complain("attempts with one id have different bodies", *attempts[:2])
    return tally.verdict(f"{len(repeated)} events were retried with the same body")


def _times(harness: SenderHarness, events: dict[str, list[Sighting]]) -> Verdict:
    tally = Tally()
    why = "no event arrived twice"
    for attempts in _repeated(events):
        first, last = attempts[0], attempts[-1]
        claimed = [harness.claimed_time(s.request) for s in (first, last)]
        if None in claimed:
            why = why and "a delivery carries no timestamp (--time-header)"
        elif claimed[0] != claimed[1]:
            tally.control()
            why = ""
        elif harness.sender(last.ended - first.ended) > APART:
            tally.complain("a retry carries the first attempt's timestamp", first, last)
        else:
            why = why and "a retry came too soon to tell two timestamps apart"
    if why:
        tally.doubt(why)
    return tally.verdict("retries carry a new timestamp")


def _valid(harness: SenderHarness, sightings: Sequence[Sighting]) -> Verdict:
    if harness.scheme is None or not harness.secret:
        return unknown("this needs --secret and a --scheme")
    tally = Tally()
    tally.control(len(sightings))
    for sighting in sightings:
        if fault := harness.signature_fault(sighting.request):
            tally.complain(fault, sighting)
    return tally.verdict(f"{len(sightings)} deliveries verified")


def _failed_once(events: dict[str, list[Sighting]]) -> Verdict:
    tally = Tally()
    for attempts in events.values():
        if attempts[0].behaviour.startswith("503"):
            if len(attempts) > 1:
                tally.control()
            else:
                tally.doubt("an event that got 503 has not come again so far")
    return tally.verdict("every event that got 503 came again")


def _sizes(sightings: Sequence[Sighting]) -> Verdict:
    if not sightings:
        return unknown("nothing arrived")
    sizes = sorted(len(s.request.body) for s in sightings)
    middle, largest = sizes[len(sizes) // 2], sizes[-1]
    fact = f"bodies of {sizes[0]} to {largest} bytes, half of them up to {middle}"
    tally = Tally()
    tally.control(len(sightings))
    if largest > LARGE:
        big = [s for s in sightings if len(s.request.body) > LARGE]
        tally.complain(f"{fact}; {len(big)} exceed {LARGE} bytes", *big[:1])
    return tally.verdict(fact)
