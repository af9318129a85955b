"""The explorer: every interleaving, every crash point."""

import _thread
import concurrent.futures
import gc
import multiprocessing
import os
import re
import sqlite3
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from labkit.checks.reference import load
from labkit.drawing.strokes import escape
from labkit.errors import BadSetting, LabError
from labkit.explore import (
    Outcome,
    Report,
    Violation,
    World,
    crashes,
    database,
    each_once,
    interleavings,
    pace,
    replay,
    stage,
    turn,
)
from labkit.explore import world as worlds
from labkit.explore.picture import draw_svg
from labkit.explore.play import Play
from labkit.explore.story import story_of
from labkit.explore.worker import Worker
from labkit.model import Event, Request
from labkit.running.fresh import FreshProcess
from labkit.running.sandbox import run_bounded
from labkit.running.sources import Sources
from tests.explore_handlers import apps, bad, good
from tests.repeated import rounds
from tests.threads import left_since

EVENT = Event("payment.succeeded", {"order_id": "A1"})
REQUEST = Request(
    "POST", "/webhooks", (("Content-Type", "application/json"),), EVENT.body
)
PAIR = ("evt_1", "A1")
EXPLORE: dict[str, Callable[..., Report]] = {
    "interleavings": interleavings,
    "crashes": crashes,
}


def shipped(outcome: Outcome) -> list[Any]:
    rows = outcome.rows("shop.db", "SELECT order_id FROM shipments")
    return [*(effect.args[0] for effect in outcome.effects), *(row[0] for row in rows)]


once = each_once(["A1"], shipped)


def requests_for(kind: str) -> list[Any]:
    return [PAIR, ("evt_2", "A2")] if kind == "deadlock" else [PAIR, PAIR]


def shop(name: str) -> Callable[[World], Any]:
    make_app = getattr(apps, name)

    def boot(world: World) -> Any:
        return make_app(str(world.directory / "shop.db"), world.effect)

    return boot


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    before = threading.enumerate()
    lock, sleep, connect = threading.Lock, time.sleep, sqlite3.connect
    yield
    assert left_since(before) == []
    assert (threading.Lock, time.sleep, sqlite3.connect) == (lock, sleep, connect)
    assert sys.gettrace() is None


@rounds(3, 10, 50)
@pytest.mark.parametrize("boot", bad.FOUND, ids=lambda boot: boot.__name__)
def test_each_known_bug_is_found_in_each_run_with_the_same_history(
    boot: Callable[[World], Any], rounds: int
) -> None:
    finder, kind = bad.FOUND[boot]
    requests = requests_for(kind)
    reports = [EXPLORE[finder](boot, requests, once) for _ in range(rounds)]
    first = reports[0].first
    assert first is not None
    assert first.violation.kind == kind
    assert all(report == reports[0] for report in reports)


