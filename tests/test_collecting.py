"""The garbage collector, kept off what was there before."""

import gc
import time
import weakref

import pytest

from labkit.running import collector as collecting
from labkit.running.collector import Collections, older_left_alone
from labkit.running.sandbox import run_bounded
from labkit.transport import IN_BROWSER


class Knot:
    """Refers to itself, so that only the collector ends it."""

    def __init__(self) -> None:
        self.me = self


def test_older_objects_stay_and_new_ones_go() -> None:
    older = Knot()
    seen = weakref.ref(older)
    with older_left_alone():
        newer = weakref.ref(Knot())
        del older
        gc.collect()
        assert newer() is None
        assert seen() is not None
    gc.collect()
    assert seen() is None


def test_afterwards_the_collector_is_as_it_was() -> None:
    with pytest.raises(KeyboardInterrupt), older_left_alone():
        raise KeyboardInterrupt
    assert gc.get_freeze_count() == 0
    assert gc.isenabled()


def test_one_inside_another_ends_nothing() -> None:
    with older_left_alone():
        with older_left_alone():
            pass
        assert gc.get_freeze_count()
    assert gc.get_freeze_count() == 0


def test_all_is_collected_when_much_work_was_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(collecting._rest, "cost", 1e6)
    older = weakref.ref(Knot())
    with older_left_alone():
        pass
    assert older() is not None
    monkeypatch.setattr(collecting._rest, "cost", 0.0)
    with older_left_alone():
        sum(range(1000))
    assert older() is None


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


@pytest.mark.skipif(IN_BROWSER, reason="there the clock is looked at, and no more")
def test_a_checks_time_is_not_the_collectors() -> None:
    def collect_for(seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            gc.collect()

    heap = [[number] for number in range(300_000)]
    assert not run_bounded(lambda: collect_for(0.6), seconds=0.3).timed_out
    assert heap
