"""A fresh process, made without ending this one.

A kernel can't be restarted for every case of a check. So `FreshProcess` remembers what
the learner's code keeps: names of modules, attributes of classes and instances, slots,
closures, defaults, caches and containers, wherever they are reached from. It puts all
of it back as it was, and gives every process locks and caches of its own. The learner's
objects stay the same objects, so that nothing can hold on to a memory that is over.

What it can't put back, such as an open connection, is listed in `doubts`.
"""

import collections
import contextvars
import copy
import datetime as dt
import decimal
import enum
import fractions
import functools
import hashlib
import hmac
import itertools
import os
import pathlib
import queue
import re
import sys
import threading
import types
import uuid
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FunctionType, MethodType, ModuleType
from typing import Any, Generic

from labkit.running import places
from labkit.running.ownership import is_kits, is_learners
from labkit.running.places import HEAP_TYPE, Content, Place, same
from labkit.running.sources import (
    CACHED,
    LARGE,
    Sources,
    dict_of,
    is_learners_class,
    names_in,
    slots_of,
)

State = list[Content]
"""What every place of a process holds."""

Maker = Callable[[Any], Any]
"""Makes what a new process has in the place of an object."""


def not_tried(doubts: Iterable[str], maker: str) -> str:
    """Say why nothing was tried, and that the learner's `maker` can create it."""
    return (
        f"Not tried: {'; '.join(doubts)}. A new process would not share it, and it "
        f"can't be put back. Create it in `{maker}`."
    )


class FreshProcess:
    """The memory of the learner's code, which can be as in a new process.

    `makers` says how to make what can't be copied, by type; `instead` lists functions
    and classes that code in the fresh process gets in the place of the real ones.
    `doubts` has a sentence for each object that no new process would share. More than
    `most` objects are not looked through.
    """

    def __init__(
        self,
        sources: Sources,
        *,
        makers: dict[type, Maker] | None = None,
        instead: Iterable[tuple[Any, Any]] = (),
        most: int = LARGE,
    ) -> None:
        self._most = most
        self._makers = {**MAKERS, **(makers or {})}
        self._instead = {id(real): other for real, other in instead}
        self._met: dict[int, Any] = {}
        self._copied: set[int] = set()
        self._places: list[Place] = []
        self._doubts: dict[str, None] = {}
        for label, place in _names(sources):
            for value in self._add(place):
                self._walk(value, label)
        code: list[Any] = [*sources.functions, *sources.classes, *sources.modules]
        for found in code:
            self._walk(found, found.__name__)
        for value in sources.objects:
            self._walk(value, type(value).__name__)
        self._original = self.take()
        self._changing = [
            number
            for number, content in enumerate(self._original)
            if any(self._renewed(value, {}) is not value for value in content)
        ]

    @property
    def doubts(self) -> tuple[str, ...]:
        """What a new process would not share and yet can't be put back."""
        return tuple(self._doubts)

    @property
    def untouched(self) -> bool:
        """Whether all is as it was; False if something can change unseen: a cache."""
        found = zip(self._places, self._original, strict=True)
        return not self._changing and all(
            same(place.read(), content) for place, content in found
        )

    def freshen(self) -> None:
        """Let everything be as in a process that has just started."""
        made: dict[int, Any] = {}
        fresh = list(self._original)
        for number in self._changing:
            content = self._original[number]
            fresh[number] = tuple([self._renewed(value, made) for value in content])
        self.put(fresh)

    def restore(self) -> None:
        """Let everything be as it was in the beginning."""
        self.put(self._original)

    def take(self) -> State:
        """Return what every place holds now."""
        return [place.read() for place in self._places]

    def put(self, state: State) -> None:
        """Let every place hold what `take` has returned."""
        for place, content in zip(self._places, state, strict=True):
            if not same(place.read(), content):
                place.write(content)

    def _walk(self, start: Any, label: str) -> None:
        """Find every place that can be reached from an object."""
        waiting = [start]
        while waiting:
            value = waiting.pop()
            if id(value) in self._met or type(value) in _ATOMS:
                continue
            if len(self._met) > self._most:
                many = f"`{label}` leads to more than {self._most} objects"
                self._doubts[many] = None
                return
            self._met[id(value)] = value  # kept, so that its id stays its own
            waiting.extend(self._inside(value, label))

    def _inside(self, value: Any, label: str) -> Iterable[Any]:
        """Note the places of one object, and return what they hold."""
        kind = type(value)
        if kind in self._makers or holds_nothing(value, kind):
            return (value.__wrapped__,) if kind is CACHED else ()
        if kind in _WRAPPED:
            return _WRAPPED[kind](value)
        if issubclass(kind, (tuple, frozenset)):
            return tuple(value)
        if issubclass(kind, (FunctionType, type, ModuleType)):
            return self._add(*_places_of_code(value))
        if issubclass(kind, threading.Thread) and value.is_alive():
            self._doubts[f"`{label}` is or has a running thread"] = None
        elif issubclass(kind, _CONTAINERS) or _is_plain(kind):
            return self._add(*_places_of_object(value, kind))
        elif kind.__module__ in _COPIED and self._can_be_copied(value):
            self._copied.add(id(value))
        else:
            name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
            self._doubts[f"`{label}` is or has an object of type {name}"] = None
        return ()

    @staticmethod
    def _can_be_copied(value: Any) -> bool:
        try:
            copy.deepcopy(value)
        except Exception:  # noqa: BLE001 - a foreign object may raise anything
            return False
        return True

    def _add(self, *found: Place) -> list[Any]:
        self._places += found
        return [value for place in found for value in place.read()]

    def _renewed(self, value: Any, made: dict[int, Any]) -> Any:
        """Return what a new process has in the place of an object: mostly itself."""
        kind = type(value)
        if kind in _ATOMS:
            return value
        if id(value) not in made:
            made[id(value)] = self._new(value, kind, made)
        return made[id(value)]

    def _new(self, value: Any, kind: type, made: dict[int, Any]) -> Any:
        if id(value) in self._instead:
            return self._instead[id(value)]
        if kind in self._makers:
            return self._makers[kind](value)
        if issubclass(kind, (tuple, frozenset)):
            parts = tuple([self._renewed(part, made) for part in value])
            base: Any = tuple if issubclass(kind, tuple) else frozenset
            return value if same(tuple(value), parts) else base.__new__(kind, parts)
        if kind in _REWRAPPED:
            old = tuple(_WRAPPED[kind](value))
            new = tuple([self._renewed(part, made) for part in old])
            return value if same(old, new) else _REWRAPPED[kind](value, *new)
        return copy.deepcopy(value) if id(value) in self._copied else value


