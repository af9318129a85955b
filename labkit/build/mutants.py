"""Make mutants of correct solutions, and list those that a check lets through.

A mutant is a correct solution with one small change. The operators follow cosmic-ray's,
plus those for mistakes of webhook code: a missing or additional strip, lower or slice,
a wider or narrower `except`, a missing copy, state that is kept between calls.

A mutant that passes is a survivor. Some survivors are correct; they are listed with the
reason in `tests/survivors/<exercise>.txt`, one per line:

    old line -> new line | reason

A `*` in it stands for any text.
"""

import ast
import copy
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.build.content import answers
from labkit.checks import Exercise, judge_solution
from labkit.checks.judging import SECONDS
from labkit.checks.reference import load, reference_text
from labkit.checks.verdicts import PASSED
from labkit.running.sandbox import run_bounded

KILLED_AT_LEAST = 0.95

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Pow: ast.Mult,
}
_ORDERLESS = {"max", "min"}
_COMMUTATIVE = (ast.BitXor, ast.BitOr, ast.BitAnd, ast.Mult)
_COPIES = {"list", "dict", "set", "bytes", "sorted"}
_ADDED = (".strip()", ".lower()", "[:-1]")


@dataclass(frozen=True, slots=True)
class Mutation:
    """One changed solution: the line that differs, before and after, and the source."""

    old: str
    new: str
    source: str

    def __str__(self) -> str:
        return f"{self.old} -> {self.new}"


@dataclass(frozen=True, slots=True)
class Score:
    """How many mutants of an exercise were killed, and which were not, each once.

    `unexplained` are the survivors that the list has no reason for; `stale` are the
    entries of the list that belong to no survivor.
    """

    exercise: str
    killed: int
    survivors: tuple[str, ...]
    unexplained: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def share(self) -> float:
        """The share of killed mutants, without those that are listed as correct."""
        total = self.killed + len(self.unexplained)
        return self.killed / total if total else 1.0

    @property
    def holds(self) -> bool:
        """Whether enough are killed, and the list explains exactly the others."""
        explained = not self.unexplained and not self.stale
        return explained and self.share >= KILLED_AT_LEAST

    def __str__(self) -> str:
        total = self.killed + len(self.survivors)
        lines = [
            (
                f"{self.exercise}: {self.killed} of {total} killed "
                f"({self.share:.1%}), "
                f"{len(self.survivors) - len(self.unexplained)} survivors are correct, "
                f"{len(self.unexplained)} unexplained"
            )
        ]
        lines += [f"  survives: {each}" for each in self.unexplained]
        lines += [f"  listed, but killed or unknown: {each}" for each in self.stale]
        return "\n".join(lines)


