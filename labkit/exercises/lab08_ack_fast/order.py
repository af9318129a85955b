"""Exercise 8.3: late and reordered events never overwrite newer state."""

import copy
import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from labkit.checks import Mistake, short
from labkit.checks.contract import Contract, Sentence, given, leaves_open
from labkit.checks.mistakes import Proof, Rule, edit, raised
from labkit.checks.observing import Seen, exactly, outcome
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial, probe
from labkit.model import LAB_EPOCH

WRONG_LEVEL = Mistake(
    "looks-on-the-wrong-level",
    "Your code looks for a field at the wrong level. An event is an envelope with id, "
    "event, created_at and data; the order, status and version are inside data.",
    'Go one level deeper: event["data"]["order_id"].',
)
RAISES_ON_UNKNOWN = Mistake(
    "raises-on-an-unknown-order",
    "Your code raises an exception if the order is not in the state. The worker would "
    "try this event five times and then move it to the dead letters.",
    "Look the order up with .get, and add it if it is not there.",
)
RETURNS_NOTHING = Mistake(
    "returns-nothing",
    "Your function returns None. The caller uses the result as the new state, so all "
    "orders are lost.",
    "Return the state at the end of every path, also if nothing changes.",
)
RETURNS_ORDER_ONLY = Mistake(
    "returns-the-order-alone",
    "Your function returns the record of one order. The caller needs the state, with "
    "the records of all orders.",
    "Return a dictionary from order to record: the old ones and the new one.",
)
DROPS_OTHERS = Mistake(
    "drops-other-orders",
    "Your code drops the other orders from the state, although the event is about "
    "only one of them.",
    "Copy the old state into the new one first: {**state, …}.",
)
OTHER_KEY = Mistake(
    "keyed-by-something-else",
    "Your code stores the record under another key. The state maps orders to records, "
    "so code that looks the order up finds the old record.",
    'Use event["data"]["order_id"] as the key.',
)
NEVER_UPDATES = Mistake(
    "never-changes-a-known-order",
    "Your code does not change an order that is in the state, although the event is "
    "newer. The order keeps its first status forever.",
    "Store the new record if its version is greater than the old one.",
)
OTHER_ORDERS = Mistake(
    "compares-with-other-orders",
    "Your code compares the event with the version of another order. Each order has "
    "versions of its own.",
    "Compare only with the version of the same order.",
)
KEEPS_VERSION = Mistake(
    "does-not-store-the-version",
    "Your code stores the new status with the old version. A late event then looks "
    "newer than the stored record and overwrites it.",
    "Store status and version together.",
)
STORES_MORE = Mistake(
    "stores-other-fields",
    "Your code stores other fields in the record, but a record has only a status and "
    "a version. Fields that a provider adds later would end up in your state.",
    "Build the record from the two fields of the data.",
)
TIME_AS_VERSION = Mistake(
    "takes-the-time-for-the-version",
    "Your code stores the time as the version. created_at is in whole seconds and "
    "comes from a clock, so two changes can have the same time.",
    'Use event["data"]["version"].',
)
COUNTS_ITSELF = Mistake(
    "counts-versions-itself",
    "Your code counts the versions itself. The sender counts the changes, and your "
    "count differs from it as soon as an event is late or lost.",
    'Store event["data"]["version"] unchanged.',
)
IGNORES_UNKNOWN = Mistake(
    "ignores-unknown-orders",
    "Your code ignores an event because its order is not in the state. This event is "
    "the newest that you have, and it does not arrive again.",
    "Add the order if it is not in the state.",
)
DROPS_ZERO = Mistake(
    "drops-the-first-version",
    "Your code ignores version 0 of an order that is not in the state, because it "
    "compares with an invented 0. Versions start from 0 here.",
    "Check whether the order is in the state instead of inventing a version.",
)
LAST_WINS = Mistake(
    "last-one-wins",
    "Your code overwrites newer state with an old event. A retry can arrive hours "
    'later, and then a delivered parcel is "paid" again.',
    "Compare the version of the event with the version in the state before you store.",
)
BACKWARDS = Mistake(
    "keeps-the-oldest",
    "Your code keeps the older record and drops the newer event. The comparison is "
    "the wrong way round.",
    "Store if the version of the event is greater than the one in the state.",
)
BY_TIME = Mistake(
    "decides-by-the-time",
    "Your code decides by created_at. It comes from a clock, in whole seconds: two "
    "changes can have the same time, clocks differ, and clocks are set back.",
    "Decide by the versions alone.",
)
AS_TEXT = Mistake(
    "compares-versions-as-text",
    'Your code compares versions as strings. As a string, "10" comes before "9", so '
    "an order stops changing at version 10.",
    "Compare the versions as numbers.",
)
RAISES_ON_OLD = Mistake(
    "raises-on-old-news",
    "Your code raises an exception for an old event. A late event is not an error, "
    "but the worker would try it five times and move it to the dead letters.",
    "Return the state unchanged if the event is old.",
)
SAME_VERSION = Mistake(
    "same-version-overwrites",
    "Your code stores a version again that is already in the state. It is a "
    "duplicate. With >=, two workers can overwrite each other again and again.",
    "Store only if the version of the event is greater, not if it is equal.",
)
ZERO_IS_NONE = Mistake(
    "takes-version-0-for-none",
    "Your code treats the stored version 0 as no version, because 0 counts as false. "
    "So it stores a duplicate.",
    "Check whether the order is in the state, or whether its version `is None`.",
)
WAITS_FOR_GAP = Mistake(
    "waits-for-the-missing-version",
    "Your code accepts only the next version. If the version in between never "
    "arrives, the order never changes again. Each event contains the whole status, so "
    "a gap does no harm.",
    "Check whether the version is greater, not whether it is greater by one.",
)
RANKS_STATUS = Mistake(
    "ranks-the-status",
    "Your code decides by the meaning of the status. Orders also go back: a parcel is "
    "returned, a payment is disputed. The sender numbers the changes, so you do not "
    "have to guess.",
    "Decide by the versions alone.",
)
MUTATES = Mistake(
    "changes-the-old-state",
    "Your code changes the state that it was given. Code that still uses the old "
    "state, for example to roll back, sees the change.",
    "Return a new dictionary with a new record in it: {**state, order_id: {…}}. A copy "
    "of the state still shares its records, so do not change a field of an old record.",
)
MUTATES_EVENT = Mistake(
    "changes-the-event",
    "Your code changes the event. Other code that reads the event later sees the "
    "change.",
    "Only read from the event: no pop, no assignment.",
)
REMEMBERS = Mistake(
    "remembers-outside-of-the-state",
    "Your code gives another result for the same arguments. What it remembers outside "
    "the state is lost after a restart, and other workers do not know it.",
    "Decide by the two arguments alone, and keep what you need in the state.",
)
DEPENDS_ON_ORDER = Mistake(
    "depends-on-the-order",
    "Your code ends in another state if the same events arrive in another order. Two "
    "workers would then tell two customers different things.",
    "Store an event if its version is greater than the stored one, and only then.",
)


