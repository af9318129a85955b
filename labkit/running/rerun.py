"""Run the cell again that defines a function, as a new process would.

For a child process: what the cell creates when it runs is created again there, such as
a set, a lock, or a random number.
"""

import ast
from types import FunctionType
from typing import Any

from labkit.running.ownership import is_kits
from labkit.running.source import source_of

_DEFINES = (
    *(ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef),
    *(ast.Assign, ast.AnnAssign, ast.AugAssign, ast.If, ast.Try),
)
"""Statements that define something. A check, a loop or a request is left out."""


def defined_again(function: Any) -> Any:
    """Run a function's cell again and return the function that it defines now.

    Names of other cells keep what they have. Returns the function itself if its cell
    can't be found, or does not define it when it runs again.
    """
    if not isinstance(function, FunctionType):
        return function
    space, name = function.__globals__, function.__name__
    file = function.__code__.co_filename
    tree = defining(function, name)
    if space.get(name) is not function or tree is None:
        return function
    copy = dict(space)
    try:
        exec(compile(tree, file, "exec"), copy)  # noqa: S102 - it runs a cell
    except BaseException:  # noqa: BLE001 - a cell may raise anything when it runs again
        return function
    return copy.get(name, function)


def defining(function: FunctionType, name: str) -> ast.Module | None:
    """Return what defines something in a function's cell, or None if it is not known.

    What calls the solution, which is called `name`, is left out like a check.
    """
    try:
        tree = ast.parse(source_of(function))
    except (SyntaxError, ValueError):
        return None
    space = function.__globals__
    tree.body = [each for each in tree.body if _defines(each, space, name)]
    return tree if tree.body else None


def _defines(statement: ast.stmt, space: dict[str, Any], name: str) -> bool:
    """Whether a statement defines something, without a call of the kit's functions."""
    if not isinstance(statement, _DEFINES):
        return False
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return True
    return not any(
        isinstance(node, ast.Call) and _is_left_out(node.func, space, name)
        for node in ast.walk(statement)
    )


def _is_left_out(called: ast.expr, space: dict[str, Any], name: str) -> bool:
    while isinstance(called, ast.Attribute):
        called = called.value
    if not isinstance(called, ast.Name):
        return False
    found = space.get(called.id)
    code = getattr(found, "__code__", None)
    module = getattr(found, "__module__", None) or getattr(found, "__name__", "")
    ours = isinstance(module, str) and module.partition(".")[0] == "labkit"
    return called.id == name or ours or (code is not None and is_kits(code.co_filename))
