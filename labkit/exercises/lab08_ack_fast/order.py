"""Exercise 8.3: late and reordered events never overwrite newer state."""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labkit.checks import short
from labkit.checks.contract import contract
from labkit.checks.copying import own_copy
from labkit.checks.observing import Seen, exactly, outcome
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial, probe
from labkit.exercises.lab08_ack_fast.order_mistakes import MISTAKES, record_of
from labkit.model import LAB_EPOCH

CONTRACT = contract("""
    given: Return the state after this event.
    given: `state` maps each order to {"status": str, "version": int}.
    given: `event["data"]` has the `order_id`, the `status` and the `version` of one
        change of an order.
    given: A version is an int, 0 or greater.
    newer: If the version of the event is greater than the one in the state, the status
        and the version of the event replace the record of the order.
    unknown: If the order is not in the state, add it.
    older: An event with an older version changes nothing.
    same: An event with the version that is already in the state changes nothing,
        whatever its status is.
    gap: Some changes may never arrive, so a greater version need not be the next one.
    any-status: Accept any status: the versions alone decide what is newer.
    clock: The time in `created_at` decides nothing.
    fields: A record contains only the status and the version.
    others: The other orders stay as they are.
    arguments: Do not change the two arguments: return a new dictionary, or the same one
        if nothing changes.
    memory: The same arguments always give the same state.
    order: In whatever sequence the same events arrive, the state at the end is the
        same, unless two changes of one order have the same version but different
        statuses.
    open: The check does not test events without these fields or of another type.
""")


def _event(order: str, status: str, version: int, at: int = 0) -> dict[str, Any]:
    return {
        "id": f"evt_{order}_{version}_{status}",
        "event": "order.updated",
        "created_at": LAB_EPOCH + at,
        "data": {"order_id": order, "status": status, "version": version},
    }


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
        state: Any = own_copy(fields["state"])
        seen = Seen(None, "")
        for original in fields["events"]:
            event, passed = own_copy(original), state
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


OTHER_WORDS = (
    *("cancelled", "canceled", "delivered", "returned", "refunded", "deleted"),
    *("completed", "closed", "failed", "", "1", "Shipped", " paid "),
)
"""Statuses that a solution may treat in a special way."""

_STEPS: Sequence[tuple[str, str, tuple[str, int] | None, tuple[str, int]]] = (
    ("newer", "next", ("paid", 2), ("packed", 3)),
    ("newer", "next", ("paid", 0), ("packed", 1)),
    ("newer", "next", ("paid", 4), ("paid", 5)),
    ("newer", "digits", ("paid", 9), ("shipped", 10)),
    ("newer", "digits", ("paid", 99), ("shipped", 100)),
    ("newer", "large", ("paid", 2**53), ("shipped", 2**53 + 1)),
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
    *(("any-status", "back", ("shipped", 7), (word, 8)) for word in OTHER_WORDS),
    *(("any-status", "back", (word, 8), ("packed", 9)) for word in OTHER_WORDS),
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
        state = {**others, **({order: record_of(*old)} if old else {})}
        changes = {"kind": kind, "state": state, "events": [event], **more}
        return Trial(sentence, changes)

    for sentence, kind, old, new in _STEPS:
        yield step(sentence, kind, old, new, {"B-1": record_of("shipped", 7)})
        yield step(sentence, kind, old, new, {})
    yield step("clock", "clock", ("shipped", 4), ("returned", 5), {}, at=-60)
    yield step("clock", "clock-old", ("shipped", 4), ("returned", 3), {}, at=60)
    order = "A-99"
    late = [_event(order, "shipped", 4, at=60), _event(order, "returned", 5, at=59)]
    yield Trial("clock", {"kind": "clock", "events": late})
    twins = [_event(order, "shipped", 4), _event(order, "returned", 4, at=60)]
    yield Trial("clock", {"kind": "clock", "events": twins})
    extra = {"note": "leave it at the door", "at": 5}
    yield step("fields", "extra", ("paid", 2), ("packed", 3), {}, data=extra)
    yield step("fields", "extra", None, ("packed", 3), {}, data=extra)
    like = {name: record_of("paid", 9) for name in ("C", "c-1", "C-10", "C-1 ", "1")}
    for name in ("C-1", "c", "C ", "Ç-1", ""):
        yield step("others", "others", None, ("packed", 3), like, order=name)
    words = itertools.cycle(("paid", *OTHER_WORDS))
    many = {f"D-{number}": record_of(next(words), number) for number in range(60)}
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


def _blames(fields: Fields, seen: Seen, wanted: Seen) -> str | None:
    """Return the sentence on equal versions, if only they explain the difference."""
    if fields["kind"] != "generated" or not isinstance(seen.result, Mapping):
        return None
    changes = [event["data"] for event in fields["events"]]
    written = [
        (order, record_of(data["status"], data["version"]))
        for data in changes
        for order in [data["order_id"]]
    ]
    wrong = {
        order: record
        for order, record in seen.result.items()
        if record != wanted.result.get(order)
    }
    same = bool(wrong) and seen.result.keys() == wanted.result.keys()
    for order, record in wrong.items():
        right = wanted.result[order]
        same &= (order, record) in written and record["version"] == right["version"]
    return "same" if same else None


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


APPLY = judged(
    id="8.3",
    lab="08_ack_fast",
    wants="apply(state, event) -> dict",
    contract=CONTRACT,
    space=Space(
        {"kind": "next", "state": {}, "events": ()}, _trials, generate=_generate
    ),
    observer=_Applied(),
    mistakes=MISTAKES,
    blames=_blames,
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
