"""10.5: an alarm for orders that were acknowledged and not shipped."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from labkit.checks.contract import contract, numbered
from labkit.checks.mistakes import Proof, Rule, edit, edits, mistakes, raised, returned
from labkit.checks.observing import Seen, exactly, outcome, truth
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial, probe
from labkit.exercises.lab10_test_it.orders import Result, month, summed_up, try_out
from labkit.model import LAB_EPOCH

NOON = LAB_EPOCH + 12 * 3600.0

Order = tuple[float, float | None]
"""How many seconds before now it was acknowledged, and after how many shipped."""

EMPTY_RAISES, NO_PATIENCE, FROM_600_ON, LATE_IS_MISSING, EVERY_ORDER = mistakes("""
    raises-without-orders: Your code raises an exception if no order is old enough to
        judge. That happens every night, and an alarm that crashed reports nothing.
        Try: Return False if the list is empty, before you divide.
    counts-young-orders: Your code counts orders that were acknowledged a moment ago.
        Shipping takes minutes, so your alarm fires in every busy hour.
        Try: Count only orders that were acknowledged more than 600 seconds before
        `now`.
    overdue-too-early: Your code treats an order that is exactly 600 seconds old as
        overdue. It is overdue only after that.
        Try: Compare with >, not with >=.
    late-is-not-missing: Your code counts orders that were shipped late. They are
        shipped, so nothing is lost, and nobody has to be woken.
        Try: Count an order only if its "shipped" is None.
    fires-for-single-orders: Your alarm fires for three overdue orders or fewer. Some
        customers cancel, so a few orders are never shipped, on every normal day.
        Try: Require a minimum number of overdue orders.
""")
COUNTS_ONLY, WHOLE_HOUR, WANTS_ALL, TOO_MANY, OPPOSITE, NEVER, OWN_CLOCK = mistakes("""
    counts-without-a-share: Your alarm compares the overdue orders only with a fixed
        number. In a sale with 300 orders a dozen are cancelled, and it fires although
        nothing is wrong.
        Try: Compare the number of overdue orders with the number of all orders,
        too.
    the-good-orders-hide-the-bad: Your alarm compares the overdue orders with too many
        good ones. At the beginning of an incident most orders of the hour are good, so
        it fires too late.
        Try: Use a smaller share.
    waits-until-all-are-missing: Your alarm fires only if all orders are overdue. In
        many incidents one of several workers still ships, and then the alarm does not
        fire.
        Try: Fire if a large share of the orders is overdue.
    minimum-too-high: Your alarm requires more overdue orders than there are in some
        incidents. It finds them too late or never.
        Try: Lower the minimum number of overdue orders.
    fires-when-all-is-well: Your alarm fires if the orders were shipped, and is silent
        if they were not.
        Try: Reverse the condition.
    never-fires: Your alarm never fires. Every order of the last hour was acknowledged
        and lost, and the first person to notice is a customer.
        Try: Count the overdue orders and compare them with a minimum and a share.
    looks-at-the-clock: Your code reads the clock of this machine. The alarm then cannot
        be tested with last month's orders, because all of them seem too old.
        Try: Use `now`, and read no clock.
""")
NO_BOOL, CHANGES = mistakes("""
    returns-no-bool: Your code returns neither True nor False. A number or None looks
        like a result in an `if`, and hides a missing `return`.
        Try: Return the result of a comparison.
    changes-the-orders: Your code changes the list of orders or one of the orders. The
        program that calls the alarm still needs them.
        Try: Make a new list, and leave the old one as it is.
""")

CONTRACT = contract("""
    given: Return True if acknowledged orders are lost, and False otherwise.
    given: `orders` is a list of the orders that were acknowledged in the last 60
        minutes, oldest first. Each is a dictionary: "acknowledged" is the time of the
        acknowledgement, and "shipped" is the time of the shipment, or None if the order
        is not shipped at `now`.
    given: All times are Unix times in seconds, so they are greater than 0.
    given: An order is overdue if it was acknowledged more than 600 seconds before `now`
        and is not shipped.
    few: If at most three orders are overdue, return False.
    all: If at least ten orders were acknowledged more than 600 seconds before `now` and
        all of them are overdue, return True.
    alone: The result depends only on the arguments, and the arguments stay as they are.
    given: In the hidden months, your function is called every five minutes.
    months: In the hidden months, return True within 20 minutes after each incident
        begins, and cause at most one false alarm per week on average.
    open: The check does not test what you return in the hour after an incident.
