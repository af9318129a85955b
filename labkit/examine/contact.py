"""Reach the receiver before it is judged: connect, calibrate, find the obstacle."""

import dataclasses
import html
import re
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass

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
_HTTPS = (("X-Forwarded-Proto", "https"),)


@dataclass(frozen=True, slots=True)
class Contact:
    """How the receiver was reached.

    `said` holds sentences for the report. `unjudged` says why the receiver can't be
    judged, or nothing. `findings` name the cause.
    """

    said: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    unjudged: str = ""


def reach(harness: Harness) -> Contact:
    """Calibrate, and find the cause by experiment if a valid event is rejected."""
    said = [f"{tried}." for tried in harness.wire.tried()]
    harness.calibrate()
    if note := _in_another_shape(harness):
        said.append(note)
    if not harness.accepts and (note := _through_a_proxy(harness)):
        said.append(note)
    said.append(_responses(harness))
    if harness.accepts:
        return _effects(harness, said)
    valid = harness.contact["valid"]
    cause = _cause(harness, valid)
    return Contact(
        tuple(said),
        (cause,),
        cause.title
        if cause.id == "contact.rejected"
        else f"a valid event got {valid.answer}: {cause.title}",
    )


def _responses(harness: Harness) -> str:
    parts = (f"{name}: {e.answer}" for name, e in harness.contact.items())
    return f"First responses: {', '.join(parts)}."


def _in_another_shape(harness: Harness) -> str:
    """Go on with another event if the receiver takes that and not the provider's own.

    A receiver takes an event if it acknowledges it, and processes it where effects are
    counted.
    """

    def takes() -> bool:
        return harness.accepts and (
            harness.levers.effects is None or harness.counter.counts
        )

    status = harness.contact["valid"].answer.status
    if takes() or status is None or 300 <= status < 400:
        return ""
    own, answer = harness.endpoint.sample, harness.contact["valid"].answer
    accepted = harness.accepts
    for other in harness.endpoint.other_samples:
        # One event first, unless its effect might be counted with the next one.
        harness.speak(other)
        if harness.levers.effects is None:
            trial = harness.deliver("a valid event of another shape")
            if not harness.acknowledged(trial.answer):
                continue
        harness.timings.clear()
        harness.calibrate()
        if takes():
            shown = other.encode(other.template).decode("utf-8", "replace")
            without = " without an effect" if accepted else ""
            return (
                f"The provider's own event, “{own.type}”, got {answer}{without}. An "
                f"event of another shape is accepted, so all probes send that: "
                f"{shown:.80}… To examine what your receiver expects, give an event "
                "with --event."
            )
    if harness.endpoint.sample is not own:
        harness.speak(own)
        harness.timings.clear()
        harness.calibrate()
    return ""


def _through_a_proxy(harness: Harness) -> str:
    """Go on as a proxy that ends TLS would call, if only that is missing."""
    status = harness.contact["valid"].answer.status
    names = {name.lower() for name, _ in harness.endpoint.headers}
    if status is None or status < 300 or "x-forwarded-proto" in names:
        return ""
    if harness.endpoint.signed_url:
        return ""  # the headers of a proxy are there already
    plain = harness.endpoint
    harness.endpoint = dataclasses.replace(plain, headers=(*plain.headers, *_HTTPS))
    trial = harness.deliver("a valid event with X-Forwarded-Proto: https")
    if not harness.acknowledged(trial.answer):
        harness.endpoint = plain
        return ""
    harness.timings.clear()
    harness.calibrate()
    return (
        f"Without X-Forwarded-Proto: https the receiver responds with {status}; with "
        "it, as a proxy that ends TLS sends it, a valid event is accepted. All "
        "requests carry it from here on."
    )


def _effects(harness: Harness, said: Sequence[str]) -> Contact:
    """Return the contact with a receiver that acknowledges; it may do nothing more."""
    if harness.levers.effects is None or harness.counter.unit:
        return Contact(tuple(said))
    valid = harness.contact["valid"]
    finding = _finding(
        harness,
        "contact.no-effect",
        "a valid event is acknowledged, but no effect was counted",
        facts=f"the response was {valid.answer}, but the number of effects "
        f"{harness.counter.seen}",
        experiment="sent a valid event with a new id, then read the number of effects",
        why="either the number does not count what the receiver does with an event, or "
        "acknowledged events are lost",
        fix="check by hand that the number grows with each event; if it does not, "
        "look for a key that makes different events look like duplicates",
        evidence=[valid],
    )
    return Contact(
        tuple(said),
        (finding,),
        "no effect of an acknowledged event was counted, so neither lost events nor "
        "duplicates can be seen",
    )


def _cause(harness: Harness, valid: Exchange) -> Finding:
    """Find out why a valid event is not accepted, and say it once."""
    answer = valid.answer
    if answer.status is None:
        return _silent(harness, valid)
    if 300 <= answer.status < 400:
        return _redirected(harness, valid)
    if finding := _in_front(harness, valid):
        return finding
    number = 0
    for variant in variants(harness):
        number += 1
        if not harness.acknowledged(_tried(harness, variant).answer):
            continue
        again = _tried(harness, variant)
        if harness.acknowledged(again.answer):
            return _named(harness, variant, valid, again, number)
    return _rejected(harness, valid, number)


