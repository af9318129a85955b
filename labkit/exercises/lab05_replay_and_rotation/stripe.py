"""Exercise 5.4: verify a request from Stripe: the same idea in another format."""

import hashlib
import hmac
import json
import random
from collections.abc import Iterator
from typing import Any

from labkit.checks import Mistake
from labkit.checks.contract import contract
from labkit.checks.mistakes import Mutant, Proof, Rule, mistakes
from labkit.checks.observing import Seen
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial, probe
from labkit.exercises.lab05_replay_and_rotation import mistakes as m
from labkit.exercises.lab05_replay_and_rotation.asking import (
    HASH,
    common_mistakes,
    request_shown,
)
from labkit.exercises.lab05_replay_and_rotation.window import (
    EVENT,
    TIME,
    TOLERANCE,
    at,
    body_trials,
    digits_mistakes,
    digits_trials,
    late_trials,
    sign_trials,
    small_trials,
    window_mistakes,
    window_trials,
)
from labkit.exercises.verifiers import (
    BASE,
    HONEST,
    WRITTEN_AGAIN,
    Signer,
    Verifier,
    edits_on,
    lets_in,
    locks_out,
    mutants,
    of,
    stumbles,
    ways,
)

SECRET = "whsec_SxlwV1FO5O8p2UJKkbb3yLB2TxNn6j4H"  # noqa: S105 - made up for the lab
OTHER = "whsec_AMH7Z52T2uLu5q9ovUJnh2mFZEDk6LPy"
THIRD = "whsec_e1CEJYbyJLSbyrc7FEa7nJv8ABFGzp1T"

DECODES_SECRET, CUTS_PREFIX, TIME_UNSIGNED, ORDER, BASE64 = mistakes("""
    secret-decoded-from-base64: Your code decodes the secret, as in exercise 5.1.
        Stripe's secrets look the same, but the whole text is the key.
        Try: Use secret.encode() as the key.
    prefix-cut-off: Your code removes whsec_. For Stripe, these characters belong to the
        key.
        Try: Use secret.encode() as the key.
    timestamp-is-not-signed: Your code signs the body without the timestamp. An attacker
        can put today's timestamp on an old request (a replay attack).
        Try: Sign the timestamp, a full stop, and the body.
    signed-in-another-order: Your code signs the right two parts in another order or
        with another separator.
        Try: Sign the timestamp as it is after t=, a full stop, and the body.
    base64-instead-of-hex: Your code writes the digest in base64, as Standard Webhooks
        does. Stripe uses hex.
        Try: Use .hexdigest().
""")

LABEL, PARSES, CLOCK = mistakes("""
    label-not-told-from-signature: Your code does not compare with the value of a v1
        item. Each item of the header is a name, an equals sign and a value.
        Try: Split the item with partition("=").
    header-not-taken-apart: Your code does not split the header. It is one string with
        several items, such as t=1767225600 and v1=….
        Try: Split it at the commas, then each item at its first "=".
    looks-at-another-clock: Your code rejects the request because of its age, although
        signature and time are right. It does not compare `now` with the time in the
        header.
        Try: Compare `now` with the value of t, and nothing else.
""")

STRIPES_FUTURE = Mistake(
    m.FUTURE.id,
    "Your code accepts a timestamp that is too far in the future, so an attacker can "
    "use the request until that time. Stripe's own library accepts it too, but here "
    "the tolerance applies in both directions.",
    m.FUTURE.try_next,
)

FIRST_ONLY, LAST_ONLY, ONE_ONLY, ITEM_ORDER, UNKNOWN_ITEM = mistakes("""
    only-the-first-v1: Your code looks only at the first v1. During a rotation Stripe
        signs with both secrets, in any order.
        Try: Collect the values of all v1 items, and try each.
    keeps-only-the-last-v1: Your code puts the items into a dictionary, which keeps only
        the last v1. A released library does the same, and rejects legitimate requests
        during a rotation.
        Try: Collect the values of all v1 items in a list, and try each.
    expects-one-signature: Your code rejects a header with two v1 items. During a
        rotation Stripe signs with both secrets.
        Try: Collect the values of all v1 items in a list, and try each.
    items-in-a-fixed-order: Your code finds the items by their position. They have
        names, so that they may come in any order.
        Try: Use the name of each item: t or v1.
    stumbles-over-unknown-items: Your code fails because of an item that it does not
        know or cannot split. If the provider adds such an item, your shop rejects every
        request.
        Try: Ignore every item whose name is not t or v1.
""")

