"""Exercise 5.3: the order of steps in which a secret is changed unnoticed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from labkit.checks import Exercise, Mistake, Question, short
from labkit.errors import LabError
from labkit.exercises.lab05_replay_and_rotation.rotation import (
    MOST,
    STEPS,
    Passage,
    Rotation,
    Step,
    carry_out,
    chosen,
)

NOTHING = Mistake(
    "returns-nothing",
    "What a function prints is for people; what it returns is for the program. Yours "
    "returned no steps.",
    "Return the list of the steps, in the order in which they are to be done.",
)
NO_STEP = Mistake(
    "not-one-of-the-steps",
    "The list holds something that is none of the ten steps, so nobody can do it.",
    'Return steps out of the list you were given, or their letters: ["a", "b"].',
)
TOO_MANY = Mistake(
    "too-many-steps",
    "A rotation needs a handful of steps. Yours would go on all day.",
    "Each step once is enough.",
)
NOT_MADE = Mistake(
    "uses-a-secret-that-is-not-made",
    "At this step there is no new secret yet. Nobody can sign with it, accept it or "
    "write it down.",
    "What has to happen before anybody can use the new secret?",
)
SENDER_FIRST = Mistake(
    "provider-signs-before-the-receiver-knows",
    "The provider signs with the new secret, and your receiver has not heard of it. "
    "Every payment is refused until it has.",
    "The receiver learns the new secret first, or the provider signs with both.",
)
RECEIVER_FIRST = Mistake(
    "receiver-replaces-before-the-provider-signs",
    "Your receiver has forgotten the old secret while the provider still signs with "
    "it alone. Every payment is refused until the provider follows.",
    "Let one side know both secrets for a while before the other one changes.",
)
DELETED = Mistake(
    "deletes-the-old-secret-first",
    "It has leaked, so out with it: but your receiver knows no other yet. The attacker "
    "is locked out together with the provider.",
    "First the new secret has to work, then the old one can go.",
)
AT_ONCE = Mistake(
    "both-at-the-same-moment",
    "Even if both clocks were the same: a request that was signed at 11:59:59 arrives "
    "at 12:00:01. There is always something on its way.",
    "Leave a time in which either of the two secrets will do.",
)
STOPPED = Mistake(
    "stops-the-receiver",
    "While it is down, connections are refused. Some providers try again later, GitHub "
    "never does; and what was signed with the old secret is refused afterwards too.",
    "A receiver that accepts both secrets needs no moment in which it is away.",
)
OPENED = Mistake(
    "accepts-unsigned-requests",
    "For an hour your shop sends a parcel to whoever asks for one. An attacker who has "
    "your secret is watching you already.",
    "There is an order in which every request is checked all the time.",
)
NO_WAIT = Mistake(
    "forgets-what-is-on-its-way",
    "The provider had stopped signing with the old secret alone, but this request was "
    "signed before that and arrived after the receiver had forgotten it.",
    "Between the last request signed with the old secret alone and the step at which "
    "the receiver forgets it, something has to be waited for.",
)
OLD_STAYS = Mistake(
    "old-secret-stays-valid",
    "All steps are done, and a request signed with the leaked secret still ships a "
    "parcel. Such a rotation ends unnoticed, because nothing is broken: the provider "
    "is content, and so is the attacker.",
    "Which step makes the receiver forget the old secret?",
)
REFUSED = Mistake(
    "an-honest-delivery-is-refused",
    "The provider sent this, and your receiver refused it.",
    "Which secrets does the receiver know at that moment, and which ones signed?",
)


def names_steps(rotation: Callable[..., Any]) -> None:
    """The answer is a list of steps, and each can be done when its turn comes."""
    ask, done = _carried_out(rotation)
    if done.unmade is not None:
        ask.fail(f"{_letters(done.steps)}: {done.unmade}", NOT_MADE)


def refuses_no_delivery(rotation: Callable[..., Any]) -> None:
    """Not one delivery is refused, before, between and after the steps."""
    ask, done = _carried_out(rotation)
    for passage in done.wrong:
        if passage.honest:
            ask.fail(_told(done, passage), _why_refused(done, passage))


def accepts_nothing_unsigned(rotation: Callable[..., Any]) -> None:
    """A request without a valid signature is refused all the time."""
    ask, done = _carried_out(rotation)
    for passage in done.wrong:
        if not passage.signed:
            ask.fail(_told(done, passage), OPENED)


def locks_the_old_secret_out(rotation: Callable[..., Any]) -> None:
    """After the last step a request signed with the old secret is refused."""
    ask, done = _carried_out(rotation)
    for passage in done.wrong:
        ask.fail(_told(done, passage), OLD_STAYS)


def _carried_out(rotation: Callable[..., Any]) -> tuple[Question, Rotation]:
    ask = Question(
        sent="the ten steps, a to j",
        expected="200 for every payment, 401 for every forgery",
        why=REFUSED.why,
        try_next=REFUSED.try_next,
    )
    shape = replace(ask, expected="a list of some of these steps")
    answered: Any = shape.call(rotation, list(STEPS))
    if answered is None:
        shape.fail("None", NOTHING)
    try:
        steps = chosen(_first_of(answered))
    except (LabError, TypeError):
        shape.fail(short(answered), NO_STEP)
    if len(steps) > MOST:
        shape.fail(f"more than {MOST} steps", TOO_MANY)
    return ask, carry_out(steps)


def _first_of(answered: Any) -> list[object]:
    found: list[object] = []
    for each in answered:
        found.append(each)
        if len(found) > MOST:
            break
    return found


def _letters(steps: tuple[Step, ...]) -> str:
    return " ".join(step.letter for step in steps) or "no step"


def _told(done: Rotation, passage: Passage) -> str:
    after = (
        f"after {done.steps[passage.place - 1]}" if passage.place else "before any step"
    )
    return f"{_letters(done.steps)}\n{after}\n{passage}"


def _why_refused(done: Rotation, passage: Passage) -> Mistake:
    step = done.steps[passage.place - 1].name
    special = {
        "receiver restarted with new": STOPPED,
        "both at once": AT_ONCE,
        "old secret deleted": DELETED,
    }
    if step in special:
        return special[step]
    if passage.late:
        return NO_WAIT
    return RECEIVER_FIRST if passage.world.accepts == ("new",) else SENDER_FIRST


EXERCISE = Exercise(
    id="5.3",
    lab="05_replay_and_rotation",
    wants="rotation(steps) -> list",
    cases=(
        names_steps,
        refuses_no_delivery,
        accepts_nothing_unsigned,
        locks_the_old_secret_out,
    ),
    hints=(
        (
            "Write down, for each moment, what the provider signs with and what the "
            "receiver accepts. The two lists must always have a secret in common."
        ),
        (
            "Start with e. Then one of the two sides has to know both secrets before "
            "the other one changes."
        ),
        (
            "A request that was signed earlier arrives later. Where does the waiting "
            "belong: before or after the receiver forgets the old secret?"
        ),
        "At the end the receiver accepts the new secret only. Five steps are enough.",
    ),
)
