"""The mistakes of exercise 3.2, and what proves them."""

from collections.abc import Callable
from typing import Any

from labkit.checks.mistakes import Proof, Rule, mistakes
from labkit.checks.observing import Seen, exactly
from labkit.checks.space import Fields
from labkit.exercises.lab03_payloads.bodies import NEXT_YEAR, PAYMENT

TYPE_ELSEWHERE, CALLS_NOTHING, WRITTEN_IN, EVERY_HANDLER, TWICE = mistakes("""
    looks-for-the-type-elsewhere: Your code looks for the type in a field that the event
        does not have. Each provider has its own name for this field; here it is
        "event".
        Try: Use event["event"] as the type.
    calls-no-handler: Your code returns without calling a handler. So the event is
        acknowledged, but the work is not done.
        Try: Look the handler up in handlers and call it with the event.
    types-written-into-the-code: Your code calls handlers only for types that are
        written into it. The dictionary `handlers` says which types there are.
        Try: Look up event["event"] in handlers, whatever it is.
    calls-every-handler: Your code also calls handlers of other types. A contact
        arrives, and the shop ships a parcel.
        Try: Look up the one handler by the type of the event; no loop is necessary.
    calls-it-twice: Your code calls the handler twice for one event. The handler does
        the work, so the shop ships two parcels.
        Try: Call the handler in one place only.
""")
HANDS_OVER, HANDLERS_RESULT, NO_WORD, OTHER_WORD, UNKNOWN_RAISES = mistakes("""
    hands-over-something-else: Your code does not pass the event, whole and unchanged,
        as the one argument. A handler also needs the id and the time, which are outside
        data.
        Try: Call handler(event), with the event unchanged.
    returns-what-the-handler-returned: Your code uses what the handler returned, but a
        handler may return anything. The caller of dispatch needs to know whether a
        handler was called.
        Try: Call the handler on a line of its own, then return "handled".
    says-nothing: Your function returns None. Its caller logs what happened to the
        event.
        Try: Return "handled" after the call to the handler, and "ignored" if there is
        no handler.
    other-word: Your function returns something other than the two strings that its
        caller expects.
        Try: Return exactly "handled" or "ignored".
    unknown-type-is-an-error: Your code raises an exception for an unknown type. The
        sender gets a 500, retries for days, and may disable your endpoint for all
        events.
        Try: Check whether there is a handler; return "ignored" if there is none.
""")
CALLS_NONE, ALWAYS_HANDLED, BY_PREFIX, LOOSELY, TAKEN_FOR_UNKNOWN = mistakes("""
    calls-what-is-not-there: Your code calls None: handlers.get(…) returns None for an
        unknown type.
        Try: Return "ignored" before the call if the handler is None.
    says-handled-to-everything: Your code returns "handled" although no handler was
        called. That misleads a colleague who reads the log to find out why nothing
        happened.
        Try: Return "ignored" if no handler was called.
    matches-by-part-of-the-type: Your code compares only a part of the type.
        payment.succeeded and payment.succeeded.undone have the same beginning but the
        opposite meaning.
        Try: Look up the whole type in the dictionary.
    matches-loosely: Your code changes the type, or searches for a pattern, before it
        compares. So it treats types as equal that are different for the provider.
        Try: Look up the type unchanged.
    takes-a-handlers-error-for-an-unknown-type: Your code treats an exception of the
        handler as a missing handler and returns "ignored". So a paid order is lost.
        Try: Keep the call to the handler outside the `try`.
""")
SWALLOWS, WRAPS, CHANGES_TABLE, CHANGES_EVENT = mistakes("""
    swallows-the-handlers-exception: Your code returns normally although a handler
        raised an exception. The sender gets a 2xx and never sends the event again.
        Try: Let the exception through: no `except` and no `return` in a `finally`
        around the call to the handler, and no thread for it.
    wraps-the-handlers-exception: Your code raises a different exception from the
        handler's. The caller distinguishes exceptions by their class: only some of them
        are worth a retry.
        Try: Let the handler's own exception through.
    changes-the-table-of-handlers: Your code changes `handlers`, which all requests
        share. What you add stays in memory for every unknown type, and what you remove
        is missing next time.
        Try: Look up with .get or `in`, which do not change the dictionary.
    changes-the-event: Your code changes the event. Other code that uses the event
        later, such as a log or a retry, sees the change.
        Try: Only read from the event: no pop, no assignment.
""")


def _kind(*kinds: str) -> Callable[[Fields], bool]:
    return lambda fields: fields["kind"] in kinds


def _sent(*types: str) -> Callable[[Fields], bool]:
    """Accept trials with a handler for one of these types."""
    return lambda fields: _HANDLED(fields) and fields["event"]["event"] in types


def _failing(*classes: type[BaseException]) -> Callable[[Fields], bool]:
    return lambda fields: isinstance(fields["error"], classes)


