"""What keeps a valid event from being accepted: found by experiment, said once."""

import dataclasses
import html
import re
import urllib.parse
from collections.abc import Sequence

from labkit.examine.evidence import evidence_of
from labkit.examine.variant import Variant
from labkit.examine.variants import variants
from labkit.findings import Finding, Severity, Who
from labkit.probes import Exchange, Harness
from labkit.probes.wire import WireResponse

TEXT_SHOWN = 160
"""Characters shown of the text of a response."""

_TAGS = re.compile(r"(?is)<(script|style|head)\b.*?</\1>|<[^>]*>")
_SPACE = re.compile(r"\s+")
HTTPS = (("X-Forwarded-Proto", "https"),)
"""What a proxy that ends TLS sends."""


def obstacle(harness: Harness, valid: Exchange) -> Finding:
    """Find out why a valid event is not accepted, and say it once."""
    answer = valid.response
    if answer.status is None:
        return _silent(harness, valid)
    if 300 <= answer.status < 400:
        return _redirected(harness, valid)
    if finding := _in_front(harness, valid):
        return finding
    number = 0
    for variant in variants(harness):
        number += 1
        if not harness.acknowledged(_tried(harness, variant).response):
            continue
        again = _tried(harness, variant)
        if harness.acknowledged(again.response):
            return _named(harness, variant, valid, again, number)
    return _rejected(harness, valid, number)


def _tried(harness: Harness, variant: Variant) -> Exchange:
    """Send a variant in each shape that the receiver may expect, until one is taken."""
    own = harness.endpoint.sample
    for sample in (own, *harness.endpoint.other_samples):
        harness.speak(sample)
        exchange = harness.send(variant.changed, variant.make(harness, harness.draft()))
        if harness.acknowledged(exchange.response):
            break
    harness.speak(own)
    return exchange


def _silent(harness: Harness, valid: Exchange) -> Finding:
    """Find out which requests get a response at all."""
    draft = harness.draft()
    sealed = harness.seal(draft.body, id=draft.id)
    trials = {
        "GET": dataclasses.replace(sealed, method="GET", body=b""),
        "POST with an empty body": harness.seal(b"", id=draft.id),
        "POST to another path": dataclasses.replace(sealed, path="/labkit-other"),
    }
    known = {"GET": harness.contact.get("GET")}
    exchanges = {
        name: known.get(name) or harness.send(name, request, timeout=2.0)
        for name, request in trials.items()
    }
    answered = [n for n, e in exchanges.items() if e.response.status is not None]
    silent = [name for name in exchanges if name not in answered]
    facts = (
        f"a valid event: {valid.response} after {valid.response.seconds:.1f} s. "
        f"Response to: {', '.join(answered) or 'nothing'}; "
        f"no response to: {', '.join(silent) or 'nothing else'}"
    )
    title = "a request with a body never gets a response"
    why = (
        "the provider treats a missing response as a failure and sends the event again"
    )
    fix = (
        "look for code that reads the body before your handler does (middleware that "
        "logs it, a second parser): the handler then waits for a body that was already "
        "read. Read it once and pass it on"
    )
    if not answered:
        title = "the receiver accepts connections, but does not respond to any request"
        fix = (
            "look for a deadlock, or for workers that are all busy; restart the "
            "receiver"
        )
    elif valid.response.problem == "lost":
        title = "the connection is closed without a response to a valid event"
        fix = "look in the receiver's log for the error that ended the connection"
    return finding_of(
        harness,
        "contact.no-response",
        title,
        facts=facts,
        experiment="sent a valid event, then requests without a body",
        why=why,
        fix=fix,
        evidence=[valid],
    )


