"""Ask which lines run for an input, and what the variables hold.

The true answer is found by running the solution under a trace.
"""

import ast
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from labkit.checks import short
from labkit.exercises.own_code.asked import Asked, asked
from labkit.exercises.own_code.lines import OwnSource
from labkit.exercises.own_code.subject import Situation, Subject
from labkit.running.sandbox import run_bounded

SECONDS = 1.0
"""How long a solution may run in one situation."""

_SIMPLE = (bool, int, float, str, bytes, type(None))
_LONGEST = 40


@dataclass(slots=True)
class Trace:
    """What happened in one run: the lines in order, and variables before each."""

    lines: list[int] = field(default_factory=list)
    values: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    def ran(self, statement: ast.stmt) -> bool:
        """Whether a statement was run."""
        last = statement.end_lineno or statement.lineno
        return any(statement.lineno <= line <= last for line in self.lines)


def traced(own: OwnSource, situation: Situation, solution: Any) -> Trace | None:
    """Run a solution in a situation; None if it does not end in time."""
    found = Trace()

    def watch(frame: FrameType, event: str, _arg: object) -> Any:
        if frame.f_code.co_filename != own.file:
            return None
        if event == "line":
            found.lines.append(frame.f_lineno)
            known = {
                name: value
                for name, value in frame.f_locals.items()
                if type(value) in _SIMPLE and not name.startswith(".")
            }
            found.values.append((frame.f_lineno, known))
        return watch

    def run() -> None:
        before = sys.gettrace()
        sys.settrace(watch)
        try:
            situation.run(solution)
        except Exception:  # noqa: BLE001 - an exception is one way to end
            return
        finally:
            sys.settrace(before)

    ended = run_bounded(run, seconds=SECONDS)
    return None if ended.timed_out or ended.error else found


def lines_run(subject: Subject, rng: random.Random) -> Asked | None:
    """Ask which of three lines runs, or does not run, for an input."""
    for situation in _in_random_order(subject.situations, rng):
        trace = traced(subject.own, situation, subject.solution)
        if trace is None or not trace.lines:
            continue
        statements = subject.own.statements()
        ran = [each for each in statements if trace.ran(each)]
        idle = [each for each in statements if not trace.ran(each)]
        rng.shuffle(ran)
        rng.shuffle(idle)
        if idle and len(ran) > 1:
            says, true, false = "does not run", idle[0], ran[:2]
        elif ran and len(idle) > 1:
            says, true, false = "runs", ran[0], idle[:2]
        else:
            continue
        quoted = [subject.own.line(each.lineno) for each in false]
        question = asked(
            "lines-run",
            subject.exercise.id,
            f"Your code gets this input. Which of these lines {says}?",
            subject.own.line(true.lineno),
            quoted,
            rng,
            explanation=f"Your code ran these lines: {_listed(trace.lines)}.",
            sent=situation.sent,
            facts={"situation": situation, "line": true.lineno, "runs": says == "runs"},
        )
        if question is not None:
            return question
    return None


def value_held(subject: Subject, rng: random.Random) -> Asked | None:
    """Ask what a variable holds when a line is about to run for the first time."""
    for situation in _in_random_order(subject.situations, rng):
        trace = traced(subject.own, situation, subject.solution)
        again = traced(subject.own, situation, subject.solution)
        if trace is None or again is None:
            continue
        first = _first_values(trace)
        same = _first_values(again)
        places = [
            (line, name, value)
            for (line, name), value in first.items()
            if same.get((line, name)) == value and len(short(value)) <= _LONGEST
        ]
        rng.shuffle(places)
        for line, name, value in places:
            others = [short(each) for each in _other_values(value, trace, rng)]
            question = asked(
                "value",
                subject.exercise.id,
                f"Your code gets this input. Just before {subject.own.quoted(line)} "
                f"runs for the first time, what is the value of `{name}`?",
                short(value),
                [each for each in others if len(each) <= _LONGEST],
                rng,
                explanation=f"`{name}` is {short(value)} there.",
                sent=situation.sent,
                facts={"situation": situation, "line": line, "name": name},
            )
            if question is not None:
                return question
    return None


def entry_returned(subject: Subject, rng: random.Random) -> Asked | None:
    """Ask for one value of the dictionary that a function returns for an input."""
    for situation in _in_random_order(subject.situations, rng):
        entries = entries_of(situation, subject.solution)
        names = list(entries)
        rng.shuffle(names)
        for name in names:
            others = [value for key, value in entries.items() if key != name]
            rng.shuffle(others)
            question = asked(
                "entry",
                subject.exercise.id,
                f"Your function gets this input. What is the value of {name!r} in the "
                "dictionary that it returns?",
                entries[name],
                others,
                rng,
                explanation=f"The value is {entries[name]}.",
                sent=situation.sent,
                facts={"situation": situation, "name": name},
            )
            if question is not None:
                return question
    return None


def entries_of(situation: Situation, solution: Any) -> dict[str, str]:
    """Return the short simple values of the dictionary that a function returns."""
    run = run_bounded(lambda: situation.run(solution), seconds=SECONDS)
    result = getattr(run.value, "result", None)
    if not isinstance(result, dict):
        return {}
    return {
        str(key): short(value)
        for key, value in result.items()
        if type(value) in _SIMPLE and len(short(value)) <= _LONGEST
    }


def _first_values(trace: Trace) -> dict[tuple[int, str], Any]:
    """Return the variables of each line when it first runs.

    Only lines in which a variable is new or has changed are of interest.
    """
    found: dict[tuple[int, str], Any] = {}
    seen: set[int] = set()
    before: dict[str, Any] = {}
    for line, known in trace.values:
        if line not in seen:
            for name, value in known.items():
                if name not in before or before[name] is not value:
                    found[line, name] = value
        seen.add(line)
        before = known
    return found


def _other_values(value: Any, trace: Trace, rng: random.Random) -> Iterator[Any]:
    """Yield values that a reader could expect instead, the plausible ones first."""
    met = [
        other
        for _, known in trace.values
        for other in known.values()
        if type(other) is type(value) and other != value
    ]
    yield from rng.sample(met, min(2, len(met)))
    if isinstance(value, bool):
        yield from (not value, None)
    elif isinstance(value, (int, float)):
        yield from (value + 1, value * 2 if value else 1, value - 1)
    elif isinstance(value, (str, bytes)):
        yield from (value[:-1], value[1:], value.upper(), None, value[:0])
    elif value is None:
        yield from (False, 0, "")


def _in_random_order(
    situations: Sequence[Situation], rng: random.Random
) -> list[Situation]:
    return rng.sample(list(situations), min(24, len(situations)))


def _listed(lines: Sequence[int]) -> str:
    """Return the lines in the order of their first run, the runs joined."""
    ordered = list(dict.fromkeys(lines))
    parts: list[list[int]] = []
    for line in ordered:
        if parts and line == parts[-1][-1] + 1:
            parts[-1].append(line)
        else:
            parts.append([line])
    return ", ".join(
        str(each[0]) if len(each) == 1 else f"{each[0]} to {each[-1]}" for each in parts
    )
