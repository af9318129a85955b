"""Whether a learner agrees to be named on the class page of a hub.

The name is a file of one line next to the learner's progress. Without it, the page
shows the learner's progress under a number.
"""

import os
from pathlib import Path

from labkit.errors import BadSetting

FILE = "shared-name.txt"
"""The file's name, in the folder of the progress."""

LONGEST = 200
"""How many characters are read; what is shown is shorter."""


def agree(name: str, folder: Path) -> None:
    """Write the name that may be shown. Raises BadSetting if that fails."""
    draft = folder / f"{FILE}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft.write_text(name, "utf-8")
        draft.replace(folder / FILE)
    except OSError as error:
        raise BadSetting(_not_written(folder, error)) from error


def withdraw(folder: Path) -> None:
    """Forget the name. Raises BadSetting if that fails."""
    try:
        (folder / FILE).unlink(missing_ok=True)
    except OSError as error:
        raise BadSetting(_not_written(folder, error)) from error


def agreed(folder: Path) -> str | None:
    """Return the name that the learner agreed to, or None."""
    try:
        with (folder / FILE).open(encoding="utf-8") as file:
            return file.read(LONGEST).strip() or None
    except (OSError, ValueError):
        return None


def _not_written(folder: Path, error: OSError) -> str:
    return (
        f"{folder / FILE} can't be written ({error.strerror}); work in a "
        "folder that you can write to"
    )
