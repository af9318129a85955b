"""The time of the garbage collector is not counted in a check."""

import gc
import sys
import time

import pytest

from labkit.exercises.lab07_idempotency.clock import later
from labkit.running.collector import Collections
from labkit.running.sandbox import run_bounded
from labkit.transport import IN_BROWSER


def test_a_collection_of_all_objects_is_noticed_when_it_begins_and_ends() -> None:
    gc.collect(1)
    collections = Collections()
    seen = []

    class Ended:
        """Python calls this at the end of an object, during the collection."""

        def __del__(self) -> None:
            seen.append(collections.are_new())
            seen.append(collections.are_new())

    forgotten = Ended()
    vars(forgotten)["itself"] = forgotten
    del forgotten
    assert not collections.are_new()
    gc.collect()
    assert seen == [True, False]
    assert collections.are_new()
    gc.collect(1)
    assert not collections.are_new()


def test_a_collection_on_a_full_stack_prints_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    printed: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", printed.append)

    def nest() -> None:
        try:
            nest()
        except RecursionError:
            gc.collect(0)
            raise

    def full() -> None:
        time.sleep(0.05)  # the sandbox waits meanwhile
        nest()

    gc.collect()  # what other tests have left is none of this
    callbacks = list(gc.callbacks)
    gc.callbacks.clear()  # nor are the callbacks of hypothesis, which may fail
    try:
        run = run_bounded(full, seconds=5.0)
    finally:
        gc.callbacks[:] = callbacks
    assert isinstance(run.error, RecursionError)
    assert printed == []


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
        run = run_bounded(collect, seconds=5.0)
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
