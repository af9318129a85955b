"""What the inspector finds out about a signature, and why one does not fit."""

import base64
import hashlib
import hmac
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.errors import BadSecret, UnknownName
from labkit.inspector import Checking, Problem, check, diagnose
from labkit.inspector.finding import difference
from labkit.model import LAB_EPOCH, Request
from labkit.receiver import Received
from labkit.samples import payments
from labkit.signing import SCHEMES

pytestmark = pytest.mark.pure

URL = "http://127.0.0.1:5000"
NOW = 1_790_000_000
BODY = payments(1)[0].body
WITH_HMAC = [name for name in SCHEMES if name != "discord"]
TIMED = ["stripe", "slack", "standard", "svix", "paddle"]


def arrived(
    body: bytes, headers: dict[str, str], *, number: int = 1, path: str = "/webhooks"
) -> Received:
    request = Request("POST", path, tuple(headers.items()), body)
    return Received(request, 200, 0.001, "", None, number, float(NOW))


class Sender:
    """Signs by one scheme, with a secret of its own."""

    def __init__(self, scheme: str, *, seed: int = 1) -> None:
        self.scheme = SCHEMES[scheme]
        self.secret = self.scheme.make_secret(random.Random(seed))
        self.checking = Checking((self.scheme.receiver_secret(self.secret),))

    def sign(
        self,
        body: bytes,
        *,
        at: int = NOW,
        url: str = f"{URL}/webhooks",
        id_: str = "m",
    ) -> dict[str, str]:
        return self.scheme.sign(body, secret=self.secret, id=id_, timestamp=at, url=url)


def find(sender: Sender, got: Received, *others: Received) -> Problem:
    return diagnose(got, sender.checking, url=URL, others=others)


@pytest.fixture(params=list(SCHEMES))
def sender(request: pytest.FixtureRequest) -> Sender:
    if request.param == "discord":
        pytest.importorskip("cryptography", reason="Discord signs with Ed25519")
    return Sender(request.param)


def test_what_is_authentic_is_found_authentic_by_its_headers(sender: Sender) -> None:
    finding = find(sender, arrived(BODY, sender.sign(BODY)))
    assert finding.outcome == "authentic"
    assert finding.scheme == sender.scheme.name
    assert finding.differs_at is None


@pytest.mark.parametrize(
    "style",
    [
        {},
        {"separators": (",", ":")},
        {"indent": 2},
        {"sort_keys": True},
        {"ensure_ascii": False, "sort_keys": True, "separators": (",", ":")},
    ],
)
def test_json_that_was_written_anew_is_recognised(
    sender: Sender, style: dict[str, Any]
) -> None:
    content = {"b": "é", "a": [1, {"c": None}]}
    signed = json.dumps(content, **style).encode()
    changed = json.dumps(content, indent=4, ensure_ascii=False).encode()
    finding = find(sender, arrived(changed, sender.sign(signed)))
    assert (finding.outcome, finding.reason) == ("bad signature", "re-serialised")
    assert finding.body == difference(signed, changed)


def test_another_secret_is_told_with_what_was_expected(sender: Sender) -> None:
    other = Sender(sender.scheme.name, seed=2)
    finding = find(sender, arrived(BODY, other.sign(BODY)))
    assert finding.outcome == "bad signature"
    assert finding.reason == "other secret or content"
    if sender.scheme.name != "discord":
        header = sender.scheme.signature_header
        assert finding.given == other.sign(BODY)[header]
        assert finding.expected == sender.sign(BODY)[header]
        assert finding.differs_at is not None
        assert (
            finding.given[: finding.differs_at]
            == (finding.expected[: finding.differs_at])
        )


def test_a_changed_body_is_found_where_the_original_came_too(sender: Sender) -> None:
    first = arrived(BODY, sender.sign(BODY))
    forged = BODY.replace(b"A-1", b"A-9")
    finding = find(sender, arrived(forged, sender.sign(BODY), number=2), first)
    assert finding.reason == "changed body"
    assert "the body of request 1" in finding.why
    assert finding.body is not None
    assert finding.body.at == BODY.index(b"A-1") + 2


