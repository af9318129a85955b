"""What steps of different workers share, and so whether their order matters.

Two steps are independent if neither changes what the other one may look at. What a step
may look at is found before it, from the names in its line and all that can be reached
from them; what it changes is found after it, by comparing contents. An object whose
content can't be compared, such as an iterator, counts as changed by every look. So a
step is taken to look at more than it does, and never at less: libraries are taken to
keep nothing between two requests, but for objects that the learner's code keeps.
"""

import gc
import itertools
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import (
    BuiltinMethodType,
    FrameType,
    FunctionType,
    MethodType,
    ModuleType,
    SimpleNamespace,
)
from typing import Any

from labkit.explore.lines import Line, lines_of
from labkit.running.fresh import holds_nothing
from labkit.running.ownership import is_learners
from labkit.running.places import Content, same
from labkit.running.sources import (
    CACHED,
    attributes_of,
    functions_of_app,
    is_learners_class,
    names_in,
    parts_of,
)

Token = int | str
"""A shared object by its number, a variable by its name, or a part of the outside."""

OUTSIDE = "(the outside)"
TIME = "(time)"
"""Whatever waits for time to pass depends on every other step."""

_HARMLESS = {
    *("json", "hmac", "_hashlib", "hashlib", "time", "datetime", "uuid", "re", "flask"),
    *("base64", "werkzeug", "sqlite3", "contextlib", "functools", "itertools", "math"),
    *("collections", "secrets", "string", "decimal", "operator", "queue"),
    *("dataclasses", "enum", "typing", "threading", "_thread", "copy", "builtins"),
    *("markupsafe", "logging", "traceback", "warnings", "abc", "struct", "binascii"),
    *("types", "textwrap", "labkit", "sqlalchemy", "_functools", "_json", "_operator"),
}
"""Packages whose functions look at nothing but their arguments, for our purpose."""

_OUTSIDE = {"open", "input", "print"}
_ANYTHING = {"globals", "exec", "eval"}
"""Functions through which a line may bind any name."""
_BY_NAME = {"getattr", "setattr", "delattr", "hasattr", "vars"}
"""Functions through which it may bind any name of a module."""

_WALKED = 500
"""Of so many objects at most it is found out what a line can reach."""


@dataclass(frozen=True, slots=True)
class Print:
    """What a step may have looked at, and what it changed."""

    looked: frozenset[Token] = frozenset()
    changed: frozenset[Token] = frozenset()

    @property
    def invisible(self) -> bool:
        """Whether no other worker can notice when this step is made."""
        return not (self.looked or self.changed)

    def depends(self, other: "Print") -> bool:
        """Whether the order of the two steps may matter."""
        if TIME in self.changed or TIME in other.changed:
            return True
        return not (
            self.changed.isdisjoint(other.looked | other.changed)
            and other.changed.isdisjoint(self.looked)
        )


ANYTHING = Print(changed=frozenset({TIME}))


class Shared:
    """The objects that workers share in a run, numbered.

    What is put into one of them later has the number of that one.
    """

    def __init__(self, roots: Iterable[Any]) -> None:
        self._numbers: dict[int, int] = {}
        self._objects: list[list[Any]] = []
        met: dict[int, Any] = {}
        waiting = list(roots)
        while waiting:
            value = waiting.pop()
            if id(value) in met or holds_nothing(value, type(value)):
                continue
            met[id(value)] = value
            if _changes(value):
                self._numbers[id(value)] = len(self._objects)
                self._objects.append([value])
            waiting.extend(_rooted(value))

    def reached(self, values: Iterable[Any], *, bare: bool = True) -> set[int]:
        """Return the numbers of what can be reached from these values.

        Functions without attributes count, too, unless `bare` is False.
        """
        found, met = set(), dict[int, Any]()
        waiting = list(values)
        while waiting and len(met) < _WALKED:
            value = waiting.pop()
            if id(value) in met:
                continue
            met[id(value)] = value
            number = self._numbers.get(id(value))
            if number is not None:
                found.add(number)
            if bare or type(value) is not FunctionType or value.__dict__:
                waiting.extend(_inside(value))
        return found if len(met) < _WALKED else set(range(len(self._objects)))

    def contents(self, numbers: Iterable[int]) -> dict[int, Content]:
        """Return what the objects of these numbers hold."""
        return {
            number: tuple(
                itertools.chain.from_iterable(map(_content, self._objects[number]))
            )
            for number in numbers
        }

    def changed(self, before: dict[int, Content]) -> set[int]:
        """Return the numbers of those that hold something else now."""
        found = {
            number
            for number, content in self.contents(before).items()
            if not same(content, before[number])
            or any(_is_opaque(value) for value in self._objects[number])
        }
        for number in found:
            self._take_in(number)
        return found

    def _take_in(self, number: int) -> None:
        """Let what an object holds have its number, if it has none yet."""
        waiting = [part for each in self._objects[number] for part in _inside(each)]
        while waiting:
            value = waiting.pop()
            if _changes(value) and id(value) not in self._numbers:
                self._numbers[id(value)] = number
                self._objects[number].append(value)
                waiting.extend(_inside(value))