def score(root: Path, exercise: Exercise, *, most: int | None = None) -> Score:
    """Try the mutants of the reference and of the stored correct solutions.

    With `most`, about so many are tried, in even steps; then no entry of the list is
    called stale, because its mutant may not be among them.
    """
    sources = [reference_text(exercise.id)]
    folder = root / "tests" / "right_answers"
    sources += [a.source for a in answers(folder) if a.exercise == exercise.id]
    sources = list(dict.fromkeys(sources))
    changes = sum(1 for source in sources for _ in _changed_trees(source))
    step = 1 if most is None else max(1, changes // most)
    killed, survivors = 0, []
    for mutation in (m for source in sources for m in mutations(source, step=step)):
        if passes(exercise, mutation):
            survivors.append(str(mutation))
        else:
            killed += 1
    known = reasons(root, exercise)
    return Score(
        exercise.id,
        killed,
        tuple(dict.fromkeys(survivors)),
        tuple(s for s in dict.fromkeys(survivors) if not is_listed(s, known)),
        tuple(
            each
            for each in known
            if step == 1 and not any(is_listed(s, [each]) for s in survivors)
        ),
    )


def is_listed(survivor: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns, in which only * is special, fits."""
    # The code of a mutant has asterisks of its own: "************" is one wildcard.
    return any(
        pattern == survivor
        or re.fullmatch(".*".join(map(re.escape, re.split(r"\*+", pattern))), survivor)
        for pattern in patterns
    )


def reasons(root: Path, exercise: Exercise) -> dict[str, str]:
    """Return why survivors of an exercise are correct, by the mutation."""
    path = root / "tests" / "survivors" / f"{exercise.id}.txt"
    if not path.exists():
        return {}
    found = {}
    for line in path.read_text("utf-8").splitlines():
        mutation, bar, reason = line.rpartition(" | ")
        if bar and reason.strip():
            found[mutation] = reason.strip()
    return found


def mutations(source: str, *, step: int = 1) -> Iterator[Mutation]:
    """Yield each changed source once, or about one of so many as the step says."""
    original = ast.unparse(ast.parse(source))
    seen = {original}
    for tree in itertools.islice(_changed_trees(source), 0, None, step):
        if (tree_text := _text(tree)) and tree_text not in seen:
            seen.add(tree_text)
            old, new = _changed_lines(original, tree_text)
            yield Mutation(old, new, tree_text)
    yield from itertools.islice(_hoisted(source), 0, None, step)


def _changed_trees(source: str) -> Iterator[ast.AST]:
    """Yield one tree again and again, each time with another change.

    A change is undone before the next one is made, because parsing the source for each
    change takes most of the time.
    """
    tree = ast.parse(source)
    parents = {c: p for p in ast.walk(tree) for c in ast.iter_child_nodes(p)}
    for node, parent in parents.items():
        for new in list(_changes(node, parent)):
            _replace(node, new, parent)
            yield tree
            _replace(new, node, parent)


def passes(exercise: Exercise, mutation: Mutation) -> bool:
    """Whether the check accepts a mutant. One that never ends while it loads fails."""
    loaded = run_bounded(
        lambda: load(mutation.source, exercise.answer, label="mutant"), seconds=SECONDS
    )
    if loaded.error is not None or loaded.timed_out:
        return False
    return judge_solution(exercise, loaded.value).outcome == PASSED


def _changes(node: ast.AST, parent: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in the place of a node."""
    for kind, operator in _OF_KIND:
        if isinstance(node, kind):
            yield from operator(node, parent)


def _other_connections(node: ast.BoolOp, _: ast.AST) -> Iterator[ast.AST]:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield ast.BoolOp(other, node.values)
    for left_out in node.values:
        rest = [each for each in node.values if each is not left_out]
        yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _other_operations(node: ast.BinOp, _: ast.AST) -> Iterator[ast.AST]:
    if type(node.op) in _OPERATORS:
        yield ast.BinOp(node.left, _OPERATORS[type(node.op)](), node.right)
    if not isinstance(node.op, _COMMUTATIVE):
        yield ast.BinOp(node.right, node.op, node.left)


def _operand(node: ast.UnaryOp, _: ast.AST) -> Iterator[ast.AST]:
    yield node.operand


def _whole(node: ast.Subscript, _: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node.slice, ast.Slice):
        yield node.value


def _other_tests(node: ast.If | ast.IfExp | ast.While, _: ast.AST) -> Iterator[ast.AST]:
    negated = ast.UnaryOp(ast.Not(), node.test)
    tests = [negated] if isinstance(node, ast.While) else [negated, ast.Constant(True)]
    for test in tests:
        changed = copy.copy(node)
        changed.test = test
        yield changed


def _dropped(_: ast.AST, __: ast.AST) -> Iterator[ast.AST]:
    yield ast.Pass()


def _changed_parameters(node: ast.FunctionDef, _: ast.AST) -> Iterator[ast.AST]:
    for parameter in node.args.args:
        for added in _ADDED:
            changed = copy.copy(node)
            line = ast.parse(f"{parameter.arg} = {parameter.arg}{added}").body
            changed.body = [*line, *node.body]
            yield changed


_DROPPED = (
    ast.Expr,
    ast.Assign,
    ast.AugAssign,
    ast.Return,
    ast.If,
    ast.For,
    ast.Raise,
    ast.With,
    ast.Continue,
    ast.Break,
)


def _other_comparisons(node: ast.Compare, _: ast.AST) -> Iterator[ast.AST]:
    for place, operator in enumerate(node.ops):
        for other in _COMPARISONS.get(type(operator), ()):
            ops = [*node.ops[:place], other(), *node.ops[place + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)


def _other_constants(node: ast.Constant, parent: ast.AST) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(parent, (ast.Expr, ast.FormattedValue)):
        return
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, (int, float)):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, str):
        yield ast.Constant(value + "x")
        if value:
            yield ast.Constant("")
    elif isinstance(value, bytes):
        yield ast.Constant(value + b"x")


def _other_calls(node: ast.Call, _: ast.AST) -> Iterator[ast.AST]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if len(node.args) >= 2 and name not in _ORDERLESS:
        first, second, *rest = node.args
        yield ast.Call(node.func, [second, first, *rest], node.keywords)
    if isinstance(node.func, ast.Attribute):
        yield node.func.value
    elif isinstance(node.func, ast.Name) and node.func.id in _COPIES and node.args:
        yield node.args[0]
    for keyword in node.keywords:
        rest_of = [each for each in node.keywords if each is not keyword]
        yield ast.Call(node.func, node.args, rest_of)


def _other_handlers(node: ast.ExceptHandler, _: ast.AST) -> Iterator[ast.AST]:
    kinds: list[ast.expr] = [ast.Name("Exception"), ast.Name("ZeroDivisionError")]
    if isinstance(node.type, ast.Tuple):
        for left_out in node.type.elts:
            rest = [each for each in node.type.elts if each is not left_out]
            kinds.append(ast.Tuple(rest, ast.Load()))
    for kind in kinds:
        yield ast.ExceptHandler(kind, node.name, node.body)


_OF_KIND: tuple[tuple[Any, Callable[[Any, ast.AST], Iterator[ast.AST]]], ...] = (
    (ast.Compare, _other_comparisons),
    (ast.Constant, _other_constants),
    (ast.BoolOp, _other_connections),
    (ast.UnaryOp, _operand),
    (ast.BinOp, _other_operations),
    (ast.Call, _other_calls),
    (ast.ExceptHandler, _other_handlers),
    (ast.Subscript, _whole),
    ((ast.If, ast.IfExp, ast.While), _other_tests),
    (_DROPPED, _dropped),
    (ast.FunctionDef, _changed_parameters),
)


def _replace(node: ast.AST, new: ast.AST, parent: ast.AST) -> None:
    for name, value in ast.iter_fields(parent):
        if value is node:
            setattr(parent, name, new)
        elif isinstance(value, list):
            value[:] = [new if each is node else each for each in value]


def _hoisted(source: str) -> Iterator[Mutation]:
    """Yield mutants whose lists, dicts and sets outlive the call."""
    tree = ast.parse(source)
    count = sum(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))
    for place in range(count):
        tree = ast.parse(source)
        found = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)][place]
        kept = [s for s in found.body if not _makes_container(s)]
        moved = [s for s in found.body if _makes_container(s)]
        if moved:
            found.body = kept or [ast.Pass()]
            tree.body = [*moved, *tree.body]
            new = "; ".join(ast.unparse(each) for each in moved)
            yield Mutation(new, "the same, once for all calls", _text(tree))


def _makes_container(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Assign):
        return False
    made = statement.value
    if isinstance(made, ast.Call) and isinstance(made.func, ast.Name):
        return made.func.id in ("list", "dict", "set") and not made.args
    return isinstance(made, (ast.List, ast.Dict, ast.Set)) and not any(
        isinstance(node, ast.Name) for node in ast.walk(made)
    )


def _text(tree: ast.AST) -> str:
    try:
        text = ast.unparse(tree)
        ast.parse(text)
    except (SyntaxError, ValueError, AttributeError, TypeError):
        return ""
    return text


def _changed_lines(before: str, after: str) -> tuple[str, str]:
    """Return the first line that differs, in both texts."""
    old, new = before.splitlines(), after.splitlines()
    for one, other in zip(old, new, strict=False):
        if one != other:
            return one.strip(), other.strip()
    return (old[-1].strip(), "") if len(old) > len(new) else ("", new[-1].strip())
