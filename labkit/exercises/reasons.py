"""What the name of a mistake means, found where the labs define it."""

import functools
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from labkit.checks import Mistake

_LAB = re.compile(r"labkit\.exercises\.lab(?P<lab>\d\d_\w+)")


def reason(lab: str, mistake: str) -> str:
    """Return in one sentence why a mistake matters, or "" if its name is unknown.

    Two labs may give one name to two mistakes, so the lab's own comes first. Names that
    are put together during a check have no sentence.
    """
    known = _known()
    return known.get((lab, mistake)) or known.get(("", mistake), "")


@functools.cache
def _known() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for name, module in sorted(sys.modules.items()):
        if name.startswith("labkit."):
            for each in _mistakes(vars(module).values()):
                sentence = _first_sentence(each.why)
                found.setdefault((_lab(name), each.id), sentence)
                found.setdefault(("", each.id), sentence)
    return found


def _mistakes(values: Iterable[Any]) -> Iterator[Mistake]:
    for value in values:
        if isinstance(value, Mistake):
            yield value
        elif isinstance(value, dict):
            yield from _mistakes(value.values())
        elif isinstance(value, (list, tuple)):
            yield from _mistakes(value)


def _lab(module: str) -> str:
    """Return the lab that a module belongs to, as exercises name it, or ""."""
    found = _LAB.match(module)
    return found["lab"] if found else ""


def _first_sentence(text: str) -> str:
    head, stop, _ = text.partition(". ")
    return head + stop.rstrip() if stop else head
