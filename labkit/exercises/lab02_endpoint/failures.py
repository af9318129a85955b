"""Exercise 2.4: failures(inbox) -> list, the requests that were not acknowledged."""

import random
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

from werkzeug.exceptions import NotFound

from labkit.checks.contract import contract
from labkit.checks.mistakes import Rule, edit, mistakes
from labkit.checks.observing import Callback, Record, Seen, exactly
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial, probe

Entry = tuple[int, BaseException | None]


class Shop(BaseException):
    """Holds an exception whose qualified name is longer than its name."""

    class Closed(Exception):
        """The shop is closed."""


ONLY_200, ONLY_500, REDIRECT_IS_FINE, NEEDS_AN_EXCEPTION = mistakes("""
    only-200-is-success: Your code lists a request that was acknowledged. Not only 200
        acknowledges an event, but every status from 200 to 299.
        Try: Compare with the whole range: 200 <= got.status <= 299.
    only-server-errors: Your code lists only statuses of 500 and above. A 4xx or a
        redirect does not acknowledge an event either, and many senders drop the event
        after it.
        Try: List every request whose status is not from 200 to 299.
    redirect-is-success: Your code leaves out redirects. A 3xx does not acknowledge the
        event, and most senders do not follow it.
        Try: List every request whose status is not from 200 to 299.
    only-exceptions: Your code lists only requests with an exception. A view can also
        return a 4xx or 5xx itself, and Flask returns 404 without calling a view.
        Try: Test the status, not the error.
""")
NO_ERROR_RAISES, NAMES_NONE, THE_MESSAGE, THE_REPR = mistakes("""
    expects-an-exception: Your code raises an exception if `error` is None. A failed
        request does not always have an exception: the view may have returned the status
        itself.
        Try: Check whether error is None before you use it.
    names-none: Your reason is not "" although `error` is None. A reader of the list
        then looks for an exception that did not happen.
        Try: Use "" if error is None.
    message-instead-of-class: Your code uses the text of the exception. The text of a
        KeyError is only the key, and other texts can contain a customer's data.
        Try: Use the name of the class: type(got.error).__name__.
    more-than-the-class: Your reason contains more than the name of the class. Then
        equal failures have different reasons, and nobody can count them.
        Try: Use type(got.error).__name__.
""")
THE_OPPOSITE, ALL_OF_THEM, EACH_ONCE, ANOTHER_ORDER = mistakes("""
    lists-the-acknowledged: Your code lists the requests that were acknowledged. These
        are the ones that you do not have to look at.
        Try: Reverse the condition.
    lists-everything: Your code lists every request. Nobody finds three failures among
        ten thousand good requests.
        Try: Leave out those with a status from 200 to 299.
    lists-equal-failures-once: Your code lists equal failures only once. Then you cannot
        see whether one request failed or a thousand.
        Try: Use a list and append one entry per request.
    another-order: Your code changes the order. The first failure often tells the cause
        of those that follow.
        Try: Go through the inbox from the start, and append to the end.
""")
STATUS_ONLY, NO_TUPLES, NO_LIST, STOPS_EARLY = mistakes("""
    statuses-only: Your list contains only statuses. A 500 does not tell you which bug
        to look for.
        Try: Append a tuple: (got.status, reason).
    lists-instead-of-tuples: Your entries are lists or other values, not tuples. A list
        cannot be a key of a dictionary, so the failures cannot be counted with Counter.
        Try: Append (got.status, reason), in parentheses.
    returns-no-list: Your function does not return a list. A generator can be read only
        once, and None means that a `return` is missing.
        Try: Collect the entries in a list and return it.
    returns-the-first-only: Your code stops at the first failure, so the others are not
        in the list.
        Try: Put the return after the loop.
""")

CONTRACT = contract("""
    given: Return a list with one tuple `(status, reason)` for each request that was not
        acknowledged.
    given: `inbox` contains an entry per request, in the order of arrival. Each entry
        has a `status`, an int, and an `error`: the exception that the view raised, or
        None.
    acknowledged: A request was acknowledged if its status is 200 to 299.
    reason: The reason is the name of the exception's class, such as "KeyError".
    no-error: If `error` is None, the reason is "".
    all: The list is in the order of the inbox and has an entry for every such request,
        even if two of them are equal.
    empty: If there is no such request, the list is empty.
    same: The inbox is not changed.
    open: The check does not test statuses below 200, an exception together with a
        status from 200 to 299, or exceptions that count as false in an `if`.
""")


class _Caused(KeyError):
    """An exception with a cause, which a copy would lose."""

    def __deepcopy__(self, _: object) -> "_Caused":
        return self


