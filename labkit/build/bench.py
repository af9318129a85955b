"""What `labkit dev bench` does: measure sender and explorer beside their floors.

A floor is the same work without the kit around it. Both are measured in turns and the
best of several counts, because the machine may be busy with other things. Work within
one thread is timed by the processor's clock, work over sockets by the wall's.
"""

import gc
import hashlib
import json
import statistics
import sys
import time
import timeit
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from labkit import examine
from labkit.build.benched import (
    SECRET,
    bare_app,
    bare_waitress,
    call,
    shop,
    verifying_app,
)
from labkit.build.waits import (
    STARTS,
    check_seconds,
    first_page_seconds,
    import_seconds,
)
from labkit.explore import pace
from labkit.faults import FAULTS, Duplicate, Fault, LoseResponse, Refuse
from labkit.history import History
from labkit.model import Event, Request
from labkit.receiver import Receiver
from labkit.samples import payments
from labkit.sender import simulate
from labkit.transport import Endpoint, WsgiApp

EVERY = 27.0
"""Seconds between two events: 10,000 of them take as long as one whole schedule."""

KNOWN_DIGEST = "7b5eeed4ae1ba98c729e86fb37d2ac80207a02e848e8082b50cad20df1d0cb11"
"""SHA-256 of the history that `determinism` makes, on every machine and Python."""

DIGESTED = """
BreakRequest ChangeFormat CrashReceiver Delay DoubleHeader DropHeader Duplicate
FutureClock LoseRequest LoseResponse Outage RateLimit Redirect Refuse Reorder
Replay ResetResponse RotatedSecret ServerError SlowBody SlowResponse StaleClock
Tamper TamperSignature Truncate Unreachable
"""
"""The faults of that history. A fault that is added later does not belong to it."""

