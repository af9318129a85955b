"""Backoff: whether delays grow, are spread, and are those that are promised."""

from collections.abc import Generator, Sequence

from labkit.examine_sender.harness import SLACK, SenderHarness
from labkit.examine_sender.identity import FAIL, OK, RETRIES, always_500
from labkit.examine_sender.probe import COMMON, Group, Judgement, Probe, Steps, Wait
from labkit.examine_sender.tally import Tally
from labkit.examine_sender.waiting import missing
from labkit.findings import Severity, Who
from labkit.witness import Endpoint, Sighting

EVENTS = 10
ENOUGH = EVENTS // 2
SPREAD = 0.1
GROWTH = 1.3


def _burst(harness: SenderHarness) -> Generator[Wait, bool, tuple[Endpoint, list[str]]]:
    """Make ten events at once for one endpoint, whose first three attempts fail."""
    endpoint = harness.shared("burst", FAIL, FAIL, FAIL, OK)
    if endpoint not in harness.references:
        harness.references.append(endpoint)
    if not endpoint.marks:
        for _ in range(EVENTS):
            harness.event(endpoint)
    marks = sorted(endpoint.marks)
    yield Wait(
        lambda: all(len(endpoint.seen(mark)) > 3 for mark in marks),
        harness.retry_wait(3),
    )
    return endpoint, marks


