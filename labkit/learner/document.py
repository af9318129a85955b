"""The progress as one JSON document: older kits wrote it, and a browser still does.

SQLite in a browser would have to write bytes into a storage that may keep only text.
A file that cannot be read is never overwritten: it is renamed.
"""

import json
import os
from pathlib import Path
from typing import Any

VERSION = 2
"""Version 1 had no times, no verdicts and no answers; it can still be read."""

Content = dict[str, dict[str, dict[str, Any]]]
"""What is stored: entries by their name, under "exercises" and "predictions"."""

KINDS = ("exercises", "predictions")


class Damaged(Exception):
    """The file is not a progress file; the text says why."""


class Unusable(Exception):
    """The file must stay as it is; the text says why, and what to do."""


def load(path: Path) -> Content:
    """Return what the document holds; nothing if there is no file.

    Raises Damaged and Unusable.
    """
    try:
        text = path.read_bytes().decode()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise Unusable(not_kept(path, f"can't be read ({error.strerror})")) from error
    except ValueError as error:
        raise Damaged("it is not text") from error
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Damaged("it is not JSON") from error
    version = content.get("version") if isinstance(content, dict) else None
    if type(version) is not int or version < 1:
        raise Damaged("it is not a progress file")
    if version > VERSION:
        raise Unusable(newer(path, version, VERSION))
    found = {kind: content.get(kind, {}) for kind in KINDS}
    if not fits(found):
        raise Damaged("a part of it was not written by labkit")
    return found


def save(path: Path, content: Content) -> None:
    """Write the document in one step. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    whole = {"version": VERSION, **content}
    draft.write_text(json.dumps(whole, indent=1, sort_keys=True), "utf-8")
    draft.replace(path)


def set_aside(path: Path, why: Exception) -> str:
    """Rename a damaged file, and say so. Raises OSError."""
    number = 1
    while (kept := path.with_suffix(f".damaged-{number}{path.suffix}")).exists():
        number += 1
    path.rename(kept)
    return (
        f"{path} could not be read: {why}; it is kept as {kept.name}, and a new "
        "file was started; repair it and give it its old name to get it back"
    )


def newer(path: Path, version: int, known: int) -> str:
    """Say that a newer kit wrote the file."""
    return (
        f"progress is kept for this session only: {path} was written by a newer "
        f"labkit (version {version} of the file; this labkit knows "
        f"{known}); install that version again, or move the file away to "
        "start a new one"
    )


def not_kept(path: Path, why: str) -> str:
    """Say that the file cannot be used, and what to do."""
    return (
        f"progress is kept for this session only: {path} {why}; set LABKIT_PROGRESS "
        "to a file that can be written"
    )


def fits(content: Content) -> bool:
    """Whether all parts have the types that the kit reads and adds to."""
    return all(
        isinstance(content.get(kind, {}), dict)
        and all(_entry_fits(entry) for entry in content.get(kind, {}).values())
        for kind in KINDS
    )


def _entry_fits(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    mistakes, answer = entry.get("mistakes", {}), entry.get("answer", {})
    verdict = entry.get("verdict", {})
    return (
        all(_is_count(entry.get(name, 0)) for name in ("tries", "hints"))
        and isinstance(mistakes, dict)
        and all(map(_is_count, mistakes.values()))
        and all(isinstance(entry.get(name, ""), str) for name in ("outcome", "letter"))
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
