"""Whether receivers can verify what is sent, and what must never be on the wire."""

import base64
from collections.abc import Iterator, Sequence

from labkit.examine_sender.calibrate import signed_with, wrong_keys
from labkit.examine_sender.harness import NotRegistered, SenderHarness
from labkit.examine_sender.probe import COMMON, Group, Judgement, Need, Probe, Steps
from labkit.examine_sender.reading import carries
from labkit.examine_sender.tally import Tally
from labkit.examine_sender.waiting import arrival
from labkit.findings import Severity, Who
from labkit.witness import Respond, Sighting

OK = Respond(200)

HARD_TEXT = " é 😀 </script> 1.0 9007199254740993 \u2028 ß̈ %2F+ &amp;"


def _valid(harness: SenderHarness) -> Steps:
    endpoint = harness.shared("two-events", OK)
    mark = yield COMMON
    yield from arrival(harness, endpoint, mark)
    tally = Tally()
    if not tally.arrived(endpoint, mark, "200"):
        return tally.judgement("")
    unsigned = harness.kept.get("no-secret")
    return all_valid(
        harness, tally, [s for s in harness.witness.seen() if s.path != unsigned]
    )


def all_valid(
    harness: SenderHarness, tally: Tally, checked: Sequence[Sighting]
) -> Judgement:
    """Judge that each of these requests verifies."""
    name = harness.scheme.name if harness.scheme else ""
    for sighting in checked:
        fault = harness.signature_fault(sighting.request)
        if fault:
            causes = list(wrong_keys(harness, sighting.request))
            cause = f"; the sender {causes[0]}" if causes else ""
            tally.complain(
                f"{fault}{cause or _other_header(harness, sighting)}", sighting
            )
            break
    return tally.judgement(f"{len(checked)} requests verified by the scheme {name}")


def _other_header(harness: SenderHarness, sighting: Sighting) -> str:
    """Return a hint at a header that looks like a signature by another scheme."""
    request = sighting.request
    usual = harness.scheme.signature_header if harness.scheme else ""
    names = [name for name, _ in request.headers if "signature" in name.lower()]
    if request.header(usual) is not None or not names:
        return ""
    return f"; if {names[0]} is the signature, describe its layout with --scheme"


def _bytes(harness: SenderHarness) -> Steps:
    endpoint = harness.shared("data", OK)
    mark = harness.event(endpoint, more=HARD_TEXT)
    yield from arrival(harness, endpoint, mark)
    tally = Tally()
    if not tally.arrived(endpoint, mark, "200, to data with special characters"):
        return tally.judgement("")
    sighting = endpoint.seen(mark)[0]
    if fault := harness.signature_fault(sighting.request):
        tally.complain(f"with special characters {fault}", sighting)
    if not carries(sighting.request, mark + HARD_TEXT):
        tally.complain("the data is not in the body as it was given", sighting)
    verified = "" if harness.scheme is None else "verified, and "
    return tally.judgement(f"{verified}the data is unchanged")


def _secret_on_wire(harness: SenderHarness) -> Steps:
    yield from ()
    return secret_on_wire(harness, harness.witness.seen())


def secret_on_wire(harness: SenderHarness, sightings: Sequence[Sighting]) -> Judgement:
    """Judge that no secret is in any byte of these requests."""
    tally = Tally()
    for name, needle in _forms(harness.secrets):
        shown = [s for s in sightings if needle in s.request.everything]
        if shown:
            places = {_place(s, needle) for s in shown}
            tally.complain(
                f"{name} is in {len(shown)} requests, {' and '.join(sorted(places))}",
                *shown[:2],
            )
            break
    tally.control(len(sightings))
    return tally.judgement(f"the secret is in none of {len(sightings)} requests")


