"""Whatever an answer does, a verdict comes back, and the kit stands."""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from flask import Flask

from labkit.checks import Exercise, Mistake, Question, judge_solution
from labkit.checks.contract import numbered
from labkit.checks.judging import SECONDS, once_in_check
from labkit.checks.verdicts import (
    KIT_FAILED,
    NOT_ATTEMPTED,
    NOT_YET,
    PASSED,
    Failure,
    Verdict,
)
from labkit.errors import UnknownName
from labkit.exercises import EXERCISES, check, hint, predict, resume, solution
from labkit.learner import progress
from labkit.running.sandbox import run_bounded
from labkit.transport import IN_BROWSER
from tests.threads import left_since

pytestmark = pytest.mark.pure

threads = pytest.mark.skipif(IN_BROWSER, reason="a browser's Python has no threads")

OFF_BY_ONE = Mistake("off-by-one", "It is one more.", "Subtract one.")
ASK = Question(sent="20", expected="21", why="One follows.", try_next="Add one.")


def adds_one(answer: Callable[[int], object]) -> None:
    """Twenty becomes twenty-one."""
    got = ASK.call(answer, 20)
    ASK.expect(got, 21, OFF_BY_ONE if got == 22 else None)


def counts_on(answer: Callable[[int], object]) -> None:
    """It goes on so."""
    assert ASK.call(answer, 30) == 31


EXERCISE = Exercise("9.9", "99_test", "answer(n) -> int", (adds_one, counts_on), ("a",))


