"""Put failed results that have one cause together into one finding."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from labkit.findings.records import (
    Finding,
    ProbeOutcome,
    Result,
    Rule,
    Severity,
    Who,
    by_importance,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that a program does wrong, and how to know it.

    `shown_by` says whether the results, by the id of their probe, show that the cause
    is there. If so, it explains every failed result of which `explains` is true. The
    first result that it explains gives the finding its facts and evidence, unless
    `leads` names others that come before it.
    """

    id: str
    title: str
    severity: Severity
    who: Who
    why: str
    fix: str
    references: tuple[str, ...] = ()
    shown_by: Callable[[Mapping[str, Result]], bool]
    explains: Callable[[Result], bool]
    leads: tuple[str, ...] = ()


def grouped(results: Sequence[Result], causes: Sequence[Cause]) -> tuple[Finding, ...]:
    """Return one finding for each cause, the most important first.

    The causes are tried in their order; a result belongs to the first that explains
    it. A failed result that none explains is a finding by itself.
    """
    known = {result.probe.id: result for result in results}
    left = {id_: r for id_, r in known.items() if r.outcome is ProbeOutcome.FAILED}
    findings = []
    for cause in causes:
        if not cause.shown_by(known):
            continue
        explained = [result for result in left.values() if cause.explains(result)]
        if explained:
            findings.append(_by_cause(cause, explained))
            for result in explained:
                del left[result.probe.id]
    findings += [by_itself(result) for result in left.values()]
    return by_importance(findings)


def by_itself(result: Result) -> Finding:
    """Return the finding of a failed result that has a cause of its own."""
    rule = result.probe
    return Finding(
        id=rule.id,
        title=rule.title or f"{_verb(result.signs)} {_ASIDE.sub('', rule.sent)}",
        severity=rule.severity,
        who=rule.who,
        facts=result.facts,
        experiment=_experiment(rule),
        why=rule.why,
        fix=rule.mend,
        references=(*rule.references, *((rule.source,) if rule.source else ())),
        probes=(rule.id,),
        evidence=result.evidence,
    )


_ASIDE = re.compile(r" \([^()]*: [^()]*\)")
"""What a description says of other providers, such as their sizes."""

_VERBS = {
    "accepted": "does not reject",
    "crashed": "responds with a server error (5xx) to",
    "hung": "does not respond in time to",
    "lost": "closes the connection without a response to",
    "redirected": "redirects",
    "rejected": "does not accept",
}
"""What a target does if all that failed has one sign."""


def _verb(signs: frozenset[str]) -> str:
    (sign, *more) = signs or ("",)
    return "fails for" if more else _VERBS.get(sign, "fails for")


def _experiment(rule: Rule) -> str:
    return f"{rule.experiment}; expected: {rule.wanted}"


def _by_cause(cause: Cause, explained: Sequence[Result]) -> Finding:
    order = {name: place for place, name in enumerate(cause.leads)}
    ranked = sorted(explained, key=lambda r: order.get(r.probe.id, len(order)))
    first = ranked[0]
    return Finding(
        id=cause.id,
        title=cause.title,
        severity=cause.severity,
        who=cause.who,
        facts=f"{first.probe.id}: {first.facts}",
        experiment=_experiment(first.probe),
        why=cause.why,
        fix=cause.fix,
        references=cause.references or first.probe.references,
        probes=tuple(result.probe.id for result in explained),
        evidence=first.evidence,
    )