""")


def _orders(number: int, age: float, gap: float, took: float | None) -> list[Order]:
    """Return orders of that age and less, each shipped after so many seconds."""
    return [(age - gap * place, took) for place in range(number)]


def _trials() -> Iterator[Trial]:
    yield from _few()
    yield from _all()
    lost = _orders(20, 3000, 60, None)
    yield Trial("alone", {"orders": lost, "again": 1})
    yield Trial("alone", {"orders": _orders(20, 3000, 60, 120), "again": 2})
    yield Trial("alone", {"orders": lost, "now": NOON - 400 * 86_400})
    yield Trial("alone", {"orders": _orders(40, 500, 10, None), "now": NOON + 1e6})
    for missing in (3, 5, 6, 12):
        some = [*_orders(missing, 1190, 20, None), *_orders(3, 900, 60, 120)]
        yield Trial("alone", {"orders": some, "look": "same"}, "asked three times")
    young = [(age, None) for age, _ in _orders(10, 590, 20, None)]
    for orders in (lost, [*lost[:5], *young], [*_orders(9, 3500, 50, 90), *lost]):
        yield Trial("alone", {"orders": orders, "look": "kept"})
    mixed = [*_orders(10, 3500, 90, 100), *lost[:10]]
    yield Trial("all", {"orders": sorted(lost + _orders(9, 590, 30, None))[::-1]})
    yield Trial("few", {"orders": [*mixed[:10], *lost[10:12]]})
    far = {"orders": lost, "now": NOON + 40 * 365 * 86_400}
    yield Trial("alone", far, "in another year")
    for missing in (8, 20, 28):
        some = [
            *_orders(missing, 3000, 60, None),
            *_orders(30 - missing, 3000, 60, 100),
        ]
        yield probe({"orders": some})
    begins = [*_orders(65, 3500, 33, 100), *_orders(10, 1200, 60, None)]
    yield probe({"orders": begins})
    sale = [*_orders(12, 2000, 1, None), *_orders(1988, 1900, 0.1, 100)]
    yield probe({"orders": sale})
    for number in (2, 3):
        yield Trial("months", {"month": number})


def _few() -> Iterator[Trial]:
    yield Trial("few", {"orders": []}, "no order in an hour")
    yield Trial("few", {"orders": _orders(30, 3500, 90, 120)}, "all are shipped")
    for number in (1, 5, 10, 40, 200):
        young = _orders(number, 595, 595 / number, None)
        yield Trial("few", {"orders": young}, "no order is older than 600 s")
    on_time = _orders(12, 600, 0, None)
    yield Trial("few", {"orders": on_time}, "all orders are exactly 600 s old")
    late = _orders(20, 3500, 40, 1900)
    yield Trial("few", {"orders": late}, "all are shipped, but late")
    late = _orders(12, 3500, 10, 601)
    yield Trial("few", {"orders": late}, "shipped after 601 s")
    for age, gap in ((1190.0, 50.0), (3000.0, 30.0)):
        late = _orders(8, age, gap, 700)
        yield Trial("few", {"orders": late}, "shipped after 700 s")
    for age, gap in ((800, 10), (1190, 280), (602, 0.5), (3590, 1000)):
        lost = _orders(3, age, gap, None)
        yield Trial("few", {"orders": lost}, "three orders")
    for number in (1, 2, 3):
        lost = _orders(number, 2400, 300, None)
        yield Trial("few", {"orders": lost}, "a quiet night")
        good = _orders(5, 3500, 150, 200)
        yield Trial("few", {"orders": [*good, *lost]}, "most orders are shipped")
        young = _orders(25, 590, 20, None)
        yield Trial("few", {"orders": [*lost, *young]}, "and young orders")


def _all() -> Iterator[Trial]:
    for number in (30, 10, 11, 59, 400):
        yield Trial("all", {"orders": _orders(number, 3590, 2900 / number, None)})
    for number in (10, 12, 20):
        recent = _orders(number, 1190, 580 / number, None)
        yield Trial("all", {"orders": recent}, "the first orders after a quiet hour")
        young = _orders(30, 590, 15, 60)
        yield Trial("all", {"orders": [*recent, *young]}, "young ones are shipped")
    yield Trial("all", {"orders": _orders(10, 601, 0.05, None)}, "just overdue")


def _random(rng: random.Random) -> Trial:
    if rng.random() < 0.5:
        old = _orders(rng.randrange(10, 60), 3500, rng.uniform(1, 45), None)
        young = _orders(rng.randrange(20), 590, 20, rng.choice((None, 100)))
        return Trial("all", {"orders": [*old, *young]})
    orders = _orders(rng.randrange(60), 3500, rng.uniform(1, 45), rng.randrange(9, 800))
    for _ in range(min(len(orders), rng.randrange(4))):
        place = rng.randrange(len(orders))
        orders[place] = (orders[place][0], None)
    young = _orders(rng.randrange(20), 590, 20, rng.choice((None, 100)))
    return Trial("few", {"orders": [*orders, *young]})


class Watching:
    """Observes an alarm: on one list of orders, or all through a month.

    With the `look` "kept", only a change of the orders is seen; with "same", only
    whether three calls give equal results.
    """

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Call the alarm, and say what it did."""
        if "month" in fields:
            return self._month(solution, fields["month"])
        for _ in range(fields.get("again", 0)):
            self.observe(solution, {**fields, "again": 0})
        if fields["look"] == "same":
            return self._same(solution, fields)
        orders, now = _arguments(fields)
        before = exactly(orders)
        seen = outcome(lambda: solution(orders, now), _normal)
        if fields["look"] != "kept":
            return seen
        changed = exactly(orders) != before
        told = "it changed the orders" if changed else "it left the orders as they are"
        return Seen(changed, f"{seen.text}, and {told}", seen.error, seen.result)

    def _same(self, solution: Any, fields: Fields) -> Seen:
        """Ask three times, and say whether the results are equal."""
        times = [self.observe(solution, {**fields, "look": ""}) for _ in range(3)]
        text = ", ".join(each.text for each in times)
        same = all(each.value == times[0].value for each in times)
        return Seen(same, text, times[-1].error, times[-1].result)

    def _month(self, solution: Any, number: int) -> Seen:
        def tried() -> Result:
            return try_out(lambda *given: _normal(solution(*given)), month(number))

        seen = outcome(tried, lambda result: result.holds)
        return seen if seen.raised else replace(seen, text=str(seen.result))

    def show(self, fields: Fields) -> str:
        """Return the input as a verdict shows it."""
        if "month" in fields:
            return f"the orders of {month(fields['month']).name}, a hidden month"
        orders, now = _arguments(fields)
        return summed_up(orders, now) if orders else "no orders"


