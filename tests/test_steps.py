"""Trials against apps: steps, side effects, and what is seen of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, request

from labkit.checks.callbacks import Callbacks
from labkit.checks.observing import Callback
from labkit.checks.space import Fields, Trial, simpler
from labkit.checks.steps import (
    LATE,
    NO_RESPONSE,
    App,
    Do,
    Fail,
    MakeAnother,
    Post,
    Restart,
    Step,
    Wait,
)

pytestmark = pytest.mark.pure

PAYMENT = Post(b'{"id": "evt_1"}')


def make_app(process: Callable[[str], None]) -> Flask:
    app = Flask("shop")
    known = set()

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        event = request.get_json()["id"]
        if event not in known:
            process(event)
            known.add(event)
        return "", 204

    return app


@contextmanager
def _world(_: Fields) -> Iterator[Callbacks]:
    yield Callbacks(lambda world, _: [world.callback("process")])


def _seen(*steps: Step, solution: Any = make_app) -> Any:
    return App(_world).observe(solution, {"steps": steps})


def test_a_request_has_a_class_of_status_and_effects() -> None:
    seen = _seen(PAYMENT)
    (((status, _), effects),) = seen.value
    assert status == "2xx"
    assert "evt_1" in repr(effects)
    assert seen.text == "204 No Content; process('evt_1')"


def test_a_duplicate_has_no_effect_until_the_receiver_restarts() -> None:
    seen = _seen(PAYMENT, PAYMENT, Restart(), PAYMENT)
    assert seen.text.splitlines() == [
        "1. 204 No Content; process('evt_1')",
        "2. 204 No Content",
        "3. done",
        "4. 204 No Content; process('evt_1')",
    ]


def test_a_failure_of_a_callback_is_seen_with_its_exception() -> None:
    seen = _seen(Fail(lambda: OSError("full")), PAYMENT, PAYMENT)
    assert "500" in seen.text
    assert "OSError: full" in seen.text
    assert isinstance(seen.error, OSError)
    assert "3. 204 No Content; process('evt_1')" in seen.text


def test_two_apps_are_told_apart() -> None:
    seen = _seen(PAYMENT, MakeAnother(), Post(PAYMENT.body, app=1))
    assert seen.text.count("process('evt_1')") == 2


def test_what_is_no_app_ends_the_trial() -> None:
    assert _seen(PAYMENT, solution=lambda _: None).value == "no app"


def test_a_world_can_be_changed() -> None:
    changed: list[str] = []
    change = Do(lambda _: changed.append("change"), "the world changes")
    seen = _seen(PAYMENT, change)
    assert changed == ["change"]
    assert "process('evt_1')" in seen.text
    assert str(change) == "the world changes"


_known: set[str] = set()


def make_global(process: Callable[[str], None]) -> Flask:
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        event = request.get_json()["id"]
        if event not in _known:
            process(event)
            _known.add(event)
        return "", 204

    return app


def test_a_restart_with_fresh_forgets_what_the_module_keeps() -> None:
    steps = {"steps": [PAYMENT, PAYMENT, Restart(), PAYMENT]}
    for fresh, calls in ((True, 2), (True, 2), (False, 1)):
        seen = App(_world, fresh=fresh).observe(make_global, steps)
        assert seen.text.count("process('evt_1')") == calls
        if not fresh:
            assert _known == {"evt_1"}


def test_time_passes_on_the_clock_of_the_exercise() -> None:
    waited = []

    @contextmanager
    def clock(_: Any, seconds: float) -> Iterator[None]:
        waited.append(seconds)
        yield

    steps = [PAYMENT, Wait(60), PAYMENT, Wait(5), PAYMENT]
    App(_world, clock=clock).observe(make_app, {"steps": steps})
    assert waited == [60, 60, 65]


def test_callbacks_are_compared_by_calls_and_outcome() -> None:
    def arguments(fields: Fields, record: Any) -> list[Any]:
        def post(body: bytes) -> int:
            record.note("post", body)
            return int(fields["status"])

        return [post]

    observer = Callback(arguments, str)
    once = observer.observe(lambda post: post(b"x"), {"status": 200})
    same = observer.observe(lambda call: call(b"x"), {"status": 200})
    twice = observer.observe(lambda post: [post(b"x"), post(b"x")][0], {"status": 200})
    assert once.value == same.value
    assert once.value != twice.value
    assert once.text == "post(b'x'), 200"


def test_no_server_responds_to_an_exit_that_leaves_the_app() -> None:
    seen = _seen(Fail(lambda: SystemExit(1)), PAYMENT, PAYMENT)
    assert seen.value[1][0] == NO_RESPONSE
    assert "no response, because SystemExit: 1 left the app" in seen.text
    assert "3. 204 No Content; process('evt_1')" in seen.text


def test_a_call_after_the_response_is_late() -> None:
    def make_later(process: Callable[[str], None]) -> Flask:
        app = Flask("shop")

        @app.post("/webhooks")
        def webhook() -> Iterator[str]:
            process("evt_1")
            yield "done"

        return app

    ((_, effects),) = _seen(PAYMENT, solution=make_later).result
    assert effects == [("process" + LATE, "evt_1")]


def test_the_cause_of_a_planned_exception_is_shown() -> None:
    def caused() -> Exception:
        error = KeyError("amount")
        error.__cause__ = OSError("busy")
        return error

    text = str(Fail(caused))
    assert text.endswith("raises KeyError: 'amount', with the cause OSError: busy")


def test_an_empty_body_is_shown_as_such() -> None:
    assert str(Post()).endswith("\n(the body is empty)")
    assert "empty" not in str(PAYMENT)


def test_what_is_sent_and_answered_has_the_same_numbers() -> None:
    steps = [PAYMENT] * 20
    seen = _seen(*steps)
    sent = App(_world).show({"steps": steps})
    for text in (sent, seen.text):
        assert "\n3. " in text
        assert "\n… 14 more steps …\n18. " in text
        assert "\n20. " in text
        assert "\n4. " not in text


def test_steps_are_left_out_one_by_one() -> None:
    trial = Trial("again", {"steps": [PAYMENT, Wait(1), Wait(2)]})
    fewer = [each.changes["steps"] for each in simpler(trial)]
    assert [Wait(1), Wait(2)] in fewer
    assert [PAYMENT, Wait(1)] in fewer
