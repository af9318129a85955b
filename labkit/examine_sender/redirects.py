"""Redirects: nothing may arrive where the endpoint points."""

from collections.abc import Generator, Sequence
from typing import Any, Literal

from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.probe import COMMON, Need, Probe, Steps, Wait
from labkit.examine_sender.tally import Tally
from labkit.findings import Severity, Who
from labkit.witness import Endpoint, Request, Respond, Sighting
from labkit.witness.in_process import InProcessServer

Watched = Generator[Wait | Literal["common"], Any, str]

STATUSES = (301, 302, 303, 307, 308)


def _targets(harness: SenderHarness) -> tuple[dict[int, Endpoint], dict[int, str]]:
    endpoints, paths = {}, {}
    for status in STATUSES:
        path = f"/redirected-{status}"
        url = "http://canary.test" + path
        if harness.sockets:
            url = harness.canary().url("127.0.0.1", path)
        script = Respond(status, (("Location", url),)), Respond(200)
        endpoints[status] = harness.shared(f"redirect-{status}", *script)
        paths[status] = path
    return endpoints, paths


def strays(harness: SenderHarness, path: str) -> list[Request]:
    """Return the requests that went to a canary's path."""
    if isinstance(harness.server, InProcessServer):
        return [r for url, r in harness.server.strays if url.endswith(path)]
    return list(harness.canary().at(path))


def _watched(harness: SenderHarness) -> Watched:
    """Wait until every redirect was answered; return the mark of the event."""
    endpoints, _ = _targets(harness)
    mark = yield COMMON
    yield Wait(
        lambda: all(e.seen(mark) for e in endpoints.values()), harness.longest_wait
    )
    # A redirect is followed at once, on the same connection or a new one.
    yield Wait(lambda: False, harness.sender(min(1.0, harness.patience / 5)))
    return str(mark)


def _canary(harness: SenderHarness) -> Steps:
    endpoints, paths = _targets(harness)
    mark = yield from _watched(harness)
    tally = Tally()
    for status, endpoint in endpoints.items():
        tally.arrived(endpoint, mark, str(status))
        for request in strays(harness, paths[status]):
            followed(tally, status, request, endpoint.seen(mark)[:1])
    return tally.judgement("no redirect was followed")


def followed(
    tally: Tally, status: int, request: Request, seen: Sequence[Sighting]
) -> None:
    """Complain that a request went where a redirect leads."""
    tally.complain(f"{status} was followed with a {request.method}", *seen)


def _secrets(harness: SenderHarness) -> Steps:
    endpoints, paths = _targets(harness)
    mark = yield from _watched(harness)
    tally = Tally()
    for status, endpoint in endpoints.items():
        tally.arrived(endpoint, mark, str(status))
        for request in strays(harness, paths[status]):
            if leaked := _leaked(harness, request):
                tally.complain(
                    f"after {status} the other host got {', '.join(leaked)}",
                    *endpoint.seen(mark)[:1],
                )
    return tally.judgement("no other host got a signature, a secret or a body")


def _leaked(harness: SenderHarness, request: Request) -> list[str]:
    leaked = []
    if any(s and s.encode() in request.everything for s in harness.secrets):
        leaked.append("the secret")
    name = harness.scheme.signature_header if harness.scheme else None
    if name and request.header(name):
        leaked.append(f"the header {name}")
    if request.header("authorization"):
        leaked.append("the header Authorization")
    if request.body:
        leaked.append(f"the body of {len(request.body)} bytes")
    return leaked


PROBES = (
    Probe(
        id="redirect.secrets",
        title=(
            "the event, its signature or a secret is sent to the target of a redirect"
        ),
        sent=(
            "endpoints respond with 301, 302, 303, 307 and 308, with a Location on "
            "another host"
        ),
        wanted="no signature, secret, Authorization or body arrives at the other host",
        why="another host receives the event, or what it needs to forge one",
        mend="do not follow redirects",
        source="django-webhook-subscriber 2.3.0 (the secret itself)",
        severity=Severity.CRITICAL,
        who=Who.OWNER,
        references=("CWE-200", "CWE-601"),
        run=_secrets,
        needs=frozenset({Need.REGISTER}),
    ),
    Probe(
        id="redirect.canary",
        title="redirects are followed",
        sent=(
            "endpoints respond with 301, 302, 303, 307 and 308; the Location is a "
            "second server of the kit that must not be called (the canary)"
        ),
        wanted="nothing arrives at the canary",
        why=(
            "a redirect can lead to internal services without a check of the address "
            "(SSRF)"
        ),
        mend="do not follow redirects; treat a 3xx as a failure",
        source="synapticcybersecurity/hekate#56, formbricks/formbricks#7877",
        severity=Severity.HIGH,
        who=Who.OWNER,
        references=("CWE-918",),
        run=_canary,
        needs=frozenset({Need.REGISTER}),
        explained_by=("redirect.secrets",),
    ),
)
