"""Schemes that are descriptions: those of further providers, and a user's own."""

import base64
import hashlib
import hmac
import json
import random
import textwrap
from pathlib import Path

import pytest
from flask import Flask, request

from labkit import simulate
from labkit.errors import (
    BadSecret,
    BadSetting,
    SignatureMalformed,
    SignatureMismatch,
    SignatureMissing,
    TimestampOutOfTolerance,
    UnknownName,
    VerificationError,
)
from labkit.examine.settings import settings_in
from labkit.model import LAB_EPOCH
from labkit.samples import payments
from labkit.signing import (
    PROVIDERS,
    SCHEMES,
    KeyForm,
    Scheme,
    Unit,
    keypairs,
    scheme_named,
)
from labkit.signing.embedded import IN_BODY
from labkit.signing.jwt import Jwt, pem
from labkit.signing.query import into_query, out_of_query

pytestmark = [pytest.mark.pure, pytest.mark.usefixtures("same_rsa_keys")]

BODY = b'{"id":"evt_1","event":"order.paid"}'
NOW = 1_767_225_600
URL = "https://shop.example/webhooks?a=1"


def signed(scheme: Scheme, secret: str, body: bytes = BODY) -> dict[str, str]:
    return scheme.sign(body, secret=secret, id="evt_1", timestamp=NOW, url=URL)


def verify(
    scheme: Scheme,
    secret: str,
    headers: dict[str, str],
    body: bytes = BODY,
    now: float = NOW,
    url: str = URL,
) -> None:
    body, rest = scheme.enclose(body, headers)
    scheme.verify(body, rest, secrets=[secret], now=now, url=url)


# These sign fields that this body does not have, or put the secret into its items.
OTHERS = ("adyen", "paymob", "graph", "sharepoint")


@pytest.fixture(params=[name for name in PROVIDERS if name not in OTHERS])
def scheme(request: pytest.FixtureRequest) -> Scheme:
    return named(request.param)


def named(name: str) -> Scheme:
    scheme = PROVIDERS[name]
    if scheme.key_form is KeyForm.KEY_PAIR:
        pytest.importorskip("cryptography", reason="the scheme signs with a key pair")
    return scheme


# Every description of the table


def test_a_described_scheme_accepts_what_it_signs_and_nothing_else(
    scheme: Scheme,
) -> None:
    secret, foreign = (scheme.make_secret(random.Random(seed)) for seed in (1, 2))
    headers = signed(scheme, secret)
    verify(scheme, secret, headers)
    if not scheme.signature_header.startswith(IN_BODY):
        verify(scheme, secret, {name.lower(): v for name, v in headers.items()})
    with pytest.raises(SignatureMismatch):
        verify(scheme, foreign, headers)
    verify(scheme, scheme.receiver_secret(secret), headers)
    if not scheme.signs_body:
        verify(scheme, secret, headers, b'{"other":1}')
        return
    for place in range(0, len(BODY), 5):
        changed = bytearray(BODY)
        changed[place] ^= 1
        with pytest.raises(SignatureMismatch):
            verify(scheme, secret, headers, bytes(changed))
    if scheme.signs_url:
        whole = "URL" in scheme.signed
        other = URL + "x" if whole else URL.replace("webhooks", "other")
        with pytest.raises(SignatureMismatch):
            verify(scheme, secret, headers, url=other)
        with pytest.raises(BadSetting, match="signs the URL"):
            verify(scheme, secret, headers, url="")
    if scheme.signs_id:
        with pytest.raises(SignatureMismatch):
            verify(scheme, secret, headers | {f"{scheme.id_header}": "evt_2"})


