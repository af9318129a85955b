"""Which code is the learner's, and what it says.

Only the student's code is paused, so the explorer has to know it. From the functions
that it is given it follows the names they use, to helper functions, classes and
modules, and stops at the kit, the standard library and installed packages.
"""

import functools
import inspect
import linecache
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

_KIT = str(Path(__file__).resolve().parent.parent) + os.sep
_INSTALLED = tuple(
    {
        str(Path(folder).resolve()) + os.sep
        for name, folder in sysconfig.get_paths().items()
        if name in {"stdlib", "platstdlib", "purelib", "platlib"}
    }
    # In a browser the standard library is one archive.
    | {entry + os.sep for entry in sys.path if entry.endswith(".zip")}
)
_GENERATED = ("<frozen", "<string>", "<decorator-gen", "<attrs", "<werkzeug")
"""How the files of code begin that libraries generate; such code has no source."""

_CACHED = type(functools.cache(len))


class Sources:
    """The student's files, and the functions, classes and modules found in them."""

    def __init__(self, seeds: Iterable[Any]) -> None:
        self.files: set[str] = set()
        self.functions: list[FunctionType] = []
        self.classes: list[type] = []
        self._met: set[int] = set()
        for seed in seeds:
            if isinstance(seed, (str, Path)):
                self.files.add(str(seed))
            else:
                self._follow(seed)

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
            self._met.add(id(thing))
            waiting.extend(self._used_by(thing))

    def _used_by(self, thing: Any) -> Iterator[Any]:
        if isinstance(thing, FunctionType):
            yield from self._used_by_function(thing)
        elif isinstance(thing, ModuleType):
            file = getattr(thing, "__file__", None) or ""
            if is_learners(file):
                self.files.add(file)
                yield from (v for v in vars(thing).values() if _is_code(v))
        elif isinstance(thing, type):
            if is_learners(_module_file(thing.__module__)):
                self.classes.append(thing)
                yield from vars(thing).values()
        elif hasattr(thing, "view_functions"):
            yield from _functions_of_app(thing)
        else:
            yield from _wrapped_by(thing)

    def _used_by_function(self, function: FunctionType) -> Iterator[Any]:
        if hasattr(function, "__wrapped__"):
            yield function.__wrapped__
        for cell in function.__closure__ or ():
            try:
                inside = cell.cell_contents
            except ValueError:
                continue
            if _is_code(inside):
                yield inside
        ours = is_learners(function.__code__.co_filename)
        if ours:
            self.files.add(function.__code__.co_filename)
            self.functions.append(function)
        # The kit's own `boot` is not traced, but it leads to the student's make_app.
        if ours or is_kits(function.__code__.co_filename):
            for name in names_in(function.__code__):
                used = function.__globals__.get(name)
                if _is_code(used):
                    yield used


def names_in(code: CodeType) -> Iterator[str]:
    """Yield the global names and attributes that `code` uses, nested code included."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_in(constant)


@functools.cache
def is_learners(file: str) -> bool:
    """Whether the code in `file` is the learner's: not the kit's, not a library's.

    This is the only rule for that question. A cell's code is the learner's; code that
    was generated from a string belongs to whatever called it.
    """
    if not file or file.startswith(_GENERATED):
        return False
    path = file if file.startswith("<") else str(Path(file).resolve())
    if {"site-packages", "dist-packages"} & set(Path(path).parts):
        return False
    return not path.startswith((_KIT, *_INSTALLED))


@functools.cache
def is_kits(file: str) -> bool:
    """Whether the code in `file` is the kit's own."""
    return not file.startswith("<") and str(Path(file).resolve()).startswith(_KIT)


def line_text(file: str, line: int) -> str:
    """Return the text of a source line without its indentation."""
    return linecache.getline(file, line).strip()


def _wrapped_by(thing: Any) -> Iterator[Any]:
    """Yield the functions inside of what is no function itself."""
    if isinstance(thing, MethodType):
        yield thing.__func__
        yield thing.__self__
    elif isinstance(thing, functools.partial):
        yield thing.func
    elif isinstance(thing, (staticmethod, classmethod)):
        yield thing.__func__
    elif isinstance(thing, property):
        yield from (thing.fget, thing.fset)
    elif isinstance(thing, _CACHED):
        yield thing.__wrapped__
    elif callable(thing) and not inspect.isbuiltin(thing):
        yield type(thing)


def _is_code(value: Any) -> bool:
    # Asks the type, because a proxy such as flask.request answers for another object.
    kinds = (FunctionType, MethodType, ModuleType, type, functools.partial, _CACHED)
    return issubclass(type(value), kinds)


def _module_file(name: str) -> str:
    # A notebook's __main__ has no file, and that of `python -m` is an installed one.
    module = sys.modules.get(name) if name != "__main__" else None
    return getattr(module, "__file__", None) or f"<{name}>"


def _functions_of_app(app: Any) -> Iterator[Any]:
    yield from app.view_functions.values()
    for table in (
        app.before_request_funcs,
        app.after_request_funcs,
        app.teardown_request_funcs,
    ):
        for functions in table.values():
            yield from functions
    yield from app.teardown_appcontext_funcs
