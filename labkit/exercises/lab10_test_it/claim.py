"""Exercise 10.4: break a shop that claims an id before the work is done."""

import json
from typing import Any

from labkit.checks import Exercise, Mistake
from labkit.exercises.lab10_test_it.breaking import (
    FORGED,
    NO_EVENT,
    WANTS,
    Trial,
    cases_of,
    refused,
)
from labkit.exercises.lab10_test_it.target import Delivery

NEVER_CLOSED = Mistake(
    "nothing-ever-fails",
    (
        "In your list the work succeeds each time, and then it makes no difference "
        "when the id is claimed. This bug shows only if something fails."
    ),
    'Close the warehouse for one delivery: {**delivery, "closed": True}.',
)
NO_RETRY = Mistake(
    "no-retry",
    (
        "Your list ends after the failure, and both shops responded with 500. The "
        "difference shows at the retry, which the sender makes after a 500."
    ),
    "Deliver the same event once more.",
)
OTHER_EVENT = Mistake(
    "another-event",
    (
        "After the failure your list contains another event. Nobody has claimed its "
        "id, so both shops ship it."
    ),
    "Repeat the event whose delivery failed.",
)
TOO_LATE = Mistake(
    "closed-too-late",
    (
        "In your list the parcel is shipped before the warehouse closes. What follows"
        " is a duplicate, and both shops correctly do nothing."
    ),
    "Let the first delivery be the one that fails.",
)


def explain(trial: Trial) -> Mistake:
    """Say why these deliveries do not show the bug."""
    if refused(trial):
        return FORGED
    failed = [at for at, each in enumerate(trial.sound) if each.status == 500]
    if failed and _id(trial.deliveries[failed[0]]) is None:
        return NO_EVENT
    if failed:
        last = failed[0] + 1 == len(trial.deliveries)
        return NO_RETRY if last else OTHER_EVENT
    closed = any(delivery.get("closed") for delivery in trial.deliveries)
    return TOO_LATE if closed else NEVER_CLOSED


def _id(delivery: Delivery) -> Any:
    """Return the id of the event in a delivery, or None where there is none."""
    event = json.loads(delivery["body"])
    return event.get("id") if isinstance(event, dict) else None


CLAIM = Exercise(
    id="10.4",
    lab="10_test_it",
    wants=WANTS,
    cases=cases_of("10.4", explain),
    hints=(
        "Read from `claim the id` on. What has happened when `ship` raises?",
        (
            'A delivery with "closed": True arrives while the warehouse is '
            "closed, and ship raises. What will the sender do after the 500?"
        ),
        (
            "You need two deliveries of one event: the first with the warehouse "
            "closed, the second with it open."
        ),
    ),
)
