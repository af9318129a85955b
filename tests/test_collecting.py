"""The time of the garbage collector is measured, and not counted in a check."""

import gc
import time

import pytest

from labkit.exercises.lab07_idempotency.clock import later
from labkit.running.collector import Collections
from labkit.running.sandbox import run_bounded
from labkit.transport import IN_BROWSER


def test_the_collectors_time_is_measured() -> None:
    with Collections() as collections:
        assert collections.seconds == 0
        gc.collect()
        once = collections.seconds
        assert once > 0
        gc.collect()
        assert collections.seconds > once
    gc.collect()
    assert collections._note not in gc.callbacks


def test_who_empties_the_list_of_callbacks_does_no_harm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gc, "callbacks", list(gc.callbacks))
    assert run_bounded(gc.callbacks.clear, seconds=1.0).error is None


def test_a_collection_under_way_counts_as_far_as_it_is() -> None:
    seen = []

    def look(phase: str, _info: object) -> None:
        seen.append((phase, collections.seconds))

    with Collections() as collections:
        gc.callbacks.append(look)
        gc.collect()
        gc.callbacks.remove(look)
    collections._note("start", {})
    assert [phase for phase, _ in seen] == ["start", "stop"]
    assert 0 < seen[0][1] < seen[1][1] < collections.seconds


@pytest.mark.parametrize("away", [-1e6, 1e6])
def test_a_clock_that_a_check_shifts_stops_no_run(away: float) -> None:
    """By the shifted clock, a collection in the learner's thread takes days."""

    def collect() -> None:
        with later(collect, away):
            gc.callbacks.append(wait)
            gc.collect()

    def wait(_phase: str, _info: object) -> None:
        time.sleep(0.05)  # so that the sandbox looks while the collection goes on

    callbacks = list(gc.callbacks)
    try:
        run = run_bounded(collect, seconds=1.0)
    finally:
        gc.callbacks[:] = callbacks
    assert (run.error, run.timed_out) == (None, False)


@pytest.mark.skipif(IN_BROWSER, reason="there the clock is looked at, and no more")
def test_a_checks_time_is_not_the_collectors() -> None:
    def collect_for(seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            gc.collect()

    heap = [[number] for number in range(300_000)]
    assert not run_bounded(lambda: collect_for(0.6), seconds=0.3).timed_out
    assert heap


def test_a_shifted_clock_does_not_change_how_long_a_collection_took(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = time.monotonic
    with Collections() as collections:
        monkeypatch.setattr(time, "monotonic", lambda: real() + 273_600)
        collections._note("start", {})
        monkeypatch.setattr(time, "monotonic", real)
        assert 0 <= collections.seconds < 60
        collections._note("stop", {})
        assert 0 <= collections.seconds < 60