CONTRACT = Contract(
    (
        given("Return the state after this event."),
        given('`state` maps each order to {"status": str, "version": int}.'),
        given(
            '`event["data"]` has the `order_id`, the `status` and the `version` of one '
            "change of an order."
        ),
        given("A version is an int, 0 or greater."),
        Sentence(
            "newer",
            "If the version of the event is greater than the one in the state, the "
            "status and the version of the event replace the record of the order.",
        ),
        Sentence("unknown", "If the order is not in the state, add it."),
        Sentence("older", "An event with an older version changes nothing."),
        Sentence(
            "same",
            "An event with the version that is already in the state changes "
            "nothing, whatever its status is.",
        ),
        Sentence(
            "gap",
            "Some changes may never arrive, so a greater version need not be the next "
            "one.",
        ),
        Sentence(
            "any-status", "Accept any status: the versions alone decide what is newer."
        ),
        Sentence("clock", "The time in `created_at` decides nothing."),
        Sentence("fields", "A record contains only the status and the version."),
        Sentence("others", "The other orders stay as they are."),
        Sentence(
            "arguments",
            "Do not change the two arguments: return a new dictionary, or the same one "
            "if nothing changes.",
        ),
        Sentence("memory", "The same arguments always give the same state."),
        Sentence(
            "order",
            "In whatever sequence the same events arrive, the state at the end is the "
            "same, unless two changes of one order have the same version but different "
            "statuses.",
        ),
        leaves_open(
            "The check does not test events without these fields or of another type."
        ),
    )
)


def _event(order: str, status: str, version: int, at: int = 0) -> dict[str, Any]:
    return {
        "id": f"evt_{order}_{version}_{status}",
        "event": "order.updated",
        "created_at": LAB_EPOCH + at,
        "data": {"order_id": order, "status": status, "version": version},
    }


def _record(status: str, version: int) -> dict[str, Any]:
    return {"status": status, "version": version}


