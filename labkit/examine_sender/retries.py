"""What is retried, and when."""

from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.identity import OK, RETRIES, always_500
from labkit.examine_sender.probe import (
    COMMON,
    Group,
    Probe,
    Steps,
    Wait,
    unknown,
)
from labkit.examine_sender.tally import Tally
from labkit.examine_sender.waiting import (
    arrival,
    attempts,
    missing,
    retried,
    second_attempts,
)
from labkit.findings import Severity, Who
from labkit.witness import (
    Behaviour,
    CloseUnanswered,
    Garbage,
    Hang,
    Reset,
    Respond,
    Sighting,
)
from labkit.witness.server import Listener, Server

LONGEST_HANG = 60.0


def each_retried(
    harness: SenderHarness, cases: dict[str, tuple[Behaviour, ...]]
) -> Steps:
    """Judge that each of the cases gets a second attempt."""
    always_500(harness)
    endpoints = {
        what: harness.shared(f"retry-{place}-{what[:12].replace(' ', '-')}", *script)
        for place, (what, script) in enumerate(cases.items())
    }
    mark = yield COMMON
    yield from second_attempts(harness, endpoints.values(), mark)
    tally = Tally()
    for what, endpoint in endpoints.items():
        retried(harness, tally, endpoint, mark, what)
    return tally.judgement(f"a second attempt after each of: {', '.join(endpoints)}")


def _500(harness: SenderHarness) -> Steps:
    statuses = (500, 502, 503, 504)
    return (
        yield from each_retried(harness, {str(s): (Respond(s), OK) for s in statuses})
    )


def _429(harness: SenderHarness) -> Steps:
    statuses = (429, 408, 425)
    return (
        yield from each_retried(harness, {str(s): (Respond(s), OK) for s in statuses})
    )


def _reset(harness: SenderHarness) -> Steps:
    behaviours: tuple[Behaviour, ...] = (Reset(), Garbage(), CloseUnanswered())
    cases = {b.name: (b, OK) for b in behaviours}
    # By hand, nobody can add an endpoint that refuses to be looked for.
    possible = harness.sockets and harness.by_hand is None
    refusing = Refusing(harness) if possible else None
    reference = always_500(harness)
    endpoints = {name: harness.shared(name.split()[1], *s) for name, s in cases.items()}
    mark = yield COMMON

    def all_retried() -> bool:
        waited_for = (reference, *endpoints.values())
        got = all(len(e.seen(mark)) > 1 for e in waited_for)
        return got and (refusing is None or bool(refusing.endpoint.seen(mark)))

    if refusing is not None:
        # Its first attempt has been refused once the others have made theirs.
        yield Wait(lambda: all(e.seen(mark) for e in endpoints.values()), harness.slack)
        yield Wait(lambda: False, harness.sender(min(harness.learned.latency, 0.3)))
        refusing.open()
    yield Wait(all_retried, harness.retry_wait())
    yield from second_attempts(harness, endpoints.values(), mark)
    if refusing is not None:
        yield from refusing.awaited(mark)
    tally = Tally()
    for what, endpoint in endpoints.items():
        if retried(harness, tally, endpoint, mark, what):
            ids = {harness.event_id(s.request) for s in endpoint.seen(mark)}
            if len(ids) > 1 and harness.keeps_ids():
                seen = endpoint.seen(mark)
                tally.complain(f"after {what}, the retry has another id", *seen)
    if refusing is not None:
        refusing.close()
        refusing.judge(tally, mark)
    return tally.judgement("a second attempt after each kind of transport error")


class Refusing:
    """An endpoint whose port refuses connections until it is opened."""

    def __init__(self, harness: SenderHarness) -> None:
        import socket

        assert isinstance(harness.server, Server)  # noqa: S101 - asked by the caller
        self._harness, self._server = harness, harness.server
        self._held = socket.socket()
        # Bound and not listening: connections are refused, and the port is kept.
        self._held.bind((self._server.host, 0))
        self._port: int = self._held.getsockname()[1]
        self.endpoint = self._server.endpoint("refused", OK)
        self.endpoint.url = (
            f"http://{self._server.host}:{self._port}{self.endpoint.path}"
        )
        self._listener: Listener | None = None
        self._opened = 0.0
        harness.register(self.endpoint)

    def open(self) -> None:
        """Listen from now on."""
        self._opened = self._harness.now()
        self._held.close()
        self._listener = Listener(
            (self._server.host,),
            self._server.serve,
            clock=self._harness.witness.now,
            port=self._port,
        )

    def _enough(self) -> bool:
        """Tell whether a retry must have been made since the endpoint listens.

        On a busy machine a second attempt may have been refused as well.
        """
        harness = self._harness
        gaps = harness.retry_gaps()
        longest = [harness.promised_wait(number) for number in (1, 2, 3)]
        wait = sum(longest) or 3 * max(gaps, default=0.0)
        spare = harness.slack + max(harness.backlog, harness.late)
        return bool(gaps) and harness.now() - self._opened > 1.5 * wait + spare

    def awaited(self, mark: str) -> Steps:
        """Wait for an attempt, or until its absence is judged."""
        yield Wait(
            lambda: bool(self.endpoint.seen(mark)) or self._enough(),
            self._harness.longest_wait,
        )
        return unknown("")

    def judge(self, tally: Tally, mark: str) -> None:
        """Tally whether an attempt came."""
        if self.endpoint.seen(mark):
            tally.control()
        elif tally.failed or not self._enough():
            tally.doubt("no attempt came after a refused connection")
        else:
            tally.complain("after a refused connection, no attempt came")

    def close(self) -> None:
        """Stop listening."""
        if self._listener is not None:
            self._listener.close()


