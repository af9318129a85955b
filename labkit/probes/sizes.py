"""Bodies that are large, and bodies that are too large."""

import dataclasses

from labkit.findings import Severity, Who
from labkit.model import Request
from labkit.probes import forge
from labkit.probes.edits import with_header
from labkit.probes.exchange import Draft, Exchange
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe, Sign
from labkit.probes.tally import Tally
from labkit.probes.wire import Piece, chunked, written
from labkit.profiles import Profile
from labkit.signing import Scheme

MEGABYTE = 1_000_000

LARGE = 10 * MEGABYTE
"""More than any event has, in bytes, unless a provider says otherwise."""

ENDLESS = 48 * MEGABYTE
"""Where an endless body ends after all; far more than sockets hold between them."""

_TOO_LARGE = 413


WAIT = 5.0
"""How long, in seconds, a request may be held whose body does not come."""

_LIMIT = (
    "set a limit at the server and in the framework, for chunked bodies as well, and "
    "check the length of what was read: Flask's MAX_CONTENT_LENGTH cuts a chunked "
    "body off without an error"
)
_UNBOUNDED = "adnanh/webhook#756, QuackbackIO/quackback#302, curie-eng/curie#633"


def in_chunks(
    harness: Harness,
    label: str,
    draft: Draft,
    *,
    body: bytes = b"",
    size: int = 1 << 14,
) -> Exchange:
    """Send a valid event in chunks, without a length."""
    body = body or draft.body
    request = chunked_form(harness.seal(body, id=draft.id))
    # The signature may be in the body, so it is the sealed one that counts.
    framed = dataclasses.replace(request, body=chunked(request.body, size))
    return harness.send_pieces(
        label, request, [written(framed, harness.wire.authority)]
    )


def too_large(largest: int) -> int:
    """Return a size, in bytes, that no event of the provider reaches.

    `largest` is the limit of the scheme, 0 if it has none. The provider may mean
    megabytes of 1024 x 1024 bytes.
    """
    return largest * 1024**2 // MEGABYTE + MEGABYTE if largest else LARGE


def _legitimate(harness: Harness) -> Judgement:
    return _of_size(harness, harness.scheme.legitimate)


def _largest(harness: Harness) -> Judgement:
    # A limit of the receiver's own is its decision; a body that is cut off is a bug.
    return _of_size(harness, harness.scheme.largest, may_be=_TOO_LARGE)


def _publishes_no_limit(scheme: Scheme, profile: Profile) -> str:
    return "" if scheme.largest else f"{scheme.name} names no larger limit"


def _of_size(harness: Harness, size: int, *, may_be: int = 0) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    body = draft.noted(b'"%b"' % (b"x" * (size - len(draft.body))))
    request = harness.seal(body, id=draft.id)
    exchange = harness.send(f"a valid event of {len(body) // 1000} kB", request)
    if may_be and exchange.response.status == may_be:
        return tally.judgement(f"rejected with {may_be}, so the receiver has a limit")
    tally.accept(exchange)
    return tally.judgement("acknowledged")


