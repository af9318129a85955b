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


CODE = re.compile(
    r"(?<![`\w./-])[A-Za-z_]\w*(?:\.\w+)*(?:\(|\[[a-z\"'])"  # f(x), a.f(x), handlers[x]
    r"|(?<![\w/\"])[A-Za-z]\w*_\w+(?!\")"  # a_name, but not the value "a_value"
)


def bare_code(text: str) -> list[str]:
    """Return the pieces of code in a text that are not between backticks."""
    return CODE.findall(re.sub("`[^`]*`", "", text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Call request.get_data() first.", ["request.get_data("]),
        ("Look it up with handlers[type].", ["handlers[t"]),
        ("It has no order_id, so it stops.", ["order_id"]),
        ('Call `f(x)` with the key "content_type" (a string).', []),
    ],
)
def test_code_outside_backticks_is_found(text: str, found: list[str]) -> None:
    assert bare_code(text) == found


def test_code_in_predictions_is_between_backticks() -> None:
    assert len(PREDICTIONS) > 40
    said = [
        text
        for each in PREDICTIONS.values()
        for text in (
            each.question,
            *(
                t
                for choice in each.choices.values()
                for t in (choice.says, choice.answer)
            ),
        )
    ]
    assert [text for text in said if bare_code(text)] == []
    # Verdicts and predictions know no other marks than backticks.
    assert [text for text in said if re.search(r"\*\w", text)] == []


def test_code_in_the_cases_of_exercises_is_between_backticks() -> None:
    said = [case.__doc__ or "" for each in EXERCISES.values() for case in each.cases]
    assert len(said) > 400
    assert [text for text in said if bare_code(text)] == []


def test_the_right_letters_are_spread_evenly() -> None:
    letters = [each.right for each in PREDICTIONS.values()]
    for letter in "abc":
        assert letters.count(letter) >= len(letters) / 4