@pytest.fixture(autouse=True)
def _own_progress(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABKIT_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(progress, "_memory", {})


def test_a_right_answer_passes_and_the_verdict_says_what_was_proven() -> None:
    verdict = judge_solution(EXERCISE, lambda n: n + 1)
    assert verdict.outcome == PASSED
    assert str(verdict).splitlines() == [
        "✓ 9.9 passed · all 2 cases",
        "  ✓ Twenty becomes twenty-one.",
        "  ✓ It goes on so.",
    ]


def test_a_wrong_answer_gets_the_five_fields_and_the_mistake() -> None:
    verdict = judge_solution(EXERCISE, lambda n: n + 2)
    assert (verdict.outcome, verdict.mistake) == (NOT_YET, "off-by-one")
    assert str(verdict).splitlines() == [
        "✗ 9.9 not yet · 0 of 2 cases passed",
        "  ✗ Twenty becomes twenty-one.",
        "  sent      20",
        "  answered  22",
        "  expected  21",
        "  why       It is one more.",
        "  try       Subtract one.",
    ]


def test_the_html_form_holds_the_same_facts_escaped() -> None:
    verdict = judge_solution(EXERCISE, lambda _n: "<script>alert(1)</script>")
    page = verdict._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    for label, _ in verdict.failure.rows() if verdict.failure else ():
        assert f">{label}</th>" in page


def test_code_between_backticks_is_code_on_the_page() -> None:
    failure = Failure("`1`", "", "", "`n` is one.", "Return `n`.")
    page = Verdict("9.9", NOT_YET, failure=failure, note="It is `n`.")._repr_html_()
    assert page.count("<code>n</code>") == 3
    assert "`1`" in page  # what was sent stays as it was


def test_a_stub_is_not_attempted() -> None:
    def answer(_n: int) -> int:
        raise NotImplementedError

    assert judge_solution(EXERCISE, answer).outcome == NOT_ATTEMPTED
    assert judge_solution(EXERCISE, None).outcome == NOT_ATTEMPTED


def test_a_value_in_place_of_the_function_is_said() -> None:
    verdict = judge_solution(EXERCISE, 21)
    assert verdict.mistake == "called-too-early"
    assert 'check("9.9", answer)' in str(verdict)


def test_an_exception_is_shown_with_the_learners_own_lines() -> None:
    def answer(n: int) -> int:
        return n // 0

    text = str(judge_solution(EXERCISE, answer))
    assert "ZeroDivisionError" in text
    assert "return n // 0" in text
    assert "labkit" not in text


@pytest.mark.parametrize(
    "harm",
    [SystemExit, KeyboardInterrupt, GeneratorExit, type("Odd", (BaseException,), {})],
)
def test_exceptions_outside_of_exception_end_nothing(
    harm: type[BaseException],
) -> None:
    def answer(_n: int) -> int:
        raise harm

    assert judge_solution(EXERCISE, answer).outcome == NOT_YET


def test_exit_ends_nothing() -> None:
    assert judge_solution(EXERCISE, lambda _n: exit()).outcome == NOT_YET


def test_an_endless_loop_is_stopped_and_its_line_shown() -> None:
    def answer(n: int) -> int:
        while True:
            n += 1

    threads = threading.enumerate()
    verdict = judge_solution(EXERCISE, answer, seconds=0.3)
    assert verdict.mistake == "still-running"
    assert f"still running after {SECONDS:.0f} s" in str(verdict)
    assert "n += 1" in str(verdict) or "while True" in str(verdict)
    assert left_since(threads) == []


def test_a_search_without_an_end_fails_only_where_it_must_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(n: int) -> int:
        while n > 25:
            n += 1
        return n + 1

    monkeypatch.setattr("labkit.checks.judging.SEARCHING", 0.2)
    searching = replace(EXERCISE, cases=(adds_one,), searches=(counts_on,))
    verdict = judge_solution(searching, answer)
    assert (verdict.outcome, verdict.untried) == (PASSED, ("It goes on so.",))
    verdict = judge_solution(replace(searching, patience=0.2), answer)
    assert (verdict.outcome, verdict.mistake) == (NOT_YET, "still-running")


def test_the_cases_of_a_patient_exercise_may_take_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(n: int) -> int:
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
        return n + 1

    monkeypatch.setattr("labkit.checks.judging.SECONDS", 0.05)
    exercise = replace(EXERCISE, cases=(adds_one,))
    assert judge_solution(exercise, answer).mistake == "still-running"
    monkeypatch.setattr("labkit.checks.judging.PATIENT", 500)
    assert judge_solution(replace(exercise, patience=9.0), answer).outcome == PASSED


@threads
def test_a_loop_that_catches_everything_is_answered_too() -> None:
    def answer(_n: int) -> int:
        end = time.monotonic() + 5  # nothing but its own end stops it
        while time.monotonic() < end:
            with contextlib.suppress(BaseException):
                time.sleep(0.001)
        return 0

    assert judge_solution(EXERCISE, answer, seconds=0.2).mistake == "still-running"


@threads
def test_a_long_sleep_is_left_to_itself() -> None:
    verdict = judge_solution(EXERCISE, lambda _n: time.sleep(1.2), seconds=0.2)
    assert verdict.mistake == "still-running"


def test_prints_stand_under_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(n: int) -> int:
        print("thinking of", n)
        return n + 1

    verdict = judge_solution(EXERCISE, answer)
    assert "  | thinking of 20" in str(verdict)
    assert "thinking of 20" in verdict._repr_html_()
    assert capsys.readouterr().out == ""


def test_a_repr_that_raises_is_shown_all_the_same() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise ValueError

    verdict = judge_solution(EXERCISE, lambda _n: Odd())
    assert "Odd whose repr raises ValueError" in str(verdict)


def test_a_coroutine_is_recognised() -> None:
    async def answer(n: int) -> int:
        return n + 1

    assert judge_solution(EXERCISE, answer).mistake == "async-function"


def test_a_fault_of_the_kit_is_called_one() -> None:
    def case(_answer: object) -> None:
        """It never gets that far."""
        raise LookupError("a bug of ours")

    case.__code__ = case.__code__.replace(
        co_filename=judge_solution.__code__.co_filename
    )
    broken = Exercise("9.9", "99_test", "answer(n)", (case,), ("a", "b"))
    verdict = judge_solution(broken, lambda n: n)
    assert verdict.outcome == KIT_FAILED
    assert "a bug of ours" in verdict.note


def test_what_is_made_of_an_answer_is_made_once_in_a_check() -> None:
    made: list[object] = []

    def look(answer: Any) -> None:
        """It is looked at."""
        for thing in (answer, answer, made):
            once_in_check(thing, partial(made.append, thing))

    def answer(n: int) -> int:
        return n

    looks = Exercise("9.9", "99_test", "answer(n)", (look,), ("a", "b"), (look,))
    assert judge_solution(looks, answer).outcome == PASSED
    assert made == [answer, made]
    assert judge_solution(looks, answer).outcome == PASSED
    look(answer)
    assert made == [answer, made, answer, made, answer, answer, made]


def test_the_same_answer_gets_the_same_verdict() -> None:
    assert len({str(judge_solution(EXERCISE, lambda n: n + 2)) for _ in range(20)}) == 1


def test_check_notes_progress_and_hints_count_up() -> None:
    assert check("0.1", lambda _event: "Hello, Ada").outcome == NOT_YET
    assert check("0.1", lambda e: f"Hello, {e['data']['name']}").outcome == PASSED
    assert progress.read()["0.1"]["outcome"] == PASSED
    assert progress.read()["0.1"]["tries"] == 2
    assert progress.read()["0.1"]["mistakes"] == {"name-written-into-the-code": 1}
    assert [str(hint("0.1"))[:11] for _ in range(4)] == [
        "hint 1 of 3",
        "hint 2 of 3",
        "hint 3 of 3",
        "hint 3 of 3",
    ]


def test_a_page_shows_code_in_a_prediction_as_code() -> None:
    taken = predict("13-changed-on-the-way", "c")
    assert "<code>resend_all</code>" in taken._repr_html_()
    assert "`resend_all`" in repr(taken)


def test_an_id_that_is_a_number_is_noted_as_text() -> None:
    hint(0.1)  # type: ignore[arg-type]  # as a learner may write it
    assert progress.read()["0.1"]["hints"] == 1
    assert "Nothing is stored" in str(resume())


def test_an_unknown_exercise_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"Did you mean"):
        check("0.11", None)