def test_a_changed_line_end_is_recognised(sender: Sender) -> None:
    signed = b'{"a": "1",\n"b": 2}'
    for body in (signed + b"\n", signed.replace(b"\n", b"\r\n")):
        finding = find(sender, arrived(body, sender.sign(signed)))
        assert finding.reason == "line ends changed"


def test_an_empty_body_in_place_of_the_whole_is_recognised(sender: Sender) -> None:
    finding = find(sender, arrived(BODY, sender.sign(b"")))
    if sender.scheme.name != "twilio":
        assert finding.reason == "body not signed"


@pytest.mark.parametrize("name", TIMED)
def test_what_is_too_old_or_too_new_is_stale_with_its_age(name: str) -> None:
    sender = Sender(name)
    old = find(sender, arrived(BODY, sender.sign(BODY, at=NOW - 412)))
    assert (old.outcome, old.reason) == ("stale", "too old")
    assert "age 412 s" in old.why
    new = find(sender, arrived(BODY, sender.sign(BODY, at=NOW + 412)))
    assert (new.outcome, new.reason) == ("stale", "from the future")
    lab = find(sender, arrived(BODY, sender.sign(BODY, at=LAB_EPOCH)))
    assert "clock of the lab" in lab.why


@pytest.mark.parametrize("name", ["stripe", "slack", "standard", "zoom"])
def test_a_renewed_time_under_an_old_signature_is_a_replay(name: str) -> None:
    sender = Sender(name)
    first = arrived(BODY, sender.sign(BODY, at=NOW - 1000))
    headers = {
        key: value.replace(str(NOW - 1000), str(NOW))
        for key, value in sender.sign(BODY, at=NOW - 1000).items()
    }
    finding = find(sender, arrived(BODY, headers, number=2), first)
    assert finding.reason == "changed time"
    assert "replay" in finding.why


@pytest.mark.parametrize("name", ["square", "twilio"])
def test_another_url_is_recognised(name: str) -> None:
    sender = Sender(name)
    headers = {"Host": "shop.example"} | sender.sign(
        BODY, url="https://shop.example/webhooks"
    )
    finding = find(sender, arrived(BODY, headers))
    assert finding.reason == "another URL"
    assert "https://shop.example/webhooks" in finding.why


def test_a_secret_that_was_not_decoded_or_cut_is_recognised() -> None:
    standard, stripe = Sender("standard"), Sender("stripe")
    content = f"m.{NOW}.".encode() + BODY
    digest = hmac.digest(standard.secret.encode(), content, "sha256")
    headers = standard.sign(BODY) | {
        "webhook-signature": "v1," + base64.b64encode(digest).decode()
    }
    assert find(standard, arrived(BODY, headers)).reason == "secret not decoded"

    key = stripe.secret.removeprefix("whsec_").encode()
    digest = hmac.digest(key, f"{NOW}.".encode() + BODY, "sha256")
    headers = {"Stripe-Signature": f"t={NOW},v1={digest.hex()}"}
    finding = find(stripe, arrived(BODY, headers))
    assert finding.reason == "secret cut"
    assert "as text without whsec_" in finding.why


def test_other_content_and_another_digest_are_recognised() -> None:
    stripe, github = Sender("stripe"), Sender("github")
    digest = hmac.digest(stripe.secret.encode(), BODY, "sha256")
    headers = {"Stripe-Signature": f"t={NOW},v1={digest.hex()}"}
    finding = find(stripe, arrived(BODY, headers))
    assert finding.reason == "other content signed"
    assert "The body alone was signed" in finding.why

    digest = hmac.digest(github.secret.encode(), BODY, "sha512")
    headers = {"X-Hub-Signature-256": f"sha256={digest.hex()[:64]}"}
    assert find(github, arrived(BODY, headers)).reason == "other secret or content"
    content = json.dumps(json.loads(BODY)).encode()
    digest = hmac.digest(github.secret.encode() + b"\n", content, "sha256")
    headers = {"X-Hub-Signature-256": f"sha256={digest.hex()}"}
    assert find(github, arrived(BODY, headers)).reason == "re-serialised, line break"


