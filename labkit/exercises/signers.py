"""Wrong ways to sign: mutants that edit the lines of a reference that sign.

A verifier that signs in a wrong way rejects what the sender sends, and accepts what is
signed in the same wrong way. So the same edits also make the signatures that prove it.
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from labkit.checks import Mistake
from labkit.checks.mistakes import Mutant
from labkit.checks.reference import Edits, edited, load
from labkit.checks.space import Fields


@dataclass(frozen=True, slots=True)
class Signer:
    """The lines of a reference that sign, as the source of a function `sign`."""

    source: str

    def sign(self, edits: Edits, *arguments: Any) -> Any:
        """Return the signature that the edited lines make; raises what they raise."""
        return _signer(self.source, tuple(edits))(*arguments)

    def wrong(
        self, found: Iterable[Mutant], *arguments: Any
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


def compared(found: Iterable[Mutant], on: Callable[[Fields], bool]) -> list[Mutant]:
    """Return these ways as mutants that are compared where `on` accepts."""
    return [replace(way, on=on) for way in found]


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
