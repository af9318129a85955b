"""A stream of requests as deliveries: which of them are attempts of one event."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from labkit.examine_sender.answering import CANARY
from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.reading import at_path, parsed
from labkit.witness import Request, Sighting

_MOMENTS = (
    *("sequence", "sequence_number", "seq"),
    *("occurred_at", "created_at", "created", "occurredAt", "createdAt", "timestamp"),
)
REDIRECTS = ("301", "302", "303", "307", "308")
_WISH = re.compile(r"Retry-After: (\d+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What arrived: `deliveries` have the attempts of one event each, in order.

    `strays` went where a redirect led. `others` counts requests without a body. `end`
    is until when was listened. `failing` are deliveries whose first attempts got a 5xx
    without a Retry-After, with the delays after these attempts, on the sender's clock.
    """

    sightings: tuple[Sighting, ...]
    deliveries: tuple[tuple[Sighting, ...], ...]
    strays: tuple[Sighting, ...]
    others: int
    end: float
    failing: tuple[tuple[tuple[Sighting, ...], list[float]], ...]

    @property
    def rows(self) -> list[list[float]]:
        """The delays after each number of failures, one row per delivery."""
        return [gaps for _, gaps in self.failing]

    @property
    def repeated(self) -> list[tuple[Sighting, ...]]:
        """The deliveries with more than one attempt."""
        return [attempts for attempts in self.deliveries if len(attempts) > 1]

    def wish(self, sighting: Sighting) -> float | None:
        """Return the seconds that a response asked for, or None."""
        found = _WISH.search(sighting.behaviour)
        return float(found[1]) if found else None


def stream_of(
    harness: SenderHarness, sightings: Sequence[Sighting], *, end: float | None = None
) -> Stream:
    """Sort the requests of a stream by the event that they deliver."""
    strays = tuple(s for s in sightings if s.path == CANARY)
    kept = tuple(s for s in sightings if s.path != CANARY and s.request.body)
    deliveries = _grouped(harness, kept)
    last = max((s.closed or s.ended for s in sightings), default=0.0)
    failing = []
    for attempts in deliveries:
        failures = 0
        while failures < len(attempts) and _plain_5xx(attempts[failures]):
            failures += 1
        if failures:
            gaps = harness.gaps(attempts[: failures + 1])
            failing.append((attempts, gaps))
    return Stream(
        sightings=kept,
        deliveries=deliveries,
        strays=strays,
        others=len(sightings) - len(strays) - len(kept),
        end=last if end is None else end,
        failing=tuple(failing),
    )


def accepted(sighting: Sighting) -> bool:
    """Tell whether the attempt got a 2xx that the sender has read to its end."""
    return sighting.behaviour[:1] == "2" and sighting.finished


def failed_by(sighting: Sighting, *kinds: str) -> bool:
    """Tell whether the endpoint did one of these."""
    return sighting.behaviour.startswith(kinds)


def moment_of(request: Request) -> float | None:
    """Return the number or time by which the body orders its event, or None."""
    whole = parsed(request)
    for place in (whole, at_path(whole, "data")):
        if isinstance(place, dict):
            for key in _MOMENTS:
                if (found := _number(place.get(key))) is not None:
                    return found
    return None


def _number(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        for read in (datetime.fromisoformat, parsedate_to_datetime):
            try:
                return read(value).timestamp()
            except (TypeError, ValueError):
                continue
    return None


def _plain_5xx(sighting: Sighting) -> bool:
    return failed_by(sighting, "5") and "Retry-After" not in sighting.behaviour


def _grouped(
    harness: SenderHarness, sightings: Sequence[Sighting]
) -> tuple[tuple[Sighting, ...], ...]:
    """Group attempts, whose id or body a faulty sender may have changed.

    After an attempt that was accepted, another request with its id and another body is
    another event, and so is one with its body and another id.
    """
    deliveries: list[list[Sighting]] = []
    bodies = [s.request.body for s in sightings]
    ids = [harness.event_id(s.request) for s in sightings]
    for place, sighting in enumerate(sightings):
        id_, later, ids_later = ids[place], bodies[place + 1 :], ids[place + 1 :]
        for delivery in deliveries:
            last = delivery[-1]
            same_id = id_ == harness.event_id(last.request)
            same_body = sighting.request.body == last.request.body
            # The first body of two comes again: so they are of two events.
            changed = not _over(last) and last.request.body not in later
            # Without an id, an equal body after a 2xx may be that of another event.
            again = same_body and (id_ or not _over(last))
            if (same_id and (again or (id_ and changed))) or (
                same_body
                and failed_by(last, "3", "4", "5", "a ", "bytes", "no ")
                and harness.event_id(last.request) not in ids_later
            ):
                delivery.append(sighting)
                break
        else:
            deliveries.append([sighting])
    return tuple(
        tuple(replace(s, number=number) for number, s in enumerate(delivery, 1))
        for delivery in deliveries
    )


def _over(sighting: Sighting) -> bool:
    return sighting.behaviour[:1] == "2"
