"""What can be observed of a solution in one trial: one interface for all kinds.

An observer calls the solution with the fields of a trial and returns a `Seen`. Two
solutions behave alike on a trial if the `value` of what was seen is equal; each
exercise decides what goes into it. `Function` is for plain functions, `Callback` for
functions that call back; apps are in `steps.py`.
"""

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from operator import itemgetter
from types import FrameType
from typing import Any, Protocol

from labkit.checks.cases import NotAttempted
from labkit.checks.copying import own_copy
from labkit.checks.space import Fields
from labkit.checks.wording import describe, lines_of, short, without_addresses
from labkit.running.ownership import is_learners
from labkit.transport import Interrupted

RAISES = "raises"

MOST_CALLS = 100_000
"""How many calls are kept; no right answer makes so many."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was observed: `value` is compared, `text` is shown.

    `error` is the exception that came out, or None; `result` what was returned.
    `caught` are the exceptions that the learner's code caught, where they are kept.
    """

    value: Any
    text: str
    error: BaseException | None = None
    result: Any = None
    caught: Sequence[BaseException] = ()

    @property
    def raised(self) -> str:
        """The name of the class of the exception that came out, or an empty string."""
        return type(self.error).__name__ if self.error else ""


class Observer(Protocol):
    """Calls solutions and says what was seen.

    If it has an attribute `prints_once` that is true, it drops what a solution prints
    in all trials but the first, so a verdict shows what was printed in all of them.
    """

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Try a solution on one trial. Raises NotAttempted for the stub."""

    def show(self, fields: Fields) -> str:
        """Return the input as a verdict shows it."""


def exactly(value: Any) -> Any:
    """Return a form of a value that is equal only for equal values of equal types."""
    kind = type(value)
    if kind is str:  # the types of most values come first: a check compares thousands
        return ("str", without_addresses(value) if " at 0x" in value else value)
    if value is None or kind is int or kind is bool:
        return (kind.__name__, value)
    if isinstance(value, dict):
        items = [(exactly(k), exactly(v)) for k, v in value.items()]
        by_key = all([type(k) is str for k in value])  # noqa: C419 - a list is quicker
        return (
            kind.__name__,
            tuple(sorted(items, key=itemgetter(0) if by_key else repr)),
        )
    if isinstance(value, (list, tuple)):
        return (kind.__name__, tuple([exactly(each) for each in value]))
    if isinstance(value, str):
        return (kind.__name__, without_addresses(value))
    if isinstance(value, (int, bytes)):
        return (kind.__name__, value)
    if isinstance(value, float):
        return (kind.__name__, repr(value))
    return (kind.__name__, "")


def truth(value: Any) -> Any:
    """Return True or False for what equals True or False, and its form otherwise."""
    is_truth = isinstance(value, int) and value in (0, 1)
    return bool(value) if is_truth else exactly(value)


def error_class(error: BaseException) -> Any:
    """Return the name of the exception's class."""
    return type(error).__name__


def family(*kinds: type[BaseException]) -> Callable[[BaseException], Any]:
    """Return a `normal_error` that takes a subclass for the first class it belongs to.

    If the contract asks for a ValueError, a subclass of it is one as well.
    """

    def name(error: BaseException) -> Any:
        found = (kind.__name__ for kind in kinds if isinstance(error, kind))
        return next(found, error_class(error))

    return name


def outcome(
    call: Callable[[], Any],
    normal: Callable[[Any], Any],
    normal_error: Callable[[BaseException], Any] = error_class,
) -> Seen:
    """Call something of the learner's and say what came out."""
    try:
        result = call()
    except (NotAttempted, Interrupted):
        raise
    except NotImplementedError as error:
        raise NotAttempted from error
    except BaseException as error:  # noqa: BLE001 - a learner raises anything
        return Seen((RAISES, normal_error(error)), describe(error), error)
    if inspect.iscoroutine(result):
        result.close()
        return Seen("coroutine", "a coroutine that nothing awaits", None, result)
    return Seen(normal(result), short(result), None, result)


