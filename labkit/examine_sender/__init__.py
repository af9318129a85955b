"""Examine a sender of webhooks, in any language: play a bad endpoint and judge it.

    report = examine_sender(
        levers_from(register="./add-endpoint {url} {secret}", trigger="./order {data}"),
        promise_from(schedule="5,300,1800", jitter="full"),
        scheme=SCHEMES["standard"], secret="whsec_…", clock=RealClock(speed=60),
    )
    print(text.report(report))

The endpoint is `labkit.witness`. The report is made of `labkit.findings`. Nothing is a
pass only because it did not arrive: a control must have arrived by the same trigger.

    promise.py     what the sender promises
    levers.py      what the kit may move: register, trigger, restart, rotate
    by_hand.py     endpoints that someone adds by hand
    clocks.py      real time, faster time, and virtual time for a sender in process
    harness.py     what probes have in hand; side_servers.py starts what few need
    reading.py     what a delivery says about itself
    probe.py       what a probe is
    waiting.py     steps that probes share; tally.py makes their judgement
    calibrate.py   one good delivery first
    runner.py      runs the probes of a group side by side
    identity.py … order.py   the probes, one file per family
    listening.py   judges deliveries that arrive by themselves, by the same rules
    deliveries.py  which requests of a stream are attempts of one event
    answering.py   how an endpoint that only listens responds
    recording.py   deliveries as lines of JSON

To add a probe: write its steps and its `Probe` record in the file of its family, and an
edit of the good sender in `tests/senders/mutants.toml` that only this probe finds.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from labkit.errors import BadSetting
from labkit.examine_sender import (
    addresses,
    bodies,
    crashes,
    delays,
    endings,
    fairness,
    final,
    headers,
    identity,
    order,
    payloads,
    redirects,
    retries,
    retry_after,
    secrets,
    signatures,
    tls,
)
from labkit.examine_sender.by_hand import ByHand
from labkit.examine_sender.clocks import Clock, RealClock, SteppedClock
from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.levers import Levers, levers_from
from labkit.examine_sender.probe import Group, Need, Probe
from labkit.examine_sender.promise import Promise, promise_from
from labkit.examine_sender.reporting import causes_of, report_of
from labkit.examine_sender.runner import Runner, Watch
from labkit.findings import ExaminationReport, Result
from labkit.findings.commands import Refused
from labkit.signing import Scheme
from labkit.witness import Witness
from labkit.witness.server import Server

__all__ = [
    "PROBES",
    "ByHand",
    "Clock",
    "Group",
    "Levers",
    "Need",
    "Probe",
    "Promise",
    "RealClock",
    "Refused",
    "SenderHarness",
    "SteppedClock",
    "causes_of",
    "chosen",
    "examine_sender",
    "examine_with",
    "levers_from",
    "promise_from",
]

PROBES: tuple[Probe, ...] = (
    *identity.PROBES,
    *signatures.PROBES,
    *headers.PROBES,
    *retries.PROBES,
    *retry_after.PROBES,
    *final.PROBES,
    *delays.PROBES,
    *redirects.PROBES,
    *addresses.PROBES,
    *tls.PROBES,
    *bodies.PROBES,
    *fairness.PROBES,
    *payloads.PROBES,
    *secrets.PROBES,
    *endings.PROBES,
    *crashes.PROBES,
    *order.PROBES,
)


def examine_sender(
    levers: Levers,
    promise: Promise | None = None,
    *,
    scheme: Scheme | None = None,
    secret: str = "",
    clock: Clock | None = None,
    probes: Sequence[Probe] = PROBES,
    watch: Watch | None = None,
    host: str = "",
    patience: float = 60.0,
    id_header: str = "",
    id_path: str = "",
    time_header: str = "",
    ca_folder: Path | None = None,
    guard_on: bool = False,
    public_url: str = "",
    pickup: float | None = None,
) -> ExaminationReport:
    """Run the probes against a sender that runs on this machine, and return the report.

    `host` is the loopback address of the endpoint, 127.0.0.2 by default where the
    system has it. `patience` is in real seconds, as is `pickup`, the longest time until
    the sender calls a new endpoint; None measures it. `scheme` is None for a sender
    that does not sign. Raises BadSetting without `register` and `trigger`.
    """
    if levers.trigger is None or levers.register is None:
        raise BadSetting("an examination needs --register and --trigger")
    server = Server(Witness(), host=host)
    harness = SenderHarness(
        server,
        levers,
        clock or RealClock(),
        promise or Promise(),
        scheme=scheme,
        secret=secret,
        patience=patience,
        id_header=id_header,
        id_path=id_path,
        time_header=time_header,
        ca_folder=ca_folder,
        guard_on=guard_on,
        public_url=public_url,
        pickup=pickup,
    )
    return examine_with(harness, probes, watch=watch)


def examine_with(
    harness: SenderHarness,
    probes: Sequence[Probe] = PROBES,
    *,
    watch: Watch | None = None,
) -> ExaminationReport:
    """Run the probes with a harness that is set up, for a sender in process, too."""
    started = time.time()
    try:
        outcomes = Runner(harness, probes, watch or _unseen).run()
    finally:
        harness.close()
    return report_of(harness, outcomes, probes, started=started)


def chosen(only: Sequence[str] = (), skip: Sequence[str] = ()) -> tuple[Probe, ...]:
    """Return the probes whose id or family is in `only` and not in `skip`.

    Raises BadSetting for a name that no probe or family has.
    """
    known = {p.id for p in PROBES} | {p.family for p in PROBES}
    for name in (*only, *skip):
        if name not in known:
            raise BadSetting(
                f"{name!r} is not a probe or a family; --list names all of them"
            )

    def named(probe: Probe, names: Sequence[str]) -> bool:
        return probe.id in names or probe.family in names

    return tuple(
        p for p in PROBES if (not only or named(p, only)) and not named(p, skip)
    )


def _unseen(result: Result, number: int, total: int) -> None:
    """Watch nothing."""
