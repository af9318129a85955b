"""Signing and verifying, over every scheme; the vectors are other people's."""

import itertools
import json
import math
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
from labkit.signing import SCHEMES, Scheme
from labkit.signing.discord import Discord
from labkit.signing.standard import Standard
from labkit.signing.timed import Slack

pytestmark = pytest.mark.pure

VECTORS: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("vectors").joinpath("signing.json").read_text("utf-8")
)
FIXED_NAMES = """
generic github stripe slack shopify standard svix twilio square zoom discord paddle
"""
TIMED = ["stripe", "slack", "standard", "svix", "zoom", "discord", "paddle"]
BODY = '{"id":"evt_1","event":"order.paid","data":{"note":"naïve – 雪"}}'.encode()
FORM = b"CallSid=CA12&Digits=1234&From=%2B14158675309"
NOW = 1_767_225_600
URL = "https://shop.example/webhooks"


@pytest.fixture(params=list(SCHEMES))
def scheme(request: pytest.FixtureRequest) -> Scheme:
    if request.param == "discord":
        pytest.importorskip("cryptography", reason="Discord signs with Ed25519")
    return SCHEMES[request.param]


@pytest.fixture
def secret(scheme: Scheme) -> str:
    return scheme.make_secret(random.Random(1))


@pytest.fixture
def other_secret(scheme: Scheme) -> str:
    return scheme.make_secret(random.Random(2))


def sign(scheme: Scheme, secret: str, **changes: Any) -> dict[str, str]:
    wanted: dict[str, Any] = {
        "id": "evt_1",
        "timestamp": NOW,
        "url": URL,
        "body": BODY,
    } | changes
    return scheme.sign(wanted.pop("body"), secret=secret, **wanted)


def verify(
    scheme: Scheme, secret: str, headers: dict[str, str], **changes: Any
) -> None:
    wanted: dict[str, Any] = {
        "secrets": [secret],
        "now": NOW,
        "url": URL,
        "body": BODY,
    } | changes
    scheme.verify(wanted.pop("body"), headers, **wanted)


def refusal(
    scheme: Scheme, secret: str, headers: dict[str, str], body: bytes
) -> VerificationError | None:
    try:
        verify(scheme, secret, headers, body=body)
    except VerificationError as error:
        return error
    return None


# The table of schemes


def test_every_scheme_is_found_under_its_own_name() -> None:
    assert set(FIXED_NAMES.split()) <= set(SCHEMES)
    assert [scheme.name for scheme in SCHEMES.values()] == list(SCHEMES)


def test_an_unknown_scheme_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="'github'") as caught:
        SCHEMES["gihub"]
    assert caught.value.nearest == "github"
    assert "gihub" not in SCHEMES


def test_a_scheme_says_what_it_covers(scheme: Scheme) -> None:
    assert "signed" in scheme.covers
    assert scheme.covers.endswith(".")


# Published vectors


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["source"])
def test_a_published_vector_is_signed_exactly_so(vector: dict[str, Any]) -> None:
    headers = SCHEMES[vector["scheme"]].sign(
        vector["body"].encode(),
        secret=vector["secret"],
        id=vector["id"],
        timestamp=vector["timestamp"],
        url=vector["url"],
    )
    assert vector["headers"].items() <= headers.items()


@pytest.mark.parametrize(
    "vector",
    [vector for vector in VECTORS if "X-Hub-Signature" not in vector["headers"]],
    ids=lambda vector: vector["source"],
)
def test_a_published_vector_is_verified(vector: dict[str, Any]) -> None:
    SCHEMES[vector["scheme"]].verify(
        vector["body"].encode(),
        vector["headers"],
        secrets=[vector["secret"]],
        now=vector["timestamp"],
        url=vector["url"],
    )


def test_the_sample_headers_of_the_specification_are_no_vector() -> None:
    # They show the form only: no published secret belongs to the v1 part, and the v1a
    # part is the signature of another message.
    headers = {
        "webhook-id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
        "webhook-timestamp": "1674087231",
        "webhook-signature": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    }
    with pytest.raises(SignatureMismatch):
        SCHEMES["standard"].verify(
            b'{"test": 2432232314}',
            headers,
            secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
            now=1674087231,
        )


# What is signed, and what is not


def test_what_is_signed_is_verified(scheme: Scheme, secret: str) -> None:
    verify(scheme, secret, sign(scheme, secret))


