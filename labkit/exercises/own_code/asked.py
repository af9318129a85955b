"""A question about the learner's own code, and the reply to a choice, as cells show it.

A reply has a text form and an HTML form, with the same facts in the same order.
"""

import html
import random
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from labkit.checks.verdicts import WIDTH, Picture
from labkit.drawing.canvas import with_text
from labkit.drawing.markup import choice_list, chosen_mark, with_code
from labkit.drawing.palette import EDGES

LETTERS = "abc"

NO_CHOICE = "?"
"""What a learner passes before choosing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about one solution.

    `kind` is the kind of question, `sent` the input as a verdict shows it, or empty.
    `choices` maps letters to texts; `right` is the letter of the true one, which was
    found by running the solution. `facts` has what was asked in a form for programs.
    """

    kind: str
    exercise: str
    text: str
    choices: Mapping[str, str]
    right: str
    explanation: str
    sent: str = ""
    picture: Picture | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def truth(self) -> str:
        """The text of the true choice."""
        return self.choices[self.right]


def asked(
    kind: str,
    exercise: str,
    text: str,
    truth: str,
    others: Iterable[str],
    rng: random.Random,
    *,
    explanation: str,
    sent: str = "",
    picture: Picture | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Asked | None:
    """Make a question with three choices; None if there are too few others.

    Numbers are in ascending order, all other choices in a random one.
    """
    wrong = [each for each in dict.fromkeys(others) if each != truth]
    if len(wrong) < len(LETTERS) - 1:
        return None
    offered = [truth, *wrong[: len(LETTERS) - 1]]
    if all(each.isdigit() for each in offered):
        offered.sort(key=int)
    else:
        rng.shuffle(offered)
    return Asked(
        kind,
        exercise,
        text,
        dict(zip(LETTERS, offered, strict=True)),
        LETTERS[offered.index(truth)],
        explanation,
        sent,
        picture,
        facts or {},
    )


@dataclass(frozen=True, slots=True)
class Reply:
    """A question with the learner's choice, or "?" for none, as a cell shows it."""

    asked: Asked
    letter: str = NO_CHOICE

    @property
    def chosen(self) -> str:
        """The letter of the choice, or an empty string."""
        letter = self.letter.strip().lower()
        return letter if letter in self.asked.choices else ""

    @property
    def is_right(self) -> bool:
        """Whether the true choice was taken."""
        return self.chosen == self.asked.right

    @property
    def response(self) -> str:
        """What to say below the choices."""
        if not self.chosen:
            return (
                f'To answer, run question("{self.asked.exercise}", "a") with the '
                "letter of your choice."
            )
        if self.is_right:
            return f"Yes. {self.asked.explanation}"
        return f"Not quite: the answer is {self.asked.right}. {self.asked.explanation}"

    def __repr__(self) -> str:
        parts = [textwrap.fill(self.asked.text, WIDTH)]
        if self.asked.sent:
            parts.append(textwrap.indent(self.asked.sent, "    "))
        for letter, says in self.asked.choices.items():
            head = f"  {chosen_mark(letter, self.chosen)} {letter}) "
            parts.append(
                textwrap.fill(
                    says, WIDTH, initial_indent=head, subsequent_indent=" " * 7
                )
            )
        parts.append(textwrap.fill(self.response, WIDTH))
        if self.chosen and self.asked.picture:
            parts += ["", textwrap.indent(self.asked.picture.text, "  ")]
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        outcome = "prediction"
        if self.chosen:
            outcome = "passed" if self.is_right else "not yet"
        return (
            f'<div style="border-left:4px solid {EDGES[outcome]};'
            'padding:.4em .9em;margin:.4em 0;max-width:60em;line-height:1.45">'
            f"{question_html(self.asked, self.chosen)}"
            f"{self.response_html}</div>"
        )

    @property
    def response_html(self) -> str:
        """What to say below the choices, and after a choice the picture of the run."""
        said = f"<div>{with_code(self.response)}</div>"
        if self.chosen and self.asked.picture:
            said += with_text(self.asked.picture.svg, self.asked.picture.text)
        return said


def question_html(asked: Asked, chosen: str = "") -> str:
    """Return the question and its choices as HTML."""
    sent = ""
    if asked.sent:
        sent = (
            '<pre style="margin:.3em 0;white-space:pre-wrap">'
            f"{html.escape(asked.sent)}</pre>"
        )
    return (
        f"<div>{with_code(asked.text)}</div>{sent}{choice_list(asked.choices, chosen)}"
    )
