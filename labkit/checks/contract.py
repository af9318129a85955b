"""The contract of an exercise: the sentences of its docstring, each with an id."""

import inspect
import re
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


def contract(text: str) -> Contract:
    """Return the contract that a text gives.

    Its entries (see `entries`) are tested sentences by their id. `given` describes the
    arguments, and `open` says what the check does not test.
    """
    kinds = {"given": given, "open": leaves_open}
    return Contract(
        [
            kinds[key](said) if key in kinds else Sentence(key, said)
            for key, said in entries(text)
        ]
    )


def numbered(text: str) -> list[str]:
    """Return the texts of a list, whose entries (see `entries`) have numbers.

    Raises ValueError if these are not 1, 2, 3 and so on.
    """
    found = entries(text)
    if [key for key, _ in found] != [f"{n}" for n, _ in enumerate(found, 1)]:
        raise ValueError(f"entries must have the numbers 1, 2, 3 and so on: {text}")
    return [said for _, said in found]


def entries(text: str) -> list[tuple[str, str]]:
    """Return the entries of a text, which begin with `key: ` on a line of their own.

    An indented line goes on with the entry before it.
    """
    lines = re.sub(r"\n[ ]+", " ", inspect.cleandoc(text)).splitlines()
    pairs = [line.partition(": ") for line in lines]
    return [(key, said) for key, _, said in pairs]
