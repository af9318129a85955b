"""A lab with its inspector beside it: an extension of the Jupyter server.

It serves three addresses below the server's own:

    labkit/beside/PATH      open that notebook in JupyterLab, and the pane beside it
    labkit/inspector        the pane: the inspector of the receiver started last
    labkit/inspector/now    the address of that inspector, which the pane asks for

    layout.py     what lies where, as a JupyterLab workspace
    handlers.py   the addresses
    pane.html     the pane
    trusting.py   the explained solutions, whose pictures can be played
    server.py     JupyterLab, started without what takes long

Kernels tell of their inspectors in a file, which the server names to them in their
environment; see `labkit.extension.pane`.
"""

import os
from pathlib import Path
from typing import Any

from labkit.extension.pane import FILE

__all__ = ["_jupyter_server_extension_points", "_load_jupyter_server_extension"]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "labkit.extension"}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Add the addresses to a Jupyter server that starts."""
    from labkit.extension.handlers import handlers
    from labkit.extension.trusting import trust_solutions

    # Two servers of one user share the folder, so the file bears the server's number.
    notice = Path(server.runtime_dir) / f"labkit-{os.getpid()}.json"
    os.environ[FILE] = str(notice)
    server.web_app.add_handlers(".*$", handlers(server.base_url, notice))
    trust_solutions(server.contents_manager.notary)