def _timeout(harness: SenderHarness) -> Steps:
    endpoint = harness.endpoint("hang", Hang(), OK)
    mark = yield COMMON
    yield from arrival(harness, endpoint, mark)
    tally = Tally()
    if not tally.arrived(endpoint, mark, "no response"):
        return tally.judgement("")

    def given_up() -> bool:
        return endpoint.seen(mark)[0].closed is not None

    limit = min(harness.patience, LONGEST_HANG) if harness.sockets else 600.0
    yield Wait(given_up, harness.sender(limit))
    first = endpoint.seen(mark)[0]
    held = given_up_after(harness, tally, first, harness.witness.now())
    if held is None:
        return tally.judgement("")
    harness.learned.hang = held
    yield from attempts(harness, endpoint, mark, 2)
    if len(endpoint.seen(mark)) < 2:
        missing(harness, tally, endpoint, mark, "no response")
    return tally.judgement(f"given up after {harness.sender(held):.1f} s, then retried")


def given_up_after(
    harness: SenderHarness, tally: Tally, first: Sighting, now: float
) -> float | None:
    """Return after how many real seconds an attempt without a response was closed.

    None if it is open at `now`; then that is tallied.
    """
    if first.closed is not None:
        return first.closed - first.ended
    waited = harness.sender(now - first.ended)
    fact = f"the attempt was not given up within {waited:.0f} s"
    if waited >= LONGEST_HANG:
        tally.complain(fact, first)
    else:
        tally.doubt(f"{fact}; give more --patience")
    return None


PROBES = (
    Probe(
        id="retry.500",
        title="an event is not retried after a 5xx response",
        sent="endpoints respond with 500, 502, 503 and 504, and then with 200",
        wanted="a second attempt after each of them",
        why="events are lost during every deployment of the receiver",
        mend="retry every 5xx, with a schedule of hours to days",
        source="chatwoot/chatwoot#15920",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-755",),
        run=_500,
        needs=RETRIES,
    ),
    Probe(
        id="retry.reset",
        title="an event is lost, or gets another id, after a broken connection",
        sent=(
            "endpoints reset the connection, send bytes that are not HTTP, close "
            "without a status, or refuse the connection"
        ),
        wanted="a second attempt with the same id after each of them",
        why="a broken connection is the most common failure, and the event is lost",
        mend="treat every transport error as a failed attempt that is retried",
        source="django-webhook 0.0.15 (AttributeError on a reset)",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-755",),
        run=_reset,
        needs=RETRIES,
        explained_by=("retry.500",),
    ),
    Probe(
        id="retry.timeout",
        title="an attempt without a response is not given up, or not retried",
        sent=(
            "the endpoint does not respond to the first attempt, and then responds "
            "with 200"
        ),
        wanted="the sender ends the attempt within 60 s and retries",
        why="without a timeout an attempt waits forever, and blocks its worker",
        mend="give the whole attempt a timeout, and retry after it",
        source="RamaAditya49/titen#32, django-webhook 0.0.15",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-1088",),
        run=_timeout,
        group=Group.ALONE,
        needs=RETRIES,
        explained_by=("retry.500", "retry.reset"),
    ),
    Probe(
        id="retry.429",
        title="an event is not retried after 429, 408 or 425",
        sent="endpoints respond with 429, 408 and 425, and then with 200",
        wanted="a second attempt after each of them",
        why="events to a receiver that limits the rate of requests are lost",
        mend="retry 408, 425 and 429 as you retry a 5xx",
        source="speakeasy-api/gram#4962, django-webhook-subscriber 2.3.0",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        run=_429,
        needs=RETRIES,
        explained_by=("retry.500",),
    ),
)
