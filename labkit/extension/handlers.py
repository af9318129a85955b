"""The addresses of the extension; each asks for the learner's login."""

import asyncio
import json
from pathlib import Path, PurePosixPath
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import ensure_async, url_path_join
from jupyterlab.commands import get_workspaces_dir
from jupyterlab_server.workspaces_handler import WorkspacesManager
from tornado import web

from labkit.extension.layout import beside, workspace_of
from labkit.extension.pane import newest

_PANE = (Path(__file__).parent / "pane.html").read_text("utf-8")


def handlers(base_url: str, notice: Path) -> list[tuple[Any, ...]]:
    """Return what to add to a server at that base URL; kernels write to `notice`."""
    return [
        (url_path_join(base_url, r"labkit/beside/(.+)"), Beside),
        (url_path_join(base_url, r"labkit/inspector/?"), Pane),
        (url_path_join(base_url, r"labkit/inspector/now"), Now, {"notice": notice}),
    ]


class Beside(JupyterHandler):
    """Lay out a workspace for a notebook, start its kernel, and open it."""

    @web.authenticated
    async def get(self, path: str) -> None:
        """Redirect to JupyterLab; 404 where there is no such notebook.

        JupyterLab drops a cell that is run before the notebook has its kernel, without
        a word. So the kernel starts while the page loads.
        """
        if not path.endswith(".ipynb") or not await self._is_there(path):
            # Jupyter's own page would not say what to do.
            self.set_status(404)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(
                f"there is no notebook {path!r} on this server; "
                "open the link that fetches it, or find it in the file browser\n"
            )
            return
        layout = beside(path, url_path_join(self.base_url, "labkit/inspector"))
        # Laid out again each time: a link always opens the same view.
        name = workspace_of(path)
        WorkspacesManager(get_workspaces_dir()).save(name, json.dumps(layout))
        await self._start_kernel(path)
        self.redirect(url_path_join(self.base_url, "lab/workspaces", name))

    async def _start_kernel(self, path: str) -> None:
        sessions: Any = self.session_manager
        try:
            if not await ensure_async(sessions.session_exists(path=path)):
                name = PurePosixPath(path).name
                await sessions.create_session(path=path, name=name, type="notebook")
        except Exception as error:  # noqa: BLE001 # JupyterLab tries again, and tells
            self.log.warning("no kernel was started for %s: %s", path, error)

    async def _is_there(self, path: str) -> bool:
        try:
            found = self.contents_manager.file_exists(path)  # type: ignore[no-untyped-call]
            return bool(await ensure_async(found))
        except web.HTTPError:
            # A path that leads out of the learner's folder is refused.
            return False


class Pane(JupyterHandler):
    """The page in the pane."""

    @web.authenticated
    async def get(self) -> None:
        """Answer with the page; it asks for the rest by itself."""
        # A hub forbids every frame; this page is made for one, of this very server.
        self.set_header("Content-Security-Policy", "frame-ancestors 'self'")
        self.finish(_PANE.replace("{now}", url_path_join(self.base_url, _NOW)))


class Now(JupyterHandler):
    """Where the inspector is now."""

    def initialize(self, notice: Path) -> None:
        """Remember the file that kernels write to."""
        self._notice = notice

    @web.authenticated
    async def get(self) -> None:
        """Answer with its address on this server, or null where none is open."""
        address = None
        if place := newest(self._notice):
            port, path = place
            if await _listens(port):
                address = url_path_join(self.base_url, f"proxy/{port}", path)
        self.set_header("Cache-Control", "no-store")
        self.finish({"address": address})

    def _log(self) -> None:
        """Leave it out of the server's log, because a pane asks every second."""
        if self.get_status() >= 400:
            super()._log()


async def _listens(port: int) -> bool:
    """Whether anyone does; a kernel that was restarted took its inspector along."""
    try:
        _, writer = await asyncio.wait_for(
            asyncio.open_connection("127.0.0.1", port), timeout=0.5
        )
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


_NOW = "labkit/inspector/now"
