"""Every exercise holds, as `labkit dev check` would find; here one test each."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from labkit.build import content
from labkit.build.content import StoredAnswer
from labkit.build.notebooks import sources
from labkit.checks import Mistake
from labkit.checks.mistakes import Mutant
from labkit.checks.proving import Judge
from labkit.checks.verdicts import PASSED
from labkit.exercises import EXERCISES

ROOT = Path(__file__).parent.parent
SOURCES = sources(ROOT)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.usefixtures("few_further_searches")
@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_holds(name: str) -> None:
    exercise = EXERCISES[name]
    assert list(content.exercise_complaints(ROOT, exercise, repeats=False)) == []


@pytest.mark.full
@pytest.mark.parametrize("name", [name for name in EXERCISES if EXERCISES[name].judge])
def test_each_mutant_gets_the_name_of_its_mistake(name: str) -> None:
    exercise = EXERCISES[name]
    assert exercise.judge is not None
    assert list(content.mutant_complaints(exercise, exercise.judge)) == []


def test_a_notebook_holds_in_a_kernel() -> None:
    """The other labs run in forks in tests/test_solutions.py."""
    (source,) = (each for each in SOURCES if each.stem == "04_signatures")
    assert list(content.notebook_complaints(ROOT, source)) == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_solved_notebook_has_passed(source: Path) -> None:
    assert list(content.solved_complaints(ROOT, source)) == []


def test_no_file_belongs_to_nothing() -> None:
    assert list(content.stray_files(ROOT)) == []


def test_the_content_check_finds_what_is_wrong(tmp_path: Path) -> None:
    def stored(expects: str, code: str) -> StoredAnswer:
        return StoredAnswer("0.1", expects, "a thought", code, tmp_path / "0.1.py", 1)

    right = "def greet(event):\n    return 'Hello, ' + event['data']['name']\n"
    wrong = "def greet(event):\n    return 'Hello, Ada'\n"
    assert stored(PASSED, right).complaint() is None
    assert stored("name-written-into-the-code", wrong).complaint() is None
    assert "must pass" in (stored(PASSED, wrong).complaint() or "")
    assert "must be 'not yet'" in (stored("off-by-one", right).complaint() or "")
    assert "must bring up 'off-by-one'" in (
        stored("off-by-one", wrong).complaint() or ""
    )


def test_an_answer_can_be_an_edit_of_another_one(tmp_path: Path) -> None:
    file = tmp_path / "0.1.py"
    file.write_text(
        "# %% passed | by name\n"
        "def greet(event):\n"
        "    name = event['data']['name']\n"
        "    return f'Hello, {name}'\n\n\n"
        "# %% name-written-into-the-code | there is one name only\n"
        "#= by name\n"
        "#-     name = event['data']['name']\n"
        "#+     name = 'Ada'\n"
    )
    right, wrong = content.answers(tmp_path)
    assert right.complaint() is None
    assert wrong.source == right.source.replace("event['data']['name']", "'Ada'")
    assert wrong.complaint() is None


def test_what_surrounds_an_exercise_is_checked_too(tmp_path: Path) -> None:
    for folder in ("solutions", "tests/survivors", "tests/wrong_answers"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "solutions" / "00_start_here.py").write_text("# ## Exercise 0.2\n")
    (tmp_path / "tests" / "survivors" / "0.1.txt").write_text("a -> b\na -> c | d\n")
    (tmp_path / "tests" / "wrong_answers" / "0.1.py").write_text(
        "# %% no-such-mistake | a thought\ndef greet(event):\n    return 'Hi'\n"
    )
    exercise = replace(EXERCISES["0.1"], judge=None)
    said = "\n".join(content.exercise_complaints(tmp_path, exercise))
    assert "no heading `## Exercise 0.1`" in said
    assert 'no cell ends with check("0.1", …)' in said
    assert "no mistake of the lab has the id 'no-such-mistake'" in said
    assert "5 different diagnoses" not in said
    assert "1 different diagnoses; 5 are wanted" in said
    listed = list(content.survivor_complaints(tmp_path, exercise))
    assert listed == ["0.1.txt:1: the survivor has no reason"]


def test_one_mutant_is_judged_for_each_mistake_that_is_not_proved() -> None:
    mistake = Mistake("other-name", "It is wrong.", "Change it.")
    wrong = [Mutant(mistake, [("Hello", text)]) for text in ("Hi", "Ho")]
    stale = Mutant(mistake, [("no such text", "")])
    exercise = EXERCISES["0.1"]
    judge = cast("Judge", SimpleNamespace(mistakes=[*wrong, stale]))

    def complaints(proved: Collection[str] | None = None) -> list[str]:
        found = content.mutant_complaints(exercise, judge, proved)
        return [each.partition(" of ")[0] for each in found]

    assert complaints() == ["0.1: mutant 0", "0.1: mutant 1", "0.1: mutant 2"]
    assert complaints(proved=()) == ["0.1: mutant 0", "0.1: mutant 2"]
    assert complaints(proved={"other-name"}) == ["0.1: mutant 2"]
