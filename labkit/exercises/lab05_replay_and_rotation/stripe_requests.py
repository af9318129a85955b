"""Requests from Stripe, genuine ones and others: the trials of 5.4."""

import hashlib
import hmac
import random
from collections.abc import Iterator

from labkit.checks.mistakes import edits
from labkit.checks.space import Fields, Trial, probe
from labkit.exercises.lab05_replay_and_rotation import mistakes as m
from labkit.exercises.lab05_replay_and_rotation import stripe_mistakes as own
from labkit.exercises.lab05_replay_and_rotation import window
from labkit.exercises.lab05_replay_and_rotation.asking import HASH
from labkit.exercises.lab05_replay_and_rotation.window import EVENT, TIME
from labkit.exercises.signers import WRITTEN_AGAIN, Signer
from labkit.exercises.verifiers import flipped

SECRET = "whsec_SxlwV1FO5O8p2UJKkbb3yLB2TxNn6j4H"  # noqa: S105 - made up for the lab
OTHER = "whsec_AMH7Z52T2uLu5q9ovUJnh2mFZEDk6LPy"
THIRD = "whsec_e1CEJYbyJLSbyrc7FEa7nJv8ABFGzp1T"
CONTENT = 'f"{time}.".encode() + body'
MAC = "hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()"

SIGNER = Signer(
    f"""
import hashlib, hmac

def sign(secret, time, body):
    content = {CONTENT}
    return {MAC}
"""
)

_PADDED = (
    "__import__('base64').b64decode(secret.removeprefix('whsec_') + "
    "'=' * (-len(secret.removeprefix('whsec_')) % 4))"
)

_KEY = "secret.encode()"
_DIGEST = MAC.replace("hexdigest", "digest")

BEGINS_WITH_1 = EVENT.body.replace(b'"A-1"', b'"A-20"')
"""A body whose signature begins with the digit 1."""

WAYS = [
    *edits(
        own.DECODES_SECRET,
        _KEY,
        "__import__('base64').b64decode(secret.removeprefix('whsec_'))",
        _PADDED,
    ),
    *edits(own.CUTS_PREFIX, _KEY, "secret.removeprefix('whsec_').encode()"),
    *edits(own.TIME_UNSIGNED, CONTENT, "body"),
    *edits(m.BYTES_IN_TEXT, CONTENT, 'f"{time}.{body}".encode()'),
    *edits(
        m.RESERIALISED,
        CONTENT,
        *(CONTENT.replace("body", each) for each in WRITTEN_AGAIN),
    ),
    *edits(
        own.ORDER,
        CONTENT,
        *(f'f"{{time}}{sign}".encode() + body' for sign in ("", ":", ",", "\\n")),
        'body + f".{time}".encode()',
        'f"t={time}.".encode() + body',
    ),
    *edits(HASH, "hashlib.sha256", "hashlib.sha1", "hashlib.sha512", "hashlib.md5"),
    *edits(own.BASE64, MAC, f"__import__('base64').b64encode({_DIGEST}).decode()"),
]
"""Wrong ways to sign, which also make forged signatures."""

REQUEST: Fields = {**window.SIGNED, "signer": SECRET, "signature": "t={t},v1={good}"}
"""A request that was signed as it is sent; `signed_…` and `content` change that.

In `signature`, the header, {good} stands for the signature of `signer`, {other} and
{third} for those of other secrets.
"""


def digest_of(fields: Fields, secret: str = SECRET) -> bytes:
    """Return the digest that the holder of a secret makes of the signed content."""
    content = window.content_of(fields, "t", "body")
    return hmac.digest(secret.encode(), content, hashlib.sha256)


def header_of(fields: Fields) -> str:
    """Return the value of Stripe-Signature."""
    header: str = fields["signature"].replace("{t}", fields["t"])
    signers = (("good", fields["signer"]), ("other", OTHER), ("third", THIRD))
    for name, signer in signers:
        if f"{{{name}}}" in header:
            header = header.replace(f"{{{name}}}", digest_of(fields, signer).hex())
    return header


def _forged_trials() -> Iterator[Trial]:
    for kind, change in (
        ("secret", {"signer": OTHER}),
        ("zeros", {"signature": f"t={TIME},v1={'0' * 64}"}),
        *window.FORGED,
    ):
        yield Trial("forged", {"kind": f"forged-{kind}", **change})
    right = digest_of(REQUEST).hex()
    for place in (0, 31, 32, 63):
        signature = f"t={TIME},v1={flipped(right, place)}"
        yield Trial("forged", {"kind": "near", "signature": signature}, "a wrong digit")
    for near in (right[:-1], right[:32], right[:8], "00" + right):
        fields = {"kind": "near", "signature": f"t={TIME},v1={near}"}
        long = near.endswith(right)
        note = "two digits before the right signature" if long else "digits are missing"
        yield Trial("forged", fields, note)
    fields = {"kind": "suffix", "signature": "t={t},v1={good}00"}
    yield Trial("forged", fields, "two digits after the right signature")
    for _, wrong in SIGNER.wrong(WAYS, SECRET, str(TIME), EVENT.body):
        yield probe({"kind": "way", "signature": f"t={TIME},v1={wrong}"})
    for header in ("t={t},{good}", "t={t},v1=v1={good}", "t={t},v1=sha256={good}"):
        yield probe({"kind": "way", "signature": header})


_V0 = "v0=" + hashlib.sha256(b"v0").hexdigest()

