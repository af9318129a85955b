"""A function of a notebook, made ready for a new Python process to define it.

The new process runs the cell that defines the function, and before it the cells of the
functions and classes that it uses. Other values that these cells take from the notebook
are sent as copies (pickled), and modules are imported.
"""

import ast
import importlib
import marshal
import pickle
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

from labkit.running.rerun import defining
from labkit.running.source import code_of


class NotPortable(Exception):
    """A new process can't define the function; the text says why, as a clause."""


@dataclass(frozen=True, slots=True)
class Portable:
    """What a new process needs: the code of cells in order, values, and modules."""

    name: str
    cells: tuple[bytes, ...]
    values: dict[str, bytes]
    modules: dict[str, str]

    def defined(self) -> Any:
        """Define the function in this process, and return it."""
        space: dict[str, Any] = {"__name__": "__main__"}
        for name, module in self.modules.items():
            space[name] = importlib.import_module(module)
        for name, value in self.values.items():
            space[name] = pickle.loads(value)  # noqa: S301 - the kit's own process made it
        for cell in self.cells:
            exec(marshal.loads(cell), space)  # noqa: S102, S302 - as above
        return space[self.name]


def portable(function: Any) -> Portable:
    """Collect what a new process needs to define a function. Raises NotPortable."""
    name = getattr(function, "__name__", "")
    space = getattr(function, "__globals__", {})
    if getattr(function, "__module__", "__main__") != "__main__":
        return Portable(name, (), {name: _pickled(function, name)}, {})  # by its module
    if not isinstance(function, FunctionType) or space.get(name) is not function:
        raise NotPortable("a new process can't tell where your function is defined")
    cells: dict[str, bytes] = {}
    used: set[str] = set()
    defined: set[str] = set()
    waiting: list[Any] = [function]
    while waiting:
        tree, file = _cell_of(waiting.pop(0), name)
        if file in cells:
            continue
        # What it uses must be defined before it.
        cells = {file: marshal.dumps(compile(tree, file, "exec")), **cells}
        named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        defined |= set(_bound_by(tree))
        for each in sorted(named & space.keys() - defined):
            if getattr(space[each], "__module__", "") == space.get("__name__"):
                waiting.append(space[each])
            else:
                used.add(each)
    values, modules = {}, {}
    for each in sorted(used - defined):
        value = space[each]
        if isinstance(value, ModuleType):
            modules[each] = value.__name__
            continue
        values[each] = _pickled(value, each)
    return Portable(name, tuple(cells.values()), values, modules)


def _pickled(value: Any, name: str) -> bytes:
    try:
        return pickle.dumps(value)
    except Exception as error:
        raise NotPortable(
            f"a new process can't get a copy of {name!r} ({type(error).__name__})"
        ) from error


def _cell_of(thing: Any, name: str) -> tuple[ast.Module, str]:
    """Return the cell of a function or class, without its check, and its file."""
    inside = vars(thing).values() if isinstance(thing, type) else ()
    for each in (thing, *inside):
        code = code_of(each) if isinstance(each, FunctionType) else None
        if code is not None and (tree := defining(each, name)) is not None:
            return tree, code.co_filename
    called = getattr(thing, "__name__", type(thing).__name__)
    raise NotPortable(f"the cell that defines {called!r} is not known")


def _bound_by(tree: ast.Module) -> list[str]:
    """Return the names that the statements of a cell bind."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.append(node.name)
        elif isinstance(node, ast.alias):
            found.append((node.asname or node.name).partition(".")[0])
    for statement in tree.body:
        if not isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            found += [
                node.id
                for node in ast.walk(statement)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            ]
    return found
