"""One copy of a request on its way, with the redirects that the sender follows."""

import urllib.parse
from dataclasses import replace

from labkit.errors import ConnectionRefused, NoAnswer
from labkit.faults import Crossing
from labkit.model import Request, Response
from labkit.profiles import Profile
from labkit.transport import SMOOTH, Mishap, Transport

MOVED = frozenset((301, 302, 303, 307, 308))
"""Statuses that ask to go elsewhere."""

TRICKLE = 1 / 1000
"""Seconds that a body trickles over a socket for each one that passes in the lab."""

LONGEST_TRICKLE = 0.3
"""The most seconds that a body trickles over a socket."""


def send_copy(
    transport: Transport, profile: Profile, crossing: Crossing, copy: int, limit: float
) -> tuple[Response | NoAnswer, bool]:
    """Send it, and follow redirects on the same host as far as the profile does.

    `copy` is its number, 0 for the request itself. `limit` is the time for each
    request, in seconds. Returns the answer, and whether the receiver was reached.
    """
    answer = crossing.answer
    reached = answer is None
    try:
        if answer is None:
            mishap = _mishap(crossing)
            answer = transport.send(crossing.request, timeout=limit, mishap=mishap)
        if answer.status not in MOVED or not profile.redirects.most:
            return answer, reached
        if not _is_heard(crossing, copy, profile.timeout):
            return answer, reached
        request = crossing.request
        for _ in range(profile.redirects.most):
            path = _path_here(transport.base, request, answer)
            if path is None:
                break
            if answer.status in profile.redirects.becomes_get:
                request = Request("GET", path, request.headers, b"")
            else:
                request = replace(request, path=path)
            answer = transport.send(request, timeout=limit)
            reached = True
    except ConnectionRefused as refusal:
        return refusal, False
    except NoAnswer as silence:
        return silence, not crossing.broken_off
    return answer, reached


def _is_heard(crossing: Crossing, copy: int, timeout: float) -> bool:
    """Tell whether the sender gets to know what is answered to that copy."""
    broken = crossing.response_lost or crossing.reset or crossing.down
    in_time = crossing.copies[0] + crossing.back <= timeout
    return copy == 0 and in_time and not broken


def _mishap(crossing: Crossing) -> Mishap:
    """Return what the connection is to suffer; a trickle takes far less time there."""
    reset = crossing.reset or crossing.down > 0
    if not (reset or crossing.trickle or crossing.broken_off):
        return SMOOTH
    return Mishap(
        trickle=min(crossing.trickle * TRICKLE, LONGEST_TRICKLE),
        breaks_off=crossing.broken_off,
        reset=reset,
    )


def _path_here(base: str, request: Request, answer: Response) -> str | None:
    """Return where a redirect leads on the same host, or None for any other answer."""
    location = answer.header("Location")
    if answer.status not in MOVED or not location:
        return None
    try:
        parts = urllib.parse.urlsplit(
            urllib.parse.urljoin(base + request.path, location)
        )
    except ValueError:  # half an IPv6 address
        return None
    if f"{parts.scheme}://{parts.netloc}".lower() != base.lower():
        return None
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path
