"""The receiver's process crashes and is restarted: no event is lost or duplicated."""

import dataclasses
import itertools
import threading
import time

from labkit.errors import BadSetting
from labkit.findings import Severity, Who
from labkit.probes import forge
from labkit.probes.endpoint import Need
from labkit.probes.exchange import Draft, Exchange
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe
from labkit.probes.tally import Tally

NEEDS = frozenset({Need.EFFECTS, Need.RESTART})

BURST = 10
WORKERS = 4
MOST = 120
"""How many events are on their way at most while the receiver dies."""

REVIVAL = 20.0
"""How long a restart may take, in seconds."""

ANSWERS = 3
"""How many answers in a row show that it is back."""

_TRIES = 3


def restarted(harness: Harness) -> None:
    """Kill the receiver, start it again, and wait until it listens."""
    if harness.levers.restart is None:
        raise BadSetting(f"the receiver can't be restarted; give {Need.RESTART}")
    harness.levers.restart()
    end = time.monotonic() + REVIVAL
    in_a_row = 0
    while in_a_row < ANSWERS:
        # For a moment the dead process's socket may still take connections.
        in_a_row = in_a_row + 1 if _answers(harness) else 0
        if time.monotonic() > end:
            raise BadSetting(
                f"{REVIVAL:.0f} s after the --restart command, nothing responds at "
                f"{harness.endpoint.url}; the command must start the receiver again"
            )
        harness.pause(0.05)
    harness.restarts += 1
    harness.forget_silences()


def _restarted_counting(harness: Harness) -> None:
    """Restart the receiver; raises BadSetting if it forgets how much it has done."""
    before = harness.counter.number()
    restarted(harness)
    harness.counter.unfallen(before)


def _answers(harness: Harness) -> bool:
    known = harness.contact.get("GET")
    if known and known.response.problem == "timed out":
        draft = harness.draft()
        request = harness.seal(draft.body, id=draft.id, change=forge.altered)
    else:
        # A forged event may be the very request that ends the process.
        request = dataclasses.replace(harness.request(b"", ()), method="GET")
    answer = harness.send("is it back?", request, timeout=2).response
    return answer.status is not None


def _between_copies(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()

    def act() -> None:
        tally.accept(harness.deliver("before", draft))
        # Work that is put off must not count as lost here; another probe asks for it.
        harness.pause(0.5)
        _restarted_counting(harness)
        tally.accept(harness.deliver("after", draft))

    gained = harness.effects_of(act, wanted=1)
    tally.effects("one event, before and after a restart", gained, 1)
    return tally.judgement("one effect; the id was still known after the restart")


def _after_answer(harness: Harness) -> Judgement:
    tally = Tally(harness)
    drafts = [harness.draft() for _ in range(BURST)]
    requests = [harness.seal(draft.body, id=draft.id) for draft in drafts]
    acknowledged: list[Exchange] = []

    def act() -> None:
        exchanges = harness.send_at_once("one of many", requests)
        acknowledged.extend(e for e in exchanges if harness.acknowledged(e.response))
        _restarted_counting(harness)

    gained = harness.effects_of(act, wanted=lambda: len(acknowledged))
    if gained < len(acknowledged):
        tally.complain(
            f"{len(acknowledged)} events acknowledged, then the process was killed; "
            f"{gained:g} processed, {len(acknowledged) - gained:g} lost"
        )
    if not acknowledged:
        tally.doubt("none of the events was acknowledged, so none could get lost")
    return tally.judgement(f"{len(acknowledged)} acknowledged, {gained:g} processed")


def _in_the_middle(harness: Harness) -> Judgement:
    tally = Tally(harness)
    drafts: list[Draft] = []

    def act() -> None:
        drafts.extend(_stream_while_it_dies(harness))
        for draft in drafts:
            _deliver_until_acknowledged(harness, draft)

    gained = harness.effects_of(act, wanted=lambda: len(drafts))
    tally.effects(
        f"{len(drafts)} events around a crash, all sent again afterwards",
        gained,
        len(drafts),
    )
    return tally.judgement(f"{len(drafts)} events around a crash, {gained:g} effects")


def _stream_while_it_dies(harness: Harness) -> list[Draft]:
    """Deliver from several threads until the receiver is back; return what was sent."""
    drafts: list[Draft] = []
    over = threading.Event()
    places = itertools.count()

    def deliver() -> None:
        while not over.is_set() and next(places) < MOST:
            draft = harness.draft()
            drafts.append(draft)
            answered = (
                harness.deliver("in the middle", draft).response.status is not None
            )
            over.wait(0.002 if answered else 0.1)

    threads = [threading.Thread(target=deliver, daemon=True) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    try:
        harness.pause(0.05)
        _restarted_counting(harness)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    return drafts


def _deliver_until_acknowledged(harness: Harness, draft: Draft) -> None:
    for number in range(_TRIES):
        if harness.acknowledged(harness.deliver("again", draft).response):
            return
        harness.pause(0.05 * number)


PROBES = (
    Probe(
        id="crash.between-copies",
        sent="an event, and after a restart the same event again",
        wanted="one effect",
        why="ids that are kept in memory are lost with every deployment",
        mend="keep ids in the database in which the effect is stored",
        source="aashutoshkumarbhardwaj/CreatorOs#732, elasticclaw/elasticclaw#112",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("CWE-837",),
        run=_between_copies,
        needs=NEEDS,
    ),
    Probe(
        id="crash.after-answer",
        title="acknowledged events are lost when the process ends",
        sent=(
            f"{BURST} events at once; the process is killed as soon as they are "
            "acknowledged"
        ),
        wanted="an effect for each event that was acknowledged",
        why=(
            "the provider does not send an acknowledged event again; work that waits "
            "in memory is lost with the process"
        ),
        mend="store the event before you acknowledge it, and process it from the store",
        source="openclaw/openclaw#110526, elie222/inbox-zero#880",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("CWE-460",),
        run=_after_answer,
        needs=NEEDS,
    ),
    Probe(
        id="crash.in-the-middle",
        title="events around a crash do not have one effect each",
        sent=(
            "a stream of events during which the process is killed, then all of them "
            "again"
        ),
        wanted="one effect for each, none lost, none duplicated",
        why=(
            "a crash between the claim and the effect loses the event; a crash "
            "between the effect and its record duplicates it"
        ),
        mend="write the event's id and its effect in one transaction",
        source="postel-sh/postel#129, langfuse/langfuse#15463",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("CWE-460",),
        run=_in_the_middle,
        needs=NEEDS,
    ),
)
