"""Exercise 3.2: find and call the handler for an event."""

import contextlib
import inspect
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from labkit.checks import short
from labkit.checks.contract import contract
from labkit.checks.copying import own_copy
from labkit.checks.observing import Callback, Record, Seen, exactly
from labkit.checks.proving import judged
from labkit.checks.raising import BUGS, EXITS
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab03_payloads.bodies import (
    CONTACT,
    NEXT_YEAR,
    PAYMENT,
    PUSH,
    event_of,
)
from labkit.exercises.lab03_payloads.dispatch_mistakes import MISTAKES

CONTRACT = contract("""
    given: Call the handler for the event's type, and return what happened.
    given: `event` is a dictionary, as parse returns it.
    given: `handlers` maps types to functions that take the event.
    handled: If there is a handler for this type, call it once, with the whole event as
        its only argument, and return "handled".
    result: What the handler returns does not matter.
    ignored: If there is none, return "ignored".
    exact: Only a handler for exactly this type is called.
    raises: If the handler raises an exception, let it through unchanged, whatever its
        class is.
    unchanged: Do not change `event` or `handlers`.
    again: The same event may arrive again; handle it each time.
    open: The check does not test handlers that are not functions, types that are not
        strings, notes that are added to an exception, or whether the handler gets a
        copy of the event.
""")

_SENT = (PAYMENT, CONTACT, PUSH, NEXT_YEAR)
TYPES = tuple(each.type for each in _SENT)
_OTHERS = (
    ("payment.succeeded.undone", "payment.succeeded", "part"),
    ("payment", "payment.succeeded", "part"),
    ("old.payment.succeeded", "payment.succeeded", "part"),
    ("payment.succeeded", "payment", "part"),
    ("payment.failed", "payment.succeeded", "part"),
    ("succeeded", "payment.succeeded", "part"),
    ("", "payment.succeeded", "part"),
    ("payment.succeeded", "", "part"),
    ("Payment.Succeeded", "payment.succeeded", "loose"),
    ("payment.succeeded", "PAYMENT.SUCCEEDED", "loose"),
    ("payment-succeeded", "payment.succeeded", "loose"),
    ("paymentXsucceeded", "payment.succeeded", "loose"),
    (" payment.succeeded", "payment.succeeded", "loose"),
    ("payment.succeeded\n", "payment.succeeded", "loose"),
    ("payment_succeeded", "payment.succeeded", "loose"),
    ("straße", "STRASSE", "loose"),
    ("payment.succeeded", "*", "star"),
    ("payment.succeeded", "payment.*", "star"),
    ("payment.succeeded", "default", "star"),
    ("payment.succeeded", "ignored", "star"),
)


_ERRORS: Sequence[BaseException] = (
    *(make() for make in (*BUGS, *EXITS)),
    KeyError(PAYMENT.type),
    LookupError("no such parcel"),
    TypeError("'NoneType' object is not callable"),
)


def _trials() -> Iterator[Trial]:
    for sent, returned in zip(_SENT, ("parcel A-1", 0, False, None), strict=True):
        yield Trial("handled", {"event": event_of(sent), "result": returned})
    more = event_of(PAYMENT) | {"type": "push", "api_version": None}
    yield Trial("handled", {"event": more, "kind": "more"})
    empty = event_of(PAYMENT) | {"id": "", "created_at": 0, "data": {}}
    yield Trial("handled", {"event": empty, "kind": "more"})
    results: tuple[Any, ...] = (
        "parcel A-1",
        True,
        1,
        0,
        False,
        "",
        "ignored",
        [],
        ("x", 500),
    )
    for result in results:
        yield Trial("result", {"result": result, "kind": "result"})
    year = event_of(NEXT_YEAR)
    for types in ((PAYMENT.type, PUSH.type), ()):
        yield Trial("ignored", {"event": year, "types": types, "kind": "ignored"})
    inside = year | {"type": "push", "data": {"event": "push", "type": "push"}}
    changes = {"event": inside, "types": (PUSH.type,), "kind": "inside"}
    yield Trial("exact", changes)
    for name, known, kind in _OTHERS:
        event = event_of(PAYMENT) | {"event": name}
        yield Trial("exact", {"event": event, "types": (known,), "kind": kind})
    both = ("payment.succeeded", "payment.succeeded.undone", "Payment.Succeeded")
    for name in both:
        event = event_of(PAYMENT) | {"event": name}
        yield Trial("exact", {"event": event, "types": both, "kind": "both"})
    for name in ("", "*", "type", "订单", "push", "get"):
        event = event_of(PAYMENT) | {"event": name}
        yield Trial("exact", {"event": event, "types": (name,), "kind": "odd"})
    for error in _ERRORS:
        yield Trial("raises", {"error": error, "kind": "raises"})
    for event, kind in ((event_of(PAYMENT), "handled"), (year, "ignored")):
        changes = {"event": event, "types": (PAYMENT.type, PUSH.type)}
        yield Trial("unchanged", {**changes, "look": "table", "kind": "table"})
        yield Trial("unchanged", {**changes, "look": "event", "kind": "event"})
        yield Trial("again", {**changes, "times": 3, "kind": f"again {kind}"})
    failed = {"error": RuntimeError("the printer is on fire")}
    yield Trial("unchanged", {**failed, "look": "table", "kind": "table"})
    yield Trial("unchanged", {**failed, "look": "event", "kind": "event"})
    yield Trial("again", {**failed, "times": 2, "kind": "again failed"})


