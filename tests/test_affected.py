"""`make quick` finds the tests that a change affects, the nearest first."""

import pytest

from tests import affected


def near(path: str) -> list[str]:
    """Return the affected test files, nearest first."""
    found = affected.distances([path])
    return sorted(found, key=lambda test: (found[test], test))


@pytest.mark.parametrize(
    ("changed", "test"),
    [
        ("labkit/tunnel.py", "tests/test_tunnel.py"),
        ("labkit/explore/pace.py", "tests/test_explore.py"),
        ("labkit/inspector/page.js", "tests/test_inspector.py"),
        ("tests/test_tunnel.py", "tests/test_tunnel.py"),
        ("tests/wrong_answers/4.2.py", "tests/test_content.py"),
        ("solutions/04_signatures.py", "tests/test_solutions.py"),
        ("README.md", "tests/test_layout.py"),
        ("binder/site/build.py", "tests/test_site.py"),
    ],
)
def test_a_change_affects_the_test_that_is_about_it(changed: str, test: str) -> None:
    assert test in near(changed)


def test_the_nearest_tests_come_first() -> None:
    found = affected.distances(["labkit/tunnel.py"])
    assert min(found, key=lambda test: found[test]) == "tests/test_tunnel.py"


def test_a_change_leaves_out_what_does_not_import_it() -> None:
    assert "tests/test_signing.py" not in near("labkit/tunnel.py")
    assert near("nobody_names" + "_it.txt") == []


def test_a_change_of_a_lab_asks_for_its_own_exercises_first() -> None:
    wanted = ["[4.", "04_"]
    assert affected.labs(["tests/wrong_answers/4.2.py"]) == wanted
    assert affected.labs(["labkit/exercises/lab04_signatures/cases.py"]) == wanted
    assert affected.labs(["solutions/04_signatures.py", "README.md"]) == wanted


def test_a_busy_machine_runs_the_nearest_tests_too() -> None:
    assert affected.last_start(began=100, collected=110) == 100 + affected.BUDGET
    assert affected.last_start(began=100, collected=300) == 300 + affected.LEAST