class _Applied:
    """Applies the events of a trial one after the other, each to the state before.

    With `again`, the same is done that many times before. With `identity`, it is
    compared whether the state that came back is the one that was passed.
    """

    def show(self, fields: Fields) -> str:
        """Return the state and the data of the events."""
        lines = [f"state {short(fields['state'], 400)}"]
        for event in fields["events"]:
            at = event["created_at"] - LAB_EPOCH
            when = f", created_at {event['created_at']}" if at else ""
            lines.append(f"data {short(event['data'])}{when}")
        return "\n".join(lines)

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Apply the events, and stop at the first exception or changed argument."""
        for _ in range(fields.get("again", 0)):
            self.observe(solution, {**fields, "again": 0})
        state: Any = copy.deepcopy(fields["state"])
        seen = Seen(None, "")
        for original in fields["events"]:
            event, passed = copy.deepcopy(original), state
            before = exactly(passed), exactly(event)
            seen = outcome(lambda: solution(passed, event), _plain)  # noqa: B023 - called at once
            for name, now, then in zip(
                ("state", "event"), (passed, event), before, strict=True
            ):
                if exactly(now) != then:
                    text = f"{seen.text}, and the {name} that was passed is now {now}"
                    return Seen(
                        (seen.value, f"changed {name}"), text, None, seen.result
                    )
            state = seen.result
            if seen.error is not None or not isinstance(state, Mapping):
                return seen
            if fields.get("identity"):
                return Seen((seen.value, state is passed), seen.text, None, state)
        return seen


def _plain(value: Any) -> Any:
    """Return what is compared of a state: the mappings as dictionaries."""
    if isinstance(value, Mapping):
        value = {
            name: dict(each) if isinstance(each, Mapping) else each
            for name, each in value.items()
        }
    return exactly(value)


_STEPS: Sequence[tuple[str, str, tuple[str, int] | None, tuple[str, int]]] = (
    ("newer", "next", ("paid", 2), ("packed", 3)),
    ("newer", "next", ("paid", 0), ("packed", 1)),
    ("newer", "next", ("paid", 4), ("paid", 5)),
    ("newer", "digits", ("paid", 9), ("shipped", 10)),
    ("newer", "digits", ("paid", 99), ("shipped", 100)),
    ("unknown", "unknown", None, ("created", 1)),
    ("unknown", "unknown", None, ("created", 6)),
    ("unknown", "zero", None, ("created", 0)),
    ("older", "older", ("shipped", 3), ("paid", 2)),
    ("older", "older", ("shipped", 1), ("shipped", 0)),
    ("older", "digits", ("shipped", 10), ("paid", 9)),
    ("older", "digits", ("shipped", 100), ("paid", 20)),
    ("same", "same", ("shipped", 4), ("packed", 4)),
    ("same", "same", ("shipped", 4), ("waiting", 4)),
    ("same", "same", ("shipped", 4), ("shipped", 4)),
    ("same", "same-zero", ("shipped", 0), ("packed", 0)),
    ("gap", "gap", ("paid", 2), ("shipped", 5)),
    ("gap", "gap", ("paid", 1), ("shipped", 3)),
    ("gap", "gap", ("paid", 0), ("shipped", 7)),
    ("any-status", "back", ("shipped", 5), ("created", 6)),
    ("any-status", "back", ("shipped", 6), ("a status from next year", 7)),
    ("arguments", "next", ("paid", 3), ("packed", 4)),
    ("arguments", "older", ("paid", 3), ("packed", 1)),
    ("arguments", "unknown", None, ("paid", 1)),
)
"""Sentence, kind, the record in the state or None, and status and version."""


def _trials() -> Iterator[Trial]:
    numbers = itertools.count(1)

    def step(
        sentence: str,
        kind: str,
        old: tuple[str, int] | None,
        new: tuple[str, int],
        others: Mapping[str, Any],
        **more: Any,
    ) -> Trial:
        # An order of its own: no trial depends on what came before it.
        order = more.pop("order", f"A-{next(numbers)}")
        event = _event(order, *new, at=more.pop("at", 0))
        event["data"].update(more.pop("data", {}))
        state = {**others, **({order: _record(*old)} if old else {})}
        changes = {"kind": kind, "state": state, "events": [event], **more}
        return Trial(sentence, changes)

    for sentence, kind, old, new in _STEPS:
        yield step(sentence, kind, old, new, {"B-1": _record("shipped", 7)})
        yield step(sentence, kind, old, new, {})
    yield step("clock", "clock", ("shipped", 4), ("returned", 5), {}, at=-60)
    yield step("clock", "clock-old", ("shipped", 4), ("returned", 3), {}, at=60)
    order = "A-on-the-clock"
    late = [_event(order, "shipped", 4, at=60), _event(order, "returned", 5, at=59)]
    yield Trial("clock", {"kind": "clock", "events": late})
    extra = {"note": "leave it at the door", "at": 5}
    yield step("fields", "extra", ("paid", 2), ("packed", 3), {}, data=extra)
    yield step("fields", "extra", None, ("packed", 3), {}, data=extra)
    like = {name: _record("paid", 9) for name in ("C", "c-1", "C-10", "C-1 ", "1")}
    for name in ("C-1", "c", "C ", "Ç-1"):
        yield step("others", "others", None, ("packed", 3), like, order=name)
    many = {f"D-{number}": _record("paid", number) for number in range(60)}
    yield step("others", "others", ("paid", 2), ("packed", 3), many)
    yield step("memory", "memory", ("paid", 3), ("packed", 4), {}, again=1)
    yield step("memory", "memory", None, ("packed", 4), {}, again=2)
    yield from _orders()
    same = step("", "identity", ("shipped", 4), ("shipped", 4), {}, identity=True)
    yield probe(same.changes)


def _orders() -> Iterator[Trial]:
    events = (
        _event("E-1", "paid", 9, at=1),
        _event("E-2", "paid", 1, at=1),
        _event("E-1", "packed", 10, at=1),
        _event("E-1", "shipped", 12),
    )
    rows = itertools.permutations((*events, events[2]))
    for row in sorted(set(map(tuple, (map(repr, row) for row in rows)))):
        by_text = {repr(event): event for event in events}
        changes = {"kind": "order", "events": [by_text[text] for text in row]}
        yield Trial("order", changes)


def _generate(rng: random.Random) -> Trial:
    orders = [f"F-{number}" for number in range(rng.randint(1, 4))]
    words = ("created", "paid", "packed", "shipped", "returned")
    events = [
        _event(
            rng.choice(orders),
            rng.choice(words),
            rng.choice((0, 1, 2, 3, 9, 10, 11, 10**12)),
            at=rng.randint(-9, 9),
        )
        for _ in range(rng.randint(1, 5))
    ]
    return Trial("order", {"kind": "generated", "events": events})


def _of(*kinds: str) -> Callable[[Fields], bool]:
    return lambda fields: fields["kind"] in kinds


_NEW = _of("next", "unknown", "gap", "extra")


def _right(fields: Fields) -> tuple[str, dict[str, Any]]:
    """Return the order of a trial's event and the record that it should have."""
    data = fields["events"][-1]["data"]
    return data["order_id"], _record(data["status"], data["version"])


