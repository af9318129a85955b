"""Timestamps that are too old, too new, missing or not a number; all signed."""

import dataclasses
import email.utils
from collections.abc import Callable

from labkit.findings import ProbeOutcome, Severity, Who
from labkit.model import Request
from labkit.probes.edits import header_of, with_header, without
from labkit.probes.harness import USUAL_TOLERANCE, Harness
from labkit.probes.probe import Judgement, Probe, spoken, unknown
from labkit.probes.tally import Tally
from labkit.profiles import Profile
from labkit.signing import Scheme, Unit

DAY = 86_400.0

_CHECK = (
    "read the signed timestamp as digits only, then reject the request unless "
    "-tolerance <= now - t <= tolerance"
)


def _moments(**ages: float) -> Callable[[Harness], Judgement]:
    """Return a probe of events signed that many seconds ago; all must be refused.

    Those that the provider itself allows are left out: Cloudinary's may be 2 h old.
    """

    def run(harness: Harness) -> Judgement:
        tally = Tally(harness)
        for name, age in ages.items():
            if abs(age) < harness.tolerance:
                continue
            draft = harness.draft()
            request = harness.seal(draft.body, id=draft.id, t=harness.moment(-age))
            tally.refuse(harness.send(spoken(name), request))
        return tally.judgement("all rejected")

    return run


def _past_tolerance(harness: Harness) -> Judgement:
    tally = Tally(harness)
    # Paddle's own five seconds are no more than its libraries' default.
    window = max(harness.tolerance, USUAL_TOLERANCE)
    for sign, name in ((1, "old"), (-1, "ahead")):
        age = sign * (2 * window + 30)
        draft = harness.draft()
        request = harness.seal(draft.body, id=draft.id, t=harness.moment(-age))
        tally.refuse(harness.send(f"{abs(age):.0f} s {name}", request))
    return tally.judgement(f"both rejected; a tolerance of {window:.0f} s is usual")


def _skew(harness: Harness) -> Judgement:
    tally = Tally(harness)
    skew = min(0.8 * harness.tolerance, 240.0)
    for seconds, name in ((-skew, "behind"), (skew, "ahead")):
        draft = harness.draft()
        request = harness.seal(draft.body, id=draft.id, t=harness.moment(seconds))
        tally.accept(harness.send(f"a clock {skew:.0f} s {name}", request))
    return tally.judgement(f"both acknowledged, {skew:.0f} s behind and ahead")


def _no_number(**texts: str) -> Callable[[Harness], Judgement]:
    def run(harness: Harness) -> Judgement:
        tally = Tally(harness)
        for name, text in texts.items():
            draft = harness.draft()
            request = harness.seal(draft.body, id=draft.id, t=text)
            tally.refuse(harness.send(f"t is {spoken(name)}", request))
        return tally.judgement("all rejected")

    return run


def _milliseconds(harness: Harness) -> Judgement:
    tally = Tally(harness)
    for name, age in (("now", 0.0), ("of yesterday", DAY)):
        draft = harness.draft()
        t = str(int((harness.now() - age) * 1000))
        request = harness.seal(draft.body, id=draft.id, t=t)
        tally.refuse(harness.send(f"milliseconds {name}", request))
    return tally.judgement("rejected")


def _almost_now(harness: Harness) -> Judgement:
    """Send times that are a day old, in forms that a lenient parser may misread."""
    tally = Tally(harness)
    old = harness.moment(-DAY)
    texts = {
        "a day old, with a fraction": old + ".5",
        "a day old, in Arabic-Indic digits": old.translate(
            {48 + n: 0x660 + n for n in range(10)}
        ),
        "a day old, with an underscore": f"{old[:3]}_{old[3:]}",
        "a day old, with letters after it": old + "abc",
        "now, in hexadecimal": hex(int(harness.now())),
        "400 digits": "1" * 400,
        "5,000 digits": "1" * 5000,
    }
    for name, text in texts.items():
        draft = harness.draft()
        request = harness.seal(draft.body, id=draft.id, t=text)
        tally.refuse(harness.send(name, request))
    return tally.judgement("all rejected")


def _missing(harness: Harness) -> Judgement:
    tally = Tally(harness)
    scheme = harness.scheme
    draft = harness.draft()
    t = harness.moment(-DAY)
    name = scheme.timestamp_header or ""
    stale = harness.seal(draft.body, id=draft.id, t=t)
    if name == scheme.signature_header:
        value = stale.header(name) or ""
        kept = scheme.separator.join(value.split(scheme.separator)[1:])
        tally.refuse(
            harness.send("a day old, its time removed", with_header(stale, name, kept))
        )
        return tally.judgement("rejected")
    tally.refuse(harness.send("a day old, without its timestamp", without(stale, name)))
    empty = harness.seal(draft.body, id=draft.id, t="")
    tally.refuse(harness.send("signed with no time, no header", without(empty, name)))
    tally.refuse(harness.send("signed with no time, empty header", empty))
    if scheme.id_header and scheme.signs_id:
        # The full stop parts the signed fields: the time can pass for part of the id.
        moved = with_header(without(stale, name), scheme.id_header, f"{draft.id}.{t}")
        tally.refuse(harness.send("a day old, its time moved into the id", moved))
    return tally.judgement("all rejected")


