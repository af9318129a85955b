"""What this learner has done, in one small file.

The file is `.labkit/progress.json` in the working directory, or where the environment
variable LABKIT_PROGRESS says. Where it can't be written, this session's memory serves
in its place, and `trouble` says so in one sentence. A file that can't be read is never
written over: a damaged one is set aside, a newer kit's is left as it is.

It holds what stands in the learner's own notebook beside it: the last answers, with
whatever is written in them. What is handed in is another file, without them; see
`labkit.learner.exports`.
"""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from labkit.checks import short_text
from labkit.checks.verdicts import NOT_ATTEMPTED, NOT_YET, PASSED, Verdict

VERSION = 2
"""Version 1 had no times, no verdicts and no answers; it is read on."""

LONGEST_ANSWER = 20_000
"""How many characters of source an answer may have to be kept."""

_LONGEST_VERDICT = 6_000
_LONGEST_LOG = 500

trouble: str | None = None
"""What went wrong with the file at the last change, in one sentence, or None."""

_memory: dict[str, Any] = {}


def record(
    verdict: Verdict,
    *,
    own: bool = True,
    source: str = "",
    clock: Callable[[], float] = time.time,
) -> None:
    """Note one check: when it was, what came out, and the answer's source.

    `own` is False for a function that isn't named as the exercise asks, which is most
    often a lab's own example. `clock` gives seconds since 1970.
    """

    def note(entry: dict[str, Any]) -> None:
        entry["tries"] = entry.get("tries", 0) + 1
        log = entry.setdefault("log", [])
        if entry.get("outcome") != PASSED and not (
            verdict.outcome == NOT_ATTEMPTED and _has_been_tried(log)
        ):
            entry["outcome"] = verdict.outcome
        if verdict.mistake:
            mistakes = entry.setdefault("mistakes", {})
            mistakes[verdict.mistake] = mistakes.get(verdict.mistake, 0) + 1
        log.append([round(clock(), 3), verdict.outcome, verdict.mistake, own])
        del log[:-_LONGEST_LOG]
        _keep(entry, verdict, own, source)

    _change(verdict.exercise, note)


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
    """Return what is known, by exercise.

    An entry has `tries`, `outcome`, `mistakes` (times by id), `hints`; since version 2
    also `log` (rows of time, outcome, mistake, own), `verdict` (`headline`, `failing`,
    `text`) and `answer` (`source`, `own`). Each may be missing.
    """
    global trouble  # noqa: PLW0603 - one process has one progress
    try:
        content = _load()
    except (_Damaged, _Locked) as error:
        trouble = str(error)
        content = _memory
    known: dict[str, dict[str, Any]] = content.get("exercises", {})
    return known


class _Damaged(Exception):
    """The file is no progress file."""


class _Locked(Exception):
    """The file must be left as it is."""


def _has_been_tried(log: list[list[Any]]) -> bool:
    return any(outcome == NOT_YET and own for _, outcome, _, own in log)


def _keep(entry: dict[str, Any], verdict: Verdict, own: bool, source: str) -> None:
    """Keep verdict and answer; a stub or an example never replaces an answer."""
    before = entry.get("answer", {})
    if verdict.outcome == NOT_ATTEMPTED or (before.get("own") and not own):
        return
    entry["verdict"] = {
        "headline": verdict.headline,
        "failing": verdict.failing,
        "text": short_text(str(verdict), _LONGEST_VERDICT),
    }
    kept = source if len(source) <= LONGEST_ANSWER else ""
    entry["answer"] = {"source": kept, "own": own}


def _change(exercise: str, note: Callable[[dict[str, Any]], None]) -> None:
    global trouble  # noqa: PLW0603 - one process has one progress
    path = _path()
    set_aside = None
    try:
        content = _load()
    except _Locked as error:
        _note_in_memory(_memory, exercise, note)
        trouble = str(error)
        return
    except _Damaged as error:
        content = dict(_memory)
        set_aside = error
    content = _note_in_memory(content, exercise, note)
    try:
        said = _set_aside(path, set_aside) if set_aside else None
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(json.dumps(content, indent=1, sort_keys=True), "utf-8")
        draft.replace(path)
        trouble = said
    except OSError as error:
        trouble = (
            f"progress is kept for this session only: {path} can't be written "
            f"({error.strerror}); set LABKIT_PROGRESS to a file that can"
        )


def _note_in_memory(
    content: dict[str, Any], exercise: str, note: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    content = dict(content)
    note(content.setdefault("exercises", {}).setdefault(exercise, {}))
    content["version"] = VERSION
    _memory.clear()
    _memory.update(content)
    return content


def _load() -> dict[str, Any]:
    """Return the file's content, or this session's where there is none.

    Raises _Damaged and _Locked.
    """
    path = _path()
    try:
        text = path.read_bytes().decode()
    except (FileNotFoundError, NotADirectoryError):
        return dict(_memory)
    except OSError as error:
        raise _Locked(
            f"progress is kept for this session only: {path} can't be read "
            f"({error.strerror}); set LABKIT_PROGRESS to a file that can"
        ) from error
    except ValueError as error:
        raise _Damaged("it is no text") from error
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _Damaged("it is no JSON") from error
    version = content.get("version") if isinstance(content, dict) else None
    if type(version) is not int or version < 1:
        raise _Damaged("it is no progress file")
    if version > VERSION:
        raise _Locked(
            f"progress is kept for this session only: {path} was written by a newer "
            f"labkit (version {version} of the file, {VERSION} is known here); install "
            "that one again, or move the file away to begin a new one"
        )
    if not _fits(content):
        raise _Damaged("a part of it is not what labkit writes")
    return dict(content)


def _fits(content: dict[str, Any]) -> bool:
    """Whether all parts have the types that this file reads and adds to."""
    exercises = content.get("exercises", {})
    return isinstance(exercises, dict) and all(
        isinstance(entry, dict) and _entry_fits(entry) for entry in exercises.values()
    )


def _entry_fits(entry: dict[str, Any]) -> bool:
    mistakes, answer = entry.get("mistakes", {}), entry.get("answer", {})
    verdict = entry.get("verdict", {})
    return (
        all(_is_count(entry.get(name, 0)) for name in ("tries", "hints"))
        and isinstance(mistakes, dict)
        and all(map(_is_count, mistakes.values()))
        and isinstance(entry.get("outcome", ""), str)
        and isinstance(verdict, dict)
        and all(isinstance(text, str) for text in verdict.values())
        and isinstance(answer, dict)
        and isinstance(answer.get("source", ""), str)
        and isinstance(log := entry.get("log", []), list)
        and all(map(_is_row, log))
    )


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_row(row: object) -> bool:
    return (
        isinstance(row, list)
        and len(row) == 4
        and type(row[0]) in (int, float)
        and isinstance(row[1], str)
        and (row[2] is None or isinstance(row[2], str))
    )


def _set_aside(path: Path, why: Exception) -> str:
    """Rename a damaged file, and say so."""
    number = 1
    while (kept := path.with_suffix(f".damaged-{number}.json")).exists():
        number += 1
    path.rename(kept)
    return (
        f"{path} could not be read: {why}; it is kept as {kept.name}, and a new "
        "file is begun; mend it and give it its old name to have it back"
    )


def _path() -> Path:
    return Path(os.environ.get("LABKIT_PROGRESS") or ".labkit/progress.json")
