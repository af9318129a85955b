"""6.4: the loop that makes all attempts of a delivery."""

import builtins
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from labkit.checks import short
from labkit.checks.contract import contract
from labkit.checks.observing import RAISES, Callback, Record, exactly
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space, Trial
from labkit.exercises.lab06_retries.clock import real_sleeps
from labkit.exercises.lab06_retries.loop_mistakes import (
    BODY,
    BUGS,
    MISTAKES,
    OTHER_NAME,
    SCHEDULE,
    SILENT,
)
from labkit.model import Event

ENOUGH = 40
"""Twice as many calls are noted of one delivery; then `post` ends it."""

CONTRACT = contract("""
    given: Deliver one event, and return "delivered" or "dead".
    given: `post(body, headers)` makes one attempt and returns its status, an int.
    body: Every attempt sends `body`, the JSON of the event, byte for byte.
    success: A 2xx ends the delivery: return "delivered".
    wait: After a failed attempt, call `sleep(seconds)` with the next delay of
        `schedule`, a list of seconds, and try again.
    end: After the last delay there is one more attempt: if it fails, return "dead"
        without another sleep.
    silence: If no response arrived, `post` raises ConnectionError or TimeoutError: this
        is a failure like any other.
    id: `headers` is a dictionary that has the id of the event under "webhook-id", the
        same in every attempt.
    schedule: The schedule is not changed.
    bugs: Every other exception that `post` raises is a bug: do not catch it, so that it
        reaches the caller.
    hopeless: If `should_retry` is False for the status of a failure, return "dead" at
        once; if it is True, try again.
    open: The check does not test other headers, or statuses below 200 or above 599.
""")


class Endless(BaseException):
    """Ends a delivery that does not end; `except Exception` does not catch it."""


_STEPS: Sequence[tuple[str, Sequence[Sequence[Any]]]] = (
    ("success", ([200], [204], [201], [202], [299])),
    ("wait", ([503, 204], [503, 500, 200])),
    ("end", ([503], [503, 503, 503, 200])),
    (
        "silence",
        (
            *([kind, kind, 200] for kind in (*SILENT, "ConnectionResetError")),
            ["BrokenPipeError", 200],
            ["TimeoutError"],
            [503, "ConnectionError", 500, 201],
        ),
    ),
    (
        "hopeless",
        (
            *(
                [status]
                for status in (410, 404, 301, 304, 300, 399, 400, 401, 422, 499)
            ),
            [503, 410],
            ["TimeoutError", 400, 200],
            *([status, 200] for status in (429, 408, 425, 500, 599)),
        ),
    ),
    (
        "bugs",
        (
            *([kind] for kind in BUGS),
            [503, "PermissionError"],
            [503, "KeyboardInterrupt"],
            [503, 503, 503, "RuntimeError"],
            ["TimeoutError"] * 3 + ["ValueError"],
        ),
    ),
)


def _trials() -> Iterator[Trial]:
    yield Trial("body", {"answers": [200], "look": "body"})
    for sentence, all_answers in _STEPS:
        for answers in all_answers:
            yield Trial(sentence, {"answers": answers})
    for answers in (["StopIteration"], [503, "StopIteration"]):
        yield Trial("bugs", {"answers": answers}, also=_ends_a_generator)
    for schedule in ([1.0, 1.0], [300.0, 5.0], [0.5, 1.75], [0.0, 10.0]):
        yield Trial("wait", {"answers": [503, 503, 200], "schedule": schedule})
    for schedule in ([], [1.0] * 12):
        yield Trial("end", {"answers": [503], "schedule": schedule})
    for body in (BODY, *_bodies()):
        for look in ("body", "id"):
            changes = {"answers": [503, "TimeoutError", 200], "body": body}
            yield Trial(look, {**changes, "look": look})
    for look in ("body", "id"):
        yield Trial(look, {"answers": [503], "look": look})
    for answers in ([503], [200], [404]):
        yield Trial("schedule", {"answers": answers, "look": "schedule"})


def _ends_a_generator(value: Any) -> bool:
    """Accept what Python makes of a StopIteration that leaves a generator."""
    return bool(value[1] == (RAISES, "RuntimeError"))


def _bodies() -> list[bytes]:
    ids = ("evt_2", "evt_20", "EVT_2", "a", "0042", 'a"b', "é", "evt 3", "x" * 300)
    made = [
        Event("payment.succeeded", {"order_id": "A-9", "id": "inner"}, id=each).body
        for each in ids
    ]
    other = '{ "created_at": 1, "data": {"name": "Zo\\u00eb"},  "id": "crm_1" }\r\n'
    return [*made, other.encode(), '{"id":"crm_2","name":"Zoë"}'.encode()]