@dataclass(frozen=True, slots=True)
class Function:
    """Observes a plain function: its value and type, or its exception's class.

    `arguments` makes the arguments from a copy of the fields. `normal` and
    `normal_error` say what of the result is compared. `around` sets up the
    surroundings of one call. If `keeps_arguments`, changing one of them is seen,
    unless the trial has a field `kept` that is False. If a
    trial has the field `again`, the same call was made that many times before, and
    `afterwards` was called with what it returned. The last call must not change that.
    """

    arguments: Callable[[Fields], Sequence[Any]]
    show: Callable[[Fields], str]
    normal: Callable[[Any], Any] = exactly
    normal_error: Callable[[BaseException], Any] = error_class
    around: Callable[[Fields], AbstractContextManager[Any]] = lambda _: nullcontext()
    keeps_arguments: bool = False
    afterwards: Callable[[Any], object] = lambda _: None

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Call the solution, and say what the last call did."""
        earlier = []
        for _ in range(fields.get("again", 0)):
            result = self.observe(solution, {**fields, "again": 0}).result
            self.afterwards(result)
            earlier.append((result, exactly(result)))
        arguments = self.arguments(own_copy(dict(fields)))
        keeps = self.keeps_arguments and fields.get("kept", True)
        before = exactly(list(arguments)) if keeps else None
        with self.around(fields):
            seen = outcome(lambda: solution(*arguments), self.normal, self.normal_error)
        if keeps and exactly(list(arguments)) != before:
            text = f"{seen.text}, and it changed an argument"
            return Seen((seen.value, "changed"), text, seen.error, seen.result)
        if any(exactly(result) != form for result, form in earlier):
            text = f"{seen.text}, and it changed what an earlier call returned"
            return Seen((seen.value, "reused"), text, seen.error, seen.result)
        return seen


@dataclass(frozen=True, slots=True)
class Record:
    """What callbacks were called with, in order.

    `calls` holds for each call its name and whatever the callback noted, up to
    MOST_CALLS: an endless loop would otherwise fill the memory until it is stopped.
    """

    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def note(self, name: str, *what: Any) -> None:
        """Add one call."""
        if len(self.calls) < MOST_CALLS:
            self.calls.append((name, *what))


def _all_calls(_: Fields, calls: Sequence[tuple[Any, ...]], result: Any) -> Any:
    return exactly(calls), result


def _in_words(_: Fields, calls: Sequence[tuple[Any, ...]]) -> list[str]:
    return [f"{name}({', '.join(map(short, what))})" for name, *what in calls]


@dataclass(frozen=True, slots=True)
class Callback:
    """Observes a function that calls back: the calls, then the outcome.

    `arguments` makes the arguments; its callbacks note each call in the record.
    `compared` makes of the record's calls and of the normal result what is compared,
    and `told` makes what is shown of the calls.
    `around` sets up the surroundings of one call, and may take notes too. Where
    `keeps_arguments` accepts the fields, a changed argument is seen.
    """

    arguments: Callable[[Fields, Record], Sequence[Any]]
    show: Callable[[Fields], str]
    normal: Callable[[Any], Any] = exactly
    compared: Callable[[Fields, Sequence[tuple[Any, ...]], Any], Any] = _all_calls
    told: Callable[[Fields, Sequence[tuple[Any, ...]]], list[str]] = _in_words
    keeps_arguments: Callable[[Fields], bool] = lambda _: False
    around: Callable[[Fields, Record], AbstractContextManager[Any]] = lambda *_: (
        nullcontext()
    )

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Call the solution once, with callbacks that take notes."""
        record = Record()
        arguments = self.arguments(own_copy(dict(fields)), record)
        before = exactly(list(arguments))
        with self.around(fields, record):
            seen = outcome(lambda: solution(*arguments), self.normal)
        calls = self.told(fields, record.calls)
        if len(calls) > 12:
            calls = [*calls[:11], "and so on"]
        text = ", ".join([*calls, seen.text])
        value = self.compared(fields, record.calls, seen.value)
        if self.keeps_arguments(fields) and exactly(list(arguments)) != before:
            value, text = (value, "changed"), f"{text}, and it changed an argument"
        return Seen(value, text, seen.error, seen.result)


def _ends_something(kind: type[BaseException]) -> bool:
    """Whether it is how Python ends a generator, or how the kit ends a process."""
    kits = kind.__module__.startswith("labkit.") and not issubclass(kind, Exception)
    return kits or issubclass(kind, (GeneratorExit, StopIteration))


@contextmanager
def caught_exceptions() -> Iterator[list[tuple[BaseException, tuple[str, ...]]]]:
    """Note the exceptions that pass through the learner's lines, caught ones too.

    Each comes with the learner's lines that it went through first.
    """
    found: list[tuple[BaseException, tuple[str, ...]]] = []

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        if not is_learners(frame.f_code.co_filename):
            return None
        if event == "exception" and _ends_something(arg[0]):
            return trace  # not a failure
        if event == "exception" and all(arg[1] is not error for error, _ in found):
            error = arg[1].with_traceback(arg[2])
            found.append((error, lines_of(error)))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield found
    finally:
        sys.settrace(before)
