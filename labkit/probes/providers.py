"""What only some providers send: forms, signed addresses, tokens."""

import json
import urllib.parse

from labkit.findings import Severity, Who
from labkit.probes import forge
from labkit.probes.edits import with_header
from labkit.probes.endpoint import Need
from labkit.probes.exchange import Exchange
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe
from labkit.probes.sample import FORM
from labkit.probes.tally import Tally, events
from labkit.profiles import Profile
from labkit.signing import Scheme
from labkit.signing.apple import Apple
from labkit.signing.jwt import Jwt

_STRANGER = "labkit-stranger.example"


def _exactly_401(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    request = harness.seal(draft.body, id=draft.id, change=forge.altered)
    exchange = harness.send("a wrong signature", request)
    wanted = harness.scheme.refusal
    if exchange.response.status != wanted:
        tally.complain(f"a wrong signature: {exchange.response}, wanted {wanted}")
    return tally.judgement(str(wanted))


def _forwarded(harness: Harness) -> Judgement:
    tally = Tally(harness)
    path = harness.wire.path
    headers = {
        "X-Forwarded-Host": (
            ("X-Forwarded-Host", _STRANGER),
            ("X-Forwarded-Proto", "https"),
        ),
        "Forwarded": (("Forwarded", f"host={_STRANGER};proto=https"),),
        "Host": (("Host", _STRANGER), ("X-Forwarded-Proto", "https")),
        "X-Original-URL": (("X-Original-URL", f"https://{_STRANGER}{path}"),),
    }
    for name, pairs in headers.items():
        for scheme in ("https", "http"):
            draft = harness.draft()
            url = f"{scheme}://{_STRANGER}{path}"
            request = harness.seal(draft.body, id=draft.id, url=url)
            for pair in pairs:
                request = with_header(request, *pair)
            tally.refuse(harness.send(f"signed for {scheme}, by {name}", request))
    return tally.judgement("all rejected")


def _other_address(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    url = f"https://{_STRANGER}/webhooks"
    if not harness.scheme.signs_host:
        url += "/labkit"  # the path alone is signed, and the receiver's may be the same
    request = harness.seal(draft.body, id=draft.id, url=url)
    tally.refuse(harness.send("signed for another address", request))
    return tally.judgement("rejected")


def _form(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    fields = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in draft.payload.items()
    }
    if harness.scheme.form_field:
        fields = {harness.scheme.form_field: draft.body.decode()}
    body = urllib.parse.urlencode(fields).encode()
    request = harness.seal(body, id=draft.id, content_type=FORM)
    exchanges: list[Exchange] = []

    def deliver() -> None:
        exchanges.append(harness.send("a valid event as a form", request))

    if not harness.has(Need.EFFECTS):
        deliver()
        tally.read_as_sent(exchanges[0])
        return tally.judgement(f"response: {exchanges[0].response}")
    gained = harness.effects_of(deliver, wanted=0)
    tally.read_as_sent(exchanges[0])
    if harness.acknowledged(exchanges[0].response):
        tally.effects("a valid event as a form", gained, 1)
        tally.show(*exchanges)
    return tally.judgement(
        f"response: {exchanges[0].response}, effects of {events(gained)}"
    )


def _sends_forms(scheme: Scheme, profile: Profile) -> str:
    name = scheme.name
    return "" if scheme.sends_forms else f"{name} does not send events as plain forms"


def _insists_on_a_status(scheme: Scheme, profile: Profile) -> str:
    if scheme.refusal is None:
        return f"{scheme.name} asks for no particular status"
    return ""


def _signs_url(scheme: Scheme, profile: Profile) -> str:
    return "" if scheme.signs_url else f"{scheme.name} does not sign the URL"


def _signs_host(scheme: Scheme, profile: Profile) -> str:
    if scheme.signs_url and not scheme.signs_host:
        return f"{scheme.name} does not sign the host"
    return _signs_url(scheme, profile)


def _disguised(harness: Harness) -> Judgement:
    scheme = harness.scheme
    assert isinstance(scheme, Jwt)  # noqa: S101 - the probe applies to no other scheme
    tally = Tally(harness)
    draft = harness.draft()
    tokens = scheme.disguised(
        draft.body, harness.moment(), harness.endpoint.secret, harness.signed_url
    )
    for words, token in tokens.items():
        headers = ((scheme.signature_header, scheme.label + token),)
        tally.refuse(
            harness.send(f"a token {words}", harness.request(draft.body, headers))
        )
    return tally.judgement("all rejected")


def _is_jwt(scheme: Scheme, profile: Profile) -> str:
    return "" if isinstance(scheme, Jwt) else f"{scheme.name} sends no JWT"


def _impostors(harness: Harness) -> Judgement:
    scheme = harness.scheme
    assert isinstance(scheme, Apple)  # noqa: S101 - the probe applies to no other scheme
    tally = Tally(harness)
    draft = harness.draft()
    forged = scheme.impostors(draft.body, harness.moment(), harness.endpoint.secret)
    for words, headers in forged.items():
        request = harness.request(draft.body, tuple(headers.items()))
        tally.refuse(harness.send(f"a token with {words}", request))
    return tally.judgement("all rejected")


def _sends_certificates(scheme: Scheme, profile: Profile) -> str:
    if isinstance(scheme, Apple):
        return ""
    return f"{scheme.name} sends no certificates"


PROBES = (
    Probe(
        id="provider.form",
        sent="a signed form, as the provider sends by default: GitHub's payload=…, "
        "Twilio's fields",
        wanted="acknowledged and processed, or rejected because of its type (400, 415)",
        why="GitHub's default content type is a form, and Twilio sends nothing else "
        "for messages and calls; a handler that expects JSON fails or sees no field",
        mend="read the form after verifying: GitHub's field payload holds the JSON",
        source="mdluo/github-webhook-handler-php#1, jenkinsci/github-plugin#134",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("docs.github.com: Creating webhooks", "CWE-436"),
        run=_form,
        applies=_sends_forms,
    ),
    Probe(
        id="provider.exactly-401",
        sent="an event with a wrong signature, as Discord and Xero send on purpose",
        wanted="401",
        why="the provider does not use a URL that responds with anything else",
        mend="respond with 401, not 400 or 403",
        source="discord-api-docs: developers/events/webhook-events, "
        "XeroAPI/xero-ruby#243",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("the provider's page on setting up a URL",),
        run=_exactly_401,
        applies=_insists_on_a_status,
    ),
    Probe(
        id="provider.forwarded",
        sent="events signed for another host, with that host in X-Forwarded-Host, "
        "Forwarded, Host and X-Original-URL",
        wanted="rejected with a 4xx",
        why="anyone can write these headers; a receiver that builds the URL from them "
        "accepts events that were meant for another endpoint",
        mend="compare with the URL that is configured at the provider",
        source="twilio/twilio-node#321, dograh-hq/dograh#510, bmlt-enabled/yap#1589",
        severity=Severity.MEDIUM,
        who=Who.CAPTURER,
        references=("CWE-290",),
        run=_forwarded,
        applies=_signs_host,
    ),
    Probe(
        id="provider.other-address",
        sent="an event signed for another address",
        wanted="rejected with a 4xx",
        why=(
            "the provider signs the address, so that an event is valid for only one "
            "endpoint"
        ),
        mend="include the URL in the signed content that you verify",
        source="developer.squareup.com, twilio.com/docs/usage/security",
        severity=Severity.MEDIUM,
        who=Who.CAPTURER,
        references=("CWE-345",),
        run=_other_address,
        applies=_signs_url,
    ),
    Probe(
        id="provider.token-algorithm",
        sent="tokens without a signature (alg none), and tokens that are signed with "
        "the public key as if it were a secret",
        wanted="rejected with a 4xx",
        why="a verifier that uses the algorithm named in the token accepts tokens "
        "that anyone can make",
        mend="name the one algorithm that you accept (PyJWT: algorithms=['ES256'])",
        source="RFC 8725, section 3.1",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=("CWE-347", "CWE-757"),
        run=_disguised,
        applies=_is_jwt,
    ),
    Probe(
        id="provider.certificate-chain",
        title="a token with certificates that anyone can make is accepted",
        sent=(
            "tokens whose certificates anyone can make: a self-made chain with the "
            "right root at its end, a self-made certificate alone, a certificate that "
            "the right root issued for another purpose, and a token without a "
            "signature"
        ),
        wanted="rejected with a 4xx",
        why="a token brings its own certificates; a verifier that takes the key from "
        "the first one, or looks only at the last, accepts events that anyone can make",
        mend="use Apple's library with Apple's root certificate: it checks each link, "
        "and the extensions (OIDs) that only certificates for this purpose have",
        source="apple/app-store-server-library-python, signed_data_verifier.py; "
        "developer.apple.com/documentation/appstoreservernotifications",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=("CWE-295", "CWE-347"),
        run=_impostors,
        applies=_sends_certificates,
    ),
)
