"""Make the notebooks, and the README's picture, from their sources; say what is stale.

`solutions/NN_topic.py`, in jupytext's percent format, is the only file that anyone
edits. From it come the learner's notebook, without solutions and outputs, and the
solution's notebook, executed. Both are the same bytes on every build: cell ids follow
position, and the metadata has only tags, and the kind of slide that a heading begins.
"""

import copy
import os
import re
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
import nbclient
import nbclient.exceptions
import nbformat
from nbformat import NotebookNode

from labkit.build.links import HOSTED
from labkit.build.references import path_of, reference_of
from labkit.demo import picture
from labkit.errors import LabError, NotebookStale
from labkit.exercises import EXERCISES

STUB = "raise NotImplementedError  # your code here"
VARIES = "nbval-ignore-output"
"""The tag of a cell whose output differs in every run; it is not kept."""

INSTALL = """\
# Colab and Kaggle do not have the kit. This cell installs it (about 30 seconds).
# If you are asked to restart the session, do so, and go on with the next cell.
%pip install --quiet webhook-lab=={version}"""

METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}

_REGION = re.compile(
    r"^(?P<indent>[ \t]*)# BEGIN SOLUTION\n.*?^[ \t]*# END SOLUTION$",
    re.DOTALL | re.MULTILINE,
)


