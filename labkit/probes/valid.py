"""Valid events in every spelling that JSON and HTTP allow; all must be taken."""

import dataclasses
import gzip
import json
from collections.abc import Callable

from labkit.findings import ProbeOutcome, Severity, Who
from labkit.probes.edits import with_body, with_header
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe, Sign, for_json, spoken
from labkit.probes.sample import Payload, compact, merged
from labkit.probes.sizes import in_chunks
from labkit.probes.tally import Tally
from labkit.signing.embedded import with_member

_RAW = (
    "verify the bytes as they arrived, before anything parses them; parse afterwards "
    "(Flask: request.get_data(); Express: express.raw({type: () => true}))"
)
_RESERIALISED = "octokit/webhooks.js#76, workos/workos-node#1578, zoom/webhook-sample"

_NOT_AUTHENTIC = (401, 403)

Spelling = Callable[[Payload], bytes]


def _plain(harness: Harness) -> Judgement:
    tally = Tally(harness)
    exchange = harness.deliver("a valid event")
    tally.accept(exchange)
    return tally.judgement(f"acknowledged with {exchange.response}")


def _spelt(**spellings: Spelling) -> Callable[[Harness], Judgement]:
    @for_json
    def run(harness: Harness) -> Judgement:
        tally = Tally(harness)
        for name, spell in spellings.items():
            draft = harness.draft()
            request = harness.seal(spell(draft.payload), id=draft.id)
            tally.accept(harness.send(spoken(name), request))
        return tally.judgement(f"{len(spellings)} forms, all acknowledged")

    return run


def _spaced(payload: Payload) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(" , ", " : ")).encode()


def _indented(payload: Payload) -> bytes:
    return json.dumps(payload, ensure_ascii=False, indent=2).encode() + b"\r\n"


def _tabbed(payload: Payload) -> bytes:
    return b"\n\t " + json.dumps(payload, indent="\t").encode() + b" \n"


def _reversed(payload: Payload) -> bytes:
    if isinstance(payload, list):
        return b"[%b]" % b",".join(map(_reversed, payload))
    return compact(dict(reversed(payload.items())))


def _sorted(payload: Payload) -> bytes:
    return json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()


def _noted(payload: Payload, note: str) -> bytes:
    """Add one more field to the event, its value spelt as `note`."""
    return with_member(compact(payload), b'"labkit_note":' + note.encode())


def _typed(*types: str | None) -> Callable[[Harness], Judgement]:
    @for_json
    def run(harness: Harness) -> Judgement:
        tally = Tally(harness)
        for kind in types:
            draft = harness.draft()
            request = harness.seal(draft.body, id=draft.id, content_type=kind)
            exchange = harness.send(f"Content-Type {kind or 'absent'}", request)
            if kind and kind.startswith("application/json"):
                tally.accept(exchange)
            else:
                tally.read_as_sent(exchange)
        return tally.judgement("read as sent, or rejected only because of the type")

    return run


def _header_case(harness: Harness) -> Judgement:
    tally = Tally(harness)
    for name, change in (("in lower case", str.lower), ("in upper case", str.upper)):
        draft = harness.draft()
        request = harness.seal(draft.body, id=draft.id)
        headers = tuple((change(key), value) for key, value in request.headers)
        request = dataclasses.replace(request, headers=headers)
        tally.accept(harness.send(f"header names {name}", request))
    return tally.judgement("both acknowledged")