def _renewed(harness: Harness) -> Judgement:
    tally = Tally(harness)
    for name, age in (("fresh", 0.0), ("a day old", DAY)):
        draft = harness.draft()
        old, new = harness.moment(-age), harness.moment(-1)
        captured = harness.seal(draft.body, id=draft.id, t=old)
        if old == new:
            new = harness.moment(-2)
        request = _retimed(harness.scheme, captured, old, new)
        if request == captured:
            return Judgement(
                ProbeOutcome.NOT_APPLICABLE, "the time is inside a token that is signed"
            )
        tally.refuse(harness.send(f"{name}, with another timestamp", request))
    return tally.judgement("rejected")


def _other_clocks(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    stale = harness.seal(draft.body, id=draft.id, t=harness.moment(-DAY))
    now = harness.moment()
    fresh = {
        "Date": email.utils.formatdate(harness.now(), usegmt=True),
        "X-Timestamp": now,
        "X-Webhook-Timestamp": now,
        "X-Request-Timestamp": now,
        "webhook-timestamp": now,
    }
    own = (harness.scheme.timestamp_header or "").lower()
    pairs = tuple(pair for pair in fresh.items() if pair[0].lower() != own)
    for pair in pairs:
        request = dataclasses.replace(stale, headers=(*stale.headers, pair))
        tally.refuse(harness.send(f"a day old, {pair[0]} of now", request))
    request = dataclasses.replace(stale, headers=(*stale.headers, *pairs))
    tally.refuse(harness.send("a day old, all of them", request))
    return tally.judgement("all rejected")


def _old_event(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    fresh = harness.endpoint.sample.fresh(draft.id, harness.now() - 3 * DAY)
    if fresh == draft.payload:
        return unknown(
            "the event has no field created_at or created with a time of its own"
        )
    draft = dataclasses.replace(draft, payload=fresh)
    tally.accept(harness.deliver("made three days ago, signed now", draft))
    return tally.judgement("acknowledged")


def _retimed(scheme: Scheme, request: Request, old: str, new: str) -> Request:
    name = scheme.timestamp_header or ""
    value = header_of(request, name)
    return with_header(request, name, value.replace(old, new, 1))


def signs_time(scheme: Scheme, profile: Profile) -> str:
    """Say why probes of timestamps have no meaning for a scheme, or nothing."""
    if scheme.timestamp_header is None:
        return f"{scheme.name} signs no timestamp"
    return ""


def _signs_seconds(scheme: Scheme, profile: Profile) -> str:
    if scheme.unit is not Unit.SECONDS:
        return f"{scheme.name} does not write the time in seconds"
    return signs_time(scheme, profile)


PROBES = (
    Probe(
        id="time.stale",
        sent="valid events signed an hour, a day and a year ago",
        wanted="rejected with a 4xx",
        why="otherwise a request that leaked into a log can be sent again forever",
        mend=_CHECK,
        source="flippercloud/flipper#1022, windmill-labs/windmill#8596, "
        "NangoHQ/nango#6218",
        severity=Severity.MEDIUM,
        who=Who.CAPTURER,
        references=("CWE-294",),
        run=_moments(an_hour_ago=3600, a_day_ago=DAY, a_year_ago=365 * DAY),
        applies=signs_time,
    ),
    Probe(
        id="time.future",
        sent="valid events signed an hour and a day ahead",
        wanted="rejected with a 4xx",
        why="a request with a timestamp from next week can be replayed until next week",
        mend=_CHECK + "; check the future as well as the past",
        source="camunda/connectors#8989; the libraries stripe and Bolt JS accept "
        "timestamps from the future",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-294",),
        run=_moments(an_hour_ahead=-3600, a_day_ahead=-DAY),
        applies=signs_time,
    ),
    Probe(
        id="time.past-tolerance",
        sent="valid events with a timestamp more than twice the usual tolerance in the "
        "past, and one as far in the future",
        wanted="rejected with a 4xx",
        why="a captured request can be replayed for as long as the tolerance window is "
        "open",
        mend=_CHECK + "; five minutes are usual",
        source="camunda/connectors#8989",
        severity=Severity.LOW,
        who=Who.CAPTURER,
        references=("CWE-294",),
        run=_past_tolerance,
        applies=signs_time,
    ),
    Probe(
        id="time.skew",
        sent="valid events from a clock that is up to four minutes slow or fast, as "
        "far as the scheme's tolerance allows",
        wanted="acknowledged",
        why="clocks drift; a tolerance of seconds rejects valid events",
        mend="allow the tolerance that the provider documents, in both directions",
        source="flippercloud/flipper#1022",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("Standard Webhooks: Verifying",),
        run=_skew,
        applies=signs_time,
    ),
    Probe(
        id="time.not-a-number",
        sent="events signed at NaN, infinity and -infinity",
        wanted="rejected with a 4xx",
        why=(
            "every comparison with NaN is false, so `age > tolerance` does not reject"
            " it"
        ),
        mend=(
            "accept only digits; write the check so that only a true result accepts "
            "the request"
        ),
        source="nextlyhq/nextly#227, open-mercato/open-mercato#3945",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-20",),
        run=_no_number(
            NaN="NaN", nan="nan", Infinity="Infinity", minus_inf="-inf", null="null"
        ),
        applies=signs_time,
    ),
    Probe(
        id="time.odd-numbers",
        sent="events signed at -1, 0, 1e12, 1e400, 123abc, and a word",
        wanted="rejected with a 4xx",
        why=(
            "languages differ in which of these they read as a number, and 0 counts as "
            "false in some, so the check is skipped or raises an exception"
        ),
        mend="accept only digits, at most 15 of them, and then check the age",
        source="nextlyhq/nextly#227, open-mercato/open-mercato#3945",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-20",),
        run=_no_number(
            minus_1="-1",
            zero="0",
            _1e12="1e12",
            _1e400="1e400",
            _123abc="123abc",
            a_word="now",
        ),
        applies=signs_time,
    ),
    Probe(
        id="time.disguised",
        sent="times a day old with a fraction, Arabic-Indic digits, an underscore, or "
        "letters after them; numbers of 400 and 5,000 digits",
        wanted="rejected with a 4xx",
        why=(
            "a lenient parser may stop in the middle, and Python's int() raises on "
            "numbers that are too long"
        ),
        mend="accept only ASCII digits, at most 15 of them, then check the age",
        source="nextlyhq/nextly#227; Python's limit for int() of text",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-20",),
        run=_almost_now,
        applies=signs_time,
    ),
    Probe(
        id="time.milliseconds",
        sent="events signed at a time in milliseconds",
        wanted="rejected with a 4xx",
        why=(
            "read as seconds, that is the year 58,000; a check that looks only at the"
            " past accepts it"
        ),
        mend=_CHECK,
        source="WorkOS and HubSpot, among others, sign milliseconds; most providers "
        "sign seconds",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-20",),
        run=_milliseconds,
        applies=_signs_seconds,
    ),
    Probe(
        id="time.missing",
        sent=(
            "events without a timestamp: omitted, signed as empty, or moved into the id"
        ),
        wanted="rejected with a 4xx",
        why="if the check runs only when there is a timestamp, an attacker omits it",
        mend="reject a request without the timestamp header, and one whose id contains "
        "a full stop: in the signed text id.time.body, such an id could contain the "
        "missing time",
        source="own-pay/OwnPay#296",
        severity=Severity.MEDIUM,
        who=Who.CAPTURER,
        references=("CWE-294",),
        run=_missing,
        applies=signs_time,
    ),
    Probe(
        id="time.renewed",
        sent="captured events with their signature and a newer timestamp",
        wanted="rejected with a 4xx",
        why="anyone can set a timestamp that is not signed",
        mend="include the timestamp in the signed content, as the provider does",
        source="HearthSim/HSReplay.net#342, alexhawat/mergeCraft#392",
        severity=Severity.MEDIUM,
        who=Who.CAPTURER,
        references=("CWE-294", "CWE-345"),
        run=_renewed,
        applies=signs_time,
    ),
    Probe(
        id="time.other-clocks",
        sent="events a day old with a fresh Date header and other unsigned times",
        wanted="rejected with a 4xx",
        why="the age must come from a signed value; anyone can write a Date header",
        mend="check the age of the signed timestamp, and of nothing else",
        source="HearthSim/HSReplay.net#342",
        severity=Severity.MEDIUM,
        who=Who.CAPTURER,
        references=("CWE-294", "CWE-345"),
        run=_other_clocks,
        applies=signs_time,
    ),
    Probe(
        id="time.late-retry",
        sent="an event that was made three days ago, signed now",
        wanted="acknowledged",
        why="providers retry for days; the attempt is fresh, the event is old",
        mend="check the age of the attempt's timestamp, not the event's",
        source="flippercloud/flipper#1022, docs.stripe.com/webhooks",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("Standard Webhooks: Verifying",),
        run=_old_event,
    ),
)