def _unsigned(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    body = _large_body(harness, draft)
    request = harness.seal(body, id=draft.id, change=forge.altered)
    exchange = harness.send(f"{_megabytes(body)}, forged", request)
    tally.refuse(exchange, may_hang_up=True)
    return alive(harness, tally, f"response: {exchange.response}")


def _signed(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    body = _large_body(harness, draft)
    exchange = harness.send(
        f"{_megabytes(body)}, signed", harness.seal(body, id=draft.id)
    )
    tally.refuse(exchange, may_hang_up=True)
    return alive(harness, tally, f"response: {exchange.response}")


def _in_chunks(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    body = _large_body(harness, draft)
    label = f"{_megabytes(body)}, signed, in chunks"
    exchange = in_chunks(harness, label, draft, body=body, size=1 << 16)
    tally.refuse(exchange, may_hang_up=True)
    return alive(harness, tally, f"response: {exchange.response}")


def _endless(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    request = chunked_form(harness.seal(draft.body, id=draft.id, change=forge.altered))
    head = written(dataclasses.replace(request, body=b""), harness.wire.authority)
    part = b"%x\r\n%b\r\n" % (1 << 18, b" " * (1 << 18))
    most = ENDLESS + too_large(harness.scheme.largest) - LARGE
    pieces: list[Piece] = [head, *[part] * (most // len(part)), b"0\r\n\r\n"]
    exchange = harness.send_pieces("an endless body", request, pieces)
    taken = exchange.response.taken
    status = exchange.response.status
    tally.refuse(exchange, may_hang_up=True)
    whole = taken >= len(part) * (len(pieces) - 2)
    # A server may read on and drop what it reads; so what it read proves nothing. But
    # a signature can't be found wrong unless all of the body was kept or hashed.
    if whole and status == harness.refusal and status != _TOO_LARGE:
        tally.complain(
            f"all of {taken // MEGABYTE} MB were read, and then rejected with {status} "
            "like a forged event of normal size, so there is no limit below that",
            Sign.OTHER,
            exchange,
        )
    return alive(harness, tally, f"{exchange.response} after {taken / MEGABYTE:.1f} MB")


def _declared(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    request = harness.seal(draft.body, id=draft.id, change=forge.altered)
    request = with_header(request, "Content-Length", "10000000000")
    exchange = harness.send("10 GB announced, 1 kB sent", request, timeout=WAIT)
    tally.refuse(exchange, may_hang_up=True)
    return alive(harness, tally, f"response: {exchange.response}")


def _large_body(harness: Harness, draft: Draft) -> bytes:
    size = too_large(harness.scheme.largest)
    return draft.noted(b'"%b"' % (b"x" * size))


def chunked_form(request: Request) -> Request:
    """Return the request with the header that announces chunks."""
    return with_header(request, "Transfer-Encoding", "chunked")


def alive(harness: Harness, tally: Tally, good: str) -> Judgement:
    """Judge by the tally, and by whether a valid event is accepted afterwards."""
    if harness.accepts:
        tally.accept(harness.deliver("a valid event afterwards"))
    return tally.judgement(good)


def _megabytes(body: bytes) -> str:
    return f"{len(body) // MEGABYTE} MB"


PROBES = (
    Probe(
        id="size.large-event",
        sent=(
            "a large valid event (300 kB; Slack: 250 kB; Standard Webhooks and Twilio: "
            "20 kB)"
        ),
        wanted="acknowledged",
        why="a push with many commits or an order with many lines is that large; "
        "express.json() stops at 100 kB, nginx at 1 MB",
        mend="allow what the provider may send (GitHub 25 MB, Slack 256 kB), and set "
        "the limit for this route only",
        source="backstage/backstage#28910, hubotio/hubot#1405, probot/smee.io#98",
        severity=Severity.HIGH,
        who=Who.NOBODY,
        references=("the provider's page on payload limits",),
        run=_legitimate,
    ),
    Probe(
        id="size.largest",
        sent="a valid event of the largest size that the provider sends (GitHub: 25 "
        "MB; Pub/Sub: 10 MB)",
        wanted="acknowledged, or rejected with 413",
        why="a server that truncates a large body passes on only a part of it; the "
        "receiver then takes a valid event for a forged one, or crashes",
        mend="allow as much as the provider may send, for this route only; reject "
        "anything above your limit with 413, and never truncate it",
        source="docs.github.com, Webhook events and payloads: 25 MB at most",
        severity=Severity.LOW,
        who=Who.NOBODY,
        references=("the provider's page on payload limits",),
        applies=_publishes_no_limit,
        run=_largest,
    ),
    Probe(
        id="size.forged",
        sent="a body of 10 MB (GitHub: 27 MB; Pub/Sub: 11 MB) under a forged signature",
        wanted="rejected, or connection closed; a valid event is accepted afterwards",
        why="a receiver must be able to reject a body without reading all of it into "
        "memory",
        mend=_LIMIT,
        source=_UNBOUNDED,
        severity=Severity.MEDIUM,
        who=Who.ANYONE,
        references=("CWE-770", "OWASP API4:2023"),
        run=_unsigned,
    ),
    Probe(
        id="size.signed",
        sent="a body of 10 MB (GitHub: 27 MB; Pub/Sub: 11 MB), validly signed, its "
        "length announced",
        wanted="rejected (413), or connection closed",
        why=(
            "the provider never sends this much; a limit that applies only to unsigned "
            "requests does not stop someone who has the secret"
        ),
        mend=_LIMIT,
        source=_UNBOUNDED,
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-770",),
        run=_signed,
    ),
    Probe(
        id="size.chunked",
        sent="a body of 10 MB (GitHub: 27 MB; Pub/Sub: 11 MB), validly signed, in "
        "chunks without a length",
        wanted="rejected (413), or connection closed",
        why="a limit that only checks Content-Length does not see chunked bodies",
        mend=_LIMIT,
        source="pallets/werkzeug#2620, " + _UNBOUNDED,
        severity=Severity.LOW,
        who=Who.PROVIDER,
        references=("CWE-770",),
        run=_in_chunks,
    ),
    Probe(
        id="size.endless",
        sent="a body of up to 48 MB (GitHub: 65 MB) in chunks, under a forged "
        "signature",
        wanted="rejected because of its size, or connection closed",
        why="anyone can exhaust the memory of a receiver that reads the whole body "
        "before its first check",
        mend=_LIMIT,
        source=_UNBOUNDED,
        severity=Severity.HIGH,
        who=Who.ANYONE,
        references=("CWE-770", "OWASP API4:2023"),
        run=_endless,
    ),
    Probe(
        id="size.announced",
        sent="a request that announces 10 GB and sends 1 kB",
        wanted=f"rejected, or connection closed, within {WAIT:.0f} s",
        why="each such request occupies a worker until it times out",
        mend="compare Content-Length with the limit before reading",
        source="vellum-ai/vellum-assistant#36910",
        severity=Severity.LOW,
        who=Who.ANYONE,
        references=("CWE-400",),
        run=_declared,
    ),
)