_HEADING = re.compile(r"^(#{1,3}) \S", re.MULTILINE)
_MARK = re.compile(r"^[ \t]*# (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)
_GUESS = re.compile(r'(?P<call>predict\("[^"]+", )"[^"]*"\)')


class LabBroken(LabError):
    """A lab's source can't be built; the message has the cell and the error."""


@dataclass(frozen=True, slots=True)
class Built:
    """One built notebook: where it belongs and the text that it should have."""

    path: Path
    text: str

    @property
    def stale(self) -> bool:
        """Whether the file is missing or differs."""
        return not self.path.exists() or self.path.read_text("utf-8") != self.text


def sources(root: Path) -> list[Path]:
    """Return the sources of all labs, in order. Raises LabBroken if there are none."""
    found = sorted((root / "solutions").glob("[0-9][0-9]_*.py"))
    if not found:
        raise LabBroken(
            f"{root / 'solutions'} holds no lab; run this in the project's folder, "
            "the one with pyproject.toml"
        )
    return found


def build(root: Path, *, only: str = "") -> list[Path]:
    """Write every notebook that is stale, and return which were.

    `only` picks labs whose name starts with it.
    """
    return _write(_all(root, only))


def build_references(root: Path) -> list[Path]:
    """Write every reference solution that is stale, and return which were."""
    return _write(built_references(root))


def _write(files: Iterable[Built]) -> list[Path]:
    written = []
    for built in files:
        if built.stale:
            built.path.parent.mkdir(exist_ok=True)
            built.path.write_text(built.text, "utf-8", newline="\n")
            written.append(built.path)
    return written


def check_built(root: Path, *, only: str = "") -> None:
    """Raise NotebookStale naming the notebooks that differ from their sources."""
    stale = [
        str(built.path.relative_to(root)) for built in _all(root, only) if built.stale
    ]
    if stale:
        raise NotebookStale(
            f"{', '.join(stale)} differ from what solutions/*.py gives; edit only the "
            "sources, then run `labkit dev build` and commit what it wrote"
        )


def learners_notebook(source: Path) -> NotebookNode:
    """Return the notebook for learners: no solutions, no guesses, no outputs."""
    notebook = marked_notebook(source)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = _REGION.sub(rf"\g<indent>{STUB}", cell.source)
    return notebook


def marked_notebook(source: Path) -> NotebookNode:
    """Return the learners' notebook with the solutions still in it, between marks."""
    notebook = _read(source)
    cells = [cell for cell in notebook.cells if "solution" not in _tags(cell)]
    for cell in cells:
        if cell.cell_type == "code":
            cell.source = _GUESS.sub(r'\g<call>"?")', cell.source)
    return _normal(cells, source)


def version_of(root: Path) -> str:
    """Return the version of the kit, which is written in pyproject.toml alone."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])


def hosted_notebook(learners: NotebookNode, version: str) -> NotebookNode:
    """Return the notebook for Colab and Kaggle: its first cell installs the kit."""
    notebook = copy.deepcopy(learners)
    cell = nbformat.v4.new_code_cell(INSTALL.format(version=version))
    cell.id = "install"
    notebook.cells.insert(1, cell)
    return notebook


def solved_notebook(source: Path) -> NotebookNode:
    """Return the notebook with solutions, executed. Raises LabBroken if it fails."""
    notebook = _normal(_read(source).cells, source)
    for cell in notebook.cells:
        cell.source = _MARK.sub("", cell.source)
    execute(notebook, name=source.stem)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            kept = [] if VARIES in _tags(cell) else cell.outputs
            cell.outputs = list(_joined(kept))
    notebook.metadata = nbformat.from_dict(METADATA)
    return notebook


def execute(notebook: NotebookNode, *, name: str) -> None:
    """Run every cell in a fresh kernel and an empty folder, outputs in place.

    Raises LabBroken with the failing cell. The learner's own progress is left alone.
    """
    with tempfile.TemporaryDirectory() as folder:
        client = nbclient.NotebookClient(
            notebook,
            timeout=120,
            kernel_name="python3",
            # Each kernel would warn that it listens on TCP, which is loopback here.
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            record_timing=False,
            resources={"metadata": {"path": folder}},
        )
        environment = {**os.environ, "LABKIT_PROGRESS": f"{folder}/progress.json"}
        try:
            client.execute(env=environment)
        except nbclient.exceptions.CellExecutionError as error:
            raise LabBroken(f"{name}: {error}") from None


def built_references(root: Path, *, only: str = "") -> Iterator[Built]:
    """Yield the references of the exercises of these labs."""
    for exercise in EXERCISES.values():
        if exercise.judge and exercise.lab.startswith(only):
            source = root / "solutions" / f"{exercise.lab}.py"
            path = path_of(root, exercise)
            yield Built(path, reference_of(source, exercise))


def _all(root: Path, only: str) -> Iterator[Built]:
    chosen = [source for source in sources(root) if source.stem.startswith(only)]
    # The solved notebooks run the checks, which need the references.
    yield from built_references(root, only=only)
    with ThreadPoolExecutor(max_workers=2) as pool:
        solved = pool.map(solved_notebook, chosen)
        for source, notebook in zip(chosen, solved, strict=True):
            name = f"{source.stem}.ipynb"
            learners = learners_notebook(source)
            yield Built(root / "notebooks" / name, text_of(learners))
            hosted = hosted_notebook(learners, version_of(root))
            yield Built(root / HOSTED / name, text_of(hosted))
            yield Built(root / "solutions" / name, text_of(notebook))
    if not only:
        yield Built(root / ".github" / "timeline.svg", picture())


def _read(source: Path) -> NotebookNode:
    notebook: NotebookNode = jupytext.reads(source.read_text("utf-8"), "py:percent")
    return notebook


def _normal(cells: list[NotebookNode], source: Path) -> NotebookNode:
    number = source.stem.split("_")[0]
    notebook: NotebookNode = nbformat.v4.new_notebook(metadata=METADATA)
    for place, cell in enumerate(cells, start=1):
        tags = _tags(cell)
        cell.id = f"lab{number}-{place:03}"
        metadata: dict[str, object] = {"tags": tags} if tags else {}
        if slide := _slide(cell):
            metadata["slideshow"] = {"slide_type": slide}
        cell.metadata = nbformat.from_dict(metadata)
        notebook.cells.append(cell)
    return notebook


def _slide(cell: NotebookNode) -> str:
    """Return which kind of slide begins with a cell, or nothing if none does.

    `nbconvert --to slides` puts the cells after it on the same slide.
    """
    if cell.cell_type != "markdown":
        return ""
    levels = [len(sharps) for sharps in _HEADING.findall(cell.source)]
    if not levels:
        return ""
    return "slide" if min(levels) <= 2 else "subslide"


def _tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", ()))


def _joined(outputs: list[NotebookNode]) -> Iterator[NotebookNode]:
    """Join neighbouring pieces of one stream, whose cuts are a matter of timing."""
    pending: Any = None
    for output in outputs:
        same = (
            pending is not None
            and output.output_type == pending.output_type == "stream"
            and output.name == pending.name
        )
        if same:
            pending.text += output.text
            continue
        if pending is not None:
            yield pending
        pending = output
    if pending is not None:
        yield pending


def text_of(notebook: NotebookNode) -> str:
    """Return a valid notebook as the text of its file."""
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook, version=4)) + "\n"
