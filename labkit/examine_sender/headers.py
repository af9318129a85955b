"""What a delivery carries besides the event: method, content type, other headers."""

import re
from collections.abc import Sequence

from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.probe import Group, Judgement, Probe, Steps
from labkit.examine_sender.reading import parsed
from labkit.examine_sender.tally import Tally
from labkit.findings import Severity, Who
from labkit.witness import Request

METHODS = ("POST", "PUT", "PATCH")

INTERNAL = re.compile(
    r"cookie2?|baggage|sentry-trace|x-b3-.*|x-datadog-.*|x-csrf-?token|x-internal-.*"
    r"|x-powered-by|x-remote-user|remote-user|proxy-.*|server",
    re.IGNORECASE,
)
"""Headers that belong to browsers, to servers, or to the inside of a system."""

ADDED_ON_THE_WAY = re.compile(
    r"host|user-agent|via|forwarded|x-forwarded-.*|x-real-ip|.*client-ip|cf-.*|x-envoy-.*",
    re.IGNORECASE,
)
"""Headers whose values prove nothing, as those of a tunnel in front of the endpoint."""

INSIDE = re.compile(
    r"(?<![\w.])(?:10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}"
    r"|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2})(?![\w.])"
    r"|[\w-]+\.(?:internal|local|cluster\.local|svc)(?![\w.])",
    re.IGNORECASE,
)
"""A private address, or a name that only an internal network knows."""

LIBRARY = re.compile(
    r"(?:python-requests|python-urllib3?|python-httpx|aiohttp|axios|node|node-fetch"
    r"|undici|got|go-http-client|okhttp|java|apache-httpclient|ruby|faraday|guzzlehttp"
    r"|curl)(?:/[\w.]+)?(?: \(.*\))?|python/[\w.]+ aiohttp/[\w.]+",
    re.IGNORECASE,
)
"""The User-Agent of an HTTP library to which nobody gave a name."""


def _hygiene(harness: SenderHarness) -> Steps:
    yield from ()
    return hygiene(harness, [s.request for s in harness.witness.seen()])


def hygiene(harness: SenderHarness, requests: Sequence[Request]) -> Judgement:
    """Judge the method and the headers of these requests."""
    tally = Tally()
    faults: dict[str, int] = {}
    for request in requests:
        for fault in faults_of(request):
            faults[fault] = faults.get(fault, 0) + 1
    for fault, count in faults.items():
        tally.complain(f"{fault} ({count} of {len(requests)} requests)")
    tally.control(len(requests))
    agents = {request.header("user-agent") for request in requests}
    shown = " and ".join(sorted(agent for agent in agents if agent))
    return tally.judgement(
        f"{len(requests)} requests with a fitting Content-Type and no internal header; "
        f"User-Agent: {shown}"
    )


def faults_of(request: Request) -> list[str]:
    """Return what is wrong with the method and the headers of a delivery."""
    faults = []
    if request.method not in METHODS:
        faults.append(f"the method is {request.method}")
    kind = request.header("content-type")
    if request.body and kind is None:
        faults.append("there is no Content-Type")
    elif kind and _is_json(request) and not _may_be_json(kind):
        faults.append(f"the body is JSON, but the Content-Type is {kind}")
    agent = request.header("user-agent")
    if not agent:
        faults.append("there is no User-Agent")
    elif LIBRARY.fullmatch(agent.strip()):
        faults.append(f"the User-Agent names only the library, {agent}")
    for name, value in request.headers:
        if INTERNAL.fullmatch(name):
            faults.append(f"there is the header {name}")
        elif not ADDED_ON_THE_WAY.fullmatch(name) and (found := INSIDE.search(value)):
            faults.append(f"the header {name} contains {found[0]}")
    return faults


def _is_json(request: Request) -> bool:
    return request.body[:1] in {b"{", b"["} and parsed(request) is not None


def _may_be_json(kind: str) -> bool:
    return "json" in kind.lower()


PROBES = (
    Probe(
        id="headers.hygiene",
        title="a request has an unusual method, or headers that do not belong in it",
        sent="all requests of this examination are searched",
        wanted="POST (or PUT, PATCH), a fitting Content-Type, a User-Agent that names "
        "the sender, and neither cookies nor internal headers",
        why=(
            "receivers can't recognise the sender or parse the body, and internal "
            "headers tell them about the sender's network"
        ),
        mend="set Content-Type and User-Agent yourself, and send no other header that "
        "you do not document",
        source="RFC 9110, 8.3 and 10.1.5; Sentry's baggage header on outgoing requests",
        severity=Severity.LOW,
        who=Who.NOBODY,
        references=("CWE-201",),
        run=_hygiene,
        group=Group.FINAL,
    ),
)
