"""Read what a delivery says about itself: its id, its time, its signature, its data."""

import json
import re
import time
from collections.abc import Sequence
from typing import Any

from labkit.errors import VerificationError
from labkit.signing import Scheme
from labkit.witness import Request

_ID_HEADER = re.compile(
    r"(?:^|-)(?:event|delivery|message|webhook|notification|request)-?(?:id|uuid)$"
    r"|^(?:x-)?idempotency-key$|-delivery$|^(?:svix|webhook)-id$",
    re.IGNORECASE,
)

_ID_KEYS = (
    "id",
    "event_id",
    "eventId",
    "event_uuid",
    "delivery_id",
    "deliveryId",
    "message_id",
    "messageId",
    "uuid",
    "idempotency_key",
)


def id_of(request: Request, header: str, path: str) -> str | None:
    """Return the id at the given header or path, otherwise in a usual place."""
    if header:
        return request.header(header)
    if path:
        return _text(at_path(parsed(request), path))
    for name, value in request.headers:
        if _ID_HEADER.search(name):
            return value
    whole = parsed(request)
    if isinstance(whole, dict):
        for key in _ID_KEYS:
            if (found := _text(whole.get(key))) is not None:
                return found
    return None


def time_of(request: Request, scheme: Scheme | None, header: str) -> float | None:
    """Return the time at the given header, otherwise where the scheme has it, or None.

    It is in seconds since the Unix epoch, and may be written in milliseconds.
    """
    if not header and scheme is not None:
        header = scheme.timestamp_header or ""
        if not header and scheme.renewed_per_attempt:
            header = scheme.signature_header
    value = request.header(header) if header else None
    found = re.search(r"(?:^|t=)([0-9]{9,13})(?:$|,)", value or "")
    if not found:
        return None
    number = float(found[1])
    return number / 1000 if len(found[1]) > 10 else number


def fault_of(
    request: Request,
    scheme: Scheme,
    secrets: Sequence[str],
    *,
    moment: float | None,
    base: str,
) -> str | None:
    """Return why the request does not verify at that moment, or None if it does.

    `moment` is in seconds since the Unix epoch, None for now. `base` is the address of
    the endpoint without its path.
    """
    try:
        scheme.verify(
            request.body,
            dict(request.headers),
            secrets=secrets,
            now=time.time() if moment is None else moment,
            url=base + request.target,
        )
    except VerificationError as error:
        return str(error)
    return None


def parsed(request: Request) -> Any:
    """Return the body as JSON, or None if it is not JSON."""
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        return None


def at_path(whole: Any, path: str) -> Any:
    """Return the value at a path such as `data.items.0.id`, or None."""
    for part in path.split("."):
        if isinstance(whole, dict):
            whole = whole.get(part)
        elif isinstance(whole, list) and part.isdigit() and int(part) < len(whole):
            whole = whole[int(part)]
        else:
            return None
    return whole


def texts_in(whole: Any) -> list[str]:
    """Return every string in a JSON value, keys too."""
    found: list[str] = []
    todo = [whole]
    while todo:
        value = todo.pop()
        if isinstance(value, str):
            found.append(value)
            # A body in a body: some senders put the data in as JSON text.
            if value[:1] in "{[":
                try:
                    todo.append(json.loads(value))
                except (ValueError, RecursionError):
                    continue
        elif isinstance(value, dict):
            todo += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            todo += value
    return found


def carries(request: Request, data: str) -> bool:
    """Return whether the body is JSON that contains the data unchanged."""
    return any(data in text for text in texts_in(parsed(request)))


def _text(value: Any) -> str | None:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    return None