@pytest.mark.parametrize(
    ("boot", "under"),
    [(boot, under) for boot, all_of in good.HOLDS.items() for under in all_of],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_good_receiver_holds_under_everything(
    boot: Callable[[World], Any], under: str
) -> None:
    bound = {"preemptions": 2} if under == "interleavings" else {}
    report = EXPLORE[under](boot, [PAIR, PAIR], once, **bound)
    assert report.holds, report
    assert report.complete
    assert report.bound == 2


@rounds(3, 10, 50)
@pytest.mark.parametrize(
    ("name", "under", "kind"),
    [
        ("exists_process_save", "interleavings", "doubled"),
        ("check_then_act_in_memory", "interleavings", "doubled"),
        ("claims_before_success", "crashes", "lost"),
    ],
)
def test_a_bug_in_a_flask_app_is_found_in_each_run(
    name: str, under: str, kind: str, rounds: int
) -> None:
    for _ in range(rounds):
        first = EXPLORE[under](shop(name), [REQUEST, REQUEST], once).first
        assert first is not None
        assert first.violation.kind == kind


@pytest.mark.parametrize(
    ("name", "under"),
    [
        ("unique_and_one_transaction", "interleavings"),
        ("unique_and_one_transaction", "crashes"),
        ("a_lock_and_a_durable_row", "interleavings"),
        ("sqlalchemy_core", "interleavings"),
        ("sqlalchemy_core", "crashes"),
    ],
)
def test_a_good_flask_app_holds(name: str, under: str) -> None:
    bound = {"preemptions": 2} if under == "interleavings" else {}
    report = EXPLORE[under](shop(name), [REQUEST, REQUEST], once, **bound)
    assert report.holds, report
    assert report.complete


@pytest.mark.nightly
@pytest.mark.parametrize(
    "name",
    ["unique_and_one_transaction", "a_lock_and_a_durable_row", "sqlalchemy_core"],
)
def test_a_good_flask_app_holds_without_a_bound(name: str) -> None:
    report = interleavings(shop(name), [REQUEST, REQUEST], once)
    assert report.holds, report
    assert report.complete


def test_the_first_counterexample_has_the_fewest_switches() -> None:
    first = interleavings(bad.check_then_act_in_a_dict, [PAIR, PAIR], once).first
    assert first is not None
    assert first.switches == 1
    taken_off = next(i for i, s in enumerate(first.steps) if s.worker == "B")
    step = first.steps[taken_off - 1]
    assert step.text == "if event_id in seen:"
    assert step.file == "bad.py"
    assert first.harm_at is not None
    assert first.steps[first.harm_at].kind == "effect"


def test_a_replay_tells_the_same_steps() -> None:
    for explore, boot in (
        (interleavings, bad.check_then_act_in_a_helper),
        (crashes, bad.commits_the_effect_first),
    ):
        first = explore(boot, [PAIR, PAIR], once).first
        assert first is not None
        names = {
            "replay": replay,
            "boot": boot,
            "requests": [PAIR, PAIR],
            "invariant": once,
        }
        assert eval(first.replay, names) == first  # noqa: S307 - the line we show


def test_a_fixed_receiver_replays_without_harm() -> None:
    assert replay(good.begin_immediate, [PAIR, PAIR], once, "AB 7B") is None
    assert replay(good.begin_immediate, [PAIR, PAIR], once, "crash 9 4") is None
    assert replay(good.begin_immediate, [PAIR, PAIR], once, "crash 999") is None


@pytest.mark.parametrize("history", ["", "XY", "AB B4", "crash x"])
def test_what_is_not_a_history_is_refused(history: str) -> None:
    with pytest.raises(BadSetting, match="is not a history"):
        replay(good.begin_immediate, [PAIR, PAIR], once, history)


@pytest.mark.parametrize("name", ["exists_process_save", "check_then_act_in_memory"])
def test_the_same_exploration_writes_the_same_bytes(name: str) -> None:
    written = set()
    for _ in range(3):
        report = interleavings(shop(name), [REQUEST, REQUEST], once)
        assert report.first is not None
        written.add((str(report), report.first.svg()))
    assert len(written) == 1


def test_text_and_picture_show_the_same_facts() -> None:
    for report in (
        interleavings(bad.check_then_act_in_a_helper, [PAIR, PAIR], once),
        crashes(bad.commits_the_claim_first, [PAIR], once),
    ):
        assert report.first is not None
        story = story_of(report.first)
        drawn = "".join(ET.fromstring(report.first.svg()).itertext())  # noqa: S314 - our own
        written = str(report.first)
        assert len(story.rows) > 10
        for row in story.rows:
            assert row.text in drawn
            assert row.text in written
            assert row.label in drawn
            assert row.label in written
        assert story.foot in drawn
        assert story.foot in written
        # GitHub and screen readers leave out the picture that a cell shows.
        assert all(escape(line) in report._repr_html_() for line in written.split("\n"))


def test_a_crash_is_told_with_its_restart() -> None:
    first = crashes(bad.commits_the_claim_first, [PAIR], once).first
    assert first is not None
    kinds = [step.kind for step in first.steps]
    assert kinds.count("crash") == kinds.count("restart") == first.crashes == 1
    assert kinds.index("restart") == kinds.index("crash") + 1
    died = first.steps[kinds.index("crash")]
    assert died.life == 1
    assert first.steps[-1].life == 2
    assert "✂ dies before line" in str(first)


def test_a_dead_process_runs_no_finally() -> None:
    first = crashes(bad.takes_the_claim_back_in_finally, [PAIR], once).first
    assert first is not None
    assert not any("DELETE" in step.text for step in first.steps)


def test_two_crashes_in_a_row_find_what_one_does_not() -> None:
    def boot(world: World) -> Callable[[Any], None]:
        starts = world.directory / "starts"
        started = len(starts.read_text()) if starts.exists() else 0
        starts.write_text("x" * (started + 1))

        def handle(event: tuple[str, str]) -> None:
            if started < 2:
                world.effect(event[1])

        return handle

    shipped_at_all = each_once(["A1"], lambda outcome: shipped(outcome)[:1])
    assert crashes(boot, [PAIR], shipped_at_all, crashes=1).holds
    first = crashes(boot, [PAIR], shipped_at_all).first
    assert first is not None
    assert first.crashes == 2


def test_children_that_are_killed_agree_with_the_model() -> None:
    for boot in (bad.commits_the_claim_first, good.one_transaction_in_a_helper):
        model = crashes(boot, [PAIR], once, crashes=1)
        real = crashes(boot, [PAIR], once, crashes=1, really=True)
        # A journal holds random bytes, so that more children leave different files.
        assert replace(real, tried=0) == replace(model, tried=0)
        assert real.tried >= model.tried
    assert model.holds
    assert model.points > 10


def test_a_lock_of_the_database_is_waited_for_and_no_result() -> None:
    first = replay(good.begin_immediate, [PAIR, PAIR], lambda _: "told", "AB 13B")
    assert first is not None
    waits = [step for step in first.steps if step.kind == "wait"]
    assert [(step.worker, step.text) for step in waits] == [
        ("B", "waits for the database")
    ]
    answers = [step for step in first.steps if step.kind == "answer"]
    assert [step.text for step in answers] == ["returns", "returns"]


def test_where_sqlite_would_not_wait_the_receiver_gets_its_error() -> None:
    def boot(world: World) -> Callable[[Any], None]:
        path = world.directory / "shop.db"
        database = sqlite3.connect(path)
        database.execute("CREATE TABLE IF NOT EXISTS shipments (order_id TEXT)")
        database.close()

        def handle(event: tuple[str, str]) -> None:
            database = sqlite3.connect(path, isolation_level=None)
            database.execute("BEGIN")
            found = database.execute("SELECT * FROM shipments").fetchall()
            if not found:
                database.execute("INSERT INTO shipments VALUES (?)", event[1:])
            database.execute("COMMIT")
            database.close()

        return handle

    seen: set[str] = set()

    def invariant(outcome: Outcome) -> Violation | None:
        seen.update(answer.error for answer in outcome.answers)
        return once(outcome)  # type: ignore[return-value]

    assert interleavings(boot, [PAIR, PAIR], invariant, preemptions=1).holds
    assert seen == {"", "OperationalError: database is locked"}


def test_a_timed_wait_runs_out_before_a_deadlock_is_called() -> None:
    def boot(world: World) -> Callable[[Any], None]:
        one, two = threading.Lock(), threading.Lock()

        def handle(event: tuple[str, str]) -> None:
            first, second = (one, two) if event[0] == "evt_1" else (two, one)
            with first:
                if second.acquire(timeout=3600):
                    world.effect(event[1])
                    second.release()
                else:
                    raise TimeoutError

        return handle

    orders = each_once(["A1", "A2"], shipped)
    report = interleavings(boot, [PAIR, ("evt_2", "A2")], orders)
    assert report.holds, report


def test_a_wait_that_cannot_be_seen_is_told_by_its_frame() -> None:
    def boot(world: World) -> Callable[[Any], None]:
        lock = _thread.allocate_lock()
        seen: set[str] = set()

        def handle(event: tuple[str, str]) -> None:
            with lock:
                if event[0] not in seen:
                    world.effect(event[1])
                    seen.add(event[0])

        return handle

    report = interleavings(boot, [PAIR, PAIR], once, preemptions=1)
    assert report.holds, report
    assert report.tried == 5


def test_a_thread_that_the_receiver_starts_is_waited_for() -> None:
    def boot(world: World) -> Callable[[Any], None]:
        lock, seen = threading.Lock(), set()

        def work(event: tuple[str, str]) -> None:
            with lock:
                if event[0] not in seen:
                    seen.add(event[0])
                    world.effect(event[1])

        def handle(event: tuple[str, str]) -> None:
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                pool.submit(work, event).result()

        return handle

    report = interleavings(boot, [PAIR, PAIR], once, preemptions=0)
    assert report.holds, report


@pytest.mark.parametrize("explore", [interleavings, crashes])
def test_a_receiver_that_does_not_end_is_ended(
    explore: Callable[..., Report],
) -> None:
    def boot(_world: World) -> Callable[[Any], None]:
        kept: list[type[BaseException]] = []

        def handle(_event: Any) -> None:
            while True:
                try:
                    time.sleep(0)
                except BaseException as error:  # noqa: BLE001 - it holds on to life
                    kept.append(type(error))

        return handle

    report = explore(boot, [PAIR, PAIR], once)
    assert report.first is not None
    assert report.first.violation.kind == "endless"


def test_exit_in_a_receiver_is_an_answer_that_is_none() -> None:
    def boot(world: World) -> Callable[[Any], None]:
        def handle(event: tuple[str, str]) -> None:
            if not world.effects:
                world.effect(event[1])
                sys.exit(1)

        return handle

    told: list[str] = []

    def invariant(outcome: Outcome) -> None:
        told.extend(str(answer) for answer in outcome.answers)

    assert interleavings(boot, [PAIR], invariant).holds
    assert told == ["raises SystemExit: 1", "returns"]


def test_memory_is_fresh_in_every_run_and_as_before_in_the_end() -> None:
    bad.SEEN.add("evt_1")
    try:
        assert interleavings(bad.remembers_in_a_global, [PAIR], once).first is not None
        assert "evt_1" in bad.SEEN
    finally:
        bad.SEEN.clear()
    kept = bad.SEEN
    assert interleavings(bad.remembers_in_a_global, [PAIR], once).holds
    assert bad.SEEN is kept
    assert kept == set()


@pytest.mark.parametrize("error", [ValueError("no settings"), SystemExit(1)])
@pytest.mark.parametrize("explore", [interleavings, crashes])
def test_a_receiver_that_does_not_start_is_a_violation(
    explore: Callable[..., Report], error: BaseException
) -> None:
    def boot(_world: World) -> Callable[[Any], None]:
        raise error

    first = explore(boot, [PAIR], once).first
    assert first is not None
    assert str(first.violation) == (
        f"the receiver does not start: {type(error).__name__}: {error}"
    )


def test_three_requests_at_the_same_moment() -> None:
    orders = each_once(["A1", "A2"], shipped)
    requests = [PAIR, PAIR, ("evt_2", "A2")]
    bug = interleavings(bad.check_then_act_in_a_dict, requests, orders)
    assert bug.first is not None
    fine = interleavings(good.a_lock_around_a_dict, requests, orders, preemptions=1)
    assert fine.holds
    assert fine.complete


def test_the_limits_are_told() -> None:
    some = interleavings(good.begin_immediate, [PAIR, PAIR], once, limit=30)
    assert (some.tried, some.bound, some.complete) == (30, 1, False)
    assert str(some).startswith("No harm in 30 interleavings: all up to 1 preemption")
    none = interleavings(good.begin_immediate, [PAIR, PAIR], once, seconds=0)
    assert (none.tried, none.bound, none.complete) == (1, 0, False)
    few = crashes(good.begin_immediate, [PAIR, PAIR], once, limit=3)
    assert (few.tried, few.bound, few.complete) == (3, 0, False)


def test_it_says_why_it_cannot_run_under_a_debugger() -> None:
    def tracer(_frame: FrameType, _event: str, _arg: object) -> None:
        return None

    for explore in (interleavings, crashes):
        sys.settrace(tracer)
        try:
            with pytest.raises(LabError, match="a debugger or a coverage tool uses it"):
                explore(good.begin_immediate, [PAIR], once)
        finally:
            sys.settrace(None)


def test_it_works_from_a_thread_that_is_not_the_main_one() -> None:
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        found = pool.submit(
            interleavings, bad.check_then_act_in_a_dict, [PAIR, PAIR], once
        ).result()
    assert found.first is not None


def test_stopping_it_puts_everything_back() -> None:
    def boot(_world: World) -> Callable[[Any], None]:
        def handle(_event: Any) -> None:
            for _ in range(100):
                handled[0] += 1
                touched.set()

        return handle

    def workers() -> list[str]:
        """Name the workers, and the check's thread, which puts everything back."""
        names = (thread.name for thread in threading.enumerate())
        return [name for name in names if name.startswith("labkit-")]

    handled, touched = [0], threading.Event()
    run = run_bounded(
        lambda: interleavings(boot, [PAIR, PAIR], lambda _: None), seconds=0.3
    )
    assert run.timed_out
    for _ in range(1_000):  # on a busy machine, a thread takes its time to end
        if not workers():
            break
        time.sleep(0.02)
    assert workers() == []
    assert handled == [0]
    assert not touched.is_set()


def test_memory_is_put_back_after_the_workers_have_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def restore(memory: FreshProcess) -> None:
        names = (thread.name for thread in threading.enumerate())
        alive.extend(name for name in names if name.startswith("labkit-explore-"))
        restored.append(memory)
        put_back(memory)

    put_back = FreshProcess.restore
    monkeypatch.setattr(FreshProcess, "restore", restore)
    alive: list[str] = []
    restored: list[FreshProcess] = []
    interleavings(bad.check_then_act_in_a_dict, [PAIR, PAIR], once)
    assert restored
    assert alive == []


def test_a_lock_taken_twice_by_one_worker_is_no_riddle() -> None:
    def boot(_world: World) -> Callable[[Any], None]:
        lock = threading.Lock()

        def handle(_event: Any) -> None:
            with lock:
                lock.acquire()

        return handle

    for explore in (interleavings, crashes):
        first = explore(boot, [PAIR], once).first
        assert first is not None
        assert first.violation == Violation(
            "the handler waits for something that never comes", "deadlock"
        )


def test_where_there_is_no_memory_for_files_the_disk_will_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(worlds, "MEMORY", tmp_path / "none")
    monkeypatch.setattr(database, "MEMORY", tmp_path / "none")
    assert crashes(good.one_transaction_in_a_helper, [PAIR, PAIR], once).holds
    first = crashes(bad.commits_the_effect_first, [PAIR], once).first
    assert first is not None


def test_no_request_and_no_code_are_refused() -> None:
    with pytest.raises(BadSetting, match="0 requests"):
        interleavings(good.begin_immediate, [], once)
    with pytest.raises(BadSetting, match="no code to explore"):
        interleavings(lambda _world: print, [PAIR], once, code=[print])


def test_named_code_alone_is_paused() -> None:
    boot = bad.check_then_act_in_a_helper
    first = interleavings(boot, [PAIR, PAIR], once, code=[bad]).first
    assert first is not None
    assert {step.file for step in first.steps} == {"bad.py", "ledger.py", ""}
    first = interleavings(boot, [PAIR, PAIR], once, code=[bad.__file__]).first
    assert first is not None
    assert {step.file for step in first.steps} == {"bad.py", ""}


def test_the_kit_is_not_paused_but_leads_to_the_learner() -> None:
    kit = Path(stage.__file__).parent.parent / "exercises" / "made_up.py"
    text = "def starter(make):\n    return lambda world: make(world)\n"
    space: dict[str, Any] = {}
    exec(compile(text, str(kit), "exec"), space)  # noqa: S102 - stands for a kit's file
    boot = space["starter"](bad.commits_the_effect_first)
    first = crashes(boot, [PAIR], once).first
    assert first is not None
    assert {step.file for step in first.steps} == {"bad.py", "ledger.py", ""}


def test_what_is_done_while_the_wait_is_tried_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "shop.db")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("CREATE TABLE shipped (id TEXT PRIMARY KEY)")
    holder.execute("BEGIN IMMEDIATE")
    with database.seen_connecting():
        patient = sqlite3.connect(path)
        sleep = patient.sleep_in_sqlite  # type: ignore[attr-defined]

        def free_the_lock(milliseconds: int) -> None:
            sleep(milliseconds)
            if holder.in_transaction:
                holder.execute("ROLLBACK")

        monkeypatch.setattr(patient, "sleep_in_sqlite", free_the_lock)
        claim = "INSERT INTO shipped VALUES ('A1') ON CONFLICT DO NOTHING"
        assert patient.execute(claim).rowcount == 1
        patient.close()
    holder.close()


