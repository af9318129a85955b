"""What only some providers send: challenges, pings, signed addresses."""

import json
import urllib.parse

from labkit.findings import Severity, Who
from labkit.probes import forge
from labkit.probes.bench import Bench, Exchange
from labkit.probes.edits import with_header, without
from labkit.probes.endpoint import Need
from labkit.probes.probe import Judgement, Probe
from labkit.probes.sample import compact
from labkit.probes.tally import Tally
from labkit.profiles import Profile
from labkit.signing import Challenge, Scheme

TOKEN = "labkit0challenge0token"  # noqa: S105 - made up, and no secret

FORM = "application/x-www-form-urlencoded"

_STRANGER = "labkit-stranger.example"


def _challenge(bench: Bench) -> Challenge:
    challenge = bench.scheme.challenge
    assert challenge is not None  # noqa: S101 - the probe applies to no other scheme
    return challenge


def _answered(bench: Bench) -> Judgement:
    tally = Tally(bench)
    challenge = _challenge(bench)
    body = compact(challenge.payload(TOKEN))
    exchange = bench.send("a signed challenge", bench.seal(body, id=bench.draft().id))
    tally.accept(exchange)
    wanted = challenge.response(bench.endpoint.secret, TOKEN)
    if (
        bench.acknowledged(exchange.answer)
        and wanted.encode() not in exchange.answer.body
    ):
        tally.complain("acknowledged, but the answer does not hold the wanted token")
    return tally.finding("answered with the token")


def _unsigned(bench: Bench) -> Judgement:
    tally = Tally(bench)
    body = compact(_challenge(bench).payload(TOKEN))
    sealed = bench.seal(body, id=bench.draft().id)
    names = forge.signature_headers(bench.scheme)
    tally.refuse(bench.send("an unsigned challenge", without(sealed, *names)))
    forged = bench.seal(body, id=bench.draft().id, change=forge.altered)
    tally.refuse(bench.send("a forged challenge", forged))
    return tally.finding("refused")


def _oracle(bench: Bench) -> Judgement:
    tally = Tally(bench)
    draft = bench.draft()
    t = bench.moment()
    challenge = _challenge(bench)
    layout = bench.scheme.layout
    front = layout.before(id=draft.id, t=t, url=bench.signed_url) if layout else b""
    body = compact(challenge.payload((front + draft.body).decode()))
    exchange = bench.send("a challenge like a body", bench.seal(body, id=draft.id))
    signature = _signature_in(exchange, challenge.field)
    if signature:
        labelled = bench.scheme.label + signature
        headers = forge.written(bench.scheme, [labelled], id=draft.id, t=t)
        request = bench.request(draft.body, tuple(headers.items()))
        stolen = bench.send("an event signed by the receiver itself", request)
        if bench.acknowledged(stolen.answer):
            tally.complain(
                "the answer to a challenge held a signature under which a forged event "
                "was acknowledged"
            )
    return tally.finding("no signature for what looks like an event")


def _signature_in(exchange: Exchange, field: str) -> str:
    try:
        answer = json.loads(exchange.answer.body)
        return str(answer[field])
    except (ValueError, KeyError, TypeError):
        return ""


def _ping(bench: Bench) -> Judgement:
    tally = Tally(bench)
    body = compact(dict(bench.scheme.ping or {}))
    exchange = bench.send("a ping", bench.seal(body, id=bench.draft().id))
    tally.accept(exchange)
    return tally.finding(f"answered {exchange.answer}")


def _exactly_401(bench: Bench) -> Judgement:
    tally = Tally(bench)
    draft = bench.draft()
    request = bench.seal(draft.body, id=draft.id, change=forge.altered)
    exchange = bench.send("a wrong signature", request)
    wanted = bench.scheme.refusal
    if exchange.answer.status != wanted:
        tally.complain(f"a wrong signature: {exchange.answer}, wanted {wanted}")
    return tally.finding(str(wanted))


def _forwarded(bench: Bench) -> Judgement:
    tally = Tally(bench)
    path = bench.wire.path
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
            draft = bench.draft()
            url = f"{scheme}://{_STRANGER}{path}"
            request = bench.seal(draft.body, id=draft.id, url=url)
            for pair in pairs:
                request = with_header(request, *pair)
            tally.refuse(bench.send(f"signed for {scheme}, by {name}", request))
    return tally.finding("all refused")


def _other_address(bench: Bench) -> Judgement:
    tally = Tally(bench)
    draft = bench.draft()
    request = bench.seal(draft.body, id=draft.id, url=f"https://{_STRANGER}/webhooks")
    tally.refuse(bench.send("signed for another address", request))
    return tally.finding("refused")


