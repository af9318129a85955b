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
    "At the first delivery of an event the two shops have nothing to remember yet.",
    "Let the event come a second time.",
)
OTHER_EVENTS = Mistake(
    "another-event",
    "Each of these events has an id of its own, so each is shipped, by both. That is "
    "right: they are different payments.",
    "Let one and the same event come twice.",
)
TOO_SOON = Mistake(
    "comes-back-too-soon",
    "The second time is within 300 s of the first, and so long this shop remembers, "
    "like a right one.",
    "Let it come later. receiver.sign(event, at=…) makes the delivery of that time.",
)
OLD_BYTES = Mistake(
    "old-timestamp",
    "The request is as it was signed, and it comes when its timestamp is out of the "
    "window of 300 s: both shops refuse it as a replay. That is what the window is "
    "for.",
    "An honest sender signs each attempt anew: receiver.sign(event, at=…) with the "
    "time at which it arrives.",
)
OTHER_HEADERS = Mistake(
    "changes-what-is-signed",
    "In this scheme id, time and body are all under the signature. One of them was "
    "changed afterwards, and both shops refuse it.",
    "Let receiver.sign make the whole delivery for the new time.",
)
SHUT = Mistake(
    "warehouse-closed",
    "While the warehouse is closed nothing is shipped, and neither shop keeps the id. "
    "This shop's bug needs no closed warehouse.",
    "Leave out closed, and think of the time.",
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
        "Which of the shop's lines makes it know less than before?",
        (
            "It forgets an id after 300 s, because requests older than that are "
            "refused. Which honest request comes later and is not old?"
        ),
        (
            "A retry: the same event, signed anew when it is sent. "
            "receiver.sign(receiver.event, at=…) makes one."
        ),
        "[receiver.sign(receiver.event), receiver.sign(receiver.event, at=7200.0)]",
    ),
)
