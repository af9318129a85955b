"""What is known about each attempt or moment, for a picture that can be played."""

from collections import Counter
from collections.abc import Iterator

from labkit.drawing.player import Item
from labkit.model import Attempt, Request
from labkit.record import Record
from labkit.redaction import of_this_process
from labkit.timeline import bands, phrases
from labkit.timeline.reading import Landing, Reading, Seen
from labkit.timeline.signs import UNFINISHED
from labkit.timeline.words import clock, counted

_BODY = 800
"""So many characters of a body are shown."""

_TOLD = 6
"""So many attempts of one moment are told one by one."""


def attempts(history: Record, reading: Reading) -> Iterator[Item]:
    """Say everything about each attempt, in the order in which they were sent."""
    sent = {
        (course.tag, attempt.number): attempt
        for course in reading.courses
        for attempt in course.delivery.attempts
    }
    courses = {
        seen.tag: course.tag for course in reading.courses for seen in course.seen
    }
    for seen in reading.seen:
        attempt = sent.get((courses[seen.tag], seen.number))
        yield _attempt(seen, attempt)


def moments(reading: Reading) -> Iterator[Item]:
    """Say for each column of a picture in bands which attempts were sent then."""
    for start, end, found in bands.moments(reading):
        kinds = Counter(seen.kind.label for seen in found)
        counts = "\n".join(f"{count:,} {label}" for label, count in kinds.most_common())
        told = [phrases.brief(seen) for seen in found[:_TOLD]]
        if len(found) > _TOLD:
            told.append(f"… and {len(found) - _TOLD:,} more")
        yield Item(
            f"{clock(start)} to {clock(end)}: {counted(len(found), 'attempt')}",
            (("how they ended", counts), ("attempts", "\n".join(told))),
        )


def _attempt(seen: Seen, attempt: Attempt | None) -> Item:
    event = seen.event
    title = f"{seen.tag}: {event.type} {event.id}, attempt {seen.number}"
    said = "the simulation ended first"
    if seen.kind is not UNFINISHED:
        said = f"sent at {clock(seen.sent)}, {phrases.heard(seen)}"
    facts = [("sender", said), ("receiver", _receiver(seen))]
    if seen.faults:
        facts.append(("wire", ", ".join(seen.faults)))
    if attempt is not None:
        request = of_this_process().request(attempt.request)
        facts += [("signature", _signature(request)), ("request", _written(request))]
    facts.append(("response that the sender got", _response(seen)))
    return Item(title, tuple(facts))


def _receiver(seen: Seen) -> str:
    if not seen.landings:
        return phrases.crossed(seen)
    return "\n".join(_landing(seen, landing) for landing in seen.landings)


def _landing(seen: Seen, landing: Landing) -> str:
    copy = "a copy, " if landing.copy else ""
    return f"{copy}{clock(landing.at)}: {phrases.answered(seen, landing)}"


def _signature(request: Request) -> str:
    """Write the headers that sign the request."""
    signing = [
        f"{name}: {value}"
        for name, value in request.headers
        if "signature" in name.lower() or "hmac" in name.lower()
    ]
    return "\n".join(signing) or "none"


def _written(request: Request) -> str:
    lines = [f"{request.method} {request.path}"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    body = request.body.decode("utf-8", "replace")
    if len(body) > _BODY:
        body = f"{body[:_BODY]}… ({len(request.body):,} bytes)"
    return "\n".join([*lines, "", body])


def _response(seen: Seen) -> str:
    if seen.status is not None:
        return f"status {seen.status}"
    return "none yet" if seen.kind is UNFINISHED else f"none: {phrases.heard(seen)}"
