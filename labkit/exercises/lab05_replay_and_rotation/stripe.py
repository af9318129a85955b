"""Exercise 5.4: verify a request from Stripe: the same idea in another format."""

import json
import re
from typing import Any

from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Mutant, Proof, Rule, edits
from labkit.checks.observing import Seen
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space
from labkit.exercises.lab05_replay_and_rotation import mistakes as m
from labkit.exercises.lab05_replay_and_rotation import stripe_mistakes as own
from labkit.exercises.lab05_replay_and_rotation import stripe_requests as requests
from labkit.exercises.lab05_replay_and_rotation import window
from labkit.exercises.lab05_replay_and_rotation.asking import (
    common_mistakes,
    request_shown,
)
from labkit.exercises.signers import compared
from labkit.exercises.verifiers import (
    HONEST,
    Verifier,
    lets_in,
    locks_out,
    of,
    refused,
    stumbles,
)

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


def _arguments(fields: Fields) -> list[Any]:
    now, tolerance = fields["now"], fields["tolerance"]
    return [requests.SECRET, fields["body"], requests.header_of(fields), now, tolerance]


def _show(fields: Fields) -> str:
    clock = f"now {fields['now']:.15g}, tolerance {fields['tolerance']:.15g} s"
    return request_shown(
        {"Stripe-Signature": requests.header_of(fields)}, fields["body"], clock
    )


_SIGNING = of(
    *(HONEST, "way", "forged-*", "text", "spelled", "json", "fresh", "old", "future"),
    *("unit", "clock", "late", "empty"),
)

_LIST = of(HONEST, "several", "none-of-several", "forged-*")

_APPEND = """elif name == "v1":
            signatures.append(value.encode())"""

_ONE = "for one in signatures)"


_OF_DICTIONARIES = re.compile(
    "'str' object has no attribute '(get|items|keys|values|pop|setdefault)'"
)


def _takes_no_text(_: Fields, seen: Seen) -> bool:
    """Whether the header was used as a dictionary, or parsed as JSON."""
    text = str(seen.error)
    as_dictionary = _OF_DICTIONARIES.search(text) or "string indices" in text
    return bool(as_dictionary) or isinstance(seen.error, json.JSONDecodeError)


MISTAKES: list[Proof] = [
    *compared(requests.WAYS, _SIGNING),
    *(
        Mutant(own.LABEL, edits, on=_SIGNING)
        for edits in (
            [(_APPEND, "else:\n            signatures.append(item.encode())")],
            [("digest.encode()", 'b"v1=" + digest.encode()')],
            [("digest.encode()", 'b"sha256=" + digest.encode()')],
        )
    ),
    Rule(own.PARSES, of(HONEST), how=_takes_no_text),
    *window.window_mistakes("time", own.STRIPES_FUTURE, own.CLOCK),
    lets_in(m.ACCEPTS_ALL, "forged-*", but=[HONEST]),
    lets_in(m.TIME_FREE, "forged-t", but=["forged-body", HONEST]),
    *window.body_mistakes(),
    *edits(own.FIRST_ONLY, _ONE, "for one in signatures[:1])", on=_LIST),
    *edits(own.LAST_ONLY, _ONE, "for one in signatures[-1:])", on=_LIST),
    *edits(
        own.ONE_ONLY,
        _ONE,
        "for one in (signatures if len(signatures) == 1 else []))",
        on=_LIST,
    ),
    locks_out(own.UNKNOWN_ITEM, "unknown", but=[HONEST, "several"], some=True),
    stumbles(own.UNKNOWN_ITEM, "unknown", but=[HONEST, "several"]),
    Rule(own.ITEM_ORDER, of("order"), of(HONEST), may=of("unknown")),
    Rule(own.STRIPS, of("one"), of(HONEST, "near"), refused),
    lets_in(own.SCHEME, "scheme", but=["forged-*"]),
    lets_in(own.TWO_TIMES, "two-times", but=["old"], some=True),
    lets_in(own.SKIPPED, "no-time", but=[HONEST, "forged-*"], some=True),
    *window.digits_mistakes(),
    stumbles(m.NON_ASCII, "accent*", but=["garbage"], classes=[TypeError]),
    stumbles(m.GARBAGE, "garbage", "accent*", "missing", "no-time", but=[HONEST]),
    *common_mistakes(),
]

EXERCISE = judged(
    id="5.4",
    lab="05_replay_and_rotation",
    wants="verify_stripe(secret, body, header, now, tolerance) -> bool",
    contract=CONTRACT,
    space=Space(requests.REQUEST, requests.trials, requests.random_request, many=60),
    observer=Verifier(
        _arguments,
        _show,
        digest=requests.digest_of,
        header=lambda digest, _: f"t={window.TIME},v1={digest.hex()}",
    ),
    mistakes=MISTAKES,
    hints=numbered("""
        1: Parse the header first: split it at the commas, then each item at its first
            equals sign. Which values do you need, and how many of each can there be?
        2: Compute the HMAC of f"{t}.".encode() + body with the key secret.encode(), and
            call .hexdigest() on it. Keep the v1 values in a list.
        3: If t contains characters other than digits, or no v1 matches, return False.
            Otherwise return abs(now - int(t)) <= tolerance.
    """),
)