def test_a_described_scheme_reads_its_header_without_ever_failing_otherwise(
    scheme: Scheme,
) -> None:
    secret = scheme.make_secret(random.Random(1))
    headers = signed(scheme, secret)
    name = scheme.signature_header
    with pytest.raises(SignatureMissing):
        verify(scheme, secret, {k: v for k, v in headers.items() if k != name})
    for value in ("", "é", "sha256=", "t=1", "0" * 63, headers[name][:-1] + "é"):
        # Other classes tell a signature by its label, or take any text for a token.
        described = hasattr(scheme, "description")
        wanted = SignatureMalformed if described else VerificationError
        with pytest.raises(wanted):
            verify(scheme, secret, headers | {name: value})
    for secret_ in ("", "  ", "s3cret\n", None):
        with pytest.raises(BadSecret, match=scheme.name):
            scheme.check_secret(secret_)  # type: ignore[arg-type]  # wrong on purpose


def test_a_described_time_is_signed_and_bounded(scheme: Scheme) -> None:
    if scheme.timestamp_header is None:
        assert not scheme.renewed_per_attempt
        return
    secret = scheme.make_secret(random.Random(1))
    headers = signed(scheme, secret)
    text, later = scheme.unit.write(NOW), scheme.unit.write(NOW + 1)
    changed = {name: value.replace(text, later) for name, value in headers.items()}
    in_token = isinstance(scheme, Jwt)
    assert (changed == headers) == in_token
    if not in_token:
        changed_times_are_refused(scheme, secret, headers, changed)
    bounded = type(scheme)(tolerance=60)
    verify(bounded, secret, headers, now=NOW + 60)
    with pytest.raises(TimestampOutOfTolerance, match="age 61 s"):
        verify(bounded, secret, headers, now=NOW + 61)


def changed_times_are_refused(
    scheme: Scheme, secret: str, headers: dict[str, str], changed: dict[str, str]
) -> None:
    text = scheme.unit.write(NOW)
    with pytest.raises(SignatureMismatch):
        verify(scheme, secret, changed)
    for wrong in ("", "nan", "-1", "1e9", "9" * 400, "2026-13-01T00:00:00Z"):
        changed = {name: value.replace(text, wrong) for name, value in headers.items()}
        with pytest.raises(SignatureMalformed):
            verify(scheme, secret, changed)


def test_every_provider_says_where_its_scheme_is_described() -> None:
    for scheme in PROVIDERS.values():
        description = getattr(scheme, "description", None)
        assert description is None or description.source, scheme.name
        assert scheme.covers.endswith(".")
        assert scheme.name not in SCHEMES


# Vectors that were not made by this kit


@pytest.mark.parametrize(
    ("name", "secret", "body", "at", "header", "value"),
    [
        (
            "convoy",
            "convoy-webhook-secret",
            b'{"event":"charge.success","amount":1000,"currency":"NGN"}',
            0,
            "X-Convoy-Signature",
            "244449b7f48cbc2709060c9dcdc2b3aa47a78f540430579015c579fb12defbb4",
        ),
        (
            "convoy-advanced",
            "convoy-webhook-secret",
            b'{"event":"charge.success","amount":1000,"currency":"NGN"}',
            1_700_000_000,
            "X-Convoy-Signature",
            (
                "t=1700000000,v1=77b8b9269f25a199846a55a2bd25b3fba151c70fdae60bb1dcd87fbb"
                "c943c55c"
            ),
        ),
        (
            "meta",
            "It's a Secret to Everybody",
            b"Hello, World!",
            0,
            "X-Hub-Signature-256",
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        ),
    ],
)
def test_a_published_vector_is_signed_exactly_so(
    name: str, secret: str, body: bytes, at: int, header: str, value: str
) -> None:
    headers = PROVIDERS[name].sign(body, secret=secret, id="evt_1", timestamp=at)
    assert headers[header] == value


