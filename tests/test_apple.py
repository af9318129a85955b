"""Apple's App Store notifications: the released verifier and the kit agree."""

import base64
import json
import random

import pytest

from labkit.errors import BadSecret, VerificationError
from labkit.model import LAB_EPOCH
from labkit.probes import events
from labkit.signing import keypairs, scheme_named
from labkit.signing.apple import Apple

pytest.importorskip("cryptography", reason="Apple signs with a key pair")

APPLE = scheme_named("apple")
SECRET, OTHER = (APPLE.make_secret(random.Random(seed)) for seed in (1, 2))
SAMPLE = events.event_of("apple")
assert SAMPLE is not None
BODY = SAMPLE.encode(SAMPLE.template)


def sent(body: bytes = BODY, secret: str = SECRET, at: int = LAB_EPOCH) -> bytes:
    headers = APPLE.sign(body, secret=secret, id="e", timestamp=at)
    enclosed, rest = APPLE.enclose(body, headers)
    assert rest == {}
    return enclosed


def accepted_by_the_kit(body: bytes) -> bool:
    root = APPLE.receiver_secret(SECRET)
    try:
        APPLE.verify(body, {}, secrets=[root], now=LAB_EPOCH)
    except VerificationError:
        return False
    return True


def accepted_by_the_library(body: bytes) -> bool:
    from appstoreserverlibrary.models.Environment import Environment
    from appstoreserverlibrary.signed_data_verifier import (
        SignedDataVerifier,
        VerificationException,
    )

    root = base64.b64decode(APPLE.receiver_secret(SECRET))
    verifier = SignedDataVerifier([root], False, Environment.SANDBOX, "example.shop")
    token = json.loads(body)["signedPayload"]
    try:
        got = verifier.verify_and_decode_notification(token)
    except VerificationException:
        return False
    assert got.notificationUUID == "00000000-0000-4000-8000-000000000001"
    assert got.data is not None
    return True


def test_the_library_of_apple_accepts_what_the_kit_signs() -> None:
    pytest.importorskip("appstoreserverlibrary", reason="the released verifier")
    # It checks no age.
    for body in (sent(), sent(at=LAB_EPOCH - 90 * 86_400)):
        assert accepted_by_the_library(body)
        assert accepted_by_the_kit(body)


def test_the_library_of_apple_and_the_kit_reject_the_same() -> None:
    pytest.importorskip("appstoreserverlibrary", reason="the released verifier")
    assert isinstance(APPLE, Apple)
    t = APPLE.unit.write(LAB_EPOCH)
    wrong = {"another root": sent(secret=OTHER), "before its certificate": sent(at=1)}
    for words, headers in APPLE.impostors(BODY, t, SECRET).items():
        wrong[words], _ = APPLE.enclose(BODY, headers)
    assert len(wrong) == 7
    token = json.loads(sent())["signedPayload"]
    head, payload, mac = token.split(".")
    swapped = json.loads(sent(BODY.replace(b"DID_RENEW", b"EXPIRED")))["signedPayload"]
    wrong["another notification"] = wrapped(f"{head}.{swapped.split('.')[1]}.{mac}")
    wrong["without a signature"] = wrapped(f"{head}.{payload}.")
    for place in range(0, len(token), len(token) // 40):
        other = "A" if token[place] != "A" else "B"
        changed = token[:place] + other + token[place + 1 :]
        wrong[f"character {place}"] = wrapped(changed)
    for words, body in wrong.items():
        assert not accepted_by_the_library(body), words
        assert not accepted_by_the_kit(body), words


def wrapped(token: str) -> bytes:
    return json.dumps({"signedPayload": token}).encode()


def test_one_secret_always_has_the_same_root_certificate() -> None:
    from labkit.signing import chains

    root = APPLE.receiver_secret(SECRET)
    chains._chain.cache_clear()
    assert APPLE.receiver_secret(SECRET) == root
    assert APPLE.receiver_secret(root) == root
    assert APPLE.receiver_secret(OTHER) != root


def test_what_is_neither_a_key_nor_a_certificate_is_refused() -> None:
    rsa = keypairs.make(keypairs.RSA_256, random.Random(1))
    public = keypairs.public_text(SECRET)
    for wrong in ("A" * 80, "no base64", rsa, public):
        with pytest.raises(BadSecret, match="apple"):
            APPLE.check_secret(wrong)
    with pytest.raises(BadSecret):
        sent(secret=APPLE.receiver_secret(SECRET))


def test_what_is_not_a_notification_is_rejected() -> None:
    for body in (b"", b"[]", b"{}", b'{"signedPayload":7}', b'{"signedPayload":"."}'):
        assert not accepted_by_the_kit(body)
    for content in (b"not json", b"[]", b"\xff"):
        assert not accepted_by_the_kit(sent(content))
