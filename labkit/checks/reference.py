"""The reference solution of an exercise: the code of the solution cell.

The cell in `solutions/*.py` is the only place where it is edited. `labkit dev build`
copies it, with what it needs of earlier cells and without its docstring, to
`labkit/exercises/references/<exercise>.txt`, so that an installed kit has it too.
"""

import functools
import linecache
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "exercises" / "references"

Edits = Sequence[tuple[str, str]]
"""Pairs of an old text, which occurs exactly once, and the text in its place."""


class EditDoesNotApply(ValueError):
    """The old text of an edit does not occur exactly once."""


@functools.cache
def reference_text(exercise: str) -> str:
    """Return the source of an exercise's reference."""
    return (FOLDER / f"{exercise}.txt").read_text("utf-8")


def edited(text: str, edits: Edits) -> str:
    """Return the text with the edits applied in order. Raises EditDoesNotApply."""
    for old, new in edits:
        if text.count(old) != 1:
            raise EditDoesNotApply(f"{old!r} occurs {text.count(old)} times")
        text = text.replace(old, new)
    return text


def load(text: str, name: str, *, label: str) -> Any:
    """Run a source text in a namespace of its own and return what it calls `name`."""
    filename = f"<{label}>"
    lines = text.splitlines(keepends=True)
    linecache.cache[filename] = (len(text), None, lines, filename)
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, filename, "exec"), space)  # noqa: S102 - the project's own code
    return space[name]


def edits_in(code: str) -> list[tuple[str, str]]:
    """Return the edits that a stored answer consists of."""
    edits: list[tuple[list[str], list[str]]] = []
    for line in code.strip().splitlines():
        text = line[3:]
        if line.startswith("#-"):
            if not edits or edits[-1][1]:
                edits.append(([], []))
            edits[-1][0].append(text)
        elif line.startswith("#+"):
            edits[-1][1].append(text)
    return [("\n".join(old), "\n".join(new)) for old, new in edits]
