"""The inspector recognises the problems that people report most often."""

import base64
import gzip
import hashlib
import hmac
import json
import urllib.parse

import pytest

from labkit.inspector import Checking, check, diagnose
from labkit.inspector.finding import Problem
from labkit.redaction import HIDDEN
from tests.test_inspector_finding import BODY, NOW, URL, Sender, arrived, find

NAME = "pepper-and-salt-and-more"


def signed_with(key: bytes, body: bytes = BODY) -> dict[str, str]:
    """Headers of GitHub whose signature was made with that key."""
    digest = hmac.digest(key, body, "sha256").hex()
    return {"X-Hub-Signature-256": f"sha256={digest}"}


def github(key: bytes, secret: str, *, body: bytes = BODY) -> Problem:
    """What is found when a receiver has `secret` and the sender has `key`."""
    return diagnose(arrived(body, signed_with(key, body)), Checking((secret,)), url=URL)


def test_a_time_in_milliseconds_is_recognised() -> None:
    for name in ("stripe", "standard", "slack"):
        sender = Sender(name)
        finding = find(sender, arrived(BODY, sender.sign(BODY, at=NOW * 1000)))
        assert (finding.outcome, finding.reason) == ("stale", "time in milliseconds")
        assert "divide by 1000" in finding.why


@pytest.mark.parametrize("name", ["github", "stripe", "standard", "square"])
def test_a_body_that_was_unpacked_or_wrapped_is_recognised(name: str) -> None:
    sender = Sender(name)
    packed = gzip.compress(BODY)
    form = b"payload=" + urllib.parse.quote_plus(BODY).encode()
    coded = base64.b64encode(BODY)
    for signed, body, reason in (
        (BODY, packed, "compressed body"),
        (gzip.compress(BODY, mtime=0), BODY, "compressed body"),
        (BODY, coded, "base64 body"),
        (coded, BODY, "base64 body"),
        (BODY, form, "form body"),
        (form, BODY, "form body"),
    ):
        finding = find(sender, arrived(body, sender.sign(signed)))
        assert (finding.outcome, finding.reason) == ("bad signature", reason)
        assert finding.body is not None


@pytest.mark.parametrize(
    ("signed", "arrived_as", "reason"),
    [
        ('{"a":"é"}'.encode(), '{"a":"é"}'.encode("latin-1"), "other encoding"),
        ('{"a":"é"}'.encode("latin-1"), '{"a":"é"}'.encode(), "other encoding"),
        (b'{"a":"?"}', '{"a":"é"}'.encode(), "other encoding"),
        (b'{"a":"\\u00e9"}', '{"a":"é"}'.encode(), "re-serialised"),
        (rb'{"a":"http:\/\/x"}', b'{"a":"http://x"}', "re-serialised"),
        (b'{"a":"http://x"}', rb'{"a":"http:\/\/x"}', "re-serialised"),
        (b'{"a":1,"b":2.5}', b'{"a":1.0,"b":2.5}', "re-serialised"),
        (b'{\n  "a": 1\n}\n', b'{"a":1}', "re-serialised"),
        (b'{"a":1}', b'{\n  "a": 1\n}\n', "re-serialised"),
    ],
)
def test_a_text_that_was_written_in_another_way_is_recognised(
    signed: bytes, arrived_as: bytes, reason: str
) -> None:
    sender = Sender("github")
    finding = find(sender, arrived(arrived_as, sender.sign(signed)))
    assert (finding.outcome, finding.reason) == ("bad signature", reason)


def test_hex_in_place_of_base64_and_the_reverse_are_recognised() -> None:
    for name in ("github", "slack", "shopify", "standard", "square"):
        sender = Sender(name)
        header = sender.scheme.signature_header
        headers = sender.sign(BODY)
        label, _, value = headers[header].rpartition(
            "," if name == "standard" else "=" if "=" in sender.scheme.label else "\0"
        )
        front = label and label + ("," if name == "standard" else "=")
        if name in ("github", "slack"):
            other = base64.b64encode(bytes.fromhex(value)).decode()
            reason = "base64 instead of hex"
        else:
            other, reason = base64.b64decode(value).hex(), "hex instead of base64"
        finding = find(sender, arrived(BODY, headers | {header: front + other}))
        assert finding.outcome == "bad signature", name
        assert finding.reason == reason, name


