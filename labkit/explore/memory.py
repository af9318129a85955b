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
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

from labkit.explore.sources import Sources, names_in
from labkit.explore import database, waits

_COPIED = (
    dict,
    list,
    set,
    bytearray,
    collections.deque,
    collections.Counter,
    collections.OrderedDict,
    collections.defaultdict,
    itertools.count,
)
_LOCK = type(threading.Lock())
_RLOCK = type(threading.RLock())
_REPLACED: list[tuple[Any, Any]] = [
    (threading.Lock, waits.PatientLock),
    (threading.RLock, waits.patient_rlock),
    (time.sleep, waits.patient_sleep),
    (sqlite3.connect, database.connect),
]
_ABSENT = object()


class Memory:
    """The names and attributes in which the student's code keeps things."""

    def __init__(self, sources: Sources) -> None:
        self._names = _names(sources)
        self._attributes = [
            (owner, name, value)
            for owner in sources.classes
            for name, value in vars(owner).items()
            if _maker(value) is not None
        ]
        self._defaults = [
            (function, function.__defaults__)
            for function in sources.functions
            if function.__defaults__
        ]

    def freshen(self) -> None:
        """Bind everything as it is in a process that has just started."""
        for space, name, value in self._names:
            _bind(space, name, _fresh(value))
        for owner, name, value in self._attributes:
            setattr(owner, name, _fresh(value))
        for function, values in self._defaults:
            function.__defaults__ = tuple(map(_fresh, values))

    def restore(self) -> None:
        """Bind everything as it was before the exploration."""
        for space, name, value in self._names:
            _bind(space, name, value)
        for owner, name, value in self._attributes:
            setattr(owner, name, value)
        for function, values in self._defaults:
            function.__defaults__ = values


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


def _fresh(value: Any) -> Any:
    make = _maker(value)
    return value if make is None else make()


def _maker(value: Any) -> Callable[[], Any] | None:
    """Say how to make a fresh one of `value`; None if it can stay as it is."""
    kind = type(value)
    if kind in _COPIED:
        return lambda: _copied(value)
    if kind is _LOCK:
        return waits.PatientLock
    if kind is _RLOCK:
        return waits.patient_rlock
    if kind in (threading.Event, threading.local, queue.SimpleQueue):
        return kind
    if kind in (queue.Queue, queue.LifoQueue, queue.PriorityQueue):
        return lambda: kind(value.maxsize)
    for real, patient in _REPLACED:
        if value is real:
            return lambda: patient
    return None


def _copied(value: Any) -> Any:
    try:
        return copy.deepcopy(value)
    except (TypeError, ValueError, copy.Error):
        # Something inside can't be copied (a file, a connection): share it.
        return copy.copy(value)
