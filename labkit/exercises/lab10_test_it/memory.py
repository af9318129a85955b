"""Exercise 10.3: break a shop that forgets the ids that it has shipped."""

from labkit.checks import Exercise, Mistake
from labkit.exercises.lab10_test_it.breaking import (
    FORGED,
    NO_EVENT,
    WANTS,
    Trial,
    cases_of,
    fails_on_its_own,
    refused,
)
from labkit.exercises.lab10_test_it.target import Delivery
from labkit.model import LAB_EPOCH

ONE_ONLY = Mistake(
    "one-delivery-only",
    (
        "Your list contains each event only once. At the first delivery, neither shop"
        " has an id to remember."
    ),
    "Send the event a second time.",
)
OTHER_EVENTS = Mistake(
    "another-event",
    (
        "Your events have different ids, so both shops ship each of them. That is "
        "correct, because they are different payments."
    ),
    "Send the same event twice.",
)
TOO_SOON = Mistake(
    "comes-back-too-soon",
    (
        "Your second delivery comes within 300 s of the first. For that long this "
        "shop remembers the id, like a correct one."
    ),
    "Send it later: receiver.sign(event, at=…) makes the delivery of that time.",
)
OLD_BYTES = Mistake(
    "old-timestamp",
    (
        "Your second delivery has an old timestamp, and both shops reject it as a "
        "replay. That is the purpose of the tolerance window."
    ),
    (
        "Sign each attempt with its own time, as the sender does: "
        "receiver.sign(event, at=…)."
    ),
)
OTHER_HEADERS = Mistake(
    "changes-what-is-signed",
    (
        "Your delivery has a changed id, time or body. In this scheme all three are "
        "signed, so both shops reject it."
    ),
    "Let receiver.sign make the whole delivery for the new time.",
)
SHUT = Mistake(
    "warehouse-closed",
    (
        "Your list closes the warehouse, and then neither shop keeps the id. This bug"
        " does not need a closed warehouse."
    ),
    "Leave out closed, and use the time.",
)
FORGETS_AFTER = 300.0


def explain(trial: Trial) -> Mistake:
    """Say why these deliveries do not show the bug."""
    if fails_on_its_own(trial):
        return NO_EVENT
    for delivery in refused(trial):
        if abs(_age(delivery)) > FORGETS_AFTER:
            return OLD_BYTES
        if _signed_parts(trial, delivery):
            return OTHER_HEADERS
        return FORGED
    if any(delivery.get("closed") for delivery in trial.deliveries):
        return SHUT
    if len(trial.deliveries) == 1:
        return ONE_ONLY
    twice = any(outcome.status == 200 for outcome in trial.sound)
    return TOO_SOON if twice else OTHER_EVENTS


def _age(delivery: Delivery) -> float:
    """Return how old the request is when it arrives, in seconds; 0 if it can't tell."""
    named = {name.lower(): value for name, value in delivery["headers"].items()}
    try:
        stamp = int(named.get("webhook-timestamp", ""))
    except ValueError:
        return 0.0
    return LAB_EPOCH + float(delivery.get("at", 0.0)) - stamp


def _signed_parts(trial: Trial, delivery: Delivery) -> bool:
    """Whether the signature is one that receiver.sign made for something else."""
    given = delivery["headers"].values()
    return any(
        headers["webhook-signature"] in given for _, headers in trial.target.signed
    )


MEMORY = Exercise(
    id="10.3",
    lab="10_test_it",
    wants=WANTS,
    cases=cases_of("10.3", explain),
    hints=(
        "Which line of the shop removes something that it knew?",
        (
            "It forgets an id after 300 s, because requests older than that are "
            "rejected. Which legitimate request comes later and is not old?"
        ),
        (
            "A retry: the same event, signed again when it is sent. "
            "receiver.sign(receiver.event, at=…) makes one."
        ),
        "[receiver.sign(receiver.event), receiver.sign(receiver.event, at=7200.0)]",
    ),
)