Tell = Callable[[str], object]
Clock = Callable[[], float]
Work = Callable[[float], "Measurement"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One line of the table; `value` is what the bound is about."""

    what: str
    value: float
    unit: str
    bound: float
    at_least: bool
    detail: str

    @property
    def reached(self) -> bool:
        """Whether the value is within its bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def measure(
    works: Sequence[Work] | None = None,
    *,
    scale: float = 1.0,
    tell: Tell = lambda _: None,
) -> list[Measurement]:
    """Measure; `scale` is the part of the work to do, `tell` hears of it.

    Without `works` everything is measured, what people wait for too.
    """
    works = (*ENGINE, *WAITS) if works is None else works
    rows = []
    for measured in works:
        tell(f"measuring: {measured.__name__}")
        rows.append(measured(scale))
    return rows


def as_text(rows: Sequence[Measurement]) -> str:
    """Write the table for a terminal."""
    lines = [("", "measured", "must be", "", "")]
    for row in rows:
        sign = "≥" if row.at_least else "≤"
        lines.append(
            (
                row.what,
                f"{row.value:.4g} {row.unit}".strip(),
                f"{sign} {row.bound:g}",
                "reached" if row.reached else "NOT REACHED",
                row.detail,
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    version = f"Python {sys.version.split()[0]} on {sys.platform}"
    shown = [
        "  ".join(
            [text.ljust(width) for text, width in zip(line, widths, strict=False)]
            + [line[4]]
        ).rstrip()
        for line in lines
    ]
    return "\n".join([version, *shown])


def as_json(rows: Sequence[Measurement]) -> str:
    """Write the table as JSON."""
    table = [{**asdict(row), "reached": row.reached} for row in rows]
    return json.dumps({"python": sys.version.split()[0], "rows": table}, indent=2)


def simulation(scale: float) -> Measurement:
    """Deliver 10,000 events with every fault at 5 %, against bare calls of the app.

    The app takes longer between the steps of a simulation than in a row of bare calls,
    because its code and data have left the processor's cache meanwhile. The rate with
    an app that does next to nothing shows what the simulation itself takes.
    """
    events = payments(_part(10_000, scale), every=EVERY)
    app, empty = verifying_app(), bare_app()
    attempts: list[int] = []

    def deliver(to: WsgiApp) -> int:
        attempts.append(_attempts(_every_fault(to, events)))
        return attempts[-1]

    calls = len(events)
    floor, rate, alone = _best_rates(
        (
            lambda: call(app, events[0], calls),
            lambda: deliver(app),
            lambda: deliver(empty),
        ),
        rounds=5,
        clock=time.process_time,
    )
    detail = (
        f"{rate:,.0f} deliveries attempted a second against {floor:,.0f} bare calls; "
        f"{attempts[-1]:,} attempts of {len(events):,} events; {alone:,.0f} a second "
        "to an app without Flask"
    )
    return Measurement("simulation", rate / floor, "of the floor", 0.85, True, detail)


def slider(scale: float) -> Measurement:
    """Simulate 500 events with three faults, and draw them."""
    app, events, faults = verifying_app(), payments(500), _three_faults()
    drawn: list[float] = []
    simulated: list[float] = []
    for _ in range(7):
        began = time.process_time()
        history = simulate(app, events, secret=SECRET, profile="svix", faults=faults)
        simulated.append(time.process_time() - began)
        history.timeline().svg()
        drawn.append(time.process_time() - began)
    detail = f"of which {1000 * min(simulated):.0f} ms are the simulation"
    return Measurement("slider", 1000 * min(drawn), "ms", 120, False, detail)


def growth(scale: float) -> Measurement:
    """Compare the time for 30,000 events with that for 1,000.

    The faults strike each delivery by itself: a receiver that is down for all of them
    would make more work for each event, the more of them there are.
    """
    app = verifying_app()
    few = payments(_part(1_000, scale), every=EVERY)
    many = payments(30 * len(few), every=EVERY)

    def seconds(events: Sequence[Event]) -> float:
        gc.collect()
        began = time.process_time()
        simulate(app, events, secret=SECRET, faults=_three_faults())
        return time.process_time() - began

    # A long run meets the machine's good and bad moments alike; so must the short ones.
    short = [seconds(few) for _ in range(10)]
    long = [seconds(many)]
    short += [seconds(few) for _ in range(10)]
    long.append(seconds(many))
    short += [seconds(few) for _ in range(10)]
    one, thirty = statistics.mean(short), statistics.mean(long)
    detail = f"{one:.2f} s for {len(few):,} events, {thirty:.1f} s for {len(many):,}"
    return Measurement("growth", thirty / one, "times", 33, False, detail)


def memory(scale: float) -> Measurement:
    """Weigh a history of 100,000 attempts, without the events it tells of."""
    events = payments(_part(40_500, scale), every=EVERY)
    app = bare_app()
    _every_fault(app, events[:10])  # what is kept once for all runs
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        history = _every_fault(app, events)
        gc.collect()
        size = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    attempts = _attempts(history)
    detail = (
        f"{size / 1e6:.1f} MB for {attempts:,} attempts and {len(history.arrivals):,} "
        f"arrivals of {len(events):,} events"
    )
    return Measurement(
        "memory", size / attempts, "bytes an attempt", 200, False, detail
    )


def http(scale: float) -> Measurement:
    """Deliver over loopback to a Receiver, against the same app in plain waitress.

    Many short turns: threads that wait for each other feel a busy machine most.
    """
    events = payments(_part(400, scale), every=EVERY)
    app = verifying_app()

    def deliver(url: str) -> int:
        return _attempts(simulate(url, events, secret=SECRET))

    with bare_waitress(app) as bare, Receiver(app) as receiver:
        floor, rate = _best_rates(
            (lambda: deliver(bare), lambda: deliver(receiver.url)),
            rounds=25,
            clock=time.perf_counter,
        )
    detail = f"{rate:,.0f} deliveries a second against {floor:,.0f} to waitress"
    return Measurement("http", rate / floor, "of the floor", 1.0, True, detail)


def determinism(scale: float) -> Measurement:
    """Run the same seed in process and over HTTP, and compare with every other run."""
    in_process = digest(verifying_app())
    with Receiver(verifying_app()) as receiver:
        over_http = digest(receiver.url)
    alike = sum(each == KNOWN_DIGEST for each in (in_process, over_http))
    detail = f"SHA-256 {in_process[:12]} in process, {over_http[:12]} over HTTP"
    return Measurement("determinism", alike, "of 2 as ever", 2, True, detail)


def exploring(scale: float) -> Measurement:
    """Run two copies at once through the explorer, against plain handling of them."""
    event = payments(1)[0]
    headers = (("Content-Type", "application/json"),)
    copy = Request("POST", "/webhooks", headers, event.body)
    rounds = _part(300, scale)
    measured = pace(shop(), [copy, copy], lambda _: None, rounds=rounds)
    return Measurement(
        "exploring", measured.ratio, "times plain", 4, False, str(measured)
    )


def importing(scale: float) -> Measurement:
    """Import the kit in a new Python, against a new Python that imports nothing."""
    with_it, without = import_seconds(starts=_starts(scale))
    detail = f"{1000 * with_it:.0f} ms against {1000 * without:.0f} ms of bare Python"
    return Measurement("import", 1000 * (with_it - without), "ms", 100, False, detail)


def checking(scale: float) -> Measurement:
    """Check all stored answers, right and wrong, as the content check does."""
    from labkit.build import content

    found = [
        *content.answers(_TESTS / "right_answers"),
        *content.answers(_TESTS / "wrong_answers"),
    ]
    step = max(1, round(1 / scale))
    answers = [(f"{a.exercise}, {a.thought}", a.judge) for a in found[::step]]
    if not answers:
        return Measurement(
            "check", 0, "s", 2, False, "no answers: run it in the project"
        )
    spread = check_seconds(answers)
    bare, _ = import_seconds("pass", rounds=1, starts=_starts(scale))
    detail = f"{spread}; a bare Python starts in {1000 * bare:.0f} ms"
    return Measurement("check", spread.p95, "s", 2, False, detail)


def examining(_scale: float) -> Measurement:
    """Examine the app of lab 04 over loopback with every probe."""
    events = payments(200, every=EVERY)
    with Receiver(verifying_app()) as receiver:
        (rate,) = _best_rates(
            (lambda: _attempts(simulate(receiver.url, events, secret=SECRET)),),
            rounds=3,
            clock=time.perf_counter,
        )
        began = time.monotonic()
        endpoint = examine.endpoint_from(
            f"{receiver.url}/webhooks", scheme="generic", secret=SECRET
        )
        report = examine.examine(endpoint)
        took = time.monotonic() - began
    detail = (
        f"{len(report.results)} probes of a receiver that responds at once; as long as "
        f"{took * rate:,.0f} deliveries over HTTP"
    )
    return Measurement("examine", took, "s", 30, False, detail)


def first_page(_scale: float) -> Measurement:
    """Start JupyterLab as `make lab` does, until it serves its page."""
    took = first_page_seconds(_TESTS.parent)
    lab, bare = import_seconds("import jupyterlab.labapp", rounds=1, starts=1)
    detail = f"{took / lab:.1f} times the {lab:.1f} s that importing JupyterLab takes"
    return Measurement(
        "first page", took, "s", 20, False, f"{detail}; bare Python {bare:.2f}"
    )


def starting(scale: float) -> Measurement:
    """Start and stop a Receiver."""
    app = bare_app()

    def turn() -> None:
        with Receiver(app):
            pass

    took = min(timeit.repeat(turn, number=1, repeat=_part(100, scale)))
    return Measurement(
        "start", 1000 * took, "ms", 50, False, "to start and stop a receiver"
    )


ENGINE: tuple[Work, ...] = (
    *(simulation, slider, growth, memory, http, determinism, exploring),
)
"""What the engine is measured by."""

WAITS: tuple[Work, ...] = (importing, starting, checking, examining, first_page)
"""What people wait for."""

_TESTS = Path(__file__).parent.parent.parent / "tests"


def digest(endpoint: Endpoint) -> str:
    """Return the SHA-256 of a history with every fault in it, in hex."""
    events = payments(200, every=EVERY)
    lines = _every_fault(endpoint, events).to_jsonl()
    return hashlib.sha256(lines.encode()).hexdigest()


def _three_faults() -> list[Fault]:
    return [kind(probability=0.2) for kind in (LoseResponse, Duplicate, Refuse)]


def _every_fault(endpoint: Endpoint, events: Sequence[Event]) -> History:
    faults = [
        kind(probability=0.05) for kind in map(FAULTS.__getitem__, DIGESTED.split())
    ]
    return simulate(
        endpoint, events, secret=SECRET, profile="standard", faults=faults, seed=1
    )


def _best_rates(
    works: Sequence[Callable[[], int]], *, rounds: int, clock: Clock
) -> list[float]:
    """Do each work in turns; return how many times a second, at best, each was done."""
    best = [0.0] * len(works)
    for _ in range(rounds):
        for place, work in enumerate(works):
            gc.collect()
            began = clock()
            done = work()
            best[place] = max(best[place], done / (clock() - began))
    return best


def _attempts(history: History) -> int:
    return sum(len(delivery.attempts) for delivery in history.deliveries)


def _starts(scale: float) -> int:
    return max(1, round(STARTS * scale))


def _part(whole: int, scale: float) -> int:
    return max(10, round(whole * scale))