def _empty(harness: SenderHarness) -> Steps:
    endpoint = harness.server.endpoint("no-secret", OK)
    harness.kept["no-secret"] = endpoint.path
    tally = Tally()
    try:
        harness.register(endpoint, "")
    except NotRegistered:
        yield COMMON
        tally.control()  # calibration has shown that registration works
        return tally.judgement("an endpoint without a secret is refused")
    mark = yield COMMON
    yield from arrival(harness, endpoint, mark)
    control = harness.shared("two-events", OK)
    if not endpoint.seen(mark):
        tally.arrived(control, mark, "200")
        return tally.judgement(
            "an endpoint without a secret was accepted, but nothing was sent to it"
        )
    tally.control()
    sighting = endpoint.seen(mark)[0]
    not_with_an_empty_key(harness, tally, sighting)
    return tally.judgement("not signed with an empty key")


def not_with_an_empty_key(
    harness: SenderHarness, tally: Tally, sighting: Sighting
) -> None:
    """Tally whether a request is signed with a key that everyone has."""
    assert harness.scheme is not None  # noqa: S101 - the probe needs a secret
    if signed_with(harness.scheme, sighting.request, b"", harness.base):
        tally.complain(
            "the event is signed with an empty key, so anyone can sign", sighting
        )


def _forms(secrets: list[str]) -> Iterator[tuple[str, bytes]]:
    for secret in secrets:
        bare = secret.removeprefix("whsec_")
        yield "the secret", bare.encode()
        encoded = base64.b64encode(secret.encode())
        yield "the secret in base64", encoded.rstrip(b"=")
        yield "the secret in hex", secret.encode().hex().encode()
        try:
            key = base64.b64decode(bare, validate=True)
        except ValueError:
            continue
        if len(key) >= 8:
            yield "the key", key
            yield "the key in hex", key.hex().encode()


def _place(sighting: Sighting, needle: bytes) -> str:
    for name, value in sighting.request.headers:
        if needle in value.encode("latin-1", "replace"):
            return f"in the header {name}"
    return "in the body" if needle in sighting.request.body else "in the URL"


SIGNED = frozenset({Need.SECRET, Need.REGISTER})

PROBES = (
    Probe(
        id="sign.valid",
        title="the signature of an event is not valid",
        sent="the endpoint responds with 200",
        wanted="a signature that the scheme's verifier accepts",
        why=(
            "receivers can't verify the events, so they reject all of them or stop "
            "verifying"
        ),
        mend="sign the bytes that you send, with the key that the scheme makes from "
        "the secret",
        source="outline/outline#3699; MLflow uses the text of the secret as the key",
        severity=Severity.CRITICAL,
        who=Who.NOBODY,
        references=("CWE-345",),
        run=_valid,
        needs=SIGNED,
    ),
    Probe(
        id="sign.bytes",
        title="data with special characters is signed wrongly, or changed",
        sent=(
            "the endpoint responds with 200 to data with é, emoji, </script>, 1.0, a "
            "large number and U+2028"
        ),
        wanted="a valid signature and JSON with the data unchanged",
        why="the sender signs one serialisation and sends another, so verifying fails",
        mend="serialise once, and sign and send the same bytes",
        source="textbee/textbee#316",
        severity=Severity.HIGH,
        who=Who.AUTHOR,
        run=_bytes,
        group=Group.EVENTS,
        needs=frozenset({Need.REGISTER}),
        explained_by=("sign.valid",),
    ),
    Probe(
        id="sign.secret-on-wire",
        title="the secret is in a request",
        sent="all requests of this examination are searched for the secret",
        wanted="no secret in any request, neither in plain text nor in base64 or hex",
        why="anyone who can read the receiver's logs can sign events",
        mend="send a signature instead of the secret",
        source="myclubapp/app#224 (GitHub, X-Github-Encoded-Secret)",
        severity=Severity.CRITICAL,
        who=Who.NOBODY,
        references=("CWE-522",),
        run=_secret_on_wire,
        group=Group.FINAL,
    ),
    Probe(
        id="sign.empty",
        title="events for an endpoint without a secret are signed with an empty key",
        sent="an endpoint is registered without a secret, and responds with 200",
        wanted="a refusal or an unsigned request, but never an HMAC with an empty key",
        why="anyone can compute an HMAC with an empty key and forge events",
        mend="refuse an endpoint without a secret",
        source="outline/outline#3699",
        severity=Severity.HIGH,
        who=Who.REGISTRANT,
        references=("CWE-1391",),
        run=_empty,
        needs=SIGNED,
    ),
)
