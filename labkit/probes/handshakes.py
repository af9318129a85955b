"""The provider's check of a new URL: valid, forged, and as a way to get signatures."""

import dataclasses
import functools
import json
import urllib.parse
from collections.abc import Callable
from typing import Any

from labkit.findings import ProbeOutcome, Severity, Who
from labkit.model import Request
from labkit.probes import forge
from labkit.probes.edits import with_header, without
from labkit.probes.exchange import Exchange
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe, unknown
from labkit.probes.sample import compact
from labkit.probes.tally import Tally
from labkit.signing import Handshake, Place
from labkit.signing.handshakes import TOKEN, filled

JSON = "application/json"

_MARKUP = "<script>labkit()</script>"
_ANOTHER = "labkit-another-verify-token"
_TOKENS = (
    "accept only tokens in the form that the provider sends (letters, digits, + / = - "
    "and _, at most 100 of them), and reject all others with 400"
)


def _for(
    applies: Callable[[Handshake], str] = lambda _: "",
) -> Callable[
    [Callable[[Harness, Handshake], Judgement]], Callable[[Harness], Judgement]
]:
    """Return a decorator for probes of handshakes that the function lets through.

    `applies` returns why a handshake has nothing to probe, or nothing.
    """

    def decorate(
        run: Callable[[Harness, Handshake], Judgement],
    ) -> Callable[[Harness], Judgement]:
        @functools.wraps(run)
        def judged(harness: Harness) -> Judgement:
            handshake = harness.endpoint.handshake
            if handshake is None:
                name = harness.scheme.name
                why = (
                    f"{name} does not check a new URL; if your provider does, give "
                    "--handshake"
                )
                return Judgement(ProbeOutcome.NOT_APPLICABLE, why)
            if why := applies(handshake):
                return Judgement(ProbeOutcome.NOT_APPLICABLE, why)
            if handshake.needs_verify_token and not harness.endpoint.verify_token:
                return unknown(
                    "needs --verify-token, the text that you gave to the provider"
                )
            return run(harness, handshake)

        return judged

    return decorate


def _is_proved(handshake: Handshake) -> str:
    if handshake.signed or handshake.verifies_token:
        return ""
    return f"the handshake of {handshake.name} proves nothing about its sender"


def _signs_when_signed(handshake: Handshake) -> str:
    if why := _signs(handshake):
        return why
    return "" if handshake.signed else f"the {handshake.name} handshake is not signed"


def _signs(handshake: Handshake) -> str:
    if handshake.signs:
        return ""
    return f"the response to the {handshake.name} handshake holds no signature"


def _echoes_to_anyone(handshake: Handshake) -> str:
    in_body = handshake.place in (Place.TEXT, Place.WITHIN)
    if in_body and _is_proved(handshake):
        return ""
    return (
        f"the response to the {handshake.name} handshake does not return a stranger's "
        "text as its body"
    )


def _sets_secret(handshake: Handshake) -> str:
    if handshake.sets_secret:
        return ""
    return f"the {handshake.name} handshake does not set a secret"


@_for()
def _answered(harness: Harness, handshake: Handshake) -> Judgement:
    tally = Tally(harness)
    # A secret that is set must stay the one with which all other events are signed.
    token = harness.endpoint.secret if handshake.sets_secret else TOKEN
    exchange = harness.send(
        f"the {handshake.name} handshake", _request(harness, handshake, token)
    )
    status = exchange.response.status
    if status is None or not 200 <= status < 300:
        tally.complain(
            f"{exchange.label}: {exchange.response}, wanted {handshake.place.value}"
        )
        tally.show(exchange)
    elif wrong := _wrong(harness, handshake, exchange, token):
        tally.complain(f"{exchange.label}: {exchange.response}, but {wrong}")
        tally.show(exchange)
    return tally.judgement(f"responded with {exchange.response}, as the provider asks")


def _wrong(
    harness: Harness, handshake: Handshake, exchange: Exchange, token: str
) -> str:
    """Say what is wrong with a successful response, or nothing."""
    answer = exchange.response
    text = answer.body.decode("utf-8", "replace")
    right = handshake.wanted(
        token=token,
        secret=harness.endpoint.secret,
        verify_token=harness.endpoint.verify_token,
        url=harness.signed_url,
    )
    wanted = (right, *handshake.other_answers)
    shown = "the secret" if handshake.sets_secret else right
    if handshake.place is Place.EMPTY and answer.body:
        return f"the body is {text[:40]!r}, and must be empty"
    if handshake.place is Place.TEXT and text != right:
        return f"the body is {text[:60]!r}, and must be exactly {shown!r}"
    if handshake.place is Place.WITHIN and right not in text:
        return f"the body is {text[:60]!r}, and must contain {shown!r}"
    if handshake.place is Place.JSON:
        found = _field(answer.body, handshake.field)
        if found not in wanted:
            return f"the JSON holds {found!r:.80} in {handshake.field!r}, not {shown!r}"
    if handshake.place is Place.HEADER:
        values = _values(exchange, handshake.field)
        if not set(values) & set(wanted):
            found = repr(values[0])[:60] if values else "missing"
            return f"the header {handshake.field} is {found}, not {shown!r}"
    return ""


