"""Verifiers that differ from the reference in one place are rejected."""

from typing import Any

import pytest

from labkit.checks import judge_solution
from labkit.checks.reference import edited, load, reference_text
from labkit.checks.verdicts import NOT_YET
from labkit.exercises import EXERCISES
from labkit.exercises.verifiers import AT_ONCE, CHANGED, CONSTANT, EARLY

pytestmark = pytest.mark.pure

DIGITS_51 = "timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12"
DIGITS_54 = "time.isascii() and time.isdigit() and len(time) <= 12"
ANY_51 = "any(hmac.compare_digest(part, expected) for part in parts)"
EACH_52 = "any(verify(secret, headers, body, now, 300) for secret in secrets)"
OLD = 'headers.get("X-Hub-Signature") is None and '
LAST_44 = 'verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))'


def _changed(exercise: str, old: str, new: str) -> Any:
    text = edited(reference_text(exercise), [(old, new)])
    return load(text, EXERCISES[exercise].answer, label="a changed reference")


@pytest.mark.parametrize(
    ("exercise", "old", "new"),
    [
        ("4.2", "if not secret or", "if not secret or not body or"),
        ("4.2", "if not secret or", "if not secret or len(body) > 65536 or"),
        ("4.4", LAST_44, OLD + LAST_44),
        ("5.1", DIGITS_51, 'timestamp.lstrip("+").isdecimal()'),
        ("5.1", DIGITS_51, 'timestamp.replace("_", "").isdecimal()'),
        ("5.1", "abs(now -", "abs(int(now) -"),
        ("5.1", "<= tolerance", "<= (tolerance or 300)"),
        ("5.1", ANY_51, ANY_51.replace("in parts", "in parts[:2]")),
        ("5.1", '"webhook-id")', '"webhook-id", "").lower()'),
        ("5.2", EACH_52, EACH_52.replace("any", "1 == sum")),
        ("5.2", EACH_52, EACH_52.replace("300", "3600")),
        ("5.4", DIGITS_54, 'time.lstrip("+").isdecimal()'),
        ("5.4", "abs(now -", "abs(int(now) -"),
        ("5.4", "<= tolerance", "<= (tolerance or 300)"),
        ("5.4", 'name == "t"', 'name.startswith("t")'),
        ("5.4", 'name == "v1"', 'name.startswith("v1")'),
        ("5.4", "hexdigest()", "hexdigest().upper()"),
    ],
)
def test_a_gap_is_closed_and_no_name_is_given(
    exercise: str, old: str, new: str
) -> None:
    verdict = judge_solution(EXERCISES[exercise], _changed(exercise, old, new))
    assert (verdict.outcome, verdict.mistake) == (NOT_YET, None)


@pytest.mark.parametrize(
    ("new", "seen"),
    [
        ("hmac.compare_digest(part, expected)", CONSTANT),
        ("part == expected", AT_ONCE),
        ("len(part) == 47 and all(a == b for a, b in zip(part, expected))", EARLY),
    ],
)
def test_the_way_of_comparing_is_observed(new: str, seen: str) -> None:
    judge = EXERCISES["5.1"].judge
    trial = next(each for each in judge.trials if each.sentence == "timing")
    verify = _changed("5.1", "hmac.compare_digest(part, expected)", new)
    assert judge.observe(verify, trial).value == seen


def test_a_changed_list_of_secrets_is_observed() -> None:
    judge = EXERCISES["5.2"].judge
    trial = next(each for each in judge.trials if each.sentence == "list")
    code = "(secrets.sort(), " + EACH_52 + ")[1]"
    seen = judge.observe(_changed("5.2", EACH_52, code), trial)
    assert seen.value[1] == CHANGED


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (
            "verify(secret, headers, body, now)",
            "Your code called a function with arguments",
        ),
        ("verify(secret, headers, now, body, 300)", "An operation in your code got a"),
    ],
)
def test_a_missing_argument_is_not_called_a_wrong_type(new: str, why: str) -> None:
    solution = _changed("5.2", "verify(secret, headers, body, now, 300)", new)
    verdict = judge_solution(EXERCISES["5.2"], solution)
    assert verdict.failure is not None
    assert verdict.mistake is None
    assert verdict.failure.why.startswith(why)


def test_a_learner_reads_the_name_of_process_and_not_of_the_kit() -> None:
    changed = _changed("4.3", "process(event)\n", "process(event, 1)\n")
    verdict = judge_solution(EXERCISES["4.3"], changed)
    assert verdict.failure is not None
    assert "TypeError: process() takes 1" in verdict.failure.answered


def test_a_verdict_without_a_line_sends_nobody_to_the_line_above() -> None:
    changed = _changed("4.3", 'return "", 200', "return None")
    verdict = judge_solution(EXERCISES["4.3"], changed)
    assert verdict.failure is not None
    assert verdict.failure.lines == ()
    assert "above" not in verdict.failure.try_next
