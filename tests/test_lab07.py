"""Lab 07: what its checks stand on, and its catalogue under the whole explorer.

    LAB07_RUNS=50 pytest tests/test_lab07.py

explores every answer fifty times. Here it is once for the right answers, and not for
all ways in which two requests can meet, and twice for those wrong ones that only the
explorer finds: for one of each exercise in `make test`, for all in `make test-all`.
"""

import datetime as dt
import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request

from labkit.build import content
from labkit.build.content import StoredAnswer
from labkit.checks import (
    Exercise,
    Mistake,
    NotTried,
    Question,
    judge_solution,
    judging,
    seconds_left,
)
from labkit.checks.steps import App
from labkit.checks.verdicts import NOT_YET, PASSED, Picture, Verdict
from labkit.drawing.embedding import inlined
from labkit.errors import LabError
from labkit.exercises import EXERCISES
from labkit.exercises.lab07_idempotency import (
    exploring,
    mistakes,
    remote,
    row,
    together,
)
from labkit.exercises.lab07_idempotency.clock import later
from labkit.exercises.lab07_idempotency.exploring import Explored, quickly
from labkit.exercises.lab07_idempotency.harm import each_once, none_undone
from labkit.exercises.lab07_idempotency.search import DELIVERY
from labkit.explore import Report, crashes, interleavings
from tests.repeated import first_of

ROOT = Path(__file__).parent.parent
RUNS = int(os.environ.get("LAB07_RUNS", "0"))
LAB = ("7.1", "7.2", "7.3", "7.4")
SEARCHED = LAB[1:]
FORGETS = "memory-shorter-than-the-retries"
WANTED = {
    "check-then-act",
    "claimed-before-success",
    "commit-between-claim-and-effect",
    "memory-in-the-process",
    "key-from-an-unsigned-header",
    "key-changes-with-the-attempt",
    "lock-per-process",
    "duplicate-answered-with-an-error",
    "remembers-and-never-asks",
    "acknowledges-a-failure",
    "memory-shorter-than-the-retries",
    "effect-committed-before-its-claim",
}

Search = Callable[[], Report]
EXPLORED: dict[str, Explored] = {
    "7.2": together.EXPLORED,
    "7.3": row.EXPLORED,
    "7.4": remote.EXPLORED,
}


def searches_of(exercise: str, make_app: Any) -> list[Search]:
    """Return all searches, with two preemptions or two crashes."""
    explored = EXPLORED[exercise]
    once = each_once(explored.parcels, explored.verb)
    undone = none_undone(explored.parcels, explored.verb)
    boot, fails = explored.boot(make_app, None), explored.boot(make_app, quickly)

    def at_once(boot: Any, judge: Any, retries: int, processes: int) -> Search:
        return lambda: interleavings(
            boot,
            [DELIVERY, DELIVERY],
            judge,
            preemptions=2,
            retries=retries,
            processes=processes,
        )

    together_ = [at_once(boot, once, 1, 2), at_once(fails, undone, 0, 1)]
    if exercise == "7.2":
        return [*together_, at_once(boot, once, 1, 1), at_once(fails, undone, 0, 2)]
    dying = (explored.dying_boot or explored.boot)(make_app, None)
    return [lambda: crashes(dying, [DELIVERY], once), *together_]


def stored(kind: str, exercise: str) -> list[StoredAnswer]:
    return list(content._cells(ROOT / "tests" / f"{kind}_answers" / f"{exercise}.py"))


def named(answer: StoredAnswer) -> str:
    return f"{answer.exercise}: {answer.thought}"


RIGHT = [answer for exercise in SEARCHED for answer in stored("right", exercise)]
WRONG = [answer for exercise in LAB for answer in stored("wrong", exercise)]
FOUND_BY_SEARCH = (
    "check-then-act",
    "lock-per-process",
    "acknowledges-what-another-has-yet-to-do",
    "commit-between-claim-and-effect",
    "effect-committed-before-its-claim",
    "claim-outlives-its-worker",
    "does-not-start-again",
    "key-not-kept-before-the-call",
    "two-workers-two-keys",
    "waits-for-ever",
    "connection-of-another-thread",
)
REPEATED = [
    parameter
    for exercise in SEARCHED
    for parameter in first_of(
        each
        for each in WRONG
        if each.exercise == exercise and each.expects in FOUND_BY_SEARCH
    )
]


