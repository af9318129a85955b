"""Exercise 3.2: the one handler for an event, or none."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from labkit.checks import Exercise, Mistake, Question, describe, lines_of, short
from labkit.exercises.lab03_payloads.bodies import (
    CONTACT,
    NEXT_YEAR,
    PAYMENT,
    PUSH,
    SOURCES,
    event_of,
)

Dispatch = Callable[[dict[str, Any], dict[str, Callable[[Any], Any]]], Any]


TYPE_ELSEWHERE = Mistake(
    "looks-for-the-type-elsewhere",
    "Each provider has its own name for the type of an event. Here the field is called "
    '"event".',
    'The type is event["event"].',
)
CALLS_NOTHING = Mistake(
    "calls-no-handler",
    "You answered and no handler ran: acknowledged and not done, the worst of both.",
    "Look the handler up in handlers and call it with the event.",
)
WRITTEN_IN = Mistake(
    "types-written-into-the-code",
    "There is a handler for this type in the table, and it was not called. A table "
    "that only some types are looked up in is no table.",
    "Look up event['event'], whatever it is, in handlers.",
)
EVERY_HANDLER = Mistake(
    "calls-every-handler",
    "Handlers of other types ran as well: a contact came in, a parcel went out.",
    "Look up the one handler by the event's type; no loop is needed.",
)
TWICE = Mistake(
    "calls-it-twice",
    "The handler does the work. Called twice, it ships two parcels.",
    "Call the handler in one place only.",
)
HANDS_OVER = Mistake(
    "hands-over-something-else",
    "A handler needs the id and the time as well as the data, and all of them expect "
    "the same one argument.",
    "Call handler(event), with the event as it came.",
)
HANDLERS_RESULT = Mistake(
    "returns-what-the-handler-returned",
    "A handler returns what it likes. The caller of dispatch wants to know whether "
    "there was one.",
    'Call the handler on a line of its own, then return "handled".',
)
NO_WORD = Mistake(
    "says-nothing",
    "The caller logs what became of the event and got None.",
    'Return "handled" after the call of the handler, and "ignored" without one.',
)
OTHER_WORD = Mistake(
    "other-word",
    "The caller compares the two words letter by letter.",
    'The words are "handled" and "ignored".',
)
UNKNOWN_RAISES = Mistake(
    "unknown-type-is-an-error",
    "Providers invent new types and send them to whoever listens. An error here "
    "becomes a 500: the sender tries for days and may switch your endpoint off, with "
    "all the events in it that you do want.",
    'Ask whether there is a handler first; return "ignored" if there is none.',
)
CALLS_NONE = Mistake(
    "calls-what-is-not-there",
    "handlers.get(…) answers None for an unknown type, and None can't be called.",
    'Return "ignored" before the call when the handler is None.',
)
ALWAYS_HANDLED = Mistake(
    "says-handled-to-everything",
    'Nothing ran and you said "handled". Whoever reads the log to find out why '
    "nothing happened is led astray.",
    'Return "ignored" where no handler was called.',
)
BY_PREFIX = Mistake(
    "matches-by-part-of-the-type",
    "Types are names and not texts to search in. payment.succeeded and "
    "payment.succeeded.undone have a beginning in common and mean the opposite.",
    "Look the whole type up in the dictionary.",
)
LOOSELY = Mistake(
    "matches-loosely",
    "You changed the type, or searched for a pattern, before you compared. Types that "
    "the provider holds apart fall together.",
    "Look the type up as it came.",
)
TAKEN_FOR_UNKNOWN = Mistake(
    "takes-a-handlers-error-for-an-unknown-type",
    "The handler ran and failed, with an error of its own. You took that for a missing "
    "handler, and a paid order is lost without a sound.",
    "Keep the call of the handler out of the try; only the look-up may fail there.",
)
SWALLOWS = Mistake(
    "swallows-the-handlers-exception",
    "The handler failed and nobody hears of it. The sender is told that all is well "
    "and will never send the event again.",
    "Let the exception come through: no try around the call of the handler.",
)
WRAPS = Mistake(
    "wraps-the-handlers-exception",
    "The caller tells errors apart by their class: one is worth a retry, another is "
    "not. In your wrapping they all look the same.",
    "Let the handler's own exception come through as it is.",
)
CHANGES_TABLE = Mistake(
    "changes-the-table-of-handlers",
    "The table is shared by all requests. What you add, each unknown type adds again, "
    "and it grows as long as the receiver runs; what you take out is gone.",
    "Look up with .get or `in`, which leave the dictionary alone.",
)
CHANGES_EVENT = Mistake(
    "changes-the-event",
    "Whoever reads the event after you, a log or a retry, finds it changed.",
    "Read from the event: no pop, no assignment.",
)


RESULTS = {PAYMENT.type: "parcel A-1", CONTACT.type: 0, PUSH.type: False}
"""What handlers return, by their types; those that are not here return None."""


class Table:
    """A table of handlers that note what they are called with.

    Each returns something of its own, as handlers may, or raises the error of its type.
    """

    def __init__(
        self, *types: str, errors: Mapping[str, Exception] | None = None
    ) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self._errors = errors or {}
        self.handlers: dict[str, Callable[..., Any]] = {
            kind: self._handler(kind) for kind in types
        }

    @property
    def called(self) -> list[str]:
        """The types of the handlers that were called, in order."""
        return [kind for kind, _args, _kwargs in self.calls]

    def given(self, event: dict[str, Any]) -> bool:
        """Whether each call had the event as its one argument."""
        return all(args == (event,) and not rest for _, args, rest in self.calls)

    def _handler(self, kind: str) -> Callable[..., Any]:
        def handler(*args: Any, **kwargs: Any) -> Any:
            self.calls.append((kind, args, kwargs))
            if error := self._errors.get(kind):
                raise error
            return RESULTS.get(kind)

        return handler


def calls_the_one_handler(dispatch: Dispatch) -> None:
    """The handler of the event's type is called, once, with the whole event."""
    types = [each.type for each in (*SOURCES, NEXT_YEAR)]
    for sent in (*SOURCES, NEXT_YEAR):
        event = event_of(sent)
        table = Table(*types)
        ask = _dispatching(event, table, '"handled", after one call of the handler')
        known: dict[type[BaseException], Mistake] = {
            KeyError: TYPE_ELSEWHERE,
            AttributeError: TYPE_ELSEWHERE,
        }
        answered = ask.call(dispatch, event, table.handlers, known=known)
        outcome = f"{short(answered)}, handlers called: {listed(table.called)}"
        if not table.called:
            ask.fail(outcome, CALLS_NOTHING if sent is PAYMENT else WRITTEN_IN)
        if set(table.called) != {sent.type}:
            ask.fail(outcome, EVERY_HANDLER)
        if len(table.called) > 1:
            ask.fail(outcome, TWICE)
        if not table.given(event_of(sent)):
            _kind, args, kwargs = table.calls[0]
            ask.fail(f"handler called with {short((*args, *kwargs))}", HANDS_OVER)
        if answered is None:
            ask.fail(short(answered), NO_WORD)
        if answered in (RESULTS.get(sent.type), "ignored"):
            ask.fail(short(answered), HANDLERS_RESULT)
        ask.expect(answered, "handled", OTHER_WORD)


