"""A counterexample as rows for a reader; text and picture are made of the same rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labkit.explore.records import HarmfulHistory, Step

_WIDTHS = {1: 84, 2: 42, 3: 30}
_FOLDED = 3
"""So many lines of a start are shown; longer ones are counted."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the story.

    `lane` counts from 0. `kind` is "line", "note", "switch", "crash", "restart" or
    "harm"; `label` is the number of a line, with its file if that isn't the first one.
    """

    kind: str
    lane: int
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that both forms show; the widths are in characters."""

    title: str
    lanes: tuple[str, ...]
    rows: tuple[Row, ...]
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
    label_width = max(4, *(len(row.label) for row in rows))
    title = str(shown.violation)
    told = shown.violation.is_told
    foot = "" if told else f"see it again: {shown.replay}"
    return Story(title, lanes, rows, foot, width, label_width, harmful=not told)


def _rows(shown: HarmfulHistory, workers: list[str], width: int) -> Iterator[Row]:
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
                yield Row("note", lane, "", f"starts ({skipped[index]} lines)")
            continue
        if index and steps[index - 1].worker != step.worker and step.kind != "again":
            yield Row("switch", lane, "", _switch(steps[index - 1], step))
        label = ""
        if step.kind == "line":
            label = str(step.line) if step.file == main else f"{step.file}:{step.line}"
        yield Row(_KINDS.get(step.kind, "note"), lane, label, _text(step, width))
        if index == shown.harm_at:
            yield Row(kind, lane, "", harm)
    if shown.harm_at is None:
        last = workers.index(steps[-1].worker) if steps else 0
        yield Row(kind, last, "", harm if told else f"{harm} (seen at the end)")


_KINDS = {"line": "line", "crash": "crash", "restart": "restart"}


def _text(step: Step, width: int) -> str:
    text = f"effect: {step.text}" if step.kind == "effect" else step.text
    return text if len(text) <= width else text[: width - 1] + "…"


def _switch(before: Step, after: Step) -> str:
    """Say why the turn went over."""
    why = {"answer": "is done", "wait": "waits"}.get(before.kind, "is taken off")
    return f"{before.worker} {why}, {after.worker} goes on"


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
