"""The learner's code that a function leads to, and the objects that this code keeps.

From the functions that it is given, `Sources` follows the names they use: to helper
functions, classes and modules, and through the containers and objects in which the
learner keeps any of these. It stops at the kit, the standard library and installed
packages.
"""

import collections
import functools
import inspect
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from types import (
    BuiltinMethodType,
    CodeType,
    FunctionType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

from labkit.running.ownership import is_kits, is_learners
from labkit.running.places import HEAP_TYPE

CACHED = type(functools.cache(len))
"""The type of what `functools.lru_cache` makes."""

CONTAINERS = (dict, list, tuple, set, frozenset, collections.deque)

LARGE = 50_000
"""If there are more objects than this, the others are not looked through."""


class Sources:
    """The learner's files, and the functions, classes and modules found in them.

    `objects` are the containers and instances on the way, for which the code that uses
    them may be the only path. In all, `most` members of containers are looked at: a
    list of 200,000 rows would take 1 s.
    """

    def __init__(self, seeds: Iterable[Any], *, most: int = LARGE) -> None:
        self.files: set[str] = set()
        self.functions: list[FunctionType] = []
        self.classes: list[type] = []
        self.modules: list[ModuleType] = []
        self.objects: list[Any] = []
        self._met: dict[int, Any] = {}
        self._room = most
        for seed in seeds:
            if isinstance(seed, (str, Path)):
                self.files.add(str(seed))
            else:
                self._follow(seed)

    @property
    def reached(self) -> Collection[Any]:
        """All that the code leads to, foreign functions and modules included."""
        return self._met.values()

    def shown(self) -> dict[str, str]:
        """Map each file to its name for a reader.

        A notebook's cell has a file with an arbitrary name; it is called after the
        first function in it.
        """
        names = {}
        for file in sorted(self.files):
            path = Path(file)
            names[file] = path.name
            if "ipykernel_" in path.parent.name or file.startswith("<ipython"):
                inside = [f for f in self.functions if f.__code__.co_filename == file]
                first = min(
                    inside, key=lambda f: f.__code__.co_firstlineno, default=None
                )
                names[file] = f"cell with {first.__name__}" if first else "cell"
        return names

    def _follow(self, start: Any) -> None:
        """Take in `start` and all that it uses."""
        waiting = [start]
        while waiting:
            thing = waiting.pop()
            if id(thing) in self._met:
                continue
            self._met[id(thing)] = thing  # kept, so that its id stays its own
            waiting.extend(self._used_by(thing))

    def _used_by(self, thing: Any) -> Iterator[Any]:
        if isinstance(thing, FunctionType):
            yield from self._used_by_function(thing)
        elif isinstance(thing, ModuleType):
            file = getattr(thing, "__file__", None) or ""
            if is_learners(file):
                self.files.add(file)
                self.modules.append(thing)
                yield from filter(_leads_on, list(vars(thing).values()))
        elif isinstance(thing, type):
            if is_learners_class(thing):
                self.classes.append(thing)
                yield from list(vars(thing).values())
        elif hasattr(type(thing), "wsgi_app"):
            self.objects.append(thing)
            yield from functions_of_app(thing)
        else:
            if _is_kept(thing):
                self.objects.append(thing)
            if self._has_room_for(thing):
                yield from filter(_leads_on, parts_of(thing))
            yield from _wrapped_by(thing)

    def _has_room_for(self, thing: Any) -> bool:
        """Count the members of a container, unless they are too many."""
        bases = (base for base in CONTAINERS if issubclass(type(thing), base))
        base = next(bases, None)  # a class of the learner's may have its own length
        members = base.__len__(thing) if base else 0
        if members > self._room:
            return False
        self._room -= members
        return True

    def _used_by_function(self, function: FunctionType) -> Iterator[Any]:
        if hasattr(function, "__wrapped__"):
            yield function.__wrapped__
        ours = is_learners(function.__code__.co_filename)
        used = list(_contents(function))
        if ours:
            self.files.add(function.__code__.co_filename)
            self.functions.append(function)
            used += function.__defaults__ or ()
            used += (function.__kwdefaults__ or {}).values()
        # The kit's own `boot` is not traced, but it leads to the learner's make_app.
        if ours or is_kits(function.__code__.co_filename):
            names = set(names_in(function.__code__))
            used += map(function.__globals__.get, names)
            used += map(sys.modules.get, names)  # it may import a module itself
        yield from filter(_leads_on if ours else _is_code, used)


def names_in(code: CodeType) -> Iterator[str]:
    """Yield the global names and attributes that `code` uses, nested code included."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_in(constant)


def parts_of(thing: Any) -> Iterator[Any]:
    """Yield what a container, an object of the learner's or a wrapper refers to."""
    kind = type(thing)
    if issubclass(kind, dict):
        yield from list(dict.keys(thing))
        yield from list(dict.values(thing))
    elif issubclass(kind, CONTAINERS):
        yield from list(thing)
    elif kind is functools.partial:
        yield from (thing.func, *thing.args, *thing.keywords.values())
    elif kind in (MethodType, BuiltinMethodType) and not isinstance(
        thing.__self__, ModuleType
    ):
        yield thing.__self__
    if is_learners_class(kind):
        yield from attributes_of(thing).values()


def attributes_of(thing: Any) -> dict[str, Any]:
    """Return the attributes that an instance itself has, slots included."""
    found = dict(dict_of(thing) or {})
    for slot in slots_of(type(thing)):
        try:
            found[slot.__name__] = slot.__get__(thing)
        except AttributeError:
            continue
    return found


def dict_of(thing: Any) -> dict[str, Any] | None:
    """Return the dictionary of an instance, without asking its own `__getattr__`."""
    try:
        found = object.__getattribute__(thing, "__dict__")
    except (AttributeError, TypeError):
        return None
    return found if type(found) is dict else None


def slots_of(kind: type) -> tuple[MemberDescriptorType, ...]:
    """Return the slots of a class that Python code defines."""
    return tuple(
        member
        for owner in kind.__mro__
        if "__slots__" in vars(owner)
        for member in vars(owner).values()
        if isinstance(member, MemberDescriptorType)
    )


def is_learners_class(kind: type) -> bool:
    """Whether a class was defined in the learner's code."""
    name = getattr(kind, "__module__", None)
    if not isinstance(name, str) or not kind.__flags__ & HEAP_TYPE:
        return False
    return is_learners(_module_file(name))


def _contents(function: FunctionType) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:
            continue


def _wrapped_by(thing: Any) -> Iterator[Any]:
    """Yield the functions inside what is no function itself."""
    if isinstance(thing, (MethodType, staticmethod, classmethod)):
        yield thing.__func__
    elif isinstance(thing, property):
        yield from (thing.fget, thing.fset)
    elif isinstance(thing, CACHED):
        yield thing.__wrapped__
    elif is_learners_class(type(thing)) or (
        callable(thing) and not inspect.isbuiltin(thing)
    ):
        yield type(thing)


def _is_code(value: Any) -> bool:
    # Asks the type, because a proxy such as flask.request answers for another object.
    kinds = (FunctionType, MethodType, ModuleType, type, functools.partial, CACHED)
    return issubclass(type(value), kinds) or is_learners_class(type(value))


def _leads_on(value: Any) -> bool:
    kind = type(value)
    wrappers = (staticmethod, classmethod, property, BuiltinMethodType)
    return (
        _is_code(value)
        or issubclass(kind, (*CONTAINERS, *wrappers))
        or hasattr(kind, "wsgi_app")
    )


def _is_kept(value: Any) -> bool:
    kind = type(value)
    return issubclass(kind, CONTAINERS) or is_learners_class(kind)


def _module_file(name: str) -> str:
    # A notebook's __main__ has no file, and that of `python -m` is an installed one.
    # Code that `exec` runs without a name has the name of the built-in functions.
    if name in ("__main__", "builtins"):
        return f"<{name}>"
    module = sys.modules.get(name)
    return getattr(module, "__file__", None) or ("" if module else f"<{name}>")


def functions_of_app(app: Any) -> Iterator[Any]:
    """Yield the functions that were registered with a Flask app."""
    yield from app.view_functions.values()
    for table in (
        app.before_request_funcs,
        app.after_request_funcs,
        app.teardown_request_funcs,
    ):
        for functions in table.values():
            yield from functions
    yield from app.teardown_appcontext_funcs
