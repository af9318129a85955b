"""Exercise 4.2: verify(secret, body, signature) -> bool."""

import random
from collections.abc import Iterator
from typing import Any

from labkit.checks import short, short_text
from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Proof, Rule
from labkit.checks.observing import Seen
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab04_signatures import digests
from labkit.exercises.lab04_signatures import mistakes as m
from labkit.exercises.lab04_signatures import signed_requests as requests
from labkit.exercises.lab04_signatures.digests import digest_of
from labkit.exercises.lab04_signatures.mixed_types import mixed_types
from labkit.exercises.verifiers import (
    ACCEPTED,
    HONEST,
    REFUSED,
    Verifier,
    compares_early,
    flipped,
    lets_in,
    locks_out,
    neither,
    of,
    stumbles,
)

CONTRACT = contract("""
    given: `signature` is the value of the header as received, or None if there was
        none.
    signed: Return True if this signature was made over this body with this secret.
    same: The same arguments give the same result each time.
    secrets: The secret may be any bytes.
    forged: Return False for every other body, secret or signature.
    bytes: Every byte of the body matters; the body may be any bytes, and it may be
        empty.
    unsigned: Return False if there is no signature.
    garbage: Return False and raise no exception, whatever the header contains.
    whole: The whole header must match: `sha256=` and all of the digits.
    empty: With an empty secret nothing is authentic: return False or raise an
        exception.
    timing: Compare signatures in constant time.
    open: The check does not test upper-case digits, white space around or inside the
        value, or characters that UTF-8 cannot encode.
""")


def _arguments(fields: Fields) -> list[Any]:
    return [fields["secret"], fields["body"], requests.header_of(fields)]


def _show(fields: Fields) -> str:
    header = requests.header_of(fields)
    value = None if header is None else short_text(header)
    secret, body = short(fields["secret"]), short(fields["body"])
    return f"secret {secret}\nbody {body}\nsignature {value!r}"


def _trials() -> Iterator[Trial]:
    yield from requests.signed_trials(bytes(range(200, 232)))
    yield from requests.body_trials()
    yield from requests.header_trials()
    yield from requests.last_trials()


def _random(rng: random.Random) -> Trial:
    changes: dict[str, Any] = {
        "kind": "random",
        "body": rng.randbytes(rng.randrange(60)),
    }
    if rng.random() < 0.4:
        changes["secret"] = rng.randbytes(rng.randrange(1, 80))
    if rng.random() < 0.5:
        right = digest_of(changes.get("secret", requests.SECRET), changes["body"]).hex()
        near = flipped(right, rng.randrange(64), rng.randrange(1, 16))
        changes["signature"] = f"sha256={near}"
    return Trial("forged" if "signature" in changes else "signed", changes)


def _nothing(_: Fields, seen: Seen) -> bool:
    return bool(seen.value == ("NoneType", None))


def _truthy(fields: Fields, seen: Seen) -> bool:
    return neither(fields, seen) and bool(seen.result)


def _no_bool(fields: Fields, seen: Seen) -> bool:
    if fields["kind"] == HONEST:
        return neither(fields, seen) and seen.result is not None
    return neither(fields, seen) and not seen.result


_ANY_REFUSED = of(
    *("forged-*", "zeros", "near", "missing", "empty", "non-hex", "piece", "length"),
    *("garbage", "accent"),
)

_SIGNED = of(HONEST, *requests.GENUINE)
_UNSIGNED = of(*requests.FORGERIES)

MISTAKES: list[Proof] = [
    *requests.SIGNERS,
    Rule(
        digests.INVERTED,
        lambda fields: _SIGNED(fields) or _UNSIGNED(fields),
        how=lambda fields, seen: bool(
            seen.value == (REFUSED if _SIGNED(fields) else ACCEPTED)
        ),
    ),
    Rule(m.NOTHING, of(HONEST), how=_nothing),
    Rule(m.TRUTHY, _ANY_REFUSED, of(HONEST), _truthy, some=True),
    Rule(m.NO_BOOL, lambda fields: not fields["timing"], how=_no_bool, some=True),
    *mixed_types(of(HONEST)),
    locks_out(m.LSTRIP, "touched", but=["event"], some=True),
    lets_in(m.ACCEPTS_ANYTHING, "forged-*", "zeros", but=[HONEST]),
    lets_in(m.WRONG_KEY, "forged-secret", but=["forged-body", "zeros", HONEST]),
    lets_in(m.PART, "near", but=["forged-*", HONEST], some=True),
    stumbles(m.RAISES, "forged-*", "near", but=[HONEST], some=False),
    lets_in(m.FALLBACK, "other-body", but=[HONEST, "forged-*", "spelled"], some=True),
    locks_out(digests.RESERIALISED, "spelled", but=[HONEST, "event"]),
    locks_out(digests.AS_TEXT, "no-text", but=["text", HONEST]),
    stumbles(digests.AS_TEXT, "no-text", but=["text"], classes=[UnicodeError]),
    lets_in(m.PIECE, "piece", but=["forged-*"], some=True, may=of("empty", "missing")),
    lets_in(m.MISSING_ACCEPTED, "missing", "empty", but=["piece"], some=True),
    stumbles(m.MISSING_RAISES, "missing", but=[HONEST]),
    stumbles(
        m.LENGTH_RAISES,
        *("length", "piece"),
        but=["non-hex", "missing"],
        may=of("empty"),
    ),
    stumbles(m.NON_HEX_RAISES, "non-hex", but=["length", "piece"]),
    stumbles(
        m.GARBAGE_RAISES, "garbage", but=["length", "non-hex", "piece"], may=of("empty")
    ),
    stumbles(
        m.NON_ASCII_RAISES,
        "accent",
        but=["garbage", "length", "non-hex"],
        may=of("emoji", "folded"),
    ),
    lets_in(m.PREFIX, "prefix", but=["near"], some=True, may=of("alias")),
    lets_in(m.CHOOSES, "algorithm", but=["prefix"], some=True, may=of("alias")),
    lets_in(
        m.ANYWHERE,
        "inside",
        but=["prefix"],
        some=True,
        may=of("appended", "tail", "number", "quoted", "nul"),
    ),
    lets_in(
        m.STARTS, "appended", but=["inside", "prefix"], some=True, may=of("tail", "nul")
    ),
    lets_in(m.NUMBER, "number", but=["inside", "prefix"]),
    lets_in(
        m.DROPS,
        "odd",
        but=["appended", "inside"],
        some=True,
        may=of("tail", "quoted", "nul", "number"),
    ),
    Rule(
        m.EMPTY_SECRET,
        of("no-secret"),
        of(HONEST),
        lambda _, seen: seen.value == ACCEPTED,
        some=True,
    ),
    *compares_early(m.EQUALS, m.STOPS),
]

EXERCISE = judged(
    id="4.2",
    lab="04_signatures",
    wants="verify(secret, body, signature) -> bool",
    contract=CONTRACT,
    space=Space(requests.REQUEST, _trials, _random, many=60),
    observer=Verifier(
        _arguments,
        _show,
        digest=lambda fields: digest_of(fields["secret"], fields["body"]),
        header=lambda digest, _: f"sha256={digest.hex()}",
    ),
    mistakes=MISTAKES,
    hints=numbered("""
        1: Do not parse the header. Compute what it must be, and compare the two.
        2: Two cases are False before that: a missing header, and an empty secret.
        3: hmac.compare_digest compares in constant time; encode both strings first.
        4: return hmac.compare_digest(sign(secret, body).encode(), signature.encode())
    """),
)