@pytest.mark.parametrize("answer", first_of(RIGHT, 4), ids=named)
def test_a_right_answer_holds_under_two_preemptions_and_two_deaths(
    answer: StoredAnswer,
) -> None:
    make_app = answer.load(EXERCISES[answer.exercise])
    searches = searches_of(answer.exercise, make_app)
    for _ in range(RUNS or 1):
        for search in searches if RUNS else searches[:1]:
            report = search()
            assert report.holds, report
            assert report.complete
            assert report.bound == 2


TOO_MANY = "an outbox that is emptied before the answer"
"""An answer that has more than 30,000 interleavings, which take over 200 s."""


@pytest.mark.nightly
@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("answer", RIGHT, ids=named)
def test_a_right_answer_holds_with_any_number_of_preemptions(
    answer: StoredAnswer, processes: int
) -> None:
    make_app = answer.load(EXERCISES[answer.exercise])
    explored = EXPLORED[answer.exercise]
    once = each_once(explored.parcels, explored.verb)
    boot = explored.boot(make_app, None)
    report = interleavings(boot, [DELIVERY] * 2, once, processes=processes)
    assert report.holds, report
    if answer.thought == TOO_MANY:
        assert "up to 2 preemptions" in str(report)
    else:
        assert report.unbounded


@pytest.mark.parametrize("answer", WRONG if RUNS else REPEATED, ids=named)
def test_a_wrong_answer_is_found_each_time_with_the_same_verdict(
    answer: StoredAnswer,
) -> None:
    told = set()
    for _ in range(RUNS or 2):
        verdict = answer.judge()
        assert (verdict.outcome, verdict.mistake) == (NOT_YET, answer.expects)
        told.add(str(verdict))
    # Keys that are random are random in the picture, too.
    assert len(told) == 1 or "uuid" in answer.code


def test_the_mistakes_that_the_issue_lists_are_all_told_apart() -> None:
    assert {answer.expects for answer in WRONG} >= WANTED


@pytest.mark.parametrize("exercise", first_of(SEARCHED))
def test_a_passed_verdict_says_how_far_it_looked_in_the_same_words(
    exercise: str,
) -> None:
    answer = stored("right", exercise)[0]
    first, second = answer.judge(), answer.judge()
    assert first.outcome == PASSED
    assert "interleavings with up to one preemption" in first.note
    assert "as many as the time allows" in first.note
    assert str(first) == str(second)


def test_a_failed_search_shows_the_schedule_as_text_and_as_a_picture() -> None:
    answer = next(a for a in stored("wrong", "7.2") if a.expects == "lock-per-process")
    verdict = answer.judge()
    assert verdict.failure is not None
    assert verdict.failure.picture is not None
    assert "A is paused, B continues" in str(verdict)
    assert "ship(event" in str(verdict)
    shown = inlined(verdict._repr_html_())
    assert "<svg" in shown
    assert "A is paused, B continues" in shown.partition("The same as text")[2]


def test_where_there_are_no_threads_the_check_says_so_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: object, **__: object) -> Report:
        raise LabError("a browser's Python has no threads")

    monkeypatch.setattr(
        "labkit.exercises.lab07_idempotency.search.interleavings", refused
    )
    verdict = stored("right", "7.3")[0].judge()
    assert verdict.outcome == PASSED
    assert len(verdict.untried) == 5
    assert "not tried: Several threads handle requests" in str(verdict)
    assert "has no threads" in verdict.note
    assert "10 of 15 cases" in verdict.headline


def make_app_with_a_pool(db_path: str, ship: Callable[[str], None]) -> Flask:
    app, pool = Flask("shop"), ThreadPoolExecutor(1)

    def work(event: Any) -> None:
        with closing(sqlite3.connect(db_path)) as database, database:
            database.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY)")
            insert = "INSERT OR IGNORE INTO seen VALUES (?)"
            if database.execute(insert, (event["id"],)).rowcount:
                ship(event["data"]["order_id"])

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        pool.submit(work, request.get_json()).result()
        return "", 200

    return app


def test_threads_of_the_learners_own_are_not_searched_and_the_check_says_so() -> None:
    verdict = judge_solution(EXERCISES["7.2"], make_app_with_a_pool)
    assert verdict.outcome == PASSED
    assert len(verdict.untried) == 5
    assert "starts threads of its own" in verdict.note