@pytest.mark.parametrize("body", [b"", b"\xff\x00\n", b"a" * 100_000, b"{}"])
def test_any_bytes_can_be_signed(scheme: Scheme, secret: str, body: bytes) -> None:
    verify(scheme, secret, sign(scheme, secret, body=body), body=body)


def test_header_names_count_in_any_case(scheme: Scheme, secret: str) -> None:
    headers = sign(scheme, secret)
    verify(scheme, secret, {name.upper(): v for name, v in headers.items()})
    verify(scheme, secret, {name.lower(): v for name, v in headers.items()})


def test_a_change_at_any_place_of_the_body_is_refused(
    scheme: Scheme, secret: str
) -> None:
    headers = sign(scheme, secret)
    for place in range(len(BODY)):
        changed = bytearray(BODY)
        changed[place] ^= 1
        with pytest.raises(SignatureMismatch):
            verify(scheme, secret, headers, body=bytes(changed))


@pytest.mark.parametrize(
    "body",
    [b"", BODY[:-1], BODY + b" ", BODY.replace(b",", b", "), json.loads(BODY)["id"]],
    ids=["emptied", "cut", "longer", "spaced", "another"],
)
def test_another_body_is_refused(
    scheme: Scheme, secret: str, body: bytes | str
) -> None:
    other = body.encode() if isinstance(body, str) else body
    with pytest.raises(SignatureMismatch):
        verify(scheme, secret, sign(scheme, secret), body=other)


def test_another_secret_is_refused(
    scheme: Scheme, secret: str, other_secret: str
) -> None:
    with pytest.raises(SignatureMismatch) as caught:
        verify(scheme, other_secret, sign(scheme, secret))
    assert caught.value.header == scheme.signature_header
    assert caught.value.given in sign(scheme, secret).values()


@pytest.mark.parametrize("name", ["standard", "svix"])
def test_a_signed_id_cannot_be_changed(name: str) -> None:
    scheme = SCHEMES[name]
    secret = scheme.make_secret(random.Random(1))
    headers = sign(scheme, secret) | {f"{scheme.id_header}": "evt_2"}
    with pytest.raises(SignatureMismatch, match="id, time and body"):
        verify(scheme, secret, headers)


@pytest.mark.parametrize("name", ["github", "shopify"])
def test_an_unsigned_id_can_be_changed_by_anybody(name: str) -> None:
    scheme = SCHEMES[name]
    secret = scheme.make_secret(random.Random(1))
    headers = sign(scheme, secret)
    assert headers[f"{scheme.id_header}"] == "evt_1"
    verify(scheme, secret, headers | {f"{scheme.id_header}": "evt_2"})


@pytest.mark.parametrize("scheme", TIMED, indirect=True)
def test_a_signed_time_cannot_be_changed(scheme: Scheme, secret: str) -> None:
    headers = sign(scheme, secret)
    changed = {n: v.replace(str(NOW), str(NOW + 1)) for n, v in headers.items()}
    assert changed != headers
    with pytest.raises(SignatureMismatch):
        verify(scheme, secret, changed)


def test_only_schemes_with_a_time_sign_a_retry_anew(
    scheme: Scheme, secret: str
) -> None:
    first, second = sign(scheme, secret), sign(scheme, secret, timestamp=NOW + 60)
    assert (first != second) == scheme.renewed_per_attempt


def test_the_header_holds_whole_seconds(scheme: Scheme, secret: str) -> None:
    assert sign(scheme, secret, timestamp=NOW + 0.9) == sign(scheme, secret)


@pytest.mark.parametrize("name", ["twilio", "square"])
def test_a_signed_url_cannot_be_changed(name: str) -> None:
    scheme = SCHEMES[name]
    secret = scheme.make_secret(random.Random(1))
    headers = sign(scheme, secret)
    with pytest.raises(SignatureMismatch, match="URL and body"):
        verify(scheme, secret, headers, url=URL.replace("https", "http"))
    with pytest.raises(BadSetting, match="signs the URL"):
        verify(scheme, secret, headers, url="")
    with pytest.raises(BadSetting, match="signs the URL"):
        sign(scheme, secret, url="")


def test_the_kit_sends_the_id_where_the_provider_does(
    scheme: Scheme, secret: str
) -> None:
    headers = sign(scheme, secret)
    assert scheme.signature_header in headers
    assert scheme.id_header is None or headers[scheme.id_header] == "evt_1"
    assert scheme.timestamp_header is None or (
        str(NOW) in headers[scheme.timestamp_header]
    )


