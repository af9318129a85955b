"""Check what is given to the kit's functions: wrong types, lone surrogates, NaN.

Each check raises BadSetting, which names the argument, its value and the remedy.
"""

import functools
import math
import types
import typing
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

from labkit.errors import BadSetting


def shown(value: object) -> str:
    """Write a value for a message: short, and safe to print."""
    try:
        written = f"{value!r:.60}"
    except Exception:  # noqa: BLE001 - a foreign `__repr__` may raise anything
        return f"an object of {type(value).__name__}"
    return written.encode("ascii", "backslashreplace").decode()


def check_text(name: str, value: object) -> None:
    """Raise BadSetting unless the value is a string that can be sent in UTF-8."""
    if not isinstance(value, str):
        raise BadSetting(f"{name} is {shown(value)}; give a string")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadSetting(
            f"{name} is {shown(value)}, which contains half of a surrogate pair; give "
            "text that UTF-8 can encode"
        ) from None


def check_number(name: str, value: object, *, least: float = -math.inf) -> None:
    """Raise BadSetting unless the value is a finite number of at least `least`."""
    good = isinstance(value, int | float) and not isinstance(value, bool)
    if not good or not _finite(value) or not least <= value:  # type: ignore[operator]  # it is a number
        wanted = "" if least == -math.inf else f" of at least {least:g}"
        raise BadSetting(f"{name} is {shown(value)}; give a finite number{wanted}")


def check_whole(
    name: str, value: object, *, least: int | None = None, most: int | None = None
) -> None:
    """Raise BadSetting unless the value is a whole number within these bounds."""
    good = isinstance(value, int) and not isinstance(value, bool)
    if good and _within(value, least, most):
        return
    wanted = "" if least is None else f" of at least {least}"
    if most is not None:
        wanted = f" from {least} to {most}"
    raise BadSetting(f"{name} is {shown(value)}; give a whole number{wanted}")


def check_function(name: str, value: object) -> None:
    """Raise BadSetting unless the value can be called."""
    if not callable(value):
        raise BadSetting(f"{name} is {shown(value)}; give a function")


def check_bytes(name: str, value: object) -> None:
    """Raise BadSetting unless the value is bytes."""
    if not isinstance(value, bytes):
        raise BadSetting(
            f"{name} is {shown(value)}; give the bytes as they are on the wire"
        )


def listed(name: str, values: object) -> list[Any]:
    """Return the values as a list; raise BadSetting unless they are several of them."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise BadSetting(f"{name} is {shown(values)}; give a list")
    return list(values)


def check_fields(record: Any, owner: str) -> None:
    """Raise BadSetting unless each field of a dataclass has the type that it states."""
    for name, kinds in _kinds_of(record.__class__).items():
        value = getattr(record, name)
        if isinstance(value, bool) and bool not in kinds:
            good = False
        elif isinstance(value, int) and float in kinds:
            good = True
        else:
            good = isinstance(value, kinds)
        if not good:
            wanted = " or ".join(_WORDS.get(kind, kind.__name__) for kind in kinds)
            raise BadSetting(f"{owner}: {name} is {shown(value)}; give {wanted}")
        if isinstance(value, str):
            check_text(f"{owner}: {name}", value)


_WORDS: dict[type, str] = {
    int: "a whole number",
    float: "a number",
    str: "a string",
    type(None): "None",
    Callable: "a function",  # type: ignore[dict-item]  # an abstract class
}


@functools.cache
def _kinds_of(record: type) -> dict[str, tuple[type, ...]]:
    hints = typing.get_type_hints(record)
    return {each.name: _kinds(hints[each.name]) for each in fields(record)}


def _kinds(hint: Any) -> tuple[type, ...]:
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return tuple(kind for part in typing.get_args(hint) for kind in _kinds(part))
    return (typing.get_origin(hint) or hint,)


def _within(value: Any, least: int | None, most: int | None) -> bool:
    return (least is None or least <= value) and (most is None or value <= most)


def _finite(value: Any) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond all floats
        return False
