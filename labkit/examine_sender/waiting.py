"""Steps that many probes share: wait for attempts, or for their absence."""

from collections.abc import Collection, Generator, Sequence

from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.probe import Wait
from labkit.examine_sender.tally import Tally
from labkit.witness import Endpoint, Sighting

Pause = Generator[Wait, bool, bool]


def attempts(
    harness: SenderHarness,
    endpoint: Endpoint,
    mark: str,
    count: int,
    seconds: float = 0.0,
) -> Pause:
    """Wait until that many attempts arrived; return whether they did."""
    limit = seconds or harness.retry_wait(max(1, count - 1))
    return (yield Wait(lambda: len(endpoint.seen(mark)) >= count, limit))


def arrival(harness: SenderHarness, endpoint: Endpoint, mark: str) -> Pause:
    """Wait for the first attempt; return whether it came."""
    return (yield Wait(lambda: bool(endpoint.seen(mark)), arrival_wait(harness)))


def arrival_wait(harness: SenderHarness) -> float:
    """Return how long to wait for a first attempt, in seconds of the sender's clock.

    A sender may call the endpoints of a group one after the other.
    """
    calls = max(10, 2 * len(harness.registered))
    return harness.sender(min(harness.patience, harness.learned.latency * calls + 5))


def silence(harness: SenderHarness, *, since: float | None = None) -> Pause:
    """Wait as long as no further attempt must come; return whether that was possible.

    It is possible if a retry was seen at an endpoint with 500: only such a retry shows
    how long the sender's delay is. Without a promise a second one is waited for, too.
    """
    start = harness.now() if since is None else since

    def over() -> bool:
        known = bool(harness.retry_gaps())
        return known and harness.now() - start > harness.absence_wait

    yield Wait(over, harness.longest_wait)
    return bool(harness.first_gaps())


def second_attempts(
    harness: SenderHarness, endpoints: Collection[Endpoint], mark: str
) -> Pause:
    """Wait until each of them got a second attempt, or until its absence is judged."""

    def retried_all() -> bool:
        return all(len(e.seen(mark)) > 1 for e in endpoints)

    def judged() -> bool:
        return all(len(e.seen(mark)) > 1 or overdue(e.seen(mark)) for e in endpoints)

    def overdue(seen: tuple[Sighting, ...]) -> bool:
        return len(seen) == 1 and _overdue(harness, seen, harness.since(seen[0]))

    done = yield Wait(retried_all, harness.retry_wait())
    # A busy sender makes its first attempts late: then retries may be late as well.
    if not done and harness.first_gaps():
        yield Wait(judged, harness.longest_wait)
    return done


def _overdue(harness: SenderHarness, seen: Sequence[Sighting], waited: float) -> bool:
    """Tell whether the second attempt should be there, as one came after a 500."""
    gaps = harness.retry_gaps()
    if len(seen) != 1 or not gaps:
        return False
    spare = harness.slack + max(harness.backlog, harness.unserved)
    # With jitter, the one after the 500 may have come early by chance.
    longest = max(*gaps, harness.promised_wait(1))
    return waited > 2 * longest + spare


def missing(
    harness: SenderHarness, tally: Tally, endpoint: Endpoint, mark: str, what: str
) -> None:
    """Complain that a further attempt did not come, or doubt it."""
    seen = endpoint.seen(mark)
    if not seen:
        tally.arrived(endpoint, mark, what)
        return
    absent(harness, tally, seen, what, harness.since(seen[-1]))


def absent(
    harness: SenderHarness,
    tally: Tally,
    seen: Sequence[Sighting],
    what: str,
    waited: float,
) -> None:
    """Complain that no attempt came after the ones that were seen, or doubt it.

    `waited` is in seconds of the sender's clock. It fails if the attempt is promised
    within that time, if another delivery got its retry in that time, or if it is five
    minutes.
    """
    fact = f"after {what}, no {_next(len(seen))} attempt came within {waited:.0f} s"
    promised = harness.promise.delays
    due = harness.promised_wait(len(seen))
    spare = harness.slack + max(harness.backlog, harness.unserved)
    if _overdue(harness, seen, waited):
        elsewhere = max(harness.retry_gaps())
        tally.complain(
            f"{fact}; at an endpoint with 500 it came after {elsewhere:.1f} s", *seen
        )
    elif (due and waited > 2 * due + spare) or (promised is None and waited >= 300):
        tally.complain(fact, *seen)
    else:
        tally.doubt(f"{fact}; give --schedule, --speed or more --patience")


def _next(made: int) -> str:
    """Name the attempt after that many, such as "second"."""
    names = ("first", "second", "third", "fourth", "fifth", "sixth")
    return names[made] if made < len(names) else f"{made + 1}th"


def retried(
    harness: SenderHarness, tally: Tally, endpoint: Endpoint, mark: str, what: str
) -> bool:
    """Tally whether a second attempt came; return it."""
    if len(endpoint.seen(mark)) >= 2:
        tally.control()
        return True
    missing(harness, tally, endpoint, mark, what)
    return False
