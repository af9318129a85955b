"""One kernel works for a long time, and its memory and handles stay flat.

LABKIT_SOAK_MINUTES says for how long, 1 unless it is set.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from labkit.build import content
from labkit.checks.reference import load
from labkit.exercises import EXERCISES
from tests.kernels import fresh_kernel

ROOT = Path(__file__).parent
MINUTES = float(os.environ.get("LABKIT_SOAK_MINUTES", "1"))

CHECKED = ("0.1", "4.2", "7.2", "11.1")
"""Exercises in the loop: a function, a verifier, an app with SQLite, a generator."""

START = """
import gc, json, os, threading, urllib.request
from flask import Flask
from labkit import Event, Receiver, simulate
from labkit.exercises import check, progress
from labkit.faults import LoseResponse, Refuse
from labkit.samples import payments

solutions = []
for exercise, code in json.loads(SOLUTIONS):
    space = {"__name__": "__main__"}
    exec(compile(code, f"<{exercise}>", "exec"), space)
    solutions.append((exercise, space))

def make_app():
    app = Flask("shop")
    @app.post("/webhooks")
    def webhook():
        print("an event")
        return "", 204
    return app
"""
ROUND = """
for exercise, space in solutions:
    verdict = check(exercise, space[ANSWERS[exercise]])
    str(verdict), verdict._repr_html_()
    assert verdict.outcome != "kit failed", verdict
str(progress())

history = simulate(
    make_app(), payments(20), faults=[LoseResponse(probability=0.3), Refuse(until=60)]
)
str(history.timeline()), history.timeline()._repr_html_(), history.to_jsonl()

receiver = Receiver(make_app())
receiver.start()
panel = receiver.inspector(secret="blue-kite-42")
for number in range(5):
    body = json.dumps({"id": f"evt_{number}"}).encode()
    request = urllib.request.Request(f"{receiver.url}/webhooks", body)
    urllib.request.urlopen(request, timeout=10).close()
assert len(receiver.inbox) == 5
str(receiver.inbox), receiver.inbox._repr_html_(), str(panel)
receiver.stop()
del history, receiver, panel, verdict, request
"""
MEASURE = """
gc.collect()
with open("/proc/self/statm") as file:
    resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
# IPython writes its history in a thread of its own, with a file for each write.
names = os.listdir("/proc/self/fd")
places = [os.path.realpath(f"/proc/self/fd/{name}") for name in names]
handles = sum("profile_default" not in place for place in places)
print(json.dumps([resident, handles, threading.active_count()]))
"""


def stored(exercise: str) -> str:
    """Return the code of the first stored right solution."""
    answers = content.answers(ROOT / "right_answers")
    return next(each.source for each in answers if each.exercise == exercise)


def wrong(exercise: str) -> str:
    """Return the code of the first stored wrong solution."""
    answers = content.answers(ROOT / "wrong_answers")
    return next(each.source for each in answers if each.exercise == exercise)


@pytest.mark.parametrize("make", [stored, wrong])
@pytest.mark.parametrize("exercise", CHECKED)
def test_the_code_of_the_loop_defines_what_is_checked(
    exercise: str, make: Callable[[str], str]
) -> None:
    assert callable(load(make(exercise), EXERCISES[exercise].answer, label=exercise))


@pytest.mark.nightly
@pytest.mark.timeout(120 + 90 * MINUTES)
@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="reads Linux's account of memory"
)
def test_a_kernel_that_works_for_long_stays_flat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LABKIT_PROGRESS", raising=False)
    code = [(each, make(each)) for each in CHECKED for make in (stored, wrong)]
    answers = {each: EXERCISES[each].answer for each in CHECKED}
    measured: list[tuple[int, int, int]] = []
    with fresh_kernel(tmp_path) as kernel:

        def run(source: str) -> str:
            error, printed = kernel.run(source)
            assert error is None, error
            return printed

        run(f"SOLUTIONS = {json.dumps(code)!r}\nANSWERS = {answers!r}\n{START}")
        ends = time.monotonic() + 60 * MINUTES
        while time.monotonic() < ends or len(measured) < 6:
            run(ROUND)
            resident, handles, threads = json.loads(run(MEASURE))
            measured.append((resident, handles, threads))
    # The first third fills caches: modules, compiled patterns, the log of tries.
    warm = measured[len(measured) // 3 :]
    half = len(warm) // 2
    earlier, later = warm[:half], warm[half:]
    first, last = (
        statistics.median(resident for resident, _, _ in part)
        for part in (earlier, later)
    )
    print(
        f"{len(measured)} rounds in {MINUTES:g} min: "
        f"memory {first / 1e6:.1f} MB, then {last / 1e6:.1f} MB; "
        f"handles {min(h for _, h, _ in warm)} to {max(h for _, h, _ in warm)}; "
        f"threads {min(t for _, _, t in warm)} to {max(t for _, _, t in warm)}"
    )
    assert last < first * 1.03 + 2e6
    assert max(handles for _, handles, _ in later) <= max(h for _, h, _ in earlier)
    assert max(threads for _, _, threads in later) <= max(t for _, _, t in earlier)
