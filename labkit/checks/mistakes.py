"""What proves that a solution contains a known mistake.

A name is a claim. A `Mutant` is the reference with one thing wrong: the mistake has its
name if the solution behaves like the mutant on every trial that distinguishes the
mutant from the reference. A `Rule` is for a family of mistakes: it says on which trials
the solution must differ from the reference and on which it must not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.checks.cases import Mistake
from labkit.checks.contract import entries
from labkit.checks.observing import Seen
from labkit.checks.reference import Edits, edited, load
from labkit.checks.space import Fields


def mistakes(text: str) -> Sequence[Mistake]:
    """Return the mistakes that a text gives, in its order.

    Each entry (see `contract.entries`) is `id: why Try: what to do next`.
    """
    halves = [(key, said.partition(" Try: ")) for key, said in entries(text)]
    return [Mistake(key, why, try_next) for key, (why, _, try_next) in halves]


def always(*_: Any) -> bool:
    """Accept everything."""
    return True


@dataclass(frozen=True, slots=True)
class Mutant:
    """One way to make a mistake, which can be run.

    Either `edits` of the reference, or a whole `source`, or a Python `function` that
    stands in for the solution. A `stateful` proof is for solutions whose results for
    one input change from call to call, and only for those. It explains
    failures on the trials that `on` accepts, and is compared on these: elsewhere the
    solution may have other mistakes too.
    """

    mistake: Mistake
    edits: Edits = ()
    source: str = ""
    function: Callable[..., Any] | None = None
    stateful: bool = False
    on: Callable[[Fields], bool] = always

    def load(self, reference: str, name: str) -> Any:
        """Return the mutant as a function. Raises EditDoesNotApply."""
        if self.function is not None:
            return self.function
        text = self.source or edited(reference, self.edits)
        return load(text, name, label=f"mutant {self.mistake.id}")


def never(*_: Any) -> bool:
    """Accept nothing."""
    return False


@dataclass(frozen=True, slots=True)
class Rule:
    """A family of mistakes, told by where a solution differs.

    On every trial that `differs` accepts, the solution must differ from the reference,
    and `how` must accept the trial's fields and what was seen. With `some`, one such
    trial is enough. On every trial that `agrees` accepts, it must not differ. The trial
    on which the check failed must be one that `differs` or `may` accepts.
    `together` must accept what was seen on all trials that differ. If `remembers`, the
    results must be the same if each call finds the same memory, so neither a clock nor
    chance is taken for memory.
    """

    mistake: Mistake
    differs: Callable[[Fields], bool]
    agrees: Callable[[Fields], bool] = never
    how: Callable[[Fields, Seen], bool] = always
    some: bool = False
    may: Callable[[Fields], bool] = never
    together: Callable[[Sequence[Seen]], bool] = always
    stateful: bool = False
    remembers: bool = False


Proof = Mutant | Rule


def raised(*classes: str) -> Callable[[Fields, Seen], bool]:
    """Return a `how` that accepts exceptions of these classes, or of any if none."""
    return lambda _, seen: bool(seen.raised) and (not classes or seen.raised in classes)


def returned(*values: Any) -> Callable[[Fields, Seen], bool]:
    """Return a `how` that accepts these observed values."""
    return lambda _, seen: seen.value in values


def edit(mistake: Mistake, *pairs: tuple[str, str]) -> Mutant:
    """Return the mutant that these edits of the reference make."""
    return Mutant(mistake, pairs)


def edits(
    mistake: Mistake, old: str, *texts: str, on: Callable[[Fields], bool] = always
) -> list[Mutant]:
    """Return one mutant per text, which takes the place of `old` in the reference."""
    return [Mutant(mistake, [(old, text)], on=on) for text in texts]


def sources(mistake: Mistake, *texts: str) -> Sequence[Mutant]:
    """Return one mutant per source text."""
    return [Mutant(mistake, source=text) for text in texts]
