"""Which tests a change affects, for `make quick`.

A change is every file that differs from the branch `main`, committed or not. A Python
file affects each test that imports it, at any distance; another file, the tests whose
text names it or its folder; another file of a package, those that import the package.
A lab's files affect the tests of its content, which come first. The nearest tests are
next. What has not begun when the time is over is skipped and counted.
"""

import functools
import re
import subprocess
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent

BUDGET = 25.0
"""Seconds from the start of a process in which it begins tests."""

LEAST = 15.0
"""Seconds of tests on a machine where collecting them has used up the budget."""

ABOUT_LABS = ["tests/test_content.py", "tests/test_solutions.py"]

_LAB = re.compile(r"(?:lab|/)(\d\d)_|answers/(\d+)\.\d+\.py")

Graph = dict[str, set[str]]
"""The names of the modules that each module imports."""


def changed_files() -> list[str]:
    """Return the changed paths, relative to ROOT. Raises OSError without git."""
    base = _git("merge-base", "HEAD", "main") or ["HEAD"]
    known = _git("diff", "--name-only", "--no-renames", base[0])
    return sorted({*known, *_git("ls-files", "--others", "--exclude-standard")})


def last_start(began: float, collected: float) -> float:
    """Return until when tests begin, in a process that began and collected then."""
    return max(began + BUDGET, collected + LEAST)


def distances(changed: Sequence[str]) -> dict[str, int]:
    """Return how far each affected test file is from the change, by its path."""
    graph = imports() if changed else {}
    found: dict[str, int] = {}
    waiting = deque((name, 0) for path in changed for name in _hit(path, graph))
    while waiting:
        name, distance = waiting.popleft()
        if name in found:
            continue
        found[name] = distance
        waiting += [(each, distance + 1) for each in graph if name in graph[each]]
    paths = {name: f"{name.replace('.', '/')}.py" for name in found}
    tests = {paths[n]: found[n] for n in found if n.startswith("tests.test_")}
    return tests | (dict.fromkeys(ABOUT_LABS, 0) if labs(changed) else {})


def labs(changed: Iterable[str]) -> list[str]:
    """Return parts of the names of tests that concern a changed lab alone."""
    found = {int(m[1] or m[2]) for path in changed if (m := _LAB.search(path))}
    return [part for lab in sorted(found) for part in (f"[{lab}.", f"{lab:02}_")]


@functools.cache
def imports() -> Graph:
    """Return what every module of labkit and of the tests imports of the other ones."""
    import grimp  # not in a bare browser, where conftest.py needs this module

    graph = grimp.build_graph("labkit", "tests", cache_dir=None)
    return {
        name: graph.find_modules_directly_imported_by(name) for name in graph.modules
    }


def _hit(path: str, graph: Graph) -> list[str]:
    """Return the modules that a changed file is, or that name it."""
    file = Path(path)
    if file.suffix == ".py" and (name := _name(ROOT / file)) in graph:
        return [name]
    package = str(file.parent).replace("/", ".")
    if package in graph and package != "tests":
        return [package]
    words = [f'"{word}"' for word in (file.name, file.parent.name) if word]
    texts = {name: (ROOT / _path(name)).read_text("utf-8") for name in graph}
    return [name for name, text in texts.items() if any(word in text for word in words)]


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _path(name: str) -> Path:
    path = Path(name.replace(".", "/"))
    return path / "__init__.py" if (ROOT / path).is_dir() else path.with_suffix(".py")


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(
        ["git", *arguments],  # noqa: S607 - where it lies differs
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines()
