"""A strict parser of server-sent events: how a page would read a chunk.

It follows the HTML standard, section "Server-sent events", and reports what a page
would ignore silently: an unknown field, half a frame.
"""

import re
from dataclasses import dataclass

FIELDS = ("id", "event", "data", "retry")
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Frame:
    """One event as a page gets it; None for a field that the frame does not have."""

    id: str | None
    event: str | None
    data: str | None


class BadFrame(Exception):
    """A chunk that a page does not understand; `kind` names what is wrong with it."""

    def __init__(self, kind: str, line: str = "") -> None:
        self.kind = kind
        self.line = line
        super().__init__(kind)


def frames_in(chunk: bytes) -> list[Frame]:
    """Return the frames of a chunk; comments and waiting times do not count as frames.

    Raises BadFrame for a chunk that is not UTF-8, not complete, or has an invalid line.
    """
    try:
        text = chunk.decode("utf-8")
    except UnicodeDecodeError:
        raise BadFrame("not UTF-8") from None
    lines = _LINE_END.split(text)
    if lines.pop() or (lines and lines[-1]):
        raise BadFrame("no blank line at its end")
    frames = []
    fields: dict[str, list[str]] = {}
    for line in lines:
        if not line:
            frames += _frame(fields)
            fields = {}
        elif not line.startswith(":"):
            name, value = _field(line)
            fields.setdefault(name, []).append(value)
    return frames


def _field(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or name not in FIELDS:
        raise BadFrame("a line without a known field", line)
    return name, value.removeprefix(" ")


def _frame(fields: dict[str, list[str]]) -> list[Frame]:
    if not fields.keys() - {"retry"}:
        return []
    # If a field comes twice, a page uses the last one; data lines are joined.
    one = {name: values[-1] for name, values in fields.items()}
    data = "\n".join(fields["data"]) if "data" in fields else None
    return [Frame(one.get("id"), one.get("event"), data)]
