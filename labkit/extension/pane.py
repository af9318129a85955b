"""Keep the newest receiver's inspector open for a pane beside the notebook.

A Jupyter server that has such a pane names a file to its kernels, in the environment
variable LABKIT_INSPECTOR; where there is none, no inspector is opened unasked. The file
holds the inspector's place and with it its key, so it lies in Jupyter's own runtime
folder, as the server's own token does.
"""

import contextlib
import json
import os
import urllib.parse
from pathlib import Path
from typing import Any

FILE = "LABKIT_INSPECTOR"
"""The environment variable that names the file."""

_open: list[Any] = []


def keep_open(inspector: Any) -> None:
    """Tell the pane of this inspector, and close the one that was told of before.

    It outlives its receiver, so that a receiver which lives for one cell can be
    inspected after it.
    """
    close()
    _open.append(inspector)
    name = os.environ.get(FILE)
    if name and inspector.url:
        where = urllib.parse.urlsplit(inspector.url)
        place = {"port": where.port, "path": where.path}
        draft = Path(f"{name}.{os.getpid()}")
        # A pane that shows nothing is no reason for a receiver not to start.
        with contextlib.suppress(OSError):
            draft.touch(mode=0o600)
            draft.write_text(json.dumps(place), "utf-8")
            draft.replace(name)


def close() -> None:
    """Close the inspector that was kept open, if any."""
    while _open:
        _open.pop().stop()


def newest(file: Path) -> tuple[int, str] | None:
    """Return the port and the path of the inspector last told of, or None."""
    try:
        place = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return place["port"], place["path"]