def test_a_description_makes_the_same_signatures_as_the_class_of_its_provider() -> None:
    for name, text in {
        "stripe": "header=Stripe-Signature value=t={t},v1={mac} signed={t}.{body}",
        "slack": "header=X-Slack-Signature value=v0={mac} signed=v0:{t}:{body} "
        "time=X-Slack-Request-Timestamp",
        "shopify": "header=X-Shopify-Hmac-Sha256 encoding=base64 "
        "id=X-Shopify-Webhook-Id",
        "square": "header=x-square-hmacsha256-signature encoding=base64 "
        "signed={url}{body}",
        "standard": "header=webhook-signature value=v1,{mac} encoding=base64 "
        "key=base64 signed={id}.{t}.{body} id=webhook-id time=webhook-timestamp",
    }.items():
        own = SCHEMES[name]
        secret = own.make_secret(random.Random(1))
        assert signed(scheme_named(text), secret) == signed(own, secret), name


@pytest.mark.parametrize("name", ["mailgun", "exact", "twitch", "rfc9421-hmac"])
def test_a_simulated_sender_signs_with_any_scheme(name: str) -> None:
    app, scheme, outcomes = Flask("receiver"), PROVIDERS[name], []

    @app.post("/webhooks")
    def webhooks() -> str:
        headers, url = dict(request.headers), request.url
        # The clock of the lab stands at its beginning.
        scheme.verify(
            request.get_data(), headers, secrets=["s3cret"], now=LAB_EPOCH, url=url
        )
        outcomes.append(name)
        return ""

    simulate(app, payments(1, every=0), scheme=name, secret="s3cret", profile="github")
    assert outcomes == [name]


def test_box_sends_the_version_and_the_algorithm_that_its_library_asks_for() -> None:
    assert PROVIDERS["box"].announce("FILE.UPLOADED") == {
        "BOX-SIGNATURE-VERSION": "1",
        "BOX-SIGNATURE-ALGORITHM": "HmacSHA256",
    }


def test_walmart_signs_the_query_too_by_the_rule_of_its_security_guide() -> None:
    scheme, secret = PROVIDERS["walmart"], "s3cret"
    lines = f"POST\n/webhooks?a=1\n{NOW}\n{hashlib.sha256(BODY).hexdigest()}"
    mac = hmac.digest(secret.encode(), lines.encode(), "sha256")
    headers = signed(scheme, secret)
    assert headers == {
        "WM_SEC.TIMESTAMP": str(NOW),
        "WM_SEC.SIGNATURE": base64.b64encode(mac).decode(),
    }
    for url in (URL.partition("?")[0], URL.replace("a=1", "a=2")):
        with pytest.raises(SignatureMismatch):
            verify(scheme, secret, headers, url=url)
    without_query = scheme.sign(
        BODY, secret=secret, id="e", timestamp=NOW, url="https://shop.example"
    )
    verify(scheme, secret, without_query, url="https://shop.example/")


def test_solidgate_signs_as_its_package_for_node_does() -> None:
    # @solidgate/node-sdk 1.4.1 made the value: its _generateSignature, given this body.
    scheme, secret = PROVIDERS["solidgate"], "wh_pk_lab:wh_sk_lab"
    body = b'{"order":{"order_id":"A-7","amount":2999}}'
    headers = signed(scheme, secret, body)
    assert headers["merchant"] == "wh_pk_lab"
    assert headers["signature"] == (
        "ZTU1ZGVlZWM2M2EwMTFhMDlmNzIzOWViMjFjYjUxMDE0MTE1N2EyNjdjYzFiNzk3YTNlOWVmODZjNz"
        "BiNTU4MGExMDQ0ZDgzZDRjNjExNmM1ZTkyZjU5MzkxNWEwZTJiYzkzMTUwZDNhNmE2OGYwNjlmMmE2"
        "MmZjNWNkYmJlOTg="
    )
    verify(scheme, secret, headers, body)
    with pytest.raises(SignatureMismatch):
        verify(scheme, "another:wh_sk_lab", headers, body)


@pytest.mark.parametrize("name", ["braintree", "solidgate"])
def test_a_pair_of_keys_is_wanted_whole(name: str) -> None:
    for secret in ("public", ":private", "public:"):
        with pytest.raises(BadSecret, match="a colon between"):
            PROVIDERS[name].check_secret(secret)