def _calls(seen: Seen) -> list[str]:
    return [kind for kind, _ in seen.value[0]]


def _returns(*words: Any, calls: int | None = None) -> Callable[[Fields, Seen], bool]:
    """Accept these results; `calls` is the number of calls, if it matters."""

    def accepts(_: Fields, seen: Seen) -> bool:
        same = seen.error is None and any(seen.result is word for word in words)
        text = seen.error is None and str in map(type, words) and seen.result in words
        return (same or text) and calls in (None, len(_calls(seen)))

    return accepts


def _no_calls(_: Fields, seen: Seen) -> bool:
    return not _calls(seen) and seen.error is None


def _some_calls(_: Fields, seen: Seen) -> bool:
    return bool(_calls(seen))


def _others(_: Fields, seen: Seen) -> bool:
    return len(set(_calls(seen))) > 1


def _twice(_: Fields, seen: Seen) -> bool:
    return len(_calls(seen)) == 2 and len(set(_calls(seen))) == 1


def _other_arguments(fields: Fields, seen: Seen) -> bool:
    """Whether the right handler was called once, but not with the event."""
    if _calls(seen) != [fields["event"]["event"]]:
        return False
    _, (sent,) = exactly([fields["event"]])
    _, got = seen.value[0][0][1]
    is_event = len(got) == 1 and got[0][0] == "dict"
    return not (is_event and set(sent[1]) <= set(got[0][1]))


def _handlers_result(fields: Fields, seen: Seen) -> bool:
    """Whether the handler's result was used."""
    used = seen.result == "ignored" or exactly(seen.result) == exactly(fields["result"])
    return seen.error is None and len(_calls(seen)) == 1 and used


def _other_word(fields: Fields, seen: Seen) -> bool:
    word = seen.error is None and seen.result not in ("handled", "ignored", None)
    return word and not _handlers_result(fields, seen)


def _finds_no_type(fields: Fields, seen: Seen) -> bool:
    """Whether it failed on a name or a key that the event or the table lacks."""
    error = seen.error
    if isinstance(error, AttributeError):
        return isinstance(error.obj, dict)
    return isinstance(error, KeyError) and fields["event"]["event"] not in error.args


def _calls_none(_: Fields, seen: Seen) -> bool:
    return isinstance(seen.error, TypeError) and "NoneType" in str(seen.error)


def _unknown_raises(fields: Fields, seen: Seen) -> bool:
    return seen.error is not None and not _calls_none(fields, seen)


def _wrapped(fields: Fields, seen: Seen) -> bool:
    return seen.error is not None and type(seen.error) is not type(fields["error"])


def _changed(what: str) -> Callable[[Fields, Seen], bool]:
    return lambda _, seen: f"it changed {what}" in seen.value[3]


_HANDLED, _IGNORED = _kind("handled"), _kind("ignored")
_BOTH = _kind("handled", "ignored")
_RESULTS = _kind("handled", "result")

MISTAKES: list[Proof] = [
    Rule(TYPE_ELSEWHERE, _HANDLED, how=_finds_no_type),
    Rule(CALLS_NOTHING, _HANDLED, how=_no_calls),
    Rule(WRITTEN_IN, _sent(NEXT_YEAR.type), _sent(PAYMENT.type), _no_calls),
    Rule(EVERY_HANDLER, _HANDLED, how=_others),
    Rule(TWICE, _kind("handled", "result", "raises"), how=_twice, some=True),
    Rule(HANDS_OVER, _HANDLED, how=_other_arguments),
    Rule(HANDLERS_RESULT, _RESULTS, how=_handlers_result, some=True),
    Rule(NO_WORD, _BOTH, how=_returns(None), some=True),
    Rule(OTHER_WORD, _BOTH, how=_other_word, some=True),
    Rule(UNKNOWN_RAISES, _IGNORED, _HANDLED, _unknown_raises),
    Rule(CALLS_NONE, _IGNORED, _HANDLED, _calls_none),
    Rule(ALWAYS_HANDLED, _IGNORED, _HANDLED, _returns("handled", calls=0)),
    Rule(BY_PREFIX, _kind("part"), _HANDLED, _some_calls, some=True),
    Rule(LOOSELY, _kind("loose"), _HANDLED, _some_calls, some=True),
    *(
        Rule(
            TAKEN_FOR_UNKNOWN,
            _failing(each),
            _failing(RuntimeError),
            _returns("ignored"),
        )
        for each in (KeyError, TypeError, AttributeError)
    ),
    Rule(SWALLOWS, _failing(Exception), _HANDLED, _returns("handled", "ignored")),
    Rule(WRAPS, _failing(Exception), _HANDLED, _wrapped),
    Rule(CHANGES_TABLE, _kind("table"), how=_changed("handlers"), some=True),
    Rule(
        CHANGES_EVENT,
        _kind("event"),
        how=_changed("the event"),
        some=True,
        may=_HANDLED,
    ),
]