def test_later_shifts_the_clocks_of_one_thread_and_puts_them_back() -> None:
    def now() -> tuple[float, float]:
        return time.time(), dt.datetime.now(dt.UTC).timestamp()

    elsewhere: list[tuple[float, float]] = []
    before = now()
    with later(now, 3_600):
        inside = now()
        thread = threading.Thread(target=lambda: elsewhere.append(now()))
        thread.start()
        thread.join()
        assert isinstance(dt.datetime.now(), dt.datetime)  # noqa: DTZ005 - as learners write
    for early, late, other in zip(before, inside, elsewhere[0], strict=True):
        assert 3_600 <= late - early < 3_660
        assert other - early < 60
    assert now()[0] - before[0] < 60


def exercise_of(*cases: Any, searches: Any = ()) -> Exercise:
    return Exercise("0.0", "lab", "answer()", cases, ("a", "b"), searches)


def test_a_case_may_say_how_far_it_looked_and_what_it_could_not_try() -> None:
    def looks(_answer: object) -> str:
        """It looks."""
        return "All of 3."

    def gives_up(_answer: object) -> str:
        """It gives up."""
        raise NotTried("No threads here.")

    verdict = judge_solution(exercise_of(looks, searches=(gives_up, looks)), print)
    assert verdict.outcome == PASSED
    assert verdict.passed == ("It looks.", "It looks.")
    assert verdict.untried == ("It gives up.",)
    assert verdict.note == "All of 3. No threads here."
    assert "○ not tried: It gives up." in str(verdict)
    assert "not tried: It gives up." in verdict._repr_html_()


def test_a_search_may_take_longer_than_a_case_and_is_given_up_without_blame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def quick(_answer: object) -> None:
        """It is quick."""

    def slow(_answer: object) -> None:
        """It is slow."""
        assert seconds_left() < 0.2
        while True:
            time.sleep(0.01)

    monkeypatch.setattr("labkit.checks.judging.SEARCHING", 0.5)
    verdict = judge_solution(
        exercise_of(quick, searches=(slow, quick)), print, seconds=0.2
    )
    assert verdict.outcome == PASSED
    assert verdict.untried == ("It is slow.", "It is quick.")
    assert "too busy" in verdict.note
    stuck = judge_solution(exercise_of(slow), print, seconds=0.2)
    assert stuck.mistake == "still-running"


def test_a_busy_machine_gets_more_time_for_the_second_preemption(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[float] = []
    monkeypatch.setitem(
        vars(exploring)["_FURTHER"],
        "threads",
        lambda *args: given.append(args[-1]),
    )
    case = together.EXPLORED.further("It goes on.", "threads")
    monkeypatch.setattr(exploring, "work_left", lambda: 1.5)  # 0.3 s were used
    for passed in (0.3, 0.9, 60):
        left = judging.SECONDS - passed
        monkeypatch.setattr(exploring, "seconds_left", lambda left=left: left)
        case(print)
    assert [round(each, 3) for each in given] == [1.0, 3.0, 4.0]


def test_a_search_that_fails_is_a_failure_like_any_other() -> None:
    def quick(_answer: object) -> None:
        """It is quick."""

    def finds(_answer: object) -> None:
        """It finds something."""
        ask = Question("x", "y", "why", "try")
        ask.fail("z", Mistake("found", "w", "t"), picture=Picture("text", "<svg/>"))

    verdict: Verdict = judge_solution(
        exercise_of(quick, searches=(finds, quick)), print
    )
    assert (verdict.outcome, verdict.mistake) == (NOT_YET, "found")
    assert verdict.failing == "It finds something."
    assert "1 of 3 cases" in verdict.headline
    assert str(verdict).count("text") == 1


def test_a_name_needs_no_second_look_at_what_the_check_has_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exercise, tried = EXERCISES["7.1"], Counter[str]()
    observe = App.observe

    def counting(observer: App, solution: Any, fields: Any) -> Any:
        if solution is wrong:
            tried[repr((fields["kind"], list(map(str, fields["steps"]))))] += 1
        return observe(observer, solution, fields)

    answer = next(a for a in stored("wrong", "7.1") if a.expects == FORGETS)
    wrong = answer.load(exercise)
    monkeypatch.setattr(App, "observe", counting)
    verdict = judge_solution(exercise, wrong)
    assert verdict.mistake == FORGETS
    # The failing one is shown, and looked at once more to see whether it is chance.
    assert sorted(tried.values())[-2:] == [1, 3]


def test_mistakes_have_one_text_for_one_id() -> None:
    found: dict[str, set[str]] = {}
    for module in (mistakes, together, row, remote):
        for value in vars(module).values():
            if isinstance(value, Mistake):
                assert value.why.endswith(".")
                assert value.try_next
                found.setdefault(value.id, set()).add(value.why)
    assert "check-then-act" in found
