"""What a probe is, and what may come of it."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from labkit.findings import ProbeOutcome, Rule
from labkit.probes.endpoint import Need
from labkit.probes.exchange import Exchange
from labkit.probes.harness import Harness
from labkit.profiles import Profile
from labkit.signing import Scheme


class Sign(StrEnum):
    """A kind of failure. Causes are known by the signs that they leave."""

    ACCEPTED = "accepted"
    """What must be rejected was acknowledged."""
    CRASHED = "crashed"
    """A 5xx where something else was wanted."""
    REJECTED = "rejected"
    """What must be acknowledged was rejected."""
    REDIRECTED = "redirected"
    HUNG = "hung"
    """No response in time."""
    LOST = "lost"
    """The connection was closed without a response."""
    EXTRA = "extra"
    """More effects than wanted."""
    MISSED = "missed"
    """Fewer effects than wanted."""
    DIED = "died"
    """The process ended."""
    RESTARTED = "restarted"
    """The process was restarted in between."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of one probe; `facts` says in a sentence what was seen.

    `evidence` holds the first exchanges that went wrong, `signs` the kinds of failure
    among all of them.
    """

    outcome: ProbeOutcome
    facts: str
    evidence: tuple[Exchange, ...] = ()
    signs: frozenset[Sign] = frozenset()


def always(scheme: Scheme, profile: Profile) -> str:
    """Return no reason why a probe should not apply."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(Rule):
    """One question to an endpoint, with what it says about itself.

    `needs` holds what has to be given before the probe can be judged. `applies` returns
    why it has no meaning for a scheme and profile, or nothing. `prepare` is run near
    the start of an examination, `run` when it is the probe's turn. `before_accepting`
    says that a failure can be seen even if no valid event is accepted.
    """

    run: Callable[[Harness], Judgement]
    needs: frozenset[Need] = frozenset()
    applies: Callable[[Scheme, Profile], str] = always
    prepare: Callable[[Harness], None] | None = None
    before_accepting: bool = False


def for_json(run: Callable[[Harness], Judgement]) -> Callable[[Harness], Judgement]:
    """Return a probe that has no meaning if the event is a form."""

    @functools.wraps(run)
    def judged(harness: Harness) -> Judgement:
        if not harness.endpoint.sample.is_json:
            return Judgement(
                ProbeOutcome.NOT_APPLICABLE, "the event is a form, not JSON"
            )
        return run(harness)

    return judged


def unknown(facts: str) -> Judgement:
    """Judge that nothing can be said; `facts` tells why, and what would help."""
    return Judgement(ProbeOutcome.UNKNOWN, facts)


def spoken(name: str) -> str:
    """Return a keyword as words: `_5000_digits` is "5000 digits"."""
    return name.replace("_", " ").strip()