# A description of one's own


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("header=", "header"),
        ("header=X digest=md5", "sha256"),
        ("header=X encoding=hax", "base64url"),
        ("header=X signed={boddy}", "{body}"),
        ("header=X signed={t}", "once"),
        ("header=X signed={t}.{body}", "a time is signed and sent"),
        ("header=X time=X-Time", "a time is signed and sent"),
        ("header=X signed={id}{body}", "id="),
        ("header=X value={mac};x", "end with"),
        ("header=X value={mac}{mac}", "end with"),
        ("header=X value={id}{mac}", "only"),
        ("header=X colour=red", "settings are"),
        ("value=sha256={mac}", "header="),
        ("header=X tolerance=soon", "number"),
        ("header='X", "can't be read"),
    ],
)
def test_a_description_without_sense_is_refused_with_the_remedy(
    text: str, said: str
) -> None:
    with pytest.raises(BadSetting, match=said):
        scheme_named(text)


def test_an_unknown_name_is_answered_with_the_nearest_of_all() -> None:
    with pytest.raises(UnknownName, match="'twitch'"):
        scheme_named("twich")
    assert scheme_named("github") is SCHEMES["github"]
    assert scheme_named("xero") is PROVIDERS["xero"]


def test_times_in_one_header_may_have_a_space_after_the_comma() -> None:
    scheme = PROVIDERS["workos"]
    secret = scheme.make_secret(random.Random(1))
    (name, value), *_ = signed(scheme, secret).items()
    assert ", v1=" in value
    verify(scheme, secret, {name: value.replace(", ", ",")})
    verify(scheme, secret, {name: f"v0=ab, {value}, v9=aa"})


def test_a_unit_reads_what_it_writes_and_nothing_else() -> None:
    for unit in Unit:
        assert unit.read(unit.write(NOW)) == NOW
        for text in ("", "x", " 1", "٣", "9" * 30, "2026-01-01T00:00:99Z"):
            assert unit.read(text) is None, (unit, text)


def test_any_header_ends_in_a_verification_error_or_in_nothing() -> None:
    rng = random.Random(3)
    letters = "tv1=,; aZ9+/é\x00{}"
    for name in PROVIDERS:
        scheme = named(name)
        secret = scheme.receiver_secret(scheme.make_secret(random.Random(1)))
        for _ in range(20):
            junk = "".join(rng.choices(letters, k=rng.randrange(70)))
            headers = dict.fromkeys(signed_names(scheme), junk)
            with pytest.raises(VerificationError):
                verify(scheme, secret, headers)


def signed_names(scheme: Scheme) -> list[str]:
    names = (scheme.signature_header, scheme.timestamp_header, scheme.id_header)
    return [name for name in names if name]


def test_a_description_may_be_a_table_in_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(
        '[tool.labkit.examine.scheme]\nheader = "X-Acme"\n'
        'value = "t={t}, v1={mac}"\nsigned = "{t}.{body}"\n'
    )
    found = settings_in(file, table="examine", known=["scheme"])
    scheme = scheme_named(found["scheme"])
    assert signed(scheme, "s3cret")["X-Acme"].startswith(f"t={NOW}, v1=")
    file.write_text('[tool.labkit.examine.profile]\nname = "x"\n')
    with pytest.raises(BadSetting, match="must be a value"):
        settings_in(file, table="examine", known=["profile"])


# Key pairs


def test_the_vector_of_svix_for_v1a_is_signed_exactly_so() -> None:
    scheme = named("standard-v1a")
    private = (
        "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ"
        "6p9lMicMFs6Kvg=="
    )
    public = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
    body = b'{"test": 2432232314}'
    headers = scheme.sign(
        body,
        secret=private,
        id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1_614_265_330,
    )
    assert headers["webhook-signature"] == (
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo"
        "3mNl8EM+m7TBAg=="
    )
    assert scheme.receiver_secret(private) == public
    scheme.verify(body, headers, secrets=[public], now=1_614_265_330)
    with pytest.raises(BadSecret, match="can't sign"):
        signed(scheme, public)


