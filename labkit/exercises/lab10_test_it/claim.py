"""Exercise 10.4: break a shop that claims an id before the work is done."""

import json
from typing import Any

from labkit.checks import Exercise, Mistake
from labkit.exercises.lab10_test_it.breaking import (
    FORGED,
    WANTS,
    Trial,
    cases_of,
    refused,
)
from labkit.exercises.lab10_test_it.target import Delivery

NEVER_CLOSED = Mistake(
    "nothing-ever-fails",
    "The work went well each time, and then it makes no difference when the id is "
    "claimed. This bug shows only where something fails.",
    'Close the warehouse for one delivery: {**delivery, "closed": True}.',
)
NO_RETRY = Mistake(
    "no-retry",
    "The warehouse was closed, and both shops answered 500. What they made of it shows "
    "when the sender comes again, as it does after a 500.",
    "Deliver the same event once more, with the warehouse open.",
)
STAYS_CLOSED = Mistake(
    "stays-closed",
    "The event comes again, and the warehouse is still closed. No shop can ship now, "
    "so it does not show which of them would.",
    "Open it for the second delivery: leave out closed.",
)
OTHER_EVENT = Mistake(
    "another-event",
    "After the failure comes another event, with an id that nobody has claimed. Both "
    "shops ship it.",
    "Let the event come again whose delivery failed.",
)
TOO_LATE = Mistake(
    "closed-too-late",
    "The parcel had left before the warehouse was closed. What comes after is a copy, "
    "and both shops rightly do nothing.",
    "Let the first delivery be the one that fails.",
)


def explain(trial: Trial) -> Mistake:
    """Say why these deliveries do not show the bug."""
    if refused(trial):
        return FORGED
    closed = [at for at, each in enumerate(trial.deliveries) if each.get("closed")]
    if not closed:
        return NEVER_CLOSED
    failed = [at for at in closed if trial.sound[at].status == 500]
    if not failed:
        return TOO_LATE
    first = failed[0]
    later = trial.deliveries[first + 1 :]
    if not later:
        return NO_RETRY
    again = [each for each in later if _id(each) == _id(trial.deliveries[first])]
    return STAYS_CLOSED if again else OTHER_EVENT


def _id(delivery: Delivery) -> Any:
    return json.loads(delivery["body"])["id"]


CLAIM = Exercise(
    id="10.4",
    lab="10_test_it",
    wants=WANTS,
    cases=cases_of("10.4", explain),
    hints=(
        "Read from `claim the id` on. What has happened when `ship` raises?",
        (
            'A delivery with "closed": True meets a closed warehouse, and ship raises. '
            "What will the sender do after the 500?"
        ),
        (
            "It takes two deliveries of one event: the first with the warehouse "
            "closed, the second with it open."
        ),
    ),
)
