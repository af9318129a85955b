"""Who goes on where a worker waits or is done: every choice, without a preemption."""

import itertools
import threading
import time
from typing import Any

from labkit.explore import Outcome, World, interleavings, replay
from labkit.explore.interleaving import Interleaving


def told(outcome: Outcome) -> tuple[str, ...]:
    return tuple(effect.args[0] for effect in outcome.effects)


class Seen:
    """An invariant that holds, and notes what came out."""

    def __init__(self) -> None:
        self.outcomes: set[tuple[str, ...]] = set()

    def __call__(self, outcome: Outcome) -> None:
        self.outcomes.add(told(outcome))


def calls_something_slow(world: World) -> Any:
    def handle(name: str) -> None:
        world.effect(f"{name} calls")
        time.sleep(0.1)
        world.effect(f"{name} returns")

    return handle


def test_of_two_slow_calls_the_second_may_return_first() -> None:
    seen = Seen()
    report = interleavings(calls_something_slow, ["A", "B"], seen, preemptions=0)
    assert report.complete
    both = ("A calls", "B calls")
    assert (*both, "A returns", "B returns") in seen.outcomes
    assert (*both, "B returns", "A returns") in seen.outcomes


def test_of_two_sleeps_the_shorter_one_ends_first() -> None:
    def boot(world: World) -> Any:
        def handle(seconds: float) -> None:
            world.effect("sleeps")
            time.sleep(seconds)
            world.effect(str(seconds))

        return handle

    seen = Seen()
    interleavings(boot, [0.1, 30.0], seen, preemptions=0)
    both = {outcome[2:] for outcome in seen.outcomes if outcome[1] == "sleeps"}
    assert both == {("0.1", "30.0")}


def test_three_workers_take_turns_without_a_preemption() -> None:
    seen = Seen()
    report = interleavings(calls_something_slow, ["A", "B", "C"], seen, preemptions=0)
    assert report.complete
    assert report.bound == 0
    for first in itertools.permutations("ABC"):
        for then in itertools.permutations("ABC"):
            wanted = [f"{name} calls" for name in first]
            wanted += [f"{name} returns" for name in then]
            assert tuple(wanted) in seen.outcomes


def test_whoever_waits_for_a_lock_may_get_it_next() -> None:
    def boot(world: World) -> Any:
        lock = threading.Lock()

        def handle(name: str) -> None:
            with lock:
                world.effect(f"{name} in")
                time.sleep(0.1)
                world.effect(f"{name} out")

        return handle

    seen = Seen()
    interleavings(boot, ["A", "B", "C"], seen, preemptions=0)
    assert seen.outcomes == {
        tuple(f"{name} {way}" for name in order for way in ("in", "out"))
        for order in itertools.permutations("ABC")
    }


def test_a_choice_is_part_of_the_code_and_replays() -> None:
    def reversed_(outcome: Outcome) -> str | None:
        wanted = ("A calls", "B calls", "B returns", "A returns")
        return "the second returned first" if told(outcome) == wanted else None

    first = interleavings(
        calls_something_slow, ["A", "B"], reversed_, preemptions=0
    ).first
    assert first is not None
    assert first.switches == 0
    assert "=B" in first.code
    assert replay(calls_something_slow, ["A", "B"], reversed_, first.code) == first


def test_an_interleaving_is_read_as_it_is_written() -> None:
    for code in ("AB", "BA 3A", "AB 4B 9=A", "CAB 2=B 2=A 5C 5=A"):
        interleaving = Interleaving.read(code)
        assert Interleaving.read(str(interleaving)) == interleaving
    assert str(Interleaving.read("AB 4B 9=A")) == "AB 4B 9=A"
