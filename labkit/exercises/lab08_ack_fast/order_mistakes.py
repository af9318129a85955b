"""The mistakes of 8.3, each with its proof."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from labkit.checks import Mistake
from labkit.checks.mistakes import Mutant, Proof, Rule, edit, mistakes, raised
from labkit.checks.observing import Seen
from labkit.checks.space import Fields

WRONG_LEVEL, RAISES_ON_UNKNOWN, RETURNS_NOTHING, RETURNS_ORDER_ONLY = mistakes("""
    looks-on-the-wrong-level: Your code looks for a field at the wrong level. An event
        is an envelope with id, event, created_at and data; the order, status and
        version are inside data.
        Try: Go one level deeper: event["data"]["order_id"].
    raises-on-an-unknown-order: Your code raises an exception if the order is not in the
        state. The worker would try this event five times and then move it to the dead
        letters.
        Try: Look the order up with .get, and add it if it is not there.
    returns-nothing: Your function returns None. The caller uses the result as the new
        state, so all orders are lost.
        Try: Return the state at the end of every path, even if nothing changes.
    returns-the-order-alone: Your function returns the record of one order. The caller
        needs the state, with the records of all orders.
        Try: Return a dictionary from order to record: the old ones and the new one.
""")
DROPS_OTHERS, OTHER_KEY, NEVER_UPDATES, OTHER_ORDERS = mistakes("""
    drops-other-orders: Your code drops the other orders from the state, although the
        event is about only one of them.
        Try: Copy the old state into the new one first: {**state, …}.
    keyed-by-something-else: Your code stores the record under another key. The state
        maps orders to records, so code that looks the order up finds the old record.
        Try: Use event["data"]["order_id"] as the key.
    never-changes-a-known-order: Your code does not change an order that is in the
        state, although the event is newer. The order keeps its first status forever.
        Try: Store the new record if its version is greater than the old one.
    compares-with-other-orders: Your code compares the event with the version of another
        order. Each order has versions of its own.
        Try: Compare only with the version of the same order.
""")
KEEPS_VERSION, STORES_MORE, TIME_AS_VERSION, COUNTS_ITSELF = mistakes("""
    does-not-store-the-version: Your code stores the new status with the old version. A
        late event then looks newer than the stored record and overwrites it.
        Try: Store status and version together.
    stores-other-fields: Your code stores other fields in the record, but a record has
        only a status and a version. Fields that a provider adds later would end up in
        your state.
        Try: Build the record from the two fields of the data.
    takes-the-time-for-the-version: Your code stores the time as the version. created_at
        is in whole seconds and comes from a clock, so two changes can have the same
        time.
        Try: Use event["data"]["version"].
    counts-versions-itself: Your code counts the versions itself. The sender counts the
        changes, and your count differs from it as soon as an event is late or lost.
        Try: Store event["data"]["version"] unchanged.
""")
IGNORES_UNKNOWN, DROPS_ZERO, LAST_WINS, BACKWARDS = mistakes("""
    ignores-unknown-orders: Your code ignores an event because its order is not in the
        state. This event is the newest that you have, and it does not arrive again.
        Try: Add the order if it is not in the state.
    drops-the-first-version: Your code ignores version 0 of an order that is not in the
        state. A version may be 0 here, so this can be the first change of an order.
        Try: Check whether the order is in the state. Do not invent a version 0, and do
        not use a version as a condition: 0 counts as false.
    last-one-wins: Your code overwrites newer state with an old event. A retry can
        arrive hours later, and then a delivered parcel is "paid" again.
        Try: Compare the version of the event with the version in the state before you
        store.
    keeps-the-oldest: Your code keeps the older record and drops the newer event. The
        comparison is the wrong way round.
        Try: Store if the version of the event is greater than the one in the state.
""")
BY_TIME, AS_TEXT, RAISES_ON_OLD, SAME_VERSION = mistakes("""
    decides-by-the-time: Your code decides by created_at. It comes from a clock, in
        whole seconds: two changes can have the same time, clocks differ, and clocks are
        set back.
        Try: Decide by the versions alone.
    compares-versions-as-text: Your code compares versions as strings. As a string, "10"
        comes before "9", so an order stops changing at version 10.
        Try: Compare the versions as numbers.
    raises-on-old-news: Your code raises an exception for an old event. A late event is
        not an error, but the worker would try it five times and move it to the dead
        letters.
        Try: Return the state unchanged if the event is old.
    same-version-overwrites: Your code stores a version again that is already in the
        state. It is a duplicate, and two workers can overwrite each other again and
        again.
        Try: Store only if the version of the event is greater, not if it is equal.
