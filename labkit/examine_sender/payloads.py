"""Event data that comes from strangers: line breaks, quotes, sizes."""

from collections.abc import Generator
from dataclasses import dataclass

from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.probe import Group, Need, Probe, Steps, Wait
from labkit.examine_sender.reading import carries, parsed, texts_in
from labkit.examine_sender.tally import Tally
from labkit.examine_sender.waiting import arrival, arrival_wait
from labkit.findings import Severity, Who
from labkit.findings.commands import Refused
from labkit.witness import Endpoint, Respond, Sighting

OK = Respond(200)

HEADER_DATA = {
    "a line break": "\r\nX-Injected: yes\r\n\r\n",
    "8 kB": "x" * 8_000,
    "non-ASCII": " é 😀",
}
BODY_DATA = {
    "quotes": ' he said "hi", "admin": "yes',
    "template braces": " {{7*7}} {% raw %} ${x} {0} %s {data}",
    "50 nested brackets": "[" * 50 + "]" * 50,
    "backslashes": " \\ \\n \\u0041 \\",
}
LONGEST_BACKLOG = 4
"""How many times the wait for an event may be repeated while others arrive."""
LARGE = 20_000
"""Bytes of a body above which Standard Webhooks advises against sending it."""
SIZES = (LARGE, 256_000, 1_000_000, 6_000_000)


@dataclass(frozen=True, slots=True)
class _Sent:
    """The first sighting and the mark of each case, and the cases refused early."""

    found: dict[str, Sighting | None]
    refused: list[str]
    marks: dict[str, str]


def _send(
    harness: SenderHarness, tally: Tally, cases: dict[str, str]
) -> Generator[Wait, bool, _Sent]:
    """Trigger each case, and then one event without anything special."""
    endpoint = harness.shared("data", OK)
    marks: dict[str, str] = {}
    refused = []
    for what, more in cases.items():
        mark = harness.witness.new_mark()
        endpoint.marks.add(mark)
        try:
            harness.trigger(mark, more)
        except Refused:
            refused.append(what)
            continue
        marks[what] = mark
    yield Wait(
        lambda: all(endpoint.seen(mark) for mark in marks.values()),
        arrival_wait(harness),
    )
    if marks or refused:
        control = harness.event(endpoint)
        if (yield from _arrival_behind_others(harness, endpoint, control)):
            tally.control()
        else:
            tally.complain("after this data the next event did not arrive")
    # Only now: a sender with a backlog sends them before the control.
    seen = {what: endpoint.seen(mark) for what, mark in marks.items()}
    found = {
        what: sightings[0] if sightings else None for what, sightings in seen.items()
    }
    return _Sent(found, refused, marks)


def _arrival_behind_others(
    harness: SenderHarness, endpoint: Endpoint, mark: str
) -> Generator[Wait, bool, bool]:
    """Wait for an event, also behind others that still arrive, within limits."""
    for _ in range(LONGEST_BACKLOG):
        before = harness.witness.count()
        if (yield from arrival(harness, endpoint, mark)):
            return True
        if harness.witness.count() == before:
            break
    return False


def _header(harness: SenderHarness) -> Steps:
    tally = Tally()
    sent = yield from _send(harness, tally, HEADER_DATA)
    for what, sighting in sent.found.items():
        if sighting is None:
            tally.complain(f"the event with {what} in its data was lost")
        elif sighting.request.header("X-Injected") is not None:
            tally.complain(f"{what} added a header", sighting)
    said = f"; refused early: {', '.join(sent.refused)}" if sent.refused else ""
    return tally.judgement(f"delivered without a new header{said}")


def _body(harness: SenderHarness) -> Steps:
    tally = Tally()
    sent = yield from _send(harness, tally, BODY_DATA)
    for what, sighting in sent.found.items():
        if sighting is None:
            tally.complain(f"the event with {what} in its data was lost")
        elif not_json(tally, what, sighting):
            continue
        elif not carries(sighting.request, sent.marks[what] + BODY_DATA[what]):
            tally.complain(f"with {what} the data is not what was given", sighting)
    said = f"; refused early: {', '.join(sent.refused)}" if sent.refused else ""
    return tally.judgement(f"valid JSON with the data as it was given{said}")


