"""Exercise 5.3: the order of steps that replaces a secret without lost deliveries."""

import inspect
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from labkit.checks import Mistake, short
from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Rule, mistakes, returned
from labkit.checks.observing import Seen, outcome
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.errors import LabError
from labkit.exercises.lab05_replay_and_rotation import rotation

NOTHING, NO_STEP, TOO_MANY, NOT_MADE, SENDER_FIRST = mistakes("""
    returns-nothing: Your function prints the steps or returns nothing. The caller needs
        the returned value.
        Try: Return the list of the steps, in the order in which they are performed.
    not-one-of-the-steps: Your list contains something that is not one of the ten steps.
        Try: Return steps of the list that was passed in, or their letters: ["a", "b"].
    too-many-steps: Your list has too many steps. A rotation needs only a few.
        Try: Use each step at most once.
    uses-a-secret-that-is-not-made: At this step of your list, the new secret does not
        exist yet. Neither side can use it.
        Try: Which step creates the new secret?
    provider-signs-before-the-receiver-knows: In your order the provider signs with the
        new secret before the receiver knows it. Until then, every payment is rejected.
        Try: Let the receiver learn the new secret first, or let the provider sign with
        both.
""")
RECEIVER_FIRST, DELETED, AT_ONCE, STOPPED, OPENED = mistakes("""
    receiver-replaces-before-the-provider-signs: In your order the receiver forgets the
        old secret while the provider still signs only with it. Until the provider
        changes, every payment is rejected.
        Try: Let one side know both secrets before the other side changes.
    deletes-the-old-secret-first: Your list deletes the leaked secret before the
        receiver knows another one. The attacker is locked out, and so is the provider.
        Try: Make the new secret work first, and then remove the old one.
    both-at-the-same-moment: Your list changes both sides at the same moment. A request
        that was signed at 11:59:59 arrives at 12:00:01, so some requests are always in
        transit.
        Try: Allow both secrets for a time.
    stops-the-receiver: Your list stops the receiver. While it is down, connections are
        refused, and some providers such as GitHub never retry.
        Try: Choose steps with which the receiver accepts both secrets; then it never
        has to stop.
    accepts-unsigned-requests: Your list disables verification for an hour. In that time
        anyone can send events, and an attacker who has your secret is watching.
        Try: Find an order in which every request is verified all the time.
""")
NO_WAIT, OLD_STAYS, REFUSED = mistakes("""
    forgets-what-is-on-its-way: Your list has no wait between the last request that is
        signed only with the old secret and the step at which the receiver forgets it.
        A request that was in transit at that step was rejected.
        Try: Wait between the last request that is signed only with the old secret and
        the step at which the receiver forgets it.
    old-secret-stays-valid: At the end of your list, the leaked secret is still valid.
        Nothing seems wrong, because all legitimate requests are accepted.
        Try: Which step makes the receiver forget the old secret?
    an-honest-delivery-is-refused: In your order, the receiver rejected a request of the
        provider.
        Try: Which secrets does the receiver know at that moment, and which ones signed
        the request?
""")


CONTRACT = contract("""
    given: Return the steps of a rotation in which no delivery is rejected.
    given: `steps` is the list of all ten; each has a `letter` and a `text`.
    steps: Return a list of at most 50 items in the order in which the steps are done.
        Each item is a step, its letter or its text.
    made: No step uses the new secret before it is made.
    refused: The receiver accepts every payment before, between and after the steps.
    unsigned: It never accepts a request without a valid signature.
    old: After the last step it rejects a request that is signed with the old secret.
    open: The check does not test whether fewer steps would be enough, or whether you
        return a list or another sequence.
""")

FINE = "fine"