def _chunks(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    exchange = in_chunks(harness, "in chunks of 7 bytes", draft, size=7)
    tally.survive(exchange)
    status = exchange.response.status
    if status == harness.refusal and status in _NOT_AUTHENTIC:
        tally.complain(
            f"in chunks: {status}, like a forged event, so the body was not read",
            Sign.REJECTED,
            exchange,
        )
    return tally.judgement(f"response: {exchange.response}")


@for_json
def _extra(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    later = {"api_version": "2031-01-01", "livemode": True, "related": None}
    request = harness.seal(compact(merged(draft.payload, later)), id=draft.id)
    tally.accept(harness.send("three more fields, one of them null", request))
    return tally.judgement("acknowledged")


def _unknown_type(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    kind = "labkit.event_from_next_year"
    draft.sample.put_type(draft.payload, kind)
    request = harness.seal(draft.body, id=draft.id, event_type=kind)
    tally.accept(harness.send(f"type {kind}", request))
    return tally.judgement("acknowledged")


def _gzipped(harness: Harness) -> Judgement:
    if not harness.endpoint.gzip:
        why = "without --gzip, no compressed event is sent"
        return Judgement(ProbeOutcome.NOT_APPLICABLE, why)
    tally = Tally(harness)
    draft = harness.draft()
    small = gzip.compress(draft.body, mtime=0)
    signed = small if harness.scheme.signs_compressed else draft.body
    request = with_body(harness.seal(signed, id=draft.id), small)
    request = with_header(request, "Content-Encoding", "gzip")
    tally.accept(harness.send("a valid event with Content-Encoding: gzip", request))
    return tally.judgement("acknowledged")


PROBES = (
    Probe(
        id="valid.plain",
        sent="a valid event, as the provider sends it",
        wanted="a response that acknowledges it",
        why="an endpoint that rejects valid events loses all of them, and then its "
        "rejection of forged ones proves nothing",
        mend="check secret, scheme and URL; compare the bytes that you verify with "
        "those that were sent",
        source="docs.stripe.com/webhooks, standard-webhooks/standard-webhooks",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("Standard Webhooks: Webhook Headers",),
        run=_plain,
    ),
    Probe(
        id="valid.spacing",
        sent="valid events with spaces, line breaks and tabs between the JSON's parts",
        wanted="all acknowledged",
        why="a verifier that hashes re-serialised JSON rejects valid events as soon as "
        "the provider spaces them differently",
        mend=_RAW,
        source=_RESERIALISED,
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("CWE-436",),
        run=_spelt(
            spaces_around_commas_and_colons=_spaced,
            indented_and_CRLF_at_the_end=_indented,
            tabs_and_blank_lines=_tabbed,
        ),
    ),
    Probe(
        id="valid.key-order",
        sent="valid events with the keys sorted, and in reverse",
        wanted="all acknowledged",
        why="JSON keys have no order; code that parses and re-serialises the body may "
        "reorder them, and then the signature no longer matches",
        mend=_RAW,
        source=_RESERIALISED,
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("CWE-436",),
        run=_spelt(keys_sorted=_sorted, keys_in_reverse=_reversed),
    ),
    Probe(
        id="valid.letters",
        sent="valid events with é unescaped, as \\u00e9, an emoji as a pair of "
        "escapes, and / as \\/",
        wanted="all acknowledged",
        why=(
            "the same letter has two forms in JSON, and only the bytes that were sent"
            " match the signature"
        ),
        mend=_RAW,
        source="probot/smee-client#454, cyrusagents/cyrus#996",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-436",),
        run=_spelt(
            letter_as_itself=lambda payload: _noted(payload, '"Zoë 李雷 🎈"'),
            letter_escaped=lambda payload: _noted(payload, '"Zo\\u00eb \\u674e"'),
            pair_of_escapes=lambda payload: _noted(payload, '"\\ud83c\\udf88"'),
            slash_escaped=lambda payload: _noted(payload, '"a\\/b"'),
        ),
    ),
    Probe(
        id="valid.numbers",
        sent="valid events with 1.0, 1e2, -0 and 12345678901234567890 in a new field",
        wanted="all acknowledged",
        why="JavaScript writes 1.0 as 1 and rounds long numbers, so re-serialised JSON "
        "has another hash",
        mend=_RAW,
        source="workos/workos-node#1578, KanishJebaMathewM/Truxify#5508",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-436",),
        run=_spelt(
            one_point_zero=lambda payload: _noted(payload, "1.0"),
            exponent=lambda payload: _noted(payload, "1e2"),
            minus_zero=lambda payload: _noted(payload, "-0"),
            twenty_digits=lambda payload: _noted(payload, "12345678901234567890"),
        ),
    ),
    Probe(
        id="valid.charset",
        sent="valid events as application/json; charset=utf-8, in lower and upper case",
        wanted="acknowledged",
        why="providers add the character set; code that compares with application/json "
        "alone then rejects everything",
        mend="ignore the content type, or compare only the part before the semicolon",
        source="airqo-platform/AirQo-api#6616",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("RFC 9110, section 8.3",),
        run=_typed("application/json; charset=utf-8", "application/JSON;charset=UTF-8"),
    ),
    Probe(
        id="valid.header-case",
        sent="valid events with all header names in lower case, and in upper case",
        wanted="acknowledged",
        why="HTTP/2, proxies and serverless platforms write header names in lower "
        "case; a receiver that looks for only one spelling then rejects every "
        "event",
        mend="look up header names case-insensitively (a plain dict of headers "
        "does not)",
        source="EasyPost/easypost-node#399, slackapi/bolt-js#937, grammyjs/grammY#900",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("RFC 9110, section 5.1", "CWE-178"),
        run=_header_case,
    ),
    Probe(
        id="valid.content-types",
        sent="valid events with Content-Type text/plain, "
        "application/x-www-form-urlencoded, application/vnd.api+json, "
        "application/octet-stream, and without one",
        wanted=(
            "acknowledged, or rejected because of the type (400, 415); never as "
            "forged (401, 403), never a 5xx"
        ),
        why="a 401 or 403 here shows that a parser consumed the body before it was "
        "verified; an update can bring the same bug to the correct content type",
        mend="read the raw body first, for every content type, then decide",
        source="airqo-platform/AirQo-api#6616; Flask: request.form empties get_data()",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-436",),
        run=_typed(
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/vnd.api+json",
            "application/octet-stream",
            None,
        ),
    ),
    Probe(
        id="valid.chunked",
        sent="a valid event with Transfer-Encoding: chunked, without a length",
        wanted="acknowledged, or rejected for its form (such as 411), not as forged",
        why=(
            "a proxy may replace Content-Length with chunks; a receiver that relies on "
            "the length then sees no body"
        ),
        mend="let the server read the body, or reject the request with 411",
        source="RFC 9112, section 7.1",
        severity=Severity.LOW,
        who=Who.NOBODY,
        references=("RFC 9112, section 7.1",),
        run=_chunks,
    ),
    Probe(
        id="valid.gzip",
        sent="a valid event with its body compressed by gzip, if --gzip is given",
        wanted="acknowledged",
        why="some frameworks hand over the compressed bytes; a receiver that verifies "
        "those rejects every event",
        mend="decompress the body first, up to a limit, and verify the plain text",
        source="silverton-io/buz#588, GetStream/stream-chat-python#230",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("RFC 9110, section 8.4",),
        run=_gzipped,
    ),
    Probe(
        id="valid.extra-fields",
        sent="a valid event with three fields that do not exist yet, one of them null",
        wanted="acknowledged",
        why="providers add fields without notice; a receiver that rejects unknown "
        "fields stops working on that day",
        mend="read the fields that you need and ignore the rest",
        source="docs.stripe.com/upgrades (what counts as compatible)",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("CWE-20",),
        run=_extra,
    ),
    Probe(
        id="valid.unknown-type",
        sent="a valid event of a type that does not exist yet",
        wanted="acknowledged",
        why=(
            "a 500 is retried for days, and some providers disable an endpoint "
            "because of it"
        ),
        mend="acknowledge and ignore unknown types",
        source="standard-webhooks/standard-webhooks, docs.stripe.com/webhooks",
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-20",),
        run=_unknown_type,
    ),
)