def not_json(tally: Tally, what: str, sighting: Sighting) -> bool:
    """Tally whether a body is not JSON, with that data; return it."""
    if parsed(sighting.request) is None:
        tally.complain(f"with {what} the body is not valid JSON", sighting)
        return True
    return False


def cut_short(tally: Tally, sighting: Sighting) -> None:
    """Tally whether a body is shorter than its Content-Length says."""
    request = sighting.request
    length = request.header("content-length") or ""
    if length.isascii() and length.isdigit() and int(length) > len(request.body):
        tally.complain(
            f"{len(request.body)} bytes of a body of {length} bytes arrived", sighting
        )


def _size(harness: SenderHarness) -> Steps:
    tally = Tally()
    most = harness.levers.most_data
    sizes = [size for size in SIZES if size < most]
    cases = {f"{size / 1000:g} kB": "y" * size for size in sizes}
    dead = harness.levers.dead_letters
    before = dead() if dead else 0.0
    sent = yield from _send(harness, tally, cases)
    lost = [what for what, sighting in sent.found.items() if sighting is None]
    recorded = dead() - before if dead else 0.0
    if len(lost) > recorded:
        tally.complain(f"events of {', '.join(lost)} were lost without a record")
    for what, sighting in sent.found.items():
        if sighting is None:
            continue
        whole = sent.marks[what] + cases[what]
        if not any(whole in text for text in texts_in(parsed(sighting.request))):
            tally.complain(f"the data of {what} was truncated", sighting)
    for sighting in sent.found.values():
        if sighting is not None:
            cut_short(tally, sighting)
    whole_ones = [what for what, sighting in sent.found.items() if sighting is not None]
    said = f"sent whole: {', '.join(whole_ones)}"
    if sent.refused or lost:
        said += f"; refused with a record: {', '.join([*sent.refused, *lost])}"
    if len(sizes) < len(SIZES):
        said += "; more needs {data_file} in --trigger"
    return tally.judgement(said)


T = frozenset({Need.REGISTER})

PROBES = (
    Probe(
        id="data.header",
        title="event data adds a header, or the event is lost",
        sent=(
            "the endpoint responds with 200 to data that contains line breaks, is 8 kB "
            "long, or contains non-ASCII characters"
        ),
        wanted="delivered without a new header, or refused early; no event lost",
        why="event data can add headers, or make an event that can never be sent",
        mend="encode what goes into a header, or refuse it when the event is made",
        source="rmyndharis/OpenWA#403",
        severity=Severity.HIGH,
        who=Who.AUTHOR,
        references=("CWE-113",),
        run=_header,
        group=Group.EVENTS,
        needs=T,
        explained_by=("data.body",),
    ),
    Probe(
        id="data.body",
        title="event data breaks or changes the body, or the event is lost",
        sent=(
            "the endpoint responds with 200 to data with quotes, template braces, 50 "
            "nested brackets and backslashes"
        ),
        wanted="JSON that parses to the data that was given",
        why="a customer's text can write fields of the event",
        mend="serialise with a JSON library; never build JSON by joining strings",
        source="Verdaccio 6.10.4 with {{{field}}}",
        severity=Severity.HIGH,
        who=Who.AUTHOR,
        references=("CWE-74",),
        run=_body,
        group=Group.EVENTS,
        needs=T,
    ),
    Probe(
        id="data.size",
        title="large data is truncated, or lost without a record",
        sent="the endpoint responds with 200 to data of 20 kB, 256 kB, 1 MB and 6 MB",
        wanted="sent whole, or refused with a record; never truncated",
        why="a receiver with a limit rejects an event that is too large with 413 "
        "on every attempt, or processes half of it",
        mend="set a limit, and send a link to data that is larger",
        source="Standard Webhooks: payload size under 20 kB",
        severity=Severity.LOW,
        who=Who.AUTHOR,
        references=("Standard Webhooks: payload size",),
        run=_size,
        group=Group.EVENTS,
        needs=T,
    ),
)
