"""What the three exercises `break_it` share: contract, trials and their mistakes.

The shop with the bug and a correct one get the same deliveries. If the two never
behave differently, the rules look at the deliveries to say why.
"""

import functools
import hmac
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from labkit.checks import Exercise, Mistake, describe, short
from labkit.checks.contract import Contract, contract
from labkit.checks.mistakes import Rule, always, mistakes, never, returned
from labkit.checks.observing import Seen, outcome
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab10_test_it.shops import SHOPS, MakeShop, Shop
from labkit.exercises.lab10_test_it.target import (
    CallOutcome,
    Delivery,
    Target,
    TargetStand,
    problem_of,
)
from labkit.running.capture import captured

MOST = 10
"""How many deliveries are allowed: a bug report is short."""

LIST, FORM, TIME, BUG, SECRET = "list", "form", "time", "bug", "secret"
ORDER = (LIST, FORM, TIME, BUG, SECRET)
"""The sentences of the contract, in the order in which an answer is looked at."""

NOTHING, EMPTY, MANY, OTHER = "nothing", "empty", "many", "other"
SHOWN = "the two shops behave differently"
SAME = (BUG, "")

NO_LIST, RETURNS_NOTHING, NO_DELIVERIES, TOO_MANY = mistakes(f"""
    no-list-of-deliveries: Your function does not return a list. Deliveries have an
        order, so the check needs a list, even for one delivery.
        Try: Return [one], or [one, other].
    returns-nothing: Your function returns nothing. The check sends only the deliveries
        that you return, not those that you sent with receiver.send().
        Try: Return a list of deliveries.
    no-deliveries: Your list is empty. Without a delivery, the two shops cannot behave
        differently.
        Try: Begin with one: receiver.sign(receiver.event).
    too-many-deliveries: Your list has more than {MOST} deliveries. A bug report should
        contain only the few that show the bug.
        Try: Remove every delivery that makes no difference; one or two are enough.
""")
BAD_FORM, BACKWARDS, NO_HEADERS, OTHER_SECRET, FORGED, NO_JSON, NO_EVENT = mistakes("""
    no-such-delivery: Your delivery does not have the required form: "body" and
        "headers", and optionally "at" and "closed".
        Try: Make one with receiver.sign(…), and change a copy: {**delivery, 'at':
        60.0}.
    back-in-time: Your deliveries are not in chronological order: this one arrives
        before the one above it.
        Try: Sort them by their "at".
    forgets-the-signature: Your delivery has no signature, and both shops reject it.
        That is not the bug of this shop.
        Try: Begin with receiver.sign(…), which makes the headers, and change one
        thing.
    signed-for-one-secret-only: Your delivery is signed with the secret of the
        notebook's shop. The check uses another shop with another secret.
        Try: Sign with the argument: receiver.sign(…), or receiver.secret.
    refused-by-both: The signature of your delivery does not match, and both shops
        reject it. This shop detects forged requests.
        Try: Keep the signature of the sender, and look for a line that a correct
        shop would not have.
    body-is-no-json: The body of your delivery is not JSON, and both shops reject it in
        the same way.
        Try: Use the body of receiver.event, or one like it.
    body-is-no-event: The body of your delivery lacks a field of an event, and both
        shops fail on it in the same way. That is not the bug.
        Try: Use an event with "id" and "data", and an "order_id" in the data.
""")


