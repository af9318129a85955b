"""Bodies that are validly signed but not what a receiver expects."""

from collections.abc import Callable
from typing import Any

from labkit.findings import Severity, Who
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe, for_json, spoken
from labkit.probes.sample import at, compact, fields_of, left_out, merged
from labkit.probes.tally import Tally
from labkit.signing.embedded import with_member

DEPTH = 50_000

_PARSE = (
    "after verifying, catch every error while parsing, and respond with 400 (Python: "
    "ValueError and RecursionError)"
)
_LOOK = (
    "check that each field exists and has the expected type before you use it; "
    "otherwise respond with 400"
)
_RETRIES = (
    "a 500 makes the provider send the same bytes again for days, and each time they "
    "fail in the same way"
)
_GENERAL = "RFC 8259, sections 4, 6 and 8; common in sample code"


def _contents(**bodies: bytes) -> Callable[[Harness], Judgement]:
    """Return a probe of bodies that can't be events; none may be an error."""

    def run(harness: Harness) -> Judgement:
        tally = Tally(harness)
        for name, body in bodies.items():
            request = harness.seal(body, id=harness.draft().id)
            tally.reject_content(harness.send(spoken(name), request))
        return _alive(harness, tally, "rejected, without an error")

    return run


def _noted(**notes: bytes) -> Callable[[Harness], Judgement]:
    """Return a probe of events with one more field; none may be an error."""

    @for_json
    def run(harness: Harness) -> Judgement:
        tally = Tally(harness)
        for name, note in notes.items():
            draft = harness.draft()
            body = with_member(draft.body, note)
            request = harness.seal(body, id=draft.id)
            tally.survive(harness.send(spoken(name), request))
        return _alive(harness, tally, "no 5xx response")

    return run


@for_json
def _twice(harness: Harness) -> Judgement:
    tally = Tally(harness)
    sample = harness.endpoint.sample
    step = (sample.id_path or sample.type_path).rpartition(".")[2]
    for name, first_is_other in (("the id twice", False), ("another id first", True)):
        draft = harness.draft()
        value = at(draft.payload, sample.id_path or sample.type_path)
        own = b'"%b":%b' % (step.encode(), compact(value))
        other = b'"%b":%b' % (step.encode(), compact(f"{value}x"))
        first = other if first_is_other else own
        body = draft.body.replace(own, first + b"," + own, 1)
        tally.read_as_sent(harness.send(name, harness.seal(body, id=draft.id)))
    draft = harness.draft()
    body = with_member(draft.body, b'"labkit_note":1,"labkit_note":2')
    request = harness.seal(body, id=draft.id)
    tally.read_as_sent(harness.send("a new field twice", request))
    return _alive(harness, tally, "read as sent, or rejected as malformed")


@for_json
def _missing(harness: Harness) -> Judgement:
    tally = Tally(harness)
    for name in fields_of(harness.draft().payload):
        draft = harness.draft()
        body = compact(left_out(draft.payload, name))
        tally.survive(harness.send(f"without {name}", harness.seal(body, id=draft.id)))
    draft = harness.draft()
    tally.survive(harness.send("an empty object", harness.seal(b"{}", id=draft.id)))
    return _alive(harness, tally, "no 5xx response")


@for_json
def _wrong_types(harness: Harness) -> Judgement:
    tally = Tally(harness)
    values: tuple[Any, ...] = (None, [], {"a": 1}, 7, "text", True)
    for place, name in enumerate(fields_of(harness.draft().payload)):
        for value in (values[place % len(values)], values[(place + 1) % len(values)]):
            draft = harness.draft()
            body = compact(merged(draft.payload, {name: value}))
            request = harness.seal(body, id=draft.id)
            tally.survive(harness.send(f"{name} is {compact(value).decode()}", request))
    return _alive(harness, tally, "no 5xx response")


def _alive(harness: Harness, tally: Tally, good: str) -> Judgement:
    if harness.accepts:
        tally.accept(harness.deliver("a valid event afterwards"))
    return tally.judgement(good)