def two_workers() -> tuple[turn.Turn[Worker], Worker, Worker]:
    """A stage on which the first of two workers has the turn."""
    made = stage.Stage(2, frozenset())
    made.turn.prepare(Play((0, 1), []))
    for worker in made.workers:
        worker.alive, worker.thread = True, threading.current_thread()
    made.turn.running = made.workers[0]
    return made.turn, made.workers[0], made.workers[1]


def test_who_was_taken_for_waiting_gives_the_turn_no_second_time() -> None:
    made, one, other = two_workers()
    turn.Lookout(made)._pass_by(one, (one, 0, 0))
    assert one.unseen
    assert not made.hand_over(one, other)
    made.leave(one)  # at its end, before it noticed
    assert made.running is other
    assert made.unseen == 0
    assert not other.gate.locked()  # it got the turn, once


def test_who_has_just_given_the_turn_is_not_taken_for_waiting() -> None:
    made, one, other = two_workers()
    assert made.hand_over(one, other)
    turn.Lookout(made)._pass_by(one, (one, 0, 0))
    assert not one.unseen
    assert made.running is other
    assert not other.gate.locked()


def test_a_class_of_main_is_the_learners_whoever_is_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed = pytest.__file__  # as in `python -m pytest`
    monkeypatch.setattr(sys.modules["__main__"], "__file__", installed, raising=False)
    kept = type("Kept", (), {"__module__": "__main__", "seen": set()})
    assert Sources([kept]).classes == [kept]


