"""All outcomes: the explorer against a brute-force enumerator, and inside lines."""

import linecache
import random
from collections.abc import Iterator
from typing import Any

import pytest

from labkit.explore import Outcome, Report, World, each_once, interleavings
from tests.repeated import first_of

Program = list[list[str]]
"""For each worker its steps: one statement each."""


def programs(workers: int, steps: int, objects: str, seed: int) -> Program:
    chance = random.Random(seed)
    kinds = (
        "s['{o}'] += '{w}{i}'",
        "x = s['{o}']",
        "s['{o}'] = x + '{w}{i}'",
        "x = x + '{i}'",
    )
    return [
        [
            chance.choice(kinds).format(o=chance.choice(objects), w=w, i=i)
            for i in range(steps)
        ]
        for w in range(workers)
    ]


def brute(program: Program) -> set[Any]:
    """Run every interleaving of the steps, one after the other."""
    compiled = [[compile(step, "<step>", "exec") for step in each] for each in program]

    def rest(at: tuple[int, ...], shared: Any, local: Any) -> Iterator[Any]:
        done = True
        for worker, steps in enumerate(compiled):
            if at[worker] < len(steps):
                done = False
                space = {"s": dict(shared), "x": local[worker]}
                exec(steps[at[worker]], {}, space)  # noqa: S102 - a step of the test's
                after = (*at[:worker], at[worker] + 1, *at[worker + 1 :])
                own = (*local[:worker], space["x"], *local[worker + 1 :])
                yield from rest(after, space["s"], own)
        if done:
            yield tuple(sorted(shared.items()))

    start = dict.fromkeys("abc", "")
    return set(rest((0,) * len(program), start, ("",) * len(program)))


def explored(program: Program, **settings: Any) -> tuple[set[Any], Report]:
    lines = ["def boot(world):", "    s = dict.fromkeys('abc', '')"]
    for worker, steps in enumerate(program):
        lines += [f"    def job_{worker}():", "        x = ''"]
        lines += [f"        {step}" for step in steps]
    jobs = ", ".join(f"job_{worker}" for worker in range(len(program)))
    lines += [f"    jobs = [{jobs}]", "    def handle(worker):"]
    lines += ["        jobs[worker]()", "        return s", "    return handle"]
    text = "\n".join(lines) + "\n"
    linecache.cache["<program>"] = (len(text), None, text.splitlines(True), "<program>")
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, "<program>", "exec"), space)  # noqa: S102 - the lines above
    found = set()

    def invariant(outcome: Outcome) -> None:
        found.add(tuple(sorted(outcome.answers[0].value.items())))

    requests = list(range(len(program)))
    settings = {"limit": 100_000, **settings}
    return found, interleavings(space["boot"], requests, invariant, **settings)


@pytest.mark.parametrize("seed", first_of(range(8), 3))
def test_two_workers_of_six_steps_have_exactly_the_outcomes_of_brute_force(
    seed: int,
) -> None:
    program = programs(2, 6, "ab", seed)
    found, report = explored(program)
    assert found == brute(program)
    assert report.unbounded


@pytest.mark.full
def test_all_924_interleavings_of_dependent_steps_are_found() -> None:
    program = [[f"s['a'] += '{w}{i}'" for i in range(6)] for w in range(2)]
    found, report = explored(program)
    assert len(found) == 924
    assert found == brute(program)
    assert report.unbounded


@pytest.mark.full
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.nightly)])
def test_three_workers_of_four_steps_have_exactly_the_outcomes_of_brute_force(
    seed: int,
) -> None:
    program = programs(3, 4, "abc", seed)
    found, report = explored(program)
    assert found == brute(program)
    assert report.unbounded


@pytest.mark.parametrize(
    "alone",
    [
        pytest.param(("x = x + '1'", "s['{w}'] = x"), marks=pytest.mark.full),
        pytest.param(
            ("x = s['{w}']", "x = x + '1'", "s['{w}'] = x"), marks=pytest.mark.nightly
        ),
    ],
    ids=len,
)
def test_three_workers_that_rarely_meet_have_exactly_the_outcomes_of_brute_force(
    alone: tuple[str, ...],
) -> None:
    program = [
        [*(step.format(w=own) for step in alone), f"s['a'] += '{own}'"] for own in "abc"
    ]
    found, report = explored(program)
    assert found == brute(program)
    assert report.unbounded


def test_what_is_independent_is_not_tried_in_every_order() -> None:
    program = [["x = x + '1'"] * 6, ["x = x + '2'"] * 6]
    found, report = explored(program)
    _, bounded = explored(program, preemptions=2)
    assert len(found) == 1
    assert report.unbounded
    # The order of the answers is all that is left to try.
    assert report.tried - bounded.tried <= 4


def test_a_report_says_how_far_it_is_complete() -> None:
    program = programs(2, 3, "a", 0)
    _, report = explored(program)
    assert "with any number of preemptions" in report.summary
    assert "before each line" in str(report)
    assert "Left out:" in str(report)
    _, report = explored(program, preemptions=1)
    assert not report.unbounded
    assert "all of them, up to 1 preemption." in report.summary
    _, report = explored(program, limit=60)
    assert not report.unbounded


shipped_once = each_once(["A1"], lambda outcome: [e.args[0] for e in outcome.effects])


def test_a_race_inside_of_one_line_is_found() -> None:
    def boot(world: World) -> Any:
        seen: dict[str, bool] = {}

        def handle(id_: str) -> None:
            if not seen.get(id_) and not seen.update({id_: True}):
                world.effect(id_)

        return handle

    first = interleavings(boot, ["A1", "A1"], shipped_once).first
    assert first is not None
    assert first.switches == 1


def test_a_line_that_shares_nothing_is_not_interrupted_inside() -> None:
    def boot(world: World) -> Any:
        def handle(id_: str) -> None:
            own: dict[str, bool] = {}
            if not own.get(id_) and not own.update({id_: True}):
                world.effect(id_)

        return handle

    report = interleavings(boot, ["A1", "A1"], lambda _: None, preemptions=1)
    # One with no preemption, and one before each line but the first.
    assert report.tried == 3


def test_an_increment_around_a_call_loses_an_update() -> None:
    def boot(world: World) -> Any:
        counts: dict[str, int] = {}

        def handle(id_: str) -> None:
            counts[id_] = counts.get(id_, 0) + 1
            world.effect(counts[id_])

        return handle

    def lost(outcome: Outcome) -> str | None:
        told = [effect.args[0] for effect in outcome.effects]
        return None if 2 in told else "an update was lost"

    assert interleavings(boot, ["A1", "A1"], lost).first is not None
