"""Schemes with key pairs, judged by other people's libraries.

Google's library verifies the tokens of Pub/Sub, PyJWT those of FusionAuth and Plaid,
a library of the community the signatures of WeChat Pay. Utila and Alipay publish no
library for Python, Bridge and Neon none at all, and eBay's asks its API for the key;
for these, `cryptography` or PyJWT verifies by their rule.
"""

import base64
import hashlib
import importlib
import json
import time
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any
from urllib.parse import unquote

import pytest

from labkit.errors import BadSetting, SignatureMismatch, VerificationError
from labkit.examine import endpoint_from, examine
from labkit.findings import ProbeOutcome
from labkit.probes import chosen
from labkit.signing import KeyForm, scheme_named
from labkit.signing.jwt import pem

pytest.importorskip("cryptography", reason="all of these have key pairs")

BODY = b'{"id":"evt_1","event":"order.paid","data":{"order":7}}'
URL = "https://shop.example/webhooks"
NAMES = (
    "google-pubsub",
    "fusionauth",
    "plaid",
    "wechat-pay",
    "utila",
    "ebay",
    "alipay",
    "bridge",
    "neon-auth",
)
PACKAGES = ("google.auth.jwt", "jwt", "wechatpayv3.utils")


pytestmark = pytest.mark.usefixtures("same_rsa_keys")


@pytest.fixture(scope="module", autouse=True)
def all_libraries() -> None:
    for name in PACKAGES:
        importlib.import_module(name)


@cache
def secret_of(name: str) -> str:
    return scheme_named(name).make_secret(Random(1))


def sent(name: str, *, body: bytes = BODY, at: float = 0.0) -> dict[str, str]:
    at = at or time.time()
    scheme = scheme_named(name)
    return scheme.sign(
        body, secret=secret_of(name), id="n1", timestamp=int(at), url=URL
    )


def public_pem(name: str) -> bytes:
    return pem(scheme_named(name).receiver_secret(secret_of(name)))


def public_key(name: str) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    return load_pem_public_key(public_pem(name))


def by_google(headers: dict[str, str], body: bytes) -> bool:
    from google.auth import exceptions, jwt

    token = headers["Authorization"].removeprefix("Bearer ")
    certificates = {"labkit": public_pem("google-pubsub")}
    try:
        claims = jwt.decode(token, certs=certificates, audience=URL)  # type: ignore[no-untyped-call]  # it has no types
    except (exceptions.GoogleAuthError, ValueError):
        return False
    return bool(claims["email_verified"])


def by_pyjwt(name: str, hashed: Callable[[bytes], str]) -> Callable[..., bool]:
    def accepts(headers: dict[str, str], body: bytes) -> bool:
        import jwt

        scheme = scheme_named(name)
        token = headers[scheme.signature_header]
        try:
            claims = jwt.decode(token, public_pem(name), algorithms=["RS256", "ES256"])
        except jwt.InvalidTokenError:
            return False
        return bool(claims["request_body_sha256"] == hashed(body))

    return accepts


def by_wechatpayv3(headers: dict[str, str], body: bytes) -> bool:
    from wechatpayv3.utils import rsa_verify  # type: ignore[import-untyped]  # it has no types

    return bool(
        rsa_verify(
            headers["Wechatpay-Timestamp"],
            headers["Wechatpay-Nonce"],
            body.decode(),
            headers["Wechatpay-Signature"],
            public_key("wechat-pay"),
        )
    )


