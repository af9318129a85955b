"""Show something below a cell's own result, if a person is at the notebook.

A notebook that a program runs (a build, a test, a grader) has only the results of its
cells, so its outputs do not depend on the learner's progress.
"""

import importlib.util
from collections.abc import Callable
from typing import Any

from labkit.running.source import shell


def has_reader() -> bool:
    """Whether a person runs this cell: a program does not offer to answer input()."""
    kernel = getattr(shell(), "kernel", None)
    try:
        request = kernel.get_parent("shell") if kernel else {}
        return bool(request["content"]["allow_stdin"])
    except (AttributeError, KeyError, TypeError):
        return False


def can_click() -> bool:
    """Whether a person runs this cell and there are widgets."""
    return has_reader() and importlib.util.find_spec("ipywidgets") is not None


def show_below(make: Callable[[], Any]) -> None:
    """Display what `make` returns when the running cell has shown its result."""
    if not has_reader():
        return
    running = shell()

    def show(_result: object = None) -> None:
        running.events.unregister("post_run_cell", show)
        running.display_pub.publish(make())

    running.events.register("post_run_cell", show)
