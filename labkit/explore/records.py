"""The records of an exploration: what was tried, what came out, what went wrong."""

import contextlib
import sqlite3
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labkit.arguments import check_function, listed

WORKER_NAMES = "ABCDEFGH"

TOLD = "told"
"""The kind of a violation that is none: a history is told, whatever it does."""

# The judge of an exploration takes no part in it.
_connect = sqlite3.connect


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing done outside the process that a crash can't undo: a parcel sent."""

    args: tuple[Any, ...]
    settings: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        named = [f"{name}={value!r}" for name, value in self.settings]
        return ", ".join([*map(repr, self.args), *named])


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of delivering one request once.

    `request` is its place in the list of requests, from 0. `value` is the Response of a
    Flask app or what a plain handler returned; `error` names the exception that ended
    the handler ("IntegrityError: …"), or is empty. A Flask app acknowledges with a 2xx
    status, a plain handler by returning.
    """

    request: int
    value: Any
    error: str
    acknowledged: bool

    def __str__(self) -> str:
        status = getattr(self.value, "status", None)
        if status is None:
            return f"raises {self.error}" if self.error else "returns"
        return f"answers {status}" + (f" ({self.error})" if self.error else "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run left behind, for the invariant to judge.

    `directory` holds the files as they are at the end, `effects` the calls of
    `world.effect` in order, `answers` every delivery's answer in the order in which
    they were given.
    """

    directory: Path
    effects: tuple[Effect, ...]
    answers: tuple[Answer, ...]

    def rows(self, file: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows that `query` finds in an SQLite file of the directory.

        A file or table that isn't there has no rows.
        """
        path = self.directory / file
        if not path.exists():
            return []
        with contextlib.closing(_connect(path)) as database:
            try:
                return list(database.execute(query, values))
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise


@dataclass(frozen=True, slots=True)
class Violation:
    """What harm was done, as a sentence.

    `kind` is a word for programs. The explorer's own kinds are "deadlock" (the workers
    wait for each other forever), "endless" (the handler does not come to an end) and
    "no start" (after a crash the receiver does not start again).
    """

    harm: str
    kind: str = "invariant"

    @property
    def is_told(self) -> bool:
        """Whether it describes only the result of a run, without any harm."""
        return self.kind == TOLD

    def __str__(self) -> str:
        return self.harm


Invariant = Callable[[Outcome], str | Violation | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a history.

    `kind` is "line" for a line of the learner's code that a worker is about to run;
    `file`, `line` and `text` then say which. The others have no line of their own:
    "wait" (the worker waits), "effect" (`world.effect` was called), "answer", "deliver"
    (the sender delivers), "again" (the sender delivers again), "crash" and "restart".
    `life` counts processes from 1.
    """

    worker: str
    kind: str
    text: str
    file: str = ""
    line: int = 0
    life: int = 1


@dataclass(frozen=True, slots=True)
class State:
    """What there is before a line runs, or after anything else that happens.

    `rows` are the committed rows of each table, as text. `memory` are the variables
    that outlive a request, and `variables` those of each worker's function, as pairs of
    name and text. `effects` is what was done outside.
    """

    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()
    memory: tuple[tuple[str, str], ...] = ()
    variables: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    effects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HarmfulHistory:
    """What happened, step by step, in a history that does harm.

    `code` is the interleaving or the crash points in short; `replay` is the line of
    Python that runs exactly this history again. `harm_at` is the index of the step
    after which the harm was done, or None where only the end shows it. `states` has one
    state for each step, or none at all where they could not be seen.
    """

    violation: Violation
    steps: tuple[Step, ...]
    code: str
    harm_at: int | None = None
    states: tuple[State, ...] = field(default=(), repr=False)

    @property
    def replay(self) -> str:
        """The line of code that replays this history."""
        return f"replay(boot, requests, invariant, {self.code!r})"


def each_once(
    wanted: Iterable[Hashable],
    seen: Callable[[Outcome], Iterable[Hashable]],
    *,
    noun: str = "order",
    verb: str = "shipped",
) -> Invariant:
    """Make the invariant of the labs: each wanted thing happened exactly once.

    `seen` finds in an outcome what really happened, as an iterable of the same things.
    `noun` and `verb` tell it in the sentence: "order 'A1' was shipped twice". The kinds
    of its violations are "lost" and "doubled". Raises BadSetting.
    """
    check_function("seen", seen)
    wanted = listed("wanted", wanted)

    def invariant(outcome: Outcome) -> Violation | None:
        found = list(seen(outcome))
        for thing in wanted:
            times = found.count(thing)
            if times == 0:
                return Violation(f"{noun} {thing!r} was never {verb}", "lost")
            if times > 1:
                often = "twice" if times == 2 else f"{times} times"
                return Violation(f"{noun} {thing!r} was {verb} {often}", "doubled")
        return None

    return invariant
