"""Requests of Standard Webhooks, genuine ones and others: the trials of 5.1 and 5.2."""

import base64
import hashlib
import hmac
import random
from collections.abc import Iterator, Mapping
from typing import Any

from labkit.checks.mistakes import Mutant, edits
from labkit.checks.space import Fields, Trial, probe
from labkit.exercises.lab05_replay_and_rotation import mistakes as m
from labkit.exercises.lab05_replay_and_rotation import window
from labkit.exercises.lab05_replay_and_rotation.asking import HASH, base64_text
from labkit.exercises.lab05_replay_and_rotation.window import (
    EVENT,
    TIME,
    body_trials,
    small_trials,
)
from labkit.exercises.signers import WRITTEN_AGAIN, Signer

SECRET = "whsec_Kf5pvZ6M66agfR3sJbGwh+/ibAf/DSHX2wszd3c4pcY="  # noqa: S105 - made up for the lab
OTHER = "whsec_jTwSB0/EEjKHRfcofXghlgXc6XC1K8OfdxJupiooRS4="

ANY_SECRET = (
    "whsec_hc4i3RUDvWVDcOQY9urd18V+mPxEsLvfETIip2Z6Ab4=",
    "whsec_meISODajTcKq5Jqvi2s3LghhgKHaJe233HK3ClAxifw=",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "whsec_ccSSw5KVGNqHhUT7XIKchA==",
)

