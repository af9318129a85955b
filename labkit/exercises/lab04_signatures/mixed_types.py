"""Which mistake is behind an exception that text and bytes raise when they meet."""

from collections.abc import Callable

from labkit.checks import Mistake
from labkit.checks.mistakes import Rule
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.exercises.lab04_signatures.asking import (
    BODY_IS_TEXT,
    ENCODES,
    KEY_IS_TEXT,
    NEEDS_BYTES,
    NO_DIGITS,
    NO_FUNCTION,
    NO_TEXTS,
    of_types,
)


def mixed_types(
    on: Callable[[Fields], bool] = lambda _: True,
    explain: Callable[[BaseException], Mistake | None] = of_types,
) -> list[Rule]:
    """Return rules for solutions that raise such an exception on all these trials."""

    def raises(mistake: Mistake) -> Callable[[Fields, Seen], bool]:
        def found(_: Fields, seen: Seen) -> bool:
            known = explain(seen.error) if seen.error else None
            return known is not None and known.id == mistake.id

        return found

    mistakes = (
        ENCODES,
        NO_FUNCTION,
        NO_DIGITS,
        BODY_IS_TEXT,
        KEY_IS_TEXT,
        NEEDS_BYTES,
        NO_TEXTS,
    )
    return [Rule(each, on, how=raises(each)) for each in mistakes]
