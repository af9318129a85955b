"""Exercise 8.2: a worker that loses no event, and that no event can block."""

import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from labkit.checks.contract import contract
from labkit.checks.proving import judged
from labkit.checks.space import Space, Trial
from labkit.exercises.lab08_ack_fast.jobs import Died
from labkit.exercises.lab08_ack_fast.worker_proofs import BAD, FIRST_ERROR, PROOFS
from labkit.exercises.lab08_ack_fast.working import Working

CONTRACT = contract("""
    given: Process the jobs in the queue, and return when no job is waiting.
    many: There may be thousands of jobs.
    given: queue.take() return the next job, or None if no job is waiting. The job stays
        in the queue until you call one of the other methods; if the process crashes,
        the next process gets the job again queue.done(job) delete the job
        queue.later(job) put the job back, behind all others queue.bury(job, why) move
        the job to the dead letters; `why` is a string
    bytes: `job.body` is the event as bytes, whatever they contain.
    given: `job.attempt` counts from 1 how often any process has taken the job,
        including this time; it may be more than 6.
    given: `process(job.body)` does the work. It returns None, and it may raise any
        Exception.
    done: After it has returned, delete the job.
    later: If it raises, put the job back, so that the others come first.
    limit: Process an event at most 5 times; if the fifth attempt fails, bury it.
    lost: Wherever the process crashes, no event is lost.
    crash: If the process crashed in the fifth attempt, bury the job when you get it
        again, without processing it.
    one: Take one job at a time, and return as soon as `take` returns None.
    sleep: Do not sleep.
    open: A job whose fifth attempt failed may also be put back, and buried when you get
        it again.
    open: The check does not test what happens if a method of the queue raises, or if
        `process` raises KeyboardInterrupt or SystemExit.
""")


class Surprise(Exception):
    """An exception of a class that no code names."""


ERRORS = (
    BAD,
    sqlite3.OperationalError("database is locked"),
    ConnectionResetError("the parcel service hung up"),
    Surprise("never seen before"),
    RecursionError("nested too deep"),
    StopIteration(),
    AssertionError(),
    ExceptionGroup("two at once", [ValueError("one"), OSError("two")]),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    NotImplementedError("this kind of event"),
)
WITHOUT_WORDS = (ValueError(), KeyError(7), OSError(28, "no space left on device"))
NOT_TEXT = "the body is b'\\xff\\xfe\\x00', which is not UTF-8"
FIFTH, POINTS = 36, 50
"""With three jobs, the last of which always fails, a correct worker begins its fifth
attempt at the first of these points, and ends before the second one.
"""


def _trials() -> Iterator[Trial]:
    yield Trial("done", {"names": "A", "patience": 0.2})
    yield Trial("done", {"names": "ABC", "patience": 0.05})
    yield Trial("done", {"names": "ABCDEFGHIJKL"})
    yield Trial("done", {"names": ""})
    yield Trial("done", {"names": "TBT"}, "two jobs have the same body")
    yield Trial("bytes", {"names": "XYZ"}, "the three bodies are not valid JSON")
    for fails in ({}, {"U": [BAD, None]}, {"U": [BAD]}):
        yield Trial("bytes", {"names": "U", "fails": fails}, NOT_TEXT)
    # A worker that calls itself for each job fails here, as it does in a notebook.
    many = min(sys.getrecursionlimit(), 5_000) + 100
    yield Trial("many", {"names": [f"job {n}" for n in range(1, many)]})
    yield from _failing("later", "B", FIRST_ERROR, None)
    yield from _failing("later", "B", FIRST_ERROR, None, names="B")
    yield from _failing("later", "C", FIRST_ERROR, FIRST_ERROR, None)
    for error in ERRORS:
        yield from _failing("later", "B", error, None)
    yield Trial("later", {"fails": {name: [BAD, None] for name in "ABC"}})
    for name in "ABC":
        yield from _failing("limit", name, BAD)
    yield from _failing("limit", "A", BAD, names="A")
    yield from _failing("limit", "A", *[BAD] * 4, None)
    yield from _failing("limit", "A", *[BAD] * 5, None)
    yield Trial("limit", {"fails": {"A": [BAD], "C": [BAD]}})
    for few_words in WITHOUT_WORDS:
        yield from _failing("limit", "A", few_words)
    for before in (4, 3, 1):
        yield Trial("limit", {"attempts": {"A": before, "B": 4}, "fails": {"A": [BAD]}})
    yield from _failing("crash", "A", Died)
    yield from _failing("crash", "B", Died)
    yield from _failing("crash", "A", *[Died] * 4, None)
    yield from _failing("crash", "A", *[Died] * 2, BAD, Died, None)
    for point in range(FIFTH, POINTS):
        yield Trial("crash", {"fails": {"C": [BAD]}, "dies_at": point})
    taken = {"A": 5, "B": 6, "C": 7, "D": 20}
    yield Trial("crash", {"names": "ABCD", "attempts": taken})
    yield Trial("crash", {"attempts": {"B": 5}})
    for point in range(FIFTH):
        yield Trial("lost", {"fails": {"C": [BAD]}, "dies_at": point})
    yield Trial("one", {})
    yield Trial("one", {"names": ""})
    yield Trial("one", {"fails": {"B": [BAD]}})
    yield from _failing("one", "A", Died)
    yield Trial("sleep", {"fails": {"B": [BAD]}})
    yield Trial("sleep", {"names": ""})


def _with_sentence() -> Iterator[Trial]:
    for trial in _trials():
        yield replace(trial, changes={**trial.changes, "about": trial.sentence})


def _failing(
    sentence: str, name: str, *errors: Any, names: str = "ABC"
) -> Iterator[Trial]:
    yield Trial(sentence, {"names": names, "fails": {name: list(errors)}})


WORK = judged(
    id="8.2",
    lab="08_ack_fast",
    wants="work(queue, process)",
    contract=CONTRACT,
    space=Space(
        {
            "names": "ABC",
            "attempts": {},
            "fails": {},
            "dies_at": None,
            "patience": 0.0,
            "about": "",
        },
        _with_sentence,
    ),
    observer=Working(),
    mistakes=PROOFS,
    late=("many", "bytes"),
    hints=(
        "`while (job := queue.take()) is not None:` is a loop that ends by itself.",
        (
            "Put only the call to `process` into the `try`. Its `except` chooses "
            "between `later` and `bury`, and its `else` deletes the job."
        ),
        (
            "In the `except`, `job.attempt < 5` means that another attempt is allowed, "
            "so call `later`. Otherwise call `bury`, with repr(error) as the reason."
        ),
        (
            "If the process crashes, no except runs. But the next process gets a job "
            "whose attempt is 6 or more. Bury it before you process it."
        ),
    ),
)
