"""Requests whose body does not end where they say: a wrong length, or broken chunks."""

import dataclasses
from collections.abc import Iterator

from labkit.findings import Severity, Who
from labkit.probes import forge
from labkit.probes.edits import with_header
from labkit.probes.harness import Harness
from labkit.probes.probe import Judgement, Probe
from labkit.probes.sizes import alive, chunked_form
from labkit.probes.tally import Tally
from labkit.probes.wire import written

_THIRTY_DIGITS = "9" * 30
_FRAMES = (
    "let the server reject a request with an invalid length, and never pass a partial "
    "body to the application"
)


def _short(harness: Harness) -> Judgement:
    tally = Tally(harness)
    for name, kept in (("half of the body", 2), ("one byte of the body", 0)):
        draft = harness.draft()
        request = harness.seal(draft.body, id=draft.id)
        content = written(request, harness.wire.authority)
        end = len(content) - len(request.body)
        end += len(request.body) // kept if kept else 1
        exchange = harness.send_pieces(
            f"{name}, then nothing more", request, [content[:end]], half_close=True
        )
        tally.refuse(exchange, may_hang_up=True)
    return alive(harness, tally, "rejected or cut off")


def _long(harness: Harness) -> Judgement:
    tally = Tally(harness)
    draft = harness.draft()
    request = harness.seal(draft.body, id=draft.id)
    request = with_header(request, "Content-Length", str(len(request.body) - 1))
    exchange = harness.send("a length that is one byte short", request)
    tally.refuse(exchange, may_hang_up=True)
    return alive(harness, tally, f"response: {exchange.response}")


def _bad_length(harness: Harness) -> Judgement:
    tally = Tally(harness)
    for value in ("abc", "-1", "1e3", _THIRTY_DIGITS):
        draft = harness.draft()
        request = harness.seal(draft.body, id=draft.id, change=forge.altered)
        request = with_header(request, "Content-Length", value)
        # A server may wait for all of it; `size.announced` asks whether it does.
        may_wait = value == _THIRTY_DIGITS
        timeout = 1.0 if may_wait else None
        exchange = harness.send(f"Content-Length {value}", request, timeout=timeout)
        if not (may_wait and exchange.response.problem == "timed out"):
            tally.refuse(exchange, may_hang_up=True)
    return alive(harness, tally, "all rejected or cut off")


def _broken_chunks(harness: Harness) -> Judgement:
    tally = Tally(harness)
    for name, frames in _broken_frames():
        draft = harness.draft()
        request = chunked_form(harness.seal(draft.body, id=draft.id))
        framed = dataclasses.replace(request, body=frames)
        exchange = harness.send_pieces(
            name, request, [written(framed, harness.wire.authority)], half_close=True
        )
        tally.refuse(exchange, may_hang_up=True)
    return alive(harness, tally, "all rejected or cut off")


def _broken_frames() -> Iterator[tuple[str, bytes]]:
    yield "a chunk of size zz", b"zz\r\n{}\r\n0\r\n\r\n"
    yield "a chunk that ends early", b"ffff\r\n{}"
    yield "a chunk longer than it says", b"1\r\n{}{}{}\r\n0\r\n\r\n"
    yield "chunks without an end", b"2\r\n{}\r\n"


PROBES = (
    Probe(
        id="size.short",
        sent="valid events whose body is incomplete",
        wanted="rejected, or connection closed; never acknowledged",
        why=(
            "the provider does not send an incomplete event again once it is "
            "acknowledged"
        ),
        mend=_FRAMES,
        source="RFC 9112, section 8",
        severity=Severity.MEDIUM,
        who=Who.NOBODY,
        references=("RFC 9112, section 8",),
        run=_short,
    ),
    Probe(
        id="size.long",
        sent="a valid event with a length that is one byte short",
        wanted="rejected, or connection closed; never acknowledged",
        why="the receiver reads a body that differs from the signed one",
        mend=_FRAMES,
        source="RFC 9112, section 8",
        severity=Severity.LOW,
        who=Who.ANYONE,
        references=("CWE-444",),
        run=_long,
    ),
    Probe(
        id="size.no-number",
        sent="the Content-Length abc, -1, 1e3, and a number of 30 digits",
        wanted="rejected, or connection closed, with no 5xx",
        why="int() raises an exception for such a header, and anyone can send one",
        mend=_FRAMES,
        source="RFC 9112, section 6.3",
        severity=Severity.LOW,
        who=Who.ANYONE,
        references=("CWE-20",),
        run=_bad_length,
    ),
    Probe(
        id="size.broken-chunks",
        sent="chunks of size zz, too short, too long, and without an end",
        wanted="rejected, or connection closed; never acknowledged",
        why=(
            "one server may read as the next request what another reads as the body "
            "(request smuggling)"
        ),
        mend=_FRAMES,
        source="RFC 9112, section 7.1",
        severity=Severity.LOW,
        who=Who.ANYONE,
        references=("CWE-444",),
        run=_broken_chunks,
    ),
)