@_for(_is_proved)
def _forged(harness: Harness, handshake: Handshake) -> Judgement:
    tally = Tally(harness)
    if handshake.signed:
        sealed = _request(harness, handshake, TOKEN)
        names = forge.signature_headers(harness.scheme)
        tally.refuse(harness.send("an unsigned challenge", without(sealed, *names)))
        wrong = _request(harness, handshake, TOKEN, change=forge.altered)
        tally.refuse(harness.send("a forged challenge", wrong))
        return tally.judgement("rejected")
    for label, text in (("another", _ANOTHER), ("an empty", "")):
        wrong = _request(harness, handshake, TOKEN, verify_token=text)
        tally.refuse(harness.send(f"a challenge with {label} verify token", wrong))
    query = tuple(pair for pair in handshake.query if "{verify_token}" not in pair[1])
    bare = dataclasses.replace(handshake, query=query)
    tally.refuse(
        harness.send(
            "a challenge without a verify token", _request(harness, bare, TOKEN)
        )
    )
    return tally.judgement("rejected")


def _oracle(harness: Harness, handshake: Handshake, *, signed: bool) -> Judgement:
    """Ask for a signature of what looks like an event, then send that event."""
    tally = Tally(harness)
    draft = harness.draft()
    t = harness.moment()
    content = harness.scheme.content(
        draft.body, id=draft.id, t=t, url=harness.signed_url
    )
    if content is None:
        return unknown("what this scheme signs can't be put into a token")
    token = content.decode()
    asked = dataclasses.replace(handshake, signed=signed)
    exchange = harness.send(
        "a challenge like an event", _request(harness, asked, token)
    )
    found: Any = exchange.response.body.decode("utf-8", "replace")
    if handshake.place is not Place.TEXT:
        found = _field(exchange.response.body, handshake.field)
    before = handshake.answer.partition("{mac}")[0]
    if isinstance(found, str) and found:
        signature = harness.scheme.label + found.removeprefix(before)
        headers = forge.written(harness.scheme, [signature], id=draft.id, t=t)
        request = harness.request(draft.body, tuple(headers.items()))
        stolen = harness.send("an event signed by the receiver itself", request)
        if harness.acknowledged(stolen.response):
            tally.complain(
                "the response to a challenge held a signature under which a forged "
                "event was acknowledged"
            )
            tally.show(exchange, stolen)
    return tally.judgement("no signature for what looks like an event")


@_for(_signs_when_signed)
def _signed_oracle(harness: Harness, handshake: Handshake) -> Judgement:
    return _oracle(harness, handshake, signed=True)


@_for(_signs)
def _open_oracle(harness: Harness, handshake: Handshake) -> Judgement:
    return _oracle(harness, handshake, signed=False)


@_for(_echoes_to_anyone)
def _markup(harness: Harness, handshake: Handshake) -> Judgement:
    tally = Tally(harness)
    exchange = harness.send("a token of HTML", _request(harness, handshake, _MARKUP))
    answer = exchange.response
    kinds = _values(exchange, "Content-Type")
    as_html = not kinds or "html" in kinds[0].lower()
    if answer.status is not None and _MARKUP.encode() in answer.body and as_html:
        kind = kinds[0] if kinds else "no content type"
        tally.complain(f"the script came back unchanged as {kind}")
        tally.show(exchange)
    return tally.judgement(f"response: {answer}, without a script as HTML")


@_for(_sets_secret)
def _takeover(harness: Harness, handshake: Handshake) -> Judgement:
    tally = Tally(harness)
    other = harness.other_secret()
    tally.survive(
        harness.send("a stranger's handshake", _request(harness, handshake, other))
    )
    draft = harness.draft()
    request = harness.seal(draft.body, id=draft.id, secret=other)
    forged = harness.send("an event signed with the stranger's secret", request)
    # Whatever came of it: the other probes need the right secret.
    harness.send(
        "the handshake again", _request(harness, handshake, harness.endpoint.secret)
    )
    tally.refuse(forged)
    return tally.judgement("the stranger's secret is not accepted")


