"""Where an answer was written: the source of the cell that holds it."""

import functools
import inspect
import linecache
import sys
import textwrap
from types import CodeType
from typing import Any


def source_of(answer: object) -> str:
    """Return the source that an answer came from, or "" where it can't be told.

    In a notebook that is the whole cell, with the helper functions in it; in a file it
    is the function alone. Never raises, whatever was given.
    """
    try:
        code = code_of(answer)
        if code is None:
            return running_cell()
        # A cell's entry has no time of change: there is no file behind it.
        entry = linecache.cache.get(code.co_filename, ())
        if len(entry) == 4 and entry[1] is None:
            return "".join(entry[2])
        try:
            return textwrap.dedent(inspect.getsource(code))
        except (OSError, TypeError):
            cell = running_cell()
            return cell if code.co_name in cell else ""
    except Exception:  # noqa: BLE001 - a learner's object may raise anything when asked
        return ""


def is_named(answer: object, name: str) -> bool:
    """Whether an answer bears that name, or none at all. Never raises."""
    try:
        return bool(getattr(answer, "__name__", name) == name)
    except Exception:  # noqa: BLE001 - as above
        return True


def shell() -> Any:
    """Return IPython's shell, or None where the code runs without it."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def running_cell() -> str:
    """Return the source of the cell that is running, or "" outside of a notebook."""
    running = shell()
    cells = running.user_ns.get("In", []) if running else []
    return str(cells[-1]) if cells else ""


def code_of(answer: object) -> CodeType | None:
    """Return the code of a function, or of what is called in its place, or None."""
    while isinstance(answer, functools.partial):
        answer = answer.func
    answer = inspect.unwrap(answer) if callable(answer) else answer
    answer = getattr(answer, "__func__", answer)
    code = getattr(answer, "__code__", None)
    if code is None:
        call = inspect.getattr_static(type(answer), "__call__", None)
        code = getattr(call, "__code__", None)
    return code if isinstance(code, CodeType) else None
