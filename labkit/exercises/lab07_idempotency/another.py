"""A learner's function as another process would have it: with a memory of its own."""

import collections
import copy
import functools
import threading
from collections.abc import Callable
from types import CellType, FunctionType
from typing import Any

from labkit.running.ownership import Sources, names_in

_CONTAINERS = (
    dict,
    list,
    set,
    bytearray,
    collections.deque,
    collections.Counter,
    collections.OrderedDict,
    collections.defaultdict,
)
_LOCKS: dict[type, Callable[[], Any]] = {
    type(threading.Lock()): threading.Lock,
    type(threading.RLock()): threading.RLock,
}


def another_process(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a copy of the function that shares no variable with the original.

    What its module keeps (sets, dictionaries, locks) is copied as it is now. Classes
    are not copied, because a copy is another type. Where one of them reaches what would
    be copied, the function itself comes back.
    """
    sources = Sources([function])
    methods = [
        method
        for kind in sources.classes
        for method in vars(kind).values()
        if isinstance(method, FunctionType)
    ]
    if any(_holds(method.__globals__, method) for method in methods):
        return function
    functions = [f for f in sources.functions if f not in methods]
    twin: Callable[..., Any] = _Copies(functions).of(function)
    return twin


def _holds(space: dict[str, Any], function: FunctionType) -> bool:
    """Say whether the function uses something global that a copy would not share."""
    kinds = (*_CONTAINERS, *_LOCKS, FunctionType)
    used = (space.get(name) for name in names_in(function.__code__))
    return any(type(value) in kinds for value in used)


def spaces_of(function: Callable[..., Any]) -> list[dict[str, Any]]:
    """Return the global variables of the function and of those that it calls."""
    found = {id(f.__globals__): f.__globals__ for f in Sources([function]).functions}
    return list(found.values())


class _Copies:
    """Copies of functions that refer to each other instead of to the originals."""

    def __init__(self, functions: list[FunctionType]) -> None:
        self._ours = {id(function) for function in functions}
        self._names: dict[int, set[str]] = {}
        for function in functions:
            names = self._names.setdefault(id(function.__globals__), set())
            names.update(names_in(function.__code__))
        self._made: dict[int, Any] = {}
        self._kept: list[Any] = []

    def of(self, thing: Any) -> Any:
        """Return the copy of anything; what can't hold a memory is its own copy."""
        if id(thing) in self._made:
            return self._made[id(thing)]
        if isinstance(thing, FunctionType):
            return self._function(thing) if id(thing) in self._ours else thing
        if type(thing) is functools.partial:
            settings = {name: self.of(value) for name, value in thing.keywords.items()}
            return functools.partial(
                self.of(thing.func), *map(self.of, thing.args), **settings
            )
        if type(thing) in _CONTAINERS:
            return self._keep(thing, _copied(thing))
        if type(thing) in _LOCKS:
            return self._keep(thing, _LOCKS[type(thing)]())
        return thing

    def _function(self, old: FunctionType) -> FunctionType:
        cells = tuple(CellType() for _ in old.__closure__ or ())
        new = FunctionType(
            old.__code__,
            self._space(old.__globals__),
            old.__name__,
            None,
            cells or None,
        )
        self._keep(old, new)
        for cell, original in zip(cells, old.__closure__ or (), strict=True):
            try:
                cell.cell_contents = self.of(original.cell_contents)
            except ValueError:
                continue  # the variable has no value yet
        new.__defaults__ = old.__defaults__ and tuple(map(self.of, old.__defaults__))
        new.__kwdefaults__ = old.__kwdefaults__ and {
            name: self.of(value) for name, value in old.__kwdefaults__.items()
        }
        for name, value in vars(old).items():
            setattr(new, name, self.of(value))
        return new

    def _space(self, old: dict[str, Any]) -> dict[str, Any]:
        if id(old) in self._made:
            made: dict[str, Any] = self._made[id(old)]
            return made
        new = dict(old)
        self._keep(old, new)
        for name in self._names[id(old)]:
            if name in new and not name.startswith("__"):
                new[name] = self.of(new[name])
        return new

    def _keep(self, old: Any, new: Any) -> Any:
        self._made[id(old)] = new
        self._kept.append(old)  # so that its id stays its own
        return new


def _copied(container: Any) -> Any:
    try:
        return copy.deepcopy(container)
    except Exception:  # noqa: BLE001 - inside may be a lock, a connection, Flask's request
        return copy.copy(container)
