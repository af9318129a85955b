"""The probes on schemes that are not HMACs in seconds: units, key pairs, tokens."""

import base64
import math
import random

import pytest

from labkit.errors import VerificationError
from labkit.examine.causes import CAUSES
from labkit.examine.variants import variants
from labkit.findings import Result, grouped
from labkit.model import Request
from labkit.probes import PROBES, Endpoint, Exchange, ProbeOutcome, Sample, events
from labkit.probes.sizes import in_chunks
from labkit.probes.wire import WireResponse
from labkit.profiles import PROFILES
from labkit.signing import KeyForm, Scheme, chains, keypairs, scheme_named
from labkit.signing.apple import token_in
from labkit.signing.jwt import Jwt, from_b64, object_in
from tests.test_probes import NOW, StubHarness, StubWire, always, judged, verifier

pytestmark = [pytest.mark.pure, pytest.mark.usefixtures("same_rsa_keys")]

NAMES = [
    *("hubspot", "twitch", "workos", "trello", "convoy-advanced", "tebex"),
    *("gitlab", "gitlab-signed", "sendgrid", "telnyx", "standard-v1a", "plaid"),
    *("vonage", "rfc9421", "rfc9421-hmac", "mailgun", "adyen", "exact"),
    *("sns", "paypal", "okta", "braintree", "cloudinary", "solidgate"),
    *("walmart", "bridge", "alipay", "neon-auth", "wix"),
    *("paymob", "apple", "monday", "auth0", "basic", "ringcentral"),
    *("meraki", "graph", "sharepoint", "fireblocks-v2"),
]
ABOUT = ("valid", "signature", "time", "rotation", "provider.f", "provider.o")
TOKENS = "provider.token-algorithm"


def harness_for(name: str) -> StubHarness:
    scheme, rng = scheme_named(name), random.Random(1)
    if scheme.key_form is KeyForm.KEY_PAIR:
        pytest.importorskip("cryptography", reason="the scheme signs with a key pair")
    first, second, retired = (scheme.make_secret(rng) for _ in range(3))
    harness = StubHarness(always(200))
    harness.endpoint = Endpoint(
        url="http://127.0.0.1:9/webhooks",
        scheme=scheme,
        secret=first,
        second_secret=second,
        retired_secret=retired,
        profile=PROFILES["standard"],
        sample=events.event_of(name) or Sample(),
    )
    harness.scheme = scheme
    harness.wire = StubWire(harness.endpoint.url, verifier(harness))
    return harness


@pytest.mark.parametrize("name", NAMES)
def test_the_kits_own_verifier_fails_nothing_that_is_about_verifying(name: str) -> None:
    harness = harness_for(name)
    harness.calibrate()
    assert harness.accepts
    about = (*ABOUT, TOKENS)
    found = {p.id: judged(harness, p) for p in PROBES if p.id.startswith(about)}
    failed = {
        id_: j.facts for id_, j in found.items() if j.outcome is ProbeOutcome.FAILED
    }
    assert failed == {}
    passed = [one for one in found.values() if one.outcome is ProbeOutcome.PASSED]
    # Some send JSON in other forms, which does not apply to XML.
    assert len(passed) >= (20 if harness.endpoint.sample.is_json else 18)
    if isinstance(harness.scheme, Jwt):
        assert found[TOKENS].outcome is ProbeOutcome.PASSED


@pytest.mark.parametrize("name", NAMES)
def test_a_receiver_that_takes_everything_is_found_out(name: str) -> None:
    harness = harness_for(name)
    harness.wire = StubWire(harness.endpoint.url, always(200))
    harness.calibrate()
    wanted = ["signature.forged", "signature.missing", "signature.other-secret"]
    if harness.scheme.renewed_per_attempt:
        wanted += ["time.stale", "time.future"]
    for probe in PROBES:
        if probe.id in wanted:
            assert judged(harness, probe).outcome is ProbeOutcome.FAILED, probe.id