_CAUSED = _Caused("order")
_CAUSED.__cause__, _CAUSED.__context__ = ValueError(), OSError(5)
_KEY = KeyError("order")
_VALUE = ValueError("invalid literal for int(): '12a'")
GOOD = ((200, None), (204, None), (201, None), (299, None), (202, None), (250, None))


def _trials() -> Iterator[Trial]:
    usual = (204, 404, 500, 503, 302, 201, 202, 299, 300, 400, 401, 410, 429)
    rare = (301, 304, 308, 399, 405, 408, 413, 415, 422, 499, 501, 502, 504, 520, 599)
    for status in (*usual, *range(206, 299), *rare):
        more = ((500, None),) if 200 <= status < 300 else ()
        changes = {"inbox": ((status, None), *more), "look": "statuses"}
        yield Trial("acknowledged", changes)
    closed, found = Shop.Closed("until 9"), NotFound()
    plain = (_KEY, _VALUE, RuntimeError(), closed, OSError(5))
    for error in (*plain, _CAUSED, found, Shop()):
        yield Trial("reason", {"inbox": ((500, error),)})
    yield Trial("reason", {"inbox": ((500, SystemExit(1)), (404, LookupError("x")))})
    for status in (404, 500, 302, 503):
        yield Trial("no-error", {"inbox": ((200, None), (status, None))})
    yield Trial("no-error", {"inbox": ((500, None), (500, _KEY), (503, None))})
    for entries in (
        ((500, _KEY), (200, None), (404, None)),
        ((404, None), (500, _KEY)),
        ((200, None), (503, None), (204, None), (400, None), (500, _VALUE)),
        ((500, _KEY), (500, _KEY)),
        ((404, None), (200, None), (404, None), (404, None)),
        ((500, _VALUE), (404, None), (500, _KEY), (404, None), (201, None)),
        tuple((500 + n, None) for n in range(40)),
        ((500, None), (404, None)) * 600,
        (*GOOD * 400, (500, _KEY)),
    ):
        yield Trial("all", {"inbox": entries})
    yield Trial("empty", {"inbox": ()})
    yield Trial("empty", {"inbox": GOOD})
    yield Trial("empty", {"inbox": ((200, None),)})
    mixed = ((500, _KEY), (200, None), (404, None))
    for entries in (mixed, GOOD, ((500, _KEY), (500, _KEY))):
        yield Trial("same", {"inbox": entries, "look": "same"})
    yield probe({"inbox": ((200, None), (500, _KEY), (404, None), (500, _KEY))})


def _random(rng: random.Random) -> Trial:
    errors = (None, None, _KEY, _VALUE)
    entries = []
    for _ in range(rng.randrange(1, 8)):
        status = rng.choice((200, 204, rng.randrange(200, 600)))
        error = rng.choice(errors) if status >= 500 else None
        entries.append((status, error))
    return Trial("all", {"inbox": tuple(entries)})


def _inbox(fields: Fields, record: Record) -> Sequence[Any]:
    class Got(SimpleNamespace):
        """An entry that notes in the record if it is changed."""

        def __setattr__(self, name: str, value: object) -> None:
            record.note("setattr", name, value)
            super().__setattr__(name, value)

        def __delattr__(self, name: str) -> None:
            record.note("delattr", name)
            super().__delattr__(name)

    return [[Got(status=each, error=error) for each, error in fields["inbox"]]]


def _entry(entry: Entry) -> str:
    status, error = entry
    text = f"an entry with status {status} and error {error!r}"
    if error is not None and error.__cause__ is not None:
        text += f", with the cause {error.__cause__!r}"
    return text


def _show(fields: Fields) -> str:
    entries = fields["inbox"]
    if len(entries) > 8:
        return f"an inbox with {len(entries)} entries"
    return "\n".join(map(_entry, entries)) or "an empty inbox"


def _normal(value: Any) -> Any:
    """Return what is compared: the list, with named tuples as plain ones."""
    if type(value) is not list:
        return exactly(type(value).__name__)
    entries = [tuple(x) if isinstance(x, tuple) else x for x in value]
    return exactly(entries)


def _compared(fields: Fields, changes: Sequence[Any], result: Any) -> Any:
    """Return what the sentence of the trial is about: everything, or the statuses."""
    if fields["look"] == "same":
        return result, len(changes)
    if fields["look"] != "statuses" or result[0] != "list":
        return result
    pairs = [each for each in result[1] if each[0] == "tuple" and len(each[1]) == 2]
    return [each[1][0] for each in pairs] if len(pairs) == len(result[1]) else result


def _broken(_: Fields, seen: Seen, wanted: Seen) -> str | None:
    """Blame the sentence about the order if only the order is wrong."""
    lists = type(seen.result) is type(wanted.result) is list
    same = lists and sorted(map(str, seen.result)) == sorted(map(str, wanted.result))
    return "all" if same and seen.result != wanted.result else None


