"""What the three exercises `break_it` share: try the deliveries on a shop and its twin.

The shop with the bug and the one without get the same deliveries. Where they part, the
bug shows; where they never part, the deliveries are looked at to say why.
"""

import hmac
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from labkit.checks import Case, Mistake, Question, describe, short
from labkit.exercises.lab04_signatures.asking import takes
from labkit.exercises.lab10_test_it.shops import SHOPS, Shop
from labkit.exercises.lab10_test_it.target import (
    CallOutcome,
    Delivery,
    Target,
    TargetStand,
    problem_of,
)

WANTS = "break_it(receiver) -> list of deliveries"
MOST = 10
"""How many deliveries are allowed: a finding is short."""

BreakIt = Callable[[Target], Any]

NO_LIST = Mistake(
    "no-list-of-deliveries",
    (
        "Your function does not return a list. Deliveries have an order, so the check"
        " needs a list, even for one delivery."
    ),
    "Return [one], or [one, other].",
)
RETURNS_NOTHING = Mistake(
    "returns-nothing",
    (
        "Your function returns nothing. The check sends only the deliveries that you "
        "return, not those that you sent with receiver.send()."
    ),
    "Return a list of deliveries.",
)
EMPTY = Mistake(
    "no-deliveries",
    (
        "Your list is empty. Without a delivery, the two shops cannot behave "
        "differently."
    ),
    "Begin with one: receiver.sign(receiver.event).",
)
TOO_MANY = Mistake(
    "too-many-deliveries",
    f"Your list has more than {MOST} deliveries. A bug report should contain only the "
    "few that show the bug.",
    "Remove every delivery that makes no difference; one or two are enough.",
)
BAD_FORM = Mistake(
    "no-such-delivery",
    (
        "Your delivery does not have the required form: body and headers, and "
        "optionally at and closed."
    ),
    "Make one with receiver.sign(…), and change a copy: {**delivery, 'at': 60.0}.",
)
BACKWARDS = Mistake(
    "back-in-time",
    (
        "Your deliveries are not in the order of time: this one arrives before the "
        "one above it."
    ),
    "Sort them by their at.",
)
NO_HEADERS = Mistake(
    "forgets-the-signature",
    (
        "Your delivery has no signature, and both shops reject it. That is not the "
        "bug of this shop."
    ),
    "Begin with receiver.sign(…), which makes the headers, and change one thing.",
)
OTHER_SECRET = Mistake(
    "signed-for-one-secret-only",
    (
        "Your delivery is signed with the secret of the notebook's shop. The check "
        "uses another shop with another secret."
    ),
    "Sign with the argument: receiver.sign(…), or receiver.secret.",
)
FORGED = Mistake(
    "refused-by-both",
    (
        "The signature of your delivery does not match, and both shops reject it. "
        "This shop detects forged requests."
    ),
    (
        "Keep the signature of the sender, and look for a line that a correct shop "
        "would not have."
    ),
)
NO_JSON = Mistake(
    "body-is-no-json",
    (
        "The body of your delivery is not JSON, and both shops reject it in the same "
        "way."
    ),
    "Use the body of receiver.event, or one like it.",
)
NO_EVENT = Mistake(
    "body-is-no-event",
    (
        "The body of your delivery lacks a field of an event, and both shops fail on "
        "it in the same way. That is not the bug."
    ),
    'Use an event with "id" and "data", and an "order_id" in the data.',
)


@dataclass(frozen=True, slots=True)
class Trial:
    """The same deliveries on a shop with a bug and on its twin without."""

    target: Target
    deliveries: Sequence[Delivery]
    broken: Sequence[CallOutcome]
    sound: Sequence[CallOutcome]

    @property
    def parted(self) -> int | None:
        """The place of the first delivery that the two treat differently, or None."""
        pairs = zip(self.broken, self.sound, strict=True)
        return next((at for at, (a, b) in enumerate(pairs) if _differ(a, b)), None)


Explain = Callable[[Trial], Mistake]
"""Says why the two do not part, where nothing more general does."""


def cases_of(exercise: str, explain: Explain) -> tuple[Case, ...]:
    """Return the cases of one of the three exercises."""
    shop = SHOPS[exercise]

    def returns_deliveries(break_it: BreakIt) -> None:
        """It returns deliveries, ten at most."""
        takes(WANTS, break_it, None)
        _deliveries(break_it, Target(shop, shop.secrets[0]))

    def shows_the_bug(break_it: BreakIt) -> None:
        """The shop does something that a right one does not."""
        _try(break_it, shop, shop.secrets[0], explain)

    def shows_it_again(break_it: BreakIt) -> str:
        """So it does with another secret."""
        return _try(break_it, shop, shop.secrets[1], explain)

    return (returns_deliveries, shows_the_bug, shows_it_again)


def _try(break_it: BreakIt, shop: Shop, secret: str, explain: Explain) -> str:
    target = Target(shop, secret)
    deliveries = _deliveries(break_it, target)
    broken = _ran(shop.broken, target, deliveries)
    sound = _ran(shop.sound, target, deliveries)
    trial = Trial(target, deliveries, broken, sound)
    place = trial.parted
    if place is None:
        _nothing_shows(trial, _mistake_in(trial, shop, explain))
    return (
        f"Delivery {place + 1} shows it. This shop: {broken[place]}. "
        f"A right one: {sound[place]}."
    )


