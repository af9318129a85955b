"""All of a learner's progress as one file: to download here, and to restore elsewhere.

The file has the form of `labkit.learner.document`, so it holds the answers too. What is
handed in is another file, without them; see `labkit.learner.exports`.
"""

import base64
import html
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labkit.errors import BadSetting, ProgressUnreadable
from labkit.learner import document
from labkit.learner.document import Content, Damaged, Unusable

NAME = "progress-backup.json"
"""The file's name, if the learner gives none."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A file that was written, and how many exercises are in it."""

    path: Path
    exercises: int

    def __repr__(self) -> str:
        return (
            f"{self.path.name} is written into {self.path.parent.absolute()}. It "
            f"contains your progress in {_counted(self.exercises)}, with your "
            "solutions.\nKeep it in a safe place. To restore it, put it next to a "
            "notebook and run restore()."
        )

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.path.read_bytes()).decode()
        lines = html.escape(repr(self)).replace("\n", "<br>")
        return (
            f'<p>{lines}</p><p><a download="{html.escape(self.path.name)}" '
            f'href="data:application/json;base64,{data}">Download '
            f"{html.escape(self.path.name)}</a></p>"
        )


def write(content: Content, path: Path) -> Backup:
    """Write the progress into a file.

    Raises BadSetting if there is nothing to write, if a file of that name is something
    else, and if it can't be written.
    """
    exercises = content.get("exercises", {})
    if not any(content.values()):
        raise BadSetting(
            "there is no progress yet; run a check first, or open the folder in which "
            "you worked"
        )
    try:
        if path.exists():
            read(path)
        document.save(path, content)
    except ProgressUnreadable as error:
        raise BadSetting(
            f"{path.name} exists and is not a backup; choose another name"
        ) from error
    except (OSError, ValueError) as error:  # ValueError: no name of a file
        raise BadSetting(
            f"{path} can't be written ({error}); work in a folder that you can write to"
        ) from error
    return Backup(path, len(exercises))


def read(path: Path) -> Content:
    """Read a file that `write` made. Raises ProgressUnreadable, and nothing else."""
    try:
        found = document.load(path)
    except (Damaged, Unusable, OSError) as error:
        raise ProgressUnreadable(f"{path} can't be restored: {error}") from error
    if not any(found.values()):
        raise ProgressUnreadable(
            f"there is no backup in {path}; backup() writes one, and in a browser you "
            "can drag the file into the list of files"
        )
    return found


def _counted(exercises: int) -> str:
    return f"{exercises} exercise{'' if exercises == 1 else 's'}"


def is_better(kind: str, restored: Mapping[str, Any], here: Mapping[str, Any]) -> bool:
    """Whether a restored entry replaces the one that is here.

    An exercise was tried more often in the one that knows more. A prediction is made
    once, so the one that is here stays.
    """
    if kind == "exercises" and here:
        return bool(restored.get("tries", 0) > here.get("tries", 0))
    return not here