# Headers that are missing or can't be read


def test_a_missing_header_is_named(scheme: Scheme, secret: str) -> None:
    headers = sign(scheme, secret)
    signed = {scheme.signature_header, scheme.timestamp_header}
    if "id" in scheme.signed:
        signed.add(scheme.id_header)
    for name in signed - {None}:
        rest = {key: value for key, value in headers.items() if key != name}
        with pytest.raises(SignatureMissing) as caught:
            verify(scheme, secret, rest)
        assert caught.value.header == name


def test_a_signature_that_cannot_be_read_is_shown(scheme: Scheme, secret: str) -> None:
    unreadable = ["", " ", "sha256=", "v0=", "v1,", "é", "\udce9", "0" * 63, "t=1"]
    if scheme.label:
        unreadable.append("0" * 64)
    for value in [*unreadable, "ts=1", "\n"]:
        headers = sign(scheme, secret) | {scheme.signature_header: value}
        if value == "v1," and scheme.name in ("standard", "svix"):
            # There it can be read: as a signature of no bytes.
            with pytest.raises(SignatureMismatch):
                verify(scheme, secret, headers)
            continue
        with pytest.raises(SignatureMalformed) as caught:
            verify(scheme, secret, headers)
        assert caught.value.value == value


@pytest.mark.parametrize("scheme", TIMED, indirect=True)
def test_a_timestamp_that_is_none_is_shown(scheme: Scheme, secret: str) -> None:
    headers = sign(scheme, secret)
    unreadable = ["", "nan", "inf", "-1", "1.5", "1e9", "٣", "²", "1_0", " 1", "0x1"]
    for moment in [*unreadable, "9" * 5000]:
        changed = {n: v.replace(str(NOW), moment) for n, v in headers.items()}
        with pytest.raises(SignatureMalformed, match="seconds since 1970") as caught:
            verify(scheme, secret, changed)
        assert caught.value.value == moment


def test_a_header_that_is_no_text_is_refused(scheme: Scheme, secret: str) -> None:
    headers: dict[Any, Any] = {**sign(scheme, secret), 7: "seven"}
    headers[scheme.signature_header] = b"bytes"
    with pytest.raises(SignatureMalformed, match="bytes"):
        verify(scheme, secret, headers)


def test_the_old_sha1_signature_of_github_alone_is_not_enough() -> None:
    scheme = SCHEMES["github"]
    headers = sign(scheme, "It's a Secret to Everybody")
    del headers["X-Hub-Signature-256"]
    with pytest.raises(SignatureMissing):
        verify(scheme, "It's a Secret to Everybody", headers)


def test_svix_reads_the_standard_names_too() -> None:
    secret = SCHEMES["standard"].make_secret(random.Random(1))
    headers = sign(SCHEMES["standard"], secret)
    verify(SCHEMES["svix"], secret, headers)
    headers["webhook-id"] = "evt_2"
    with pytest.raises(SignatureMismatch) as caught:
        verify(SCHEMES["svix"], secret, headers)
    assert caught.value.header == "webhook-signature"


@pytest.mark.parametrize("name", ["standard", "svix"])
@pytest.mark.parametrize("wrong", ["", "evt.1"])
def test_an_id_with_a_full_stop_is_refused_on_both_sides(name: str, wrong: str) -> None:
    scheme = SCHEMES[name]
    secret = scheme.make_secret(random.Random(1))
    with pytest.raises(BadSetting, match="full stop"):
        sign(scheme, secret, id=wrong)
    headers = sign(scheme, secret) | {f"{scheme.id_header}": wrong}
    with pytest.raises(SignatureMalformed, match="full stop"):
        verify(scheme, secret, headers)


# Rotation


def test_both_secrets_of_a_rotation_are_accepted(
    scheme: Scheme, secret: str, other_secret: str
) -> None:
    if not scheme.rotates:
        with pytest.raises(BadSetting, match="one signature, not 2"):
            sign(scheme, secret, extra_secrets=[other_secret])
        return
    headers = sign(scheme, secret, extra_secrets=[other_secret])
    verify(scheme, secret, headers)
    verify(scheme, other_secret, headers)
    third = scheme.make_secret(random.Random(3))
    with pytest.raises(SignatureMismatch):
        verify(scheme, third, headers)


