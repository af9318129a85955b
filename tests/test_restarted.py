"""A restart in real processes has the last word about what survives it."""

import builtins
import contextlib
import enum
import linecache
import os
import pickle
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labkit.build import content
from labkit.checks import Case, NotTried, NotYet, restarted
from labkit.checks.reference import load
from labkit.checks.restarted import salted
from labkit.checks.verdicts import Verdict
from labkit.exercises import EXERCISES, judge
from labkit.exercises.lab07_idempotency.restarting import real_restart
from labkit.running import child
from labkit.running.child import Told, in_child
from labkit.running.portable import portable
from labkit.running.rerun import defined_again

pytestmark = pytest.mark.skipif(not child.FORKS, reason="this system copies no process")

SEEN_IN_A_LOGGER = """
import logging, threading
from flask import Flask, request

log = logging.getLogger("labkit-test-shop")
log.seen, log.lock = set(), threading.Lock()

def make_app(db_path, ship):
    app = Flask("shop")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        with log.lock:
            if (db_path, event["id"]) not in log.seen:
                ship(event["data"]["order_id"])
                log.seen.add((db_path, event["id"]))
        return "", 200

    return app
"""
WITH_A_KEY = """
import sqlite3, uuid
from contextlib import closing
from flask import Flask, request

PROCESS = None

def make_app(db_path, ship):
    app = Flask("shop")
    with closing(sqlite3.connect(db_path)) as database, database:
        database.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY)")

    @app.post("/webhooks")
    def webhook():
        event = request.get_json()
        key = event["id"]
        with closing(sqlite3.connect(db_path)) as database, database:
            if database.execute(
                "INSERT INTO seen VALUES (?) ON CONFLICT DO NOTHING", [key]
            ).rowcount:
                ship(event["data"]["order_id"])
        return "", 200

    return app
"""


def with_a_key(key: str, process: str = "None") -> str:
    code = WITH_A_KEY.replace("PROCESS = None", f"PROCESS = {process}")
    return code.replace('key = event["id"]', f"key = {key}")


def cell(code: str, name: str = "make_app") -> Any:
    return load(code, name, label="cell")


def judged(code: str, exercise: str = "7.2") -> Verdict:
    return judge(exercise, cell(code))


def refused(verdict: Verdict) -> str:
    assert verdict.outcome == "not yet", verdict
    assert (
        verdict.failing
        == "A restart with a new process for each attempt adds no parcel."
    )
    assert verdict.failure is not None
    assert verdict.failure.mistake is None
    return verdict.failure.answered


def test_memory_that_no_search_finds_does_not_survive_a_real_restart() -> None:
    answered = refused(judged(SEEN_IN_A_LOGGER))
    assert answered.startswith("200, then 200; parcels: A-1, A-1")


@pytest.mark.parametrize(
    ("process", "key"),
    [
        ("uuid.uuid4().hex", 'PROCESS + event["id"]'),
        ("None", 'str(hash(event["id"]))'),
    ],
)
def test_a_key_that_differs_in_each_process_ships_twice(process: str, key: str) -> None:
    answered = refused(judged(with_a_key(key, process)))
    assert answered.startswith("200, then 200; parcels: A-1, A-1")


def survives(exercise: str) -> Case:
    return next(
        each
        for each in EXERCISES[exercise].searches
        if each.__name__ == "survives_a_real_restart"
    )


@pytest.mark.parametrize("exercise", ["7.2", "7.3", "7.4", "12.1"])
def test_the_reference_survives_and_pays_little_for_it(exercise: str) -> None:
    case = survives(exercise)
    answers = content.answers(Path(__file__).parent / "right_answers")
    make_app = cell(next(each.source for each in answers if each.exercise == exercise))
    case(make_app)  # what it imports is imported now
    before = time.process_time(), os.times().children_user
    assert case(make_app) is None
    spent = time.process_time() - before[0] + os.times().children_user - before[1]
    assert spent < 0.5


def start(
    make: Any, file: Path, sent: list[Any]
) -> tuple[Any, Callable[[], list[Any]]]:
    return make(str(file), sent.append), sent.copy


def untried(code: str) -> str:
    with pytest.raises(NotTried) as reason:
        real_restart(start)(cell(code))
    return str(reason.value)


def test_a_receiver_that_does_not_come_to_an_end_is_not_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(in_child, "__kwdefaults__", {"seconds": 0.2})
    endless = "0\n        while True: pass"
    assert "still running" in untried(with_a_key(endless))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("__import__('os')._exit(3)", "ended without a result (exit status 3)"),
        ("__import__('os').abort()", "ended without a result (exit status -6)"),
    ],
)
def test_a_child_that_ends_early_is_not_tried(line: str, said: str) -> None:
    assert said in untried(with_a_key(line))


def test_a_cell_that_gives_other_results_when_it_runs_again_is_not_tried() -> None:
    code = with_a_key('event["id"] if "on" in PROCESS else 1 / 0', "set()")
    assert "your cell was run again" in untried(code + '\nPROCESS.add("on")\n')