@contextmanager
def kept_memory(solution: Any) -> Iterator[FreshProcess]:
    """Give the memory that a solution has now, and put it back at the end."""
    process = FreshProcess(Sources([solution]))
    try:
        yield process
    finally:
        process.restore()


def _names(sources: Sources) -> Iterator[tuple[str, Place]]:
    """Yield the global names that the learner's functions use, and where they are."""
    spaces: dict[int, tuple[dict[str, Any], set[str]]] = {}
    for function in sources.functions:
        space = function.__globals__
        names = set(names_in(function.__code__))
        if "globals" in names:
            names.update(space)
        if "environ" in names:
            yield "os.environ", places.Dict(vars(os.environ)["_data"])
        spaces.setdefault(id(space), (space, set()))[1].update(names)
    whole = {id(vars(module)) for module in sources.modules}
    for space, used in spaces.values():
        for name in sorted(used) if id(space) not in whole else ():
            if not name.startswith("__"):
                yield name, places.Names(space, [name])


def _places_of_code(code: Any) -> list[Place]:
    """List where a function, class or module keeps something."""
    if isinstance(code, FunctionType):
        return _places_of_function(code)
    if isinstance(code, type):
        return [places.Class(code)] if is_learners_class(code) else []
    ours = is_learners(getattr(code, "__file__", None) or "")
    return [places.Module(vars(code))] if ours else []


def _places_of_function(function: FunctionType) -> list[Place]:
    if is_kits(function.__code__.co_filename):
        return []
    found: list[Place] = [places.Cell(cell) for cell in function.__closure__ or ()]
    if is_learners(function.__code__.co_filename):
        found.append(places.Dict(function.__dict__))
        if function.__defaults__:
            found.append(places.Defaults(function))
        if function.__kwdefaults__:
            found.append(places.Dict(function.__kwdefaults__))
    return found


def _places_of_object(value: Any, kind: type) -> list[Place]:
    """List where a container or an instance of a class in Python keeps something."""
    found: list[Place] = []
    if issubclass(kind, dict):
        found.append(places.Dict(value))
    elif issubclass(kind, (list, set, collections.deque)):
        found.append(places.Members(value))
    elif issubclass(kind, bytearray):
        found.append(places.Bytes(value))
    own, slots = dict_of(value), slots_of(kind)
    if own is not None:
        found.append(places.Dict(own))
    if slots:
        found.append(places.Slots(value, slots))
    return found


def _is_plain(kind: type) -> bool:
    """Whether all that an instance holds is in its container, `__dict__` and slots."""
    return all(base in _PLAIN or _is_written_in_python(base) for base in kind.__mro__)


def _is_written_in_python(kind: type) -> bool:
    made_by_c = (types.WrapperDescriptorType, types.MethodDescriptorType)
    return bool(kind.__flags__ & HEAP_TYPE) and not any(
        isinstance(value, made_by_c) and value.__objclass__ is kind
        for value in vars(kind).values()
    )