@pytest.mark.parametrize(
    ("key", "secret", "reason"),
    [
        (f"{NAME}\n".encode(), NAME, "line break"),
        (f"{NAME}\r\n".encode(), NAME, "line break"),
        (f"{NAME} ".encode(), NAME, "space"),
        (f'"{NAME}"'.encode(), NAME, "quotation marks"),
        (f"'{NAME}'".encode(), NAME, "quotation marks"),
        (NAME.encode(), f'"{NAME}"', "quotation marks"),
        (NAME.encode(), f"'{NAME}'", "quotation marks"),
        (NAME.encode(), f"WEBHOOK_SECRET={NAME}", "NAME= in front"),
        (NAME.encode(), f'WEBHOOK_SECRET="{NAME}"', "NAME= in front"),
        (NAME.encode(), f"whsec_{NAME}", "secret cut"),
        (f"whsec_{NAME}".encode(), NAME, "secret without its prefix"),
        (b"", NAME, "empty secret"),
        (bytes.fromhex("ab" * 16), "ab" * 16, "secret decoded"),
    ],
)
def test_a_secret_with_something_around_it_is_recognised(
    key: bytes, secret: str, reason: str
) -> None:
    finding = github(key, secret)
    assert (finding.outcome, finding.reason) == ("bad signature", reason)
    assert secret not in finding.why


def test_a_standard_secret_is_cleaned_before_it_is_decoded() -> None:
    sender = Sender("standard")
    got = arrived(BODY, sender.sign(BODY))
    for secret, reason in (
        (f"SIGNING_SECRET={sender.secret}", "NAME= in front"),
        (f'"{sender.secret}"', "quotation marks"),
        (f"v1,{sender.secret}", "prefix of a version"),
    ):
        assert diagnose(got, Checking((secret,)), url=URL).reason in (reason, ""), (
            reason
        )


@pytest.mark.parametrize(
    ("secret", "says"),
    [
        ("sk_test_4eC39HqLyjWDarjtT1zdp7dc", "API key of Stripe"),
        ("we_1MpGxKLkdIwHu7ix", "id of an endpoint at Stripe"),
        ("ep_2ZJ6zXyPqRsTuVwX", "id of an endpoint at Svix"),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "access token of GitHub"),
        ("xoxb-17653672481-19874698323", "token of Slack"),
        ("AC" + "0123456789abcdef" * 2, "SID of Twilio"),
        ("pdl_live_apikey_01gtgztp8f4kek3y", "API key of Paddle"),
        ("ntfset_01gkpjp8bkm3tm53kdgkx6sms7", "notification setting at Paddle"),
        ("2f1c9d4e-1b2a-4c3d-8e4f-5a6b7c8d9e0f", "UUID"),
    ],
)
def test_an_api_key_or_an_id_in_place_of_the_secret_is_recognised(
    secret: str, says: str
) -> None:
    finding = github(NAME.encode(), secret)
    assert finding.reason == "no signing secret"
    assert says in finding.why


def test_twilio_behind_tls_and_proxies_is_recognised() -> None:
    sender = Sender("twilio")
    for called, headers in (
        ("https://shop.example/webhooks", {"Host": "127.0.0.1:5000"}),
        ("https://shop.example:443/webhooks", {"Host": "127.0.0.1:5000"}),
        ("https://shop.example/webhooks", {"Host": "shop.example"}),
    ):
        forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "shop.example"}
        got = arrived(BODY, headers | forwarded | sender.sign(BODY, url=called))
        finding = find(sender, got)
        assert (finding.outcome, finding.reason) == ("bad signature", "another URL")
        assert "X-Forwarded-Proto is https" in finding.why
        assert "X-Forwarded-Host is shop.example" in finding.why


