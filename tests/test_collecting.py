"""The garbage collector, kept off what was there before."""

import gc
import weakref

import pytest

from labkit.collecting import older_left_alone
from labkit.sandbox import run_bounded


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


def test_a_checks_time_is_not_spent_on_what_the_kernel_holds() -> None:
    run = run_bounded(lambda: len(gc.get_objects()), seconds=1.0)
    assert gc.get_freeze_count() == 0
    assert run.value < len(gc.get_objects()) / 2
