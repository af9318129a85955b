"""The vendors' own libraries accept what the kit signs, and refuse what was changed.

Zoom publishes no Python verifier, and Shopify's checks only its log-in; for Shopify
stands the library of LINE, whose scheme is the same under another header. For Meta,
whose scheme is that of GitHub, stands gidgethub. The clock of
most libraries can't be set, so these tests sign for the present moment.

The libraries are imported by the functions that use them: together they take seconds,
which every process of a test run would spend while it collects the tests. A fixture
imports them before the first test, as Paddle's accepts what is at most 5 s old.
"""

import base64
import importlib
import itertools
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from textwrap import wrap
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from labkit.errors import BadSecret, SignatureMismatch, SignatureMissing
from labkit.probes.events import event_of
from labkit.signing import HANDSHAKES, SCHEMES, KeyForm, scheme_named
from labkit.signing.handshakes import TOKEN

BODY = b'{"id":"evt_1","event":"order.paid","data":{"order":7}}'
FORM = b"CallSid=CA12&Digits=1234&From=%2B14158675309"
URL = "https://shop.example/webhooks"


@dataclass(frozen=True)
class Arrived:
    """A request as it reaches the vendor's library, and the secret it is given."""

    body: bytes
    headers: dict[str, str]
    secret: str
    url: str = URL


@dataclass(frozen=True)
class Library:
    """One vendor's verifier: the scheme it is for, and whether it accepts a request.

    `checks_age` and `rotates` say what the library itself does.
    """

    scheme: str
    accepts: Callable[[Arrived], bool]
    checks_age: bool = False
    rotates: bool = False


def by_gidgethub(header: str) -> Callable[[Arrived], bool]:
    def accepts(arrived: Arrived) -> bool:
        import gidgethub.sansio

        try:
            gidgethub.sansio.validate_event(
                arrived.body, signature=arrived.headers[header], secret=arrived.secret
            )
        except gidgethub.ValidationFailure:
            return False
        return True

    return accepts


def by_stripe(arrived: Arrived) -> bool:
    import stripe

    try:
        stripe.WebhookSignature.verify_header(
            arrived.body.decode(),
            arrived.headers["Stripe-Signature"],
            arrived.secret,
            tolerance=300,
        )
    except stripe.SignatureVerificationError:
        return False
    return True


def by_slack_sdk(arrived: Arrived) -> bool:
    from slack_sdk.signature import SignatureVerifier

    verifier = SignatureVerifier(arrived.secret)
    return bool(verifier.is_valid_request(arrived.body, arrived.headers))


def by_line_bot_sdk(header: str) -> Callable[[Arrived], bool]:
    def accepts(arrived: Arrived) -> bool:
        from linebot.v3.webhook import SignatureValidator

        validator = SignatureValidator(arrived.secret)
        return bool(validator.validate(arrived.body.decode(), arrived.headers[header]))

    return accepts


def by_gocardless(arrived: Arrived) -> bool:
    import gocardless_pro.webhooks

    try:
        gocardless_pro.webhooks.parse(
            arrived.body.decode(), arrived.secret, arrived.headers["Webhook-Signature"]
        )
    except gocardless_pro.errors.InvalidSignatureError:
        return False
    except KeyError:  # it is authentic, and holds no list of events
        return True
    return True


def by_razorpay(arrived: Arrived) -> bool:
    import razorpay

    client = razorpay.Client(auth=("id", "secret"))
    signature = arrived.headers["X-Razorpay-Signature"]
    try:
        client.utility.verify_webhook_signature(
            arrived.body.decode(), signature, arrived.secret
        )
    except razorpay.errors.SignatureVerificationError:
        return False
    return True


def by_cloudinary(algorithm: str) -> Callable[[Arrived], bool]:
    def accepts(arrived: Arrived) -> bool:
        import cloudinary.utils

        cloudinary.config(api_secret=arrived.secret)
        return bool(
            cloudinary.utils.verify_notification_signature(
                arrived.body.decode(),
                arrived.headers["X-Cld-Timestamp"],
                arrived.headers["X-Cld-Signature"],
                algorithm=algorithm,
            )
        )

    return accepts