""")
ZERO_IS_NONE, WAITS_FOR_GAP, RANKS_STATUS, MUTATES = mistakes("""
    takes-version-0-for-none: Your code treats the stored version 0 as no version,
        because 0 counts as false. So it stores a duplicate.
        Try: Check whether the order is in the state, or whether its version `is None`.
    waits-for-the-missing-version: Your code accepts only the next version. If the
        version in between never arrives, the order never changes again. Each event
        contains the whole status, so a gap does no harm.
        Try: Check whether the version is greater, not whether it is greater by one.
    ranks-the-status: Your code decides by the meaning of the status. An order can also
        return to an earlier status: a parcel is returned, a payment is disputed. The
        sender numbers the changes, so you do not have to guess.
        Try: Decide by the versions alone.
    changes-the-old-state: Your code changes the state that it was given. Code that
        still uses the old state, for example to roll back, sees the change.
        Try: Return a new dictionary with a new record in it: {**state, order_id: {…}}.
        A copy of the state still shares its records, so do not change a field of an old
        record.
""")
MUTATES_EVENT, REMEMBERS, DEPENDS_ON_ORDER = mistakes("""
    changes-the-event: Your code changes the event. Other code that reads the event
        later sees the change.
        Try: Only read from the event: no pop, no assignment.
    remembers-outside-of-the-state: Your code gives a different result for the same
        arguments. What it remembers outside the state is lost after a restart, and
        other workers do not know it.
        Try: Decide by the two arguments alone, and keep what you need in the state.
    depends-on-the-order: Your code ends in a different state if the same events
        arrive in a different sequence. Two workers would then tell two customers
        different things.
        Try: Store an event if its version is greater than the stored one, and only
        then.
""")


def record_of(status: str, version: int) -> dict[str, Any]:
    """Return the record of an order."""
    return {"status": status, "version": version}


def _of(*kinds: str) -> Callable[[Fields], bool]:
    return lambda fields: fields["kind"] in kinds


_NEW = _of("next", "unknown", "gap", "extra")


def _right(fields: Fields) -> tuple[str, dict[str, Any]]:
    """Return the order of a trial's event and the record that it should have."""
    data = fields["events"][-1]["data"]
    return data["order_id"], record_of(data["status"], data["version"])


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
_NEW_STATE = "{**state, order: record}"


def _newer(mistake: Mistake, old: str, new: str) -> Mutant:
    """Return the mutant that is compared only where a newer event must be stored."""
    return Mutant(mistake, ((old, new),), on=_of("next", "gap"))


MISTAKES: Sequence[Proof] = (
    Rule(WRONG_LEVEL, _any, how=_wrong_level),
    Rule(
        RETURNS_NOTHING,
        _any,
        how=lambda _, seen: seen.result is None and not seen.raised,
        some=True,
    ),
    _newer(RETURNS_ORDER_ONLY, _NEW_STATE, "record"),
    _newer(DROPS_OTHERS, _NEW_STATE, "{order: record}"),
    _newer(OTHER_KEY, _NEW_STATE, '{**state, event["id"]: record}'),
    edit(NEVER_UPDATES, (_CONDITION, "order in state")),
    edit(
        OTHER_ORDERS,
        (
            _CONDITION,
            'data["version"] <= max([-1, *(r["version"] for r in state.values())])',
        ),
    ),
    _newer(KEEPS_VERSION, _VERSION, '"version": state.get(order, data)["version"]'),
    Rule(
        STORES_MORE,
        _NEW,
        how=_recorded(
            lambda record, fields: record.items() > _right(fields)[1].items()
        ),
        some=True,
    ),
    _newer(TIME_AS_VERSION, _VERSION, '"version": event["created_at"]'),
    edit(
        COUNTS_ITSELF,
        (_VERSION, f'"version": {_OLD} + 1 if order in state else data["version"]'),
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
    edit(BACKWARDS, ("<=", ">=")),
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
    Rule(REMEMBERS, _any, some=True, stateful=True, remembers=True),
    Rule(REMEMBERS, _of("memory"), _of("next", "older", "unknown"), some=True),
    Rule(
        DEPENDS_ON_ORDER,
        _of("order"),
        lambda fields: fields["kind"] != "order",
        some=True,
    ),
)
