"""What a probe is, and what may come of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from labkit.probes.bench import Bench, Exchange
from labkit.probes.endpoint import Need
from labkit.profiles import Profile
from labkit.signing import Scheme


class Outcome(StrEnum):
    """What a probe found.

    A probe that can't be judged is *unknown*, never passed. One that has no meaning
    for the scheme is *not applicable*.
    """

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one probe; `facts` says in a sentence what was seen.

    `evidence` holds the first exchanges that went wrong.
    """

    outcome: Outcome
    facts: str
    evidence: tuple[Exchange, ...] = ()


def always(scheme: Scheme, profile: Profile) -> str:
    """Return no reason why a probe should not apply."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One question to an endpoint.

    `id` names family and probe, such as "time.stale". `sent` says what is sent,
    `wanted` what must come back, `why` why it matters, `mend` what to do about a
    failure, `source` where the bug was seen. `needs` holds what has to be given before
    the probe can be judged. `applies` returns why it has no meaning for a scheme and
    profile, or nothing. `prepare` is run near the start of an examination, `run` in
    its turn.
    """

    id: str
    sent: str
    wanted: str
    why: str
    mend: str
    source: str
    run: Callable[[Bench], Finding]
    needs: frozenset[Need] = frozenset()
    applies: Callable[[Scheme, Profile], str] = always
    prepare: Callable[[Bench], None] | None = None

    @property
    def family(self) -> str:
        """The first part of the id."""
        return self.id.partition(".")[0]


def unknown(facts: str) -> Finding:
    """Find that nothing can be said; `facts` tells why, and what would help."""
    return Finding(Outcome.UNKNOWN, facts)


def spoken(name: str) -> str:
    """Return a keyword as words: `_5000_digits` is "5000 digits"."""
    return name.replace("_", " ").strip()