def values_in(frame: FrameType) -> tuple[list[Any], set[Token]]:
    """Return the values that the line of a frame names, and tokens for its variables.

    A name of a module may be reached as its attribute, so these are among the tokens.
    OUTSIDE is, if the line may act on files, sockets and the like, and TIME if it may
    do anything.
    """
    line = lines_of(frame.f_code).get(frame.f_lineno) or Line()
    inside, outside = frame.f_locals, frame.f_globals
    values = [inside[name] for name in line.locals if name in inside]
    # The argument of a generator expression has a name that no line can write.
    values += [inside[".0"]] if ".0" in inside else []
    values += [outside[name] for name in line.globals if name in outside]
    values = list(_seen_in(values, line.attributes))
    tokens: set[Token] = {*line.locals, *line.globals, *line.attributes}
    builtin = line.globals - outside.keys()
    if builtin & _OUTSIDE or any(map(_acts_outside, values)):
        tokens.add(OUTSIDE)
    if builtin & _ANYTHING or (builtin & _BY_NAME and any(map(_is_ours, values))):
        tokens.add(TIME)
    return values, tokens


def stored_in(frame: FrameType, variables: frozenset[str]) -> set[Token]:
    """Return those of the shared variables that the line of a frame binds."""
    line = lines_of(frame.f_code).get(frame.f_lineno) or Line()
    return {*line.stored, *(line.set_attributes & variables)}


def _seen_in(values: Iterable[Any], attributes: Iterable[str]) -> Iterator[Any]:
    """Yield the values, and of the learner's modules those with these names."""
    waiting = list(values)
    while waiting:
        value = _behind(waiting.pop())
        yield value
        if _is_ours(value):
            named = map(vars(value).get, attributes)
            waiting.extend(each for each in named if each is not value)


def _is_ours(value: Any) -> bool:
    """Whether a value is a module of the learner's."""
    return isinstance(value, ModuleType) and is_learners(
        getattr(value, "__file__", None) or ""
    )


def _behind(value: Any) -> Any:
    """Return the object behind Flask's current_app and the like."""
    if type(value).__name__ != "LocalProxy":
        return value
    try:
        return value._get_current_object()  # noqa: SLF001 - Werkzeug's documented way
    except RuntimeError:
        return None


def _acts_outside(value: Any) -> bool:
    """Whether a function, module or object may act on files, sockets and the like."""
    if not isinstance(value, (ModuleType, type, FunctionType, BuiltinMethodType)):
        return isinstance(value, Path) or type(value).__module__ in ("_io", "socket")
    name = value.__name__ if isinstance(value, ModuleType) else value.__module__
    module = sys.modules.get(name or "")
    if isinstance(value, FunctionType):
        ours = is_learners(value.__code__.co_filename)
    elif isinstance(value, type):
        ours = is_learners_class(value)
    else:
        ours = is_learners(getattr(module, "__file__", None) or "")
    return not ours and (name or "builtins").partition(".")[0] not in _HARMLESS


def _changes(value: Any) -> bool:
    """Whether an object can hold different things at different times."""
    kind = type(value)
    if issubclass(kind, (dict, list, set, deque, bytearray)) or is_learners_class(kind):
        return True
    if isinstance(value, type):
        return is_learners_class(value)
    return _is_opaque(value)


def _is_opaque(value: Any) -> bool:
    """Whether an object may change without a difference in what is seen of it."""
    kind = type(value)
    if is_learners_class(kind):
        return False
    if hasattr(kind, "__next__") or kind in (CACHED, SimpleNamespace):
        return True
    home = kind.__module__.partition(".")[0] if isinstance(kind.__module__, str) else ""
    built_in = home in ("builtins", "collections", "_thread", "types", "functools", "")
    return not (
        built_in
        or home == "labkit"
        or isinstance(value, (type, ModuleType, BaseException))
        or holds_nothing(value, kind)
    )


def _content(value: Any) -> Iterator[Any]:
    kind = type(value)
    if issubclass(kind, dict):
        yield from itertools.chain.from_iterable(dict.items(value))
    elif issubclass(kind, (list, set, deque)):
        yield from value
    elif issubclass(kind, bytearray):
        yield sys.intern(value.hex())
    if isinstance(value, type):
        yield from itertools.chain.from_iterable(vars(value).items())
    elif is_learners_class(kind):
        yield from itertools.chain.from_iterable(attributes_of(value).items())


def _inside(value: Any) -> Iterable[Any]:
    """Return what can be reached from an object without any code of the learner's."""
    kind = type(value)
    if kind in (str, int, bytes, float, bool, type(None), ModuleType):
        return ()
    if kind is FunctionType:
        return (value.__dict__,)
    if kind is MethodType:
        return (value.__self__,)
    if isinstance(value, type):
        return list(vars(value).values()) if is_learners_class(value) else ()
    if kind.__module__ in ("builtins", "itertools", "_collections", "collections"):
        return gc.get_referents(value)
    return list(parts_of(value))


def _rooted(value: Any) -> Iterable[Any]:
    """Return what belongs to a receiver, by way of its functions, too."""
    if isinstance(value, FunctionType):
        if not is_learners(value.__code__.co_filename):
            return [value.__dict__, *_contents(value)]
        used = map(value.__globals__.get, names_in(value.__code__))
        defaults = [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
        return [*used, *defaults, *_contents(value), value.__dict__]
    if _is_ours(value):
        return [kept for name, kept in vars(value).items() if name[:2] != "__"]
    if hasattr(type(value), "wsgi_app"):
        return list(functions_of_app(value))
    if type(value) is MethodType:
        return (value.__self__, value.__func__)
    return _inside(value)


def _contents(function: FunctionType) -> list[Any]:
    return [
        cell.cell_contents
        for cell in function.__closure__ or ()
        if gc.get_referents(cell)
    ]
