"""Exercise 8.3: late and reordered events never overwrite newer state."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from labkit.checks import Exercise, Mistake, Question, quietly, short
from labkit.model import LAB_EPOCH

Apply = Callable[[Any, Any], Any]
State = dict[str, dict[str, Any]]

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
    "Your code counts the versions itself. The version says what the sender has "
    "counted, and the two differ as soon as an event is late or lost.",
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
    "your orders stop changing at the tenth version.",
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
    "duplicate; with >=, two workers can overwrite each other again and again.",
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
    "Build a new dictionary, {**state, order: {…}}, because a copy of only the outer "
    "dictionary shares the records.",
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


def takes_news(apply: Apply) -> None:
    """A newer version replaces the record, and other orders stay."""
    state = {"A-1": _record("paid", 2), "A-2": _record("shipped", 7)}
    ask, answered = _applied(apply, state, _event("A-1", "packed", 3))
    wanted = {**state, "A-1": _record("packed", 3)}
    if _same(answered, wanted):
        return
    if answered is None:
        ask.fail("None", RETURNS_NOTHING)
    record = answered.get("A-1") if isinstance(answered, Mapping) else None
    if isinstance(answered, Mapping) and "status" in answered:
        ask.fail(short(answered), RETURNS_ORDER_ONLY)
    if isinstance(answered, Mapping) and set(answered) - set(state):
        ask.fail(short(answered), OTHER_KEY)
    if _same(record, _record("paid", 2)):
        ask.fail(short(answered), _why_unchanged(apply))
    if isinstance(record, Mapping):
        ask.fail(short(answered), _misrecorded(record, DROPS_OTHERS))
    ask.fail(short(answered))


def _why_unchanged(apply: Apply) -> Mistake:
    """Return why a newer event changed nothing while another order was there."""
    alone = {"A-1": _record("paid", 2)}
    older = quietly(apply, deepcopy(alone), _event("A-1", "created", 1))
    if _same(older, {"A-1": _record("created", 1)}):
        return BACKWARDS
    newer = quietly(apply, deepcopy(alone), _event("A-1", "packed", 3))
    taken = _same(newer, {"A-1": _record("packed", 3)})
    return OTHER_ORDERS if taken else NEVER_UPDATES


def adds_unknown_orders(apply: Apply) -> None:
    """An order that is not known is added, whatever its version is."""
    for version, state in (
        (1, {}),
        (6, {"A-2": _record("shipped", 7)}),
        (0, {}),
    ):
        before: State = state
        known: dict[type[BaseException], Mistake] = {
            KeyError: RAISES_ON_UNKNOWN,
            TypeError: RAISES_ON_UNKNOWN,
            AttributeError: RAISES_ON_UNKNOWN,
        }
        event = _event("A-3", "created", version)
        ask, answered = _applied(apply, before, event, known)
        if _same(answered, {**before, "A-3": _record("created", version)}):
            continue
        if answered is None:
            ask.fail("None", RETURNS_NOTHING)
        if not isinstance(answered, Mapping):
            ask.fail(short(answered))
        if set(answered) - {*before, "A-3"}:
            ask.fail(short(answered), REMEMBERS)
        if "A-3" not in answered:
            ask.fail(short(answered), IGNORES_UNKNOWN if version else DROPS_ZERO)
        ask.fail(short(answered))


def ignores_what_is_old(apply: Apply) -> None:
    """An older version changes nothing, however late it comes."""
    for order, now, late in (("A-4", 3, 2), ("A-5", 10, 9), ("A-6", 100, 20)):
        state = {order: _record("shipped", now), "A-1": _record("paid", 1)}
        known: dict[type[BaseException], Mistake] = {Exception: RAISES_ON_OLD}
        ask, answered = _applied(apply, state, _event(order, "paid", late, at=9), known)
        if _same(answered, state):
            continue
        if answered is None:
            ask.fail("None", RETURNS_NOTHING)
        record = answered.get(order) if isinstance(answered, Mapping) else None
        taken = isinstance(record, Mapping) and record.get("status") == "paid"
        mistake = AS_TEXT if now >= 10 else LAST_WINS
        ask.fail(short(answered), mistake if taken else None)


def takes_every_newer_one(apply: Apply) -> None:
    """Any greater version is taken: as a number, with a gap, whatever it says."""
    for old, new, mistake in (
        (_record("paid", 9), _record("shipped", 10), AS_TEXT),
        (_record("paid", 2), _record("shipped", 5), WAITS_FOR_GAP),
        (_record("shipped", 5), _record("created", 6), RANKS_STATUS),
        (_record("shipped", 6), _record("a status from next year", 7), RANKS_STATUS),
    ):
        known: dict[type[BaseException], Mistake] = {}
        if mistake is not AS_TEXT:
            known[Exception] = mistake
        event = _event("A-7", new["status"], new["version"])
        ask, answered = _applied(apply, {"A-7": old}, event, known)
        if _same(answered, {"A-7": new}):
            continue
        record = answered.get("A-7") if isinstance(answered, Mapping) else None
        if _same(record, {**new, "version": old["version"] + 1}):
            ask.fail(short(answered), COUNTS_ITSELF)
        ask.fail(short(answered), mistake if _same(record, old) else None)


def ignores_the_clock(apply: Apply) -> None:
    """The time of an event decides nothing."""
    _applied(apply, {}, _event("A-8", "shipped", 4, at=60))
    state = {"A-8": _record("shipped", 4)}
    ask, answered = _applied(apply, state, _event("A-8", "returned", 5, at=59))
    if not _same(answered, {"A-8": _record("returned", 5)}):
        ask.fail(short(answered), BY_TIME)


def ignores_duplicates(apply: Apply) -> None:
    """A version that is stored already changes nothing."""
    for status in ("shipped", "packed", "waiting"):
        state = {"A-9": _record("shipped", 4)}
        known: dict[type[BaseException], Mistake] = {Exception: RAISES_ON_OLD}
        ask, answered = _applied(apply, state, _event("A-9", status, 4), known)
        if answered is None:
            ask.fail("None", RETURNS_NOTHING)
        if not _same(answered, state):
            # A comparison with >= also writes a record that is equal to the old one.
            kept = deepcopy(state)
            written = quietly(apply, kept, _event("A-9", "shipped", 4)) is not kept
            ask.fail(short(answered), SAME_VERSION if written else None)
    state = {"A-9": _record("shipped", 0)}
    ask, answered = _applied(apply, state, _event("A-9", "packed", 0))
    if not _same(answered, state):
        ask.fail(short(answered), ZERO_IS_NONE)


def leaves_its_arguments(apply: Apply) -> None:
    """The state and the event that were handed over are as they were."""
    for version in (1, 3, 5):
        state = {"A-10": _record("paid", 3), "A-11": _record("paid", 1)}
        event = _event("A-10", "packed", version)
        before, sent = deepcopy(state), deepcopy(event)
        ask = _asking(state, event, "both arguments as they were before the call")
        quietly(apply, state, event)
        if state != before:
            ask.fail(f"the old state is {short(state)} now", MUTATES)
        if event != sent:
            ask.fail(f"the event is {short(event)} now", MUTATES_EVENT)
    empty: State = {}
    ask = _asking(empty, _event("A-12", "paid", 1), "the old state is still empty")
    quietly(apply, empty, _event("A-12", "paid", 1))
    if empty:
        ask.fail(f"the old state is {short(empty)} now", MUTATES)


def remembers_nothing_else(apply: Apply) -> None:
    """The same arguments give the same state."""
    state = {"A-13": _record("paid", 3)}
    event = _event("A-13", "packed", 4)
    for _ in range(2):
        ask, answered = _applied(apply, deepcopy(state), deepcopy(event))
        if not _same(answered, {"A-13": _record("packed", 4)}):
            ask.fail(short(answered), REMEMBERS)


def ends_the_same_in_every_order(apply: Apply) -> None:
    """Every order of the same events ends in the same state."""
    events = (
        _event("A-14", "paid", 9, at=1),
        _event("A-15", "paid", 1, at=1),
        _event("A-14", "packed", 10, at=1),
        _event("A-14", "shipped", 12, at=0),
        _event("A-14", "packed", 10, at=1),
    )
    wanted = {"A-14": _record("shipped", 12), "A-15": _record("paid", 1)}
    for row in itertools.permutations(events):
        state: Any = {}
        for event in row:
            ask = Question(
                sent=f"from an empty state, one after the other:\n{_listed(row)}",
                expected=short(wanted),
                why=DEPENDS_ON_ORDER.why,
                try_next=DEPENDS_ON_ORDER.try_next,
            )
            state = ask.call(apply, state, event)
        if not _same(state, wanted):
            ask.fail(short(state), DEPENDS_ON_ORDER)


def _event(order: str, status: str, version: int, *, at: int = 0) -> dict[str, Any]:
    return {
        "id": f"evt_{order}_{version}",
        "event": "order.updated",
        "created_at": LAB_EPOCH + at,
        "data": {"order_id": order, "status": status, "version": version},
    }


def _record(status: str, version: int) -> dict[str, Any]:
    return {"status": status, "version": version}


def _applied(
    apply: Apply,
    state: Any,
    event: dict[str, Any],
    known: dict[type[BaseException], Mistake] | None = None,
) -> tuple[Question, Any]:
    """Apply the event to a copy of the state; return the question and the answer."""
    data = event["data"]
    old = state.get(data["order_id"]) if isinstance(state, Mapping) else None
    news = old is None or data["version"] > old["version"]
    record = _record(data["status"], data["version"]) if news else old
    ask = _asking(state, event, short({**state, data["order_id"]: record}))
    if known is None:
        known = {KeyError: WRONG_LEVEL, AttributeError: WRONG_LEVEL}
    return ask, ask.call(apply, deepcopy(state), deepcopy(event), known=known)


def _asking(state: Any, event: dict[str, Any], expected: str) -> Question:
    at = event["created_at"] - LAB_EPOCH
    when = f", created at {at // 60:02}:{at % 60:02}" if at else ""
    return Question(
        sent=f"state {short(state)}\ndata {short(event['data'])}{when}",
        expected=expected,
        why="Events arrive in any order; the state must say what the newest one said.",
        try_next="Which of the two is newer, the record in the state or the event? "
        "Write down what follows from each answer.",
    )


def _same(answered: object, wanted: Mapping[str, Any]) -> bool:
    return isinstance(answered, Mapping) and dict(answered) == dict(wanted)


def _misrecorded(record: Mapping[str, Any], otherwise: Mistake) -> Mistake | None:
    """Return what is wrong with a record that should be packed, version 3."""
    if _same(record, _record("packed", 3)):
        return otherwise
    if set(record) - {"status", "version"}:
        return STORES_MORE
    if record.get("status") != "packed" or isinstance(record.get("version"), str):
        return None
    if record.get("version") == LAB_EPOCH:
        return TIME_AS_VERSION
    return KEEPS_VERSION if record.get("version") in (2, None) else COUNTS_ITSELF


def _listed(events: Sequence[dict[str, Any]]) -> str:
    rows = (event["data"] for event in events)
    return "\n".join(
        f"{data['order_id']} {data['status']}, version {data['version']}"
        for data in rows
    )


APPLY = Exercise(
    id="8.3",
    lab="08_ack_fast",
    wants="apply(state, event) -> dict",
    cases=(
        takes_news,
        adds_unknown_orders,
        ignores_what_is_old,
        takes_every_newer_one,
        ignores_the_clock,
        ignores_duplicates,
        leaves_its_arguments,
        remembers_nothing_else,
        ends_the_same_in_every_order,
    ),
    hints=(
        "Two questions decide: is the order in the state, and is its version as great?",
        (
            "state.get(order_id) gives the old record or None. When there is one, and "
            "its version is as great as the event's or greater, return the state."
        ),
        (
            "A new state without a change to the old one: "
            '{**state, order_id: {"status": …, "version": …}}.'
        ),
    ),
)