def _recorded(accepts: Callable[[Mapping[str, Any], Fields], bool]) -> Any:
    """Return a `how` that looks at the record which a solution wrote."""

    def how(fields: Fields, seen: Seen) -> bool:
        order, _ = _right(fields)
        state = seen.result
        record = state.get(order) if isinstance(state, Mapping) else None
        return isinstance(record, Mapping) and accepts(record, fields)

    return how


def _wrong_level(_: Fields, seen: Seen) -> bool:
    names = ("order_id", "status", "version")
    if isinstance(seen.error, KeyError):
        return bool(seen.error.args) and seen.error.args[0] in names
    return isinstance(seen.error, AttributeError) and seen.error.name in (
        "data",
        *names,
    )


def _drops_others(fields: Fields, seen: Seen) -> bool:
    order, record = _right(fields)
    return bool(fields["state"]) and seen.result == {order: record}


def _other_key(fields: Fields, seen: Seen) -> bool:
    order, record = _right(fields)
    state = seen.result if isinstance(seen.result, Mapping) else {}
    known = {*fields["state"], order}
    return any(key not in known and state[key] == record for key in state)


def _is_old_version(record: Mapping[str, Any], fields: Fields) -> bool:
    order, right = _right(fields)
    old: Any = fields["state"].get(order, {}).get("version", -1)
    kept = record.get("version") in (old, None)
    return bool(kept and record.get("status") == right["status"])


def _unchanged(fields: Fields, seen: Seen) -> bool:
    return bool(seen.raised) or seen.result == fields["state"]


def _changed(what: str) -> Callable[[Fields, Seen], bool]:
    return lambda _, seen: (
        isinstance(seen.result, Mapping) and seen.value[-1:] == (f"changed {what}",)
    )


def _any(fields: Fields) -> bool:
    return bool(fields["kind"] != "identity")


