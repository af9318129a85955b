"""Crashes, outages and a second worker."""

from labkit.errors import LabError
from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.identity import FAIL, OK
from labkit.examine_sender.probe import COMMON, Group, Need, Probe, Steps, Wait
from labkit.examine_sender.tally import Tally
from labkit.examine_sender.waiting import arrival
from labkit.findings import Severity, Who
from labkit.findings.commands import Refused
from labkit.witness import Hang, Respond, Sighting

EVENTS = 20
SLOW = 0.3
"""How long the slow endpoint takes to respond, in real seconds."""


def _commit(harness: SenderHarness) -> Steps:
    endpoint = harness.endpoint("commit", OK)
    yield COMMON
    levers = harness.levers
    tally = Tally()
    marks: dict[str, str] = {}

    def trigger(what: str) -> None:
        mark = marks[what] = harness.witness.new_mark()
        endpoint.marks.add(mark)
        try:
            harness.trigger(mark)
        except Refused:
            return  # it died, or said that it could not; both are what was wanted

    if levers.crash is not None:
        levers.crash("committed")
        trigger("a crash after the commit")
        levers.crash("rolled-back")
        trigger("rolled back")
    if levers.break_ is not None and levers.mend is not None:
        levers.break_()
        try:
            trigger("the queue down")
        finally:
            levers.mend()
    if levers.restart is not None:
        levers.restart()
    wanted = {what: mark for what, mark in marks.items() if what != "rolled back"}
    yield Wait(
        lambda: all(endpoint.seen(mark) for mark in wanted.values()),
        harness.longest_wait,
    )
    control = harness.event(endpoint)
    yield from arrival(harness, endpoint, control)
    if not tally.arrived(endpoint, control, "200, after the restart"):
        return tally.judgement("")
    for what, mark in wanted.items():
        if not endpoint.seen(mark):
            tally.complain(f"with {what} the event was lost")
    if "rolled back" in marks and endpoint.seen(marks["rolled back"]):
        tally.complain("an event was sent whose transaction was rolled back")
    return tally.judgement(f"arrived after: {', '.join(wanted)}")


def _flight(harness: SenderHarness) -> Steps:
    flying = harness.endpoint("in-flight", Hang(), OK)
    between = harness.endpoint("between", FAIL, OK)
    mark = yield COMMON
    yield from arrival(harness, flying, mark)
    yield from arrival(harness, between, mark)
    tally = Tally()
    if not (
        tally.arrived(flying, mark, "no response")
        and tally.arrived(between, mark, "500")
    ):
        return tally.judgement("")
    assert harness.levers.restart is not None  # noqa: S101 - the probe needs it
    try:
        harness.levers.restart()
    except LabError as error:
        tally.doubt(f"the restart failed: {error}")
        return tally.judgement("")
    yield Wait(
        lambda: len(flying.seen(mark)) > 1 and len(between.seen(mark)) > 1,
        harness.longest_wait,
    )
    waited = harness.longest_wait
    for what, endpoint in (
        ("during an attempt", flying),
        ("between two attempts", between),
    ):
        seen = endpoint.seen(mark)
        if len(seen) < 2:
            fact = (
                f"the sender was killed {what}, and then the event did not arrive "
                f"within {waited:.0f} s"
            )
            if waited >= 300 or harness.promise.delays:
                tally.complain(fact, *seen)
            else:
                tally.doubt(f"{fact}; give --speed or more --patience")
        elif (
            harness.keeps_ids() and len({harness.event_id(s.request) for s in seen}) > 1
        ):
            tally.complain(
                f"the sender was killed {what}, and then the event came with another "
                "id",
                *seen,
            )
    return tally.judgement("both events arrived again after the restart, with their id")


def repeated(sightings: tuple[Sighting, ...]) -> bool:
    """Tell whether an event came again although an attempt had got its 2xx.

    An attempt that gave up before the response ended is retried, and rightly so.
    """
    return any(sighting.finished for sighting in sightings[:-1])


def _workers(harness: SenderHarness) -> Steps:
    endpoint = harness.endpoint("slow", Respond(200, after=SLOW))
    yield COMMON
    assert harness.levers.worker is not None  # noqa: S101 - the probe needs it
    end = harness.levers.worker()
    tally = Tally()
    try:
        marks = [harness.event(endpoint) for _ in range(EVENTS)]
        yield Wait(
            lambda: all(endpoint.seen(mark) for mark in marks), harness.longest_wait
        )
        yield Wait(lambda: False, harness.sender(SLOW * 3))
    finally:
        end()
    lost = sum(not endpoint.seen(mark) for mark in marks)
    twice = [mark for mark in marks if repeated(endpoint.seen(mark))]
    tally.control(EVENTS - lost)
    if lost:
        tally.doubt(f"{lost} of {EVENTS} events did not arrive")
    if twice:
        tally.complain(
            f"{len(twice)} of {EVENTS} events arrived more than once",
            *endpoint.seen(twice[0]),
        )
    return tally.judgement(f"{EVENTS} events, two workers, one attempt each")


C = frozenset({Need.REGISTER, Need.SOCKETS})

PROBES = (
    Probe(
        id="crash.commit",
        title=(
            "an event is lost in a crash or an outage, or sent although it was rolled "
            "back"
        ),
        sent=(
            "the sender crashes between commit and send, or its queue is down; then "
            "the endpoint responds with 200"
        ),
        wanted=(
            "the event arrives after the restart; an event that was rolled back never "
            "does"
        ),
        why="state and event are written separately, so one of them can be lost",
        mend="write the event in the same transaction (a transactional outbox)",
        source="mohamedboukari/bunmail#184, Vexa-ai/vexa#520, django-webhook 0.0.15",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-362",),
        run=_commit,
        group=Group.ALONE,
        needs=C | {Need.CRASH},
    ),
    Probe(
        id="crash.flight",
        title="an event is lost, or gets another id, when the sender is killed",
        sent=(
            "the sender is killed and started again while one endpoint does not "
            "respond, and after another responded with 500"
        ),
        wanted="both events arrive again, with the same id",
        why="a queue in memory is lost with the process",
        mend=(
            "store deliveries, claim them with a lease, and let another worker take "
            "over when it expires"
        ),
        source="RamaAditya49/titen#48, MLflow 3.17.2",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        run=_flight,
        group=Group.ALONE,
        needs=C | {Need.RESTART},
        explained_by=("retry.500", "retry.timeout"),
    ),
    Probe(
        id="twice.workers",
        title="two workers deliver the same event",
        sent=(
            "the sender has two workers; the endpoint responds to twenty events with "
            "200 after 0.3 s"
        ),
        wanted="each event arrives once",
        why="two workers claim the same delivery, and the receiver gets duplicates",
        mend="claim in one transaction, with a lease that other workers see",
        source="wso2/dpdp-accelerator#119, Mnexa-AI/e2a#62",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-362",),
        run=_workers,
        group=Group.ALONE,
        needs=C | {Need.WORKERS},
    ),
)
