"""Secrets in logs, and secrets that are replaced."""

from dataclasses import dataclass

from labkit.examine_sender.bench import SenderHarness
from labkit.examine_sender.identity import FAIL, OK
from labkit.examine_sender.probe import COMMON, Group, Need, Probe, Steps, Wait
from labkit.examine_sender.tally import Tally
from labkit.examine_sender.waiting import arrival, attempts
from labkit.findings import Severity, Who
from labkit.witness import Endpoint, Request
from labkit.witness.witness import MARK


def _logs(bench: SenderHarness) -> Steps:
    yield from ()
    tally = Tally()
    texts = {file: file.read_bytes() for file in bench.levers.logs if file.exists()}
    if not any(texts.values()):
        tally.doubt("the log files are empty or do not exist")
        return tally.verdict("")
    header = bench.scheme.signature_header if bench.scheme else ""
    signatures = {
        value.encode()
        for s in bench.witness.seen()
        if header and (value := s.request.header(header))
    }
    for file, text in texts.items():
        if any(s.removeprefix("whsec_").encode() in text for s in bench.secrets if s):
            tally.complain(f"{file.name} holds the secret")
        if any(signature in text for signature in signatures):
            tally.complain(f"{file.name} holds a signature")
        if MARK.search(text):
            tally.complain(f"{file.name} holds the data of an event")
    tally.control(len(bench.witness.seen()))
    size = sum(map(len, texts.values()))
    return tally.verdict(
        f"{size} bytes of logs hold no secret, signature or event data"
    )


def _signers(bench: SenderHarness, request: Request, secrets: list[str]) -> list[bool]:
    return [bench.signature_fault(request, [secret]) is None for secret in secrets]


@dataclass(frozen=True, slots=True)
class _Rotation:
    """The endpoint, its new secret, and when it was replaced by the sender's clock."""

    endpoint: Endpoint
    secret: str
    started: float


def _both(bench: SenderHarness) -> Steps:
    endpoint = bench.endpoint("rotated", FAIL, FAIL, OK)
    control = bench.endpoint("not-rotated", OK)
    mark = yield COMMON
    yield from arrival(bench, endpoint, mark)
    tally = Tally()
    if not tally.arrived(endpoint, mark, "500"):
        return tally.verdict("")
    assert bench.levers.rotate is not None  # noqa: S101 - the probe needs it
    new = bench.levers.rotate(endpoint.id).split()[-1]
    started = bench.now()
    bench.secrets.append(new)
    bench.kept["rotation"] = _Rotation(endpoint, new, started)
    before = len(endpoint.seen(mark))
    yield from attempts(bench, endpoint, mark, before + 1)
    later = bench.event(endpoint, control)
    yield from arrival(bench, endpoint, later)
    retries = endpoint.seen(mark)[before:]
    fresh = endpoint.seen(later)
    if not fresh:
        tally.doubt("no event arrived after the rotation")
    for what, sightings in (("a retry", retries), ("a new event", fresh)):
        for sighting in sightings[:1]:
            old_valid, new_valid = _signers(
                bench, sighting.request, [bench.secret, new]
            )
            overlap = bench.promise.overlap
            late = overlap is not None and bench.now() - started > overlap
            if not new_valid:
                tally.complain(f"{what} is not signed with the new secret", sighting)
            if not old_valid and not late:
                tally.complain(f"{what} is not signed with the old secret", sighting)
    return tally.verdict("a retry and a new event were signed with both secrets")


def _ends(bench: SenderHarness) -> Steps:
    yield COMMON
    yield Wait(lambda: "rotation" in bench.kept, bench.longest_wait)
    tally = Tally()
    overlap = bench.promise.overlap
    if "rotation" not in bench.kept:
        tally.doubt("no rotation took place")
        return tally.verdict("")
    if overlap is None:
        tally.doubt("no time is promised; give --overlap")
        return tally.verdict("")
    if overlap > bench.longest_wait:
        tally.doubt(f"the overlap of {overlap:g} s does not fit into the patience")
        return tally.verdict("")
    rotation = bench.kept["rotation"]
    assert isinstance(rotation, _Rotation)  # noqa: S101 - the other probe made it
    endpoint, new, started = rotation.endpoint, rotation.secret, rotation.started
    left = overlap - (bench.now() - started)
    yield Wait(lambda: False, max(0.0, left) * 1.05 + bench.slack)
    mark = bench.event(endpoint)
    yield from arrival(bench, endpoint, mark)
    if not tally.arrived(endpoint, mark, "200, after the overlap"):
        return tally.verdict("")
    sighting = endpoint.seen(mark)[0]
    old_valid, new_valid = _signers(bench, sighting.request, [bench.secret, new])
    if old_valid:
        tally.complain(
            f"the old secret still signs, more than {overlap:g} s later", sighting
        )
    if not new_valid:
        tally.complain("after the overlap the new secret does not sign", sighting)
    return tally.verdict(f"{overlap:g} s after the rotation only the new secret signs")


ROTATE = frozenset({Need.REGISTER, Need.SECRET, Need.ROTATE})

PROBES = (
    Probe(
        id="secret.logs",
        sent="every kind of failure in this examination",
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
        sent="500, then 200, while the secret is replaced",
        wanted="signatures with the old and the new secret, on retries too",
        why="receivers reject all events until they have the new secret",
        mend="sign each attempt with all secrets that are valid at that time",
        source="liwala/ay-framework#407",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("Standard Webhooks, secret rotation",),
        run=_both,
        group=Group.ENDINGS,
        needs=ROTATE,
        explained_by=("sign.valid",),
    ),
    Probe(
        id="rotate.ends",
        sent="200, after the promised overlap of a rotation",
        wanted="no signature with the old secret",
        why="a leaked secret stays valid after it was replaced",
        mend="let the old secret expire",
        source="JSONbored/metagraphed#1931",
        severity=Severity.MEDIUM,
        who=Who.CAPTURER,
        references=("CWE-324",),
        run=_ends,
        group=Group.ENDINGS,
        needs=ROTATE,
        explained_by=("sign.valid",),
    ),
)