_CONDITION = 'order in state and data["version"] <= state[order]["version"]'
_VERSION = '"version": data["version"]'
_OLD = 'state[order]["version"]'

MISTAKES: Sequence[Proof] = (
    Rule(WRONG_LEVEL, _any, how=_wrong_level),
    Rule(
        RETURNS_NOTHING,
        _any,
        how=lambda _, seen: seen.result is None and not seen.raised,
        some=True,
    ),
    Rule(
        RETURNS_ORDER_ONLY,
        _of("next"),
        how=lambda _, seen: (
            isinstance(seen.result, Mapping) and "status" in seen.result
        ),
        some=True,
    ),
    Rule(DROPS_OTHERS, _of("next", "others"), how=_drops_others, some=True),
    Rule(OTHER_KEY, _of("next"), how=_other_key),
    edit(NEVER_UPDATES, (_CONDITION, "order in state")),
    edit(
        OTHER_ORDERS,
        (
            _CONDITION,
            'data["version"] <= max([-1, *(r["version"] for r in state.values())])',
        ),
    ),
    Rule(KEEPS_VERSION, _of("next", "gap"), how=_recorded(_is_old_version)),
    Rule(
        STORES_MORE,
        _NEW,
        how=_recorded(
            lambda record, fields: record.items() > _right(fields)[1].items()
        ),
        some=True,
    ),
    Rule(
        TIME_AS_VERSION,
        _of("next"),
        how=_recorded(
            lambda record, fields: (
                record.get("version") == fields["events"][-1]["created_at"]
            )
        ),
        some=True,
    ),
    edit(
        COUNTS_ITSELF,
        (
            _VERSION,
            f'"version": {_OLD} + 1 if order in state else data["version"]',
        ),
    ),
    Rule(
        RAISES_ON_UNKNOWN,
        _of("unknown"),
        _of("next"),
        raised("KeyError", "TypeError", "AttributeError"),
    ),
    edit(IGNORES_UNKNOWN, ("order in state and", "order not in state or")),
    edit(
        DROPS_ZERO,
        (_CONDITION, 'data["version"] <= state.get(order, {"version": 0})["version"]'),
    ),
    edit(LAST_WINS, (_CONDITION, "False")),
    edit(
        LAST_WINS,
        (_CONDITION, "False"),
        (
            _VERSION,
            f'"version": max([data["version"], *([{_OLD}] if order in state else [])])',
        ),
    ),
    edit(BACKWARDS, ("<=", ">")),
    Rule(BY_TIME, _of("clock", "clock-old"), _of("next", "gap", "older"), some=True),
    edit(
        AS_TEXT, (_CONDITION, f'order in state and str(data["version"]) <= str({_OLD})')
    ),
    Rule(RAISES_ON_OLD, _of("older", "same"), _of("next"), raised(), some=True),
    edit(SAME_VERSION, ("<=", "<")),
    edit(
        SAME_VERSION,
        (
            _CONDITION,
            (
                'order in state and (data["version"], data["status"]) '
                '<= tuple(state[order][name] for name in ("version", "status"))'
            ),
        ),
    ),
    edit(ZERO_IS_NONE, ("order in state and", f"order in state and {_OLD} and")),
    Rule(WAITS_FOR_GAP, _of("gap"), _of("next", "older"), _unchanged),
    Rule(RANKS_STATUS, _of("back"), _of("next", "gap", "older"), _unchanged, some=True),
    Rule(MUTATES, _any, how=_changed("state"), some=True),
    Rule(MUTATES_EVENT, _any, how=_changed("event"), some=True),
    Rule(REMEMBERS, _any, some=True, stateful=True),
    Rule(REMEMBERS, _of("memory"), _of("next", "older", "unknown"), some=True),
    Rule(
        DEPENDS_ON_ORDER,
        _of("order"),
        lambda fields: fields["kind"] != "order",
        some=True,
    ),
)

APPLY = judged(
    id="8.3",
    lab="08_ack_fast",
    wants="apply(state, event) -> dict",
    contract=CONTRACT,
    space=Space({"kind": "next", "state": {}}, _trials, generate=_generate),
    observer=_Applied(),
    mistakes=MISTAKES,
    hints=(
        (
            "Two questions decide: is the order in the state, and is its version at "
            "least as great as that of the event?"
        ),
        (
            "state.get(order_id) gives the old record or None. When there is one, and "
            "its version is as great as the event's or greater, return the state."
        ),
        (
            "This makes a new state and leaves the old one unchanged: {**state, "
            'order_id: {"status": …, "version": …}}.'
        ),
    ),
)
