"""In real time deliveries run side by side, and the clock says how long they took."""

import random
import threading
import time
from dataclasses import replace

import pytest
from flask import Flask

from labkit.errors import BadSetting
from labkit.faults import Crossing, LoseResponse
from labkit.model import LAB_EPOCH, Event
from labkit.profiles import PROFILES
from labkit.receiver import Receiver
from labkit.retry import NoJitter
from labkit.samples import payments
from labkit.sender import simulate
from labkit.transport import IN_BROWSER
from tests.apps import shop

pytestmark = pytest.mark.skipif(IN_BROWSER, reason="a browser's Python has no threads")

PLAIN = replace(PROFILES["standard"], jitter=NoJitter())


def waiting(seconds: float) -> Flask:
    """An app that takes its time."""
    app = Flask("slow shop")

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        time.sleep(seconds)
        return "", 200

    return app


def several(count: int) -> list[Event]:
    return [
        Event("order.paid", {"order": n}, created_at=LAB_EPOCH) for n in range(count)
    ]


def test_in_real_time_the_history_says_how_long_the_receiver_took() -> None:
    for speed in (1, 50):
        history = simulate(waiting(0.3), several(1), profile=PLAIN, speed=speed)
        (attempt,) = history.attempts
        assert attempt.status == 200
        assert attempt.seconds >= 0.3


def test_in_real_time_deliveries_are_under_way_together() -> None:
    inside, most = [0], [0]
    app = Flask("crowded shop")
    met = threading.Barrier(3, timeout=20)

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        met.wait()  # for as long as they come one by one, this raises
        return "", 200

    history = simulate(app, several(3), profile=replace(PLAIN, timeout=20), speed=1)
    assert most == [3]
    assert [attempt.status for attempt in history.attempts] == [200] * 3
    assert len({round(arrival.at, 1) for arrival in history.arrivals}) == 1


def test_in_real_time_concurrency_bounds_what_is_under_way() -> None:
    inside, most = [0], [0]
    app = Flask("narrow shop")

    @app.post("/webhooks")
    def webhook() -> tuple[str, int]:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.02)
        inside[0] -= 1
        return "", 200

    simulate(app, several(4), profile=PLAIN, speed=1, concurrency=1)
    assert most == [1]


def test_in_real_time_a_response_after_the_time_out_came_too_late() -> None:
    profile = replace(PROFILES["github"], timeout=0.3)
    history = simulate(waiting(1.0), payments(1), profile=profile, speed=1, until=2)
    (attempt,) = history.attempts
    assert (attempt.status, attempt.problem) == (None, "timed out")
    assert 0.29 < attempt.seconds < 1.0
    # The receiver did its work nevertheless.
    assert [arrival.status for arrival in history.arrivals] == [200]


def test_in_real_time_what_can_not_be_sent_is_raised() -> None:
    class Odd(LoseResponse):
        def strike(self, crossing: Crossing, rng: random.Random) -> None:
            crossing.set_headers((("X-Odd", "1\r\nX-B: 2"),))

    with Receiver(shop([])) as receiver, pytest.raises(BadSetting, match="line break"):
        simulate(receiver.url, payments(1), faults=[Odd()], speed=1)