def ignores_unknown_types(dispatch: Dispatch) -> None:
    """A type without a handler is ignored, and that is no error."""
    for table in (Table("payment.succeeded", "push"), Table()):
        event = event_of(NEXT_YEAR)
        ask = _dispatching(event, table, '"ignored", and no handler called')
        known: dict[type[BaseException], Mistake] = {
            TypeError: CALLS_NONE,
            Exception: UNKNOWN_RAISES,
        }
        answered = ask.call(dispatch, event, table.handlers, known=known)
        if table.called:
            ask.fail(f"handlers called: {listed(table.called)}", EVERY_HANDLER)
        if answered is None:
            ask.fail(short(answered), NO_WORD)
        if answered == "handled":
            ask.fail(short(answered), ALWAYS_HANDLED)
        ask.expect(answered, "ignored", OTHER_WORD)


def compares_whole_types(dispatch: Dispatch) -> None:
    """Only a handler for the very same type is called."""
    for kind, handled, mistake in (
        ("payment.succeeded.undone", "payment.succeeded", BY_PREFIX),
        ("payment", "payment.succeeded", BY_PREFIX),
        ("old.payment.succeeded", "payment.succeeded", BY_PREFIX),
        ("payment.succeeded", "payment", BY_PREFIX),
        ("Payment.Succeeded", "payment.succeeded", LOOSELY),
        ("payment-succeeded", "payment.succeeded", LOOSELY),
        (" payment.succeeded", "payment.succeeded", LOOSELY),
    ):
        event = event_of(PAYMENT) | {"event": kind}
        table = Table(handled)
        ask = _dispatching(event, table, '"ignored", and no handler called')
        answered = ask.call(dispatch, event, table.handlers)
        if table.called:
            ask.fail(f"handlers called: {listed(table.called)}", mistake)
        ask.expect(answered, "ignored")