def test_the_pace_is_measured() -> None:
    measured = pace(good.a_lock_around_a_dict, [PAIR, PAIR], once, rounds=5)
    assert measured.per_second > 0
    assert measured.ratio > 0
    assert "interleavings per second" in str(measured)


def test_a_locked_database_in_a_script_is_waited_for() -> None:
    def boot(world: World) -> Callable[[Any], None]:
        path = world.directory / "shop.db"
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE shipments (order_id TEXT)")
        database.close()

        def handle(_event: tuple[str, str]) -> None:
            database = sqlite3.connect(path)
            database.executescript(
                "BEGIN IMMEDIATE; INSERT INTO shipments VALUES ('A1');"
            )
            database.commit()
            database.close()

        return handle

    def twice(outcome: Outcome) -> str | None:
        return None if shipped(outcome) == ["A1", "A1"] else "an order is missing"

    report = interleavings(boot, [PAIR, PAIR], twice, preemptions=1)
    assert report.holds, report
    assert report.complete


def test_each_step_has_what_is_in_the_files_and_in_memory() -> None:
    first = interleavings(bad.check_then_act_in_a_helper, [PAIR, PAIR], once).first
    assert first is not None
    assert len(first.states) == len(first.steps)
    last = first.states[-1]
    assert dict(last.rows)["shop.db, table shipments"] == ("'A1'", "'A1'")
    assert dict(last.rows)["shop.db, table seen"] == ("'evt_1'",)
    counts = [
        len(dict(each.rows).get("shop.db, table seen", ())) for each in first.states
    ]
    assert counts == sorted(counts)
    acts = [n for n, step in enumerate(first.steps) if "ledger.ship" in step.text]
    # Before its line runs, the first worker to ship sees no row; it knows its event.
    shipments = [dict(first.states[n].rows)["shop.db, table shipments"] for n in acts]
    assert shipments[0] == ()
    worker = first.steps[acts[0]].worker
    known = dict(dict(first.states[acts[0]].variables)[worker])
    assert known["event_id"] == "'evt_1'"


