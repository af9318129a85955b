"""What this learner has done, in one small file.

The file is `.labkit/progress.sqlite` in the working directory, or where the environment
variable LABKIT_PROGRESS says. In a browser, and in kits before it, it is a document,
`progress.json`; a new file starts with what that holds. If the file can't be written,
the progress is kept in memory for this session, and `trouble` says so in one sentence.
A file that can't be read is never overwritten: a damaged one is renamed, and one of a
newer kit is left as it is.

It holds what is in the learner's own notebook next to it: the last answers, with
everything that is written in them. What is handed in is another file, without them;
see `labkit.learner.exports`.
"""

import copy
import functools
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from labkit.checks import short_text
from labkit.checks.verdicts import NOT_ATTEMPTED, NOT_YET, PASSED, Verdict
from labkit.learner import backups, database, document
from labkit.learner.document import Content, Damaged, Unusable
from labkit.transport import IN_BROWSER

LONGEST_ANSWER = 20_000
"""How many characters of source an answer may have to be kept."""

_LONGEST_VERDICT = 6_000
_LONGEST_LOG = 500

trouble: str | None = None
"""What went wrong with the file when it was last used, in one sentence, or None."""

_memory: Content = {}


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

    _change("exercises", verdict.exercise, note)


def take_hint(exercise: str, available: int) -> int:
    """Return the number, from 0, of the hint that is next; the last one stays."""
    taken = 0

    def note(entry: dict[str, Any]) -> None:
        nonlocal taken
        taken = min(entry.get("hints", 0), available - 1)
        entry["hints"] = taken + 1

    _change("exercises", exercise, note)
    return taken


def record_question(exercise: str, *, right: bool) -> None:
    """Count a reply to a question about the learner's own code."""

    def note(entry: dict[str, Any]) -> None:
        counts = entry.setdefault("questions", {"asked": 0, "right": 0})
        counts["asked"] += 1
        counts["right"] += right

    _change("exercises", exercise, note)


def record_prediction(
    prediction: str, letter: str, *, clock: Callable[[], float] = time.time
) -> None:
    """Keep what the learner expected: the first choice, and the last.

    `clock` gives seconds since 1970.
    """

    def note(entry: dict[str, Any]) -> None:
        entry.setdefault("first", letter)
        entry["letter"] = letter
        entry["at"] = round(clock(), 3)

    _change("predictions", prediction, note)


def read() -> dict[str, dict[str, Any]]:
    """Return what is known, by exercise.

    `questions` counts those about the learner's own code: `asked` and `right`.

    An entry has `tries`, `outcome`, `mistakes` (times by id), `hints`; since version 2
    also `log` (rows of time, outcome, mistake, own), `verdict` (`headline`, `failing`,
    `text`) and `answer` (`source`, `own`). Each may be missing.
    """
    return _read().get("exercises", {})


def read_predictions() -> dict[str, dict[str, Any]]:
    """Return the predictions by id: `first` and `letter`, the choices, and `at`."""
    return _read().get("predictions", {})


def folder() -> Path:
    """Return the folder of the learner's progress, which need not exist yet."""
    return _paths()[0].parent


def everything() -> Content:
    """Return all that is known, for a backup."""
    return _read()


def merge(restored: Content) -> int:
    """Add what a backup holds, and return how many entries were new or better here."""
    taken = 0

    def take(kind: str, entry: dict[str, Any], here: dict[str, Any]) -> None:
        nonlocal taken
        if backups.is_better(kind, entry, here):
            here.clear()
            here.update(copy.deepcopy(entry))
            taken += 1

    for kind, entries in restored.items():
        for name, entry in entries.items():
            _change(kind, name, functools.partial(take, kind, entry))
    return taken


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


def _read() -> Content:
    global trouble  # noqa: PLW0603 - one process has one progress
    path, old = _paths()
    trouble = None
    try:
        found = None if IN_BROWSER else database.read(path)
        return found if found is not None else document.load(old) or _memory
    except Unusable as error:
        trouble = str(error)
    except Damaged as error:
        damaged = path if path.exists() else old
        trouble = f"{damaged} could not be read: {error}; the next check renames it"
    except OSError as error:
        trouble = document.not_kept(path, f"can't be read ({error.strerror})")
    return _memory


def _change(kind: str, name: str, note: Callable[[dict[str, Any]], None]) -> None:
    global trouble  # noqa: PLW0603 - one process has one progress
    path = _paths()[IN_BROWSER]
    trouble = None
    try:
        content = _written(kind, name, note)
    except Unusable as error:
        trouble = str(error)
    except (Damaged, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        trouble = document.not_kept(path, f"can't be written ({why})")
    else:
        _memory.clear()
        _memory.update(content)
        return
    note(_memory.setdefault(kind, {}).setdefault(name, {}))


def _written(kind: str, name: str, note: Callable[[dict[str, Any]], None]) -> Content:
    """Change one entry of the file, and return what the file then holds.

    A damaged file is renamed, and this session's memory starts the new one.
    """
    path, old = _paths()
    if IN_BROWSER:
        content = _first(old)
        note(content.setdefault(kind, {}).setdefault(name, {}))
        document.save(old, content)
        return content
    try:
        return database.change(path, kind, name, note, first=lambda: _first(old))
    except Damaged as error:
        _set_aside(path, error)
        return database.change(path, kind, name, note, first=lambda: _first(old))


def _first(old: Path) -> Content:
    """Return what a new file starts with: the old document, or this session's memory.

    Raises Unusable, and OSError if a damaged document can't be renamed.
    """
    try:
        found = document.load(old)
    except Damaged as error:
        _set_aside(old, error)
        found = {}
    if not IN_BROWSER or not found:
        found = {**found, **copy.deepcopy(_memory)}
    return found


def _set_aside(path: Path, why: Damaged) -> None:
    global trouble  # noqa: PLW0603 - one process has one progress
    trouble = document.set_aside(path, why)
    # A log of the damaged file must not be applied to the new one.
    for name in (f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def _paths() -> tuple[Path, Path]:
    """Return where the database is, and where the document is."""
    named = Path(os.environ.get("LABKIT_PROGRESS") or ".labkit/progress.sqlite")
    if named.suffix == ".json":
        return named.with_suffix(".sqlite"), named
    return named, named.with_suffix(".json")
