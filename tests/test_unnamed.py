"""Wrong receivers and workers that no known mistake describes get no name."""

from typing import Any

import pytest

from labkit.checks import judge_solution
from labkit.checks.reference import edited, load, reference_text
from labkit.checks.verdicts import NOT_YET, PASSED
from labkit.exercises import EXERCISES

SHIPS = """
from flask import Flask, request

def make_app(ship):
    app, seen = Flask("shop"), []

    @app.post("/webhooks")
    def webhook():
        try:
            event = request.get_json()
            if KNOWN:
                return "", 200
            ship(ORDER)
            seen.append(event["id"])
            return "", 200
        except Exception:
            return "", 500

    return app
"""
WORKS = """
def work(queue, process):
    while (job := queue.take()) is not None:
        if job.attempt > 5:
            queue.bury(job, "too often")
            continue
        try:
            process(job.body)
        except Exception as error:
            if job.attempt < 5:
                queue.later(job)
            else:
                queue.bury(job, repr(error))
        else:
            queue.done(job)
"""
ORDER = 'event["data"]["order_id"]'


def verdict_of(exercise: str, text: str) -> Any:
    solution = load(text, EXERCISES[exercise].answer, label=f"solution of {exercise}")
    return judge_solution(EXERCISES[exercise], solution)


def ships(known: str, order: str = ORDER) -> Any:
    return verdict_of("7.1", SHIPS.replace("KNOWN", known).replace("ORDER", order))


def test_a_caught_exception_is_shown_with_its_line() -> None:
    verdict = ships('event["id"] in seen', 'event["order_id"]')
    assert verdict.outcome == NOT_YET
    assert verdict.mistake is None
    assert "raised and caught: KeyError: 'order_id'" in verdict.failure.answered
    assert any('ship(event["order_id"])' in line for line in verdict.failure.lines)


@pytest.mark.parametrize(
    "known",
    [
        'event["id"] in "".join(seen)',
        'any(event["id"].startswith(each) for each in seen)',
        'event["id"].lower() in [each.lower() for each in seen]',
    ],
)
def test_ids_that_only_resemble_each_other_are_other_events(known: str) -> None:
    verdict = ships(known)
    assert verdict.outcome == NOT_YET
    assert verdict.mistake is None


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("job.attempt > 5", "job.attempt == 6", None),
        ('"too often")\n            continue', '"too often")', "works-after-bury"),
        (
            "while (job := queue.take())",
            "while queue.take() and (job := queue.take())",
            "takes-twice-in-one-round",
        ),
        (
            "        except Exception",
            "        except StopIteration: return\n        except Exception",
            "loses-sight-of-the-failed",
        ),
    ],
)
def test_a_worker_gets_only_a_name_that_is_true(
    old: str, new: str, mistake: str | None
) -> None:
    verdict = verdict_of("8.2", edited(WORKS, [(old, new)]))
    assert verdict.outcome == NOT_YET
    assert verdict.mistake == mistake


def test_a_slip_that_is_caught_is_shown_instead_of_a_name() -> None:
    slip = edited(WORKS, [("process(job.body)", "process(job.payload)")])
    verdict = verdict_of("8.2", slip)
    assert verdict.outcome == NOT_YET
    assert verdict.mistake is None
    assert verdict.failure is not None
    assert "no attribute 'payload'" in verdict.failure.answered
    assert "process(job.payload)" in str(verdict)


def test_the_end_of_a_process_is_not_told_as_an_exception_of_the_learners() -> None:
    endless = WORKS.replace("job.attempt > 5", "False").replace(
        "job.attempt < 5", "True"
    )
    verdict = verdict_of("8.2", endless)
    assert verdict.mistake == "no-limit"
    assert "Enough" not in str(verdict)


ENQUEUES = """
from flask import Flask, request

def make_app(enqueue):
    app, seen = Flask("shop"), []

    @app.post("/webhooks")
    def webhook():
        body = request.get_data()
        if KNOWN:
            return "", 200
        enqueue(body)
        seen.append(body)
        return "", 200

    return app
"""


@pytest.mark.parametrize(
    ("known", "mistake"),
    [
        ("any(body.lower() == each.lower() for each in seen)", None),
        ("any(each[:12] == body[:12] for each in seen)", None),
        ("any(each[:13] == body[:13] for each in seen)", None),
        ("any(each[:4096] == body[:4096] for each in seen)", None),
        ("any(each[-4096:] == body[-4096:] for each in seen)", None),
        ("any(len(each) == len(body) for each in seen)", None),
        ("seen and b'{' not in body", "drops-what-has-no-id"),
    ],
)
def test_a_second_event_is_not_said_to_have_no_id(
    known: str, mistake: str | None
) -> None:
    verdict = verdict_of("8.1", ENQUEUES.replace("KNOWN", known))
    assert verdict.outcome == NOT_YET
    assert verdict.mistake == mistake


