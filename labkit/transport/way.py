"""What every way to the other side has in common."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from labkit.model import Request, Response

IN_BROWSER = sys.platform == "emscripten"
"""Whether this Python runs in a browser, where there are no sockets and no threads."""

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Endpoint = WsgiApp | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """What a connection is made to suffer on purpose; by default nothing.

    `trickle` is how many seconds the body takes from its first byte to its last. With
    `breaks_off` the connection is reset in the middle of the request, and no server
    has a whole request to serve. With `reset` it is reset in the middle of the
    response, when its head has come: the server did its work.
    """

    trickle: float = 0.0
    breaks_off: bool = False
    reset: bool = False


SMOOTH = Mishap()


class Transport(Protocol):
    """Anything that takes a request to the other side and brings the response back.

    `base` is the scheme and authority of the other side.
    """

    base: str

    def send(
        self, request: Request, *, timeout: float, mishap: Mishap = SMOOTH
    ) -> Response:
        """Send one request; `timeout` is in seconds. Raises NoAnswer.

        After a mishap with `reset` the response is what was read of it; the caller
        knows better than to believe in it.
        """
        ...


class Interrupted(BaseException):
    """The kit's own order to stop; no `except Exception` of a handler catches it."""


def wire(value: str) -> bytes:
    """Return a header's value as bytes: Latin-1 where it fits, as HTTP has it."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()
