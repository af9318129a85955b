"""With any number of preemptions: whatever workers share, no order of steps is missed.

One worker takes three steps on the same thing, the other one two. Some of the ten
orders need three preemptions, so they are only found if the steps count as dependent.
"""

import itertools
import linecache
import random
import sys
from types import ModuleType
from typing import Any

import pytest

from labkit.explore import Outcome, Report, interleavings
from tests.repeated import first_of

STEPS = (3, 2)
ORDERS = set(itertools.combinations(range(5), 3))
"""The places of the first worker's steps, in each order of the five."""

TAKES = "own.append(next(s))"
WRITES = "s.order += '{w}'"

KINDS = {
    "an iterator": ("s = iter(range(5))", TAKES),
    "an attribute of a function": ("def s(): pass\n    s.order = ''", WRITES),
    "a name of a module": ("learners.order = ''", "learners.order += '{w}'"),
    "a namespace": ("s = types.SimpleNamespace(order='')", WRITES),
    "a generator": ("s = (x for x in range(5))", TAKES),
    "a map": ("s = map(abs, range(5))", TAKES),
    "a method of an iterator": ("s = iter(range(5)).__next__", "own.append(s())"),
    "a counter": ("s = itertools.count()", TAKES),
    "a list in a function": (
        "def s(): pass\n    s.kept = []",
        "s.kept.append('{w}')",
    ),
    "a list in a module": ("learners.kept = []", "learners.kept.append('{w}')"),
    "a cache": (
        "s = functools.lru_cache(0)(iter(range(5)).__next__)",
        "own.append(s())",
    ),
    "the random numbers": ("random.seed(1)", "own.append(random.random())"),
    "the names of all": (
        "globals()['ORDER'] = ''",
        "globals()['ORDER'] += '{w}'",
    ),
    "an object": ("s = Thing()", WRITES),
    "a class": ("s = Thing; s.order = ''", WRITES),
    "a deque": ("s = collections.deque(range(5))", "own.append(s.popleft())"),
}
"""What the workers share, and a step that shows when it was made."""

SHOWN = {"a list in a function": "s.kept", "a list in a module": "learners.kept"}
SHOWN |= {"a name of a module": "learners.order", "the names of all": "ORDER"}


@pytest.fixture(autouse=True)
def _a_module_of_the_learner(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("learners")
    module.__file__ = "/srv/ada/learners.py"
    monkeypatch.setitem(sys.modules, "learners", module)


def explored(kind: str) -> tuple[set[Any], Report]:
    """Return what came out of each interleaving, as places of the first worker."""
    setup, step = KINDS[kind]
    lines = ["import collections, functools, itertools, random, types, learners"]
    lines += ["class Thing:", "    order = ''", "def boot(world):", f"    {setup}"]
    for worker, number in zip("AB", STEPS, strict=True):
        lines += [f"    def {worker}():", "        own = []"]
        lines += [f"        {step.format(w=worker, i=i)}" for i in range(number)]
        shown = "own" if "own" in step else SHOWN.get(kind, "s.order")
        lines += [f"        return {shown}"]
    lines += ["    def handle(worker):", "        return A() if worker == 0 else B()"]
    lines += ["    return handle"]
    text = "\n".join(lines) + "\n"
    linecache.cache["<shared>"] = (len(text), None, text.splitlines(True), "<shared>")
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, "<shared>", "exec"), space)  # noqa: S102 - the lines above
    found = set()
    drawn = random.Random(1)
    numbers = [drawn.random() for _ in range(5)]

    def invariant(outcome: Outcome) -> None:
        answers = {answer.request: answer.value for answer in outcome.answers}
        if "own" in step:
            places = answers[0] or ()
            found.add(tuple(numbers.index(n) if n in numbers else n for n in places))
        else:
            whole = outcome.answers[-1].value
            found.add(tuple(i for i, worker in enumerate(whole) if worker == "A"))

    return found, interleavings(space["boot"], [0, 1], invariant, limit=50_000)


@pytest.mark.parametrize("kind", first_of(KINDS, 4))
def test_every_order_of_steps_on_shared_data_is_found(kind: str) -> None:
    found, report = explored(kind)
    assert report.unbounded, report
    assert found >= ORDERS


def test_an_error_of_the_kit_is_not_blamed_on_the_handler(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: Any) -> None:
        raise LookupError("a mistake of the kit")

    monkeypatch.setattr("labkit.explore.footprint.Common.print_of", broken)
    with pytest.raises(LookupError, match="a mistake of the kit"):
        explored("an object")