def _redirected(harness: Harness, valid: Exchange) -> Finding:
    """Follow a redirect with the event itself, and say where it leads."""
    target = next(
        (v for name, v in valid.response.headers if name.lower() == "location"), ""
    )
    here = urllib.parse.urlsplit(harness.endpoint.url)
    there = urllib.parse.urlsplit(urllib.parse.urljoin(harness.endpoint.url, target))
    status = valid.response.status
    why = "providers do not follow redirects, so every event counts as failed"
    evidence = [valid]
    facts = f"a valid event: {status} to {target or 'nowhere'}"
    if here.path.rstrip("/") == there.path.rstrip("/") and here.path != there.path:
        draft = harness.draft()
        request = dataclasses.replace(
            harness.seal(draft.body, id=draft.id), path=there.path
        )
        exchange = harness.send(f"the same event to {there.path}", request)
        taken = harness.acknowledged(exchange.response)
        facts += f"; the same event to {there.path}: {exchange.response}"
        return finding_of(
            harness,
            "contact.redirect-slash",
            f"the URL {here.path} redirects to {there.path}",
            facts=facts,
            experiment="sent the event to both addresses",
            why=why,
            fix="register the URL at the provider exactly as the route is written, or "
            "let the route accept both (Flask: strict_slashes=False)"
            if taken
            else "fix the route; the address behind the redirect rejects the event too",
            evidence=[*evidence, exchange],
        )
    if there.scheme == "https" and here.scheme == "http":
        draft = harness.draft()
        request = harness.seal(draft.body, id=draft.id)
        pairs = tuple(p for p in request.headers if p[0] != HTTPS[0][0])
        request = dataclasses.replace(request, headers=(*pairs, *HTTPS))
        exchange = harness.send("the same event with X-Forwarded-Proto: https", request)
        return finding_of(
            harness,
            "contact.redirect-https",
            "every request is redirected to https, even behind a proxy that ends TLS",
            facts=f"{facts}; with X-Forwarded-Proto: https: {exchange.response}",
            experiment="sent the event as it is, and as a proxy that ends TLS sends it",
            why=why,
            fix="let the application trust X-Forwarded-Proto from its own proxy "
            "(Flask: ProxyFix; Django: SECURE_PROXY_SSL_HEADER; Express: trust proxy), "
            "or leave the redirect to the proxy",
            evidence=[*evidence, exchange],
        )
    return finding_of(
        harness,
        "contact.redirect",
        f"the event is redirected to {target or 'nowhere'}",
        facts=facts,
        experiment="sent a valid event",
        why=why,
        fix="respond at this address; if it leads to a login page, exempt the "
        "endpoint from the login: the signature takes its place",
        evidence=evidence,
    )


def _in_front(harness: Harness, valid: Exchange) -> Finding | None:
    """Recognise something that responds instead of the handler."""
    answer, forged = valid.response, harness.contact["forged"].response
    other = harness.contact["other path"].response
    text = shown_text(answer)
    if answer.status != forged.status:
        return None
    why = "the request never reaches the code that verifies it, so every event fails"
    if "csrf" in text.lower():
        return finding_of(
            harness,
            "contact.csrf",
            "a CSRF protection rejects the provider's requests",
            facts=f"a valid event: {answer}, “{text}”; a forged one: {forged}",
            experiment="compared the responses to a valid and a forged event",
            why=why,
            fix="exempt the endpoint from the CSRF check (Django: @csrf_exempt; "
            "Flask-WTF: csrf.exempt): the signature takes its place",
            evidence=[valid],
        )
    if any(name.lower() == "www-authenticate" for name, _ in answer.headers):
        return finding_of(
            harness,
            "contact.login",
            "the endpoint asks for a user and a password",
            facts=f"a valid event: {answer}, with WWW-Authenticate",
            experiment="sent a valid event",
            why=why,
            fix="exempt the endpoint from the login, or give the credentials with "
            "--header 'Authorization: …' if the provider sends them",
            evidence=[valid],
        )
    alike = answer.status == other.status and text == shown_text(other)
    if not alike:
        return None
    if answer.status == 404:
        return finding_of(
            harness,
            "contact.not-found",
            "there is no endpoint at this URL",
            facts=f"a valid event: {answer}, like a path that does not exist",
            experiment="compared the responses with those to an unknown path",
            why="every event fails",
            fix="check path and method of the route against the URL",
            evidence=[valid],
        )
    return finding_of(
        harness,
        "contact.in-front",
        "something in front of the handler responds to every request",
        facts=f"a valid event, a forged one and an unknown path get the same "
        f"response: {answer}, “{text}”",
        experiment="compared the responses to a valid event, a forged one and an "
        "unknown path",
        why=why,
        fix="find what responds (a proxy, a list of allowed hosts, a login, a "
        "firewall) and let the provider's requests pass; give the public host with "
        "--host, or headers with --header",
        evidence=[valid, harness.contact["other path"]],
    )