def _arguments(fields: Fields) -> tuple[list[dict[str, Any]], float]:
    now = fields["now"]
    orders = []
    for age, took in fields["orders"]:
        at = now - age
        shipped = None if took is None or took > age else at + took
        orders.append({"acknowledged": at, "shipped": shipped})
    return orders, now


def _normal(value: Any) -> Any:
    return truth(value) if isinstance(value, bool) else exactly(value)


def _nothing_due(fields: Fields) -> bool:
    return all(age <= 600 for age, _ in fields["orders"]) and "month" not in fields


def _overdue(fields: Fields) -> int:
    """Count the overdue orders of a trial; -1 in a month."""
    if "month" in fields:
        return -1
    return sum(age > 600 and took is None for age, took in fields["orders"])


def _few_and_old(fields: Fields) -> bool:
    """Whether one to three orders are overdue, and only they may be taken for it."""
    orders = fields["orders"]
    plain = all(age > 600 and (took is None or took <= 600) for age, took in orders)
    return plain and 0 < _overdue(fields) <= 3


def _no_bool(_: Fields, seen: Seen) -> bool:
    is_answer = isinstance(seen.result, (bool, Result))
    return not seen.raised and not is_answer


_DUE = 'now - each["acknowledged"] > 600'
_OVERDUE = '[each for each in due if each["shipped"] is None]'
_RESULT = "return len(overdue) >= 5 and len(overdue) >= len(due) / 10"
_LAST_HALF = (
    "overdue = [each",
    "due = [x for x in due if now - x['acknowledged'] <= 1800]; overdue = [each",
)


