"""An inbox as a cell shows it: a table of the requests, in text and in HTML."""

import html
from collections.abc import Iterable

from labkit.inbox.received import Received
from labkit.redaction import without_fields

SHOWN = 50
"""How many requests a table shows, the newest; the others are counted."""

_HEADS = ("no.", "request", "bytes", "answered", "ms", "what happened")
_WIDTHS = (40, 60)


class Inbox(tuple[Received, ...]):
    """The requests that arrived, oldest first: a tuple that shows itself as a table.

    Both forms say the same. Where no inspector can run, in a browser's own Python,
    they stand in for it.
    """

    __slots__ = ()

    def __str__(self) -> str:
        if not self:
            return "no request received yet"
        table = [_HEADS, *map(_row, self._newest())]
        widths = [max(len(row[column]) for row in table) for column in range(5)]
        lines = [_line(row, widths) for row in table]
        return "\n".join([*self._omission(), *lines])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        if not self:
            return "<p>no request received yet</p>"
        omitted = "".join(f"<p>{html.escape(line)}</p>" for line in self._omission())
        rows = "".join(_html_row(_row(got)) for got in self._newest())
        heads = "".join(
            f'<th scope="col" style="text-align:left">{head}</th>' for head in _HEADS
        )
        return (
            f"<div>{omitted}"
            '<table style="border-collapse:collapse;line-height:1.45">'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
        )

    def _newest(self) -> Iterable[Received]:
        return self[-SHOWN:]

    def _omission(self) -> list[str]:
        left_out = len(self) - SHOWN
        return [f"the newest {SHOWN} of {len(self)} requests"] if left_out > 0 else []


def _row(got: Received) -> tuple[str, ...]:
    target, happened = _WIDTHS
    return (
        str(got.number),
        _short(f"{got.request.method} {without_fields(got.request.path)}", target),
        str(len(got.request.body)),
        str(got.status),
        f"{got.seconds * 1000:.0f}",
        _short(_story(got), happened),
    )


def _story(got: Received) -> str:
    parts = []
    if got.resend_of is not None:
        parts.append(f"no. {got.resend_of} again")
    if got.error is not None:
        parts.append(f"{type(got.error).__name__}: {got.error}".rstrip(": "))
    if got.printed.strip():
        parts.append(f"printed {got.printed.strip()!r}")
    return "; ".join(parts)


def _short(text: str, limit: int) -> str:
    # Foreign text: one line, and nothing that moves a terminal's cursor.
    clean = "".join(sign if sign.isprintable() else "�" for sign in text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    number, request, size, status, took, happened = row
    wide = widths
    return (
        f"{number:>{wide[0]}}  {request:<{wide[1]}}  {size:>{wide[2]}}  "
        f"{status:<{wide[3]}}  {took:>{wide[4]}}  {happened}"
    ).rstrip()


def _html_row(row: tuple[str, ...]) -> str:
    cells = "".join(
        f'<td style="text-align:left;vertical-align:top">{html.escape(cell)}</td>'
        for cell in row
    )
    return f"<tr>{cells}</tr>"
