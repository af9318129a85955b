"""Copy the solution cell of each exercise to where an installed kit finds it.

The reference must run by itself, so it gets what it needs of earlier cells: imports,
functions and constants, found by their names. Docstrings are left out: the contract has
their text.
"""

import ast
import functools
import symtable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jupytext

from labkit.checks import Exercise
from labkit.checks.reference import FOLDER

_BEGIN, _END = "# BEGIN SOLUTION", "# END SOLUTION"


def reference_of(source: Path, exercise: Exercise) -> str:
    """Return the standalone text of an exercise's reference. Raises ValueError."""
    defined: dict[str, _Definition] = {}
    for code in _code_cells(source.read_text("utf-8")):
        for statement in ast.parse(code).body:
            for name in _defines(statement):
                defined[name] = _Definition(statement, code)
        if (
            f'check("{exercise.id}", {exercise.answer})' in code
            and exercise.answer in defined
        ):
            return _standalone(exercise.answer, defined)
    raise ValueError(f"{source.name} has no solution of {exercise.id}")


def path_of(root: Path, exercise: Exercise) -> Path:
    """Return where the reference belongs in the project's folder."""
    return root / "labkit" / "exercises" / FOLDER.name / f"{exercise.id}.txt"


def docstring_of(source: Path, exercise: Exercise) -> str:
    """Return the docstring that the notebook shows, with single spaces."""
    for code in _code_cells(source.read_text("utf-8")):
        if f'check("{exercise.id}", {exercise.answer})' not in code:
            continue
        for statement in ast.parse(code).body:
            if not isinstance(statement, ast.FunctionDef):
                continue
            if statement.name == exercise.answer:
                return " ".join((ast.get_docstring(statement) or "").split())
    return ""


@functools.lru_cache(maxsize=1)
def _code_cells(text: str) -> list[str]:
    """Return the cells of a lab, whose exercises come one after another."""
    return [
        cell.source
        for cell in jupytext.reads(text, "py:percent").cells
        if cell.cell_type == "code" and not cell.source.lstrip().startswith(("%", "!"))
    ]


def _defines(statement: ast.stmt) -> list[str]:
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return [statement.name]
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return [(a.asname or a.name).partition(".")[0] for a in statement.names]
    if isinstance(statement, ast.Assign):
        return [t.id for t in statement.targets if isinstance(t, ast.Name)]
    return []


@dataclass(frozen=True, slots=True)
class _Definition:
    """A statement that defines a name, and the cell that it is in."""

    statement: ast.stmt
    cell: str

    @property
    def is_import(self) -> bool:
        """Whether it imports the name."""
        return isinstance(self.statement, (ast.Import, ast.ImportFrom))

    def import_line(self, name: str) -> str:
        """Return the line that imports this name alone."""
        statement = self.statement
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            raise TypeError(f"{name} is not imported")
        alias = next(
            each
            for each in statement.names
            if (each.asname or each.name).partition(".")[0] == name
        )
        text = alias.name + (f" as {alias.asname}" if alias.asname else "")
        if isinstance(statement, ast.ImportFrom):
            return f"from {statement.module} import {text}"
        return f"import {text}"

    def text(self) -> str:
        """Return the source, without marks and the function's own docstring."""
        lines = (ast.get_source_segment(self.cell, self.statement) or "").splitlines()
        first = self.statement.lineno
        function = self.statement
        if not isinstance(function, ast.FunctionDef):
            pass
        elif ast.get_docstring(function) is not None:
            docstring = function.body[0]
            start, end = docstring.lineno, docstring.end_lineno or docstring.lineno
            del lines[start - first : end - first + 1]
        return "\n".join(line for line in lines if line.strip() not in (_BEGIN, _END))


def _standalone(name: str, defined: dict[str, _Definition]) -> str:
    """Return the definition of a name, after all that it needs."""
    imports: set[str] = set()
    others: dict[str, _Definition] = {}

    def collect(name: str) -> None:
        found = defined.get(name)
        if found is None or name in others:
            return
        if found.is_import:
            imports.add(found.import_line(name))
            return
        others[name] = found
        for needed in _globals(symtable.symtable(found.text(), name, "exec")):
            collect(needed)

    collect(name)
    order = sorted(others, key=list(defined).index)
    head = "\n".join(sorted(imports, key=lambda line: (line.startswith("from"), line)))
    parts = [others[each].text() for each in order]
    return "\n\n\n".join([*([head] if head else []), *parts]) + "\n"


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    """Yield the global names that a piece of code reads, nested functions included."""
    for symbol in table.get_symbols():
        at_top = table.get_type() == "module"
        if symbol.is_referenced() and (symbol.is_global() or at_top):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals(child)