def by_sendgrid(arrived: Arrived) -> bool:
    from sendgrid.helpers.eventwebhook import EventWebhook

    public = scheme_named("sendgrid").receiver_secret(arrived.secret)
    return bool(
        EventWebhook(public).verify_signature(
            arrived.body.decode(),
            arrived.headers["X-Twilio-Email-Event-Webhook-Signature"],
            arrived.headers["X-Twilio-Email-Event-Webhook-Timestamp"],
        )
    )


def by_http_message_signatures(scheme: str) -> Callable[[Arrived], bool]:
    def accepts(arrived: Arrived) -> bool:
        import http_message_signatures
        import requests
        from cryptography.hazmat.primitives.serialization import load_der_public_key

        public = scheme_named(scheme).receiver_secret(arrived.secret)
        algorithms = http_message_signatures.algorithms

        class Keys(http_message_signatures.HTTPSignatureKeyResolver):  # type: ignore[misc]  # not read by mypy
            def resolve_public_key(self, key_id: str) -> object:
                if scheme == "rfc9421":
                    return load_der_public_key(base64.b64decode(public))
                return public.encode()

            resolve_private_key = resolve_public_key

        verifier = http_message_signatures.HTTPMessageVerifier(
            signature_algorithm=algorithms.ED25519
            if scheme == "rfc9421"
            else algorithms.HMAC_SHA256,
            key_resolver=Keys(),
        )
        message = requests.Request(
            "POST", arrived.url, headers=arrived.headers, data=arrived.body
        ).prepare()
        try:
            verifier.verify(
                message,
                require_components=("@method", "@target-uri", "content-digest"),
                body=arrived.body,
            )
        except http_message_signatures.HTTPMessageSignaturesException:
            return False
        return True

    return accepts


def by_standardwebhooks(arrived: Arrived) -> bool:
    import standardwebhooks

    try:
        standardwebhooks.Webhook(arrived.secret).verify(arrived.body, arrived.headers)
    except standardwebhooks.WebhookVerificationError:
        return False
    return True


def by_svix(arrived: Arrived) -> bool:
    import svix.webhooks

    try:
        svix.webhooks.Webhook(arrived.secret).verify(arrived.body, arrived.headers)
    except svix.webhooks.WebhookVerificationError:
        return False
    return True


def by_twilio(arrived: Arrived) -> bool:
    from twilio.request_validator import RequestValidator

    return bool(
        RequestValidator(arrived.secret).validate(
            arrived.url,
            arrived.body.decode(),
            arrived.headers["X-Twilio-Signature"],
        )
    )


def by_squareup(arrived: Arrived) -> bool:
    from square.utils.webhooks_helper import verify_signature

    return bool(
        verify_signature(
            request_body=arrived.body.decode(),
            signature_header=arrived.headers["x-square-hmacsha256-signature"],
            signature_key=arrived.secret,
            notification_url=arrived.url,
        )
    )


def by_discord_interactions(arrived: Arrived) -> bool:
    import discord_interactions

    return bool(
        discord_interactions.verify_key(
            arrived.body,
            arrived.headers["X-Signature-Ed25519"],
            arrived.headers["X-Signature-Timestamp"],
            SCHEMES["discord"].receiver_secret(arrived.secret),
        )
    )


def by_paddle(arrived: Arrived) -> bool:
    from paddle_billing.Notifications import Secret, Verifier

    request = SimpleNamespace(headers=arrived.headers, body=arrived.body)
    return bool(Verifier().verify(request, Secret(arrived.secret)))