class _CarriedOut:
    """Carries out the steps; what is compared is the mistake that they show, if any.

    Each trial looks only for what its sentence is about.
    """

    def show(self, fields: Fields) -> str:
        """Return what is passed; it is the same in every trial."""
        return f"the ten steps, a to {fields['steps'][-1].letter}"

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Carry out the steps that the solution returns."""
        steps = list(fields["steps"])
        seen = outcome(lambda: _first_of(solution(steps)), lambda _: FINE)
        if seen.error is not None or seen.value != FINE:
            return seen
        if seen.result is None:
            return Seen(NOTHING.id, "None")
        try:
            done = rotation.chosen(seen.result)
        except (LabError, TypeError):
            return Seen(NO_STEP.id, short(seen.result))
        if len(done) > rotation.MOST:
            return Seen(TOO_MANY.id, f"more than {rotation.MOST} steps")
        return _found(rotation.carry_out(done), fields["look"])


def _found(done: rotation.Rotation, look: str) -> Seen:
    """Return the first thing that went wrong, of the kind that is looked for."""
    if done.unmade is not None and look == "made":
        return Seen(NOT_MADE.id, f"{_letters(done.steps)}: {done.unmade}")
    for passage in done.wrong:
        if passage.honest and look == "refused":
            return Seen(_why_refused(done, passage).id, _told(done, passage))
        if not passage.signed and look == "unsigned":
            return Seen(OPENED.id, _told(done, passage))
        if look == "old":
            return Seen(OLD_STAYS.id, _told(done, passage))
    return Seen(FINE, _EXPECTED[look])


_EXPECTED = {
    "steps": "a list of some of these steps",
    "made": "steps that can be done when their turn comes",
    "refused": "200 for every payment",
    "unsigned": "401 for every request without a valid signature",
    "old": "401 for a request that is signed with the old secret",
}


def _trials() -> Iterator[Trial]:
    for sentence in CONTRACT.tested:
        yield Trial(sentence.id, {"look": sentence.id})


def _first_of(answered: Any) -> Any:
    """Return the first steps as a list; None and coroutines as they are."""
    if answered is None or inspect.iscoroutine(answered):
        return answered
    if not isinstance(answered, Iterable):
        return [answered]
    found: list[object] = []
    for each in answered:
        found.append(each)
        if len(found) > rotation.MOST:
            break
    return found


def _letters(steps: tuple[rotation.RotationStep, ...]) -> str:
    return " ".join(step.letter for step in steps) or "no step"


def _told(done: rotation.Rotation, passage: rotation.Passage) -> str:
    after = (
        f"after {done.steps[passage.place - 1]}" if passage.place else "before any step"
    )
    return f"{_letters(done.steps)}\n{after}\n{passage}"


def _why_refused(done: rotation.Rotation, passage: rotation.Passage) -> Mistake:
    special = {
        rotation.RESTARTING: STOPPED,
        rotation.AT_ONCE: AT_ONCE,
        rotation.DELETING: DELETED,
    }
    step = done.steps[passage.place - 1].letter
    if step in special:
        return special[step]
    if passage.late:
        return NO_WAIT
    return RECEIVER_FIRST if passage.world.accepts == ("new",) else SENDER_FIRST


MISTAKES: Sequence[Mistake] = (
    *(NOTHING, NO_STEP, TOO_MANY, NOT_MADE, SENDER_FIRST, RECEIVER_FIRST, DELETED),
    *(AT_ONCE, STOPPED, NO_WAIT, OPENED, OLD_STAYS, REFUSED),
)


def _shows(mistake: Mistake) -> Rule:
    """Return the rule for a mistake that the run itself has shown."""
    return Rule(mistake, lambda _: True, how=returned(mistake.id), some=True)


EXERCISE = judged(
    id="5.3",
    lab="05_replay_and_rotation",
    wants="rotation(steps) -> list",
    contract=CONTRACT,
    space=Space({"steps": rotation.STEPS, "look": "steps"}, _trials),
    observer=_CarriedOut(),
    mistakes=[_shows(each) for each in MISTAKES],
    hints=numbered("""
        1: Write down, for each moment, what the provider signs with and what the
            receiver accepts. The two lists must always have a secret in common.
        2: Start with e. Then one of the two sides has to know both secrets before the
            other one changes.
        3: A request that was signed earlier arrives later. Where does the waiting
            belong: before or after the receiver forgets the old secret?
        4: At the end the receiver accepts the new secret only. Five steps are enough.
    """),
)
