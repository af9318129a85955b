"""Reach the receiver before it is judged: connect and calibrate."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from labkit.examine.obstacles import HTTPS, finding_of, obstacle
from labkit.findings import Finding
from labkit.probes import Harness


@dataclass(frozen=True, slots=True)
class Contact:
    """How the receiver was reached.

    `said` holds sentences for the report. `unjudged` says why the receiver can't be
    judged, or nothing. `findings` name the cause.
    """

    said: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    unjudged: str = ""


def reach(harness: Harness) -> Contact:
    """Calibrate, and find the cause by experiment if a valid event is rejected."""
    said = [f"{tried}." for tried in harness.wire.tried()]
    harness.calibrate()
    if note := _in_another_shape(harness):
        said.append(note)
    if not harness.accepts and (note := _through_a_proxy(harness)):
        said.append(note)
    said.append(_responses(harness))
    if harness.accepts:
        return _effects(harness, said)
    valid = harness.contact["valid"]
    cause = obstacle(harness, valid)
    return Contact(
        tuple(said),
        (cause,),
        cause.title
        if cause.id.endswith("rejected")  # the title says how it was rejected
        else f"a valid event got {valid.response}: {cause.title}",
    )


def _responses(harness: Harness) -> str:
    parts = (f"{name}: {e.response}" for name, e in harness.contact.items())
    return f"First responses: {', '.join(parts)}."


def _in_another_shape(harness: Harness) -> str:
    """Go on with another event if the receiver takes that and not the provider's own.

    A receiver takes an event if it acknowledges it, and processes it where effects are
    counted.
    """

    def takes() -> bool:
        return harness.accepts and (
            harness.levers.effects is None or harness.counter.counts
        )

    status = harness.contact["valid"].response.status
    if takes() or status is None or 300 <= status < 400:
        return ""
    own, answer = harness.endpoint.sample, harness.contact["valid"].response
    accepted = harness.accepts
    for other in harness.endpoint.other_samples:
        # One event first, unless its effect might be counted with the next one.
        harness.speak(other)
        if harness.levers.effects is None:
            trial = harness.deliver("a valid event of another shape")
            if not harness.acknowledged(trial.response):
                continue
        harness.timings.clear()
        harness.calibrate()
        if takes():
            shown = other.encode(other.template).decode("utf-8", "replace")
            without = " without an effect" if accepted else ""
            return (
                f"The provider's own event, “{own.type}”, got {answer}{without}. An "
                f"event of another shape is accepted, so all probes send that: "
                f"{shown:.80}… To examine what your receiver expects, give an event "
                "with --event."
            )
    if harness.endpoint.sample is not own:
        harness.speak(own)
        harness.timings.clear()
        harness.calibrate()
    return ""


def _through_a_proxy(harness: Harness) -> str:
    """Go on as a proxy that ends TLS would call, if only that is missing."""
    status = harness.contact["valid"].response.status
    names = {name.lower() for name, _ in harness.endpoint.headers}
    if status is None or status < 300 or "x-forwarded-proto" in names:
        return ""
    if harness.endpoint.signed_url:
        return ""  # the headers of a proxy are there already
    plain = harness.endpoint
    harness.endpoint = dataclasses.replace(plain, headers=(*plain.headers, *HTTPS))
    trial = harness.deliver("a valid event with X-Forwarded-Proto: https")
    if not harness.acknowledged(trial.response):
        harness.endpoint = plain
        return ""
    harness.timings.clear()
    harness.calibrate()
    return (
        f"Without X-Forwarded-Proto: https the receiver responds with {status}; with "
        "it, as a proxy that ends TLS sends it, a valid event is accepted. All "
        "requests carry it from here on."
    )


def _effects(harness: Harness, said: Sequence[str]) -> Contact:
    """Return the contact with a receiver that acknowledges; it may do nothing more."""
    if harness.levers.effects is None or harness.counter.unit:
        return Contact(tuple(said))
    valid = harness.contact["valid"]
    finding = finding_of(
        harness,
        "contact.no-effect",
        "a valid event is acknowledged, but no effect was counted",
        facts=f"the response was {valid.response}, but the number of effects "
        f"{harness.counter.seen}",
        experiment="sent a valid event with a new id, then read the number of effects",
        why="either the number does not count what the receiver does with an event, or "
        "acknowledged events are lost",
        fix="check by hand that the number grows with each event; if it does not, "
        "look for a key that makes different events look like duplicates",
        evidence=[valid],
    )
    return Contact(
        tuple(said),
        (finding,),
        "no effect of an acknowledged event was counted, so neither lost events nor "
        "duplicates can be seen",
    )
