"""What this learner has done, in one small file.

The file is `.labkit/progress.json` in the working directory, or where the environment
variable LABKIT_PROGRESS says. Where it can't be written, this session's memory serves
in its place, and `trouble` says so in one sentence.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

VERSION = 1

trouble: str | None = None
"""Why progress is kept in memory only, or None."""

_memory: dict[str, Any] = {}


def record(exercise: str, outcome: str, mistake: str | None) -> None:
    """Note the outcome of one check, and the mistake that it found."""

    def note(entry: dict[str, Any]) -> None:
        entry["tries"] = entry.get("tries", 0) + 1
        if entry.get("outcome") != "passed":
            entry["outcome"] = outcome
        if mistake:
            mistakes = entry.setdefault("mistakes", {})
            mistakes[mistake] = mistakes.get(mistake, 0) + 1

    _change(exercise, note)


def take_hint(exercise: str, available: int) -> int:
    """Return the number, from 0, of the hint that is next; the last one stays."""
    taken = 0

    def note(entry: dict[str, Any]) -> None:
        nonlocal taken
        taken = min(entry.get("hints", 0), available - 1)
        entry["hints"] = taken + 1

    _change(exercise, note)
    return taken


def read() -> dict[str, dict[str, Any]]:
    """Return what is known, by exercise."""
    known: dict[str, dict[str, Any]] = _load().get("exercises", {})
    return known


def _change(exercise: str, note: Callable[[dict[str, Any]], None]) -> None:
    global trouble  # noqa: PLW0603 - one process has one progress
    content = _load()
    note(content.setdefault("exercises", {}).setdefault(exercise, {}))
    content["version"] = VERSION
    _memory.clear()
    _memory.update(content)
    path = _path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(json.dumps(content, indent=1, sort_keys=True), "utf-8")
        draft.replace(path)
        trouble = None
    except OSError as error:
        trouble = (
            f"progress is kept for this session only: {path} can't be written "
            f"({error.strerror}); set LABKIT_PROGRESS to a file that can"
        )


def _load() -> dict[str, Any]:
    try:
        content = json.loads(_path().read_text("utf-8"))
    except (OSError, ValueError):
        return dict(_memory)
    known = isinstance(content, dict) and content.get("version") == VERSION
    return content if known else dict(_memory)


def _path() -> Path:
    return Path(os.environ.get("LABKIT_PROGRESS") or ".labkit/progress.json")
