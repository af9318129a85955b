"""A fresh process: what code keeps is gone in it, and comes back afterwards."""

import linecache
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from labkit.explore import World, crashes, each_once, interleavings
from labkit.explore.memory import memory_of
from labkit.running.fresh import FreshProcess
from labkit.running.sources import Sources

KEEPERS = {
    "a set in a global": """
seen = set()
def first(id):
    new = id not in seen
    seen.add(id)
    return new
""",
    "a rebound global": """
seen = ()
def first(id):
    global seen
    new, seen = id not in seen, (*seen, id)
    return new
""",
    "a global that is not there at first": """
def first(id):
    if "seen" not in globals():
        globals()["seen"] = []
    new = id not in seen
    seen.append(id)
    return new
""",
    "a keyword-only default": """
def first(id, *, seen=set()):
    new = id not in seen
    seen.add(id)
    return new
""",
    "a default": """
def first(id, seen=[]):
    new = id not in seen
    seen.append(id)
    return new
""",
    "a closure with a lock": """
import threading
def memory():
    seen, lock = set(), threading.Lock()
    def first(id):
        with lock:
            new = id not in seen
            seen.add(id)
            return new
    return first
first = memory()
""",
    "a nonlocal variable": """
def memory():
    last = None
    def first(id):
        nonlocal last
        new, last = id != last, id
        return new
    return first
first = memory()
""",
    "an object with a set": """
import threading
class Memory:
    def __init__(self):
        self.seen, self.lock = set(), threading.Lock()
    def first(self, id):
        with self.lock:
            new = id not in self.seen
            self.seen.add(id)
            return new
memory = Memory()
def first(id):
    return memory.first(id)
""",
    "an object with a plain attribute": """
class Memory:
    last = None
memory = Memory()
def first(id):
    new = memory.last != id
    memory.last = id
    return new
""",
    "an attribute of a class": """
class Memory:
    seen = set()
    @classmethod
    def first(cls, id):
        new = id not in cls.seen
        cls.seen = cls.seen | {id}
        return new
first = Memory.first
""",
    "slots": """
class Memory:
    __slots__ = ("seen", "late")
    def __init__(self):
        self.seen = set()
memory = Memory()
def first(id):
    new = not hasattr(memory, "late") and id not in memory.seen
    memory.seen.add(id)
    memory.late = True
    return new
""",
    "a cache": """
import functools
calls = []
@functools.lru_cache(maxsize=None)
def work(id):
    calls.append(id)
def first(id):
    before = work.cache_info().misses
    work(id)
    return work.cache_info().misses > before
""",
    "an attribute of a function": """
def first(id):
    new = id not in first.seen
    first.seen.add(id)
    return new
first.seen = set()
""",
    "a method of a set": """
seen = set()
add, known = seen.add, seen.__contains__
def first(id):
    new = not known(id)
    add(id)
    return new
""",
    "a partial": """
import functools
def note(seen, id):
    new = id not in seen
    seen.append(id)
    return new
first = functools.partial(note, [])
""",
    "a subclass of dict, an ordered one and a deque": """
import collections
class Memory(dict):
    pass
seen, order, last = Memory(), collections.OrderedDict(), collections.deque(maxlen=3)
def first(id):
    new = id not in seen and id not in order and id not in last
    seen[id] = order[id] = True
    last.append(id)
    return new
""",
    "an object in a table of handlers": """
class Memory:
    def __init__(self):
        self.seen = bytearray()
    def first(self, id):
        new = id.encode() not in self.seen
        self.seen += id.encode()
        return new
HANDLERS = {"payment": [Memory().first]}
def first(id):
    return HANDLERS["payment"][0](id)
""",
    "a token in a queue and an event": """
import queue, threading
tokens, done = queue.Queue(), threading.Event()
tokens.put("the only one")
def first(id):
    new = not done.is_set() and not tokens.empty()
    done.set()
    tokens.get_nowait()
    tokens.put("another one")
    return new
""",
    "a counter": """
import itertools
numbers = itertools.count(1)
def first(id):
    return next(numbers) == 1
""",
    "the environment": """
import os
def first(id):
    new = "LABKIT_SEEN" not in os.environ
    os.environ["LABKIT_SEEN"] = id
    return new
""",
    "an iterator": """
fresh = iter([True, False, False])
def first(id):
    return next(fresh)
""",
}


@pytest.fixture(autouse=True)
def nothing_stays_in_the_environment() -> Iterator[None]:
    yield
    os.environ.pop("LABKIT_SEEN", None)


def cell(text: str, name: str = "<cell>") -> dict[str, Any]:
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, name, "exec"), space)  # noqa: S102 - a cell of the test's own
    return space


def boot_of(first: Any) -> Any:
    def boot(world: World) -> Any:
        def handle(event: str) -> None:
            if first(event):
                world.effect(event)

        return handle

    return boot


once = each_once(["evt_1"], lambda outcome: [e.args[0] for e in outcome.effects])


@pytest.mark.parametrize("text", KEEPERS.values(), ids=KEEPERS.keys())
def test_a_new_process_remembers_nothing_and_the_old_one_all(text: str) -> None:
    first = cell(text)["first"]
    process = FreshProcess(Sources([first]))
    assert not process.doubts
    process.freshen()
    assert first("evt_1")
    assert not first("evt_1")
    used = process.take()
    process.freshen()
    assert first("evt_1")
    process.put(used)
    assert not first("evt_1")
    process.restore()
    assert first("evt_1")  # for the first time in the learner's own process


