"""Server-side request forgery: addresses that a sender must not call."""

from dataclasses import dataclass

from labkit.examine_sender.harness import NotRegistered, SenderHarness
from labkit.examine_sender.probe import COMMON, Group, Need, Probe, Steps, Wait, unknown
from labkit.examine_sender.tally import Tally
from labkit.examine_sender.waiting import arrival
from labkit.findings import Severity, Who
from labkit.findings.commands import Refused
from labkit.witness import Canary, Endpoint, Respond
from labkit.witness.canary import SECRET_TEXT
from labkit.witness.names import SUFFIX

LOOPBACK = (
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0x7f.1",
    "localhost",
    "LOCALHOST",
    "0.0.0.0",  # noqa: S104 - an address to be refused
    "0",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
)
"""Spellings of this machine that some client connects to."""

NEVER_TRIGGERED = (
    "http://localhost.:{port}/",
    "http://a.localhost:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://user:pw@127.0.0.1:{port}/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/",
    "http://10.0.0.1/",
    "http://100.64.0.1/",
    "http://[fd00::1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/",
)
"""URLs that are registered and deleted again, and to which nothing is delivered."""


@dataclass(slots=True)
class _Registered:
    """What the sender took, by URL, with the endpoint."""

    accepted: dict[str, Endpoint]
    tried: int


def _register_loopback(harness: SenderHarness) -> _Registered:
    """Register every spelling; the accepted ones stay for the delivery."""
    accepted: dict[str, Endpoint] = {}
    canary = harness.canary()
    for place, host in enumerate(LOOPBACK):
        endpoint = harness.server.endpoint(f"ssrf-{place}")
        endpoint.url = canary.url(host, endpoint.path)
        try:
            harness.register(endpoint)
        except NotRegistered:
            continue
        accepted[endpoint.url] = endpoint
    return _Registered(accepted, len(LOOPBACK))


def _taken(harness: SenderHarness) -> _Registered:
    kept = harness.kept.get("ssrf")
    if not isinstance(kept, _Registered):
        kept = harness.kept["ssrf"] = _register_loopback(harness)
    return kept


def _register(harness: SenderHarness) -> Steps:
    loopback = _taken(harness)
    tally = Tally()
    accepted = list(loopback.accepted)
    tried = loopback.tried
    if harness.levers.unregister is not None:
        for url in NEVER_TRIGGERED:
            tried += 1
            endpoint = harness.server.endpoint("never")
            endpoint.url = url.format(port=harness.canary().port)
            try:
                harness.register(endpoint)
            except NotRegistered:
                continue
            harness.unregister(endpoint)
            accepted.append(f"{endpoint.url} (delivery not tried)")
    changed = _change(harness, tally)
    yield COMMON
    if accepted:
        shown = ", ".join(accepted[:4])
        tally.complain(f"{len(accepted)} of {tried} were accepted, such as {shown}")
    if not harness.guard_on or _public_taken(harness):
        tally.control()
    else:
        tally.doubt(
            f"all {tried} were refused; give --public-url, which the guard must "
            "accept, to show that it does not refuse everything"
        )
    rest = "; private addresses are tried only with --unregister"
    if harness.levers.unregister is not None:
        rest = ""
    return tally.judgement(f"all {tried} were refused{changed}{rest}")


def _change(harness: SenderHarness, tally: Tally) -> str:
    if harness.levers.change is None:
        return "; no --change was given"
    if harness.guard_on:
        return ""
    endpoint = harness.endpoint("changed", Respond(200))
    url = harness.canary().url("127.0.0.1", "/changed")
    try:
        harness.levers.change(endpoint.id, url)
    except Refused:
        harness.unregister(endpoint)
        return ", also as a change of a good endpoint"
    harness.unregister(endpoint)
    tally.complain(f"a good endpoint could be changed to {url}")
    return ""


def _public_taken(harness: SenderHarness) -> bool:
    if not harness.public_url or harness.levers.unregister is None:
        return False
    endpoint = harness.server.endpoint("public")
    endpoint.url = harness.public_url
    try:
        harness.register(endpoint)
    except NotRegistered:
        return False
    harness.unregister(endpoint)
    return True


def _deliver(harness: SenderHarness) -> Steps:
    loopback = _taken(harness)
    if not loopback.accepted:
        yield COMMON
        return unknown("registration refused every spelling, so none could be tried")
    control = None if harness.guard_on else harness.shared("two-events", Respond(200))
    mark = yield COMMON
    if control is not None and (yield from arrival(harness, control, mark)):
        # What was queued for the first event is sent before the second one arrives.
        mark = harness.event(control)
        yield from arrival(harness, control, mark)
    start, least = harness.now(), harness.sender(min(2.0, harness.patience / 3))
    yield Wait(
        lambda: harness.now() - start > max(least, harness.backlog),
        harness.longest_wait,
    )
    tally = Tally()
    canary = harness.canary()
    hit = [u for u, e in loopback.accepted.items() if canary.at(e.path)]
    if hit:
        visible = _visible(harness)
        shown = ", ".join(hit[:5])
        tally.complain(f"{len(hit)} spellings reached the canary: {shown}{visible}")
    if control is None:
        tally.doubt("with the guard on, there is no sign that anything is sent at all")
    else:
        tally.arrived(control, mark, "200")
    return tally.judgement(
        f"{len(loopback.accepted)} spellings were accepted, none was called"
    )