def by_openssl(headers: dict[str, str], body: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    digest = hashes.SHA512()
    pss = padding.PSS(padding.MGF1(digest), padding.PSS.AUTO)
    mac = base64.b64decode(headers["x-utila-signature"])
    try:
        public_key("utila").verify(mac, body, pss, digest)
    except InvalidSignature:
        return False
    return True


def in_base64(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def by_rule_of_ebay(headers: dict[str, str], body: bytes) -> bool:
    """Do what eBay's library for Node does, with the key that it asks for."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    parts = json.loads(base64.b64decode(headers["x-ebay-signature"]))
    assert parts["kid"]
    mac = base64.b64decode(parts["signature"])
    try:
        public_key("ebay").verify(mac, body, ec.ECDSA(hashes.SHA1()))  # noqa: S303 - eBay uses it
    except InvalidSignature:
        return False
    return True


def by_rule_of_alipay(headers: dict[str, str], body: bytes) -> bool:
    """Do what docs.antom.com says: method and path, client and time, body."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    parts = dict(part.split("=", 1) for part in headers["Signature"].split(","))
    assert parts["algorithm"] == "RSA256"
    mac = base64.b64decode(unquote(parts["signature"]), validate=True)
    first = f"POST /webhooks\nLABKIT.{headers['request-time']}."
    try:
        public_key("alipay").verify(
            mac, first.encode() + body, padding.PKCS1v15(), hashes.SHA256()
        )
    except InvalidSignature:
        return False
    return True


def by_rule_of_bridge(headers: dict[str, str], body: bytes) -> bool:
    """Do what apidocs.bridge.xyz says: verify the hash of time, full stop and body."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    parts = dict(
        part.split("=", 1) for part in headers["X-Webhook-Signature"].split(",")
    )
    content = f"{parts['t']}.".encode() + body
    age = time.time() * 1000 - int(parts["t"])
    assert 0 <= age < 600_000, "the time is in milliseconds"
    try:
        public_key("bridge").verify(
            base64.b64decode(parts["v0"], validate=True),
            hashlib.sha256(content).digest(),
            padding.PKCS1v15(),
            hashes.SHA256(),
        )
    except InvalidSignature:
        return False
    return True


def by_rule_of_neon(headers: dict[str, str], body: bytes) -> bool:
    """Do what neon.com/docs says: put the payload back, and verify with PyJWT."""
    import jwt

    head, payload, mac = headers["X-Neon-Signature"].split(".")
    assert payload == ""
    inner = base64.urlsafe_b64encode(body).rstrip(b"=")
    outer = f"{headers['X-Neon-Timestamp']}.".encode() + inner
    payload = base64.urlsafe_b64encode(outer).rstrip(b"=").decode()
    token = f"{head}.{payload}.{mac}"
    assert jwt.get_unverified_header(token)["kid"] == headers["X-Neon-Signature-Kid"]
    try:
        found = jwt.PyJWS().decode(token, public_pem("neon-auth"), ["EdDSA"])
    except jwt.InvalidTokenError:
        return False
    return bool(found == outer)


LIBRARIES: dict[str, Callable[[dict[str, str], bytes], bool]] = {
    "google-pubsub": by_google,
    "fusionauth": by_pyjwt("fusionauth", in_base64),
    "plaid": by_pyjwt("plaid", lambda body: hashlib.sha256(body).hexdigest()),
    "wechat-pay": by_wechatpayv3,
    "utila": by_openssl,
    "ebay": by_rule_of_ebay,
    "alipay": by_rule_of_alipay,
    "bridge": by_rule_of_bridge,
    "neon-auth": by_rule_of_neon,
}
SIGNING_BODY = [name for name in NAMES if scheme_named(name).signs_body]


@pytest.mark.parametrize("name", NAMES)
def test_the_library_accepts_what_the_kit_signs(name: str) -> None:
    headers = sent(name)
    assert LIBRARIES[name](headers, BODY)
    scheme_named(name).verify(
        BODY, headers, secrets=[secret_of(name)], now=time.time(), url=URL
    )


@pytest.mark.parametrize("name", NAMES)
def test_library_and_kit_reject_a_signature_of_another_key(name: str) -> None:
    scheme = scheme_named(name)
    other = scheme.make_secret(Random(2))
    headers = scheme.sign(
        BODY, secret=other, id="n1", timestamp=int(time.time()), url=URL
    )
    assert not LIBRARIES[name](headers, BODY)
    with pytest.raises(SignatureMismatch):
        scheme.verify(
            BODY, headers, secrets=[secret_of(name)], now=time.time(), url=URL
        )


@pytest.mark.parametrize("name", SIGNING_BODY)
def test_library_and_kit_reject_another_body(name: str) -> None:
    headers, other = sent(name), BODY.replace(b"7", b"8")
    assert not LIBRARIES[name](headers, other)
    with pytest.raises(SignatureMismatch):
        scheme_named(name).verify(
            other, headers, secrets=[secret_of(name)], now=time.time(), url=URL
        )


def test_the_token_of_pubsub_says_for_whom_and_until_when_it_is() -> None:
    scheme = scheme_named("google-pubsub")
    assert scheme.key_form is KeyForm.KEY_PAIR
    assert not scheme.signs_body
    now = time.time()
    for at, url in ((now, "https://other.example/webhooks"), (now - 4000, URL)):
        headers = scheme.sign(
            BODY, secret=secret_of(scheme.name), id="n1", timestamp=int(at), url=url
        )
        assert not by_google(headers, BODY)
        with pytest.raises(VerificationError):
            scheme.verify(
                BODY, headers, secrets=[secret_of(scheme.name)], now=now, url=URL
            )
    with pytest.raises(BadSetting, match="audience"):
        scheme.sign(BODY, secret=secret_of(scheme.name), id="n1", timestamp=1)


@pytest.mark.parametrize("careless", [False, True])
def test_a_receiver_of_pubsub_is_judged_by_its_audience(careless: bool) -> None:
    from flask import Flask, request
    from google.auth import exceptions, jwt

    app = Flask("pubsub")

    @app.post("/webhooks")
    def webhooks() -> tuple[str, int]:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        audience = None if careless else URL
        certificates = {"labkit": public_pem("google-pubsub")}
        try:
            jwt.decode(token, certs=certificates, audience=audience)  # type: ignore[no-untyped-call]  # it has no types
        except (exceptions.GoogleAuthError, ValueError):
            return "", 401
        return "", 204 if scheme == "Bearer" else 401

    target = endpoint_from(
        "http://shop.test/webhooks",
        scheme="google-pubsub",
        secret=secret_of("google-pubsub"),
        signed_url=URL,
        app=app,
    )
    ids = ["provider.token-algorithm", "provider.other-address", "signature.forged"]
    report = examine(target, probes=chosen(ids), settle=0.0)
    failed = {r.probe.id for r in report.results if r.outcome is ProbeOutcome.FAILED}
    assert failed == ({"provider.other-address"} if careless else set())
    assert not report.unjudged
