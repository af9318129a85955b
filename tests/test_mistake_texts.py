"""Every verdict's texts are whole sentences of a readable length."""

import re
import sys
from collections.abc import Iterator

import pytest

from labkit.checks import Mistake
from labkit.exercises import EXERCISES, PREDICTIONS

LONGEST = 45


def texts() -> Iterator[tuple[str, str, str]]:
    """Yield each mistake's module, id and text, once."""
    assert EXERCISES
    for name, module in sorted(sys.modules.items()):
        if not name.startswith(("labkit.exercises.", "labkit.checks.")):
            continue
        for each in vars(module).values():
            if isinstance(each, Mistake):
                yield name, each.id, each.why
                yield name, each.id, each.try_next


def complaints(text: str) -> list[str]:
    """Say what a reader would stumble over: a cut, a stray sign, too many words."""
    found = []
    if not re.match(r"[A-Z`\"]|range\(", text):
        found.append("begins in the middle")
    if not re.search(r"[.?]$", text):
        found.append("has no end")
    if re.search(r"  |[a-z]- [a-z]|[.\w]\|\w", text):
        found.append("has a stray sign")
    if len(text.split()) > LONGEST:
        found.append(f"has more than {LONGEST} words")
    return found


@pytest.mark.parametrize(
    "text",
    ["=.", "Names are not case- sensitive.", "Two  spaces.", "Why.|Try.", "No end"],
)
def test_a_broken_text_is_found(text: str) -> None:
    assert complaints(text)


def test_every_mistake_is_told_in_whole_sentences() -> None:
    told = list(texts())
    assert len(told) > 1500
    broken = [(*each, found) for each in told if (found := complaints(each[2]))]
    assert broken == []


def test_the_right_letters_are_spread_evenly() -> None:
    letters = [each.right for each in PREDICTIONS.values()]
    for letter in "abc":
        assert letters.count(letter) >= len(letters) / 4