def columns_of(rows: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return the first, second and third delays, where enough deliveries have them."""
    columns = [[row[n] for row in rows if len(row) > n] for n in range(3)]
    return [column for column in columns if len(column) >= ENOUGH]


def _grows(harness: SenderHarness) -> Steps:
    endpoint, marks = yield from _burst(harness)
    tally = Tally()
    columns = columns_of([harness.gaps(endpoint.seen(mark)) for mark in marks])
    if len(columns) < 2:
        _too_few(harness, tally, endpoint, marks)
        return tally.judgement("")
    return growing(harness, tally, columns, endpoint.seen()[:3])


def growing(
    harness: SenderHarness,
    tally: Tally,
    columns: Sequence[Sequence[float]],
    shown_by: Sequence[Sighting],
) -> Judgement:
    """Judge whether the later of these columns of delays are longer."""
    tally.control()
    # The second largest of ten: full jitter draws the delay, and one may be an outlier.
    typical = [sorted(column)[-2] for column in columns]
    shown = ", ".join(f"{gap:.1f}" for gap in typical)
    ratio = typical[-1] / max(typical[0], 1e-9)
    wanted = GROWTH if len(columns) == 2 else GROWTH * GROWTH
    promised = harness.promise.delays
    if (
        promised
        and len(promised) >= len(columns)
        and (promised[len(columns) - 1] <= promised[0])
    ):
        tally.complain(f"the promised delays do not grow: {shown} s were seen")
    elif ratio < wanted:
        # A first delay that was stretched by so much makes the others look equal.
        least = max(typical[0] - max(harness.late, harness.backlog), 1e-9)
        if typical[-1] / least >= wanted:
            tally.doubt(
                f"the delays of {shown} s do not grow, but first attempts were late by "
                f"up to {harness.backlog:.0f} s of the sender's clock; {harness.calmer}"
            )
        elif harness.slack > typical[0] and harness.slack > typical[-1] / 2:
            tally.doubt(
                f"the delays of {shown} s are too short to be measured at this speed"
            )
        else:
            tally.complain(f"the delays do not grow: {shown} s", *shown_by)
    return tally.judgement(f"the delays grow: {shown} s")


def _jitter(harness: SenderHarness) -> Steps:
    endpoint, marks = yield from _burst(harness)
    tally = Tally()
    columns = columns_of([harness.gaps(endpoint.seen(mark)) for mark in marks])
    if not columns:
        _too_few(harness, tally, endpoint, marks)
        return tally.judgement("")
    return spread_out(
        harness, tally, columns, unsteady=_unsteadiness(harness, endpoint)
    )


def spread_out(
    harness: SenderHarness,
    tally: Tally,
    columns: Sequence[Sequence[float]],
    *,
    unsteady: float = 0.0,
) -> Judgement:
    """Judge whether delays of equal place differ by more than the machine explains."""
    tally.control()
    gaps = max(columns, key=max)
    spread, longest = max(gaps) - min(gaps), max(gaps)
    noise = max(harness.sender(SLACK / 2), 2 * unsteady)
    fact = (
        f"delays of {len(gaps)} events after the same number of failures: "
        f"{min(gaps):.1f} to {longest:.1f} s"
    )
    late = max(harness.late, harness.backlog)
    if spread < SPREAD * longest and late > SPREAD * longest:
        tally.doubt(
            f"{fact}; but first attempts or this machine were late by up to "
            f"{late:.0f} s of the sender's clock, and so may these retries be"
        )
    elif spread < SPREAD * longest:
        tally.complain(f"{fact}; they are not spread")
    elif spread < SPREAD * longest + noise:
        tally.doubt(
            f"{fact}; times are uncertain by {noise:.1f} s of the sender's clock, so "
            f"the spread can't be told from chance; {harness.calmer}"
        )
    return tally.judgement(f"{fact}")


def _unsteadiness(harness: SenderHarness, endpoint: Endpoint) -> float:
    """Return by how much the ten first attempts differed in the time that they took.

    It is in seconds of the sender's clock. A busy machine spreads retries as well.
    """
    took = [
        seen[0].began - harness.triggered[mark]
        for mark in endpoint.marks
        if (seen := endpoint.seen(mark))
    ]
    return harness.sender(max(took, default=0.0) - min(took, default=0.0))


def _too_few(
    harness: SenderHarness, tally: Tally, endpoint: Endpoint, marks: list[str]
) -> None:
    for mark in marks:
        missing(harness, tally, endpoint, mark, "500")
    if not tally.failed:
        tally.doubt("too few delays were seen; give --speed or more --patience")


def _promise(harness: SenderHarness) -> Steps:
    endpoint = always_500(harness)
    mark = yield COMMON
    promised = harness.promise.delays
    tally = Tally()
    if promised is None:
        tally.doubt("no schedule is promised; give --schedule or --profile")
        return tally.judgement("")
    _, high = _jitter_of(harness)
    fits = 0
    while fits < len(promised) and (
        sum(promised[: fits + 1]) * high < harness.longest_wait * 0.9
    ):
        fits += 1
    yield Wait(lambda: len(endpoint.seen(mark)) > fits, harness.longest_wait)
    seen = endpoint.seen(mark)
    if not fits or not seen:
        tally.doubt(
            "no delay of the schedule fits into the patience; give --speed or more "
            "--patience"
        )
        return tally.judgement("")
    tally.control()
    gaps = harness.gaps(seen)[:fits]
    as_promised(harness, tally, seen, gaps)
    if tally.failed and not (yield from _confirmed(harness, fits)):
        tally = Tally()
        shown = ", ".join(f"{gap:.1f}" for gap in gaps)
        tally.doubt(
            f"the delays of one event, {shown} s, are not those of the schedule, but "
            f"those of another are; {harness.calmer}"
        )
    if len(gaps) < fits:
        missing(harness, tally, endpoint, mark, "500")
    shown = ", ".join(f"{gap:.1f}" for gap in gaps)
    return tally.judgement(f"{len(gaps)} of {len(promised)} delays measured: {shown} s")


def _confirmed(harness: SenderHarness, fits: int) -> Generator[Wait, bool, bool]:
    """Measure the delays of two more events; return whether both are wrong again."""
    endpoint = harness.endpoint("500-again", FAIL)
    marks = [harness.event(endpoint) for _ in range(2)]
    yield Wait(
        lambda: all(len(endpoint.seen(mark)) > fits for mark in marks),
        harness.longest_wait,
    )
    wrong = 0
    for mark in marks:
        tally, seen = Tally(), endpoint.seen(mark)
        as_promised(harness, tally, seen, harness.gaps(seen)[:fits])
        wrong += tally.failed
    return wrong == len(marks)


def _jitter_of(harness: SenderHarness) -> tuple[float, float]:
    return harness.promise.jitter or (0.8, 1.2)


def as_promised(
    harness: SenderHarness,
    tally: Tally,
    seen: Sequence[Sighting],
    gaps: Sequence[float],
) -> None:
    """Tally whether the delays between these attempts are the promised ones."""
    promised = harness.promise.delays or ()
    low, high = _jitter_of(harness)
    for place, (gap, delay) in enumerate(zip(gaps, promised, strict=False), 1):
        least, most = delay * low - 1.0, delay * high + harness.slack + 1.0
        late = max(harness.late, harness.backlog)
        if most < gap <= most + late:
            tally.doubt(
                f"delay {place} was {gap:.1f} s, but first attempts or this machine "
                f"were late by up to {late:.0f} s of the sender's clock; "
                f"{harness.calmer}"
            )
        elif not least - harness.slack / 3 <= gap <= most:
            until = f" to {delay * high:g}" if high > low else ""
            tally.complain(
                f"delay {place} was {gap:.1f} s, but {delay * low:g}{until} s was "
                "promised",
                *seen[place - 1 : place + 1],
            )


PROBES = (
    Probe(
        id="backoff.grows",
        title="the delays between retries do not grow",
        sent="the endpoint responds with 500 to the first three attempts of ten events",
        wanted="delays that grow by a factor of at least 1.3",
        why="a thousand retries per minute, with delays that never grow, keep a "
        "failing receiver down",
        mend="use exponential backoff with a cap",
        source="LepistaBioinformatics/mycelium#192, django-webhook 0.0.15",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        run=_grows,
        group=Group.EVENTS,
        needs=RETRIES,
        explained_by=("retry.500",),
    ),
    Probe(
        id="backoff.jitter",
        title="events that failed together are retried together",
        sent="the endpoint responds with 500 to ten events at once",
        wanted="retries that are spread over at least 10% of the delay",
        why="deliveries that failed together retry together (a thundering herd)",
        mend="choose each delay at random between 0 and the planned one (full jitter)",
        source="standard-webhooks/standard-webhooks (specification: random jitter)",
        severity=Severity.LOW,
        who=Who.NOBODY,
        run=_jitter,
        group=Group.EVENTS,
        needs=RETRIES,
        explained_by=("retry.500",),
    ),
    Probe(
        id="backoff.promise",
        title="the delays are not those of the promised schedule",
        sent="the endpoint responds with 500 to every attempt",
        wanted="all delays of the promised schedule",
        why="operators of receivers rely on the published schedule",
        mend="test that the delays follow the schedule, even across a restart",
        source="reapit/foundations#10591",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        run=_promise,
        needs=RETRIES,
        explained_by=("retry.500", "backoff.grows"),
    ),
)
