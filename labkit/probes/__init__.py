"""Hostile and honest requests, each with what must come back and why.

`PROBES` holds them in the order in which they are run. A probe is added in the file of
its family, as a record at its end; the tests then ask everything of it that they ask
of the others.

    probe.py       what a probe is, and what may come of it
    endpoint.py    what is examined, and its levers
    exchange.py    what probes send and get
    counter.py     counts the effects of requests
    harness.py     makes requests and sends them
    patience.py    how long to wait for a response
    edits.py       the same request with one thing changed
    wire.py        requests that no well-behaved client would send
    in_process.py  the way to an application that is called in this process
    asgi.py        call an ASGI application
    sample.py      the event that is sent again and again
    events.py      events in the shape of each provider
    forge.py       signatures that no provider would make
    tally.py       weighs what came back

    valid.py       valid events in every spelling
    keys.py        signatures under keys that must not count
    tampered.py    events changed after they were signed
    signatures.py  signatures that are missing or malformed
    times.py       timestamps: old, new, none, no number
    rotation.py    several signatures, several secrets
    bodies.py      signed, and yet no event
    sizes.py       large bodies, and bodies too large
    framing.py     bodies that do not end where they say
    routes.py      other methods, paths and heads
    providers.py   what only some providers send
    handshakes.py  how a provider checks a new URL
    foreign.py     addresses that a receiver must not call
    duplicates.py  one event more than once
    objects.py     different events about one object
    races.py       one event, or many, at the same moment
    speed.py       how fast, and still alive
    outages.py     what the receiver needs is away
    crashes.py     the receiver dies and comes back
"""

from collections.abc import Sequence

from labkit.errors import UnknownName
from labkit.findings import ProbeOutcome
from labkit.probes import (
    bodies,
    crashes,
    duplicates,
    foreign,
    framing,
    handshakes,
    keys,
    objects,
    outages,
    providers,
    races,
    rotation,
    routes,
    signatures,
    sizes,
    speed,
    tampered,
    times,
    valid,
)
from labkit.probes.endpoint import Endpoint, Levers, Need
from labkit.probes.exchange import Draft, Exchange, Silence
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe, Sign
from labkit.probes.sample import Sample

__all__ = [
    "PROBES",
    "Draft",
    "Endpoint",
    "Exchange",
    "Harness",
    "Judgement",
    "Levers",
    "Need",
    "Probe",
    "ProbeOutcome",
    "Sample",
    "Sign",
    "Silence",
    "chosen",
]

_LATE = "duplicate.late"

_families = [
    probe
    for family in (
        valid,
        tampered,
        signatures,
        keys,
        times,
        rotation,
        bodies,
        sizes,
        framing,
        routes,
        providers,
        handshakes,
        foreign,
        duplicates,
        objects,
        races,
        speed,
        outages,
        crashes,
    )
    for probe in family.PROBES
]

PROBES: tuple[Probe, ...] = (
    *(probe for probe in _families if probe.id != _LATE),
    # As late as can be: the point is what was sent in between.
    *(probe for probe in _families if probe.id == _LATE),
    speed.LAST,
)
"""Every probe, in the order of an examination."""


def chosen(only: Sequence[str] = (), skip: Sequence[str] = ()) -> tuple[Probe, ...]:
    """Return the probes of these ids or families, and without those to skip.

    Raises UnknownName for what is neither.
    """
    known = {probe.id for probe in PROBES} | {probe.family for probe in PROBES}
    for name in (*only, *skip):
        if name not in known:
            raise UnknownName("probe", name, known)

    def named(probe: Probe, names: Sequence[str]) -> bool:
        return probe.id in names or probe.family in names

    return tuple(
        probe
        for probe in PROBES
        if (not only or named(probe, only)) and not named(probe, skip)
    )
