"""Start a learner's server without what only the hub itself needs.

JupyterHub's logging and scopes name the hub's pages and its database, and with these
come packages that take about 30 MB in each learner's server, where nothing uses them.
Here empty modules stand in for them.
"""

import sys
from types import ModuleType


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
    from jupyterhub.singleuser import main

    sys.exit(main())