def test_a_header_of_an_unknown_scheme_is_tried_too() -> None:
    digest = hashlib.sha256
    value = base64.b64encode(hmac.new(b"pepper-and-salt", BODY, digest).digest())
    got = arrived(BODY, {"X-Acme-Signature": value.decode()})
    assert check(got, Checking(), url=URL).outcome == "not checked"
    finding = diagnose(got, Checking(("pepper-and-salt",)), url=URL)
    assert finding.outcome == "authentic"
    assert "HMAC-SHA256 over the body alone" in finding.why
    assert diagnose(got, Checking(("another",)), url=URL).outcome == "not checked"


def test_without_a_secret_it_says_how_to_give_one(sender: Sender) -> None:
    got = arrived(BODY, sender.sign(BODY))
    finding = diagnose(got, Checking(), url=URL)
    assert finding.outcome == "not checked"
    assert "receiver.inspector(secret=…)" in finding.why


def test_unsigned_and_unreadable_are_told_apart() -> None:
    sender = Sender("stripe")
    unsigned = diagnose(
        arrived(BODY, {}), Checking((sender.secret,), "stripe"), url=URL
    )
    assert (unsigned.outcome, unsigned.scheme) == ("unsigned", "stripe")
    assert diagnose(arrived(BODY, {}), Checking(), url=URL).outcome == "unsigned"
    broken = find(sender, arrived(BODY, {"Stripe-Signature": "t=1"}))
    assert broken.outcome == "unreadable"
    assert "expected t=<seconds>,v1=<hex>" in broken.why


def test_one_of_several_secrets_is_enough() -> None:
    old, new = Sender("stripe", seed=1), Sender("stripe", seed=2)
    both = Checking((old.secret, new.secret))
    got = arrived(BODY, new.sign(BODY))
    assert diagnose(got, both, url=URL).outcome == "authentic"


def test_what_can_not_be_right_is_said_at_once() -> None:
    with pytest.raises(UnknownName, match="stripe"):
        Checking(("whsec_x",), "strype")
    with pytest.raises(BadSecret, match="64 hex digits"):
        Checking(("abc",), "discord")
    with pytest.raises(BadSecret, match="empty"):
        Checking(("",))


def test_the_text_form_points_at_the_place() -> None:
    sender = Sender("generic")
    changed = json.dumps(json.loads(BODY)).encode()
    lines = str(find(sender, arrived(changed, sender.sign(BODY)))).splitlines()
    assert lines[0] == "generic: bad signature, re-serialised"
    first = next(i for i, line in enumerate(lines) if line.startswith("  given "))
    given, expected, mark = lines[first : first + 3]
    at = mark.index("^")
    assert given[:at] == expected[:at].replace("expected ", "given    ")
    assert given[at] != expected[at]
    assert lines[-1].endswith("^ byte 6")


@settings(max_examples=150, deadline=None)
@given(
    body=st.binary(max_size=200),
    value=st.text(max_size=120) | st.from_regex(r"(t=\d+,)?v[01]=[0-9a-f]{0,64}"),
    name=st.sampled_from([scheme.signature_header for scheme in SCHEMES.values()]),
    extra=st.dictionaries(
        st.sampled_from(
            [
                header
                for scheme in SCHEMES.values()
                for header in (scheme.id_header, scheme.timestamp_header)
                if header
            ]
        ),
        st.text(max_size=40),
    ),
)
def test_no_request_makes_it_fail(
    body: bytes, value: str, name: str, extra: dict[str, str]
) -> None:
    secrets = tuple(Sender(scheme).checking.secrets[0] for scheme in WITH_HMAC)
    got = arrived(body, extra | {name: value})
    finding = diagnose(got, Checking(secrets), url=URL, others=[got])
    assert finding.outcome in (
        "bad signature", "unreadable", "unsigned", "not checked"
    )  # fmt: skip
    assert str(finding)


def test_a_body_of_megabytes_is_explained() -> None:
    sender = Sender("generic")
    big = json.dumps({"text": "x" * 5_000_000}).encode()
    finding = find(sender, arrived(big + b"\n", sender.sign(big)))
    assert finding.reason == "line ends changed"
    assert finding.body is not None
    assert finding.body.at == len(big)