PUBLISHED = {
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "t": "1614265330",
    "now": 1614265330.0,
    "body": b'{"test": 2432232314}',
    "signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
"""The test value that was published for this scheme."""

KEY = 'base64.b64decode(secret.removeprefix("whsec_"))'
SIGNED = 'f"{message_id}.{timestamp}.".encode() + body'
MAC = "hmac.new(key, signed, hashlib.sha256).digest()"
WRITTEN = 'b"v1," + base64.b64encode(digest)'

SIGNER = Signer(
    f"""
import base64, hashlib, hmac

def sign(secret, message_id, timestamp, body):
    key = {KEY}
    signed = {SIGNED}
    digest = {MAC}
    return {WRITTEN}
"""
)

_ORDERS = (
    'f"{timestamp}.{message_id}.".encode() + body',
    'body + f".{message_id}.{timestamp}".encode()',
    'body + f".{timestamp}.{message_id}".encode()',
    'f"{message_id}.".encode() + body + f".{timestamp}".encode()',
    'f"{message_id}.{timestamp}".encode() + body',
    'f"{message_id}.{timestamp}.".encode() + body + b"."',
    *(
        f'f"{{message_id}}{sign}{{timestamp}}{sign}".encode() + body'
        for sign in ("", ":", "\\n", ",", " ")
    ),
)

WAYS = [
    *edits(m.WHOLE_SECRET, KEY, "secret.encode()"),
    *edits(m.NOT_DECODED, KEY, 'secret.removeprefix("whsec_").encode()'),
    *edits(m.ID_AND_TIME_UNSIGNED, SIGNED, "body"),
    Mutant(
        m.ID_AND_TIME_UNSIGNED,
        (
            (KEY, "secret.encode()"),
            (SIGNED, "body"),
            (WRITTEN, 'b"sha256=" + digest.hex().encode()'),
        ),
    ),
    *edits(m.ID_UNSIGNED, SIGNED, 'f"{timestamp}.".encode() + body'),
    *edits(m.TIME_UNSIGNED, SIGNED, 'f"{message_id}.".encode() + body'),
    *edits(m.BYTES_IN_TEXT, SIGNED, 'f"{message_id}.{timestamp}.{body}".encode()'),
    *edits(
        m.RESERIALISED,
        SIGNED,
        *(SIGNED.replace("body", each) for each in WRITTEN_AGAIN),
    ),
    *edits(m.OTHER_ORDER, SIGNED, *_ORDERS),
    *edits(
        HASH, MAC, *(MAC.replace("sha256", name) for name in ("sha1", "sha512", "md5"))
    ),
    *edits(
        m.HEX,
        WRITTEN,
        'b"v1," + digest.hex().encode()',
        'b"v1," + base64.b64encode(digest.hex().encode())',
    ),
    *edits(m.URL_SAFE, WRITTEN, WRITTEN.replace("b64encode", "urlsafe_b64encode")),
    *edits(
        m.LABEL,
        WRITTEN,
        "base64.b64encode(digest)",
        'b"v1=" + base64.b64encode(digest)',
        'b"sha256=" + base64.b64encode(digest)',
    ),
]
"""Wrong ways to sign, which also make forged signatures."""

REQUEST: Fields = {
    **window.SIGNED,
    "secret": SECRET,
    "signer": None,
    "id": EVENT.id,
    "signed_id": None,
    "signature": "{good}",
    "without": "",
}
"""A request that was signed as it is sent; `signed_…` and `content` change that.

`signer` is the secret that signed. In `signature`, {good} stands for this signature,
{bare} for it without its label, {other} and {third} for those of other secrets.
"""


def key_of(secret: str) -> bytes:
    """Return the key that a secret of Standard Webhooks holds."""
    return base64.b64decode(secret.removeprefix("whsec_"))


def digest_of(fields: Fields, secret: str) -> bytes:
    """Return the digest that the holder of a secret makes of the signed content."""
    content = window.content_of(fields, "id", "t", "body")
    return hmac.digest(key_of(secret), content, hashlib.sha256)


def headers_of(fields: Fields, signers: Mapping[str, str]) -> dict[str, str]:
    """Return the three headers.

    `signers` maps the names in the field `signature` to secrets; {bare} is the
    signature of {good} without its label.
    """
    signature = fields["signature"]
    for name, secret in signers.items():
        if f"{{{name}}}" in signature:
            signed = f"v1,{base64_text(digest_of(fields, secret))}"
            signature = signature.replace(f"{{{name}}}", signed)
    if "{bare}" in signature:
        bare = base64_text(digest_of(fields, signers["good"]))
        signature = signature.replace("{bare}", bare)
    headers = {
        "webhook-id": fields["id"],
        "webhook-timestamp": fields["t"],
        "webhook-signature": signature,
    }
    headers.pop(fields["without"], None)
    return headers


def forged_trials() -> Iterator[Trial]:
    """Yield requests that nobody who knows the secret has signed as they are."""
    for kind, change in (
        ("secret", {"signer": OTHER}),
        ("zeros", {"signature": "v1," + base64_text(bytes(32))}),
        *window.FORGED,
        *(
            ("id", {"id": each, "signed_id": EVENT.id})
            for each in ("evt_00002", EVENT.id + "0", EVENT.id.upper())
        ),
    ):
        yield Trial("forged", {"kind": f"forged-{kind}", **change})
    right = base64_text(digest_of(REQUEST, SECRET))
    for place in (0, 20, 42):
        letter = "A" if right[place] != "A" else "B"
        near = f"v1,{right[:place]}{letter}{right[place + 1 :]}"
        yield Trial("forged", {"kind": "near", "signature": near}, "one wrong letter")
    for near in (right[:-6], right[:20], right.swapcase(), right.lower(), "A" + right):
        yield Trial("forged", {"kind": "near", "signature": f"v1,{near}"})
    yield from way_probes()


def way_probes() -> Iterator[Trial]:
    """Yield requests that are signed in a wrong way."""
    for _, wrong in SIGNER.wrong(WAYS, SECRET, EVENT.id, str(TIME), EVENT.body):
        yield probe({"kind": "way", "signature": wrong.decode()})


def bytes_trials(sentence: str = "bytes") -> Iterator[Trial]:
    """Yield bodies, ids and timestamps that a program might write in another way."""
    yield from body_trials(sentence)
    yield Trial(sentence, {"kind": "published", **PUBLISHED})
    for name in ("MSG_Aa", "evt_00002", "x", "msg-1:2/3", "a,b", "1", "v1,x"):
        yield Trial(sentence, {"kind": "id", "id": name})
    t = f"0{TIME}"
    yield Trial(sentence, {"kind": "zeros", "t": t}, "the timestamp starts with 0")
    yield from small_trials(sentence)


_ONE_OF_SEVERAL = (
    "{good} {other}",
    "{other} {good}",
    "{other} {good} {third}",
    "{other} {third} {good}",
    "{good} {good}",
    "{other} {other} {other} {other} {other} {good} {third} {third} {third} {third}",
)

_NONE_OF_SEVERAL = ("{other} {third}", "{other}", "{other} {other} {third}")


def _around(*parts: str) -> list[str]:
    """Return headers with each part before and after the signature that fits."""
    texts = ([f"{part} {{good}}", f"{{good}} {part}"] for part in parts)
    return [text for pair in texts for text in pair]


_KEY = "v1a," + base64_text(bytes(range(64)))
_IGNORED = ("v2,abc", "v1a,abc", "v0,{bare}", "v1,", "v1,AAAA", "v1,%%")
_NO_COMMA = ("garbage", "v1", "=", "{bare}")
_COMMAS = (",", "a,b,c", "v1,a,b", ",,")

HEADERS = (
    ("several", "several", _ONE_OF_SEVERAL),
    ("several", "none-of-several", _NONE_OF_SEVERAL),
    ("versions", "version", _around(_KEY, *_IGNORED)),
    ("versions", "no-comma", _around(*_NO_COMMA)),
    ("versions", "commas", _around(*_COMMAS)),
    ("versions", "other-version", ("v1a,{bare}", "v2,{bare}")),
    ("versions", "odd-version", [f"{v},{{bare}}" for v in ("v0", "v11", "V1", "v")]),
    ("versions", "label", ("{bare}", ",{bare}", "v1={bare}", "v1{bare}", "v1.,{bare}")),
    ("versions", "inside", ("v1,AAAA{good}", "x{good}", "a={good}")),
)


def signature_trials() -> Iterator[Trial]:
    """Yield headers with several signatures, other versions and malformed parts."""
    for sentence, kind, texts in HEADERS:
        for text in texts:
            yield Trial(sentence, {"kind": kind, "signature": text})
    yield probe({"kind": "suffix", "signature": "{good}x"})


def missing_trials() -> Iterator[Trial]:
    """Yield requests without a header, or with an empty one, signed in some way."""
    for name in ("signature", "timestamp", "id"):
        yield Trial("missing", {"kind": "missing", "without": f"webhook-{name}"})
    i, t, body = EVENT.id.encode(), str(TIME).encode(), EVENT.body
    for content in (i + b"..", i + b".None.", i + b".", i + b".0.", b""):
        change: dict[str, Any] = {
            "without": "webhook-timestamp",
            "content": content + body,
        }
        yield Trial("missing", {"kind": "no-time", **change})
    yield Trial("missing", {"kind": "no-time", "t": ""})
    for content in (b"." + t + b".", b"None." + t + b".", t + b"."):
        change = {"without": "webhook-id", "content": content + body}
        yield Trial("missing", {"kind": "no-id", **change})


def garbage_trials() -> Iterator[Trial]:
    """Yield headers that are malformed in one place or another."""
    good = f"v1,{base64_text(digest_of(REQUEST, SECRET))}"
    for digits in (16, 400, 5000):
        yield Trial("garbage", {"kind": "huge", "t": "9" * digits, "signature": good})
    for text in (
        "",
        " ",
        "v1",
        "v1,",
        ",",
        "v1,not base64",
        "v1,=",
        "v1,A",
        "v1," + "A" * 10_000,
        "v1," + " v1," * 300,
    ):
        yield Trial("garbage", {"kind": "garbage", "signature": text})
    for text in ("v1,\xe9", "\xe9", good[:-1] + "\xe9", good + "\xe9"):
        yield Trial("garbage", {"kind": "accent", "signature": text})
    for text in ("{good} v1,\xe9", "v1,\xe9 {good}"):
        yield Trial("garbage", {"kind": "accent-too", "signature": text})
    for name in ("id", "t"):
        changes: dict[str, Any] = {name: "\xe9", "signature": good}
        yield Trial("garbage", {"kind": "garbage", **changes})
    changes = {"body": b"\xff\xfe", "signature": good}
    yield Trial("garbage", {"kind": "garbage-body", **changes})


def random_request(rng: random.Random) -> dict[str, Any]:
    """Return the changes of a random request: genuine or not, fresh or not."""
    changes = window.random_request(rng)
    if rng.random() < 0.3:
        changes["id"] = "msg_" + rng.randbytes(5).hex()
    if rng.random() < 0.5:
        parts = ["{other}", "{third}", *_IGNORED, *_NO_COMMA, *_COMMAS, "v1a,{bare}"]
        chosen = rng.sample(parts, rng.randrange(4))
        if rng.random() < 0.7:
            chosen.insert(rng.randrange(len(chosen) + 1), "{good}")
        changes["signature"] = " ".join(chosen)
    return changes
