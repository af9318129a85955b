"""Questions about the learner's own code: what is asked, and whether it is true."""

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labkit.build import content
from labkit.build.content import StoredAnswer
from labkit.checks.reference import load
from labkit.checks.verdicts import Note
from labkit.exercises import EXERCISES, check, question
from labkit.exercises import progress as standing
from labkit.exercises.own_code import ask, kinds_of, subject_of
from labkit.exercises.own_code.asked import Asked, Reply
from labkit.exercises.own_code.lines import changed, changes, own_source
from labkit.exercises.own_code.subject import Subject
from labkit.learner import progress
from tests.own_code_process import DIED, MARK, written

ROOT = Path(__file__).parent.parent
LABS = ("2", "4", "6", "7", "8", "11", "12")
ASKED_ABOUT = [each for each in EXERCISES if each.partition(".")[0] in LABS]
SOLUTIONS = 50
FEW = {"secrets.compare_digest, one expression": 1, "a set that is worked out once": 0}
"""Solutions about which there is little to ask: one expression, a method of a set."""
RealProcess = Callable[[dict[str, Any]], str]
IN_SHORT = ("2.2", "4.1", "8.2", "11.1")


def stored(exercise: str) -> list[StoredAnswer]:
    path = ROOT / "tests" / "right_answers" / f"{exercise}.py"
    return list(content._cells(path))


def chosen() -> list[StoredAnswer]:
    """Return 50 stored correct solutions, all exercises in turn."""
    shelves = [stored(exercise) for exercise in ASKED_ABOUT]
    turns = [shelf[n] for n in range(9) for shelf in shelves if n < len(shelf)]
    return turns[:SOLUTIONS]


CHOSEN = chosen()
FAST = [each for each in CHOSEN if each.exercise == "7.1"][:1]


def questions_about(answer: StoredAnswer) -> Iterator[tuple[Subject, Asked]]:
    exercise = EXERCISES[answer.exercise]
    subject = subject_of(exercise, answer.load(exercise))
    if subject is None:
        return
    for kind in kinds_of(exercise):
        found = kind(subject, random.Random(answer.thought))
        if found is not None:
            yield subject, found


def order_about(
    subject: Subject, asked: Asked, answer: StoredAnswer, folder: Path
) -> dict[str, Any]:
    """Return what a process must know to answer; its files go into the folder."""
    folder.mkdir()
    facts = {name: written(value) for name, value in asked.facts.items()}
    source = facts.pop("text", answer.source)
    if "situation" in facts:
        facts["situation"] = subject.situations.index(asked.facts["situation"])
    file = folder / "solution.py"
    file.write_text(source)
    directory = folder / "world"
    directory.mkdir()
    return {
        "exercise": answer.exercise,
        "source": str(file),
        "kind": asked.kind,
        "facts": facts,
        "directory": str(directory),
    }


@pytest.fixture(scope="module")
def real_process() -> Iterator[RealProcess]:
    """Give each order to a process of its own; return what that answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.own_code_process"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    orders, lines = process.stdin, process.stdout

    def answered(order: dict[str, Any]) -> str:
        orders.write(json.dumps(order) + "\n")
        orders.flush()
        for line in lines:  # a solution may print lines of its own
            _, mark, said = line.rstrip("\n").partition(MARK)
            if mark:
                return said
        raise AssertionError("it ended without an answer")

    yield answered
    orders.close()
    assert process.wait(60) == 0
    lines.close()


def agrees(asked: Asked, said: str) -> bool:
    if asked.kind != "lines-run":
        return said == asked.truth
    ran = asked.facts["line"] in json.loads(said)
    return bool(ran == asked.facts["runs"])


def each_agrees(
    answer: StoredAnswer, folder: Path, real_process: RealProcess, *, most: int = 9
) -> int:
    count = 0
    for subject, asked in list(questions_about(answer))[:most]:
        order = order_about(subject, asked, answer, folder / str(count))
        if asked.kind == "crash":
            assert real_process({**order, "life": 1}) == f"exit status {DIED}"
        said = real_process({**order, "life": 2})
        assert agrees(asked, said), f"{asked}\nreal process: {said}"
        count += 1
    return count


@pytest.mark.parametrize("answer", FAST, ids=lambda each: each.exercise)
def test_the_true_answer_agrees_with_a_real_process(
    answer: StoredAnswer, tmp_path: Path, real_process: RealProcess
) -> None:
    assert each_agrees(answer, tmp_path, real_process, most=1) == 1


@pytest.mark.full
@pytest.mark.parametrize(
    "answer", CHOSEN, ids=lambda each: f"{each.exercise} {each.thought}"
)
def test_the_true_answers_about_50_solutions_agree_with_a_real_process(
    answer: StoredAnswer, tmp_path: Path, real_process: RealProcess
) -> None:
    assert len(CHOSEN) == SOLUTIONS
    found = each_agrees(answer, tmp_path, real_process)
    assert found >= FEW.get(answer.thought, 2)


@pytest.mark.parametrize(
    "exercise",
    [
        each if each in IN_SHORT else pytest.param(each, marks=pytest.mark.full)
        for each in ASKED_ABOUT
    ],
)
def test_every_exercise_has_three_kinds_of_questions(exercise: str) -> None:
    kinds: set[str] = set()
    for answer in stored(exercise)[:3]:
        for _, asked in questions_about(answer):
            kinds.add(asked.kind)
            assert len(set(asked.choices.values())) == 3
            assert asked.truth
            assert asked.explanation
        if len(kinds) >= 3:
            return
    pytest.fail(f"only {sorted(kinds)}")


SHIPS_TWICE_AFTER_A_CRASH = """
from flask import Flask, request

