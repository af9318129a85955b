"""The memory of a process, made fresh for every life.

A notebook can't restart its kernel for every schedule. So the names that the student's
code uses in its module are bound to fresh copies before each start: dictionaries, sets,
lists, counters, locks and queues. The originals stay as they are and come back at the
end.
"""

import collections
import copy
import itertools
import queue
import re
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

from labkit.explore import database, waits
from labkit.running.ownership import Sources, names_in

_COPIED = (
    dict,
    list,
    set,
    bytearray,
    collections.deque,
    collections.Counter,
    collections.OrderedDict,
    collections.defaultdict,
)


def _count_again(counter: "itertools.count[Any]") -> "itertools.count[Any]":
    """Make a counter that stands where this one does; Python 3.14 copies none."""
    start, *step = re.findall(r"-?\d[\d.e+-]*", repr(counter)) or ["0"]
    number = float if "." in repr(counter) else int
    return itertools.count(*map(number, [start, *step]))


_MADE: dict[type, Callable[[Any], Any]] = {
    type(threading.Lock()): lambda _: waits.PatientLock(),
    type(threading.RLock()): lambda _: waits.patient_rlock(),
    threading.Condition: lambda _: threading.Condition(),
    threading.Event: lambda _: threading.Event(),
    threading.Semaphore: lambda old: threading.Semaphore(vars(old)["_value"]),
    threading.local: lambda _: threading.local(),
    queue.Queue: lambda old: queue.Queue(old.maxsize),
    queue.LifoQueue: lambda old: queue.LifoQueue(old.maxsize),
    queue.PriorityQueue: lambda old: queue.PriorityQueue(old.maxsize),
    queue.SimpleQueue: lambda _: queue.SimpleQueue(),
    itertools.count: _count_again,
}
"""How to make a new one of what has no useful copy."""

_REPLACED: list[tuple[Any, Any]] = [
    (threading.Lock, waits.PatientLock),
    (threading.RLock, waits.patient_rlock),
    (threading.get_ident, waits.identity),
    (time.sleep, waits.patient_sleep),
    (sqlite3.connect, database.connect),
]
_ABSENT = object()


class Memory:
    """The names and attributes in which the student's code keeps things."""

    def __init__(self, sources: Sources) -> None:
        self._classes = frozenset(sources.classes)
        self._names = _names(sources)
        self._attributes = [
            (owner, name, value)
            for owner in sources.classes
            for name, value in vars(owner).items()
            if self._fresh(value) is not value
        ]
        self._defaults = [
            (function, function.__defaults__)
            for function in sources.functions
            if function.__defaults__
        ]

    def freshen(self) -> None:
        """Bind everything as it is in a process that has just started."""
        for space, name, value in self._names:
            _bind(space, name, self._fresh(value))
        for owner, name, value in self._attributes:
            setattr(owner, name, self._fresh(value))
        for function, values in self._defaults:
            function.__defaults__ = tuple(map(self._fresh, values))

    def restore(self) -> None:
        """Bind everything as it was before the exploration."""
        for space, name, value in self._names:
            _bind(space, name, value)
        for owner, name, value in self._attributes:
            setattr(owner, name, value)
        for function, values in self._defaults:
            function.__defaults__ = values

    def _fresh(self, value: Any) -> Any:
        """Make a fresh one of `value`, or return it itself if it can stay as it is."""
        kind = type(value)
        if kind in _COPIED:
            return self._copied(value)
        if kind in self._classes and hasattr(value, "__dict__"):
            instance = copy.copy(value)
            for name, inside in vars(value).items():
                vars(instance)[name] = self._fresh(inside)
            return instance
        if kind in _MADE:
            return _MADE[kind](value)
        for real, patient in _REPLACED:
            if value is real:
                return patient
        return value

    def _copied(self, value: Any) -> Any:
        try:
            return copy.deepcopy(value)
        except (TypeError, ValueError, copy.Error):
            # Something inside can't be copied, such as a lock or a connection.
            shallow = copy.copy(value)
            if isinstance(value, dict):
                shallow.update({key: self._fresh(v) for key, v in value.items()})
            elif isinstance(value, list):
                shallow[:] = map(self._fresh, value)
            return shallow


def _names(sources: Sources) -> list[tuple[dict[str, Any], str, Any]]:
    """List the global names that the functions use, with what they are bound to."""
    found: dict[tuple[int, str], tuple[dict[str, Any], str, Any]] = {}
    for function in sources.functions:
        space = function.__globals__
        for name in names_in(function.__code__):
            value = space.get(name, _ABSENT)
            if not name.startswith("__"):
                found[id(space), name] = (space, name, value)
    return list(found.values())


def _bind(space: dict[str, Any], name: str, value: Any) -> None:
    if value is _ABSENT:
        space.pop(name, None)
    elif space.get(name, _ABSENT) is not value:
        space[name] = value
