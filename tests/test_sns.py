"""Amazon SNS: its envelope, and receivers that fetch what a stranger names."""

import base64
import contextlib
import json
import random
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from flask import Flask, Response, request

from labkit.errors import SignatureMismatch, VerificationError
from labkit.examine import endpoint_from, examine
from labkit.findings import ExaminationReport, ProbeOutcome
from labkit.probes import chosen
from labkit.signing import scheme_named
from labkit.signing.sns import CERTIFICATE

pytest.importorskip("cryptography", reason="SNS signs with RSA")

NOW = 1_800_000_000.0
SNS = scheme_named("sns")
SECRET = SNS.make_secret(random.Random(1))
URL = "http://localhost/webhooks"
BODY = '{"id":"evt_1","event":"paid","note":"é\\n"}'.encode()
PROBES = ("provider.foreign-certificate", "provider.foreign-confirmation")


def sent(body: bytes = BODY) -> bytes:
    headers = SNS.sign(body, secret=SECRET, id="m-1", timestamp=int(NOW))
    enclosed, rest = SNS.enclose(body, headers)
    assert rest == {}
    return enclosed


def verify(body: bytes) -> None:
    SNS.verify(body, {}, secrets=[SNS.receiver_secret(SECRET)], now=NOW)


def test_the_envelope_is_signed_as_the_page_of_sns_says() -> None:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    envelope = json.loads(sent())
    assert envelope["Message"].encode() == BODY
    lines = "".join(
        f"{name}\n{envelope[name]}\n"
        for name in ("Message", "MessageId", "Timestamp", "TopicArn", "Type")
    )
    key = serialization.load_der_public_key(
        base64.b64decode(SNS.receiver_secret(SECRET))
    )
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(
        base64.b64decode(envelope["Signature"]),
        lines.encode(),
        padding.PKCS1v15(),
        hashes.SHA256(),
    )
    verify(sent())


def test_every_signed_field_is_proved_and_others_are_not() -> None:
    envelope = json.loads(sent())
    for name in ("Message", "MessageId", "Timestamp", "TopicArn"):
        changed = envelope | {name: envelope[name].replace("1", "2") + "0"}
        with pytest.raises(VerificationError):
            verify(json.dumps(changed).encode())
    with pytest.raises(SignatureMismatch):
        verify(json.dumps(envelope | {"Subject": "added"}).encode())
    verify(json.dumps(envelope | {"UnsubscribeURL": "http://else.example"}).encode())
    for other in (b"", b"[]", b"{}", b'{"Signature":7}', b"\xff"):
        with pytest.raises(VerificationError):
            verify(other)


def receiver(fetch: Callable[[dict[str, str]], None]) -> Flask:
    app = Flask("sns")

    @app.post("/webhooks")
    def webhooks() -> Response:
        envelope = json.loads(request.get_data())
        fetch(envelope)
        try:
            verify(request.get_data())
        except VerificationError:
            return Response(status=403)
        return Response(status=200)

    return app


def get(url: str) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with contextlib.suppress(urllib.error.URLError, OSError, ValueError):
        opener.open(url, timeout=2).close()


def nothing(envelope: dict[str, str]) -> None:
    pass


def any_certificate(envelope: dict[str, str]) -> None:
    if envelope["SigningCertURL"] != CERTIFICATE:  # which is not on this machine
        get(envelope["SigningCertURL"])


def what_looks_like_aws(envelope: dict[str, str]) -> None:
    if "sns.us-east-1.amazonaws.com" in envelope["SigningCertURL"]:
        any_certificate(envelope)


def any_confirmation(envelope: dict[str, str]) -> None:
    if envelope["Type"] == "SubscriptionConfirmation":
        get(envelope["SubscribeURL"])


@pytest.fixture(autouse=True)
def no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The receivers of this file fetch an address before they respond."""
    monkeypatch.setattr("labkit.probes.foreign.PATIENCE", 0.05)


def report_on(app: Flask) -> ExaminationReport:
    endpoint = endpoint_from(URL, scheme="sns", secret=SECRET, app=app)
    return examine(endpoint, probes=chosen(PROBES), clock=lambda: NOW, settle=0.0)


@pytest.mark.parametrize(
    ("fetch", "failed"),
    [
        (nothing, []),
        (any_certificate, [PROBES[0]]),
        (what_looks_like_aws, [PROBES[0]]),
        (any_confirmation, [PROBES[1]]),
    ],
)
def test_a_receiver_that_calls_a_foreign_address_is_found_out(
    fetch: Callable[[dict[str, str]], None], failed: list[str]
) -> None:
    report = report_on(receiver(fetch))
    assert [r.probe.id for r in report.of(ProbeOutcome.FAILED)] == failed
    assert len(report.of(ProbeOutcome.PASSED)) == 2 - len(failed)
    assert [finding.severity for finding in report.findings] == ["critical"] * len(
        failed
    )


def test_a_fetch_is_found_even_if_no_event_is_accepted() -> None:
    def rejects(envelope: dict[str, str]) -> None:
        any_certificate(envelope)
        envelope["Message"] = ""

    app = receiver(rejects)

    @app.after_request
    def always_403(response: Response) -> Response:
        return Response(status=403)

    report = report_on(app)
    outcomes = [result.outcome for result in report.results]
    # What was not called may not have been reached.
    assert outcomes == [ProbeOutcome.FAILED, ProbeOutcome.UNKNOWN]
    assert PROBES[0] in {finding.id for finding in report.findings}


def test_a_receiver_of_paypal_may_not_fetch_a_foreign_certificate() -> None:
    paypal = scheme_named("paypal")
    secret = paypal.make_secret(random.Random(1))
    app = Flask("paypal")

    @app.post("/webhooks")
    def webhooks() -> Response:
        if url := request.headers.get("PAYPAL-CERT-URL"):
            get(url)
        return Response(status=200)

    endpoint = endpoint_from(URL, scheme="paypal", secret=secret, app=app)
    report = examine(endpoint, probes=chosen(PROBES), clock=lambda: NOW, settle=0.0)
    outcomes = [result.outcome for result in report.results]
    assert outcomes == [ProbeOutcome.FAILED, ProbeOutcome.NOT_APPLICABLE]