PACKAGES = [
    *("discord_interactions", "gidgethub.sansio", "linebot.v3.webhook"),
    *("paddle_billing.Notifications", "slack_sdk.signature", "standardwebhooks"),
    *("square.utils.webhooks_helper", "stripe", "svix.webhooks"),
    *("twilio.request_validator", "gocardless_pro.webhooks", "razorpay"),
    *("sendgrid.helpers.eventwebhook", "http_message_signatures"),
]
LIBRARIES = {
    "gidgethub, generic": Library("generic", by_gidgethub("X-Webhook-Signature")),
    "gidgethub": Library("github", by_gidgethub("X-Hub-Signature-256")),
    "gidgethub, SHA-1": Library("github", by_gidgethub("X-Hub-Signature")),
    "stripe": Library("stripe", by_stripe, checks_age=True, rotates=True),
    "slack_sdk": Library("slack", by_slack_sdk, checks_age=True),
    "line-bot-sdk": Library("shopify", by_line_bot_sdk("X-Shopify-Hmac-Sha256")),
    "line-bot-sdk, LINE": Library("line", by_line_bot_sdk("X-Line-Signature")),
    "gocardless_pro": Library("gocardless", by_gocardless),
    "razorpay": Library("razorpay", by_razorpay),
    "cloudinary": Library("cloudinary", by_cloudinary("sha1"), checks_age=True),
    "cloudinary, SHA-256": Library(
        "cloudinary-sha256", by_cloudinary("sha256"), checks_age=True
    ),
    "sendgrid": Library("sendgrid", by_sendgrid),
    "http-message-signatures": Library(
        "rfc9421", by_http_message_signatures("rfc9421")
    ),
    "http-message-signatures, HMAC": Library(
        "rfc9421-hmac", by_http_message_signatures("rfc9421-hmac")
    ),
    "gidgethub, Meta": Library("meta", by_gidgethub("X-Hub-Signature-256")),
    "standardwebhooks": Library(
        "standard", by_standardwebhooks, checks_age=True, rotates=True
    ),
    "svix": Library("svix", by_svix, checks_age=True, rotates=True),
    "svix, standard": Library("standard", by_svix, checks_age=True, rotates=True),
    "twilio": Library("twilio", by_twilio),
    "squareup": Library("square", by_squareup),
    "discord-interactions": Library("discord", by_discord_interactions),
    "paddle-python-sdk": Library("paddle", by_paddle, checks_age=True, rotates=True),
}
WITH_SECRET = [
    name
    for name, library in LIBRARIES.items()
    if scheme_named(library.scheme).key_form is not KeyForm.KEY_PAIR
]
AGING = [name for name, library in LIBRARIES.items() if library.checks_age]
ROTATING = [name for name, library in LIBRARIES.items() if library.rotates]
SCHEME_OF = {n: scheme_named(lib.scheme) for n, lib in LIBRARIES.items()}
TIMED = [n for n, scheme in SCHEME_OF.items() if scheme.renewed_per_attempt]
SIGNING_ID = [n for n, scheme in SCHEME_OF.items() if "id" in scheme.signed]
SIGNING_URL = [n for n, scheme in SCHEME_OF.items() if "URL" in scheme.signed]


@pytest.fixture(scope="module", autouse=True)
def all_libraries() -> None:
    for name in PACKAGES:
        importlib.import_module(name)


@pytest.fixture(autouse=True)
def no_test_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    # Paddle's library switches its clock off where this is set.
    monkeypatch.delenv("TEST_MODE", raising=False)


def arrive(
    name: str,
    *,
    body: bytes = BODY,
    at: int | None = None,
    seed: int = 1,
    extra_seeds: tuple[int, ...] = (),
) -> Arrived:
    scheme = scheme_named(LIBRARIES[name].scheme)
    secret = scheme.make_secret(Random(seed))
    url = scheme.target(URL, body)
    headers = scheme.sign(
        body,
        secret=secret,
        id="evt_1",
        timestamp=int(time.time()) if at is None else at,
        url=url,
        extra_secrets=[scheme.make_secret(Random(extra)) for extra in extra_seeds],
    )
    return Arrived(body, headers, secret, url)


