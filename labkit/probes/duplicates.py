"""An event that arrives more than once must have one effect."""

import dataclasses

from labkit.findings import ProbeOutcome, Severity, Who
from labkit.model import Headers
from labkit.probes import forge
from labkit.probes.edits import with_header, with_more, without
from labkit.probes.endpoint import Need
from labkit.probes.exchange import Draft, Exchange
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe, Sign
from labkit.probes.sample import Ids
from labkit.probes.tally import Tally, events
from labkit.profiles import Profile
from labkit.signing import Scheme

EFFECTS = frozenset({Need.EFFECTS})

ONCE = (
    "write the event's id and its effect in one transaction, with a unique index on "
    "the id; a failed insert means that the event is a duplicate"
)
_KEY = "use the provider's event id as the key, from the signed part of the request"


def _answer(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    tally.accept(harness.deliver("the first", draft))
    for number in (2, 3):
        tally.accept(harness.deliver(f"copy {number}", draft))
    return tally.judgement("all three acknowledged")


def _in_turn(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()

    def act() -> None:
        for number in range(5):
            harness.deliver(f"copy {number + 1}", draft)

    tally.effects("one event sent five times", harness.effects_of(act, wanted=1), 1)
    return tally.judgement("five copies, one effect")


def _renewed(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()

    def act() -> None:
        # Other seconds, so that time and signature differ wherever they are signed.
        for age in (min(30.0, harness.tolerance / 3), 1, 0):
            t = harness.moment(-age)
            request = harness.seal(draft.body, id=draft.id, t=t)
            marks = (("X-Request-Id", f"req-{age}"), ("X-Delivery-Attempt", f"{age}"))
            harness.send("an attempt", with_more(request, marks))

    tally.effects("one event, three attempts", harness.effects_of(act, wanted=1), 1)
    return tally.judgement("three attempts, one effect")


def _distinct(harness: Harness) -> Judgement:
    tally = Tally(harness)
    first, second = harness.draft(), harness.draft()
    # The same second and the same type; ids that are text differ in their last letter.
    drafts = [first, second, harness.draft(), harness.draft()]
    if first.sample.form_of_ids is Ids.TEXT:
        drafts[2:] = [_renamed(harness.draft(), first.id + letter) for letter in "aA"]

    def act() -> None:
        for draft in drafts:
            tally.accept(harness.deliver(f"event {draft.id}", draft))

    gained = harness.effects_of(act, wanted=len(drafts))
    tally.effects("four events with ids of their own", gained, len(drafts))
    return tally.judgement("four events, four effects")


def _new_id(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    captured = harness.seal(draft.body, id=draft.id)
    name = harness.scheme.id_header
    exchanges: list[Exchange] = []

    def act() -> None:
        exchanges.append(harness.send("captured", captured))
        for number in range(3):
            other = f"{draft.id}replay{number}"
            request = captured
            # GitHub and Shopify tell receivers to use an id that is not signed.
            if name and harness.scheme.signs_id:
                request = with_header(captured, name, other)
            marks = tuple(
                (mark, other)
                for mark in ("X-Request-Id", "X-Delivery-Id", "Idempotency-Key")
            )
            exchanges.append(harness.send("replayed", with_more(request, marks)))

    gained = harness.effects_of(act, wanted=1)
    tally.accept(exchanges[0])
    tally.effects("one event, replayed three times under other ids", gained, 1)
    return tally.judgement("one effect")


def _no_id(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    sealed = harness.seal(draft.body, id=draft.id)
    request = without(sealed, harness.scheme.id_header or "")
    exchanges: list[Exchange] = []

    def act() -> None:
        exchanges.extend(harness.send("without its id", request) for _ in range(2))

    def wanted() -> int:
        return any(harness.acknowledged(exchange.response) for exchange in exchanges)

    gained = harness.effects_of(act, wanted=wanted)
    for exchange in exchanges:
        tally.survive(exchange)
    if gained > 1:
        tally.effects("one event sent twice without its id header", gained, 1)
    return tally.judgement(
        f"effects of {events(gained)}, response: {exchanges[0].response}"
    )


def _in_batch(harness: Harness) -> Judgement:
    sample = harness.endpoint.sample
    if sample.list_path is None:
        why = "the event is not sent in a batch; if it is, give --id-path events.0.id"
        return Judgement(ProbeOutcome.NOT_APPLICABLE, why)
    tally = Tally(harness)
    known, fresh = harness.draft(), harness.draft()
    both = dataclasses.replace(
        fresh, payload=sample.joined(known.payload, fresh.payload)
    )

    def act() -> None:
        tally.accept(harness.deliver("a batch", known))
        tally.accept(harness.deliver("the same events and new ones", both))

    gained = harness.effects_of(act, wanted=2)
    tally.effects("a batch, then the same batch followed by new events", gained, 2)
    return tally.judgement("the new events had their effect, the known ones no second")


def _remember(harness: Harness) -> None:
    draft = harness.draft()
    harness.kept["duplicate.late"] = draft
    harness.kept_at = harness.now()
    harness.restarts = 0
    harness.deliver("the first copy", draft)


def _late(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.kept["duplicate.late"]
    age = harness.now() - harness.kept_at
    gained = harness.effects_of(lambda: harness.deliver("again", draft), wanted=0)
    label = f"an event sent again after {age:.0f} s"
    if harness.restarts and gained > 0:
        label += " and a restart"
        tally.mark(Sign.RESTARTED)
    tally.effects(label, gained, 0)
    return tally.judgement(
        f"no second effect after {age:.0f} s and all that was sent in between"
    )


def _retry_header(harness: Harness) -> Judgement:
    tally = Tally(harness)
    exchanges: list[Exchange] = []

    def act() -> None:
        draft = harness.draft()
        request = harness.seal(draft.body, id=draft.id)
        marked = with_more(request, _retry_marks(harness))
        exchanges.append(harness.send("attempt 2, the first one lost", marked))

    gained = harness.effects_of(act, wanted=1)
    tally.accept(exchanges[0])
    tally.effects("an event whose first attempt was lost", gained, 1)
    return tally.judgement("processed")


def _forged_retry(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    request = harness.seal(draft.body, id=draft.id, change=forge.altered)
    marked = with_more(request, _retry_marks(harness))
    tally.refuse(harness.send("a forged attempt 2", marked))
    return tally.judgement("rejected")


def _renamed(draft: Draft, id: str) -> Draft:  # noqa: A002 - the word of every provider
    if draft.sample.id_path:
        draft.sample.put_id(draft.payload, id)
    return dataclasses.replace(draft, id=id)


def _retry_marks(harness: Harness) -> Headers:
    return harness.profile.retry_headers(
        2, reason="timeout", first_sent_at=harness.now() - 60
    )


def _has_id_header(scheme: Scheme, profile: Profile) -> str:
    return "" if scheme.id_header else f"{scheme.name} sends no id in a header"


def _marks_retries(scheme: Scheme, profile: Profile) -> str:
    if profile.headers is None:
        return f"no header marks the retries of “{profile.title}”"
    return ""


PROBES = (
    Probe(
        id="duplicate.answer",
        title="a duplicate delivery is not acknowledged",
        sent="one event three times",
        wanted="acknowledged each time",
        why=(
            "the first response may have been lost; a 409 makes the provider retry "
            "for days, and finally disable the endpoint"
        ),
        mend="respond to a duplicate as you did to the first delivery",
        source="jasoneisen/idiomatic-critter-stack#9, loomcycle#304",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("Standard Webhooks: Operational considerations",),
        run=_answer,
    ),
    Probe(
        id="duplicate.in-turn",
        sent="one event five times in turn",
        wanted="one effect",
        why="every provider that retries delivers some events twice",
        mend=ONCE,
        source="docs.stripe.com/webhooks, standard-webhooks/standard-webhooks",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-837",),
        run=_in_turn,
        needs=EFFECTS,
    ),
    Probe(
        id="duplicate.renewed",
        sent="three attempts of one event: new time, new signature, new request id",
        wanted="one effect",
        why="if the key is new on each attempt, a duplicate is never recognised",
        mend=_KEY,
        source="hyperlocalise/hyperlocalise#754, rmyndharis/OpenWA#1641",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-837",),
        run=_renewed,
        needs=EFFECTS,
    ),
    Probe(
        id="duplicate.distinct",
        title="different events are not all processed",
        sent="four events of the same type in the same second, with ids that differ "
        "only in one letter or its case",
        wanted="four effects",
        why="with a key that is too coarse, different events look like duplicates and "
        "are lost",
        mend=_KEY + ", complete and unchanged",
        source="mdcms-ai/mdcms#174, elasticclaw/elasticclaw#112",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-694",),
        run=_distinct,
        needs=EFFECTS,
    ),
    Probe(
        id="duplicate.in-batch",
        sent="a batch, then a batch with the same events followed by new ones",
        wanted="one effect for each event",
        why="a receiver that stops at the first duplicate loses the events behind it; "
        "one that recognises only whole batches processes the known events again",
        mend="claim and process each event of a batch by its own id",
        source="docs.sendgrid.com (sg_event_id), developers.line.biz (webhookEventId)",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-694", "CWE-837"),
        run=_in_batch,
        needs=EFFECTS,
    ),
    Probe(
        id="duplicate.new-id",
        sent="one captured event under three other ids, in headers that are not signed",
        wanted="one effect",
        why="an attacker can change a key that is not signed, and so replay the event",
        mend=_KEY + "; if the provider signs no id, use the one in the body",
        source="grafana/grafana#125550, prathamdby/pr-agent#476, ShipfoxHQ/shipfox#709",
        severity=Severity.MEDIUM,
        who=Who.CAPTURER,
        references=("CWE-294",),
        run=_new_id,
        needs=EFFECTS,
    ),
    Probe(
        id="duplicate.no-id",
        sent="one event twice, without the header that holds its id",
        wanted="at most one effect",
        why="if the check runs only when there is an id, an attacker omits it",
        mend="reject requests without an id, or use the one in the body",
        source="first-tree-ai/first-tree#1627",
        severity=Severity.MEDIUM,
        who=Who.CAPTURER,
        references=("CWE-294",),
        run=_no_id,
        needs=EFFECTS,
        applies=_has_id_header,
    ),
    Probe(
        id="duplicate.retry-header",
        sent="an event that arrives for the first time, marked as a second attempt",
        wanted="acknowledged, and processed",
        why=(
            "the first attempt may never have arrived; a receiver that drops retries "
            "loses the event"
        ),
        mend="ignore the retry headers; recognise duplicates by the event's id",
        source="docs.slack.dev/apis/events-api (x-slack-retry-num)",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-345",),
        run=_retry_header,
        needs=EFFECTS,
        applies=_marks_retries,
    ),
    Probe(
        id="duplicate.forged-retry",
        sent="a forged event, marked as a second attempt",
        wanted="rejected with a 4xx",
        why=(
            "an attacker can use everything that a receiver checks before the signature"
        ),
        mend="verify first, whatever the other headers say",
        source="docs.slack.dev/apis/events-api (x-slack-retry-num)",
        severity=Severity.CRITICAL,
        who=Who.ANYONE,
        references=(
            "CWE-347",
            "OWASP API2:2023",
        ),
        run=_forged_retry,
        applies=_marks_retries,
    ),
    Probe(
        id="duplicate.late",
        title="a copy that arrives much later has a second effect",
        sent="an event from the start of the examination once more at its end",
        wanted="no second effect",
        why=(
            "providers retry for days, some for a month; ids that are kept for seconds "
            "are forgotten too soon"
        ),
        mend="keep ids on disk, longer than the provider retries",
        source="elasticclaw/elasticclaw#112, aashutoshkumarbhardwaj/CreatorOs#732",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-837",),
        run=_late,
        needs=EFFECTS,
        prepare=_remember,
    ),
)