def _form(bench: Bench) -> Judgement:
    tally = Tally(bench)
    draft = bench.draft()
    fields = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in draft.payload.items()
    }
    if bench.scheme.form_field:
        fields = {bench.scheme.form_field: draft.body.decode()}
    body = urllib.parse.urlencode(fields).encode()
    request = bench.seal(body, id=draft.id, content_type=FORM)
    exchanges: list[Exchange] = []

    def deliver() -> None:
        exchanges.append(bench.send("a valid event as a form", request))

    if not bench.has(Need.EFFECTS):
        deliver()
        tally.read_as_sent(exchanges[0])
        return tally.finding(f"answered {exchanges[0].answer}")
    gained = bench.effects_of(deliver, wanted=0)
    tally.read_as_sent(exchanges[0])
    if bench.acknowledged(exchanges[0].answer):
        tally.effects("a valid event as a form", gained, 1)
        tally.show(*exchanges)
    return tally.finding(
        f"answered {exchanges[0].answer}, effects of {gained:g} events"
    )


def _sends_forms(scheme: Scheme, profile: Profile) -> str:
    return "" if scheme.sends_forms else f"{scheme.name} sends no forms"


def _sends_challenges(scheme: Scheme, profile: Profile) -> str:
    return "" if scheme.challenge else f"{scheme.name} sends no challenge"


def _has_tokens_signed(scheme: Scheme, profile: Profile) -> str:
    if scheme.challenge and scheme.challenge.field:
        return ""
    return f"{scheme.name} asks for no signature in the response"


def _sends_pings(scheme: Scheme, profile: Profile) -> str:
    return "" if scheme.ping else f"{scheme.name} sends no ping"


def _insists_on_a_status(scheme: Scheme, profile: Profile) -> str:
    if scheme.refusal is None:
        return f"{scheme.name} asks for no particular status"
    return ""


def _signs_url(scheme: Scheme, profile: Profile) -> str:
    return "" if scheme.signs_url else f"{scheme.name} does not sign the URL"


PROBES = (
    Probe(
        id="provider.form",
        sent="a signed form, as the provider sends by default: GitHub's payload=…, "
        "Twilio's fields",
        wanted="acknowledged and processed, or refused for its type (400, 415)",
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
        id="provider.challenge",
        sent="a signed challenge, as the provider sends when a URL is set up",
        wanted="the token in the answer: as it came (Slack), or with its HMAC (Zoom)",
        why="without that answer the provider does not send a single event",
        mend="respond as the provider's page says",
        source="docs.slack.dev (url_verification), developers.zoom.us (webhooks)",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("the provider's page on setting up a URL",),
        run=_answered,
        applies=_sends_challenges,
    ),
    Probe(
        id="provider.challenge-unsigned",
        sent="a challenge without a signature, and with a forged one",
        wanted="refused with a 4xx",
        why="who answers before verifying lets anybody use the answer",
        mend="verify first; challenges are signed as well",
        source="windmill-labs/windmill#8596",
        severity=Severity.MEDIUM,
        who=Who.ANYONE,
        references=("CWE-306",),
        run=_unsigned,
        applies=_sends_challenges,
    ),
    Probe(
        id="provider.oracle",
        sent="a signed challenge whose token looks like the signed content of an event",
        wanted="no signature in the answer that makes a forged event valid",
        why="the answer signs a text of the sender's choice with the key of all events",
        mend="take only tokens of letters, digits, - and _, and verify before "
        "answering",
        source="developers.zoom.us (webhooks): one key for events and challenges",
        severity=Severity.HIGH,
        who=Who.PROVIDER,
        references=("CWE-347",),
        run=_oracle,
        applies=_has_tokens_signed,
    ),
    Probe(
        id="provider.ping",
        sent="a signed ping",
        wanted="acknowledged with 204",
        why="Discord pings a URL before it takes it",
        mend="respond to type 0 with 204",
        source="discord-api-docs: developers/events/webhook-events",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("Discord: Webhook Events",),
        run=_ping,
        applies=_sends_pings,
    ),
    Probe(
        id="provider.exactly-401",
        sent="an event with a wrong signature, as Discord sends on purpose",
        wanted="401",
        why="Discord takes a URL away that answers anything else",
        mend="respond with 401, not 400 or 403",
        source="discord-api-docs: developers/events/webhook-events",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("Discord: Webhook Events",),
        run=_exactly_401,
        applies=_insists_on_a_status,
    ),
    Probe(
        id="provider.forwarded",
        sent="events signed for another host, with that host in X-Forwarded-Host, "
        "Forwarded, Host and X-Original-URL",
        wanted="refused with a 4xx",
        why="anybody can write these headers; a receiver that builds the URL from them "
        "accepts events that were meant for another endpoint",
        mend="compare with the URL that is configured at the provider",
        source="twilio/twilio-node#321, dograh-hq/dograh#510, bmlt-enabled/yap#1589",
        severity=Severity.MEDIUM,
        who=Who.CAPTURER,
        references=("CWE-290",),
        run=_forwarded,
        applies=_signs_url,
    ),
    Probe(
        id="provider.other-address",
        sent="an event signed for another address",
        wanted="refused with a 4xx",
        why="the address is signed, so that an event counts at one endpoint alone",
        mend="put the URL into what you verify",
        source="developer.squareup.com, twilio.com/docs/usage/security",
        severity=Severity.MEDIUM,
        who=Who.CAPTURER,
        references=("CWE-345",),
        run=_other_address,
        applies=_signs_url,
    ),
)
