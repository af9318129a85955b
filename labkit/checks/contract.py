"""The contract of an exercise: the sentences of its docstring, each with an id."""

from collections.abc import Sequence
from dataclasses import dataclass

TESTED = "tested"
GIVEN = "given"
OPEN = "open"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a contract, word for word as the docstring has it.

    `kind` is TESTED (trials test it), GIVEN (it describes what the function is given)
    or OPEN (it says what the check does not test).
    """

    id: str
    text: str
    kind: str = TESTED


@dataclass(frozen=True, slots=True)
class Contract:
    """All sentences of a docstring, in its order."""

    sentences: Sequence[Sentence]

    @property
    def tested(self) -> list[Sentence]:
        """The sentences that trials test, in order."""
        return [each for each in self.sentences if each.kind == TESTED]

    @property
    def docstring(self) -> str:
        """The text that the notebook must show, with single spaces."""
        return " ".join(each.text for each in self.sentences)

    def sentence(self, name: str) -> Sentence:
        """Return a tested sentence by its id. Raises KeyError."""
        return {each.id: each for each in self.tested}[name]


def given(text: str) -> Sentence:
    """Return a sentence that describes the arguments."""
    return Sentence("", text, GIVEN)


def leaves_open(text: str) -> Sentence:
    """Return a sentence that says what the check does not test."""
    return Sentence("", text, OPEN)
