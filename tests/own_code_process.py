"""Answer questions about a solution by running it, each time in a process of its own.

    python -m tests.own_code_process

Each line of its input is an order in JSON: the exercise, the file with the source, the
kind of question, and what was asked. For each, it prints a line with the answer, or
with the exit status if the process died. A crash is a real one: `os._exit`.

Where the system can copy a process, the processes are copies of this one, because a
start takes longer than most answers.
"""

import importlib.util
import json
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import flask  # noqa: F401 - for the copies of this process

from labkit.checks import short
from labkit.checks.observing import outcome
from labkit.exercises import EXERCISES, judge
from labkit.exercises.own_code.changing import truth_of
from labkit.exercises.own_code.surroundings import SHOPS, situations_of
from labkit.explore import Effect, Outcome

MARK = "answer:"
DIED = 9
WAITING = 0.4
"""Seconds after which a duplicate counts as waiting for the first worker."""


class RealWorld:
    """A directory, and effects that are written to a file at once."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._lock = threading.Lock()

    def effect(self, *args: Any, **settings: Any) -> None:
        """Do something that a crash does not undo."""
        shown = [short(args), {name: str(value) for name, value in settings.items()}]
        with self._lock, (self.directory / "effects").open("a") as file:
            file.write(json.dumps(shown) + "\n")

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What was done."""
        file = self.directory / "effects"
        lines = file.read_text().splitlines() if file.exists() else []
        found = [json.loads(line) for line in lines]
        return tuple(Effect((args,), tuple(named.items())) for args, named in found)


def answer(order: dict[str, Any]) -> str:
    """Return the answer to one question."""
    exercise = EXERCISES[order["exercise"]]
    path = Path(order["source"])
    solution = getattr(_imported(path), exercise.answer)
    kind, facts = order["kind"], order["facts"]
    if kind in ("deleted", "altered"):
        return truth_of(exercise, judge(exercise.id, solution))
    if kind in ("crash", "duplicate", "odd-request"):
        return _as_shop(order, solution, path)
    situation = situations_of(exercise)[facts["situation"]]
    if kind == "argument":
        assert situation.arguments is not None
        arguments = list(situation.arguments())
        arguments[facts["at"]] = _read(facts["new"])
        seen = outcome(lambda: solution(*arguments), lambda _: None)
        if seen.error is not None:
            return f"It raises {type(seen.error).__name__}."
        return f"It returns {short(seen.result)}."
    if kind == "entry":
        return short(situation.run(solution).result[facts["name"]])
    held: list[str] = []
    lines: set[int] = set()

    def note(frame: FrameType) -> None:
        lines.add(frame.f_lineno)
        if frame.f_lineno == facts["line"] and facts.get("name") in frame.f_locals:
            held.append(short(frame.f_locals[facts["name"]]))

    with _watching(path, note):
        situation.run(solution)
    if kind == "value":
        return held[0]
    return json.dumps(sorted(lines))


def _imported(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("solution", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["solution"] = module
    spec.loader.exec_module(module)
    return module


def _as_shop(order: dict[str, Any], make_app: Any, path: Path) -> str:
    shop, facts = SHOPS[order["exercise"]], order["facts"]
    world: Any = RealWorld(Path(order["directory"]))
    app = shop.boot(make_app)(world)

    def post(body: bytes | None = None) -> int:
        request = shop.request(body)
        try:
            response = app.test_client().post(
                shop.path, data=request.body, headers=list(request.headers)
            )
            return int(response.status_code)
        except Exception:  # noqa: BLE001 - as a server would
            return 500

    if order["kind"] == "odd-request":
        return str(post(_read(facts["body"])))
    if order["kind"] == "duplicate":
        return _meeting(post, path, facts["line"])
    if order["life"] == 1:

        def die(frame: FrameType) -> None:
            if frame.f_lineno == facts["line"]:
                os._exit(DIED)

        with _watching(path, die):
            post()
        return "it did not crash"
    if not facts["at_once"] and not 200 <= post() < 300:
        post()
    return str(shop.count(Outcome(world.directory, world.effects, ())))


def _meeting(post: Any, path: Path, line: int) -> str:
    """Let a duplicate arrive in a second thread before a line of the first runs."""
    statuses: list[int] = []
    second = threading.Thread(target=lambda: statuses.append(post()))

    def first() -> None:
        def pause(frame: FrameType) -> None:
            if frame.f_lineno == line and not second.ident:
                second.start()
                second.join(WAITING)

        with _watching(path, pause):
            post()

    worker = threading.Thread(target=first)
    worker.start()
    worker.join()
    second.join()
    return str(statuses[0])


@contextmanager
def _watching(path: Path, note: Any) -> Iterator[None]:
    def watch(frame: FrameType, event: str, _arg: object) -> Any:
        if frame.f_code.co_filename != str(path):
            return None
        if event == "line":
            note(frame)
        return watch

    sys.settrace(watch)
    try:
        yield
    except Exception:  # noqa: BLE001 - one way to end
        return
    finally:
        sys.settrace(None)


def written(value: Any) -> Any:
    """Return bytes and None in a form for JSON."""
    return {"bytes": value.decode("latin-1")} if isinstance(value, bytes) else value


def _read(value: Any) -> Any:
    return value["bytes"].encode("latin-1") if isinstance(value, dict) else value


def answered_by_a_copy(order: dict[str, Any]) -> str:
    """Answer in a copy of this process; return what it wrote."""
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as file:
            said = file.read()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return said or f"exit status {status}"
    status = 1
    try:
        os.write(writing, answer(order).encode())
        status = 0
    finally:
        if status:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def answered_by_a_new_process(order: dict[str, Any]) -> str:
    """Answer in a new process; return what it wrote."""
    code = "import json, sys; from tests import own_code_process as process;"
    code += "print(process.MARK + process.answer(json.loads(sys.argv[1])))"
    command = [sys.executable, "-c", code, json.dumps(order)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True)
    said = done.stdout.rpartition(MARK)[2].strip()
    return said if done.returncode == 0 else f"exit status {done.returncode}"


if __name__ == "__main__":
    answered = answered_by_a_copy if hasattr(os, "fork") else answered_by_a_new_process
    for line in sys.stdin:
        print(MARK + answered(json.loads(line)), flush=True)