@pytest.mark.parametrize("name", ["sendgrid", "telnyx", "circle"])
def test_the_signature_of_a_key_pair_is_what_cryptography_verifies(name: str) -> None:
    scheme = named(name)
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    secret = scheme.make_secret(random.Random(1))
    assert secret == scheme.make_secret(random.Random(1))
    headers = signed(scheme, secret)
    public = serialization.load_der_public_key(
        base64.b64decode(scheme.receiver_secret(secret))
    )
    signature = base64.b64decode(headers[scheme.signature_header])
    if isinstance(public, ed25519.Ed25519PublicKey):
        public.verify(signature, f"{NOW}|".encode() + BODY)
        return
    assert isinstance(public, ec.EllipticCurvePublicKey)
    t = str(NOW).encode() if name == "sendgrid" else b""
    public.verify(signature, t + BODY, ec.ECDSA(hashes.SHA256()))


def test_a_key_may_be_pem_and_a_public_key_cannot_sign() -> None:
    scheme = named("sendgrid")
    secret = scheme.make_secret(random.Random(1))
    lines = textwrap.fill(secret, 64)
    pem = f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n"
    verify(scheme, scheme.receiver_secret(pem), signed(scheme, pem))
    with pytest.raises(BadSecret, match="private key"):
        signed(scheme, scheme.receiver_secret(secret))
    for wrong in ("c2hvcnQ=", "A" * 80, "not base64 at all"):
        with pytest.raises(BadSecret, match="sendgrid"):
            scheme.check_secret(wrong)


def test_without_cryptography_the_remedy_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    keypairs.private_key.cache_clear()
    with pytest.raises(BadSetting, match=r"pip install 'webhook-lab\[asymmetric\]'"):
        PROVIDERS["sendgrid"].make_secret(random.Random(1))


# Tokens and HTTP message signatures


def test_the_tokens_are_those_that_pyjwt_reads() -> None:
    jwt = pytest.importorskip("jwt", reason="an independent reader of tokens")
    for name, claim in (("plaid", "request_body_sha256"), ("vonage", "payload_hash")):
        scheme = named(name)
        secret = scheme.make_secret(random.Random(1))
        value = signed(scheme, secret)[scheme.signature_header]
        key: object = secret
        if scheme.key_form is KeyForm.KEY_PAIR:
            key = pem(scheme.receiver_secret(secret))
        claims = jwt.decode(
            value.removeprefix(scheme.label),
            key,
            algorithms=["ES256", "HS256"],
            options={"verify_exp": False, "verify_iat": False},
        )
        assert claims["iat"] == NOW
        assert claims[claim] == hashlib.sha256(BODY).hexdigest()


def test_the_kit_verifies_a_token_that_pyjwt_made() -> None:
    jwt = pytest.importorskip("jwt", reason="an independent maker of tokens")
    scheme = named("livekit")
    digest = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    secret = "a secret of 32 characters or more"
    for claims, fits in (
        ({"iat": NOW, "sha256": digest}, True),
        ({"iat": NOW, "sha256": "other"}, False),
        ({"iat": NOW}, False),
    ):
        token = jwt.encode(claims, secret, algorithm="HS256")
        try:
            verify(scheme, secret, {"Authorization": token})
        except SignatureMismatch:
            assert not fits
        else:
            assert fits


def test_neon_takes_no_other_algorithm_and_no_other_header() -> None:
    scheme = named("neon-auth")
    secret = scheme.make_secret(random.Random(1))
    headers = signed(scheme, secret)
    head, mac = headers["X-Neon-Signature"].split("..")
    parts = json.loads(base64.urlsafe_b64decode(head + "=="))
    assert parts["alg"] == "EdDSA"
    for other in ({"alg": "none"}, {"alg": "HS256"}, parts | {"kid": "other"}):
        text = base64.urlsafe_b64encode(json.dumps(other).encode()).decode()
        changed = {"X-Neon-Signature": f"{text.rstrip('=')}..{mac}"}
        with pytest.raises(SignatureMismatch):
            verify(scheme, secret, headers | changed)