def test_a_crash_clears_the_memory_that_is_shown() -> None:
    first = crashes(bad.commits_the_claim_first, [PAIR], once).first
    assert first is not None
    kinds = [step.kind for step in first.steps]
    died = kinds.index("crash")
    assert first.states[died - 1].variables
    assert first.states[died].variables == first.states[died + 1].variables == ()
    assert dict(first.states[died].rows)["shop.db, table seen"] == ("'evt_1'",)


def test_the_memory_that_is_shown_is_that_of_the_process() -> None:
    report = interleavings(shop("check_then_act_in_memory"), [REQUEST, REQUEST], once)
    assert report.first is not None
    seen = [dict(state.memory)["seen"] for state in report.first.states]
    assert seen[0] == "set()"
    assert seen[-1].startswith("{'evt_")
    assert len(report.first.states[-1].effects) == 2


def test_code_is_continued_on_the_next_row_and_not_cut_off() -> None:
    first = interleavings(bad.check_then_act_in_a_helper, [PAIR, PAIR], once).first
    assert first is not None
    assert "…" not in str(first)
    written = [row.text for row in story_of(first).rows if row.kind in ("line", "more")]
    assert any(row.kind == "more" for row in story_of(first).rows)
    for step in first.steps:
        if step.kind == "line":
            assert step.text.replace(" ", "") in "".join(written).replace(" ", "")


