"""Exercise 10.2: break a shop that checks the signature over more than what came."""

import hmac
import json
from typing import Any

from labkit.checks.contract import numbered
from labkit.checks.mistakes import mistakes
from labkit.exercises.lab10_test_it.breaking import (
    FORGED,
    NO_EVENT,
    Tried,
    content,
    exercise_of,
    is_forged,
    lacks_a_field,
    same_because,
    signature_in,
    signed_body,
)
from labkit.exercises.lab10_test_it.target import Delivery

ALL_HONEST, SIGNED_ANEW, OTHER_SPELLING, OTHER_ORDER, OTHER_MEANING = mistakes("""
    nothing-unusual: Your deliveries are all legitimate, and this shop handles them
        correctly. The bug is in what else it accepts.
        Try: Look at the line with `and not`: which body fails the first half and
        passes the second?
    signs-what-it-sends: Your delivery has another body, but it was signed for these
        bytes. So it is authentic, and a correct shop accepts it as well.
        Try: Sign first, then change the body, and keep the signature.
    signs-the-other-spelling: Your delivery was signed in a different form from the one
        that the shop tries. In its second check it re-serialises the JSON without
        spaces.
        Try: Sign the form without spaces, and send another one.
    changes-the-order-of-keys: The keys in your body are in a different order from those
        in the body that was signed. In its second check the shop re-serialises the JSON
        without spaces, but it keeps the order of the keys.
        Try: Keep the order of the keys, and change only the spaces.
    changes-the-meaning: The data in your body differs from the data that was signed.
        Both shops detect that, even after re-serialising.
        Try: Keep the data, and change only how the JSON is written.
""")
WAYS: tuple[dict[str, Any], ...] = (
    {"separators": (",", ":")},
    {},
    {"indent": 2},
    {"sort_keys": True},
)
"""How JSON is written, the sender's way first."""


def _unusual(tried: Tried) -> bool:
    bodies = [delivery["body"] for delivery in tried.deliveries]
    return any(body != _spelled(body)[0] for body in bodies)


def _signed(tried: Tried, delivery: Delivery) -> bytes | None:
    """Return the body that a signature was made for, by `sign` or by hand, or None."""
    if (body := signed_body(tried, delivery)) is not None:
        return body
    for body in (*_spelled(delivery["body"]), tried.target.event.body):
        digits = hmac.digest(tried.target.secret.encode(), body, "sha256").hex()
        if signature_in(delivery) == f"sha256={digits}":
            return body
    return None


def _spelled(body: bytes) -> list[bytes]:
    return [json.dumps(content(body), **way).encode() for way in WAYS]


def _signed_with(tried: Tried, *, same: bool) -> bool:
    """Whether a body was signed that has the same data as the one sent, or other."""
    return any(
        body is not None and (content(body) == content(each["body"])) is same
        for each in tried.refused
        for body in [_signed(tried, each)]
    )


def _in_another_order(tried: Tried) -> bool:
    """Whether a body was signed of which only the keys are in another order."""
    pairs = [(_signed(tried, each), each["body"]) for each in tried.refused]
    return any(
        signed is not None
        and _spelled(signed)[0] != _spelled(sent)[0]
        and _spelled(signed)[-1] == _spelled(sent)[-1]
        for signed, sent in pairs
    )


SIGNATURE = exercise_of(
    "10.2",
    "receiver.sign(receiver.event) makes a legitimate delivery.",
    rules=(
        same_because(NO_EVENT, lacks_a_field),
        same_because(SIGNED_ANEW, lambda t: t.all_acknowledged and _unusual(t)),
        same_because(ALL_HONEST, lambda t: t.all_acknowledged and not _unusual(t)),
        same_because(OTHER_ORDER, _in_another_order),
        same_because(OTHER_SPELLING, lambda t: _signed_with(t, same=True)),
        same_because(OTHER_MEANING, lambda t: _signed_with(t, same=False)),
        same_because(FORGED, is_forged),
    ),
    hints=numbered("""
        1: A correct shop calls `fits` once, with the raw body. What does this shop pass
            to it the second time?
        2: The second call uses the JSON without spaces. So one signature is accepted
            for the body without spaces, and for any body with equal data.
        3: delivery = receiver.sign(receiver.event) has the body without spaces. Put
            another body into a copy, and keep the headers.
        4: {**delivery, "body": delivery["body"].replace(b":", b": ")}
    """),
)