PROBES = (
    Probe(
        id="body.not-json",
        sent="validly signed text, half an object, and XML",
        wanted="rejected with a 4xx, no 5xx",
        why=_RETRIES,
        mend=_PARSE,
        source=_GENERAL,
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-20",),
        run=_contents(
            text=b"hello", half_an_object=b'{"id":"evt_1","event":', xml=b"<event/>"
        ),
    ),
    Probe(
        id="body.not-an-object",
        sent="validly signed JSON that is a list, a string, a number or null",
        wanted="rejected with a 4xx, no 5xx",
        why="event['id'] raises an exception if event is a list; " + _RETRIES,
        mend=_LOOK,
        source=_GENERAL,
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-20",),
        run=_contents(
            a_list=b"[]", a_text=b'"x"', a_number=b"42", null=b"null", true=b"true"
        ),
    ),
    Probe(
        id="body.empty",
        sent="a validly signed empty body, and one of spaces",
        wanted="rejected with a 4xx, no 5xx",
        why="an empty body counts as false in many languages; GitHub's own JavaScript "
        "library throws an exception for it",
        mend=_PARSE,
        source="@octokit/webhooks-methods throws TypeError on an empty body",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-20",),
        run=_contents(nothing=b"", spaces=b"   \n"),
    ),
    Probe(
        id="body.not-utf8",
        sent="validly signed JSON with bytes that are not valid UTF-8",
        wanted="rejected with a 4xx, no 5xx",
        why="decoding raises an exception; " + _RETRIES,
        mend=_PARSE,
        source="MeshWeaver#2572",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-20",),
        run=_contents(
            byte_0xFF=b'{"id":"\xff"}', utf_16='{"id":"evt_1"}'.encode("utf-16")
        ),
    ),
    Probe(
        id="body.deep",
        sent=f"a validly signed event with {DEPTH:,} nested lists, and as many objects",
        wanted="no 5xx; a valid event is accepted afterwards",
        why="a recursive parser runs out of stack: an exception, or a crashed process",
        mend=_PARSE,
        source="Python's json raises RecursionError",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-674",),
        run=_noted(
            lists=b'"labkit_note":' + b"[" * DEPTH + b"]" * DEPTH,
            objects=b'"labkit_note":' + b'{"a":' * DEPTH + b"1" + b"}" * DEPTH,
        ),
    ),
    Probe(
        id="body.letters",
        sent=(
            "validly signed events with one half of a surrogate pair, and with \\u0000"
        ),
        wanted="no 5xx",
        why="JSON allows both, but a database or an encoder that gets the text may not",
        mend="catch encoding errors where the text is stored, or reject such text",
        source="PostgreSQL rejects \\u0000 in text; Python can't encode a lone "
        "surrogate",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-20",),
        run=_noted(
            half_a_pair=b'"labkit_note":"\\ud83c"',
            half_a_pair_as_name=b'"\\udc00":1',
            NUL=b'"labkit_note":"a\\u0000b"',
        ),
    ),
    Probe(
        id="body.numbers",
        sent="validly signed events with 1e999, NaN, and a number of 5,000 digits",
        wanted="no 5xx",
        why=(
            "1e999 becomes infinity, NaN is not valid JSON, and Python raises a "
            "ValueError for long integers"
        ),
        mend=_PARSE,
        source="RFC 8259, section 6; Flask's get_json accepts NaN",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-20",),
        run=_noted(
            _1e999=b'"labkit_note":1e999',
            NaN=b'"labkit_note":NaN',
            _5000_digits=b'"labkit_note":' + b"7" * 5000,
        ),
    ),
    Probe(
        id="body.duplicate-keys",
        sent="validly signed events with one key twice, the id among them",
        wanted="no 5xx, and not rejected as forged",
        why="JSON does not forbid it; most parsers take the last value, so code that "
        "verifies one reading and processes another can be deceived",
        mend="verify the raw bytes, and process the result of a single parse",
        source="RFC 8259, section 4",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-20",),
        run=_twice,
    ),
    Probe(
        id="body.missing-fields",
        sent="validly signed events, each without one of the fields; and {}",
        wanted="no 5xx",
        why=_RETRIES,
        mend=_LOOK,
        source=_GENERAL,
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-20",),
        run=_missing,
    ),
    Probe(
        id="body.wrong-types",
        sent="validly signed events, each with one field of another type, or null",
        wanted="no 5xx",
        why=_RETRIES,
        mend=_LOOK,
        source=_GENERAL,
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-20",),
        run=_wrong_types,
    ),
)