def test_a_receiver_may_hold_several_secrets(
    scheme: Scheme, secret: str, other_secret: str
) -> None:
    headers = sign(scheme, secret)
    verify(scheme, secret, headers, secrets=[other_secret, secret])
    verify(scheme, secret, headers, secrets=(secret, other_secret))


@pytest.mark.parametrize(
    ("name", "separator", "label"),
    [
        ("standard", " ", "v1,"),
        ("svix", " ", "v1,"),
        ("stripe", ",", "v1="),
        ("paddle", ";", "h1="),
    ],
)
def test_one_good_signature_is_found_among_ten_thousand(
    name: str, separator: str, label: str
) -> None:
    scheme = SCHEMES[name]
    secret = scheme.make_secret(random.Random(1))
    headers = sign(scheme, secret)
    good = headers[scheme.signature_header]
    garbage = separator.join(["v0a", "", f"{label}é"] + [f"{label}aa"] * 10_000)
    for mixed in (good + separator + garbage, garbage + separator + good):
        verify(scheme, secret, headers | {scheme.signature_header: mixed})
    stamp = good.split(separator)[0] if separator != " " else "v1,bb"
    forged = stamp + separator + garbage
    with pytest.raises(SignatureMismatch):
        verify(scheme, secret, headers | {scheme.signature_header: forged})


@pytest.mark.parametrize(("name", "more"), [("stripe", ",t=1"), ("paddle", ";ts=1")])
def test_of_two_times_in_one_header_the_first_counts(name: str, more: str) -> None:
    scheme = SCHEMES[name]
    secret = scheme.make_secret(random.Random(1))
    header = sign(scheme, secret)[scheme.signature_header]
    verify(scheme, secret, {scheme.signature_header: header + more})
    with pytest.raises(SignatureMismatch):
        verify(
            scheme, secret, {scheme.signature_header: f"{more[1:]}{more[0]}{header}"}
        )


def test_a_signature_of_another_kind_alone_cannot_be_read() -> None:
    scheme = SCHEMES["standard"]
    secret = scheme.make_secret(random.Random(1))
    headers = sign(scheme, secret)
    good = headers["webhook-signature"]
    asymmetric = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7"
    verify(scheme, secret, headers | {"webhook-signature": f"{asymmetric} {good}"})
    with pytest.raises(SignatureMalformed, match="v1,"):
        verify(scheme, secret, headers | {"webhook-signature": asymmetric})


# Age


def test_the_age_is_bounded_both_ways(scheme: Scheme, secret: str) -> None:
    headers = sign(scheme, secret)
    tolerance = scheme.tolerance
    if tolerance is None:
        verify(scheme, secret, headers, now=NOW + 10 * 365 * 86_400)
        verify(scheme, secret, headers, now=NOW - 10 * 365 * 86_400)
        return
    for age in (-tolerance, tolerance):
        verify(scheme, secret, headers, now=NOW + age)
    for age in (-tolerance - 0.5, tolerance + 0.5):
        with pytest.raises(TimestampOutOfTolerance) as caught:
            verify(scheme, secret, headers, now=NOW + age)
        assert (caught.value.age, caught.value.tolerance) == (age, tolerance)
    with pytest.raises(TimestampOutOfTolerance):
        verify(scheme, secret, headers, now=math.nan)


def test_the_tolerances_are_those_of_the_libraries() -> None:
    found = {name: scheme.tolerance for name, scheme in SCHEMES.items()}
    assert {name: age for name, age in found.items() if age is not None} == {
        "stripe": 300,
        "slack": 300,
        "standard": 300,
        "svix": 300,
        "paddle": 5,
    }


def test_the_tolerance_can_be_set(scheme: Scheme, secret: str) -> None:
    kind = type(scheme)
    headers = sign(scheme, secret)
    if not scheme.renewed_per_attempt:
        with pytest.raises(BadSetting, match="signs no timestamp"):
            kind(tolerance=300)
        return
    with pytest.raises(TimestampOutOfTolerance, match="age 61 s, tolerance 60 s"):
        verify(kind(tolerance=60), secret, headers, now=NOW + 61)
    verify(kind(tolerance=math.inf), secret, headers, now=NOW + 1e9)


@pytest.mark.parametrize("tolerance", [0, -1, math.nan])
def test_a_tolerance_without_sense_is_refused(tolerance: float) -> None:
    with pytest.raises(BadSetting, match="tolerance"):
        Slack(tolerance=tolerance)


