"""What lies where when a lab is opened: a JupyterLab workspace, as plain data."""

import re
import zlib
from pathlib import PurePosixPath
from typing import Any

NOTEBOOK_SHARE = 0.58
"""How much of the width the notebook has."""

_PANE = "labkit-inspector"


def workspace_of(path: str) -> str:
    """Return the name of the workspace of that notebook; another path, another name."""
    stem = re.sub("[^A-Za-z0-9_-]+", "-", PurePosixPath(path).stem)
    return f"{stem}-{zlib.crc32(path.encode()):08x}"


def beside(path: str, pane_url: str) -> dict[str, Any]:
    """Return the workspace with that notebook on the left and the pane on the right.

    `path` is the notebook's below the server's root folder. The pane is a widget of
    jupyter-server-proxy, whose frames may show pages of this server.
    """
    notebook, pane = f"notebook:{path}", f"server-proxy:{_PANE}"
    areas = [
        {"type": "tab-area", "currentIndex": 0, "widgets": [name]}
        for name in (notebook, pane)
    ]
    dock = {
        "type": "split-area",
        "orientation": "horizontal",
        "sizes": [NOTEBOOK_SHARE, 1 - NOTEBOOK_SHARE],
        "children": areas,
    }
    closed = {"collapsed": True, "visible": True, "widgets": []}
    return {
        "metadata": {"id": workspace_of(path)},
        "data": {
            "layout-restorer:data": {
                "main": {"dock": dock, "current": notebook},
                "down": {"size": 0, "widgets": []},
                "left": closed,
                "right": closed,
                "relativeSizes": [0, 1, 0],
                "top": {"simpleVisibility": True},
            },
            notebook: {"data": {"path": path, "factory": "Notebook"}},
            pane: {
                "data": {
                    "id": _PANE,
                    "title": "Inspector",
                    "url": pane_url,
                    "newBrowserTab": False,
                }
            },
        },
    }