def _random(rng: random.Random) -> Trial:
    names = [*TYPES, "payment", "payment.succeeded.undone", "PUSH", "a", "a.b"]
    event = event_of(PAYMENT) | {"event": rng.choice(names)}
    types = tuple(rng.sample(names, rng.randrange(5)))
    result = rng.choice((None, 0, "x", True))
    changes = {"event": event, "types": types, "result": result, "kind": "random"}
    return Trial("exact", changes)


def _arguments(fields: Fields, record: Record) -> Sequence[Any]:
    def handler_of(kind: str) -> Callable[..., Any]:
        def handler(*args: Any, **named: Any) -> Any:
            record.note(
                kind, *own_copy([*args, *([("keywords", named)] if named else [])])
            )
            if fields["error"] is not None:
                raise fields["error"]
            return fields["result"]

        return handler

    return [fields["event"], {kind: handler_of(kind) for kind in fields["types"]}]


def _compared(_: Fields, calls: Sequence[tuple[Any, ...]], result: Any) -> Any:
    return tuple((kind, exactly(what)) for kind, *what in calls), result


def _word(value: Any) -> Any:
    return str(value + "") if isinstance(value, str) else exactly(value)


class _Dispatch:
    """Observes dispatch: the calls, the outcome, and what it changed."""

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Call the solution as often as the trial says; the last outcome counts."""
        changed: list[str] = []
        expected = [type(fields["error"])] if fields["error"] else []

        def several(event: Any, handlers: Any) -> Any:
            table, sent = list(handlers.items()), (list(event), exactly(event))
            try:
                for _ in range(fields["times"] - 1):
                    with contextlib.suppress(*expected):
                        solution(event, handlers)
                return solution(event, handlers)
            finally:
                if fields["look"] == "table" and list(handlers.items()) != table:
                    changed.append("it changed handlers")
                if fields["look"] == "event" and (list(event), exactly(event)) != sent:
                    changed.append("it changed the event")

        seen = _CALLS.observe(several, fields)
        if inspect.iscoroutine(seen.result):
            return Seen("coroutine", seen.text, None, seen.result)
        text = ", and ".join([seen.text, *changed])
        value = (*seen.value, _own(seen.error, fields), tuple(changed))
        return Seen(value, text, seen.error, seen.result)

    def show(self, fields: Fields) -> str:
        """Return the call as a verdict shows it."""
        names = ", ".join(map(repr, fields["types"])) or "nothing"
        sent = f"dispatch({short(fields['event'])}, handlers)"
        text = f"{sent}, with handlers for {names}"
        if fields["error"] is not None:
            text += f", which raise {fields['error']!r}"
        return text + (f", {fields['times']} times" if fields["times"] > 1 else "")


_CALLS = Callback(_arguments, str, _word, _compared)


def _own(error: BaseException | None, fields: Fields) -> bool:
    """Whether an exception came from the handler."""
    wanted = fields["error"]
    return type(error) is type(wanted) and str(error) == str(wanted)


DISPATCH = judged(
    id="3.2",
    lab="03_payloads",
    wants="dispatch(event, handlers) -> str",
    hints=(
        "There are two outcomes, and one look-up decides between them.",
        "handlers.get(…) returns the handler, or None if there is none.",
        (
            "Look up first. If there is no handler, return early. Only then call it, "
            "outside any `try`."
        ),
    ),
    contract=CONTRACT,
    space=Space(
        {
            "event": event_of(PAYMENT),
            "types": TYPES,
            "result": None,
            "error": None,
            "times": 1,
            "look": "",
            "kind": "handled",
        },
        _trials,
        _random,
    ),
    observer=_Dispatch(),
    mistakes=MISTAKES,
)