def test_milliseconds_are_found_out_by_their_age() -> None:
    scheme = SCHEMES["stripe"]
    secret = scheme.make_secret(random.Random(1))
    with pytest.raises(TimestampOutOfTolerance, match="ahead"):
        verify(scheme, secret, sign(scheme, secret, timestamp=NOW * 1000))


def test_a_forged_old_request_is_called_forged_not_old() -> None:
    scheme = SCHEMES["standard"]
    secret = scheme.make_secret(random.Random(1))
    with pytest.raises(SignatureMismatch):
        verify(scheme, secret, sign(scheme, secret), body=b"{}", now=NOW + 900)


# Secrets


def test_a_secret_that_can_be_none_is_refused_at_once(
    scheme: Scheme, secret: str
) -> None:
    headers = sign(scheme, secret)
    calls: list[Callable[[Any], object]] = [
        scheme.check_secret,
        scheme.receiver_secret,
        lambda wrong: sign(scheme, wrong),
        lambda wrong: verify(scheme, wrong, headers),
        lambda wrong: verify(scheme, wrong, headers, secrets=[secret, wrong]),
    ]
    text = ["", "    ", "s3cret\n", " s3cret", "s3\x00cret", "s3\udce9cret"]
    for call, wrong in itertools.product(calls, [*text, None, b"s"]):
        with pytest.raises(BadSecret, match=scheme.name) as caught:
            call(wrong)
        assert "s3" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("standard", "whsec_"),
        ("standard", "whsec_QUFBQ"),
        ("standard", "whsec_é"),
        ("svix", "====="),
        ("discord", "ab" * 31),
        ("discord", "xy" * 32),
    ],
)
def test_a_secret_of_the_wrong_form_is_refused_and_not_shown(
    name: str, wrong: str
) -> None:
    with pytest.raises(BadSecret, match="(?i)" + name) as caught:
        SCHEMES[name].check_secret(wrong)
    assert wrong == "whsec_" or wrong not in str(caught.value)


def test_the_prefix_of_a_standard_secret_may_be_left_out() -> None:
    scheme = SCHEMES["standard"]
    secret = scheme.make_secret(random.Random(1))
    verify(scheme, secret.removeprefix("whsec_"), sign(scheme, secret))


def test_no_secret_at_all_verifies_nothing(scheme: Scheme, secret: str) -> None:
    headers = sign(scheme, secret)
    with pytest.raises(BadSecret, match="at least one"):
        verify(scheme, secret, headers, secrets=[])
    with pytest.raises(BadSecret, match="give a list"):
        verify(scheme, secret, headers, secrets=secret)


def test_a_made_up_secret_is_valid_and_the_same_for_the_same_seed(
    scheme: Scheme, secret: str, other_secret: str
) -> None:
    scheme.check_secret(secret)
    assert secret == scheme.make_secret(random.Random(1))
    assert secret != other_secret


def test_the_receiver_verifies_with_what_it_is_given(
    scheme: Scheme, secret: str
) -> None:
    verify(scheme, scheme.receiver_secret(secret), sign(scheme, secret))


def test_the_public_key_of_discord_cannot_sign() -> None:
    pytest.importorskip("cryptography", reason="Discord signs with Ed25519")
    scheme = Discord()
    pair = scheme.make_secret(random.Random(1))
    public = scheme.receiver_secret(pair)
    assert pair.endswith(public)
    assert len(public) == 64
    with pytest.raises(BadSecret, match="can't sign"):
        sign(scheme, public)
    stranger = scheme.make_secret(random.Random(2))
    with pytest.raises(BadSecret, match="do not belong together"):
        sign(scheme, pair[:64] + stranger[64:])


def test_discord_without_its_package_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "cryptography.hazmat.primitives.asymmetric"
    monkeypatch.setitem(sys.modules, name, None)
    unused = random.Random(404)
    with pytest.raises(BadSetting, match=r"pip install 'webhook-lab\[discord\]'"):
        Discord().make_secret(unused)


# What goes with a signature


def test_the_event_type_is_announced_where_the_provider_does() -> None:
    announced = {n: s.announce("order.paid") for n, s in SCHEMES.items()}
    assert announced.pop("github") == {"X-GitHub-Event": "order.paid"}
    assert announced.pop("shopify")["X-Shopify-Topic"] == "order.paid"
    assert not any(announced.values())