@pytest.fixture
def copies_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this be a system such as Windows, where a child is a new Python process."""
    monkeypatch.setattr(child, "FORKS", False)


@pytest.mark.usefixtures("copies_no_process")
def test_without_copies_a_receiver_is_restarted_in_a_new_python() -> None:
    with pytest.raises(NotYet) as failure:
        real_restart(start)(cell(with_a_key('str(hash(event["id"]))')))
    assert failure.value.failure.answered.startswith("200, then 200; parcels: A-1, A-1")


@pytest.mark.full
@pytest.mark.parametrize("exercise", ["7.2", "7.3", "7.4", "12.1"])
@pytest.mark.usefixtures("copies_no_process")
def test_without_copies_right_answers_survive(exercise: str) -> None:
    answers = content.answers(Path(__file__).parent / "right_answers")
    mine = [each.source for each in answers if each.exercise == exercise]
    for source in mine[:2]:
        assert survives(exercise)(cell(source)) is None


@pytest.mark.usefixtures("copies_no_process")
def test_without_copies_what_a_new_python_does_not_get_is_told() -> None:
    assert "exit status 3" in untried(with_a_key("__import__('os')._exit(3)"))
    text = "def make_app(file, ship): return log"
    made = cell(text)
    made.__globals__["log"] = [lambda: None]
    with pytest.raises(NotTried, match="a new process can't get a copy of 'log'"):
        real_restart(start)(made)
    made.__globals__["make_app"] = None
    with pytest.raises(NotTried, match="can't tell where your function is defined"):
        real_restart(start)(made)


def test_a_browser_says_that_it_starts_no_process(
    monkeypatch: pytest.MonkeyPatch, copies_no_process: None
) -> None:
    monkeypatch.setattr(restarted, "IN_BROWSER", True)
    assert "this system can't start a process" in untried(WITH_A_KEY)


def test_a_new_process_gets_helpers_values_and_modules_of_other_cells() -> None:
    space: dict[str, Any] = {"__name__": "__main__"}
    for number, text in enumerate(
        (
            "import json as j\nfrom collections import Counter as Number\nlimit = 5",
            "lock = __import__('threading').Lock()\ndef helper(): return limit, lock",
            "class Shop:\n    def told(self): return helper()[0]",
            "def make(): return j.dumps(Number(a=Shop().told()))\nassert 1 / 0",
        )
    ):
        file = f"<cell {number} of a notebook>"
        linecache.cache[file] = (len(text), None, text.splitlines(True), file)
        with contextlib.suppress(ZeroDivisionError):
            exec(compile(text, file, "exec"), space)  # noqa: S102 - a cell
    sent = pickle.loads(pickle.dumps(portable(space["make"])))  # noqa: S301 - ours
    assert (sorted(sent.values), sent.modules) == (["Number", "limit"], {"j": "json"})
    assert sent.defined()() == space["make"]()


def loop() -> None:
    while True:
        pass


def open_handles() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


def spawn_and_sleep() -> None:
    if os.fork() == 0:
        time.sleep(60)
    loop()


@pytest.mark.parametrize(
    ("work", "problem"),
    [
        (loop, "it was still running after 0 s"),
        (spawn_and_sleep, "it was still running after 0 s"),
        (sys.exit, "it ended with SystemExit"),
        (lambda: os._exit(7), "it ended without a result (exit status 7)"),
        (lambda: os.kill(os.getpid(), 9), "it ended without a result (exit status -9)"),
        (lambda: 1 / 0, "it ended with ZeroDivisionError"),
        (lambda: {1, 2}, "it ended without a result"),
    ],
)
def test_whatever_a_child_does_is_told(
    work: Callable[[], Any], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, children = os.fork, []

    def noting() -> int:
        children.append(real())
        return children[-1]

    monkeypatch.setattr(os, "fork", noting)
    handles = open_handles()
    told = in_child(work, seconds=0.3)
    assert told.problem.startswith(problem)
    assert open_handles() == handles
    (child,) = children
    with pytest.raises(ChildProcessError):  # other tests' children may be there
        os.waitpid(child, os.WNOHANG)


def test_a_child_returns_what_it_made_and_changes_nothing_here(
    capfd: pytest.CaptureFixture[str],
) -> None:
    here: list[int] = []

    def work() -> list[int]:
        print("loud")
        os.write(1, b"louder")
        here.append(1)
        return here * 100_000

    assert in_child(work) == Told([1] * 100_000)
    assert here == []
    assert capfd.readouterr().out == ""


def test_a_cell_runs_again_without_its_check() -> None:
    make = cell(
        "from labkit.exercises import check\n"
        "seen = set()\n"
        "def make():\n    seen.add(1)\n    return len(seen), seen\n"
        "first = make()\n"
        "verdict = check('0.1', None)\n"
        "print(1 / 0) if len(seen) > 1 else None\n",
        "make",
    )
    again = defined_again(make)
    assert again is not make
    assert again()[1] is not make()[1]
    assert defined_again(len) is len


def test_only_the_learners_hash_of_a_text_differs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    salts = iter(range(10))
    ask = load("def ask(value):\n    return hash(value)", "ask", label="a cell")
    monkeypatch.setattr(builtins, "hash", salted(lambda: next(salts)))
    for text in ("evt_1", b"evt_1", ("order", "evt_1")):
        assert ask(text) != ask(text)
    assert ask((1, 2.5)) == ask((1, 2.5))
    assert ask(Told) == ask(Told)
    library = enum.Enum("library", "MEMBER")  # enum.py calls hash() of the name
    assert ask(library.MEMBER) == ask(library.MEMBER)
