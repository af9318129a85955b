"""A check says if a function of an earlier exercise is missing."""

import pytest

from labkit.checks.reference import load, reference_text
from labkit.checks.verdicts import NOT_ATTEMPTED, NOT_YET, PASSED, Verdict
from labkit.exercises import judge

NEEDS_4_2 = """
import json
from flask import Flask, request


def make_app(secret, process):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()
        if not verify(secret, body, request.headers.get("X-Webhook-Signature")):
            return "", 401
        try:
            event = json.loads(body)
        except ValueError:
            return "", 400
        process(event)
        return "", 204

    return app
"""
STUB = """
def verify(secret, body, signature):
    raise NotImplementedError
"""


def judged(source: str, exercise: str = "4.3", name: str = "make_app") -> Verdict:
    """Return the verdict on a function of a cell."""
    return judge(exercise, load(source, name, label="a notebook's cell"))


@pytest.mark.parametrize("earlier", ["", STUB], ids=["not defined", "a stub"])
def test_4_3_without_4_2_says_that_4_2_is_missing(earlier: str) -> None:
    verdict = judged(earlier + NEEDS_4_2)
    assert verdict.outcome == NOT_YET
    assert verdict.mistake == "earlier-exercise-missing"
    assert verdict.failure is not None
    assert "verify" in verdict.failure.why
    assert "exercise 4.2" in verdict.failure.why
    assert "exercise 4.2" in verdict.failure.try_next


def test_4_3_with_4_2_passes() -> None:
    assert judged(reference_text("4.2") + NEEDS_4_2).outcome == PASSED


def test_a_stub_itself_is_not_attempted() -> None:
    assert judged(STUB, "4.2", "verify").outcome == NOT_ATTEMPTED


def test_another_missing_name_is_not_taken_for_an_exercise() -> None:
    verdict = judged(NEEDS_4_2.replace("verify(", "is_valid("))
    assert verdict.outcome == NOT_YET
    assert verdict.mistake != "earlier-exercise-missing"