def _some_failed(fields: Fields) -> bool:
    return any(not 200 <= status < 300 for status, _ in fields["inbox"])


def _without_error(fields: Fields) -> bool:
    return any(not 200 <= s < 300 and error is None for s, error in fields["inbox"])


def _no_tuples(_: Fields, seen: Seen) -> bool:
    entries = seen.result
    return isinstance(entries, list) and any(
        not isinstance(each, (tuple, int)) for each in entries
    )


def _no_list(_: Fields, seen: Seen) -> bool:
    return not seen.raised and not isinstance(seen.result, list)


_ACKNOWLEDGED = "200 <= got.status <= 299"
_NAME = "type(got.error).__name__"
_REASON = f'{_NAME} if got.error is not None else ""'
_APPEND = "found.append((got.status, reason))"
_RETURN = "return found"

MISTAKES = (
    edit(ONLY_200, (_ACKNOWLEDGED, "got.status == 200")),
    edit(ONLY_200, (_ACKNOWLEDGED, "got.status in (200, 201)")),
    edit(ONLY_200, (_ACKNOWLEDGED, "got.status in (200, 204)")),
    edit(ONLY_200, (_ACKNOWLEDGED, "got.status in (200, 201, 202)")),
    edit(ONLY_200, (_ACKNOWLEDGED, "got.status in (200, 201, 204)")),
    edit(ONLY_200, (_ACKNOWLEDGED, "got.status in (200, 202, 204)")),
    edit(ONLY_200, (_ACKNOWLEDGED, "got.status in (200, 201, 202, 204)")),
    edit(ONLY_200, (_ACKNOWLEDGED, "got.status == 200 and got.error is None")),
    edit(ONLY_500, (_ACKNOWLEDGED, "got.status < 500")),
    edit(ONLY_500, (_ACKNOWLEDGED, "got.status != 500")),
    edit(REDIRECT_IS_FINE, (_ACKNOWLEDGED, "got.status < 400")),
    edit(NEEDS_AN_EXCEPTION, (_ACKNOWLEDGED, "got.error is None")),
    Rule(
        NO_ERROR_RAISES,
        _without_error,
        how=lambda _, seen: bool(seen.raised) and "NoneType" in seen.text,
    ),
    edit(NAMES_NONE, (_REASON, _NAME)),
    edit(NAMES_NONE, (_REASON, f"{_NAME} if got.error is not None else None")),
    edit(NAMES_NONE, (_REASON, f'{_NAME} if got.error is not None else "None"')),
    edit(THE_MESSAGE, (_NAME, "str(got.error)")),
    edit(THE_MESSAGE, (_REASON, 'str(got.error or "")')),
    edit(THE_REPR, (_NAME, "repr(got.error)")),
    edit(THE_REPR, (_NAME, "str(type(got.error))")),
    edit(THE_REPR, (_NAME, "type(got.error).__qualname__")),
    edit(THE_OPPOSITE, (_ACKNOWLEDGED, "not 200 <= got.status <= 299")),
    edit(ALL_OF_THEM, (_ACKNOWLEDGED, "False")),
    edit(EACH_ONCE, (_RETURN, "return list(dict.fromkeys(found))")),
    edit(EACH_ONCE, (_RETURN, "return sorted(set(found))")),
    edit(ANOTHER_ORDER, (_RETURN, "return found[::-1]")),
    edit(ANOTHER_ORDER, (_RETURN, "return sorted(found)")),
    edit(STATUS_ONLY, (_APPEND, "found.append(got.status)")),
    edit(NO_TUPLES, (_APPEND, "found.append([got.status, reason])")),
    Rule(NO_TUPLES, _some_failed, how=_no_tuples),
    Rule(NO_LIST, lambda _: True, how=_no_list),
    edit(STOPS_EARLY, (_APPEND, "return [(got.status, reason)]")),
)

FAILURES = judged(
    id="2.4",
    lab="02_endpoint",
    wants="failures(inbox) -> list",
    hints=(
        (
            "Which statuses count as a success for a sender? Go through the inbox "
            "and skip the entries that have one of them."
        ),
        (
            "type(error) is the class of an exception, and type(error).__name__ is its "
            "name. What is the name of the class of None?"
        ),
    ),
    contract=CONTRACT,
    space=Space({"inbox": ((200, None),), "look": "all"}, _trials, _random),
    observer=Callback(
        _inbox,
        _show,
        _normal,
        _compared,
        keeps_arguments=lambda fields: bool(fields["look"] == "same"),
    ),
    mistakes=MISTAKES,
    blames=_broken,
)
