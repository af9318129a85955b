"""Judge retries and their delays in a stream of deliveries."""

from collections.abc import Callable, Sequence

from labkit.examine_sender import retry_after
from labkit.examine_sender.delays import (
    ENOUGH,
    as_promised,
    columns_of,
    growing,
    spread_out,
)
from labkit.examine_sender.deliveries import (
    REDIRECTS,
    Stream,
    accepted,
    failed_by,
)
from labkit.examine_sender.final import repeats, sent_after_gone
from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.probe import Judgement, unknown
from labkit.examine_sender.retries import given_up_after
from labkit.examine_sender.tally import Tally
from labkit.examine_sender.waiting import absent
from labkit.timeline.words import counted
from labkit.witness import Sighting

UNANSWERED = (
    "a connection reset",
    "a close before the status",
    "bytes that are not HTTP",
)
HANG = "no response at all"

Judge = Callable[[SenderHarness, Stream], Judgement]


def _retried_after(*kinds: str) -> Judge:
    """Return the judge of deliveries whose first attempt got one of these."""

    def judged(harness: SenderHarness, stream: Stream) -> Judgement:
        cases = [d for d in stream.deliveries if failed_by(d[0], *kinds)]
        if not cases:
            return unknown(
                f"no first attempt got one of: {', '.join(kinds)}; with --fail-share "
                "some do"
            )
        tally = Tally()
        for seen in cases:
            _came_again(harness, stream, tally, seen)
        shown = sorted({seen[0].behaviour for seen in cases})
        return tally.judgement(
            f"{counted(len(cases), 'event')} came again after: {'; '.join(shown)}"
        )

    return judged


def _came_again(
    harness: SenderHarness, stream: Stream, tally: Tally, seen: Sequence[Sighting]
) -> bool:
    if len(seen) > 1:
        tally.control()
        return True
    waited = harness.sender(stream.end - seen[-1].ended)
    absent(harness, tally, seen, seen[-1].behaviour, waited)
    return False


def _timeout(harness: SenderHarness, stream: Stream) -> Judgement:
    cases = [d for d in stream.deliveries if failed_by(d[0], HANG)]
    if not cases:
        return unknown("no attempt was left without a response")
    tally = Tally()
    for seen in cases:
        held = given_up_after(harness, tally, seen[0], stream.end)
        if held is not None:
            _came_again(harness, stream, tally, seen)
    return tally.judgement("given up, then retried")


def _after(harness: SenderHarness, stream: Stream) -> Judgement:
    cases = [
        (seconds, seen)
        for seen in stream.deliveries
        if (seconds := stream.wish(seen[0])) is not None
    ]
    if not cases:
        return unknown("no response carried a Retry-After")
    tally = Tally()
    for seconds, seen in cases:
        asked = retry_after.Asked(seconds, [])
        asked.learn(harness)
        if _came_again(harness, stream, tally, seen):
            what = seen[0].behaviour
            retry_after.in_time(harness, tally, what, seen, asked)
    return tally.judgement(
        f"not before the requested time, in {len(cases)} deliveries; dates, invalid "
        "values and very long delays were not tried"
    )


def _gone(harness: SenderHarness, stream: Stream) -> Judgement:
    cases = [d for d in stream.deliveries if failed_by(d[0], "410")]
    tally = Tally()
    for seen in cases:
        sent_after_gone(tally, seen)
    tally.doubt("no 410 is sent, because it may disable the endpoint")
    return tally.judgement("")


def _400(harness: SenderHarness, stream: Stream) -> Judgement:
    never = harness.promise.never_retried
    cases = [
        d
        for d in stream.deliveries
        if failed_by(d[0], "400", "401", "404", "413", "422")
    ]
    if not cases:
        return unknown("no 4xx is sent, because it may end the delivery")
    if never is None:
        return unknown("nothing is promised (--never-retried)")
    tally = Tally()
    for seen in cases:
        status = int(seen[0].behaviour[:3])
        if status not in never:
            _came_again(harness, stream, tally, seen)
        elif len(seen) > 1:
            tally.complain(f"{status} is retried, against the promise", *seen)
        else:
            tally.doubt(f"the stream may have ended before a retry after {status}")
    return tally.judgement("as promised")


def _success(harness: SenderHarness, stream: Stream) -> Judgement:
    tally = Tally()
    done = [d for d in stream.deliveries if any(accepted(s) for s in d)]
    settled = 0
    for seen in done:
        first = next(place for place, s in enumerate(seen) if accepted(s))
        apart = [s for s in seen[first + 1 :] if s.began >= (seen[first].closed or 0)]
        repeats(tally, [seen[first], *apart], seen[first].behaviour)
        waited = harness.sender(stream.end - seen[first].ended)
        settled += waited > harness.absence_wait
    if not done:
        tally.doubt("it is not known which responses the sender has read to the end")
    elif not harness.first_gaps():
        tally.doubt("no retry was seen, so the absence of one says nothing")
    elif not settled:
        tally.doubt("the stream ended before a retry could have come")
    tally.control(settled)
    return tally.judgement(f"one attempt each, of {counted(settled, 'accepted event')}")


def _grows(harness: SenderHarness, stream: Stream) -> Judgement:
    columns = columns_of(stream.rows)
    if len(columns) < 2:
        return unknown(_too_few(stream, 2))
    return growing(harness, Tally(), columns, stream.repeated[0][:3])


def _jitter(harness: SenderHarness, stream: Stream) -> Judgement:
    columns = columns_of(stream.rows)
    if not columns:
        return unknown(_too_few(stream, 1))
    return spread_out(harness, Tally(), columns)


def _too_few(stream: Stream, failures: int) -> str:
    found = sum(len(row) >= failures for row in stream.rows)
    times = "once" if failures == 1 else "twice"
    return (
        f"{counted(found, 'failed event')} came again after failing {times} "
        f"with a 5xx, and {ENOUGH} are needed"
    )


def _promise(harness: SenderHarness, stream: Stream) -> Judgement:
    if harness.promise.delays is None:
        return unknown("no schedule is promised; give --schedule or --profile")
    tally = Tally()
    for seen, gaps in stream.failing:
        if gaps:
            tally.control()
            as_promised(harness, tally, seen, gaps)
    count = sum(map(len, stream.rows))
    return tally.judgement(f"{count} delays of {len(stream.rows)} deliveries")


def _redirected(harness: SenderHarness, stream: Stream) -> Judgement:
    if stream.strays:
        return unknown("redirects were followed, so what they count as is not known")
    return _retried_after(*REDIRECTS, "300", "304")(harness, stream)


RETRIES: dict[str, Judge] = {
    "retry.500": _retried_after("500", "502", "503", "504"),
    "retry.429": _retried_after("429", "408", "425"),
    "retry.reset": _retried_after(*UNANSWERED),
    "retry.timeout": _timeout,
    "retry.after": _after,
    "retry.gone": _gone,
    "retry.400": _400,
    "retry.success": _success,
    "retry.redirect-is-failure": _redirected,
    "backoff.grows": _grows,
    "backoff.jitter": _jitter,
    "backoff.promise": _promise,
}
