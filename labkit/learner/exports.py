"""The short file that a learner hands in, and that the instructor reads.

It says how far someone came: outcomes, tries, hints, minutes, and the mistakes that
came up, by their names. It contains no code and no verdict. A program that reads it
must not trust it: every field is checked, and a wrong one is refused in one sentence.
"""

import json
import math
import os
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from labkit.checks.verdicts import KIT_FAILED, NOT_ATTEMPTED, NOT_YET, PASSED
from labkit.errors import BadSetting, ProgressUnreadable

VERSION = 1

PAUSE = 30 * 60.0
"""A longer time between two tries, in seconds, is a pause and counts nothing."""

LARGEST = 256 * 1024
"""How many bytes an exported file may have."""

_MARK = "labkit progress"
_LONGEST_NAME = 60
_OUTCOMES = (PASSED, NOT_YET, NOT_ATTEMPTED, KIT_FAILED)
_EXERCISE = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}")
_MISTAKE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class ExportedStep:
    """How one exercise went; `minutes` is None where no times were noted."""

    outcome: str
    tries: int = 0
    hints: int = 0
    minutes: float | None = None
    mistakes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Learner:
    """What someone handed in, under a name of their own choice.

    `made_at` and `began_at`, the time of the first try, are seconds since 1970;
    `last` is the exercise that was tried last, or empty.
    """

    name: str
    made_at: float
    began_at: float | None
    last: str
    steps: Mapping[str, ExportedStep]


def summary(
    name: str,
    progress: Mapping[str, Mapping[str, Any]],
    *,
    clock: Callable[[], float] = time.time,
) -> Learner:
    """Sum up a learner's progress, as `labkit.learner.progress.read` returns it.

    `clock` gives seconds since 1970. Raises BadSetting for a name in which nothing can
    be read.
    """
    rows = sorted(
        (row[0], exercise)
        for exercise, entry in progress.items()
        for row in entry.get("log", [])
    )
    spent = minutes(progress)
    steps = {
        exercise: ExportedStep(
            entry.get("outcome", NOT_ATTEMPTED),
            entry.get("tries", 0),
            entry.get("hints", 0),
            spent.get(exercise),
            _own_mistakes(entry),
        )
        for exercise, entry in progress.items()
    }
    return Learner(
        readable(name),
        math.floor(clock()),
        math.floor(rows[0][0]) if rows else None,
        rows[-1][1] if rows else "",
        steps,
    )