@pytest.mark.parametrize("text", KEEPERS.values(), ids=KEEPERS.keys())
def test_the_explorer_starts_each_run_and_each_process_with_no_memory(
    text: str,
) -> None:
    first = cell(text)["first"]
    for _ in range(2):
        alone = interleavings(boot_of(first), ["evt_1"], once)
        assert alone.holds, alone
    two = interleavings(boot_of(first), ["evt_1"] * 2, once, processes=2)
    assert two.first is not None
    assert two.first.violation.kind == "doubled"
    restarted = crashes(boot_of(first), ["evt_1"], once)
    assert restarted.first is not None
    assert restarted.first.violation.kind == "doubled"
    assert first("evt_1")


def test_a_module_that_a_function_imports_is_the_learners_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "labkit_test_store.py").write_text(
        "SEEN = []\ndef known(id):\n    return id in SEEN\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    first = cell("""
def first(id):
    import labkit_test_store as store
    new = not store.known(id)
    store.SEEN.append(id)
    return new
""")["first"]
    first("evt_0")
    try:
        assert interleavings(boot_of(first), ["evt_1"], once).holds
        two = interleavings(boot_of(first), ["evt_1"] * 2, once, processes=2)
        assert two.first is not None
        assert sys.modules["labkit_test_store"].SEEN == ["evt_0"]
    finally:
        del sys.modules["labkit_test_store"]


DOUBTS = {
    "sqlite3.Connection": """
import sqlite3
db = sqlite3.connect(":memory:", check_same_thread=False)
def first(id):
    return not db.in_transaction
""",
    "generator": """
numbers = (number for number in range(9))
def first(id):
    return next(numbers) == 0
""",
    "_io.TextIOWrapper": """
import os
log = open(os.devnull)
def first(id):
    return bool(log)
""",
    "running thread": """
import threading
stop = threading.Event()
thread = threading.Thread(target=stop.wait)
thread.start()
def first(id):
    return thread.is_alive()
""",
}


@pytest.mark.parametrize("reason", DOUBTS)
def test_what_cannot_be_put_back_is_not_tried_and_the_reason_is_given(
    reason: str,
) -> None:
    space = cell(DOUBTS[reason])
    try:
        for report in (
            interleavings(boot_of(space["first"]), ["evt_1"], once),
            crashes(boot_of(space["first"]), ["evt_1"], once),
        ):
            assert report.tried == 0
            assert not report.holds
            assert not report.complete
            assert reason in report.not_tried[0]
            assert str(report).startswith("Not tried: `")
    finally:
        for close in ("db", "numbers", "log"):
            if close in space:
                space[close].close()
        if "stop" in space:
            space["stop"].set()
            space["thread"].join()


def test_an_app_and_a_logger_outside_of_boot_leave_no_doubt() -> None:
    space = cell("""
import logging
from flask import Flask, request
app, log = Flask("shop"), logging.getLogger("shop")
app.config["SEEN"] = set()
@app.post("/webhooks")
def webhook():
    app.config["SEEN"].add(request.data)
    log.debug("seen")
    return ""
def make_app():
    return app
""")
    process = FreshProcess(Sources([space["make_app"]]))
    assert not process.doubts
    process.freshen()
    assert space["app"].test_client().post("/webhooks", data=b"x").status_code == 200
    assert space["app"].config["SEEN"] == {b"x"}
    process.restore()
    assert space["app"].config["SEEN"] == set()


def test_values_and_hashes_outside_of_boot_leave_no_doubt() -> None:
    space = cell("""
import collections, decimal, hashlib, hmac, json, struct
from typing import NamedTuple
class Claim(NamedTuple):
    id: str
Order = collections.namedtuple("Order", "id")
number, context, decoder = struct.Struct(">I"), decimal.Context(), json.JSONDecoder()
seen, signer = hashlib.sha256(), hmac.new(b"key", digestmod="sha256")
def first(id):
    seen.update(id.encode())
    signer.update(id.encode())
    return Claim(id), Order(id), number, context, decoder
""")
    process = FreshProcess(Sources([space["first"]]))
    assert not process.doubts
    unused = [space[name].digest() for name in ("seen", "signer")]
    for _ in range(2):
        process.freshen()
        assert [space[name].digest() for name in ("seen", "signer")] == unused
        space["first"]("evt_1")
    process.restore()
    assert [space[name].digest() for name in ("seen", "signer")] == unused


def test_a_lock_that_is_held_is_held_in_the_new_process() -> None:
    space = cell("""
import threading
lock = threading.Lock()
lock.acquire()
def first(id):
    return lock.locked()
""")
    for make in (FreshProcess, memory_of):
        process = make(Sources([space["first"]]))
        process.freshen()
        assert space["first"]("evt_1")
        space["lock"].release()
        process.restore()
        assert space["lock"].locked()


def test_the_kits_own_functions_are_no_memory() -> None:
    sources = Sources([interleavings])
    assert not sources.functions
    assert not any(isinstance(thing, FunctionType) for thing in sources.objects)
