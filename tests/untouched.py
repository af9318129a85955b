"""Run the learners' notebooks as IPython does, without kernels; print the verdicts.

    python -m tests.untouched SOURCE…

Each runs in a process of its own and in an empty folder. The process is forked from one
that has imported what the labs import, which is most of what a kernel's start takes.
"""

import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode

import labkit.exercises
import labkit.widgets  # noqa: F401 - for the processes that are forked
from labkit.build.content import verdicts_in
from labkit.build.notebooks import learners_notebook


def run(notebook: NotebookNode) -> None:
    """Run all cells, and keep what each returns as text. Raises what a cell raises."""
    shell: Any = InteractiveShell.instance()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            sys.stdout = io.StringIO()
            done = shell.run_cell(cell.source)
            if not done.success:
                sys.stderr.write(f"{cell.source}\n{sys.stdout.getvalue()}")
            done.raise_error()
            output = {"data": {"text/plain": str(done.result)}}
            # nbformat says nothing about the types of this function.
            cell.outputs = [nbformat.from_dict(output)]  # type: ignore[no-untyped-call]


def told_by_a_fork(source: Path, folder: str) -> None:
    """Run one notebook in a fork of this process; print its verdicts."""
    if child := os.fork():
        if os.waitpid(child, 0)[1]:
            sys.exit(f"{source.stem} failed; its cell and its traceback are above")
        return
    told, status = sys.stdout, 1
    try:
        os.chdir(folder)
        os.environ["LABKIT_PROGRESS"] = f"{folder}/progress.json"
        notebook = learners_notebook(source)
        run(notebook)
        told.write(json.dumps(verdicts_in(notebook)) + "\n")
        told.flush()
        status = 0
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    for _source in map(Path, sys.argv[1:]):
        with tempfile.TemporaryDirectory() as _folder:
            told_by_a_fork(_source, _folder)