@pytest.mark.parametrize("bug", ["", "trusts the first", "looks at the last"])
def test_a_chain_of_certificates_is_checked_up_to_its_root(bug: str) -> None:
    harness = harness_for("apple")
    root = base64.b64decode(harness.scheme.receiver_secret(harness.endpoint.secret))

    def reply(content: bytes) -> int:
        token = token_in(content.partition(b"\r\n\r\n")[2])
        signed, _, mac = token.rpartition(".")
        head, _, payload = signed.partition(".")
        chain = [base64.b64decode(one) for one in object_in(head).get("x5c", ())]
        if not chain or (bug == "looks at the last" and chain[-1] != root):
            return 401
        moment = object_in(payload).get("signedDate", 0) / 1000
        key = chains.public_key(chain, root, moment)
        if bug:
            key = chains.public_key_in(chain[0])
        raw = from_b64(mac) or b""
        if key is None or len(raw) != 64:
            return 401
        fits = keypairs.fits(
            keypairs.ECDSA, key, keypairs.der_signature(raw), signed.encode()
        )
        return 200 if fits else 401

    harness.wire = StubWire(harness.endpoint.url, reply)
    harness.calibrate()
    assert harness.accepts
    results = [
        Result(
            probe=probe,
            outcome=(judgement := judged(harness, probe)).outcome,
            facts=judgement.facts,
            signs=frozenset(map(str, judgement.signs)),
        )
        for probe in PROBES
        if probe.id.startswith(("signature", "provider.c"))
    ]
    findings = [(one.id, set(one.probes)) for one in grouped(results, CAUSES)]
    probes = {"provider.certificate-chain"}
    if bug == "trusts the first":
        probes.add("signature.other-secret")
    assert findings == ([("certificates-not-verified", probes)] if bug else [])


def test_a_receiver_may_take_events_as_old_as_the_provider_allows() -> None:
    harness = harness_for("cloudinary")
    scheme = harness.scheme
    found = []
    for tolerance in (7200.0, math.inf):
        judge = type(scheme)(tolerance=tolerance)

        def reply(content: bytes, judge: Scheme = judge) -> int:
            head, _, body = content.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")[1:]
            headers = dict(line.split(": ", 1) for line in lines)
            try:
                judge.verify(body, headers, secrets=[harness.endpoint.secret], now=NOW)
            except VerificationError:
                return 401
            return 200

        harness.wire = StubWire(harness.endpoint.url, reply)
        harness.calibrate()
        assert harness.accepts
        probes = [p for p in PROBES if p.id in ("time.stale", "time.future")]
        found.append([judged(harness, probe).outcome for probe in probes])
    assert found == [[ProbeOutcome.PASSED] * 2, [ProbeOutcome.FAILED] * 2]


def test_what_has_no_meaning_for_a_token_says_so() -> None:
    harness = harness_for("gitlab")
    harness.calibrate()
    reasons = {
        probe.id: judged(harness, probe).facts
        for probe in PROBES
        if probe.id in ("signature.body-changed", "time.stale")
        and judged(harness, probe).outcome is ProbeOutcome.NOT_APPLICABLE
    }
    assert "does not sign the body" in reasons["signature.body-changed"]
    assert "signs no timestamp" in reasons["time.stale"]


def test_a_token_is_never_sent_with_a_line_break() -> None:
    harness, sent = harness_for("gitlab"), []

    def reply(content: bytes) -> int:
        head = content.partition(b"\r\n\r\n")[0].decode("latin-1")
        sent.append([line for line in head.split("\r\n") if "Token" in line])
        return 401

    harness.wire = StubWire(harness.endpoint.url, reply)
    for probe in PROBES:
        if probe.id in ("signature.empty-secret", "signature.default-secret"):
            judged(harness, probe)
    for variant in variants(harness):
        harness.send(variant.changed, variant.make(harness, harness.draft()))
    assert len(sent) > 20
    assert all("\n" not in line for lines in sent for line in lines)
    assert all(len(lines) <= 1 for lines in sent)


@pytest.mark.parametrize("scheme", ["github", "mailgun", "adyen", "braintree"])
def test_a_body_in_chunks_holds_the_signature_that_is_in_the_body(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = harness_for(scheme)
    known, secret = harness.endpoint.scheme, harness.endpoint.secret
    sent: list[tuple[Request, bytes]] = []

    def keep(label: str, request: Request, pieces: list[bytes]) -> Exchange:
        sent.append((request, b"".join(pieces)))
        return Exchange(label, request, WireResponse(200, "", 0.0))

    monkeypatch.setattr(harness, "send_pieces", keep)
    in_chunks(harness, "in chunks", harness.draft(), size=1 << 20)
    ((request, content),) = sent
    head, _, framed = content.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head
    size, _, rest = framed.partition(b"\r\n")
    body = rest[: int(size, 16)]
    known.verify(
        body,
        dict(request.headers),
        secrets=[known.receiver_secret(secret)],
        now=harness.now(),
        url=harness.signed_url,
    )
