"""What happens at the end of the schedule, and when an endpoint goes away."""

from collections import Counter
from collections.abc import Generator

from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.identity import FAIL
from labkit.examine_sender.probe import COMMON, Group, Need, Probe, Steps, Wait
from labkit.examine_sender.tally import Tally
from labkit.examine_sender.waiting import arrival, attempts, missing
from labkit.findings import Severity, Who
from labkit.witness import Endpoint


def _horizon(harness: SenderHarness) -> float | None:
    """Return the longest time that the schedule takes, or None if it does not fit."""
    delays = harness.promise.delays
    if not delays:
        return None
    largest = harness.promise.jitter[1] if harness.promise.jitter else 1.2
    total = sum(delays) * max(1.0, largest)
    return total if total * 1.1 < harness.longest_wait else None


def _to_the_end(
    harness: SenderHarness, tally: Tally, mark: str, endpoint: Endpoint
) -> Generator[Wait, bool, bool]:
    """Wait for the last attempt and a silence after it; return whether it was seen."""
    horizon = _horizon(harness)
    delays = harness.promise.delays or ()
    if horizon is None:
        tally.doubt(
            "the end of the schedule does not fit into the patience; give --schedule "
            "and --speed, or more --patience"
        )
        return False
    wanted = len(delays) + 1
    yield from attempts(
        harness, endpoint, mark, wanted, horizon * 1.2 + harness.slack * wanted
    )
    if len(endpoint.seen(mark)) < wanted:
        missing(harness, tally, endpoint, mark, "500")
        return False
    # The longest gap that was seen, three times: then no more attempts come.
    longest = max(harness.gaps(endpoint.seen(mark)), default=0.0)
    yield Wait(
        lambda: len(endpoint.seen(mark)) > wanted,
        min(harness.longest_wait, 3 * longest + harness.slack),
    )
    return True


def _dead_letter(harness: SenderHarness) -> Steps:
    counted = harness.levers.dead_letters
    assert counted is not None  # noqa: S101 - the probe needs it
    endpoint = harness.shared("to-the-end", FAIL)
    before = harness.kept.setdefault("dead", counted())
    mark = yield COMMON
    tally = Tally()
    if not (yield from _to_the_end(harness, tally, mark, endpoint)):
        return tally.judgement("")
    tally.control()
    seen = endpoint.seen(mark)
    wanted = len(harness.promise.delays or ()) + 1
    if len(seen) > wanted:
        tally.complain(
            f"{len(seen)} attempts were made, but {wanted} were promised", *seen
        )
    grown = counted() - float(str(before))
    # Other endpoints of this group may have failed to the end, too.
    if grown < 1:
        tally.complain("the number of dead letters did not grow", *seen[-1:])
    return tally.judgement(
        f"{len(seen)} attempts, then silence and {_dead_letters(grown)}"
    )


def _notice(harness: SenderHarness) -> Steps:
    counted = harness.levers.notices
    assert counted is not None  # noqa: S101 - the probe needs it
    endpoint = harness.shared("to-the-end", FAIL)
    before, start = counted(), harness.witness.count()
    mark = yield COMMON
    tally = Tally()
    if not (yield from _to_the_end(harness, tally, mark, endpoint)):
        return tally.judgement("")
    tally.control()
    grown = counted() - before
    failures = _failures(harness, start)
    strangers = [s for s in endpoint.seen() if not s.mark]
    if strangers:
        tally.complain("the notice went to the endpoint that fails", *strangers[:1])
    if grown < 1:
        tally.complain("no notice was sent")
    elif grown > failures:
        tally.complain(f"{grown:g} notices were sent for {_dead_letters(failures)}")
    return tally.judgement("one notice, and not to the endpoint that fails")


def _dead_letters(count: float) -> str:
    return "1 dead letter" if count == 1 else f"{count:g} dead letters"


def _failures(harness: SenderHarness, start: int) -> int:
    """Count the deliveries that came to their end since that sighting.

    Other endpoints of this group may have failed to the end, too, and so may one of an
    earlier group on a busy machine.
    """
    wanted = len(harness.promise.delays or ()) + 1
    latest = {(s.path, s.mark) for s in harness.witness.seen()[start:]}
    made = Counter((s.path, s.mark) for s in harness.witness.seen())
    return sum(made[each] >= wanted for each in latest)


