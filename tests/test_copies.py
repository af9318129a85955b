"""A solution that changes everything it is given spoils nothing for the next one."""

import copy
import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any

import pytest

from labkit.build import content
from labkit.checks.copying import own_copy
from labkit.checks.verdicts import PASSED
from labkit.exercises import EXERCISES, judge

ROOT = Path(__file__).parent.parent


class Vandal:
    """Wraps a right solution, and changes what it was given.

    It does so "at once", "later" (at the next call or step), or "at the end", when the
    check is over: a check that compares arguments stops an early vandal.
    """

    def __init__(self, moment: str) -> None:
        self.moment = moment
        self.given: list[Any] = []

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Let the function work, and change what it was given."""

        @functools.wraps(function)
        def wrapped(*args: Any, **named: Any) -> Any:
            if self.moment == "later":
                self.spoil()
            given = [self.watched(each) for each in args]
            value = function(*given, **named)
            self.given += [*args, *named.values()]
            if inspect.isgenerator(value):
                return self.each_of(value)
            if self.moment == "at once":
                self.spoil()
            return value

        return wrapped

    def each_of(self, generator: Any) -> Iterator[Any]:
        """Do the same with each step of a generator."""
        try:
            for value in generator:
                if self.moment == "at once":
                    self.spoil()
                yield value
                if self.moment == "later":
                    self.spoil()
        finally:
            generator.close()

    def watched(self, value: Any) -> Any:
        """Wrap a function that is handed in, to keep what it returns."""
        if not isinstance(value, FunctionType | MethodType):
            return value

        @functools.wraps(value)
        def calling(*args: Any, **named: Any) -> Any:
            returned = value(*args, **named)
            if hasattr(returned, "__next__") and hasattr(returned, "close"):
                return _Subscription(returned, self.given)
            self.given.append(returned)
            return returned

        return calling

    def spoil(self) -> None:
        """Change everything that was given so far."""
        for each in self.given:
            _spoil(each)
        self.given.clear()


class _Subscription:
    def __init__(self, subscription: Any, given: list[Any]) -> None:
        self._subscription = subscription
        self._given = given

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        value = next(self._subscription)
        self._given.append(value)
        return value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._subscription, name)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self._subscription.close()


def _spoil(value: Any) -> None:
    """Change a value, and everything in it."""
    if type(value) is dict:
        for inner in list(value.values()):
            _spoil(inner)
        value.clear()
        value["spoiled"] = True
    elif type(value) is list:
        for inner in value:
            _spoil(inner)
        value.append("spoiled")
    elif type(value) is set:
        value.add("spoiled")
    elif type(value) is bytearray:
        value.append(0)
    elif type(value) is tuple:
        for inner in value:
            _spoil(inner)


def constants() -> dict[tuple[str, str], Any]:
    """Return all values of the kit's modules that could be changed."""
    return {
        (module_name, name): copy.deepcopy(value)
        for module_name, module in list(sys.modules.items())
        if module_name.startswith(("labkit.exercises", "labkit.samples"))
        for name, value in vars(module).items()
        if name != "__builtins__" and _is_data(value)
    }


def _is_data(value: Any) -> bool:
    if type(value) in (list, tuple, set, frozenset):
        return all(map(_is_data, value))
    if type(value) is dict:
        return all(map(_is_data, value.values()))
    return type(value) in (str, bytes, int, float, bool, type(None), bytearray)


def right_solution(exercise: str) -> Any:
    """Return the first of the stored right solutions."""
    first, *_ = content.stored_answers(ROOT, EXERCISES[exercise], "right")
    return first.load(EXERCISES[exercise])


def spoils_nothing(exercise: str, right: Any, moment: str) -> bool:
    """Judge a solution that changes what it is given; say if the kit is unchanged."""
    vandal = Vandal(moment)
    before = constants()
    judge(exercise, vandal.around(right))
    vandal.spoil()
    return constants() == before


@pytest.mark.usefixtures("few_further_searches")
@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_solution_that_changes_what_it_is_given_spoils_nothing(exercise: str) -> None:
    assert spoils_nothing(exercise, right_solution(exercise), "later")


@pytest.mark.full
@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_right_solution_passes_after_one_that_changes_everything(
    exercise: str,
) -> None:
    # The test above does "later".
    right = right_solution(exercise)
    for moment in ("at once", "at the end"):
        assert spoils_nothing(exercise, right, moment)
    assert judge(exercise, right).outcome == PASSED


def test_the_vandal_changes_what_it_is_given() -> None:
    event: dict[str, Any] = {"data": {"items": [1]}}
    items = event["data"]["items"]
    found = Vandal("at once").around(lambda each: each["data"]["items"] is items)(event)
    assert found
    assert event == {"spoiled": True}
    assert items == [1, "spoiled"]


def test_an_own_copy_is_a_deep_one() -> None:
    shared = {"amount": 1900, "tags": ["a", None, 2.5, b"x"]}
    value: list[Any] = [shared, shared, (shared, {3: {4}}), bytearray(b"x")]
    value.append(value)
    copied = own_copy(value)
    assert copied[:4] == copy.deepcopy(value)[:4]
    assert copied[0] is copied[1] is copied[2][0]
    assert copied[4] is copied
    assert copied[0] is not shared
    assert copied[0]["tags"] is not shared["tags"]
    assert copied[3] is not value[3]