def test_a_disguised_token_is_refused() -> None:
    for name in ("plaid", "vonage", "livekit"):
        scheme = named(name)
        assert isinstance(scheme, Jwt)
        secret = scheme.make_secret(random.Random(1))
        tokens = scheme.disguised(BODY, str(NOW), secret)
        assert len(tokens) == (4 if name == "plaid" else 2)
        for token in tokens.values():
            headers = {scheme.signature_header: scheme.label + token}
            with pytest.raises((SignatureMismatch, SignatureMalformed)):
                verify(scheme, secret, headers)


def test_a_message_signature_must_cover_method_url_and_body() -> None:
    scheme = PROVIDERS["rfc9421-hmac"]
    secret = "s3cret"
    headers = signed(scheme, secret)
    assert headers["Content-Digest"].startswith("sha-256=:")
    covered = headers["Signature-Input"]
    for less in ('"@method" ', '"@target-uri" ', ' "content-digest"'):
        with pytest.raises(SignatureMalformed):
            verify(
                scheme, secret, headers | {"Signature-Input": covered.replace(less, "")}
            )
    other = covered.replace("labkit", "another")
    with pytest.raises(SignatureMismatch):
        verify(scheme, secret, headers | {"Signature-Input": other})
    with pytest.raises(SignatureMissing):
        verify(
            scheme, secret, {k: v for k, v in headers.items() if k != "Content-Digest"}
        )


# Signatures in the body


def test_the_token_of_wix_is_one_that_pyjwt_reads_and_no_other_is_accepted() -> None:
    # @wix/sdk 1.21.16 from npm accepted such a token, and refused one that was changed.
    jwt = pytest.importorskip("jwt", reason="an independent reader of tokens")
    scheme = named("wix")
    secret, other = (scheme.make_secret(random.Random(seed)) for seed in (1, 2))
    key, foreign = (pem(scheme.receiver_secret(one)) for one in (secret, other))
    sent, rest = scheme.enclose(BODY, signed(scheme, secret))
    assert rest == {}
    unbounded = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(sent, key, algorithms=["RS256"], options=unbounded)
    assert claims["iat"] == NOW
    event = json.loads(claims["data"])
    assert event["instanceId"]
    assert json.loads(event["data"]) == json.loads(BODY)
    scheme.verify(sent, {}, secrets=[scheme.receiver_secret(secret)], now=NOW)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(sent, foreign, algorithms=["RS256"], options=unbounded)
    made = f"-----BEGIN PRIVATE KEY-----\n{secret}\n-----END PRIVATE KEY-----"
    theirs = jwt.encode(claims, made, algorithm="RS256").encode()
    scheme.verify(theirs, {}, secrets=[secret], now=NOW)
    for token in (
        jwt.encode(claims, "a secret of 32 characters or more", algorithm="HS256"),
        jwt.encode(claims, made, algorithm="RS512"),
    ):
        with pytest.raises(VerificationError):
            scheme.verify(token.encode(), {}, secrets=[secret], now=NOW)


def test_the_vector_of_adyen_is_signed_exactly_so() -> None:
    scheme = PROVIDERS["adyen"]
    secret = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
    item = {
        "pspReference": "7914073381342284",
        "merchantAccountCode": "TestMerchant",
        "merchantReference": "TestPayment-1407325143704",
        "amount": {"value": 1130, "currency": "EUR"},
        "eventCode": "AUTHORISATION",
        "success": "true",
        "additionalData": {},
    }
    event = {"notificationItems": [{"NotificationRequestItem": item}]}
    body = json.dumps(event).encode()
    headers = scheme.sign(body, secret=secret, id="e", timestamp=NOW)
    assert [*headers.values()] == ["coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0="]
    sent, rest = scheme.enclose(body, headers)
    assert rest == {}
    scheme.verify(sent, {}, secrets=[secret], now=NOW)
    for old, new in ((b"1130", b"1131"), (b"true", b"false"), (b"EUR", b"USD")):
        with pytest.raises(SignatureMismatch):
            scheme.verify(sent.replace(old, new), {}, secrets=[secret], now=NOW)
    for other in (b"", b"[]", b"{}", b'{"notificationItems":[7]}', body):
        with pytest.raises(SignatureMissing):
            scheme.verify(other, {}, secrets=[secret], now=NOW)
    with pytest.raises(BadSecret, match="hex"):
        scheme.check_secret("no hex")