def minutes(progress: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Return how many minutes each exercise took until it was passed.

    The time between a try and the try before it, of whatever exercise, belongs to the
    later one. Times longer than PAUSE, and those after the pass, count nothing.
    """
    rows = sorted(
        (row[0], exercise, row[1])
        for exercise, entry in progress.items()
        for row in entry.get("log", [])
    )
    spent: dict[str, float] = {}
    passed: set[str] = set()
    before: float | None = None
    for at, exercise, outcome in rows:
        if exercise not in passed:
            gap = at - before if before is not None else 0.0
            counted = gap if gap <= PAUSE else 0.0
            spent[exercise] = spent.get(exercise, 0.0) + counted
        if outcome == PASSED:
            passed.add(exercise)
        before = at
    return {exercise: round(seconds / 60, 1) for exercise, seconds in spent.items()}


def write(learner: Learner, folder: Path) -> Path:
    """Write `progress-NAME.json` into the folder and return where it is.

    Raises BadSetting where it can't be written, or where a file of that name is
    something else.
    """
    path = folder / f"progress-{_file_part(learner.name)}.json"
    content = as_content(learner)
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        if path.exists() and not _is_export(path):
            raise BadSetting(
                f"{path.name} already exists and is not a progress file "
                "of labkit; choose another name, or move that file away"
            )
        draft.write_text(text, "utf-8", newline="\n")
        draft.replace(path)
    except OSError as error:
        raise BadSetting(
            f"{path} can't be written ({error.strerror}); work in a "
            "folder that you can write to, or choose a shorter name"
        ) from error
    return path


def as_content(learner: Learner) -> dict[str, Any]:
    """Return what the file of that learner holds, which `parsed` reads."""
    return {"file": _MARK, "version": VERSION, **asdict(learner)}


def read(path: Path) -> Learner:
    """Read what someone handed in. Raises ProgressUnreadable, and nothing else."""
    return parsed(_content(path))


def parsed(content: object) -> Learner:
    """Check what came from a learner. Raises ProgressUnreadable, and nothing else."""
    if not isinstance(content, dict) or content.get("file") != _MARK:
        raise ProgressUnreadable(
            "it is not an exported progress file; a learner makes one with "
            'progress("name")'
        )
    version = content.get("version")
    if version != VERSION:
        raise ProgressUnreadable(
            f"it has version {version!r:.20}, but this labkit reads "
            f"{VERSION}; use the labkit that made it, or a newer one"
        )
    try:
        return _learner(content)
    except (KeyError, TypeError, ValueError, BadSetting) as error:
        raise ProgressUnreadable(
            f"a part of it was not written by labkit ({_cause(error)}); ask for a new "
            "export"
        ) from error


def _content(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise ProgressUnreadable(
                f"it is larger than {LARGEST // 1024} KiB; an export has only a few KiB"
            )
        return json.loads(data)
    except OSError as error:
        raise ProgressUnreadable(
            f"it can't be opened ({error.strerror}); check its permissions"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ProgressUnreadable(
            "it is not JSON; perhaps it is incomplete, so ask for it again"
        ) from error


def _learner(content: Mapping[str, Any]) -> Learner:
    began = content["began_at"]
    last = content["last"]
    return Learner(
        readable(content["name"]),
        _number("made_at", content["made_at"], 1e11),
        None if began is None else _number("began_at", began, 1e11),
        last if isinstance(last, str) and _EXERCISE.fullmatch(last) else "",
        {
            _matching("exercise", exercise, _EXERCISE): _step(entry)
            for exercise, entry in _mapping("exercises", content["steps"]).items()
        },
    )


def _step(entry: Any) -> ExportedStep:
    entry = _mapping("exercise", entry)
    outcome, spent = entry["outcome"], entry["minutes"]
    if outcome not in _OUTCOMES:
        raise ValueError(f"outcome {outcome!r:.30}")
    return ExportedStep(
        outcome,
        _count("tries", entry["tries"]),
        _count("hints", entry["hints"]),
        None if spent is None else _number("minutes", spent, 1e6),
        {
            _matching("mistake", mistake, _MISTAKE): _count("mistakes", times)
            for mistake, times in _mapping("mistakes", entry["mistakes"]).items()
        },
    )


def _own_mistakes(entry: Mapping[str, Any]) -> dict[str, int]:
    """Leave out what a lab's own examples brought up, beside answers of the learner."""
    counts = Counter(entry.get("mistakes", {}))
    log = entry.get("log", [])
    if any(own for *_, own in log):
        counts -= Counter(mistake for *_, mistake, own in log if mistake and not own)
    return dict(counts)


def readable(name: object) -> str:
    """Return a name in one line, without what can't be seen."""
    if not isinstance(name, str):
        raise BadSetting(f"a name is a string, but this is {type(name).__name__}")
    shown = "".join(
        each if each.isprintable() else " "
        for each in unicodedata.normalize("NFC", name[: 4 * _LONGEST_NAME])
    )
    shown = " ".join(shown.split())[:_LONGEST_NAME].strip()
    if not any(map(str.isalnum, shown)):
        raise BadSetting(
            f"the name {shown!r} has no letter and no digit; "
            'choose one that your instructor knows, such as progress("Ada")'
        )
    return shown


def _file_part(name: str) -> str:
    """Return a name as every file system takes it; letters of any script stay."""
    kept = "".join(each if each.isalnum() else "-" for each in name)
    part = "-".join(filter(None, kept.split("-")))
    # A file's name may have 255 bytes, the rest of this one included.
    return part.encode()[:180].decode(errors="ignore")


def _is_export(path: Path) -> bool:
    try:
        read(path)
    except ProgressUnreadable:
        return False
    return True


def _mapping(what: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or len(value) > 1000:
        raise ValueError(what)
    return value


def _matching(what: str, value: str, pattern: re.Pattern[str]) -> str:
    if len(value) > 80 or not pattern.fullmatch(value):
        raise ValueError(f"{what} {value!r:.30}")
    return value


def _count(what: str, value: Any) -> int:
    if type(value) is not int or not 0 <= value <= _MANY:
        raise ValueError(f"{what} {value!r:.30}")
    return value


def _number(what: str, value: Any, most: float) -> float:
    if type(value) not in (int, float) or not 0 <= value <= most:
        raise ValueError(f"{what} {value!r:.30}")
    return float(value)


def _cause(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