def _request(
    harness: Harness,
    handshake: Handshake,
    token: str,
    *,
    verify_token: str | None = None,
    change: forge.Change | None = None,
) -> Request:
    """Return the request of a handshake."""
    known = harness.endpoint.verify_token if verify_token is None else verify_token
    values = {"token": token, "verify_token": known}
    has_body = handshake.body is not None
    body = compact(_filled(handshake.body, values)) if has_body else b""
    kind = JSON if has_body else None
    if handshake.signed:
        request = harness.seal(
            body, id=harness.draft().id, change=change, content_type=kind
        )
    else:
        request = harness.request(body, (), content_type=kind)
    for name, value in handshake.headers:
        request = with_header(request, name, filled(value, values))
    query = [(name, filled(value, values)) for name, value in handshake.query]
    mark = "&" if "?" in request.path else "?"
    path = request.path + (mark + urllib.parse.urlencode(query) if query else "")
    return dataclasses.replace(request, method=handshake.method, path=path)


def _filled(template: Any, values: dict[str, str]) -> Any:
    if isinstance(template, dict):
        return {name: _filled(value, values) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, values) for value in template]
    return filled(template, values) if isinstance(template, str) else template


def _values(exchange: Exchange, name: str) -> list[str]:
    """Return the values of a header of the response."""
    headers = exchange.response.headers
    return [value for known, value in headers if known.lower() == name.lower()]


def _field(body: bytes, name: str) -> Any:
    try:
        return json.loads(body)[name]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


PROBES = (
    Probe(
        id="provider.challenge",
        title="the provider's check of a new URL does not get the right response",
        sent="the request with which the provider checks a new URL",
        wanted="the response that the provider asks for: the token unchanged, or an "
        "HMAC of it, in the body or in a header",
        why="without this response, the provider sends no events",
        mend="respond as the provider's documentation says; where "
        "plain text is expected, make sure that the framework does not write it as "
        "JSON, in quotation marks",
        source="docs.slack.dev (url_verification), developers.zoom.us (webhooks), "
        "jovotech/jovo-framework#715, RasaHQ/rasa#2192",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("the provider's page on setting up a URL",),
        run=_answered,
    ),
    Probe(
        id="provider.challenge-unsigned",
        sent="the check of a new URL with no signature or a forged one, or with no "
        "verify token or a wrong one",
        wanted="rejected with a 4xx",
        why="a receiver that responds before verifying also passes a stranger's "
        "check, so the check proves nothing",
        mend="verify first: the signature, or the verify token",
        source="windmill-labs/windmill#8596",
        severity=Severity.MEDIUM,
        who=Who.ANYONE,
        references=("CWE-306",),
        run=_forged,
    ),
    Probe(
        id="provider.oracle",
        title="a challenge makes the receiver sign an event of the sender's choice",
        sent="a signed challenge whose token looks like the signed content of an event",
        wanted="no signature in the response that makes a forged event valid",
        why="the response contains a signature of a text that the requester chose, "
        "made with the key that also signs events",
        mend=_TOKENS,
        source="developers.zoom.us (webhooks): one key for events and challenges",
        severity=Severity.HIGH,
        who=Who.PROVIDER,
        references=("CWE-347",),
        run=_signed_oracle,
    ),
    Probe(
        id="provider.open-oracle",
        title="anyone can make the receiver sign an event with a challenge",
        sent="an unsigned challenge whose token is an event",
        wanted="no signature in the response that makes a forged event valid",
        why="the response contains a signature of a text that the requester chose, "
        "made with the key that also signs events, so anyone can forge events",
        mend="verify before you respond, if the provider signs its challenges; "
        + _TOKENS,
        source="vercel/chat#775, adnanh/webhook#163, estuary/connectors#2433",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=("CWE-347", "OWASP API2:2023"),
        run=_open_oracle,
    ),
    Probe(
        id="provider.takeover",
        sent="a stranger's handshake with a new secret, then an event signed with it",
        wanted="the event rejected with a 4xx",
        why="anyone can replace the secret, and then sign any event",
        mend="accept a new secret only while you are creating a webhook, and never "
        "replace one that is in use",
        source="developers.asana.com/docs/webhooks-guide",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=("CWE-306", "OWASP API2:2023"),
        run=_takeover,
    ),
    Probe(
        id="provider.markup",
        title="a script in a challenge comes back as HTML",
        sent="a challenge whose token is a script in HTML",
        wanted="the token as text/plain or escaped, or a rejection",
        why="a link to the endpoint can run an attacker's script under your host name "
        "(reflected cross-site scripting)",
        mend="respond with Content-Type: text/plain and X-Content-Type-Options: "
        "nosniff",
        source="dropbox.com/developers/reference/webhooks, "
        "learn.microsoft.com/graph/change-notifications-delivery-webhooks",
        severity=Severity.MEDIUM,
        who=Who.ANYONE,
        references=("CWE-79",),
        run=_markup,
    ),
)
