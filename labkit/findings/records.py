"""What an examination found, as records."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class ProbeOutcome(StrEnum):
    """What came of a probe.

    A probe that can't be judged is *unknown*, never passed. One that has no meaning
    for the target is *not applicable*.
    """

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"


class Severity(StrEnum):
    """How much harm a failure does, the worst first.

    *Critical*: a forged or unsigned event has a side effect. *High*: events are lost
    or processed twice in normal operation, or anyone can crash the program or exhaust
    its resources. *Medium*: it takes a captured request, or a fault at the same time.
    *Low*: only the other party could send the request, or it is a matter of hygiene.
    """

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """The place in the order of importance; 0 is the most important."""
        return list(Severity).index(self)

    def reaches(self, threshold: "Severity") -> bool:
        """Tell whether this is at or above the threshold."""
        return self.rank <= threshold.rank


class Who(StrEnum):
    """Who can cause a failure."""

    ANYONE = "anyone who knows the URL"
    CAPTURER = "anyone who has captured a request"
    PROVIDER = "only the provider"
    OWNER = "only the owner of the endpoint"
    REGISTRANT = "anyone who can register an endpoint"
    AUTHOR = "anyone who writes the data of an event"
    NETWORK = "anyone on the network between sender and receiver"
    FORMER = "anyone who has an old secret"
    NOBODY = "nobody: it happens by itself"

    @property
    def sentence(self) -> str:
        """Say who can cause it, as a clause."""
        if self is Who.NOBODY:
            return "no one has to cause it; it happens by itself"
        return f"{self} can cause it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a probe says about itself.

    `id` names family and probe, such as "time.stale". `sent` says what is sent,
    `wanted` what must come back, `why` why it matters, `mend` what to do about a
    failure, `source` where the bug was seen. `severity` and `who` are those of a
    failure. `references` name the weakness, such as "CWE-294" or "OWASP API4:2023".
    `title` says what a target that fails does wrong; without one, `sent` and the
    signs of the failure say it.
    """

    id: str
    title: str = ""
    sent: str = ""
    wanted: str = ""
    why: str = ""
    mend: str = ""
    source: str = ""
    severity: Severity = Severity.LOW
    who: Who = Who.PROVIDER
    references: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        """The first part of the id."""
        return self.id.partition(".")[0]

    @property
    def experiment(self) -> str:
        """What was done, as a clause in the past."""
        return f"sent {self.sent}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One exchange as text, without secrets.

    `label` says what is odd about it. `changed` says which bytes differ from those of
    the valid request, if it was made from one. `command` repeats it in a shell, if a
    shell can.
    """

    label: str
    request: str
    response: str
    changed: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One probe and what came of it.

    `facts` says in a sentence what was seen; `seconds` is how long it took. `signs`
    names the kinds of failure that were seen, for the causes to compare.
    """

    probe: Rule
    outcome: ProbeOutcome
    facts: str
    seconds: float = 0.0
    signs: frozenset[str] = frozenset()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One cause, with every failed probe that it explains.

    `id` is stable from run to run. `facts` says what was seen, `experiment` how it was
    found, `fix` what to do, `why` what happens otherwise.
    """

    id: str
    title: str
    severity: Severity
    who: Who
    facts: str
    experiment: str
    why: str
    fix: str
    references: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminationReport:
    """What an examination found.

    `about` holds what the target was taken for, as label and value. `contact` says in
    sentences how it was reached. `started` is in seconds since the Unix epoch,
    `seconds` is how long all of it took. `unjudged` is the reason why the target could
    not be reached or judged, or nothing. `finished` is false in a report of a run that
    is still going on, or was killed. `kit_errors` says what went wrong in the kit.
    """

    tool: str
    target: str
    results: tuple[Result, ...]
    findings: tuple[Finding, ...] = ()
    about: tuple[tuple[str, str], ...] = ()
    contact: tuple[str, ...] = ()
    started: float = 0.0
    seconds: float = 0.0
    unjudged: str = ""
    finished: bool = True
    kit_errors: tuple[str, ...] = ()

    def of(self, outcome: ProbeOutcome) -> tuple[Result, ...]:
        """Return the results with that outcome, in order."""
        return tuple(result for result in self.results if result.outcome is outcome)

    @property
    def failed(self) -> bool:
        """Whether there is any finding or failed probe."""
        return bool(self.findings or self.of(ProbeOutcome.FAILED))

    @property
    def summary(self) -> str:
        """Say in one line how many probes had which outcome."""
        counts = Counter(result.outcome for result in self.results)
        said = ", ".join(f"{counts[outcome]} {outcome}" for outcome in ProbeOutcome)
        noun = "probe" if len(self.results) == 1 else "probes"
        return f"{len(self.results)} {noun} in {self.seconds:.1f} s: {said}"

    @property
    def verdict(self) -> str:
        """Say in one line how many findings there are of which severity."""
        if not self.findings:
            if self.unjudged:
                return "not judged"
            unknown = len(self.of(ProbeOutcome.UNKNOWN))
            noun = "probe" if unknown == 1 else "probes"
            rest = f"; {unknown} {noun} could not be judged" if unknown else ""
            return f"no finding{rest}"
        counts = Counter(finding.severity for finding in self.findings)
        said = [f"{counts[one]} {one}" for one in Severity if counts[one]]
        noun = "finding" if len(self.findings) == 1 else "findings"
        return f"{len(self.findings)} {noun}: {', '.join(said)}"

    def by_family(self) -> dict[str, Counter[ProbeOutcome]]:
        """Return, for each family of probes, how many had which outcome."""
        families: dict[str, Counter[ProbeOutcome]] = {}
        for result in self.results:
            families.setdefault(result.probe.family, Counter())[result.outcome] += 1
        return families

    def reasons(self, outcome: ProbeOutcome) -> dict[str, list[str]]:
        """Return the facts of the results with that outcome, each with its probes."""
        found: dict[str, list[str]] = {}
        for result in self.of(outcome):
            found.setdefault(result.facts, []).append(result.probe.id)
        return found


def by_importance(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings, the most important first, else in the given order."""
    return tuple(sorted(findings, key=lambda finding: finding.severity.rank))