def test_the_fields_of_paymob_are_signed_in_the_order_of_its_page() -> None:
    scheme = PROVIDERS["paymob"]
    # The text is that of developers.paymob.com, "HMAC Transaction Callback".
    text = (
        "1000002024-06-13T11:33:44.592345EGPfalsefalse1920364654097558truefalsefalse"
        "falsetruefalse217503754302852false2346MasterCardcardtrue"
    )
    transaction = {
        "id": 192036465,
        "amount_cents": 100000,
        "success": True,
        "is_3d_secure": True,
        "is_standalone_payment": True,
        "created_at": "2024-06-13T11:33:44.592345",
        "currency": "EGP",
        "integration_id": 4097558,
        "order": {"id": 217503754, "items": []},
        "owner": 302852,
        "source_data": {"type": "card", "pan": "2346", "sub_type": "MasterCard"},
        "error_occured": False,
        "has_parent_transaction": False,
        "pending": False,
    } | dict.fromkeys(("is_auth", "is_capture", "is_voided", "is_refunded"), False)
    body = json.dumps({"type": "TRANSACTION", "obj": transaction}).encode()
    headers = scheme.sign(body, secret="s3cret", id="e", timestamp=NOW)
    mac = hmac.new(b"s3cret", text.encode(), "sha512").hexdigest()
    assert headers == {"query:hmac": mac}
    target, rest = into_query("/hooks?a=%41&b", headers)
    assert (target, rest) == (f"/hooks?a=%41&b&hmac={mac}", {})
    assert out_of_query(target, scheme.signature_header) == "/hooks?a=%41&b"
    assert into_query("/", headers)[0] == f"/?hmac={mac}"

    def verified(body: bytes, target: str) -> None:
        url = f"https://shop.example{target}"
        scheme.verify(body, {}, secrets=["s3cret"], now=NOW, url=url)

    verified(body, target)
    verified(body.replace(b'"items": []', b'"items": [1]'), target)  # it is not signed
    for old, new in ((b"100000", b"100001"), (b"EGP", b"USD"), (b"217", b"218")):
        with pytest.raises(SignatureMismatch):
            verified(body.replace(old, new), target)
    for other in (b"", b"[]", b"{}", b'{"obj":7}', b'{"obj":{"order":7}}'):
        with pytest.raises(SignatureMismatch):
            verified(other, target)
    for path in ("/hooks", "/hooks?hmac", f"/hooks?HMAC={mac}", f"/hooks#?hmac={mac}"):
        with pytest.raises((SignatureMissing, SignatureMalformed)):
            verified(body, path)


def test_a_receiver_reads_the_signature_of_paymob_from_its_url() -> None:
    app, seen = Flask("receiver"), []

    @app.post("/webhooks")
    def webhooks() -> str:
        PROVIDERS["paymob"].verify(
            request.get_data(), {}, secrets=["s3cret"], now=LAB_EPOCH, url=request.url
        )
        seen.append(sorted(request.args))
        return ""

    simulate(app, payments(1), scheme="paymob", secret="s3cret", profile="github")
    assert seen == [["hmac"]]


