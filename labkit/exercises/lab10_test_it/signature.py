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
    "All of this is what an honest sender sends, and this shop treats it well. The bug "
    "is in what it takes beside that.",
    "Look at the line with `and not`: which body could get past the first half, and be "
    "taken by the second?",
)
SIGNED_ANEW = Mistake(
    "signs-what-it-sends",
    "The body is spelled with care, and its signature was made for these very bytes. "
    "So it is authentic, and a right shop takes it as well.",
    "Sign first, then change the body, and leave the signature as it was.",
)
OTHER_SPELLING = Mistake(
    "signs-the-other-spelling",
    "The shop has a second try: it writes the JSON that came without blanks. Yours was "
    "signed in another spelling than that one, so neither try fits.",
    "Sign the spelling without blanks; send the other.",
)
OTHER_MEANING = Mistake(
    "changes-the-meaning",
    "This body says something else than the one that was signed, and both shops see "
    "it: written anew, it is still something else.",
    "Leave the content as it is, and change how it is spelled.",
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
            "A right shop calls `fits` once, with the body that came. What does this "
            "one call it with the second time?"
        ),
        (
            "The second try is over the JSON without blanks. So there are two bodies "
            "for one signature: the one without blanks, and any that means the same."
        ),
        (
            "delivery = receiver.sign(receiver.event) has the body without blanks. Put "
            "another body into a copy, and keep the headers."
        ),
        '{**delivery, "body": delivery["body"].replace(b":", b": ")}',
    ),
)
