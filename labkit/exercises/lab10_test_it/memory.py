"""Exercise 10.3: break a shop that forgets the ids that it has shipped."""

from labkit.checks.contract import numbered
from labkit.checks.mistakes import mistakes
from labkit.exercises.lab10_test_it.breaking import (
    FORGED,
    NO_EVENT,
    Tried,
    exercise_of,
    is_forged,
    lacks_a_field,
    same_because,
    signed_body,
)
from labkit.exercises.lab10_test_it.target import Delivery
from labkit.model import LAB_EPOCH

ONE_ONLY, OTHER_EVENTS, TOO_SOON, NO_AT, OLD_BYTES, OTHER_HEADERS, SHUT = mistakes("""
    one-delivery-only: Your list contains each event only once. At the first delivery,
        neither shop has an id to remember.
        Try: Send the event a second time.
    another-event: Your events have different ids, so both shops ship each of them. That
        is correct, because they are different payments.
        Try: Send the same event twice.
    comes-back-too-soon: Your second delivery comes within 300 s of the first. For that
        long this shop remembers the id, like a correct one.
        Try: Send it later: receiver.sign(event, at=…) makes the delivery of that
        time.
    arrives-at-zero: Your delivery was signed for a later time, but it has no "at". So
        it arrives at 0 s, where its timestamp is more than 300 s in the future, and
        both shops reject it.
        Try: Keep the "at" of the delivery that receiver.sign(event, at=…) returns.
    old-timestamp: The timestamp of your delivery is more than 300 s away from the time
        of arrival, so both shops reject it as a replay. That is the purpose of the
        tolerance window.
        Try: Sign each attempt with its own time, as the sender does:
        receiver.sign(event, at=…).
    changes-what-is-signed: Your delivery has a changed id, time or body. In this scheme
        all three are signed, so both shops reject it.
        Try: Let receiver.sign make the whole delivery for the new time.
    warehouse-closed: Your list closes the warehouse, and then neither shop keeps the
        id. This bug does not need a closed warehouse.
        Try: Leave out "closed", and change "at" instead.
""")
FORGETS_AFTER = 300.0


def _age(delivery: Delivery) -> float:
    """Return how old the request is when it arrives, in seconds; 0 if unknown."""
    named = {name.lower(): value for name, value in delivery["headers"].items()}
    try:
        stamp = int(named.get("webhook-timestamp", ""))
    except ValueError:
        return 0.0
    return LAB_EPOCH + float(delivery.get("at", 0.0)) - stamp


def _too_old(tried: Tried) -> bool:
    return any(abs(_age(each)) > FORGETS_AFTER for each in tried.refused)


def _lost_at(tried: Tried) -> bool:
    return any(
        "at" not in each and _age(each) < -FORGETS_AFTER for each in tried.refused
    )


def _changed(tried: Tried) -> bool:
    return any(signed_body(tried, each) is not None for each in tried.refused)


def _closed(tried: Tried) -> bool:
    return any(each.get("closed") for each in tried.with_status(500))


MEMORY = exercise_of(
    "10.3",
    "receiver.sign(receiver.event, at=60.0) makes the delivery that the sender would "
    "make a minute after the start.",
    rules=(
        same_because(NO_EVENT, lacks_a_field),
        same_because(NO_AT, _lost_at),
        same_because(OLD_BYTES, _too_old),
        same_because(OTHER_HEADERS, _changed),
        same_because(FORGED, is_forged),
        same_because(SHUT, _closed),
        same_because(ONE_ONLY, lambda tried: len(tried.deliveries) == 1),
        same_because(TOO_SOON, lambda tried: bool(tried.with_status(200))),
        same_because(OTHER_EVENTS, lambda tried: len(tried.with_status(204)) > 1),
    ),
    hints=numbered("""
        1: Which line of the shop removes something that it knew?
        2: It forgets an id after 300 s, because requests older than that are rejected.
            Which legitimate request comes later and is not old?
        3: A retry: the same event, signed again when it is sent.
            receiver.sign(receiver.event, at=…) makes one.
        4: [receiver.sign(receiver.event), receiver.sign(receiver.event, at=7200.0)]
    """),
)