def test_a_solution_says_where_it_is() -> None:
    assert "solutions/00_start_here.ipynb" in str(solution("0.1"))


def test_a_prediction_explains_every_choice() -> None:
    texts = {str(predict("00-lost-response", letter)) for letter in "abc?"}
    assert len(texts) == 4
    assert "Yes." in str(predict("00-lost-response", "b"))
    assert "Not quite." in str(predict("00-lost-response", "a"))


@pytest.mark.skipif(IN_BROWSER, reason="a browser's files have no permissions")
def test_where_nothing_can_be_written_progress_is_kept_in_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where a folder would have to be")
    monkeypatch.setenv("LABKIT_PROGRESS", str(blocked / "progress.json"))
    verdict = check("0.1", None)
    assert "kept for this session only" in str(
        check("0.1", lambda _e: "Hello, Ada").note
    )
    assert verdict.outcome == NOT_ATTEMPTED
    assert progress.read()["0.1"]["tries"] == 2


@pytest.mark.parametrize("text", [" 1: one 2: two\n 3: three", "1: a\n3: b", "0: a"])
def test_hints_with_other_numbers_are_not_accepted(text: str) -> None:
    with pytest.raises(ValueError, match="numbers 1, 2, 3"):
        numbered(text)


def test_every_exercise_has_hints_and_cases_with_names() -> None:
    for exercise in EXERCISES.values():
        assert 2 <= len(exercise.hints) <= 4
        assert all((case.__doc__ or "").strip() for case in exercise.cases)


def test_an_app_in_place_of_make_app_is_said() -> None:
    make_app = Exercise("9.8", "99_test", "make_app()", (counts_on,), ("a", "b"))
    verdict = judge_solution(make_app, Flask("shop"))
    assert verdict.mistake == "called-too-early"
    assert 'check("9.8", make_app)' in str(verdict)


@threads
def test_a_machine_that_is_busy_with_others_fails_no_right_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fast() -> float:
        """Go four times too fast, as seen by one who waits for a processor."""
        return 4 * time.perf_counter()

    monkeypatch.setattr("labkit.running.sandbox.monotonic", fast)
    assert not run_bounded(lambda: time.sleep(0.4), seconds=1.0).timed_out


@threads
def test_one_who_sleeps_and_one_who_computes_are_both_found_out() -> None:
    def compute() -> None:
        while True:
            pass

    over = threading.Event()
    for stuck in (compute, over.wait):
        assert run_bounded(stuck, seconds=0.2).timed_out
    over.set()


def test_a_check_of_an_app_compiles_each_route_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from werkzeug.routing import Rule

    compiled: list[str] = []
    real = Rule._compile_builder

    def counting(rule: Rule, append_unknown: bool = True) -> Any:
        compiled.append(rule.rule)
        return real(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", counting)

    def make_app() -> Any:
        app = Flask("shop")
        app.post("/webhooks/payment-success")(lambda: ("", 200))
        return app

    # A busy browser needs more than the time that a learner waits.
    verdict = judge_solution(EXERCISES["2.1"], make_app, seconds=60)
    assert verdict.outcome == "passed"
    assert Rule._compile_builder is counting
    assert compiled.count("/webhooks/payment-success") == 2