@pytest.mark.parametrize(
    ("exercise", "old", "new"),
    [
        # tenths of a second, and one wait for each attempt in the whole process
        (
            "6.2",
            "return rng.uniform(0, bound)",
            "return KEPT.setdefault(attempt, rng.uniform(0, bound))\n\n\nKEPT = {}",
        ),
        # a look into the body, a reason that may be missing, and a late exception
        (
            "8.2",
            "            process(job.body)",
            """\
            if not job.body.startswith(b"{"):
                queue.bury(job, "no JSON")
                continue
            process(job.body)""",
        ),
        ("8.2", "repr(error)", "error.args[0]"),
        (
            "8.2",
            "queue.bury(job, repr(error))",
            "queue.bury(job, repr(error))\n                raise",
        ),
        (
            "8.3",
            "return {**state, order: record}",
            """\
new = {**state, order: record}
    return {k: r for k, r in new.items() if r["status"] != "cancelled"}""",
        ),
    ],
)
def test_other_faults_are_found_and_get_no_name(
    exercise: str, old: str, new: str
) -> None:
    verdict = verdict_of(exercise, edited(reference_text(exercise), [(old, new)]))
    assert verdict.outcome == NOT_YET
    assert verdict.mistake is None


def test_what_the_trial_raised_itself_is_not_told_as_a_caught_exception() -> None:
    other = edited(reference_text("6.4"), [('"webhook-id"', '"webhook_id"')])
    answered = verdict_of("6.4", other).failure.answered
    assert "webhook_id" in answered
    assert "raised and caught" not in answered


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # spaces around the body, and a TypeError that concerns no status
        ("post(body, headers)", "post(body + b' ', headers)"),
        ("status = None", "status = 500 + schedule"),
    ],
)
def test_a_delivery_gets_no_name_for_another_reason(old: str, new: str) -> None:
    verdict = verdict_of("6.4", edited(reference_text("6.4"), [(old, new)]))
    assert verdict.outcome == NOT_YET
    assert verdict.mistake is None


@pytest.mark.parametrize(
    ("exercise", "old", "new", "mistake"),
    [
        (
            "13.1",
            "INTO events VALUES (?, ?, ?, ?)",
            "INTO events SELECT ?, ?, ?, ? FROM endpoints WHERE id='ep_1' AND enabled",
            None,
        ),
        ("13.1", "INTO orders", "OR IGNORE INTO orders", "overwrites-the-order"),
        (
            "13.2",
            "):\n        return None\n    return",
            "):\n        1 + 'x'\n    return",
            None,
        ),
        (
            "13.2",
            "    if not all(is_public(ip_address(each)) for each in addresses):",
            """\
    addresses = [each for each in addresses if is_public(ip_address(each))]
    if False:""",
            "one-public-address-is-enough",
        ),
        ("13.3", "payload, 10)", "payload, 5)", "another-timeout"),
        (
            "13.3",
            "        return nothing\n    try:\n        body",
            "        response.close()\n        return nothing\n    try:\n        body",
            None,
        ),
        ("13.4", "d.leased <= ?", "(d.leased <= ? OR d.worker = 'w1')", None),
        ("13.4", "dict(row) if row else None", "dict(row) if row else {}", None),
        ("13.6", "count(*) FROM", "count(DISTINCT f.worker) FROM", None),
        ("13.8", "now < until", "int(now) < until", None),
        ("13.8", "now < until", "now < until + 300", None),
    ],
)
def test_a_part_of_a_provider_gets_only_a_name_that_is_true(
    exercise: str, old: str, new: str, mistake: str | None
) -> None:
    verdict = verdict_of(exercise, edited(reference_text(exercise), [(old, new)]))
    assert verdict.outcome == NOT_YET
    assert verdict.mistake == mistake


@pytest.mark.parametrize(
    ("exercise", "old", "new"),
    [
        ("13.3", "now() - started > 10", "now() - started >= 10"),
        ("13.8", "raise ValueError", "raise UnicodeError"),
        ("13.7", "raise LookupError", "raise KeyError"),
    ],
)
def test_what_the_contract_of_a_provider_leaves_open_is_accepted(
    exercise: str, old: str, new: str
) -> None:
    text = reference_text(exercise).replace(old, new)
    assert verdict_of(exercise, text).outcome == PASSED
