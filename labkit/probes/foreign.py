"""Addresses in a request: a receiver must not fetch one that an attacker chose.

Amazon SNS and PayPal name a certificate, SNS also a URL to confirm a subscription. A
receiver that fetches them without looking at the host can be sent to any server, also
inside its own network. The addresses here lead to a port of this machine that nothing
else calls.
"""

import contextlib
import json
import time
from collections.abc import Callable, Iterator

from labkit.findings import Severity, Who
from labkit.model import Request
from labkit.probes.edits import with_header
from labkit.probes.exchange import Exchange
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe, unknown
from labkit.probes.tally import Tally
from labkit.profiles import Profile
from labkit.signing import Scheme
from labkit.signing.embedded import IN_BODY
from labkit.signing.sns import CERTIFICATE, confirmation, notification
from labkit.witness.canary import Canary

PATIENCE = 0.3
"""How long a fetch may take to arrive after the response, in seconds."""


def _addresses(port: int, host: str) -> dict[str, str]:
    """Return URLs that lead to the port, most of them disguised as those of a host."""
    here = f"127.0.0.1:{port}"
    return {
        "a plain address": f"http://{here}/labkit.pem",
        "an https address": f"https://{here}/labkit.pem",
        "the right host as user": f"https://{host}@{here}/labkit.pem",
        "the right host in the path": f"http://{here}/{host}/labkit.pem",
        "the right host in the query": f"http://{here}/labkit.pem?{host}",
    }


@contextlib.contextmanager
def _canary() -> Iterator[Canary]:
    canary = Canary(time.time, hosts=("127.0.0.1",))
    try:
        yield canary
    finally:
        canary.close()


def _fetches(
    make: Callable[[Harness, str], Request], what: str
) -> Callable[[Harness], Judgement]:
    """Return a probe that fails if the canary is called."""

    def run(harness: Harness) -> Judgement:
        tally = Tally(harness)
        sent: list[Exchange] = []
        with _canary() as canary:
            host = harness.scheme.certificate_host
            for name, url in _addresses(canary.port, host).items():
                before = canary.connections
                exchange = harness.send(f"{what} at {name}", make(harness, url))
                sent.append(exchange)
                harness.pause(PATIENCE)
                if canary.connections > before:
                    tally.complain(f"{exchange.label}: the receiver called it")
                    tally.show(exchange)
        if not tally.complained and not harness.accepts:
            return unknown(
                "no address was called, but a valid event was not accepted either "
                f"({harness.contact['valid'].response}), so perhaps the code was not "
                "reached"
            )
        return tally.judgement("no address was called")

    return run


def _signed_elsewhere(harness: Harness, url: str) -> Request:
    draft = harness.draft()
    name = harness.scheme.certificate_header
    if not name.startswith(IN_BODY):
        return with_header(harness.seal(draft.body, id=draft.id), name, url)
    envelope = notification(draft.body, draft.id, harness.moment())
    signature = harness.scheme.sign(
        draft.body,
        secret=harness.endpoint.secret,
        id=draft.id,
        timestamp=int(harness.now()),
    )
    text = signature[harness.scheme.signature_header]
    field = name.removeprefix(IN_BODY)
    return _raw(harness, envelope | {"Signature": text, field: url})


def _confirmed_elsewhere(harness: Harness, url: str) -> Request:
    draft = harness.draft()
    envelope = confirmation(url, draft.id, harness.moment())
    return _raw(
        harness,
        envelope | {"Signature": "A" * 342 + "==", "SigningCertURL": CERTIFICATE},
        kind="SubscriptionConfirmation",
    )


def _raw(
    harness: Harness, envelope: dict[str, object], kind: str = "Notification"
) -> Request:
    headers = (("x-amz-sns-message-type", kind),)
    return harness.request(json.dumps(envelope).encode(), headers)


def _names_certificates(scheme: Scheme, profile: Profile) -> str:
    if scheme.certificate_host:
        return ""
    return f"{scheme.name} names no certificate to fetch"


def _confirms_by_url(scheme: Scheme, profile: Profile) -> str:
    if scheme.confirms_by_url:
        return ""
    return f"{scheme.name} asks for no confirmation by URL"


PROBES = (
    Probe(
        id="provider.foreign-certificate",
        sent="events that name a certificate on another host, some of them disguised "
        "as the provider's",
        wanted="no connection to that host",
        why="anyone can make the receiver call any address, even inside your network "
        "(SSRF), and can sign events with a certificate of their own",
        mend="before you fetch, parse the URL, and accept only https and exactly "
        "the provider's host: sns.<region>.amazonaws.com, api.paypal.com",
        source="CVE-2026-32096; docs.aws.amazon.com/sns (verify the signature); "
        "developer.paypal.com (webhooks)",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=("CWE-918", "CWE-295"),
        run=_fetches(_signed_elsewhere, "a certificate"),
        applies=_names_certificates,
        before_accepting=True,
    ),
    Probe(
        id="provider.foreign-confirmation",
        sent="forged confirmations of a subscription with a SubscribeURL on another "
        "host",
        wanted="no connection to that host",
        why="anyone can make the receiver call any address, even inside your network "
        "(SSRF)",
        mend="verify the signature first; then fetch the URL only if its host is "
        "sns.<region>.amazonaws.com and the topic is yours",
        source="CVE-2026-32096",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=("CWE-918",),
        run=_fetches(_confirmed_elsewhere, "a confirmation"),
        applies=_confirms_by_url,
        before_accepting=True,
    ),
)