def _named(
    harness: Harness, variant: Variant, valid: Exchange, accepted: Exchange, number: int
) -> Finding:
    return finding_of(
        harness,
        f"contact.{variant.name}",
        variant.bug,
        facts=f"a valid event: {valid.response}; the same event {variant.changed}: "
        f"{accepted.response}",
        experiment=f"signed a valid event again with one variation at a time; number "
        f"{number} was accepted, twice",
        why="every event of the provider is rejected",
        fix=variant.fix,
        evidence=[accepted, valid],
    )


def _rejected(harness: Harness, valid: Exchange, number: int) -> Finding:
    text = shown_text(valid.response)
    said = f", “{text}”" if text else ""
    answer, forged = valid.response, harness.contact["forged"].response
    if forged.status not in (None, answer.status):
        return _content_rejected(harness, valid, said)
    fix = (
        "the cause is most likely another secret: that of another endpoint, of a "
        "command-line tool or of test mode, or an API key; compare its length and "
        "first characters with --secret. Otherwise it is another scheme, or an event "
        "that the receiver does not know: give one with --event"
    )
    return finding_of(
        harness,
        "contact.rejected",
        f"the valid event was rejected with {answer}, and none of {number} "
        "experiments was accepted",
        facts=f"a valid event: {answer}{said}; a forged one: {forged}",
        experiment="signed a valid event again with one variation at a time: of the "
        "secret, the body, the signature, the time, the headers, the URL",
        why="every event of the provider is rejected, or the examination was given a "
        "wrong secret, scheme or URL",
        fix=fix,
        evidence=[valid],
    )


def _content_rejected(harness: Harness, valid: Exchange, said: str) -> Finding:
    """Say that the signature is right: a forged event gets another response."""
    answer, forged = valid.response, harness.contact["forged"].response
    crashed = (answer.status or 0) >= 500
    return finding_of(
        harness,
        "contact.event-rejected",
        f"the receiver accepts the signature, but responds to the event with {answer}",
        facts=f"a valid event: {answer}{said}; the same with a forged signature: "
        f"{forged}",
        experiment="compared the responses to a valid and a forged event; then changed "
        "one thing at a time",
        why="the examination sends an event that this receiver does not expect, or the "
        "receiver fails after it has verified the event; then every event of the "
        "provider fails",
        fix=f"look in the receiver's log for the {'error' if crashed else 'reason'}; "
        "if it expects other fields, another type or another header, give an event "
        "that it accepts with --event, its type with --type, or the header with "
        "--header",
        evidence=[valid, harness.contact["forged"]],
    )


def finding_of(
    harness: Harness,
    id: str,  # noqa: A002 - the field's name
    title: str,
    *,
    facts: str,
    experiment: str,
    why: str,
    fix: str,
    evidence: Sequence[Exchange],
) -> Finding:
    """Return the finding that the receiver can't be judged, or not in full."""
    return Finding(
        id=id,
        title=title,
        severity=Severity.HIGH,
        who=Who.NOBODY,
        facts=facts,
        experiment=experiment,
        why=why,
        fix=fix,
        references=("Standard Webhooks: Verifying webhook authenticity",),
        evidence=tuple(evidence_of(harness, one) for one in evidence),
    )


def shown_text(answer: WireResponse) -> str:
    """Return the text of a response without HTML, shortened."""
    text = answer.body.decode("utf-8", "replace")
    plain = _SPACE.sub(" ", html.unescape(_TAGS.sub(" ", text))).strip()
    plain = "".join(sign if sign.isprintable() else " " for sign in plain)
    return plain if len(plain) <= TEXT_SHOWN else plain[:TEXT_SHOWN] + " …"
