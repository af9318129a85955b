"""What a probe of a sender is, and what may come of it."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, Literal

from labkit.examine_sender.harness import SenderHarness
from labkit.findings import ProbeOutcome, Rule
from labkit.witness import Sighting


class Group(Enum):
    """When a probe runs; the probes of one group run side by side."""

    TOGETHER = "one event for all endpoints, whose waits run side by side"
    EVENTS = "several events for endpoints that respond at once"
    ENDINGS = "schedules that are waited for to their end"
    ALONE = "one after another, because each of them may starve the sender"
    FINAL = "after everything else, over all that arrived"


class Need(StrEnum):
    """A lever or setting without which a probe can't be judged."""

    REGISTER = "--register"
    SECRET = "--secret and a --scheme"  # noqa: S105 - the name of an option
    UNREGISTER = "--unregister"
    RESTART = "--restart"
    WORKERS = "--workers"
    CRASH = "--crash (or --break and --mend)"
    DEAD_LETTERS = "--dead-letters"
    NOTICES = "--notices"
    STATUS = "--status"
    ROTATE = "--rotate"
    RSS = "--rss"
    LOGS = "--logs"
    NAMESPACE = "--in-namespace"
    TLS = "--ca-folder"
    SOCKETS = "a sender that sends over the network (not one in this process)"
    RETRIES = "a sender that promises retries"


@dataclass(frozen=True, slots=True)
class Wait:
    """A step of a probe: go on when the condition holds, or the time is over.

    `seconds` are those of the sender's clock. The step gives whether the condition
    held.
    """

    condition: Callable[[], bool]
    seconds: float


COMMON: Literal["common"] = "common"
"""A step of a probe: the group's event, after all of the group have registered."""

Steps = Generator[Wait | Literal["common"], Any, "Judgement"]
"""A probe as it runs: its endpoints, COMMON, then waits; it returns a judgement."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of a probe; `facts` says in a sentence what was seen."""

    outcome: ProbeOutcome
    facts: str
    sightings: tuple[Sighting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(Rule):
    """One question to a sender.

    `title` says what a sender that fails does wrong, `sent` what the endpoint or the
    kit does, as a clause, and `wanted` what must be seen. `explained_by`
    names probes whose failure has the same cause: if one of them failed, this one is
    unknown, so that one cause is one finding.
    """

    title: str
    run: Callable[[SenderHarness], Steps] = field(repr=False)
    group: Group = Group.TOGETHER
    needs: frozenset[Need] = frozenset()
    explained_by: tuple[str, ...] = ()

    @property
    def experiment(self) -> str:
        """What the endpoint or the kit does, as a clause."""
        return self.sent


def unknown(facts: str) -> Judgement:
    """Find that nothing can be said; `facts` tells why, and what would help."""
    return Judgement(ProbeOutcome.UNKNOWN, facts)


def not_applicable(facts: str) -> Judgement:
    """Find that the question has no meaning for this sender."""
    return Judgement(ProbeOutcome.NOT_APPLICABLE, facts)
