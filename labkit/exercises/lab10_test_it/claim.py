"""Exercise 10.4: break a shop that claims an id before the work is done."""

from dataclasses import replace
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
    same_because,
)

NEVER_CLOSED, NO_RETRY, OTHER_EVENT, TOO_LATE, SHARED = mistakes("""
    nothing-ever-fails: In your list the work succeeds each time, and then it makes no
        difference when the id is claimed. This bug shows only if something fails.
        Try: Close the warehouse for one delivery: {**delivery, "closed": True}.
    no-retry: Your list ends after the failure, and both shops responded with 500. The
        difference shows at the retry, which the sender makes after a 500.
        Try: Deliver the same event once more.
    another-event: After the failure your list contains another event. Nobody has
        claimed its id, so both shops ship it.
        Try: Repeat the event whose delivery failed.
    closed-too-late: In your list the parcel is shipped before the warehouse closes.
        What follows is a duplicate, and both shops correctly do nothing.
        Try: Let the first delivery be the one that fails.
    one-dictionary: Two entries of your list are the same dictionary, so the last change
        of "closed" counts for both. In the end the warehouse is open for each of them.
        Try: Make a copy for each delivery: {**delivery, "closed": True}.
""")

REFUSED = replace(
    FORGED,
    try_next="Send body and headers as receiver.sign makes them, and change nothing "
    "that is signed.",
)


def _failing(tried: Tried) -> list[int]:
    """Return the places of the deliveries whose work fails."""
    return [at for at, each in enumerate(tried.correct) if each.status == 500]


def _id(tried: Tried, place: int) -> Any:
    """Return the id of the event in a delivery, or None where there is none."""
    event = content(tried.deliveries[place]["body"])
    return event.get("id") if isinstance(event, dict) else None


def _ends_with_failure(tried: Tried) -> bool:
    failing = _failing(tried)
    return failing[:1] == [len(tried.deliveries) - 1]


def _ships_after_failure(tried: Tried) -> bool:
    failing = _failing(tried)
    return bool(failing) and any(each.shipped for each in tried.correct[failing[0] :])


def _closed(tried: Tried) -> bool:
    return any(delivery.get("closed") for delivery in tried.deliveries)


def _opened_again(tried: Tried) -> bool:
    """Whether one dictionary is in the list twice, and its "closed" is not true."""
    ids = [id(each) for each in tried.deliveries]
    return any(
        ids.count(id(each)) > 1 and each.get("closed", True) is False
        for each in tried.deliveries
    )


CLAIM = exercise_of(
    "10.4",
    "receiver.sign(receiver.event) makes a legitimate delivery.",
    rules=(
        same_because(REFUSED, is_forged),
        same_because(
            NO_EVENT, lambda t: bool(_failing(t)) and _id(t, _failing(t)[0]) is None
        ),
        same_because(NO_RETRY, _ends_with_failure),
        same_because(OTHER_EVENT, _ships_after_failure),
        same_because(TOO_LATE, lambda t: _closed(t) and not _failing(t)),
        same_because(SHARED, lambda t: not _closed(t) and _opened_again(t)),
        same_because(NEVER_CLOSED, lambda tried: not _failing(tried)),
    ),
    hints=numbered("""
        1: Read from `claim the id` on. What has happened when `ship` raises?
        2: A delivery with "closed": True arrives while the warehouse is closed, and
            ship raises. What will the sender do after the 500?
        3: You need two deliveries of one event: the first with the warehouse closed,
            the second with it open.
    """),
)