def lets_exceptions_through(dispatch: Dispatch) -> None:
    """What a handler raises comes through as it is, a KeyError included."""
    for error, mistake in (
        (RuntimeError("the parcel service is down"), SWALLOWS),
        (KeyError("order_id"), TAKEN_FOR_UNKNOWN),
        (TypeError("an amount is no text"), TAKEN_FOR_UNKNOWN),
        (AttributeError("no such parcel"), TAKEN_FOR_UNKNOWN),
    ):
        event = event_of(PAYMENT)
        table = Table(PAYMENT.type, errors={PAYMENT.type: error})
        ask = _dispatching(
            event, table, f"what the handler raises comes out: {describe(error)}"
        )
        raised: BaseException | None = None
        answered: Any = None
        try:
            answered = dispatch(event, table.handlers)
        except (Exception, SystemExit) as caught:  # noqa: BLE001 - a learner raises anything
            raised = caught
        if len(table.called) > 1:
            ask.fail(f"handlers called: {listed(table.called)}", TWICE)
        if raised is None:
            ask.fail(short(answered), SWALLOWS if answered != "ignored" else mistake)
        if raised is not error:
            ask.fail(describe(raised), WRAPS, lines=lines_of(raised))


def leaves_everything_as_it_was(dispatch: Dispatch) -> None:
    """The table of handlers and the event are the same afterwards."""
    for sent in (PAYMENT, NEXT_YEAR):
        event = event_of(sent)
        table = Table(PAYMENT.type, PUSH.type)
        before = dict(table.handlers)
        ask = _dispatching(event, table, "the same table and event after as before")
        ask.call(dispatch, event, table.handlers)
        if table.handlers != before:
            ask.fail(f"handlers for {listed(table.handlers)}", CHANGES_TABLE)
        if event != event_of(sent):
            ask.fail(f"the event is {short(event)}", CHANGES_EVENT)


def _dispatching(event: dict[str, Any], table: Table, expected: str) -> Question:
    return Question(
        sent=(
            f"dispatch({short(event)}, handlers), with handlers for "
            f"{listed(table.handlers)}"
        ),
        expected=expected,
        why="The table of handlers alone says what the shop reacts to.",
        try_next="Look the event's type up: either it has a handler or none.",
    )


def listed(names: Iterable[str]) -> str:
    """Return the names of handlers as a verdict shows them."""
    return ", ".join(names) or "nothing"


DISPATCH = Exercise(
    id="3.2",
    lab="03_payloads",
    wants="dispatch(event, handlers) -> str",
    cases=(
        calls_the_one_handler,
        ignores_unknown_types,
        compares_whole_types,
        lets_exceptions_through,
        leaves_everything_as_it_was,
    ),
    hints=(
        "Two things can happen, and one look-up tells which.",
        "handlers.get(…) gives the handler, or None where there is none.",
        (
            "Look up first; return early when there is none; only then call, with no "
            "try around it."
        ),
    ),
)
