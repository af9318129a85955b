"""The records of an exploration: what was tried, what came out, what went wrong."""

import contextlib
import sqlite3
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from labkit.explore.picture import draw_svg, draw_text

WORKER_NAMES = "ABCDEFGH"

# The judge of an exploration takes no part in it.
_connect = sqlite3.connect


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing done outside of the process that a crash can't undo: a parcel sent."""

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
    wait for each other for ever), "endless" (the handler does not come to an end) and
    "no start" (after a crash the receiver does not start again).
    """

    harm: str
    kind: str = "invariant"

    def __str__(self) -> str:
        return self.harm


Invariant = Callable[[Outcome], "str | Violation | None"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a history.

    `kind` is "line" for a line of the student's code that a worker is about to run;
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
class Counterexample:
    """A history that does harm, and how to see it again.

    `code` is the schedule or the crash points in short; `replay` is the line of Python
    that runs exactly this history again. `harm_at` is the index of the step after
    which the harm was done, or None where only the end shows it.
    """

    violation: Violation
    steps: tuple[Step, ...]
    code: str
    harm_at: int | None = None

    @property
    def replay(self) -> str:
        """The line of code that replays this history."""
        return f"replay(boot, requests, invariant, {self.code!r})"

    @property
    def switches(self) -> int:
        """How often the scheduler took a running worker off."""
        return sum(word[0].isdigit() for word in self.code.split()[1:])

    @property
    def crashes(self) -> int:
        """How often the process died."""
        return sum(step.kind == "crash" for step in self.steps)

    def __str__(self) -> str:
        return draw_text(self)

    def svg(self) -> str:
        """Draw the history as one SVG picture, the same bytes for the same history."""
        return draw_svg(self)

    def _repr_html_(self) -> str:
        return self.svg()


@dataclass(frozen=True, slots=True)
class Report:
    """What an exploration tried and found.

    `tried` counts the schedules run, or the crash histories. `points` counts the places
    at which a process was made to die; a place that leaves the same files and the same
    effects as the one before it has the same future and isn't run twice. `bound` is the
    number of preemptions (or of crashes in a row) up to which *everything* was tried,
    -1 for nothing; `complete` says whether that is all that was asked for, but for the
    `skipped` schedules, which take threads where there are none.
    """

    explored: str
    tried: int
    points: int
    bound: int
    complete: bool
    first: Counterexample | None = None
    skipped: int = 0
    not_tried: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether histories were tried and none was found that does harm."""
        return self.first is None and not self.not_tried

    def __str__(self) -> str:
        return self.summary if self.first is None else f"{self.summary}\n\n{self.first}"

    @property
    def summary(self) -> str:
        """One sentence: how much was tried, and whether it held."""
        if self.not_tried:
            reasons = "; ".join(self.not_tried)
            return (
                f"Not tried: {reasons}. A new process would not share it, and it can't "
                "be put back. Create it in `boot`."
            )
        counted = f"{self.tried} {self.explored}"
        if self.points:
            counted += f" over {self.points} crash points"
        if self.first is not None:
            return f"Harm found after {counted}: {self.first.violation}"
        if self.skipped:
            left_out = (
                f"{self.skipped} in which a worker that was stopped half way goes on "
                "before the other one's end. They take threads, and a browser's Python "
                "has none."
            )
            limit = "" if self.complete else " (limit reached)"
            return f"No harm in {counted}{limit}. Left out: {left_out}"
        one, more = "preemption", "preemptions"
        if self.explored == "histories":
            one, more = "crash", "crashes in a row"
        reach = f"{self.bound} {one if self.bound == 1 else more}"
        if self.complete:
            return f"No harm in {counted}: all of them, up to {reach}."
        done = f"all up to {reach}" if self.bound >= 0 else "nothing in full"
        return f"No harm in {counted}: {done}, the rest only in part (limit reached)."

    def _repr_html_(self) -> str:
        picture = "" if self.first is None else self.first.svg()
        return f"<p>{escape(self.summary)}</p>{picture}"


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
    of its violations are "lost" and "doubled".
    """
    wanted = tuple(wanted)

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