def test_a_note_that_is_continued_is_drawn_as_a_note_and_not_as_code() -> None:
    first = interleavings(bad.check_then_act_in_a_helper, [PAIR, PAIR], once).first
    assert first is not None
    said = "answers 500 (IntegrityError: UNIQUE constraint failed: shipped.id)"
    steps = tuple(
        replace(step, text=said) if step.kind == "answer" else step
        for step in first.steps
    )
    drawn = draw_svg(replace(first, steps=steps))
    classes = re.search(r'class="([^"]*)"> +constraint failed: shipped.id', drawn)
    assert classes is not None
    assert "soft" in classes[1]
    assert "mono" not in classes[1]


def test_a_gate_that_the_lookout_has_opened_is_no_error_for_who_leaves() -> None:
    made, one, other = two_workers()
    other.wake()  # by the lookout, at the end of a play
    made.leave(one)
    assert made.running is other
    assert not other.gate.locked()


def open_files() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


def test_a_connection_that_is_forgotten_in_a_statement_is_closed(
    tmp_path: Path,
) -> None:
    with database.seen_connecting():
        before = open_files()
        patient: Any = sqlite3.connect(tmp_path / "shop.db")
        patient.execute("CREATE TABLE seen (id TEXT)")
        patient.uses += 1  # its worker was ended before it could count down
        del patient
        gc.collect(1)
        assert open_files() == before


