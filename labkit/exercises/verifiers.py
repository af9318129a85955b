"""What all exercises share whose functions accept or reject a signed request.

The fields of their trials say how the request was signed, how it was changed
afterwards, and in `kind` what the trial is about. The rules of mistakes go by `kind`.
A trial with the field `timing` observes how the solution compares signatures.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from labkit.checks import Mistake, quietly, short
from labkit.checks.mistakes import Rule, always, never, returned
from labkit.checks.observing import Function, Seen, exactly
from labkit.checks.space import Fields
from labkit.running.comparing import (
    compares_at_once,
    compares_hashes,
    compares_only_some,
    in_hex,
    stops_early,
)

CHANGED = "changed"
ACCEPTED = ("bool", True)
REFUSED = ("bool", False)

CONSTANT = "a comparison that takes the same time for every input"
AT_ONCE = "a comparison that stops at the first difference"
EARLY = "fewer steps if the difference comes sooner"
SOME = "compare_digest is called for some wrong signatures, but not for all"
HASHES = "a comparison of hash values, as in a set, which is not made for secrets"

HONEST = "honest"


def comparison(
    solution: Any,
    ask: Callable[[str], object],
    digest: bytes,
    header: Callable[[bytes], str] = in_hex,
) -> Seen:
    """Watch how a solution compares signatures; see `compares_at_once`."""
    found = CONSTANT
    if compares_at_once(solution, ask, digest, header):
        found = AT_ONCE
    elif stops_early(solution, ask, digest, header):
        found = EARLY
    elif compares_hashes(solution, ask, digest, header):
        found = HASHES
    elif compares_only_some(solution, ask, digest, header):
        found = SOME
    return Seen(found, found)


def flipped(digits: str, place: int, by: int = 1) -> str:
    """Return hex digits, or a header of them, with another digit in one place."""
    place %= len(digits)
    digit = format(int(digits[place], 16) ^ by, "x")
    return f"{digits[:place]}{digit}{digits[place + 1 :]}"


@dataclass(frozen=True, slots=True)
class Verifier:
    """Observes a function that returns True for a request that it accepts.

    `arguments(fields)` makes the arguments; the field `signature` is the value of the
    signature's header, or a pattern of it. `digest(fields)` is the right digest,
    `header(digest, fields)` the header that holds it. The
    solution must not change what `kept` returns of its arguments.
    """

    arguments: Callable[[Fields], Sequence[Any]]
    show: Callable[[Fields], str]
    digest: Callable[[Fields], bytes]
    header: Callable[[bytes, Fields], str]
    kept: Callable[[Sequence[Any]], Any] = lambda _: None

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Call the solution; in a trial of the timing, watch how it compares."""
        if not fields["timing"]:
            return self._call(solution, fields)

        def ask(signature: str) -> object:
            changed = {**fields, "signature": signature}
            return quietly(solution, *self.arguments(changed))

        digest = self.digest(fields)

        def header(each: bytes) -> str:
            return self.header(each, fields)

        return comparison(solution, ask, digest, header)

    def _call(self, solution: Any, fields: Fields) -> Seen:
        passed: list[tuple[Sequence[Any], Any]] = []

        def arguments(fields: Fields) -> Sequence[Any]:
            made = self.arguments(fields)
            passed.append((made, exactly(self.kept(made))))
            return made

        seen = Function(arguments, self.show).observe(solution, fields)
        changed = [
            made for made, before in passed if exactly(self.kept(made)) != before
        ]
        if not changed:
            return seen
        text = f"{seen.text}, and afterwards {short(self.kept(changed[-1]))}"
        return Seen((seen.value, CHANGED), text, seen.error, seen.result)


BASE: Fields = {"kind": HONEST, "timing": False, "again": 0}
"""Fields that the trials of all these exercises have."""


def of(*kinds: str) -> Callable[[Fields], bool]:
    """Accept trials of these kinds; a kind that ends in * stands for all such kinds."""
    exact = {kind for kind in kinds if not kind.endswith("*")}
    fronts = tuple(kind[:-1] for kind in kinds if kind.endswith("*"))

    def accepts(fields: Fields) -> bool:
        kind = fields["kind"]
        return kind in exact or bool(fronts and kind.startswith(fronts))

    return accepts


def accepted(_: Fields, seen: Seen) -> bool:
    """Whether the solution returned True."""
    return bool(seen.value == ACCEPTED)


def refused(_: Fields, seen: Seen) -> bool:
    """Whether the solution returned False."""
    return bool(seen.value == REFUSED)


def not_accepted(_: Fields, seen: Seen) -> bool:
    """Whether the solution returned False, or anything else but True, or raised."""
    return bool(seen.value != ACCEPTED)


def neither(_: Fields, seen: Seen) -> bool:
    """Whether the solution returned anything other than True and False."""
    called = isinstance(seen.value, tuple)
    return called and not seen.raised and type(seen.result) is not bool


def changes(_: Fields, seen: Seen) -> bool:
    """Whether the solution changed what it must keep."""
    return isinstance(seen.value, tuple) and seen.value[1] == CHANGED


def raises(*classes: type[BaseException]) -> Callable[[Fields, Seen], bool]:
    """Return a `how` that accepts exceptions of these classes, or any."""
    return lambda _, seen: isinstance(seen.error, classes or BaseException)


def misses(name: str) -> Callable[[Fields, Seen], bool]:
    """Return a `how` that accepts a KeyError for this header, as Flask names it too."""

    def how(_: Fields, seen: Seen) -> bool:
        missed = str(seen.error.args[0]) if isinstance(seen.error, KeyError) else ""
        plain = missed.lower().replace("_", "-").removeprefix("http-")
        return plain == name.lower()

    return how


def lets_in(
    mistake: Mistake, *kinds: str, but: Sequence[str] = (), **more: Any
) -> Rule:
    """Return the rule for solutions that accept what they must reject."""
    agrees = of(*but) if but else never
    return Rule(mistake, of(*kinds), agrees, accepted, **more)


def locks_out(
    mistake: Mistake, *kinds: str, but: Sequence[str] = (), **more: Any
) -> Rule:
    """Return the rule for solutions that reject what they must accept."""
    agrees = of(*but) if but else never
    return Rule(mistake, of(*kinds), agrees, refused, **more)


def stumbles(
    mistake: Mistake,
    *kinds: str,
    but: Sequence[str] = (),
    classes: Sequence[type[BaseException]] = (),
    some: bool = True,
    **more: Any,
) -> Rule:
    """Return the rule for solutions that raise on some of these trials."""
    agrees = of(*but) if but else never
    return Rule(mistake, of(*kinds), agrees, raises(*classes), some=some, **more)


def undecided(mistake: Mistake) -> Rule:
    """Return the rule for solutions that return neither True nor False."""
    return Rule(mistake, always, how=neither, some=True)


def compares_early(at_once: Mistake, early: Mistake) -> list[Rule]:
    """Return the rules for comparisons whose time depends on the signature.

    Trials of the kind `suffix` have the right signature with something after it: a
    solution that accepts them does not compare the whole.
    """

    def timing(fields: Fields) -> bool:
        return bool(fields["timing"])

    return [
        Rule(at_once, timing, of("suffix"), returned(AT_ONCE)),
        Rule(early, timing, of("suffix"), returned(EARLY)),
    ]
