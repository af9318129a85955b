"""Exercise 10.2: break a shop that checks the signature over more than what came."""

import hmac
import json
from typing import Any

from labkit.checks import Exercise, Mistake
from labkit.exercises.lab10_test_it.breaking import (
    FORGED,
    NO_EVENT,
    WANTS,
    Trial,
    cases_of,
    fails_on_its_own,
    refused,
    signature_in,
    signed_body,
)
from labkit.exercises.lab10_test_it.target import Delivery

ALL_HONEST = Mistake(
    "nothing-unusual",
    (
        "Your deliveries are all legitimate, and this shop handles them correctly. "
        "The bug is in what it accepts besides."
    ),
    (
        "Look at the line with `and not`: which body fails the first half and passes "
        "the second?"
    ),
)
SIGNED_ANEW = Mistake(
    "signs-what-it-sends",
    (
        "Your delivery has another body, but it was signed for these bytes. So it is "
        "authentic, and a correct shop accepts it as well."
    ),
    "Sign first, then change the body, and keep the signature.",
)
OTHER_SPELLING = Mistake(
    "signs-the-other-spelling",
    (
        "Your delivery was signed in another form than the one that the shop tries. "
        "At the second attempt it re-serialises the JSON without spaces."
    ),
    "Sign the form without spaces, and send another one.",
)
OTHER_MEANING = Mistake(
    "changes-the-meaning",
    (
        "Your body contains other data than the signed one, and both shops detect it,"
        " also after re-serialising."
    ),
    "Keep the data, and change only how the JSON is written.",
)


def explain(trial: Trial) -> Mistake:
    """Say why these deliveries do not show the bug."""
    if fails_on_its_own(trial):
        return NO_EVENT
    if not refused(trial):
        return SIGNED_ANEW if _unusual(trial) else ALL_HONEST
    for delivery in refused(trial):
        body = signed_body(trial, delivery)
        if body is None:
            body = _spelling_signed(trial, delivery)
        if body is None:
            continue
        same = _meaning(body) == _meaning(delivery["body"])
        return OTHER_SPELLING if same else OTHER_MEANING
    return FORGED


def _unusual(trial: Trial) -> bool:
    return any(each["body"] != _spelled(each["body"])[0] for each in trial.deliveries)


def _spelling_signed(trial: Trial, delivery: Delivery) -> bytes | None:
    """Return the spelling of this very JSON that was signed by hand, or None."""
    for body in (*_spelled(delivery["body"]), trial.target.event.body):
        digits = hmac.digest(trial.target.secret.encode(), body, "sha256").hex()
        if signature_in(delivery) == f"sha256={digits}":
            return body
    return None


def _spelled(body: bytes) -> list[bytes]:
    content = _meaning(body)
    ways: tuple[dict[str, Any], ...] = (
        {"separators": (",", ":")},
        {},
        {"indent": 2},
        {"sort_keys": True},
    )
    try:
        return [json.dumps(content, **way).encode() for way in ways]
    except RecursionError:  # nested almost as deep as the parser goes
        return [body]


def _meaning(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


SIGNATURE = Exercise(
    id="10.2",
    lab="10_test_it",
    wants=WANTS,
    cases=cases_of("10.2", explain),
    hints=(
        (
            "A correct shop calls `fits` once, with the raw body. What does this shop "
            "pass to it the second time?"
        ),
        (
            "The second attempt uses the JSON without spaces. So one signature is "
            "accepted for the body without spaces, and for any body with equal data."
        ),
        (
            "delivery = receiver.sign(receiver.event) has the body without spaces. "
            "Put another body into a copy, and keep the headers."
        ),
        '{**delivery, "body": delivery["body"].replace(b":", b": ")}',
    ),
)