def _mistake_in(trial: Trial, shop: Shop, explain: Explain) -> Mistake | None:
    """Return what is wrong with the deliveries, or None if nothing can be said.

    They hold anything: an error on the way to a reason is theirs, not the kit's.
    """
    try:
        return _general(trial, shop) or explain(trial)
    except Exception:  # noqa: BLE001 - see above
        return None


def _nothing_shows(trial: Trial, mistake: Mistake | None) -> NoReturn:
    ask = Question(
        sent=_told(trial.deliveries),
        expected="another answer, or another parcel, than from a right shop",
        why="Both shops treat these deliveries in the same way, so nobody sees a bug.",
        try_next="Start with receiver.sign(receiver.event), and change one thing.",
    )
    answered = [f"{number}. {each}" for number, each in enumerate(trial.broken, 1)]
    ask.fail("\n".join([*answered, "and a right shop does just the same"]), mistake)


def _ran(
    make_shop: Any, target: Target, deliveries: Sequence[Delivery]
) -> list[CallOutcome]:
    stand = TargetStand(make_shop, target.secret)
    outcomes = []
    for number, delivery in enumerate(deliveries, 1):
        try:
            outcomes.append(stand.deliver(delivery))
        except Exception as error:  # noqa: BLE001 - a delivery may hold anything
            ask = Question(
                sent=_told(deliveries),
                expected="deliveries that can be sent over HTTP",
                why="",
                try_next="",
            )
            ask.fail(f"delivery {number}: {describe(error)}", BAD_FORM)
    return outcomes


def _differ(one: CallOutcome, other: CallOutcome) -> bool:
    return (one.acknowledged, one.shipped) != (other.acknowledged, other.shipped)


def _deliveries(break_it: BreakIt, target: Target) -> list[Delivery]:
    """Call the learner's function, and end the case unless it returns deliveries."""
    ask = Question(
        sent="a receiver with one bug",
        expected=f"a list of deliveries, one to {MOST}",
        why="Start at the line of yours above.",
        try_next="Try it in the notebook, with target(…) for the receiver.",
    )
    answered = ask.call(break_it, target)
    if answered is None:
        ask.fail("None", RETURNS_NOTHING)
    if isinstance(answered, dict | str | bytes):
        ask.fail(short(answered), NO_LIST)
    if not isinstance(answered, list | tuple | Iterator):
        ask.fail(short(answered), NO_LIST)
    # A generator may run the learner's lines, and may never end.
    found: list[Delivery] = ask.call(lambda: list(itertools.islice(answered, MOST + 1)))
    if not found:
        ask.fail("an empty list", EMPTY)
    if len(found) > MOST:
        ask.fail(f"more than {MOST} deliveries", TOO_MANY)
    now = 0.0
    for number, delivery in enumerate(found, 1):
        if problem := problem_of(delivery, 0.0):
            ask.fail(f"delivery {number}: {problem}", BAD_FORM)
        if problem := problem_of(delivery, now):
            ask.fail(f"delivery {number}: {problem}", BACKWARDS)
        now = float(delivery.get("at", 0.0))
    return found


def _general(trial: Trial, shop: Shop) -> Mistake | None:
    """Return what is wrong with deliveries, whatever the shop's bug is."""
    if any(each.status == 400 for each in trial.sound):
        return NO_JSON
    if any(signature_in(delivery) is None for delivery in refused(trial)):
        return NO_HEADERS
    if trial.target.secret != shop.secrets[0]:
        notebooks = TargetStand(shop.broken, shop.secrets[0])
        if any(notebooks.deliver(each).status != 401 for each in refused(trial)):
            return OTHER_SECRET
    return None


def fails_on_its_own(trial: Trial) -> bool:
    """Whether both shops answer 5xx to a body although the warehouse is open."""
    pairs = zip(trial.deliveries, trial.sound, strict=True)
    return any(o.status == 500 and not each.get("closed") for each, o in pairs)


def signature_in(delivery: Delivery) -> str | None:
    """Return the signature in a delivery's headers, or None."""
    for name, value in delivery["headers"].items():
        if name.lower() in ("x-webhook-signature", "webhook-signature"):
            return str(value)
    return None


def signed_body(trial: Trial, delivery: Delivery) -> bytes | None:
    """Return the body that receiver.sign made this signature for, or None."""
    given = signature_in(delivery) or ""
    for body, headers in trial.target.signed:
        made = signature_in({"headers": headers}) or ""
        if hmac.compare_digest(made.encode(), given.encode("utf-8", "replace")):
            return body
    return None


def refused(trial: Trial) -> list[Delivery]:
    """Return the deliveries that both refuse for their signature or their time."""
    pairs = zip(trial.deliveries, trial.sound, strict=True)
    return [delivery for delivery, outcome in pairs if outcome.status == 401]


def _told(deliveries: Sequence[Delivery]) -> str:
    return "\n".join(
        f"{number}. {_line(delivery)}" for number, delivery in enumerate(deliveries, 1)
    )


def _line(delivery: Mapping[str, Any]) -> str:
    closed = ", the warehouse closed" if delivery.get("closed") else ""
    at = float(delivery.get("at", 0.0))
    return f"at {at:g} s{closed}: {short(delivery['body'], 90)}"
