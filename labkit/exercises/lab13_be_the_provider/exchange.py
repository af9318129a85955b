"""How an attempt is observed in 13.3: endpoints that misbehave, in virtual time."""

from collections.abc import Sequence
from typing import Any

from labkit.checks import short
from labkit.checks.observing import Record, exactly
from labkit.checks.space import Fields

LIMIT = 65_536
ENDLESS = 50 * LIMIT
DEADLINE = 10.0
"""Seconds from the start of an attempt after which nothing more is read."""
FIELDS = ("status", "retry_after", "body")
_NAMED = ("content-type", "webhook-id", "webhook-timestamp")
_NAMES = ("event", "url", "payload", "secrets")


class _Response:
    """A response whose body arrives in pieces, in virtual time."""

    def __init__(self, fields: Fields, record: Record, clock: list[float]) -> None:
        self.status: int = fields["status"]
        self.headers: dict[str, str] = dict(fields["headers"])
        self._fields, self._record, self._clock = fields, record, clock
        self._left: int = fields["size"]

    def read(self, size: int = -1) -> bytes:
        """Return what arrives next, or all if no size is given."""
        if self._clock[0] - self._fields["at"] > DEADLINE:
            self._record.note("late")
        piece = self._fields["piece"]
        wanted = self._left if size is None or size < 0 else min(size, piece)
        if self._fields["breaks"]:
            raise self._fields["breaks"]
        if size is None or size < 0:
            self._clock[0] += self._fields["wait"] * (self._left // piece + 1)
        else:
            self._clock[0] += self._fields["wait"]
        given = min(wanted, self._left)
        self._left -= given
        self._record.note("read", given)
        return b"x" * given

    def close(self) -> None:
        """Close the connection."""
        self._record.note("close")


def arguments(fields: Fields, record: Record) -> list[Any]:
    """Return a delivery, the clock and a `post` that takes notes."""
    clock = [fields["at"]]

    def post(url: Any, headers: Any, payload: Any, timeout: Any) -> _Response:
        record.note("post", url, dict(headers), payload, timeout, clock[0])
        clock[0] += fields["head"]
        if fields["error"]:
            raise fields["error"]
        return _Response(fields, record, clock)

    delivery = {name: fields[name] for name in _NAMES}
    record.calls.append(("clock", clock))
    return [delivery, lambda: clock[0], post]


def normal(result: Any) -> Any:
    """Return what of a result is compared: the three fields, with their types."""
    if not isinstance(result, dict):
        return exactly(result)
    return exactly({name: v for name, v in result.items() if name in FIELDS})


def compared(fields: Fields, calls: Sequence[tuple[Any, ...]], result: Any) -> Any:
    """Return what the sentence of the trial is about."""
    look = fields["look"]
    clock, calls = calls[0][1], calls[1:]
    posts = [call for call in calls if call[0] == "post"]
    if look == "request":
        return exactly([(url, body, _number(t)) for _, url, _, body, t, _ in posts])
    if look == "close":
        return sum(call[0] == "close" for call in calls) > 0
    if look == "bound":
        read = sum(call[1] for call in calls if call[0] == "read")
        return result, read > LIMIT
    if look == "deadline":
        late = any(call[0] == "late" for call in calls)
        return result, clock[0] - fields["at"] > 15, late
    if look == "result":
        return result
    headers = {str(k).lower(): v for k, v in posts[0][2].items()} if posts else {}
    if look == "headers":
        return exactly([headers.get(name) for name in _NAMED])
    if look == "secret":
        text = repr(headers)
        keys = [secret.removeprefix("whsec_") for secret in fields["secrets"]]
        return any(key in text for key in keys)
    return exactly(headers.get("webhook-signature"))


def _number(value: Any) -> Any:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number else value


def _of_interest(look: str, headers: dict[Any, Any]) -> dict[Any, Any]:
    """Return the headers that a sentence is about."""
    names = {"headers": _NAMED, "signature": ("webhook-signature",)}.get(look, ())
    return {
        name: value
        for name, value in headers.items()
        if look == "secret" or str(name).lower() in names
    }


def told(fields: Fields, calls: Sequence[tuple[Any, ...]]) -> list[str]:
    """Return what happened in words."""
    clock, calls = calls[0][1], calls[1:]
    told = []
    read = sum(call[1] for call in calls if call[0] == "read")
    for call in calls:
        if call[0] == "post":
            _, url, headers, body, timeout, _ = call
            told.append(f"post({url!r}, headers, {short(body, 60)}, {timeout!r})")
            if shown := _of_interest(fields["look"], headers):
                told.append(f"its headers: {short(shown, 400)}")
    if read:
        told.append(f"{read:,} bytes read")
    if clock[0] - fields["at"] > 1:
        told.append(f"{clock[0] - fields['at']:g} s in all")
    if any(call[0] == "late" for call in calls):
        told.append("read called after 10 s")
    if any(call[0] == "close" for call in calls):
        told.append("closed")
    return told


def show(fields: Fields) -> str:
    """Return the call, and what the endpoint does."""
    delivery = {name: fields[name] for name in _NAMES}
    if fields["error"]:
        then = f"post raises {type(fields['error']).__name__}"
    else:
        size = (
            "without end" if fields["size"] == ENDLESS else f"{fields['size']:,} bytes"
        )
        then = f"response {fields['status']}, headers {fields['headers']}, body {size}"
        if fields["wait"]:
            then += f", {fields['piece']} bytes every {fields['wait']:g} s"
        if fields["breaks"]:
            then += f", read raises {type(fields['breaks']).__name__}"
    return f"attempt({short(delivery, 300)}, now, post)\n{then}"
