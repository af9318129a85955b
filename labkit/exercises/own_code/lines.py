"""The learner's source: its statements, and the same code with one thing changed."""

import ast
import inspect
import linecache
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from labkit.running.source import code_of

_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Raise)
_KEPT = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom),
    *(ast.Assign, ast.AnnAssign),
)
"""What of a cell is run again: neither its checks nor its other calls."""

_LONGEST = 70


@dataclass(frozen=True, slots=True)
class OwnSource:
    """The file or cell of a solution; line numbers are those that Python shows."""

    file: str
    text: str
    tree: ast.Module

    def statements(self) -> list[ast.stmt]:
        """Return the simple statements inside functions, in order."""
        return [
            node
            for node in _inside_functions(self.tree)
            if isinstance(node, _SIMPLE) and not _is_docstring(node)
        ]

    def line(self, number: int) -> str:
        """Return a line with its number, as a choice shows it."""
        return f"line {number}: {self._text(number)}"

    def quoted(self, number: int) -> str:
        """Return a line with its number, as part of a sentence."""
        return f"line {number} (`{self._text(number)}`)"

    def _text(self, number: int) -> str:
        lines = self.text.splitlines()
        text = lines[number - 1].strip() if number <= len(lines) else ""
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

    def without(self, statement: ast.stmt) -> str:
        """Return the source with `pass` in the place of a statement."""
        return self.replaced(_span(statement), "pass")

    def replaced(self, span: tuple[int, int, int, int], new: str) -> str:
        """Return the source with one span replaced; the line numbers stay.

        A span is first line, first byte, last line, last byte, as `ast` counts them.
        """
        first, start, last, end = span
        lines = self.text.splitlines(keepends=True)
        head = lines[first - 1].encode()[:start].decode()
        tail = lines[last - 1].encode()[end:].decode()
        padding = "\n" * (last - first)
        return "".join([*lines[: first - 1], head + new, tail + padding, *lines[last:]])


def own_source(solution: Any) -> OwnSource | None:
    """Return the source of a solution, or None where it can't be found or read.

    In a notebook that is the whole cell; in a file it is the function alone.
    """
    code = code_of(solution)
    if code is None:
        return None
    entry = linecache.cache.get(code.co_filename, ())
    if len(entry) == 4 and entry[1] is None:
        text = "".join(entry[2])
    else:
        try:
            text = textwrap.dedent(inspect.getsource(code))
        except (OSError, TypeError):
            return None
        text = "\n" * (code.co_firstlineno - 1) + text
    try:
        return OwnSource(code.co_filename, text, ast.parse(text))
    except (SyntaxError, ValueError):
        return None  # a cell with magic commands


def changed(solution: Any, text: str) -> Any:
    """Return the solution as the changed source defines it, or None.

    Only what defines something is run; all other names are those that the solution
    has now.
    """
    function = inspect.unwrap(solution)
    if not isinstance(function, FunctionType):
        return None
    space = dict(function.__globals__)
    tree = ast.parse(text)
    tree.body = [
        node
        for node in tree.body
        if isinstance(node, _KEPT) and not _calls_kit(node, space)
    ]
    file = f"<changed {function.__code__.co_filename.strip('<>')}>"
    lines = text.splitlines(keepends=True)
    linecache.cache[file] = (len(text), None, lines, file)
    try:
        exec(compile(tree, file, "exec"), space)  # noqa: S102 - the learner's own code
    except Exception:  # noqa: BLE001 - a change may break anything
        return None
    made = space.get(function.__name__)
    return None if made is function else made


def _inside_functions(tree: ast.AST, *, inside: bool = False) -> Iterator[ast.stmt]:
    for node in ast.iter_child_nodes(tree):
        is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        if inside and isinstance(node, ast.stmt):
            yield node
        yield from _inside_functions(node, inside=inside or is_function)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _span(node: ast.stmt) -> tuple[int, int, int, int]:
    last, end = node.end_lineno or node.lineno, node.end_col_offset or 0
    return node.lineno, node.col_offset, last, end


def _calls_kit(node: ast.stmt, space: dict[str, Any]) -> bool:
    """Whether an assignment calls something of the kit, such as `check`."""
    if not isinstance(node, (ast.Assign, ast.AnnAssign)):
        return False
    waiting: list[ast.AST] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Lambda):
            continue  # it is only defined here
        waiting += ast.iter_child_nodes(each)
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
            module = getattr(space.get(each.func.id), "__module__", None) or ""
            if module.partition(".")[0] == "labkit":
                return True
    return False


@dataclass(frozen=True, slots=True)
class Change:
    """One small change: the line, how it reads afterwards, and the whole source."""

    line: int
    reads: str
    text: str


def changes(own: OwnSource) -> list[Change]:
    """List the small changes of constants, comparisons and conditions."""
    found = []
    for node in _inside_functions(own.tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if _is_docstring(node):
            continue
        for span, new in _edits(own, node):
            text = own.replaced(span, new)
            reads = text.splitlines()[span[0] - 1].strip()
            if len(reads) <= _LONGEST and _parses(text):
                found.append(Change(span[0], reads, text))
    return list({(each.line, each.reads): each for each in found}.values())


_FLIPPED: dict[type, tuple[str, str]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}


def _edits(
    own: OwnSource, node: ast.stmt
) -> Iterator[tuple[tuple[int, int, int, int], str]]:
    for part in _expressions(node):
        last = part.end_lineno
        if last is None or last != part.lineno:
            continue
        span = (part.lineno, part.col_offset, last, part.end_col_offset or 0)
        source = ast.get_source_segment(own.text, part) or ""
        if isinstance(part, ast.Constant):
            new = _other_constant(part.value)
            if new is not None:
                yield span, new
        elif isinstance(part, ast.Compare) and len(part.ops) == 1:
            old, new = _FLIPPED[type(part.ops[0])]
            left = ast.get_source_segment(own.text, part.left) or ""
            rest = source[len(left) :]
            if source.startswith(left) and old in rest:
                yield span, left + rest.replace(old, new, 1)
        elif isinstance(part, ast.BoolOp):
            old, new = ("and", "or") if isinstance(part.op, ast.And) else ("or", "and")
            if source.count(f" {old} ") == 1:
                yield span, source.replace(f" {old} ", f" {new} ")
        elif isinstance(part, ast.Call) and len(part.args) == 2 and not part.keywords:
            one, two = (ast.get_source_segment(own.text, each) for each in part.args)
            head = ast.get_source_segment(own.text, part.func)
            yield span, f"{head}({two}, {one})"


def _expressions(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions of one statement, but not those of statements inside."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.stmt, ast.JoinedStr)):
            continue
        if isinstance(child, ast.expr):
            yield child
        yield from _expressions(child)


def _other_constant(value: object) -> str | None:
    if isinstance(value, bool):
        return repr(not value)
    if isinstance(value, int):
        if 200 <= value < 300:
            return "500"
        return "200" if 400 <= value < 600 else repr(value + 1)
    if isinstance(value, str) and len(value) > 1 and "\n" not in value:
        return repr(value[:-1])
    return None


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
