"""Events that arrive at the same moment: one effect each, none lost."""

import threading
import time

from labkit.findings import Severity, Who
from labkit.probes import forge
from labkit.probes.duplicates import EFFECTS, ONCE
from labkit.probes.exchange import Exchange
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe, Sign, unknown
from labkit.probes.tally import Tally

ROUNDS = (20, 20, 20, 8, 8, 8, 4, 4, 4, 2, 2, 2)
"""How many copies each round sends; few copies meet other gaps than many."""

EVENTS = 20

_UNSEEN = (
    "no duplicate effect in {rounds} rounds, which does not prove that there is no "
    "race; make the side effect slow, give its delay with --effect-delay, and examine "
    "again"
)


def _at_once(harness: Harness) -> Judgement:
    tally = Tally(harness)
    # A slow one leaves a large gap, and each round takes its time.
    rounds = ROUNDS[:: len(ROUNDS) // 4] if harness.slow else ROUNDS

    def act() -> None:
        for copies in rounds:
            draft = harness.draft()
            request = harness.seal(draft.body, id=draft.id)
            exchanges = harness.send_at_once("a copy", [request] * copies)
            if not any(harness.acknowledged(one.response) for one in exchanges):
                tally.complain("none of the copies was acknowledged", Sign.REJECTED)

    gained = harness.effects_of(act, wanted=len(rounds))
    label = f"{len(rounds)} events, each up to {max(rounds)} times at once"
    tally.effects(label, gained, len(rounds))
    if tally.complained:
        return tally.judgement("")
    if harness.levers.effect_delay:
        return _while_it_works(harness, tally)
    tally.doubt(_UNSEEN.format(rounds=len(rounds)))
    return tally.judgement("")


def _while_it_works(harness: Harness, tally: Tally) -> Judgement:
    """Send a copy while the first one is certainly at work on its slow effect.

    Passes only if the copy had to wait until the first was done. A receiver that checks
    before it acts would have looked by then, and have acted as well.
    """
    delay = harness.levers.effect_delay
    draft = harness.draft()
    ends: dict[str, float] = {}
    first: list[Exchange] = []

    def deliver_first() -> None:
        first.append(harness.deliver("the first", draft))
        ends["first"] = time.monotonic()

    def act() -> None:
        thread = threading.Thread(target=deliver_first, daemon=True)
        thread.start()
        harness.pause(delay / 3)
        other = harness.draft()
        request = harness.seal(other.body, id=other.id, change=forge.altered)
        started = time.monotonic()
        harness.send("a forged event meanwhile", request)
        ends["forged"] = time.monotonic() - started
        harness.deliver("a copy meanwhile", draft)
        ends["copy"] = time.monotonic()
        thread.join()

    gained = harness.effects_of(act, wanted=1)
    tally.effects("one event, and a copy while it was in progress", gained, 1)
    if tally.complained:
        return tally.judgement("")
    if first[0].response.seconds < 0.8 * delay:
        tally.doubt(
            f"the first response came after {first[0].response.seconds:.2f} s, so the "
            f"effect was not delayed by {delay:g} s, or it comes after the response"
        )
    elif ends["forged"] > delay / 3:
        tally.doubt(
            "a forged event was answered only after the first one, so the receiver "
            "serves one request at a time here and no race can appear"
        )
    elif ends["copy"] < ends["first"] - 0.1 * delay:
        tally.doubt(
            "the copy was answered while the first was in progress; whether the id is "
            "claimed in one step can't be seen from outside"
        )
    return tally.judgement(
        "a copy that arrived while the first was in progress waited for it, and had "
        "no effect of its own"
    )


def _burst(harness: Harness) -> Judgement:
    if not harness.accepts:
        return unknown("a valid event is rejected; fix valid.plain first")
    tally = Tally(harness)
    drafts = [harness.draft() for _ in range(EVENTS)]
    requests = [harness.seal(draft.body, id=draft.id) for draft in drafts]
    exchanges: list[Exchange] = []

    def act() -> None:
        exchanges.extend(harness.send_at_once("one of many", requests))
        # The provider sends again what was not acknowledged.
        for draft, exchange in zip(drafts, exchanges, strict=True):
            if not harness.acknowledged(exchange.response):
                harness.deliver("again", draft)

    gained = harness.effects_of(act, wanted=EVENTS)
    tally.effects(f"{EVENTS} different events at once", gained, EVENTS)
    return tally.judgement(f"{EVENTS} events, {EVENTS} effects")


PROBES = (
    Probe(
        id="duplicate.at-once",
        title="copies that arrive at the same moment are not processed once",
        sent="one event up to 20 times, the last bytes at the same moment; "
        f"{len(ROUNDS)} rounds",
        wanted="one effect each, and at least one delivery acknowledged",
        why=(
            "if a receiver looks for the id first and writes it later, another "
            "delivery can pass in between (a check-then-act race)"
        ),
        mend=ONCE,
        source="stellarBank/StellarBank#39, Ayushh-Sharmaa/NexaSphere#3848",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=(
            "CWE-362",
            "CWE-367",
        ),
        run=_at_once,
        needs=EFFECTS,
    ),
    Probe(
        id="duplicate.burst",
        title="events that arrive at the same moment are not all processed once",
        sent=f"{EVENTS} different events at the same moment, then again those that "
        "were not acknowledged",
        wanted=f"{EVENTS} effects",
        why="a provider that recovers from an outage sends many events at once",
        mend="let the database serialise writers (SQLite: a busy timeout, WAL)",
        source="docs.slack.dev, events API (30,000 an hour)",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-362",),
        run=_burst,
        needs=EFFECTS,
    ),
)