SCHEME, TWO_TIMES, SKIPPED = mistakes("""
    takes-v0-for-v1: Your code treats the value of another item as a v1. An attacker who
        can choose the version can choose a weak one (a downgrade attack).
        Try: Use the name of the item; only v1 counts.
    two-times-in-one-header: Your code uses two different t items: one for the signature
        and one for the window. An attacker can add a fresh t to a captured header.
        Try: Read t once, and use the same value for both.
    checks-the-time-only-if-present: Your code skips the check of the time if there is
        no t=. Then a request that was signed without one is valid forever.
        Try: Return False if t is missing, before you compute anything.
""")

CONTRACT = contract("""
    given: Return True if a request from Stripe is authentic and fresh, else False.
    given: `secret` is text such as "whsec_…", and `body` is bytes.
    given: `header` is the value of Stripe-Signature, such as "t=1767225600,v1=5257a8…".
    given: `now` and `tolerance` are in seconds.
    signed: Accept a request that was signed with this secret.
    same: The same request gets the same result each time.
    forged: Reject a request whose time or body was not signed with this secret.
    window: The age of a request is `now` minus t; accept it from `-tolerance` to
        `tolerance`, both included, and no other age.
    late: Do not use any time inside the body.
    bytes: Use the body exactly as it arrived, byte for byte.
    several: The header may hold several v1; one that matches is enough.
    items: The items of the header may be in any order; ignore items that are not named
        t or v1.
    missing: Reject a header without t or without v1.
    digits: Reject a t that contains anything but the digits 0 to 9.
    garbage: Raise no exception, whatever the header and the body contain.
    timing: Compare signatures in constant time.
    signs: The characters +, - and _ in t are not digits.
    open: The check does not test upper-case hex digits, white space around items and
        values, which of several t counts, digits of other writing systems, leading
        zeros, or a t of more than 12 digits with a valid signature.
""")

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
_IN_BASE64 = "__import__('base64').b64encode({}).decode()"
WAYS = [
    *ways(
        DECODES_SECRET,
        *(
            (MAC, MAC.replace("secret.encode()", key))
            for key in (
                "__import__('base64').b64decode(secret.removeprefix('whsec_'))",
                _PADDED,
            )
        ),
    ),
    *ways(
        CUTS_PREFIX,
        (
            MAC,
            MAC.replace("secret.encode()", "secret.removeprefix('whsec_').encode()"),
        ),
    ),
    *ways(TIME_UNSIGNED, (CONTENT, "body")),
    *ways(m.BYTES_IN_TEXT, (CONTENT, 'f"{time}.{body}".encode()')),
    *ways(
        m.RESERIALISED,
        *((CONTENT, CONTENT.replace("body", text)) for text in WRITTEN_AGAIN),
    ),
    *ways(
        ORDER,
        *((CONTENT, f'f"{{time}}{sign}".encode() + body') for sign in ("", ":", ",")),
        (CONTENT, 'f"{time}\\n".encode() + body'),
        (CONTENT, 'body + f".{time}".encode()'),
        (CONTENT, 'f"t={time}.".encode() + body'),
    ),
    *ways(
        HASH,
        *((MAC, MAC.replace("sha256", name)) for name in ("sha1", "sha512", "md5")),
    ),
    *ways(BASE64, (MAC, _IN_BASE64.format(MAC.replace("hexdigest", "digest")))),
]
"""Wrong ways to sign, which also make forged signatures."""