def _tried(harness: Harness, variant: Variant) -> Exchange:
    """Send a variant in each shape that the receiver may expect, until one is taken."""
    own = harness.endpoint.sample
    for sample in (own, *harness.endpoint.other_samples):
        harness.speak(sample)
        exchange = harness.send(variant.changed, variant.make(harness, harness.draft()))
        if harness.acknowledged(exchange.answer):
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
    answered = [n for n, e in exchanges.items() if e.answer.status is not None]
    silent = [name for name in exchanges if name not in answered]
    facts = (
        f"a valid event: {valid.answer} after {valid.answer.seconds:.1f} s. "
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
    elif valid.answer.problem == "lost":
        title = "the connection is closed without a response to a valid event"
        fix = "look in the receiver's log for the error that ended the connection"
    return _finding(
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
        (v for name, v in valid.answer.headers if name.lower() == "location"), ""
    )
    here = urllib.parse.urlsplit(harness.endpoint.url)
    there = urllib.parse.urlsplit(urllib.parse.urljoin(harness.endpoint.url, target))
    status = valid.answer.status
    why = "providers do not follow redirects, so every event counts as failed"
    evidence = [valid]
    facts = f"a valid event: {status} to {target or 'nowhere'}"
    if here.path.rstrip("/") == there.path.rstrip("/") and here.path != there.path:
        draft = harness.draft()
        request = dataclasses.replace(
            harness.seal(draft.body, id=draft.id), path=there.path
        )
        exchange = harness.send(f"the same event to {there.path}", request)
        taken = harness.acknowledged(exchange.answer)
        facts += f"; the same event to {there.path}: {exchange.answer}"
        return _finding(
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
        pairs = tuple(p for p in request.headers if p[0] != _HTTPS[0][0])
        request = dataclasses.replace(request, headers=(*pairs, *_HTTPS))
        exchange = harness.send("the same event with X-Forwarded-Proto: https", request)
        return _finding(
            harness,
            "contact.redirect-https",
            "every request is redirected to https, even behind a proxy that ends TLS",
            facts=f"{facts}; with X-Forwarded-Proto: https: {exchange.answer}",
            experiment="sent the event as it is, and as a proxy that ends TLS sends it",
            why=why,
            fix="let the application trust X-Forwarded-Proto from its own proxy "
            "(Flask: ProxyFix; Django: SECURE_PROXY_SSL_HEADER; Express: trust proxy), "
            "or leave the redirect to the proxy",
            evidence=[*evidence, exchange],
        )
    return _finding(
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
    answer, forged = valid.answer, harness.contact["forged"].answer
    other = harness.contact["other path"].answer
    text = shown_text(answer)
    if answer.status != forged.status:
        return None
    why = "the request never reaches the code that verifies it, so every event fails"
    if "csrf" in text.lower():
        return _finding(
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
        return _finding(
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
        return _finding(
            harness,
            "contact.not-found",
            "there is no endpoint at this URL",
            facts=f"a valid event: {answer}, like a path that does not exist",
            experiment="compared the responses with those to an unknown path",
            why="every event fails",
            fix="check path and method of the route against the URL",
            evidence=[valid],
        )
    return _finding(
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
    return _finding(
        harness,
        f"contact.{variant.name}",
        variant.bug,
        facts=f"a valid event: {valid.answer}; the same event {variant.changed}: "
        f"{accepted.answer}",
        experiment=f"signed a valid event again with one variation at a time; number "
        f"{number} was accepted, twice",
        why="every event of the provider is rejected",
        fix=variant.fix,
        evidence=[accepted, valid],
    )


def _rejected(harness: Harness, valid: Exchange, number: int) -> Finding:
    text = shown_text(valid.answer)
    said = f", “{text}”" if text else ""
    answer = valid.answer
    fix = (
        "the cause is most likely another secret: that of another endpoint, of a "
        "command-line tool or of test mode, or an API key; compare its length and "
        "first characters with --secret. Otherwise it is another scheme, or an event "
        "that the receiver does not know: give one with --event"
    )
    if (answer.status or 0) >= 500:
        fix = (
            "look in the receiver's log for the error; if it expects other fields, "
            "give an event that it knows with --event"
        )
    return _finding(
        harness,
        "contact.rejected",
        f"the valid event was rejected with {answer}, and none of {number} "
        "experiments was accepted",
        facts=f"a valid event: {answer}{said}; a forged one: "
        f"{harness.contact['forged'].answer}",
        experiment="signed a valid event again with one variation at a time: of the "
        "secret, the body, the signature, the time, the headers, the URL",
        why="every event of the provider is rejected, or the examination was given a "
        "wrong secret, scheme or URL",
        fix=fix,
        evidence=[valid],
    )


def _finding(
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