def _first(line: str) -> tuple[str, str]:
    """Return the edit that begins the reference with another line."""
    return "(orders, now):\n", f"(orders, now):\n    {line}\n"


MISTAKES: Sequence[Proof] = (
    Rule(EMPTY_RAISES, _nothing_due, how=raised(), some=True),
    *edits(NO_PATIENCE, _DUE, "True", *(_DUE.replace("600", s) for s in ("60", "300"))),
    *edits(FROM_600_ON, _DUE, _DUE.replace(">", ">=")),
    edit(
        LATE_IS_MISSING,
        (
            _OVERDUE,
            (
                '[x for x in due if x["shipped"] is None'
                ' or x["shipped"] - x["acknowledged"] > 600]'
            ),
        ),
    ),
    *edits(EVERY_ORDER, _RESULT, *(f"return len(overdue) >= {n}" for n in (1, 2, 3))),
    *edits(EVERY_ORDER, "len(overdue) >= 5", *(f"len(overdue) >= {n}" for n in (2, 3))),
    *edits(EVERY_ORDER, "len(overdue) >= 5", "due != []"),
    edit(
        EVERY_ORDER,
        _LAST_HALF,
        ("5 and len(overdue) >= len(due) / 10", "1 and len(overdue) >= len(due) / 3"),
    ),
    Rule(
        EVERY_ORDER,
        _few_and_old,
        lambda fields: _overdue(fields) == 0,
        how=returned(True),
        some=True,
    ),
    *edits(COUNTS_ONLY, _RESULT, *(f"return len(overdue) >= {n}" for n in (5, 10))),
    *edits(WHOLE_HOUR, "/ 10", "/ 2", "/ 5", "/ 7"),
    edit(WANTS_ALL, ("len(due) / 10", "len(due)")),
    edit(WANTS_ALL, _LAST_HALF, ("len(due) / 10", "len(due)")),
    edit(TOO_MANY, ("len(overdue) >= 5", "len(overdue) >= 11")),
    edit(OPPOSITE, (_RESULT, "return not (len(overdue) >= 5)")),
    edit(OPPOSITE, ('each["shipped"] is None', 'each["shipped"] is not None')),
    edit(NEVER, (_RESULT, "return False")),
    edit(OWN_CLOCK, _first("import time; now = time.time()")),
    Rule(NO_BOOL, lambda _: True, how=_no_bool, some=True),
    Rule(
        CHANGES,
        lambda fields: fields["look"] == "kept",
        how=lambda _, seen: seen.value is True and not seen.raised,
        some=True,
    ),
)

ALARM = judged(
    id="10.5",
    lab="10_test_it",
    wants="alarm(orders, now) -> bool",
    hints=numbered("""
        1: Make two lists: the orders that are old enough to judge, and those of them
            that are overdue.
        2: You need two thresholds, joined by `and`: a minimum number of overdue orders,
            and a minimum share of all orders that are old enough.
        3: When an incident begins, the hour before it was good, so the share rises
            slowly. Choose a share of 10% or less. rehearse(alarm, january) shows which
            incidents you miss.
    """),
    contract=CONTRACT,
    space=Space({"orders": (), "now": NOON, "look": ""}, _trials, _random, many=60),
    observer=Watching(),
    mistakes=MISTAKES,
)
