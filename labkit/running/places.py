"""The places where objects keep what may change: each can be read and written.

What a place holds is a flat tuple of objects, so that two contents can be compared
quickly, and without asking any object whether it equals another one.
"""

import itertools
import operator
from collections import deque
from collections.abc import Iterable
from types import CellType, FunctionType, MemberDescriptorType
from typing import Any, Protocol

ABSENT = object()
"""In the place of a value: there is none."""

HEAP_TYPE = 1 << 9
"""The flag of a class that was made while the program ran."""

Content = tuple[Any, ...]


class Place(Protocol):
    """Something that holds objects."""

    def read(self) -> Content:
        """Return what it holds now."""

    def write(self, content: Content) -> None:
        """Let it hold what `read` has returned, in the same order."""


def same(one: Content, other: Content) -> bool:
    """Whether both hold the same objects in the same order."""
    return len(one) == len(other) and all(map(operator.is_, one, other))


class Names:
    """Some of the names of a module; a name may be unbound."""

    def __init__(self, space: dict[str, Any], names: Iterable[str]) -> None:
        self._space = space
        self._names = tuple(names)

    def read(self) -> Content:
        """Return the values, in the order of the names."""
        return tuple([self._space.get(name, ABSENT) for name in self._names])

    def write(self, content: Content) -> None:
        """Bind the names to these values."""
        for name, value in zip(self._names, content, strict=True):
            if value is ABSENT:
                self._space.pop(name, None)
            elif self._space.get(name, ABSENT) is not value:
                self._space[name] = value


class Module:
    """All names of a module, but for those that Python keeps itself."""

    def __init__(self, space: dict[str, Any]) -> None:
        self._space = space

    def read(self) -> Content:
        """Return each name with its value."""
        return _flat(
            (name, value)
            for name, value in self._space.items()
            if not name.startswith("__")
        )

    def write(self, content: Content) -> None:
        """Bind these names and no others."""
        wanted = _pairs(content)
        for name in list(self._space):
            if name not in wanted and not name.startswith("__"):
                del self._space[name]
        self._space.update(wanted)


class Class:
    """The attributes of a class, but for those that Python keeps itself."""

    def __init__(self, owner: type) -> None:
        self._owner = owner

    def read(self) -> Content:
        """Return each name with its value."""
        return _flat(
            (name, value)
            for name, value in vars(self._owner).items()
            if not (name.startswith("__") or name == "_abc_impl")
        )

    def write(self, content: Content) -> None:
        """Give the class these attributes and no others."""
        wanted, found = _pairs(content), _pairs(self.read())
        for name in found.keys() - wanted.keys():
            type.__delattr__(self._owner, name)
        for name, value in wanted.items():
            if found.get(name, ABSENT) is not value:
                type.__setattr__(self._owner, name, value)


class Dict:
    """A dictionary, of whatever class."""

    def __init__(self, kept: dict[Any, Any]) -> None:
        self._kept = kept
        # An OrderedDict has an order of its own beside that of its parent.
        self._kind: Any = next(
            k for k in type(kept).__mro__ if not k.__flags__ & HEAP_TYPE
        )

    def read(self) -> Content:
        """Return each key with its value."""
        return _flat(dict.items(self._kept))

    def write(self, content: Content) -> None:
        """Put these keys and values into it."""
        self._kind.clear(self._kept)
        for key, value in _pairs(content).items():
            self._kind.__setitem__(self._kept, key, value)


class Members:
    """A list, set or deque, of whatever class."""

    def __init__(self, kept: Any) -> None:
        self._kept = kept
        kind: Any = next(k for k in (list, set, deque) if isinstance(kept, k))
        self._clear = kind.clear
        self._extend = kind.update if kind is set else kind.extend
        self._iterate = kind.__iter__

    def read(self) -> Content:
        """Return the members."""
        return tuple(self._iterate(self._kept))

    def write(self, content: Content) -> None:
        """Let it have these members."""
        self._clear(self._kept)
        self._extend(self._kept, content)


class Bytes:
    """A bytearray; its content is one `bytes`."""

    def __init__(self, kept: bytearray) -> None:
        self._kept = kept
        self._last = bytes(kept)

    def read(self) -> Content:
        """Return the bytes; the same object as long as they are equal."""
        if self._kept != self._last:
            self._last = bytes(self._kept)
        return (self._last,)

    def write(self, content: Content) -> None:
        """Let it have these bytes."""
        self._kept[:] = content[0]


class Slots:
    """The slots of an instance."""

    def __init__(self, owner: Any, slots: tuple[MemberDescriptorType, ...]) -> None:
        self._owner = owner
        self._slots = slots

    def read(self) -> Content:
        """Return the values, in the order of the slots."""
        return tuple([self._value(slot) for slot in self._slots])

    def write(self, content: Content) -> None:
        """Set these values."""
        for slot, value in zip(self._slots, content, strict=True):
            if value is not ABSENT:
                slot.__set__(self._owner, value)
            elif self._value(slot) is not ABSENT:
                slot.__delete__(self._owner)

    def _value(self, slot: MemberDescriptorType) -> Any:
        try:
            return slot.__get__(self._owner)
        except AttributeError:
            return ABSENT


class Cell:
    """A variable that a function shares with the function around it."""

    def __init__(self, cell: CellType) -> None:
        self._cell = cell

    def read(self) -> Content:
        """Return the value."""
        try:
            return (self._cell.cell_contents,)
        except ValueError:
            return (ABSENT,)

    def write(self, content: Content) -> None:
        """Set the value."""
        if content[0] is not ABSENT:
            self._cell.cell_contents = content[0]
        elif self.read()[0] is not ABSENT:
            del self._cell.cell_contents


class Defaults:
    """The defaults of a function's positional parameters."""

    def __init__(self, function: FunctionType) -> None:
        self._function = function

    def read(self) -> Content:
        """Return the defaults."""
        return self._function.__defaults__ or ()

    def write(self, content: Content) -> None:
        """Set the defaults."""
        self._function.__defaults__ = content or None


def _flat(pairs: Iterable[tuple[Any, Any]]) -> Content:
    return tuple(itertools.chain.from_iterable(pairs))


def _pairs(content: Content) -> dict[Any, Any]:
    return dict(zip(content[::2], content[1::2], strict=True))
