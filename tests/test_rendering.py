"""The solved notebooks outside of Jupyter: as a page, as slides, and sanitised."""

import html
import re
from pathlib import Path

import bleach
import nbformat
import pytest
from nbconvert import HTMLExporter, SlidesExporter

from labkit.exercises.lab11_go_live import incidents
from labkit.exercises.lab11_go_live.pictures import page_of

SOLUTIONS = Path(__file__).parent.parent / "solutions"
LAB = SOLUTIONS / "00_start_here.ipynb"

# What a document on github.com may contain: the list of html-pipeline, which it uses.
# It has no SVG. The image that holds a picture stays, with what it says to a screen
# reader, though github.com shows an image from a data address in notebooks only.
TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "br", "b", "i", "strong", "em", "a", "pre"),
    *("code", "img", "tt", "div", "ins", "del", "sup", "sub", "p", "ol"),
    *("ul", "table", "thead", "tbody", "tfoot", "blockquote", "dl", "dt", "dd", "kbd"),
    *("q", "samp", "var", "hr", "ruby", "rt", "rp", "li", "tr", "td", "th", "s"),
    *("strike", "summary", "details", "caption", "figure", "figcaption", "abbr"),
    *("bdo", "cite", "dfn", "mark", "small", "span", "time", "wbr"),
}
ATTRIBUTES = {"a": ["href"], "img": ["src", "alt"], "*": ["title", "lang", "dir"]}


def test_a_solved_lab_becomes_a_page_with_its_pictures() -> None:
    page, _ = HTMLExporter().from_filename(str(LAB))
    pictures = sum('<img class="labkit-image"' in output for output in outputs(LAB))
    assert pictures > 0
    main = page.partition("<body")[2]
    assert len(re.findall(r'<img [^>]*class="labkit-image"', main)) >= pictures
    assert "img.labkit-image" in main  # the script that replaces them
    assert "The same as text" in main


def test_every_heading_of_a_lab_begins_a_slide() -> None:
    page, _ = SlidesExporter().from_filename(str(LAB))
    notebook = nbformat.read(LAB, as_version=4)
    found = [
        re.findall(r"^#{1,2} (.+)$", cell.source, re.MULTILINE)
        for cell in notebook.cells
        if cell.cell_type == "markdown"
    ]
    chapters = [titles for titles in found if titles]
    slides = re.split(r"<section><section>", page)[1:]
    assert len(slides) == len(chapters) > 5
    for slide, titles in zip(slides, chapters, strict=True):
        text = re.sub(r"<[^>]+>", "", slide)
        assert all(html.escape(title, quote=False) in text for title in titles)


def outputs(path: Path) -> list[str]:
    notebook = nbformat.read(path, as_version=4)
    return [
        output.data["text/html"]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    ]


@pytest.mark.parametrize(
    "path", sorted(SOLUTIONS.glob("*.ipynb")), ids=lambda path: path.stem[:2]
)
def test_what_a_picture_says_is_read_after_sanitising_too(path: Path) -> None:
    for output in outputs(path):
        kept = bleach.clean(output, tags=TAGS, attributes=ATTRIBUTES, strip=True)
        for text in re.findall(r"<pre[^>]*>(.*?)</pre>", output, re.DOTALL):
            assert html.unescape(text) in html.unescape(kept)
        always_shown = re.findall(r'<div class="labkit-text".*', output, re.DOTALL)
        for words in re.findall(r">([^<>]+)<", "".join(always_shown)):
            assert words in kept
        # The words of SVG would be left over as a text without any order.
        assert "<svg" not in output
        assert kept.count("<img") == output.count('<img class="labkit-image"')
        # GitHub does not show images whose address holds them.
        assert "data:" not in kept
        assert kept.count("<pre") + len(always_shown) >= kept.count("<img")


def test_what_differs_in_a_capture_is_marked_after_sanitising_too() -> None:
    shown = page_of(incidents()["Monday"])._repr_html_()
    kept = bleach.clean(shown, tags=TAGS, attributes=ATTRIBUTES, strip=True)
    assert "Marked: from the first difference." in kept
    assert kept.count("<mark>") == 2
