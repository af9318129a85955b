"""An app that responds as it is told: statuses in turn, a delay, a body."""

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any

from labkit.errors import BadSetting
from labkit.transport import WsgiApp

LONGEST = 1_000_000
"""A status is repeated fewer times than this."""


def scripted(statuses: Sequence[int], *, delay: float, body: str) -> WsgiApp:
    """Return an app that responds with the statuses in turn; the last one stays.

    `delay` is in seconds before each response. `body` is sent with every response.
    """
    turns = itertools.chain(statuses, itertools.repeat(statuses[-1]))
    lock = threading.Lock()
    content = body.encode()

    def app(
        environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        environ["wsgi.input"].read()
        with lock:
            status = next(turns)
        if delay:
            time.sleep(delay)
        headers = [("Content-Type", "text/plain; charset=utf-8")]
        if status in (204, 304):  # these have no body by definition
            start_response(_line(status), headers)
            return []
        length = ("Content-Length", str(len(content)))
        start_response(_line(status), [*headers, length])
        return [content]

    return app


def statuses_from(text: str) -> list[int]:
    """Read statuses in turn, such as `503*3,200`. Raises BadSetting."""
    found: list[int] = []
    for part in text.split(","):
        status, _, times = part.strip().partition("*")
        possible = status.isdecimal() and 200 <= int(status) <= 599
        if times:
            possible &= times.isdecimal() and 0 < int(times) < LONGEST
        if not possible:
            raise BadSetting(
                f"the status {part.strip()!r} cannot be sent; give numbers from 200 to "
                "599, such as 200, or 500,500,200, or 503*3,200"
            )
        found += [int(status)] * int(times or 1)
    return found


def _line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Status"