def test_a_connection_that_is_in_use_is_closed_the_next_time(tmp_path: Path) -> None:
    with database.seen_connecting():
        patient: Any = sqlite3.connect(tmp_path / "shop.db")
        patient.uses += 1
        database.close_all()
        assert not patient.closed
        patient.uses -= 1
        database.close_all()
        assert patient.closed


def test_a_worker_that_outlives_its_exploration_opens_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turn, "_LONGEST", 0.05)
    monkeypatch.setattr(turn, "_PATIENCE", 0.05)
    real = sqlite3.connect
    reading, writing = os.pipe()
    opened: list[Any] = []

    def boot(_world: World) -> Callable[[Any], None]:
        def handle(_event: object) -> None:
            try:
                try:
                    os.read(reading, 1)
                finally:
                    print("Python stops tracing where a trace function raises")
            except BaseException:
                opened.append(sqlite3.connect(":memory:"))
                raise

        return handle

    report = interleavings(boot, [PAIR], once, preemptions=0, retries=0)
    assert report.first is not None
    (worker,) = (t for t in threading.enumerate() if t.name == "labkit-explore-0")
    os.close(writing)
    worker.join(60)
    os.close(reading)
    assert not worker.is_alive()
    assert opened == []
    with database.seen_connecting():
        pass
    assert sqlite3.connect is real


WRITES_TWICE = """
def boot(world):
    def handle(event):
        with (world.directory / "sent").open("a") as file:
            file.write(event)
    return handle
"""


def written_once(outcome: Outcome) -> str | None:
    sent = (outcome.directory / "sent").read_text()
    return None if sent == "A1" else f"sent {sent}"


@pytest.mark.full
def test_where_no_process_is_copied_a_new_one_gets_the_cell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    boot = load(WRITES_TWICE, "boot", label="a cell")
    copied = crashes(boot, ["A1"], written_once, crashes=1, really=True).first
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    new = crashes(boot, ["A1"], written_once, crashes=1, really=True).first
    assert copied is not None
    assert new is not None
    assert new.code == copied.code
    assert new.violation.harm == "sent A1A1"


def test_where_no_process_is_copied_a_boot_of_unknown_origin_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    boot = load(WRITES_TWICE, "boot", label="another cell")
    del boot.__globals__["boot"]
    with pytest.raises(LabError, match="without the notebook's variables, and a new"):
        crashes(boot, ["A1"], written_once, crashes=1, really=True)