def test_the_port_of_https_alone_makes_no_other_url() -> None:
    sender = Sender("twilio")
    got = arrived(BODY, sender.sign(BODY, url="http://127.0.0.1:5000/webhooks"))
    assert find(sender, got).outcome == "authentic"


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"Plaid-Verification": "eyJhbGciOiJFUzI1NiJ9.eyJpYXQiOjF9.c2ln"}, "a JWT"),
        ({"X-Goog-IAP": "Bearer eyJhbGciOiJ.eyJpYXQiOjF9.c2ln"}, "a JWT"),
        ({"X-Gitlab-Token": "(redacted)"}, "contains a token"),
        ({"X-Telegram-Bot-Api-Secret-Token": "(redacted)"}, "contains a token"),
        ({"Authorization": "(redacted)"}, "contains a token"),
        ({"X-Acme-Signature": "0" * 64}, "looks like a signature"),
        (
            {
                "webhook-id": "evt_1",
                "webhook-timestamp": str(NOW),
                "webhook-signature": "v1a," + "A" * 86 + "==",
            },
            "Ed25519 (v1a)",
        ),
    ],
)
def test_another_kind_of_proof_is_not_called_unsigned_or_malformed(
    headers: dict[str, str], says: str
) -> None:
    for find_out in (check, diagnose):
        finding = find_out(arrived(BODY, headers), Checking((NAME,)), url=URL)
        assert finding.outcome == "not checked"
        assert says in finding.why


def test_what_can_not_arrive_is_said_where_nothing_is_signed() -> None:
    finding = check(arrived(BODY, {"X-Plain": "1"}), Checking((NAME,)), url=URL)
    assert finding.outcome == "unsigned"
    assert "underscore" in finding.why


@pytest.mark.parametrize(
    ("front", "headers"),
    [
        (b"", {}),
        (f"{NOW}.".encode(), {"X-Acme-Timestamp": str(NOW)}),
        (f"{NOW}".encode(), {"X-Acme-Request-Timestamp": str(NOW)}),
        (f"{NOW},".encode(), {"X-Acme-Timestamp": str(NOW)}),
        (f"v0:{NOW}:".encode(), {"X-Acme-Timestamp": str(NOW)}),
        (f"m_1.{NOW}.".encode(), {"X-Acme-Timestamp": str(NOW), "X-Acme-Id": "m_1"}),
        (f"{URL}/webhooks".encode(), {}),
    ],
)
@pytest.mark.parametrize("written", ["as it arrived", "indented"])
def test_an_unknown_header_is_tried_in_every_layout_and_form(
    front: bytes, headers: dict[str, str], written: str
) -> None:
    body = BODY if written == "as it arrived" else json.dumps({"a": 1}).encode()
    signed = body if written == "as it arrived" else json.dumps({"a": 1}, indent=4)
    content = front + (signed if isinstance(signed, bytes) else signed.encode())
    value = hmac.new(NAME.encode(), content, hashlib.sha256).hexdigest()
    got = arrived(body, headers | {"X-Acme-Signature": value})
    finding = diagnose(got, Checking((NAME,)), url=URL)
    if written == "as it arrived":
        assert finding.outcome == "authentic"
    else:
        assert (finding.outcome, finding.reason) == ("bad signature", "re-serialised")
    assert "X-Acme-Signature is the HMAC-SHA256" in finding.why


@pytest.mark.parametrize("scheme", ["okta", "livekit", "google-pubsub"])
def test_a_signature_that_was_removed_from_a_capture_is_not_called_wrong(
    scheme: str,
) -> None:
    got = arrived(BODY, {"Authorization": HIDDEN})
    finding = diagnose(got, Checking((), scheme), url=URL)
    assert (finding.outcome, finding.reason) == ("not checked", "")
    assert finding.why.startswith(
        "Authorization was removed when the request was saved"
    )


@pytest.mark.parametrize("name", ["X-Acme-Sign", "X-Hash", "X-Acme-Token", "X-Acme-V"])
def test_a_signature_is_found_in_a_header_of_any_name(name: str) -> None:
    value = hmac.new(NAME.encode(), BODY, hashlib.sha256).hexdigest()
    headers = {"X-Request-Id": "0" * 64, name: value}
    finding = diagnose(arrived(BODY, headers), Checking((NAME,)), url=URL)
    assert (finding.outcome, finding.header) == ("authentic", name)
    assert finding.why.startswith(f"{name} is the HMAC-SHA256 over the body alone")
    other = diagnose(arrived(BODY, headers), Checking((NAME * 2,)), url=URL)
    assert other.outcome in ("unsigned", "not checked")


def test_a_header_with_the_time_inside_is_read_too() -> None:
    value = hmac.new(NAME.encode(), f"{NOW}.".encode() + BODY, hashlib.sha256)
    got = arrived(BODY, {"X-Acme-Signature": f"t={NOW},v1={value.hexdigest()}"})
    assert diagnose(got, Checking((NAME,)), url=URL).outcome == "authentic"
