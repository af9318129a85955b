"""Whether a `Retry-After` header is kept, within limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.identity import OK, RETRIES, always_500
from labkit.examine_sender.probe import COMMON, Probe, Steps, Wait
from labkit.examine_sender.tally import Tally
from labkit.examine_sender.waiting import missing
from labkit.findings import Severity, Who
from labkit.witness import Endpoint, Respond, Sighting

DATED = "429 with Retry-After: a date"
ENDLESS = "429 with Retry-After: 1000000000"
MUCH_LATER = 10
"""How many times the requested delay no busy machine explains."""

LONGEST_CAP = 86_400.0
"""A cap that is longer than this many seconds is none."""


@dataclass(slots=True)
class Asked:
    """What was asked for: `seconds`, or the same as one of the `dates` that were sent.

    `latest` is the delay from which on an attempt is late. `own` is the sender's own
    delay after a 500.
    """

    seconds: float
    dates: list[str]
    own: float = 0.0
    latest: float = 0.0

    def learn(self, harness: SenderHarness) -> None:
        """Fill in what the deliveries that got a 500 show."""
        self.own = max(harness.first_gaps(), default=0.0)
        # What delays first attempts, which are due at once, delays these as well.
        late = self.own + max(harness.late, harness.backlog)
        self.latest = 3 * self.seconds + harness.slack + late


def _after(harness: SenderHarness) -> Steps:
    asked = Asked(wish(harness), [])
    always_500(harness)
    kept = _kept(harness, asked)
    ignored = {
        f"429 with Retry-After: {text}": Respond(429, (("Retry-After", text),))
        for text in ("0", "-1", "x")
    }
    ignored[ENDLESS] = Respond(429, (("Retry-After", ENDLESS.rpartition(" ")[2]),))
    endpoints = {
        what: harness.shared(f"after-{place}", behaviour, OK)
        for place, (what, behaviour) in enumerate((kept | ignored).items())
    }
    mark = yield COMMON
    yield Wait(
        lambda: all(len(e.seen(mark)) > 1 for e in endpoints.values()),
        harness.longest_wait,
    )
    tally = Tally()
    asked.learn(harness)
    for what, endpoint in endpoints.items():
        if len(endpoint.seen(mark)) < 2:
            _no_retry(
                harness, tally, endpoint, mark, what, asked if what in kept else None
            )
            continue
        tally.control()
        if what in kept:
            in_time(harness, tally, what, endpoint.seen(mark), asked)
    return tally.judgement(
        f"not before {asked.seconds:g} s, and invalid values are ignored"
    )


def wish(harness: SenderHarness) -> float:
    """Return a delay in seconds that can be told from the sender's own."""
    planned = harness.promise.delays
    return max(7.0, 2.0 * planned[0]) if planned else 7.0


def _kept(harness: SenderHarness, asked: Asked) -> dict[str, Respond]:
    """Return the responses with a delay that is to be kept."""
    text = f"{asked.seconds:g}"
    kept = {
        f"{status} with Retry-After: {text}": Respond(status, (("Retry-After", text),))
        for status in (429, 503)
    }

    def dated() -> str:
        asked.dates.append(harness.sender_date(asked.seconds + 2))
        return asked.dates[-1]

    # The sender's time is known by its timestamps, or because it is the kit's.
    if harness.clock.speed == 1 or harness.scheme is not None or harness.time_header:
        kept[DATED] = Respond(429, (("Retry-After", dated),))
    return kept


def _no_retry(
    harness: SenderHarness,
    tally: Tally,
    endpoint: Endpoint,
    mark: str,
    what: str,
    asked: Asked | None,
) -> None:
    """Tally that no second attempt came; `asked` is None if nothing is to be kept."""
    waited = harness.longest_wait
    seen = endpoint.seen(mark)
    if what == ENDLESS and waited < LONGEST_CAP:
        tally.doubt(
            f"after {what}, no attempt came within {waited:.0f} s; a cap may be longer"
        )
    elif asked and seen and (since := harness.since(seen[0])) < asked.latest:
        tally.doubt(
            f"after {what}, no attempt came within {since:.0f} s; give more --patience"
        )
    else:
        missing(harness, tally, endpoint, mark, what)


def in_time(
    harness: SenderHarness,
    tally: Tally,
    what: str,
    seen: Sequence[Sighting],
    asked: Asked,
) -> None:
    """Tally whether the second attempt was made at the time that was asked for."""
    gap = harness.gap(seen[0], seen[1])
    if _early(harness, what, seen, gap, asked):
        fact = f"after {what}, the next attempt came after {gap:.1f} s"
        tally.complain(fact, *seen[:2])
    elif asked.own >= asked.seconds * 0.9:
        tally.doubt(
            f"its own delay of {asked.own:.0f} s is as long as {asked.seconds:g} s "
            "anyway"
        )
    elif gap > asked.latest:
        fact = f"after {what}, the next attempt came only after {gap:.1f} s"
        if gap > MUCH_LATER * asked.seconds + asked.latest:
            tally.complain(fact, *seen[:2])
        else:
            tally.doubt(f"{fact}; {harness.calmer}")


def _early(
    harness: SenderHarness,
    what: str,
    seen: Sequence[Sighting],
    gap: float,
    asked: Asked,
) -> bool:
    """Tell whether the second attempt was made too early.

    The kit knows the sender's time only by its timestamps, and a request needs time to
    arrive. So a date is compared with a timestamp; otherwise, the delay has to do.
    """
    least = asked.seconds * 0.98 - 0.1
    if what != DATED:
        return gap < least
    first, second = (harness.claimed_time(sighting.request) for sighting in seen[:2])
    if first is None or second is None or first == second:
        return gap < least - max(harness.late, harness.backlog)
    return second < parsedate_to_datetime(asked.dates[0]).timestamp() - 1


PROBES = (
    Probe(
        id="retry.after",
        title="a Retry-After header is ignored, or delays a retry for too long",
        sent=(
            "endpoints respond with 429 and 503, with Retry-After: seconds, a date, 0, "
            "-1, x and 1000000000"
        ),
        wanted="no attempt before the requested time; a cap; invalid values ignored",
        why=(
            "the sender overloads a receiver that asked for time, or delays the event "
            "without a limit"
        ),
        mend="honour Retry-After between a lower and an upper limit",
        source="svix/svix-webhooks#2203, marimo-team/marimohub#207",
        severity=Severity.MEDIUM,
        who=Who.OWNER,
        references=("RFC 9110, 10.2.3",),
        run=_after,
        needs=RETRIES,
        explained_by=("retry.500", "retry.429"),
    ),
)