REQUEST: Fields = {
    **BASE,
    "signer": SECRET,
    "t": str(TIME),
    "body": EVENT.body,
    "signed_t": None,
    "signed_body": None,
    "content": None,
    "signature": "t={t},v1={good}",
    "now": float(TIME),
    "tolerance": TOLERANCE,
}
"""A request that was signed as it is sent; `signed_…` and `content` change that.

In `signature`, the header, {good} stands for the signature of `signer`, {other} and
{third} for those of other secrets.
"""


def _digest(fields: Fields, secret: str = SECRET) -> bytes:
    content = fields["content"]
    if content is None:
        t, body = (
            fields[each if fields[f"signed_{each}"] is None else f"signed_{each}"]
            for each in ("t", "body")
        )
        content = f"{t}.".encode() + body
    return hmac.digest(secret.encode(), content, hashlib.sha256)


def _header(fields: Fields) -> str:
    header: str = fields["signature"].replace("{t}", fields["t"])
    signers = (("good", fields["signer"]), ("other", OTHER), ("third", THIRD))
    for name, signer in signers:
        if f"{{{name}}}" in header:
            header = header.replace(f"{{{name}}}", _digest(fields, signer).hex())
    return header


def _arguments(fields: Fields) -> list[Any]:
    now, tolerance = fields["now"], fields["tolerance"]
    return [SECRET, fields["body"], _header(fields), now, tolerance]


def _show(fields: Fields) -> str:
    clock = f"now {fields['now']:.15g}, tolerance {fields['tolerance']:.15g} s"
    return request_shown({"Stripe-Signature": _header(fields)}, fields["body"], clock)


def _forged_trials() -> Iterator[Trial]:
    changed = EVENT.body.replace(b"A-1", b"A-2")
    for kind, change in (
        ("secret", {"signer": OTHER}),
        ("body", {"body": changed, "signed_body": EVENT.body}),
        ("zeros", {"signature": f"t={TIME},v1={'0' * 64}"}),
        ("t", {"t": str(TIME + 30), "signed_t": str(TIME)}),
        ("body", {"body": EVENT.body[:-1], "signed_body": EVENT.body}),
        ("body", {"body": b"", "signed_body": EVENT.body}),
    ):
        yield Trial("forged", {"kind": f"forged-{kind}", **change})
    right = _digest(REQUEST).hex()
    for place in (0, 31, 32, 63):
        digit = format(int(right[place], 16) ^ 1, "x")
        near = f"{right[:place]}{digit}{right[place + 1 :]}"
        fields = {"kind": "near", "signature": f"t={TIME},v1={near}"}
        yield Trial("forged", fields, "one digit is wrong")
    for near in (right[:-1], right[:32], right[:8], "00" + right):
        fields = {"kind": "near", "signature": f"t={TIME},v1={near}"}
        yield Trial("forged", fields)
    yield Trial("forged", {"kind": "suffix", "signature": "t={t},v1={good}00"})
    for way in WAYS:
        try:
            wrong = SIGNER.sign(way.edits, SECRET, str(TIME), EVENT.body)
        except ValueError:  # this secret is not base64
            continue
        if wrong != right:
            yield probe({"kind": "way", "signature": f"t={TIME},v1={wrong}"})
    for header in ("t={t},{good}", "t={t},v1=v1={good}", "t={t},v1=sha256={good}"):
        yield probe({"kind": "way", "signature": header})


