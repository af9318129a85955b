"""A counterexample as rows for a reader; text and picture are made of the same rows."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labkit.drawing.player import Item
from labkit.explore.records import HarmfulHistory, State, Step

_WIDTHS = {1: 100, 2: 39, 3: 24}
"""How many characters a lane has at most; longer lines are continued.

With more, the letters of a picture in a narrow cell (592 px) would be too small.
"""
_FOLDED = 3
"""So many lines of a start are shown; longer ones are counted."""


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One row of the story.

    `lane` counts from 0. `kind` is "line", "note", "switch", "crash", "restart" or
    "harm"; "more" continues a line, and "further" a note. `label` is the number of a
    line, with its file if that isn't the first one. `step` is the place of its step.
    """

    kind: str
    lane: int
    label: str
    text: str
    step: int


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that both forms show; the widths are in characters."""

    title: str
    lanes: tuple[str, ...]
    rows: tuple[LaneRow, ...]
    foot: str
    width: int
    label_width: int
    harmful: bool = True


def story_of(shown: HarmfulHistory) -> Story:
    """Tell a counterexample in rows."""
    workers = sorted({step.worker for step in shown.steps}) or ["A"]
    width = _WIDTHS.get(len(workers), 24)
    alone = len(workers) == 1
    lanes = ("the process",) if alone else tuple(f"worker {name}" for name in workers)
    rows = tuple(_rows(shown, workers, width))
    label_width = max(3, *(len(row.label) for row in rows))
    lines = [len(row.text) for row in rows if row.kind not in _ACROSS]
    # What goes across begins in its lane, and has all that is right of it.
    across = [
        (len(row.text) + 4) // (len(lanes) - row.lane)
        for row in rows
        if row.kind in ("crash", "harm")
    ]
    width = max([min(width, max([24, *lines])), *across])
    title = str(shown.violation)
    told = shown.violation.is_told
    foot = "" if told else f"see it again: {shown.replay}"
    return Story(title, lanes, rows, foot, width, label_width, harmful=not told)


def _rows(shown: HarmfulHistory, workers: list[str], width: int) -> Iterator[LaneRow]:
    steps = shown.steps
    main = next((step.file for step in steps if step.file), "")
    skipped = _starts(steps)
    told = shown.violation.is_told
    kind, harm = "harm", f"harm: {shown.violation}"
    if told:
        kind, harm = "note", str(shown.violation)
    for index, step in enumerate(steps):
        lane = workers.index(step.worker)
        if index in skipped:
            if skipped[index]:
                yield LaneRow(
                    "note", lane, "", f"starts ({skipped[index]} lines)", index
                )
            continue
        if index and steps[index - 1].worker != step.worker and step.kind != "again":
            yield LaneRow("switch", lane, "", _switch(steps[index - 1], step), index)
        label = ""
        if step.kind == "line":
            label = str(step.line) if step.file == main else f"{step.file}:{step.line}"
        drawn = _KINDS.get(step.kind, "note")
        for text in _lines(step, width):
            yield LaneRow(drawn, lane, label, text, index)
            drawn, label = "more" if step.kind == "line" else "further", ""
        if index == shown.harm_at:
            yield LaneRow(kind, lane, "", harm, index)
    if shown.harm_at is None:
        last = workers.index(steps[-1].worker) if steps else 0
        end = harm if told else f"{harm} (seen at the end)"
        yield LaneRow(kind, last, "", end, len(steps) - 1)


_KINDS = {"line": "line", "crash": "crash", "restart": "restart"}
_ACROSS = ("switch", "crash", "harm")
"""Rows that go across all lanes."""


def _lines(step: Step, width: int) -> list[str]:
    """Break the text of a step into lines that its lane has room for."""
    text = f"effect: {step.text}" if step.kind == "effect" else step.text
    if step.kind == "crash":
        return [text]
    # A sign stands before what is not code.
    room = width if step.kind == "line" else width - 2
    return textwrap.wrap(text, room, subsequent_indent="    ") or [""]


def _switch(before: Step, after: Step) -> str:
    """Say why the turn went over."""
    why = {"answer": "is done", "wait": "waits"}.get(before.kind, "is paused")
    return f"{before.worker} {why}, {after.worker} continues"


def _starts(steps: Sequence[Step]) -> dict[int, int]:
    """Find the lines of uneventful starts: the first maps to their number, others to 0.

    Only a life of its own, which tells its deliveries, shows its start at all.
    """
    found: dict[int, int] = {}
    start = 0
    for index, step in enumerate(steps):
        if step.kind == "line":
            continue
        if step.kind in ("deliver", "again") and index - start > _FOLDED:
            fresh = start == 0 or steps[start - 1].kind == "restart"
            if fresh and len({s.worker for s in steps[start:index]}) == 1:
                found.update(dict.fromkeys(range(start, index), 0))
                found[start] = index - start
        start = index + 1
    return found


def items_of(shown: HarmfulHistory) -> Iterator[Item]:
    """Say for each step what happens, and what is in the files and in memory."""
    alone = len({step.worker for step in shown.steps}) == 1
    for index, step in enumerate(shown.steps):
        who = "The process" if alone else f"Worker {step.worker}"
        if step.kind == "line":
            title = f"{who} is about to run line {step.line}."
        elif step.kind == "effect":
            title = f"{who} has an effect outside: {step.text}"
        elif step.kind in ("deliver", "again", "restart"):
            title = f"{step.text[:1].upper()}{step.text[1:]}."
        else:
            title = f"{who} {step.text}."
        facts: list[tuple[str, str]] = []
        if step.kind == "line":
            facts.append(("line", step.text))
        state = shown.states[index] if shown.states else State()
        facts += [
            (f"committed rows, {table}", "\n".join(rows) or "(none)")
            for table, rows in state.rows
        ]
        if state.memory:
            facts.append(("memory of the process", _named(state.memory)))
        facts += [
            ("variables" if alone else f"variables of worker {worker}", _named(kept))
            for worker, kept in state.variables
            if kept
        ]
        if shown.states:
            done = "\n".join(state.effects) or "(none)"
            facts.append(("effects outside so far", done))
        yield Item(title, tuple(facts))


def _named(values: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"{name} = {value}" for name, value in values)