def test_only_twilio_calls_another_url_than_the_configured_one() -> None:
    targets = {name: scheme.target(URL, BODY) for name, scheme in SCHEMES.items()}
    twilio = targets.pop("twilio")
    assert set(targets.values()) == {URL}
    assert twilio.startswith(f"{URL}?bodySHA256=")
    assert len(twilio) == len(f"{URL}?bodySHA256=") + 64
    assert SCHEMES["twilio"].target(twilio, BODY) == twilio
    assert SCHEMES["twilio"].target(URL + "?a=1", BODY).startswith(f"{URL}?a=1&body")
    assert SCHEMES["twilio"].target(URL, FORM) == URL


def test_twilio_signs_json_through_its_hash_in_the_url() -> None:
    scheme = SCHEMES["twilio"]
    target = scheme.target(URL, BODY)
    headers = sign(scheme, "12345", url=target)
    assert headers == sign(scheme, "12345")
    verify(scheme, "12345", headers, url=target)
    with pytest.raises(SignatureMismatch):
        verify(scheme, "12345", headers, url=target, body=BODY + b" ")
    with pytest.raises(SignatureMismatch):
        verify(scheme, "12345", headers, url=scheme.target(URL, b"{}"), body=b"{}")


def test_twilio_signs_the_fields_of_a_form_in_any_order() -> None:
    scheme = SCHEMES["twilio"]
    headers = sign(scheme, "12345", body=FORM)
    verify(scheme, "12345", headers, body=FORM)
    verify(scheme, "12345", headers, body=b"&".join(reversed(FORM.split(b"&"))))
    for forged in (FORM.replace(b"1234", b"1235"), FORM + b"&Paid=1", b"", b"{}"):
        with pytest.raises(SignatureMismatch):
            verify(scheme, "12345", headers, body=forged)


# Whatever comes


def test_verify_raises_nothing_but_verification_errors() -> None:
    hypothesis = pytest.importorskip("hypothesis", reason="makes up the garbage")
    pytest.importorskip("cryptography", reason="Discord signs with Ed25519")
    st = hypothesis.strategies
    # A number stands for a name, or a value, of the request that a scheme signs.
    places = st.integers(0, 5)
    pieces = st.sampled_from(
        ["sha256=", "v0=", "v1,", "t=", "ts=", "h1=", "v1=", ",", ";", " ", str(NOW)]
    )
    values = st.one_of(
        st.text(),
        st.lists(st.one_of(pieces, st.text(max_size=3)), max_size=8).map("".join),
        places,
        st.text("0123456789", max_size=40),
        st.text("0123456789abcdef", min_size=128, max_size=128),
    )
    headers = st.dictionaries(st.one_of(places, st.text()), values, max_size=5)
    secrets = {
        name: scheme.make_secret(random.Random(1)) for name, scheme in SCHEMES.items()
    }
    signed = {name: sign(SCHEMES[name], secret) for name, secret in secrets.items()}

    def put_in(part: str | int, genuine: list[str]) -> str:
        return part if isinstance(part, str) else genuine[part % len(genuine)]

    @hypothesis.settings(  # type: ignore[untyped-decorator]
        max_examples=150, deadline=None, derandomize=True, database=None
    )
    @hypothesis.given(  # type: ignore[untyped-decorator]
        body=st.one_of(st.just(BODY), st.binary()),
        headers=headers,
        replaced=st.booleans(),
    )
    def garbage(
        body: bytes, headers: dict[str | int, str | int], replaced: bool
    ) -> None:
        for name, genuine in signed.items():
            names = [*genuine, *(each.lower() for each in genuine)]
            given = {
                put_in(key, names): put_in(value, [*genuine.values()])
                for key, value in headers.items()
            }
            given = genuine | given if replaced else given
            error = refusal(SCHEMES[name], secrets[name], given, body)
            assert error is not None or body == BODY, name
            assert secrets[name] not in str(error), name

    garbage()


def test_a_scheme_of_one_s_own_is_one_small_class() -> None:
    class Renamed(Standard):
        name = "renamed"
        tolerance = 30.0

    secret = Renamed().make_secret(random.Random(1))
    verify(Renamed(), secret, sign(SCHEMES["standard"], secret))
    with pytest.raises(TimestampOutOfTolerance):
        verify(Renamed(), secret, sign(SCHEMES["standard"], secret), now=NOW + 31)
