"""What a line of code does, as far as its bytecode tells.

Python may let another thread run after each call. So a worker can be interrupted inside
of a line that goes on after a call, and not only between two lines.
"""

import dis
import functools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

_CALLS = {"CALL", "CALL_FUNCTION_EX", "CALL_KW"}
_LOOKUPS = (
    *("CALL", "LOAD_ATTR", "LOAD_METHOD", "BINARY_SUBSCR", "BINARY_SLICE", "BINARY_OP"),
    *("STORE_SUBSCR", "STORE_SLICE", "STORE_ATTR", "STORE_GLOBAL", "STORE_DEREF"),
    *("STORE_NAME", "DELETE_SUBSCR", "CONTAINS_OP", "COMPARE_OP", "LOAD_GLOBAL"),
    *("LOAD_DEREF", "FOR_ITER", "GET_ITER"),
)
"""How the instructions begin that may look at, or change, what others share."""


@dataclass(slots=True)
class Line:
    """The names that a line uses, by where they are looked up."""

    locals: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    set_attributes: set[str] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)
    """Global and outer variables that it binds."""


@functools.cache
def lines_of(code: CodeType) -> dict[int, Line]:
    """Return what each line of a function uses."""
    found: dict[int, Line] = defaultdict(Line)
    for step in dis.get_instructions(code):
        line = step.positions.lineno if step.positions else None
        if line is None:
            continue
        names = _names(step.argval)
        if "FAST" in step.opname or "DEREF" in step.opname or "CLOSURE" in step.opname:
            found[line].locals.update(names)
        elif step.opname in ("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL", "STORE_NAME"):
            found[line].globals.update(names)
        elif step.opname.endswith(("_ATTR", "_METHOD")):
            found[line].attributes.update(names)
            if step.opname == "STORE_ATTR":
                found[line].set_attributes.update(names)
        if step.opname == "STORE_GLOBAL" or (
            step.opname == "STORE_DEREF" and step.argval in code.co_freevars
        ):
            found[line].stored.update(names)
    return dict(found)


@functools.cache
def stored_by(code: CodeType) -> frozenset[str]:
    """Return the global and outer variables that a function binds, nested ones too."""
    return frozenset(n for line in _lines_within(code) for n in line.stored)


@functools.cache
def attributes_set_by(code: CodeType) -> frozenset[str]:
    """Return the names of the attributes that a function binds, nested ones too."""
    return frozenset(n for line in _lines_within(code) for n in line.set_attributes)


def _lines_within(code: CodeType) -> Iterator[Line]:
    yield from lines_of(code).values()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _lines_within(constant)


@functools.cache
def inner_offsets(code: CodeType) -> frozenset[int]:
    """Return the offsets after those calls after which a line goes on."""
    steps = [
        step
        for step in dis.get_instructions(code)
        if step.positions and step.opname not in ("CACHE", "PRECALL")
    ]
    found = set()
    for number, step in enumerate(steps[:-1]):
        if step.opname not in _CALLS:
            continue
        for later in steps[number + 1 :]:
            if later.positions.lineno != step.positions.lineno:  # type: ignore[union-attr]
                break
            if later.opname.startswith(_LOOKUPS):
                found.add(steps[number + 1].offset)
                break
    return frozenset(found)


def _names(value: Any) -> tuple[str, ...]:
    # One instruction may load two variables.
    if isinstance(value, tuple):
        return tuple(name for name in value if isinstance(name, str))
    return (value,) if isinstance(value, str) else ()
