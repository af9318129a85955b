"""The glossary: complete, sorted, the same everywhere, and named in every notebook."""

from pathlib import Path
from typing import Any

import pytest

from labkit import glossary
from labkit.build.notebooks import learners_notebook
from labkit.errors import UnknownName
from labkit.exercises.glossary import TERMS, as_markdown

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "solutions").glob("*.py"))


def test_the_page_is_made_of_the_terms() -> None:
    page = (ROOT / ".github" / "GLOSSARY.md").read_text("utf-8")
    assert page == as_markdown()


def test_the_terms_are_sorted_and_there_is_one_of_each() -> None:
    names = [each.name.lower() for each in TERMS]
    assert names == sorted(set(names))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_every_notebook_names_the_glossary(source: Path) -> None:
    text = source.read_text("utf-8")
    assert "glossary, ready\n" in text
    assert "`glossary()`" in text


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_a_term_is_used_in_the_lab_that_it_names(term: Any) -> None:
    (source,) = (ROOT / "solutions").glob(f"{term.lab}_*.py")
    cells = learners_notebook(source).cells
    assert term.name.lower() in "\n".join(each.source for each in cells).lower()


def test_one_term_is_found_by_a_word_of_it() -> None:
    assert repr(glossary("Jitter")).startswith("jitter: randomness")
    assert "<dt>" in glossary()._repr_html_()
    with pytest.raises(UnknownName):
        glossary("parcel service")