def renamed(headers: dict[str, str], old: str, new: str) -> dict[str, str]:
    changed = {name: value.replace(old, new) for name, value in headers.items()}
    assert changed != headers
    return changed


@pytest.mark.parametrize("name", LIBRARIES)
def test_the_library_accepts_a_request_as_it_was_sent(name: str) -> None:
    assert LIBRARIES[name].accepts(arrive(name))


@pytest.mark.parametrize("name", LIBRARIES)
def test_the_library_refuses_a_change_of_any_byte(name: str) -> None:
    sent = arrive(name)
    for place in range(len(BODY)):
        changed = bytearray(BODY)
        changed[place] ^= 1
        arrived = Arrived(bytes(changed), sent.headers, sent.secret, sent.url)
        assert not LIBRARIES[name].accepts(arrived), place


@pytest.mark.parametrize("name", LIBRARIES)
def test_the_library_refuses_another_secret(name: str) -> None:
    sent, other = arrive(name), arrive(name, seed=2)
    arrived = Arrived(sent.body, sent.headers, other.secret, sent.url)
    assert not LIBRARIES[name].accepts(arrived)


@pytest.mark.parametrize("name", TIMED)
def test_the_library_refuses_another_time(name: str) -> None:
    now = int(time.time())
    sent = arrive(name, at=now)
    headers = renamed(sent.headers, str(now), str(now - 1))
    assert not LIBRARIES[name].accepts(Arrived(sent.body, headers, sent.secret))


@pytest.mark.parametrize("name", SIGNING_ID)
def test_the_library_refuses_another_id(name: str) -> None:
    sent = arrive(name)
    headers = renamed(sent.headers, "evt_1", "evt_2")
    assert not LIBRARIES[name].accepts(Arrived(sent.body, headers, sent.secret))


@pytest.mark.parametrize("name", SIGNING_URL)
def test_the_library_refuses_another_url(name: str) -> None:
    sent = arrive(name)
    url = sent.url.replace("shop", "shed")
    assert not LIBRARIES[name].accepts(
        Arrived(sent.body, sent.headers, sent.secret, url)
    )


@pytest.mark.parametrize("name", AGING)
def test_the_library_and_the_kit_agree_on_what_is_too_old(name: str) -> None:
    tolerance = scheme_named(LIBRARIES[name].scheme).tolerance
    assert tolerance is not None
    now = int(time.time())
    assert not LIBRARIES[name].accepts(arrive(name, at=now - int(tolerance) - 2))
    # Two seconds to spare, in case this machine is slow.
    assert LIBRARIES[name].accepts(arrive(name, at=now - int(tolerance) + 2))


@pytest.mark.parametrize("name", ROTATING)
def test_the_library_finds_its_signature_first_or_last(name: str) -> None:
    sent = arrive(name, seed=1, extra_seeds=(2, 3))
    for seed in (1, 2, 3):
        secret = arrive(name, seed=seed).secret
        assert LIBRARIES[name].accepts(Arrived(sent.body, sent.headers, secret))
    stranger = arrive(name, seed=4).secret
    assert not LIBRARIES[name].accepts(Arrived(sent.body, sent.headers, stranger))