_V0 = "v0=" + hashlib.sha256(b"v0").hexdigest()
_HEADERS = (
    (
        "several",
        "several",
        (
            "t={t},v1={good},v1={other}",
            "t={t},v1={other},v1={good}",
            "t={t},v1={other},v1={good},v1={third}",
            "t={t},v1={other},v1={third},v1={good}",
            "t={t},v1={good},v1={good}",
        ),
    ),
    (
        "several",
        "several-odd",
        ("t={t},v1=,v1={good}", "t={t},v1=abc,v1={good}", "t={t},v1={good},v1=zz"),
    ),
    ("several", "none-of-several", ("t={t},v1={other},v1={third}",)),
    (
        "items",
        "unknown",
        (
            f"t={{t}},v1={{good}},{_V0}",
            f"t={{t}},{_V0},v1={{good}}",
            "t={t},v1={good},v2=a=b=c",
            "t={t},v1={good},new",
            "t={t},new=1,v1={good}",
            "new=1,t={t},v1={good}",
        ),
    ),
    ("items", "order", ("v1={good},t={t}", f"{_V0},v1={{good}},t={{t}}")),
    (
        "items",
        "odd-names",
        (
            "ts=5,t={t},v1={good}",
            "test=1,t={t},v1={good},v1a=1",
            "t={t},,v1={good},",
            "=,t={t},v1={good}",
            "a=1&t=5,t={t},v1={good}",
            "t={t},v1={good},%76%31=1",
            "t={t},v10={other},v1={good},xv1={other}",
        ),
    ),
    ("items", "scheme", ("t={t},v0={good}", "t={t},v2={good}", "t={t},v11={good}")),
    (
        "items",
        "odd-scheme",
        ("t={t},xv1={good}", "t={t},V1={good}", "t={t},={good}", "t={t},v1a={good}"),
    ),
)


def _header_trials() -> Iterator[Trial]:
    for sentence, kind, headers in _HEADERS:
        for header in headers:
            yield Trial(sentence, {"kind": kind, "signature": header})
    later = TIME + 36_000
    for header in (
        f"t={TIME},v1={{good}},t={later}",
        f"t={later},t={TIME},v1={{good}}",
    ):
        fields = {"kind": "two-times", "signature": header, "now": float(later)}
        yield Trial("items", fields, "a second t was added to a captured header")


def _missing_trials() -> Iterator[Trial]:
    for header in (
        "",
        ",",
        "=",
        "garbage",
        "t={t}",
        "t={t},v1",
        "t={t},v1=",
        "v1={good}",
        "{good}",
        "t={t} v1={good}",
        "t={t};v1={good}",
        "t={t}&v1={good}",
        "t={t},v1%3D{good}",
    ):
        yield Trial("missing", {"kind": "missing", "signature": header})
    for front in (b"", b".", b"None.", b"0."):
        content = front + EVENT.body
        for header in ("v1={good}", "t=,v1={good}"):
            fields = {"kind": "no-time", "signature": header, "content": content}
            yield Trial("missing", fields)
    for header in ("xt={t},v1={good}", "T={t},v1={good}", "ts={t},v1={good}"):
        yield Trial("missing", {"kind": "other-t", "signature": header})


def _garbage_trials() -> Iterator[Trial]:
    good = _digest(REQUEST).hex()
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


def _trials() -> Iterator[Trial]:
    yield Trial("signed")
    yield Trial("same", {"kind": "again", "again": 1}, "the second time")
    yield from _forged_trials()
    yield from window_trials("window")
    yield from late_trials("late")
    yield from body_trials("bytes")
    yield from small_trials("bytes")
    yield from _header_trials()
    yield from _missing_trials()
    yield from digits_trials("digits")
    yield from _garbage_trials()
    yield Trial("timing", {"kind": "timing", "timing": True})
    yield from sign_trials("signs")


def _random(rng: random.Random) -> Trial:
    changes: dict[str, Any] = {"kind": "random"}
    if rng.random() < 0.4:
        tolerance = rng.choice((0, 1, 60, 300, 900))
        edge = rng.choice((-1, 1)) * tolerance
        changes |= at(edge + rng.choice((-1, -0.5, 0, 0, 0.5, 1)), tolerance)
    if rng.random() < 0.4:
        changes["body"] = rng.randbytes(rng.randrange(40))
    parts = ["v1={other}", "v1={third}", _V0, "new", "v1=", "x=1", "v2={good}", "ts=1"]
    items = rng.sample(parts, rng.randrange(4))
    for item, chance in (("t={t}", 0.95), ("v1={good}", 0.8)):
        if rng.random() < chance:
            items.insert(rng.randrange(len(items) + 1), item)
    return Trial("items", {**changes, "signature": ",".join(items)})