@pytest.mark.parametrize("name", ["graph", "sharepoint"])
def test_the_secret_is_in_each_item_of_microsofts_notifications(name: str) -> None:
    scheme = PROVIDERS[name]
    body = b'{"value":[{"id":"1"},{"id":"2"}]}'
    sent, rest = scheme.enclose(body, signed(scheme, "s3cret", body))
    assert rest == {}
    states = [item["clientState"] for item in json.loads(sent)["value"]]
    assert states == ["s3cret", "s3cret"]
    scheme.verify(sent, {}, secrets=["s3cret"], now=NOW)
    with pytest.raises(SignatureMismatch):
        scheme.verify(sent, {}, secrets=["another"], now=NOW)
    # One item with the right secret proves nothing about the others.
    for other in (
        sent.replace(b"s3cret", b"another", 1),
        sent.replace(b',"clientState":"s3cret"', b"", 1),
        *(b"", b"[]", b"{}", b'{"value":7}', b'{"value":[7]}', b'{"value":[]}', body),
    ):
        with pytest.raises(SignatureMissing):
            scheme.verify(other, {}, secrets=["s3cret"], now=NOW)


def test_basic_credentials_are_those_of_rfc_7617() -> None:
    headers = signed(PROVIDERS["basic"], "Aladdin:open sesame")
    assert headers == {"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}


def test_the_token_of_monday_covers_the_url_and_not_the_body() -> None:
    jwt = pytest.importorskip("jwt", reason="an independent reader of tokens")
    scheme, secret = PROVIDERS["monday"], "a secret of 32 characters or more"
    token = signed(scheme, secret)["Authorization"]
    unbounded = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(
        token, secret, algorithms=["HS256"], audience=URL, options=unbounded
    )
    assert claims["iat"] == NOW
    assert "accountId" in claims


def test_the_detached_signature_of_fireblocks_is_one_that_pyjwt_accepts() -> None:
    jwt = pytest.importorskip("jwt", reason="an independent reader of tokens")
    scheme = named("fireblocks-v2")
    secret = scheme.make_secret(random.Random(1))
    head, mac = signed(scheme, secret)[scheme.signature_header].split("..")
    payload = base64.urlsafe_b64encode(BODY).decode().rstrip("=")
    key = pem(scheme.receiver_secret(secret))
    token = f"{head}.{payload}.{mac}"
    content = jwt.PyJWS().decode(token, key, algorithms=["RS512"])
    assert content == BODY
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.PyJWS().decode(f"{head}.{payload}A.{mac}", key, algorithms=["RS512"])


def test_mailgun_signs_time_and_token_but_not_the_event() -> None:
    scheme = PROVIDERS["mailgun"]
    headers = signed(scheme, "s3cret")
    sent, rest = scheme.enclose(BODY, headers)
    assert rest == {}
    parts = json.loads(sent)["signature"]
    mac = hmac.new(b"s3cret", f"{NOW}{parts['token']}".encode(), "sha256")
    assert parts["signature"] == mac.hexdigest()
    assert len(parts["token"]) == 50
    scheme.verify(sent.replace(b"paid", b"sent"), {}, secrets=["s3cret"], now=NOW)
    other = sent.replace(parts["token"].encode(), b"another")
    with pytest.raises(SignatureMismatch):
        scheme.verify(other, {}, secrets=["s3cret"], now=NOW)


def test_exact_online_signs_the_text_of_the_content() -> None:
    scheme = PROVIDERS["exact"]
    sent, _ = scheme.enclose(BODY, signed(scheme, "s3cret"))
    assert json.loads(sent)["Content"] == json.loads(BODY)
    code = hmac.new(b"s3cret", BODY, "sha256").hexdigest().upper()
    assert json.loads(sent)["HashCode"] == code


def test_a_receiver_reads_the_fields_of_braintrees_form() -> None:
    app, seen, secret = Flask("receiver"), [], "public:private"

    @app.post("/webhooks")
    def webhooks() -> str:
        PROVIDERS["braintree"].verify(
            request.get_data(cache=True), {}, secrets=[secret], now=LAB_EPOCH
        )
        payload = base64.b64decode(request.form["bt_payload"])
        seen.append((request.form["bt_signature"][:7], json.loads(payload)["event"]))
        return ""

    simulate(app, payments(1), scheme="braintree", secret=secret, profile="github")
    assert seen == [("public|", "payment.succeeded")]