_HEADERS = (
    (
        "several",
        "several",
        """
        t={t},v1={good},v1={other} t={t},v1={other},v1={good} t={t},v1={good},v1={good}
        t={t},v1={other},v1={good},v1={third} t={t},v1={other},v1={third},v1={good}
        t={t},MANY,v1={good} t={t},MANY,MANY,MANY,v1={good},MANY
        """,
    ),
    (
        "several",
        "several-odd",
        "t={t},v1=,v1={good} t={t},v1=abc,v1={good} t={t},v1={good},v1=zz",
    ),
    ("several", "none-of-several", "t={t},v1={other},v1={third}"),
    (
        "items",
        "unknown",
        """
        t={t},v1={good},V0 t={t},V0,v1={good} t={t},v1={good},v2=a=b=c
        t={t},v1={good},new t={t},new=1,v1={good} new=1,t={t},v1={good}
        """,
    ),
    ("items", "order", "v1={good},t={t} V0,v1={good},t={t}"),
    (
        "items",
        "odd-names",
        """
        ts=5,t={t},v1={good} test=1,t={t},v1={good},v1a=1 t={t},,v1={good},
        =,t={t},v1={good} a=1&t=5,t={t},v1={good} t={t},v1={good},%76%31=1
        t={t},v10={other},v1={good},xv1={other}
        """,
    ),
    ("items", "scheme", "t={t},v0={good} t={t},v2={good} t={t},v11={good}"),
    (
        "items",
        "odd-scheme",
        """
        t={t},xv1={good} t={t},V1={good} t={t},={good} t={t},v1a={good}
        t={t},%76%31={good}
        """,
    ),
)
"""Headers by their sentence and kind.

V0 stands for an item of another version, MANY for three that do not match.
"""


def _header_trials() -> Iterator[Trial]:
    for sentence, kind, headers in _HEADERS:
        for header in headers.replace("V0", _V0).split():
            many = header.replace("MANY", "v1={other},v1={third},v1={other}")
            yield Trial(sentence, {"kind": kind, "signature": many})
    later = TIME + 36_000
    for header in (
        f"t={TIME},v1={{good}},t={later}",
        f"t={later},t={TIME},v1={{good}}",
    ):
        fields = {"kind": "two-times", "signature": header, "now": float(later)}
        yield Trial("items", fields, "a second t was added to a captured header")


def _missing_trials() -> Iterator[Trial]:
    headers = """
        , = garbage t={t} t={t},v1 t={t},v1= v1={good} {good}
        t={t};v1={good} t={t}&v1={good} t={t},v1%3D{good}
    """
    for header in ("", *headers.split(), "t={t} v1={good}"):
        yield Trial("missing", {"kind": "missing", "signature": header})
    for front in (b"", b".", b"None.", b"0."):
        content = front + EVENT.body
        for header in ("v1={good}", "t=,v1={good}"):
            fields = {"kind": "no-time", "signature": header, "content": content}
            yield Trial("missing", fields)
    for header in ("xt={t},v1={good}", "T={t},v1={good}", "ts={t},v1={good}"):
        yield Trial("missing", {"kind": "other-t", "signature": header})


def _garbage_trials() -> Iterator[Trial]:
    good = digest_of(REQUEST).hex()
    for digits in (16, 400, 5000):
        header = f"t={'9' * digits},v1={good}"
        yield Trial("garbage", {"kind": "huge", "signature": header})
    for header in (
        "t={t},v1=" + "z" * 64,
        "t={t},v1=abc",
        "t={t},v1=" + "0" * 10_000,
        "t=" + "," * 5000,
        "t==,v1==",
        "\0",
    ):
        yield Trial("garbage", {"kind": "garbage", "signature": header})
    for header in (
        "t={t},v1=\xe9",
        f"t={TIME},v1={good[:-2]}\xe9",
        "t={t},v1={good}\xe9",
    ):
        yield Trial("garbage", {"kind": "accent", "signature": header})
    for header in ("t={t},v1={good},v1=\xe9", "t={t},v1=\xe9,v1={good}"):
        yield Trial("garbage", {"kind": "accent-too", "signature": header})
    header = f"\xe9={TIME},v1=\xe9"
    yield Trial("garbage", {"kind": "accent-name", "signature": header})
    header = f"t=\xe9,v1={good}"
    yield Trial("garbage", {"kind": "garbage", "signature": header})


def trials() -> Iterator[Trial]:
    """Yield all trials of 5.4, in the order of the contract."""
    yield Trial("signed")
    fields = {"kind": "one", "body": BEGINS_WITH_1}
    yield Trial("signed", fields, "the signature begins with 1")
    yield Trial("same", {"kind": "again", "again": 1}, "the second time")
    yield from _forged_trials()
    yield from window.window_trials("window")
    yield from window.late_trials("late")
    yield from window.body_trials("bytes")
    yield from window.small_trials("bytes")
    yield from _header_trials()
    yield from _missing_trials()
    yield from window.digits_trials("digits")
    yield from _garbage_trials()
    yield Trial("timing", {"kind": "timing", "timing": True})
    yield from window.sign_trials("signs")


def random_request(rng: random.Random) -> Trial:
    """Return a request with random items, genuine or not, fresh or not."""
    changes = window.random_request(rng)
    parts = ["v1={other}", "v1={third}", _V0, "new", "v1=", "x=1", "v2={good}", "ts=1"]
    items = rng.sample(parts, rng.randrange(4))
    for item, chance in (("t={t}", 0.95), ("v1={good}", 0.8)):
        if rng.random() < chance:
            items.insert(rng.randrange(len(items) + 1), item)
    return Trial("items", {**changes, "signature": ",".join(items)})