def _visible(harness: SenderHarness) -> str:
    for file in harness.levers.logs:
        if file.exists() and SECRET_TEXT.encode() in file.read_bytes():
            return f"; the response of the internal page is in {file.name}"
    return ""


def _metadata(harness: SenderHarness) -> Steps:
    canary = Canary(harness.witness.now, hosts=("169.254.169.254",), port=80)
    try:
        accepted = {}
        hosts = ("169.254.169.254", "[::ffff:169.254.169.254]", "2852039166")
        for place, host in enumerate(hosts):
            endpoint = harness.server.endpoint(f"metadata-{place}")
            endpoint.url = f"http://{host}{endpoint.path}"
            try:
                harness.register(endpoint)
            except NotRegistered:
                continue
            accepted[endpoint.url] = endpoint
        control = harness.endpoint("metadata-control", Respond(200))
        mark = yield COMMON
        yield from arrival(harness, control, mark)
        yield Wait(lambda: False, harness.sender(1.0))
        tally = Tally()
        tally.arrived(control, mark, "200")
        hit = [url for url, e in accepted.items() if canary.at(e.path)]
        if hit:
            tally.complain(f"the metadata address was called as {', '.join(hit)}")
        return tally.judgement(
            f"{len(accepted)} of {len(hosts)} spellings were accepted, none was called"
        )
    finally:
        canary.close()


def _rebind(harness: SenderHarness) -> Steps:
    canary = harness.canary()
    endpoint = harness.server.endpoint("rebind")
    name = f"r{harness.witness.new_mark()}{SUFFIX}"
    endpoint.url = canary.url(name, endpoint.path)
    control = harness.endpoint("rebind-control", Respond(200))
    try:
        harness.register(endpoint)
    except NotRegistered as refused:
        yield COMMON
        return unknown(f"the name was refused at registration: {refused}")
    mark = yield COMMON
    yield from arrival(harness, control, mark)
    yield Wait(lambda: bool(canary.at(endpoint.path)), harness.retry_wait())
    tally = Tally()
    tally.arrived(control, mark, "200")
    if canary.at(endpoint.path):
        tally.complain(
            "the request went to 127.0.0.1, which only the second look-up gave"
        )
    asked = harness.asked(name)
    if not asked and not tally.failed:
        tally.doubt("the name was never looked up")
    return tally.judgement(f"the name was looked up {asked} times, nothing arrived")


R = frozenset({Need.REGISTER, Need.SOCKETS})

PROBES = (
    Probe(
        id="ssrf.deliver",
        title="events are sent to internal addresses",
        sent=(
            "the URL of a second server of the kit that must not be called (the "
            "canary) is registered in the spellings that registration accepts"
        ),
        wanted="no request arrives at the canary",
        why="anyone who can register an endpoint can reach internal services",
        mend=(
            "when you connect, check every address of the name, and connect to one "
            "that you checked"
        ),
        source="webhook-cannon 0.1.0 ([::])",
        severity=Severity.HIGH,
        who=Who.REGISTRANT,
        references=("CWE-918", "OWASP API7:2023"),
        run=_deliver,
        needs=R,
    ),
    Probe(
        id="ssrf.register",
        title="internal addresses can be registered as endpoints",
        sent=(
            "URLs with the address of this machine in several spellings, with private "
            "and metadata addresses, and with URL schemes other than http and https "
            "are registered"
        ),
        wanted="each is refused, at registration and when a good endpoint is changed",
        why="anyone who can fill in the registration form can reach internal services",
        mend="resolve the name, and refuse every address that is not public",
        source="OneUptime/oneuptime#2578, Helicone/helicone#5786",
        severity=Severity.HIGH,
        who=Who.REGISTRANT,
        references=("CWE-918", "OWASP API7:2023"),
        run=_register,
        needs=R,
        explained_by=("ssrf.deliver", "ssrf.metadata"),
    ),
    Probe(
        id="ssrf.metadata",
        title="events are sent to the cloud metadata address",
        sent=(
            "the cloud metadata address (169.254.169.254) is registered, in a network "
            "namespace"
        ),
        wanted="no request arrives at this address",
        why="the metadata service gives the machine's credentials to anyone who asks",
        mend="refuse 169.254.0.0/16, including its addresses mapped to IPv6",
        source="useplunk/plunk#449, vulnerability-lookup/vulnerability-lookup#540",
        severity=Severity.HIGH,
        who=Who.REGISTRANT,
        references=("CWE-918",),
        run=_metadata,
        group=Group.ALONE,
        needs=R | {Need.NAMESPACE},
        explained_by=("ssrf.deliver",),
    ),
    Probe(
        id="ssrf.rebind",
        title="events are sent to an address that was not checked (DNS rebinding)",
        sent=(
            "a name is registered that leads to a public address at first, and to this "
            "machine later"
        ),
        wanted="no request arrives at this machine",
        why=(
            "the check and the connection look the name up separately, and the owner "
            "of the name can give two different addresses"
        ),
        mend="look the name up once, and connect to the address that you have checked",
        source="gotempsh/temps#332, liwala/ay-framework#301",
        severity=Severity.HIGH,
        who=Who.REGISTRANT,
        references=("CWE-918", "CWE-367"),
        run=_rebind,
        group=Group.ALONE,
        needs=R | {Need.NAMESPACE},
        explained_by=("ssrf.deliver",),
    ),
)
