"""Replace a function of modules for a while, also by several at the same time.

A check that was given up may end long after the next one has begun. So each takes back
only what it put there itself, and the latest that is left is in place.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

_stacks: dict[tuple[str, str], list[Any]] = {}
"""For the name of a module and of a function: the original and what replaces it."""


@contextmanager
def replaced(modules: tuple[ModuleType, ...], name: str, other: Any) -> Iterator[None]:
    """Put `other` in the place of what the modules call `name`."""
    for module in modules:
        stack = _stacks.setdefault((module.__name__, name), [])
        if not stack:
            stack.append(getattr(module, name))
        stack.append(other)
        setattr(module, name, other)
    try:
        yield
    finally:
        for module in modules:
            stack = _stacks[module.__name__, name]
            del stack[_last(stack, other)]
            setattr(module, name, stack[-1])
            if len(stack) == 1:
                stack.clear()


def _last(stack: list[Any], other: Any) -> int:
    return max(number for number, each in enumerate(stack) if each is other)
