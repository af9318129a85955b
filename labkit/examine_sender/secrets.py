"""Secrets in logs, and secrets that are replaced."""

from collections.abc import Sequence
from dataclasses import dataclass

from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.identity import FAIL, OK
from labkit.examine_sender.probe import (
    COMMON,
    Group,
    Judgement,
    Need,
    Probe,
    Steps,
    Wait,
)
from labkit.examine_sender.tally import Tally
from labkit.examine_sender.waiting import arrival, attempts
from labkit.findings import Severity, Who
from labkit.witness import Endpoint, Request, Sighting
from labkit.witness.witness import MARK


def _logs(harness: SenderHarness) -> Steps:
    yield from ()
    return logs_searched(harness, harness.witness.seen())


def logs_searched(harness: SenderHarness, sightings: Sequence[Sighting]) -> Judgement:
    """Judge that the logs hold nothing of what these requests contain."""
    tally = Tally()
    texts = {file: file.read_bytes() for file in harness.levers.logs if file.exists()}
    if not any(texts.values()):
        tally.doubt("the log files are empty or do not exist")
        return tally.judgement("")
    header = harness.scheme.signature_header if harness.scheme else ""
    signatures = {
        value.encode()
        for s in sightings
        if header and (value := s.request.header(header))
    }
    for file, text in texts.items():
        if any(s.removeprefix("whsec_").encode() in text for s in harness.secrets if s):
            tally.complain(f"{file.name} holds the secret")
        if any(signature in text for signature in signatures):
            tally.complain(f"{file.name} holds a signature")
        if MARK.search(text):
            tally.complain(f"{file.name} holds the data of an event")
    tally.control(len(sightings))
    size = sum(map(len, texts.values()))
    return tally.judgement(
        f"{size} bytes of logs hold no secret, signature or event data"
    )


def _signers(
    harness: SenderHarness, request: Request, secrets: list[str]
) -> list[bool]:
    return [harness.signature_fault(request, [secret]) is None for secret in secrets]


@dataclass(frozen=True, slots=True)
class _Rotation:
    """The endpoint, its new secret, and when it was replaced by the sender's clock."""

    endpoint: Endpoint
    secret: str
    started: float


def _both(harness: SenderHarness) -> Steps:
    endpoint = harness.endpoint("rotated", FAIL, FAIL, OK)
    control = harness.endpoint("not-rotated", OK)
    mark = yield COMMON
    yield from arrival(harness, endpoint, mark)
    tally = Tally()
    if not tally.arrived(endpoint, mark, "500"):
        return tally.judgement("")
    assert harness.levers.rotate is not None  # noqa: S101 - the probe needs it
    new = harness.levers.rotate(endpoint.id).split()[-1]
    started = harness.now()
    harness.secrets.append(new)
    harness.kept["rotation"] = _Rotation(endpoint, new, started)
    before = len(endpoint.seen(mark))
    yield from attempts(harness, endpoint, mark, before + 1)
    later = harness.event(endpoint, control)
    yield from arrival(harness, endpoint, later)
    retries = endpoint.seen(mark)[before:]
    fresh = endpoint.seen(later)
    if not fresh:
        tally.doubt("no event arrived after the rotation")
    for what, sightings in (("a retry", retries), ("a new event", fresh)):
        for sighting in sightings[:1]:
            old_valid, new_valid = _signers(
                harness, sighting.request, [harness.secret, new]
            )
            overlap = harness.promise.overlap
            late = overlap is not None and harness.now() - started > overlap
            if not new_valid:
                tally.complain(f"{what} is not signed with the new secret", sighting)
            if not old_valid and not late:
                tally.complain(f"{what} is not signed with the old secret", sighting)
    return tally.judgement("a retry and a new event were signed with both secrets")


def _ends(harness: SenderHarness) -> Steps:
    yield COMMON
    yield Wait(lambda: "rotation" in harness.kept, harness.longest_wait)
    tally = Tally()
    overlap = harness.promise.overlap
    if "rotation" not in harness.kept:
        tally.doubt("no rotation took place")
        return tally.judgement("")
    if overlap is None:
        tally.doubt("no time is promised; give --overlap")
        return tally.judgement("")
    if overlap > harness.longest_wait:
        tally.doubt(f"the overlap of {overlap:g} s does not fit into the patience")
        return tally.judgement("")
    rotation = harness.kept["rotation"]
    assert isinstance(rotation, _Rotation)  # noqa: S101 - the other probe made it
    endpoint, new, started = rotation.endpoint, rotation.secret, rotation.started
    left = overlap - (harness.now() - started)
    yield Wait(lambda: False, max(0.0, left) * 1.05 + harness.slack)
    mark = harness.event(endpoint)
    yield from arrival(harness, endpoint, mark)
    if not tally.arrived(endpoint, mark, "200, after the overlap"):
        return tally.judgement("")
    sighting = endpoint.seen(mark)[0]
    old_valid, new_valid = _signers(harness, sighting.request, [harness.secret, new])
    if old_valid:
        tally.complain(
            f"the old secret still signs, more than {overlap:g} s later", sighting
        )
    if not new_valid:
        tally.complain("after the overlap the new secret does not sign", sighting)
    return tally.judgement(
        f"{overlap:g} s after the rotation only the new secret signs"
    )


ROTATE = frozenset({Need.REGISTER, Need.SECRET, Need.ROTATE})

PROBES = (
    Probe(
        id="secret.logs",
        title="a secret, a signature or event data is in the logs",
        sent="the log files are searched after every kind of failure",
        wanted="no secret, signature or event data in the log files",
        why="more people can read the logs than may sign events or see customers' data",
        mend="log ids, statuses and times, and redact everything else",
        source="Agenta-AI/agenta#3988, opsmill/infrahub#9810",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-532",),
        run=_logs,
        group=Group.FINAL,
        needs=frozenset({Need.LOGS}),
    ),
    Probe(
        id="rotate.both",
        title="during a rotation, events are not signed with both secrets",
        sent=(
            "the endpoint responds with 500 and then with 200, while its secret is "
            "replaced"
        ),
        wanted="signatures with the old and the new secret, on retries too",
        why="receivers reject all events until they have the new secret",
        mend="sign each attempt with all secrets that are valid at that time",
        source="liwala/ay-framework#407",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("Standard Webhooks: secret rotation",),
        run=_both,
        group=Group.ENDINGS,
        needs=ROTATE,
        explained_by=("sign.valid",),
    ),
    Probe(
        id="rotate.ends",
        title="after a rotation, the old secret still signs, or the new one does not",
        sent="the endpoint responds with 200 after the promised overlap of a rotation",
        wanted="no signature with the old secret",
        why="a leaked secret stays valid after it was replaced",
        mend="let the old secret expire",
        source="JSONbored/metagraphed#1931",
        severity=Severity.MEDIUM,
        who=Who.FORMER,
        references=("CWE-324",),
        run=_ends,
        group=Group.ENDINGS,
        needs=ROTATE,
        explained_by=("sign.valid",),
    ),
)
