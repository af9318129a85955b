"""What a learner's Jupyter server tells the class page of a hub: an extension of it.

It serves one address, `labkit/progress`: the tries, the outcomes and the names of the
mistakes in the learner's own progress files, without any code, and the learner's name
if the learner agreed. The hub lets only those ask who may use the server. Where the
kit is installed, the extension is switched on by the same file as `labkit.extension`.

Every learner has a server, so this loads little: no exercise and no check.
"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from labkit.learner import consent, database, document

_DEEP = (".labkit", "*/.labkit", "*/*/.labkit")
"""Where progress is looked for below the server's folder: labs lie in a clone there."""

_MOST = 50
"""How many folders with progress are read."""

_TOLD = ("outcome", "tries", "hints", "mistakes", "log")


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "labkit.learner.serving"}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Add the address to a Jupyter server that starts on a hub."""
    if "JUPYTERHUB_USER" not in os.environ:
        return
    from jupyter_server.base.handlers import JupyterHandler
    from jupyter_server.utils import url_path_join
    from tornado import web

    root = Path(server.root_dir)

    class Progress(JupyterHandler):
        """The learner's progress, without code."""

        @web.authenticated
        async def get(self) -> None:
            """Answer with what `told` returns."""
            self.set_header("Cache-Control", "no-store")
            self.finish(await asyncio.to_thread(told, root))

        def _log(self) -> None:
            """Leave it out of the server's log: the page asks every few seconds."""

    address = url_path_join(server.base_url, r"labkit/progress")
    server.web_app.add_handlers(".*$", [(address, Progress)])


def told(root: Path) -> dict[str, Any]:
    """Return `name`, or None, and `exercises`: their progress by id, without code.

    If there are several folders with progress, the one with more tries counts for each
    exercise.
    """
    name, exercises = None, dict[str, dict[str, Any]]()
    for folder in _folders(root):
        name = consent.agreed(folder) or name
        for exercise, entry in _entries(folder).items():
            best = exercises.get(exercise, {})
            if not best or entry.get("tries", 0) > best.get("tries", 0):
                kept = {key: entry[key] for key in _TOLD if key in entry}
                exercises[exercise] = kept
    return {"name": name, "exercises": exercises}


def _folders(root: Path) -> Iterator[Path]:
    found = 0
    for pattern in _DEEP:
        for folder in sorted(root.glob(pattern)):
            if found == _MOST:
                return
            found += 1
            yield folder


def _entries(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the exercises of one progress file; nothing if it can't be read."""
    try:
        content = database.read(folder / "progress.sqlite")
        if content is None:
            content = document.load(folder / "progress.json")
    except (document.Damaged, document.Unusable, OSError):
        return {}
    return content.get("exercises", {})
