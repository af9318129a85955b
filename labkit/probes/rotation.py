"""Several signatures in one request, and several secrets in one receiver."""

from labkit.findings import Severity, Who
from labkit.model import Request
from labkit.probes.edits import with_header
from labkit.probes.endpoint import Need
from labkit.probes.exchange import Draft
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe
from labkit.probes.tally import Tally
from labkit.profiles import Profile
from labkit.signing import Scheme

_EACH = (
    "compare with every signature in the header, and accept the request only if one "
    "matches"
)


def _order(harness: Harness) -> Judgement:
    tally = Tally(harness)
    own = harness.endpoint.secret
    other = harness.other_secret()
    orders = {
        "the valid signature, then another": (own, other),
        "another signature, then the valid one": (other, own),
        "the valid signature between two others": (
            other,
            own,
            harness.other_secret(),
        ),
    }
    for name, (first, *rest) in orders.items():
        draft = harness.draft()
        request = harness.seal(draft.body, id=draft.id, secret=first, also=rest)
        tally.accept(harness.send(name, request))
    return tally.judgement("all acknowledged, wherever the valid signature is")


def _ten(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    others = [harness.other_secret() for _ in range(9)]
    request = harness.seal(
        draft.body,
        id=draft.id,
        secret=others[0],
        also=[*others[1:], harness.endpoint.secret],
    )
    tally.accept(harness.send("nine others, then the valid one", request))
    return tally.judgement("acknowledged")


def _only_others(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    others = [harness.other_secret() for _ in range(10)]
    request = harness.seal(draft.body, id=draft.id, secret=others[0], also=others[1:])
    tally.refuse(harness.send("ten signatures of other secrets", request))
    return tally.judgement("rejected")


def _beside(harness: Harness) -> Judgement:
    tally = Tally(harness)
    for name, other in harness.scheme.other_kinds.items():
        draft = harness.draft()
        request = _with_junk(harness, draft, other)
        tally.accept(harness.send(f"{name} before the valid one", request))
    return tally.judgement("all acknowledged")


def _garbage(harness: Harness) -> Judgement:
    tally = Tally(harness)
    for junk in ("garbage", "=", ",", "v1", "v1,", "é"):
        draft = harness.draft()
        exchange = harness.send(
            f"{junk!r} before the valid one", _with_junk(harness, draft, junk)
        )
        tally.survive(exchange)
    return tally.judgement("no 5xx response")


def _with_junk(harness: Harness, draft: Draft, junk: str) -> Request:
    request = harness.seal(draft.body, id=draft.id)
    scheme = harness.scheme
    name, separator = scheme.signature_header, scheme.separator
    parts = (request.header(name) or "").split(separator)
    # The time comes first where it shares the header.
    place = 1 if scheme.timestamp_header == name else 0
    parts.insert(place, junk)
    return with_header(request, name, separator.join(parts))


def _second(harness: Harness) -> Judgement:
    tally = Tally(harness)
    for name, secret in (
        ("the second secret", harness.endpoint.second_secret),
        ("the first secret", harness.endpoint.secret),
    ):
        draft = harness.draft()
        tally.accept(
            harness.send(name, harness.seal(draft.body, id=draft.id, secret=secret))
        )
    return tally.judgement("both secrets are accepted")


def _retired(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    retired = harness.endpoint.retired_secret
    request = harness.seal(draft.body, id=draft.id, secret=retired)
    tally.refuse(harness.send("signed with the retired secret", request))
    return tally.judgement("rejected")


def carries_several(scheme: Scheme, profile: Profile) -> str:
    """Say why one request of a scheme can't hold several signatures, or nothing."""
    return "" if scheme.rotates else f"a {scheme.name} request holds one signature"


PROBES = (
    Probe(
        id="rotation.order",
        sent=(
            "events with the signatures of two and three secrets, the valid one first, "
            "last, or in the middle"
        ),
        wanted="acknowledged",
        why=(
            "during a rotation the provider signs with the old and the new secret; a "
            "receiver that reads only one of them loses events during that time"
        ),
        mend=_EACH,
        source="octokit/webhooks.js#770, liwala/ay-framework#407, "
        "@paddle/paddle-node-sdk (takes the last)",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("Standard Webhooks: Secret rotation",),
        run=_order,
        applies=carries_several,
    ),
    Probe(
        id="rotation.ten",
        sent="an event with ten signatures, the last one valid",
        wanted="acknowledged",
        why="Svix signs with all secrets that have not expired, up to ten old ones",
        mend=_EACH,
        source="docs.svix.com (rotating secrets)",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("Standard Webhooks: Secret rotation",),
        run=_ten,
        applies=carries_several,
    ),
    Probe(
        id="rotation.only-others",
        sent="an event with ten signatures of secrets that the receiver does not know",
        wanted="rejected with a 4xx",
        why="many wrong signatures do not make a valid one",
        mend=_EACH,
        source="standard-webhooks/standard-webhooks",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=("CWE-347",),
        run=_only_others,
        applies=carries_several,
    ),
    Probe(
        id="rotation.other-kinds",
        sent="events with a signature of another kind before the valid one",
        wanted="acknowledged",
        why="a provider may add a new signature version next to the old one at any "
        "time",
        mend="ignore signatures that have another label",
        source="standard-webhooks/standard-webhooks#25 (v1a beside v1)",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("Standard Webhooks: Secret rotation",),
        run=_beside,
        applies=carries_several,
    ),
    Probe(
        id="rotation.garbage",
        sent="events with a malformed part before the valid signature",
        wanted="no 5xx; accepted or rejected",
        why=(
            "a part without its separator raises an exception in some verifiers, "
            "including published ones"
        ),
        mend="ignore each part that cannot be read, try the next one, and raise no "
        "exception",
        source="standardwebhooks for Python: ValueError on a part without a comma",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-248",),
        run=_garbage,
        applies=carries_several,
    ),
    Probe(
        id="rotation.second-secret",
        sent="two events, one signed with each of the two secrets that are valid now",
        wanted="both acknowledged",
        why="events in transit are signed with the old secret, new ones with the new",
        mend="keep a list of secrets, and try each",
        source="octokit/webhooks.js#770, resend/resend-openapi#114",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("Standard Webhooks: Secret rotation",),
        run=_second,
        needs=frozenset({Need.SECOND_SECRET}),
    ),
    Probe(
        id="rotation.retired-secret",
        sent="an event signed with a secret that is no longer valid",
        wanted="rejected with a 4xx",
        why="a rotation after a leak has no effect while the leaked secret still works",
        mend="set an expiry date for the old secret, and remove it from the list then",
        source="JSONbored/metagraphed#1931",
        severity=Severity.HIGH,
        who=Who.FORMER,
        references=("CWE-324",),
        run=_retired,
        needs=frozenset({Need.RETIRED_SECRET}),
    ),
)