_SIGNING = of(
    *(HONEST, "way", "forged-*", "text", "spelled", "json", "fresh", "old", "future"),
    *("unit", "clock", "late", "empty"),
)
_LIST = of(HONEST, "several", "none-of-several", "forged-*")
_APPEND = """elif name == "v1":
            signatures.append(value.encode())"""
_ONE = "for one in signatures)"


def _takes_no_text(_: Fields, seen: Seen) -> bool:
    """Whether the header was used as a dictionary, or parsed as JSON."""
    text = str(seen.error)
    as_dictionary = "'str' object has no attribute" in text or "string indices" in text
    return as_dictionary or isinstance(seen.error, json.JSONDecodeError)


MISTAKES: list[Proof] = [
    *mutants(WAYS, _SIGNING),
    *(
        Mutant(LABEL, edits, on=_SIGNING)
        for edits in (
            [(_APPEND, "else:\n            signatures.append(item.encode())")],
            [("digest.encode()", 'b"v1=" + digest.encode()')],
            [("digest.encode()", 'b"sha256=" + digest.encode()')],
        )
    ),
    Rule(PARSES, of(HONEST), how=_takes_no_text),
    *window_mistakes("time", STRIPES_FUTURE, CLOCK),
    lets_in(m.ACCEPTS_ALL, "forged-*", but=[HONEST]),
    lets_in(m.TIME_FREE, "forged-t", but=["forged-body", HONEST]),
    locks_out(m.RESERIALISED, "spelled", but=[HONEST]),
    lets_in(m.TWO_BODIES, "two-bodies", but=[HONEST, "forged-*"], some=True),
    locks_out(m.DECODED, "no-text", but=["text", HONEST]),
    stumbles(m.DECODED, "no-text", but=["text", HONEST], classes=[UnicodeError]),
    locks_out(m.TRIMMED, "trimmed", but=["spelled", HONEST], some=True),
    *edits_on(_LIST, FIRST_ONLY, (_ONE, "for one in signatures[:1])")),
    *edits_on(_LIST, LAST_ONLY, (_ONE, "for one in signatures[-1:])")),
    *edits_on(
        _LIST,
        ONE_ONLY,
        (_ONE, "for one in (signatures if len(signatures) == 1 else []))"),
    ),
    locks_out(UNKNOWN_ITEM, "unknown", but=[HONEST, "several"], some=True),
    stumbles(UNKNOWN_ITEM, "unknown", but=[HONEST, "several"]),
    Rule(ITEM_ORDER, of("order"), of(HONEST), may=of("unknown")),
    lets_in(SCHEME, "scheme", but=["forged-*"]),
    lets_in(TWO_TIMES, "two-times", but=["old"], some=True),
    lets_in(SKIPPED, "no-time", but=[HONEST, "forged-*"], some=True),
    *digits_mistakes(),
    stumbles(m.NON_ASCII, "accent*", but=["garbage"], classes=[TypeError]),
    stumbles(m.GARBAGE, "garbage", "accent*", "missing", "no-time", but=[HONEST]),
    *common_mistakes(),
]

EXERCISE = judged(
    id="5.4",
    lab="05_replay_and_rotation",
    wants="verify_stripe(secret, body, header, now, tolerance) -> bool",
    contract=CONTRACT,
    space=Space(REQUEST, _trials, _random, many=60),
    observer=Verifier(
        _arguments,
        _show,
        digest=_digest,
        header=lambda digest, _: f"t={TIME},v1={digest.hex()}",
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Parse the header first: split it at the commas, then each item at its "
            "first equals sign. Which values do you need, and how many of each can "
            "there be?"
        ),
        (
            'Sign f"{t}.".encode() + body with the key secret.encode(), in hexdigest. '
            "Keep the v1 values in a list."
        ),
        (
            "If t has other characters than digits, or no v1 matches, return False. "
            "Otherwise return abs(now - int(t)) <= tolerance."
        ),
    ),
)