def holds_nothing(value: Any, kind: type) -> bool:
    """Whether an object is the kit's, or of a kind that serves every process alike."""
    module = kind.__module__ if isinstance(kind.__module__, str) else ""
    if issubclass(kind, (enum.Enum, BaseException, pathlib.PurePath, dt.tzinfo)):
        return True
    if issubclass(kind, (str, bytes, int, float)):
        return True
    if module.partition(".")[0] in _SERVES_ALL:
        return True
    return f"{module}.{kind.__qualname__}" in _SERVES_ALL or any(
        value is stream for stream in _STREAMS
    )


def _new_lock(old: Any) -> Any:
    lock = threading.Lock()
    if old.locked():
        lock.acquire()
    return lock


def _new_queue(old: "queue.SimpleQueue[Any]") -> "queue.SimpleQueue[Any]":
    """Make a queue with the same members; the old one keeps its own."""
    new: queue.SimpleQueue[Any] = queue.SimpleQueue()
    for _ in range(old.qsize()):
        member = old.get()
        old.put(member)
        new.put(member)
    return new


def _new_count(counter: "itertools.count[Any]") -> "itertools.count[Any]":
    """Make a counter at the same number; Python 3.14 copies none."""
    start, *step = re.findall(r"-?\d[\d.e+-]*", repr(counter)) or ["0"]
    number = float if "." in repr(counter) else int
    return itertools.count(*map(number, [start, *step]))


def _new_cache(old: Any) -> Any:
    return functools.lru_cache(**old.cache_parameters())(old.__wrapped__)


MAKERS: dict[type, Maker] = {
    type(threading.Lock()): _new_lock,
    type(threading.RLock()): lambda _: threading.RLock(),
    threading.local: lambda _: threading.local(),
    queue.SimpleQueue: _new_queue,
    itertools.count: _new_count,
    CACHED: _new_cache,
    type(hashlib.sha256()): lambda old: old.copy(),
    hmac.HMAC: lambda old: old.copy(),
}
"""How to make what has no content that could be put back."""

_WRAPPED: dict[type, Callable[[Any], Iterable[Any]]] = {
    functools.partial: lambda old: (old.func, old.args, old.keywords),
    MethodType: lambda old: (old.__func__, old.__self__),
    types.BuiltinMethodType: lambda old: (old.__self__,),
    types.MethodWrapperType: lambda old: (old.__self__,),
    staticmethod: lambda old: (old.__func__,),
    classmethod: lambda old: (old.__func__,),
    property: lambda old: (old.fget, old.fset, old.fdel),
}
_REWRAPPED: dict[type, Callable[..., Any]] = {
    functools.partial: lambda _, func, args, named: functools.partial(
        func, *args, **named
    ),
    MethodType: lambda _, func, owner: MethodType(func, owner),
    types.BuiltinMethodType: lambda old, owner: getattr(owner, old.__name__),
    types.MethodWrapperType: lambda old, owner: getattr(owner, old.__name__),
    staticmethod: lambda _, func: staticmethod(func),
    classmethod: lambda _, func: classmethod(func),
}
_PLAIN = {
    *(object, dict, list, set, bytearray, collections.deque),
    *(collections.OrderedDict, collections.defaultdict, *Generic.__mro__),
}
_CONTAINERS = (dict, list, set, bytearray, collections.deque)
_COPIED = {"builtins", "itertools", "array", "_io", "random", "collections", "decimal"}
"""Where the classes of small objects come from, such as iterators."""

_ATOMS = {
    *(type(None), bool, int, float, complex, str, bytes, range, slice),
    *(type(...), type(NotImplemented), types.CodeType, types.MappingProxyType),
    *(types.GetSetDescriptorType, types.MemberDescriptorType),
    *(types.WrapperDescriptorType, types.MethodDescriptorType),
    *(types.ClassMethodDescriptorType, types.GenericAlias, types.UnionType),
    type(vars(collections.namedtuple("_", "a"))["a"]),  # noqa: PYI024 - for its type
    *(re.Pattern, re.Match, decimal.Decimal, fractions.Fraction, uuid.UUID),
    *(dt.date, dt.datetime, dt.time, dt.timedelta, type(places.ABSENT)),
    *(contextvars.ContextVar, contextvars.Token, weakref.ref),
    *(weakref.ProxyType, weakref.CallableProxyType),
}
"""What can't change."""

_SERVES_ALL = {
    *("labkit", "logging", "typing", "ipykernel", "IPython", "ssl", "struct"),
    *("operator", "abc", "_abc", "_struct", "_json"),
    *("werkzeug.local.LocalProxy"),
}
"""Packages and classes whose objects are no memory of the learner's code."""

_STREAMS = (sys.stdin, sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
