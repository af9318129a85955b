"""Mutants are small changes of a solution, and survivors are listed with a reason."""

import ast
from pathlib import Path

import pytest

from labkit.build.mutants import Mutation, is_listed, mutations, passes, reasons, score
from labkit.exercises import EXERCISES

ROOT = Path(__file__).parent.parent
MOVED = [each.id for each in EXERCISES.values() if each.judge]

SOURCE = """def f(a, b):
    found = []
    try:
        if a < 5 and not b:
            found.append(a.strip())
    except (ValueError, KeyError):
        return list(found)
    return found
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutant may write a file where it runs."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        "if a <= 5 and (not b):",
        "if a < 6 and (not b):",
        "if a < 5 or not b:",
        "if a < 5 and b:",
        "if True:",
        "found.append(a)",
        "except Exception:",
        "except (ValueError,):",
        "    a = a[:-1]\n",
        "except ZeroDivisionError:",
    ],
)
def test_each_operator_makes_its_mutant(changed: str) -> None:
    assert any(changed in each.source for each in mutations(SOURCE))


def test_containers_are_moved_out_of_the_function() -> None:
    assert any(each.source.startswith("found = []\n") for each in mutations(SOURCE))


def test_all_mutants_are_different_and_none_is_the_original() -> None:
    sources = [each.source for each in mutations(SOURCE)]
    assert len(set(sources)) == len(sources)
    assert all(compile(each, "mutant", "exec") for each in sources)


def test_each_mutant_has_one_change() -> None:
    original = ast.unparse(ast.parse(SOURCE)).splitlines()
    for each in mutations(SOURCE):
        assert len(set(original) - set(each.source.splitlines())) <= 2


def test_a_sample_is_a_part_of_all_mutants() -> None:
    every = [each.source for each in mutations(SOURCE)]
    sample = [each.source for each in mutations(SOURCE, step=5)]
    assert set(sample) <= set(every)
    assert len(every) / 7 < len(sample) < len(every) / 3


def test_a_mutant_that_never_ends_while_it_loads_is_killed() -> None:
    endless = "while True:\n    pass\n\n\ndef should_retry(status): ..."
    assert not passes(EXERCISES["6.1"], Mutation("", "", endless))


@pytest.mark.full
@pytest.mark.parametrize("name", MOVED)
def test_every_survivor_among_some_mutants_is_explained(name: str) -> None:
    found = score(ROOT, EXERCISES[name], most=25)
    assert found.killed
    assert found.holds, str(found)


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("name", MOVED)
def test_enough_mutants_are_killed_and_every_survivor_is_explained(name: str) -> None:
    found = score(ROOT, EXERCISES[name])
    assert found.holds, str(found)


def test_every_listed_survivor_has_a_reason() -> None:
    for path in sorted((ROOT / "tests" / "survivors").glob("*.txt")):
        assert path.stem in MOVED
        listed = path.read_text("utf-8").splitlines()
        assert len(reasons(ROOT, EXERCISES[path.stem])) == len(listed)


def test_the_asterisks_of_code_fit_at_once() -> None:
    mutant = "m = '************' + a[-4:] + '****' -> m = a[-4:] + '************'"
    assert is_listed(mutant, [mutant])
    assert is_listed(mutant, ["m = '************' + * -> *"])
    assert not is_listed(mutant, [mutant + " and more"])
