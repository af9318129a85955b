"""Every import within labkit, whatever form it has, and the cycles among them.

An import is counted at the top of a module, under `TYPE_CHECKING`, within a function
and by name through importlib alike.
"""

import ast
import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_DYNAMIC = {"import_module", "__import__", "find_spec"}


@dataclass(frozen=True, slots=True)
class Import:
    """One import of another module of labkit; `by_name` if it is text for importlib."""

    importer: str
    imported: str
    line: int
    by_name: bool = False

    def __str__(self) -> str:
        how = " by name" if self.by_name else ""
        return f"{self.importer}:{self.line} imports {self.imported}{how}"


def modules_of(package: Path) -> dict[str, Path]:
    """Return every module of a package with its file, by its full name."""
    found = {}
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package.parent).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = file
    return found


def imports_of(package: Path) -> list[Import]:
    """Return every import between two modules of the package."""
    modules = modules_of(package)
    return [
        each
        for name, file in modules.items()
        for each in _imports_in(name, file, modules)
        if each.imported != name
    ]


@functools.cache
def tree_of(file: Path) -> ast.Module:
    """Return the syntax tree of a file, which no test changes."""
    return ast.parse(file.read_text("utf-8"))


def _imports_in(name: str, file: Path, modules: Mapping[str, Path]) -> Iterator[Import]:
    tree = tree_of(file)
    root = name.partition(".")[0]
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    if alias.name in modules:
                        yield Import(name, alias.name, node.lineno)
            case ast.ImportFrom(module=str(source), names=names, level=0):
                for alias in names:
                    whole = f"{source}.{alias.name}"
                    imported = whole if whole in modules else source
                    if imported in modules:
                        yield Import(name, imported, node.lineno)
            case ast.Call(func=func, args=[ast.Constant(value=str(text)), *_]) if (
                _called(func) in _DYNAMIC and re.match(rf"{root}(\.|$)", text)
            ):
                yield Import(name, text, node.lineno, by_name=True)


def _called(func: ast.expr) -> str:
    match func:
        case ast.Attribute(attr=attr):
            return attr
        case ast.Name(id=name):
            return name
    return ""


def cycles_in(imports: list[Import]) -> list[tuple[str, ...]]:
    """Return the groups of modules that reach each other, by Tarjan's algorithm."""
    following: dict[str, list[str]] = {}
    for each in imports:
        following.setdefault(each.importer, []).append(each.imported)
        following.setdefault(each.imported, [])
    found: list[tuple[str, ...]] = []
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []

    def visit(module: str) -> None:
        index[module] = lowest[module] = len(index)
        stack.append(module)
        for other in following[module]:
            if other not in index:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in stack:
                lowest[module] = min(lowest[module], index[other])
        if lowest[module] == index[module]:
            place = stack.index(module)
            group = tuple(sorted(stack[place:]))
            del stack[place:]
            if len(group) > 1:
                found.append(group)

    for module in sorted(following):
        if module not in index:
            visit(module)
    return sorted(found)
