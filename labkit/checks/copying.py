"""Copies of what a solution is given, so that it changes nothing of the kit's."""

import copy
from typing import Any

_ATOMS = {str, int, bool, float, bytes, type(None)}


def own_copy(value: Any) -> Any:
    """Return what `copy.deepcopy` does; for plain data in a third of the time.

    A check copies tens of thousands of dictionaries.
    """
    return _copied(value, {})


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    kind = type(value)
    if kind in _ATOMS:
        return value
    if id(value) in memo:
        return memo[id(value)]
    if kind is dict:
        made = memo[id(value)] = {}
        for key, each in value.items():
            made[key if type(key) is str else _copied(key, memo)] = _copied(each, memo)
        return made
    if kind is list:
        listed: list[Any] = []
        memo[id(value)] = listed
        listed += [
            each if type(each) in _ATOMS else _copied(each, memo) for each in value
        ]
        return listed
    return copy.deepcopy(value, memo)