def _random(rng: random.Random) -> Trial:
    usual = (503, 500, 429, 408, "TimeoutError", "ConnectionError")
    answers: list[Any] = rng.choices(usual, k=rng.randrange(6))
    answers.append(rng.choice((200, 204, 404, 302, 410, 503)))
    schedule = [rng.choice((0.5, 1.0, 5.0, 60.0)) for _ in range(rng.randrange(6))]
    return Trial("wait", {"answers": answers, "schedule": schedule})


def _arguments(fields: Fields, record: Record) -> list[Any]:
    answers = list(fields["answers"])

    def post(body: Any, headers: Any) -> int:
        kept = dict(headers) if isinstance(headers, dict) else headers
        record.note("post", body, kept)
        if len(record.calls) > 2 * ENOUGH:
            raise Endless
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, int):
            return answer
        raise getattr(builtins, answer)(
            "no response" if answer in SILENT else "a bug in post"
        )

    def sleep(seconds: Any) -> None:
        if len(record.calls) <= 2 * ENOUGH:
            record.note("sleep", seconds)

    return [post, fields["body"], list(fields["schedule"]), sleep]


def _compared(fields: Fields, calls: Sequence[tuple[Any, ...]], result: Any) -> Any:
    """Return what the sentence of the trial is about."""
    posts = [call[1:] for call in calls if call[0] == "post"]
    if fields["look"] == "body":
        return _distinct(exactly(body) for body, _ in posts)
    if fields["look"] == "id":
        return _distinct(exactly(_id_in(fields, headers)) for _, headers in posts)
    if fields["look"] == "schedule":
        return ()
    return tuple(
        "post" if call[0] == "post" else _seconds(call[1]) for call in calls
    ), result


def _distinct(values: Iterable[Any]) -> Any:
    return tuple(dict.fromkeys(values))


def _id_in(fields: Fields, headers: Any) -> Any:
    """Return the id under webhook-id, or where else the event's id is."""
    if not isinstance(headers, dict):
        return f"a {type(headers).__name__}"
    found = {str(name).lower(): value for name, value in headers.items()}
    if "webhook-id" in found:
        return found["webhook-id"]
    elsewhere = json.loads(fields["body"])["id"] in found.values()
    return OTHER_NAME if elsewhere else None


def _seconds(value: Any) -> Any:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number else exactly(value)


def _told(fields: Fields, calls: Sequence[tuple[Any, ...]]) -> list[str]:
    """Return the calls in words."""
    if fields["look"] == "body":
        return [f"post({short(call[1], 60)}, …)" for call in calls if call[0] == "post"]
    if fields["look"] == "id":
        return [f"post(…, {short(call[2], 60)})" for call in calls if call[0] == "post"]
    return ["POST" if name == "post" else f"{name} {what[0]}" for name, *what in calls]


def _show(fields: Fields) -> str:
    answers = ", ".join(map(str, fields["answers"]))
    sent = f"schedule {fields['schedule']}; post: {answers}"
    if fields["body"] != BODY:
        sent += f"\nbody {short(fields['body'])}"
    return sent


@contextmanager
def _noting_real_sleeps(_: Fields, record: Record) -> Iterator[None]:
    """Record the calls of `time.sleep`, which then does not wait."""
    with real_sleeps() as slept:
        yield
    for seconds in slept:
        record.note("time.sleep", seconds)


DELIVER = judged(
    id="6.4",
    lab="06_retries",
    wants="deliver(post, body, schedule, sleep) -> str",
    hints=(
        "There is one attempt more than there are delays. Where does it go?",
        "[*schedule, None] is as long as the number of attempts; None marks the last.",
        "Put only the call to post into the `try`, and use None for no response.",
        "The id is in the body: json.loads(body)['id']. Read it before the loop.",
    ),
    contract=CONTRACT,
    space=Space(
        {"answers": [200], "schedule": list(SCHEDULE), "body": BODY, "look": "steps"},
        _trials,
        _random,
        many=80,
    ),
    observer=Callback(
        _arguments,
        _show,
        compared=_compared,
        told=_told,
        keeps_arguments=lambda fields: bool(fields["look"] == "schedule"),
        around=_noting_real_sleeps,
    ),
    mistakes=MISTAKES,
)
