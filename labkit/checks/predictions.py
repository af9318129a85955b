"""Predictions: a question before each simulation; every choice explains itself."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labkit.checks.contract import entries
from labkit.checks.verdicts import WIDTH
from labkit.drawing.markup import choice_list, chosen_mark, with_code
from labkit.drawing.palette import EDGES


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a prediction: what it says, and what to say to whoever takes it."""

    says: str
    answer: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """A question about what will happen; `right` is the letter of the right choice."""

    id: str
    question: str
    choices: Mapping[str, Choice]
    right: str


def predictions(text: str) -> Sequence[Prediction]:
    """Return the predictions that a text gives, in its order.

    The entries (see `contract.entries`) of one are `id (right letter): question`, and
    for each choice `letter: choice Answer: what to say to a learner who takes it`.
    """
    found: list[Prediction] = []
    choices: dict[str, Choice] = {}
    for key, said in entries(text):
        name, _, right = key.rstrip(")").partition(" (")
        if right:
            choices = {}
            found.append(Prediction(name, said, choices, right))
        else:
            says, _, answer = said.partition(" Answer: ")
            choices[key] = Choice(says, answer)
    return found


@dataclass(frozen=True, slots=True)
class Guess:
    """A prediction with the learner's choice, or "?" for none, as a cell shows it.

    `clickable` says that there are buttons with the letters below it.
    """

    prediction: Prediction
    letter: str
    clickable: bool = False

    @property
    def taken(self) -> Choice | None:
        """The choice that was taken, or None."""
        return self.prediction.choices.get(self.letter.strip().lower())

    @property
    def response(self) -> str:
        """What to say to the learner below the choices."""
        if self.taken is None:
            if self.clickable:
                return "Click a letter, or write it instead of the question mark."
            letters = ", ".join(self.prediction.choices)
            return f"Write one of the letters {letters} instead of the question mark."
        return f"{'Yes.' if self.is_right else 'Not quite.'} {self.taken.answer}"

    @property
    def is_right(self) -> bool:
        """Whether the right choice was taken."""
        return self.letter.strip().lower() == self.prediction.right

    def __repr__(self) -> str:
        lines = [textwrap.fill(self.prediction.question, WIDTH)]
        for letter, choice in self.prediction.choices.items():
            lines.append(
                textwrap.fill(
                    choice.says,
                    WIDTH,
                    initial_indent=f"  {chosen_mark(letter, self.letter)} {letter}) ",
                    subsequent_indent="       ",
                )
            )
        return "\n".join([*lines, textwrap.fill(self.response, WIDTH)])

    def _repr_html_(self) -> str:
        choices = {
            letter: choice.says for letter, choice in self.prediction.choices.items()
        }
        outcome = "prediction"
        if self.taken:
            outcome = "passed" if self.is_right else "not yet"
        return (
            f'<div style="border-left:4px solid {EDGES[outcome]};'
            'padding:.4em .9em;margin:.4em 0;max-width:60em;line-height:1.45">'
            f"<div>{with_code(self.prediction.question)}</div>"
            f"{choice_list(choices, self.letter)}"
            f"<div>{with_code(self.response)}</div></div>"
        )
