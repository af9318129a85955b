"""Wrong ways to sign: edits of the lines of a reference that sign.

A verifier that signs in a wrong way rejects what the sender sends, and accepts what is
signed in the same wrong way. So each way makes a mutant, and the signatures that prove
it.
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from labkit.checks import Mistake
from labkit.checks.mistakes import Mutant, always
from labkit.checks.reference import Edits, edited, load
from labkit.checks.space import Fields


@dataclass(frozen=True, slots=True)
class Way:
    """A wrong way to sign: edits of the lines of the reference that sign."""

    mistake: Mistake
    edits: Edits


def ways(mistake: Mistake, old: str, *texts: str) -> list[Way]:
    """Return one way per text, which takes the place of `old`."""
    return [Way(mistake, [(old, text)]) for text in texts]


@dataclass(frozen=True, slots=True)
class Signer:
    """The lines of a reference that sign, as the source of a function `sign`."""

    source: str

    def sign(self, edits: Edits, *arguments: Any) -> Any:
        """Return the signature that the edited lines make; raises what they raise."""
        return _signer(self.source, tuple(edits))(*arguments)

    def wrong(
        self, found: Iterable[Way], *arguments: Any
    ) -> Iterator[tuple[Mistake, Any]]:
        """Yield what each way signs, if it is not the right signature by chance."""
        right = self.sign((), *arguments)
        for way in found:
            try:
                wrong = self.sign(way.edits, *arguments)
            except ValueError:  # such as a body that is not JSON
                continue
            if wrong != right:
                yield way.mistake, wrong


@functools.cache
def _signer(source: str, edits: Edits) -> Callable[..., Any]:
    function: Callable[..., Any] = load(
        edited(source, edits), "sign", label="the signing lines"
    )
    return function


def mutants(
    found: Iterable[Way], on: Callable[[Fields], bool] = always
) -> list[Mutant]:
    """Return the mutants of these ways; `on` says where they are compared."""
    return [Mutant(way.mistake, way.edits, on=on) for way in found]


_LOADED = "__import__('json').loads(body)"

WRITTEN_AGAIN = (
    *(
        f"__import__('json').dumps({_LOADED}{settings}{flags}).encode()"
        for settings in ("", ", separators=(',', ':')", ", indent=2", ", indent=4")
        for flags in (
            "",
            ", ensure_ascii=False",
            ", sort_keys=True",
            ", ensure_ascii=False, sort_keys=True",
        )
    ),
    f"str({_LOADED}).encode()",
)
"""Common expressions that parse `body` as JSON and serialise it again."""
