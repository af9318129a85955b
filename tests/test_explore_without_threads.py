"""The explorer where there are no threads, as in a browser."""

import sqlite3
import threading
from collections.abc import Callable
from types import FunctionType
from typing import Any

import pytest

from labkit.errors import LabError
from labkit.explore import (
    Outcome,
    World,
    crash,
    crashes,
    director,
    each_once,
    interleaving,
    interleavings,
    replay,
    setting,
    stage,
)
from labkit.transport import IN_BROWSER
from tests.explore_handlers import bad, good

pytestmark = pytest.mark.pure

PAIR = ("evt_1", "A1")
RACES = [
    bad.check_then_act_in_a_dict,
    bad.check_then_act_in_a_generator,
    bad.check_then_act_in_a_helper,
    bad.a_lock_for_each_call,
    bad.takes_the_claim_back_in_finally,
]
GOOD = [
    value
    for value in vars(good).values()
    if isinstance(value, FunctionType) and value.__module__ == good.__name__
]


def shipped(outcome: Outcome) -> list[Any]:
    rows = outcome.rows("shop.db", "SELECT order_id FROM shipments")
    return [*(effect.args[0] for effect in outcome.effects), *(row[0] for row in rows)]


once = each_once(["A1"], shipped)


@pytest.fixture(autouse=True)
def take_threads_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the explorer believe that it runs in a browser."""
    if not IN_BROWSER:
        for module in (director, crash, interleaving, setting, stage):
            monkeypatch.setattr(module, "IN_BROWSER", True)


def test_a_race_is_found_where_one_worker_stands_still() -> None:
    for boot in RACES:
        first = interleavings(boot, [PAIR, PAIR], once).first
        assert first is not None, boot
        assert first.violation.kind == "doubled"
        again = replay(boot, [PAIR, PAIR], once, first.code)
        assert again is not None
        assert again.steps == first.steps


@pytest.mark.parametrize("boot", GOOD)
def test_a_right_handler_holds_and_the_rest_is_counted(
    boot: Callable[[World], Any],
) -> None:
    report = interleavings(boot, [PAIR, PAIR], once)
    assert report.holds, report
    assert report.tried
    assert report.skipped
    assert report.bound < 2
    assert f"Left out: {report.skipped} in which" in report.summary


def test_workers_are_told_apart_all_the_same() -> None:
    def boot(world: World) -> Callable[[Any], None]:
        memory, own = threading.RLock(), threading.local()
        shared = sqlite3.connect(world.directory / "shop.db")
        seen: list[object] = []

        def handle(_event: Any) -> None:
            own.thread = threading.get_ident()
            seen.append(own.thread)
            with memory, memory:
                assert own.thread == threading.get_ident()
            with pytest.raises(sqlite3.ProgrammingError, match="in a thread"):
                shared.execute("SELECT 1")
            del own.thread
            assert not hasattr(own, "thread")
            world.effect(len(set(seen)))

        return handle

    def told_apart(outcome: Outcome) -> str | None:
        raised = [answer.error for answer in outcome.answers if answer.error]
        if raised or max(effect.args for effect in outcome.effects) != (2,):
            return f"{raised} {outcome.effects}"
        return None

    report = interleavings(boot, [PAIR, PAIR], told_apart)
    assert report.holds, report


def test_crashes_run_and_children_are_not_killed() -> None:
    first = crashes(bad.commits_the_claim_first, [PAIR], once).first
    assert first is not None
    assert first.violation.kind == "lost"
    assert crashes(good.begin_immediate, [PAIR], once).holds
    with pytest.raises(LabError, match="no processes to kill"):
        crashes(good.begin_immediate, [PAIR], once, really=True)
