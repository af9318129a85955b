"""Every import within labkit, whatever form it has, and the cycles among them.

An import is counted at the top of a module, under `TYPE_CHECKING`, within a function
and by name through importlib alike.
"""

import ast
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grimp

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


def imports_of(package: Path) -> list[Import]:
    """Return every import between two modules of a package, which is on `sys.path`."""
    graph = grimp.build_graph(package.name, cache_dir=None)
    static = [
        Import(name, imported, details["line_number"])
        for name in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(name))
        for details in graph.get_import_details(importer=name, imported=imported)
    ]
    return [*static, *_by_name(package)]


@functools.cache
def tree_of(file: Path) -> ast.Module:
    """Return the syntax tree of a file, which no test changes."""
    return ast.parse(file.read_text("utf-8"))


def _by_name(package: Path) -> Iterator[Import]:
    """Yield the imports of the package's modules whose names are text."""
    for file in sorted(package.rglob("*.py")):
        text = file.read_text("utf-8")
        if not any(word in text for word in _DYNAMIC):
            continue  # to parse every file would take two seconds
        parts = file.relative_to(package.parent).with_suffix("").parts
        importer = ".".join(part for part in parts if part != "__init__")
        for node in ast.walk(tree_of(file)):
            match node:
                case ast.Call(func=func, args=[ast.Constant(value=str(name)), *_]) if (
                    _called(func) in _DYNAMIC
                    and re.match(rf"{package.name}(\.|$)", name)
                    and name != importer
                ):
                    yield Import(importer, name, node.lineno, by_name=True)


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