def make_app(ship):
    app = Flask("shop")
    shipped = set()

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        if event["id"] not in shipped:
            ship(event["data"]["order_id"])
            shipped.add(event["id"])
        return "", 204

    return app
"""


def solution() -> Any:
    return load(SHIPS_TWICE_AFTER_A_CRASH, "make_app", label="own code")


def test_a_crash_is_asked_about_with_the_picture_of_that_run() -> None:
    exercise, make_app = EXERCISES["7.1"], solution()
    found = [ask(exercise, make_app, 5 * number) for number in range(4)]
    by_line = {each.facts["line"]: each for each in found if each is not None}
    after = {line for line, each in by_line.items() if each.truth == "2"}
    assert after
    assert after <= {13, 14}
    assert {line for line, each in by_line.items() if each.truth == "1"} <= {10, 12}
    for each in by_line.values():
        assert each.picture is not None
        assert f"parcels: {each.truth}" in each.picture.text
        assert "harm" not in each.picture.text
        assert "harm" not in each.picture.svg.partition("</style>")[2]


def test_the_same_question_is_asked_until_it_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABKIT_PROGRESS", str(tmp_path / "progress.sqlite"))
    assert "once 7.1 has passed" in str(question("7.1"))
    assert isinstance(question("7.1"), Note)
    assert check("7.1", solution()).outcome == "passed"
    first = question("7.1")
    assert isinstance(first, Reply)
    assert first.asked is question("7.1").asked  # type: ignore[union-attr]
    wrong = next(each for each in "abc" if each != first.asked.right)
    answered = question("7.1", wrong)
    assert f"the answer is {first.asked.right}" in repr(answered)
    second = question("7.1")
    assert isinstance(second, Reply)
    assert second.asked.kind != first.asked.kind
    assert "Yes." in repr(question("7.1", second.asked.right))
    assert progress.read()["7.1"]["questions"] == {"asked": 2, "right": 1}
    assert progress.read()["7.1"]["outcome"] == "passed"
    assert "1 of 2 questions about your own code right" in str(standing())


def test_the_page_form_shows_the_choices_and_escapes_the_code() -> None:
    text = "is `a < b`?"
    asked = Asked("x", "7.1", text, {"a": "<1>", "b": "2"}, "a", "because")
    assert 'nowrap">a &lt; b</code>?' in Reply(asked)._repr_html_()
    assert "&lt;1&gt;" in Reply(asked)._repr_html_()
    assert "because" not in Reply(asked)._repr_html_()
    assert "Yes. because" in Reply(asked, "A ")._repr_html_()


def test_a_line_is_deleted_without_running_the_checks_of_the_cell() -> None:
    text = "def double(n):\n    n = n * 2\n    return n\n\nran = []\nran.append(1)\n"
    double = load(text, "double", label="a cell")
    own = own_source(double)
    assert own is not None
    first, second = own.statements()
    assert changed(double, own.without(first))(4) == 4
    assert changed(double, own.without(second))(4) is None
    assert double.__globals__["ran"] == [1]
    reads = {each.reads for each in changes(own)}
    assert "n = n * 3" in reads


def test_a_table_of_functions_is_made_again_for_the_changed_code() -> None:
    text = (
        "from labkit.model import Event\n"
        "def one():\n    return 1\n"
        "TABLE = {'one': lambda: one() and Event}\n"
        "def all_of():\n    return TABLE['one']()\n"
    )
    all_of = load(text, "all_of", label="a table")
    own = own_source(all_of)
    assert own is not None
    assert all_of() is not None
    assert changed(all_of, own.without(own.statements()[0]))() is None


def test_a_solution_without_source_has_no_questions() -> None:
    assert ask(EXERCISES["4.1"], len, 0) is None
