"""Every exercise holds, as `labkit dev check` would find; here one test each."""

from pathlib import Path

import pytest

from labkit.build import content
from labkit.build.content import StoredAnswer
from labkit.build.notebooks import sources
from labkit.checks.verdicts import PASSED
from labkit.exercises import EXERCISES

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_holds(name: str) -> None:
    assert list(content.exercise_complaints(ROOT, EXERCISES[name])) == []


@pytest.mark.parametrize("source", sources(ROOT), ids=lambda source: source.stem)
def test_a_notebook_holds(source: Path) -> None:
    assert list(content.notebook_complaints(ROOT, source)) == []


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