def braintree_gateway(secret: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # its own
        import braintree

    public, private = secret.split(":")
    return braintree.BraintreeGateway(
        braintree.Configuration(
            braintree.Environment.Sandbox,
            merchant_id="the merchant",
            public_key=public,
            private_key=private,
        )
    )


def test_the_library_of_braintree_accepts_the_kits_form_and_no_other() -> None:
    scheme = scheme_named("braintree")
    first, second = (scheme.make_secret(Random(seed)) for seed in (1, 2))
    sample = event_of("braintree")
    assert sample is not None
    event = sample.encode(sample.template)
    headers = scheme.sign(event, secret=first, id="evt_1", timestamp=0)
    form, rest = scheme.enclose(event, headers)
    assert rest == {}
    fields = dict(parse_qsl(form.decode()))
    signature, payload = fields["bt_signature"], fields["bt_payload"]
    parse = braintree_gateway(first).webhook_notification.parse
    assert parse(signature, payload).subscription.id == "sub_1"
    from braintree.exceptions.invalid_signature_error import InvalidSignatureError

    for place in range(len(payload) - 1):
        other = "B" if payload[place] == "A" else "A"
        with pytest.raises(InvalidSignatureError):
            parse(signature, payload[:place] + other + payload[place + 1 :])
    with pytest.raises(InvalidSignatureError):
        braintree_gateway(second).webhook_notification.parse(signature, payload)


def test_the_kit_accepts_what_the_library_of_braintree_makes() -> None:
    scheme = scheme_named("braintree")
    secret = scheme.make_secret(Random(1))
    gateway = braintree_gateway(secret)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # its own
        made = gateway.webhook_testing.sample_notification("check", "id_1")
    scheme.verify(urlencode(made).encode(), {}, secrets=[secret], now=0)
    both = f"another|{'0' * 40}&{made['bt_signature']}"
    form = urlencode(made | {"bt_signature": both}).encode()
    scheme.verify(form, {}, secrets=[secret], now=0)
    with pytest.raises(SignatureMismatch):
        scheme.verify(form + b"QUJD", {}, secrets=[secret], now=0)
    other = scheme.make_secret(Random(2))
    with pytest.raises(SignatureMismatch):
        scheme.verify(form, {}, secrets=[other], now=0)
    with pytest.raises(SignatureMissing):
        scheme.verify(b"bt_payload=QUJD", {}, secrets=[secret], now=0)


def test_the_library_of_braintree_answers_the_handshake_as_the_kit_wants() -> None:
    secret = scheme_named("braintree").make_secret(Random(1))
    answer = braintree_gateway(secret).webhook_notification.verify(TOKEN)
    assert answer == HANDSHAKES["braintree"].wanted(
        token=TOKEN, secret=secret, verify_token="", url=URL
    )


def test_the_library_of_twilio_accepts_a_form() -> None:
    from twilio.request_validator import RequestValidator

    sent = arrive("twilio", body=FORM)
    fields = {"CallSid": "CA12", "Digits": "1234", "From": "+14158675309"}
    validator = RequestValidator(sent.secret)
    signature = sent.headers["X-Twilio-Signature"]
    assert sent.url == URL
    assert validator.validate(sent.url, fields, signature)
    assert not validator.validate(sent.url, fields | {"Digits": "1235"}, signature)


def test_the_kit_verifies_what_the_libraries_sign() -> None:
    import standardwebhooks
    import svix.webhooks
    from slack_sdk.signature import SignatureVerifier

    now = int(time.time())
    moment = datetime.fromtimestamp(now, UTC)
    secret = SCHEMES["standard"].make_secret(Random(1))
    ours = {
        "standard": standardwebhooks.Webhook(secret).sign(
            "evt_1", moment, BODY.decode()
        ),
        "svix": svix.webhooks.Webhook(secret).sign("evt_1", moment, BODY.decode()),
    }
    for name, signature in ours.items():
        scheme = SCHEMES[name]
        headers = {
            f"{scheme.id_header}": "evt_1",
            f"{scheme.timestamp_header}": str(now),
            scheme.signature_header: signature,
        }
        scheme.verify(BODY, headers, secrets=[secret], now=now)
    by_slack = SignatureVerifier("s3cret").generate_signature(
        timestamp=str(now), body=BODY
    )
    slack = {"X-Slack-Request-Timestamp": str(now), "X-Slack-Signature": f"{by_slack}"}
    SCHEMES["slack"].verify(BODY, slack, secrets=["s3cret"], now=now)


SECRETS = {
    "padded": "whsec_" + base64.b64encode(bytes(range(32))).decode(),
    "unpadded": "whsec_" + base64.b64encode(bytes(range(32))).decode().rstrip("="),
    "no prefix": base64.b64encode(bytes(range(32))).decode(),
    "short": "whsec_c2hvcnQ=",
    "long": "whsec_" + "QUFB" * 40,
    "URL-safe": "whsec_" + base64.urlsafe_b64encode(bytes(range(200, 248))).decode(),
    "letters": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "words": "my secret is a sentence",
    "API key": "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
    "Paddle's": "pdl_ntf_01hbpjmytsa32fhr36nqgc3kgb_WvRO0eL4Bj9rgYYIBZY6wZhG4EHy9jzh",
    "accents": "clé sécrète",
    "prefix alone": "whsec_",
    "cut off": "whsec_QUFBQ",
    "no letter": "=====",
    "hex": "0123456789abcdef" * 4,
    "HEX": "0123456789ABCDEF" * 4,
    "hex in blocks": "01234567 89abcdef " * 3 + "01234567 89abcdef",
}
"""Secrets as people hold them, some of which no provider ever issued."""


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("name", WITH_SECRET)
def test_the_kit_accepts_each_secret_that_the_library_accepts(
    name: str, kind: str
) -> None:
    import standardwebhooks

    library, secret, now = LIBRARIES[name], SECRETS[kind], int(time.time())
    scheme = scheme_named(library.scheme)
    url = scheme.target(URL, BODY)
    try:
        headers = scheme.sign(BODY, secret=secret, id="evt_1", timestamp=now, url=url)
        scheme.verify(BODY, headers, secrets=[secret], now=now, url=url)
    except BadSecret:
        assert scheme.name in ("standard", "svix")
        with pytest.raises(
            (ValueError, standardwebhooks.webhooks.EmptyWebhookSecretError)
        ):
            standardwebhooks.Webhook(secret)
        return
    assert library.accepts(Arrived(BODY, headers, secret, url))


@pytest.mark.parametrize("kind", ["hex", "HEX", "hex in blocks"])
def test_the_kit_accepts_each_key_that_the_library_of_discord_accepts(
    kind: str,
) -> None:
    import discord_interactions

    sent = arrive("discord-interactions")
    spell: Callable[[str], str] = {
        "hex": str.lower,
        "HEX": str.upper,
        "hex in blocks": lambda text: " ".join(wrap(text, 8)),
    }[kind]
    public = spell(SCHEMES["discord"].receiver_secret(sent.secret))
    assert discord_interactions.verify_key(
        sent.body,
        sent.headers["X-Signature-Ed25519"],
        sent.headers["X-Signature-Timestamp"],
        public,
    )
    SCHEMES["discord"].verify(sent.body, sent.headers, secrets=[public], now=0)


@pytest.mark.parametrize(
    ("called", "signed"),
    list(
        itertools.product(
            [
                "https://shop.example/hook",
                "https://shop.example:443/hook?a=b",
                "http://shop.example:80/hook",
                "http://shop.example",
                "https://shop.example:8443/hook",
                "https://user:secret@shop.example/hook",
            ],
            ["as called", "with the port", "without the port", "another port"],
        )
    ),
)
def test_the_kit_accepts_each_url_that_the_library_of_twilio_accepts(
    called: str, signed: str
) -> None:
    from twilio.request_validator import RequestValidator

    token, fields, form = "0123456789abcdef", {"A": "1", "B": "2"}, b"A=1&B=2"
    parts = urlsplit(called)
    host = parts.netloc.removesuffix(f":{parts.port}")
    port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    netloc = {
        "as called": parts.netloc,
        "with the port": f"{host}:{port}",
        "without the port": host,
        "another port": f"{host}:{port + 1}",
    }[signed]
    address = parts._replace(netloc=netloc).geturl()
    validator = RequestValidator(token)
    signature = validator.compute_signature(address, fields)
    by_library = validator.validate(called, fields, signature)
    try:
        SCHEMES["twilio"].verify(
            form,
            {"X-Twilio-Signature": signature},
            secrets=[token],
            now=0,
            url=called,
        )
    except SignatureMismatch:
        by_kit = False
    else:
        by_kit = True
    assert by_kit or not by_library
    assert by_kit == (signed != "another port")
