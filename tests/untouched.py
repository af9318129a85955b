"""Run a learner's notebook as IPython does, without a kernel, in a forked process."""

import io
import os
import sys
import traceback
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.forked import forks


def results(cells: Sequence[str], folder: Path) -> list[str]:
    """Run cells in a process of its own and in that folder; return their results.

    Raises AssertionError with the traceback of a cell that fails.
    """
    context = forks()
    heard, told = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(cells, str(folder), told))
    with heard:
        process.start()
        told.close()
        shown: list[str] | str = heard.recv()
    process.join()
    assert not isinstance(shown, str), shown
    return shown


def _run(cells: Sequence[str], folder: str, told: Connection) -> None:
    os.chdir(folder)
    os.environ["IPYTHONDIR"] = folder
    os.environ["LABKIT_PROGRESS"] = f"{folder}/progress.json"
    try:
        told.send(list(map(_result, cells)))
    except BaseException:
        told.send(traceback.format_exc())
        raise
    finally:
        # A notebook may have left threads, for which Python would wait.
        os._exit(0)


def _result(cell: str) -> str:
    """Run one cell and return its result as text. Raises AssertionError if it fails."""
    from IPython.core.interactiveshell import InteractiveShell

    shell: Any = InteractiveShell.instance()
    sys.stdout = printed = io.StringIO()
    done = shell.run_cell(cell)
    assert done.success, f"{cell}\n{printed.getvalue()}"
    return str(done.result)