@dataclass(frozen=True, slots=True)
class Tried:
    """The same deliveries on a shop with a bug and on a correct one."""

    target: Target
    deliveries: Sequence[Delivery]
    broken: Sequence[CallOutcome]
    correct: Sequence[CallOutcome]

    @property
    def shown_at(self) -> int | None:
        """The place of the first delivery that the two treat differently, or None."""
        pairs = enumerate(zip(self.broken, self.correct, strict=True))
        return next((at for at, (a, b) in pairs if a.effect != b.effect), None)

    def with_status(self, status: int) -> list[Delivery]:
        """Return the deliveries to which both shops respond with this status."""
        triples = zip(self.deliveries, self.broken, self.correct, strict=True)
        return [each for each, a, b in triples if a.status == b.status == status]

    @property
    def refused(self) -> list[Delivery]:
        """The deliveries that are rejected for their signature or their time."""
        return self.with_status(401)

    @property
    def all_acknowledged(self) -> bool:
        """Whether both shops acknowledge every delivery."""
        return all(each.acknowledged for each in (*self.broken, *self.correct))

    def __str__(self) -> str:
        pairs = zip(self.deliveries, self.broken, self.correct, strict=True)
        lines = []
        for number, (delivery, broken, correct) in enumerate(pairs, 1):
            told = f"both shops: {broken}"
            if str(broken) != str(correct):
                told = f"this shop: {broken}; a correct one: {correct}"
            lines.append(f"{number}. {_line(delivery)}\n   {told}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Breaking:
    """Observes what a list of deliveries shows of a shop.

    The field `secret` is the place of the secret among those of the shop, `about` the
    sentence of the trial: an answer that breaks only a later sentence is fine there.
    """

    prints_once: ClassVar[bool] = True

    shop: Shop

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Ask for deliveries, and try them on both shops."""
        target = Target(self.shop, self.shop.secrets[fields["secret"]])
        with nullcontext() if fields["about"] == LIST else captured():
            seen = outcome(lambda: _gathered(solution(target)), lambda _: None)
        if seen.value is not None:
            return seen
        value, text, tried = self._looked_at(target, seen.result)
        if value is None or ORDER.index(value[0]) > ORDER.index(fields["about"]):
            return Seen(SHOWN, SHOWN, result=tried)
        return Seen(value, text, result=tried)

    def _looked_at(self, target: Target, answer: Any) -> tuple[Any, str, Tried | None]:
        """Return the first sentence that an answer breaks, and what is seen of it."""
        if not isinstance(answer, list):
            return (LIST, OTHER if answer is not None else NOTHING), short(answer), None
        if not answer:
            return (LIST, EMPTY), "an empty list", None
        if len(answer) > MOST:
            return (LIST, MANY), f"more than {MOST} deliveries", None
        for sentence in (FORM, TIME):
            now = 0.0
            for number, delivery in enumerate(answer, 1):
                if problem := problem_of(delivery, now):
                    return (sentence, ""), f"delivery {number}: {problem}", None
                now = float(delivery.get("at", 0.0)) if sentence == TIME else 0.0
        try:
            broken, correct = (
                _ran(make_shop, target.secret, answer)
                for make_shop in (self.shop.broken, self.shop.correct)
            )
        except _CannotBeSent as error:
            return (FORM, ""), str(error), None
        tried = Tried(target, answer, broken, correct)
        return (SAME if tried.shown_at is None else None), str(tried), tried

    def show(self, fields: Fields) -> str:
        """Return the input as a verdict shows it."""
        secret = self.shop.secrets[fields["secret"]]
        return f"a shop with one bug; its secret is {secret!r}"


class _CannotBeSent(Exception):
    """A delivery that no HTTP request can carry."""


def _gathered(answer: Any) -> Any:
    """Return what a learner's function returned as a list, if it is one of a kind.

    A generator runs the learner's lines, and may never end.
    """
    if isinstance(answer, list | tuple | Iterator):
        return list(itertools.islice(answer, MOST + 1))
    return answer


def _ran(
    make_shop: MakeShop, secret: str, deliveries: Sequence[Delivery]
) -> list[CallOutcome]:
    stand = TargetStand(make_shop, secret)
    outcomes = []
    for number, delivery in enumerate(deliveries, 1):
        try:
            outcomes.append(stand.deliver(delivery))
        except Exception as error:
            raise _CannotBeSent(f"delivery {number}: {describe(error)}") from error
    return outcomes


def _line(delivery: Mapping[str, Any]) -> str:
    closed = ", the warehouse closed" if delivery.get("closed") else ""
    at = float(delivery.get("at", 0.0))
    return f"at {at:g} s{closed}: {short(delivery['body'], 90)}"


def signature_in(delivery: Mapping[str, Any]) -> str | None:
    """Return the signature in a delivery's headers, or None."""
    for name, value in delivery["headers"].items():
        if name.lower() in ("x-webhook-signature", "webhook-signature"):
            return str(value)
    return None


def signed_body(tried: Tried, delivery: Delivery) -> bytes | None:
    """Return the body that receiver.sign made this signature for, or None."""
    given = (signature_in(delivery) or "").encode("utf-8", "replace")
    for body, headers in tried.target.signed:
        made = signature_in({"headers": headers}) or ""
        if hmac.compare_digest(made.encode(), given):
            return body
    return None


def content(body: bytes) -> Any:
    """Return what JSON a body is; None if it is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def is_forged(tried: Tried) -> bool:
    """Whether both shops reject a delivery for its signature."""
    return bool(tried.refused)


def lacks_a_field(tried: Tried) -> bool:
    """Whether both shops fail on a body in which a field of an event is missing."""
    return any(
        not each.get("closed") and not is_event(content(each["body"]))
        for each in tried.with_status(500)
    )


def is_event(value: Any) -> bool:
    """Whether a value has the fields that a shop reads."""
    found = isinstance(value, dict) and "id" in value and value.get("data")
    return isinstance(found, dict) and "order_id" in found


def _is_about(*sentences: str) -> Callable[[Fields], bool]:
    return lambda fields: fields["about"] in sentences


def same_because(
    mistake: Mistake, shows: Callable[[Tried], bool], *, only: str = ""
) -> Rule:
    """Return the rule that `shows` says why the two shops behave in the same way.

    With `only`, they behave differently in the trials of all other sentences.
    Deliveries hold anything: an error on the way to a reason is theirs, not the kit's.
    """

    def how(_: Fields, seen: Seen) -> bool:
        try:
            return bool(seen.value == SAME and shows(seen.result))
        except Exception:  # noqa: BLE001 - see above
            return False

    differs = _is_about(only) if only else _is_about(BUG, SECRET)
    return Rule(mistake, differs, _is_about(BUG) if only else never, how)


def _broken(mistake: Mistake, sentence: str, what: str = "") -> Rule:
    return Rule(mistake, always, how=returned((sentence, what)), some=True)


COMMON = (
    _broken(RETURNS_NOTHING, LIST, NOTHING),
    _broken(NO_LIST, LIST, OTHER),
    _broken(NO_DELIVERIES, LIST, EMPTY),
    _broken(TOO_MANY, LIST, MANY),
    _broken(BAD_FORM, FORM),
    _broken(BACKWARDS, TIME),
    same_because(OTHER_SECRET, is_forged, only=SECRET),
    same_because(NO_JSON, lambda tried: bool(tried.with_status(400))),
    same_because(
        NO_HEADERS, lambda tried: any(signature_in(d) is None for d in tried.refused)
    ),
)
"""The rules of all three exercises; the first one of those that fit gives the name."""


def contract_of(exercise: str, hint: str) -> Contract:
    """Return the contract of one of the three exercises."""
    return contract(f"""
        given: Return the deliveries that show the bug of shop {exercise}.
        {LIST}: Return a list of at least one and at most ten deliveries.
        {FORM}: Each is a dictionary with "body" (bytes) and "headers" (a dictionary of
            strings).
        given: It may also have "at" (seconds from the start) and "closed" (True while
            the warehouse is closed).
        {TIME}: The values of "at" must not decrease from one delivery to the next.
        {BUG}: For at least one delivery, this shop and a correct one behave
            differently: only one of them acknowledges, or only one ships.
        {SECRET}: This is also true if the shop has another secret.
        given: {hint}
        open: The check does not test whether fewer deliveries would be enough, and it
            accepts a tuple or a generator instead of the list.
    """)


def _trials(shop: Shop) -> Iterator[Trial]:
    for sentence in (LIST, FORM, TIME, BUG):
        yield Trial(sentence, {"about": sentence})
    for place in range(1, len(shop.secrets)):
        yield Trial(SECRET, {"about": SECRET, "secret": place})


def exercise_of(
    exercise: str, hint: str, rules: Sequence[Rule], hints: Sequence[str]
) -> Exercise:
    """Return one of the three exercises; `rules` are those of its own shop."""
    observer = Breaking(SHOPS[exercise])
    made = judged(
        id=exercise,
        lab="10_test_it",
        wants="break_it(receiver) -> list of deliveries",
        hints=hints,
        contract=contract_of(exercise, hint),
        space=Space({"about": SECRET, "secret": 0}, lambda: _trials(SHOPS[exercise])),
        observer=observer,
        mistakes=(*COMMON, *rules),
    )
    *others, last = made.cases

    @functools.wraps(last)
    def tells_what_shows_it(break_it: Any) -> str:
        last(break_it)
        tried = observer.observe(break_it, {"about": BUG, "secret": 0}).result
        if tried is None or (at := tried.shown_at) is None:
            return ""  # it is not the same in each call
        return (
            f"Delivery {at + 1} shows it. This shop: {tried.broken[at]}. "
            f"A correct one: {tried.correct[at]}."
        )

    return replace(made, cases=(*others, tells_what_shows_it))