def _disable(harness: SenderHarness) -> Steps:
    status = harness.levers.status
    assert status is not None  # noqa: S101 - the probe needs it
    least = harness.promise.disable_after
    horizon = _horizon(harness)
    tally = Tally()
    if not least or horizon is None:
        yield COMMON
        tally.doubt(
            "nothing is promised that fits into the patience; give --disable-after, "
            "--schedule and --speed"
        )
        return tally.judgement("")
    endpoint = harness.endpoint("disabled", FAIL)
    yield COMMON
    wait = horizon * 1.2 + harness.slack * 4
    wanted = len(harness.promise.delays or ()) + 1

    def exhausted(marks: list[str]) -> bool:
        return all(len(endpoint.seen(mark)) >= wanted for mark in marks)

    def fail(count: int) -> Generator[Wait, bool, bool]:
        marks = [harness.event(endpoint) for _ in range(count)]
        done = yield Wait(lambda: exhausted(marks), wait)
        yield Wait(lambda: False, harness.slack)
        return done

    # The common event has failed already: it is the first of the row.
    common = next(iter(endpoint.marks))
    done = yield Wait(lambda: exhausted([common]), wait)
    done = done and ((yield from fail(least - 2)) if least > 2 else True)
    good = harness.witness.new_mark()
    harness.trigger(good)
    yield from arrival(harness, endpoint, good)
    done = done and (yield from fail(least - 1))
    tally.control(len(endpoint.seen(good)))
    if "disab" in status(endpoint.id).lower():
        tally.complain(
            f"disabled after {least - 1} failures since the last success, but the "
            f"promise is {least} in a row"
        )
        return tally.judgement("")
    if not done:
        tally.doubt("the last attempt was not seen")
        return tally.judgement("")
    yield from fail(1)
    if "disab" not in status(endpoint.id).lower():
        tally.complain(f"still active after {least} deliveries failed in a row")
    else:
        later = harness.event(endpoint)
        yield Wait(lambda: bool(endpoint.seen(later)), harness.slack * 2)
        if endpoint.seen(later):
            tally.complain("events are still sent to a disabled endpoint")
        if harness.levers.enable is not None:
            harness.levers.enable(endpoint.id)
            again = harness.witness.new_mark()
            harness.trigger(again)
            if not (yield from arrival(harness, endpoint, again)):
                tally.complain("enabled again, but nothing is sent to it")
    return tally.judgement(f"disabled after {least} failures in a row, and not before")


def _deleted(harness: SenderHarness) -> Steps:
    endpoint = harness.endpoint("deleted", FAIL)
    control = harness.endpoint("not-deleted", FAIL)
    harness.references.append(control)
    mark = yield COMMON
    yield from arrival(harness, endpoint, mark)
    tally = Tally()
    if not tally.arrived(endpoint, mark, "500"):
        return tally.judgement("")
    harness.unregister(endpoint)
    yield Wait(lambda: False, harness.slack)  # an attempt may have begun already
    before = len(endpoint.seen(mark))
    # The first retry may have been sent before; then it is the second that counts.
    wanted = max(2, before + 1)
    yield from attempts(harness, control, mark, wanted)
    gaps = harness.gaps(control.seen(mark))
    control.open = False
    if len(gaps) < wanted - 1:
        missing(harness, tally, control, mark, "500")
        return tally.judgement("")
    wait = max(harness.absence_wait, 3 * gaps[-1] + harness.backlog)
    promised = harness.promise.delays or ()
    if len(promised) >= wanted - 1:
        largest = max(harness.promise.jitter[1] if harness.promise.jitter else 1.2, 1.0)
        wait = max(wait, promised[wanted - 2] * largest * 1.2 + harness.slack)
    yield from attempts(
        harness, endpoint, mark, before + 1, min(wait, harness.longest_wait)
    )
    endpoint.open = False  # a sender that goes on must not end in a notice
    tally.control()
    if len(endpoint.seen(mark)) > before:
        tally.complain(
            "a retry was sent after the endpoint was deleted", *endpoint.seen(mark)
        )
    return tally.judgement("no attempt after the endpoint was deleted")


END = frozenset({Need.REGISTER, Need.RETRIES})

PROBES = (
    Probe(
        id="end.dead-letter",
        title="the end of the schedule leaves no dead letter, or comes too late",
        sent="the endpoint responds with 500 until the last attempt",
        wanted="one dead letter, as many attempts as promised, then silence",
        why="no one learns that the event is lost, and no one can resend it",
        mend="keep the event as a dead letter, show it, and allow a resend",
        source="ashita-ai/tessera#336",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        run=_dead_letter,
        group=Group.ENDINGS,
        needs=END | {Need.DEAD_LETTERS},
        explained_by=("retry.500", "backoff.promise"),
    ),
    Probe(
        id="end.notice",
        title=(
            "the notice of a dead letter is missing, repeated, or sent to the failing "
            "endpoint"
        ),
        sent="the endpoint responds with 500 until the last attempt",
        wanted="one notice, through a channel other than the failing endpoint",
        why="the owner of the endpoint does not learn that events are lost",
        mend="notify the owner once, by e-mail or on a page",
        source="liwala/ay-framework#182, superduck-ai/open-managed-agents#290",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        run=_notice,
        group=Group.ENDINGS,
        needs=END | {Need.NOTICES},
        explained_by=("retry.500", "backoff.promise"),
    ),
    Probe(
        id="end.disable",
        title="an endpoint is not disabled and enabled as promised",
        sent=(
            "the endpoint responds with 500 to every attempt of several events, and "
            "once in between with 200"
        ),
        wanted=(
            "disabled after the promised number in a row; a success resets the count"
        ),
        why=(
            "dead endpoints cost work forever, or one bad hour disables a good endpoint"
        ),
        mend="count failures in a row, and reset the count at each success",
        source="bullet-train-co/bullet_train-core#24",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("Standard Webhooks: disabling endpoints",),
        run=_disable,
        group=Group.ALONE,
        needs=END | {Need.STATUS},
        explained_by=("retry.500",),
    ),
    Probe(
        id="end.deleted",
        title="a retry is sent to a deleted endpoint",
        sent="the endpoint responds with 500, and is deleted before the retry",
        wanted="no further attempt",
        why="events are sent to an address whose owner no longer wants them",
        mend="look the endpoint up before each attempt",
        source="svix/svix-webhooks#1511, keygen-sh/keygen-api#139",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        run=_deleted,
        group=Group.ENDINGS,
        needs=END | {Need.UNREGISTER},
        explained_by=("retry.500",),
    ),
)
