"""Each solved notebook runs once, and build and nbval judge that run.

The content check judges the verdicts in what is committed (tests/test_content.py); when
this passes, that is the same. `make test-nightly` also lets nbval run them itself. Each
notebook for learners runs once, too, and its stubs are not attempted.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbFile, coalesce_streams  # type: ignore[import-untyped]

from labkit.build.content import stub_complaints, verdicts_in
from labkit.build.notebooks import (
    learners_notebook,
    solved_notebook,
    sources,
    text_of,
)
from labkit.demo import picture
from tests.forked import FORKS, forked_kernels
from tests.untouched import results

ROOT = Path(__file__).parent.parent
SOURCES = sources(ROOT)


@pytest.fixture
def session(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> pytest.Session:
    """A session with nbval's options; `make` does not let pytest load its plugin."""
    for option in ("nbval_lax", "nbdime"):
        monkeypatch.setattr(request.config.option, option, False, raising=False)
    return request.session


def nbval_complaints(
    session: pytest.Session, committed: Path, run: NotebookNode
) -> Iterator[str]:
    """Compare the outputs of a run as nbval does; yield a text for each difference."""
    fresh = [cell for cell in run.cells if cell.cell_type == "code"]
    stored = list(IPyNbFile.from_parent(session, path=committed).collect())
    for cell, item in zip(fresh, stored, strict=True):
        expected = coalesce_streams(item.cell.outputs)
        if not item.options["check"]:
            continue
        if not item.compare_outputs(coalesce_streams(cell.outputs), expected):
            yield "\n".join([item.name, *map(str, item.comparison_traceback)])


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_run_of_the_solved_notebook_gives_what_is_committed(
    source: Path, session: pytest.Session
) -> None:
    committed = source.with_suffix(".ipynb")
    with forked_kernels():
        run = solved_notebook(source)
    assert list(nbval_complaints(session, committed, run)) == []
    assert text_of(run) == committed.read_text("utf-8"), "run: labkit dev build"


@pytest.mark.skipif(not FORKS, reason="forks; test_content.py runs one that does not")
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_the_stubs_of_the_untouched_notebook_are_not_attempted(
    source: Path, tmp_path: Path
) -> None:
    untouched = learners_notebook(source)
    cells = [cell for cell in untouched.cells if cell.cell_type == "code"]
    texts = results([cell.source for cell in cells], tmp_path)
    for cell, text in zip(cells, texts, strict=True):
        cell.outputs = [nbformat.from_dict({"data": {"text/plain": text}})]
    assert list(stub_complaints(source, verdicts_in(untouched))) == []


def test_nbval_tells_the_cell_whose_output_differs(session: pytest.Session) -> None:
    committed = SOURCES[0].with_suffix(".ipynb")
    run: Any = nbformat.read(committed, as_version=4)
    cell = next(cell for cell in run.cells if cell.get("outputs"))
    cell.outputs = []
    (told,) = nbval_complaints(session, committed, run)
    assert "Missing output" in told


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_the_learners_notebook_is_built_from_its_source(source: Path) -> None:
    committed = ROOT / "notebooks" / f"{source.stem}.ipynb"
    built = text_of(learners_notebook(source))
    assert built == committed.read_text("utf-8"), "run: labkit dev build"


def test_the_picture_of_the_readme_is_built_from_the_demo() -> None:
    committed = (ROOT / ".github" / "timeline.svg").read_text("utf-8")
    assert picture() == committed, "run: labkit dev build"
