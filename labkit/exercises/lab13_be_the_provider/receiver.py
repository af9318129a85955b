"""Find the learner's own receiver in the notebook of lab 12."""

import ast
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from labkit.checks.reference import load
from labkit.exercises.lab12_night_shift import LADDER

NOTEBOOK = "12_night_shift.ipynb"
_DEFINES = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign)


def own_receiver(notebook: str | Path = NOTEBOOK) -> Callable[..., Any]:
    """Return `make_app` from the notebook of lab 12, and say where it comes from.

    The notebook is the file as it was saved last. If it has no receiver, return one of
    the kit, which pages nobody.
    """
    text = _source(Path(notebook))
    if text is None:
        print(f"The receiver is one of the kit: {notebook} has none that is written.")
        return LADDER["durable"]
    print(f"The receiver is your make_app in {notebook}.")
    make_app: Callable[..., Any] = load(text, "make_app", label=str(notebook))
    return make_app


def _source(notebook: Path) -> str | None:
    """Return the definitions of the notebook up to exercise 12.1, if it is solved."""
    if not notebook.is_file():
        return None
    found: list[str] = []
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        code = "".join(cell["source"])
        found += _definitions(code)
        if 'check("12.1"' in code:
            stub = "make_app" not in code or "raise NotImplementedError" in code
            return None if stub else "\n\n\n".join(found) + "\n"
    return None


def _definitions(code: str) -> Iterator[str]:
    """Yield what a cell defines: imports, functions, classes and constants."""
    try:
        statements = ast.parse(code).body
    except SyntaxError:  # a cell with %magic
        return
    for statement in statements:
        if not isinstance(statement, _DEFINES):
            continue
        if isinstance(statement, ast.Assign) and not _is_constant(statement.value):
            continue
        yield ast.get_source_segment(code, statement) or ""


def _is_constant(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except ValueError:
        return False
    return True
