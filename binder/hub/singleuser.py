"""Start a learner's server without what it has no use for.

JupyterHub's logging and scopes name the hub's pages and its database, and with these
come packages that take about 30 MB in each learner's server, where nothing uses them.
Here empty modules stand in for them.

As in `make lab`, jsonschema starts without a grammar that it can do without.

The server's sockets get a folder of their own, because the name of a socket has at most
107 characters and the learner's home may be far down, or on another machine.
"""

import os
import sys
import tempfile
from types import ModuleType

from labkit.extension.server import leave_the_grammar_out


def leave_the_hub_out() -> None:
    """Let a learner's server find the names that it looks for, and no more."""
    handlers = ModuleType("jupyterhub.handlers")
    pages = ModuleType("jupyterhub.handlers.pages")
    pages.HealthCheckHandler = type("HealthCheckHandler", (), {})
    database = ModuleType("jupyterhub.orm")
    for module in (handlers, pages, database):
        sys.modules[module.__name__] = module


if __name__ == "__main__":
    leave_the_hub_out()
    leave_the_grammar_out()
    from jupyterhub.singleuser import main

    with tempfile.TemporaryDirectory(prefix="jupyter-") as made:
        os.environ["JUPYTER_RUNTIME_DIR"] = made
        sys.exit(main())
